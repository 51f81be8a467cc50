"""What the command says, and where."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Console:
    """Results go to stdout, everything else to stderr.

    Attributes
    ----------
    quiet : bool
        Only failures are said.
    verbose : bool
        Details too.
    """

    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """A result, on stdout; not with --quiet."""
        if not self.quiet:
            click.echo(text)

    def note(self, text: str) -> None:
        """An assumption, a hint or a summary, on stderr; not with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def detail(self, text: str) -> None:
        """On stderr, with --verbose only."""
        if self.verbose:
            click.echo(text, err=True)

    def fail(self, text: str) -> None:
        """A failure, one line on stderr, always."""
        click.echo(f"turbo-cmap: {text}", err=True)

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar has someone to look at it."""
        return not self.quiet and sys.stderr.isatty()


def shown(path: str | os.PathLike[str]) -> str:
    """A name to print, in one line whatever it is: with escapes for what is no text."""
    text: str = click.format_filename(path)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def console(ctx: click.Context) -> Console:
    """The console of this run; that of the group where it has one."""
    found = ctx.find_object(Console)
    return Console() if found is None else found
