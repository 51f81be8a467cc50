"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from ._version import __version__
from .colorizer import colorize
from .colormap import Colormap, colormaps, get_cmap
from .difference import colorize_difference
from .kernels import available_backends, available_kernels
from .kitti import kitti_error
from .legend import beside, colorbar
from .overlay import overlay
from .ranges import data_range
from .registration import register, register_when_possible

__all__ = [
    "Colormap",
    "__version__",
    "available_backends",
    "available_kernels",
    "beside",
    "colorbar",
    "colorize",
    "colorize_difference",
    "colormaps",
    "data_range",
    "get_cmap",
    "kitti_error",
    "overlay",
    "register",
]

register_when_possible()
