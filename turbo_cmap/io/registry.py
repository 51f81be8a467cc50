"""The formats that `turbo_cmap.io.read` knows, and how to add one.

A format is a `Format`. Each module of a family has its own in a tuple ``FORMATS``; the
modules are imported one after the other, as far as is needed to find the one that
recognizes a file, and import what they decode with only when they decode.

Another package adds a format with an entry point of the group ``turbo_cmap.readers``,
which names a `Format`. These are looked up, once a process, when no format of this package
recognizes a file: what a file of ours is does not depend on what else is installed, and
costs nothing more.
"""

from __future__ import annotations

import functools
import importlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .._typing import AnyArray, BoolArray
from .raster import ReadError, line
from .signatures import begins_as_video

if TYPE_CHECKING:
    from .frames import Frames
    from .windows import Windowed

__all__ = ["ENTRY_POINTS", "HEAD_BYTES", "Format", "Found", "Request", "format_of", "formats"]

#: The group of entry points that name formats of other packages.
ENTRY_POINTS = "turbo_cmap.readers"
#: How much of a file's beginning `Format.recognizes` is shown.
HEAD_BYTES = 1024

#: Modules beside this one, each with a tuple ``FORMATS``. Earlier ones are asked first.
_FAMILIES = (
    "images",
    "tiff",
    "zarr_arrays",  # before NPZ, which is a ZIP file too
    "npy",
    "pfm",
    "pnm",
    "sintel",
    "colmap",
    "exr",
    "hdf5",
    "netcdf",
    "mat5",
    "mat4",  # without a mark
)


@dataclass(frozen=True, slots=True)
class Request:
    """What of a file is wanted, where it holds more than one image of numbers.

    Attributes
    ----------
    key : str or None
        Name of an array (NPZ, HDF5) or a variable.
    channel : str or None
        Name of a component: "R", "Z", "u".
    colors : bool
        That a preset makes numbers of colors: where a file has them, and no channel is
        asked for, all are wanted, as values of shape (H, W, C).
    axis : int or None
        Of frames: which axis of an array they lie along. None is the first.
    """

    key: str | None = None
    channel: str | None = None
    colors: bool = False
    axis: int | None = None


