"""What `colorize` paints, against oracles outside the package; every comparison is exact."""

import doctest
import itertools
import tracemalloc

import matplotlib as mpl
import numpy as np
import pytest
from conftest import (
    DTYPES,
    DU,
    EMPTY_SHAPES,
    FLOATS,
    INTEGERS,
    LENGTHS,
    RANGES,
    TURBO,
    TURBO_U8,
    assert_same,
    du_polynomial,
    du_position,
    expected_colors,
    guarded_outs,
    hostile_image,
    hostile_values,
    layouts,
    levels,
    matplotlib_bytes,
    plain,
)
from matplotlib.colors import ListedColormap

import turbo_cmap
from turbo_cmap import colorize

ORDERS = {"rgb": [0, 1, 2], "bgr": [2, 1, 0], "rgba": [0, 1, 2, 3], "bgra": [2, 1, 0, 3]}
OUT_DTYPES = ("uint8", "uint16", "float32")

# Under, over and bad are not in any table here, so that they cannot be mistaken for an entry.
PURPLE, WHITE, GREY = (0.5, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.75), (0.25, 0.25, 0.25, 0.5)


def random_table(n, components=3, seed=0):
    """A table of *n* different colors, no two neighbors alike."""
    return np.random.default_rng([seed, n, components]).random((n, components))


# --- Turbo, as published ---


def test_turbo_is_the_published_byte_table(backend):
    values = np.arange(256, dtype=np.uint8)
    assert_same(colorize(values, vmin=0, vmax=255, backend=backend), TURBO_U8)


def test_turbo_in_16_bits_and_in_float_is_the_published_table(backend):
    values = np.arange(256, dtype=np.uint8)
    as_u16 = colorize(values, vmin=0, vmax=255, dtype="uint16", backend=backend)
    assert_same(as_u16, np.rint(65535 * TURBO).astype(np.uint16))
    as_f32 = colorize(values, vmin=0, vmax=255, dtype="float32", backend=backend)
    assert_same(as_f32, TURBO.astype(np.float32))


def test_uint8_images_come_out_as_from_opencv(backend):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    image = np.random.default_rng(1).integers(0, 256, (67, 129), dtype=np.uint8)
    expected = cv2.applyColorMap(image, cv2.COLORMAP_TURBO)
    assert_same(colorize(image, vmin=0, vmax=255, order="bgr", backend=backend), expected)


@pytest.mark.parametrize(
    "documented", [colorize, turbo_cmap.get_cmap, turbo_cmap.Colormap], ids=lambda d: d.__name__
)
def test_the_examples_in_the_docstrings_are_true(documented):
    runner = doctest.DocTestRunner(verbose=False)
    report = []
    for example in doctest.DocTestFinder(recurse=False).find(documented, documented.__name__):
        runner.run(example, out=report.append)
    assert not report, "".join(report)


# --- maps from matplotlib, as matplotlib paints them ---

# Ends that float32 holds and ends that it does not; a range that float32 cannot tell from a
# point; very far from and very near to zero; subnormal.
FLOAT_RANGES = (
    (0.0, 1.0),
    (-0.1, 3.7),
    (1 / 3, 2 / 3),
    (1e6, 1e6 + 1.1),
    (0.1, 0.1 + 1e-9),
    (1e30, 3e38),
    (-1e-30, 2e-30),
    (0.0, 1e-42),
)
INTEGER_RANGES = {
    "bool": ((0, 1), (-0.5, 1.5), (0.25, 0.5)),
    "uint8": ((0, 255), (10, 201), (-5.5, 300.25), (0.1, 0.3)),
    "int8": ((-128, 127), (-101, 77), (0.1, 99.9)),
    "uint16": ((0, 65535), (1000, 60001), (0.1, 255.7)),
    "int16": ((-32768, 32767), (-20000, 30001), (0.1, 255.7)),
    "uint32": ((0, 2**32 - 1), (1e5, 4.1e9), (2**24, 2**24 + 256.5)),
    "int32": ((-(2**31), 2**31 - 1), (-2.1e9, 1.9e9 + 0.1), (2**24, 2**24 + 256.5)),
    # Above 2**53 each integer is rounded to a float64 before anything else happens to it.
    "uint64": ((0, 2**64 - 1), (2**53, 2**53 + 100), (2**63, 2**63 + 2**20), (2**54 - 9, 2**54)),
    "int64": ((-(2**63), 2**63 - 1), (2**53, 2**53 + 100), (-(2**53) - 100, -(2**53))),
}


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_dtype_takes_the_colors_that_matplotlib_takes(backend, dtype):
    obj = ListedColormap(random_table(100), name="hundred").with_extremes(
        under=PURPLE, over=WHITE, bad=GREY
    )
    for n, (vmin, vmax) in itertools.product(
        (100, 256), FLOAT_RANGES if dtype in FLOATS else INTEGER_RANGES[dtype]
    ):
        cmap = obj if n == 100 else mpl.colormaps["viridis"]
        if dtype == "float16" and abs(vmax) > 65504:
            continue
        values = hostile_values(dtype, vmin, vmax, n)
        expected = matplotlib_bytes(cmap, values, vmin, vmax)[..., :3]
        actual = colorize(values, cmap=cmap, vmin=vmin, vmax=vmax, backend=backend)
        assert_same(actual, expected, f"{dtype}, N = {n}, [{vmin}, {vmax}]")


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100, 255, 257, 1000, 65536])
def test_maps_of_any_length_take_the_colors_that_matplotlib_takes(backend, n):
    listed = ListedColormap(random_table(n), name="listed").with_extremes(
        under=PURPLE, over=WHITE, bad=GREY
    )
    plain_map = ListedColormap(random_table(n), name="plain")
    for dtype, (vmin, vmax) in (
        ("float32", (-0.1, 3.7)),
        ("float64", (-0.1, 3.7)),
        ("uint16", (0, 65535)),
        ("int64", (-9.1e18, 7.3e18)),
    ):
        values = hostile_values(dtype, vmin, vmax, min(n, 5000))
        for cmap in (listed, plain_map):
            expected = matplotlib_bytes(cmap, values, vmin, vmax)
            actual = colorize(
                values, cmap=cmap, vmin=vmin, vmax=vmax, order="rgba", backend=backend
            )
            assert_same(actual, expected, f"{cmap.name} map, {dtype}")


def test_segmented_maps_are_sampled_as_matplotlib_samples_them(backend):
    values = hostile_values("float32", -0.1, 3.7, 100)
    for cmap in (
        mpl.colormaps["coolwarm"],
        mpl.colormaps["coolwarm"].resampled(100),
        mpl.colormaps["jet"].resampled(13),
        mpl.colormaps["turbo"],
        mpl.colormaps["tab10"],
        mpl.colormaps["viridis_r"],
    ):
        expected = matplotlib_bytes(cmap, values, -0.1, 3.7)[..., :3]
        actual = colorize(values, cmap=cmap, vmin=-0.1, vmax=3.7, backend=backend)
        assert_same(actual, expected, f"{cmap.name}, N = {cmap.N}")


def test_a_name_is_the_matplotlib_map_of_that_name(backend):
    values = np.linspace(-1, 2, 1001)
    for name in ("viridis", "magma_r", "twilight", "Spectral"):
        expected = matplotlib_bytes(mpl.colormaps[name], values, 0, 1)[..., :3]
        assert_same(colorize(values, cmap=name, vmin=0, vmax=1, backend=backend), expected, name)


def test_each_extreme_of_a_matplotlib_object_alone_is_honoured(backend):
    values = np.array([-np.inf, -1, 0, 0.5, 1, 2, np.inf, np.nan], np.float32)
    for extreme in ("under", "over", "bad"):
        cmap = mpl.colormaps["viridis"].with_extremes(**{extreme: (1, 0.4, 0.7, 0.6)})
        expected = matplotlib_bytes(cmap, values, 0, 1)
        actual = colorize(values, cmap=cmap, vmin=0, vmax=1, order="rgba", backend=backend)
        assert_same(actual, expected, extreme)


