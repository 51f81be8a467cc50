"""NetCDF classic: CDF-1, CDF-2 (64-bit offset) and CDF-5 (64-bit data). NetCDF-4 is HDF5.

Read here, since SciPy knows no CDF-5 and allocates whatever a damaged header claims. All is
big-endian; N is 4 bytes, of CDF-5 8, and O is 4 bytes of CDF-1, else 8::

    header      "CDF" and one byte: 1, 2 or 5
                N records, all ones where nobody has counted them
                list of dimensions, of attributes, of variables
    list        4 bytes: a tag, or 0 of an empty one; N elements; the elements
    name        N bytes, and the bytes, up to a multiple of 4
    dimension   name; N length, 0 of that along which records are added
    attribute   name; 4 bytes: a type; N values; the values, up to a multiple of 4
    variable    name; N dimensions, and N for each: its number; list of attributes;
                4 bytes: a type; N bytes of a record; O: where the first value is

Variables whose first dimension is that of the records lie record by record: the first of each
variable, the second of each, and so on.

NetCDF classic format specification:
https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar

import numpy as np

from .._typing import AnyArray
from .datasets import NETCDF_FILL, Stored, frames, images, windowed
from .raster import ReadError
from .registry import Format, Found, Request
from .selection import Selection, selected
from .windows import Windowed

if TYPE_CHECKING:
    from .frames import Frames

_VERSIONS = (1, 2, 5)
_DIMENSIONS, _VARIABLES, _ATTRIBUTES = 0x0A, 0x0B, 0x0C
#: NC_BYTE, NC_CHAR and so on; those from 7 are of CDF-5.
_TYPES = dict(
    enumerate(("i1", "S1", "i2", "i4", "f4", "f8", "u1", "u2", "u4", "i8", "u8"), 1),
)
_LAST_CLASSIC_TYPE = 6

_T = TypeVar("_T")


class _Variable(NamedTuple):
    """An array in the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    attributes: dict[str, Any]
    begin: int
    has_records: bool

    @property
    def part_bytes(self) -> int:
        """Bytes of a record of it, or of all."""
        return math.prod(self.shape[self.has_records :]) * self.dtype.itemsize


class _Header(NamedTuple):
    variables: dict[str, _Variable]
    record_bytes: int  # from one record of a variable to its next


class _BrokenError(Exception):
    """What is wrong with a header."""


def open_netcdf(path: Path, size: int, request: Request) -> Windowed:
    """The variable that the key chooses, or the only image.

    Raises
    ------
    ReadError
        If there is none such, or the header is damaged or claims what the file does not hold.
    """
    stored, selection, opened = _chosen(path, size, request, frames=False)
    return windowed(path, stored, selection, opened)


