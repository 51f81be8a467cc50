"""One range for many files, found by reading them before they are converted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np

from .._typing import AnyArray
from ..kernels import get_backend
from ..kernels.palette import Palette
from ..painting import chosen_map, make_palette
from ..ranges import ManyArrays
from ..scaling import Equalized, Fitted
from ._coloring import Coloring
from ._range import scaling_of
from ._reading import Reading


class Shared(NamedTuple):
    """What was found in all files.

    Attributes
    ----------
    coloring : Coloring
        With one range, that of all.
    failures : dict from str to Exception
        Files that could not be read, and why; the others made the range.
    dtype : dtype or None
        That holds the values of all these.
    """

    coloring: Coloring
    failures: dict[str, Exception]
    dtype: np.dtype[Any] | None


def share(
    sources: Sequence[str],
    reading: Reading,
    coloring: Coloring,
    threads: int,
    tick: Callable[[], None],
) -> Shared:
    """Find one range for all files, by the rules of `Colorizer.fit`.

    Parameters
    ----------
    sources : sequence of str
    reading : Reading
    coloring : Coloring
    threads : int
        How many files to read at once; so many are in memory.
    tick : callable
        Called for each file that has been read, the first time.

    Raises
    ------
    ValueError
        If the limits are not allowed with this norm.
    """
    files = _Files(sources, reading, threads, tick)
    while True:
        known_failures = len(files.failures)
        try:
            fitted = _fit(files, coloring)
        except ValueError:
            if len(files.failures) == known_failures:
                raise
            continue  # a file has gone between two passes: without it, then
        except TypeError:
            if files.as_float64:
                raise
            files.as_float64 = True  # files of several dtypes, which ranks cannot compare
            continue
        break
    if isinstance(fitted, Equalized):
        coloring = replace(coloring, norm=EqualNorm(fitted.edges), vmin=None, vmax=None)
    else:
        coloring = coloring.spanning(cast(float, fitted.vmin), cast(float, fitted.vmax))
    return Shared(coloring, files.failures, files.dtype)


def _fit(files: _Files, coloring: Coloring) -> Fitted:
    kernels = get_backend(coloring.backend)
    invalid = files.reading.invalid or None
    data = ManyArrays("convert", kernels, files, invalid)
    return scaling_of(coloring).fit(data, _palette(coloring).layers)


class _Files:
    """The values of files, read anew each time; files that fail are left out from then on."""

    def __init__(
        self, sources: Sequence[str], reading: Reading, threads: int, tick: Callable[[], None]
    ) -> None:
        self.reading = reading
        self.failures: dict[str, Exception] = {}
        self.as_float64 = False
        self.dtype: np.dtype[Any] | None = None
        self._sources, self._threads, self._tick = sources, threads, tick
        self._ticked: set[str] = set()

    def __iter__(self) -> Iterator[AnyArray]:
        for source, result in self._read_ahead():
            try:
                values = result()
            except (OSError, ValueError, MemoryError) as error:
                self.failures[source] = error
            else:
                known = values.dtype if self.dtype is None else self.dtype
                self.dtype = np.promote_types(known, values.dtype)
                yield values
                del values
            if source not in self._ticked:
                self._ticked.add(source)
                self._tick()

    def _read_ahead(self) -> Iterator[tuple[str, Callable[[], AnyArray]]]:
        sources = [source for source in self._sources if source not in self.failures]
        if self._threads == 1:
            yield from ((source, lambda name=source: self._read(name)) for source in sources)
            return
        # Decoders release the GIL, and the kernels do: threads are enough to read.
        with ThreadPoolExecutor(self._threads) as pool:
            ahead: list[tuple[str, Future[AnyArray]]] = []
            try:
                for source in sources:
                    ahead.append((source, pool.submit(self._read, source)))
                    if len(ahead) > self._threads:
                        first, future = ahead.pop(0)
                        yield first, future.result
                        del future
                while ahead:
                    first, future = ahead.pop(0)
                    yield first, future.result
                    del future
            finally:
                pool.shutdown(cancel_futures=True)

    def _read(self, source: str) -> AnyArray:
        raster = self.reading.read(source)
        values = raster.scaled()
        if self.as_float64:
            values = values.astype(np.float64)
        return values if raster.mask is None else np.ma.MaskedArray(values, raster.mask)


def _palette(coloring: Coloring) -> Palette:
    asked = {**coloring.arguments}
    cmap = chosen_map(
        "colorize", asked["cmap"], asked["center"], asked["quantize"], asked["method"]
    )
    names = ("method", "order", "dtype", "reverse", "bad", "under", "over")
    return make_palette("colorize", cmap, *(asked[name] for name in names))


class EqualNorm:
    """The norm that gives each color as many of some values as any other; can be pickled.

    Parameters
    ----------
    edges : ndarray, shape (n + 1,)
        Ascending: between which values each of n colors is.
    """

    def __init__(self, edges: AnyArray) -> None:
        self._edges = edges

    @property
    def vmin(self) -> float:
        """The least value that has a color of its own."""
        return float(self._edges[0])

    @property
    def vmax(self) -> float:
        """The greatest one."""
        return float(self._edges[-1])

    def scaled(self) -> bool:
        """Whether the limits are known: always."""
        return True

    def autoscale_None(self, values: AnyArray) -> None:  # noqa: N802  matplotlib's name
        """Nothing is left to find."""

    def __call__(self, values: AnyArray, clip: bool = False) -> AnyArray:
        """The middle of each value's color on the map; below 0 and above 1 outside."""
        n = len(self._edges) - 1
        x = np.ma.getdata(values)
        index = np.clip(np.searchsorted(self._edges, x, side="right") - 1, 0, n - 1)
        if self.vmin == self.vmax:
            index[:] = 0
        place = (index + 0.5) / n
        place[x < self._edges[0]] = -1
        place[x > self._edges[-1]] = 2
        place[np.isnan(x)] = np.nan
        return np.ma.array(place, mask=np.ma.getmask(values))

    def inverse(self, positions: AnyArray) -> AnyArray:
        """The values of positions, linear between the edges."""
        return np.interp(positions, np.linspace(0, 1, len(self._edges)), self._edges)
