"""What is written beside the colors: names, and who made what."""

from __future__ import annotations

import re

from .._version import __version__
from ..colormap import Colormap, colormaps


def identifier(name: str) -> str:
    """A name that every language takes, for a map of any name."""
    found = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    return found if found and not found[0].isdigit() else f"_{found}"


def label(name: str) -> str:
    """A name on one line that ends no string, tag or comment."""
    return re.sub(r"[^\w .,()+-]+", "_", name).strip() or "colormap"


def credit_lines(cmap: Colormap, *, du: bool = False) -> list[str]:
    """Lines for a comment: whose map it is where that is known, and what wrote the file.

    Without a date, so that the same version writes the same file.
    """
    made = [f"Made by turbo_cmap {__version__}."]
    if not is_turbo(cmap):
        return made
    what = "Turbo: Anton Mikhailov. Its polynomial: Ruofei Du." if du else "Turbo: Anton Mikhailov."
    return [what, "Copyright 2019 Google LLC, SPDX-License-Identifier: Apache-2.0", *made]


def is_turbo(cmap: Colormap) -> bool:
    """Whether it is Turbo or made of it."""
    curves = {one.curve for one in colormaps.values()}
    if cmap.curve is not None:
        return cmap.curve in curves
    return cmap.name.removesuffix("_r") == "turbo"  # matplotlib's
