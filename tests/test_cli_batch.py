"""Many files at once: processes, one range, what is left out, what fails, what interrupts."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from command import invoke, usage_error
from PIL import Image

from turbo_cmap import Colorizer, colorize
from turbo_cmap.cli import cli
from turbo_cmap.cli._batch import Task, process_count
from turbo_cmap.cli._batch import run as run_tasks
from turbo_cmap.cli._progress import Progress

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frame(number):
    return (np.arange(24 * 32).reshape(24, 32) + 100 * number).astype(np.uint16)


@pytest.fixture
def frames(folder):
    """Five frames whose values rise."""
    os.mkdir("d")
    for number in range(5):
        Image.fromarray(frame(number)).save(f"d/{number}.png")
    return [frame(number) for number in range(5)]


run = partial(invoke, "convert")


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


refused = partial(usage_error, "convert")


def summary(result):
    *_, last = result.stderr.splitlines()
    return re.sub(r" in \d+\.\d s$", "", last)


# Processes.


@pytest.mark.parametrize("jobs", [1, 2, 5, 100])
def test_any_number_of_jobs_gives_the_same(frames, jobs):
    result = run("d", "-o", "out", "--jobs", jobs)
    assert [line.split(" -> ")[0] for line in result.stdout.splitlines()] == [
        f"d/{number}.png" for number in range(5)
    ]
    for number, values in enumerate(frames):
        assert np.array_equal(pixels(f"out/{number}.png"), colorize(values))
    assert summary(result) == "5 converted"


def test_few_files_are_not_worth_processes():
    assert process_count(None, 0) == process_count(None, 1) == process_count(None, 3) == 1
    assert 1 <= process_count(None, 10**6) <= 16
    assert process_count(7, 3) == 3
    assert process_count(7, 10**6) == 7
    assert process_count(7, 0) == 1


def slow_first(source, target):
    if source == "0":
        time.sleep(0.3)
    return f"{source} by {os.getpid()}"


def test_results_are_in_order_whatever_takes_long():
    tasks = [Task(str(number), Path("x")) for number in range(40)]
    done = list(run_tasks(slow_first, tasks, 3))
    assert [one.message.split()[0] for one in done] == [str(number) for number in range(40)]
    assert len({one.message.split()[-1] for one in done}) == 3  # processes that live on


def test_no_more_is_taken_than_is_worked_on():
    taken = []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield Task(str(number), Path("x"))

    results = run_tasks(slow_first, tasks(), 2)
    next(results)
    assert len(taken) < 20
    results.close()


def dies(source, target):
    target.with_name(f".{target.name}.{os.getpid()}.0a0b0c.part").write_text("half")
    if source == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    if source == "2":
        os._exit(3)
    if source == "3":
        raise RuntimeError("a mistake\nof ours")
    if source == "4":
        raise MemoryError
    return "well"


@posix
def test_a_process_that_dies_takes_nothing_with_it():
    tasks = [Task(str(number), Path(f"{number}.png")) for number in range(8)]
    done = list(run_tasks(dies, tasks, 2))
    assert [one.message for one in done] == ["well", None, None, None, None, "well", "well", "well"]
    assert [one.failure for one in done[1:5]] == [
        "1: the process that converted it was ended by SIGKILL (not enough memory?)",
        "2: the process that converted it ended with status 3",
        "3: RuntimeError: a mistake of ours",
        "4.png: not enough memory",
    ]
    left = {name.split(".")[1] for name in os.listdir()}
    assert left == {"0", "3", "4", "5", "6", "7"}  # of those that died, the half files are gone


# What fails.


def test_one_line_for_each_that_fails_and_the_rest_goes_on(frames):
    Path("d/1.png").write_bytes(b"")
    Path("d/3.png").write_bytes(Path("d/3.png").read_bytes()[:60])
    for jobs in (1, 2):
        result = run("d", "-o", "out", "--jobs", jobs, "--force", status=1)
        first, second, _ = result.stderr.splitlines()
        assert first == "turbo-cmap: d/1.png: is empty"
        assert second.startswith("turbo-cmap: d/3.png: ")
        assert summary(result) == "3 converted, 2 failed"
        assert sorted(os.listdir("out")) == ["0.png", "2.png", "4.png"]


def test_what_cannot_be_written_is_one_line(frames):
    os.makedirs("out/2.png")
    Path("file").touch()
    result = run("d", "-o", "out", "--force", status=1)
    assert result.stderr.splitlines()[0].startswith("turbo-cmap: out/2.png: ")
    assert summary(result) == "4 converted, 1 failed"
    result = run("d", "-o", "file/{stem}.png", status=1)
    assert len(result.stderr.splitlines()) == 6
    assert "file/0.png: " in result.stderr


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may do anything")
def test_what_is_forbidden_is_one_line(frames):
    os.chmod("d/1.png", 0)
    result = run("d", "-o", "out", status=1)
    assert result.stderr.splitlines()[0] == "turbo-cmap: d/1.png: Permission denied"
    os.mkdir("locked", 0o500)
    result = run("d/0.png", "-o", "locked", status=1)
    assert result.stderr == "turbo-cmap: locked/0.png: Permission denied\n"


def test_a_file_that_vanishes_is_one_line(frames, monkeypatch):
    from turbo_cmap.cli._job import Job

    convert = Job.__call__

    def vanish(self, source, target):
        if source == "d/1.png":
            os.remove(source)
        return convert(self, source, target)

    monkeypatch.setattr(Job, "__call__", vanish)
    result = run("d", "-o", "out", "--jobs", "1", status=1)
    assert result.stderr.splitlines()[0] == "turbo-cmap: d/1.png: No such file or directory"
    assert summary(result) == "4 converted, 1 failed"


FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails with EFBIG
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from turbo_cmap import cli
cli.main([*sys.argv[1:]])
"""


