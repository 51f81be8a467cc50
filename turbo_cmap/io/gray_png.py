"""Gray PNGs of 8 and 16 bits decoded without Pillow, and ahead of their use.

To import Pillow and to let it undo the filters takes longer than all else that a small job
does. Whatever is unusual in a file, or wrong with it, is left to Pillow, and to what is then
said about it.

Nothing here needs NumPy: one thread decodes while the other imports it.

PNG specification, third edition: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import os
import stat
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .png_chunks import chunk, chunks
from .signatures import PNG

_HEADER = struct.Struct(">IIBBBBB")
#: Color type, methods of compression and filters, interlacing: gray, the only ones, none.
_USUAL = (0, 0, 0, 0)
_DEPTHS = (8, 16)
#: A header that claims more than Deflate can hold lies: `raster.MAX_EXPANSION`.
_MAX_EXPANSION = 1032
#: What is raised on the way, besides ours, by a file that is not as it should be.
_DAMAGED = (struct.error, zlib.error)
#: Bytes that are taken at a time, compressed and not: in smaller pieces, a thread waits more
#: often for the one that imports; larger ones do not stay in the cache.
_PIECE, _BLOCK = 1 << 18, 1 << 22


class Gray(NamedTuple):
    """A gray image.

    Attributes
    ----------
    shape : (H, W)
    bits : {8, 16}
        Of a pixel, which is a uint8 or a uint16 in native byte order.
    data : bytearray
        All of them, row by row from the top.
    """

    shape: tuple[int, int]
    bits: int
    data: bytearray


class _UnusualError(Exception):
    """Something that Pillow is to see."""


def gray_pixels(path: Path) -> Gray | None:
    """The pixels of a PNG, if it is gray, of 8 or 16 bits, as most are, and flawless.

    Returns
    -------
    Gray or None
        None also without the C extension.
    """
    begun = _begun.pop(path, None)
    if begun is None:
        return _decoded(path, threading.Event())
    begun.join()
    return begun.found


@contextmanager
def decoding_ahead(path: Path) -> Iterator[None]:
    """Let a thread decode a PNG, for the first who asks for its `gray_pixels`.

    A file of any other kind, or none, does no harm. When the context ends, so does the
    thread.
    """
    decoding = _Decoding(path)
    try:
        decoding.start()
    except RuntimeError:  # there are to be no more threads: who asks for the pixels decodes
        yield
        return
    _begun[path] = decoding
    try:
        yield
    finally:
        _begun.pop(path, None)
        decoding.stopped.set()
        decoding.join()


class _Decoding(threading.Thread):
    def __init__(self, path: Path) -> None:
        super().__init__(name="turbo-cmap png", daemon=True)
        self.stopped = threading.Event()
        self.found: Gray | None = None
        self._path = path

    def run(self) -> None:
        self.found = _decoded(self._path, self.stopped)


_begun: dict[Path, _Decoding] = {}


def _decoded(path: Path, stopped: threading.Event) -> Gray | None:
    try:
        # First, since to open a pipe is to wait for what comes.
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return _of_file(file, os.fstat(file.fileno()).st_size, stopped)
    except (_UnusualError, ImportError, OSError, ValueError, MemoryError, *_DAMAGED):
        return None


def _of_file(file: BinaryIO, size: int, stopped: threading.Event) -> Gray | None:
    from ..kernels import _native

    width, height, bits = _header(file)
    pixel = bits // 8
    row = width * pixel
    if height * (1 + row) > size * _MAX_EXPANSION:
        raise _UnusualError
    pixels = _native.empty(height * row)
    done, left = 0, b""
    for inflated in _inflated(_compressed(file, size)):
        if stopped.is_set():
            return None
        filtered = left + inflated
        count = len(filtered) // (1 + row)
        end = count * (1 + row)
        # A ValueError if there are too many.
        if not _native.unfilter(memoryview(filtered)[:end], row, pixel, pixels, done):
            raise _UnusualError
        done, left = done + count, filtered[end:]
    if done < height or left:
        raise _UnusualError
    return Gray((height, width), bits, pixels)


def _header(file: BinaryIO) -> tuple[int, int, int]:
    """Width, height and bits."""
    head = file.read(len(PNG) + 8 + _HEADER.size + 4)
    width, height, bits, *usual = _HEADER.unpack(head[len(PNG) + 8 : -4])
    if head != PNG + chunk(b"IHDR", head[len(PNG) + 8 : -4]):
        raise _UnusualError
    if bits not in _DEPTHS or tuple(usual) != _USUAL or not width or not height:
        raise _UnusualError
    return width, height, bits


def _compressed(file: BinaryIO, size: int) -> Iterator[bytes | bytearray]:
    """The data of the IDAT chunks, in pieces."""
    piece, begun = bytearray(), False
    for kind, length, held in chunks(file, size):
        if held < length:
            raise _UnusualError
        if kind == b"IDAT":
            begun = True
            while length:
                data = file.read(min(length, _PIECE))
                length -= len(data)
                piece += data
                if len(piece) >= _PIECE:
                    yield piece
                    piece = bytearray()
        elif begun:  # which are all behind each other
            break
        else:
            _pass_over(file, kind, length)
    yield piece


def _pass_over(file: BinaryIO, kind: bytes, length: int) -> None:
    """A chunk before the pixels, unless these may mean something else by it."""
    necessary = kind[:1].isupper() and kind != b"IHDR"
    if necessary or kind == b"tRNS" or length > _BLOCK:  # a tRNS is judged by Pillow
        raise _UnusualError
    data = file.read(length)
    if chunk(kind, data)[-4:] != file.read(4):
        raise _UnusualError


def _inflated(pieces: Iterator[bytes | bytearray]) -> Iterator[bytes]:
    """What a zlib stream is of, in blocks; all of the stream is needed, and nothing behind it."""
    inflate = zlib.decompressobj()
    for piece in pieces:
        full = True
        while full or piece:
            inflated = inflate.decompress(piece, _BLOCK)
            piece, full = inflate.unconsumed_tail, len(inflated) == _BLOCK
            yield inflated
        if inflate.unused_data:
            raise _UnusualError
    if not inflate.eof:
        raise _UnusualError
