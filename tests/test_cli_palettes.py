"""Color maps in files: what `check` and `compare` read beside images of maps."""

import json

import numpy as np
import pytest
from command import invoke as run
from conftest import TURBO, TURBO_U8

from turbo_cmap import check, export, get_cmap
from turbo_cmap.cli._maps import find_map
from turbo_cmap.io import ReadError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def colors_of(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return find_map(name).colors


HEX = [[0x26 / 255, 0x46 / 255, 0x53 / 255], [1, 1, 1]]


@pytest.mark.parametrize(
    ("form", "suffix"),
    [("csv", "csv"), ("json", "json"), ("titiler", "json"), ("cpt", "cpt"), ("paraview", "json")],
)
def test_what_export_writes_can_be_read(form, suffix):
    found = colors_of(f"turbo.{suffix}", export("turbo", form))
    exact = form in ("csv", "json", "paraview")
    expected = TURBO if exact else TURBO_U8 / 255
    assert found.shape[0] == 256
    np.testing.assert_allclose(found[:, :3], expected, atol=1e-7 if exact else 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "#264653\n#ffffff\n"),
        ("a.hex", "264653\nffffff\n"),
        ("a.csv", '"#264653","#ffffff"\n'),
        ("a.csv", "38,70,83\n255,255,255\n"),
        ("a.txt", "# R G B\n38 70 83\n\n255 255 255  \n"),
        ("a.csv", "position;b;g;r\n0;83;70;38\n9;255;255;255\n"),
        ("a.csv", "\ufeffred,green,blue\r\n38,70,83\r\n255,255,255\r\n"),
        ("a.tsv", "# 256 of R,G,B: a note that names no columns\n38\t70\t83\n255\t255\t255\n"),
        ("a.json", '["#264653", "white"]'),
        ("a.json", "[[38, 70, 83], [255, 255, 255]]"),
        ("a.json", '{"colors": ["#264653", "#fff"]}'),
        ("a.json", '{"1": [255, 255, 255], "0": [38, 70, 83]}'),
        ("a.cpt", "# COLOR_MODEL = RGB\n0 38/70/83 1 38/70/83\n1 white 5 white ; high\nN 128\n"),
    ],
)
def test_tables_of_two_colors(name, text):
    np.testing.assert_array_equal(colors_of(name, text)[:, :3], HEX)


def test_numbers_of_at_most_one_are_no_levels():
    np.testing.assert_array_equal(colors_of("a.csv", "0,0,1\n1,0.5,0\n"), [[0, 0, 1], [1, 0.5, 0]])


