"""Marks along a scale: within it, sorted, no more than asked for, and written as they are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbo_cmap.norms import named_norm
from turbo_cmap.ticks import choose, place, power

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def linear(lo, hi):
    return lambda x: (x / 2 - lo / 2) / (hi / 2 - lo / 2) if hi > lo else np.full(len(x), 0.5)


def scale(name, lo, hi):
    norm = named_norm(name, lo, hi)

    def positions(x):
        with np.errstate(all="ignore"):
            return np.ma.filled(np.ma.asarray(norm(x), float), np.nan)

    return positions


def number(label):
    return float(label.replace("\N{MINUS SIGN}", "-").replace("\N{THIN SPACE}", ""))


def check(ticks, lo, hi, most):
    assert 1 <= len(ticks.values) <= most
    assert len(ticks.labels) == len(ticks.values)
    assert list(ticks.values) == sorted(set(ticks.values))
    assert len(set(ticks.labels)) == len(ticks.labels)
    assert all(lo <= value <= hi for value in (*ticks.values, *ticks.minor))
    assert list(ticks.minor) == sorted(set(ticks.minor) - set(ticks.values))
    assert ticks.exponent % 3 == 0


@given(FINITE, FINITE, st.integers(1, 20))
def test_any_linear_range_has_marks(a, b, most):
    lo, hi = min(a, b), max(a, b)
    ticks = choose(lo, hi, linear(lo, hi), most=most)
    check(ticks, lo, hi, most)
    for value, label in zip(ticks.values, ticks.labels, strict=True):
        said = float(f"{number(label)!r}e{ticks.exponent}") if number(label) else 0.0
        assert math.isclose(said, value, rel_tol=1e-12, abs_tol=0), "what is said is what is marked"
    steps = np.diff(np.array(ticks.values) / 2)
    if len(steps) > 1 and hi - lo > 1e-6 * max(abs(lo), abs(hi)):
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


@given(
    st.sampled_from(["log", "inverse"]),
    st.floats(1e-30, 1e30),
    st.floats(1.001, 1e12),
    st.integers(2, 15),
)
def test_any_positive_range_has_marks(name, lo, ratio, most):
    hi = lo * ratio
    kind = "log" if name == "log" else "other"
    check(choose(lo, hi, scale(name, lo, hi), kind, most=most), lo, hi, most)


@given(
    st.sampled_from(["sqrt", "symlog", "asinh"]),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.integers(2, 15),
)
def test_scales_across_zero_have_marks(name, lo, span, most):
    if name == "sqrt":
        lo = abs(lo)
    hi = lo + span
    check(choose(lo, hi, scale(name, lo, hi), "other", most=most), lo, hi, most)


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(3, 15))
def test_a_center_is_marked_and_the_others_are_symmetric_about_it(center, reach, most):
    lo, hi = center - reach, center + reach
    ticks = choose(lo, hi, linear(lo, hi), center=center, most=most)
    check(ticks, lo, hi, most)
    assert center in ticks.values
    away = np.array(ticks.values) - center
    np.testing.assert_allclose(away, -away[::-1], atol=1e-9 * max(abs(center), reach))


@pytest.mark.parametrize(
    ("lo", "hi", "most", "labels", "exponent"),
    [
        (0.0, 1.0, 11, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0", 0),
        (0.0, 10.0, 5, "0.0 2.5 5.0 7.5 10.0", 0),
        (0.5, 8.2, 8, "1 2 3 4 5 6 7 8", 0),
        (-3.0, 3.0, 7, "−3 −2 −1 0 1 2 3", 0),
        (0.0, 3e-7, 4, "0 100 200 300", -9),
        (0.0, 6e9, 4, "0 2 4 6", 9),
        (0.0, 60000.0, 4, "0 20\N{THIN SPACE}000 40\N{THIN SPACE}000 60\N{THIN SPACE}000", 0),
        (1013.21, 1013.27, 4, "1013.22 1013.24 1013.26", 0),
        (5.0, 5.0, 4, "5", 0),
    ],
)
def test_linear_ranges(lo, hi, most, labels, exponent):
    ticks = choose(lo, hi, linear(lo, hi), most=most)
    assert ticks.labels == tuple(labels.split(" "))
    assert ticks.exponent == exponent


def test_decades_are_marked_alike():
    ticks = choose(0.01, 100, scale("log", 0.01, 100), "log", most=6)
    assert ticks.labels == ("0.01", "0.1", "1", "10", "100")
    assert {0.02, 0.05, 3, 90} <= set(ticks.minor)
    ticks = choose(1, 100, scale("log", 1, 100), "log", most=8)
    assert ticks.labels == ("1", "2", "5", "10", "20", "50", "100")
    ticks = choose(1e-9, 1e9, scale("log", 1e-9, 1e9), "log", most=9)
    assert [math.log10(value) for value in ticks.values] == [-8, -6, -4, -2, 0, 2, 4, 6, 8]
    assert ticks.labels[:2] == ("10⁻⁸", "10⁻⁶")


def test_inverse_and_symmetric_scales_have_simple_numbers():
    ticks = choose(0.5, 8, scale("inverse", 0.5, 8), "other", most=7)
    assert {0.5, 1, 2} <= set(ticks.values)
    assert all(len(repr(value).replace(".", "").strip("0")) <= 2 for value in ticks.values)
    ticks = choose(-1000, 1000, scale("symlog", -1000, 1000), "other", most=9)
    assert 0 in ticks.values
    assert ticks.values == tuple(-value for value in reversed(ticks.values))


def test_there_are_fewer_where_labels_do_not_fit():
    def fits(where, labels):
        return len(labels) <= 3

    ticks = choose(0, 10, linear(0, 10), most=11, fits=fits)
    assert ticks.labels == ("0", "5", "10")


def test_given_values_are_written_alike_and_kept_within_the_range():
    ticks = place(0, 1, [0.5, 2.0, 0.25, 0.5])
    assert ticks.values == (0.25, 0.5)
    assert ticks.labels == ("0.25", "0.50")
    assert place(0, 1, [0.1 + 0.2, 0.6]).labels == ("0.3", "0.6")
    assert power(-12) == "10⁻¹²"
