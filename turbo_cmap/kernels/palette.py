"""What a kernel paints with: colors in the output's own type."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._typing import AnyArray, FloatArray
from ..colormap import ByteRule, Colormap

Order = Literal["rgb", "bgr", "rgba", "bgra"]

#: Where the components of an order stand in RGBA.
COMPONENTS: dict[str, tuple[int, ...]] = {
    "rgb": (0, 1, 2),
    "bgr": (2, 1, 0),
    "rgba": (0, 1, 2, 3),
    "bgra": (2, 1, 0, 3),
}


def quantize(rgba: FloatArray, dtype: np.dtype[Any], byte_rule: ByteRule = "round") -> AnyArray:
    """Components in [0, 1] as levels of an output type.

    uint8 by the rule of the map, uint16 rounded, floats as they are.
    """
    if dtype == np.uint8 and byte_rule == "truncate":
        return (rgba * 255).astype(np.uint8)
    if dtype.kind == "u":
        return np.rint(rgba * np.iinfo(dtype).max).astype(dtype)
    return rgba.astype(dtype)


class Palette:
    """A color map made ready for one output layout.

    Attributes
    ----------
    n : int
        Number of colors.
    entries : ndarray, shape (n + 3, 3 or 4), of the output's dtype
        The colors, then those for under, over and bad.
    under, over, bad : int
        Which entry is for values below and above the range, and for invalid ones. The
        first and the last color where the map has no others for them.
    curve : ndarray of float32, shape (3, degree + 1, pieces), or None
        If given, colors are these polynomials of the place in one of the pieces of [0, 1],
        clamped to [0, 1], in the components' order and with ascending powers; then `entries`
        has two colors, black without meaning but for their alpha, and the three special ones.
    reverse : bool
        Whether the curve is of 1 - t. (Tables are reversed themselves.)
    native : object
        A place for the C kernels to keep their own form of it.
    """

    __slots__ = (
        "bad",
        "curve",
        "entries",
        "n",
        "native",
        "over",
        "reverse",
        "under",
    )

    def __init__(
        self,
        entries: AnyArray,
        *,
        distinct_under: bool,
        distinct_over: bool,
        curve: AnyArray | None = None,
        reverse: bool = False,
    ) -> None:
        self.n = len(entries) - 3
        self.entries = entries
        self.under = self.n if distinct_under else 0
        self.over = self.n + 1 if distinct_over else self.n - 1
        self.bad = self.n + 2
        self.curve = curve
        self.reverse = reverse
        self.native: Any = None

    @property
    def layers(self) -> int:
        """Into how many parts "equalize" cuts the values: a curve has no colors to count."""
        return self.n if self.curve is None else 256


def table_palette(cmap: Colormap, order: Order, dtype: np.dtype[Any]) -> Palette:
    """The palette that looks colors up in the map's table."""
    first, last = cmap.rgba[0], cmap.rgba[-1]
    rgba = np.vstack(
        [
            cmap.rgba,
            first if cmap.under is None else cmap.under,
            last if cmap.over is None else cmap.over,
            cmap.bad,
        ]
    )
    entries = quantize(rgba, dtype, cmap.byte_rule)[:, COMPONENTS[order]]
    return Palette(
        np.ascontiguousarray(entries),
        distinct_under=cmap.under is not None,
        distinct_over=cmap.over is not None,
    )


def curve_palette(
    cmap: Colormap,
    coefficients: FloatArray,
    order: Order,
    dtype: np.dtype[Any],
    *,
    reverse: bool = False,
) -> Palette:
    """The palette that evaluates a curve, with the special colors of a map.

    Parameters
    ----------
    coefficients : ndarray, shape (3, degree + 1, pieces)
        Of red, green and blue; see `Palette.curve`.
    """
    components = COMPONENTS[order]
    unused = (0.0, 0.0, 0.0, 1.0)
    rgba = np.array([unused, unused, cmap.under or unused, cmap.over or unused, cmap.bad])
    entries = quantize(rgba, dtype)[:, components]
    return Palette(
        np.ascontiguousarray(entries),
        distinct_under=cmap.under is not None,
        distinct_over=cmap.over is not None,
        curve=np.ascontiguousarray(coefficients[list(components[:3])], dtype=np.float32),
        reverse=reverse,
    )
