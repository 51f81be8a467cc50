"""`Colormap`, `get_cmap` and `colormaps`: which colours a name, an object or a table stands for."""

import collections.abc
import copy
import pickle

import matplotlib as mpl
import numpy as np
import pytest
from conftest import TURBO, TURBO_U8
from matplotlib.colors import ListedColormap

import turbo_cmap
from turbo_cmap import Colormap, colorize, colormaps, get_cmap

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
    assert {"turbo", "turbo_r"} <= set(colormaps)
    assert len(colormaps) == len(list(colormaps))
    for name, cmap in colormaps.items():
        assert isinstance(cmap, Colormap)
        assert cmap.name == name
        assert name in colormaps
    assert "viridis" not in colormaps
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


# --- immutable ---


def test_a_map_cannot_be_changed():
    cmap = Colormap("mine", BLACK_WHITE, under="red")
    for attribute in ("name", "colors", "rgba", "bad", "under", "over", "byte_rule", "new"):
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
    for twin in (copy.copy(cmap), copy.deepcopy(cmap), pickle.loads(pickle.dumps(cmap))):
        assert twin == cmap
        assert not twin.colors.flags.writeable


def test_a_map_says_what_it_is():
    assert "mine" in repr(Colormap("mine", BLACK_WHITE))
    assert turbo_cmap.colormaps["turbo"].name in repr(turbo_cmap.colormaps)
