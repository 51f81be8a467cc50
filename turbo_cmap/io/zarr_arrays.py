"""Zarr, versions 2 and 3, as folders and as ZIP files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .archives import opened_zip
from .datasets import Stored, claimed_bytes, frames, images, windowed
from .raster import TIGHT_EXPANSION, refuse_inflated
from .registry import Format, Found, Request
from .selection import Selection, selected
from .signatures import ZIP
from .windows import Windowed

if TYPE_CHECKING:
    from .frames import Frames

#: What lies at the root of a store.
_MARKS = ("zarr.json", ".zarray", ".zgroup")


def open_zarr(path: Path, size: int, request: Request) -> Windowed:
    """The array that the key chooses, or the only image.

    Raises
    ------
    ReadError
        If there is none such, or it claims what its files cannot hold.
    """
    stored, selection, opened = _chosen(path, request, frames=False)
    image = windowed(path, stored, selection, opened)
    _check(path, size, claimed_bytes(image.shape, stored))
    return image


def zarr_frames(path: Path, size: int, request: Request) -> Frames | None:
    """The stack that the key chooses, or the only one."""
    stored, selection, opened = _chosen(path, request, frames=True)
    found = frames(path, stored, selection, request.axis, "Zarr", opened)
    if found is not None:
        _check(path, size, claimed_bytes(found.frame_shape, stored))
    return found


def read_zarr(path: Path, size: int, request: Request) -> Found:
    """The array that the key chooses, or the only image."""
    return open_zarr(path, size, request).found()


def _chosen(
    path: Path, request: Request, *, frames: bool
) -> tuple[Stored, Selection, Callable[[], AbstractContextManager[Any]]]:
    with _root(path) as root:
        arrays = images(dict(_arrays(root)))
    shapes = {name: stored.shape for name, stored in arrays.items()}
    selection = selected(path, shapes, request.key, frames=frames)
    stored = arrays[selection.name]

    @contextmanager
    def opened() -> Iterator[Any]:
        with _root(path) as root:
            yield root[selection.name] if selection.name else root

    return stored, selection, opened


@contextmanager
def _root(path: Path) -> Iterator[Any]:
    import zarr
    from zarr.storage import LocalStore, ZipStore

    store: LocalStore | ZipStore
    if path.is_dir():
        store = LocalStore(path, read_only=True)
    else:
        with opened_zip(path):
            store = ZipStore(path, mode="r")
    try:
        yield zarr.open(store, mode="r")
    finally:
        store.close()


def _arrays(root: Any) -> Iterator[tuple[str, Stored]]:
    """All arrays, by their paths; that of the root has none."""
    import zarr

    if isinstance(root, zarr.Array):
        members = [(root.name.strip("/") if root.name else "", root)]
    else:
        members = [
            (name, item)
            for name, item in root.members(max_depth=None)
            if isinstance(item, zarr.Array)
        ]
    for name, array in members:
        dtype = np.dtype(array.dtype)
        attributes = dict(array.attrs)
        # xarray has its fill value there, in version 2; others have what costs least to store.
        is_xarray = array.metadata.zarr_format == 2 and "_ARRAY_DIMENSIONS" in attributes
        if is_xarray and array.fill_value is not None:
            attributes.setdefault("_FillValue", array.fill_value)
        yield name, Stored(array.shape, dtype, attributes, array.shards or array.chunks)


def _check(path: Path, size: int, claimed: int) -> None:
    held = _size(path, claimed // TIGHT_EXPANSION) if path.is_dir() else size
    refuse_inflated(path, claimed, held, TIGHT_EXPANSION)


def _size(folder: Path, enough: int) -> int:
    """How many bytes the files of a folder have, but no longer counted than there are enough."""
    held = 0
    for place, _, names in os.walk(folder):
        for name in names:
            held += os.lstat(os.path.join(place, name)).st_size
            if held > enough:
                return held
    return held


def _is_folder(head: bytes, path: Path) -> bool:
    # Path.is_file() raises in a folder that may not be entered.
    return any(os.path.isfile(path / mark) for mark in _MARKS)


def _is_zip(head: bytes, path: Path) -> bool:
    if not head.startswith(ZIP) or path.suffix.lower() == ".npz":
        return False
    try:
        with opened_zip(path) as archive:
            return not set(_MARKS).isdisjoint(archive.namelist())
    except OSError:  # ReadError, too
        return False


_SUMMARY = "an array by the key, an image of a stack by its index"
FORMATS = (
    Format(
        "Zarr",
        (".zarr",),
        _is_folder,
        read_zarr,
        summary=_SUMMARY,
        extra="zarr",
        uses_key=True,
        folders=True,
        windows=open_zarr,
        frames=zarr_frames,
    ),
    Format(
        "zipped Zarr",
        (".zip",),
        _is_zip,
        read_zarr,
        summary=_SUMMARY,
        extra="zarr",
        uses_key=True,
        windows=open_zarr,
        frames=zarr_frames,
    ),
)
