"""Work split over a few threads that live as long as the call.

The kernels release the GIL, so plain threads do; starting them costs some tens of
microseconds, which only large arrays are worth. Nothing is kept: no pool at exit, none to
be broken by a fork.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence

#: A thread gets at least this many values.
LEAST = 1 << 20
#: More threads than this are never started, whatever is asked for.
MOST = 64


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(threads: int | None, size: int) -> int:
    """How many threads to use for so many values.

    Parameters
    ----------
    threads : int or None
        At most so many; None leaves it to the size and the cores.
    size : int
        Number of values.
    """
    if threads is None:
        return 1 if size < 2 * LEAST else min(usable_cores(), size // LEAST)
    return max(1, min(threads, size, MOST))


def split(shape: tuple[int, ...], parts: int) -> list[tuple[slice, ...]]:
    """Slices that cut an array of that shape into at most *parts* of similar size.

    Along its first axis if that is long enough, so that each part is a stretch of memory;
    else along its longest.
    """
    if not shape or parts <= 1:
        return [()]
    axis = 0 if shape[0] >= parts else max(range(len(shape)), key=shape.__getitem__)
    parts = min(parts, shape[axis])
    edges = [shape[axis] * part // parts for part in range(parts + 1)]
    whole = (slice(None),) * axis
    return [(*whole, slice(a, b)) for a, b in itertools.pairwise(edges)]


def run(tasks: Sequence[Callable[[], None]]) -> None:
    """Run all tasks at once, the first in this thread; return when all have ended.

    Raises
    ------
    BaseException
        The first error, in the order of the tasks, that one of them raised.
    """
    import threading

    errors: list[BaseException | None] = [None] * len(tasks)

    def guarded(number: int) -> None:
        try:
            tasks[number]()
        except BaseException as error:
            errors[number] = error

    others = [
        threading.Thread(target=guarded, args=(number,), name=f"turbo_cmap-{number}")
        for number in range(1, len(tasks))
    ]
    started = []
    try:
        for thread in others:
            thread.start()
            started.append(thread)
        guarded(0)
    finally:
        # Also where a thread cannot be started: nobody writes once the caller goes on.
        for thread in started:
            thread.join()
    for error in errors:
        if error is not None:
            raise error
