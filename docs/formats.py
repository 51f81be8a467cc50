"""Write docs/formats.md, from what is there: ``python docs/formats.py > docs/formats.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from turbo_cmap.io import PRESETS, Format, Preset, formats

_INTRODUCTION = """\
<!-- Written by docs/formats.py from the formats and presets of turbo_cmap.io. Do not edit. -->

# Formats that are read, and what their numbers mean

```python
from turbo_cmap import colorize, io

raster = io.read("000005_10.png", "kitti-disparity")
raster.values    # as they lie in the file: uint16
raster.mask      # where there is no measurement
raster.scaled()  # in raster.unit: pixels
rgb = colorize(raster.scaled(), mask=raster.mask)
```

```console
$ turbo-cmap convert 000005_10.png -o color.png --preset kitti-disparity
```

## Formats

The first bytes of a file say what it is, not its name. (.flo and .dpt begin alike: there the name
tells, and else the size.) A header that claims more pixels than the file can hold is refused before
memory is allocated: more than 1,032 times its bytes where it is packed with Deflate (PNG, NPZ, MAT)
and 65,536 times where it may be packed tighter (TIFF, EXR, HDF5, Zarr, WebP), but there never less
than 256 MiB: images of one value take a few hundred bytes, and are read.
"""

_BETWEEN = """
"key" is `--key NAME`, "channel" is `--channel NAME` (in Python `key=` and `channel=`). Where a
format has no use for one, giving it is an error. A picture of several channels is not depth and is
refused, unless a channel is chosen or the preset decodes colors.

A PNG with a palette is gray where all colors of the palette are. Else `--channel R`, `G` or `B` is
a component of the colors, and `--channel index` the numbers of the colors, which are values in a
map of labels. What is transparent is invalid: alpha 0, the gray or the color that tRNS names, and
colors of a palette whose alpha is 0. Gray with alpha has all of its 16 bits.

[Scientific formats](formats-scientific.md) says more of TIFF, OpenEXR, HDF5, NetCDF, Zarr and MAT.

## Presets

A file of depth hardly ever says what its numbers are. `--preset NAME` (the second argument of
`io.read`) does: it sets the factor to the unit and which values are none, and it refuses a file
that cannot be one of its kind: of 8 bits where there should be 16, or of floats that are scaled
already. What is assumed is printed.
"""

_END = """
Some data sets take a key besides, or need no preset:

| data set | files | options |
| --- | --- | --- |
| NYU Depth V2, labeled | nyu_depth_v2_labeled.mat | `--preset m --key "depths[12]"` |
| Hypersim | frame.0000.depth_meters.hdf5 | `--preset hypersim` |
| DIODE, TartanAir 1 | 00001_depth.npy | `--preset m` |
| Make3D | depth_sph_corr-1.mat | `--key "Position3DGrid[3]" --unit m` |
| Spring: disparity | disp1_left_0001.dsp5 | `--preset middlebury-pfm` |
| Spring: flow, to the right | flow_FW_left_0001.flo5 | `--key "flow[..., 0]" --unit px` |
| BlendedMVS, MVSNet | 00000000.pfm | `--invalid 0` |
| IRS | d_1.exr | `--unit px` |

`scaled()` is float32 where that is exact, else float64. Presets that decode colors need them
exact: PNG, BMP, PNM or lossless WebP, and no JPEG.

For anything else there are `--scale FACTOR`, `--unit UNIT` and `--invalid VALUE`:

```console
$ turbo-cmap convert depth.png -o color.png --scale 0.001 --unit m --invalid 0
```

Values given as invalid are stored ones, before the scale. A preset of one's own is a
`turbo_cmap.io.Preset`; `turbo_cmap.io.PRESETS` has those above.

## Hints

Without a preset nothing is guessed. Where the numbers look like a known encoding, a hint says so,
with the values that they would then be, and changes nothing:

```console
hint: 13.0 % of the values are 0, the others 955 .. 2702: 0.955 .. 2.7 m with --preset mm;
3.73 .. 10.6 px with --preset kitti-disparity; if it is none of these, --invalid 0
```

There are four rules; the first that fits is told.

1. 16-bit PNM whose neighbors differ at least eight times less with their bytes swapped: `byteswap`.
2. 16-bit integers of which at least 0.1 % are the one negative value, a multiple of 16, and all
   others are not negative: `sgbm`.
3. Unsigned 16-bit integers above 1,000 of which at least 0.1 % are 0 (or 65535), and all others
   stand apart from that by 1 % of their range: the presets under which the ends of the range are
   likely.
4. One of 0, -1, -99, -999, -9999, -32767, -32768, 65535, 4294967295, ±1e10 and ±3.4028235e38 that
   is the smallest or the largest, of at least 0.1 % of the values, and apart from the others by 1 %
   of their range (10 % for 0 in floats): `--invalid`.

Masks get none by rules 3 and 4: where no more than four different values are left.

There is none for PFM, DPT, FLO and COLMAP, which say themselves where nothing was measured, nor
with a preset, a scale, a unit or `--invalid`.

## A format of another package

An entry point of the group `turbo_cmap.readers` that names a `turbo_cmap.io.Format`:

```toml
[project.entry-points."turbo_cmap.readers"]
grid = "my_package.grid:FORMAT"
```

```python
from turbo_cmap.io import Format, Found

def read_grid(path, size, request):
    ...
    return Found(values, mask, unit="m")

FORMAT = Format(
    "GRID", (".grid",), lambda head, path: head.startswith(b"GRID"), read_grid,
    summary="float32",
)
```

Such formats are asked after all of this package, so that what is installed beside it never
changes how a file is read that it knows itself. One that cannot be imported is a line in the log.
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write("".join(f"{line}\n" for line in page()))


def page() -> Iterator[str]:
    """Its lines."""
    yield _INTRODUCTION
    yield from _table(
        ("format", "names", "values", "options", "needs"),
        [_of_format(one) for one in formats(others=False)],
    )
    yield _BETWEEN
    yield from _table(
        ("preset", "for", "assumes", "source"), [_of_preset(one) for one in PRESETS.values()]
    )
    yield _END.rstrip("\n")


def _of_format(one: Format) -> tuple[str, ...]:
    options = [name for name in ("key", "channel") if getattr(one, f"uses_{name}")]
    needs = "" if one.extra is None else f"`pip install 'turbo_cmap[{one.extra}]'`"
    return one.name, " ".join(one.suffixes), one.summary, ", ".join(options), needs


def _of_preset(one: Preset) -> tuple[str, ...]:
    return f"`{one.name}`", one.summary, one.assumption, one.source


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row([cell.replace("|", "\\|") for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
