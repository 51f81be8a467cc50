"""Pictures to video, encoded by FFmpeg through PyAV: which codecs, and with what colors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

import numpy as np

from .._typing import AnyArray
from .raster import line
from .video import require_av

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.filter import Graph
    from av.video.stream import VideoStream

DEFAULT_FPS = Fraction(30)


class Encoding(NamedTuple):
    """What is asked for; see `turbo_cmap.io.write_frames`."""

    suffix: str
    codec: str | None = None
    crf: int | None = None
    chroma: str | None = None
    lossless: bool = False
    bits: int | None = None


class _Coder(NamedTuple):
    """An encoder of FFmpeg, what it is fed, and its options."""

    name: str
    pixels: str
    options: dict[str, str]
    pixels_alpha: str | None = None


class _Codec(NamedTuple):
    crf: int | None  # by default, of those that have one
    most: int  # the largest crf
    lossy: _Coder | None  # "yuv" as its pixels: by chroma and bits
    exact: _Coder | None


# SVT-AV1's presets go from 0, the slowest, to 13. VP9 with a crf alone needs a bit rate of 0
# (https://trac.ffmpeg.org/wiki/Encode/VP9).
_X264 = {"preset": "medium"}
_X265 = {"preset": "medium", "x265-params": "log-level=none"}
_VP9 = {"b:v": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}
_CODECS = {
    "h264": _Codec(
        18,
        51,
        _Coder("libx264", "yuv", _X264),
        _Coder("libx264rgb", "rgb24", {"preset": "medium", "qp": "0"}),
    ),
    "h265": _Codec(
        20,
        51,
        _Coder("libx265", "yuv", _X265),
        _Coder("libx265", "gbrp", {"x265-params": "lossless=1:log-level=none"}),
    ),
    "vp9": _Codec(
        24,
        63,
        _Coder("libvpx-vp9", "yuv", _VP9),
        _Coder("libvpx-vp9", "gbrp", {**_VP9, "lossless": "1"}),
    ),
    "av1": _Codec(24, 63, _Coder("libsvtav1", "yuv", {"preset": "8"}), None),
    "prores": _Codec(None, 0, _Coder("prores_ks", "yuv444p10le", {"profile": "4444"}), None),
    # Version 3 has slices, which are coded in parallel, and checksums (RFC 9043).
    "ffv1": _Codec(None, 0, None, _Coder("ffv1", "bgr0", {"level": "3", "slices": "4"}, "bgra")),
    "png": _Codec(None, 0, None, _Coder("png", "rgb24", {}, "rgba")),
    "webp": _Codec(None, 0, None, _Coder("libwebp_anim", "bgra", {"lossless": "1"}, "bgra")),
}


class _Container(NamedTuple):
    format: str  # of FFmpeg's muxers
    codecs: tuple[str, ...]  # the first is the default
    lossless: str
    options: dict[str, str]


_CONTAINERS = {
    ".mp4": _Container("mp4", ("h264", "h265", "vp9", "av1"), "h264", {}),
    ".mov": _Container("mov", ("h264", "h265", "prores", "png"), "h264", {}),
    ".mkv": _Container("matroska", ("h264", "h265", "vp9", "av1", "ffv1"), "ffv1", {}),
    ".webm": _Container("webm", ("vp9", "av1"), "vp9", {}),
    ".webp": _Container("webp", ("webp",), "webp", {"loop": "0"}),
}
#: Names for ``codec``.
CODECS = tuple(name for name in _CODECS if name != "webp")
#: What is asked for by chroma and bits, as FFmpeg calls it.
_YUV = {
    f"yuv{chroma}p{'10le' * (bits == 10)}": f"chroma {chroma} in {bits} bits"
    for bits in (8, 10)
    for chroma in ("420", "444")
}

# Code points of ITU-T H.273, as FFmpeg's options take them: primaries, transfer and matrix
# of BT.709; identity matrix; limited and full range.
_BT709, _IDENTITY, _LIMITED, _FULL = 1, 0, 1, 2


def check_encoding(path: Path, asked: Encoding) -> None:
    """Raise where video cannot be written like this.

    Raises
    ------
    ImportError
        If PyAV is not installed.
    ValueError
        If what is asked for does not go together.
    """
    container = _CONTAINERS[asked.suffix]
    name = _chosen(asked)
    if name not in container.codecs:
        able = ", ".join(container.codecs)
        raise ValueError(f"{path}: {asked.suffix} holds {able}, not {name}")
    codec = _CODECS[name]
    for what in ("crf", "chroma", "bits"):
        if getattr(asked, what) is None:
            continue
        if asked.lossless or codec.lossy is None:
            raise ValueError(f"{path}: {what} is for what has losses, and {name} here has none")
        if codec.crf is None:
            raise ValueError(f"{path}: {name} has no {what} to choose")
    if asked.crf is not None and not 0 <= asked.crf <= codec.most:
        raise ValueError(f"{path}: crf must be from 0 to {codec.most} for {name}")
    if asked.chroma not in (None, "420", "444"):
        raise ValueError(f"{path}: chroma must be 420 or 444, got {asked.chroma!r}")
    if asked.bits not in (None, 8, 10):
        raise ValueError(f"{path}: bits must be 8 or 10, got {asked.bits!r}")
    if asked.lossless and codec.exact is None:
        able = ", ".join(one for one in container.codecs if _CODECS[one].exact)
        raise ValueError(f"{path}: {name} is never lossless" + (f"; {able} can be" if able else ""))
    require_av(f"{path}: video")
    _check_coder(path, name, _coder(asked, 3), container)


def _check_coder(path: Path, name: str, coder: _Coder, container: _Container) -> None:
    """Raise where the FFmpeg at hand has no such encoder, or that takes no such pixels."""
    taken = _taken(coder.name)
    if taken is None:
        able = [one for one in container.codecs if _is_there(_CODECS[one])]
        others = f"; there is {', '.join(able)}" if able else ""
        raise ValueError(
            f"{path}: {name} takes {coder.name}, which this FFmpeg is built without{others}"
        )
    if coder.pixels not in taken:
        yuv = [one for one in taken if one in _YUV]
        raise ValueError(
            f"{path}: {name}, of {coder.name} in this FFmpeg, has no {_YUV[coder.pixels]}, but "
            f"{' and '.join(_YUV[one] for one in yuv)}"
        )


def _is_there(codec: _Codec) -> bool:
    return any(_taken(one.name) is not None for one in (codec.lossy, codec.exact) if one)


def _taken(encoder: str) -> list[str] | None:
    """The pixel formats of an encoder; None where FFmpeg is built without it."""
    import av

    try:
        formats = av.Codec(encoder, "w").video_formats
    except ValueError:  # av.codec.codec.UnknownCodecError
        return None
    return [one.name for one in formats or ()]


def _chosen(asked: Encoding) -> str:
    container = _CONTAINERS[asked.suffix]
    return asked.codec or (container.lossless if asked.lossless else container.codecs[0])


def _coder(asked: Encoding, channels: int) -> _Coder:
    """The encoder, the pixel format that it is fed, and its options."""
    name = _chosen(asked)
    codec = _CODECS[name]
    exact = codec.exact if asked.lossless or codec.lossy is None else None
    if exact is not None:
        if channels == 4:
            if exact.pixels_alpha is None:
                raise ValueError(f"{name} in {asked.suffix} has no transparency")
            return exact._replace(pixels=exact.pixels_alpha)
        return exact
    if channels == 4:
        raise ValueError(f"{name} in {asked.suffix} has no transparency")
    assert codec.lossy is not None
    if codec.crf is None:
        return codec.lossy
    crf = codec.crf if asked.crf is None else asked.crf
    # In 10 bits, crf goes on to -12 for x264, and qp does not.
    quality = "qp" if codec.lossy.name == "libx264" and crf == 0 else "crf"
    options = {**codec.lossy.options, quality: str(crf)}
    deep = "10le" if asked.bits == 10 else ""
    return codec.lossy._replace(pixels=f"yuv{asked.chroma or '420'}p{deep}", options=options)


def check_alpha(asked: Encoding) -> None:
    """Raise ValueError where there is no transparency."""
    _coder(asked, 4)


class _Watched:
    """A file that keeps its error, of which FFmpeg says only that there was one.

    What is raised in a call from FFmpeg, `KeyboardInterrupt` for one, may be lost on its way
    through it; here it waits for `check`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: BaseException | None = None
        self.seek, self.tell = file.seek, file.tell

    def write(self, data: bytes) -> int:
        """Write, and keep what goes wrong."""
        try:
            return self._file.write(data)
        except BaseException as error:
            self.error = error
            if isinstance(error, OSError):
                raise
            return len(data)

    def check(self) -> None:
        """Raise what went wrong."""
        if self.error is not None:
            raise self.error


