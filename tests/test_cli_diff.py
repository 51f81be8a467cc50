"""`turbo-cmap diff`: figures and pictures of estimates and truths."""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from command import invoke, usage_error

from turbo_cmap import colorize_difference, error_statistics, kitti_error
from turbo_cmap.cli import cli
from turbo_cmap.cli._difference import rounded_up
from turbo_cmap.io import read_recipe, write
from turbo_cmap.io.pictures import read_picture

CROP = np.load(Path(__file__).parent / "data" / "cones_crop.npz")
#: Disparities in pixels, with NaN for no measurement.
ESTIMATE, TRUTH = (
    np.where(CROP[name] > 0, CROP[name] / np.float32(256), np.float32(np.nan))
    for name in ("estimate", "truth")
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own, with an estimate and a truth."""
    monkeypatch.chdir(tmp_path)
    np.save("est.npy", ESTIMATE)
    np.save("truth.npy", TRUTH)
    write("est.png", CROP["estimate"])
    write("truth.png", CROP["truth"])
    return tmp_path


run = partial(invoke, "diff")
#: Colors of errors beyond the limit.
BEYOND = {"under": "#c0b0ff", "over": "#ff99cc"}


refused = partial(usage_error, "diff")


def failed(*arguments):
    before = sorted(os.listdir())
    result = run(*arguments, status=1)
    assert sorted(os.listdir()) == before
    lines = [line for line in result.stderr.splitlines() if "hint: " not in line]
    assert len(lines) == 1
    return lines[0]


# --- figures ---


def test_figures_are_those_of_the_library():
    found = error_statistics(ESTIMATE, TRUTH)
    lines = run("est.npy", "truth.npy").stdout.splitlines()
    assert lines[0] == (
        f"est.npy - truth.npy  100x80  {found.count} of {found.truths} pixels with a truth "
        f"({100 * found.density:.1f} %)"
    )
    assert f"bias {found.bias:.4g}  MAE {found.mae:.4g}  RMSE {found.rmse:.4g}" in lines[1]
    assert f"bad-3 {100 * found.bad[3.0]:.2f} %  D1 {100 * found.d1:.2f} %" in lines[2]
    assert len(lines) == 3


def test_json_has_them_all():
    facts = json.loads(run("est.npy", "truth.npy", "--json", "--bad-threshold", 0.5).stdout)
    found = error_statistics(ESTIMATE, TRUTH, thresholds=[0.5])
    [one] = facts["pairs"]
    for name in ("count", "truths", "bias", "mae", "rmse", "median", "d1"):
        assert one[name] == getattr(found, name)
    assert one["bad"] == {"0.5": found.bad[0.5]}
    assert (one["width"], one["height"], one["estimate"]) == (100, 80, "est.npy")
    assert "delta" not in one
    assert facts["all"]["count"] == found.count


def test_depths_have_theirs():
    found = error_statistics(ESTIMATE, TRUTH, quantity="depth")
    result = run("est.npy", "truth.npy", "--quantity", "depth", "--unit", "m")
    assert f"AbsRel {found.abs_rel:.4g}" in result.stdout
    assert f"δ1 {100 * found.delta[0]:.2f} %" in result.stdout
    assert "(m)" in result.stdout
    assert "D1" not in result.stdout
    facts = json.loads(run("est.npy", "truth.npy", "--quantity", "depth", "--json").stdout)
    assert facts["pairs"][0]["delta"] == list(found.delta)


def test_each_side_may_be_stored_in_its_own_way():
    expected = run("est.npy", "truth.npy").stdout.splitlines()[1:]
    for arguments in (
        ("est.npy", "truth.png", "--truth-preset", "kitti-disparity"),
        ("est.png", "truth.png", "--preset", "kitti-disparity"),
        ("est.png", "truth.npy", "--preset", "kitti-disparity", "--truth-unit", "px"),
    ):
        assert run(*arguments).stdout.splitlines()[1:] == expected


def test_folders_are_compared_by_stem_and_all_together():
    os.makedirs("est")
    os.makedirs("truths")
    for stem, part in (("a", np.s_[:40]), ("b", np.s_[40:])):
        np.save(f"est/{stem}.npy", ESTIMATE[part])
        np.save(f"truths/{stem}.npy", TRUTH[part])
    np.save("est/c.npy", ESTIMATE)
    result = run("est", "truths", "-o", "out", "--limit", 2)
    whole = error_statistics(ESTIMATE, TRUTH)
    assert f"all 2: {whole.count} of {whole.truths} pixels" in result.stdout
    assert f"MAE {whole.mae:.4g}" in result.stdout.split("all 2: ")[1]
    assert "1 file in est has no truth of the same stem" in result.stderr
    assert sorted(os.listdir("out")) == ["a.png", "b.png"]
    np.save("truths/d.npy", TRUTH)
    result = run("est", "truths", "--json", status=1)
    assert "truths/d.npy: has no estimate of its stem" in result.stderr.replace(os.sep, "/")
    assert json.loads(result.stdout)["all"]["count"] == whole.count
    np.save("est/b.npy", ESTIMATE[:3])
    result = run("est", "truths", status=1)
    assert "is 100x3, and " in result.stderr
    assert "a.npy" in result.stdout


# --- pictures ---


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ((), {"limit": 6, **BEYOND}),  # of 5.8125, the 98th percentile
        (("--robust",), {"limit": 6, **BEYOND}),
        (("--robust", "10,90"), {"limit": 1.5, **BEYOND}),
        (("--limit", "max"), {}),
        (("--limit", 3), {"limit": 3, **BEYOND}),
        (("--limit", 3, "--robust", "10,90"), {"limit": 3, **BEYOND}),
        (
            ("--limit", 3, "--under", "white", "--over", "red"),
            {"limit": 3, "under": "white", "over": "red"},
        ),
        (("--cmap", "turbo_balanced"), {"cmap": "turbo_balanced", "limit": 6, **BEYOND}),
        (
            ("--cmap", "coolwarm", "--bad", "gray"),
            {"cmap": "coolwarm", "bad": "gray", "limit": 6},
        ),
    ],
    ids=str,
)
def test_the_picture_is_that_of_the_library(options, keywords):
    expected = colorize_difference(ESTIMATE, TRUTH, **keywords)
    run("est.npy", "truth.npy", "-o", "out.png", *options)
    assert (read_picture("out.png") == expected).all()
    run("est.npy", "truth.npy", "-o", "out.png", "--force", "--colorbar", "right", *options)
    left, top, width, height = read_recipe("out.png").region
    assert (read_picture("out.png")[top : top + height, left : left + width] == expected).all()


def test_the_picture_says_what_it_shows_and_becomes_errors_again():
    options = ("--side-by-side", "--title", "{mae:.2f}", "--limit", "max")
    result = run("est.npy", "truth.npy", "-o", "out.png", *options)
    recipe = read_recipe("out.png")
    reach = np.nanmax(np.abs(ESTIMATE - TRUTH))
    assert (recipe.center, recipe.vmin, recipe.vmax, recipe.unit) == (0, -reach, reach, "px")
    assert result.stdout.endswith(f"-> out.png  range {-reach:g} .. {reach:g} px\n")
    CliRunner().invoke(cli, ["uncolor", "out.png", "-o", "back.npy"], catch_exceptions=False)
    found = np.load("back.npy")
    assert (np.isnan(found) == np.isnan(ESTIMATE - TRUTH)).all()
    assert np.nanmax(np.abs(found - (ESTIMATE - TRUTH))) <= reach / 255 * 1.001  # of 255 colors


def test_one_outlier_does_not_make_all_others_green():
    rng = np.random.default_rng(0)
    truth = rng.uniform(10, 60, (100, 100))
    error = rng.uniform(-2.9, 2.9, truth.shape)
    error[0, :3] = -70, 900, 3.5
    np.save("a.npy", truth + error)
    np.save("b.npy", truth)
    assert np.abs(np.percentile(error, [2, 98])).max() > 2.5
    result = run("a.npy", "b.npy", "-o", "out.png", "--colorbar", "right")
    assert result.stdout.endswith(
        "-> out.png  range -3 .. 3 px  1 pixel under it, 2 over (0.03 %)\n"
    )
    recipe = read_recipe("out.png")
    assert (recipe.vmin, recipe.vmax) == (-3, 3)
    left, top, *_ = recipe.region
    shown = read_picture("out.png")
    assert shown[top, left : left + 3].tolist() == [
        [0xC0, 0xB0, 0xFF], [0xFF, 0x99, 0xCC], [0xFF, 0x99, 0xCC],
    ]  # fmt: skip
    bar = shown[:, left + 110 :].reshape(-1, 3).tolist()
    assert [0xC0, 0xB0, 0xFF] in bar  # its ends are pointed
    assert [0xFF, 0x99, 0xCC] in bar
    [facts] = json.loads(
        run("a.npy", "b.npy", "-o", "out.png", "--force", "--json").stdout
    )["pairs"]  # fmt: skip
    assert (facts["limit"], facts["under"], facts["over"]) == (3, 1, 2)
    invoke("uncolor", "out.png", "-o", "back.npy")
    assert np.load("back.npy")[0, :3].tolist() == [-np.inf, np.inf, np.inf]
    result = run("a.npy", "b.npy", "-o", "all.png", "--limit", "max", "--colorbar", "right")
    assert " under " not in result.stdout
    shown = read_picture("all.png").reshape(-1, 3).tolist()
    assert [0xC0, 0xB0, 0xFF] not in shown
    assert [0xFF, 0x99, 0xCC] not in shown


def test_the_limit_of_few_errors_is_that_of_these():
    truth = np.full((50, 50), 7.0)
    estimate = truth.copy()
    estimate[0, :20] += np.linspace(0.5, 1.9, 20)
    np.save("a.npy", estimate)
    np.save("b.npy", truth)
    assert "range -2 .. 2 px\n" in run("a.npy", "b.npy", "-o", "out.png").stdout


@pytest.mark.parametrize(
    ("limit", "readable"),
    [
        (0.0, 0),
        (4.3, 5),
        (5.0, 5),
        (5.0001, 6),
        (10.0, 10),
        (0.27, 0.3),
        (float(np.float32(0.3)), 0.3),
        (8.5e-7, 1e-6),
        (1.01e8, 1.5e8),
        (1.7e308, 1.7e308),
        (5e-324, 5e-324),
        (float("inf"), float("inf")),
    ],
)
def test_limits_are_rounded_up(limit, readable):
    assert rounded_up(limit) == readable


def test_infinite_errors_are_beyond_any_limit():
    np.save("a.npy", np.float32([[1, np.inf, 3, -np.inf, 2]]))
    np.save("b.npy", np.float32([[1, 2, 2.5, 3, 2.25]]))
    result = run("a.npy", "b.npy", "-o", "out.png", "--limit", "max")
    assert "range -0.5 .. 0.5 px  1 pixel under it, 1 over (40 %)\n" in result.stdout


def test_kitti_s_map_and_rate():
    image, d1 = kitti_error(ESTIMATE, TRUTH)
    result = run("est.npy", "truth.npy", "-o", "out.png", "--kitti")
    assert (read_picture("out.png") == image).all()
    assert f"D1 as in KITTI 2015, gaps filled: {100 * d1:.2f} %" in result.stdout
    assert read_recipe("out.png") is None
    facts = json.loads(run("est.npy", "truth.npy", "--kitti", "--json").stdout)
    assert facts["pairs"][0]["kitti_d1"] == d1
    run("est.npy", "truth.npy", "-o", "out.png", "--kitti", "--dilate", 1, "--force")
    assert (read_picture("out.png") == kitti_error(ESTIMATE, TRUTH, dilate=1)[0]).all()
    run("est.npy", "truth.npy", "-o", "b.png", "--kitti", "--side-by-side", "--max-size", 50)
    assert read_picture("b.png").shape[1] > 150


def test_what_is_shown_larger_or_smaller_changes_no_figure():
    plain = run("est.npy", "truth.npy", "-o", "a.png").stdout.replace("a.png", "")
    for number, options in enumerate((("--dilate", 2), ("--max-size", 30))):
        shown = run("est.npy", "truth.npy", "-o", f"{number}.png", *options).stdout
        assert shown.replace(f"{number}.png", "") == plain
    assert read_picture("1.png").shape == (24, 30, 3)


def test_larger_errors_win_where_they_grow():
    np.save("a.npy", np.float32([[11, np.nan, 7]]))
    np.save("b.npy", np.float32([[10, 10, 10]]))
    run("a.npy", "b.npy", "-o", "out.png", "--dilate", 1)
    expected = colorize_difference([11.0, 7.0, 7.0], [10.0, 10.0, 10.0], limit=3)
    assert (read_picture("out.png")[0] == expected).all()


# --- what is wrong ---


def test_failures_are_one_line_and_leave_nothing():
    np.save("small.npy", np.ones((3, 4)))
    assert failed("est.npy", "small.npy", "-o", "x.png") == (
        "turbo-cmap: est.npy: is 100x80, and small.npy is 4x3"
    )
    np.save("none.npy", np.full((80, 100), np.nan))
    assert failed("est.npy", "none.npy", "-o", "x.png") == (
        "turbo-cmap: est.npy: no pixel has both an estimate and a truth"
    )
    assert "no.npy: No such file" in failed("no.npy", "truth.npy")
    assert "is in px, and truth.npy is in m" in failed(
        "est.npy", "truth.npy", "--unit", "px", "--truth-unit", "m"
    )
    write("there.png", np.zeros((2, 2), np.uint8))
    assert "there.png: exists already" in failed("est.npy", "truth.npy", "-o", "there.png")
    assert (read_picture("there.png") == 0).all()


def test_wrong_usage_is_refused_before_anything_is_read():
    os.makedirs("empty")
    os.makedirs("full")
    np.save("full/a.npy", TRUTH)
    assert "empty is a folder and est.npy is none" in refused("empty", "est.npy")
    assert refused("empty", "full") == "empty: has no files of numbers"
    np.save("empty/b.npy", TRUTH)
    assert "no file in empty has the stem of one in full" in refused("empty", "full")
    np.save("full/a.x.npy", TRUTH)
    write("full/a.png", CROP["truth"])
    assert "full has two files of one stem: a.npy and a.png" in refused("full", "empty")
    assert "the suffix must be one of" in refused("est.npy", "truth.npy", "-o", "x.npy")
    assert "there is no folder" in refused("est.npy", "truth.npy", "-o", "no/x.png")
    assert "is an input" in refused("est.npy", "truth.png", "-o", "truth.png", "--force")
    for wrong in ("0", "-3", "inf", "nan", "1e999"):
        message = refused("est.npy", "truth.npy", f"--limit={wrong}")
        assert message.endswith(f"'--limit': '{wrong}' must be greater than 0 and finite")
    message = refused("est.npy", "truth.npy", "--bad-threshold", -1)
    assert message == "--bad-threshold must be finite and not negative, got -1"
    message = refused("est.npy", "truth.npy", "--limit", "least")
    assert message.endswith("'--limit': 'least' is neither a number nor max")
    assert "cmap" in refused("est.npy", "truth.npy", "--cmap", "no such map")
    assert "bad must be a color name" in refused("est.npy", "truth.npy", "--bad", "no")
    assert "fields are {stem}, {unit}, {bias}" in refused("est.npy", "truth.npy", "--title", "{x}")
    assert "0 <= lo <= hi <= 100" in refused("est.npy", "truth.npy", "--robust", "9,1")


def test_what_was_compared_is_said_when_it_is_interrupted(monkeypatch, capsys):
    from turbo_cmap.cli import diff, main

    os.makedirs("est")
    os.makedirs("truths")
    for stem in "abc":
        np.save(f"est/{stem}.npy", ESTIMATE)
        np.save(f"truths/{stem}.npy", TRUTH)
    compare = diff._Comparison.__call__

    def interrupted(job, pair, target, out):
        if pair.estimate.stem == "c":
            raise KeyboardInterrupt
        return compare(job, pair, target, out)

    monkeypatch.setattr(diff._Comparison, "__call__", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["diff", "est", "truths"])
    assert ended.value.code == 130
    said = capsys.readouterr()
    assert said.err == "turbo-cmap: interrupted: 2 of 3 pairs compared\n"
    assert "all 2:" not in said.out


def test_dry_run_writes_nothing():
    run("est.npy", "truth.npy", "-o", "out.png", "--dry-run")
    assert not os.path.exists("out.png")


def test_no_difference_has_no_sign():
    result = run("truth.npy", "truth.npy", "-o", "out.png")
    assert result.stdout.endswith("-> out.png  range 0 .. 0 px\n")


def test_all_of_one_pair_are_its_own_figures():
    facts = json.loads(run("est.npy", "truth.npy", "--json").stdout)
    assert facts["all"]["median"] == facts["pairs"][0]["median"] is not None


def test_what_is_compared_is_what_the_preset_is_for():
    assert "D1 " in run("est.png", "truth.png", "--preset", "kitti-disparity").stdout
    depths = run("est.png", "truth.png", "--preset", "kitti-depth").stdout
    assert "AbsRel " in depths
    assert "D1 " not in depths
    of_truth = run("est.npy", "truth.png", "--truth-preset", "kitti-depth", "--unit", "m").stdout
    assert of_truth.splitlines()[1:] == depths.splitlines()[1:]
    for unit, figure in (("m", "AbsRel "), ("mm", "AbsRel "), ("px", "D1 ")):
        assert figure in run("est.npy", "truth.npy", "--unit", unit).stdout
    asked = run("est.png", "truth.png", "--preset", "kitti-depth", "--quantity", "disparity")
    assert "D1 " in asked.stdout
    assert "D1 " in run("est.npy", "truth.npy").stdout
    rgb = np.dstack([CROP["truth"] >> 8, CROP["truth"] & 255, CROP["truth"] & 0])
    write("height.png", rgb.astype(np.uint8))
    heights = run("height.png", "height.png", "--preset", "terrarium").stdout
    assert "AbsRel " not in heights
    assert "D1 " not in heights


def test_folders_have_files_of_numbers_in_natural_order():
    for name in ("est", "truths"):
        os.mkdir(name)
        for number in (10, 9, 1):
            np.save(f"{name}/f_{number}.npy", TRUTH)
        Path(name, "f_1.txt").write_text("calibration")
    result = run("est", "truths")
    assert [line.split(" ")[0] for line in result.stdout.splitlines() if " - " in line] == [
        os.path.join("est", f"f_{number}.npy") for number in (1, 9, 10)
    ]
    assert result.stderr == ""


def test_an_assumption_is_said_once():
    for folder in ("e", "t"):
        os.mkdir(folder)
        for name in "abc":
            write(f"{folder}/{name}.png", CROP["truth"])
    said = run("e", "t", "--preset", "kitti-disparity").stderr.splitlines()
    assert len(said) == 1
    assert said[0].startswith("e/a.png: kitti-disparity: ")
    said = run("e", "t", "--scale", 1 / 256, "--unit", "px", "--truth-preset", "kitti-disparity")
    assert len(said.stderr.splitlines()) == 1
