"""A color bar as it is drawn: what it looks like, where everything is, and the ink."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ._typing import AnyArray, Rgba
from .bar_scale import BarScale
from .colormap import ColorLike, parse_color
from .fonts import font
from .kernels.palette import COMPONENTS, Order, table_palette

if TYPE_CHECKING:
    from . import ticks as marks

#: How a number is written: a format specification, a string with ``{}``, or a function.
Format: TypeAlias = "str | Callable[[float], str]"


class Theme(NamedTuple):
    """Colors of a bar beside its own."""

    ink: str
    background: str


THEMES = {"light": Theme("#1b1b1f", "#ffffff"), "dark": Theme("#e8e8ea", "#17171a")}

#: How strong outlines and marks are beside the letters, of 255.
_OUTLINE, _MARK = 150, 190


class Style(NamedTuple):
    """How a bar looks, with sizes in pixels."""

    vertical: bool
    length: int
    thickness: int
    size: int  # of letters
    line: int
    ink: Rgba
    background: Rgba
    order: Order
    under: bool
    over: bool


def as_style(
    caller: str,
    orientation: str,
    length: int,
    thickness: int | None,
    theme: str,
    background: ColorLike | None,
    font_size: int | None,
    order: Order,
    extend: str | None,
    scale: BarScale,
) -> Style:
    """How a bar looks, from the arguments of `turbo_cmap.colorbar`.

    Raises
    ------
    TypeError, ValueError
        If one is not allowed.
    """
    if orientation not in ("vertical", "horizontal"):
        raise ValueError(
            f"{caller}(): orientation must be vertical or horizontal, got {orientation!r}"
        )
    if not isinstance(theme, str) or theme not in THEMES:
        raise ValueError(f"{caller}(): theme must be one of {', '.join(THEMES)}, got {theme!r}")
    if not isinstance(order, str) or order not in COMPONENTS:
        raise ValueError(f"{caller}(): order must be one of {', '.join(COMPONENTS)}, got {order!r}")
    if extend not in (None, "neither", "min", "max", "both"):
        raise ValueError(
            f"{caller}(): extend must be one of neither, min, max, both, got {extend!r}"
        )
    vertical = orientation == "vertical"
    length = as_pixels(caller, "length", length, 32, 1 << 15)
    # Pictures are shown at about one size, so letters grow with them, but not quite as fast.
    size = max(11, round(6 + length / (60 if vertical else 80)))
    if font_size is not None:
        size = as_pixels(caller, "font_size", font_size, 6, 400)
    wide = round(1.4 * size) if thickness is None else thickness
    wide = as_pixels(caller, "thickness", wide, 1, 1 << 12)
    has_alpha = len(COMPONENTS[order]) == 4
    ink = parse_color(THEMES[theme].ink, "ink")
    if background is None:
        behind = (*ink[:3], 0.0) if has_alpha else parse_color(THEMES[theme].background, "")
    elif isinstance(background, str) and background in ("transparent", "none"):
        behind = (*ink[:3], 0.0)
    else:
        behind = parse_color(background, f"{caller}(): background")
    if behind[3] < 1 and not has_alpha:
        raise ValueError(
            f"{caller}(): background must be opaque with order {order!r}, got {background!r}; "
            "order='rgba' has alpha"
        )
    under = scale.cmap.under is not None if extend is None else extend in ("min", "both")
    over = scale.cmap.over is not None if extend is None else extend in ("max", "both")
    line = max(1, size // 14)
    return Style(vertical, length, wide, size, line, ink, behind, order, under, over)


def as_pixels(caller: str, name: str, given: object, least: int, most: int) -> int:
    """A number of pixels from *least* to *most*.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)):
        raise TypeError(f"{caller}(): {name} must be an integer, got {type(given).__name__}")
    if not least <= given <= most:
        raise ValueError(f"{caller}(): {name} must be from {least} to {most}, got {given}")
    return int(given)


