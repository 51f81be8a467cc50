"""Files that are written: what every verb refuses, and how it says that one failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from ._console import printable

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: A name that ends in one is a folder.
SEPARATORS = ("/", os.sep)


def force_option(command: _Command) -> _Command:
    """Give a verb that writes files the option ``--force``."""
    return click.option("--force", is_flag=True, help="Replace files that exist. Never an input.")(
        command
    )


def unless_there_option(*, pictures: bool) -> Callable[[_Command], _Command]:
    """Give a verb of many files the options ``--skip-existing`` and ``--update``."""
    there, are = "there are numbers", "that are"
    if pictures:
        there, are = "there is a picture", "that is"
    skip = click.option("--skip-existing", is_flag=True, help=f"Leave out what {there} of.")
    update = click.option(
        "--update",
        is_flag=True,
        help=f"Leave out what {there} of {are} not older; replace those that are.",
    )
    return lambda command: skip(update(command))


def format_option(*suffixes: str) -> Callable[[_Command], _Command]:
    """Give a verb of many files the option ``--format``; the first is the default."""
    return click.option(
        "--format",
        "suffix",
        type=click.Choice(suffixes),
        default=suffixes[0],
        show_default=True,
        help="What to write into a folder.",
    )


def jobs_option(command: _Command) -> _Command:
    """Give a verb of many files the option ``--jobs``."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Convert so many files at once. Default: as many as there are cores, one for few "
        "files.",
    )(command)


def check_file(output: str, suffixes: tuple[str, ...], option: str = "-o") -> Path:
    """A file that can be made, as *option* names it.

    Raises
    ------
    click.UsageError
        If its folder is not there or its suffix is another.
    """
    target = check_suffix(output, suffixes, option)
    check_folder(output, option)
    return target


def check_suffix(output: str, suffixes: tuple[str, ...], option: str = "-o") -> Path:
    """A file of a format that can be written, as *option* names it.

    Raises
    ------
    click.UsageError
    """
    target = Path(output)
    if target.suffix.lower() not in suffixes:
        known = " ".join(suffixes)
        raise click.UsageError(
            f"{option} {output}: the suffix must be one of {known}, got {target.suffix!r}"
        )
    return target


def check_folder(output: str, option: str = "-o") -> None:
    """Refuse a file in a folder that is not there.

    Raises
    ------
    click.UsageError
    """
    folder = Path(output).parent
    if not folder.is_dir():
        raise click.UsageError(f"{option} {output}: there is no folder {folder}")


def refuse_inputs(inputs: Iterable[str | Path], targets: Iterable[Path]) -> None:
    """Refuse inputs as outputs, by whatever name; --force does not change that.

    Raises
    ------
    click.UsageError
    """
    sources = {file_identity(source) for source in inputs} - {None}
    for target in targets:
        if file_identity(target) in sources:
            raise click.UsageError(f"{printable(target)} is an input, which is never overwritten")


def refuse_existing(target: Path, force: bool) -> None:
    """Raise `FileExistsError` before the work; writing makes sure of it."""
    if not force and os.path.lexists(target):
        raise FileExistsError(f"{printable(target)}: exists already; --force replaces it")


def reason(error: BaseException, path: str | Path) -> str:
    """An error as the line to print, with the file it is about.

    Parameters
    ----------
    error : exception
        Errors of files that are our own, `ReadError` among them, name their file.
    path : str or path
        The file of all others.
    """
    from ..io import ReadError
    from ..io.raster import line

    own = isinstance(error, ReadError) or (isinstance(error, OSError) and not error.errno)
    return line(error) if own else f"{printable(path)}: {line(error)}"


def file_identity(path: str | Path) -> tuple[int, int] | None:
    """The same for two names of one file; None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
