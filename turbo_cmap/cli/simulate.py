"""`turbo-cmap simulate`: a picture as others see it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console import console, printable
from ._dry_run import dry_run, dry_run_option
from ._types import usage
from ._writing import check_folder, force_option, reason, refuse_existing, refuse_inputs

if TYPE_CHECKING:
    from .._typing import AnyArray

#: A contact sheet's pictures are no wider or higher.
_LARGEST = 560
_MARGIN, _GAP, _CAPTION, _COLUMNS = 24, 18, 30, 3
_INK = (24, 24, 27)


@click.command()
@click.argument("image", metavar="IMAGE")
@click.option("-o", "--output", metavar="OUT", required=True, help="PNG, JPEG, TIFF, WebP or NPY.")
@click.option("--kind", metavar="NAME", help="deuteranopia, protanomaly, achromatopsia, ...")
@click.option("--all", "everyone", is_flag=True, help="All eight kinds beside the original.")
@click.option("--severity", type=float, metavar="0..1", help="Default: 1, of an anomaly 0.5.")
@click.option("--model", metavar="NAME", help="machado2009, brettel1997 or vienot1999.")
@force_option
@dry_run_option
@click.pass_context
def simulate(
    ctx: click.Context,
    /,
    image: str,
    output: str,
    kind: str | None,
    everyone: bool,
    force: bool,
    **options: Any,
) -> None:
    """Show a picture as someone with a color-vision deficiency sees it.

    IMAGE is PNG, JPEG, TIFF, WebP or whatever Pillow reads, taken as sRGB; NPY holds RGB.

    \b
    turbo-cmap simulate plot.png --kind deuteranopia -o seen.png
    turbo-cmap simulate plot.png --all -o sheet.png
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from .. import io
    from ._photos import read_upright

    out, target = console(ctx), Path(output)
    if (kind is None) != everyone:
        raise click.UsageError("give either --kind or --all")
    _check(target, image, kind, everyone, options)
    if out.dry_run:
        ctx.exit(dry_run(out, [([image], target)], force))
    try:
        refuse_existing(target, force)
        picture = read_upright(image)
        seen = _contact_sheet(picture, options) if kind is None else _seen(picture, kind, options)
        io.write(target, seen, force=force)
    except (OSError, ValueError, TypeError, MemoryError) as error:
        text = str(error)
        if text.startswith("simulate_cvd(): rgb"):
            text = f"{image}: {text.removeprefix('simulate_cvd(): rgb ')}"
            out.fail(text)
        else:
            out.fail(reason(error, target))
        ctx.exit(1)
    out.say(f"{printable(image)} -> {printable(target)}  {'all kinds' if kind is None else kind}")


def _check(
    target: Path, image: str, kind: str | None, everyone: bool, options: dict[str, Any]
) -> None:
    """Refuse what cannot work before a file is read."""
    import numpy as np

    from .. import io
    from ..vision import simulate_cvd

    if everyone and options["model"] is not None:
        raise click.UsageError("--model goes with --kind; no model knows all kinds")
    check_folder(str(target))
    refuse_inputs([image], [target])
    try:
        io.check_format(target, "uint8", 3)
    except ValueError as error:
        raise click.UsageError(f"-o {error}") from None
    try:
        simulate_cvd(np.zeros(3), kind or "protanopia", **options)  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise usage(error) from None


def _seen(picture: AnyArray, kind: str, options: dict[str, Any]) -> AnyArray:
    """The picture with that kind of vision; alpha stays."""
    import numpy as np

    from ..vision import simulate_cvd

    if picture.ndim == 3 and picture.shape[2] == 4:
        seen = simulate_cvd(picture[..., :3], kind, **options)  # type: ignore[call-overload]
        return np.concatenate([seen, picture[..., 3:]], axis=2)
    result: AnyArray = simulate_cvd(picture, kind, **options)  # type: ignore[call-overload]
    return result


def _contact_sheet(picture: AnyArray, options: dict[str, Any]) -> AnyArray:
    """The original and the eight, three by three, each with its name."""
    import numpy as np
    from PIL import Image, ImageDraw

    from ..deficiencies import CVD_KINDS
    from ..fonts import font as load_font

    options = {"severity": options["severity"]}
    small = Image.fromarray(_as_u8_rgb(picture))
    small.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
    shown = np.asarray(small)
    width, height = small.size
    rows = -(-(len(CVD_KINDS) + 1) // _COLUMNS)
    size = (
        2 * _MARGIN + _COLUMNS * width + (_COLUMNS - 1) * _GAP,
        2 * _MARGIN + rows * (height + _CAPTION) + (rows - 1) * _GAP,
    )
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    font = load_font(max(11, min(16, width // 16)))
    for number, kind in enumerate(("original", *CVD_KINDS)):
        row, column = divmod(number, _COLUMNS)
        x = _MARGIN + column * (width + _GAP)
        y = _MARGIN + row * (height + _CAPTION + _GAP)
        seen = shown if kind == "original" else _seen(shown, kind, options)
        sheet.paste(Image.fromarray(np.ascontiguousarray(seen)), (x, y))
        draw.text((x, y + height + 7), _caption(kind, options["severity"]), _INK, font)
    return np.asarray(sheet)


def _caption(kind: str, severity: float | None) -> str:
    """The kind, and how severe it is where that is not all."""
    from ..deficiencies import KINDS, spelled

    if kind == "original":
        return "Original"
    shown = KINDS[kind].severity if severity is None else severity
    return spelled(kind) if shown == 1 else f"{spelled(kind)}, severity {shown:g}"


def _as_u8_rgb(picture: AnyArray) -> AnyArray:
    """What Pillow can scale; on white where it is transparent."""
    import numpy as np

    from ..vision import simulate_cvd

    if picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ValueError(f"simulate_cvd(): rgb must be RGB, of shape (..., 3), got {picture.shape}")
    rgb = simulate_cvd(picture[..., :3], "protanopia", 0)  # a copy that has been checked
    whole = np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1
    share = rgb / whole
    if picture.shape[2] == 4:
        alpha = picture[..., 3:] / whole
        share = share * alpha + (1 - alpha)
    return np.rint(255 * np.nan_to_num(share)).astype(np.uint8)