def test_points_are_joined_by_lines():
    """blue to white in the first quarter, white to red in the rest; a jump stays one."""
    text = "0\tblue\t25\twhite\tL\n25 white 100 255/0/0\nB black\nF white\n"
    found = colors_of("a.cpt", text)
    t = 100 * np.arange(256) / 255
    np.testing.assert_allclose(found[:, 0], np.interp(t, [0, 25, 100], [0, 1, 1]), atol=1e-12)
    np.testing.assert_allclose(found[:, 2], np.interp(t, [0, 25, 100], [1, 1, 0]), atol=1e-12)
    jump = colors_of("b.cpt", "0 0 128 0 1 0 128 0\n1 255 0 0 2 0 0 255\n")
    assert (jump[:128] == [0, 128 / 255, 0]).all()
    assert jump[128, 0] > 0.99


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "1,2,3,4\n", "3 columns, or a first line that names red, green and blue; got 4"),
        ("a.csv", "1,2,3\n1,2\n", "all rows must have as many numbers, got 2 and 3"),
        ("a.csv", "1,2,3\nred,2,3\n", "line 2 is neither numbers nor a color"),
        ("a.csv", "1,2,3\n#ffffff\n", "numbers or hexadecimal colors, got both"),
        ("a.csv", "0,0,300\n", r"numbers in \[0, 1\] or whole levels up to 255, got 0 to 300"),
        ("a.csv", "0,0,2.5\n", "whole levels up to 255, got 0 to 2.5"),
        ("a.csv", "nan,0,0\n", "finite and not negative"),
        ("a.csv", "-1,0,0\n", "finite and not negative"),
        ("a.txt", "# nothing\n", "has no colors"),
        ("a.json", "{", "is no JSON: "),
        ("a.json", "[" * 100_000, "is no JSON: "),
        ("a.json", '{"a": 1}', 'a list of colors, or an object with "colors"'),
        ("a.json", "[[1, 2, 3], [1, 2]]", "all be 3 or all 4 numbers, or all be texts"),
        ("a.json", "[1, 2, 3]", r"3 or 4 numbers each, got shape \(3,\)"),
        ("a.json", '["#264653", "nocolor"]', "a color must be a color name.*'nocolor'"),
        ("a.json", '{"RGBPoints": [0, 0, 0]}', "groups of a value, R, G and B"),
        ("a.cpt", "# COLOR_MODEL = HSV\n0 1/2/3 1 4/5/6\n", "COLOR_MODEL must be RGB"),
        ("a.cpt", "0 1/2/3 1\n", "line 1 must be a value, a color, a value and a color"),
        ("a.cpt", "0 1/2/300 1 4/5/6\n", "line 1: a color must be levels up to 255"),
        ("a.cpt", "1 1/2/3 0 4/5/6\n", "values that colors stand at must rise"),
        ("a.cpt", "", "has no colors"),
        ("a.npy", "[1, 2, 3]", "is no NPY file"),
        ("a.png", "", "is no image of a kind that is known$"),
        ("a.lut", "hello", r"is no image .*; tables of colors are \.npy \.csv .*\.cpt$"),
    ],
)
def test_what_is_no_map_is_refused_in_one_line(name, text, message):
    with pytest.raises(ReadError, match=rf"^{name}: .*{message}") as refused:
        colors_of(name, text)
    assert "\n" not in str(refused.value)
    assert "a.csv" not in refused.value.reason


def test_bytes_that_are_no_text_are_refused(folder):
    (folder / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReadError, match=r"a\.csv: is no text in UTF-8"):
        find_map("a.csv")
    (folder / "b.csv").mkdir()
    with pytest.raises(ReadError, match=r"b\.csv: Is a directory"):
        find_map("b.csv")


def test_a_name_comes_before_a_file(folder):
    (folder / "hot").write_bytes(b"")
    assert find_map("hot") == get_cmap("hot")
    with pytest.raises(ReadError):
        find_map("./hot")


def test_check_of_a_file_is_that_of_its_colors(folder):
    (folder / "mine.csv").write_bytes(export("viridis", "csv").encode())
    result = run("check", "mine.csv", "--json", "--require", "gray-safe")
    table = check(find_map("mine.csv").colors, name="mine.csv")
    assert json.loads(result.stdout) == [json.loads(table.to_json())]


def test_compare_takes_files(folder):
    (folder / "mine.csv").write_text("#000000\n#0072b2\n#f0e442\n")
    assert run("compare", "turbo", "mine.csv", "-o", "a.svg").stdout == (
        "turbo mine.csv -> a.svg\n"
    )
    assert "mine.csv" in (folder / "a.svg").read_text(encoding="utf-8")
    planned = run("compare", "turbo", "mine.csv", "-o", "b.svg", "--dry-run").stdout
    assert "mine.csv" in planned
    result = run("compare", "turbo", "nothere.csv", "-o", "b.svg", status=1)
    assert result.stderr == "turbo-cmap: nothere.csv: there is no such file or map\n"
    (folder / "mine.csv").write_text("hello\n")
    result = run("compare", "turbo", "mine.csv", "-o", "b.svg", status=1)
    assert result.stderr == "turbo-cmap: mine.csv: has no colors\n"
    result = run("compare", "mine.csv", "-o", "mine.svg", "--image", "mine.csv", status=1)
    assert result.stderr.count("\n") == 1
