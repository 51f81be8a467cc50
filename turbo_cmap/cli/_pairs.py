"""Estimates and their truths: which files belong together, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from ._console import printable
from ._digits import number_text
from ._inputs import Inputs
from ._reading import Reading, reading_options

if TYPE_CHECKING:
    from ..accuracy import ErrorStatistics, Quantity

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: What presets call what they are of. Heights may be negative: relative errors say nothing.
_QUANTITIES: dict[str, Quantity] = {
    "depth": "depth",
    "distance": "depth",
    "elevation": "other",
    "flow": "other",
}

_LENGTHS = frozenset({"mm", "cm", "m", "km", "meter", "meters", "metre", "metres"})


class Pair(NamedTuple):
    """An estimate and the truth of the same."""

    estimate: Path
    truth: Path


class Pairs(NamedTuple):
    """Which files belong together."""

    pairs: list[Pair]
    alone: list[Path]  # truths without an estimate
    unused: int  # estimates without a truth


def pairs_of(estimate: str, truth: str) -> Pairs:
    """Two files, or the files of two folders that have the same stem.

    Raises
    ------
    click.UsageError
        If one is a folder and the other is none, or nothing belongs together.
    """
    folders = [Path(given).is_dir() for given in (estimate, truth)]
    if not any(folders):
        return Pairs([Pair(Path(estimate), Path(truth))], [], 0)
    if not all(folders):
        is_one, is_none = (estimate, truth) if folders[0] else (truth, estimate)
        raise click.UsageError(f"{is_one} is a folder and {is_none} is none; give two of a kind")
    estimates, truths = _by_stem(estimate), _by_stem(truth)
    common = [stem for stem in truths if stem in estimates]
    if not common:
        raise click.UsageError(f"no file in {estimate} has the stem of one in {truth}")
    return Pairs(
        [Pair(estimates[stem], truths[stem]) for stem in common],
        [path for stem, path in truths.items() if stem not in estimates],
        len(set(estimates) - set(truths)),
    )


def _by_stem(folder: str) -> dict[str, Path]:
    """The files of numbers in a folder, in natural order."""
    found: dict[str, Path] = {}
    for one in Inputs((folder,)).find():
        path = Path(one.path)
        if one.problem is not None:
            raise click.UsageError(f"{printable(path)}: {one.problem}")
        if path.stem in found:
            raise click.UsageError(
                f"{folder} has two files of one stem: {found[path.stem].name} and {path.name}"
            )
        found[path.stem] = path
    return found


# --- how they are read ---


def truth_options(command: _Command) -> _Command:
    """Give a verb each option of `reading_options` once more, for the truth."""

    def probe() -> None: ...

    reading_options(probe)
    options: list[click.Option] = probe.__click_params__  # type: ignore[attr-defined]
    for option in options:  # the last one first, as decorators are
        names = [name.removeprefix("--") for name in option.opts if name.startswith("--")]
        click.option(
            *(f"--truth-{name}" for name in names),
            type=option.type,
            multiple=option.multiple,
            metavar=option.metavar,
            help=f"--{names[0]} of TRUTH.",
        )(command)
    return command


def readings_of(options: dict[str, Any]) -> tuple[Reading, Reading]:
    """Take the options for reading out of those of a verb: of estimate and truth.

    With one of `truth_options` the others are of the estimate alone.
    """
    prefix = "truth_"
    of_truth = {
        name.removeprefix(prefix): options.pop(name)
        for name in list(options)
        if name.startswith(prefix)
    }
    reading = Reading.take(options)
    if all(value is None or value == () for value in of_truth.values()):
        return reading, reading
    return reading, Reading.take(of_truth)


def quantity_of(readings: tuple[Reading, Reading], unit: str | None) -> Quantity:
    """What is compared, where nobody says it: what a preset is for, that of the truth first.

    Without one, it is depth in a unit of length, which disparities never have.
    """
    from ..io import PRESETS

    for reading in reversed(readings):
        if reading.preset is not None:
            return _QUANTITIES.get(PRESETS[reading.preset].quantity, "disparity")
    return "depth" if unit in _LENGTHS else "disparity"


# --- what is said ---


def lines(statistics: ErrorStatistics, unit: str) -> list[str]:
    """The figures, for people."""
    s = statistics
    parts = [("bias", s.bias), ("MAE", s.mae), ("RMSE", s.rmse), ("median |e|", s.median)]
    text = "  ".join(f"{name} {value:.4g}" for name, value in parts if not math.isnan(value))
    found = [text + (f"  ({unit})" if unit else "")]
    shares = [(f"bad-{number_text(limit)}", share) for limit, share in s.bad.items()]
    if s.d1 is not None:
        shares.append(("D1", s.d1))
    if shares:
        found.append("  ".join(f"{name} {100 * share:.2f} %" for name, share in shares))
    if s.abs_rel is not None and s.sq_rel is not None and s.rmse_log is not None:
        relative = [("AbsRel", s.abs_rel), ("SqRel", s.sq_rel), ("RMSE log", s.rmse_log)]
        found.append("  ".join(f"{name} {value:.4g}" for name, value in relative))
    if s.delta is not None:
        found.append(
            "  ".join(f"δ{number} {100 * share:.2f} %" for number, share in enumerate(s.delta, 1))
        )
    return found


def counted(statistics: ErrorStatistics) -> str:
    """How many pixels are compared, for people."""
    s = statistics
    return f"{s.count} of {s.truths} pixels with a truth ({100 * s.density:.1f} %)"


def as_json(statistics: ErrorStatistics) -> dict[str, Any]:
    """The figures, for programs: NaN is null, what is not of the quantity is left out."""
    s = statistics
    found: dict[str, Any] = {
        "quantity": s.quantity,
        "count": s.count,
        "truths": s.truths,
        "density": s.density,
        "bias": s.bias,
        "mae": s.mae,
        "rmse": s.rmse,
        "median": s.median,
        "bad": {number_text(limit): share for limit, share in s.bad.items()},
    }
    for name in ("d1", "abs_rel", "sq_rel", "rmse_log"):
        if getattr(s, name) is not None:
            found[name] = getattr(s, name)
    if s.delta is not None:
        found["delta"] = list(s.delta)
    cleaned = _without_nan(found)
    assert isinstance(cleaned, dict)
    return cleaned


def _without_nan(found: object) -> object:
    if isinstance(found, dict):
        return {key: _without_nan(value) for key, value in found.items()}
    if isinstance(found, Sequence) and not isinstance(found, str):
        return [_without_nan(value) for value in found]
    return None if isinstance(found, float) and math.isnan(found) else found