def netcdf_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The stack that the key chooses, or the only one."""
    stored, selection, opened = _chosen(path, size, request, frames=True)
    return frames(path, stored, selection, request.axis, "NetCDF", opened)


def read_netcdf(path: Path, size: int, request: Request) -> Found:
    """The variable that the key chooses, or the only image."""
    return open_netcdf(path, size, request).found()


def _chosen(
    path: Path, size: int, request: Request, *, frames: bool
) -> tuple[Stored, Selection, Callable[[], AbstractContextManager[AnyArray]]]:
    try:
        with path.open("rb") as file:
            header = _Reader(file, size).header()
    except _BrokenError as error:
        raise ReadError(path, f"its NetCDF header is damaged: {error}") from None
    arrays = images({name: _stored(one) for name, one in header.variables.items()})
    shapes = {name: one.shape for name, one in arrays.items()}
    selection = selected(path, shapes, request.key, frames=frames)
    variable = header.variables[selection.name]
    for name, one in header.variables.items():
        _check_held(path, name, one, header.record_bytes, size)

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        yield _mapped(path, variable, header.record_bytes)

    return arrays[selection.name], selection, opened


def _stored(variable: _Variable) -> Stored:
    fill = NETCDF_FILL.get(variable.dtype.str[1:])
    return Stored(variable.shape, variable.dtype, variable.attributes, fill=fill)


def _check_held(path: Path, name: str, variable: _Variable, record_bytes: int, size: int) -> None:
    if 0 in variable.shape:
        return
    records = variable.shape[0] if variable.has_records else 1
    end = variable.begin + (records - 1) * record_bytes + variable.part_bytes
    if end > size:
        raise ReadError(path, f"{name} ends at byte {end}, the file at {size}")


def _mapped(path: Path, variable: _Variable, record_bytes: int) -> AnyArray:
    """The array as a view of the file, of which no more is read than is asked for."""
    if 0 in variable.shape:
        return np.empty(variable.shape, variable.dtype)
    file = np.memmap(path, np.uint8, "r")
    steps = [variable.dtype.itemsize]
    for length in reversed(variable.shape[1:]):
        steps.append(steps[-1] * length)
    if variable.has_records:
        steps[-1] = record_bytes
    strides = steps[::-1]
    return np.ndarray(variable.shape, variable.dtype, file, variable.begin, strides)


class _Reader:
    """Reads a header. It takes no more memory than the header has bytes."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self._size = size
        version = self._take(4)[3]
        if version not in _VERSIONS:
            raise _BrokenError(f"its version is {version}, not 1, 2 or 5")
        self._wide = version == 5
        self._count_code = ">q" if self._wide else ">i"
        self._offset_code = ">i" if version == 1 else ">q"

    def header(self) -> _Header:
        """All of it."""
        counted = self._take(8 if self._wide else 4)
        streaming = counted == b"\xff" * len(counted)
        records = 0 if streaming else self._not_negative(counted, "the number of records")
        lengths = [length for _, length in self._list(_DIMENSIONS, self._dimension)]
        self._list(_ATTRIBUTES, self._attribute)
        variables = dict(self._list(_VARIABLES, lambda: self._variable(lengths)))
        in_records = [one for one in variables.values() if one.has_records]
        padded = [-(-one.part_bytes // 4) * 4 for one in in_records]
        # A single one is not filled up: its records follow each other without gaps.
        record_bytes = in_records[0].part_bytes if len(in_records) == 1 else sum(padded)
        if streaming and in_records:
            first = min(one.begin for one in in_records)
            records = max(0, self._size - first) // record_bytes if record_bytes else 0
        for name, one in variables.items():
            if one.has_records:
                variables[name] = one._replace(shape=(records, *one.shape[1:]))
        return _Header(variables, record_bytes)

    def _dimension(self) -> tuple[str, int]:
        return self._name(), self._count("the length of a dimension")

    def _attribute(self) -> tuple[str, Any]:
        name, dtype = self._name(), self._type()
        count = self._count(f"the number of values of {name}")
        data = self._padded(count * dtype.itemsize)
        if dtype.kind == "S":
            return name, data
        return name, np.frombuffer(data, dtype)

    def _variable(self, lengths: list[int]) -> tuple[str, _Variable]:
        name = self._name()
        count = self._count(f"the number of dimensions of {name}")
        if count > self._left // 4:
            raise _BrokenError(f"{name} has {count} dimensions")
        numbers = [self._count(f"a dimension of {name}") for _ in range(count)]
        if max(numbers, default=0) >= len(lengths):
            raise _BrokenError(f"{name} has dimension {max(numbers)} of {len(lengths)}")
        shape = tuple(lengths[number] for number in numbers)
        attributes = dict(self._list(_ATTRIBUTES, self._attribute))
        dtype = self._type()
        self._take(8 if self._wide else 4)  # bytes of a record, which the shape says, too
        code = self._offset_code
        begin = self._not_negative(self._take(struct.calcsize(code)), f"where {name} is", code)
        has_records = bool(shape) and shape[0] == 0
        if 0 in shape[1:]:
            raise _BrokenError(f"{name} has records along its dimension {shape.index(0, 1)}")
        return name, _Variable(dtype, shape, attributes, begin, has_records)

    def _list(self, tag: int, element: Callable[[], _T]) -> list[_T]:
        found = int.from_bytes(self._take(4), "big")
        count = self._count("the length of a list")
        if found != tag and (found, count) != (0, 0):
            raise _BrokenError(f"a list has the tag {found}, not {tag}")
        if count > self._left // 4:  # an element has more bytes than that
            raise _BrokenError(f"a list has {count} elements in {self._left} bytes")
        return [element() for _ in range(count)]

    def _name(self) -> str:
        return self._padded(self._count("the length of a name")).decode("utf-8", "replace")

    def _type(self) -> np.dtype[Any]:
        code = int.from_bytes(self._take(4), "big")
        if code not in _TYPES or (code > _LAST_CLASSIC_TYPE and not self._wide):
            raise _BrokenError(f"there is no type {code}")
        return np.dtype(f">{_TYPES[code]}")

    def _padded(self, count: int) -> bytes:
        return self._take(count + -count % 4)[:count]

    def _count(self, what: str) -> int:
        return self._not_negative(self._take(8 if self._wide else 4), what)

    def _not_negative(self, data: bytes, what: str, code: str | None = None) -> int:
        number = int(struct.unpack(code or self._count_code, data)[0])
        if number < 0:
            raise _BrokenError(f"{what} is {number}")
        return number

    def _take(self, count: int) -> bytes:
        if count > self._left:
            raise _BrokenError(f"it takes {count} more bytes, and {self._left} follow")
        self._left -= count
        return self._file.read(count)


FORMATS = (
    Format(
        "NetCDF",
        (".nc", ".cdf"),
        lambda head, _: head.startswith((b"CDF\x01", b"CDF\x02", b"CDF\x05")),
        read_netcdf,
        summary="a variable by the key, an image of a stack by its index",
        uses_key=True,
        windows=open_netcdf,
        frames=netcdf_frames,
    ),
)
