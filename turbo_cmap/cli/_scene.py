"""A stereo scene that is computed: spheres and a ring in a room, seen by two cameras.

Lengths are in meters, x to the right, y down, z away from the left camera, which is at
the origin. The right one is `BASELINE` to its right, so that a point at depth z has the
disparity ``FOCAL_PX * BASELINE / z``. Shadows and occlusion of spheres are the closed
forms of Inigo Quilez, https://iquilezles.org/articles/spherefunctions/ (2014).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np

from .._typing import AnyArray, BoolArray

#: Of float32, which halves the time; NumPy's types lose track of it.
Floats: TypeAlias = AnyArray

HEIGHT, WIDTH = 640, 960
FOCAL_PX = 860.0
BASELINE = 0.16
_CENTER_PX = (0.5 * (WIDTH - 1), 0.36 * HEIGHT)
#: Four samples on a rotated grid, as shifts of a ray.
_SUBPIXELS = tuple(
    np.array([dx, dy, 0], dtype=np.float32) / np.float32(FOCAL_PX)
    for dx, dy in ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))
)

_FLOOR_Y = 1.3
_WALL_Z = 9.0
#: x, z, radius, and color in linear RGB; all lie on the floor.
_SPHERES = (
    ((-2.15, 5.6, 0.85), (0.62, 0.16, 0.10)),
    ((1.95, 4.4, 0.66), (0.10, 0.30, 0.52)),
    ((-0.98, 3.15, 0.36), (0.66, 0.46, 0.10)),
    ((0.66, 3.02, 0.27), (0.13, 0.42, 0.20)),
    ((0.62, 6.6, 0.80), (0.55, 0.52, 0.48)),
    ((3.45, 7.4, 0.75), (0.42, 0.20, 0.46)),
    ((-0.20, 2.95, 0.13), (0.60, 0.58, 0.55)),
    ((-3.9, 7.9, 0.55), (0.20, 0.44, 0.46)),
    ((1.28, 3.22, 0.15), (0.62, 0.22, 0.12)),
)
_CENTERS = np.array([(x, _FLOOR_Y - r, z) for (x, z, r), _ in _SPHERES], dtype=np.float32)
_RADII = np.array([r for (_, _, r), _ in _SPHERES], dtype=np.float32)
_COLORS = np.array([color for _, color in _SPHERES], dtype=np.float32)

_RING_RADIUS, _RING_TUBE = np.float32(0.80), np.float32(0.17)
_RING_COLOR = (0.70, 0.66, 0.58)
_RING_AXIS = np.array([0.50, -0.20, -0.84], dtype=np.float32)
_RING_AXIS /= np.linalg.norm(_RING_AXIS)
#: It stands on the floor.
_RING_CENTER = np.array(
    [
        -0.22,
        _FLOOR_Y - _RING_TUBE - _RING_RADIUS * np.sqrt(1 - _RING_AXIS[1] ** 2),
        4.35,
    ],
    dtype=np.float32,
)

_LIGHT = np.array([-0.52, -0.78, -0.36], dtype=np.float32)
_LIGHT /= np.linalg.norm(_LIGHT)
_FAR = np.float32(1e6)


class Scene(NamedTuple):
    """What the cameras give."""

    photo: AnyArray  # uint8, (H, W, 3): the left image
    truth: Floats  # disparity in pixels, (H, W)
    estimate: Floats  # the same as a matcher would have it, NaN where it has none


def make_scene(seed: int = 2019) -> Scene:
    """Compute the scene; the same for the same seed."""
    rng = np.random.default_rng(seed)
    rays = _rays()
    depth, what = _trace(rays)
    truth = np.float32(FOCAL_PX * BASELINE) / depth.reshape(HEIGHT, WIDTH)
    light = _render(rays, depth, what)
    edges = np.flatnonzero(_contrasty(_srgb(light)))
    samples = [rays[edges] + shift for shift in _SUBPIXELS]
    light[edges] = sum(_render(one, *_trace(one)) for one in samples) / len(samples)
    grain = rng.normal(0, 0.005, light.shape).astype(np.float32)
    photo = np.clip(_srgb(light) + grain, 0, 1).reshape(HEIGHT, WIDTH, 3)
    return Scene((photo * 255).round().astype(np.uint8), truth, _estimate(truth, rng))


def _contrasty(srgb1: Floats) -> BoolArray:
    """Pixels that differ from a neighbor: there one sample is not enough."""
    luma = srgb1.reshape(HEIGHT, WIDTH, 3).mean(axis=2)
    high = np.zeros(luma.shape, dtype=bool)
    for axis in (0, 1):
        step = np.abs(np.diff(luma, axis=axis)) > 0.02
        first = (slice(None),) * axis + (slice(None, -1),)
        second = (slice(None),) * axis + (slice(1, None),)
        high[first] |= step
        high[second] |= step
    return high.ravel()


# Rays: directions with z = 1, so that the distance along one is the depth.


def _rays() -> Floats:
    rays = np.ones((HEIGHT, WIDTH, 3), dtype=np.float32)
    rays[..., 0] = (np.arange(WIDTH) - _CENTER_PX[0]) / FOCAL_PX
    rays[..., 1] = (np.arange(HEIGHT) - _CENTER_PX[1])[:, None] / FOCAL_PX
    return rays.reshape(-1, 3)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...i,...i->...", a, b))


def _trace(rays: Floats) -> tuple[Floats, AnyArray]:
    """Depth, and what is there: a sphere's number, or -1 floor, -2 wall, -3 ring."""
    with np.errstate(divide="ignore"):
        floor = np.where(rays[:, 1] > 0, np.float32(_FLOOR_Y) / rays[:, 1], _FAR)
    depth = np.minimum(floor, np.float32(_WALL_Z))
    what = np.where(floor < _WALL_Z, -1, -2).astype(np.int8)
    squared = _dot(rays, rays)
    for number, (center, radius) in enumerate(zip(_CENTERS, _RADII, strict=True)):
        b = rays @ center
        h = b * b - squared * (center @ center - radius * radius)
        hit = np.flatnonzero(h > 0)
        t = (b[hit] - np.sqrt(h[hit])) / squared[hit]
        nearer = t < depth[hit]
        depth[hit[nearer]] = t[nearer]
        what[hit[nearer]] = number
    length = np.sqrt(squared)
    directions = rays / length[:, None]
    near = np.flatnonzero(_passes_ring(np.zeros(3, np.float32), directions))
    t, gap = _march_ring(directions[near])
    t /= length[near]
    struck = (gap < 2e-3) & (t < depth[near])
    depth[near[struck]] = t[struck]
    what[near[struck]] = -3
    return depth, what


