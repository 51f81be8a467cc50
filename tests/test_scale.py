"""Norms as steps: every float has the color that matplotlib gives it."""

import matplotlib as mpl
import numpy as np
import pytest
from conftest import hostile_values
from matplotlib import colors

from turbo_cmap import compiler
from turbo_cmap.compiler import compile_norm, norm_codes
from turbo_cmap.kernels import reference
from turbo_cmap.kernels.reference import step_indices
from turbo_cmap.norms import InverseNorm, autoscaled, autoscaled_to, domain, named_norm
from turbo_cmap.scale import affine
from turbo_cmap.steps import (
    BAD,
    OVER,
    UNDER,
    Steps,
    equalized,
    extended_to_infinity,
    to_keys,
)

FLOATS = (np.float32, np.float64)


class Cubic(colors.Normalize):
    """A norm as users write them: no inverse, a parameter, a no-data value, plain arrays."""

    def __init__(self, vmin, vmax, clip=False, nodata=-9999.0):
        super().__init__(vmin, vmax, clip)
        self.nodata = nodata

    def __call__(self, value, clip=None):
        x = np.ma.masked_equal(np.ma.asarray(value), self.nodata)
        t = (x - self.vmin) / (self.vmax - self.vmin)
        if self.clip if clip is None else clip:
            t = np.ma.array(np.clip(t.data, 0, 1), mask=np.ma.getmaskarray(t))
        return 0.5 + 4 * (t - 0.5) ** 3

    def inverse(self, value):
        raise NotImplementedError


def _log_scale(base, nonpositive):
    return colors.make_norm_from_scale(
        mpl.scale.LogScale, init=lambda base, nonpositive, vmin, vmax, clip=False: None
    )(colors.Normalize)(base, nonpositive, vmin=0.02, vmax=300.0)


def _logit(**keywords):
    return colors.make_norm_from_scale(mpl.scale.LogitScale)(colors.Normalize)(**keywords)


def _decades(x):
    return np.log1p(np.maximum(x, -0.999))


NORMS = {
    "linear": colors.Normalize(-0.1, 3.7),
    "linear, clip": colors.Normalize(-0.1, 3.7, clip=True),
    "linear, constant": colors.Normalize(2.0, 2.0),
    "linear, a narrow range far from 0": colors.Normalize(1000.0, 1000.01),
    "log": colors.LogNorm(0.1, 80.0),
    "log, clip": colors.LogNorm(0.1, 80.0, clip=True),
    "log, wide": colors.LogNorm(1e-30, 1e30),
    "log, narrow": colors.LogNorm(100.0, 100.5),
    "log, constant": colors.LogNorm(3.0, 3.0),
    "log of base 2": _log_scale(2, "mask"),
    "log of base 7, not masked": _log_scale(7, "clip"),
    "symlog": colors.SymLogNorm(0.03, vmin=-1, vmax=1),
    "symlog, clip": colors.SymLogNorm(0.5, 0.3, vmin=-2.5, vmax=7, clip=True, base=3),
    "asinh": colors.AsinhNorm(0.03, vmin=-1, vmax=1),
    "asinh, clip": colors.AsinhNorm(2.0, vmin=-3.5, vmax=8, clip=True),
    "power 0.3": colors.PowerNorm(0.3, -0.1, 3.7),
    "power 0.5": colors.PowerNorm(0.5, 0.0, 10.0),
    "power 2": colors.PowerNorm(2.0, -0.1, 3.7),
    "power 2, clip": colors.PowerNorm(2.0, -0.1, 3.7, clip=True),
    "two slopes": colors.TwoSlopeNorm(0.3, -1.0, 3.0),
    "centered": colors.CenteredNorm(0.0, 2.0),
    "centered, clip": colors.CenteredNorm(1.3, 0.7, clip=True),
    "boundaries": colors.BoundaryNorm([-1.0, 0.1, 0.3, 7.0, 7.1], 4),
    "boundaries, more colors": colors.BoundaryNorm([-1.0, 0.1, 0.3, 7.0], 256),
    "boundaries, one": colors.BoundaryNorm([0.0, 1.0], 7),
    "boundaries, clip": colors.BoundaryNorm([0, 1, 2, 300], 256, clip=True),
    "boundaries, extend": colors.BoundaryNorm([0.1, 0.2, 0.5], 7, extend="both"),
    "boundaries, extend below": colors.BoundaryNorm([0.1, 0.2, 0.5], 1000, extend="min"),
    "boundaries, extend above": colors.BoundaryNorm([0.1, 0.2, 0.5], 5, extend="max"),
    "function": colors.FuncNorm((np.sqrt, np.square), 0.0, 4.0),
    "function, falling and rising": colors.FuncNorm((np.square, np.sqrt), 0.0, 4.0),
    "function, clip": colors.FuncNorm((_decades, np.expm1), 0.0, 50.0, clip=True),
    "none": colors.NoNorm(),
    "logit": _logit(vmin=0.01, vmax=0.97),
    "logit, clip": _logit(vmin=0.01, vmax=0.97, clip=True),
    "a user's": Cubic(-2.0, 5.0),
    "a user's, clip": Cubic(-2.0, 5.0, clip=True),
    "inverse": InverseNorm(0.3, 40.0),
    "a function": lambda x: x * x.dtype.type(0.125),
    "falling": lambda x: 1 - x / 3,
    "indices": lambda x: np.floor(np.clip(x, -5, 2000)).astype(np.int16),
}


