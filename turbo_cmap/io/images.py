"""PNG, JPEG, WebP and BMP through Pillow: depth in, colours out."""

from __future__ import annotations

import shlex
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from .._typing import AnyArray
from .channels import chosen, several_channels
from .gray_png import gray_pixels
from .notes import IMAGE_DESCRIPTION
from .png import encode_png
from .png_chunks import chunks
from .raster import TIGHT_EXPANSION, ReadError, refuse_inflated
from .registry import Format, Found, Request
from .signatures import JPEG, PNG, is_webp

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_PALETTE = 3
#: What an animated PNG says of itself: how many frames there are, and how often they are shown.
_ACTL = struct.Struct(">II")
#: PNG's colour types.
_PNG_CHANNELS = {0: "Y", 2: "RGB", 4: "YA", 6: "RGBA"}


def read_png(path: Path, size: int, request: Request) -> Found:
    """bool, uint8 or uint16 values, and where the file says that a pixel is transparent."""
    with path.open("rb") as file:
        head = file.read(26)
    if len(head) < 26 or head[12:16] != b"IHDR":
        raise ReadError(path, "a PNG that ends in its header")
    width, height, bits, color_type = struct.unpack(">IIBB", head[16:])
    if color_type == _PALETTE:
        raise ReadError(path, "a palette image, whose numbers are colors, not depth")
    names = _PNG_CHANNELS.get(color_type)
    if names is None:
        raise ReadError(path, f"a PNG of color type {color_type}, which there is not")
    if bits == 16 and names == "YA":
        raise ReadError(path, "16-bit gray with alpha is not read; save it without alpha")
    refuse_inflated(path, height * (1 + (width * len(names) * bits + 7) // 8), size)
    check_chunks(path, size)
    if names in ("RGB", "RGBA"):
        if request.channel is None and not request.colors:
            raise several_channels(path, names)
        pixels = read_png_colors(path, names, bits)
        return _of_colors(path, pixels, names, request)
    if names == "Y" and (gray := gray_pixels(path)) is not None:
        values = np.frombuffer(gray.data, f"u{gray.bits // 8}").reshape(gray.shape)
        if request.channel is not None:
            chosen(path, values[..., np.newaxis], names, request)
        return Found(values)
    from PIL.PngImagePlugin import PngImageFile

    # Not Image.open: its limit on pixels is global and below large depth maps.
    with path.open("rb") as file, PngImageFile(file) as image:
        values = np.asarray(image)
        transparent = image.info.get("transparency")
    if names == "YA":
        if request.channel is not None:
            return Found(chosen(path, values, names, request))
        return Found(values[..., 0], values[..., 1] == 0)
    if request.channel is not None:
        chosen(path, values[..., np.newaxis], names, request)
    if bits == 16:  # some versions of Pillow widen it to 32 bits
        values = values.astype(np.uint16, copy=False)
    if bits in (2, 4):  # Pillow spreads them over 0 to 255
        values = values // (255 // (2**bits - 1))
    if bits >= 8 and isinstance(transparent, int):
        return Found(values, values == transparent)
    return Found(values)


def several_pictures(path: Path, count: int) -> ReadError:
    """That a file is an animation, and how to make files of its frames."""
    return ReadError(path, f"holds {count} pictures; one is needed: {frames_of(path)}")


def frames_of(path: Path) -> str:
    """How to make a picture of each frame of an animation or a video."""
    return f"ffmpeg -i {shlex.quote(path.name)} frame_%05d.png makes a file of each"


def check_chunks(path: Path, size: int) -> None:
    """Raise `ReadError` where a chunk claims more than the file has, and for animations.

    Pillow allocates what is claimed.
    """
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


def read_png_colors(path: Path, mode: str, bits: int) -> AnyArray:
    """RGB or RGBA of a PNG of 8 or 16 bits, with all their bits; shape (H, W, 3 | 4)."""
    from PIL.PngImagePlugin import PngImageFile

    def decoded(raw: str | None) -> AnyArray:
        image: Any
        with path.open("rb") as file, PngImageFile(file) as image:
            if raw is not None:
                codec, box, offset = image.tile[0][:3]
                image.tile = [(codec, box, offset, raw)]
            return np.asarray(image)

    if bits != 16:
        return decoded(None)
    # Pillow keeps one byte of each component. Which one depends on what byte order it is
    # told: so it is asked twice.
    return decoded(f"{mode};16B").astype(np.uint16) << 8 | decoded(f"{mode};16L")


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
            return _of_colors(path, np.asarray(image), mode, request)
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
    refuse_inflated(path, width * height, size, TIGHT_EXPANSION)  # Pillow allocates on opening
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
    refuse_inflated(path, image.width * image.height, size, TIGHT_EXPANSION)
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        if request.channel is not None:
            chosen(path, pixels[..., np.newaxis], "Y", request)
        return Found(pixels)
    if request.channel is None and not request.colors and _is_gray(pixels):
        transparent = pixels[..., 3] == 0 if image.mode == "RGBA" else None
        masked = transparent is not None and transparent.any()
        return Found(np.ascontiguousarray(pixels[..., 0]), transparent if masked else None)
    return _of_colors(path, pixels, image.mode, request)


def _is_gray(pixels: AnyArray) -> bool:
    return all(np.array_equal(pixels[..., 0], pixels[..., other]) for other in (1, 2))


def _of_colors(path: Path, pixels: AnyArray, names: str, request: Request) -> Found:
    """A channel, or all; a pixel that is transparent holds no measurement, but its alpha."""
    values = chosen(path, pixels, names, request)
    if names == "RGBA" and values.ndim == 2 and (request.channel or "").upper() != "A":
        transparent = pixels[..., 3] == 0
        return Found(values, transparent if transparent.any() else None)
    return Found(values)


FORMATS = (
    Format(
        "PNG",
        (".png",),
        lambda head, _: head.startswith(PNG),
        read_png,
        summary="gray of 1 to 16 bits, or R, G, B or A by channel; transparent pixels are invalid",
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
