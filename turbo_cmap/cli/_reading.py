"""How files become numbers: the options of every verb that reads them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._types import NameFrom, number

if TYPE_CHECKING:
    from ..io import Raster
    from ..io.windows import Windowed

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: The names in `turbo_cmap.io.PRESETS`, which `--help` does not import.
PRESET_NAMES = (
    "kitti-depth",
    "kitti-disparity",
    "kitti-flow",
    "cityscapes-disparity",
    "tum",
    "replica",
    "m",
    "mm",
    "7-scenes",
    "falling-things",
    "point-odyssey",
    "hypersim",
    "sunrgbd",
    "vkitti",
    "2d3ds",
    "matterport",
    "nyu-raw",
    "sintel-disparity",
    "middlebury-2003",
    "middlebury-2006",
    "middlebury-2006-half",
    "middlebury-2006-third",
    "middlebury-pfm",
    "instereo2k",
    "crestereo",
    "sgbm",
    "carla",
    "tartanair",
    "terrarium",
    "mapbox-terrain",
    "float16-bits",
    "byteswap",
)


_HINT = "hint: "


@dataclass(frozen=True)
class Reading:
    """What `turbo_cmap.io.read` is told; can be pickled.

    Attributes
    ----------
    key : str or None
        Which array of a file that holds several.
    invalid : tuple of numbers
        Values that mean 'no measurement', as the file (or the preset's decoding) has them,
        before they are scaled.
    preset : str or None
        What the numbers mean, by a name in `turbo_cmap.io.PRESETS`.
    channel : str or None
        Which component of a pixel.
    scale : float or None
        A factor, instead of a preset and of what the file says.
    unit : str or None
        Of what is measured, likewise.
    """

    key: str | None = None
    invalid: tuple[float, ...] = ()
    preset: str | None = None
    channel: str | None = None
    scale: float | None = None
    unit: str | None = None

    @classmethod
    def take(cls, options: dict[str, Any]) -> Reading:
        """Take the options of `reading_options` out of those of a verb.

        Raises
        ------
        click.UsageError
            If options exclude each other.
        """
        # tifffile's warnings on damaged files would come before the one line that says so.
        logging.getLogger("tifffile").addHandler(logging.NullHandler())
        reading = cls(
            **{name: options.pop(name) for name in ("key", "preset", "channel", "scale", "unit")},
            invalid=tuple(options.pop("invalid")),
        )
        if reading.preset is not None and not (reading.scale is None and reading.unit is None):
            raise click.UsageError("--preset says what --scale and --unit say; choose one")
        return reading

    def read(self, path: str | Path) -> Raster:
        """Read one file; its mask then has all that is invalid."""
        from .. import io

        return self._told(io.read(path, self.preset, key=self.key, channel=self.channel))

    def windowed(self, path: str | Path) -> Windowed | None:
        """One file to be read in bands of rows; None where its format has no such way."""
        from ..io.presets import preset_of
        from ..io.registry import Request
        from ..io.windows import open_windowed

        preset = None if self.preset is None else preset_of("read", self.preset)
        if preset is not None and preset.colors:
            return None
        image = open_windowed(path, Request(self.key, self.channel))
        if image is None:
            return None
        return image.with_each(
            lambda raster: self._told(preset.apply(raster) if preset else raster)
        )

    def applied(self, raster: Raster) -> Raster:
        """What `read` makes of numbers that were read in another way: of a frame of a video.

        Raises
        ------
        ReadError
            If the preset is for another kind.
        """
        from ..io.presets import PRESETS

        return self._told(raster if self.preset is None else PRESETS[self.preset].apply(raster))

    def _told(self, raster: Raster) -> Raster:
        """A raster, or a band of one, with what the options say of it."""
        if self.scale is not None:
            raster = replace(raster, scale=self.scale, offset=0.0)
        if self.unit is not None:
            raster = replace(raster, unit=self.unit)
        return raster.without(self.invalid)

    def remarks(self, raster: Raster, *, hints: bool = True) -> list[str]:
        """What there is to say of a file that was read: what was assumed, or a hint.

        Parameters
        ----------
        raster : Raster
            From `read`, or a band of an image.
        hints : bool, default True
            Whether hints are wanted: a band is not all of the image.

        Returns
        -------
        list of str
            A line each, for `Console.note`. No hint where the user has said what the
            numbers mean.
        """
        from ..io.hints import describe, hint

        assumed = None if self.scale is not None else describe(raster)
        if assumed is not None:
            return [assumed]
        told = self.invalid or self.scale is not None or self.unit is not None or not hints
        found = None if told else hint(raster)
        return [] if found is None else [f"{_HINT}{found}"]


def quantity_of(raster: Raster) -> str | None:
    """What is measured, as it stands at a bar: "Depth"; None where no preset says it."""
    if raster.preset is None or raster.preset.quantity == "values":
        return None
    return raster.preset.quantity.capitalize()


class Unsaid:
    """Remarks of many files, of which few are worth saying.

    Each assumption is said once, and so is each kind of hint: those of a kind differ in figures.
    """

    def __init__(self) -> None:
        self._said: set[str] = set()

    def of(self, remarks: Iterable[str]) -> list[str]:
        """Those that have not been said."""
        new = []
        for remark in remarks:
            known = _kind(remark) if remark.startswith(_HINT) else remark
            if known not in self._said:
                self._said.add(known)
                new.append(remark)
        return new


def _kind(hint: str) -> str:
    """What a hint is about, without how much of it there is: "of the values are 0"."""
    return re.sub(r"[\d.]+ % ", "", hint).split(",")[0]


def reading_options(command: _Command) -> _Command:
    """Give a verb the options of `Reading`."""
    for option in reversed(
        [
            click.option(
                "--preset",
                metavar="NAME",
                type=NameFrom(PRESET_NAMES),
                help=f"What the numbers mean: {', '.join(PRESET_NAMES)}. See docs/formats.md.",
            ),
            click.option(
                "--scale",
                type=_factor,
                metavar="FACTOR",
                help="What one step of the stored values is worth, in --unit.",
            ),
            click.option(
                "--unit", metavar="UNIT", help="Of the scaled values, for the range and the bar."
            ),
            click.option(
                "--key", metavar="NAME", help="Which array of a file that holds several, NPZ say."
            ),
            click.option(
                "--channel",
                metavar="NAME",
                help="Which component of a pixel: R, G, B or A; u or v of flow.",
            ),
            click.option(
                "--invalid",
                type=number,
                metavar="VALUE",
                multiple=True,
                help="A value that means 'no measurement', as stored, before the scale. "
                "May be given several times.",
            ),
        ]
    ):
        command = option(command)
    return command


def _factor(given: object) -> float:
    import math

    factor = float(number(given))
    if not math.isfinite(factor) or factor == 0:
        raise click.BadParameter(f"{given!r} must be finite and not 0")
    return factor
