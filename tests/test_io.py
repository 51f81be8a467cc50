import contextlib
import io as bytes_io
import re
import struct
import sys
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from turbo_cmap.io import ReadError, check_format, read, read_frames, write

DEPTH_U16 = (np.arange(48 * 64).reshape(48, 64) * 21).astype(np.uint16)  # up to 64,491
DEPTH_F32 = (DEPTH_U16 / 256).astype(np.float32)
PIXELS = np.random.default_rng(1).integers(0, 256, (24, 40, 3), dtype=np.uint8)


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


def refusal(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    text = str(caught.value)
    assert text == f"{path}: {caught.value.reason}"
    assert "\n" not in text
    return caught.value.reason


def png_bytes(width, height, bits, color_type, rows, extra=b""):
    """A PNG made by hand; rows are raw samples without filter bytes."""
    body = b"".join(b"\0" + row for row in rows)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)),
        (b"IDAT", zlib.compress(body)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + parts[0] + extra + b"".join(parts[1:])


# What is read, and as what.


def test_png_of_16_bits_stays_16_bits(tmp_path):
    raster = read(save(tmp_path / "d.png", DEPTH_U16))
    assert raster.values.dtype == np.uint16
    assert np.array_equal(raster.values, DEPTH_U16)
    assert raster.mask is None
    assert raster.path == tmp_path / "d.png"


def test_png_of_8_and_of_1_bit(tmp_path):
    gray = (DEPTH_U16 >> 8).astype(np.uint8)
    assert np.array_equal(read(save(tmp_path / "g.png", gray)).values, gray)
    bits = DEPTH_U16 % 3 == 0
    raster = read(save(tmp_path / "b.png", bits))
    assert raster.values.dtype == np.bool_
    assert np.array_equal(raster.values, bits)


@pytest.mark.parametrize("bits", [2, 4])
def test_png_of_few_bits(tmp_path, bits):
    path = tmp_path / "few.png"
    path.write_bytes(png_bytes(8 // bits, 2, bits, 0, [b"\x1b", b"\xff"]))
    values = read(path).values
    assert values.shape == (2, 8 // bits)
    # as they are in the file, not spread over 0 to 255
    assert values[0].tolist() == {2: [0, 1, 2, 3], 4: [1, 11]}[bits]
    assert values[1].tolist() == [2**bits - 1] * (8 // bits)


def test_transparent_gray_is_masked(tmp_path):
    gray = (DEPTH_U16 >> 8).astype(np.uint8)
    alpha = np.where(gray > 100, 255, 0).astype(np.uint8)
    raster = read(save(tmp_path / "la.png", np.dstack([gray, alpha])))
    assert np.array_equal(raster.values, gray)
    assert np.array_equal(raster.mask, gray <= 100)


def test_a_png_transparent_value_is_masked(tmp_path):
    raster = read(save(tmp_path / "t.png", DEPTH_U16, transparency=21))
    assert np.array_equal(raster.values, DEPTH_U16)
    assert np.array_equal(raster.mask, DEPTH_U16 == 21)


def test_jpeg_gray(tmp_path):
    gray = (DEPTH_U16 >> 8).astype(np.uint8)
    values = read(save(tmp_path / "g.jpg", gray, quality=95)).values
    assert values.dtype == np.uint8
    assert np.abs(values.astype(int) - gray).max() < 16


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64"],
)
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiff_in_its_own_dtype(tmp_path, dtype, byteorder, compression):
    values = np.linspace(-100, 27, 600).astype("int16").astype(dtype).reshape(20, 30)
    tifffile.imwrite(tmp_path / "t.tif", values, byteorder=byteorder, compression=compression)
    found = read(tmp_path / "t.tif").values
    assert found.dtype.newbyteorder("=") == dtype
    assert np.array_equal(found, values)


def test_tiff_with_overviews_is_its_full_image(tmp_path):
    with tifffile.TiffWriter(tmp_path / "t.tif") as tiff:
        tiff.write(DEPTH_F32)
        tiff.write(DEPTH_F32[::2, ::2], subfiletype=1)
    assert np.array_equal(read(tmp_path / "t.tif").values, DEPTH_F32)


def test_tiff_with_a_codec_that_only_pillow_has(tmp_path):
    save(tmp_path / "t.tif", DEPTH_F32, compression="tiff_lzw")
    assert np.array_equal(read(tmp_path / "t.tif").values, DEPTH_F32)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32"])
def test_tiff_without_tifffile(tmp_path, monkeypatch, dtype):
    values = np.linspace(-100, 27, 600).astype("int16").astype(dtype).reshape(20, 30)
    tifffile.imwrite(tmp_path / "t.tif", values)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    found = read(tmp_path / "t.tif").values
    assert found.dtype == dtype
    assert np.array_equal(found, values)


@pytest.mark.parametrize("dtype", ["uint32", "float64", "float16", "int8", "uint64"])
def test_tiff_that_pillow_would_change_needs_tifffile(tmp_path, monkeypatch, dtype):
    tifffile.imwrite(tmp_path / "t.tif", np.ones((4, 5), dtype))
    monkeypatch.setitem(sys.modules, "tifffile", None)
    reason = refusal(tmp_path / "t.tif")
    assert reason.startswith("Pillow does not read this TIFF")
    assert reason.endswith("; pip install 'turbo_cmap[tiff]'")


def test_tiff_of_rgb_is_refused_without_tifffile_too(tmp_path, monkeypatch):
    save(tmp_path / "t.tif", PIXELS)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    assert "a 3-channel image" in refusal(tmp_path / "t.tif")


@pytest.mark.parametrize("dtype", [">f4", "<f8", "f2", "i8", "u1", "?"])
def test_npy_in_its_own_dtype(tmp_path, dtype):
    values = (DEPTH_U16 % 127).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    found = read(tmp_path / "a.npy").values
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


def test_npy_in_column_order(tmp_path):
    np.save(tmp_path / "a.npy", np.asfortranarray(DEPTH_F32))
    assert np.array_equal(read(tmp_path / "a.npy").values, DEPTH_F32)


@pytest.mark.parametrize("shape", [(1, 48, 64), (48, 64, 1)])
def test_an_axis_of_one_is_dropped(tmp_path, shape):
    np.save(tmp_path / "a.npy", DEPTH_F32.reshape(shape))
    assert np.array_equal(read(tmp_path / "a.npy").values, DEPTH_F32)


def test_large_npy_is_mapped(tmp_path, monkeypatch):
    monkeypatch.setattr("turbo_cmap.io.npy._MAP_FROM", 1000)
    np.save(tmp_path / "a.npy", DEPTH_F32)
    values = read(tmp_path / "a.npy").values
    assert isinstance(values, np.memmap)
    assert np.array_equal(values, DEPTH_F32)


@pytest.mark.parametrize("save_npz", [np.savez, np.savez_compressed])
def test_npz_of_one_array_or_by_key(tmp_path, save_npz):
    save_npz(tmp_path / "one.npz", depth=DEPTH_F32)
    assert np.array_equal(read(tmp_path / "one.npz").values, DEPTH_F32)
    save_npz(tmp_path / "two.npz", depth=DEPTH_F32, other=DEPTH_U16)
    assert np.array_equal(read(tmp_path / "two.npz", key="other").values, DEPTH_U16)
    assert refusal(tmp_path / "two.npz") == "holds 2 arrays; choose one by key: depth, other"
    assert "holds no array 'x', only depth 48 x 64, other" in refusal(tmp_path / "two.npz", key="x")


STACK = np.arange(5 * 6 * 7, dtype=np.float32).reshape(5, 6, 7)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("[3]", STACK[3]),
        ("[-1]", STACK[-1]),
        ("[:, 2]", STACK[:, 2]),
        ("[..., 3].T", STACK[..., 3].T),
        ("[0, ::-1]", STACK[0, ::-1]),
        ("[4, :, ::-2]", STACK[4, :, ::-2]),
        ("[1:2]", STACK[1]),
    ],
)
def test_images_of_npy_and_npz_stacks(tmp_path, key, wanted):
    np.save(tmp_path / "s.npy", STACK)
    np.savez(tmp_path / "s.npz", depths=STACK, other=DEPTH_U16)
    np.testing.assert_array_equal(read(tmp_path / "s.npy", key=key).values, wanted)
    np.testing.assert_array_equal(read(tmp_path / "s.npz", key=f"depths{key}").values, wanted)


def test_keys_of_npy_stacks_that_are_none(tmp_path):
    np.save(tmp_path / "s.npy", STACK)
    assert "5 x 6 x 7, has no 9; that axis ends at 4" in refusal(tmp_path / "s.npy", key="[9]")
    assert "holds no array 'depth'" in refusal(tmp_path / "s.npy", key="depth")
    assert "has an index that is none: 'a'" in refusal(tmp_path / "s.npy", key="[a]")
    assert "the key must leave two axes" in refusal(tmp_path / "s.npy", key="[0, 1]")
    assert "has no pixels" in refusal(tmp_path / "s.npy", key="[0, 5:2]")


@pytest.mark.parametrize("header", [b"Pf\n64 48\n%s\n", b"Pf\n64\n48\n%s\n", b"Pf 64 48 %s\r\n"])
@pytest.mark.parametrize("scale", [b"-1", b"1.0", b"-2.5", b"+0.003922", b"-1e-3"])
def test_pfm(tmp_path, header, scale):
    stored = DEPTH_F32[::-1].astype("<f4" if scale.startswith(b"-") else ">f4")
    (tmp_path / "d.pfm").write_bytes(header % scale + stored.tobytes())
    raster = read(tmp_path / "d.pfm")
    assert raster.values.dtype == np.float32
    assert np.array_equal(raster.values, DEPTH_F32)  # top row first, not multiplied
    assert raster.mask is None


def test_pfm_may_begin_with_a_line_feed_in_its_pixels(tmp_path):
    pixels = b"\x0a\0\0\0" + b"\0" * 12
    (tmp_path / "d.pfm").write_bytes(b"Pf\n2 2\n-1\r" + pixels)
    assert read(tmp_path / "d.pfm").values.tobytes() == pixels[8:] + pixels[:8]


def test_infinite_in_pfm_means_unknown(tmp_path):
    values = DEPTH_F32.copy()
    values[3, 4], values[5, 6] = np.inf, -np.inf
    (tmp_path / "d.pfm").write_bytes(b"Pf\n64 48\n-1\n" + values[::-1].tobytes())
    raster = read(tmp_path / "d.pfm")
    assert np.array_equal(raster.values, values)
    assert np.argwhere(raster.mask).tolist() == [[3, 4]]


def test_the_content_decides_not_the_name(tmp_path):
    save(tmp_path / "d.png", DEPTH_U16)
    (tmp_path / "d.png").rename(tmp_path / "d.tiff")
    assert np.array_equal(read(str(tmp_path / "d.tiff")).values, DEPTH_U16)


def test_pillow_s_limit_on_pixels_is_not_ours(tmp_path, monkeypatch):
    save(tmp_path / "d.png", DEPTH_U16)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert np.array_equal(read(tmp_path / "d.png").values, DEPTH_U16)


# What is refused, and in which words.


def test_missing_folder_and_empty(tmp_path):
    assert refusal(tmp_path / "no.png") == "No such file or directory"
    assert refusal(tmp_path) == "is a folder"
    (tmp_path / "e.png").touch()
    assert refusal(tmp_path / "e.png") == "is empty"


def test_a_text_named_png(tmp_path):
    (tmp_path / "t.png").write_text("hello, world\n")
    assert refusal(tmp_path / "t.png") == "is in no format that is read; it begins with b'hello, w'"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "npy", "npz", "pfm"])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_truncated(tmp_path, suffix, share):
    path = tmp_path / f"t.{suffix}"
    if suffix == "npz":
        np.savez(path, a=DEPTH_U16)
    elif suffix == "pfm":
        path.write_bytes(b"Pf\n64 48\n-1\n" + DEPTH_F32.tobytes())
    elif suffix == "npy":
        np.save(path, DEPTH_U16)
    else:
        save(path, PIXELS[..., 0].copy())
    whole = path.read_bytes()
    path.write_bytes(whole[: max(9, int(len(whole) * share))])
    refusal(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "npy"])
