"""`colorize_difference`: where an estimate is too high, and where too low."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ._typing import AnyArray
from .arguments import Source, as_limit, as_percentiles, as_source, as_threads
from .colormap import TURBO_DIVERGING, CmapLike, ColorLike
from .kernels import Backend, get_backend
from .kernels.blockwise import blocks
from .kernels.palette import Order, Palette
from .kernels.threads import run, split, thread_count
from .painting import make_palette, prepare_out
from .percentiles import percentiles
from .scale import Mirrored, is_single, mirrored

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


#: Values that are subtracted at once: a quarter of a megabyte of float32.
_BLOCK = 1 << 16


def colorize_difference(
    estimate: ArrayLike,
    truth: ArrayLike,
    cmap: CmapLike | None = None,
    *,
    limit: float | None = None,
    robust: bool | tuple[float, float] = False,
    reverse: bool = False,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
    bad: ColorLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    order: Order = "rgb",
    channels: Literal["last", "first"] = "last",
    dtype: DTypeLike = "uint8",
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> AnyArray:
    """Colour ``estimate - truth`` on a scale symmetric about zero.

    Parameters
    ----------
    estimate, truth : array_like of numbers, of one shape
        As *values* of `colorize`; their types may differ. Subtracted as float32 if both
        have at most 16 bits or are float32, else as float64, so that unsigned integers
        do not wrap; the difference of two 64-bit integers is exact before it is rounded.
    cmap : str, Colormap, matplotlib Colormap or array_like, optional
        By default ``turbo_diverging``: zero is green, too low blue, too high red.
    limit : float, optional
        The difference of the last colour; its negative has the first. By default the
        largest finite difference.
    robust : bool or (lo, hi), default False
        Without *limit*: the further from zero of two percentiles of the differences, True
        the 2nd and the 98th; see `colorize`.
    mask : array_like of bool, broadcastable to the arrays, optional
        True where neither counts; joined with the masks of masked arrays.
    invalid : float or sequence of float, optional
        Values that mean "no measurement" in either array. A pixel that is invalid, masked
        or NaN in one of them is `bad`.
    reverse, bad, under, over, order, channels, dtype, out, threads, backend
        See `colorize`.

    Returns
    -------
    ndarray of `dtype`
        The colours; *out* if given. Where both arrays are equal, the colour of the middle.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed; nothing has been written to *out* then.

    Notes
    -----
    The difference is formed a block at a time; there is no full-size temporary.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> estimate = np.array([10, 20, 30], dtype=np.uint8)
    >>> truth = np.array([12, 20, 25], dtype=np.uint8)
    >>> turbo_cmap.colorize_difference(estimate, truth, limit=5)
    array([[ 41, 186, 236],
           [164, 252,  60],
           [122,   4,   3]], dtype=uint8)
    """
    caller = "colorize_difference"
    most_threads = as_threads(caller, threads)
    kernels = get_backend(backend)
    pair = _as_pair(caller, estimate, truth, mask, invalid)
    reach = as_limit(caller, "limit", limit)
    percents = as_percentiles(caller, robust)
    if reach is not None and reach < 0:
        raise ValueError(f"{caller}(): limit must not be negative, got {reach}")
    palette = make_palette(
        caller,
        TURBO_DIVERGING if cmap is None else cmap,
        "lut",
        order,
        dtype,
        reverse,
        bad,
        under,
        over,
    )
    result, pixels = prepare_out(caller, out, pair.sources(), palette, channels)
    size = pair.first.values.size
    if size:
        parts = split(pair.first.values.shape, thread_count(most_threads, size))
        if reach is None:
            reach = _reach(kernels, pair, parts, percents)
        scale = mirrored(0.0, reach, pair.dtype)
        run([partial(_paint, kernels, pair.part(p), scale, palette, pixels[p]) for p in parts])
    return result


class _Pair(NamedTuple):
    """What is subtracted from what, and in which type."""

    first: Source
    second: Source
    dtype: np.dtype[np.generic]

    def sources(self) -> tuple[tuple[str, Source], ...]:
        """Both, with the names of their arguments."""
        return (("estimate", self.first), ("truth", self.second))

    def part(self, where: tuple[slice, ...]) -> _Pair:
        """A part of both."""
        return _Pair(self.first.part(where), self.second.part(where), self.dtype)

    def differences(self) -> Iterator[tuple[tuple[slice, ...], Source]]:
        """Block by block: where it is, and the difference, NaN where either is no value."""
        for where in blocks(self.first.values.shape, _BLOCK):
            a, b = self.first.part(where), self.second.part(where)
            difference = _subtract(a.values, b.values, self.dtype)
            for source in (a, b):
                if source.invalid is not None:
                    difference[np.isin(source.values, source.invalid)] = np.nan
                for mask in source.masks:
                    difference[mask] = np.nan
            yield where, Source(difference, (), None)


def _as_pair(
    caller: str,
    estimate: ArrayLike,
    truth: ArrayLike,
    mask: ArrayLike | None,
    invalid: float | Sequence[float] | None,
) -> _Pair:
    first = as_source(caller, estimate, mask, invalid, name="estimate")
    second = as_source(caller, truth, None, invalid, name="truth")
    if first.values.shape != second.values.shape:
        raise ValueError(
            f"{caller}(): estimate and truth must have one shape, "
            f"got {first.values.shape} and {second.values.shape}"
        )
    single = is_single(first.values.dtype) and is_single(second.values.dtype)
    return _Pair(first, second, np.dtype(np.float32 if single else np.float64))


def _subtract(a: AnyArray, b: AnyArray, dtype: np.dtype[np.generic]) -> AnyArray:
    common = np.result_type(a, b)
    if common.kind not in "iu" or common.itemsize < 8:
        with np.errstate(invalid="ignore", over="ignore"):  # inf - inf, and beyond float32
            difference: AnyArray = np.subtract(a, b, dtype=dtype, casting="unsafe")
            return difference
    # 64-bit integers: their distance, which fits in 64 bits without a sign, and the sign.
    a, b = a.astype(common), b.astype(common)
    lower = a < b
    distance = (np.maximum(a, b).view(np.uint64) - np.minimum(a, b).view(np.uint64)).astype(dtype)
    return np.where(lower, -distance, distance)


def _reach(
    backend: Backend,
    pair: _Pair,
    parts: Sequence[tuple[slice, ...]],
    percents: tuple[float, float] | None,
) -> float:
    """The largest finite difference, or the further one of two percentiles."""
    if percents is not None:

        def walk() -> Iterator[tuple[Source, int]]:
            for _, difference in pair.differences():
                yield difference, 1

        low, high = percentiles(backend, walk, pair.dtype, percents, pair.first.values.size)
        return 0.0 if math.isnan(low) else max(abs(low), abs(high))
    reaches = [0.0] * len(parts)

    def find(number: int) -> None:
        for _, difference in pair.part(parts[number]).differences():
            low, high = backend.extent(difference)
            if low <= high:
                reaches[number] = max(reaches[number], high, -low)

    run([partial(find, number) for number in range(len(parts))])
    return min(max(reaches), sys.float_info.max)


def _paint(
    backend: Backend, pair: _Pair, scale: Mirrored, palette: Palette, pixels: AnyArray
) -> None:
    for where, difference in pair.differences():
        backend.colorize(difference, scale, palette, pixels[where])
