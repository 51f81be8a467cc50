"""PFM, DPT, FLO and COLMAP: floats behind a short header."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from turbo_cmap.io import ReadError, read

DATA = Path(__file__).parent / "data"
DEPTH = (np.arange(5 * 7).reshape(5, 7) / 7 + 1).astype(np.float32)
FLOW = np.stack([DEPTH, -2 * DEPTH], axis=-1)
NORMALS = np.stack([DEPTH, 2 * DEPTH, 3 * DEPTH], axis=-1)
TAG = struct.pack("<f", 202021.25)


def dpt(values):
    return TAG + struct.pack("<ii", *values.shape[1::-1]) + values.astype("<f4").tobytes()


def colmap(values):
    height, width = values.shape[:2]
    planes = np.moveaxis(values.reshape(height, width, -1), -1, 0)
    return b"%d&%d&%d&" % (width, height, len(planes)) + planes.astype("<f4").tobytes()


def pfm(values, scale=b"-1"):
    kind = b"PF" if values.ndim == 3 else b"Pf"
    stored = values[::-1].astype("<f4" if scale.startswith(b"-") else ">f4")
    return b"%s\n%d %d\n%s\n" % (kind, *values.shape[1::-1], scale) + stored.tobytes()


KINDS = {
    "pfm": pfm(DEPTH),
    "dpt": dpt(DEPTH),
    "flo": dpt(FLOW),
    "bin": colmap(DEPTH),
}


def file_of(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def reason_of(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


# PFM; more of it is in test_io.py.


def test_pfm_of_middlebury_is_the_disparity_that_kitti_stores():
    raster = read(DATA / "cones_crop.pfm")
    truth = np.load(DATA / "cones_crop.npz")["truth"][:50, 40:]
    assert np.array_equal(raster.mask, truth == 0)
    assert np.array_equal(raster.values[~raster.mask] * 256, truth[~raster.mask])


@pytest.mark.parametrize("suffix", ["pfm"])
def test_pfm_as_opencv_writes_it(tmp_path, suffix):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    for values in (DEPTH, NORMALS):
        path = tmp_path / f"d.{suffix}"
        assert cv2.imwrite(str(path), values)
        if values.ndim == 2:
            assert np.array_equal(read(path).values, values)
        else:
            for channel, plane in zip("BGR", np.moveaxis(values, -1, 0), strict=True):
                assert np.array_equal(read(path, channel=channel).values, plane)


@pytest.mark.parametrize("scale", [b"-1", b"1"])
def test_a_channel_of_color_pfm(tmp_path, scale):
    values = NORMALS.copy()
    values[1, 2, 0] = np.inf
    path = file_of(tmp_path, "c.pfm", pfm(values, scale))
    for number, channel in enumerate("RGB"):
        raster = read(path, channel=channel)
        assert np.array_equal(raster.values, values[..., number])
        assert (raster.mask is not None) == (channel == "R")
    assert reason_of(path) == "a 3-channel image (RGB), not depth; choose one by channel: R, G, B"
    gray = file_of(tmp_path, "g.pfm", pfm(DEPTH))
    assert reason_of(gray, channel="R") == "has no channel 'R', only Y"


def test_the_scale_of_a_pfm_is_kept_and_not_multiplied(tmp_path):
    raster = read(file_of(tmp_path, "d.pfm", pfm(DEPTH, b"-0.0039")))
    assert np.array_equal(raster.values, DEPTH)
    assert (raster.scale, raster.metadata) == (1.0, {"scale": "0.0039"})
    assert read(file_of(tmp_path, "e.pfm", pfm(DEPTH))).metadata == {}


# DPT and FLO.


def test_dpt(tmp_path):
    raster = read(file_of(tmp_path, "d.dpt", dpt(DEPTH)))
    assert np.array_equal(raster.values, DEPTH)
    assert (raster.values.dtype, raster.mask, raster.unit) == (np.float32, None, "m")
    assert raster.format == "DPT"


def test_flow_as_opencv_writes_it(tmp_path):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    path = tmp_path / "f.flo"
    assert cv2.writeOpticalFlow(str(path), FLOW)
    assert np.array_equal(read(path, channel="u").values, FLOW[..., 0])
    assert np.array_equal(read(path, channel="V").values, FLOW[..., 1])
    magnitude = read(path)
    assert np.array_equal(magnitude.values, np.hypot(FLOW[..., 0], FLOW[..., 1]))
    assert (magnitude.values.dtype, magnitude.mask, magnitude.unit) == (np.float32, None, "px")


def test_unknown_flow_is_masked(tmp_path):
    flow = FLOW.copy()
    flow[0, 1] = 1e10
    flow[2, 3, 1] = -1.7e9
    flow[3, 3, 0] = np.nan
    flow[4, 4, 0] = 1e9  # the greatest that is known
    for channel in (None, "u", "v"):
        raster = read(file_of(tmp_path, "f.flo", dpt(flow)), channel=channel)
        assert np.argwhere(raster.mask).tolist() == [[0, 1], [2, 3], [3, 3]]


def test_the_name_tells_depth_from_flow_and_else_the_size(tmp_path):
    assert read(file_of(tmp_path, "noname", dpt(FLOW))).format == "FLO"
    assert read(file_of(tmp_path, "noname", dpt(DEPTH))).format == "DPT"
    assert reason_of(file_of(tmp_path, "noname", TAG)) == "ends in its header"
    # half of a file of flow is as long as one of depth, and is damaged nevertheless
    assert "need 280 bytes" in reason_of(file_of(tmp_path, "g.FLO", dpt(FLOW)[: 12 + 140]))
    assert "need 140 bytes" in reason_of(file_of(tmp_path, "g.dpt", dpt(FLOW)))


def test_channels_that_flow_and_depth_have_not(tmp_path):
    flow = file_of(tmp_path, "f.flo", dpt(FLOW))
    assert reason_of(flow, channel="R") == "has no channel 'R', only magnitude, u, v"
    depth = file_of(tmp_path, "d.dpt", dpt(DEPTH))
    assert reason_of(depth, channel="Z") == "DPT has no channels to choose, got 'Z'"


# COLMAP.


def read_array(path):
    """As COLMAP's own script: Fortran order, then transposed."""
    with path.open("rb") as file:
        head = b""
        while head.count(b"&") < 3:
            head += file.read(1)
        width, height, channels = map(int, head.split(b"&")[:3])
        array = np.fromfile(file, np.float32)
    array = array.reshape((width, height, channels), order="F")
    return np.transpose(array, (1, 0, 2)).squeeze()


