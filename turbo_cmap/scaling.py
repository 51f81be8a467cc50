"""From what users say about a scale to what kernels take.

A `Scaling` is what was asked for. With `Data` it becomes one of the scales with limits:
`Linear`, `Centered`, `Normed` or `Equalized`, which know the value of each position and
compile themselves for a dtype and a number of colors.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import as_limit, as_limits, as_percentiles
from .compiler import compile_norm, positions_of
from .norms import NAMES, autoscaled, autoscaled_to, domain, named_norm
from .scale import Scale, affine, is_single, mirrored
from .steps import Steps, equalized, extended_to_infinity

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

#: What ``norm=`` accepts.
NormLike: TypeAlias = "str | Normalize"


class Data(Protocol):
    """Values that limits are taken from: one array or many."""

    def extent(self, percents: tuple[float, float] | None = None) -> tuple[float, float]:
        """Finite minimum and maximum, or two percentiles; ``low > high`` if no value counts."""

    def within(self, above: float, low: float = -math.inf, high: float = math.inf) -> Data:
        """Only the values greater than *above* that are in [low, high]."""

    def quantiles(self, parts: FloatArray) -> AnyArray:
        """The smallest values that parts of all finite ones do not exceed; empty if there are none.

        float32 or float64, as the values are computed in.
        """

    def finite(self) -> AnyArray:
        """The finite values that count, 1-D."""


class Linear(NamedTuple):
    """Positions proportional to the distance from *vmin*."""

    vmin: float
    vmax: float
    center: None = None
    norm: Any = "linear"

    def compile(self, dtype: np.dtype[Any], n: int) -> Scale:
        """For kernels; the same scale for tables and for functions of the position."""
        return affine(self.vmin, self.vmax, dtype)

    def compile_position(self, dtype: np.dtype[Any]) -> Scale | None:
        """For maps that are functions of the position; None if the norm has to be asked."""
        return affine(self.vmin, self.vmax, dtype)

    def positions(self, values: FloatArray) -> FloatArray:
        """Positions of values, in [0, 1] within the limits; NaN where there is none."""
        span = self.vmax - self.vmin
        if span == 0:
            return np.where(np.isnan(values), np.nan, 0.0)
        with np.errstate(over="ignore"):
            return (values - self.vmin) / span

    def values(self, positions: FloatArray) -> FloatArray:
        """Values of positions."""
        return self.vmin * (1 - positions) + self.vmax * positions


class Centered(NamedTuple):
    """Linear to both sides of *center*, which is in the middle, as far as *halfrange*."""

    center: float
    halfrange: float
    norm: Any = "linear"

    @property
    def vmin(self) -> float:
        """The value of the first color."""
        return max(self.center - self.halfrange, -sys.float_info.max)

    @property
    def vmax(self) -> float:
        """The value of the last color."""
        return min(self.center + self.halfrange, sys.float_info.max)

    def compile(self, dtype: np.dtype[Any], n: int) -> Scale:
        """See `Linear.compile`."""
        return mirrored(self.center, self.halfrange, dtype)

    def compile_position(self, dtype: np.dtype[Any]) -> Scale | None:
        """See `Linear.compile_position`."""
        return affine(self.vmin, self.vmax, dtype)  # a function needs no middle entry

    def positions(self, values: FloatArray) -> FloatArray:
        """See `Linear.positions`."""
        if self.halfrange == 0:
            return np.where(np.isnan(values), np.nan, 0.5 + np.sign(values - self.center) / 2)
        with np.errstate(over="ignore"):
            return 0.5 + (values - self.center) / self.halfrange / 2

    def values(self, positions: FloatArray) -> FloatArray:
        """See `Linear.values`."""
        return self.center + (positions - 0.5) * 2 * self.halfrange


class Normed(NamedTuple):
    """As a norm says, a named one (*name*) or a user's.

    Of named ones, infinities have the colors of the ends; a user's decides for itself.
    """

    norm: Any
    name: str | None
    center: None = None

    @property
    def vmin(self) -> float | None:
        """The norm's own; None where it has none."""
        return None if self.norm.vmin is None else float(self.norm.vmin)

    @property
    def vmax(self) -> float | None:
        """The norm's own; None where it has none."""
        return None if self.norm.vmax is None else float(self.norm.vmax)

    def compile(self, dtype: np.dtype[Any], n: int, caller: str = "colorize") -> Scale | None:
        """See `Linear.compile`; None if the norm has to be asked about each value."""
        if self.name is not None:
            return _named_steps(self.name, self.vmin, self.vmax, n, is_single(dtype), caller)
        if self.is_index and dtype.kind != "f":
            return None  # kernels have no integers that are not values
        return compile_norm(self.norm, n, is_single(dtype), caller)

    def compile_position(self, dtype: np.dtype[Any]) -> Scale | None:
        """See `Linear.compile_position`."""
        return None

    @property
    def is_index(self) -> bool:
        """Whether the norm leaves integers as they are, which then are entries of the map."""
        return type(self.norm).__name__ == "NoNorm"

    def ask(self, x: AnyArray, caller: str) -> AnyArray:
        """What the norm returns for values, checked; see `turbo_cmap.compiler.positions_of`."""
        if self.name is not None:
            most = np.finfo(x.dtype).max
            x = np.clip(x, -most, most)
        asked: AnyArray = positions_of(self.norm, x, caller)
        return asked

    def positions(self, values: FloatArray) -> FloatArray:
        """See `Linear.positions`."""
        return np.ma.filled(np.ma.asarray(self.ask(values, "positions"), np.float64), np.nan)

    def values(self, positions: FloatArray) -> FloatArray:
        """See `Linear.values`. ValueError if the norm has no inverse."""
        try:
            inverse = self.norm.inverse(positions)
        except Exception as error:
            raise ValueError(
                f"norm must have an inverse, but that of {type(self.norm).__name__} raised "
                f"{type(error).__name__}: {error}"
            ) from error
        return np.ma.filled(np.ma.asarray(inverse, np.float64), np.nan)


