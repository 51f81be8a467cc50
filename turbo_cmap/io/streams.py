"""Pictures written while they are made: never whole in memory."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from .._typing import AnyArray
from .atomic import new_file
from .notes import PngWithText
from .parallel import in_order
from .png import encode_png
from .recipe import Recipe
from .windows import rebanded

_STRIP = 1 << 18  # bytes of a TIFF's strip, about
#: Offsets in a TIFF that is not Big are 32 bits wide; this much is left for what is no pixel.
_MOST_IN_TIFF = (1 << 32) - (1 << 25)


def can_stream(path: Path) -> bool:
    """Whether `write_bands` writes files of this suffix."""
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        from .tiff import has_tifffile

        return has_tifffile()
    return suffix in _ENCODERS


def write_bands(
    path: Path,
    bands: Iterable[AnyArray],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    *,
    palette: AnyArray | None = None,
    recipe: Recipe | None = None,
    force: bool = False,
) -> None:
    """Write an image that arrives in bands of rows, in the format of the suffix.

    The file appears whole or not at all, as with `turbo_cmap.io.write`.

    Parameters
    ----------
    path : Path
        PNG, TIFF or NPY: see `can_stream`.
    bands : iterable of ndarray, shape (h, W) or (h, W, C)
        From the top; the heights add up to H. Not to be changed once handed over.
    shape : (H, W, C)
        C is 1, 3 or 4.
    dtype : dtype
        Of the bands, in native byte order. PNG has uint8 and uint16.
    palette : ndarray of uint8, shape (N, 3), optional
        Colors, of which the bands are indices. PNG only.
    recipe : Recipe, optional
        See `turbo_cmap.io.write`.
    force : bool, default False
        Whether to replace a file that is there.

    Raises
    ------
    FileExistsError
        If the file is there and *force* is not given.
    ValueError
        If the bands do not add up to the shape.
    """
    encode = _ENCODERS[path.suffix.lower()]
    options: dict[str, Any] = {} if palette is None else {"palette": palette}
    text = recipe.to_json() if recipe is not None else ""
    if encode is _encode_tiff:
        options["text"] = text
    file: BinaryIO
    with new_file(path, force=force) as file:
        if encode is encode_png and text:
            file = cast(BinaryIO, PngWithText(file, text))
        encode(file, bands, shape, dtype, **options)


def _encode_npy(
    file: BinaryIO,
    bands: Iterable[AnyArray],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape if shape[2] > 1 else shape[:2],
    }
    np.lib.format.write_array_header_1_0(file, header)
    written = 0
    for band in bands:
        file.write(np.ascontiguousarray(band).data)
        written += len(band)
    _check_height(written, shape[0])


def _encode_tiff(
    file: BinaryIO,
    bands: Iterable[AnyArray],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    text: str = "",
) -> None:
    """Strips, which nearly every reader knows; Deflate at its fastest."""
    import tifffile

    height, width, channels = shape
    row_bytes = width * channels * dtype.itemsize
    rows = min(height, max(1, _STRIP // row_bytes))
    # An incompressible strip takes a little more than it holds.
    most = height * row_bytes + math.ceil(height / rows) * (64 + rows * row_bytes // 1000)
    strips = in_order(_deflated, rebanded(bands, rows, height))
    with tifffile.TiffWriter(file, bigtiff=most > _MOST_IN_TIFF) as tiff:
        tiff.write(
            strips,
            shape=shape if channels > 1 else shape[:2],
            dtype=dtype,
            photometric="minisblack" if channels == 1 else "rgb",
            extrasamples=["unassalpha"] if channels == 4 else None,
            compression="zlib",
            rowsperstrip=rows,
            description=text or None,
            metadata=None,
        )


def _deflated(strip: AnyArray) -> bytes:
    return zlib.compress(np.ascontiguousarray(strip).data, 1)


def _check_height(written: int, height: int) -> None:
    if written != height:
        raise ValueError(f"write_bands(): bands must be {height} rows together, got {written}")


_ENCODERS: dict[str, Callable[..., None]] = {
    ".png": encode_png,
    ".tif": _encode_tiff,
    ".tiff": _encode_tiff,
    ".npy": _encode_npy,
}