def test_three_channels_are_no_depth(tmp_path, suffix):
    path = tmp_path / f"c.{suffix}"
    np.save(path, PIXELS) if suffix == "npy" else save(path, PIXELS)
    reason = refusal(path)
    assert reason.startswith("a 3-channel image")
    needed = {
        "npy": "one channel is needed",
        "tif": "choose one by channel: 1 to 3 or R, G, B",
    }.get(suffix, "choose one by channel: R, G, B")
    assert reason.endswith(f"not depth; {needed}")


def test_color_pfm(tmp_path):
    (tmp_path / "c.pfm").write_bytes(b"PF\n1 1\n-1\n" + bytes(12))
    assert refusal(tmp_path / "c.pfm").startswith("a 3-channel image (RGB), not depth")


def test_an_error_is_a_line_whatever_names_there_are(tmp_path):
    path = tmp_path / "two\nlines\x1b[31m.npz"
    np.savez(path, **{"a\nb": PIXELS[..., 0], "\x1b[2J": PIXELS[..., 0]})
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.path == path
    assert caught.value.reason.startswith(r"holds 2 arrays; choose one by key: a\nb")
    assert str(caught.value).isprintable()
    assert r"two\nlines\x1b[31m.npz: holds 2 arrays" in str(caught.value)


def test_members_of_an_npz_that_are_larger_than_it(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, z=PIXELS[..., 0])
    whole = bytearray(path.read_bytes())
    at = whole.rindex(b"PK\1\2") + 20  # the packed size, in the directory at the end
    whole[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    path.write_bytes(whole)
    assert refusal(path) == (f"a broken ZIP file: z.npy has 4294967294 bytes, it has {len(whole)}")


@pytest.mark.parametrize("header", [b"{'descr': '<f4', 'shape': (", b"{", b"(1 +", b"'" * 3])
def test_npy_headers_that_are_no_python(tmp_path, header):
    head = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header
    (tmp_path / "a.npy").write_bytes(head + bytes(64))
    assert refusal(tmp_path / "a.npy").startswith("a broken NPY header: ")


def test_alpha_palette_and_cmyk(tmp_path):
    rgba = np.dstack([PIXELS, PIXELS[..., :1]])
    assert refusal(save(tmp_path / "a.png", rgba)).startswith("a 4-channel image (RGBA)")
    for suffix in ("png", "tif"):
        Image.fromarray(PIXELS).quantize(16).save(tmp_path / f"p.{suffix}")
        assert refusal(tmp_path / f"p.{suffix}").startswith("a palette image")
    Image.fromarray(PIXELS).convert("CMYK").save(tmp_path / "k.jpg")
    assert refusal(tmp_path / "k.jpg").startswith("a 4-channel image (CMYK)")


def test_no_pixels(tmp_path):
    np.save(tmp_path / "z.npy", np.empty((0, 0), np.float32))
    assert refusal(tmp_path / "z.npy") == "has no pixels: it is 0 x 0"
    (tmp_path / "z.pfm").write_bytes(b"Pf\n0 0\n-1\n")
    assert refusal(tmp_path / "z.pfm") == "has no pixels: it is 0 x 0"


@pytest.mark.parametrize("shape", [(), (7,), (5, 48, 64), (2, 2, 2, 2)])
def test_other_shapes(tmp_path, shape):
    np.save(tmp_path / "s.npy", np.zeros(shape))
    assert f"shape {shape}" in refusal(tmp_path / "s.npy")


@pytest.mark.parametrize("dtype", ["complex64", "U3", "M8[s]", "i4,f4"])
def test_other_dtypes(tmp_path, dtype):
    np.save(tmp_path / "s.npy", np.zeros((3, 4), dtype))
    assert "not real numbers" in refusal(tmp_path / "s.npy")


def test_an_npz_may_hold_other_things_beside_its_arrays(tmp_path):
    path = tmp_path / "a.npz"
    stack = np.arange(24.0).reshape(2, 3, 4)
    np.savez(path, depths=stack, names=np.array(["a", None], object), text=np.array("b"))
    assert np.array_equal(read(path, key="depths[1]").values, stack[1])
    np.savez(path, depth=stack[0], names=np.array(["a", None], object))
    assert np.array_equal(read(path, key="depth").values, stack[0])
    with pytest.raises(ReadError, match="holds Python objects"):
        read(path, key="names")


def test_nothing_is_unpickled(tmp_path):
    objects = np.array([[Boom()]], dtype=object)
    np.save(tmp_path / "o.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "o.npz", a=objects)
    for name in ("o.npy", "o.npz"):
        assert "never unpickled" in refusal(tmp_path / name)


class Boom:
    def __reduce__(self):
        return pytest.fail, ("was unpickled",)


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        ((5, 48, 64), "by key, [0] say; 'turbo-cmap video' shows all 5"),
        ((48, 64, 5), "by key, [..., 0] say; 'turbo-cmap video --axis -1' shows all 5"),
    ],
)
def test_a_stack_says_how_its_images_are_chosen(tmp_path, shape, advice):
    np.save(tmp_path / "s.npy", np.zeros(shape, np.float32))
    assert refusal(tmp_path / "s.npy").endswith(
        f"one image, (H, W), is needed; choose one {advice}"
    )
    key = advice.split(" say")[0].removeprefix("by key, ")
    assert read(tmp_path / "s.npy", key=key).values.shape == (48, 64)


