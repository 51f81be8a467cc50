"""One channel of a picture that has several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .._typing import AnyArray
from .raster import ReadError, mask_of
from .registry import Found, Request


def channel_index(path: Path, names: Sequence[str], channel: str) -> int:
    """The place of a channel by its name, whose case does not matter.

    Raises
    ------
    ReadError
        If there is none of this name.
    """
    for index, name in enumerate(names):
        if name.lower() == channel.lower():
            return index
    raise ReadError(path, f"has no channel {channel!r}, only {', '.join(names)}")


def chosen(path: Path, pixels: AnyArray, names: Sequence[str], request: Request) -> AnyArray:
    """What is wanted of pixels of shape (H, W, C) whose channels have these names.

    Returns
    -------
    ndarray, shape (H, W) or (H, W, C)
        The channel that is asked for; all of them where a preset decodes colors.

    Raises
    ------
    ReadError
        If neither is the case, or there is no such channel.
    """
    if request.channel is not None:
        wanted: AnyArray = pixels[..., channel_index(path, names, request.channel)]
        return wanted
    if request.colors:
        return pixels
    raise several_channels(path, names)


def several_channels(path: Path, names: Sequence[str]) -> ReadError:
    """The error for several channels of which none is asked for."""
    return ReadError(
        path,
        f"a {len(names)}-channel image ({''.join(names)}), not depth; "
        f"choose one by channel: {', '.join(names)}",
    )


def found_in_colors(path: Path, pixels: AnyArray, names: str, request: Request) -> Found:
    """A channel, or all; a pixel that is transparent holds no measurement, but its alpha.

    Raises
    ------
    ReadError
        As `chosen`.
    """
    values = chosen(path, pixels, names, request)
    if names == "RGBA" and values.ndim == 2 and (request.channel or "").upper() != "A":
        return Found(values, mask_of(pixels[..., 3] == 0))
    return Found(values)
