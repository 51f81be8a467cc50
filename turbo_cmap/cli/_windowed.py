"""Pictures of files too large for memory: read, colored and written in bands of rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._typing import AnyArray
from ..arguments import as_source
from ..kernels import get_backend
from ..ranges import ManyArrays
from ._indexed import spelling
from ._range import UsedRange, count_invalid, count_nowhere, limits_of
from ._recipes import recipe_of

if TYPE_CHECKING:
    from ..colorizer import Colorizer
    from ..io import Raster
    from ..io.windows import Windowed
    from ._job import Job, Told

#: Images of more pixels, or of more bytes in memory, are taken in bands,
_MOST_PIXELS = 1 << 26
_MOST_BYTES = 1 << 28
#: and smaller files are not even looked into: none is packed tighter than this.
_LEAST_FILE = 1 << 16


def is_large(source: str | Path, target: Path, job: Job) -> bool:
    """Whether a file is to be converted in bands: it is large, and this can be done.

    Nothing is said about a file that cannot be read: the usual way tells what is wrong.
    """
    from ..io.streams import can_stream

    if job.dress or job.dress.changes_numbers or not can_stream(target):
        return False
    try:
        if not os.path.isdir(source) and not (
            os.path.isfile(source) and os.stat(source).st_size >= _LEAST_FILE
        ):
            return False  # nor are pipes looked into, which would wait
        image = job.reading.windowed(source)
    except Exception:
        return False
    if image is None:
        return False
    pixels = image.shape[0] * image.shape[1]
    return pixels > _MOST_PIXELS or pixels * image.dtype.itemsize > _MOST_BYTES


def convert_windowed(source: str | Path, target: Path, job: Job) -> Told:
    """Convert a file in bands; the picture and the line are those of the usual way.

    The file is gone through once for a minimum and a maximum, more often for percentiles
    and for "equalize", not at all if both limits are given; and once more to paint. What is
    in memory is one row of the file's tiles and a few bands.

    Raises
    ------
    OSError, ValueError, MemoryError
        If it cannot be read or written; there is no new file then.
    """
    from ..io.streams import write_bands
    from ._job import Told, line_of

    image = job.reading.windowed(source)
    assert image is not None, "is_large() was true"
    bands = _Bands(image, job.coloring.norm)
    coloring = job.coloring
    data = ManyArrays("colorize", get_backend(coloring.backend), bands, None)
    vmin, vmax = limits_of(data, coloring)
    fixed = coloring.spanning(vmin, vmax)
    paint = _paint(bands, fixed.arguments, target)
    height, width = image.shape
    unit = (bands.facts or next(iter(image))).unit  # of a pass for the range, if there was one
    write_bands(
        target,
        (paint(values) for values in bands),
        (height, width, paint.channels),
        np.dtype(coloring.dtype),
        palette=paint.palette,
        recipe=recipe_of(fixed, unit),
        force=job.force,
    )
    assert bands.facts is not None, "an image has rows"
    facts = replace(image, dtype=bands.facts.dtype, unit=bands.facts.unit)
    used = UsedRange(vmin, vmax, bands.invalid, height * width, bands.dtype, bands.nowhere)
    line = line_of(source, target, facts, used, job.tells_range)
    return Told(line, tuple(job.reading.remarks(bands.facts, hints=False)))


class _Bands:
    """The values of an image as `colorize` takes them, in masked arrays; can be iterated again."""

    def __init__(self, image: Windowed, norm: Any) -> None:
        self._image, self._norm = image, norm
        self._counted: tuple[int, int] | None = None
        self._dtype: np.dtype[Any] | None = None
        self.facts: Raster | None = None  # a band without its values

    def __iter__(self) -> Iterator[AnyArray]:
        invalid = nowhere = 0
        for raster in self._image:
            values = raster.masked()
            self._dtype = values.dtype
            source = as_source("colorize", values)
            invalid += count_invalid(source)
            nowhere += count_nowhere(source, self._norm)
            del source
            no_values = np.empty((0, raster.shape[1]), raster.dtype)
            self.facts = replace(raster, values=no_values, mask=None)
            del raster  # lest two rows of tiles are held
            yield values
            del values
        self._counted = invalid, nowhere

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values, when the image has been gone through."""
        assert self._dtype is not None, "an image has rows"
        return self._dtype

    @property
    def invalid(self) -> int:
        """How many values do not count; the image is gone through if it has not been."""
        if self._counted is None:
            for _ in self:
                pass
            assert self._counted is not None
        return self._counted[0]

    @property
    def nowhere(self) -> int:
        """How many have no place on the scale, when the image has been gone through."""
        assert self._counted is not None
        return self._counted[1]


class _Paint(NamedTuple):
    """Colors of values, or their indices where there is a palette."""

    colorizer: Colorizer
    channels: int
    palette: AnyArray | None = None

    def __call__(self, values: AnyArray) -> AnyArray:
        painted = self.colorizer(values)
        return painted if self.palette is None else np.ascontiguousarray(painted[..., 0])


def _paint(bands: _Bands, arguments: dict[str, Any], target: Path) -> _Paint:
    """How to paint: with indices where all the colors that can occur are few enough."""
    found = spelling(arguments) if target.suffix.lower() == ".png" else None
    if found is not None:
        n, last = len(found.palette), found.bad
        # Bad is the last of the palette, where it is a color of its own.
        own = last == n - 1 and last >= len(found.cmap)
        if n <= 256 or (n == 257 and own and not bands.invalid):
            spelled = {"cmap": found.cmap, **found.specials, "reverse": False, "quantize": None}
            return _Paint(_fitted({**arguments, **spelled}, bands), 1, found.palette[:256])
    return _Paint(_fitted(arguments, bands), len(arguments["order"]))


def _fitted(arguments: dict[str, Any], bands: _Bands) -> Colorizer:
    from ..colorizer import Colorizer

    colorizer = Colorizer(**arguments)
    # Only this has more than its limits to find.
    return colorizer.fit(bands) if arguments["norm"] == "equalize" else colorizer
