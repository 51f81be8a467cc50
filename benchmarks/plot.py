"""Time against size, as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cases import COPY, backends, label, ours
from .measure import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID = "#222222", "#6b6b6b", "#e6e6e6"

#: Okabe and Ito's colors, told apart under every color-vision deficiency; the lines carry their
#: names and differ in markers besides.
STYLES = {
    "OpenCV": ("#0072B2", "s"),
    "silx": ("#009E73", "D"),
    "matplotlib": ("#E69F00", "^"),
    "pyapp-kit cmap": ("#56B4E9", "v"),
    "NumPy idiom": ("#CC79A7", "P"),
    "monodepth2 idiom": ("#8C6D1F", "X"),
}


def draw(path: Path, results: Results, sides: Sequence[int], machine: str) -> None:
    """Write the plot of the groups of sizes.

    Parameters
    ----------
    path : Path
        Its suffix chooses the format.
    results : Results
    sides : sequence of int
        The sizes, at least one of them measured.
    machine : str
        Said below the title.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), dpi=160, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.075, 0.09, 0.675, 0.745))
    curves = {name: _curve(results, sides, name) for name in (COPY, *_styles())}
    curves = {name: curve for name, curve in curves.items() if curve}
    _draw_axes(axes, sides, [time for curve in curves.values() for _, time in curve])

    ends = []
    for name, (color, marker) in _styles().items():
        if name not in curves:
            continue
        main = name == ours()
        axes.plot(
            *zip(*curves[name], strict=True),
            color=color,
            marker=marker,
            markersize=6.5 if main else 5,
            markeredgecolor="white",
            markeredgewidth=0.7,
            linewidth=3 if main else 1.5,
            zorder=5 if main else 3,
        )
        ends.append((curves[name][-1], name, color, main))
    if COPY in curves:
        places, times = zip(*curves[COPY], strict=True)
        axes.plot(places, times, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), zorder=4)
        axes.fill_between(places, times, axes.get_ylim()[0], color="#f1f1f1", linewidth=0, zorder=0)
        ends.append((curves[COPY][-1], "memory limit: np.copyto", INK, False))
        axes.annotate(
            "faster than copying the array",
            (places[-1], 0.16),
            xycoords=("data", "axes fraction"),
            xytext=(-10, 0),
            textcoords="offset points",
            color=MUTED,
            fontsize=9,
            horizontalalignment="right",
            verticalalignment="center",
            bbox={"facecolor": "#f1f1f1", "edgecolor": "none", "pad": 2},
        )
    _label_ends(axes, ends)

    left = 0.018
    figure.text(
        left, 0.945, "float32 to RGB8 with Turbo, one thread", fontsize=14, color=INK, weight="bold"
    )
    figure.text(left, 0.905, machine, fontsize=9, color=MUTED)
    figure.savefig(path)


def _styles() -> dict[str, tuple[str, str]]:
    best, *others = backends()
    numba = {label("numba"): ("#E39A6F", "o")} if "numba" in others else {}
    return {label(best): ("#D55E00", "o"), **numba, **STYLES}


def _curve(results: Results, sides: Sequence[int], name: str) -> list[tuple[int, float]]:
    """Pixels and seconds of each size that was measured."""
    found = (results.find(f"{side}²", name) for side in sorted(sides))
    return [(result.pixels, result.timing.median) for result in found if result is not None]


def _draw_axes(axes: Axes, sides: Sequence[int], times: Sequence[float]) -> None:
    from matplotlib.ticker import NullLocator

    low, high = min(times) / 2.5, max(times) * 2
    names = ("1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms")
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(min(sides) ** 2 / 1.4, max(sides) ** 2 * 1.4),
        ylim=(low, high),
        xlabel="image size in pixels",
    )
    axes.set_xticks([side**2 for side in sides], [f"{side}²" for side in sides])
    axes.set_yticks(
        [10.0**exponent for exponent in decades],
        [names[9 + exponent] if exponent < 0 else f"{10**exponent} s" for exponent in decades],
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=MUTED, labelsize=9)
    axes.xaxis.label.set(color=MUTED, fontsize=10)
    axes.set_title("time of one call", loc="left", x=-0.085, color=MUTED, fontsize=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)


def _label_ends(axes: Axes, ends: Sequence[tuple[tuple[int, float], str, str, bool]]) -> None:
    """Write the names to the right of the lines' ends, none over another."""
    from matplotlib.colors import to_rgb

    ends = sorted(ends, key=lambda end: end[0][1])
    to_axes = (axes.transData + axes.transAxes.inverted()).transform
    tips = [to_axes(end[0]) for end in ends]
    heights = separate([tip[1] for tip in tips], gap=0.042)
    for (x, y), height, (_, name, color, main) in zip(tips, heights, ends, strict=True):
        axes.plot(
            (x + 0.012, 1.0, 1.018),
            (y, height, height),
            transform=axes.transAxes,
            color=color,
            linewidth=0.8,
            alpha=0.7,
            clip_on=False,
            zorder=2,
        )
        axes.text(
            1.026,
            height,
            name,
            transform=axes.transAxes,
            color=[0.78 * level for level in to_rgb(color)],  # small text wants more contrast
            fontsize=10.5 if main else 9.5,
            weight="bold" if main else "normal",
            verticalalignment="center_baseline",
        )


def separate(heights: Sequence[float], gap: float) -> list[float]:
    """Move ascending heights as little as makes them *gap* apart, in clusters about their mean."""
    clusters: list[list[float]] = []
    for height in heights:
        clusters.append([height])
        while len(clusters) > 1 and _bottom(clusters[-1], gap) < _top(clusters[-2], gap) + gap:
            last = clusters.pop()
            clusters[-1] += last
    return [
        _bottom(cluster, gap) + number * gap
        for cluster in clusters
        for number in range(len(cluster))
    ]


def _bottom(cluster: Sequence[float], gap: float) -> float:
    return sum(cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _top(cluster: Sequence[float], gap: float) -> float:
    return sum(cluster) / len(cluster) + gap * (len(cluster) - 1) / 2
