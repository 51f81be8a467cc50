"""`colorbar`: what the colours of a picture mean, as a picture to put beside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from ._typing import AnyArray, FloatArray, Rgba
from .arguments import as_limit, as_limits
from .colormap import CmapLike, ColorLike, Colormap, get_cmap, parse_color
from .fonts import font
from .kernels.palette import COMPONENTS, Order, table_palette
from .norms import NAMES, InverseNorm, named_norm
from .painting import colorize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from . import ticks as marks

Extend: TypeAlias = Literal["neither", "min", "max", "both"]
#: How a number is written: a format specification, a string with ``{}``, or a function.
Format: TypeAlias = "str | Callable[[float], str]"


@runtime_checkable
class Colored(Protocol):
    """What a bar can be made of: a colour map with a range, as `Colorizer` is."""

    @property
    def cmap(self) -> Colormap:
        """The map as it is used."""

    @property
    def vmin(self) -> float | None:
        """The value of the first colour."""

    @property
    def vmax(self) -> float | None:
        """The value of the last colour."""

    @property
    def norm(self) -> Any:
        """The name of the scale, or a matplotlib Normalize."""

    @property
    def center(self) -> float | None:
        """The value in the middle, if the scale is symmetric about it."""

    def positions(self, values: Any) -> FloatArray:
        """Where on the map values are, in [0, 1]."""

    def values(self, positions: Any) -> FloatArray:
        """The inverse."""

    def paint(self, values: Any, order: Order = "rgb") -> AnyArray:
        """The colours of values, uint8."""


class Theme(NamedTuple):
    """Colours of a bar beside its own."""

    ink: str
    background: str


THEMES = {"light": Theme("#1b1b1f", "#ffffff"), "dark": Theme("#e8e8ea", "#17171a")}

#: How strong outlines and marks are beside the letters, of 255.
_OUTLINE, _MARK = 150, 190


def colorbar(
    colors: Colored | CmapLike | None = None,
    *,
    vmin: float | None = None,
    vmax: float | None = None,
    norm: Any = None,
    center: float | None = None,
    orientation: Literal["vertical", "horizontal"] = "vertical",
    length: int = 256,
    thickness: int | None = None,
    label: str | None = None,
    unit: str | None = None,
    ticks: int | Sequence[float] | None = None,
    format: Format | None = None,  # noqa: A002 - what matplotlib calls it, too
    extend: Extend | None = None,
    no_data: str | bool = False,
    theme: Literal["light", "dark"] = "light",
    background: ColorLike | None = None,
    font_size: int | None = None,
    order: Order = "rgb",
) -> AnyArray:
    """A colour bar as an image, to be put beside a picture.

    Parameters
    ----------
    colors : Colorizer, or what `get_cmap` takes, optional
        A Colorizer brings its range with it; for a colour map, by default Turbo or with
        *center* its diverging form, give the range here.
    vmin, vmax : float, optional
        Values of the first and the last colour. Either is enough with *center*, and none is
        needed with a *norm* that has limits.
    norm : str or matplotlib Normalize, optional
        The scale between them: "linear", "log", "inverse", "sqrt", "symlog" or "asinh".
    center : float, optional
        The value of the middle of the map. It is always marked, the others symmetrically.
    orientation : {"vertical", "horizontal"}, default "vertical"
        The first colour is at the bottom or on the left, numbers on the right or below.
    length : int, default 256
        The image's height or width in pixels, at least 32: that of the picture beside it.
    thickness : int, optional
        The width of the colours in pixels. By default in proportion to the letters.
    label, unit : str, optional
        What the numbers are, and their unit, as in "Depth (m)".
    ticks : int or sequence of float, optional
        How many numbers at most, or which; by default as many as look well. Numbers that
        would touch are left out. Values outside the range are not marked.
    format : str or callable, optional
        How numbers are written: ``".2f"``, ``"{:.0f} %"`` or a function. By default all
        with as many decimals as they need.
    extend : {"neither", "min", "max", "both"}, optional
        Where arrowheads show the colours of values out of range. By default where the map
        has colours of its own for them.
    no_data : str or bool, default False
        Adds a field with the colour of invalid values, and this text or "no data".
    theme : {"light", "dark"}, default "light"
        Dark letters for light pages, or light ones for dark pages.
    background : color, optional
        By default that of the theme; with alpha in *order* transparent. One that is not
        opaque needs alpha in *order*.
    font_size : int, optional
        Of letters, in pixels, 6 to 400; by default it grows with the length.
    order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"
        The components of the image and their order.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3) or (H, W, 4)
        The image. The pixels of the bar have the very colours that `colorize` gives to the
        values that they stand for. With no arrowheads and no field they begin one outline,
        ``max(1, font_size // 14)`` pixels, from the left and the bottom of a vertical bar,
        from the left and the top of a horizontal one.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If an argument's value is not allowed, or there is no range.

    Examples
    --------
    >>> import turbo_cmap
    >>> turbo_cmap.colorbar(vmin=0.5, vmax=8, label="Depth", unit="m", length=480).shape[0]
    480
    >>> turbo_cmap.colorbar("viridis", vmin=0, vmax=1, orientation="horizontal").shape[1]
    256
    """
    caller = "colorbar"
    scale = _as_scale(caller, colors, vmin, vmax, norm, center)
    style = _as_style(
        caller, orientation, length, thickness, theme, background, font_size, order, extend, scale
    )
    _check_texts(caller, label, unit, format, no_data)
    names = no_data if isinstance(no_data, str) else "no data" if no_data else ""
    bar = _Bar(scale, style, names)
    tick = bar.choose_ticks(caller, ticks, format)
    return bar.draw(tick, _title(label, unit, tick.exponent))


def beside(
    image: ArrayLike,
    bar: ArrayLike,
    *,
    side: Literal["right", "bottom", "left", "top"] = "right",
    gap: int | None = None,
    background: ColorLike | None = None,
) -> AnyArray:
    """A picture and its colour bar as one image.

    Parameters
    ----------
    image, bar : array_like of uint8, shape (H, W), (H, W, 3) or (H, W, 4)
        Components in the same order. The smaller one is centered along the other.
    side : {"right", "bottom", "left", "top"}, default "right"
        Where the bar goes.
    gap : int, optional
        Pixels between them; by default a fortieth of the side along which they are joined, at
        least 6.
    background : color, optional
        By default that of the bar: the colour of its last pixel.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3), or (H, W, 4) if one of them has alpha

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> depth = np.linspace(0.5, 8, 240 * 320).reshape(240, 320)
    >>> bar = turbo_cmap.colorbar(vmin=0.5, vmax=8, unit="m", length=240)
    >>> turbo_cmap.beside(turbo_cmap.colorize(depth), bar).shape[0]
    240
    """
    caller = "beside"
    if side not in ("right", "bottom", "left", "top"):
        raise ValueError(f"{caller}(): side must be right, bottom, left or top, got {side!r}")
    first, second = (_as_picture(caller, *given) for given in (("image", image), ("bar", bar)))
    components = max(first.shape[2], second.shape[2])
    along, across = (0, 1) if side in ("right", "left") else (1, 0)
    size = max(first.shape[along], second.shape[along])
    gap = max(6, size // 40) if gap is None else _as_pixels(caller, "gap", gap, 0, 1 << 16)
    fill = second[-1, -1] if second.size else np.full(second.shape[2], 255, np.uint8)
    if background is not None:
        rgba = parse_color(background, f"{caller}(): background")
        fill = np.rint(255 * np.array(rgba)).astype(np.uint8)
        if rgba[3] < 1:
            components = 4
    shape = [0, 0, components]
    shape[along] = size
    shape[across] = first.shape[across] + gap + second.shape[across]
    joined = np.empty(shape, np.uint8)
    joined[...] = _with_alpha(fill[np.newaxis, np.newaxis], components)
    at_start, at_end = (first, second) if side in ("right", "bottom") else (second, first)
    for picture, begin in ((at_start, 0), (at_end, at_start.shape[across] + gap)):
        offset = [0, 0]
        offset[across] = begin
        offset[along] = (size - picture.shape[along]) // 2
        y, x = offset
        height, width = picture.shape[:2]
        joined[y : y + height, x : x + width] = _with_alpha(picture, components)
    return joined


def _as_picture(caller: str, name: str, given: ArrayLike) -> AnyArray:
    picture = np.asarray(given)
    if picture.dtype != np.uint8:
        raise TypeError(f"{caller}(): {name} must be uint8, got dtype {picture.dtype}")
    if picture.ndim == 2:
        picture = np.repeat(picture[..., np.newaxis], 3, axis=2)
    if picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ValueError(
            f"{caller}(): {name} must have shape (H, W), (H, W, 3) or (H, W, 4), "
            f"got {np.shape(given)}"
        )
    return picture


def _with_alpha(picture: AnyArray, components: int) -> AnyArray:
    if picture.shape[2] >= components:
        return picture[..., :components]
    opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
    return np.concatenate([picture, opaque], axis=2)


# --- the scale ---


class _Scale(NamedTuple):
    """A colour map with a range, and how it is marked."""

    cmap: Colormap
    vmin: float
    vmax: float
    center: float | None
    norm: Any  # None if it is linear
    kind: marks.Kind
    positions: marks.Positions
    values: marks.Positions
    painter: Callable[[FloatArray, Order], AnyArray] | None = None

    def paint(self, values: FloatArray, order: Order) -> AnyArray:
        """The colours of values, uint8."""
        if self.painter is not None:
            return self.painter(values, order)
        limits: dict[str, Any] = {"vmin": self.vmin, "vmax": self.vmax, "center": self.center}
        if isinstance(self.norm, InverseNorm):
            limits |= {"norm": "inverse"}
        elif self.norm is not None:
            limits = {"norm": self.norm}
        return colorize(values, self.cmap, order=order, **limits)


def _as_scale(
    caller: str,
    colors: Colored | CmapLike | None,
    vmin: float | None,
    vmax: float | None,
    norm: Any,
    center: float | None,
) -> _Scale:
    if isinstance(colors, Colored):
        given = {"vmin": vmin, "vmax": vmax, "norm": norm, "center": center}
        for name, value in given.items():
            if value is not None:
                raise ValueError(
                    f"{caller}(): {name} must be None with a Colorizer, which has its own, "
                    f"got {value!r}"
                )
        if colors.vmin is None or colors.vmax is None:
            raise ValueError(f"{caller}(): the Colorizer must have a range, got one without")
        kind = _kind(colors.norm)
        limits = float(colors.vmin), float(colors.vmax), colors.center
        return _Scale(
            colors.cmap, *limits, colors.norm, kind, colors.positions, colors.values, colors.paint
        )
    lo, hi = as_limits(caller, vmin, vmax)
    middle = as_limit(caller, "center", center)
    if colors is None and middle is not None:
        colors = "turbo_diverging"
    if isinstance(getattr(norm, "vmin", None), (int, float, np.number)):
        lo = float(norm.vmin) if lo is None else lo
        hi = float(norm.vmax) if hi is None and norm.vmax is not None else hi
    if middle is not None:
        reach = [abs(limit - middle) for limit in (lo, hi) if limit is not None]
        if not reach:
            raise ValueError(f"{caller}(): vmin or vmax must be given with center, got neither")
        if (lo is not None and lo > middle) or (hi is not None and hi < middle):
            raise ValueError(
                f"{caller}(): center must lie between vmin and vmax, got {middle} with "
                f"vmin={lo} and vmax={hi}"
            )
        lo, hi = middle - max(reach), middle + max(reach)
    if lo is None or hi is None:
        raise ValueError(
            f"{caller}(): vmin and vmax must be given with a colour map, got {lo} and {hi}"
        )
    return _scale(caller, get_cmap(colors), lo, hi, norm, middle)


def _scale(
    caller: str, cmap: Colormap, vmin: float, vmax: float, norm: Any, center: float | None
) -> _Scale:
    if isinstance(norm, str):
        if norm not in NAMES or norm == "equalize":
            raise ValueError(
                f"{caller}(): norm must be one of {', '.join(NAMES[:-1])}, got {norm!r}"
            )
        kind = _kind(norm)
        norm = None if norm == "linear" else named_norm(norm, vmin, vmax, caller)
    elif norm is None:
        kind = "linear"
    elif not callable(norm):
        raise TypeError(
            f"{caller}(): norm must be a name or a matplotlib Normalize, got {type(norm).__name__}"
        )
    else:
        if getattr(norm, "vmin", None) != vmin or getattr(norm, "vmax", None) != vmax:
            import copy

            norm = copy.copy(norm)
            norm.vmin, norm.vmax = vmin, vmax
        kind = _kind(norm)
        center = getattr(norm, "vcenter", center)
    if norm is None:
        to, back = _linear(vmin, vmax)
    elif hasattr(norm, "boundaries"):
        edges = np.asarray(norm.boundaries, np.float64)
        even = np.linspace(0, 1, len(edges))
        to, back = (lambda x: np.interp(x, edges, even)), (lambda t: np.interp(t, even, edges))
    else:
        to, back = _called(norm), _called(norm.inverse)
    return _Scale(cmap, vmin, vmax, center, norm, kind, to, back)


def _kind(norm: Any) -> marks.Kind:
    """How ticks are chosen."""
    name = norm if isinstance(norm, str) else type(norm).__name__
    if name in ("linear", "Normalize", "CenteredNorm"):
        return "linear"
    return "log" if name in ("log", "LogNorm") else "other"


def _linear(vmin: float, vmax: float) -> tuple[marks.Positions, marks.Positions]:
    half = vmax / 2 - vmin / 2  # the difference itself may be too large

    def positions(x: FloatArray) -> FloatArray:
        if half == 0:
            return np.where(x < vmin, 0.0, np.where(x > vmax, 1.0, 0.5))
        return np.asarray((x / 2 - vmin / 2) / half)

    return positions, lambda t: np.asarray(vmin * (1 - t) + vmax * t)


def _called(function: Callable[[Any], Any]) -> marks.Positions:
    def call(x: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            found = np.ma.filled(np.ma.asarray(function(x), np.float64), np.nan)
        return np.asarray(found, np.float64)

    return call


# --- what it looks like ---


class _Style(NamedTuple):
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


def _as_style(
    caller: str,
    orientation: str,
    length: int,
    thickness: int | None,
    theme: str,
    background: ColorLike | None,
    font_size: int | None,
    order: Order,
    extend: str | None,
    scale: _Scale,
) -> _Style:
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
    length = _as_pixels(caller, "length", length, 32, 1 << 15)
    # Pictures are shown at about one size, so letters grow with them, but not quite as fast.
    size = max(11, round(6 + length / (60 if vertical else 80)))
    if font_size is not None:
        size = _as_pixels(caller, "font_size", font_size, 6, 400)
    wide = round(1.4 * size) if thickness is None else thickness
    wide = _as_pixels(caller, "thickness", wide, 1, 1 << 12)
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
    return _Style(vertical, length, wide, size, line, ink, behind, order, under, over)


def _as_pixels(caller: str, name: str, given: object, least: int, most: int) -> int:
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)):
        raise TypeError(f"{caller}(): {name} must be an integer, got {type(given).__name__}")
    if not least <= given <= most:
        raise ValueError(f"{caller}(): {name} must be from {least} to {most}, got {given}")
    return int(given)


def _check_texts(caller: str, label: object, unit: object, form: object, no_data: object) -> None:
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


def _title(label: str | None, unit: str | None, exponent: int) -> str:
    from . import ticks as marks

    factor = marks.power(exponent) if exponent else ""
    if not label and not unit:
        return f"×\u2009{factor}" if factor else ""
    units = " ".join(part for part in (factor, unit or "") if part)
    if not label:
        return units
    return f"{label} ({units})" if units else label


class _Bar:
    """Where everything is. Along the bar, 0 is where the first colour is."""

    def __init__(self, scale: _Scale, style: _Style, no_data: str) -> None:
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
                most = _as_pixels(caller, "ticks", given, 1, 1000)
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

        ink = _Ink(s, across)
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

    def _outline(self, ink: _Ink) -> None:
        s = self.style
        edge = s.thickness + 2 * s.line
        if self.no_data:
            ink.fill(0, edge, 0, edge, _OUTLINE)
        ink.fill(self.start - s.line, self.start + self.colored + s.line, 0, edge, _OUTLINE)

    def _colored(self, ink: _Ink) -> AnyArray:
        """The finished picture: ink on the background, and the colours."""
        s, scale = self.style, self.scale
        picture = ink.on_background()
        turned = np.swapaxes(picture, 0, 1) if not s.vertical else picture[::-1]
        # From here on: rows along the bar, from its first colour, columns across it.
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
            # On transparent ground: alpha adds up, the colour is that of what is there.
            alpha = np.maximum(place[..., 3:] / 255 * (1 - body), 0) + strength + core
            mixed = strength * ink + core * color + place / 255 * place[..., 3:] * (1 - body)
            solid = np.where(alpha > 0, alpha, 1)
            place = np.where(alpha > 0, mixed / solid, place)
            place[..., 3:] = 255 * alpha
        else:
            place = place * (1 - strength - core) + strength * ink + core * color
        target[:, :edge] = np.rint(place)


class _Ink:
    """Everything but the colours, as coverage of 0 to 255."""

    def __init__(self, style: _Style, across: int) -> None:
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
