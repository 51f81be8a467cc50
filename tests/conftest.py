"""The backends that the suite runs on, the arrays it runs on, and what the answers must be.

The expectations are written down here from the published formulas and from matplotlib; nothing
of them comes from the package.
"""

import csv
import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import turbo_cmap

# The same examples on every machine and in every run: a red CI run can be repeated at a desk.
hypothesis.settings.register_profile(
    "turbo_cmap", derandomize=True, max_examples=60, deadline=None, database=None
)
hypothesis.settings.load_profile("turbo_cmap")


# The command's output and defaults are those of a user without settings of their own.
os.environ["TURBO_CMAP_CONFIG"] = os.devnull
for _name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLORTERM", "COLUMNS"):
    os.environ.pop(_name, None)


# --- backends ---


def _selected_backends():
    """All that work here, or what TURBO_CMAP_BACKEND and TURBO_CMAP_KERNEL leave of them."""
    backends = []
    for backend in turbo_cmap.available_backends():
        if backend == "native":
            backends += [f"native:{kernel}" for kernel in turbo_cmap.available_kernels()]
        else:
            backends.append(backend)
    only_kernel = os.environ.get("TURBO_CMAP_KERNEL")
    if only_kernel:
        backends = [b for b in backends if b in ("numba", "numpy", f"native:{only_kernel}")]
    only = os.environ.get("TURBO_CMAP_BACKEND")
    if only:
        backends = [b for b in backends if only in (b, b.partition(":")[0])]
    if not backends:
        # An empty parameter list would be a green run in which nothing ran.
        raise pytest.UsageError(
            f"TURBO_CMAP_BACKEND={only!r} with TURBO_CMAP_KERNEL={only_kernel!r} leaves no backend"
        )
    return backends


@pytest.fixture(scope="session", params=_selected_backends())
def backend(request):
    """Every backend, and of the native one every kernel, under the name `colorize` takes."""
    return request.param


# --- the published table ---


def read_turbo_table():
    """The 256 x 3 published values, sRGB-encoded, in [0, 1], float64."""
    path = Path(__file__).parent / "data" / "turbo_srgb_float.csv"
    with path.open(encoding="ascii") as lines:
        rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    return np.array(rows, dtype=np.float64)


TURBO = read_turbo_table()
TURBO_U8 = np.rint(255 * TURBO).astype(np.uint8)


# --- dtypes and their hostile values ---

BOOL = ("bool",)
INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
FLOATS = ("float16", "float32", "float64")
DTYPES = BOOL + INTEGERS + FLOATS

# A range inside each dtype that is no power of two wide and, for floats, has ends that no binary
# float holds: the index is decided by roundings, and values lie on both sides of it.
RANGES = {
    "bool": (0.0, 1.0),
    "uint8": (10.0, 201.0),
    "int8": (-101.0, 77.0),
    "uint16": (1000.0, 60001.0),
    "int16": (-20000.0, 30001.0),
    "uint32": (1e5, 4.1e9),
    "int32": (-2.1e9, 1.9e9 + 0.1),
    "uint64": (1e5, 1.8e19),
    "int64": (-9.1e18, 7.3e18),
    "float16": (-0.1, 3.7),
    "float32": (-0.1, 3.7),
    "float64": (-0.1, 3.7),
}


def _nan_payloads(dtype):
    """Quiet and signalling NaNs of both signs, with the smallest and the largest payload."""
    bits = {2: 16, 4: 32, 8: 64}[dtype.itemsize]
    mantissa = np.finfo(dtype).nmant
    sign = 1 << (bits - 1)
    exponent = sign - (1 << mantissa)
    quiet = 1 << (mantissa - 1)
    patterns = [
        start | payload
        for start in (exponent, sign | exponent)
        for payload in (1, quiet, quiet | 1, (1 << mantissa) - 1)
    ]
    return np.array(patterns, dtype=f"u{dtype.itemsize}").view(dtype)


