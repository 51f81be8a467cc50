"""`KnotCurve` and `fit_knots`: curves through colors, and the knots of a table."""

import copy
import doctest
import importlib
import pickle

import numpy as np
import pytest
from conftest import TURBO
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from turbo_cmap import KnotCurve, fit_knots
from turbo_cmap.curve import KINDS, ReversedCurve, reversed_curve, sample
from turbo_cmap.turbo import TURBO_CURVE, TURBO_KNOTS

COUNTS = [2, 3, 4, 5, 7, 30]


def gentle_knots(count, seed=0):
    """Knots so near to each other that no curve through them leaves [0, 1]."""
    return np.random.default_rng(seed).uniform(0.35, 0.65, (count, 3))


def cubic_at(curve, segment, u):
    c0, c1, c2, c3 = curve.coefficients[segment]
    return c0 + u * (c1 + u * (c2 + u * c3))


# --- the curve ---


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", COUNTS)
def test_a_curve_runs_through_its_knots(kind, count):
    knots = gentle_knots(count)
    curve = KnotCurve(knots, kind)
    assert curve.kind == kind
    assert np.array_equal(curve.knots, knots)
    np.testing.assert_allclose(curve(np.arange(count) / (count - 1)), knots, atol=1e-14)


@pytest.mark.parametrize("kind", ["natural", "not-a-knot"])
@pytest.mark.parametrize("count", COUNTS)
def test_splines_are_scipys(kind, count):
    knots = gentle_knots(count)
    theirs = CubicSpline(np.arange(count) / (count - 1), knots, bc_type=kind)
    t = np.linspace(0, 1, 1001)
    curve = KnotCurve(knots, kind)
    # The solvers differ: a few units in the last place, times (K - 1) per derivative.
    np.testing.assert_allclose(curve(t), theirs(t), rtol=0, atol=1e-14)
    for order in (1, 2):
        scale = (count - 1) ** order
        ours = curve.derivative(t, order)
        np.testing.assert_allclose(ours, theirs(t, order), rtol=0, atol=1e-13 * scale)


@pytest.mark.parametrize("count", [3, 4, 5, 7, 30])
def test_catmull_rom_takes_its_slopes_from_the_neighbors_and_ends_in_quadratics(count):
    knots = gentle_knots(count)
    curve = KnotCurve(knots)
    inner = np.arange(1, count - 1) / (count - 1)
    central = (knots[2:] - knots[:-2]) / 2 * (count - 1)
    np.testing.assert_allclose(curve.derivative(inner), central, atol=1e-12)
    for end in (0, -1):
        np.testing.assert_allclose(curve.coefficients[end, 3], 0, atol=1e-15)


def test_a_knot_moves_two_segments_on_either_side():
    knots = gentle_knots(9)
    moved = knots.copy()
    moved[4] += 0.1
    same = KnotCurve(knots).coefficients == KnotCurve(moved).coefficients
    assert same.all(axis=(1, 2)).tolist() == [True] * 2 + [False] * 4 + [True] * 2
    # The others give way everywhere.
    for kind in ("natural", "not-a-knot"):
        same = KnotCurve(knots, kind).coefficients == KnotCurve(moved, kind).coefficients
        assert not same.all(axis=1).any()


@pytest.mark.parametrize("kind", KINDS)
def test_two_knots_are_a_line(kind):
    curve = KnotCurve([(0, 0.5, 1), (1, 0.5, 0)], kind)
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(curve(t), np.stack([t, 0 * t + 0.5, 1 - t], axis=-1), atol=1e-15)
    assert not curve.coefficients[:, 2:].any()


@pytest.mark.parametrize("kind", ["catmull-rom", "not-a-knot"])
def test_three_knots_are_a_parabola(kind):
    curve = KnotCurve([(0, 0.2, 0.1), (0.25, 0.5, 0.6), (1, 0.4, 0.3)], kind)
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(curve(t)[:, 0], t**2, atol=1e-15)
    np.testing.assert_allclose(curve.coefficients[:, 3], 0, atol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
def test_the_coefficients_are_the_curve(kind):
    curve = KnotCurve(gentle_knots(7), kind)
    assert curve.coefficients.shape == (6, 4, 3)
    t = np.random.default_rng(1).random(1000)
    position = t * 6
    segment = position.astype(int)
    u = position - segment
    expected = np.array([cubic_at(curve, k, x) for k, x in zip(segment, u, strict=True)])
    assert np.array_equal(curve(t), expected)


def test_colors_are_clipped_and_derivatives_are_not():
    curve = KnotCurve([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)])
    t = np.linspace(0, 1, 301)
    colors = curve(t)
    assert colors.min() == 0
    assert colors.max() == 1
    over = np.flatnonzero(colors[:, 0] == 1)
    assert len(over) > 50  # beyond 1 between its knots, and cut there
    assert np.abs(curve.derivative(t)[over, 0]).max() > 0.1


