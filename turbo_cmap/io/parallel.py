"""Work of threads on one thing after another, of which few are held at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: More threads than this wait for the one that hands them work.
_MOST_THREADS = 8


def thread_number() -> int:
    """How many threads there is work for: one a core this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not everywhere
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, _MOST_THREADS)


def in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], ahead: int | None = None
) -> Iterator[_Result]:
    """Results of a function that leaves the interpreter free, by threads, in the items' order.

    Parameters
    ----------
    function : callable
    items : iterable
        Taken in the calling thread, while others work.
    ahead : int, optional
        How many items more than results may have been taken, two a thread by default.

    Yields
    ------
    object
        ``function(item)``. What it raises is raised here, and nothing is begun any more.
    """
    rest = iter(items)
    first = [*islice(rest, 2)]
    if len(first) < 2:  # not worth a thread
        yield from map(function, first)
        return
    items = chain(first, rest)
    del first
    threads = thread_number()
    most = 2 * threads if ahead is None else ahead
    pending: deque[Future[_Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            del item  # is the thread's now
            if len(pending) > most:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
