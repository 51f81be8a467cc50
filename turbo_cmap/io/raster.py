"""What a file of numbers turns into, and the error for one that does not."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from .._typing import AnyArray, BoolArray
from ..arguments import as_source

if TYPE_CHECKING:
    from .presets import Preset

#: What `turbo_cmap.colorize` takes, as dtype characters.
_NUMBERS = frozenset("?bBhHiIlLqQefd")

#: Deflate gives at most 1,032 bytes for one, and a JPEG at most 512 pixels a byte. A header
#: that claims more lies, and is not worth the memory.
MAX_EXPANSION = 1032
#: The same of what packs flat areas tighter, or leaves them out: WebP, run lengths, LZMA,
#: Zstandard, Blosc, the wavelets of OpenEXR, GeoTIFF's empty tiles, fill values of HDF5.
TIGHT_EXPANSION = 65_536
#: By these, an image of one value may take a few hundred bytes, whatever its size: LERC and JPEG
#: 2000 in one strip, arrays of which nothing was written. So much is read in any case.
HARMLESS_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """One image of numbers as it lies in its file.

    Attributes
    ----------
    values : ndarray, shape (H, W)
        In the file's own dtype, top row first. May be a read-only view of the file.
    path : Path
        Where it was read.
    mask : ndarray of bool, shape (H, W), or None
        True where the file's format, its tags or the preset say that there is no
        measurement: +inf in PFM, a transparent pixel in a gray PNG, GeoTIFF's nodata. The
        values there are as in the file.
    scale, offset : float
        What is measured is ``values * scale + offset``, see `scaled`.
    unit : str or None
        Of what is measured: "m", "px".
    metadata : mapping from str to str
        What else the file says about itself.
    format : str
        What it was read as: "PNG".
    preset : Preset or None
        Which one has set scale, offset and unit.
    """

    values: AnyArray
    path: Path
    mask: BoolArray | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    preset: Preset | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the values, (H, W)."""
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the values."""
        return self.values.dtype

    def scaled(self) -> AnyArray:
        """What is measured, in `unit`.

        Returns
        -------
        ndarray, shape (H, W)
            `values` themselves where there is nothing to multiply or to add; else float32
            where that is exact, as for 16-bit integers and a power of two, or float64.

        Notes
        -----
        By a scale of 1 / n, values are divided by n: 955 mm are 0.955 m to the last bit.
        """
        if self.scale == 1 and self.offset == 0:
            return self.values
        values, scale = self.values, self.scale
        # A power of two, and whole steps of it fit into the 24 bits that float32 has.
        halves = abs(math.frexp(scale)[0]) == 0.5 and abs(scale) > 1e-30
        short = values.dtype.kind in "bui" and values.dtype.itemsize <= 2
        steps = self.offset / scale
        exact = halves and short and steps.is_integer() and abs(steps) < 1 << 23
        scaled: AnyArray = values.astype(np.float32 if exact else np.float64)
        inverse = round(1 / scale)
        if inverse and 1 / inverse == scale:
            np.divide(scaled, inverse, out=scaled)
        else:
            np.multiply(scaled, scale, out=scaled)
        np.add(scaled, self.offset, out=scaled)
        return scaled

    def masked(self) -> AnyArray:
        """`scaled` as a masked array; as it is where every value counts."""
        if self.mask is None:
            return self.scaled()
        masked: AnyArray = np.ma.MaskedArray(self.scaled(), self.mask)
        return masked

    def without(self, invalid: Sequence[float]) -> Raster:
        """The same, with the mask also True where a value is one of *invalid*.

        Parameters
        ----------
        invalid : sequence of numbers
            As they stand in `values`, before the scale; see `turbo_cmap.colorize`.

        Returns
        -------
        Raster
        """
        source = as_source("Raster.without", self.values, None, list(invalid) or None)
        if source.invalid is None:  # nothing given, or nothing that the dtype can hold
            return self
        mask = mask_of(self.mask, *(self.values == one for one in source.invalid))
        return replace(self, mask=mask)


class ReadError(OSError):
    """A file that cannot be read as one image of numbers.

    Its text is a single line, ``PATH: reason``.

    Attributes
    ----------
    path : Path
    reason : str
    """

    def __init__(self, path: Path, reason: str) -> None:
        reason = _printable(reason)
        super().__init__(f"{_printable(str(path))}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[ReadError], tuple[Path, str]]:
        return type(self), (self.path, self.reason)


def _printable(text: str) -> str:
    """Text as one line: names of files, and in them, may hold line ends and a terminal's codes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def as_raster(
    path: Path,
    values: AnyArray,
    mask: BoolArray | None = None,
    scale: float = 1.0,
    offset: float = 0.0,
    unit: str | None = None,
    metadata: Mapping[str, str] = MappingProxyType({}),
    format: str = "",  # noqa: A002  as the attribute
) -> Raster:
    """A `Raster` of an array that a reader found, if it is an image of numbers.

    Raises
    ------
    ReadError
        If it has no pixels, more than one channel or page, or holds no real numbers.
    """
    check_numbers(path, values.dtype)
    shape = values.shape
    if values.ndim == 3:
        axis = 2 if shape[2] == 1 else 0
        if shape[axis] == 1:
            values = values.squeeze(axis)
            mask = None if mask is None else mask.squeeze(axis)
        elif shape[2] in (2, 3, 4):
            raise not_depth(path, shape[2])
    if values.ndim != 2:
        advice = f"; {_stack_advice(shape)}" if values.ndim == 3 else ""
        raise ReadError(
            path, f"holds an array of shape {shape}; one image, (H, W), is needed{advice}"
        )
    if values.size == 0:
        raise ReadError(path, f"has no pixels: it is {shape[1]} x {shape[0]}")
    return Raster(values, path, mask, scale, offset, unit, dict(metadata), format)


