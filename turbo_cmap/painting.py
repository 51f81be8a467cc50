"""`colorize`: numbers in, colors out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._typing import AnyArray, Rgba
from .arguments import (
    Source,
    as_source,
    as_threads,
    check_out,
)
from .colormap import (
    TURBO,
    TURBO_DIVERGING,
    CmapLike,
    ColorLike,
    Colormap,
    as_length,
    get_cmap,
    parse_color,
)
from .compiler import codes_of
from .kernels import Backend, get_backend
from .kernels.blockwise import blocks, load
from .kernels.palette import COMPONENTS, Order, Palette, curve_palette, table_palette
from .kernels.reference import entries_of
from .kernels.threads import run, split, thread_count
from .ranges import OneArray
from .scale import affine
from .scaling import Equalized, Fitted, Normed, NormLike, as_scaling
from .steps import BAD
from .turbo import DU_POLYNOMIAL

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

OUTPUT_DTYPES = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.float32))
METHODS = ("lut", "spline", "poly")
#: Kernels hold the coefficients of so many pieces in registers.
MOST_PIECES = 16
#: Values that a norm is asked about at once: its temporaries stay in the caches.
_ASKED_AT_ONCE = 1 << 16
#: Palettes of maps with more colors are made anew: building is nothing beside using them.
_LARGEST_CACHED = 1024


def colorize(
    values: ArrayLike,
    cmap: CmapLike | None = None,
    *,
    vmin: float | None = None,
    vmax: float | None = None,
    norm: NormLike | None = None,
    center: float | None = None,
    robust: bool | tuple[float, float] = False,
    reverse: bool = False,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
    bad: ColorLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    method: Literal["lut", "spline", "poly"] = "lut",
    quantize: int | None = None,
    order: Order = "rgb",
    channels: Literal["last", "first"] = "last",
    dtype: DTypeLike = "uint8",
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> AnyArray:
    """Color an array of numbers.

    Parameters
    ----------
    values : array_like of numbers, any shape
        bool, integers of 8 to 64 bits, float16, float32 or float64; any byte order and
        strides; lists and masked arrays too. Not modified.
    cmap : str, Colormap, matplotlib Colormap or array_like of shape (N, 3) or (N, 4), optional
        The color map, by default Turbo, with *center* its diverging form; see
        `get_cmap`.
    vmin, vmax : float, optional
        Values of the first and the last color. By default the smallest and the largest
        of the finite values that are neither masked nor invalid. Where they are equal
        (a constant array), every finite value gets the first color.
    norm : str or matplotlib Normalize, optional
        The scale between them, by default "linear". By name: "log"; "inverse" (1/x, so that
        near is the high end: the scale of disparity, for depths); "sqrt"; "symlog" and
        "asinh", which are linear near 0; "equalize" (each color for as many of the values as any
        other, those in [*vmin*, *vmax*]). With "log" and "inverse" values of 0 and below are bad
        and do not count for the range. Or any norm of matplotlib or of your own, which
        holds its limits itself; those that it lacks are found as matplotlib would, but in
        the values that count. It is not changed.
    center : float, optional
        Makes the scale symmetric about this value: to *vmax* (or *vmin*) if given, else to
        the furthest finite value. ``center + d`` and ``center - d`` get mirrored entries
        of the map, and with an odd map the center has an entry of its own. The default
        map is then ``turbo_diverging``, which is odd. Where all values equal the center,
        they all get its color.
    robust : bool or (lo, hi), default False
        Where *vmin* or *vmax* is not given, take percentiles of the values instead of the
        smallest and the largest: True the 2nd and the 98th, or two others, ``0 <= lo <=
        hi <= 100``. They are exact; see `data_range`.
    reverse : bool, default False
        Use the map from its last color to its first. The map's own *under* and *over*
        colors change places with it; the arguments below stay with the values.
    mask : array_like of bool, broadcastable to *values*, optional
        True where a value does not count, as in `numpy.ma`; joined with the mask of a
        masked array.
    invalid : float or sequence of float, optional
        Values that mean "no measurement", such as 0 or 65535. Compared exactly, in the
        dtype of *values*: floats are rounded to it if it is a float type, so that -99.9
        is found in float32; an integer that it cannot hold matches nothing.
    bad : color, optional
        For NaN, masked and invalid values. By default the map's: black in RGB,
        transparent in RGBA.
    under, over : color, optional
        For values below *vmin* and above *vmax*, infinities included. By default the
        map's, else the first and the last color.
    method : {"lut", "spline", "poly"}, default "lut"
        "lut" takes colors from the map's table, at the index that matplotlib takes. "spline"
        evaluates the curve that the table samples, at each value, so that there are no
        steps: for ``turbo``, ``turbo_diverging`` and other maps of a `KnotCurve`.
        "poly" evaluates Du's polynomial approximation of Turbo (see `turbo_cmap.turbo`) at
        each value; only for Turbo.
    quantize : int, optional
        Paint in so many layers of one color each, evenly spaced on the map, its ends
        included. With *method* "lut" only.
    order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"
        The components and their order; "bgr" is OpenCV's.
    channels : {"last", "first"}, default "last"
        "last" gives shape ``(..., H, W, C)``, "first" ``(..., C, H, W)``.
    dtype : {"uint8", "uint16", "float32"}, default "uint8"
        Levels 0 to 255, 0 to 65535, or 0.0 to 1.0.
    out : ndarray, optional
        Where to write: of the result's shape and dtype, native byte order, any strides,
        not overlapping *values* or *mask*.
    threads : int, optional
        At most this many threads, for the range as well. By default as many as there are
        cores, but no more than one for each million values. The result does not depend on
        it.
    backend : {"native", "numba", "numpy", "native:KERNEL"}, optional
        Which kernels to run; by default the best of `available_backends`. The result is
        the same in every bit.

    Returns
    -------
    ndarray of `dtype`
        The colors, sRGB-encoded; *out* if given.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: complex, object, datetime or string values,
        say.
    ValueError
        If an argument's value is not allowed. Nothing has been written to *out* then.

    Notes
    -----
    8-bit levels of this package's maps and of arrays are ``rint(255 * c)``, for Turbo the
    published bytes; those of maps that come from matplotlib are truncated as matplotlib
    does it, so that the result equals ``cmap(norm(values), bytes=True)`` in every bit.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> depth = np.array([[0.5, 1.0], [2.0, np.nan]], dtype=np.float32)
    >>> turbo_cmap.colorize(depth, vmin=0.5, vmax=2.0)
    array([[[ 48,  18,  59],
            [ 26, 228, 182]],
    <BLANKLINE>
           [[122,   4,   3],
            [  0,   0,   0]]], dtype=uint8)
    """
    scaling = as_scaling("colorize", norm, vmin, vmax, center, robust)
    most_threads = as_threads("colorize", threads)
    kernels = get_backend(backend)
    source = as_source("colorize", values, mask, invalid)
    cmap = chosen_map("colorize", cmap, center, quantize, method)
    palette = make_palette("colorize", cmap, method, order, dtype, reverse, bad, under, over)
    result, pixels = prepare_out("colorize", out, (("values", source),), palette, channels)
    if source.values.size:
        count = thread_count(most_threads, source.values.size)
        fitted = scaling.known()
        if fitted is None:
            fitted = scaling.fit(OneArray(kernels, source, count), palette.layers)
        paint("colorize", kernels, source, fitted, palette, pixels, count)
    return result


def chosen_map(
    caller: str,
    cmap: CmapLike | None,
    center: float | None,
    quantize: int | None,
    method: str,
) -> CmapLike | None:
    """The map to use: the default one, cut into layers if asked.

    Raises
    ------
    TypeError, ValueError
        If *quantize* is no number of layers, or not with a table.
    """
    if cmap is None and center is not None:
        cmap = TURBO_DIVERGING
    if quantize is None:
        return cmap
    if method != "lut":
        raise ValueError(f"{caller}(): method must be 'lut' with quantize, got {method!r}")
    return get_cmap(cmap, as_length(caller, quantize, "quantize"))


def paint(
    caller: str,
    backend: Backend,
    source: Source,
    fitted: Fitted,
    palette: Palette,
    pixels: AnyArray,
    threads: int,
) -> None:
    """Paint values, none of them if that fails; *pixels* have the channels last."""
    dtype = source.dtype
    if palette.curve is None:
        scale = fitted.compile(dtype, palette.n)
    else:
        scale = fitted.compile_position(dtype)
    if scale is None:
        assert isinstance(fitted, (Normed, Equalized))
        _paint_asked(caller, backend, source, fitted, palette, pixels)
    elif threads == 1:
        backend.colorize(source, scale, palette, pixels)
    else:
        run(
            [
                partial(backend.colorize, source.part(where), scale, palette, pixels[where])
                for where in split(source.values.shape, threads)
            ]
        )


def _paint_asked(
    caller: str,
    backend: Backend,
    source: Source,
    fitted: Normed | Equalized,
    palette: Palette,
    pixels: AnyArray,
) -> None:
    """Paint by asking a norm about each value, block by block."""
    as_it_is = isinstance(fitted, Normed) and fitted.is_index and source.values.dtype.kind != "f"
    result = np.empty(pixels.shape, pixels.dtype)  # a norm may raise when half has been painted
    for where in blocks(source.values.shape, _ASKED_AT_ONCE):
        part = source.part(where)
        x = load(part)
        missing = np.isnan(x)
        y = fitted.ask(part.values.reshape(-1) if as_it_is else x, caller)
        missing |= np.ma.getmaskarray(y)
        data = np.ma.getdata(y)
        painted = np.empty((x.size, palette.entries.shape[1]), palette.entries.dtype)
        if data.dtype.kind == "f":
            wanted = np.float32 if data.dtype.itemsize <= 4 else np.float64
            positions = Source(data.astype(wanted, copy=False), (missing,), None)
            backend.colorize(positions, affine(0.0, 1.0, positions.values.dtype), palette, painted)
        elif palette.curve is None:
            p = palette
            codes = np.where(missing, BAD, codes_of(data, p.n))
            painted[...] = palette.entries[entries_of(codes, p.n, p.under, p.over, p.bad)]
        else:
            raise ValueError(
                f"{caller}(): method must be 'lut' with a norm that returns integers, "
                f"got {type(fitted.norm).__name__}"
            )
        result[where] = painted.reshape(result[where].shape)
    pixels[...] = result


#: Turbo as it is, by method, order and dtype: what most calls want.
_plain_palettes: dict[object, Palette] = {}


def make_palette(
    caller: str,
    cmap: CmapLike | None,
    method: str,
    order: Order,
    dtype: DTypeLike,
    reverse: bool,
    bad: ColorLike | None,
    under: ColorLike | None,
    over: ColorLike | None,
) -> Palette:
    """The palette that these arguments of `colorize` ask for.

    Raises
    ------
    TypeError, ValueError
        If one of them is not allowed.
    """
    plain = cmap is bad is under is over is None and reverse is False
    key = (
        (method, order, dtype)
        if plain and type(dtype) is type(order) is type(method) is str
        else None
    )
    if key in _plain_palettes:  # these have been checked
        return _plain_palettes[key]
    if method not in METHODS:
        raise ValueError(f"{caller}(): method must be one of {', '.join(METHODS)}, got {method!r}")
    if not isinstance(order, str) or order not in COMPONENTS:
        raise ValueError(f"{caller}(): order must be one of {', '.join(COMPONENTS)}, got {order!r}")
    try:
        levels = np.dtype(dtype) if dtype is not None else None
    except TypeError:
        levels = None
    if levels not in OUTPUT_DTYPES:
        raise ValueError(f"{caller}(): dtype must be uint8, uint16 or float32, got {dtype!r}")
    if not isinstance(reverse, (bool, np.bool_)):
        raise TypeError(f"{caller}(): reverse must be a bool, got {type(reverse).__name__}")
    specials = (
        None if color is None else parse_color(color, f"{caller}(): {name}")
        for name, color in (("bad", bad), ("under", under), ("over", over))
    )
    colormap = get_cmap(cmap)
    make = _cached_palette if len(colormap) <= _LARGEST_CACHED else _make_palette
    palette = make(caller, colormap, method, order, levels, bool(reverse), *specials)
    if key is not None:
        _plain_palettes[key] = palette
    return palette


def _make_palette(
    caller: str,
    colormap: Colormap,
    method: str,
    order: Order,
    dtype: np.dtype[Any],
    reverse: bool,
    bad: Rgba | None,
    under: Rgba | None,
    over: Rgba | None,
) -> Palette:
    used = directed(colormap, reverse, bad, under, over)
    if method == "lut":
        return table_palette(used, order, dtype)
    if method == "spline":
        coefficients = getattr(used.curve, "coefficients", None)
        if coefficients is None:
            raise ValueError(
                f"{caller}(): method must be 'lut' for a map that is no spline, "
                f"got 'spline' with cmap {colormap.name!r}"
            )
        if len(coefficients) > MOST_PIECES:
            raise ValueError(
                f"{caller}(): method 'spline' takes at most {MOST_PIECES + 1} knots, "
                f"got {len(coefficients) + 1} in cmap {colormap.name!r}"
            )
        return curve_palette(used, np.moveaxis(coefficients, -1, 0).swapaxes(1, 2), order, dtype)
    for turbo, backwards in ((TURBO, False), (TURBO.reversed(), True)):
        if np.array_equal(used.rgba, turbo.rgba):
            du = DU_POLYNOMIAL[:, :, np.newaxis]
            return curve_palette(used, du, order, dtype, reverse=backwards)
    raise ValueError(
        f"{caller}(): method 'poly' is an approximation of turbo, got cmap {colormap.name!r}"
    )


def directed(
    colormap: Colormap,
    reverse: bool,
    bad: ColorLike | None,
    under: ColorLike | None,
    over: ColorLike | None,
) -> Colormap:
    """The map as it is used: turned around if asked, with colors for what is not in it."""
    turned = colormap.reversed() if reverse else colormap
    return turned.with_extremes(bad=bad, under=under, over=over)


_cached_palette = lru_cache(maxsize=64)(_make_palette)


def prepare_out(
    caller: str,
    out: AnyArray | None,
    sources: Sequence[tuple[str, Source]],
    palette: Palette,
    channels: str,
) -> tuple[AnyArray, AnyArray]:
    """The array to fill for values of one shape, and a view of it with the channels last.

    Raises
    ------
    TypeError, ValueError
        If *out* is not right for them, or overlaps one of them.
    """
    count = palette.entries.shape[1]
    dtype = palette.entries.dtype
    if channels not in ("last", "first"):
        raise ValueError(f"{caller}(): channels must be 'last' or 'first', got {channels!r}")
    given = sources[0][1].values.shape
    # "first" is before the rows and columns of an image, or before all there is.
    axis = len(given) if channels == "last" else max(0, len(given) - 2)
    shape = (*given[:axis], count, *given[axis:])
    if out is None:
        out = np.empty(shape, dtype=dtype)
    else:
        inputs = []
        for name, source in sources:
            inputs.append((name, source.values))
            for mask in source.masks:
                inputs.append(("mask", mask))
        check_out(caller, out, shape, dtype, inputs)
    return out, out if axis == len(given) else np.moveaxis(out, axis, -1)
