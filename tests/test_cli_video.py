"""`turbo-cmap video`: sequences in, moving pictures out, and pipes between other programs."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner
from command import invoke
from PIL import Image, ImageSequence

from turbo_cmap import Colorizer, colorize, data_range
from turbo_cmap.cli import _layout, _signals, cli
from turbo_cmap.cli._ahead import ahead
from turbo_cmap.io import write_frames
from turbo_cmap.io.codecs import CODECS
from turbo_cmap.io.frames import ON_ERROR

SHAPE = (24, 32)
#: Depths in millimeters with holes, nearer and nearer.
DEPTHS = np.random.default_rng(0).integers(500, 3000, (12, *SHAPE), dtype=np.uint16)
DEPTHS -= (20 * np.arange(12, dtype=np.uint16)).reshape(-1, 1, 1)
DEPTHS[:, :2] = 0
VALID = DEPTHS[:, 2:]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own, without anybody's defaults."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


@pytest.fixture
def frames(folder):
    """A folder of PNGs, numbered without zeros."""
    (folder / "in").mkdir()
    for number, depth in enumerate(DEPTHS):
        Image.fromarray(depth).save(f"in/d{number}.png")
    return "in"


@pytest.fixture
def stack():
    np.save("stack.npy", DEPTHS)
    return "stack.npy"


run = partial(invoke, "video")


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "turbo_cmap", "video", *map(str, arguments)], **options
    )


def pictures(path):
    if path.endswith((".gif", ".apng", ".webp")):
        with Image.open(path) as image:
            return [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(image)]
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def same(found, expected):
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


def expected(vmin, vmax, **options):
    return [colorize(one, vmin=vmin, vmax=vmax, invalid=0, **options) for one in DEPTHS]


# ---- one range for all ----


def test_a_folder_becomes_a_video_with_one_range(frames):
    result = run(frames, "-o", "a.mkv", "--lossless", "--invalid", "0", "--fps", "12.5")
    low, high = VALID.min(), VALID.max()
    assert result.stdout == (
        f"in -> a.mkv  32x24 uint16  12 frames at 12.5/s  range {low} .. {high}, shared  "
        "ffv1 bgr0\n"
    )
    assert same(pictures("a.mkv"), expected(low, high))


def test_percentiles_are_those_of_all_frames(frames):
    result = run("in/*.png", "-o", "a.mkv", "--lossless", "--invalid", "0", "--robust")
    low, high = np.percentile(VALID, (2, 98)).tolist()
    # in digits that give back the same float32, in which values of 16 bits are computed
    assert f"range {np.float32(low)!s} .. {np.float32(high)!s}, shared" in result.stdout
    assert same(pictures("a.mkv"), expected(low, high))


@pytest.mark.parametrize("norm", ["log", "inverse", "sqrt", "equalize"])
def test_norms_are_shared_too(stack, norm):
    run(stack, "-o", "a.mkv", "--lossless", "--invalid", "0", "--norm", norm)
    colorizer = Colorizer(norm=norm, invalid=0).fit(list(DEPTHS))
    assert same(pictures("a.mkv"), [colorizer(one) for one in DEPTHS])


def test_limits_that_are_given_are_fixed(stack):
    result = run(stack, "-o", "a.mkv", "--lossless", "--vmin", "0", "--vmax", "2000")
    assert "range 0 .. 2000, fixed" in result.stdout
    assert same(pictures("a.mkv"), [colorize(one, vmin=0, vmax=2000) for one in DEPTHS])
    run(stack, "-o", "b.mkv", "--lossless", "--center", "1500", "--vmax", "3000")
    assert same(pictures("b.mkv"), [colorize(one, center=1500, vmax=3000) for one in DEPTHS])


def test_each_frame_can_have_its_own_range(stack):
    result = run(stack, "-o", "a.mkv", "--lossless", "--invalid", "0", "--range", "per-frame")
    assert f"range {VALID.min()} .. {VALID.max()}, per-frame" in result.stdout
    assert same(pictures("a.mkv"), [colorize(one, invalid=0) for one in DEPTHS])


def test_a_preset_says_what_frames_of_any_kind_mean(frames, stack):
    Path("a.raw").write_bytes(DEPTHS.tobytes())
    write_gray("gray.mkv")
    wanted = [colorize(one / 1000, mask=one == 0, vmin=0.4, vmax=3) for one in DEPTHS]
    options = ("--preset", "mm", "--lossless", "--vmin", "0.4", "--vmax", "3", "--force")
    for inputs in ([frames], [stack], ["a.raw", "--raw", "32x24:u16"], ["gray.mkv"]):
        result = run(*inputs, "-o", "a.mkv", *options)
        assert "range 0.4 .. 3 m, fixed" in result.stdout
        assert "mm: depth in m = stored / 1000; 0 is invalid" in result.stderr
        assert same(pictures("a.mkv"), wanted), inputs


def write_gray(name, rate=30):
    with av.open(name, "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.height, stream.width = SHAPE
        stream.pix_fmt = "gray16le"
        for depth in DEPTHS:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(depth, "gray16le")))
        container.mux(stream.encode(None))


def test_a_video_keeps_its_rate():
    write_gray("gray.mkv", 24)
    assert "12 frames at 24/s" in run("gray.mkv", "-o", "a.mp4").stdout
    assert "12 frames at 29.97/s" in run("gray.mkv", "-o", "b.mp4", "--fps", "30000/1001").stdout
    with av.open("b.mp4") as container:
        assert container.streams.video[0].average_rate == Fraction(30000, 1001)


# ---- a range that follows ----


def followed(limits, fps, seconds):
    """The formula of docs/video.md."""
    share = 1 - np.exp(-1 / (fps * seconds))
    used = []
    for one in limits:
        if one is not None:
            last = used[-1] if used else one
            used.append(tuple(s + share * (x - s) for s, x in zip(last, one, strict=True)))
        else:
            used.append(used[-1])
    return used


@pytest.mark.parametrize("robust", [False, True])
def test_a_smooth_range_is_that_of_the_formula(robust):
    depths = DEPTHS.astype(np.float32)
    depths[5] = np.nan
    data = depths.tobytes()
    limits = [
        None if number == 5 else data_range(one, robust=robust) for number, one in enumerate(depths)
    ]
    used = followed(limits, 10, 0.5)
    options = ["--robust"] if robust else []
    result = run(
        "-", "--raw", "32x24:f32", "-o", "-", "--raw-out", "rgb24", "--fps", "10",
        "--smooth", "0.5", *options, stdin=data,
    )  # fmt: skip
    found = np.frombuffer(result.stdout_bytes, np.uint8).reshape(12, *SHAPE, 3)
    for number, (low, high) in enumerate(used):
        exact = colorize(depths[number], vmin=low, vmax=high)
        # The last bit of a limit may move a value to the color beside.
        assert (found[number] != exact).any(axis=2).mean() < 0.01
    assert "12 frames at 10/s  range " in result.stderr
    assert ", smooth  raw rgb24" in result.stderr


def test_a_range_does_not_jump_where_frames_do():
    near, far = np.full(SHAPE, 1000, np.uint16), np.full(SHAPE, 2000, np.uint16)
    near[0], far[0] = 0, 0
    data = b"".join([near.tobytes()] * 3 + [far.tobytes()] * 30)
    result = run(
        "-", "--raw", "32x24:u16", "-o", "-", "--raw-out", "rgb24", "--fps", "10", stdin=data
    )
    found = np.frombuffer(result.stdout_bytes, np.uint8).reshape(33, *SHAPE, 3).astype(int)
    assert found[3, 5, 5].tolist() == colorize([1.0], vmin=0, vmax=1)[0].tolist()  # over
    assert (np.abs(np.diff(found[3:, 5, 5], axis=0)).max(axis=1) <= 2).all()


def test_frames_before_the_first_value_are_bad():
    nothing = np.zeros(SHAPE, np.uint16)
    data = nothing.tobytes() + DEPTHS[0].tobytes()
    result = run(
        "-", "--raw", "32x24:u16", "-o", "-", "--raw-out", "rgb24", "--invalid", "0", stdin=data
    )
    found = np.frombuffer(result.stdout_bytes, np.uint8).reshape(2, *SHAPE, 3)
    assert not found[0].any()
    assert np.array_equal(found[1], colorize(DEPTHS[0], invalid=0))


# ---- what comes out ----


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.gif", "a.apng", "a.webp"])
def test_formats(stack, name):
    run(stack, "-o", name, "--invalid", "0")
    found = pictures(name)
    exact = expected(VALID.min(), VALID.max())
    assert len(found) == 12
    most = {"a.gif": 2, "a.apng": 2, "a.webp": 0}.get(name)
    if most is not None:
        assert np.abs(np.array(found, int) - exact).max() <= most


def test_a_gif_is_exact_where_256_colors_do(stack):
    run(stack, "-o", "a.gif")
    assert same(pictures("a.gif"), [colorize(one, vmin=0, vmax=DEPTHS.max()) for one in DEPTHS])


def test_transparent_holes_in_an_animation(stack):
    run(stack, "-o", "a.apng", "--invalid", "0", "--order", "rgba")
    with Image.open("a.apng") as image:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert np.array_equal(alpha == 0, DEPTHS[0] == 0)


def test_frames_as_files_by_template_and_in_a_folder(frames, stack):
    exact = expected(VALID.min(), VALID.max())
    run(stack, "-o", "out/f_{index:03d}.png", "--invalid", "0")
    assert same([pixels(f"out/f_{number:03d}.png") for number in range(12)], exact)
    run(stack, "-o", "of_stack/", "--invalid", "0")
    assert same([pixels(f"of_stack/stack_{number:05d}.png") for number in range(12)], exact)
    run(frames, "-o", "of_files/", "--invalid", "0")
    assert same([pixels(f"of_files/d{number}.png") for number in range(12)], exact)
    run(frames, "-o", "t_{stem}.npy", "--invalid", "0", "--dtype", "uint16")
    assert np.load("t_d11.npy").dtype == np.uint16


def test_a_folder_with_braces_is_a_folder(folder, stack):
    (folder / "{index}").mkdir()
    run(stack, "-o", "{index}")
    assert len(os.listdir("{index}")) == len(DEPTHS)


def test_odd_sizes_are_padded_and_that_is_said():
    np.save("odd.npy", DEPTHS[:, :-1, :-1])
    result = run("odd.npy", "-o", "a.mp4")
    assert "31x23 is padded to 32x24" in result.stderr
    assert pictures("a.mp4")[0].shape == (24, 32, 3)
    assert "padded" not in run("odd.npy", "-o", "b.mp4", "--chroma", "444").stderr


# ---- pipes ----


@pytest.mark.parametrize(
    ("raw_out", "order"), [("rgb24", "rgb"), ("bgr24", "bgr"), ("rgba", "rgba"), ("bgra", "bgra")]
)
def test_raw_in_and_raw_out(raw_out, order):
    result = run(
        "-", "--raw", "32x24:u16le", "-o", "-", "--raw-out", raw_out, "--invalid", "0",
        "--vmin", "300", "--vmax", "3000", stdin=DEPTHS.tobytes(),
    )  # fmt: skip
    assert result.stdout_bytes == np.array(expected(300, 3000, order=order)).tobytes()
    assert "- -> stdout  32x24 uint16  12 frames" in result.stderr


def test_raw_files_in_and_out():
    Path("a.raw").write_bytes(DEPTHS.astype(">f4").tobytes())
    result = run("a.raw", "--raw", "32x24:f32be", "-o", "a.rgb", "--raw-out", "rgb24")
    assert ", shared  raw rgb" in result.stdout
    low, high = DEPTHS.min(), DEPTHS.max()
    exact = [colorize(one, vmin=low, vmax=high) for one in DEPTHS.astype(np.float32)]
    assert Path("a.rgb").read_bytes() == np.array(exact).tobytes()


def test_a_partial_frame_is_an_error_after_the_whole_ones():
    data = DEPTHS.tobytes()[:-100]
    for inputs, stdin in ((["-"], data), (["a.raw"], None)):
        Path("a.raw").write_bytes(data)
        result = run(
            *inputs, "--raw", "32x24:u16", "-o", "a.mkv", "--lossless", "--force",
            status=1, stdin=stdin,
        )  # fmt: skip
        assert len(pictures("a.mkv")) == 11
        name = "stdin" if inputs == ["-"] else "a.raw"
        wanted = f"turbo-cmap: {name}: ends in frame 11, of which it has 1436 of 1536 bytes: "
        assert result.stderr.splitlines()[-1] == wanted + "cut off, or of another size"
    result = run("-", "--raw", "32x24:u16", "-o", "b.mkv", status=1, stdin=data[:99])
    assert "turbo-cmap: stdin: ends in frame 0, of which it has 99 of 1536 bytes: " in result.stderr
    assert not Path("b.mkv").exists()


def test_an_empty_pipe(folder):
    result = run("-", "--raw", "32x24:u16", "-o", "a.mkv", status=1, stdin=b"")
    assert result.stderr == "turbo-cmap: stdin: holds no frame\n"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_frame_comes_out_before_the_next_is_there():
    with command(
        "-", "--raw", "32x24:u16", "-o", "-", "--raw-out", "rgb24", "--vmin", 0, "--vmax", 3000,
        "-q", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        for depth in DEPTHS[:3]:
            process.stdin.write(depth.tobytes())
            process.stdin.flush()
            found = process.stdout.read(3 * depth.size)
            assert found == colorize(depth, vmin=0, vmax=3000).tobytes()
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_reader_that_has_enough_ends_it_quietly():
    Path("a.raw").write_bytes(np.tile(DEPTHS, (50, 4, 4)).tobytes())
    with command(
        "a.raw", "--raw", "128x96:u16", "-o", "-", "--raw-out", "rgb24",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert len(process.stdout.read(1000)) == 1000
        process.stdout.close()
        errors = process.stderr.read().decode()
        assert process.wait(30) == 128 + signal.SIGPIPE
    assert [one for one in errors.splitlines() if "hint" not in one] == []


# ---- interrupted ----


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_file(folder, number, status):
    with command(
        "-", "--raw", "32x24:u16", "-o", "a.mkv", "--lossless",
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        process.stdin.write(DEPTHS.tobytes())
        process.stdin.flush()  # and then it waits for more
        while not (there := list(folder.iterdir())):
            time.sleep(0.01)
        assert [one.suffix for one in there] == [".part"]
        process.send_signal(number)
        assert process.wait(30) == status
        said = process.stderr.read().strip().splitlines()
        ended = b"turbo-cmap: interrupted: a.mkv is not written"
        assert [one for one in said if b"hint" not in one] == [ended]
        process.stdin.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "before", "said"),
    [
        ("a.mkv", b"", "a.mkv is not written"),
        ("a.mkv", b"mine", "a.mkv is as it was"),
        ("out/", b"", "2 frames written"),
    ],
)
def test_what_is_left_is_said_when_it_is_interrupted(
    frames, monkeypatch, capsys, target, before, said
):
    from turbo_cmap.cli import _sequence, main

    if before:
        Path(target).write_bytes(before)
    paint = _sequence.Sequence._paint

    def interrupted(*arguments):
        for number, painted in enumerate(paint(*arguments)):
            if number == 2:
                raise KeyboardInterrupt
            yield painted

    monkeypatch.setattr(_sequence.Sequence, "_paint", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["video", frames, "-o", target, "--vmin", "0", "--vmax", "9", "--invalid", "0"]
             + ["--force"] * bool(before))  # fmt: skip
    assert ended.value.code == 130
    assert capsys.readouterr().err == f"turbo-cmap: interrupted: {said}\n"
    if target == "out/":
        assert len(os.listdir(target)) == 2
    else:
        assert [one for one in os.listdir() if one != frames] == [target] * bool(before)


# ---- a frame that cannot be read ----


def damage(path):
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])


def test_a_frame_that_cannot_be_read_ends_it_and_leaves_no_video(folder, frames):
    damage("in/d7.png")
    advice = "--on-error skip or repeat goes on"
    for options in (["--vmin", "0", "--vmax", "3000"], []):  # in the only pass, in the first
        result = run(frames, "-o", "a.mp4", *options, status=1)
        said = result.stderr.splitlines()[-1]
        assert said.startswith("turbo-cmap: in/d7.png: frame 7: is cut short: ")
        assert said.endswith(f"; a.mp4 is not written; {advice}")
    Image.fromarray(DEPTHS[0, :5]).save("in/d7.png")
    result = run(frames, "-o", "a.mp4", "--vmin", "0", "--invalid", "0", status=1)
    wanted = "in/d7.png: frame 7: 32x5 uint16, and those before it are 32x24 uint16"
    assert result.stderr == f"turbo-cmap: {wanted}; a.mp4 is not written; {advice}\n"
    assert [one.name for one in folder.iterdir()] == ["in"]


def test_of_files_and_pipes_it_says_what_is_there(frames):
    damage("in/d7.png")
    fixed = ["--vmin", "0", "--vmax", "3000"]
    result = run(frames, "-o", "out/", *fixed, status=1)
    assert "; 7 files before it are written; --on-error" in result.stderr
    assert len(os.listdir("out")) == 7
    result = run(frames, "-o", "-", "--raw-out", "rgb24", *fixed, status=1)
    assert "; 7 frames before it went out; --on-error" in result.stderr
    assert len(result.stdout_bytes) == 7 * 3 * DEPTHS[0].size
    result = run(frames, "-o", "more/", status=1)  # for their range
    assert "; 0 files before it are written; --on-error" in result.stderr
    assert not os.path.exists("more")


def test_frames_that_cannot_be_read_are_left_out(frames):
    damage("in/d0.png")
    damage("in/d7.png")
    result = run(frames, "-o", "a.mkv", "--lossless", "--invalid", "0", "--on-error", "skip")
    good = [n for n in range(12) if n not in (0, 7)]
    exact = [
        colorize(DEPTHS[n], vmin=VALID[good].min(), vmax=VALID[good].max(), invalid=0) for n in good
    ]
    assert same(pictures("a.mkv"), exact)
    assert "10 frames at 30/s, 2 left out  range " in result.stdout
    first, second = result.stderr.splitlines()[-2:]
    assert first.startswith("turbo-cmap: in/d0.png: frame 0: is cut short: ")
    assert second.startswith("turbo-cmap: in/d7.png: frame 7: is cut short: ")
    assert second.endswith("; left out")
    # Numbers stay those of the input.
    run(frames, "-o", "out/{index:02d}.png", "--on-error", "skip")
    assert sorted(os.listdir("out")) == [f"{n:02d}.png" for n in good]


def test_frames_that_cannot_be_read_are_repeated(frames):
    damage("in/d0.png")
    damage("in/d7.png")
    options = ["--invalid", "0", "--on-error", "repeat"]
    result = run(frames, "-o", "a.mkv", "--lossless", *options)
    order = [1, 1, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11]
    held = np.delete(VALID, [0, 7], axis=0)
    exact = [colorize(DEPTHS[n], vmin=held.min(), vmax=held.max(), invalid=0) for n in order]
    assert same(pictures("a.mkv"), exact)
    assert "12 frames at 30/s, 2 of them repeated  range " in result.stdout
    assert result.stderr.splitlines()[-1].endswith("; another stands for it")
    run(frames, "-o", "out/", *options)
    assert same([pixels(f"out/d{n}.png") for n in range(12)], exact)


def test_without_one_good_frame_nothing_is_written(folder, frames):
    for number in range(12):
        damage(f"in/d{number}.png")
    result = run(frames, "-o", "a.mkv", "--on-error", "repeat", status=1)
    assert "none of 12 frames can be read; a.mkv is not written\n" in result.stderr
    assert [one.name for one in folder.iterdir()] == ["in"]


# ---- which files ----


def test_folders_in_folders_and_which_files_of_them(folder):
    for number, depth in enumerate(DEPTHS):
        where = folder / "run" / f"part{1 + number // 4 * 9}"  # part1, part10, part19
        where.mkdir(parents=True, exist_ok=True)
        Image.fromarray(depth).save(where / f"{number}_depth.png")
        Image.fromarray(depth).save(where / f"{number}_other.png")
    (folder / "run" / "notes.txt").touch()
    options = ["--lossless", "--invalid", "0", "--force"]
    exact = expected(VALID.min(), VALID.max())
    for inputs in (
        ["run", "-r", "--include", "*_depth.png"],
        ["run/**/*_depth.png"],
        ["run/part19", "run/part1", "run/part10", "--include", "[0-9]*_depth.png"],
    ):
        result = run(*inputs, "-o", "a.mkv", *options)
        assert same(pictures("a.mkv"), exact), inputs
    assert "run/part19 and 2 more -> a.mkv  32x24" in result.stdout
    result = run("run", "-o", "b.mkv", status=1)
    assert result.stderr == (
        "turbo-cmap: run: has no files of numbers; -r looks into the folders in it\n"
    )
    # Names that two folders share become one file each, or none at all.
    result = run("run", "-r", "-o", "run/out/", "--include", "*_depth.png", "--invalid", "0")
    assert same([pixels(f"run/out/{n}_depth.png") for n in range(12)], exact)
    run("run", "-r", "-o", "run/out/", "--include", "*_depth.png", "--force")  # not in itself
    assert len(os.listdir("run/out")) == 12
    os.rename("run/part1/0_depth.png", "run/part1/5_depth.png")
    result = run("run/part*", "-o", "x/", "--include", "*_depth.png", status=1)
    assert "two frames would become this; use {index}" in result.stderr


def test_a_list_keeps_its_order(frames):
    order = [3, 11, 2, 0]
    names = "".join(f"in/d{number}.png\n" for number in order)
    Path("names.txt").write_text(names)
    exact = [colorize(DEPTHS[n], vmin=300, vmax=3000, invalid=0) for n in order]
    options = ["--lossless", "--invalid", "0", "--vmin", "300", "--vmax", "3000", "--force"]
    run("-", "-o", "a.mkv", *options, stdin=names)
    assert same(pictures("a.mkv"), exact)
    run("-", "-0", "-o", "a.mkv", *options, stdin=names.replace("\n", "\0"))
    assert same(pictures("a.mkv"), exact)
    result = run("--files-from", "names.txt", "-o", "a.mkv", *options)
    assert same(pictures("a.mkv"), exact)
    assert result.stdout.startswith("names.txt -> a.mkv  ")


def test_a_folder_of_several_formats_says_how_to_choose(frames):
    np.save("in/a.npy", DEPTHS[0])
    result = run(frames, "-o", "a.mkv", status=1)
    assert result.stderr == (
        "turbo-cmap: in: holds frames of several formats, .npy, .png; choose by --include '*.npy'\n"
    )
    assert "12 frames" in run(frames, "-o", "a.mkv", "--include", "*.png").stdout


# ---- arrays in containers ----


def test_a_stack_in_hdf5_is_chosen_by_key_and_axis():
    import h5py

    with h5py.File("a.h5", "w") as file:
        file["camera/depth"] = DEPTHS
        file["camera/last"] = np.moveaxis(DEPTHS, 0, -1)
    result = run("a.h5", "-o", "a.mkv", status=1)
    assert result.stderr == (
        "turbo-cmap: a.h5: holds 2 stacks; choose one by key: camera/depth 12 x 24 x 32, "
        "camera/last 24 x 32 x 12\n"
    )
    options = ["-o", "a.mkv", "--lossless", "--invalid", "0", "--force"]
    exact = expected(VALID.min(), VALID.max())
    run("a.h5", "--key", "camera/depth", *options)
    assert same(pictures("a.mkv"), exact)
    run("a.h5", "--key", "camera/last", "--axis", "-1", *options)
    assert same(pictures("a.mkv"), exact)
    run("a.h5", "--key", "camera/depth[3:6]", *options)
    part = VALID[3:6]
    few = [colorize(one, vmin=part.min(), vmax=part.max(), invalid=0) for one in DEPTHS[3:6]]
    assert same(pictures("a.mkv"), few)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize(
    "name", ["a.mkv", "a.mp4", "a.gif", "a.apng", "a.rgb", "a{index}.png", "a{index}.npy"]
)
def test_a_full_disk_leaves_no_file(folder, stack, name):
    import resource

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    noise = np.random.default_rng(1).integers(0, 65536, (5, 64, 64), dtype=np.uint16)
    np.save("noise.npy", noise)
    options = ["--raw-out", "rgb24"] if name == "a.rgb" else []
    with command(
        "noise.npy", "-o", name, *options, stderr=subprocess.PIPE, preexec_fn=small
    ) as process:
        errors = process.stderr.read().decode()
        assert process.wait(60) == 1
    assert errors == f"turbo-cmap: {name.format(index=0)}: File too large\n"
    assert sorted(one.name for one in folder.iterdir()) == ["noise.npy", "stack.npy"]


# ---- wrong usage ----


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.avi"], "the suffix must be one of .mp4"),
        (["-o", "a"], "a folder ends in '/', a video in .mp4"),
        (["-o", "no/a.mp4"], "there is no folder no"),
        (["-o", "a{index"], "is no template"),
        (["-o", "a{number}.png"], "{number} is not known; there are\n  {stem}  the name of"),
        (["-o", "a{index.real}.png"], "{index.real} is not known"),
        (["-o", "{index:{width}}.png"], "{width} is not known"),
        (["-o", "a{{}}.png"], "a template has {index}, {index:05d} or {stem}"),
        (["-o", "a{index}.bmp"], "the suffix must be one of .png"),
        (["-o", "a{index}.jpg", "--dtype", "uint16"], "JPEG cannot hold uint16"),
        (["-o", "-"], "-o - needs --raw-out"),
        (["-o", "-", "--raw-out", "rgb24", "--order", "bgr"], "--raw-out rgb24 says the order"),
        (["-o", "-", "--raw-out", "rgb24", "--dtype", "uint16"], "--raw-out is of 8 bits"),
        (["-o", "a.mp4", "--order", "rgba"], "h264 in .mp4 has no transparency"),
        (["-o", "a.mp4", "--order", "bgr"], "video is --order rgb or rgba"),
        (["-o", "a.mp4", "--dtype", "float32"], "--dtype uint8"),
        (["-o", "a.webm", "--codec", "h264"], ".webm holds vp9, av1, not h264"),
        (["-o", "a.mp4", "--codec", "vp9", "--bits", "10"], "vp9, of libvpx-vp9 in this FFmpeg"),
        (["-o", "a.mp4", "--bits", "12"], "'12' is not one of '8', '10'"),
        (["-o", "a.mp4", "--crf", "60"], "crf must be from 0 to 51"),
        (["-o", "a.gif", "--fps", "60"], "GIF has at most 50 frames a second"),
        (["-o", "a.mp4", "--fps", "0"], "--fps must be a number from 0.001 to 1000"),
        (["-o", "a.mp4", "--range", "fixed", "--vmin", "0"], "fixed needs --vmin and --vmax"),
        (["-o", "a.mp4", "--range", "smooth", "--norm", "equalize"], "no limits to smooth"),
        (["-o", "a.mp4", "--smooth", "-1"], "Invalid value for '--smooth'"),
        (["-o", "a.mp4", "--raw", "32x24"], "'32x24' is not WIDTHxHEIGHT:TYPE"),
        (
            ["-o", "a.mp4", "--raw", "32x24:u16", "--key", "a"],
            "--key and --axis are not for",
        ),
        (["-o", "a.mp4", "--raw", "32x24:u8", "--include", "*"], "--include is for files, not for"),
        (["-o", "a.mp4", "--raw", "32x24:u8", "--files-from", "a"], "--files-from is for files"),
        (["-o", "a.mp4", "--on-error", "ignore"], "'ignore' is not one of 'stop', 'skip'"),
        (["-o", "stack.npy", "--raw-out", "rgb24", "--force"], "is an input, which is never"),
    ],
)
def test_wrong_usage(folder, stack, arguments, message):
    result = run(stack, *arguments, status=2)
    assert message in result.stderr
    assert result.stdout == ""
    assert [one.name for one in folder.iterdir()] == ["stack.npy"]


def test_wrong_usage_of_pipes(folder):
    for arguments, message in (
        (["-o", "a.mp4"], "Missing argument 'IN...'"),
        (["-", "-", "--raw", "32x24:u8", "-o", "a.mp4"], "--raw reads one input, got 2"),
        (
            ["-", "--raw", "32x24:u8", "-o", "a.mp4", "--range", "shared"],
            "--range shared reads the frames twice, and stdin can be read once; use",
        ),
    ):
        assert message in run(*arguments, status=2, stdin=b"").stderr
    # Numbers where names are wanted.
    result = run("-", "-o", "a.mp4", status=2, stdin=DEPTHS.tobytes())
    assert "standard input has bytes of 0 in it, as no list of names" in result.stderr
    assert "frames need --raw 640x480:u16le" in result.stderr
    assert list(folder.iterdir()) == []


def test_files_that_exist_stay(stack):
    for name in ("a.mp4", "a.rgb", "a_0.png"):
        Path(name).write_bytes(b"kept")
    for arguments in (
        ["-o", "a.mp4"], ["-o", "a.rgb", "--raw-out", "rgb24"], ["-o", "a_{index}.png"],
    ):  # fmt: skip
        assert "exists already" in run(stack, *arguments, status=1).stderr
    for name in ("a.mp4", "a.rgb", "a_0.png"):
        assert Path(name).read_bytes() == b"kept"
    run(stack, "-o", "a.mp4", "--force")
    assert len(pictures("a.mp4")) == 12


def test_an_input_is_never_overwritten(frames):
    before = Path("in/d3.png").read_bytes()
    for template in ("in/{stem}.png", "in/d{index}.png", "in/"):
        result = run(frames, "-o", template, "--force", status=2)
        assert "in/d0.png is an input, which is never overwritten" in result.stderr
    Path("in/d0.png").rename("in/d12.png")  # becomes the last frame, and its number is free
    result = run(frames, "-o", "in/d{index}.png", "--force", status=2)  # of others, not its own
    assert "in/d1.png is an input, which is never overwritten" in result.stderr
    assert not os.path.exists("in/d0.png")
    assert Path("in/d3.png").read_bytes() == before
    np.save("s_1.npy", np.stack(DEPTHS))
    stack = Path("s_1.npy").read_bytes()
    result = run("s_1.npy", "-o", "s_{index}.npy", "--force", status=2)
    assert "s_1.npy is an input, which is never overwritten" in result.stderr
    assert not os.path.exists("s_0.npy")
    assert Path("s_1.npy").read_bytes() == stack
    write_frames("a.mp4", [colorize(one) for one in DEPTHS])
    result = run("a.mp4", "-o", "a.mp4", "--channel", "g", "--force", status=2)
    assert "a.mp4 is an input" in result.stderr


def test_two_frames_never_become_one_file(stack):
    result = run(stack, "-o", "{stem}.png", status=1)
    assert "two frames would become this; use {index}" in result.stderr
    assert not os.path.exists("stack.png")


def test_a_file_that_is_in_the_way_is_found_before_the_first_is_written(stack):
    Path("a_7.png").write_bytes(b"kept")
    result = run(stack, "-o", "a_{index}.png", status=1)
    assert result.stderr == "turbo-cmap: a_7.png: exists already; --force replaces it\n"
    assert sorted(os.listdir()) == ["a_7.png", "stack.npy"]


def test_a_dry_run_says_each_file(stack):
    said = run(stack, "-o", "a_{index}.png", "--dry-run").stdout.splitlines()
    assert said == [f"would write a_{number}.png from stack.npy" for number in range(12)]


def test_dry_run_writes_nothing(folder, frames):
    result = run(frames, "-o", "a.mp4", "--dry-run")
    assert result.stdout == "would write a.mp4\n"
    result = run(frames, "-o", "out/", "--dry-run")
    assert result.stdout.splitlines()[-1] == (
        "would write out/d11.png from in/d11.png, in a new folder"
    )
    assert [one.name for one in folder.iterdir()] == ["in"]


def test_convert_says_which_verb_writes_video(stack):
    result = CliRunner().invoke(cli, ["convert", stack, "-o", "a.mp4"])
    assert result.exit_code == 2
    assert "a.mp4: holds many frames; 'turbo-cmap video' writes it" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_terminal_shows_how_far_it_is_and_the_line_that_remains(stack):
    import pty

    parent, child = pty.openpty()
    with command(
        stack, "-o", "a.gif", stderr=child, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(child)
        shown = b""
        with suppress(OSError):  # which is how the end of a terminal is told
            while more := os.read(parent, 1 << 16):
                shown += more
        assert process.wait(30) == 0
    os.close(parent)
    bars = shown.decode().split("\r\x1b[K")
    assert any(bar.startswith("range [") and "/12" in bar for bar in bars)
    assert any(bar.startswith("frames [") and "/12" in bar for bar in bars)
    assert bars[-1] == ""
    assert "\n" not in "".join(bar for bar in bars if "[" in bar and "hint" not in bar)


def test_what_help_offers_is_what_there_is():
    options = {one.name: one for one in cli.get_command(None, "video").params}
    assert tuple(options["codec"].type.choices) == CODECS
    assert tuple(options["on_error"].type.choices) == ON_ERROR


# ---- memory ----


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
@pytest.mark.parametrize("name", ["a.mkv", "a.gif"])
def test_memory_does_not_grow_with_the_frames(name):
    most = []
    for count in (10, 100):
        frame = np.tile(DEPTHS[0], (10, 10))  # 240 x 320: 300 KiB as RGBA
        with open("a.raw", "wb") as file:
            for number in range(count):
                file.write(np.roll(frame, number, axis=1).tobytes())
        measure = (
            "import resource, sys; from turbo_cmap.cli import main\n"
            "try: main(sys.argv[1:])\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        arguments = ["video", "a.raw", "--raw", "320x240:u16", "-o", name, "--lossless", "--force"]
        done = subprocess.run(
            [sys.executable, "-c", measure, *arguments], capture_output=True, text=True, check=True
        )
        most.append(int(done.stdout.split()[-1]) / 1024)
    # 90 frames more are 13 MiB of numbers and 26 of colors.
    assert most[1] - most[0] < 8


@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is of Linux")
@pytest.mark.parametrize("kind", ["npy", "h5", "nc", "tif"])
def test_memory_does_not_grow_with_the_stack(kind):
    import h5py
    import scipy.io
    import tifffile

    measure = (
        "import sys; from turbo_cmap.io import read_frames\n"
        "count = sum(1 for frame in read_frames(sys.argv[1]))\n"
        "most, = [one for one in open('/proc/self/status') if one.startswith('VmHWM')]\n"
        "print(count, most.split()[1])"
    )
    most = []
    for count in (60, 400):  # 18 MiB, more than are read at a time, and 117 MiB
        stack = np.broadcast_to(np.tile(DEPTHS[0], (10, 10)).astype(np.int16), (count, 240, 320))
        if kind == "npy":
            np.save("a.npy", stack)
        elif kind == "h5":
            with h5py.File("a.h5", "w") as file:
                file.create_dataset("depth", data=stack, chunks=(8, 120, 160), compression="lzf")
        elif kind == "nc":
            with scipy.io.netcdf_file("a.nc", "w") as file:
                for name, length in zip("tyx", stack.shape, strict=True):
                    file.createDimension(name, length)
                file.createVariable("depth", "i2", tuple("tyx"))[:] = stack
        else:
            tifffile.imwrite("a.tif", stack, photometric="minisblack")
        done = subprocess.run(
            [sys.executable, "-c", measure, f"a.{kind}"], capture_output=True, text=True, check=True
        )
        read, high = map(int, done.stdout.split())
        assert read == count
        most.append(high / 1024)
    assert most[1] - most[0] < 24


@pytest.mark.parametrize(("mode", "bars"), [("shared", 1), ("per-frame", len(DEPTHS))])
def test_a_bar_is_drawn_anew_only_with_another_range(stack, monkeypatch, mode, bars):
    drawn = []
    draw = _layout.colorbar
    monkeypatch.setattr(_layout, "colorbar", lambda *a, **k: drawn.append(k) or draw(*a, **k))
    run(stack, "-o", "a.gif", "--colorbar", "right", "--range", mode)
    assert len(drawn) == bars


# ---- threads ----


def test_work_ahead_is_in_order_and_bounded():
    made = []

    def make():
        for number in range(100):
            made.append(number)
            yield number

    taken = []
    for number in ahead(make(), depth=2):
        taken.append(number)
        assert len(made) <= number + 5
    assert taken == list(range(100))


def test_errors_ahead_come_in_their_turn():
    def make():
        yield 1
        raise KeyError("later")

    items = ahead(make())
    assert next(items) == 1
    with pytest.raises(KeyError, match="later"):
        next(items)


def test_work_ahead_ends_when_nobody_wants_more():
    closed = []

    def make():
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    items = ahead(make())
    next(items)
    items.close()
    assert closed == [True]


def test_names_and_assumptions_are_one_line_each(frames):
    os.mkdir("in\nner")
    os.rename("in/d0.png", "in\nner/d0.png")
    result = run("in\nner", "-o", "a.gif", "--preset", "mm")
    assert result.stdout.startswith("in\\nner -> a.gif  ")
    assert result.stdout.count("\n") == result.stderr.count("\n") == 1


def test_a_signal_that_was_swallowed_still_ends_the_wait(monkeypatch):
    more = threading.Event()

    def make():
        yield 1
        more.wait(60)

    items = ahead(make())
    assert next(items) == 1
    monkeypatch.setattr(_signals, "_received", signal.SIGTERM)
    with pytest.raises(SystemExit) as raised:
        next(items)
    assert raised.value.code == 128 + signal.SIGTERM
    more.set()


def test_frames_without_a_value_are_no_part_of_the_range(folder):
    depths = np.full((3, *SHAPE), np.nan, np.float32)
    np.save("none.npy", depths)
    depths[1] = np.linspace(5, 6, depths[1].size, dtype=np.float32).reshape(SHAPE)
    np.save("some.npy", depths)
    for mode in ("shared", "smooth", "per-frame"):
        said = run("some.npy", "-o", "v.gif", "--force", "--range", mode).stdout
        assert f"  range 5 .. 6, {mode}  " in said
        said = run("none.npy", "-o", "v.gif", "--force", "--range", mode).stdout
        assert said.endswith("3 frames at 30/s  all invalid  gif\n")


def test_without_pyav_a_line_says_what_to_install(frames, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = run(frames, "-o", "v.mp4", status=1)
    assert result.stderr == "turbo-cmap: v.mp4: video needs PyAV: pip install 'turbo_cmap[video]'\n"
