"""Pictures as files: what `io`, which is for numbers, refuses; and figures."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from .._typing import AnyArray
from ..io import ReadError
from ..io.atomic import new_file
from ..io.raster import line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Suffixes that figures are written for.
FIGURE_SUFFIXES = (".png", ".pdf", ".svg")
_NUMBERS = ("I", "F")  # Pillow's modes of more than 8 bits begin so


def read_picture(path: str | os.PathLike[str]) -> AnyArray:
    """An image file as uint8, shape (H, W, 3) or (H, W, 4), the right way up.

    Gray and palette images become RGB. An NPY file is taken as it is.

    Raises
    ------
    ReadError
        If it cannot be read, or holds numbers and no picture.
    """
    from PIL import Image, ImageOps

    where = Path(path)
    try:
        if where.suffix.lower() == ".npy":
            return np.asarray(np.load(where, allow_pickle=False))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(where) as image:
                if image.mode.startswith(_NUMBERS):
                    raise ReadError(where, f"a gray image of numbers ({image.mode}), no picture")
                upright = ImageOps.exif_transpose(image)
                return np.asarray(upright.convert("RGBA" if _has_alpha(upright) else "RGB"))
    except ReadError:
        raise
    except Exception as error:  # decoders raise all sorts of things on bytes that are damaged
        raise ReadError(where, line(error)) from error


def _has_alpha(image: object) -> bool:
    return bool(getattr(image, "has_transparency_data", False))


def check_target(output: str, suffixes: tuple[str, ...]) -> Path:
    """A file that can be made.

    Raises
    ------
    click.UsageError
        If its folder is not there or its suffix is another.
    """
    target = Path(output)
    if target.suffix.lower() not in suffixes:
        raise click.UsageError(f"{output}: the suffix must be one of {' '.join(suffixes)}")
    if not target.parent.is_dir():
        raise click.UsageError(f"{output}: there is no folder {target.parent}")
    return target


def write_figure(figure: Figure, target: Path, *, force: bool, dpi: int = 200) -> None:
    """Write a figure in the format of the suffix, whole or not at all."""
    with new_file(target, force=force) as file:
        figure.savefig(file, format=target.suffix[1:].lower(), dpi=dpi)


def refuse_existing(target: Path, force: bool) -> None:
    """Raise `FileExistsError` before the work; writing makes sure of it."""
    if not force and os.path.lexists(target):
        raise FileExistsError(f"{target}: exists already; --force replaces it")


def reason(error: Exception, target: Path) -> str:
    """An error as the line to print, with the file it is about."""
    own = isinstance(error, FileExistsError) and not error.errno
    return line(error) if own or isinstance(error, ReadError) else f"{target}: {line(error)}"