class Equalized(NamedTuple):
    """Each color for as many of the values as any other, with the *edges* between colors."""

    edges: AnyArray  # shape (n + 1,)
    center: None = None
    norm: Any = "equalize"

    @property
    def vmin(self) -> float:
        """The smallest value that was counted."""
        return float(self.edges[0])

    @property
    def vmax(self) -> float:
        """The largest value that was counted."""
        return float(self.edges[-1])

    def compile(self, dtype: np.dtype[Any], n: int) -> Scale:
        """See `Linear.compile`. The edges must be those of *n* colors."""
        kind = np.float32 if is_single(dtype) else np.float64
        return equalized(lambda parts: self.edges.astype(kind), n)

    def compile_position(self, dtype: np.dtype[Any]) -> Scale | None:
        """See `Linear.compile_position`."""
        return None

    def ask(self, x: AnyArray, caller: str) -> AnyArray:
        """Positions, below 0 and above 1 outside of the limits."""
        positions = self.positions(x)
        positions[x < self.vmin] = -1
        positions[x > self.vmax] = 2
        return positions

    def positions(self, values: FloatArray) -> FloatArray:
        """See `Linear.positions`. Linear between the edges."""
        edges = self.edges.astype(np.float64)
        parts = np.arange(len(edges)) / (len(edges) - 1)
        last = np.append(edges[1:] != edges[:-1], True)  # of edges that are equal, the upper
        if not last[:-1].any():
            return np.where(np.isnan(values), np.nan, 0.0)
        return np.asarray(np.interp(values, edges[last], parts[last]))

    def values(self, positions: FloatArray) -> FloatArray:
        """See `Linear.values`."""
        parts = np.arange(len(self.edges)) / (len(self.edges) - 1)
        return np.asarray(np.interp(positions, parts, self.edges))


#: A scale with its limits.
Fitted: TypeAlias = Linear | Centered | Normed | Equalized


@lru_cache(maxsize=64)
def _named_steps(
    name: str, vmin: float, vmax: float, n: int, single: bool, caller: str
) -> Steps | None:
    steps = compile_norm(named_norm(name, vmin, vmax, caller), n, single, caller)
    return None if steps is None else extended_to_infinity(steps)


