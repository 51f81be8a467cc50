"""A text inside of a picture's file: where each format keeps one.

PNG has a tEXt chunk (https://www.w3.org/TR/png-3/#11textinfo), TIFF the tag
ImageDescription, JPEG a comment, WebP the ImageDescription of its Exif block. The texts are
ASCII.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, BinaryIO, cast

from .png_chunks import chunk, chunks
from .raster import ReadError, as_path, read_errors
from .recipe import KEYWORD, Recipe, is_recipe
from .signatures import JPEG, PNG, TIFF, is_webp

IMAGE_DESCRIPTION = 270
#: Signature and header, which come first in every PNG.
_PNG_HEAD = 8 + 4 + 4 + 13 + 4
#: What our text begins with there.
_PNG_NAME = KEYWORD.encode("ascii") + b"\0"


class PngWithText:
    """A file to write a PNG to, with any encoder, that gets a text behind its header."""

    def __init__(self, file: BinaryIO, text: str) -> None:
        self._file = file
        self._chunk = chunk(b"tEXt", _PNG_NAME + text.encode("ascii"))
        self._before = _PNG_HEAD

    def write(self, data: Any) -> int:
        """Pass it on."""
        view = memoryview(data).cast("B")
        if self._before:
            head = view[: self._before]
            self._file.write(head)
            self._before -= len(head)
            if not self._before:
                self._file.write(self._chunk)
            self._file.write(view[len(head) :])
        else:
            self._file.write(view)
        return len(view)

    def flush(self) -> None:
        """Pass it on."""
        self._file.flush()


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe that `write` has put into a picture's file.

    Parameters
    ----------
    path : str or path
        PNG, TIFF, JPEG or WebP; the first bytes say which. Only the head of the file is
        looked at, not its pixels.

    Returns
    -------
    Recipe or None
        None where there is none.

    Raises
    ------
    ReadError
        If the file cannot be read, or holds a recipe that is damaged or that a later
        version of this package has written; one line that says why.
    TypeError
        If *path* is no path.

    Examples
    --------
    >>> import tempfile, pathlib, numpy as np, turbo_cmap
    >>> from turbo_cmap.io import Recipe, read_recipe, write
    >>> picture = turbo_cmap.colorize(np.eye(4), vmin=0, vmax=1)
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "eye.png"
    >>> write(file, picture, recipe=Recipe("turbo", vmin=0, vmax=1, unit="m"))
    >>> read_recipe(file).unit
    'm'
    """
    where = as_path(path, "read_recipe")
    with read_errors(where):
        text = _text_of(where)
    if text is None:
        return None
    try:
        return Recipe.from_json(text)
    except ValueError as error:
        raise ReadError(where, f"its recipe cannot be used: {error}") from None


def _text_of(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        if head.startswith(PNG):
            return _png_text(file)
        if head.startswith(TIFF):
            found = _tiff_text(file)
        elif head.startswith(JPEG):
            from PIL.JpegImagePlugin import JpegImageFile

            with JpegImageFile(file) as image:
                found = image.info.get("comment")
        elif is_webp(head):
            from PIL.WebPImagePlugin import WebPImageFile

            with WebPImageFile(file) as image:
                found = image.getexif().get(IMAGE_DESCRIPTION)
        else:
            return None
    if isinstance(found, bytes):
        found = found.decode("latin-1")
    if not isinstance(found, str) or not is_recipe(found):
        return None  # somebody else's text
    return found.rstrip("\0")


def _png_text(file: BinaryIO) -> str | None:
    """The text of our name among the chunks before the pixels, or behind them."""
    for one in chunks(file, os.fstat(file.fileno()).st_size):
        if one.held < one.length:
            return None
        if one.kind == b"tEXt":
            # One that is too long is refused later, by its length.
            data = file.read(min(one.length, 1 << 16))
            if data.startswith(_PNG_NAME):
                return data[len(_PNG_NAME) :].decode("latin-1")
    return None


def _tiff_text(file: BinaryIO) -> object:
    from PIL.TiffImagePlugin import TiffImageFile

    from .tiff import has_tifffile

    if has_tifffile():
        import tifffile

        with tifffile.TiffFile(file) as tiff:
            return cast(object, tiff.pages.first.description)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TiffImageFile(file).tag_v2.get(IMAGE_DESCRIPTION)
