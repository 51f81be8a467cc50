"""Formats of programs for data: GMT, GDAL, QGIS, ParaView, VisIt, and CSV and JSON for any.

Most of them tie colors to values.
"""

from __future__ import annotations

import json
import math
from typing import Any

from .._typing import Rgba
from .table import Table, decimal, hexadecimal


def csv(table: Table) -> str:
    """RFC 4180 with a header line; components in [0, 1], every digit. There are no comments."""
    head = ["value", "red", "green", "blue", *([] if table.opaque else ["alpha"])]
    lines = [
        ",".join(map(decimal, [value, *row]))
        for value, row in zip(table.values, table.rows(), strict=True)
    ]
    return "\n".join([",".join(head), *lines, ""])


def json_object(table: Table) -> str:
    """One object: colors in [0, 1] with every digit, and those for what is not in the range."""
    fields: dict[str, Any] = {
        "name": table.title,
        "source": table.credits,
        "vmin": float(table.values[0]),
        "vmax": float(table.values[-1]),
        "bad": table.bad,
        "under": table.under,
        "over": table.over,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items()]
    rows = ",\n".join(f"    {json.dumps(row)}" for row in table.rows())
    return "{\n" + ",\n".join([*lines, f'  "colors": [\n{rows}\n  ]']) + "\n}\n"


def cpt(table: Table) -> str:
    """A continuous GMT color palette table, a slice from each color to the next.

    GMT 6, "Color palette tables": ``z0 r/g/b z1 r/g/b``, transparency in percent after
    ``@``, then B, F and N for below, above and NaN; ``-`` paints nothing.
    """
    colors = [_gmt(level) for level in table.levels.tolist()]
    values = [decimal(value) for value in table.values]
    slices = [
        f"{values[i]}\t{colors[i]}\t{values[i + 1]}\t{colors[i + 1]}"
        for i in range(len(colors) - 1)
    ]
    under = colors[0] if table.under is None else _gmt(table.level(table.under))
    over = colors[-1] if table.over is None else _gmt(table.level(table.over))
    comment = [f"# {line}" for line in [table.title, *table.credits, "COLOR_MODEL = RGB"]]
    special = [f"B\t{under}", f"F\t{over}", f"N\t{_gmt(table.level(table.bad))}"]
    return "\n".join([*comment, *slices, *special, ""])


def _gmt(level: list[int]) -> str:
    *rgb, alpha = level
    if alpha == 0:
        return "-"
    color = "/".join(map(str, rgb))
    return color if alpha == 255 else f"{color}@{100 - alpha / 2.55:.4g}"


def gdal(table: Table) -> str:
    """A color file for ``gdaldem color-relief``: value R G B A, and nv for no data.

    GDAL, "gdaldem", section "color-relief". Values between two lines are interpolated;
    those beyond the ends have the colors of the ends.
    """
    comment = [f"# {line}" for line in [table.title, *table.credits]]
    lines = [
        f"{decimal(value)} {' '.join(map(str, level))}" for value, level in _with_extremes(table)
    ]
    nodata = "nv " + " ".join(map(str, table.level(table.bad)))
    return "\n".join([*comment, *lines, nodata, ""])


def _with_extremes(table: Table) -> list[tuple[float, list[int]]]:
    """Values and levels, and the colors beyond them, from the next float on, if they differ."""
    entries = list(zip(table.values.tolist(), table.levels.tolist(), strict=True))
    if table.under is not None:
        entries.insert(0, (math.nextafter(entries[0][0], -math.inf), table.level(table.under)))
    if table.over is not None:
        entries.append((math.nextafter(entries[-1][0], math.inf), table.level(table.over)))
    return entries


def qgis(table: Table) -> str:
    """A QGIS layer style (QML) for a raster of one band in pseudocolor.

    As QGIS 3 writes and reads it (QgsSingleBandPseudoColorRenderer, QgsColorRampShader).
    """
    lo, hi = decimal(table.values[0]), decimal(table.values[-1])
    bad = table.level(table.bad)
    nodata = "" if bad[3] == 0 else ",".join(map(str, bad))
    items = "\n".join(
        f'          <item value="{decimal(value)}" label="{value:.6g}" '
        f'color="{hexadecimal([*level[:3], 255])}" alpha="{level[3]}"/>'
        for value, level in _with_extremes(table)
    )
    return f"""\
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
{_xml_comment(table)}
<qgis version="3.22.0" styleCategories="Symbology">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" \
classificationMin="{lo}" classificationMax="{hi}" nodataColor="{nodata}">
      <rastershader>
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" \
minimumValue="{lo}" maximumValue="{hi}">
          <colorramp type="gradient" name="[source]">
{_ramp(table)}
          </colorramp>
{items}
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
"""