def distinct_map(n):
    """A map of *n* colors, no two of its bytes alike, nor those of under, over and bad."""
    index = np.arange(n)
    table = np.stack([index // 200, index % 200, 0 * index, 0 * index + 200], -1)
    cmap = colors.ListedColormap((table + 0.5) / 255)
    return cmap.with_extremes(under=(0, 0, 0.3), over=(0, 0, 0.6), bad=(0, 0, 0.9))


def bytes_of(cmap, norm, x):
    with np.errstate(all="ignore"):
        return cmap(norm(x), bytes=True)


def colors_of(cmap, steps, x):
    n = cmap.N
    table = cmap(np.arange(-1, n + 1), bytes=True)  # under, the colors, over
    table = np.vstack([table[1:], table[:1], cmap(np.array([np.nan]), bytes=True)])
    return table[step_indices(x, steps, n, n + 1, n, n + 2)]


def around(edges, ulps):
    """Every float within so many of an edge, without repetition."""
    bits = f"i{edges.dtype.itemsize}"
    least = np.iinfo(bits).min
    key = edges.view(bits)
    key = np.where(key < 0, least - key, key)
    key = key[np.isfinite(edges)][:, None] + np.arange(-ulps, ulps + 1, dtype=bits)
    key = np.unique(key)
    x = np.where(key < 0, least - key, key).view(edges.dtype)
    return x[np.isfinite(x)]


def hostile(norm, steps, dtype):
    vmin, vmax = getattr(norm, "vmin", None), getattr(norm, "vmax", None)
    limits = (0.0, 1.0) if vmin is None or vmin == vmax else (vmin, vmax)
    x = np.concatenate([hostile_values(dtype, *limits), around(steps.edges, 1)])
    info = np.finfo(dtype)
    peculiar = [-9999, -9998.5, 1e10, info.smallest_subnormal, 1 - info.epsneg, 1 + info.eps]
    sizes = np.geomspace(float(info.tiny), float(info.max) / 2, 500)
    more = np.concatenate([peculiar, sizes, -sizes]).astype(dtype)
    return np.concatenate([x[~np.isnan(x)], more])  # of NaN see below


# --- as matplotlib has it ---


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 2, 7, 256, 1000])
@pytest.mark.parametrize("name", NORMS)
def test_every_hostile_float_has_matplotlibs_color(name, n, dtype):
    norm = NORMS[name]
    steps = compile_norm(norm, n, dtype is np.float32)
    assert steps is not None
    assert steps.edges.dtype == dtype
    assert steps.codes.dtype == np.int32
    assert steps.codes.shape == (steps.edges.size + 1,)
    assert (steps.edges[1:] > steps.edges[:-1]).all()
    x = hostile(norm, steps, dtype)
    cmap = distinct_map(n)
    differ = (colors_of(cmap, steps, x) != bytes_of(cmap, norm, x)).any(axis=-1)
    # Where rounding goes back and forth; the next test counts exactly.
    assert np.unique(x[differ]).size <= n // 100, x[differ]


