"""Processes that convert one file after the other; one that crashes loses no more than its own."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import warnings
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from ..io.atomic import remove_leftovers
from ._batch import FORKS, Convert, Done, Task, attempt
from ._console import printable

#: How many results may wait for an earlier one, for each process. Results are lines of text.
_AHEAD = 4
_PATIENCE_S = 5.0


def run_in_processes(
    convert: Convert, tasks: Iterable[Task], count: int
) -> Generator[Done, None, None]:
    """See `turbo_cmap.cli._batch.run`."""
    workers: list[_Worker] = []
    numbered = enumerate(tasks)
    finished: dict[int, Done] = {}  # those that wait for an earlier one
    upcoming, following = 0, next(numbered, None)
    try:
        while following is not None or any(worker.task for worker in workers):
            idle = deque(worker for worker in workers if worker.task is None)
            while following is not None and following[0] < upcoming + count * _AHEAD:
                if not idle:
                    if len(workers) == count:
                        break
                    workers.append(_Worker(convert, workers))
                    idle.append(workers[-1])
                idle.popleft().start(*following)
                following = next(numbered, None)
            busy = {worker.pipe: worker for worker in workers if worker.task}
            for pipe in wait(list(busy)):
                worker = busy[pipe]
                finished[worker.number] = worker.result()
                if worker.has_ended:
                    workers.remove(worker)
            while upcoming in finished:
                yield finished.pop(upcoming)
                upcoming += 1
    except BaseException:
        for worker in workers:
            worker.stop()
        raise
    finally:
        for worker in workers:
            worker.leave()


class _Worker:
    """A process that does one task after the other.

    Attributes
    ----------
    pipe : Connection
        Has something to read when the task is done, or the process has ended.
    task : Task or None
        What it is doing.
    number : int
        Of the task.
    has_ended : bool
        Whether the process ended in the middle of a task.
    """

    def __init__(self, convert: Convert, others: Iterable[_Worker]) -> None:
        context: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
        self.pipe, theirs = context.Pipe()
        # A fork has copies of all our ends. While it holds them, nobody sees that we have gone.
        ours = [self.pipe, *(other.pipe for other in others)] if FORKS else []
        self._process = context.Process(
            target=_work, args=(convert, theirs, ours), name="turbo-cmap", daemon=True
        )
        with _without_ctrl_c(), warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads. Those that there are belong to
            # libraries (OpenBLAS), which take care of it.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()
        self.task: Task | None = None
        self.number = -1
        self.has_ended = False

    def start(self, number: int, task: Task) -> None:
        """Give it a task; it must have none."""
        self.number, self.task = number, task
        with suppress(OSError):  # it has ended; `result` says so
            self.pipe.send(task)

    def result(self) -> Done:
        """What became of the task, when the pipe has something."""
        task = self.task
        assert task is not None
        try:
            done: Done = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join(_PATIENCE_S)
            self.has_ended = True
            self._clear_up()
            done = Done(task, failure=f"{printable(task.source)}: {_end(self._process.exitcode)}")
        self.task = None
        return done

    def stop(self) -> None:
        """Ask it to end now."""
        self._process.terminate()

    def leave(self) -> None:
        """Let it end, after `stop` or when it has no task, and wait for that."""
        self.pipe.close()
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._clear_up()

    def _clear_up(self) -> None:
        pid = self._process.pid
        if self.task is not None and pid is not None:
            remove_leftovers(self.task.target, pid)


def _end(status: int | None) -> str:
    """How a process ended, in words."""
    if status is None or status >= 0:
        return f"the process that converted it ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    memory = " (not enough memory?)" if name == "SIGKILL" else ""
    return f"the process that converted it was ended by {name}{memory}"


def _work(convert: Convert, pipe: Connection, others: Iterable[Connection]) -> None:
    """What a process does until nobody gives it tasks any more."""
    # Ctrl-C goes to all processes of a terminal; the first of them knows what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # An exception, so that temporary files are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _unblock_ctrl_c()
    for other in others:
        other.close()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(attempt(convert, pipe.recv()))


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C back for a moment, so that a process does not meet it half made."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unblock_ctrl_c() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
