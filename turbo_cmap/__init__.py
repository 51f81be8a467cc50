"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from ._version import __version__
from .check import check
from .colorizer import colorize
from .colormap import Colormap, colormaps, get_cmap
from .difference import colorize_difference
from .kernels import available_backends, available_kernels
from .ranges import data_range
from .registration import register, register_when_possible
from .vision import delta_e, lightness, simulate_cvd, to_cam02ucs

__all__ = [
    "Colormap",
    "__version__",
    "available_backends",
    "available_kernels",
    "check",
    "colorize",
    "colorize_difference",
    "colormaps",
    "data_range",
    "delta_e",
    "get_cmap",
    "lightness",
    "register",
    "simulate_cvd",
    "to_cam02ucs",
]

register_when_possible()
