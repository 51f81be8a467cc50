"""MAT files of MATLAB 5 to 7.2, and of Octave. Those of 7.3 are HDF5: see `hdf5`.

Read here, since SciPy 1.17 crashes on some that are damaged. MathWorks, "MAT-File Format",
level 5; all that matters for an array of numbers is::

    128 bytes   text, ..., "IM" (little-endian) or "MI"
    elements    uint32 type, uint32 bytes, and the data, up to a multiple of 8; if a few:
                uint16 type, uint16 bytes (as one word), and 4 bytes of data
    compressed  zlib of one element
    matrix      four elements: flags and class; dimensions; name; values, columns first, of
                any type that holds them

An image of a stack is chosen along MATLAB's last axis, as in `hdf5`: ``depths[12]`` is
MATLAB's ``depths(:, :, 13)``.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .datasets import Stored, frames, windowed
from .raster import MAX_EXPANSION, ReadError, line, refuse_inflated
from .registry import Format, Found, Request
from .selection import Selection, selected

if TYPE_CHECKING:
    from .frames import Frames

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
#: Types of elements.
_TYPES = dict(
    zip(
        (1, 2, 3, 4, 5, 6, 7, 9, 12, 13),
        ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8", "i8", "u8"),
        strict=True,
    )
)
#: Classes of arrays of numbers.
_CLASSES = dict(enumerate(("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), 6))
_COMPLEX, _LOGICAL = 0x800, 0x200
#: What comes before the values takes less than this.
_PREFIX = 1 << 12


class _Description(NamedTuple):
    """What a matrix begins with."""

    name: str
    shape: tuple[int, ...]  # as in MATLAB
    dtype: np.dtype[Any]
    values: int  # where in the matrix the element with the values begins


class _Variable(NamedTuple):
    """An array of numbers in the file."""

    place: int  # of its element's data
    size: int  # of that data
    compressed: bool
    described: _Description


def read_mat5(path: Path, size: int, request: Request) -> Found:
    """The variable that the key chooses, or the only image."""
    stored, selection, opened = _chosen(path, size, request, frames=False)
    return windowed(path, stored, selection, opened).found()


def mat5_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The stack that the key chooses, or the only one; all of it is in memory."""
    stored, selection, opened = _chosen(path, size, request, frames=True)
    return frames(path, stored, selection, request.axis, "MAT", opened)


def _chosen(
    path: Path, size: int, request: Request, *, frames: bool
) -> tuple[Stored, Selection, Callable[[], AbstractContextManager[AnyArray]]]:
    try:
        with path.open("rb") as file:
            order = "<" if file.read(_HEADER)[126:] == b"IM" else ">"
            variables = dict(_variables(file, size, order))
            shapes = {name: one.described.shape[::-1] for name, one in variables.items()}
            selection = selected(path, shapes, request.key, frames=frames)
            chosen = variables[selection.name]
            claimed = math.prod(chosen.described.shape) * chosen.described.dtype.itemsize
            refuse_inflated(path, claimed, size, MAX_EXPANSION)
            array = _values(path, file, chosen, order)
    except (ValueError, zlib.error) as error:
        raise ReadError(path, f"is damaged: {line(error)}") from error

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        yield array

    return Stored(array.shape, array.dtype, {}, columns_first=True), selection, opened


def _variables(file: BinaryIO, size: int, order: str) -> Iterator[tuple[str, _Variable]]:
    place = _HEADER
    while place + 8 <= size:
        file.seek(place)
        kind, length = struct.unpack(order + "II", file.read(8))
        if kind in (_MATRIX, _COMPRESSED) and place + 8 + length <= size:
            prefix = file.read(min(length, _PREFIX))
            if kind == _COMPRESSED:
                prefix = zlib.decompressobj().decompress(prefix, _PREFIX)
                if int.from_bytes(prefix[:4], "little" if order == "<" else "big") != _MATRIX:
                    raise ValueError("what is compressed is no array")
                prefix = prefix[8:]
            found = _described(prefix, order)
            if found is not None:
                yield found.name, _Variable(place + 8, length, kind == _COMPRESSED, found)
        place += 8 + length
    if place != size:
        raise ValueError("the file ends within an array")


def _described(matrix: bytes, order: str) -> _Description | None:
    """What a matrix is; None if it is no array of real numbers."""
    _, place, length = _element(matrix, 0, order)
    flags = _numbers(matrix, place, 1, order + "I")[0]
    code = _CLASSES.get(flags & 0xFF)
    if code is None or flags & _COMPLEX:
        return None
    at = _after(place, length)
    _, place, length = _element(matrix, at, order)
    shape = _numbers(matrix, place, length // 4, order + "i")
    if len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"the dimensions of an array are {shape}")
    at = _after(place, length)
    _, place, length = _element(matrix, at, order)
    name = matrix[place : place + length].decode("utf-8", "replace")
    dtype = np.dtype(np.bool_) if flags & _LOGICAL else np.dtype(code)
    return _Description(name, shape, dtype, _after(place, length))


def _element(data: bytes, at: int, order: str) -> tuple[int, int, int]:
    """Type, place and length of what is in an element."""
    kind, length = _numbers(data, at, 2, order + "I")
    if kind >> 16:
        return kind & 0xFFFF, at + 4, min(4, kind >> 16)
    return kind, at + 8, length


def _numbers(data: bytes, at: int, count: int, code: str) -> tuple[int, ...]:
    """So many integers of 32 bits."""
    if at + 4 * count > len(data):
        raise ValueError(f"{count} numbers at byte {at} of an array that ends at {len(data)}")
    return struct.unpack_from(f"{code[0]}{count}{code[1]}", data, at)


def _after(place: int, length: int) -> int:
    """Where the next element is: all begin at a multiple of 8."""
    return -(-(place + length) // 8) * 8


def _values(path: Path, file: BinaryIO, variable: _Variable, order: str) -> AnyArray:
    """The array with its axes in reverse."""
    _, shape, dtype, begin = variable.described
    count = math.prod(shape)
    file.seek(variable.place)
    matrix = file.read(variable.size)
    if variable.compressed:
        # No more than the values can take, whatever the stream goes on to give.
        most = 8 + begin + 8 + 8 * count + _PREFIX
        matrix = zlib.decompressobj().decompress(matrix, most)[8:]
    kind, place, length = _element(matrix, begin, order)
    code = _TYPES.get(kind)
    if code is None:
        raise ReadError(path, f"has values of type {kind}, which there is not")
    stored = np.dtype(order + code)
    if count * stored.itemsize != length or place + length > len(matrix):
        raise ReadError(path, f"has {length} bytes for {count} values of {stored.itemsize}")
    flat = np.frombuffer(matrix, stored, count, place)
    return flat.astype(dtype).reshape(shape[::-1])


FORMATS = (
    Format(
        "MAT",
        (".mat",),
        lambda head, _: head.startswith(b"MATLAB 5.0 MAT-file") and head[126:128] in (b"IM", b"MI"),
        read_mat5,
        summary="a variable by the key, an image of a stack by its index",
        uses_key=True,
        frames=mat5_frames,
    ),
)
