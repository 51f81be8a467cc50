"""Images of numbers and of colors as files: `read` and `write`.

What a file is, its first bytes say; the name is not looked at for reading. For writing
the suffix chooses.
"""

from typing import TYPE_CHECKING

from .._face import import_on_use

#: As in `turbo_cmap`: the public names, and the module that each one is from.
_MODULE_OF = {
    "Format": "registry",
    "Found": "registry",
    "Frames": "frames",
    "MOVIE_SUFFIXES": "movies",
    "Movie": "movies",
    "PRESETS": "presets",
    "Preset": "presets",
    "Raster": "raster",
    "ReadError": "raster",
    "Recipe": "recipe",
    "Region": "recipe",
    "Request": "registry",
    "SUFFIXES": "writing",
    "check_format": "writing",
    "formats": "registry",
    "read": "reading",
    "read_frames": "sequences",
    "read_recipe": "notes",
    "write": "writing",
    "write_frames": "movies",
}

if TYPE_CHECKING:
    from .frames import Frames as Frames
    from .movies import MOVIE_SUFFIXES as MOVIE_SUFFIXES
    from .movies import Movie as Movie
    from .movies import write_frames as write_frames
    from .notes import read_recipe as read_recipe
    from .presets import PRESETS as PRESETS
    from .presets import Preset as Preset
    from .raster import Raster as Raster
    from .raster import ReadError as ReadError
    from .reading import read as read
    from .recipe import Recipe as Recipe
    from .recipe import Region as Region
    from .registry import Format as Format
    from .registry import Found as Found
    from .registry import Request as Request
    from .registry import formats as formats
    from .sequences import read_frames as read_frames
    from .writing import SUFFIXES as SUFFIXES
    from .writing import check_format as check_format
    from .writing import write as write
else:
    __all__ = [*_MODULE_OF]

import_on_use(__name__, _MODULE_OF)
