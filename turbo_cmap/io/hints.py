"""What was assumed about a file's numbers, and what they look like where nothing was.

A hint is text for a person. Nothing here changes a value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._typing import AnyArray
from ..arguments import held
from .presets import PRESETS, Preset
from .raster import Raster

__all__ = ["describe", "hint"]

#: Formats that say themselves what they hold, and where there is no measurement.
_PLAIN_FORMATS = frozenset({"PFM", "DPT", "FLO", "COLMAP"})
#: Values are looked at on a grid of about so many.
_LOOKED_AT = 1 << 16
#: Fewer equal values than this share are chance.
_SHARE = 0.001
#: A value that means 'none' stands apart from the others by this share of their range.
_APART = 0.01
#: Measurements have more values than this, if only nine of a wall; masks have fewer.
_MASKS = 4
#: What stands for 'no measurement' in files, besides NaN. The last two are the largest float32
#: with either sign, as GDAL and ArcGIS write it.
_SENTINELS = (
    *(0, -1, -99, -999, -9999, -32767, -32768, 65535, 4294967295),
    *(1e10, -1e10, -3.4028235e38, 3.4028235e38),
)


class _Range(NamedTuple):
    """What measurements of a kind are likely to be, in the unit of the preset."""

    smallest: float  # not above
    largest: tuple[float, float]  # between


#: Presets of 16-bit integers, in the order in which they are named.
_LIKELY = {
    "sunrgbd": _Range(6, (0.8, 12)),
    "mm": _Range(10, (0.3, 20)),
    "tum": _Range(6, (0.8, 14)),
    "matterport": _Range(6, (1.5, 17)),
    "kitti-depth": _Range(30, (20, 130)),
    "kitti-disparity": _Range(64, (8, 256)),
    "float16-bits": _Range(64, (0.5, 256)),
    "vkitti": _Range(100, (5, 656)),
    "2d3ds": _Range(20, (0.5, 128)),
    "7-scenes": _Range(6, (0.3, 20)),
}
#: The least float16 that is likely, 1 / 16, as an integer: 11.3 m, if it were millimeters.
_LEAST_FLOAT16 = 0x2C00


def describe(raster: Raster) -> str | None:
    """What the values are taken to be, one line; None where they are what the file holds.

    Parameters
    ----------
    raster : Raster

    Returns
    -------
    str or None
        "kitti-depth: depth in m = stored / 256; 0 is invalid", or what the file's own
        tags say about scale, offset and unit.
    """
    if raster.preset is not None:
        return f"{raster.preset.name}: {raster.preset.assumption}"
    if raster.scale == 1 and raster.offset == 0:
        return None
    text = f"as the file says: stored * {raster.scale:g}"
    if raster.offset:
        text += f" {'+' if raster.offset > 0 else '-'} {abs(raster.offset):g}"
    return f"{text} {raster.unit}" if raster.unit else text


def hint(raster: Raster) -> str | None:
    """What the values look like, where no preset and no tag says what they are.

    Parameters
    ----------
    raster : Raster
        As `turbo_cmap.io.read` gives it. Some ten thousands of its values are looked at.

    Returns
    -------
    str or None
        One line, or None where nothing is conspicuous.

    Notes
    -----
    There are four rules; the first that fits is told.

    1. *Bytes the other way round*: 16-bit PNM whose neighbors differ at least eight times
       less with the bytes swapped.
    2. *Fixed point*: 16-bit integers, signed or made unsigned, of which at least 0.1 % are
       the one negative value, a multiple of 16, and all others are not negative: OpenCV's
       disparities.
    3. *A known encoding*: unsigned 16-bit integers above 1,000, of which at least 0.1 %
       are 0 (or 65535) and all others stand apart from that by 1 % of their range, as where 0
       means 'none'. Named are the presets under which the ends of the range would be likely.
    4. *A value that means none*: one of 0, -1, -99, -999, -9999, -32767, -32768, 65535,
       4294967295, 1e10, 3.4028235e38 and the negative of these two that is the smallest or
       largest, of at least 0.1 % of the values, and apart from the others by 1 % of their range
       (10 % for 0 in floats, where it may be a value like others).

    Of rules 3 and 4, the others have to be more than four different values: masks have fewer.

    PFM, DPT, FLO and COLMAP files get none, nor does a raster with a preset, a scale or a
    unit, nor what the mask leaves out.
    """
    known = raster.preset is not None or raster.unit is not None or raster.scale != 1
    if known or raster.format in _PLAIN_FORMATS or raster.values.dtype.kind not in "iuf":
        return None
    values = _looked_at(raster)
    if values.size == 0:
        return None
    return _swapped(raster) or _fixed_point(values) or _encoding(values) or _sentinel(values)


class _Apart(NamedTuple):
    """One value at the end of a range, and the others."""

    value: float
    share: float
    smallest: float
    largest: float


def _looked_at(raster: Raster) -> AnyArray:
    step = max(1, int((raster.values.size / _LOOKED_AT) ** 0.5))
    values = raster.values[::step, ::step]
    values = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if raster.mask is not None and values.ndim == 2:
        values = values[~raster.mask[::step, ::step]]
    return np.asarray(values).ravel()


def _swapped(raster: Raster) -> str | None:
    if raster.format != "PNM" or raster.values.dtype.itemsize != 2:
        return None
    rows = raster.values[: max(1, _LOOKED_AT // raster.values.shape[1])]
    if rows.shape[1] < 8:
        return None

    def roughness(words: AnyArray) -> float:
        return float(np.abs(np.diff(words.astype(np.int32), axis=1)).mean())

    if roughness(rows) <= 8 * roughness(rows.byteswap()):
        return None
    return "neighbors differ much less with their bytes swapped: --preset byteswap, or nyu-raw"


def _fixed_point(values: AnyArray) -> str | None:
    if values.dtype.itemsize != 2 or values.dtype.kind not in "iu":
        return None
    words = values.astype(values.dtype.newbyteorder("="), copy=False).view(np.int16)
    negative = words[words < 0]
    lowest = int(words.min())
    alone = negative.size >= _SHARE * words.size and int(negative.max(initial=-32768)) == lowest
    if not alone or lowest % 16 or lowest < -16 * 256 or negative.size == words.size:
        return None
    disparity = PRESETS["sgbm"]
    where = f"{lowest} (or {lowest + 65536})" if values.dtype.kind == "u" else f"{lowest}"
    return (
        f"{_percent(negative.size / words.size)} of the values are {where}, as in disparities of "
        f"OpenCV: {_under(disparity, int(words[words >= 0].min()), int(words.max()))}"
    )


def _encoding(values: AnyArray) -> str | None:
    if values.dtype.newbyteorder("=") != np.uint16:
        return None
    for sentinel in (0, 65535):
        found = _apart(values, sentinel, _APART)
        if found is None or found.largest < 1000:
            continue
        ranges = {
            name: _measured(PRESETS[name], found.smallest, found.largest)
            for name in _LIKELY
            if sentinel in PRESETS[name].invalid and _can_be(name, values, found)
        }
        likely = [name for name, ends in ranges.items() if _is_likely(name, *ends)]
        if likely:
            read = "; ".join(_under(PRESETS[n], found.smallest, found.largest) for n in likely)
            return (
                f"{_percent(found.share)} of the values are {sentinel}, "
                f"the others {found.smallest:g} .. {found.largest:g}: {read}; "
                f"if it is none of these, --invalid {sentinel}"
            )
    return None


def _is_likely(name: str, smallest: float, largest: float) -> bool:
    low, high = _LIKELY[name].largest
    return smallest <= _LIKELY[name].smallest and low <= largest <= high


def _can_be(name: str, values: AnyArray, found: _Apart) -> bool:
    """Whether the bits speak against a preset."""
    if name == "sunrgbd":  # as far as 8.191 m, its values are multiples of 8, and of 16 by chance
        return not (values & 7).any() and bool((values & 8).any())
    return name != "float16-bits" or found.smallest >= _LEAST_FLOAT16


def _sentinel(values: AnyArray) -> str | None:
    for sentinel in _SENTINELS:
        vague = sentinel == 0 and values.dtype.kind == "f"
        if held(values.dtype, sentinel) is None:
            continue
        found = _apart(values, sentinel, 10 * _APART if vague else _APART)
        if found is not None:
            text = str(sentinel) if isinstance(sentinel, int) else f"{sentinel:.8g}"
            return (
                f"{_percent(found.share)} of the values are {text}, the others "
                f"{found.smallest:g} .. {found.largest:g}: --invalid {text} leaves them out"
            )
    return None


def _apart(values: AnyArray, sentinel: float, apart: float) -> _Apart | None:
    with np.errstate(over="ignore"):
        equal = values == sentinel
    share = np.count_nonzero(equal) / values.size
    if share < _SHARE or share == 1:
        return None
    others = values[~equal]
    if len(np.unique(others)) <= _MASKS:
        return None
    smallest, largest = float(others.min()), float(others.max())
    gap = max(smallest - sentinel, sentinel - largest)
    span = largest - smallest or abs(largest)
    if values.itemsize == 1 or gap <= 1 or gap < apart * span:
        # In 8 bits the ends of the range are values like others.
        return None
    return _Apart(sentinel, share, smallest, largest)


def _measured(preset: Preset, smallest: float, largest: float) -> tuple[float, float]:
    ends: AnyArray = np.array([smallest, largest])
    if preset.decode is not None and preset.name != "sgbm":
        ends = preset.decode(ends.astype(np.uint16)).values.astype(np.float64)
    low, high = (ends * preset.scale + preset.offset).tolist()
    return low, high


def _under(preset: Preset, smallest: float, largest: float) -> str:
    lo, hi = _measured(preset, smallest, largest)
    unit = f" {preset.unit}" if preset.unit else ""
    return f"{lo:.3g} .. {hi:.3g}{unit} with --preset {preset.name}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
