"""GIF and APNG, written frame by frame; the frames themselves are encoded by Pillow.

Of each frame but the first, only the rectangle that has changed is written. Pillow's own
writers of animations hold all frames in memory.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .palettes import Painting, learned_palette, painting
from .png_chunks import chunk, chunks
from .signatures import PNG

#: A GIF of transparent pixels is drawn anew each time (GIF89a, disposal methods).
_KEEP, _CLEAR = 1, 2
_LARGEST_GIF = 65535
#: Its delays are hundredths of a second, in 16 bits.
SLOWEST_GIF = Fraction(100, 65535)


class _Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int


def _changed(old: AnyArray, new: AnyArray) -> _Box:
    """The rectangle in which two pictures differ; one pixel, if they do not."""
    differ = (old != new) if old.ndim == 2 else (old != new).any(axis=2)
    rows, columns = np.flatnonzero(differ.any(axis=1)), np.flatnonzero(differ.any(axis=0))
    if not rows.size:
        return _Box(0, 0, 1, 1)
    return _Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _cropped(picture: AnyArray, box: _Box) -> AnyArray:
    return np.ascontiguousarray(picture[box.top : box.bottom, box.left : box.right])


# ---- GIF ----


def write_gif(
    file: BinaryIO, pictures: Iterator[AnyArray], fps: Fraction, palette: AnyArray | None
) -> int:
    """All frames with one palette; return how many there were.

    References
    ----------
    CompuServe (1990), GIF89a Specification. NETSCAPE2.0 is the extension that loops.
    """
    from PIL import Image
    from PIL.GifImagePlugin import getdata

    first = next(pictures)
    height, width = first.shape[:2]
    if max(height, width) > _LARGEST_GIF:
        raise ValueError(f"GIF has at most {_LARGEST_GIF} rows and columns, got {width}x{height}")
    alpha = first.shape[2] == 4
    paint = painting(learned_palette(first) if palette is None else palette, alpha)
    table = np.zeros((256, 3), np.uint8)
    table[: len(paint.palette)] = paint.palette
    # The flags say: a global table, 8 bits a component, 2**8 entries.
    file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + table.tobytes())
    file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")
    flags = (_CLEAR << 2 | 1) if alpha else _KEEP << 2
    number, before = 0, None
    for picture in chain([first], pictures):
        indices = paint.indices(picture)
        box = _Box(0, 0, width, height)
        if before is not None and not alpha:
            box = _changed(before, indices)
        start, end = (round(100 * n / fps) for n in (number, number + 1))
        file.write(b"!\xf9\x04" + struct.pack("<BHBB", flags, end - start, paint.clear or 0, 0))
        file.write(b"".join(getdata(Image.fromarray(_cropped(indices, box), "P"), box[:2])))
        before = indices
        number += 1
    file.write(b";")
    return number


# ---- APNG ----


def write_apng(
    file: BinaryIO, pictures: Iterator[AnyArray], fps: Fraction, palette: AnyArray | None
) -> int:
    """Frames of palette indices, RGB or RGBA; return how many there were.

    References
    ----------
    W3C (2025), Portable Network Graphics (PNG) Specification, Third Edition.
    """
    first = next(pictures)
    height, width = first.shape[:2]
    alpha = first.shape[2] == 4
    paint = None if palette is None else painting(palette, alpha)
    delay = (1 / fps).limit_denominator(65535)
    if delay.numerator > 65535:
        raise ValueError(f"APNG cannot have {fps} frames a second")
    number, sequence, where, before = 0, 0, 0, None
    for picture in chain([first], pictures):
        image = picture if paint is None else paint.indices(picture)
        box = _Box(0, 0, width, height) if before is None else _changed(before, image)
        parts = _png_chunks(_cropped(image, box), paint)
        if before is None:
            file.write(PNG)
            file.write(chunk(b"IHDR", parts[0][1]))
            where = file.tell()
            file.write(chunk(b"acTL", struct.pack(">II", 1, 0)))
            for kind, data in parts:
                if kind in (b"PLTE", b"tRNS"):
                    file.write(chunk(kind, data))
        control = (box.right - box.left, box.bottom - box.top, box.left, box.top)
        # Neither disposed of nor blended.
        timing = (delay.numerator, delay.denominator, 0, 0)
        file.write(chunk(b"fcTL", struct.pack(">IIIIIHHBB", sequence, *control, *timing)))
        sequence += 1
        for kind, data in parts:
            if kind == b"IDAT" and before is None:
                file.write(chunk(kind, data))
            elif kind == b"IDAT":
                file.write(chunk(b"fdAT", struct.pack(">I", sequence) + data))
                sequence += 1
        before = image
        number += 1
    file.write(chunk(b"IEND", b""))
    file.seek(where)  # how many there are, stands before them
    file.write(chunk(b"acTL", struct.pack(">II", number, 0)))
    file.seek(0, io.SEEK_END)
    return number


def _png_chunks(image: AnyArray, paint: Painting | None) -> list[tuple[bytes, bytes]]:
    """A PNG as Pillow writes it, taken apart."""
    from PIL import Image

    buffer = io.BytesIO()
    if paint is None:
        Image.fromarray(image).save(buffer, "PNG", compress_level=6)
    else:
        indexed = Image.fromarray(image, "P")
        indexed.putpalette(paint.palette.tobytes())
        clear = {} if paint.clear is None else {"transparency": paint.clear}
        indexed.save(buffer, "PNG", compress_level=6, bits=8, **clear)
    parts = chunks(buffer, buffer.getbuffer().nbytes)
    return [(one.kind, buffer.read(one.length)) for one in parts]
