"""Pictures, bars and lines of text put together to one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .._typing import AnyArray
from ..colormap import parse_color
from ..fonts import font
from ..io import Region
from ..legend import THEMES, Extend, colorbar

if TYPE_CHECKING:
    from ..colorizer import Colorizer

Theme = Literal["light", "dark"]
_SMALLEST_LETTERS = 11
#: The shortest bar, in letters: two numbers, one above the other.
_SHORTEST_BAR = 6


class Box(NamedTuple):
    """A part of a page."""

    picture: AnyArray  # uint8, (H, W, 3) or (H, W, 4)
    region: Region | None = None  # where the picture is that the recipe is of

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.picture.shape[0])

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.picture.shape[1])


def painted(picture: AnyArray) -> Box:
    """The picture that the recipe is of, as a part of a page."""
    return Box(picture, Region(0, 0, picture.shape[1], picture.shape[0]))


class Page(NamedTuple):
    """What everything on a page has in common."""

    theme: Theme
    letters: int  # their size, in pixels
    components: int  # 3, or 4: a transparent ground

    @classmethod
    def for_pictures(cls, theme: Theme, height: int, width: int, components: int = 3) -> Page:
        """With letters that suit pictures, side by side, of this height and width in all.

        Pages are shown at about one size, so letters grow with them, but not quite as fast.
        """
        size = round(6 + max(height / 60, width / 100))
        return cls(theme, max(_SMALLEST_LETTERS, min(size, height // 10)), components)

    @property
    def gap(self) -> int:
        """Between parts, and around them, in pixels."""
        return self.letters

    @property
    def ink(self) -> AnyArray:
        """RGB of letters."""
        return _levels(THEMES[self.theme].ink)

    @property
    def ground(self) -> AnyArray:
        """Color behind everything, with as many components as the page has."""
        ground = ground_of(self.theme)
        return ground if self.components == 3 else np.append(ground, np.uint8(0))

    def blank(self, height: int, width: int) -> Box:
        """Nothing but the ground."""
        empty = np.empty((height, width, self.components), np.uint8)
        empty[...] = self.ground
        return Box(empty)

    def text(
        self,
        text: str,
        width: int,
        *,
        scale: float = 1.0,
        lines: int | None = None,
        bold: bool = False,
    ) -> Box:
        """Text in the middle of a box of this width.

        It is broken between words, and at any place where one word is too long. With *lines*
        its end is left out where it needs more.
        """
        size = max(_SMALLEST_LETTERS, round(scale * self.letters))
        face = font(size, bold=bold)
        broken = _broken(text, width, face.getlength)
        if lines is not None and len(broken) > lines:
            broken = [*broken[: lines - 1], _shortened(broken[lines - 1 :], width, face.getlength)]
        from PIL import Image, ImageDraw

        step = round(1.3 * size)
        ink = Image.new("L", (width, step * len(broken)))
        draw = ImageDraw.Draw(ink)
        for number, row in enumerate(broken):
            left = round((width - face.getlength(row)) / 2)
            draw.text((left, number * step + round(0.98 * size)), row, 255, face, anchor="ls")
        share = np.asarray(ink, np.float64)[..., np.newaxis] / 255
        if self.components == 4:
            color = np.broadcast_to(self.ink, (*share.shape[:2], 3))
            return Box(np.concatenate([color, np.rint(255 * share).astype(np.uint8)], axis=2))
        return Box(np.rint(share * self.ink + (1 - share) * self.ground).astype(np.uint8))

    def bar(
        self,
        colors: Colorizer,
        side: Literal["right", "bottom"],
        length: int,
        *,
        label: str | None = None,
        unit: str | None = None,
        no_data: bool = False,
        extend: Extend | None = None,
    ) -> Box:
        """A color bar for a picture whose side is *length*."""
        return Box(_bar(self, colors, side, length, label, unit, no_data, extend))

    def row(self, boxes: Sequence[Box], gap: int | None = None) -> Box:
        """Boxes from left to right, each in the middle of the height."""
        return self._joined(boxes, 1, self.gap if gap is None else gap)

    def column(self, boxes: Sequence[Box], gap: int | None = None) -> Box:
        """Boxes from the top down, each in the middle of the width."""
        return self._joined(boxes, 0, self.gap if gap is None else gap)

    def framed(self, box: Box) -> Box:
        """With the margin of a page around it."""
        return self.inside(box, box.height + 2 * self.gap, box.width + 2 * self.gap)

    def inside(self, box: Box, height: int, width: int, *, at_top: bool = False) -> Box:
        """In the middle of a larger box, or of its upper edge."""
        whole = np.empty((height, width, self.components), np.uint8)
        whole[...] = self.ground
        placed = self._place(
            whole, box, 0 if at_top else (height - box.height) // 2, (width - box.width) // 2
        )
        return Box(whole, placed)

    def _joined(self, boxes: Sequence[Box], axis: int, gap: int) -> Box:
        if len(boxes) == 1:
            return boxes[0]
        sizes = np.array([box.picture.shape[:2] for box in boxes])
        shape = sizes.max(axis=0)
        shape[axis] = sizes[:, axis].sum() + gap * (len(boxes) - 1)
        whole = np.empty((*shape.tolist(), self.components), np.uint8)
        whole[...] = self.ground
        region, at = None, 0
        for box, size in zip(boxes, sizes, strict=True):
            offset = (shape - size) // 2
            offset[axis] = at
            region = self._place(whole, box, int(offset[0]), int(offset[1])) or region
            at += int(size[axis]) + gap
        return Box(whole, region)

    def _place(self, whole: AnyArray, box: Box, top: int, left: int) -> Region | None:
        target = whole[top : top + box.height, left : left + box.width]
        target[..., :3] = box.picture[..., :3]
        if self.components == 4:
            target[..., 3] = box.picture[..., 3] if box.picture.shape[2] == 4 else 255
        if box.region is None:
            return None
        return box.region._replace(left=box.region.left + left, top=box.region.top + top)


@lru_cache(maxsize=4)
def _bar(
    page: Page,
    colors: Colorizer,
    side: Literal["right", "bottom"],
    length: int,
    label: str | None,
    unit: str | None,
    no_data: bool,
    extend: Extend | None,
) -> AnyArray:
    """The bar's picture, kept for the next frame of a video: a Colorizer is known by itself."""
    bar = colorbar(
        colors,
        orientation="vertical" if side == "right" else "horizontal",
        length=max(length, _SHORTEST_BAR * page.letters),
        label=label,
        unit=unit,
        no_data=no_data,
        extend=extend,
        theme=page.theme,
        font_size=page.letters,
        order="rgb" if page.components == 3 else "rgba",
    )
    bar.flags.writeable = False
    return bar


def ground_of(theme: Theme) -> AnyArray:
    """RGB of a theme's background."""
    return _levels(THEMES[theme].background)


def _levels(color: str) -> AnyArray:
    levels: AnyArray = np.rint(255 * np.array(parse_color(color, "color")[:3])).astype(np.uint8)
    return levels


# --- lines ---


def _broken(text: str, width: int, length: Callable[[str], float]) -> list[str]:
    """Text as lines that fit; a single character always does."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if length(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while length(line) > width and len(line) > 1:
                cut = _cut(line, width, length)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return lines


def _cut(word: str, width: int, length: Callable[[str], float]) -> int:
    """How many characters fit, if possible up to a mark between parts of a name."""
    fitting = 1
    while fitting < len(word) and length(word[: fitting + 1]) <= width:
        fitting += 1
    marks = [i + 1 for i, c in enumerate(word[:fitting]) if c in "_-./\\,:;"]
    return marks[-1] if marks and 2 * marks[-1] >= fitting else fitting


def _shortened(lines: Sequence[str], width: int, length: Callable[[str], float]) -> str:
    """The first line with dots for the rest."""
    text = lines[0]
    while text and length(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
