"""The diverging scale: a center with a color of its own, and two equal sides."""

import numpy as np
import pytest

from turbo_cmap import colorize, colormaps, get_cmap
from turbo_cmap.turbo import TURBO_CURVE

CENTER_COLOR = np.rint(255 * TURBO_CURVE(0.5))


def indices(values, n, backend, **keywords):
    """Which entry of a map of n colors each value gets; n under, n + 1 over, n + 2 bad."""
    codes = np.arange(n + 3)
    colors = np.stack([codes % 256, codes // 256, 0 * codes], axis=1).astype(np.uint8)
    rgb = colorize(
        values,
        cmap=colors[:n],
        under=tuple(colors[n] / 255),
        over=tuple(colors[n + 1] / 255),
        bad=tuple(colors[n + 2] / 255),
        backend=backend,
        **keywords,
    ).astype(int)
    return rgb[..., 0] + 256 * rgb[..., 1]


# ---- the map ----


def test_the_diverging_map_is_odd_with_the_exact_middle_in_the_middle():
    cmap = get_cmap("turbo_diverging")
    assert len(cmap) == 255
    np.testing.assert_array_equal(cmap.colors[127], TURBO_CURVE(0.5))
    np.testing.assert_array_equal(cmap.colors[[0, -1]], TURBO_CURVE([0.0, 1.0]))
    assert colormaps["turbo_diverging_r"] == cmap.reversed()


# ---- the scale ----


def test_the_center_has_its_own_color(backend):
    for values in ([-1.0, 0.0, 3.0], np.array([-5, 0, 2], np.int16), np.float16([-1, 0, 0.5])):
        pixels = colorize(values, center=0, backend=backend)
        np.testing.assert_array_equal(pixels[1], CENTER_COLOR)
    np.testing.assert_array_equal(
        colorize([7.0, 2.5], center=2.5, backend=backend)[1], CENTER_COLOR
    )


def test_equal_images_give_the_center_color_everywhere(backend):
    # TwoSlopeNorm and CenteredNorm give the highest and the lowest color.
    for dtype in ("uint8", "int64", "float32", "float64"):
        pixels = colorize(np.full((4, 5), 3, dtype), center=3, backend=backend)
        np.testing.assert_array_equal(pixels, np.broadcast_to(CENTER_COLOR, (4, 5, 3)))


@pytest.mark.parametrize("n", [1, 2, 3, 255, 256, 1001])
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float16", "float32", "float64"])
def test_what_is_as_far_from_the_center_is_mirrored(backend, n, dtype):
    rng = np.random.default_rng(n)
    reach = 100
    away = np.concatenate([np.arange(1, 101), rng.integers(1, 100, 300)]).astype(dtype)
    if away.dtype.kind == "f":
        # multiples of 1/8, so that both x and 2c - x are exact, and every edge of the bins
        away = np.concatenate([away / 8, away, reach * np.arange(1, n + 1, 2) / n]).astype(dtype)
        away = away[away <= reach]
    up = indices(away, n, backend, center=0, vmax=reach)
    down = indices(-away, n, backend, center=0, vmax=reach)
    np.testing.assert_array_equal(up + down, n - 1)
    assert up.min() >= n // 2
    assert np.all(np.diff(up[np.argsort(away, kind="stable")]) >= 0)


def test_entries_are_equally_wide_but_the_middle_one_reaches_half_to_both_sides(backend):
    values = np.linspace(-1, 1, 100_001)
    counted = np.bincount(indices(values, 5, backend, center=0, vmax=1))
    # five bins of 0.4 each, edges at +-0.2 and +-0.6
    np.testing.assert_allclose(counted[:5] / counted.sum(), 0.2, atol=1e-4)


def test_values_outside_are_under_and_over(backend):
    values = np.array([-np.inf, -2.01, -2, 2, 2.01, np.inf, np.nan], np.float32)
    got = indices(values, 255, backend, center=0, vmax=2)
    assert got.tolist() == [255, 255, 0, 254, 256, 256, 257]


def test_limits_set_the_reach_and_the_further_one_wins(backend):
    values = np.array([-4.0, 4.0])
    for limits in ({"vmax": 4}, {"vmin": -4}, {"vmin": -4, "vmax": 1}, {}):
        assert indices(values, 255, backend, center=0, **limits).tolist() == [0, 254], limits


def test_invalid_and_masked_values_do_not_set_the_reach(backend):
    values = np.array([-1.0, 0.0, 0.5, 99.0, np.nan, -np.inf, 50.0])
    mask = values == 50
    got = indices(values, 255, backend, center=0, invalid=99, mask=mask)
    assert got.tolist() == [0, 127, 191, 257, 257, 255, 257]


def test_all_invalid_is_all_bad(backend):
    pixels = colorize(np.full((2, 3), np.nan), center=0, backend=backend)
    np.testing.assert_array_equal(pixels, np.zeros((2, 3, 3), np.uint8))


def test_backends_agree_in_every_bit(backend):
    rng = np.random.default_rng(5)
    for dtype in ("float32", "float64", "int16", "uint8", "int64", "float16"):
        for center, limits in ((0.1, {}), (3, {"vmax": 7.3}), (-1e-3, {"vmin": -50})):
            values = (rng.normal(size=3000) * 9).astype(dtype)
            for n in (2, 255, 256):
                got = indices(values, n, backend, center=center, **limits)
                expected = indices(values, n, "numpy", center=center, **limits)
                np.testing.assert_array_equal(got, expected)


def test_extreme_ranges_do_not_overflow(backend):
    for dtype in (np.float32, np.float64):
        most = np.finfo(dtype).max
        got = indices(np.array([-most, 0, most], dtype), 255, backend, center=0)
        assert got.tolist() == [0, 127, 254]
    most = np.finfo(np.float32).max
    got = indices(np.array([-most, most], np.float32), 255, backend, center=most)
    assert got.tolist() == [0, 127]


def test_the_polynomial_takes_the_same_ends(backend):
    values = np.array([-3.0, 1.0, 5.0])
    got = colorize(values, center=1, method="poly", backend=backend, cmap="turbo")
    np.testing.assert_array_equal(got, colorize(values, vmin=-3, vmax=5, method="poly"))


@pytest.mark.parametrize("center", [np.nan, np.inf, 10**400])
def test_a_center_that_is_not_finite_is_refused(center):
    with pytest.raises(ValueError, match="center must be finite"):
        colorize([1.0], center=center)


@pytest.mark.parametrize("center", ["0", [0.0], 1j])
def test_a_center_that_is_no_number_is_refused(center):
    with pytest.raises(TypeError, match="center must be a number or None"):
        colorize([1.0], center=center)


@pytest.mark.parametrize("limits", [{"vmin": 1}, {"vmax": -1}, {"vmin": 1, "vmax": 2}])
def test_a_center_outside_the_limits_is_refused(limits):
    with pytest.raises(ValueError, match="center must lie between vmin and vmax, got 0"):
        colorize([1.0], center=0, **limits)


def test_robust_reaches_to_the_further_percentile(backend):
    values = np.concatenate([np.arange(-100.0, 201.0), [1e6]])
    lo, hi = np.percentile(values, [2, 98])
    got = colorize(values, center=0, robust=True, backend=backend)
    np.testing.assert_array_equal(got, colorize(values, center=0, vmax=max(hi, -lo)))
