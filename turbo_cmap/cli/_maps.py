"""Color maps as they are named on the command line: by name, or as a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._complete import complete_map_or_file

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..colormap import Colormap


maps_argument = click.argument(
    "maps",
    metavar="NAME|FILE...",
    nargs=-1,
    required=True,
    shell_complete=complete_map_or_file,
)


def find_map(source: str) -> Colormap:
    """The map of a name or, where none has it, of a file.

    Parameters
    ----------
    source : str
        A name as in `get_cmap`; else an image of a map, an NPY file of colors, or what
        `read_palette` reads. The map of a file has its name.

    Raises
    ------
    ValueError
        If there is none of that name.
    OSError
        If a file cannot be read or holds no map; `ReadError`, most of the time.
    """
    from ..colormap import Colormap, get_cmap
    from ..io import ReadError

    try:
        return get_cmap(source)
    except ValueError:
        path = Path(source)
        if not path.exists():
            if path.suffix or any(one in source for one in ("/", os.sep)):
                raise FileNotFoundError(f"{source}: there is no such file or map") from None
            raise
    try:
        return Colormap(path.name, _colors(path))
    except (ValueError, TypeError) as error:
        told = str(error).removeprefix("check(): ").removeprefix("Colormap(): ")
        raise ReadError(path, told) from None


def _colors(path: Path) -> AnyArray:
    from ..io import ReadError
    from ..strip import strip_colors
    from ._palettes import PALETTE_SUFFIXES, read_palette
    from ._photos import IMAGE_SUFFIXES, read_upright

    if path.suffix.lower() in PALETTE_SUFFIXES:
        return read_palette(path)
    try:
        image = read_upright(path)
    except ReadError as error:
        if path.suffix.lower() in IMAGE_SUFFIXES or not path.is_file():
            raise
        known = " ".join((".npy", *PALETTE_SUFFIXES))
        raise ReadError(path, f"{error.reason}; tables of colors are {known}") from None
    return strip_colors(image) if image.ndim == 3 else image