def test_derivatives_are_those_of_the_curve():
    curve = KnotCurve(gentle_knots(7))
    t = np.linspace(0.01, 0.99, 97) + 1e-3  # off the knots
    h = 1e-5
    slope = (curve(t + h) - curve(t - h)) / (2 * h)
    np.testing.assert_allclose(curve.derivative(t), slope, atol=1e-6)
    for order in (2, 3):
        below = curve.derivative(t + h, order - 1) - curve.derivative(t - h, order - 1)
        np.testing.assert_allclose(
            curve.derivative(t, order), below / (2 * h), atol=1e-4, rtol=1e-5
        )


def test_the_derivative_at_a_knot_is_to_the_right_of_it_and_at_the_end_to_the_left():
    curve = KnotCurve(gentle_knots(4), "catmull-rom")
    second = curve.derivative([0, 1 / 3, 1], 2)
    c2, c3 = curve.coefficients[:, 2], curve.coefficients[:, 3]
    np.testing.assert_allclose(second[:2], 9 * 2 * c2[:2], atol=1e-12)
    np.testing.assert_allclose(second[2], 9 * (2 * c2[2] + 6 * c3[2]), atol=1e-12)


def test_positions_may_have_any_shape_and_real_type():
    curve = KnotCurve(gentle_knots(5))
    t = np.random.default_rng(2).random((3, 4, 5))
    colors = curve(t)
    assert colors.dtype == np.float64
    assert colors.shape == (3, 4, 5, 3)
    assert np.array_equal(curve(t.tolist()), colors)
    assert np.array_equal(curve(np.asfortranarray(t)), colors)
    assert np.array_equal(curve(t[::-1, ::2]), colors[::-1, ::2])
    assert np.array_equal(curve(t.astype(">f8")), colors)
    assert np.array_equal(curve(t.astype(np.float32)), curve(t.astype(np.float32).astype(float)))
    assert curve(0.5).shape == (3,)
    assert curve([]).shape == (0, 3)
    assert np.array_equal(curve([0, 1]), curve([False, True]))
    for order in (1, 2, 3):
        assert curve.derivative(t, order).shape == (3, 4, 5, 3)


def test_many_positions_are_evaluated_like_few():
    curve = KnotCurve(gentle_knots(5))
    t = np.linspace(0, 1, 40_001)
    assert np.array_equal(
        curve(t), np.concatenate([curve(part) for part in np.split(t, [7, 20_000])])
    )


def test_outside_is_the_nearer_end_and_nan_is_nan():
    curve = KnotCurve(gentle_knots(5))
    ends = curve([0, 1])
    assert np.array_equal(curve([-1e-300, -3, -np.inf]), ends[[0, 0, 0]])
    assert np.array_equal(curve([1 + 1e-15, 7, np.inf]), ends[[1, 1, 1]])
    for f in (curve, curve.derivative, lambda t: curve.derivative(t, 3)):
        assert np.isnan(f([0.1, np.nan])).tolist() == [[False] * 3, [True] * 3]
    masked = np.ma.masked_array([0.2, 0.3], mask=[False, True])
    result = curve(masked)
    assert type(result) is np.ndarray
    assert np.array_equal(result[0], curve(0.2))
    assert np.isnan(result[1]).all()


@pytest.mark.parametrize("t", ["0.5", [1j], [object()], [None], ["a"], [[1, 2], [3]]])
def test_positions_that_are_no_real_numbers_are_refused(t):
    curve = KnotCurve(gentle_knots(3))
    with pytest.raises(TypeError, match=r"KnotCurve\(\): t must be real numbers"):
        curve(t)
    with pytest.raises(TypeError, match=r"KnotCurve.derivative\(\): t must be real numbers"):
        curve.derivative(t)


@pytest.mark.parametrize("order", [0, 4, -1, 1.5, True, "1", None])
def test_an_order_that_there_is_not_is_refused(order):
    with pytest.raises(ValueError, match=r"order must be 1, 2 or 3, got"):
        KnotCurve(gentle_knots(3)).derivative(0.5, order)


@pytest.mark.parametrize("kind", KINDS)
def test_reversed_runs_from_the_last_knot_to_the_first(kind):
    curve = KnotCurve(gentle_knots(6), kind)
    t = np.linspace(0, 1, 101)
    np.testing.assert_allclose(curve.reversed()(t), curve(1 - t), atol=1e-14)
    assert curve.reversed().kind == kind
    assert curve.reversed().reversed() == curve


