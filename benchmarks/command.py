"""The command against other programs, each as a whole process: ``python -m benchmarks.command``.

All convert the same file, in turn and in rounds, so that a busy machine is busy for all of them;
the best of each counts. What a program makes of it is checked first: whether it has colors.

- turbo-cmap finds the range, paints and writes an indexed PNG.
- ffmpeg: ``-vf pseudocolor=preset=turbo``, as one finds it everywhere. Given 16-bit gray it leaves
  a gray picture, which is said; with ``format=gbrp`` before it (8 bits) the picture has colors, and
  with ``format=gbrp16`` all bits.
- gdaldem: ``color-relief`` with the 256 colors over the range, interpolated.
- ImageMagick: ``-auto-level`` and ``-clut`` with an image of the 256 colors.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

import turbo_cmap

from . import report

RESULTS = Path(__file__).parent / "results"
OURS = "turbo-cmap"
FRAMES = 200
#: How many times faster than each the command is to be.
PROMISED = {"ffmpeg": 2.5, "gdaldem": 5.0, "ImageMagick": 15.0}
PROMISED_JOBS = 1.7


@dataclass
class Program:
    """One way to convert the file.

    Attributes
    ----------
    name : str
    command : list of str
    output : Path or None
    missing : str or None
        Why it is not measured.
    note : str
        What is to be known about its picture.
    seconds, cpu : list of float
        Of the runs: by the clock, and of all cores.
    """

    name: str
    command: list[str]
    output: Path | None = None
    missing: str | None = None
    note: str = ""
    seconds: list[float] | None = None
    cpu: list[float] | None = None

    @property
    def best(self) -> float | None:
        """The shortest run, in seconds."""
        return min(self.seconds) if self.seconds else None


def smooth(height: int, width: int) -> np.ndarray:
    """A 16-bit image without noise, over most of the range."""
    y, x = np.mgrid[0:height, 0:width]
    values = 2000 * np.sin(x / 700) * np.cos(y / 500) + 4 * y + 1.5 * x
    low, high = values.min(), values.max()
    return (500 + 60000 * (values - low) / (high - low)).astype(np.uint16)


def frame(number: int, random: np.random.Generator) -> np.ndarray:
    """A depth image as of a camera: 640 x 480, some noise."""
    y, x = np.mgrid[0:480, 0:640]
    values = 2000 + 800 * np.sin(x / 90 + number / 10) * np.cos(y / 70) + 3 * y
    return (values + random.integers(0, 3, (480, 640))).astype(np.uint16)


def programs(source: Path, folder: Path) -> list[Program]:
    """All, those that are not installed too."""
    values = np.asarray(Image.open(source))
    colors = turbo_cmap.colorize(np.arange(256, dtype=np.uint8), vmin=0, vmax=255)
    table = folder / "turbo.txt"
    levels = np.linspace(int(values.min()), int(values.max()), 256)
    rows = zip(levels, colors.tolist(), strict=True)
    table.write_text("".join(f"{level:.3f} {r} {g} {b}\n" for level, (r, g, b) in rows))
    lut = folder / "turbo.png"
    Image.fromarray(colors[np.newaxis]).save(lut)
    ffmpeg, gdal = _found("ffmpeg"), _found("gdaldem")
    magick = _found("magick", "convert-im6.q16", "convert")
    turbo = "pseudocolor=preset=turbo"
    made = [Program(OURS, [*_ours(), "convert", str(source), "--force", "-o"])]
    for name, filters in (
        ("ffmpeg", turbo),
        ("ffmpeg, gbrp", f"format=gbrp,{turbo}"),
        ("ffmpeg, gbrp16", f"format=gbrp16,{turbo}"),
    ):
        call = [ffmpeg, "-y", "-loglevel", "error", "-i", str(source), "-vf", filters]
        made.append(_program(name, call))
    made.append(_program("gdaldem", [gdal, "color-relief", str(source), str(table), "-of", "PNG"]))
    made.append(_program("ImageMagick", [magick, str(source), "-auto-level", str(lut), "-clut"]))
    for number, one in enumerate(made):
        one.output = folder / f"{number}.png"
        if one.name == "gdaldem":  # the output stands before its options
            one.command[4:4] = [str(one.output)]
        else:
            one.command.append(str(one.output))
    return made


def _program(name: str, call: Sequence[str | None]) -> Program:
    missing = None if call[0] else "not installed"
    return Program(name, [part or "" for part in call], missing=missing)


def _found(*names: str) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def _ours() -> list[str]:
    return [sys.executable, "-m", "turbo_cmap"]


def measure(made: Sequence[Program], rounds: int) -> None:
    """Run all once to check their pictures, then in rounds."""
    for one in made:
        if one.missing is None:
            done = _run(one.command)
            if done is None:
                one.missing = "failed"
            elif one.output is not None:
                with Image.open(one.output) as picture:
                    colored = picture.mode in ("P", "RGB", "RGBA")
                one.note = "" if colored else "its picture is gray"
    for _ in range(rounds):
        for one in made:
            if one.missing is None and (taken := _run(one.command)) is not None:
                one.seconds = [*(one.seconds or []), taken[0]]
                one.cpu = [*(one.cpu or []), taken[1]]


def _run(command: Sequence[str]) -> tuple[float, float] | None:
    """Seconds by the clock and of the cores; None if it fails."""
    # As it is for users: Python keeps what it has compiled.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = _cpu(), perf_counter()
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    taken = perf_counter() - start, _cpu() - before
    return taken if done.returncode == 0 else None


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def batches(folder: Path, rounds: int) -> list[Program]:
    """Two hundred frames by one process and by two."""
    random = np.random.default_rng(1)
    frames = folder / "frames"
    frames.mkdir()
    for number in range(FRAMES):
        Image.fromarray(frame(number, random)).save(frames / f"{number}.png")
    call = [*_ours(), "convert", str(frames), "--force", "-o", str(folder / "pictures"), "--jobs"]
    made = [Program(f"{FRAMES} frames, {jobs} at once", [*call, str(jobs)]) for jobs in (1, 2)]
    measure(made, rounds)
    return made


#: Prints the greatest memory of the process and of those that it started, in bytes.
_PEAK = """
import re, resource, sys
from turbo_cmap.cli import cli
cli(sys.argv[1:], standalone_mode=False)
own = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(own << 10, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
"""


def memory(folder: Path, counts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The greatest memory of the first process and of one that it starts, by number of files."""
    peaks: dict[int, tuple[int, int]] = {}
    if not Path("/proc/self/status").exists():
        return peaks
    first = next((folder / "frames").iterdir())
    for count in counts:
        many = folder / f"many{count}"
        many.mkdir()
        for number in range(count):
            os.link(first, many / f"{number}.png")
        arguments = ["convert", str(many), "-o", str(folder / f"out{count}"), "--jobs", "2"]
        code = [sys.executable, "-c", _PEAK, *arguments, "--range", "shared", "--robust"]
        done = subprocess.run(code, capture_output=True, text=True, check=True)
        own, others = map(int, done.stdout.splitlines()[-1].split())
        peaks[count] = own, others
    return peaks


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.command", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a small image and one round")
    parser.add_argument("--json", type=Path, default=RESULTS / "command.json", metavar="PATH")
    given = parser.parse_args(arguments)
    rounds = 1 if given.quick else given.rounds
    shape = (540, 960) if given.quick else (2160, 3840)
    about = report.machine()
    print(report.heading(about))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "depth.png"
        Image.fromarray(smooth(*shape)).save(source)
        made = programs(source, folder)
        measure(made, rounds)
        print(f"\nPNG of {shape[1]} x {shape[0]}, 16 bit, to PNG; whole processes\n")
        print(_table(made))
        jobs = batches(folder, rounds)
        print(f"\n{FRAMES} PNG of 640 x 480, 16 bit\n")
        print(_table(jobs, sizes=False))
        peaks = memory(folder, (20, 40) if given.quick else (20, 400))
        print("\nGreatest memory, one range, two processes\n")
        for count, (own, others) in peaks.items():
            print(f"  {count:>4} files  {own >> 20} MiB, each process {others >> 20} MiB")
    verdicts = list(_verdicts(made, jobs))
    print("\nPromised" + (" for the large image" if given.quick else "") + "\n")
    for what, value, bound in verdicts:
        state = "not measured" if value is None else "pass" if value >= bound else "FAIL"
        shown = "" if value is None else f"{value:.2f} "
        print(f"  {state:<12}  {what}: {shown}(at least {bound})")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "machine": about,
        "shape": shape,
        "programs": [{**asdict(one), "output": None} for one in made + jobs],
        "memory": peaks,
        "verdicts": verdicts,
    }
    given.json.write_text(json.dumps(results, indent=1, default=str) + "\n")
    print(f"\n{given.json}")


