"""`turbo-cmap check`: what color maps are good for, as a table or for a CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import console, printable, shows_color
from ._dry_run import Step, dry_run, dry_run_option
from ._maps import find_map, maps_argument
from ._types import without_caller
from ._writing import (
    SEPARATORS,
    check_file,
    force_option,
    reason,
    refuse_existing,
    refuse_inputs,
)

if TYPE_CHECKING:
    from .._typing import FloatArray
    from ..report import Report

_SWATCH = 32  # characters


@click.command()
@maps_argument
@click.option(
    "--require",
    metavar="VERDICT,...",
    help="Exit with status 1 where a map fails one of these: gray-safe, cvd-safe, ...",
)
@click.option(
    "--figure", metavar="OUT", help="A sheet that shows it all: PNG, PDF, SVG, or a folder."
)
@click.option("--html", metavar="OUT", help="The same as a page; a file, or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print all measures, a list of objects.")
@click.option(
    "--swatches/--no-swatches", default=None, help="Colors in the table. Default: if they show."
)
@force_option
@dry_run_option
@click.pass_context
def check(
    ctx: click.Context,
    /,
    maps: tuple[str, ...],
    require: str | None,
    figure: str | None,
    html: str | None,
    as_json: bool,
    swatches: bool | None,
    force: bool,
) -> None:
    """Measure color maps and judge what they are good for.

    NAME is a map of this package or of matplotlib; FILE is an image of one, such as a color
    bar, or a table of its colors: NPY, CSV or text, JSON, GMT's CPT. With several maps, OUT is
    a folder.

    \b
    turbo-cmap check turbo jet viridis
    turbo-cmap check colorbar.png --figure report.png
    turbo-cmap check mymap.csv --require gray-safe,cvd-safe
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ._figure import FIGURE_SUFFIXES

    wanted = _wanted(require)
    writers = [
        (_targets(option, output, maps, suffixes), write)
        for option, output, suffixes, write in (
            ("--figure", figure, FIGURE_SUFFIXES, _write_figure),
            ("--html", html, (".html", ".htm"), _write_html),
        )
        if output is not None
    ]
    refuse_inputs(maps, [target for targets, _ in writers for target in targets])
    out = console(ctx)
    if out.dry_run:
        ctx.exit(dry_run(out, _steps(maps, [targets for targets, _ in writers]), force))
    show = shows_color() if swatches is None else swatches
    failed = False
    printed: list[str] = []
    for number, source in enumerate(maps):
        try:
            report = _report(source)
            files = [(targets[number], write) for targets, write in writers]
            for target, write in files:
                _write(report, target, write, force)
        except (OSError, ValueError, TypeError, MemoryError) as error:
            from ..io.raster import line

            out.fail(without_caller(line(error)))
            failed = True
            continue
        if as_json:
            printed.append(report.to_json())
        else:
            if number:
                out.say("")
            out.say(_table(report, show))
            for target, _ in files:
                out.say(f"{report.name} -> {printable(target)}")
        for name in wanted:
            if not report.verdicts[name]:
                grounds = report.verdicts[name]
                out.fail(f"{report.name} fails {name}: {grounds}")
                failed = True
    if as_json:
        out.answer("[" + ",\n".join(printed) + "]")
    if failed:
        ctx.exit(1)


def _wanted(require: str | None) -> list[str]:
    from ..report import VERDICTS

    names = [name.strip() for name in (require or "").split(",") if name.strip()]
    if require is not None and not names:
        raise click.UsageError("--require needs names of verdicts")
    for name in names:
        if name not in VERDICTS:
            raise click.UsageError(f"--require {name!r} is none of {', '.join(VERDICTS)}")
    return names


def _targets(
    option: str, output: str, maps: Sequence[str], suffixes: tuple[str, ...]
) -> list[Path]:
    """Where each map's file goes; two never go to one place."""
    out = Path(output)
    if len(maps) == 1 and not output.endswith(SEPARATORS) and not out.is_dir():
        return [check_file(output, suffixes, option)]
    if out.exists() and not out.is_dir():
        raise click.UsageError(
            f"{option} {output}: with {len(maps)} maps it is a folder, not a file"
        )
    if out.suffix and not out.exists() and not output.endswith(SEPARATORS):
        raise click.UsageError(
            f"{option} {output}: with {len(maps)} maps it is a folder; end it in '/'"
        )
    targets = [out / f"{Path(source).stem}{suffixes[0]}" for source in maps]
    for number, target in enumerate(targets):
        if target in targets[:number]:
            first = maps[targets.index(target)]
            raise click.UsageError(f"{first} and {maps[number]} would both become {target}")
    return targets


def _steps(maps: Sequence[str], outputs: Sequence[Sequence[Path]]) -> list[Step]:
    """For each map the files that would be written; it is read if it is a file."""
    return [
        Step([source] if os.path.exists(source) else [], targets[number])
        for number, source in enumerate(maps)
        for targets in outputs
    ]


def _report(source: str) -> Report:
    from ..report import check as check_map

    cmap = find_map(source)
    try:
        return check_map(cmap)
    except ValueError as error:
        raise ValueError(f"{source}: {without_caller(str(error))}") from None


def _write(report: Report, target: Path, write: Callable[..., None], force: bool) -> None:
    try:
        refuse_existing(target, force)
        target.parent.mkdir(parents=True, exist_ok=True)
        write(report, target, force)
    except OSError as error:
        raise OSError(reason(error, target)) from None


def _write_figure(report: Report, target: Path, force: bool) -> None:
    from ._figure import write_figure

    write_figure(report.figure(), target, force=force)


def _write_html(report: Report, target: Path, force: bool) -> None:
    from ..io.atomic import new_file

    page = report.to_html().encode()
    with new_file(target, force=force) as file:
        file.write(page)


def _table(report: Report, swatches: bool) -> str:
    """The verdicts, a line each; on a terminal with the map as it looks."""
    from ..vision import simulate_cvd

    colors = report.cmap.rgba[:, :3]
    count = f"{len(colors)} colors"
    lines = [f"{report.name}  {count}"]
    if swatches:
        lines = [f"{report.name:<22}{_swatch(colors, 2 * _SWATCH)}  {count}"]
    width = max(map(len, report.verdicts))
    for name, verdict in report.verdicts.items():
        text = f"  {name:<{width}}  {'pass' if verdict else 'FAIL'}  {verdict}"
        if swatches:
            kind = name.partition(":")[2]
            seen = simulate_cvd(colors, kind) if kind else None  # type: ignore[call-overload]
            strip = " " * _SWATCH if seen is None else _swatch(seen, _SWATCH)
            mark = click.style("pass", fg="green") if verdict else click.style("FAIL", fg="red")
            text = f"  {name:<{width}}  {strip}  {mark}  {verdict}"
        lines.append(text)
    return "\n".join(lines)


def _swatch(colors: FloatArray, width: int) -> str:
    """A strip of so many characters, two colors each: the left half block and its ground."""
    import numpy as np

    at = (np.arange(2 * width) + 0.5) * len(colors) / (2 * width)
    levels = np.rint(255 * colors[at.astype(int)]).astype(int).tolist()
    cells = (
        f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▌"
        for a, b in zip(levels[::2], levels[1::2], strict=True)
    )
    return "".join(cells) + "\x1b[0m"
