"""What can be measured on a color map: numbers only, no judgment.

Distances are CAM02-UCS ones, lightness is its J'. Positions along a map run from 0 to 1.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from ._typing import AnyArray, FloatArray
from .deficiencies import CVD_KINDS
from .vision import lightness, simulate_cvd, to_cam02ucs

#: Bends and pairs are measured on so many colors of the map, taken as `colorize` would.
SAMPLES = 256
#: J' has turned round when it has gone back by this much: less is the rounding of 8-bit colors.
TURN = 0.5
#: Slopes are compared between stretches of so many samples, 1/64 of the map.
_STRETCH = SAMPLES // 64
#: A range of J' smaller than this orders nothing; colors that come no further from each other
#: do not go round.
LEAST_RANGE = 20.0
#: A map of so many colors or fewer is one of classes, which has steps on purpose.
MOST_CLASSES = 32


class Segment(NamedTuple):
    """A stretch of entries along which J' only rises, or only falls."""

    first: int
    last: int


def samples(colors: FloatArray) -> FloatArray:
    """`SAMPLES` colors at even positions of a table; shape (SAMPLES, 3)."""
    return colors[_entries(len(colors))]


def _entries(count: int) -> AnyArray:
    """Which entries of a table the samples are."""
    position = (np.arange(SAMPLES) + 0.5) / SAMPLES
    return np.minimum((position * count).astype(np.intp), count - 1)


def measure(colors: FloatArray, apart: float, together: float, closed: float) -> dict[str, Any]:
    """All measures of a map, as numbers, lists and dicts of them.

    Parameters
    ----------
    colors : ndarray of float64, shape (N, 3), N >= 2
        sRGB-encoded, in [0, 1].
    apart : float
        How far from each other along the map two entries are that must not be mistaken.
    together : float
        The difference below which they could be.
    closed : float
        The difference up to which the ends are one: the map then goes round, and so do
        distances along it.

    Returns
    -------
    dict
        See docs/vision.md for what is in it.
    """
    j = lightness(colors)
    sampled = samples(colors)
    jab = to_cam02ucs(sampled)
    steps = np.linalg.norm(np.diff(to_cam02ucs(colors), axis=0), axis=1)
    slopes = np.diff(j) * (len(j) - 1)
    second = np.abs(np.diff(j, 2)) if len(j) > 2 else np.zeros(1)
    at_limit = ((colors <= 0) | (colors >= 1)).any(axis=1)
    ends = float(np.linalg.norm(jab[0] - jab[-1]))
    furthest = float(np.linalg.norm(jab - jab[0], axis=1).max())
    cyclic = ends <= closed and furthest >= LEAST_RANGE
    far = far_pairs(len(colors), apart, cyclic=cyclic)
    return {
        "colors": len(colors),
        "lightness": {
            "profile": j.tolist(),
            "first": float(j[0]),
            "last": float(j[-1]),
            "least": float(j.min()),
            "greatest": float(j.max()),
            "turning_points": turning_points(j),
            "segments": [segment._asdict() for segment in segments(j)],
            "one_way": one_way(j),
            "contrast": contrast(jab[:, 0]),
            "imbalance": imbalance(jab[:, 0]),
            "mean_slope": float(np.abs(slopes).mean()),
            "least_slope": float(np.abs(slopes).min()),
            "greatest_slope": float(np.abs(slopes).max()),
            "greatest_second_difference": float(second.max()),
            "greatest_second_difference_at": int(second.argmax()) + 1,
        },
        "steps": {
            "mean": float(steps.mean()),
            "least": float(steps.min()),
            "greatest": float(steps.max()),
            "sum": float(steps.sum()),
            "variation": float(steps.std() / steps.mean()) if steps.any() else 0.0,
        },
        "ends": {
            "first": _hex(colors[0]),
            "last": _hex(colors[-1]),
            "difference": ends,
            "furthest": furthest,
            "cyclic": cyclic,
        },
        "gamut": {
            "least": float(colors.min()),
            "greatest": float(colors.max()),
            "entries_at_limit": int(at_limit.sum()),
        },
        "seen": {
            "normal": _seen(jab, far, together, cyclic=cyclic),
            "gray": _seen(jab[:, :1], far, together, cyclic=cyclic),
            **{
                kind: _seen(
                    to_cam02ucs(simulate_cvd(sampled, kind)),  # type: ignore[call-overload]
                    far,
                    together,
                    cyclic=cyclic,
                )
                for kind in CVD_KINDS
            },
        },
    }


