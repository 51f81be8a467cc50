"""How colors look: lightness and difference as people see them, and to whom they look how."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ._typing import AnyArray, FloatArray
from .arguments import as_limit, as_threads, check_out
from .colormap import CmapLike, Colormap, get_cmap
from .deficiencies import CVD_KINDS, KINDS, MODELS, SHORT, Kind, LightMap, Model, light_map
from .kernels import Backend, get_backend
from .kernels.blockwise import blocks
from .kernels.projection import make_projection
from .kernels.threads import run, split, thread_count
from .kernels.transfer import make_wide_map

if TYPE_CHECKING:
    import matplotlib.colors
    from numpy.typing import ArrayLike

#: Pixels that are computed at once where that takes float64 arrays: 400 KB of them.
_BLOCK = 1 << 14
_DOUBLE = np.dtype(np.float64)


# ---- appearance: CIECAM02 and CAM02-UCS ----


def to_cam02ucs(rgb: ArrayLike) -> FloatArray:
    """CAM02-UCS coordinates of sRGB colors, in which distance is visible difference.

    Parameters
    ----------
    rgb : array_like, shape (..., 3)
        sRGB-encoded: floats in [0, 1], or uint8 or uint16 levels.

    Returns
    -------
    ndarray of float64, shape (..., 3)
        J' in [0, 100], a' (green to red) and b' (blue to yellow), under the viewing
        conditions of sRGB (IEC 61966-2-1: D65, 64 lx, 20 % gray surround). A color with
        a NaN is NaN in all three.

    Raises
    ------
    TypeError, ValueError
        If it is not RGB, or floats lie outside [0, 1].

    References
    ----------
    CIE 159:2004, A colour appearance model for colour management systems: CIECAM02.
    Luo, Cui, Li (2006), Color Res. Appl. 31, 320-330.

    Examples
    --------
    >>> import numpy as np
    >>> from turbo_cmap import to_cam02ucs
    >>> to_cam02ucs([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])[:, 0].round(2) + 0.0
    array([  0., 100.])
    """
    return _cam02ucs(_as_srgb1("to_cam02ucs", "rgb", rgb))


def _cam02ucs(srgb1: FloatArray) -> FloatArray:
    from colorspacious import cspace_convert

    flat = srgb1.reshape(-1, 3)
    jab = np.full(flat.shape, np.nan)
    for begin in range(0, len(flat), _BLOCK):  # colorspacious keeps 20 arrays of its input's size
        part = flat[begin : begin + _BLOCK]
        known = ~np.isnan(part).any(axis=1)  # it raises IndexError on NaN
        if known.any():
            jab[begin : begin + _BLOCK][known] = cspace_convert(part[known], "sRGB1", "CAM02-UCS")
    return jab.reshape(srgb1.shape)


def lightness(cmap: CmapLike | None = None) -> FloatArray:
    """CAM02-UCS lightness J' along a color map.

    Parameters
    ----------
    cmap : str, Colormap, matplotlib Colormap or array_like of shape (N, 3) or (N, 4), optional
        See `get_cmap`. Alpha does not count.

    Returns
    -------
    ndarray of float64, shape (N,)
        J' in [0, 100]; see `to_cam02ucs`.

    Raises
    ------
    TypeError, ValueError
        If it is no color map.

    Examples
    --------
    >>> from turbo_cmap import lightness
    >>> lightness("turbo")[[0, 128, 255]].round(2)
    array([15.57, 90.81, 28.8 ])
    """
    return _cam02ucs(get_cmap(cmap).rgba[:, :3])[:, 0]


@overload
def delta_e(first: CmapLike | None = None, /) -> FloatArray: ...
@overload
def delta_e(first: ArrayLike, second: ArrayLike, /) -> FloatArray: ...
def delta_e(first: Any = None, second: Any = None, /) -> FloatArray:
    """Visible difference: of two arrays of colors, or along a color map.

    Parameters
    ----------
    first : array_like, shape (..., 3), or a color map
        With *second*, colors as in `to_cam02ucs`. Without, a map as in `get_cmap`.
    second : array_like, shape (..., 3), optional
        Broadcast with *first*.

    Returns
    -------
    ndarray of float64
        The distance in CAM02-UCS, where 1 is about what can just be seen: one number a
        pair of colors, or, shape (N - 1,), from each entry of the map to the next.
        NaN where a color has one.

    Raises
    ------
    TypeError, ValueError
        If it is not RGB, floats lie outside [0, 1], shapes do not fit together, or the
        map has one color only.

    Examples
    --------
    >>> from turbo_cmap import delta_e
    >>> delta_e([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).round(2)
    np.float64(76.12)
    >>> delta_e("turbo").mean().round(3)
    np.float64(0.9)
    """
    if second is None:
        cmap = get_cmap(first)
        if len(cmap) < 2:
            raise ValueError("delta_e(): the map must have at least 2 colors, got 1")
        return _distance(np.diff(_cam02ucs(cmap.rgba[:, :3]), axis=0))
    one, other = _as_srgb1("delta_e", "first", first), _as_srgb1("delta_e", "second", second)
    try:
        np.broadcast_shapes(one.shape, other.shape)
    except ValueError:
        raise ValueError(
            "delta_e(): first and second must have shapes that broadcast, "
            f"got {one.shape} and {other.shape}"
        ) from None
    # equal colors are converted in other places of a vector, hence with another last bit
    same = (one == other).all(axis=-1)
    return np.where(same, 0.0, _distance(_cam02ucs(one) - _cam02ucs(other)))[()]


def _distance(jab: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((jab * jab).sum(axis=-1)), dtype=np.float64)


# ---- color-vision deficiency: see `turbo_cmap.deficiencies` ----


@overload
def simulate_cvd(  # type: ignore[overload-overlap]  # a string is an ArrayLike, too
    rgb: str | Colormap | matplotlib.colors.Colormap,
    kind: Kind,
    severity: float | None = None,
    *,
    model: Model | None = None,
    out: None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> Colormap: ...
@overload
def simulate_cvd(
    rgb: ArrayLike,
    kind: Kind,
    severity: float | None = None,
    *,
    model: Model | None = None,
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> AnyArray: ...
def simulate_cvd(
    rgb: Any,
    kind: Kind,
    severity: float | None = None,
    *,
    model: Model | None = None,
    out: AnyArray | None = None,
    threads: int | None = None,
    backend: str | None = None,
) -> Any:
    """Show colors as someone with a color-vision deficiency sees them.

    Parameters
    ----------
    rgb : array_like, shape (..., 3), or a color map
        sRGB-encoded: uint8 or uint16 levels, or floats in [0, 1]; or a map by name or
        as an object. Not modified.
    kind : str
        ``protanomaly``, ``protanopia`` (L cones are anomalous, missing),
        ``deuteranomaly``, ``deuteranopia`` (M cones), ``tritanomaly``, ``tritanopia`` (S
        cones), ``blue_cone_monochromacy`` (rods and S cones only) or ``achromatopsia``
        (rods only).
    severity : float, optional
        From 0, where nothing changes, to 1, the full deficiency. By default 1, and 0.5 for
        the anomalies, which come in all degrees: half way, for Machado's model a shift of
        10 of 20 nm, is a convention. Any kind takes any severity; protanopia of 0.5 is
        protanomaly by protanopia's default model.
    model : {"machado2009", "brettel1997", "vienot1999"}, optional
        By default the one that suits the kind:

        - protanomaly, deuteranomaly: ``machado2009``, which shifts the pigment's spectrum
          and so is the only one that models an anomaly;
        - protanopia, deuteranopia: ``vienot1999``, made for these two and for displays,
          linear, so it keeps smooth maps smooth;
        - tritanomaly, tritanopia: ``brettel1997``. A tritanope's colors lie on two half
          planes far from being one plane, which Viénot's model therefore leaves out and
          Machado's gets wrong.

        The models of the two monochromacies are fixed.
    out : ndarray, optional
        Where to write: of the shape and dtype of *rgb*, in native byte order, not
        overlapping it. Not for maps.
    threads : int, optional
        At most this many; by default as many as there are cores, but no more than one for
        each million pixels.
    backend : {"native", "numba", "numpy"}, optional
        Which kernels to run; by default the best of `available_backends`. The result is
        the same in every bit.

    Returns
    -------
    ndarray of the shape and dtype of *rgb*, or Colormap
        Of a map, a map: each entry, and its bad, under and over colors, simulated; alpha
        is kept. A pixel with a NaN is NaN in all three components.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If *kind* or *model* is not known or they do not go together, *severity* or floats
        lie outside [0, 1], or *rgb* is not RGB. Nothing has been written to *out* then.

    Notes
    -----
    All models work on linear light, and what leaves the gamut is clipped to it there. Whites
    and grays are kept. For all but Machado's model, severities between 0 and 1 mix the
    linear light with that of the full deficiency.

    uint8 goes through integer tables (`turbo_cmap.kernels.projection`): the nearest level
    of the exact result, where that is not within 1e-8 of a tie, at some 100 to 300 million
    pixels a second and core. Other types are computed in float64, with polynomials in place
    of powers (`turbo_cmap.kernels.transfer`), at some 30 to 140: within 2e-14 of the exact
    result in float64, as are maps; the nearest float32 (float16) to what is within 3e-9 (2e-14)
    of it; the nearest level of uint16, where that is not within 0.001 levels of a tie.

    The monochromacies are approximations, since what rods see does not follow from RGB:

    - achromatopsia is the rods' answer as gray: weights 0, 0.603 and 0.397 for R, G, B, the
      non-negative projection of the scotopic luminous efficiency V' onto the sRGB
      primaries' color-matching functions. (Without the constraint, red has -0.07, and in
      XYZ it is the regression of Pattanaik et al. 1998.)
    - blue-cone monochromacy is two numbers, rods and S cones, so its colors are a plane:
      that through black, white and blue (and so yellow), on which the point with the same
      two answers is taken, as Brettel et al. do for dichromats. It is the mesopic case; in
      bright light rods saturate.

    References
    ----------
    Machado, Oliveira, Fernandes (2009), IEEE Trans. Vis. Comput. Graph. 15, 1291-1298,
    with the matrices of its supplement as colorspacious has them.
    Brettel, Viénot, Mollon (1997), J. Opt. Soc. Am. A 14, 2647-2655, with sRGB white as the
    neutral.
    Viénot, Brettel, Mollon (1999), Color Res. Appl. 24, 243-252, with the primaries of sRGB.
    CIE 1951 V' and CIE 1931 observer: ISO/CIE 23539:2023, ISO/CIE 11664-1:2019.
    Pattanaik, Ferwerda, Fairchild, Greenberg (1998), SIGGRAPH '98, 287-298.
    Reitner, Sharpe, Zrenner (1991), Nature 352, 798-800, on rods and S cones together.

    Examples
    --------
    >>> import numpy as np
    >>> from turbo_cmap import simulate_cvd
    >>> red = np.array([255, 0, 0], dtype=np.uint8)
    >>> simulate_cvd(red, "deuteranopia")
    array([147, 147,   0], dtype=uint8)
    >>> simulate_cvd("turbo", "achromatopsia")
    <Colormap 'turbo (achromatopsia)', 256 colors>
    """
    caller = "simulate_cvd"
    strength, change = _as_change(kind, severity, model)
    most_threads = as_threads(caller, threads)
    kernels = get_backend(backend)
    if isinstance(rgb, (str, Colormap)) or hasattr(rgb, "get_under"):
        if out is not None:
            raise ValueError(f"{caller}(): out must be None for a color map")
        return _simulated_map(get_cmap(rgb), kind, strength, _painter(kernels, _DOUBLE, change))
    pixels = _as_pixels(caller, "rgb", rgb)
    _check_range(caller, "rgb", pixels)
    result = _as_out(caller, out, pixels)
    if strength == 0:
        result[...] = pixels
        return result
    count = thread_count(most_threads, pixels.size // 3)
    paint = _painter(kernels, pixels.dtype, change)
    run([partial(paint, pixels[p], result[p]) for p in split(pixels.shape[:-1], count)])
    return result


def _as_change(kind: Any, severity: Any, model: Any) -> tuple[float, LightMap]:
    """The severity, and what is done to linear light."""
    caller = "simulate_cvd"
    if not isinstance(kind, str):
        raise TypeError(f"{caller}(): kind must be a string, got {type(kind).__name__}")
    if kind not in KINDS:
        raise ValueError(f"{caller}(): kind must be one of {', '.join(CVD_KINDS)}, got {kind!r}")
    deficiency = KINDS[kind]
    given = as_limit(caller, "severity", severity)
    strength = deficiency.severity if given is None else given
    if not 0 <= strength <= 1:
        raise ValueError(f"{caller}(): severity must be in [0, 1], got {strength}")
    if deficiency.model is None:
        if model is not None:
            raise ValueError(f"{caller}(): model must be None for {kind}, got {model!r}")
    elif model is None:
        model = deficiency.model
    elif model not in MODELS:
        raise ValueError(f"{caller}(): model must be one of {', '.join(MODELS)}, got {model!r}")
    elif model == "vienot1999" and deficiency.cone == SHORT:
        raise ValueError(
            f"{caller}(): model must not be 'vienot1999' for {kind}: it has no S cones"
        )
    return strength, light_map(kind, strength, model)


def _simulated_map(
    cmap: Colormap, kind: str, severity: float, paint: Callable[[AnyArray, AnyArray], None]
) -> Colormap:
    if severity == 0:
        return cmap

    def see(rgba: FloatArray) -> FloatArray:
        seen = rgba.copy()
        paint(rgba[..., :3], seen[..., :3])
        return seen

    def see_one(rgba: tuple[float, ...] | None) -> tuple[float, ...] | None:
        return None if rgba is None else tuple(see(np.array(rgba)).tolist())

    return Colormap(
        f"{cmap.name} ({kind})",
        see(cmap.colors),
        bad=see_one(cmap.bad),
        under=see_one(cmap.under),
        over=see_one(cmap.over),
        byte_rule=cmap.byte_rule,
    )


def _painter(
    backend: Backend, dtype: np.dtype[Any], change: LightMap
) -> Callable[[AnyArray, AnyArray], None]:
    """What simulates a part of an image."""
    # float16 is rounded once, from float64
    work = np.dtype(np.float64 if dtype.itemsize == 2 and dtype.kind == "f" else dtype)
    work = work.newbyteorder("=")
    parts = change.matrix, change.normal, change.fold
    if work == np.uint8:
        projection = make_projection(*parts)
        return partial(_paint, lambda rgb, out: backend.simulate(rgb, projection, out), work)
    wide = make_wide_map(work, *parts)
    return partial(_paint, lambda rgb, out: backend.simulate_wide(rgb, wide, out), work)


def _paint(
    simulate: Callable[[AnyArray, AnyArray], None],
    dtype: np.dtype[Any],
    rgb: AnyArray,
    out: AnyArray,
) -> None:
    """Simulate dense stretches of a dtype; what is not one is copied block by block."""
    if _is_plain(rgb, dtype) and _is_plain(out, dtype):
        simulate(rgb, out)
        return
    for where in blocks(rgb.shape[:-1], _BLOCK):
        part, target = rgb[where], out[where]
        if not _is_plain(part, dtype):
            part = np.array(part, dtype, order="C")
        if _is_plain(target, dtype):
            simulate(part, target)
        else:
            dense = np.empty(part.shape, dtype)
            simulate(part, dense)
            target[...] = dense


def _is_plain(array: AnyArray, dtype: np.dtype[Any]) -> bool:
    return array.dtype == dtype and array.flags.c_contiguous and array.flags.aligned


# ---- arguments ----


def _as_pixels(caller: str, name: str, rgb: ArrayLike) -> AnyArray:
    try:
        pixels = np.asarray(rgb)
    except ValueError as error:  # a ragged list
        raise ValueError(f"{caller}(): {name} must be an array of colors: {error}") from None
    if pixels.dtype.kind == "f" and pixels.dtype.itemsize <= 8:
        pass
    elif pixels.dtype.kind != "u" or pixels.dtype.itemsize > 2:
        raise TypeError(
            f"{caller}(): {name} must be uint8, uint16 or float, got dtype {pixels.dtype}"
        )
    if pixels.ndim == 0 or pixels.shape[-1] != 3:
        raise ValueError(f"{caller}(): {name} must be RGB, of shape (..., 3), got {pixels.shape}")
    return pixels


def _check_range(caller: str, name: str, pixels: AnyArray) -> None:
    if pixels.dtype.kind != "f" or pixels.size == 0:
        return
    low, high = math.inf, -math.inf
    for where in blocks(pixels.shape, 1 << 20):  # fmin leaves NaN out
        part = pixels[where]
        low = min(low, float(np.fmin.reduce(part, axis=None)))
        high = max(high, float(np.fmax.reduce(part, axis=None)))
    if low < 0 or high > 1:
        raise ValueError(f"{caller}(): {name} must lie in [0, 1], got {low} to {high}")


def _as_srgb1(caller: str, name: str, rgb: ArrayLike) -> FloatArray:
    """Colors as float64 in [0, 1]."""
    pixels = _as_pixels(caller, name, rgb)
    _check_range(caller, name, pixels)
    if pixels.dtype.kind == "u":
        return np.asarray(pixels / np.iinfo(pixels.dtype).max, dtype=np.float64)
    return pixels.astype(np.float64)


def _as_out(caller: str, out: AnyArray | None, pixels: AnyArray) -> AnyArray:
    dtype = pixels.dtype.newbyteorder("=")
    if out is None:
        return np.empty(pixels.shape, dtype=dtype)
    check_out(caller, out, pixels.shape, dtype, [("rgb", pixels)])
    return out
