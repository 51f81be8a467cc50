"""PNG read with all the bits that are in the file: by `gray_png`, or else through Pillow.

========== =====  ==========================================================
color type bits   values
========== =====  ==========================================================
gray       1-16   as stored: 4 bits are 0 to 15
gray alpha 8, 16  the gray; where alpha is 0, there is none
RGB, RGBA  8, 16  a channel
palette    1-8    gray, if all colors are; else a channel, or the index
========== =====  ==========================================================

tRNS names one gray or one RGB that is transparent, or the alpha of each color of a palette.

PNG specification, third edition: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray
from .channels import chosen, found_in_colors, several_channels
from .gray_png import gray_pixels
from .png_chunks import COLOR_TYPES, IHDR, chunk, chunks
from .raster import ReadError, mask_of, refuse_inflated, several_pictures
from .registry import Found, Request
from .signatures import PNG

#: Where IHDR's data and its checksum end.
_DATA_FROM, _CHUNK_TO = 16, 33
_NAMES = {code: names for names, code in COLOR_TYPES.items()}
#: What an animated PNG says of itself: how many frames there are, and how often they are shown.
_ACTL = struct.Struct(">II")
#: Channels of a palette image: the number of a color, or what the color consists of.
_PALETTE_CHANNELS = ("index", "R", "G", "B")


class Header(NamedTuple):
    """What a PNG begins with."""

    width: int
    height: int
    bits: int
    names: str  # of the channels: Y, YA, RGB, RGBA; P is an index of a palette
    interlace: int

    @property
    def nbytes(self) -> int:
        """How many bytes the rows are before they are compressed."""
        bits = self.width * len(self.names) * self.bits
        return self.height * (1 + (bits + 7) // 8)


class Extras(NamedTuple):
    """Chunks that say what samples mean, as they are stored."""

    palette: bytes = b""
    transparent: bytes = b""


def read_png(path: Path, size: int, request: Request) -> Found:
    """bool, uint8 or uint16 values, and where the file says that a pixel is transparent."""
    header = read_header(path)
    refuse_inflated(path, header.nbytes, size)
    extras = read_extras(path, size)
    names = header.names
    if names == "P":
        return _of_palette(path, decoded(path, header), extras, request)
    if names in ("RGB", "RGBA"):
        if request.channel is None and not request.colors:
            raise several_channels(path, names)
        pixels = decoded(path, header)
        found = found_in_colors(path, pixels, names, request)
        return found._replace(mask=_transparent(pixels, extras)) if names == "RGB" else found
    pixels = decoded(path, header)
    if names == "YA":
        if request.channel is not None:
            return Found(chosen(path, pixels, names, request))
        return Found(pixels[..., 0], pixels[..., 1] == 0)
    if request.channel is not None:
        chosen(path, pixels[..., np.newaxis], names, request)
    return Found(pixels, _transparent(pixels[..., np.newaxis], extras))


def read_header(path: Path) -> Header:
    """The header.

    Raises
    ------
    ReadError
        If it is cut short, or of a kind that there is not.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK_TO)
    if len(head) < _DATA_FROM + IHDR.size or head[12:16] != b"IHDR":
        raise ReadError(path, "a PNG that ends in its header")
    width, height, bits, color_type, _, _, interlace = IHDR.unpack_from(head, _DATA_FROM)
    if color_type not in _NAMES:
        raise ReadError(path, f"a PNG of color type {color_type}, which there is not")
    return Header(width, height, bits, _NAMES[color_type], interlace)


def read_extras(path: Path, size: int) -> Extras:
    """What other chunks say.

    Raises
    ------
    ReadError
        Where a chunk claims more than the file has, since Pillow allocates what is claimed;
        and for animations.
    """
    found: dict[bytes, bytes] = {}
    with path.open("rb") as file:
        for kind, length, held in chunks(file, size):
            if held < length:
                raise ReadError(
                    path,
                    f"is cut short: its chunk {kind.decode('latin-1')!r} has {length} bytes, "
                    f"and {held} follow",
                )
            if kind == b"acTL" and held >= _ACTL.size:
                count, _ = _ACTL.unpack(file.read(_ACTL.size))
                if count > 1:
                    raise several_pictures(path, count)
            if kind in (b"PLTE", b"tRNS"):
                found[kind] = file.read(min(length, 3 * 256))
    return Extras(found.get(b"PLTE", b""), found.get(b"tRNS", b""))


