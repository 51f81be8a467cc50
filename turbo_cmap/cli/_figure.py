"""Figures of matplotlib as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..io.atomic import new_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Suffixes that figures are written for.
FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


def write_figure(figure: Figure, target: Path, *, force: bool, dpi: int = 200) -> None:
    """Write a figure in the format of the suffix, whole or not at all."""
    with new_file(target, force=force) as file:
        figure.savefig(file, format=target.suffix[1:].lower(), dpi=dpi)
