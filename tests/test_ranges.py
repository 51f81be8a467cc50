"""Ranges: minimum and maximum, exact percentiles, and one range over many arrays."""

import weakref
from itertools import pairwise

import numpy as np
import pytest
from conftest import DTYPES, FLOATS, INTEGERS, TURBO_U8, assert_same, hostile_values, layouts

import turbo_cmap
from turbo_cmap import colorize, order_statistics, percentiles, ranges
from turbo_cmap.kernels import get_backend
from turbo_cmap.kernels.keys import finite_keys, keys_of, values_of

NUMBERS = INTEGERS + FLOATS
WIDE = [d for d in NUMBERS if np.dtype(d).itemsize > 2]
NOTHING = (np.nan, np.nan)


@pytest.fixture
def data_range(backend, monkeypatch):
    """`turbo_cmap.data_range` on every backend."""
    monkeypatch.setattr(ranges, "get_backend", lambda: get_backend(backend))
    return turbo_cmap.data_range


@pytest.fixture(params=["collected", "counted", "sampled"])
def way(request, monkeypatch):
    """By their number, values are collected, counted again, or sampled: here, any number is."""
    most = 1 << 20 if request.param == "collected" else -1
    monkeypatch.setattr(order_statistics, "FEW_VALUES", most)
    monkeypatch.setattr(order_statistics, "ROOM", most)
    monkeypatch.setattr(order_statistics, "_ROOM_A_RANK", 0)
    if request.param == "sampled":
        monkeypatch.setattr(order_statistics, "LEAST_SAMPLED", 1)
    return request.param


def assert_range(actual, expected, context=""):
    assert all(type(limit) is float for limit in actual), context
    np.testing.assert_array_equal(actual, tuple(expected), err_msg=str(context))


def drawn(dtype, count, kind, rng):
    """Values of all kinds: any bits, many ties, as measured, next to zero."""
    dtype = np.dtype(dtype)
    if kind == "any bits":
        return rng.integers(0, 256, (count, dtype.itemsize), np.uint8).view(dtype)[:, 0]
    if kind == "ties":
        return rng.integers(0, 5, count).astype(dtype)
    if kind == "measured":
        low = 0 if dtype.kind == "u" else -100
        return rng.normal(40, 20, count).clip(low, 120).astype(dtype)
    small = rng.integers(0, 100, count).astype(dtype)
    if dtype.kind == "f":
        small = small * np.finfo(dtype).smallest_subnormal
        small[rng.random(count) < 0.3] *= -1
    return small


def numpy_overflows(finite):
    """Whether two neighbors are further apart than their type holds; NumPy errs then."""
    ordered = np.sort(finite)
    if finite.dtype.kind in "iu":
        return np.diff(ordered.astype(object)).max(initial=0) > np.iinfo(finite.dtype).max
    with np.errstate(over="ignore"):
        return bool(np.isinf(np.diff(ordered)).any())


# --- minimum and maximum ---


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_range_is_the_finite_minimum_and_maximum(data_range, dtype):
    values = hostile_values(dtype, -3, 5)
    finite = values[np.isfinite(values)]
    assert_range(data_range(values), (float(finite.min()), float(finite.max())))
    assert_range(data_range(values[:1]), (float(values[0]),) * 2)


