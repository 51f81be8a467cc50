"""What a picture's file says of how its colors were made."""

import contextlib
import io as std_io
import json
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import turbo_cmap
from turbo_cmap import colorize
from turbo_cmap.io import ReadError, Recipe, Region, read_recipe, write
from turbo_cmap.io.notes import PngWithText
from turbo_cmap.io.pictures import read_picture
from turbo_cmap.io.streams import write_bands

RECIPE = Recipe(
    "turbo",
    vmin=0.1,
    vmax=80,
    norm="inverse",
    reverse=True,
    quantize=12,
    bad="#ff0000",
    over="#00ff0080",
    unit="µm",
    region=Region(1, 2, 3, 4),
    size=(12, 9),
)
PLAIN = {"turbo_cmap": "1", "format": 1, "cmap": "turbo", "vmin": 0, "vmax": 1}
DEPTH = np.linspace(0, 1, 9 * 12, dtype=np.float32).reshape(9, 12)


def text(**changes):
    return json.dumps({**PLAIN, **changes})


# --- as text ---


def test_a_recipe_survives_being_text():
    assert Recipe.from_json(RECIPE.to_json()) == RECIPE
    assert RECIPE.to_json().isascii()
    assert json.loads(RECIPE.to_json())["turbo_cmap"] == turbo_cmap.__version__


@given(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2))
def test_limits_survive_to_the_last_bit(limits):
    recipe = Recipe("turbo", vmin=min(limits), vmax=max(limits))
    again = Recipe.from_json(recipe.to_json())
    assert (again.vmin, again.vmax) == (recipe.vmin, recipe.vmax)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cmap": 3}, "cmap must be a string, got int"),
        ({"cmap": ""}, "cmap must be 1 to 100 printable characters, got ''"),
        ({"cmap": "x" * 101}, "cmap must be 1 to 100 printable characters"),
        ({"cmap": "a\x1b[31mb"}, "cmap must be 1 to 100 printable characters, got 'a\\x1b[31mb'"),
        ({"vmin": "0"}, "vmin must be a number, got str"),
        ({"vmin": True}, "vmin must be a number, got bool"),
        ({"vmin": 2}, "vmin must not be greater than vmax, got 2.0 > 1.0"),
        ({"vmin": None}, "vmin must be a number, got NoneType"),
        ({"norm": "cubic"}, "norm must be one of linear, log"),
        ({"norm": []}, "norm must be one of linear, log"),
        ({"norm": "log"}, "vmin must be greater than 0 with norm log, got 0.0"),
        ({"center": 2}, "center must lie between vmin and vmax, got 2.0"),
        ({"center": 0.5, "norm": "sqrt"}, "norm must be linear with center, got sqrt"),
        ({"reverse": 1}, "reverse must be a bool, got int"),
        ({"quantize": 0}, "quantize must be from 1 to 65536"),
        ({"quantize": 2.0}, "quantize must be an integer, got float"),
        ({"method": "magic"}, "method must be one of lut, spline, poly, got 'magic'"),
        ({"bad": "red"}, "bad must be #rrggbb or #rrggbbaa, got 'red'"),
        ({"over": "#12345"}, "over must be #rrggbb or #rrggbbaa"),
        ({"unit": "m\n"}, "unit must be 1 to 100 printable characters"),
        ({"region": [0, 0, 1, 1]}, "size must be given with region"),
        ({"region": [0, 0, 0, 1], "size": [5, 5]}, "region must be from 1"),
        ({"region": [-1, 0, 1, 1], "size": [5, 5]}, "region must be from 0"),
        ({"region": [3, 0, 3, 1], "size": [5, 5]}, "region must lie in the picture"),
        ({"region": [0, 0, 1], "size": [5, 5]}, "region must be 4 integers"),
        ({"region": {"left": 0}, "size": [5, 5]}, "region must be 4 integers"),
        ({"size": [5, 2**40]}, "size must be from 1"),
        ({"alpha": 1.5}, "alpha must lie in [0, 1], got 1.5"),
        ({"format": 2}, "its format is 2, of which this version knows nothing"),
        ({"format": "1"}, "it does not say which format it has"),
        ({"turbo_cmap": None}, "version must be a string, got NoneType"),
        ({"colour": "red"}, "it has unknown fields: 'colour'"),
        ({"__class__": "os"}, "it has unknown fields: '__class__'"),
    ],
    ids=str,
)
def test_what_is_no_recipe_is_refused_with_its_reason(changes, reason):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        Recipe.from_json(text(**changes))
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 8000,
        '{"turbo_cmap": "1", "format": 1, "cmap": "turbo", "vmin": NaN, "vmax": 1}',
        '{"turbo_cmap": "1", "format": 1, "cmap": "turbo", "vmin": 0, "vmax": 1e999}',
        '{"turbo_cmap": "1", "format": 1, "cmap": "turbo", "vmin": 0, "vmax": 1' + "0" * 4500 + "}",
        '{"turbo_cmap": "1", "format": 1, "cmap": "turbo", "vmin": 0}',
        text() + " " * 10_000,
        text()[:-1],
    ],
    ids=lambda hostile: hostile[:60] or "empty",
)
def test_hostile_text_is_one_line(hostile):
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        Recipe.from_json(hostile)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


