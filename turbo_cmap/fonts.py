"""The typeface for pictures: DejaVu Sans, as matplotlib brings it."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import ImageFont


@lru_cache(maxsize=32)
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | Any:
    """DejaVu Sans, without importing matplotlib; Pillow's own font where that is not there.

    Parameters
    ----------
    size : int
        Of an em, in pixels.
    bold : bool, default False
        DejaVu Sans Bold.
    """
    from PIL import ImageFont

    spec = importlib.util.find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        name = f"DejaVuSans{'-Bold' if bold else ''}.ttf"
        path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
