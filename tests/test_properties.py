"""What holds for all arrays and arguments, searched for counter-examples by Hypothesis."""

import matplotlib as mpl
import numpy as np
from conftest import (
    DTYPES,
    FLOATS,
    TURBO,
    assert_same,
    expected_colors,
    levels,
    matplotlib_bytes,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.colors import ListedColormap

from turbo_cmap import Colormap, colorize

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=18)
PICKS = {"rgb": [0, 1, 2], "bgr": [2, 1, 0], "rgba": [0, 1, 2, 3], "bgra": [2, 1, 0, 3]}

# Half of the largest value: widths do not overflow, where matplotlib and the formula do too.
LARGEST = {"float16": 65504.0, "float32": 2.0**126, "float64": 2.0**1022}


def elements(dtype):
    """Any value of *dtype* whose distance to any other is finite, and all that is not finite."""
    if dtype not in FLOATS:
        return hnp.from_dtype(np.dtype(dtype))
    width = 8 * np.dtype(dtype).itemsize
    limit = LARGEST[dtype]
    return st.one_of(
        st.floats(-limit, limit, width=width),
        st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, 0.5]),
        st.integers(-8, 8).map(float),
    )


@st.composite
def arrays(draw, dtypes=DTYPES, shapes=SHAPES):
    dtype = draw(st.sampled_from(dtypes))
    values = draw(hnp.arrays(dtype, shapes, elements=elements(dtype)))
    if values.ndim and draw(st.booleans()):
        values = values[..., ::-1]
    if values.ndim > 1 and draw(st.booleans()):
        values = values.T
    if draw(st.booleans()):
        values = values.astype(values.dtype.newbyteorder(">"))
    return values


@st.composite
def ends(draw):
    """vmin < vmax, of any size that float32 arithmetic bears."""
    finite = st.one_of(
        st.floats(-1e6, 1e6), st.integers(-300, 300).map(float), st.floats(-1e30, 1e30)
    )
    vmin, vmax = sorted((draw(finite), draw(finite)))
    assume(vmin < vmax)
    assume(vmax - vmin > 0)  # not an underflow
    return vmin, vmax


def ramp(n):
    """A table of which a 16-bit pixel is its own index."""
    return np.repeat(np.arange(n)[:, None] / 65535, 3, axis=1)


def indices(values, n, **keywords):
    """The table index of each value, as `colorize` finds it."""
    return colorize(values, ramp(n), dtype="uint16", **keywords)[..., 0].astype(np.int64)


@given(values=arrays(), ends=ends(), n=st.integers(1, 2000), seed=st.integers(0, 99))
def test_maps_of_matplotlib_are_painted_as_by_matplotlib(backend, values, ends, n, seed):
    table = np.random.default_rng(seed).random((n, 3))
    cmap = ListedColormap(table).with_extremes(under="red", over="lime", bad="blue")
    expected = matplotlib_bytes(cmap, values, *ends)
    actual = colorize(values, cmap, vmin=ends[0], vmax=ends[1], order="rgba", backend=backend)
    assert_same(actual, expected)


