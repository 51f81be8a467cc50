"""From the options that painted a picture to the recipe in its file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..colormap import parse_color
from ..io import Recipe, Region
from ._digits import number_text, range_text

if TYPE_CHECKING:
    from ._coloring import Coloring


def recipe_of(
    coloring: Coloring,
    unit: str | None,
    *,
    region: Region | None = None,
    size: tuple[int, int] | None = None,
    alpha: float = 1.0,
) -> Recipe | None:
    """What goes into the file of a picture.

    Parameters
    ----------
    coloring : Coloring
        With limits.
    unit, region, size, alpha
        See `turbo_cmap.io.Recipe`.

    Returns
    -------
    Recipe or None
        None where it would be none: a picture is never refused because of it.
    """
    c = coloring
    try:
        return Recipe(
            c.cmap or ("turbo" if c.center is None else "turbo_diverging"),
            float(c.vmin if c.vmin is not None else np.nan),
            float(c.vmax if c.vmax is not None else np.nan),
            norm=c.norm,
            center=None if c.center is None else float(c.center),
            reverse=c.reverse,
            quantize=c.quantize,
            method=c.method,
            bad=_hex(c.bad),
            under=_hex(c.under),
            over=_hex(c.over),
            unit=unit or None,
            region=region,
            size=size,
            alpha=alpha,
        )
    except (TypeError, ValueError, OverflowError):
        return None


def _hex(color: str | None) -> str | None:
    if color is None:
        return None
    levels = np.rint(255 * np.array(parse_color(color, "color"))).astype(int).tolist()
    return "#" + "".join(f"{level:02x}" for level in (levels if levels[3] < 255 else levels[:3]))


#: What is assumed where neither the options nor the picture say anything.
DEFAULTS: Mapping[str, Any] = {
    "cmap": None,
    "vmin": 0.0,
    "vmax": 1.0,
    "norm": "linear",
    "center": None,
    "reverse": False,
    "quantize": None,
    "method": "lut",
    "bad": None,
    "under": None,
    "over": None,
}


def known_of(recipe: Recipe) -> dict[str, Any]:
    """What a recipe says, for the names of `DEFAULTS`."""
    known = {name: getattr(recipe, name) for name in DEFAULTS}
    if recipe.center is not None:
        known["vmin"] = DEFAULTS["vmin"]  # follows from the others
    return known


def merged(given: Mapping[str, Any], recipe: Recipe | None) -> dict[str, Any]:
    """What to turn colors back with: the options that were given, then the recipe.

    A center and what excludes it (vmin, another norm) push each other out.
    """
    known = dict(DEFAULTS) if recipe is None else known_of(recipe)
    given = {name: value for name, value in given.items() if value is not None}
    if "center" in given:
        known |= {"vmin": DEFAULTS["vmin"], "norm": "linear"}
        if recipe is not None and recipe.center is None and "cmap" not in given:
            known["cmap"] = None if recipe.cmap == "turbo" else recipe.cmap
    elif known["center"] is not None and ("vmin" in given or "norm" in given):
        assert recipe is not None
        known |= {"center": None, "vmin": recipe.vmin}
    return {**known, **given}


def inverse_arguments(known: Mapping[str, Any], caller: str = "uncolorize") -> dict[str, Any]:
    """The arguments of `uncolorize` for what `merged` gives.

    Raises
    ------
    TypeError, ValueError
        If there is no such map, say, or no way back.
    """
    from ..colormap import get_cmap
    from ..painting import chosen_map, directed

    k = dict(known)
    cmap = get_cmap(chosen_map(caller, k.pop("cmap"), k["center"], k.pop("quantize"), k["method"]))
    colors = {name: k.pop(name) for name in ("bad", "under", "over")}
    return {**k, "cmap": directed(cmap, k.pop("reverse"), **colors), "reverse": False}


def described(recipe: Recipe) -> str:
    """A recipe in a few words."""
    parts = [recipe.cmap + (" reversed" if recipe.reverse else "")]
    # What comes back is float32, and so are most files: 0.3 is then what was meant.
    parts.append(range_text(recipe.vmin, recipe.vmax, recipe.unit, np.float32))
    if recipe.norm != "linear":
        parts.append(recipe.norm)
    if recipe.center is not None:
        parts.append(f"center {number_text(recipe.center, np.float32)}")
    if recipe.quantize is not None:
        parts.append(f"{recipe.quantize} layers")
    if recipe.method != "lut":
        parts.append(recipe.method)
    return ", ".join(parts)
