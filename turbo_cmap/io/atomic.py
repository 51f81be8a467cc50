"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which is there under its name when all went well.

    It is written under another name in the same folder, and that is removed whatever
    happens, `KeyboardInterrupt` included.

    Raises
    ------
    FileExistsError
        If *path* exists and *force* is not given: before the first byte, and also where
        it has come into being since.
    """
    if not force and os.path.lexists(path):
        raise FileExistsError(f"{path}: exists already")
    if path.is_symlink():
        path = path.resolve()  # what it points to is replaced, and the link stays
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: is not a regular file and is not replaced")
    temporary = path.with_name(f".{path.name[:64]}.{secrets.token_hex(6)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        _publish(temporary, path, force)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _publish(temporary: Path, path: Path, force: bool) -> None:
    if force:
        os.replace(temporary, path)
        return
    try:
        # Unlike a rename, a link never replaces what another program has put there.
        os.link(temporary, path)
    except FileExistsError:
        raise FileExistsError(f"{path}: exists already") from None
    except (OSError, AttributeError):  # no hard links on this file system
        if os.path.lexists(path):
            raise FileExistsError(f"{path}: exists already") from None
        os.replace(temporary, path)
