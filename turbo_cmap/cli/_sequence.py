"""Frames of numbers through a color map, one after the other: what `video` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import TypeVar

import numpy as np

from .._typing import AnyArray
from ..colorizer import Colorizer
from ..io import Frames, Raster
from ..io.frames import EndedEarlyError, FileFrames, Frame
from ._ahead import ahead
from ._coloring import Coloring
from ._console import Console, printable
from ._digits import count_text
from ._dress import Dress
from ._frame_ranges import Choice, Following, Spanned, same
from ._indexed import colors_of
from ._progress import Progress
from ._range import is_known
from ._reading import Reading
from ._recipes import recipe_of
from ._sinks import FilesSink, Painted, Sink

_T = TypeVar("_T")


def usual_range(frames: Frames, coloring: Coloring) -> str:
    """What ``--range`` is where nothing is said."""
    if is_known(coloring):
        return "fixed"
    if frames.rereadable:
        return "shared"
    return "per-frame" if coloring.norm == "equalize" else "smooth"


class Sequence:
    """Frames through a color map into a sink.

    Attributes
    ----------
    ended_early : ReadError or None
        After `run`: that the input ended before it should have.
    is_writing : bool
        Whether frames are read to be written, and not for their range.
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
        self._size: tuple[int, int] | None = None  # of the pictures
        self.ended_early: OSError | None = None
        self.is_writing = False

    def run(self, mode: str, seconds: float) -> str:
        """Do it; return the summary.

        Raises
        ------
        OSError, ValueError, MemoryError
            If a frame cannot be read or the result not be written.
        """
        choose = self._choice(mode, seconds)
        self.is_writing = True
        frames = self._told(ahead(self._frames.numbered()))
        begin = next(frames, None)
        if begin is None:
            raise self.ended_early or ValueError(f"{self._frames.path}: holds no frame")
        first = begin.raster
        for remark in self._reading.remarks(first):
            self._out.note(f"{printable(first.path)}: {remark}")
        spanned = Spanned()
        painted = ahead(self._paint(self._shown(chain([begin], frames), "frames"), choose, spanned))
        with closing(painted):
            written = self._sink.write(painted, self._fps, self._palette(first))
        assert self._size is not None
        height, width = self._size
        if (written.width, written.height) != (width, height):
            self._out.note(
                f"{width}x{height} is padded to {written.width}x{written.height}: with chroma "
                "of half the resolution, sizes are even"
            )
        rate = f"{float(self._fps):.5g}"
        parts = [
            f"{written.width}x{written.height} {first.dtype.name}",
            f"{count_text(written.frames, 'frame')} at {rate}/s{self._missing()}",
            f"range {spanned}{f' {first.unit}' if first.unit else ''}, {mode}"
            if spanned
            else "all invalid",
            written.kind,
        ]
        return "  ".join(parts)

    def _missing(self) -> str:
        count = len(self._frames.problems)
        how = "left out" if self._frames.on_error == "skip" else "of them repeated"
        return f", {count} {how}" if count else ""

    def _choice(self, mode: str, seconds: float) -> Choice:
        if mode in ("smooth", "per-frame"):
            return Following(self._coloring, self._fps, seconds if mode == "smooth" else 0)
        colorizer = Colorizer(**self._coloring.arguments)
        if mode == "shared" and not is_known(self._coloring):
            colorizer.fit(self._frames.values(self._for_range))
        return same(colorizer)

    def _paint(
        self, frames: Iterator[Frame], choose: Choice, spanned: Spanned
    ) -> Iterator[Painted]:
        for number, raster in frames:
            colorizer = choose(raster)
            shown, region = self._dress.prepare(raster), None
            values = shown.scaled()
            if colorizer.vmin != colorizer.vmax or _is_measured(raster):
                spanned.add(colorizer, values.dtype)
            picture = colorizer(values, mask=shown.mask)
            if self._dress:
                picture, region = self._dress.dressed(picture, shown, colorizer, raster.path)
                picture = _of_size(picture, self._size or picture.shape)
            self._size = picture.shape[:2]
            recipe = None
            if isinstance(self._sink, FilesSink):
                limits = replace(self._coloring, vmin=colorizer.vmin, vmax=colorizer.vmax)
                size = (picture.shape[1], picture.shape[0])
                alpha = self._dress.weight
                recipe = recipe_of(limits, raster.unit, region=region, size=size, alpha=alpha)
            yield Painted(number, raster.path, picture, recipe)

    def _palette(self, first: Raster) -> AnyArray | None:
        """All colors there can be, if they are those of a map alone."""
        coloring = self._coloring
        if self._dress or coloring.method != "lut" or coloring.dtype != "uint8":
            return None
        reading = self._reading
        holes = first.dtype.kind == "f" or first.scale != 1 or first.mask is not None
        holes = holes or bool(reading.invalid or reading.preset)
        holes = holes or self._dress.changes_numbers or coloring.norm in ("log", "inverse")
        return colors_of(coloring.arguments, holes)

    def _for_range(self, rasters: Iterator[Raster]) -> Iterator[Raster]:
        frames = (Frame(0, raster) for raster in self._shown(rasters, "range"))
        return (frame.raster for frame in self._told(frames))

    def _told(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """With what the user says of them; that they end early, is noted."""
        alone = isinstance(self._frames, FileFrames)  # these were read by `Reading` itself
        try:
            for number, raster in frames:
                yield Frame(number, raster if alone else self._reading.applied(raster))
        except EndedEarlyError as error:
            self.ended_early = error

    def _shown(self, items: Iterator[_T], what: str) -> Iterator[_T]:
        """With a progress bar, where somebody looks."""
        total = self._frames.count
        if total is None or not self._out.shows_progress:
            yield from items
            return
        bar = Progress(total, what, True)
        try:
            for item in items:
                yield item
                bar.step()
        finally:
            bar.hide()


def _is_measured(raster: Raster) -> bool:
    """Whether there is anything that a range can be of: of nothing, it is 0 to 0."""
    finite = np.isfinite(raster.values)
    return bool((finite if raster.mask is None else finite & ~raster.mask).any())


def _of_size(picture: AnyArray, size: tuple[int, ...]) -> AnyArray:
    """Cut or widened on the right and at the bottom: labels of legends are not all as wide."""
    missing = [max(0, want - have) for want, have in zip(size, picture.shape, strict=False)]
    if any(missing):
        picture = np.pad(picture, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    return np.ascontiguousarray(picture[: size[0], : size[1]])
