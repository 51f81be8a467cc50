"""PNG, JPEG, WebP and BMP as numbers: gray, or a channel. More of PNG is in test_io.py."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from turbo_cmap.io import ReadError, read, write

GRAY = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64).astype(np.uint8)
RGB = np.random.default_rng(7).integers(0, 256, (24, 40, 3), dtype=np.uint8)
RGBA = np.dstack([RGB, np.where(RGB[..., 0] > 99, 255, 0).astype(np.uint8)])


def reason_of(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "webp", "bmp"])
def test_a_channel_of_a_picture(tmp_path, suffix):
    path = save(tmp_path / f"c.{suffix}", RGB, **({"lossless": True} if suffix == "webp" else {}))
    for number, channel in enumerate("RGB"):
        raster = read(path, channel=channel)
        assert np.array_equal(raster.values, RGB[..., number])
        assert raster.mask is None
    assert reason_of(path) == "a 3-channel image (RGB), not depth; choose one by channel: R, G, B"
    assert reason_of(path, channel="A") == "has no channel 'A', only R, G, B"


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_what_is_transparent_is_masked_in_a_channel_but_not_in_alpha(tmp_path, suffix):
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    path = save(tmp_path / f"c.{suffix}", RGBA, **options)
    raster = read(path, channel="g")
    assert np.array_equal(raster.values, RGB[..., 1])
    assert np.array_equal(raster.mask, RGBA[..., 3] == 0)
    alpha = read(path, channel="a")
    assert np.array_equal(alpha.values, RGBA[..., 3])
    assert alpha.mask is None


@pytest.mark.parametrize("channels", [3, 4])
def test_a_channel_of_16_bits_keeps_them(tmp_path, channels):
    deep = np.random.default_rng(8).integers(0, 65536, (9, 11, channels), dtype=np.uint16)
    write(tmp_path / "c.png", deep)
    for number, channel in enumerate("RGBA"[:channels]):
        values = read(tmp_path / "c.png", channel=channel).values
        assert values.dtype == np.uint16
        assert np.array_equal(values, deep[..., number])


def test_a_channel_of_a_gray_picture(tmp_path):
    for suffix in ("png", "jpg", "bmp"):
        path = save(tmp_path / f"g.{suffix}", GRAY)
        assert np.array_equal(read(path, channel="Y").values, read(path).values)
        assert reason_of(path, channel="R") == "has no channel 'R', only Y"
    path = save(tmp_path / "la.png", np.dstack([GRAY, GRAY // 2]))
    assert np.array_equal(read(path, channel="A").values, GRAY // 2)


def test_a_channel_of_jpeg(tmp_path):
    flat = np.repeat(np.repeat(RGB[:3, :5], 8, axis=0), 8, axis=1)
    path = save(tmp_path / "c.jpg", flat, quality=95, subsampling=0)
    expected = np.asarray(Image.open(path))
    for number, channel in enumerate("RGB"):
        assert np.array_equal(read(path, channel=channel).values, expected[..., number])


@pytest.mark.parametrize("suffix", ["bmp", "webp"])
def test_gray_as_opencv_and_pillow_write_it(tmp_path, suffix):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    lossless = {"lossless": True} if suffix == "webp" else {}
    paths = [
        save(tmp_path / f"l.{suffix}", GRAY, **lossless),
        save(tmp_path / f"rgb.{suffix}", np.dstack([GRAY] * 3), **lossless),
        tmp_path / f"cv.{suffix}",
    ]
    assert cv2.imwrite(str(paths[2]), GRAY, [cv2.IMWRITE_WEBP_QUALITY, 101])
    for path in paths:
        raster = read(path)
        assert np.array_equal(raster.values, GRAY)
        assert raster.mask is None


def test_transparent_gray_webp_is_masked(tmp_path):
    alpha = np.where(GRAY > 9, 255, 0).astype(np.uint8)
    pixels = np.dstack([GRAY, GRAY, GRAY, alpha])
    raster = read(save(tmp_path / "g.webp", pixels, lossless=True, exact=True))
    assert np.array_equal(raster.values, GRAY)
    assert np.array_equal(raster.mask, alpha == 0)


def test_moving_pictures_and_palettes(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "m.webp", save_all=True, append_images=frames[1:])
    ways = "holds 2 pictures; one is needed: ffmpeg -i {} frame_%05d.png makes a file of each"
    assert reason_of(tmp_path / "m.webp", channel="R") == ways.format("m.webp")
    for mode, options in (("L", {}), ("RGB", {"channel": "R"})):
        moving = [Image.new(mode, (4, 4), color) for color in ("gray", "white")]
        moving[0].save(tmp_path / "m.png", save_all=True, append_images=moving[1:])
        assert reason_of(tmp_path / "m.png", **options) == ways.format("m.png")
    Image.fromarray(RGB).quantize(16).save(tmp_path / "p.bmp")
    assert reason_of(tmp_path / "p.bmp").startswith("a palette image")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp"])
def test_truncated_at_every_byte_of_the_header(tmp_path, suffix):
    path = save(tmp_path / f"t.{suffix}", GRAY)
    whole = path.read_bytes()
    for length in [*range(1, 80), len(whole) // 2]:
        path.write_bytes(whole[:length])
        reason_of(path)


def webp_bytes(kind, payload):
    chunk = kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def test_headers_that_claim_the_moon(tmp_path):
    huge = struct.pack("<I", 0xFFFFFF)[:3]
    path = tmp_path / "bomb"
    for content in (
        webp_bytes(b"VP8X", bytes(4) + huge + huge),
        webp_bytes(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(5)),
        webp_bytes(b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f"),
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 66, 0, 54, 40, 10**9, 10**9, 1, 24, *[0] * 6),
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 66, 0, 54, 40, 10**5, -(10**5), 1, 24, *[0] * 6),
    ):
        path.write_bytes(content)
        assert "its header claims" in reason_of(path)


def test_a_color_type_that_there_is_not(tmp_path):
    header = struct.pack(">IIBBBBB", 4, 4, 8, 5, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    path = tmp_path / "t.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + header + crc)
    assert reason_of(path) == "a PNG of color type 5, which there is not"
