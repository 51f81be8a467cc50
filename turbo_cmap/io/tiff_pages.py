"""One band of one page of a TIFF, through tifffile, in rows of tiles or strips."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray, BoolArray
from .geotiff import METADATA_TAG, NODATA_TAG, band_names, band_tags, nodata_of
from .parallel import in_order, thread_number
from .raster import TIGHT_EXPANSION, ReadError, refuse_inflated
from .registry import Found, Request
from .windows import Windowed, rebanded

if TYPE_CHECKING:
    import tifffile

_RGB, _PALETTE = 2, 3  # photometric interpretations
_SEPARATE = 2  # planar configuration
_ALPHA = (1, 2)  # kinds of extra samples
_JPEGS = (6, 7, 33007, 34892)  # compressions, whose tables are tags
#: How much of an image that is not compressed is read at a time.
_READ_BYTES = 1 << 22
#: How much is decoded ahead of what is handed out.
_AHEAD_BYTES = 1 << 25


class MissingCodecError(Exception):
    """tifffile cannot decode this without imagecodecs."""


class _Band(NamedTuple):
    """One sample of a page's pixels."""

    page: tifffile.TiffPage
    sample: int


def open_tiff(path: Path, size: int, request: Request) -> Windowed:
    """The band of the page that *request* asks for, or the only one.

    Raises
    ------
    ReadError
        If there is none such, or more than one without a request; if its header claims what
        the file cannot hold.
    MissingCodecError
        If it takes imagecodecs, which is not there.
    """
    import tifffile

    with opened_tiff(path) as tiff:
        place = _place(path, tiff, request)
        return _windowed(path, tiff, place, size, request, lambda: tifffile.TiffFile(path))


def found_in_page(
    path: Path, tiff: tifffile.TiffFile, place: Place, size: int, request: Request
) -> Found:
    """The numbers of one of the `images_in` a file that is open.

    Raises
    ------
    ReadError
        As by `open_tiff`.
    MissingCodecError
        If it takes imagecodecs, which is not there.
    """
    return _windowed(path, tiff, place, size, request, lambda: nullcontext(tiff)).found()


def _windowed(
    path: Path,
    tiff: tifffile.TiffFile,
    place: Place,
    size: int,
    request: Request,
    opened: Callable[[], AbstractContextManager[tifffile.TiffFile]],
) -> Windowed:
    page = tiff.pages[place.page].aspage()
    _check(path, page, size)
    xml = _text(page, METADATA_TAG)
    band = _band(path, page, xml, request)
    _check_codec(page)
    # Gray with alpha: where that is 0, there is nothing.
    alpha = 1 if page.samplesperpixel == 2 and _has_alpha(page) and band == 0 else None
    tags = band_tags(xml, band)
    shape, dtype = (page.imagelength, page.imagewidth), np.dtype(page.dtype)
    validity = nodata_of(_text(page, NODATA_TAG))
    number, mask = place
    if mask is not None:
        _check(path, tiff.pages[mask].aspage(), size)

    def rows() -> Iterator[AnyArray]:
        with opened() as tiff:
            yield from _rows(_Band(tiff.pages[number].aspage(), band))

    def masks() -> Iterator[BoolArray]:
        with opened() as tiff:
            values = tiff.pages[number].aspage()
            where = _Band(values, 1) if mask is None else _Band(tiff.pages[mask].aspage(), 0)
            heights = _height_of_bands(values)
            for some in rebanded(_rows(where), heights, values.imagelength):
                yield some == 0

    return Windowed(
        path,
        shape,
        dtype,
        rows,
        masks if alpha or mask is not None else None,
        validity,
        tags.scale,
        tags.offset,
        tags.unit,
        tags.metadata,
    )


@contextmanager
def opened_tiff(path: Path) -> Iterator[tifffile.TiffFile]:
    """A TIFF whose pages come to an end.

    Raises
    ------
    ReadError
        If a page says that an earlier one follows it: tifffile would go round for ever.
    """
    import tifffile

    with path.open("rb") as file:
        _check_chain(path, file)
    with tifffile.TiffFile(path) as tiff:
        yield tiff


#: By the number behind the byte order, of TIFF and BigTIFF: codes of an offset and of a page's
#: number of tags, the bytes of a tag, and where the first offset is.
_CHAINS = {42: ("I", "H", 12, 4), 43: ("Q", "Q", 20, 8)}


