"""matplotlib: the registered maps, drawn by our kernels.

Importing this imports matplotlib; `turbo_cmap.registration` does it once matplotlib is
there.
"""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import ListedColormap

from ._typing import AnyArray
from .arguments import Source
from .colormap import Colormap, colormaps, follows
from .curve import Curve, reversed_curve, sample
from .kernels import get_backend
from .kernels.palette import Palette
from .scale import affine

#: Below this many values NumPy's own way is as fast.
_WORTHWHILE = 64


class KernelColormap(ListedColormap):
    """A `matplotlib.colors.ListedColormap` whose calls run on the kernels of this package.

    It returns what a ListedColormap of the same colours returns, bit for bit: colours of
    floats in [0, 1] or of integer indices, with *alpha*, as bytes (truncated, as
    matplotlib does it) or floats. Float arrays are painted by the kernels; scalars,
    integers and types that the kernels do not compute in go matplotlib's way.

    Attributes
    ----------
    curve : callable or None
        As in `turbo_cmap.Colormap`: where there is one, `resampled` has no error of
        interpolation, while matplotlib's repeats entries.
    """

    curve: Curve | None = None

    def __call__(
        self,
        X: Any,  # noqa: N803  the name matplotlib gives it
        alpha: Any = None,
        bytes: bool = False,  # noqa: A002
    ) -> Any:
        """See `matplotlib.colors.Colormap.__call__`."""
        values = np.asarray(X)
        mask = X.mask if np.ma.is_masked(X) else None
        if not _suits_kernels(values, mask):
            return super().__call__(X, alpha=alpha, bytes=bytes)
        rgba = np.empty((*values.shape, 4), dtype=np.uint8 if bytes else np.float64)
        palette = self._palette(bytes)
        unit = affine(0.0, 1.0, values.dtype)
        source = Source(values, () if mask is None else (mask,), None)
        get_backend().colorize(source, unit, palette, rgba)
        if alpha is not None:
            self._set_alpha(rgba, values, mask, alpha, palette)
        return rgba

    def _palette(self, as_bytes: bool) -> Palette:
        # Read anew each time: _lut is what matplotlib's setters change.
        if not self._isinit:  # type: ignore[attr-defined]
            self._init()  # type: ignore[attr-defined]
        lut: AnyArray = self._lut  # type: ignore[attr-defined]
        entries = (lut * 255).astype(np.uint8) if as_bytes else lut
        return Palette(entries, distinct_under=True, distinct_over=True)

    def _set_alpha(
        self, rgba: AnyArray, values: AnyArray, mask: Any, alpha: Any, palette: Palette
    ) -> None:
        # The steps of Colormap.__call__, so that the rounding is the same.
        alpha = np.clip(alpha, 0, 1)
        if rgba.dtype == np.uint8:
            alpha *= 255
        if alpha.shape not in [(), values.shape]:
            raise ValueError(
                f"alpha is array-like but its shape {alpha.shape} does "
                f"not match that of X {values.shape}"
            )
        rgba[..., -1] = alpha
        if (palette.entries[-1] == 0).all():  # bad is transparent black and stays so
            rgba[np.isnan(values) if mask is None else mask] = 0

    def resampled(self, lutsize: int) -> KernelColormap:
        """See `matplotlib.colors.Colormap.resampled`."""
        made = super().resampled(lutsize)
        # Users write to the table, to make it translucent, say; then it counts.
        follow = self.curve is not None and follows(self.curve, self(np.arange(self.N)))
        curve = self.curve if follow else None
        if curve is not None and lutsize != self.N:
            made.colors = list(map(tuple, sample(curve, lutsize).tolist()))
        return _as_kernel_colormap(made, curve)

    def reversed(self, name: str | None = None) -> KernelColormap:
        """See `matplotlib.colors.Colormap.reversed`."""
        backwards = None if self.curve is None else reversed_curve(self.curve)
        return _as_kernel_colormap(super().reversed(name), backwards)


def _suits_kernels(values: AnyArray, mask: Any) -> bool:
    if values.dtype.char not in "fd" or values.size < _WORTHWHILE:
        return False
    # Of a masked array matplotlib takes the mask for all that is bad, and an unmasked NaN
    # for the first colour. That is its business; it does not happen in a norm's result.
    if mask is None or not np.isnan(np.min(values)):
        return True
    return not (np.isnan(values) & ~mask).any()


def _as_kernel_colormap(plain: ListedColormap, curve: Curve | None) -> KernelColormap:
    plain.__class__ = KernelColormap
    made: KernelColormap = plain  # type: ignore[assignment]
    made.curve = curve
    return made


def to_matplotlib(cmap: Colormap) -> KernelColormap:
    """One of our maps as a matplotlib colormap.

    Parameters
    ----------
    cmap : Colormap

    Returns
    -------
    KernelColormap
        Of the same name, colours, extremes and curve.
    """
    made = KernelColormap([tuple(color) for color in cmap.colors.tolist()], name=cmap.name)
    made.curve = cmap.curve
    extremes = {"bad": cmap.bad, "under": cmap.under, "over": cmap.over}
    return made.with_extremes(**extremes)  # type: ignore[return-value]


def register(prefix: str = "tc.") -> None:
    """Register the maps of `turbo_cmap.colormaps` with matplotlib, reversed ones included.

    Parameters
    ----------
    prefix : str, default "tc."
        Put before their names. matplotlib's built-in names are never touched.

    Raises
    ------
    ValueError
        If a name is taken by a map with other colours.
    """
    registered = matplotlib.colormaps
    ours = {prefix + name: to_matplotlib(cmap) for name, cmap in colormaps.items()}
    taken = [name for name, cmap in ours.items() if name in registered and registered[name] != cmap]
    if taken:
        raise ValueError(
            f"register(): prefix {prefix!r} gives names that matplotlib has for other maps: "
            f"{', '.join(taken)}"
        )
    for name, cmap in ours.items():
        if name not in registered:
            cmap.name = name
            registered.register(cmap, name=name)