def encode(
    path: Path, file: BinaryIO, pictures: Iterator[AnyArray], fps: Fraction, asked: Encoding
) -> tuple[int, int, int, Fraction, str]:
    """Encode pictures into a file; return the fields of a `Movie`.

    Raises
    ------
    OSError
        If it cannot be written or encoded.
    """
    import av

    first, watched = next(pictures), _Watched(file)
    coder = _coder(asked, first.shape[2])
    even = coder.pixels.startswith("yuv420p")
    form, _, _, options = _CONTAINERS[asked.suffix]
    height, width = (n + (n % 2 if even else 0) for n in first.shape[:2])
    try:
        with av.open(watched, "w", format=form, container_options=dict(options)) as container:
            stream = _add_stream(container, coder, width, height, fps)
            graph = _conversion(coder.pixels, width, height, first.shape[2], fps)
            count = 0
            for picture in chain([first], pictures):
                _mux(container, stream, graph, _padded(picture, height, width), count)
                watched.check()
                count += 1
            container.mux(stream.encode(None))
        watched.check()
    except av.FFmpegError as error:
        if watched.error is not None:
            raise watched.error from None
        reason = getattr(error, "strerror", None) or line(error)
        raise OSError(f"{path}: FFmpeg cannot write it: {reason}") from error
    return count, width, height, fps, f"{_chosen(asked)} {coder.pixels}"


