import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from turbo_cmap.io import ReadError, read

DEPTH_U16 = (np.arange(5 * 7).reshape(5, 7) * 1873).astype(np.uint16)  # up to 63,682
DEPTH_U8 = DEPTH_U16.astype(np.uint8)
RGB_U16 = np.stack([DEPTH_U16, DEPTH_U16 // 2, DEPTH_U16 // 3], axis=-1)


def file_of(tmp_path, head, pixels=b""):
    path = tmp_path / "depth.pgm"
    path.write_bytes(head + pixels)
    return path


def reason_of(tmp_path, head, pixels=b"", **options):
    path = file_of(tmp_path, head, pixels)
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


# What is read, and as what.


@pytest.mark.parametrize("suffix", ["pgm", "pnm", "pam"])
@pytest.mark.parametrize("values", [DEPTH_U16, DEPTH_U8], ids=["16", "8"])
def test_as_opencv_writes_it(tmp_path, suffix, values):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    path = tmp_path / f"d.{suffix}"
    if not cv2.imwrite(str(path), values):
        pytest.skip(f"this OpenCV does not write {suffix} of {values.dtype}")
    raster = read(path)
    assert raster.values.dtype == values.dtype
    assert np.array_equal(raster.values, values)
    assert (raster.mask, raster.unit, raster.format) == (None, None, "PNM")


def test_as_pillow_writes_it(tmp_path):
    Image.fromarray(DEPTH_U16).save(tmp_path / "d.pgm")
    assert np.array_equal(read(tmp_path / "d.pgm").values, DEPTH_U16)
    Image.fromarray(np.dstack([DEPTH_U8] * 3)).save(tmp_path / "d.ppm")
    assert np.array_equal(read(tmp_path / "d.ppm", channel="g").values, DEPTH_U8)


@pytest.mark.parametrize("largest", [1, 100, 255, 256, 1000, 65535])
@pytest.mark.parametrize("plain", [False, True])
def test_values_are_never_rescaled(tmp_path, largest, plain):
    values = np.minimum(DEPTH_U16, largest)
    dtype = np.uint8 if largest < 256 else np.uint16
    if plain:
        pixels = "\n".join(" ".join(map(str, row)) for row in values).encode()
    else:
        pixels = values.astype(np.uint8 if largest < 256 else ">u2").tobytes()
    path = file_of(tmp_path, b"P%d\n7 5\n%d\n" % (2 if plain else 5, largest), pixels)
    raster = read(path)
    assert raster.values.dtype == dtype
    assert np.array_equal(raster.values, values)
    assert raster.metadata["maxval"] == str(largest)


@pytest.mark.parametrize(
    "head",
    [
        b"P5 7 5 65535 ",
        b"P5\n7\n5\n65535\n",
        b"P5\n# by a camera\n7 5\n# of 12 bits\n65535\n",
        b"P5 # a\n#\n\t7 # 8\n 5 65535\n",
        b"P5\r\n7 5\r\n65535\r\n",
    ],
)
def test_headers_of_all_kinds(tmp_path, head):
    path = file_of(tmp_path, head, DEPTH_U16.astype(">u2").tobytes())
    assert np.array_equal(read(path).values, DEPTH_U16)


def test_a_sample_that_is_a_line_feed_is_a_sample(tmp_path):
    values = np.full((5, 7), 0x0A0D, dtype=np.uint16)
    path = file_of(tmp_path, b"P5 7 5 65535\r", values.astype(">u2").tobytes())
    assert np.array_equal(read(path).values, values)


def test_what_follows_the_samples_does_not_matter_unless_it_is_another_image(tmp_path):
    whole = b"P5 7 5 65535\n" + DEPTH_U16.astype(">u2").tobytes()
    assert np.array_equal(read(file_of(tmp_path, whole + b"\n")).values, DEPTH_U16)
    assert reason_of(tmp_path, whole + whole) == "holds several images; one is needed"


def test_comments_among_plain_values(tmp_path):
    path = file_of(tmp_path, b"P2 3 2 9\n1 2 3 # the first row\n4 5 6")
    assert read(path).values.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("plain", [False, True])
def test_a_channel_of_ppm(tmp_path, plain):
    pixels = (
        " ".join(map(str, RGB_U16.ravel())).encode() if plain else RGB_U16.astype(">u2").tobytes()
    )
    head = b"P%d 7 5 65535\n" % (3 if plain else 6)
    path = file_of(tmp_path, head, pixels)
    for number, channel in enumerate("RGB"):
        for name in (channel, channel.lower()):
            assert np.array_equal(read(path, channel=name).values, RGB_U16[..., number])
    assert (
        reason_of(tmp_path, head, pixels)
        == "a 3-channel image (RGB), not depth; choose one by channel: R, G, B"
    )
    assert reason_of(tmp_path, head, pixels, channel="A") == "has no channel 'A', only R, G, B"


def pam(width, height, depth, largest, kind=b"X"):
    return b"P7\n# a\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n" % (
        width,
        height,
        depth,
        largest,
        kind,
    )


def test_pam(tmp_path):
    gray = file_of(tmp_path, pam(7, 5, 1, 65535), DEPTH_U16.astype(">u2").tobytes())
    assert np.array_equal(read(gray).values, DEPTH_U16)
    alpha = np.where(DEPTH_U8 > 99, 255, 0).astype(np.uint8)
    path = file_of(tmp_path, pam(7, 5, 2, 255), np.dstack([DEPTH_U8, alpha]).tobytes())
    raster = read(path)
    assert np.array_equal(raster.values, DEPTH_U8)
    assert np.array_equal(raster.mask, alpha == 0)
    assert np.array_equal(read(path, channel="A").values, alpha)
    rgba = np.dstack([RGB_U16, DEPTH_U16]).astype(">u2")
    path = file_of(tmp_path, pam(7, 5, 4, 65535), rgba.tobytes())
    assert np.array_equal(read(path, channel="B").values, RGB_U16[..., 2])


def test_low_byte_first_by_preset(tmp_path):
    path = file_of(tmp_path, b"P5 7 5 65535\n", DEPTH_U16.astype("<u2").tobytes())
    assert np.array_equal(read(path, "byteswap").values, DEPTH_U16)


@settings(max_examples=40, deadline=None)
@given(
    values=arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    plain=st.booleans(),
)
def test_whatever_is_written_comes_back(tmp_path_factory, values, plain):
    path = tmp_path_factory.getbasetemp() / "any.pgm"
    height, width = values.shape
    pixels = (
        " ".join(map(str, values.ravel())).encode() if plain else values.astype(">u2").tobytes()
    )
    path.write_bytes(b"P%d %d %d 65535\n" % (2 if plain else 5, width, height) + pixels)
    assert np.array_equal(read(path).values, values)


# What is refused, and in which words.


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"P5 7 x 255\n", "its PNM header is not width, height and the largest value"),
        (b"P5 -7 5 255\n", "its PNM header is not width, height and the largest value"),
        (b"P5 7 5 255", "its PNM header ends without white space before the samples"),
        (b"P5 7 5 255x", "its PNM header ends without white space before the samples"),
        (b"P5 7 5 0\n", "its largest value must be 1 to 65535, its header says 0"),
        (b"P5 7 5 65536\n", "its largest value must be 1 to 65535, its header says 65536"),
        (b"P5 7 5 255\n1234", "7 x 5 uint8 need 35 bytes, it has 4"),
        (b"P6 7 5 65535\n1234", "7 x 5 uint16 need 210 bytes, it has 4"),
        (b"P5 0 5 255\n1234", "has no pixels: it is 0 x 5"),
        (b"P2 7 5 255\n1 2 3", "7 x 5 values do not fit into 5 bytes"),
        (b"P2 2 1 255\n12345", "2 x 1 need 2 values, it has 1"),
        (b"P2 2 1 255\n     ", "2 x 1 need 2 values, it has 0"),
        (b"P2 2 1 255\n1 -2", "has something else than digits among its values"),
        (b"P2 2 1 255\n1 2.5", "has something else than digits among its values"),
        (b"P2 2 1 255\n1 nan", "has something else than digits among its values"),
        (b"P2 2 1 255\n1 256", "holds 256, its header says 255 at most"),
        (b"P2 2 1 255\n1 " + b"9" * 400, "holds inf, its header says 255 at most"),
        (b"P7\nWIDTH 7\n", "its PAM header has no ENDHDR in its first 4096 bytes"),
        (b"P7\nWIDTH 7\nENDHDR\n", "its PAM header has no HEIGHT and no DEPTH and no MAXVAL"),
        (pam(7, 5, 5, 255), "has 5 channels; 1 to 4 are read"),
    ],
)
def test_bad_files(tmp_path, content, reason):
    assert reason_of(tmp_path, content) == reason


@pytest.mark.parametrize("kind", [2, 3, 5, 6])
def test_a_header_that_claims_the_moon(tmp_path, kind):
    for side in (999999999, 10**12):
        head = b"P%d %d %d 65535\n1 2 3" % (kind, side, side)
        assert reason_of(tmp_path, head).startswith(f"{side} x {side} ")
    assert "999999999 x 999999999" in reason_of(
        tmp_path, pam(999999999, 999999999, 4, 65535), b"1234"
    )


def test_truncated_at_every_byte(tmp_path):
    for whole in (
        b"P5\n# a\n7 5\n65535\n" + DEPTH_U16.astype(">u2").tobytes(),
        pam(7, 5, 1, 65535) + DEPTH_U16.astype(">u2").tobytes(),
    ):
        for length in range(1, len(whole)):
            reason_of(tmp_path, whole[:length])


def test_a_bitmap_is_none_of_these(tmp_path):
    assert reason_of(tmp_path, b"P4 8 1\n" + struct.pack("B", 3)).startswith("is in no format")
