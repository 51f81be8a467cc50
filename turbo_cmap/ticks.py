"""Which values to mark along a scale, and how to write them.

Values are decimals until they are drawn, so that what is written is what is marked.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from ._typing import FloatArray

#: Values to positions in [0, 1], strictly monotone.
Positions: TypeAlias = Callable[[FloatArray], FloatArray]
#: Whether labels at positions leave each other enough room.
Fits: TypeAlias = Callable[[Sequence[float], Sequence[str]], bool]
#: "linear" is one step throughout; "log" has all decades alike; "other" is any scale.
Kind: TypeAlias = Literal["linear", "log", "other"]

#: Enough for multiples of a step of 1e-308 in doubles, and independent of the user's.
_EXACT = Context(prec=700)
#: Mantissas from the most to the least welcome.
_MANTISSAS = (
    ("2", "5"),
    ("3", "6", "8", "4"),
    ("1.5", "7", "9", "2.5"),
    ("1.2", "1.4", "1.6", "1.8"),
)
#: The same for scales on which all decades look alike: each line is taken whole.
_LOG_MANTISSAS = (("2", "5"), ("3",), ("2", "3", "4", "5", "6", "7", "8", "9"))

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS = "\u2212"
_GROUP = "\u2009"  # a thin space
#: Numbers from here on, or with more decimals, are written in powers of ten.
_LARGE = Decimal(1_000_000)
_MOST_DECIMALS = 4
_SMALL = Decimal("0.01")


class Ticks(NamedTuple):
    """Marks along a scale.

    Attributes
    ----------
    values : tuple of float
        Where the labels are, ascending.
    labels : tuple of str
        What they say, in units of ``10**exponent``.
    minor : tuple of float
        Where there are marks without labels, ascending.
    exponent : int
        0, or a multiple of 3.
    """

    values: tuple[float, ...]
    labels: tuple[str, ...]
    minor: tuple[float, ...] = ()
    exponent: int = 0


def choose(
    lo: float,
    hi: float,
    positions: Positions,
    kind: Kind = "linear",
    *,
    center: float | None = None,
    most: int = 8,
    fits: Fits | None = None,
    finest: float = 0.01,
) -> Ticks:
    """Nice marks for a scale: as many as there is room for.

    Parameters
    ----------
    lo, hi : float
        Its limits, finite, ``lo <= hi``.
    positions : callable
        Where on it values are.
    kind : {"linear", "log", "other"}
        "linear" has one step; "log" decades, and parts of all decades or of none; "other"
        whichever of the two leaves the smaller gaps, with the parts of each decade for
        which there is room.
    center : float, optional
        A value to be marked, with the others symmetric about it.
    most : int, default 8
        Labels, at least 1. They are at least ``1 / most`` apart.
    fits : callable, optional
        Whether labels leave each other enough room.
    finest : float, default 0.01
        How far apart marks without labels are at least.

    Returns
    -------
    Ticks
        At least one.
    """
    with localcontext(_EXACT):
        room = _Room(lo, hi, positions, most, fits)
        if lo == hi:
            return _written([_shortest(lo)], room)
        steady = _one_step(room, center)
        if kind == "linear":
            return _written(steady or _ends(room, center), room)
        graded = _graded(room, kind, center)
        if kind == "other" or not graded or len(graded) < 2:
            graded = min((t for t in (steady, graded) if t), key=room.largest_gap, default=[])
        if not graded:
            graded = _ends(room, center)
        ticks = _written(graded, room)
        if graded is steady:
            return ticks
        return ticks._replace(minor=_between(room, ticks.values, finest))


def place(lo: float, hi: float, given: Sequence[float]) -> Ticks:
    """Marks at values that somebody chose: those within the limits, written alike."""
    inside = sorted({float(value) for value in given if lo <= value <= hi})
    with localcontext(_EXACT):
        decimals = [_shortest(value) for value in inside]
        if hi > lo:  # what is computed, as 0.1 + 0.2, is written as 0.3
            unit = Decimal(1).scaleb((_shortest(hi) - _shortest(lo)).adjusted() - 6)
            decimals = [value.quantize(unit).normalize() for value in decimals]
        labels, exponent = _labels(decimals)
    return Ticks(tuple(inside), tuple(labels), (), exponent)


def power(exponent: int) -> str:
    """``10**exponent``, written with a superscript."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


class _Room:
    """The scale to be marked, and for how many marks there is room on it."""

    def __init__(
        self, lo: float, hi: float, positions: Positions, most: int, fits: Fits | None
    ) -> None:
        self.lo, self.hi, self.most = lo, hi, max(1, most)
        self._positions = positions
        self._fits = fits

    def positions(self, values: Sequence[Decimal]) -> list[float]:
        floats = np.array([float(value) for value in values])
        found: list[float] = np.clip(self._positions(floats), 0.0, 1.0).tolist()
        return found

    def holds(self, value: Decimal) -> bool:
        return self.lo <= float(value) <= self.hi

    def fits(self, values: Sequence[Decimal]) -> bool:
        """Whether there is room for these, in any order."""
        if len(values) > self.most:
            return False
        ordered = sorted(values)
        where = self.positions(ordered)
        if len(values) > 1:
            apart = np.abs(np.diff(where))
            if not apart.min() >= (1 - 1e-9) / self.most:
                return False
        return self._fits is None or self._fits(where, _labels(ordered)[0])

    def largest_gap(self, values: Sequence[Decimal]) -> float:
        return float(np.diff(sorted([0.0, *self.positions(values), 1.0])).max())


