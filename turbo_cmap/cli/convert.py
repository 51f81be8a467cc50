"""`turbo-cmap convert`: files of numbers in, pictures out."""

from __future__ import annotations

from typing import Any

import click

from ._coloring import Coloring, coloring_options
from ._console import console
from ._dress import Dress, dress_options
from ._output import dry_run, dry_run_option
from ._reading import Reading, reading_options


@click.command()
@click.argument("inputs", metavar="IN...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A file, whose suffix is the format, or a folder (one that exists, or ends in '/').",
)
@click.option("--force", is_flag=True, help="Replace files that exist. Never an input.")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["png", "jpg", "tif", "webp", "npy"]),
    default="png",
    show_default=True,
    help="What to write into a folder.",
)
@reading_options
@coloring_options
@dress_options
@dry_run_option
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    output: str,
    force: bool,
    suffix: str,
    **options: Any,
) -> None:
    """Turn files of numbers (depth, disparity, errors) into pictures.

    IN is PNG (gray, 8 or 16 bit), JPEG (gray), TIFF (integers, float), NPY, NPZ or PFM.
    OUT is PNG, JPEG, TIFF, WebP or NPY. With several inputs OUT is a folder. The range of
    values that the colors span is printed for each file.

    \b
    turbo-cmap convert depth.png -o color.png --invalid 0
    turbo-cmap convert scan.tif -o scan.png --robust
    turbo-cmap convert *.npy -o pictures/ --vmin 0 --vmax 10 --over white
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ._job import Job, reason
    from ._targets import check_targets, is_folder, targets_of

    out = console(ctx)
    reading, coloring = Reading.take(options), Coloring.take(options)
    job = Job(reading, coloring, Dress.take(options), force)
    targets = targets_of(inputs, output, suffix)
    check_targets(inputs, targets, coloring.order, coloring.dtype)
    if out.dry_run:
        ctx.exit(dry_run(out, [([a], b) for a, b in zip(inputs, targets, strict=True)], force))
    failed = False
    for source, target in zip(inputs, targets, strict=True):
        try:
            if is_folder(inputs, output):
                target.parent.mkdir(parents=True, exist_ok=True)
            message = job(source, target)
        except (OSError, ValueError, MemoryError) as error:
            out.fail(reason(error, target))
            failed = True
        else:
            out.say(message)
    if failed:
        ctx.exit(1)
