"""The indices of a picture's colors, found by the kernels that paint it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray
from ..colormap import get_cmap
from ..painting import chosen_map, colorize

_BLOCK = 1 << 20  # indices looked at together


class Indexed(NamedTuple):
    """``palette[indices]`` is the picture."""

    indices: AnyArray  # uint8, (H, W)
    palette: AnyArray  # uint8, (N, 3), N <= 256


#: Which arguments say what the values are.
_OF_VALUES = ("vmin", "vmax", "norm", "center", "mask", "invalid", "backend")


class Spelling(NamedTuple):
    """A map whose colors spell their own place: its low byte in red, its high byte in green."""

    cmap: AnyArray  # uint8, (n, 3)
    specials: dict[str, Any]  # such colors for under, over and bad
    palette: AnyArray  # uint8, (N, 3): what is spelled
    bad: int  # the place of bad


def spelling(options: Mapping[str, Any]) -> Spelling | None:
    """What to paint with instead of a map, to have indices.

    Parameters
    ----------
    options : mapping
        Arguments of `colorize`.

    Returns
    -------
    Spelling or None
        None where the picture is not 8-bit RGB from a table.
    """
    if (options["method"], options["order"], options["dtype"]) != ("lut", "rgb", "uint8"):
        return None
    cmap = get_cmap(
        chosen_map("colorize", options["cmap"], options["center"], options.get("quantize"), "lut")
    )
    n = len(cmap)
    if n + 3 > 1 << 16:
        return None
    palette, codes = _palette(n, {**options, "cmap": cmap})
    levels = np.zeros((len(palette), 3), dtype=np.uint8)
    levels[:, 0] = np.arange(len(palette)) & 0xFF
    levels[:, 1] = np.arange(len(palette)) >> 8
    places = zip(("under", "over", "bad"), codes, strict=True)
    specials = {name: tuple((levels[code] / 255).tolist()) for name, code in places}
    return Spelling(levels[:n], specials, palette, codes[2])


def indexed(values: AnyArray, options: Mapping[str, Any]) -> Indexed | None:
    """The picture that `colorize` paints with these options, as indices and a palette.

    The same kernels run, over a `Spelling`.

    Parameters
    ----------
    values : ndarray, shape (H, W)
    options : mapping
        Arguments of `colorize`, vmin and vmax among them.

    Returns
    -------
    Indexed or None
        None where the picture is not 8-bit RGB from a table, or has more than 256
        colors, such as all 256 of Turbo and black for bad pixels.
    """
    found = spelling(options)
    if found is None:
        return None
    chosen = {name: options[name] for name in _OF_VALUES}
    spelled = colorize(values, found.cmap, order="rgba", **found.specials, **chosen)
    packed = spelled.view("<u4")[..., 0]  # red is the lowest byte, alpha is 255 everywhere
    if packed.max() & 0xFFFF < 256:
        return Indexed(packed.astype(np.uint8), found.palette[:256])
    return _compacted(packed, found.palette)


def _palette(n: int, options: Mapping[str, Any]) -> tuple[AnyArray, list[int]]:
    """The map's colors, then those for under, over and bad that are new; these three's places."""
    probe = np.concatenate([np.arange(n) + 0.5, [-np.inf, np.inf, np.nan]])
    chosen = {name: options[name] for name in ("cmap", "reverse", "bad", "under", "over")}
    colors = colorize(probe, **chosen, vmin=0, vmax=n).tolist()
    palette, codes = colors[:n], []
    for color in colors[n:]:
        if color not in palette:
            palette.append(color)
        codes.append(palette.index(color))
    return np.array(palette, dtype=np.uint8), codes


def _compacted(packed: AnyArray, palette: AnyArray) -> Indexed | None:
    """With a palette of the colors in use, if those are few enough."""
    height, width = packed.shape
    step = max(1, _BLOCK // width)
    blocks = [slice(top, top + step) for top in range(0, height, step)]
    used = np.zeros(len(palette), dtype=bool)
    for rows in blocks:
        used |= np.bincount((packed[rows] & 0xFFFF).ravel(), minlength=len(palette)) > 0
    colors, places = np.unique(palette[used], axis=0, return_inverse=True)
    if len(colors) > 256:
        return None
    renumbered = np.zeros(len(palette), dtype=np.uint8)
    renumbered[used] = places.ravel()
    indices = np.empty((height, width), dtype=np.uint8)
    for rows in blocks:
        indices[rows] = renumbered[packed[rows] & 0xFFFF]
    return Indexed(indices, colors)


def colors_of(options: Mapping[str, Any], holes: bool) -> AnyArray:
    """All colors of the pictures that `colorize` paints from a table with these options.

    Parameters
    ----------
    options : mapping
        Arguments of `colorize`.
    holes : bool
        Whether bad pixels can occur.

    Returns
    -------
    ndarray of uint8, shape (N, 3)
        The map's, then those for under, over and bad that are others.
    """
    chosen = chosen_map(
        "colorize", options["cmap"], options["center"], options.get("quantize"), "lut"
    )
    cmap = get_cmap(chosen)
    palette, codes = _palette(len(cmap), {**options, "cmap": cmap})
    used = max([len(cmap) - 1, *(codes if holes else codes[:2])])
    return palette[: used + 1]
