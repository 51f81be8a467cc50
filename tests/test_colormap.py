"""`Colormap`, `get_cmap` and `colormaps`: which colors a name, an object or a table stands for."""

import collections.abc
import copy
import pickle

import matplotlib as mpl
import numpy as np
import pytest
from conftest import TURBO, TURBO_U8
from matplotlib.colors import ListedColormap

import turbo_cmap
from turbo_cmap import Colormap, KnotCurve, colorize, colormaps, get_cmap, turbo
from turbo_cmap.turbo import TURBO_CURVE

BLACK_WHITE = [(0, 0, 0), (1, 1, 1)]


# --- Turbo by its names ---


def test_turbo_is_the_published_table():
    turbo = get_cmap("turbo")
    assert turbo.name == "turbo"
    assert turbo.byte_rule == "round"
    assert turbo.colors.dtype == np.float64
    assert np.array_equal(turbo.colors, TURBO)
    assert np.array_equal(turbo.rgba, np.column_stack([TURBO, np.ones(256)]))


def test_no_map_and_every_spelling_of_turbo_are_turbo():
    for cmap in (None, "turbo", "tc.turbo", colormaps["turbo"]):
        assert get_cmap(cmap) == get_cmap("turbo"), cmap
    for name in ("turbo_r", "tc.turbo_r"):
        assert np.array_equal(get_cmap(name).colors, TURBO[::-1]), name


def test_turbo_by_name_is_ours_and_as_an_object_of_matplotlib_is_theirs():
    values = np.arange(256, dtype=np.uint8)
    ours = colorize(values, "turbo", vmin=0, vmax=255)
    theirs = colorize(values, mpl.colormaps["turbo"], vmin=0, vmax=255)
    assert np.array_equal(ours, TURBO_U8)
    assert np.array_equal(theirs, np.trunc(255 * TURBO).astype(np.uint8))
    # matplotlib truncates: 392 of 768 bytes are one lower.
    assert np.count_nonzero(ours - theirs) == 392
    assert (ours - theirs).max() == 1


def test_colormaps_is_a_read_only_mapping_of_names_to_maps():
    assert isinstance(colormaps, collections.abc.Mapping)
    names = ["turbo", "turbo_diverging", "turbo_balanced", "turbo_uniform", "turbo_poly"]
    assert list(colormaps) == [entry for name in names for entry in (name, name + "_r")]
    assert len(colormaps) == 10
    assert colormaps["turbo_balanced"] is colormaps["turbo_balanced"]
    for name, cmap in colormaps.items():
        assert isinstance(cmap, Colormap)
        assert cmap.name == name
        assert name in colormaps
    for name in ("viridis", "_r", "turbo_r_r", "tc.turbo", ""):
        assert name not in colormaps
    with pytest.raises(KeyError):
        colormaps["no such map"]
    with pytest.raises(TypeError):
        colormaps["mine"] = colormaps["turbo"]


# --- get_cmap ---


def test_a_colormap_is_itself():
    cmap = Colormap("mine", BLACK_WHITE)
    assert get_cmap(cmap) is cmap


def test_a_name_that_matplotlib_knows_is_its_map():
    for name in ("viridis", "viridis_r", "tab10", "coolwarm"):
        cmap = get_cmap(name)
        obj = mpl.colormaps[name]
        assert cmap.name == name
        assert cmap.byte_rule == "truncate"
        assert np.array_equal(cmap.rgba, obj(np.arange(obj.N)))


def test_a_matplotlib_object_brings_its_extremes_along():
    obj = ListedColormap(["red", "lime"], name="mine").with_extremes(
        bad=(0.1, 0.2, 0.3, 0.4), under="yellow", over=(0, 0, 1, 0.5)
    )
    cmap = get_cmap(obj)
    assert cmap.name == "mine"
    assert tuple(cmap.bad) == (0.1, 0.2, 0.3, 0.4)
    assert tuple(cmap.under) == (1, 1, 0, 1)
    assert tuple(cmap.over) == (0, 0, 1, 0.5)
    assert np.array_equal(cmap.rgba, [[1, 0, 0, 1], [0, 1, 0, 1]])


def test_a_matplotlib_object_is_not_changed_by_its_use():
    obj = mpl.colormaps["viridis"].resampled(7)
    before = obj(np.linspace(-1, 2, 50))
    colorize([1, 2, 3], obj, reverse=True, bad="red", under="red", over="red")
    assert np.array_equal(obj(np.linspace(-1, 2, 50)), before)


