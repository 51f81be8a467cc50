"""How far the work is, in one line of a terminal."""

from __future__ import annotations

import sys
from time import monotonic

from ._console import CLEAR_LINE

_REDRAWN_AFTER_S = 0.1
_BAR = 24


class Progress:
    """A bar on stderr with count, rate and the time that is left; nothing where *shown* is not.

    What is printed in between belongs between `hide` and `step`, which draws the bar again.

    Parameters
    ----------
    total : int
        Number of steps.
    label : str
        What is being done.
    shown : bool
        Whether anyone looks at it.
    """

    def __init__(self, total: int, label: str, shown: bool) -> None:
        self._total, self._label, self._shown = total, label, shown
        self._done = self._worked = 0
        self._start = monotonic()
        self._drawn_at = self._start - _REDRAWN_AFTER_S
        self._is_drawn = False
        self._draw()

    def step(self, *, worked: bool = True) -> None:
        """One more is done; *worked* if it took time, as skipping does not."""
        self._done += 1
        self._worked += worked
        self._draw()

    def hide(self) -> None:
        """Clear the line, for other text or for good."""
        if self._is_drawn:
            sys.stderr.write(CLEAR_LINE)
            sys.stderr.flush()
            self._is_drawn = False

    def _draw(self) -> None:
        now = monotonic()
        # A bar that something was printed over is drawn at once, so that it does not flicker.
        if not self._shown or (self._is_drawn and now - self._drawn_at < _REDRAWN_AFTER_S):
            return
        self._drawn_at, self._is_drawn = now, True
        import shutil

        columns = shutil.get_terminal_size().columns
        sys.stderr.write(CLEAR_LINE + self.text(now - self._start)[: columns - 1])
        sys.stderr.flush()

    def text(self, seconds: float) -> str:
        """The line, when it has taken so long."""
        full = _BAR * self._done // max(1, self._total)
        line = f"{self._label} [{'#' * full}{'.' * (_BAR - full)}] {self._done}/{self._total}"
        if not self._worked or seconds <= 0:
            return line
        rate = self._worked / seconds
        each = f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
        return f"{line}  {each}  {_clock((self._total - self._done) / rate)} left"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
