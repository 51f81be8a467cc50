"""How moving pictures are written: the options of verbs that write them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._types import usage

if TYPE_CHECKING:
    from ..io.codecs import Encoding

_Command = TypeVar("_Command", bound=Callable[..., Any])


def video_options(command: _Command) -> _Command:
    """Give a verb the options of `take_encoding`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def take_encoding(options: dict[str, Any]) -> tuple[Encoding, Fraction | None]:
    """Take the options of `video_options` out of those of a verb.

    Returns
    -------
    encoding : Encoding
        Without a suffix.
    fps : Fraction or None
        None where nothing is said.

    Raises
    ------
    click.UsageError
        If the frame rate is none.
    """
    from ..io.codecs import Encoding
    from ..io.movies import as_fps

    given = options.pop("fps")
    names = ("codec", "crf", "chroma", "lossless", "bits")
    encoding = Encoding("", **{name: options.pop(name) for name in names})
    if given is None:
        return encoding, None
    try:
        return encoding, as_fps(given)
    except ValueError as error:
        raise usage(error) from None


_OPTIONS = [
    click.option(
        "--fps",
        metavar="RATE",
        help="Frames a second, also as 30000/1001. Default: the input's, or 30.",
    ),
    click.option(
        "--codec",
        type=click.Choice(["h264", "h265", "vp9", "av1", "prores", "ffv1", "png"]),
        help="Default: h264, in WebM vp9, in MKV with --lossless ffv1.",
    ),
    click.option(
        "--crf",
        type=int,
        metavar="N",
        help="The codec's quality, smaller is better. Default: 18 for h264, 20 for h265, 24 "
        "for vp9 and av1.",
    ),
    click.option(
        "--chroma",
        type=click.Choice(["420", "444"]),
        help="Resolution of color: half, which all players show, or full. Default: 420.",
    ),
    click.option(
        "--bits",
        type=click.Choice(["8", "10"]),
        callback=lambda ctx, option, value: None if value is None else int(value),
        help="Of a sample: 8, which all players show, or 10, of h264, h265 and av1. Default: 8.",
    ),
    click.option("--lossless", is_flag=True, help="Every pixel as it is."),
]
