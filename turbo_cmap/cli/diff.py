"""`turbo-cmap diff`: how far estimates are from the truth, in figures and as a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ._complete import complete_map
from ._console import console, printable
from ._dress import dilate_option, max_size_option, theme_option
from ._dry_run import dry_run, dry_run_option
from ._pairs import Pair, as_json, counted, lines, pairs_of, quantity_of, readings_of, truth_options
from ._reading import Reading, Unsaid, reading_options
from ._types import limit_or_max, number, percentiles, usage
from ._writing import check_file, force_option, reason, refuse_existing

if TYPE_CHECKING:
    from ..accuracy import ErrorStatistics, Quantity
    from ._console import Console
    from ._difference import Compared, Look

_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")


@click.command()
@click.argument("estimate", metavar="EST")
@click.argument("truth", metavar="TRUTH")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="Write the difference as a picture; of folders, into a folder.",
)
@force_option
@click.option(
    "--quantity",
    type=click.Choice(["disparity", "depth", "other"]),
    help="What is compared: bad-N and D1 are of disparities, AbsRel and δ of depths. "
    "Default: what --preset is for, else depth in a unit of length (m, mm), else disparity.",
)
@click.option(
    "--bad-threshold",
    type=number,
    metavar="VALUE",
    multiple=True,
    help="A pixel is bad if its error is larger. May be given several times. "
    "Default: 1, 2 and 3 of disparities.",
)
@click.option("--json", "as_text", is_flag=True, help="Print the figures as JSON.")
@click.option(
    "--limit",
    type=limit_or_max,
    metavar="VALUE|max",
    help="Error of the last color; its negative the first. max is the largest error. Default: "
    "what --robust says, rounded up to a readable number.",
)
@click.option(
    "--robust",
    type=percentiles,
    metavar="[LO,HI]",
    is_flag=False,
    flag_value="2,98",
    default="2,98",
    help="The limit is the further from 0 of these percentiles of the errors. Default: 2,98.",
)
@click.option(
    "--cmap",
    metavar="NAME",
    shell_complete=complete_map,
    help="Color map. Default: turbo_diverging, whose zero is green.",
)
@click.option("--bad", metavar="COLOR", help="Where nothing is compared. Default: black.")
@click.option(
    "--under",
    metavar="COLOR",
    help="For errors below the limit's negative. Default: pale violet, of another map its own.",
)
@click.option(
    "--over",
    metavar="COLOR",
    help="For errors above the limit. Default: pink, of another map its own.",
)
@click.option("--kitti", is_flag=True, help="The error map and the D1 of KITTI 2015 instead.")
@click.option(
    "--side-by-side", "panels", is_flag=True, help="Estimate and truth beside it, on one range."
)
@click.option(
    "--colorbar",
    type=click.Choice(["right", "bottom"]),
    help="Put a bar there. Default with --side-by-side: bottom.",
)
@click.option(
    "--title",
    metavar="TEXT",
    help="Above the picture; {stem}, {unit}, {bias}, {mae}, {rmse} and {limit} are filled in.",
)
@max_size_option("Make the longest side of each panel at most N pixels: no values are mixed.")
@dilate_option("Show errors N pixels larger, for sparse truths; the figures stay.")
@theme_option("Of the page around the picture.")
@reading_options
@truth_options
@dry_run_option
@click.pass_context
def diff(
    ctx: click.Context,
    /,
    estimate: str,
    truth: str,
    output: str | None,
    force: bool,
    quantity: Quantity | None,
    bad_threshold: tuple[float, ...],
    as_text: bool,
    **options: Any,
) -> None:
    """Compare estimates with the truth: figures, and the signed difference as a picture.

    EST and TRUTH are two files, as for 'convert', or two folders whose files have the same
    stems. Pixels count where both have a measurement. Folders have figures over all pixels,
    too.

    What says how files are read is for both; with an option that begins with --truth, it is
    for EST alone.

    \b
    turbo-cmap diff estimate.png truth.png --preset kitti-disparity
    turbo-cmap diff estimate.pfm truth.png --truth-preset kitti-disparity -o error.png --limit 3
    turbo-cmap diff estimates/ truths/ -o errors/ --side-by-side
    turbo-cmap diff depth.npy truth.npy --quantity depth --json
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    out = console(ctx)
    readings = readings_of(options)
    for one in bad_threshold:
        if not 0 <= one < math.inf:
            raise click.UsageError(f"--bad-threshold must be finite and not negative, got {one}")
    title = options.pop("title") or ""
    look = _look(title=title, **options)
    found = pairs_of(estimate, truth)
    targets = _targets(output, found.pairs, (estimate, truth))
    if out.dry_run:
        steps = [([*p], t) for p, t in zip(found.pairs, targets, strict=True) if t is not None]
        ctx.exit(dry_run(out, steps, force))
    unsaid = Unsaid()
    job = _Comparison(
        readings,
        look,
        quantity,
        bad_threshold or None,
        force,
        Path(truth).is_dir(),
        (unsaid, unsaid if readings[0] == readings[1] else Unsaid()),
    )
    results = []
    failures = [f"{one}: has no estimate of its stem" for one in found.alone]
    if found.unused:
        files, have = ("file", "has") if found.unused == 1 else ("files", "have")
        out.note(f"{found.unused} {files} in {estimate} {have} no truth of the same stem")
    for pair, target in zip(found.pairs, targets, strict=True):
        try:
            results.append(job(pair, target, out))
            job = replace(job, quantity=results[0].statistics.quantity)  # the same for all
        except (OSError, ValueError, MemoryError) as error:
            failures.append(_reason(error, pair, target))
            out.fail(failures[-1])
        except (KeyboardInterrupt, SystemExit):
            out.interrupted(f"{len(results)} of {len(found.pairs)} pairs compared")
            raise
        else:
            if not as_text:
                out.answer(results[-1].text)
    for failure in failures[: len(found.alone)]:
        out.fail(failure)
    _print_all(out, results, as_text, several=len(found.pairs) > 1)
    if failures:
        ctx.exit(1)


