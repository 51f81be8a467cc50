"""`turbo-cmap uncolor`, and the pictures it reads."""

import io
import os
from functools import partial

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from command import invoke, usage_error
from PIL import Image

from turbo_cmap import colorize, uncolorize
from turbo_cmap.cli import cli
from turbo_cmap.io import ReadError, write
from turbo_cmap.io.pictures import read_picture

DEPTH = np.linspace(0.5, 80, 48 * 64).reshape(48, 64)
PICTURE = colorize(DEPTH, vmin=0.5, vmax=80)
RANGE = ("--vmin", 0.5, "--vmax", 80)
#: Of all kinds of levels, the low byte of the components among them.
DEEP = np.random.default_rng(3).integers(0, 65536, (9, 7, 4)).astype(np.uint16)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


run = partial(invoke, "uncolor")


refused = partial(usage_error, "uncolor")


def failed(*arguments):
    """The one line of a run that fails and leaves nothing behind."""
    before = sorted(os.listdir())
    result = run(*arguments, status=1)
    assert sorted(os.listdir()) == before
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


# --- the command ---


@pytest.mark.parametrize("target", ["depth.npy", "depth.tif", "depth.TIFF"])
def test_a_picture_becomes_the_numbers_that_it_shows(target):
    write("turbo.png", PICTURE)
    result = run("turbo.png", "-o", target, *RANGE)
    values = np.load(target) if target.endswith("npy") else tifffile.imread(target)
    assert values.dtype == np.float32
    assert (values == uncolorize(PICTURE, vmin=0.5, vmax=80)).all()
    assert np.abs(values - DEPTH).max() <= 79.5 / 512 + 1e-5
    assert result.stdout == (
        f"turbo.png -> {target}  64x48 float32  range 0.5 .. 80  "
        "3072 exact (100.0 %), 0 near (0.0 %), 0 NaN (0.0 %)\n"
    )


def test_png_holds_levels_and_says_what_they_cannot_tell():
    values = np.array([[0.0, 10.0, np.nan, 5.0]])
    write("turbo.png", colorize(values, vmin=0, vmax=10, order="rgba"))
    run("turbo.png", "-o", "mm.png", "--vmax", 10, "--scale", 0.001)
    with Image.open("mm.png") as image:
        assert image.mode.startswith("I")
        assert np.asarray(image).tolist() == [[20, 9980, 0, 5020]]
    result = run("turbo.png", "-o", "coarse.png", "--vmax", 10, "--scale", 0.1)
    assert result.stderr == "turbo.png: 1 value became level 0, which else means NaN\n"


@pytest.mark.parametrize(("vmin", "scale"), [(0, 0.0001), (-3, 0.01)])
def test_values_that_do_not_fit_into_png_are_refused(vmin, scale):
    write("turbo.png", PICTURE)
    message = failed("turbo.png", "-o", "out.png", "--vmin", vmin, "--vmax", 80, "--scale", scale)
    assert "values do not fit into 16 bits with --scale" in message
    assert f"there is room for 0 .. {65535 * scale:g}" in message


def test_what_is_not_of_the_map_is_counted():
    labeled = PICTURE.copy()
    labeled[:4, :8] = 255
    labeled[8, :5] += 1
    write("labeled.png", labeled)
    result = run("labeled.png", "-o", "out.npy", *RANGE, "--tolerance", 15)
    assert "32 NaN (1.0 %)" in result.stdout
    assert "5 near (0.2 %: half within " in result.stdout
    assert np.isnan(np.load("out.npy")).sum() == 32
    assert "another one" not in result.stderr


def test_a_picture_in_another_map_is_noticed():
    write("gray.png", colorize(DEPTH, "gray"))
    said = run("gray.png", "-o", "a.npy").stderr.splitlines()
    assert said == [
        "gray.png: its range is assumed to be 0 .. 1; see --vmin and --vmax",
        "gray.png: most colors are far from those of the map: is it another one?",
    ]


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"cmap": "viridis"}, ["--cmap", "viridis"]),
        ({"reverse": True}, ["--reverse"]),
        ({"norm": "log"}, ["--norm", "log"]),
        ({"norm": "inverse"}, ["--norm", "inverse"]),
        ({"method": "spline"}, ["--method", "spline"]),
        ({"tolerance": 3.0}, ["--tolerance", 3]),
        ({"backend": "numpy"}, ["--backend", "numpy"]),
    ],
    ids=str,
)
def test_options_are_those_of_uncolorize(options, arguments):
    write("in.png", PICTURE)
    run("in.png", "-o", "out.npy", *RANGE, *arguments)
    expected = uncolorize(PICTURE, vmin=0.5, vmax=80, **options)
    np.testing.assert_array_equal(np.load("out.npy"), expected)


