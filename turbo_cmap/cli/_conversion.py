"""All files of `convert` or `uncolor`: what is left out, one range, processes, what is said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Protocol

import click

from ._batch import Task, process_count, run
from ._console import Console, printable
from ._digits import count_text
from ._dry_run import dry_run
from ._inputs import Input
from ._job import Job, Told
from ._progress import Progress
from ._range import is_known, limits_text
from ._reading import Unsaid
from ._writing import reason


class Replacing(Enum):
    """What happens where there is a picture already."""

    REFUSE = "an error"
    FORCE = "it is replaced"
    SKIP = "its input is left out"
    UPDATE = "its input is left out, or if that is newer, it is replaced"

    @property
    def way_on(self) -> str:
        """How a run that was interrupted goes on."""
        if self is Replacing.REFUSE:
            return "the same command with --skip-existing goes on"
        if self is Replacing.FORCE:
            return "the others are as they were"
        return "the same command goes on"

    @property
    def replaces(self) -> bool:
        """Whether files that exist are replaced."""
        return self in (Replacing.FORCE, Replacing.UPDATE)

    def skips(self, source: str, target: Path) -> bool:
        """Whether there is nothing to do for an input."""
        if self is Replacing.SKIP:
            return os.path.lexists(target)
        if self is Replacing.UPDATE:
            try:
                return os.stat(source).st_mtime_ns <= os.stat(target).st_mtime_ns
            except OSError:
                return False
        return False


def replacing(*, force: bool, skip_existing: bool, update: bool) -> Replacing:
    """What three options say, of which one may be given."""
    if force + skip_existing + update > 1:
        raise click.UsageError("--force, --skip-existing and --update exclude each other")
    if skip_existing:
        return Replacing.SKIP
    if update:
        return Replacing.UPDATE
    return Replacing.FORCE if force else Replacing.REFUSE


class Work(Protocol):
    """What is done with each file; it can be pickled."""

    @property
    def force(self) -> bool:
        """Whether files that exist are replaced."""

    def __call__(self, source: str, target: Path) -> Told:
        """Do it; see `Job`."""


@dataclass
class Conversion:
    """All files of one command.

    Attributes
    ----------
    job : Work
    planned : sequence of (Input, Path)
        What to read, and where it goes.
    replaces : Replacing
    jobs : int or None
        How many processes; None leaves it to the number of files.
    out : Console
    makes_folders : bool
        Whether folders of targets are made where they are not there.
    """

    job: Work
    planned: Sequence[tuple[Input, Path]]
    replaces: Replacing
    jobs: int | None
    out: Console
    makes_folders: bool

    def run(self) -> bool:
        """Convert; say what is done and what not. Return whether all went well."""
        start = monotonic()
        problems = {one.path: one.problem for one, _ in self.planned if one.problem is not None}
        failures = {path: f"{printable(path)}: {why}" for path, why in problems.items()}
        skipped = {
            target
            for one, target in self.planned
            if one.problem is None and self.replaces.skips(one.path, target)
        }
        before = {target: _stamp(target) for _, target in self.planned}
        try:
            counts = self._do(failures, skipped)
        except (KeyboardInterrupt, SystemExit):
            written = sum(_stamp(target) not in (None, was) for target, was in before.items())
            self.out.interrupted(self._how_far(written, len(skipped)))
            raise
        if counts is None:
            return False
        converted, failed = counts
        if len(self.planned) > 1:
            self.out.note(_summary(converted, len(skipped), failed, monotonic() - start))
        return not failed

    def _do(self, failures: dict[str, str], skipped: set[Path]) -> tuple[int, int] | None:
        """Convert; return how many are converted and failed, None if nothing can be."""
        job: Work | None = self.job
        if len(failures) + len(skipped) < len(self.planned):
            job = self._prepared(failures)
        if job is None:
            return None
        tasks = [
            Task(one.path, target, self.makes_folders)
            for one, target in self.planned
            if one.path not in failures and target not in skipped
        ]
        processes = process_count(self.jobs, len(tasks))
        self.out.detail(f"{count_text(len(tasks), 'file')} to convert, {processes} at once")
        converted = failed = 0
        bar, unsaid = self._bar("converting"), Unsaid()
        try:
            with closing(run(job, tasks, processes)) as results:
                for one, target in self.planned:
                    failure, message = failures.get(one.path), None
                    if failure is None and target not in skipped:
                        _, message, failure = next(results)
                    bar.hide()
                    if failure is not None:
                        failed += 1
                        self.out.fail(failure)
                    elif message is not None:
                        converted += 1
                        self._tell(printable(one.path), message, unsaid)
                    else:
                        self.out.detail(f"{printable(target)}: is there, skipped")
                    bar.step(worked=message is not None)
        finally:
            bar.hide()
        return converted, failed

    def _tell(self, name: str, message: Told, unsaid: Unsaid) -> None:
        for text in message.details:
            self.out.detail(f"{name}: {text}")
        for remark in (*unsaid.of(message.remarks), *message.notes):
            self.out.note(f"{name}: {remark}")
        self.out.say(message.line)

    def _how_far(self, written: int, skipped: int) -> str:
        """What there is to say when the run ends too soon."""
        count = len(self.planned)
        if count == 1:
            return "nothing was written" if not written else "the file was written"
        text = f"{written} of {count} files written"
        if skipped:
            text += f", {skipped} skipped"
        return f"{text}; {self.replaces.way_on}"

    def _prepared(self, failures: dict[str, str]) -> Work | None:
        """The job, when all is known that it needs; None if it cannot be done, which is said.

        Files that cannot be read become *failures*.
        """
        return self.job

    def rehearse(self) -> bool:
        """Say what `run` would write, without doing it. Return whether it would go well."""
        steps = []
        failed = False
        for one, target in self.planned:
            if one.problem is not None:
                self.out.fail(f"{printable(one.path)}: {one.problem}")
                failed = True
            elif self.replaces.skips(one.path, target):
                self.out.detail(f"{printable(target)}: is there, skipped")
            else:
                steps.append(([one.path], target))
        return not (dry_run(self.out, steps, self.job.force) or failed)

    def _bar(self, label: str) -> Progress:
        return Progress(len(self.planned), label, len(self.planned) > 1 and self.out.shows_progress)


@dataclass
class PictureConversion(Conversion):
    """All files of `convert`.

    Attributes
    ----------
    range_of : {"per-file", "shared", "fixed"}
    """

    job: Job
    range_of: str = "per-file"

    def _prepared(self, failures: dict[str, str]) -> Job | None:
        """The job, with the range of all files, which is said; None if there is none, also said."""
        if self.range_of == "per-file":
            return self.job
        coloring, dtype = self.job.coloring, None
        sources = [one.path for one, _ in self.planned if one.path not in failures]
        if not is_known(coloring):
            from ._shared_range import share

            bar = self._bar("finding the range")
            try:
                coloring, unreadable, dtype = share(
                    sources,
                    self.job.reading,
                    coloring,
                    process_count(self.jobs, len(sources)),
                    bar.step,
                )
            except (ValueError, TypeError) as error:
                self.out.fail(str(error))
                return None
            finally:
                bar.hide()
            targets = {one.path: target for one, target in self.planned}
            failures |= {path: reason(why, targets[path]) for path, why in unreadable.items()}
        count = len(set(sources) - set(failures))
        if count:
            self.out.say(f"range {limits_text(coloring, dtype)}  of {count_text(count, 'file')}")
        return replace(self.job, coloring=coloring, tells_range=False)


def _summary(converted: int, skipped: int, failed: int, seconds: float) -> str:
    counts = [f"{converted} converted"]
    counts += [f"{skipped} skipped"] if skipped else []
    counts += [f"{failed} failed"] if failed else []
    return f"{', '.join(counts)} in {seconds:.1f} s"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What is another for each file that is written in this place; None where there is none."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns
