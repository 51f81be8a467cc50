"""Ctrl-C and SIGTERM as exceptions that cannot get lost.

Exceptions, so that temporary files are removed on the way out. One that comes up while a
library calls us back from C (FFmpeg, when it writes) may be swallowed there, and a signal that
comes between the last look at signals and a wait for a lock wakes nobody. So the signal is
remembered, and `raise_received` is called by those who wait.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

#: The signal that ends this run; 0 while there is none.
_received = 0


def listen() -> None:
    """Turn the signals into exceptions from now on, in the main thread."""
    signal.signal(signal.SIGTERM, _receive)
    # Another handler, or none (of a job in the background), is somebody's wish.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _receive)


def has_received() -> bool:
    """Whether a signal has asked to end the run."""
    return _received != 0


def raise_received() -> None:
    """End the run if a signal has asked for it.

    Raises
    ------
    KeyboardInterrupt, SystemExit
    """
    if _received == signal.SIGINT:
        raise KeyboardInterrupt
    if _received:
        sys.exit(128 + _received)


def _receive(number: int, _: FrameType | None) -> None:
    global _received
    _received = number
    raise_received()
