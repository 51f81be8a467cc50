"""MAT files of MATLAB 4, and of ``save -v4`` of later ones and of Octave.

They have no mark of their own, so that the name counts, and what the first header says.
MathWorks, "MAT-File Format", level 4; a matrix after the other::

    int32         MOPT: 1000 M + 100 O + 10 P + T in decimal
                  M is 0 of little-endian files, 1 of big-endian ones; O is 0
                  P is 0 of float64, 1 float32, 2 int32, 3 int16, 4 uint16, 5 uint8
                  T is 0 of numbers, 1 of text, 2 of sparse matrices
    int32         rows, columns
    int32         1 if there is an imaginary part
    int32         bytes of the name, with the 0 that ends it
    <name>
    <values>      columns first; then those of the imaginary part
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .datasets import Stored, windowed
from .raster import ReadError
from .registry import Format, Found, Request
from .selection import selected

_DTYPES = ("f8", "f4", "i4", "i2", "u2", "u1")
_NUMBERS, _SPARSE = 0, 2
_BIG_ENDIAN = 1000
_HEADER_BYTES = 20
#: MATLAB's own are 63 characters long at most.
_LONGEST_NAME = 1024


class _Matrix(NamedTuple):
    dtype: np.dtype[np.generic]
    rows: int
    columns: int
    name_bytes: int
    kind: int
    is_complex: bool

    @property
    def nbytes(self) -> int:
        """Of the values, and of those of the imaginary part."""
        return self.rows * self.columns * self.dtype.itemsize * (1 + self.is_complex)


class _Variable(NamedTuple):
    matrix: _Matrix
    place: int  # of the first value


def read_mat4(path: Path, size: int, request: Request) -> Found:
    """The variable that the key chooses, or the only image."""
    with path.open("rb") as file:
        variables = dict(_variables(path, file, size))
    shapes = {name: (one.matrix.columns, one.matrix.rows) for name, one in variables.items()}
    selection = selected(path, shapes, request.key)
    (dtype, rows, columns, *_), place = variables[selection.name]

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        flat = np.fromfile(path, dtype, rows * columns, offset=place)
        yield flat.astype(dtype.newbyteorder("="), copy=False).reshape(columns, rows)

    stored = Stored((columns, rows), dtype.newbyteorder("="), {}, columns_first=True)
    return windowed(path, stored, selection, opened).found()


def _variables(path: Path, file: BinaryIO, size: int) -> Iterator[tuple[str, _Variable]]:
    """Matrices of real numbers, by their names."""
    place = 0
    while place < size:
        file.seek(place)
        matrix = _matrix(file.read(_HEADER_BYTES))
        if matrix is None:
            raise ReadError(path, f"has something else than a matrix at byte {place}")
        name = file.read(matrix.name_bytes).split(b"\0")[0].decode("latin-1")
        place += _HEADER_BYTES + matrix.name_bytes
        if place + matrix.nbytes > size:
            raise ReadError(
                path,
                f"{name} is {matrix.rows} x {matrix.columns} {matrix.dtype.name} of "
                f"{matrix.nbytes} bytes, {max(0, size - place)} follow",
            )
        if matrix.kind == _NUMBERS and not matrix.is_complex:
            yield name, _Variable(matrix, place)
        place += matrix.nbytes


def _matrix(header: bytes) -> _Matrix | None:
    """What the bytes of a header say; None if they are none."""
    if len(header) < _HEADER_BYTES:
        return None
    for order, machine in (("<", 0), (">", _BIG_ENDIAN)):
        code, rows, columns, imaginary, name_bytes = struct.unpack(f"{order}5i", header)
        precision, kind = divmod(code - machine, 10)
        if (
            0 <= precision < len(_DTYPES)
            and kind <= _SPARSE
            and min(rows, columns) >= 0
            and imaginary in (0, 1)
            and 0 < name_bytes <= _LONGEST_NAME
        ):
            dtype = np.dtype(order + _DTYPES[precision])
            return _Matrix(dtype, rows, columns, name_bytes, kind, imaginary == 1)
    return None


def _recognizes(head: bytes, path: Path) -> bool:
    matrix = _matrix(head[:_HEADER_BYTES]) if path.suffix.lower() == ".mat" else None
    if matrix is None:
        return False
    # A name is text and one 0.
    name = head[_HEADER_BYTES : _HEADER_BYTES + matrix.name_bytes]
    return name.isascii() and name.find(b"\0") in (len(name) - 1, -1)


FORMATS = (
    Format(
        "MAT 4",
        (".mat",),
        _recognizes,
        read_mat4,
        summary="a variable by the key",
        uses_key=True,
    ),
)