def _passes_ring(origins: Floats, directions: Floats) -> BoolArray:
    """Whether unit rays come near the ring's bounding sphere."""
    to_center = _RING_CENTER - origins
    b = _dot(np.broadcast_to(to_center, directions.shape), directions)
    reach = (_RING_RADIUS + _RING_TUBE) * np.float32(1.15)
    return np.asarray((_dot(to_center, to_center) - b * b < reach * reach) & (b > -reach))


def _ring_distance(points: Floats) -> Floats:
    from_center = points - _RING_CENTER
    along = from_center @ _RING_AXIS
    across = np.sqrt(np.maximum(_dot(from_center, from_center) - along * along, 0))
    return np.asarray(np.hypot(across - _RING_RADIUS, along) - _RING_TUBE)


def _march_ring(directions: Floats) -> tuple[Floats, Floats]:
    """Sphere tracing from the camera: length along unit rays, distance to the ring there."""
    t = np.full(len(directions), 3, dtype=np.float32)
    gap = np.full(len(directions), _FAR)
    active = np.arange(len(directions))
    for _ in range(40):
        gap[active] = _ring_distance(t[active, None] * directions[active])
        t[active] += gap[active]
        active = active[(gap[active] > 5e-4) & (t[active] < _WALL_Z)]
        if not active.size:
            break
    return t, gap


# Light.


