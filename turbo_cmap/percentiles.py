"""Percentiles and quantiles of the finite values that count, exactly.

Percentiles lie between two values as `np.percentile` has it, quantiles are values; the values
at ranks are found by `turbo_cmap.order_statistics`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import Source
from .kernels import Backend
from .kernels.keys import values_of
from .order_statistics import Walk, order_statistics
from .scale import is_single


def percentiles(
    backend: Backend,
    walk: Walk,
    dtype: np.dtype[Any],
    percents: Sequence[float],
    most: int | None = None,
    held: Sequence[Source] = (),
) -> list[float]:
    """Percentiles of the finite values that count.

    Parameters
    ----------
    backend, walk, dtype, most, held
        See `turbo_cmap.order_statistics.order_statistics`.
    percents : sequence of float
        In [0, 100].

    Returns
    -------
    list of float
        ``np.percentile(finite_values, percents)``, but for types and differences that
        overflow there; see `_interpolated`. NaN if no value counts.

    Raises
    ------
    ChangedError
        If *walk* gave other values in another pass.
    """

    def ranks(size: int) -> AnyArray:
        neighbors = (_neighbors(percent, size)[:2] for percent in percents)
        return np.unique(np.array([*neighbors], np.int64))

    size, keys = order_statistics(backend, walk, dtype, ranks, most, held)
    if size == 0:
        return [math.nan] * len(percents)
    values = dict(zip(ranks(size).tolist(), values_of(keys, dtype), strict=True))
    found = []
    for percent in percents:
        lower, upper, place = _neighbors(percent, size)
        found.append(_interpolated(values[lower], values[upper], place))
    return found


def quantiles(
    backend: Backend,
    walk: Walk,
    dtype: np.dtype[Any],
    parts: FloatArray,
    most: int | None = None,
    held: Sequence[Source] = (),
) -> AnyArray:
    """The smallest values that at least given parts of the values are not above.

    Parameters
    ----------
    backend, walk, dtype, most, held
        See `turbo_cmap.order_statistics.order_statistics`.
    parts : ndarray of float64, 1-D
        Ascending, in [0, 1].

    Returns
    -------
    ndarray, shape of *parts*, or (0,) if no value counts
        float32 for types that are computed in it (see `turbo_cmap.scale.is_single`), else
        float64, to which integers are rounded. For each part ``p`` the smallest of the finite
        values that count, ``v``, with ``count(values <= v) / count(values) >= p``; so the
        minimum for 0 and the maximum for 1.

    Raises
    ------
    ChangedError
        If *walk* gave other values in another pass.
    """

    def ranks(size: int) -> AnyArray:
        # The least count with count / size >= part, as these are rounded: so 0.1 of 10 values
        # is one, though the float 0.1 is a little more.
        count = np.ceil(parts * size)
        count -= (count - 1) / size >= parts
        count += count / size < parts
        return np.clip(count, 1, size).astype(np.int64) - 1

    size, keys = order_statistics(backend, walk, dtype, ranks, most, held)
    kind = np.float32 if is_single(dtype) else np.float64
    return values_of(keys, dtype).astype(kind) if size else np.empty(0, kind)


def _neighbors(percent: float, size: int) -> tuple[int, int, float]:
    """The ranks on both sides, and the place between them: `np.percentile`'s arithmetic."""
    place = (size - 1) * (percent / 100)
    if place >= size - 1:
        return size - 1, size - 1, 0.0
    rank = math.floor(place)
    return rank, rank + 1, place - rank


def _interpolated(a: Any, b: Any, place: float) -> float:
    """Between two values of one type, as ``np.percentile(values, [...])`` does it.

    Their difference is taken in their type, the rest is done in float64. Where that type
    cannot hold the difference, NumPy's is wrapped around or infinite; here it is the
    float64 that is nearest to it, and beyond float64 the values are halved.
    """
    if a.dtype.kind in "iu":
        difference = float(int(b) - int(a))
    else:
        with np.errstate(over="ignore"):
            difference = float(b - a)
        if math.isinf(difference):
            difference = float(b) - float(a)
    low, high = float(a), float(b)
    halved = math.isinf(difference)
    if halved:
        low, high = low / 2, high / 2
        difference = high - low
    between = high - difference * (1 - place) if place >= 0.5 else low + difference * place
    return 2 * between if halved else between
