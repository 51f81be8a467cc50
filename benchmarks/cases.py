"""What is measured: groups of cases, each group on one array, timed against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

import turbo_cmap

from . import peers
from .peers import PEERS, Array, Call, Image, Peer

COPY = "np.copyto"

#: Sides from which on a pixel should cost the same.
FLAT_FROM = 512

#: The values of the first and the last color: metres, levels, millimetres, micrometres.
LIMITS = {
    "float16": (0.5, 80.0),
    "float32": (0.5, 80.0),
    "float64": (0.5, 80.0),
    "uint8": (0.0, 255.0),
    "uint16": (0.0, 10_000.0),
    "int32": (0.0, 1_000_000.0),
}

NORMS = ("LogNorm", "PowerNorm", "TwoSlopeNorm", "AsinhNorm", "SymLogNorm")


class UnavailableError(Exception):
    """A case that cannot run here, or not yet."""


@dataclass(frozen=True)
class Case:
    """One function to be timed.

    Attributes
    ----------
    name : str
    make : callable
        Returns the call, which returns its result. May raise ImportError, where a library
        is missing, or `UnavailableError`.
    pixels, reads : int
        Pixels, and bytes of the input.
    check : callable, optional
        Takes the first result and raises `peers.DifferentError` if that is wrong.
    scratch : int
        Bytes that it allocates, at most.
    """

    name: str
    make: Callable[[], Call]
    pixels: int
    reads: int
    check: Callable[[Array], None] | None = None
    scratch: int = 0


@dataclass
class Group:
    """Cases that are timed against each other, and what they are called together.

    The first case is what the others are compared with, but for `ours`.
    """

    name: str
    title: str
    ours: str
    cases: list[Case] = field(default_factory=list)


# --- our side ---


def backends() -> list[str]:
    """What `turbo_cmap.colorize` takes as *backend* here, best first."""
    names = [f"native:{kernel}" for kernel in turbo_cmap.available_kernels()]
    return names + [name for name in turbo_cmap.available_backends() if name != "native"]


def label(backend: str, remark: str = "") -> str:
    """The name of a case of ours."""
    name = f"turbo_cmap {backend.removeprefix('native:')}"
    return f"{name}, {remark}" if remark else name


def ours(remark: str = "") -> str:
    """The name of a case of ours with the best kernel."""
    return label(backends()[0], remark)


def norms(lo: float, hi: float) -> dict[str, Any]:
    """The norms of `NORMS`, over one range; zero becomes one."""
    from matplotlib import colors

    lo = lo or 1.0
    width = (hi - lo) / 100
    made = (
        colors.LogNorm(lo, hi),
        colors.PowerNorm(0.5, lo, hi),
        colors.TwoSlopeNorm(lo + 0.25 * (hi - lo), lo, hi),
        colors.AsinhNorm(width, lo, hi),
        colors.SymLogNorm(width, vmin=lo, vmax=hi),
    )
    return dict(zip(NORMS, made, strict=True))


def depth(shape: tuple[int, int], dtype: str) -> Array:
    """A smooth picture with some noise that fills the limits of its dtype, but for zero."""
    rows, columns = shape
    lo, hi = LIMITS[dtype]
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    values *= 0.1
    values += 0.45
    down = np.sin(np.linspace(0, 9, rows, dtype=np.float32))
    across = np.cos(np.linspace(0, 14, columns, dtype=np.float32))
    for row, height in zip(values, down, strict=True):
        row += 0.45 * height * across
    values[0, 0], values[-1, -1] = 0, 1
    low = lo or 1.0
    values *= hi - low
    values += low
    np.clip(values, low, hi, out=values)
    return values.astype(dtype, copy=False)


class Workload:
    """One array, and the cases that color it."""

    def __init__(self, values: Array, dtype: str) -> None:
        self.image = Image(values, *LIMITS[dtype])
        self.out = np.empty((*values.shape, 3), np.uint8)
        self.sample = peers.spread(values.reshape(-1), values.size).copy()

    def _case(self, name: str, make: Callable[[], Call], **more: Any) -> Case:
        return Case(name, make, self.image.values.size, self.image.values.nbytes, **more)

    def copy(self) -> Case:
        """The array copied: what memory allows."""
        target = np.empty_like(self.image.values)

        def call() -> Array:
            np.copyto(target, self.image.values)
            return target

        return self._case(COPY, lambda: call)

    def colorize(
        self,
        backend: str,
        remark: str = "",
        expected: Callable[[], Array] | None = None,
        tolerance: int = 0,
        **keywords: Any,
    ) -> Case:
        """The array colored by this package, between its limits where nothing else is said."""
        if not {"norm", "robust", "vmin"} & set(keywords):
            keywords |= {"vmin": self.image.lo, "vmax": self.image.hi}
        keywords = {"out": self.out, "threads": 1, "backend": backend} | keywords
        expected = expected or self.linear
        return self._case(
            label(backend, remark),
            lambda: partial(turbo_cmap.colorize, self.image.values, **keywords),
            check=lambda result: peers.compare(result, expected(), peers.published, tolerance),
        )

    def peer(
        self, name: str, peer: Peer | None = None, expected: Callable[[], Array] | None = None
    ) -> Case:
        """The array colored by a peer."""
        peer = peer or PEERS[name]
        expected = expected or self.linear
        return self._case(
            name,
            lambda: peer.make(self.image),
            check=lambda result: peers.compare(
                result, expected(), peer.table, peer.tolerance, bgr=peer.bgr
            ),
            scratch=peer.scratch * self.image.values.size,
        )

    # What the indices of the sample should be.

    def linear(self, lo: float | None = None, hi: float | None = None) -> Array:
        """By this package's reference, between the limits or others."""
        lo = self.image.lo if lo is None else lo
        hi = self.image.hi if hi is None else hi
        colors = turbo_cmap.colorize(self.sample, vmin=lo, vmax=hi, backend="numpy")
        return peers.indices(colors, peers.published())

    def percentiles(self, low: float, high: float) -> Array:
        """By this package's reference, between percentiles; 0 is the minimum."""
        return self.linear(*np.percentile(self.image.values, [low, high]).tolist())

    def normed(self, norm: Any) -> Array:
        """By a norm of matplotlib, in float64."""
        places = np.asarray(norm(self.sample.astype(np.float64)))
        return (256 * places).astype(np.int64).clip(0, 255)