_NEARLY = st.sampled_from(
    [
        None, True, 0, 1, -1, 0.5, 1e308, 5e-324, -0.0, 2**63, 10**400, "", "x", "#00ff00", "#FFF",
        "log", "lut", "turbo", "\n", "\u2028", "\ud800", "a" * 101, [0, 0, 1, 1], [0, 0, 0, 0],
        [1, 1], [True, 1], [2**32, 1], [], {},
    ]
)  # fmt: skip
_FIELDS = [*Recipe.__dataclass_fields__, "turbo_cmap", "format", "vmin\n"]


@settings(max_examples=300)
@given(
    st.text(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(list(PLAIN)) | st.text(), inner)
        ),
    ).map(lambda found: json.dumps({**PLAIN, **found} if isinstance(found, dict) else found))
    | st.dictionaries(st.sampled_from(_FIELDS), _NEARLY, max_size=3).map(
        lambda found: json.dumps({**PLAIN, **found})
    )
)
def test_any_text_is_a_recipe_or_a_line(anything):
    try:
        recipe = Recipe.from_json(anything)
    except ValueError as error:
        told = str(error)
        assert told
        assert told.isprintable()
        assert len(told) < 300
    else:
        again = Recipe.from_json(recipe.to_json())
        assert again == recipe
        assert repr(again) == repr(recipe)  # -0.0, too


# --- in files ---

HOLDERS = [
    ("a.png", {}),
    ("a.png", {"dtype": "uint16"}),
    ("a.png", {"order": "rgba"}),
    ("a.png", {"order": "rgba", "dtype": "uint16"}),
    ("a.tif", {}),
    ("a.tiff", {"dtype": "float32"}),
    ("a.tif", {"dtype": "uint16", "order": "rgba"}),
    ("a.jpg", {}),
    ("a.webp", {"order": "rgba"}),
]


@pytest.mark.parametrize(("name", "options"), HOLDERS, ids=str)
def test_every_format_of_pictures_keeps_it_beside_the_pixels(tmp_path, name, options):
    values = DEPTH.copy()
    values[0, 0] = np.nan
    picture = colorize(values, **options)
    write(tmp_path / name, picture)
    bare = read_picture(tmp_path / name)
    assert read_recipe(tmp_path / name) is None
    write(tmp_path / name, picture, recipe=RECIPE, force=True)
    assert read_recipe(tmp_path / name) == RECIPE
    np.testing.assert_array_equal(read_picture(tmp_path / name), bare)


def test_palette_pictures_keep_it(tmp_path):
    indices = np.arange(6, dtype=np.uint8).reshape(2, 3)
    palette = np.arange(18, dtype=np.uint8).reshape(6, 3)
    write(tmp_path / "a.png", indices, palette=palette, recipe=RECIPE)
    assert read_recipe(tmp_path / "a.png") == RECIPE
    assert (read_picture(tmp_path / "a.png") == palette[indices]).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_pictures_written_in_bands_keep_it(tmp_path, name):
    picture = colorize(DEPTH)
    bands = (picture[:4], picture[4:])
    write_bands(tmp_path / name, bands, picture.shape, picture.dtype, recipe=RECIPE)
    assert read_recipe(tmp_path / name) == RECIPE
    assert (read_picture(tmp_path / name) == picture).all()


