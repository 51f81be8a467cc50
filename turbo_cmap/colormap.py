"""Color maps as immutable values, and the one place where names become them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ._typing import FloatArray, Rgba
from .curve import Curve, reversed_curve, sample
from .relatives import turbo_balanced, turbo_uniform
from .turbo import TURBO_CURVE, TURBO_TABLE, turbo_poly

if TYPE_CHECKING:
    import matplotlib.colors
    from numpy.typing import ArrayLike

#: A color: ``"#rrggbb[aa]"``, a matplotlib color name, or 3 or 4 numbers in [0, 1].
ColorLike: TypeAlias = "str | Sequence[float]"
#: Anything `get_cmap` accepts.
CmapLike: TypeAlias = "str | Colormap | matplotlib.colors.Colormap | ArrayLike"
#: How a component in [0, 1] becomes an 8-bit level: ``rint(255 c)`` or ``trunc(255 c)``.
ByteRule: TypeAlias = Literal["round", "truncate"]

#: More entries than this need a wider index than the kernels carry exactly in float32.
MAX_COLORS = 65_536

_TRANSPARENT: Rgba = (0.0, 0.0, 0.0, 0.0)


class Colormap:
    """An immutable list of colors with colors for what does not fit in it.

    Parameters
    ----------
    name : str
    colors : array_like, shape (N, 3) or (N, 4), 1 <= N <= 65,536
        sRGB-encoded colors. Floats are in [0, 1]; uint8 and uint16 are scaled by
        255 and 65535. Or a list of N texts such as ``"#4662d7"`` or names that matplotlib
        knows.
    bad : color, default transparent black
        For NaN, masked and invalid values.
    under, over : color, optional
        For values below and above the range. By default the first and the last color.
    byte_rule : {"round", "truncate"}, default "round"
        How colors become 8-bit levels: ``rint(255 * c)``, which for Turbo is the
        published byte table, or ``trunc(255 * c)``, which is what matplotlib does.
    curve : callable, optional
        The continuous map that the colors are samples of, hashable: it takes positions
        in [0, 1], an array, and gives colors in [0, 1], shape ``t.shape + (3,)``. Entry i
        of N colors is ``curve(i / (N - 1))``; see `from_curve`.

    Attributes
    ----------
    colors : ndarray of float64, shape (N, 3) or (N, 4)
        Read-only.
    rgba : ndarray of float64, shape (N, 4)
        The same with alpha. Read-only.
    curve : callable or None
        None where the colors are all there is.

    Raises
    ------
    TypeError
        If the curve cannot be called or has no hash.
    ValueError
        If the shape is another, a component is NaN or outside [0, 1], a color is
        not understood, or the colors are not those of the curve.
    """

    __slots__ = (
        "_backwards",
        "_hash",
        "bad",
        "byte_rule",
        "colors",
        "curve",
        "name",
        "over",
        "rgba",
        "under",
    )

    name: str
    colors: FloatArray
    rgba: FloatArray
    bad: Rgba
    under: Rgba | None
    over: Rgba | None
    byte_rule: ByteRule
    curve: Curve | None
    _backwards: bool  # sampled from the end of the curve, to be the reverse in every bit
    _hash: int

    def __init__(
        self,
        name: str,
        colors: ArrayLike,
        *,
        bad: ColorLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        byte_rule: ByteRule = "round",
        curve: Curve | None = None,
    ) -> None:
        if byte_rule not in ("round", "truncate"):
            raise ValueError(
                f"Colormap(): byte_rule must be 'round' or 'truncate', got {byte_rule!r}"
            )
        table = _as_colors(colors)
        if curve is not None:
            _check_curve(curve, table)
        self._set(
            name=str(name),
            colors=table,
            bad=_TRANSPARENT if bad is None else parse_color(bad, "bad"),
            under=None if under is None else parse_color(under, "under"),
            over=None if over is None else parse_color(over, "over"),
            byte_rule=byte_rule,
            curve=curve,
            _backwards=False,
        )

    @classmethod
    def from_curve(
        cls,
        name: str,
        curve: Curve,
        n: int = 256,
        *,
        bad: ColorLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        byte_rule: ByteRule = "round",
    ) -> Colormap:
        """A map of *n* colors along a curve, which can be had at any other length too.

        Parameters
        ----------
        name : str
        curve : callable
            A `KnotCurve`, say; see `Colormap`.
        n : int, default 256
            1 <= n <= 65,536. A single color is the middle of the curve.
        bad, under, over, byte_rule
            See `Colormap`.

        Raises
        ------
        TypeError, ValueError
            As for `Colormap`, and if *n* is not allowed.
        """
        if not callable(curve):
            raise TypeError(f"Colormap.from_curve(): curve must be callable, got {curve!r}")
        colors = sample(curve, as_length("Colormap.from_curve", n))
        return cls(name, colors, bad=bad, under=under, over=over, byte_rule=byte_rule, curve=curve)

    def _set(self, **fields: Any) -> None:
        """Fill a new map with what has been checked."""
        table = fields["colors"]
        rgba = np.ones((len(table), 4))
        rgba[:, : table.shape[1]] = table
        for array in (table, rgba):
            array.flags.writeable = False
        for key, value in fields.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "rgba", rgba)
        object.__setattr__(self, "_hash", hash(self._key()))

    def _fields(self) -> dict[str, Any]:
        derived = ("rgba", "_hash")
        return {key: getattr(self, key) for key in self.__slots__ if key not in derived}

    def _with(self, **changes: Any) -> Colormap:
        """The same map with other fields, which are known to be right."""
        return _rebuild({**self._fields(), **changes})

    def _key(self) -> tuple[object, ...]:
        return (
            self.rgba.tobytes(),
            self.bad,
            self.under,
            self.over,
            self.byte_rule,
            self.curve,
        )

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError(f"Colormap is immutable: {key} cannot be set; build another")

    def __delattr__(self, key: str) -> None:
        raise AttributeError(f"Colormap is immutable: {key} cannot be deleted")

    def __len__(self) -> int:
        return len(self.rgba)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Whether both give the same colors, at any length; names do not count."""
        if not isinstance(other, Colormap):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._key() == other._key())

    def __repr__(self) -> str:
        return f"<Colormap {self.name!r}, {len(self)} colors>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._fields(),)

    def reversed(self, name: str | None = None) -> Colormap:
        """The same colors from last to first; *under* and *over* change places.

        Parameters
        ----------
        name : str, optional
            By default the name with ``_r`` added, or taken away where it is there.
        """
        if name is None:
            name = self.name[:-2] if self.name.endswith("_r") else self.name + "_r"
        return self._with(
            name=str(name),
            colors=self.colors[::-1].copy(),
            under=self.over,
            over=self.under,
            curve=None if self.curve is None else reversed_curve(self.curve),
            _backwards=not self._backwards,
        )

    def resampled(self, n: int) -> Colormap:
        """The same map with *n* colors.

        Parameters
        ----------
        n : int
            1 <= n <= 65,536. A single color is the middle of the map.

        Returns
        -------
        Colormap
            With a curve: colors ``curve(i / (n - 1))``, as exact as any others. Without
            one: the table, linearly interpolated. Of the length that it has, a map is
            returned as it is.

        Raises
        ------
        TypeError
            If *n* is no integer.
        ValueError
            If it is less than 1 or more than 65,536.

        Examples
        --------
        >>> import turbo_cmap
        >>> turbo_cmap.get_cmap("turbo").resampled(1023).colors[511].round(5)
        array([0.63846, 0.991  , 0.23639])
        """
        count = as_length("Colormap.resampled", n)
        if count == len(self):
            return self
        if self._backwards:
            return self.reversed().resampled(count).reversed(self.name)
        if self.curve is not None:
            return self._with(colors=sample(self.curve, count))
        return self._with(colors=_interpolate(self.colors, count))

    def with_extremes(
        self,
        *,
        bad: ColorLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
    ) -> Colormap:
        """The same map with other colors for what is not in it; None keeps the present one."""
        given = {"bad": bad, "under": under, "over": over}
        return self._with(
            **{key: parse_color(one, key) for key, one in given.items() if one is not None}
        )


