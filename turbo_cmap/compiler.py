"""Any norm as steps: which values get which color, found by asking the norm itself.

Nothing here knows how a norm computes. What matplotlib's own classes are trusted with is to
be monotone; of all others that is checked, on a few thousand values, and whether they still
are what they were.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from ._typing import AnyArray, IndexArray
from .steps import BAD, LAST_KEY, OVER, UNDER, KeyArray, Steps, from_keys, search, settled, to_keys

#: Array of numbers to array of positions (floats) or indices (integers), NaN or masked if bad.
Norm: TypeAlias = Callable[[AnyArray], Any]

#: Around where an edge should be, in floats.
_OFFSETS = np.array([0, *(s * d for d in (1, 2, 8, 64, 4096) for s in (-1, 1))])
#: Besides the limits, values that norms may treat apart: no-data values seen in the wild.
_PECULIAR = (0, 1, -1, -99, -999, -9999, 32767, -32768, 65535, 2**32 - 1, 1e10)

_CACHED = 64
_by_value: dict[Hashable, Steps | None] = {}
_by_identity: weakref.WeakKeyDictionary[Any, dict[tuple[int, bool], Steps | None]] = (
    weakref.WeakKeyDictionary()
)


def positions_of(norm: Norm, x: AnyArray, caller: str = "colorize") -> Any:
    """What a norm returns for values, checked.

    Parameters
    ----------
    norm : matplotlib Normalize or callable
        With its limits set.
    x : ndarray
        Passed to the norm as it is.
    caller : str
        The public function, for errors.

    Returns
    -------
    array or masked array of bool, integers or floats, shape of *x*
        Floats are positions, integers entries of the map.

    Raises
    ------
    TypeError
        If the norm does not return numbers.
    ValueError
        If the norm raises an exception, or returns another shape.
    """
    with np.errstate(all="ignore"):
        try:
            y = norm(x)
        except Exception as error:
            raise ValueError(
                f"{caller}(): norm must map arrays of {x.dtype}, "
                f"but {_name(norm)} raised {type(error).__name__}: {error}"
            ) from error
    data = np.asarray(y)
    if data.dtype.kind not in "fiub":
        raise TypeError(
            f"{caller}(): norm must return floats or integers, "
            f"got dtype {data.dtype} from {_name(norm)}"
        )
    if data.shape != x.shape:
        raise ValueError(
            f"{caller}(): norm must return the shape of its argument {x.shape}, "
            f"got {data.shape} from {_name(norm)}"
        )
    return y


def norm_codes(norm: Norm, x: AnyArray, n: int, caller: str = "colorize") -> IndexArray:
    """What a norm gives values, asked directly: the steps of `matplotlib.colors.Colormap`.

    Parameters
    ----------
    norm, x, caller
        See `positions_of`.
    n : int
        Number of colors.

    Returns
    -------
    ndarray of int32, shape of *x*
        Colors from 0, or `UNDER`, `OVER`, `BAD`; of masked and NaN results `BAD`.

    Raises
    ------
    TypeError, ValueError
        See `positions_of`.
    """
    return codes_of(positions_of(norm, x, caller), n)


def codes_of(y: Any, n: int) -> IndexArray:
    """The codes of what a norm returned; see `norm_codes`."""
    data = np.asarray(y)
    with np.errstate(all="ignore"):
        if data.dtype.kind == "f":
            entry = data * data.dtype.type(n)
            under, over, bad = entry < 0, entry > n, np.isnan(entry)
        else:
            entry = data.astype(np.int64)
            under, over, bad = data < 0, data >= n, np.False_
        result: IndexArray = np.minimum(entry, n - 1).astype(np.int32)
    result[under] = UNDER
    result[over] = OVER
    result[bad | np.ma.getmaskarray(y)] = BAD
    return result


def compile_norm(norm: Norm, n: int, single: bool, caller: str = "colorize") -> Steps | None:
    """A norm as steps.

    For every float the steps give what the norm gives, but next to edges where the norm goes
    back and forth by rounding: there they give one of the two colors.

    Parameters
    ----------
    norm : matplotlib Normalize or callable
        With its limits set. It is not changed.
    n : int
        Number of colors.
    single : bool
        Whether the values, and so the edges, are float32, else float64.
    caller : str
        The public function, for errors.

    Returns
    -------
    Steps or None
        None if the norm is not monotone between its limits and around them, or cannot be
        asked about some floats; it can be called on data only then, with `norm_codes`.

    Raises
    ------
    TypeError, ValueError
        As `norm_codes`, if that happens within the limits of the norm; ValueError if its
        limits are not set.
    """
    scaled = getattr(norm, "scaled", None)
    if callable(scaled) and not scaled() and not _is(norm, "matplotlib.colors", "NoNorm"):
        raise ValueError(f"{caller}(): norm must have its limits set, got {_name(norm)} without")
    if not _is_known(norm):
        return _compile_unknown(norm, n, single, caller)
    try:
        key = (n, single, type(norm), _frozen(norm if isinstance(norm, tuple) else vars(norm)))
    except TypeError:  # somebody has put a function of his own into it
        return _compile_unknown(norm, n, single, caller)
    if key not in _by_value:
        steps = _compile(norm, n, single, caller, known=True)
        while len(_by_value) >= _CACHED:
            _by_value.pop(next(iter(_by_value)), None)
        _by_value[key] = steps
        return steps
    return _by_value[key]


def _compile(norm: Norm, n: int, single: bool, caller: str, known: bool) -> Steps | None:
    dtype = np.dtype(np.float32 if single else np.float64)
    landmarks = _landmarks(norm, dtype)
    keys = _probes(norm, n, dtype, landmarks, known)
    try:
        found = search(lambda keys: norm_codes(norm, from_keys(keys, dtype), n, caller), keys)
    except (TypeError, ValueError):
        # It may only be unable to take what no data hold. It has to take its own limits.
        limits = [v for v in (_limit(norm, "vmin"), _limit(norm, "vmax")) if v is not None]
        norm_codes(norm, np.array(limits or [0.0], dtype), n, caller)
        return None
    pieces = None if found is None else settled(*found, n, landmarks)
    return None if pieces is None else Steps(from_keys(pieces[0], dtype), pieces[1])


# --- which values to ask about ---


def _probes(norm: Norm, n: int, dtype: np.dtype[Any], landmarks: KeyArray, known: bool) -> KeyArray:
    """Keys to ask about first, sorted: so many that no piece is likely to hide between them."""
    last = LAST_KEY[dtype.itemsize]
    predicted = _predicted(norm, n)
    with np.errstate(all="ignore"):
        predicted = np.concatenate([predicted, _moved_by_rounding(norm, predicted)])
    near = (to_keys(predicted, dtype)[:, None] + _OFFSETS).ravel()
    chosen = [near, _spread(dtype.itemsize, 65 if known else 1025)]
    if not known:
        # Values that norms may treat apart, and a dense irregular comb between the limits.
        peculiar = to_keys(np.array(_PECULIAR, np.float64), dtype)
        chosen += [peculiar - 1, peculiar, peculiar + 1]
        vmin, vmax = _limit(norm, "vmin"), _limit(norm, "vmax")
        if vmin is not None and vmax is not None:
            comb = np.arange(1024) * 0.6180339887498949 % 1.0
            chosen.append(to_keys(vmin + (vmax - vmin) * comb, dtype))
            low, high = to_keys(np.array([vmin, vmax]), dtype).tolist()
            chosen.append((low * (1 - comb) + high * comb).astype(np.int64))
    for around in (landmarks, np.array([-last, last])):
        chosen += [around - 1, around, around + 1]
    return np.sort(np.clip(np.concatenate(chosen), -last, last))


@cache
def _spread(itemsize: int, count: int) -> KeyArray:
    last = LAST_KEY[itemsize]
    return np.linspace(-last, last, count).astype(np.int64)


def _landmarks(norm: Norm, dtype: np.dtype[Any]) -> KeyArray:
    """Keys of 0 and of all numbers that the norm holds: its limits, a center, boundaries."""
    values: list[Any] = [np.zeros(1)]
    held = norm._asdict() if isinstance(norm, tuple) else getattr(norm, "__dict__", {})
    for value in (*held.values(), getattr(norm, "vmin", None), getattr(norm, "vmax", None)):
        if isinstance(value, (int, float, np.number, np.ndarray, list, tuple)):
            with suppress(TypeError, ValueError, OverflowError):
                values.append(np.asarray(value, np.float64).ravel()[:65536])
    return np.unique(to_keys(np.concatenate(values), dtype))


def _predicted(norm: Norm, n: int) -> AnyArray:
    """Where the norm says that its edges are, as far as it does."""
    if _is(norm, "matplotlib.colors", "BoundaryNorm"):
        return np.empty(0)  # its boundaries are landmarks
    t = np.arange(n + 1) / n
    try:
        with np.errstate(all="ignore"):
            if (scale := getattr(norm, "_scale", None)) is not None:
                # The same in a third of the time, without masked arrays.
                transform = scale.get_transform()
                low, high = transform.transform(
                    np.array([_limit(norm, "vmin"), _limit(norm, "vmax")])
                )
                inverse = transform.inverted().transform(low + t * (high - low))
            else:
                inverse = norm.inverse(t)  # type: ignore[attr-defined]
            return np.ma.filled(np.ma.asarray(inverse, np.float64), np.nan).ravel()
    except Exception:
        return np.empty(0)  # then they are searched for from farther away


def _moved_by_rounding(norm: Norm, predicted: AnyArray) -> AnyArray:
    """Where matplotlib's own norms have edges that their inverses do not know of.

    An edge that should be at 0 is where adding to the transformed lower limit rounds the
    other way: half a unit in its last place, a power of two.
    """
    places = []
    slope = 1.0
    if _is(norm, "matplotlib.colors", "SymLogNorm"):
        scale = norm._scale  # type: ignore[attr-defined]
        slope = scale.linscale / (1 - 1 / scale.base)
    elif _is(norm, "matplotlib.colors", "AsinhNorm"):
        overflow = np.finfo(np.float64).max * norm.linear_width  # type: ignore[attr-defined]
        places += [overflow, overflow / 4, -overflow / 4, -overflow]
    vmin, vmax = _limit(norm, "vmin") or 0.0, _limit(norm, "vmax") or 0.0
    largest = max(abs(vmin), abs(vmax))
    if vmin < 0 < vmax and np.any(np.abs(predicted) < 2**-24 * largest):
        unit = 2.0 ** np.floor(np.log2(largest)) / slope
        ties = unit * np.exp2(np.concatenate([np.arange(-60, -50), np.arange(-31, -21)]))
        places += [*ties, *-ties]
    return np.array(places)


def _limit(norm: Norm, name: str) -> float | None:
    try:
        limit = float(getattr(norm, name))
    except (AttributeError, TypeError, ValueError):
        return None
    return limit if np.isfinite(limit) else None


# --- what is known ---

#: Classes that are monotone (as far as they go) and whose results depend on what they hold.
_KNOWN = {
    "matplotlib.colors": frozenset(
        (
            "Normalize",
            "LogNorm",
            "SymLogNorm",
            "AsinhNorm",
            "PowerNorm",
            "TwoSlopeNorm",
            "CenteredNorm",
            "BoundaryNorm",
            "NoNorm",
        )
    ),
    f"{__package__}.norms": frozenset(("InverseNorm",)),
}
#: What matplotlib's objects hold that has no influence on their results.
_BYSTANDERS = frozenset(("callbacks", "_parents", "_invalid"))


def _is(norm: Norm, module: str, name: str) -> bool:
    """Whether the class of a norm is the one of that name, without importing its module."""
    return type(norm) is getattr(sys.modules.get(module), name, None)


def _is_known(norm: Norm) -> bool:
    module, name = type(norm).__module__, type(norm).__qualname__
    return name in _KNOWN.get(module, ()) and _is(norm, module, name)


def _name(norm: Norm) -> str:
    return type(norm).__name__ if not hasattr(norm, "__name__") else str(norm.__name__)


def _frozen(value: Any) -> Hashable:
    """What an object holds, to compare it with later; TypeError if that cannot be told."""
    if value is None or isinstance(value, (bool, int, float, str, np.number, np.bool_)):
        return type(value), value
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, np.ufunc):
        return value
    if isinstance(value, (list, tuple)):
        return type(value), *map(_frozen, value)
    if isinstance(value, dict):
        return tuple((k, _frozen(v)) for k, v in value.items() if k not in _BYSTANDERS)
    if type(value).__module__.startswith("matplotlib."):
        return type(value), _frozen(vars(value))
    raise TypeError(type(value).__name__)


def _compile_unknown(norm: Norm, n: int, single: bool, caller: str) -> Steps | None:
    """Compile a norm that may do anything, or take what it gave before if it still does."""
    try:
        kept = _by_identity.setdefault(norm, {})
    except TypeError:  # it cannot be referred to weakly, or has no hash
        kept = {}
    if (n, single) in kept:
        steps = kept[n, single]
        if steps is None or _still_holds(norm, steps, n, single, caller):
            return steps
    kept[n, single] = steps = _compile(norm, n, single, caller, known=False)
    return steps


def _still_holds(norm: Norm, steps: Steps, n: int, single: bool, caller: str) -> bool:
    """Whether a norm has not been changed, as seen at both sides of all its edges.

    A norm that can only be called, with no steps, need not be asked: calling is never wrong.
    """
    dtype = np.dtype(np.float32 if single else np.float64)
    edges = to_keys(steps.edges, dtype)
    keys = np.concatenate([edges - 1, edges, _spread(dtype.itemsize, 65), _landmarks(norm, dtype)])
    x = from_keys(keys, dtype)
    try:
        found = norm_codes(norm, x, n, caller)
    except (TypeError, ValueError):
        return False
    return np.array_equal(found, steps.codes[np.searchsorted(steps.edges, x, side="right")])
