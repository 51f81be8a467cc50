"""Work done ahead of its use, in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import TypeVar

from ._signals import raise_received

_Item = TypeVar("_Item")
_PAUSE = 0.1  # seconds between looks at whether anybody still waits, or a signal has come


class _End:
    """After the last item: how it ended."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[_Item], depth: int = 2) -> Generator[_Item]:
    """The same items, of which up to *depth* are made before they are asked for.

    What is raised while they are made is raised here, in its turn. When this iterator is
    closed, the thread ends after the item that it is at; one that waits for a pipe for ever
    does not hold up the end of the program.
    """
    made: queue.Queue[_Item | _End] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: _Item | _End) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                made.put(item, timeout=_PAUSE)
                return

    def work() -> None:
        end = _End()
        try:
            try:
                for item in items:
                    put(item)
                    if stopped.is_set():
                        break
            finally:
                if isinstance(items, Generator):  # files are closed where they were opened
                    items.close()
        except BaseException as error:
            end = _End(error)
        put(end)

    thread = threading.Thread(target=work, name="turbo-cmap ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = made.get(timeout=_PAUSE)
            except queue.Empty:
                raise_received()
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        with suppress(queue.Empty):  # room for one that waits to put
            while True:
                made.get_nowait()
        thread.join(timeout=1)
