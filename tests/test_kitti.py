"""The KITTI 2015 error map and outlier rate, against the definition and the benchmark's kit."""

import math
from pathlib import Path

import numpy as np
import pytest

from turbo_cmap import kitti_error

DATA = Path(__file__).parent / "data"
RNG = np.random.default_rng(2015)

# log_colormap.h of the development kit, as published: from, to, red, green, blue.
LC = [
    (0, 0.0625, 49, 54, 149),
    (0.0625, 0.125, 69, 117, 180),
    (0.125, 0.25, 116, 173, 209),
    (0.25, 0.5, 171, 217, 233),
    (0.5, 1, 224, 243, 248),
    (1, 2, 254, 224, 144),
    (2, 4, 253, 174, 97),
    (4, 8, 244, 109, 67),
    (8, 16, 215, 48, 39),
    (16, math.inf, 165, 0, 38),
]
WORST = LC[-1][2:]


def color(error, truth):
    normalized = min(error / 3.0, 20.0 * error / truth)
    return next(rgb for low, high, *rgb in LC if low <= normalized < high)


def by_definition(estimate, truth):
    """Image and D1, pixel by pixel, for a dense estimate."""
    image = np.zeros((*truth.shape, 3), np.uint8)
    outliers = total = 0
    for place, d in np.ndenumerate(truth):
        if d > 0:
            error = abs(float(estimate[place]) - float(d))
            image[place] = color(error, float(d))
            outliers += error > 3 and error / float(d) > 0.05
            total += 1
    return image, outliers / total


def interpolated(disparity):
    """``interpolateBackground`` with the loops of the kit's description; -1 is no estimate."""
    d = np.where(np.isfinite(disparity) & (disparity > 0), disparity, -1.0)
    height, width = d.shape
    for row in d:
        valid = [u for u in range(width) if row[u] >= 0]
        for u in range(width):
            if row[u] < 0 and valid and valid[0] < u < valid[-1]:
                before = max(v for v in valid if v < u)
                after = min(v for v in valid if v > u)
                row[u] = min(row[before], row[after])
        if valid:
            row[: valid[0]] = row[valid[0]]
            row[valid[-1] :] = row[valid[-1]]
    for column in d.T:
        valid = [v for v in range(height) if column[v] >= 0]
        if valid:
            column[: valid[0]] = column[valid[0]]
            column[valid[-1] :] = column[valid[-1]]
    return d


def cones():
    """A crop of Cones: estimated and true disparity, in 256ths of a pixel, 0 invalid."""
    with np.load(DATA / "cones_crop.npz") as arrays:
        return arrays["estimate"], arrays["truth"]


def test_each_color_begins_at_its_threshold():
    # 3 px are 5 % of 60 px: below that the absolute, above it the relative error decides
    for low, _, *rgb in LC:
        for truth in (60.0, 40.0, 960.0):
            threshold = low * max(3.0, truth / 20)
            image, _ = kitti_error([[truth + threshold]], [[truth]])
            assert image[0, 0].tolist() == rgb, (low, truth)
            if low:
                image, _ = kitti_error([[truth + threshold * (1 - 1e-9)]], [[truth]])
                below = LC[[c[0] for c in LC].index(low) - 1][2:]
                assert image[0, 0].tolist() == list(below), (low, truth)


@pytest.mark.parametrize(
    ("estimate", "truth", "outlier"),
    [
        (63.0, 60.0, False),  # 3 px, 5 %
        (63.01, 60.0, True),  # above both
        (23.0, 20.0, False),  # 3 px, 15 %
        (23.01, 20.0, True),
        (17.0, 20.0, False),
        (16.99, 20.0, True),  # below the truth as well
        (104.9, 100.0, False),  # 4.9 px, 4.9 %
        (105.0, 100.0, False),  # exactly 5 %, which in float32 is more
        (105.01, 100.0, True),
        (1.0, 0.5, False),  # 100 %, but half a pixel
    ],
)
def test_an_outlier_is_off_by_more_than_3_px_and_5_percent(estimate, truth, outlier):
    _, d1 = kitti_error([[estimate]], [[truth]])
    assert d1 == outlier


def test_it_is_the_definition_pixel_by_pixel_on_cones():
    estimate, truth = cones()
    estimate, truth = estimate / 256, truth / 256
    estimate = np.where(estimate > 0, estimate, 1.0)
    image, d1 = kitti_error(estimate, truth)
    expected, rate = by_definition(estimate, truth)
    np.testing.assert_array_equal(image, expected)
    assert d1 == rate
    assert 0 < d1 < 1


def test_gaps_are_filled_as_the_benchmark_does_it():
    estimate, truth = cones()
    estimate, truth = estimate / 256, truth / 256
    estimate[RNG.random(estimate.shape) < 0.7] = np.nan
    estimate[:3] = 0  # whole rows above, below
    estimate[-2:] = -1
    image, d1 = kitti_error(estimate, truth)
    expected, rate = by_definition(interpolated(estimate), truth)
    np.testing.assert_array_equal(image, expected)
    assert d1 == rate


def test_what_is_missing_can_count_as_wrong_or_not_at_all():
    truth = np.array([[10.0, 10.0, 10.0, 0.0]])
    for nothing in (np.nan, np.inf, -np.inf, 0.0, -1.0, 99.0):
        estimate = np.array([[10.0, nothing, 20.0, 20.0]])
        image, d1 = kitti_error(estimate, truth, missing="outlier", invalid=99)
        assert d1 == 2 / 3
        assert tuple(image[0, 1]) == WORST
        image, d1 = kitti_error(estimate, truth, missing="ignore", invalid=99)
        assert d1 == 1 / 2
        assert tuple(image[0, 1]) == (0, 0, 0)
        image, d1 = kitti_error(estimate, truth, invalid=99)
        assert d1 == 1 / 3
        assert tuple(image[0, 1]) == LC[0][2:]