class Scaling(NamedTuple):
    """What was asked for: limits or where to take them from, and the scale between them."""

    norm: Any  # one of NAMES, or a matplotlib Normalize
    vmin: float | None
    vmax: float | None
    center: float | None
    percents: tuple[float, float] | None

    def known(self) -> Fitted | None:
        """The scale, if no data are needed for its limits."""
        norm, vmin, vmax, center, _ = self
        if norm == "linear" and center is None:
            return None if vmin is None or vmax is None else Linear(vmin, vmax)
        if not isinstance(norm, str):
            return of_norm(norm) if norm.scaled() or _is_no_norm(norm) else None
        if self.center is not None:
            return None if self.vmin is self.vmax is None else self._centered(None)
        if self.norm == "equalize" or self.vmin is None or self.vmax is None:
            return None
        return _named(self.norm, self.vmin, self.vmax)

    def fit(self, data: Data, n: int) -> Fitted:
        """The scale with its limits, those that were not given taken from data.

        Parameters
        ----------
        data : Data
        n : int
            The number of colors, which "equalize" needs.

        Raises
        ------
        ValueError
            If the limits are not allowed with this norm.
        """
        known = self.known()
        if known is not None:
            return known
        if not isinstance(self.norm, str):
            return of_norm(_autoscaled(self.norm, data, self.percents))
        if self.center is not None:
            return self._centered(data)
        above = domain(self.norm)
        assert above is not None
        if self.norm == "equalize":
            return self._equalized(data, n)
        return _named(self.norm, *self._limits(data, above))

    def _limits(self, data: Data, above: float) -> tuple[float, float]:
        lo, hi = self.vmin, self.vmax
        low, high = data.extent() if above > -math.inf else data.extent(self.percents)
        if above > -math.inf and (low <= above or self.percents):
            allowed = data.within(above) if low <= above else data
            low, high = allowed.extent(self.percents)
        if low > high:  # nothing counts, so everything is bad and any range will do
            given = hi if lo is None else lo
            low = high = given if given is not None else 1.0 if above == 0 else 0.0
        # A limit that was given stays. Where all the data are beyond it, the other is put just
        # behind it: they are all under or over then, whereas in a range of nothing they would
        # all have the first color.
        if lo is not None:
            return lo, high if high >= lo else math.nextafter(lo, math.inf)
        if hi is not None:
            return low if low <= hi else math.nextafter(hi, -math.inf), hi
        return low, high

    def _centered(self, data: Data | None) -> Centered:
        center = self.center
        assert center is not None
        given = [abs(limit - center) for limit in (self.vmin, self.vmax) if limit is not None]
        if given or data is None:
            return Centered(center, max(given))
        low, high = data.extent(self.percents)
        reach = max(high - center, center - low) if low <= high else 0.0
        return Centered(center, min(reach, sys.float_info.max))

    def _equalized(self, data: Data, n: int) -> Equalized:
        lo, hi = self.vmin, self.vmax
        if self.percents is not None:
            low, high = data.extent(self.percents)
            lo, hi = low if lo is None else lo, high if hi is None else hi
        if lo is not None or hi is not None:
            data = data.within(
                -math.inf, -math.inf if lo is None else lo, math.inf if hi is None else hi
            )
        edges = data.quantiles(np.arange(n + 1) / n)
        return Equalized(edges if edges.size else np.zeros(n + 1))


@lru_cache(maxsize=64)  # matplotlib takes longer to make a norm than small images to be painted
def _named(name: str, vmin: float, vmax: float) -> Fitted:
    constant = vmin == vmax and name in ("sqrt", "symlog", "asinh")
    if name == "linear" or constant:
        return Linear(vmin, vmax, norm=name)
    return Normed(named_norm(name, vmin, vmax), name)


def of_norm(norm: Any) -> Linear | Normed:
    """A matplotlib norm that has its limits."""
    # matplotlib's linear norm, but for what it does where there is no range, is ours.
    if type(norm) is getattr(sys.modules.get("matplotlib.colors"), "Normalize", None):
        vmin, vmax = norm.vmin, norm.vmax
        if not norm.clip and vmin < vmax and math.isfinite(vmin) and math.isfinite(vmax):
            return Linear(float(vmin), float(vmax))
    return Normed(norm, None)


def _autoscaled(norm: Any, data: Data, percents: tuple[float, float] | None) -> Any:
    above = domain(norm)
    if above is None:  # it has a way of its own
        return autoscaled_to(norm, data.finite())
    low, high = data.extent()
    if percents is None:
        lowest = data.within(above).extent()[0] if low <= above else low
        return autoscaled(norm, low, high, lowest)
    allowed = data.within(above) if low <= above else data
    return autoscaled(norm, *allowed.extent(percents))


def _is_no_norm(norm: Any) -> bool:
    return type(norm).__name__ == "NoNorm"


def as_scaling(
    caller: str,
    norm: NormLike | None,
    vmin: float | None,
    vmax: float | None,
    center: float | None,
    robust: bool | Sequence[float],
) -> Scaling:
    """What a user says about a scale, checked.

    Raises
    ------
    TypeError, ValueError
        If something is not allowed; see `turbo_cmap.colorize`.
    """
    percents = as_percentiles(caller, robust)
    lo, hi = as_limits(caller, vmin, vmax)
    middle = as_limit(caller, "center", center)
    if norm is None:
        norm = "linear"
    elif isinstance(norm, str):
        if norm not in NAMES:
            raise ValueError(f"{caller}(): norm must be one of {', '.join(NAMES)}, got {norm!r}")
    elif not (callable(norm) and hasattr(norm, "autoscale_None")):
        raise TypeError(
            f"{caller}(): norm must be one of {', '.join(NAMES)} or a matplotlib Normalize, "
            f"got {norm!r}"
        )
    if not isinstance(norm, str) and not (lo is hi is None):
        raise ValueError(
            f"{caller}(): vmin and vmax must be None with a norm that holds its own limits, "
            f"got vmin={lo} and vmax={hi} with {type(norm).__name__}"
        )
    if middle is not None:
        if norm != "linear":
            raise ValueError(f"{caller}(): center must be None with norm={norm!r}, got {middle}")
        if (lo is not None and middle < lo) or (hi is not None and middle > hi):
            raise ValueError(
                f"{caller}(): center must lie between vmin and vmax, got {middle} with "
                f"vmin={lo} and vmax={hi}"
            )
    return Scaling(norm, lo, hi, middle, percents)
