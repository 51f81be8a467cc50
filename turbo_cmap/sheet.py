"""The figure of `turbo_cmap.check`: a map, its measures, and what others see of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._typing import AnyArray, FloatArray
from .colormap import Colormap
from .deficiencies import CVD_KINDS, spelled
from .measures import MOST_CLASSES, turning_points
from .painting import colorize
from .vision import lightness, simulate_cvd, to_cam02ucs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _SOFT, _LINE = "#18181b", "#71717a", "#d4d4d8"
_PASS, _FAIL = "#15803d", "#b91c1c"
_TITLE, _TEXT, _SMALL = 17.0, 8.5, 7.5
_NOTE = (
    "ΔE (in gray ΔJ′): the smallest difference of far-apart entries.   "
    "bend: the largest change of the slope of J′ within 1/32 of the map."
)


def draw_sheet(
    cmap: Colormap, metrics: Mapping[str, Any], verdicts: Mapping[str, tuple[bool, str]]
) -> Figure:
    """Draw the sheet.

    Parameters
    ----------
    cmap : Colormap
    metrics : mapping
        From `turbo_cmap.measures.measure`.
    verdicts : mapping of str to (bool, str)
        Whether each was passed, and on what grounds.

    Returns
    -------
    matplotlib.figure.Figure
        On an Agg canvas of its own.
    """
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.style.context("default"):  # whatever the user has set
        figure = Figure(figsize=(9.6, 11.1), facecolor="white")
        FigureCanvasAgg(figure)
        rows = figure.add_gridspec(
            3,
            1,
            height_ratios=(2.2, 2.75, 5.9),
            left=0.065,
            right=0.965,
            top=0.982,
            bottom=0.031,
            hspace=0.175,
        )
        head = rows[0].subgridspec(2, 1, height_ratios=(0.8, 1.5), hspace=0.13)
        _draw_head(figure, head[0], cmap)
        _draw_verdicts(figure, head[1], metrics, verdicts)
        _draw_plots(figure, rows[1], cmap)
        _draw_eyes(figure, rows[2], cmap, metrics, verdicts)
        figure.text(0.065, 0.013, _NOTE, fontsize=_SMALL, color=_SOFT, va="center")
    return figure


def _bare(axes: Axes) -> Axes:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _strip(axes: Axes, colors: FloatArray) -> None:
    _bare(axes).imshow(
        colors[np.newaxis], aspect="auto", extent=(0, 1, 0, 1), interpolation="nearest"
    )


def _draw_head(figure: Figure, where: Any, cmap: Colormap) -> None:
    title, strip = where.subgridspec(2, 1, height_ratios=(1.25, 1.1), hspace=0.1)
    axes = _bare(figure.add_subplot(title))
    name = cmap.name if len(cmap.name) <= 48 else cmap.name[:47] + "…"
    axes.text(
        0, 0.52, name, fontsize=_TITLE, fontweight="bold", color=_INK, va="center", parse_math=False
    )
    axes.text(1, 0.46, f"{len(cmap)} colors", fontsize=_TEXT, color=_SOFT, va="center", ha="right")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _strip(figure.add_subplot(strip), cmap.rgba[:, :3])


def _draw_verdicts(
    figure: Figure,
    where: Any,
    metrics: Mapping[str, Any],
    verdicts: Mapping[str, tuple[bool, str]],
) -> None:
    """The verdicts on the whole map; those on each kind of vision stand with their pictures."""
    axes = _bare(figure.add_subplot(where))
    shown = [name for name in verdicts if ":" not in name]
    axes.set(xlim=(0, 1), ylim=(len(shown) - 0.5, -0.5))
    for row, name in enumerate(shown):
        passed, grounds = verdicts[name]
        axes.text(0, row, name, fontsize=_TEXT + 0.5, color=_INK, va="center")
        _mark(axes, 0.108, row, passed, _TEXT + 0.5)
        axes.text(0.162, row, grounds, fontsize=_TEXT, color=_SOFT, va="center", parse_math=False)
    light, steps = metrics["lightness"], metrics["steps"]
    facts = (
        ("J′ at the ends", f"{light['first']:.1f} and {light['last']:.1f}"),
        ("difference of the ends, ΔE", f"{metrics['ends']['difference']:.1f}"),
        ("turning points of J′", f"{len(light['turning_points'])}"),
        ("mean slope of J′", f"{light['mean_slope']:.1f}"),
        ("greatest second difference of J′", f"{light['greatest_second_difference']:.3f}"),
        ("mean step ΔE", f"{steps['mean']:.3f}"),
    )
    for row, (name, value) in enumerate(facts):
        axes.text(0.665, row, name, fontsize=_TEXT, color=_SOFT, va="center")
        axes.text(1, row, value, fontsize=_TEXT, color=_INK, va="center", ha="right")


def _mark(axes: Axes, x: float, y: float, passed: bool, size: float, align: str = "left") -> None:
    axes.text(
        x,
        y,
        "pass" if passed else "fail",
        fontsize=size,
        color=_PASS if passed else _FAIL,
        fontweight="bold",
        ha=align,
        va="center",
    )


def _draw_plots(figure: Figure, where: Any, cmap: Colormap) -> None:
    left, middle, right = where.subgridspec(1, 3, width_ratios=(1.25, 1, 0.95), wspace=0.27)
    draw_lightness(figure, left, cmap)
    _draw_steps(figure, middle, cmap)
    _draw_path(figure, right, cmap)


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=_TEXT + 0.5, color=_INK, loc="left", pad=6)
    axes.tick_params(labelsize=_SMALL, colors=_SOFT, length=2.5, width=0.6)
    axes.grid(color=_LINE, linewidth=0.4)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_LINE)


def draw_lightness(
    figure: Figure, where: Any, cmap: Colormap, *, title: str = "Lightness J′"
) -> None:
    """J' as a curve in the map's colors, over the map as gray, as in the article on Turbo.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    where : matplotlib.gridspec.SubplotSpec
    cmap : Colormap
    title : str
    """
    plot, gray = where.subgridspec(2, 1, height_ratios=(1, 0.085), hspace=0.06)
    axes = figure.add_subplot(plot)
    j = lightness(cmap)
    t = np.linspace(0, 1, len(j))
    _dress(axes, title)
    if len(cmap) <= MOST_CLASSES:
        _class_marks(axes, j, cmap.rgba[:, :3])
    else:
        axes.plot(t, j, color=_LINE, linewidth=6, solid_capstyle="round")  # what is white shows
        _colored_line(axes, t, j, cmap.rgba[:, :3], 5)
        for at in turning_points(j)[:24]:
            axes.plot(
                t[at], j[at], "o", markersize=3.2, color="white", markeredgecolor=_INK, mew=0.7
            )
    axes.set(xlim=(0, 1), ylim=(0, 100))
    _below(figure, axes, gray, _grays(j))


def _grays(j: FloatArray) -> FloatArray:
    """Grays of that lightness."""
    levels = np.linspace(0, 1, 256)
    known = to_cam02ucs(np.repeat(levels[:, np.newaxis], 3, axis=1))[:, 0]
    return np.repeat(np.interp(j, known, levels)[:, np.newaxis], 3, axis=1)


def _colored_line(
    axes: Axes, x: FloatArray, y: FloatArray, colors: FloatArray, width: float
) -> None:
    from matplotlib.collections import LineCollection

    points = np.stack([x, y], axis=1)
    pieces = np.stack([points[:-1], points[1:]], axis=1)
    lines = LineCollection(
        list(pieces),
        colors=list((colors[:-1] + colors[1:]) / 2),
        linewidths=width,
        capstyle="round",
    )
    axes.add_collection(lines)


def _class_marks(axes: Axes, j: FloatArray, colors: FloatArray) -> None:
    """Each class as wide as it is in the strip: there is nothing between two of them."""
    edges = np.linspace(0, 1, len(j) + 1)
    axes.hlines(j, edges[:-1], edges[1:], color=_LINE, linewidth=6)  # what is white shows
    axes.hlines(j, edges[:-1], edges[1:], color=list(colors), linewidth=5)


def _draw_steps(figure: Figure, where: Any, cmap: Colormap) -> None:
    plot, strip = where.subgridspec(2, 1, height_ratios=(1, 0.085), hspace=0.06)
    axes = figure.add_subplot(plot)
    colors = cmap.rgba[:, :3]
    steps = np.linalg.norm(np.diff(to_cam02ucs(colors), axis=0), axis=1)
    if len(cmap) <= MOST_CLASSES:  # where one class ends and the next begins
        t = np.arange(1, len(cmap)) / len(cmap)
    else:
        t = (np.arange(len(steps)) + 0.5) / len(steps)
    _dress(axes, "Steps, ΔE (dashed: their mean)")
    if len(cmap) <= MOST_CLASSES:
        axes.vlines(t, 0, steps, color=_INK, linewidth=2.4)
    else:
        axes.fill_between(t, steps, color="#a1a1aa", alpha=0.35, linewidth=0, step="mid")
        axes.step(t, steps, color=_INK, linewidth=0.9, where="mid")
    mean, top = float(steps.mean()), 1.12 * float(steps.max()) or 1.0
    axes.axhline(mean, color=_FAIL, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set(xlim=(0, 1), ylim=(0, top))
    _below(figure, axes, strip, colors)


def _below(figure: Figure, axes: Axes, where: Any, colors: FloatArray) -> None:
    """A strip below a plot, with the positions of both."""
    ticks = np.linspace(0, 1, 5)
    axes.set_xticks(ticks, [""] * 5)
    strip = figure.add_subplot(where)
    _strip(strip, colors)
    strip.set_xticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    strip.tick_params(labelsize=_SMALL, colors=_SOFT, length=2.5, width=0.6)


def _draw_path(figure: Figure, where: Any, cmap: Colormap) -> None:
    """The map in the plane of hue and chroma."""
    axes = figure.add_subplot(where)
    colors = cmap.rgba[:, :3]
    jab = to_cam02ucs(colors)
    _dress(axes, "Hue and chroma, a′ and b′")
    for radius in (15, 30, 45):
        circle = np.linspace(0, 2 * np.pi, 121)
        axes.plot(radius * np.cos(circle), radius * np.sin(circle), color=_LINE, linewidth=0.5)
    axes.grid(visible=False)
    axes.axhline(0, color=_LINE, linewidth=0.5)
    axes.axvline(0, color=_LINE, linewidth=0.5)
    if len(cmap) <= MOST_CLASSES:
        axes.plot(jab[:, 1], jab[:, 2], color=_LINE, linewidth=0.8)
        axes.scatter(
            jab[:, 1],
            jab[:, 2],
            s=26,
            color=list(colors),
            edgecolors=_INK,
            linewidths=0.4,
            zorder=3,
        )
    else:
        _colored_line(axes, jab[:, 1], jab[:, 2], colors, 4)
    ends: tuple[tuple[int, str], ...] = ((0, "0"), (-1, "1"))
    for at, _ in ends:
        axes.plot(
            jab[at, 1],
            jab[at, 2],
            "o",
            markersize=5.5,
            color=colors[at],
            markeredgecolor=_INK,
            mew=0.7,
            zorder=4,
        )
    ways = _ways_out(jab[:, 1:])
    if np.linalg.norm(jab[0, 1:] - jab[-1, 1:]) < 6:  # there is room for one label
        ends, ways = ((0, "0, 1"),), ways[:1]
    for (at, label), (x, y) in zip(ends, ways, strict=True):
        axes.annotate(
            label,
            (jab[at, 1], jab[at, 2]),
            xytext=((6 + 2 * len(label)) * x, 8 * y),
            textcoords="offset points",
            fontsize=_SMALL,
            color=_INK,
            ha="center",
            va="center",
        )
    box = axes.get_position()
    tall = box.height * figure.get_figheight() / (box.width * figure.get_figwidth())
    axes.set(xlim=(-50, 50), ylim=(-50 * tall, 50 * tall))  # both in the same scale
    axes.set_xticks([-30, 0, 30])
    axes.set_yticks([-30, 0, 30])


def _ways_out(ab: FloatArray) -> list[FloatArray]:
    """From the ends of a path, the directions in which their labels stand: where most room is.

    That is away from what of the path is near, and from the other end.
    """
    ways: list[FloatArray] = []
    for end, other in ((ab[0], ab[-1]), (ab[-1], ab[0])):
        apart = end - ab
        distance = np.linalg.norm(apart, axis=1)
        near = (distance > 0.5) & (distance < 15)
        way = (apart[near] / distance[near, np.newaxis] ** 2).sum(axis=0)
        if np.linalg.norm(end - other) < 15:
            way = way + 0.5 * (end - other)
        length = float(np.linalg.norm(way))
        ways.append(way / length if length > 1e-6 else np.array([1.0, 0.0]) * (1 - 2 * len(ways)))
    return ways


def _draw_eyes(
    figure: Figure,
    where: Any,
    cmap: Colormap,
    metrics: Mapping[str, Any],
    verdicts: Mapping[str, tuple[bool, str]],
) -> None:
    """A test image and the map, as they are, in gray, and with each kind of vision."""
    cells = where.subgridspec(2, 5, hspace=0.16, wspace=0.09)
    picture = colorize(_test_field(), cmap, vmin=0, vmax=1)
    seen = metrics["seen"]
    for number, kind in enumerate(("normal", "gray", *CVD_KINDS)):
        row, column = divmod(number, 5)
        if kind == "normal":
            image, strip = picture, cmap.rgba[:, :3]
            passed = None
        elif kind == "gray":
            strip = _grays(lightness(cmap))
            image = colorize(_test_field(), strip, vmin=0, vmax=1)
            passed = verdicts["gray-safe"][0]
        else:
            image = simulate_cvd(picture, kind)  # type: ignore[call-overload]
            strip = simulate_cvd(cmap.rgba[:, :3], kind)  # type: ignore[call-overload]
            passed = verdicts[f"cvd-safe:{kind}"][0]
        _draw_eye(figure, cells[row, column], spelled(kind), image, strip, seen[kind], passed)


def _draw_eye(
    figure: Figure,
    where: Any,
    title: str,
    image: AnyArray,
    strip: FloatArray,
    seen: Mapping[str, Any],
    passed: bool | None,
) -> None:
    unit = "ΔJ′" if title == "Gray" else "ΔE"
    top, bottom, text = where.subgridspec(3, 1, height_ratios=(1, 0.085, 0.12), hspace=0.045)
    axes = _bare(figure.add_subplot(top))
    axes.imshow(image, aspect="auto", interpolation="antialiased")
    axes.set_title(title, fontsize=_TEXT, color=_INK, loc="left", pad=4)
    _strip(figure.add_subplot(bottom), strip)
    notes = _bare(figure.add_subplot(text))
    notes.set(xlim=(0, 1), ylim=(0, 1))
    notes.text(
        0,
        0.5,
        f"{unit} {seen['closest']:.1f}   bend {seen['greatest_bend']:.2f}",
        fontsize=_SMALL,
        color=_SOFT,
        va="center",
    )
    if passed is not None:
        _mark(notes, 1, 0.5, passed, _SMALL, "right")


def _test_field(height: int = 508, width: int = 432) -> FloatArray:
    """A picture of depth: a rippled wall, a floor that comes nearer, four balls on it.

    With what a map must show: slopes, curved surfaces, edges, and ripples that fade.
    """
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    fade = np.clip((0.42 - y) / 0.42, 0, 1)
    wall = 0.13 + 0.05 * x + 0.05 * fade * np.sin(2 * np.pi * 16 * x)
    near = np.where(y > 0.45, 0.15 + 0.83 * (np.maximum(y - 0.45, 0) / 0.55) ** 1.15, wall)
    # center, radius, and how near they stand
    for cx, cy, radius, base in (
        (0.70, 0.30, 0.20, 0.27),
        (0.24, 0.43, 0.17, 0.40),
        (0.56, 0.62, 0.13, 0.56),
        (0.83, 0.78, 0.10, 0.74),
    ):
        squared = ((x - cx) ** 2 + (y - cy) ** 2 * (height / width) ** 2) / radius**2
        ball = base + 1.1 * radius * np.sqrt(np.maximum(1 - squared, 0))
        near = np.where((squared < 1) & (ball > near), ball, near)
    return np.asarray(np.clip(near, 0, 1), dtype=np.float64)