@given(
    values=arrays(),
    data=st.data(),
    order=st.sampled_from(list(PICKS)),
    out_dtype=st.sampled_from(["uint8", "uint16", "float32"]),
    channels=st.sampled_from(["last", "first"]),
    reverse=st.booleans(),
    given_ends=st.none() | ends(),
)
def test_all_arguments_together_do_what_each_does_alone(
    backend, values, data, order, out_dtype, channels, reverse, given_ends
):
    mask = data.draw(st.none() | hnp.arrays(bool, values.shape))
    some = [v for v in values.ravel()[:3].tolist() if np.isfinite(v)]
    invalid = data.draw(st.none() | st.lists(st.sampled_from([*some, 0, 1, -1, 65535]), max_size=3))

    native = values.astype(values.dtype.newbyteorder("="))
    excluded = np.zeros(values.shape, bool)
    if mask is not None:
        excluded |= mask
    for value in invalid or ():
        # Exact: drawn from the values themselves, or a small integer.
        excluded |= np.array([v == value for v in native.ravel().tolist()], bool).reshape(
            values.shape
        )
    counting = native[~excluded & np.isfinite(native)]
    if given_ends is not None:
        vmin, vmax = given_ends
    elif counting.size:
        vmin, vmax = float(counting.min()), float(counting.max())
    else:
        vmin, vmax = 0.0, 1.0

    cmap = Colormap("test", TURBO, bad=(1, 0, 0, 0.5), under=(1, 0, 1), over=(0, 1, 1))
    under, over = (1, 0, 1, 1), (0, 1, 1, 1)
    table = np.column_stack([TURBO, np.ones(256)])
    if reverse:
        table, under, over = table[::-1], over, under
    if vmin == vmax:
        # A single point: every finite value has the first color.
        finite = np.isfinite(native)
        comparable = np.where(finite, 0.0, native.astype(np.float64))
        colors = expected_colors(
            comparable, table, 0.0, 1.0, bad=(1, 0, 0, 0.5), under=under, over=over,
            not_valid=excluded,
        )  # fmt: skip
    else:
        colors = expected_colors(
            native, table, vmin, vmax, bad=(1, 0, 0, 0.5), under=under, over=over,
            not_valid=excluded,
        )  # fmt: skip
    expected = levels(colors, out_dtype)[..., PICKS[order]]
    if channels == "first":
        expected = np.moveaxis(expected, -1, max(values.ndim - 2, 0))
    keywords = {} if given_ends is None else {"vmin": vmin, "vmax": vmax}
    actual = colorize(
        values,
        cmap,
        mask=mask,
        invalid=invalid,
        reverse=reverse,
        order=order,
        channels=channels,
        dtype=out_dtype,
        backend=backend,
        **keywords,
    )
    assert_same(actual, np.ascontiguousarray(expected))


@given(values=arrays(), ends=ends())
def test_every_backend_evaluates_the_polynomial_alike(backend, values, ends):
    # On the reference itself: alike for a picture and for each of its pixels alone.
    keywords = {"vmin": ends[0], "vmax": ends[1], "method": "poly", "dtype": "float32"}
    actual = colorize(values, backend=backend, **keywords)
    flat = [colorize(v, backend="numpy", **keywords) for v in values.ravel()[:40]]
    if flat:
        assert_same(actual.reshape(-1, 3)[:40], np.array(flat))
    whole = colorize(values, backend="numpy", **keywords)
    assert_same(actual, whole)


@given(
    values=arrays(shapes=hnp.array_shapes(max_dims=1, max_side=80)),
    ends=ends(),
    n=st.integers(1, 65536),
)
def test_the_index_never_falls_when_the_value_rises(backend, values, ends, n):
    values = np.sort(values.astype(values.dtype.newbyteorder("=")))
    values = values[~np.isnan(values)]
    index = indices(values, n, vmin=ends[0], vmax=ends[1], backend=backend)
    assert (np.diff(index) >= 0).all()
    assert index.min(initial=0) >= 0
    assert index.max(initial=0) < n


@given(ends=ends(), n=st.integers(1, 65536), dtype=st.sampled_from(["float32", "float64"]))
def test_the_ends_have_the_first_and_the_last_color(backend, ends, n, dtype):
    values = np.array(ends, dtype)
    assume(values[0] < values[1])
    vmin, vmax = map(float, values)
    given_range = indices(values, n, vmin=vmin, vmax=vmax, backend=backend)
    assert given_range.tolist() == [0, n - 1]
    assert indices(values, n, backend=backend).tolist() == [0, n - 1]


@given(
    values=hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        hnp.array_shapes(max_dims=2, max_side=30),
        elements=st.integers(-(2**20), 2**20).map(lambda i: i / 1024),
    ),
    ends=st.tuples(st.integers(-1000, 0), st.integers(1, 1000)),
    exponent=st.integers(-60, 60),
)
def test_a_change_of_unit_by_a_power_of_two_changes_no_color(backend, values, ends, exponent):
    factor = 2.0**exponent
    scaled = values * values.dtype.type(factor)
    vmin, vmax = (end / 7 for end in ends)
    expected = colorize(values, vmin=vmin, vmax=vmax, backend=backend)
    actual = colorize(scaled, vmin=vmin * factor, vmax=vmax * factor, backend=backend)
    assert_same(actual, expected)
    assert_same(colorize(scaled, backend=backend), colorize(values, backend=backend))


@given(values=arrays(), seed=st.integers(0, 2**32 - 1))
def test_a_pixel_has_its_color_wherever_it_stands(backend, values, seed):
    flat = values.ravel()
    order = np.random.default_rng(seed).permutation(flat.size)
    expected = colorize(flat, backend=backend)[order]
    assert_same(colorize(flat[order], backend=backend), expected)


