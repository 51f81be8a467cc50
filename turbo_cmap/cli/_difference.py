"""The picture of a difference: what `diff` writes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ..accuracy import ErrorStatistics
from ..colorizer import Colorizer
from ..io import Recipe
from ..kitti import COLORS, EDGES, kitti_error
from ..legend import colorbar
from ..scale import is_single
from ._coloring import Coloring
from ._digits import count_text, range_text
from ._dress import titled
from ._layout import Box, Page, painted
from ._numbers import Numbers, grown, numbers_of, shrunk
from ._recipes import recipe_of

if TYPE_CHECKING:
    from .._typing import AnyArray

_KITTI_LABEL = "Error / max(3 px, 5 %)"
#: Beyond the limit: a pale violet and a pink, which are far from all colors of Turbo and black.
_UNDER, _OVER = "#c0b0ff", "#ff99cc"
#: What limits are rounded up to, times a power of ten.
_ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


class Drawn(NamedTuple):
    """The picture of a difference."""

    picture: AnyArray
    recipe: Recipe | None
    limit: float
    under: int  # how many pixels are below the limit's negative
    over: int  # and above the limit
    compared: int  # of all


class Compared(NamedTuple):
    """An estimate and the truth of the same size."""

    estimate: Numbers
    truth: Numbers
    unit: str | None

    @property
    def masked(self) -> tuple[AnyArray, AnyArray]:
        """Both as NumPy has it."""
        first, second = self.estimate, self.truth
        return (
            np.ma.MaskedArray(first.values, ~first.measured),
            np.ma.MaskedArray(second.values, ~second.measured),
        )

    @property
    def error(self) -> Numbers:
        """Estimate minus truth, subtracted as `colorize_difference` does it."""
        first, second = self.estimate.values, self.truth.values
        both = self.estimate.measured & self.truth.measured
        single = is_single(first.dtype) and is_single(second.dtype)
        kind = np.float32 if single else np.float64
        with np.errstate(invalid="ignore", over="ignore"):
            error = first.astype(kind) - second.astype(kind)
        return Numbers(error, both & ~np.isnan(error))


@dataclass(frozen=True)
class Look:
    """How a difference is shown.

    Attributes
    ----------
    cmap : str or None
        None is the diverging Turbo.
    limit : float, "max" or None
        The difference of the last color; "max" is the largest, and None is what *robust*
        says, rounded up.
    robust : (lo, hi)
        Percentiles of the differences; the further from zero of the two counts.
    bad, under, over : str or None
        Under and over are by default colors that are no others of Turbo, or of another map
        its own ones.
    kitti : bool
        The error map of KITTI 2015 instead.
    colorbar : {"right", "bottom"} or None
    panels : bool
        Estimate and truth to the left.
    title : str
    max_size : int or None
    dilate : int
    theme : {"light", "dark"}
    """

    cmap: str | None = None
    limit: float | Literal["max"] | None = None
    robust: tuple[float, float] = (2, 98)
    bad: str | None = None
    under: str | None = None
    over: str | None = None
    kitti: bool = False
    colorbar: Literal["right", "bottom"] | None = None
    panels: bool = False
    title: str = ""
    max_size: int | None = None
    dilate: int = 0
    theme: Literal["light", "dark"] = "light"

    def draw(self, compared: Compared, title: Callable[[float], str]) -> Drawn:
        """The picture of a difference.

        *title* is asked for the title when the limit is known.

        The limit and KITTI's errors are those of all pixels, whatever *max_size* and *dilate*
        do to what is shown.
        """
        error = compared.error
        limit = self._limit(error)
        beyond, count = _beyond(error, limit), int(np.count_nonzero(error.measured))
        colors = self._colors(limit, beyond)
        colorizer = Colorizer(**colors.arguments)
        box = self._kitti(compared) if self.kitti else painted(self._paint(colorizer, error))
        height, width = box.height, box.width
        page = Page.for_pictures(self.theme, height, (3 if self.panels else 1) * width)
        side = self.colorbar or ("bottom" if self.panels else None)
        if side is not None:
            length = height if side == "right" else width
            bar = (
                self._kitti_bar(page, side, length)
                if self.kitti
                else page.bar(
                    colorizer,
                    side,
                    length,
                    label="Error",
                    unit=compared.unit,
                    extend="both" if any(beyond) else "neither",
                )
            )
            box = (page.row if side == "right" else page.column)([box, bar])
        if self.panels:
            assert side is not None
            box = self._beside(page, compared, box, side)
        text = title(limit)
        if text:
            box = page.column([titled(page, text, box.width), box])
        if side is not None or text or self.panels:
            box = page.framed(box)
        if self.kitti:
            return Drawn(box.picture, None, limit, *beyond, count)
        size = (box.width, box.height)
        recipe = recipe_of(
            replace(colors, vmin=-limit), compared.unit, region=box.region, size=size
        )
        return Drawn(box.picture, recipe, limit, *beyond, count)

    def _limit(self, error: Numbers) -> float:
        """The difference of the last color."""
        if isinstance(self.limit, (int, float)):
            return self.limit
        unmeasured = ~error.measured
        if self.limit == "max":
            return Colorizer(center=0.0).fit(error.values, mask=unmeasured).vmax or 0.0
        found = Colorizer(center=0.0, robust=self.robust)
        limit = found.fit(error.values, mask=unmeasured).vmax
        if not limit:  # nearly all is right: then it is that of what is wrong
            found = Colorizer(center=0.0, robust=self.robust)
            limit = found.fit(error.values, mask=unmeasured | (error.values == 0)).vmax
        return rounded_up(limit or 0.0)

    def _colors(self, limit: float, beyond: tuple[int, int]) -> Coloring:
        under, over = self.under, self.over
        if self.cmap is None or self.cmap.startswith("turbo"):
            under, over = under or _UNDER, over or _OVER
        if not any(beyond):
            under = over = None
        return Coloring(
            cmap=self.cmap, vmax=limit, center=0.0, bad=self.bad, under=under, over=over
        )

    def _paint(self, colorizer: Colorizer, numbers: Numbers) -> AnyArray:
        if self.dilate:
            # Of several errors the one that is farthest from zero.
            low, high = (grown(numbers, self.dilate, greatest=one) for one in (False, True))
            farther = np.where(np.abs(low.values) > np.abs(high.values), low.values, high.values)
            numbers = Numbers(farther, low.measured)
        if self.max_size is not None:
            numbers = shrunk(numbers, self.max_size)
        return colorizer(numbers.values, mask=~numbers.measured)

    def _kitti(self, compared: Compared) -> Box:
        picture, _ = kitti_error(*compared.masked, dilate=self.dilate)
        if self.max_size is not None:
            every = np.arange(picture.size // 3).reshape(picture.shape[0], -1)
            places = shrunk(numbers_of(every), self.max_size).values
            picture = picture.reshape(-1, 3)[places]
        return Box(picture)

    def _kitti_bar(self, page: Page, side: Literal["right", "bottom"], length: int) -> Box:
        def name(position: float) -> str:
            edge = EDGES[round(position) - 1]
            return f"{edge:g}" if edge >= 1 else f"1/{round(1 / edge)}"

        # All colors are equally wide, so that the bar's scale is that of their numbers.
        return Box(
            colorbar(
                COLORS,
                vmin=0,
                vmax=len(COLORS),
                ticks=range(1, len(COLORS)),
                format=name,
                orientation="vertical" if side == "right" else "horizontal",
                length=max(length, 6 * page.letters),
                label=_KITTI_LABEL,
                theme=self.theme,
                font_size=page.letters,
            )
        )

    def _beside(
        self, page: Page, compared: Compared, last: Box, side: Literal["right", "bottom"]
    ) -> Box:
        """Estimate and truth, on one range, to the left of the difference."""
        both = (compared.estimate, compared.truth)
        colors = Colorizer(bad=self.bad).fit(list(compared.masked))
        greatest = compared.unit == "px"
        columns = []
        for name, numbers in zip(("Estimate", "Truth"), both, strict=True):
            shown = numbers
            if self.dilate:
                shown = grown(shown, self.dilate, greatest=greatest)
            if self.max_size is not None:
                shown = shrunk(shown, self.max_size)
            picture = Box(colors(shown.values, mask=~shown.measured))
            length = picture.height if side == "right" else picture.width
            bar = page.bar(colors, side, length, label=name, unit=compared.unit)
            columns.append((page.row if side == "right" else page.column)([picture, bar]))
        return page.row([*columns, last])


def rounded_up(limit: float) -> float:
    """The next readable number: 5 for 4.3, 0.3 for 0.27."""
    if not 0 < limit < math.inf:
        return limit
    exponent = math.floor(math.log10(limit))
    least = limit * (1 - 1e-6)  # 0.3 in float32 is 0.3
    readable = (float(f"{one}e{exponent}") for one in _ROUND)
    found = next((one for one in readable if one >= least), limit)
    return found if math.isfinite(found) else limit


def _beyond(error: Numbers, limit: float) -> tuple[int, int]:
    """How many differences are below and above the limits."""
    values, measured = error
    return (
        int(np.count_nonzero((values < -limit) & measured)),
        int(np.count_nonzero((values > limit) & measured)),
    )


def shown_text(drawn: Drawn, unit: str, dtype: np.dtype[Any]) -> str:
    """The range of a picture, and what is beyond it."""
    text = f"range {range_text(-drawn.limit, drawn.limit, unit, dtype)}"
    beyond = drawn.under + drawn.over
    if not beyond:
        return text
    share = f"{100 * beyond / drawn.compared:.2g} %"
    return f"{text}  {count_text(drawn.under, 'pixel')} under it, {drawn.over} over ({share})"


def benchmark_d1(compared: Compared) -> float:
    """D1 as KITTI computes it: gaps of the estimate are filled first."""
    return kitti_error(*compared.masked)[1]


def title_fields(stem: str, limit: float, unit: str, s: ErrorStatistics) -> dict[str, Any]:
    """What the title of a difference may contain."""
    from ._dress import Short

    numbers = {"bias": s.bias, "mae": s.mae, "rmse": s.rmse, "limit": limit}
    return {"stem": stem, "unit": unit, **{name: Short(one) for name, one in numbers.items()}}


#: Names of these fields.
TITLE_FIELDS = ("stem", "unit", "bias", "mae", "rmse", "limit")
