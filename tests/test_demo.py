import os

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from turbo_cmap import colorize
from turbo_cmap.cli import cli
from turbo_cmap.cli._scene import BASELINE, FOCAL_PX, HEIGHT, WIDTH, make_scene


@pytest.fixture(scope="module")
def scene():
    return make_scene()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "new"
    result = CliRunner().invoke(cli, ["demo", "-o", str(folder)])
    assert result.exit_code == 0, result.output
    return folder, result.stdout.splitlines()


def test_the_scene_is_a_stereo_pair(scene):
    assert scene.photo.shape == (HEIGHT, WIDTH, 3)
    assert scene.truth.shape == scene.estimate.shape == (HEIGHT, WIDTH)
    assert scene.truth.dtype == scene.estimate.dtype == np.float32
    assert np.isfinite(scene.truth).all()


def test_true_disparity_is_that_of_the_geometry(scene):
    wall_m = 9.0
    assert scene.truth[10, 480] == pytest.approx(FOCAL_PX * BASELINE / wall_m)
    # The floor in the lowest row: 1.3 m below the camera, seen under a known angle.
    down = (HEIGHT - 1 - 0.36 * HEIGHT) / FOCAL_PX
    assert scene.truth[-1, 520] == pytest.approx(FOCAL_PX * BASELINE * down / 1.3)


def test_the_estimate_is_good_but_not_perfect(scene):
    error = np.abs(scene.estimate - scene.truth)
    holes = np.isnan(scene.estimate)
    assert 0.02 < holes.mean() < 0.12
    assert 0.05 < np.nanmedian(error) < 0.3
    assert 0.002 < (error > 1).mean() < 0.05


def test_holes_are_where_the_right_camera_does_not_see(scene):
    # Left of a foreground edge and at the left border, whose points are outside its image.
    assert np.isnan(scene.estimate[:, :12]).all()
    assert np.isnan(scene.estimate[:, -12:]).mean() < 0.02


def test_the_scene_is_the_same_each_time(scene):
    again = make_scene()
    assert np.array_equal(again.photo, scene.photo)
    assert np.array_equal(again.estimate, scene.estimate, equal_nan=True)


def test_the_gallery_lists_its_files_and_where_they_lie(gallery):
    folder, lines = gallery
    assert lines[-1] == f"The gallery lies in {folder.resolve()}"
    assert sorted(lines[:-1]) == sorted(str(path) for path in folder.iterdir())
    assert str(folder / "gallery.png") in lines


def test_pictures_are_those_of_colorize(gallery):
    folder, _ = gallery
    estimate = np.load(folder / "estimated_disparity.npy")
    with Image.open(folder / "estimated_turbo.png") as picture:
        found = np.asarray(picture.convert("RGB"))
    assert np.array_equal(found, colorize(estimate, vmin=10, vmax=55))


def test_the_sheet_shows_all_panels(gallery):
    folder, _ = gallery
    with Image.open(folder / "gallery.png") as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape[1] > 3 * WIDTH // 2
    assert pixels.shape[0] > 3 * HEIGHT // 2
    assert (pixels[:, :20] == 255).all()  # a margin, nothing cut


def test_a_second_run_needs_force(gallery):
    folder, _ = gallery
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    result = CliRunner().invoke(cli, ["demo", "-o", str(folder)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"turbo-cmap: {folder}")
    assert result.stderr.endswith("exists already; --force replaces it\n")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert CliRunner().invoke(cli, ["demo", "-o", str(folder), "--force"]).exit_code == 0


def test_fonts_are_not_needed(tmp_path, monkeypatch):
    from turbo_cmap.fonts import font

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert font.__wrapped__(15).getbbox("disparity")[2] > 20
    assert os.listdir(tmp_path) == []
