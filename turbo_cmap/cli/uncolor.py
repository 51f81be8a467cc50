"""`turbo-cmap uncolor`: a picture in, the numbers it shows out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._complete import complete_map
from ._console import console
from ._output import dry_run, dry_run_option

if TYPE_CHECKING:
    from .._typing import AnyArray

_SUFFIXES = (".npy", ".tif", ".tiff", ".png")
_NORMS = ("linear", "log", "inverse", "sqrt", "symlog", "asinh")
#: So far from the map, in 8-bit levels, half of a picture is not in its colors.
_STRANGE = 20


@click.command()
@click.argument("source", metavar="IN")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A file: .npy, .tif or .tiff (float32), or .png (16 bit, see --scale).",
)
@click.option("--force", is_flag=True, help="Replace a file that exists. Never the input.")
@click.option(
    "--cmap",
    metavar="NAME",
    shell_complete=complete_map,
    help="Color map it was made with: turbo, or one matplotlib knows.",
)
@click.option(
    "--vmin",
    type=float,
    metavar="VALUE",
    default=0.0,
    show_default=True,
    help="Value at the map's first end.",
)
@click.option(
    "--vmax",
    type=float,
    metavar="VALUE",
    default=1.0,
    show_default=True,
    help="Value at the map's last end.",
)
@click.option(
    "--norm",
    type=click.Choice(_NORMS),
    default="linear",
    show_default=True,
    help="The scale between them.",
)
@click.option(
    "--center",
    type=float,
    metavar="VALUE",
    help="The scale is symmetric about this value and ends at vmax.",
)
@click.option("--reverse", is_flag=True, help="The map was used from its last color to its first.")
@click.option(
    "--method",
    type=click.Choice(["lut", "spline"]),
    default="lut",
    show_default=True,
    help="How it was colored: from the map's table, or along its curve.",
)
@click.option(
    "--tolerance",
    type=float,
    metavar="LEVELS",
    help="Farther from the map, in 8-bit levels, is NaN: text, legends. 10 to 20 for a JPEG.",
)
@click.option(
    "--scale",
    type=float,
    metavar="LEVELS",
    help="For PNG: levels per unit, such as 1000 for meters as millimeters. NaN is level 0.",
)
@click.option("--backend", metavar="NAME", help="Kernels to run; see 'turbo-cmap info'.")
@dry_run_option
@click.pass_context
def uncolor(
    ctx: click.Context,
    /,
    source: str,
    output: str,
    force: bool,
    scale: float | None,
    **options: Any,
) -> None:
    """Turn a picture in the colors of a map into the numbers that it shows.

    IN is PNG, JPEG, WebP or TIFF in RGB, with alpha or a palette, or NPY. Pixels of the
    map's own colors get the value in the middle of what has that color; others that of the
    nearest color along the map. How many there were of each is printed.

    \b
    turbo-cmap uncolor figure.png -o depth.npy --vmin 0.5 --vmax 80
    turbo-cmap uncolor web.jpg -o depth.tif --vmax 10 --tolerance 15
    turbo-cmap uncolor figure.png -o depth.png --vmax 10 --scale 1000
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    out, target = console(ctx), Path(output)
    _check_target(source, target, scale)
    _check_options(options)
    if out.dry_run:
        ctx.exit(dry_run(out, [([source], target)], force))
    from ..io import ReadError
    from ..io.raster import line

    try:
        message = _uncolor(source, target, force, scale, options)
    except (OSError, ValueError, MemoryError) as error:
        names_file = isinstance(error, ReadError) or (
            isinstance(error, FileExistsError) and not error.errno
        )
        named = "" if names_file else f"{click.format_filename(target)}: "
        out.fail(f"{named}{line(error).removeprefix('uncolorize(): ')}")
        ctx.exit(1)
    out.say(message)


