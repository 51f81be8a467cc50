"""`norm=`: by name and matplotlib's, on every backend, pixel by pixel."""

import numpy as np
import pytest
from conftest import assert_same, guarded_outs
from matplotlib import colors
from test_scale import NORMS as MATPLOTLIB_NORMS
from test_scale import distinct_map

from turbo_cmap import colorize, get_cmap
from turbo_cmap.norms import NAMES, named_norm

RNG = np.random.default_rng(0)
DEPTH = np.exp(RNG.normal(0, 1.2, (64, 96))).astype(np.float32)


class Wavy(colors.Normalize):
    """Up and down, so that it has to be asked."""

    def __call__(self, value, clip=None):
        return 0.5 + 0.6 * np.sin(3 * np.ma.asarray(value))


def around(norm, dtype):
    """Values inside of a norm's limits, at its ends, and where it may go wrong."""
    vmin = -3.0 if norm.vmin is None else norm.vmin
    vmax = 300.0 if norm.vmax is None else norm.vmax
    inside = vmin + (vmax - vmin) * RNG.random(3000)
    ends = [vmin, vmax, 0, 1, -1, np.inf, -np.inf, np.nan, vmin - 1, vmax + 1, -9999]
    x = np.concatenate([inside, np.geomspace(1e-6, 1e6, 500), ends]).astype(dtype)
    near = [np.nextafter(x[-11:], dtype(to)) for to in (-np.inf, np.inf)]
    return np.concatenate([x, *near])


KNOWN = {name: norm for name, norm in MATPLOTLIB_NORMS.items() if hasattr(norm, "autoscale_None")}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_pixels_are_those_of_matplotlib(backend, name, dtype):
    norm, cmap = KNOWN[name], distinct_map(256)
    x = around(norm, dtype)
    if "boundaries" in name or "user" in name:
        x = x[~np.isnan(x)]  # matplotlib gives NaN a color there; here it is bad
    if "constant" in name:
        x = x[np.isfinite(x)]  # or anything else
    expected = cmap(norm(x), bytes=True)
    assert_same(colorize(x, cmap, norm=norm, order="rgba", backend=backend), expected, name)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint64"])
@pytest.mark.parametrize("name", ["log", "symlog", "power 0.3", "two slopes", "boundaries"])
def test_integers_are_those_of_matplotlib(backend, name, dtype):
    norm, cmap = KNOWN[name], distinct_map(256)
    info = np.iinfo(dtype)
    x = np.arange(max(info.min, -300), min(info.max, 700) + 1).astype(dtype)
    expected = cmap(norm(x), bytes=True)
    assert_same(colorize(x, cmap, norm=norm, order="rgba", backend=backend), expected, name)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float16"])
@pytest.mark.parametrize("norm", ["linear", "log", "asinh", "equalize"])
def test_many_16_bit_values_have_the_pixels_of_few(backend, dtype, norm):
    """Large pictures of 16-bit values go through a table of all of them."""
    values = (np.exp(RNG.normal(0, 1, (600, 600))) * 500).clip(0, 3e4).astype(dtype)
    keywords = {"norm": norm, "invalid": values[3, 3], "vmin": 100, "vmax": 2000, "over": "white"}
    if norm == "equalize":  # each color for as many of all the values
        few = colorize(values.astype(np.float32), **keywords, backend=backend)
    else:
        few = np.concatenate([colorize(row, **keywords, backend=backend) for row in values[:200]])
        few = few.reshape(200, 600, 3)
    many = colorize(values, **keywords, backend=backend)
    assert_same(many[: len(few)], few)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("linear", "equalize")])
def test_names_are_matplotlibs_norms_over_the_finite_values_that_count(backend, name):
    values = np.where(DEPTH > 9, np.nan, DEPTH)
    values[0, :3] = np.inf, -np.inf, 40
    lo, hi = np.nanmin(DEPTH), np.nanmax(values[1:])
    norm = named_norm(name, float(lo), float(hi))
    inside = np.isfinite(values) & (values <= hi)
    got = colorize(values, norm=name, invalid=40.0, backend=backend)
    expected = np.ma.filled(norm(values.astype(np.float64)), np.nan) * 256
    index = np.clip(expected[inside], 0, 255).astype(int)
    table = np.rint(255 * get_cmap("turbo").colors).astype(int)
    close = np.abs(got[inside].astype(int) - table[index]).max(axis=-1)
    assert (close > 0).mean() < 0.001  # float32 beside float64
    assert (got[np.isnan(values)] == 0).all()
    assert (got[0, 2] == 0).all()
    top = table[:1] if name == "inverse" else table[-1:]
    np.testing.assert_array_equal(got[0, :1], top)
    bottom = [[0, 0, 0]] if name in ("log", "inverse") else table[:1]
    np.testing.assert_array_equal(got[0, 1:2], bottom)


@pytest.mark.parametrize("name", ["log", "inverse"])
def test_zero_and_below_are_bad_and_do_not_count(backend, name):
    values = np.array([0.0, -5.0, 1.0, 10.0, 100.0, -0.0], np.float32)
    got = colorize(values, norm=name, bad="red", backend=backend)
    positive = colorize(values[2:5], norm=name, vmin=1, vmax=100, backend=backend)
    red = np.array([[255, 0, 0]], np.uint8)
    assert_same(got, np.concatenate([red, red, positive, red]))
    robust = colorize(values, norm=name, robust=(0, 100), bad="red", backend=backend)
    assert_same(robust, got)
    nothing = colorize(-DEPTH, norm=name, bad="red", backend=backend)
    assert (nothing == red).all()