def on_a_full_disk(*arguments):
    command = [sys.executable, "-c", FULL_DISK, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@posix
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "npy"])
def test_every_format_says_which_file_there_is_no_room_for(suffix):
    noise = np.random.default_rng(1).integers(0, 9999, (64, 64), dtype=np.uint16)
    np.save("noise.npy", noise)
    done = on_a_full_disk("convert", "noise.npy", "-o", f"picture.{suffix}")
    assert (done.returncode, done.stderr) == (1, f"turbo-cmap: picture.{suffix}: File too large\n")
    assert os.listdir() == ["noise.npy"]


@posix
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_where_there_is_no_room_the_old_file_stays(frames, jobs):
    noise = np.random.default_rng(1).integers(0, 9999, (64, 64), dtype=np.uint16)
    Image.fromarray(noise).save("d/2.png")  # whose picture is too large
    os.mkdir("out")
    Path("out/2.png").write_text("old")
    done = on_a_full_disk("convert", "d", "-o", "out", "--force", "--jobs", jobs)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "turbo-cmap: out/2.png: File too large"
    assert Path("out/2.png").read_text() == "old"
    assert sorted(os.listdir("out")) == [f"{number}.png" for number in range(5)]


# What is left out.


def test_skip_existing_leaves_them_as_they_are(frames):
    os.mkdir("out")
    Path("out/1.png").write_text("mine")
    Path("d/2.png").write_bytes(b"damaged")
    result = run("d", "-o", "out", "--skip-existing", status=1)
    assert Path("out/1.png").read_text() == "mine"
    assert summary(result) == "3 converted, 1 skipped, 1 failed"
    os.remove("d/2.png")
    result = run("d", "-o", "out", "--skip-existing")
    assert result.stdout == ""
    assert summary(result) == "0 converted, 4 skipped"


def test_update_replaces_what_is_older(frames):
    run("d", "-o", "out")
    Image.fromarray(frame(9)).save("d/1.png")
    later = time.time_ns() + 10**9
    os.utime("d/1.png", ns=(later, later))
    os.remove("out/4.png")
    result = run("d", "-o", "out", "--update")
    assert [line.split(" -> ")[0] for line in result.stdout.splitlines()] == ["d/1.png", "d/4.png"]
    assert summary(result) == "2 converted, 3 skipped"
    assert np.array_equal(pixels("out/1.png"), colorize(frame(9)))


def test_only_one_of_force_skip_existing_and_update(frames):
    for pair in (["--force", "--update"], ["--update", "--skip-existing"]):
        assert "exclude each other" in refused("d", "-o", "out/", *pair)


