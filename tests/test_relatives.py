"""Turbo's relatives: what each of them promises, asked of colorspacious."""

import copy
import pickle

import numpy as np
import pytest
from colorspacious import cspace_convert
from scipy.interpolate import CubicSpline

from turbo_cmap import KnotCurve, get_cmap
from turbo_cmap.curve import ReversedCurve
from turbo_cmap.relatives import (
    RetimedCurve,
    Timing,
    balanced_timing,
    turbo_balanced,
    turbo_uniform,
    uniform_timing,
)
from turbo_cmap.turbo import TURBO_CURVE

LENGTHS = [9, 64, 101, 254, 255, 256, 1001, 4096, 20_001]


def jab_cam02ucs(colors):
    return cspace_convert(colors, "sRGB1", "CAM02-UCS")


def lightness(colors):
    """J' in [0, 100]."""
    return jab_cam02ucs(colors)[:, 0]


def steps(colors):
    """Differences of neighbors, in CAM02-UCS."""
    return np.linalg.norm(np.diff(jab_cam02ucs(colors), axis=0), axis=1)


# --- turbo_diverging ---


@pytest.mark.parametrize("n", [None, 3, 255, 1001])
def test_diverging_has_the_exact_middle(n):
    cmap = get_cmap("turbo_diverging", n)
    assert len(cmap) == n or (n is None and len(cmap) == 255)
    assert np.array_equal(cmap.colors[len(cmap) // 2], TURBO_CURVE.knots[3])
    assert np.array_equal(cmap.colors[[0, -1]], TURBO_CURVE([0.0, 1.0]))


# --- turbo_balanced ---


def test_balanced_is_odd_and_its_colors_are_turbos():
    cmap = get_cmap("turbo_balanced")
    assert len(cmap) == 255
    assert isinstance(cmap.curve, RetimedCurve)
    assert cmap.curve.curve is TURBO_CURVE
    assert np.array_equal(cmap.colors, TURBO_CURVE(cmap.curve.timing(np.arange(255) / 254)))


@pytest.mark.parametrize("n", LENGTHS)
def test_balanced_is_equally_light_on_both_sides(n):
    light = lightness(get_cmap("turbo_balanced", n).colors)
    assert np.abs(light - light[::-1]).max() <= 0.02  # 0.5 is what is asked for
    # Turbo itself is 13 off at its ends.
    turbo = lightness(get_cmap("turbo", n).colors)
    assert np.abs(turbo - turbo[::-1]).max() > 13


@pytest.mark.parametrize("n", LENGTHS)
def test_balanced_is_lightest_at_its_center_and_darkens_to_both_sides(n):
    light = lightness(get_cmap("turbo_balanced", n).colors)
    middle = n // 2
    low, high = light[: (n + 1) // 2], light[n // 2 :]
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) < 0).all()
    if n % 2:
        assert light.argmax() == middle
        # The lightest point of the whole curve.
        assert light[middle] == pytest.approx(lightness(get_cmap("turbo", 65536).colors).max())


def test_balanced_ends_where_the_dark_red_end_of_turbo_is():
    colors = get_cmap("turbo_balanced").colors
    assert np.array_equal(colors[-1], TURBO_CURVE(1.0))
    light = lightness(colors)
    assert light[[0, -1]] == pytest.approx([28.8, 28.8], abs=0.001)


@pytest.mark.parametrize("n", [255, 1001, 4096])
def test_balanced_steps_evenly_and_has_no_edges(n):
    colors = get_cmap("turbo_balanced", n).colors
    step = steps(colors)
    assert step.max() / step.min() < 1.9  # 6.2 for turbo
    # What the two sides do together at a distance is nearly the same at all distances.
    together = step + step[::-1]
    assert together.max() / together.min() < 1.15
    # No step is much longer than the one before: at 255 colors, 10 % at the most.
    ratio = step[1:] / step[:-1]
    assert np.abs(np.log(ratio)).max() < 0.105 * 254 / (n - 1)
    # And no ridge: the largest second difference of J' is 0.94 for jet and 0.02 for turbo.
    bend = np.abs(np.diff(lightness(colors), 2)).max() * ((n - 1) / 254) ** 2
    assert bend < 0.07


# --- turbo_uniform ---


@pytest.mark.parametrize("n", LENGTHS[1:])  # with fewer, a step is no longer a short one
def test_uniform_has_equal_steps(n):
    step = steps(get_cmap("turbo_uniform", n).colors)
    assert step.max() / step.min() <= 1.04  # 1.1 is what is asked for
    # 6.2 for turbo's table, more for finer ones.
    turbo = steps(get_cmap("turbo", max(n, 64)).colors)
    assert turbo.max() / turbo.min() > 5


def test_uniform_is_all_of_turbo():
    cmap = get_cmap("turbo_uniform")
    assert len(cmap) == 256
    assert np.array_equal(cmap.colors[[0, -1]], TURBO_CURVE([0.0, 1.0]))
    assert cmap.curve.curve is TURBO_CURVE


# --- turbo_poly ---


def test_poly_is_dus_polynomial():
    from turbo_cmap import turbo

    x = np.arange(256) / 255
    assert np.array_equal(get_cmap("turbo_poly").colors, turbo(x, method="poly"))


# --- where the timings come from ---


def test_the_timings_are_what_the_functions_compute():
    # Equal but for a last digit that another release of NumPy or colorspacious may round.
    np.testing.assert_allclose(
        balanced_timing().nodes, turbo_balanced().timing.nodes, rtol=0, atol=1.5e-6
    )
    np.testing.assert_allclose(
        uniform_timing().nodes, turbo_uniform().timing.nodes, rtol=0, atol=1.5e-6
    )
    assert len(turbo_balanced().timing.nodes) == 49
    assert len(turbo_uniform().timing.nodes) == 129


def test_other_curves_can_be_timed():
    curve = KnotCurve([(0.1, 0.1, 0.5), (0.9, 0.9, 0.9), (0.35, 0.05, 0.05)])
    for one in (curve, curve.reversed()):
        even = steps(RetimedCurve(one, uniform_timing(one))(np.arange(500) / 499))
        assert even.max() / even.min() < 1.1
        light = lightness(RetimedCurve(one, balanced_timing(one))(np.arange(501) / 500))
        assert np.abs(light - light[::-1]).max() < 0.5
        assert light.argmax() == 250


@pytest.mark.parametrize(
    "curve",
    [
        KnotCurve([(0, 0, 0), (1, 1, 1)]),  # rises and does not fall
        KnotCurve([(1, 1, 1), (0, 0, 0)]),
        KnotCurve([(1, 1, 1), (0, 0, 0), (1, 1, 1)]),
        KnotCurve([(0, 0, 0), (1, 1, 1), (0, 0, 0), (0.8, 0.8, 0.8), (0, 0, 0)]),
    ],
)
def test_a_curve_without_a_single_peak_cannot_be_balanced(curve):
    with pytest.raises(ValueError, match=r"balanced_timing\(\): the lightness must rise to a sing"):
        balanced_timing(curve)


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (balanced_timing, [1, 2, 4, 32, 10_001, 0, -3]),
        (uniform_timing, [1, 0, -3, 10_001]),
    ],
)
def test_a_count_that_is_not_allowed_is_refused(function, wrong):
    for count in wrong:
        with pytest.raises(
            ValueError, match=r"timing\(\): count must be (odd and )?from"
        ) as caught:
            function(count=count)
        assert str(caught.value).endswith(f"got {count}")
    for count in (33.0, "33", None, True):
        with pytest.raises(TypeError, match=r"timing\(\): count must be an integer, got"):
            function(count=count)