def test_inverse_is_the_scale_of_disparity_with_near_at_the_high_end(backend):
    depth = np.linspace(0.5, 20, 5000)
    got = colorize(depth, norm="inverse", backend=backend)
    expected = colorize(1 / depth, vmin=1 / 20, vmax=1 / 0.5, backend=backend)
    assert (got != expected).any(axis=-1).mean() < 0.001  # 1/x is rounded
    assert got[0].tolist() == [122, 4, 3]


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint16", "int32"])
def test_equalize_gives_each_color_as_many_pixels(backend, dtype):
    values = (RNG.random((256, 256)) ** 2 * 65000).astype(dtype)
    spelled = get_cmap(distinct_map(256))
    got = colorize(values, spelled, norm="equalize", backend=backend)
    index = got[..., 0].astype(int) * 200 + got[..., 1]
    counts = np.bincount(index.ravel(), minlength=256)
    assert counts.sum() == values.size
    if dtype == "float64":  # in which no two are equal
        assert np.abs(counts - 256).max() <= 1
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(index.ravel()[order]) >= 0).all()


def test_equalize_counts_what_is_valid_within_the_limits(backend):
    values = DEPTH.copy()
    values[:4] = np.nan
    got = colorize(values, norm="equalize", vmin=0.5, vmax=3, under="red", over="white")
    clean = values[(values >= 0.5) & (values <= 3)]
    inside = (values >= 0.5) & (values <= 3)
    alone = colorize(clean, norm="equalize", backend=backend)
    assert_same(got[inside], alone)
    assert (got[values < 0.5] == (255, 0, 0)).all()
    assert (got[values > 3] == 255).all()
    assert (got[:4] == 0).all()


@pytest.mark.parametrize("order", ["rgb", "bgra"])
def test_a_norm_that_goes_up_and_down_is_asked(backend, order):
    norm = Wavy(0, 1)
    masked = np.ma.masked_greater(DEPTH, 5)
    expected = distinct_map(256)(norm(masked.astype(np.float32)), bytes=True)
    components = {"rgb": [0, 1, 2], "bgra": [2, 1, 0, 3]}[order]
    got = colorize(masked, distinct_map(256), norm=norm, order=order, backend=backend)
    assert_same(got, np.ascontiguousarray(expected[..., components]))


@pytest.mark.parametrize("method", ["spline", "poly"])
@pytest.mark.parametrize("norm", ["log", "equalize", "symlog"])
def test_functions_of_the_position_go_with_any_norm(backend, method, norm):
    got = colorize(DEPTH, norm=norm, method=method, dtype="float32", backend=backend)
    table = colorize(DEPTH, norm=norm, dtype="float32", backend=backend)
    limit = {"spline": 0.03, "poly": 0.15}[method]
    assert 0 < np.abs(got - table).max() < limit


def test_no_norm_takes_integers_for_entries_and_floats_for_positions(backend):
    entries = np.array([[0, 1, 128, 255], [7, 7, 7, 300]], np.uint16)
    cmap = distinct_map(256)
    got = colorize(entries, cmap, norm=colors.NoNorm(), order="rgba", backend=backend)
    assert_same(got, cmap(entries.astype(int), bytes=True))


class Raises(colors.Normalize):
    def __call__(self, value, clip=None):
        if np.size(value) > 50 and np.any(np.asarray(value) > 40):
            raise RuntimeError("not today")
        return np.sin(np.asarray(value))


class Flat(colors.Normalize):
    def __call__(self, value, clip=None):
        return np.asarray(value).ravel()[:1]


class Words(colors.Normalize):
    def __call__(self, value, clip=None):
        return np.full(np.shape(value), "red")


@pytest.mark.parametrize(
    ("norm", "error", "parts"),
    [
        (Raises(0, 50), ValueError, ["Raises", "RuntimeError", "not today"]),
        (Flat(0, 1), ValueError, ["shape", "Flat"]),
        (Words(0, 1), TypeError, ["floats or integers", "Words"]),
        (colors.LogNorm(-1, 1), ValueError, ["LogNorm"]),
    ],
)
def test_a_norm_that_goes_wrong_is_named_and_nothing_is_written(backend, norm, error, parts):
    values = np.linspace(0, 45, 100 * 200, dtype=np.float32).reshape(100, 200)
    guarded = next(guarded_outs((100, 200, 3)))
    with pytest.raises(error) as caught:
        colorize(values, norm=norm, out=guarded.out, backend=backend)
    guarded.check_untouched()
    assert all(part in str(caught.value) for part in parts), caught.value


def test_a_users_norm_is_not_changed(backend):
    norm = colors.LogNorm()
    got = colorize(DEPTH, norm=norm, backend=backend)
    assert norm.vmin is norm.vmax is None
    scaled = colors.LogNorm(float(DEPTH.min()), float(DEPTH.max()))
    assert_same(got, colorize(DEPTH, norm=scaled, backend=backend))


def test_threads_do_not_change_the_picture(backend):
    values = np.repeat(DEPTH, 30, axis=0)
    for norm in ("log", "equalize", Wavy(0, 1)):
        one = colorize(values, norm=norm, threads=1, backend=backend)
        assert_same(colorize(values, norm=norm, threads=3, backend=backend), one)