def _check_chain(path: Path, file: BinaryIO) -> None:
    """Follow the pages, of which each says where the next is; whatever is odd, tifffile finds."""
    head = file.read(4)
    order = "<" if head.startswith(b"II") else ">"
    chain = _CHAINS.get(struct.unpack(f"{order}H", head[2:4])[0])
    if chain is None:
        return
    offset_code, count_code, tag_bytes, place = chain
    offset, count = struct.Struct(order + offset_code), struct.Struct(order + count_code)
    seen: set[int] = set()
    while True:
        file.seek(place)
        data = file.read(offset.size)
        if len(data) < offset.size:
            return
        (page,) = offset.unpack(data)
        if page in seen:
            raise ReadError(path, f"after {len(seen)} pages, an earlier one is said to follow")
        seen.add(page)
        file.seek(min(page, _MOST))
        data = file.read(count.size)
        if page == 0 or len(data) < count.size:
            return
        place = min(page + count.size + count.unpack(data)[0] * tag_bytes, _MOST)


#: No file is longer, and no place in one can be asked for beyond.
_MOST = 2**63 - 1


# ---- which page, which band ----


class Place(NamedTuple):
    """Which pages an image and its mask are."""

    page: int
    mask: int | None


def images_in(tiff: tifffile.TiffFile) -> list[Place]:
    """All images, in their order."""
    every = [page.aspage() for page in tiff.pages]
    # Overviews and transparency masks of GeoTIFF are pages that say so.
    full = [n for n, page in enumerate(every) if not (page.is_reduced or page.is_mask)]
    full = full or list(range(len(every)))
    images = []
    for place, number in enumerate(full):
        mask, page = None, every[number]
        following = every[number + 1 : full[place + 1] if place + 1 < len(full) else None]
        for behind, other in enumerate(following, number + 1):
            if other.is_mask and not other.is_reduced and other.shape == page.shape[:2]:
                mask = behind
        images.append(Place(number, mask))
    return images


def _place(path: Path, tiff: tifffile.TiffFile, request: Request) -> Place:
    """The image that is asked for, or the only one."""
    images = images_in(tiff)
    if not images:
        raise ReadError(path, "a TIFF without pages")
    most = len(images) - 1
    if request.key is None:
        if most:
            raise ReadError(path, f"a TIFF of {len(images)} pages; choose one by key: 0 to {most}")
        return images[0]
    chosen = page_number(request.key)
    if chosen is None or chosen > most:
        raise ReadError(path, f"has no page {request.key!r}, only 0 to {most}")
    return images[chosen]


def _check(path: Path, page: tifffile.TiffPage, size: int) -> None:
    """Refuse what is no image of numbers, and headers that lie, before allocating."""
    if int(page.photometric) == _PALETTE:
        raise ReadError(path, "a palette image, whose numbers are colors, not depth")
    if page.imagedepth > 1:
        raise ReadError(path, f"a volume, {page.imagedepth} deep; one image is needed")
    if page.dtype is None:
        raise ReadError(
            path,
            f"has samples of {page.bitspersample} bits in format {page.sampleformat}, "
            "which are not read",
        )
    check_claims(path, page, size)


def check_claims(path: Path, page: tifffile.TiffPage, size: int) -> None:
    """Refuse a page whose tags claim what the file cannot hold, before that is allocated."""
    refuse_inflated(path, page.nbytes, size, TIGHT_EXPANSION)
    if page.is_tiled:
        tile = page.tilewidth * page.tilelength * page.tiledepth * page.samplesperpixel
        refuse_inflated(path, tile * np.dtype(page.dtype).itemsize, size, TIGHT_EXPANSION)
    longest = max(page.databytecounts, default=0)
    if longest > size:  # tifffile would read as much at once
        raise ReadError(path, f"has a tile or strip of {longest} bytes, and is {size} long")


def _band(path: Path, page: tifffile.TiffPage, xml: str | None, request: Request) -> int:
    """The band that is asked for, from 0."""
    count, names = page.samplesperpixel, band_names(xml)
    if not names and int(page.photometric) == _RGB:
        names = dict(zip("RGB" + "A" * _has_alpha(page), range(count), strict=False))
    listed = f"1 to {count}" + (f" or {', '.join(names)}" if names else "")
    if request.channel is None:
        if count == 1 or (count == 2 and _has_alpha(page)):
            return 0
        raise ReadError(
            path, f"a {count}-channel image (TIFF), not depth; choose one by channel: {listed}"
        )
    named = {name.lower(): band for name, band in names.items()}.get(request.channel.lower())
    if named is not None and named < count:
        return named
    number = _number(request.channel)
    if number is not None and 1 <= number <= count:
        return number - 1
    raise ReadError(path, f"has no channel {request.channel!r}, only {listed}")