def test_without_any_estimate_all_is_wrong():
    image, d1 = kitti_error(np.full((2, 3), np.nan), np.full((2, 3), 5.0))
    assert d1 == 1
    assert (image == WORST).all()
    # a row that the benchmark leaves empty, too
    image, d1 = kitti_error([[5.0], [np.nan], [5.0]], np.full((3, 1), 5.0))
    assert d1 == 1 / 3
    assert tuple(image[1, 0]) == WORST


def test_only_pixels_with_truth_that_are_not_masked_count():
    estimate = np.full((1, 8), 10.0)
    truth = np.array([[20.0, 10.0, 0.0, -1.0, np.nan, np.inf, 77.0, 20.0]])
    mask = np.arange(8) == 7
    image, d1 = kitti_error(estimate, truth, mask=mask, invalid=77)
    assert d1 == 1 / 2
    assert (image[0, 2:] == 0).all()
    assert (image[0, :2] != 0).any(axis=-1).all()
    masked = np.ma.masked_greater(truth, 15)
    assert kitti_error(estimate, masked)[1] == 0
    hidden = np.ma.array(estimate, mask=np.arange(8)[None] == 0)
    assert kitti_error(hidden, truth, mask=mask, invalid=77, missing="ignore")[1] == 0


def test_d1_is_nan_where_nothing_is_difference():
    image, d1 = kitti_error(np.ones((2, 3)), np.zeros((2, 3)))
    assert math.isnan(d1)
    assert (image == 0).all()
    image, d1 = kitti_error(np.ones((0, 3)), np.ones((0, 3)))
    assert math.isnan(d1)
    assert image.shape == (0, 3, 3)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint64", "float16", "float32"])
def test_types_may_differ_and_do_not_wrap(dtype):
    estimate = np.array([[10, 20, 30, 40]], dtype)
    truth = np.array([[12, 20, 200, 0]], np.uint8)
    expected = kitti_error(estimate.astype(float), truth.astype(float))
    image, d1 = kitti_error(estimate, truth)
    np.testing.assert_array_equal(image, expected[0])
    assert d1 == expected[1] == 1 / 3


def test_dilation_paints_squares_in_the_order_of_reading():
    truth = np.where(RNG.random((9, 13)) < 0.2, 50.0, 0.0)
    estimate = RNG.uniform(1, 99, truth.shape)
    plain, d1 = kitti_error(estimate, truth)
    for radius in (1, 2, 20):
        expected = np.zeros_like(plain)
        for v, u in np.argwhere(truth > 0):
            top, left = max(0, v - radius), max(0, u - radius)
            expected[top : v + radius + 1, left : u + radius + 1] = plain[v, u]
        image, same = kitti_error(estimate, truth, dilate=radius)
        np.testing.assert_array_equal(image, expected)
        assert same == d1


def test_orders_and_strides():
    estimate, truth = cones()
    rgb, d1 = kitti_error(estimate, truth)
    np.testing.assert_array_equal(kitti_error(estimate, truth, order="bgr")[0], rgb[..., ::-1])
    rgba, _ = kitti_error(estimate, truth, order="rgba")
    np.testing.assert_array_equal(rgba[..., :3], rgb)
    np.testing.assert_array_equal(rgba[..., 3], np.where(truth > 0, 255, 0))
    big_endian = kitti_error(estimate[::-1].astype(">u2"), truth[::-1], missing="ignore")[0]
    plain = kitti_error(estimate, truth, missing="ignore")[0]
    np.testing.assert_array_equal(big_endian[::-1], plain)
    assert 0 < d1 < 1


@pytest.mark.parametrize(
    ("estimate", "truth", "keywords", "error", "message"),
    [
        (np.ones((2, 3)), np.ones((3, 2)), {}, ValueError, r"one shape \(H, W\), got \(2, 3\) and"),
        (np.ones(3), np.ones(3), {}, ValueError, r"one shape \(H, W\), got \(3,\)"),
        (np.ones((1, 1), complex), np.ones((1, 1)), {}, TypeError, "estimate must be bool"),
        (np.ones((1, 1)), np.ones((1, 1), "U1"), {}, TypeError, "truth must be bool"),
        (np.ones((1, 1)), np.ones((1, 1)), {"missing": "skip"}, ValueError, "missing must be"),
        (np.ones((1, 1)), np.ones((1, 1)), {"dilate": -1}, ValueError, "dilate must not be"),
        (np.ones((1, 1)), np.ones((1, 1)), {"dilate": 1.5}, TypeError, "dilate must be an int"),
        (np.ones((1, 1)), np.ones((1, 1)), {"mask": [[0]]}, TypeError, "mask must be of bool"),
        (np.ones((1, 1)), np.ones((1, 1)), {"invalid": "0"}, TypeError, "invalid must be"),
        (
            np.ones((1, 1)),
            np.ones((1, 1)),
            {"order": "x"},
            ValueError,
            r"kitti_error\(\): order must be",
        ),
    ],
)
def test_wrong_arguments_are_named(estimate, truth, keywords, error, message):
    with pytest.raises(error, match=message):
        kitti_error(estimate, truth, **keywords)
