import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from turbo_cmap.io import PRESETS, Preset, Raster, ReadError, read, write
from turbo_cmap.io.hints import describe, hint
from turbo_cmap.io.raster import mask_of

DATA = Path(__file__).parent / "data"


def raster(values, **others):
    return Raster(np.asarray(values), Path("a.png"), **{"format": "PNG", **others})


def applied(name, values, **others):
    return PRESETS[name].apply(raster(values, **others))


def scaled(name, values):
    """What is measured, NaN where the preset says that nothing is."""
    found = applied(name, values)
    result = found.scaled().astype(np.float64)
    if found.mask is not None:
        result[found.mask] = np.nan
    return result


# What each means: by numbers worked out from the words of its source.


@pytest.mark.parametrize(
    ("name", "stored", "measured"),
    [
        ("kitti-depth", [0, 256, 20480], [np.nan, 1, 80]),
        ("kitti-disparity", [0, 128, 57344], [np.nan, 0.5, 224]),
        ("cityscapes-disparity", [0, 1, 257], [np.nan, 0, 1]),
        ("tum", [0, 5000, 65535], [np.nan, 1, 13.107]),
        ("mm", [0, 1, 10000], [np.nan, 0.001, 10]),
        # 1 m is 1000 = 0b1111101000, rotated left by 3; 8.192 m comes round to bit 0
        ("sunrgbd", [0, 8000, 1], [np.nan, 1, 8.192]),
        ("vkitti", [0, 100, 65534, 65535], [0, 1, 655.34, np.nan]),
        ("2d3ds", [0, 512, 65535], [0, 1, np.nan]),
        ("matterport", [0, 4000], [np.nan, 1]),
        ("7-scenes", [0, 1000, 65535], [0, 1, np.nan]),
        ("falling-things", [0, 1, 10000], [0, 0.0001, 1]),
        ("instereo2k", [0, 100, 12345], [np.nan, 1, 123.45]),
        ("crestereo", [0, 32, 48], [0, 1, 1.5]),
    ],
)
def test_words(name, stored, measured):
    found = scaled(name, np.array([stored], dtype=np.uint16))
    np.testing.assert_array_equal(found, [measured], err_msg="to the last bit")
    powers_of_two = {"kitti-depth", "kitti-disparity", "cityscapes-disparity", "2d3ds"}
    powers_of_two.add("crestereo")
    exact = np.float32 if name in powers_of_two else np.float64
    assert applied(name, np.array([stored], dtype=np.uint16)).scaled().dtype == exact


@pytest.mark.parametrize(
    ("name", "stored", "measured"),
    [("replica", [0, 65535], [np.nan, 10]), ("point-odyssey", [0, 13107, 65535], [0, 200, 1000])],
)
def test_words_in_odd_steps(name, stored, measured):
    found = scaled(name, np.array([stored], dtype=np.uint16))
    np.testing.assert_allclose(found, [measured], rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        ("middlebury-2003", [np.nan, 0.25, 63.75]),  # the range that its README states
        ("middlebury-2006", [np.nan, 1, 255]),
        ("middlebury-2006-half", [np.nan, 0.5, 127.5]),
        ("middlebury-2006-third", [np.nan, 1 / 3, 85]),
    ],
)
def test_bytes(name, measured):
    found = scaled(name, np.array([[0, 1, 255]], dtype=np.uint8))
    assert np.array_equal(found, [measured], equal_nan=True)
    with pytest.raises(ReadError, match=f"the preset {name} is for uint8, it holds uint16"):
        applied(name, np.zeros((2, 2), np.uint16))


def test_meters_and_distances():
    stored = np.array([[0, 1.5, np.inf, np.nan]], dtype=np.float32)
    depth = applied("m", stored)
    assert depth.mask.tolist() == [[True, False, True, False]]
    assert (depth.unit, depth.preset.quantity) == ("m", "depth")
    distance = applied("hypersim", stored.astype(np.float16))
    assert distance.mask is None
    assert distance.values.dtype == np.float16
    assert distance.preset.quantity == "distance"


def test_hypersim_from_its_own_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    stored = np.array([[1.5, 2.25, np.nan]], dtype=np.float16)
    with h5py.File(tmp_path / "frame.0000.depth_meters.hdf5", "w") as file:
        file["dataset"] = stored
    found = read(tmp_path / "frame.0000.depth_meters.hdf5", "hypersim")
    assert np.array_equal(found.scaled(), stored, equal_nan=True)
    assert found.unit == "m"