def test_float16_is_computed_in_float32(backend):
    # Every float16 there is, over the whole of its range: in float16 the width overflows.
    values = hostile_values("float16", 0, 1)
    for vmin, vmax in ((-65504, 65504), (-60000, 60000), (0.1, 0.2), (0, 6e-8)):
        expected = matplotlib_bytes(
            mpl.colormaps["viridis"], values.astype(np.float32), vmin, vmax
        )[..., :3]
        actual = colorize(values, cmap="viridis", vmin=vmin, vmax=vmax, backend=backend)
        assert_same(actual, expected, f"[{vmin}, {vmax}]")


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_automatic_range_of_finite_data_is_that_of_matplotlib(backend, dtype):
    values = hostile_values(dtype, *RANGES[dtype])
    if dtype in FLOATS:
        # The whole of the type would overflow in matplotlib.
        values = values[np.abs(values) < 1e4]
    values = values.reshape(1, -1)
    expected = matplotlib_bytes(mpl.colormaps["viridis"], values, None, None)[..., :3]
    assert_same(colorize(values, cmap="viridis", backend=backend), expected)


# --- tables of this package: rounded levels, every layout of pixel ---


@pytest.mark.parametrize("out_dtype", OUT_DTYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 100, 256, 257, 65536])
def test_tables_of_any_length_are_painted_with_rounded_levels(backend, n, out_dtype):
    vmin, vmax = -0.1, 3.7
    values = hostile_values("float32", vmin, vmax, min(n, 3000))
    for components in (3, 4):
        table = random_table(n, components)
        rgba = table if components == 4 else np.column_stack([table, np.ones(n)])
        expected = levels(expected_colors(values, rgba, vmin, vmax), out_dtype)
        for order, picks in ORDERS.items():
            actual = colorize(
                values,
                cmap=table,
                vmin=vmin,
                vmax=vmax,
                order=order,
                dtype=out_dtype,
                backend=backend,
            )
            assert_same(actual, expected[..., picks], f"(N, {components}) table, order {order}")


def test_byte_and_16_bit_tables_come_through_unchanged(backend):
    values = np.arange(256, dtype=np.uint8)
    rng = np.random.default_rng(2)
    table_u8 = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    assert_same(colorize(values, cmap=table_u8, vmin=0, vmax=255, backend=backend), table_u8)
    table_u16 = rng.integers(0, 65536, (256, 4), dtype=np.uint16)
    actual = colorize(
        values, cmap=table_u16, vmin=0, vmax=255, order="rgba", dtype="uint16", backend=backend
    )
    assert_same(actual, table_u16)


def test_16_bit_levels_of_matplotlib_maps_are_rounded_and_floats_are_theirs(backend):
    obj = mpl.colormaps["viridis"]
    values = np.linspace(0, 1, 1000)
    colors = obj(values)
    for out_dtype in ("uint16", "float32"):
        actual = colorize(
            values, cmap=obj, vmin=0, vmax=1, order="rgba", dtype=out_dtype, backend=backend
        )
        assert_same(actual, levels(colors, out_dtype))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("out_dtype", OUT_DTYPES)
def test_extremes_given_in_the_call_win_over_those_of_the_map(backend, order, out_dtype):
    table = random_table(37, 4)
    cmap = turbo_cmap.Colormap("test", table, bad="red", under="lime", over="blue")
    values = hostile_image("float64", (9, 41))
    ours = colorize(
        values, cmap, vmin=-0.1, vmax=3.7, order=order, dtype=out_dtype, backend=backend
    )
    expected = expected_colors(
        values, table, -0.1, 3.7, bad=(1, 0, 0, 1), under=(0, 1, 0, 1), over=(0, 0, 1, 1)
    )
    assert_same(ours, levels(expected, out_dtype)[..., ORDERS[order]], "the map's")
    given = colorize(
        values,
        cmap,
        vmin=-0.1,
        vmax=3.7,
        bad=GREY,
        under=PURPLE,
        over=WHITE,
        order=order,
        dtype=out_dtype,
        backend=backend,
    )
    expected = expected_colors(values, table, -0.1, 3.7, bad=GREY, under=PURPLE, over=WHITE)
    assert_same(given, levels(expected, out_dtype)[..., ORDERS[order]], "the call's")


def test_bad_is_black_in_rgb_and_transparent_in_rgba(backend):
    values = np.array([np.nan, 0.0, 1.0], np.float32)
    for order, out_dtype in itertools.product(ORDERS, OUT_DTYPES):
        pixels = colorize(values, order=order, dtype=out_dtype, backend=backend)
        assert not pixels[0].any(), f"{order}, {out_dtype}: {pixels[0]}"
        if order.endswith("a"):
            opaque = {"uint8": 255, "uint16": 65535, "float32": 1.0}[out_dtype]
            assert (pixels[1:, 3] == opaque).all(), f"{order}, {out_dtype}"


def test_infinities_are_over_and_under_and_nan_is_bad(backend):
    for dtype in FLOATS:
        values = np.array([-np.inf, -1, 0, 1, 2, np.inf, np.nan], dtype)
        pixels = colorize(
            values, vmin=0, vmax=1, bad=GREY, under=PURPLE, over=WHITE, backend=backend
        )
        purple, white, grey = (128, 0, 255), (255, 255, 255), (64, 64, 64)
        first, last = map(tuple, TURBO_U8[[0, -1]])
        expected = np.array([purple, purple, first, last, white, white, grey], np.uint8)
        assert_same(pixels, expected, dtype)


def test_without_extremes_of_its_own_a_map_goes_on_with_its_ends(backend):
    values = np.array([-np.inf, -1e30, 1e30, np.inf], np.float32)
    pixels = colorize(values, vmin=0, vmax=1, backend=backend)
    assert_same(pixels, TURBO_U8[[0, 0, -1, -1]])


# --- reverse ---


def test_reverse_turns_the_table_around(backend):
    values = hostile_image("float32", (9, 41))
    table = random_table(100)
    actual = colorize(values, table, vmin=-0.1, vmax=3.7, reverse=True, backend=backend)
    assert_same(actual, colorize(values, table[::-1], vmin=-0.1, vmax=3.7, backend=backend))


def test_reverse_swaps_the_maps_own_extremes_and_not_the_given_ones(backend):
    values = np.array([-1.0, 0.0, 1.0, 2.0])
    cmap = turbo_cmap.Colormap("test", [(0, 0, 0), (1, 1, 1)], under="red", over="blue")
    black, white = (0, 0, 0), (255, 255, 255)
    red, blue, lime = (255, 0, 0), (0, 0, 255), (0, 255, 0)
    actual = colorize(values, cmap, vmin=0, vmax=1, reverse=True, backend=backend)
    assert actual.tolist() == list(map(list, (blue, white, black, red)))
    actual = colorize(values, cmap, vmin=0, vmax=1, reverse=True, under="lime", backend=backend)
    assert actual.tolist() == list(map(list, (lime, white, black, red)))


def test_reverse_of_a_matplotlib_map_is_its_reversed_map(backend):
    obj = ListedColormap(random_table(50)).with_extremes(under=PURPLE, over=WHITE, bad=GREY)
    values = hostile_image("float32", (9, 41), 50)
    expected = matplotlib_bytes(obj.reversed(), values, -0.1, 3.7)
    actual = colorize(values, obj, vmin=-0.1, vmax=3.7, reverse=True, order="rgba", backend=backend)
    assert_same(actual, expected)


def test_turbo_reversed_by_name_and_by_argument_is_the_same(backend):
    values = hostile_image("float32", (9, 41))
    assert_same(
        colorize(values, "turbo_r", vmin=0, vmax=3, backend=backend),
        colorize(values, reverse=True, vmin=0, vmax=3, backend=backend),
    )


# --- method="poly" ---


@pytest.mark.parametrize("dtype", DTYPES)
def test_poly_is_dus_polynomial_in_float32(backend, dtype):
    # Ends and width of which float32 holds each, so that "in float32" has one reading.
    vmin, vmax = (-0.125, 3.75) if dtype in FLOATS else RANGES[dtype]
    if dtype in INTEGERS:
        vmin, vmax = float(np.float32(vmin)), float(np.float32(vmax))
    values = hostile_values(dtype, vmin, vmax)
    colors = du_polynomial(du_position(values, vmin, vmax))
    if dtype in FLOATS:
        colors[np.isnan(values)] = 0
    for out_dtype, scale in (("uint8", 255), ("uint16", 65535), ("float32", None)):
        expected = (
            colors if scale is None else np.rint(np.float32(scale) * colors).astype(out_dtype)
        )
        actual = colorize(
            values, method="poly", vmin=vmin, vmax=vmax, dtype=out_dtype, backend=backend
        )
        assert_same(actual, expected, out_dtype)


