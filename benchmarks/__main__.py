"""The command ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
MEMORY = "memory"

FULL = {
    "shape": (2160, 3840),
    "sizes": [64, 128, 256, 512, 1024, 2048, 4096, 8192],
    "seconds": 0.5,
    "least": 3,
    "most": 80,
}
QUICK = {
    "shape": (540, 960),
    "sizes": [64, 256, 1024],
    "seconds": 0.05,
    "least": 3,
    "most": 20,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    # Peers read these when they are imported: nothing below may be imported before.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    from . import cases, memory, plot, report, targets
    from .measure import Results, measure

    parser = _parser([*cases.groups(FULL["shape"], FULL["sizes"]), MEMORY])
    given = parser.parse_args(arguments)
    defaults = QUICK if given.quick else FULL
    shape = given.shape or defaults["shape"]
    sides = sorted(set(given.sizes or defaults["sizes"]))
    seconds = defaults["seconds"] if given.seconds is None else given.seconds

    about = report.machine()
    print(report.heading(about))
    results = Results()
    for name, groups in cases.groups(shape, sides).items():
        if given.only and name not in given.only:
            continue
        for group in groups():
            found = measure(group, seconds=seconds, least=defaults["least"], most=defaults["most"])
            print(report.table(group, found), flush=True)
            results.all += found
            del group  # and its arrays, before the next are made
    peaks = []
    if not given.only or MEMORY in given.only:
        peaks = list(memory.peaks([max(sides)] if given.quick else [512, max(sides)]))
        print(report.memory_table(peaks))

    verdicts = targets.judge(targets.all_targets(peaks), results)
    if given.only:
        verdicts = [verdict for verdict in verdicts if verdict.passed is not None]
    notes = []
    if shape != targets.SHAPE:
        notes = [
            f"promised for {targets.SHAPE[0]} × {targets.SHAPE[1]}; this is {shape[0]} × {shape[1]}"
        ]
    print(report.verdict_table(verdicts, notes))

    settings = {"shape": shape, "sizes": sides, "seconds": seconds}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    report.write_json(given.json, about, settings, results.all, peaks, verdicts)
    print(f"\n{given.json}")
    if any(results.find(f"{side}²", cases.ours()) for side in sides):
        given.plot.parent.mkdir(parents=True, exist_ok=True)
        plot.draw(given.plot, results, sides, report.machine_line(about))
        print(given.plot)


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="turbo_cmap against its peers: in one process, interleaved, one thread.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer samples of smaller images, in seconds"
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="GROUP", help=f"of {', '.join(names)}"
    )
    parser.add_argument("--shape", type=_shape, metavar="HxW", help="of all but sizes (2160x3840)")
    parser.add_argument(
        "--sizes", nargs="+", type=int, metavar="SIDE", help="sides of squares (64 to 8192)"
    )
    parser.add_argument("--seconds", type=float, help="for the samples of one case (0.5)")
    parser.add_argument("--json", type=Path, default=RESULTS / "benchmark.json", metavar="PATH")
    parser.add_argument("--plot", type=Path, default=RESULTS / "benchmark.png", metavar="PATH")
    return parser


def _shape(text: str) -> tuple[int, int]:
    rows, cross, columns = text.partition("x")
    if not (cross and rows.isdecimal() and columns.isdecimal() and int(rows) and int(columns)):
        raise argparse.ArgumentTypeError(f"must be such as 2160x3840, got {text!r}")
    return int(rows), int(columns)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
