"""NumPy's own files: NPY, and one array of an NPZ."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

import numpy as np

from .._typing import AnyArray
from .raster import ReadError, refuse_inflated
from .registry import Format, Found, Request
from .signatures import NPY, ZIP

if TYPE_CHECKING:
    from .windows import Windowed

#: Files larger than this are mapped into memory, not copied.
_MAP_FROM = 1 << 26
#: How much is read at a time for a band.
_READ_BYTES = 1 << 22


def read_npy(path: Path, size: int, _: Request) -> Found:
    """The array; of a large file a read-only view."""
    with path.open("rb") as file:
        shape, dtype, _columns_first = _header(path, file)
        needed = _check_size(path, shape, dtype, size - file.tell())
        if size >= _MAP_FROM and needed:
            return Found(np.load(path, mmap_mode="r", allow_pickle=False))
        file.seek(0)
        return Found(np.lib.format.read_array(file, allow_pickle=False))


def npy_windows(path: Path, size: int, _: Request) -> Windowed | None:
    """The array in bands of rows; None of one that lies there in columns."""
    from .windows import Windowed

    with path.open("rb") as file:
        shape, dtype, columns_first = _header(path, file)
        offset = file.tell()
    if len(shape) != 2 or columns_first:
        return None
    height, width = shape
    _check_size(path, shape, dtype, size - offset)
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
    """The array named by the key, or the only one."""
    key = request.key
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ReadError(path, f"a broken NPZ: {error}") from None
    with archive:
        names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
        listed = ", ".join(names)
        if not names:
            raise ReadError(path, "a ZIP file without NumPy arrays")
        if key is None and len(names) > 1:
            raise ReadError(path, f"holds {len(names)} arrays; choose one by key: {listed}")
        if key is not None and key not in names:
            raise ReadError(path, f"holds no array {key!r}, only {listed}")
        member = archive.getinfo(f"{names[0] if key is None else key}.npy")
        with archive.open(member) as file:
            shape, dtype, _ = _header(path, file)
            refuse_inflated(path, math.prod(shape) * dtype.itemsize, member.compress_size)
        with archive.open(member) as file:
            return Found(np.lib.format.read_array(file, allow_pickle=False))


FORMATS = (
    Format(
        "NPY",
        (".npy",),
        lambda head, _: head.startswith(NPY),
        read_npy,
        summary="one array of real numbers, of any dtype up to 64 bits",
        windows=npy_windows,
    ),
    Format(
        "NPZ",
        (".npz",),
        lambda head, _: head.startswith(ZIP),
        read_npz,
        summary="the array named by the key, or the only one",
        uses_key=True,
    ),
)


def write_npy(file: BinaryIO, image: AnyArray) -> None:
    """The array as it is."""
    np.lib.format.write_array(file, image, allow_pickle=False)


def _check_size(path: Path, shape: tuple[int, ...], dtype: np.dtype[np.generic], held: int) -> int:
    """How many bytes the values are; `ReadError` if they are not there."""
    needed = math.prod(shape) * dtype.itemsize
    if held < needed:
        raise ReadError(path, f"{shape} {dtype} needs {needed} bytes, it has {held}")
    return needed


def _header(path: Path, file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic], bool]:
    """Shape, dtype and whether columns come first, with the file left at the first value."""
    try:
        version = np.lib.format.read_magic(file)
        # A version 3 header has field names beyond Latin-1, and no plain array needs it.
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, columns_first, dtype = read(file)
    except (ValueError, KeyError) as error:
        raise ReadError(path, f"a broken NPY header: {str(error).splitlines()[0]}") from None
    if dtype.hasobject:
        raise ReadError(path, "holds Python objects, which are never unpickled")
    return shape, dtype, columns_first