# One range.


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ([], {}),
        (["--robust"], {"robust": True}),
        (["--robust=10,60", "--invalid", "450"], {"robust": (10, 60), "invalid": 450}),
        (["--vmin", "100"], {"vmin": 100}),
        (["--center", "400"], {"center": 400}),
        (["--norm", "log", "--invalid", "1"], {"norm": "log", "invalid": 1}),
        (["--norm", "equalize"], {"norm": "equalize"}),
        (["--norm", "equalize", "--quantize", "7"], {"norm": "equalize", "quantize": 7}),
        (["--norm", "equalize", "--robust"], {"norm": "equalize", "robust": True}),
    ],
)
def test_shared_is_what_fit_finds_in_all(frames, arguments, keywords, jobs):
    result = run("d", "-o", "out", "--range", "shared", "--jobs", jobs, *arguments)
    colorizer = Colorizer(**keywords).fit(frames)
    first, *lines = result.stdout.splitlines()
    words = first.split()
    assert words[0] == "range"
    printed = np.float32([words[1], words[3]])  # values of 16 bits are computed in float32
    assert (printed == np.float32([colorizer.vmin, colorizer.vmax])).all()
    assert first.endswith("  of 5 files")
    assert len(lines) == 5
    assert "range" not in "".join(lines)
    for number, values in enumerate(frames):
        assert np.array_equal(pixels(f"out/{number}.png"), colorizer(values))


@pytest.mark.parametrize("arguments", [["--robust"], ["--norm", "equalize"]])
def test_shared_over_files_of_several_dtypes(arguments):
    os.mkdir("d")
    arrays = [frame(0), (frame(1) / 7).astype(np.float32), frame(2).astype(np.int64)]
    arrays[1][0, 0] = np.nan
    for number, values in enumerate(arrays):
        np.save(f"d/{number}.npy", values)
    run("d", "-o", "out", "--range", "shared", *arguments)
    keywords = {"robust": True} if arguments == ["--robust"] else {"norm": "equalize"}
    colorizer = Colorizer(**keywords).fit([values.astype(np.float64) for values in arrays])
    for number, values in enumerate(arrays):
        assert np.array_equal(pixels(f"out/{number}.png"), colorizer(values.astype(np.float64)))


def test_what_cannot_be_read_does_not_count_for_the_range(frames):
    Path("d/4.png").write_bytes(b"damaged")
    for arguments in ([], ["--robust"]):
        result = run("d", "-o", "out", "--range", "shared", "--force", *arguments, status=1)
        assert result.stdout.splitlines()[0].endswith("  of 4 files")
        assert result.stderr.startswith("turbo-cmap: d/4.png: ")
        assert summary(result) == "4 converted, 1 failed"
    assert run("d/4.png", "-o", "x.png", "--range", "shared", status=1).stdout == ""


def test_skipped_files_count_for_the_range(frames):
    run("d", "-o", "out", "--range", "shared")
    before = pixels("out/2.png")
    os.remove("out/2.png")
    result = run("d", "-o", "out", "--range", "shared", "--skip-existing")
    assert "of 5 files" in result.stdout
    assert np.array_equal(pixels("out/2.png"), before)


def test_fixed_needs_limits(frames):
    result = run("d", "-o", "out", "--range", "fixed", "--vmin", "0", "--vmax", "9")
    assert result.stdout.splitlines()[0] == "range 0 .. 9  of 5 files"
    assert np.array_equal(pixels("out/0.png"), colorize(frames[0], vmin=0, vmax=9))
    for arguments, message in (
        ([], "--range fixed needs --vmin and --vmax"),
        (["--vmin", "0"], "--range fixed needs --vmin and --vmax"),
        (["--center", "5"], "--range fixed needs --vmax with --center"),
        (["--norm", "equalize", "--vmin", "0", "--vmax", "9"], "--norm equalize counts values"),
    ):
        assert message in refused("d", "-o", "no/", "--range", "fixed", *arguments)


# What is said.


def test_one_file_needs_no_summary(frames):
    assert run("d/0.png", "-o", "x.png").stderr == ""
    result = CliRunner().invoke(cli, ["--quiet", "convert", "d", "-o", "out"])
    assert (result.exit_code, result.output) == (0, "")


def test_the_bar_gives_count_rate_and_time():
    bar = Progress(200, "converting", False)
    assert bar.text(0) == f"converting [{'.' * 24}] 0/200"
    for number in range(50):
        bar.step(worked=number >= 10)
    assert bar.text(4) == f"converting [{'#' * 6}{'.' * 18}] 50/200  10.0/s  0:15 left"
    assert "10.0 s each  25:00 left" in bar.text(400)


@posix
def test_lines_of_results_stand_beside_the_bar(frames):
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "turbo_cmap", "convert", "d", "-o", "out"],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 1 << 16):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    assert b"converting [" in shown
    # Each line is written on a line that has been cleared.
    lines = [line for line in shown.decode().split("\r\n") if " -> " in line]
    assert len(lines) == 5
    for line in lines:
        assert line.rpartition("\x1b[K")[2].startswith("d/")


