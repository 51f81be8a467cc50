"""Images in bands: read, painted and written as whole ones are."""

import os
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from PIL import Image

from turbo_cmap.cli import _windowed, cli
from turbo_cmap.cli._coloring import Coloring
from turbo_cmap.cli._job import Job
from turbo_cmap.cli._reading import Reading
from turbo_cmap.io import ReadError, parallel, png, read, streams, windows
from turbo_cmap.io.streams import write_bands
from turbo_cmap.io.windows import rebanded

RNG = np.random.default_rng(6)


@pytest.fixture(autouse=True)
def small_bands(monkeypatch):
    """So that images of a few hundred rows come in many bands, strips and blocks."""
    monkeypatch.setattr(windows, "_BAND_PIXELS", 1500)
    monkeypatch.setattr(png, "_BLOCK", 2000)
    monkeypatch.setattr(streams, "_STRIP", 3000)
    monkeypatch.setattr("turbo_cmap.io.npy._READ_BYTES", 5000)
    monkeypatch.setattr("turbo_cmap.io.tiff_pages._READ_BYTES", 5000)


def terrain(dtype="float32", height=211, width=150):
    y, x = np.mgrid[:height, :width]
    z = 60 + 40 * np.sin(x / 30) * np.cos(y / 50) + RNG.normal(0, 2, (height, width))
    return z.astype(dtype)


def bands_of(image, heights=(1, 7, 64)):
    top = 0
    while top < len(image):
        height = heights[top % len(heights)]
        yield image[top : top + height]
        top += height


# What is written.


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_bands_are_written_as_one_image(tmp_path, suffix, dtype, channels):
    shape = (211, 53, channels)
    image = RNG.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    image[50:150] = image[50:51]
    image = image[..., 0] if channels == 1 else image
    path = tmp_path / f"a{suffix}"
    write_bands(path, bands_of(image), shape, image.dtype)
    if suffix == ".npy":
        found = np.load(path)
    elif suffix == ".tif":
        found = tifffile.imread(path)
    else:
        import cv2  # reads 16 bits a channel

        found = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)
        if channels > 1:
            found = found[..., [2, 1, 0, 3][:channels]]
    assert found.dtype == dtype
    assert np.array_equal(found, image)


def test_indices_are_written_with_their_palette(tmp_path):
    indices = np.round(terrain() % 10).astype(np.uint8)
    palette = RNG.integers(0, 256, (11, 3)).astype(np.uint8)
    path = tmp_path / "p.png"
    write_bands(path, bands_of(indices), (*indices.shape, 1), indices.dtype, palette=palette)
    with Image.open(path) as picture:
        assert picture.mode == "P"
        assert np.array_equal(np.asarray(picture), indices)
        assert np.array_equal(np.asarray(picture.convert("RGB")), palette[indices])


def test_a_png_is_a_right_zlib_stream(tmp_path):
    # Pillow does not look at the checksum, which is put together from those of the blocks.
    image = RNG.integers(0, 256, (97, 40, 3)).astype(np.uint8)
    write_bands(tmp_path / "a.png", bands_of(image), image.shape, image.dtype)
    data, stream, at = (tmp_path / "a.png").read_bytes(), b"", 8
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == int.from_bytes(data[at + 8 + size : at + 12 + size])
        stream += body if kind == b"IDAT" else b""
        at += 12 + size
    assert len(zlib.decompress(stream)) == 97 * (1 + 40 * 3)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
@pytest.mark.parametrize("rows", [210, 212])
def test_too_few_or_too_many_rows_leave_no_file(tmp_path, suffix, rows):
    image = np.zeros((rows, 5, 3), np.uint8)
    with pytest.raises(ValueError, match="bands must be 211 rows together"):
        write_bands(tmp_path / f"a{suffix}", bands_of(image), (211, 5, 3), image.dtype)
    assert not list(tmp_path.iterdir())


def test_rebanded():
    image = np.arange(23 * 2).reshape(23, 2)
    parts = list(rebanded(bands_of(image), 5, 23))
    assert [len(part) for part in parts] == [5, 5, 5, 5, 3]
    assert np.array_equal(np.concatenate(parts), image)
    assert [len(part) for part in rebanded([image], 23, 23)] == [23]


def test_threads_keep_the_order_and_few_things():
    alive = []

    def items():
        for number in range(50):
            alive.append(number)
            yield number

    for expected, result in enumerate(parallel.in_order(lambda number: -number, items(), 3)):
        assert result == -expected
        assert len(alive) - expected <= 4


