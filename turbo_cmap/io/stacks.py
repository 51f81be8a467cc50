"""Frames out of one array of many: a block of them is read at a time, and the file closed again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from .._typing import AnyArray
from .frames import Frames
from .raster import Raster, ReadError, read_errors
from .selection import StackPlaces

#: How much is read together, where frames lie one after the other; and where they share chunks
#: or lie across each other, so that each would cost what all of them do.
_BLOCK_BYTES, _SHARED_BYTES = 1 << 22, 1 << 24


class ArrayFrames(Frames):
    """A stack of images in an array.

    Parameters
    ----------
    path : Path
    places : StackPlaces
        What of the array.
    opened : callable
        Opens the array, to be indexed with integers and slices of positive step. It is called
        for each block: of a file that is mapped, the pages that were looked at are let go so.
    described : callable
        From the stored values of a frame to its `Raster`.
    dtype : dtype
        Of the stored values.
    chunks : tuple of int or None
        Of the array, which is decoded by these.
    slowest : int
        The axis whose places are the furthest apart in the file.

    Attributes
    ----------
    frame_shape : tuple of int
        Of what is stored of a frame.
    """

    def __init__(
        self,
        path: Path,
        places: StackPlaces,
        opened: Callable[[], AbstractContextManager[Any]],
        described: Callable[[AnyArray], Raster],
        dtype: np.dtype[Any],
        *,
        chunks: tuple[int, ...] | None = None,
        slowest: int = 0,
    ) -> None:
        self.path = path
        self.count = len(places.frames)
        self._places = places
        self._opened = opened
        self._described = described
        self.frame_shape = tuple(len(one) for one in places.image if isinstance(one, range))
        self._step = self._frames_together(dtype, chunks, slowest)
        self._chunk = chunks[places.axis] if chunks else 1

    def _frames_together(
        self, dtype: np.dtype[Any], chunks: tuple[int, ...] | None, slowest: int
    ) -> int:
        places = self._places
        frame_bytes = max(1, math.prod(self.frame_shape) * dtype.itemsize)
        chunk = chunks[places.axis] if chunks else 1
        if chunk == 1 and (chunks or places.axis == slowest):
            return max(1, _BLOCK_BYTES // frame_bytes)
        count = max(1, _SHARED_BYTES // frame_bytes)
        if count >= chunk:
            return count - count % chunk
        # What decodes a chunk that is as large as a block, has that in memory anyway.
        whole = chunks is not None and math.prod(chunks) * dtype.itemsize >= chunk * frame_bytes
        return chunk if whole else count

    def _read(self) -> Iterator[Raster | ReadError]:
        for some in self._blocks():
            try:
                block = self._block(some)
            except ReadError:  # of one frame, perhaps
                for number in range(len(some)):
                    yield self._alone(some[number : number + 1])
                continue
            for frame in block:  # copied, so that nobody holds the others with it
                yield self._described(np.array(frame))

    def _alone(self, one: range) -> Raster | ReadError:
        try:
            return self._described(self._block(one)[0])
        except ReadError as error:
            return error

    def _blocks(self) -> Iterator[range]:
        """Parts of the frames: from the beginning of a chunk, where that is possible."""
        frames, first = self._places.frames, 0
        while first < len(frames):
            last = first + self._step
            if frames.step == 1:
                last -= frames[first] % min(self._chunk, self._step)
            yield frames[first:last]
            first = last

    def _block(self, some: range) -> AnyArray:
        """Frames of these places, (N, H, W)."""
        places, turns = self._places, []
        index: list[int | slice] = []
        for axis, place in enumerate(places.image):
            if axis == places.axis:
                place = some
            if isinstance(place, range):
                forward, turned = forward_slice(place)
                index.append(forward)
                turns.append(slice(None, None, -1 if turned else 1))
            else:
                index.append(place)
        with read_errors(self.path), self._opened() as array:
            mapped = isinstance(array, np.ndarray)  # whose pages are to be let go
            block: AnyArray = np.array(array[tuple(index)], copy=mapped or None)
        block = block[tuple(turns)]
        before = sum(isinstance(one, range) for one in places.image[: places.axis])
        block = np.moveaxis(block, before, 0)
        return block.swapaxes(1, 2) if places.turned else block


def forward_slice(places: range) -> tuple[slice, bool]:
    """The slice with these places in ascending order, and whether they were descending."""
    if not places:
        return slice(0, 0), False
    if places.step > 0:
        return slice(places.start, places.stop, places.step), False
    ascending = places[::-1]
    return slice(ascending.start, ascending.stop, ascending.step), True
