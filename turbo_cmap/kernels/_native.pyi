from typing import Any

def colorize(
    kernel: object,
    values: Any,
    dtype: int,
    swapped: bool,
    masks: tuple[Any, ...],
    invalid: Any,
    scale: tuple[float, float, float, bool],
    n: int,
    under: int,
    over: int,
    bad: int,
    entries: Any,
    planes: Any,
    polynomial: Any,
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
def select(
    kernel: object,
    values: Any,
    dtype: int,
    swapped: bool,
    masks: tuple[Any, ...],
    invalid: Any,
    spans: Any,
    kept: int,
    sizes: Any,
    keys: Any,
    /,
) -> None: ...
def kernel(name: str, /) -> object: ...
def kernel_names() -> tuple[str, ...]: ...
def cpu_features() -> tuple[str, ...]: ...
