"""`turbo-cmap uncolor`: a picture in, the numbers it shows out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._complete import complete_map
from ._console import Console, console, printable
from ._dry_run import dry_run, dry_run_option
from ._writing import check_file, force_option, reason, refuse_existing, refuse_inputs

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..io import Recipe

_SUFFIXES = (".npy", ".tif", ".tiff", ".png")
_NORMS = ("linear", "log", "inverse", "sqrt", "symlog", "asinh")
#: What a recipe's picture is taken to be off by, as a JPEG; no more than Turbo's black is.
_LOSSY, _JPEG_TOLERANCE = (".jpg", ".jpeg"), 15.0
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
@force_option
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
    ignore_recipe: bool,
    **options: Any,
) -> None:
    """Turn a picture in the colors of a map into the numbers that it shows.

    IN is PNG, JPEG, WebP or TIFF in RGB, with alpha or a palette, or NPY. Pixels of the
    map's own colors get the value in the middle of what has that color; others that of the
    nearest color along the map. How many there were of each is printed.

    Pictures made by this program say in their files how they were made, and need no options;
    of one with a bar or a title the part in the map's colors is taken. Options that are given
    win.

    \b
    turbo-cmap uncolor color.png -o depth.npy
    turbo-cmap uncolor figure.png -o depth.npy --vmin 0.5 --vmax 80
    turbo-cmap uncolor web.jpg -o depth.tif --vmax 10 --tolerance 15
    turbo-cmap uncolor figure.png -o depth.png --vmax 10 --scale 1000
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    out, target = console(ctx), check_file(output, _SUFFIXES)
    _check_scale(target, scale)
    refuse_inputs([source], [target])
    way = _Way(options.pop("tolerance"), options.pop("backend"), options, ignore_recipe)
    way.check()
    if out.dry_run:
        ctx.exit(dry_run(out, [([source], target)], force))
    try:
        message = _uncolor(source, target, force, scale, way, out)
    except (OSError, ValueError, MemoryError) as error:
        out.fail(reason(error, target).replace("uncolorize(): ", "", 1))
        ctx.exit(1)
    out.say(message)


def _check_scale(target: Path, scale: float | None) -> None:
    suffix = target.suffix.lower()
    if suffix == ".png" and scale is None:
        raise click.UsageError(
            f"-o {target}: PNG holds whole levels; --scale says how many there are to a unit"
        )
    if suffix != ".png" and scale is not None:
        raise click.UsageError(f"--scale is for PNG; {suffix} holds the values themselves")
    if scale is not None and not 0 < scale < float("inf"):
        raise click.UsageError(f"--scale must be greater than 0, got {scale}")


@dataclass(frozen=True)
class _Way:
    """How colors become numbers."""

    tolerance: float | None
    backend: str | None
    given: dict[str, Any]  # options; None where the picture itself is asked
    ignores_recipe: bool

    def check(self) -> None:
        """Let `uncolorize` itself judge what was given, before the file is read."""
        import numpy as np

        try:
            self.values_of(np.zeros((1, 1, 3), np.uint8), None)
        except (TypeError, ValueError, OverflowError) as error:
            raise click.UsageError(str(error).removeprefix("uncolorize(): ")) from None

    def values_of(self, picture: AnyArray, recipe: Recipe | None) -> tuple[AnyArray, AnyArray]:
        """Values, and how far the colors were from the map."""
        from ..inverse import uncolorize
        from ._recipes import inverse_arguments, merged

        arguments = inverse_arguments(merged(self.given, recipe))
        arguments |= {"tolerance": self.tolerance, "backend": self.backend}
        values, distance = uncolorize(picture, return_distance=True, **arguments)
        return values, distance

    def recipe_of(self, source: str, size: tuple[int, int], out: Console) -> Recipe | None:
        """What the picture says about itself, with a word about what of it is not used."""
        from ..io import ReadError, read_recipe
        from ._recipes import described, known_of

        if self.ignores_recipe:
            return None
        try:
            recipe = read_recipe(source)
        except ReadError as error:
            out.note(f"{error}; options and defaults are used")
            return None
        if recipe is None:
            return None
        name = printable(source)
        if recipe.alpha < 1:
            raise ReadError(Path(source), "a photograph is seen through its colors: no way back")
        if recipe.norm == "equalize" and self.given["norm"] is None:
            raise ReadError(
                Path(source), "its scale, equalize, depends on all values it is of: no way back"
            )
        out.detail(f"{name}: made with {described(recipe)}")
        known = known_of(recipe)
        other = {k: v for k, v in self.given.items() if v is not None and v != known[k]}
        if other:
            words = ", ".join(f"--{k} {v}" for k, v in other.items())
            out.note(f"{name}: made with {described(recipe)}; as given, {words} is used instead")
        if recipe.method == "poly" and self.given["method"] is None:
            out.note(f"{name}: made with a polynomial near the map; values are approximate")
            recipe = replace(recipe, method="spline")
        if recipe.region is not None and recipe.size != size:
            was = "x".join(map(str, recipe.size or ()))
            out.note(
                f"{name}: was {was} when it was made; what is beside its colors is not cut off"
            )
            recipe = replace(recipe, region=None)
        return recipe


def _uncolor(
    source: str, target: Path, force: bool, scale: float | None, way: _Way, out: Console
) -> str:
    """Do it; return the lines that say so."""
    from .. import io
    from ..io.pictures import read_picture

    refuse_existing(target, force)
    picture = read_picture(source)
    recipe = way.recipe_of(source, (picture.shape[1], picture.shape[0]), out)
    if recipe is not None and recipe.region is not None:
        left, top, width, height = recipe.region
        picture = picture[top : top + height, left : left + width]
    if recipe is not None and way.tolerance is None and Path(source).suffix.lower() in _LOSSY:
        # Black that means no measurement is near black, but some color of the map always.
        way = replace(way, tolerance=_JPEG_TOLERANCE)
    values, distance = way.values_of(picture, recipe)
    notes = [_summary(values, distance, way.tolerance)]
    if scale is not None:
        values, note = _levels(values, scale)
        notes += [note] if note else []
    io.write(target, values, force=force)
    height, width = values.shape
    files = f"{printable(source)} -> {printable(target)}"
    unit = f" {recipe.unit}" if recipe is not None and recipe.unit else ""
    return "\n  ".join([f"{files}  {width}x{height}{unit}", *notes])


def _summary(values: AnyArray, distance: AnyArray, tolerance: float | None) -> str:
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
        elif away[1] > _STRANGE and tolerance is None:
            parts.append("with --tolerance, those far from the map become NaN")
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
