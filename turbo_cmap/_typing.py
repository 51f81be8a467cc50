"""Type aliases of the package."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IndexArray: TypeAlias = NDArray[np.int32]
AnyArray: TypeAlias = NDArray[Any]

#: An sRGB-encoded color with alpha, each component in [0, 1].
Rgba: TypeAlias = tuple[float, float, float, float]
