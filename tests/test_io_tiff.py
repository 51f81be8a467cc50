"""TIFF and GeoTIFF: every compression, layout and dtype; pages, bands, and what GDAL's tags say."""

import contextlib
import importlib
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from turbo_cmap.arguments import held
from turbo_cmap.io import ReadError, read, read_frames, read_recipe
from turbo_cmap.io.pictures import read_picture
from turbo_cmap.io.raster import TIGHT_EXPANSION
from turbo_cmap.io.validity import Validity, as_number
from turbo_cmap.io.windows import open_windowed

RNG = np.random.default_rng(3)
INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
FLOATS = ["float16", "float32", "float64"]


def ramp(dtype, height=70, width=90):
    y, x = np.mgrid[:height, :width]
    return (np.sin(x / 20) * 50 + y).astype("int16").clip(0, 120).astype(dtype)


def save(path, values, **options):
    tifffile.imwrite(path, values, photometric="minisblack", metadata=None, **options)
    return path


def refusal(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


LAYOUTS = {
    "tiles": {"tile": (32, 48)},
    "strips": {"rowsperstrip": 16},
    "one strip": {"rowsperstrip": 70},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "lzma", "packbits", "lerc"])
def test_every_compression_layout_and_byte_order(tmp_path, layout, byteorder, compression):
    if compression == "lerc":
        byteorder = "<"  # is always so
    for dtype in ("uint8", "int16", "float32", "float64"):
        values = ramp(dtype)
        options = {**LAYOUTS[layout], "byteorder": byteorder, "compression": compression}
        found = read(save(tmp_path / "t.tif", values, **options)).values
        assert found.dtype.newbyteorder("=") == dtype
        assert np.array_equal(found, values)


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("predictor", [None, 2, 3])
def test_every_dtype_and_predictor(tmp_path, dtype, bigtiff, predictor):
    if predictor == 3 and dtype not in FLOATS:
        predictor = None
    if predictor == 2 and dtype in FLOATS:
        predictor = None
    values = RNG.normal(0, 1000, (70, 90)).astype(dtype)
    path = save(
        tmp_path / "t.tif",
        values,
        tile=(32, 32),
        compression="zlib",
        predictor=predictor,
        bigtiff=bigtiff,
    )
    found = read(path).values
    assert found.dtype == dtype
    assert np.array_equal(found, values)


@pytest.mark.parametrize("compression", ["png", "jpeg2000", "jpegxl", "webp", "jpegxr", "jpeg"])
def test_image_codecs(tmp_path, compression):
    values = ramp("uint8")
    if compression in ("webp", "jpegxr", "jpeg"):  # lossy, or not of one channel
        if compression == "webp":
            rgb = np.dstack([values] * 3)
            path = tmp_path / "t.tif"
            tifffile.imwrite(path, rgb, photometric="rgb", compression="webp", tile=(32, 32))
            assert np.abs(read(path, channel="G").values.astype(int) - values).max() < 60
            return
        found = read(save(tmp_path / "t.tif", values, compression=compression, tile=(32, 32)))
        assert np.abs(found.values.astype(int) - values).max() < 30
        return
    options = {"compressionargs": {"reversible": True}} if compression == "jpeg2000" else {}
    if compression == "jpegxl":
        options = {"compressionargs": {"lossless": True}}
    path = save(tmp_path / "t.tif", values, compression=compression, tile=(32, 32), **options)
    assert np.array_equal(read(path).values, values)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (32, 32)}])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_one_band_of_several(tmp_path, planar, options, byteorder):
    bands = np.stack([ramp("int16") + 1000 * n for n in range(4)])
    path = tmp_path / "t.tif"
    tifffile.imwrite(
        path,
        bands if planar == "separate" else np.moveaxis(bands, 0, -1),
        photometric="minisblack",
        planarconfig=planar,
        extrasamples=["unspecified"] * 3,
        byteorder=byteorder,
        metadata=None,
        **options,
    )
    for number in (1, 2, 4):
        assert np.array_equal(read(path, channel=str(number)).values, bands[number - 1])
    expected = "a 4-channel image (TIFF), not depth; choose one by channel: 1 to 4"
    assert refusal(path) == expected
    for wrong in ("0", "5", "-1", "x", "1.5", ""):
        assert refusal(path, channel=wrong) == f"has no channel {wrong!r}, only 1 to 4"


