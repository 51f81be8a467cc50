"""`error_statistics`: how far an estimate is from the truth, in the figures of the field."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._typing import AnyArray, BoolArray, FloatArray
from .arguments import Source, as_source
from .kernels.blockwise import blocks
from .kitti import ABSOLUTE_PX, RELATIVE_PART

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Quantity = Literal["disparity", "depth", "other"]

_QUANTITIES = ("disparity", "depth", "other")
#: Of disparities in pixels, as in the Middlebury and KITTI benchmarks.
DISPARITY_THRESHOLDS = (1.0, 2.0, 3.0)
#: delta < 1.25 and its powers (Eigen et al. 2014).
_DELTA = 1.25
_BLOCK = 1 << 16  # values at a time


@dataclass(frozen=True)
class ErrorStatistics:
    """Errors, estimate minus truth, of the pixels that have both.

    Figures are NaN where there is no such pixel; those of a quantity are None for another.

    Attributes
    ----------
    quantity : {"disparity", "depth", "other"}
    count : int
        Pixels that have both an estimate and a truth.
    truths : int
        Pixels that have a truth.
    bias : float
        The mean error.
    mae : float
        Mean absolute error; for disparities the "average error" of the benchmarks.
    rmse : float
        Root of the mean square error.
    median : float
        Median absolute error; of an even number the mean of the two in the middle.
    bad : mapping from float to float
        For each threshold the fraction of pixels with a larger absolute error: bad-3 is
        ``bad[3.0]``.
    d1 : float or None
        Of disparities: the fraction with an error of more than 3 px and more than 5 % of
        the truth, as in KITTI 2015; but see Notes of `error_statistics`.
    abs_rel, sq_rel : float or None
        Of depths: means of ``|e| / truth`` and of ``e**2 / truth``.
    rmse_log : float or None
        Of depths: root of the mean square of ``log(estimate) - log(truth)``.
    delta : tuple of 3 floats, or None
        Of depths: the fractions with ``max(estimate / truth, truth / estimate)`` below
        1.25, 1.25**2 and 1.25**3; larger is better.
    """

    quantity: Quantity
    count: int
    truths: int
    bias: float
    mae: float
    rmse: float
    median: float
    bad: Mapping[float, float] = field(default_factory=dict)
    d1: float | None = None
    abs_rel: float | None = None
    sq_rel: float | None = None
    rmse_log: float | None = None
    delta: tuple[float, float, float] | None = None

    @property
    def density(self) -> float:
        """The fraction of pixels with a truth that have an estimate."""
        return self.count / self.truths if self.truths else math.nan


def error_statistics(
    estimate: ArrayLike,
    truth: ArrayLike,
    *,
    quantity: Quantity = "disparity",
    thresholds: Sequence[float] | None = None,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
) -> ErrorStatistics:
    """Compare an estimate with the truth.

    Parameters
    ----------
    estimate, truth : array_like of numbers, of one shape
        As *values* of `turbo_cmap.colorize`; their types may differ. Subtracted as float64,
        so that nothing wraps; the difference of 64-bit integers of one type is exact before
        it is rounded.
    quantity : {"disparity", "depth", "other"}, default "disparity"
        What they are. Disparities (in pixels) and depths are measurements where they are
        finite and greater than 0, others where they are finite.
    thresholds : sequence of float, optional
        Of "bad" pixels; by default 1, 2 and 3 of disparities, none of others.
    mask : array_like of bool, broadcastable to the arrays, optional
        True where a pixel does not count; joined with the mask of *truth*, if that is a
        masked array. Where *estimate* is masked, it is missing.
    invalid : float or sequence of float, optional
        More values that mean "no measurement", in either array.

    Returns
    -------
    ErrorStatistics

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If the shapes differ or an argument's value is not allowed.

    Notes
    -----
    A pixel counts where both have a measurement; `ErrorStatistics.density` says how many of
    the truth's those are. KITTI's own D1 fills gaps of the estimate first, as
    `turbo_cmap.kitti_error` does; with its ``missing="ignore"`` it is the rate given here.

    Counts are exact. A pixel is bad if its error is larger than the threshold, not if it
    equals it. Sums are of float64.

    References
    ----------
    D. Scharstein, R. Szeliski (2002), A Taxonomy and Evaluation of Dense Two-Frame Stereo
    Correspondence Algorithms, IJCV 47: RMS error and bad pixels. M. Menze, A. Geiger (2015),
    Object Scene Flow for Autonomous Vehicles, CVPR: D1. D. Eigen, C. Puhrsch, R. Fergus
    (2014), Depth Map Prediction from a Single Image using a Multi-Scale Deep Network, NIPS:
    relative errors and thresholds of depth.

    Examples
    --------
    >>> import turbo_cmap
    >>> found = turbo_cmap.error_statistics([20.5, 24.0, 99.0, 7.0], [20.0, 20.0, 100.0, 0.0])
    >>> found.count, found.mae, found.bad[3.0], found.d1
    (3, 1.8333333333333333, 0.3333333333333333, 0.3333333333333333)
    """
    caller = "error_statistics"
    if quantity not in _QUANTITIES:
        raise ValueError(
            f"{caller}(): quantity must be one of {', '.join(_QUANTITIES)}, got {quantity!r}"
        )
    found = as_source(caller, estimate, None, invalid, name="estimate")
    true = as_source(caller, truth, mask, invalid, name="truth")
    if found.values.shape != true.values.shape:
        raise ValueError(
            f"{caller}(): estimate and truth must have one shape, "
            f"got {found.values.shape} and {true.values.shape}"
        )
    limits = _as_thresholds(caller, thresholds, quantity)
    return _statistics(found, true, quantity, limits)


def _as_thresholds(
    caller: str, thresholds: Sequence[float] | None, quantity: str
) -> tuple[float, ...]:
    if thresholds is None:
        return DISPARITY_THRESHOLDS if quantity == "disparity" else ()
    try:
        given = np.asarray(thresholds, np.float64)
        if isinstance(thresholds, (str, bytes)) or given.ndim != 1:
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(
            f"{caller}(): thresholds must be a sequence of numbers, got {thresholds!r}"
        ) from None
    if not (np.isfinite(given) & (given >= 0)).all():
        raise ValueError(
            f"{caller}(): thresholds must be finite and not negative, got {given.tolist()}"
        )
    return tuple(given.tolist())


class _Sums:
    """What is added up, block by block."""

    def __init__(self) -> None:
        self.error = self.absolute = self.square = 0.0
        self.abs_rel = self.sq_rel = self.square_log = 0.0
        self.d1 = 0
        self.delta = [0, 0, 0]

    def add(self, error: FloatArray, estimate: FloatArray, truth: FloatArray, kind: str) -> None:
        size = np.abs(error)
        self.error += float(error.sum())
        self.absolute += float(size.sum())
        self.square += float((error * error).sum())
        if kind == "disparity":
            # 20 e > d is e / d > 5 %, without the rounding of a quotient and of 0.05.
            self.d1 += int(np.count_nonzero((size > ABSOLUTE_PX) & (RELATIVE_PART * size > truth)))
        if kind == "depth":
            self.abs_rel += float((size / truth).sum())
            self.sq_rel += float((error * error / truth).sum())
            self.square_log += float((np.log(estimate / truth) ** 2).sum())
            ratio = np.maximum(estimate / truth, truth / estimate)
            for power in range(3):
                self.delta[power] += int(np.count_nonzero(ratio < _DELTA ** (power + 1)))


def _statistics(
    found: Source, true: Source, quantity: Quantity, thresholds: tuple[float, ...]
) -> ErrorStatistics:
    sums, sizes = _Sums(), []
    bad = dict.fromkeys(thresholds, 0)
    truths = 0
    for where in blocks(true.values.shape, _BLOCK):
        truth, estimate = true.part(where), found.part(where)
        known = _measured(truth, quantity)
        truths += int(np.count_nonzero(known))
        both = known & _measured(estimate, quantity)
        a, b = estimate.values[both], truth.values[both]
        with np.errstate(over="ignore"):
            error = _difference(a, b)
            sums.add(error, a.astype(np.float64), b.astype(np.float64), quantity)
        sizes.append(np.abs(error))
        for limit in bad:
            bad[limit] += int(np.count_nonzero(sizes[-1] > limit))
    every = np.concatenate(sizes) if sizes else np.empty(0)
    n = every.size

    def mean(total: float) -> float:
        return total / n if n else math.nan

    depth: dict[str, Any] = {}
    if quantity == "depth":
        depth = {
            "abs_rel": mean(sums.abs_rel),
            "sq_rel": mean(sums.sq_rel),
            "rmse_log": math.sqrt(mean(sums.square_log)),
            "delta": tuple(mean(one) for one in sums.delta),
        }
    return ErrorStatistics(
        quantity=quantity,
        count=n,
        truths=truths,
        bias=mean(sums.error),
        mae=mean(sums.absolute),
        rmse=math.sqrt(mean(sums.square)),
        median=float(np.median(every)) if n else math.nan,
        bad={limit: mean(number) for limit, number in bad.items()},
        d1=mean(sums.d1) if quantity == "disparity" else None,
        **depth,
    )


def _measured(source: Source, quantity: str) -> BoolArray:
    """Where there is a measurement: see *quantity*."""
    measured: BoolArray = np.isfinite(source.values)
    if quantity != "other":
        measured &= source.values > 0
    if source.invalid is not None:
        measured &= ~np.isin(source.values, source.invalid)
    for mask in source.masks:
        measured &= ~mask
    return measured


def _difference(estimate: AnyArray, truth: AnyArray) -> FloatArray:
    """As float64."""
    kinds = {(one.dtype.kind, one.dtype.itemsize) for one in (estimate, truth)}
    if kinds in ({("i", 8)}, {("u", 8)}):
        # Modulo 2**64 the smaller from the larger is exact, signed or not.
        a, b = estimate.astype(np.uint64), truth.astype(np.uint64)
        error: FloatArray = np.where(estimate >= truth, a - b, b - a).astype(np.float64)
        return np.where(estimate >= truth, error, -error)
    return estimate.astype(np.float64) - truth.astype(np.float64)


def pooled(statistics: Sequence[ErrorStatistics]) -> ErrorStatistics:
    """The figures over all pixels of several images, as benchmarks give them.

    Parameters
    ----------
    statistics : sequence of ErrorStatistics
        Of one quantity and the same thresholds; at least one.

    Returns
    -------
    ErrorStatistics
        Each image counts by its pixels. The median is NaN: it cannot be had from medians.
    """
    first = statistics[0]
    counts = [one.count for one in statistics]
    n = sum(counts)

    def mean(figures: Sequence[float | None]) -> float | None:
        known = [(c, f) for c, f in zip(counts, figures, strict=True) if c and f is not None]
        if any(figure is None for figure in figures):
            return None
        return math.fsum(c * f for c, f in known) / n if n else math.nan

    def root(figures: Sequence[float | None]) -> float | None:
        square = mean([None if figure is None else figure * figure for figure in figures])
        return None if square is None else math.sqrt(square)

    figures: dict[str, Any] = {
        name: mean([getattr(one, name) for one in statistics])
        for name in ("bias", "mae", "d1", "abs_rel", "sq_rel")
    }
    figures |= {
        name: root([getattr(one, name) for one in statistics]) for name in ("rmse", "rmse_log")
    }
    if first.delta is not None:
        figures["delta"] = tuple(
            mean([(one.delta or ())[power] for one in statistics]) for power in range(3)
        )
    return ErrorStatistics(
        quantity=first.quantity,
        count=n,
        truths=sum(one.truths for one in statistics),
        median=math.nan,
        bad={limit: mean([one.bad[limit] for one in statistics]) or 0.0 for limit in first.bad},
        **figures,
    )
