"""`turbo-cmap grid`: several files on one sheet."""

import os
from functools import partial

import numpy as np
import pytest
import tifffile
from command import invoke

from turbo_cmap import colorize
from turbo_cmap.io import write
from turbo_cmap.io.pictures import read_picture

A = np.linspace(1, 5, 40 * 60, dtype=np.float32).reshape(40, 60)
B = np.linspace(3, 9, 40 * 60, dtype=np.float32).reshape(40, 60)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own, with two files."""
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", A)
    np.save("b.npy", B)
    return tmp_path


run = partial(invoke, "grid")


def sheet(*arguments):
    run(*arguments, "-o", "out.png", "--force", "--cell-size", 60)
    return read_picture("out.png")


def place(whole, part):
    """Where a picture is on the sheet, (top, left); it must be there once."""
    height, width = part.shape[:2]
    tops, lefts = np.nonzero((whole == part[0, 0]).all(axis=2))
    found = [
        (int(top), int(left))
        for top, left in zip(tops, lefts, strict=True)
        if whole[top : top + height, left : left + width].shape == part.shape
        and (whole[top : top + height, left : left + width] == part).all()
    ]
    assert len(found) == 1, found
    return found[0]


def test_all_have_one_range():
    whole = sheet("a.npy", "b.npy")
    tops, lefts = zip(*(place(whole, colorize(x, vmin=1, vmax=9)) for x in (A, B)), strict=True)
    assert tops[0] == tops[1]
    assert lefts[1] > lefts[0] + 60
    result = run("a.npy", "b.npy", "-o", "new.png", "--unit", "m")
    assert result.stdout.startswith("2 files -> new.png  ")
    assert result.stdout.endswith("  range 1 .. 9 m\n")


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (("--robust",), {}),
        (("--vmin", 0, "--vmax", 20), {"vmin": 0, "vmax": 20}),
        (("--norm", "log", "--cmap", "viridis"), {"norm": "log", "cmap": "viridis"}),
        (("--reverse", "--quantize", 5), {"reverse": True, "quantize": 5}),
        (("--norm", "equalize"), {"norm": "equalize"}),
    ],
    ids=str,
)
def test_colors_are_those_of_colorize_of_both(options, keywords):
    both = np.stack([A, B])
    if "--robust" in options:
        keywords = dict(zip(("vmin", "vmax"), np.percentile(both, [2, 98]), strict=True))
        keywords = {name: float(value) for name, value in keywords.items()}
    expected = colorize(both, **keywords)
    whole = sheet("a.npy", "b.npy", *options)
    for one in expected:
        place(whole, one)


def test_a_range_for_each_if_asked():
    whole = sheet("a.npy", "b.npy", "--range", "per-file", "--no-names")
    # Both go from one end of the map to the other.
    half = whole.shape[1] // 2
    assert place(whole[:, :half], colorize(A))[0] == place(whole[:, half:], colorize(B))[0]
    assert sheet("a.npy", "b.npy", "--range", "per-file").shape[0] > whole.shape[0]


def test_columns_are_chosen_or_given():
    one_row = sheet("a.npy", "b.npy", "a.npy", "--columns", 3, "--no-names")
    one_column = sheet("a.npy", "b.npy", "a.npy", "--columns", 1, "--no-names")
    assert one_row.shape[0] < one_column.shape[0]
    assert one_row.shape[1] > one_column.shape[1]
    two = sheet("a.npy", "b.npy", "a.npy", "--columns", 2, "--no-names")
    assert place(two, colorize(B, vmin=1, vmax=9))[1] > two.shape[1] / 3
    assert sheet("a.npy", "--columns", 9).shape == sheet("a.npy").shape


def test_pictures_of_other_sizes_get_the_size_of_a_cell():
    np.save("large.npy", np.repeat(np.repeat(A, 4, 0), 4, 1))
    np.save("small.npy", A[:15, :20])
    whole = sheet("large.npy", "small.npy", "--vmin", 1, "--vmax", 5, "--colorbar", "none")
    place(whole, colorize(A, vmin=1, vmax=5))
    place(whole, colorize(A[:15, :20], vmin=1, vmax=5).repeat(3, 0).repeat(3, 1))


def test_names_bars_titles_and_themes_are_there_or_not():
    plain = sheet("a.npy", "b.npy", "--no-names", "--colorbar", "none")
    assert sheet("a.npy", "b.npy", "--colorbar", "none").shape[0] > plain.shape[0]
    assert sheet("a.npy", "b.npy", "--no-names").shape[1] > plain.shape[1]
    bottom = sheet("a.npy", "b.npy", "--no-names", "--colorbar", "bottom", "--label", "Depth")
    assert bottom.shape[0] > plain.shape[0]
    titled = sheet("a.npy", "b.npy", "--no-names", "--colorbar", "none", "--title", "Two")
    assert titled.shape[0] > plain.shape[0]
    dark = sheet("a.npy", "b.npy", "--theme", "dark")
    assert tuple(dark[0, 0]) == (0x17, 0x17, 0x1A)
    for edge in (plain[:8], plain[-8:], plain[:, :8], plain[:, -8:]):
        assert (edge == 255).all()


def test_the_label_is_what_the_preset_says():
    write("d.png", (A * 256).astype(np.uint16))
    said = ("--no-names", "--preset", "kitti-disparity")
    labeled = sheet("d.png", *said, "--label", "Disparity")
    assert np.array_equal(sheet("d.png", *said), labeled)
    assert not np.array_equal(sheet("d.png", *said, "--label", ""), labeled)


def test_a_fixed_range_is_that_of_the_options():
    fixed = sheet("a.npy", "b.npy", "--range", "fixed", "--vmin", 0, "--vmax", 20)
    assert np.array_equal(fixed, sheet("a.npy", "b.npy", "--vmin", 0, "--vmax", 20))
    place(fixed, colorize(A, vmin=0, vmax=20))
    result = run("a.npy", "-o", "x.png", "--range", "fixed", "--vmin", 0, status=2)
    assert "--range fixed needs --vmin and --vmax" in result.stderr


def test_a_file_that_cannot_be_read_is_left_out():
    write("rgb.png", np.zeros((4, 4, 3), np.uint8))
    for extent in ("shared", "per-file"):
        result = run(
            *("a.npy", "no.npy", "rgb.png", "b.npy", "-o", "out.png", "--force"),
            *("--range", extent),
            status=1,
        )
        assert result.stderr.count("\n") == 2
        assert "no.npy: No such file" in result.stderr
        assert "2 files -> out.png" in result.stdout
    result = run("no.npy", "-o", "none.png", status=1)
    assert result.stderr.count("\n") == 2
    assert "there is no sheet" in result.stderr
    assert not os.path.exists("none.png")


def test_holes_and_infinities_do_not_matter():
    values = A.copy()
    values[:3] = np.nan
    values[3, :4] = np.inf
    np.save("holes.npy", values)
    np.save("empty.npy", np.full((40, 60), np.nan, np.float32))
    whole = sheet("holes.npy", "b.npy", "empty.npy")
    place(whole, colorize(values, vmin=np.nanmin(values), vmax=9))


def test_several_units_are_not_mixed():
    item = '<Item name="UNITTYPE" sample="0" role="unittype">m</Item>'
    text = f"<GDALMetadata>{item}</GDALMetadata>"
    tifffile.imwrite("m.tif", B, metadata=None, extratags=[(42112, "s", 0, text, True)])
    result = run("a.npy", "m.tif", "-o", "out.png", status=1)
    assert "turbo-cmap: m.tif: is in m, and a.npy in no unit\n" in result.stderr
    assert "1 file -> out.png" in result.stdout
    result = run("a.npy", "m.tif", "-o", "out.png", "--unit", "m", "--force")
    assert "2 files -> out.png" in result.stdout


def test_equal_stems_are_told_apart_and_long_names_are_cut():
    os.makedirs("x")
    np.save("x/a.npy", B)
    long = "n" * 200
    np.save(f"{long}.npy", A)
    whole = sheet("a.npy", "x/a.npy", f"{long}.npy")
    assert whole.shape[1] < 400


def test_wrong_usage_is_refused_before_anything_is_read():
    for arguments, message in (
        (("a.npy", "-o", "a.npy"), "the suffix must be one of"),
        (("a.npy", "-o", "no/x.png"), "there is no folder"),
        (("a.npy", "-o", "x.png", "--order", "rgba"), "--order rgb and --dtype uint8"),
        (("a.npy", "-o", "x.png", "--columns", 0), "is not in the range"),
        (("a.npy", "-o", "x.png", "--vmin", 3, "--vmax", 1), "vmin must not be greater"),
        (("-o", "x.png"), "Missing argument"),
    ):
        before = sorted(os.listdir())
        assert message in run(*arguments, status=2).stderr
        assert sorted(os.listdir()) == before


def test_what_is_there_is_kept():
    write("there.png", np.zeros((2, 2), np.uint8))
    assert "exists already" in run("a.npy", "-o", "there.png", status=1).stderr
    assert (read_picture("there.png") == 0).all()
    run("a.npy", "-o", "dry.png", "--dry-run")
    assert not os.path.exists("dry.png")


def test_folders_patterns_and_lists_are_inputs():
    os.makedirs("depth/left")
    np.save("depth/f_10.npy", A)
    np.save("depth/f_2.npy", B)
    np.save("depth/left/x.npy", B)
    assert run("depth", "-o", "1.png").stdout.startswith("2 files -> 1.png")
    assert run("depth", "-r", "-o", "2.png").stdout.startswith("3 files -> 2.png")
    assert run("depth/f_?.npy", "-o", "3.png").stdout.startswith("1 file -> 3.png")
    with open("list.txt", "w") as file:
        file.write("a.npy\nb.npy\n")
    assert run("--files-from", "list.txt", "-o", "4.png").stdout.startswith("2 files -> 4.png")
    run("depth/f_2.npy", "depth/f_10.npy", "-o", "5.png")  # the order in which they are found
    assert read_picture("1.png").tobytes() == read_picture("5.png").tobytes()


def test_a_folder_without_numbers_is_a_failure_and_the_others_are_shown():
    os.mkdir("none")
    result = run("none", "a.npy", "-o", "out.png", status=1)
    assert result.stderr == "turbo-cmap: none: has no files of numbers\n"
    assert result.stdout.startswith("1 file -> out.png")
    assert run("none", "-o", "new.png", "--dry-run", status=1).stdout == ""
    assert not os.path.exists("new.png")


def test_the_sheet_of_an_earlier_run_is_no_input():
    run(".", "-o", "out.png")
    assert run(".", "-o", "out.png", "--force").stdout.startswith("2 files -> out.png")
    write("depth.png", A.astype(np.uint16))
    result = run(".", "-o", "depth.png", "--force", status=2)
    assert "depth.png is an input, which is never overwritten" in result.stderr


def test_of_many_files_the_first_hint_is_said():
    for name in ("a.png", "b.png"):
        depth = np.linspace(1000, 2000 + len(name) + ord(name[0]), A.size).reshape(A.shape)
        depth[:5] = 0
        write(name, depth.astype(np.uint16))
    assert run("a.png", "b.png", "-o", "out.png").stderr.count("hint: ") == 1
