"""How numbers are packed into integers and colors, where that is more than a factor.

A packing is a callable ``packing(stored) -> Decoded`` of an array of shape (H, W), or
(H, W, C) of colors; `turbo_cmap.io.Preset` has one as its ``decode``. Packings are values:
they can be compared and pickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray

__all__ = ["Decoded", "FloatBits", "Weighted"]


class Decoded(NamedTuple):
    """What a packing makes of stored values.

    Attributes
    ----------
    values : ndarray, shape (H, W)
    mask : ndarray of bool, shape (H, W), or None
        True where there is no measurement.
    """

    values: AnyArray
    mask: BoolArray | None = None


@dataclass(frozen=True)
class Weighted:
    """The channels of a color as digits of one number: the sum of each times its weight.

    Attributes
    ----------
    weights : tuple of float
        Of the first channels; others count for nothing. With 8 bits a channel the sum is
        exact in float32 where the weights are powers of two that are 24 bits apart at most.
    """

    weights: tuple[float, ...]

    def __call__(self, stored: AnyArray) -> Decoded:
        """Decode an array of shape (H, W, C), as float32."""
        values = np.zeros(stored.shape[:-1], np.float32)
        for channel, weight in enumerate(self.weights):
            values += stored[..., channel].astype(np.float32) * np.float32(weight)
        return Decoded(values)


@dataclass(frozen=True)
class FloatBits:
    """The bits of floats, kept as integers since a PNG has no floats.

    Attributes
    ----------
    dtype : str
        Of the floats, little-endian: "<f2" in gray of 16 bits, "<f4" in four channels of 8.
    channels : tuple of int
        Of colors: which channel is the first byte, which the second, and so on.
    """

    dtype: str
    channels: tuple[int, ...] = ()

    def __call__(self, stored: AnyArray) -> Decoded:
        """Decode an array of shape (H, W), or (H, W, C)."""
        if self.channels:
            packed = np.ascontiguousarray(stored[..., self.channels])
            values = packed.view(self.dtype)[..., 0]
        else:
            values = np.ascontiguousarray(stored, np.dtype(self.dtype.replace("f", "u"))).view(
                self.dtype
            )
        return Decoded(values.astype(values.dtype.newbyteorder("="), copy=False))


def rotated(stored: AnyArray) -> Decoded:
    """Words of 16 bits, rotated to the right by three bits."""
    words = stored.astype(np.uint16, copy=False)
    return Decoded(words >> 3 | words << 13)


def fixed_point(stored: AnyArray) -> Decoded:
    """Signed words, of which negative ones are none; also where they became unsigned."""
    values = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    if values.dtype == np.uint16:  # what a PNG makes of int16
        values = values.view(np.int16)
    return Decoded(values, values < 0)


def finite(stored: AnyArray) -> Decoded:
    """Floats as they are, of which infinite ones are none."""
    return Decoded(stored, np.isinf(stored))


def swapped(stored: AnyArray) -> Decoded:
    """Words with their bytes the other way round."""
    return Decoded(stored.astype(stored.dtype.newbyteorder("="), copy=False).byteswap())


#: camera_params.m and depth_rel2depth_abs.m of the NYU Depth V2 toolbox.
_NYU_PARAMETERS = 351.3, 1092.5
_NYU_LARGEST_M = 10.0


def nyu_raw(stored: AnyArray) -> Decoded:
    """Depth in meters of Kinect's raw disparities, as the toolbox has it, which ends at 10 m."""
    numerator, zero = _NYU_PARAMETERS
    raw = swapped(stored).values
    none = raw >= zero  # 2047, the sensor's "no reading", among them
    with np.errstate(divide="ignore"):
        depth_m = numerator / (zero - raw.astype(np.float32))
    return Decoded(np.minimum(depth_m, np.float32(_NYU_LARGEST_M)), none)


#: readme.txt of the KITTI flow development kit: flow = (stored - 2**15) / 64.
_KITTI_FLOW_ZERO, _KITTI_FLOW_STEPS = 2**15, 64


def kitti_flow(stored: AnyArray) -> Decoded:
    """How far a pixel moves, of R and G; where B is 0 that is not known."""
    u, v = (
        (stored[..., channel].astype(np.float32) - _KITTI_FLOW_ZERO) / _KITTI_FLOW_STEPS
        for channel in (0, 1)
    )
    return Decoded(np.hypot(u, v), stored[..., 2] == 0)
