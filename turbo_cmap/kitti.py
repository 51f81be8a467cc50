"""`kitti_error`: the error map and the outlier rate of the KITTI 2015 stereo benchmark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from ._typing import AnyArray, BoolArray, FloatArray
from .arguments import Source, as_source
from .colormap import Colormap
from .kernels.blockwise import blocks
from .kernels.palette import COMPONENTS, Order
from .painting import colorize

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: An error counts if it is larger than both: 3 px, and 5 %, a twentieth, of the true disparity.
ABSOLUTE_PX = 3.0
RELATIVE_PART = 20.0

#: Where one color ends and the next begins, in errors that just count.
EDGES = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

#: From small errors to large ones; the first five do not count as errors. The development
#: kit's ``log_colormap.h`` (devkit_scene_flow; A. Geiger, M. Menze), which are the ten classes
#: of ColorBrewer's RdYlBu (C. Brewer), reversed, with a darker yellow.
COLORS = Colormap(
    "kitti_error",
    np.array(
        [
            (49, 54, 149),
            (69, 117, 180),
            (116, 173, 209),
            (171, 217, 233),
            (224, 243, 248),
            (254, 224, 144),
            (253, 174, 97),
            (244, 109, 67),
            (215, 48, 39),
            (165, 0, 38),
        ],
        dtype=np.uint8,
    ),
)

_MISSING = ("fill", "outlier", "ignore")
_NOTHING = 255


def kitti_error(
    estimate: ArrayLike,
    truth: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
    missing: Literal["fill", "outlier", "ignore"] = "fill",
    dilate: int = 0,
    order: Order = "rgb",
) -> tuple[AnyArray, float]:
    """The ten-color error map of KITTI 2015 and the rate of outliers, D1.

    Parameters
    ----------
    estimate, truth : array_like of numbers, shape (H, W)
        Disparities in pixels; see `turbo_cmap.io.read` for files that hold them times 256.
        Their types may differ; they are subtracted as float64, so that nothing wraps. There
        is a measurement where they are finite and greater than 0.
    mask : array_like of bool, broadcastable to the arrays, optional
        True where a pixel does not count; joined with the mask of *truth*, if that is a
        masked array. Where *estimate* is masked, it is missing.
    invalid : float or sequence of float, optional
        More values that mean "no measurement", in either array.
    missing : {"fill", "outlier", "ignore"}, default "fill"
        What to do where there is a true disparity but no estimate. "fill" is what the
        benchmark does: the smaller of the next estimates to the left and to the right in the
        same row, the next one where there is only one; rows without any above the first row
        that has some, or below the last, are like that one. "outlier" counts and colors them
        as the largest errors, as "fill" does with what it cannot fill; "ignore" leaves them
        out.
    dilate : int, default 0
        Paint each pixel as a square of ``2 * dilate + 1`` pixels, so that the sparse truth of
        a laser scanner is seen; of squares that overlap the lower is on top, and in a row the
        one farther right. The benchmark's pictures have 1. The rate is not changed.
    order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"
        The components of the image and their order.

    Returns
    -------
    image : ndarray of uint8, shape (H, W, 3) or (H, W, 4)
        Black, or transparent, where nothing is compared. Bluish colors are no outliers:
        ``min(|e| / 3 px, |e| / truth / 5 %)`` below 1/16, 1/8, 1/4, 1/2 and 1; yellow to dark
        red are those below 2, 4, 8 and 16, and all others.
    d1 : float
        Outliers as a fraction of the pixels compared, in [0, 1]: those with ``|e| > 3 px``
        and ``|e| / truth > 5 %``. NaN if none is compared.

    Raises
    ------
    TypeError
        If an argument is of the wrong type: complex or object arrays, say.
    ValueError
        If the shapes differ or an argument's value is not allowed.

    Notes
    -----
    The kit computes quotients in float32, which puts 5 px of 100 px above 5 %; here both
    conditions are exact for disparities that are multiples of 1/256 px. At the edge itself,
    with an error of exactly 3 px or 5 %, a pixel is yellow and no outlier, as in the kit.
    The benchmark's "D1-all" is the mean over all pixels of all images, not of images.

    References
    ----------
    M. Menze, A. Geiger (2015), Object Scene Flow for Autonomous Vehicles, CVPR; the
    benchmark's development kit, devkit_scene_flow: ``evaluate_scene_flow.cpp``,
    ``io_disp.h``, ``log_colormap.h``.

    Examples
    --------
    >>> import turbo_cmap
    >>> truth = [[20.0, 20.0, 100.0, 0.0]]
    >>> image, d1 = turbo_cmap.kitti_error([[20.1, 24.0, 104.0, 7.0]], truth)
    >>> image
    array([[[ 49,  54, 149],
            [254, 224, 144],
            [224, 243, 248],
            [  0,   0,   0]]], dtype=uint8)
    >>> round(d1, 3)
    0.333
    """
    caller = "kitti_error"
    if missing not in _MISSING:
        raise ValueError(
            f"{caller}(): missing must be one of {', '.join(_MISSING)}, got {missing!r}"
        )
    if not isinstance(order, str) or order not in COMPONENTS:
        raise ValueError(f"{caller}(): order must be one of {', '.join(COMPONENTS)}, got {order!r}")
    if isinstance(dilate, (bool, np.bool_)) or not isinstance(dilate, (int, np.integer)):
        raise TypeError(f"{caller}(): dilate must be an integer, got {type(dilate).__name__}")
    if dilate < 0:
        raise ValueError(f"{caller}(): dilate must not be negative, got {dilate}")
    found = as_source(caller, estimate, None, invalid, name="estimate")
    true = as_source(caller, truth, mask, invalid, name="truth")
    if found.values.ndim != 2 or found.values.shape != true.values.shape:
        raise ValueError(
            f"{caller}(): estimate and truth must have one shape (H, W), "
            f"got {found.values.shape} and {true.values.shape}"
        )
    classes, d1 = _classes(found, true, missing)
    if dilate:
        classes = _dilated(classes, int(dilate))
    count = len(COLORS)
    image = colorize(classes, COLORS, vmin=0, vmax=count, invalid=_NOTHING, order=order)
    return image, d1


def _classes(found: Source, true: Source, missing: str) -> tuple[AnyArray, float]:
    """The color of each pixel, and the rate of outliers."""
    filled = _background(found) if missing == "fill" else None
    classes = np.full(true.values.shape, _NOTHING, np.uint8)
    compared = outliers = 0
    for where in blocks(true.values.shape, 1 << 16):
        truth = true.part(where)
        disparity = truth.values.astype(np.float64)
        estimate = found.part(where) if filled is None else Source(filled[where], (), None)
        counts = _measured(truth)
        present = _measured(estimate)
        if missing == "ignore":
            counts &= present
        with np.errstate(all="ignore"):
            error = np.abs(estimate.values.astype(np.float64) - disparity)
        error[~present] = math.inf
        # 20 e > d is e / d > 5 %, without the rounding of a quotient and of 0.05.
        error = error[counts]
        scaled = RELATIVE_PART * error
        disparity = disparity[counts]
        compared += error.size
        outliers += int(np.count_nonzero((error > ABSOLUTE_PX) & (scaled > disparity)))
        size = np.minimum(error / ABSOLUTE_PX, scaled / disparity)
        classes[where][counts] = np.searchsorted(EDGES, size, side="right")
    return classes, outliers / compared if compared else math.nan


def _measured(source: Source) -> BoolArray:
    """Where there is a disparity: finite, greater than 0, not masked, not invalid."""
    measured: BoolArray = np.isfinite(source.values) & (source.values > 0)
    if source.invalid is not None:
        measured &= ~np.isin(source.values, source.invalid)
    for mask in source.masks:
        measured &= ~mask
    return measured


def _background(source: Source) -> FloatArray:
    """Estimates with the gaps filled as ``DisparityImage::interpolateBackground`` does it."""
    measured = _measured(source)
    filled: FloatArray = np.where(measured, source.values, np.inf).astype(np.float64)
    if measured.all() or not measured.any():
        return filled
    columns = np.arange(filled.shape[1])
    left = np.maximum.accumulate(np.where(measured, columns, -1), axis=1)
    right = np.where(measured, columns, filled.shape[1])
    right = np.minimum.accumulate(right[:, ::-1], axis=1)[:, ::-1]
    bounded = np.pad(filled, ((0, 0), (1, 1)), constant_values=np.inf)
    rows = np.arange(filled.shape[0])[:, None]
    filled = np.minimum(bounded[rows, left + 1], bounded[rows, right + 1])
    # Rows without any estimate: only above the first and below the last are they filled by
    # the kit's second pass; between them it leaves them as they are.
    present = np.flatnonzero(measured.any(axis=1))
    filled[: present[0]] = filled[present[0]]
    filled[present[-1] + 1 :] = filled[present[-1]]
    return filled


def _dilated(classes: AnyArray, radius: int) -> AnyArray:
    """Each pixel as a square, in the order of reading: the last one that covers a place stays."""
    height, width = classes.shape
    painted = np.full_like(classes, _NOTHING)
    # A place is covered last by the source that is farthest down and right of it.
    for dy in range(min(radius, height - 1), -min(radius, height - 1) - 1, -1):
        for dx in range(min(radius, width - 1), -min(radius, width - 1) - 1, -1):
            source = classes[_span(dy, height), _span(dx, width)]
            target = painted[_span(-dy, height), _span(-dx, width)]
            np.copyto(target, source, where=(target == _NOTHING) & (source != _NOTHING))
    return painted


def _span(offset: int, length: int) -> slice:
    return slice(max(0, offset), length + min(0, offset))
