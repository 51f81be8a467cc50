"""Color-vision deficiencies as maps of linear light: the models behind `simulate_cvd`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from ._typing import FloatArray
from .srgb import XYZ_FROM_LINEAR_SRGB

Kind: TypeAlias = Literal[
    "protanomaly",
    "protanopia",
    "deuteranomaly",
    "deuteranopia",
    "tritanomaly",
    "tritanopia",
    "blue_cone_monochromacy",
    "achromatopsia",
]
Model: TypeAlias = Literal["machado2009", "brettel1997", "vienot1999"]

#: Smith and Pokorny (1975), Vision Res. 15, 161-171, cone fundamentals from CIE 1931 XYZ as
#: Viénot, Brettel and Mollon (1999) use them: rows L, M, S.
_LMS_FROM_XYZ: FloatArray = np.array(
    [
        [0.15514, 0.54312, -0.03286],
        [-0.15514, 0.45684, 0.03286],
        [0.0, 0.0, 0.01608],
    ]
)
_LMS_FROM_RGB: FloatArray = _LMS_FROM_XYZ @ XYZ_FROM_LINEAR_SRGB
_RGB_FROM_LMS: FloatArray = np.linalg.inv(_LMS_FROM_RGB).astype(np.float64)
_WHITE, _BLUE, _YELLOW = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])

#: Where dichromats see as others do (Brettel, Viénot and Mollon 1997): by cone that is missing,
#: two wavelengths; here the CIE 1931 2-degree observer at 475, 575, 485 and 660 nm.
_XYZ_475NM, _XYZ_575NM = (0.1421, 0.1126, 1.0419), (0.8425, 0.9154, 0.0018)
_XYZ_485NM, _XYZ_660NM = (0.05795001, 0.1693, 0.6162), (0.1649, 0.0610, 0.0)
_ANCHORS = {
    0: (_XYZ_475NM, _XYZ_575NM),
    1: (_XYZ_475NM, _XYZ_575NM),
    2: (_XYZ_485NM, _XYZ_660NM),
}

#: How strongly rods answer to the sRGB primaries, the sum being 1: the non-negative least-squares
#: projection of the CIE 1951 scotopic V' onto the sRGB primaries' color-matching functions (CIE
#: 1931, 380 to 780 nm, every 10 nm). Rods do not see as a sum of cones, so this is a mean over
#: the lights that have one color; red primaries, of which rods see very little, get 0.
_RODS: FloatArray = np.array([0.0, 0.6031, 0.3969])
#: The same for S cones, which Smith and Pokorny have proportional to Z.
_S_CONES: FloatArray = XYZ_FROM_LINEAR_SRGB[2] / XYZ_FROM_LINEAR_SRGB[2].sum()

_LONG, _MIDDLE, SHORT = range(3)


class Deficiency(NamedTuple):
    """A kind of color vision."""

    cone: int | None  # that is missing or anomalous; None where it is not one
    severity: float  # by default
    model: Model | None  # by default; None where there is one only


_HALF = 0.5
KINDS: dict[str, Deficiency] = {
    "protanomaly": Deficiency(_LONG, _HALF, "machado2009"),
    "protanopia": Deficiency(_LONG, 1.0, "vienot1999"),
    "deuteranomaly": Deficiency(_MIDDLE, _HALF, "machado2009"),
    "deuteranopia": Deficiency(_MIDDLE, 1.0, "vienot1999"),
    "tritanomaly": Deficiency(SHORT, _HALF, "brettel1997"),
    "tritanopia": Deficiency(SHORT, 1.0, "brettel1997"),
    "blue_cone_monochromacy": Deficiency(None, 1.0, None),
    "achromatopsia": Deficiency(None, 1.0, None),
}
#: The kinds that `simulate_cvd` knows.
CVD_KINDS: tuple[str, ...] = tuple(KINDS)


def spelled(kind: str) -> str:
    """A kind's name as it is written in a picture."""
    return kind.replace("_", " ").replace("blue cone", "blue-cone").capitalize()


_MACHADO_NAMES = ("protanomaly", "deuteranomaly", "tritanomaly")


