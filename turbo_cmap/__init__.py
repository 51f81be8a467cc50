"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from ._version import __version__
from .colorizer import Colorizer
from .colormap import Colormap, colormaps, get_cmap
from .difference import colorize_difference
from .kernels import available_backends, available_kernels
from .painting import colorize
from .ranges import data_range
from .registration import register, register_when_possible

__all__ = [
    "Colorizer",
    "Colormap",
    "__version__",
    "available_backends",
    "available_kernels",
    "colorize",
    "colorize_difference",
    "colormaps",
    "data_range",
    "get_cmap",
    "register",
]

register_when_possible()
