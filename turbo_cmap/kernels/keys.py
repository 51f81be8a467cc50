"""Keys: unsigned integers of a type's width that are ordered as its values.

A key is the value's bits, with the sign bit turned for signed integers; for floats with
the sign bit turned where it is 0, and with all bits turned where it is 1. So -0 is just
below +0, and NaN is beyond the infinities; the finite values are one span.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._typing import AnyArray


def keys_of(values: AnyArray) -> AnyArray:
    """The keys of values.

    Parameters
    ----------
    values : ndarray of a numeric dtype in native byte order
        A bool is true where its byte is not 0.

    Returns
    -------
    ndarray of uint64, for types of up to 32 bits uint32, the shape of *values*
    """
    dtype = values.dtype
    wide = np.dtype(np.uint64 if dtype.itemsize == 8 else np.uint32)
    bits: AnyArray = values.view(f"u{dtype.itemsize}")
    keys: AnyArray = (bits != 0 if dtype.kind == "b" else bits).astype(wide)
    sign: Any = wide.type(1 << (8 * dtype.itemsize - 1))
    if dtype.kind == "f":
        keys = np.where(keys & sign, keys ^ (sign | (sign - 1)), keys | sign)
    elif dtype.kind == "i":
        keys ^= sign
    return keys


def values_of(keys: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """The values with those keys.

    Parameters
    ----------
    keys : ndarray of uint64
    dtype : dtype

    Returns
    -------
    ndarray of *dtype* in native byte order, for bool of uint8
    """
    if dtype.kind == "b":
        return keys.astype(np.uint8)
    sign = np.uint64(1 << (8 * dtype.itemsize - 1))
    bits = keys
    if dtype.kind == "f":
        bits = np.where(keys & sign, keys ^ sign, ~keys)
    elif dtype.kind == "i":
        bits = keys ^ sign
    return bits.astype(f"u{dtype.itemsize}").view(dtype.newbyteorder("="))


def finite_keys(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The first and the last key of the finite values of a dtype."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind != "f":
        return 0, (1 << 8 * dtype.itemsize) - 1
    greatest = np.finfo(dtype).max.astype(dtype.newbyteorder("="))
    least, most = keys_of(np.array([-greatest, greatest])).tolist()
    return least, most


def bin_counts(spans: AnyArray) -> AnyArray:
    """How many bins spans have; see `turbo_cmap.kernels.Backend.count`."""
    bins: AnyArray = ((spans[:, 1] - spans[:, 0]) >> spans[:, 2]) + np.uint64(1)
    return bins
