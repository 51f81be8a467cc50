"""Arrays in scientific containers: HDF5, NetCDF, Zarr, MAT.

They differ in how an array is opened. What its attributes say is the same in all of them, by
the conventions of NetCDF: https://cfconventions.org (8.1, packed data; 2.5.1, missing data)
and the NetCDF users' guide, appendix A, attribute conventions.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .._typing import AnyArray
from .raster import Raster, as_raster, is_real
from .selection import Places, Selection, places_of, stack_places_of
from .stacks import ArrayFrames, forward_slice
from .validity import Validity, as_number
from .windows import Windowed

#: How much is read at a time, where chunks are not larger.
_READ_BYTES = 1 << 22
#: What stands where nothing was written: NC_FILL_* of netcdf.h. Bytes have none.
NETCDF_FILL: Mapping[str, int | float] = {
    "i2": -32767,
    "u2": 65535,
    "i4": -2147483647,
    "u4": 4294967295,
    "i8": -9223372036854775806,
    "u8": 18446744073709551614,
    "f4": 9.9692099683868690e36,
    "f8": 9.9692099683868690e36,
}


class Stored(NamedTuple):
    """An array in a container."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attributes: Mapping[str, Any]
    chunks: tuple[int, ...] | None = None
    fill: int | float | None = None  # what is missing by convention, without an attribute
    columns_first: bool = False  # MATLAB: the first axis of this shape is the last of its own


def images(arrays: Mapping[str, Stored]) -> dict[str, Stored]:
    """Those that may be images: of real numbers, two axes and more, and not bounds of others."""
    describing = {_texts(one.attributes, "bounds").get("bounds") for one in arrays.values()}
    return {
        name: one
        for name, one in arrays.items()
        if is_real(one.dtype) and len(one.shape) > 1 and name.rsplit("/", 1)[-1] not in describing
    }


def windowed(
    path: Path,
    stored: Stored,
    selection: Selection,
    opened: Callable[[], AbstractContextManager[Any]],
) -> Windowed:
    """The part of an array that a key selects, to be read in bands of rows.

    Parameters
    ----------
    path : Path
    stored : Stored
    selection : Selection
    opened : callable
        Opens the array, to be indexed with integers and slices of step 1.

    Raises
    ------
    ReadError
        If the selection is no image.
    """
    where = places_of(path, selection, stored.shape)
    if stored.columns_first:
        where = where._replace(turned=not where.turned)
    cut = {axis: place for axis, place in enumerate(where.places) if isinstance(place, range)}
    shape = tuple(len(places) for places in cut.values())
    facts = _facts(stored)

    def rows() -> Iterator[AnyArray]:
        with opened() as array:
            for band in _bands(array, where, cut, stored):
                yield facts.of(band)

    return Windowed(
        path,
        (shape[1], shape[0]) if where.turned else (shape[0], shape[1]),
        facts.dtype,
        rows,
        validity=facts.validity,
        scale=facts.scale,
        offset=facts.offset,
        unit=facts.unit,
        metadata=facts.metadata,
    )


def frames(
    path: Path,
    stored: Stored,
    selection: Selection,
    axis: int | None,
    format: str,  # noqa: A002  as in `Raster`
    opened: Callable[[], AbstractContextManager[Any]],
) -> ArrayFrames | None:
    """The part of an array that a key selects, as frames; None where that is one image.

    Parameters
    ----------
    path, stored, selection, opened
        As of `windowed`. *opened* is called for each block of frames.
    axis : int or None
        Of those that the selection leaves, the one that the frames lie along.
    format : str
        The name of the format.

    Raises
    ------
    ReadError
        If the selection is no stack of images.
    """
    where = stack_places_of(path, selection, stored.shape, axis)
    if where is None:
        return None
    if stored.columns_first:
        where = where._replace(turned=not where.turned)
    facts = _facts(stored)

    def described(values: AnyArray) -> Raster:
        values = facts.of(values)
        mask = facts.validity.mask(values)
        said = facts.scale, facts.offset, facts.unit, facts.metadata
        return as_raster(path, values, mask, *said, format=format)

    return ArrayFrames(path, where, opened, described, stored.dtype, chunks=stored.chunks)


class _Facts(NamedTuple):
    """What the attributes of an array say of its values."""

    dtype: np.dtype[Any]
    validity: Validity
    scale: float
    offset: float
    unit: str | None
    metadata: dict[str, str]

    def of(self, values: AnyArray) -> AnyArray:
        """Stored values, which may be meant without a sign."""
        return values if values.dtype.kind == self.dtype.kind else values.view(self.dtype)