@pytest.mark.parametrize("intruder", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_does_not_count(data_range, intruder):
    # matplotlib blanks the picture; np.percentile gives NaN.
    for dtype in FLOATS:
        values = np.array([3, intruder, 1, 2, intruder], dtype)
        assert_range(data_range(values), (1, 3))
        assert_range(data_range(values, robust=(25, 50)), (1.5, 2))


def test_masked_and_invalid_values_do_not_count(data_range):
    values = np.arange(10.0)
    mask = values > 7
    for robust in (False, (0, 100)):
        assert_range(data_range(values, robust=robust, mask=mask), (0, 7))
        assert_range(data_range(np.ma.array(values, mask=mask), robust=robust), (0, 7))
        assert_range(
            data_range(np.ma.array(values, mask=mask), robust=robust, mask=values < 2), (2, 7)
        )
        assert_range(data_range(values, robust=robust, invalid=[0, 9]), (1, 8))
        assert_range(data_range(values, robust=robust, mask=mask, invalid=0), (1, 7))
        assert_range(data_range([[4, 5], [6, 7]], robust=robust, mask=[True, False]), (5, 7))


def test_zero_is_a_value_unless_asked(data_range):
    for dtype in NUMBERS:
        values = np.array([0, 50, 100], dtype)
        for robust in (False, (0, 100)):
            assert_range(data_range(values, robust=robust), (0, 100), dtype)
            assert_range(data_range(values, robust=robust, invalid=0), (50, 100), dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_both_zeros_are_invalid_where_one_is(data_range, way, dtype):
    values = np.array([-0.0, 0.0, -1.0, 2.0, -0.0, 0.0], dtype)
    for zero in (0, 0.0, -0.0):
        assert_range(data_range(values, invalid=zero), (-1, 2))
        assert_range(data_range(values, robust=(0, 50), invalid=zero), (-1, 0.5))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_that_counts_has_no_range(data_range, way, dtype):
    # Others raise IndexError here.
    ones = np.ones((3, 4), dtype)
    for robust in (False, True, (0, 100)):
        assert_range(data_range(ones, robust=robust, mask=True), NOTHING)
        assert_range(data_range(ones, robust=robust, invalid=[0, 1]), NOTHING)
        assert_range(data_range(np.ma.masked_all((2, 2), dtype), robust=robust), NOTHING)
        assert_range(data_range(np.empty((0, 5), dtype), robust=robust), NOTHING)
        assert_range(data_range([ones[:0], ones[:0]], robust=robust), NOTHING)
        if dtype in FLOATS:
            assert_range(data_range(ones * np.dtype(dtype).type("nan"), robust=robust), NOTHING)
            assert_range(data_range(ones * np.dtype(dtype).type("inf"), robust=robust), NOTHING)


def test_a_single_number_is_its_own_range(data_range):
    for value in (7, 7.0, np.float32(7), np.array(7, np.uint8), [7], [[7]]):
        for robust in (False, True):
            assert_range(data_range(value, robust=robust), (7, 7))


# --- percentiles ---


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("kind", ["any bits", "ties", "measured", "near zero"])
def test_percentiles_are_those_of_numpy_in_every_bit(data_range, way, dtype, kind):
    rng = np.random.default_rng([ord(letter) for letter in dtype + kind])
    for size in (1, 2, 3, 5, 17, 1025, 5000):
        values = drawn(dtype, size, kind, rng)
        if dtype in FLOATS:
            values = values.copy()
            values[rng.random(size) < 0.1] = np.nan
            values[rng.random(size) < 0.1] = np.inf
            values[rng.random(size) < 0.1] = -0.0
        finite = values[np.isfinite(values)]
        if not finite.size or numpy_overflows(finite):
            continue
        for percents in ((2, 98), (0, 100), (50, 50), tuple(np.sort(rng.random(2) * 100).tolist())):
            expected = np.percentile(finite, percents)
            assert_range(data_range(values, robust=percents), expected, (size, percents))


def test_true_is_the_2nd_to_98th_percentile(data_range):
    values = np.random.default_rng(1).normal(size=(40, 50))
    for robust in (True, np.True_, (2, 98), [2, 98], np.array([2, 98]), (np.float32(2), 98.0)):
        assert_range(data_range(values, robust=robust), np.percentile(values, (2, 98)))
    for robust in (False, np.False_):
        assert_range(data_range(values, robust=robust), (values.min(), values.max()))


def test_large_arrays(data_range):
    # Large enough to be counted, to have more values in a bin than are collected, and to have
    # counters of one value only.
    rng = np.random.default_rng(2)
    for name, values in {
        "measured": rng.normal(size=200_000).astype(np.float32),
        "any bits": drawn("float32", 200_000, "any bits", rng),
        "constant": np.full(200_000, 3.25, np.float32),
        "three values": rng.integers(0, 3, 200_000).astype(np.float32),
        "integers in float32": rng.integers(0, 65536, 200_000).astype(np.float32),
        "three floats in a row": np.float32(1) + rng.integers(0, 3, 200_000) * np.float32(2**-23),
        "half NaN": np.where(rng.random(200_000) < 0.5, np.nan, rng.normal(size=200_000)),
        "uint16": rng.integers(0, 65536, 200_000).astype(np.uint16),
        "small int64": rng.integers(-300, 300, 200_000),
        "float64": rng.normal(size=200_000),
        "float64 with 16 bits": rng.integers(0, 65536, 200_000).astype(np.float64),
        "time in ns": 1_700_000_000_000_000_000 + rng.integers(0, 10**10, 200_000),
    }.items():
        finite = values[np.isfinite(values)]
        for percents in ((2, 98), (0.013, 50)):
            expected = np.percentile(finite, percents)
            assert_range(data_range(values, robust=percents), expected, name)


def test_values_that_differ_in_their_last_bits_only(data_range, monkeypatch):
    # The one case of four passes: too many for collecting after three, and bounds do not help,
    # since there are others around.
    rng = np.random.default_rng(3)
    near = np.concatenate([rng.integers(0, 1 << shift, 3000) for shift in (10, 24, 40, 56)])
    values = np.concatenate([near, near + (1 << 62), -near])
    for dtype in (np.int64, np.float64):
        typed = values.view(dtype) if dtype is np.int64 else np.abs(values).view(dtype)
        passes = []
        counted = order_statistics._count
        monkeypatch.setattr(order_statistics, "ROOM", 10)
        monkeypatch.setattr(order_statistics, "_ROOM_A_RANK", 0)
        monkeypatch.setattr(
            order_statistics, "_count", lambda *args, c=counted, p=passes: p.append(1) or c(*args)
        )
        for percents in ((2, 98), (40, 60)):
            assert_range(data_range(typed, robust=percents), np.percentile(typed, percents))
            assert len(passes) <= 4
            passes.clear()


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64", "int64"])
def test_the_number_of_passes(backend, dtype):
    rng = np.random.default_rng(4)
    values = rng.normal(100, 15, 100_000).clip(0, 200).astype(dtype)
    source = turbo_cmap.arguments.as_source("test", values)
    walks = []

    def walk():
        walks.append(1)
        return [(source, 1)]

    found = percentiles.percentiles(get_backend(backend), walk, values.dtype, (2, 98))
    assert_range(found, np.percentile(values, (2, 98)))
    assert len(walks) <= {1: 1, 2: 1, 4: 2, 8: 3}[values.itemsize]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16", "float32", "int64"])
def test_every_memory_layout(data_range, way, dtype):
    rng = np.random.default_rng(5)
    image = drawn(dtype, 40 * 131, "measured", rng).reshape(40, 131)
    for name, values in layouts(image):
        finite = np.array(values).astype(np.uint8 if dtype == "bool" else dtype)
        expected = np.percentile(finite, (10, 80))
        assert_range(data_range(values, robust=(10, 80)), expected, name)


def test_masks_in_every_memory_layout(data_range, way):
    rng = np.random.default_rng(6)
    image = rng.normal(size=(40, 131)).astype(np.float32)
    mask = rng.random(image.shape) < 0.4
    for (name, values), (_, other), (_, third) in zip(
        layouts(image), layouts(mask), layouts(np.roll(mask, 7)), strict=True
    ):
        if values.shape != other.shape:
            continue
        kept = values[~(other | third)]
        if kept.size:
            masked = np.ma.array(values, mask=other)
            actual = data_range(masked, robust=(10, 80), mask=third)
            assert_range(actual, np.percentile(kept.astype(np.float32), (10, 80)), name)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_invalid_values_are_left_out_of_percentiles(data_range, way, dtype):
    rng = np.random.default_rng(7)
    values = rng.integers(0, 20, 500).astype(dtype)
    unwanted = [0, 3, 19, 1000, np.nan, np.inf]
    expected = np.percentile(values[~np.isin(values, [0, 3, 19])], (5, 60))
    assert_range(data_range(values, robust=(5, 60), invalid=unwanted), expected)
    swapped = values.astype(np.dtype(dtype).newbyteorder())
    assert_range(data_range(swapped, robust=(5, 60), invalid=unwanted), expected)


def test_every_float16_can_be_invalid(data_range):
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    values = values[np.isfinite(values)]
    for one in values[::499]:
        expected = np.percentile(values[values != one].astype(np.float32), (0, 100))
        assert_range(data_range(values, robust=(0, 100), invalid=float(one)), expected, one)
        assert_range(data_range([one, one], robust=True, invalid=float(one)), NOTHING, one)


def test_bools_are_0_and_1(data_range, way):
    values = np.array([0, 2, 255, 0, 1, 0], np.uint8).view(bool)  # true is any byte but 0
    assert_range(data_range(values), (0, 1))
    assert_range(data_range(values, robust=(0, 50)), (0, 0.5))


def test_differences_that_overflow_in_the_type(data_range, way):
    # NumPy wraps around, or gives inf and NaN.
    for dtype in INTEGERS:
        info = np.iinfo(dtype)
        low, high = data_range(np.array([info.min, info.max], dtype), robust=(25, 50))
        width = float(info.max) - float(info.min)
        assert low == info.min + width / 4, dtype
        assert high == info.max - width / 2, dtype
    for dtype in FLOATS:
        top = float(np.finfo(dtype).max)
        values = np.array([-top, top], dtype)
        assert_range(data_range(values, robust=(0, 100)), (-top, top), dtype)
        assert_range(data_range(values, robust=(25, 50)), (-top / 2, 0), dtype)
        assert_range(data_range(values, robust=(75, 75)), (top / 2,) * 2, dtype)


def test_integers_beyond_2_to_the_53(data_range, way):
    values = (1 << 60) + np.arange(0, 5000, 7)
    assert_range(data_range(values, robust=(1, 99)), np.percentile(values, (1, 99)))
    values = np.array([(1 << 64) - 1, (1 << 64) - 3, (1 << 63), 5], np.uint64)
    assert_range(data_range(values, robust=(10, 50)), np.percentile(values, (10, 50)))


# --- colorize ---


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("threads", [1, 3])
def test_robust_colors_are_those_of_the_percentiles(backend, dtype, threads):
    rng = np.random.default_rng(8)
    values = drawn(dtype, 61 * 83, "measured", rng).reshape(61, 83)
    mask = rng.random(values.shape) < 0.2
    kept = values[~mask].astype(np.uint8 if dtype == "bool" else dtype)
    for robust in (True, (10, 75)):
        low, high = np.percentile(kept, (2, 98) if robust is True else robust)
        keywords = {"mask": mask, "backend": backend, "under": "white", "over": "magenta"}
        actual = colorize(values, robust=robust, threads=threads, **keywords)
        assert_same(actual, colorize(values, vmin=low, vmax=high, **keywords))


def test_a_limit_that_is_given_wins(backend):
    values = np.random.default_rng(9).normal(size=1000)
    low, high = np.percentile(values, (2, 98))
    for keywords, limits in (
        ({"vmin": 0}, (0, high)),  # falsy, and not unset
        ({"vmax": 0.0}, (low, 0)),
        ({"vmin": -1, "vmax": 0.5}, (-1, 0.5)),
    ):
        actual = colorize(values, robust=True, backend=backend, **keywords)
        expected = colorize(values, vmin=limits[0], vmax=limits[1], backend=backend)
        assert_same(actual, expected)
    beyond = colorize(values, robust=True, vmin=99, under="white", backend=backend)
    assert (beyond == 255).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_an_outlier_does_not_take_the_colors(backend, dtype):
    values = np.concatenate([np.linspace(0, 1, 999), [60000]]).astype(dtype)
    plain = colorize(values, backend=backend)
    robust = colorize(values, robust=True, backend=backend)
    assert len(np.unique(plain[:-1], axis=0)) == 1
    assert len(np.unique(robust[:-1], axis=0)) == 256
    assert (robust[-1] == TURBO_U8[255]).all()


@pytest.mark.parametrize("robust", [True, (0, 100), (50, 50)])
def test_nothing_valid_is_bad_throughout_and_constants_have_the_first_color(backend, robust):
    for dtype in FLOATS:
        nothing = np.full((3, 50), np.nan, dtype)
        assert not colorize(nothing, robust=robust, backend=backend).any()
        assert not colorize(nothing, robust=robust, vmin=2, backend=backend).any()
    assert not colorize(np.zeros(5, int), robust=robust, invalid=0, backend=backend).any()
    assert colorize(np.zeros((0, 3)), robust=robust, backend=backend).shape == (0, 3, 3)
    for dtype in DTYPES:
        constant = colorize(np.ones(70, dtype), robust=robust, backend=backend)
        assert_same(constant, np.tile(TURBO_U8[0], (70, 1)))


def test_no_floating_point_error_reaches_the_caller(data_range, way):
    for dtype in DTYPES:
        values = hostile_values(dtype, 0, 1)
        with np.errstate(all="raise"):
            for robust in (False, True, (0, 100), (49.9, 50.1)):
                low, high = data_range(values, robust=robust)
                assert np.isfinite([low, high]).all()
                assert low <= high


# --- the sample ---


def adversaries():
    """Values of which a sample shows little, or the wrong thing; larger than is collected."""
    rng = np.random.default_rng(11)
    count = 100_000
    number = np.arange(count)
    stride = count // round(count ** (2 / 3))
    nearly = np.zeros(count)
    nearly[rng.integers(0, count, 2100)] = rng.normal(size=2100)
    golden = ((number * 0.6180339887498949) % 1).astype(np.float32)
    one_ulp = np.float32(1) + rng.integers(0, 1000, count) * np.float32(2**-23)
    rare = np.full(count, np.nan, np.float32)
    rare[:: count // 50] = rng.normal(size=len(rare[:: count // 50]))
    return {
        "sorted": number.astype(np.float32),
        "sorted backwards": -number,
        "constant": np.full(count, -2.5),
        "periodic with the stride": np.where(number % stride == 0, 1e9, number % 97).astype("f4"),
        "periodic as the sample": golden,
        "few distinct values": rng.choice(np.array([-1, 0, 0.5, 7], np.float32), count),
        "nearly constant": nearly,
        "two rare values": np.where(number % 1000 == 3, number % 7 - 3, 5).astype(np.int32),
        "almost all NaN": rare,
        "infinities and NaN": rng.choice(np.array([np.inf, -np.inf, np.nan, 1, 2, 3]), count),
        "last bits": one_ulp,
        "last bits of float64": 1 + rng.integers(0, 50_000, count) * 2.0**-52,
        "all bits": drawn("float64", count, "any bits", rng),
        "all integers": drawn("int64", count, "any bits", rng),
        "an outlier": np.where(number == 77, 1e30, rng.normal(size=count)).astype(np.float32),
        "ends of the type": rng.choice(np.array([0, 1, 2**32 - 2, 2**32 - 1], np.uint32), count),
        "time in ns": 1_700_000_000_000_000_000 + rng.integers(0, 10**10, count),
        "both zeros": rng.choice(np.array([-0.0, 0.0, -1e-45, 1e-45], np.float32), count),
        "half of it the same": np.where(number < count // 2, 3, rng.normal(size=count)),
    }


@pytest.mark.parametrize("name", adversaries())
def test_what_a_sample_does_not_show(backend, name):
    values = adversaries()[name]
    finite = np.sort(values[np.isfinite(values)])
    kernels = get_backend(backend)
    source = turbo_cmap.arguments.as_source("test", values.reshape(100, -1))
    arguments = (kernels, lambda: [(source, 2)], values.dtype)
    overflows = numpy_overflows(finite)
    for percents in ((2, 98), (0, 100), (49.9, 50), (99, 100)):
        actual = percentiles.percentiles(*arguments, percents, values.size, held=[source])
        if overflows:
            expected = percentiles.percentiles(*arguments, percents)  # without a sample
        else:
            expected = np.percentile(finite, percents)
        assert_range(actual, expected, percents)
    for number in (3, 257):
        parts = np.linspace(0, 1, number)
        found = percentiles.quantiles(*arguments, parts, values.size, held=[source])
        np.testing.assert_array_equal(found, smallest_not_below(finite, parts))


@pytest.mark.parametrize("dtype", WIDE)
def test_a_sample_saves_a_pass(backend, dtype):
    # As long as the values are not made to defeat it: then it costs one.
    rng = np.random.default_rng(12)
    values = rng.normal(100, 15, (400, 500)).clip(0, 200).astype(dtype)
    source = turbo_cmap.arguments.as_source("test", values)
    walks = []

    def walk():
        walks.append(1)
        return [(source, 1)]

    arguments = (get_backend(backend), walk, values.dtype)
    found = percentiles.percentiles(*arguments, (2, 98), values.size, held=[source])
    assert_range(found, np.percentile(values, (2, 98)))
    assert len(walks) == 1
    for number, passes in ((257, 3 if dtype in INTEGERS else 2), (65_537, 3)):
        walks.clear()
        percentiles.quantiles(*arguments, np.linspace(0, 1, number), values.size, held=[source])
        assert len(walks) <= passes


@pytest.mark.parametrize("name", ["Fortran", "strided", "masked", "swapped"])
def test_samples_of_every_layout(data_range, name):
    rng = np.random.default_rng(13)
    image = rng.normal(size=(500, 400)).astype(np.float32)
    mask = rng.random(image.shape) < 0.5
    invalid = float(image[0, 0])
    values = {
        "Fortran": np.asfortranarray(image),
        "strided": np.repeat(image, 2, axis=1)[::-1, ::2],
        "masked": np.ma.array(image, mask=mask),
        "swapped": image.astype(image.dtype.newbyteorder()),
    }[name]
    kept = image[~mask & (image != invalid)] if name == "masked" else image[image != invalid]
    expected = np.percentile(kept, (2, 98))
    assert_range(data_range(values, robust=True, invalid=invalid), expected)
    assert_range(
        data_range([values] * 3, robust=True, invalid=invalid),
        np.percentile(np.concatenate([kept] * 3), (2, 98)),
    )


# --- quantiles ---


def smallest_not_below(ordered, parts):
    """The smallest values that at least these parts of them are not above."""
    reached = np.arange(1, len(ordered) + 1) / len(ordered)
    return ordered[np.searchsorted(reached, parts)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["any bits", "ties", "measured"])
def test_quantiles_are_the_values_at_ranks(backend, way, dtype, kind):
    rng = np.random.default_rng([ord(letter) for letter in dtype + kind])
    single = dtype in ("bool", "uint8", "int8", "uint16", "int16", "float16", "float32")
    kernels = get_backend(backend)
    for size, threads in ((1, 1), (2, 1), (7, 1), (3000, 3)):
        values = drawn(dtype, size, kind if dtype != "bool" else "ties", rng)
        mask = rng.random(size) < 0.2
        kept = np.sort(values[~mask & np.isfinite(values)])
        source = turbo_cmap.arguments.Source(values, (mask,), None)
        for parts in (np.linspace(0, 1, 257), np.array([0, 0.1, 0.3, 0.3, 1])):
            found = ranges.resolve_quantiles(kernels, source, parts, threads)
            assert found.dtype == (np.float32 if single else np.float64)
            if kept.size:
                expected = smallest_not_below(kept, parts).astype(found.dtype)
                np.testing.assert_array_equal(found, expected)
            else:
                assert found.shape == (0,)


def test_quantiles_agree_with_numpy(backend):
    values = np.random.default_rng(14).normal(size=1001)
    source = turbo_cmap.arguments.as_source("test", values)
    parts = np.arange(129) / 128
    found = ranges.resolve_quantiles(get_backend(backend), source, parts)
    np.testing.assert_array_equal(found, np.quantile(values, parts, method="inverted_cdf"))
    tenths = np.arange(11) / 10  # some of them a little more than tenths
    source = turbo_cmap.arguments.as_source("test", np.arange(10.0))
    found = ranges.resolve_quantiles(get_backend(backend), source, tenths)
    assert found.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_quantiles_of_nothing_are_none(backend):
    for values in (np.empty(0), np.full(9, np.nan), np.full((200, 400), np.inf, np.float32)):
        source = turbo_cmap.arguments.as_source("test", values)
        found = ranges.resolve_quantiles(get_backend(backend), source, np.array([0, 0.5, 1]))
        assert found.shape == (0,)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_many_arrays_have_quantiles_together(backend, way, dtype):
    kernels = get_backend(backend)
    frames = [np.abs(frame).astype(dtype) for frame in FRAMES]
    parts = np.linspace(0, 1, 33)
    expected = smallest_not_below(np.sort(np.concatenate([f.ravel() for f in frames])), parts)
    for kind in (list, tuple, Video, Dataset):
        arrays = ranges.as_data("test", kernels, kind(frames), None, None)
        np.testing.assert_array_equal(arrays.quantiles(parts), expected)
    generator = ranges.as_data("test", kernels, (frame for frame in frames), None, None)
    if dtype in WIDE:
        with pytest.raises(ValueError, match=rf"again for quantiles of {dtype}.*generator"):
            generator.quantiles(parts)
    else:
        np.testing.assert_array_equal(generator.quantiles(parts), expected)
    none = ranges.as_data("test", kernels, iter([]), None, None)
    assert none.quantiles(parts).shape == (0,)


# --- many arrays ---

FRAMES = [
    np.random.default_rng(n).normal(n, 3, shape).astype(np.float32)
    for n, shape in enumerate([(20, 30), (20, 30), (5,), (0, 4), (2, 3, 4)])
]
ALL = np.concatenate([frame.ravel() for frame in FRAMES])


class Video:
    """Something that begins anew each time."""

    def __init__(self, frames):
        self.frames = frames

    def __iter__(self):
        return iter(self.frames)


class Dataset:
    """The old way to iterate."""

    def __init__(self, frames):
        self.frames = frames

    def __len__(self):
        return len(self.frames)

    def __getitem__(self, number):
        return self.frames[number]


@pytest.mark.parametrize(
    "kind", [list, tuple, Video, Dataset, lambda f: dict(enumerate(f)).values()]
)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_many_arrays_have_one_range(data_range, way, kind, dtype):
    frames = [np.abs(frame).astype(dtype) for frame in FRAMES]
    values = np.concatenate([frame.ravel() for frame in frames])
    assert_range(data_range(kind(frames)), (values.min(), values.max()))
    for percents in ((2, 98), (30, 31)):
        actual = data_range(kind(frames), robust=percents)
        assert_range(actual, np.percentile(values, percents))


def test_a_generator_is_enough_for_minimum_and_maximum(data_range):
    assert_range(data_range(frame for frame in FRAMES), (ALL.min(), ALL.max()))
    assert_range(data_range(map(np.abs, FRAMES)), (abs(ALL).min(), abs(ALL).max()))
    assert_range(data_range(iter([3, 1.5, np.int8(7)])), (1.5, 7))
    assert_range(data_range(iter([])), NOTHING)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int16", "float16"])
def test_a_generator_is_enough_for_percentiles_of_up_to_16_bits(data_range, dtype):
    frames = [np.abs(frame).astype(dtype) for frame in FRAMES]
    values = np.concatenate([frame.ravel() for frame in frames])
    values = values.astype(np.uint8) if dtype == "bool" else values
    actual = data_range((frame for frame in frames), robust=True)
    assert_range(actual, np.percentile(values, (2, 98)))


@pytest.mark.parametrize("dtype", WIDE)
def test_a_generator_is_not_enough_for_percentiles_of_more(data_range, dtype):
    with pytest.raises(ValueError, match=rf"values must be a list.*again.*{dtype}.*generator"):
        data_range((frame.astype(dtype) for frame in FRAMES), robust=True)
    assert_range(data_range(iter([]), robust=True), NOTHING)


def test_types_may_differ_for_minimum_and_maximum_only(data_range):
    frames = [np.array([200], np.uint8), np.array([-3.5], np.float32), np.array([1 << 40])]
    assert_range(data_range(frames), (-3.5, 1 << 40))
    with pytest.raises(TypeError, match=r"values must be of one dtype.*uint8 and float32"):
        data_range(frames, robust=True)
    swapped = [np.arange(5, dtype="<i4"), np.arange(9, dtype=">i4")]
    expected = np.percentile(np.concatenate(swapped), (2, 98))
    assert_range(data_range(swapped, robust=True), expected)


def test_each_array_can_be_masked_and_have_invalid_values(data_range):
    frames = [np.ma.masked_greater(frame, 5) for frame in FRAMES]
    kept = ALL[ALL <= 5]
    assert_range(data_range(frames), (kept.min(), kept.max()))
    assert_range(data_range(frames, robust=True), np.percentile(kept, (2, 98)))
    whole = [np.array([0, 4, 9]), np.array([0, 0, 0])]
    assert_range(data_range(whole, invalid=0), (4, 9))
    assert_range(data_range(whole, invalid=0, robust=(0, 50)), (4, 6.5))


def test_a_mask_is_for_one_array(data_range):
    with pytest.raises(ValueError, match=r"mask must be None for an iterable.*ndarray"):
        data_range(FRAMES, mask=np.zeros((20, 30), bool))


def test_arrays_that_are_others_the_second_time(data_range):
    rng = np.random.default_rng(0)

    class Noise:
        def __iter__(self):
            return (rng.normal(size=50) for _ in range(3))

    class Exhausted:
        def __init__(self):
            self.frames = iter(FRAMES)

        def __iter__(self):
            yield from self.frames

    for source in (Noise(), Exhausted()):
        with pytest.raises(ValueError, match=r"same arrays each time.*(Noise|Exhausted)"):
            data_range(source, robust=True)


def test_lists_of_numbers_are_one_array(data_range):
    for values in (
        [3, 1, 2],
        (3.0, 1.0, 2.0),
        [[1, 2], [3, 2]],
        [np.float32(1), np.float32(3)],
        [np.array(1), np.array(3)],
        range(1, 4),
        memoryview(np.array([1, 3], np.int16)),
    ):
        assert_range(data_range(values), (1, 3))
        assert_range(data_range(values, robust=(0, 100)), (1, 3))
        assert_range(data_range(values, mask=False), (1, 3))  # so it is one array
    assert_range(data_range([]), NOTHING)


def test_no_array_is_kept(data_range):
    alive = []

    class Frames:
        def __iter__(self):
            for number in range(20):
                alive.append(sum(one() is not None for one in references))
                frame = np.full((30, 30), number, np.float32)
                references.append(weakref.ref(frame))
                yield frame
                del frame

    for robust in (False, True):
        references = []
        assert_range(data_range(Frames(), robust=robust)[:1], (0,))
    assert max(alive) <= 2  # one being made, one being looked at


def test_an_error_in_one_array_is_that_of_values(data_range):
    with pytest.raises(TypeError, match=r"data_range\(\): values must be bool.*complex128"):
        data_range([np.zeros(3), np.zeros(3, complex)])


# --- errors ---


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"values": "abc"}, TypeError, "values must be bool, integers.*<U3"),
        ({"values": {1: 2}}, TypeError, "values must be.*object"),
        ({"values": None}, TypeError, "values must be.*object"),
        ({"values": np.zeros(2, complex)}, TypeError, "complex128"),
        ({"robust": 5}, TypeError, r"robust must be True, False or two percentiles.*got 5"),
        ({"robust": "yes"}, TypeError, "got 'yes'"),
        ({"robust": None}, TypeError, "got None"),
        ({"robust": (2,)}, TypeError, r"got \(2,\)"),
        ({"robust": (1, 2, 3)}, TypeError, r"got \(1, 2, 3\)"),
        ({"robust": (2, "98")}, TypeError, "'98'"),
        ({"robust": (2, None)}, TypeError, "None"),
        ({"robust": (True, 98)}, TypeError, "True"),
        ({"robust": (98, 2)}, ValueError, r"0 <= lo <= hi <= 100, got \(98, 2\)"),
        ({"robust": (-0.1, 98)}, ValueError, r"got \(-0.1, 98\)"),
        ({"robust": (2, 101)}, ValueError, r"got \(2, 101\)"),
        ({"robust": (2, np.nan)}, ValueError, r"got \(2, nan\)"),
        ({"mask": [0, 1, 0]}, TypeError, "mask must be of bool"),
        ({"mask": [True, False]}, ValueError, "mask must be broadcastable"),
        ({"invalid": "0"}, TypeError, "invalid must be a number"),
    ],
)
def test_errors_name_argument_rule_and_what_came(data_range, keywords, error, message):
    with pytest.raises(error, match=rf"^data_range\(\): .*{message}"):
        data_range(**{"values": [1.0, 2.0, 3.0], **keywords})


