"""Which files `turbo-cmap convert` reads, and where their pictures go."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from command import invoke, usage_error
from PIL import Image

DEPTH = np.arange(12, dtype=np.uint16).reshape(3, 4)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


run = partial(invoke, "convert")


def make(*names):
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".npy":
            np.save(path, DEPTH)
        else:
            Image.fromarray(DEPTH).save(path, "PNG")


def sources(result):
    """The inputs of the lines that were printed, in order."""
    return [line.split(" -> ")[0] for line in result.stdout.splitlines()]


def written(folder="out"):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.*"))


refused = partial(usage_error, "convert")


# Folders.


def test_a_folder_is_its_own_files_in_natural_order():
    make("d/frame_10.png", "d/frame_2.png", "d/frame_1.png", "d/deep/x.png", "d/.hidden.png")
    Path("d/notes.txt").write_text("no picture")
    result = run("d", "-o", "out")
    assert sources(result) == [f"d/frame_{n}.png" for n in (1, 2, 10)]
    assert written() == ["frame_1.png", "frame_10.png", "frame_2.png"]


def test_recursion_mirrors_folders():
    make("d/a.png", "d/left/far/a.png", "d/left/b.npy", "d/.cache/c.png")
    assert sources(run("d", "-r", "-o", "out")) == ["d/a.png", "d/left/b.npy", "d/left/far/a.png"]
    assert written() == ["a.png", "left/b.png", "left/far/a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_loops_of_links_are_gone_through_once():
    make("d/a.png", "d/deep/b.png", "elsewhere/c.png")
    os.symlink("..", "d/deep/up")
    os.symlink(".", "d/again")
    os.symlink("../elsewhere", "d/aside")
    os.symlink("../elsewhere", "d/beside")
    expected = ["d/a.png", "d/aside/c.png", "d/deep/b.png"]
    assert sources(run("d", "-r", "-o", "out")) == expected
    assert sources(run("d/**/*.png", "-o", "more")) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_that_leads_nowhere_is_not_passed_over():
    make("d/a.png")
    os.symlink("gone", "d/dangling.png")
    os.symlink("gone", "d/dangling.txt")  # no file of numbers by its name
    os.symlink("loop.png", "d/loop.png")
    for pattern in ("d", "d/**/*.png", "d/*.png"):
        result = run(pattern, "-o", "out", "--force", status=1)
        assert sources(result) == ["d/a.png"]
        assert "d/dangling.png: No such file or directory\n" in result.stderr
        assert "d/loop.png: Too many levels of symbolic links\n" in result.stderr
        assert "1 converted, 2 failed" in result.stderr


def test_include_chooses_by_name_or_path():
    make("d/a_depth.png", "d/a_rgb.png", "d/far/b_depth.png", "d/near/c_depth.png")
    Image.fromarray(DEPTH).save("d/odd.suffix_depth", "PNG")
    result = run("d", "-r", "-o", "out", "--include", "*_depth*")
    assert sources(result) == [
        "d/a_depth.png",
        "d/far/b_depth.png",
        "d/near/c_depth.png",
        "d/odd.suffix_depth",
    ]
    result = run("d", "-r", "-o", "two", "--include", "far/*", "--include", "*rgb*")
    assert sources(result) == ["d/a_rgb.png", "d/far/b_depth.png"]


def test_a_folder_without_files_says_so():
    make("d/deep/a.png", "d/.hidden.png")
    result = run("d", "-o", "out", status=1)
    assert result.stderr == (
        "turbo-cmap: d: has no files of numbers; -r looks into the folders in it\n"
    )
    result = run("d", "-r", "-o", "out", "--include", "*.tif", status=1)
    assert result.stderr == "turbo-cmap: d: has no files that match --include\n"
    assert not os.path.exists("out")


def test_pictures_are_not_found_again():
    make("d/a.png", "d/deep/b.png")
    run("d", "-r", "-o", "d/out")
    result = run("d", "-r", "-o", "d/out", "--force")
    assert sources(result) == ["d/a.png", "d/deep/b.png"]
    assert written("d/out") == ["a.png", "deep/b.png"]
    shutil.rmtree("d/out")
    for again in range(2):  # beside the inputs, too
        result = run("d", "-r", "-o", "{parent}/{stem}_turbo.png", "--skip-existing")
        assert sources(result) == ["d/a.png", "d/deep/b.png"] * (not again)


def test_an_input_whose_name_is_that_of_a_picture_is_safe():
    make("d/a.png", "d/a_turbo.png")
    message = refused("d", "-o", "{parent}/{stem}_turbo.png", "--force")
    assert message == "d/a_turbo.png is an input, which is never overwritten"


@pytest.fixture
def forbidden():
    """Makes a file or a folder one that may not be looked into."""
    closed = []

    def close(name):
        closed.append(name)
        os.chmod(name, 0)
        if os.access(name, os.R_OK):
            pytest.skip("root may do anything")

    yield close
    for name in closed:
        os.chmod(name, 0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
def test_what_is_forbidden_is_one_line_and_the_rest_goes_on(forbidden):
    make("d/a.png", "d/deep/b.png", "d/secret.png", "locked/c.png", "d/z.zarr/d.png")
    for name in ("d/deep", "d/secret.png", "locked", "d/z.zarr"):
        forbidden(name)
    result = run("locked", "d", "d/secret.png", "-r", "-o", "out", status=1)
    assert sources(result) == ["d/a.png"]
    *lines, summary = result.stderr.splitlines()
    assert lines == [
        f"turbo-cmap: {name}: Permission denied"
        for name in ("locked", "d/deep", "d/secret.png", "d/z.zarr")
    ]
    assert summary.startswith("1 converted, 4 failed")
    result = invoke("video", "d", "-o", "v.gif", status=1)
    assert result.stderr.startswith("turbo-cmap: d/secret.png: frame 1: Permission denied; ")
    message = run("--files-from", "d/secret.png", "-o", "out", status=2).stderr
    assert message.endswith("Error: --files-from d/secret.png: Permission denied\n")


def test_a_folder_that_cannot_be_read_is_one_line(monkeypatch):
    make("d/a.png", "d/locked/b.png")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = run("d", "-r", "-o", "out", status=1)
    assert result.stderr.startswith("turbo-cmap: d/locked: Permission denied\n")
    assert sources(result) == ["d/a.png"]


# Patterns.


def test_patterns_are_expanded_here():
    make("d/f10.png", "d/f9.png", "d/g.png", "e/f1.png", "d/.f0.png")
    assert sources(run("d/f*.png", "-o", "out")) == ["d/f9.png", "d/f10.png"]
    assert sources(run("?/f[19]*.png", "-o", "two")) == ["d/f9.png", "d/f10.png", "e/f1.png"]
    assert written("two") == ["d/f10.png", "d/f9.png", "e/f1.png"]  # below what is fixed


def test_a_pattern_at_any_depth():
    make("d/a.png", "d/x/y/b.png", "d/x/c.npy")
    assert sources(run("d/**/*.png", "-o", "out")) == ["d/a.png", "d/x/y/b.png"]
    assert written() == ["a.png", "x/y/b.png"]
    assert sources(run("d/**/x/**/b.png", "-o", "two")) == ["d/x/y/b.png"]
    assert sources(run("d/**", "-o", "three", "--format", "npy")) == [
        "d/a.png",
        "d/x/c.npy",
        "d/x/y/b.png",
    ]


def test_a_file_named_like_a_pattern_is_that_file():
    make("depth[1].png", "depth1.png")
    assert sources(run("depth[1].png", "-o", "out.png")) == ["depth[1].png"]


def test_a_pattern_that_matches_nothing():
    make("a.png")
    result = run("b*.png", "a.png", "-o", "out", status=1)
    assert result.stderr.startswith("turbo-cmap: b*.png: no file matches this pattern\n")
    assert sources(result) == ["a.png"]


def test_what_is_found_twice_is_converted_once():
    make("d/a.png", "d/b.png")
    assert sources(run("d/b.png", "d", "d/*.png", "-o", "out")) == ["d/b.png", "d/a.png"]
    assert sources(run("d", "d/b.png", "-o", "more")) == ["d/a.png", "d/b.png"]


# Lists.


def test_names_from_standard_input():
    make("b.png", "a.png", "d/c.png")
    result = run("-", "-o", "out", stdin="b.png\n\na.png\r\nd\n")
    assert sources(result) == ["b.png", "a.png", "d/c.png"]  # as they stand there
    result = run("b.png", "--files-from", "-", "-o", "two", stdin="a.png")
    assert sources(result) == ["b.png", "a.png"]


def test_names_from_a_file():
    make("a.png", "x y.png")
    Path("list").write_text("x y.png\na.png\n")
    assert sources(run("--files-from", "list", "-o", "out")) == ["x y.png", "a.png"]
    Path("list0").write_text("x y.png\0a.png\0")
    assert sources(run("--files-from", "list0", "-0", "-o", "two")) == ["x y.png", "a.png"]
    Path("none").touch()
    result = run("--files-from", "none", "-o", "out", status=1)
    assert result.stderr == "turbo-cmap: none: has no names in it\n"


def test_wrong_lists():
    make("a.png")
    assert "No such file" in refused("--files-from", "gone", "-o", "out/")
    assert "once only" in refused("-", "--files-from", "-", "-o", "out/")
    assert "about lists" in refused("a.png", "-0", "-o", "out/")
    assert "Missing argument 'IN...'" in refused("-o", "out/")


@pytest.mark.skipif(sys.platform != "linux", reason="names that are any bytes")
def test_any_name_goes_in_and_comes_out():
    names = [b"a b.png", b'it\'s "q".png', "Tiefe_\u00e4\u6df1.png".encode(), b"new\nline.png"]
    names += [b"not\xff utf8.png", b"-dash.png", b"{brace}.png", b"$HOME;`x`.png"]
    os.mkdir("d")
    for name in names:
        Image.fromarray(DEPTH).save(os.path.join(b"d", name), "PNG")
    listed = b"\0".join(b"d/" + name for name in names)
    for arguments, given in ((["d"], b""), (["-", "-0"], listed)):
        done = subprocess.run(
            [sys.executable, "-m", "turbo_cmap", "convert", *arguments, "-o", "out", "--force"],
            input=given,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == len(names)  # one line each, whatever the name
        assert sorted(os.listdir(b"out")) == sorted(names)
    assert rb"new\nline.png -> " in done.stdout


# Where pictures go.


def test_templates():
    make("d/a.png", "d/far/b.npy")
    result = run("d", "-r", "-o", "out/{folder}/{index:03d}_{stem}_{cmap}{{x}}.png")
    assert written() == ["000_a_turbo{x}.png", "far/001_b_turbo{x}.png"]
    assert len(result.stdout.splitlines()) == 2
    run("d", "-r", "-o", "{parent}/{name}{suffix}.tif", "--cmap", "gray")
    assert os.path.exists("d/far/b.npy.npy.tif")
    run("d/a.png", "-o", "sub/{stem}/", "--format", "npy", "--center", "3")
    assert os.path.exists("sub/a/a.npy")
    run("d/a.png", "-o", "{cmap}.png", "--center", "3")
    assert os.path.exists("turbo_diverging.png")


def test_a_folder_with_braces_is_a_folder():
    make("a.png")
    os.mkdir("{stem}")
    run("a.png", "-o", "{stem}")
    assert os.path.exists("{stem}/a.png")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{frame}.png", "{frame} is not known; there are\n  {stem}  the name without its suffix"),
        ("{}.png", "{} is not known"),
        ("{stem.__class__}.png", "{stem.__class__} is not known"),
        ("{index[0]}.png", "{index[0]} is not known"),
        ("{index:{width}}.png", "{width} is not known"),
        ("{stem:05d}.png", "Unknown format code 'd'"),
        ("{stem.png", "expected '}'"),
        ("{stem}", "the suffix must be one of"),
        ("{stem}.bmp", "the suffix must be one of"),
    ],
)
def test_wrong_templates(template, message):
    make("a.png")
    assert message in refused("a.png", "-o", template)


def test_two_never_go_to_one_place():
    make("d/a.png", "e/a.png", "d/b.png")
    assert refused("d", "e", "-o", "out/") == "d/a.png and e/a.png would both become out/a.png"
    assert "would both become" in refused("d/*.png", "-o", "{cmap}.png")
    run("d", "e", "-o", "out/{parent}/{stem}.png")
    assert written() == ["d/a.png", "d/b.png", "e/a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_two_names_of_a_folder_are_one_place():
    make("d/a.png", "e/a.png")
    os.mkdir("real")
    os.symlink("real", "link")
    os.symlink("../real", "d/out")
    os.symlink("../real", "e/out")
    assert "would both become" in refused("d", "e", "-o", "{parent}/out/{stem}.png")


def test_a_folder_does_not_become_a_file():
    make("d/a.png")
    assert "with a folder, a pattern or a list OUT is a folder" in refused("d", "-o", "x.png")
    Path("file").touch()
    assert "OUT is a folder, not a file" in refused("d/*.png", "-o", "file")
