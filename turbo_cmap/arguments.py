"""What users pass as values and limits, checked once and made ready for the kernels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._typing import AnyArray, BoolArray
from .scale import is_single

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What ``robust=True`` means, in percent.
ROBUST = (2.0, 98.0)

_ACCEPTED = frozenset("?bBhHiIlLqQefd")


class Source(NamedTuple):
    """Values, and which of them do not count; or the difference of two such.

    A difference does not count where either of its values does not. It is formed by the
    kernels, a block at a time.
    """

    values: AnyArray
    masks: tuple[BoolArray, ...]  # at most two, of the shape of values
    invalid: AnyArray | None  # of the dtype of values, in native order
    minus: Source | None = None  # what is subtracted: of the same shape, no difference itself

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the values, or of the difference: float32 if both are computed in it,
        else float64.
        """
        if self.minus is None:
            return self.values.dtype
        single = is_single(self.values.dtype) and is_single(self.minus.values.dtype)
        return np.dtype(np.float32 if single else np.float64)

    def part(self, where: tuple[slice, ...]) -> Source:
        """A part of the values, and which of it do not count."""
        masks = tuple(mask[where] for mask in self.masks)
        minus = None if self.minus is None else self.minus.part(where)
        return Source(self.values[where], masks, self.invalid, minus)


def as_source(
    caller: str,
    values: ArrayLike,
    mask: ArrayLike | None = None,
    invalid: float | Sequence[float] | None = None,
    *,
    name: str = "values",
) -> Source:
    """Values, mask and invalid values as the kernels take them; nothing is copied.

    Parameters
    ----------
    caller : str
        The public function, for errors.
    values, mask, invalid
        See `turbo_cmap.colorize`.
    name : str
        What the public function calls *values*.

    Raises
    ------
    TypeError, ValueError
        If one of them is not what `turbo_cmap.colorize` takes.
    """
    if mask is None and invalid is None and type(values) is np.ndarray:  # the usual case:
        array = _as_values(caller, name, values)  # soon done, since small images are many
        return Source(array, (), None)
    array = _as_values(caller, name, values)
    masks = _as_masks(caller, mask, values, array.shape)
    unwanted = None if invalid is None else _as_invalid(caller, invalid, array.dtype)
    return Source(array, masks, unwanted)


def as_limits(
    caller: str, vmin: float | None, vmax: float | None
) -> tuple[float | None, float | None]:
    """Limits as floats, None where they are to be found.

    Raises
    ------
    TypeError
        If one is not a number.
    ValueError
        If one is not finite, or ``vmin > vmax``.
    """
    lo, hi = as_limit(caller, "vmin", vmin), as_limit(caller, "vmax", vmax)
    if lo is not None and hi is not None and lo > hi:
        raise ValueError(
            f"{caller}(): vmin must not be greater than vmax, got {lo} > {hi}; "
            "reverse=True turns the map around"
        )
    return lo, hi


def as_percentiles(caller: str, robust: object) -> tuple[float, float] | None:
    """The percentiles that `robust` asks for; None for minimum and maximum.

    Raises
    ------
    TypeError
        If it is neither a bool nor two numbers.
    ValueError
        If they are not ``0 <= lo <= hi <= 100``.
    """
    if isinstance(robust, (bool, np.bool_)):
        return ROBUST if robust else None
    wrong = TypeError(
        f"{caller}(): robust must be True, False or two percentiles (lo, hi), got {robust!r}"
    )
    if isinstance(robust, (str, bytes)) or not isinstance(robust, (Sequence, np.ndarray)):
        raise wrong
    given = robust.tolist() if isinstance(robust, np.ndarray) else list(robust)
    given = [one.item() if isinstance(one, np.generic) else one for one in given]
    if len(given) != 2 or not all(type(one) in (int, float) for one in given):
        raise wrong
    lo, hi = given
    if not 0 <= lo <= hi <= 100:
        raise ValueError(
            f"{caller}(): robust must be percentiles 0 <= lo <= hi <= 100, got ({lo}, {hi})"
        )
    return float(lo), float(hi)


def as_threads(caller: str, threads: int | None) -> int | None:
    """The number of threads to use at most; None leaves it to the size.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is less than 1.
    """
    if threads is None:
        return None
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise TypeError(
            f"{caller}(): threads must be an integer or None, got {type(threads).__name__}"
        )
    if threads < 1:
        raise ValueError(f"{caller}(): threads must be at least 1, got {threads}")
    return int(threads)


def _as_values(caller: str, name: str, values: ArrayLike) -> AnyArray:
    try:
        array = np.asarray(values)
    except ValueError as error:  # a ragged list, say
        raise ValueError(f"{caller}(): {name} must be an array of numbers: {error}") from None
    if array.dtype.char not in _ACCEPTED:
        raise TypeError(
            f"{caller}(): {name} must be bool, integers, float16, float32 or float64, "
            f"got dtype {array.dtype}"
        )
    return array


