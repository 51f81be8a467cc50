"""Images of numbers and of colors as files: `read` and `write`.

What a file is, its first bytes say; the name is not looked at for reading. For writing
the suffix chooses.
"""

from .frames import Frames
from .movies import MOVIE_SUFFIXES, Movie, write_frames
from .notes import read_recipe
from .presets import PRESETS, Preset
from .raster import Raster, ReadError
from .reading import read
from .recipe import Recipe, Region
from .registry import Format, Found, Request, formats
from .sequences import read_frames
from .writing import SUFFIXES, check_format, write

__all__ = [
    "Format",
    "Found",
    "Frames",
    "MOVIE_SUFFIXES",
    "Movie",
    "PRESETS",
    "Preset",
    "Raster",
    "ReadError",
    "Recipe",
    "Region",
    "Request",
    "SUFFIXES",
    "check_format",
    "formats",
    "read",
    "read_frames",
    "read_recipe",
    "write",
    "write_frames",
]
