"""Animations, and what `write_frames` promises of all formats."""

import importlib.util
import io
import itertools
import struct
import weakref
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from frames import PICTURES, same
from PIL import Image, ImageSequence

from turbo_cmap import colorize, colormaps
from turbo_cmap.io import ReadError, codecs, read_frames, write_frames
from turbo_cmap.io.palettes import shortened

RANDOM = np.random.default_rng(6)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- animations ----


def frames_of(name, mode="RGB"):
    with Image.open(name) as image:
        return [np.asarray(one.convert(mode)) for one in ImageSequence.Iterator(image)]


TABLE = np.rint(255 * colormaps["turbo"].colors).astype(np.uint8)[:, :3]


@pytest.mark.parametrize("name", ["a.gif", "a.apng"])
def test_animations_of_a_map_are_exact(name):
    movie = write_frames(name, PICTURES, palette=TABLE, fps=10)
    assert movie == (5, 64, 48, 10, name[2:])
    assert same(frames_of(name), PICTURES)
    with Image.open(name) as image:
        assert image.mode == "P"
        assert image.info["loop"] == 0
        assert image.info["duration"] == 100


def test_256_colors_and_black_differ_by_two_levels_at_most():
    table = np.concatenate([TABLE, [[0, 0, 0]]]).astype(np.uint8)
    ramp = np.linspace(0, 1, 1024).reshape(16, 64)
    ramp[:, 3] = np.nan
    picture = colorize(ramp, vmin=0, vmax=1)
    write_frames("a.gif", [picture, picture[::-1]], palette=table)
    for found, exact in zip(frames_of("a.gif"), [picture, picture[::-1]], strict=True):
        off = np.abs(found.astype(int) - exact)
        assert off.max() <= 2
        assert (off.max(axis=2) > 0).mean() <= 1 / 255
        assert not found[:, 3].any()


def test_palettes_are_shortened_where_it_shows_least():
    colors, codes = shortened(TABLE, 100)
    assert len(colors) == 100
    assert codes[0] == 0
    assert (np.diff(codes.astype(int)) >= 0).all()
    assert np.abs(colors[codes].astype(int) - TABLE).max() < 30
    same_colors, same_codes = shortened(TABLE)
    assert np.array_equal(same_colors, TABLE)
    assert np.array_equal(same_codes, np.arange(256))


def test_gif_has_one_palette_and_writes_what_has_changed():
    still = np.repeat(TABLE[np.newaxis, :64], 48, axis=0)
    moved = still.copy()
    moved[10:20, 5:9] = TABLE[200]
    write_frames("a.gif", [still, moved, moved], palette=TABLE)
    with Image.open("a.gif") as image:
        boxes = []
        for frame in range(3):
            image.seek(frame)
            boxes.append(image.tile[0][1])
            assert image.global_palette is not None
        assert boxes == [(0, 0, 64, 48), (5, 10, 9, 20), (0, 0, 1, 1)]
    assert same(frames_of("a.gif"), [still, moved, moved])


def test_hundredths_of_a_second_add_up_in_gif():
    write_frames("a.gif", PICTURES * 2, palette=TABLE, fps=30)
    durations = []
    with Image.open("a.gif") as image:
        for frame in range(10):
            image.seek(frame)
            durations.append(image.info["duration"])
    assert set(durations) == {30, 40}
    assert sum(durations) == 330


def test_the_longest_frame_of_gif():
    write_frames("a.gif", [np.zeros((4, 4, 3), np.uint8)] * 2, fps=Fraction(100, 65535))
    with Image.open("a.gif") as image:
        assert image.info["duration"] == 655350


def test_a_palette_that_is_no_array():
    with pytest.raises(TypeError, match=r"write_frames\(\): palette must be a NumPy array"):
        write_frames("a.apng", [np.zeros((4, 4, 3), np.uint8)], palette=[[0, 0, 0]])


def test_a_gif_of_other_colors_learns_them():
    photo = RANDOM.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    photos = [np.kron(photo, np.ones((4, 4, 1), np.uint8)), PICTURES[0]]
    write_frames("a.gif", photos)
    assert np.abs(frames_of("a.gif")[0].astype(int) - photos[0]).mean() < 3