def test_the_colors_of_a_picture_have_names(tmp_path):
    rgb = RNG.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "t.tif", rgb, photometric="rgb")
    assert np.array_equal(read(tmp_path / "t.tif", channel="g").values, rgb[..., 1])
    assert refusal(tmp_path / "t.tif", channel="A").endswith("only 1 to 3 or R, G, B")


def test_a_page_of_several(tmp_path):
    pages = np.stack([ramp("uint16") + 7 * n for n in range(3)])
    save(tmp_path / "t.tif", pages)
    assert np.array_equal(read(tmp_path / "t.tif", key="2").values, pages[2])
    assert refusal(tmp_path / "t.tif") == "a TIFF of 3 pages; choose one by key: 0 to 2"
    for wrong in ("3", "-1", "x"):
        assert refusal(tmp_path / "t.tif", key=wrong) == f"has no page {wrong!r}, only 0 to 2"


def test_overviews_are_no_pages(tmp_path):
    first, second = ramp("uint16"), ramp("uint16") + 5
    with tifffile.TiffWriter(tmp_path / "t.tif") as tiff:
        for page in (first, second):
            tiff.write(page)
            tiff.write(page[::2, ::2], subfiletype=1)
    assert np.array_equal(read(tmp_path / "t.tif", key="1").values, second)


def test_transparent_gray_is_masked(tmp_path):
    alpha = np.where(ramp("uint8") > 60, 255, 0).astype(np.uint8)
    pixels = np.dstack([ramp("uint8"), alpha])
    save(tmp_path / "t.tif", pixels, extrasamples=["unassalpha"], tile=(32, 32), compression="zlib")
    raster = read(tmp_path / "t.tif")
    assert np.array_equal(raster.values, pixels[..., 0])
    assert np.array_equal(raster.mask, alpha == 0)


# What GDAL writes, and reads.


@pytest.fixture(scope="module")
def rasterio():
    module = importlib.import_module("rasterio")
    importlib.import_module("rasterio.errors")
    return module


def geotiff(rasterio, path, bands, *, describe=None, mask=None, **options):
    bands = np.asarray(bands)
    if bands.ndim == 2:
        bands = bands[None]
    count, height, width = bands.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(
                path,
                "w",
                driver="GTiff",
                dtype=bands.dtype,
                count=count,
                height=height,
                width=width,
                **options,
            ) as file,
        ):
            file.write(bands)
            if describe is not None:
                describe(file)
            if mask is not None:
                file.write_mask(mask)
    return path