def decoded(path: Path, header: Header) -> AnyArray:
    """The samples as they are stored, of 8 or 16 bits, or bool; shape (H, W) or (H, W, C)."""
    if header.bits == 16 and header.names in ("RGB", "RGBA"):
        # Pillow keeps one byte of each component. Which one depends on what byte order it is
        # told: so it is asked twice.
        high, low = (_by_pillow(path, f"{header.names};16{order}") for order in "BL")
        return high.astype(np.uint16) << 8 | low
    if header.bits == 16 and header.names == "YA":
        # Pillow has no such pixels, but their four bytes are those of RGBA of 8 bits.
        as_bytes = IHDR.pack(
            header.width, header.height, 8, COLOR_TYPES["RGBA"], 0, 0, header.interlace
        )
        whole = path.read_bytes()
        pixels = _by_pillow(io.BytesIO(PNG + chunk(b"IHDR", as_bytes) + whole[_CHUNK_TO:]))
        return pixels.view(">u2").astype(np.uint16)
    if header.names == "Y" and (gray := gray_pixels(path)) is not None:
        return np.frombuffer(gray.data, f"u{gray.bits // 8}").reshape(gray.shape)
    values = _by_pillow(path)
    if header.bits == 16:  # some versions of Pillow widen it to 32 bits
        return values.astype(np.uint16, copy=False)
    if header.bits in (2, 4) and header.names == "Y":  # Pillow spreads them over 0 to 255
        spread: AnyArray = values // (255 // (2**header.bits - 1))
        return spread
    return values


def _by_pillow(source: Path | io.BytesIO, raw: str | None = None) -> AnyArray:
    from PIL.PngImagePlugin import PngImageFile

    # Not Image.open: its limit on pixels is global and below large depth maps.
    image: Any
    opened = source.open("rb") if isinstance(source, Path) else source
    with opened as file, PngImageFile(file) as image:
        if raw is not None:
            codec, box, offset = image.tile[0][:3]
            image.tile = [(codec, box, offset, raw)]
        return np.asarray(image)


def _transparent(pixels: AnyArray, extras: Extras) -> BoolArray | None:
    """Where pixels of shape (H, W, C) have the color of tRNS."""
    count = pixels.shape[-1]
    if len(extras.transparent) < 2 * count:
        return None
    color = struct.unpack_from(f">{count}H", extras.transparent)
    return mask_of(np.all(pixels == np.array(color), axis=-1))


def _of_palette(path: Path, indices: AnyArray, extras: Extras, request: Request) -> Found:
    """Gray, if all colors of the palette are; else what is asked for of the color, or its index."""
    stored = np.frombuffer(extras.palette, np.uint8)
    colors = stored[: len(stored) // 3 * 3].reshape(-1, 3)
    if indices.max(initial=0) >= len(colors):
        raise ReadError(
            path, f"has pixels of color {indices.max()}, its palette has {len(colors)} colors"
        )
    alpha = np.full(len(colors), 255, np.uint8)
    given = np.frombuffer(extras.transparent, np.uint8)[: len(colors)]
    alpha[: len(given)] = given
    mask = mask_of((alpha == 0)[indices])
    if request.colors and request.channel is None:
        rgba = np.column_stack([colors, alpha]) if len(given) else colors
        return Found(rgba[indices])
    if request.channel is None:
        if not (colors == colors[:, :1]).all():
            raise ReadError(
                path,
                "a palette image, whose numbers are colors, not depth; "
                f"choose one by channel: {', '.join(_PALETTE_CHANNELS)}",
            )
        return Found(colors[:, 0][indices], mask)
    table = np.column_stack([np.arange(len(colors), dtype=np.uint8), colors])
    return Found(chosen(path, table, _PALETTE_CHANNELS, request)[indices], mask)