def test_colors_beside_the_palette_get_near_ones():
    off = np.clip(PICTURES[0].astype(int) + 3, 0, 255).astype(np.uint8)
    write_frames("a.gif", [off], palette=TABLE)
    assert np.abs(frames_of("a.gif")[0].astype(int) - off).max() < 16


def test_transparent_pixels():
    pictures = []
    for number, picture in enumerate(PICTURES):
        alpha = np.full(picture.shape[:2], 255, np.uint8)
        alpha[number : number + 5, :9] = 0
        pictures.append(np.dstack([picture, alpha]))
        pictures[-1][alpha == 0] = 0
    table = np.concatenate([TABLE, [[0, 0, 0]]]).astype(np.uint8)
    write_frames("a.gif", pictures, palette=table)
    write_frames("a.apng", pictures)
    write_frames("p.apng", pictures, palette=table)
    write_frames("a.webp", pictures)
    for name, most in (("a.gif", 4), ("a.apng", 0), ("p.apng", 4), ("a.webp", 0)):
        for found, exact in zip(frames_of(name, "RGBA"), pictures, strict=True):
            assert np.array_equal(found[..., 3], exact[..., 3]), name
            seen = exact[..., 3] > 0
            assert np.abs(found[seen].astype(int) - exact[seen]).max() <= most, name


@pytest.mark.parametrize("name", ["a.apng", "a.webp"])
def test_animations_of_any_colors_are_exact(name):
    photos = list(RANDOM.integers(0, 256, (3, 16, 18, 3), dtype=np.uint8))
    photos.append(photos[-1])
    write_frames(name, photos, fps=Fraction(25, 2))
    found = frames_of(name)
    # A still picture may have become a longer one.
    assert same(found, photos) or same(found, photos[:-1])
    with Image.open(name) as image:
        image.load()
        assert image.info["loop"] == 0
        assert round(image.info["duration"]) == 80


def test_apng_has_the_order_of_chunks_that_the_standard_asks_for():
    write_frames("a.apng", PICTURES[:3], palette=TABLE, fps="30000/1001")
    data, at, kinds, sequence = Path("a.apng").read_bytes(), 8, [], []
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        kinds.append(kind)
        if kind in (b"fcTL", b"fdAT"):
            sequence.append(struct.unpack_from(">I", body)[0])
        if kind == b"acTL":
            assert struct.unpack(">II", body) == (3, 0)
        if kind == b"fcTL":
            assert struct.unpack_from(">HH", body, 20) == (1001, 30000)
        at += 12 + length
    assert sequence == list(range(len(sequence)))
    order = [kind for kind, _ in itertools.groupby(kinds)]
    assert order == [
        b"IHDR", b"acTL", b"PLTE", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"fcTL", b"fdAT", b"IEND"
    ]  # fmt: skip


# ---- whole or not at all ----

