"""Packages whose public names are imported when they are first used."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from importlib import import_module
from types import ModuleType


def import_on_use(
    package: str, module_of: Mapping[str, str], modules: Collection[str] = ()
) -> None:
    """Let a package have names that it imports when somebody asks for them.

    Parameters
    ----------
    package : str
        Its name, ``__name__`` there.
    module_of : mapping from str to str
        The names, and the module below the package that each one is from. The package may
        have more of its own.
    modules : collection of str
        Modules below the package that are names of it, too.
    """
    face = sys.modules[package]
    face.__class__ = _Face
    face.__dict__["_module_of"] = module_of
    face.__dict__["_modules"] = modules


class _Face(ModuleType):
    """A package as its users see it.

    Module-level ``__getattr__`` and ``__dir__`` of PEP 562 would do but for the modules that
    have the name of a function in them, `turbo_cmap.turbo` for one: when such a module is
    imported, Python sets it as an attribute of its package, and that is to stay the function.
    """

    _module_of: Mapping[str, str]
    _modules: Collection[str]

    def __getattr__(self, name: str) -> object:
        if name in self._modules:
            return import_module(f".{name}", self.__name__)
        if name not in self._module_of:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f".{self._module_of[name]}", self.__name__), name)
        setattr(self, name, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        hides = isinstance(value, ModuleType) and name in self._module_of
        super().__setattr__(name, getattr(value, name) if hides else value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self._module_of, *self._modules})
