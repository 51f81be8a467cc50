"""What has been promised, each a pass or a fail.

Speeds are ratios of medians within one group of one run, so the machine cancels out. They are
promised for one thread, 2160 × 3840, ``out=`` given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .cases import COPY, NORMS, label, ours
from .measure import Results
from .memory import Peak

#: The shape that the promises are made for.
SHAPE = (2160, 3840)


@dataclass(frozen=True)
class Target:
    """A bound, and what is held against it.

    Attributes
    ----------
    what : str
    measured : callable
        The figure from the results; None if something it needs was not measured.
    bound : float
    unit : str
        Of both, such as "× np.copyto".
    at_least : bool
        Whether *bound* is a lower one.
    """

    what: str
    measured: Callable[[Results], float | None]
    bound: float
    unit: str
    at_least: bool = False


@dataclass(frozen=True)
class Verdict:
    """A target and how it went; *passed* is None if it could not be said."""

    target: Target
    measured: float | None
    passed: bool | None


def at_most(what: str, group: str, name: str, other: str, bound: float) -> Target:
    """A case takes at most *bound* times what another takes."""
    unit = "× linear" if other == ours() else f"× {other}"
    return Target(what, lambda results: results.ratio(group, name, other), bound, unit)


def faster(what: str, group: str, name: str, other: str, bound: float) -> Target:
    """A case is at least *bound* times faster than another."""
    unit = f"× faster than {other}"
    return Target(what, lambda results: results.ratio(group, other, name), bound, unit, True)


def all_targets(peaks: Sequence[Peak]) -> list[Target]:
    """Every target, in the order of the table.

    Parameters
    ----------
    peaks : sequence of Peak
        What was measured of memory.
    """
    linear, copied = ours(), COPY
    rgb8 = "float32 → RGB8"
    found = [
        at_most(f"{rgb8}, avx512", "float32", label("avx512"), copied, 1.0),
        at_most(f"{rgb8}, avx2", "float32", label("avx2"), copied, 1.3),
        faster("uint8 → RGB8", "uint8", linear, "OpenCV", 4),
        faster(rgb8, "float32", linear, "OpenCV", 2.5),
        faster(rgb8, "float32", linear, "matplotlib", 20),
        faster(rgb8, "float32", linear, "silx", 15),
        Target("64 × 64 float32, whole call", _microseconds("64²", linear), 10, "µs"),
        Target(
            "extra memory with out=, any size and strides",
            lambda _: max((peak.worst for peak in peaks), default=0) / 2**20 if peaks else None,
            1,
            "MiB",
        ),
    ]
    for norm in NORMS:
        found.append(at_most(f"float32, {norm}", "norms", ours(norm), linear, 3))
    found += [
        faster("float32, LogNorm", "norms", ours("LogNorm"), "matplotlib, LogNorm", 12),
        faster("float32, SymLogNorm", "norms", ours("SymLogNorm"), "matplotlib, SymLogNorm", 25),
    ]
    for dtype in ("uint8", "uint16", "float16"):
        found.append(Target(f"{dtype}, any norm", _slowest_norm(dtype), 1.3, "× linear"))
    found += [
        faster("uint16 → RGB8", "uint16", linear, "matplotlib", 25),
        faster("float32, robust", "robust", ours("robust"), "np.percentile, matplotlib", 12),
        at_most("float32, robust", "robust", ours("robust"), linear, 7),
        at_most("float32, automatic range", "float32", ours("automatic range"), linear, 2),
        at_most("difference, limit given", "difference", ours("limit given"), copied, 1.6),
        at_most("difference, limit found", "difference", ours("limit found"), copied, 1.6),
        at_most("float64 → RGB8", "float64", linear, copied, 1.3),
        at_most("int32 → RGB8", "int32", linear, copied, 1.3),
        Target("RGB8 back, exact", _megapixels("inverse", ours("exact")), 300, "Mpx/s", True),
        Target("RGB8 back, JPEG", _megapixels("inverse", ours("JPEG")), 40, "Mpx/s", True),
        faster("RGB8 back, exact", "inverse", ours("exact"), "SciPy cKDTree, exact", 50),
        faster("RGB8 back, JPEG", "inverse", ours("JPEG"), "SciPy cKDTree, JPEG", 50),
        Target("cost per pixel, 512² to 8192²", _unevenness, 1.5, "× between sizes"),
    ]
    return found


def judge(targets: Sequence[Target], results: Results) -> list[Verdict]:
    """Hold results against targets."""
    verdicts = []
    for target in targets:
        value = target.measured(results)
        passed = None
        if value is not None:
            passed = value >= target.bound if target.at_least else value <= target.bound
        verdicts.append(Verdict(target, value, passed))
    return verdicts


def _microseconds(group: str, name: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        result = results.find(group, name)
        return None if result is None else 1e6 * result.timing.median

    return measured


def _megapixels(group: str, name: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        result = results.find(group, name)
        return None if result is None else result.megapixels_per_s

    return measured


def _slowest_norm(group: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        ratios = [results.ratio(group, ours(norm), ours()) for norm in NORMS]
        return None if None in ratios else max(ratios)

    return measured


def _unevenness(results: Results) -> float | None:
    """The dearest pixel in cheapest ones; None if there is but one size."""
    costs = [one.timing.median / one.pixels for one in results.all if one.group == "flat"]
    return max(costs) / min(costs) if len(costs) > 1 else None
