"""What the values of options may be, beyond what click has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # generic since click 8.2


class NameFrom(_Choice):
    """One of many names; a wrong one is answered with those that it is like."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a one."""
        if value not in self.choices:
            from difflib import get_close_matches

            near = get_close_matches(str(value), self.choices)
            if near:
                meant = " or ".join(map(repr, near))
                self.fail(f"{value!r} is not known; did you mean {meant}?", param, ctx)
        return super().convert(value, param, ctx)


def number(given: object) -> int | float:
    """An integer where it is written as one, so that 64 bits stay exact; else a float."""
    if isinstance(given, (int, float)):  # from a configuration file
        return given
    for kind in (int, float):
        try:
            return kind(str(given))
        except ValueError:
            continue
    raise click.BadParameter(f"{given!r} is not a number")


def percentiles(given: object) -> tuple[float, float]:
    """LO,HI."""
    parts = given if isinstance(given, (tuple, list)) else str(given).split(",")
    try:
        lo, hi = map(number, parts)
    except (ValueError, click.BadParameter):
        raise click.BadParameter(
            f"{given!r} is not LO,HI in percent; write --robust=2,98, or --robust after the files"
        ) from None
    return lo, hi


def limit_or_max(given: object) -> float | str:
    """The greatest error to show: a number above 0, or "max"."""
    import math

    if str(given).lower() == "max":
        return "max"
    try:
        value = float(number(given))
    except (click.BadParameter, OverflowError):
        raise click.BadParameter(f"{given!r} is neither a number nor max") from None
    if not 0 < value < math.inf:
        raise click.BadParameter(f"{given!r} must be greater than 0 and finite")
    return value


def without_caller(text: str) -> str:
    """What a function of the package refuses, without the name of the function."""
    return re.sub(r"^\w+\(\): ", "", text)


def usage(error: Exception) -> click.UsageError:
    """What a function of the package refuses, said of the options it comes from.

    The name of the function goes, and what it calls ``vmin`` is ``--vmin`` here.
    """
    text = without_caller(str(error))
    ctx = click.get_current_context(silent=True)
    options = ctx.command.params if ctx is not None else []
    names = {name.removeprefix("--") for one in options for name in one.opts if name[:2] == "--"}

    def option(match: re.Match[str]) -> str:
        name = match[1].replace("_", "-")
        return f"--{name}" if name in names else match[0]

    # The others are words of English, too, where they are not the first.
    for pattern in (r"^(\w+)", r"(?<![-\w])(vmin|vmax)\b", r"\b(\w+)=True\b"):
        text = re.sub(pattern, option, text)
    return click.UsageError(text)