def differing(norm, steps, n, x):
    """The values of which the steps have not the norm's code; then it is that of a neighbor."""
    expected = norm_codes(norm, x, n)
    got = steps.codes[np.searchsorted(steps.edges, x, side="right")]
    rank = {UNDER: -1, OVER: n, BAD: -1000}
    for a, b in zip(got[got != expected].tolist(), expected[got != expected].tolist(), strict=True):
        assert abs(rank.get(a, a) - rank.get(b, b)) == 1
    return x[got != expected]


@pytest.mark.parametrize("dtype", FLOATS)
def test_less_than_one_float_in_a_million_has_the_color_beside_its_own(dtype):
    differ = floats = 0
    for norm in NORMS.values():
        steps = compile_norm(norm, 256, dtype is np.float32)
        differ += differing(norm, steps, 256, around(steps.edges, 64)).size
        # Only those between the first and the last edge count for a norm.
        key = to_keys(steps.edges[np.isfinite(steps.edges)], np.dtype(dtype)).astype(float)
        floats += np.ptp(key) if key.size else 0
    assert differ <= 1e-6 * floats, (differ, floats)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sign", [1, -1])
def test_where_rounding_goes_back_and_forth_there_is_one_edge(sign, dtype):
    def rough(x):  # a linear norm, but for each four floats next to one another in disorder
        bits = x.view(f"i{x.dtype.itemsize}") ^ 3
        y = np.where(np.isfinite(x), bits.view(x.dtype), x)
        return 0.5 + x.dtype.type(0.3 * sign) * y

    steps = compile_norm(rough, 256, dtype is np.float32)
    smooth = compile_norm(lambda x: 0.5 + x.dtype.type(0.3 * sign) * x, 256, dtype is np.float32)
    assert np.array_equal(steps.codes, smooth.codes)
    x = around(steps.edges, 64)
    differ = differing(rough, steps, 256, x)
    keys = [to_keys(values, np.dtype(dtype)) for values in (differ, steps.edges)]
    assert np.abs(keys[0][:, None] - keys[1]).min(axis=1, initial=2**60).max(initial=0) <= 4
    assert differ.size <= 4 * 256


@pytest.mark.parametrize("name", ["linear", "linear, constant", "log", "boundaries", "a user's"])
def test_nan_is_bad_under_every_norm(name):
    steps = compile_norm(NORMS[name], 7, True)
    x = hostile_values(np.float32, 0.0, 1.0)
    x = x[np.isnan(x)]
    assert x.size
    assert (step_indices(x, steps, 7, UNDER, OVER, BAD) == BAD).all()


