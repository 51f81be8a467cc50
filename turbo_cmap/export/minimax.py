"""Polynomials that miss a curve by as little as possible, and by how much they miss it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev, polynomial

from .._typing import AnyArray, FloatArray
from ..curve import Curve, KnotCurve, ReversedCurve, evaluate
from ..relatives import RetimedCurve, Timing

#: Degrees that are worth it: below, no curve of colors; above, the spline itself is cheaper.
DEGREES = range(3, 33)

#: Up to this degree powers of x lose nothing in float32. Beyond, their coefficients grow
#: (3e5 for Turbo at degree 24) and cancel: the error doubles at 20 and is 25 times as large
#: at 24, while Clenshaw's sum of Chebyshev polynomials stays as good as its coefficients.
_MOST_POWERS = 12

#: The least number of points in all, for each degree, on which the fit is made.
_POINTS = 1536


class Minimax(NamedTuple):
    """A polynomial in x = 2 t - 1 for each of R, G and B, and how far off it is.

    Attributes
    ----------
    coefficients : ndarray of float64, shape (degree + 1, 3)
        Rounded to 9 digits, which float32 keeps.
    basis : {"power", "chebyshev"}
        Whether they multiply x**k or T_k(x).
    error : ndarray of float64, shape (3,)
        The largest distance from the curve in R, G and B.
    certified : bool
        Whether `error` is a proven bound; else it was measured.
    float32_error : ndarray of float64, shape (3,)
        The largest distance in float32 arithmetic, measured at all t = k / 65536.
    """

    coefficients: FloatArray
    basis: Literal["power", "chebyshev"]
    error: FloatArray
    certified: bool
    float32_error: FloatArray

    def __call__(self, t: AnyArray) -> AnyArray:
        """Colors in [0, 1] at positions in [0, 1], in the arithmetic of their dtype.

        Parameters
        ----------
        t : ndarray of float32 or float64, any shape

        Returns
        -------
        ndarray of the same dtype, shape ``t.shape + (3,)``
        """
        x = (2 * t - 1)[..., np.newaxis]
        rows = self.coefficients.astype(t.dtype)
        if self.basis == "power":
            y = np.zeros((*t.shape, 3), t.dtype)
            for row in rows[::-1]:
                y = y * x + row
        else:
            a = b = np.zeros((*t.shape, 3), t.dtype)
            for row in rows[:0:-1]:
                a, b = b, 2 * x * b - a + row
            y = x * b - a + rows[0]
        return np.clip(y, 0, 1)


def fit_minimax(curve: Curve, degree: int) -> Minimax:
    """The polynomials of a degree that miss a curve least, one each for R, G and B.

    Parameters
    ----------
    curve : KnotCurve or callable
        Of a `KnotCurve`, a `RetimedCurve` of one, and their reverses the error is proven, of
        another callable measured.
    degree : int, 3 to 32

    Returns
    -------
    Minimax
        In powers of x up to degree 12, in Chebyshev polynomials beyond.

    Raises
    ------
    TypeError
        If the degree is no integer.
    ValueError
        If it is another.

    Notes
    -----
    Remez' exchange on a grid that is dense enough for the grid's largest error to bound
    the true one: between two places where the curve's own polynomials meet, the error is a
    polynomial of degree d, and the largest value of such a polynomial is at most
    ``1 / cos(pi d / (2 N))`` times its largest on the N + 1 Chebyshev points there. The bound
    is of the rounded coefficients; only rounding in float64, below 1e-12, is not in it.

    References
    ----------
    Remez (1934), C. R. Acad. Sci. Paris 198, 2063-2065.
    Ehlich and Zeller (1964), Math. Z. 86, 41-44.
    """
    degree = as_degree("fit_minimax", degree)
    x, colors, slack = _samples(curve, degree)
    basis: Literal["power", "chebyshev"] = "power" if degree <= _MOST_POWERS else "chebyshev"
    rows = np.zeros((degree + 1, 3))
    for k in range(3):
        column = _remez(x, colors[:, k], degree)
        if basis == "power":
            column = np.asarray(chebyshev.cheb2poly(column), dtype=np.float64)
        # Shorter where the highest coefficients are zero.
        rows[: len(column), k] = [float(f"{c:.9g}") for c in column]
    evaluate_at = polynomial.polyval if basis == "power" else chebyshev.chebval
    # Both are clamped to [0, 1] in the end, which brings them no further apart.
    error = np.abs(evaluate_at(x, rows).T - colors).max(axis=0) * (slack or 1.0)
    found = Minimax(rows, basis, error, slack is not None, np.zeros(3))
    t = np.linspace(0, 1, 65_537)
    own = curve(t)
    if slack is None:
        error = np.maximum(error, np.abs(found(t) - own).max(axis=0))
    in_float32 = np.abs(found(t.astype(np.float32)) - own).max(axis=0)
    return found._replace(error=error, float32_error=in_float32)


def as_degree(caller: str, degree: int) -> int:
    """A degree that can be fitted.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is out of range.
    """
    if isinstance(degree, bool) or not isinstance(degree, (int, np.integer)):
        raise TypeError(f"{caller}(): degree must be an integer, got {type(degree).__name__}")
    if degree not in DEGREES:
        raise ValueError(
            f"{caller}(): degree must be from {DEGREES[0]} to {DEGREES[-1]}, got {degree}"
        )
    return int(degree)


def _samples(curve: Curve, degree: int) -> tuple[FloatArray, FloatArray, float | None]:
    """Places x in [-1, 1], the colors there, and the factor from theirs to the true error."""
    known = _as_polynomials(curve)
    breaks, own, unclipped = known or (np.linspace(0, 1, 33), 3, curve)
    highest = max(degree, own)
    count = highest * max(32, -(-_POINTS // (len(breaks) - 1)))
    u = (1 - np.cos(np.pi * np.arange(count + 1) / count)) / 2
    t = (breaks[:-1, np.newaxis] + u * np.diff(breaks)[:, np.newaxis]).ravel()
    slack = float(1 / np.cos(np.pi * highest / (2 * count)))
    return 2 * t - 1, unclipped(t), None if known is None else slack


def _as_polynomials(curve: Curve) -> tuple[FloatArray, int, Curve] | None:
    """Where a curve's polynomials meet, their degree, and the curve before it is clipped.

    Clipped, it would be no polynomials. None for a curve that is not known to be some.
    """
    if isinstance(curve, KnotCurve):
        coefficients = curve.coefficients
        ends = np.linspace(0, 1, len(coefficients) + 1)
        return ends, 3, lambda t: evaluate(coefficients, t)
    if isinstance(curve, ReversedCurve):
        forward = _as_polynomials(curve.curve)
        if forward is None:
            return None
        ends, degree, colors = forward
        return 1 - ends[::-1], degree, lambda t: colors(1 - t)
    if isinstance(curve, RetimedCurve):
        timed = _as_polynomials(curve.curve)
        if timed is None:
            return None
        inner, degree, colors = timed
        timing = curve.timing
        own = np.linspace(0, 1, len(timing.nodes))
        ends = np.union1d(own, _times(timing, inner))
        return ends, 3 * degree, lambda t: colors(timing(t))
    return None


def _times(timing: Timing, positions: FloatArray) -> FloatArray:
    """When a timing is at positions, of those that it comes to; by bisection."""
    start, end = timing(np.array([0.0, 1.0]))
    reached = positions[(positions > start) & (positions < end)]
    low, high = np.zeros(len(reached)), np.ones(len(reached))
    for _ in range(60):
        middle = (low + high) / 2
        early = timing(middle) < reached
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return low


def _remez(x: FloatArray, y: FloatArray, degree: int) -> FloatArray:
    """Chebyshev coefficients of the polynomial whose largest error on the grid is least."""
    basis = chebyshev.chebvander(x, degree)
    signs = (-1.0) ** np.arange(degree + 2)
    start = -np.cos(np.pi * np.arange(degree + 2) / (degree + 1))
    reference = np.searchsorted(x, start).clip(0, len(x) - 1)
    best, least = np.zeros(degree + 1), np.inf
    for _ in range(60):
        system = np.column_stack([basis[reference], signs])
        *coefficients, level = np.linalg.solve(system, y[reference])
        error = y - basis @ coefficients
        worst = np.abs(error).max()
        if worst < least:
            best, least = np.array(coefficients), worst
        # The level is what no polynomial can do better than (de la Vallee Poussin).
        if worst <= abs(level) * (1 + 1e-9) or worst < 1e-13:
            break
        extrema = _alternating(error, degree + 2)
        if len(extrema) < degree + 2:
            break  # nothing but rounding is left
        reference = extrema
    return best


def _alternating(error: FloatArray, count: int) -> AnyArray:
    """Where the error is largest, with alternating signs: *count* places, the worst among them."""
    positive = error > 0
    first = np.flatnonzero(np.r_[True, positive[1:] != positive[:-1]])
    size = np.abs(error)
    stops = [*first[1:], len(error)]
    places = [a + int(np.argmax(size[a:b])) for a, b in zip(first, stops, strict=True)]
    while len(places) > count:
        heights = size[places]
        smallest = int(np.argmin(heights))
        if len(places) == count + 1 or smallest in (0, len(places) - 1):
            del places[0 if heights[0] < heights[-1] else -1]
        else:  # with a neighbor, so that signs alternate still
            other = smallest + (1 if heights[smallest + 1] < heights[smallest - 1] else -1)
            del places[max(smallest, other)], places[min(smallest, other)]
    return np.array(places)
