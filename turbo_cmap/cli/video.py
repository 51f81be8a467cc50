"""`turbo-cmap video`: sequences of numbers in, moving pictures out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._coloring import Coloring, coloring_options
from ._console import console, printable
from ._dress import Dress, dress_options
from ._dry_run import dry_run, dry_run_option
from ._encoding import take_encoding, video_options
from ._frames import Source, frames_options
from ._reading import Reading, reading_options
from ._types import without_caller
from ._writing import force_option, reason, refuse_existing, refuse_inputs

if TYPE_CHECKING:
    from ..io import Frames
    from ._sinks import Sink

_RAW_ORDERS = {"rgb24": "rgb", "bgr24": "bgr", "rgba": "rgba", "bgra": "bgra"}
_RANGES = ("shared", "smooth", "per-frame", "fixed")


@click.command()
@frames_options
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A video (.mp4 .mov .mkv .webm), an animation (.gif .apng .webp), a folder (it ends "
    "in '/'), a template such as out/frame_{index:05d}.png, or - for stdout.",
)
@force_option
@click.option(
    "--range",
    "mode",
    type=click.Choice(_RANGES),
    help="One range for all frames; one that follows them; each frame's own; or --vmin and "
    "--vmax. Default: shared, of a pipe smooth.",
)
@click.option(
    "--smooth",
    "seconds",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How fast a smooth range follows.",
)
@click.option(
    "--raw-out", type=click.Choice(list(_RAW_ORDERS)), help="OUT is raw pixels, and may be -."
)
@reading_options
@coloring_options
@dress_options
@video_options
@dry_run_option
@click.pass_context
def video(
    ctx: click.Context,
    /,
    output: str,
    force: bool,
    mode: str | None,
    seconds: float,
    raw_out: str | None,
    **options: Any,
) -> None:
    """Turn sequences of numbers into videos, animations or frames.

    IN is a folder of frames, a pattern in quotes or files, taken in natural order (frame_2
    before frame_10); '-' for a list of names, in its own; one file of many frames (a video, a
    TIFF, an array N x H x W in NPY, HDF5, NetCDF or Zarr); or raw frames.

    \b
    turbo-cmap video frames/ -o depth.mp4 --invalid 0 --robust
    turbo-cmap video run/ -r --include 'depth_*.png' -o depth.mp4 --on-error repeat
    turbo-cmap video depth.mkv -o depth.gif --fps 10
    turbo-cmap video scan.h5 --key 'camera/depth[10:20]' -o depth.webm
    turbo-cmap video stack.npy -o 'out/frame_{index:05d}.png' --range per-frame
    turbo-cmap video - --raw 640x480:u16le -o - --raw-out rgb24 < frames.raw > colors.raw
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ..io.frames import FrameError
    from ._sequence import Sequence, usual_range
    from ._sinks import sink_of, steps_of

    out = console(ctx)
    source = Source.take(options)
    encoding, rate = take_encoding(options)
    if raw_out is not None:
        if options["order"] not in ("rgb", _RAW_ORDERS[raw_out]):
            raise click.UsageError(f"--raw-out {raw_out} says the order; leave out --order")
        options["order"] = _RAW_ORDERS[raw_out]
    reading, coloring, dress = Reading.take(options), Coloring.take(options), Dress.take(options)
    dress.check(coloring)
    _check_range(mode, coloring)
    sequence: Sequence | None = None
    try:
        paths = source.find(output)
        each_a_file = len(paths) > 1 or not paths[0].is_file()
        sink = sink_of(output, raw_out, encoding, force, each_a_file)
        sink.check(coloring.order, coloring.dtype, rate)
        frames = source.open(paths, reading)
        steps = [*steps_of(sink, frames)]
        sink = _checked(sink, frames, mode, dress, [step.target for step in steps])
        if out.dry_run:
            if output == "-":
                out.note("would write pixels to stdout")
            ctx.exit(dry_run(out, steps, force))
        planned: set[Path] = set()
        for step in steps:  # all of them, before the first is written
            refuse_existing(step.target, force)
            if step.target in planned:
                raise ValueError(f"{step.target}: two frames would become this; use {{index}}")
            planned.add(step.target)
        sequence = Sequence(frames, sink, rate, reading, coloring, dress, out)
        try:
            summary = sequence.run(mode or usual_range(frames, coloring), seconds)
        except (KeyboardInterrupt, SystemExit):
            out.interrupted(sink.when_interrupted)
            raise
    except BrokenPipeError:
        raise  # nobody reads any more, which the group sees to
    except FrameError as error:
        left = sink.left(error.number if sequence is not None and sequence.is_writing else 0)
        advice = "; --on-error skip or repeat goes on" if source.on_error == "stop" else ""
        out.fail(f"{_reason(error, output)}; {left}{advice}")
        ctx.exit(1)
    except (OSError, ValueError, MemoryError, ImportError) as error:
        out.fail(_reason(error, output))
        ctx.exit(1)
    for number, problem in frames.problems.items():
        what = "left out" if source.on_error == "skip" else "another stands for it"
        out.fail(f"{printable(problem.path)}: frame {number}: {problem.reason}; {what}")
    (out.note if output == "-" else out.say)(f"{source.name} -> {sink.name}  {summary}")
    if sequence.ended_early is not None:
        out.fail(_reason(sequence.ended_early, output))
        ctx.exit(1)


def _check_range(mode: str | None, coloring: Coloring) -> None:
    from ._range import check_range

    check_range(mode, coloring)
    if mode == "smooth" and coloring.norm == "equalize":
        raise click.UsageError("--norm equalize has no limits to smooth; use another --range")


def _checked(
    sink: Sink, frames: Frames, mode: str | None, dress: Dress, targets: list[Path]
) -> Sink:
    """The sink of these frames, of which none is written over."""
    from ._sinks import FilesSink
    from ._writing import file_identity

    if mode == "shared" and not frames.rereadable:
        raise click.UsageError(
            f"--range shared reads the frames twice, and {frames.path} can be read once; use "
            "--range smooth, or --vmin and --vmax"
        )
    paths = frames.paths or [frames.path]
    sources = [*paths, *dress.photos(paths)]
    refuse_inputs(sources, targets)
    if isinstance(sink, FilesSink):  # frames that cannot be counted are looked at one by one
        sink = replace(sink, inputs=frozenset(map(file_identity, sources)) - {None})
    return sink


def _reason(error: BaseException, output: str) -> str:
    """An error as the line to print, with the file it is about."""
    from ..io.raster import line

    if not isinstance(error, (OSError, MemoryError)):
        return without_caller(line(error))
    return reason(error, "stdout" if output == "-" else output)
