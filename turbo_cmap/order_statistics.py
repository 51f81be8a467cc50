"""The values at given ranks, exactly, without a copy of all and without sorting them.

Values have *keys*, unsigned integers in the same order (`turbo_cmap.kernels.keys`), of which
the finite ones are a span. A pass over the values divides spans into smaller ones and counts
the values in each, so that every rank that is wanted is known to lie in one of them; the next
pass divides those, until a span is one key, or few enough values are left to be collected.

Where the arrays can be looked at here and there for little, a sample shows beforehand where
dividing pays. Around a few ranks it gives narrow spans whose values the first pass collects
while it counts those between; mostly it is the only one. For many ranks it gives the span
that is worth the bins. What is returned never depends on the sample: it is in a span because
the values below have been counted, and where there is no luck there are more passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ._typing import AnyArray
from .arguments import Source
from .kernels import Backend
from .kernels.keys import bin_counts, finite_keys
from .kernels.threads import run, split


class ChangedError(RuntimeError):
    """The values were not the same in two passes."""


#: Of up to so many values all are collected at once,
FEW_VALUES = 1 << 15
#: and up to so many are after a pass that counts,
ROOM = 1 << 18
#: or so many for each rank.
_ROOM_A_RANK = 16
#: From so many values on, a sample is worth its while.
LEAST_SAMPLED = 1 << 16
#: The sample has at least and at most so many values. To the former is added half the square
#: of the cube root of all: then taking it and collecting by it cost about the same.
_LEAST_SAMPLE = 1 << 11
_MOST_SAMPLE = 1 << 18
#: Up to so many ranks, the values around each are collected in the first pass; no more of them,
#: however, than so many.
_FEW_RANKS = 8
_MOST_SELECTED = 1 << 20
#: How far from where the sample has a rank it is looked for: standard deviations, and values.
#: Wider, and more values are collected each time; narrower, and there is a second pass more
#: often than once in a thousand times.
_MARGIN = 3.5
_LEAST_MARGIN = 4
#: Bins of all spans together, as powers of two: for a few ranks, for hundreds, for more.
_BIN_BITS = 16, 18, 20
_HUNDREDS = 1 << 10
#: In how many places, at most, what the sample covers is cut for bins.
_CUTS = 2

Part = tuple[Source, int]
#: Gives all the values, each time it is called; with the threads for each array.
Walk = Callable[[], Iterable[Part]]
#: The ranks that are wanted, ascending int64 from 0, of so many values that count.
Ranks = Callable[[int], AnyArray]


def order_statistics(
    backend: Backend,
    walk: Walk,
    dtype: np.dtype[Any],
    ranks: Ranks,
    most: int | None = None,
    held: Sequence[Source] = (),
) -> tuple[int, AnyArray]:
    """The keys of the finite values that count, at ranks in their order.

    Parameters
    ----------
    backend : Backend
    walk : callable
        Called for each pass; returns an iterable of (Source, number of threads). None of
        the arrays is empty.
    dtype : dtype
        Of all the arrays, in native byte order or not.
    ranks : callable
        Given how many values count, returns the ranks that are wanted: ndarray of int64,
        ascending, from 0 to less than that number. May be called more than once. Not called
        with 0.
    most : int, optional
        There are no more values than that.
    held : sequence of Source, optional
        The arrays of *walk*, if they lie in memory; they are sampled then.

    Returns
    -------
    size : int
        How many values count.
    keys : ndarray of uint64
        One for each rank; none if *size* is 0. See `turbo_cmap.kernels.keys.values_of`.

    Raises
    ------
    ChangedError
        If *walk* gave other values in another pass.
    """
    whole = finite_keys(dtype)
    if most is not None and most <= FEW_VALUES:
        keys = _collect(backend, walk(), np.array([whole], np.uint64), most)
        return len(keys), keys if not len(keys) else _at(keys, ranks(len(keys)))
    sample, share = _sample(backend, held, dtype, whole)
    expected = ranks(max(1, round(len(sample) / share)) if len(sample) else most or 1)
    few = len(sample) > 0 and len(expected) <= _FEW_RANKS
    brackets = _brackets(sample, share, expected) if few else []
    room = FEW_VALUES + round(2 * sum(high - low for low, high in brackets) / share)
    if few and room <= _MOST_SELECTED:
        spans, kept = _cut(whole, sample, brackets)
        size, keys, pending = _select_between(backend, walk, ranks, spans, kept, room)
    else:
        size, keys, pending = _count_whole(backend, walk, ranks, whole, sample, len(expected))
    while len(pending.which):
        pending = _next_pass(backend, walk, pending, keys)
    return size, keys


class _Pending(NamedTuple):
    """Ranks whose keys are not known yet, and where they are."""

    spans: AnyArray  # uint64 (n, 2): first and last keys, ascending and disjoint
    sizes: AnyArray  # int64 (n,): values in each
    which: AnyArray  # int64 (r,): of all the ranks that are wanted
    places: AnyArray  # int64 (r,): those ranks among the values in these spans alone


def _next_pass(backend: Backend, walk: Walk, pending: _Pending, keys: AnyArray) -> _Pending:
    """Fills in *keys* what becomes known; returns the rest."""
    size = int(pending.sizes.sum())
    if size <= max(ROOM, _ROOM_A_RANK * len(pending.which)):
        # one more, so that too many are noticed
        found = np.sort(_collect(backend, walk(), pending.spans, size + 1))
        first, last = pending.spans.T
        _check_same(found.searchsorted(last, "right") - found.searchsorted(first), pending.sizes)
        keys[pending.which] = found[pending.places]
        return pending._replace(which=pending.which[:0])
    shift = _shifts(pending.spans, _bin_bits(len(pending.spans), len(pending.which)))
    spans = np.column_stack([pending.spans, shift])
    counts, bounds = _count(backend, walk(), spans)
    ends = np.cumsum(bin_counts(spans)).astype(np.int64)
    sums = np.diff(np.concatenate([[0], np.cumsum(counts)])[np.concatenate([[0], ends])])
    _check_same(sums, pending.sizes)
    return _narrowed(pending.which, pending.places, counts, partial(_bins, spans, bounds), keys)


def _count_whole(
    backend: Backend,
    walk: Walk,
    ranks: Ranks,
    whole: tuple[int, int],
    sample: AnyArray,
    expected: int,
) -> tuple[int, AnyArray, _Pending]:
    """The first pass, with bins where the sample has values."""
    bits = _bin_bits(1, expected)
    spans = (
        _stretches(whole, sample, bits)
        if len(sample)
        else np.array([(*whole, max(0, (whole[1] - whole[0]).bit_length() - bits))], np.uint64)
    )
    counts, bounds = _count(backend, walk(), spans)
    size = int(counts.sum())
    wanted = ranks(size) if size else np.empty(0, np.int64)
    keys = np.empty(len(wanted), np.uint64)
    which = np.arange(len(wanted))
    return size, keys, _narrowed(which, wanted, counts, partial(_bins, spans, bounds), keys)


def _select_between(
    backend: Backend, walk: Walk, ranks: Ranks, spans: AnyArray, kept: AnyArray, room: int
) -> tuple[int, AnyArray, _Pending]:
    """The first pass, where it collects the values around a few ranks and counts the others."""
    order = np.argsort(~kept, kind="stable")  # those whose keys are kept first
    sizes = np.empty(len(spans), np.int64)
    sizes[order], collected = _select(backend, walk(), spans[order], int(kept.sum()), room)
    size = int(sizes.sum())
    wanted = ranks(size) if size else np.empty(0, np.int64)
    keys = np.empty(len(wanted), np.uint64)
    which = np.arange(len(wanted))
    if len(collected) == sizes[kept].sum():  # there was room
        ends = np.cumsum(sizes)
        number = ends.searchsorted(wanted, "right")
        here = kept[number]
        among = np.cumsum(np.where(kept, sizes, 0))  # ends in *collected*, if that were sorted
        keys[here] = _at(collected, (wanted - ends[number] + among[number])[here])
        which, wanted = which[~here], wanted[~here]
    return size, keys, _narrowed(which, wanted, sizes, lambda numbers: spans[numbers], keys)


def _narrowed(
    which: AnyArray,
    places: AnyArray,
    sizes: AnyArray,
    spans_of: Callable[[AnyArray], AnyArray],
    keys: AnyArray,
) -> _Pending:
    """In which of many spans ranks are: the keys of those in a span of one key, and the others.

    Parameters
    ----------
    which, places
        As in `_Pending`.
    sizes : ndarray of integers, shape (n,)
        How many values are in each span.
    spans_of : callable
        Given the numbers of spans, ndarray of int64, returns their first and last keys.
    keys : ndarray of uint64
        Those that are known are filled in.
    """
    if not len(which):
        return _Pending(np.empty((0, 2), np.uint64), np.empty(0, np.int64), which, places)
    ends = np.cumsum(sizes, dtype=np.int64)
    chosen, own = np.unique(ends.searchsorted(places, "right"), return_inverse=True)
    spans = spans_of(chosen)
    first, last = spans.T
    wide = first < last
    known = ~wide[own]
    keys[which[known]] = first[own[known]]
    left = np.where(wide, np.diff(ends, prepend=0)[chosen], 0)
    moved = np.cumsum(left) - ends[chosen]  # the ends of what is left are this far from those
    return _Pending(spans[wide], left[wide], which[~known], places[~known] + moved[own[~known]])


def _bins(spans: AnyArray, bounds: AnyArray, numbers: AnyArray) -> AnyArray:
    """First and last keys of bins of spans, no wider than the keys that there are."""
    ends = np.cumsum(bin_counts(spans)).astype(np.int64)
    own = ends.searchsorted(numbers, "right")
    first, last, shift = spans[own].T
    begin = ((numbers - ends[own]).astype(np.uint64) + bin_counts(spans)[own]) << shift
    end = begin + ((np.uint64(1) << shift) - np.uint64(1))
    begin, end = first + begin, first + np.minimum(end, last - first)
    least, most = bounds[:, own]
    return np.column_stack([np.maximum(begin, least), np.minimum(end, most)])


def _at(keys: AnyArray, places: AnyArray) -> AnyArray:
    """The keys that are at these places when all are in order."""
    return (np.partition(keys, places) if len(places) <= _FEW_RANKS else np.sort(keys))[places]


def _check_same(sizes: AnyArray, expected: AnyArray) -> None:
    if not np.array_equal(sizes, expected):
        raise ChangedError("the values changed while they were looked at")


def _bin_bits(spans: int, ranks: int) -> int:
    """The binary logarithm of the bins for each of so many spans, at least 2 bins."""
    few, hundreds, more = _BIN_BITS
    bits = few if ranks <= _FEW_RANKS else hundreds if ranks <= _HUNDREDS else more
    return max(1, min(bits, more - (spans - 1).bit_length()))


def _shifts(spans: AnyArray, bits: int) -> AnyArray:
    """The binary logarithms of the keys in a bin, with up to ``1 << bits`` bins."""
    widths = (spans[:, 1] - spans[:, 0]).tolist()
    return np.array([max(0, width.bit_length() - bits) for width in widths], np.uint64)


# ---- the sample ----


def _sample(
    backend: Backend, held: Sequence[Source], dtype: np.dtype[Any], whole: tuple[int, int]
) -> tuple[AnyArray, float]:
    """Keys of some of the finite values that count, and how many of them as a part of all."""
    total = sum(source.values.size for source in held)
    if total < LEAST_SAMPLED or dtype.itemsize <= 2:  # which is one pass anyway
        return np.empty(0, np.uint64), 1.0
    count = min(total, _LEAST_SAMPLE + round(total ** (2 / 3) / 2), _MOST_SAMPLE)
    some = (_some(source, math.ceil(count * source.values.size / total)) for source in held)
    span = np.array([whole], np.uint64)
    keys = _collect(backend, ((source, 1) for source in some), span, count + 1)
    return keys, count / total


def _some(source: Source, count: int) -> Source:
    """As many of the values, one from each stretch of them.

    Where in the stretch it is taken follows the golden ratio, so that nothing periodic in the
    values keeps step with it.
    """
    number = np.arange(count)
    place = (number + (number * 0.6180339887498949) % 1) * (source.values.size / count)
    return _taken(source, np.minimum(place.astype(np.intp), source.values.size - 1))


def _taken(source: Source, at: AnyArray) -> Source:
    """The values that are at these places in C order."""

    def taken(array: AnyArray) -> AnyArray:
        if array.flags.c_contiguous:
            some: AnyArray = array.reshape(-1)[at]
        else:
            some = array[np.unravel_index(at, array.shape)]
        return some

    masks = tuple(taken(mask) for mask in source.masks)
    minus = None if source.minus is None else _taken(source.minus, at)
    return Source(taken(source.values), masks, source.invalid, minus)


def _brackets(sample: AnyArray, share: float, ranks: AnyArray) -> list[tuple[int, int]]:
    """Between which places in the sample each rank is most probably: disjoint, ascending.

    The first may be below 0, the second beyond the end.
    """
    brackets: list[tuple[int, int]] = []
    count = len(sample)
    for rank in ranks.tolist():
        part = min(1.0, rank * share / count)
        margin = _MARGIN * math.sqrt(count * part * (1 - part)) + _LEAST_MARGIN
        low, high = math.floor(count * part - margin), math.ceil(count * part + margin)
        if brackets and low <= brackets[-1][1] + 1:
            brackets[-1] = brackets[-1][0], max(high, brackets[-1][1])
        else:
            brackets.append((low, high))
    return brackets


def _cut(
    whole: tuple[int, int], sample: AnyArray, brackets: Sequence[tuple[int, int]]
) -> tuple[AnyArray, AnyArray]:
    """The whole cut into the brackets and what is between, and which of these are to be kept.

    A key at an end of a bracket that the sample has more than once may be the key of any number
    of values: it becomes a span of its own, which is counted.
    """
    count = len(sample)
    near = {place + d for bracket in brackets for place in bracket for d in (-1, 0, 1)}
    places = sorted(place for place in near if 0 <= place < count)
    values = np.partition(sample, places)[places].tolist() if places else []
    key = dict(zip(places, values, strict=True))

    def tied(place: int) -> bool:
        return place in key and key[place] in (key.get(place - 1), key.get(place + 1))

    spans: list[tuple[int, int]] = []
    kept: list[bool] = []

    def add(first: int, last: int, keep: bool) -> None:
        if first <= last:
            spans.append((first, last))
            kept.append(keep and first < last)

    start, end = whole
    for low, high in brackets:
        first, last = max(start, key.get(low, whole[0])), key.get(high, end)
        add(start, first - 1, False)
        if tied(low) and first == key[low] and first < last:
            add(first, first, False)
            first += 1
        if tied(high):
            add(first, last - 1, True)
            first = max(first, last)
        add(first, last, True)
        start = max(start, last + 1)
    add(start, end, False)
    return np.array(spans, np.uint64), np.array(kept)


def _stretches(whole: tuple[int, int], sample: AnyArray, bits: int) -> AnyArray:
    """The whole cut where the sample has values, and what is around; see `Backend.count`.

    There are up to ``1 << bits`` bins and some, the more in a stretch the more of the sample
    is in it. It is cut where it has the widest gaps: keys may be far apart though values are
    not, such as those to both sides of 0, since most floats are near to it.
    """
    start, last = whole
    sample = np.sort(sample)
    gaps = np.diff(sample)
    wide = (sample[-1] - sample[0]) >> np.uint64(_CUTS)
    cuts = [cut for cut in np.sort(np.argsort(gaps)[-_CUTS:]).tolist() if gaps[cut] > wide]
    spans: list[tuple[int, int, int]] = []

    def add(first: int, last: int, bits: int) -> None:
        if first <= last:
            spans.append((first, last, max(0, (last - first).bit_length() - max(1, bits))))

    for begin, end in pairwise([-1, *cuts, len(sample) - 1]):
        first, stop = int(sample[begin + 1]), int(sample[end])
        add(start, first - 1, 1)
        add(first, stop, bits + math.floor(math.log2((end - begin) / len(sample))))
        start = stop + 1
    add(start, last, 1)
    return np.array(spans, np.uint64)


# ---- passes over all arrays ----


def _count(backend: Backend, parts: Iterable[Part], spans: AnyArray) -> tuple[AnyArray, AnyArray]:
    """`Backend.count` of all parts together."""
    total: tuple[AnyArray, AnyArray] | None = None
    for source, threads in parts:
        for counts, bounds in _each(partial(_counted, backend, spans), source, threads):
            if total is None:
                total = counts, bounds
                continue
            total[0][...] += counts
            total[1][0] = np.minimum(total[1][0], bounds[0])
            total[1][1] = np.maximum(total[1][1], bounds[1])
    if total is None:  # no arrays at all
        cells = int(bin_counts(spans).sum())
        total = np.zeros(cells, np.uint64), np.zeros((2, len(spans)), np.uint64)
    return total


def _counted(backend: Backend, spans: AnyArray, source: Source) -> tuple[AnyArray, AnyArray]:
    return backend.count(source, spans)


def _collect(backend: Backend, parts: Iterable[Part], spans: AnyArray, room: int) -> AnyArray:
    """Keys in the spans, (first, last); no more than *room* from any part."""
    unshifted = np.column_stack([spans, np.zeros(len(spans), np.uint64)])
    found = [np.empty(0, np.uint64)]
    for source, threads in parts:
        found += _each(lambda part: backend.collect(part, unshifted, room), source, threads)
    return np.concatenate(found)


def _select(
    backend: Backend, parts: Iterable[Part], spans: AnyArray, kept: int, room: int
) -> tuple[AnyArray, AnyArray]:
    """`Backend.select` of all parts together; no more than *room* keys from any."""
    unshifted = np.column_stack([spans, np.zeros(len(spans), np.uint64)])
    sizes = np.zeros(len(spans), np.int64)
    found = [np.empty(0, np.uint64)]
    for source, threads in parts:
        for own_sizes, keys in _each(
            lambda part: backend.select(part, unshifted, kept, room), source, threads
        ):
            sizes += own_sizes.astype(np.int64)
            found.append(keys)
    return sizes, np.concatenate(found)


def _each(function: Callable[[Source], Any], source: Source, threads: int) -> list[Any]:
    """A function of each of the parts of an array, one a thread."""
    if threads == 1:
        return [function(source)]
    parts = [source.part(where) for where in split(source.values.shape, threads)]
    results: list[Any] = [None] * len(parts)

    def call(number: int) -> None:
        results[number] = function(parts[number])

    run([partial(call, number) for number in range(len(parts))])
    return results
