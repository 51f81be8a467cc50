"""`check`: what a color map is good for, in numbers, with a verdict on each use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .arguments import as_limit
from .colormap import CmapLike, Colormap, get_cmap
from .deficiencies import CVD_KINDS
from .measures import LEAST_RANGE, MOST_CLASSES, measure
from .strip import strip_colors

if TYPE_CHECKING:
    import matplotlib.figure
    from numpy.typing import ArrayLike

#: What a verdict is held against; see `check`.
THRESHOLDS: Mapping[str, float] = MappingProxyType(
    {
        "sequential": 0.99,
        "diverging": 0.18,
        "cyclic": 5.0,
        "gray-safe": 5.0,
        "band-free": 0.8,
        "cvd-safe": 5.0,
        "apart": 0.25,
    }
)
#: Kinds that `cvd-safe` is about: one type of cone is anomalous or missing. The monochromacies
#: are much rarer and known less well; each has a verdict of its own.
COMMON_KINDS = tuple(kind for kind in CVD_KINDS if kind.endswith(("anomaly", "anopia")))
#: All names of verdicts.
VERDICTS = (
    "sequential",
    "diverging",
    "cyclic",
    "gray-safe",
    "band-free",
    "cvd-safe",
    *(f"cvd-safe:{kind}" for kind in CVD_KINDS),
)

_CLOSEST = "smallest difference of far-apart entries"
_BEND = "sharpest bend of lightness"
_ENDS = "difference of the ends"


class Verdict(NamedTuple):
    """Whether a map is fit for a use; true in a condition if it is.

    Attributes
    ----------
    passed : bool
    value : float
        What was measured.
    threshold : float
        What it was held against.
    measure : str
        What *value* is. Of a use that asks for several things, the one that fails, or
        the first.
    at_least : bool
        Whether *value* has to reach the threshold, or must not exceed it.
    """

    passed: bool
    value: float
    threshold: float
    measure: str
    at_least: bool

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        sign = ("≥" if self.at_least else "≤") if self.passed else ("<" if self.at_least else ">")
        value = f"{self.value:.3g}"
        if "e" in value:
            value = f"{self.value:.0f}" if self.value > 1 else f"{self.value:.4f}"
        return f"{self.measure} {value} {sign} {self.threshold:g}"


class Report:
    """What `check` found.

    Attributes
    ----------
    cmap : Colormap
        What was checked.
    metrics : dict
        All measures, as numbers, strings, lists and dicts of them; see docs/vision.md.
    verdicts : dict of str to Verdict
        By the names of `turbo_cmap.report.VERDICTS`.
    """

    __slots__ = ("cmap", "metrics", "verdicts")

    def __init__(
        self, cmap: Colormap, metrics: dict[str, Any], verdicts: dict[str, Verdict]
    ) -> None:
        self.cmap = cmap
        self.metrics = metrics
        self.verdicts = verdicts

    @property
    def name(self) -> str:
        """The map's name."""
        return self.cmap.name

    def __repr__(self) -> str:
        passed = [name for name in VERDICTS if self.verdicts[name] and ":" not in name]
        return f"<Report on {self.name!r}: {', '.join(passed) or 'passes nothing'}>"

    def to_json(self) -> str:
        """Name, verdicts and metrics as a JSON object."""
        import json

        verdicts = {
            name: {
                "passed": verdict.passed,
                "value": verdict.value,
                "threshold": verdict.threshold,
                "measure": verdict.measure,
            }
            for name, verdict in self.verdicts.items()
        }
        everything = {"name": self.name, "verdicts": verdicts, "metrics": self.metrics}
        return json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """The verdicts and the main measures as Markdown tables."""
        title = self.name.replace("|", "\\|").replace("\n", " ")
        lines = [f"## {title}", "", "| verdict | | measured |", "|---|---|---|"]
        for name, verdict in self.verdicts.items():
            lines.append(f"| {name} | {'pass' if verdict else 'fail'} | {verdict} |")
        lines += ["", "| measure | |", "|---|---|"]
        lines += [f"| {name} | {value} |" for name, value in self._summary()]
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """A page with the figure and the same tables; needs no other file."""
        import base64
        import html
        import io

        buffer = io.BytesIO()
        self.figure().savefig(buffer, format="png", dpi=160)
        picture = base64.b64encode(buffer.getvalue()).decode("ascii")
        title = html.escape(self.name)
        verdicts = "\n".join(
            f'<tr class="{"pass" if verdict else "fail"}"><td>{html.escape(name)}</td>'
            f"<td>{'pass' if verdict else 'fail'}</td><td>{html.escape(str(verdict))}</td></tr>"
            for name, verdict in self.verdicts.items()
        )
        measures = "\n".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
            for name, value in self._summary()
        )
        return _PAGE.format(title=title, picture=picture, verdicts=verdicts, measures=measures)

    def figure(self) -> matplotlib.figure.Figure:
        """One sheet that shows all of it; pyplot is neither needed nor touched.

        Returns
        -------
        matplotlib.figure.Figure
            On an Agg canvas: ``report.figure().savefig("turbo.png")``.
        """
        from .sheet import draw_sheet

        marks = {name: (verdict.passed, str(verdict)) for name, verdict in self.verdicts.items()}
        return draw_sheet(self.cmap, self.metrics, marks)

    def _summary(self) -> list[tuple[str, str]]:
        light, steps, gamut = (self.metrics[key] for key in ("lightness", "steps", "gamut"))
        gray = self.metrics["seen"]["gray"]
        return [
            ("colors", f"{self.metrics['colors']}"),
            ("lightness J' at the ends", f"{light['first']:.2f} and {light['last']:.2f}"),
            ("lightness J' range", f"{light['least']:.2f} to {light['greatest']:.2f}"),
            ("turning points of J'", f"{len(light['turning_points'])}"),
            (
                "slope of J', mean and extremes",
                f"{light['mean_slope']:.1f} ({light['least_slope']:.1f} to "
                f"{light['greatest_slope']:.1f})",
            ),
            ("greatest second difference of J'", f"{light['greatest_second_difference']:.3f}"),
            (
                "steps, mean and extremes",
                f"{steps['mean']:.3f} ({steps['least']:.3f} to {steps['greatest']:.3f})",
            ),
            ("sum of the steps", f"{steps['sum']:.2f}"),
            ("difference of the ends", f"{self.metrics['ends']['difference']:.2f}"),
            ("entries that touch the gamut", f"{gamut['entries_at_limit']}"),
            ("entries that are ambiguous in gray", f"{gray['ambiguous']:.0%}"),
        ]


