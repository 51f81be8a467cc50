"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from .accuracy import ErrorStatistics, error_statistics
    from .report import check
    from .vision import delta_e, lightness, simulate_cvd, to_cam02ucs

__all__ = [
    "Colorizer",
    "Colormap",
    "EXPORT_FORMATS",
    "ErrorStatistics",
    "KnotCurve",
    "__version__",
    "available_backends",
    "available_kernels",
    "beside",
    "check",
    "colorbar",
    "colorize",
    "colorize_difference",
    "colormaps",
    "data_range",
    "delta_e",
    "error_statistics",
    "export",
    "fit_knots",
    "get_cmap",
    "kitti_error",
    "lightness",
    "overlay",
    "register",
    "simulate_cvd",
    "to_cam02ucs",
    "turbo",
    "uncolorize",
]

#: Imported when they are first used, and from where: few programs judge maps or estimates.
_LATER = {
    "ErrorStatistics": "accuracy",
    "check": "report",
    "delta_e": "vision",
    "error_statistics": "accuracy",
    "lightness": "vision",
    "simulate_cvd": "vision",
    "to_cam02ucs": "vision",
}


#: Modules that users name, `turbo_cmap.report.THRESHOLDS` say; imported likewise.
_MODULES = ("accuracy", "deficiencies", "io", "mpl", "report", "vision")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER, *_MODULES})


register_when_possible()
