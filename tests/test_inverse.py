"""Colors back to numbers: exact for what was painted, the nearest point of the curve else."""

import io
import itertools

import hypothesis
import matplotlib
import numpy as np
import pytest
from conftest import assert_same, layouts
from hypothesis import strategies as st
from matplotlib import colors as mcolors
from PIL import Image

import turbo_cmap
from turbo_cmap import Colormap, colorize, colormaps, get_cmap, uncolorize
from turbo_cmap.kernels import inverse_tables as tables_module
from turbo_cmap.kernels.inverse_tables import inverse_tables
from turbo_cmap.norms import InverseNorm, named_norm

# Ones with plateaus, few and many entries, cyclic, qualitative; all with distinct colors.
FOREIGN = ("viridis", "jet", "gray", "coolwarm", "twilight", "hsv", "terrain", "tab20", "Set1")
DTYPES = ("uint8", "uint16", "float32")
RAMP = np.random.default_rng(0).permutation(np.linspace(0, 1, 3001))


def ramp_of(cmap):
    return colorize(np.arange(len(cmap)) + 0.5, cmap, vmin=0, vmax=len(cmap))


def through_jpeg(picture, quality=75):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Image.open(file))


def smooth_picture():
    """Values of a smooth surface, (120, 160), in [0.05, 0.95]."""
    down, across = np.linspace(0, 4, 120), np.linspace(0, 5, 160)
    return 0.5 + 0.45 * np.sin(down)[:, None] * np.cos(across)


def noise(dtype, count=800, channels=3):
    """Pixels from all over the cube, some of them again, with every alpha."""
    rng = np.random.default_rng(7)
    pixels = rng.random((count, channels), np.float32)
    pixels[: count // 4] = np.rint(4 * pixels[: count // 4]) / 4
    pixels[count - count // 4 :] = pixels[rng.integers(0, count // 2, count // 4)]
    if dtype in ("float32", "float64"):
        return pixels.astype(dtype)
    return np.rint(pixels * np.iinfo(dtype).max).astype(dtype)


# --- what was painted ---


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*colormaps, *FOREIGN])
def test_painting_what_came_back_gives_the_same_picture(name, dtype, backend):
    picture = colorize(RAMP, name, vmin=0, vmax=1, dtype=dtype)
    values, distance = uncolorize(
        picture, name, dtype="float64", return_distance=True, backend=backend
    )
    assert (distance == 0).all()
    assert (colorize(values, name, vmin=0, vmax=1, dtype=dtype) == picture).all()
    # Half of what is one color: of one entry, or of several neighbors.
    _, place = np.unique(picture, axis=0, return_inverse=True)
    for number in np.unique(place):
        same = RAMP[place.ravel() == number]
        assert abs(values[place.ravel() == number] - (same.min() + same.max()) / 2).max() < 1e-3


def test_an_entry_is_the_middle_of_its_bin_and_so_are_the_ends(backend):
    values = uncolorize(ramp_of(get_cmap("turbo")), dtype="float64", backend=backend)
    np.testing.assert_allclose(values, (np.arange(256) + 0.5) / 256, rtol=0, atol=1e-15)
    ends = uncolorize(
        colorize([-9.0, 0.0, 10.0, 99.0], vmin=0, vmax=10), vmax=10.0, dtype="float64"
    )
    np.testing.assert_allclose(ends, [10 / 512, 10 / 512, 10 - 10 / 512, 10 - 10 / 512])


@pytest.mark.parametrize("rule", [np.rint, np.trunc])
@pytest.mark.parametrize("cmap", ["turbo", matplotlib.colormaps["turbo"]], ids=["ours", "mpl"])
def test_turbo_is_known_by_either_byte_rule(cmap, rule, backend):
    picture = rule(255 * get_cmap(cmap).colors[:, :3]).astype(np.uint8)
    values, distance = uncolorize(
        picture, cmap, dtype="float64", return_distance=True, backend=backend
    )
    assert (distance == 0).all()
    np.testing.assert_allclose(values, (np.arange(256) + 0.5) / 256, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "widen",
    [
        lambda levels: levels.astype(np.uint16) * 257,
        lambda levels: levels / np.float32(255),
        lambda levels: levels / 255,
        lambda levels: levels.astype(np.uint16) * 257 / np.float32(65535),
    ],
    ids=["16 bits", "float32", "float64", "float32 of 16 bits"],
)
@pytest.mark.parametrize("rule", [np.rint, np.trunc])
def test_eight_bits_made_wider_are_still_known(widen, rule, backend):
    levels = rule(255 * get_cmap("turbo").colors).astype(np.uint8)
    values, distance = uncolorize(
        widen(levels), dtype="float64", return_distance=True, backend=backend
    )
    assert (distance == 0).all()
    np.testing.assert_allclose(values, (np.arange(256) + 0.5) / 256, rtol=0, atol=1e-15)


