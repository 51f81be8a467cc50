"""`turbo-cmap video`: sequences of numbers in, moving pictures out."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._coloring import Coloring, coloring_options
from ._console import Console, console
from ._dress import Dress, dress_options
from ._reading import Reading, reading_options

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..io import Frames, Raster
    from ._limits import Choice, Spanned
    from ._sinks import Painted, Sink

_T = TypeVar("_T")
_RAW_ORDERS = {"rgb24": "rgb", "bgr24": "bgr", "rgba": "rgba", "bgra": "bgra"}
_RANGES = ("shared", "smooth", "per-frame", "fixed")
#: As a shell has it for a program that SIGPIPE ends.
_BROKEN_PIPE = 128 + 13


@click.command()
@click.argument("inputs", metavar="IN...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="A video (.mp4 .mov .mkv .webm), an animation (.gif .apng .webp), a folder (it ends "
    "in '/'), a template such as out/frame_{index:05d}.png, or - for stdout.",
)
@click.option("--force", is_flag=True, help="Replace files that exist. Never an input.")
@click.option(
    "--fps",
    metavar="RATE",
    help="Frames a second, also as 30000/1001. Default: the input's, or 30.",
)
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
    "--raw",
    metavar="WxH:TYPE",
    help="IN is raw frames, as 640x480:u16le; u8 i16 u16be f32le f64 gray16le ... IN may be -.",
)
@click.option(
    "--raw-out", type=click.Choice(list(_RAW_ORDERS)), help="OUT is raw pixels, and may be -."
)
@click.option(
    "--channel",
    type=click.Choice(["y", "r", "g", "b"]),
    help="Which component of a color video holds the numbers.",
)
@click.option("--codec", metavar="NAME", help="h264, h265, vp9, ffv1 or png.")
@click.option(
    "--crf", type=int, metavar="N", help="Of the codec: smaller is better. Default: 18 for h264."
)
@click.option(
    "--chroma", type=click.Choice(["420", "444"]), help="Resolution of color. Default: 420, half."
)
@click.option("--lossless", is_flag=True, help="Every pixel as it is.")
@reading_options
@coloring_options
@dress_options
@click.pass_context
def video(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    output: str,
    force: bool,
    fps: str | None,
    mode: str | None,
    seconds: float,
    raw: str | None,
    raw_out: str | None,
    channel: str | None,
    **options: Any,
) -> None:
    """Turn sequences of numbers into videos, animations or frames.

    IN is a folder of frames, files in natural order (frame_2 before frame_10), one file of
    many frames (a video, a TIFF, an NPY or NPZ of shape N x H x W), or raw frames.

    \b
    turbo-cmap video frames/ -o depth.mp4 --invalid 0 --robust
    turbo-cmap video depth.mkv -o depth.gif --fps 10
    turbo-cmap video stack.npy -o 'out/frame_{index:05d}.png' --range per-frame
    camera | turbo-cmap video - --raw 640x480:u16le -o - --raw-out rgb24 | ffplay ...
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from ..io.codecs import Encoding
    from ._sinks import sink_of

    out = console(ctx)
    names = ("codec", "crf", "chroma", "lossless")
    encoding = Encoding("", **{name: options.pop(name) for name in names})
    if raw_out is not None:
        if options["order"] not in ("rgb", _RAW_ORDERS[raw_out]):
            raise click.UsageError(f"--raw-out {raw_out} says the order; leave out --order")
        options["order"] = _RAW_ORDERS[raw_out]
    reading, coloring, dress = Reading.take(options), Coloring.take(options), Dress.take(options)
    if dress and (coloring.dtype != "uint8" or coloring.order not in ("rgb", "rgba")):
        raise click.UsageError("what goes around pictures is --order rgb or rgba, --dtype uint8")
    _check_range(mode, coloring)
    rate = None if fps is None else _as_rate(fps)
    each_a_file = raw is None and (len(inputs) > 1 or not os.path.isfile(inputs[0]))
    sink = sink_of(output, raw_out, encoding, force, each_a_file)
    try:
        sink.check(coloring.order, coloring.dtype, rate)
        frames = _open(inputs, raw, channel, reading)
        _check_frames(frames, mode, sink)
        job = Job(frames, sink, rate, reading, coloring, dress, out)
        summary = job.run(mode or _usual_range(frames, coloring), seconds)
    except BrokenPipeError:
        if output != "-":
            raise
        # Nobody reads any more, which is no fault of this program; nothing is left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        ctx.exit(_BROKEN_PIPE)
    except (OSError, ValueError, MemoryError, ImportError) as error:
        out.fail(_reason(error, output))
        ctx.exit(1)
    (out.note if output == "-" else out.say)(f"{_names(inputs)} -> {sink.name}  {summary}")
    if job.partial is not None:
        out.fail(_reason(job.partial, output))
        ctx.exit(1)


