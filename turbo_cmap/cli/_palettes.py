"""Color maps in files: tables as text, JSON, GMT's color palette tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._typing import FloatArray
from ..colormap import parse_color
from ..io import ReadError

#: Tables of numbers or of hexadecimal colors.
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".hex")
#: What `read_palette` reads.
PALETTE_SUFFIXES = (*_TABLES, ".json", ".cpt")

#: More than any table of 65,536 colors needs.
_MOST_BYTES = 1 << 24
_HEX = re.compile(r"#?(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_COMPONENTS = (("r", "red"), ("g", "green"), ("b", "blue"), ("a", "alpha"))
#: A map given by points is sampled so often, as programs that interpolate show it. Points of
#: equal distance that are more than classes (`measures.MOST_CLASSES`) are the samples.
_SAMPLES = 256
_FEW = 32


def read_palette(path: Path) -> FloatArray:
    """The colors of a map in a text file.

    Parameters
    ----------
    path : Path
        With one of `PALETTE_SUFFIXES`.

    Returns
    -------
    ndarray of float64, shape (N, 3) or (N, 4)

    Raises
    ------
    ReadError
        If it cannot be read or is no map.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ReadError(path, error.strerror or str(error)) from error
    if len(raw) > _MOST_BYTES:
        raise ReadError(path, f"a color map must have at most {_MOST_BYTES >> 20} MiB")
    suffix = path.suffix.lower()
    read = {".json": _from_json, ".cpt": _from_cpt}.get(suffix, _from_table)
    try:
        return read(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ReadError(path, "is no text in UTF-8") from error
    except (ValueError, TypeError) as error:
        raise ReadError(path, str(error)) from error


def _from_table(text: str) -> FloatArray:
    """Rows of R, G, B, or of hexadecimal colors; `#` begins a comment elsewhere."""
    rows: list[list[float]] = []
    colors: list[tuple[float, ...]] = []
    headers: dict[int, list[int]] = {}  # by how many columns they name
    for number, cells in _rows(text):
        if all(_HEX.fullmatch(cell) for cell in cells) and ("#" in cells[0] or len(cells) == 1):
            colors += [parse_color("#" + cell.lstrip("#"), "a color") for cell in cells]
        elif cells[0].startswith("#"):
            headers.setdefault(len(cells), _named([cells[0].lstrip("#"), *cells[1:]]))
        else:
            try:
                rows.append([float(cell) for cell in cells])
            except ValueError:
                if rows or colors:
                    raise ValueError(f"line {number} is neither numbers nor a color") from None
                headers.setdefault(len(cells), _named(cells))
    if colors and rows:
        raise ValueError("must have numbers or hexadecimal colors, got both")
    if colors:
        return np.array(colors)
    if not rows:
        raise ValueError("has no colors")
    widths = sorted({len(row) for row in rows})
    if len(widths) > 1:
        raise ValueError(f"all rows must have as many numbers, got {widths[0]} and {widths[-1]}")
    columns = headers.get(widths[0]) or ([0, 1, 2] if widths == [3] else None)
    if columns is None:
        raise ValueError(
            "must have 3 columns, or a first line that names red, green and blue; "
            f"got {widths[0]} without one"
        )
    return _unit(np.array(rows)[:, columns])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip("\"'") for cell in re.split(r"[,;\s]+", line.strip(" \t\r,;"))]
        cells = [cell for cell in cells if cell not in ("", "#")]
        if line.lstrip().startswith("#") and cells and not cells[0].startswith("#"):
            cells[0] = "#" + cells[0]
            if _HEX.fullmatch(cells[0]):  # the comment "# abc", which is no color
                continue
        if cells:
            yield number, cells


def _named(cells: Sequence[str]) -> list[int]:
    """Where the components are, if a line says so, else nothing."""
    names = [cell.lower() for cell in cells]
    found = [next((names.index(n) for n in known if n in names), None) for known in _COMPONENTS]
    columns = [at for at in found if at is not None]
    return columns if None not in found[:3] else []


