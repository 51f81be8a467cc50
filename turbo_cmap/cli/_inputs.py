"""Which files to read: names, patterns, folders and lists of names."""

from __future__ import annotations

import fnmatch
import glob
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

STDIN = "-"
_ANY_DEPTH = "**"


class Input(NamedTuple):
    """A file to read, or the reason why there is none.

    Attributes
    ----------
    path : str
        As it was given or found.
    below : str
        The folders between the one that was searched and the file: "" or "left/far".
    found : bool
        Whether a folder or a pattern had it, so that nobody has named it.
    problem : str or None
        Why it cannot be read: nothing was found here, say.
    """

    path: str
    below: str = ""
    found: bool = False
    problem: str | None = None


@dataclass(frozen=True)
class Inputs:
    """What the user said about the files to read."""

    names: tuple[str, ...] = ()
    recursive: bool = False
    include: tuple[str, ...] = ()
    files_from: str | None = None
    null: bool = False
    pictures: bool = False

    @classmethod
    def take(cls, options: dict[str, Any], *, pictures: bool = False) -> Inputs:
        """Take the options of `inputs_options` out of those of a verb, and check them.

        Parameters
        ----------
        options : dict
        pictures : bool, default False
            Whether pictures are wanted of a folder, and not numbers.

        Raises
        ------
        click.UsageError
            If there is nothing to read, or two lists.
        """
        inputs = cls(
            tuple(options.pop("inputs")),
            options.pop("recursive"),
            tuple(options.pop("include")),
            options.pop("files_from"),
            options.pop("null"),
            pictures,
        )
        lists = inputs.names.count(STDIN) + (inputs.files_from == STDIN)
        if lists > 1:
            raise click.UsageError("standard input can be read once only")
        if not inputs.names and inputs.files_from is None:
            raise click.UsageError("Missing argument 'IN...': files, patterns, folders, or '-'")
        if inputs.null and not (lists or inputs.files_from):
            raise click.UsageError("--null is about lists of names: '-' or --files-from")
        return inputs

    @property
    def one_file(self) -> bool:
        """Whether this names a single file, which goes into another single file."""
        if self.files_from is not None or len(self.names) != 1:
            return False
        name = self.names[0]
        return name != STDIN and not _is_searched(name) and not _is_pattern(name)

    def find(self, output: str | None = None) -> list[Input]:
        """All files, in order: as they were named, and within each folder or pattern by name.

        Parameters
        ----------
        output : str, optional
            A folder that is written to: nothing is found in it.

        Raises
        ------
        click.UsageError
            If a list of names cannot be read.
        """
        written = None if output is None else os.path.realpath(output)
        every: list[Input] = []
        for name in self.names:
            if name == STDIN:
                every += self._listed(STDIN, written)
            elif _is_searched(name):
                every += self._of_folder(name, written)
            elif _is_pattern(name):
                every += self._of_pattern(name, written)
            else:
                every.append(Input(name))
        if self.files_from is not None:
            every += self._listed(self.files_from, written)
        return _once(every)

    def _of_folder(self, root: str, written: str | None) -> list[Input]:
        from ..io.sequences import natural_key

        found = list(_walk(root, self.recursive, self._is_wanted, written))
        if not found:
            what = "pictures" if self.pictures else "files of numbers"
            what = "files that match --include" if self.include else what
            deeper = "; -r looks into the folders in it" if self._ignores_folders(root) else ""
            found = [Input(root, problem=f"has no {what}{deeper}")]
        return sorted(found, key=lambda one: natural_key(one.path))

    def _ignores_folders(self, root: str) -> bool:
        with os.scandir(root) as entries:
            return not self.recursive and any(map(_is_folder, entries))

    def _is_wanted(self, path: PurePath) -> bool:
        """Whether to take a file, by its path below the folder that was named."""
        if not self.include:
            return path.suffix.lower() in _suffixes(self.pictures)
        return any(
            fnmatch.fnmatchcase(path.as_posix() if "/" in pattern else path.name, pattern)
            for pattern in self.include
        )

    def _of_pattern(self, pattern: str, written: str | None) -> list[Input]:
        from ..io.sequences import natural_key

        base = _fixed_part(pattern) or "."
        if written is not None and _is_within(base, written):
            written = None
        every: list[Input] = []
        for path in sorted(_matches(pattern), key=natural_key):
            if written is not None and _is_within(path, written):
                continue
            if _is_searched(path):
                every += self._of_folder(path, written)
            else:
                below = os.path.relpath(os.path.dirname(path) or ".", base)
                every.append(Input(path, "" if below == "." else below, found=True))
        return every or [Input(pattern, problem="no file matches this pattern")]

    def _listed(self, source: str, written: str | None) -> list[Input]:
        every: list[Input] = []
        for name in _names_in(source, self.null):
            every += self._of_folder(name, written) if _is_searched(name) else [Input(name)]
        title = "standard input" if source == STDIN else source
        return every or [Input(title, problem="has no names in it")]


@cache
def _suffixes(pictures: bool) -> frozenset[str]:
    """What files end in that are taken from folders without --include."""
    if pictures:
        from ..io.pictures import SUFFIXES

        return frozenset(SUFFIXES)
    from ..io.registry import formats

    return frozenset(end for one in formats() if not one.folders for end in one.suffixes)