def check(
    cmap: CmapLike | ArrayLike | None = None,
    *,
    thresholds: Mapping[str, float] | None = None,
    name: str | None = None,
) -> Report:
    """Measure a color map and judge what it is good for.

    Parameters
    ----------
    cmap : str, Colormap, matplotlib Colormap or array_like, optional
        A map as in `get_cmap`, by default Turbo; or an image of one, shape (H, W, 3) or
        (H, W, 4), such as a color bar: it is read along its longer change, from left to
        right or from bottom to top, and equal neighbors are taken for one entry.
    thresholds : mapping of str to float, optional
        Other values for these, of which the defaults are in ``turbo_cmap.report.THRESHOLDS``:

        - ``"sequential"`` (0.99): the part of all rising and falling of J' that is not
          undone must be at least this, 1 being a ramp. J' must differ by 20 or more.
        - ``"diverging"`` (0.18): the two halves may differ by this, in units of the
          contrast between the middle and the ends, which must be 20 in J' or more. The ends
          must differ by more than in a cyclic map.
        - ``"cyclic"`` (5): the ends may differ by this in CAM02-UCS. Another color must
          differ from them by 20 or more.
        - ``"gray-safe"`` (5): entries far apart must differ by this in J'.
        - ``"band-free"`` (0.8): the slope of J' may change by this from one 1/64 of the
          map to the next, in J' per 1/256 of the map.
        - ``"cvd-safe"`` (5): entries far apart must differ by this in CAM02-UCS, as seen
          with a color-vision deficiency, where the map must be band-free as well unless
          it has 32 colors or fewer, which are classes.
        - ``"apart"`` (0.25): the part of the map from which on entries are far apart; of a
          cyclic map the shorter way round.
    name : str, optional
        What to call it. By default the map's name.

    Returns
    -------
    Report
        With `metrics`, `verdicts`, and the means to show them.

    Raises
    ------
    TypeError
        If *cmap* or a threshold is of the wrong type.
    ValueError
        If *cmap* is no map and no image of one, or has one color only; if a threshold is
        not known or its value is not allowed.

    Notes
    -----
    ``cvd-safe`` is about the six kinds in which one type of cone is anomalous or missing;
    all eight kinds of `simulate_cvd` have a verdict of their own, ``cvd-safe:achromatopsia``
    say. As the article on Turbo asks, a map must stay "distinguishable and smooth".

    The thresholds are conventions, chosen on known maps and not derived from experiments.
    That of bends lies between maps that were made to be even (CET_L3, 0.77 for deuteranopes;
    grayC, 0.76; turbo 0.67 for blue-cone monochromats, its worst, and 0.08 for normal vision)
    and bwr (0.85), jet (0.90 to 2.4) and hsv above; that of balance between coolwarm (0.09),
    RdYlBu (0.16) or vik (0.16) and Turbo used as a diverging map (0.19). 5 is several times
    what can just be seen. Nearer entries are less distinct: with ``"apart": 0.1``, turbo's
    smallest difference for deuteranopes is 2.5.

    Examples
    --------
    >>> from turbo_cmap import check
    >>> report = check("turbo")
    >>> bool(report.verdicts["band-free"]), bool(report.verdicts["gray-safe"])
    (True, False)
    >>> print(report.verdicts["cvd-safe"])
    smallest difference of far-apart entries (deuteranopia) 9.39 ≥ 5
    """
    limits = _as_thresholds(thresholds)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"check(): name must be a string or None, got {type(name).__name__}")
    colormap = _as_map(cmap)
    if len(colormap) < 2:
        raise ValueError("check(): the map must have at least 2 colors, got 1")
    if name is not None:
        colormap = Colormap(name, colormap.colors, byte_rule=colormap.byte_rule)
    metrics = measure(colormap.rgba[:, :3], limits["apart"], limits["cvd-safe"], limits["cyclic"])
    return Report(colormap, metrics, _judge(metrics, limits))


