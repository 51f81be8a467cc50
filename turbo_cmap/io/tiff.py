"""TIFF: through tifffile where it is installed, else through Pillow where that reads it rightly."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .._typing import AnyArray
from .frames import Frames
from .geotiff import METADATA_TAG, NODATA_TAG, band_tags, nodata_of
from .raster import (
    TIGHT_EXPANSION,
    Raster,
    ReadError,
    as_raster,
    not_depth,
    read_errors,
    refuse_inflated,
)
from .registry import Format, Found, Request
from .signatures import TIFF

if TYPE_CHECKING:
    import tifffile
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    from .tiff_pages import Place
    from .windows import Windowed

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


def read_tiff(path: Path, size: int, request: Request) -> Found:
    """The one image of the file, of integers, float16, float32 or float64."""
    if not has_tifffile():
        return _read_pillow(path, size, request)
    from .tiff_pages import MissingCodecError, open_tiff

    try:
        return open_tiff(path, size, request).found()
    except MissingCodecError:
        return _read_pillow(path, size, request)  # knows LZW, say


def tiff_windows(path: Path, size: int, request: Request) -> Windowed | None:
    """The same in bands; None where that takes what is not installed."""
    if not has_tifffile():
        return None
    from .tiff_pages import MissingCodecError, open_tiff

    try:
        return open_tiff(path, size, request)
    except MissingCodecError:
        return None


def tiff_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The pages, or those of a slice that is the key; None of one page."""
    if not has_tifffile():
        with path.open("rb") as file:
            from PIL.TiffImagePlugin import TiffImageFile

            count = getattr(TiffImageFile(file), "n_frames", 1)
        if count > 1:
            raise ReadError(path, f"a TIFF of {count} pages needs tifffile: {_INSTALL}")
        return None
    from .selection import selected, slice_of
    from .tiff_pages import images_in, opened_tiff, page_number

    with opened_tiff(path) as tiff:
        places = images_in(tiff)
    count = len(places)
    if request.axis is not None:
        raise ReadError(path, "is a TIFF, whose pages are the frames; axis is for arrays")
    if count < 2 or (request.key is not None and page_number(request.key) is not None):
        return None
    if request.key is not None:
        some = slice_of(path, selected(path, {"pages": (count,)}, request.key), count)
        places = [places[number] for number in some]
    return TiffFrames(path, places, Request(channel=request.channel))


class TiffFrames(Frames):
    """Pages of a TIFF, overviews and masks aside.

    Parameters
    ----------
    path : Path
    places : sequence of Place
    request : Request
        Which channel of each.
    """

    def __init__(self, path: Path, places: Sequence[Place], request: Request) -> None:
        self.path = path
        self.count = len(places)
        self._places = places
        self._request = request

    def _read(self) -> Iterator[Raster | ReadError]:
        import tifffile

        with read_errors(self.path):
            tiff = tifffile.TiffFile(self.path)
        with tiff:
            for place in self._places:
                yield self._page(tiff, place)

    def _page(self, tiff: tifffile.TiffFile, place: Place) -> Raster | ReadError:
        from .tiff_pages import found_in_page

        try:
            with read_errors(self.path):
                size = tiff.filehandle.size
                found = found_in_page(self.path, tiff, place, size, self._request)
                return as_raster(self.path, *found, format="TIFF")
        except ReadError as error:
            return error


def _read_pillow(path: Path, size: int, request: Request) -> Found:
    from PIL.TiffImagePlugin import TiffImageFile

    if request.key is not None or request.channel is not None:
        raise ReadError(path, f"pages and bands of a TIFF are chosen with tifffile: {_INSTALL}")

    with path.open("rb") as file:
        try:
            image = TiffImageFile(file)
        except SyntaxError as error:
            raise ReadError(path, f"Pillow does not read this TIFF ({error}); {_INSTALL}") from None
        tags: ImageFileDirectory_v2 = image.tag_v2
        photometric = tags.get(_PHOTOMETRIC, _BLACK_IS_ZERO)
        _check_page(path, tags.get(_SAMPLES, 1), photometric)
        if getattr(image, "n_frames", 1) > 1:
            raise ReadError(path, f"a TIFF of {image.n_frames} pages; one is needed")
        kind = (tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0], tags.get(_BITS, (1,))[0])
        dtype = _PILLOW_READS.get(kind)
        if dtype is None or photometric != _BLACK_IS_ZERO:
            raise ReadError(path, f"Pillow does not read this TIFF rightly; {_INSTALL}")
        claimed = image.width * image.height * dtype.itemsize
        refuse_inflated(path, claimed, size, TIGHT_EXPANSION)
        tags_of_band = band_tags(tags.get(METADATA_TAG), 0)
        values = np.asarray(image).astype(dtype, copy=False)
        return Found(values, nodata_of(tags.get(NODATA_TAG)).mask(values), *tags_of_band)


def _check_page(path: Path, channels: int, photometric: int) -> None:
    if channels > 1:
        raise not_depth(path, channels, "TIFF")
    if photometric == _PALETTE:
        raise ReadError(path, "a palette image, whose numbers are colors, not depth")


FORMATS = (
    Format(
        "TIFF",
        (".tif", ".tiff"),
        lambda head, _: head.startswith(TIFF),
        read_tiff,
        summary="integers, float16, float32 and float64: a page by the key, a band by the channel",
        uses_key=True,
        uses_channel=True,
        windows=tiff_windows,
        frames=tiff_frames,
    ),
)


def check_tiff(dtype: np.dtype[np.generic], channels: int) -> None:
    """Raise ValueError where only tifffile can write it and is not there."""
    if not has_tifffile() and channels > 1 and dtype != np.uint8:
        raise ValueError(f"a TIFF of {dtype} colors needs tifffile: {_INSTALL}")


def write_tiff(file: BinaryIO, image: AnyArray, text: str = "") -> None:
    """Any dtype with tifffile, uint8 colors without it; compressed without loss."""
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
