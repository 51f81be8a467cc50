"""`turbo-cmap uncolor` with many pictures: what is read, where it goes, what is said."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tifffile
from command import invoke
from PIL import Image

from turbo_cmap import colorize, uncolorize
from turbo_cmap.cli import main
from turbo_cmap.cli._uncoloring import Uncoloring
from turbo_cmap.io import write, write_frames

RANGE = ("--vmin", 0, "--vmax", 80)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


run = partial(invoke, "uncolor")


def picture(number):
    return colorize(np.linspace(number, 80, 300).reshape(15, 20), vmin=0, vmax=80)


def make(*names):
    for number, name in enumerate(names):
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        write(name, picture(number))


def numbers(number):
    return uncolorize(picture(number), vmin=0, vmax=80)


def written(folder="out"):
    paths = sorted(one for one in Path(folder).rglob("*") if one.is_file())
    return [one.relative_to(folder).as_posix() for one in paths]


def sources(result):
    lines = result.stdout.splitlines()
    return [line.split(" -> ")[0].replace(os.sep, "/") for line in lines if " -> " in line]


def summary(result):
    return result.stderr.splitlines()[-1].partition(" in ")[0]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_folder_becomes_a_folder_of_numbers(jobs):
    make("d/a.png", "d/x/b.webp", "d/x/c.tif", "d/x/y/d.npy")
    Path("d/notes.txt").write_text("no picture")
    result = run("d", "-r", "-o", "out", "--jobs", jobs, *RANGE)
    assert sources(result) == ["d/a.png", "d/x/b.webp", "d/x/c.tif", "d/x/y/d.npy"]
    assert written() == ["a.npy", "x/b.npy", "x/c.npy", "x/y/d.npy"]
    assert (np.load("out/x/c.npy") == numbers(2)).all()
    assert summary(result) == "4 converted"
    assert len(result.stdout.splitlines()) == 4


def test_patterns_lists_and_formats_are_those_of_convert():
    make("d/a.png", "d/b.png", "e/c.png")
    Path("list").write_text("d/b.png\ne/c.png\n")
    assert sources(run("*/*.png", "-o", "one/", *RANGE)) == ["d/a.png", "d/b.png", "e/c.png"]
    assert written("one") == ["d/a.npy", "d/b.npy", "e/c.npy"]
    run("--files-from", "list", "-o", "two/", "--format", "tif", *RANGE)
    assert (tifffile.imread("two/c.tif") == numbers(2)).all()
    run("d", "e", "-o", "levels/", "--format", "png", "--scale", 0.01, *RANGE)
    with Image.open("levels/b.png") as image:
        assert np.abs(np.asarray(image) / 100 - numbers(1)).max() < 0.0051
    run("-", "-o", "{cmap}/{index:02d}.npy", *RANGE, stdin="d/a.png\nd/b.png\n")
    assert written("turbo") == ["00.npy", "01.npy"]


def test_beside_the_pictures_what_was_made_is_not_read_again():
    make("d/a.png", "d/b.png")
    beside = ("d", "-o", "{parent}/{stem}.npy")
    run(*beside, *RANGE)
    for option, count in (("--skip-existing", 0), ("--update", 0), ("--force", 2)):
        assert sources(run(*beside, option, *RANGE)) == ["d/a.png", "d/b.png"][:count]
    np.save("d/b.npy", picture(3))  # a picture, and so an input
    message = run(*beside, "--force", status=2).stderr
    assert "d/b.npy and " in message
    assert "d/b.png would both become " in message


def test_what_is_there_is_left_out_or_replaced_as_asked():
    make("d/a.png", "d/b.png")
    run("d/a.png", "-o", "out/a.npy", *RANGE, status=2)
    os.mkdir("out")
    run("d/a.png", "-o", "out/a.npy", *RANGE)
    result = run("d", "-o", "out", *RANGE, status=1)
    assert "out/a.npy: exists already; --force replaces it" in result.stderr.replace(os.sep, "/")
    assert summary(result) == "1 converted, 1 failed"
    os.remove("out/b.npy")
    result = run("d", "-o", "out", "--skip-existing", *RANGE)
    assert sources(result) == ["d/b.png"]
    assert summary(result) == "1 converted, 1 skipped"
    os.utime("out/a.npy", (1, 1))
    assert sources(run("d", "-o", "out", "--update", *RANGE)) == ["d/a.png"]
    assert "exclude each other" in run("d", "-o", "o", "--force", "--update", status=2).stderr


def test_one_that_fails_leaves_the_others():
    make("d/a.png", "d/c.png")
    Path("d/b.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    result = run("d", "no.png", "-o", "out", *RANGE, status=1)
    assert written() == ["a.npy", "c.npy"]
    lines = result.stderr.replace(os.sep, "/").splitlines()
    assert lines[0].startswith("turbo-cmap: d/b.png: ")
    assert lines[1] == "turbo-cmap: no.png: No such file or directory"
    assert summary(result) == "2 converted, 2 failed"


def test_an_assumption_is_said_once_and_a_doubt_for_each():
    for name in "abc":
        os.makedirs("d", exist_ok=True)
        write(f"d/{name}.png", colorize(np.linspace(0, 1, 300).reshape(15, 20), "gray"))
    lines = run("d", "-o", "out", "--jobs", 2).stderr.splitlines()
    assert sum("is assumed to be 0 .. 1" in line for line in lines) == 1
    assert sum("is it another one?" in line for line in lines) == 3


def test_pictures_say_their_own_ranges():
    os.mkdir("d")
    for number, name in enumerate("ab"):
        np.save(f"d/{name}.npy", np.linspace(0, 10 + number, 300).reshape(15, 20))
    invoke("convert", "d", "-o", "colors")
    result = run("colors", "-o", "back")
    assert [line.split("range ")[1].split("  ")[0] for line in result.stdout.splitlines()] == [
        "0 .. 10",
        "0 .. 11",
    ]
    assert summary(result) == "2 converted"
    assert len(result.stderr.splitlines()) == 1
    assert np.load("back/b.npy").max() > 10.9


def test_wrong_usage_is_refused_before_anything_is_read():
    make("d/a.png", "d/x/a.png")
    os.mkdir("empty")

    def message(*arguments, status=2):
        result = run(*arguments, status=status)
        assert not os.path.exists("out")
        return result.stderr.strip().splitlines()[-1].replace(os.sep, "/")

    assert "PNG holds whole levels; --scale" in message("d", "-o", "out", "--format", "png")
    assert "--scale is for PNG; .npy" in message("d", "-o", "out", "--scale", 1)
    assert "suffix must be one of" in message("d", "-o", "out/{stem}.jpg")
    assert "{name} is not known" not in message("d", "-o", "out/{stem}.jpg")
    assert "would both become out/a.npy" in message("d", "-r", "-o", "out/{stem}.npy")
    assert "is an input, which is never" in message("d/a.png", "-o", "d/a.png", "--scale", 1)
    assert "with 2 inputs OUT is a folder" in message("d/a.png", "d/x/a.png", "-o", "out.npy")
    assert message("empty", "-o", "out", status=1) == "turbo-cmap: empty: has no pictures"
    assert "Missing argument 'IN...'" in message("-o", "out")


def test_dry_run_says_all_and_writes_nothing():
    make("d/a.png", "d/b.png")
    result = run("d", "-o", "out", "--dry-run")
    lines = result.stdout.replace(os.sep, "/").splitlines()
    assert lines[1] == "would write out/b.npy from d/b.png, in a new folder"
    assert not os.path.exists("out")


def test_what_was_done_is_said_when_it_is_interrupted(monkeypatch, capsys):
    make("d/a.png", "d/b.png", "d/c.png")
    uncolor = Uncoloring.__call__

    def interrupted(job, source, target):
        if str(source).endswith("c.png"):
            raise KeyboardInterrupt
        return uncolor(job, source, target)

    monkeypatch.setattr(Uncoloring, "__call__", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["uncolor", "d", "-o", "out", "--jobs", "1", "--vmax", "80"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == (
        "turbo-cmap: interrupted: 2 of 3 files written; "
        "the same command with --skip-existing goes on\n"
    )


# Animations.


def test_a_gif_of_one_picture_is_one():
    Image.fromarray(picture(0)).quantize(256).save("a.gif")
    run("a.gif", "-o", "a.npy", *RANGE)
    assert np.abs(np.load("a.npy") - numbers(0)).max() < 1


@pytest.mark.parametrize("name", ["my film.gif", "a.apng", "a.webp"])
def test_an_animation_says_how_its_frames_are_read(name):
    frames = [Image.fromarray(picture(number)) for number in (0, 40)]
    frames[0].save(name, save_all=True, append_images=frames[1:])
    quoted = f"'{name}'" if " " in name else name
    assert run(name, "-o", "x.npy", status=1).stderr == (
        f"turbo-cmap: {name}: holds 2 pictures; one is needed: "
        f"ffmpeg -i {quoted} frame_%05d.png makes a file of each\n"
    )


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_video_says_how_its_frames_are_read(name):
    pytest.importorskip("av")
    write_frames(name, iter([np.zeros((32, 32, 3), np.uint8)] * 3))
    assert run(name, "-o", "x.npy", status=1).stderr == (
        f"turbo-cmap: {name}: is a video; one picture is needed: "
        f"ffmpeg -i {name} frame_%05d.png makes a file of each\n"
    )


def test_an_empty_file_is_called_so():
    Path("a.png").touch()
    assert run("a.png", "-o", "x.npy", status=1).stderr == "turbo-cmap: a.png: is empty\n"
