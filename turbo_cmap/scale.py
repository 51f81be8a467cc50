"""How numbers become positions on a color map."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np

from .steps import Steps

#: dtypes of at most 16 bits hold in float32 exactly; the kernels compute in it.
_SINGLE_KINDS = frozenset("?bBhHef")


def is_single(dtype: np.dtype[np.generic]) -> bool:
    """Whether values of the dtype are computed in float32: those of at most 16 bits, and it."""
    return dtype.char in _SINGLE_KINDS


class Affine(NamedTuple):
    """A linear scale, ready for the kernels.

    The position of ``x`` is ``(x * prescale - vmin) / (vmax - vmin)``, the difference and
    the quotient rounded to float32 where `single` is set and to float64 otherwise. `prescale` is 1
    but where ``vmax - vmin`` would overflow: then it is the power of two that keeps it
    finite, and `vmin` and `vmax` carry it already.
    """

    vmin: float
    vmax: float
    prescale: float
    single: bool


class Mirrored(NamedTuple):
    """A linear scale to both sides of a center, ready for the kernels.

    Entries are counted from the middle of the map by the distance from the center,
    ``|x * prescale - center| / halfrange``, so that ``center + d`` and ``center - d`` have
    mirrored entries, whatever is rounded. `prescale` and `single` as in `Affine`.
    """

    center: float
    halfrange: float
    prescale: float
    single: bool


#: What kernels take.
Scale: TypeAlias = Affine | Mirrored | Steps


def mirrored(center: float, halfrange: float, dtype: np.dtype[np.generic]) -> Mirrored:
    """The scale from ``center - halfrange`` to ``center + halfrange`` for values of one dtype.

    Parameters
    ----------
    center, halfrange : float
        Finite, ``halfrange >= 0``. Where it is 0, only the center is in range.
    dtype : dtype
        Of the values; see `affine`.
    """
    single = is_single(dtype)
    limit = 128 if single else 1024
    largest = max(abs(center), halfrange)
    prescale = 2.0 ** min(0, limit - 3 - math.frexp(largest)[1])
    return Mirrored(center * prescale, halfrange * prescale, prescale, single)


def affine(vmin: float, vmax: float, dtype: np.dtype[np.generic]) -> Affine:
    """The linear scale from *vmin* to *vmax* for values of one dtype.

    Parameters
    ----------
    vmin, vmax : float
        Finite, ``vmin <= vmax``. Where they are equal every finite value is at 0.
    dtype : dtype
        Of the values. bool, 8- and 16-bit integers, float16 and float32 are computed in
        float32 as in matplotlib (float16 too, which matplotlib lets overflow), others
        in float64.
    """
    single = is_single(dtype)
    if vmax - vmin < 2.0**127:
        return Affine(vmin, vmax, 1.0, single)
    limit = 128 if single else 1024
    # |vmax - vmin| < 2**exponent, and 2**limit is the first power that does not fit.
    exponent = math.frexp(vmax / 2 - vmin / 2)[1] + 1
    prescale = 2.0 ** min(0, limit - 1 - exponent)
    return Affine(vmin * prescale, vmax * prescale, prescale, single)
