import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
from command import invoke as run
from command import usage_error
from PIL import Image

import turbo_cmap
from turbo_cmap import colorize

DEPTH_U16 = (np.arange(48 * 64).reshape(48, 64) * 3).astype(np.uint16)  # 0 to 9,213
DEPTH_F32 = (DEPTH_U16 / 256).astype(np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def depth_png(folder):
    Image.fromarray(DEPTH_U16).save("depth.png")
    return "depth.png"


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA" if "A" in picture.mode else "RGB"))


# One file.


def test_convert_prints_the_range_it_used(depth_png):
    result = run("convert", depth_png, "-o", "c.png")
    assert result.stdout == "depth.png -> c.png  64x48 uint16  range 0 .. 9213\n"
    assert result.stderr == ""
    assert np.array_equal(pixels("c.png"), colorize(DEPTH_U16))


def test_invalid_values_do_not_count(depth_png):
    result = run("convert", depth_png, "-o", "c.png", "--invalid", "0", "--invalid", "9213.0")
    assert "range 3 .. 9210  2 of 3072 invalid" in result.stdout
    assert np.array_equal(pixels("c.png"), colorize(DEPTH_U16, invalid=[0, 9213]))


@pytest.mark.parametrize(
    ("arguments", "options", "printed"),
    [
        (["--vmin", "0.5"], {"vmin": 0.5}, "range 0.5 .. 35.98828"),
        (["--vmax", "0"], {"vmax": 0}, "range 0 .. 0"),
        (["--vmin", "50"], {"vmin": 50}, "range 50 .. 50"),
        (["--vmax", "-5"], {"vmax": -5}, "range -5 .. -5"),
        (["--vmin", "1e1", "--vmax", "20"], {"vmin": 10, "vmax": 20}, "range 10 .. 20"),
        (["--cmap", "viridis"], {"cmap": "viridis"}, "range 0 .. 35.98828"),
        (["--reverse"], {"reverse": True}, "range 0"),
        (["--method", "poly"], {"method": "poly"}, "range 0"),
        (
            ["--vmin", "9", "--vmax", "20", "--under", "white", "--over", "#ff00ff"],
            {"vmin": 9, "vmax": 20, "under": "white", "over": "#ff00ff"},
            "range 9 .. 20",
        ),
        (["--bad", "0.5", "--invalid", "0"], {"bad": "0.5", "invalid": 0}, "1 of 3072 invalid"),
        (["--backend", "numpy"], {"backend": "numpy"}, "range 0"),
    ],
)
def test_options_are_those_of_colorize(arguments, options, printed):
    np.save("d.npy", DEPTH_F32)
    assert printed in run("convert", "d.npy", "-o", "c.png", *arguments).stdout
    assert np.array_equal(pixels("c.png"), colorize(DEPTH_F32, **options))


def test_the_printed_range_gives_the_same_picture():
    np.save("d.npy", np.sqrt(DEPTH_F32 + np.float32(0.1)))
    words = run("convert", "d.npy", "-o", "a.png").stdout.split()
    low, high = words[words.index("range") + 1], words[words.index("..") + 1]
    run("convert", "d.npy", "-o", "b.png", "--vmin", low, "--vmax", high)
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_robust_takes_percentiles():
    values = DEPTH_F32.copy()
    values[0, 0], values[1, 1] = 1e9, np.nan
    np.save("d.npy", values)
    finite = values[np.isfinite(values)]
    for arguments, percents in (
        (["--robust"], (2, 98)),
        (["--robust", "5,90"], (5, 90)),
        (["--robust=0.5,99.5"], (0.5, 99.5)),
        (["--robust", "--vmin", "0"], (2, 98)),
    ):
        result = run("convert", "d.npy", "-o", "r.png", "--force", *arguments)
        low, high = np.percentile(finite, percents)
        low = 0 if "--vmin" in arguments else low
        expected = colorize(values, vmin=low, vmax=high)
        assert np.array_equal(pixels("r.png"), expected)
        printed = result.stdout.split("range ")[1].split("  ")[0]
        # as digits of the files' dtype where that holds them
        assert (
            np.array(printed.split(" .. "), np.float32).tolist() == np.float32([low, high]).tolist()
        )


def test_nan_and_infinities():
    values = DEPTH_F32.copy()
    values[0, :4] = np.nan, np.inf, -np.inf, 0
    tifffile.imwrite("d.tif", values)
    result = run("convert", "d.tif", "-o", "c.png")
    assert "float32  range 0 .. 35.98828  1 of 3072 invalid" in result.stdout
    assert np.array_equal(pixels("c.png"), colorize(values))


def test_unknown_disparity_of_middlebury_is_bad_not_near():
    values = DEPTH_F32.copy()
    values[5, 5] = np.inf
    Path("d.pfm").write_bytes(b"Pf\n64 48\n-1\n" + values[::-1].tobytes())
    result = run("convert", "d.pfm", "-o", "c.png", "--bad", "white")
    assert "1 of 3072 invalid" in result.stdout
    assert np.array_equal(pixels("c.png"), colorize(values, invalid=np.inf, bad="white"))


def test_nothing_valid():
    np.save("d.npy", np.full((3, 5), np.nan))
    assert run("convert", "d.npy", "-o", "c.png").stdout.endswith("float64  all 15 invalid\n")
    assert not pixels("c.png").any()


@pytest.mark.parametrize("value", ["9007199254740993", "18446744073709551615"])
def test_invalid_integers_of_64_bits_are_exact(value):
    values = np.array([[int(value), int(value) - 1, 5]], dtype=np.uint64)
    np.save("d.npy", values)
    result = run("convert", "d.npy", "-o", "c.png", "--invalid", value)
    assert "1 of 3 invalid" in result.stdout
    assert np.array_equal(pixels("c.png"), colorize(values, invalid=int(value)))


def test_an_invalid_value_that_the_dtype_cannot_hold_matches_nothing(depth_png):
    for value in ("-1", "0.5", "70000", "nan", "inf", "1e400"):
        result = run("convert", depth_png, "-o", "c.png", "--force", "--invalid", value)
        assert "invalid" not in result.stdout


def test_npz_by_key():
    np.savez("d.npz", a=DEPTH_U16, b=DEPTH_F32)
    assert "float32" in run("convert", "d.npz", "-o", "c.png", "--key", "b").stdout
    result = run("convert", "d.npz", "-o", "e.png", status=1)
    assert result.stderr == "turbo-cmap: d.npz: holds 2 arrays; choose one by key: a, b\n"


# What is written.


def test_png_is_indexed_where_256_colors_do(depth_png):
    run("convert", depth_png, "-o", "c.png")
    run("convert", depth_png, "-o", "bad.png", "--invalid", "0", "--vmin", "-90")
    for name in ("c.png", "bad.png"):
        with Image.open(name) as picture:
            assert picture.mode == "P"
    assert np.array_equal(pixels("bad.png"), colorize(DEPTH_U16, invalid=0, vmin=-90))


def test_png_of_more_than_256_colors_is_rgb(depth_png):
    run("convert", depth_png, "-o", "c.png", "--invalid", "0")
    with Image.open("c.png") as picture:
        assert picture.mode == "RGB"
    assert np.array_equal(pixels("c.png"), colorize(DEPTH_U16, invalid=0))


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 1000])
@pytest.mark.parametrize("reverse", [False, True])
def test_indexed_pixels_are_those_of_colorize(n, reverse):
    from turbo_cmap.cli._indexed import indexed

    values = np.append(DEPTH_F32[:, :4].ravel(), [np.nan, np.inf, -np.inf]).reshape(5, -1)
    options = dict.fromkeys(("mask", "invalid", "backend", "bad", "under"))
    options |= {"method": "lut", "order": "rgb", "dtype": "uint8", "reverse": reverse}
    options |= {"vmin": 3.0, "vmax": 30.0, "over": "white", "norm": "sqrt", "center": None}
    options["cmap"] = np.random.default_rng(4).random((n, 3))
    found = indexed(values, options)
    assert found is not None
    assert found.indices.dtype == np.uint8
    assert len(found.palette) <= 256
    assert np.array_equal(found.palette[found.indices], colorize(values, **options))


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "npy"])
def test_rgba_has_transparent_holes(depth_png, suffix):
    run("convert", depth_png, "-o", f"c.{suffix}", "--order", "rgba", "--invalid", "0")
    found = np.load("c.npy") if suffix == "npy" else pixels(f"c.{suffix}")
    assert np.array_equal(found, colorize(DEPTH_U16, order="rgba", invalid=0))
    assert found[0, 0, 3] == 0


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_deep_colors(depth_png, dtype, suffix):
    run("convert", depth_png, "-o", f"c.{suffix}", "--dtype", dtype)
    found = np.load("c.npy") if suffix == "npy" else tifffile.imread("c.tif")
    assert np.array_equal(found, colorize(DEPTH_U16, dtype=dtype))


