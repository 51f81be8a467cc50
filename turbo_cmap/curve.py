"""Color curves through knots: piecewise cubics, continuous and of any length.

A curve of K knots, equally spaced on [0, 1], has K - 1 cubic segments a channel. Between two
neighboring knots, with the segment's own coordinate u running from 0 to 1,

    color = c0 + u (c1 + u (c2 + u c3))

The kinds differ in the slopes at the knots alone: ``"catmull-rom"`` takes them from the
neighbors (a knot moves two segments on either side, the slope is continuous and the
curvature is not), ``"natural"`` and ``"not-a-knot"`` make the curvature continuous too,
and let every knot move everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from ._typing import FloatArray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Colors, float64 ``t.shape + (3,)``, at positions in [0, 1].
Curve: TypeAlias = "Callable[[FloatArray], FloatArray]"
#: How the slopes at the knots are found.
Kind: TypeAlias = Literal["catmull-rom", "natural", "not-a-knot"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Positions that are evaluated at a time: what that takes beside them fits in a cache.
_BLOCK = 16_384


class Value:
    """What is immutable, and the same as others of its class made with the same arguments."""

    __slots__ = ("_arguments",)

    _arguments: tuple[Any, ...]

    def _set(self, *arguments: Any, **fields: Any) -> None:
        """Fill a new value; the arguments, which have hashes, are those of its class."""
        for key, field in {"_arguments": arguments, **fields}.items():
            object.__setattr__(self, key, field)

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {key} cannot be set")

    def __delattr__(self, key: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {key} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(other) is not type(self):
            return NotImplemented
        return self._arguments == other._arguments

    def __hash__(self) -> int:
        return hash((type(self), self._arguments))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments


class KnotCurve(Value):
    """A curve through colors: immutable, and the same for the same knots.

    Parameters
    ----------
    knots : array_like of float, shape (K, 3), K >= 2
        Colors in [0, 1] that the curve runs through, knot k at ``k / (K - 1)``.
    kind : {"catmull-rom", "natural", "not-a-knot"}, default "catmull-rom"
        Cubics between the knots with

        - ``"catmull-rom"``: half the difference of its two neighbors as the slope at a
          knot [1]_; the first and the last segment are quadratic;
        - ``"natural"``: a continuous second derivative, zero at both ends;
        - ``"not-a-knot"``: a continuous second derivative, and one cubic over the first
          two and one over the last two segments.

        Two knots make a straight line of any kind.

    Attributes
    ----------
    knots : ndarray of float64, shape (K, 3)
        Read-only.
    kind : str
    coefficients : ndarray of float64, shape (K - 1, 4, 3)
        Of ascending powers of u, the position in a segment, from 0 to 1. Read-only.

    Raises
    ------
    TypeError
        If the knots are no real numbers.
    ValueError
        If their shape is another, there are fewer than two, one is NaN or outside
        [0, 1], or the kind is none of these.

    References
    ----------
    .. [1] Catmull, Rom (1974), "A class of local interpolating splines", in Computer Aided
       Geometric Design, 317-326.

    Examples
    --------
    >>> from turbo_cmap import KnotCurve
    >>> sunset = KnotCurve([(0.1, 0.1, 0.4), (0.9, 0.3, 0.3), (1.0, 0.9, 0.5)])
    >>> sunset([0.0, 0.25, 0.5]).round(3)
    array([[0.1  , 0.1  , 0.4  ],
           [0.588, 0.15 , 0.312],
           [0.9  , 0.3  , 0.3  ]])
    """

    __slots__ = ("coefficients", "kind", "knots")

    knots: FloatArray
    kind: Kind
    coefficients: FloatArray

    def __init__(self, knots: ArrayLike, kind: Kind = "catmull-rom") -> None:
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError(f"KnotCurve(): kind must be one of {', '.join(KINDS)}, got {kind!r}")
        table = _as_colors("KnotCurve", "knots", knots, at_least=2)
        coefficients = hermite(table, slopes(table, kind))
        for array in (table, coefficients):
            array.flags.writeable = False
        arguments = (tuple(map(tuple, table.tolist())), kind)
        self._set(*arguments, knots=table, kind=kind, coefficients=coefficients)

    def __call__(self, t: ArrayLike) -> FloatArray:
        """The colors at positions on the curve.

        Parameters
        ----------
        t : array_like of real numbers
            Positions. Those outside [0, 1] are taken for the nearer end; NaN gives NaN.

        Returns
        -------
        ndarray of float64, shape ``t.shape + (3,)``
            Clipped to [0, 1]: between its knots a curve may leave it.

        Raises
        ------
        TypeError
            If *t* is complex, text or something else that is no real number.
        """
        colors = evaluate(self.coefficients, as_positions("KnotCurve", "t", t))
        return np.clip(colors, 0.0, 1.0, out=colors)

    def derivative(self, t: ArrayLike, order: int = 1) -> FloatArray:
        """A derivative with respect to *t*, of the curve before it is clipped.

        Parameters
        ----------
        t : array_like of real numbers
            Positions. Those outside [0, 1] are taken for the nearer end; NaN gives NaN.
            At a knot it is the derivative to the right of it, at the last one to the left.
        order : {1, 2, 3}, default 1

        Returns
        -------
        ndarray of float64, shape ``t.shape + (3,)``

        Raises
        ------
        TypeError
            If *t* holds no real numbers.
        ValueError
            If the order is another.
        """
        if isinstance(order, bool) or order not in (1, 2, 3):
            raise ValueError(f"KnotCurve.derivative(): order must be 1, 2 or 3, got {order!r}")
        positions = as_positions("KnotCurve.derivative", "t", t)
        derived = self.coefficients
        for _ in range(order):
            powers = np.arange(1.0, derived.shape[1])
            derived = derived[:, 1:] * powers[:, np.newaxis] * len(derived)
        return evaluate(derived, positions)

    def reversed(self) -> KnotCurve:
        """The same curve from its last knot to its first."""
        return KnotCurve(self.knots[::-1], self.kind)

    def __repr__(self) -> str:
        return f"<KnotCurve, {len(self.knots)} knots, {self.kind}>"


class ReversedCurve(Value):
    """Another curve from its end to its start.

    Parameters
    ----------
    curve : callable
        Colors at positions in [0, 1].
    """

    __slots__ = ("curve",)

    curve: Curve

    def __init__(self, curve: Curve) -> None:
        self._set(curve, curve=curve)

    def __call__(self, t: ArrayLike) -> FloatArray:
        """The colors of the other curve at ``1 - t``."""
        return self.curve(1.0 - as_positions("ReversedCurve", "t", t))

    def reversed(self) -> Curve:
        """The other curve."""
        return self.curve


def reversed_curve(curve: Curve) -> Curve:
    """A curve from its end to its start, of its own kind where it knows how."""
    backwards: Curve = curve.reversed() if hasattr(curve, "reversed") else ReversedCurve(curve)
    return backwards


def sample(curve: Curve, n: int) -> FloatArray:
    """Colors at equal steps along a curve.

    Parameters
    ----------
    curve : callable
        Colors at positions in [0, 1].
    n : int, n >= 1

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Entry i is ``curve(i / (n - 1))``; a single one is the middle, ``curve(1 / 2)``.
    """
    return curve(np.arange(n) / (n - 1) if n > 1 else np.array([0.5]))


def fit_knots(table: ArrayLike, count: int = 7, kind: Kind = "catmull-rom") -> KnotCurve:
    """The curve of a given number of knots that comes nearest to a table of colors.

    Nearest is: its largest deviation from the table is the smallest that there is, in each
    channel. A curve is linear in its knots, so this is a linear program, which is solved
    exactly. How the knots of Turbo were found.

    Parameters
    ----------
    table : array_like of float, shape (N, 3)
        Colors in [0, 1], entry i at ``i / (N - 1)``.
    count : int, 2 <= count <= N, default 7
        The number of knots. They are kept in [0, 1].
    kind : {"catmull-rom", "natural", "not-a-knot"}, default "catmull-rom"
        See `KnotCurve`.

    Returns
    -------
    KnotCurve

    Raises
    ------
    TypeError
        If the table holds no real numbers or the count is no integer.
    ValueError
        If the shape, a color, the count or the kind is not allowed.

    Notes
    -----
    It needs SciPy. Where several curves are equally near in a channel it is one of them.

    Examples
    --------
    >>> from turbo_cmap import fit_knots
    >>> from turbo_cmap.turbo import TURBO_TABLE
    >>> fit_knots(TURBO_TABLE).knots[4].round(5)
    array([0.98   , 0.73   , 0.22161])
    """
    from scipy.optimize import linprog

    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"fit_knots(): kind must be one of {', '.join(KINDS)}, got {kind!r}")
    wanted = _as_colors("fit_knots", "table", table, at_least=2)
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
        raise TypeError(f"fit_knots(): count must be an integer, got {type(count).__name__}")
    if not 2 <= count <= len(wanted):
        raise ValueError(f"fit_knots(): count must be from 2 to {len(wanted)}, got {count}")
    # Column k: what the curve is where knot k is 1 and all others are 0.
    unit = np.eye(count)
    positions = np.arange(len(wanted)) / (len(wanted) - 1)
    basis = evaluate(hermite(unit, slopes(unit, kind)), positions)
    knots = np.empty((count, 3))
    for channel, column in enumerate(wanted.T):
        start = np.clip(np.linalg.lstsq(basis, column, rcond=None)[0], 0.0, 1.0)
        residual = column - basis @ start
        # In units of the deviation of the start, far above the solver's tolerances.
        scale = float(np.abs(residual).max())
        if scale < 1e-12:  # roundings: a table of that curve, with nothing left to improve
            knots[:, channel] = start
            continue
        ones = np.ones((len(column), 1))
        solved = linprog(
            np.append(np.zeros(count), 1.0),  # the last variable bounds all deviations
            A_ub=np.block([[basis, -ones], [-basis, -ones]]),
            b_ub=np.concatenate([residual, -residual]) / scale,
            bounds=[(-k / scale, (1 - k) / scale) for k in start] + [(0, None)],
            method="highs",
        )
        if solved.x is None:  # there is always a solution: the start is one that is allowed
            raise RuntimeError(f"fit_knots(): SciPy's solver gave up: {solved.message}")
        knots[:, channel] = np.clip(start + scale * solved.x[:-1], 0.0, 1.0)
    return KnotCurve(knots, kind)


def hermite(values: FloatArray, slopes: FloatArray) -> FloatArray:
    """The cubics of given values and slopes at equally spaced nodes.

    Parameters
    ----------
    values, slopes : ndarray of float64, shape (K, channels)
        Slopes are per segment: with respect to a coordinate that grows by 1 from node to
        node.

    Returns
    -------
    ndarray of float64, shape (K - 1, 4, channels)
        Coefficients of ascending powers.
    """
    a, b, da, db = values[:-1], values[1:], slopes[:-1], slopes[1:]
    return np.stack([a, da, 3 * (b - a) - 2 * da - db, 2 * (a - b) + da + db], axis=1)


def evaluate(coefficients: FloatArray, t: FloatArray) -> FloatArray:
    """Piecewise polynomials with equally spaced breaks on [0, 1].

    Parameters
    ----------
    coefficients : ndarray of float64, shape (segments, powers, channels)
        Of ascending powers of the position in a segment, from 0 to 1.
    t : ndarray of float64, any shape
        Those outside [0, 1] are taken for the nearer end; NaN gives NaN.

    Returns
    -------
    ndarray of float64, shape ``t.shape + (channels,)``
    """
    segments, powers, channels = coefficients.shape
    result = np.empty((t.size, channels))
    flat = t.reshape(-1)
    for start in range(0, t.size, _BLOCK):
        position = np.clip(flat[start : start + _BLOCK], 0.0, 1.0) * segments
        # fmin takes the number beside a NaN, which u then brings back.
        segment = np.fmin(np.floor(position), segments - 1).astype(np.intp)
        u = (position - segment)[:, np.newaxis]
        part = result[start : start + _BLOCK]
        np.multiply(u, 0.0, out=part)  # a constant has no u that would be NaN
        for power in range(powers - 1, -1, -1):
            part *= u
            part += coefficients[segment, power]
    return result.reshape(*t.shape, channels)


def as_positions(caller: str, name: str, t: ArrayLike) -> FloatArray:
    """Real numbers as float64; what is masked is NaN.

    Raises
    ------
    TypeError
        If they are something else.
    """
    try:
        given = t if isinstance(t, np.ndarray) else np.asarray(t)
    except ValueError as error:  # a ragged list, say
        raise TypeError(f"{caller}(): {name} must be real numbers: {error}") from None
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{caller}(): {name} must be real numbers, got dtype {given.dtype}")
    with np.errstate(invalid="ignore"):  # signaling NaNs
        positions = given.astype(np.float64)
    # Asked in this order, importing the package does not import numpy.ma.
    if type(positions) is not np.ndarray and np.ma.isMaskedArray(positions):
        positions = positions.filled(np.nan)
    return np.asarray(positions)


def _as_colors(caller: str, name: str, given: ArrayLike, at_least: int) -> FloatArray:
    """A new float64 array of colors in [0, 1], shape (N, 3)."""
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{caller}(): {name} must have shape (N, 3): {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{caller}(): {name} must be real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"{caller}(): {name} must have shape (N, 3), got {array.shape}")
    if len(array) < at_least:
        raise ValueError(f"{caller}(): {name} must be at least {at_least}, got {len(array)}")
    colors = np.array(array, dtype=np.float64, order="C")
    if not ((colors >= 0) & (colors <= 1)).all():
        raise ValueError(
            f"{caller}(): {name} must lie in [0, 1], got {colors.min()} to {colors.max()}"
        )
    return colors


def slopes(values: FloatArray, kind: Kind) -> FloatArray:
    """The slopes at the knots, per segment. Shape (K, channels) in and out."""
    steps = np.diff(values, axis=0)
    if len(values) == 2:
        return np.concatenate([steps, steps])
    if kind == "catmull-rom" or (kind == "not-a-knot" and len(values) == 3):
        # Of three knots, either is the parabola through them.
        found = np.empty_like(values)
        found[1:-1] = (values[2:] - values[:-2]) / 2
        found[0] = 2 * steps[0] - found[1]
        found[-1] = 2 * steps[-1] - found[-2]
        return found
    # The second derivative is continuous at an inner knot k if
    #     m[k-1] + 4 m[k] + m[k+1] = 3 (y[k+1] - y[k-1])
    # and the ends have equations of two slopes each (de Boor 1978, "A Practical Guide to
    # Splines", chapter IV).
    right = np.empty_like(values)
    right[1:-1] = 3 * (values[2:] - values[:-2])
    if kind == "natural":  # 2 m[0] + m[1] = 3 (y[1] - y[0])
        end, beside = 2.0, 1.0
        right[0], right[-1] = 3 * steps[0], 3 * steps[-1]
    else:  # m[0] + 2 m[1] = (5 (y[1] - y[0]) + y[2] - y[1]) / 2
        end, beside = 1.0, 2.0
        right[0], right[-1] = (5 * steps[0] + steps[1]) / 2, (5 * steps[-1] + steps[-2]) / 2
    diagonal = np.array([end, *[4.0] * (len(values) - 2), end])
    below = np.array([*[1.0] * (len(values) - 2), beside])
    return _solve_tridiagonal(below, diagonal, below[::-1], right)


def _solve_tridiagonal(
    below: FloatArray, diagonal: FloatArray, above: FloatArray, right: FloatArray
) -> FloatArray:
    """Gaussian elimination along three diagonals; no pivots are needed by our two systems."""
    diagonal, right = diagonal.copy(), right.copy()
    for row in range(1, len(diagonal)):
        factor = below[row - 1] / diagonal[row - 1]
        diagonal[row] -= factor * above[row - 1]
        right[row] -= factor * right[row - 1]
    right[-1] /= diagonal[-1]
    for row in range(len(diagonal) - 2, -1, -1):
        right[row] = (right[row] - above[row] * right[row + 1]) / diagonal[row]
    return right