def _unit(table: FloatArray) -> FloatArray:
    """Numbers as they are where none is above 1, else whole levels of 255."""
    if not (np.isfinite(table).all() and (table >= 0).all()):
        raise ValueError("colors must be finite and not negative")
    if table.max() <= 1:
        return table
    if table.max() > 255 or (table != np.rint(table)).any():
        raise ValueError(
            "colors must be numbers in [0, 1] or whole levels up to 255, "
            f"got {table.min():g} to {table.max():g}"
        )
    return table / 255


def _from_json(text: str) -> FloatArray:
    """A list of colors, ``{"colors": [...]}``, index to color, or a preset of ParaView."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON: {error}") from None
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict):
        found = found[0]
    if isinstance(found, dict) and "RGBPoints" in found:
        points = np.array(found["RGBPoints"], dtype=np.float64)
        if points.ndim != 1 or len(points) % 4 or len(points) < 8:
            raise ValueError("RGBPoints must be groups of a value, R, G and B, two or more")
        points = points.reshape(-1, 4)
        return _sampled(points[:, 0], _unit(points[:, 1:]))
    if isinstance(found, dict) and "colors" in found:
        found = found["colors"]
    elif isinstance(found, dict) and found and all(key.isdecimal() for key in found):
        found = [found[key] for key in sorted(found, key=int)]
    if not isinstance(found, list) or not found:
        raise ValueError('must be a list of colors, or an object with "colors"')
    if all(isinstance(one, str) for one in found):
        return np.array([parse_color(one, "a color") for one in found])
    try:
        table = np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("colors must all be 3 or all 4 numbers, or all be texts") from None
    if table.ndim != 2 or table.shape[1] not in (3, 4):
        raise ValueError(f"colors must be 3 or 4 numbers each, got shape {table.shape}")
    return _unit(table)


def _from_cpt(text: str) -> FloatArray:
    """GMT: slices ``z0 color z1 color``, a color being R/G/B, R G B, gray or a name."""
    starts: list[tuple[float, FloatArray]] = []
    ends: list[tuple[float, FloatArray]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"COLOR_MODEL\s*=\s*\+?(HSV|CMYK)", line, re.IGNORECASE):
            raise ValueError("COLOR_MODEL must be RGB")
        words = line.split(";")[0].split()
        if not words or words[0][0] == "#" or words[0] in ("B", "F", "N"):
            continue
        words = [word for word in words if word not in ("L", "U", "B")]
        if len(words) not in (4, 8):
            raise ValueError(f"line {number} must be a value, a color, a value and a color")
        half = len(words) // 2
        for slices, (value, *color) in ((starts, words[:half]), (ends, words[half:])):
            try:
                slices.append((float(value), _cpt_color(color)))
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None
    if not starts:
        raise ValueError("has no colors")
    first, last = (np.array([color for _, color in slices]) for slices in (starts, ends))
    if (first == last).all():
        return first  # classes
    # both ends of each slice, so that a jump between two stays one
    values = np.array([[a, b] for (a, _), (b, _) in zip(starts, ends, strict=True)]).ravel()
    colors = np.stack([first, last], axis=1).reshape(-1, 3)
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = (values[1:] != values[:-1]) | (colors[1:] != colors[:-1]).any(axis=1)
    return _sampled(values[new], colors[new])


def _cpt_color(words: Sequence[str]) -> FloatArray:
    parts = words[0].split("/") if len(words) == 1 else list(words)
    if len(parts) == 1 and not parts[0].replace(".", "", 1).isdecimal():
        return np.array(parse_color(parts[0], "a color")[:3])
    levels = np.array([float(part) for part in parts])
    if len(levels) not in (1, 3) or not ((levels >= 0) & (levels <= 255)).all():
        raise ValueError(f"a color must be levels up to 255, got {' '.join(words)}")
    return np.broadcast_to(levels / 255, 3)


def _sampled(values: FloatArray, colors: FloatArray) -> FloatArray:
    """Points of a map, straight lines between them, at equal distances."""
    gaps = np.diff(values)
    if not np.isfinite(values).all() or (gaps < 0).any() or values[0] == values[-1]:
        raise ValueError("the values that colors stand at must rise")
    even = np.allclose(gaps, gaps.mean(), rtol=1e-3, atol=0)
    if even and len(colors) > _FEW:
        return colors
    at = np.linspace(values[0], values[-1], _SAMPLES)
    return np.stack([np.interp(at, values, column) for column in colors.T], axis=1)
