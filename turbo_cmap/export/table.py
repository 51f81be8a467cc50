"""A color map as a table that formats write down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._typing import AnyArray, FloatArray, Rgba
from ..colormap import ByteRule, Colormap, get_cmap
from ..kernels.palette import quantize
from .names import credit_lines, identifier, label


class Table(NamedTuple):
    """Colors in order, and at which values of the data they are.

    Attributes
    ----------
    title : str
        The map's name on one line; it needs no escaping anywhere.
    identifier : str
        The name as a name in a program.
    rgba : ndarray of float64, shape (N, 4), N >= 2
    levels : ndarray of uint8, shape (N, 4)
        The same in 8 bits, by the byte rule of the map.
    values : ndarray of float64, shape (N,)
        From vmin to vmax at equal steps.
    bad : Rgba
    under, over : Rgba or None
    byte_rule : ByteRule
    credits : list of str
        Lines for a comment.
    """

    title: str
    identifier: str
    rgba: FloatArray
    levels: AnyArray
    values: FloatArray
    bad: Rgba
    under: Rgba | None
    over: Rgba | None
    byte_rule: ByteRule
    credits: list[str]

    @property
    def opaque(self) -> bool:
        """Whether no color of the table lets anything through."""
        return bool((self.rgba[:, 3] == 1).all())

    @property
    def positions(self) -> FloatArray:
        """Places in [0, 1] at equal steps."""
        return np.arange(len(self.rgba)) / (len(self.rgba) - 1)

    def level(self, color: Rgba) -> list[int]:
        """One color in 8 bits, R, G, B, A."""
        found: list[int] = quantize(np.array(color), np.dtype(np.uint8), self.byte_rule).tolist()
        return found

    def rows(self) -> list[list[float]]:
        """The colors as numbers in [0, 1], with alpha where it is needed."""
        components = 3 if self.opaque else 4
        found: list[list[float]] = self.rgba[:, :components].tolist()
        return found


def make_table(cmap: Colormap, n: int | None, vmin: float, vmax: float, name: str | None) -> Table:
    """A table of *n* colors; by default as many as the map has."""
    sampled = get_cmap(cmap, n)
    title = cmap.name if name is None else name
    # A single color is one at both ends.
    rgba = sampled.rgba if len(sampled) > 1 else np.repeat(sampled.rgba, 2, axis=0)
    return Table(
        title=label(title),
        identifier=identifier(title),
        rgba=rgba,
        levels=quantize(rgba, np.dtype(np.uint8), cmap.byte_rule),
        values=np.linspace(vmin, vmax, len(rgba)),
        bad=cmap.bad,
        under=cmap.under,
        over=cmap.over,
        byte_rule=cmap.byte_rule,
        credits=credit_lines(cmap),
    )


def decimal(number: float) -> str:
    """The shortest text that is this float again, without an idle ``.0``."""
    return repr(float(number)).removesuffix(".0")


def hexadecimal(level: list[int]) -> str:
    """``#rrggbb``, with two more digits where the color is not opaque."""
    return "#" + bytes(level if level[3] < 255 else level[:3]).hex()
