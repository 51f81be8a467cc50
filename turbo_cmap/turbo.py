"""What Turbo is: its published table, the curve behind it, and Du's polynomial.

Turbo is the rainbow color map of Anton Mikhailov, "Turbo, An Improved Rainbow Colormap
for Visualization", Google AI Blog, August 2019. The table below is the published one,
256 sRGB-encoded colors with five decimals; Copyright 2019 Google LLC,
SPDX-License-Identifier: Apache-2.0 (see LICENSES/Turbo-Apache-2.0.txt). matplotlib's
built-in ``turbo`` has the same numbers.

The table turns out to be samples of a uniform Catmull-Rom spline through seven colors: 21
numbers give all 768, and what lies between them. `turbo_cmap.curve.fit_knots` finds them in
the table. (The article speaks of a "7-knot cubic spline" that is C2 continuous; the published
numbers are C1: at the knots, their second derivative jumps.)

The polynomial is Ruofei Du's degree-5 fit, published with the article as a GLSL
shader (Apache-2.0). It is an approximation for programs without room for a table:
up to 32/255 off, 8.4/255 rms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from ._typing import FloatArray
from .curve import KnotCurve, as_positions, evaluate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Published colors in units of 1e-5: R, G, B, four colors a line, entries 0 to 255.
# An integer over 1e5 is the double nearest to the printed decimal.
# fmt: off
_TABLE = (
    18995, 7176,23217,  19483, 8339,26149,  19956, 9498,29024,  20415,10652,31844,
    20860,11802,34607,  21291,12947,37314,  21708,14087,39964,  22111,15223,42558,
    22500,16354,45096,  22875,17481,47578,  23236,18603,50004,  23582,19720,52373,
    23915,20833,54686,  24234,21941,56942,  24539,23044,59142,  24830,24143,61286,
    25107,25237,63374,  25369,26327,65406,  25618,27412,67381,  25853,28492,69300,
    26074,29568,71162,  26280,30639,72968,  26473,31706,74718,  26652,32768,76412,
    26816,33825,78050,  26967,34878,79631,  27103,35926,81156,  27226,36970,82624,
    27334,38008,84037,  27429,39043,85393,  27509,40072,86692,  27576,41097,87936,
    27628,42118,89123,  27667,43134,90254,  27691,44145,91328,  27701,45152,92347,
    27698,46153,93309,  27680,47151,94214,  27648,48144,95064,  27603,49132,95857,
    27543,50115,96594,  27469,51094,97275,  27381,52069,97899,  27273,53040,98461,
    27106,54015,98930,  26878,54995,99303,  26592,55979,99583,  26252,56967,99773,
    25862,57958,99876,  25425,58950,99896,  24946,59943,99835,  24427,60937,99697,
    23874,61931,99485,  23288,62923,99202,  22676,63913,98851,  22039,64901,98436,
    21382,65886,97959,  20708,66866,97423,  20021,67842,96833,  19326,68812,96190,
    18625,69775,95498,  17923,70732,94761,  17223,71680,93981,  16529,72620,93161,
    15844,73551,92305,  15173,74472,91416,  14519,75381,90496,  13886,76279,89550,
    13278,77165,88580,  12698,78037,87590,  12151,78896,86581,  11639,79740,85559,
    11167,80569,84525,  10738,81381,83484,  10357,82177,82437,  10026,82955,81389,
     9750,83714,80342,   9532,84455,79299,   9377,85175,78264,   9287,85875,77240,
     9267,86554,76230,   9320,87211,75237,   9451,87844,74265,   9662,88454,73316,
     9958,89040,72393,  10342,89600,71500,  10815,90142,70599,  11374,90673,69651,
    12014,91193,68660,  12733,91701,67627,  13526,92197,66556,  14391,92680,65448,
    15323,93151,64308,  16319,93609,63137,  17377,94053,61938,  18491,94484,60713,
    19659,94901,59466,  20877,95304,58199,  22142,95692,56914,  23449,96065,55614,
    24797,96423,54303,  26180,96765,52981,  27597,97092,51653,  29042,97403,50321,
    30513,97697,48987,  32006,97974,47654,  33517,98234,46325,  35043,98477,45002,
    36581,98702,43688,  38127,98909,42386,  39678,99098,41098,  41229,99268,39826,
    42778,99419,38575,  44321,99551,37345,  45854,99663,36140,  47375,99755,34963,
    48879,99828,33816,  50362,99879,32701,  51822,99910,31622,  53255,99919,30581,
    54658,99907,29581,  56026,99873,28623,  57357,99817,27712,  58646,99739,26849,
    59891,99638,26038,  61088,99514,25280,  62233,99366,24579,  63323,99195,23937,
    64362,98999,23356,  65394,98775,22835,  66428,98524,22370,  67462,98246,21960,
    68494,97941,21602,  69525,97610,21294,  70553,97255,21032,  71577,96875,20815,
    72596,96470,20640,  73610,96043,20504,  74617,95593,20406,  75617,95121,20343,
    76608,94627,20311,  77591,94113,20310,  78563,93579,20336,  79524,93025,20386,
    80473,92452,20459,  81410,91861,20552,  82333,91253,20663,  83241,90627,20788,
    84133,89986,20926,  85010,89328,21074,  85868,88655,21230,  86709,87968,21391,
    87530,87267,21555,  88331,86553,21719,  89112,85826,21880,  89870,85087,22038,
    90605,84337,22188,  91317,83576,22328,  92004,82806,22456,  92666,82025,22570,
    93301,81236,22667,  93909,80439,22744,  94489,79634,22800,  95039,78823,22831,
    95560,78005,22836,  96049,77181,22811,  96507,76352,22754,  96931,75519,22663,
    97323,74682,22536,  97679,73842,22369,  98000,73000,22161,  98289,72140,21918,
    98549,71250,21650,  98781,70330,21358,  98986,69382,21043,  99163,68408,20706,
    99314,67408,20348,  99438,66386,19971,  99535,65341,19577,  99607,64277,19165,
    99654,63193,18738,  99675,62093,18297,  99672,60977,17842,  99644,59846,17376,
    99593,58703,16899,  99517,57549,16412,  99419,56386,15918,  99297,55214,15417,
    99153,54036,14910,  98987,52854,14398,  98799,51667,13883,  98590,50479,13367,
    98360,49291,12849,  98108,48104,12332,  97837,46920,11817,  97545,45740,11305,
    97234,44565,10797,  96904,43399,10294,  96555,42241, 9798,  96187,41093, 9310,
    95801,39958, 8831,  95398,38836, 8362,  94977,37729, 7905,  94538,36638, 7461,
    94084,35566, 7031,  93612,34513, 6616,  93125,33482, 6218,  92623,32473, 5837,
    92105,31489, 5475,  91572,30530, 5134,  91024,29599, 4814,  90463,28696, 4516,
    89888,27824, 4243,  89298,26981, 3993,  88691,26152, 3753,  88066,25334, 3521,
    87422,24526, 3297,  86760,23730, 3082,  86079,22945, 2875,  85380,22170, 2677,
    84662,21407, 2487,  83926,20654, 2305,  83172,19912, 2131,  82399,19182, 1966,
    81608,18462, 1809,  80799,17753, 1660,  79971,17055, 1520,  79125,16368, 1387,
    78260,15693, 1264,  77377,15028, 1148,  76476,14374, 1041,  75556,13731,  942,
    74617,13098,  851,  73661,12477,  769,  72686,11867,  695,  71692,11268,  629,
    70680,10680,  571,  69650,10102,  522,  68602, 9536,  481,  67535, 8980,  449,
    66449, 8436,  424,  65345, 7902,  408,  64223, 7380,  401,  63082, 6868,  401,
    61923, 6367,  410,  60746, 5878,  427,  59550, 5399,  453,  58336, 4931,  486,
    57103, 4474,  529,  55852, 4028,  579,  54583, 3593,  638,  53295, 3169,  705,
    51989, 2756,  780,  50664, 2354,  863,  49321, 1963,  955,  47960, 1583, 1055,
)
# fmt: on

#: The published table, float64, shape (256, 3), sRGB-encoded, in [0, 1]. Read-only.
TURBO_TABLE: FloatArray = (np.array(_TABLE, dtype=np.float64) / 1e5).reshape(256, 3)
TURBO_TABLE.flags.writeable = False

#: The colors at t = k/6 that the spline runs through: rows R, G, B. float64, (3, 7).
#: The minimax fit to the table; it gives all 768 numbers within 4.96e-6, the rounding of
#: their fifth decimal, and all 768 bytes.
TURBO_KNOTS: FloatArray = np.array(
    [
        [0.18995397, 0.27332233, 0.10341953, 0.63845637, 0.98000026, 0.89594957, 0.47960084],
        [0.07175958, 0.52553957, 0.89600001, 0.99100007, 0.72999969, 0.27400026, 0.01582934],
        [0.23216524, 0.98190015, 0.71499942, 0.23638730, 0.22161293, 0.04115696, 0.01055281],
    ]
)
TURBO_KNOTS.flags.writeable = False

#: Turbo as the continuous curve whose samples, at i / 255, the table is.
TURBO_CURVE = KnotCurve(TURBO_KNOTS.T, "catmull-rom")

#: Du's coefficients, rows R, G, B, columns ascending powers of t in [0, 1]. float64, (3, 6).
#: The polynomial runs from -0.026 to 1.031 and is meant to be clamped to [0, 1].
DU_POLYNOMIAL: FloatArray = np.array(
    [
        [0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943],
        [0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604],
        [0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973],
    ]
)
DU_POLYNOMIAL.flags.writeable = False


#: How `turbo` finds a color.
Method: TypeAlias = Literal["spline", "lut", "poly"]
METHODS: tuple[Method, ...] = get_args(Method)


def turbo(x: ArrayLike, method: Method = "spline") -> FloatArray:
    """Turbo's colors at positions on the map.

    Parameters
    ----------
    x : array_like of real numbers
        Positions; 0 is the dark blue end and 1 the dark red one, for integers too. Those
        outside [0, 1] are taken for the nearer end. NaN, and what is masked, gives NaN.
    method : {"spline", "lut", "poly"}, default "spline"
        ``"spline"`` is the curve itself, which is continuous; at i / 255 it rounds to the
        published decimals and bytes. ``"lut"`` is the published table, entry
        ``trunc(256 x)`` and the last one at 1, which is what `turbo_cmap.colorize` looks
        up. ``"poly"`` is Du's polynomial, clamped to [0, 1], up to 32/255 off.

    Returns
    -------
    ndarray of float64, shape ``x.shape + (3,)``
        sRGB-encoded colors in [0, 1].

    Raises
    ------
    TypeError
        If *x* is complex, text or something else that is no real number.
    ValueError
        If the method is none of these.

    Examples
    --------
    >>> from turbo_cmap import turbo
    >>> turbo([0.0, 0.5]).round(5)
    array([[0.18995, 0.07176, 0.23217],
           [0.63846, 0.991  , 0.23639]])
    """
    positions = as_positions("turbo", "x", x)
    if method == "spline":
        return TURBO_CURVE(positions)
    if method == "lut":
        return _look_up(positions)
    if method == "poly":
        return turbo_poly(positions)
    raise ValueError(f"turbo(): method must be one of {', '.join(METHODS)}, got {method!r}")


def turbo_poly(t: ArrayLike) -> FloatArray:
    """Du's polynomial, clamped to [0, 1]: ``turbo(t, method="poly")`` as a curve of its own.

    Parameters
    ----------
    t : array_like of real numbers
        Positions. Those outside [0, 1] are taken for the nearer end; NaN gives NaN.

    Returns
    -------
    ndarray of float64, shape ``t.shape + (3,)``
    """
    colors = evaluate(DU_POLYNOMIAL.T[np.newaxis], as_positions("turbo_poly", "t", t))
    return np.clip(colors, 0.0, 1.0, out=colors)


def _look_up(t: FloatArray) -> FloatArray:
    n = len(TURBO_TABLE)
    bad = np.isnan(t)
    index = np.clip(np.where(bad, 0.0, t), 0.0, 1.0) * n
    colors = TURBO_TABLE.take(np.minimum(index.astype(np.intp), n - 1), axis=0)
    colors[bad] = np.nan
    return colors
