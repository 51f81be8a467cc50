"""Files that hold many frames as one array: NPY and NPZ of shape (N, H, W), TIFF of many pages."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from .._typing import AnyArray
from .archives import opened_zip
from .frames import Frames
from .npy import NpyHeader, check_held, read_header
from .raster import Raster, ReadError, as_raster, not_depth, read_errors
from .signatures import NPY, TIFF, ZIP

_INSTALL = "pip install 'turbo_cmap[tiff]'"


def as_stack(path: Path, key: str | None = None) -> Frames | None:
    """The frames of a file that holds several, or None where it holds one image or none.

    Raises
    ------
    ReadError
        If the file is damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
            if head.startswith(NPY):
                file.seek(0)
                return _as_frames(path, read_header(path, file), None)
        if head.startswith(ZIP):
            with opened_zip(path) as archive:
                names = [n for n in archive.namelist() if n.endswith(".npy")]
                member = names[0] if key is None and len(names) == 1 else f"{key}.npy"
                with archive.open(member) as stored:
                    return _as_frames(path, read_header(path, stored), member)
        if head.startswith(TIFF):
            return _tiff_pages(path)
    except ReadError:
        raise
    except Exception:  # the reader of single images says what is wrong, in its own words
        return None
    return None


def _as_frames(path: Path, header: NpyHeader, member: str | None) -> Frames | None:
    shape = header.shape
    if len(shape) < 3 or 0 in shape:
        return None
    if len(shape) == 3 and 1 in (shape[0], shape[2]):
        return None  # one image: (1, H, W) or (H, W, 1)
    if len(shape) == 3 and shape[2] in (2, 3, 4):
        raise not_depth(path, shape[2])
    if len(_plane(shape)) != 2:
        raise ReadError(path, f"holds an array of shape {shape}; frames, (N, H, W), are needed")
    if member is None:
        return NpyFrames(path, shape)
    return NpzFrames(path, member, header)


class NpyFrames(Frames):
    """An NPY file, mapped into memory."""

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        self.path = path
        self.count = shape[0]

    def _read(self) -> Iterator[Raster]:
        with read_errors(self.path):
            with self.path.open("rb") as file:
                header = read_header(self.path, file)
                check_held(self.path, header, os.fstat(file.fileno()).st_size - file.tell())
            stack = np.load(self.path, mmap_mode="r", allow_pickle=False)
        for frame in stack:  # copied, so that no more of the file than that stays in memory
            yield as_raster(self.path, np.array(frame).reshape(_plane(stack.shape)))


class NpzFrames(Frames):
    """An array of an NPZ file, unpacked frame by frame."""

    def __init__(self, path: Path, member: str, header: NpyHeader) -> None:
        self.path = path
        self.count = header.shape[0]
        self._member = member
        if header.columns_first:
            reason = "is in Fortran order, which cannot be read frame by frame; save it in C order"
            raise ReadError(path, reason)

    def _read(self) -> Iterator[Raster]:
        with (
            read_errors(self.path),
            opened_zip(self.path) as archive,
            archive.open(self._member) as file,
        ):
            header = read_header(self.path, file)
            for _ in range(header.shape[0]):
                yield as_raster(self.path, _frame(self.path, file, header))


def _frame(path: Path, file: IO[bytes], header: NpyHeader) -> AnyArray:
    needed = math.prod(header.shape[1:]) * header.dtype.itemsize
    data = file.read(needed)
    if len(data) < needed:
        raise ReadError(path, f"ends in the middle of a frame of {needed} bytes")
    return np.frombuffer(data, header.dtype).reshape(_plane(header.shape))


def _plane(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a frame of a stack: (N, H, W), or with one channel first or last."""
    return shape[1:] if len(shape) == 3 else tuple(n for n in shape[1:] if n != 1)


class TiffFrames(Frames):
    """The pages of a TIFF, overviews and masks aside."""

    def __init__(self, path: Path, count: int) -> None:
        self.path = path
        self.count = count

    def _read(self) -> Iterator[Raster]:
        from .tiff_pages import found_in_page, opened_tiff

        with read_errors(self.path), opened_tiff(self.path) as tiff:
            size = tiff.filehandle.size
            for page in tiff.pages:
                whole = page.aspage()
                if not (whole.is_reduced or whole.is_mask):
                    found = found_in_page(self.path, whole, size)
                    yield as_raster(self.path, *found, format="TIFF")


def _tiff_pages(path: Path) -> TiffFrames | None:
    from .tiff import has_tifffile

    if not has_tifffile():
        from PIL.TiffImagePlugin import TiffImageFile

        with path.open("rb") as file, TiffImageFile(file) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise ReadError(path, f"a TIFF of {image.n_frames} pages needs {_INSTALL}")
        return None
    from .tiff_pages import opened_tiff

    with opened_tiff(path) as tiff:
        pages = [page.aspage() for page in tiff.pages]
        count = sum(not (page.is_reduced or page.is_mask) for page in pages)
    return TiffFrames(path, count) if count > 1 else None