def _rebuild(fields: dict[str, Any]) -> Colormap:
    cmap = object.__new__(Colormap)
    cmap._set(**fields)
    return cmap


def as_length(caller: str, n: int, name: str = "n") -> int:
    """The number of colors of a map.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is less than 1 or more than `MAX_COLORS`.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"{caller}(): {name} must be an integer, got {type(n).__name__}")
    if not 1 <= n <= MAX_COLORS:
        raise ValueError(f"{caller}(): {name} must be from 1 to {MAX_COLORS}, got {n}")
    return int(n)


def _check_curve(curve: Curve, table: FloatArray) -> None:
    if not callable(curve):
        raise TypeError(f"Colormap(): curve must be callable, got {curve!r}")
    try:
        hash(curve)
    except TypeError:
        raise TypeError(f"Colormap(): curve must be hashable, got {curve!r}") from None
    colors = np.asarray(sample(curve, len(table)))
    if colors.shape != table.shape:
        raise ValueError(
            f"Colormap(): curve must give colors of shape {table.shape}, got {colors.shape}"
        )
    if not _close(colors, table):
        raise ValueError("Colormap(): colors must be those of the curve at i / (N - 1)")


def _close(colors: FloatArray, table: FloatArray) -> bool:
    # Half of an 8-bit level: a printed table has fewer digits than its curve.
    return bool(np.abs(colors - table).max() <= 0.5 / 255)


def follows(curve: Curve, rgba: FloatArray) -> bool:
    """Whether a table, shape (N, 4), is opaque and holds the colors of a curve."""
    return bool((rgba[:, 3] == 1).all()) and _close(sample(curve, len(rgba)), rgba[:, :3])


def _interpolate(table: FloatArray, n: int) -> FloatArray:
    """*n* colors at equal steps, linearly between the entries of a table."""
    last = len(table) - 1
    position = np.arange(n) * (last / (n - 1)) if n > 1 else np.array([last / 2])
    return np.stack([np.interp(position, np.arange(last + 1), c) for c in table.T], axis=-1)


def _as_colors(colors: ArrayLike) -> FloatArray:
    """A new float64 table from what a user calls a list of colors."""
    given = np.asarray(colors)
    if given.dtype.kind == "U" and given.ndim == 1 and 0 < len(given) <= MAX_COLORS:
        table = np.array([parse_color(one, "Colormap(): a color") for one in given.tolist()])
        return table if (table[:, 3] < 1).any() else table[:, :3]
    if given.ndim != 2 or given.shape[1] not in (3, 4) or len(given) == 0:
        raise ValueError(f"Colormap(): colors must have shape (N, 3) or (N, 4), got {given.shape}")
    if len(given) > MAX_COLORS:
        raise ValueError(f"Colormap(): at most {MAX_COLORS} colors, got {len(given)}")
    if given.dtype.kind == "u" and given.dtype.itemsize <= 2:
        return np.asarray(given / np.iinfo(given.dtype).max, dtype=np.float64)
    if given.dtype.kind not in "fiub":
        raise TypeError(
            f"Colormap(): colors must be floats in [0, 1], uint8 or uint16, got {given.dtype}"
        )
    table = np.array(given, dtype=np.float64)
    if not ((table >= 0) & (table <= 1)).all():
        hint = "; integer levels must be uint8 or uint16" if given.dtype.kind in "iu" else ""
        raise ValueError(
            f"Colormap(): colors must lie in [0, 1], got {table.min()} to {table.max()}{hint}"
        )
    return table


def parse_color(color: ColorLike, argument: str) -> Rgba:
    """One color as RGBA in [0, 1].

    Parameters
    ----------
    color : str or sequence of 3 or 4 numbers in [0, 1]
        ``"#rgb"``, ``"#rrggbb"``, ``"#rrggbbaa"`` or any name that matplotlib knows.
    argument : str
        What to call it in an error.

    Raises
    ------
    TypeError, ValueError
        If it is not a color.
    """
    if isinstance(color, str):
        rgba = _parse_hex(color)
        if rgba is None:
            rgba = _parse_name(color)
        if rgba is None:
            raise ValueError(
                f"{argument} must be a color name, '#rrggbb[aa]' or 3 or 4 numbers in [0, 1], "
                f"got {color!r}"
            )
        return rgba
    try:
        if any(isinstance(component, (str, bytes)) for component in color):
            raise TypeError
        parts = [float(component) for component in color]
    except (TypeError, ValueError):
        raise TypeError(
            f"{argument} must be a color name, '#rrggbb[aa]' or 3 or 4 numbers in [0, 1], "
            f"got {color!r}"
        ) from None
    if len(parts) not in (3, 4) or not all(0.0 <= part <= 1.0 for part in parts):
        raise ValueError(f"{argument} must be 3 or 4 numbers in [0, 1], got {color!r}")
    return (parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else 1.0)


def _parse_hex(text: str) -> Rgba | None:
    digits = text[1:]
    if not text.startswith("#") or len(digits) not in (3, 4, 6, 8):
        return None
    if len(digits) < 6:
        digits = "".join(2 * digit for digit in digits)
    try:
        levels = bytes.fromhex(digits)
    except ValueError:
        return None
    r, g, b, a = (levels + b"\xff")[:4]
    return (r / 255, g / 255, b / 255, a / 255)


def _parse_name(text: str) -> Rgba | None:
    from matplotlib.colors import to_rgba

    try:
        r, g, b, a = to_rgba(text)
    except ValueError:
        return None
    return (float(r), float(g), float(b), float(a))


#: The published digits; at any other length, the curve.
TURBO = Colormap("turbo", TURBO_TABLE, curve=TURBO_CURVE)
#: Odd, so that it has a middle: entry 127 is the curve at exactly 1/2.
TURBO_DIVERGING = Colormap.from_curve("turbo_diverging", TURBO_CURVE, 255)


class _Colormaps(Mapping[str, Colormap]):
    """The maps that this package brings, and each reversed, by name; made when asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Colormap]]) -> None:
        self._makers = makers
        self._made: dict[str, Colormap] = {}

    def __getitem__(self, name: str) -> Colormap:
        if name not in self._made:
            if name not in list(self):
                raise KeyError(name)
            forward = self._makers[name.removesuffix("_r")]()
            for one in (forward, forward.reversed()):
                self._made.setdefault(one.name, one)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return (entry for name in self._makers for entry in (name, f"{name}_r"))

    def __len__(self) -> int:
        return 2 * len(self._makers)

    def __repr__(self) -> str:
        return f"<turbo_cmap.colormaps: {', '.join(self)}>"


