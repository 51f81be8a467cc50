"""NumPy's own files: NPY, and one array of an NPZ."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

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
        needed = check_held(path, read_header(path, file), size - file.tell())
        if size >= _MAP_FROM and needed:
            return Found(np.load(path, mmap_mode="r", allow_pickle=False))
        file.seek(0)
        return Found(np.lib.format.read_array(file, allow_pickle=False))


def npy_windows(path: Path, size: int, _: Request) -> Windowed | None:
    """The array in bands of rows; None of one that lies there in columns."""
    from .windows import Windowed

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
            refuse_inflated(path, read_header(path, file).nbytes, member.compress_size)
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
    except (ValueError, KeyError) as error:
        raise ReadError(path, f"a broken NPY header: {str(error).splitlines()[0]}") from None
    if any(type(length) is not int or length < 0 for length in header.shape):
        raise ReadError(path, f"a broken NPY header: its shape is {header.shape}")
    if header.dtype.hasobject:
        raise ReadError(path, "holds Python objects, which are never unpickled")
    return header
