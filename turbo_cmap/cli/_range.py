"""The range that a picture's colors span, by the rules of `colorize`."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import click
import numpy as np

from .._typing import AnyArray, BoolArray
from ..arguments import Source, as_source
from ..kernels import get_backend
from ..ranges import OneArray
from ..scaling import Data, Scaling, as_scaling
from ._coloring import Coloring
from ._digits import range_text

#: Norms that values of 0 and below do not count for.
POSITIVE = ("log", "inverse")


class UsedRange(NamedTuple):
    """Values of the first and the last color, and how many values do not count.

    Attributes
    ----------
    vmin, vmax : float
    invalid : int
        How many values are none.
    size : int
        Of all.
    dtype : dtype
        Of the values, scaled.
    nowhere : int
        How many are measured but have no place on the scale: of a logarithm, 0 and below.
    """

    vmin: float
    vmax: float
    invalid: int
    size: int
    dtype: np.dtype[Any]
    nowhere: int = 0

    def text(self, unit: str | None) -> str:
        """The range, as it is printed."""
        return range_text(self.vmin, self.vmax, unit, self.dtype)


def used_range(values: AnyArray, mask: BoolArray | None, coloring: Coloring) -> UsedRange:
    """The range that `colorize` takes with these options.

    A limit that is given stays; the other is that of the finite values that count, or a
    percentile of them.
    """
    source = as_source("colorize", values, mask)
    lo, hi = limits_of(OneArray(get_backend(coloring.backend), source, 1), coloring)
    counts = count_invalid(source), values.size, values.dtype, count_nowhere(source, coloring.norm)
    return UsedRange(lo, hi, *counts)


def limits_of(data: Data, coloring: Coloring) -> tuple[float, float]:
    """The values of the first and the last color, of one array or of many."""
    fitted = scaling_of(coloring).fit(data, 1)
    return cast(float, fitted.vmin), cast(float, fitted.vmax)  # as norms by name all have


def is_known(coloring: Coloring) -> bool:
    """Whether the limits do not depend on the values."""
    return scaling_of(coloring).known() is not None


def limits_text(coloring: Coloring, dtype: np.dtype[Any] | None = None) -> str:
    """The limits of a coloring whose limits are known, for values of this dtype."""
    fitted = scaling_of(coloring).known()
    assert fitted is not None
    return range_text(cast(float, fitted.vmin), cast(float, fitted.vmax), None, dtype)


def check_range(range_of: str | None, coloring: Coloring) -> None:
    """Refuse a fixed range without limits."""
    if range_of == "fixed" and not is_known(coloring):
        if coloring.norm == "equalize":
            raise click.UsageError(
                "--norm equalize counts values, so its range cannot be fixed; "
                "--range shared counts those of all files"
            )
        needed = "--vmax with --center" if coloring.center is not None else "--vmin and --vmax"
        raise click.UsageError(f"--range fixed needs {needed}")


def scaling_of(coloring: Coloring) -> Scaling:
    """The scale that is asked for."""
    asked = coloring.norm, coloring.vmin, coloring.vmax, coloring.center, coloring.robust
    return as_scaling("colorize", *asked)


def count_invalid(source: Source) -> int:
    """How many values do not count."""
    parts = list(source.masks)
    if source.values.dtype.kind == "f":
        parts.append(np.isnan(source.values))
    if source.invalid is not None:
        parts += [source.values == one for one in source.invalid]
    return int(np.count_nonzero(np.logical_or.reduce(parts))) if parts else 0


def count_nowhere(source: Source, norm: object) -> int:
    """How many values have no place on a scale that is of positive ones."""
    if norm not in POSITIVE:
        return 0
    low = source.values <= 0
    for mask in source.masks:
        low = low & ~mask
    return int(np.count_nonzero(low))