def test_center_makes_the_scale_symmetric():
    write("in.png", colorize(np.array([[-2.0, 0.0, 2.0]]), center=0, vmax=2))
    run("in.png", "-o", "out.npy", "--center", 0, "--vmax", 2)
    np.testing.assert_allclose(np.load("out.npy"), [[-2, 0, 2]], atol=2 / 254)


def test_a_jpeg_comes_back_too():
    Image.fromarray(PICTURE).save("in.jpg", quality=90)
    result = run("in.jpg", "-o", "out.npy", *RANGE)
    assert " near (" in result.stdout
    assert np.median(np.abs(np.load("out.npy") - DEPTH)) < 80 / 256


def test_holes_of_a_jpeg_that_says_how_it_was_made_are_holes():
    y, x = np.mgrid[:96, :128]
    depth = (2 + np.sin(x / 30) * np.cos(y / 20)).astype(np.float32)
    depth[30:60, 40:80] = np.nan
    np.save("holes.npy", depth)
    CliRunner().invoke(cli, ["convert", "holes.npy", "-o", "holes.jpg"], catch_exceptions=False)
    run("holes.jpg", "-o", "found.npy")
    found = np.load("found.npy")
    assert np.isnan(found[32:58, 42:78]).all()
    assert np.isfinite(found[depth == depth]).mean() > 0.99
    run("holes.jpg", "-o", "all.npy", "--tolerance", 255)
    assert not np.isnan(np.load("all.npy")[32:58, 42:78]).all()


def test_a_jpeg_of_which_some_is_far_from_the_map_is_told_of_the_tolerance():
    picture = PICTURE.copy()
    picture[:8] = 0  # no measurement: nearly black behind JPEG, and then near to no color
    Image.fromarray(picture).save("c.jpg", quality=75)
    told = "with --tolerance, colors far from the map become NaN"
    assert told in run("c.jpg", "-o", "a.npy", *RANGE).stderr
    assert told not in run("c.jpg", "-o", "b.npy", *RANGE, "--tolerance", 15).stderr
    write("c.png", picture)
    assert told not in run("c.png", "-o", "d.npy", *RANGE).stderr


def test_usage_errors_come_before_anything_is_read():
    assert "suffix must be one of .npy .tif .tiff .png, got '.jpg'" in refused("a", "-o", "b.jpg")
    assert "--scale says what one is worth" in refused("a", "-o", "b.png")
    assert "--scale is for PNG" in refused("a", "-o", "b.npy", "--scale", 3)
    assert "--scale must be greater than 0" in refused("a", "-o", "b.png", "--scale", 0)
    assert "there is no folder" in refused("a", "-o", "no/b.npy")
    assert "vmin must not be greater" in refused("a", "-o", "b.npy", "--vmin", 3)
    assert "entries" in refused("a", "-o", "b.npy", "--cmap", "flag")
    assert "tolerance must not be negative" in refused("a", "-o", "b.npy", "--tolerance", -1)
    assert "invalid choice" in refused("a", "-o", "b.npy", "--norm", "equalize").lower().replace(
        "is not one of", "invalid choice"
    )


def test_files_are_only_replaced_when_asked_and_the_input_never():
    write("in.png", PICTURE)
    run("in.png", "-o", "out.npy")
    assert "out.npy: exists already; --force replaces it" in failed("in.png", "-o", "out.npy")
    run("in.png", "-o", "out.npy", "--force", "--vmax", 2)
    assert np.load("out.npy").max() > 1
    message = refused("in.png", "-o", "in.png", "--scale", 1, "--force")
    assert "is an input, which is never overwritten" in message


def test_what_cannot_be_read_is_one_line():
    assert failed("no.png", "-o", "a.npy") == "turbo-cmap: no.png: No such file or directory"
    with open("text.png", "w") as file:
        file.write("hello, this is no picture")
    assert "text.png: is no PNG, JPEG, WebP, GIF, TIFF or NPY" in failed("text.png", "-o", "a.npy")


