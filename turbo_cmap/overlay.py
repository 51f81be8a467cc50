"""`overlay`: false colors over a photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ._typing import AnyArray
from .arguments import Source, as_source, as_threads, check_out
from .colormap import TURBO_DIVERGING, CmapLike, ColorLike
from .kernels import Backend, get_backend
from .kernels.blockwise import blocks
from .kernels.threads import run, split, thread_count
from .painting import make_palette, paint
from .ranges import OneArray
from .scaling import as_scaling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_TRANSPARENT = (0.0, 0.0, 0.0, 0.0)
#: Pixels that are blended at once: their colors as float64 stay in the cache.
_BLOCK = 1 << 13
#: The same, through a table: their colors are bytes.
_BLOCK_U8 = 1 << 15
#: From so many pixels on it pays to make one.
_TABLE_FROM = 1 << 16


class _Painter(NamedTuple):
    """How the values become colors."""

    paint: Callable[[Source, AnyArray], None]
    """Writes the colors of a part of the values into an array, with alpha last."""
    backend: Backend
    has_glass: bool
    """Whether some color is neither opaque nor fully transparent."""


def overlay(
    image: ArrayLike,
    values: ArrayLike,
    cmap: CmapLike | None = None,
    *,
    alpha: float | ArrayLike = 0.5,
    vmin: float | None = None,
    vmax: float | None = None,
    norm: str | None = None,
    center: float | None = None,
    robust: bool | tuple[float, float] = False,
    reverse: bool = False,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
    bad: ColorLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    method: Literal["lut", "poly"] = "lut",
    order: Literal["rgb", "bgr"] = "rgb",
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> AnyArray:
    """Lay the colors of an array of numbers over a photo.

    Parameters
    ----------
    image : array_like, shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)
        A gray, RGB or RGBA photo: uint8, uint16, or floats in [0, 1]. Not modified.
    values : array_like of numbers, shape (H, W)
        What to show on it; see `colorize`.
    cmap : str, Colormap, matplotlib Colormap or array_like, optional
        See `colorize`. Where its colors are partly transparent, so is the overlay.
    alpha : float or array_like of shape (H, W), default 0.5
        How much of the colors there is, in [0, 1]: 0 leaves the photo as it is, 1 covers
        it.
    bad : color, optional
        For NaN, masked and invalid values. By default they leave the photo as it is,
        whatever the map has for them; a color given here is laid over it like any other.
    order : {"rgb", "bgr"}, default "rgb"
        The order of the components of the photo and of the result; "bgr" is OpenCV's.
        Alpha, where there is one, comes last.
    out : ndarray, optional
        Where to write: of the result's shape and dtype, not overlapping an input; or
        *image* itself, if that is an array of that shape.
    vmin, vmax, norm, center, robust, reverse, mask, invalid, under, over, method
        See `colorize`.
    threads, backend
        See `colorize`.

    Returns
    -------
    ndarray of the dtype of *image*, shape (H, W, 3) or, if it has alpha, (H, W, 4)
        ``alpha * color + (1 - alpha) * image`` for each component, computed in float64 and,
        for integers, rounded to the nearest level, halves to even; *out* if given. The
        photo's own alpha is kept.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If an argument's value is not allowed. Nothing has been written to *out* then.

    Notes
    -----
    Components are blended as they are, sRGB-encoded: as in image editors, browsers,
    matplotlib and OpenCV, and not in linear light, in which the photo's shadows would fade
    beneath the colors. Colors and photo are blended a block at a time; there is no
    full-size temporary.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> photo = np.full((1, 3), 100, np.uint8)
    >>> turbo_cmap.overlay(photo, [[0.0, 1.0, np.nan]])
    array([[[ 74,  59,  80],
            [111,  52,  52],
            [100, 100, 100]]], dtype=uint8)
    """
    caller = "overlay"
    if order not in ("rgb", "bgr"):
        raise ValueError(f"{caller}(): order must be one of rgb, bgr, got {order!r}")
    most_threads = as_threads(caller, threads)
    photo = _as_photo(caller, image)
    source = as_source(caller, values, mask, invalid)
    shape = photo.shape[:2]
    if source.values.shape != shape:
        raise ValueError(
            f"{caller}(): values must have the shape {shape} of the image, "
            f"got {source.values.shape}"
        )
    weight = _as_weight(caller, alpha, shape)
    count = thread_count(most_threads, source.values.size)
    kind = photo.dtype.name if photo.dtype.kind == "u" else "float32"
    painter = _painter(
        caller,
        source,
        (cmap, method, f"{order}a", kind, reverse, bad, under, over),
        (vmin, vmax, norm, center, robust),
        count,
        backend,
    )
    result = _as_result(caller, out, photo, source, weight)
    mixed = None
    if isinstance(weight, float) and kind == "uint8" and not painter.has_glass:
        mixed = _mixed(weight) if source.values.size >= _TABLE_FROM else None
    tasks = []
    for part in split(shape, count):
        where = source.part(part), photo[part], result[part]
        if mixed is not None:
            tasks.append(partial(_look_up, painter, *where, mixed))
        else:
            share = weight if isinstance(weight, float) else weight[part]
            tasks.append(partial(_blend, painter, *where, share))
    run(tasks)
    return result


def _as_photo(caller: str, image: ArrayLike) -> AnyArray:
    """The photo, with its components along a third axis."""
    try:
        photo = np.asarray(image)
    except ValueError as error:
        raise ValueError(f"{caller}(): image must be an array: {error}") from None
    if photo.dtype.char not in "BHefd":
        raise TypeError(
            f"{caller}(): image must be uint8, uint16 or floats in [0, 1], got dtype {photo.dtype}"
        )
    if photo.ndim == 2:
        photo = photo[:, :, np.newaxis]
    if photo.ndim != 3 or photo.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"{caller}(): image must have shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), "
            f"got {np.shape(image)}"
        )
    if photo.dtype.kind == "f" and photo.size:
        low, high = photo.min(), photo.max()
        if not (low >= 0 and high <= 1):  # nor NaN
            raise ValueError(
                f"{caller}(): image must lie in [0, 1] if it is of floats, got {low} to {high}"
            )
    return photo


def _as_weight(caller: str, alpha: float | ArrayLike, shape: tuple[int, ...]) -> float | AnyArray:
    """Alpha as a float or an array of that shape."""
    weight = np.asarray(alpha)
    if weight.dtype.kind not in "fiub":
        raise TypeError(
            f"{caller}(): alpha must be a number or an array of numbers, got dtype {weight.dtype}"
        )
    if weight.shape not in ((), shape):
        raise ValueError(
            f"{caller}(): alpha must be a number or have the shape {shape} of the image, "
            f"got {weight.shape}"
        )
    if weight.size:
        low, high = weight.min(), weight.max()
        if not (low >= 0 and high <= 1):
            got = low if not weight.ndim else f"{low} to {high}"
            raise ValueError(f"{caller}(): alpha must lie in [0, 1], got {got}")
    return weight if weight.ndim else float(weight)


def _as_result(
    caller: str,
    out: AnyArray | None,
    photo: AnyArray,
    source: Source,
    weight: float | AnyArray,
) -> AnyArray:
    shape = (*photo.shape[:2], 4 if photo.shape[2] == 4 else 3)
    dtype = photo.dtype.newbyteorder("=")
    if out is None:
        return np.empty(shape, dtype)
    inputs = [("values", source.values), *(("mask", m) for m in source.masks)]
    if isinstance(weight, np.ndarray):
        inputs.append(("alpha", weight))
    # The same pixels are read before they are written.
    same = isinstance(out, np.ndarray) and out.ctypes.data == photo.ctypes.data
    if not (same and out.strides == photo.strides and out.shape == photo.shape):
        inputs.append(("image", photo))
    check_out(caller, out, shape, dtype, inputs)
    return out


def _painter(
    caller: str,
    source: Source,
    look: tuple[Any, ...],
    limits: tuple[Any, ...],
    threads: int,
    backend: str | None,
) -> _Painter:
    """What colors a part of the values, with the range of all of them."""
    cmap, method, order, dtype, reverse, bad, under, over = look
    vmin, vmax, norm, center, robust = limits
    scaling = as_scaling(caller, norm, vmin, vmax, center, robust)
    kernels = get_backend(backend)
    if cmap is None and center is not None:
        cmap = TURBO_DIVERGING
    if bad is None:
        bad = _TRANSPARENT
    palette = make_palette(caller, cmap, method, order, dtype, reverse, bad, under, over)
    alphas = palette.entries[:, 3]
    glass = (alphas != 0) & (alphas != (1 if dtype == "float32" else np.iinfo(dtype).max))
    if not source.values.size:
        return _Painter(lambda part, colors: None, kernels, bool(glass.any()))
    fitted = scaling.fit(OneArray(kernels, source, threads), palette.layers)
    return _Painter(
        lambda part, colors: paint(caller, kernels, part, fitted, palette, colors, 1),
        kernels,
        bool(glass.any()),
    )


def _blend(
    painter: _Painter,
    source: Source,
    photo: AnyArray,
    result: AnyArray,
    weight: float | AnyArray,
) -> None:
    """Fill the result by the formula, block by block and component by component."""
    integers = photo.dtype.kind == "u"
    kind: np.dtype[Any] = photo.dtype.newbyteorder("=") if integers else np.dtype(np.float32)
    opaque = np.float64(np.iinfo(kind).max if integers else 1)
    for where in blocks(result.shape[:2], _BLOCK):
        pixels, target = photo[where], result[where]
        colors = np.empty((*pixels.shape[:2], 4), kind)
        painter.paint(source.part(where), colors)
        share = colors[..., 3] / opaque
        share *= weight if isinstance(weight, float) else weight[where]
        rest = 1 - share
        mixed, behind = np.empty_like(share), np.empty_like(share)
        for component in range(3):
            np.multiply(colors[..., component], share, out=mixed)
            np.multiply(pixels[..., component % pixels.shape[2]], rest, out=behind)
            mixed += behind
            if integers:
                np.rint(mixed, out=mixed)
            np.copyto(target[..., component], mixed, casting="unsafe")
        if target.shape[2] == 4:
            target[..., 3] = pixels[..., 3]


def _look_up(
    painter: _Painter, source: Source, photo: AnyArray, result: AnyArray, mixed: AnyArray
) -> None:
    """Fill the result through a table of the formula, block by block."""
    for where in blocks(result.shape[:2], _BLOCK_U8):
        pixels, target = np.ascontiguousarray(photo[where]), result[where]
        colors = np.empty((*pixels.shape[:2], 4), np.uint8)
        painter.paint(source.part(where), colors)
        dense = target if target.flags.c_contiguous else np.empty(target.shape, np.uint8)
        painter.backend.blend(colors, pixels, mixed, dense)
        if dense is not target:
            target[...] = dense


@lru_cache(4)
def _mixed(weight: float) -> AnyArray:
    """``mixed[c, p]`` is level c of a color over level p of a photo, by the formula."""
    levels = np.arange(256, dtype=np.float64)
    mixed = np.rint(np.add.outer(levels * weight, levels * (1 - weight))).astype(np.uint8)
    mixed.flags.writeable = False
    return mixed
