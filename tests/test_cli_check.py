"""The commands that judge maps and show them as others see them."""

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner
from command import invoke as run
from command import usage_error
from conftest import TURBO, TURBO_U8
from PIL import Image

from turbo_cmap import check, colorize, get_cmap, simulate_cvd
from turbo_cmap.cli import cli
from turbo_cmap.deficiencies import CVD_KINDS

PHOTO = np.random.default_rng(2).integers(0, 256, (30, 50, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failure(*arguments):
    """The one line of a run that fails."""
    result = run(*arguments, status=1)
    assert result.stderr.count("\n") == 1
    assert not [name for name in os.listdir() if name.endswith(".part")]
    return result.stderr.strip()


def size(path):
    with Image.open(path) as image:
        return image.size


@pytest.mark.parametrize("verb", ["check", "compare", "simulate"])
def test_help_is_there_and_cheap(verb):
    import subprocess
    import sys

    result = run(verb, "--help")
    assert f"turbo-cmap {verb}" in result.stdout
    code = (
        f"import sys; from turbo_cmap.cli import cli; sys.argv = ['x', '{verb}', '--help']\n"
        "try: cli()\nexcept SystemExit: pass\nassert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


# check


def test_check_prints_the_verdicts():
    result = run("check", "turbo")
    first, *rows = result.stdout.splitlines()
    assert first == "turbo  256 colors"
    table = {row.split()[0]: row.split()[1] for row in rows}
    expected = {
        name: "pass" if verdict else "FAIL" for name, verdict in check("turbo").verdicts.items()
    }
    assert table == expected
    assert "sharpest bend of lightness 0.0772 ≤ 0.8" in result.stdout
    assert "\x1b" not in result.stdout


def test_check_takes_several_maps():
    result = run("check", "viridis", "tc.turbo_r")
    assert result.stdout.count("sequential ") == 2
    assert "\n\nturbo_r  256 colors\n" in result.stdout


def test_check_as_json():
    found = json.loads(run("check", "viridis", "jet", "--json").stdout)
    assert [one["name"] for one in found] == ["viridis", "jet"]
    assert found[0] == json.loads(check("viridis").to_json())


def test_check_shows_colors_when_asked():
    result = CliRunner().invoke(cli, ["check", "turbo", "--swatches"], color=True)
    assert result.exit_code == 0
    rows = result.stdout.splitlines()
    assert rows[0].count("▌") == 64
    assert sum(row.count("▌") == 32 for row in rows) == len(CVD_KINDS)
    assert rows[0].count("\x1b[38;2;") == 64
    r, g, b = np.rint(255 * TURBO[1]).astype(int)  # the middle of the first 1/128 of the map
    assert f"\x1b[38;2;{r};{g};{b};48;2;" in rows[0]


def test_require_is_for_ci():
    run("check", "viridis", "cividis", "--require", "gray-safe,cvd-safe, sequential")
    result = run("check", "turbo", "viridis", "--require", "gray-safe,cvd-safe", status=1)
    assert result.stderr == (
        "turbo-cmap: turbo fails gray-safe: smallest difference of far-apart entries 0.00373 < 5\n"
    )
    assert "viridis  256 colors" in result.stdout
    result = run("check", "turbo", "--require", "cvd-safe:achromatopsia", status=1)
    assert "turbo fails cvd-safe:achromatopsia" in result.stderr


def test_an_unknown_requirement_lists_all():
    message = usage_error("check", "turbo", "--require", "gray")
    assert message.startswith(
        "--require 'gray' is none of sequential, diverging, cyclic, gray-safe"
    )
    assert "cvd-safe:tritanopia" in message
    assert usage_error("check", "turbo", "--require", " , ") == "--require needs names of verdicts"


def test_check_reads_images_of_maps():
    Image.fromarray(np.repeat(TURBO_U8[np.newaxis], 9, axis=0)).save("bar.png")
    result = run("check", "bar.png", "--json")
    expected = json.loads(check(TURBO_U8, name="bar.png").to_json())
    assert json.loads(result.stdout) == [expected]


def test_check_reads_tables():
    np.save("map.npy", TURBO)
    assert (
        json.loads(run("check", "map.npy", "--json").stdout)[0]["verdicts"]
        == json.loads(check("turbo").to_json())["verdicts"]
    )


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_check_writes_the_figure(suffix):
    result = run("check", "turbo", "--figure", f"turbo.{suffix}")
    assert result.stdout.endswith(f"turbo -> turbo.{suffix}\n")
    with open(f"turbo.{suffix}", "rb") as file:
        head = file.read(8)
    assert head.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix])


def test_check_writes_a_page():
    run("check", "turbo", "--html", "turbo.html")
    with open("turbo.html", encoding="utf-8") as file:
        assert "data:image/png;base64," in file.read()


def test_several_maps_go_into_a_folder():
    result = run("check", "turbo", "viridis", "--figure", "reports/")
    assert sorted(os.listdir("reports")) == ["turbo.png", "viridis.png"]
    assert f"viridis -> {os.path.join('reports', 'viridis.png')}" in result.stdout


def test_check_replaces_only_when_told_to():
    with open("turbo.html", "w") as file:
        file.write("mine")
    assert (
        failure("check", "turbo", "--html", "turbo.html")
        == "turbo-cmap: turbo.html: exists already; --force replaces it"
    )
    with open("turbo.html") as file:
        assert file.read() == "mine"
    run("check", "turbo", "--html", "turbo.html", "--force")
    assert os.path.getsize("turbo.html") > 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "Missing argument"),
        (
            ["check", "turbo", "--figure", "a.gif"],
            "a.gif: the suffix must be one of .png .pdf .svg",
        ),
        (["check", "turbo", "--html", "none/a.html"], "none/a.html: there is no folder none"),
        (
            ["check", "turbo", "jet", "--figure", "a.png"],
            "a.png: with 2 maps it is a folder; end it in '/'",
        ),
        (
            ["check", "turbo", "tc.turbo", "a/turbo", "--figure", "b/"],
            "turbo and a/turbo would both become b/turbo.png",
        ),
    ],
)
def test_check_refuses_wrong_usage(arguments, message):
    assert message in usage_error(*arguments)