def test_codes_are_those_of_matplotlibs_colormap():
    cmap = distinct_map(5)
    table = np.vstack([cmap(np.arange(-1, 6), bytes=True), cmap(np.array([np.nan]), bytes=True)])
    one = [np.nan, -np.inf, -1, -0.0, 0, 0.2, np.nextafter(1, 0), 1, np.nextafter(1, 2), np.inf]
    for y in (
        np.array(one),
        np.array(one, np.float32),
        np.array([0, 0.5, 1, 1.001, -1e-4, np.nan], np.float16),
        np.ma.array([0.1, 0.3, 9.0], mask=[False, True, False]),
        np.array([-2, -1, 0, 4, 5, 127], np.int8),
        np.array([0, 4, 5, 255], np.uint8),
        np.array([0, 4, 5, 2**64 - 1], np.uint64),
        np.ma.array([1, 2, 9], mask=[False, True, False]),
        np.array([False, True]),
    ):
        codes = norm_codes(lambda x, y=y: y, np.zeros(len(y)), 5)
        row = np.where(codes >= 0, codes + 1, np.array([7, 6, 0])[np.minimum(codes, -1)])
        with np.errstate(all="ignore"):
            assert np.array_equal(table[row], cmap(y, bytes=True)), y


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "limits", [(-0.1, 3.7), (0.0, 1.0), (1e-3, 1e4), (-5.0, -4.9), (-1e30, 1e30)]
)
def test_a_linear_norm_has_the_indices_of_the_linear_kernel(limits, dtype):
    n = 256
    steps = compile_norm(colors.Normalize(*limits), n, dtype is np.float32)
    x = np.concatenate([around(steps.edges, 300), hostile_values(dtype, *limits)])
    expected = reference.indices(x, affine(*limits, x.dtype), n, n, n + 1, n + 2)
    assert np.array_equal(step_indices(x, steps, n, n, n + 1, n + 2), expected)


# --- norms that cannot be steps, and wrong ones ---


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 0.5 + 0.4 * np.sin(3 * x),
        lambda x: 0.5 + 0.4 * np.sin(1e6 * x),
        lambda x: x % 1,
        lambda x: (x - 0.3) ** 2,
        lambda x: np.random.default_rng(0).random(x.shape),
        lambda x: x.view(f"u{x.dtype.itemsize}") % 7,
    ],
)
@pytest.mark.parametrize("single", [True, False])
def test_a_norm_that_is_not_monotone_is_detected(function, single):
    assert compile_norm(function, 256, single) is None
    norm = type("Own", (Wrong,), {"result": staticmethod(function)})(0.0, 1.0)
    assert compile_norm(norm, 256, single) is None


def test_a_norm_that_does_not_take_every_float_can_still_be_called():
    def strict(x):
        if not (np.abs(x) <= 1000).all():
            raise OverflowError("too far")
        return x / 1000

    norm = Cubic(0.0, 1000.0)
    norm.__class__ = type(
        "Strict", (Cubic,), {"__call__": lambda self, value, clip=None: strict(value)}
    )
    assert compile_norm(norm, 256, True) is None
    x = np.linspace(0, 1000, 11, dtype=np.float32)
    assert norm_codes(norm, x, 10).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


class Wrong(colors.Normalize):
    result = None

    def __call__(self, value, clip=None):
        return type(self).result(value)


@pytest.mark.parametrize(
    ("result", "error", "parts"),
    [
        (lambda x: x[:-1], ValueError, ["shape", "Wrong"]),
        (lambda x: 0.5, ValueError, ["shape", "()"]),
        (lambda x: x.astype(complex), TypeError, ["complex", "floats or integers"]),
        (lambda x: x.astype(str), TypeError, ["<U"]),
        (lambda x: None, TypeError, ["object"]),
        (lambda x: 1 / 0, ValueError, ["ZeroDivisionError", "division", "float32"]),
    ],
)
def test_a_wrong_norm_is_named_with_the_rule_and_what_came(result, error, parts):
    norm = type("Wrong", (Wrong,), {"result": staticmethod(result)})(0.0, 1.0)
    for call in (
        lambda: compile_norm(norm, 256, True, "caller"),
        lambda: norm_codes(norm, np.zeros(3, np.float32), 256, "caller"),
    ):
        with pytest.raises(error) as caught:
            call()
        for part in ["caller(): norm must", *parts]:
            assert part in str(caught.value)
    if "ZeroDivisionError" in parts:
        assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_matplotlibs_own_complaints_are_passed_on():
    for norm in (colors.LogNorm(-1.0, 1.0), colors.LogNorm(2.0, 1.0), colors.Normalize(2.0, 1.0)):
        with pytest.raises(
            ValueError, match=r"norm must map .* raised ValueError: .*v?m"
        ) as caught:
            compile_norm(norm, 256, True)
        assert isinstance(caught.value.__cause__, ValueError)


