"""Exact percentiles without a copy and without sorting, by counting.

Values have *keys*, unsigned integers in the same order (`turbo_cmap.kernels.keys`). A pass
over the values counts them in 65,536 bins of equally many keys. Each rank that is wanted
lies in one of these bins, whose keys the next pass counts, and so on until a bin is one
key: one pass for types of up to 16 bits, two for 32 bits. Of 64-bit types, three passes
do: few values are left by then, and these are collected. Only where more than `ROOM`
values next to a rank differ in less than their first 32 bits (counted from where they
differ at all) is there a fourth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ._typing import AnyArray
from .arguments import Source
from .kernels import Backend
from .kernels.keys import finite_keys, value_of
from .kernels.threads import run, split


class ChangedError(RuntimeError):
    """The values were not the same in two passes."""


#: Up to so many values are collected instead of counted again.
ROOM = 1 << 15

_BIN_BITS = 16

Part = tuple[Source, int]
#: Gives all the values, each time it is called; with the threads for each array.
Walk = Callable[[], Iterable[Part]]


class _Span(NamedTuple):
    """Keys among which a rank is to be found."""

    first: int
    last: int
    below: int  # values with keys before the first
    size: int | None  # values with these keys, if that is known

    @property
    def shift(self) -> int:
        """The binary logarithm of the keys in a bin."""
        return max(0, (self.last - self.first).bit_length() - _BIN_BITS)


def percentiles(
    backend: Backend,
    walk: Walk,
    dtype: np.dtype[Any],
    percents: Sequence[float],
    most: int | None = None,
) -> list[float]:
    """Percentiles of the finite values that count.

    Parameters
    ----------
    backend : Backend
    walk : callable
        Called for each pass; returns an iterable of (Source, number of threads). None of
        the arrays is empty.
    dtype : dtype
        Of all the arrays.
    percents : sequence of float
        In [0, 100].
    most : int, optional
        There are no more values than that.

    Returns
    -------
    list of float
        ``np.percentile(finite_values, percents)``, but for types and differences that
        overflow there; see `_interpolated`. NaN if no value counts.

    Raises
    ------
    ChangedError
        If *walk* gave other values in another pass.
    """
    first, last = finite_keys(dtype)
    whole = _Span(first, last, 0, None)
    if most is not None and most <= ROOM:
        keys = _collect(backend, walk(), [whole], most)
        size = len(keys)
        found = _selected(keys, _ranks(size, percents), 0)
    else:
        counts, bounds = _count(backend, walk(), [whole])
        size = int(counts.sum())
        found, pending = _narrowed(whole, counts[0], bounds[:, 0], _ranks(size, percents))
        while pending:
            found_now, pending = _next_pass(backend, walk, pending)
            found |= found_now
    if size == 0:
        return [math.nan] * len(percents)
    return [_at(percent, size, found, dtype) for percent in percents]


# ---- passes ----


def _next_pass(
    backend: Backend, walk: Walk, pending: dict[_Span, list[int]]
) -> tuple[dict[int, int], dict[_Span, list[int]]]:
    """The keys of some of the ranks, and the smaller spans in which the others are."""
    found: dict[int, int] = {}
    spans = sorted(pending)
    expected = sum(span.size or 0 for span in spans)
    if expected <= ROOM:
        # one more, so that too many are noticed
        keys = _collect(backend, walk(), spans, expected + 1)
        for span in spans:
            first, last = np.uint64(span.first), np.uint64(span.last)
            own = keys[(keys >= first) & (keys <= last)]
            _check_same(len(own), span)
            found |= _selected(own, pending[span], span.below)
        return found, {}
    counts, bounds = _count(backend, walk(), spans)
    smaller: dict[_Span, list[int]] = {}
    for number, span in enumerate(spans):
        _check_same(int(counts[number].sum()), span)
        known, rest = _narrowed(span, counts[number], bounds[:, number], pending[span])
        found |= known
        smaller |= rest
    return found, smaller


def _narrowed(
    span: _Span, counts: AnyArray, bounds: AnyArray, ranks: Sequence[int]
) -> tuple[dict[int, int], dict[_Span, list[int]]]:
    """Where ranks are in a span: the keys of those in a bin of one key, the spans of others."""
    found: dict[int, int] = {}
    pending: dict[_Span, list[int]] = {}
    least, most = bounds.tolist()
    ends = np.cumsum(counts)
    for rank in ranks:
        number = int(np.searchsorted(ends, rank - span.below, side="right"))
        size = int(counts[number])
        start = span.first + (number << span.shift)
        first = max(start, least)
        last = min(start + (1 << span.shift) - 1, most)
        if first == last:
            found[rank] = first
        else:
            below = span.below + int(ends[number]) - size
            pending.setdefault(_Span(first, last, below, size), []).append(rank)
    return found, pending


def _selected(keys: AnyArray, ranks: Sequence[int], below: int) -> dict[int, int]:
    """The keys of ranks, of which the least of *keys* has the rank *below*."""
    places = [rank - below for rank in ranks]
    keys = np.partition(keys, places) if places else keys
    return {rank: int(keys[place]) for rank, place in zip(ranks, places, strict=True)}


def _check_same(size: int, span: _Span) -> None:
    if size != span.size:
        raise ChangedError("the values changed while their percentiles were looked for")


def _array(spans: Sequence[_Span]) -> AnyArray:
    return np.array([(span.first, span.last, span.shift) for span in spans], dtype=np.uint64)


def _count(
    backend: Backend, parts: Iterable[Part], spans: Sequence[_Span]
) -> tuple[AnyArray, AnyArray]:
    bins = max(((span.last - span.first) >> span.shift) + 1 for span in spans)
    total: tuple[AnyArray, AnyArray] | None = None
    for source, threads in parts:
        for counts, bounds in _counted(backend, source, threads, _array(spans), bins):
            if total is None:
                total = counts, bounds
                continue
            total[0][...] += counts
            total[1][0] = np.minimum(total[1][0], bounds[0])
            total[1][1] = np.maximum(total[1][1], bounds[1])
    if total is None:  # no arrays at all
        total = np.zeros((len(spans), bins), np.uint64), np.zeros((2, len(spans)), np.uint64)
    return total


def _counted(
    backend: Backend, source: Source, threads: int, spans: AnyArray, bins: int
) -> list[tuple[AnyArray, AnyArray]]:
    if threads == 1:
        return [backend.count(source, spans, bins)]
    parts = [source.part(where) for where in split(source.values.shape, threads)]
    results: dict[int, tuple[AnyArray, AnyArray]] = {}

    def count(number: int) -> None:
        results[number] = backend.count(parts[number], spans, bins)

    run([partial(count, number) for number in range(len(parts))])
    return [results[number] for number in range(len(parts))]


def _collect(
    backend: Backend, parts: Iterable[Part], spans: Sequence[_Span], room: int
) -> AnyArray:
    """Keys in the spans; no more than *room* from any array."""
    found = [backend.collect(source, _array(spans), room) for source, _ in parts]
    return np.concatenate([np.empty(0, dtype=np.uint64), *found])


# ---- ranks ----


def _ranks(size: int, percents: Sequence[float]) -> list[int]:
    """The ranks, from 0, of the values that percentiles lie between."""
    neighbors = (_neighbors(percent, size)[:2] for percent in percents if size)
    return sorted({rank for pair in neighbors for rank in pair})


def _neighbors(percent: float, size: int) -> tuple[int, int, float]:
    """The ranks on both sides, and the place between them: `np.percentile`'s arithmetic."""
    place = (size - 1) * (percent / 100)
    if place >= size - 1:
        return size - 1, size - 1, 0.0
    rank = math.floor(place)
    return rank, rank + 1, place - rank


def _at(percent: float, size: int, found: dict[int, int], dtype: np.dtype[Any]) -> float:
    lower, upper, place = _neighbors(percent, size)
    return _interpolated(value_of(found[lower], dtype), value_of(found[upper], dtype), place)


def _interpolated(a: Any, b: Any, place: float) -> float:
    """Between two values of one type, as ``np.percentile(values, [...])`` does it.

    Their difference is taken in their type, the rest is done in float64. Where that type
    cannot hold the difference, NumPy's is wrapped around or infinite; here it is the
    float64 that is nearest to it, and beyond float64 the values are halved.
    """
    if a.dtype.kind in "iu":
        difference = float(int(b) - int(a))
    else:
        with np.errstate(over="ignore"):
            difference = float(b - a)
        if math.isinf(difference):
            difference = float(b) - float(a)
    low, high = float(a), float(b)
    halved = math.isinf(difference)
    if halved:
        low, high = low / 2, high / 2
        difference = high - low
    between = high - difference * (1 - place) if place >= 0.5 else low + difference * place
    return 2 * between if halved else between
