"""Numbers in, colors out: Turbo and other color maps for large arrays."""

from typing import TYPE_CHECKING

from ._face import import_on_use
from ._version import __version__ as __version__
from .registration import register_when_possible

#: The public names, and the module that each one is from. That is imported when the name is
#: first used: a program uses few of them, and NumPy alone takes longer than some programs run.
_MODULE_OF = {
    "Colorizer": "colorizer",
    "Colormap": "colormap",
    "EXPORT_FORMATS": "export",
    "ErrorStatistics": "accuracy",
    "KnotCurve": "curve",
    "available_backends": "kernels",
    "available_kernels": "kernels",
    "beside": "legend",
    "check": "report",
    "colorbar": "legend",
    "colorize": "painting",
    "colorize_difference": "difference",
    "colormaps": "colormap",
    "data_range": "ranges",
    "delta_e": "vision",
    "error_statistics": "accuracy",
    "export": "export",
    "fit_knots": "curve",
    "get_cmap": "colormap",
    "kitti_error": "kitti",
    "lightness": "vision",
    "overlay": "overlay",
    "register": "registration",
    "simulate_cvd": "vision",
    "to_cam02ucs": "vision",
    "turbo": "turbo",
    "uncolorize": "inverse",
}

if TYPE_CHECKING:
    from .accuracy import ErrorStatistics as ErrorStatistics
    from .accuracy import error_statistics as error_statistics
    from .colorizer import Colorizer as Colorizer
    from .colormap import Colormap as Colormap
    from .colormap import colormaps as colormaps
    from .colormap import get_cmap as get_cmap
    from .curve import KnotCurve as KnotCurve
    from .curve import fit_knots as fit_knots
    from .difference import colorize_difference as colorize_difference
    from .export import EXPORT_FORMATS as EXPORT_FORMATS
    from .export import export as export
    from .inverse import uncolorize as uncolorize
    from .kernels import available_backends as available_backends
    from .kernels import available_kernels as available_kernels
    from .kitti import kitti_error as kitti_error
    from .legend import beside as beside
    from .legend import colorbar as colorbar
    from .overlay import overlay as overlay
    from .painting import colorize as colorize
    from .ranges import data_range as data_range
    from .registration import register as register
    from .report import check as check
    from .turbo import turbo as turbo
    from .vision import delta_e as delta_e
    from .vision import lightness as lightness
    from .vision import simulate_cvd as simulate_cvd
    from .vision import to_cam02ucs as to_cam02ucs
else:  # checkers of types read the imports above, and would take this for all there is
    __all__ = ["__version__", *_MODULE_OF]

#: Modules that users name, `turbo_cmap.report.THRESHOLDS` say.
_MODULES = ("accuracy", "deficiencies", "io", "kernels", "mpl", "relatives", "report", "vision")

import_on_use(__name__, _MODULE_OF, _MODULES)
register_when_possible()