def test_a_norm_without_limits_is_not_given_any():
    norm = colors.LogNorm()
    with pytest.raises(ValueError, match="norm must have its limits set, got LogNorm"):
        compile_norm(norm, 256, True)
    assert not norm.scaled()


# --- the cache ---


@pytest.fixture
def compilations(monkeypatch):
    compiler._by_value.clear()
    compiler._by_identity.clear()
    made = []
    compile_ = compiler._compile

    def counted(norm, *arguments, **keywords):
        made.append(norm)
        return compile_(norm, *arguments, **keywords)

    monkeypatch.setattr(compiler, "_compile", counted)
    return made


def test_equal_norms_of_matplotlib_are_compiled_once(compilations):
    first = compile_norm(colors.SymLogNorm(0.1, vmin=-1, vmax=1), 256, True)
    assert compile_norm(colors.SymLogNorm(0.1, vmin=-1, vmax=1), 256, True) is first
    assert len(compilations) == 1
    compile_norm(colors.SymLogNorm(0.1, vmin=-1, vmax=1), 256, False)
    compile_norm(colors.SymLogNorm(0.1, vmin=-1, vmax=1), 255, True)
    compile_norm(colors.SymLogNorm(0.2, vmin=-1, vmax=1), 256, True)
    compile_norm(colors.SymLogNorm(0.1, 0.5, vmin=-1, vmax=1), 256, True)
    assert len(compilations) == 5


def test_a_cache_that_is_full_forgets_the_oldest(compilations):
    for _ in range(2):
        for vmax in range(1, 66):
            compile_norm(colors.Normalize(0, vmax), 2, True)
    assert len(compiler._by_value) == 64
    assert len(compilations) == 130


def _change_boundaries(norm):
    norm.boundaries[1] = 0.2


@pytest.mark.parametrize(
    ("norm", "change"),
    [
        (colors.LogNorm(1.0, 9.0), lambda norm: setattr(norm, "vmax", 10.0)),
        (colors.PowerNorm(0.5, 0.0, 9.0), lambda norm: setattr(norm, "gamma", 0.4)),
        (colors.Normalize(1.0, 9.0), lambda norm: setattr(norm, "clip", True)),
        (colors.CenteredNorm(1.0, 9.0), lambda norm: setattr(norm, "vcenter", 1.1)),
        (colors.BoundaryNorm([0.0, 0.1, 1.0], 4), _change_boundaries),
        (Cubic(1.0, 9.0), lambda norm: setattr(norm, "vmin", 1.001)),
        (Cubic(1.0, 9.0), lambda norm: setattr(norm, "nodata", 17.0)),
        (Cubic(1.0, 9.0), lambda norm: setattr(norm, "clip", True)),
        (
            type("Wrong", (Wrong,), {"result": np.sqrt})(0.0, 1.0),
            lambda n: setattr(type(n), "result", np.cbrt),
        ),
    ],
)
def test_a_norm_that_was_changed_is_compiled_anew(norm, change, compilations):
    before = compile_norm(norm, 256, True)
    assert compile_norm(norm, 256, True) is before
    assert len(compilations) == 1
    change(norm)
    after = compile_norm(norm, 256, True)
    assert len(compilations) == 2
    x = hostile(norm, after, np.float32)
    cmap = distinct_map(256)
    assert np.array_equal(colors_of(cmap, after, x), bytes_of(cmap, norm, x))


