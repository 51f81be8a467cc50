"""`turbo-cmap uncolor`: pictures in, the numbers they show out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ._complete import complete_map
from ._console import console
from ._dry_run import dry_run_option
from ._inputs import Inputs, picture_inputs_options
from ._writing import (
    check_suffix,
    force_option,
    format_option,
    jobs_option,
    refuse_inputs,
    unless_there_option,
)

_SUFFIXES = (".npy", ".tif", ".tiff", ".png")
_NORMS = ("linear", "log", "inverse", "sqrt", "symlog", "asinh")


@click.command()
@picture_inputs_options
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A file: .npy, .tif or .tiff (float32), or .png (16 bit, see --scale); a folder; or a "
    "template such as '{parent}/{stem}.npy'.",
)
@force_option
@unless_there_option(pictures=False)
@format_option("npy", "tif", "png")
@jobs_option
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
    help="Value at the map's first end. Default: what the picture says, else 0.",
)
@click.option(
    "--vmax",
    type=float,
    metavar="VALUE",
    help="Value at the map's last end. Default: what the picture says, else 1.",
)
@click.option("--norm", type=click.Choice(_NORMS), help="The scale between them.")
@click.option(
    "--center",
    type=float,
    metavar="VALUE",
    help="The scale is symmetric about this value and ends at vmax.",
)
@click.option(
    "--reverse/--no-reverse",
    default=None,
    help="The map was used from its last color to its first.",
)
@click.option(
    "--method",
    type=click.Choice(["lut", "spline"]),
    help="How it was colored: from the map's table, or along its curve.",
)
@click.option("--quantize", type=click.IntRange(1, 65536), metavar="N", help="In so many layers.")
@click.option(
    "--ignore-recipe", is_flag=True, help="Do not look at what the picture says about itself."
)
@click.option(
    "--tolerance",
    type=float,
    metavar="LEVELS",
    help="Farther from the map, in 8-bit levels, is NaN: text, legends. Default: none, or 15 of a "
    "JPEG that says how it was made.",
)
@click.option(
    "--scale",
    type=float,
    metavar="FACTOR",
    help="For PNG: what one level is worth, as 0.001 for meters in millimeters. NaN is level 0.",
)
@click.option("--backend", metavar="NAME", help="Kernels to run; see 'turbo-cmap info'.")
@dry_run_option
@click.pass_context
def uncolor(
    ctx: click.Context,
    /,
    output: str,
    suffix: str,
    jobs: int | None,
    force: bool,
    skip_existing: bool,
    update: bool,
    scale: float | None,
    ignore_recipe: bool,
    tolerance: float | None,
    backend: str | None,
    **options: Any,
) -> None:
    """Turn pictures in the colors of a map into the numbers that they show.

    IN is PNG, JPEG, WebP, GIF or TIFF in RGB, with alpha or a palette, or NPY; a folder of
    such files; a pattern in quotes; or '-' for a list of names. With several inputs OUT is a
    folder or a template. Pixels of the map's own colors get the value in the middle of what
    has that color; others that of the nearest color along the map. How many there were of each
    is printed.

    Pictures made by this program say in their files how they were made, and need no options;
    of one with a bar or a title the part in the map's colors is taken. Options that are given
    win.

    \b
    turbo-cmap uncolor color.png -o depth.npy
    turbo-cmap uncolor figure.png -o depth.npy --vmin 0.5 --vmax 80
    turbo-cmap uncolor web.jpg -o depth.tif --vmax 10 --tolerance 15
    turbo-cmap uncolor figure.png -o depth.png --vmax 10 --scale 0.001
    turbo-cmap uncolor pictures/ -r -o numbers/ --skip-existing
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ._conversion import Conversion, replacing
    from ._targets import Output, plan
    from ._uncoloring import Uncoloring

    out = console(ctx)
    inputs = Inputs.take(options, pictures=True)
    replaces = replacing(force=force, skip_existing=skip_existing, update=update)
    job = Uncoloring(options, tolerance, scale, backend, ignore_recipe, replaces.replaces)
    job.check()
    target = Output(output, suffix, options["cmap"] or "turbo")
    planned = plan(inputs, target, _has_numbers)
    targets = [path for _, path in planned]
    _check(targets, scale)
    refuse_inputs([one.path for one, _ in planned], targets)
    conversion = Conversion(job, planned, replaces, jobs, out, target.makes_folders(inputs))
    if not (conversion.rehearse() if out.dry_run else conversion.run()):
        ctx.exit(1)


def _check(targets: Sequence[Path], scale: float | None) -> None:
    """Refuse what cannot be written before anything is read."""
    if scale is not None and not 0 < scale < float("inf"):
        raise click.UsageError(f"--scale must be greater than 0, got {scale:g}")
    for target in {one.suffix.lower(): one for one in reversed(targets)}.values():
        check_suffix(str(target), _SUFFIXES)
        suffix = target.suffix.lower()
        if suffix == ".png" and scale is None:
            raise click.UsageError(
                f"-o {target}: PNG holds whole levels; --scale says what one is worth"
            )
        if suffix != ".png" and scale is not None:
            raise click.UsageError(f"--scale is for PNG; {suffix} holds the values themselves")


def _has_numbers(path: str) -> bool:
    """Whether a file is one that `uncolor` writes, and no picture."""
    import numpy as np

    from ..io import ReadError, read

    try:
        if path.lower().endswith(".npy"):  # without reading all of it
            return len(np.load(path, mmap_mode="r", allow_pickle=False).shape) == 2
        return read(path).values.ndim == 2
    except (ReadError, OSError, ValueError):
        return False