class Found(NamedTuple):
    """What a reader found, as it lies in the file; see `turbo_cmap.io.Raster`."""

    values: AnyArray
    mask: BoolArray | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str | None = None
    metadata: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, and how it is read.

    Attributes
    ----------
    name : str
        As in "a PNG": unique, short.
    suffixes : tuple of str
        What such files end in, lower case, with the dot. For the documentation, and for
        the choice of files in a folder; `recognizes` decides.
    recognizes : callable
        ``recognizes(head, path) -> bool``: whether a file that begins with these bytes (the
        first `HEAD_BYTES`, fewer of a short file, none of a folder) is one. The bytes
        decide; only a format without a mark of its own looks at the name.
    read : callable
        ``read(path, size, request) -> Found``, where *size* is the file's in bytes. It
        raises `ReadError` where it knows what is wrong. Any other exception becomes one.
        It checks what a header claims against *size* before it allocates.
    summary : str
        Which values such a file holds, one line for the documentation.
    extra : str or None
        The extra of this package with what the format needs: ``pip install
        'turbo_cmap[extra]'`` is what an ImportError turns into. Of another package: None.
    uses_key, uses_channel : bool
        Whether `Request.key` and `Request.channel` can mean anything. If not, asking is an
        error.
    has_colors : bool
        Whether it does as `Request.colors` says. If not, a preset that decodes colors does
        not fit it.
    folders : bool
        Whether this is a folder rather than a file; it is asked about folders only then.
    windows : callable or None
        Like *read*, of an image that is then taken in bands of rows; it may return None for
        a file that cannot be read so.
    frames : callable or None
        Like *read*, of a file that holds many images: `Frames`, or None where the request
        leaves one.
    """

    name: str
    suffixes: tuple[str, ...]
    recognizes: Callable[[bytes, Path], bool]
    read: Callable[[Path, int, Request], Found]
    summary: str = field(kw_only=True)
    extra: str | None = field(default=None, kw_only=True)
    uses_key: bool = field(default=False, kw_only=True)
    uses_channel: bool = field(default=False, kw_only=True)
    has_colors: bool = field(default=False, kw_only=True)
    folders: bool = field(default=False, kw_only=True)
    windows: Callable[[Path, int, Request], Windowed | None] | None = field(
        default=None, kw_only=True
    )
    frames: Callable[[Path, int, Request], Frames | None] | None = field(default=None, kw_only=True)


def formats(*, others: bool = True) -> Iterator[Format]:
    """Every format: those of this package in the order in which they are asked, then others.

    Modules are imported as the iteration goes on.

    Parameters
    ----------
    others : bool, default True
        Whether those of other packages are wanted too.

    Yields
    ------
    Format
    """
    yield from _own()
    if others:
        yield from _others()


def format_of(
    path: Path, head: bytes, *, folder: bool = False, others: bool = True
) -> Format | None:
    """The first format that recognizes a file by its first bytes, or None.

    Parameters
    ----------
    path : Path
    head : bytes
        Up to `HEAD_BYTES`.
    folder : bool
        Whether *path* is a folder.
    others : bool
        Whether to ask the formats of other packages, which takes some time to find.
    """
    for one in _own():
        if one.folders == folder and one.recognizes(head, path):
            return one
    for one in _others() if others else ():
        try:
            if one.folders == folder and one.recognizes(head, path):
                return one
        except Exception as error:  # of code that is not ours
            _ignored(one.name, error)
    return None


def found_in(
    path: Path, size: int, request: Request, *, folder: bool = False
) -> tuple[Format, Found]:
    """The format of a file, and what is found in it.

    Raises
    ------
    ReadError
        If no format recognizes it, *request* means nothing in its format, or what its
        format needs is not installed.
    Exception
        Whatever a decoder raises on damaged bytes.
    """
    chosen = format_at(path, request, folder=folder)
    with _what_is_missing(path, chosen):
        return chosen, chosen.read(path, size, request)


def frames_in(path: Path, size: int, request: Request, *, folder: bool = False) -> Frames | None:
    """The frames of a file that holds many; None of one that holds an image.

    Raises
    ------
    ReadError
        As by `found_in`; if the frames are to lie along an axis, and there is one image.
    Exception
        Whatever a decoder raises on damaged bytes.
    """
    chosen = format_at(path, request, folder=folder)
    frames = None
    if chosen.frames is not None:
        with _what_is_missing(path, chosen):
            frames = chosen.frames(path, size, request)
    if frames is None and request.axis is not None:
        raise ReadError(path, f"{chosen.name} has no axis here that frames lie along")
    return frames


@contextmanager
def _what_is_missing(path: Path, chosen: Format) -> Iterator[None]:
    """Say how to get what a format needs, where it is not installed."""
    try:
        yield
    except ImportError as error:
        if chosen.extra is None:
            raise
        needed = error.name or line(error)
        raise ReadError(
            path, f"{chosen.name} needs {needed}: pip install 'turbo_cmap[{chosen.extra}]'"
        ) from error


def format_at(path: Path, request: Request, *, folder: bool = False) -> Format:
    """The format of a file.

    Raises
    ------
    ReadError
        If no format recognizes it, or *request* means nothing in its format.
    """
    head = b""
    if not folder:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    chosen = format_of(path, head, folder=folder)
    if chosen is None:
        if folder:
            raise ReadError(path, "is a folder")
        if begins_as_video(head, path.suffix):
            raise ReadError(path, "is a video; 'turbo-cmap video' and io.read_frames read it")
        raise ReadError(path, f"is in no format that is read; it begins with {head[:8]!r}")
    if request.key is not None and not chosen.uses_key:
        raise ReadError(path, f"{chosen.name} has no arrays to choose by key, got {request.key!r}")
    if request.channel is not None and not chosen.uses_channel:
        raise ReadError(path, f"{chosen.name} has no channels to choose, got {request.channel!r}")
    if request.colors and not chosen.has_colors:
        raise ReadError(path, f"the preset decodes exact colors, which {chosen.name} does not give")
    return chosen


def _own() -> Iterator[Format]:
    for family in _FAMILIES:
        yield from importlib.import_module(f".{family}", __package__).FORMATS


@functools.cache
def _others() -> tuple[Format, ...]:
    """Formats of other packages; one that cannot be had is told of in a line, and left out."""
    from importlib.metadata import entry_points

    found = []
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            one = entry.load()
            if not isinstance(one, Format):
                raise TypeError(f"{entry.value} must be a Format, got {type(one).__name__}")
        except Exception as error:  # whatever its import does
            _ignored(entry.name, error)
        else:
            found.append(one)
    return tuple(found)


def _ignored(name: str, error: Exception) -> None:
    logging.getLogger("turbo_cmap").warning(
        "turbo_cmap: reader %r is ignored: %s", name, line(error)
    )