def test_a_run_of_one_color_is_its_middle(backend):
    table = np.repeat([[0, 0, 0], [90, 90, 90], [200, 10, 10]], [1, 4, 3], axis=0)
    values = uncolorize(
        np.array([[0, 0, 0], [90, 90, 90], [200, 10, 10]], np.uint8),
        table.astype(np.uint8),
        vmax=8,
        backend=backend,
    )
    assert values.tolist() == [0.5, 3.0, 6.5]


def test_a_long_map_whose_bytes_repeat_is_inverted(backend):
    fine = get_cmap("turbo", 1024)
    x = np.linspace(0, 1, 4001)
    values, distance = uncolorize(
        colorize(x, fine, vmin=0, vmax=1), fine, return_distance=True, backend=backend
    )
    assert (distance == 0).all()
    assert np.abs(values - x).max() < 2 / 1024


def test_one_color_is_one_value(backend):
    picture = np.array([[10, 20, 30], [0, 0, 9]], np.uint8)
    table = np.array([[10, 20, 30]], np.uint8)
    values, distance = uncolorize(picture, table, return_distance=True, backend=backend)
    assert values.tolist() == [0.5, 0.5]
    assert distance.tolist() == [0.0, np.float32(np.sqrt(100 + 400 + 441))]


@hypothesis.given(
    values=st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=40),
    ends=st.tuples(st.floats(-100, 100), st.floats(0.01, 100)),
    name=st.sampled_from([*colormaps, *FOREIGN]),
    reverse=st.booleans(),
    order=st.sampled_from(["rgb", "bgr", "rgba", "bgra"]),
)
def test_uncolorize_undoes_colorize(values, ends, name, reverse, order):
    vmin, vmax = ends[0], ends[0] + ends[1]
    picture = colorize(values, name, vmin=vmin, vmax=vmax, reverse=reverse, order=order)
    back = uncolorize(
        picture, name, vmin=vmin, vmax=vmax, reverse=reverse, order=order, dtype="float64"
    )
    again = colorize(back, name, vmin=vmin, vmax=vmax, reverse=reverse, order=order)
    assert (again == picture).all()
    inside = np.clip(values, vmin, vmax)
    # Plateaus of jet and terrain are some entries wide.
    assert np.abs(back - inside).max() <= (vmax - vmin) * max(4 / 256, 0.51 / len(get_cmap(name)))


# --- norms ---

NAMED = ("linear", "log", "inverse", "sqrt", "symlog", "asinh")
OBJECTS = {
    "Normalize": mcolors.Normalize(2, 50),
    "LogNorm": mcolors.LogNorm(1e-3, 1e3),
    "PowerNorm": mcolors.PowerNorm(0.3, 1, 7),
    "SymLogNorm": mcolors.SymLogNorm(0.1, vmin=-10, vmax=20),
    "AsinhNorm": mcolors.AsinhNorm(0.1, -10, 20),
    "TwoSlopeNorm": mcolors.TwoSlopeNorm(1, -3, 10),
    "CenteredNorm": mcolors.CenteredNorm(2, 5),
    "FuncNorm": mcolors.FuncNorm((np.cbrt, lambda t: t**3), -8, 27),
    "InverseNorm": InverseNorm(0.5, 80.0),
}


def inverted_by(norm, lo, hi, backend, /, **keywords):
    """Paint with a norm as matplotlib does, go back, and paint again."""
    cmap = matplotlib.colormaps["turbo"]
    x = np.linspace(lo, hi, 2000)[1:-1]
    picture = cmap(np.asarray(norm(x)), bytes=True)
    back = uncolorize(picture, cmap, dtype="float64", backend=backend, **keywords)
    assert (cmap(np.asarray(norm(back)), bytes=True) == picture).all()
    return back