def test_npy_has_no_place_for_it(tmp_path):
    write(tmp_path / "a.npy", colorize(DEPTH), recipe=RECIPE)
    assert read_recipe(tmp_path / "a.npy") is None


def test_other_programs_see_it_too(tmp_path):
    write(tmp_path / "a.png", colorize(DEPTH), recipe=RECIPE)
    with Image.open(tmp_path / "a.png") as image:
        assert json.loads(image.info["turbo_cmap"])["vmax"] == 80
    write(tmp_path / "a.tif", colorize(DEPTH), recipe=RECIPE)
    with Image.open(tmp_path / "a.tif") as image:
        assert json.loads(image.tag_v2[270])["unit"] == "µm"


@pytest.mark.parametrize("pieces", [1, 7, 8, 33, 1000])
def test_the_text_follows_the_header_however_it_arrives(pieces):
    plain = std_io.BytesIO()
    Image.fromarray(colorize(DEPTH)).save(plain, "PNG")
    whole, target = plain.getvalue(), std_io.BytesIO()
    file = PngWithText(target, RECIPE.to_json())
    for start in range(0, len(whole), pieces):
        file.write(whole[start : start + pieces])
    with Image.open(std_io.BytesIO(target.getvalue())) as image:
        assert Recipe.from_json(image.info["turbo_cmap"]) == RECIPE
        assert (np.asarray(image) == colorize(DEPTH)).all()
    assert target.getvalue()[:33] == whole[:33]


def test_texts_of_others_are_none(tmp_path):
    picture = Image.fromarray(colorize(DEPTH))
    picture.save(tmp_path / "a.jpg", comment="a view of the garden")
    picture.save(tmp_path / "a.tif", tiffinfo={270: '{"shape": [9, 12, 3]}'})
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "a.webp")
    for name in ("a.jpg", "a.tif", "a.png", "a.webp"):
        assert read_recipe(tmp_path / name) is None
    (tmp_path / "a.txt").write_text(RECIPE.to_json())
    assert read_recipe(tmp_path / "a.txt") is None


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"turbo_cmap\0{}", "it does not say which format it has"),
        (b"turbo_cmap\0" + b"[" * 60_000, "it has 60000 characters"),
        (b"turbo_cmap\0" + b"\xff\xfe", "it is no JSON"),
        (b"turbo_cmap\0" + text(cmap="\x1b]0;x\x07").encode(), "printable"),
    ],
    ids=["empty", "long", "bytes", "escape"],
)
def test_a_damaged_chunk_is_one_line(tmp_path, data, reason):
    write(tmp_path / "a.png", colorize(DEPTH))
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[:33] + chunk(b"tEXt", data) + whole[33:])
    with pytest.raises(ReadError, match=r"a\.png: its recipe cannot be used: ") as caught:
        read_recipe(tmp_path / "a.png")
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_truncated_files_are_an_error_or_none(tmp_path):
    for name in ("a.png", "a.tif", "a.jpg", "a.webp"):
        write(tmp_path / name, colorize(DEPTH), recipe=RECIPE)
        whole = (tmp_path / name).read_bytes()
        for size in range(0, len(whole), 5):
            (tmp_path / "cut").write_bytes(whole[:size])
            with contextlib.suppress(ReadError):  # and nothing else
                assert read_recipe(tmp_path / "cut") in (None, RECIPE)


def test_missing_files_and_wrong_types(tmp_path):
    with pytest.raises(ReadError, match="No such file"):
        read_recipe(tmp_path / "no.png")
    with pytest.raises(TypeError, match="path must be a string or a path, got 3"):
        read_recipe(3)
    with pytest.raises(TypeError, match="recipe must be a Recipe, got str"):
        write(tmp_path / "a.png", colorize(DEPTH), recipe="turbo")
    assert not (tmp_path / "a.png").exists()