def check_texts(caller: str, label: object, unit: object, form: object, no_data: object) -> None:
    """Check the types of what is written beside a bar.

    Raises
    ------
    TypeError
    """
    for name, text in (("label", label), ("unit", unit)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{caller}(): {name} must be a string, got {type(text).__name__}")
    if form is not None and not isinstance(form, str) and not callable(form):
        raise TypeError(
            f"{caller}(): format must be a string or a function, got {type(form).__name__}"
        )
    if not isinstance(no_data, (str, bool, np.bool_)):
        raise TypeError(
            f"{caller}(): no_data must be a bool or a string, got {type(no_data).__name__}"
        )


def title_of(label: str | None, unit: str | None, exponent: int) -> str:
    """Label and unit, with a power of ten, as they stand beside a bar."""
    from . import ticks as marks

    factor = marks.power(exponent) if exponent else ""
    if not label and not unit:
        return f"×\u2009{factor}" if factor else ""
    units = " ".join(part for part in (factor, unit or "") if part)
    if not label:
        return units
    return f"{label} ({units})" if units else label


class Bar:
    """Where everything is. Along the bar, 0 is where the first color is."""

    def __init__(self, scale: BarScale, style: Style, no_data: str) -> None:
        self.scale, self.style, self.no_data = scale, style, no_data
        s = style
        self.letters = font(s.size)
        self.head = round(0.9 * s.thickness)  # of an arrow, along the bar
        self.field = 0
        if no_data:
            # Its text must leave room for the first number.
            wide = int(np.ceil(self.extent(no_data)))
            self.field = (
                s.thickness + 2 * s.line + s.size
                if s.vertical
                else max(s.thickness + 2 * s.line, wide) + s.size
            )
            self.field = min(self.field, s.length // 2)
        self.start = self.field + s.line + (self.head if s.under else 0)
        end = s.length - s.line - (self.head if s.over else 0)
        self.colored = max(1, end - self.start)

    def extent(self, text: str) -> float:
        """How long a text is, in pixels."""
        return float(self.letters.getlength(text))

    def middle(self, position: float) -> int:
        """The pixel along the bar in which a position is."""
        return self.start + min(int(position * self.colored), self.colored - 1)

    def boxes(self, where: Sequence[float], labels: Sequence[str]) -> list[tuple[float, float]]:
        """From where to where along the bar labels go; those at its ends are moved inwards."""
        s = self.style
        low, high = (self.field and self.start - s.line) or 0, s.length
        boxes = []
        for position, label in zip(where, labels, strict=True):
            half = (0.76 * s.size if s.vertical else self.extent(label)) / 2
            center = self.middle(position) + 0.5
            center = min(max(center, low + half), high - half)
            boxes.append((center - half, center + half))
        return boxes

    def fits(self, where: Sequence[float], labels: Sequence[str]) -> bool:
        """Whether labels leave each other enough room."""
        if len(set(labels)) < len(labels):
            return False
        boxes = sorted(self.boxes(where, labels))
        apart = (0.5 if self.style.vertical else 0.8) * self.style.size
        return all(b[0] - a[1] >= apart for a, b in itertools.pairwise(boxes))

    def choose_ticks(
        self, caller: str, given: int | Sequence[float] | None, form: Format | None
    ) -> marks.Ticks:
        """The marks that were asked for, or as many as look well."""
        from . import ticks as marks

        scale, s = self.scale, self.style
        write = _writer(caller, form)
        if given is not None and not isinstance(given, (int, np.integer)):
            found = marks.place(scale.vmin, scale.vmax, _as_numbers(caller, given))
        elif hasattr(scale.norm, "boundaries"):
            found = marks.place(scale.vmin, scale.vmax, scale.norm.boundaries)
        else:
            most = round(self.colored / ((3.0 if s.vertical else 5.0) * s.size))
            most = min(max(most, 2 if scale.center is None else 3), 11)
            if scale.kind == "other":
                most = most * 9 // 8  # they are not evenly apart
            if given is not None:
                most = as_pixels(caller, "ticks", given, 1, 1000)
            fits = self.fits
            if write is not None:

                def fits(where: Sequence[float], labels: Sequence[str]) -> bool:
                    values = scale.values(np.asarray(where))
                    return self.fits(where, [write(float(value)) for value in values])

            found = marks.choose(
                scale.vmin,
                scale.vmax,
                scale.positions,
                scale.kind,
                center=scale.center,
                most=most,
                fits=fits,
                finest=max(3, s.size / 4) / self.colored,
            )
        if write is not None:
            labels = tuple(write(value) for value in found.values)
            found = found._replace(labels=labels, exponent=0)
        return found

    def draw(self, found: marks.Ticks, title: str) -> AnyArray:
        """The image."""
        s = self.style
        values = np.array(found.values)
        where = np.clip(self.scale.positions(values), 0, 1).tolist() if values.size else []
        labels = self._without_collisions(where, found.labels)
        mark, gap = round(0.35 * s.size), round(0.3 * s.size)
        edge = s.thickness + 2 * s.line  # of the outlined bar, across it
        text = edge + mark + gap
        across = max([edge + mark, *(text + self._depth(label) for label in labels if label)])
        if self.no_data:
            across = max(across, (edge + gap if s.vertical else text) + self._depth(self.no_data))
        lines, letters = _wrapped(title, s.length, s.size)
        step = round(1.25 * letters)
        title_from = across + round(0.55 * s.size)
        if lines:
            across = title_from + step * len(lines) - (step - round(1.05 * letters))
        across += round(0.3 * s.size)

        ink = Ink(s, across)
        self._outline(ink)
        minor = np.array(found.minor)
        small = np.clip(self.scale.positions(minor), 0, 1).tolist() if minor.size else []
        for places, long in ((small, max(2, round(0.2 * s.size))), (where, mark)):
            for place in places:
                begin = self.middle(place) - (s.line - 1) // 2
                ink.fill(begin, begin + s.line, edge, edge + long, _MARK)
        for label, box in zip(labels, self.boxes(where, found.labels), strict=True):
            if label:
                ink.text(label, (box[0] + box[1]) / 2, text, self.letters)
        if self.no_data:
            wide = self.extent(self.no_data)
            if s.vertical:
                ink.text(self.no_data, edge / 2, edge + gap, self.letters)
            else:
                ink.text(self.no_data, wide / 2, text, self.letters)
        for number, line in enumerate(lines):
            ink.title(line, title_from + number * step, letters)
        return self._colored(ink)

    def _without_collisions(self, where: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Labels, empty where they would touch one before."""
        kept: list[str] = []
        shown: list[tuple[float, float]] = []
        room = 0.2 * self.style.size
        for label, box in zip(labels, self.boxes(where, labels), strict=True):
            free = all(box[0] >= other[1] + room or box[1] <= other[0] - room for other in shown)
            kept.append(label if free else "")
            if free:
                shown.append(box)
        return kept

    def _depth(self, label: str) -> int:
        """How far a label goes across the bar."""
        s = self.style
        return int(np.ceil(self.extent(label))) if s.vertical else round(0.95 * s.size)

    def _outline(self, ink: Ink) -> None:
        s = self.style
        edge = s.thickness + 2 * s.line
        if self.no_data:
            ink.fill(0, edge, 0, edge, _OUTLINE)
        ink.fill(self.start - s.line, self.start + self.colored + s.line, 0, edge, _OUTLINE)

    def _colored(self, ink: Ink) -> AnyArray:
        """The finished picture: ink on the background, and the colors."""
        s, scale = self.style, self.scale
        picture = ink.on_background()
        turned = np.swapaxes(picture, 0, 1) if not s.vertical else picture[::-1]
        # From here on: rows along the bar, from its first color, columns across it.
        inner = slice(s.line, s.line + s.thickness)
        t = (np.arange(self.colored) + 0.5) / self.colored
        row = scale.paint(scale.values(t), s.order)
        turned[self.start : self.start + self.colored, inner] = row[:, np.newaxis]
        low = scale.paint(np.array([-np.inf, np.inf]), s.order)
        if scale.norm is not None:
            palette = table_palette(scale.cmap, s.order, np.dtype(np.uint8))
            low = palette.entries[[palette.under, palette.over]]
        if s.under:
            self._arrow(turned[self.field : self.start][::-1], low[0])
        if s.over:
            self._arrow(turned[self.start + self.colored :], low[1])
        if self.no_data:
            bad = scale.paint(np.array([np.nan]), s.order)
            turned[s.line : s.line + s.thickness, inner] = bad
        return picture

    def _arrow(self, target: AnyArray, color: AnyArray) -> None:
        """An arrowhead that begins where *target* does, outlined, with smooth edges."""
        s = self.style
        if not len(target):
            return
        edge = s.thickness + 2 * s.line
        fine = 8
        y = (np.arange(len(target) * fine) + 0.5)[:, np.newaxis] / fine
        x = (np.arange(edge * fine) + 0.5) / fine
        tall = float(len(target))

        def inside(inset: float) -> AnyArray:
            half = edge / 2
            # Both edges moved inwards, at right angles, by the width of the line.
            slanted = inset * np.hypot(half, tall) / tall
            hit = np.abs(x - half) <= half * (1 - y / tall) - slanted
            parts = hit.reshape(len(target), fine, edge, fine, 1)
            covered: AnyArray = parts.mean(axis=(1, 3))
            return covered

        body, core = inside(0.0), inside(float(s.line))
        place = target[:, :edge].astype(np.float64)
        ink = np.rint(255 * np.array(s.ink))[list(COMPONENTS[s.order])]
        strength = (body - core) * (_OUTLINE / 255)
        if place.shape[2] == 4:
            # On transparent ground: alpha adds up, the color is that of what is there.
            alpha = np.maximum(place[..., 3:] / 255 * (1 - body), 0) + strength + core
            mixed = strength * ink + core * color + place / 255 * place[..., 3:] * (1 - body)
            solid = np.where(alpha > 0, alpha, 1)
            place = np.where(alpha > 0, mixed / solid, place)
            place[..., 3:] = 255 * alpha
        else:
            place = place * (1 - strength - core) + strength * ink + core * color
        target[:, :edge] = np.rint(place)


class Ink:
    """Everything but the colors, as coverage of 0 to 255."""

    def __init__(self, style: Style, across: int) -> None:
        from PIL import Image, ImageDraw

        self.style = style
        shape = (across, style.length) if style.vertical else (style.length, across)
        self._image = Image.new("L", shape)
        self._draw = ImageDraw.Draw(self._image)

    def fill(self, begin: int, end: int, near: int, far: int, strength: int) -> None:
        """A rectangle, from *begin* to *end* along the bar and *near* to *far* across it."""
        if self.style.vertical:
            begin, end = self.style.length - end, self.style.length - begin
            self._draw.rectangle((near, begin, far - 1, end - 1), strength)
        else:
            self._draw.rectangle((begin, near, end - 1, far - 1), strength)

    def text(self, text: str, along: float, across: int, letters: Any) -> None:
        """A number beside the bar."""
        if self.style.vertical:
            # Digits are as high as capitals, whose middle is 0.365 em above the baseline.
            baseline = round(self.style.length - along + 0.365 * self.style.size)
            self._draw.text((across, baseline), text, 255, letters, anchor="ls")
        else:
            baseline = across + round(0.76 * self.style.size)
            start = round(along - letters.getlength(text) / 2)
            self._draw.text((start, baseline), text, 255, letters, anchor="ls")

    def title(self, text: str, across: int, size: int) -> None:
        """The label, along the bar: from the bottom up if that is vertical."""
        from PIL import Image, ImageDraw

        letters = font(size)
        wide, high = int(np.ceil(letters.getlength(text))), round(1.2 * size)
        strip = Image.new("L", (wide, high))
        ImageDraw.Draw(strip).text((0, round(0.85 * size)), text, 255, letters, anchor="ls")
        middle = round((self.style.length - wide) / 2)
        if self.style.vertical:
            turned = strip.transpose(Image.Transpose.ROTATE_90)
            self._image.paste(255, (across, middle), turned)
        else:
            self._image.paste(255, (middle, across), strip)

    def on_background(self) -> AnyArray:
        """The picture, in the order of the style."""
        s = self.style
        share = np.asarray(self._image, np.float64)[..., np.newaxis] / 255
        ink, ground = np.array(s.ink), np.array(s.background)
        alpha = share + ground[3] * (1 - share)
        mixed = share * ink[:3] + ground[3] * (1 - share) * ground[:3]
        rgb = np.where(alpha > 0, mixed / np.where(alpha > 0, alpha, 1), ground[:3])
        rgba = np.rint(255 * np.concatenate([rgb, alpha], axis=2)).astype(np.uint8)
        return np.ascontiguousarray(rgba[..., list(COMPONENTS[s.order])])


def _writer(caller: str, form: Format | None) -> Callable[[float], str] | None:
    if form is None:
        return None

    def write(value: float) -> str:
        try:
            if callable(form):
                return str(form(value))
            return form.format(value) if "{" in form else f"{value:{form}}"
        except (ValueError, IndexError, KeyError) as error:
            raise ValueError(
                f"{caller}(): format must suit numbers, got {form!r}: {error}"
            ) from error

    return write


def _as_numbers(caller: str, given: object) -> list[float]:
    try:
        numbers = np.asarray(given, np.float64)
        if isinstance(given, (str, bytes)) or numbers.ndim != 1:
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(
            f"{caller}(): ticks must be an integer or a sequence of numbers, got {given!r}"
        ) from None
    found: list[float] = numbers.tolist()
    return found


def _wrapped(text: str, length: int, size: int) -> tuple[list[str], int]:
    """A title in as many lines as it needs, and the size of its letters."""
    if not text:
        return [], size
    while True:
        letters = font(size)
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and letters.getlength(longer) <= length:
                lines[-1] = longer
            else:
                lines.append(word)
        if size <= 6 or all(letters.getlength(line) <= length for line in lines):
            return lines, size
        size -= 1