# --- the groups ---

Shape = tuple[int, int]


def floats(shape: Shape) -> Iterator[Group]:
    """float32 to RGB8, against everyone."""
    work = Workload(depth(shape, "float32"), "float32")
    group = Group("float32", f"float32 → RGB8, {_by(shape)}", ours())
    group.cases = [
        work.copy(),
        *(work.colorize(backend) for backend in backends()),
        work.colorize(backends()[0], "new array", out=None),
        work.colorize(backends()[0], "automatic range", vmin=None),
        work.colorize(backends()[0], "all threads", threads=None),
        # Its colors are not those of the table, which is what checks compare with.
        replace(work.colorize(backends()[0], "spline", method="spline"), check=None),
        *(work.peer(name) for name in PEERS if name != "monodepth2 idiom"),
        work.peer("monodepth2 idiom", expected=partial(work.percentiles, 0, 95)),
    ]
    yield group


def other_dtypes(dtype: str, shape: Shape) -> Iterator[Group]:
    """Another dtype to RGB8; with norms, where a table holds all values."""
    work = Workload(depth(shape, dtype), dtype)
    group = Group(dtype, f"{dtype} → RGB8, {_by(shape)}", ours())
    group.cases = [work.copy(), *(work.colorize(name) for name in backends() if name != "numpy")]
    if dtype == "uint8":  # there is nothing to round
        group.cases.append(work.peer("OpenCV", replace(PEERS["OpenCV"], tolerance=0)))
    # Matplotlib computes in float16 where it is given that.
    plain = replace(PEERS["matplotlib"], tolerance=int(dtype == "float16"))
    group.cases.append(work.peer("matplotlib", plain))
    if np.dtype(dtype).itemsize <= 2:
        group.cases += _normed(work)
    yield group


