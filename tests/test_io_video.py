"""Videos, encoded and decoded for real, through PyAV."""

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from frames import DEEP, NTSC, PICTURES, encode, same, scene, values_of

from turbo_cmap import colorize, uncolorize
from turbo_cmap.io import ReadError, codecs, read_frames, write_frames
from turbo_cmap.io.frames import EndedEarlyError

RANDOM = np.random.default_rng(6)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- videos in ----


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "bits"),
    [
        ("a.mkv", "ffv1", "gray16le", 16),
        ("a.mkv", "ffv1", "gray12le", 12),
        ("a.mkv", "ffv1", "gray10le", 10),
        ("a.mkv", "ffv1", "gray", 8),
        ("a.mov", "png", "gray16be", 16),
        ("a.avi", "ffvhuff", "gray16le", 16),
        ("a.nut", "rawvideo", "gray16le", 16),
    ],
)
def test_gray_video_keeps_its_depth(name, codec, pixels, bits):
    stack = (DEEP >> (16 - bits)).astype(np.uint8 if bits == 8 else np.uint16)
    frames = read_frames(encode(name, codec, pixels, stack))
    assert abs(frames.fps - NTSC) < Fraction(1, 1000)
    assert frames.rereadable
    found = values_of(frames)
    assert same(found, stack)
    assert found[0].dtype == (np.uint8 if bits == 8 else np.uint16)
    assert same(values_of(frames), stack)
    # Frames are copies: the decoder's memory is used again.
    assert all(one.flags.owndata for one in found)


