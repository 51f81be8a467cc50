"""Every kind of PNG that the specification has, sample by sample. What is refused is in test_io.py.

The files are made by hand: Pillow writes only some of them.
"""

import struct
import zlib

import numpy as np
import pytest

from turbo_cmap.io import ReadError, read
from turbo_cmap.io.pictures import read_picture

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
#: Table 11.1 of the specification.
KINDS = [
    *((GRAY, bits) for bits in (1, 2, 4, 8, 16)),
    *((RGB, bits) for bits in (8, 16)),
    *((PALETTE, bits) for bits in (1, 2, 4, 8)),
    *((GRAY_ALPHA, bits) for bits in (8, 16)),
    *((RGBA, bits) for bits in (8, 16)),
]
#: First column and row of Adam7's passes, and the steps between them; 8.2 of the specification.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
PASSES.append((0, 1, 1, 2))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, bits):
    """Rows of samples as bytes, the high bits first."""
    height = len(samples)
    if bits == 16:
        return samples.astype(">u2").reshape(height, -1).view(np.uint8)
    flat = samples.reshape(height, -1).astype(np.uint8)
    spread = np.unpackbits(flat[..., np.newaxis], axis=-1)[..., 8 - bits :]
    return np.packbits(spread.reshape(height, -1), axis=-1)


def filtered(rows, step):
    """Each row by another filter of the five; 9.2 of the specification."""
    rows = rows.astype(np.int64)
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    left = np.hstack([np.zeros_like(rows[:, :step]), rows])[:, : rows.shape[1]]
    corner = np.hstack([np.zeros_like(above[:, :step]), above])[:, : rows.shape[1]]
    guess = left + above - corner
    distances = np.stack([abs(guess - one) for one in (left, above, corner)])
    paeth = np.take_along_axis(np.stack([left, above, corner]), distances.argmin(0)[None], 0)[0]
    out = b""
    for number, row in enumerate(rows):
        kind = number % 5
        less = [0, left[number], above[number], (left + above)[number] // 2, paeth[number]][kind]
        out += bytes([kind]) + ((row - less) & 255).astype(np.uint8).tobytes()
    return out


def png(samples, color_type, bits, *extra, interlaced=False):
    """A PNG of samples of shape (H, W, C)."""
    height, width, channels = samples.shape
    step = max(1, bits * channels // 8)
    passes = PASSES if interlaced else [(0, 0, 1, 1)]
    parts = [samples[top::down, left::right] for left, top, right, down in passes]
    data = b"".join(filtered(packed(one, bits), step) for one in parts if one.size)
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, interlaced)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def noise(color_type, bits, shape=(13, 11)):
    generator = np.random.default_rng(bits + color_type)
    samples = generator.integers(0, 2**bits, (*shape, CHANNELS[color_type]))
    return samples.astype(np.uint16)


@pytest.fixture
def saved(tmp_path):
    def save(samples, color_type, bits, *extra, **options):
        path = tmp_path / "x.png"
        path.write_bytes(png(samples, color_type, bits, *extra, **options))
        return path

    return save


def colors_of(bits):
    """A palette chunk of random colors, and the colors."""
    colors = np.random.default_rng(9).integers(0, 256, (2**bits, 3), dtype=np.uint8)
    return (b"PLTE", colors.tobytes()), colors


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("color_type", "bits"), KINDS)
def test_samples_are_as_stored(saved, color_type, bits, interlaced):
    samples = noise(color_type, bits)
    if color_type == PALETTE:
        plte, colors = colors_of(bits)
        path = saved(samples, color_type, bits, plte, interlaced=interlaced)
        names = dict(zip(["index", "R", "G", "B"], [samples[..., 0]] * 4, strict=True))
        names |= {name: colors[samples[..., 0], n] for n, name in enumerate("RGB")}
    else:
        path = saved(samples, color_type, bits, interlaced=interlaced)
        letters = {GRAY: "Y", GRAY_ALPHA: "YA", RGB: "RGB", RGBA: "RGBA"}[color_type]
        names = {name: samples[..., n] for n, name in enumerate(letters)}
    dtype = "uint16" if bits == 16 else "bool" if (color_type, bits) == (GRAY, 1) else "uint8"
    for name, expected in names.items():
        found = read(path, channel=name)
        assert found.values.dtype == dtype
        assert np.array_equal(found.values, expected)
    if color_type in (GRAY, GRAY_ALPHA):
        assert np.array_equal(read(path).values, samples[..., 0])


