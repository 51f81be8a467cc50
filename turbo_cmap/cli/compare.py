"""`turbo-cmap compare`: color maps side by side on one depth image, and their lightness."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ._coloring import robust_option, vmax_option, vmin_option
from ._console import console, printable
from ._dry_run import dry_run, dry_run_option
from ._maps import find_map, maps_argument
from ._reading import Reading, reading_options
from ._types import usage
from ._writing import check_file, force_option, reason, refuse_existing, refuse_inputs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .._typing import AnyArray
    from ..colormap import Colormap
    from ._console import Console

_COLUMNS = 4
#: Pixels of disparity that the colors span on the computed scene.
_SCENE_PX = (10.0, 55.0)


@click.command()
@maps_argument
@click.option("-o", "--output", metavar="OUT", required=True, help="PNG, PDF or SVG.")
@click.option(
    "--image",
    metavar="FILE",
    help="Depth or other numbers, as for 'convert'. Default: a computed scene.",
)
@vmin_option
@vmax_option
@robust_option
@force_option
@reading_options
@dry_run_option
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    maps: tuple[str, ...],
    output: str,
    image: str | None,
    force: bool,
    **options: Any,
) -> None:
    """Lay color maps side by side: on a depth image, and as plots of lightness.

    NAME and FILE are those of 'check'.

    \b
    turbo-cmap compare turbo jet viridis inferno -o maps.png
    turbo-cmap compare turbo mymap.csv --image depth.png --invalid 0 --robust -o maps.pdf
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ._figure import FIGURE_SUFFIXES, write_figure

    out, target = console(ctx), check_file(output, FIGURE_SUFFIXES)
    reading = Reading.take(options)
    inputs = [*(source for source in maps if os.path.exists(source)), *filter(None, [image])]
    refuse_inputs(inputs, [target])
    for name in maps:
        if not os.path.exists(name):
            try:
                find_map(name)
            except ValueError as error:
                raise usage(error) from None
            except OSError as error:
                out.fail(str(error))
                ctx.exit(1)
    vmin, vmax = options["vmin"], options["vmax"]
    if vmin is not None and vmax is not None and vmin > vmax:
        raise click.UsageError(f"--vmin must not be greater than --vmax, got {vmin} > {vmax}")
    if out.dry_run:
        ctx.exit(dry_run(out, [(inputs, target)], force))
    try:
        refuse_existing(target, force)
        colormaps = [find_map(source) for source in maps]
        values, mask, used = _values(image, reading, options, out)
        figure = _draw(colormaps, values, mask, used)
        write_figure(figure, target, force=force)
    except (OSError, ValueError, TypeError, MemoryError) as error:
        out.fail(reason(error, target).replace("colorize(): ", ""))
        ctx.exit(1)
    out.say(f"{' '.join(maps)} -> {printable(target)}")


def _values(
    image: str | None, reading: Reading, options: dict[str, Any], out: Console
) -> tuple[AnyArray, AnyArray | None, dict[str, Any]]:
    """The numbers to show, where there are none, and how `colorize` shows them."""
    options["robust"] = options["robust"] or False
    if image is None:
        from ._scene import make_scene

        for name, limit in zip(("vmin", "vmax"), _SCENE_PX, strict=True):
            if options[name] is None and not options["robust"]:
                options[name] = limit
        return make_scene().truth, None, options
    raster = reading.read(image)
    for remark in reading.remarks(raster):
        out.note(f"{printable(image)}: {remark}")
    return raster.scaled(), raster.mask, options


def _draw(
    maps: list[Colormap], values: AnyArray, mask: AnyArray | None, options: dict[str, Any]
) -> Figure:
    import matplotlib.style
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ..painting import colorize
    from ..sheet import draw_lightness

    rows = -(-len(maps) // _COLUMNS)
    columns = -(-len(maps) // rows)
    step = max(1, -(-max(values.shape) // 1200))  # what a printed column can show
    height, width = values[::step, ::step].shape
    # in inches: a picture with its name above, a plot below, and what is between
    wide, plot, gap = 2.7, 1.75, 0.46
    tall = float(np.clip(wide * height / width, 0.8, 5.0))
    cell = tall + gap + plot
    left, right, top, bottom = 0.42, 0.16, 0.36, 0.3
    size = (
        left + columns * wide + (columns - 1) * gap + right,
        top + rows * cell + (rows - 1) * (top + bottom) + bottom,
    )
    with matplotlib.style.context("default"):
        figure = Figure(figsize=size, facecolor="white")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            rows,
            columns,
            left=left / size[0],
            right=1 - right / size[0],
            top=1 - top / size[1],
            bottom=bottom / size[1],
            hspace=(top + bottom) / cell,
            wspace=gap / wide,
        )
        for number, cmap in enumerate(maps):
            row, column = divmod(number, columns)
            pair = grid[row, column].subgridspec(
                2, 1, height_ratios=(tall, plot), hspace=2 * gap / (tall + plot)
            )
            axes = figure.add_subplot(pair[0])
            picture = colorize(values, cmap, mask=mask, **options)[::step, ::step]
            axes.imshow(picture, aspect="auto", interpolation="antialiased")
            axes.set(xticks=[], yticks=[])
            for spine in axes.spines.values():
                spine.set_visible(False)
            axes.set_title(
                cmap.name, fontsize=11, loc="left", color="#18181b", pad=6, parse_math=False
            )
            draw_lightness(figure, pair[1], cmap, title="Lightness J′" if column == 0 else "")
    return figure
