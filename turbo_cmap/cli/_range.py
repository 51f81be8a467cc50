"""The range that a picture's colours span, by the rules of `colorize`; how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import click
import numpy as np

from .._typing import AnyArray, BoolArray
from ..arguments import Source, as_source
from ..kernels import get_backend
from ..ranges import OneArray
from ..scaling import Data, Scaling, as_scaling
from ._coloring import Coloring


class UsedRange(NamedTuple):
    """Values of the first and the last colour, and how many values do not count."""

    vmin: float
    vmax: float
    invalid: int
    size: int


def used_range(
    values: AnyArray, mask: BoolArray | None, invalid: Sequence[float], coloring: Coloring
) -> UsedRange:
    """The range that `colorize` takes with these options.

    A limit that is given stays; the other is that of the finite values that count, or a
    percentile of them.
    """
    source = as_source("colorize", values, mask, invalid or None)
    lo, hi = limits_of(OneArray(get_backend(coloring.backend), source, 1), coloring)
    return UsedRange(lo, hi, count_invalid(source), values.size)


def limits_of(data: Data, coloring: Coloring) -> tuple[float, float]:
    """The values of the first and the last colour, of one array or of many."""
    fitted = scaling_of(coloring).fit(data, 1)
    return cast(float, fitted.vmin), cast(float, fitted.vmax)  # as norms by name all have


def is_known(coloring: Coloring) -> bool:
    """Whether the limits do not depend on the values."""
    return scaling_of(coloring).known() is not None


def limits_text(coloring: Coloring) -> str:
    """The limits of a coloring whose limits are known."""
    fitted = scaling_of(coloring).known()
    assert fitted is not None
    return range_text(cast(float, fitted.vmin), cast(float, fitted.vmax))


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


def range_text(vmin: float, vmax: float, unit: str | None = None) -> str:
    """A range as every verb writes it: "0.5 .. 80 m", in digits that give the limits back."""
    return f"{_shortest(vmin)} .. {_shortest(vmax)}{f' {unit}' if unit else ''}"


def _shortest(limit: float) -> str:
    """The fewest digits that give this limit back, so that it can be given as ``--vmin``."""
    return str(int(limit)) if limit.is_integer() and abs(limit) < 1e15 else repr(limit)
