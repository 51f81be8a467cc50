"""Which values the first and the last color stand for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import Source, as_percentiles, as_source
from .kernels import Backend, get_backend
from .kernels.blockwise import load
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
    overflows: where two neighboring values lie further apart than their type can hold;
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
    data = as_data("data_range", get_backend(), values, mask, invalid)
    low, high = data.extent(percents)
    return (low, high) if low <= high else (math.nan, math.nan)


def as_data(
    caller: str,
    backend: Backend,
    values: ArrayLike | Iterable[ArrayLike],
    mask: ArrayLike | None,
    invalid: float | Sequence[float] | None,
    threads: int | None = None,
) -> OneArray | ManyArrays:
    """One array or many of them, as in `data_range`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed.
    """
    if not _is_many(values):
        source = as_source(caller, cast("ArrayLike", values), mask, invalid)
        return OneArray(backend, source, thread_count(threads, source.values.size))
    if mask is not None:
        raise ValueError(
            f"{caller}(): mask must be None for an iterable of arrays, which can be masked "
            f"arrays each, got {type(mask).__name__}"
        )
    return ManyArrays(caller, backend, cast("Iterable[ArrayLike]", values), invalid, threads)


class OneArray(NamedTuple):
    """An array that limits are taken from: the `turbo_cmap.scaling.Data` of one call."""

    backend: Backend
    source: Source
    threads: int

    def extent(self, percents: tuple[float, float] | None = None) -> tuple[float, float]:
        """Finite minimum and maximum, or two percentiles; ``low > high`` if no value counts."""
        return _found(self.backend, self.source, percents, self.threads)

    def within(self, above: float, low: float = -math.inf, high: float = math.inf) -> OneArray:
        """Only the values greater than *above* that are in [low, high]."""
        return self._replace(source=_restricted(self.source, above, low, high))

    def quantiles(self, parts: FloatArray) -> AnyArray:
        """The smallest values that parts of all do not exceed; empty if no value counts."""
        return resolve_quantiles(self.backend, self.source, parts, self.threads)

    def finite(self) -> AnyArray:
        """The finite values that count, 1-D."""
        counting = load(self.source)
        return counting[np.isfinite(counting)]


def _restricted(source: Source, above: float, low: float, high: float) -> Source:
    """The same values, of which only those count that are above and in [low, high]."""
    values = source.values
    if values.dtype == np.float16:  # in which a limit may be 0
        values = values.astype(np.float32)
    with np.errstate(invalid="ignore"):
        dropped = ~((values > above) & (values >= low) & (values <= high))
    for mask in source.masks:
        dropped |= mask
    return source._replace(masks=(dropped,))


def resolve_quantiles(
    backend: Backend, source: Source, parts: FloatArray, threads: int = 1
) -> AnyArray:
    """The smallest values that parts of all do not exceed.

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
        See `turbo_cmap.percentiles.quantiles`.
    """
    size, dtype = source.values.size, source.dtype
    if size == 0:
        return np.empty(0, np.float32 if is_single(dtype) else np.float64)
    walked = [(source, threads)]
    return quantiles(backend, lambda: walked, dtype, parts, size, held=[source])


class _Walked(NamedTuple):
    """Arrays to go through, as `turbo_cmap.order_statistics.order_statistics` takes them."""

    walk: Walk
    dtype: np.dtype[Any]
    most: int | None = None
    held: Sequence[Source] = ()


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
    low, high = percentiles(backend, lambda: parts, source.dtype, percents, size, held=[source])
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


class ManyArrays:
    """Several arrays, gone through one after the other: the `turbo_cmap.scaling.Data` of them all.

    None of them is kept.
    """

    def __init__(
        self,
        caller: str,
        backend: Backend,
        arrays: Iterable[ArrayLike],
        invalid: float | Sequence[float] | None,
        threads: int | None = None,
    ) -> None:
        self._caller = caller
        self._backend = backend
        self._arrays = arrays
        self._invalid = invalid
        self._threads = threads
        self._bounds: tuple[float, float, float] | None = None
        self._used_up = False

    def extent(self, percents: tuple[float, float] | None = None) -> tuple[float, float]:
        """Finite minimum and maximum, or two percentiles; ``low > high`` if no value counts."""
        if percents is not None:
            walked = self._walked("percentiles")
            if walked is None:
                return math.inf, -math.inf
            walk, dtype, most, held = walked
            with self._noticing_change():
                low, high = percentiles(self._backend, walk, dtype, percents, most, held)
            return (math.inf, -math.inf) if math.isnan(low) else (low, high)
        low, high = math.inf, -math.inf
        for source, threads in self._parts():
            one_low, one_high = _extent(self._backend, source, threads)
            low, high = min(low, one_low), max(high, one_high)
        return low, high

    def within(self, above: float, low: float = -math.inf, high: float = math.inf) -> ManyArrays:
        """Only the values greater than *above* that are in [low, high]."""
        fewer = ManyArrays(self._caller, self._backend, self._arrays, self._invalid, self._threads)
        fewer._bounds = (above, low, high)
        fewer._used_up = self._used_up
        return fewer

    def quantiles(self, parts: FloatArray) -> AnyArray:
        """The smallest values that parts of all do not exceed; empty if no value counts."""
        walked = self._walked("quantiles")
        if walked is None:
            return np.empty(0)
        walk, dtype, most, held = walked
        with self._noticing_change():
            return quantiles(self._backend, walk, dtype, parts, most, held)

    def finite(self) -> AnyArray:
        """The finite values that count, 1-D, of all arrays."""
        sources = (source for source, _ in self._parts())
        every = [OneArray(self._backend, source, 1).finite() for source in sources]
        return np.concatenate(every) if every else np.empty(0)

    def _walked(self, what: str) -> _Walked | None:
        """How to go through them, maybe more than once; None if there are no values."""
        parts = self._parts()
        first = next(parts, None)
        if first is None:
            return None
        dtype = first[0].values.dtype.newbyteorder("=")
        if self._used_up and dtype.itemsize > 2:
            self._refuse(f" for {what} of {dtype}")
        if self._lie_in_memory():
            listed = [first, *self._of_one_dtype(parts, dtype, what)]
            held = [source for source, _ in listed]
            size = sum(source.values.size for source in held)
            return _Walked(lambda: listed, dtype, size, held)
        begun = [chain([first], parts)]
        del first  # none is kept

        def walk() -> Iterator[Part]:
            again = begun.pop() if begun else self._parts()
            return self._of_one_dtype(again, dtype, what)

        return _Walked(walk, dtype)

    def _lie_in_memory(self) -> bool:
        """Whether looking at a few values costs little, and nothing is kept that was made here."""
        return (
            self._bounds is None
            and isinstance(self._arrays, (list, tuple))
            and all(isinstance(array, np.ndarray) for array in self._arrays)
        )

    @contextmanager
    def _noticing_change(self) -> Iterator[None]:
        try:
            yield
        except ChangedError:
            raise ValueError(
                f"{self._caller}(): values must be the same arrays each time they are iterated "
                f"over, got others from {type(self._arrays).__name__}"
            ) from None

    def _parts(self) -> Iterator[Part]:
        if self._used_up:
            self._refuse("")
        iterator = iter(self._arrays)
        self._used_up = iterator is self._arrays
        for array in iterator:
            source = as_source(self._caller, array, None, self._invalid)
            if self._bounds is not None:
                source = _restricted(source, *self._bounds)
            size = source.values.size
            if size:
                yield source, thread_count(self._threads, size)

    def _refuse(self, purpose: str) -> NoReturn:
        raise ValueError(
            f"{self._caller}(): values must be a list, or something else that can be iterated "
            f"over again{purpose}, got {type(self._arrays).__name__}"
        )

    def _of_one_dtype(
        self, parts: Iterator[Part], dtype: np.dtype[Any], what: str
    ) -> Iterator[Part]:
        for part in parts:
            other = part[0].values.dtype.newbyteorder("=")
            if other != dtype:
                raise TypeError(
                    f"{self._caller}(): values must be of one dtype for {what}, got {dtype} "
                    f"and {other}"
                )
            yield part