# --- names ---


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("linear", colors.Normalize(0.5, 20.0)),
        ("log", colors.LogNorm(0.5, 20.0)),
        ("sqrt", colors.PowerNorm(0.5, 0.5, 20.0)),
        ("symlog", colors.SymLogNorm(0.2, vmin=0.5, vmax=20.0)),
        ("asinh", colors.AsinhNorm(0.2, vmin=0.5, vmax=20.0)),
    ],
)
@pytest.mark.parametrize("single", [True, False])
def test_names_are_matplotlibs_norms(name, like, single):
    for got, expected in zip(
        compile_norm(named_norm(name, 0.5, 20.0), 256, single),
        compile_norm(like, 256, single),
        strict=True,
    ):
        assert np.array_equal(got, expected)


@pytest.mark.parametrize("dtype", FLOATS)
def test_inverse_has_near_at_the_high_end(dtype):
    vmin, vmax, n = 0.5, 20.0, 256
    norm = named_norm("inverse", vmin, vmax)
    steps = compile_norm(norm, n, dtype is np.float32)
    x = np.array([vmin, vmax, 0.4999, 20.001, 0, -0.0, -1, np.nan, np.inf, -np.inf], dtype)
    codes = step_indices(x, steps, n, UNDER, OVER, BAD).tolist()
    assert codes == [n - 1, 0, OVER, UNDER, BAD, BAD, BAD, BAD, UNDER, BAD]
    x = np.random.default_rng(1).uniform(vmin, vmax, 100_000).astype(dtype)
    exact = n * (1 / x.astype(np.longdouble) - 1 / np.longdouble(vmax))
    exact /= 1 / np.longdouble(vmin) - 1 / np.longdouble(vmax)
    sure = np.abs(exact - np.rint(exact)) > 1e-9
    codes = step_indices(x, steps, n, UNDER, OVER, BAD)
    assert np.array_equal(codes[sure], np.trunc(exact[sure]).astype(int))
    assert steps.codes.tolist() == [BAD, OVER, *range(n - 1, -1, -1), UNDER]
    t = np.linspace(0, 1, 11)
    assert np.allclose(norm(norm.inverse(t)), t, rtol=0, atol=1e-14)


def test_inverse_survives_the_smallest_and_the_largest_floats():
    for vmin, vmax in ((5e-324, 1.7e308), (1e-310, 1e-300), (1e300, 1.7e308), (1e-20, 1e20)):
        norm = InverseNorm(vmin, vmax)
        assert norm(np.array([vmin, vmax])).tolist() == [1.0, 0.0]
        assert compile_norm(norm, 256, False) is not None


@pytest.mark.parametrize("name", ["log", "inverse"])
def test_where_nothing_lies_between_the_limits_0_and_below_are_bad_still(name):
    steps = compile_norm(named_norm(name, 5.0, 5.0), 256, True)
    x = np.array([5, 1, 9, 0, -1], np.float32)
    assert step_indices(x, steps, 256, UNDER, OVER, BAD).tolist() == [0, 0, 0, BAD, BAD]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("log", 0.0, 1.0), ["vmin", "greater than 0", "'log'", "0.0"]),
        (("inverse", -1.0, 1.0), ["vmin", "greater than 0", "'inverse'", "-1.0"]),
        (("sqrt", 2.0, 1.0), ["vmin", "vmax", "2.0 > 1.0"]),
        (("log", 2.0, 1.0), ["vmin", "vmax", "2.0 > 1.0"]),
        (("cubic", 0.0, 1.0), ["norm", "symlog", "'cubic'"]),
    ],
)
def test_wrong_names_and_limits_are_named(arguments, parts):
    with pytest.raises(ValueError, match=r"^colorize\(\): ") as caught:
        named_norm(*arguments)
    for part in parts:
        assert part in str(caught.value)