def test_check_says_what_is_wrong_with_a_file():
    assert failure("check", "none.png") == "turbo-cmap: none.png: there is no such file or map"
    assert "cmap 'turbow' is not known" in failure("check", "turbow")
    with open("text.png", "w") as file:
        file.write("text")
    assert failure("check", "text.png").startswith("turbo-cmap: text.png: ")
    Image.fromarray(PHOTO).save("photo.png")
    assert "photo.png: an image of a map must be the same all across" in failure(
        "check", "photo.png"
    )
    Image.new("RGB", (8, 8), "red").save("red.png")
    assert failure("check", "red.png").endswith(
        "red.png: the map must have at least 2 colors, got 1"
    )
    Image.fromarray(np.zeros((4, 4), np.uint16)).save("depth.png")
    assert "a gray image of numbers" in failure("check", "depth.png")


def test_check_goes_on_after_a_failure():
    result = run("check", "nothing", "viridis", status=1)
    assert "viridis  256 colors" in result.stdout
    assert json.loads(run("check", "nothing", "viridis", "--json", status=1).stdout)[0]["name"] == (
        "viridis"
    )


# compare


@pytest.fixture
def depth():
    np.save("depth.npy", np.linspace(0, 9, 60 * 80, dtype=np.float32).reshape(60, 80))
    return "depth.npy"


def test_compare_lays_maps_side_by_side(depth):
    result = run("compare", "turbo", "viridis", "--image", depth, "-o", "maps.png")
    assert result.stdout == "turbo viridis -> maps.png\n"
    width, height = size("maps.png")
    assert width > height
    with Image.open("maps.png") as image:
        pixels = {tuple(pixel) for pixel in np.asarray(image.convert("RGB")).reshape(-1, 3)}
    for name in ("turbo", "viridis"):
        middle = np.rint(255 * get_cmap(name).colors[128, :3]).astype(int)
        assert min(np.abs(np.array(list(pixels)) - middle).max(axis=1)) <= 1


def test_compare_reads_and_ranges_as_convert_does(depth):
    levels = np.rint(np.load(depth) * 256).astype(np.uint16)
    Image.fromarray(levels).save("levels.png")
    result = run(
        "compare", "turbo", "--image", "levels.png", "--preset", "kitti-depth", "-o", "a.png"
    )
    assert result.stderr == "levels.png: kitti-depth: depth in m = stored / 256; 0 is invalid\n"
    limits = np.percentile(levels[levels > 0] / 256, [5, 90])
    run("compare", "turbo", "--image", "levels.png", "--scale", 1 / 256, "--invalid", 0,
        "--robust=5,90", "-o", "b.png")  # fmt: skip
    run("compare", "turbo", "--image", "levels.png", "--preset", "kitti-depth",
        "--vmin", limits[0], "--vmax", limits[1], "-o", "c.png")  # fmt: skip
    with Image.open("b.png") as robust, Image.open("c.png") as given:
        assert np.array_equal(robust, given)


