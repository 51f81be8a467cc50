"""PNG, JPEG and WebP through Pillow: depth in, colours out."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .._typing import AnyArray
from .notes import IMAGE_DESCRIPTION
from .png16 import write_png16
from .raster import ReadError, not_depth, refuse_inflated
from .registry import Format, Found, Request

_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGBA = 0, 2, 3, 4, 6  # PNG's colour types


def read_png(path: Path, size: int, _: Request) -> Found:
    """bool, uint8 or uint16 values, and where the file says that a pixel is transparent."""
    from PIL.PngImagePlugin import PngImageFile

    with path.open("rb") as file:
        head = file.read(26)
        if len(head) < 26 or head[12:16] != b"IHDR":
            raise ReadError(path, "a PNG that ends in its header")
        width, height, bits, color_type = struct.unpack(">IIBB", head[16:])
        if color_type == _PALETTE:
            raise ReadError(path, "a palette image, whose numbers are colors, not depth")
        if color_type in (_RGB, _RGBA):
            raise not_depth(path, *((3, "RGB") if color_type == _RGB else (4, "RGBA")))
        if color_type == _GRAY_ALPHA and bits == 16:
            raise ReadError(path, "16-bit gray with alpha is not read; save it without alpha")
        channels = 2 if color_type == _GRAY_ALPHA else 1
        refuse_inflated(path, height * (1 + (width * channels * bits + 7) // 8), size)
        file.seek(0)
        # Not Image.open: its limit on pixels is global and below large depth maps.
        with PngImageFile(file) as image:
            values = np.asarray(image)
            transparent = image.info.get("transparency")
    if channels == 2:
        return Found(values[..., 0], values[..., 1] == 0)
    if bits == 16:  # some versions of Pillow widen it to 32 bits
        values = values.astype(np.uint16, copy=False)
    if bits in (2, 4):  # Pillow spreads them over 0 to 255
        values = values // (255 // (2**bits - 1))
    if bits >= 8 and isinstance(transparent, int):
        return Found(values, values == transparent)
    return Found(values)


def read_jpeg(path: Path, size: int, _: Request) -> Found:
    """uint8 values."""
    from PIL.JpegImagePlugin import JpegImageFile

    with path.open("rb") as file, JpegImageFile(file) as image:
        bands = image.getbands()
        if len(bands) != 1:
            raise not_depth(path, len(bands), image.mode)
        refuse_inflated(path, image.width * image.height, size)
        return Found(np.asarray(image))


FORMATS = (
    Format(
        "PNG",
        (".png",),
        lambda head, _: head.startswith(b"\x89PNG\r\n\x1a\n"),
        read_png,
        summary="gray of 1 to 16 bits; transparent pixels are invalid",
    ),
    Format(
        "JPEG",
        (".jpg", ".jpeg"),
        lambda head, _: head.startswith(b"\xff\xd8\xff"),
        read_jpeg,
        summary="gray of 8 bits",
    ),
)


def write_png(file: BinaryIO, image: AnyArray, palette: AnyArray | None = None) -> None:
    """8 or 16 bits a channel; with a palette of (N, 3) bytes, *image* is indices into it."""
    if image.dtype == np.uint16:
        write_png16(file, image)
        return
    from PIL import Image

    picture = Image.fromarray(image)
    if palette is not None:
        picture.putpalette(palette.tobytes())
    # The default, 6, saves a seventh of the size and takes twice as long.
    picture.save(file, "PNG", compress_level=4)


def write_jpeg(file: BinaryIO, image: AnyArray, text: str = "") -> None:
    """High quality, without chroma subsampling, which would blur hues and so the values."""
    from PIL import Image

    more = {"comment": text} if text else {}
    Image.fromarray(image).save(file, "JPEG", quality=95, subsampling=0, **more)


def write_webp(file: BinaryIO, image: AnyArray, text: str = "") -> None:
    """Lossless: every pixel as it is, transparent ones included."""
    from PIL import Image

    exif = Image.Exif()
    if text:
        exif[IMAGE_DESCRIPTION] = text
    more = {"exif": exif} if text else {}
    picture = Image.fromarray(image)
    picture.save(file, "WEBP", lossless=True, exact=True, quality=20, method=0, **more)