def _open(
    inputs: tuple[str, ...], raw: str | None, channel: str | None, reading: Reading
) -> Frames:
    from ..io import read_frames
    from ..io.raw import RawFormat, RawFrames

    if raw is None:
        if "-" in inputs:
            raise click.UsageError("IN - needs --raw, such as --raw 640x480:u16le")
        return read_frames(inputs, key=reading.key, channel=channel, read=reading.read)
    if len(inputs) > 1:
        raise click.UsageError(f"--raw reads one input, got {len(inputs)}")
    if channel is not None or reading.key is not None:
        raise click.UsageError("--channel and --key are not for --raw")
    try:
        form = RawFormat.parse(raw)
    except ValueError as error:
        raise click.UsageError(f"--raw {error}") from None
    if inputs[0] != "-":
        return RawFrames(Path(inputs[0]), form)
    stream: Any = sys.stdin.buffer
    if stream.isatty():
        raise click.UsageError("IN - reads numbers, and stdin is a terminal")
    with suppress(OSError):  # not one of this process
        stream = io.FileIO(stream.fileno(), closefd=False)
    return RawFrames(Path("stdin"), form, stream)


def _check_range(mode: str | None, coloring: Coloring) -> None:
    if mode == "fixed" and not _is_known(coloring):
        raise click.UsageError("--range fixed needs --vmin and --vmax")
    if mode == "smooth" and coloring.norm == "equalize":
        raise click.UsageError("--norm equalize has no limits to smooth; use another --range")


def _is_known(coloring: Coloring) -> bool:
    from ..scaling import as_scaling

    asked = coloring.norm, coloring.vmin, coloring.vmax, coloring.center, coloring.robust
    return as_scaling("colorize", *asked).known() is not None


def _usual_range(frames: Frames, coloring: Coloring) -> str:
    if _is_known(coloring):
        return "fixed"
    if frames.rereadable:
        return "shared"
    return "per-frame" if coloring.norm == "equalize" else "smooth"


def _check_frames(frames: Frames, mode: str | None, sink: Sink) -> None:
    from ._targets import _file_identity

    if mode == "shared" and not frames.rereadable:
        raise click.UsageError(
            f"--range shared reads the frames twice, and {frames.path} can be read once; use "
            "--range smooth, or --vmin and --vmax"
        )
    target = getattr(sink, "path", None)
    if isinstance(target, Path):
        sources = {_file_identity(path) for path in getattr(frames, "paths", [frames.path])}
        if _file_identity(target) in sources - {None}:
            raise click.UsageError(f"{target} is an input, which is never overwritten")


def _as_rate(fps: str) -> Fraction:
    from ..io.movies import as_fps

    try:
        return as_fps(fps)
    except ValueError as error:
        text = str(error).removeprefix("write_frames(): fps")
        raise click.UsageError(f"--fps{text}") from None


