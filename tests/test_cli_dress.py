"""Bars, titles and photographs around pictures, and the way back from them."""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from command import invoke as run
from command import usage_error
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from turbo_cmap import colorize, overlay
from turbo_cmap.cli._layout import Page, _broken
from turbo_cmap.cli._numbers import Numbers, grown, numbers_of, shrunk
from turbo_cmap.fonts import font
from turbo_cmap.io import Recipe, read, read_recipe, write
from turbo_cmap.io.pictures import read_picture

DATA = Path(__file__).parent / "data"
DEPTH = np.linspace(0.5, 80, 48 * 64, dtype=np.float32).reshape(48, 64)
PHOTO = np.random.default_rng(2).integers(0, 256, (96, 128, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own, with a depth image and a photograph."""
    monkeypatch.chdir(tmp_path)
    np.save("depth.npy", DEPTH)
    write("photo.png", PHOTO)
    return tmp_path


def convert(*arguments, source="depth.npy", target="out.png"):
    run("convert", source, "-o", target, "--force", *arguments)
    return read_picture(target)


refused = partial(usage_error, "convert", "depth.npy", "-o", "out.png")


def failed(*arguments, source="depth.npy"):
    before = sorted(os.listdir())
    result = run("convert", source, "-o", "out.png", *arguments, status=1)
    assert sorted(os.listdir()) == before
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


def colored_part(path="out.png"):
    recipe = read_recipe(path)
    left, top, width, height = recipe.region
    picture = read_picture(path)
    assert recipe.size == (picture.shape[1], picture.shape[0])
    return picture[top : top + height, left : left + width]


# --- what is around the colors ---


@pytest.mark.parametrize("side", ["right", "bottom"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_bar_leaves_the_colors_as_they_are(side, theme):
    picture = convert("--colorbar", side, "--label", "Depth", "--unit", "m", "--theme", theme)
    assert (colored_part() == colorize(DEPTH)).all()
    assert read_recipe("out.png").unit == "m"
    longer = 1 if side == "right" else 0
    assert picture.shape[longer] > DEPTH.shape[longer] + 30
    ground = (255, 255, 255) if theme == "light" else (0x17, 0x17, 0x1A)
    for corner in picture[[0, 0, -1, -1], [0, -1, 0, -1]]:
        assert tuple(corner) == ground


def test_the_label_is_what_the_preset_says():
    write("depth.png", (DEPTH * 256).astype(np.uint16))
    arguments = ("--colorbar", "right", "--scale", 1 / 256, "--invalid", 0)
    labeled = convert(*arguments, "--unit", "m", "--label", "Depth", source="depth.png")
    named = ("--colorbar", "right", "--preset", "kitti-depth")
    assert np.array_equal(convert(*named, source="depth.png"), labeled)
    assert not np.array_equal(convert(*named, "--label", "z", source="depth.png"), labeled)
    without = convert(*arguments, "--unit", "m", source="depth.png")
    assert np.array_equal(convert(*named, "--label", "", source="depth.png"), without)
    assert not np.array_equal(labeled, without)


@pytest.mark.parametrize("shape", [(24, 32), (32, 32), (300, 20), (2, 500), (1, 1), (700, 900)])
@pytest.mark.parametrize("side", ["right", "bottom"])
def test_nothing_touches_the_edge_at_any_size(shape, side):
    np.save("any.npy", np.linspace(0.001, 12345.678, shape[0] * shape[1]).reshape(shape))
    title = "{name}: {vmin} to {vmax} {unit} of a title that is rather long"
    picture = convert(
        *("--colorbar", side, "--label", "Disparity", "--unit", "px", "--title", title),
        source="any.npy",
    )
    margin = 6
    for edge in (picture[:margin], picture[-margin:], picture[:, :margin], picture[:, -margin:]):
        assert (edge == 255).all()
    assert (colored_part() == colorize(np.load("any.npy"))).all()


def test_a_title_is_filled_in():
    plain = convert("--title", "depth 0.5 80 m depth.npy")
    filled = convert("--title", "{stem} {vmin} {vmax} {unit} {name}", "--unit", "m")
    assert (plain == filled).all()
    rounded = convert("--title", "{vmax:.1f} {{x}}")
    assert (rounded == convert("--title", "80.0 {{x}}")).all()
    assert convert("--title", "two\\nlines").shape[0] > convert("--title", "one line").shape[0]


def test_a_photograph_stands_to_the_left_as_high_as_the_colors():
    picture = convert("--side-by-side", "photo.png")
    region = read_recipe("out.png").region
    photo = np.asarray(Image.fromarray(PHOTO).resize((64, 48), Image.Resampling.LANCZOS))
    rows = slice(region.top, region.top + 48)
    gap = region.left - 64 - region.top
    assert gap > 0
    assert (picture[rows, region.left - gap - 64 : region.left - gap] == photo).all()
    assert (colored_part() == colorize(DEPTH)).all()


def test_photograph_and_colors_are_level_whatever_stands_below():
    picture = convert("--side-by-side", "photo.png", "--colorbar", "bottom", "--title", "x")
    region = read_recipe("out.png").region
    photo = np.asarray(Image.fromarray(PHOTO).resize((64, 48), Image.Resampling.LANCZOS))
    beside = picture[region.top : region.top + 48]
    assert any((beside[:, x : x + 64] == photo).all() for x in range(region.left - 64))


@pytest.mark.parametrize("alpha", [0, 0.25, 1])
def test_overlay_is_that_of_the_library(alpha):
    values = DEPTH.copy()
    values[:5] = np.nan
    values[5:9] = -1
    np.save("holes.npy", values)
    photo = np.asarray(Image.fromarray(PHOTO).resize((64, 48), Image.Resampling.LANCZOS))
    options = ("--invalid", -1, "--overlay", "photo.png", "--alpha", alpha)
    expected = overlay(photo, values, alpha=alpha, invalid=-1)
    assert (convert(*options, source="holes.npy") == expected).all()
    expected = overlay(photo, values, alpha=alpha, invalid=-1, norm="log", bad="red")
    found = convert(*options, "--norm", "log", "--bad", "red", source="holes.npy")
    assert (found == expected).all()


def test_photographs_of_many_inputs_are_found_by_their_stems():
    os.makedirs("photos")
    for number in range(2):
        np.save(f"{number}_depth.npy", DEPTH)
        write(f"photos/{number}_depth.png", np.full((48, 64, 3), 10 + number, np.uint8))
        write(f"photos/{number}_rgb.jpg", np.full((48, 64, 3), 20 + number, np.uint8))
    inputs = ("0_depth.npy", "1_depth.npy")
    for place, level in (
        ("photos", 10),
        ("photos/{stem}.png", 10),
        ("photos/{stem-_depth}_rgb.jpg", 20),
    ):
        run("convert", *inputs, "-o", "out/", "--force", "--overlay", place, "--alpha", 0)
        for number in range(2):
            assert (read_picture(f"out/{number}_depth.png") == level + number).all()


def test_photographs_that_are_not_there_or_do_not_fit():
    os.makedirs("photos")
    assert "photos has no photograph of its stem, such as depth.jpg" in failed(
        "--overlay", "photos"
    )
    write("photos/depth.png", PHOTO)
    write("photos/depth.jpg", PHOTO)
    assert "several photographs of its stem: depth.jpg and depth.png" in failed(
        "--side-by-side", "photos"
    )
    assert "no.png: " in failed("--side-by-side", "{stem-depth}no.png")
    assert "its stem does not end in _x" in failed("--overlay", "{stem-_x}.png")
    write("wide.png", PHOTO[:50])
    assert failed("--overlay", "wide.png") == (
        "turbo-cmap: wide.png: has another aspect, 128x50, than the numbers, 64x48"
    )
    write("gray16.png", np.zeros((4, 4), np.uint16))
    assert "no picture" in failed("--overlay", "gray16.png")


def test_wrong_options_are_refused_before_anything_is_read():
    assert "there is no such file or folder" in refused("--overlay", "no.png")
    assert "fields are {stem}, {stem-TEXT} and {name}, got {x}" in refused("--overlay", "{x}.png")
    assert "a brace without its other" in refused("--overlay", "{stem}}.png")
    assert "fields are {stem}, {name}" in refused("--title", "{x}")
    assert "got {stem.x}" in refused("--title", "{stem.x}")
    assert "got {vmin}" in refused("--title", "{vmin!r}")
    assert "--title '{': " in refused("--title", "{")
    assert "--title '{vmin:d}': " in refused("--title", "{vmin:d}")
    assert "longer than 1000" in refused("--title", "{vmin:2000}")
    assert refused("--label", "Depth") == "--label is of no use without --colorbar"
    assert refused("--alpha", 0.3) == "--alpha is of no use without --overlay"
    assert "--dtype uint8 and --order rgb or rgba" in refused(
        "--colorbar", "right", "--dtype", "uint16"
    )
    assert "not in the range" in refused("--overlay", "photo.png", "--alpha", 2)
    assert "not in the range" in refused("--max-size", 0)


def test_rgba_pages_are_transparent():
    values = DEPTH.copy()
    values[0, 0] = np.nan
    np.save("holes.npy", values)
    picture = convert("--order", "rgba", "--colorbar", "right", "--title", "x", source="holes.npy")
    assert picture.shape[2] == 4
    assert picture[0, 0, 3] == 0
    assert (colored_part() == colorize(values, order="rgba")).all()


def test_an_equalized_picture_can_have_a_bar_and_be_smaller():
    picture = convert("--norm", "equalize", "--colorbar", "right", "--max-size", 32)
    whole = colorize(DEPTH, norm="equalize")
    assert (colored_part() == whole[1::2, 1::2]).all()
    assert (convert("--norm", "equalize", "--max-size", 32) == whole[1::2, 1::2]).all()
    assert picture.shape[1] > 32


# --- numbers made smaller or denser ---


def test_the_range_is_that_of_what_was_measured():
    values = np.full((40, 40), 5, np.float32)
    values[0, 0], values[1, 1] = 0, 10  # which a smaller picture does not have
    np.save("spikes.npy", values)
    for options in (("--max-size", 8), ("--dilate", 1), ("--max-size", 8, "--dilate", 2)):
        run("convert", "spikes.npy", "-o", "out.png", "--force", *options)
        recipe = read_recipe("out.png")
        assert (recipe.vmin, recipe.vmax) == (0, 10)
    assert read_picture("out.png").shape == (8, 8, 3)


def brute_shrunk(values, measured, shape):
    """The rule, pixel by pixel."""
    (tall, wide), (height, width) = values.shape, shape
    found, present = np.zeros(shape, values.dtype), np.zeros(shape, bool)
    for i in range(height):
        for j in range(width):
            middle = (2 * i + 1) * tall // (2 * height), (2 * j + 1) * wide // (2 * width)
            found[i, j], present[i, j] = values[middle], measured[middle]
            best = np.inf
            for y in range(i * tall // height, (i + 1) * tall // height):
                for x in range(j * wide // width, (j + 1) * wide // width):
                    off = ((i + 0.5) * tall / height - 0.5 - y) ** 2
                    off += ((j + 0.5) * wide / width - 0.5 - x) ** 2
                    if not measured[middle] and measured[y, x] and off < best:
                        best, found[i, j], present[i, j] = off, values[y, x], True
    return found, present


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 23),
    st.integers(1, 23),
    st.integers(1, 12),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_each_cell_has_the_measurement_nearest_to_its_middle(tall, wide, longest, sparse, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 60_000, (tall, wide)).astype(np.uint16)
    measured = rng.random((tall, wide)) >= sparse
    found = shrunk(Numbers(values, measured), longest)
    assert max(found.values.shape) <= max(longest, 1)
    expected, present = brute_shrunk(values, measured, found.values.shape)
    assert (found.measured == present).all()
    assert (found.values[present] == expected[present]).all()


def test_nothing_is_enlarged_and_a_view_stays_a_view():
    numbers = numbers_of(DEPTH)
    assert shrunk(numbers, 64) is numbers
    assert shrunk(numbers, 1).values.shape == (1, 1)
    assert shrunk(numbers_of(np.ones((2, 900))), 30).values.shape == (1, 30)


@pytest.mark.parametrize("dtype", ["u1", "i2", ">u2", "i8", "u8", "f2", ">f4", "f8", "?"])
@pytest.mark.parametrize("greatest", [False, True])
def test_gaps_get_the_measurement_in_front(dtype, greatest):
    rng = np.random.default_rng(5)
    values = rng.integers(0, 2 if dtype == "?" else 100, (17, 23)).astype(dtype)
    if dtype in ("i8", "u8"):
        values += np.asarray(2**62, dtype)  # more than a float64 holds
    measured = rng.random(values.shape) < 0.1
    for radius in (1, 2, 5, 40):
        found = grown(Numbers(values, measured), radius, greatest=greatest)
        for y, x in np.ndindex(values.shape):
            near = (
                slice(max(0, y - radius), y + radius + 1),
                slice(max(0, x - radius), x + radius + 1),
            )
            reach = values[near][measured[near]]
            assert found.measured[y, x] == bool(reach.size)
            if measured[y, x]:
                assert found.values[y, x] == values[y, x]
            elif reach.size:
                assert found.values[y, x] == (reach.max() if greatest else reach.min())


def test_of_disparities_the_greatest_is_in_front():
    values = np.zeros((1, 3), np.float32)
    values[0, [0, 2]] = 1, 9
    np.save("sparse.npy", values)
    for unit, front in (("m", 1), ("px", 9)):
        options = ("--invalid", 0, "--dilate", 1, "--vmin", 0, "--vmax", 10, "--unit", unit)
        found = convert(*options, source="sparse.npy")
        assert (found == colorize([[1, front, 9]], vmin=0, vmax=10)).all()


# --- words ---


@given(st.text(max_size=80), st.integers(20, 300))
def test_lines_fit_and_nothing_is_lost(text, width):
    face = font(12)
    lines = _broken(text, width, face.getlength)
    assert all(face.getlength(line) <= width or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_what_does_not_fit_ends_in_dots():
    page = Page.for_pictures("light", 100, 100)
    short = page.text("word " * 40, 100, lines=2)
    assert short.height < page.text("word " * 40, 100).height
    assert short.width == 100


# --- and back ---

STEPS = [
    (),
    ("--norm", "log"),
    ("--norm", "inverse"),
    ("--norm", "sqrt"),
    ("--norm", "symlog"),
    ("--norm", "asinh"),
    ("--center", "40"),
    ("--center", "10", "--cmap", "coolwarm"),
    ("--quantize", "16"),
    ("--reverse",),
    ("--cmap", "viridis", "--reverse", "--quantize", "100"),
    ("--method", "spline", "--dtype", "uint16"),
    ("--robust", "5,95"),
    ("--bad", "white", "--under", "magenta", "--over", "#010203"),
    ("--order", "rgba"),
]


def step(options, size=256):
    """So many values apart are two colors, on the scale."""
    return float(options[options.index("--quantize") + 1]) if "--quantize" in options else size


@pytest.mark.parametrize("options", STEPS, ids=" ".join)
@pytest.mark.parametrize("target", ["out.png", "out.tif"])
def test_uncolor_needs_no_options(options, target):
    values = DEPTH.copy()
    values[3, 4] = np.nan
    np.save("depth.npy", values)
    dressed = "--dtype" not in options
    around = ("--colorbar", "bottom", "--title", "{stem}") if dressed else ()
    for more in {(), around}:
        convert(*options, *more, target=target)
        run("uncolor", target, "-o", "back.npy", "--force")
        found = np.load("back.npy")
        assert found.shape == values.shape
        recipe = read_recipe(target)
        again = {
            name: getattr(recipe, name)
            for name in ("vmin", "vmax", "norm", "center", "reverse", "quantize", "method")
            if getattr(recipe, name) is not None
        }
        again |= {name: getattr(recipe, name) for name in ("bad", "under", "over")}
        if recipe.center is not None:
            del again["vmin"]
        # As good as it can be: what was found has the colors of the picture.
        order = {"order": "rgba"} if "rgba" in options else {}
        kept = np.isfinite(found) | np.isnan(values)
        kinds = {"dtype": "uint16"} if "uint16" in options else {}
        one, other = (colorize(x, recipe.cmap, **again, **order, **kinds) for x in (values, found))
        difference = one.astype(int) - other
        assert np.abs(difference[kept]).max() <= (130 if kinds else 0)
        positions = positions_of(recipe, values), positions_of(recipe, found)
        inside = (positions[0] >= 0) & (positions[0] <= 1) & kept & ~np.isnan(values)
        off = np.abs(positions[0] - positions[1])[inside]
        assert off.max() <= 1 / step(options) + 1e-6


def positions_of(recipe, values):
    from turbo_cmap import Colorizer

    limits = {"vmin": recipe.vmin, "vmax": recipe.vmax, "norm": recipe.norm}
    if recipe.center is not None:
        limits = {"center": recipe.center, "vmax": recipe.vmax}
    return Colorizer(**limits).positions(values)


def test_a_preset_s_unit_and_scale_come_back():
    crop = np.load(DATA / "cones_crop.npz")["truth"]
    write("kitti.png", crop)
    options = ("--preset", "kitti-disparity", "--side-by-side", "photo.png", "--colorbar", "right")
    convert(*options, source="kitti.png")
    result = run("uncolor", "out.png", "-o", "back.npy")
    assert "100x80 float32  range 26.5 .. 51.25 px  " in result.stdout
    found, truth = np.load("back.npy"), crop / 256
    assert (np.isnan(found) == (crop == 0)).all()
    recipe = read_recipe("out.png")
    off = np.abs(found - truth)[crop > 0]
    assert off.max() <= (recipe.vmax - recipe.vmin) / 512 * 1.001


def test_an_ordinary_palette_picture_comes_back():
    np.save("few.npy", np.float32([[0, 1, 2, 3]]))
    convert(source="few.npy")
    with Image.open("out.png") as image:
        assert image.mode == "P"
    run("uncolor", "out.png", "-o", "back.npy")
    assert np.abs(np.load("back.npy") - [[0, 1, 2, 3]]).max() <= 3 / 512 * 1.001


def test_given_options_win_and_a_note_says_so():
    convert("--unit", "m")
    result = run("uncolor", "out.png", "-o", "back.npy", "--vmax", 10)
    assert "made with turbo, 0.5 .. 80 m; as given, --vmax 10 is used instead" in result.stderr
    assert np.load("back.npy").max() < 10
    result = run("uncolor", "out.png", "-o", "back.npy", "--vmax", 80, "--force")
    assert result.stderr == ""
    run("uncolor", "out.png", "-o", "back.npy", "--ignore-recipe", "--force")
    assert np.load("back.npy").max() < 1
    convert("--reverse")
    run("uncolor", "out.png", "-o", "back.npy", "--no-reverse", "--force")
    assert np.load("back.npy")[0, 0] > 79
    convert("--center", "40")
    run("uncolor", "out.png", "-o", "back.npy", "--vmin", 0, "--vmax", 1, "--force")
    assert np.load("back.npy").min() >= 0
    convert("--norm", "log")
    run("uncolor", "out.png", "-o", "back.npy", "--center", 0, "--vmax", 1, "--force")
    assert np.load("back.npy").min() < -0.9


def test_a_picture_over_a_photograph_has_no_way_back():
    convert("--overlay", "photo.png", "--alpha", 0.7)
    assert read_recipe("out.png").alpha == 0.7
    result = run("uncolor", "out.png", "-o", "back.npy", status=1)
    assert result.stderr == (
        "turbo-cmap: out.png: a photograph is seen through its colors: no way back\n"
    )
    convert("--norm", "equalize")
    result = run("uncolor", "out.png", "-o", "back.npy", status=1)
    assert "its scale, equalize, depends on all values it is of: no way back" in result.stderr
    assert not os.path.exists("back.npy")


def test_a_resized_page_is_not_cut():
    convert("--colorbar", "right")
    recipe = read_recipe("out.png")
    with Image.open("out.png") as image:
        small = np.asarray(image.convert("RGB").resize((40, 30)))
    write("small.png", small, recipe=recipe)
    result = run("uncolor", "small.png", "-o", "back.npy")
    assert "what is beside its colors is not cut off" in result.stderr
    assert np.load("back.npy").shape == (30, 40)


def test_a_damaged_recipe_is_a_note():
    convert(target="out.tif")
    whole = Path("out.tif").read_bytes()
    Path("out.tif").write_bytes(whole.replace(b'"format": 1', b'"format": 9'))
    result = run("uncolor", "out.tif", "-o", "back.npy", "--vmin", 0.5, "--vmax", 80)
    assert result.stderr == (
        "out.tif: its recipe cannot be used: its format is 9, of which this version knows "
        "nothing; options and defaults are used\n"
    )
    assert np.abs(np.load("back.npy") - DEPTH).max() < 0.2


def test_a_recipe_with_an_unknown_map_is_one_line():
    write("out.png", colorize(DEPTH), recipe=Recipe("no such map", 0, 1))
    result = run("uncolor", "out.png", "-o", "back.npy", status=1)
    assert result.stderr.count("\n") == 1
    assert "no such map" in result.stderr


def test_a_jpeg_comes_back_too():
    convert("--colorbar", "right", target="out.jpg")
    run("uncolor", "out.jpg", "-o", "back.npy")
    assert np.median(np.abs(np.load("back.npy") - DEPTH)) < 80 / 128


def test_large_images_converted_in_bands_say_it_too(monkeypatch):
    from turbo_cmap.cli import _windowed

    monkeypatch.setattr(_windowed, "_MOST_PIXELS", 100)
    monkeypatch.setattr(_windowed, "_LEAST_FILE", 1)
    plain = convert("--unit", "m")
    recipe = read_recipe("out.png")
    assert (recipe.vmin, recipe.vmax, recipe.unit) == (0.5, 80, "m")
    assert (plain == colorize(DEPTH)).all()
    assert convert("--max-size", 16).shape == (12, 16, 3)


def test_the_recipe_is_plain_json_for_others():
    convert("--unit", "m", "--norm", "log")
    with Image.open("out.png") as image:
        facts = json.loads(image.info["turbo_cmap"])
    assert (facts["norm"], facts["unit"], facts["vmin"]) == ("log", "m", 0.5)


@pytest.mark.parametrize("options", [(), ("--max-size", 9), ("--dilate", 1)])
def test_the_line_says_what_was_read(options):
    write("mm.png", np.tile(np.arange(64, dtype=np.uint16), (48, 1)))
    said = run("convert", "mm.png", "-o", "out.png", "--preset", "mm", *options).stdout
    assert said == "mm.png -> out.png  64x48 uint16  range 0.001 .. 0.063 m  48 of 3072 invalid\n"


def test_the_numbers_file_is_not_touched():
    before = read("depth.npy").values.copy()
    convert("--dilate", 2, "--max-size", 9)
    assert (read("depth.npy").values == before).all()


@pytest.mark.parametrize("option", ["--side-by-side", "--overlay"])
@pytest.mark.parametrize("given", ["photo_0.png", "rgb", "rgb/{stem}.png"])
def test_a_photograph_is_an_input_and_never_overwritten(option, given):
    Path("rgb").mkdir()
    write("rgb/depth.png", PHOTO)
    write("photo_0.png", PHOTO)
    target = "photo_0.png" if given == "photo_0.png" else "rgb/depth.png"
    before = Path(target).read_bytes()
    template = target.replace("depth", "{stem}").replace("0", "{index}")
    for verb, name in (("convert", target), ("video", template)):
        result = run(verb, "depth.npy", "-o", name, option, given, "--force", status=2)
        assert f"{target} is an input, which is never overwritten" in result.stderr
        assert Path(target).read_bytes() == before
    run("convert", "depth.npy", "-o", "rgb/other.png", option, given)
    run("convert", "depth.npy", "-o", "rgb/other.png", option, given, "--force")