def test_several_pages(tmp_path):
    tifffile.imwrite(tmp_path / "t.tif", np.zeros((5, 48, 64), np.uint16), photometric="minisblack")
    assert refusal(tmp_path / "t.tif") == "a TIFF of 5 pages; choose one by key: 0 to 4"


def test_headers_that_claim_the_moon(tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(png_bytes(400_000, 400_000, 16, 0, [b"\0\0"]))
    assert "its header claims" in refusal(path)
    path.write_bytes(b"Pf\n999999999 999999999\n-1\n\0\0\0\0")
    assert "999999999 x 999999999 float32 need" in refusal(path)
    npy = bytes_io.BytesIO()
    np.lib.format.write_array_header_1_0(
        npy, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    path.write_bytes(npy.getvalue())
    assert "needs 8000000000000 bytes" in refusal(path)
    tifffile.imwrite(path, DEPTH_U16)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for tag in ("ImageWidth", "ImageLength"):
            tiff.pages[0].tags[tag].overwrite(10**6)
    assert "its header claims" in refusal(path)


@pytest.mark.parametrize("shape", ["(-5, 3)", "(-5, -3)", "(True, 3)"])
def test_npy_headers_that_are_none(tmp_path, shape):
    path = tmp_path / "a.npy"
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + bytes(100))
    for opened in (read, read_frames):
        with pytest.raises(
            ReadError, match=re.escape(f"a broken NPY header: its shape is {shape}")
        ):
            opened(path)


def test_pfm_headers_that_are_none(tmp_path):
    for header in (b"Pf\n4 x\n1\n", b"Pf\n4 4\n0\n", b"Pf\n4 4\n1.2.3\n", b"Pf\n4 4\n"):
        (tmp_path / "d.pfm").write_bytes(header + bytes(64))
        assert "PFM header" in refusal(tmp_path / "d.pfm")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_is_a_read_error_or_no_matter(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    kind = data.draw(st.sampled_from(["png", "tif", "npz", "npy", "pfm", "jpg"]))
    path = folder / f"whole.{kind}"
    if kind == "npz":
        np.savez_compressed(path, a=DEPTH_U16)
    elif kind == "npy":
        np.save(path, DEPTH_U16)
    elif kind == "pfm":
        path.write_bytes(b"Pf\n64 48\n-1\n" + DEPTH_F32.tobytes())
    else:
        save(path, (DEPTH_U16 >> 8).astype(np.uint8))
    broken = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, min(300, len(broken) - 1)), min_size=1)):
        broken[place] = data.draw(st.integers(0, 255))
    path.write_bytes(broken)
    with contextlib.suppress(ReadError):
        assert read(path).values.ndim == 2


