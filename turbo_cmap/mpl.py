"""matplotlib: the registered maps, drawn by our kernels.

Importing this imports matplotlib; `turbo_cmap.registration` does it once matplotlib is
there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap as MatplotlibColormap
from matplotlib.colors import ListedColormap, NoNorm, Normalize, SymLogNorm

try:
    from matplotlib import colorizer
except ImportError:  # before matplotlib 3.10
    colorizer = None  # type: ignore[assignment]

from ._typing import AnyArray
from .arguments import Source
from .colormap import Colormap, colormaps, follows
from .curve import Curve, reversed_curve, sample
from .kernels import get_backend
from .kernels.palette import Palette
from .scale import Scale, affine
from .scaling import of_norm

#: Below this many values NumPy's own way is as fast.
_WORTHWHILE = 64
#: Types that `Colorizer` fuses the norm and the map for.
_FUSED = "bBhHiIlLqQfd"


class KernelColormap(ListedColormap):
    """A `matplotlib.colors.ListedColormap` whose calls run on the kernels of this package.

    It returns what a ListedColormap of the same colors returns, bit for bit: colors of
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
        palette = _lut_palette(self, bytes)
        unit = affine(0.0, 1.0, values.dtype)
        source = Source(values, () if mask is None else (mask,), None)
        get_backend().colorize(source, unit, palette, rgba)
        if alpha is not None:
            self._set_alpha(rgba, values, mask, alpha, palette)
        return rgba

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


def _lut_palette(cmap: Any, as_bytes: bool) -> Palette:
    # Read anew each time: _lut is what matplotlib's setters change.
    if not cmap._isinit:
        cmap._init()
    entries = (cmap._lut * 255).astype(np.uint8) if as_bytes else cmap._lut
    return Palette(entries, distinct_under=True, distinct_over=True)


def _suits_kernels(values: AnyArray, mask: Any) -> bool:
    if values.dtype.char not in "fd" or values.size < _WORTHWHILE:
        return False
    # Of a masked array matplotlib takes the mask for all that is bad, and an unmasked NaN
    # for the first color. That is its business; it does not happen in a norm's result.
    if mask is None or not np.isnan(np.min(values)):
        return True
    return not (np.isnan(values) & ~mask).any()


if colorizer is not None:

    class Colorizer(colorizer.Colorizer):
        """A `matplotlib.colorizer.Colorizer` that goes from values to colors in one step.

        For ``imshow(..., colorizer=...)``, ``pcolormesh(..., colorizer=...)`` and wherever else
        matplotlib 3.10 and newer take one, with any norm and any colormap.

        Parameters
        ----------
        cmap : str or matplotlib Colormap, optional
        norm : str or matplotlib Normalize, optional
            As for matplotlib's own.

        Notes
        -----
        Colors are those of ``cmap(norm(x))``, in every bit, but where a norm's own rounding is
        not monotone for a few floats next to the border of two colors: there they have one
        of the two. What kernels do not compute (small arrays, float16, *alpha*, norms that go
        up and down) goes matplotlib's way. matplotlib calls its module provisional.

        Examples
        --------
        >>> import numpy as np
        >>> from matplotlib.colors import LogNorm
        >>> from matplotlib.figure import Figure
        >>> from turbo_cmap.mpl import Colorizer
        >>> axes = Figure().add_subplot()
        >>> depth = np.geomspace(0.5, 80, 300 * 400).reshape(300, 400)
        >>> image = axes.imshow(depth, colorizer=Colorizer("tc.turbo", LogNorm(0.5, 80)))
        """

        def to_rgba(
            self,
            x: Any,
            alpha: Any = None,
            bytes: bool = False,  # noqa: A002
            norm: bool = True,
        ) -> Any:
            """See `matplotlib.colorizer.Colorizer.to_rgba`."""
            if norm and alpha is None and isinstance(self.cmap, MatplotlibColormap):
                values = np.asarray(x)
                if values.dtype.char in _FUSED and values.ndim <= 2 and values.size >= _WORTHWHILE:
                    rgba = self._fused(x, values, bytes)
                    if rgba is not None:
                        return rgba
            return super().to_rgba(x, alpha=alpha, bytes=bytes, norm=norm)

        def _fused(self, x: Any, values: AnyArray, as_bytes: bool) -> AnyArray | None:
            """The colors, None if this is nothing for kernels."""
            mask = x.mask if np.ma.is_masked(x) else None
            # NaN that is not masked is for the norm to say; plots mask it before they ask.
            holes = values.dtype.kind == "f" and np.isnan(np.min(values))
            if holes and (mask is None or (np.isnan(values) & ~mask).any()):
                return None
            scale = self._scale(np.ma.asarray(x))
            if scale is None:
                return None
            rgba = np.empty((*values.shape, 4), dtype=np.uint8 if as_bytes else np.float64)
            source = Source(values, () if mask is None else (mask,), None)
            palette = _lut_palette(self.cmap, as_bytes)
            get_backend().colorize(source, scale, palette, rgba)
            return rgba

        def _scale(self, x: Any) -> Scale | None:
            """The norm for these values, None if it has to be asked about each."""
            if not isinstance(self.norm, Normalize) or isinstance(self.norm, NoNorm):
                return None
            if not self.norm.scaled():
                self.norm.autoscale_None(x)
            if self.norm.vmin == self.norm.vmax:
                return None  # everything is at 0 then, even NaN
            if isinstance(self.norm, SymLogNorm) and x.dtype == np.float32:
                within: float = self.norm.linthresh
                # Then, and only then, matplotlib computes in float32.
                return None if np.abs(x).max() <= within else self._compiled(x.dtype)
            return self._compiled(x.dtype)

        def _compiled(self, dtype: np.dtype[Any]) -> Scale | None:
            try:
                return of_norm(self.norm).compile(dtype, self.cmap.N)
            except (TypeError, ValueError):
                return None  # matplotlib will say what is wrong


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
        Of the same name, colors, extremes and curve.
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
        If a name is taken by a map with other colors.
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


with suppress(ValueError):  # of which `turbo_cmap.registration` tells, where it comes first
    register()
