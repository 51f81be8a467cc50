"""Figures of accuracy against NumPy written down as the definitions are."""

import math
from pathlib import Path

import numpy as np
import pytest

from turbo_cmap import error_statistics, kitti_error
from turbo_cmap.accuracy import pooled

CROP = np.load(Path(__file__).parent / "data" / "cones_crop.npz")
RNG = np.random.default_rng(11)


def pair(shape=(37, 53), dtype=np.float32):
    truth = RNG.uniform(0.5, 90, shape).astype(dtype)
    estimate = (truth + RNG.normal(0, 3, shape)).astype(dtype)
    truth[RNG.random(shape) < 0.2] = 0
    estimate[RNG.random(shape) < 0.1] = np.nan
    truth[0, 0], estimate[0, 1] = np.inf, -4
    return estimate, truth


def both(estimate, truth):
    """What is measured in both, in float64."""
    e, t = estimate.astype(np.float64), truth.astype(np.float64)
    counts = np.isfinite(e) & np.isfinite(t) & (e > 0) & (t > 0)
    return e[counts], t[counts]


def test_disparities_are_as_the_benchmarks_define_them():
    estimate, truth = pair()
    e, t = both(estimate, truth)
    size = np.abs(e - t)
    found = error_statistics(estimate, truth)
    assert found.count == e.size
    assert found.truths == np.count_nonzero(np.isfinite(truth) & (truth > 0))
    assert found.bias == pytest.approx((e - t).mean(), rel=1e-12)
    assert found.mae == pytest.approx(size.mean(), rel=1e-12)
    assert found.rmse == pytest.approx(np.sqrt(((e - t) ** 2).mean()), rel=1e-12)
    assert found.median == np.median(size)
    assert found.bad == {n: np.count_nonzero(size > n) / e.size for n in (1.0, 2.0, 3.0)}
    assert found.d1 == np.count_nonzero((size > 3) & (size / t > 0.05)) / e.size
    assert found.delta is found.abs_rel is found.sq_rel is found.rmse_log is None


def test_of_real_disparities():
    estimate, truth = (CROP[name] / 256 for name in ("estimate", "truth"))
    e, t = both(estimate, truth)
    found = error_statistics(estimate, truth)
    assert (found.count, found.truths) == (e.size, np.count_nonzero(truth))
    assert found.mae == pytest.approx(np.abs(e - t).mean(), rel=1e-12)
    assert found.bad[3.0] == np.count_nonzero(np.abs(e - t) > 3) / e.size


def test_depths_are_as_eigen_et_al_define_them():
    estimate, truth = pair()
    e, t = both(estimate, truth)
    found = error_statistics(estimate, truth, quantity="depth")
    assert found.abs_rel == pytest.approx((np.abs(e - t) / t).mean(), rel=1e-12)
    assert found.sq_rel == pytest.approx(((e - t) ** 2 / t).mean(), rel=1e-12)
    assert found.rmse_log == pytest.approx(np.sqrt(((np.log(e) - np.log(t)) ** 2).mean()), rel=1e-9)
    ratio = np.maximum(e / t, t / e)
    assert found.delta == tuple((ratio < 1.25**n).mean() for n in (1, 2, 3))
    assert found.bad == {}
    assert found.d1 is None
    assert error_statistics(estimate, truth, quantity="depth", thresholds=[0.5]).bad == {
        0.5: np.count_nonzero(np.abs(e - t) > 0.5) / e.size
    }


def test_d1_is_the_rate_of_kitti_where_gaps_are_left_out():
    estimate, truth = pair(dtype=np.float64)
    found = error_statistics(estimate, truth)
    assert found.d1 == kitti_error(estimate, truth, missing="ignore")[1]


def test_an_error_of_the_threshold_is_not_bad():
    found = error_statistics([11.0, 12.0, 13.0, 13.1], [10.0] * 4)
    assert found.bad == {1.0: 0.75, 2.0: 0.5, 3.0: 0.25}
    assert error_statistics([103.0, 105.0, 105.01], [100.0] * 3).d1 == pytest.approx(1 / 3)


def test_other_numbers_may_be_negative():
    found = error_statistics([-3, 0, 5], [-1, 0, 2], quantity="other", thresholds=(1, 2.5))
    assert (found.count, found.bias, found.median) == (3, pytest.approx(1 / 3), 2)
    assert found.bad == {1.0: 2 / 3, 2.5: 1 / 3}
    assert found.d1 is None


