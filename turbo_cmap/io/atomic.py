"""Files that appear whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_SUFFIX = ".part"


class _File(io.BufferedWriter):
    """A file whose every byte is written here, where it is seen that a disk is full.

    By its descriptor Pillow writes past this, and takes what is written in part for written:
    the end of a JPEG would be missing, and nobody would know. NumPy loses the reason.
    """

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


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
    temporary = path.with_name(f"{_prefix(path, os.getpid())}{os.urandom(6).hex()}{_SUFFIX}")
    try:
        with _File(io.FileIO(temporary, "x")) as file:
            yield file
        _publish(temporary, path, force)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def remove_leftovers(path: Path, pid: int) -> None:
    """Remove what a process that ended in the middle of `new_file` has left beside *path*."""
    path = path.resolve() if path.is_symlink() else path
    prefix = _prefix(path, pid)
    with suppress(OSError):
        for name in os.listdir(path.parent):
            if name.startswith(prefix) and name.endswith(_SUFFIX):
                path.with_name(name).unlink(missing_ok=True)


def _prefix(path: Path, pid: int) -> str:
    # At most 32 characters of 4 bytes: file systems take 255 bytes.
    return f".{path.name[:32]}.{pid}."


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