def test_arguments():
    with pytest.raises(TypeError, match=r"read\(\): path must be a string or a path, got 3"):
        read(3)
    with pytest.raises(TypeError, match=r"write\(\): image must be a NumPy array, got list"):
        write("x.png", [[1]])


# What is written.


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".webp", ".npy"])
@pytest.mark.parametrize("channels", [3, 4])
def test_bytes_come_back(tmp_path, suffix, channels):
    image = np.dstack([PIXELS, PIXELS[..., :1]])[..., :channels]
    path = tmp_path / f"c{suffix}"
    write(path, image)
    found = np.load(path) if suffix == ".npy" else np.asarray(Image.open(path))
    assert np.array_equal(found, image)


def test_jpeg_is_close_and_keeps_hues_sharp(tmp_path):
    flat = np.repeat(np.repeat(PIXELS[:3, :5], 8, axis=0), 8, axis=1)
    write(tmp_path / "c.jpg", flat)
    assert np.abs(np.asarray(Image.open(tmp_path / "c.jpg")).astype(int) - flat).max() < 12


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_of_16_bits_as_another_reader_sees_it(tmp_path, channels):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    image = np.random.default_rng(2).integers(0, 65536, (300, 77, channels), dtype=np.uint16)
    write(tmp_path / "c.png", image[..., 0] if channels == 1 else image)
    found = cv2.imread(str(tmp_path / "c.png"), cv2.IMREAD_UNCHANGED)
    if channels > 1:
        found = cv2.cvtColor(found, cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGBA)
    assert found.dtype == np.uint16
    assert np.array_equal(found.reshape(image.shape), image)


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp"])
def test_layout_in_memory_does_not_matter(tmp_path, suffix):
    image = PIXELS if suffix in ("jpg", "webp") else PIXELS.astype(np.uint16) * 257
    write(tmp_path / f"plain.{suffix}", image)
    wide = np.repeat(image, 2, axis=1)
    others = (image.astype(image.dtype.newbyteorder(">")), np.asfortranarray(image), wide[:, ::2])
    for other in others:
        write(tmp_path / f"other.{suffix}", other, force=True)
        names = (tmp_path / f"{name}.{suffix}" for name in ("plain", "other"))
        assert len({path.read_bytes() for path in names}) == 1