def test_any_curve_can_be_reversed():
    def gray(t):
        return np.stack([t, t, t], axis=-1)

    back = reversed_curve(gray)
    assert back == ReversedCurve(gray)
    np.testing.assert_allclose(back([0.0, 0.25])[:, 0], [1, 0.75])
    assert reversed_curve(back) is gray
    assert isinstance(reversed_curve(TURBO_CURVE), KnotCurve)


@pytest.mark.parametrize("n", [2, 3, 255, 256, 1000])
def test_samples_are_at_equal_steps(n):
    assert np.array_equal(sample(TURBO_CURVE, n), TURBO_CURVE(np.arange(n) / (n - 1)))
    assert np.array_equal(sample(TURBO_CURVE, 1), TURBO_CURVE([0.5]))


# --- a value ---


def test_a_curve_cannot_be_changed():
    source = gentle_knots(4)
    curve = KnotCurve(source)
    before = curve(0.3)
    source[:] = 0
    assert np.array_equal(curve(0.3), before)
    for name in ("knots", "kind", "coefficients", "new"):
        with pytest.raises(AttributeError):
            setattr(curve, name, None)
    with pytest.raises(AttributeError):
        del curve.knots
    for array in (curve.knots, curve.coefficients):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_equal_curves_are_equal_and_hash_alike():
    knots = gentle_knots(4)
    curve = KnotCurve(knots)
    same = KnotCurve(knots.tolist(), "catmull-rom")
    assert curve == same
    assert hash(curve) == hash(same)
    assert KnotCurve([(0.0, 0, 0), (1, 1, 1)]) == KnotCurve([(-0.0, 0, 0), (1, 1, 1)])
    for other in (KnotCurve(knots, "natural"), KnotCurve(knots[::-1]), None):
        assert curve != other
    assert ReversedCurve(curve) != curve


def test_curves_survive_copying_and_pickling():
    for curve in (KnotCurve(gentle_knots(4), "natural"), ReversedCurve(TURBO_CURVE)):
        for twin in (copy.copy(curve), copy.deepcopy(curve), pickle.loads(pickle.dumps(curve))):
            assert twin == curve
            assert np.array_equal(twin([0.3]), curve([0.3]))
            with pytest.raises(AttributeError):
                twin.kind = "natural"


def test_a_curve_says_what_it_is():
    assert repr(TURBO_CURVE) == "<KnotCurve, 7 knots, catmull-rom>"


# --- bad knots ---


@pytest.mark.parametrize(
    ("knots", "error", "parts"),
    [
        (np.zeros((1, 3)), ValueError, ["at least 2", "got 1"]),
        (np.zeros((0, 3)), ValueError, ["at least 2", "got 0"]),
        (np.zeros((5, 4)), ValueError, ["(N, 3)", "(5, 4)"]),
        (np.zeros(6), ValueError, ["(N, 3)", "(6,)"]),
        (np.zeros((2, 2, 3)), ValueError, ["(N, 3)", "(2, 2, 3)"]),
        (0.5, ValueError, ["(N, 3)", "()"]),
        ([(0, 0, 0), (0, 0)], ValueError, ["(N, 3)"]),
        ([(0, 0, 0), (0, 0, 1.001)], ValueError, ["[0, 1]", "1.001"]),
        ([(0, 0, -1e-9), (0, 0, 1)], ValueError, ["[0, 1]", "-1e-09"]),
        ([(0, 0, np.nan), (0, 0, 1)], ValueError, ["[0, 1]", "nan"]),
        ([(0, 0, np.inf), (0, 0, 1)], ValueError, ["[0, 1]", "inf"]),
        (np.zeros((3, 3), complex), TypeError, ["real", "complex"]),
        ([["a", "b", "c"]] * 2, TypeError, ["real", "<U1"]),
        ("turbo", TypeError, ["real", "<U5"]),
        ([[None] * 3] * 2, TypeError, ["real", "object"]),
    ],
)
def test_wrong_knots_are_refused_with_the_rule_and_what_came(knots, error, parts):
    for function, name in ((KnotCurve, "knots"), (fit_knots, "table")):
        with pytest.raises(error) as caught:
            function(knots)
        for part in (f"{function.__name__}(): {name} ", *parts):
            assert part in str(caught.value)


@pytest.mark.parametrize("kind", ["cubic", "", None, 3, ["natural"]])
def test_an_unknown_kind_is_refused_and_those_that_are_known_are_listed(kind):
    expected = "kind must be one of catmull-rom, natural, not-a-knot, got"
    with pytest.raises(ValueError, match=r"KnotCurve\(\): " + expected):
        KnotCurve(gentle_knots(3), kind)
    with pytest.raises(ValueError, match=r"fit_knots\(\): " + expected):
        fit_knots(TURBO, kind=kind)


