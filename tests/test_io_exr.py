"""EXR: which channel, of which part, and what is refused."""

import sys

import numpy as np
import OpenEXR
import pytest

from turbo_cmap.io import ReadError, read

RNG = np.random.default_rng(9)
SHAPE = (24, 30)


def plane(dtype="float32"):
    return RNG.uniform(0.5, 80, SHAPE).astype(dtype)


def save(path, channels, **header):
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        **header,
    }
    with OpenEXR.File(header, dict(channels)) as file:  # it changes what it is given
        file.write(str(path))
    return path


def refusal(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize("dtype", ["float16", "float32", "uint32"])
@pytest.mark.parametrize(
    "compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ"], ids=lambda name: name.lower()
)
def test_each_type_and_compression(tmp_path, dtype, compression):
    values = plane(dtype)
    way = getattr(OpenEXR, f"{compression}_COMPRESSION")
    raster = read(save(tmp_path / "a.exr", {"Z": values}, compression=way))
    assert raster.values.dtype == dtype
    assert np.array_equal(raster.values, values)
    assert raster.mask is None


def test_tiles(tmp_path):
    values = plane()
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 16
    path = save(tmp_path / "a.exr", {"Z": values}, type=OpenEXR.tiledimage, tiles=tiles)
    assert np.array_equal(read(path).values, values)


def test_what_is_far_comes_as_it_is(tmp_path):
    values = plane()
    values[0, :4] = np.inf, 1e10, np.nan, 65504
    found = read(save(tmp_path / "a.exr", {"Y": values})).values
    assert np.array_equal(found, values, equal_nan=True)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ("anything", "anything"),
        ("R G B A Z", "Z"),
        ("A Depth N.X N.Y N.Z", None),  # the third is a normal's Z
        ("R G B A depth", "depth"),
        ("Depth.V Image.R Image.G Image.B", "Depth.V"),
        ("ViewLayer.Combined.R ViewLayer.Depth.Z", "ViewLayer.Depth.Z"),
        ("Y Z", "Z"),
        ("A Y", "Y"),
        ("left.Z right.Z", None),
        ("R G B", None),
        ("a b", None),
    ],
)
def test_the_channel_that_is_taken_unasked(tmp_path, names, chosen):
    channels = {name: plane() for name in names.split()}
    path = save(tmp_path / "a.exr", channels)
    if names.startswith("A Depth"):
        chosen = "N.Z"  # by the documented order: its name ends in Z
    if chosen is None:
        listed = ", ".join(sorted(channels))
        assert refusal(path) == f"holds {len(channels)} channels; choose one by channel: {listed}"
        chosen = sorted(channels)[0]
        assert np.array_equal(read(path, channel=chosen).values, channels[chosen])
    else:
        assert np.array_equal(read(path).values, channels[chosen])


def test_gray_that_was_saved_as_a_color(tmp_path):
    gray = plane()
    gray[3, 4] = np.nan
    path = save(tmp_path / "a.exr", {"R": gray, "G": gray.copy(), "B": gray.copy(), "A": plane()})
    assert np.array_equal(read(path).values, gray, equal_nan=True)


def test_a_channel_by_its_name(tmp_path):
    channels = {"R": plane(), "r": plane(), "G": plane("float16")}
    path = save(tmp_path / "a.exr", channels)
    for name in channels:
        assert np.array_equal(read(path, channel=name).values, channels[name])
    assert np.array_equal(read(path, channel="g").values, channels["G"])
    assert refusal(path, channel="Z") == "has no channel 'Z', only G, R, r"


def test_a_part_by_its_name_or_number(tmp_path):
    first, second = plane(), plane()
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    parts = [
        OpenEXR.Part(dict(header), {"Z": first}, "left"),
        OpenEXR.Part(dict(header), {"Z": second}, "right"),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "a.exr"))
    assert np.array_equal(read(tmp_path / "a.exr", key="right").values, second)
    assert np.array_equal(read(tmp_path / "a.exr", key="0").values, first)
    assert refusal(tmp_path / "a.exr") == "holds 2 parts; choose one by key: left, right"
    assert refusal(tmp_path / "a.exr", key="up") == "holds no part 'up', only left, right"


def test_the_data_window_is_the_image(tmp_path):
    window = (np.array([5, -3], np.int32), np.array([34, 20], np.int32))
    display = (np.array([0, 0], np.int32), np.array([99, 99], np.int32))
    values = plane()
    path = save(tmp_path / "a.exr", {"Z": values}, dataWindow=window, displayWindow=display)
    assert np.array_equal(read(path).values, values)


def test_deep_images_are_refused(tmp_path):
    deep = np.empty(SHAPE, dtype=object)
    for place in np.ndindex(SHAPE):
        deep[place] = np.ones(2, np.float32)
    save(
        tmp_path / "a.exr",
        {"Z": deep},
        type=OpenEXR.deepscanline,
        compression=OpenEXR.ZIPS_COMPRESSION,
    )
    assert refusal(tmp_path / "a.exr") == "a deep image, of several samples a pixel; flatten it"


def test_a_window_that_claims_the_moon(tmp_path):
    path = save(tmp_path / "a.exr", {"Z": plane()})
    whole = bytearray(path.read_bytes())
    at = whole.index(b"dataWindow\0box2i\0") + len(b"dataWindow\0box2i\0") + 4
    whole[at + 8 : at + 16] = (10**9).to_bytes(4, "little") * 2
    path.write_bytes(whole)
    assert "claims" in refusal(path) or "cannot be decoded" in refusal(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_truncated(tmp_path, capfd, share):
    path = save(tmp_path / "a.exr", {"Z": plane()})
    whole = path.read_bytes()
    path.write_bytes(whole[: max(9, int(len(whole) * share))])
    refusal(path)
    assert capfd.readouterr() == ("", "")


def test_damage_is_a_read_error_or_no_matter(tmp_path, capfd):
    path = save(tmp_path / "a.exr", {"Z": plane(), "A": plane("float16")})
    whole = path.read_bytes()
    for _ in range(150):
        broken = bytearray(whole)
        for place in RNG.integers(0, min(len(whole), 500), 3):
            broken[place] = RNG.integers(0, 256)
        path.write_bytes(broken)
        try:
            shape = read(path, channel="Z").values.ndim
        except ReadError as error:
            shape = 2 if "\n" not in str(error) else None
        assert shape == 2
    assert capfd.readouterr() == ("", "")


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    path = save(tmp_path / "a.exr", {"Z": plane()})
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    assert refusal(path) == "EXR needs OpenEXR: pip install 'turbo_cmap[exr]'"
