"""What the values of options may be, beyond what click has."""

from __future__ import annotations

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
