"""PNG, JPEG, WebP and BMP through Pillow: depth in, colors out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .._typing import AnyArray
from .channels import chosen, found_in_colors, several_channels
from .notes import IMAGE_DESCRIPTION
from .png import encode_png
from .png_pixels import read_png
from .raster import TIGHT_EXPANSION, ReadError, mask_of, refuse_inflated, several_pictures
from .registry import Format, Found, Request
from .signatures import JPEG, PNG, is_webp

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


def read_jpeg(path: Path, size: int, request: Request) -> Found:
    """uint8 values."""
    from PIL.JpegImagePlugin import JpegImageFile

    with path.open("rb") as file, JpegImageFile(file) as image:
        mode = image.mode
        if mode not in ("L", "RGB"):
            raise ReadError(
                path, f"a {len(image.getbands())}-channel image ({mode}), not depth; RGB or gray is"
            )
        refuse_inflated(path, image.width * image.height, size)
        if mode == "RGB":
            if request.channel is None:
                raise several_channels(path, mode)
            return found_in_colors(path, np.asarray(image), mode, request)
        values = np.asarray(image)
    if request.channel is not None:
        chosen(path, values[..., np.newaxis], "Y", request)
    return Found(values)


def read_webp(path: Path, size: int, request: Request) -> Found:
    """uint8 values; WebP has no gray, so equal R, G and B are."""
    from PIL.WebPImagePlugin import WebPImageFile

    with path.open("rb") as file:
        head = file.read(30)
    width, height = _webp_size(head)
    if request.colors and head[12:16] == b"VP8 ":
        raise ReadError(path, "a WebP with loss, whose colors are not exact")
    refuse_inflated(path, 4 * width * height, size, TIGHT_EXPANSION)  # Pillow allocates on opening
    with path.open("rb") as file, WebPImageFile(file) as image:
        return _of_pillow(path, size, image, request)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height, which stand in one of three places; RFC 9649, section 2."""
    kind, payload = head[12:16], head[20:30]
    if kind == b"VP8X":
        width, height = (int.from_bytes(payload[at : at + 3], "little") for at in (4, 7))
        return width + 1, height + 1
    if kind == b"VP8L":
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = (int.from_bytes(payload[at : at + 2], "little") for at in (6, 8))
    return width & 0x3FFF, height & 0x3FFF


def read_bmp(path: Path, size: int, request: Request) -> Found:
    """uint8 values of a gray palette, or where R, G and B are equal."""
    from PIL.BmpImagePlugin import BmpImageFile

    with path.open("rb") as file, BmpImageFile(file) as image:
        return _of_pillow(path, size, image, request)


def _of_pillow(path: Path, size: int, image: ImageFile, request: Request) -> Found:
    if getattr(image, "n_frames", 1) > 1:
        raise several_pictures(path, getattr(image, "n_frames", 1))
    if image.mode == "P":
        raise ReadError(path, "a palette image, whose numbers are colors, not depth")
    if image.mode not in ("1", "L", "RGB", "RGBA"):
        raise ReadError(path, f"has colors of mode {image.mode}; RGB or gray is needed")
    claimed = image.width * image.height * len(image.getbands())
    refuse_inflated(path, claimed, size, TIGHT_EXPANSION)
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        if request.channel is not None:
            chosen(path, pixels[..., np.newaxis], "Y", request)
        return Found(pixels)
    if request.channel is None and not request.colors and _is_gray(pixels):
        transparent = pixels[..., 3] == 0 if image.mode == "RGBA" else None
        return Found(np.ascontiguousarray(pixels[..., 0]), mask_of(transparent))
    return found_in_colors(path, pixels, image.mode, request)


def _is_gray(pixels: AnyArray) -> bool:
    return all(np.array_equal(pixels[..., 0], pixels[..., other]) for other in (1, 2))


FORMATS = (
    Format(
        "PNG",
        (".png",),
        lambda head, _: head.startswith(PNG),
        read_png,
        summary="gray of 1 to 16 bits, or R, G, B or A by channel, or the index of a palette; "
        "transparent pixels are invalid",
        uses_channel=True,
        has_colors=True,
    ),
    Format(
        "JPEG",
        (".jpg", ".jpeg"),
        lambda head, _: head.startswith(JPEG),
        read_jpeg,
        summary="gray of 8 bits, or R, G or B by channel",
        uses_channel=True,
    ),
    Format(
        "WebP",
        (".webp",),
        lambda head, _: is_webp(head),
        read_webp,
        summary="8 bits: gray where R, G and B are equal, else one of them, or A, by channel",
        uses_channel=True,
        has_colors=True,
    ),
    Format(
        "BMP",
        (".bmp",),
        lambda head, _: head.startswith(b"BM") and head[6:10] == bytes(4),
        read_bmp,
        summary="8 bits: gray where R, G and B are equal, else one of them by channel",
        uses_channel=True,
        has_colors=True,
    ),
)


def write_png(file: BinaryIO, image: AnyArray, palette: AnyArray | None = None) -> None:
    """8 or 16 bits a channel; with a palette of (N, 3) bytes, *image* is indices into it."""
    # Pillow filters rows of colors for photographs: four times slower, and no smaller for these.
    height, width = image.shape[:2]
    channels = image.shape[2] if image.ndim == 3 else 1
    encode_png(file, [image], (height, width, channels), image.dtype, palette)


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
