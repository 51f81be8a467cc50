"""Images of numbers read in bands of rows, so that they need not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._typing import AnyArray, BoolArray
from .raster import Raster, check_numbers, mask_of, read_errors
from .registry import Found, Request, format_at
from .validity import NOTHING, Validity

if TYPE_CHECKING:
    import os

__all__ = ["Windowed", "open_windowed", "rebanded"]

#: How many pixels are handed out together, about.
_BAND_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Windowed:
    """An image of numbers that is still in its file; iterate to have it in bands.

    Iterating yields a `Raster` for every few rows, about a million pixels, from the top, and can be
    done again and again. Each tile, strip or chunk is decoded once a time, so that what is
    in memory is one row of them.

    Attributes
    ----------
    path : Path
    shape : (H, W)
    dtype : dtype
        Of the bands, in native byte order or not.
    rows : callable
        Called for each iteration; an iterator over arrays of shape (h, W).
    masks : callable or None
        Likewise, bool arrays of the same heights: where there is no measurement, besides
        what *validity* says.
    validity : Validity
        Which stored values are no measurements.
    scale, offset, unit, metadata, format
        As in `Raster`.
    each : callable or None
        What every band is passed through: see `with_each`.
    """

    path: Path
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    rows: Callable[[], Iterator[AnyArray]]
    masks: Callable[[], Iterator[BoolArray]] | None = None
    validity: Validity = NOTHING
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    each: Callable[[Raster], Raster] | None = None

    def with_each(self, each: Callable[[Raster], Raster]) -> Windowed:
        """The same, with a function that every band is passed through as it is iterated over."""
        return replace(self, each=each)

    def __iter__(self) -> Iterator[Raster]:
        facts = self.scale, self.offset, self.unit, self.metadata
        for values, mask in self._bands():
            step = max(1, _BAND_PIXELS // max(1, values.shape[1]))
            for top in range(0, len(values), step):
                some = values[top : top + step]
                masked = None if mask is None else mask[top : top + step]
                joined = mask_of(masked, self.validity.mask(some))
                raster = Raster(some, self.path, joined, *facts, format=self.format)
                del some, masked, joined
                yield raster if self.each is None else self.each(raster)
                del raster
            del values, mask  # before the next row of tiles is there

    def _bands(self) -> Iterator[tuple[AnyArray, BoolArray | None]]:
        with read_errors(self.path):
            if self.masks is None:
                for values in self.rows():
                    yield values, None
                    del values
            else:
                yield from zip(self.rows(), self.masks(), strict=True)

    def found(self) -> Found:
        """The whole image, for `turbo_cmap.io.read`."""
        values = np.empty(self.shape, self.dtype)
        mask = None if self.masks is None else np.empty(self.shape, np.bool_)
        top = 0
        for some, masked in self._bands():
            values[top : top + len(some)] = some
            if mask is not None:
                mask[top : top + len(some)] = masked
            top += len(some)
        joined = mask_of(mask, self.validity.mask(values))
        return Found(values, joined, self.scale, self.offset, self.unit, self.metadata)


def open_windowed(path: str | os.PathLike[str], request: Request | None = None) -> Windowed | None:
    """An image to be read in bands, or None where its format has no such way.

    Parameters
    ----------
    path : str or path
    request : Request, optional
        Which of several images.

    Raises
    ------
    ReadError
        If it cannot be read, or is no image of numbers.
    """
    where = Path(path)
    request = request or Request()
    with read_errors(where):
        chosen = format_at(where, request, folder=where.is_dir())
        if chosen.windows is None:
            return None
        image = chosen.windows(where, where.stat().st_size, request)
        if image is None:
            return None
        check_numbers(where, image.dtype)
        return replace(image, format=chosen.name)


def rebanded(bands: Iterable[AnyArray], rows: int, height: int) -> Iterator[AnyArray]:
    """The same rows in bands of so many each, but for the last.

    Raises
    ------
    ValueError
        If they are not *height* together.
    """
    parts: list[AnyArray] = []
    held = written = 0
    for band in bands:
        written += len(band)
        top = 0
        while held + len(band) - top >= rows:
            bottom = top + rows - held
            parts.append(band[top:bottom])
            yield parts[0] if len(parts) == 1 else np.concatenate(parts)
            parts, held, top = [], 0, bottom
        if top < len(band):
            parts.append(band[top:])
            held += len(band) - top
    if parts:
        yield parts[0] if len(parts) == 1 else np.concatenate(parts)
    if written != height:
        raise ValueError(f"rebanded(): bands must be {height} rows together, got {written}")
