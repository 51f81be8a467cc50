"""Keeping C libraries from writing to the terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_STDERR = 2


@contextmanager
def silence() -> Iterator[None]:
    """Drop what is written to the file behind stderr meanwhile, by any thread.

    For libraries that print what is wrong with a file besides raising it, and cannot be told
    not to. What Python has to say to stderr waits until then only if it buffers; so this is to
    be short.
    """
    with _LOCK:
        sys.stderr.flush()
        try:
            kept = os.dup(_STDERR)
        except OSError:  # there is none
            yield
            return
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, _STDERR)
            os.close(sink)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
