"""What a call allocates besides its result, each call in a process of its own.

Two measures, since neither sees everything. tracemalloc sees what Python and NumPy allocate,
whether it is touched or not. The high-water mark of the resident set, from Linux, sees what C
allocates and touches.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")

LAYOUTS = {
    "contiguous": "as it is",
    "automatic range": "without vmin and vmax",
    "every second column": "a view, stride 2",
    "transposed": "a view of columns",
    "big-endian": "of the other byte order",
    "channels first": "into planes",
}


@dataclass(frozen=True)
class Peak:
    """Extra memory of one call, in bytes.

    Attributes
    ----------
    layout : str
        A key of `LAYOUTS`.
    side : int
        The input is side × side float32.
    traced : int
        By tracemalloc.
    resident : int or None
        Growth of the resident set's high-water mark, None where the system does not tell.
    """

    layout: str
    side: int
    traced: int
    resident: int | None

    @property
    def worst(self) -> int:
        """The larger of the two."""
        return max(self.traced, self.resident or 0)


def peaks(sides: list[int]) -> Iterator[Peak]:
    """Measure every layout at every size, each in a fresh process."""
    for side in sides:
        for layout in LAYOUTS:
            command = [sys.executable, "-m", "benchmarks.memory", layout, str(side)]
            done = subprocess.run(
                command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True
            )
            yield Peak(**json.loads(done.stdout))


def peak(layout: str, side: int) -> Peak:
    """Measure one call in this process."""
    import numpy as np

    import turbo_cmap

    base = np.empty((side, 2 * side if layout == "every second column" else side), np.float32)
    base[...] = np.linspace(0, 1, base.shape[1], dtype=np.float32)
    out = np.zeros((side, side, 3), np.uint8)
    out.fill(1)  # so that it is resident
    values, keywords = base, {"vmin": 0.0, "vmax": 1.0, "threads": 1}
    if layout == "automatic range":
        keywords = {"threads": 1}
    elif layout == "every second column":
        values = base[:, ::2]
    elif layout == "transposed":
        values = base.T
    elif layout == "big-endian":
        values = base.byteswap(inplace=True).view(base.dtype.newbyteorder())
    elif layout == "channels first":
        keywords["channels"] = "first"
        out = out.reshape(3, side, side)

    def call(part: int | None) -> None:
        corner = np.s_[..., :part, :part] if "channels" in keywords else np.s_[:part, :part]
        turbo_cmap.colorize(values[:part, :part], out=out[corner], **keywords)

    call(8)  # imports and tables
    return Peak(layout, side, *extra_memory(lambda: call(None)))


def extra_memory(call: Callable[[], object]) -> tuple[int, int | None]:
    """Bytes that a call had allocated at most, by tracemalloc and by the resident set."""
    before = _high_water(reset=True)
    call()
    after = _high_water()
    tracemalloc.start()
    call()
    traced = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return traced, None if before is None or after is None else after - before


def _high_water(*, reset: bool = False) -> int | None:
    """Of the resident set, in bytes; since now with *reset*."""
    try:
        if reset:
            RESET.write_text("5", encoding="ascii")
        fields = dict(line.split(":", 1) for line in STATUS.read_text("utf-8").splitlines())
        return 1024 * int(fields["VmHWM"].split()[0])
    except (OSError, KeyError):
        return None


if __name__ == "__main__":
    print(json.dumps(asdict(peak(sys.argv[1], int(sys.argv[2])))))
