"""What a PNG is made of: behind its signature, chunks of a kind, a length and a checksum.

::

    uint32        bytes of data, the high one first
    4 letters     kind: IHDR, PLTE, tEXt, IDAT, IEND
    <data>
    uint32        CRC-32 of kind and data

PNG specification, third edition: https://www.w3.org/TR/png-3/#5Chunk-layout
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from .signatures import PNG

#: Data of IHDR: width, height, bits, color type, compression, filter, interlace.
IHDR = struct.Struct(">II5B")
#: Color types by the channels they have; P is the index of a color of a palette.
COLOR_TYPES = {"Y": 0, "RGB": 2, "P": 3, "YA": 4, "RGBA": 6}
_HEAD = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4


class Chunk(NamedTuple):
    """The head of a chunk, and how many bytes of its data are in the file."""

    kind: bytes
    length: int
    held: int


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk as it stands in a file."""
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return b"".join((_HEAD.pack(len(data), kind), data, struct.pack(">I", checksum)))


def chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    """The chunks of a PNG of *size* bytes, as far as there are any, whatever they claim.

    At each, the file is at the first byte of its data; where it is left does not matter.
    """
    at = len(PNG)
    while at + _HEAD.size <= size:
        file.seek(at)
        length, kind = _HEAD.unpack(file.read(_HEAD.size))
        at += _HEAD.size
        yield Chunk(kind, length, min(length, size - at))
        if kind == b"IEND":
            return
        at += length + _CHECKSUM_BYTES