def test_what_a_thread_raises_comes_out():
    with pytest.raises(ZeroDivisionError):
        list(parallel.in_order(lambda number: 1 // number, [1, 2, 0, 3]))


# What is read.


def stored(path, values, kind):
    if kind == "npy":
        with path.open("wb") as file:
            np.save(file, values)
    else:
        options = {
            "tiles": {"tile": (32, 48), "compression": "zlib", "predictor": True},
            "strips": {"rowsperstrip": 10, "compression": "zlib"},
            "plain": {},
            "big": {"bigtiff": True, "byteorder": ">", "tile": (64, 16)},
        }[kind]
        tifffile.imwrite(path, values, photometric="minisblack", **options)
    return path


KINDS = ["npy", "tiles", "strips", "plain", "big"]


@pytest.mark.parametrize("kind", KINDS)
def test_bands_are_the_image(tmp_path, kind):
    values = terrain()
    path = stored(tmp_path / "file", values, kind)
    image = windows.open_windowed(path)
    assert (image.shape, image.dtype.newbyteorder("=")) == (values.shape, values.dtype)
    for _ in range(2):  # again and again
        parts = [raster.values for raster in image]
        assert len(parts) > 5
        assert np.array_equal(np.concatenate(parts), values)
    assert np.array_equal(read(path).values, values)


def test_a_format_without_bands_has_none(tmp_path):
    Image.fromarray(terrain("uint8")).save(tmp_path / "a.png")
    assert windows.open_windowed(tmp_path / "a.png") is None
    np.save(tmp_path / "a.npy", np.asfortranarray(terrain()))
    assert windows.open_windowed(tmp_path / "a.npy") is None


def test_damage_is_a_read_error_when_it_is_met(tmp_path):
    path = stored(tmp_path / "a.tif", terrain(), "tiles")
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[0].dataoffsets[20]
    whole = bytearray(path.read_bytes())
    whole[offset : offset + 40] = bytes(40)
    path.write_bytes(whole)
    image = windows.open_windowed(path)
    with pytest.raises(ReadError, match="cannot be decoded"):
        list(image)


# What `convert` makes of it: the same, whichever way it takes.

COLORINGS = {
    **{name: Coloring(norm=name) for name in ("linear", "log", "inverse", "sqrt")},
    **{name: Coloring(norm=name) for name in ("symlog", "asinh", "equalize")},
    "center": Coloring(center=55.1),
    "center and vmax": Coloring(center=55.1, vmax=90),
    "robust": Coloring(robust=True),
    "robust equalize": Coloring(norm="equalize", robust=(5, 90)),
    "robust log": Coloring(norm="log", robust=(5, 90)),
    "reverse": Coloring(reverse=True, cmap="viridis"),
    "limits": Coloring(vmin=30, vmax=80, under="white", over="magenta"),
    "equalize limits": Coloring(norm="equalize", vmin=30, vmax=80, over="magenta"),
    "vmin": Coloring(vmin=50, bad="gray"),
    "quantize": Coloring(quantize=7),
    "many layers": Coloring(quantize=1000),
    "rgba": Coloring(order="rgba"),
    "uint16": Coloring(dtype="uint16"),
    "spline": Coloring(method="spline"),
}


def both_ways(job, source, monkeypatch, suffix=".png"):
    folder = Path(source).parent
    whole, banded = folder / f"whole{suffix}", folder / f"banded{suffix}"
    said = job(source, whole).line
    monkeypatch.setattr(_windowed, "_MOST_PIXELS", 1000)
    monkeypatch.setattr(_windowed, "_LEAST_FILE", 0)
    assert _windowed.is_large(source, banded, job)
    assert job(source, banded).line.replace("banded", "whole") == said
    return whole, banded


def same(one, other):
    if one.suffix == ".png":
        import cv2

        a, b = (cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED) for path in (one, other))
    elif one.suffix == ".tif":
        a, b = tifffile.imread(one), tifffile.imread(other)
    else:
        a, b = np.load(one), np.load(other)
    assert a.dtype == b.dtype
    assert np.array_equal(a, b)


@pytest.mark.parametrize("name", COLORINGS)
@pytest.mark.parametrize("holes", [False, True])
def test_a_picture_in_bands_is_the_picture(tmp_path, monkeypatch, name, holes):
    values = terrain()
    if holes:
        values[20:90, 30:70] = np.nan
        values[3, 4], values[5, 6] = np.inf, -np.inf
    source = stored(tmp_path / "a.tif", values, "tiles")
    same(*both_ways(Job(coloring=COLORINGS[name]), source, monkeypatch))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float16", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("norm", ["linear", "equalize"])
def test_of_every_dtype_and_invalid_values(tmp_path, monkeypatch, dtype, kind, norm):
    values = terrain(dtype)
    values[100:120] = 0
    job = Job(Reading(invalid=(0,)), Coloring(norm=norm, robust=True))
    same(*both_ways(job, stored(tmp_path / "file", values, kind), monkeypatch))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
@pytest.mark.parametrize("order", ["rgb", "rgba"])
def test_into_every_format_that_streams(tmp_path, monkeypatch, suffix, order):
    source = stored(tmp_path / "a.tif", terrain(), "tiles")
    same(*both_ways(Job(coloring=Coloring(order=order)), source, monkeypatch, suffix))


@pytest.mark.parametrize("limits", [{}, {"vmin": 0, "vmax": 100}])
def test_indices_where_the_usual_way_has_them(tmp_path, monkeypatch, limits):
    source = stored(tmp_path / "a.tif", terrain(), "tiles")
    for path in both_ways(Job(coloring=Coloring(**limits)), source, monkeypatch):
        with Image.open(path) as picture:
            assert picture.mode == "P"


def test_nodata_scale_and_offset(tmp_path, monkeypatch):
    values = terrain("int16")
    values[10:50, 10:50] = -9999
    xml = (
        '<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.01</Item>'
        '<Item name="OFFSET" sample="0" role="offset">3</Item>'
        '<Item name="UNITTYPE" sample="0" role="unittype">m</Item></GDALMetadata>'
    )
    tags = [(42112, "s", 0, xml, True), (42113, "s", 0, "-9999", True)]
    source = tmp_path / "a.tif"
    tifffile.imwrite(source, values, tile=(32, 32), extratags=tags, metadata=None)
    whole, banded = both_ways(Job(), source, monkeypatch)
    same(whole, banded)
    said = Job(force=True)(source, banded)
    assert said.remarks == ("as the file says: stored * 0.01 + 3 m",)
    assert said.line.endswith(" m  1600 of 31650 invalid")


def test_only_what_can_be_streamed_is(tmp_path, monkeypatch):
    source = stored(tmp_path / "a.tif", terrain(), "tiles")
    monkeypatch.setattr(_windowed, "_MOST_PIXELS", 1000)
    monkeypatch.setattr(_windowed, "_LEAST_FILE", 0)
    job = Job()
    assert not _windowed.is_large(source, tmp_path / "a.jpg", job)
    assert not _windowed.is_large(tmp_path / "none.tif", tmp_path / "a.png", job)
    assert not _windowed.is_large(tmp_path, tmp_path / "a.png", job)
    monkeypatch.setattr(_windowed, "_MOST_PIXELS", 10**6)
    assert not _windowed.is_large(source, tmp_path / "a.png", job)


def test_nothing_is_left_of_a_picture_that_fails(tmp_path, monkeypatch):
    path = stored(tmp_path / "a.tif", terrain(), "tiles")
    path.write_bytes(path.read_bytes()[:-3000])
    monkeypatch.setattr(_windowed, "_MOST_PIXELS", 1000)
    monkeypatch.setattr(_windowed, "_LEAST_FILE", 0)
    (tmp_path / "old.png").write_text("mine")
    for target, options in (("new.png", []), ("old.png", ["--force"])):
        result = CliRunner().invoke(
            cli, ["convert", str(path), "-o", str(tmp_path / target), *options]
        )
        assert result.exit_code == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"turbo-cmap: {path}: cannot be decoded: ")
    assert sorted(os.listdir(tmp_path)) == ["a.tif", "old.png"]
    assert (tmp_path / "old.png").read_text() == "mine"


