"""`turbo-cmap demo`: a gallery of pictures from a computed stereo scene."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..fonts import font
from ._console import console, printable
from ._dry_run import dry_run, dry_run_option
from ._writing import force_option, reason, refuse_existing

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

    from .._typing import AnyArray

#: Pixels of disparity that the colors span, and of error.
_DISPARITY_PX = (10.0, 55.0)
_ERROR_PX = (0.0, 1.0)


class _Panel(NamedTuple):
    """One picture of the gallery."""

    name: str  # of its file
    title: str
    values: str  # what is shown: photo, truth, estimate or error
    cmap: str | None = None


_PANELS = (
    _Panel("left_image", "Left image", "photo"),
    _Panel("true_turbo", "True disparity, Turbo", "truth", "turbo"),
    _Panel("estimated_turbo", "Estimated disparity, Turbo", "estimate", "turbo"),
    _Panel("estimated_gray", "Estimated, gray", "estimate", "gray"),
    _Panel("estimated_viridis", "Estimated, Viridis", "estimate", "viridis"),
    _Panel("estimated_jet", "Estimated, Jet", "estimate", "jet"),
    _Panel("error_turbo", "Absolute error, Turbo", "error", "turbo"),
    _Panel("error_inferno", "Absolute error, Inferno", "error", "inferno"),
    _Panel("error_gray", "Absolute error, gray", "error", "gray"),
)
_ARRAYS = ("true_disparity", "estimated_disparity")
_SHEET = "gallery"


@click.command()
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    default="turbo-cmap-demo",
    show_default=True,
    help="Where to put it; created if it is not there.",
)
@force_option
@dry_run_option
@click.pass_context
def demo(ctx: click.Context, /, output: str, force: bool) -> None:
    """Make a small gallery from a stereo scene of spheres and a ring.

    The scene is computed: the left image, the true disparity, and a disparity as a matcher
    would estimate it, with noise, fattened edges, blunders, and holes where the right camera
    sees nothing. They are written in Turbo and other color maps, with gallery.png that shows
    all, and the disparities as NPY to play with. It needs no network.

    \b
    turbo-cmap demo
    turbo-cmap demo -o gallery --dry-run
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from .. import io

    out, folder = console(ctx), Path(output)
    names = [f"{panel.name}.png" for panel in _PANELS]
    names += [f"{name}.npy" for name in _ARRAYS] + [f"{_SHEET}.png"]
    if out.dry_run:
        ctx.exit(dry_run(out, [([], folder / name) for name in names], force))
    try:
        for name in names:  # all of them, before the work
            refuse_existing(folder / name, force)
        folder.mkdir(parents=True, exist_ok=True)
        for name, image in _images().items():
            io.write(folder / name, image, force=force)
            out.say(printable(folder / name))
    except OSError as error:
        out.fail(reason(error, folder))
        ctx.exit(1)
    out.say(f"The gallery lies in {printable(folder.resolve())}")


def _images() -> dict[str, AnyArray]:
    """Name of each file and what is in it."""
    import numpy as np

    from ..painting import colorize
    from ._scene import make_scene

    scene = make_scene()
    values = {
        "truth": scene.truth,
        "estimate": scene.estimate,
        "error": np.abs(scene.estimate - scene.truth),
    }
    colors = {
        panel.name: (
            scene.photo
            if panel.cmap is None
            else colorize(values[panel.values], panel.cmap, **_span(panel))
        )
        for panel in _PANELS
    }
    files = {f"{name}.png": image for name, image in colors.items()}
    for name, array in zip(_ARRAYS, (scene.truth, scene.estimate), strict=True):
        files[f"{name}.npy"] = array
    files[f"{_SHEET}.png"] = _sheet(colors)
    return files


def _span(panel: _Panel) -> dict[str, Any]:
    vmin, vmax = _ERROR_PX if panel.values == "error" else _DISPARITY_PX
    return {"vmin": vmin, "vmax": vmax}


# The contact sheet: three by three, each with its letter, title and color bar.

_COLUMNS = 3
_SCALE = 2  # panels are shown at half their size
_MARGIN, _GAP, _CAPTION, _HEADER = 36, 24, 46, 92
_BAR = (96, 10)
_INK, _SOFT = (24, 24, 27), (110, 110, 118)


def _sheet(colors: dict[str, AnyArray]) -> AnyArray:
    import numpy as np
    from PIL import Image, ImageDraw

    height, width = (n // _SCALE for n in colors[_PANELS[0].name].shape[:2])
    rows = -(-len(_PANELS) // _COLUMNS)
    size = (
        2 * _MARGIN + _COLUMNS * width + (_COLUMNS - 1) * _GAP,
        _HEADER + rows * (height + _CAPTION) + (rows - 1) * _GAP // 2 + _MARGIN // 2,
    )
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, 24), "Turbo on a computed stereo scene", _INK, font(26, bold=True))
    note = "Disparity and its error in pixels. Black outlines: hidden from the right camera."
    draw.text((_MARGIN, 60), note, _SOFT, font(15))
    for number, panel in enumerate(_PANELS):
        row, column = divmod(number, _COLUMNS)
        x = _MARGIN + column * (width + _GAP)
        y = _HEADER + row * (height + _CAPTION + _GAP // 2)
        picture = Image.fromarray(colors[panel.name]).reduce(_SCALE)
        sheet.paste(picture, (x, y))
        letter = f"({'abcdefghi'[number]})"
        draw.text((x, y + height + 10), letter, _SOFT, font(15))
        draw.text((x + 28, y + height + 10), panel.title, _INK, font(15))
        if panel.cmap is not None:
            _color_bar(sheet, draw, panel, (x + width, y + height + 14))
    return np.asarray(sheet)


def _color_bar(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, panel: _Panel, corner: tuple[int, int]
) -> None:
    """A bar with its limits, whose top right corner is given."""
    import numpy as np
    from PIL import Image

    from ..painting import colorize

    span, small = _span(panel), font(12)
    low, high = f"{span['vmin']:g}", f"{span['vmax']:g} px"
    right = corner[0] - int(draw.textlength(high, small)) - 6
    left = right - _BAR[0]
    ramp = np.broadcast_to(np.linspace(span["vmin"], span["vmax"], _BAR[0]), _BAR[::-1])
    sheet.paste(Image.fromarray(colorize(ramp, panel.cmap, **span)), (left, corner[1]))
    draw.text((right + 6, corner[1] - 3), high, _SOFT, small)
    draw.text((left - 6, corner[1] - 3), low, _SOFT, small, anchor="ra")