@pytest.mark.parametrize("interlaced", [False, True])
def test_gray_of_16_bits_with_alpha(saved, interlaced):
    samples = noise(GRAY_ALPHA, 16)
    samples[::3, :, 1] = 0
    samples[1, 1, 1] = 1  # all but transparent is not transparent
    path = saved(samples, GRAY_ALPHA, 16, (b"bKGD", b"\0\0"), interlaced=interlaced)
    found = read(path)
    assert np.array_equal(found.values, samples[..., 0])
    assert np.array_equal(found.mask, samples[..., 1] == 0)
    assert read(path, channel="A").mask is None
    assert np.array_equal(read(path, channel="a").values, samples[..., 1])
    assert np.array_equal(read_picture(path), samples[..., [0, 0, 0, 1]])


def test_gray_with_alpha_of_another_library(saved):
    imagecodecs = pytest.importorskip("imagecodecs")
    samples = noise(GRAY_ALPHA, 16)
    path = saved(samples, GRAY_ALPHA, 16)
    assert np.array_equal(imagecodecs.png_decode(path.read_bytes()), samples)
    path.write_bytes(imagecodecs.png_encode(samples))
    assert np.array_equal(read(path, channel="Y").values, samples[..., 0])


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_the_gray_that_is_transparent_is_masked(saved, bits):
    samples = noise(GRAY, bits)
    value = int(samples[5, 5, 0])
    found = read(saved(samples, GRAY, bits, (b"tRNS", struct.pack(">H", value))))
    assert np.array_equal(found.values, samples[..., 0])
    assert np.array_equal(found.mask, samples[..., 0] == value)


def test_a_transparent_gray_that_no_pixel_has_masks_nothing(saved):
    samples = np.full((4, 5, 1), 7, np.uint16)
    assert read(saved(samples, GRAY, 16, (b"tRNS", struct.pack(">H", 8)))).mask is None
    with pytest.raises(ReadError):  # cut short
        read(saved(samples, GRAY, 16, (b"tRNS", b"\0")))


@pytest.mark.parametrize("bits", [8, 16])
def test_the_color_that_is_transparent_is_masked_in_a_channel(saved, bits):
    samples = noise(RGB, bits)
    samples[2, 3] = samples[7, 7]
    samples[2, 4] = samples[7, 7] ^ [0, 0, 1]  # in one component only
    color = struct.pack(">HHH", *samples[7, 7].tolist())
    found = read(saved(samples, RGB, bits, (b"tRNS", color)), channel="G")
    assert np.array_equal(found.values, samples[..., 1])
    assert np.argwhere(found.mask).tolist() == [[2, 3], [7, 7]]


def test_a_gray_palette_is_gray(saved):
    samples = noise(PALETTE, 4)
    levels = np.random.default_rng(2).permutation(256)[:16].astype(np.uint8)
    plte = (b"PLTE", np.repeat(levels, 3).tobytes())
    found = read(saved(samples, PALETTE, 4, plte, (b"tRNS", b"\xff\x00\x80")))
    assert np.array_equal(found.values, levels[samples[..., 0]])
    assert np.array_equal(found.mask, samples[..., 0] == 1)  # of the second, alpha is 0


def test_a_palette_of_colors(saved):
    plte, _ = colors_of(2)
    samples = noise(PALETTE, 2)
    path = saved(samples, PALETTE, 2, plte, (b"tRNS", b"\x00"))
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.reason == (
        "a palette image, whose numbers are colors, not depth; "
        "choose one by channel: index, R, G, B"
    )
    with pytest.raises(ReadError, match="has no channel 'A', only index, R, G, B"):
        read(path, channel="A")
    found = read(path, channel="index")
    assert np.array_equal(found.values, samples[..., 0])
    assert np.array_equal(found.mask, samples[..., 0] == 0)


def test_a_preset_decodes_the_colors_of_a_palette(saved):
    """A program that makes PNGs smaller turns few colors into a palette."""
    plte, colors = colors_of(4)
    samples = noise(PALETTE, 4)
    plain = saved(colors[samples[..., 0]], RGB, 8)
    expected = read(plain, "sintel-disparity").scaled()
    found = read(saved(samples, PALETTE, 4, plte), "sintel-disparity")
    assert np.array_equal(found.scaled(), expected)
    with_alpha = saved(samples, PALETTE, 4, plte, (b"tRNS", bytes(range(100, 110))))
    alpha = np.array([*range(100, 110), *[255] * 6], np.uint8)
    rgba = np.column_stack([colors, alpha])[samples[..., 0]]
    expected = np.ascontiguousarray(rgba[..., [2, 1, 0, 3]]).view("<f4")[..., 0]
    assert np.array_equal(read(with_alpha, "tartanair").values, expected, equal_nan=True)


def test_a_palette_that_is_too_short(saved):
    samples = np.full((2, 3, 1), 5, np.uint16)
    for palette in (b"", bytes(3 * 5), bytes(3 * 5 + 2)):
        path = saved(samples, PALETTE, 8, (b"PLTE", palette))
        with pytest.raises(ReadError):
            read(path, channel="index")
