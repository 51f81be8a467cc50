"""Which stored values a file itself says are no measurements."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray
from ..arguments import held


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
            for one in (_held(values.dtype, number) for number in self.nodata)
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


def _held(dtype: np.dtype[Any], number: int | float) -> Any:
    """As `held`; of text, it is chance whether a number is an integer."""
    try:
        return held(dtype, float(number) if dtype.kind == "f" else number)
    except OverflowError:  # an integer beyond all floats
        return None


def as_number(text: str) -> int | float | None:
    """A number as tags spell it; integers stay exact. None where it is none."""
    for kind in (int, float):
        try:
            number: int | float = kind(text.strip().strip("\0"))
        except (ValueError, OverflowError):
            continue
        return number
    return None
