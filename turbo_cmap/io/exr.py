"""OpenEXR: one channel of half, float or unsigned integers.

Without a channel, the first of these that there is once, by the last part of its name, in
any case:

1. the only channel;
2. Z, depth, disparity, D, V (Blender's ``Depth.V``), Y;
3. R, if G and B are the same in every pixel: gray that was saved as a color.

Values are as they come: what is far may be inf, 1e10 or 65504. The image is the data window.
OpenEXR, technical introduction: https://openexr.com/en/latest/TechnicalIntroduction.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .._typing import AnyArray
from .raster import TIGHT_EXPANSION, ReadError, refuse_inflated
from .registry import Format, Found, Request
from .silence import silence

_MAGIC = b"\x76\x2f\x31\x01"
_NAMES = ("z", "depth", "disparity", "d", "v", "y")


def read_exr(path: Path, size: int, request: Request) -> Found:
    """A channel of a part: float16, float32 or uint32 values."""
    import OpenEXR

    with silence(), OpenEXR.File(str(path), header_only=True) as file:
        headers = [dict(part.header) for part in file.parts]
    number = _part(path, headers, request.key)
    _check(path, headers, number, size)
    with silence() as printed, OpenEXR.File(str(path), separate_channels=True) as file:
        if len(file.parts) != len(headers):  # a part that is damaged is left out, and told of
            raise ReadError(path, f"is damaged: {_last_words(printed.getvalue())}")
        channels = {name: found.pixels for name, found in file.parts[number].channels.items()}
        values = np.array(channels[_channel(path, channels, request.channel)])
    return Found(values)


def _last_words(printed: str) -> str:
    """What comes last in "Warning: ... for part 0 - Unable to run decoder", as it prints."""
    return " ".join(printed.split()).rsplit(" - ", 1)[-1] or "not all of it can be decoded"


def _part(path: Path, headers: list[dict[str, Any]], key: str | None) -> int:
    """The part with this name or number, or the only one."""
    if key is None:
        if len(headers) == 1:
            return 0
        raise ReadError(path, f"holds {len(headers)} parts; choose one by key: {_parts(headers)}")
    for number, header in enumerate(headers):
        if key in (header.get("name"), str(number)):
            return number
    raise ReadError(path, f"holds no part {key!r}, only {_parts(headers)}")


def _parts(headers: list[dict[str, Any]]) -> str:
    return ", ".join(str(header.get("name") or number) for number, header in enumerate(headers))


def _check(path: Path, headers: list[dict[str, Any]], number: int, size: int) -> None:
    """Refuse deep images, and windows that the file cannot fill, before they are allocated."""
    if "deep" in str(headers[number].get("type", "")):
        raise ReadError(path, "a deep image, of several samples a pixel; flatten it")
    claimed = 0
    for header in headers:  # all are decoded
        (left, top), (right, bottom) = (map(int, corner) for corner in header["dataWindow"])
        if right < left or bottom < top:
            raise ReadError(path, "its data window has no pixels")
        # Halves at the least: the header alone does not tell.
        claimed += 2 * (right - left + 1) * (bottom - top + 1) * len(header["channels"])
    refuse_inflated(path, claimed, size, TIGHT_EXPANSION)


def _channel(path: Path, channels: dict[str, AnyArray], wanted: str | None) -> str:
    """The name of the channel to read."""
    names = list(channels)
    listed = ", ".join(names)
    if wanted is not None:
        same = [name for name in names if name.lower() == wanted.lower()]
        if wanted in names:
            return wanted
        if len(same) != 1:
            raise ReadError(path, f"has no channel {wanted!r}, only {listed}")
        return same[0]
    if len(names) == 1:
        return names[0]
    for meaning in _NAMES:
        found = [name for name in names if name.split(".")[-1].lower() == meaning]
        if len(found) == 1:
            return found[0]
        if found:
            break
    red, *others = (_named(names, color) for color in "rgb")
    if red and all(
        o and np.array_equal(channels[o], channels[red], equal_nan=True) for o in others
    ):
        return red
    raise ReadError(path, f"holds {len(names)} channels; choose one by channel: {listed}")


def _named(names: list[str], color: str) -> str | None:
    found = [name for name in names if name.split(".")[-1].lower() == color]
    return found[0] if len(found) == 1 else None


FORMATS = (
    Format(
        "EXR",
        (".exr",),
        lambda head, _: head.startswith(_MAGIC),
        read_exr,
        summary="half, float and unsigned integers: a channel, of a part by the key",
        extra="exr",
        uses_key=True,
        uses_channel=True,
    ),
)
