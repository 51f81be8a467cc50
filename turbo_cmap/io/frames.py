"""`Frames`: images of numbers, one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from .._typing import AnyArray
from .raster import Raster, ReadError


class EndedEarlyError(ReadError):
    """Frames that end before they should; all before that have been read."""


class Frames(ABC):
    """Images of one size and dtype, read one at a time when they are iterated over.

    Attributes
    ----------
    path : Path
        What they are read from: a folder, a file.
    paths : sequence of Path
        The files, where each is one frame.
    fps : Fraction or None
        Frames a second, where the source says so.
    count : int or None
        How many there are, where that is known without reading them all.
    rereadable : bool
        Whether they can be iterated over again; a pipe cannot.
    """

    path: Path
    paths: Sequence[Path] = ()
    fps: Fraction | None = None
    count: int | None = None
    rereadable: bool = True

    @abstractmethod
    def _read(self) -> Iterator[Raster]:
        """The frames, from the first on."""

    def __iter__(self) -> Iterator[Raster]:
        """The frames, each checked to be like the first.

        Raises
        ------
        ReadError
            If one cannot be read, or is of another size or dtype.
        """
        wanted = None
        for number, raster in enumerate(self._read()):
            found = _kind(raster.values)
            wanted = wanted or found
            if found != wanted:
                reason = f"frame {number} is {found}, those before it are {wanted}"
                raise ReadError(raster.path, reason)
            yield raster

    def values(self, progress: Callable[[Iterator[Raster]], Iterator[Raster]] = iter) -> Values:
        """What is measured in each, for `Colorizer.fit` and `data_range`.

        Parameters
        ----------
        progress : callable, optional
            Called with the frames of each pass, and returns them.
        """
        return Values(self, progress)


class Values:
    """The values of `Frames`, scaled, as masked arrays where there is a mask."""

    def __init__(
        self, frames: Frames, progress: Callable[[Iterator[Raster]], Iterator[Raster]]
    ) -> None:
        self._frames = frames
        self._progress = progress

    def __iter__(self) -> Iterator[AnyArray]:
        for raster in self._progress(iter(self._frames)):
            yield raster.masked()


def _kind(values: AnyArray) -> str:
    height, width = values.shape
    return f"{width}x{height} {values.dtype.newbyteorder('=')}"


class FileFrames(Frames):
    """A file a frame."""

    def __init__(self, path: Path, paths: Sequence[Path], read: Callable[[Path], Raster]) -> None:
        self.path = path
        self.paths = tuple(paths)
        self.count = len(self.paths)
        self._read_one = read

    def _read(self) -> Iterator[Raster]:
        return map(self._read_one, self.paths)