@pytest.mark.parametrize("name", NAMED)
def test_every_named_norm_is_inverted(name, backend):
    norm = named_norm(name, 0.5, 80.0)
    inverted_by(norm, 0.5, 80.0, backend, norm=name, vmin=0.5, vmax=80.0)


@pytest.mark.parametrize("norm", OBJECTS.values(), ids=OBJECTS)
def test_a_norm_with_an_inverse_and_limits_is_inverted(norm, backend):
    back = inverted_by(norm, norm.vmin, norm.vmax, backend, norm=norm)
    assert norm.vmin < back.min() < back.max() < norm.vmax


def test_between_entries_a_norm_is_followed_too(backend):
    near = ramp_of(get_cmap("turbo")).astype(int)
    near[:, 1] += np.where(near[:, 1] < 250, 3, -3)
    plain = uncolorize(near.astype(np.uint8), dtype="float64", backend=backend)
    logged = uncolorize(
        near.astype(np.uint8), norm="log", vmin=0.1, vmax=10, dtype="float64", backend=backend
    )
    np.testing.assert_allclose(logged, 0.1 * 100**plain, rtol=1e-12)


def test_a_norm_without_limits_takes_those_given_and_is_not_changed():
    norm = mcolors.LogNorm()
    assert inverted_by(mcolors.LogNorm(1, 100), 1, 100, None, norm=norm, vmin=1, vmax=100).size
    assert norm.vmin is None
    assert norm.vmax is None


def test_boundaries_give_the_middles_of_their_bins(backend):
    norm = mcolors.BoundaryNorm([0, 1, 4, 10], 256)
    cmap = matplotlib.colormaps["turbo"]
    picture = cmap(norm(np.array([0.2, 0.9, 1.0, 3.9, 4.0, 9.9])), bytes=True)
    values = uncolorize(picture, cmap, norm=norm, backend=backend)
    assert values.tolist() == [0.5, 0.5, 2.5, 2.5, 7.0, 7.0]
    # A color between two that were used is one of them.
    assert uncolorize(colorize([0.2], vmin=0, vmax=1), cmap, norm=norm).tolist() == [0.5]


def test_a_function_without_an_inverse_is_asked_for_its_steps(backend):
    def norm(x):
        return np.sqrt(np.clip(x, 0, 100) / 100)

    inverted_by(norm, 0, 100, backend, norm=norm)


# --- center ---


@pytest.mark.parametrize("cmap", [None, "turbo", "turbo_balanced"], ids=str)
def test_a_centered_scale_comes_back(cmap, backend):
    x = np.linspace(-3, 7, 2001)
    picture = colorize(x, cmap, center=2, vmax=7)
    back = uncolorize(picture, cmap, center=2, vmax=7, dtype="float64", backend=backend)
    assert (colorize(back, cmap, center=2, vmax=7) == picture).all()
    middle = uncolorize(colorize([2.0], center=2, vmax=7), center=2, vmax=7, dtype="float64")
    assert middle == pytest.approx(2)
    same = uncolorize(picture, cmap, center=2, vmin=-3, vmax=7, dtype="float64")
    assert_same(same, back)


# --- what was not painted ---


def dense_nearest(pixels, cmap, samples):
    """Positions and distances by a search over points of the curve, in float64."""
    curve = cmap.curve
    s = np.linspace(0, 1, samples)
    if curve is None:  # straight lines
        at = np.linspace(0, 1, len(cmap))
        points = np.stack([np.interp(s, at, c) for c in cmap.rgba[:, :3].T], axis=-1)
    else:
        points = curve(s)
    pixels = pixels.astype(np.float64)
    squares = ((pixels[:, None] - 255 * points) ** 2).sum(-1)
    best = squares.argmin(1)
    n = len(cmap)
    return (s[best] * (n - 1) + 0.5) / n, np.sqrt(squares[np.arange(len(pixels)), best])


@pytest.mark.parametrize("name", ["turbo", "turbo_uniform", "turbo_poly", "viridis", "Set1"])
def test_the_nearest_point_is_the_nearest_of_the_curve(name):
    cmap = get_cmap(name)
    pixels = noise("uint8", 300)
    positions, away = dense_nearest(pixels, cmap, 20_001)
    values, distance = uncolorize(
        pixels, cmap, dtype="float64", return_distance=True, backend="numpy"
    )
    np.testing.assert_allclose(distance, away, rtol=0, atol=0.03)
    # Where two parts of the curve are equally far, either may be the nearest.
    clear = np.abs(values - positions) < 0.01
    assert clear.mean() > 0.98
    own = (len(cmap) * values[~clear] - 0.5) / (len(cmap) - 1)
    at = np.linspace(0, 1, len(cmap))
    colors = np.stack([np.interp(own, at, c) for c in cmap.rgba[:, :3].T], axis=-1)
    there = np.sqrt(((pixels[~clear] - 255 * colors) ** 2).sum(-1))
    np.testing.assert_allclose(there, away[~clear], rtol=0, atol=0.1)