#: The maps of this package by name: ``turbo``, ``turbo_diverging``, ``turbo_balanced``,
#: ``turbo_uniform``, ``turbo_poly``, and each with ``_r``.
#: matplotlib's names are understood by `get_cmap` and not listed here.
colormaps: Mapping[str, Colormap] = _Colormaps(
    {
        "turbo": lambda: TURBO,
        "turbo_diverging": lambda: TURBO_DIVERGING,
        "turbo_balanced": lambda: Colormap.from_curve("turbo_balanced", turbo_balanced(), 255),
        "turbo_uniform": lambda: Colormap.from_curve("turbo_uniform", turbo_uniform(), 256),
        "turbo_poly": lambda: Colormap.from_curve("turbo_poly", turbo_poly, 256),
    }
)


def get_cmap(cmap: CmapLike | None = None, n: int | None = None) -> Colormap:
    """The color map that a name, an object or a table stands for.

    Parameters
    ----------
    cmap : str, Colormap, matplotlib Colormap or array_like of shape (N, 3) or (N, 4)
        A name of `colormaps` (with or without ``tc.``), a name that matplotlib knows, a
        map object, or colors as in `Colormap`. None is Turbo.
    n : int, optional
        How many colors, 1 to 65,536; by default as many as the map has. This package's
        maps come from their curves, without an error of interpolation (`Colormap.resampled`);
        matplotlib's as its own ``resampled`` makes them, which is as exact for those that
        it computes and repeats entries of those that it has listed; other tables are
        linearly interpolated.

    Returns
    -------
    Colormap
        Those that come from matplotlib turn into bytes as matplotlib does it, by
        truncation; all others by rounding. ``"turbo"`` is this package's.

    Raises
    ------
    ValueError
        If no map has that name, the colors are not right, or *n* is out of range.
    TypeError
        If it is none of these things, or *n* is no integer.

    Examples
    --------
    >>> import turbo_cmap
    >>> turbo_cmap.get_cmap("turbo", 1024)
    <Colormap 'turbo', 1024 colors>
    """
    count = None if n is None else as_length("get_cmap", n)
    if isinstance(cmap, str):
        cmap = colormaps.get(cmap.removeprefix("tc."), cmap)
    if isinstance(cmap, str):
        return _matplotlib_by_name(cmap, count)
    if cmap is None or isinstance(cmap, Colormap):
        own = TURBO if cmap is None else cmap
        return own if count is None else own.resampled(count)
    if hasattr(cmap, "get_under"):  # a matplotlib Colormap, without importing matplotlib
        return _from_matplotlib(cmap, count)
    is_table = isinstance(cmap, Sequence) or hasattr(cmap, "__array__")
    if not is_table or isinstance(cmap, (bytes, bytearray)):
        raise TypeError(
            "cmap must be a name, a Colormap, a matplotlib Colormap or an array of colors, "
            f"got {cmap!r}"
        )
    table = Colormap("custom", cmap)
    return table if count is None else table.resampled(count)