def _normed(work: Workload) -> list[Case]:
    return [
        work.colorize(backends()[0], name, partial(work.normed, norm), tolerance=1, norm=norm)
        for name, norm in norms(work.image.lo, work.image.hi).items()
    ]


def float_norms(shape: Shape) -> Iterator[Group]:
    """Norms on float32, ours and theirs."""
    work = Workload(depth(shape, "float32"), "float32")
    group = Group("norms", f"norms on float32 → RGB8, {_by(shape)}", ours())
    group.cases = [work.copy(), work.colorize(backends()[0]), *_normed(work)]
    for name, norm in norms(work.image.lo, work.image.hi).items():
        expected = partial(work.normed, norm)
        group.cases.append(work.peer(f"matplotlib, {name}", peers.matplotlib_with(norm), expected))
        if name == "LogNorm":
            group.cases.append(work.peer(f"silx, {name}", peers.silx_with("log"), expected))
    yield group


def robust(shape: Shape) -> Iterator[Group]:
    """The 2nd to 98th percentile of float32, found and used."""
    work = Workload(depth(shape, "float32"), "float32")
    expected = partial(work.percentiles, 2, 98)
    group = Group("robust", f"robust range, float32 → RGB8, {_by(shape)}", ours())
    group.cases = [
        work.copy(),
        work.colorize(backends()[0]),
        work.colorize(backends()[0], "robust", expected, tolerance=1, robust=True),
        work.peer("np.percentile, matplotlib", peers.PERCENTILES, expected),
    ]
    yield group


def difference(shape: Shape) -> Iterator[Group]:
    """Two float32 arrays and the picture of their difference."""
    pair = np.stack([depth(shape, "float32")] * 2)
    pair[1] += np.random.default_rng(1).normal(0, 1, shape).astype(np.float32)
    target, out = np.empty_like(pair), np.empty((*shape, 3), np.uint8)

    def copy() -> Array:
        np.copyto(target, pair)
        return target

    def colored(**keywords: Any) -> Call:
        function = getattr(turbo_cmap, "colorize_difference", None)
        if function is None:
            raise UnavailableError("not in this version")
        return partial(function, *pair, out=out, threads=1, backend=backends()[0], **keywords)

    def idiom() -> Call:
        import matplotlib
        from matplotlib.colors import CenteredNorm

        colormap = matplotlib.colormaps["turbo"]
        return lambda: colormap(CenteredNorm(halfrange=5)(pair[0] - pair[1]), bytes=True)

    size, nbytes = pair[0].size, pair.nbytes
    group = Group(
        "difference", f"difference of two float32 → RGB8, {_by(shape)}", ours("limit given")
    )
    group.cases = [
        Case(COPY, lambda: copy, size, nbytes),
        Case(ours("limit given"), partial(colored, limit=5.0), size, nbytes),
        Case(ours("limit found"), colored, size, nbytes),
        Case("matplotlib, CenteredNorm", idiom, size, nbytes, scratch=30 * size),
    ]
    yield group