def hostile_values(dtype, vmin, vmax, n=256):
    """Every value where a mapping of *dtype* onto *n* colors in [vmin, vmax] can go wrong.

    All values that there are, for types of up to 16 bits; else the edges between colors with
    their neighbors, the ends of the type, and for floats NaNs of all kinds, infinities, both
    zeros, and subnormals.
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True, True, False])
    if dtype.itemsize <= 2:
        return np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}").view(dtype)

    edges = vmin + np.arange(-2, n + 3) / n * (vmax - vmin)
    if dtype.kind == "f":
        edges = np.append(edges, (vmin, vmax)).astype(dtype)
        info = np.finfo(dtype)
        special = np.array(
            [np.inf, -np.inf, 0.0, -0.0, info.tiny, -info.tiny, info.max, -info.max], dtype
        )
        subnormal = np.array([info.smallest_subnormal, info.tiny / 2, -info.tiny / 2], dtype)
        near = [edges]
        for direction in (-np.inf, np.inf):
            step = edges
            for _ in range(3):
                step = np.nextafter(step, dtype.type(direction))
                near.append(step)
        return np.concatenate([*near, special, subnormal, _nan_payloads(dtype)])

    info = np.iinfo(dtype)
    whole = {int(edge) + step for edge in edges for step in (-1, 0, 1, 2)}
    whole |= {info.min, info.min + 1, info.max - 1, info.max, 0, 1}
    # Where float64 stops holding every integer, and where halves must round to even.
    for power in (24, 31, 32, 52, 53, 54, 62, 63):
        for step in (-1025, -1024, -1023, -3, -2, -1, 0, 1, 2, 3, 1023, 1024, 1025):
            whole |= {(1 << power) + step, -(1 << power) + step}
    return np.array(sorted(v for v in whole if info.min <= v <= info.max), dtype=dtype)


def hostile_image(dtype, shape, n=256):
    """An image of *dtype* with the hostile values of its range in RANGES, shuffled."""
    values = hostile_values(dtype, *RANGES[np.dtype(dtype).name], n)
    order = np.random.default_rng(5).permutation(len(values))
    return np.resize(values[order], shape)


# Each number of left-over pixels after full vectors of up to 16 lanes, then one to either side
# of 64 lanes (one-byte pixels in a 512-bit register), of two of them, and of the blocks.
LENGTHS = (*range(2 * 16 + 2), 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2047, 2048, 2049)


def _misaligned(image):
    """The same values, starting one byte after an aligned address."""
    raw = np.empty(image.nbytes + 1, np.uint8)[1:]
    copy = raw.view(image.dtype).reshape(image.shape)
    copy[...] = image
    return copy


def _packed_field(image):
    """The same values as a field of a packed record: strides no multiple of the item size."""
    records = np.zeros(image.shape, np.dtype([("flag", "u1"), ("value", image.dtype)]))
    records["value"] = image
    return records["value"]


def layouts(image):
    """Yield (name, array): 2-D *image* under every kind of memory layout NumPy has."""
    columns = image.shape[1]
    yield "C order", image
    yield "Fortran order", np.asfortranarray(image)
    yield "transposed", image.T
    yield "starts one value late", image.ravel()[1:]
    yield "starts one byte late", _misaligned(image)
    yield "rows of a wider image", image[:, 1 : columns - 2]
    yield "short rows", image[:, :3]
    yield "one column", image[:, 4:5]
    yield "every second column", image[:, ::2]
    yield "every third row", image[::3]
    yield "mirrored", image[:, ::-1]
    yield "upside down", image[::-1]
    yield "turned by 180 degrees", image[::-1, ::-1]
    yield "every third column, backwards", image[1::2, ::-3]
    yield "rows repeated with stride 0", np.broadcast_to(image[1], (5, columns))
    yield "columns repeated with stride 0", np.broadcast_to(image[:9, 2:3], (9, 17))
    yield "one value repeated with stride 0", np.broadcast_to(image[2, 3], (6, 40))
    yield "overlapping windows", np.lib.stride_tricks.sliding_window_view(image[0], 5)
    yield "a field of a packed record", _packed_field(image)
    yield "one row of huge stride", as_strided(image, (1, columns), (1 << 40, image.strides[1]))
    yield "3-D with permuted axes", np.moveaxis(image[:8].reshape(2, 4, columns), 2, 0)
    yield "4-D", image[:8, :32].reshape(2, 4, 4, 8)[:, ::-1, :, ::2]
    yield "big-endian", image.astype(image.dtype.newbyteorder(">"))
    yield "little-endian", image.astype(image.dtype.newbyteorder("<"))
    yield "big-endian, transposed", image.astype(image.dtype.newbyteorder(">")).T
    read_only = image.copy()
    read_only.flags.writeable = False
    yield "read-only", read_only
    yield "0-d", image[0, 0:1].reshape(())
    yield "one pixel of three dimensions", image[:1, :1, None]


EMPTY_SHAPES = ((0,), (0, 5), (5, 0), (3, 0, 4), (0, 0))


def plain(values):
    """A C-ordered, aligned, native copy."""
    return np.array(values, dtype=np.asarray(values).dtype.newbyteorder("="), order="C", copy=True)


# --- what the answers must be ---


def index_of(values, vmin, vmax, n):
    """Table index that matplotlib's Normalize and Colormap take; under -1, over n, bad n + 1.

    trunc(n * ((x - vmin) / (vmax - vmin))), with matplotlib's own Normalize for the quotient.
    """
    from matplotlib.colors import Normalize

    values = np.atleast_1d(plain(values))
    if values.dtype == np.float16:
        # matplotlib computes in float16 and overflows.
        values = values.astype(np.float32)
    with np.errstate(all="ignore"):
        position = np.asarray(Normalize(vmin, vmax)(values).data)
        scaled = position * position.dtype.type(n)
        scaled[scaled == n] = n - 1
        index = np.clip(np.trunc(scaled), -1, n)
        index[scaled < 0] = -1
        index[np.isnan(scaled)] = n + 1
    return index.astype(np.int64)


def matplotlib_bytes(obj, values, vmin, vmax):
    """``obj(Normalize(vmin, vmax)(values), bytes=True)``, RGBA, without its warnings."""
    from matplotlib.colors import Normalize

    values = np.asanyarray(values)
    if values.dtype.type is np.float16:
        values = values.astype(np.float32)
    with np.errstate(all="ignore"):
        return obj(Normalize(vmin, vmax)(np.atleast_1d(values)), bytes=True).reshape(
            (*values.shape, 4)
        )


def levels(colors, dtype):
    """Colors in [0, 1] as levels of *dtype*: rint(255 c), rint(65535 c), or c."""
    if dtype == "float32":
        return np.asarray(colors).astype(np.float32)
    return np.rint(np.asarray(colors) * {"uint8": 255, "uint16": 65535}[dtype]).astype(dtype)


def expected_colors(
    values, table, vmin, vmax, *, bad=(0, 0, 0, 0), under=None, over=None, not_valid=False
):
    """RGBA in [0, 1] of *values* under a (N, 4) *table*; *not_valid* are painted *bad*."""
    table = np.asarray(table, dtype=np.float64)
    under = table[0] if under is None else under
    over = table[-1] if over is None else over
    rows = np.vstack([table, over, bad, under])  # index n, n + 1 and -1
    values = np.asarray(values)
    index = index_of(values, vmin, vmax, len(table)).reshape(values.shape)
    index = np.where(not_valid, len(table) + 1, index)
    return rows[index]


# Ruofei Du's polynomial approximation of Turbo, degree 5, ascending powers, for R, G, B.
DU = (
    (0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943),
    (0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604),
    (0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973),
)


def du_polynomial(t):
    """Du's polynomial at float32 *t*, by Horner's rule in float32, clamped to [0, 1]."""
    t = np.clip(np.asarray(t, np.float32), np.float32(0), np.float32(1))
    channels = []
    for coefficients in DU:
        c = np.full(t.shape, coefficients[5], np.float32)
        for coefficient in coefficients[4::-1]:
            c = c * t + np.float32(coefficient)
        channels.append(np.clip(c, np.float32(0), np.float32(1)))
    return np.stack(channels, axis=-1)


def du_position(values, vmin, vmax):
    """(x - vmin) / (vmax - vmin), in float32 where that is wide enough for the type."""
    values = plain(values)
    wide = np.float32 if values.dtype.itemsize <= 2 or values.dtype == np.float32 else np.float64
    with np.errstate(all="ignore"):
        t = (values.astype(wide) - wide(vmin)) / (wide(vmax) - wide(vmin))
        return t.astype(np.float32)


# --- output arrays that notice ---

SENTINEL = {
    "uint8": 0xA5,
    "uint16": 0xA5C3,
    "float16": -12345,
    "float32": -12345.678,
    "float64": -12345.678,
}


class GuardedOut:
    """An output array inside a larger buffer whose every element is a sentinel.

    ``out`` is what a test passes to `colorize`; `check` fails when anything around or between
    its elements has been written.
    """

    def __init__(self, name, shape, dtype, cut):
        self.name = name
        self.buffer = np.full(shape, SENTINEL[dtype], dtype)
        self.out = cut(self.buffer)
        outside = np.ones(shape, bool)
        cut(outside)[...] = False
        self.outside = outside

    def check(self):
        """Fail if something outside ``out`` has changed."""
        written = self.buffer[self.outside] != self.buffer.dtype.type(
            SENTINEL[self.buffer.dtype.name]
        )
        assert not written.any(), f"{self.name}: {written.sum()} elements written outside out"

    def check_untouched(self):
        """Fail if anything has changed, ``out`` included."""
        sentinel = self.buffer.dtype.type(SENTINEL[self.buffer.dtype.name])
        assert (self.buffer == sentinel).all(), f"{self.name}: out was written to"


def guarded_outs(shape, dtype="uint8"):
    """Yield a GuardedOut of *shape* for every kind of layout; *shape* is 2-D and a component."""
    height, width, last = shape
    count = height * width * last
    for start in (64, 65, 71):
        yield GuardedOut(
            f"contiguous, {start} elements into a buffer",
            (start + count + 64,),
            dtype,
            lambda b, start=start: b[start : start + count].reshape(shape),
        )
    yield GuardedOut(
        "a window of a larger image",
        (height + 4, width + 5, last),
        dtype,
        lambda b: b[2 : 2 + height, 3 : 3 + width],
    )
    yield GuardedOut(
        "every second pixel", (height, 2 * width + 1, last), dtype, lambda b: b[:, 1::2]
    )
    yield GuardedOut(
        "every second row, upside down",
        (2 * height, width, last),
        dtype,
        lambda b: b[::-2],
    )
    yield GuardedOut(
        "mirrored", (height, width + 2, last), dtype, lambda b: b[:, 1 : 1 + width][:, ::-1]
    )
    yield GuardedOut(
        "components of a wider pixel",
        (height, width, last + 2),
        dtype,
        lambda b: b[..., 1 : 1 + last],
    )
    yield GuardedOut(
        "components backwards", (height + 2, width, last), dtype, lambda b: b[1:-1, :, ::-1]
    )
    yield GuardedOut(
        "planes", (last + 2, height, width), dtype, lambda b: np.moveaxis(b[1:-1], 0, -1)
    )
    yield GuardedOut(
        "Fortran order", (last, width + 2, height), dtype, lambda b: b[:, 1:-1].transpose(2, 1, 0)
    )
    yield GuardedOut(
        "every second element of everything",
        (2 * height, 2 * width, 2 * last),
        dtype,
        lambda b: b[::2, ::2, ::2],
    )


# --- reporting ---


def assert_same(actual, expected, context=""):
    """Equal in shape, dtype and every bit, or say where the first difference is."""
    assert actual.shape == expected.shape, f"{context}: shape {actual.shape} != {expected.shape}"
    assert actual.dtype == expected.dtype, f"{context}: dtype {actual.dtype} != {expected.dtype}"
    unsigned = f"u{actual.dtype.itemsize}"
    different = np.ascontiguousarray(actual).view(unsigned) != np.ascontiguousarray(expected).view(
        unsigned
    )
    if different.any():
        where = np.unravel_index(np.argmax(different), different.shape)
        raise AssertionError(
            f"{context}: {different.sum()} of {different.size} differ, the first at "
            f"{tuple(map(int, where))}: {actual[where]!r} instead of {expected[where]!r}"
        )
