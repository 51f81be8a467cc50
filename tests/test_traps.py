"""Mistakes that others make with the same data; each test holds that `colorize` does not."""

import matplotlib as mpl
import numpy as np
import pytest
from conftest import (
    DTYPES,
    FLOATS,
    INTEGERS,
    TURBO_U8,
    assert_same,
    du_polynomial,
    hostile_values,
)

from turbo_cmap import colorize

FIRST, MIDDLE, LAST = TURBO_U8[[0, 128, 255]]


# --- NaN and infinities in the data ---


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("intruder", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_does_not_touch_the_others(backend, dtype, intruder):
    # matplotlib: one NaN blanks the picture, one inf paints all else in the lowest color.
    clean = np.linspace(-3, 5, 4097).astype(dtype)
    expected = colorize(clean, backend=backend)
    for position in (0, 1, 15, 16, 1023, 1024, 4095, 4096):
        values = np.insert(clean, position, dtype_cast(intruder, dtype))
        actual = colorize(values, backend=backend)
        assert_same(np.delete(actual, position, axis=0), expected, f"{intruder} at {position}")
        painted = {np.inf: LAST, -np.inf: FIRST}.get(intruder, np.zeros(3))
        assert (actual[position] == painted).all(), f"{intruder} at {position}"


def dtype_cast(value, dtype):
    return np.dtype(dtype).type(value)


def test_a_whole_row_of_nan_and_infinities_does_not_touch_the_others(backend):
    values = np.array([[1, 2, 3], [np.nan, np.inf, -np.inf], [4, 5, 6]], np.float32)
    actual = colorize(values, backend=backend)
    assert_same(actual[::2], colorize(values[::2], backend=backend))


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_in_a_masked_array_is_bad_even_where_it_is_not_masked(backend, dtype):
    # matplotlib looks at the mask alone then, and paints NaN in the first color.
    values = np.ma.array([np.nan, 1.0, 2.0, 3.0], dtype, mask=[False, True, False, False])
    actual = colorize(values, bad="white", backend=backend)
    assert_same(actual, np.array([[255] * 3, [255] * 3, FIRST, LAST], np.uint8))


@pytest.mark.parametrize("dtype", FLOATS)
def test_every_kind_of_nan_is_bad_and_none_warns(backend, dtype):
    values = hostile_values(dtype, 0.0, 1.0)
    values = values[np.isnan(values)]
    assert len(values) >= 8  # both signs, quiet and signalling
    with np.errstate(all="raise"):
        actual = colorize(values, bad="white", vmin=0, vmax=1, backend=backend)
        assert (actual == 255).all()
        assert (colorize(values, bad="white", backend=backend) == 255).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_floating_point_error_reaches_the_caller(backend, dtype):
    # Even a caller who has asked NumPy to raise on each of them sees none.
    values = hostile_values(dtype, 0, 1)
    with np.errstate(all="raise"):
        for method in ("lut", "poly"):
            for keywords in ({}, {"vmin": 0, "vmax": 1}, {"vmin": 0.5, "vmax": 0.5}):
                pixels = colorize(values, method=method, backend=backend, **keywords)
                assert pixels.shape == (*values.shape, 3)


# --- ranges that overflow ---


@pytest.mark.parametrize("method", ["lut", "poly"])
def test_a_range_wider_than_the_dtype_holds_does_not_overflow(backend, method):
    # The width is inf in the dtype of the values, and inf / inf is NaN.
    for dtype in FLOATS:
        top = float(np.finfo(dtype).max)
        values = np.array([-top, -top / 2, 0, top / 2, top, np.inf, -np.inf, np.nan], dtype)
        if method == "lut":
            expected = TURBO_U8[[0, 64, 128, 192, 255, 255, 0, 0]]
        else:
            t = np.array([0, 0.25, 0.5, 0.75, 1, 1, 0, 0])
            expected = np.rint(np.float32(255) * du_polynomial(t)).astype(np.uint8)
        expected[-1] = 0
        keywords = {"method": method, "backend": backend}
        assert_same(colorize(values, **keywords), expected, f"{dtype}, automatic")
        assert_same(colorize(values, vmin=-top, vmax=top, **keywords), expected, f"{dtype}, given")


@pytest.mark.parametrize("method", ["lut", "poly"])
def test_a_range_far_beyond_the_dtype_paints_all_of_it_in_the_middle(backend, method):
    # The ends are inf in float32, and so is what they are scaled by, or it is 0.
    middle, white, grey = MIDDLE, [255] * 3, [51] * 3
    if method == "poly":
        middle = np.rint(np.float32(255) * du_polynomial(0.5)).astype(np.uint8)
    for dtype, top, end in (
        ("float32", 3e38, 1e300),
        ("float32", 3e38, 1e60),
        ("float16", 65504, 1e30),
        ("float16", 65504, 1e300),
        ("uint8", 255, 1e300),
    ):
        low = 0 if dtype == "uint8" else -top
        values = np.array([low, 0, 1, top], dtype)
        keywords = {"vmin": -end, "vmax": end, "method": method, "backend": backend}
        assert_same(colorize(values, **keywords), np.tile(middle, (4, 1)), f"{dtype}, {end}")
        if dtype in FLOATS:
            values = np.array([0, np.inf, -np.inf, np.nan], dtype)
            actual = colorize(
                values, under=(1, 1, 1), over=(1, 1, 1), bad=(0.2, 0.2, 0.2), **keywords
            )
            expected = np.array([middle, white, white, grey], np.uint8)
            assert_same(actual, expected, f"{dtype}, {end}, not finite")


@pytest.mark.parametrize("method", ["lut", "poly"])
def test_a_range_too_narrow_for_float32_is_still_a_range(backend, method):
    # Both ends are one float32, so that "all in float32" would take the range for a point.
    values = np.array([-5, 5, np.inf, -np.inf], np.float32)
    actual = colorize(
        values,
        vmin=0.1,
        vmax=0.1 + 1e-9,
        method=method,
        under=(1, 1, 1),
        over=(0.2, 0.2, 0.2),
        backend=backend,
    )
    assert actual[:, 0].tolist() == [255, 51, 51, 255]


def test_float16_does_not_overflow_in_the_middle_of_its_range(backend):
    # matplotlib's Normalize gives [0, 0.5, inf, inf].
    values = np.array([-60000, 0, 30000, 60000], np.float16)
    assert_same(colorize(values, backend=backend), TURBO_U8[[0, 128, 192, 255]])


# --- integers ---


def test_integers_do_not_wrap_below_the_range(backend):
    # In uint8, 10 - 12 is 254 and would be near the last color.
    for dtype in INTEGERS:
        values = np.array([10, 12, 13, 14], dtype)
        actual = colorize(values, vmin=12, vmax=14, under="white", backend=backend)
        assert (actual[0] == 255).all(), dtype
        assert_same(actual[1:], TURBO_U8[[0, 128, 255]], dtype)


def test_the_width_of_a_range_of_integers_does_not_wrap(backend):
    # In int8, 127 - -128 is -1; in int64, the whole range is -1 as well.
    for dtype in INTEGERS:
        info = np.iinfo(dtype)
        values = np.array([info.min, info.max], dtype)
        assert_same(colorize(values, backend=backend), TURBO_U8[[0, 255]], dtype)


def test_16_bit_values_are_not_taken_modulo_256(backend):
    # 300 is 44 in a byte.
    values = np.array([0, 44, 300, 65535], np.uint16)
    actual = colorize(values, vmin=0, vmax=300, backend=backend)
    # 44 / 300 * 256 = 37.5
    assert_same(actual, TURBO_U8[[0, 37, 255, 255]])
    over = colorize(values, vmin=0, vmax=255, over="white", backend=backend)
    assert_same(over[:2], TURBO_U8[[0, 44]])
    assert (over[2:] == 255).all()


def test_int8_reaches_both_ends(backend):
    # |-128| is -128 in int8.
    values = np.array([-128, -127, 0, 127], np.int8)
    actual = colorize(values, vmin=-128, vmax=128, backend=backend)
    assert_same(actual, TURBO_U8[[0, 1, 128, 255]])


def test_large_integers_keep_what_float64_keeps(backend):
    # In float32, and hence with a float32 kernel, these are one value.
    for dtype in ("uint32", "int32", "int64", "uint64"):
        values = np.arange(2**24, 2**24 + 5).astype(dtype)
        assert_same(colorize(values, backend=backend), TURBO_U8[[0, 64, 128, 192, 255]], dtype)
    for dtype in ("int64", "uint64"):
        values = np.arange(2**53 - 4, 2**53 + 1).astype(dtype)
        assert_same(colorize(values, backend=backend), TURBO_U8[[0, 64, 128, 192, 255]], dtype)


def test_integers_are_values_and_not_indices(backend):
    # matplotlib: cmap(1) is the second entry, cmap(1.0) the last one.
    for cmap in (None, "viridis", mpl.colormaps["viridis"], np.eye(3)):
        as_float = colorize(np.array([0.0, 1.0, 2.0]), cmap, backend=backend)
        for dtype in INTEGERS:
            as_integer = colorize(np.array([0, 1, 2], dtype), cmap, backend=backend)
            assert_same(as_integer, as_float, dtype)
    assert_same(colorize(1, vmin=0, vmax=1, backend=backend), LAST)
    assert_same(colorize(1.0, vmin=0, vmax=1, backend=backend), LAST)
    assert_same(colorize(True, vmin=0, vmax=1, backend=backend), LAST)


# --- byte order ---


@pytest.mark.parametrize("dtype", [d for d in DTYPES if np.dtype(d).itemsize > 1])
def test_the_byte_order_of_values_changes_nothing(backend, dtype):
    # Others take the bytes as they come and paint one constant color.
    values = np.arange(100).reshape(4, 25).astype(dtype)
    expected = colorize(values, backend=backend)
    assert len(np.unique(expected.reshape(-1, 3), axis=0)) == 100
    for byte_order in "<>":
        swapped = values.astype(np.dtype(dtype).newbyteorder(byte_order))
        assert_same(colorize(swapped, backend=backend), expected, byte_order)


# --- zero is a value ---


def test_a_given_zero_is_not_taken_for_unset(backend):
    positive, negative = np.array([2.0, 3.0, 4.0]), np.array([-4.0, -3.0, -2.0])
    for zero in (0, 0.0, -0.0, np.float32(0), np.int8(0), False):
        actual = colorize(positive, vmin=zero, backend=backend)
        assert_same(actual, TURBO_U8[[128, 192, 255]], f"vmin={zero!r}")
        actual = colorize(negative, vmax=zero, backend=backend)
        assert_same(actual, TURBO_U8[[0, 64, 128]], f"vmax={zero!r}")


def test_zero_is_invalid_only_when_asked(backend):
    for dtype in INTEGERS + FLOATS:
        values = np.array([0, 50, 100], dtype)
        assert_same(colorize(values, backend=backend), TURBO_U8[[0, 128, 255]], dtype)
        actual = colorize(values, invalid=0, bad="white", backend=backend)
        assert_same(actual, np.array([[255] * 3, FIRST, LAST], np.uint8), dtype)


def test_black_is_a_color_and_not_the_lack_of_one(backend):
    values = np.array([-1.0, 2.0, np.nan])
    for black in ((0, 0, 0), [0.0, 0.0, 0.0], np.zeros(3), "black", "#000000", np.zeros(4)):
        actual = colorize(
            values, vmin=0, vmax=1, bad=black, under=black, over=black, backend=backend
        )
        assert not actual.any(), repr(black)


# --- constant and empty ranges ---


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_constant_array_has_the_first_color(backend, dtype):
    kind = np.dtype(dtype).kind
    info = {"b": None, "f": np.finfo}.get(kind, np.iinfo)
    constants = [0, 1] if info is None else [0, 1, 3, info(dtype).max, info(dtype).min]
    for constant in constants:
        for shape in ((), (1,), (33,), (5, 2049)):
            values = np.full(shape, constant, dtype)
            expected = np.broadcast_to(FIRST, (*shape, 3))
            assert_same(colorize(values, backend=backend), expected, f"{constant} {shape}")
            if shape == (33,):
                given = colorize(values, vmin=constant, vmax=constant, backend=backend)
                assert_same(given, expected, f"{constant}, given")


def test_zeros_of_both_signs_are_constant(backend):
    for dtype in FLOATS:
        values = np.array([0.0, -0.0, 0.0, -0.0], dtype)
        assert_same(colorize(values, backend=backend), np.tile(FIRST, (4, 1)), dtype)


def test_a_constant_array_by_the_polynomial_is_its_start(backend):
    start = np.rint(np.float32(255) * du_polynomial(0)).astype(np.uint8)
    for dtype in ("uint8", "int64", "float32", "float64"):
        actual = colorize(np.full(40, 7, dtype), method="poly", backend=backend)
        assert_same(actual, np.tile(start, (40, 1)), dtype)


def test_a_reversed_constant_array_has_the_first_color_of_the_reversed_map(backend):
    actual = colorize(np.full(5, 7.0), reverse=True, backend=backend)
    assert_same(actual, np.tile(LAST, (5, 1)))


@pytest.mark.parametrize("dtype", FLOATS)
def test_around_a_range_of_one_point_only_what_is_not_finite_is_special(backend, dtype):
    # matplotlib paints all of these in the first color, NaN included.
    values = np.array([np.nan, -np.inf, -9, 2, 7, np.inf], dtype)
    actual = colorize(
        values, vmin=2, vmax=2, bad=(0, 1, 0), under=(1, 0, 1), over=(1, 1, 1), backend=backend
    )
    expected = [[0, 255, 0], [255, 0, 255], FIRST, FIRST, FIRST, [255, 255, 255]]
    assert_same(actual, np.array(expected, np.uint8))


def test_a_constant_array_with_infinities_and_nan(backend):
    values = np.array([5, np.inf, 5, np.nan, -np.inf], np.float32)
    actual = colorize(values, bad=(0, 1, 0), under=(1, 0, 1), over=(1, 1, 1), backend=backend)
    expected = [FIRST, [255] * 3, FIRST, [0, 255, 0], [255, 0, 255]]
    assert_same(actual, np.array(expected, np.uint8))


@pytest.mark.parametrize("method", ["lut", "poly"])
def test_an_array_without_one_valid_value_is_bad_throughout(backend, method):
    # Others raise IndexError or divide 0 by 0 here.
    shape = (5, 401)
    mask = np.ones(shape, bool)
    for name, values, keywords in (
        ("all NaN", np.full(shape, np.nan, np.float32), {}),
        ("all NaN, float16", np.full(shape, np.nan, np.float16), {}),
        ("all NaN, float64", np.full(shape, np.nan), {}),
        ("all NaN, one end given", np.full(shape, np.nan), {"vmin": 3}),
        ("all invalid", np.zeros(shape, np.uint16), {"invalid": 0}),
        ("all invalid, int64", np.full(shape, -1), {"invalid": [-1, 0]}),
        ("all infinite and invalid", np.full(shape, np.inf), {"invalid": np.inf}),
        ("all masked", np.zeros(shape, np.uint8), {"mask": mask}),
        ("all masked, floats", np.zeros(shape, np.float32), {"mask": True}),
        ("masked array", np.ma.masked_all(shape, np.int32), {}),
        ("masked, NaN, invalid", np.array([1.0, np.nan, 0.0]), {"mask": [1 > 0, 0 > 1, 0 > 1]}),
    ):
        if name == "masked, NaN, invalid":
            keywords = keywords | {"invalid": 0}
        for order, bad in (("rgb", [0] * 3), ("rgba", [0] * 4)):
            actual = colorize(values, method=method, order=order, backend=backend, **keywords)
            expected = np.broadcast_to(np.array(bad, np.uint8), (*values.shape, len(bad)))
            assert_same(actual, expected, f"{name}, {order}")
        white = colorize(values, method=method, bad="white", backend=backend, **keywords)
        assert (white == 255).all(), name


def test_an_array_of_infinities_is_over_and_under(backend):
    for dtype in FLOATS:
        values = np.array([np.inf, -np.inf, np.nan] * 11, dtype)
        actual = colorize(values, bad=(0, 1, 0), under=(1, 0, 1), over=(1, 1, 1), backend=backend)
        expected = np.array([[255] * 3, [255, 0, 255], [0, 255, 0]] * 11, np.uint8)
        assert_same(actual, expected, dtype)
        plain_ends = colorize(values[:2], backend=backend)
        assert_same(plain_ends, np.array([LAST, FIRST]), dtype)
