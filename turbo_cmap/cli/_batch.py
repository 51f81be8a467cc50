"""Many files, one after the other or by several processes, with the results in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..kernels.threads import usable_cores
from ._console import printable
from ._job import Told
from ._writing import reason

#: Starting a process by a fork takes as long as a few small files. Elsewhere it imports
#: everything anew, which takes as long as some tens.
FORKS = sys.platform == "linux"
_FILES_PER_PROCESS = 4 if FORKS else 32
#: Without being asked, no more than this many: each holds an image and its picture.
_MOST_BY_DEFAULT = 16


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
        return (attempt(convert, task) for task in tasks)
    from ._processes import run_in_processes

    return run_in_processes(convert, tasks, processes)


def attempt(convert: Convert, task: Task) -> Done:
    """Do a task; what it raises becomes a line."""
    try:
        if task.makes_folder:
            task.target.parent.mkdir(parents=True, exist_ok=True)
        return Done(task, convert(task.source, task.target))
    except (OSError, ValueError, MemoryError) as error:
        return Done(task, failure=reason(error, task.target))
    except Exception as error:  # a mistake of ours, which is no reason to leave the others
        text = f"{type(error).__name__}: {error}"
        return Done(task, failure=f"{printable(task.source)}: {' '.join(text.split())}")