def test_png_of_16_bits(depth_png):
    cv2 = pytest.importorskip("cv2", reason="OpenCV is an optional peer to compare with")
    run("convert", depth_png, "-o", "c.png", "--dtype", "uint16")
    found = cv2.imread("c.png", cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert np.array_equal(found, colorize(DEPTH_U16, dtype="uint16"))


def test_bgr_is_for_arrays(depth_png):
    run("convert", depth_png, "-o", "c.npy", "--order", "bgr")
    assert np.array_equal(np.load("c.npy"), colorize(DEPTH_U16, order="bgr"))
    assert "an image file has an order of its own" in usage_error(
        "convert", depth_png, "-o", "c.png", "--order", "bgr"
    )


# Several files and where they go.


def test_several_files_go_to_a_folder():
    np.save("a.npy", DEPTH_F32)
    np.save("b.npy", DEPTH_U16)
    result = run("convert", "a.npy", "b.npy", "-o", "new/deep")
    assert result.stdout.splitlines() == [
        f"a.npy -> {os.path.join('new', 'deep', 'a.png')}  64x48 float32  range 0 .. 35.98828",
        f"b.npy -> {os.path.join('new', 'deep', 'b.png')}  64x48 uint16  range 0 .. 9213",
    ]
    run("convert", "a.npy", "-o", "new", "--format", "tif")
    run("convert", "a.npy", "-o", "other/")
    assert os.path.exists("new/a.tif")
    assert os.path.exists("other/a.png")


def test_the_other_files_are_still_converted(depth_png):
    Path("text.png").write_text("no picture")
    np.save("zero.npy", np.empty((0, 0)))
    Path("empty.png").touch()
    Image.fromarray(colorize(DEPTH_U16)).save("rgb.png")
    tifffile.imwrite("rgb.tif", colorize(DEPTH_U16))
    os.mkdir("sub")
    Path("cut.png").write_bytes(Path(depth_png).read_bytes()[:90])
    names = ["text.png", "zero.npy", "empty.png", "rgb.png", "sub", "cut.png", "none.tif"]
    result = run("convert", *names, depth_png, "-o", "out", status=1)
    *lines, summary = result.stderr.splitlines()
    assert summary.startswith("1 converted, 7 failed in ")
    assert len(lines) == len(names)
    for name, line in zip(names, lines, strict=True):
        assert line.startswith(f"turbo-cmap: {name}: ")
    assert "a 3-channel image" in lines[3]
    assert os.listdir("out") == ["depth.png"]
    assert result.stdout.startswith("depth.png -> ")
    result = run("convert", "rgb.tif", "-o", "c.png", status=1)
    assert result.stderr.startswith("turbo-cmap: rgb.tif: a 3-channel image")


def test_two_inputs_never_become_one_file(depth_png):
    os.mkdir("sub")
    np.save("sub/depth.npy", DEPTH_F32)
    message = usage_error("convert", depth_png, "sub/depth.npy", "-o", "out")
    assert message.startswith("depth.png and sub/depth.npy would both become")
    usage_error("convert", depth_png, depth_png, "-o", "out")


def test_an_input_is_never_overwritten(depth_png):
    whole = Path(depth_png).read_bytes()
    for output in ("depth.png", ".", os.path.abspath("depth.png")):
        assert "never overwritten" in usage_error("convert", depth_png, "-o", output, "--force")
    np.save("a.npy", DEPTH_F32)
    os.link(depth_png, "a.png")
    assert "never overwritten" in usage_error("convert", "a.npy", depth_png, "-o", ".", "--force")
    assert Path(depth_png).read_bytes() == whole


def test_nothing_is_overwritten_without_force(depth_png):
    Path("c.png").write_text("mine")
    result = run("convert", depth_png, "-o", "c.png", status=1)
    assert result.stderr == "turbo-cmap: c.png: exists already; --force replaces it\n"
    assert Path("c.png").read_text() == "mine"
    run("convert", depth_png, "-o", "c.png", "--force")
    assert np.array_equal(pixels("c.png"), colorize(DEPTH_U16))
    assert sorted(os.listdir()) == ["c.png", "depth.png"]


def test_an_error_of_writing_names_the_output(depth_png, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("turbo_cmap.io.write", full)
    result = run("convert", depth_png, "-o", "c.png", status=1)
    assert result.stderr == "turbo-cmap: c.png: No space left on device\n"


# Wrong usage.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "c.bmp"], "c.bmp: the suffix must be one of .png"),
        (["-o", "c"], "c: the suffix must be one of .png"),
        (["-o", "no/c.png"], "there is no folder no"),
        (["-o", "c.png", "--dtype", "float32"], "PNG cannot hold float32; TIFF, NPY can"),
        (["-o", "c.jpg", "--dtype", "uint16"], "JPEG cannot hold uint16"),
        (["-o", "c.jpg", "--order", "rgba"], "JPEG cannot hold 4 channels"),
        (["-o", "c.png", "--cmap", "turbp"], "cmap 'turbp' is not known"),
        (["-o", "c.png", "--bad", "blackish"], "bad must be a color name"),
        (["-o", "c.png", "--vmin", "2", "--vmax", "1"], "--vmin must not be greater than --vmax"),
        (["-o", "c.png", "--robust", "98,2"], "robust must be percentiles 0 <= lo <= hi <= 100"),
        (["-o", "c.png", "--robust", "2"], "'2' is not LO,HI in percent"),
        (["-o", "c.png", "--robust", "low,high"], "'low,high' is not LO,HI in percent"),
        (["-o", "c.png", "--robust", "other.png"], "write --robust=2,98, or --robust after the"),
        (["-o", "c.png", "--vmin", "nan"], "vmin must be finite"),
        (["-o", "c.png", "--vmin", "low"], "Invalid value for '--vmin': 'low' is not a number"),
        (["-o", "c.png", "--vmin", "1" + "0" * 400], "must be finite"),
        (["-o", "c.png", "--invalid", "x"], "Invalid value for '--invalid': 'x' is not a number"),
        (["-o", "c.png", "--method", "cubic"], "Invalid value for '--method'"),
        (["-o", "c.png", "--method", "poly", "--cmap", "gray"], "method 'poly'"),
        (["-o", "c.png", "--backend", "gpu"], "backend must be one of"),
        (["-o", "c.png", "more.png"], "with 2 inputs OUT is a folder"),
        ([], "Missing option '-o'"),
    ],
)
def test_wrong_usage_is_status_2_and_says_why(arguments, message):
    # The input does not even exist: usage is checked before anything is read.
    assert message in usage_error("convert", "none.png", *arguments)