def _table(made: Sequence[Program], sizes: bool = True) -> str:
    ours = made[0].best
    lines = [f"  {'':<22} {'best':>8} {'cores':>8} {'ratio':>7} {'size' if sizes else '':>9}"]
    for one in made:
        if one.best is None or one.cpu is None:
            lines.append(f"  {one.name:<22} {one.missing}")
            continue
        ratio = one.best / ours if ours else float("nan")
        size = f"{one.output.stat().st_size >> 10} KiB" if sizes and one.output else ""
        lines.append(
            f"  {one.name:<22} {one.best:>6.2f} s {min(one.cpu):>6.2f} s {ratio:>6.2f}x "
            f"{size:>9}  {one.note}".rstrip()
        )
    return "\n".join(lines)


def _verdicts(
    made: Sequence[Program], jobs: Sequence[Program]
) -> list[tuple[str, float | None, float]]:
    best = {one.name: one.best for one in made}
    ours = best[OURS]
    found: list[tuple[str, float | None, float]] = []
    for name, bound in PROMISED.items():
        theirs = best[name]
        ratio = theirs / ours if theirs and ours else None
        found.append((f"times faster than {name}", ratio, bound))
    one, two = (batch.best for batch in jobs)
    ratio = one / two if one and two else None
    found.append(("two processes, times faster than one", ratio, PROMISED_JOBS))
    return found


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
