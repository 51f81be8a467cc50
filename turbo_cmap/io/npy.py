"""NumPy's own files: NPY, and one array of an NPZ."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .archives import opened_zip
from .frames import Frames
from .raster import Raster, ReadError, as_raster, is_real, line, read_errors, refuse_inflated
from .registry import Format, Found, Request
from .selection import (
    Places,
    Selection,
    StackPlaces,
    listed,
    places_of,
    selected,
    shape_text,
    stack_places_of,
)
from .signatures import NPY, ZIP

if TYPE_CHECKING:
    from .windows import Windowed

#: Files larger than this are mapped into memory, not copied.
_MAP_FROM = 1 << 26
#: How much is read at a time for a band.
_READ_BYTES = 1 << 22


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


def npy_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The frames of a stack, mapped into memory a few at a time."""
    from .stacks import ArrayFrames

    with path.open("rb") as file:
        header = read_header(path, file)
        offset = file.tell()
    selection = selected(path, {"array": header.shape}, request.key)
    where = stack_places_of(path, selection._replace(name=""), header.shape, request.axis)
    if where is None:
        return None
    check_held(path, header, size - offset)

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        yield np.load(path, mmap_mode="r", allow_pickle=False)

    slowest = len(header.shape) - 1 if header.columns_first else 0
    described = _described(path, "NPY")
    return ArrayFrames(path, where, opened, described, header.dtype, slowest=slowest)


def _described(path: Path, name: str) -> Callable[[AnyArray], Raster]:
    return lambda values: as_raster(path, values, format=name)


def read_npz(path: Path, size: int, request: Request) -> Found:
    """The array named by the key, or the only one; of a stack what the key says."""
    with opened_zip(path) as archive:
        names = _names(path, archive)
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


def npz_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The frames of the stack that the key chooses, or of the only one."""
    with opened_zip(path) as archive:
        names = _names(path, archive)
        if request.key is None and len(names) == 1:
            selection = Selection(names[0])
        else:
            shapes = _shapes(path, archive, names)
            selection = selected(path, shapes, request.key, frames=True)
        member = f"{selection.name}.npy"
        with archive.open(member) as file:
            header = read_header(path, file)
    where = stack_places_of(path, selection, header.shape, request.axis)
    return None if where is None else NpzFrames(path, member, header, where)


class NpzFrames(Frames):
    """A stack in an NPZ, unpacked frame by frame from the first on.

    Parameters
    ----------
    path : Path
    member : str
        Of the archive.
    header : NpyHeader
    places : StackPlaces
    """

    def __init__(self, path: Path, member: str, header: NpyHeader, places: StackPlaces) -> None:
        self.path = path
        self.count = len(places.frames)
        self._member = member
        self._places = places
        slowest = len(header.shape) - 1 if header.columns_first else 0
        if places.axis != slowest or places.frames.step < 0:
            order = "Fortran" if header.columns_first else "C"
            name = member.removesuffix(".npy")
            raise ReadError(
                path,
                f"{name}, {shape_text(header.shape)} in {order} order, is packed, and its "
                f"frames along axis {places.axis} do not follow each other in the file; an NPY "
                "is read in any order",
            )

    def _read(self) -> Iterator[Raster | ReadError]:
        with (
            read_errors(self.path),
            opened_zip(self.path) as archive,
            archive.open(self._member) as file,
        ):
            header = read_header(self.path, file)
            for number in range(self._places.frames[-1] + 1 if self.count else 0):
                frame = _next_frame(self.path, file, header)
                if number in self._places.frames:
                    yield as_raster(self.path, self._at(frame), format="NPZ")

    def _at(self, frame: AnyArray) -> AnyArray:
        places = self._places
        others = [one for axis, one in enumerate(places.image) if axis != places.axis]
        return _at(frame, Places(tuple(others), places.turned))


def _next_frame(path: Path, file: IO[bytes], header: NpyHeader) -> AnyArray:
    """All that is at the next place of the slowest axis."""
    shape = header.shape[:-1][::-1] if header.columns_first else header.shape[1:]
    needed = math.prod(shape) * header.dtype.itemsize
    data = file.read(needed)
    if len(data) < needed:
        raise ReadError(path, f"ends in the middle of a frame of {needed} bytes")
    frame: AnyArray = np.frombuffer(data, header.dtype).reshape(shape)
    return frame.T if header.columns_first else frame


def _names(path: Path, archive: zipfile.ZipFile) -> list[str]:
    names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
    if not names:
        raise ReadError(path, "a ZIP file without NumPy arrays")
    return names


def _shapes(path: Path, archive: zipfile.ZipFile, names: list[str]) -> dict[str, tuple[int, ...]]:
    """Of the arrays that could be read: others, such as text, may lie beside them."""
    shapes = {}
    for name in names:
        with suppress(ReadError), archive.open(f"{name}.npy") as file:
            header = read_header(path, file)
            if is_real(header.dtype):
                shapes[name] = header.shape
    return shapes


def write_npy(file: BinaryIO, image: AnyArray) -> None:
    """The array as it is, in rows."""
    image = np.ascontiguousarray(image)
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(image))
    file.write(image.data)  # np.lib.format.write_array() copies, where it has no descriptor


FORMATS = (
    Format(
        "NPY",
        (".npy",),
        lambda head, _: head.startswith(NPY),
        read_npy,
        summary="one array of real numbers of up to 64 bits; of a stack, `[3]` is a key",
        uses_key=True,
        windows=npy_windows,
        frames=npy_frames,
    ),
    Format(
        "NPZ",
        (".npz",),
        lambda head, _: head.startswith(ZIP),
        read_npz,
        summary="the array named by the key, or the only one; of a stack, `depths[3]`",
        uses_key=True,
        frames=npz_frames,
    ),
)
