"""`turbo-cmap export`: a color map for another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from ._complete import complete_map
from ._console import console, printable
from ._dry_run import dry_run, dry_run_option
from ._types import usage
from ._writing import SEPARATORS, check_folder, force_option, reason, refuse_existing


def _print_formats(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from ..export import EXPORT_FORMATS

    width = max(map(len, EXPORT_FORMATS))
    for name, description in EXPORT_FORMATS.items():
        console(ctx).answer(f"{name:<{width}}  {description}")
    ctx.exit()


def _formats(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ..export import EXPORT_FORMATS

    return [CompletionItem(name) for name in EXPORT_FORMATS if name.startswith(incomplete)]


@click.command()
@click.argument("cmap", metavar="NAME", shell_complete=complete_map)
@click.option(
    "--to",
    metavar="FORMAT",
    required=True,
    shell_complete=_formats,
    help="What to write; see --list.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_formats,
    help="Print the formats and exit.",
)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="A file, or a folder that exists or ends in '/'. Default: standard output.",
)
@force_option
@click.option("--name", metavar="WORDS", help="What to call the function or table. Default: NAME.")
@click.option(
    "--form",
    type=click.Choice(["spline", "du", "minimax"]),
    help="Of a function: the map's own spline, Du's polynomial, or the nearest polynomial.",
)
@click.option("--degree", type=int, metavar="D", help="Of that polynomial, 3 to 32. Default: 12.")
@click.option("--n", type=int, metavar="N", help="How many colors a table has.")
@click.option("--vmin", type=float, metavar="VALUE", help="Value of the first color. Default: 0.")
@click.option("--vmax", type=float, metavar="VALUE", help="Value of the last color. Default: 1.")
@dry_run_option
@click.pass_context
def export(
    ctx: click.Context, /, cmap: str, to: str, output: str | None, force: bool, **options: Any
) -> None:
    """Write a color map for another program: a function in its language, or a table.

    NAME is a map of this package or one that matplotlib knows.

    \b
    turbo-cmap export turbo --to glsl
    turbo-cmap export turbo --to c --degree 9 -o turbo.h
    turbo-cmap export viridis --to gdal --vmin 0 --vmax 2500 -o relief.txt
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ..export import export as export_map
    from ..export import suffix

    out = console(ctx)
    given = {key: value for key, value in options.items() if value is not None}
    try:
        written = export_map(cmap, to, **given)
    except (TypeError, ValueError) as error:
        raise usage(error) from None
    if output is None:
        if isinstance(written, bytes) and sys.stdout.isatty():
            raise click.UsageError(f"{to} is not text, and no terminal shows it; give -o OUT")
        out.answer(written, nl=False)
        return
    target = _target(output, options["name"] or cmap, suffix(to))
    if out.dry_run:
        ctx.exit(dry_run(out, [([], target)], force))
    try:
        _write(target, written, force)
    except OSError as error:
        out.fail(reason(error, target))
        ctx.exit(1)
    out.say(f"{cmap} -> {printable(target)}  {len(written)} bytes")


def _target(output: str, name: str, suffix: str) -> Path:
    """The file that OUT means."""
    out = Path(output)
    if output.endswith(SEPARATORS) or out.is_dir():
        return out / f"{Path(name).name}{suffix}"
    check_folder(output)
    return out


def _write(target: Path, written: str | bytes, force: bool) -> None:
    from ..io.atomic import new_file

    refuse_existing(target, force)
    target.parent.mkdir(parents=True, exist_ok=True)
    with new_file(target, force=force) as file:
        file.write(written.encode() if isinstance(written, str) else written)