class _Result(NamedTuple):
    text: str
    facts: dict[str, Any]
    statistics: ErrorStatistics


@dataclass(frozen=True)
class _Comparison:
    """What is done with each pair."""

    readings: tuple[Reading, Reading]
    look: Look
    quantity: Quantity | None  # None: as the first pair has it
    thresholds: tuple[float, ...] | None
    force: bool
    of_folders: bool
    unsaid: tuple[Unsaid, Unsaid]  # one, unless estimates and truths mean different things

    def __call__(self, pair: Pair, target: Path | None, out: Console) -> _Result:
        from .. import io
        from ..accuracy import error_statistics
        from ._difference import benchmark_d1, shown_text, title_fields
        from ._dress import title_text

        if target is not None:
            refuse_existing(target, self.force)
        compared = self._read(pair, out)
        quantity = self.quantity or quantity_of(self.readings, compared.unit)
        statistics = error_statistics(
            *compared.masked, quantity=quantity, thresholds=self.thresholds
        )
        if not statistics.count:
            raise ValueError("no pixel has both an estimate and a truth")
        height, width = compared.truth.values.shape
        unit = compared.unit or ("px" if quantity == "disparity" else "")
        name = printable
        facts: dict[str, Any] = {"estimate": str(pair.estimate), "truth": str(pair.truth)}
        facts |= {"width": width, "height": height, "unit": unit or None, **as_json(statistics)}
        head = f"{name(pair.estimate)} - {name(pair.truth)}  {width}x{height}  "
        text = [head + counted(statistics), *lines(statistics, unit)]
        if self.look.kitti:
            facts["kitti_d1"] = benchmark_d1(compared)
            text.append(f"D1 as in KITTI 2015, gaps filled: {100 * facts['kitti_d1']:.2f} %")
        if target is not None:
            compared = compared._replace(unit=unit or None)

            def title(limit: float) -> str:
                return title_text(
                    self.look.title, title_fields(name(pair.estimate.stem), limit, unit, statistics)
                )

            drawn = self.look.draw(compared, title)
            if self.of_folders:
                target.parent.mkdir(parents=True, exist_ok=True)
            io.write(target, drawn.picture, recipe=drawn.recipe, force=self.force)
            facts["output"] = str(target)
            shown = "errors of KITTI 2015"
            if not self.look.kitti:
                facts |= {"limit": drawn.limit, "under": drawn.under, "over": drawn.over}
                shown = shown_text(drawn, unit, compared.error.values.dtype)
            text.append(f"-> {name(target)}  {shown}")
        return _Result("\n  ".join(text), facts, statistics)

    def _read(self, pair: Pair, out: Console) -> Compared:
        from ._difference import Compared
        from ._numbers import numbers_of

        rasters = []
        for reading, path, unsaid in zip(self.readings, pair, self.unsaid, strict=True):
            raster = reading.read(path)
            for remark in unsaid.of(reading.remarks(raster)):
                out.note(f"{printable(path)}: {remark}")
            rasters.append(raster)
        first, second = rasters
        if first.shape != second.shape:
            sizes = ["x".join(map(str, one.shape[::-1])) for one in rasters]
            raise ValueError(f"is {sizes[0]}, and {pair.truth} is {sizes[1]}")
        if first.unit and second.unit and first.unit != second.unit:
            raise ValueError(f"is in {first.unit}, and {pair.truth} is in {second.unit}")
        numbers = [numbers_of(one.scaled(), one.mask) for one in rasters]
        return Compared(numbers[0], numbers[1], second.unit or first.unit)


