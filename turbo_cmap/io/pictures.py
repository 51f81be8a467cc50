"""Pictures: colors out of a file, for the way back to numbers.

`turbo_cmap.io.read` refuses what this reads, and the other way round only a gray picture
can be both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from .._typing import AnyArray
from .npy import read_npy
from .png_pixels import decoded, read_extras, read_header
from .raster import (
    TIGHT_EXPANSION,
    ReadError,
    as_path,
    frames_of,
    read_errors,
    refuse_inflated,
    several_pictures,
)
from .registry import Request
from .signatures import JPEG, NPY, PNG, TIFF, begins_as_video, is_webp
from .tiff import has_tifffile

#: What such files end in; the first bytes decide.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".npy", ".gif")

_GIF = (b"GIF87a", b"GIF89a")
_BLACK_IS_ZERO, _RGB = 1, 2  # TIFF's photometric interpretations
#: What Pillow has in 8 bits after reading, and what that is turned into.
_MODES = {"1": "RGB", "L": "RGB", "LA": "RGBA", "P": "RGB", "PA": "RGBA", "RGB": "RGB"}
_MODES |= {"RGBA": "RGBA", "RGBX": "RGB", "YCbCr": "RGB"}


def read_picture(path: str | os.PathLike[str]) -> AnyArray:
    """Read a picture as it is: no color management, no rotation.

    Parameters
    ----------
    path : str or path
        PNG (palettes and 16 bits too), JPEG, WebP, GIF, TIFF or NPY; the first bytes say which.

    Returns
    -------
    ndarray of uint8, uint16 or float32, shape (H, W, 3) or (H, W, 4)
        RGB or RGBA. A gray picture has three equal components. Floats come from TIFF and
        NPY only, and NPY may hold float64.

    Raises
    ------
    ReadError
        If the file is not there, is none of these, is damaged, holds several pictures, or
        colors of another kind, such as CMYK.
    TypeError
        If *path* is no path.
    """
    where = as_path(path, "read_picture")
    with read_errors(where):
        size = where.stat().st_size
        with where.open("rb") as file:
            head = file.read(32)
        return _as_picture(where, _decode(where, head, size))


def _decode(path: Path, head: bytes, size: int) -> AnyArray:
    if head.startswith(PNG):
        return _read_png(path, size)
    if head.startswith(JPEG):
        from PIL.JpegImagePlugin import JpegImageFile

        return _read_pillow(path, JpegImageFile, size)
    if is_webp(head):
        from PIL.WebPImagePlugin import WebPImageFile

        return _read_pillow(path, WebPImageFile, size)
    if head.startswith(_GIF):
        from PIL.GifImagePlugin import GifImageFile

        return _read_pillow(path, GifImageFile, size)
    if head.startswith(TIFF):
        return _read_tiff(path, size)
    if head.startswith(NPY):
        return read_npy(path, size, Request()).values
    if begins_as_video(head, path.suffix):
        raise ReadError(path, f"is a video; one picture is needed: {frames_of(path)}")
    reason = f"is no PNG, JPEG, WebP, GIF, TIFF or NPY; it begins with {head[:8]!r}"
    raise ReadError(path, reason if head else "is empty")


def _as_picture(path: Path, array: AnyArray) -> AnyArray:
    if array.ndim == 2:
        array = np.stack([array] * 3, axis=-1)
    if array.ndim != 3 or array.shape[2] not in (3, 4):
        raise ReadError(path, f"holds an array of shape {array.shape}; (H, W, 3 or 4) is needed")
    if array.size == 0:
        raise ReadError(path, f"has no pixels: it is {array.shape[1]} x {array.shape[0]}")
    kind = array.dtype.newbyteorder("=")
    if kind not in (np.uint8, np.uint16, np.float32, np.float64):
        raise ReadError(path, f"holds {array.dtype} colors; uint8, uint16 or floats are needed")
    return array


# --- Pillow ---


def _read_png(path: Path, size: int) -> AnyArray:
    from PIL.PngImagePlugin import PngImageFile

    header = read_header(path)
    read_extras(path, size)
    if header.bits != 16:
        return _read_pillow(path, PngImageFile, size)
    refuse_inflated(path, header.nbytes, size)
    pixels = decoded(path, header)
    if header.names == "YA":
        return pixels[..., [0, 0, 0, 1]]
    return pixels


def _read_pillow(path: Path, kind: Any, size: int) -> AnyArray:
    # Not Image.open: its limit on pixels is global and below large pictures.
    with path.open("rb") as file, kind(file) as image:
        if getattr(image, "n_frames", 1) > 1:
            raise several_pictures(path, image.n_frames)
        refuse_inflated(path, image.width * image.height, size, TIGHT_EXPANSION)
        mode = _MODES.get(image.mode)
        if mode is None:
            raise ReadError(path, f"has colors of mode {image.mode}; RGB is needed")
        if "transparency" in image.info:
            mode = "RGBA"
        return np.asarray(image.convert(mode))


def _read_tiff(path: Path, size: int) -> AnyArray:
    from PIL.TiffImagePlugin import TiffImageFile

    if has_tifffile():
        from .tiff_pages import check_claims, opened_tiff

        with opened_tiff(path) as tiff:
            every = [page.aspage() for page in tiff.pages]
            pages = [page for page in every if not (page.is_reduced or page.is_mask)] or every
            if len(pages) > 1:
                raise ReadError(path, f"a TIFF of {len(pages)} pages; one is needed")
            page = pages[0]
            check_claims(path, page, size)
            if int(page.photometric) in (_BLACK_IS_ZERO, _RGB):
                try:
                    array: AnyArray = page.asarray()
                except ValueError as error:
                    if "imagecodecs" not in str(error):
                        raise
                else:
                    planes = array.ndim == 3 and page.axes.startswith("S")
                    return np.moveaxis(array, 0, -1) if planes else array
    return _read_pillow(path, TiffImageFile, size)
