"""`turbo-cmap convert`: files of numbers in, pictures out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._coloring import Coloring, coloring_options
from ._console import console
from ._dress import Dress, dress_options
from ._dry_run import dry_run_option
from ._inputs import Inputs, inputs_options
from ._reading import Reading, reading_options
from ._writing import force_option, format_option, jobs_option, unless_there_option


@click.command()
@inputs_options
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A file, whose suffix is the format; a folder (one that exists, or ends in '/'); or a "
    "template such as '{parent}/{stem}_turbo.png', with name, suffix, folder, index and cmap "
    "as other fields.",
)
@force_option
@unless_there_option(pictures=True)
@format_option("png", "jpg", "tif", "webp", "npy")
@click.option(
    "--range",
    "range_of",
    type=click.Choice(["per-file", "shared", "fixed"]),
    default="per-file",
    show_default=True,
    help="Which values the colors span: those of each file; of all files, which are read "
    "twice; or those of --vmin and --vmax.",
)
@jobs_option
@reading_options
@coloring_options
@dress_options
@dry_run_option
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    output: str,
    suffix: str,
    range_of: str,
    jobs: int | None,
    force: bool,
    skip_existing: bool,
    update: bool,
    **options: Any,
) -> None:
    """Turn files of numbers (depth, disparity, errors) into pictures.

    IN is PNG (gray, 8 or 16 bit), TIFF, PFM, EXR, NPY, HDF5 or one more of docs/formats.md; a
    folder of such files; a pattern in quotes; or '-' for a list of names. OUT is PNG, JPEG,
    TIFF, WebP or NPY. With several inputs OUT is a folder or a template. The range of values
    that the colors span is printed for each file.

    \b
    turbo-cmap convert depth.png -o color.png --preset mm --colorbar right
    turbo-cmap convert depth.png -o color.png --invalid 0
    turbo-cmap convert scan.tif -o scan.png --robust
    turbo-cmap convert *.npy -o pictures/ --vmin 0 --vmax 10 --over white
    turbo-cmap convert depth/ -r -o pictures/ --range shared --skip-existing
    turbo-cmap convert 'run_*/depth/*.png' -o '{parent}/{stem}_turbo.png'
    find . -name '*.pfm' -print0 | turbo-cmap convert - -0 -o pictures/
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    out = console(ctx)
    inputs = Inputs.take(options)
    if inputs.one_file and not out.dry_run:
        from ..io.gray_png import decoding_ahead

        # By another thread, while this one imports NumPy: each takes as long.
        ctx.with_resource(decoding_ahead(Path(inputs.names[0])))

    from ._conversion import PictureConversion, replacing
    from ._job import Job
    from ._range import check_range
    from ._targets import Output, check_targets, plan

    reading, coloring = Reading.take(options), Coloring.take(options)
    replaces = replacing(force=force, skip_existing=skip_existing, update=update)
    job = Job(reading, coloring, Dress.take(options), force=replaces.replaces)
    check_range(range_of, coloring)
    target = Output(output, suffix, coloring.map_name)
    planned = plan(inputs, target)
    sources = [one.path for one, _ in planned]
    check_targets(
        [*sources, *map(str, job.dress.photos(sources))],
        [path for _, path in planned],
        coloring.order,
        coloring.dtype,
    )
    conversion = PictureConversion(
        job, planned, replaces, jobs, out, target.makes_folders(inputs), range_of
    )
    if not (conversion.rehearse() if out.dry_run else conversion.run()):
        ctx.exit(1)
