"""`Recipe`: how a picture's colors were made of numbers, as text for the picture's file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, cast

from .._version import __version__

#: Of the text's form: a later one may mean something else.
FORMAT = 1
#: What a recipe's text is known by: the name of a PNG's text, the key of the JSON object.
KEYWORD = "turbo_cmap"
#: A recipe has some hundred characters; what is longer is none.
MOST_CHARACTERS = 8192

NORMS = ("linear", "log", "inverse", "sqrt", "symlog", "asinh", "equalize")
METHODS = ("lut", "spline", "poly")
_LARGEST_SIDE = 1 << 31
_HEX = re.compile("#(?:[0-9a-f]{6}|[0-9a-f]{8})", re.ASCII)


class Region(NamedTuple):
    """A rectangle of a picture, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a picture's colors were made of numbers.

    The names are those of the arguments of `turbo_cmap.colorize`.

    Attributes
    ----------
    cmap : str
        Name of the color map.
    vmin, vmax : float
        Values of the first and the last color.
    norm : str, default "linear"
        The scale between them, by name.
    center : float or None
        The scale is symmetric about this value.
    reverse : bool
        The map was used from its last color to its first.
    quantize : int or None
        Number of layers of one color each.
    method : {"lut", "spline", "poly"}
    bad, under, over : str or None
        Colors as ``#rrggbb`` or ``#rrggbbaa``; None is the map's own.
    unit : str or None
        Of the values.
    region : Region or None
        Where in the picture the colors are, if there is more in it: a bar, a title.
    size : (width, height) or None
        Of the whole picture; needed with *region*, which means nothing after the picture
        has been cropped or resized.
    alpha : float, default 1
        How much of the colors there is over a photograph.
    version : str
        Of the package that made it.

    Raises
    ------
    TypeError, ValueError
        If one of them is not allowed.
    """

    cmap: str
    vmin: float
    vmax: float
    norm: str = "linear"
    center: float | None = None
    reverse: bool = False
    quantize: int | None = None
    method: str = "lut"
    bad: str | None = None
    under: str | None = None
    over: str | None = None
    unit: str | None = None
    region: Region | None = None
    size: tuple[int, int] | None = None
    alpha: float = 1.0
    version: str = __version__

    def __post_init__(self) -> None:
        for name, check in _CHECKS.items():
            given = getattr(self, name)
            if not (given is None and name in _OPTIONAL):
                object.__setattr__(self, name, check(name, given))
        if self.vmin > self.vmax:
            raise ValueError(f"vmin must not be greater than vmax, got {self.vmin} > {self.vmax}")
        if self.norm in ("log", "inverse") and self.vmin <= 0:
            raise ValueError(f"vmin must be greater than 0 with norm {self.norm}, got {self.vmin}")
        if self.center is not None and self.norm != "linear":
            raise ValueError(f"norm must be linear with center, got {self.norm}")
        if self.center is not None and not self.vmin <= self.center <= self.vmax:
            raise ValueError(f"center must lie between vmin and vmax, got {self.center}")
        if self.region is not None:
            if self.size is None:
                raise ValueError("size must be given with region")
            width, height = self.size
            left, top, wide, high = self.region
            if left + wide > width or top + high > height:
                raise ValueError(f"region must lie in the picture, got {list(self.region)}")

    def to_json(self) -> str:
        """The text, in ASCII; `from_json` gives an equal recipe."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        del given["version"]
        return json.dumps({KEYWORD: self.version, "format": FORMAT, **given}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe of a text that may come from anywhere.

        Raises
        ------
        ValueError
            If it is none; one line that says why.
        """
        try:
            return cls(**_fields_of(text))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise ValueError(reason if reason.isprintable() else repr(reason)) from None


def is_recipe(text: str) -> bool:
    """Whether a text of unknown origin claims to be a recipe, of whatever form."""
    return text[:64].lstrip("{ \t\r\n").startswith(f'"{KEYWORD}"')


def _fields_of(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it has {len(text)} characters, and none has more than {MOST_CHARACTERS}")
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    form = found.pop("format", None)
    if type(form) is not int:
        raise ValueError("it does not say which format it has")
    if form != FORMAT:
        raise ValueError(f"its format is {form}, of which this version knows nothing")
    found["version"] = found.pop(KEYWORD, None)
    known = {field.name for field in fields(Recipe)}
    unknown = sorted(set(found) - known)
    if unknown:
        raise ValueError(f"it has unknown fields: {', '.join(map(repr, unknown[:3]))}")
    missing = [name for name in ("cmap", "vmin", "vmax") if name not in found]
    if missing:
        raise ValueError(f"it lacks {' and '.join(missing)}")
    return cast("dict[str, Any]", found)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it has a number {name}")


# --- what each field may be ---


def _number(name: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError(f"{name} must be a number, got {type(given).__name__}")
    if not math.isfinite(given):
        raise ValueError(f"{name} must be finite, got {given}")
    return float(given)


def _share(name: str, given: object) -> float:
    share = _number(name, given)
    if not 0 <= share <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {share}")
    return share


def _integer(name: str, given: object, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"{name} must be an integer, got {type(given).__name__}")
    if not least <= given <= most:
        raise ValueError(f"{name} must be from {least} to {most}")
    return given


def _flag(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise TypeError(f"{name} must be a bool, got {type(given).__name__}")
    return given


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a string, got {type(given).__name__}")
    if not 1 <= len(given) <= 100 or not given.isprintable():
        raise ValueError(f"{name} must be 1 to 100 printable characters, got {given[:100]!r}")
    return given


def _one_of(*names: str) -> Callable[[str, object], str]:
    def check(name: str, given: object) -> str:
        if given not in names:
            raise ValueError(f"{name} must be one of {', '.join(names)}, got {given!r:.100}")
        return str(given)

    return check


def _color(name: str, given: object) -> str:
    if not isinstance(given, str) or not _HEX.fullmatch(given):
        raise ValueError(f"{name} must be #rrggbb or #rrggbbaa, got {given!r:.100}")
    return given


def _integers(name: str, given: object, least: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(given, (list, tuple)) or len(given) != len(least):
        raise TypeError(f"{name} must be {len(least)} integers")
    return tuple(
        _integer(name, one, low, _LARGEST_SIDE) for one, low in zip(given, least, strict=True)
    )


_OPTIONAL = frozenset({"center", "quantize", "bad", "under", "over", "unit", "region", "size"})
_CHECKS: Mapping[str, Callable[[str, object], Any]] = {
    "cmap": _text,
    "vmin": _number,
    "vmax": _number,
    "norm": _one_of(*NORMS),
    "center": _number,
    "reverse": _flag,
    "quantize": lambda name, given: _integer(name, given, 1, 65536),
    "method": _one_of(*METHODS),
    "bad": _color,
    "under": _color,
    "over": _color,
    "unit": _text,
    "region": lambda name, given: Region(*_integers(name, given, (0, 0, 1, 1))),
    "size": lambda name, given: _integers(name, given, (1, 1)),
    "alpha": _share,
    "version": _text,
}