@pytest.mark.parametrize("dtype", [*DTYPES, "float64"])
@pytest.mark.parametrize("name", ["turbo", "turbo_poly", "Set1", "gray"])
def test_backends_agree_in_every_bit(name, dtype, backend):
    for channels, result in itertools.product((3, 4), ("float32", "float64")):
        pixels = noise(dtype, channels=channels)
        options = {"vmin": -1, "vmax": 7, "tolerance": 40, "dtype": result}
        options["return_distance"] = True
        expected = uncolorize(pixels, name, backend="numpy", **options)
        actual = uncolorize(pixels, name, backend=backend, **options)
        for one, two in zip(actual, expected, strict=True):
            assert_same(one, two, f"{dtype} {channels} {result}")


@pytest.mark.parametrize("entries", [2, 3, 17, 1500, 5000])
def test_maps_of_any_length_agree_in_every_bit(entries, backend):
    rng = np.random.default_rng(entries)
    table = np.clip(np.cumsum(rng.normal(0, 0.02, (entries, 3)), axis=0) % 1, 0, 1)
    pixels = np.concatenate([noise("float32", 200), table[:100].astype(np.float32)])
    expected = uncolorize(pixels, table, return_distance=True, backend="numpy")
    actual = uncolorize(pixels, table, return_distance=True, backend=backend)
    for one, two in zip(actual, expected, strict=True):
        assert_same(one, two)


@pytest.mark.parametrize("name", [*colormaps, *FOREIGN])
def test_the_polyline_is_close_to_the_curve(name):
    cmap = get_cmap(name)
    segments = inverse_tables(cmap, "lut", np.dtype(np.uint8)).segments.astype(np.float64)
    points = segments[:3].T
    curve = cmap.curve
    if curve is None:
        np.testing.assert_allclose(points[: len(cmap) - 1], 255 * cmap.rgba[:-1, :3], atol=1e-4)
        return
    ends = np.append(points, [points[-1] + segments[3:6, -1]], axis=0)
    start, way = ends[:-1], np.diff(ends, axis=0)
    square = np.maximum((way**2).sum(1), 1e-30)
    for samples in np.array_split(255 * curve(np.linspace(0, 1, 3000)), 10):
        t = np.clip(((samples[:, None] - start) * way).sum(-1) / square, 0, 1)
        away = np.sqrt(((start + t[..., None] * way - samples[:, None]) ** 2).sum(-1)).min(1)
        assert away.max() <= tables_module.SAGITTA + 1e-4


def test_a_ramp_comes_back_from_jpeg_within_one_entry(backend):
    index = np.broadcast_to(np.arange(256, dtype=np.uint8), (32, 256))
    lossy = through_jpeg(colorize(index, vmin=0, vmax=255))
    back = uncolorize(lossy, backend=backend)
    assert np.abs(np.floor(256 * back) - index).max() <= 1


def test_a_smooth_picture_comes_back_from_jpeg(backend):
    values = smooth_picture()
    back, distance = uncolorize(
        through_jpeg(colorize(values, vmin=0, vmax=1)), return_distance=True, backend=backend
    )
    error = np.abs(back - values)
    assert np.median(error) < 0.6 / 256
    assert np.percentile(error, 99) < 3 / 256
    assert np.percentile(distance, 99) < 10, "what the documentation takes for JPEG"


def test_what_is_near_is_between_its_neighbors(backend):
    cmap = get_cmap("turbo")
    s = (np.arange(255) + 0.5) / 255
    between = cmap.curve(s).astype(np.float32)
    values = uncolorize(between, dtype="float64", backend=backend)
    np.testing.assert_allclose(values, (s * 255 + 0.5) / 256, rtol=0, atol=1e-5)