def qgis_ramp(table: Table) -> str:
    """A QGIS color ramp, for Import in the Style Manager.

    As QGIS 3 writes and reads it (QgsStyle, QgsGradientColorRamp).
    """
    return f"""\
<!DOCTYPE qgis_style>
{_xml_comment(table)}
<qgis_style version="2">
  <symbols/>
  <colorramps>
    <colorramp type="gradient" name="{table.title}">
{_ramp(table)}
    </colorramp>
  </colorramps>
</qgis_style>
"""


def _ramp(table: Table) -> str:
    colors = [",".join(map(str, level)) for level in table.levels.tolist()]
    inner = zip(table.positions[1:-1], colors[1:-1], strict=True)
    options = {
        "color1": colors[0],
        "color2": colors[-1],
        "discrete": "0",
        "rampType": "gradient",
        "stops": ":".join(f"{decimal(position)};{color}" for position, color in inner),
    }
    lines = [
        f'        <Option type="QString" name="{key}" value="{value}"/>'
        for key, value in options.items()
    ]
    return "\n".join(['      <Option type="Map">', *lines, "      </Option>"])


def paraview(table: Table) -> str:
    """A preset for ParaView (Choose Preset, Import).

    The properties of vtkSMTransferFunctionPresets: RGBPoints are x, r, g, b; Points are x,
    opacity, midpoint and sharpness.
    """
    values = table.values.tolist()
    preset: dict[str, Any] = {
        "Name": table.title,
        "Creator": "; ".join(table.credits),
        "ColorSpace": "RGB",
        "NanColor": table.bad[:3],
        "NanOpacity": table.bad[3],
        **_beyond("Below", table.under),
        **_beyond("Above", table.over),
        "RGBPoints": [
            number
            for value, color in zip(values, table.rgba.tolist(), strict=True)
            for number in (value, *color[:3])
        ],
    }
    if not table.opaque:
        preset["Points"] = [
            number
            for value, alpha in zip(values, table.rgba[:, 3].tolist(), strict=True)
            for number in (value, alpha, 0.5, 0.0)
        ]
    return json.dumps([preset], indent=1) + "\n"


def _beyond(which: str, color: Rgba | None) -> dict[str, Any]:
    if color is None:
        return {}
    return {f"Use{which}RangeColor": 1, f"{which}RangeColor": color[:3]}


def paraview_xml(table: Table) -> str:
    """A color map in ParaView's older XML; it has no colors for values out of range.

    ParaView wiki, "Colormaps": x is the value, o the opacity.
    """
    points = "\n".join(
        f'    <Point x="{decimal(value)}" o="{decimal(a)}" r="{decimal(r)}" g="{decimal(g)}" '
        f'b="{decimal(b)}"/>'
        for value, (r, g, b, a) in zip(table.values, table.rgba.tolist(), strict=True)
    )
    r, g, b, _ = map(decimal, table.bad)
    return f"""\
<?xml version="1.0"?>
{_xml_comment(table)}
<ColorMaps>
  <ColorMap name="{table.title}" space="RGB">
{points}
    <NaN r="{r}" g="{g}" b="{b}"/>
  </ColorMap>
</ColorMaps>
"""


def visit(table: Table) -> str:
    """A VisIt color table: control points from 0 to 1; the plot has the range.

    VisIt manual, "Color tables", as of version 3.0.1. It has a parser of its own, to which
    no comments are shown.
    """
    points = "\n".join(
        f"""\
    <Object name="ColorControlPoint">
      <Field name="colors" type="unsignedCharArray" length="4">{" ".join(map(str, level))} </Field>
      <Field name="position" type="float">{decimal(position)}</Field>
    </Object>"""
        for position, level in zip(table.positions, table.levels.tolist(), strict=True)
    )
    return f"""\
<?xml version="1.0"?>
<Object name="ColorTable">
  <Field name="Version" type="string">3.0.1</Field>
  <Object name="ColorControlPointList">
{points}
    <Field name="category" type="string">UserDefined</Field>
  </Object>
</Object>
"""


def _xml_comment(table: Table) -> str:
    return f"<!-- {' '.join(table.credits)} -->"
