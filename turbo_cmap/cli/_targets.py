"""Where pictures go: a place for each input, none twice, and none an input's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

_SEPARATORS = ("/", os.sep)


def is_folder(inputs: Sequence[str], output: str) -> bool:
    """Whether OUT is a folder: there are several inputs, it exists, or it ends in '/'."""
    return len(inputs) > 1 or output.endswith(_SEPARATORS) or os.path.isdir(output)


def targets_of(inputs: Sequence[str], output: str, suffix: str) -> list[Path]:
    """Where each input's picture goes; two never go to one place."""
    out = Path(output)
    if not is_folder(inputs, output):
        if not out.parent.is_dir():
            raise click.UsageError(f"-o {output}: there is no folder {out.parent}")
        return [out]
    if out.exists() and not out.is_dir():
        raise click.UsageError(
            f"-o {output}: with {len(inputs)} inputs OUT is a folder, not a file"
        )
    if out.suffix and not out.exists() and not output.endswith(_SEPARATORS):
        raise click.UsageError(
            f"-o {output}: with {len(inputs)} inputs OUT is a folder; end it in '/' to create it"
        )
    sources: dict[str, str] = {}
    targets = [out / f"{Path(source).stem}.{suffix}" for source in inputs]
    for source, target in zip(inputs, targets, strict=True):
        place = os.path.normcase(target)
        if place in sources:
            raise click.UsageError(f"{sources[place]} and {source} would both become {target}")
        sources[place] = source
    return targets


def check_targets(inputs: Sequence[str], targets: Sequence[Path], order: str, dtype: str) -> None:
    """Refuse what cannot be written, and inputs as outputs, before anything is read."""
    from ..io import check_format

    sources = {_file_identity(source) for source in inputs} - {None}
    for target in targets:
        if order.startswith("bgr") and target.suffix.lower() != ".npy":
            raise click.UsageError(
                f"--order {order} is for NPY; an image file has an order of its own, got {target}"
            )
        try:
            check_format(target, dtype, len(order))
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        if _file_identity(target) in sources:
            raise click.UsageError(f"{target} is an input, which is never overwritten")


def _file_identity(path: str | Path) -> tuple[int, int] | None:
    """The same for two names of one file; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