def test_colmap_depth(tmp_path):
    values = DEPTH.copy()
    values[2, 4] = 0
    path = file_of(tmp_path, "a.jpg.geometric.bin", colmap(values))
    raster = read(path)
    assert np.array_equal(raster.values, values)
    assert np.array_equal(raster.values, read_array(path))
    assert np.argwhere(raster.mask).tolist() == [[2, 4]]
    assert raster.unit is None


def test_colmap_normals(tmp_path):
    path = file_of(tmp_path, "n.bin", colmap(NORMALS))
    for number, channel in enumerate("xyz"):
        assert np.array_equal(read(path, channel=channel).values, read_array(path)[..., number])
    assert reason_of(path).endswith("choose one by channel: x, y, z")


# All of them.


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_at_every_byte(tmp_path, kind):
    for length in range(1, len(KINDS[kind])):
        reason_of(file_of(tmp_path, f"t.{kind}", KINDS[kind][:length]))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.dpt", TAG + struct.pack("<ii", 0, 5), "has no pixels: it is 0 x 5"),
        ("a.dpt", TAG + struct.pack("<ii", -7, 5), "has no pixels: it is -7 x 5"),
        ("a.flo", TAG + struct.pack("<i", 7), "ends in its header"),
        ("a.dpt", struct.pack(">f", 202021.25) + bytes(20), "is in no format that is read"),
        ("a.bin", b"7&5&2&" + bytes(280), "has 2 channels; 1 of depth or 3 of normals are read"),
        ("a.bin", b"7&5&1&" + bytes(141), "7 x 5 x 1 need 140 bytes, it has 141"),
        ("a.bin", b"0&5&1&", "has no pixels: it is 0 x 5"),
        ("a.bin", b"-7&5&1&" + bytes(140), "is in no format that is read"),
        ("a.bin", b"hello", "is in no format that is read"),
        ("a.pfm", b"Pf\n7 5\nnan\n" + bytes(140), "its PFM header is not"),
        ("a.pfm", b"Pf\n7 5\n-1e999\n" + bytes(140), "its PFM header is not"),
        ("a.pfm", b"PF\n7 5\n-1\n" + bytes(140), "7 x 5 RGB float32 need 420 bytes, it has 140"),
    ],
)
def test_bad_files(tmp_path, name, content, reason):
    assert reason_of(file_of(tmp_path, name, content)).startswith(reason)


@pytest.mark.parametrize(
    "content",
    [
        TAG + struct.pack("<ii", 10**9, 10**9) + bytes(8),
        b"999999999&999999999&1&" + bytes(8),
        b"1000000000&1000000000&1&" + bytes(8),
        b"Pf\n1000000000000 1000000000000\n-1\n" + bytes(8),
        b"Pf\n999999999 999999999\n-1\n" + bytes(8),
        b"PF 999999999 999999999 1\n" + bytes(8),
    ],
)
@pytest.mark.parametrize("suffix", ["dpt", "flo"])
def test_a_header_that_claims_the_moon(tmp_path, content, suffix):
    assert "need" in reason_of(file_of(tmp_path, f"a.{suffix}", content))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_nan_is_an_image(tmp_path, kind):
    header = len(KINDS[kind]) - (280 if kind == "flo" else 140)
    content = KINDS[kind][:header] + np.full(70, np.nan, "<f4").tobytes()
    raster = read(file_of(tmp_path, f"a.{kind}", content[: len(KINDS[kind])]))
    assert np.isnan(raster.values).all()
    assert raster.mask is None or (kind == "flo" and raster.mask.all())


@settings(max_examples=60, deadline=None)
@given(values=arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6))), data=st.data())
def test_every_bit_of_a_float_comes_back(tmp_path_factory, values, data):
    kind = data.draw(st.sampled_from([pfm, dpt, colmap]))
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(kind(values))
    found = read(path).values
    assert found.dtype == np.float32
    assert found.tobytes() == values.tobytes()
