"""Which stored values a file itself says are no measurements."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray


class Validity(NamedTuple):
    """What a file's tags say about its stored values, before scale and offset.

    Attributes
    ----------
    nodata : tuple of numbers
        Values that mean "no measurement". One that the values' dtype cannot hold means
        nothing, as in GDAL; NaN needs no mask.
    low, high : number or None
        Values below and above are none.
    """

    nodata: tuple[int | float, ...] = ()
    low: int | float | None = None
    high: int | float | None = None

    def mask(self, values: AnyArray) -> BoolArray | None:
        """Where there is no measurement; None where there is one everywhere."""
        parts = [
            values == one
            for one in (held(values.dtype, number) for number in self.nodata)
            if one is not None
        ]
        if self.low is not None:
            parts.append(values < self.low)
        if self.high is not None:
            parts.append(values > self.high)
        if not parts:
            return None
        mask: BoolArray = np.logical_or.reduce(parts) if len(parts) > 1 else parts[0]
        return mask if mask.any() else None


#: Every value is a measurement.
NOTHING = Validity()


def held(dtype: np.dtype[Any], number: int | float) -> Any:
    """A number as a dtype holds it; None where it cannot, and for NaN.

    A float is held by a narrower one that is its nearest, as -99.9 is in a float32 file,
    but not where that is infinite, or 0.
    """
    native = dtype.newbyteorder("=")
    if isinstance(number, float) and math.isnan(number):
        return None
    if native.kind == "f":
        try:
            with np.errstate(all="ignore"):
                cast = native.type(number)
        except OverflowError:  # an integer beyond all floats
            return None
        same = bool(cast) == bool(number) and bool(np.isinf(cast)) == math.isinf(number)
        return cast if same else None
    if isinstance(number, float) and not number.is_integer():
        return None
    low, high = (0, 1) if native.kind == "b" else _limits(native)
    return native.type(int(number)) if low <= number <= high else None


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def as_number(text: str) -> int | float | None:
    """A number as tags spell it; integers stay exact. None where it is none."""
    for kind in (int, float):
        try:
            number: int | float = kind(text.strip().strip("\0"))
        except (ValueError, OverflowError):
            continue
        return number
    return None
