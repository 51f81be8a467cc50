"""HDF5 through h5py, and what is HDF5 underneath: NetCDF-4 and MAT files of MATLAB 7.3.

MATLAB's arrays go down their columns first, and HDF5 has their axes in reverse: what MATLAB
calls 480 x 640 x 1449 is (1449, 640, 480) here. An image of such a file is as in MATLAB, of
480 rows, and ``depths[12]`` is its ``depths(:, :, 13)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .datasets import NETCDF_FILL, Stored, claimed_bytes, frames, images, windowed
from .raster import TIGHT_EXPANSION, ReadError, is_real, refuse_inflated
from .registry import Format, Found, Request
from .selection import Selection, selected
from .windows import Windowed

if TYPE_CHECKING:
    from .frames import Frames

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MATLAB = b"MATLAB 7.3 MAT-file"
#: Filters of HDF5 itself have smaller numbers; hdf5plugin brings others.
_FIRST_FOREIGN_FILTER = 256
_LZF = 32000  # h5py's own


def open_hdf5(path: Path, size: int, request: Request) -> Windowed:
    """The dataset that the key chooses, or the only image.

    Raises
    ------
    ReadError
        If there is none such, or its header claims what the file cannot hold.
    """
    stored, selection, opened = _chosen(path, request, frames=False)
    image = windowed(path, stored, selection, opened)
    refuse_inflated(path, claimed_bytes(image.shape, stored), size, TIGHT_EXPANSION)
    return image


def hdf5_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The stack that the key chooses, or the only one."""
    stored, selection, opened = _chosen(path, request, frames=True)
    found = frames(path, stored, selection, request.axis, "HDF5", opened)
    if found is not None:
        refuse_inflated(path, claimed_bytes(found.frame_shape, stored), size, TIGHT_EXPANSION)
    return found


def read_hdf5(path: Path, size: int, request: Request) -> Found:
    """The dataset that the key chooses, or the only image."""
    return open_hdf5(path, size, request).found()


def _chosen(
    path: Path, request: Request, *, frames: bool
) -> tuple[Stored, Selection, Callable[[], AbstractContextManager[Any]]]:
    import h5py

    with h5py.File(path, "r") as file:
        datasets = _datasets(file)
        shapes = {name: stored.shape for name, stored in datasets.items()}
        selection = selected(path, shapes, request.key, frames=frames)
        stored = datasets[selection.name]
        _find_filters(path, file[selection.name])

    @contextmanager
    def opened() -> Iterator[Any]:
        with h5py.File(path, "r") as file:
            yield file[selection.name]

    return stored, selection, opened


def _datasets(file: Any) -> dict[str, Stored]:
    """All arrays of real numbers but those that only describe others."""
    import h5py

    is_netcdf = "_NCProperties" in file.attrs
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        hidden = name.startswith("#")  # what cells of MATLAB refer to
        if isinstance(item, h5py.Dataset) and not hidden and item.shape and is_real(item.dtype):
            found[name] = item

    file.visititems(visit)
    return images(
        {
            name: Stored(
                item.shape,
                item.dtype,
                dict(_attributes(item)),
                item.chunks,
                NETCDF_FILL.get(item.dtype.str[1:]) if is_netcdf else None,
                "MATLAB_class" in item.attrs,
            )
            for name, item in found.items()
        }
    )


def _attributes(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Those that can be read; of some types h5py makes nothing."""
    for name in dataset.attrs:
        with suppress(OSError, TypeError, ValueError, KeyError, RuntimeError):
            yield name, dataset.attrs[name]


def _find_filters(path: Path, dataset: Any) -> None:
    """Have filters from hdf5plugin, where the dataset was written with one."""
    properties = dataset.id.get_create_plist()
    codes = [properties.get_filter(n)[0] for n in range(properties.get_nfilters())]
    if all(code < _FIRST_FOREIGN_FILTER or code == _LZF for code in codes):
        return
    try:
        import hdf5plugin  # noqa: F401  registers them
    except ImportError:
        raise ReadError(
            path, f"is packed with filter {max(codes)} of HDF5; pip install hdf5plugin"
        ) from None


def _recognizes(head: bytes, path: Path) -> bool:
    return head.startswith(_SIGNATURE) or (head.startswith(_MATLAB) and head[512:520] == _SIGNATURE)


FORMATS = (
    Format(
        "HDF5",
        (".h5", ".hdf5", ".hdf", ".mat", ".nc", ".nc4"),
        _recognizes,
        read_hdf5,
        summary="a dataset by the key, an image of a stack by its index; NetCDF-4 and MAT 7.3 too",
        extra="hdf5",
        uses_key=True,
        windows=open_hdf5,
        frames=hdf5_frames,
    ),
)
