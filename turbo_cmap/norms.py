"""Norms by name, and the limits of a norm from data."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ._typing import AnyArray

#: What ``norm=`` takes as strings.
NAMES = ("linear", "log", "inverse", "sqrt", "symlog", "asinh", "equalize")

#: The part of the larger limit within which "symlog" is linear and "asinh" nearly so: two
#: decades on each side of 0 are logarithmic.
LINEAR_PART = 0.01


class InverseNorm(NamedTuple):
    """1/x, linear from *vmax* at 0 to *vmin* at 1: near is the high end.

    The scale of disparity, for depths. 0 and below are bad. Computed in float64, whatever
    the values are. Where the limits are equal every positive value is at 0.
    """

    vmin: float
    vmax: float

    def __call__(self, value: AnyArray) -> AnyArray:
        """Positions of values."""
        x = np.asarray(value, np.float64)
        with np.errstate(all="ignore"):
            if self.vmin == self.vmax:
                t = np.zeros(x.shape)
            else:
                # (1/x - 1/vmax) / (1/vmin - 1/vmax) as a product that keeps both ends exact
                # and, having monotone factors, is monotone between them.
                span = self.vmax - self.vmin
                t = (self.vmax - x) / span * (self.vmin / x)
                beyond = np.minimum((self.vmax / x - 1) * (self.vmin / span), -math.ulp(0.0))
                t = np.where(x > self.vmax, beyond, t)
            return np.where(x > 0, t, np.nan)

    def inverse(self, value: AnyArray) -> AnyArray:
        """Values of positions."""
        t = np.asarray(value, np.float64)
        return 1 / (t / self.vmin + (1 - t) / self.vmax)


def named_norm(name: str, vmin: float, vmax: float, caller: str = "colorize") -> Any:
    """A scale by its name.

    Parameters
    ----------
    name : {"linear", "log", "inverse", "sqrt", "symlog", "asinh"}
        "linear", "log", "sqrt", "symlog" and "asinh" are matplotlib's Normalize, LogNorm,
        PowerNorm(0.5), SymLogNorm and AsinhNorm; of the last two *linthresh* and
        *linear_width* are `LINEAR_PART` of the limit farther from 0. "inverse" is
        `InverseNorm`. "equalize" has no norm without data: see `turbo_cmap.steps.equalized`.
    vmin, vmax : float
        Finite, ``vmin <= vmax``; for "log" and "inverse" positive.
    caller : str
        The public function, for errors.

    Returns
    -------
    callable
        With *vmin*, *vmax* and *inverse*, for `turbo_cmap.compiler.compile_norm`.

    Raises
    ------
    ValueError
        If the name is no such name, or the limits are not what it needs.
    """
    if name not in NAMES or name == "equalize":
        raise ValueError(f"{caller}(): norm must be one of {', '.join(NAMES)}, got {name!r}")
    if not vmin <= vmax:
        raise ValueError(f"{caller}(): vmin must not be greater than vmax, got {vmin} > {vmax}")
    if vmin <= domain(name):  # type: ignore[operator]
        raise ValueError(f"{caller}(): vmin must be greater than 0 with norm {name!r}, got {vmin}")
    if name == "inverse" or (name == "log" and vmin == vmax):
        # LogNorm would have 0 and below at 0 as well.
        return InverseNorm(vmin, vmax)
    from matplotlib import colors

    linear = LINEAR_PART * max(abs(vmin), abs(vmax)) or 1.0
    if name == "log":
        return colors.LogNorm(vmin, vmax)
    if name == "sqrt":
        return colors.PowerNorm(0.5, vmin, vmax)
    if name == "symlog":
        return colors.SymLogNorm(linear, vmin=vmin, vmax=vmax)
    if name == "asinh":
        return colors.AsinhNorm(linear, vmin, vmax)
    return colors.Normalize(vmin, vmax)


def domain(norm: Any) -> float | None:
    """Above which value a norm is defined.

    Parameters
    ----------
    norm : str, InverseNorm or matplotlib Normalize

    Returns
    -------
    float or None
        Exclusive; -inf where it is defined everywhere. The smallest finite value above it
        and the largest are all that `autoscaled` has to know. None if they are not enough:
        the norm is defined on some other set, or finds its limits in a way of its own; then
        `autoscaled_to` takes the values.
    """
    if isinstance(norm, (str, InverseNorm)):
        return 0.0 if norm in ("log", "inverse") or isinstance(norm, InverseNorm) else -math.inf
    for method in (type(norm).autoscale, type(norm).autoscale_None):
        if method.__module__ != "matplotlib.colors":
            return None
    # A norm with a transform takes those values for limits of which the result is finite.
    if (transform := getattr(norm, "_trf", None)) is None:
        return -math.inf
    probes = np.array([-1e30, -1.0, -1e-30, 0.0, 1e-30, 1.0, 1e30])
    try:
        with np.errstate(all="ignore"):
            defined = np.isfinite(np.asarray(transform.transform(probes))).tolist()
    except Exception:
        return None
    # Just below 0, where 0 is included: so that it is below 0 in float32, too.
    bounds = {0: -math.inf, 3: -(2.0**-149), 4: 0.0}
    undefined = defined.index(True) if True in defined else len(defined)
    return bounds.get(undefined) if all(defined[undefined:]) else None


def autoscaled(norm: Any, lo: float, hi: float, lo_in_domain: float | None = None) -> Any:
    """A norm with its limits set as matplotlib would, but from finite values only.

    Parameters
    ----------
    norm : matplotlib Normalize
        Not changed.
    lo, hi : float
        The smallest and the largest finite value; ``lo > hi`` if there is none.
    lo_in_domain : float, optional
        The smallest above `domain`, by default *lo*.

    Returns
    -------
    matplotlib Normalize
        *norm* itself if there is nothing to set, else a copy.
    """
    above = domain(norm)
    values = [
        value
        for value in (lo, hi, lo if lo_in_domain is None else lo_in_domain)
        if lo <= value <= hi and (above is None or value > above)
    ]
    return autoscaled_to(norm, np.array(values, np.float64))


def autoscaled_to(norm: Any, values: AnyArray) -> Any:
    """A norm with its limits set as matplotlib would from *values*, which are finite.

    Three things are not as in matplotlib: around a center with no deviation there is a tiny
    range, with the center in the middle; where all values are beyond a limit that was
    given, the other one is put so that they stay there, instead of an error; and without
    any values the limits are set to something.
    """
    import copy

    if norm.scaled():
        return norm
    made = copy.copy(norm)
    if "callbacks" in vars(made):  # or those who watch the original would hear of it
        made.callbacks = type(norm.callbacks)(signals=["changed"])
    if not values.size:
        value = next(v for v in (norm.vmin, norm.vmax, 0.5) if v is not None)
        values = np.array([value / 2, 2 * value] if value > 0 else [value - 1, value + 1])
    made.autoscale_None(values)
    center = getattr(made, "vcenter", None)
    if center is not None and made.vmin == center == made.vmax:
        half = 2.0 ** (math.frexp(center)[1] - 10)
        made.vmin = center - half
        made.vmax = center + half
    elif made.vmin is not None and made.vmax is not None and made.vmin > made.vmax:
        if norm.vmin is None:
            made.vmin = made.vmax / 2 if made.vmax > 0 else 2 * made.vmax - 1
        else:
            made.vmax = 2 * made.vmin if made.vmin > 0 else made.vmin / 2 + 1
    return made
