"""Which frames a folder, a pattern, or one file of many stands for: `read_frames`."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from .frames import ON_ERROR, FileFrames, Frames
from .raster import Raster, ReadError
from .reading import read as read_image
from .registry import Request, formats, frames_in


def read_frames(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    key: str | None = None,
    channel: str | None = None,
    axis: int | None = None,
    on_error: str = "stop",
    read: Callable[[Path], Raster] | None = None,
) -> Frames:
    """Open a sequence of images of numbers.

    Parameters
    ----------
    path : str, path or sequence of them
        A folder of frames; a pattern such as ``"depth_*.png"``; several files; or one file
        that holds many frames: a video, a TIFF of many pages, an array of shape (N, H, W) in
        NPY, NPZ, HDF5, NetCDF, Zarr or MAT. Files are in natural order, ``frame_2`` before
        ``frame_10``.
    key : str, optional
        Which array of a file that holds several, and what of it: ``"depth[100:200]"``,
        ``"t[:, 0]"``. Three axes are to be left. Of a TIFF, which pages: ``"[::2]"``.
    channel : str, optional
        Which component holds the numbers: "y", "r", "g" or "b" of a color video, which is
        refused without it; of other files see `turbo_cmap.io.read`.
    axis : int, optional
        Along which axis of the array, or of what the key leaves of it, the frames lie; by
        default the first, -1 of an array of shape (H, W, N).
    on_error : {"stop", "skip", "repeat"}, default "stop"
        What to do about a frame that cannot be read or is unlike the first: raise, leave it
        out, or have the one before it once more. `Frames.problems` then says which they were.
    read : callable, optional
        Reads a file of one frame; by default `turbo_cmap.io.read`.

    Returns
    -------
    Frames
        To iterate over, as often as needed. Memory for one frame at a time is used.

    Raises
    ------
    ReadError
        If there is nothing to read, or the file cannot be opened. What is wrong with a
        frame is raised when its turn comes.
    TypeError, ValueError
        If an argument is not allowed.

    Notes
    -----
    Video is decoded by FFmpeg, through PyAV. Gray of 8 to 16 bits and float32 are as they are
    stored. Of YUV the luma is taken, as its codes: 16 to 235 in video of limited range, as
    most is, 0 to 255 in that of full range, and four times that with 10 bits. All of it must
    be gray, unless *channel* is given.

    Examples
    --------
    >>> from turbo_cmap import Colorizer, io
    >>> frames = io.read_frames("depth_*.png")  # doctest: +SKIP
    >>> colorizer = Colorizer(robust=True).fit(frames.values())  # doctest: +SKIP
    >>> pictures = (colorizer(one.scaled(), mask=one.mask) for one in frames)  # doctest: +SKIP
    >>> io.write_frames("depth.mp4", pictures, fps=30)  # doctest: +SKIP
    """
    given = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    paths = expand(given)
    where = Path(given[0]) if len(given) == 1 else paths[0].parent
    return frames_of(where, paths, Request(key, channel, axis=axis), read, on_error)


def frames_of(
    path: Path,
    paths: Sequence[Path],
    request: Request,
    read: Callable[[Path], Raster] | None = None,
    on_error: str = "stop",
) -> Frames:
    """Open files in the order in which they are given.

    Parameters
    ----------
    path : Path
        What to call them together.
    paths : sequence of Path
        One that may hold many frames, or several.
    request : Request
    read, on_error
        As of `read_frames`.

    Raises
    ------
    ReadError
    ValueError
        If *on_error* is none of those that there are.
    """
    from .video import VideoFrames, is_video

    if on_error not in ON_ERROR:
        known = ", ".join(map(repr, ON_ERROR))
        raise ValueError(f"read_frames(): on_error must be one of {known}, got {on_error!r}")
    if read is None:

        def read(one: Path) -> Raster:
            return read_image(one, key=request.key, channel=request.channel)

    frames: Frames | None = None
    if len(paths) == 1 and is_video(paths[0]):
        if request.key is not None or request.axis is not None:
            raise ReadError(paths[0], "is a video, in which there is nothing to choose by key")
        frames = VideoFrames(paths[0], request.channel)
    elif len(paths) == 1 and (paths[0].is_file() or paths[0].is_dir()):  # a pipe is not opened
        frames = _frames_in_file(paths[0], request)
    elif request.axis is not None:
        raise ReadError(path, f"axis is for one array of frames, got {len(paths)} files")
    for one in paths if frames is None else ():
        if is_video(one):
            raise ReadError(one, f"is a video, of which one is read at a time, got {len(paths)}")
    frames = frames or FileFrames(path, paths, read)
    frames.on_error = on_error
    return frames


def _frames_in_file(path: Path, request: Request) -> Frames | None:
    """The frames of a file that holds several, or None where it holds one image or none."""
    try:
        return frames_in(path, path.stat().st_size, request, folder=path.is_dir())
    except ReadError:
        raise
    except Exception:  # the reader of single images says what is wrong, in its own words
        return None


def expand(inputs: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """The files that folders, patterns and names stand for, in natural order, none twice.

    Raises
    ------
    ReadError
        If one stands for nothing, or a folder for files of several formats.
    """
    found: dict[Path, None] = {}
    for one in inputs:
        where = Path(one)
        if where.is_dir() and not _is_one_file(where):
            found |= dict.fromkeys(_frames_in(where))
        elif os.path.lexists(where) or not glob.has_magic(os.fspath(one)):
            found[where] = None  # also what is not there: the reader says so
        else:
            matching = [Path(match) for match in glob.glob(os.fspath(one), recursive=True)]
            files = [match for match in matching if not match.is_dir()]
            if not files:
                raise ReadError(where, "matches no file")
            found |= dict.fromkeys(files)
    if not found:
        raise ValueError("read_frames(): path must name a file, got nothing")
    return sorted(found, key=natural_key)


def natural_key(path: str | os.PathLike[str]) -> tuple[tuple[int, int, str], ...]:
    """For sorting: runs of digits count as numbers, so that 2 comes before 10.

    Examples
    --------
    >>> sorted(["f10.png", "f2.png"], key=natural_key)
    ['f2.png', 'f10.png']
    """
    parts = re.split(r"(\d+)", os.fspath(path))
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


def _is_one_file(folder: Path) -> bool:
    """Whether a folder is what others are a file for, such as Zarr."""
    return any(form.recognizes(b"", folder) for form in formats() if form.folders)


def _frames_in(folder: Path) -> list[Path]:
    known = {suffix for form in formats() if not form.folders for suffix in form.suffixes}
    files = [
        one
        for one in folder.iterdir()
        if one.suffix.lower() in known and not one.name.startswith(".") and one.is_file()
    ]
    suffixes = sorted({one.suffix.lower() for one in files})
    if not files:
        raise ReadError(folder, "holds no file that could be a frame")
    if len(suffixes) > 1:
        pattern = os.path.join(folder, f"*{suffixes[0]}")
        raise several_formats(folder, suffixes, f"as in '{pattern}'")
    return files


def several_formats(folder: Path, suffixes: Sequence[str], how: str) -> ReadError:
    """The error for a folder of frames that may not belong together, and *how* to choose."""
    return ReadError(
        folder, f"holds frames of several formats, {', '.join(suffixes)}; choose {how}"
    )