def test_the_spline_is_inverted_as_a_function(backend):
    t = np.linspace(0, 1, 3001)
    for picture, limit in (
        (np.rint(255 * turbo_cmap.turbo(t)).astype(np.uint8), 1e-3),
        (np.rint(65535 * turbo_cmap.turbo(t)).astype(np.uint16), 1e-5),
        (turbo_cmap.turbo(t).astype(np.float32), 1e-5),
    ):
        values = uncolorize(picture, method="spline", dtype="float64", backend=backend)
        assert np.abs(values - t).max() < limit
    eight = np.rint(255 * turbo_cmap.turbo(t)).astype(np.uint8)
    values = uncolorize(eight, method="spline", dtype="float64", backend=backend)
    again = np.rint(255 * turbo_cmap.turbo(values)).astype(np.uint8)
    assert (again == eight).all()


# --- what is no value ---


def test_tolerance_makes_what_is_far_from_the_map_nan(backend):
    picture = colorize(smooth_picture(), vmin=0, vmax=1)
    picture[10:20, 10:40] = 255  # a white label
    picture[12:14, 12:30] = 0
    values, distance = uncolorize(picture, tolerance=10, return_distance=True, backend=backend)
    label = np.zeros(values.shape, bool)
    label[10:20, 10:40] = True
    assert (np.isnan(values) == label).all()
    white = distance[10, 10]
    assert white > 100
    kept = uncolorize(picture[10, 10], tolerance=float(white), backend=backend)
    assert np.isfinite(kept), "as far as the tolerance is not farther"
    assert np.isnan(uncolorize(picture[10, 10], tolerance=float(white) - 1e-3, backend=backend))
    assert np.isfinite(uncolorize(picture[10, 10], backend=backend))


def test_without_tolerance_all_but_the_bad_color_has_a_value(backend):
    values, distance = uncolorize(
        np.array([[0, 0, 0], [1, 0, 0], [255, 255, 255]], np.uint8),
        return_distance=True,
        backend=backend,
    )
    assert np.isnan(values).tolist() == [True, False, False]
    assert np.isnan(distance).tolist() == [True, False, False]


def test_the_bad_color_is_nan_unless_it_is_an_entry(backend):
    values = [np.nan, 0.2, np.inf, -np.inf]
    own = get_cmap("turbo").with_extremes(bad="#808080")
    for dtype in DTYPES:
        back = uncolorize(colorize(values, own, vmin=0, vmax=1, dtype=dtype), own, backend=backend)
        assert np.isnan(back).tolist() == [True, False, False, False]
    black = uncolorize(colorize([np.nan, 0.0], "gray", vmin=0, vmax=1), "gray", backend=backend)
    assert black.tolist() == [0.5 / 256] * 2


def test_under_and_over_colors_are_infinite(backend):
    cmap = get_cmap("turbo").with_extremes(under="white", over="#ff00ff")
    values = np.array([-5.0, -np.inf, 0.5, np.inf, 9.0])
    for dtype in DTYPES:
        picture = colorize(values, cmap, vmin=0, vmax=1, dtype=dtype)
        back, distance = uncolorize(
            picture, cmap, vmin=0, vmax=1, return_distance=True, backend=backend
        )
        assert back.tolist() == [-np.inf, -np.inf, back[2], np.inf, np.inf]
        assert (distance == 0).all()
    logged = uncolorize(picture, cmap, norm="log", vmin=1, vmax=10, backend=backend)
    assert logged[[0, 1, 3, 4]].tolist() == [-np.inf, -np.inf, np.inf, np.inf]
    constant = uncolorize(picture, cmap, vmin=3, vmax=3, backend=backend)
    assert constant.tolist() == [-np.inf, -np.inf, 3, np.inf, np.inf]