# --- kernels ---


@pytest.mark.parametrize("dtype", DTYPES)
def test_keys_are_ordered_as_values(dtype):
    values = hostile_values(dtype, -3, 5)
    finite = np.sort(values[np.isfinite(values)])
    keys = keys_of(finite)
    first, last = finite_keys(np.dtype(dtype))
    assert first <= int(keys.min())
    assert int(keys.max()) <= last
    for (a, b), (key_a, key_b) in zip(pairwise(finite), pairwise(keys), strict=True):
        assert key_a < key_b if a < b else a == b
    assert_same(
        values_of(keys.astype(np.uint64), np.dtype(dtype)),
        finite.view(np.uint8) if dtype == "bool" else finite,
    )
    unordered = keys_of(values[~np.isfinite(values)])
    assert all(not first <= int(key) <= last for key in unordered)


@pytest.mark.parametrize("number", [2, 9, 500])
@pytest.mark.parametrize("dtype", DTYPES)
def test_backends_count_collect_and_select_alike(backend, dtype, number):
    rng = np.random.default_rng(10)
    values = drawn(dtype, 3000, "any bits" if dtype != "bool" else "ties", rng).reshape(50, 60)
    mask = rng.random(values.shape) < 0.1
    source = turbo_cmap.arguments.Source(values, (mask, mask[::-1]), values[:2, 0].copy())
    # from anywhere to anywhere, a crowd of narrow spans, and values at their ends
    bits = 1 if dtype == "bool" else 8 * np.dtype(dtype).itemsize
    edges = np.concatenate(
        [
            rng.integers(0, 1 << bits, number, np.uint64),
            (1 << bits >> 1)
            + rng.integers(0, max(1, min(1 << bits >> 2, 4 * number)), number, "u8"),
            keys_of(values.reshape(-1)[:number]),
        ],
        dtype=np.uint64,
    )
    edges = np.unique(edges)
    edges = edges[: len(edges) // 2 * 2].reshape(-1, 2)
    lengths = [int(last - first).bit_length() for first, last in edges.tolist()]
    shifts = np.array([max(0, length - int(rng.integers(1, 7))) for length in lengths], np.uint64)
    spans = np.column_stack([edges, shifts])
    reference, kernels = get_backend("numpy"), get_backend(backend)
    for actual, expected in zip(
        kernels.count(source, spans), reference.count(source, spans), strict=True
    ):
        assert_same(actual, expected)
    everything = reference.collect(source, spans, 3000)
    assert len(everything)
    assert_same(np.sort(kernels.collect(source, spans, 3000)), np.sort(everything))
    few = kernels.collect(source, spans, 100)
    assert len(few) == min(100, len(everything))
    assert np.isin(few, everything).all()
    spans = np.concatenate([spans[:3], spans[:1], [[0, spans[-1, 1], 0]]]).astype(np.uint64)
    sizes, keys = kernels.select(source, spans, 2, 3000)
    expected_sizes, expected = reference.select(source, spans, 2, 3000)
    assert_same(sizes, expected_sizes)
    assert_same(np.sort(keys), np.sort(expected))


@pytest.mark.skipif("native" not in turbo_cmap.available_backends(), reason="needs the extension")
def test_the_extension_refuses_what_would_not_fit():
    from turbo_cmap.kernels import _native

    kernel = _native.kernel("scalar")
    source = (np.zeros(5, np.uint8), 1, False, (), None, None)

    def count(spans, bins=256, count=1, dtype=np.uint64):
        spans = np.array(spans, dtype)
        counts, bounds = np.zeros(bins, np.uint64), np.zeros((2, count), np.uint64)
        _native.count(kernel, source, spans, counts, bounds)
        return counts

    def select(spans, kept=0, count=1):
        spans, sizes = np.array(spans, np.uint64), np.zeros(count, np.uint64)
        keys = np.zeros(3, np.uint64)
        _native.select(kernel, source, spans, kept, sizes, keys)
        return sizes

    assert count([[0, 255, 0]])[0] == 5
    assert select([[0, 255, 0], [0, 9, 0]], 1, 2).tolist() == [5, 5]
    for spans, keywords in (
        ([[0, 256, 0]], {}),
        ([[0, 255, 0]], {"bins": 255}),
        ([[5, 4, 0]], {}),
        ([[0, 255, 32]], {}),
        ([[0, 1 << 32, 31]], {}),
        ([[0, 255, 0]], {"count": 2}),
        ([[0, 255]], {}),
        ([[0, 1, 0], [2, 3, 0]], {}),
        ([[0, 255, 0]], {"bins": 257}),
        ([[0, 127, 0], [127, 254, 0]], {"count": 2}),
        ([[128, 255, 0], [0, 127, 0]], {"count": 2}),
    ):
        with pytest.raises(ValueError, match="spans"):
            count(spans, **keywords)
    for spans, keywords in (
        ([[5, 4, 0]], {}),
        ([[0, 1 << 32, 0]], {}),
        ([[0, 255, 0]], {"count": 2}),
        ([[0, 255, 0]], {"kept": -1}),
    ):
        with pytest.raises(ValueError, match="spans"):
            select(spans, **keywords)
    with pytest.raises(ValueError, match="spans"):
        _native.collect(kernel, source, np.array([9, 1, 0], np.uint64), np.zeros(3, np.uint64))
    with pytest.raises(ValueError, match="uint64"):
        _native.collect(kernel, source, np.array([0, 1, 0], np.uint64), np.zeros(3, "u1"))
