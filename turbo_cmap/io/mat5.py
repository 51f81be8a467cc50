"""MAT files of MATLAB 5 to 7.2, and of Octave, through SciPy. Those of 7.3 are HDF5.

An image of a stack is chosen along MATLAB's last axis, as in `hdf5`: ``depths[12]`` is
MATLAB's ``depths(:, :, 13)``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .._typing import AnyArray
from .datasets import Stored, is_real, windowed
from .raster import MAX_EXPANSION, ReadError, refuse_inflated
from .registry import Format, Found, Request
from .selection import selected
from .windows import Windowed

#: Classes of MATLAB that are numbers, with their sizes.
_CLASSES = {
    "double": 8,
    "single": 4,
    "logical": 1,
    **{f"{sign}int{bits}": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def read_mat5(path: Path, size: int, request: Request) -> Found:
    """The variable that the key chooses, or the only image."""
    return _open(path, size, request).found()


def _open(path: Path, size: int, request: Request) -> Windowed:
    from scipy.io import loadmat, whosmat

    shapes, sizes = {}, {}
    for name, shape, kind in whosmat(path):
        if kind in _CLASSES:
            shapes[name] = tuple(reversed(shape))
            sizes[name] = _CLASSES[kind]
    selection = selected(path, shapes, request.key)
    name = selection.name
    refuse_inflated(path, math.prod(shapes[name]) * sizes[name], size, MAX_EXPANSION)
    array: AnyArray = loadmat(path, variable_names=[name])[name]
    if not isinstance(array, np.ndarray) or not is_real(array.dtype):
        raise ReadError(path, f"{name} holds no real numbers")
    stored = Stored(shapes[name], array.dtype, {}, columns_first=True)

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        yield array.T

    return windowed(path, stored, selection, opened)


FORMATS = (
    Format(
        "MAT",
        (".mat",),
        lambda head, _: head.startswith(b"MATLAB 5.0 MAT-file"),
        read_mat5,
        summary="a variable by the key, an image of a stack by its index",
        uses_key=True,
    ),
)
