"""Functions from t to a color: the spline itself, Du's polynomial, minimax polynomials."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .._typing import FloatArray
from ..colormap import Colormap, colormaps
from ..curve import Curve, KnotCurve, ReversedCurve
from ..turbo import DU_POLYNOMIAL, TURBO_CURVE, turbo_poly
from .languages import LANGUAGES
from .minimax import as_degree, fit_minimax
from .names import credit_lines, identifier

FORMS = ("spline", "du", "minimax")
_DEFAULT_DEGREE = 12

#: What rows i to i + 3 weigh at u in [0, 1] of segment i.
#: Catmull and Rom (1974), Computer Aided Geometric Design, 317-326.
_CATMULL_ROM = (
    "u * (u * (2 - u) - 1) / 2",
    "(u * u * (3 * u - 5) + 2) / 2",
    "u * (u * (4 - 3 * u) + 1) / 2",
    "u * u * (u - 1) / 2",
)
#: The same for the uniform cubic B-spline, which is every cubic spline with a continuous
#: second derivative on uniform knots. De Boor (1978), A Practical Guide to Splines, IX.
_B_SPLINE = (
    "(1 - u) * (1 - u) * (1 - u) / 6",
    "(u * u * (3 * u - 6) + 4) / 6",
    "(u * (u * (3 - 3 * u) + 3) + 1) / 6",
    "u * u * u / 6",
)


#: The curves that Du's polynomial is for, or is; from their start, and from their end.
_DU_FORWARD = (TURBO_CURVE, turbo_poly)
_DU_BACKWARD = (TURBO_CURVE.reversed(), ReversedCurve(turbo_poly))

#: Programs of several languages ask for one map.
_fitted = lru_cache(maxsize=32)(fit_minimax)


class _Function(NamedTuple):
    """A function before a language writes it."""

    about: list[str]  # lines of the comment
    rows: FloatArray
    body: str  # which of the language's templates
    holes: dict[str, str]  # {t} stands for t clamped


def write(
    cmap: Colormap, to: str, *, form: str | None, degree: int | None, name: str | None
) -> str:
    """The source of a function.

    Parameters
    ----------
    cmap : Colormap
    to : str
        One of `LANGUAGES`.
    form, degree, name
        See `turbo_cmap.export.export`.

    Raises
    ------
    ValueError
        If the map has no curve, or none of this form, or an argument is not allowed.
    """
    curve = cmap.curve
    if curve is None:
        having = [one for one, own in colormaps.items() if own.curve and not one.endswith("_r")]
        raise ValueError(
            f"export(): {to} needs a map with a curve, which {cmap.name!r} has not; "
            f"{', '.join(having)} and their reverses (_r) have, and what Colormap.from_curve makes"
        )
    form = _form(cmap.name, curve, form, degree)
    if name is not None and not (name.isascii() and name.isidentifier()):
        raise ValueError(f"export(): name must be an ASCII identifier for {to}, got {name!r}")
    if form == "spline":
        assert isinstance(curve, KnotCurve)
        function = _spline(curve)
    elif form == "du":
        function = _du(curve)
    else:
        wanted = _DEFAULT_DEGREE if degree is None else as_degree("export", degree)
        function = _minimax(curve, wanted)
    lines = [*function.about, *credit_lines(cmap, du=form == "du")]
    return _source(to, identifier(cmap.name) if name is None else name, function, lines)


def _form(name: str, curve: Curve, form: str | None, degree: int | None) -> str:
    """The form to write, which is asked for or the exact one that there is."""
    exact = "spline" if isinstance(curve, KnotCurve) else "du" if _has_du(curve) else None
    if form is None:
        form = exact if degree is None else "minimax"
    if form is None:
        raise ValueError(
            f"export(): {name!r} has no closed form; form='minimax' comes near it with a polynomial"
        )
    if form not in FORMS:
        raise ValueError(f"export(): form must be one of {', '.join(FORMS)}, got {form!r}")
    if form == "spline" and exact != "spline":
        raise ValueError(
            f"export(): {name!r} is not a spline through knots; form='minimax' comes near it "
            "with a polynomial"
        )
    if form == "du" and not _has_du(curve):
        raise ValueError(f"export(): form='du' is a polynomial for Turbo, not for {name!r}")
    if degree is not None and form != "minimax":
        raise ValueError(f"export(): degree is for form='minimax', got form={form!r}")
    return form


def _has_du(curve: Curve) -> bool:
    return curve in (*_DU_FORWARD, *_DU_BACKWARD)


def _spline(curve: KnotCurve) -> _Function:
    c = curve.coefficients
    pieces = len(c)
    if curve.kind == "catmull-rom":
        # The rows beyond the ends are those that give the curve's own slopes at them.
        before = c[0].sum(axis=0) - 2 * c[0, 1]
        after = c[-1, 0] + 2 * (c[-1, 1] + 2 * c[-1, 2] + 3 * c[-1, 3])
        rows, weights = np.vstack([before, curve.knots, after]), _CATMULL_ROM
        about = [
            f"Uniform Catmull-Rom spline: p has the {pieces + 1} colors at t = k / {pieces},",
            "and one more before and after them, for the slopes at the ends.",
        ]
    else:
        middle = c[:, 0] - c[:, 2] / 3
        first = middle[0] + c[0, 2] - c[0, 1]
        next_to_last = middle[-1] + c[-1, 2] + c[-1, 1]
        last = 6 * c[-1, 3] + 3 * next_to_last - 2 * middle[-1] + c[-1, 2] - c[-1, 1]
        rows, weights = np.vstack([first, middle, next_to_last, last]), _B_SPLINE
        about = [
            f"Uniform cubic B-spline with the control points p: the {curve.kind} spline",
            f"through {pieces + 1} colors at t = k / {pieces}.",
        ]
    holes = {"scaled": f"{pieces} * {{t}}"}
    holes |= {f"w{k}": weight for k, weight in enumerate(weights)}
    # 13 decimals: those beyond the ends are sums that have gathered roundings.
    return _Function(about, np.round(rows, 13), "spline", holes)


def _du(curve: Curve) -> _Function:
    x = "{t}" if curve in _DU_FORWARD else "1 - {t}"
    t = np.linspace(0, 1, 65_537)
    off = np.abs(turbo_poly(t) - TURBO_CURVE(t)).max(axis=0)
    about = [
        f"Du's polynomial in x = {x.format(t='t')}: p has its coefficients, ascending.",
        f"It is off Turbo by up to {_levels(off)} of 255 in R, G, B.",
    ]
    return _Function(about, DU_POLYNOMIAL.T, "powers", {"x": x})


def _minimax(curve: Curve, degree: int) -> _Function:
    found = _fitted(curve, degree)
    if found.basis == "power":
        body, what = "powers", "p by its ascending powers"
    else:
        body, what = "chebyshev", "p by Chebyshev's T_k(x)"
    how = "proven" if found.certified else "measured"
    about = [
        f"Minimax polynomial of degree {degree} in x = 2 t - 1: {what}.",
        f"It is off the curve by at most {_levels(found.error)} of 255 in R, G, B ({how});",
        f"in float32 by {_levels(found.float32_error)} (measured).",
    ]
    return _Function(about, found.coefficients, body, {"x": "2 * {t} - 1"})


def _levels(error: FloatArray) -> str:
    """Errors in levels of 255, rounded up, so that a bound stays one."""
    return ", ".join(f"{math.ceil(255e3 * one) / 1e3:.3f}" for one in error)


def _source(to: str, name: str, function: _Function, about: list[str]) -> str:
    language = LANGUAGES[to]
    t, color = language.clamp.format("t"), language.clamp.format("y")
    holes = {hole: text.format(t=t) for hole, text in function.holes.items()}
    rows = [tuple(map(float, row)) for row in function.rows]
    lines = [
        f"{name}(t): the color at t in [0, 1], clamped to it; {language.nan}.",
        "sRGB-encoded R, G, B in [0, 1]; 8-bit levels are round(255 * c).",
        *about,
    ]
    header = "".join(f"{language.comment} {line}\n" for line in lines)
    body = getattr(language, function.body)
    return f"{header}\n{language.write(name, rows, body, {**holes, 'color': color})}"
