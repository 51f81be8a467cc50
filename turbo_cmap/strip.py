"""Color maps as they are found in pictures: color bars and strips."""

from __future__ import annotations

import numpy as np

from ._typing import AnyArray, FloatArray


def strip_colors(image: AnyArray) -> FloatArray:
    """The colors of an image of a color map, such as a color bar.

    Parameters
    ----------
    image : ndarray, shape (H, W, 3) or (H, W, 4)
        uint8, uint16 or floats in [0, 1]. Alpha does not count.

    Returns
    -------
    ndarray of float64, shape (N, 3)
        From left to right, or from bottom to top where that is the way it changes; the
        mean of the middle half across. Equal neighbors are one.

    Raises
    ------
    TypeError, ValueError
        If it is no RGB image, or differs across as a map does not.
    """
    if image.ndim != 3 or image.shape[2] not in (3, 4) or image.size == 0:
        raise ValueError(
            f"check(): an image of a map must have shape (H, W, 3) or (H, W, 4), got {image.shape}"
        )
    if image.dtype.kind == "u" and image.dtype.itemsize <= 2:
        srgb1 = image[..., :3] / np.iinfo(image.dtype).max
    elif image.dtype.kind == "f":
        srgb1 = image[..., :3].astype(np.float64)
    else:
        raise TypeError(
            f"check(): an image of a map must be uint8, uint16 or float, got {image.dtype}"
        )
    if not ((srgb1 >= 0) & (srgb1 <= 1)).all():
        raise ValueError(
            f"check(): an image of a map must lie in [0, 1], got {srgb1.min()} to {srgb1.max()}"
        )
    along_x, along_y = (_middle(srgb1, axis) for axis in (0, 1))
    across = 0 if _travel(along_x) >= _travel(along_y) else 1
    colors = along_x if across == 0 else along_y[::-1]
    middle = np.expand_dims(along_x if across == 0 else along_y, across)
    spread = float(np.median(np.abs(srgb1 - middle).max(axis=2)))
    if spread > 0.02:
        raise ValueError(
            "check(): an image of a map must be the same all across, got one that differs by "
            f"{255 * spread:.0f} levels; crop it to the color bar"
        )
    new = np.ones(len(colors), dtype=np.bool_)
    new[1:] = (colors[1:] != colors[:-1]).any(axis=1)
    return colors[new]


def _middle(srgb1: FloatArray, axis: int) -> FloatArray:
    """The mean of the middle half of the values across: less noise, and no frame or tick."""
    count = srgb1.shape[axis]
    inner = np.take(np.sort(srgb1, axis=axis), range(count // 4, count - count // 4), axis=axis)
    median = np.median(inner, axis=axis)
    # of what is left, so that the mean of equal values is that value
    offset = (inner - np.expand_dims(median, axis)).mean(axis=axis)
    return np.asarray(median + offset, dtype=np.float64)


def _travel(colors: FloatArray) -> float:
    return float(np.abs(np.diff(colors, axis=0)).sum())
