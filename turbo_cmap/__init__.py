"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from ._version import __version__
from .colorizer import Colorizer
from .colormap import Colormap, colormaps, get_cmap
from .curve import KnotCurve, fit_knots
from .difference import colorize_difference
from .export import EXPORT_FORMATS, export  # the function hides the module, as an attribute
from .inverse import uncolorize
from .kernels import available_backends, available_kernels
from .kitti import kitti_error
from .legend import beside, colorbar
from .overlay import overlay
from .painting import colorize
from .ranges import data_range
from .registration import register, register_when_possible
from .turbo import turbo  # the function: it hides the module of its name, as an attribute

__all__ = [
    "Colorizer",
    "Colormap",
    "EXPORT_FORMATS",
    "KnotCurve",
    "__version__",
    "available_backends",
    "available_kernels",
    "beside",
    "colorbar",
    "colorize",
    "colorize_difference",
    "colormaps",
    "data_range",
    "export",
    "fit_knots",
    "get_cmap",
    "kitti_error",
    "overlay",
    "register",
    "turbo",
    "uncolorize",
]

register_when_possible()