def test_infinities_can_have_the_codes_of_what_is_next_to_them():
    for name, low, high in (("log", BAD, OVER), ("symlog", UNDER, OVER), ("inverse", BAD, UNDER)):
        for single in (True, False):
            steps = compile_norm(named_norm(name, 0.5, 20.0), 256, single)
            extended = extended_to_infinity(steps)
            ends = np.array([-np.inf, np.inf], steps.edges.dtype)
            assert step_indices(ends, extended, 256, UNDER, OVER, BAD).tolist() == [
                low,
                high,
            ]
            x = hostile(InverseNorm(0.5, 20.0), steps, steps.edges.dtype.type)
            x = x[np.isfinite(x)]
            assert np.array_equal(
                step_indices(x, extended, 256, UNDER, OVER, BAD),
                step_indices(x, steps, 256, UNDER, OVER, BAD),
            )
    alone = Steps(np.empty(0, np.float32), np.zeros(1, np.int32))
    assert extended_to_infinity(alone).codes.tolist() == [0]


# --- limits from data ---


def test_the_domain_of_a_norm():
    inf = np.inf
    just_below_0 = np.nextafter(np.float32(0), np.float32(-1))
    for norm, expected in (
        ("linear", -inf),
        ("log", 0.0),
        ("inverse", 0.0),
        ("asinh", -inf),
        (InverseNorm(1.0, 2.0), 0.0),
        (colors.Normalize(), -inf),
        (colors.LogNorm(), 0.0),
        (_log_scale(2, "mask"), 0.0),
        (_log_scale(2, "clip"), -inf),
        (colors.SymLogNorm(1.0), -inf),
        (colors.AsinhNorm(), -inf),
        (colors.PowerNorm(0.5), -inf),
        (colors.TwoSlopeNorm(0), -inf),
        (colors.CenteredNorm(), -inf),
        (colors.FuncNorm((np.sqrt, np.square)), just_below_0),
        (colors.FuncNorm((np.log, np.exp)), 0.0),
        (_logit(), None),
        (type("Own", (Cubic,), {"autoscale_None": lambda self, a: None})(None, None), None),
    ):
        assert domain(norm) == expected, norm


DATA = np.array([-3.5, -1.0, 0.0, 0.25, 2.0, 8.0], np.float32)
UNSCALED = [
    colors.Normalize,
    colors.LogNorm,
    lambda **limits: colors.SymLogNorm(0.1, **limits),
    colors.AsinhNorm,
    lambda **limits: colors.PowerNorm(0.5, **limits),
    lambda **limits: colors.TwoSlopeNorm(0.5, **limits),
    lambda **limits: colors.TwoSlopeNorm(-10, **({} if limits else limits)),
    lambda **limits: colors.FuncNorm((np.sqrt, np.square), **limits),
]


@pytest.mark.parametrize("limits", [{}, {"vmin": 0.125}, {"vmax": 16.0}])
@pytest.mark.parametrize("make", UNSCALED)
def test_limits_are_matplotlibs_from_finite_values(make, limits):
    norm, expected = make(**limits), make(**limits)
    with np.errstate(all="ignore"):
        expected.autoscale_None(DATA)
        inside = DATA[domain(norm) < DATA]
        made = autoscaled(norm, float(DATA.min()), float(DATA.max()), float(inside.min()))
    assert (made.vmin, made.vmax) == (expected.vmin, expected.vmax)
    assert made.clip == expected.clip
    again = make(**limits)
    assert (norm.vmin, norm.vmax) == (again.vmin, again.vmax)


def test_an_autoscale_of_its_own_gets_all_values():
    class Median(Cubic):
        def autoscale_None(self, A):  # noqa: N802, N803
            self.vmin, self.vmax = np.median(A) - 1, np.median(A) + 1

    made = autoscaled_to(Median(None, None), DATA)
    assert (made.vmin, made.vmax) == (-0.875, 1.125)
    logit = _logit()
    assert autoscaled_to(logit, np.array([-1.0, 0.1, 0.4, 3.0])).vmax == 0.4
    assert not logit.scaled()