def test_poly_measures_from_the_ends_as_given(backend):
    # No float32 is -0.1 or 3.7: x - vmin and vmax - vmin are rounded, and not the ends.
    vmin, vmax = -0.1, 3.7
    values = hostile_values("float32", vmin, vmax)
    with np.errstate(all="ignore"):
        distance = (values.astype(np.float64) - vmin).astype(np.float32)
        colors = du_polynomial(distance / np.float32(vmax - vmin))
    colors[np.isnan(values)] = 0
    actual = colorize(values, method="poly", vmin=vmin, vmax=vmax, dtype="float32", backend=backend)
    assert_same(actual, colors)


def test_poly_is_clamped_at_both_ends_and_in_its_colors(backend):
    # Du's polynomial leaves [0, 1]: red is -0.026 near the top of the cyan, blue below 0 at 1.
    t = np.linspace(0, 1, 100_001, dtype=np.float32)
    unclamped = np.polynomial.polynomial.polyval(t.astype(np.float64), np.array(DU).T).T
    assert unclamped.min() < 0
    assert unclamped.max() > 1
    pixels = colorize(t, method="poly", vmin=0, vmax=1, dtype="float32", backend=backend)
    assert pixels.min() == 0
    assert pixels.max() == 1
    ends = colorize(
        np.array([-np.inf, -5, 0, 1, 5, np.inf]), method="poly", vmin=0, vmax=1, backend=backend
    )
    expected = np.rint(np.float32(255) * du_polynomial([0, 0, 0, 1, 1, 1])).astype(np.uint8)
    assert_same(ends, expected)


def test_poly_paints_the_given_extremes(backend):
    values = np.array([-np.inf, -1, 0.5, 2, np.inf, np.nan, 0.25], np.float32)
    actual = colorize(
        values,
        method="poly",
        vmin=0,
        vmax=1,
        under=PURPLE,
        over=WHITE,
        bad=GREY,
        invalid=0.25,
        order="rgba",
        backend=backend,
    )
    middle = (*np.rint(np.float32(255) * du_polynomial(0.5)).astype(int), 255)
    purple, white, grey = (128, 0, 255, 255), (255, 255, 255, 191), (64, 64, 64, 128)
    expected = np.array([purple, purple, middle, white, white, grey, grey], np.uint8)
    assert_same(actual, expected)


def test_poly_in_every_order_of_components(backend):
    values = hostile_image("float32", (9, 41))
    rgba = colorize(values, method="poly", vmin=0, vmax=3, order="rgba", backend=backend)
    for order, picks in ORDERS.items():
        actual = colorize(values, method="poly", vmin=0, vmax=3, order=order, backend=backend)
        assert_same(actual, np.ascontiguousarray(rgba[..., picks]), order)


def test_poly_reversed_runs_from_one_to_zero(backend):
    values = hostile_values("float32", 0.0, 1.0)
    t = np.clip(du_position(values, 0, 1), 0, 1)
    colors = du_polynomial(np.float32(1) - t)
    colors[np.isnan(values)] = 0
    expected = np.rint(np.float32(255) * colors).astype(np.uint8)
    actual = colorize(values, method="poly", reverse=True, vmin=0, vmax=1, backend=backend)
    assert_same(actual, expected)


# --- the range ---


