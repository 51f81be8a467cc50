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


def value_of(key: int, dtype: np.dtype[Any]) -> Any:
    """The value with that key, as a scalar of the dtype; bool as uint8."""
    if dtype.kind == "b":
        return np.uint8(key)
    bits = 8 * dtype.itemsize
    sign = 1 << (bits - 1)
    if dtype.kind == "f":
        key ^= sign if key & sign else (1 << bits) - 1
    elif dtype.kind == "i":
        key ^= sign
    return np.array(key, dtype=f"u{dtype.itemsize}").view(dtype.newbyteorder("="))[()]


def finite_keys(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The first and the last key of the finite values of a dtype."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind != "f":
        return 0, (1 << 8 * dtype.itemsize) - 1
    greatest = np.finfo(dtype).max.astype(dtype.newbyteorder("="))
    least, most = keys_of(np.array([-greatest, greatest])).tolist()
    return least, most
