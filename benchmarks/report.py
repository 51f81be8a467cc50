"""Results as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import turbo_cmap

from .cases import COPY, Group
from .measure import Result, Results
from .memory import LAYOUTS, Peak
from .targets import Verdict

#: Distributions whose versions are told, the first of a tuple that is there.
PEERS = (
    ("numpy",),
    ("numba",),
    ("opencv-python-headless", "opencv-python", "opencv-contrib-python"),
    ("matplotlib",),
    ("silx",),
    ("cmap",),
)


def machine() -> dict[str, Any]:
    """What the results depend on besides the code."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "turbo_cmap": turbo_cmap.__version__,
        "commit": _commit(),
        "backends": list(turbo_cmap.available_backends()),
        "kernels": list(turbo_cmap.available_kernels()),
        "versions": {names[0]: _version(names) for names in PEERS},
    }


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def _commit() -> str | None:
    return _output("git", "describe", "--always", "--dirty", "--exclude=*")


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(names: Iterable[str]) -> str | None:
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


# --- for people ---


def heading(about: dict[str, Any]) -> str:
    """The machine and the versions."""
    absent = "absent"
    versions = ", ".join(f"{name} {found or absent}" for name, found in about["versions"].items())
    commit = f" ({about['commit']})" if about["commit"] else ""
    return "\n".join(
        (
            f"turbo_cmap {about['turbo_cmap']}{commit}, one thread",
            f"{about['cpu']}, {about['system']}, Python {about['python']}",
            f"kernels: {', '.join(about['kernels']) or 'none'}",
            versions,
        )
    )


def machine_line(about: dict[str, Any]) -> str:
    """The machine in a few words."""
    kernel = about["kernels"][0] if about["kernels"] else about["backends"][0]
    commit = f" ({about['commit']})" if about["commit"] else ""
    return f"{about['cpu']}, {kernel} kernel, turbo_cmap {about['turbo_cmap']}{commit}"


def table(group: Group, results: Sequence[Result]) -> str:
    """One group: medians, and how they compare."""
    found = Results(results)
    copied = any(result.name == COPY for result in results)
    width = max(len(result.name) for result in results)
    head = f"{'median':>10} {'best':>10} {'spread':>6} {'Mpx/s':>8} {'GB/s':>6}"
    ratios = [other for other in (COPY if copied else "", group.ours) if other]
    head += "".join(f" {'× ' + name:>{_column(name)}}" for name in map(_short, ratios))
    lines = ["", group.title, f"{'':{width}} {head}"]
    for result in results:
        if result.timing is None:
            lines.append(f"{result.name:{width}} {result.status}: {result.note}")
            continue
        timing = result.timing
        line = f"{result.name:{width}} {duration(timing.median):>10} {duration(timing.best):>10}"
        line += f" {100 * timing.spread:>5.0f}% {result.megapixels_per_s:>8.1f}"
        line += f" {result.gigabytes_per_s:>6.2f}"
        for other in ratios:
            ratio = found.ratio(group.name, result.name, other)
            cell = "" if ratio is None else f"{ratio:.2f}"
            line += f" {cell:>{_column(_short(other))}}"
        lines.append(line)
    return "\n".join(lines)


def _short(name: str) -> str:
    return "copyto" if name == COPY else "ours"


def _column(name: str) -> int:
    return max(8, len(name) + 2)


def duration(seconds: float) -> str:
    """Three digits and a unit, such as "3.14 ms"."""
    units = {"s ": 1.0, "ms": 1e-3, "µs": 1e-6}
    unit, scale = next((one for one in units.items() if seconds >= 0.9995 * one[1]), ("µs", 1e-6))
    return f"{seconds / scale:#.3g}".rstrip(".") + f" {unit}"


def memory_table(peaks: Sequence[Peak]) -> str:
    """Extra memory of a call."""
    width = max(map(len, LAYOUTS))
    lines = [
        "",
        "extra memory with out=",
        f"{'':{width}} {'size':>6} {'traced':>10} {'resident':>10}",
    ]
    for peak in peaks:
        resident = "unknown" if peak.resident is None else f"{peak.resident / 1024:.0f} KiB"
        lines.append(
            f"{peak.layout:{width}} {peak.side:>5}² {peak.traced / 1024:>6.0f} KiB {resident:>10}"
        )
    return "\n".join(lines)


def verdict_table(verdicts: Sequence[Verdict], notes: Sequence[str] = ()) -> str:
    """The targets, each a line that passes, fails or is not available."""
    width = max(len(verdict.target.what) for verdict in verdicts)
    lines = ["", "targets", *notes]
    for verdict in verdicts:
        target = verdict.target
        word = {True: "pass", False: "FAIL", None: "n/a "}[verdict.passed]
        value = "" if verdict.measured is None else f"{verdict.measured:.2f}"
        bound = f"{'≥' if target.at_least else '≤'} {target.bound:g}"
        lines.append(f"{word}  {target.what:{width}} {value:>7}  {bound:>6} {target.unit}")
    return "\n".join(lines)


# --- for programs ---


def write_json(
    path: Path,
    about: dict[str, Any],
    settings: dict[str, Any],
    results: Sequence[Result],
    peaks: Sequence[Peak],
    verdicts: Sequence[Verdict],
) -> None:
    """Everything there is, times in seconds, sizes in bytes."""
    document = {
        "format": 1,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": about,
        "settings": settings,
        "results": [_plain(result) for result in results],
        "memory": [asdict(peak) for peak in peaks],
        "targets": [
            {
                "what": one.target.what,
                "measured": one.measured,
                "bound": one.target.bound,
                "at_least": one.target.at_least,
                "unit": one.target.unit,
                "passed": one.passed,
            }
            for one in verdicts
        ],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(result: Result) -> dict[str, Any]:
    plain = {"group": result.group, "name": result.name, "status": result.status}
    if result.timing is None:
        return plain | {"note": result.note}
    timing = result.timing
    return plain | {
        "pixels": result.pixels,
        "bytes": result.nbytes,
        "median_s": timing.median,
        "best_s": timing.best,
        "spread": timing.spread,
        "samples_s": list(timing.samples),
        "calls_per_sample": timing.calls,
        "gigabytes_per_s": result.gigabytes_per_s,
        "megapixels_per_s": result.megapixels_per_s,
    }
