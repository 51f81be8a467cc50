"""`turbo-cmap grid`: several files on one sheet, on one range, with one bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from ._coloring import Coloring, coloring_options
from ._console import console, printable
from ._dress import dilate_option, label_option, theme_option
from ._dry_run import dry_run, dry_run_option
from ._inputs import Inputs, inputs_options
from ._reading import Reading, Unsaid, quantity_of, reading_options
from ._writing import check_file, force_option, reason, refuse_existing

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..colorizer import Colorizer
    from ._console import Console
    from ._layout import Box, Page
    from ._numbers import Numbers

_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
#: Of the sheet, where nothing is said about columns: that of a page held sideways.
_ASPECT = 1.6


@click.command()
@inputs_options
@click.option("-o", "--output", metavar="OUT", required=True, help="A picture.")
@force_option
@click.option(
    "--columns",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Pictures in a row. Default: so that the sheet is a little wider than high.",
)
@click.option(
    "--cell-size",
    type=click.IntRange(16, 8192),
    default=320,
    show_default=True,
    metavar="N",
    help="Longest side of each picture, in pixels: no values are mixed. Small ones are "
    "enlarged by whole numbers.",
)
@click.option(
    "--range",
    "extent",
    type=click.Choice(["shared", "per-file", "fixed"]),
    default="shared",
    show_default=True,
    help="Which values the colors span: those of all files, so that colors mean the same; those "
    "of each; or those of --vmin and --vmax.",
)
@click.option("--names/--no-names", default=True, show_default=True, help="Under the pictures.")
@click.option(
    "--colorbar",
    type=click.Choice(["right", "bottom", "none"]),
    default="right",
    show_default=True,
    help="Where the bar of a shared range is.",
)
@label_option
@click.option("--title", metavar="TEXT", help="Above the sheet.")
@dilate_option("Grow measurements by N pixels into gaps, as with 'convert'.")
@theme_option("Of the sheet.")
@reading_options
@coloring_options
@dry_run_option
@click.pass_context
def grid(
    ctx: click.Context,
    /,
    output: str,
    force: bool,
    **options: Any,
) -> None:
    """Lay files of numbers on one sheet: on one range, with one color bar.

    IN is as for 'convert'; OUT is PNG, JPEG, TIFF or WebP. A file that cannot be read is
    left out.

    \b
    turbo-cmap grid results/*.png -o sheet.png --preset kitti-depth --label Depth
    turbo-cmap grid a.npy b.npy c.npy -o sheet.png --columns 3 --range per-file
    turbo-cmap grid depth/ -r -o sheet.png --columns 4
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ..io.raster import line
    from ._range import check_range
    from ._targets import check_targets, gather

    out = console(ctx)
    inputs = Inputs.take(options)
    reading, coloring = Reading.take(options), Coloring.take(options)
    sheet = _Sheet(**options)
    sheet.check(coloring)
    check_range(sheet.extent, coloring)
    target = check_file(output, _SUFFIXES)
    every = gather(inputs, target)
    paths = [one.path for one in every if one.problem is None]
    check_targets(paths, [target], coloring.order, coloring.dtype)
    files = _Files(paths, reading, sheet, out)
    for one in every:
        if one.problem is not None:
            out.fail(f"{printable(one.path)}: {one.problem}")
            files.failed = True
    if out.dry_run:
        status = dry_run(out, [(paths, target)], force) if paths else 1
        ctx.exit(1 if files.failed else status)
    try:
        refuse_existing(target, force)
        message = _write(files, coloring, sheet, target, force)
    except (OSError, ValueError, MemoryError) as error:
        out.fail(reason(error, target) if files.shown else line(error))
        ctx.exit(1)
    out.say(message)
    if files.failed:
        ctx.exit(1)


class _Shown(NamedTuple):
    """A file, as it will be on the sheet."""

    path: Path
    numbers: Numbers
    unit: str | None
    quantity: str | None  # what is measured, where that is known
    dtype: Any  # of its values
    lo: float  # of all its values
    hi: float


@dataclass(frozen=True)
class _Sheet:
    """How the sheet is laid out; the names are those of the options."""

    columns: int | None
    cell_size: int
    extent: Literal["shared", "per-file", "fixed"]
    names: bool
    colorbar: Literal["right", "bottom", "none"]
    label: str | None
    title: str | None
    dilate: int
    theme: Literal["light", "dark"]

    def check(self, coloring: Coloring) -> None:
        """Refuse colors that a sheet cannot have.

        Raises
        ------
        click.UsageError
        """
        if (coloring.order, coloring.dtype) != ("rgb", "uint8"):
            raise click.UsageError(
                "a sheet has --order rgb and --dtype uint8, "
                f"got {coloring.order} and {coloring.dtype}"
            )

    def prepared(self, values: AnyArray, mask: AnyArray | None, unit: str | None) -> Numbers:
        """The numbers of one picture, in the size in which they are shown."""
        import numpy as np

        from ._numbers import Numbers, grown, numbers_of, shrunk

        numbers = numbers_of(values, mask)
        if self.dilate:
            numbers = grown(numbers, self.dilate, greatest=unit == "px")
        numbers = shrunk(numbers, self.cell_size)
        factor = self.cell_size // max(numbers.values.shape)
        if factor > 1:
            numbers = Numbers(*(one.repeat(factor, 0).repeat(factor, 1) for one in numbers))
        return Numbers(np.array(numbers.values), numbers.measured)  # not a view of the file

    def draw(self, shown: Sequence[_Shown], colorizers: Sequence[Colorizer]) -> AnyArray:
        """The sheet; *colorizers* is one for all, or one for each."""
        from ._dress import titled
        from ._layout import Page

        height = max(one.numbers.values.shape[0] for one in shown)
        width = max(one.numbers.values.shape[1] for one in shown)
        columns = min(self.columns or _columns(len(shown), height, width), len(shown))
        rows = -(-len(shown) // columns)
        page = Page.for_pictures(self.theme, rows * height, columns * width)
        page = page._replace(letters=max(11, min(page.letters, width // 14)))
        texts = _names([one.path for one in shown]) if self.names else [""] * len(shown)
        lines = []
        for first in range(0, len(shown), columns):
            some = slice(first, first + columns)
            colors = colorizers[some] if len(colorizers) > 1 else [colorizers[0]] * columns
            row = [
                self._cell(page, *cell)
                for cell in zip(shown[some], colors, texts[some], strict=False)
            ]
            lines.append(self._row(page, row, columns, width))
        box = page.column(lines)
        if self.extent != "per-file" and self.colorbar != "none":
            length = box.height if self.colorbar == "right" else box.width
            bar = page.bar(
                colorizers[0],
                self.colorbar,
                length,
                label=shown[0].quantity if self.label is None else self.label,
                unit=shown[0].unit,
            )
            box = (page.row if self.colorbar == "right" else page.column)([box, bar])
        if self.title:
            box = page.column([titled(page, self.title.replace("\\n", "\n"), box.width), box])
        return page.framed(box).picture

    def _cell(
        self, page: Page, one: _Shown, colorizer: Colorizer, name: str
    ) -> tuple[AnyArray, list[str]]:
        """A picture, and what is said below it."""
        from ._dress import Short

        values, measured = one.numbers
        said = [name] if self.names else []
        if self.extent == "per-file":
            unit = f" {one.unit}" if one.unit else ""
            said.append(f"{Short(one.lo)} .. {Short(one.hi)}{unit}")
        return colorizer(values, mask=~measured), said

    def _row(
        self, page: Page, cells: Sequence[tuple[AnyArray, list[str]]], columns: int, width: int
    ) -> Box:
        """Cells side by side, and empty places behind the last."""
        from ._layout import Box as Part

        high = max(picture.shape[0] for picture, _ in cells)
        parts = [page.inside(Part(picture), high, width) for picture, _ in cells]
        if cells[0][1]:
            texts = [
                page.column([page.text(text, width, lines=2) for text in said], 0)
                for _, said in cells
            ]
            high = max(text.height for text in texts)
            parts = [
                page.column([part, page.inside(text, high, width, at_top=True)], page.gap // 3)
                for part, text in zip(parts, texts, strict=True)
            ]
        return page.row([*parts, *[page.blank(1, width)] * (columns - len(parts))])


class _Files:
    """The values of all files, in masked arrays; can be iterated again.

    The first time, what will be shown of each is kept, and what cannot be read is told.
    """

    def __init__(
        self, inputs: Sequence[str], reading: Reading, sheet: _Sheet, out: Console
    ) -> None:
        self._inputs, self._reading, self._sheet, self._out = inputs, reading, sheet, out
        self.shown: list[_Shown] = []
        self.failed = False
        self._began = False
        self._unsaid = Unsaid()

    def __iter__(self) -> Iterator[AnyArray]:
        import numpy as np

        from ..io import ReadError

        if self._began:
            for one in self.shown:
                raster = self._reading.read(one.path)
                yield np.ma.MaskedArray(raster.scaled(), _or_false(raster.mask))
            return
        self._began = True
        for given in self._inputs:
            try:
                raster = self._reading.read(given)
                for remark in self._unsaid.of(self._reading.remarks(raster)):
                    self._out.note(f"{printable(given)}: {remark}")
                if self.shown and raster.unit != self.shown[0].unit:
                    raise ReadError(
                        Path(given),
                        f"is in {raster.unit or 'no unit'}, and {self.shown[0].path} "
                        f"in {self.shown[0].unit or 'no unit'}",
                    )
            except OSError as error:
                self._out.fail(str(error))
                self.failed = True
                continue
            values = raster.scaled()
            numbers = self._sheet.prepared(values, raster.mask, raster.unit)
            known = raster.unit, quantity_of(raster)
            self.shown.append(
                _Shown(Path(given), numbers, *known, values.dtype, math.nan, math.nan)
            )
            yield np.ma.MaskedArray(values, _or_false(raster.mask))


def _columns(count: int, height: int, width: int) -> int:
    """So many that the sheet's aspect is near to `_ASPECT` and few places are empty."""

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        aspect = columns * width / (rows * height)
        return abs(math.log(aspect / _ASPECT)) + (rows * columns - count) / (2 * count)

    return min(range(1, min(count, 1000) + 1), key=cost)


def _or_false(mask: AnyArray | None) -> Any:
    return False if mask is None else mask


def _write(files: _Files, coloring: Coloring, sheet: _Sheet, target: Path, force: bool) -> str:
    """Read, paint and write; return the line that says so."""
    import numpy as np

    from .. import io
    from ..colorizer import Colorizer
    from ._digits import count_text, range_text

    colorizers = []
    if sheet.extent != "per-file":
        colorizer = Colorizer(**coloring.arguments)
        if colorizer.vmin is None or colorizer.vmax is None or coloring.norm == "equalize":
            colorizer.fit(files)
        else:
            for _ in files:
                pass
        colorizers.append(colorizer)
    else:
        for values in files:
            colorizer = Colorizer(**coloring.arguments)
            if colorizer.vmin is None or colorizer.vmax is None or coloring.norm == "equalize":
                colorizer.fit(values)
            colorizers.append(colorizer)
            lo, hi = float(colorizer.vmin or 0.0), float(colorizer.vmax or 0.0)
            files.shown[-1] = files.shown[-1]._replace(lo=lo, hi=hi)
    if not files.shown:
        raise ValueError("none of the files can be read, so there is no sheet")
    picture = sheet.draw(files.shown, colorizers)
    io.write(target, picture, force=force)
    height, width = picture.shape[:2]
    many = count_text(len(files.shown), "file")
    text = f"{many} -> {printable(target)}  {width}x{height}"
    if sheet.extent == "per-file":
        return text
    vmin, vmax = float(colorizers[0].vmin or 0), float(colorizers[0].vmax or 0)
    dtype = np.result_type(*(one.dtype for one in files.shown))
    return f"{text}  range {range_text(vmin, vmax, files.shown[0].unit, dtype)}"


def _names(paths: Sequence[Path]) -> list[str]:
    """Stems, or so much of the paths that they differ."""
    stems = [printable(path.stem) for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    names = [printable(path.name) for path in paths]
    if len(set(names)) == len(names):
        return names
    return [printable(path) for path in paths]