def inverse(shape: Shape) -> Iterator[Group]:
    """RGB8 back to float32: as it was painted, and after JPEG, against a k-d tree."""
    import io

    rows, columns = shape
    down = np.sin(np.linspace(0, 9, rows, dtype=np.float32))
    smooth = np.cos(np.linspace(0, 14, columns, dtype=np.float32)) * down[:, np.newaxis]
    pictures = {"exact": turbo_cmap.colorize(smooth, vmin=-1, vmax=1)}
    out = np.empty(shape, np.float32)

    def lossy() -> Array:
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(pictures["exact"]).save(file, "JPEG", quality=75, subsampling=2)
        return np.asarray(Image.open(file))

    def back(kind: str, **keywords: Any) -> Call:
        function = getattr(turbo_cmap, "uncolorize", None)
        if function is None:
            raise UnavailableError("not in this version")
        return partial(function, pictures[kind], vmin=-1, out=out, threads=1, **keywords)

    def tree(kind: str) -> Call:
        from scipy.spatial import cKDTree

        found = cKDTree(peers.published().astype(np.float64))
        pixels = pictures[kind].reshape(-1, 3)

        def call() -> Array:
            _, entry = found.query(pixels)
            return ((entry + 0.5) / 128 - 1).astype(np.float32).reshape(shape)

        return call

    def check(kind: str, result: Array) -> None:
        # To the nearest entry it is half a bin at most from where the curve is nearest, but
        # where two parts of the curve are.
        sample = peers.spread(pictures[kind].reshape(-1, 3), smooth.size)
        expected = turbo_cmap.uncolorize(sample, vmin=-1, backend="numpy")
        away = np.abs(peers.spread(result.reshape(-1), smooth.size) - expected)
        if np.percentile(away, 90) > 1 / 128:
            raise peers.DifferentError(f"{128 * np.percentile(away, 90):.1f} entries away")

    def copy() -> Array:
        np.copyto(out, smooth)
        return out

    pictures["JPEG"] = lossy()
    size, nbytes = smooth.size, pictures["exact"].nbytes
    group = Group("inverse", f"RGB8 → float32, {_by(shape)}", ours("exact"))
    group.cases = [Case(COPY, lambda: copy, size, smooth.nbytes)]
    for kind in pictures:
        for backend in backends():
            if backend != "numpy":
                make = partial(back, kind, backend=backend)
                right = partial(check, kind)
                group.cases.append(Case(label(backend, kind), make, size, nbytes, right))
        make, right = partial(tree, kind), partial(check, kind)
        group.cases.append(Case(f"SciPy cKDTree, {kind}", make, size, nbytes, right, 60 * size))
    yield group


def sizes(sides: Sequence[int]) -> Iterator[Group]:
    """float32 to RGB8, against everyone, one group a size."""
    chosen = [name for name in backends() if name in (backends()[0], "numba")]
    for side in sides:
        work = Workload(depth((side, side), "float32"), "float32")
        group = Group(f"{side}²", f"float32 → RGB8, {_by((side, side))}", ours())
        group.cases = [
            work.copy(),
            *(work.colorize(backend) for backend in chosen),
            work.colorize(backends()[0], "bare call", vmin=None, out=None),
            *(work.peer(name) for name in PEERS if name != "monodepth2 idiom"),
            work.peer("monodepth2 idiom", expected=partial(work.percentiles, 0, 95)),
        ]
        yield group


def cost_per_pixel(sides: Sequence[int]) -> Iterator[Group]:
    """float32 to RGB8 at all sizes from 512², timed against each other."""
    sides = [side for side in sides if side >= FLAT_FROM]
    group = Group("flat", "float32 → RGB8, cost per pixel", "")
    for side in sides:
        case = Workload(depth((side, side), "float32"), "float32").colorize(backends()[0])
        group.cases.append(replace(case, name=f"{side}²"))
    if len(group.cases) > 1:
        yield group


def groups(shape: Shape, sides: Sequence[int]) -> dict[str, Callable[[], Iterator[Group]]]:
    """All there is to measure, by the name that ``--only`` takes; arrays are made when needed."""
    return {
        "float32": partial(floats, shape),
        "norms": partial(float_norms, shape),
        "robust": partial(robust, shape),
        "difference": partial(difference, shape),
        "inverse": partial(inverse, shape),
        **{
            dtype: partial(other_dtypes, dtype, shape)
            for dtype in ("uint8", "uint16", "float16", "int32", "float64")
        },
        "sizes": partial(sizes, sides),
        "flat": partial(cost_per_pixel, sides),
    }


def _by(shape: Shape) -> str:
    return f"{shape[0]} × {shape[1]}"
