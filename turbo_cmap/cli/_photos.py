"""Photographs: reading them, where those of inputs are, and making them fit."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from .._typing import AnyArray
from ..io import ReadError
from ..io.raster import line

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_NUMBERS = ("I", "F")  # Pillow's modes of more than 8 bits begin so
_FIELD = re.compile(r"\{([^{}]*)\}")
#: How much the aspect may differ: frames padded or cropped by a few rows.
_ASPECT = 0.01


@dataclass(frozen=True)
class Photos:
    """Where the photograph of each input is.

    Attributes
    ----------
    option : str
        That it was given with, for errors.
    given : str
        A file; a folder, which holds files of the stems of the inputs; or a template with
        ``{stem}`` or ``{name}``, those of the input. ``{stem-TEXT}`` is the stem without
        TEXT at its end.
    """

    option: str
    given: str

    def check(self) -> None:
        """Refuse what can be seen to be wrong before anything is read.

        Raises
        ------
        click.UsageError
        """
        if "{" in self.given:
            for field in _FIELD.findall(self.given):
                if field not in ("stem", "name") and not field.startswith("stem-"):
                    raise click.UsageError(
                        f"{self.option} {self.given}: fields are {{stem}}, {{stem-TEXT}} and "
                        f"{{name}}, got {{{field}}}"
                    )
            if re.search("[{}]", _FIELD.sub("", self.given)):
                raise click.UsageError(f"{self.option} {self.given}: a brace without its other")
        elif not os.path.exists(self.given):
            raise click.UsageError(f"{self.option} {self.given}: there is no such file or folder")

    def find(self, source: Path) -> Path:
        """The photograph of an input.

        Raises
        ------
        ReadError
            If there is none.
        """
        if "{" in self.given:
            return Path(_FIELD.sub(lambda field: self._value(field[1], source), self.given))
        place = Path(self.given)
        if not place.is_dir():
            return place
        found = sorted(
            file
            for file in place.iterdir()
            if file.stem == source.stem and file.suffix.lower() in IMAGE_SUFFIXES
        )
        if not found:
            raise ReadError(
                source, f"{place} has no photograph of its stem, such as {source.stem}.jpg"
            )
        if len(found) > 1:
            names = " and ".join(file.name for file in found[:2])
            raise ReadError(source, f"{place} has several photographs of its stem: {names}")
        return found[0]

    def of(self, sources: Sequence[Path]) -> list[Path]:
        """The photographs of all these inputs, where there are any."""
        if "{" in self.given:
            found = []
            for source in sources:
                with suppress(ReadError):
                    found.append(self.find(source))
            return found
        place = Path(self.given)
        if not place.is_dir():
            return [place]
        stems = {source.stem for source in sources}
        return [file for file in place.iterdir() if file.stem in stems]

    def _value(self, field: str, source: Path) -> str:
        if field == "name":
            return source.name
        ending = field.removeprefix("stem").removeprefix("-")
        if ending and not source.stem.endswith(ending):
            raise ReadError(source, f"{self.option}: its stem does not end in {ending}")
        return source.stem.removesuffix(ending)

    def read(self, source: Path, ground: AnyArray) -> AnyArray:
        """The photograph of an input: uint8, shape (H, W, 3), on this ground."""
        path = self.find(source)
        photo = read_upright(path)
        if photo.ndim != 3 or photo.shape[2] not in (3, 4) or photo.dtype != np.uint8:
            raise ReadError(path, f"is no photograph: {photo.dtype} of shape {photo.shape}")
        if photo.shape[2] == 3:
            return photo
        share = photo[..., 3:] / 255
        return np.rint(share * photo[..., :3] + (1 - share) * ground).astype(np.uint8)

    def read_like(self, source: Path, height: int, width: int, ground: AnyArray) -> AnyArray:
        """The photograph in the size of a picture.

        Raises
        ------
        ReadError
            If it has not the picture's aspect.
        """
        photo = self.read(source, ground)
        tall, wide = photo.shape[:2]
        if abs(wide * height - tall * width) > _ASPECT * max(wide * height, tall * width):
            raise ReadError(
                self.find(source),
                f"has another aspect, {wide}x{tall}, than the numbers, {width}x{height}",
            )
        return resized(photo, height, width)


def read_upright(path: str | os.PathLike[str]) -> AnyArray:
    """An image file as uint8, shape (H, W, 3) or (H, W, 4), the right way up.

    Unlike `turbo_cmap.io.pictures.read_picture`, which gives pixels as they are stored, this
    is what people see: turned as the camera was held. Gray and palette images become RGB. An
    NPY file is taken as it is.

    Raises
    ------
    ReadError
        If it cannot be read, or holds numbers and no picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    where = Path(path)
    try:
        if where.suffix.lower() == ".npy":
            with where.open("rb") as file:
                if file.read(6) != b"\x93NUMPY":  # else NumPy speaks of pickles
                    raise ReadError(where, "is no NPY file")
            return np.asarray(np.load(where, allow_pickle=False))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(where) as image:
                if image.mode.startswith(_NUMBERS):
                    raise ReadError(where, f"a gray image of numbers ({image.mode}), no picture")
                upright = ImageOps.exif_transpose(image)
                return np.asarray(upright.convert("RGBA" if _has_alpha(upright) else "RGB"))
    except ReadError:
        raise
    except UnidentifiedImageError as error:
        raise ReadError(where, "is no image of a kind that is known") from error
    except Exception as error:  # decoders raise all sorts of things on bytes that are damaged
        raise ReadError(where, line(error)) from error


def _has_alpha(image: object) -> bool:
    return bool(getattr(image, "has_transparency_data", False))


def resized(photo: AnyArray, height: int, width: int) -> AnyArray:
    """A photograph in another size, with Pillow's Lanczos filter, which does not alias."""
    if photo.shape[:2] == (height, width):
        return photo
    from PIL import Image

    return np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.LANCZOS))


def blended(photo: AnyArray, colors: AnyArray, alpha: float) -> AnyArray:
    """Colors with alpha over a photograph, as `turbo_cmap.overlay` lays them.

    Parameters
    ----------
    photo : ndarray of uint8, shape (H, W, 3)
    colors : ndarray of uint8, shape (H, W, 4)
    alpha : float
        How much of the colors, times their own.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
    """
    result = np.empty_like(photo)
    step = max(1, (1 << 18) // photo.shape[1])
    for top in range(0, len(photo), step):
        rows = slice(top, top + step)
        share = colors[rows, :, 3:] / 255 * alpha
        result[rows] = np.rint(colors[rows, :, :3] * share + photo[rows] * (1 - share))
    return result
