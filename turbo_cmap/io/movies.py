"""Moving pictures as files: `write_frames`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from .._typing import AnyArray
from .animations import SLOWEST_GIF, write_apng, write_gif
from .atomic import new_file
from .codecs import DEFAULT_FPS, Encoding, check_encoding, encode
from .palettes import check_palette
from .raster import as_path

if TYPE_CHECKING:
    from collections.abc import Callable

#: The suffixes that `write_frames` knows.
MOVIE_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".gif", ".apng", ".webp")
#: Of a palette that is given; it is shortened to what the format has.
_MOST_COLORS = 1 << 16
_ANIMATIONS = {".gif": write_gif, ".apng": write_apng}


class Movie(NamedTuple):
    """What `write_frames` has written.

    Attributes
    ----------
    frames : int
        How many there are.
    width, height : int
        Of the file: those of the pictures, or one more (see `write_frames`).
    fps : Fraction
    coding : str
        The codec and what it makes of colors: "h264 yuv420p", "gif".
    """

    frames: int
    width: int
    height: int
    fps: Fraction
    coding: str


def write_frames(
    path: str | os.PathLike[str],
    pictures: Iterable[AnyArray],
    *,
    fps: float | Fraction | str = DEFAULT_FPS,
    codec: str | None = None,
    crf: int | None = None,
    chroma: str | None = None,
    lossless: bool = False,
    bits: int | None = None,
    palette: AnyArray | None = None,
    force: bool = False,
) -> Movie:
    """Write pictures, one after the other, as a video or an animation.

    The file appears whole or not at all. Memory for a few pictures is used, however many
    there are.

    Parameters
    ----------
    path : str or path
        MP4, MOV, MKV, WebM; GIF, APNG or animated WebP. The suffix chooses.
    pictures : iterable of ndarray of uint8, shape (H, W, 3) or (H, W, 4)
        RGB, or RGBA where the format has transparency: APNG, WebP, GIF (where alpha is
        below 128), FFV1 in MKV, PNG in MOV. All of one shape.
    fps : number, Fraction or str, default 30
        Frames a second; ``"30000/1001"`` is exact.
    codec : {"h264", "h265", "vp9", "av1", "prores", "ffv1", "png"}, optional
        For video. By default "h264", in WebM "vp9", in MKV with *lossless* "ffv1". "av1" is
        for all containers but MOV, "prores" (4444, for editing) for MOV.
    crf : int, optional
        The encoder's constant rate factor: smaller is better and larger in bytes. By
        default 18 for "h264", 20 for "h265", 24 for "vp9" and "av1".
    chroma : {"420", "444"}, optional
        With "420", the default, color has half the resolution of lightness, as all players
        expect, and hues blur where they meet; with "444" it has all of it.
    lossless : bool, default False
        Whether every pixel is to come back as it is. GIF (of up to 256 colors), APNG, WebP,
        "ffv1" and "png" are always so.
    bits : {8, 10}, optional
        Of a sample of what is neither lossless nor "prores". 8, the default, is what all
        players show. Which encoder has 10, depends on how FFmpeg was built; PyAV's have it
        for "h264", "h265" and "av1".
    palette : ndarray of uint8, shape (N, 3), optional
        For GIF and APNG: the colors of all pictures, in the order of the map. A pixel of
        another color gets one of these. Of more than 256, those that differ the least from
        their neighbors are left out. Without it, GIF takes a palette from the first picture,
        and APNG has none.
    force : bool, default False
        Whether to replace a file that is there.

    Returns
    -------
    Movie

    Raises
    ------
    FileExistsError
        If the file is there and *force* is not given.
    ImportError
        If PyAV is needed and not installed.
    TypeError, ValueError
        If an argument is not allowed, a picture is not like the first, or there is none.

    Notes
    -----
    Video that is not lossless is YUV by ITU-R BT.709 in limited range, and is tagged so.
    "420" needs even sizes: a picture of an odd width or height is padded by one column or
    row, which repeats the last. GIF counts in hundredths of a second; frames last 3, 3 and
    4 of them for 30 a second, so that the sum is right.

    References
    ----------
    ITU-R BT.709-6 (2015), Parameter values for the HDTV standards.
    """
    where = as_path(path, "write_frames")
    rate = as_fps(fps)
    suffix = where.suffix.lower()
    encoding = Encoding(suffix, codec, crf, chroma, lossless, bits)
    check_movie(where, encoding, rate)
    if palette is not None:
        check_palette("write_frames", palette, _MOST_COLORS)
    iterator = iter(pictures)
    first = next(iterator, None)
    if first is None:
        raise ValueError("write_frames(): pictures must hold at least one, got none")
    _check_picture(first, first, 0)
    alike = _alike(first, iterator)
    with new_file(where, force=force) as file:
        animate: Callable[[BinaryIO, Iterator[AnyArray], Fraction, AnyArray | None], int] | None
        animate = _ANIMATIONS.get(suffix)
        if animate is None:
            return Movie(*encode(where, file, alike, rate, encoding))
        count = animate(file, alike, rate, palette)
    height, width = first.shape[:2]
    return Movie(count, width, height, rate, suffix[1:])


def check_movie(path: Path, encoding: Encoding, fps: Fraction) -> None:
    """Check that a file of this name can be written like this, before there are pictures.

    Raises
    ------
    ImportError
        If PyAV is needed and not installed.
    ValueError
        If the suffix is not one of `MOVIE_SUFFIXES`, or does not go with the rest.
    """
    if encoding.suffix not in MOVIE_SUFFIXES:
        known = " ".join(MOVIE_SUFFIXES)
        raise ValueError(f"{path}: the suffix must be one of {known}, got {encoding.suffix!r}")
    if encoding.suffix == ".gif" and fps > 50:
        raise ValueError(f"{path}: GIF has at most 50 frames a second, got {fps}; use APNG")
    if encoding.suffix == ".gif" and fps < SLOWEST_GIF:
        raise ValueError(f"{path}: a frame of GIF lasts 655.35 s at most, got {fps} a second")
    if encoding.suffix in _ANIMATIONS:
        if any(value is not None for value in _tuning(encoding)):
            raise ValueError(
                f"{path}: codec, crf, chroma and bits are for video, not for GIF and APNG"
            )
        return
    check_encoding(path, encoding)


def _tuning(encoding: Encoding) -> tuple[object, ...]:
    return encoding.codec, encoding.crf, encoding.chroma, encoding.bits


def as_fps(fps: float | Fraction | str) -> Fraction:
    """Frames a second as a fraction.

    Raises
    ------
    ValueError
        If it is not a number between 1/1000 and 1000.
    """
    try:
        rate = Fraction(fps).limit_denominator(65535)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        rate = Fraction(0)
    if not Fraction(1, 1000) <= rate <= 1000:
        raise ValueError(
            f"write_frames(): fps must be a number from 0.001 to 1000, or a fraction such as "
            f"30000/1001, got {fps!r}"
        )
    return rate


def _alike(first: AnyArray, others: Iterator[AnyArray]) -> Iterator[AnyArray]:
    yield first
    for number, picture in enumerate(others, 1):
        _check_picture(picture, first, number)
        yield picture


def _check_picture(picture: AnyArray, first: AnyArray, number: int) -> None:
    if not isinstance(picture, np.ndarray):
        raise TypeError(f"write_frames(): pictures must be arrays, got {type(picture).__name__}")
    good = picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] in (3, 4)
    if not good or not picture.size:
        raise ValueError(
            "write_frames(): pictures must be uint8 of shape (H, W, 3) or (H, W, 4), got "
            f"{picture.dtype} of shape {picture.shape}"
        )
    if picture.shape != first.shape:
        raise ValueError(
            f"write_frames(): pictures must all have shape {first.shape}, got {picture.shape} "
            f"for number {number}"
        )
