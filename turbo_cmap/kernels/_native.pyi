from typing import Any

def colorize(
    kernel: object,
    values: Any,
    dtype: int,
    swapped: bool,
    masks: tuple[Any, ...],
    invalid: Any,
    scale: tuple[float, float, float, bool] | tuple[Any, Any],
    n: int,
    under: int,
    over: int,
    bad: int,
    entries: Any,
    planes: Any,
    polynomial: Any,
    pieces: int,
    reverse: bool,
    out: Any,
    /,
) -> None: ...
def extent(
    kernel: object, values: Any, dtype: int, swapped: bool, masks: tuple[Any, ...], invalid: Any, /
) -> tuple[float, float]: ...
def count(
    kernel: object,
    values: Any,
    dtype: int,
    swapped: bool,
    masks: tuple[Any, ...],
    invalid: Any,
    spans: Any,
    counts: Any,
    bounds: Any,
    /,
) -> None: ...
def collect(
    kernel: object,
    values: Any,
    dtype: int,
    swapped: bool,
    masks: tuple[Any, ...],
    invalid: Any,
    spans: Any,
    keys: Any,
    /,
) -> int: ...
def uncolorize(
    kernel: object,
    pixels: Any,
    component: int,
    offsets: tuple[int, int, int, int],
    segments: Any,
    balls: Any,
    near: Any,
    first: Any,
    slots: Any,
    along: Any,
    painted: Any,
    tolerance: float,
    values: Any,
    distance: Any,
    /,
) -> None: ...
def simulate(columns: Any, fold: Any, levels: Any, rgb: Any, out: Any, /) -> None: ...
def kernel(name: str, /) -> object: ...
def kernel_names() -> tuple[str, ...]: ...
def cpu_features() -> tuple[str, ...]: ...
