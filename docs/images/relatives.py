"""Draws relatives.png for docs/turbo.md: ``python docs/images/relatives.py``."""

from pathlib import Path

import numpy as np
from colorspacious import cspace_convert
from matplotlib.figure import Figure

from turbo_cmap import colormaps, get_cmap

INK, FAINT = "#222222", "#9a9a9a"


def draw(n: int = 1023) -> Figure:
    """A strip of each map, its lightness J' (mirrored in gray), and its steps in CAM02-UCS.

    Parameters
    ----------
    n : int, default 1023
        Colors of each strip; the steps are given per 256 colors.
    """
    # Two names of one curve share a strip.
    titles: dict[object, str] = {}
    for name, cmap in colormaps.items():
        if not name.endswith("_r"):
            titles[cmap.curve] = f"{titles[cmap.curve]}, {name}" if cmap.curve in titles else name
    figure = Figure(figsize=(9, 1.3 * len(titles)), dpi=110, layout="constrained")
    grid = figure.add_gridspec(2 * len(titles), 2, height_ratios=[1, 1.4] * len(titles))
    x = np.linspace(0, 1, n)
    for row, title in enumerate(titles.values()):
        colors = get_cmap(title.split(",")[0], n).colors
        jab_cam02ucs = cspace_convert(colors, "sRGB1", "CAM02-UCS")
        steps = np.linalg.norm(np.diff(jab_cam02ucs, axis=0), axis=1) * (n - 1) / 255

        strip = figure.add_subplot(grid[2 * row, :])
        strip.imshow(colors[np.newaxis], aspect="auto", extent=(0, 1, 0, 1), interpolation="none")
        strip.set_axis_off()
        strip.set_title(title, loc="left", fontsize=9, family="monospace", color=INK, pad=4)

        light = figure.add_subplot(grid[2 * row + 1, 0])
        light.plot(x, jab_cam02ucs[::-1, 0], color=FAINT, linewidth=1, linestyle=(0, (3, 2)))
        light.plot(x, jab_cam02ucs[:, 0], color=INK, linewidth=1.4)
        light.set(ylim=(0, 100), yticks=[0, 50, 100], ylabel="J′")
        even = figure.add_subplot(grid[2 * row + 1, 1])
        even.plot((x[1:] + x[:-1]) / 2, steps, color=INK, linewidth=1.4)
        even.set(ylim=(0, 2.6), yticks=[0, 1, 2], ylabel="step")
        for axes in (light, even):
            axes.set(xlim=(0, 1), xticks=[0, 0.25, 0.5, 0.75, 1], xticklabels=[])
            axes.grid(color="#e4e4e4", linewidth=0.6)
            axes.tick_params(labelsize=7, colors=FAINT, length=0)
            axes.yaxis.label.set(size=8, color=INK)
            for spine in axes.spines.values():
                spine.set_visible(False)
    return figure


if __name__ == "__main__":
    draw().savefig(Path(__file__).with_suffix(".png"), pil_kwargs={"optimize": True})
