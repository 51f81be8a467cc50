"""Differences of two images: signed, never wrapping, bad where either is."""

import tracemalloc

import numpy as np
import pytest

from turbo_cmap import colorize, colorize_difference
from turbo_cmap.turbo import TURBO_CURVE

CENTER_COLOR = np.rint(255 * TURBO_CURVE(0.5))
RNG = np.random.default_rng(0)


def exact(estimate, truth):
    """The difference as Python has it."""
    pairs = zip(estimate.ravel().tolist(), truth.ravel().tolist(), strict=True)
    return np.array([float(a - b) for a, b in pairs]).reshape(estimate.shape)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int64", "uint64"])
def test_integers_do_not_wrap(backend, dtype):
    info = np.iinfo(dtype)
    values = np.array([info.min, info.min + 2, 10, 12, info.max - 1, info.max], dtype)
    estimate, truth = (a.ravel() for a in np.meshgrid(values, values))
    limit = float(info.max)
    got = colorize_difference(estimate, truth, limit=limit, backend=backend)
    expected = colorize(exact(estimate, truth), center=0, vmax=limit, backend=backend)
    np.testing.assert_array_equal(got, expected)


def test_64_bit_integers_are_subtracted_exactly(backend):
    truth = np.array([2**53, 2**53, -(2**62)])
    estimate = truth + np.array([1, -1, 3])
    got = colorize_difference(estimate, truth, limit=3, backend=backend)
    np.testing.assert_array_equal(got, colorize([1.0, -1, 3], center=0, vmax=3))


@pytest.mark.parametrize(
    ("first", "second"),
    [("float32", "float32"), ("float16", "uint8"), ("float64", "float32"), ("uint16", "float32")],
)
def test_the_picture_is_that_of_the_difference_about_zero(backend, first, second):
    estimate, truth = (RNG.random((2, 40, 50)) * 9).astype(np.float64)
    estimate, truth = estimate.astype(first), truth.astype(second)
    single = "float64" not in (first, second)
    kind = np.float32 if single else np.float64
    difference = estimate.astype(kind) - truth.astype(kind)
    got = colorize_difference(estimate, truth, backend=backend)
    np.testing.assert_array_equal(got, colorize(difference, center=0, backend=backend))
    got = colorize_difference(estimate, truth, limit=2, over="white", order="bgr", backend=backend)
    expected = colorize(difference, center=0, vmax=2, over="white", order="bgr", backend=backend)
    np.testing.assert_array_equal(got, expected, err_msg="with a limit")


def test_equal_images_are_the_center_color_everywhere(backend):
    image = RNG.random((30, 40)).astype(np.float32)
    expected = np.broadcast_to(CENTER_COLOR, (30, 40, 3))
    for limit in (None, 0, 1):
        got = colorize_difference(image, image, limit=limit, backend=backend)
        np.testing.assert_array_equal(got, expected)


def test_robust_limits_to_the_further_percentile(backend):
    estimate = RNG.normal(size=(60, 70)).astype(np.float32)
    truth = np.zeros_like(estimate)
    estimate[0, 0], truth[1, 1] = 1e9, np.nan
    difference = (estimate - truth)[~np.isnan(truth)]
    for robust in (True, (10, 60)):
        lo, hi = np.percentile(difference, (2, 98) if robust is True else robust)
        got = colorize_difference(estimate, truth, robust=robust, backend=backend)
        limit = max(abs(float(lo)), abs(float(hi)))
        expected = colorize_difference(estimate, truth, limit=limit, backend=backend)
        np.testing.assert_array_equal(got, expected)


def test_swapping_the_images_mirrors_the_picture(backend):
    a, b = RNG.integers(0, 255, (2, 30, 40), dtype=np.uint8)
    mirrored = colorize_difference(b, a, reverse=True, backend=backend)
    np.testing.assert_array_equal(colorize_difference(a, b, backend=backend), mirrored)


def test_what_is_invalid_in_either_is_bad_and_sets_no_limit(backend):
    estimate = np.array([1.0, 0.0, 3.0, np.nan, 5.0, 6.0, 7.0, np.inf], np.float32)
    truth = np.array([0.0, 9.0, 2.0, 1.0, np.nan, 5.5, 99.0, np.inf], np.float32)
    mask = np.arange(8) == 6
    got = colorize_difference(
        np.ma.masked_equal(estimate, 3.0), truth, mask=mask, invalid=0, bad="white", backend=backend
    )
    # 1 - 0 and 0 - 9 are invalid, 3 - 2 masked in one, 7 - 99 masked in both; 0.5 is left
    assert (got[[0, 1, 2, 3, 4, 6, 7]] == 255).all()
    np.testing.assert_array_equal(got[5], colorize([0.5], center=0, vmax=0.5)[0])


def test_layouts_are_those_of_colorize(backend):
    a, b = RNG.random((2, 31, 45)).astype(np.float32)
    difference = a - b
    out = np.empty((3, 31, 45), np.uint16)
    got = colorize_difference(
        a, b, limit=0.7, channels="first", dtype="uint16", out=out, backend=backend, threads=3
    )
    assert got is out
    expected = colorize(difference, center=0, vmax=0.7, channels="first", dtype="uint16")
    np.testing.assert_array_equal(out, expected)
    strided = colorize_difference(a[::2, ::-3], b[::2, ::-3], limit=0.7, backend=backend)
    np.testing.assert_array_equal(strided, colorize(difference[::2, ::-3], center=0, vmax=0.7))
    for shape in ((), (0, 3)):
        empty = colorize_difference(np.zeros(shape), np.zeros(shape), backend=backend)
        assert empty.shape == (*shape, 3)


def test_there_is_no_full_size_temporary(backend):
    if backend.startswith("numba"):
        colorize_difference(np.zeros(9), np.zeros(9), backend=backend)  # compiles
    a, b = RNG.random((2, 1500, 1000)).astype(np.float32)
    out = np.empty((*a.shape, 3), np.uint8)
    tracemalloc.start()
    colorize_difference(a, b, out=out, threads=1, backend=backend)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.zeros(3), np.zeros(4)), ValueError, r"one shape, got \(3,\) and \(4,\)"),
        ((np.zeros(3), "x"), TypeError, "truth must be bool, integers"),
        ((np.array([1j]), np.zeros(1)), TypeError, "estimate must be bool, integers"),
    ],
)
def test_arrays_that_do_not_fit_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        colorize_difference(*arguments)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"limit": -1}, ValueError, "limit must not be negative, got -1"),
        ({"limit": np.nan}, ValueError, "limit must be finite"),
        ({"limit": "1"}, TypeError, "limit must be a number or None"),
        ({"order": "xyz"}, ValueError, "order must be one of"),
        ({"mask": np.zeros(4, bool)}, ValueError, "mask must be broadcastable"),
        ({"invalid": "0"}, TypeError, "invalid must be a number"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(keywords, error, message):
    out = np.full((3, 3), 7, np.uint8)
    with pytest.raises(error, match=rf"colorize_difference\(\): {message}"):
        colorize_difference(np.zeros(3), np.ones(3), out=out, **keywords)
    assert (out == 7).all()


def test_an_output_that_overlaps_an_input_is_refused():
    buffer = np.zeros((4, 3), np.float32)
    with pytest.raises(ValueError, match="out must not overlap truth"):
        colorize_difference(np.zeros(4), buffer[:, 0], out=buffer, dtype="float32")
