"""What a key says where files hold several arrays, and stacks: ``depths[12]``.

::

    key   = [name] [ "[" index { "," index } "]" ] [ ".T" ]
    index = integer | slice | "..."

as in NumPy: ``frames[-1]`` is the last, ``cube[..., 3]`` the fourth along the last axis,
``elevation[::-1]`` is upside down, ``.T`` has rows and columns exchanged. Without a name it
is the only array; an array whose name is the whole key is meant before anything else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import EllipsisType
from typing import NamedTuple

from .raster import ReadError

_KEY = re.compile(r"(?P<name>.*?)(?:\[(?P<index>[^\[\]]*)\])?(?P<turned>\.T)?", re.DOTALL)
#: No axis is longer than such a number.
_INTEGER = r"[+-]?[0-9]{1,18}"
_SLICE = re.compile(rf"({_INTEGER})?:({_INTEGER})?(?::({_INTEGER})?)?")
#: How many arrays an error lists.
_MOST_LISTED = 12

Index = int | slice | EllipsisType
Shape = tuple[int, ...]


class Selection(NamedTuple):
    """An array of a file, and what of it."""

    name: str
    indices: tuple[Index, ...] = ()
    turned: bool = False


def selected(path: Path, shapes: Mapping[str, Shape], key: str | None) -> Selection:
    """The array that a key chooses, or the only one of two dimensions.

    Parameters
    ----------
    path : Path
        For errors.
    shapes : mapping from str to tuple of int
        Of the arrays of real numbers.
    key : str or None

    Raises
    ------
    ReadError
        If the key is none, or names no array; or if there is no key and not one array only.
    """
    if not shapes:
        raise ReadError(path, "holds no arrays of real numbers")
    if key is None:
        return Selection(_only(path, shapes))
    for whole in (key, key.strip("/")):
        if whole in shapes:
            return Selection(whole)
    match = _KEY.fullmatch(key)
    assert match is not None, "every text is a name"
    name = match["name"].strip("/")
    if name not in shapes:
        if name:
            raise ReadError(path, f"holds no array {name!r}, only {listed(shapes)}")
        if len(shapes) > 1:
            raise ReadError(
                path, f"holds {len(shapes)} arrays; choose one by key: {listed(shapes)}"
            )
        name = next(iter(shapes))
    index = () if match["index"] is None else _index(path, key, match["index"])
    return Selection(name, index, match["turned"] is not None)


class Places(NamedTuple):
    """A selection as one place or several for each axis, of which two have several."""

    places: tuple[int | range, ...]
    turned: bool


def places_of(path: Path, selection: Selection, shape: Shape) -> Places:
    """Where in an array of a shape a selection is.

    Raises
    ------
    ReadError
        If it is outside, or is no image.
    """
    name, index, turned = selection
    given = len(index) - (... in index)
    if given > len(shape):
        raise ReadError(path, f"{name} has {len(shape)} axes, {_text(shape)}, and not {given}")
    rest: tuple[Index, ...] = (slice(None),) * (len(shape) - given)
    if ... in index:
        at = index.index(...)
        full = (*index[:at], *rest, *index[at + 1 :])
    else:
        full = (*index, *rest)
    places: list[int | range] = []
    for one, length in zip(full, shape, strict=True):
        assert not isinstance(one, EllipsisType), "it has been replaced"
        if isinstance(one, slice):
            places.append(range(length)[one])
        elif -length <= one < length:
            places.append(one % length)
        else:
            raise ReadError(
                path, f"{name}, {_text(shape)}, has no {one}; that axis ends at {length - 1}"
            )
    # Axes of one element do not matter, where there are more than two.
    for axis, place in enumerate(places):
        if isinstance(place, range) and len(place) == 1 and _axes_left(places) > 2:
            places[axis] = place[0]
    left = _axes_left(places)
    if left > 2:
        example = f"{name}[{', '.join('0' * (left - 2))}]"
        raise ReadError(path, f"{name} is a stack, {_text(shape)}; choose one by key: {example}")
    if left < 2:
        raise ReadError(path, f"{name} is {_text(shape)}; the key must leave two axes, not {left}")
    return Places(tuple(places), turned)


def _axes_left(places: list[int | range]) -> int:
    return sum(isinstance(one, range) for one in places)


def listed(shapes: Mapping[str, Shape] | Collection[str]) -> str:
    """Names of arrays with their shapes, as errors list them."""
    names = list(shapes)
    texts = [
        f"{name} {_text(shapes[name])}" if isinstance(shapes, Mapping) else name
        for name in names[:_MOST_LISTED]
    ]
    more = len(names) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _only(path: Path, shapes: Mapping[str, Shape]) -> str:
    if len(shapes) == 1:
        return next(iter(shapes))
    images = [name for name, shape in shapes.items() if sum(n > 1 for n in shape) == 2]
    if len(images) == 1:
        return images[0]
    raise ReadError(path, f"holds {len(shapes)} arrays; choose one by key: {listed(shapes)}")


def _index(path: Path, key: str, text: str) -> tuple[Index, ...]:
    index: list[Index] = []
    for part in text.replace(" ", "").split(","):
        if re.fullmatch(_INTEGER, part):
            index.append(int(part))
        elif part == "..." and ... not in index:
            index.append(...)
        elif (match := _SLICE.fullmatch(part)) and int(match[3] or 1) != 0:
            index.append(slice(*(None if one is None else int(one) for one in match.groups())))
        else:
            raise ReadError(path, f"the key {key[:80]!r} has an index that is none: {part[:40]!r}")
    return tuple(index)


def _text(shape: Shape) -> str:
    return " x ".join(map(str, shape)) or "a single number"
