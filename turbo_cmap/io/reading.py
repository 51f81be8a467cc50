"""One image of numbers out of a file: `read`."""

from __future__ import annotations

import os
import stat

from .presets import Preset, preset_of
from .raster import Raster, ReadError, as_path, as_raster, read_errors
from .registry import Request, found_in


def read(
    path: str | os.PathLike[str],
    preset: str | Preset | None = None,
    *,
    key: str | None = None,
    channel: str | None = None,
) -> Raster:
    """Read one image of numbers.

    Parameters
    ----------
    path : str or path
        A file in one of the formats of `turbo_cmap.io.formats`: PNG, TIFF, NPY, NPZ, PFM,
        PGM and many more. Its first bytes say which, not its name.
    preset : str or Preset, optional
        What the numbers mean: a name in `turbo_cmap.io.PRESETS`, such as "kitti-depth",
        "tum" or "mm". Nothing is assumed without one.
    key : str, optional
        Which array of a file that holds more than one, such as NPZ.
    channel : str, optional
        Which component of a pixel: "R", "G" or "B" of a picture, "u" or "v" of flow.

    Returns
    -------
    Raster
        Values in the file's own dtype, never scaled, and a mask where the format or the
        preset says that there is no measurement: +inf in PFM, transparent pixels in PNG.

    Raises
    ------
    ReadError
        If the file is not there, in none of these formats, damaged, a picture (of three
        channels, say) and no depth, or not of the preset's kind; or if *key* or *channel*
        mean nothing in its format. One line that names the file and the reason.
    TypeError
        If *path* is no path.
    ValueError
        If there is no such preset.

    Notes
    -----
    A header that claims more pixels than the file can hold is refused before memory is
    allocated. NPY files of 64 MiB and more are mapped, not copied. Objects are never
    unpickled.

    Examples
    --------
    >>> raster = read("000005_10.png", "kitti-disparity")  # doctest: +SKIP
    >>> raster.unit  # doctest: +SKIP
    'px'
    >>> colors = turbo_cmap.colorize(raster.scaled(), mask=raster.mask)  # doctest: +SKIP
    """
    where = as_path(path, "read")
    chosen = None if preset is None else preset_of("read", preset)
    with read_errors(where):
        status = where.stat()
        folder = stat.S_ISDIR(status.st_mode)
        if not folder and not stat.S_ISREG(status.st_mode):
            raise ReadError(where, "is no regular file")
        if not folder and status.st_size == 0:
            raise ReadError(where, "is empty")
        request = Request(key, channel, colors=bool(chosen and chosen.colors))
        kind, found = found_in(where, status.st_size, request, folder=folder)
        if chosen is None:
            return as_raster(where, *found, format=kind.name)
        if not chosen.colors:
            return chosen.apply(as_raster(where, *found, format=kind.name))
        return chosen.apply(Raster(found.values, where, found.mask, format=kind.name))
