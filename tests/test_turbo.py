"""Turbo: the published table, the curve that it samples, and the function `turbo`."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from conftest import DU, TURBO, TURBO_U8

import turbo_cmap
from turbo_cmap import KnotCurve, colorize, turbo
from turbo_cmap.turbo import (
    DU_POLYNOMIAL,
    METHODS,
    TURBO_CURVE,
    TURBO_KNOTS,
    TURBO_TABLE,
    turbo_poly,
)

POSITIONS = np.arange(256) / 255


# --- the discovery ---


def test_the_published_table_is_a_spline_through_seven_colors():
    assert KnotCurve(TURBO_KNOTS.T, "catmull-rom") == TURBO_CURVE
    assert TURBO_KNOTS.size == 21
    curve = turbo(POSITIONS, method="spline")
    assert np.abs(curve - TURBO).max() <= 5e-6  # half of the fifth decimal, for all 768
    assert np.array_equal(np.round(curve, 5), TURBO)  # digit for digit
    assert np.array_equal(np.rint(255 * curve), TURBO_U8)


def test_its_first_derivative_is_continuous_at_the_knots_and_its_second_is_not():
    # From the left a segment ends at u = 1; from the right the next one starts at u = 0.
    left, right = TURBO_CURVE.coefficients[:-1], TURBO_CURVE.coefficients[1:]
    value = left.sum(axis=1) - right[:, 0]
    slope = left[:, 1] + 2 * left[:, 2] + 3 * left[:, 3] - right[:, 1]
    bend = 2 * left[:, 2] + 6 * left[:, 3] - 2 * right[:, 2]
    assert np.abs(value).max() < 1e-14
    assert np.abs(slope).max() < 1e-14
    # Per knot interval, and in every channel somewhere: colors are about 1.
    assert (np.abs(bend).max(axis=0) > 0.5).all()
    assert (np.abs(bend).max(axis=1) > 0.1).all()


def test_it_stays_in_the_cube_of_colors_without_being_clipped():
    position = np.linspace(0, 6, 60_001)
    segment = np.minimum(position.astype(int), 5)
    c = TURBO_CURVE.coefficients[segment]
    u = (position - segment)[:, np.newaxis]
    raw = c[:, 0] + u * (c[:, 1] + u * (c[:, 2] + u * c[:, 3]))
    assert raw.min() >= 0
    assert raw.max() <= 1


def test_the_constants_are_the_published_ones_and_cannot_be_changed():
    assert np.array_equal(TURBO_TABLE, TURBO)
    assert np.array_equal(DU_POLYNOMIAL, DU)
    for constant in (TURBO_TABLE, TURBO_KNOTS, DU_POLYNOMIAL):
        with pytest.raises(ValueError, match="read-only"):
            constant[0, 0] = 0


# --- turbo(x, method) ---


def test_the_spline_is_continuous():
    x = np.arange(65_536) / 65_535
    colors = turbo(x)
    assert np.array_equal(colors, TURBO_CURVE(x))
    # Its steepest slope is 7.55, in the blues: 16-bit levels, not the 2,000 of a table's step.
    assert np.abs(np.diff(colors, axis=0)).max() < 7.6 / 65_535
    # And at 16 bits no two neighbors are alike, where a table of 256 has runs of 256.
    u16 = np.rint(65_535 * colors).astype(int)
    assert np.abs(np.diff(u16, axis=0)).max(axis=1).min() >= 1


def test_lut_is_the_published_table_as_colorize_looks_it_up():
    edges = np.arange(257) / 256
    x = np.concatenate([edges, np.nextafter(edges, -1), np.nextafter(edges, 2), POSITIONS])
    colors = turbo(x, method="lut")
    expected = TURBO[np.clip(np.trunc(256 * x), 0, 255).astype(int)]
    assert np.array_equal(colors, expected)
    as_bytes = colorize(x, vmin=0, vmax=1)
    assert np.array_equal(np.rint(255 * colors), as_bytes)
    assert np.array_equal(turbo(1.0, method="lut"), TURBO[255])


def test_poly_is_dus_polynomial_clamped():
    x = np.linspace(0, 1, 1001)
    colors = turbo(x, method="poly")
    raw = np.stack([np.polynomial.polynomial.polyval(x, c) for c in DU], axis=-1)
    assert raw.min() < 0
    assert raw.max() > 1
    np.testing.assert_allclose(colors, np.clip(raw, 0, 1), rtol=0, atol=1e-13)
    assert np.array_equal(turbo_poly(x), colors)
    error = 255 * np.abs(turbo(POSITIONS, method="poly") - TURBO)
    assert error.max(axis=0).round(1).tolist() == [22.0, 8.8, 32.0]


@pytest.mark.parametrize("method", METHODS)
def test_what_holds_for_every_method(method):
    x = np.random.default_rng(0).uniform(-0.5, 1.5, (3, 4, 5))
    colors = turbo(x, method=method)
    assert colors.shape == (3, 4, 5, 3)
    assert colors.dtype == np.float64
    assert ((colors >= 0) & (colors <= 1)).all()
    assert np.array_equal(colors, turbo(np.clip(x, 0, 1), method=method))
    assert np.array_equal(turbo(x.tolist(), method), colors)
    assert np.array_equal(turbo(x[:, ::-2].astype(">f8"), method), colors[:, ::-2])
    ends = turbo([0.0, 1.0], method)
    assert np.array_equal(turbo([-np.inf, np.inf], method), ends)
    assert np.array_equal(turbo([0, 1], method), ends)  # integers are positions, too
    assert np.array_equal(turbo([False, True], method), ends)
    assert np.array_equal(turbo(np.float16([-3, 3]), method), ends)
    assert turbo(0.3, method).shape == (3,)
    assert turbo(np.float32(0.3), method).shape == (3,)
    assert turbo([], method).shape == (0, 3)
    assert np.isnan(turbo([np.nan, 0.5], method)).tolist() == [[True] * 3, [False] * 3]
    assert np.isnan(turbo(np.nan, method)).all()
    masked = np.ma.masked_array([0.5, 0.5], mask=[False, True])
    assert np.isnan(turbo(masked, method)).tolist() == [[False] * 3, [True] * 3]


def test_a_result_belongs_to_the_caller():
    for method in METHODS:
        for x in (0.5, [0.5]):
            turbo(x, method)[...] = 0
            assert turbo(x, method).any()


@pytest.mark.parametrize("method", ["bicubic", "", None, 3, "Spline", ["lut"]])
def test_an_unknown_method_is_refused_and_those_that_are_known_are_listed(method):
    with pytest.raises(
        ValueError, match=r"turbo\(\): method must be one of spline, lut, poly, got"
    ):
        turbo(0.5, method=method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("x", ["0.5", b"x", [0.5j], [None], [object()], ["a", "b"]])
def test_positions_that_are_no_real_numbers_are_refused(x, method):
    with pytest.raises(TypeError, match=r"turbo\(\): x must be real numbers, got dtype"):
        turbo(x, method=method)


# --- the name, which is also that of the module ---


@pytest.mark.parametrize(
    "imports",
    [
        "import turbo_cmap",
        "import turbo_cmap.turbo",
        "import turbo_cmap.curve",
        "from turbo_cmap.turbo import TURBO_TABLE",
        "from turbo_cmap.turbo import turbo",
        "from turbo_cmap import turbo",
        "import matplotlib, turbo_cmap",
        "import importlib; importlib.import_module('turbo_cmap.turbo')",
        "import importlib, turbo_cmap; importlib.reload(turbo_cmap)",
    ],
)
def test_the_function_and_the_module_are_both_there_whatever_comes_first(imports):
    code = f"""
{imports}
import importlib, pickle
import turbo_cmap
from turbo_cmap.turbo import TURBO_TABLE
assert turbo_cmap.turbo(0.5).shape == (3,)
assert TURBO_TABLE.shape == (256, 3)
assert importlib.import_module("turbo_cmap.turbo").TURBO_TABLE is TURBO_TABLE
turbo_cmap.get_cmap("turbo_balanced")
assert pickle.loads(pickle.dumps(turbo_cmap.turbo)) is turbo_cmap.turbo
assert turbo_cmap.turbo(0.5).shape == (3,)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_function_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(turbo)) is turbo
    assert turbo_cmap.turbo is turbo
