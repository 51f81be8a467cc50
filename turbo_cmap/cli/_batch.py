"""Many files, one after the other or by several processes, with the results in order."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ..io.atomic import remove_leftovers
from ..kernels.threads import usable_cores
from ._console import printable
from ._job import Told, reason

#: Starting a process by a fork takes as long as a few small files. Elsewhere it imports
#: everything anew, which takes as long as some tens.
_FORKS = sys.platform == "linux"
_FILES_PER_PROCESS = 4 if _FORKS else 32
#: Without being asked, no more than this many: each holds an image and its picture.
_MOST_BY_DEFAULT = 16
#: How many results may wait for an earlier one, for each process. Results are lines of text.
_AHEAD = 4
_PATIENCE_S = 5.0


class Task(NamedTuple):
    """One file to convert; *makes_folder* if that of the target may not be there."""

    source: str
    target: Path
    makes_folder: bool = False


class Done(NamedTuple):
    """What became of a task: what there is to say, or a line that says why not."""

    task: Task
    message: Told | None = None
    failure: str | None = None


#: Converts a source into a target, and returns what there is to say.
Convert: TypeAlias = Callable[[str, Path], Told]


def process_count(asked: int | None, files: int) -> int:
    """How many processes to use for so many files."""
    if asked is not None:
        return max(1, min(asked, files))
    return max(1, min(usable_cores(), files // _FILES_PER_PROCESS, _MOST_BY_DEFAULT))


def run(convert: Convert, tasks: Iterable[Task], processes: int) -> Generator[Done, None, None]:
    """Do all tasks; what became of them in their order.

    A task that fails is no reason to stop, even if it takes its process with it. When the
    iterator is closed, or an exception goes through it (Ctrl-C, say), the processes are
    ended, and none leaves half a file.

    Parameters
    ----------
    convert : callable
        ``convert(source, target) -> Told``. Can be pickled.
    tasks : iterable of Task
        Taken as they are needed.
    processes : int
        1 does it here.
    """
    if processes == 1:
        return (_attempt(convert, task) for task in tasks)
    return _run_in_processes(convert, tasks, processes)


def _attempt(convert: Convert, task: Task) -> Done:
    try:
        if task.makes_folder:
            task.target.parent.mkdir(parents=True, exist_ok=True)
        return Done(task, convert(task.source, task.target))
    except (OSError, ValueError, MemoryError) as error:
        return Done(task, failure=reason(error, task.target))
    except Exception as error:  # a mistake of ours, which is no reason to leave the others
        text = f"{type(error).__name__}: {error}"
        return Done(task, failure=f"{printable(task.source)}: {' '.join(text.split())}")


def _run_in_processes(
    convert: Convert, tasks: Iterable[Task], count: int
) -> Generator[Done, None, None]:
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
        context: Any = multiprocessing.get_context("fork" if _FORKS else "spawn")
        self.pipe, theirs = context.Pipe()
        # A fork has copies of all our ends. While it holds them, nobody sees that we have gone.
        ours = [self.pipe, *(other.pipe for other in others)] if _FORKS else []
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
            pipe.send(_attempt(convert, pipe.recv()))


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
