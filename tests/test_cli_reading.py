"""What `--preset`, `--scale`, `--unit`, `--channel` and `--invalid` do to what is read."""

import pickle
from pathlib import Path

import click
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from PIL import Image

from turbo_cmap import colorize
from turbo_cmap.cli import cli
from turbo_cmap.cli._reading import Reading, Unsaid, reading_options
from turbo_cmap.io import PRESETS, ReadError

DATA = Path(__file__).parent / "data"
DEPTH_MM = DATA / "rgbd_crop_mm.png"


def taken(*arguments):
    """The Reading of a verb that is called with these."""
    caught = []

    @click.command()
    @reading_options
    def verb(**options):
        caught.append(Reading.take(options))
        assert options == {}

    done = CliRunner().invoke(verb, arguments)
    if done.exit_code:
        raise ValueError(done.stderr)
    return caught[0]


def convert(tmp_path, *arguments):
    return CliRunner().invoke(
        cli, ["convert", *map(str, arguments), "-o", str(tmp_path / "out.png"), "--force"]
    )


def test_options_become_a_reading():
    assert taken() == Reading()
    assert taken("--preset", "tum", "--invalid", "7", "--invalid", "-1.5") == Reading(
        preset="tum", invalid=(7, -1.5)
    )
    assert taken("--scale", "1e-3", "--unit", "m") == Reading(scale=0.001, unit="m")
    assert taken("--key", "a", "--channel", "R") == Reading(key="a", channel="R")
    reading = taken("--preset", "kitti-depth")
    assert pickle.loads(pickle.dumps(reading)) == reading


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--preset", "other"], "'other' is not one of 'kitti-depth', 'kitti-disparity', "),
        (["--preset", "kiti-depth"], "'kiti-depth' is not known; did you mean 'kitti-depth' or"),
        (["--preset", "mm", "--scale", "2"], "--preset says what --scale and --unit say"),
        (["--preset", "mm", "--unit", "m"], "--preset says what --scale and --unit say"),
        (["--scale", "0"], "must be finite and not 0"),
        (["--scale", "nan"], "must be finite and not 0"),
        (["--scale", "inf"], "must be finite and not 0"),
        (["--scale", "x"], "'x' is not a number"),
        (["--invalid", "x"], "'x' is not a number"),
    ],
)
def test_wrong_options(arguments, reason):
    with pytest.raises(ValueError, match="Error: ") as caught:
        taken(*arguments)
    assert reason in str(caught.value)


def test_a_preset_by_other_means_is_the_same():
    by_name = Reading(preset="mm").read(DEPTH_MM)
    by_hand = Reading(scale=0.001, unit="m", invalid=(0,)).read(DEPTH_MM)
    assert np.array_equal(by_name.scaled(), by_hand.scaled())
    assert np.array_equal(by_name.mask, by_hand.mask)
    assert (by_name.unit, by_hand.unit) == ("m", "m")


def test_invalid_values_are_stored_ones_and_join_those_of_the_preset():
    plain = Reading(preset="mm").read(DEPTH_MM)
    most = int(np.bincount(plain.values[plain.values > 0]).argmax())
    found = Reading(preset="mm", invalid=(most,)).read(DEPTH_MM)
    assert np.array_equal(found.mask, plain.mask | (plain.values == most))


def test_a_scale_takes_the_place_of_what_the_file_says(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.array([[1, 2]], np.uint8))
    found = Reading(scale=3.0, unit="mm").read(tmp_path / "a.tif")
    assert found.scaled().tolist() == [[3, 6]]
    assert found.offset == 0


def test_a_file_that_does_not_fit():
    with pytest.raises(ReadError, match=r"for uint16, it holds float32: is it scaled already\?"):
        Reading(preset="mm").read(DATA / "cones_crop.pfm")


def test_the_picture_is_that_of_the_scaled_values(tmp_path):
    done = convert(tmp_path, DEPTH_MM, "--preset", "mm")
    assert done.exit_code == 0, done.stderr
    stored = np.asarray(Image.open(DEPTH_MM))
    expected = colorize(stored.astype(np.float32) * np.float32(0.001), mask=stored == 0)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png").convert("RGB")), expected)
    assert f"{np.count_nonzero(stored == 0)} of {stored.size} invalid" in done.stdout
    assert " m " in done.stdout


def test_one_line_says_what_is_wrong(tmp_path):
    Image.fromarray(np.zeros((3, 4, 3), np.uint8)).save(tmp_path / "c.png")
    done = convert(tmp_path, tmp_path / "c.png")
    assert done.exit_code == 1
    assert "choose one by channel: R, G, B" in done.stderr
    assert done.stderr.count("\n") == 1
    assert convert(tmp_path, tmp_path / "c.png", "--channel", "g").exit_code == 0


# What is said of a file.


def test_the_assumption_is_said():
    reading = Reading(preset="mm")
    said = reading.remarks(reading.read(DEPTH_MM))
    assert said == [f"mm: {PRESETS['mm'].assumption}"]


def test_a_hint_is_said_unless_the_user_knows():
    reading = Reading()
    (said,) = reading.remarks(reading.read(DEPTH_MM))
    assert said.startswith("hint: ")
    assert "--preset mm" in said
    for told in (Reading(invalid=(0,)), Reading(scale=0.5), Reading(unit="mm")):
        assert told.remarks(told.read(DEPTH_MM)) == []


def test_of_many_files_it_is_said_once():
    unsaid = Unsaid()
    assert unsaid.of(["mm: ...", "hint: 1 % is 0"]) == ["mm: ...", "hint: 1 % is 0"]
    assert unsaid.of(["mm: ...", "hint: 2 % is 0"]) == []
    zero = "hint: {:.1f} % of the values are 0, the others 20 .. {}: --preset mm"
    assert unsaid.of([zero.format(3.25, 80)])
    assert unsaid.of([zero.format(14, 9000)]) == []
    assert unsaid.of(["hint: 4.1 % of the values are 65535, the others 20 .. 80: --preset vkitti"])
    assert unsaid.of(
        ["hint: neighbors differ much less with their bytes swapped: --preset byteswap"]
    )
    assert unsaid.of(["as the file says: ..."]) == ["as the file says: ..."]


def test_convert_says_what_it_assumed_on_stderr_and_once(tmp_path):
    files = [tmp_path / f"{number}.png" for number in range(3)]
    for path in files:
        path.write_bytes(DEPTH_MM.read_bytes())
    out = ["-o", str(tmp_path / "pictures/")]
    for options, said in (
        (["--preset", "mm"], "mm: depth in m = stored / 1000; 0 is invalid"),
        ([], "hint: "),
    ):
        done = CliRunner().invoke(cli, ["convert", *map(str, files), *out, *options, "--force"])
        assert done.exit_code == 0, done.output
        assert done.stderr.count(said) == 1
        assert said not in done.stdout
        assert f"{files[0]}: {said}" in done.stderr
    quiet = CliRunner().invoke(
        cli, ["convert", *map(str, files), *out, "--preset", "mm", "--force", "--quiet"]
    )
    assert quiet.output == ""
