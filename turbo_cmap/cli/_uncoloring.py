"""One picture into one file of numbers: what `uncolor` does with each of many."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._console import printable
from ._digits import count_text, number_text, range_text
from ._job import Told
from ._types import usage, without_caller
from ._writing import refuse_existing

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..io import Recipe

#: What a recipe's picture is taken to be off by, as a JPEG; no more than Turbo's black is.
_LOSSY, _JPEG_TOLERANCE = (".jpg", ".jpeg"), 15.0
#: So far from the map, in 8-bit levels, half of a picture is not in its colors.
_STRANGE = 20


@dataclass
class _Notes:
    """What is found on the way that is worth a line."""

    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Uncoloring:
    """How a picture becomes numbers; can be pickled, and called from many processes.

    Attributes
    ----------
    given : dict
        The options that say how the picture was made, None where it is asked itself.
    tolerance : float or None
        Colors farther from the map, in 8-bit levels, become NaN.
    scale : float or None
        Of PNG: what one level is worth.
    backend : str or None
    ignores_recipe : bool
        Whether the picture is not asked.
    force : bool
        Whether to replace a file that is there.
    """

    given: dict[str, Any]
    tolerance: float | None = None
    scale: float | None = None
    backend: str | None = None
    ignores_recipe: bool = False
    force: bool = False

    def check(self) -> None:
        """Let `uncolorize` itself judge what was given, before a file is read.

        Raises
        ------
        click.UsageError
        """
        import numpy as np

        from ._recipes import merged

        try:
            self._values(np.zeros((1, 1, 3), np.uint8), merged(self.given, None), self.tolerance)
        except (TypeError, ValueError, OverflowError) as error:
            raise usage(error) from None

    def __call__(self, source: str | Path, target: Path) -> Told:
        """Convert one file; return what there is to say.

        Raises
        ------
        OSError, ValueError, MemoryError
            If it cannot be read or written; there is no new file then.
        """
        from .. import io
        from ..io.pictures import read_picture
        from ._recipes import merged

        refuse_existing(target, self.force)
        picture = read_picture(source)
        said = _Notes()
        recipe = self._recipe(Path(source), (picture.shape[1], picture.shape[0]), said)
        if recipe is not None and recipe.region is not None:
            left, top, width, height = recipe.region
            picture = picture[top : top + height, left : left + width]
        known = merged(self.given, recipe)
        if recipe is None and self.given["vmin"] is None and self.given["vmax"] is None:
            said.remarks.append("its range is assumed to be 0 .. 1; see --vmin and --vmax")
        tolerance = self.tolerance
        if tolerance is None and recipe is not None and Path(source).suffix.lower() in _LOSSY:
            # Black that means no measurement is near black, but some color of the map always.
            tolerance = _JPEG_TOLERANCE
        try:
            values, distance = self._values(picture, known, tolerance)
        except ValueError as error:  # of colors that are none, or of what its recipe says
            raise io.ReadError(Path(source), without_caller(str(error))) from None
        counts = _counts(values, distance, tolerance, said)
        numbers = values if self.scale is None else _levels(values, self.scale, said)
        io.write(target, numbers, force=self.force)
        height, width = values.shape
        unit = recipe.unit if recipe is not None else None
        line = (
            f"{printable(source)} -> {printable(target)}  {width}x{height} {numbers.dtype.name}  "
            f"range {_range(known, unit)}  {counts}"
        )
        return Told(line, tuple(said.remarks), tuple(said.notes), tuple(said.details))

    def _values(
        self, picture: AnyArray, known: dict[str, Any], tolerance: float | None
    ) -> tuple[AnyArray, AnyArray]:
        """Values, and how far the colors were from the map."""
        from ..inverse import uncolorize
        from ._recipes import inverse_arguments

        arguments = {**inverse_arguments(known), "tolerance": tolerance, "backend": self.backend}
        values, distance = uncolorize(picture, return_distance=True, **arguments)
        return values, distance

    def _recipe(self, source: Path, size: tuple[int, int], said: _Notes) -> Recipe | None:
        """What the picture says about itself, with a word about what of it is not used."""
        from ..io import ReadError, read_recipe
        from ._recipes import described, known_of

        if self.ignores_recipe:
            return None
        try:
            recipe = read_recipe(source)
        except ReadError as error:
            said.notes.append(f"{error.reason}; options and defaults are used")
            return None
        if recipe is None:
            return None
        if recipe.alpha < 1:
            raise ReadError(source, "a photograph is seen through its colors: no way back")
        if recipe.norm == "equalize" and self.given["norm"] is None:
            raise ReadError(
                source, "its scale, equalize, depends on all values it is of: no way back"
            )
        said.details.append(f"made with {described(recipe)}")
        known = known_of(recipe)
        other = {k: v for k, v in self.given.items() if v is not None and v != known[k]}
        if other:
            words = ", ".join(f"--{k} {_said(v)}" for k, v in other.items())
            said.notes.append(f"made with {described(recipe)}; as given, {words} is used instead")
        if recipe.method == "poly" and self.given["method"] is None:
            said.remarks.append("made with a polynomial near the map; values are approximate")
            recipe = replace(recipe, method="spline")
        if recipe.region is not None and recipe.size != size:
            was = "x".join(map(str, recipe.size or ()))
            said.notes.append(
                f"was {was} when it was made; what is beside its colors is not cut off"
            )
            recipe = replace(recipe, region=None)
        return recipe


def _said(value: object) -> str:
    return number_text(value) if isinstance(value, float) else str(value)


def _range(known: dict[str, Any], unit: str | None) -> str:
    """What the ends of the map stand for."""
    low, high, center = known["vmin"], known["vmax"], known["center"]
    if center is not None:
        low = 2 * center - high
    return range_text(low, high, unit, "float32")


def _counts(values: AnyArray, distance: AnyArray, tolerance: float | None, said: _Notes) -> str:
    """How many pixels were exact, near and nothing."""
    import numpy as np

    count = values.size
    nothing = np.isnan(values)
    near = ~nothing & (distance > 0)
    counts = {
        "exact": count - int(nothing.sum()) - int(near.sum()),
        "near": int(near.sum()),
        "NaN": int(nothing.sum()),
    }
    parts = {name: f"{100 * number / count:.1f} %" for name, number in counts.items()}
    if counts["near"]:
        away = np.percentile(distance[near], [50, 99])
        parts["near"] += f": half within {away[0]:.1f} levels, 99 % within {away[1]:.1f}"
        if away[0] > _STRANGE:
            said.notes.append("most colors are far from those of the map: is it another one?")
        elif away[1] > _STRANGE and tolerance is None:
            said.notes.append("with --tolerance, colors far from the map become NaN")
    return ", ".join(f"{counts[name]} {name} ({text})" for name, text in parts.items())


def _levels(values: AnyArray, scale: float, said: _Notes) -> AnyArray:
    """Values as 16-bit levels.

    Raises
    ------
    ValueError
        If one does not fit.
    """
    import numpy as np

    finite = np.isfinite(values)
    levels = np.rint(values.astype(np.float64) / scale)
    levels[~finite] = 0
    beyond = int(((levels < 0) | (levels > 65535)).sum())
    if beyond:
        there = range_text(values[finite].min(), values[finite].max(), None, values.dtype)
        raise ValueError(
            f"{beyond} of {values.size} values do not fit into 16 bits with --scale "
            f"{number_text(scale)}: they are {there}, and there is room for "
            f"{range_text(0, 65535 * scale, None, np.float32)}"
        )
    infinite = int(np.isinf(values).sum())
    if infinite:
        said.notes.append(
            f"{count_text(infinite, 'value')} below or above the scale became level 0"
        )
    vanished = int((finite & (levels == 0)).sum())
    if vanished:
        said.notes.append(f"{count_text(vanished, 'value')} became level 0, which else means NaN")
    return levels.astype(np.uint16)
