"""Sequences of frames: which files they are, what is done about errors, and raw frames."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import tifffile
from frames import DEEP, encode, same, values_of

from turbo_cmap import Colorizer
from turbo_cmap.io import ReadError, read_frames
from turbo_cmap.io.frames import EndedEarlyError, FrameError
from turbo_cmap.io.raw import RawFormat, RawFrames
from turbo_cmap.io.sequences import expand, natural_key


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- files ----


def test_frame_2_comes_before_frame_10():
    names = ["f10.png", "f2.png", "f1.png", "f02.png", "g1.png", "f.png"]
    paths = sorted(map(Path, names), key=natural_key)
    assert [path.name for path in paths] == [
        "f1.png", "f02.png", "f2.png", "f10.png", "f.png", "g1.png"
    ]  # fmt: skip


def test_folders_patterns_and_names_stand_for_files(folder):
    (folder / "in").mkdir()
    for name in ("a10.npy", "a9.npy", ".a1.npy", "notes.txt"):
        (folder / "in" / name).touch()
    (folder / "in" / "a1.npy").mkdir()
    both = [Path("in/a9.npy"), Path("in/a10.npy")]
    assert expand(["in"]) == both
    assert expand(["in/a1*"]) == [Path("in/a10.npy")]
    assert expand(["in/a10.npy", "in/*.npy", "in"]) == both
    assert expand(["none.npy"]) == [Path("none.npy")]  # which its reader complains of
    (folder / "[x].npy").touch()
    assert expand(["[x].npy"]) == [Path("[x].npy")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["mixed"], "holds frames of several formats, .npy, .png; choose as in 'mixed/*.npy'"),
        (["empty"], "empty: holds no file that could be a frame"),
        (["e*.npy"], "e*.npy: matches no file"),
    ],
)
def test_inputs_that_stand_for_nothing_or_too_much(folder, given, message):
    for name in ("mixed/a.npy", "mixed/b.png", "empty/notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    with pytest.raises(ReadError) as caught:
        read_frames(given)
    assert message in str(caught.value)


def test_no_input():
    with pytest.raises(ValueError, match=r"read_frames\(\): path must name a file, got nothing"):
        read_frames([])


def test_files_are_frames_in_natural_order_as_often_as_asked():
    for number in range(12):
        np.save(f"d{number}.npy", np.full((4, 5), number, np.uint16))
    frames = read_frames("d*.npy")
    assert (frames.count, frames.fps, frames.rereadable) == (12, None, True)
    for _ in range(2):
        assert [int(one[0, 0]) for one in values_of(frames)] == list(range(12))
    colorizer = Colorizer(robust=True).fit(frames.values())
    everything = np.stack(values_of(frames))
    assert (colorizer.vmin, colorizer.vmax) == tuple(np.percentile(everything, (2, 98)))


def test_a_frame_unlike_the_others_is_named():
    np.save("d1.npy", np.zeros((4, 5), np.uint16))
    np.save("d2.npy", np.zeros((4, 5), ">u2"))
    for other, kind in ((np.zeros((4, 6), np.uint16), "6x4 uint16"), (np.zeros((4, 5)), "5x4 fl")):
        np.save("d3.npy", other)
        with pytest.raises(ReadError, match=rf"d3.npy: frame 2: {kind}.* before it are 5x4 ui"):
            values_of(read_frames("d*.npy"))


def test_a_frame_that_cannot_be_read_is_named():
    np.save("d1.npy", np.zeros((4, 5)))
    Path("d2.npy").write_bytes(b"nothing like it")
    frames = iter(read_frames(["d1.npy", "d2.npy"]))
    next(frames)
    with pytest.raises(ReadError, match=r"d2\.npy: "):
        next(frames)


# ---- what to do about a frame that cannot be read ----


def broken(*numbers, count=5):
    for number in range(count):
        np.save(f"d{number}.npy", np.full((4, 5), number, np.uint16))
        if number in numbers:
            whole = Path(f"d{number}.npy").read_bytes()
            Path(f"d{number}.npy").write_bytes(whole[:-9])
    return "d*.npy"


@pytest.mark.parametrize(
    ("numbers", "policy", "found"),
    [
        ((2, 3), "skip", [0, 1, 4]),
        ((2, 3), "repeat", [0, 1, 1, 1, 4]),
        ((0, 1), "skip", [2, 3, 4]),
        ((0, 1), "repeat", [2, 2, 2, 3, 4]),
        ((4,), "repeat", [0, 1, 2, 3, 3]),
    ],
)
def test_frames_that_cannot_be_read_are_left_out_or_repeated(numbers, policy, found):
    frames = read_frames(broken(*numbers), on_error=policy)
    assert [int(one[0, 0]) for one in values_of(frames)] == found
    assert list(frames.problems) == list(numbers)
    assert all(frames.problems[n].path == Path(f"d{n}.npy") for n in numbers)
    # The names of what is repeated are those of what is missing.
    if policy == "repeat":
        assert [one.path.name for one in frames] == [f"d{n}.npy" for n in range(5)]
    once = {n for n in range(5) if n not in numbers}
    assert {int(one[0, 0]) for one in frames.values()} == once
    assert len(list(frames.values())) == len(once)
    assert [frame.number for frame in frames.numbered()] == (
        sorted(once) if policy == "skip" else [0, 1, 2, 3, 4]
    )


def test_frames_of_another_size_are_problems_too():
    names = broken()
    np.save("d2.npy", np.zeros((4, 6), np.uint16))
    frames = read_frames(names, on_error="skip")
    assert len(values_of(frames)) == 4
    assert frames.problems[2].reason == "6x4 uint16, and those before it are 5x4 uint16"


def test_without_a_single_frame_there_is_an_error_whatever_is_asked():
    for policy in ("skip", "repeat"):
        with pytest.raises(ReadError, match=r"d0\.npy: frame 0: .* none of 3 frames can be read"):
            values_of(read_frames(broken(0, 1, 2, count=3), on_error=policy))


def test_frames_stop_at_an_error_by_default():
    frames = read_frames(broken(2))
    with pytest.raises(FrameError, match=r"d2\.npy: frame 2: ") as caught:
        values_of(frames)
    assert caught.value.number == 2
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.number) == (str(caught.value), 2)
    with pytest.raises(ValueError, match="on_error must be one of 'stop', 'skip', 'repeat', got"):
        read_frames("d*.npy", on_error="ignore")


def test_a_page_or_a_picture_in_a_video_that_is_damaged_is_one_frame():
    with tifffile.TiffWriter("a.tif") as tiff:
        for page in DEEP:
            tiff.write(page, compression="zlib", metadata=None)
    with tifffile.TiffFile("a.tif") as tiff:
        place = tiff.pages[1].dataoffsets[0]
    with open("a.tif", "r+b") as file:
        file.seek(place + 9)
        file.write(bytes(200))
    encode("a.mov", "png", "gray16be", DEEP)
    data = bytearray(Path("a.mov").read_bytes())
    second = data.index(b"IDAT", data.index(b"IEND"))
    data[second + 20 : second + 200] = bytes(180)
    Path("a.mov").write_bytes(data)
    for name in ("a.tif", "a.mov"):
        with pytest.raises(ReadError, match="frame 1: cannot be decoded: "):
            values_of(read_frames(name))
        assert same(values_of(read_frames(name, on_error="skip")), DEEP[::2]), name
        assert same(values_of(read_frames(name, on_error="repeat")), DEEP[[0, 0, 2]]), name


# ---- raw ----


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("u8", "u1"), ("i8", "i1"), ("u16", "<u2"), ("u16le", "<u2"), ("u16be", ">u2"),
        ("i16le", "<i2"), ("i32be", ">i4"), ("f16", "<f2"), ("f32", "<f4"), ("f32be", ">f4"),
        ("F64LE", "<f8"), ("gray", "u1"), ("gray16le", "<u2"), ("gray12be", ">u2"),
        ("grayf32le", "<f4"),
    ],
)  # fmt: skip
def test_raw_frames_of_every_type(text, dtype):
    form = RawFormat.parse(f"34x24:{text}")
    assert form.dtype == np.dtype(dtype)
    stack = (DEEP % 100).astype(dtype)
    Path("a.raw").write_bytes(stack.tobytes())
    frames = RawFrames(Path("a.raw"), form)
    assert (frames.count, frames.rereadable) == (3, True)
    assert same(values_of(frames), stack)
    assert same(values_of(frames), stack)


@pytest.mark.parametrize("text", ["", "34x24", "34x24:", "34x24:u12", "0x24:u8", "34x0:u8", "a:b"])
def test_raw_formats_that_are_none(text):
    with pytest.raises(ValueError, match=r"is not WIDTHxHEIGHT:TYPE|is no size for a frame"):
        RawFormat.parse(text)


def test_a_raw_frame_of_petabytes_is_refused():
    with pytest.raises(ValueError, match="is no size for a frame"):
        RawFormat.parse("999999999x999999999:f64")


class Dripping(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data):
        self.rest = data

    def readinto(self, buffer):
        length = min(len(buffer), 7, len(self.rest))
        buffer[:length], self.rest = self.rest[:length], self.rest[length:]
        return length


def test_a_pipe_is_read_once_however_it_drips():
    frames = RawFrames(Path("stdin"), RawFormat.parse("34x24:u16le"), Dripping(DEEP.tobytes()))
    assert (frames.count, frames.rereadable) == (None, False)
    assert same(values_of(frames), DEEP)


def test_a_partial_frame_comes_after_the_whole_ones():
    whole = DEEP.tobytes()
    for missing, message in (
        (1, "frame 2, of which it has 1631 of 1632 bytes"),
        (1631, "has 1 of"),
    ):
        frames = RawFrames(
            Path("stdin"), RawFormat.parse("34x24:u16"), Dripping(whole[: len(whole) - missing])
        )
        found = []
        with pytest.raises(EndedEarlyError, match=message):
            found.extend(raster.values for raster in frames)
        assert len(found) <= 2
        iterator = iter(
            RawFrames(Path("s"), RawFormat.parse("34x24:u16"), Dripping(whole[: len(whole) - 5]))
        )
        assert same([next(iterator).values, next(iterator).values], DEEP[:2])
