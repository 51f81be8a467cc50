"""`Colorizer`: one way to color, for many arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import as_source, as_threads
from .colormap import CmapLike, ColorLike, Colormap, get_cmap
from .inverse import uncolorize
from .kernels import get_backend
from .kernels.palette import Order
from .kernels.threads import thread_count
from .legend import colorbar
from .painting import chosen_map, directed, make_palette, paint, prepare_out
from .ranges import OneArray, as_data
from .scaling import Fitted, Normed, NormLike, Scaling, as_scaling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class Colorizer:
    """What `colorize` does, with its arguments checked once and one range for many arrays.

    Parameters
    ----------
    cmap, vmin, vmax, norm, center, robust, reverse, invalid, bad, under, over, method, quantize, \
order, channels, dtype, threads, backend
        See `colorize`.

    Attributes
    ----------
    cmap : Colormap
        The map as it is used: reversed if asked, with *bad*, *under* and *over*.
    vmin, vmax : float or None
        Values of the first and the last color; None while they depend on each array.
    center : float or None
    norm : str or matplotlib Normalize
        The scale; with its limits once they are known.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed.

    Notes
    -----
    Where limits are not given, each array has the range of its own values, as with
    `colorize`, until `fit` finds one range for all. After that, or with all limits given from
    the start, a Colorizer does not change any more. It can be pickled, and called from many
    threads at once.

    Examples
    --------
    >>> import numpy as np, turbo_cmap
    >>> frames = [np.full((2, 2), depth, dtype=np.float32) for depth in (1, 2, 3)]
    >>> colorizer = turbo_cmap.Colorizer(order="bgr").fit(frames)
    >>> colorizer.vmin, colorizer.vmax
    (1.0, 3.0)
    >>> picture = np.empty((2, 2, 3), dtype=np.uint8)
    >>> for frame in frames:
    ...     colorizer(frame, out=picture)[0, 0].tolist()
    [59, 18, 48]
    [60, 252, 164]
    [3, 4, 122]
    """

    __slots__ = (
        "_backend",
        "_channels",
        "_cmap",
        "_fitted",
        "_invalid",
        "_method",
        "_order",
        "_palette",
        "_scaling",
        "_threads",
    )

    _scaling: Scaling
    _fitted: Fitted | None

    def __init__(
        self,
        cmap: CmapLike | None = None,
        *,
        vmin: float | None = None,
        vmax: float | None = None,
        norm: NormLike | None = None,
        center: float | None = None,
        robust: bool | tuple[float, float] = False,
        reverse: bool = False,
        invalid: float | Sequence[float] | None = None,
        bad: ColorLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        method: Literal["lut", "spline", "poly"] = "lut",
        quantize: int | None = None,
        order: Order = "rgb",
        channels: Literal["last", "first"] = "last",
        dtype: DTypeLike = "uint8",
        threads: int | None = None,
        backend: str | None = None,
    ) -> None:
        caller = "Colorizer"
        self._scaling = as_scaling(caller, norm, vmin, vmax, center, robust)
        cmap = chosen_map(caller, cmap, center, quantize, method)
        self._palette = make_palette(caller, cmap, method, order, dtype, reverse, bad, under, over)
        self._cmap = directed(get_cmap(cmap), reverse, bad, under, over)
        self._method, self._order, self._channels = method, order, channels
        self._threads = as_threads(caller, threads)
        get_backend(backend)
        self._backend = backend
        self._invalid = invalid
        nothing = as_source(caller, np.empty(0), None, invalid)
        prepare_out(caller, None, (("values", nothing),), self._palette, channels)
        self._fitted = self._scaling.known()

    def fit(
        self, arrays: ArrayLike | Iterable[ArrayLike], *, mask: ArrayLike | None = None
    ) -> Colorizer:
        """Find the limits that were not given, one range for all arrays.

        Parameters
        ----------
        arrays : array_like of numbers, or iterable of array_like
            See `data_range`. None is kept. A generator is enough for a minimum and a maximum;
            percentiles and "equalize" go through the arrays more than once.
        mask : array_like of bool, optional
            Where values do not count; for one array only.

        Returns
        -------
        Colorizer
            This one. Where no value counts, both limits are 0 (1 on scales of positive
            values): what comes later is then out of range.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed, or the limits are known already.
        """
        if self._fitted is not None:
            raise ValueError(
                "Colorizer.fit(): the range must not be known yet, "
                f"got a Colorizer from {self.vmin} to {self.vmax}; make another"
            )
        kernels = get_backend(self._backend)
        data = as_data("Colorizer.fit", kernels, arrays, mask, self._invalid, self._threads)
        self._fitted = self._scaling.fit(data, self._palette.layers)
        return self

    def __call__(
        self, values: ArrayLike, *, mask: ArrayLike | None = None, out: AnyArray | None = None
    ) -> AnyArray:
        """Color an array of numbers.

        Parameters
        ----------
        values, mask, out
            See `colorize`.

        Returns
        -------
        ndarray
            The colors; *out* if given.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed; nothing has been written to *out* then.
        """
        caller = "Colorizer"
        kernels = get_backend(self._backend)
        source = as_source(caller, values, mask, self._invalid)
        palette = self._palette
        result, pixels = prepare_out(caller, out, (("values", source),), palette, self._channels)
        if source.values.size:
            count = thread_count(self._threads, source.values.size)
            fitted = self._fitted
            if fitted is None:
                fitted = self._scaling.fit(OneArray(kernels, source, count), palette.layers)
            paint(caller, kernels, source, fitted, palette, pixels, count)
        return result

    @property
    def cmap(self) -> Colormap:
        """The map as it is used."""
        return self._cmap

    @property
    def vmin(self) -> float | None:
        """The value of the first color."""
        return self._scaling.vmin if self._fitted is None else self._fitted.vmin

    @property
    def vmax(self) -> float | None:
        """The value of the last color."""
        return self._scaling.vmax if self._fitted is None else self._fitted.vmax

    @property
    def center(self) -> float | None:
        """The value in the middle, if the scale is symmetric about it."""
        return self._scaling.center

    @property
    def norm(self) -> Any:
        """The name of the scale, or a matplotlib Normalize."""
        asked = self._scaling.norm
        return asked if isinstance(asked, str) or self._fitted is None else self._fitted.norm

    def positions(self, values: ArrayLike) -> FloatArray:
        """Where values are on the map: 0 is its first color and 1 its last.

        Parameters
        ----------
        values : array_like of numbers, any shape

        Returns
        -------
        ndarray of float64, shape of *values*
            Below 0 and above 1 outside of the limits; NaN for NaN and where the norm has none.

        Raises
        ------
        ValueError
            If the limits are not known yet.
        """
        return self._known("positions").positions(np.asarray(values, np.float64))

    def values(self, positions: ArrayLike) -> FloatArray:
        """The values of positions on the map.

        Parameters
        ----------
        positions : array_like of numbers in [0, 1], any shape

        Returns
        -------
        ndarray of float64, shape of *positions*

        Raises
        ------
        ValueError
            If the limits are not known yet, or the norm has no inverse.
        """
        return self._known("values").values(np.asarray(positions, np.float64))

    def paint(self, values: ArrayLike, order: Order = "rgb") -> AnyArray:
        """The colors of values as uint8 with the channels last, for a legend.

        Parameters
        ----------
        values : array_like of numbers, any shape
        order : {"rgb", "bgr", "rgba", "bgra"}, default "rgb"

        Returns
        -------
        ndarray of uint8, shape ``values.shape + (3 or 4,)``

        Raises
        ------
        ValueError
            If the limits are not known yet.
        """
        fitted = self._known("paint")
        caller = "Colorizer"
        source = as_source(caller, values)
        palette = make_palette(
            caller, self._cmap, self._method, order, "uint8", False, None, None, None
        )
        result, pixels = prepare_out(caller, None, (("values", source),), palette, "last")
        if source.values.size:
            paint(caller, get_backend(self._backend), source, fitted, palette, pixels, 1)
        return result

    def colorbar(self, **keywords: Any) -> AnyArray:
        """A color bar for pictures of this Colorizer.

        Parameters
        ----------
        **keywords
            See `turbo_cmap.colorbar`: orientation, length, label, unit, theme and others.

        Returns
        -------
        ndarray of uint8

        Raises
        ------
        TypeError, ValueError
            If the limits are not known yet, or a keyword is not allowed.
        """
        self._known("colorbar")
        return colorbar(self, **keywords)

    def inverse(self, picture: ArrayLike, **keywords: Any) -> Any:
        """The numbers behind a picture that was painted like this.

        Parameters
        ----------
        picture : array_like, RGB or RGBA
            In this Colorizer's order and channels, where nothing else is said.
        **keywords
            See `turbo_cmap.uncolorize`: tolerance, return_distance, dtype, out and others.

        Returns
        -------
        ndarray of floats, or two of them
            See `turbo_cmap.uncolorize`.

        Raises
        ------
        TypeError, ValueError
            If the limits are not known yet, or an argument is not allowed.
        """
        fitted = self._known("inverse")
        scale: dict[str, Any] = {"vmin": fitted.vmin, "vmax": fitted.vmax, "norm": fitted.norm}
        if isinstance(fitted, Normed):
            scale = {"norm": fitted.norm}
        if fitted.center is not None:
            scale = {"center": fitted.center, "vmax": fitted.vmax}
        look = {"order": self._order, "channels": self._channels, "method": self._method}
        return uncolorize(picture, self._cmap, **{**scale, **look, **keywords})

    def _known(self, method: str) -> Fitted:
        if self._fitted is None:
            raise ValueError(
                f"Colorizer.{method}(): the limits must be known, "
                f"got vmin={self.vmin} and vmax={self.vmax}; give them or call fit()"
            )
        return self._fitted

    def __repr__(self) -> str:
        scale = self.norm if isinstance(self.norm, str) else type(self.norm).__name__
        limits = f"{self.vmin} to {self.vmax}" if self._fitted else "not fitted"
        return f"<Colorizer {self.cmap.name!r}, {scale}, {limits}>"

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
