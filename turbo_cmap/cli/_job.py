"""One file of numbers into one picture: what `convert` does with each of many."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ._coloring import Coloring
from ._console import printable
from ._dress import Dress
from ._range import UsedRange, used_range
from ._reading import Reading
from ._writing import refuse_existing

if TYPE_CHECKING:
    from ..io import Raster
    from ..io.windows import Windowed


class Told(NamedTuple):
    """What there is to say of a file that was converted."""

    line: str
    remarks: tuple[str, ...] = ()  # what was assumed, or a hint; of many files said once
    notes: tuple[str, ...] = ()  # about this file
    details: tuple[str, ...] = ()  # with --verbose


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

    def __post_init__(self) -> None:
        self.dress.check(self.coloring)

    def __call__(self, source: str | Path, target: Path) -> Told:
        """Convert one file; return what there is to say.

        Raises
        ------
        OSError, ValueError, MemoryError
            If it cannot be read or written; there is no new file then.
        """
        from .. import io
        from ._indexed import indexed
        from ._recipes import recipe_of
        from ._windowed import convert_windowed, is_large

        refuse_existing(target, self.force)
        if is_large(source, target, self):
            return convert_windowed(source, target, self)
        raster = self.reading.read(source)
        values = raster.scaled()
        used = used_range(values, raster.mask, self.coloring)
        fixed = self.coloring.spanning(used.vmin, used.vmax)
        shown = self.dress.prepare(raster)
        if shown is not raster:
            values = shown.scaled()
        arguments = {**fixed.arguments, "mask": shown.mask, "invalid": None}
        found = None
        refits = fixed.norm == "equalize" and shown is not raster  # `indexed` would, to fewer
        if target.suffix.lower() == ".png" and not self.dress and not refits:
            found = indexed(values, arguments)
        if found is not None:
            recipe = recipe_of(fixed, raster.unit)
            palette = found.palette
            io.write(target, found.indices, palette=palette, recipe=recipe, force=self.force)
        else:
            from ..colorizer import Colorizer

            colorizer, region = Colorizer(**fixed.arguments), None
            if fixed.norm == "equalize":  # which has more than its limits to find
                colorizer.fit(raster.scaled(), mask=raster.mask)
            picture = colorizer(values, mask=shown.mask)
            if self.dress:
                picture, region = self.dress.dressed(picture, shown, colorizer, Path(source))
            size = (picture.shape[1], picture.shape[0])
            alpha = self.dress.weight
            recipe = recipe_of(fixed, raster.unit, region=region, size=size, alpha=alpha)
            io.write(target, picture, recipe=recipe, force=self.force)
        line = line_of(source, target, raster, used, self.tells_range)
        return Told(line, tuple(self.reading.remarks(raster)))


def line_of(
    source: str | Path,
    target: Path,
    image: Raster | Windowed,
    used: UsedRange,
    with_range: bool = True,
) -> str:
    """The line that says what was done: of the image as it was read, whatever was made of it."""
    height, width = image.shape
    line = f"{printable(source)} -> {printable(target)}  {width}x{height} {image.dtype.name}"
    if used.invalid == used.size:  # a range of nothing would be of no use
        return f"{line}  all {used.size} invalid"
    if used.invalid + used.nowhere == used.size:
        return f"{line}  none of {used.size} above 0"
    if with_range:
        line += f"  range {used.text(image.unit)}"
    if used.invalid:
        line += f"  {used.invalid} of {used.size} invalid"
    if used.nowhere:
        line += f"  {used.nowhere} of {used.size} not above 0"
    return line
