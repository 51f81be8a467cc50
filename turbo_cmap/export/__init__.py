"""`export`: the map for other programs, as a function in their language or a table in their format.

`closed_forms` writes functions in the languages of `languages`, exact or as the polynomials
that `minimax` fits; `color_formats` and `data_formats` write a `table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ..colormap import CmapLike, Colormap

_ANY = (1, 65_536)


class _Format(NamedTuple):
    """What is to be known about a format before anything is written."""

    description: str
    suffix: str
    writer: str = "closed_forms.write"  # module and function
    holds_values: bool = False  # of the data, from vmin to vmax
    n: int | None = None  # colors where none are asked for; None: as many as the map has
    counts: tuple[int, int] = _ANY  # of colors that it can hold
    binary: bool = False

    @property
    def is_function(self) -> bool:
        return self.writer.startswith("closed_forms.")


_FORMATS = {
    "glsl": _Format("GLSL function (GLSL 1.20, ES 3.00 and later)", ".glsl"),
    "hlsl": _Format("HLSL function", ".hlsl"),
    "wgsl": _Format("WGSL function", ".wgsl"),
    "c": _Format("C99 function in a header", ".h"),
    "cpp": _Format("C++11 function template in a header", ".hpp"),
    "javascript": _Format("JavaScript module with a function", ".mjs"),
    "rust": _Format("Rust function", ".rs"),
    "julia": _Format("Julia function", ".jl"),
    "css": _Format("CSS linear-gradient", ".css", "color_formats.css", n=33),
    "matplotlib": _Format("Python module with a ListedColormap", ".py", "color_formats.matplotlib"),
    "gnuplot": _Format("gnuplot palette", ".gp", "color_formats.gnuplot"),
    "ggr": _Format("GIMP gradient", ".ggr", "color_formats.ggr"),
    "act": _Format(
        "Adobe color table (binary)", ".act", "color_formats.act", counts=(1, 256), binary=True
    ),
    "imagej": _Format(
        "ImageJ lookup table (binary)",
        ".lut",
        "color_formats.imagej",
        counts=(256, 256),
        binary=True,
    ),
    "titiler": _Format(
        "rio-tiler and TiTiler colormap (JSON)",
        ".json",
        "color_formats.titiler",
        counts=(256, 256),
    ),
    "csv": _Format("CSV: value, red, green, blue", ".csv", "data_formats.csv", holds_values=True),
    "json": _Format(
        "JSON: colors and range", ".json", "data_formats.json_object", holds_values=True
    ),
    "cpt": _Format("GMT color palette table", ".cpt", "data_formats.cpt", holds_values=True),
    "gdal": _Format(
        "color file for gdaldem color-relief", ".txt", "data_formats.gdal", holds_values=True
    ),
    "qgis": _Format(
        "QGIS style of a raster layer (QML)", ".qml", "data_formats.qgis", holds_values=True
    ),
    "qgis-ramp": _Format("QGIS color ramp for the Style Manager", ".xml", "data_formats.qgis_ramp"),
    "paraview": _Format(
        "ParaView preset (JSON)", ".json", "data_formats.paraview", holds_values=True
    ),
    "paraview-xml": _Format(
        "ParaView color map (XML)", ".xml", "data_formats.paraview_xml", holds_values=True
    ),
    "visit": _Format("VisIt color table", ".ct", "data_formats.visit"),
}

#: What `export` can write: names, and what each is.
EXPORT_FORMATS: Mapping[str, str] = MappingProxyType(
    {name: known.description for name, known in _FORMATS.items()}
)


def export(
    cmap: CmapLike | None,
    to: str,
    *,
    name: str | None = None,
    form: Literal["spline", "du", "minimax"] | None = None,
    degree: int | None = None,
    n: int | None = None,
    vmin: float = 0.0,
    vmax: float = 1.0,
) -> str | bytes:
    """A color map for another program.

    Parameters
    ----------
    cmap : str, Colormap, matplotlib Colormap or array_like of shape (N, 3) or (N, 4), optional
        The map, by default Turbo; see `get_cmap`.
    to : str
        One of `EXPORT_FORMATS`. The languages (``"glsl"``, ``"hlsl"``, ``"wgsl"``, ``"c"``,
        ``"cpp"``, ``"javascript"``, ``"rust"``, ``"julia"``) are functions from t in [0, 1]
        to a color, for maps that have a curve; the others are tables, of any map.
    name : str, optional
        What to call the function or the table; by default the map's name.
    form : {"spline", "du", "minimax"}, optional
        Of a function. ``"spline"`` is the map's curve itself, exactly; ``"du"`` is Ruofei
        Du's polynomial for Turbo, up to 32/255 off; ``"minimax"`` is the polynomial of
        *degree* that is least off, and its header says how much. By default
        the exact form that the map has, and "minimax" where *degree* is given.
    degree : int, 3 to 32, default 12
        Of the minimax polynomial.
    n : int, optional
        Of a table: how many colors, 1 to 65,536, taken from the map's curve if it has one
        (`get_cmap`). By default as many as the map has; 33 for CSS, 256 for formats that hold
        no other number.
    vmin, vmax : float, default 0 and 1
        Of a table that holds values of the data: those of the first and the last color.

    Returns
    -------
    str or bytes
        bytes for ``"act"`` and ``"imagej"``. It says who made the map, if that is known,
        and which version of this package wrote it, where the format has comments; the same
        call gives the same text.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If the format is unknown, the map has no such closed form, or an argument is out of
        range or means nothing for the format.

    Notes
    -----
    Functions clamp t to [0, 1]. NaN gives NaN in C, C++, JavaScript, Rust and Julia, the
    first color in HLSL, and anything in GLSL and WGSL, which do not define it. Tables
    carry the colors for NaN and for values out of range where their format can.

    Components of functions, JSON, CSV, ParaView, gnuplot, matplotlib and GIMP are in
    [0, 1], sRGB-encoded; those of the others are the 8-bit levels that `colorize` gives.

    Examples
    --------
    >>> import turbo_cmap
    >>> print(turbo_cmap.export("turbo", "gdal", n=3, vmin=0, vmax=8))
    # turbo
    # Turbo: Anton Mikhailov.
    # Copyright 2019 Google LLC, SPDX-License-Identifier: Apache-2.0
    # Made by turbo_cmap 0.1.0.
    0 48 18 59 255
    4 163 253 60 255
    8 122 4 3 255
    nv 0 0 0 0
    <BLANKLINE>
    """
    known = _lookup(to)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"export(): name must be a string, got {type(name).__name__}")
    lo, hi = _as_range(vmin, vmax)
    _refuse_idle(
        to,
        {
            "form and degree": (known.is_function, form is not None or degree is not None),
            "n": (not known.is_function, n is not None),
            "vmin and vmax": (known.holds_values, (lo, hi) != (0.0, 1.0)),
        },
    )
    from ..colormap import get_cmap

    source = get_cmap(cmap)
    module, function = known.writer.split(".")
    write = getattr(import_module(f".{module}", __name__), function)
    written: str | bytes
    if known.is_function:
        written = write(source, to, form=form, degree=degree, name=name)
    else:
        from .table import make_table

        written = write(make_table(source, _count(known, to, n, source), lo, hi, name))
    return written


def suffix(to: str) -> str:
    """What names of files in a format end in, with the point."""
    return _lookup(to).suffix


def _lookup(to: str) -> _Format:
    if not isinstance(to, str):
        raise TypeError(f"export(): to must be the name of a format, got {type(to).__name__}")
    if to not in _FORMATS:
        raise ValueError(f"export(): to must be one of {', '.join(_FORMATS)}, got {to!r}")
    return _FORMATS[to]


def _as_range(vmin: float, vmax: float) -> tuple[float, float]:
    from ..arguments import as_limit

    lo, hi = as_limit("export", "vmin", vmin), as_limit("export", "vmax", vmax)
    if lo is None or hi is None:
        raise TypeError("export(): vmin and vmax must be numbers, got None")
    if lo >= hi:
        raise ValueError(f"export(): vmin must be less than vmax, got {lo} and {hi}")
    return lo, hi


def _refuse_idle(to: str, arguments: dict[str, tuple[bool, bool]]) -> None:
    """Refuse arguments that mean nothing for a format: (whether they do, whether given)."""
    for names, (meant, given) in arguments.items():
        if given and not meant:
            raise ValueError(
                f"export(): {names} cannot be given for {to!r}, which has no use for it"
            )


def _count(known: _Format, to: str, n: int | None, source: Colormap) -> int | None:
    """How many colors to write."""
    from ..colormap import as_length

    least, most = known.counts
    if n is not None:
        wanted = as_length("export", n)
        if not least <= wanted <= most:
            allowed = f"{most}" if least == most else f"from {least} to {most}"
            raise ValueError(f"export(): n must be {allowed} for {to!r}, got {n}")
        return wanted
    # A map of fewer colors than a format's habit is not stretched, unless it must be.
    usual = len(source) if known.n is None else min(known.n, len(source))
    return min(max(usual, least), most)