def _as_thresholds(given: Mapping[str, float] | None) -> dict[str, float]:
    limits = dict(THRESHOLDS)
    if given is None:
        return limits
    if not isinstance(given, Mapping):
        raise TypeError(f"check(): thresholds must be a mapping, got {type(given).__name__}")
    for key, value in given.items():
        if key not in limits:
            raise ValueError(f"check(): thresholds must be of {', '.join(limits)}, got {key!r}")
        number = as_limit("check", f"thresholds[{key!r}]", value)
        if number is None or number < 0:
            raise ValueError(f"check(): thresholds[{key!r}] must be 0 or more, got {value}")
        limits[key] = number
    if not 0 < limits["apart"] <= 1:
        raise ValueError(f"check(): thresholds['apart'] must be in (0, 1], got {limits['apart']}")
    return limits


def _as_map(cmap: Any) -> Colormap:
    if not isinstance(cmap, (str, Colormap)) and not hasattr(cmap, "get_under"):
        try:
            image = np.asarray(cmap) if cmap is not None else None
        except ValueError as error:
            raise ValueError(f"check(): cmap must be an array of colors: {error}") from None
        if image is not None and image.ndim == 3:
            return Colormap("strip", strip_colors(image))
    return get_cmap(cmap)


def _judge(metrics: dict[str, Any], limits: Mapping[str, float]) -> dict[str, Verdict]:
    light, seen = metrics["lightness"], metrics["seen"]
    verdicts = {
        "sequential": _at_least(
            light["one_way"], limits["sequential"], "one-way part of lightness"
        ),
        "diverging": _judge_diverging(metrics, limits),
        "cyclic": _judge_cyclic(metrics["ends"], limits["cyclic"]),
        "gray-safe": _at_least(seen["gray"]["closest"], limits["gray-safe"], _CLOSEST),
        "band-free": _at_most(seen["normal"]["greatest_bend"], limits["band-free"], _BEND),
    }
    smooth = metrics["colors"] > MOST_CLASSES
    kinds = {kind: _judge_kind(seen[kind], limits, smooth=smooth) for kind in CVD_KINDS}
    worst = min(COMMON_KINDS, key=lambda kind: _margin(kinds[kind]))
    one = kinds[worst]
    verdicts["cvd-safe"] = Verdict(
        one.passed, one.value, one.threshold, f"{one.measure} ({worst})", one.at_least
    )
    return verdicts | {f"cvd-safe:{kind}": verdict for kind, verdict in kinds.items()}