class LightMap(NamedTuple):
    """What a kind does to linear light: ``matrix @ x + fold * min(normal @ x, 0)``."""

    matrix: FloatArray  # (3, 3)
    normal: FloatArray | None = None  # (3,)
    fold: FloatArray | None = None  # (3,)

    def towards(self, severity: float) -> LightMap:
        """The same, mixed with what is."""
        fold = None if self.fold is None else severity * self.fold
        return LightMap((1 - severity) * np.eye(3) + severity * self.matrix, self.normal, fold)

    def __call__(self, x: FloatArray) -> FloatArray:
        """Linear RGB, shape (..., 3), as it is seen; it may lie outside [0, 1]."""
        y: FloatArray = x @ self.matrix.T
        if self.normal is not None and self.fold is not None:
            y += np.minimum(x @ self.normal, 0)[..., np.newaxis] * self.fold
        return y


@lru_cache(maxsize=64)
def light_map(kind: str, severity: float, model: str | None) -> LightMap:
    """What a kind of `KINDS` does by a model that it has; None for the monochromacies."""
    cone = KINDS[kind].cone
    if cone is None:
        return _MONOCHROMACIES[kind]().towards(severity)
    assert model is not None
    return MODELS[model](cone, severity)


def _machado2009(cone: int, severity: float) -> LightMap:
    """Its supplement's matrices for severities of 0, 0.1 to 1, and linearly between them."""
    from colorspacious.cvd import machado_et_al_2009_matrix

    return LightMap(machado_et_al_2009_matrix(_MACHADO_NAMES[cone], 100 * severity))


def _plane(cone: int, first: FloatArray, second: FloatArray) -> FloatArray:
    """A row p such that ``x - e * (p @ x)``, e the light of one cone, is in a plane of LMS.

    The plane is that of black and two lights in LMS; the move is along the axis of the cone,
    which a dichromat does not notice.
    """
    normal = np.cross(first, second)
    row: FloatArray = (normal / normal[cone]) @ _LMS_FROM_RGB
    return row


def _vienot1999(cone: int, severity: float) -> LightMap:
    """One plane: that of black, the blue and the yellow of the display."""
    row = _plane(cone, _LMS_FROM_RGB @ _YELLOW, _LMS_FROM_RGB @ _BLUE)
    return LightMap(np.eye(3) - np.outer(_RGB_FROM_LMS[:, cone], row)).towards(severity)


def _brettel1997(cone: int, severity: float) -> LightMap:
    """Two half planes through black and white, each with a light that looks as it is.

    On the plane that parts them both say the same, so that one differs from the other by a
    multiple of the distance from it, in the direction of the missing cone: the fold.
    """
    white = _LMS_FROM_RGB @ _WHITE
    anchors = [_LMS_FROM_XYZ @ np.array(xyz) for xyz in _ANCHORS[cone]]
    rows = [_plane(cone, white, anchor) for anchor in anchors]
    axis = _RGB_FROM_LMS[:, cone]
    normal = rows[0] - rows[1]
    # negative on the second light's side, for which the fold is
    side = -1.0 if normal @ _RGB_FROM_LMS @ anchors[1] > 0 else 1.0
    return LightMap(np.eye(3) - np.outer(axis, rows[0]), side * normal, side * axis).towards(
        severity
    )


def _achromatopsia() -> LightMap:
    return LightMap(np.tile(_RODS, (3, 1)))


def _blue_cone_monochromacy() -> LightMap:
    """R = G = a and B = a + b, with the rods' and the S cones' answers of the original.

    The weights of each sum to 1, so with w the weight of blue, rods: a + w_rods b, and S cones:
    a + w_S b.
    """
    b = (_S_CONES - _RODS) / (_S_CONES[2] - _RODS[2])
    a = _RODS - _RODS[2] * b
    return LightMap(np.array([a, a, a + b]))


MODELS: dict[str, Callable[[int, float], LightMap]] = {
    "machado2009": _machado2009,
    "brettel1997": _brettel1997,
    "vienot1999": _vienot1999,
}
_MONOCHROMACIES: dict[str, Callable[[], LightMap]] = {
    "blue_cone_monochromacy": _blue_cone_monochromacy,
    "achromatopsia": _achromatopsia,
}
