"""sRGB as IEC 61966-2-1:1999 defines it: its decoding, and its primaries in CIE XYZ."""

from __future__ import annotations

import numpy as np

from ._typing import FloatArray

#: Linear sRGB to CIE 1931 XYZ, white at Y = 1. IEC 61966-2-1:1999, equation 7.
XYZ_FROM_LINEAR_SRGB: FloatArray = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
XYZ_FROM_LINEAR_SRGB.flags.writeable = False


def decode(srgb1: FloatArray) -> FloatArray:
    """sRGB-encoded components in [0, 1] as linear light in [0, 1]; NaN stays NaN."""
    # IEC 61966-2-1:1999, equations 5 and 6
    curved: FloatArray = ((np.maximum(srgb1, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(srgb1 <= 0.04045, srgb1 / 12.92, curved)