def test_no_bar_without_a_terminal(frames):
    done = subprocess.run(
        [sys.executable, "-m", "turbo_cmap", "convert", "d", "-o", "out"],
        capture_output=True,
        text=True,
    )
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.startswith("5 converted in ")


# What interrupts.


@posix
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_only_whole_files_are_left(number, status, jobs):
    os.mkdir("d")
    noise = np.random.default_rng(2).integers(0, 9999, (300, 400), dtype=np.uint16)
    Image.fromarray(noise).save("d/0.png")
    for copy in range(1, 300):
        shutil.copy("d/0.png", f"d/{copy}.png")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from turbo_cmap import cli; import sys; cli.main(sys.argv[1:])",
            *("convert", "d", "-o", "out", "--jobs", jobs),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        for _ in range(5):
            assert " -> " in process.stdout.readline()
        os.killpg(process.pid, number)  # as a terminal does it, to all of them
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    names = os.listdir("out")
    assert 5 <= len(names) < 300
    assert errors == (
        f"turbo-cmap: interrupted: {len(names)} of 300 files written; "
        "the same command with --skip-existing goes on\n"
    )
    expected = colorize(noise)
    for name in names:
        assert name.endswith(".png")
        assert not name.startswith(".")
        assert np.array_equal(pixels(f"out/{name}"), expected)
    with pytest.raises(ProcessLookupError):  # nobody is left of them
        os.killpg(process.pid, 0)
    again = run("d", "-o", "out", "--skip-existing")
    assert summary(again) == f"{300 - len(names)} converted, {len(names)} skipped"
    assert len(os.listdir("out")) == 300


@pytest.mark.parametrize(
    ("options", "before", "text"),
    [
        ([], 0, "2 of 4 files written; the same command with --skip-existing goes on"),
        (["--skip-existing"], 1, "1 of 4 files written, 1 skipped; the same command goes on"),
        (["--update"], 1, "1 of 4 files written, 1 skipped; the same command goes on"),
        (["--force"], 4, "2 of 4 files written; the others are as they were"),
    ],
    ids=str,
)
def test_what_was_done_is_said_when_it_is_interrupted(monkeypatch, capsys, options, before, text):
    from turbo_cmap.cli import main
    from turbo_cmap.cli._job import Job

    os.mkdir("d")
    for number in range(4):
        np.save(f"d/{number}.npy", frame(number))
    if before:
        run("d", "-o", "out")
        for number in range(before, 4):
            os.remove(f"out/{number}.png")
    convert = Job.__call__

    def interrupted(job, source, target):
        if str(source).endswith("2.npy"):
            raise KeyboardInterrupt
        return convert(job, source, target)

    monkeypatch.setattr(Job, "__call__", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["convert", "d", "-o", "out", "--jobs", "1", *options])
    assert ended.value.code == 130
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"turbo-cmap: interrupted: {text}"]


@posix
def test_processes_end_when_the_first_is_killed():
    os.mkdir("d")
    Image.fromarray(np.zeros((100, 100), np.uint16)).save("d/0.png")
    for copy in range(1, 1500):
        os.link("d/0.png", f"d/{copy}.png")
    process = subprocess.Popen(
        [sys.executable, "-m", "turbo_cmap", "convert", "d", "-o", "out", "--jobs", "3"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        process.stdout.readline()
        process.kill()
    group = process.pid
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("processes live on without the one that gives them work")
    assert len(os.listdir("out")) < 1500


PEAKS = """
import re, resource, sys
from pathlib import Path
from turbo_cmap.cli import cli
cli(sys.argv[1:], standalone_mode=False)
# Not of RUSAGE_SELF, which has the peak of the process that started this one as well.
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="where Linux tells it")
def test_memory_does_not_grow_with_the_number_of_files():
    values = np.random.default_rng(3).integers(0, 9999, (1000, 1000)).astype(np.float32)  # 4 MB
    np.save("0.npy", values)
    options = ["--range", "shared", "--robust", "--jobs", "2", "--format", "npy"]
    peaks = []
    for count in (8, 40):
        os.mkdir(f"d{count}")
        for copy in range(count):
            os.link("0.npy", f"d{count}/{copy}.npy")
        arguments = ["convert", f"d{count}", "-o", f"o{count}", *options]
        done = subprocess.run(
            [sys.executable, "-c", PEAKS, *arguments], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        peaks.append([int(line) for line in done.stdout.splitlines()[-2:]])
    for few, many in zip(*peaks, strict=True):
        assert many - few < 24 << 20  # six frames; 32 more files are 128 MB