# --- fit_knots ---


def test_the_knots_of_turbo_are_found_in_its_published_table():
    curve = fit_knots(TURBO)
    assert curve.kind == "catmull-rom"
    np.testing.assert_allclose(curve.knots, TURBO_KNOTS.T, rtol=0, atol=1e-6)
    # Half of the fifth decimal: there is nothing left to explain.
    assert np.abs(sample(curve, 256) - TURBO).max() <= 5e-6


@pytest.mark.parametrize("kind", ["natural", "not-a-knot"])
def test_turbo_is_no_smoother_spline_of_seven_knots(kind):
    # The article says C2; of those, the nearest ones miss the table by several levels of 255.
    assert np.abs(sample(fit_knots(TURBO, 7, kind), 256) - TURBO).max() > 2 / 255


@pytest.mark.parametrize("count", [5, 6, 8])
def test_turbo_needs_seven_knots(count):
    assert np.abs(sample(fit_knots(TURBO, count), 256) - TURBO).max() > 1 / 255


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(2, 9), more=st.integers(0, 40), seed=st.integers(0, 999))
def test_the_knots_of_a_sampled_curve_are_found(kind, count, more, seed):
    curve = KnotCurve(gentle_knots(count, seed), kind)
    table = sample(curve, 2 * count + more)
    found = fit_knots(table, count, kind)
    np.testing.assert_allclose(sample(found, len(table)), table, rtol=0, atol=1e-9)


@pytest.mark.parametrize("noise", [1e-15, 1e-12, 1e-10, 1e-8, 1e-6, 1e-3])
def test_a_little_noise_is_no_obstacle(noise):
    rng = np.random.default_rng(7)
    for count, length in ((2, 9), (7, 13), (17, 19), (9, 256)):
        for kind in KINDS:
            table = sample(KnotCurve(gentle_knots(count), kind), length)
            table += noise * rng.uniform(-1, 1, table.shape)
            found = sample(fit_knots(table, count, kind), length)
            assert np.abs(found - table).max() <= noise + 2e-12


def test_no_other_knots_are_nearer():
    table = np.random.default_rng(3).random((40, 3))
    best = fit_knots(table, 5)
    bound = np.abs(sample_unclipped(best, 40) - table).max(axis=0)
    rng = np.random.default_rng(4)
    for scale in (1e-6, 1e-4, 1e-2, 0.3):
        for _ in range(200):
            knots = np.clip(best.knots + rng.normal(scale=scale, size=(5, 3)), 0, 1)
            other = np.abs(sample_unclipped(KnotCurve(knots), 40) - table).max(axis=0)
            assert (other >= bound - 1e-9).all()


def sample_unclipped(curve, n):
    position = np.arange(n) / (n - 1) * len(curve.coefficients)
    segment = np.minimum(position.astype(int), len(curve.coefficients) - 1)
    c = curve.coefficients[segment]
    u = (position - segment)[:, np.newaxis]
    return c[:, 0] + u * (c[:, 1] + u * (c[:, 2] + u * c[:, 3]))


@pytest.mark.parametrize("kind", KINDS)
def test_knots_stay_in_the_cube_of_colors_for_odd_tables(kind):
    rng = np.random.default_rng(5)
    steps = np.repeat([[0.0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]], 8, axis=0)
    for table in (rng.integers(0, 2, (32, 3)), steps, np.zeros((9, 3)), np.ones((9, 3))):
        for count in (2, 3, 7):
            knots = fit_knots(table, count, kind).knots
            assert ((knots >= 0) & (knots <= 1)).all()


def test_as_many_knots_as_colors_are_the_table():
    table = np.random.default_rng(6).random((9, 3))
    for kind in KINDS:
        np.testing.assert_allclose(fit_knots(table, 9, kind).knots, table, rtol=0, atol=1e-9)


@pytest.mark.parametrize("count", [1, 0, -3, 257])
def test_a_count_out_of_range_is_refused(count):
    with pytest.raises(ValueError, match=rf"count must be from 2 to 256, got {count}"):
        fit_knots(TURBO, count)


@pytest.mark.parametrize("count", [7.0, "7", None, True])
def test_a_count_that_is_no_integer_is_refused(count):
    with pytest.raises(TypeError, match=r"fit_knots\(\): count must be an integer, got"):
        fit_knots(TURBO, count)


@pytest.mark.parametrize("module", ["curve", "turbo", "colormap"])
def test_the_examples_are_true(module):
    outcome = doctest.testmod(importlib.import_module(f"turbo_cmap.{module}"))
    assert outcome.failed == 0
    assert outcome.attempted > 0
