"""`uncolorize`: colors in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import as_limit, as_limits, as_threads, check_out
from .colormap import TURBO_DIVERGING, CmapLike, Colormap, get_cmap
from .kernels import Backend, get_backend
from .kernels.blockwise import blocks
from .kernels.inverse_tables import (
    InverseTables,
    Method,
    RepeatedColorError,
    inverse_tables,
)
from .kernels.palette import COMPONENTS, Order
from .kernels.threads import run, split, thread_count

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

_CALLER = "uncolorize"
_METHODS = ("lut", "spline")
_PIXELS = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.float32), np.dtype(np.float64))
#: Pixels that are laid out densely, or whose positions become values, at a time.
_BLOCK = 1 << 16


def uncolorize(
    rgb: ArrayLike,
    cmap: CmapLike | None = None,
    *,
    vmin: float = 0.0,
    vmax: float = 1.0,
    norm: Any = None,
    center: float | None = None,
    tolerance: float | None = None,
    return_distance: bool = False,
    reverse: bool = False,
    method: Method = "lut",
    order: Order | None = None,
    channels: Literal["last", "first"] = "last",
    dtype: DTypeLike = "float32",
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> AnyArray | tuple[AnyArray, AnyArray]:
    """Numbers from a picture that was colored with a known map.

    Parameters
    ----------
    rgb : array_like of uint8, uint16, float32 or float64, shape (..., 3) or (..., 4)
        The picture, sRGB-encoded: levels 0 to 255 or 0 to 65535, or floats in [0, 1]; any
        byte order and strides. Not modified. A pixel whose alpha is 0, or that has a NaN,
        is NaN; any other alpha is not looked at.
    cmap : str, Colormap, matplotlib Colormap or array_like of shape (N, 3) or (N, 4), optional
        The map it was colored with, by default Turbo, with *center* its diverging form;
        see `get_cmap`.
    vmin, vmax : float, default 0 and 1
        The ends of the scale, as they stand at the color bar.
    norm : str, matplotlib Normalize or callable, optional
        The scale between them: ``"linear"``, ``"log"``, ``"inverse"``, ``"sqrt"``,
        ``"symlog"`` or ``"asinh"``; or an object whose own limits are taken where they are
        set. Of one without an inverse, such as BoundaryNorm, each color stands for the
        middle of the values that have it.
    center : float, optional
        The scale is symmetric about this value and ends at *vmax*; *vmin* is left out, or
        the other end.
    tolerance : float, optional
        How far a pixel may be from the map, in 8-bit levels (Euclidean in RGB). What is
        farther away is NaN: text, a legend, a photo beside it. 10 to 20 suits JPEGs.
        By default every pixel gets the value of the nearest color.
    return_distance : bool, default False
        Whether to return the distances too.
    reverse : bool, default False
        The map was used from its last color to its first.
    method : {"lut", "spline"}, default "lut"
        How the picture was colored: from the map's table, or along its continuous curve.
        The latter is for maps with a curve, such as Turbo.
    order : {"rgb", "bgr", "rgba", "bgra"}, optional
        The components and their order. By default RGB, or RGBA where there are four; what
        OpenCV reads is "bgr".
    channels : {"last", "first"}, default "last"
        "first" is for shape ``(..., C, H, W)``.
    dtype : {"float32", "float64"}, default "float32"
        Of the values.
    out : ndarray, optional
        Where to write the values: of the result's shape and dtype, any strides, not
        overlapping *rgb*.
    threads : int, optional
        At most this many threads; see `colorize`.
    backend : {"native", "numba", "numpy", "native:KERNEL"}, optional
        Which kernels to run; the result is the same in every bit.

    Returns
    -------
    values : ndarray of `dtype`, the shape of *rgb* without its components
        *out* if given.
    distance : ndarray of float32, of the same shape
        Only with *return_distance*: how far each pixel is from the map, in 8-bit levels. 0
        where it has a color of the map; NaN where there is nothing to compare: where alpha
        is 0, and where the pixel has the map's *bad* color. What *tolerance* makes NaN
        keeps its distance.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed: a map that has a color at two places, say, or floats
        outside of [0, 1]. Nothing has been written to *out* then.

    Notes
    -----
    A pixel that has the color of an entry of the map, as `colorize` or matplotlib write it
    (rounded or truncated to 8 bits, or in 16 bits or floats), gets the value in the middle
    of the entry's bin: of entry i of n, position ``(i + 0.5) / n`` on the scale. So
    ``colorize(uncolorize(picture))`` is the picture, and values are off by half a bin at
    most. That goes for the first and the last entry, too: vmin and vmax themselves, and
    whatever beyond them had their colors, come back half a bin inside. Where neighboring
    entries are the same color, it is the middle of them all.

    Any other color gets the value of the nearest point of the map's curve, entry i of n
    being at ``i / (n - 1)``: of its spline where it has one, else of the straight lines
    between its entries. (The spline is followed by straight lines that are nowhere more
    than 0.02 levels beside it.) With ``method="spline"``, the position on the curve is the
    position on the scale.

    The map's *bad* color is NaN, also where it is black as in RGB, unless it is the color
    of an entry. Its *under* and *over* colors, where it has any of its own, are -inf and
    inf.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> depth = np.array([0.5, 1.0, 2.0, np.nan], dtype=np.float32)
    >>> picture = turbo_cmap.colorize(depth, vmin=0.5, vmax=2.0)
    >>> turbo_cmap.uncolorize(picture, vmin=0.5, vmax=2.0).round(2)
    array([0.5, 1. , 2. , nan], dtype=float32)
    """
    most_threads = as_threads(_CALLER, threads)
    kernels = get_backend(backend)
    colormap = _as_colormap(cmap, center, reverse, method)
    limit = _as_tolerance(tolerance)
    pixels, offsets = _as_pixels(rgb, order, channels)
    scale = _as_scale(norm, vmin, vmax, center, len(colormap))
    values = _as_out(out, pixels, dtype)
    try:
        tables = _cached_tables(colormap, method, _kind(pixels.dtype))
    except RepeatedColorError as error:
        raise ValueError(f"{_CALLER}(): {error}") from None
    distance = np.empty(values.shape, np.float32) if return_distance else None
    if values.size:
        _refuse_floats_outside(pixels)
        count = thread_count(most_threads, values.size)
        job = _Job(kernels, tables, offsets, scale, limit)
        # With an ellipsis, a part of a single pixel is an array, too.
        parts: list[Any] = [(*where, ...) for where in split(values.shape, count)]
        run(
            [
                partial(
                    _run,
                    job,
                    pixels[where],
                    values[where],
                    None if distance is None else distance[where],
                )
                for where in parts
            ]
        )
    return values if distance is None else (values, distance)


class Scale(NamedTuple):
    """Values of positions on a map."""

    #: Maps an array of float64 positions in [0, 1], and -inf, inf and NaN, to values.
    values: Callable[[FloatArray], FloatArray]
    #: Whether the value between two positions is what lies between their values.
    linear: bool


class _Job(NamedTuple):
    """What is one for all parts of a picture."""

    backend: Backend
    tables: InverseTables
    offsets: tuple[int, int, int, int]
    scale: Scale
    tolerance: float


# --- the work ---


def _run(job: _Job, pixels: AnyArray, values: AnyArray, distance: AnyArray | None) -> None:
    """One thread's part: whole where it can be read and written in place, else in blocks."""
    kind = _kind(pixels.dtype)
    tables = job.tables
    along, painted = tables.along, tables.painted
    if job.scale.linear:
        along, painted = job.scale.values(along), job.scale.values(painted)

    def find(dense: AnyArray, found: AnyArray, far: AnyArray | None) -> None:
        job.backend.uncolorize(
            dense.reshape(-1, dense.shape[-1]),
            job.offsets,
            tables,
            along,
            painted,
            job.tolerance,
            found.reshape(-1),
            None if far is None else far.reshape(-1),
        )

    in_place = values.flags.carray and (distance is None or distance.flags.c_contiguous)
    if job.scale.linear and in_place and pixels.flags.c_contiguous and pixels.dtype == kind:
        find(pixels, values, distance)
        return
    for block in blocks(values.shape, _BLOCK):
        where: Any = (*block, ...)
        target = values[where]
        dense = np.ascontiguousarray(pixels[where], dtype=kind)
        found = np.empty(target.shape, values.dtype if job.scale.linear else np.float64)
        far = None if distance is None else np.empty(target.shape, np.float32)
        find(dense, found, far)
        with np.errstate(over="ignore"):
            target[...] = found if job.scale.linear else job.scale.values(found)
        if distance is not None:
            distance[where] = far