@given(values=arrays(dtypes=FLOATS), data=st.data())
def test_masked_is_the_same_as_nan(backend, values, data):
    mask = data.draw(hnp.arrays(bool, values.shape))
    with_nan = np.where(mask, values.dtype.type(np.nan), values).astype(values.dtype)
    expected = colorize(with_nan, backend=backend)
    assert_same(colorize(values, mask=mask, backend=backend), expected)
    assert_same(colorize(np.ma.array(values, mask=mask), backend=backend), expected)


@given(
    values=hnp.arrays(np.int64, hnp.array_shapes(max_side=20), elements=st.integers(0, 100)),
    ends=st.none() | st.tuples(st.integers(-50, 40), st.integers(41, 200)),
)
def test_the_same_numbers_in_another_dtype_have_the_same_colors(backend, values, ends):
    # Types of up to 16 bits and float32 are computed in float32, all others in float64.
    keywords = {} if ends is None else {"vmin": ends[0] / 3, "vmax": ends[1] / 3}
    for family in (
        ("float32", "uint8", "int8", "uint16", "int16", "float16"),
        ("float64", "int64", "uint64", "int32", "uint32"),
    ):
        expected = colorize(values.astype(family[0]), backend=backend, **keywords)
        for dtype in family[1:]:
            actual = colorize(values.astype(dtype), backend=backend, **keywords)
            assert_same(actual, expected, dtype)


@given(values=arrays(), ends=ends())
def test_reverse_is_the_last_color_first(backend, values, ends):
    keywords = {"vmin": ends[0], "vmax": ends[1], "backend": backend}
    n = 100
    native = values.astype(values.dtype.newbyteorder("="))
    valid = ~np.isnan(native)
    forwards = indices(values, n, **keywords)
    backwards = indices(values, n, reverse=True, **keywords)
    assert (forwards[valid] + backwards[valid] == n - 1).all()


@given(values=arrays(), ends=ends())
def test_named_maps_are_those_of_matplotlib(backend, values, ends):
    expected = matplotlib_bytes(mpl.colormaps["cividis"], values, *ends)[..., :3]
    actual = colorize(values, "cividis", vmin=ends[0], vmax=ends[1], backend=backend)
    assert_same(actual, np.ascontiguousarray(expected))


# ---- values at the edges of entries ----
#
# Kernels answer for a group of values at once, and by the slow way if one of them is close to
# an edge: each value here is a group's only one.

GROUP = 64


@st.composite
def limits(draw, dtype):
    """vmin < vmax of all sizes: little far away, centered, subnormal, some floats, integers."""
    if dtype in ("int32", "uint32"):
        info = np.iinfo(dtype)
        low = draw(st.sampled_from([info.min, 0]) | st.integers(info.min, info.max))
        width = draw(st.sampled_from([1, 2**31, 2**32 - 1]) | st.integers(1, 3000))
        fraction = draw(st.floats(0, 1))
        return float(low) - fraction * draw(st.booleans()), float(low + width)
    exponent = 120 if dtype == "float32" else 1000
    sizes = st.integers(-exponent, exponent).flatmap(
        lambda e: st.floats(1, 2).map(lambda m: m * 2.0**e)
    )
    kind = draw(st.sampled_from(["any", "far", "centered", "zero", "tiny", "few"]))
    at, width = draw(sizes) * draw(st.sampled_from([-1, 1])), draw(sizes)
    if kind == "far":
        width = abs(at) * 2.0 ** -draw(st.integers(0, 30))
    elif kind == "centered":
        at, width = -width / 2, width
    elif kind == "zero":
        at = 0.0
    elif kind == "tiny":
        at, width = 0.0, draw(st.integers(1, 2**20)) * float(np.finfo(dtype).smallest_subnormal)
    elif kind == "few":
        ulp = float(np.spacing(np.dtype(dtype).type(abs(at))))
        at, width = at + ulp * draw(st.floats(-1, 1)), ulp * draw(st.floats(0.25, 6))
    vmin, vmax = at, at + width
    if dtype == "float32" and draw(st.booleans()):
        vmin, vmax = (float(np.float32(end)) for end in (vmin, vmax))
    assume(vmax - vmin > 0)
    return vmin, vmax