def _one_step(room: _Room, center: float | None) -> list[Decimal]:
    """Multiples of the finest nice step that fits; [] if fewer than two do, none at a center."""
    lo, hi = _shortest(room.lo), _shortest(room.hi)
    origin = Decimal(0) if center is None else _shortest(center)
    # Steps that doubles cannot tell apart would be marked in the wrong places.
    least = Decimal(math.ulp(max(abs(room.lo), abs(room.hi))))
    for step in _steps(max((hi - lo) / room.most, 2 * least)):
        first = int(((lo - origin) / step).to_integral_value(ROUND_CEILING))
        last = int(((hi - origin) / step).to_integral_value(ROUND_FLOOR))
        if center is not None:
            # Limits are rounded: the last of the one side may be just out on the other.
            reach = max(-first, last)
            marks = [origin + k * step for k in range(-reach, reach + 1)]
            if len(marks) == 1:
                return []
            marks = [mark for mark in marks if room.holds(mark) or mark == origin]
        else:
            if last - first < 1:
                return []
            marks = [k * step for k in range(first, last + 1)]
            marks = [mark for mark in marks if room.holds(mark)]
            if len(marks) < 2:
                return []
        if room.fits(marks):
            return marks
    return []


def _steps(least: Decimal) -> Iterator[Decimal]:
    """1, 2, 2.5 and 5 times powers of ten, from *least* on."""
    exponent = least.adjusted()
    while True:
        for mantissa in ("1", "2", "2.5", "5"):
            step = Decimal(mantissa).scaleb(exponent)
            if step >= least:
                yield step
        exponent += 1


def _graded(room: _Room, kind: Kind, center: float | None) -> list[Decimal]:
    """Zero, powers of ten, then their simplest multiples as far as they fit."""
    chosen: list[Decimal] = []
    for anchor in (center, 0.0):
        if anchor is not None and room.lo <= anchor <= room.hi:
            anchored = [*chosen, _shortest(anchor)]
            chosen = anchored if room.fits(anchored) or not chosen else chosen
    exponents = _exponents(room)
    stride = 1 << len(exponents).bit_length()
    while stride >= 1:
        # Every eighth power, every fourth, ...: they stay evenly spaced.
        fresh = [Decimal(1).scaleb(e) for e in exponents if e % stride == 0]
        chosen, whole = _with(room, chosen, fresh, kind)
        if not whole and kind == "log" and len(chosen) > 1:
            return chosen
        stride //= 2
    if len(exponents) > 2 * room.most:
        return chosen
    for mantissas in _LOG_MANTISSAS if kind == "log" else _MANTISSAS:
        fresh = [Decimal(m).scaleb(e) for m in mantissas for e in exponents]
        chosen, _ = _with(room, chosen, fresh, kind)
    return chosen


def _exponents(room: _Room) -> range:
    """The decades that a scale touches; near 0 down to where marks cannot be told apart."""
    top = max(abs(room.lo), abs(room.hi))
    if room.lo > 0 or room.hi < 0:
        bottom = min(abs(room.lo), abs(room.hi))
    else:
        bottom = top
        zero = room.positions([Decimal(0)])[0]
        while bottom > 1e-300 and bottom > 1e-12 * top:
            near = Decimal(bottom / 10 if room.hi > 0 else -bottom / 10)
            if abs(room.positions([near])[0] - zero) < 1e-3:
                break
            bottom /= 10
    return range(Decimal(bottom).adjusted(), Decimal(top).adjusted() + 1)


def _with(
    room: _Room, chosen: list[Decimal], fresh: Sequence[Decimal], kind: Kind
) -> tuple[list[Decimal], bool]:
    """Those of *fresh* that fit beside *chosen* added, both signs at once; on "log" all or none."""
    groups = []
    for value in fresh:
        signed = [s for s in (-value, value) if room.holds(s) and s not in chosen]
        if signed:
            groups.append(signed)
    if kind == "log":
        added = [*chosen, *itertools.chain(*groups)]
        return (added, True) if room.fits(added) else (chosen, False)
    whole = True
    for group in groups:
        if room.fits([*chosen, *group]):
            chosen = [*chosen, *group]
        else:
            whole = False
    return chosen, whole