def _kind(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What pixels of a dtype are for the kernels."""
    return np.dtype(np.float32) if dtype.kind == "f" else dtype.newbyteorder("=")


#: Maps that have the same table and curve are equal.
_cached_tables = lru_cache(maxsize=16)(inverse_tables)


# --- the scale ---


def _as_scale(norm: Any, vmin: float, vmax: float, center: float | None, n: int) -> Scale:
    low, high = as_limits(_CALLER, vmin, vmax)
    middle = as_limit(_CALLER, "center", center)
    if low is None or high is None:
        name = "vmin" if low is None else "vmax"
        raise TypeError(f"{_CALLER}(): {name} must be a number, got None")
    if middle is not None:
        if norm is not None and norm != "linear":
            raise ValueError(
                f"{_CALLER}(): norm must be None or 'linear' with center, got {norm!r}"
            )
        low, high = _around(middle, low, high)
        return _linear(low, high)
    if norm is None or norm == "linear":
        return _linear(low, high)
    from .inverse_norms import norm_values

    return Scale(norm_values(norm, low, high, n, _CALLER), linear=False)


def _around(center: float, low: float, high: float) -> tuple[float, float]:
    """The ends of a scale that is symmetric; *low* is 0 where it was not given."""
    if not center <= high:
        raise ValueError(
            f"{_CALLER}(): center must not be greater than vmax, got {center} > {high}"
        )
    mirrored = center - (high - center)
    if low not in (0.0, mirrored):
        raise ValueError(
            f"{_CALLER}(): vmin must be left out with center, or be as far below it as vmax is "
            f"above, {mirrored}, got {low}"
        )
    return mirrored, high


def _linear(low: float, high: float) -> Scale:
    def values(positions: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore"):
            found = low * (1 - positions) + high * positions
            return np.where(np.isinf(positions), positions, found)

    return Scale(values, linear=True)


# --- arguments ---


def _as_colormap(
    cmap: CmapLike | None, center: float | None, reverse: object, method: object
) -> Colormap:
    if not isinstance(reverse, (bool, np.bool_)):
        raise TypeError(f"{_CALLER}(): reverse must be a bool, got {type(reverse).__name__}")
    if method not in _METHODS:
        raise ValueError(
            f"{_CALLER}(): method must be one of {', '.join(_METHODS)}, got {method!r}"
        )
    colormap = get_cmap(TURBO_DIVERGING if cmap is None and center is not None else cmap)
    if reverse:
        colormap = colormap.reversed()
    if method == "spline" and colormap.curve is None:
        raise ValueError(
            f"{_CALLER}(): method 'spline' needs a map with a curve, such as turbo, "
            f"got cmap {colormap.name!r}"
        )
    return colormap


def _as_tolerance(tolerance: float | None) -> float:
    limit = as_limit(_CALLER, "tolerance", tolerance)
    if limit is not None and limit < 0:
        raise ValueError(f"{_CALLER}(): tolerance must not be negative, got {limit}")
    return np.inf if limit is None else limit


def _as_pixels(
    rgb: ArrayLike, order: Order | None, channels: str
) -> tuple[AnyArray, tuple[int, int, int, int]]:
    """The picture with its components last, and where R, G, B and A stand among them."""
    if channels not in ("last", "first"):
        raise ValueError(f"{_CALLER}(): channels must be 'last' or 'first', got {channels!r}")
    if order is not None and (not isinstance(order, str) or order not in COMPONENTS):
        raise ValueError(
            f"{_CALLER}(): order must be None or one of {', '.join(COMPONENTS)}, got {order!r}"
        )
    try:
        pixels = np.asarray(rgb)
    except ValueError as error:  # a ragged list, say
        raise ValueError(f"{_CALLER}(): rgb must be an array of pixels: {error}") from None
    if pixels.dtype.newbyteorder("=") not in _PIXELS:
        hint = "; levels must be uint8 or uint16" if pixels.dtype.kind in "iu" else ""
        raise TypeError(
            f"{_CALLER}(): rgb must be uint8, uint16, float32 or float64, "
            f"got dtype {pixels.dtype}{hint}"
        )
    axis = -1 if channels == "last" or pixels.ndim < 3 else -3
    count = pixels.shape[axis] if pixels.ndim else 0
    wanted = (3, 4) if order is None else (len(order),)
    if count not in wanted:
        shape = "(..., C)" if channels == "last" else "(..., C, H, W)"
        raise ValueError(
            f"{_CALLER}(): rgb must have shape {shape} with C of "
            f"{' or '.join(map(str, wanted))}, got {pixels.shape}"
        )
    places = COMPONENTS[order or ("rgb" if count == 3 else "rgba")]
    offsets = (*(places.index(c) for c in range(3)), places.index(3) if count == 4 else -1)
    return np.moveaxis(pixels, axis, -1), offsets  # type: ignore[return-value]


def _refuse_floats_outside(pixels: AnyArray) -> None:
    if pixels.dtype.kind != "f":
        return
    lo, hi = np.inf, -np.inf
    for part in _parts(pixels):
        lo, hi = min(lo, np.fmin.reduce(part, axis=None)), max(hi, np.fmax.reduce(part, axis=None))
    if lo < 0 or hi > 1:
        raise ValueError(f"{_CALLER}(): rgb of floats must lie in [0, 1], got {lo} to {hi}")


def _parts(pixels: AnyArray) -> Iterator[AnyArray]:
    for where in blocks(pixels.shape, _BLOCK):
        yield pixels[where]


def _as_out(out: AnyArray | None, pixels: AnyArray, dtype: DTypeLike) -> AnyArray:
    try:
        kind = np.dtype(dtype) if dtype is not None else None
    except TypeError:
        kind = None
    if kind is None or kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"{_CALLER}(): dtype must be float32 or float64, got {dtype!r}")
    shape = pixels.shape[:-1]
    if out is None:
        return np.empty(shape, kind)
    check_out(_CALLER, out, shape, kind, [("rgb", pixels)])
    return out
