"""Timing several functions against each other on a machine that is never quiet.

Every function is called in turn, in an order that is shuffled anew in each round, so that a busy
spell of the machine falls on all of them and leaves their ratios alone.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

#: A sample is at least this long: shorter functions are called several times for one.
SAMPLE_S = 1e-3


@dataclass(frozen=True)
class Timing:
    """What was measured of one function.

    Attributes
    ----------
    samples : tuple of float
        Seconds per call, one of each round that the function took part in.
    calls : int
        How many calls each sample is the mean of.
    """

    samples: tuple[float, ...]
    calls: int = 1

    @property
    def median(self) -> float:
        """Seconds per call."""
        return statistics.median(self.samples)

    @property
    def best(self) -> float:
        """Seconds per call."""
        return min(self.samples)

    @property
    def spread(self) -> float:
        """The middle half of the samples is this wide, as a fraction of the median."""
        if len(self.samples) < 2:
            return 0.0
        first, _, third = statistics.quantiles(self.samples, n=4, method="inclusive")
        return (third - first) / self.median


def interleave(
    functions: dict[Key, Callable[[], object]],
    *,
    seconds: float,
    least: int,
    most: int,
    seed: int = 0,
) -> dict[Key, Timing]:
    """Time functions in interleaved rounds.

    Parameters
    ----------
    functions : dict
        Functions of no arguments that have been called before: nothing is warmed up here.
    seconds : float
        Time for the samples of one function.
    least, most : int
        Number of samples of one function, whatever they take. A function that gets fewer
        than another takes part in fewer rounds, which are spread over all of them.
    seed : int
        Of the order.

    Returns
    -------
    dict
        Timing of each function.
    """
    order = random.Random(seed)
    calls, turns = {}, {}
    for key, function in functions.items():
        once = _time(function, 1)
        calls[key] = max(1, math.ceil(SAMPLE_S / once))
        turns[key] = min(most, max(least, int(seconds / (once * calls[key]))))
    rounds = max(turns.values(), default=0)
    samples: dict[Key, list[float]] = {key: [] for key in functions}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            keys = [key for key in functions if has_turn(number, turns[key], rounds)]
            order.shuffle(keys)
            for key in keys:
                samples[key].append(_time(functions[key], calls[key]))
    finally:
        if collecting:
            gc.enable()
    return {key: Timing(tuple(samples[key]), calls[key]) for key in functions}


def has_turn(number: int, turns: int, rounds: int) -> bool:
    """Whether round *number* is one of *turns* that are spread evenly over *rounds*."""
    return (number + 1) * turns // rounds > number * turns // rounds


def _time(function: Callable[[], object], calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        function()
    return max(perf_counter() - start, 1e-9) / calls