def test_png_of_16_bits_in_several_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("turbo_cmap.io.png._BLOCK", 1000)
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    image = np.random.default_rng(2).integers(0, 65536, (31, 77, 3), dtype=np.uint16)
    write(tmp_path / "c.png", image)
    found = cv2.imread(str(tmp_path / "c.png"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert np.array_equal(found, image)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
@pytest.mark.parametrize("channels", [3, 4])
def test_tiff_of_deep_colors(tmp_path, dtype, channels):
    image = np.random.default_rng(3).random((9, 11, channels)).astype(np.float32)
    image = image if dtype == "float32" else (image * 65535).astype(np.uint16)
    write(tmp_path / "c.tif", image)
    assert np.array_equal(tifffile.imread(tmp_path / "c.tif"), image)


def test_tiff_without_tifffile_is_of_bytes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tifffile", None)
    write(tmp_path / "c.tif", PIXELS)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "c.tif")), PIXELS)
    with pytest.raises(ValueError, match=r"needs tifffile: pip install 'turbo_cmap\[tiff\]'"):
        write(tmp_path / "d.tif", PIXELS.astype(np.float32))


def test_palette(tmp_path):
    palette = PIXELS[0, :10]
    indices = (DEPTH_U16 % 10).astype(np.uint8)
    write(tmp_path / "p.png", indices, palette=palette)
    picture = Image.open(tmp_path / "p.png")
    assert picture.mode == "P"
    assert np.array_equal(np.asarray(picture.convert("RGB")), palette[indices])
    with pytest.raises(ValueError, match="palette must be None for TIFF"):
        write(tmp_path / "p.tif", indices, palette=palette)
    with pytest.raises(ValueError, match=r"palette must be uint8 of shape \(N, 3\)"):
        write(tmp_path / "q.png", indices, palette=palette / 255)
    with pytest.raises(ValueError, match=r"image must be uint8 of shape \(H, W\) where palette"):
        write(tmp_path / "q.png", PIXELS, palette=palette)


