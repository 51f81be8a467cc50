"""How the command writes numbers: with the fewest digits that give them back; and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def number_text(value: float, dtype: DTypeLike | None = None) -> str:
    """A limit or a threshold in the fewest digits that mean the same: 0.3, not 0.30000001192092896.

    Parameters
    ----------
    value : float
    dtype : dtype, optional
        Of the values that it is compared with. Those of at most 16 bits and float32 are
        computed in float32, so that a text which gives back the same float32 is enough to
        get the same picture with ``--vmin``. By default, and for all others, it is float64.
    """
    import numpy as np

    from ..scale import is_single

    texts = [repr(value if isinstance(value, int) else float(value))]
    if dtype is not None and is_single(np.dtype(dtype).newbyteorder("=")):
        with np.errstate(over="ignore"):
            single = np.float32(value)
        if np.isfinite(single) and bool(single) == bool(value):
            texts.append(str(single))
    return min((_plain(text) for text in texts), key=len)


def range_text(
    vmin: float, vmax: float, unit: str | None = None, dtype: DTypeLike | None = None
) -> str:
    """A range as every verb writes it: "0.5 .. 80 m"."""
    ends = f"{number_text(vmin, dtype)} .. {number_text(vmax, dtype)}"
    return f"{ends} {unit}" if unit else ends


def count_text(count: int, noun: str) -> str:
    """How many there are: "1 file", "3 files"."""
    return f"{count} {noun}{'s' * (count != 1)}"


def _plain(text: str) -> str:
    """Without what says nothing: 5 for 5.0, 0 for -0.0."""
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