def _render(rays: Floats, depth: Floats, what: AnyArray) -> Floats:
    """Linear RGB of each ray."""
    points = rays * depth[:, None]
    normals, color = _surface(points, what)
    lit = np.maximum(normals @ _LIGHT, 0)
    bright = np.flatnonzero(lit > 0)
    lit[bright] *= _shadow(points[bright] + 2e-3 * normals[bright])
    open_sky = _openness(points, normals, what)
    sky = np.float32(0.5) - np.float32(0.5) * normals[:, 1]  # more from above
    ambient = open_sky * (np.float32(0.20) + np.float32(0.36) * sky)
    half = _LIGHT - rays / np.sqrt(_dot(rays, rays))[:, None]
    half /= np.sqrt(_dot(half, half))[:, None]
    gloss = np.where(what >= 0, np.float32(0.45), np.float32(0.0)) + np.where(what == -3, 0.3, 0)
    shine = gloss * np.maximum(_dot(normals, half), 0) ** 60 * (lit > 0)
    key = np.array([1.60, 1.50, 1.34], dtype=np.float32)
    fill = np.array([0.86, 0.94, 1.08], dtype=np.float32)
    out = color * (lit[:, None] * key + ambient[:, None] * fill) + (shine * lit)[:, None]
    return np.asarray(out, dtype=np.float32)


def _surface(points: Floats, what: AnyArray) -> tuple[Floats, Floats]:
    """Normals and colors."""
    normals = np.zeros_like(points)
    color = np.empty_like(points)
    for number in range(len(_SPHERES)):
        at = what == number
        normals[at] = (points[at] - _CENTERS[number]) / _RADII[number]
        n = normals[at]
        # Marbled, for a matcher needs texture.
        veins = np.sin(9 * n[:, 0] + 4 * np.sin(5 * n[:, 1] + 2 * n[:, 2]) + number)
        color[at] = _COLORS[number] * (np.float32(0.90) + np.float32(0.16) * veins)[:, None]
    ring = what == -3
    from_center = points[ring] - _RING_CENTER
    flat = from_center - (from_center @ _RING_AXIS)[:, None] * _RING_AXIS
    core = flat * (_RING_RADIUS / np.sqrt(_dot(flat, flat)))[:, None]
    normals[ring] = (from_center - core) / _RING_TUBE
    color[ring] = _RING_COLOR
    floor = what == -1
    normals[floor] = (0, -1, 0)
    x, z = points[floor, 0], points[floor, 2]
    tile = (np.floor(x / 0.6 + 0.25) + np.floor(z / 0.6)) % 2
    color[floor] = (0.36 + 0.16 * tile)[:, None] * np.array([1.0, 0.97, 0.92])
    wall = what == -2
    normals[wall] = (0, 0, -1)
    panel = np.abs((points[wall, 0] / 1.5) % 1 - 0.5) < 0.492
    color[wall] = (0.20 + 0.20 * panel)[:, None] * np.array([0.93, 0.98, 1.0])
    return normals, color


def _shadow(points: Floats) -> Floats:
    """How much of the key light arrives, with soft edges."""
    light = np.ones(len(points), dtype=np.float32)
    softness = np.float32(9)
    for center, radius in zip(_CENTERS, _RADII, strict=True):
        from_center = points - center
        b = from_center @ _LIGHT
        h = radius * radius - _dot(from_center, from_center) + b * b
        before = np.flatnonzero((b < 0) & (h > -1))  # 1 m beside it no penumbra is left
        h = h[before]
        t = -b[before] - np.sqrt(np.maximum(h, 0))
        distance = np.sqrt(np.maximum(radius * radius - h, 0)) - radius
        light[before] *= _smoothstep(softness * distance / np.maximum(t, 1e-3))
    near = np.flatnonzero(
        (light > 0.02) & _passes_ring(points, np.broadcast_to(_LIGHT, points.shape))
    )
    at, t = points[near], np.full(len(near), 0.02, dtype=np.float32)
    least = np.ones(len(near), dtype=np.float32)
    for _ in range(22):
        gap = _ring_distance(at + t[:, None] * _LIGHT)
        least = np.minimum(least, softness * gap / t)
        t += np.clip(gap, 0.02, 0.5)
    light[near] *= _smoothstep(np.maximum(least, 0))
    return light