_converted: dict[str, tuple[object, Colormap]] = {}


def _matplotlib_by_name(name: str, n: int | None) -> Colormap:
    import matplotlib

    if n is not None and name in matplotlib.colormaps:
        return _from_matplotlib(matplotlib.colormaps[name], n)
    # The registry gives out copies; whether its own object is still the one that was
    # converted is only seen inside of it.
    registered = getattr(matplotlib.colormaps, "_cmaps", {}).get(name)
    if registered is not None and name in _converted and _converted[name][0] is registered:
        return _converted[name][1]
    try:
        cmap = _from_matplotlib(matplotlib.colormaps[name], None)
        _converted[name] = (registered, cmap)
        return cmap
    except KeyError:
        from difflib import get_close_matches

        known = list(dict.fromkeys([*colormaps, *matplotlib.colormaps]))
        close = get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise ValueError(f"cmap {name!r} is not known to turbo_cmap or matplotlib{hint}") from None


def _from_matplotlib(cmap: Any, n: int | None) -> Colormap:
    if n is not None and n != cmap.N:
        cmap = cmap.resampled(n)
    # An integer argument is an index, so this reads the table as it is.
    rgba = cmap(np.arange(cmap.N))
    first, last = tuple(rgba[0]), tuple(rgba[-1])
    under, over = tuple(cmap.get_under()), tuple(cmap.get_over())
    curve = cmap.curve if type(cmap).__module__ == "turbo_cmap.mpl" else None
    if curve is not None and not follows(curve, rgba):  # its table has been written to
        curve = None
    return Colormap(
        cmap.name,
        rgba if curve is None else rgba[:, :3],
        bad=tuple(cmap.get_bad()),
        under=None if under == first else under,
        over=None if over == last else over,
        byte_rule="truncate",
        curve=curve,
    )