NAMES = ["a.mp4", "a.mkv", "a.webm", "a.gif", "a.apng", "a.webp"]


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_leaves_nothing(folder, name):
    def failing():
        yield from PICTURES
        raise OSError(5, "the camera is gone")

    with pytest.raises(OSError, match="the camera is gone"):
        write_frames(name, failing())
    with pytest.raises(ValueError, match=r"all have shape \(48, 64, 3\), got \(48, 63, 3\) for"):
        write_frames(name, [*PICTURES, PICTURES[0][:, 1:]])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_files_are_replaced_when_asked_only(folder, name):
    Path(name).write_bytes(b"kept")
    with pytest.raises(FileExistsError, match=f"{name}: exists already"):
        write_frames(name, PICTURES)
    assert Path(name).read_bytes() == b"kept"
    write_frames(name, PICTURES, force=True)
    assert len(Path(name).read_bytes()) > 100
    assert [one.name for one in folder.iterdir()] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_not_kept(name):
    alive, most = 0, 0

    def gone():
        nonlocal alive
        alive -= 1

    def counted():
        nonlocal alive, most
        for number in range(40):
            picture = np.roll(PICTURES[0], number, axis=1)
            weakref.finalize(picture, gone)
            alive += 1
            most = max(most, alive)
            yield picture
            del picture

    write_frames(name, counted())
    assert most <= 4


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.avi", {}, r"the suffix must be one of \.mp4 .* got '\.avi'"),
        ("a", {}, "the suffix must be one of"),
        ("a.webm", {"codec": "h264"}, r"\.webm holds vp9, av1, not h264"),
        ("a.mp4", {"codec": "prores"}, r"\.mp4 holds h264, h265, vp9, av1, not prores"),
        ("a.mp4", {"crf": 52}, "crf must be from 0 to 51 for h264"),
        ("a.mp4", {"crf": 1, "lossless": True}, "crf is for what has losses"),
        ("a.mkv", {"crf": 1, "codec": "ffv1"}, "crf is for what has losses"),
        ("a.mp4", {"chroma": "422"}, "chroma must be 420 or 444, got '422'"),
        ("a.mkv", {"chroma": "444", "lossless": True}, "chroma is for what has losses"),
        ("a.gif", {"codec": "h264"}, "codec, crf, chroma and bits are for video"),
        ("a.gif", {"bits": 10}, "codec, crf, chroma and bits are for video"),
        ("a.mp4", {"bits": 12}, "bits must be 8 or 10, got 12"),
        ("a.mkv", {"bits": 10, "codec": "ffv1"}, "bits is for what has losses, and ffv1 here"),
        ("a.mov", {"crf": 3, "codec": "prores"}, "prores has no crf to choose"),
        ("a.mov", {"lossless": True, "codec": "prores"}, "never lossless; h264, h265, png can be"),
        ("a.mp4", {"lossless": True, "codec": "av1"}, "av1 is never lossless; h264, h265, vp9 can"),
        (
            "a.mp4",
            {"chroma": "444", "codec": "av1"},
            "av1, of libsvtav1 in this FFmpeg, has no chroma 444 in 8 bits, but chroma 420 in 8 "
            "bits and chroma 420 in 10 bits",
        ),
        ("a.gif", {"fps": 51}, "GIF has at most 50 frames a second, got 51"),
        ("a.gif", {"fps": "0.001"}, "a frame of GIF lasts 655.35 s at most, got 1/1000 a second"),
        ("a.mp4", {"fps": 0}, "fps must be a number from 0.001 to 1000"),
        ("a.mp4", {"fps": "fast"}, "fps must be .* got 'fast'"),
        ("a.mp4", {"fps": float("nan")}, "fps must be"),
        ("a.gif", {"palette": np.zeros((2, 4), np.uint8)}, "palette must be uint8 of shape"),
        ("a.gif", {"palette": np.zeros((2, 3))}, "palette must be uint8 of shape"),
    ],
)
def test_wrong_arguments(folder, name, options, message):
    with pytest.raises(ValueError, match=message):
        write_frames(name, PICTURES, **options)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("pictures", "error", "message"),
    [
        ([], ValueError, "pictures must hold at least one, got none"),
        ([np.zeros((4, 4, 3))], ValueError, "pictures must be uint8 .* got float64"),
        ([np.zeros((4, 4), np.uint8)], ValueError, r"got uint8 of shape \(4, 4\)"),
        ([np.zeros((0, 4, 3), np.uint8)], ValueError, r"got uint8 of shape \(0, 4, 3\)"),
        ([[1, 2]], TypeError, "pictures must be arrays, got list"),
    ],
)
def test_wrong_pictures(folder, pictures, error, message):
    with pytest.raises(error, match=message):
        write_frames("a.mp4", pictures)
    assert list(folder.iterdir()) == []


def test_without_pyav_the_error_says_how_to_get_it(monkeypatch):
    write_frames("a.mkv", PICTURES)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "av" else find(name)
    )
    with pytest.raises(ImportError, match=r"PyAV: pip install 'turbo_cmap\[video\]'"):
        write_frames("b.mkv", PICTURES)
    with pytest.raises(ReadError, match=r"a\.mkv: .*pip install 'turbo_cmap\[video\]'"):
        read_frames("a.mkv")
    write_frames("b.gif", PICTURES)  # which needs none


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_what_ends_a_write_is_not_lost_in_ffmpeg(suffix, write):
    class File(io.BytesIO):
        count = 0

        def write(self, data):
            self.count += 1
            if self.count == write:
                raise KeyboardInterrupt
            return super().write(data)

    file = File()
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 96, 3), dtype=np.uint8)
    with pytest.raises(KeyboardInterrupt):
        codecs.encode(Path("a"), file, iter(noise), Fraction(30), codecs.Encoding(suffix))
    assert file.count >= write