def _check_target(source: str, target: Path, scale: float | None) -> None:
    suffix = target.suffix.lower()
    if suffix not in _SUFFIXES:
        raise click.UsageError(
            f"-o {target}: the suffix must be one of {' '.join(_SUFFIXES)}, got {suffix!r}"
        )
    if not target.parent.is_dir():
        raise click.UsageError(f"-o {target}: there is no folder {target.parent}")
    if suffix == ".png" and scale is None:
        raise click.UsageError(
            f"-o {target}: PNG holds whole levels; --scale says how many there are to a unit"
        )
    if suffix != ".png" and scale is not None:
        raise click.UsageError(f"--scale is for PNG; {suffix} holds the values themselves")
    if scale is not None and not 0 < scale < float("inf"):
        raise click.UsageError(f"--scale must be greater than 0, got {scale}")
    if os.path.exists(source) and os.path.exists(target) and os.path.samefile(source, target):
        raise click.UsageError(f"{target} is the input, which is never overwritten")


def _check_options(options: dict[str, Any]) -> None:
    """Let `uncolorize` itself judge its arguments, before the file is read."""
    import numpy as np

    from ..inverse import uncolorize

    try:
        uncolorize(np.zeros((1, 1, 3), np.uint8), **options)
    except (TypeError, ValueError, OverflowError) as error:
        raise click.UsageError(str(error).removeprefix("uncolorize(): ")) from None


def _uncolor(
    source: str, target: Path, force: bool, scale: float | None, options: dict[str, Any]
) -> str:
    """Do it; return the lines that say so."""
    from .. import io
    from ..inverse import uncolorize
    from ..io.pictures import read_picture

    if not force and os.path.lexists(target):  # before the work; `write` makes sure of it
        raise FileExistsError(f"{target}: exists already; --force replaces it")
    picture = read_picture(source)
    values, distance = uncolorize(picture, return_distance=True, **options)
    notes = [_summary(values, distance)]
    if scale is not None:
        values, note = _levels(values, scale)
        notes += [note] if note else []
    io.write(target, values, force=force)
    height, width = values.shape
    files = f"{click.format_filename(source)} -> {click.format_filename(target)}"
    return "\n  ".join([f"{files}  {width}x{height}", *notes])


def _summary(values: AnyArray, distance: AnyArray) -> str:
    """How many pixels were exact, near and nothing."""
    import numpy as np

    count = values.size
    nothing = np.isnan(values)
    near = ~nothing & (distance > 0)
    counts = {
        "exact": count - int(nothing.sum()) - int(near.sum()),
        "near": int(near.sum()),
        "NaN": int(nothing.sum()),
    }
    parts = [f"{number} {name} ({100 * number / count:.1f} %)" for name, number in counts.items()]
    if counts["near"]:
        away = np.percentile(distance[near], [50, 99])
        parts[1] += f", half of them within {away[0]:.1f} levels and 99 % within {away[1]:.1f}"
        if away[0] > _STRANGE:
            parts.append("most are far from the map: is it another one?")
    return "; ".join(parts)


def _levels(values: AnyArray, scale: float) -> tuple[AnyArray, str]:
    """Values as 16-bit levels, and what should be said about them.

    Raises
    ------
    ValueError
        If one does not fit.
    """
    import numpy as np

    finite = np.isfinite(values)
    levels = np.rint(values.astype(np.float64) * scale)
    levels[~finite] = 0
    beyond = int(((levels < 0) | (levels > 65535)).sum())
    if beyond:
        low, high = values[finite].min(), values[finite].max()
        raise ValueError(
            f"{beyond} of {values.size} values do not fit into 16 bits with --scale {scale:g}: "
            f"they are from {low:g} to {high:g}, and there is room for 0 to {65535 / scale:g}"
        )
    notes = []
    infinite = int(np.isinf(values).sum())
    if infinite:
        notes.append(f"{infinite} values below or above the scale became level 0")
    vanished = int((finite & (levels == 0)).sum())
    if vanished:
        notes.append(f"{vanished} values became level 0, which else means NaN")
    return levels.astype(np.uint16), "; ".join(notes)
