"""What others do with the same array, each as its own documentation or source has it.

A peer is a function that takes an `Image` and returns the call to be timed. It imports its library
itself, so that one that is not installed is absent and not fatal. `PEERS` says by which rule each
rounds; its result is held against that before it is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

import turbo_cmap

Array = np.ndarray[Any, np.dtype[Any]]
Call = Callable[[], Array]


class DifferentError(Exception):
    """A result that is not the picture it should be."""


# --- the table, as they round it ---


@cache
def published() -> Array:
    """The 256 published colors, ``rint(255 * c)``."""
    levels = np.arange(256, dtype=np.uint8)
    return turbo_cmap.colorize(levels, vmin=0, vmax=255, backend="numpy")


@cache
def truncated() -> Array:
    """The same, ``trunc(255 * c)``, as matplotlib has them."""
    floats = turbo_cmap.colorize(
        np.arange(256, dtype=np.uint8), vmin=0, vmax=255, dtype="float32", backend="numpy"
    )
    return (floats.astype(np.float64) * 255).astype(np.uint8)


# --- the peers ---


@dataclass(frozen=True)
class Image:
    """Values, and those of them that the first and the last color stand for."""

    values: Array
    lo: float
    hi: float


@dataclass(frozen=True)
class Peer:
    """One way to color an array.

    Attributes
    ----------
    make : callable
        ``make(image)`` returns the call to be timed.
    table : callable
        `published` or `truncated`: how it rounds.
    tolerance : int
        How many entries of the table it may be away from ``trunc(256 * t)``: 1 where it takes
        ``255 * t`` instead, or computes in another precision.
    scratch : int
        Bytes per pixel that it allocates, result included, at most.
    bgr : bool
        Whether the result is in OpenCV's order.
    """

    make: Callable[[Image], Call]
    table: Callable[[], Array]
    tolerance: int
    scratch: int
    bgr: bool = False


def _opencv(image: Image, *, rgb: bool) -> Call:
    import cv2

    cv2.setNumThreads(1)
    values = image.values
    bgr = np.empty((*values.shape, 3), np.uint8)
    out = np.empty_like(bgr) if rgb else bgr
    level = values if values.dtype == np.uint8 else np.empty(values.shape, np.uint8)
    alpha = 255 / (image.hi - image.lo)
    beta = -alpha * image.lo

    def call() -> Array:
        if level is not values:
            cv2.convertScaleAbs(values, level, alpha, beta)
        cv2.applyColorMap(level, cv2.COLORMAP_TURBO, bgr)
        if rgb:
            cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, out)
        return out

    return call


def _matplotlib(image: Image, norm: Any = None) -> Call:
    import matplotlib
    from matplotlib.colors import Normalize

    colormap = matplotlib.colormaps["turbo"]
    norm = norm or Normalize(image.lo, image.hi)
    return lambda: colormap(norm(image.values), bytes=True)


def _percentiles_and_matplotlib(image: Image) -> Call:
    import matplotlib
    from matplotlib.colors import Normalize

    colormap = matplotlib.colormaps["turbo"]

    def call() -> Array:
        lo, hi = np.percentile(image.values, [2, 98])
        return colormap(Normalize(lo, hi)(image.values), bytes=True)

    return call


def _silx(image: Image, normalization: str = "linear") -> Call:
    from silx.math.colormap import cmap

    table = published()
    return lambda: cmap(image.values, table, image.lo, image.hi, normalization)


def _pyapp_kit_cmap(image: Image) -> Call:
    from cmap import Colormap

    colormap = Colormap("turbo")
    values, lo, hi = image.values, image.lo, image.hi
    return lambda: colormap((values - lo) / (hi - lo), bytes=True)


def _numpy_idiom(image: Image) -> Call:
    lut = published()
    x, lo, hi = image.values, image.lo, image.hi
    return lambda: lut[(np.clip((x - lo) / (hi - lo), 0, 1) * 255).astype(np.uint8)]


def _monodepth2_idiom(image: Image) -> Call:
    # github.com/nianticlabs/monodepth2, test_simple.py, with turbo in place of magma
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    x = image.values

    def call() -> Array:
        vmax = np.percentile(x, 95)
        mapper = ScalarMappable(norm=Normalize(vmin=x.min(), vmax=vmax), cmap="turbo")
        return (mapper.to_rgba(x)[..., :3] * 255).astype(np.uint8)

    return call


PEERS = {
    "OpenCV": Peer(partial(_opencv, rgb=False), published, 1, 0, bgr=True),
    "OpenCV, then BGR to RGB": Peer(partial(_opencv, rgb=True), published, 1, 0),
    "matplotlib": Peer(_matplotlib, truncated, 0, 24),
    "silx": Peer(_silx, published, 1, 4),
    "pyapp-kit cmap": Peer(_pyapp_kit_cmap, truncated, 1, 24),
    "NumPy idiom": Peer(_numpy_idiom, published, 1, 12),
    "monodepth2 idiom": Peer(_monodepth2_idiom, truncated, 1, 60),
}

#: Not one of `PEERS`: its range is its own, and it is compared with those that find one too.
PERCENTILES = Peer(_percentiles_and_matplotlib, truncated, 1, 24)


def matplotlib_with(norm: Any) -> Peer:
    """Have matplotlib take a norm of its own."""
    return Peer(partial(_matplotlib, norm=norm), truncated, 1, 48)


def silx_with(normalization: str) -> Peer:
    """Have silx take one of its other normalizations."""
    return Peer(partial(_silx, normalization=normalization), published, 1, 4)


# --- what their results must be ---


def indices(colors: Array, table: Array) -> Array:
    """Which entry of a table each color is.

    Parameters
    ----------
    colors : ndarray of uint8, shape (N, 3)
    table : ndarray of uint8, shape (256, 3)
        No two entries the same.

    Raises
    ------
    DifferentError
        If a color is not in the table.
    """
    weights = np.array([65536, 256, 1])
    keys, known = colors @ weights, table @ weights
    order = np.argsort(known)
    places = order[np.searchsorted(known, keys, sorter=order).clip(max=len(table) - 1)]
    if (known[places] != keys).any():
        raise DifferentError("it has colors that are not in the table")
    return places


def compare(
    result: Array, expected: Array, table: Callable[[], Array], tolerance: int, *, bgr: bool = False
) -> None:
    """Hold a sample of a picture against what it should be.

    Parameters
    ----------
    result : ndarray of uint8, shape (..., 3) or (..., 4)
    expected : ndarray of int, shape (N,)
        Entries of the table that pixels spread over the picture should have, see `spread`.
    table : callable
    tolerance : int
    bgr : bool
        See `Peer`.

    Raises
    ------
    DifferentError
        If it is something else.
    """
    colors = spread(result.reshape(-1, result.shape[-1]), result[..., 0].size)[:, :3]
    entries = indices(colors[:, ::-1] if bgr else colors, table())
    distance = int(np.abs(entries - expected).max())
    if distance > tolerance:
        raise DifferentError(f"{distance} entries away from what its rule gives")


def spread(pixels: Array, count: int) -> Array:
    """About 65,536 of *count* pixels, evenly spread."""
    return pixels[:: max(1, count // 65536)]