def turning_points(j: FloatArray) -> list[int]:
    """Entries at which J' begins to rise, to fall or to stay; nothing is rounded off."""
    way = np.sign(np.diff(j))
    return (np.flatnonzero(way[1:] != way[:-1]) + 1).tolist()


def segments(j: FloatArray, turn: float = TURN) -> list[Segment]:
    """The stretches between the extremes from which J' goes back by *turn* or more."""
    corners = [0]
    lowest = highest = 0
    way = 0
    for i in range(len(j)):
        if j[i] > j[highest]:
            highest = i
        if j[i] < j[lowest]:
            lowest = i
        fallen, risen = j[highest] - j[i] >= turn, j[i] - j[lowest] >= turn
        if way >= 0 and fallen:
            if way > 0:
                corners.append(highest)
            way, lowest, highest = -1, i, i
        elif way <= 0 and risen:
            if way < 0:
                corners.append(lowest)
            way, lowest, highest = 1, i, i
    corners.append(len(j) - 1)
    return [Segment(a, b) for a, b in itertools.pairwise(corners)]


def one_way(j: FloatArray) -> float:
    """The part of all rising and falling that is not undone: 1 for a ramp, 0 for a hill.

    Of a map whose J' changes less than `LEAST_RANGE` in all, the part of that.
    """
    travelled = sum(abs(j[last] - j[first]) for first, last in segments(j))
    return float(abs(j[-1] - j[0]) / max(travelled, LEAST_RANGE))


def contrast(j: FloatArray) -> float:
    """How far the lightness of the middle is from the mean of the ends."""
    return float(abs((j[(len(j) - 1) // 2] + j[len(j) // 2]) / 2 - (j[0] + j[-1]) / 2))


def imbalance(j: FloatArray) -> float:
    """How unlike the two halves of a diverging map are: 0 for mirrored ramps.

    The largest difference of J' between entries as far from the middle, or what a half goes
    back, in units of the contrast of the middle with the ends.
    """
    half = len(j) // 2
    left, right = j[:half][::-1], j[-half:]
    undone = max(
        (sum(abs(side[b] - side[a]) for a, b in segments(side)) - abs(side[-1] - side[0])) / 2
        for side in (left, right)
    )
    return float(max(np.abs(left - right).max(), undone) / max(contrast(j), 1.0))


def bends(j: FloatArray, *, cyclic: bool = False) -> FloatArray:
    """How much the slope of J' changes at each sample, in J' per 1/256 of the map.

    Between the stretches of 1/64 of the map before and after it, so that the rounding of
    8-bit colors counts little and a kink counts whole. Of a cyclic map also where its ends
    meet.
    """
    w = _STRETCH
    if cyclic:
        j = np.concatenate([j[-w:], j, j[:w]])
    change: FloatArray = np.abs(j[2 * w :] - 2 * j[w:-w] + j[: -2 * w])
    return change / w


def far_pairs(count: int, apart: float, *, cyclic: bool = False) -> AnyArray:
    """Which pairs of samples of a map of *count* colors must not be mistaken; bool, both ways.

    Those that are at least *apart* from each other, the shorter way round if it is cyclic, and
    are not one entry. The first and the last entry of a cyclic map are one.
    """
    position = np.arange(SAMPLES) / (SAMPLES - 1)
    distance = np.abs(position[:, np.newaxis] - position)
    if cyclic:
        distance, apart = np.minimum(distance, 1 - distance), min(apart, 0.5 - 1 / SAMPLES)
    entry = _entries(count)
    if cyclic and count > 2:
        entry = entry % (count - 1)
    return np.asarray((distance >= apart) & (entry[:, np.newaxis] != entry))


def _seen(jab: FloatArray, far: AnyArray, together: float, *, cyclic: bool) -> dict[str, Any]:
    """How well a map can be read by someone to whom its samples look like *jab* (or J')."""
    distance = np.linalg.norm(jab[:, np.newaxis] - jab, axis=2)
    distance[~far] = np.inf
    first, second = np.unravel_index(int(distance.argmin()), distance.shape)
    near = distance < together
    return {
        "closest": float(distance.min()),
        "closest_at": sorted([first / (SAMPLES - 1), second / (SAMPLES - 1)]),
        "pairs_together": int(near.sum()) // 2,
        "ambiguous": float(near.any(axis=1).mean()),
        "greatest_bend": float(bends(jab[:, 0], cyclic=cyclic).max()),
        "greatest_step": float(np.linalg.norm(np.diff(jab, axis=0), axis=1).max()),
    }


def _hex(color: FloatArray) -> str:
    return "#" + "".join(f"{level:02x}" for level in np.rint(255 * color).astype(int))
