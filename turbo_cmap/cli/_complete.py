"""What the Tab key offers behind an option or as an argument: color maps and files."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

#: Words for what is a file or a folder, in `metavar`.
_PATHS = ("FILE", "OUT", "IN", "FOLDER", "DIR", "IMAGE", "RGB", "EST", "TRUTH", "TEMPLATE", "PATH")
#: The maps of matplotlib, so that completing does not import it: those of 3.9, the oldest
#: release this package works with, and what was added since. Each also as NAME_r.
_MATPLOTLIB_MAPS = (
    "Accent Blues BrBG BuGn BuPu CMRmap Dark2 GnBu Grays Greens Greys OrRd Oranges PRGn Paired "
    "Pastel1 Pastel2 PiYG PuBu PuBuGn PuOr PuRd Purples RdBu RdGy RdPu RdYlBu RdYlGn Reds Set1 "
    "Set2 Set3 Spectral Wistia YlGn YlGnBu YlOrBr YlOrRd afmhot autumn berlin binary bone brg "
    "bwr cividis cool coolwarm copper cubehelix flag gist_earth gist_gray gist_grey gist_heat "
    "gist_ncar gist_rainbow gist_stern gist_yarg gist_yerg gnuplot gnuplot2 gray grey hot hsv "
    "inferno jet magma managua nipy_spectral ocean okabe_ito pink plasma prism rainbow seismic "
    "spring summer tab10 tab20 tab20b tab20c terrain turbo twilight twilight_shifted vanimo "
    "viridis winter"
)
MATPLOTLIB_MAPS = tuple(_MATPLOTLIB_MAPS.split())
#: Of these, what came after 3.9.
NEWER_MAPS = frozenset({"berlin", "managua", "okabe_ito", "vanimo"})


def complete_map(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of color maps; the reversed ones where the name of one has been typed."""
    from ..colormap import colormaps

    forward = [name for name in colormaps if not name.endswith("_r")]
    names = [*forward, *(name for name in MATPLOTLIB_MAPS if name not in forward)]
    fitting = [name for name in names if name.lower().startswith(incomplete.lower())]
    if any(incomplete.startswith(name) for name in names):
        fitting += [name for name in (f"{one}_r" for one in names) if name.startswith(incomplete)]
    return [CompletionItem(name) for name in dict.fromkeys(fitting)]


def complete_map_or_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of color maps, or files where there is none of that name."""
    return complete_map(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def complete_more(param: click.Parameter) -> None:
    """Let a parameter of type text that is a file complete as one."""
    if not isinstance(param.type, click.types.StringParamType):
        return
    words = (param.metavar or "").replace("...", "").replace("[", "").replace("]", "").split("|")
    if any(word in _PATHS for word in words):
        # unlike the default, it leaves it to the verb to say what cannot be read
        param.type = click.Path(readable=False)
