"""What is put around a picture, or under it: legends, titles, photographs.

The order of things: the range is found in the numbers as they were measured; they are made
denser or smaller (`Dress.prepare`); they are colored; photograph, bar and title come to the
colors (`Dress.dressed`). So `--dilate` and `--max-size` never change which color a value has.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import click

from ._console import printable
from ._reading import quantity_of

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..colorizer import Colorizer
    from ..io import Raster, Region
    from ._coloring import Coloring
    from ._layout import Box, Page
    from ._photos import Photos

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Fields of a title.
_FIELDS = ("stem", "name", "vmin", "vmax", "unit")
#: Those that are no numbers.
_WORDS = ("stem", "name", "unit")


class Dressed(NamedTuple):
    """A picture with all that goes around it, and where the colors are in it."""

    picture: AnyArray
    region: Region | None  # None: they are all there is


@dataclass(frozen=True)
class Dress:
    """What is asked for besides the colors; can be pickled.

    Attributes
    ----------
    colorbar : {"right", "bottom"} or None
    label, title : str or None
    side_by_side, overlay : str or None
        Where photographs are, see `_photos.Photos`.
    alpha : float
        How much of the colors there is over a photograph.
    max_size : int or None
        Of the longest side.
    dilate : int
        How far measurements grow, in pixels.
    theme : {"light", "dark"}
    """

    colorbar: Literal["right", "bottom"] | None = None
    label: str | None = None
    title: str | None = None
    side_by_side: str | None = None
    overlay: str | None = None
    alpha: float = 0.5
    max_size: int | None = None
    dilate: int = 0
    theme: Literal["light", "dark"] = "light"

    @classmethod
    def take(cls, options: dict[str, Any]) -> Dress:
        """Take the options of `dress_options` out of those of a verb, and check them.

        Raises
        ------
        click.UsageError
            If they are wrong, or one is of no use without another.
        """
        chosen = {name: options.pop(name) for name in cls.__dataclass_fields__ if name in options}
        dress = cls(**chosen)
        for option, needed, there in (
            ("label", "--colorbar", dress.colorbar),
            ("alpha", "--overlay", dress.overlay),
        ):
            if _typed(option) and option in chosen and not there:
                raise click.UsageError(f"--{option} is of no use without {needed}")
        if dress.title is not None:
            check_title(dress.title)
        for photos in (dress._beside, dress._under):
            if photos is not None:
                photos.check()
        return dress

    def __bool__(self) -> bool:
        """Whether there is anything to do: a bare picture goes a faster way."""
        return self._has_page or self.overlay is not None

    @property
    def _has_page(self) -> bool:
        return bool(self.colorbar or self.title or self.side_by_side)

    def photos(self, sources: Iterable[str | Path]) -> list[Path]:
        """The photographs that are read for these inputs."""
        paths = [Path(source) for source in sources]
        return [
            path
            for photos in (self._beside, self._under)
            if photos is not None
            for path in photos.of(paths)
        ]

    @property
    def _beside(self) -> Photos | None:
        return _photos("--side-by-side", self.side_by_side)

    @property
    def _under(self) -> Photos | None:
        return _photos("--overlay", self.overlay)

    def check(self, coloring: Coloring) -> None:
        """Refuse colors that nothing can be put beside.

        Raises
        ------
        click.UsageError
        """
        if self and (coloring.dtype != "uint8" or coloring.order not in ("rgb", "rgba")):
            raise click.UsageError(
                "--colorbar, --title, --side-by-side and --overlay are for pictures of --dtype "
                f"uint8 and --order rgb or rgba, got {coloring.dtype} and {coloring.order}"
            )

    @property
    def weight(self) -> float:
        """How much of the colors is left: 1 without a photograph under them."""
        return 1.0 if self.overlay is None else self.alpha

    @property
    def changes_numbers(self) -> bool:
        """Whether `prepare` has anything to do."""
        return bool(self.dilate) or self.max_size is not None

    def prepare(self, raster: Raster) -> Raster:
        """The numbers to show: denser, then smaller, if asked for.

        Parameters
        ----------
        raster : Raster
            With all that is invalid in its mask.

        Returns
        -------
        Raster
            Itself if nothing is to be done; else one without a scale, whose mask has all
            that is no measurement.
        """
        if not self.changes_numbers:
            return raster
        from ._numbers import grown, numbers_of, shrunk

        numbers = numbers_of(raster.scaled(), raster.mask)
        if self.dilate:
            # In front is what is least; of disparities, what is greatest.
            numbers = grown(numbers, self.dilate, greatest=raster.unit == "px")
        if self.max_size is not None:
            numbers = shrunk(numbers, self.max_size)
        values, measured = numbers
        return replace(raster, values=values, mask=~measured, scale=1.0, offset=0.0)

    def dressed(
        self, picture: AnyArray, raster: Raster, colorizer: Colorizer, source: Path
    ) -> Dressed:
        """The picture with all that goes around it.

        Parameters
        ----------
        picture : ndarray of uint8, shape (H, W, 3) or (H, W, 4)
            As the colorizer made it of the raster.
        raster : Raster
            As `prepare` gives it.
        colorizer : Colorizer
            Its range is known.
        source : Path
            The file that it is of, for titles and for finding the photograph of it.

        Raises
        ------
        ReadError
            If there is no such photograph, or it does not fit.
        """
        from ._layout import Page, painted

        height, width, components = picture.shape
        photo = None
        if self._beside is not None:
            photo = self._photo(self._beside, source, height)
        whole = width + (photo.shape[1] if photo is not None else 0)
        page = Page.for_pictures(self.theme, height, whole, components)
        if self._under is not None:
            picture = self._over_photo(self._under, picture, raster, colorizer, source, page)
        box = painted(picture)
        if not self._has_page:
            return Dressed(box.picture, None)
        if self.colorbar is not None:
            length = height if self.colorbar == "right" else width
            label = quantity_of(raster) if self.label is None else self.label
            bar = page.bar(colorizer, self.colorbar, length, label=label, unit=raster.unit)
            box = (page.row if self.colorbar == "right" else page.column)([box, bar])
        if photo is not None:
            box = self._with_photo(page, photo, box, height)
        if self.title:
            text = self._title_text(source, colorizer, raster.unit)
            box = page.column([titled(page, text, box.width), box])
        box = page.framed(box)
        return Dressed(box.picture, box.region)

    def _photo(self, photos: Photos, source: Path, height: int) -> AnyArray:
        """The photograph beside the colors: as high as they are."""
        from ._layout import ground_of
        from ._photos import resized

        photo = photos.read(source, ground_of(self.theme))
        width = max(1, round(photo.shape[1] * height / photo.shape[0]))
        return resized(photo, height, width)

    def _with_photo(self, page: Page, photo: AnyArray, box: Box, height: int) -> Box:
        """Beside the colors: at the height where these are."""
        from ._layout import Box as Part

        assert box.region is not None
        above = box.region.top
        below = box.height - above - height
        part = Part(photo)
        padded = page.inside(part, photo.shape[0] + 2 * max(above, below), part.width)
        top = max(above, below) - above
        cut = padded.picture[top : top + box.height]
        return page.row([Part(cut), box])

    def _over_photo(
        self,
        photos: Photos,
        picture: AnyArray,
        raster: Raster,
        colorizer: Colorizer,
        source: Path,
        page: Page,
    ) -> AnyArray:
        import numpy as np

        from ._photos import blended

        height, width, components = picture.shape
        photo = photos.read_like(source, height, width, page.ground[:3])
        values = raster.scaled()
        if raster.mask is not None:
            values = np.ma.MaskedArray(values, raster.mask)
        mixed = blended(photo, colorizer.paint(values, "rgba"), self.alpha)
        if components == 3:
            return mixed
        return np.concatenate([mixed, np.full((height, width, 1), 255, np.uint8)], axis=2)

    def _title_text(self, source: Path, colorizer: Colorizer, unit: str | None) -> str:
        assert self.title is not None
        return title_text(
            self.title,
            {
                "stem": printable(source.stem),
                "name": printable(source.name),
                "vmin": Short(colorizer.vmin or 0.0),
                "vmax": Short(colorizer.vmax or 0.0),
                "unit": unit or "",
            },
        )


def _photos(option: str, given: str | None) -> Photos | None:
    if not given:
        return None
    from ._photos import Photos

    return Photos(option, given)


def titled(page: Page, text: str, width: int) -> Box:
    """A title above something of this width."""
    # A title over a tiny picture needs some room, too.
    return page.text(text, max(width, 12 * page.letters), scale=1.2)


def _typed(option: str) -> bool:
    """Whether an option was given with the command, and not in a file of defaults."""
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return False
    return ctx.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


# --- titles ---


class Short(float):
    """A number that is written with few digits where a format says nothing else."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or ".5g")


