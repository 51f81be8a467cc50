"""Formats that list colors: for the web, for painting and plotting programs, for tile servers."""

from __future__ import annotations

import json

import numpy as np

from .table import Table, decimal, hexadecimal


def css(table: Table) -> str:
    """A rule with a gradient at equal steps, which need no positions.

    CSS Images Level 3, section 3: stops without positions are evenly spaced, and colors
    are interpolated as they are encoded.
    """
    stops = ", ".join(hexadecimal(level) for level in table.levels.tolist())
    comment = "\n   ".join(table.credits)
    return (
        f"/* {comment} */\n.{table.identifier} {{\n"
        f"  background: linear-gradient(to right, {stops});\n}}\n"
    )


def matplotlib(table: Table) -> str:
    """A module that makes the map as a `ListedColormap`, in every bit."""
    rows = "".join(f"        {tuple(row)},\n" for row in table.rows())
    extremes = {"bad": table.bad, "under": table.under, "over": table.over}
    given = ", ".join(f"{key}={color}" for key, color in extremes.items() if color is not None)
    comment = "".join(f"# {line}\n" for line in table.credits)
    return (
        f"{comment}\nfrom matplotlib.colors import ListedColormap\n\n"
        f"{table.identifier} = ListedColormap(\n    [\n{rows}    ],\n"
        f"    name={table.title!r},\n).with_extremes({given})\n"
    )


def gnuplot(table: Table) -> str:
    """A palette at equal steps of gray, which gnuplot scales to its ``cbrange``.

    gnuplot 5.4 manual, "set palette defined". There is no alpha.
    """
    comment = "".join(f"# {line}\n" for line in table.credits)
    stops = ", \\\n".join(
        f"  {i} " + " ".join(map(decimal, row)) for i, row in enumerate(table.rgba[:, :3].tolist())
    )
    return f"{comment}set palette model RGB\nset palette defined ( \\\n{stops} )\n"


def ggr(table: Table) -> str:
    """A GIMP gradient: one linear segment from each color to the next.

    devel-docs/ggr.txt of GIMP: left end, middle and right end of the segment, RGBA at the
    left and at the right, blending (0 linear), coloring (0 RGB), and the types of the two
    ends (0 fixed). There are no comments.
    """
    ends = table.positions
    middles = (ends[:-1] + ends[1:]) / 2
    segments = np.column_stack([ends[:-1], middles, ends[1:], table.rgba[:-1], table.rgba[1:]])
    lines = [" ".join(f"{number:.6f}" for number in row) + " 0 0 0 0" for row in segments]
    return "\n".join(["GIMP Gradient", f"Name: {table.title}", str(len(lines)), *lines, ""])


def act(table: Table) -> bytes:
    """An Adobe color table: 256 RGB triples, and the count where there are fewer.

    Adobe Photoshop File Formats Specification, "Color Table": 768 bytes, or 772 with two
    16-bit numbers, most significant byte first: how many colors count, and the index of
    the transparent one (0xFFFF: none).
    """
    colors = table.levels[:, :3].tobytes()
    if len(table.levels) == 256:
        return colors
    count = len(table.levels).to_bytes(2, "big")
    return colors.ljust(768, b"\0") + count + b"\xff\xff"


def imagej(table: Table) -> bytes:
    """An ImageJ lookup table: 256 levels of red, then of green, then of blue.

    ImageJ User Guide, section 11.2: raw LUTs are 768 bytes.
    """
    return table.levels[:, :3].T.tobytes()


def titiler(table: Table) -> str:
    """Index to RGBA for all of 0 to 255, as rio-tiler's linear color maps are.

    rio-tiler, "Colormaps"; TiTiler takes the same as its ``colormap`` parameter.
    """
    entries = {str(i): level for i, level in enumerate(table.levels.tolist())}
    return json.dumps(entries, separators=(",", ":")) + "\n"
