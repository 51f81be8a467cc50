"""Where the frames of `turbo-cmap video` go: a video, files of their own, or a stream."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

import click

from ._console import printable
from ._digits import count_text
from ._dry_run import Step
from ._targets import check_template
from ._writing import SEPARATORS, check_folder, reason, refuse_existing

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..io import Frames, Recipe
    from ..io.codecs import Encoding

#: What a template can have, and what it stands for.
_FIELDS = {
    "stem": "the name of the frame's file without its suffix",
    "index": "the number of the frame, from 0; {index:05d} has five digits",
}


class Painted(NamedTuple):
    """The picture of a frame."""

    number: int  # of the frame, from 0
    source: Path
    picture: AnyArray
    recipe: Recipe | None  # for a file of its own


class Written(NamedTuple):
    """What came out."""

    frames: int
    width: int
    height: int
    kind: str


class Sink(Protocol):
    """A place for frames."""

    @property
    def name(self) -> str:
        """What to call it."""

    def check(self, order: str, dtype: str, fps: Fraction | None) -> None:
        """Raise click.UsageError where it cannot hold such pictures."""

    def left(self, count: int) -> str:
        """What there is when the run ends after so many frames."""

    def write(self, frames: Iterator[Painted], fps: Fraction, palette: AnyArray | None) -> Written:
        """Write them all."""

    @property
    def when_interrupted(self) -> str:
        """What there is when a signal has ended `write`."""


@dataclass(frozen=True)
class MovieSink:
    """A video or an animation."""

    path: Path
    encoding: Encoding
    force: bool

    @property
    def name(self) -> str:
        """What to call it."""
        return printable(self.path)

    def check(self, order: str, dtype: str, fps: Fraction | None) -> None:
        """Raise click.UsageError where it cannot hold such pictures, ImportError without PyAV."""
        from ..io.codecs import DEFAULT_FPS, check_alpha
        from ..io.movies import check_movie

        if dtype != "uint8" or order not in ("rgb", "rgba"):
            raise click.UsageError(f"{self.name}: video is --order rgb or rgba and --dtype uint8")
        check_folder(str(self.path))
        try:
            check_movie(self.path, self.encoding, fps or DEFAULT_FPS)
            if order == "rgba" and self.encoding.suffix not in (".gif", ".apng"):
                check_alpha(self.encoding)
        except ValueError as error:
            raise click.UsageError(f"-o {error}") from None
        refuse_existing(self.path, self.force)

    def left(self, count: int) -> str:
        """What there is when the run ends after so many frames."""
        return f"{self.name} is not written"

    def write(self, frames: Iterator[Painted], fps: Fraction, palette: AnyArray | None) -> Written:
        """Write them all, or no file."""
        from ..io import write_frames

        suffix, codec, crf, chroma, lossless, bits = self.encoding
        movie = write_frames(
            self.path,
            (frame.picture for frame in frames),
            fps=fps,
            codec=codec,
            crf=crf,
            chroma=chroma,
            lossless=lossless,
            bits=bits,
            palette=palette if suffix in (".gif", ".apng") else None,
            force=self.force,
        )
        return Written(movie.frames, movie.width, movie.height, movie.coding)

    @property
    def when_interrupted(self) -> str:
        """What there is when a signal has ended `write`."""
        return _left_as_it_was(self.path)


@dataclass(frozen=True)
class FilesSink:
    """A file a frame, by a template with {index} and {stem}."""

    template: str
    force: bool
    folder: str = ""
    inputs: frozenset[object] = frozenset()  # identities of what is never written over
    written: list[Path] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What to call it."""
        return self.folder or self.template

    def check(self, order: str, dtype: str, fps: Fraction | None) -> None:
        """Raise click.UsageError where it cannot hold such pictures."""
        from ..io import check_format

        try:
            check_format(self.path("stem", 0), dtype, len(order))
        except ValueError as error:
            raise click.UsageError(f"-o {error}") from None
        if order.startswith("bgr") and not self.template.endswith(".npy"):
            raise click.UsageError(f"--order {order} is for NPY, got {self.template}")

    def path(self, stem: str, index: int) -> Path:
        """The file of one frame."""
        return Path(self.template.format(stem=stem, index=index))

    def left(self, count: int) -> str:
        """What there is when the run ends after so many frames."""
        return f"{count_text(count, 'file')} before it {'is' if count == 1 else 'are'} written"

    def write(self, frames: Iterator[Painted], fps: Fraction, palette: AnyArray | None) -> Written:
        """Write them, each whole."""
        from .. import io
        from ._writing import file_identity

        count, shape, before = 0, (0, 0), None
        for number, source, picture, recipe in frames:
            path = self.path(source.stem, number)
            if path == before:
                raise ValueError(f"{path}: two frames would become this; use {{index}}")
            if count == 0:
                path.parent.mkdir(parents=True, exist_ok=True)
            # Where frames can be counted, this has been refused before.
            if self.inputs and file_identity(path) in self.inputs:
                raise ValueError(f"{path}: is an input, which is never overwritten")
            refuse_existing(path, self.force)
            try:
                io.write(path, picture, recipe=recipe, force=self.force)
            except OSError as error:
                raise OSError(reason(error, path)) from error  # which of them it is
            self.written.append(path)
            before, shape = path, (picture.shape[0], picture.shape[1])
            count += 1
        return Written(count, shape[1], shape[0], os.path.splitext(self.template)[1][1:])

    @property
    def when_interrupted(self) -> str:
        """What there is when a signal has ended `write`."""
        return f"{count_text(len(self.written), 'frame')} written"


