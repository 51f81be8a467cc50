"""From cases to results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import Case, Group, UnavailableError
from .peers import DifferentError
from .timing import Timing, interleave

#: What colorize() says of arguments that a later version will have.
NOT_YET = "in this version"


@dataclass(frozen=True)
class Result:
    """One case: what was measured, or why it was not.

    Attributes
    ----------
    group, name : str
    pixels, nbytes : int
        Pixels, and the bytes of input and result that cannot be avoided.
    timing : Timing or None
    status : {"measured", "absent", "not available", "different"}
        "absent" is a library that is not installed; "different" a result that is not the
        picture it should be, which is not timed.
    note : str
        Why it was not measured.
    """

    group: str
    name: str
    pixels: int
    nbytes: int = 0
    timing: Timing | None = None
    status: str = "measured"
    note: str = ""

    @property
    def gigabytes_per_s(self) -> float:
        """Of the bytes that cannot be avoided, in 1e9 bytes."""
        return self.nbytes / self.timing.median / 1e9 if self.timing else float("nan")

    @property
    def megapixels_per_s(self) -> float:
        """In 1e6 pixels."""
        return self.pixels / self.timing.median / 1e6 if self.timing else float("nan")


class Results:
    """All results of a run."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self.all = list(results)

    def find(self, group: str, name: str) -> Result | None:
        """The result of a case that was measured, or None."""
        for result in self.all:
            if (result.group, result.name) == (group, name) and result.timing:
                return result
        return None

    def ratio(self, group: str, name: str, other: str) -> float | None:
        """Median time of a case in those of another of its group; None if one was not measured."""
        one, two = self.find(group, name), self.find(group, other)
        if one is None or two is None:
            return None
        return one.timing.median / two.timing.median


def measure(group: Group, **rounds: Any) -> list[Result]:
    """Check every case of a group and time those that can be timed.

    Parameters
    ----------
    group : Group
    **rounds
        See `timing.interleave`.

    Returns
    -------
    list of Result
        In the order of the cases.
    """
    calls: dict[str, Callable[[], Any]] = {}
    nbytes: dict[str, int] = {}
    failures: dict[str, tuple[str, str]] = {}
    for case in group.cases:
        try:
            calls[case.name], nbytes[case.name] = _prepare(case)
        except ImportError as error:
            failures[case.name] = ("absent", f"no module {error.name}")
        except UnavailableError as error:
            failures[case.name] = ("not available", str(error))
        except DifferentError as error:
            failures[case.name] = ("different", str(error))
    timings = interleave(calls, **rounds)
    return [
        Result(group.name, case.name, case.pixels, nbytes[case.name], timings[case.name])
        if case.name in timings
        else Result(group.name, case.name, case.pixels, 0, None, *failures[case.name])
        for case in group.cases
    ]


def _prepare(case: Case) -> tuple[Callable[[], Any], int]:
    """The call, its first result checked, and the bytes it cannot avoid."""
    if case.scratch > _available_memory() / 2:
        raise UnavailableError(f"needs {case.scratch / 1e9:.1f} GB of memory")
    call = case.make()
    try:
        result = call()
    except ValueError as error:
        if NOT_YET not in str(error):
            raise
        raise UnavailableError("not in this version") from None
    if case.check is not None:
        case.check(result)
    return call, case.reads + result.nbytes


def _available_memory() -> float:
    """Bytes; infinite where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("inf")
    fields = dict(line.split(":") for line in lines)
    return 1024 * int(fields["MemAvailable"].split()[0])
