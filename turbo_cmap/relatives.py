"""Turbo's relatives: its own colors, met at other times along the way.

Turbo's curve takes its colors at an uneven pace and is not equally light on both sides of
its middle. A `Timing` says when to be where on a curve, so that the colors stay what they
are and what changes is how long each is dwelt on:

- *uniform*: steps of equal difference, in CAM02-UCS [1]_. Turbo's own steps differ by a
  factor of 6: it hurries through the blues and dwells on the greens.
- *balanced*: a diverging map, whose center is the lightest color and in which what is as
  far below the center as above is as light.

**What balanced means.** The center is at the lightest point of the curve, t = 0.504. From
there J' falls on both sides, but the blue end is darker (15.6) than the red one (28.8);
the map starts where the blue side is as light as the red end, at t = 0.045, so that both
ends are equally light. Now one profile J'(d), over the distance d from the center, fixes the
timing on both sides. A straight one is bad to look at: at its peak J' is flat, so that equal
steps of it are very unequal steps along the curve, and the longest of them, five times the
average, are next to zero, where a difference image has its noise. The profile here is the
one for which a step in d changes the colors of the two sides, taken together, by the same
amount everywhere (within 14 %, since the spline that keeps it smooths the change of pace at
the center). It is round at the center and nearly straight towards the ends. The steps of
the single sides then differ by a factor of 1.9: where the blue side turns its hue, the red
side must wait for it to darken. That is the price of equal lightness.

Both timings are computed by the functions below, which need colorspacious, and kept here as
numbers, so that the maps do not.

References
----------
.. [1] Luo, Cui, Li (2006), "Uniform colour spaces based on CIECAM02 colour appearance
   model", Color Res. Appl. 31, 320-330; under the sRGB viewing conditions of IEC 61966-2-1.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ._typing import FloatArray
from .curve import Curve, ReversedCurve, Value, as_positions, evaluate, hermite, slopes
from .turbo import TURBO_CURVE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Samples of a curve from which a timing is computed; doubling them changes no digit.
_SAMPLES = 60_001


class Timing(Value):
    """When to be where: a smooth, strictly increasing function of [0, 1] into [0, 1].

    Parameters
    ----------
    nodes : array_like of float, shape (K,), K >= 2
        Its values at ``k / (K - 1)``. A cubic spline runs through them (not-a-knot, with a
        continuous second derivative).

    Raises
    ------
    TypeError
        If the nodes are no real numbers.
    ValueError
        If they have another shape, one is NaN or outside [0, 1], or the spline does not
        increase everywhere.
    """

    __slots__ = ("coefficients", "nodes")

    nodes: FloatArray
    coefficients: FloatArray

    def __init__(self, nodes: ArrayLike) -> None:
        values = as_positions("Timing", "nodes", nodes).copy()
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(f"Timing(): nodes must have shape (K,), K >= 2, got {values.shape}")
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(
                f"Timing(): nodes must lie in [0, 1], got {values.min()} to {values.max()}"
            )
        column = values[:, np.newaxis]
        coefficients = hermite(column, slopes(column, "not-a-knot"))
        if not _increases(coefficients[..., 0]):
            raise ValueError("Timing(): nodes must make a spline that increases everywhere")
        for array in (values, coefficients):
            array.flags.writeable = False
        self._set(tuple(values.tolist()), nodes=values, coefficients=coefficients)

    def __call__(self, s: ArrayLike) -> FloatArray:
        """The positions at given times.

        Parameters
        ----------
        s : array_like of real numbers
            Those outside [0, 1] are taken for the nearer end; NaN gives NaN.

        Returns
        -------
        ndarray of float64, shape ``s.shape``
        """
        return evaluate(self.coefficients, as_positions("Timing", "s", s))[..., 0]

    def __repr__(self) -> str:
        ends = f"{self.nodes[0]:.6g} to {self.nodes[-1]:.6g}"
        return f"<Timing, {len(self.nodes)} nodes, {ends}>"


class RetimedCurve(Value):
    """Another curve at the pace of a timing: ``curve(timing(s))``.

    Parameters
    ----------
    curve : callable
        Colors at positions in [0, 1].
    timing : Timing
    """

    __slots__ = ("curve", "timing")

    curve: Curve
    timing: Timing

    def __init__(self, curve: Curve, timing: Timing) -> None:
        self._set(curve, timing, curve=curve, timing=timing)

    def __call__(self, s: ArrayLike) -> FloatArray:
        """The colors at given times; see `KnotCurve.__call__`."""
        return self.curve(self.timing(s))

    def reversed(self) -> ReversedCurve:
        """The same colors from the last to the first."""
        return ReversedCurve(self)


def uniform_timing(curve: Curve = TURBO_CURVE, count: int = 129) -> Timing:
    """The timing by which the colors of a curve change at a constant pace.

    Parameters
    ----------
    curve : callable
        Colors at positions in [0, 1], any two neighboring ones different.
    count : int, default 129
        The number of nodes, 2 to 10,000.

    Returns
    -------
    Timing
        From 0 to 1. Equal steps in time are equal steps along the curve in CAM02-UCS, but
        for the interpolation between the nodes; those are rounded to six decimals.

    Raises
    ------
    TypeError, ValueError
        If the count is not allowed.
    """
    nodes = np.linspace(0.0, 1.0, _as_count("uniform_timing", count, odd=False))
    t, _, length = _walk(curve)
    return Timing(np.round(np.interp(nodes, length / length[-1], t), 6))


def balanced_timing(curve: Curve = TURBO_CURVE, count: int = 49) -> Timing:
    """The timing that makes a diverging map of a curve: equally light on both sides.

    Parameters
    ----------
    curve : callable
        Colors at positions in [0, 1], whose lightness J' rises to a single peak and falls.
    count : int, default 49
        The number of nodes, 3 to 9,999 and odd, so that the center is one of them. With
        few, the change of pace at the center is smooth.

    Returns
    -------
    Timing
        The lightest color is at 1/2 and the two ends are equally light: of one side only
        the part is used that is not darker than the other. How the profile of J' between
        is chosen stands at the top of this module.

    Raises
    ------
    TypeError, ValueError
        If the count is not allowed, or the lightness does not rise to a single peak inside
        the curve and fall.
    """
    distance = np.linspace(0.0, 1.0, (_as_count("balanced_timing", count, odd=True) + 1) // 2)
    t, lightness, length = _walk(curve)
    top = int(lightness.argmax())
    rises, falls = np.diff(lightness[: top + 1]) > 0, np.diff(lightness[top:]) < 0
    if not (rises.size and falls.size and rises.all() and falls.all()):
        raise ValueError("balanced_timing(): the lightness must rise to a single peak and fall")
    # The peak of the parabola through the three samples about it.
    before, at, after = lightness[top - 1 : top + 2]
    offset = (before - after) / 2 / (before - 2 * at + after)
    peak = t[top] + offset * (t[1] - t[0])
    most = at - (before - after) * offset / 4
    # Against the root of the darkening, positions and lengths are smooth at the peak.
    depth = np.sqrt(np.maximum(most - lightness, 0.0))
    common = min(depth[0], depth[-1])
    grid = np.linspace(0.0, common, len(t))
    sides = []
    for side in (slice(top - 1, None, -1), slice(top + 1, None)):
        x = np.concatenate([[0.0], depth[side]])
        positions = np.interp(grid, x, np.concatenate([[peak], t[side]]))
        sides.append(
            (positions, np.abs(np.interp(positions, t, length) - np.interp(peak, t, length)))
        )
    (low, low_length), (high, high_length) = sides
    both = low_length + high_length
    at_nodes = distance * both[-1]
    nodes = np.concatenate([np.interp(at_nodes, both, low)[:0:-1], np.interp(at_nodes, both, high)])
    return Timing(np.round(nodes, 6))


def _walk(curve: Curve) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Positions along a curve, J' there, and the length of the way there in CAM02-UCS."""
    from colorspacious import cspace_convert

    t = np.linspace(0.0, 1.0, _SAMPLES)
    jab_cam02ucs = cspace_convert(curve(t), "sRGB1", "CAM02-UCS")
    steps = np.linalg.norm(np.diff(jab_cam02ucs, axis=0), axis=1)
    return t, jab_cam02ucs[:, 0], np.concatenate([[0.0], np.cumsum(steps)])


