"""`turbo-cmap convert`: files of numbers in, pictures out."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ._range import UsedRange

_SEPARATORS = ("/", os.sep)


def _number(text: str) -> int | float:
    """An integer where it is written as one, so that 64 bits stay exact; else a float."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise click.BadParameter(f"{text!r} is not a number")


def _percentiles(text: str) -> tuple[float, float]:
    try:
        lo, hi = map(_number, text.split(","))
    except (ValueError, click.BadParameter):
        raise click.BadParameter(
            f"{text!r} is not LO,HI in percent; write --robust=2,98, or --robust after the files"
        ) from None
    return lo, hi


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
@click.option("--key", metavar="NAME", help="Which array of an NPZ file.")
@click.option("--cmap", metavar="NAME", help="Color map: turbo, or a name matplotlib knows.")
@click.option(
    "--vmin", type=_number, metavar="VALUE", help="Value of the first color. Default: the least."
)
@click.option(
    "--vmax", type=_number, metavar="VALUE", help="Value of the last color. Default: the greatest."
)
@click.option(
    "--norm",
    type=click.Choice(["linear", "log", "inverse", "sqrt", "symlog", "asinh", "equalize"]),
    default="linear",
    show_default=True,
    help="The scale between them; inverse is 1/x, with near at the high end.",
)
@click.option(
    "--center", type=_number, metavar="VALUE", help="Make the scale symmetric about this value."
)
@click.option(
    "--robust",
    type=_percentiles,
    metavar="[LO,HI]",
    is_flag=False,
    flag_value="2,98",
    help="Percentiles instead of the least and the greatest. Without a value: 2,98.",
)
@click.option(
    "--invalid",
    type=_number,
    metavar="VALUE",
    multiple=True,
    help="A value that means 'no measurement'. May be given several times.",
)
@click.option("--reverse", is_flag=True, help="Use the map from its last color to its first.")
@click.option("--bad", metavar="COLOR", help="For NaN and invalid values. Default: black.")
@click.option("--under", metavar="COLOR", help="For values below vmin.")
@click.option("--over", metavar="COLOR", help="For values above vmax.")
@click.option(
    "--method",
    type=click.Choice(["lut", "spline", "poly"]),
    default="lut",
    show_default=True,
    help="Colors from the table, from the curve behind it, or from a polynomial near Turbo.",
)
@click.option(
    "--order",
    type=click.Choice(["rgb", "rgba", "bgr", "bgra"]),
    default="rgb",
    show_default=True,
    help="Components; with rgba, bad pixels are transparent. bgr and bgra are for NPY.",
)
@click.option(
    "--dtype",
    type=click.Choice(["uint8", "uint16", "float32"]),
    default="uint8",
    show_default=True,
    help="Of the colors; not every format holds each.",
)
@click.option("--backend", metavar="NAME", help="Kernels to run; see 'turbo-cmap info'.")
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    output: str,
    force: bool,
    suffix: str,
    key: str | None,
    robust: tuple[float, float] | None,
    invalid: tuple[float, ...],
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
    # Its warnings on damaged files would come before the one line that says so.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    options["invalid"] = invalid or None
    options["robust"] = robust or False
    targets = _targets(inputs, output, suffix)
    _check_targets(inputs, targets, options["order"], options["dtype"])
    _check_options(options)
    failed = False
    for source, target in zip(inputs, targets, strict=True):
        try:
            if _is_folder(inputs, output):
                target.parent.mkdir(parents=True, exist_ok=True)
            message = _convert(source, target, key, force, options)
        except (OSError, ValueError, MemoryError) as error:
            click.echo(f"turbo-cmap: {_reason(error, target)}", err=True)
            failed = True
        else:
            click.echo(message)
    if failed:
        ctx.exit(1)


def _is_folder(inputs: Sequence[str], output: str) -> bool:
    return len(inputs) > 1 or output.endswith(_SEPARATORS) or os.path.isdir(output)


def _targets(inputs: Sequence[str], output: str, suffix: str) -> list[Path]:
    """Where each input's picture goes; two never go to one place."""
    out = Path(output)
    if not _is_folder(inputs, output):
        if not out.parent.is_dir():
            raise click.UsageError(f"-o {output}: there is no folder {out.parent}")
        return [out]
    if out.exists() and not out.is_dir():
        raise click.UsageError(
            f"-o {output}: with {len(inputs)} inputs OUT is a folder, not a file"
        )
    if out.suffix and not out.exists() and not output.endswith(_SEPARATORS):
        raise click.UsageError(
            f"-o {output}: with {len(inputs)} inputs OUT is a folder; end it in '/' to create it"
        )
    sources: dict[str, str] = {}
    targets = [out / f"{Path(source).stem}.{suffix}" for source in inputs]
    for source, target in zip(inputs, targets, strict=True):
        place = os.path.normcase(target)
        if place in sources:
            raise click.UsageError(f"{sources[place]} and {source} would both become {target}")
        sources[place] = source
    return targets


def _check_targets(inputs: Sequence[str], targets: Sequence[Path], order: str, dtype: str) -> None:
    from ..io import check_format

    sources = {_file_identity(source) for source in inputs} - {None}
    for target in targets:
        if order.startswith("bgr") and target.suffix.lower() != ".npy":
            raise click.UsageError(
                f"--order {order} is for NPY; an image file has an order of its own, got {target}"
            )
        try:
            check_format(target, dtype, len(order))
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        if _file_identity(target) in sources:
            raise click.UsageError(f"{target} is an input, which is never overwritten")


def _file_identity(path: str | Path) -> tuple[int, int] | None:
    """The same for two names of one file; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _check_options(options: dict[str, Any]) -> None:
    """Let `colorize` itself judge its arguments, before a file is read."""
    import numpy as np

    from ..painting import colorize

    try:
        colorize(np.zeros((1, 1)), **options)
    except (TypeError, ValueError, OverflowError) as error:
        raise click.UsageError(str(error).removeprefix("colorize(): ")) from None


def _convert(source: str, target: Path, key: str | None, force: bool, options: Any) -> str:
    """Convert one file; return the line that says so."""
    from .. import io
    from ..painting import colorize
    from ._indexed import indexed
    from ._range import used_range

    if not force and os.path.lexists(target):  # before the work; `write` makes sure of it
        raise FileExistsError(f"{target}: exists already; --force replaces it")
    raster = io.read(source, key=key)
    used = used_range(raster, options)
    options = {**options, "mask": raster.mask, "vmin": used.vmin, "vmax": used.vmax}
    found = indexed(raster.values, options) if target.suffix.lower() == ".png" else None
    if found is not None:
        io.write(target, found.indices, palette=found.palette, force=force)
    else:
        io.write(target, colorize(raster.values, **options), force=force)
    height, width = raster.values.shape
    files = f"{click.format_filename(source)} -> {click.format_filename(target)}"
    return f"{files}  {width}x{height} {raster.values.dtype.name}  {_range_text(used)}"


def _range_text(used: UsedRange) -> str:
    text = f"range {used.vmin_text} .. {used.vmax_text}"
    if used.invalid:
        text += f"  {used.invalid} of {used.size} invalid"
    return text


def _reason(error: Exception, target: Path) -> str:
    from ..io import ReadError
    from ..io.raster import line

    if isinstance(error, ReadError) or (isinstance(error, FileExistsError) and not error.errno):
        return line(error)  # names its file
    return f"{click.format_filename(target)}: {line(error)}"
