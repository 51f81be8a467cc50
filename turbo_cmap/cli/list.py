"""`turbo-cmap list`: the maps of this package."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ._console import console, shows_color

if TYPE_CHECKING:
    from ..colormap import Colormap

_DESCRIPTIONS = {
    "turbo": "the published table; at other lengths, its spline",
    "turbo_diverging": "the same colors, odd in number, with the exact middle",
    "turbo_balanced": "diverging, equally light on both sides of the center",
    "turbo_uniform": "the same colors in steps of equal difference (CAM02-UCS)",
    "turbo_poly": "Du's degree-5 polynomial, an approximation for shaders",
}
#: Columns of a terminal that a map's colors take.
_CELLS = 24


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array.")
@click.pass_context
def list(ctx: click.Context, /, as_json: bool) -> None:  # noqa: A001  the verb's name
    """List the color maps of this package; in a terminal, with their colors.

    matplotlib's maps can be used by their names too and are not listed.

    \b
    turbo-cmap list
    turbo-cmap list --json
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    maps = _maps()
    console(ctx).answer(json.dumps(maps, indent=2) if as_json else _text(maps))


def _maps() -> tuple[dict[str, Any], ...]:
    from ..colormap import colormaps

    return tuple(
        {
            "name": name,
            "length": len(colormaps[name]),
            "description": description,
            "reversed": f"{name}_r",
            "matplotlib": f"tc.{name}",
        }
        for name, description in _DESCRIPTIONS.items()
    )


def _text(maps: tuple[dict[str, Any], ...]) -> str:
    from ..colormap import get_cmap

    width = max(len(one["name"]) for one in maps)
    colored = shows_color()
    lines = []
    for one in maps:
        swatch = _swatch(get_cmap(one["name"], _CELLS)) + "  " if colored else ""
        lines.append(f"{one['name']:<{width}}  {one['length']:>3}  {swatch}{one['description']}")
    lines.append("Each also reversed, as NAME_r, and in matplotlib as tc.NAME.")
    return "\n".join(lines)


def _swatch(cmap: Colormap) -> str:
    """Spaces on 24-bit backgrounds."""
    cells = (255 * cmap.colors).round().astype(int).tolist()
    return "".join(f"\x1b[48;2;{r};{g};{b}m " for r, g, b in cells) + "\x1b[0m"
