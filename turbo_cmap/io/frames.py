"""`Frames`: images of numbers, one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from .._typing import AnyArray
from .raster import Raster, ReadError

#: What may be done about a frame that cannot be read.
ON_ERROR = ("stop", "skip", "repeat")


class EndedEarlyError(ReadError):
    """Frames that end before they should; all before that have been read."""


class FrameError(ReadError):
    """A frame that cannot be read, or is unlike the others.

    Attributes
    ----------
    number : int
        Which one, from 0.
    """

    def __init__(self, path: Path, reason: str, number: int) -> None:
        super().__init__(path, f"frame {number}: {reason}")
        self.number = number
        self._given = path, reason, number

    def __reduce__(self) -> tuple[type[FrameError], tuple[Path, str, int]]:  # type: ignore[override]
        return type(self), self._given


class Frame(NamedTuple):
    """A frame and its number, from 0, in what it was read from."""

    number: int
    raster: Raster


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
    on_error : {"stop", "skip", "repeat"}
        What is done about a frame that cannot be read or is unlike the first: an error, none,
        or the frame before it once more, for which the first that can be read stands in at
        the beginning.
    problems : mapping from int to ReadError
        What was wrong with which frame, in the iteration that began last.
    """

    path: Path
    paths: Sequence[Path] = ()
    fps: Fraction | None = None
    count: int | None = None
    rereadable: bool = True
    on_error: str = "stop"
    problems: Mapping[int, ReadError] = MappingProxyType({})

    @abstractmethod
    def _read(self) -> Iterator[Raster | ReadError]:
        """The frames, from the first on.

        Of one that cannot be read, while those behind it can, the error is yielded. What is
        raised is the end.
        """

    def __iter__(self) -> Iterator[Raster]:
        """The frames, each checked to be like the first.

        Raises
        ------
        ReadError
            If one cannot be read, or is of another size or dtype, and `on_error` is "stop";
            if none can be read.
        """
        return (frame.raster for frame in self.numbered())

    def numbered(self, on_error: str | None = None) -> Iterator[Frame]:
        """The same with their numbers.

        Parameters
        ----------
        on_error : str, optional
            Instead of the attribute of this name.
        """
        on_error = on_error or self.on_error
        problems: dict[int, ReadError] = {}
        self.problems = problems
        wanted, last = "", None
        for number, raster in enumerate(self._read()):
            if isinstance(raster, ReadError):
                problem: ReadError | None = raster
            else:
                kind = _kind(raster.values)
                wanted = wanted or kind
                reason = f"{kind}, and those before it are {wanted}"
                problem = None if kind == wanted else ReadError(raster.path, reason)
            if problem is None:
                assert isinstance(raster, Raster)
                if last is None and on_error == "repeat":
                    for missed, one in problems.items():
                        yield Frame(missed, replace(raster, path=one.path))
                last = raster
                yield Frame(number, raster)
                continue
            if on_error == "stop":
                raise FrameError(problem.path, problem.reason, number) from problem
            problems[number] = problem
            if last is not None and on_error == "repeat":
                yield Frame(number, replace(last, path=problem.path))
        if last is None and problems:
            number, problem = next(iter(problems.items()))
            reason = f"{problem.reason}; none of {len(problems)} frames can be read"
            raise FrameError(problem.path, reason, number)

    def values(self, progress: Callable[[Iterator[Raster]], Iterator[Raster]] = iter) -> Values:
        """What is measured in each, for `Colorizer.fit` and `data_range`.

        Frames that are repeated count once.

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
        policy = "stop" if self._frames.on_error == "stop" else "skip"
        once = self._frames.numbered(policy)
        for raster in self._progress(frame.raster for frame in once):
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

    def _read(self) -> Iterator[Raster | ReadError]:
        for path in self.paths:
            try:
                yield self._read_one(path)
            except ReadError as error:
                yield error
