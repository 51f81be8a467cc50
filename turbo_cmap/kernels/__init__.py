"""The kernels, and which of them is used.

A backend is one of three ways to run the same kernels, bit for bit: ``native`` (the C
extension), ``numba`` and ``numpy`` (the reference). Within ``native`` a kernel is one of
the instruction sets it was compiled for.

``TURBO_CMAP_BACKEND`` and ``TURBO_CMAP_KERNEL`` in the environment choose by name. They
are read once, when kernels are first needed; a name that is not known or not available
here raises then.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .._typing import AnyArray, FloatArray
    from ..arguments import Source
    from ..scale import Scale
    from .inverse_tables import InverseTables
    from .palette import Palette
    from .projection import Projection
    from .transfer import WideMap

BACKENDS = ("native", "numba", "numpy")


class Backend(Protocol):
    """What every backend does."""

    name: str

    def colorize(self, source: Source, scale: Scale, palette: Palette, out: AnyArray) -> None:
        """Paint values into *out*.

        Parameters
        ----------
        source : Source
            Not empty.
        scale : Affine, Mirrored or Steps
            For the dtype of the values.
        palette : Palette
            One with a curve needs an Affine scale.
        out : ndarray, shape ``source.values.shape + (channels,)``
            Of the palette's dtype, any strides. Does not overlap the source.
        """

    def extent(self, source: Source) -> tuple[float, float]:
        """Minimum and maximum of the finite values that count; (inf, -inf) if none does."""

    def count(self, source: Source, spans: AnyArray) -> tuple[AnyArray, AnyArray]:
        """How many values there are in each bin of spans of keys; see `turbo_cmap.kernels.keys`.

        Parameters
        ----------
        source : Source
        spans : ndarray of uint64, shape (n, 3)
            First and last key, and the binary logarithm of the keys in a bin. Disjoint and
            ascending.

        Returns
        -------
        counts : ndarray of uint64, shape (sum of the numbers of bins,)
            The bins of the first span, then those of the second, and so on.
        bounds : ndarray of uint64, shape (2, n)
            Least and greatest key found in each span; the former is greater than the
            latter where there is none.
        """

    def collect(self, source: Source, spans: AnyArray, room: int) -> AnyArray:
        """The keys of the values in spans of keys, in no order.

        Parameters
        ----------
        source, spans
            As for `count`; the third number of a span does not matter.
        room : int
            How many keys are kept at most.

        Returns
        -------
        ndarray of uint64, 1-D
        """

    def select(
        self, source: Source, spans: AnyArray, kept: int, room: int
    ) -> tuple[AnyArray, AnyArray]:
        """How many values there are in each of a few spans, and the keys in some of them.

        Parameters
        ----------
        source : Source
        spans : ndarray of uint64, shape (n, 3)
            As for `collect`, but in any order, and they may overlap.
        kept : int
            The keys in so many of the spans, the first ones, are collected.
        room : int
            How many keys are kept at most.

        Returns
        -------
        sizes : ndarray of uint64, shape (n,)
        keys : ndarray of uint64, 1-D
            In no order.
        """

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

    def simulate(self, rgb: AnyArray, projection: Projection, out: AnyArray) -> None:
        """Map the light of 8-bit pixels; see `turbo_cmap.kernels.projection`.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (..., 3), C-contiguous
        projection : Projection
        out : ndarray of uint8, of the shape of *rgb*, C-contiguous
            Does not overlap *rgb*.
        """

    def simulate_wide(self, rgb: AnyArray, wide: WideMap, out: AnyArray) -> None:
        """Map the light of other pixels; see `turbo_cmap.kernels.transfer`.

        Parameters
        ----------
        rgb : ndarray of uint16, float32 or float64, shape (..., 3), C-contiguous
            Aligned, in native byte order.
        wide : WideMap
            For that dtype.
        out : ndarray of the dtype and the shape of *rgb*, C-contiguous
            Aligned. Does not overlap *rgb*.
        """

    def blend(self, rgba: AnyArray, photo: AnyArray, mixed: AnyArray, out: AnyArray) -> None:
        """Lay colors over a photo by a table.

        Parameters
        ----------
        rgba : ndarray of uint8, shape (..., 4), C-contiguous
            The photo stays where alpha, the last, is 0.
        photo : ndarray of uint8, shape (..., 1 | 3 | 4), C-contiguous
        mixed : ndarray of uint8, shape (256, 256), C-contiguous
            ``mixed[c, p]`` is what a color's level c over a photo's level p becomes.
        out : ndarray of uint8, shape (..., 4) if the photo has 4 components, else (..., 3)
            C-contiguous. Takes over the photo's alpha. May be the photo itself.
        """


def available_backends() -> tuple[str, ...]:
    """The backends that work here, best first.

    Returns
    -------
    tuple of str
        Some of ``"native"``, ``"numba"``, ``"numpy"``; the last is always there.
    """
    return tuple(name for name in BACKENDS if _is_available(name))


def available_kernels() -> tuple[str, ...]:
    """The native kernels that this CPU and its operating system run, best first.

    Returns
    -------
    tuple of str
        Such as ``("avx512", "avx2", "scalar")`` or ``("neon", "scalar")``; empty without
        the C extension.
    """
    if not _is_available("native"):
        return ()
    from . import native

    return native.available_kernels()


@lru_cache
def _is_available(name: str) -> bool:
    # By importing it: what is installed may still not work here.
    try:
        if name == "native":
            from . import native  # noqa: F401
        elif name == "numba":
            import numba  # noqa: F401
    except ImportError:
        return False
    return True


def get_backend(name: str | None = None) -> Backend:
    """The backend of that name, or the one to use.

    Parameters
    ----------
    name : str, optional
        ``"native"``, ``"numba"``, ``"numpy"``, or ``"native:KERNEL"`` for one kernel of
        `available_kernels`. By default what ``TURBO_CMAP_BACKEND`` says, else the first
        of `available_backends`.

    Raises
    ------
    ValueError
        If there is no such backend or kernel, or it is not available here.
    """
    if name is None:
        return _default_backend()
    if not isinstance(name, str):
        raise TypeError(f"backend must be a string or None, got {type(name).__name__}")
    return _named_backend(name, "backend")


@lru_cache
def _default_backend() -> Backend:
    name = os.environ.get("TURBO_CMAP_BACKEND")
    if name:
        return _named_backend(name, "TURBO_CMAP_BACKEND")
    return _named_backend(next(filter(_is_available, BACKENDS)), "backend")


@lru_cache
def _named_backend(name: str, source: str) -> Backend:
    base, colon, own_kernel = name.partition(":")
    if base not in BACKENDS or (colon and (base != "native" or not own_kernel)):
        raise ValueError(
            f"{source} must be one of {', '.join(BACKENDS)} or native:KERNEL, got {name!r}"
        )
    if not _is_available(base):
        raise ValueError(
            f"{source} {name!r} is not available here; there are {', '.join(available_backends())}"
        )
    if base == "native":
        from . import native

        if own_kernel:
            return native.NativeBackend(own_kernel, source)
        return native.NativeBackend(os.environ.get("TURBO_CMAP_KERNEL", ""), "TURBO_CMAP_KERNEL")
    from .blockwise import BlockwiseBackend

    if base == "numba":
        from . import numba_kernels

        return BlockwiseBackend("numba", numba_kernels)
    from . import reference

    return BlockwiseBackend("numpy", reference)
