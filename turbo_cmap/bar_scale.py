"""The scale of a color bar: a map with a range, and the way between values and places on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import as_limit, as_limits
from .colormap import CmapLike, Colormap, get_cmap
from .kernels.palette import Order
from .norms import NAMES, InverseNorm, named_norm
from .painting import colorize

if TYPE_CHECKING:
    from . import ticks as marks


@runtime_checkable
class Colored(Protocol):
    """What a bar can be made of: a color map with a range, as `Colorizer` is."""

    @property
    def cmap(self) -> Colormap:
        """The map as it is used."""

    @property
    def vmin(self) -> float | None:
        """The value of the first color."""

    @property
    def vmax(self) -> float | None:
        """The value of the last color."""

    @property
    def norm(self) -> Any:
        """The name of the scale, or a matplotlib Normalize."""

    @property
    def center(self) -> float | None:
        """The value in the middle, if the scale is symmetric about it."""

    def positions(self, values: Any) -> FloatArray:
        """Where on the map values are, in [0, 1]."""

    def values(self, positions: Any) -> FloatArray:
        """The inverse."""

    def paint(self, values: Any, order: Order = "rgb") -> AnyArray:
        """The colors of values, uint8."""


class BarScale(NamedTuple):
    """A color map with a range, and how it is marked."""

    cmap: Colormap
    vmin: float
    vmax: float
    center: float | None
    norm: Any  # None if it is linear
    kind: marks.Kind
    positions: marks.Positions
    values: marks.Positions
    painter: Callable[[FloatArray, Order], AnyArray] | None = None

    def paint(self, values: FloatArray, order: Order) -> AnyArray:
        """The colors of values, uint8."""
        if self.painter is not None:
            return self.painter(values, order)
        limits: dict[str, Any] = {"vmin": self.vmin, "vmax": self.vmax, "center": self.center}
        if isinstance(self.norm, InverseNorm):
            limits |= {"norm": "inverse"}
        elif self.norm is not None:
            limits = {"norm": self.norm}
        return colorize(values, self.cmap, order=order, **limits)


def as_bar_scale(
    caller: str,
    colors: Colored | CmapLike | None,
    vmin: float | None,
    vmax: float | None,
    norm: Any,
    center: float | None,
) -> BarScale:
    """The scale of a bar, from the arguments of `turbo_cmap.colorbar`.

    Raises
    ------
    TypeError, ValueError
        If one is not allowed, or there is no range.
    """
    if isinstance(colors, Colored):
        given = {"vmin": vmin, "vmax": vmax, "norm": norm, "center": center}
        for name, value in given.items():
            if value is not None:
                raise ValueError(
                    f"{caller}(): {name} must be None with a Colorizer, which has its own, "
                    f"got {value!r}"
                )
        if colors.vmin is None or colors.vmax is None:
            raise ValueError(f"{caller}(): the Colorizer must have a range, got one without")
        kind = _kind(colors.norm)
        limits = float(colors.vmin), float(colors.vmax), colors.center
        return BarScale(
            colors.cmap, *limits, colors.norm, kind, colors.positions, colors.values, colors.paint
        )
    lo, hi = as_limits(caller, vmin, vmax)
    middle = as_limit(caller, "center", center)
    if colors is None and middle is not None:
        colors = "turbo_diverging"
    if isinstance(getattr(norm, "vmin", None), (int, float, np.number)):
        lo = float(norm.vmin) if lo is None else lo
        hi = float(norm.vmax) if hi is None and norm.vmax is not None else hi
    if middle is not None:
        reach = [abs(limit - middle) for limit in (lo, hi) if limit is not None]
        if not reach:
            raise ValueError(f"{caller}(): vmin or vmax must be given with center, got neither")
        if (lo is not None and lo > middle) or (hi is not None and hi < middle):
            raise ValueError(
                f"{caller}(): center must lie between vmin and vmax, got {middle} with "
                f"vmin={lo} and vmax={hi}"
            )
        lo, hi = middle - max(reach), middle + max(reach)
    if lo is None or hi is None:
        raise ValueError(
            f"{caller}(): vmin and vmax must be given with a color map, got {lo} and {hi}"
        )
    return _scale(caller, get_cmap(colors), lo, hi, norm, middle)


def _scale(
    caller: str, cmap: Colormap, vmin: float, vmax: float, norm: Any, center: float | None
) -> BarScale:
    if isinstance(norm, str):
        if norm not in NAMES or norm == "equalize":
            raise ValueError(
                f"{caller}(): norm must be one of {', '.join(NAMES[:-1])}, got {norm!r}"
            )
        kind = _kind(norm)
        norm = None if norm == "linear" else named_norm(norm, vmin, vmax, caller)
    elif norm is None:
        kind = "linear"
    elif not callable(norm):
        raise TypeError(
            f"{caller}(): norm must be a name or a matplotlib Normalize, got {type(norm).__name__}"
        )
    else:
        if getattr(norm, "vmin", None) != vmin or getattr(norm, "vmax", None) != vmax:
            import copy

            norm = copy.copy(norm)
            norm.vmin, norm.vmax = vmin, vmax
        kind = _kind(norm)
        center = getattr(norm, "vcenter", center)
    if norm is None:
        to, back = _linear(vmin, vmax)
    elif hasattr(norm, "boundaries"):
        edges = np.asarray(norm.boundaries, np.float64)
        even = np.linspace(0, 1, len(edges))
        to, back = (lambda x: np.interp(x, edges, even)), (lambda t: np.interp(t, even, edges))
    else:
        to, back = _called(norm), _called(norm.inverse)
    return BarScale(cmap, vmin, vmax, center, norm, kind, to, back)


def _kind(norm: Any) -> marks.Kind:
    """How ticks are chosen."""
    name = norm if isinstance(norm, str) else type(norm).__name__
    if name in ("linear", "Normalize", "CenteredNorm"):
        return "linear"
    return "log" if name in ("log", "LogNorm") else "other"


def _linear(vmin: float, vmax: float) -> tuple[marks.Positions, marks.Positions]:
    half = vmax / 2 - vmin / 2  # the difference itself may be too large

    def positions(x: FloatArray) -> FloatArray:
        if half == 0:
            return np.where(x < vmin, 0.0, np.where(x > vmax, 1.0, 0.5))
        return np.asarray((x / 2 - vmin / 2) / half)

    return positions, lambda t: np.asarray(vmin * (1 - t) + vmax * t)


def _called(function: Callable[[Any], Any]) -> marks.Positions:
    def call(x: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            found = np.ma.filled(np.ma.asarray(function(x), np.float64), np.nan)
        return np.asarray(found, np.float64)

    return call
