"""NumPy's own files: NPY, and one array of an NPZ."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .archives import opened_zip
from .raster import ReadError, is_real, line, refuse_inflated
from .registry import Format, Found, Request
from .selection import Places, Selection, listed, places_of, selected
from .signatures import NPY, ZIP

if TYPE_CHECKING:
    from .windows import Windowed

#: Files larger than this are mapped into memory, not copied.
_MAP_FROM = 1 << 26
#: How much is read at a time for a band.
_READ_BYTES = 1 << 22


def read_npy(path: Path, size: int, request: Request) -> Found:
    """The array, or what of it the key says; of a large file or a stack a read-only view."""
    with path.open("rb") as file:
        header = read_header(path, file)
        needed = check_held(path, header, size - file.tell())
        if request.key is not None:
            selection = selected(path, {"array": header.shape}, request.key)
            places = places_of(path, selection, header.shape)
            array = np.load(path, mmap_mode="r" if needed else None, allow_pickle=False)
            return Found(_at(array, places))
        if size >= _MAP_FROM and needed:
            return Found(np.load(path, mmap_mode="r", allow_pickle=False))
        file.seek(0)
        return Found(np.lib.format.read_array(file, allow_pickle=False))


def _at(array: AnyArray, where: Places) -> AnyArray:
    image: AnyArray = array[tuple(map(_index, where.places))]
    return image.T if where.turned else image


def _index(places: int | range) -> int | slice:
    if isinstance(places, int) or not places:
        return places if isinstance(places, int) else slice(0)
    stop = places.stop if places.stop >= 0 else None  # downwards to the first
    return slice(places.start, stop, places.step)


def npy_windows(path: Path, size: int, request: Request) -> Windowed | None:
    """The array in bands of rows; None of one that lies there in columns, and of a stack."""
    from .windows import Windowed

    if request.key is not None:
        return None
    with path.open("rb") as file:
        header = read_header(path, file)
        offset = file.tell()
    dtype = header.dtype
    if len(header.shape) != 2 or header.columns_first:
        return None
    height, width = header.shape
    check_held(path, header, size - offset)
    row_bytes = width * dtype.itemsize
    step = max(1, _READ_BYTES // max(1, row_bytes))

    def rows() -> Iterator[AnyArray]:
        with path.open("rb") as file:  # not mapped: pages that were looked at would stay
            file.seek(offset)
            for top in range(0, height, step):
                some = min(step, height - top)
                data = file.read(some * row_bytes)
                yield np.frombuffer(data, dtype).reshape(some, width)

    return Windowed(path, (height, width), dtype, rows)


def read_npz(path: Path, size: int, request: Request) -> Found:
    """The array named by the key, or the only one; of a stack what the key says."""
    with opened_zip(path) as archive:
        names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
        if not names:
            raise ReadError(path, "a ZIP file without NumPy arrays")
        if request.key is None and len(names) > 1:
            raise ReadError(path, f"holds {len(names)} arrays; choose one by key: {listed(names)}")
        selection = Selection(names[0])
        if request.key in names:
            selection = Selection(request.key)
        elif request.key is not None:
            selection = selected(path, _shapes(path, archive, names), request.key)
        member = archive.getinfo(f"{selection.name}.npy")
        with archive.open(member) as file:
            refuse_inflated(path, read_header(path, file).nbytes, member.compress_size)
        with archive.open(member) as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    if not (selection.indices or selection.turned):
        return Found(array)
    return Found(_at(array, places_of(path, selection, array.shape)))


FORMATS = (
    Format(
        "NPY",
        (".npy",),
        lambda head, _: head.startswith(NPY),
        read_npy,
        summary="one array of real numbers of up to 64 bits; of a stack, `[3]` is a key",
        uses_key=True,
        windows=npy_windows,
    ),
    Format(
        "NPZ",
        (".npz",),
        lambda head, _: head.startswith(ZIP),
        read_npz,
        summary="the array named by the key, or the only one; of a stack, `depths[3]`",
        uses_key=True,
    ),
)


def write_npy(file: BinaryIO, image: AnyArray) -> None:
    """The array as it is."""
    np.lib.format.write_array(file, image, allow_pickle=False)


def _shapes(path: Path, archive: zipfile.ZipFile, names: list[str]) -> dict[str, tuple[int, ...]]:
    """Of the arrays that could be read: others, such as text, may lie beside them."""
    shapes = {}
    for name in names:
        with suppress(ReadError), archive.open(f"{name}.npy") as file:
            header = read_header(path, file)
            if is_real(header.dtype):
                shapes[name] = header.shape
    return shapes


class NpyHeader(NamedTuple):
    """What an NPY file says of its array."""

    shape: tuple[int, ...]
    columns_first: bool
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


def check_held(path: Path, header: NpyHeader, held: int) -> int:
    """How many bytes the values are; `ReadError` if not so many are there."""
    if held < header.nbytes:
        raise ReadError(
            path, f"{header.shape} {header.dtype} needs {header.nbytes} bytes, it has {held}"
        )
    return header.nbytes


def read_header(path: Path, file: IO[bytes]) -> NpyHeader:
    """The header, with the file left at the first value.

    Raises
    ------
    ReadError
        If it is none, or its array holds Python objects.
    """
    try:
        version = np.lib.format.read_magic(file)
        # A version 3 header has field names beyond Latin-1, and no plain array needs it.
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        header = NpyHeader(*read(file))
    except (ValueError, KeyError, SyntaxError, TokenError) as error:
        raise ReadError(path, f"a broken NPY header: {line(error)}") from None
    if any(type(length) is not int or length < 0 for length in header.shape):
        raise ReadError(path, f"a broken NPY header: its shape is {header.shape}")
    if header.dtype.hasobject:
        raise ReadError(path, "holds Python objects, which are never unpickled")
    return header
