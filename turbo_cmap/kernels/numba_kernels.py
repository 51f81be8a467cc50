"""The kernels in Numba: for machines without the C extension, and for users' own loops.

`index` and `color` take one value and are meant to be called inside a user's ``@njit``
function; the others have the form of `reference` and work on blocks. All equal the
reference in every bit: no fastmath, so no contraction and no reordering.

Examples
--------
`color` gives a whole row of the table, which is handy; three numbers by `index` are faster
in a loop over a picture:

>>> import numpy as np
>>> from numba import njit
>>> from turbo_cmap import get_cmap
>>> from turbo_cmap.kernels.numba_kernels import index, table
>>> turbo = table(get_cmap("turbo"))
>>> @njit
... def shade(depth, near, far, colors):
...     out = np.empty(depth.shape + (3,), np.uint8)
...     for y in range(depth.shape[0]):
...         for x in range(depth.shape[1]):
...             entry = index(depth[y, x], near, far, len(colors) - 3)
...             out[y, x, 0] = colors[entry, 0]
...             out[y, x, 1] = colors[entry, 1]
...             out[y, x, 2] = colors[entry, 2]
...     return out
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

from .._typing import AnyArray, IndexArray
from ..colormap import CmapLike, get_cmap
from ..scale import Affine, Mirrored
from ..steps import Steps
from .numba_inverse import uncolorize as uncolorize
from .palette import Order, table_palette
from .projection import BITS, CELL_BITS, ONE, Projection
from .reference import entries_of
from .transfer import LEVEL_BITS, SHIFTS, WideMap

_options: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


def _rounded(value: Any, like: Any) -> Any:
    """*value* rounded to the type that *like* is computed in; see `turbo_cmap.scale`."""
    raise NotImplementedError("only inside a compiled function")


@overload(_rounded, inline="always")
def _rounded_overload(value, like):  # type: ignore[no-untyped-def]  # as the lambdas
    small = isinstance(like, types.Integer) and like.bitwidth <= 16  # type: ignore[attr-defined]
    if like in (types.float32, types.boolean) or small:
        return lambda value, like: np.float32(value)
    return lambda value, like: np.float64(value)


@njit(inline="always", error_model="numpy")
def _index(
    x: Any, vmin: float, span: float, prescale: float, n: int, under: int, over: int, bad: int
) -> Any:
    # In float64, rounded after each step: what NumPy does with an array of the type of x.
    # Choices instead of branches, so that loops over this vectorize.
    value = np.float64(_rounded(x, x))
    difference = np.float64(_rounded(value * prescale - vmin, x))
    position = _rounded(difference / span, x)
    entry = _rounded(position * _rounded(n, x), x)
    if span == 0.0:  # every finite value is at 0
        entry = _rounded(value if math.isinf(value) else 0.0, x)
    inside = entry if entry >= 0.0 and entry <= n else _rounded(0.0, x)
    result = min(np.int32(inside), np.int32(n - 1))
    result = np.int32(under) if entry < 0.0 else result
    result = np.int32(over) if entry > n else result
    return np.int32(bad) if value != value else result


@njit(**_options)
def index(x: Any, vmin: float, vmax: float, n: int) -> Any:
    """The table index of one value, for use in compiled code.

    Parameters
    ----------
    x : bool, integer, float32 or float64
        float32 and integers of up to 16 bits are computed in float32, others in float64,
        as `turbo_cmap.colorize` does with arrays of them. (Numba has no float16.)
    vmin, vmax : float
        Finite, ``vmin <= vmax``, and their difference finite in that type; not checked.
    n : int
        Number of colors.

    Returns
    -------
    int
        0 to n - 1; n below vmin, n + 1 above vmax, n + 2 for NaN: the rows of `table`.
    """
    return _index(x, vmin, vmax - vmin, 1.0, n, n, n + 1, n + 2)


@njit(**_options)
def color(x: Any, vmin: float, vmax: float, table: Any) -> Any:
    """The color of one value, for use in compiled code.

    Parameters
    ----------
    x, vmin, vmax
        See `index`.
    table : ndarray, shape (n + 3, channels)
        From `table`.

    Returns
    -------
    ndarray, shape (channels,)
        A row of *table*.
    """
    return table[index(x, vmin, vmax, len(table) - 3)]


def table(
    cmap: CmapLike | None = None, order: Order = "rgb", dtype: str | np.dtype[Any] = "uint8"
) -> AnyArray:
    """A color map as the table that `color` reads.

    Parameters
    ----------
    cmap : str, Colormap, matplotlib Colormap or array_like, optional
        See `turbo_cmap.get_cmap`.
    order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"
    dtype : {"uint8", "uint16", "float32"}, default "uint8"

    Returns
    -------
    ndarray, shape (n + 3, 3 or 4)
        The colors, then those for under, over and bad.
    """
    return table_palette(get_cmap(cmap), order, np.dtype(dtype)).entries


# ---- blocks, as in `reference` ----


@njit(**_options)
def _indices(
    x: Any,
    vmin: float,
    span: float,
    prescale: float,
    n: int,
    under: int,
    over: int,
    bad: int,
    out: Any,
) -> None:
    for i in range(x.size):
        out[i] = _index(x[i], vmin, span, prescale, n, under, over, bad)


def indices(x: AnyArray, scale: Affine, n: int, under: int, over: int, bad: int) -> IndexArray:
    """See `reference.indices`."""
    out = np.empty(x.shape, dtype=np.int32)
    span = scale.vmax - scale.vmin
    _indices(x, scale.vmin, span, scale.prescale, n, under, over, bad, out)
    return out


@njit(**_options)
def _mirrored_indices(
    x: Any,
    center: float,
    halfrange: float,
    prescale: float,
    n: int,
    under: int,
    over: int,
    bad: int,
    out: Any,
) -> None:
    odd = n % 2 == 1
    up = n // 2
    down = up if odd else up - 1
    for i in range(x.size):
        value = x[i]
        scaled = np.float64(value) * prescale
        below = scaled < center
        distance = np.float64(_rounded(abs(scaled - center), value))
        quotient = np.float64(_rounded(distance / halfrange, value))
        steps = _rounded(quotient * (n / 2), value) if distance != 0.0 else _rounded(0.0, value)
        if math.isnan(value):
            out[i] = bad
        elif steps > n / 2:
            out[i] = under if below else over
        else:
            count = min(int(_rounded(steps + (0.5 if odd else 0.0), value)), down)
            out[i] = down - count if below else up + count


def mirrored_indices(
    x: AnyArray, scale: Mirrored, n: int, under: int, over: int, bad: int
) -> IndexArray:
    """See `reference.mirrored_indices`."""
    out = np.empty(x.shape, dtype=np.int32)
    _mirrored_indices(x, *scale[:3], n, under, over, bad, out)
    return out


@njit(**_options)
def _step_indices(x: Any, edges: Any, entries: Any, bad: int, out: Any) -> None:
    for i in range(x.size):
        # Bisection without branches: how many edges are at or below x.
        reached = 0
        rest = edges.size
        while rest > 0:
            half = (rest + 1) // 2
            reached += half if x[i] >= edges[reached + half - 1] else 0
            rest -= half
        out[i] = bad if math.isnan(x[i]) else entries[reached]


def step_indices(x: AnyArray, steps: Steps, n: int, under: int, over: int, bad: int) -> IndexArray:
    """See `reference.step_indices`."""
    out = np.empty(x.shape, dtype=np.int32)
    _step_indices(x, steps.edges, entries_of(steps.codes, n, under, over, bad), bad, out)
    return out


@njit(**_options)
def _positions(
    x: Any, vmin: float, span: float, prescale: float, t: Any, under: Any, over: Any, bad: Any
) -> None:
    for i in range(x.size):
        value = x[i]
        difference = _rounded(np.float64(value) * prescale - vmin, value)
        raw = difference / _rounded(span, value)
        if span == 0.0:
            raw = value if math.isinf(value) else _rounded(0.0, value)
        bad[i] = math.isnan(value)
        under[i] = raw < 0
        over[i] = raw > 1
        if not raw >= 0:
            t[i] = 0.0
        elif raw > 1:
            t[i] = 1.0
        else:
            t[i] = raw


def positions(x: AnyArray, scale: Affine) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
    """See `reference.positions`."""
    t = np.empty(x.shape, dtype=np.float32)
    under, over, bad = (np.empty(x.shape, dtype=np.bool_) for _ in range(3))
    span = scale.vmax - scale.vmin
    _positions(x, scale.vmin, span, scale.prescale, t, under, over, bad)
    return t, under, over, bad


@njit(**_options)
def _curve(t: Any, coefficients: Any, out: Any) -> None:
    terms, pieces = coefficients.shape
    for i in range(t.size):
        place = t[i] * np.float32(pieces)
        piece = min(np.int32(place), np.int32(pieces - 1))
        place = place - np.float32(piece)
        value = coefficients[terms - 1, piece]
        for k in range(terms - 2, -1, -1):
            value = value * place + coefficients[k, piece]
        out[i] = min(max(value, np.float32(0)), np.float32(1))


def curve(t: AnyArray, coefficients: AnyArray) -> AnyArray:
    """See `reference.curve`."""
    out = np.empty(t.shape, dtype=np.float32)
    _curve(t, coefficients, out)
    return out


@njit(**_options)
def _quantize(level: Any, levels: Any, out: Any) -> None:
    for i in range(level.size):
        # round to even, as np.rint
        out[i] = np.rint(level[i] * levels)


def quantize(level: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """See `reference.quantize`."""
    if dtype.kind == "f":
        return level
    out = np.empty(level.shape, dtype=dtype)
    _quantize(level, np.float32(np.iinfo(dtype).max), out)
    return out


@njit(**_options)
def _take(entries: Any, indices: Any, out: Any) -> None:
    # Unsigned, so that no index is taken from the end; unrolled, since it is all there is.
    if entries.shape[1] == 3:
        for i in range(indices.size):
            entry = np.uintp(indices[i])
            out[i, 0] = entries[entry, 0]
            out[i, 1] = entries[entry, 1]
            out[i, 2] = entries[entry, 2]
    else:
        for i in range(indices.size):
            entry = np.uintp(indices[i])
            out[i, 0] = entries[entry, 0]
            out[i, 1] = entries[entry, 1]
            out[i, 2] = entries[entry, 2]
            out[i, 3] = entries[entry, 3]


def take(entries: AnyArray, indices: IndexArray, out: AnyArray) -> None:
    """See `reference.take`."""
    _take(entries, indices, out)


@njit(**_options)
def _extent(x: Any) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for i in range(x.size):
        value = np.float64(x[i])
        if math.isfinite(value):
            low = min(low, value)
            high = max(high, value)
    return low, high


def extent(x: AnyArray) -> tuple[float, float]:
    """See `reference.extent`."""
    low, high = _extent(x)
    return float(low), float(high)


@njit(**_options)
def _inside(keys: Any, first: Any, width: Any) -> int:
    count = 0
    for i in range(keys.size):
        count += keys[i] - first <= width
    return count


def inside(keys: AnyArray, first: int, last: int) -> int:
    """See `reference.inside`."""
    kind = keys.dtype.type
    return int(_inside(keys, kind(first), kind(last - first)))


@njit(**_options)
def _within(keys: Any, first: Any, width: Any, out: Any) -> int:
    count = 0
    for i in range(keys.size):
        out[count] = keys[i]
        count += keys[i] - first <= width
    return count


def within(keys: AnyArray, first: int, last: int) -> AnyArray:
    """See `reference.within`."""
    kind = keys.dtype.type
    out = np.empty_like(keys)
    return out[: _within(keys, kind(first), kind(last - first), out)]


@njit(inline="always", error_model="numpy")
def _span_of(key: Any, spans: Any) -> Any:
    """The number of the span that a key is in, -1 if it is in none."""
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle, 1] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(spans) and spans[low, 0] <= key else -1


@njit(**_options)
def _among(keys: Any, spans: Any, out: Any) -> int:
    count = 0
    for i in range(keys.size):
        key = np.uint64(keys[i])
        out[count] = key
        count += _span_of(key, spans) >= 0
    return count


def among(keys: AnyArray, spans: AnyArray) -> AnyArray:
    """See `reference.among`."""
    out = np.empty(keys.shape, dtype=np.uint64)
    return out[: _among(keys, spans, out)]


@njit(**_options)
def _tally(keys: Any, spans: Any, counts: Any, ends: Any, bounds: Any) -> None:
    for i in range(keys.size):
        key = np.uint64(keys[i])
        number = _span_of(key, spans)
        if number >= 0:
            begin = ends[number - 1] if number > 0 else 0
            cell = np.uint64(begin) + ((key - spans[number, 0]) >> spans[number, 2])
            counts[cell] += np.uint64(1)
            bounds[0, number] = min(bounds[0, number], key)
            bounds[1, number] = max(bounds[1, number], key)


def tally(
    keys: AnyArray, spans: AnyArray, counts: AnyArray, ends: AnyArray, bounds: AnyArray
) -> None:
    """See `reference.tally`."""
    _tally(keys, spans, counts, ends, bounds)


@njit(**_options)
def _simulate(rgb: Any, columns: Any, fold: Any, folded: bool, levels: Any, out: Any) -> None:
    one = np.int32(ONE)
    for i in range(len(rgb)):
        red, green, blue = rgb[i, 0], rgb[i, 1], rgb[i, 2]
        beyond = np.int64(0)
        if folded:
            distance = columns[0, red, 3] + columns[1, green, 3] + columns[2, blue, 3]
            beyond = min(np.int64(distance), np.int64(0))
        for k in range(3):
            light = columns[0, red, k] + columns[1, green, k] + columns[2, blue, k]
            light += (np.int64(fold[k]) * beyond) >> BITS
            y = np.int32(min(max(light, np.int32(0)), one))
            out[i, k] = (levels[np.uintp(y >> CELL_BITS)] + y) >> CELL_BITS


_NO_FOLD = np.zeros(3, dtype=np.int32)


def simulate(rgb: AnyArray, projection: Projection, out: AnyArray) -> None:
    """See `reference.simulate`."""
    columns, fold, levels = projection
    _simulate(rgb, columns, _NO_FOLD if fold is None else fold, fold is not None, levels, out)


_LIGHTS = 3 * 256  # components at once: stages of their own are loops without branches


@njit(**_options)
def _through(
    z: Any, knee: float, first: int, shift: int, rows: Any, terms: int, u: Any, row: Any
) -> None:
    """Numbers through a transfer function; *u* and *row* are room of their size."""
    bits = u.view(np.int64)
    for i in range(_LIGHTS):
        clipped = 0.0 if z[i] < 0 else z[i]
        z[i] = 1.0 if clipped > 1 else clipped
        u[i] = z[i] if z[i] > knee else knee
    for i in range(_LIGHTS):
        row[i] = (bits[i] - first + ((1 << shift) - 1)) >> shift
        bits[i] = first + (row[i] << shift)
    for i in range(_LIGHTS):
        u[i] = z[i] - u[i]
    if terms == 4:  # written out, which is faster than a loop
        for i in range(_LIGHTS):
            c = rows[row[i]]
            w = u[i] * u[i]
            z[i] = c[2] * w + c[0] + u[i] * (c[3] * w + c[1])
        return
    for i in range(_LIGHTS):
        c = rows[row[i]]
        w = u[i] * u[i]
        even = ((c[6] * w + c[4]) * w + c[2]) * w + c[0]
        z[i] = even + u[i] * (((c[7] * w + c[5]) * w + c[3]) * w + c[1])


@njit(**_options)
def _project(x: Any, matrix: Any, fold: Any, y: Any) -> None:
    """Light as it is seen."""
    for i in range(0, _LIGHTS, 3):
        r, g, b = x[i], x[i + 1], x[i + 2]
        for k in range(3):
            y[i + k] = matrix[k, 0] * r + matrix[k, 1] * g + matrix[k, 2] * b
        if len(fold) > 0:
            side = fold[0, 0] * r + fold[0, 1] * g + fold[0, 2] * b
            beyond = side if side < 0 else 0.0
            for k in range(3):
                y[i + k] += fold[1, k] * beyond


@njit(**_options)
def _simulate_wide(
    rgb: Any, matrix: Any, fold: Any, decode: Any, encode: Any, levels: Any, shift: int, out: Any
) -> None:
    x, y, u = np.zeros(_LIGHTS), np.empty(_LIGHTS), np.empty(_LIGHTS)
    row = np.empty(_LIGHTS, np.int64)
    knee, first, rows = decode
    encode_knee, encode_first, encode_rows = encode
    terms = rows.shape[1]
    by_level = len(levels) > 0
    for begin in range(0, rgb.size, _LIGHTS):
        count = min(rgb.size - begin, _LIGHTS)
        if by_level:
            for i in range(count):
                x[i] = levels[np.int64(rgb[begin + i])] / (1 << LEVEL_BITS)
        else:
            for i in range(count):
                x[i] = rgb[begin + i]
            _through(x, knee, first, shift, rows, terms, u, row)
        _project(x, matrix, fold, y)
        _through(y, encode_knee, encode_first, shift, encode_rows, terms, u, row)
        for i in range(count):
            seen = 1.0 if y[i] > 1 else y[i]
            out[begin + i] = 65_535 * seen + 0.5 if by_level else seen


_FLAT = np.zeros((0, 3))
_NO_LEVELS = np.zeros(0, dtype=np.int32)


def simulate_wide(rgb: AnyArray, wide: WideMap, out: AnyArray) -> None:
    """See `reference.simulate_wide`."""
    matrix, fold, decode, encode, levels = wide
    first = [int(np.float64(one.knee).view(np.int64)) for one in (decode, encode)]
    _simulate_wide(
        rgb.reshape(-1),
        matrix,
        _FLAT if fold is None else fold,
        (decode.knee, first[0], decode.rows),
        (encode.knee, first[1], encode.rows),
        _NO_LEVELS if levels is None else levels,
        SHIFTS[decode.rows.shape[1]],
        out.reshape(-1),
    )


@njit(**_options)
def _blend(rgba: Any, photo: Any, mixed: Any, out: Any) -> None:
    components = photo.shape[1]
    for i in range(len(rgba)):
        if components == 4:
            out[i, 3] = photo[i, 3]
        for k in range(3):
            behind = photo[i, k if components > 1 else 0]
            out[i, k] = behind if rgba[i, 3] == 0 else mixed[rgba[i, k], behind]


def blend(rgba: AnyArray, photo: AnyArray, mixed: AnyArray, out: AnyArray) -> None:
    """See `reference.blend`."""
    _blend(rgba, photo, mixed, out)