def _ends(room: _Room, center: float | None) -> list[Decimal]:
    """The limits, rounded inwards to few digits; or one of them, or a center."""
    if center is not None:
        return [_shortest(center)]
    lo, hi = _shortest(room.lo), _shortest(room.hi)
    for digits in range(3):
        unit = Decimal(1).scaleb((hi - lo).adjusted() - digits)
        first = (lo / unit).to_integral_value(ROUND_CEILING) * unit
        last = (hi / unit).to_integral_value(ROUND_FLOOR) * unit
        pair = [end for end in (first, last) if room.holds(end)]
        if len(pair) == 2 and float(first) < float(last) and room.fits(pair):
            where = room.positions(pair)
            if digits == 2 or abs(where[1] - where[0]) > 0.95:
                return pair
    # Not even these: of all numbers in the range the one with the fewest digits.
    for exponent in range(max(abs(lo), abs(hi)).adjusted(), unit.adjusted() - 20, -1):
        rounded = (lo.scaleb(-exponent)).to_integral_value(ROUND_CEILING).scaleb(exponent)
        if room.holds(rounded):
            return [rounded]
    return [lo]


def _between(room: _Room, values: Sequence[float], finest: float) -> tuple[float, ...]:
    """Marks without labels: 1, 2, ... 9 in each decade that has room for them."""
    taken = [Decimal(repr(value)) for value in values]
    minor: list[float] = []
    exponents = _exponents(room)
    if len(exponents) > 1 / finest:
        return ()
    for exponent, sign in itertools.product(exponents, (-1, 1)):
        decade = [sign * Decimal(digit).scaleb(exponent) for digit in range(1, 11)]
        decade = [value for value in decade if room.holds(value)]
        if len(decade) > 1 and np.abs(np.diff(room.positions(decade))).min() >= finest:
            minor += [float(value) for value in decade if value not in taken]
        elif decade and decade[0] == sign * Decimal(1).scaleb(exponent):
            minor += [float(decade[0])] if decade[0] not in taken else []
    kept: list[float] = []
    last = -math.inf
    fixed = sorted(room.positions(taken))
    order = sorted(set(minor), key=lambda value: room.positions([Decimal(value)])[0])
    for value in order:
        where = room.positions([Decimal(value)])[0]
        if where - last >= finest and all(abs(where - other) >= finest for other in fixed):
            kept.append(value)
            last = where
    return tuple(sorted(kept))


# --- how they are written ---


def _shortest(value: float) -> Decimal:
    """The decimal with the fewest digits that is this double."""
    return Decimal(repr(float(value)))


def _written(values: Sequence[Decimal], room: _Room) -> Ticks:
    ordered = sorted(values)
    labels, exponent = _labels(ordered)
    floats = tuple(min(max(float(value), room.lo), room.hi) for value in ordered)
    return Ticks(floats, tuple(labels), (), exponent)


def _labels(values: Sequence[Decimal]) -> tuple[list[str], int]:
    """What to write at values, and the exponent of the power of ten that goes with all of them.

    Values of about one size have the same number of decimals; those that span more than two
    decades have as many as each needs.
    """
    shown = [abs(value) for value in values if value]
    if not shown:
        return ["0"] * len(values), 0
    largest, smallest = max(shown), min(shown)
    plain = [value.normalize() for value in values]
    decimals = [max(0, -int(value.as_tuple().exponent)) for value in plain]
    digits = [len(value.as_tuple().digits) for value in plain]
    if largest >= 100 * smallest and max(digits) <= 2:
        if largest < _LARGE and max(decimals) <= _MOST_DECIMALS:
            return [_plain(value, places) for value, places in zip(plain, decimals, strict=True)], 0
        return [_scientific(value) for value in plain], 0
    exponent = _common_exponent(plain, largest, max(decimals))
    scaled = [value.scaleb(-exponent).normalize() for value in plain]
    places = max(max(0, -int(value.as_tuple().exponent)) for value in scaled)
    return [
        _plain(value, places, group=max(map(abs, scaled)) >= 10_000) for value in scaled
    ], exponent


def _common_exponent(values: Sequence[Decimal], largest: Decimal, decimals: int) -> int:
    """A multiple of 3 to take out of huge and tiny numbers, 0 where that makes none shorter."""
    first = 3 * (largest.adjusted() // 3)
    if largest >= _LARGE:
        candidates = range(first, 0, -3)
    elif largest < _SMALL and decimals > _MOST_DECIMALS:
        candidates = range(first, first - 7, -3)
    else:
        return 0
    for exponent in candidates:
        if all(
            -int(value.normalize().as_tuple().exponent) <= 3 - exponent for value in values if value
        ):
            return exponent
    return 0 if largest >= _LARGE else candidates[-1]


def _plain(value: Decimal, places: int, group: bool = True) -> str:
    text = f"{abs(value):,.{places}f}"
    if group and abs(value) >= 10_000:
        text = text.replace(",", _GROUP)
    text = text.replace(",", "")
    return (_MINUS if value < 0 else "") + text


def _scientific(value: Decimal) -> str:
    if not value:
        return "0"
    exponent = value.adjusted()
    mantissa = abs(value).scaleb(-exponent).normalize()
    front = "" if mantissa == 1 else f"{mantissa:f}×"
    return (_MINUS if value < 0 else "") + front + power(exponent)
