"""What the values of options may be, beyond what click has."""

from __future__ import annotations

import click


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