def _stack_advice(shape: tuple[int, ...]) -> str:
    """How to get at the images of a stack: along the last axis, if that is the shortest."""
    last = shape[2] < min(shape[:2])
    key, axis = ("[..., 0]", " --axis -1") if last else ("[0]", "")
    count = shape[2 if last else 0]
    return f"choose one by key, {key} say; 'turbo-cmap video{axis}' shows all {count}"


def is_real(dtype: np.dtype[Any]) -> bool:
    """Whether values of a dtype are what `turbo_cmap.colorize` takes: real numbers, or bool."""
    return dtype.char in _NUMBERS


def check_numbers(path: Path, dtype: np.dtype[Any]) -> None:
    """Raise `ReadError` where an array holds something else than real numbers."""
    if not is_real(dtype):
        raise ReadError(path, f"holds {dtype} values, not real numbers of up to 64 bits")


def mask_of(*masks: BoolArray | None) -> BoolArray | None:
    """Where one of the masks is True; None where that is nowhere."""
    found: BoolArray | None = None
    for mask in masks:
        if mask is not None and mask.any():
            found = mask if found is None else found | mask
    return found


def not_depth(path: Path, channels: int, kind: str = "") -> ReadError:
    """The error for a picture where numbers are needed."""
    named = f" ({kind})" if kind else ""
    return ReadError(path, f"a {channels}-channel image{named}, not depth; one channel is needed")


def several_pictures(path: Path, count: int) -> ReadError:
    """That a file is an animation, and how to make files of its frames."""
    return ReadError(path, f"holds {count} pictures; one is needed: {frames_of(path)}")


def frames_of(path: Path) -> str:
    """How to make a picture of each frame of an animation or a video."""
    return f"ffmpeg -i {shlex.quote(path.name)} frame_%05d.png makes a file of each"


def refuse_inflated(path: Path, claimed: int, size: int, expansion: int = MAX_EXPANSION) -> None:
    """Raise `ReadError` where *size* bytes are not worth *claimed* ones, before allocating those.

    Parameters
    ----------
    path : Path
    claimed : int
        Bytes of pixels, by the header.
    size : int
        Bytes of the file.
    expansion : int
        How many times *size* is believed: `MAX_EXPANSION`, or `TIGHT_EXPANSION`, by which
        `HARMLESS_BYTES` are believed in any case.
    """
    harmless = HARMLESS_BYTES if expansion > MAX_EXPANSION else 0
    if claimed > max(size * expansion, harmless):
        raise ReadError(
            path,
            f"its header claims {claimed} bytes of pixels, more than {expansion} times its "
            f"{size} bytes",
        )


@contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Make a `ReadError` of what is raised inside: on damaged bytes, decoders raise anything."""
    try:
        yield
    except ReadError:
        raise
    except Exception as error:
        known = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno)
        reason = line(error) if known else f"cannot be decoded: {line(error)}"
        raise ReadError(path, reason) from error


def as_path(path: str | os.PathLike[str], caller: str) -> Path:
    """What a user passes as a path; TypeError if it is none."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{caller}(): path must be a string or a path, got {path!r}")
    return Path(path)


def line(error: BaseException) -> str:
    """An error of any origin as one line."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
