"""What the command says, and where; whether in color; and what it says when it fails."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

#: The status of a program that writes into a pipe which nobody reads any more.
PIPE_CLOSED = 128 + getattr(signal, "SIGPIPE", 13)
#: What COLORTERM says of a terminal that shows 24-bit colors.
_TRUE_COLOR = ("truecolor", "24bit")
#: To the begin of the line, and nothing is in it.
CLEAR_LINE = "\r\x1b[K"


@dataclass
class Console:
    """Results go to stdout, everything else to stderr.

    One for a run: the options ``--quiet``, ``--verbose`` and ``--dry-run`` set it, before
    the verb or after it.

    Attributes
    ----------
    quiet : bool
        Only what was asked for is printed, and failures.
    verbose : bool
        Details too.
    dry_run : bool
        Nothing is written; see `turbo_cmap.cli._dry_run`.
    config_file : str or None
        The only file to take defaults from, if one was named.
    no_config : bool
        Defaults are taken from no file.
    config : list of Path
        The files that defaults were taken from; a later one wins.
    defaults : dict
        For each parameter that they set, its value and the file.
    """

    quiet: bool = False
    verbose: bool = False
    dry_run: bool = False
    config_file: str | None = None
    no_config: bool = False
    config: list[Path] = field(default_factory=list)
    defaults: dict[str, tuple[Any, Path]] = field(default_factory=dict)
    _was_interrupted: bool = field(default=False, init=False)

    def use_config(self, file: str | None, none: bool) -> None:
        """Choose where defaults come from, by --config and --no-config.

        Raises
        ------
        click.UsageError
            If both are given.
        """
        self.config_file = file or self.config_file
        self.no_config = none or self.no_config
        if self.config_file and self.no_config:
            raise click.UsageError("--config and --no-config exclude each other")

    def answer(self, text: str | bytes, *, nl: bool = True) -> None:
        """What the verb was asked to print, on stdout; always."""
        _print(text, nl=nl)

    def say(self, text: str) -> None:
        """What has been done, on stdout; not with --quiet."""
        if not self.quiet:
            _print(text)

    def note(self, text: str) -> None:
        """An assumption, a hint or a summary, on stderr; not with --quiet."""
        if not self.quiet:
            _print(text, err=True)

    def detail(self, text: str) -> None:
        """On stderr, with --verbose only."""
        if self.verbose:
            _print(text, err=True)

    def fail(self, text: str) -> None:
        """A failure, one line on stderr, always."""
        _print(f"turbo-cmap: {text}", err=True)

    def interrupted(self, how_far: str = "") -> None:
        """That a signal has ended the run, and how far it was: the first time, as a failure."""
        if not self._was_interrupted:
            self._was_interrupted = True
            if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
                sys.stderr.write(CLEAR_LINE)  # of the ^C that the terminal has put there
            self.fail(f"interrupted: {how_far}" if how_far else "interrupted")

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar has someone to look at it."""
        if sys.stderr is None or not sys.stderr.isatty():
            return False
        return not self.quiet and os.environ.get("TERM") != "dumb"


def printable(path: str | os.PathLike[str]) -> str:
    """A name to print, in one line whatever it is: with escapes for what is no text."""
    text: str = click.format_filename(path)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def console(ctx: click.Context) -> Console:
    """The console of this run."""
    return ctx.find_root().ensure_object(Console)


def shows_color(stream: TextIO | None = None) -> bool:
    """Whether 24-bit colors may be written to *stream*, stdout by default.

    They may where it is a terminal that says in COLORTERM that it has them; never where
    NO_COLOR is set [1]_ or TERM is "dumb"; and wherever CLICOLOR_FORCE or FORCE_COLOR is set
    to something other than 0 [2]_. NO_COLOR wins over these two. An empty variable is no
    variable.

    References
    ----------
    .. [1] https://no-color.org
    .. [2] https://bixense.com/clicolors and https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in _FORCING):
        return True
    stream = sys.stdout if stream is None else stream
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        return False
    return os.environ.get("COLORTERM", "").lower() in _TRUE_COLOR


_FORCING = ("CLICOLOR_FORCE", "FORCE_COLOR")


def _print(text: str | bytes, *, err: bool = False, nl: bool = True) -> None:
    """Print; escape codes stay where the caller has put them."""
    try:
        click.echo(text, err=err, nl=nl, color=True)
    except BrokenPipeError:
        leave_the_pipe()
    except OSError as error:  # a full disk behind '>'
        if err:
            raise
        _print(f"turbo-cmap: stdout: {error.strerror or error}", err=True)
        _forget_what_is_left()
        raise click.exceptions.Exit(1) from None


def leave_the_pipe() -> None:
    """End the run because the reader of our output has gone, as `head` does when it has enough.

    Raises
    ------
    click.exceptions.Exit
        With the status that the signal SIGPIPE would have given.
    """
    _forget_what_is_left()
    raise click.exceptions.Exit(PIPE_CLOSED)


def _forget_what_is_left() -> None:
    """Let the streams that cannot be written to write into nothing.

    Python flushes both once more at the end, which must not fail then.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
        except (AttributeError, ValueError):  # none, or closed
            continue
    os.close(nowhere)
