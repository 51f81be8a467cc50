from typing import Any, TypeAlias

# values, dtype, swapped, masks, invalid, minus
Source: TypeAlias = tuple[Any, int, bool, tuple[Any, ...], Any, "Source | None"]

def colorize(
    kernel: object,
    source: Source,
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
def extent(kernel: object, source: Source, /) -> tuple[float, float]: ...
def count(
    kernel: object,
    source: Source,
    spans: Any,
    counts: Any,
    bounds: Any,
    /,
) -> None: ...
def collect(
    kernel: object,
    source: Source,
    spans: Any,
    keys: Any,
    /,
) -> int: ...
def select(
    kernel: object,
    source: Any,
    spans: Any,
    kept: int,
    sizes: Any,
    keys: Any,
    /,
) -> None: ...
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
def simulate_wide(
    kernel: object,
    component: int,
    matrix: Any,
    fold: Any,
    decode_knee: float,
    decode_rows: Any,
    encode_knee: float,
    encode_rows: Any,
    levels: Any,
    rgb: Any,
    out: Any,
    /,
) -> None: ...
def blend(rgba: Any, photo: Any, components: int, mixed: Any, out: Any, /) -> None: ...
def empty(size: int, /) -> bytearray: ...
def unfilter(filtered: Any, size: int, pixel: int, pixels: Any, first: int, /) -> bool: ...
def kernel(name: str, /) -> object: ...
def kernel_names() -> tuple[str, ...]: ...
def cpu_features() -> tuple[str, ...]: ...
