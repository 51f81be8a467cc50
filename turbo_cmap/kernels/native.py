"""The C extension as a backend. Importing this fails where it was not built."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._typing import AnyArray, FloatArray
from ..arguments import Source
from ..scale import Mirrored, Scale
from ..steps import Steps
from . import _native
from .inverse_tables import InverseTables
from .keys import bin_counts
from .palette import Palette

if TYPE_CHECKING:
    from .projection import Projection
    from .transfer import WideMap

available_kernels = _native.kernel_names
cpu_features = _native.cpu_features

# csrc/kernels.h, enum tc_dtype: by kind and size, since C's int and long share one.
_CODES = {
    kind: code
    for code, kind in enumerate(
        ("b1", "u1", "i1", "u2", "i2", "f2", "f4", "u4", "i4", "u8", "i8", "f8")
    )
}
_DTYPE_CODES = {
    np.dtype(char): (_CODES[f"{np.dtype(char).kind}{np.dtype(char).itemsize}"], False)
    for char in "?bBhHiIlLqQefd"
}
_DTYPE_CODES |= {
    dtype.newbyteorder(): (code, True)
    for dtype, (code, _) in _DTYPE_CODES.items()
    if dtype.itemsize > 1
}


class _Tables(NamedTuple):
    """A palette as the C kernels read it."""

    entries: AnyArray  # (n + 3, 4)
    planes: AnyArray  # (4, at least 256 and at least n + 3)


def _tables(palette: Palette) -> _Tables:
    count, channels = palette.entries.shape
    entries = np.zeros((count, 4), dtype=palette.entries.dtype)
    entries[:, :channels] = palette.entries
    planes = np.zeros((4, max(256, count)), dtype=entries.dtype)
    planes[:, :count] = entries.T
    return _Tables(entries, planes)


class NativeBackend:
    """One of the instruction sets that the extension was compiled for.

    Parameters
    ----------
    kernel : str
        Of `available_kernels`; empty for the best.
    source : str
        Where the name comes from, for the error.
    """

    def __init__(self, kernel: str, source: str) -> None:
        names = available_kernels()
        if kernel and kernel not in names:
            raise ValueError(
                f"{source}: kernel {kernel!r} is not available here; there are {', '.join(names)}"
            )
        self.name = "native"
        self.kernel = kernel or names[0]
        self._kernel = _native.kernel(self.kernel)

    def colorize(self, source: Source, scale: Scale, palette: Palette, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        tables: _Tables | None = palette.native
        if tables is None:
            tables = palette.native = _tables(palette)
        _native.colorize(
            self._kernel,
            _arguments(source),
            _numbers(scale),
            palette.n,
            palette.under,
            palette.over,
            palette.bad,
            tables.entries,
            tables.planes,
            palette.curve,
            1 if palette.curve is None else palette.curve.shape[2],
            palette.reverse,
            out,
        )

    def extent(self, source: Source) -> tuple[float, float]:
        """See `turbo_cmap.kernels.Backend`."""
        return _native.extent(self._kernel, _arguments(source))

    def count(self, source: Source, spans: AnyArray) -> tuple[AnyArray, AnyArray]:
        """See `turbo_cmap.kernels.Backend`."""
        counts = np.empty(int(bin_counts(spans).sum()), dtype=np.uint64)
        bounds = np.empty((2, len(spans)), dtype=np.uint64)
        _native.count(self._kernel, _arguments(source), spans, counts, bounds)
        return counts, bounds

    def collect(self, source: Source, spans: AnyArray, room: int) -> AnyArray:
        """See `turbo_cmap.kernels.Backend`."""
        keys = np.empty(room, dtype=np.uint64)
        return keys[: _native.collect(self._kernel, _arguments(source), spans, keys)]

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
        _native.uncolorize(
            self._kernel,
            pixels,
            pixels.itemsize,
            offsets,
            tables.segments,
            tables.balls,
            tables.near,
            tables.first,
            tables.slots,
            along,
            painted,
            tolerance,
            values,
            distance,
        )

    def simulate(self, rgb: AnyArray, projection: Projection, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        # One function for all instruction sets: csrc/simulate.c says why.
        columns, fold, levels = projection
        _native.simulate(columns, fold, levels, rgb, out)

    def simulate_wide(self, rgb: AnyArray, wide: WideMap, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        matrix, fold, decode, encode, levels = wide
        _native.simulate_wide(
            self._kernel, rgb.itemsize, matrix, fold, *decode, *encode, levels, rgb, out
        )

    def blend(self, rgba: AnyArray, photo: AnyArray, mixed: AnyArray, out: AnyArray) -> None:
        """See `turbo_cmap.kernels.Backend`."""
        _native.blend(rgba, photo, photo.shape[-1], mixed, out)

    def select(
        self, source: Source, spans: AnyArray, kept: int, room: int
    ) -> tuple[AnyArray, AnyArray]:
        """See `turbo_cmap.kernels.Backend`."""
        sizes = np.empty(len(spans), dtype=np.uint64)
        keys = np.empty(room, dtype=np.uint64)
        _native.select(self._kernel, _arguments(source), spans, kept, sizes, keys)
        return sizes, keys[: int(sizes[:kept].sum())]


def _numbers(scale: Scale) -> tuple[float, float, float, bool] | tuple[AnyArray, AnyArray]:
    """Origin, width, prescale, and whether it is mirrored; or edges and codes."""
    if isinstance(scale, Steps):
        return scale
    if isinstance(scale, Mirrored):
        return scale.center, scale.halfrange, scale.prescale, True
    return scale.vmin, scale.vmax - scale.vmin, scale.prescale, False


def _arguments(source: Source) -> _native.Source:
    """Values, dtype, whether it is swapped, masks, invalid values, and what is subtracted."""
    values, masks, invalid, minus = source
    if invalid is not None and invalid.dtype == np.float16:
        # compared after it has become float32, in which every half is exact
        invalid = invalid.astype(np.float32)
    subtrahend = None if minus is None else _arguments(minus)
    return (values, *_DTYPE_CODES[values.dtype], masks, invalid, subtrahend)