def test_nothing_is_replaced(tmp_path, monkeypatch):
    source = stored(tmp_path / "a.tif", terrain(), "tiles")
    _, banded = both_ways(Job(), source, monkeypatch)
    before = banded.read_bytes()
    with pytest.raises(FileExistsError, match="exists already"):
        Job()(source, banded)
    with pytest.raises(FileExistsError, match="exists already"):
        _windowed.convert_windowed(source, banded, Job())
    assert banded.read_bytes() == before
    replace(Job(), force=True)(source, banded)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="where Linux tells the peak")
@pytest.mark.parametrize("target", ["a.png", "a.tif"])
def test_memory_does_not_grow_with_the_image(tmp_path, target):
    # 125 and 31 MiB of floats; 94 and 23 of colors
    tile = np.tile(np.linspace(0, 1, 256, dtype=np.float32), (256, 1))
    peaks = []
    for height in (12_800, 3_200):
        path = tmp_path / f"{height}.tif"
        tifffile.imwrite(
            path,
            (tile + number for number in range(10 * height // 256)),
            shape=(height // 256 * 256, 2560),
            dtype=np.float32,
            tile=tile.shape,
            compression="zlib",
            compressionargs={"level": 1},
            metadata=None,
        )
        code = (
            "import sys\n"
            "from turbo_cmap.cli import _windowed, cli\n"
            "_windowed._MOST_PIXELS = 1\n"
            "cli(sys.argv[1:], standalone_mode=False)\n"
            # Not ru_maxrss, in which a child begins with what its parent has.
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        )
        output = str(tmp_path / f"{height}{target}")
        done = subprocess.run(
            [sys.executable, "-c", code, "convert", str(path), "-o", output],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout.split()[-1]) * 1024)
    grown = peaks[0] - peaks[1]
    assert grown < 20 << 20, f"{grown / 2**20:.0f} MiB more for three times the image"
    assert peaks[0] < 300 << 20


@pytest.mark.parametrize("suffix", [".npy", ".tif"])
def test_complex_numbers_have_no_bands(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    image = np.zeros((8, 9), np.complex64)
    np.save(path, image) if suffix == ".npy" else tifffile.imwrite(path, image)
    for opened in (windows.open_windowed, read):
        with pytest.raises(ReadError, match="holds complex64 values, not real numbers"):
            opened(path)