def test_compare_wraps_many_maps(depth):
    run("compare", *["turbo"] * 5, "--image", depth, "-o", "maps.png")
    run("compare", *["turbo"] * 3, "--image", depth, "-o", "row.png")
    many, row = size("maps.png"), size("row.png")
    assert many[0] == row[0]  # three and two
    assert many[1] > 1.8 * row[1]


def test_compare_has_a_scene_of_its_own():
    run("compare", "turbo", "-o", "maps.svg")
    with open("maps.svg", encoding="utf-8") as file:
        assert file.read().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "turbo"], "Missing option '-o'"),
        (["compare", "turbo", "-o", "a.gif"], "a.gif: the suffix must be one of .png .pdf .svg"),
        (["compare", "turbow", "-o", "a.png"], "did you mean 'turbo'"),
        (["compare", "turbo", "-o", "none/a.png"], "there is no folder none"),
    ],
)
def test_compare_refuses_wrong_usage(arguments, message):
    assert message in usage_error(*arguments)


def test_compare_fails_in_one_line(depth):
    assert "none.npy" in failure("compare", "turbo", "--image", "none.npy", "-o", "a.png")
    wrong = ("--vmin", 5, "--vmax", 1)
    message = usage_error("compare", "turbo", "--image", depth, *wrong, "-o", "a.png")
    assert message == "--vmin must not be greater than --vmax, got 5 > 1"
    with open("a.png", "w") as file:
        file.write("mine")
    assert "exists already" in failure("compare", "turbo", "--image", depth, "-o", "a.png")
    run("compare", "turbo", "--image", depth, "-o", "a.png", "--force")
    Image.fromarray(colorize([[0, 1]])).save("depth.png")
    message = usage_error("compare", "turbo", "--image", "depth.png", "-o", "depth.png", "--force")
    assert "never overwritten" in message


# simulate


@pytest.fixture
def photo():
    Image.fromarray(PHOTO).save("photo.png")
    return "photo.png"


def test_simulate_writes_what_others_see(photo):
    result = run("simulate", photo, "--kind", "deuteranopia", "-o", "seen.png")
    assert result.stdout == "photo.png -> seen.png  deuteranopia\n"
    with Image.open("seen.png") as image:
        assert np.array_equal(np.asarray(image), simulate_cvd(PHOTO, "deuteranopia"))
    options = ["--severity", 0.3, "--model", "brettel1997"]
    run("simulate", photo, "--kind", "protanomaly", "-o", "mild.png", *options)
    with Image.open("mild.png") as image:
        expected = simulate_cvd(PHOTO, "protanomaly", 0.3, model="brettel1997")
        assert np.array_equal(np.asarray(image), expected)


def test_simulate_keeps_alpha():
    rgba = np.concatenate([PHOTO, PHOTO[..., :1]], axis=2)
    Image.fromarray(rgba).save("photo.png")
    run("simulate", "photo.png", "--kind", "tritanopia", "-o", "seen.png")
    with Image.open("seen.png") as image:
        seen = np.asarray(image)
    assert np.array_equal(seen[..., 3], rgba[..., 3])
    assert np.array_equal(seen[..., :3], simulate_cvd(PHOTO, "tritanopia"))


def test_simulate_takes_gray_and_palette_pictures():
    Image.fromarray(PHOTO[..., 0]).save("gray.png")
    run("simulate", "gray.png", "--kind", "achromatopsia", "-o", "seen.png")
    with Image.open("seen.png") as image:
        assert np.array_equal(np.asarray(image)[..., 1], PHOTO[..., 0])
    Image.fromarray(PHOTO).quantize(16).save("palette.png")
    run("simulate", "palette.png", "--kind", "achromatopsia", "-o", "seen.png", "--force")


