"""What GDAL writes into the tags of a TIFF: nodata, scale, offset, units and band names.

GeoTIFF driver of GDAL: https://gdal.org/en/stable/drivers/raster/gtiff.html; tag 42112,
``GDAL_METADATA``, is XML such as

::

    <GDALMetadata>
      <Item name="SCALE" sample="0" role="scale">0.01</Item>
      <Item name="OFFSET" sample="0" role="offset">-5</Item>
      <Item name="UNITTYPE" sample="0" role="unittype">m</Item>
      <Item name="DESCRIPTION" sample="0" role="description">elevation</Item>
      <Item name="AREA_OR_POINT">Area</Item>
    </GDALMetadata>

and tag 42113, ``GDAL_NODATA``, is a number in ASCII.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from .validity import Validity, as_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

METADATA_TAG, NODATA_TAG = 42112, 42113


class BandTags(NamedTuple):
    """What the tags say about one band."""

    scale: float
    offset: float
    unit: str | None
    metadata: dict[str, str]


def band_tags(xml: str | None, band: int) -> BandTags:
    """Scale, offset, unit and the rest of GDAL's metadata.

    Parameters
    ----------
    xml : str or None
        The value of tag 42112.
    band : int
        From 0.
    """
    scale, offset, unit = 1.0, 0.0, None
    metadata: dict[str, str] = {}
    for item in _items(xml):
        if item.get("sample", str(band)) != str(band):
            continue
        role, text = item.get("role"), _text(item)
        if role == "scale":
            scale = _finite(text, scale)
        elif role == "offset":
            offset = _finite(text, offset)
        elif role == "unittype":
            unit = text or None
        elif name := item.get("name"):
            metadata[name] = text
    return BandTags(scale, offset, unit, metadata)


def band_names(xml: str | None) -> Mapping[str, int]:
    """The bands, from 0, that have names."""
    return {
        _text(item): int(item.get("sample", ""))
        for item in _items(xml)
        if item.get("role") == "description" and item.get("sample", "").isdecimal()
    }


def nodata_of(text: str | None) -> Validity:
    """What tag 42113 says; nothing where it is no number."""
    number = None if text is None else as_number(text)
    return Validity() if number is None else Validity((number,))


def _items(xml: str | None) -> list[Element]:
    from xml.etree import ElementTree

    try:
        return ElementTree.fromstring(xml.strip("\0 \n")).findall("Item") if xml else []
    except ElementTree.ParseError:  # some other program's
        return []


def _text(item: Element) -> str:
    from xml.sax.saxutils import unescape  # which imports all of urllib

    # GDAL escapes twice: & is &amp;amp; in the file.
    return unescape((item.text or "").strip(), {"&quot;": '"', "&apos;": "'"})


def _finite(text: str, otherwise: float) -> float:
    number = as_number(text)
    return otherwise if number is None or not math.isfinite(number) else float(number)