def check_title(template: str, fields: Sequence[str] = _FIELDS) -> None:
    """Refuse a title that cannot be filled in.

    Raises
    ------
    click.UsageError
    """
    names = ", ".join(f"{{{field}}}" for field in fields)
    try:
        for _, field, _, conversion in string.Formatter().parse(template):
            if field is None:
                continue
            if field not in fields or conversion:
                raise click.UsageError(f"--title: fields are {names}, got {{{field}}}")
        sample: dict[str, Any] = {name: "" if name in _WORDS else Short(1) for name in fields}
        if len(title_text(template, sample)) > 1000:
            raise ValueError("it is longer than 1000 characters")
    except (ValueError, IndexError, KeyError) as error:
        raise click.UsageError(
            f"--title {template!r}: {error}; write {{{{ for a brace, fields are {names}"
        ) from None


def title_text(template: str, fields: dict[str, Any]) -> str:
    """A title with its fields filled in; a backslash and an n end a line."""
    return template.replace("\\n", "\n").format_map(fields)


# --- options ---


def dress_options(command: _Command) -> _Command:
    """Give a verb the options of `Dress`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


#: Of every verb with a bar.
label_option = click.option(
    "--label",
    metavar="TEXT",
    help="What the numbers at the bar are. Default: what the preset says, Depth say.",
)


def max_size_option(text: str) -> Callable[[_Command], _Command]:
    """``--max-size``; *text* is its help."""
    return click.option("--max-size", type=click.IntRange(1, 1 << 20), metavar="N", help=text)


def dilate_option(text: str) -> Callable[[_Command], _Command]:
    """``--dilate``; *text* is its help."""
    return click.option("--dilate", type=click.IntRange(0, 1000), default=0, metavar="N", help=text)


def theme_option(text: str) -> Callable[[_Command], _Command]:
    """``--theme``; *text* is its help."""
    return click.option(
        "--theme",
        type=click.Choice(["light", "dark"]),
        default="light",
        show_default=True,
        help=text,
    )


_PLACE = "A file, a folder of files with the inputs' stems, or a template with {stem}."
_OPTIONS = [
    click.option(
        "--colorbar",
        type=click.Choice(["right", "bottom"]),
        help="Put a bar with the colors' values there.",
    ),
    label_option,
    click.option(
        "--title",
        metavar="TEXT",
        help="Above the picture; {stem}, {name}, {vmin}, {vmax} and {unit} are filled in.",
    ),
    click.option(
        "--side-by-side",
        metavar="RGB",
        help=f"Put a photograph to the left. {_PLACE}",
    ),
    click.option(
        "--overlay",
        metavar="RGB",
        help="Lay the colors over a photograph, which is resized to their size. As above.",
    ),
    click.option(
        "--alpha",
        type=click.FloatRange(0, 1),
        default=0.5,
        show_default=True,
        metavar="0..1",
        help="How much of the colors over the photograph.",
    ),
    max_size_option(
        "Make the longest side at most N pixels, before coloring: no values are mixed."
    ),
    dilate_option(
        "Grow measurements by N pixels into gaps, for sparse data. What is in front wins: "
        "the least value, with unit px (disparity) the greatest."
    ),
    theme_option("Of the page around the picture."),
]
