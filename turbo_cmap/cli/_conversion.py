"""`convert` with all its files: what is left out, one range, many processes, what is said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from time import monotonic

import click

from ._batch import Task, process_count, run
from ._console import Console, printable
from ._dry_run import dry_run
from ._inputs import Input
from ._job import Job
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


@dataclass
class Conversion:
    """All files of one command.

    Attributes
    ----------
    job : Job
    planned : sequence of (Input, Path)
        What to read, and where its picture goes.
    range_of : {"per-file", "shared", "fixed"}
    replaces : Replacing
    jobs : int or None
        How many processes; None leaves it to the number of files.
    out : Console
    makes_folders : bool
        Whether folders of targets are made where they are not there.
    """

    job: Job
    planned: Sequence[tuple[Input, Path]]
    range_of: str
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
        job: Job | None = self.job
        if self.range_of != "per-file" and len(problems) + len(skipped) < len(self.planned):
            job = self._with_one_range(failures)
        if job is None:
            return False
        tasks = [
            Task(one.path, target, self.makes_folders)
            for one, target in self.planned
            if one.path not in failures and target not in skipped
        ]
        processes = process_count(self.jobs, len(tasks))
        self.out.detail(
            f"{len(tasks)} {'file' if len(tasks) == 1 else 'files'} to convert, {processes} at once"
        )
        converted = failed = 0
        bar, unsaid = self._bar("converting"), Unsaid()
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
                    for remark in unsaid.of(message.remarks):
                        self.out.note(f"{printable(one.path)}: {remark}")
                    self.out.say(message.line)
                else:
                    self.out.detail(f"{printable(target)}: is there, skipped")
                bar.step(worked=message is not None)
            bar.hide()
        if len(self.planned) > 1:
            self.out.note(_summary(converted, len(skipped), failed, monotonic() - start))
        return not failed

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

    def _with_one_range(self, failures: dict[str, str]) -> Job | None:
        """The job with the range of all files, which is said; None if there is none, also said.

        Files that cannot be read become *failures*.
        """
        coloring = self.job.coloring
        sources = [one.path for one, _ in self.planned if one.path not in failures]
        if not is_known(coloring):
            from ._shared_range import share

            bar = self._bar("finding the range")
            try:
                coloring, unreadable = share(
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
            self.out.say(f"range {limits_text(coloring)}  of {count} file{'s' * (count > 1)}")
        return replace(self.job, coloring=coloring, tells_range=False)

    def _bar(self, label: str) -> Progress:
        return Progress(len(self.planned), label, len(self.planned) > 1 and self.out.shows_progress)


def _summary(converted: int, skipped: int, failed: int, seconds: float) -> str:
    counts = [f"{converted} converted"]
    counts += [f"{skipped} skipped"] if skipped else []
    counts += [f"{failed} failed"] if failed else []
    return f"{', '.join(counts)} in {seconds:.1f} s"