def test_one_color_for_under_and_over_tells_nothing():
    cmap = get_cmap("turbo").with_extremes(under="white", over="white")
    assert np.isnan(uncolorize(colorize([-1.0, 2.0], cmap, vmin=0, vmax=1), cmap)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_only_what_is_transparent_is_nan(dtype, backend):
    picture = colorize([0.3, 0.3, 0.3, np.nan], vmin=0, vmax=1, order="rgba", dtype=dtype)
    most = picture[0, 3]
    picture[1, 3], picture[2, 3] = 0, most / 4 if dtype == "float32" else most // 4
    values, distance = uncolorize(picture, return_distance=True, backend=backend)
    assert np.isnan(values).tolist() == [False, True, False, True]
    assert np.isnan(distance).tolist() == [False, True, False, True]
    assert values[0] == values[2]


def test_a_pixel_with_a_nan_is_nan(backend):
    picture = np.full((4, 3), 0.5, np.float32)
    picture[range(3), range(3)] = np.nan
    values, distance = uncolorize(picture, return_distance=True, backend=backend)
    assert np.isnan(values).tolist() == [True, True, True, False]
    assert np.isnan(distance).tolist() == [True, True, True, False]


# --- layouts ---


@pytest.mark.parametrize("order", ["rgb", "bgr", "rgba", "bgra"])
def test_components_in_any_order(order, backend):
    x = np.linspace(0, 1, 700).reshape(7, 100)
    expected = uncolorize(colorize(x, vmin=0, vmax=1))
    for dtype in DTYPES:
        picture = colorize(x, vmin=0, vmax=1, order=order, dtype=dtype)
        assert_same(uncolorize(picture, order=order, backend=backend), expected)
        planes = colorize(x, vmin=0, vmax=1, order=order, dtype=dtype, channels="first")
        assert_same(uncolorize(planes, order=order, channels="first", backend=backend), expected)
    if not order.startswith("bgr"):
        assert_same(uncolorize(picture), expected)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_any_strides_and_byte_order(dtype, backend):
    wide = noise(dtype, 240, channels=4).reshape(-1, 60)
    for name, picture in layouts(wide):
        if picture.ndim == 0 or picture.shape[-1] < 3:
            continue
        rgb = picture[..., :3]
        expected = uncolorize(np.array(rgb, dtype=dtype, order="C"), backend="numpy")
        before = rgb.tobytes()
        assert_same(uncolorize(rgb, backend=backend), expected, name)
        assert rgb.tobytes() == before


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_out_is_written_and_nothing_else(dtype, backend):
    picture = noise("uint8", 12 * 9).reshape(12, 9, 3)
    expected = uncolorize(picture, dtype=dtype)
    rows = np.full((16, 20), -7, dtype)
    for out in (rows[2:14, 3:12], rows[2:14, 1:19:2], rows[13:1:-1, 11:2:-1]):
        rows[...] = -7
        assert uncolorize(picture, dtype=dtype, out=out, backend=backend) is out
        assert_same(np.ascontiguousarray(out), expected)
        assert (rows == -7).sum() == rows.size - out.size
    raw = np.zeros(expected.nbytes + 1, np.uint8)[1:].view(dtype).reshape(expected.shape)
    assert_same(uncolorize(picture, dtype=dtype, out=raw, backend=backend).copy(), expected)


@pytest.mark.parametrize("shape", [(0, 3), (0, 5, 4), (5, 0, 3), (2, 0, 2, 3)])
def test_nothing_gives_nothing(shape, backend):
    values, distance = uncolorize(np.empty(shape, np.uint8), return_distance=True, backend=backend)
    assert values.shape == distance.shape == shape[:-1]


def test_one_pixel_and_lists_are_pictures():
    assert uncolorize(np.array([48, 18, 59], np.uint8)).shape == ()
    assert uncolorize([[0.18995, 0.07176, 0.23217]]).tolist() == [0.5 / 256]


def test_threads_change_nothing(backend):
    picture = colorize(np.random.default_rng(1).random((64, 500)), vmin=0, vmax=1)
    expected = uncolorize(picture, return_distance=True, norm="log", vmin=0.1, backend=backend)
    for threads in (2, 3, 7):
        actual = uncolorize(
            picture,
            return_distance=True,
            norm="log",
            vmin=0.1,
            threads=threads,
            backend=backend,
        )
        for one, two in zip(actual, expected, strict=True):
            assert_same(one, two)


def test_more_colors_than_are_remembered(backend):
    """Neighbors in the memo push each other out and come again."""
    some = noise("uint8", 6000)
    picture = np.concatenate([some, some[::-1], some])
    once = uncolorize(some, backend=backend)
    assert_same(uncolorize(picture, backend=backend), np.concatenate([once, once[::-1], once]))
    assert_same(once, uncolorize(some, backend="numpy"))


# --- what is refused ---


@pytest.mark.parametrize("name", ["flag", "prism"])
def test_a_map_with_a_color_twice_says_so(name):
    with pytest.raises(ValueError, match=r"entries \d+ and \d+ of '\w+' both are \(\d+, \d+, \d+"):
        uncolorize(np.zeros((1, 3), np.uint8), name)


def test_the_entries_that_are_the_same_are_named():
    table = np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9], [0, 9, 0], [7, 7, 7]], np.uint8)
    with pytest.raises(ValueError, match=r"entries 1 and 3 of 'custom' both are \(0, 9, 0\)"):
        uncolorize(np.zeros((1, 3), np.uint8), table)


def test_colors_that_are_distinct_in_more_bits_are_distinct_there(backend):
    table = np.array([[0.5, 0, 0], [0, 0, 0.9], [0.5001, 0, 0]])
    with pytest.raises(ValueError, match="entries 0 and 2"):
        uncolorize(np.zeros((1, 3), np.uint8), table)
    picture = colorize([0.5, 1.5, 2.5], table, vmin=0, vmax=3, dtype="uint16")
    assert uncolorize(picture, table, vmax=3, backend=backend).tolist() == [0.5, 1.5, 2.5]


PIXEL = np.zeros((2, 3), np.uint8)
REFUSED = {
    "a gray picture": (
        {"rgb": np.zeros((4, 5), np.uint8)},
        ValueError,
        "with C of 3 or 4, got (4, 5)",
    ),
    "a number": ({"rgb": 0.5}, ValueError, "got ()"),
    "RGBA as RGB": (
        {"rgb": np.zeros((2, 4), np.uint8), "order": "rgb"},
        ValueError,
        "C of 3, got (2, 4)",
    ),
    "planes as pixels": (
        {"rgb": np.zeros((3, 8, 9), np.uint8)},
        ValueError,
        "must have shape (..., C) with C of 3 or 4, got (3, 8, 9)",
    ),
    "pixels as planes": (
        {"rgb": np.zeros((8, 9, 3), np.uint8), "channels": "first"},
        ValueError,
        "(..., C, H, W)",
    ),
    "a ragged list": ({"rgb": [[1.0], [1.0, 2.0]]}, ValueError, "array of pixels"),
    "int64": ({"rgb": [[0, 0, 0]]}, TypeError, "levels must be uint8 or uint16"),
    "complex": ({"rgb": np.zeros((1, 3), complex)}, TypeError, "got dtype complex128"),
    "float16": ({"rgb": np.zeros((1, 3), np.float16)}, TypeError, "got dtype float16"),
    "text": ({"rgb": "turbo.png"}, TypeError, "got dtype <U9"),
    "floats of 255": ({"rgb": np.full((1, 3), 255.0)}, ValueError, "must lie in [0, 1], got 255.0"),
    "floats below 0": ({"rgb": np.full((1, 3), -0.1)}, ValueError, "must lie in [0, 1]"),
    "order": ({"order": "gbr"}, ValueError, "order must be None or one of rgb, bgr"),
    "channels": ({"channels": "middle"}, ValueError, "channels must be 'last' or 'first'"),
    "vmin above vmax": ({"vmin": 2.0}, ValueError, "vmin must not be greater than vmax"),
    "no vmin": ({"vmin": None}, TypeError, "vmin must be a number, got None"),
    "no vmax": ({"vmax": None}, TypeError, "vmax must be a number, got None"),
    "vmax of text": ({"vmax": "1"}, TypeError, "vmax must be a number"),
    "infinite vmax": ({"vmax": np.inf}, ValueError, "vmax must be finite"),
    "center above vmax": ({"center": 3}, ValueError, "center must not be greater than vmax"),
    "lopsided center": ({"center": 0, "vmin": -3, "vmax": 2}, ValueError, "-2.0, got -3"),
    "center and norm": ({"center": 0, "norm": "log"}, ValueError, "norm must be None or 'linear'"),
    "tolerance": ({"tolerance": -1}, ValueError, "tolerance must not be negative, got -1"),
    "tolerance of text": ({"tolerance": "x"}, TypeError, "tolerance must be a number"),
    "norm": ({"norm": "logit"}, ValueError, "norm must be one of linear, log"),
    "equalize": ({"norm": "equalize"}, ValueError, "norm must be one of"),
    "norm of 5": ({"norm": 5}, TypeError, "norm must be a name, a matplotlib Normalize"),
    "log from 0": ({"norm": "log"}, ValueError, "vmin must be greater than 0"),
    "limits twice": (
        {"norm": mcolors.Normalize(0, 5), "vmax": 7.0},
        ValueError,
        "vmax must be left out where norm has one, got 7.0 and a norm with 5",
    ),
    "a norm that goes up and down": (
        {"norm": lambda x: np.cos(np.clip(x, -9, 9)) ** 2},
        ValueError,
        "norm must have an inverse or be monotone",
    ),
    "reverse": ({"reverse": 1}, TypeError, "reverse must be a bool"),
    "method": ({"method": "poly"}, ValueError, "method must be one of lut, spline"),
    "a spline without a curve": (
        {"method": "spline", "cmap": "viridis"},
        ValueError,
        "needs a map with a curve, such as turbo, got cmap 'viridis'",
    ),
    "dtype": ({"dtype": "uint8"}, ValueError, "dtype must be float32 or float64"),
    "no dtype": ({"dtype": None}, ValueError, "dtype must be float32 or float64"),
    "out of another shape": ({"out": np.zeros((3,), np.float32)}, ValueError, "shape (2,)"),
    "out of another dtype": ({"out": np.zeros((2,))}, ValueError, "dtype float32"),
    "out of a list": ({"out": [0.0, 0.0]}, TypeError, "out must be a NumPy array"),
    "threads": ({"threads": 0}, ValueError, "threads must be at least 1"),
    "backend": ({"backend": "cuda"}, ValueError, "backend must be one of"),
    "cmap": ({"cmap": "turbot"}, ValueError, "did you mean"),
}


