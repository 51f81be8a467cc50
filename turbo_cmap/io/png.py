"""PNG written band by band: palettes, and 8 or 16 bits a channel.

Pillow writes no 16-bit colors and needs the whole image. Here blocks of rows are filtered and
compressed each for itself, by several threads, and only a few of them are in memory at a time.

PNG specification, third edition: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .parallel import in_order
from .png_chunks import COLOR_TYPES, IHDR, chunk
from .signatures import PNG

_CHANNELS = {1: "Y", 3: "RGB", 4: "RGBA"}
_NONE, _SUB, _UP = 0, 1, 2
_BLOCK = 1 << 20  # bytes filtered and compressed at a time, about
_RAW_DEFLATE = -15
#: A zlib stream of the fastest level with a window of 32 KiB (RFC 1950).
_ZLIB_HEAD = b"\x78\x01"
_ADLER_BASE = 65521


class _Way(NamedTuple):
    """How rows are filtered, and how Deflate looks for repetition then."""

    filter: int
    strategy: int


#: What is fastest and smallest at level 1, measured on smooth and on noisy depth in Turbo's
#: colors: whole pixels repeat in 8-bit colors, so that a filter does harm; indices are
#: numbers again, of which the differences repeat; and so are 16-bit colors.
_INDEXED = _Way(_UP, zlib.Z_RLE)
_COLORS_8 = _Way(_NONE, zlib.Z_DEFAULT_STRATEGY)
_COLORS_16 = _Way(_SUB, zlib.Z_DEFAULT_STRATEGY)


def encode_png(
    file: BinaryIO,
    bands: Iterable[AnyArray],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    palette: AnyArray | None = None,
) -> None:
    """Write a PNG whose rows arrive in bands.

    Parameters
    ----------
    file : binary file
    bands : iterable of ndarray, shape (h, W), or (h, W, C)
        uint8 or uint16, from the top; the heights add up to H. They are not to be changed
        after they have been handed over.
    shape : (H, W, C)
        C is 1, 3 or 4.
    dtype : dtype
        Of the bands: uint8 or uint16.
    palette : ndarray of uint8, shape (N, 3), optional
        Colors, of which the bands are indices.

    Raises
    ------
    ValueError
        If the heights add up to something else.
    """
    height, width, channels = shape
    bits = 8 * dtype.itemsize
    kind = COLOR_TYPES[_CHANNELS[channels] if palette is None else "P"]
    file.write(PNG + chunk(b"IHDR", IHDR.pack(width, height, bits, kind, 0, 0, 0)))
    if palette is not None:
        file.write(chunk(b"PLTE", palette.tobytes()))
    way = _COLORS_16 if bits == 16 else _COLORS_8
    if channels == 1 and bits == 8:
        way = _INDEXED
    row_bytes = 1 + width * channels * dtype.itemsize
    blocks = _blocks(bands, height, max(1, _BLOCK // row_bytes))
    checksum, head = 1, _ZLIB_HEAD
    for compressed, adler, size in in_order(partial(_compressed, way), blocks):
        file.write(chunk(b"IDAT", head + compressed))
        checksum, head = _joined_adler(checksum, adler, size), b""
    # An empty last block ends the stream.
    end = zlib.compressobj(1, zlib.DEFLATED, _RAW_DEFLATE).flush() + struct.pack(">I", checksum)
    file.write(chunk(b"IDAT", head + end) + chunk(b"IEND", b""))


class _Block(NamedTuple):
    pixels: AnyArray
    above: AnyArray | None  # the row above; None at the top


def _blocks(bands: Iterable[AnyArray], height: int, step: int) -> Iterator[_Block]:
    above, written = None, 0
    for band in bands:
        written += len(band)
        for top in range(0, len(band), step):
            pixels = band[top : top + step]
            yield _Block(pixels, above)
            above = pixels[-1:]
    if written != height:
        raise ValueError(f"encode_png(): bands must be {height} rows together, got {written}")


def _compressed(way: _Way, block: _Block) -> tuple[bytes, int, int]:
    """Deflated up to a byte's end, with the checksum and the size of what was."""
    filtered = _filtered(way.filter, *block).data
    deflate = zlib.compressobj(1, zlib.DEFLATED, _RAW_DEFLATE, 8, way.strategy)
    data = deflate.compress(filtered) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return data, zlib.adler32(filtered), filtered.nbytes


def _filtered(kind: int, pixels: AnyArray, above: AnyArray | None) -> AnyArray:
    """Rows of big-endian samples, each behind the number of its filter."""
    height, width = pixels.shape[:2]
    samples = _bytes_of(pixels)
    bpp = samples.shape[1] // width  # bytes a pixel
    rows = np.empty((height, 1 + samples.shape[1]), dtype=np.uint8)
    rows[:, 0], out = kind, rows[:, 1:]
    if kind == _SUB:  # less the pixel to the left
        out[:, :bpp] = samples[:, :bpp]
        np.subtract(samples[:, bpp:], samples[:, :-bpp], out=out[:, bpp:])
    elif kind == _UP:  # less the pixel above
        out[0] = samples[0] if above is None else samples[0] - _bytes_of(above)[0]
        np.subtract(samples[1:], samples[:-1], out=out[1:])
    else:
        out[:] = samples
    return rows.reshape(-1)


def _bytes_of(pixels: AnyArray) -> AnyArray:
    kind = ">u2" if pixels.dtype.itemsize == 2 else np.uint8
    return np.ascontiguousarray(pixels, dtype=kind).view(np.uint8).reshape(len(pixels), -1)


def _joined_adler(first: int, second: int, size: int) -> int:
    """Adler-32 of two texts joined, of which the second has *size* bytes."""
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % _ADLER_BASE
    b = (b1 + b2 + size * (a1 - 1)) % _ADLER_BASE
    return b << 16 | a