def _judge_diverging(metrics: dict[str, Any], limits: Mapping[str, float]) -> Verdict:
    ends = metrics["ends"]
    if ends["difference"] <= limits["cyclic"]:  # balanced, but its ends mean the same
        return Verdict(False, ends["difference"], limits["cyclic"], _ENDS, True)
    contrast = metrics["lightness"]["contrast"]
    if contrast < LEAST_RANGE:
        return _at_least(contrast, LEAST_RANGE, "contrast of the middle with the ends")
    return _at_most(
        metrics["lightness"]["imbalance"], limits["diverging"], "imbalance of lightness"
    )


def _judge_cyclic(ends: dict[str, Any], threshold: float) -> Verdict:
    closed = _at_most(ends["difference"], threshold, _ENDS)
    if closed and not ends["cyclic"]:
        return _at_least(ends["furthest"], LEAST_RANGE, "greatest difference from the first")
    return closed


def _judge_kind(seen: dict[str, Any], limits: Mapping[str, float], *, smooth: bool) -> Verdict:
    distinct = _at_least(seen["closest"], limits["cvd-safe"], _CLOSEST)
    even = _at_most(seen["greatest_bend"], limits["band-free"], _BEND)
    return even if smooth and distinct and not even else distinct


def _margin(verdict: Verdict) -> tuple[bool, float]:
    """Sorts what fails before what passes, and then by how far it is from failing."""
    room = (verdict.value - verdict.threshold) / max(verdict.threshold, 1e-9)
    return verdict.passed, room if verdict.at_least else -room


def _at_least(value: float, threshold: float, measure: str) -> Verdict:
    return Verdict(value >= threshold, value, threshold, measure, True)


def _at_most(value: float, threshold: float, measure: str) -> Verdict:
    return Verdict(value <= threshold, value, threshold, measure, False)


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}: color map check</title>
<style>
:root {{ --ink: #18181b; --soft: #71717a; --line: #e4e4e7; --page: #fff; --pass: #15803d;
        --fail: #b91c1c; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e4e4e7; --soft: #a1a1aa; --line: #3f3f46; --page: #18181b; --pass: #4ade80;
          --fail: #f87171; }}
}}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
       margin: 2rem auto; padding: 0 1rem; max-width: 60rem; }}
h1 {{ font-size: 1rem; font-weight: 400; color: var(--soft); }}
img {{ display: block; width: 100%; height: auto;
      border-radius: 6px; }}
.tables {{ display: flex; flex-wrap: wrap; gap: 0 2rem; justify-content: space-between; }}
table {{ border-collapse: collapse; margin: 1.5rem 0; align-self: start; font-size: .85rem; }}
td, th {{ padding: .25rem .8rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line);
         font-variant-numeric: tabular-nums; }}
th {{ font-weight: 400; color: var(--soft); }}
.pass td:nth-child(2) {{ color: var(--pass); }}
.fail td:nth-child(2) {{ color: var(--fail); font-weight: 600; }}
</style>
</head>
<body>
<h1>Color map check: {title}</h1>
<img alt="The map, its lightness, its steps, and how it looks with eight kinds of color vision"
     src="data:image/png;base64,{picture}">
<div class="tables">
<table>
<tr><th>verdict</th><th></th><th>measured</th></tr>
{verdicts}
</table>
<table>
<tr><th>measure</th><th></th></tr>
{measures}
</table>
</div>
</body>
</html>
"""
