"""`colorize_difference`: where an estimate is too high, and where too low."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ._typing import AnyArray
from .arguments import Source, as_limit, as_percentiles, as_source, as_threads
from .colormap import TURBO_DIVERGING, CmapLike, ColorLike
from .kernels import get_backend
from .kernels.palette import Order
from .kernels.threads import thread_count
from .painting import make_palette, paint, prepare_out
from .ranges import OneArray
from .scaling import Scaling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


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
    """Color ``estimate - truth`` on a scale symmetric about zero.

    Parameters
    ----------
    estimate, truth : array_like of numbers, of one shape
        As *values* of `colorize`; their types may differ. Subtracted as float32 if both
        have at most 16 bits or are float32, else as float64, so that unsigned integers
        do not wrap; the difference of two 64-bit integers is exact before it is rounded.
    cmap : str, Colormap, matplotlib Colormap or array_like, optional
        By default ``turbo_diverging``: zero is green, too low blue, too high red.
    limit : float, optional
        The difference of the last color; its negative has the first. By default the
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
        The colors; *out* if given. Where both arrays are equal, the color of the middle.

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
    first, second = _as_pair(caller, estimate, truth, mask, invalid)
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
    sources = (("estimate", first), ("truth", second))
    result, pixels = prepare_out(caller, out, sources, palette, channels)
    if first.values.size:
        difference = first._replace(minus=second)
        count = thread_count(most_threads, first.values.size)
        scaling = Scaling("linear", None, reach, 0.0, percents)
        fitted = scaling.fit(OneArray(kernels, difference, count), palette.n)
        paint(caller, kernels, difference, fitted, palette, pixels, count)
    return result


def _as_pair(
    caller: str,
    estimate: ArrayLike,
    truth: ArrayLike,
    mask: ArrayLike | None,
    invalid: float | Sequence[float] | None,
) -> tuple[Source, Source]:
    first = as_source(caller, estimate, mask, invalid, name="estimate")
    second = as_source(caller, truth, None, invalid, name="truth")
    if first.values.shape != second.values.shape:
        raise ValueError(
            f"{caller}(): estimate and truth must have one shape, "
            f"got {first.values.shape} and {second.values.shape}"
        )
    return first, second