def test_nobody_hears_of_a_copy():
    norm = colors.Normalize()
    heard = []
    norm.callbacks.connect("changed", lambda: heard.append(1))
    assert autoscaled(norm, 1.0, 2.0).scaled()
    assert not norm.scaled()
    assert heard == []
    norm.vmin = 0.0
    assert heard == [1]


def test_a_norm_with_its_limits_is_left_as_it_is():
    norm = colors.LogNorm(1.0, 2.0)
    assert autoscaled(norm, 3.0, 4.0) is norm


@pytest.mark.parametrize("center", [0.0, 5.0, -0.1, 1e-300, 3e7])
@pytest.mark.parametrize("make", [colors.CenteredNorm, colors.TwoSlopeNorm])
@pytest.mark.parametrize("dtype", FLOATS)
def test_no_deviation_is_the_center(make, center, dtype):
    center = float(dtype(center))
    made = autoscaled(make(center), center, center)
    for n, middle in ((255, {127}), (256, {127, 128})):
        assert set(norm_codes(made, np.array([center], dtype), n)) <= middle


@pytest.mark.parametrize(
    ("given", "data", "code"),
    [
        ({"vmin": 10.0}, (1.0, 5.0), UNDER),
        ({"vmax": 1.0}, (2.0, 5.0), OVER),
        ({"vmin": 10.0}, (5.0, 5.0), UNDER),
    ],
)
@pytest.mark.parametrize("make", [colors.Normalize, colors.LogNorm, colors.AsinhNorm])
def test_data_beyond_a_limit_that_was_given_stay_there(make, given, data, code):
    made = autoscaled(make(**given), *data)
    assert set(norm_codes(made, np.array(data), 256)) == {code}


def test_without_values_there_are_limits_still():
    for make in UNSCALED:
        for limits in ({}, {"vmin": 0.25}, {"vmax": 7.0}):
            made = autoscaled(make(**limits), np.inf, -np.inf)
            assert made.vmin < made.vmax
            assert compile_norm(made, 256, True) is not None
    made = autoscaled(colors.LogNorm(), -5.0, -1.0, np.inf)
    assert norm_codes(made, np.array([-5.0, -1.0, 0.0]), 256).tolist() == [BAD] * 3


# --- equalization ---


def quantile_of(values):
    ordered = np.sort(values)
    return lambda q: ordered[np.maximum(np.ceil(q * ordered.size - 1e-9).astype(int) - 1, 0)]


@pytest.mark.parametrize("dtype", FLOATS)
def test_equalized_is_the_cumulative_histogram(dtype):
    values = np.random.default_rng(2).gamma(0.7, size=10_000).round(2).astype(dtype)
    n = 256
    steps = equalized(quantile_of(values), n)
    assert steps.edges.dtype == dtype
    # As librealsense: how many are not greater, as a part of all.
    rank = np.searchsorted(np.sort(values), values, side="right")
    expected = np.minimum(rank * n // values.size, n - 1)
    assert np.array_equal(step_indices(values, steps, n, UNDER, OVER, BAD), expected)
    outside = np.array([-1, -np.inf, values.max() + 1, np.inf, np.nan], dtype)
    codes = step_indices(outside, steps, n, UNDER, OVER, BAD)
    assert codes.tolist() == [UNDER, UNDER, OVER, OVER, BAD]


def test_equalized_colors_are_equally_frequent():
    values = np.random.default_rng(3).normal(size=25_600)
    codes = step_indices(values, equalized(quantile_of(values), 256), 256, UNDER, OVER, BAD)
    assert np.abs(np.bincount(codes, minlength=256) - 100).max() <= 1


def test_an_equalized_constant_has_the_first_color():
    steps = equalized(quantile_of(np.full(10, np.finfo(np.float32).max)), 7)
    x = steps.edges[:1]
    assert step_indices(x, steps, 7, UNDER, OVER, BAD).tolist() == [0]
