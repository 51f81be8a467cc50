"""How files become numbers: the options of every verb that reads them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._types import number

if TYPE_CHECKING:
    from ..io import Raster
    from ..io.windows import Windowed

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Reading:
    """What `turbo_cmap.io.read` is told; can be pickled.

    Attributes
    ----------
    key : str or None
        Which array of a file that holds several.
    invalid : tuple of numbers
        Stored values that mean 'no measurement'.
    """

    key: str | None = None
    invalid: tuple[float, ...] = ()

    @classmethod
    def take(cls, options: dict[str, Any]) -> Reading:
        """Take the options of `reading_options` out of those of a verb."""
        # tifffile's warnings on damaged files would come before the one line that says so.
        logging.getLogger("tifffile").addHandler(logging.NullHandler())
        return cls(key=options.pop("key"), invalid=options.pop("invalid"))

    def read(self, path: str | Path) -> Raster:
        """Read one file."""
        from .. import io

        return io.read(path, key=self.key)

    def windowed(self, path: str | Path) -> Windowed | None:
        """One file to be read in bands of rows; None where its format has no such way."""
        from ..io.registry import Request
        from ..io.windows import open_windowed

        return open_windowed(path, Request(key=self.key))


def reading_options(command: _Command) -> _Command:
    """Give a verb the options of `Reading`."""
    for option in reversed(
        [
            click.option("--key", metavar="NAME", help="Which array of an NPZ file."),
            click.option(
                "--invalid",
                type=number,
                metavar="VALUE",
                multiple=True,
                help="A value that means 'no measurement'. May be given several times.",
            ),
        ]
    ):
        command = option(command)
    return command
