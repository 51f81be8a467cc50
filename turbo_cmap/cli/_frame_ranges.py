"""The range of each frame's colors, over time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..arguments import as_source
from ..colorizer import Colorizer
from ..kernels import get_backend
from ..ranges import OneArray
from ._coloring import Coloring
from ._digits import range_text
from ._range import POSITIVE, limits_of

if TYPE_CHECKING:
    from ..io import Raster

#: From the frames to the colorizer of each.
Choice = Callable[["Raster"], Colorizer]


def same(colorizer: Colorizer) -> Choice:
    """One range for all frames: "shared" and "fixed"."""
    return lambda _: colorizer


class Following:
    """A range for each frame: its own, or one that follows it.

    With limits x of a frame's own values (percentiles, with --robust), the limits in use are

        s = x                       in the first frame
        s = s + a * (x - s)         in others, a = 1 - exp(-1 / (fps * seconds))

    so that after *seconds* a step has been made up for to 63 %, and after three times as
    many to 95 %. A frame without valid values changes nothing. With *seconds* of 0, a is 1:
    each frame has its own range.

    Parameters
    ----------
    coloring : Coloring
    fps : Fraction
    seconds : float
    """

    def __init__(self, coloring: Coloring, fps: Fraction, seconds: float) -> None:
        self._coloring = coloring
        self._share = 1.0 if seconds == 0 else -math.expm1(-1 / (float(fps) * seconds))
        self._limits: tuple[float, float] | None = None

    def __call__(self, raster: Raster) -> Colorizer:
        """The colorizer of the next frame."""
        coloring = self._coloring
        source = as_source("colorize", raster.scaled(), raster.mask)
        data = OneArray(get_backend(coloring.backend), source, 1)
        found = limits_of(data, coloring)
        low, high = (data.within(0.0) if coloring.norm in POSITIVE else data).extent()
        if low <= high:
            self._limits = found if self._limits is None else self._nearer(self._limits, found)
        colorizer = self._colorizer(self._limits or found)
        if coloring.norm == "equalize":  # which has more than its limits to find
            colorizer.fit(raster.scaled(), mask=raster.mask)
        return colorizer

    def _nearer(self, held: tuple[float, float], found: tuple[float, float]) -> tuple[float, float]:
        share = self._share
        if share == 1:
            return found
        return held[0] + share * (found[0] - held[0]), held[1] + share * (found[1] - held[1])

    def _colorizer(self, limits: tuple[float, float]) -> Colorizer:
        fixed = replace(self._coloring, vmin=limits[0], vmax=limits[1])
        return Colorizer(**fixed.arguments)


class Spanned:
    """All ranges that were used."""

    def __init__(self) -> None:
        self.low: Any = math.inf
        self.high: Any = -math.inf
        self._dtype: np.dtype[Any] | None = None

    def add(self, colorizer: Colorizer, dtype: np.dtype[Any]) -> None:
        """One more, of values of this dtype."""
        self._dtype = dtype if self._dtype is None else np.promote_types(self._dtype, dtype)
        self.low = min(self.low, cast(float, colorizer.vmin))
        self.high = max(self.high, cast(float, colorizer.vmax))

    def __bool__(self) -> bool:
        """Whether there was one."""
        return bool(self.low <= self.high)

    def __str__(self) -> str:
        return range_text(self.low, self.high, None, self._dtype)