def _as_masks(
    caller: str, mask: ArrayLike | None, values: ArrayLike, shape: tuple[int, ...]
) -> tuple[BoolArray, ...]:
    """The masks to heed: that of a masked array, and the one that was given."""
    masks: list[BoolArray] = []
    if isinstance(values, np.ma.MaskedArray) and values.mask is not np.ma.nomask:
        masks.append(np.ma.getmaskarray(values))
    if mask is not None:
        given = np.asarray(mask)
        if given.dtype != np.bool_:
            raise TypeError(f"{caller}(): mask must be of bool, got dtype {given.dtype}")
        try:
            masks.append(np.broadcast_to(given, shape))
        except ValueError:
            raise ValueError(
                f"{caller}(): mask must be broadcastable to the shape {shape} of the values, "
                f"got {given.shape}"
            ) from None
    return tuple(masks)


def _as_invalid(
    caller: str, invalid: float | Sequence[float], dtype: np.dtype[Any]
) -> AnyArray | None:
    """Those of the values that the dtype can hold, in it and in native order."""
    found = [held(dtype, value) for value in _numbers(caller, invalid)]
    values = [value for value in found if value is not None]
    return np.array(values, dtype=dtype.newbyteorder("=")) if values else None


def held(dtype: np.dtype[Any], number: int | float) -> Any:
    """A number as a dtype holds it, a scalar in native order; None where it cannot, and for NaN.

    A float is as good as its nearest in a float dtype, so that -99.9 is what it has become
    in float32, but not where that is infinite, or 0. An integer is held exactly or not at all.
    """
    native = dtype.newbyteorder("=")
    if isinstance(number, float) and math.isnan(number):
        return None  # is bad anyway
    try:
        with np.errstate(all="ignore"):
            # Not by way of an array of several, which would make floats of large integers.
            cast = np.array(number).astype(native)[()]
    except OverflowError:
        return None
    weak = isinstance(number, float) and native.kind == "f"
    weak = weak and bool(cast) == bool(number) and bool(np.isinf(cast)) == math.isinf(number)
    return cast if weak or cast.item() == number else None


def _numbers(caller: str, invalid: float | Sequence[float]) -> list[float]:
    listed = invalid.tolist() if isinstance(invalid, (np.ndarray, np.generic)) else invalid
    if isinstance(listed, (bool, int, float)):
        return [listed]
    if isinstance(listed, Iterable) and not isinstance(listed, (str, bytes)):
        items = [one.item() if isinstance(one, np.generic) else one for one in listed]
        if all(isinstance(one, (bool, int, float)) for one in items):
            return items
    raise TypeError(
        f"{caller}(): invalid must be a number or a sequence of numbers, got {invalid!r}"
    )


def as_limit(caller: str, name: str, limit: float | None) -> float | None:
    """A finite number, or None.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it is not finite.
    """
    if limit is None or (type(limit) is float and math.isfinite(limit)):
        return limit
    try:
        if type(limit) is not int and (isinstance(limit, (str, bytes)) or np.ndim(limit) != 0):
            raise TypeError
        number = float(limit)
    except (TypeError, ValueError):
        raise TypeError(f"{caller}(): {name} must be a number or None, got {limit!r}") from None
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{caller}(): {name} must be finite, got {number}")
    return number


def check_out(
    caller: str,
    out: object,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    inputs: Iterable[tuple[str, AnyArray]] = (),
) -> None:
    """Check an array to write to.

    Parameters
    ----------
    caller : str
        The public function, for errors.
    out : ndarray
    shape, dtype
        What it must have.
    inputs : iterable of (name, ndarray)
        What it must not overlap.

    Raises
    ------
    TypeError, ValueError
        If it is not right.
    """
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{caller}(): out must be a NumPy array, got {type(out).__name__}")
    if isinstance(out, np.ma.MaskedArray):
        raise TypeError(f"{caller}(): out must be a plain NumPy array, got a masked one")
    if out.shape != shape:
        raise ValueError(f"{caller}(): out must have shape {shape}, got {out.shape}")
    if out.dtype != dtype:
        raise ValueError(f"{caller}(): out must have dtype {dtype}, got {out.dtype}")
    if not out.flags.writeable:
        raise ValueError(f"{caller}(): out must be writeable, got a read-only array")
    for name, array in inputs:
        if np.may_share_memory(out, array) and _overlap(out, array):
            raise ValueError(f"{caller}(): out must not overlap {name}")


def _overlap(a: AnyArray, b: AnyArray) -> bool:
    try:
        return np.shares_memory(a, b, max_work=100_000)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True  # cannot be ruled out