def test_unsigned_integers_do_not_wrap():
    estimate, truth = np.array([10, 200], np.uint8), np.array([12, 100], np.uint16)
    assert error_statistics(estimate, truth).bias == 49
    big = np.array([2**63 - 1], np.int64), np.array([2**63 - 2], np.int64)
    assert error_statistics(*big).bias == 1
    assert error_statistics(*big[::-1]).bias == -1
    assert error_statistics(np.array([2**63 - 1]), np.array([-(2**63)]), quantity="other").bias == (
        2.0**64
    )
    assert error_statistics(np.uint64([2**64 - 1]), np.uint64([2**64 - 3])).bias == 2


def test_masks_and_invalid_values_do_not_count():
    estimate = np.ma.MaskedArray([1.0, 2.0, 3.0, 4.0], [1, 0, 0, 0])
    truth = np.array([1.5, 2.5, 3.5, 99.0])
    found = error_statistics(estimate, truth, mask=[False, True, False, False], invalid=99)
    assert (found.truths, found.count, found.bias) == (2, 1, -0.5)
    assert found.density == 0.5


def test_float16_and_big_endian_are_computed_in_float64():
    a, b = np.array([60000, 3], np.float16), np.array([1, 60000], np.float16)
    assert error_statistics(a, b).mae == np.abs(a.astype(float) - b.astype(float)).mean()
    swapped = error_statistics(a.astype(">f4"), b.astype(">f2"))
    assert swapped == error_statistics(a, b)


def test_without_a_common_pixel_all_is_nan():
    found = error_statistics([np.nan, 1.0], [1.0, 0.0])
    assert (found.count, found.truths, found.density) == (0, 1, 0)
    assert all(math.isnan(one) for one in (found.bias, found.mae, found.rmse, found.median))
    assert all(math.isnan(one) for one in (found.d1, *found.bad.values()))
    empty = error_statistics([], [], quantity="depth")
    assert math.isnan(empty.density)
    assert all(math.isnan(one) for one in empty.delta)


def test_many_blocks_are_one():
    estimate, truth = pair((300, 700))
    e, t = both(estimate, truth)
    found = error_statistics(estimate, truth)
    assert found.count == e.size
    assert found.mae == pytest.approx(np.abs(e - t).mean(), rel=1e-12)
    assert error_statistics(estimate[::-1, ::-1], truth[::-1, ::-1]).bad == found.bad


@pytest.mark.parametrize("quantity", ["disparity", "depth", "other"])
def test_pooled_figures_are_those_of_all_pixels(quantity):
    pairs = [pair(), pair((11, 3)), pair((5, 80))]
    whole = [np.concatenate([one[i].ravel() for one in pairs]) for i in (0, 1)]
    expected = error_statistics(*whole, quantity=quantity)
    found = pooled([error_statistics(*one, quantity=quantity) for one in pairs])
    assert (found.count, found.truths, found.quantity) == (
        expected.count,
        expected.truths,
        quantity,
    )
    for name in ("bias", "mae", "rmse", "d1", "abs_rel", "sq_rel", "rmse_log"):
        value = getattr(expected, name)
        assert getattr(found, name) == (None if value is None else pytest.approx(value, rel=1e-9))
    assert found.bad == pytest.approx(expected.bad)
    assert math.isnan(found.median)


def test_pooling_passes_over_images_without_a_common_pixel():
    nothing, some = error_statistics([np.nan], [1.0]), error_statistics([2.0], [1.0])
    assert pooled([nothing, some]).bias == 1
    assert math.isnan(pooled([nothing, nothing]).mae)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"truth": [1.0]}, ValueError, r"must have one shape, got \(2,\) and \(1,\)"),
        ({"quantity": "speed"}, ValueError, "quantity must be one of disparity, depth, other"),
        ({"thresholds": 3}, TypeError, "thresholds must be a sequence of numbers, got 3"),
        ({"thresholds": "12"}, TypeError, "thresholds must be a sequence of numbers, got '12'"),
        ({"thresholds": [-1]}, ValueError, "thresholds must be finite and not negative"),
        ({"thresholds": [np.nan]}, ValueError, "thresholds must be finite and not negative"),
        ({"estimate": [1j, 2j]}, TypeError, "estimate must be bool, integers"),
        ({"mask": [0, 1]}, TypeError, "mask must be of bool"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments, error, message):
    given = {"estimate": [1.0, 2.0], "truth": [1.0, 2.0], **arguments}
    with pytest.raises(error, match=message):
        error_statistics(given.pop("estimate"), given.pop("truth"), **given)
