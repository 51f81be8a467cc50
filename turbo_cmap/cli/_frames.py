"""Which frames `video` reads: files of one each, one file of many, or raw frames."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._console import printable
from ._inputs import STDIN, Input, Inputs, inputs_options
from ._reading import Reading
from ._targets import folder_of_template
from ._writing import SEPARATORS

if TYPE_CHECKING:
    from ..io import Frames
    from ..io.raw import RawFormat

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Those of `turbo_cmap.io.frames`, which `--help` does not import.
ON_ERROR = ("stop", "skip", "repeat")
_OF_FILES = ("include", "files_from")  # others may be somebody's defaults
_EXAMPLE = "--raw 640x480:u16le"


@dataclass(frozen=True)
class Source:
    """What the user said about the frames to read.

    Attributes
    ----------
    inputs : Inputs
    raw : RawFormat or None
        Of raw frames.
    axis : int or None
        Along which the frames of an array lie.
    on_error : {"stop", "skip", "repeat"}
    """

    inputs: Inputs
    raw: RawFormat | None
    axis: int | None
    on_error: str

    @classmethod
    def take(cls, options: dict[str, Any]) -> Source:
        """Take the options of `frames_options` out of those of a verb, and check them.

        Raises
        ------
        click.UsageError
            If there is nothing to read, or options do not go together.
        """
        raw, axis = options.pop("raw"), options.pop("axis")
        on_error = options.pop("on_error")
        if raw is None:
            return cls(Inputs.take(options), None, axis, on_error)
        from ..io.raw import RawFormat

        if len(options["inputs"]) != 1:
            raise click.UsageError(f"--raw reads one input, got {len(options['inputs'])}")
        for name in _OF_FILES:
            if options[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} is for files, not for --raw")
        if any(value is not None for value in (axis, options["key"], options["channel"])):
            raise click.UsageError("--channel, --key and --axis are not for --raw")
        try:
            form = RawFormat.parse(raw)
        except ValueError as error:
            raise click.UsageError(f"--raw {error}") from None
        return cls(Inputs.take(options), form, axis, on_error)

    @property
    def name(self) -> str:
        """What to call them: as they were given."""
        first, *others = (*self.inputs.names, *filter(None, [self.inputs.files_from]))
        return printable(first) + (f" and {len(others)} more" if others else "")

    def find(self, output: str) -> list[Path]:
        """The files, in the order of their frames.

        Parameters
        ----------
        output : str
            What -o says: in a folder that is written to, nothing is found.

        Raises
        ------
        click.UsageError
            If a list of names cannot be read.
        ReadError
            If there is nothing where there should be, or what may not belong together.
        """
        from ..io import ReadError
        from ..io.sequences import natural_key

        if self.raw is not None:
            return [Path(self.inputs.names[0])]
        listed = STDIN in self.inputs.names or self.inputs.files_from is not None
        if STDIN in self.inputs.names and sys.stdin.isatty():
            raise click.UsageError(
                f"IN - reads a list of names, or frames with {_EXAMPLE}, and stdin is a terminal"
            )
        try:
            found = self.inputs.find(_folder_of(output))
        except click.UsageError as error:
            if STDIN not in self.inputs.names:
                raise
            raise click.UsageError(f"{error.message}; frames need {_EXAMPLE}") from None
        for one in found:
            if one.problem is not None:
                raise ReadError(Path(one.path), one.problem)
        self._check_alike(found)
        paths = [Path(one.path) for one in found]
        return paths if listed else sorted(paths, key=natural_key)

    def _check_alike(self, found: list[Input]) -> None:
        from ..io.sequences import several_formats

        suffixes = sorted({Path(one.path).suffix.lower() for one in found if one.found})
        if len(suffixes) < 2 or self.inputs.include:
            return
        folders = [name for name in self.inputs.names if os.path.isdir(name)]
        if folders:
            how = f"by --include '*{suffixes[0]}'"
            raise several_formats(Path(folders[0]), suffixes, how)

    def open(self, paths: list[Path], reading: Reading) -> Frames:
        """The frames of files that were found.

        Raises
        ------
        click.UsageError
            If raw frames are to come from a terminal.
        ReadError
            If the files cannot be opened.
        """
        if self.raw is None:
            from ..io.registry import Request
            from ..io.sequences import frames_of

            names = self.inputs.names
            where = Path(names[0]) if len(names) == 1 and names[0] != STDIN else paths[0].parent
            request = Request(reading.key, reading.channel, axis=self.axis)
            return frames_of(where, paths, request, reading.read, self.on_error)
        from ..io.raw import RawFrames

        if paths != [Path(STDIN)]:
            return RawFrames(paths[0], self.raw)
        stream: Any = sys.stdin.buffer
        if stream.isatty():
            raise click.UsageError("IN - reads numbers, and stdin is a terminal")
        with suppress(OSError):  # not one of this process
            stream = io.FileIO(stream.fileno(), closefd=False)
        return RawFrames(Path("stdin"), self.raw, stream)


def _folder_of(output: str) -> str | None:
    """The folder that frames are written into, as far as it is known."""
    if output.endswith(SEPARATORS) or os.path.isdir(output):
        return output
    return folder_of_template(output) if "{" in output else None


def frames_options(command: _Command) -> _Command:
    """Give a verb the options of `Source`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return inputs_options(command)


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option(
        "--raw",
        metavar="WxH:TYPE",
        help="IN is raw frames, as 640x480:u16le; u8 i16 u16be f32le f64 gray16le ... IN may be -.",
    ),
    click.option(
        "--axis",
        type=int,
        metavar="N",
        help="Along which axis of an array the frames lie. Default: 0, the first; -1 is the last.",
    ),
    click.option(
        "--on-error",
        type=click.Choice(ON_ERROR),
        default="stop",
        show_default=True,
        help="What to do about a frame that cannot be read or is of another size: end, leave it "
        "out, or have the one before it once more.",
    ),
]