def page_number(key: str) -> int | None:
    """A page by its number, which may stand in brackets as an index of an array does."""
    return _number(key[1:-1] if key.startswith("[") and key.endswith("]") else key)


def _number(text: str) -> int | None:
    """A page or a band by its number: so many digits that it may be one."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _has_alpha(page: tifffile.TiffPage) -> bool:
    return any(int(kind) in _ALPHA for kind in page.extrasamples)


def _check_codec(page: tifffile.TiffPage) -> None:
    """Have tifffile find its decoder, which tells what is missing."""
    if _lies_plain(page):
        return
    try:
        page.decode(None, 0)
    except ValueError as error:
        if "imagecodecs" in str(error):
            raise MissingCodecError(str(error)) from None
        raise


def _text(page: tifffile.TiffPage, code: int) -> str | None:
    tag = page.tags.get(code)
    return tag.value if tag is not None and isinstance(tag.value, str) else None


# ---- rows ----


def _lies_plain(page: tifffile.TiffPage) -> bool:
    """Whether the pixels lie in the file as they would in memory."""
    return bool(page.is_memmappable)


def _height_of_bands(page: tifffile.TiffPage) -> int:
    if _lies_plain(page):
        row = page.imagewidth * np.dtype(page.dtype).itemsize * page.samplesperpixel
        return max(1, _READ_BYTES // row)
    return int(page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength))


def _rows(band: _Band) -> Iterator[AnyArray]:
    """Bands of rows: of one row of tiles each, of a strip, or of a few MiB."""
    return _plain_rows(band) if _lies_plain(band.page) else _decoded_rows(band)


def _plain_rows(band: _Band) -> Iterator[AnyArray]:
    page, sample = band
    height, width, count = page.imagelength, page.imagewidth, page.samplesperpixel
    stored = np.dtype(page.dtype).newbyteorder(page.parent.byteorder)
    offset = page.dataoffsets[0]
    if int(page.planarconfig) == _SEPARATE:
        offset, sample, count = offset + sample * height * width * stored.itemsize, 0, 1
    step = _height_of_bands(page)
    for top in range(0, height, step):
        some = min(step, height - top)
        page.parent.filehandle.seek(offset + top * width * count * stored.itemsize)
        data = page.parent.filehandle.read(some * width * count * stored.itemsize)
        yield np.frombuffer(data, stored).reshape(some, width, count)[:, :, sample]


def _decoded_rows(band: _Band) -> Iterator[AnyArray]:
    page, sample = band
    height, width = page.imagelength, page.imagewidth
    rows = _height_of_bands(page)
    columns = page.tilewidth if page.is_tiled else width
    across, down = math.ceil(width / columns), math.ceil(height / rows)
    first = 0
    if int(page.planarconfig) == _SEPARATE:
        first, sample = sample * across * down, 0
    tables: dict[str, Any] = {}
    if int(page.compression) in _JPEGS:
        tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}

    def decoded(segment: tuple[bytes | None, int]) -> AnyArray | None:
        values: AnyArray | None = page.decode(*segment, **tables)[0]
        return None if values is None else values[0, :, :, sample]

    pixel_bytes = np.dtype(page.dtype).itemsize * page.samplesperpixel
    ahead = min(2 * thread_number(), _AHEAD_BYTES // (rows * columns * pixel_bytes))
    tiles = in_order(decoded, _segments(page, first, across * down), ahead)
    for top in range(0, height, rows):
        some = min(rows, height - top)
        values = np.empty((some, width), page.dtype)
        for left in range(0, width, columns):
            where = values[:, left : left + columns]
            tile = next(tiles)
            where[:] = page.nodata if tile is None else tile[:some, : where.shape[1]]
        yield values
        del values, where, tile


def _segments(
    page: tifffile.TiffPage, first: int, count: int
) -> Iterator[tuple[bytes | None, int]]:
    """Encoded tiles or strips, None where the file leaves one out, with their numbers."""
    if len(page.dataoffsets) < first + count or len(page.databytecounts) < first + count:
        raise ValueError(f"{len(page.dataoffsets)} tiles or strips of {first + count} are there")
    file = page.parent.filehandle
    for number in range(first, first + count):
        size = page.databytecounts[number]
        data = None
        if size:
            file.seek(page.dataoffsets[number])
            data = file.read(size)
            if len(data) < size:
                raise ValueError("the file ends before its last tile or strip")
        yield data, number