def test_spring_from_its_own_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    stored = np.array([[1.5, 2.25, np.nan]], dtype=np.float32)
    with h5py.File(tmp_path / "disp1_left_0001.dsp5", "w") as file:
        file["disparity"] = stored
    found = read(tmp_path / "disp1_left_0001.dsp5", "middlebury-pfm")
    assert np.array_equal(found.scaled(), stored, equal_nan=True)
    assert found.unit == "px"


@given(st.floats(width=32, allow_nan=False))
def test_tartanair_is_the_bytes_of_a_float(number):
    # As OpenCV has them, whose order is B, G, R, A.
    blue, green, red, alpha = np.array([number], "<f4").view(np.uint8)
    found = applied("tartanair", np.array([[[red, green, blue, alpha]]], np.uint8))
    assert found.values.dtype == np.float32
    assert found.values.item() == number


def test_tartanair_as_opencv_writes_and_reads_it(tmp_path):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    depth = np.random.default_rng(3).uniform(0.2, 300, (7, 9)).astype("<f4")
    path = str(tmp_path / "d.png")
    assert cv2.imwrite(path, depth[..., np.newaxis].view(np.uint8))
    assert np.array_equal(read(path, "tartanair").scaled(), depth)
    assert np.array_equal(np.squeeze(cv2.imread(path, cv2.IMREAD_UNCHANGED).view("<f4")), depth)
    cv2.imwrite(path, np.zeros((3, 4, 3), np.uint8))
    with pytest.raises(ReadError, match="the preset tartanair is for 4 channels, not 3"):
        read(path, "tartanair")


def test_kitti_flow(tmp_path):
    moved = np.array([[3, -4, 1], [0, 0, 1], [5, 12, 0]])  # u, v, whether it is known
    stored = np.column_stack([moved[:, :2] * 64 + 2**15, moved[:, 2]])[np.newaxis]
    write(tmp_path / "000000_10.png", stored.astype(np.uint16))
    found = read(tmp_path / "000000_10.png", "kitti-flow")
    assert found.scaled().tolist() == [[5, 0, 13]]
    assert found.mask.tolist() == [[False, False, True]]
    assert (found.unit, found.preset.quantity) == ("px", "flow")


def test_the_bits_of_a_half(tmp_path):
    depth = np.array([[0, 1.5, 7.25, 65504, np.inf]], dtype=np.float16)
    write(tmp_path / "h.png", depth.view(np.uint16))
    found = read(tmp_path / "h.png", "float16-bits")
    assert found.values.dtype == np.float16
    assert np.array_equal(found.values, depth)


@given(st.integers(0, 65535))
def test_sunrgbd_undoes_the_rotation(mm):
    rotated = np.array([[(mm << 3 | mm >> 13) & 0xFFFF]], dtype=np.uint16)
    assert applied("sunrgbd", rotated).values.item() == mm


@given(st.integers(0, 2**24 - 1))
def test_colors_of_bytes_are_exact(code):
    high, middle, low = code >> 16, code >> 8 & 255, code & 255
    big = np.array([[[high, middle, low]]], dtype=np.uint8)
    assert scaled("terrarium", big).item() == high * 256 + middle + low / 256 - 32768
    assert scaled("sintel-disparity", big).item() == high * 4 + middle / 64 + low / 16384
    mapbox = scaled("mapbox-terrain", big).item()
    assert mapbox == pytest.approx(code * 0.1 - 10000, abs=0.06)  # half a step of 0.1
    carla = scaled("carla", big[..., ::-1]).item()
    assert carla == pytest.approx(1000 * code / (2**24 - 1), rel=1e-6)


