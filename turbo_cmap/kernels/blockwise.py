"""The way of one block for the backends that are Python: NumPy and Numba.

The C extension has its own, csrc/colorize.c. Here, too, memory beyond the arrays is a block's.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from .._typing import AnyArray, FloatArray
from ..arguments import Source
from ..scale import Affine, Mirrored, Scale, is_single
from ..steps import Steps
from .inverse_tables import InverseTables
from .keys import bin_counts, keys_of
from .palette import Palette

if TYPE_CHECKING:
    from .projection import Projection
    from .transfer import WideMap

BLOCK = 16_384


class BlockwiseBackend:
    """A backend made of a module with the functions of `reference`."""

    def __init__(self, name: str, module: ModuleType) -> None:
        self.name = name
        self._kernels = module

    def colorize(self, source: Source, scale: Scale, palette: Palette, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        for where in blocks(source.values.shape):
            x = load(source.part(where))
            target = out[where]
            if target.flags.c_contiguous:
                self._paint(x, scale, palette, target.reshape(-1, target.shape[-1]))
            else:
                pixels = np.empty((x.size, target.shape[-1]), dtype=out.dtype)
                self._paint(x, scale, palette, pixels)
                target[...] = pixels.reshape(target.shape)

    def _paint(self, x: AnyArray, scale: Scale, palette: Palette, out: AnyArray) -> None:
        k, p = self._kernels, palette
        if p.curve is None:
            if isinstance(scale, Steps):
                find = k.step_indices
            else:
                find = k.mirrored_indices if isinstance(scale, Mirrored) else k.indices
            k.take(p.entries, find(x, scale, p.n, p.under, p.over, p.bad), out)
            return
        assert isinstance(scale, Affine)
        t, under, over, bad = k.positions(x, scale)
        if p.reverse:
            t = np.float32(1) - t
        for channel, coefficients in enumerate(p.curve):
            out[:, channel] = k.quantize(k.curve(t, coefficients), out.dtype)
        out[:, 3:] = p.entries[0, 3:]
        for where, entry in ((under, p.under), (over, p.over), (bad, p.bad)):
            if entry >= p.n:
                out[where] = p.entries[entry]

    def extent(self, source: Source) -> tuple[float, float]:
        """See `turbo_cmap.kernels.Backend`."""
        lo, hi = np.inf, -np.inf
        for where in blocks(source.values.shape):
            x = load(source.part(where))
            low, high = self._kernels.extent(x)
            lo, hi = min(lo, low), max(hi, high)
        return lo, hi

    def count(self, source: Source, spans: AnyArray) -> tuple[AnyArray, AnyArray]:
        """See `turbo_cmap.kernels.Backend`."""
        ends = np.cumsum(bin_counts(spans)).astype(np.int64)
        counts = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint64)
        bounds = np.zeros((2, len(spans)), dtype=np.uint64)
        bounds[0] = np.iinfo(np.uint64).max
        for where in blocks(source.values.shape):
            keys = _load_keys(source.part(where))
            self._kernels.tally(keys, spans, counts, ends, bounds)
        return counts, bounds

    def collect(self, source: Source, spans: AnyArray, room: int) -> AnyArray:
        """See `turbo_cmap.kernels.Backend`."""
        collected = np.empty(room, dtype=np.uint64)
        count = 0
        for where in blocks(source.values.shape):
            keys = _load_keys(source.part(where))
            found = self._kernels.among(keys, spans)[: room - count]
            collected[count : count + found.size] = found
            count += found.size
        return collected[:count]

    def select(
        self, source: Source, spans: AnyArray, kept: int, room: int
    ) -> tuple[AnyArray, AnyArray]:
        """See `turbo_cmap.kernels.Backend`."""
        sizes = np.zeros(len(spans), dtype=np.uint64)
        collected = np.empty(room, dtype=np.uint64)
        count = 0
        for where in blocks(source.values.shape):
            keys = _load_keys(source.part(where))
            for number, (first, last, _) in enumerate(spans.tolist()):
                if number >= kept:
                    sizes[number] += np.uint64(self._kernels.inside(keys, first, last))
                    continue
                found = self._kernels.within(keys, first, last)
                sizes[number] += np.uint64(found.size)
                found = found[: room - count]
                collected[count : count + found.size] = found
                count += found.size
        return sizes, collected[:count]

    def uncolorize(
        self,
        pixels: AnyArray,
        offsets: tuple[int, int, int, int],
        tables: InverseTables,
        along: FloatArray,
        painted: FloatArray,
        tolerance: float,
        values: AnyArray,
        distance: AnyArray | None,
    ) -> None:
        """See `turbo_cmap.kernels.reference_inverse.uncolorize`."""
        self._kernels.uncolorize(
            pixels, offsets, tables, along, painted, tolerance, values, distance
        )

    def simulate(self, rgb: AnyArray, projection: Projection, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        for pixels, target in _pixel_blocks(rgb, out):
            self._kernels.simulate(pixels, projection, target)

    def simulate_wide(self, rgb: AnyArray, wide: WideMap, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        for pixels, target in _pixel_blocks(rgb, out):
            self._kernels.simulate_wide(pixels, wide, target)

    def blend(self, rgba: AnyArray, photo: AnyArray, mixed: AnyArray, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        flat = [array.reshape(-1, array.shape[-1]) for array in (rgba, photo, out)]
        for begin in range(0, len(flat[0]), BLOCK):
            colors, behind, target = (array[begin : begin + BLOCK] for array in flat)
            self._kernels.blend(colors, behind, mixed, target)


def _pixel_blocks(rgb: AnyArray, out: AnyArray) -> Iterator[tuple[AnyArray, AnyArray]]:
    """Stretches of two dense images as arrays of pixels."""
    pixels, target = rgb.reshape(-1, 3), out.reshape(-1, 3)
    for begin in range(0, len(pixels), BLOCK):
        yield pixels[begin : begin + BLOCK], target[begin : begin + BLOCK]


def blocks(shape: tuple[int, ...], most: int = BLOCK) -> Iterator[tuple[slice, ...]]:
    """Slices that cut an array of that shape into boxes of at most *most* values, in C order."""
    tail = 1  # values in the trailing dimensions that a block holds whole
    axis = len(shape)
    while axis > 0 and tail * shape[axis - 1] <= most:
        axis -= 1
        tail *= shape[axis]
    if axis == 0:
        yield (slice(None),) * len(shape)
        return
    step = max(1, most // tail)
    whole = (slice(None),) * (len(shape) - axis)
    for outer in np.ndindex(shape[: axis - 1]):
        prefix = tuple(slice(i, i + 1) for i in outer)
        for begin in range(0, shape[axis - 1], step):
            yield (*prefix, slice(begin, begin + step), *whole)


def load(source: Source) -> AnyArray:
    """A block as dense float32 or float64, NaN where values do not count."""
    values, masks, invalid, minus = source
    if minus is not None:
        return _difference(source, minus)
    kind = np.dtype(np.float32 if is_single(values.dtype) else np.float64)
    if invalid is None and not masks and values.dtype == kind and values.flags.c_contiguous:
        return values.reshape(-1)
    x = np.array(values, dtype=kind, order="C", copy=True).reshape(-1)
    if invalid is not None:
        # as the input's dtype: many 64-bit integers are one float64
        x[np.isin(values, invalid).reshape(-1)] = np.nan
    for mask in masks:
        x[mask.reshape(-1)] = np.nan
    return x


def _difference(source: Source, minus: Source) -> AnyArray:
    """That of two blocks; of 64-bit integers it is exact before it is rounded."""
    a, b = load(source._replace(minus=None)), load(minus)
    with np.errstate(invalid="ignore", over="ignore"):  # inf - inf, and beyond float32
        difference: AnyArray = np.subtract(a, b, dtype=source.dtype)
    common = np.result_type(source.values, minus.values)
    if common.kind not in "iu" or common.itemsize < 8:
        return difference
    # their distance, which fits in 64 bits without a sign, and the sign
    a, b = (np.ravel(values).astype(common) for values in (source.values, minus.values))
    lower = a < b
    distance = np.maximum(a, b).view(np.uint64) - np.minimum(a, b).view(np.uint64)
    exact = distance.astype(difference.dtype)
    return np.where(np.isnan(difference), difference, np.where(lower, -exact, exact))


def _load_keys(source: Source) -> AnyArray:
    """The keys of the values of a block that are unmasked and valid, 1-D."""
    values, masks, invalid, minus = source
    if minus is not None:
        difference = load(source)
        return keys_of(difference[~np.isnan(difference)])
    native = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("=")).reshape(-1)
    keys = keys_of(native)
    if invalid is None and not masks:
        return keys
    dropped = np.zeros(keys.shape, dtype=np.bool_)
    if invalid is not None:
        dropped |= np.isin(native, invalid)
    for mask in masks:
        dropped |= mask.reshape(-1)
    return keys[~dropped]