# --- pictures ---


def test_every_kind_of_picture_is_read_as_it_is():
    rgba = np.dstack([PICTURE, (np.arange(48 * 64) % 251).reshape(48, 64).astype(np.uint8)])
    for suffix in ("png", "webp", "tif", "npy"):
        for picture, name in ((PICTURE, "rgb"), (rgba, "rgba")):
            write(f"{name}.{suffix}", picture)
            read = read_picture(f"{name}.{suffix}")
            assert read.dtype == np.uint8
            assert (read == picture).all(), f"{name}.{suffix}"


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("suffix", ["png", "tif", "npy"])
def test_sixteen_bits_stay_sixteen(suffix, channels):
    picture = np.ascontiguousarray(DEEP[..., :channels])
    write(f"deep.{suffix}", picture)
    read = read_picture(f"deep.{suffix}")
    assert read.dtype == np.uint16
    assert (read == picture).all()


def test_sixteen_bit_png_of_another_writer_is_read():
    cv2 = pytest.importorskip("cv2", reason="OpenCV filters the rows in other ways")
    smooth = np.linspace(0, 65535, 60 * 40 * 3).reshape(60, 40, 3).astype(np.uint16)
    cv2.imwrite("deep.png", smooth[..., ::-1])
    assert (read_picture("deep.png") == smooth).all()


def test_palettes_and_grays_are_pictures():
    quantized = Image.fromarray(PICTURE).quantize(64)
    quantized.save("palette.png")
    assert (read_picture("palette.png") == np.asarray(quantized.convert("RGB"))).all()
    quantized.save("clear.png", transparency=3)
    clear = read_picture("clear.png")
    assert clear.shape == (48, 64, 4)
    assert (clear[..., 3] == np.where(np.asarray(quantized) == 3, 0, 255)).all()
    gray = (np.arange(48 * 64).reshape(48, 64) % 256).astype(np.uint8)
    for name, array in (("gray.png", gray), ("deep.png", gray.astype(np.uint16) * 257)):
        write(name, array)
        assert (read_picture(name) == array[..., None]).all()
        assert read_picture(name).dtype == array.dtype


def test_floats_come_from_tiff_and_npy():
    floats = np.random.default_rng(0).random((5, 6, 3), np.float32)
    tifffile.imwrite(
        "planes.tif", np.moveaxis(floats, -1, 0), planarconfig="separate", photometric="rgb"
    )
    write("floats.tif", floats)
    np.save("floats.npy", floats.astype(np.float64))
    for name in ("planes.tif", "floats.tif", "floats.npy"):
        assert (read_picture(name) == floats).all(), name


def test_what_is_no_picture_says_why():
    def reason(name):
        with pytest.raises(ReadError) as caught:
            read_picture(name)
        assert caught.value.path.name == name
        return caught.value.reason

    Image.new("CMYK", (4, 4)).save("cmyk.jpg")
    assert "mode CMYK; RGB is needed" in reason("cmyk.jpg")
    frames = [Image.new("RGB", (4, 4), c) for c in ("red", "blue")]
    frames[0].save("moving.webp", save_all=True, append_images=frames[1:])
    assert "holds 2 pictures" in reason("moving.webp")
    tifffile.imwrite("pages.tif", np.zeros((2, 8, 9, 3), np.uint8), photometric="rgb")
    assert "TIFF of 2 pages" in reason("pages.tif")
    np.save("five.npy", np.zeros((4, 4, 5), np.uint8))
    assert "shape (4, 4, 5)" in reason("five.npy")
    np.save("signed.npy", np.zeros((4, 4, 3), np.int32))
    assert "int32 colors" in reason("signed.npy")
    np.save("empty.npy", np.zeros((0, 4, 3), np.uint8))
    assert "has no pixels" in reason("empty.npy")
    good = io.BytesIO()
    Image.fromarray(PICTURE).save(good, "PNG")
    for name, data in (("cut.png", good.getvalue()[:-300]), ("head.png", good.getvalue()[:20])):
        with open(name, "wb") as file:
            file.write(data)
        assert reason(name)
    os.mkdir("folder")
    assert reason("folder")
    with pytest.raises(TypeError, match="path must be a string or a path, got 5"):
        read_picture(5)