class Job:
    """Frames through a color map into a sink.

    Attributes
    ----------
    partial : ReadError or None
        After `run`: that the input ended in the middle of a frame.
    """

    def __init__(
        self,
        frames: Frames,
        sink: Sink,
        fps: Fraction | None,
        reading: Reading,
        coloring: Coloring,
        dress: Dress,
        out: Console,
    ) -> None:
        self._frames = frames
        self._sink = sink
        self._fps = fps or frames.fps or Fraction(30)
        self._reading = reading
        self._coloring = coloring
        self._dress = dress
        self._out = out
        self.partial: OSError | None = None

    def run(self, mode: str, seconds: float) -> str:
        """Do it; return the summary.

        Raises
        ------
        OSError, ValueError, MemoryError
            If a frame cannot be read or the result not be written.
        """
        from ._ahead import ahead
        from ._limits import Spanned

        choose = self._choice(mode, seconds)
        rasters = self._whole(ahead(self._shown(iter(self._frames), "frames")))
        first = next(rasters, None)
        if first is None:
            raise self.partial or ValueError(f"{self._frames.path}: holds no frame")
        spanned = Spanned()
        painted = ahead(self._paint(_chain(first, rasters), choose, spanned))
        with closing(painted):
            written = self._sink.write(painted, self._fps, self._palette(first))
        height, width = first.values.shape
        if not self._dress and (written.width, written.height) != (width, height):
            self._out.note(
                f"{width}x{height} is padded to {written.width}x{written.height}: with chroma "
                "of half the resolution, sizes are even"
            )
        rate = f"{float(self._fps):.5g}"
        parts = [
            f"{written.width}x{written.height} {first.values.dtype.name}",
            f"{written.frames} frame{'s' * (written.frames != 1)} at {rate}/s",
            f"range {spanned}{f' {first.unit}' if first.unit else ''}, {mode}",
            written.kind,
        ]
        return "  ".join(parts)

    def _choice(self, mode: str, seconds: float) -> Choice:
        from ..colorizer import Colorizer
        from ._limits import Following, same

        invalid = self._reading.invalid
        if mode in ("smooth", "per-frame"):
            seconds = seconds if mode == "smooth" else 0
            return Following(self._coloring, invalid, self._fps, seconds)
        colorizer = Colorizer(**self._coloring.arguments, invalid=invalid or None)
        if mode == "shared" and not _is_known(self._coloring):
            colorizer.fit(self._frames.values(self._for_range))
        return same(colorizer)

    def _paint(
        self, rasters: Iterator[Raster], choose: Choice, spanned: Spanned
    ) -> Iterator[Painted]:
        from ._sinks import Painted

        for raster in rasters:
            colorizer = choose(raster)
            spanned.add(colorizer)
            picture = colorizer(raster.scaled(), mask=raster.mask)
            if self._dress:
                picture = self._dress.compose(picture, raster, colorizer, raster.path)
            yield Painted(raster, picture)

    def _palette(self, first: Raster) -> AnyArray | None:
        """All colors there can be, if they are those of a map alone."""
        from ._indexed import colors_of

        coloring = self._coloring
        if self._dress or coloring.method != "lut" or coloring.dtype != "uint8":
            return None
        holes = first.values.dtype.kind == "f" or first.scale != 1 or first.mask is not None
        holes = holes or bool(self._reading.invalid) or coloring.norm in ("log", "inverse")
        return colors_of(coloring.arguments, holes)

    def _for_range(self, rasters: Iterator[Raster]) -> Iterator[Raster]:
        return self._whole(self._shown(rasters, "range"))

    def _whole(self, rasters: Iterator[Raster]) -> Iterator[Raster]:
        """Without the part of a frame that a stream may end in, which is noted."""
        from ..io.raw import PartialFrameError

        try:
            yield from rasters
        except PartialFrameError as error:
            self.partial = error

    def _shown(self, items: Iterator[_T], what: str) -> Iterator[_T]:
        """With a progress bar, where somebody looks."""
        if not self._out.shows_progress or importlib.util.find_spec("tqdm") is None:
            yield from items
            return
        from tqdm import tqdm

        with tqdm(items, what, self._frames.count, unit=" frames", leave=False) as bar:
            yield from bar


def _chain(first: _T, others: Iterator[_T]) -> Iterator[_T]:
    yield first
    yield from others


def _names(inputs: tuple[str, ...]) -> str:
    first = click.format_filename(inputs[0])
    return first if len(inputs) == 1 else f"{first} and {len(inputs) - 1} more"


def _reason(error: BaseException, output: str) -> str:
    """An error as the line to print, with the file it is about."""
    from ..io import ReadError
    from ..io.raster import line

    text = line(error).removeprefix("write_frames(): ")
    own = isinstance(error, ReadError) or (isinstance(error, OSError) and not error.errno)
    if own or not isinstance(error, (OSError, MemoryError)):
        return text
    return f"{click.format_filename(output)}: {text}"