# --- Timing ---


def test_a_timing_is_a_not_a_knot_spline():
    nodes = np.array([0.1, 0.15, 0.3, 0.55, 0.8, 1.0])
    timing = Timing(nodes)
    s = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(timing(s), CubicSpline(np.arange(6) / 5, nodes)(s), atol=1e-14)
    assert timing(s).min() == 0.1
    assert timing(0.3).shape == ()
    assert np.array_equal(timing([-1, 2]), timing([0, 1]))
    assert np.isnan(timing([np.nan, 0.5])).tolist() == [True, False]
    assert np.allclose(Timing([0.0, 1.0])(s), s)
    with pytest.raises(TypeError, match=r"Timing\(\): s must be real numbers"):
        timing("0.5")


@pytest.mark.parametrize(
    ("nodes", "error", "part"),
    [
        ([0.0], ValueError, r"shape \(K,\), K >= 2, got \(1,\)"),
        ([[0.0, 1.0]], ValueError, r"shape \(K,\), K >= 2, got \(1, 2\)"),
        (0.5, ValueError, r"got \(\)"),
        ([0.0, 1.001], ValueError, r"\[0, 1\], got 0.0 to 1.001"),
        ([-0.001, 1.0], ValueError, r"\[0, 1\]"),
        ([0.0, np.nan, 1.0], ValueError, r"\[0, 1\], got nan"),
        ([0.0, 0.5, 0.5, 1.0], ValueError, "increases everywhere"),
        ([1.0, 0.0], ValueError, "increases everywhere"),
        # The nodes increase and the spline between them does not.
        ([0.0, 0.45, 0.46, 1.0, 1.0], ValueError, "increases everywhere"),
        ([0.0, 0.01, 0.9, 0.91, 1.0], ValueError, "increases everywhere"),
        (["0", "1"], TypeError, "real numbers"),
        ([0j, 1j], TypeError, "real numbers"),
    ],
)
def test_wrong_nodes_are_refused(nodes, error, part):
    with pytest.raises(error, match=r"Timing\(\): nodes must .*" + part):
        Timing(nodes)


# --- RetimedCurve ---


def test_a_retimed_curve_has_the_colors_of_the_other_at_its_times():
    timing = Timing([0.2, 0.5, 0.9])
    curve = RetimedCurve(TURBO_CURVE, timing)
    s = np.linspace(-0.5, 1.5, 40).reshape(4, 10)
    assert np.array_equal(curve(s), TURBO_CURVE(timing(s)))
    assert np.array_equal(curve([0.0, 1.0]), TURBO_CURVE([0.2, 0.9]))
    assert np.isnan(curve(np.nan)).all()
    back = curve.reversed()
    assert isinstance(back, ReversedCurve)
    np.testing.assert_allclose(back([0.0, 0.25]), curve([1.0, 0.75]))
    assert back.reversed() is curve


def test_retimed_curves_are_values():
    timing = Timing([0.2, 0.5, 0.9])
    curve = RetimedCurve(TURBO_CURVE, timing)
    same = RetimedCurve(KnotCurve(TURBO_CURVE.knots), Timing((0.2, 0.5, 0.9)))
    assert curve == same
    assert hash(curve) == hash(same)
    assert curve != RetimedCurve(TURBO_CURVE, Timing([0.2, 0.4, 0.9]))
    assert curve != RetimedCurve(TURBO_CURVE.reversed(), timing)
    for value in (curve, curve.reversed(), timing):
        for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert twin == value
            assert np.array_equal(twin([0.1, 0.7]), value([0.1, 0.7]))
        with pytest.raises(AttributeError):
            value.curve = None
    with pytest.raises(ValueError, match="read-only"):
        timing.nodes[0] = 0
    assert repr(timing) == "<Timing, 3 nodes, 0.2 to 0.9>"
