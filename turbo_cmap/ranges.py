"""Which values the first and the last colour stand for."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import Source, as_percentiles, as_source
from .kernels import Backend, get_backend
from .kernels.threads import run, split, thread_count
from .order_statistics import ChangedError, Part, Walk
from .percentiles import percentiles, quantiles
from .scale import is_single

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def data_range(
    values: ArrayLike | Iterable[ArrayLike],
    *,
    robust: bool | tuple[float, float] = False,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
) -> tuple[float, float]:
    """The range of an array of numbers, or one range of many arrays.

    Parameters
    ----------
    values : array_like of numbers, or iterable of array_like
        One array as `colorize` takes it, of any shape; or several, whose shapes may
        differ: a list or tuple that begins with an array of one dimension or more, an
        iterator, or any other object to iterate over that is not an array itself. None of
        them is kept.
    robust : bool or (lo, hi), default False
        False takes the smallest and the largest value, True the 2nd and the 98th
        percentile, two numbers other percentiles, ``0 <= lo <= hi <= 100``.
    mask : array_like of bool, broadcastable to *values*, optional
        True where a value does not count; joined with the mask of a masked array. For one
        array only; of several each can be a masked array.
    invalid : float or sequence of float, optional
        Values that mean "no measurement", compared exactly.

    Returns
    -------
    vmin, vmax : float
        Of the finite values that are neither masked nor invalid; (nan, nan) if there are
        none.

    Raises
    ------
    TypeError
        If an argument is of the wrong type; if percentiles of arrays of several dtypes
        are wanted.
    ValueError
        If an argument's value is not allowed; if *values* can be iterated over only once
        (a generator, say) and percentiles need more than that.

    Notes
    -----
    Percentiles are exact: ``np.percentile(counting_values, (lo, hi))``, linear
    interpolation included, in every bit. They differ only where that wraps around or
    overflows: where two neighbouring values lie further apart than their type can hold;
    and there are those of bool. They are found by counting, without a copy and without
    sorting: in one pass over types of up to 16 bits; mostly in one over others, too, if they
    are an array or a list or tuple of arrays, of which a sample is looked at first; else in
    two over 32 bits, three and rarely four over 64 bits. So arrays of 8 and 16 bits can come
    from a generator.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> turbo_cmap.data_range(np.array([3, np.nan, 1, np.inf, 2]))
    (1.0, 3.0)
    >>> turbo_cmap.data_range(np.arange(101), robust=(5, 90))
    (5.0, 90.0)
    >>> turbo_cmap.data_range([np.zeros((2, 3)), np.ones(4)])
    (0.0, 1.0)
    """
    percents = as_percentiles("data_range", robust)
    backend = get_backend()
    if not _is_many(values):
        source = as_source("data_range", cast("ArrayLike", values), mask, invalid)
        low, high = _found(backend, source, percents, thread_count(None, source.values.size))
        return (low, high) if low <= high else (math.nan, math.nan)
    if mask is not None:
        raise ValueError(
            "data_range(): mask must be None for an iterable of arrays, which can be masked "
            f"arrays each, got {type(mask).__name__}"
        )
    arrays = _Arrays(cast("Iterable[ArrayLike]", values), invalid)
    return arrays.extent(backend) if percents is None else arrays.percentiles(backend, percents)


def resolve_range(
    backend: Backend,
    source: Source,
    lo: float | None,
    hi: float | None,
    threads: int = 1,
    percents: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """The limits, those that were not given taken from the data.

    Parameters
    ----------
    backend : Backend
    source : Source
    lo, hi : float or None
        From `turbo_cmap.arguments.as_limits`.
    threads : int, default 1
        How many to use.
    percents : (float, float), optional
        From `turbo_cmap.arguments.as_percentiles`: which percentiles to take instead of
        minimum and maximum.

    Returns
    -------
    vmin, vmax : float
        Finite, ``vmin <= vmax``.
    """
    if lo is not None and hi is not None:
        return lo, hi
    low, high = _found(backend, source, percents, threads)
    if low > high:  # nothing counts, so everything is bad and any range will do
        low = high = 0.0 if lo is None and hi is None else lo if lo is not None else cast(float, hi)
    # A limit that was given stays. Where all the data are beyond it, the other is put just
    # behind it: they are all under or over then, whereas in a range of nothing they would
    # all have the first colour.
    if lo is not None:
        return lo, high if high >= lo else math.nextafter(lo, math.inf)
    if hi is not None:
        return low if low <= hi else math.nextafter(hi, -math.inf), hi
    return low, high


def resolve_halfrange(
    backend: Backend,
    source: Source,
    center: float,
    lo: float | None,
    hi: float | None,
    threads: int = 1,
    percents: tuple[float, float] | None = None,
) -> float:
    """How far a scale about a centre reaches: to the given limits, else to the furthest value,
    or the further one of two percentiles.

    Raises
    ------
    ValueError
        If the centre is outside the limits.
    """
    if (lo is not None and center < lo) or (hi is not None and center > hi):
        raise ValueError(
            f"colorize(): center must lie between vmin and vmax, got {center} with "
            f"vmin={lo} and vmax={hi}"
        )
    given = [abs(limit - center) for limit in (lo, hi) if limit is not None]
    if given:
        return max(given)
    low, high = _found(backend, source, percents, threads)
    reach = max(high - center, center - low) if low <= high else 0.0
    return min(reach, sys.float_info.max)


def resolve_quantiles(
    backend: Backend, source: Source, parts: FloatArray, threads: int = 1
) -> AnyArray:
    """The values that given parts of the data are not above; see `quantiles`.

    Parameters
    ----------
    backend : Backend
    source : Source
    parts : ndarray of float64, 1-D
        Ascending, in [0, 1].
    threads : int, default 1
        How many to use.

    Returns
    -------
    ndarray of float32 or float64, shape of *parts*, or (0,) if no value counts
    """
    values = source.values
    if values.size == 0:
        return np.empty(0, np.float32 if is_single(values.dtype) else np.float64)
    walked = [(source, threads)]
    return quantiles(backend, lambda: walked, values.dtype, parts, values.size, held=[source])


def _found(
    backend: Backend, source: Source, percents: tuple[float, float] | None, threads: int
) -> tuple[float, float]:
    """Minimum and maximum, or two percentiles; ``low > high`` if no value counts."""
    size = source.values.size
    if size == 0:
        return math.inf, -math.inf
    if percents is None:
        return _extent(backend, source, threads)
    parts = [(source, threads)]
    low, high = percentiles(
        backend, lambda: parts, source.values.dtype, percents, size, held=[source]
    )
    return (math.inf, -math.inf) if math.isnan(low) else (low, high)


def _extent(backend: Backend, source: Source, threads: int) -> tuple[float, float]:
    if threads == 1:
        return backend.extent(source)
    parts = [source.part(where) for where in split(source.values.shape, threads)]
    extents: list[tuple[float, float]] = [(math.inf, -math.inf)] * len(parts)

    def find(number: int) -> None:
        extents[number] = backend.extent(parts[number])

    run([partial(find, number) for number in range(len(parts))])
    return min(low for low, _ in extents), max(high for _, high in extents)


# ---- many arrays ----


def _is_many(values: object) -> bool:
    """Whether these are several arrays rather than one."""
    if isinstance(values, (str, bytes, dict, set, frozenset)) or hasattr(values, "__array__"):
        return False
    if isinstance(values, Sequence):  # of arrays, or of numbers and of lists of them
        first = values[0] if len(values) else None
        return hasattr(first, "__array__") and getattr(first, "ndim", 0) > 0
    return hasattr(values, "__iter__") or hasattr(values, "__getitem__")


class _Arrays:
    """Several arrays, gone through one after the other."""

    def __init__(
        self, arrays: Iterable[ArrayLike], invalid: float | Sequence[float] | None
    ) -> None:
        self._arrays = arrays
        self._invalid = invalid

    def extent(self, backend: Backend) -> tuple[float, float]:
        """The finite minimum and maximum of them all; (nan, nan) if there is none."""
        low, high = math.inf, -math.inf
        for source, threads in self._parts(iter(self._arrays)):
            one_low, one_high = _extent(backend, source, threads)
            low, high = min(low, one_low), max(high, one_high)
        return (low, high) if low <= high else (math.nan, math.nan)

    def percentiles(self, backend: Backend, percents: tuple[float, float]) -> tuple[float, float]:
        """Percentiles of the values of them all; (nan, nan) if there are none."""
        opened = self._opened("percentiles")
        if opened is None:
            return math.nan, math.nan
        with _noticing_change(self._arrays):
            low, high = percentiles(backend, *opened[:2], percents, *opened[2:])
        return low, high

    def quantiles(self, backend: Backend, parts: FloatArray) -> AnyArray:
        """The values that given parts of them all are not above; none if no value counts.

        See `turbo_cmap.percentiles.quantiles`.
        """
        opened = self._opened("quantiles")
        if opened is None:
            return np.empty(0, np.float64)
        with _noticing_change(self._arrays):
            return quantiles(backend, *opened[:2], parts, *opened[2:])

    def _opened(self, what: str) -> tuple[Walk, np.dtype[Any], int | None, Sequence[Source]] | None:
        """How to walk over the values, their dtype, how many there are, and where they lie, as
        far as it is known; None if there are no values.
        """
        iterator = iter(self._arrays)
        parts = self._parts(iterator)
        first = next(parts, None)
        if first is None:
            return None
        dtype = first[0].values.dtype.newbyteorder("=")
        if iterator is self._arrays and dtype.itemsize > 2:
            raise ValueError(
                "data_range(): values must be a list, or something else that can be iterated "
                f"over again, for {what} of {dtype}, got {type(self._arrays).__name__}"
            )
        if self._are_in_memory():
            walked = [first, *_of_one_dtype(parts, dtype, what)]
            held = [source for source, _ in walked]
            return lambda: walked, dtype, sum(source.values.size for source in held), held
        begun = [chain([first], parts)]
        del first  # none is kept

        def walk() -> Iterator[Part]:
            again = begun.pop() if begun else self._parts(iter(self._arrays))
            return _of_one_dtype(again, dtype, what)

        return walk, dtype, None, ()

    def _are_in_memory(self) -> bool:
        """Whether looking at some values of each array costs little, and keeps nothing."""
        return isinstance(self._arrays, (list, tuple)) and all(
            isinstance(array, np.ndarray) for array in self._arrays
        )

    def _parts(self, iterator: Iterator[ArrayLike]) -> Iterator[Part]:
        for array in iterator:
            source = as_source("data_range", array, None, self._invalid)
            size = source.values.size
            if size:
                yield source, thread_count(None, size)


def _of_one_dtype(parts: Iterator[Part], dtype: np.dtype[Any], what: str) -> Iterator[Part]:
    for part in parts:
        other = part[0].values.dtype.newbyteorder("=")
        if other != dtype:
            raise TypeError(
                f"data_range(): values must be of one dtype for {what}, got {dtype} and {other}"
            )
        yield part


@contextmanager
def _noticing_change(arrays: object) -> Iterator[None]:
    try:
        yield
    except ChangedError:
        raise ValueError(
            "data_range(): values must be the same arrays each time they are iterated "
            f"over, got others from {type(arrays).__name__}"
        ) from None