@pytest.mark.parametrize(
    ("name", "dtype", "channels", "message"),
    [
        ("a.bmp", "uint8", 3, r"the suffix must be one of \.png .*, got '\.bmp'"),
        ("a", "uint8", 3, r"the suffix must be one of \.png .*, got ''"),
        ("a.png", "float32", 3, "PNG cannot hold float32; TIFF, NPY can"),
        ("a.jpg", "uint16", 3, "JPEG cannot hold uint16; PNG, TIFF, NPY can"),
        ("a.webp", "uint16", 3, "WebP cannot hold uint16; PNG, TIFF, NPY can"),
        ("a.JPEG", "uint8", 4, "JPEG cannot hold 4 channels; PNG, TIFF, WebP, NPY can"),
    ],
)
def test_what_a_format_cannot_hold(tmp_path, name, dtype, channels, message):
    with pytest.raises(ValueError, match=message):
        check_format(tmp_path / name, dtype, channels)
    with pytest.raises(ValueError, match=message):
        write(tmp_path / name, np.zeros((2, 2, channels), dtype))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "side"), [("a.jpg", 65500), ("a.webp", 16383)])
def test_the_largest_sides(tmp_path, name, side):
    write(tmp_path / name, np.zeros((1, side, 3), np.uint8))
    image = np.zeros((side + 1, 1, 3), np.uint8)
    with pytest.raises(
        ValueError, match=f"has at most {side} rows and columns, got 1 x {side + 1}"
    ):
        write(tmp_path / f"b{name}", image)
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_palettes_that_are_none(tmp_path):
    image = np.full((4, 4), 2, np.uint8)
    with pytest.raises(TypeError, match="palette must be a NumPy array, got list"):
        write(tmp_path / "a.png", image, palette=[[0, 0, 0]])
    with pytest.raises(ValueError, match="image must be indices below 2, the length of palette"):
        write(tmp_path / "a.png", image, palette=np.zeros((2, 3), np.uint8))
    write(tmp_path / "a.png", image, palette=np.zeros((3, 3), np.uint8))