def _look(**options: Any) -> Look:
    """How it is shown; wrong options are refused before anything is read."""
    import numpy as np

    from ._difference import TITLE_FIELDS, Compared, Look
    from ._dress import check_title
    from ._numbers import numbers_of

    look = Look(**options)
    check_title(look.title, TITLE_FIELDS)
    tiny = numbers_of(np.ones((2, 2)))
    try:
        look.draw(Compared(tiny, tiny, None), lambda _: "")
    except (TypeError, ValueError, OverflowError) as error:
        raise usage(error) from None
    return look


def _targets(
    output: str | None, pairs: Sequence[Pair], given: tuple[str, str]
) -> Sequence[Path | None]:
    """Where pictures go; None where there are none."""
    from ._targets import check_targets

    if output is None:
        return [None] * len(pairs)
    target = Path(output)
    if Path(given[0]).is_dir():
        if target.exists() and not target.is_dir():
            raise click.UsageError(f"-o {output}: of folders OUT is a folder, not a file")
        if any(target.resolve() == Path(one).resolve() for one in given):
            raise click.UsageError(f"-o {output}: is an input")
        targets = [target / f"{pair.estimate.stem}.png" for pair in pairs]
    else:
        if target.is_dir():
            target = target / f"{pairs[0].estimate.stem}.png"
        targets = [check_file(str(target), _SUFFIXES)]
    check_targets([str(path) for pair in pairs for path in pair], targets, "rgb", "uint8")
    return targets


def _print_all(out: Console, results: Sequence[_Result], as_text: bool, *, several: bool) -> None:
    """The figures of all together, and everything as JSON."""
    from ..accuracy import pooled

    together = pooled([one.statistics for one in results]) if results else None
    if as_text:
        facts: dict[str, Any] = {"pairs": [one.facts for one in results]}
        if together is not None:
            facts["all"] = as_json(results[0].statistics if len(results) == 1 else together)
        out.answer(json.dumps(facts, indent=2, allow_nan=False))
    elif several and together is not None:
        unit = results[0].facts["unit"] or ""
        head = f"all {len(results)}: {counted(together)}"
        out.answer("\n  ".join([head, *lines(together, unit)]))


def _reason(error: Exception, pair: Pair, target: Path | None) -> str:
    """An error as one line, with the file it is about."""
    of_target = isinstance(error, OSError) and target is not None
    return reason(error, target if of_target and target is not None else pair.estimate)
