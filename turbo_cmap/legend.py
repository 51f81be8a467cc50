"""`colorbar`: what the colors of a picture mean, as a picture to put beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ._typing import AnyArray
from .bar import THEMES, Bar, Format, as_pixels, as_style, check_texts, title_of
from .bar_scale import Colored, as_bar_scale
from .colormap import CmapLike, ColorLike, parse_color
from .kernels.palette import Order

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["THEMES", "Colored", "beside", "colorbar"]

Extend: TypeAlias = Literal["neither", "min", "max", "both"]


def colorbar(
    colors: Colored | CmapLike | None = None,
    *,
    vmin: float | None = None,
    vmax: float | None = None,
    norm: Any = None,
    center: float | None = None,
    orientation: Literal["vertical", "horizontal"] = "vertical",
    length: int = 256,
    thickness: int | None = None,
    label: str | None = None,
    unit: str | None = None,
    ticks: int | Sequence[float] | None = None,
    format: Format | None = None,  # noqa: A002 - what matplotlib calls it, too
    extend: Extend | None = None,
    no_data: str | bool = False,
    theme: Literal["light", "dark"] = "light",
    background: ColorLike | None = None,
    font_size: int | None = None,
    order: Order = "rgb",
) -> AnyArray:
    """A color bar as an image, to be put beside a picture.

    Parameters
    ----------
    colors : Colorizer, or what `get_cmap` takes, optional
        A Colorizer brings its range with it; for a color map, by default Turbo or with
        *center* its diverging form, give the range here.
    vmin, vmax : float, optional
        Values of the first and the last color. Either is enough with *center*, and none is
        needed with a *norm* that has limits.
    norm : str or matplotlib Normalize, optional
        The scale between them: "linear", "log", "inverse", "sqrt", "symlog" or "asinh".
    center : float, optional
        The value of the middle of the map. It is always marked, the others symmetrically.
    orientation : {"vertical", "horizontal"}, default "vertical"
        The first color is at the bottom or on the left, numbers on the right or below.
    length : int, default 256
        The image's height or width in pixels, at least 32: that of the picture beside it.
    thickness : int, optional
        The width of the colors in pixels. By default in proportion to the letters.
    label, unit : str, optional
        What the numbers are, and their unit, as in "Depth (m)".
    ticks : int or sequence of float, optional
        How many numbers at most, or which; by default as many as look well. Numbers that
        would touch are left out. Values outside the range are not marked.
    format : str or callable, optional
        How numbers are written: ``".2f"``, ``"{:.0f} %"`` or a function. By default all
        with as many decimals as they need.
    extend : {"neither", "min", "max", "both"}, optional
        Where arrowheads show the colors of values out of range. By default where the map
        has colors of its own for them.
    no_data : str or bool, default False
        Adds a field with the color of invalid values, and this text or "no data".
    theme : {"light", "dark"}, default "light"
        Dark letters for light pages, or light ones for dark pages.
    background : color, optional
        By default that of the theme; with alpha in *order* transparent. One that is not
        opaque needs alpha in *order*.
    font_size : int, optional
        Of letters, in pixels, 6 to 400; by default it grows with the length.
    order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"
        The components of the image and their order.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3) or (H, W, 4)
        The image. The pixels of the bar have the very colors that `colorize` gives to the
        values that they stand for. With no arrowheads and no field they begin one outline,
        ``max(1, font_size // 14)`` pixels, from the left and the bottom of a vertical bar,
        from the left and the top of a horizontal one.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If an argument's value is not allowed, or there is no range.

    Examples
    --------
    >>> import turbo_cmap
    >>> turbo_cmap.colorbar(vmin=0.5, vmax=8, label="Depth", unit="m", length=480).shape[0]
    480
    >>> turbo_cmap.colorbar("viridis", vmin=0, vmax=1, orientation="horizontal").shape[1]
    256
    """
    caller = "colorbar"
    scale = as_bar_scale(caller, colors, vmin, vmax, norm, center)
    style = as_style(
        caller, orientation, length, thickness, theme, background, font_size, order, extend, scale
    )
    check_texts(caller, label, unit, format, no_data)
    names = no_data if isinstance(no_data, str) else "no data" if no_data else ""
    bar = Bar(scale, style, names)
    tick = bar.choose_ticks(caller, ticks, format)
    return bar.draw(tick, title_of(label, unit, tick.exponent))


def beside(
    image: ArrayLike,
    bar: ArrayLike,
    *,
    side: Literal["right", "bottom", "left", "top"] = "right",
    gap: int | None = None,
    background: ColorLike | None = None,
) -> AnyArray:
    """A picture and its color bar as one image.

    Parameters
    ----------
    image, bar : array_like of uint8, shape (H, W), (H, W, 3) or (H, W, 4)
        Components in the same order. The smaller one is centered along the other.
    side : {"right", "bottom", "left", "top"}, default "right"
        Where the bar goes.
    gap : int, optional
        Pixels between them; by default a fortieth of the side along which they are joined, at
        least 6.
    background : color, optional
        By default that of the bar: the color of its last pixel.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3), or (H, W, 4) if one of them has alpha

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> depth = np.linspace(0.5, 8, 240 * 320).reshape(240, 320)
    >>> bar = turbo_cmap.colorbar(vmin=0.5, vmax=8, unit="m", length=240)
    >>> turbo_cmap.beside(turbo_cmap.colorize(depth), bar).shape[0]
    240
    """
    caller = "beside"
    if side not in ("right", "bottom", "left", "top"):
        raise ValueError(f"{caller}(): side must be right, bottom, left or top, got {side!r}")
    first, second = (_as_picture(caller, *given) for given in (("image", image), ("bar", bar)))
    components = max(first.shape[2], second.shape[2])
    along, across = (0, 1) if side in ("right", "left") else (1, 0)
    size = max(first.shape[along], second.shape[along])
    gap = max(6, size // 40) if gap is None else as_pixels(caller, "gap", gap, 0, 1 << 16)
    fill = second[-1, -1] if second.size else np.full(second.shape[2], 255, np.uint8)
    if background is not None:
        rgba = parse_color(background, f"{caller}(): background")
        fill = np.rint(255 * np.array(rgba)).astype(np.uint8)
        if rgba[3] < 1:
            components = 4
    shape = [0, 0, components]
    shape[along] = size
    shape[across] = first.shape[across] + gap + second.shape[across]
    joined = np.empty(shape, np.uint8)
    joined[...] = _with_alpha(fill[np.newaxis, np.newaxis], components)
    at_start, at_end = (first, second) if side in ("right", "bottom") else (second, first)
    for picture, begin in ((at_start, 0), (at_end, at_start.shape[across] + gap)):
        offset = [0, 0]
        offset[across] = begin
        offset[along] = (size - picture.shape[along]) // 2
        y, x = offset
        height, width = picture.shape[:2]
        joined[y : y + height, x : x + width] = _with_alpha(picture, components)
    return joined


def _as_picture(caller: str, name: str, given: ArrayLike) -> AnyArray:
    picture = np.asarray(given)
    if picture.dtype != np.uint8:
        raise TypeError(f"{caller}(): {name} must be uint8, got dtype {picture.dtype}")
    if picture.ndim == 2:
        picture = np.repeat(picture[..., np.newaxis], 3, axis=2)
    if picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ValueError(
            f"{caller}(): {name} must have shape (H, W), (H, W, 3) or (H, W, 4), "
            f"got {np.shape(given)}"
        )
    return picture


def _with_alpha(picture: AnyArray, components: int) -> AnyArray:
    if picture.shape[2] >= components:
        return picture[..., :components]
    opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
    return np.concatenate([picture, opaque], axis=2)