def test_a_later_change_of_a_matplotlib_object_is_seen():
    # Objects are mutable and must not be remembered by identity.
    obj = ListedColormap(["black", "white"]).with_extremes(bad="red")
    values = np.array([np.nan, 0.0, 1.0])
    assert colorize(values, obj)[0].tolist() == [255, 0, 0]
    changed = obj.with_extremes(bad="lime")
    obj.__dict__.update(changed.__dict__)
    assert colorize(values, obj)[0].tolist() == [0, 255, 0]


def test_a_table_is_a_map_that_rounds():
    cmap = get_cmap(TURBO)
    assert cmap.byte_rule == "round"
    assert np.array_equal(cmap.colors, TURBO)
    assert np.array_equal(get_cmap(BLACK_WHITE).colors, BLACK_WHITE)


@pytest.mark.parametrize("name", ["no such map", "", "Turbo", "tc.no such map", "tc.viridis "])
def test_an_unknown_name_is_a_value_error_that_repeats_it(name):
    with pytest.raises(ValueError, match="cmap") as caught:
        get_cmap(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("cmap", [3, 0.5, object(), b"turbo", {"turbo": 1}, len])
def test_what_is_no_map_is_a_type_error_that_says_what_came(cmap):
    with pytest.raises(TypeError, match="cmap"):
        get_cmap(cmap)


# --- tables ---


@pytest.mark.parametrize("n", [1, 2, 257, 65536])
@pytest.mark.parametrize("components", [3, 4])
def test_tables_have_1_to_65536_colors_of_3_or_4_components(n, components):
    table = np.random.default_rng(n).random((n, components))
    cmap = Colormap("mine", table)
    assert np.array_equal(cmap.colors, table)
    assert cmap.rgba.shape == (n, 4)
    assert np.array_equal(cmap.rgba[:, :3], table[:, :3])
    assert np.array_equal(cmap.rgba[:, 3], table[:, 3] if components == 4 else np.ones(n))


def test_byte_and_16_bit_tables_are_scaled_to_one():
    table_u8 = np.arange(256, dtype=np.uint8).repeat(3).reshape(256, 3)
    assert np.array_equal(Colormap("mine", table_u8).colors, table_u8 / 255)
    table_u16 = np.arange(65536, dtype=np.uint16).repeat(3).reshape(65536, 3)
    assert np.array_equal(Colormap("mine", table_u16).colors, table_u16 / 65535)
    big_endian = table_u16.astype(">u2")
    assert np.array_equal(Colormap("mine", big_endian).colors, table_u16 / 65535)


def test_tables_may_lie_in_memory_as_they_like():
    table = np.random.default_rng(1).random((50, 3))
    wide = np.zeros((100, 6))
    wide[::2, ::2] = table
    for name, same in (
        ("Fortran order", np.asfortranarray(table)),
        ("strided", wide[::2, ::2]),
        ("backwards", table[::-1].copy()[::-1]),
        ("big-endian", table.astype(">f8")),
        ("list", table.tolist()),
    ):
        assert np.array_equal(Colormap("mine", same).colors, table), name
    as_f32 = table.astype(np.float32)
    assert np.array_equal(Colormap("mine", as_f32).colors, as_f32.astype(np.float64))


@pytest.mark.parametrize(
    ("colors", "error", "parts"),
    [
        (np.zeros((4, 2)), ValueError, ["(N, 3)", "(4, 2)"]),
        (np.zeros((4, 5)), ValueError, ["(N, 3)", "(4, 5)"]),
        (np.zeros(3), ValueError, ["(3,)"]),
        (np.zeros((1, 4, 3)), ValueError, ["(1, 4, 3)"]),
        (np.zeros((0, 3)), ValueError, ["(0, 3)"]),
        (np.zeros((65537, 3)), ValueError, ["65536", "65537"]),
        ([(0, 0, 1.001)], ValueError, ["[0, 1]", "1.001"]),
        ([(0, 0, -1e-9)], ValueError, ["[0, 1]", "-1e-09"]),
        ([(0, np.nan, 0)], ValueError, ["[0, 1]", "nan"]),
        ([(0, np.inf, 0)], ValueError, ["[0, 1]", "inf"]),
        (np.array([[0, 0, 255]]), ValueError, ["[0, 1]", "255"]),
        (np.zeros((2, 3), complex), TypeError, ["complex"]),
        ([["a", "b", "c"]], TypeError, ["<U1"]),
        ([[None, 0, 0]], TypeError, ["object"]),
    ],
)
def test_wrong_colors_are_refused_with_the_rule_and_what_came(colors, error, parts):
    with pytest.raises(error, match="colors") as caught:
        Colormap("mine", colors)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("byte_rule", ["floor", "", None, "Round"])
def test_an_unknown_byte_rule_is_refused(byte_rule):
    with pytest.raises((TypeError, ValueError), match="byte_rule"):
        Colormap("mine", BLACK_WHITE, byte_rule=byte_rule)


def test_the_byte_rule_decides_between_rounding_and_truncating():
    # 0.5 * 255 = 127.5 rounds to the even 128; 0.2 * 255 is 51 exactly.
    table = [(0.5, 0.2, 0.999)]
    rounded = colorize([1], Colormap("mine", table))
    truncated = colorize([1], Colormap("mine", table, byte_rule="truncate"))
    assert rounded.tolist() == [[128, 51, 255]]
    assert truncated.tolist() == [[127, 51, 254]]


def test_the_byte_rule_covers_the_extremes():
    values = [-1.0, 0.5, 2.0, np.nan]
    half = (0.5, 0.5, 0.5, 0.5)
    for byte_rule, level in (("round", 128), ("truncate", 127)):
        cmap = Colormap("mine", [half], bad=half, under=half, over=half, byte_rule=byte_rule)
        pixels = colorize(values, cmap, vmin=0, vmax=1, order="rgba")
        assert (pixels == level).all(), byte_rule


# --- extremes ---


def test_a_map_has_no_extremes_unless_given():
    cmap = Colormap("mine", BLACK_WHITE)
    assert tuple(cmap.bad) == (0, 0, 0, 0)
    assert cmap.under is None
    assert cmap.over is None


@pytest.mark.parametrize(
    ("color", "rgba"),
    [
        ("red", (1, 0, 0, 1)),
        ("#00ff00", (0, 1, 0, 1)),
        ("#0f0", (0, 1, 0, 1)),
        ("#0000ff33", (0, 0, 1, 0.2)),
        ((0.1, 0.2, 0.3), (0.1, 0.2, 0.3, 1)),
        ([0.1, 0.2, 0.3, 0.4], (0.1, 0.2, 0.3, 0.4)),
        (np.array([0.5, 0, 1]), (0.5, 0, 1, 1)),
        ((0, 0, 0), (0, 0, 0, 1)),
    ],
)
def test_a_color_is_a_name_or_a_hex_string_or_numbers(color, rgba):
    cmap = Colormap("mine", BLACK_WHITE, bad=color, under=color, over=color)
    assert tuple(cmap.bad) == tuple(cmap.under) == tuple(cmap.over) == rgba


@pytest.mark.parametrize("extreme", ["bad", "under", "over"])
@pytest.mark.parametrize(
    "color",
    ["no such color", "#12345", (1, 0), (1, 0, 0, 1, 1), (0, 0, 2), (0, np.nan, 0), 3, "", ()],
)
def test_what_is_no_color_is_refused_with_its_name(extreme, color):
    with pytest.raises((TypeError, ValueError), match=extreme) as caught:
        Colormap("mine", BLACK_WHITE, **{extreme: color})
    assert str(color) in str(caught.value)


def test_with_extremes_is_another_map_with_what_was_given_and_the_rest_kept():
    cmap = Colormap("mine", BLACK_WHITE, bad="red", under="lime", byte_rule="truncate")
    other = cmap.with_extremes(over="blue", bad="white")
    assert tuple(cmap.bad) == (1, 0, 0, 1)
    assert cmap.over is None
    assert tuple(other.bad) == (1, 1, 1, 1)
    assert tuple(other.under) == (0, 1, 0, 1)
    assert tuple(other.over) == (0, 0, 1, 1)
    assert other.name == "mine"
    assert other.byte_rule == "truncate"
    assert np.array_equal(other.colors, cmap.colors)


# --- reversed ---


def test_reversed_turns_colors_and_extremes_around_and_keeps_bad():
    cmap = Colormap(
        "mine", [(0, 0, 0), (0.5, 0, 0), (1, 1, 1)], bad="red", under="lime", over="blue",
        byte_rule="truncate",
    )  # fmt: skip
    back = cmap.reversed()
    assert np.array_equal(back.colors, cmap.colors[::-1])
    assert tuple(back.bad) == (1, 0, 0, 1)
    assert tuple(back.under) == (0, 0, 1, 1)
    assert tuple(back.over) == (0, 1, 0, 1)
    assert back.byte_rule == "truncate"
    assert back.reversed() == cmap


def test_reversed_names():
    cmap = Colormap("mine", BLACK_WHITE)
    assert cmap.reversed().name == "mine_r"
    assert cmap.reversed().reversed().name == "mine"
    assert cmap.reversed("other").name == "other"


# --- the curve, and any length ---

GRAY = KnotCurve([(0, 0, 0), (1, 1, 1)])


def bent(t):
    return np.stack([t**2, t**3, 1 - t], axis=-1)


def test_this_packages_maps_are_samples_of_their_curves():
    for name, cmap in colormaps.items():
        n = len(cmap)
        curve = cmap.curve(np.arange(n) / (n - 1))
        # "turbo" has the five printed digits. "_r" is the other's reverse in every bit, and
        # 1 - t has a rounding more, which the polynomial enlarges.
        tolerance = 5e-6 if name in ("turbo", "turbo_r") else 2e-14 if name.endswith("_r") else 0
        np.testing.assert_allclose(cmap.colors, curve, rtol=0, atol=tolerance, err_msg=name)
        assert np.array_equal(cmap.colors[::-1], cmap.reversed().colors)


def test_turbo_is_turbo():
    assert get_cmap("turbo").curve is TURBO_CURVE
    assert isinstance(get_cmap("turbo_r").curve, KnotCurve)
    assert get_cmap("turbo_r").curve == TURBO_CURVE.reversed()
    assert get_cmap("turbo_diverging").curve is TURBO_CURVE


@pytest.mark.parametrize("n", [1, 2, 3, 7, 254, 255, 257, 1024, 4097, 65536])
def test_any_length_comes_from_the_curve_without_an_error_of_interpolation(n):
    positions = np.arange(n) / (n - 1) if n > 1 else np.array([0.5])
    for name, cmap in colormaps.items():
        if len(cmap) == n:
            continue
        colors = cmap.resampled(n).colors
        assert colors.shape == (n, 3)
        assert get_cmap(name, n) == get_cmap(f"tc.{name}", n) == get_cmap(cmap, n)
        assert np.array_equal(get_cmap(name, n).colors, colors)
        if name.endswith("_r"):
            assert np.array_equal(colors, get_cmap(name[:-2], n).colors[::-1])
        else:
            assert np.array_equal(colors, cmap.curve(positions))
    if n != 256:
        assert np.array_equal(get_cmap("turbo", n).colors, turbo(positions))
        assert np.array_equal(get_cmap(None, n).colors, turbo(positions))


def test_the_length_that_a_map_has_is_the_map():
    for name, cmap in colormaps.items():
        assert get_cmap(name, len(cmap)) is cmap
    assert np.array_equal(get_cmap("turbo", 256).colors, TURBO)
    table = Colormap("mine", BLACK_WHITE)
    assert table.resampled(2) is table


def test_odd_lengths_have_the_exact_middle_and_one_color_is_the_middle():
    for n in (1, 3, 255, 1023):
        cmap = get_cmap("turbo_diverging", n)
        assert np.array_equal(cmap.colors[n // 2], TURBO_CURVE(0.5))
        assert np.array_equal(cmap.colors[n // 2], TURBO_CURVE.knots[3])


def test_resampled_keeps_the_rest():
    cmap = get_cmap("turbo").with_extremes(bad="red", under="lime", over="blue")
    other = cmap.resampled(100)
    assert (other.bad, other.under, other.over) == (cmap.bad, cmap.under, cmap.over)
    assert other.name == "turbo"
    assert other.byte_rule == "round"
    assert other.curve is cmap.curve
    assert other.resampled(1000) == cmap.resampled(1000)
    assert cmap.reversed().resampled(100) == other.reversed()
    assert cmap.reversed().resampled(100).name == "turbo_r"


def test_from_curve_is_a_map_of_any_curve():
    cmap = Colormap.from_curve("mine", bent, 5, bad="red", under="lime", over="blue")
    assert np.array_equal(cmap.colors, bent(np.arange(5) / 4))
    assert (cmap.name, cmap.bad, cmap.under) == ("mine", (1, 0, 0, 1), (0, 1, 0, 1))
    assert np.array_equal(cmap.resampled(9).colors, bent(np.arange(9) / 8))
    assert np.array_equal(cmap.reversed().resampled(9).colors, bent(np.arange(9) / 8)[::-1])
    np.testing.assert_allclose(cmap.reversed().curve(np.array([0.25])), bent(np.array([0.75])))
    assert cmap.reversed().reversed() == cmap
    assert len(Colormap.from_curve("mine", GRAY)) == 256
    levels = colorize(np.arange(256) / 255, Colormap.from_curve("g", GRAY), vmin=0, vmax=1)
    assert np.array_equal(levels[:, 0], np.arange(256))


def test_a_map_may_name_its_curve():
    cmap = Colormap("mine", [(0, 0, 0), (0.5, 0.5, 0.5), (1, 1, 1)], curve=GRAY)
    assert cmap.curve is GRAY
    assert Colormap("mine", BLACK_WHITE).curve is None
    assert cmap != Colormap("mine", cmap.colors)  # the same now, but not at other lengths
    same = Colormap("other", cmap.colors, curve=KnotCurve(GRAY.knots))
    assert cmap == same
    assert hash(cmap) == hash(same)


@pytest.mark.parametrize(
    ("curve", "error", "part"),
    [
        (3, TypeError, "curve must be callable, got 3"),
        ("turbo", TypeError, "curve must be callable"),
        (type("Unhashable", (), {"__call__": bent, "__hash__": None})(), TypeError, "hashable"),
        (lambda t: t, ValueError, r"shape \(2, 3\), got \(2,\)"),
        (lambda t: np.zeros((len(t), 4)), ValueError, r"shape \(2, 3\), got \(2, 4\)"),
        (bent, ValueError, "must be those of the curve"),
        (lambda t: np.full((len(t), 3), np.nan), ValueError, "must be those of the curve"),
    ],
)
def test_a_curve_that_is_not_the_maps_is_refused(curve, error, part):
    with pytest.raises(error, match=r"Colormap\(\): .*" + part):
        Colormap("mine", BLACK_WHITE, curve=curve)


def test_a_curve_outside_of_the_cube_of_colors_is_refused():
    with pytest.raises(ValueError, match=r"colors must lie in \[0, 1\], got -1.0 to 1.0"):
        Colormap.from_curve("mine", lambda t: np.stack([t, t, 0 * t - 1], axis=-1))
    with pytest.raises(TypeError, match=r"Colormap.from_curve\(\): curve must be callable"):
        Colormap.from_curve("mine", "turbo")


@pytest.mark.parametrize("n", [1, 2, 3, 5, 99])
def test_a_table_without_a_curve_is_interpolated(n):
    rng = np.random.default_rng(n)
    for columns in (3, 4):
        table = rng.random((4, columns))
        at = np.linspace(0, 3, n) if n > 1 else [1.5]
        expected = np.stack([np.interp(at, range(4), c) for c in table.T], axis=-1)
        for cmap in (Colormap("mine", table).resampled(n), get_cmap(table, n)):
            np.testing.assert_allclose(cmap.colors, expected, atol=1e-15)
            assert cmap.curve is None
    assert np.array_equal(get_cmap([(0.1, 0.2, 0.3)], n).colors, [(0.1, 0.2, 0.3)] * n)


@pytest.mark.parametrize("name", ["viridis", "viridis_r", "coolwarm", "tab10", "jet"])
@pytest.mark.parametrize("n", [1, 2, 7, 256, 1000])
def test_matplotlibs_maps_are_resampled_by_matplotlib(name, n):
    theirs = mpl.colormaps[name].resampled(n)
    for cmap in (get_cmap(name, n), get_cmap(mpl.colormaps[name], n)):
        assert np.array_equal(cmap.rgba, theirs(np.arange(n)))
        assert cmap.byte_rule == "truncate"
        assert cmap.name == name
    assert len(get_cmap(name)) == mpl.colormaps[name].N  # and what has no n is as before


@pytest.mark.parametrize("n", [0, -1, 65537, 10**30])
def test_a_length_out_of_range_is_refused(n):
    for function, call in (
        ("get_cmap", lambda: get_cmap("turbo", n)),
        ("get_cmap", lambda: get_cmap("viridis", n)),
        ("Colormap.resampled", lambda: get_cmap("turbo").resampled(n)),
        ("Colormap.from_curve", lambda: Colormap.from_curve("mine", GRAY, n)),
    ):
        with pytest.raises(ValueError, match="n must be from 1 to 65536, got") as caught:
            call()
        assert str(caught.value).startswith(f"{function}(): ")


@pytest.mark.parametrize("n", [256.0, "256", True, [256], 2j])
def test_a_length_that_is_no_integer_is_refused(n):
    for call in (
        lambda: get_cmap("turbo", n),
        lambda: get_cmap("turbo").resampled(n),
        lambda: Colormap.from_curve("mine", GRAY, n),
    ):
        with pytest.raises(TypeError, match="n must be an integer, got"):
            call()


def test_a_length_may_be_of_numpy():
    assert len(get_cmap("turbo", np.uint8(200))) == 200


def test_an_unknown_name_is_refused_with_a_length_too():
    with pytest.raises(ValueError, match=r"'turbos' is not known .* did you mean 'turbo'"):
        get_cmap("turbos", 9)


# --- immutable ---


def test_a_map_cannot_be_changed():
    cmap = Colormap("mine", BLACK_WHITE, under="red")
    for attribute in (*Colormap.__slots__, "new"):
        with pytest.raises(AttributeError):
            setattr(cmap, attribute, None)
        if attribute != "new":
            with pytest.raises(AttributeError):
                delattr(cmap, attribute)
    for array in (cmap.colors, cmap.rgba):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0.5


def test_a_map_keeps_its_colors_when_the_source_changes():
    table = np.zeros((2, 3))
    cmap = Colormap("mine", table)
    table[:] = 1
    assert not cmap.colors.any()
    base = np.zeros((4, 4))
    cmap = Colormap("mine", base[:2])
    base[:] = 1
    assert not cmap.rgba.any()
    source = [0.0, 0.0, 0.0]
    cmap = Colormap("mine", BLACK_WHITE, bad=source)
    source[0] = 1.0
    assert cmap.bad[0] == 0


def test_equal_maps_are_equal_and_hash_alike():
    cmap = Colormap("mine", BLACK_WHITE, under="red")
    same = Colormap("mine", np.array(BLACK_WHITE, float), under=(1, 0, 0))
    assert cmap == same
    assert hash(cmap) == hash(same)
    for other in (
        Colormap("mine", BLACK_WHITE),
        Colormap("mine", BLACK_WHITE[::-1], under="red"),
        Colormap("mine", BLACK_WHITE, under="red", byte_rule="truncate"),
        Colormap("mine", BLACK_WHITE, under="red", bad="red"),
        "mine",
        None,
    ):
        assert cmap != other


def test_a_map_survives_copying_and_pickling():
    # As it must to reach another process.
    cmap = Colormap("mine", BLACK_WHITE, bad="red", over="blue")
    maps = [cmap, cmap.reversed(), *colormaps.values(), get_cmap("turbo_r", 9)]
    for cmap in maps:
        for twin in (copy.copy(cmap), copy.deepcopy(cmap), pickle.loads(pickle.dumps(cmap))):
            assert twin == cmap
            assert hash(twin) == hash(cmap)
            assert twin.name == cmap.name
            assert twin.curve == cmap.curve
            assert twin.resampled(77) == cmap.resampled(77)
            assert not twin.colors.flags.writeable
            assert not twin.rgba.flags.writeable


def test_a_map_says_what_it_is():
    assert "mine" in repr(Colormap("mine", BLACK_WHITE))
    assert turbo_cmap.colormaps["turbo"].name in repr(turbo_cmap.colormaps)


def test_colors_may_be_texts():
    assert (Colormap("a", ["#264653", "white"]).colors * 255).tolist() == [
        [0x26, 0x46, 0x53],
        [255, 255, 255],
    ]
    assert get_cmap(("#00000000", "#fff")).colors.shape == (2, 4)
    with pytest.raises(ValueError, match=r"Colormap\(\): a color must be .*'nocolor'"):
        Colormap("a", ["#264653", "nocolor"])
    with pytest.raises(ValueError, match=r"must have shape"):
        Colormap("a", [["#264653", "#fff"]])
