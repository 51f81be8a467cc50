"""Keeping libraries from writing to the terminal what they should raise."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

_LOCK = threading.Lock()
_STDERR = 2


class _OfThisThread(io.StringIO):
    """What one thread prints; what others do goes where it would have gone."""

    def __init__(self, others: Any) -> None:
        super().__init__()
        self._thread, self._others = threading.get_ident(), others

    def write(self, text: str) -> int:
        if threading.get_ident() == self._thread:
            return super().write(text)
        return int(self._others.write(text)) if self._others else len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._others, name)


@contextmanager
def silence() -> Iterator[io.StringIO]:
    """Keep what a library prints meanwhile.

    What this thread has Python print on stdout is collected. What C code writes to the file
    behind stderr is dropped, and with it what other threads write there: so this is to be
    short, and for libraries only that cannot be told not to.

    Yields
    ------
    StringIO
        What was printed.
    """
    with _LOCK, redirect_stdout(_OfThisThread(sys.stdout)) as printed:
        if sys.stderr is not None:
            sys.stderr.flush()
        try:
            kept = os.dup(_STDERR)
        except OSError:  # there is none
            yield printed
            return
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, _STDERR)
            os.close(sink)
            yield printed
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