def test_nyu_raw():
    raw = np.array([[0, 741, 1092, 1093, 2047]], dtype=np.uint16)
    found = scaled("nyu-raw", raw.byteswap())
    expected = [351.3 / 1092.5, 351.3 / 351.5, 10, np.nan, np.nan]
    assert np.allclose(found, [expected], rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("dtype", ["int16", "uint16", ">i2"])
def test_fixed_point_disparities_of_opencv(tmp_path, dtype):
    values = np.array([[-16, -1, 0, 8, 1023]], dtype=np.int16)
    stored = values.astype(dtype)
    if stored.dtype.newbyteorder("=") == np.uint16:
        path = tmp_path / "d.png"
        Image.fromarray(stored).save(path)
    else:
        path = tmp_path / "d.tif"
        tifffile.imwrite(path, stored)
    found = read(path, "sgbm")
    assert found.mask.tolist() == [[True, True, False, False, False]]
    assert found.scaled()[~found.mask].tolist() == [0, 0.5, 63.9375]
    assert found.unit == "px"


def test_what_stereo_sgbm_says_is_what_the_preset_says():
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    texture = np.random.default_rng(4).integers(0, 256, (60, 160), dtype=np.uint8)
    matcher = cv2.StereoSGBM_create(minDisparity=0, numDisparities=32, blockSize=5)
    found = applied("sgbm", matcher.compute(texture, np.roll(texture, -7, axis=1)))
    assert np.median(found.scaled()[~found.mask]) == 7
    assert found.mask[:, :31].all()  # where the match would lie outside


def test_infinite_disparities():
    values = np.array([[1.5, np.inf, -np.inf, np.nan]], dtype=np.float32)
    found = applied("middlebury-pfm", values)
    assert found.mask.tolist() == [[False, True, True, False]]
    assert found.unit == "px"


# Real files.


def test_three_encodings_of_one_disparity():
    pfm = read(DATA / "cones_crop.pfm", "middlebury-pfm")
    stored = np.load(DATA / "cones_crop.npz")["truth"][:50, 40:]
    kitti = applied("kitti-disparity", stored)
    assert np.array_equal(kitti.mask, pfm.mask)
    assert np.array_equal(kitti.scaled()[~kitti.mask], pfm.scaled()[~pfm.mask])
    assert (kitti.unit, pfm.unit) == ("px", "px")


def test_real_depth_is_that_of_a_room():
    for name, preset in (("rgbd_crop_mm.png", "mm"), ("tum_crop.png", "tum")):
        found = read(DATA / name, preset)
        assert found.preset is PRESETS[preset]
        meters = found.scaled()[~found.mask]
        assert 0.3 < meters.min() < meters.max() < 10
        assert found.mask.mean() == pytest.approx(0.2, abs=0.01)


# What does not fit.


def reason_of(function, *arguments, **options):
    with pytest.raises(ReadError) as caught:
        function(*arguments, **options)
    return caught.value.reason


@pytest.mark.parametrize("name", [n for n in PRESETS if "uint16" in PRESETS[n].dtypes])
def test_what_was_flattened_is_refused(name):
    shape = (2, 2, *PRESETS[name].colors)
    reason = reason_of(applied, name, np.zeros(shape, np.uint8))
    assert reason == (
        f"the preset {name} is for {PRESETS[name].dtypes[0]}, it holds uint8: "
        "has it been flattened to 8 bits?"
    )
    if not PRESETS[name].colors:
        assert reason_of(applied, name, np.zeros((2, 2), np.float32)).endswith(
            "it holds float32: is it scaled already?"
        )


def test_colors_where_numbers_are_needed_and_the_other_way_round(tmp_path):
    rgb = np.zeros((3, 4, 3), np.uint8)
    assert reason_of(applied, "sintel-disparity", rgb[..., 0]) == (
        "the preset sintel-disparity is for 3 channels, not 1"
    )
    assert reason_of(applied, "terrarium", rgb[..., :2]).endswith("is for 3 or 4 channels, not 2")
    assert reason_of(applied, "carla", rgb.astype(np.uint16)).endswith("uint8, it holds uint16")
    Image.fromarray(rgb).save(tmp_path / "c.png")
    assert "choose one by channel" in reason_of(read, tmp_path / "c.png", "tum")
    assert "for 3 channels, not 1" in reason_of(
        read, tmp_path / "c.png", "sintel-disparity", channel="R"
    )
    Image.fromarray(rgb).save(tmp_path / "c.jpg")
    assert "exact colors" in reason_of(read, tmp_path / "c.jpg", "carla")
    Image.fromarray(rgb).save(tmp_path / "c.webp")
    assert "with loss" in reason_of(read, tmp_path / "c.webp", "carla")


def test_decoded_colors_come_from_every_format_that_has_exact_ones(tmp_path):
    rgb = np.random.default_rng(5).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    expected = scaled("sintel-disparity", rgb)
    for suffix, options in (("png", {}), ("bmp", {}), ("ppm", {}), ("webp", {"lossless": True})):
        Image.fromarray(rgb).save(tmp_path / f"c.{suffix}", **options)
        found = read(tmp_path / f"c.{suffix}", "sintel-disparity")
        assert np.array_equal(found.scaled(), expected)


def test_no_such_preset():
    with pytest.raises(ValueError, match=r"read\(\): preset must be one of kitti-depth, .*'x'"):
        read("a.png", "x")
    with pytest.raises(TypeError, match=r"read\(\): preset must be a name or a Preset, got 3"):
        read("a.png", 3)


def test_a_preset_of_one_s_own():
    mine = Preset("mine", "", "depth", "km", scale=2.0, offset=1.0, dtypes=("uint8",), source="")
    found = read_with(mine, np.array([[1, 2]], np.uint8))
    assert found.scaled().tolist() == [[3, 5]]
    assert describe(found) == "mine: depth in km = stored * 2 + 1"


def read_with(preset, values):
    return preset.apply(raster(values))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_what_it_assumes_and_where_that_is_written(name):
    preset = PRESETS[name]
    assert preset.name == name
    assert preset.source
    assert preset.dtypes
    assert "\n" not in preset.assumption
    assert preset.assumption.startswith(f"{preset.quantity} in {preset.unit} = ") or (
        preset.unit is None
    )
    assert pickle.loads(pickle.dumps(preset)) == preset


def test_what_is_invalid_already_stays_so():
    mask = np.array([[True, False, False]])
    found = applied("mm", np.array([[5, 0, 7]], np.uint16), mask=mask)
    assert found.mask.tolist() == [[True, True, False]]
    assert mask.tolist() == [[True, False, False]]


# Masks.


def test_masks_are_joined():
    one, two = np.array([True, False]), np.array([False, False])
    assert mask_of() is None
    assert mask_of(None, two) is None
    assert mask_of(one, None, two) is one
    assert mask_of(one, ~one).tolist() == [True, True]


@pytest.mark.parametrize(
    ("dtype", "invalid", "masked"),
    [
        ("uint16", [0], [True, False, False]),
        ("uint16", [0, 7], [True, False, True]),
        ("uint16", [-1, 70000, 1.5, float("nan")], None),
        ("float32", [7.0], [False, False, True]),
        (">i4", [7], [False, False, True]),
    ],
)
def test_values_given_as_invalid_are_stored_ones(dtype, invalid, masked):
    found = raster(np.array([[0, 3, 7]], dtype=dtype), scale=0.5).without(invalid)
    assert (None if found.mask is None else found.mask[0].tolist()) == masked
    assert found.scale == 0.5


# What is said.


def test_what_is_assumed():
    assert describe(raster([[1]])) is None
    assert describe(applied("mm", np.array([[1]], np.uint16))) == (
        "mm: depth in m = stored / 1000; 0 is invalid"
    )
    tagged = raster([[1]], scale=0.01, offset=-5.0, unit="m")
    assert describe(tagged) == "as the file says: stored * 0.01 - 5 m"


def test_hints_for_real_files():
    assert " .. 1.95 m with --preset mm" in hint(read(DATA / "rgbd_crop_mm.png"))
    assert "m with --preset tum" in hint(read(DATA / "tum_crop.png"))
    kitti = hint(raster(np.load(DATA / "cones_crop.npz")["truth"]))
    assert "px with --preset kitti-disparity" in kitti
    assert hint(read(DATA / "cones_crop.pfm")) is None


GENERATOR = np.random.default_rng(11)
SHARE = GENERATOR.random((100, 120)) < 0.1
FAR = GENERATOR.integers(2000, 9000, SHARE.shape)


def with_sentinel(sentinel, dtype, others=FAR):
    return raster(np.where(SHARE, sentinel, others).astype(dtype))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (with_sentinel(0, "uint16"), "2 .. 9 m with --preset mm"),
        (with_sentinel(0, ">u2"), "--preset tum"),
        (with_sentinel(0, "uint16", (FAR % 6000 + 2000) * 8), "with --preset sunrgbd"),
        (with_sentinel(65535, "uint16"), "20 .. 90 m with --preset vkitti"),
        (with_sentinel(65535, "uint16"), "with --preset 2d3ds"),
        (with_sentinel(65535, "uint16"), "2 .. 9 m with --preset 7-scenes; if it is none of"),
        (with_sentinel(0, "uint16"), "if it is none of these, --invalid 0"),
        (with_sentinel(0, "uint16", FAR * 4), "2 .. 9 m with --preset matterport"),
        (
            raster(np.where(SHARE, 0, FAR / 1000).astype(np.float16).view(np.uint16)),
            "2 .. 9 with --preset float16-bits",
        ),
        (with_sentinel(-16, "int16", FAR // 10), "with --preset sgbm"),
        (with_sentinel(65520, "uint16", FAR // 10), "-16 (or 65520), as in disparities of OpenCV"),
        (with_sentinel(-1, "float32"), "--invalid -1 leaves them out"),
        (with_sentinel(-9999, "float64"), "--invalid -9999 leaves them out"),
        (with_sentinel(1e10, "float32"), "--invalid 1e+10 leaves them out"),
        (with_sentinel(np.finfo("f4").min, "float32"), "--invalid -3.4028235e+38 leaves them out"),
        (with_sentinel(-32767, "int16"), "--invalid -32767 leaves them out"),
        (with_sentinel(4294967295, "uint32"), "--invalid 4294967295 leaves them out"),
        (with_sentinel(0, "int32"), "--invalid 0 leaves them out"),
        (with_sentinel(0, "float32"), "--invalid 0 leaves them out"),
    ],
)
def test_what_looks_like_something(values, said):
    text = hint(values)
    assert said in text
    assert "\n" not in text


def test_bytes_the_other_way_round():
    ramp = np.tile(np.arange(1000, 1120, dtype=np.uint16), (100, 1))
    assert "--preset byteswap" in hint(raster(ramp.byteswap(), format="PNM"))
    assert hint(raster(ramp, format="PNM")) is None
    assert hint(raster(ramp.byteswap())) is None  # a PNG is written by a library


SMOOTH = np.add.outer(np.arange(100), np.arange(120)).astype(np.float64)


@pytest.mark.parametrize(
    "values",
    [
        SMOOTH.astype(np.uint16) * 250,  # begins at 0, as a picture may
        SMOOTH.astype(np.uint8),
        with_sentinel(0, "uint8", FAR % 200 + 55),
        SMOOTH.astype(np.float32),
        SMOOTH - 110,  # differences
        np.round(GENERATOR.normal(size=(100, 120)), 1),
        GENERATOR.integers(0, 65536, (100, 120)).astype(np.uint16),
        np.zeros((100, 120), np.uint16),
        np.full((100, 120), 65535, np.uint16),
        np.full((100, 120), np.nan),
        np.minimum(SMOOTH * 400, 65535).astype(np.uint16),  # overexposed
        SMOOTH > 5,
        (SMOOTH - 110).astype(np.int16),
        (SHARE * 65535).astype(np.uint16),  # a mask
        (SHARE * 5000).astype(np.float32),
        with_sentinel(0, "uint16", FAR // 2000 * 1000),  # four of them
        (GENERATOR.poisson(30, SHARE.shape) + 100).astype(np.uint16),  # a camera of 12 bits
        GENERATOR.normal(29500, 300, SHARE.shape).astype(np.uint16),  # hundredths of a kelvin
        (SMOOTH * 5).clip(300).astype(np.uint16) - 300,  # land and sea
    ],
)
def test_what_looks_like_nothing_in_particular(values):
    assert hint(values if isinstance(values, Raster) else raster(values)) is None


def test_a_hint_names_no_preset_that_is_not_likely():
    text = hint(with_sentinel(0, "uint16"))
    assert "sunrgbd" not in text  # of which all are multiples of 8
    assert "float16-bits" not in text
    text = hint(with_sentinel(0, "uint16", FAR // 4 * 16))  # multiples of 16, as kitti's may be
    assert "sunrgbd" not in text
    text = hint(raster(np.where(SHARE, 0, FAR / 1000).astype(np.float16).view(np.uint16)))
    assert "--preset mm" not in text  # nothing nearer than 16 m
    halves = with_sentinel(np.finfo("f4").min, "float32")
    assert halves.without([-3.4028235e38]).mask.sum() == SHARE.sum()


def test_a_hint_is_of_a_value_that_can_be_given():
    values = np.linspace(1, 50, 600, dtype=np.float32).reshape(20, 30)
    values[3] = 1e10
    found = raster(values)
    assert "--invalid 1e+10" in hint(found)
    assert found.without([1e10]).mask.sum() == 30
    values[3] = 4294967295  # which is 4294967296 then
    assert hint(found) is None


def test_no_hint_where_it_is_said_what_the_numbers_are():
    stored = with_sentinel(0, "uint16")
    assert hint(stored) is not None
    assert hint(PRESETS["mm"].apply(stored)) is None
    assert hint(replace(stored, unit="m")) is None
    assert hint(replace(stored, scale=0.1)) is None
    assert hint(stored.without([0])) is None
    assert hint(replace(stored, format="COLMAP")) is None
