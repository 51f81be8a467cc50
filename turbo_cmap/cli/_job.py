"""One file of numbers into one picture: what `convert` does with each of many."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ._coloring import Coloring
from ._console import shown
from ._dress import Dress
from ._range import used_range
from ._reading import Reading


@dataclass(frozen=True)
class Job:
    """How to turn a file into a picture; can be pickled, and called from many processes.

    Attributes
    ----------
    reading : Reading
    coloring : Coloring
    dress : Dress
    force : bool
        Whether to replace a file that is there.
    tells_range : bool
        Whether the line of each file says its range; not where all have the same.
    """

    reading: Reading = field(default_factory=Reading)
    coloring: Coloring = field(default_factory=Coloring)
    dress: Dress = field(default_factory=Dress)
    force: bool = False
    tells_range: bool = True

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

        if not self.force and os.path.lexists(target):  # before the work; `write` makes sure of it
            raise FileExistsError(f"{target}: exists already; --force replaces it")
        raster = self.reading.read(source)
        values, invalid = raster.scaled(), self.reading.invalid
        used = used_range(values, raster.mask, invalid, self.coloring)
        fixed = self.coloring.spanning(used.vmin, used.vmax)
        arguments = {**fixed.arguments, "mask": raster.mask, "invalid": invalid or None}
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
        height, width = values.shape
        line = f"{shown(source)} -> {shown(target)}  {width}x{height} {raster.values.dtype.name}"
        if self.tells_range:
            line += f"  range {used.vmin_text} .. {used.vmax_text}"
            line += f" {raster.unit}" if raster.unit else ""
        if used.invalid:
            line += f"  {used.invalid} of {used.size} invalid"
        return line


def reason(error: Exception, target: Path) -> str:
    """An error as the line to print, with the file it is about."""
    from ..io import ReadError
    from ..io.raster import line

    if isinstance(error, ReadError) or (isinstance(error, FileExistsError) and not error.errno):
        return line(error)  # names its file
    return f"{shown(target)}: {line(error)}"
