"""NetCDF classic, of 32 and 64 bits offset, through SciPy. NetCDF-4 is HDF5: see `hdf5`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._typing import AnyArray
from .datasets import NETCDF_FILL, Stored, frames, images, windowed
from .raster import ReadError
from .registry import Format, Found, Request
from .selection import Selection, selected
from .windows import Windowed

if TYPE_CHECKING:
    from .frames import Frames

_CLASSIC, _OFFSET64, _DATA64 = b"CDF\x01", b"CDF\x02", b"CDF\x05"


def open_netcdf(path: Path, size: int, request: Request) -> Windowed:
    """The variable that the key chooses, or the only image."""
    stored, selection, opened = _chosen(path, request, frames=False)
    return windowed(path, stored, selection, opened)


def netcdf_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The stack that the key chooses, or the only one."""
    stored, selection, opened = _chosen(path, request, frames=True)
    return frames(path, stored, selection, request.axis, "NetCDF", opened)


def read_netcdf(path: Path, size: int, request: Request) -> Found:
    """The variable that the key chooses, or the only image."""
    return open_netcdf(path, size, request).found()


def _chosen(
    path: Path, request: Request, *, frames: bool
) -> tuple[Stored, Selection, Callable[[], AbstractContextManager[AnyArray]]]:
    with path.open("rb") as head:
        if head.read(4) == _DATA64:
            raise ReadError(
                path, "is NetCDF of 64-bit data (CDF-5); nccopy -k nc4 makes it NetCDF-4"
            )
    with _file(path) as file:
        arrays = images({name: _stored(one) for name, one in file.variables.items()})
    shapes = {name: one.shape for name, one in arrays.items()}
    selection = selected(path, shapes, request.key, frames=frames)

    @contextmanager
    def opened() -> Iterator[AnyArray]:
        with _file(path) as file:
            yield file.variables[selection.name].data

    return arrays[selection.name], selection, opened


@contextmanager
def _file(path: Path) -> Iterator[Any]:
    from scipy.io import netcdf_file

    class Mapped(netcdf_file):  # type: ignore[misc]
        """Of which nothing has to be closed; SciPy's warns where it could not be opened."""

        def __del__(self) -> None:
            pass

    # Of a map no more is read than asked for. It lives as long as there are arrays of it, and
    # makes sure that what the header claims is there.
    with path.open("rb") as file:
        yield Mapped(file, "r", mmap=True, maskandscale=False)


def _stored(variable: Any) -> Stored:
    dtype = variable.data.dtype
    attributes = dict(variable._attributes)  # the public view is of one attribute at a time
    return Stored(variable.data.shape, dtype, attributes, fill=NETCDF_FILL.get(dtype.str[1:]))


FORMATS = (
    Format(
        "NetCDF",
        (".nc", ".cdf"),
        lambda head, _: head.startswith((_CLASSIC, _OFFSET64, _DATA64)),
        read_netcdf,
        summary="a variable by the key, an image of a stack by its index",
        uses_key=True,
        windows=open_netcdf,
        frames=netcdf_frames,
    ),
)