def test_no_image_no_file(tmp_path):
    with pytest.raises(ValueError, match=r"image must have shape .* got \(0, 5, 3\)"):
        write(tmp_path / "a.png", np.zeros((0, 5, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_without_force(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists already"):
        write(path, PIXELS)
    assert path.read_text() == "mine"
    write(path, PIXELS, force=True)
    assert np.array_equal(np.asarray(Image.open(path)), PIXELS)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_comes_meanwhile_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.npy"

    def encode(file, image):
        path.write_text("theirs")

    monkeypatch.setattr("turbo_cmap.io.writing._FORMATS", {".npy": _format(encode)})
    with pytest.raises(FileExistsError):
        write(path, PIXELS)
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("force", [False, True])
def test_no_hard_links_no_matter(tmp_path, monkeypatch, force):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", refuse)
    write(tmp_path / "a.npy", PIXELS, force=force)
    assert np.array_equal(np.load(tmp_path / "a.npy"), PIXELS)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, SystemExit])
def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch, error):
    def encode(file, image):
        file.write(b"half")
        raise error

    monkeypatch.setattr("turbo_cmap.io.writing._FORMATS", {".npy": _format(encode)})
    (tmp_path / "old.npy").write_text("old")
    for name in ("new.npy", "old.npy"):
        with pytest.raises(error):
            write(tmp_path / name, PIXELS, force=True)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def _format(encode):
    from turbo_cmap.io.writing import _FORMATS

    return _FORMATS[".npy"]._replace(encode=encode)


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_mode_and_links_are_as_with_any_program(tmp_path):
    write(tmp_path / "a.npy", PIXELS)
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.npy").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "link.npy").symlink_to("a.npy")
    write(tmp_path / "link.npy", PIXELS[:3], force=True)
    assert (tmp_path / "link.npy").is_symlink()
    assert np.array_equal(np.load(tmp_path / "a.npy"), PIXELS[:3])
