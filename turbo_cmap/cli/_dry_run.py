"""What is written, said before it is: ``--dry-run``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from ._console import Console, console, printable

_Command = TypeVar("_Command", bound=Callable[..., Any])
_STDIN = "-"


class Step(NamedTuple):
    """A file that would be written, and those that would be read for it."""

    sources: Sequence[str | Path]
    target: Path


def dry_run_option(command: _Command) -> _Command:
    """Give a verb that writes files the option ``--dry-run``.

    The verb asks `Console.dry_run` when it knows what it would write, and calls `dry_run`
    instead of writing.
    """
    return click.option(
        "--dry-run",
        is_flag=True,
        expose_value=False,
        callback=_set_dry_run,
        help="Say what would be read and written, and do not write it.",
    )(command)


def _set_dry_run(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    console(ctx).dry_run = wanted


def dry_run(
    out: Console, steps: Iterable[Step | tuple[Sequence[str | Path], Path]], force: bool
) -> int:
    """Say for each step what would be written, or why it would be refused.

    The first byte of each source is read, and no more: that its contents are no picture, say,
    shows itself when it is done.

    Parameters
    ----------
    out : Console
    steps : iterable of (sources, target)
        ``-`` is standard input, which is left alone.
    force : bool
        Whether targets may exist.

    Returns
    -------
    int
        The exit status: 1 if anything would be refused.
    """
    status = 0
    taken: set[str] = set()
    for sources, target in steps:
        reason = next(filter(None, map(_unreadable, sources)), None)
        reason = reason or _unwritable(target, force)
        name = os.path.normcase(os.path.abspath(target))
        if reason is None and name in taken:
            reason = f"{printable(target)}: would be written twice"
        if reason is not None:
            out.fail(reason)
            status = 1
            continue
        taken.add(name)
        out.answer(_intention(sources, target))
    out.note("nothing was written: --dry-run")
    return status


def _intention(sources: Sequence[str | Path], target: Path) -> str:
    verb = "replace" if os.path.lexists(target) else "write"
    origin = " ".join(printable(source) for source in sources)
    folder = "" if target.parent.is_dir() else ", in a new folder"
    return f"would {verb} {printable(target)}{f' from {origin}' if origin else ''}{folder}"


def _unreadable(source: str | Path) -> str | None:
    if str(source) == _STDIN:
        return None
    try:
        if os.path.isfile(source):  # opening others, such as pipes, takes from them or waits
            with open(source, "rb") as file:
                empty = not file.read(1)
            return f"{printable(source)}: is empty" if empty else None
        os.stat(source)
        if os.path.isdir(source):
            return f"{printable(source)}: is a folder"
    except (OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        return f"{printable(source)}: {text}"
    return None


def _unwritable(target: Path, force: bool) -> str | None:
    """Why `io.atomic.new_file` would refuse it."""
    name = printable(target)
    if os.path.lexists(target):
        if not force:
            return f"{name}: exists already; --force replaces it"
        if target.exists() and not target.is_file():
            return f"{name}: is not a regular file and is not replaced"
    folder = target.resolve().parent if target.is_symlink() else target.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        return f"{name}: {printable(folder)} is not a folder"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{name}: the folder {printable(folder)} cannot be written to"
    return None