def _add_stream(
    container: OutputContainer, coder: _Coder, width: int, height: int, fps: Fraction
) -> VideoStream:
    options = coder.options
    if coder.name == "libsvtav1":  # which says on stderr what it has been told, by default
        os.environ.setdefault("SVT_LOG", "1")
    stream = cast("VideoStream", container.add_stream(coder.name, rate=fps, options=options))
    stream.width, stream.height, stream.pix_fmt = width, height, coder.pixels
    context = stream.codec_context
    yuv = coder.pixels.startswith("yuv")
    context.colorspace = _BT709 if yuv else _IDENTITY
    context.color_range = _LIMITED if yuv else _FULL
    context.color_primaries = context.color_trc = _BT709
    if coder.name == "libx265" and container.format.name in ("mp4", "mov"):
        context.codec_tag = "hvc1"  # the one of two that Apple's players take
    return stream


def _conversion(pixels: str, width: int, height: int, channels: int, fps: Fraction) -> Graph | None:
    """RGB to what the encoder takes, by the matrix and range that it is tagged with.

    FFmpeg's default is the matrix of BT.601, and arithmetic that is off by one or two.
    """
    own = "rgb24" if channels == 3 else "rgba"
    if pixels == own:
        return None
    from av import VideoFormat
    from av.filter import Graph

    graph = Graph()
    flags = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
    matrix = "out_color_matrix=bt709:out_range=tv:" if pixels.startswith("yuv") else ""
    nodes = [
        graph.add_buffer(width=width, height=height, format=VideoFormat(own), time_base=1 / fps),
        graph.add("scale", matrix + flags),
        graph.add("format", f"pix_fmts={pixels}"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _mux(
    container: OutputContainer,
    stream: VideoStream,
    graph: Graph | None,
    picture: AnyArray,
    number: int,
) -> None:
    import av

    frame = av.VideoFrame.from_ndarray(picture, "rgb24" if picture.shape[2] == 3 else "rgba")
    frame.pts, frame.time_base = number, 1 / stream.codec_context.framerate
    if graph is not None:
        graph.push(frame)
        frame = graph.pull()  # type: ignore[assignment]
        frame.pts = number
    container.mux(stream.encode(frame))


def _padded(picture: AnyArray, height: int, width: int) -> AnyArray:
    """With the last row or column once more, where the size has to be even."""
    missing = height - picture.shape[0], width - picture.shape[1]
    if any(missing):
        return np.pad(picture, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    return np.ascontiguousarray(picture)