def _facts(stored: Stored) -> _Facts:
    attributes = stored.attributes
    scale, offset = _factor(attributes, "scale_factor", 1.0), _factor(attributes, "add_offset", 0.0)
    signless = _texts(attributes, "_Unsigned").get("_Unsigned", "").lower() == "true"
    signless = signless and stored.dtype.kind == "i"
    dtype = np.dtype(stored.dtype.str.replace("i", "u")) if signless else stored.dtype
    validity = _validity(stored, dtype, scale, offset)
    described = _texts(attributes, "long_name", "standard_name", "title")
    return _Facts(dtype, validity, scale, offset, _unit(attributes), described)


def claimed_bytes(shape: tuple[int, ...], stored: Stored) -> int:
    """Bytes of an image of an array, or of a chunk where that is larger, for `refuse_inflated`.

    What else the array has is not read: of a stack that was made for years to come, an image
    may be all there is.
    """
    chunk = math.prod(stored.chunks) if stored.chunks else 0
    return max(math.prod(shape), chunk) * stored.dtype.itemsize


def _bands(array: Any, where: Places, cut: dict[int, range], stored: Stored) -> Iterator[AnyArray]:
    """Whole chunks of rows; of columns, if those become the rows."""
    down, right = reversed(cut) if where.turned else cut  # axes
    along, across = cut[down], cut[right]
    places = [one if isinstance(one, int) else slice(None) for one in where.places]
    places[right], mirrored = forward_slice(across)
    for some in _parts(along, len(across) * stored.dtype.itemsize, stored, down):
        places[down], upside_down = forward_slice(some)
        band = np.asarray(array[tuple(places)])
        rows = band.T if where.turned else band
        yield rows[:: -1 if upside_down else 1, :: -1 if mirrored else 1]


def _parts(along: range, row_bytes: int, stored: Stored, axis: int) -> Iterator[range]:
    """Rows to read together: from a chunk's beginning to one's end, so that each is read once."""
    chunk = stored.chunks[axis] if stored.chunks else 1
    step = chunk * max(1, _READ_BYTES // max(1, row_bytes * chunk))
    if along.step != 1:
        yield along
        return
    first = along.start
    while first < along.stop:
        last = min(along.stop, first - first % step + step)
        yield range(first, last)
        first = last


# ---- attributes ----


def _validity(stored: Stored, dtype: np.dtype[Any], scale: float, offset: float) -> Validity:
    attributes = stored.attributes
    nodata = [
        number
        for name in ("_FillValue", "missing_value")
        for number in _numbers(attributes.get(name), dtype)
    ]
    if "_FillValue" not in attributes and stored.fill is not None:
        nodata.append(stored.fill)
    low, high = _numbers(attributes.get("valid_min"))[:1], _numbers(attributes.get("valid_max"))[:1]
    both = attributes.get("valid_range")
    if len(_numbers(both)) == 2:
        low, high = [_numbers(both)[0]], [_numbers(both)[1]]
    packed = (scale, offset) != (1.0, 0.0) and dtype.kind in "iu"
    for name, limit in (("valid_min", low), ("valid_max", high)):
        given = attributes.get(name, both)
        # In units of what is measured, where they are of its kind: NetCDF users' guide.
        if packed and limit and np.asarray(given).dtype.kind == "f":
            limit[0] = (limit[0] - offset) / scale
    return Validity(tuple(nodata), *(limit[0] if limit else None for limit in (low, high)))


def _numbers(given: Any, dtype: np.dtype[Any] | None = None) -> list[int | float]:
    """The numbers of an attribute, which may be one, several, or text."""
    if given is None:
        return []
    if isinstance(given, bytes):
        given = given.decode("utf-8", "replace")
    if isinstance(given, str):
        number = as_number(given)
        return _decoded(given, dtype) if number is None else [number]
    array = np.asarray(given)
    if array.dtype.kind not in "biuf":
        return []
    if dtype is not None and dtype.kind == "u" and array.dtype.kind == "i":
        array = array.astype(dtype)  # of _Unsigned values, the attribute is signed, too
    return [one for one in array.ravel().tolist() if not isinstance(one, complex)]


def _decoded(text: str, dtype: np.dtype[Any] | None) -> list[int | float]:
    """Of text that is the bytes of a float in base 64: xarray has fill values in Zarr so."""
    if dtype is None or dtype.kind != "f":
        return []
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return []
    return [float(np.frombuffer(data, "<f8")[0])] if len(data) == 8 else []


def _factor(attributes: Mapping[str, Any], name: str, otherwise: float) -> float:
    numbers = _numbers(attributes.get(name))
    if len(numbers) != 1 or not math.isfinite(numbers[0]):
        return otherwise
    return float(numbers[0])


def _unit(attributes: Mapping[str, Any]) -> str | None:
    unit = _texts(attributes, "units").get("units", "").strip()
    return None if unit in ("", "1", "none") else unit


def _texts(attributes: Mapping[str, Any], *names: str) -> dict[str, str]:
    found = {}
    for name in names:
        value = attributes.get(name)
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.ravel()[0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str):
            found[name] = " ".join(value.split())
    return found
