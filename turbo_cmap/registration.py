"""Getting our maps into matplotlib, whichever of the two is imported first.

This package does not import matplotlib. If matplotlib is there already, the maps are
registered at once; if not, a finder at the front of `sys.meta_path` waits for it, lets the
other finders do the work, and registers when it has been executed. The finder stays out of
the way of everything else, and removes itself when it is done.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# The second is for the case that matplotlib is being imported while we are.
_AWAITED = ("matplotlib", "matplotlib.pyplot")


def register(prefix: str = "tc.") -> None:
    """Register the maps of `turbo_cmap.colormaps` with matplotlib.

    Done for ``"tc."`` whenever both packages have been imported. Doing it again changes
    nothing.

    Parameters
    ----------
    prefix : str, default "tc."
        Put before their names; matplotlib's built-in names are never touched.

    Raises
    ------
    TypeError
        If the prefix is not a string.
    ValueError
        If a name is taken by a map with other colors.
    """
    if not isinstance(prefix, str):
        raise TypeError(f"register(): prefix must be a string, got {type(prefix).__name__}")
    from . import mpl

    mpl.register(prefix)


def register_when_possible() -> None:
    """Register now if matplotlib has been imported, else as soon as it has."""
    if _matplotlib_is_ready():
        _register_on_import()
    elif not any(type(finder).__name__ == _Finder.__name__ for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _matplotlib_is_ready() -> bool:
    # `colormaps` is among the last things that matplotlib/__init__.py defines.
    return hasattr(sys.modules.get("matplotlib"), "colormaps")


def _register_on_import() -> None:
    mpl = sys.modules.get(f"{__package__}.mpl")
    if mpl is not None and not hasattr(mpl, "register"):
        return  # it was asked for first, and is importing matplotlib: it registers at its end
    try:
        register()
    except Exception as error:  # importing matplotlib must not fail because of us
        warnings.warn(
            f"turbo_cmap's maps are not registered: {error}", RuntimeWarning, stacklevel=2
        )


class _Finder:
    """Finds matplotlib like everybody else, and adds a step to its loading."""

    def __init__(self) -> None:
        self._searching = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _AWAITED or self._searching:
            return None
        self._searching = True  # the others may ask for it in their turn
        try:
            for finder in sys.meta_path:
                spec = finder.find_spec(fullname, path, target) if finder is not self else None
                if spec is not None:
                    if spec.loader is not None:
                        spec.loader = _Loader(spec.loader, self)  # type: ignore[assignment]
                    return spec
        finally:
            self._searching = False
        return None


class _Loader:
    """The module's own loader, with the registration after it."""

    def __init__(self, loader: Any, finder: _Finder) -> None:
        self._loader = loader
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # get_data, get_source, is_package ...

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        # The module is to find its own loader, not this one.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if _matplotlib_is_ready():
            if self._finder in sys.meta_path:
                sys.meta_path.remove(self._finder)
            _register_on_import()
