"""TIFF: through tifffile where it is installed, else through Pillow where that reads it rightly."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .._typing import AnyArray
from .raster import ReadError, not_depth, refuse_inflated
from .registry import Format, Found, Request

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

#: TIFF's codecs pack tighter than Deflate (LZMA, Zstandard), and GeoTIFF leaves out empty tiles.
_MAX_EXPANSION = 65_536
_INSTALL = "pip install 'turbo_cmap[tiff]'"

_BITS, _PHOTOMETRIC, _DESCRIPTION, _SAMPLES, _SAMPLE_FORMAT = 258, 262, 270, 277, 339
_BLACK_IS_ZERO, _PALETTE = 1, 3
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
#: What Pillow keeps: (sample format, bits) and the dtype. Others it converts, some with loss.
_PILLOW_READS = {
    (_UNSIGNED, 1): np.dtype(np.bool_),
    (_UNSIGNED, 8): np.dtype(np.uint8),
    (_UNSIGNED, 16): np.dtype(np.uint16),
    (_SIGNED, 16): np.dtype(np.int16),
    (_SIGNED, 32): np.dtype(np.int32),
    (_FLOAT, 32): np.dtype(np.float32),
}


def has_tifffile() -> bool:
    """Whether tifffile is installed."""
    return importlib.util.find_spec("tifffile") is not None


def read_tiff(path: Path, size: int, _: Request) -> Found:
    """The one image of the file, of integers, float16, float32 or float64."""
    if has_tifffile():
        return Found(_read_tifffile(path, size))
    return Found(_read_pillow(path, size, _INSTALL))


def _read_tifffile(path: Path, size: int) -> AnyArray:
    import tifffile

    with tifffile.TiffFile(path) as tiff:
        # Overviews and transparency masks of GeoTIFF are pages that say so.
        every = [page.aspage() for page in tiff.pages]
        pages = [page for page in every if not (page.is_reduced or page.is_mask)] or every
        if len(pages) > 1:
            raise ReadError(path, f"a TIFF of {len(pages)} pages; one is needed")
        page = pages[0]
        _check_page(path, page.samplesperpixel, int(page.photometric))
        refuse_inflated(path, page.nbytes, size, _MAX_EXPANSION)
        try:
            array: AnyArray = page.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            return _read_pillow(path, size, "pip install imagecodecs")  # Pillow knows LZW, say
        return array


def _read_pillow(path: Path, size: int, remedy: str) -> AnyArray:
    from PIL.TiffImagePlugin import TiffImageFile

    with path.open("rb") as file:
        try:
            image = TiffImageFile(file)
        except SyntaxError as error:
            raise ReadError(path, f"Pillow does not read this TIFF ({error}); {remedy}") from None
        tags: ImageFileDirectory_v2 = image.tag_v2
        photometric = tags.get(_PHOTOMETRIC, _BLACK_IS_ZERO)
        _check_page(path, tags.get(_SAMPLES, 1), photometric)
        if getattr(image, "n_frames", 1) > 1:
            raise ReadError(path, f"a TIFF of {image.n_frames} pages; one is needed")
        kind = (tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0], tags.get(_BITS, (1,))[0])
        dtype = _PILLOW_READS.get(kind)
        if dtype is None or photometric != _BLACK_IS_ZERO:
            raise ReadError(path, f"Pillow does not read this TIFF rightly; {remedy}")
        refuse_inflated(path, image.width * image.height * dtype.itemsize, size, _MAX_EXPANSION)
        return np.asarray(image).astype(dtype, copy=False)


def _check_page(path: Path, channels: int, photometric: int) -> None:
    if channels > 1:
        raise not_depth(path, channels, "TIFF")
    if photometric == _PALETTE:
        raise ReadError(path, "a palette image, whose numbers are colors, not depth")


FORMATS = (
    Format(
        "TIFF",
        (".tif", ".tiff"),
        lambda head, _: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        read_tiff,
        summary="integers, float16, float32 and float64 of one channel",
    ),
)


def check_tiff(dtype: np.dtype[np.generic], channels: int) -> None:
    """Raise ValueError where only tifffile can write it and is not there."""
    if not has_tifffile() and channels > 1 and dtype != np.uint8:
        raise ValueError(f"a TIFF of {dtype} colors needs tifffile: {_INSTALL}")


def write_tiff(file: BinaryIO, image: AnyArray, text: str = "") -> None:
    """Any dtype with tifffile, uint8 colours without it; compressed without loss."""
    if not has_tifffile():
        from PIL import Image

        tags = {_DESCRIPTION: text} if text else {}
        Image.fromarray(image).save(file, "TIFF", compression="tiff_adobe_deflate", tiffinfo=tags)
        return
    import tifffile

    channels = image.shape[2] if image.ndim == 3 else 1
    tifffile.imwrite(
        file,
        image,
        photometric="minisblack" if channels == 1 else "rgb",
        extrasamples=["unassalpha"] if channels == 4 else None,
        compression="zlib",
        compressionargs={"level": 1},
        description=text or None,
        metadata=None,
    )