def next_to_edges(rng, dtype, vmin, vmax, n, count=48):
    """Values on edges of entries and a few roundings aside, and whatever is not a number."""
    entry = rng.integers(0, n + 1, count)
    entry[:6] = [0, min(1, n), n // 2, (n + 1) // 2, n - 1, n]
    with np.errstate(all="ignore"):
        edge = vmin + (vmax - vmin) * (entry / n)
        if rng.random() < 0.5:
            edge += (vmax - vmin) * 2.0**-24 * rng.uniform(-12, 12, count)
    if dtype in ("int32", "uint32"):
        info = np.iinfo(dtype)
        nearby = np.rint(edge) + rng.integers(-2, 3, count)
        return np.clip(nearby, info.min, info.max).astype(np.int64).astype(dtype)
    with np.errstate(all="ignore"):
        values = edge.astype(dtype)
    bits = values.view(f"i{values.itemsize}")
    reach = 4 if dtype == "float32" or rng.random() < 0.5 else 2**29  # less than a float's ulp
    bits += rng.integers(-reach, reach + 1, count)
    signaling = 0x7F800001 if dtype == "float32" else 0x7FF0000000000001
    bits[-8:-7] = signaling
    values[-7:] = [np.nan, np.inf, -np.inf, 0.0, -0.0, *np.finfo(dtype).tiny * np.float64([1, -1])]
    return values


LAYOUTS = st.sampled_from(
    [{"order": order} for order in PICKS] + [{"channels": "first"}, {"dtype": "uint16"}]
)
SIZES = st.sampled_from([1, 2, 3, 5, 7, 252, 253, 254, 255, 256, 257, 1000, 4096, 65535, 65536])


@given(
    data=st.data(),
    dtype=st.sampled_from(["float32", "float64", "int32", "uint32"]),
    n=SIZES | st.integers(1, 256),
    layout=LAYOUTS,
    extremes=st.sampled_from([{}, {"under": "red"}, {"over": "lime"}, {"under": "k", "over": "w"}]),
    centered=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_next_to_an_edge_a_value_has_the_color_of_the_reference(
    backend, data, dtype, n, layout, extremes, centered, seed
):
    vmin, vmax = data.draw(limits(dtype))
    rng = np.random.default_rng(seed)
    values = next_to_edges(rng, dtype, vmin, vmax, n)
    cmap = Colormap("random", rng.random((n, 3)), bad=(0, 0, 1, 0.5), **extremes)
    if centered:
        center = vmin + (vmax - vmin) / 2
        assume(center < vmax)
        keywords = {"center": center, "vmax": vmax, **layout}
    else:
        keywords = {"vmin": vmin, "vmax": vmax, **layout}
    axis = -1 if "channels" in layout else 0
    expected = np.repeat(colorize(values, cmap, backend="numpy", **keywords), GROUP, axis)
    actual = colorize(np.repeat(values, GROUP), cmap, backend=backend, **keywords)
    assert_same(actual, np.ascontiguousarray(expected), f"{vmin!r} .. {vmax!r}")
    if not centered and layout == {"order": "rgba"}:
        finite = np.isfinite(values)
        theirs = ListedColormap(cmap.colors).with_extremes(bad=(0, 0, 1, 0.5), **extremes)
        mine = colorize(values, theirs, vmin=vmin, vmax=vmax, order="rgba", backend=backend)
        assert_same(mine[finite], matplotlib_bytes(theirs, values, vmin, vmax)[finite])


@given(
    ends=limits("float32"),
    method=st.sampled_from(["spline", "poly"]),
    layout=LAYOUTS,
    seed=st.integers(0, 2**32 - 1),
)
def test_positions_are_quotients_to_the_last_bit(backend, ends, method, layout, seed):
    # uint16 and bytes: a position's last bit is seen where it decides how a level is rounded.
    rng = np.random.default_rng(seed)
    values = next_to_edges(rng, "float32", *ends, 255)
    values[:8] = np.float32(ends[0]) + np.float32(2.0**-80) * np.arange(-2, 6, dtype="f4")
    keywords = {"vmin": ends[0], "vmax": ends[1], "method": method, **layout}
    axis = -1 if "channels" in layout else 0
    expected = np.repeat(colorize(values, backend="numpy", **keywords), GROUP, axis)
    actual = colorize(np.repeat(values, GROUP), backend=backend, **keywords)
    assert_same(actual, np.ascontiguousarray(expected))
    keywords = {"vmin": ends[0], "vmax": ends[1], "method": method, "dtype": "float32"}
    expected = np.repeat(colorize(values, backend="numpy", **keywords), GROUP, 0)
    actual = colorize(np.repeat(values, GROUP), backend=backend, **keywords)
    assert_same(actual, expected)
