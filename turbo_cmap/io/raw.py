"""Raw frames: nothing but numbers, one after the other, as pipes between programs carry them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from .._typing import AnyArray
from .frames import EndedEarlyError, Frames
from .raster import Raster, ReadError, line

#: What `--raw` calls the types, and NumPy; without le or be it is little-endian.
_TYPES = {"u8": "u1", "i8": "i1", "u16": "u2", "i16": "i2", "u32": "u4", "i32": "i4"}
_TYPES |= {"f16": "f2", "f32": "f4", "f64": "f8"}
#: FFmpeg's names (libavutil/pixdesc.c) for the same. Samples of 9 to 14 bits lie in 16.
_PIXEL_FORMATS = {"gray": "u8", "gray8": "u8", "y8": "u8", "grayf32": "f32", "grayf16": "f16"}
_PIXEL_FORMATS |= {f"gray{bits}": "u16" for bits in (9, 10, 12, 14, 16)}
_TEXT = re.compile(r"(\d{1,9})x(\d{1,9}):([a-z]+\d*)(le|be)?", re.IGNORECASE)
#: More than this a frame is not; a slip of the keys is.
_MOST_PIXELS = 1 << 31


class RawFormat(NamedTuple):
    """The size and type of raw frames."""

    width: int
    height: int
    dtype: np.dtype[Any]

    @classmethod
    def parse(cls, text: str) -> RawFormat:
        """WIDTHxHEIGHT:TYPE, as ``640x480:u16le``.

        TYPE is u8, i8, u16, i16, u32, i32, f16, f32 or f64 with le (the default) or be, or one
        of FFmpeg's pixel formats gray, gray10le to gray16be and grayf32le.

        Raises
        ------
        ValueError
            If it is something else.
        """
        match = _TEXT.fullmatch(text)
        name = _TYPES.get(_known(match[3])) if match else None
        if match is None or name is None:
            raise ValueError(f"{text!r} is not WIDTHxHEIGHT:TYPE, such as 640x480:u16le")
        width, height = int(match[1]), int(match[2])
        if not 0 < width * height <= _MOST_PIXELS:
            raise ValueError(f"{text!r} is no size for a frame")
        order = ">" if (match[4] or "le").lower() == "be" else "<"
        return cls(width, height, np.dtype(order + name))

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.width * self.height * self.dtype.itemsize


def _known(name: str) -> str:
    low = name.lower()
    return _PIXEL_FORMATS.get(low, low)


class RawFrames(Frames):
    """Raw frames from a file, or from a stream that can be read once.

    Parameters
    ----------
    path : Path
        The file, or what to call the stream.
    form : RawFormat
    stream : binary file, optional
        Unbuffered, so that a thread that waits for it holds no lock.
    """

    def __init__(self, path: Path, form: RawFormat, stream: IO[bytes] | None = None) -> None:
        self.path = path
        self.form = form
        self._stream = stream
        self.rereadable = stream is None
        if stream is None:
            try:
                size = path.stat().st_size
                self.rereadable = path.is_file()
            except OSError as error:
                raise ReadError(path, line(error)) from error
            self.count = math.ceil(size / form.frame_bytes) if self.rereadable else None

    def _read(self) -> Iterator[Raster]:
        if self._stream is not None:
            yield from self._frames(self._stream)
            return
        with self.path.open("rb", buffering=0) as file:
            yield from self._frames(file)

    def _frames(self, file: IO[bytes]) -> Iterator[Raster]:
        number = 0
        while True:
            frame, length = self._next(file)
            if length == 0:
                return
            if length < self.form.frame_bytes:
                raise EndedEarlyError(
                    self.path,
                    f"ends in frame {number}, of which it has {length} of "
                    f"{self.form.frame_bytes} bytes: cut off, or of another size",
                )
            yield Raster(frame, self.path)
            number += 1

    def _next(self, file: IO[bytes]) -> tuple[AnyArray, int]:
        """A frame, and how many of its bytes there were."""
        form = self.form
        frame = np.empty((form.height, form.width), form.dtype)
        rest = frame.reshape(-1).view(np.uint8).data
        length = 0
        while length < form.frame_bytes:
            try:
                got = file.readinto(rest[length:])  # type: ignore[attr-defined]
            except OSError as error:
                raise ReadError(self.path, line(error)) from error
            if not got:
                break
            length += got
        return frame, length
