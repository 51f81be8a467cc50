"""NumPy's own files: NPY, and one array of an NPZ."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from .._typing import AnyArray
from .raster import ReadError, refuse_inflated
from .registry import Format, Found, Request

#: Files larger than this are mapped into memory, not copied.
_MAP_FROM = 1 << 26


def read_npy(path: Path, size: int, _: Request) -> Found:
    """The array; of a large file a read-only view."""
    with path.open("rb") as file:
        shape, dtype = _header(path, file)
        needed = math.prod(shape) * dtype.itemsize
        held = size - file.tell()
        if held < needed:
            raise ReadError(path, f"{shape} {dtype} needs {needed} bytes, it has {held}")
        if size >= _MAP_FROM and needed:
            return Found(np.load(path, mmap_mode="r", allow_pickle=False))
        file.seek(0)
        return Found(np.lib.format.read_array(file, allow_pickle=False))


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
            shape, dtype = _header(path, file)
            refuse_inflated(path, math.prod(shape) * dtype.itemsize, member.compress_size)
        with archive.open(member) as file:
            return Found(np.lib.format.read_array(file, allow_pickle=False))


FORMATS = (
    Format(
        "NPY",
        (".npy",),
        lambda head, _: head.startswith(b"\x93NUMPY"),
        read_npy,
        summary="one array of real numbers, of any dtype up to 64 bits",
    ),
    Format(
        "NPZ",
        (".npz",),
        lambda head, _: head.startswith((b"PK\3\4", b"PK\5\6")),
        read_npz,
        summary="the array named by the key, or the only one",
        uses_key=True,
    ),
)


def write_npy(file: BinaryIO, image: AnyArray) -> None:
    """The array as it is."""
    np.lib.format.write_array(file, image, allow_pickle=False)


def _header(path: Path, file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """Shape and dtype, with the file left at the first value."""
    try:
        version = np.lib.format.read_magic(file)
        # A version 3 header has field names beyond Latin-1, and no plain array needs it.
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(file)
    except (ValueError, KeyError) as error:
        raise ReadError(path, f"a broken NPY header: {str(error).splitlines()[0]}") from None
    if dtype.hasobject:
        raise ReadError(path, "holds Python objects, which are never unpickled")
    return shape, dtype
