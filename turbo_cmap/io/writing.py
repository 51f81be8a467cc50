"""One picture, or one image of numbers, into a file: `write`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from .._typing import AnyArray
from .atomic import new_file
from .images import write_jpeg, write_png, write_webp
from .notes import PngWithText
from .palettes import check_palette
from .raster import as_path
from .recipe import Recipe


def _write_tiff(file: BinaryIO, image: AnyArray, **options: Any) -> None:
    from .tiff import write_tiff

    write_tiff(file, image, **options)


def _write_npy(file: BinaryIO, image: AnyArray) -> None:
    from .npy import write_npy

    write_npy(file, image)


class _Format(NamedTuple):
    name: str
    encode: Callable[..., None]
    dtypes: tuple[str, ...] | None  # None: all
    channels: tuple[int, ...]
    text: bool = True  # whether there is room for one
    largest: int | None = None  # width and height


_JPEG = _Format("JPEG", write_jpeg, ("uint8",), (1, 3), largest=65500)  # libjpeg, jmorecfg.h
_TIFF = _Format("TIFF", _write_tiff, ("uint8", "uint16", "float32"), (1, 3, 4))
_FORMATS = {
    ".png": _Format("PNG", write_png, ("uint8", "uint16"), (1, 3, 4)),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".webp": _Format("WebP", write_webp, ("uint8",), (3, 4), largest=16383),
    ".npy": _Format("NPY", _write_npy, None, (1, 3, 4), text=False),
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
    where = as_path(path, "check_format")
    chosen = _FORMATS.get(where.suffix.lower())
    if chosen is None:
        from .movies import MOVIE_SUFFIXES

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
        from .tiff import check_tiff

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
        RGB colors; *image* is then uint8 indices into it, shape (H, W). PNG only.
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
    where = as_path(path, "write")
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
