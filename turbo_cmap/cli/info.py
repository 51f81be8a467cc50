"""`turbo-cmap info`: what is installed here, and what runs."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import click

from ._console import Console, console

_PACKAGES = ("numpy", "numba", "matplotlib", "scipy", "colorspacious", "pillow", "click")
_OPTIONAL = ("tifffile", "imagecodecs", "OpenEXR", "h5py", "zarr")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.pass_context
def info(ctx: click.Context, /, as_json: bool) -> None:
    """Print versions, backends, kernels and CPU features, and which of them is in use.

    Where the C extension is missing, a line says so and what is used instead. The environment
    variables TURBO_CMAP_BACKEND and TURBO_CMAP_KERNEL choose by name. The files that defaults
    of options come from here are printed too.

    \b
    turbo-cmap info
    turbo-cmap info --json
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    out = console(ctx)
    facts = {**_facts(), "config": _config(out)}
    out.answer(json.dumps(facts, indent=2) if as_json else _text(facts))
    if facts["in_use"] is None:
        ctx.exit(1)


def _config(out: Console) -> list[str]:
    from ._config import files_of

    return [str(file) for file in files_of(out)]


def _facts() -> dict[str, Any]:
    from .. import kernels
    from .._version import __version__

    in_use, error = None, None
    try:
        backend = kernels.get_backend()
        kernel = getattr(backend, "kernel", None)
        in_use = f"{backend.name}:{kernel}" if isinstance(kernel, str) else backend.name
    except ValueError as refused:  # a name in the environment that does not exist here
        error = str(refused)
    features, missing = _native()
    return {
        "turbo_cmap": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in (*_PACKAGES, *_OPTIONAL)},
        "platform": platform.platform(),
        "cpu": platform.machine(),
        "cpu_features": features,
        "backends": list(kernels.available_backends()),
        "kernels": list(kernels.available_kernels()),
        "in_use": in_use,
        "error": error,
        "native_missing": missing,
    }


def _native() -> tuple[list[str], str | None]:
    """CPU features, and the reason if the C extension cannot tell them."""
    if find_spec("turbo_cmap.kernels._native") is None:
        return [], "not built: no C compiler, or no Python headers, when turbo_cmap was installed"
    try:
        from ..kernels import native
    except ImportError as error:
        return [], f"does not load ({error})"
    return list(native.cpu_features()), None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _text(facts: dict[str, Any]) -> str:
    rows = [("turbo_cmap", facts["turbo_cmap"]), ("Python", facts["python"])]
    rows += [(name, number or "not installed") for name, number in facts["packages"].items()]
    rows += [
        ("platform", facts["platform"]),
        ("CPU", " ".join([facts["cpu"], *facts["cpu_features"]])),
        ("backends", " ".join(facts["backends"])),
        ("kernels", " ".join(facts["kernels"]) or "none"),
    ]
    if facts["native_missing"] is not None:
        instead = f"; {facts['in_use']} is used instead" if facts["in_use"] else ""
        rows.append(("native", facts["native_missing"] + instead))
    rows.append(("in use", facts["in_use"] or f"none: {facts['error']}"))
    rows += [("defaults", file) for file in facts["config"]]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)
