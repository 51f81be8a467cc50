"""From positions on a map back to values, for any norm."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ._typing import FloatArray
from .compiler import compile_norm
from .norms import named_norm
from .steps import BAD, OVER, UNDER, Steps

#: Maps positions, float64 in [0, 1] and also -inf, inf and NaN, which stay, to values.
Values: TypeAlias = Callable[[FloatArray], FloatArray]


def norm_values(norm: Any, low: float, high: float, n: int, caller: str) -> Values:
    """The way back from positions to values.

    Parameters
    ----------
    norm : str, matplotlib Normalize or callable
        One without an inverse is asked which values get which color; each color then
        stands for the middle of its values.
    low, high : float
        Its limits where it has none of its own.
    n : int
        Number of colors.
    caller : str
        The public function, for errors.

    Raises
    ------
    TypeError, ValueError
        If it is no norm, has no inverse and is not monotone, or has other limits.
    """
    if isinstance(norm, str):
        return _by_inverse(named_norm(norm, low, high, caller), n, caller)
    if not callable(norm):
        raise TypeError(
            f"{caller}(): norm must be a name, a matplotlib Normalize or a callable, "
            f"got {type(norm).__name__}"
        )
    return _by_inverse(_with_limits(norm, low, high, caller), n, caller)


def _with_limits(norm: Any, low: float, high: float, caller: str) -> Any:
    """A matplotlib norm with limits: its own, and others where it has none."""
    if not hasattr(norm, "vmin") or not hasattr(norm, "vmax"):
        return norm
    for name, own, given, default in (
        ("vmin", norm.vmin, low, 0.0),
        ("vmax", norm.vmax, high, 1.0),
    ):
        if own is not None and given not in (default, own):
            raise ValueError(
                f"{caller}(): {name} must be left out where norm has one, "
                f"got {given} and a norm with {own}"
            )
    if norm.vmin is not None and norm.vmax is not None:
        return norm
    made = copy.copy(norm)
    if "callbacks" in vars(made):  # or those who watch the original would hear of it
        made.callbacks = type(norm.callbacks)(signals=["changed"])
    if made.vmin is None:
        made.vmin = low
    if made.vmax is None:
        made.vmax = high
    return made


def _by_inverse(norm: Any, n: int, caller: str) -> Values:
    inverse = getattr(norm, "inverse", None)
    if not callable(inverse):
        return _by_steps(norm, n, caller)
    probes = np.array([0.25, 0.5, 0.75])
    try:
        with np.errstate(all="ignore"):
            inverse(probes)
    except Exception:  # BoundaryNorm has one that only raises
        return _by_steps(norm, n, caller)

    def values(positions: FloatArray) -> FloatArray:
        outside = ~np.isfinite(positions)
        with np.errstate(all="ignore"):
            asked = np.where(outside, 0.5, positions)
            found = np.ma.filled(np.ma.asarray(inverse(asked), np.float64), np.nan)
        found[outside] = positions[outside]
        return found

    return values


def _by_steps(norm: Any, n: int, caller: str) -> Values:
    """A norm that cannot be inverted: the middle of the values that have a color."""
    steps = compile_norm(norm, n, single=False, caller=caller)
    if steps is None:
        raise ValueError(
            f"{caller}(): norm must have an inverse or be monotone, got {type(norm).__name__}"
        )
    table = _middles(steps, n, norm, caller)

    def values(positions: FloatArray) -> FloatArray:
        outside = ~np.isfinite(positions)
        entries = np.where(outside, 0, positions * n).astype(np.intp)
        found = table[np.minimum(entries, n - 1)]
        found[outside] = positions[outside]
        return found

    return values


def _middles(steps: Steps, n: int, norm: Any, caller: str) -> FloatArray:
    """For each color the middle of its values; for one without any, that of the nearest with."""
    bounds = np.concatenate([[-np.inf], steps.edges.astype(np.float64), [np.inf]])
    low, high = bounds[:-1], bounds[1:]
    # Of a piece without an end the limit of the norm is the end, if it is in it.
    limits = [getattr(norm, "vmin", None), getattr(norm, "vmax", None)]
    first, last = (np.nan if one is None else float(one) for one in limits)
    low = np.where(np.isinf(low), np.where(first < high, first, high), low)
    high = np.where(np.isinf(high), np.where(last > low, last, low), high)
    colored = (steps.codes != UNDER) & (steps.codes != OVER) & (steps.codes != BAD)
    if not colored.any():
        raise ValueError(f"{caller}(): norm must give some value a color, got {norm!r}")
    table = np.full(n, np.nan)
    codes = steps.codes[colored]
    for code in np.unique(codes):
        pieces = codes == code
        table[code] = low[colored][pieces].min() / 2 + high[colored][pieces].max() / 2
    used = np.unique(codes)
    every = np.arange(n)
    after = np.minimum(np.searchsorted(used, every), len(used) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(used[before] - every) <= np.abs(used[after] - every)
    return table[np.where(nearer, used[before], used[after])]