def test_the_automatic_range_is_that_of_the_values_that_count(backend):
    values = np.array([[0.0, 5.0, np.inf, 7.0], [-np.inf, 99.0, np.nan, 6.0]], np.float32)
    mask = values == 99
    actual = colorize(values, invalid=0, mask=mask, backend=backend)
    expected = colorize(values, invalid=0, mask=mask, vmin=5, vmax=7, backend=backend)
    assert_same(actual, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_automatic_range_is_found_wherever_its_ends_lie(backend, dtype):
    low, high = (0, 1) if dtype == "bool" else (3, 90)
    for n in LENGTHS[2:]:
        for at_low, at_high in ((0, n - 1), (n - 1, 0), (n - 2, n - 1), (0, n // 2)):
            values = np.full(n, low, dtype) if dtype == "bool" else np.full(n, 41, dtype)
            values[at_low] = low
            values[at_high] = high
            pixels = colorize(values, backend=backend)
            assert (pixels[at_low] == TURBO_U8[0]).all(), f"minimum at {at_low} of {n}"
            assert (pixels[at_high] == TURBO_U8[-1]).all(), f"maximum at {at_high} of {n}"
            if dtype != "bool" and n > 4:
                # (41 - 3) / (90 - 3) * 256 = 111.8
                inner = np.setdiff1d([1, 2, n - 2], [at_low, at_high])
                assert (pixels[inner] == TURBO_U8[111]).all(), f"length {n}"


def test_the_automatic_range_of_integers_is_exact_to_the_ends_of_the_type(backend):
    for dtype in INTEGERS:
        info = np.iinfo(dtype)
        values = np.array([info.min, info.max, info.min // 2 + info.max // 2], dtype)
        pixels = colorize(values, backend=backend)
        assert (pixels[0] == TURBO_U8[0]).all(), dtype
        assert (pixels[1] == TURBO_U8[-1]).all(), dtype
        ours = colorize(values, vmin=int(info.min), vmax=int(info.max), backend=backend)
        assert_same(pixels, ours, dtype)


def test_one_end_may_be_given_and_the_other_found(backend):
    values = np.array([2.0, 4.0, 6.0, np.nan, np.inf], np.float32)
    assert_same(
        colorize(values, vmin=0, backend=backend), colorize(values, vmin=0, vmax=6, backend=backend)
    )
    assert_same(
        colorize(values, vmax=10, backend=backend),
        colorize(values, vmin=2, vmax=10, backend=backend),
    )


def test_where_all_values_lie_beyond_the_one_given_end_they_are_painted_so(backend):
    # The end that was not given must not turn the range into a point, where all are first.
    for dtype in ("uint8", "int64", "float32", "float64"):
        far = np.array([11, 12, 14], dtype)
        assert_same(colorize(far, vmax=10, backend=backend), TURBO_U8[[255, 255, 255]], dtype)
        over = colorize(far, vmax=10, over="white", backend=backend)
        assert (over == 255).all(), dtype
        under = colorize(far, vmin=20, under="white", backend=backend)
        assert (under == 255).all(), dtype


def test_given_ends_win_over_whatever_the_data_hold(backend):
    values = np.array([-1e9, 0.5, 1e9], np.float32)
    pixels = colorize(values, vmin=0, vmax=1, backend=backend)
    assert_same(pixels, TURBO_U8[[0, 128, 255]])


def test_ends_may_be_any_kind_of_real_number(backend):
    values = np.array([0.0, 1.0, 2.0, 3.0])
    expected = colorize(values, vmin=1.0, vmax=2.0, backend=backend)
    for one, two in (
        (1, 2),
        (np.float32(1), np.float16(2)),
        (np.uint8(1), np.int64(2)),
        (np.array(1.0), np.array(2)),
        (True, 2),
    ):
        assert_same(colorize(values, vmin=one, vmax=two, backend=backend), expected, repr(one))


# --- the same in every layout, at every length, at every offset ---


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_memory_layout_of_values_changes_nothing(backend, dtype):
    vmin, vmax = RANGES[dtype]
    image = hostile_image(dtype, (24, 41))
    for name, values in layouts(image):
        for automatic in (False, True):
            # Hostile floats fill the type: their automatic range overflows, which has its own test.
            if automatic and dtype in FLOATS:
                values = np.clip(values, -1000, 1000)
            keywords = {} if automatic else {"vmin": vmin, "vmax": vmax, "under": PURPLE}
            expected = colorize(plain(values), bad=GREY, backend="numpy", **keywords)
            actual = colorize(values, bad=GREY, backend=backend, **keywords)
            assert_same(actual, expected, f"{name}, automatic range: {automatic}")


@pytest.mark.parametrize("dtype", DTYPES)
def test_length_and_offset_change_nothing(backend, dtype):
    vmin, vmax = RANGES[dtype]
    values = hostile_image(dtype, 2049 + 8)
    keywords = {"vmin": vmin, "vmax": vmax, "bad": GREY, "under": PURPLE, "over": WHITE}
    whole = colorize(values, backend="numpy", **keywords)
    for n, start in itertools.product(LENGTHS, (0, 1, 7)):
        actual = colorize(values[start : start + n], backend=backend, **keywords)
        assert_same(actual, whole[start : start + n], f"{n} values from {start}")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("out_dtype", OUT_DTYPES)
def test_length_changes_nothing_in_any_pixel_layout(backend, order, out_dtype):
    values = hostile_image("float32", 2049)
    keywords = {"vmin": -0.1, "vmax": 3.7, "bad": GREY, "over": WHITE}
    keywords |= {"order": order, "dtype": out_dtype}
    for method in ("lut", "poly"):
        whole = colorize(values, method=method, backend="numpy", **keywords)
        for n in LENGTHS:
            actual = colorize(values[:n], method=method, backend=backend, **keywords)
            assert_same(actual, whole[:n], f"{n} values, {method}")


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_backend_equals_the_reference_on_hostile_values(backend, dtype):
    vmin, vmax = RANGES[dtype]
    values = hostile_values(dtype, vmin, vmax)
    table = random_table(256, 4)
    expected = levels(
        expected_colors(values, table, vmin, vmax, bad=GREY, under=PURPLE, over=WHITE), "uint8"
    )
    keywords = {"vmin": vmin, "vmax": vmax, "bad": GREY, "under": PURPLE, "over": WHITE}
    for name in {backend, "numpy"}:
        actual = colorize(values, table, order="rgba", backend=name, **keywords)
        assert_same(actual, expected, name)


def test_long_arrays_are_painted_like_short_ones(backend):
    # 36 MB of pixels are more than most last-level caches hold: kernels that write past the cache
    # do so here, from an address that is aligned to nothing, into guards.
    n = 12_000_001
    indices = np.random.default_rng(3).integers(0, 256, n, dtype=np.uint8)
    expected = np.take(TURBO_U8, indices, axis=0)
    buffer = np.full(3 * n + 200, 0xA5, np.uint8)
    for values in (indices, indices.astype(np.float32)):
        buffer[:] = 0xA5
        out = buffer[101 : 101 + 3 * n].reshape(n, 3)
        colorize(values, vmin=0, vmax=255, out=out, backend=backend)
        assert np.array_equal(out, expected), values.dtype
        assert (buffer[:101] == 0xA5).all(), values.dtype
        assert (buffer[101 + 3 * n :] == 0xA5).all(), values.dtype


@pytest.mark.parametrize("shape", EMPTY_SHAPES)
def test_empty_arrays_give_empty_pictures(backend, shape):
    for dtype in ("uint8", "float32", "float64"):
        pixels = colorize(np.empty(shape, dtype), backend=backend)
        assert pixels.shape == (*shape, 3)
        assert pixels.dtype == np.uint8
    planes = colorize(np.empty((2, *shape)), channels="first", order="rgba", backend=backend)
    assert planes.shape == (*(2, *shape)[:-2], 4, *(2, *shape)[-2:])
    assert colorize(np.empty(shape), mask=np.empty(shape, bool), backend=backend).size == 0
    assert colorize(np.empty(shape), method="poly", vmin=1, backend=backend).size == 0


def test_lists_and_scalars_are_arrays(backend):
    array = np.array([[1, 2], [3, 4]])
    expected = colorize(array, backend=backend)
    assert_same(colorize([[1, 2], [3, 4]], backend=backend), expected)
    assert_same(colorize(((1.0, 2.0), (3, 4)), backend=backend), expected)
    assert colorize([], backend=backend).shape == (0, 3)
    for zero_d in (0.5, np.float32(0.5), np.array(0.5), np.float16(0.5)):
        pixel = colorize(zero_d, vmin=0, vmax=1, backend=backend)
        assert_same(pixel, TURBO_U8[128], repr(zero_d))
    assert_same(colorize(True, vmin=0, vmax=1, backend=backend), TURBO_U8[255])
    assert_same(colorize(7, vmin=0, vmax=255, backend=backend), TURBO_U8[7])


def test_arrays_of_many_dimensions(backend):
    # NumPy's limit is 64, and the components take one.
    for shape in ((2,) * 12, (1,) * 30 + (2, 3), (1,) * 61 + (2, 3)):
        values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        flat = colorize(values.ravel(), backend="numpy")
        assert_same(colorize(values, backend=backend), flat.reshape(*shape, 3), str(len(shape)))
        backwards = colorize(values.T[::-1], backend=backend)
        expected = colorize(plain(values.T[::-1]), backend="numpy")
        assert_same(backwards, expected, f"{len(shape)}, transposed")


def test_every_byte_of_a_bool_array_but_zero_is_true(backend):
    # As in NumPy: masks of 0 and 255 are viewed as bool without a copy.
    for n in (4, 300):
        levels_u8 = np.resize(np.array([0, 1, 2, 255], np.uint8), n)
        values = levels_u8.view(bool)
        assert_same(colorize(values, backend=backend), TURBO_U8[np.where(levels_u8, 255, 0)])
        actual = bad_pixels(values, backend, invalid=True, vmin=0, vmax=1)
        assert np.array_equal(actual, levels_u8 > 0)
        actual = bad_pixels(np.zeros(n), backend, mask=values)
        assert np.array_equal(actual, levels_u8 > 0)


def test_values_are_never_modified(backend):
    for dtype in DTYPES:
        values = hostile_image(dtype, (24, 41))
        mask = np.zeros(values.shape, bool)
        mask[::3] = True
        masked = np.ma.array(values.copy(), mask=mask.copy())
        before = values.tobytes()
        colorize(
            values,
            mask=mask,
            invalid=[1, 0],
            bad="red",
            vmin=0,
            vmax=1,
            reverse=True,
            backend=backend,
        )
        colorize(masked, vmin=0, vmax=1, backend=backend)
        assert values.tobytes() == before, dtype
        assert masked.data.tobytes() == before, dtype
        assert (mask == (np.arange(24) % 3 == 0)[:, None]).all()
        assert (masked.mask == mask).all()
    table = random_table(9)
    before = table.tobytes()
    colorize([1, 2], table, reverse=True, backend=backend)
    assert table.tobytes() == before


def test_threads_change_nothing(backend):
    values = hostile_image("float32", (512, 401))
    expected = colorize(values, vmin=-0.1, vmax=3.7, backend=backend)
    for threads in (1, 2, 3, 64, np.int64(2)):
        actual = colorize(values, vmin=-0.1, vmax=3.7, threads=threads, backend=backend)
        assert_same(actual, expected, f"threads={threads}")


def test_the_result_is_a_new_c_ordered_array_each_time(backend):
    values = np.zeros((3, 4), order="F")
    first, second = (colorize(values, backend=backend) for _ in range(2))
    assert type(first) is np.ndarray
    assert first.flags.c_contiguous
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    assert not np.shares_memory(first, values)


# --- order, channels, dtype ---


def test_channels_first_puts_the_components_before_the_rows(backend):
    values = hostile_image("float32", 2 * 3 * 4 * 5)
    for shape, planar in (
        ((), (4,)),
        ((7,), (4, 7)),
        ((3, 4), (4, 3, 4)),
        ((2, 3, 4), (2, 4, 3, 4)),
        ((5, 2, 3, 4), (5, 2, 4, 3, 4)),
    ):
        image = values[: int(np.prod(shape))].reshape(shape)
        last = colorize(image, order="bgra", vmin=0, vmax=3, backend=backend)
        first = colorize(image, order="bgra", channels="first", vmin=0, vmax=3, backend=backend)
        assert first.shape == planar
        assert first.flags.c_contiguous
        axis = max(len(shape) - 2, 0)
        assert_same(first, np.ascontiguousarray(np.moveaxis(last, -1, axis)), str(shape))


def test_channels_first_in_every_order_and_dtype(backend):
    values = hostile_image("float32", (9, 1025))
    for order, out_dtype, method in itertools.product(ORDERS, OUT_DTYPES, ("lut", "poly")):
        keywords = {"vmin": 0, "vmax": 3, "order": order, "dtype": out_dtype, "method": method}
        last = colorize(values, backend="numpy", **keywords)
        first = colorize(values, channels="first", backend=backend, **keywords)
        assert_same(first, np.ascontiguousarray(np.moveaxis(last, -1, 0)), str(keywords))


def test_dtype_is_anything_that_numpy_takes_for_it(backend):
    for name in OUT_DTYPES:
        for spelling in (name, np.dtype(name), getattr(np, name), np.dtype(name).str):
            assert colorize([1, 2], dtype=spelling, backend=backend).dtype == name, repr(spelling)


# --- masks ---


def bad_pixels(values, backend, **keywords):
    """Where *values* are painted as bad: everything else is black."""
    pixels = colorize(values, np.zeros((2, 3)), bad="white", backend=backend, **keywords)
    return pixels[..., 0] == 255


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_masked_pixels_are_bad_at_every_length(backend, dtype):
    rng = np.random.default_rng(4)
    for n in LENGTHS:
        mask = rng.random(n) < 0.5
        actual = bad_pixels(np.arange(n).astype(dtype), backend, mask=mask)
        assert np.array_equal(actual, mask), f"length {n}"


def test_a_mask_is_broadcast_and_may_lie_in_memory_as_it_likes(backend):
    values = np.arange(24 * 41, dtype=np.float32).reshape(24, 41)
    rng = np.random.default_rng(5)
    full = rng.random((24, 41)) < 0.5
    for name, mask in (
        ("full", full),
        ("row", full[0]),
        ("row of one", full[:1]),
        ("column", full[:, :1]),
        ("one", np.ones((1, 1), bool)),
        ("0-d", np.array(True)),
        ("mirrored", full[:, ::-1]),
        ("upside down", full[::-1]),
        ("Fortran order", np.asfortranarray(full)),
        ("every second", (rng.random((48, 82)) < 0.5)[::2, ::2]),
        ("stride 0", np.broadcast_to(full[:, 3:4], full.shape)),
        ("list", full.tolist()),
        ("Python bool", True),
        ("Python bool", False),
    ):
        expected = np.broadcast_to(np.asarray(mask), values.shape)
        assert np.array_equal(bad_pixels(values, backend, mask=mask), expected), name
    read_only = full.copy()
    read_only.flags.writeable = False
    assert np.array_equal(bad_pixels(values, backend, mask=read_only), full)


def test_masked_pixels_stay_bad_in_every_layout_of_values(backend):
    image = hostile_image("float32", (24, 41))
    rng = np.random.default_rng(6)
    for name, values in layouts(image):
        mask = rng.random(values.shape) < 0.3
        actual = bad_pixels(values, backend, mask=mask, vmin=0, vmax=1)
        assert np.array_equal(actual, mask | np.isnan(values)), name


def test_masks_join_and_so_do_nan_and_invalid(backend):
    values = np.ma.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0], mask=[1, 0, 0, 0, 0, 0])
    actual = bad_pixels(
        values, backend, mask=np.array([0, 1, 0, 0, 0, 0], bool), invalid=[3, 99], vmin=0, vmax=9
    )
    assert actual.tolist() == [True, True, True, True, False, False]


def test_masked_arrays_of_every_kind(backend):
    data = np.arange(6, dtype=np.int16).reshape(2, 3)
    for name, values, expected in (
        ("no mask", np.ma.array(data), np.zeros((2, 3), bool)),
        ("all masked", np.ma.array(data, mask=True), np.ones((2, 3), bool)),
        ("hard mask", np.ma.array(data, mask=data > 3, hard_mask=True), data > 3),
        ("transposed", np.ma.array(data, mask=data > 3).T, (data > 3).T),
        ("big-endian", np.ma.array(data.astype(">i2"), mask=data > 3), data > 3),
        ("0-d masked", np.ma.array(1.0, mask=True), np.array(True)),
        ("0-d", np.ma.array(1.0, mask=False), np.array(False)),
        ("the masked constant", np.ma.masked, np.array(True)),
    ):
        assert np.array_equal(bad_pixels(values, backend), expected), name


def test_what_lies_under_a_mask_never_counts(backend):
    data = np.array([1e30, 1.0, 2.0, 3.0, np.inf, np.nan], np.float32)
    mask = np.array([True, False, False, False, True, True])
    pixels = colorize(np.ma.array(data, mask=mask), over="white", backend=backend)
    expected = TURBO_U8[[0, 0, 128, 255, 0, 0]]
    expected[mask] = 0
    assert_same(pixels, expected)
    assert_same(colorize(data, mask=mask, over="white", backend=backend), expected)


# --- invalid values ---


def test_invalid_values_are_compared_exactly_in_the_dtype_of_the_values(backend):
    cases = [
        # dtype, values, invalid, where
        ("int64", [2**53, 2**53 + 1], 2**53 + 1, [0, 1]),
        ("int64", [2**53, 2**53 + 1], 2**53, [1, 0]),
        ("int64", [2**53, 2**53 + 1], float(2**53), [1, 0]),
        ("int64", [2**63 - 1, -(2**63)], 2**63 - 1, [1, 0]),
        ("int64", [2**63 - 1, -(2**63)], float(2**63), [0, 0]),
        ("int64", [2**63 - 1, -(2**63)], -float(2**63), [0, 1]),
        ("uint64", [2**64 - 1, 2**64 - 2, 0], 2**64 - 1, [1, 0, 0]),
        ("uint64", [2**64 - 1, 2**64 - 2, 0], float(2**64), [0, 0, 0]),
        ("uint64", [2**64 - 1, 0], -1, [0, 0]),
        ("uint64", [2**63, 2**63 + 1], np.uint64(2**63 + 1), [0, 1]),
        # Together as one array, these would be float64.
        ("uint64", [2**64 - 1, 2**64 - 2, 0], [2**64 - 1, -1], [1, 0, 0]),
        ("int64", [2**53, 2**53 + 1], [2**53 + 1, 0.5], [0, 1]),
        ("int64", [2**53, 2**53 + 1], [2**53 + 1, np.nan], [0, 1]),
        ("uint32", [2**32 - 1, 0], 4294967295, [1, 0]),
        ("uint32", [2**32 - 1, 0], -1, [0, 0]),
        ("int32", [-1, 0], 4294967295, [0, 0]),
        ("uint16", [65535, 0, 1], 65535, [1, 0, 0]),
        ("uint16", [65535, 0, 1], [65535, 0], [1, 1, 0]),
        ("uint16", [65535, 0, 1], 65536, [0, 0, 0]),
        ("int16", [-1, 0, 1], 65535, [0, 0, 0]),
        ("uint8", [255, 0, 44], 300, [0, 0, 0]),  # 300 wraps to 44
        ("uint8", [255, 0, 44], -1, [0, 0, 0]),
        ("uint8", [0, 1], 0.5, [0, 0]),
        ("uint8", [0, 1, 3], 3.0, [0, 0, 1]),
        ("uint8", [0, 1], np.inf, [0, 0]),
        ("int8", [-128, 127], 128, [0, 0]),
        ("int8", [-128, 127], -128, [1, 0]),
        ("bool", [False, True], 0, [1, 0]),
        ("bool", [False, True], True, [0, 1]),
        ("bool", [False, True], 2, [0, 0]),
        ("float16", [65504, np.inf], 65504, [1, 0]),
        ("float16", [65504, np.inf], 65535, [0, 0]),  # would round to inf
        ("float16", [0.1, 0.2], 0.1, [1, 0]),  # a float is as good as its nearest
        ("float16", [0.1, 0.2], np.float16(0.1), [1, 0]),
        ("float32", [-99.9, 0.1, 0.2], [0.1, -99.9], [1, 1, 0]),
        ("float32", [0.1, 0.2], float(np.float32(0.1)), [1, 0]),
        ("float32", [2**24, 2**24 + 2], 2**24 + 1, [0, 0]),
        ("float32", [-99, -1, 1e10], [-99, -1, 1e10], [1, 1, 1]),
        ("float32", [4294967296.0, 1], 4294967295, [0, 0]),
        ("float32", [np.inf, 1], 1e39, [0, 0]),
        ("float32", [1e-45, 0.0], 1e-46, [0, 0]),
        ("float32", [0.0, -0.0, 1e-45], 0, [1, 1, 0]),
        ("float32", [0.0, -0.0, 1e-45], -0.0, [1, 1, 0]),
        ("float32", [np.inf, -np.inf, 1.0], np.inf, [1, 0, 0]),
        ("float32", [np.inf, -np.inf, 1.0], -np.inf, [0, 1, 0]),
        ("float32", [np.nan, 1.0], np.nan, [1, 0]),
        ("float32", [np.nan, 1.0], [], [1, 0]),
        ("float64", [0.1, 0.2], 0.1, [1, 0]),
        ("float64", [0.0, -0.0, 5e-324], [0.0], [1, 1, 0]),
        ("float64", [2.0**53, 2.0**53 + 2], 2**53 + 1, [0, 0]),
        ("float64", [1e308, np.inf], 10**400, [0, 0]),
        ("float64", [1, 2, 3, 4, 5, 6, 7], [2, 3, 5, 7, 11], [0, 1, 1, 0, 1, 0, 1]),
        ("float64", [1, 2, 3], np.array([3, 1]), [1, 0, 1]),
        ("float64", [1, 2, 3], (np.float32(2), 3), [0, 1, 1]),
    ]
    for dtype, values, invalid, where in cases:
        for byte_order in "<>":
            array = np.array(values, np.dtype(dtype).newbyteorder(byte_order))
            actual = bad_pixels(array, backend, invalid=invalid, vmin=0, vmax=1)
            context = f"{byte_order}{dtype} {values}, invalid={invalid!r}"
            assert actual.astype(int).tolist() == where, context


@pytest.mark.parametrize("dtype", DTYPES)
def test_invalid_values_are_found_at_every_length(backend, dtype):
    for n in LENGTHS:
        values = (np.arange(n) % 2 if dtype == "bool" else np.arange(n) % 5 + 1).astype(dtype)
        actual = bad_pixels(values, backend, invalid=[1, 3], vmin=0, vmax=9)
        assert np.array_equal(actual, (values == 1) | (values == 3)), f"length {n}"


def test_invalid_values_are_found_in_every_layout(backend):
    image = np.arange(24 * 41).reshape(24, 41) % 7
    for dtype in ("uint16", "float32", "int64"):
        for name, values in layouts(image.astype(dtype)):
            actual = bad_pixels(values, backend, invalid=(3, 5), vmin=0, vmax=9)
            expected = (plain(values) == 3) | (plain(values) == 5)
            assert np.array_equal(actual, expected), f"{dtype}, {name}"


def test_invalid_values_stay_out_of_the_automatic_range(backend):
    for dtype in ("uint16", "int64", "float32", "float64"):
        values = np.array([0, 1000, 2000, 65535, 3000], dtype)
        actual = colorize(values, invalid=[0, 65535], bad=GREY, backend=backend)
        expected = TURBO_U8[[0, 0, 128, 0, 255]]
        expected[[0, 3]] = 64
        assert_same(actual, expected, dtype)


# --- out ---


@pytest.mark.parametrize("out_dtype", OUT_DTYPES)
@pytest.mark.parametrize("order", ["rgb", "bgra"])
def test_out_is_filled_and_nothing_around_it(backend, order, out_dtype):
    components = len(order)
    image = hostile_image("float32", (19, 67))
    for method in ("lut", "poly"):
        keywords = {"vmin": -0.1, "vmax": 3.7, "order": order, "dtype": out_dtype, "method": method}
        expected = colorize(image, backend="numpy", **keywords)
        for guarded in guarded_outs((19, 67, components), out_dtype):
            returned = colorize(image, out=guarded.out, backend=backend, **keywords)
            assert returned is guarded.out, guarded.name
            assert_same(plain(guarded.out), expected, f"{guarded.name}, {method}")
            guarded.check()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float64"])
def test_out_of_every_layout_from_values_of_every_layout(backend, dtype):
    vmin, vmax = RANGES[dtype]
    keywords = {"vmin": vmin, "vmax": vmax, "bad": GREY, "over": WHITE}
    image = hostile_image(dtype, (24, 41))
    for name, values in (
        ("C order", image[:19, :37]),
        ("transposed", np.ascontiguousarray(image[:19, :37].T).T),
        ("mirrored", image[:19, 36::-1]),
        ("big-endian", image[:19, :37].astype(image.dtype.newbyteorder(">"))),
        ("stride 0", np.broadcast_to(image[0, :37], (19, 37))),
    ):
        expected = colorize(plain(values), backend="numpy", **keywords)
        for guarded in guarded_outs((19, 37, 3)):
            colorize(values, out=guarded.out, backend=backend, **keywords)
            assert_same(plain(guarded.out), expected, f"{name} to {guarded.name}")
            guarded.check()


def test_out_with_channels_first(backend):
    image = hostile_image("float32", (5, 24, 41))
    keywords = {"vmin": -0.1, "vmax": 3.7, "channels": "first"}
    expected = colorize(image, backend="numpy", **keywords)
    for name, cut in (
        ("contiguous", lambda b: b[1:-1, :3, :24, :41]),
        ("a window", lambda b: b[1:-1, 1:4, 2:26, 3:44]),
        ("planes backwards", lambda b: b[-2:0:-1, 3:0:-1, :24, :41]),
        ("mirrored and upside down", lambda b: b[1:-1, :3, 23::-1, 40::-1]),
    ):
        buffer = np.full((7, 5, 30, 50), 0xA5, np.uint8)
        outside = np.ones(buffer.shape, bool)
        cut(outside)[...] = False
        assert colorize(image, out=cut(buffer), backend=backend, **keywords) is not None
        assert_same(plain(cut(buffer)), expected, name)
        assert (buffer[outside] == 0xA5).all(), name


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("out_dtype", OUT_DTYPES)
def test_out_of_every_length_is_never_overrun(backend, order, out_dtype):
    values = hostile_image("float32", 2049)
    components = len(order)
    keywords = {"vmin": -0.1, "vmax": 3.7, "order": order, "dtype": out_dtype}
    whole = colorize(values, backend="numpy", **keywords)
    sentinel = np.dtype(out_dtype).type(165)
    for n in LENGTHS:
        buffer = np.full(components * n + 131, sentinel, out_dtype)
        out = buffer[65 : 65 + components * n].reshape(n, components)
        colorize(values[:n], out=out, backend=backend, **keywords)
        assert_same(out, whole[:n], f"length {n}")
        assert (buffer[:65] == sentinel).all(), f"written before out at length {n}"
        assert (buffer[65 + components * n :] == sentinel).all(), f"written after out at {n}"


def test_out_of_0_d_1_d_and_empty_values(backend):
    for values in (np.float32(0.5), np.array([0.5, 1, np.nan]), np.empty((3, 0)), np.empty(0)):
        out = np.full((*np.shape(values), 3), 0xA5, np.uint8)
        assert colorize(values, vmin=0, vmax=1, out=out, backend=backend) is out
        assert_same(out, colorize(values, vmin=0, vmax=1, backend="numpy"))


def test_out_may_start_at_an_odd_address(backend):
    values = hostile_image("float32", (19, 67))
    for out_dtype in ("uint16", "float32"):
        raw = np.full(19 * 67 * 3 * np.dtype(out_dtype).itemsize + 2, 0xA5, np.uint8)
        out = raw[1:-1].view(out_dtype).reshape(19, 67, 3)
        keywords = {"vmin": -0.1, "vmax": 3.7, "dtype": out_dtype}
        colorize(values, out=out, backend=backend, **keywords)
        assert_same(plain(out), colorize(values, backend="numpy", **keywords), out_dtype)
        assert raw[0] == raw[-1] == 0xA5


def test_out_that_overlaps_the_input_is_refused_and_left_alone(backend):
    buffer = np.linspace(0, 1, 1024, dtype=np.float32).view(np.uint8)
    before = buffer.tobytes()
    values = buffer[:400].view(np.float32)  # bytes 0 to 399
    for name, out in (
        ("the same start", buffer[:300]),
        ("the last byte", buffer[399:699]),
        ("backwards", buffer[299::-1]),
        ("every second byte", buffer[:600:2]),
    ):
        with pytest.raises(ValueError, match=r"\bout\b.*overlap"):
            colorize(values, out=out.reshape(100, 3), backend=backend)
        assert buffer.tobytes() == before, name
    mask = buffer[1000:1100].view(bool)
    with pytest.raises(ValueError, match=r"\bout\b.*overlap"):
        colorize(np.zeros(100), mask=mask, out=buffer[900:1200].reshape(100, 3), backend=backend)
    assert buffer.tobytes() == before
    masked = np.ma.array(np.zeros(100), mask=mask)
    with pytest.raises(ValueError, match=r"\bout\b.*overlap"):
        colorize(masked, out=buffer[900:1200].reshape(100, 3), backend=backend)
    assert buffer.tobytes() == before


def test_out_that_only_touches_the_input_is_written(backend):
    buffer = np.zeros(1000, np.uint8)
    values = buffer[:100]
    values[:] = np.arange(100)
    colorize(values, vmin=0, vmax=255, out=buffer[100:400].reshape(100, 3), backend=backend)
    assert_same(buffer[100:400].reshape(100, 3), TURBO_U8[:100])
    assert np.array_equal(values, np.arange(100))
    assert not buffer[400:].any()


def test_values_may_lie_between_the_components_of_out(backend):
    # Values in the alpha plane of the picture that they color: interleaved, not overlapping.
    for height, width in ((8, 9), (480, 640)):
        whole = np.full((height + 2, width + 3, 4), 0xA5, np.uint8)
        values = (np.arange(height * width) % 251).astype(np.uint8).reshape(height, width)
        for picture in (whole[:height, :width], whole[2:, 3:]):
            picture[..., 3] = values
            colorize(picture[..., 3], vmin=0, vmax=255, out=picture[..., :3], backend=backend)
            assert_same(picture[..., :3].copy(), TURBO_U8[values])
            assert np.array_equal(picture[..., 3], values)


def _peak_bytes(call):
    call()  # compiles, imports and fills caches
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_copy_of_the_image_is_made_when_out_is_given(backend):
    # 2000 x 2000: 16 MB of float32, 12 MB of pixels, 4 MB of mask; all must stay below 1 MiB.
    size = 2000
    wide = np.zeros((size, 2 * size), np.float32)
    wide[:] = np.arange(2 * size) % 251
    values = np.ascontiguousarray(wide[:, :size])
    out = np.empty((size, size, 3), np.uint8)
    mask = np.zeros((size, size), bool)
    mask[::7] = True
    planes = np.moveaxis(np.empty((3, size, size), np.uint8), 0, -1)
    for name, array, keywords in (
        ("contiguous", values, {"vmin": 0, "vmax": 255}),
        ("automatic range", values, {}),
        ("strided", wide[:, ::2], {}),
        ("mirrored", values[:, ::-1], {"vmin": 0, "vmax": 255}),
        ("transposed", values.T, {"vmin": 0, "vmax": 255}),
        ("mask and invalid", values, {"mask": mask, "invalid": [0, 99]}),
        ("broadcast mask", values, {"mask": mask[:, :1], "vmin": 0, "vmax": 255}),
        ("masked array", np.ma.array(values, mask=mask), {}),
        ("masked array and mask", np.ma.array(values, mask=mask), {"mask": mask}),
        ("poly", values, {"vmin": 0, "vmax": 255, "method": "poly"}),
        ("planes", values, {"vmin": 0, "vmax": 255, "out": planes}),
    ):
        arguments = {"out": out, "backend": backend} | keywords
        peak = _peak_bytes(lambda a=array, k=arguments: colorize(a, **k))
        assert peak < 2**20, f"{name}: {peak} bytes"


@pytest.mark.parametrize("dtype", ["bool", "uint8", ">u2", "int64", "float16", ">f4", "float64"])
def test_no_copy_of_the_image_is_made_for_any_dtype(backend, dtype):
    values = (np.arange(1000 * 1000).reshape(1000, 1000) % 251).astype(dtype)
    out = np.empty((1000, 1000, 4), np.uint8)
    peak = _peak_bytes(lambda: colorize(values, order="rgba", out=out, backend=backend))
    assert peak < 2**20, f"{peak} bytes"


# --- wrong arguments ---

VALUES = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32)


def _read_only():
    out = np.full((2, 2, 3), 0xA5, np.uint8)
    out.flags.writeable = False
    return out


# (keywords, error, what the message must hold besides the name of the argument)
WRONG = [
    ({"values": np.array([1j])}, TypeError, ["complex"]),
    ({"values": np.array(["a"])}, TypeError, ["<U1"]),
    ({"values": np.array([b"a"])}, TypeError, ["S1"]),
    ({"values": np.array([None])}, TypeError, ["object"]),
    ({"values": np.array([1], "M8[s]")}, TypeError, ["datetime64"]),
    ({"values": np.array([1], "m8[s]")}, TypeError, ["timedelta64"]),
    ({"values": np.zeros(2, [("a", "f4")])}, TypeError, ["f4"]),
    ({"values": None}, TypeError, ["object"]),
    ({"values": "abc"}, TypeError, ["<U3"]),
    ({"values": [[1], [1, 2]]}, (TypeError, ValueError), []),
    ({"values": [2**70]}, TypeError, ["object"]),
    ({"cmap": "no such map"}, ValueError, ["no such map"]),
    ({"cmap": 3}, TypeError, ["3"]),
    ({"cmap": np.zeros((4, 2))}, ValueError, ["(4, 2)"]),
    ({"cmap": np.zeros(12)}, ValueError, ["(12,)"]),
    ({"cmap": np.zeros((0, 3))}, ValueError, ["(0, 3)"]),
    ({"cmap": np.zeros((65537, 3))}, ValueError, ["65536", "65537"]),
    ({"cmap": np.full((4, 3), 1.5)}, ValueError, ["[0, 1]", "1.5"]),
    ({"cmap": np.full((4, 3), -0.5)}, ValueError, ["[0, 1]", "-0.5"]),
    ({"cmap": np.full((4, 3), np.nan)}, ValueError, ["[0, 1]", "nan"]),
    ({"cmap": np.zeros((4, 3), complex)}, TypeError, ["complex"]),
    ({"vmin": np.nan}, ValueError, ["finite", "nan"]),
    ({"vmin": -np.inf}, ValueError, ["finite", "-inf"]),
    ({"vmax": np.inf}, ValueError, ["finite", "inf"]),
    ({"vmax": 10**400}, ValueError, []),
    ({"vmin": "1"}, TypeError, ["'1'"]),
    ({"vmin": "low"}, TypeError, ["'low'"]),
    ({"vmax": b"1"}, TypeError, ["b'1'"]),
    ({"vmin": 1j}, TypeError, ["1j"]),
    ({"vmax": [1.0]}, TypeError, ["[1.0]"]),
    ({"vmax": np.array([1.0])}, TypeError, ["1."]),
    ({"vmin": 2.0, "vmax": 1.0}, ValueError, ["vmax", "2.0", "1.0"]),
    ({"norm": "no such scale"}, ValueError, ["linear, log, inverse", "'no such scale'"]),
    ({"norm": 3}, TypeError, ["Normalize", "3"]),
    ({"norm": np.sqrt}, TypeError, ["Normalize", "sqrt"]),
    ({"norm": mpl.colors.LogNorm(), "vmin": 1.0}, ValueError, ["None", "1.0", "LogNorm"]),
    ({"norm": mpl.colors.Normalize(2.0, 1.0)}, ValueError, ["Normalize"]),
    ({"norm": "log", "vmin": -1.0}, ValueError, ["greater than 0", "-1.0"]),
    ({"norm": "inverse", "vmin": 0, "vmax": 1}, ValueError, ["greater than 0", "0"]),
    ({"norm": "sqrt", "center": 0.5}, ValueError, ["center", "'sqrt'", "0.5"]),
    ({"center": np.nan}, ValueError, ["finite", "nan"]),
    ({"center": "0"}, TypeError, ["'0'"]),
    ({"robust": (98, 2)}, ValueError, ["lo <= hi", "(98, 2)"]),
    ({"robust": (-1, 98)}, ValueError, ["0 <=", "(-1, 98)"]),
    ({"robust": (2, 100.5)}, ValueError, ["<= 100", "(2, 100.5)"]),
    ({"robust": (np.nan, 98)}, ValueError, ["nan"]),
    ({"robust": (2, np.inf)}, ValueError, ["inf"]),
    ({"robust": 2}, TypeError, ["True", "(lo, hi)", "2"]),
    ({"robust": None}, TypeError, ["None"]),
    ({"robust": "2,98"}, TypeError, ["'2,98'"]),
    ({"robust": (2,)}, TypeError, ["(2,)"]),
    ({"robust": (2, 50, 98)}, TypeError, ["(2, 50, 98)"]),
    ({"robust": (2, "98")}, TypeError, ["'98'"]),
    ({"robust": (False, True)}, TypeError, ["(False, True)"]),
    ({"robust": (2, 98j)}, TypeError, ["98j"]),
    ({"robust": np.eye(2)}, TypeError, ["1."]),
    ({"reverse": 1}, TypeError, ["int"]),
    ({"reverse": "no"}, TypeError, ["str"]),
    ({"mask": [[0, 1], [0, 1]]}, TypeError, ["bool", "int"]),
    ({"mask": np.zeros((2, 2), np.uint8)}, TypeError, ["bool", "uint8"]),
    ({"mask": np.zeros((2, 2))}, TypeError, ["bool", "float64"]),
    ({"mask": np.zeros(3, bool)}, ValueError, ["(2, 2)", "(3,)"]),
    ({"mask": np.zeros((5, 2, 2), bool)}, ValueError, ["(2, 2)", "(5, 2, 2)"]),
    ({"invalid": "0"}, TypeError, ["'0'"]),
    ({"invalid": ["0"]}, TypeError, ["'0'"]),
    ({"invalid": 1j}, TypeError, ["1j"]),
    ({"invalid": [None]}, TypeError, ["None"]),
    ({"invalid": [[1, 2]]}, (TypeError, ValueError), ["[[1, 2]]"]),
    ({"bad": "no such color"}, ValueError, ["no such color"]),
    ({"bad": 3}, TypeError, ["3"]),
    ({"bad": (255, 0, 0)}, ValueError, ["[0, 1]", "255"]),
    ({"bad": [[1, 0, 0]]}, (TypeError, ValueError), ["[[1, 0, 0]]"]),
    ({"bad": np.eye(3)}, (TypeError, ValueError), []),
    ({"under": (0.5, 0.5)}, ValueError, ["(0.5, 0.5)"]),
    ({"under": (np.nan, 0, 0)}, ValueError, ["nan"]),
    ({"under": 0.5}, TypeError, ["0.5"]),
    ({"over": (0, 0, -1)}, ValueError, ["-1"]),
    ({"over": (0, 0, "1")}, (TypeError, ValueError), []),
    ({"method": "spline", "cmap": "viridis"}, ValueError, ["lut", "'spline'", "'viridis'"]),
    ({"quantize": 0}, ValueError, ["quantize", "1 to", "0"]),
    ({"quantize": 2.5}, TypeError, ["quantize", "integer", "float"]),
    ({"quantize": 4, "method": "spline"}, ValueError, ["'lut'", "quantize", "'spline'"]),
    ({"method": "curve"}, ValueError, ["lut", "spline", "poly", "'curve'"]),
    ({"method": None}, (TypeError, ValueError), ["None"]),
    ({"method": "poly", "cmap": "viridis"}, ValueError, ["turbo", "viridis"]),
    ({"order": "grb"}, ValueError, ["bgra", "'grb'"]),
    ({"order": "RGB"}, ValueError, ["'RGB'"]),
    ({"order": 3}, (TypeError, ValueError), ["3"]),
    ({"channels": "middle"}, ValueError, ["first", "last", "'middle'"]),
    ({"channels": -1}, (TypeError, ValueError), ["-1"]),
    ({"dtype": "float64"}, ValueError, ["uint16", "float64"]),
    ({"dtype": "int8"}, ValueError, ["int8"]),
    ({"dtype": ">u2"}, ValueError, [">u2"]),
    ({"dtype": "no such type"}, (TypeError, ValueError), ["no such type"]),
    ({"dtype": 3}, (TypeError, ValueError), ["3"]),
    ({"dtype": None}, (TypeError, ValueError), []),
    ({"threads": 0}, ValueError, ["0"]),
    ({"threads": -2}, ValueError, ["-2"]),
    ({"threads": 1.5}, TypeError, ["float"]),
    ({"threads": "2"}, TypeError, ["str"]),
    ({"backend": "cuda"}, ValueError, ["'cuda'", "numpy"]),
    ({"backend": "native:no such kernel"}, ValueError, ["no such kernel"]),
    ({"backend": "numpy:avx2"}, ValueError, ["numpy:avx2"]),
    ({"backend": 3}, TypeError, ["int"]),
    ({"out": [[0]]}, TypeError, ["list"]),
    ({"out": bytearray(12)}, TypeError, ["bytearray"]),
    ({"out": np.ma.zeros((2, 2, 3), np.uint8)}, TypeError, []),
    ({"out": np.zeros((2, 2), np.uint8)}, ValueError, ["(2, 2, 3)", "(2, 2)"]),
    ({"out": np.zeros((2, 2, 4), np.uint8)}, ValueError, ["(2, 2, 3)", "(2, 2, 4)"]),
    ({"out": np.zeros((3, 2, 2), np.uint8)}, ValueError, ["(2, 2, 3)", "(3, 2, 2)"]),
    ({"out": np.zeros((1, 2, 2, 3), np.uint8)}, ValueError, ["(1, 2, 2, 3)"]),
    ({"out": np.zeros((2, 2, 3), np.float32)}, ValueError, ["uint8", "float32"]),
    ({"out": np.zeros((2, 2, 3), np.int8)}, ValueError, ["uint8", "int8"]),
    ({"out": np.zeros((2, 2, 3), ">u2"), "dtype": "uint16"}, ValueError, [">u2"]),
    ({"out": _read_only()}, ValueError, ["writ"]),
]


@pytest.mark.parametrize(
    ("keywords", "error", "parts"),
    WRONG,
    ids=[f"{i}-{next(iter(keywords))}" for i, (keywords, _, _) in enumerate(WRONG)],
)
def test_a_wrong_argument_is_named_with_the_rule_and_what_came(keywords, error, parts):
    name = next(iter(keywords))
    named = {"cmap": ("cmap", "colors")}.get(name, (name,))
    out = np.full((2, 2, 3), 0xA5, np.uint8)
    arguments = {"values": VALUES, "out": out} | keywords
    if arguments.get("dtype", "uint8") != "uint8" and "out" not in keywords:
        del arguments["out"]
    with pytest.raises(error) as caught:
        colorize(**arguments)
    message = str(caught.value)
    assert any(word in message for word in named), message
    for part in parts:
        assert part in message, message
    assert (out == 0xA5).all(), "something was written to out"


def test_nothing_is_half_written_when_an_argument_is_wrong(backend):
    # Large enough for many blocks, so that an error found half-way would show.
    values = np.arange(20_000, dtype=np.float32).reshape(100, 200)
    good = {"vmin": 0, "vmax": 1e4, "mask": values > 5e3, "invalid": 7, "bad": "red"}
    wrong = (
        {"invalid": [7, "x"]},
        {"invalid": [7, None]},
        {"mask": np.zeros((100, 199), bool)},
        {"mask": np.zeros((100, 200))},
        {"over": "no such color"},
        {"order": "rgba"},  # out has three components
        {"channels": "first"},
        {"dtype": "uint16"},
        {"method": "poly", "cmap": "viridis"},
        {"threads": 0},
        {"vmin": 2e4},
        {"center": float("nan")},
        {"norm": "no such scale"},
        {"norm": "log", "vmin": -1},
    )
    for keywords in wrong:
        for guarded in guarded_outs((100, 200, 3)):
            with pytest.raises((TypeError, ValueError)):
                colorize(values, out=guarded.out, backend=backend, **(good | keywords))
            guarded.check_untouched()


def test_names_are_fixed_and_all_but_two_are_keywords():
    with pytest.raises(TypeError):
        colorize(VALUES, "turbo", 0.0)
    with pytest.raises(TypeError, match="vmid"):
        colorize(VALUES, vmid=0.0)


def test_linear_is_the_name_of_the_scale_that_is_there(backend):
    assert_same(
        colorize(VALUES, norm="linear", center=None, robust=False, backend=backend),
        colorize(VALUES, backend=backend),
    )


@pytest.mark.parametrize("n", [1, 2, 7, 256, 300])
def test_quantize_paints_layers_of_one_color_from_end_to_end(backend, n):
    values = np.linspace(0, 1, 7 * n, dtype=np.float64)
    got = colorize(values, quantize=n, vmin=0, vmax=1, backend=backend)
    layers = np.minimum(np.trunc(n * values), n - 1).astype(int)
    places = np.arange(n) / (n - 1) if n > 1 else np.array([0.5])
    table = np.rint(255 * turbo_cmap.turbo(places)).astype(np.uint8)
    assert_same(got, table[layers])
    centered = colorize([-1.0, 0.0, 1.0], quantize=3, center=0, backend=backend)
    expected = np.rint(255 * turbo_cmap.turbo(np.array([0, 0.5, 1]))).astype(np.uint8)
    assert_same(centered, expected)