def _walk(
    root: str, recursive: bool, is_wanted: Callable[[PurePath], bool], written: str | None
) -> Iterator[Input]:
    """The files in a folder, and in those in it; each folder once, however many links lead there.

    Links to folders are followed when all else has been seen, so that a file is found under
    its own name first.
    """
    seen: set[tuple[int, int]] = set()
    folders, links = deque([""]), deque[str]()
    while folders or links:
        below = folders.popleft() if folders else links.popleft()
        here = os.path.join(root, below) if below else root
        try:
            status = os.stat(here)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            if below and os.path.realpath(here) == written:
                continue
            with os.scandir(here) as entries:
                visible = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            yield Input(here, problem=error.strerror or str(error))
            continue
        for entry in sorted(visible, key=lambda one: one.name):
            path = os.path.join(below, entry.name) if below else entry.name
            if _is_folder(entry):
                if not _is_searched(os.path.join(root, path)):
                    yield Input(os.path.join(root, path), below, found=True)
                elif recursive:
                    (links if entry.is_symlink() else folders).append(path)
            elif _is_file(entry) and is_wanted(PurePath(path)):
                yield Input(os.path.join(root, path), below, found=True)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Also a link that leads nowhere: that is said where it is read, and not passed over."""
    if entry.is_symlink():
        return not os.path.exists(entry.path) or os.path.isfile(entry.path)
    return entry.is_file()


def _is_searched(path: str) -> bool:
    """Whether this is a folder of files, and not one that is itself an image (of Zarr, say)."""
    if not os.path.isdir(path):
        return False
    from ..io.registry import format_of

    where = Path(path)
    return format_of(where, b"", folder=True, others=bool(where.suffix)) is None


def _is_pattern(name: str) -> bool:
    """Whether to look for what matches; a file that has such a name is a file."""
    return glob.has_magic(name) and not os.path.lexists(name)


def _fixed_part(pattern: str) -> str:
    """The folders of a pattern before the first one to match; "" is the current one."""
    fixed = []
    parts = PurePath(pattern).parts
    for part in parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return os.path.join(*fixed) if fixed else ""


def _matches(pattern: str) -> list[str]:
    """What is there that matches; with ``**`` files only, at any depth."""
    parts = PurePath(pattern).parts
    if _ANY_DEPTH not in parts:
        return glob.glob(pattern)
    # glob would go around in loops of links until the names are too long.
    depth = parts.index(_ANY_DEPTH)
    head = os.path.join(*parts[:depth]) if depth else ""
    found = []
    for root in glob.glob(head) if head else [os.curdir]:
        if os.path.isdir(root):
            every = _walk(root, True, lambda path: _fits(path.parts, parts[depth:]), None)
            found += [one.path for one in every if one.problem is None]
    return [os.path.relpath(path) for path in found] if not head else found


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether a path fits a pattern, both in parts."""
    if not patterns:
        return not names
    if patterns[0] == _ANY_DEPTH:
        rest = patterns[1:]
        return not rest or any(_fits(names[start:], rest) for start in range(len(names)))
    return bool(names) and fnmatch.fnmatch(names[0], patterns[0]) and _fits(names[1:], patterns[1:])


def _is_within(path: str, folder: str) -> bool:
    """Whether a path is a real folder, or in it or deeper."""
    real = os.path.realpath(path)
    return real == folder or real.startswith(os.path.join(folder, ""))


def _once(every: Iterable[Input]) -> list[Input]:
    """Without what was found again: a file that was named twice is not our mistake."""
    kept, paths = [], dict[str, bool]()  # whether each was found
    for one in every:
        path = os.path.normpath(one.path)
        if path in paths and (one.found or paths[path]):
            continue
        paths[path] = one.found
        kept.append(one)
    return kept


def _names_in(source: str, null: bool) -> list[str]:
    """The names in a list, one a line, or ended by NUL."""
    data = _bytes_of(source)
    if null:
        names = data.split(b"\0")
    elif b"\0" in data:
        title = "standard input" if source == STDIN else source
        raise click.UsageError(
            f"{title} has bytes of 0 in it, as no list of names, one a line, has; with --null "
            "names end in them"
        )
    else:
        names = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    return [os.fsdecode(name) for name in names if name]


def _bytes_of(source: str) -> bytes:
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.UsageError(f"--files-from {source}: {error.strerror or error}") from None


def inputs_options(command: _Command) -> _Command:
    """Give a verb the options of `Inputs`."""
    return _with_options(command, "files of numbers")


def picture_inputs_options(command: _Command) -> _Command:
    """Give a verb the options of `Inputs` that are pictures."""
    return _with_options(command, "pictures")


def _with_options(command: _Command, what: str) -> _Command:
    options: list[Callable[[Any], Any]] = [
        click.argument("inputs", metavar="IN...", nargs=-1, type=click.Path(readable=False)),
        click.option(
            "-r", "--recursive", is_flag=True, help="Look into the folders in folders as well."
        ),
        click.option(
            "--include",
            metavar="PATTERN",
            multiple=True,
            help="Which files of a folder to take, such as '*_depth.png'. May be given several "
            f"times. Default: those that end like {what}.",
        ),
        click.option(
            "--files-from",
            type=click.Path(readable=False),
            metavar="FILE",
            help="Read the names of more inputs from this list, one a line; '-' is standard input.",
        ),
        click.option(
            "-0", "--null", is_flag=True, help="In lists, names end in NUL, as of 'find -print0'."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