def planar(luma, chroma=128):
    """YUV 4:2:0 as PyAV takes it."""
    height, width = luma.shape
    return np.concatenate([luma, np.full((height // 2, width), chroma, np.uint8)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_luma_is_taken_as_it_is_stored(name):
    luma = RANDOM.integers(16, 236, (3, 24, 34), dtype=np.uint8)
    with av.open(name, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 34, 24, "yuv420p"
        for one in luma:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planar(one), "yuv420p")))
        container.mux(stream.encode(None))
    assert same(values_of(read_frames(name)), luma)
    assert same(values_of(read_frames(name, channel="y")), luma)
    assert same(values_of(read_frames(name, channel="Y")), luma)


@pytest.mark.parametrize("pixels", ["nv12", "yuyv422", "yuvj420p", "yuv444p"])
def test_luma_of_other_layouts(pixels):
    luma = RANDOM.integers(16, 236, (24, 34), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(planar(luma), "yuv420p")
    if pixels == "yuvj420p":
        frame = av.VideoFrame.from_ndarray(planar(luma), "yuvj420p")
    else:
        frame = frame.reformat(format=pixels)
    frame.pts = 0
    with av.open("a.nut", "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 34, 24, pixels
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert same(values_of(read_frames("a.nut")), [luma])


def test_color_video_is_refused_but_for_a_channel():
    write_frames("rgb.mkv", PICTURES, lossless=True)
    write_frames("yuv.mp4", PICTURES)
    for name in ("rgb.mkv", "yuv.mp4"):
        with pytest.raises(ReadError, match=rf"{name}: is a color video .*frame 0.*--channel y"):
            values_of(read_frames(name))
    for number, letter in enumerate("rgb"):
        expected = [picture[..., number] for picture in PICTURES]
        assert same(values_of(read_frames("rgb.mkv", channel=letter)), expected)
        decoded = values_of(read_frames("yuv.mp4", channel=letter.upper()))
        assert np.abs(decoded[0].astype(int) - expected[0]).mean() < 6
    with pytest.raises(ReadError, match="has no luma; choose r, g, b"):
        values_of(read_frames("rgb.mkv", channel="y"))
    with pytest.raises(ReadError, match="has channels y, r, g and b, not 'z'"):
        read_frames("yuv.mp4", channel="z")


def test_gray_video_that_is_stored_as_rgb():
    gray = np.repeat(RANDOM.integers(0, 256, (2, 24, 34, 1), dtype=np.uint8), 3, axis=3)
    write_frames("a.mkv", gray, lossless=True)
    assert same(values_of(read_frames("a.mkv")), gray[..., 0])


def test_videos_that_are_none():
    with av.open("sound.mkv", "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ReadError, match=r"sound\.mkv: holds no video stream"):
        read_frames("sound.mkv")
    Path("a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    with pytest.raises(ReadError, match=r"a\.mp4: cannot be decoded: "):
        values_of(read_frames("a.mp4"))
    np.save("b.npy", DEEP[0])
    with pytest.raises(ReadError, match=r"a\.mp4: is a video, of which one is read at a time"):
        read_frames(["a.mp4", "b.npy"])


def test_names_that_are_no_unicode_do_no_harm():
    with av.open("a.mkv", "w") as container:
        container.metadata["title"] = "a title of text"
        stream = container.add_stream("ffv1", rate=30)
        stream.height, stream.width, stream.pix_fmt = 24, 34, "gray16le"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(DEEP[0], "gray16le")))
        container.mux(stream.encode(None))
    data = Path("a.mkv").read_bytes()
    assert b"title of" in data
    Path("a.mkv").write_bytes(data.replace(b"title of", b"\xfe\xff\x80tle of"))
    assert same(values_of(read_frames("a.mkv")), DEEP[:1])


def test_a_video_that_is_cut_off_is_not_taken_for_whole():
    stack = np.concatenate([DEEP] * 10)
    encode("a.mkv", "ffv1", "gray16le", stack)
    data = Path("a.mkv").read_bytes()
    Path("a.mkv").write_bytes(data[: len(data) // 2])
    found = []
    with pytest.raises(EndedEarlyError, match=r"a\.mkv: ends with frame \d+, at 0\.\d+ of 1\.00 s"):
        found.extend(raster.values for raster in read_frames("a.mkv"))
    # `extend` has what came before the error.
    assert 5 < len(found) < 25
    assert same(found, stack[: len(found)])
    encode("a.mov", "png", "gray16be", stack)  # which has its index at the end
    data = Path("a.mov").read_bytes()
    Path("a.mov").write_bytes(data[: len(data) // 2])
    with pytest.raises(ReadError, match=r"a\.mov: cannot be decoded: Invalid data"):
        read_frames("a.mov")


# ---- videos out ----


def decode(name):
    with av.open(name) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("name", "options", "coding"),
    [
        ("a.mkv", {"lossless": True}, "ffv1 bgr0"),
        ("a.mkv", {"codec": "ffv1"}, "ffv1 bgr0"),
        ("a.mp4", {"lossless": True}, "h264 rgb24"),
        ("a.mp4", {"lossless": True, "codec": "h265"}, "h265 gbrp"),
        ("a.mov", {"codec": "png"}, "png rgb24"),
        ("a.webm", {"lossless": True}, "vp9 gbrp"),
    ],
)
def test_lossless_video_is_exact(name, options, coding):
    movie = write_frames(name, iter(PICTURES), fps="30000/1001", **options)
    assert movie == (5, 64, 48, NTSC, coding)
    assert same(decode(name), PICTURES)
    with av.open(name) as container:
        assert abs(container.streams.video[0].average_rate - NTSC) < Fraction(1, 100)


def bt709(frame):
    """The colors of a frame in limited range, by the formulas of ITU-R BT.709-6, 3.2 to 3.5."""
    more = frame.format.components[0].bits - 8
    dtype, one = np.dtype("<u2" if more else "u1"), 1 << more
    y, cb, cr = (
        np.frombuffer(memoryview(plane), dtype)
        .reshape(plane.height, plane.line_size // dtype.itemsize)[:, : plane.width]
        .astype(float)
        / one
        for plane in frame.planes
    )
    y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return 255 * np.stack([red, green, blue], axis=-1)


@pytest.mark.parametrize(
    ("name", "options", "most"),
    [
        # Codes of 1/219 and 1/224 are rounded; blue, the worst, by 1.86 / 2 of them.
        ("a.mp4", {"chroma": "444", "crf": 0}, 2.5),
        ("a.mp4", {"chroma": "444", "crf": 0, "bits": 10}, 0.7),  # a fourth of that
    ],
)
def test_colors_are_those_of_the_matrix_that_is_tagged(name, options, most):
    write_frames(name, PICTURES, **options)
    with av.open(name) as container:
        frames = list(container.decode(video=0))
        for frame, picture in zip(frames, PICTURES, strict=True):
            assert np.abs(bt709(frame) - picture).max() < most
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_range, context.color_primaries, context.color_trc
        assert tuple(map(int, tags)) == (1, 1, 1, 1)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="FFmpeg is not here")
@pytest.mark.parametrize(
    ("name", "options", "most"),
    [
        ("a.mkv", {"lossless": True}, 0),
        ("a.mp4", {"lossless": True}, 0),
        ("a.mp4", {"lossless": True, "codec": "h265"}, 0),
        ("a.webm", {"lossless": True}, 0),
        ("a.mov", {"codec": "png"}, 0),
        ("a.mov", {"codec": "prores"}, 1),
        ("a.mp4", {"chroma": "444", "crf": 0}, 1),
        ("a.mp4", {"crf": 4}, 4),
        ("a.mkv", {"codec": "h265", "crf": 4}, 4),
        ("a.webm", {"crf": 4}, 4),
        ("a.mp4", {"codec": "av1", "crf": 4}, 4),
        ("a.webm", {"codec": "av1", "crf": 4, "bits": 10}, 4),
    ],
)
def test_another_program_shows_these_colors(name, options, most):
    """By the tags alone: with the matrix of BT.601 the error would be 7 of 255, and more."""
    write_frames(name, PICTURES, **options)
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", name, "-vf", "scale=flags=accurate_rnd+full_chroma_int",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    found = np.frombuffer(done.stdout, np.uint8).reshape(5, 48, 64, 3).astype(int)
    assert np.abs(found - np.stack(PICTURES)).mean() <= most


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
@pytest.mark.parametrize("bits", [None, 10])
def test_av1(name, bits, capfd):
    movie = write_frames(name, PICTURES, codec="av1", bits=bits, fps=25)
    pixels = "yuv420p10le" if bits else "yuv420p"
    assert movie == (5, 64, 48, 25, f"av1 {pixels}")
    with av.open(name) as container:
        frames = list(container.decode(video=0))
        assert len(frames) == 5
        assert frames[0].format.name == pixels
        assert (int(frames[0].colorspace), int(frames[0].color_range)) == (1, 1)
    assert capfd.readouterr() == ("", "")  # which the encoder is full of


@pytest.mark.parametrize(("codec", "pixels"), [("h264", "yuv444p10le"), ("h265", "yuv444p10le")])
def test_ten_bits(codec, pixels):
    movie = write_frames("a.mkv", PICTURES, codec=codec, bits=10, chroma="444")
    assert movie.coding == f"{codec} {pixels}"
    with av.open("a.mkv") as container:
        assert next(container.decode(video=0)).format.name == pixels


def test_an_encoder_that_is_not_there_is_named_with_those_that_are(monkeypatch):
    taken = codecs._taken
    monkeypatch.setattr(codecs, "_taken", lambda one: None if "svt" in one else taken(one))
    wanted = "av1 takes libsvtav1, which this FFmpeg is built without; there is h264, h265, vp9$"
    with pytest.raises(ValueError, match=wanted):
        write_frames("a.mp4", PICTURES, codec="av1")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.webm"])
def test_video_is_tagged(name):
    write_frames(name, PICTURES)
    with av.open(name) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
        assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "options", "half", "most"),
    [
        # Of the range of values: half of the pixels are within the first, 99 % within the other.
        ("a.mp4", {"chroma": "444", "crf": 0}, 0.002, 0.006),
        ("a.mp4", {"chroma": "444"}, 0.003, 0.02),
        ("a.mp4", {}, 0.004, 0.06),
        ("a.mp4", {"codec": "h265"}, 0.005, 0.06),
        ("a.webm", {}, 0.005, 0.06),
    ],
)
def test_numbers_come_back_from_video(name, options, half, most):
    depths = list(scene(5, 120, 160))
    write_frames(name, (colorize(depth, vmin=0, vmax=1) for depth in depths), **options)
    off = np.abs(np.stack([uncolorize(one) for one in decode(name)]) - np.stack(depths))
    assert np.median(off) < half
    assert np.percentile(off, 99) < most


def test_odd_sizes_repeat_their_edge():
    odd = [picture[:-1, :-1] for picture in PICTURES]
    movie = write_frames("a.mp4", odd, crf=0)
    assert (movie.width, movie.height) == (64, 48)
    decoded = decode("a.mp4")[0].astype(int)
    assert np.abs(decoded[-1] - decoded[-2]).mean() < 4
    assert write_frames("b.mp4", odd, chroma="444")[1:3] == (63, 47)
    assert write_frames("c.mkv", odd, lossless=True)[1:3] == (63, 47)
    assert same(decode("c.mkv"), odd)


def test_video_with_transparency():
    rgba = [np.dstack([one, np.full(one.shape[:2], 200, np.uint8)]) for one in PICTURES]
    write_frames("a.mkv", rgba, lossless=True)
    with av.open("a.mkv") as container:
        assert same([one.to_ndarray(format="rgba") for one in container.decode(video=0)], rgba)
    with pytest.raises(ValueError, match=r"h264 in \.mp4 has no transparency"):
        write_frames("a.mp4", rgba)