@dataclass(frozen=True)
class RawSink:
    """Nothing but pixels, to a stream or a file."""

    path: Path | None
    order: str
    force: bool

    @property
    def name(self) -> str:
        """What to call it."""
        return "stdout" if self.path is None else printable(self.path)

    def check(self, order: str, dtype: str, fps: Fraction | None) -> None:
        """Raise click.UsageError where it cannot hold such pictures."""
        if dtype != "uint8":
            raise click.UsageError("--raw-out is of 8 bits; leave out --dtype")
        if self.path is None:
            if sys.stdout.isatty():
                raise click.UsageError("-o - writes pixels, and stdout is a terminal")
        else:
            check_folder(str(self.path))
            refuse_existing(self.path, self.force)

    def left(self, count: int) -> str:
        """What there is when the run ends after so many frames."""
        if self.path is not None:
            return f"{self.name} is not written"
        return f"{count_text(count, 'frame')} before it went out"

    def write(self, frames: Iterator[Painted], fps: Fraction, palette: AnyArray | None) -> Written:
        """Write them as they come."""
        from ..io.atomic import new_file

        count, shape = 0, (0, 0)
        with ExitStack() as stack:
            file: BinaryIO = sys.stdout.buffer
            if self.path is not None:
                file = stack.enter_context(new_file(self.path, force=self.force))
            for _, _, picture, _ in frames:
                file.write(picture.data)
                file.flush()  # who reads it, may wait for this frame
                shape = picture.shape[0], picture.shape[1]
                count += 1
        return Written(count, shape[1], shape[0], f"raw {self.order}")

    @property
    def when_interrupted(self) -> str:
        """What there is when a signal has ended `write`."""
        return "stdout ends early" if self.path is None else _left_as_it_was(self.path)


def _left_as_it_was(path: Path) -> str:
    name = printable(path)
    return f"{name} is {'as it was' if os.path.lexists(path) else 'not written'}"


def steps_of(sink: Sink, frames: Frames) -> Iterator[Step]:
    """What would be read and written, for ``--dry-run``."""
    if isinstance(sink, FilesSink):
        for index, path in enumerate(frames.paths or [frames.path] * (frames.count or 1)):
            yield Step([path], sink.path(path.stem, index))
    elif isinstance(sink, MovieSink) or (isinstance(sink, RawSink) and sink.path is not None):
        assert sink.path is not None
        yield Step([frames.path] if frames.path.is_file() else [], sink.path)


def sink_of(
    output: str, raw_order: str | None, encoding: Encoding, force: bool, many: bool
) -> Sink:
    """What OUT says.

    Parameters
    ----------
    output : str
    raw_order : str or None
        Of ``--raw-out``.
    encoding : Encoding
        Without its suffix.
    force : bool
    many : bool
        Whether each frame is a file of its own, which a folder's pictures are named after.
    """
    if raw_order is not None:
        return RawSink(None if output == "-" else Path(output), raw_order, force)
    if output == "-":
        raise click.UsageError("-o - needs --raw-out, such as --raw-out rgb24")
    is_folder = os.path.isdir(output)
    if ("{" in output or "}" in output) and not is_folder:
        if not check_template(output, _FIELDS):
            raise click.UsageError(
                f"-o {output}: a template has {{index}}, {{index:05d}} or {{stem}}"
            )
        return FilesSink(output, force)
    if is_folder or output.endswith(SEPARATORS):
        folder = output.replace("{", "{{").replace("}", "}}")
        named = "{stem}.png" if many else "{stem}_{index:05d}.png"
        return FilesSink(os.path.join(folder, named), force, output)
    path = Path(output)
    if not path.suffix:
        raise click.UsageError(f"-o {output}: a folder ends in '/', a video in .mp4, .gif, ...")
    return MovieSink(path, encoding._replace(suffix=path.suffix.lower()), force)
