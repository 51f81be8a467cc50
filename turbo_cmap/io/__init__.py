"""Images of numbers and of colours as files: `read` and `write`.

What a file is, its first bytes say; the name is not looked at for reading. For writing
the suffix chooses.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from .._typing import AnyArray
from .atomic import new_file
from .frames import Frames, read_frames
from .images import write_jpeg, write_png, write_webp
from .movies import MOVIE_SUFFIXES, Movie, write_frames
from .notes import PngWithText, read_recipe
from .npy import write_npy
from .palettes import check_palette
from .presets import PRESETS, Preset, preset_of
from .raster import Raster, ReadError, as_raster, read_errors
from .recipe import Recipe, Region
from .registry import Format, Found, Request, formats, found_in
from .tiff import check_tiff, write_tiff

__all__ = [
    "Format",
    "Found",
    "Frames",
    "MOVIE_SUFFIXES",
    "Movie",
    "PRESETS",
    "Preset",
    "Raster",
    "ReadError",
    "Recipe",
    "Region",
    "Request",
    "SUFFIXES",
    "check_format",
    "formats",
    "read",
    "read_frames",
    "read_recipe",
    "write",
    "write_frames",
]


def read(
    path: str | os.PathLike[str],
    preset: str | Preset | None = None,
    *,
    key: str | None = None,
    channel: str | None = None,
) -> Raster:
    """Read one image of numbers.

    Parameters
    ----------
    path : str or path
        A file in one of the formats of `turbo_cmap.io.formats`: PNG, TIFF, NPY, NPZ, PFM,
        PGM and many more. Its first bytes say which, not its name.
    preset : str or Preset, optional
        What the numbers mean: a name in `turbo_cmap.io.PRESETS`, such as "kitti-depth",
        "tum" or "mm". Nothing is assumed without one.
    key : str, optional
        Which array of a file that holds more than one, such as NPZ.
    channel : str, optional
        Which component of a pixel: "R", "G" or "B" of a picture, "u" or "v" of flow.

    Returns
    -------
    Raster
        Values in the file's own dtype, never scaled, and a mask where the format or the
        preset says that there is no measurement: +inf in PFM, transparent pixels in PNG.

    Raises
    ------
    ReadError
        If the file is not there, in none of these formats, damaged, a picture (of three
        channels, say) and no depth, or not of the preset's kind; or if *key* or *channel*
        mean nothing in its format. One line that names the file and the reason.
    TypeError
        If *path* is no path.
    ValueError
        If there is no such preset.

    Notes
    -----
    A header that claims more pixels than the file can hold is refused before memory is
    allocated. NPY files of 64 MiB and more are mapped, not copied. Objects are never
    unpickled.

    Examples
    --------
    >>> raster = read("000005_10.png", "kitti-disparity")  # doctest: +SKIP
    >>> raster.unit  # doctest: +SKIP
    'px'
    >>> colors = turbo_cmap.colorize(raster.scaled(), mask=raster.mask)  # doctest: +SKIP
    """
    where = _as_path(path, "read")
    chosen = None if preset is None else preset_of("read", preset)
    with read_errors(where):
        status = where.stat()
        folder = stat.S_ISDIR(status.st_mode)
        if not folder and not stat.S_ISREG(status.st_mode):
            raise ReadError(where, "is no regular file")
        if not folder and status.st_size == 0:
            raise ReadError(where, "is empty")
        request = Request(key, channel, colors=bool(chosen and chosen.colors))
        kind, found = found_in(where, status.st_size, request, folder=folder)
        if chosen is None:
            return as_raster(where, *found, format=kind.name)
        if not chosen.colors:
            return chosen.apply(as_raster(where, *found, format=kind.name))
        return chosen.apply(Raster(found.values, where, found.mask, format=kind.name))


class _Format(NamedTuple):
    name: str
    encode: Callable[..., None]
    dtypes: tuple[str, ...] | None  # None: all
    channels: tuple[int, ...]
    text: bool = True  # whether there is room for one
    largest: int | None = None  # width and height


_JPEG = _Format("JPEG", write_jpeg, ("uint8",), (1, 3), largest=65500)  # libjpeg, jmorecfg.h
_TIFF = _Format("TIFF", write_tiff, ("uint8", "uint16", "float32"), (1, 3, 4))
_FORMATS = {
    ".png": _Format("PNG", write_png, ("uint8", "uint16"), (1, 3, 4)),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".webp": _Format("WebP", write_webp, ("uint8",), (3, 4), largest=16383),
    ".npy": _Format("NPY", write_npy, None, (1, 3, 4), text=False),
}

#: The suffixes that `write` knows.
SUFFIXES = tuple(_FORMATS)


def check_format(path: str | os.PathLike[str], dtype: str, channels: int) -> None:
    """Check that a file of this name can hold an image of this kind, before there is one.

    Parameters
    ----------
    path : str or path
        Only its suffix counts.
    dtype : {"uint8", "uint16", "float32"}
    channels : {1, 3, 4}
        Gray, RGB, RGBA.

    Raises
    ------
    ValueError
        If the suffix is not one of `SUFFIXES`, or its format cannot hold that.
    """
    where = _as_path(path, "check_format")
    chosen = _FORMATS.get(where.suffix.lower())
    if chosen is None:
        if where.suffix.lower() in MOVIE_SUFFIXES:
            raise ValueError(f"{where}: holds many frames; 'turbo-cmap video' writes it")
        raise ValueError(
            f"{where}: the suffix must be one of {' '.join(SUFFIXES)}, got {where.suffix!r}"
        )
    if chosen.dtypes is not None and dtype not in chosen.dtypes:
        able = _names(lambda one: one.dtypes is None or dtype in one.dtypes)
        raise ValueError(f"{where}: {chosen.name} cannot hold {dtype}; {able} can")
    if channels not in chosen.channels:
        able = _names(lambda one: channels in one.channels)
        raise ValueError(f"{where}: {chosen.name} cannot hold {channels} channels; {able} can")
    if chosen is _TIFF:
        check_tiff(np.dtype(dtype), channels)


def _names(holds: Callable[[_Format], bool]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in _FORMATS.values() if holds(one)))


def write(
    path: str | os.PathLike[str],
    image: AnyArray,
    *,
    palette: AnyArray | None = None,
    recipe: Recipe | None = None,
    force: bool = False,
) -> None:
    """Write an image in the format of the suffix.

    The file appears whole or not at all: it is written under a temporary name beside the
    final one and then renamed.

    Parameters
    ----------
    path : str or path
        Ends in one of `SUFFIXES`. WebP is lossless, JPEG of quality 95 at full chroma
        resolution, the others exact.
    image : ndarray, shape (H, W), (H, W, 3) or (H, W, 4)
        Gray, RGB or RGBA. uint8 everywhere; uint16 in PNG, TIFF and NPY; float32 in TIFF
        and NPY. NPY takes any dtype.
    palette : ndarray of uint8, shape (N, 3), N <= 256, optional
        RGB colours; *image* is then uint8 indices into it, shape (H, W). PNG only.
    recipe : Recipe, optional
        How the colors were made, to be kept in the file for `read_recipe`. NPY has no place
        for it.
    force : bool, default False
        Whether to replace a file that is there.

    Raises
    ------
    FileExistsError
        If the file is there and *force* is not given.
    ValueError
        If the format cannot hold the image.
    """
    where = _as_path(path, "write")
    if not isinstance(image, np.ndarray):
        raise TypeError(f"write(): image must be a NumPy array, got {type(image).__name__}")
    if image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(
            f"write(): image must have shape (H, W) or (H, W, C) and pixels, got {image.shape}"
        )
    check_format(where, image.dtype.name, image.shape[2] if image.ndim == 3 else 1)
    chosen = _FORMATS[where.suffix.lower()]
    if chosen.largest is not None and max(image.shape[:2]) > chosen.largest:
        raise ValueError(
            f"{where}: {chosen.name} has at most {chosen.largest} rows and columns, "
            f"got {image.shape[1]} x {image.shape[0]}"
        )
    options: dict[str, Any] = {}
    if palette is not None:
        _check_palette(chosen, image, palette)
        options["palette"] = palette
    if recipe is not None and not isinstance(recipe, Recipe):
        raise TypeError(f"write(): recipe must be a Recipe, got {type(recipe).__name__}")
    if recipe is not None and chosen.text:
        options["text"] = recipe.to_json()
    if chosen.dtypes is not None:
        image = image.astype(image.dtype.newbyteorder("="), copy=False)
    file: BinaryIO
    with new_file(where, force=force) as file:
        if chosen.encode is write_png and "text" in options:  # whichever way it is encoded
            file = cast(BinaryIO, PngWithText(file, options.pop("text")))
        chosen.encode(file, image, **options)


def _check_palette(chosen: _Format, image: AnyArray, palette: AnyArray) -> None:
    if chosen.encode is not write_png:
        raise ValueError(f"write(): palette must be None for {chosen.name}")
    check_palette("write", palette, 256)
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ValueError(
            "write(): image must be uint8 of shape (H, W) where palette is given, "
            f"got {image.dtype} of shape {image.shape}"
        )
    if len(palette) < 256 and image.max() >= len(palette):
        raise ValueError(
            f"write(): image must be indices below {len(palette)}, the length of palette, "
            f"got {image.max()}"
        )


def _as_path(path: str | os.PathLike[str], function: str) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{function}(): path must be a string or a path, got {path!r}")
    return Path(path)
