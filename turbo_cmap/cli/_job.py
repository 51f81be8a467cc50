"""One file of numbers into one picture: what `convert` does with each of many."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._coloring import Coloring
from ._dress import Dress
from ._range import UsedRange, used_range
from ._reading import Reading

if TYPE_CHECKING:
    from ..io import Raster
    from ..io.windows import Windowed


@dataclass(frozen=True)
class Job:
    """How to turn a file into a picture; can be pickled, and called from many processes."""

    reading: Reading = field(default_factory=Reading)
    coloring: Coloring = field(default_factory=Coloring)
    dress: Dress = field(default_factory=Dress)
    force: bool = False

    def __call__(self, source: str | Path, target: Path) -> str:
        """Convert one file; return the line that says so.

        Raises
        ------
        OSError, ValueError, MemoryError
            If it cannot be read or written; there is no new file then.
        """
        from .. import io
        from ..colorizer import Colorizer
        from ..painting import colorize
        from ._indexed import indexed
        from ._windowed import convert_windowed, is_large

        if not self.force and os.path.lexists(target):  # before the work; `write` makes sure of it
            raise FileExistsError(f"{target}: exists already; --force replaces it")
        if is_large(source, target, self):
            return convert_windowed(source, target, self)
        raster = self.reading.read(source)
        values = raster.scaled()
        used = used_range(values, raster.mask, (), self.coloring)
        fixed = replace(self.coloring, vmin=used.vmin, vmax=used.vmax)
        arguments = {**fixed.arguments, "mask": raster.mask, "invalid": None}
        found = None
        if target.suffix.lower() == ".png" and not self.dress:
            found = indexed(values, arguments)
        if found is not None:
            io.write(target, found.indices, palette=found.palette, force=self.force)
        else:
            picture = colorize(values, **arguments)
            if self.dress:
                colorizer = Colorizer(**fixed.arguments)
                picture = self.dress.compose(picture, raster, colorizer, Path(source))
            io.write(target, picture, force=self.force)
        return told(source, target, raster, used)


def told(source: str | Path, target: Path, image: Raster | Windowed, used: UsedRange) -> str:
    """The line that says what was done."""
    files = f"{click.format_filename(source)} -> {click.format_filename(target)}"
    height, width = image.shape
    return f"{files}  {width}x{height} {image.dtype.name}  {_range_text(used, image.unit)}"


def _range_text(used: UsedRange, unit: str | None) -> str:
    text = f"range {used.vmin_text} .. {used.vmax_text}{f' {unit}' if unit else ''}"
    if used.invalid:
        text += f"  {used.invalid} of {used.size} invalid"
    return text


def reason(error: Exception, target: Path) -> str:
    """An error as the line to print, with the file it is about."""
    from ..io import ReadError
    from ..io.raster import line

    if isinstance(error, ReadError) or (isinstance(error, FileExistsError) and not error.errno):
        return line(error)  # names its file
    return f"{click.format_filename(target)}: {line(error)}"