def _as_count(caller: str, count: int, *, odd: bool) -> int:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
        raise TypeError(f"{caller}(): count must be an integer, got {type(count).__name__}")
    least = 3 if odd else 2
    if not least <= count <= 10_000 or (odd and count % 2 == 0):
        rule = f"{'odd and ' if odd else ''}from {least} to 10000"
        raise ValueError(f"{caller}(): count must be {rule}, got {count}")
    return int(count)


def _increases(cubics: FloatArray) -> bool:
    """Whether cubics, shape (segments, 4), have positive slopes for all u in [0, 1]."""
    _, c1, c2, c3 = cubics.T
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = -c2 / (3 * c3)  # where the slope is least or greatest
    turn = np.where((turn > 0) & (turn < 1), turn, 0.0)
    return all((c1 + u * (2 * c2 + u * (3 * c3)) > 0).all() for u in (0.0, 1.0, turn))


# The nodes in units of 1e-6.
# fmt: off
_BALANCED = (
      44587,   57504,   71363,   86288,  102402,  119840,  138681,  158827,  179828,  200451,
     219664,  237248,  253468,  268809,  283890,  299446,  316398,  336007,  356715,  377107,
     397771,  419325,  442666,  469442,  503821,  543645,  573651,  598163,  619537,  639144,
     657948,  676356,  692687,  706956,  720221,  733245,  746681,  761158,  777350,  796074,
     818354,  844799,  871873,  897736,  921834,  944039,  964426,  983101, 1000000,
)
_UNIFORM = (
          0,    2842,    5821,    8953,   12253,   15733,   19401,   23262,   27318,   31566,
      36004,   40628,   45435,   50421,   55585,   60927,   66447,   72148,   78034,   84111,
      90386,   96867,  103561,  110479,  117628,  125017,  132650,  140531,  148654,  157008,
     165567,  174226,  182760,  191026,  198936,  206450,  213567,  220303,  226688,  232757,
     238546,  244091,  249428,  254589,  259609,  264518,  269349,  274131,  278898,  283681,
     288514,  293434,  298482,  303704,  309153,  314894,  321010,  327611,  334831,  342252,
     349670,  357144,  364727,  372470,  380425,  388647,  397196,  406145,  415578,  425600,
     436341,  447962,  460662,  474697,  490421,  507883,  523786,  537608,  549880,  561021,
     571321,  580988,  590176,  599005,  607577,  615976,  624281,  632567,  640909,  649382,
     658068,  667057,  675988,  684569,  692876,  700971,  708908,  716732,  724486,  732209,
     739941,  747719,  755584,  763578,  771747,  780143,  788824,  797857,  807320,  817297,
     827881,  839080,  850434,  861776,  873008,  884048,  894834,  905324,  915493,  925331,
     934836,  944016,  952881,  961442,  969712,  977704,  985412,  992839, 1000000,
)
# fmt: on


@cache  # at the first use: importing the package does not wait for it
def turbo_balanced() -> RetimedCurve:
    """Turbo from t = 0.045 to 1, equally light on both sides: `balanced_timing` as numbers."""
    return RetimedCurve(TURBO_CURVE, Timing(np.array(_BALANCED) / 1e6))


@cache
def turbo_uniform() -> RetimedCurve:
    """Turbo at a constant pace: `uniform_timing` as numbers."""
    return RetimedCurve(TURBO_CURVE, Timing(np.array(_UNIFORM) / 1e6))