def _openness(points: Floats, normals: Floats, what: AnyArray) -> Floats:
    """How much of the sky is not hidden by spheres, floor and ring."""
    open_sky = np.ones(len(points), dtype=np.float32)
    for number, (center, radius) in enumerate(zip(_CENTERS, _RADII, strict=True)):
        to_center = center - points
        squared = _dot(to_center, to_center)
        facing = np.maximum(_dot(normals, to_center), 0) / np.sqrt(squared)
        open_sky *= np.where(what == number, 1, 1 - facing * radius * radius / squared)
    height = np.clip((_FLOOR_Y - points[:, 1]) / 0.5, 0, 1)
    open_sky *= np.where(what == -1, 1, np.float32(0.62) + np.float32(0.38) * height)
    ring = np.clip(_ring_distance(points) / np.float32(0.35), 0, 1)
    open_sky *= np.where(what == -3, 1, np.float32(0.6) + np.float32(0.4) * ring)
    return open_sky


def _smoothstep(x: Floats) -> Floats:
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def _srgb(linear: Floats) -> Floats:
    """The sRGB encoding, after a curve that keeps highlights."""
    x = linear / (1 + np.float32(0.22) * linear)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-6) ** (1 / 2.4) - 0.055)


# Stereo matching, imitated.


def _estimate(truth: Floats, rng: np.random.Generator) -> Floats:
    """Disparity as a good matcher gives it: smooth error, noise, fat edges, blunders, holes."""
    wide = truth.copy()
    for shift in (1, 2, 3):  # the foreground grows over its edge
        wide[:, shift:] = np.maximum(wide[:, shift:], truth[:, :-shift])
        wide[:, :-shift] = np.maximum(wide[:, :-shift], truth[:, shift:])
    found = np.where(_field(rng, 5) > -0.2, wide, truth)
    found += np.float32(0.13) * _field(rng, 60) + np.float32(0.09) * _field(rng, 9)
    found += rng.normal(0, 0.04, truth.shape).astype(np.float32)
    blunders = _field(rng, 7) > 2.75
    found[blunders] += (np.float32(7) * _field(rng, 25))[blunders]
    found = np.round(found * 16) / 16  # as fine as semi-global matchers resolve
    found[_hidden(truth) | (_field(rng, 6) > 3.1)] = np.nan
    return found.astype(np.float32)


def _field(rng: np.random.Generator, scale: int) -> Floats:
    """Smooth noise of unit variance with features of about *scale* pixels."""
    kernel = np.exp(-0.5 * (np.arange(-2 * scale, 2 * scale + 1) / (0.6 * scale)) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    size = (HEIGHT + 4 * scale, WIDTH + 4 * scale)
    shape = [n + len(kernel) for n in size]
    spectrum = np.fft.rfft2(rng.normal(size=size), shape)
    spectrum *= np.fft.fft(kernel, shape[0])[:, None] * np.fft.rfft(kernel, shape[1])
    field = np.fft.irfft2(spectrum, shape)[4 * scale :, 4 * scale :]
    return field[:HEIGHT, :WIDTH].astype(np.float32)


def _hidden(disparity_px: Floats) -> BoolArray:
    """What the right camera does not see: behind something nearer, or outside its image."""
    column = np.rint(np.arange(WIDTH) - disparity_px).astype(np.intp)
    row = np.broadcast_to(np.arange(HEIGHT)[:, None], column.shape)
    inside = column >= 0
    nearest = np.zeros((HEIGHT, WIDTH + 1), dtype=np.float32)
    np.maximum.at(nearest, (row[inside], column[inside]), disparity_px[inside])
    seen = np.maximum(nearest[:, :-1], nearest[:, 1:])
    hidden = np.ones(disparity_px.shape, dtype=bool)
    hidden[inside] = disparity_px[inside] < seen[row[inside], column[inside]] - 1
    return hidden
