"""Color bars: the colors are those of `colorize`, numbers never touch, sizes are as asked."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbo_cmap import Colorizer, Colormap, beside, colorbar, colorize
from turbo_cmap.bar import Bar, as_style
from turbo_cmap.bar_scale import as_bar_scale
from turbo_cmap.compiler import norm_codes
from turbo_cmap.norms import named_norm

LINE = 1  # the outline, at letters of less than 28 px


def strip(image, thickness, orientation="vertical"):
    """The colors of a bar from first to last; they are the same all across."""
    if orientation == "vertical":
        image = np.swapaxes(image[::-1], 0, 1)
    inner = image[LINE : LINE + thickness, LINE:-LINE]
    assert (inner == inner[:1]).all()
    return inner[0]


def along(count):
    return (np.arange(count) + 0.5) / count


@pytest.mark.parametrize("orientation", ["vertical", "horizontal"])
@pytest.mark.parametrize("order", ["rgb", "bgr", "rgba", "bgra"])
def test_the_colors_are_those_of_colorize(orientation, order):
    for cmap, limits in (
        (None, {"vmin": -3.0, "vmax": 11.0}),
        ("viridis", {"vmin": 0.1, "vmax": 0.7}),
        (None, {"center": 2.0, "vmax": 5.0}),
        (np.eye(3), {"vmin": 0.0, "vmax": 1.0}),
    ):
        bar = colorbar(
            cmap, **limits, orientation=orientation, order=order, length=300, thickness=9
        )
        lo = limits.get("vmin", -1.0)
        values = lo * (1 - along(298)) + limits["vmax"] * along(298)
        expected = colorize(values, cmap, **limits, order=order)
        np.testing.assert_array_equal(strip(bar, 9, orientation), expected)


@pytest.mark.parametrize("name", ["log", "inverse", "sqrt", "symlog", "asinh"])
def test_the_colors_are_those_of_the_norm(name):
    norm = named_norm(name, 0.5, 80.0)
    values = np.ma.filled(norm.inverse(along(254)))
    codes = norm_codes(norm, np.asarray(values), 256)
    expected = colorize(codes, vmin=0, vmax=256)
    for given_norm in (name, norm):
        bar = colorbar(vmin=0.5, vmax=80.0, norm=given_norm, thickness=7)
        np.testing.assert_array_equal(strip(bar, 7), expected)
    if name != "inverse":
        np.testing.assert_array_equal(colorbar(norm=norm, thickness=7), bar)


def test_a_colorizer_brings_its_own_range():
    own = colorbar(Colorizer(np.eye(3), vmin=2, vmax=6), label="L")
    np.testing.assert_array_equal(own, colorbar(np.eye(3), vmin=2, vmax=6, label="L"))
    with pytest.raises(ValueError, match="vmin must be None with a Colorizer"):
        colorbar(Colorizer(vmin=2, vmax=6), vmin=1)
    with pytest.raises(ValueError, match="the Colorizer must have a range"):
        colorbar(Colorizer())
    with pytest.raises(ValueError, match="limits must be known"):
        Colorizer().colorbar()


@pytest.mark.parametrize(
    "norm", ["linear", "log", "inverse", "sqrt", "symlog", "asinh", "equalize"]
)
@pytest.mark.parametrize("method", ["lut", "spline"])
def test_a_colorizers_bar_has_the_colors_of_its_pictures(norm, method):
    data = np.random.default_rng(0).uniform(0.5, 80, (30, 40))
    colorizer = Colorizer(norm=norm, method=method, order="bgr", dtype="float32").fit(data)
    bar = colorizer.colorbar(thickness=7, label="Depth", unit="m")
    expected = colorizer.paint(colorizer.values(along(254)))
    np.testing.assert_array_equal(strip(bar, 7), expected)


@pytest.mark.parametrize("length", [32, 33, 80, 257, 2000])
@pytest.mark.parametrize(
    "keywords",
    [
        {"vmin": 0, "vmax": 1},
        {"vmin": 1e-9, "vmax": 1e9, "norm": "log", "no_data": True, "extend": "both"},
        {"vmin": -4e11, "vmax": 1e12, "label": "A label of many long words", "unit": "m"},
        {"center": 0, "vmax": 3, "extend": "max", "theme": "dark"},
        {"vmin": 3, "vmax": 3},
    ],
)
def test_the_length_is_as_asked(length, keywords):
    assert colorbar(length=length, **keywords).shape[0] == length
    assert colorbar(length=length, orientation="horizontal", **keywords).shape[1] == length


@given(
    st.sampled_from(["linear", "log", "inverse", "sqrt", "symlog", "asinh"]),
    st.floats(1e-6, 1e6),
    st.floats(1.01, 1e6),
    st.integers(32, 2000),
    st.sampled_from(["vertical", "horizontal"]),
    st.booleans(),
)
def test_numbers_never_touch(norm, vmin, ratio, length, orientation, no_data):
    scale = as_bar_scale("", None, vmin, vmin * ratio, norm, None)
    style = as_style("", orientation, length, None, "light", None, None, "rgb", None, scale)
    bar = Bar(scale, style, "no data" if no_data else "")
    ticks = bar.choose_ticks("", None, None)
    assert ticks.values
    boxes = sorted(bar.boxes(np.clip(scale.positions(np.array(ticks.values)), 0, 1), ticks.labels))
    for (_, end), (begin, _) in itertools.pairwise(boxes):
        assert begin - end >= 3


def test_labels_are_drawn_only_where_they_have_room():
    many = colorbar(vmin=0, vmax=1, ticks=np.linspace(0, 1, 101), length=100)
    few = colorbar(vmin=0, vmax=1, ticks=[0, 0.5, 1], length=100)
    assert abs(many.shape[1] - few.shape[1]) < 20
    assert colorbar(vmin=0, vmax=1, ticks=[5.0]).shape[1] < few.shape[1]  # out of range


def test_arrowheads_have_the_colors_out_of_range():
    cmap = Colormap("own", np.eye(3), under="white", over="gray")
    image = colorbar(cmap, vmin=0, vmax=1, thickness=21, theme="dark")
    middle = image[:, LINE + 10]
    assert (middle[3] == colorize(2.0, cmap, vmin=0, vmax=1)).all()
    assert (middle[-4] == 255).all()
    neither = colorbar(cmap, vmin=0, vmax=1, thickness=21, extend="neither")
    np.testing.assert_array_equal(strip(neither, 21)[[0, -1]], [[255, 0, 0], [0, 0, 255]])
    both = colorbar(np.eye(3), vmin=0, vmax=1, thickness=21, extend="both")
    assert (both[[3, -4], LINE + 10] == [[0, 0, 255], [255, 0, 0]]).all()


def test_no_data_has_the_color_of_bad_values():
    cmap = Colormap("own", np.eye(3), bad="#123456")
    image = colorbar(cmap, vmin=0, vmax=1, no_data="none", thickness=15)
    field = image[-LINE - 15 : -LINE, LINE : LINE + 15]
    assert (field == [0x12, 0x34, 0x56]).all()
    image = colorbar(cmap, vmin=0, vmax=1, no_data="none", thickness=15, orientation="horizontal")
    assert (image[LINE : LINE + 15, LINE : LINE + 15] == [0x12, 0x34, 0x56]).all()


def test_themes_and_backgrounds():
    limits = {"vmin": 0, "vmax": 1}
    assert (colorbar(**limits)[-1, -1] == 255).all()
    assert (colorbar(**limits, theme="dark")[-1, -1] < 50).all()
    assert (colorbar(**limits, background="#102030", order="bgr")[-1, -1] == [48, 32, 16]).all()
    clear = colorbar(**limits, order="rgba")
    assert clear[-1, -1, 3] == 0
    assert clear[100, 5, 3] == 255
    # letters on nothing are those on the page, once they are laid on it
    page = colorbar(**limits, background="white").astype(float)
    share = clear[..., 3:] / 255
    np.testing.assert_allclose(share * clear[..., :3] + (1 - share) * 255, page, atol=1.01)
    np.testing.assert_array_equal(colorbar(**limits, order="rgba", background="none"), clear)


def test_texts():
    limits = {"vmin": 0, "vmax": 1}
    plain = colorbar(**limits)
    labeled = colorbar(**limits, label="Depth", unit="m")
    assert labeled.shape[1] > plain.shape[1]
    np.testing.assert_array_equal(labeled, colorbar(**limits, label="Depth (m)"))
    np.testing.assert_array_equal(labeled[:, : plain.shape[1] - 4], plain[:, :-4])
    seen = []
    colorbar(**limits, format=lambda value: seen.append(value) or "x" + "i" * len(set(seen)))
    assert {0.0, 1.0} <= set(seen)
    one = colorbar(**limits, ticks=[0.5], format=".3f")
    np.testing.assert_array_equal(one, colorbar(**limits, ticks=[0.5], format="{:.3f}"))
    assert not np.array_equal(one, colorbar(**limits, ticks=[0.5]))


def test_matplotlib_norms():
    from matplotlib.colors import BoundaryNorm, TwoSlopeNorm

    slopes = colorbar(norm=TwoSlopeNorm(0, -1, 10), thickness=9)
    expected = colorize(along(254), vmin=0, vmax=1)
    np.testing.assert_array_equal(strip(slopes, 9), expected)
    steps = colorbar(np.eye(3), norm=BoundaryNorm([0, 1, 5, 20], 3), thickness=9, length=302)
    np.testing.assert_array_equal(strip(steps, 9), np.repeat(255 * np.eye(3), 100, axis=0))


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({}, ValueError, "vmin and vmax must be given"),
        ({"vmin": 1}, ValueError, "vmin and vmax must be given"),
        ({"vmin": 2, "vmax": 1}, ValueError, "vmin must not be greater"),
        ({"vmin": 0, "vmax": np.inf}, ValueError, "vmax must be finite"),
        ({"center": 0}, ValueError, "vmin or vmax must be given with center"),
        ({"center": 0, "vmin": 1}, ValueError, "center must lie between"),
        ({"norm": "log", "vmin": 0, "vmax": 1}, ValueError, "vmin must be greater than 0"),
        ({"norm": "cubic", "vmin": 0, "vmax": 1}, ValueError, "norm must be one of"),
        ({"norm": 3, "vmin": 0, "vmax": 1}, TypeError, "norm must be a name or"),
        ({"vmin": 0, "vmax": 1, "orientation": "up"}, ValueError, "orientation must be"),
        ({"vmin": 0, "vmax": 1, "length": 31}, ValueError, "length must be from 32"),
        ({"vmin": 0, "vmax": 1, "length": 99.5}, TypeError, "length must be an integer"),
        ({"vmin": 0, "vmax": 1, "thickness": 0}, ValueError, "thickness must be from 1"),
        ({"vmin": 0, "vmax": 1, "font_size": 5}, ValueError, "font_size must be from 6"),
        ({"vmin": 0, "vmax": 1, "theme": "blue"}, ValueError, "theme must be one of"),
        ({"vmin": 0, "vmax": 1, "order": "x"}, ValueError, "order must be one of"),
        ({"vmin": 0, "vmax": 1, "extend": "all"}, ValueError, "extend must be one of"),
        ({"vmin": 0, "vmax": 1, "background": "none"}, ValueError, "background must be opaque"),
        ({"vmin": 0, "vmax": 1, "background": "nonsense"}, ValueError, "background must be a col"),
        ({"vmin": 0, "vmax": 1, "label": 3}, TypeError, "label must be a string"),
        ({"vmin": 0, "vmax": 1, "unit": 3}, TypeError, "unit must be a string"),
        ({"vmin": 0, "vmax": 1, "format": 3}, TypeError, "format must be a string or"),
        ({"vmin": 0, "vmax": 1, "format": "q"}, ValueError, "format must suit numbers"),
        ({"vmin": 0, "vmax": 1, "no_data": 3}, TypeError, "no_data must be a bool"),
        ({"vmin": 0, "vmax": 1, "ticks": "abc"}, TypeError, "ticks must be an integer or"),
        ({"vmin": 0, "vmax": 1, "ticks": 0}, ValueError, "ticks must be from 1"),
        ({"vmin": 0, "vmax": 1, "ticks": [[1]]}, TypeError, "ticks must be an integer or"),
    ],
)
def test_wrong_arguments_are_named(keywords, error, message):
    with pytest.raises(error, match=rf"colorbar\(\): {message}"):
        colorbar(**keywords)


# --- beside ---


def test_a_picture_and_its_bar_become_one():
    picture = np.full((100, 60, 3), 9, np.uint8)
    bar = colorbar(vmin=0, vmax=1, length=100)
    for side in ("right", "left"):
        joined = beside(picture, bar, side=side, gap=4)
        assert joined.shape == (100, 64 + bar.shape[1], 3)
        flipped = joined if side == "right" else np.roll(joined, -bar.shape[1] - 4, axis=1)
        np.testing.assert_array_equal(flipped[:, :60], picture)
    for side in ("bottom", "top"):
        wide = colorbar(vmin=0, vmax=1, length=80, orientation="horizontal")
        joined = beside(picture, wide, side=side, gap=4)
        assert joined.shape == (104 + wide.shape[0], 80, 3)
        part = joined[:100] if side == "bottom" else joined[-100:]
        np.testing.assert_array_equal(part[:, 10:70], picture)
        assert (part[:, [0, 9, 70, 79]] == 255).all()  # beside the narrower picture


def test_gray_and_alpha_pictures_can_be_joined():
    gray = np.full((40, 30), 7, np.uint8)
    bar = colorbar(vmin=0, vmax=1, length=40, order="rgba")
    joined = beside(gray, bar, gap=10)
    assert (joined[:, :30] == [7, 7, 7, 255]).all()
    assert (joined[:, 30:40, 3] == 0).all()
    np.testing.assert_array_equal(joined[:, 40:], bar)
    dark = beside(gray, colorbar(vmin=0, vmax=1, length=40), background="#000")
    assert (dark[:, 30:36] == 0).all()


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((np.zeros((2, 2)), np.zeros((2, 2), np.uint8)), {}, TypeError, "image must be uint8"),
        ((np.zeros((2, 2), np.uint8), np.zeros(2, np.uint8)), {}, ValueError, "bar must have"),
        ((np.zeros((2, 2), np.uint8),) * 2, {"side": "up"}, ValueError, "side must be"),
        ((np.zeros((2, 2), np.uint8),) * 2, {"gap": -1}, ValueError, "gap must be from 0"),
        ((np.zeros((2, 2), np.uint8),) * 2, {"background": "?"}, ValueError, "background must be"),
    ],
)
def test_pictures_that_cannot_be_joined_are_named(arguments, keywords, error, message):
    with pytest.raises(error, match=rf"beside\(\): {message}"):
        beside(*arguments, **keywords)
