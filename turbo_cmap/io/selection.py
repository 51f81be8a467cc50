"""What a key says where files hold several arrays, and stacks: ``depths[12]``.

::

    key   = [name] [ "[" index { "," index } "]" ] [ ".T" ]
    index = integer | slice | "..."

as in NumPy: ``frames[-1]`` is the last, ``cube[..., 3]`` the fourth along the last axis,
``elevation[::-1]`` is upside down, ``.T`` has rows and columns exchanged. Without a name it
is the only array; an array whose name is the whole key is meant before anything else.

Where frames are wanted instead of an image, the key leaves three axes: ``temperature[:, 0]``
is the lowest level of each time, ``frames[100:200:2]`` every second frame of some.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from types import EllipsisType
from typing import NamedTuple

from .raster import ReadError, not_depth

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


def selected(
    path: Path, shapes: Mapping[str, Shape], key: str | None, *, frames: bool = False
) -> Selection:
    """The array that a key chooses, or the only one of two dimensions.

    Parameters
    ----------
    path : Path
        For errors.
    shapes : mapping from str to tuple of int
        Of the arrays of real numbers.
    key : str or None
    frames : bool, default False
        Whether the only one of three dimensions is preferred to that.

    Raises
    ------
    ReadError
        If the key is none, or names no array; or if there is no key and not one array only.
    """
    if not shapes:
        raise ReadError(path, "holds no arrays of real numbers")
    if key is None:
        return Selection(_only(path, shapes, frames))
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
    name = selection.name
    places = _every_place(path, selection, shape)
    _drop_short_axes(places)
    left = _axes_left(places)
    if left > 2:
        example = f"{name}[{', '.join('0' * (left - 2))}]"
        raise ReadError(
            path, f"{name} is a stack, {shape_text(shape)}; choose one by key: {example}"
        )
    if left < 2:
        raise ReadError(
            path, f"{name} is {shape_text(shape)}; the key must leave two axes, not {left}"
        )
    return Places(tuple(places), selection.turned)


class StackPlaces(NamedTuple):
    """A selection that is a stack of images."""

    axis: int  # of the array: the one that the frames lie along
    frames: range  # their places on it
    image: tuple[int | range, ...]  # the places on all axes, 0 on that one
    turned: bool


def stack_places_of(
    path: Path, selection: Selection, shape: Shape, axis: int | None
) -> StackPlaces | None:
    """Where in an array of a shape the frames of a selection are.

    Parameters
    ----------
    path : Path
        For errors.
    selection : Selection
    shape : tuple of int
    axis : int or None
        Of those that the selection leaves, the one that frames lie along, as in NumPy; None is
        the first, where it leaves no more than one image.

    Returns
    -------
    StackPlaces or None
        None where no axis is given, and there is one image or nothing.

    Raises
    ------
    ReadError
        If the selection is outside of the array, or leaves too many axes or too few.
    """
    name = selection.name or "the array"
    places = _every_place(path, selection, shape)
    left = [number for number, place in enumerate(places) if isinstance(place, range)]
    lengths = tuple(len(place) for place in places if isinstance(place, range))
    if axis is None:
        if len(left) < 3 or 0 in lengths:
            return None
        if len(left) == 3 and 1 in (lengths[0], lengths[2]):
            return None  # one image: (1, H, W) or (H, W, 1)
        if len(left) == 3 and lengths[2] in (2, 3, 4):
            raise not_depth(path, lengths[2])
    elif len(left) < 3:
        raise ReadError(
            path,
            f"{name} is {shape_text(lengths)}, which is no stack; axis is for those of three",
        )
    elif not -len(left) <= axis < len(left):
        raise ReadError(
            path,
            f"{name} is {shape_text(lengths)}; axis must be from {-len(left)} to "
            f"{len(left) - 1}, got {axis}",
        )
    along = left[axis or 0]
    frames = places[along]
    assert isinstance(frames, range), "of these is the list"
    places[along] = 0
    _drop_short_axes(places)
    if _axes_left(places) > 2:
        example = "[..., 0]" if lengths[-1] in (2, 3, 4) else "[:, 0]"
        raise ReadError(
            path,
            f"{name} is {shape_text(lengths)}; frames, N x H x W, are needed: choose by key, "
            f"such as {selection.name}{example}",
        )
    return StackPlaces(along, frames, tuple(places), selection.turned)


def slice_of(path: Path, selection: Selection, count: int) -> range:
    """The places of a selection along one axis.

    Raises
    ------
    ReadError
        If it is no slice, ``[10:20]``.
    """
    place = _every_place(path, selection, (count,))[0]
    if isinstance(place, int) or selection.turned:
        raise ReadError(path, f"{selection.name} are chosen by a slice such as [10:20]")
    return place


def _every_place(path: Path, selection: Selection, shape: Shape) -> list[int | range]:
    """One place or several for each axis."""
    name, index, _ = selection
    given = len(index) - (... in index)
    if given > len(shape):
        raise ReadError(path, f"{name} has {len(shape)} axes, {shape_text(shape)}, and not {given}")
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
                path, f"{name}, {shape_text(shape)}, has no {one}; that axis ends at {length - 1}"
            )
    return places


def _drop_short_axes(places: list[int | range]) -> None:
    """Axes of one element do not matter, where there are more than two."""
    for axis, place in enumerate(places):
        if isinstance(place, range) and len(place) == 1 and _axes_left(places) > 2:
            places[axis] = place[0]


def _axes_left(places: list[int | range]) -> int:
    return sum(isinstance(one, range) for one in places)


def listed(shapes: Mapping[str, Shape] | Collection[str]) -> str:
    """Names of arrays with their shapes, as errors list them."""
    names = list(shapes)
    texts = [
        f"{name} {shape_text(shapes[name])}" if isinstance(shapes, Mapping) else name
        for name in names[:_MOST_LISTED]
    ]
    more = len(names) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more else "")


def _only(path: Path, shapes: Mapping[str, Shape], frames: bool) -> str:
    if len(shapes) == 1:
        return next(iter(shapes))
    stacks = [name for name, shape in shapes.items() if frames and _is_stack(shape)]
    if len(stacks) == 1:
        return stacks[0]
    if len(stacks) > 1:
        some = {name: shapes[name] for name in stacks}
        raise ReadError(path, f"holds {len(some)} stacks; choose one by key: {listed(some)}")
    images = [name for name, shape in shapes.items() if sum(n > 1 for n in shape) == 2]
    if len(images) == 1:
        return images[0]
    raise ReadError(path, f"holds {len(shapes)} arrays; choose one by key: {listed(shapes)}")


def _is_stack(shape: Shape) -> bool:
    """Whether an array is likely to be frames, and no picture of several channels."""
    return sum(n > 1 for n in shape) == 3 and shape[-1] not in (2, 3, 4)


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


def shape_text(shape: Shape) -> str:
    """A shape as errors have it: "480 x 640"."""
    return " x ".join(map(str, shape)) or "a single number"