@pytest.mark.parametrize(("arguments", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_bad_arguments_are_refused(arguments, error, text):
    out = arguments.get("out")
    before = np.copy(out) if out is not None else None
    with pytest.raises(error) as caught:
        uncolorize(**{"rgb": PIXEL, **arguments})
    assert text in str(caught.value)
    if out is not None:
        assert (np.asarray(out) == before).all()


def test_out_must_not_be_the_picture():
    picture = np.zeros((4, 3), np.float32)
    with pytest.raises(ValueError, match="out must not overlap rgb"):
        uncolorize(picture, out=picture[:, 0])


def test_floats_out_of_range_are_refused_before_out_is_written():
    out = np.full(3, -7, np.float32)
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        uncolorize(np.array([[0.1] * 3, [0.2] * 3, [1.1] * 3]), out=out)
    assert (out == -7).all()


@pytest.mark.skipif(
    "native" not in turbo_cmap.available_backends(), reason="there are no C kernels here"
)
@pytest.mark.parametrize(
    "change",
    [
        {"segments": lambda a: a[:, :-1].copy()},
        {"balls": lambda a: a[:, :-1].copy()},
        {"near": lambda a: a[:-1].copy()},
        {"near": lambda a: a | np.uint64(1 << 63)},
        {"first": lambda a: a + np.uint8(200)},
        {"along": lambda a: a[:-1].copy()},
        {"painted": lambda a: a[:5].copy()},
        {"slots": lambda a: a[:-1].copy()},
        {"slots": lambda a: np.where(a == 0xFFFFFFFF, np.uint32(0), a)},
        {"pixels": lambda a: a[:-1].copy()},
        {"distance": lambda a: a[:-1].copy()},
        {"values": lambda a: a.astype(np.float16)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_extension_refuses_tables_that_do_not_fit(change):
    from turbo_cmap.kernels import get_backend

    tables = inverse_tables(get_cmap("turbo"), "lut", np.dtype(np.uint8))
    arrays = {
        **tables._asdict(),
        "pixels": noise("uint8", 10),
        "values": np.empty(10),
        "distance": np.empty(10, np.float32),
    }
    backend = get_backend("native")

    def run(arrays):
        made = tables_module.InverseTables(*(arrays[name] for name in tables._fields))
        backend.uncolorize(
            arrays["pixels"],
            (0, 1, 2, -1),
            made,
            made.along,
            made.painted,
            np.inf,
            arrays["values"],
            arrays["distance"],
        )

    run(arrays)
    ((name, make),) = change.items()
    with pytest.raises(ValueError, match=r"fit together|must have items"):
        run({**arrays, name: make(arrays[name])})


def test_equal_maps_share_their_tables():
    from turbo_cmap.inverse import _cached_tables

    one = _cached_tables(get_cmap("turbo"), "lut", np.dtype(np.uint8))
    again = Colormap("again", get_cmap("turbo").colors, curve=get_cmap("turbo").curve)
    assert _cached_tables(again, "lut", np.dtype(np.uint8)) is one
    assert all(not array.flags.writeable for array in one)