def test_several_inputs_into_a_file(depth_png):
    assert "OUT is a folder, not a file" in usage_error("convert", "a", "b", "-o", depth_png)


# The program.


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "turbo_cmap", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def test_python_m_is_the_command(depth_png):
    done = command("convert", depth_png, "none.png", "-o", "out")
    assert done.returncode == 1
    assert "range 0 .. 9213" in done.stdout
    failure, summary = done.stderr.splitlines()
    assert failure == "turbo-cmap: none.png: No such file or directory"
    assert summary.startswith("1 converted, 1 failed in ")
    done = command("convert", depth_png, "-o", "c.bmp")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: turbo-cmap convert")
    assert command("--version").stdout == f"turbo-cmap {turbo_cmap.__version__}\n"


def test_help_loads_no_more_than_the_package_itself():
    code = (
        "import sys, turbo_cmap; before = set(sys.modules)\n"
        "from turbo_cmap.cli import main\n"
        "try: main(['convert', '--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print('loaded', *sorted(new & {'PIL', 'matplotlib', 'numba', 'scipy', 'tifffile'}))"
        "\nprint(*[m for m in set(sys.modules) - before if m.startswith('turbo_cmap.io')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.endswith("loaded\n\n")


@pytest.mark.parametrize("verb", ["convert", "demo", "info"])
def test_help(verb):
    assert f"  {verb} " in run("--help").stdout
    assert "Usage:" in run(verb, "--help").stdout


def test_unknown_verb():
    message = usage_error("paint")
    assert message.startswith("'paint' is no verb; verbs are convert, ")
    assert usage_error("convrt") == "'convrt' is no verb; did you mean convert?"


SLOW_WRITE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background jobs
from turbo_cmap import cli
from turbo_cmap.io import npy, writing
def encode(file, image):
    file.write(b"half"); file.flush()
    print("writing", flush=True)
    time.sleep(60)
writing._FORMATS[".npy"] = writing._FORMATS[".npy"]._replace(encode=encode)
cli.main(["convert", "depth.png", "-o", "c.npy"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_half_file(depth_png, number, status):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "writing\n"
        assert len(os.listdir()) == 2  # the input and the temporary file
        time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == status
    assert errors == "turbo-cmap: interrupted: nothing was written\n"
    assert os.listdir() == ["depth.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_broken_pipe_is_quiet(depth_png):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "turbo_cmap", "convert", depth_png, "-o", "c.png"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.stderr == ""


# info


def facts(**environment):
    done = command("info", "--json", env={**os.environ, **environment})
    return json.loads(done.stdout), done.returncode


def test_info_says_what_there_is_and_what_runs():
    text = run("info").stdout
    for word in ("turbo_cmap", "Python", "numpy", "CPU", "backends", "kernels", "in use"):
        assert word in text
    found, status = facts(TURBO_CMAP_BACKEND="numpy")
    assert status == 0
    assert found["turbo_cmap"] == turbo_cmap.__version__
    assert found["packages"]["numpy"] == np.__version__
    assert found["backends"] == list(turbo_cmap.available_backends())
    assert found["kernels"] == list(turbo_cmap.available_kernels())
    assert found["in_use"] == "numpy"
    assert found["error"] is None


@pytest.mark.parametrize("kernel", turbo_cmap.available_kernels())
def test_info_names_the_kernel_that_runs(kernel):
    found, _ = facts(TURBO_CMAP_BACKEND="native", TURBO_CMAP_KERNEL=kernel)
    assert found["in_use"] == f"native:{kernel}"


def test_info_tells_of_a_wrong_environment():
    found, status = facts(TURBO_CMAP_BACKEND="gpu")
    assert status == 1
    assert found["in_use"] is None
    assert found["error"].startswith("TURBO_CMAP_BACKEND must be one of")


def test_info_without_the_extension():
    code = (
        "import sys\n"
        "sys.modules['turbo_cmap.kernels._native'] = None\n"
        "from turbo_cmap.cli import main\n"
        "main(['info'])"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TURBO_CMAP")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**environment, "TURBO_CMAP_BACKEND": "numpy"},
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("native "))
    assert line.split(maxsplit=1)[1].startswith("not built: no C compiler, or no Python headers")
    assert line.endswith("; numpy is used instead")
