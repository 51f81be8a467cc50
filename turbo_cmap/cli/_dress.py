"""What is put around a picture, or under it: legends, titles, photographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .._typing import AnyArray
    from ..colorizer import Colorizer
    from ..io import Raster

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Dress:
    """What is asked for besides the colors; can be pickled."""

    @classmethod
    def take(cls, options: dict[str, Any]) -> Dress:
        """Take the options of `dress_options` out of those of a verb, and check them."""
        return cls()

    def __bool__(self) -> bool:
        """Whether there is anything to do: a bare picture goes a faster way."""
        return False

    def compose(
        self, picture: AnyArray, raster: Raster, colorizer: Colorizer, source: Path
    ) -> AnyArray:
        """The picture with all that goes around it.

        Parameters
        ----------
        picture : ndarray of uint8, shape (H, W, 3) or (H, W, 4)
            As the colorizer made it of the raster.
        raster : Raster
        colorizer : Colorizer
            Its range is known.
        source : Path
            The file that it is of, for titles and for finding the photograph of it.
        """
        return picture


def dress_options(command: _Command) -> _Command:
    """Give a verb the options of `Dress`."""
    return command