def test_simulate_takes_and_writes_arrays():
    np.save("photo.npy", PHOTO / np.float32(255))
    run("simulate", "photo.npy", "--kind", "protanopia", "-o", "seen.npy")
    assert np.array_equal(np.load("seen.npy"), simulate_cvd(PHOTO / np.float32(255), "protanopia"))
    run("simulate", "photo.npy", "--all", "-o", "all.png")


def test_captions_say_how_severe_it_is():
    from turbo_cmap.cli.simulate import _caption

    assert _caption("original", 0.3) == "Original"
    assert _caption("protanopia", None) == "Protanopia"
    assert _caption("protanomaly", None) == "Protanomaly, severity 0.5"
    assert _caption("blue_cone_monochromacy", 0.3) == "Blue-cone monochromacy, severity 0.3"


def test_all_makes_a_contact_sheet(photo):
    result = run("simulate", photo, "--all", "-o", "all.png")
    assert result.stdout == "photo.png -> all.png  all kinds\n"
    with Image.open("all.png") as image:
        sheet = np.asarray(image)
    assert sheet.shape[0] > 3 * 30
    assert sheet.shape[1] > 3 * 50
    for kind in ("original", *CVD_KINDS):
        seen = PHOTO if kind == "original" else simulate_cvd(PHOTO, kind)
        windows = np.lib.stride_tricks.sliding_window_view(sheet, (1, 50, 3)).reshape(-1, 50, 3)
        assert (windows == seen[7]).all(axis=(1, 2)).any(), kind


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.png"], "give either --kind or --all"),
        (["-o", "a.png", "--all", "--kind", "protanopia"], "give either --kind or --all"),
        (["-o", "a.png", "--kind", "cb"], f"kind must be one of {', '.join(CVD_KINDS)}, got 'cb'"),
        (
            ["-o", "a.png", "--kind", "protanopia", "--severity", 2],
            "severity must be in [0, 1], got 2.0",
        ),
        (["-o", "a.png", "--kind", "protanopia", "--model", "cb"], "model must be one of"),
        (["-o", "a.png", "--all", "--model", "brettel1997"], "--model goes with --kind"),
        (["-o", "a.bmp", "--all"], "the suffix must be one of"),
        (["-o", "none/a.png", "--all"], "there is no folder none"),
        (
            ["-o", "photo.png", "--all", "--force"],
            "photo.png is an input, which is never overwritten",
        ),
    ],
)
def test_simulate_refuses_wrong_usage(photo, arguments, message):
    assert message in usage_error("simulate", photo, *arguments)


def test_simulate_fails_in_one_line(photo):
    kind = ("--kind", "protanopia", "-o", "a.png")
    assert failure("simulate", "none.png", *kind).startswith("turbo-cmap: none.png: ")
    np.save("gray.npy", np.zeros((4, 5)))
    assert "gray.npy: must be RGB, of shape (..., 3), got (4, 5)" in failure(
        "simulate", "gray.npy", *kind
    )
    assert "gray.npy: must be RGB" in failure("simulate", "gray.npy", "--all", "-o", "a.png")
    np.save("wild.npy", np.full((4, 5, 3), 2.0))
    assert "wild.npy: must lie in [0, 1]" in failure("simulate", "wild.npy", *kind)
    Image.fromarray(np.zeros((4, 4), np.uint16)).save("depth.png")
    assert "a gray image of numbers" in failure("simulate", "depth.png", *kind)
    np.save("float.npy", np.zeros((4, 5, 3)))
    assert "PNG cannot hold float64" in failure("simulate", "float.npy", *kind)
    with open("a.png", "w") as file:
        file.write("mine")
    assert failure("simulate", photo, *kind) == (
        "turbo-cmap: a.png: exists already; --force replaces it"
    )
    run("simulate", photo, *kind, "--force")


@pytest.mark.parametrize("option", ["--figure", "--html"])
def test_check_never_replaces_what_it_reads(photo, option):
    name = "map.png" if option == "--figure" else "map.html"
    os.rename(photo, name)
    before = np.asarray(Image.open(name))
    message = usage_error("check", name, option, name, "--force")
    assert message == f"{name} is an input, which is never overwritten"
    assert np.array_equal(Image.open(name), before)


def test_check_names_the_option_that_is_wrong():
    message = usage_error("check", "turbo", "--figure", "a.bmp")
    assert message.startswith("--figure a.bmp: the suffix must be one of ")
    message = usage_error("check", "turbo", "--html", "no/a.html")
    assert message == "--html no/a.html: there is no folder no"
