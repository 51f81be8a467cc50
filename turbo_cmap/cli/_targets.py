"""Where pictures go: a place for each input, none twice, and none an input's own."""

from __future__ import annotations

import os
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import click

from ._console import printable
from ._inputs import Input, Inputs
from ._writing import SEPARATORS, check_folder, refuse_inputs

#: What a template can have, and what it stands for.
_FIELDS = {
    "stem": "the name without its suffix",
    "name": "the name",
    "suffix": "the suffix of the name, with its dot",
    "parent": "the folder of the input, as it was given",
    "folder": "the folders below the one that was searched",
    "index": "the number of the input, from 0; {index:05d} has five digits",
    "cmap": "the color map",
}


@dataclass(frozen=True)
class Output:
    """What -o says.

    Attributes
    ----------
    given : str
        A file, a folder, or a template with fields in braces.
    suffix : str
        Of files in a folder, without the dot.
    cmap : str
        The name of the map, for templates.
    """

    given: str
    suffix: str
    cmap: str

    @property
    def is_template(self) -> bool:
        """Whether each name is made from a template; a folder of that name is a folder."""
        return "{" in self.given and not os.path.isdir(self.given)

    @property
    def folder(self) -> str | None:
        """The folder that all is written into, as far as it is known; None if it is no other."""
        if not self.is_template:
            return self.given
        return folder_of_template(self.given)

    def is_folder(self, inputs: Inputs) -> bool:
        """Whether this is a folder: it exists, ends in '/', or there may be several inputs."""
        if self.is_template:
            return False
        named = self.given.endswith(SEPARATORS) or os.path.isdir(self.given)
        return named or not inputs.one_file

    def makes_folders(self, inputs: Inputs) -> bool:
        """Whether folders are made as they are needed."""
        return self.is_template or self.is_folder(inputs)

    def check(self, inputs: Inputs) -> None:
        """Refuse what no picture can be written to.

        Raises
        ------
        click.UsageError
        """
        out = Path(self.given)
        if self.is_template:
            check_template(self.given, _FIELDS)
        elif not self.is_folder(inputs):
            check_folder(self.given)
        elif out.exists() and not out.is_dir():
            raise click.UsageError(f"-o {self.given}: {_why(inputs)} OUT is a folder, not a file")
        elif out.suffix and not out.exists() and not self.given.endswith(SEPARATORS):
            raise click.UsageError(
                f"-o {self.given}: {_why(inputs)} OUT is a folder; end it in '/' to create it"
            )

    def places(self, every: Sequence[Input], inputs: Inputs) -> list[Path]:
        """Where the picture of each input goes."""
        if self.is_template:
            return [self._filled(one, index) for index, one in enumerate(every)]
        if not self.is_folder(inputs):
            return [Path(self.given)] * len(every)
        folder = Path(self.given)
        return [folder / one.below / f"{Path(one.path).stem}.{self.suffix}" for one in every]

    def _filled(self, one: Input, index: int) -> Path:
        path = Path(one.path)
        template = self.given
        if template.endswith(SEPARATORS):
            template += f"{{stem}}.{self.suffix}"
        values = {
            "stem": path.stem,
            "name": path.name,
            "suffix": path.suffix,
            "parent": str(path.parent),
            "folder": one.below or os.curdir,
            "index": index,
            "cmap": self.cmap,
        }
        return Path(template.format(**values))


def _why(inputs: Inputs) -> str:
    count = len(inputs.names)
    return f"with {count} inputs" if count > 1 else "with a folder, a pattern or a list"


def folder_of_template(template: str) -> str | None:
    """The folder that all is written into, as far as it is known; None if it is no other."""
    return os.path.dirname(template[: template.index("{")]) or None


def check_template(template: str, fields: Mapping[str, str]) -> bool:
    """Refuse a template that cannot be filled in, and say whether it has any of *fields*.

    Raises
    ------
    click.UsageError
    """
    samples = {name: 0 if name == "index" else "x" for name in fields}
    try:
        parsed = string.Formatter().parse(template)
        found = [field for _, field, _, _ in parsed if field is not None]
        unknown = [field for field in found if field not in fields]
        if not unknown:
            template.format(**samples)
    except KeyError as error:  # a field within the format of another
        unknown = [str(error.args[0])]
    except (ValueError, IndexError) as error:
        raise click.UsageError(f"-o {template}: is no template: {error}") from None
    if unknown:
        known = "\n".join(f"  {{{name}}}  {text}" for name, text in fields.items())
        raise click.UsageError(
            f"-o {template}: {{{unknown[0]}}} is not known; there are\n{known}\n"
            "and {{ and }} for braces"
        )
    return bool(found)


def plan(
    inputs: Inputs, output: Output, is_made: Callable[[str], bool] | None = None
) -> list[tuple[Input, Path]]:
    """All inputs, and where the picture of each goes; two never to one place.

    What an earlier run has put among the inputs is left out.

    Parameters
    ----------
    inputs : Inputs
    output : Output
    is_made : callable, optional
        Whether a file at the place of a target is such, and not an input. By default it is
        if it has colors.

    Raises
    ------
    click.UsageError
    """
    output.check(inputs)
    every = inputs.find(output.folder)
    targets = output.places(every, inputs)
    made = set(map(_place, targets))
    is_made = is_made or _is_picture
    old = [one.found and _place(one.path) in made and is_made(one.path) for one in every]
    if any(old):
        every = [one for one, is_old in zip(every, old, strict=True) if not is_old]
        targets = output.places(every, inputs)
    sources: dict[str, str] = {}
    for one, target in zip(every, targets, strict=True):
        if one.problem is not None:
            continue
        place = _place(target)
        if place in sources:
            both = f"{printable(sources[place])} and {printable(one.path)}"
            raise click.UsageError(f"{both} would both become {printable(target)}")
        sources[place] = one.path
    return list(zip(every, targets, strict=True))


def gather(inputs: Inputs, target: Path) -> list[Input]:
    """All inputs of one picture, without one that an earlier run has put among them.

    Raises
    ------
    click.UsageError
    """
    place = _place(target)
    return [
        one
        for one in inputs.find()
        if not (one.found and _place(one.path) == place and _is_picture(one.path))
    ]


def check_targets(inputs: Sequence[str], targets: Sequence[Path], order: str, dtype: str) -> None:
    """Refuse what cannot be written, and inputs as outputs, before anything is read."""
    from ..io import check_format

    for target in {one.suffix.lower(): one for one in reversed(targets)}.values():
        if order.startswith("bgr") and target.suffix.lower() != ".npy":
            raise click.UsageError(
                f"--order {order} is for NPY; an image file has an order of its own, got {target}"
            )
        try:
            check_format(target, dtype, len(order))
        except ValueError as error:
            raise click.UsageError(f"-o {error}") from None
    refuse_inputs(inputs, targets)


def _is_picture(path: str) -> bool:
    """Whether a file has colors, which is what we make, and is not for reading."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.mode in ("P", "RGB", "RGBA")
    except Exception:  # whatever it is, we have not made it
        return False


def _place(path: str | Path) -> str:
    """The same for two names of one place, whether or not there is a file."""
    folder, name = os.path.split(path)
    return os.path.normcase(os.path.join(_real_folder(os.path.abspath(folder)), name))


@lru_cache(maxsize=4096)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)