def valid(rasterio, path, band=1):
    """Where GDAL says that there is a measurement."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as file:
            return file.read_masks(band) != 0


def test_nodata_is_masked(tmp_path, rasterio):
    for dtype, nodata in (
        ("int16", -9999),
        ("uint8", 255),
        ("float32", -9999.0),
        ("float32", -99.9),
        ("float32", -3.4028234663852886e38),
        ("float64", 1e10),
        ("uint32", 4294967295),
        ("float32", float("inf")),
    ):
        values = ramp(dtype)
        values[10:30, 20:40] = nodata
        path = geotiff(rasterio, tmp_path / "g.tif", values, nodata=nodata, compress="deflate")
        raster = read(path)
        assert np.array_equal(raster.values, values)
        assert np.array_equal(~raster.mask, valid(rasterio, path)), (dtype, nodata)
        assert raster.mask.sum() == 400


def test_nodata_that_is_nan_or_that_no_value_can_be(tmp_path, rasterio):
    values = ramp("float32")
    values[3:5] = np.nan
    path = geotiff(rasterio, tmp_path / "g.tif", values, nodata=float("nan"))
    assert read(path).mask is None  # NaN is bad as it is
    assert np.isnan(read(path).values[3:5]).all()
    for text in ("-9999", "255.5", "1e400", "nan", "inf", "none", ""):
        save(tmp_path / "t.tif", ramp("uint8"), extratags=[(42113, "s", 0, text, True)])
        assert read(tmp_path / "t.tif").mask is None


def test_int64_nodata_is_exact(tmp_path):
    values = ramp("int64")
    values[0, :2] = 2**63 - 1, 2**63 - 2
    tag = (42113, "s", 0, str(2**63 - 1), True)
    mask = read(save(tmp_path / "t.tif", values, extratags=[tag])).mask
    assert np.argwhere(mask).tolist() == [[0, 0]]


def test_scale_offset_unit_and_names_of_each_band(tmp_path, rasterio):
    bands = np.stack([ramp("int16"), ramp("int16") + 100])

    def describe(file):
        file.scales, file.offsets = (0.5, 0.01), (0, -20)
        file.units = ("m", "px")
        file.descriptions = ("height", "disparity")
        file.update_tags(campaign="1994 & later")

    path = geotiff(rasterio, tmp_path / "g.tif", bands, describe=describe)
    first, second = read(path, channel="height"), read(path, channel="2")
    assert (first.scale, first.offset, first.unit) == (0.5, 0, "m")
    assert (second.scale, second.offset, second.unit) == (0.01, -20, "px")
    assert second.metadata["campaign"] == "1994 & later"
    assert np.array_equal(read(path, channel="disparity").values, bands[1])
    assert np.allclose(second.scaled(), bands[1] * 0.01 - 20, rtol=1e-6)
    assert refusal(path).endswith("choose one by channel: 1 to 2 or height, disparity")


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "not XML",
        "<GDALMetadata><Item",
        "<GDALMetadata/>",
        '<GDALMetadata><Item role="scale" sample="0">nan</Item></GDALMetadata>',
        '<GDALMetadata><Item role="scale" sample="0">fast</Item></GDALMetadata>',
        '<GDALMetadata><Item role="scale" sample="7">3</Item></GDALMetadata>',
        '<GDALMetadata><Item role="description" sample="x">3</Item></GDALMetadata>',
    ],
)
def test_metadata_that_says_nothing(tmp_path, xml):
    path = save(tmp_path / "t.tif", ramp("uint8"), extratags=[(42112, "s", 0, xml, True)])
    raster = read(path)
    assert (raster.scale, raster.offset, raster.unit) == (1, 0, None)


@pytest.mark.parametrize("compress", [None, "deflate", "lzw", "zstd", "lerc", "packbits"])
@pytest.mark.parametrize("tiled", [False, True])
def test_a_mask_inside_is_heeded(tmp_path, rasterio, compress, tiled):
    mask = np.full((70, 90), 255, np.uint8)
    mask[5:50, 30:60] = 0
    options = {"compress": compress} if compress else {}
    if tiled:
        options |= {"tiled": True, "blockxsize": 32, "blockysize": 16}
    path = geotiff(rasterio, tmp_path / "g.tif", ramp("uint16"), mask=mask, **options)
    raster = read(path)
    assert np.array_equal(raster.values, ramp("uint16"))
    assert np.array_equal(~raster.mask, valid(rasterio, path))
    assert np.array_equal(~raster.mask, mask != 0)


def test_tiles_that_are_left_out_are_nodata(tmp_path, rasterio):
    values = np.full((96, 96), -1, "int32")
    values[40:50, 40:50] = 7
    options = {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "deflate"}
    path = geotiff(rasterio, tmp_path / "g.tif", values, nodata=-1, SPARSE_OK=True, **options)
    with tifffile.TiffFile(path) as tiff:
        assert 0 in tiff.pages[0].databytecounts
    raster = read(path)
    assert np.array_equal(raster.values, values)
    assert np.array_equal(raster.mask, values == -1)


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_what_gdal_writes_is_what_it_reads(tmp_path, rasterio, predictor, interleave):
    bands = RNG.normal(0, 100, (3, 70, 90)).astype("float32" if predictor == 3 else "int32")
    path = geotiff(
        rasterio,
        tmp_path / "g.tif",
        bands,
        compress="deflate",
        predictor=predictor,
        interleave=interleave,
        BIGTIFF="YES",
    )
    for band in (1, 3):
        assert np.array_equal(read(path, channel=str(band)).values, bands[band - 1])


# What is missing, and what is damaged.


def test_pillow_alone_heeds_the_tags_too(tmp_path, monkeypatch):
    xml = '<GDALMetadata><Item role="scale" sample="0">0.5</Item></GDALMetadata>'
    tags = [(42113, "s", 0, "7", True), (42112, "s", 0, xml, True)]
    save(tmp_path / "t.tif", ramp("uint16"), extratags=tags)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    raster = read(tmp_path / "t.tif")
    assert np.array_equal(raster.mask, ramp("uint16") == 7)
    assert raster.scale == 0.5
    install = "pages and bands of a TIFF are chosen with tifffile: pip install 'turbo_cmap[tiff]'"
    assert refusal(tmp_path / "t.tif", key="0") == install


def test_a_codec_that_is_missing_is_named(tmp_path, monkeypatch):
    path = save(tmp_path / "t.tif", ramp("float64"), compression="lzw")

    def refuse(self, *_):
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "decode", property(lambda self: refuse))
    assert refusal(path).endswith("pip install 'turbo_cmap[tiff]'")


def test_tags_that_claim_the_moon(tmp_path):
    for changes in (
        {"ImageWidth": 2**31 - 1, "ImageLength": 2**31 - 1},
        {"TileWidth": 2**20, "TileLength": 2**20},
    ):
        path = save(tmp_path / "t.tif", ramp("float32"), tile=(32, 32), compression="zlib")
        with tifffile.TiffFile(path, mode="r+") as tiff:
            for tag, value in changes.items():
                tiff.pages[0].tags[tag].overwrite(value)
        assert "its header claims" in refusal(path)


def test_volumes_palettes_and_complex_numbers(tmp_path):
    volume = np.zeros((16, 32, 32), np.uint8)
    tifffile.imwrite(tmp_path / "v.tif", volume, volumetric=True, tile=(16, 16, 16))
    assert refusal(tmp_path / "v.tif") == "a volume, 16 deep; one image is needed"
    save(tmp_path / "c.tif", np.zeros((4, 5), np.complex64))
    assert "not real numbers" in refusal(tmp_path / "c.tif")


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (32, 32)}])
def test_truncated(tmp_path, options):
    path = save(tmp_path / "t.tif", ramp("float32"), **options)
    whole = path.read_bytes()
    for size in (9, 100, len(whole) // 2, len(whole) - 500):
        path.write_bytes(whole[:size])
        refusal(path)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damage_is_a_read_error_or_no_matter(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    options = data.draw(
        st.sampled_from(
            [
                {},
                {"compression": "lzw"},
                {"compression": "zlib", "tile": (32, 32)},
                {"bigtiff": True},
            ]
        )
    )
    path = save(folder / "damaged.tif", ramp("uint16"), **options)
    broken = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        first = tiff.pages[0].offset
    places = st.one_of(st.integers(0, 16), st.integers(first, min(first + 250, len(broken) - 1)))
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        broken[place] = data.draw(st.integers(0, 255))
    path.write_bytes(broken)
    with contextlib.suppress(ReadError):
        assert read(path).values.ndim == 2


_EXTREMES = [0, 1, 2, 3, 7, 16, 33, 255, 65535, 2**31 - 1, 2**32 - 1]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_tags_that_lie_are_one_line_and_cost_nothing(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "lies.tif"
    options = [{}, {"compression": "zlib"}, {"tile": (16, 16), "compression": "zlib"}]
    save(path, ramp("uint16", 16, 20), **data.draw(st.sampled_from(options)))
    with tifffile.TiffFile(path) as tiff:
        tags = [tag.offset for tag in tiff.pages[0].tags]
    lying = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(tags))
        at, size = data.draw(st.sampled_from([(2, 2), (4, 4), (8, 4)]))  # type, count, value
        value = data.draw(st.sampled_from(_EXTREMES)) % 256**size
        lying[place + at : place + at + size] = value.to_bytes(size, "little")
    path.write_bytes(lying)
    for opened in (read, read_picture, read_recipe, lambda one: list(read_frames(one))):
        tracemalloc.start()
        try:
            opened(path)
        except ReadError as error:
            told = str(error)
            assert "\n" not in told
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 2 * TIGHT_EXPANSION * len(lying)


def test_a_strip_that_claims_gigabytes_is_not_allocated(tmp_path):
    path = save(tmp_path / "a.tif", ramp("uint16"), compression="zlib")
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        tiff.pages[0].tags["StripByteCounts"].overwrite(2**31 - 1)
    for opened in (read, read_picture, open_windowed):
        with pytest.raises(ReadError, match="a tile or strip of 2147483647 bytes"):
            opened(path)


# Numbers in tags.


def test_numbers_as_a_dtype_holds_them():
    assert held(np.dtype("float32"), -99.9) == np.float32(-99.9)
    assert held(np.dtype(">i2"), -9999.0) == -9999
    for dtype, number in (
        ("uint8", -1),
        ("uint8", 256),
        ("uint8", 0.5),
        ("int64", 2**63),
        ("float16", 1e10),
        ("float32", 1e-300),
        ("float32", 10**400),
        ("bool", 2),
        ("uint8", float("inf")),
        ("float32", float("nan")),
    ):
        assert held(np.dtype(dtype), number) is None
    assert as_number("9223372036854775807") == 2**63 - 1
    assert as_number(" -1e10\0") == -1e10
    assert as_number("x") is None


def test_limits_of_what_is_valid():
    values = np.array([1, 2, 3, 4, np.nan])
    assert Validity((2,), 1.5, 3).mask(values).tolist() == [True, True, False, True, False]
    assert Validity().mask(values) is None
    assert Validity((9,)).mask(values) is None


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("back_to", [0, 1, 2])
def test_pages_that_go_round_in_circles(tmp_path, bigtiff, byteorder, back_to):
    """Libraries that follow them do not come back."""
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, bigtiff=bigtiff, byteorder=byteorder) as file:
        for number in range(3):
            page = np.full((4, 5), number, np.uint8)
            file.write(page, photometric="minisblack", contiguous=False, metadata=None)
    with tifffile.TiffFile(path) as file:
        places = [page.offset for page in file.pages]
    tags = 8 if bigtiff else 2
    whole = bytearray(path.read_bytes())
    count = int.from_bytes(whole[places[2] :][:tags], "little" if byteorder == "<" else "big")
    at = places[2] + tags + count * (20 if bigtiff else 12)
    assert not any(whole[at : at + 4]), "the last page says that none follows"
    size = 8 if bigtiff else 4
    order = "little" if byteorder == "<" else "big"
    whole[at : at + size] = places[back_to].to_bytes(size, order)
    path.write_bytes(whole)
    for reader in (read, read_frames, read_picture):
        with pytest.raises(ReadError, match="after 3 pages, an earlier one is said to follow"):
            reader(path)


@pytest.mark.parametrize("compression", ["lerc", "jpeg2000"])
def test_a_strip_of_one_value_may_be_a_few_hundred_bytes(tmp_path, compression):
    path = tmp_path / "a.tif"
    constant = np.full((5000, 5000), 7, np.uint16)
    tifffile.imwrite(path, constant, compression=compression, rowsperstrip=5000)
    assert path.stat().st_size < 2000
    assert (read(path).values == 7).all()
