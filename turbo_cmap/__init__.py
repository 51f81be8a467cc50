"""Numbers in, colours out: Turbo and other colour maps for large arrays."""

from typing import TYPE_CHECKING

from ._version import __version__
from .colorizer import colorize
from .colormap import Colormap, colormaps, get_cmap
from .difference import colorize_difference
from .kernels import available_backends, available_kernels
from .ranges import data_range
from .registration import register, register_when_possible

if TYPE_CHECKING:
    from .report import check
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

#: Imported when they are first used, and from where: few programs judge maps.
_LATER = {
    "check": "report",
    "delta_e": "vision",
    "lightness": "vision",
    "simulate_cvd": "vision",
    "to_cam02ucs": "vision",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


register_when_possible()
