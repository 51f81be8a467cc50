"""Videos of numbers, decoded by FFmpeg through PyAV."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._typing import AnyArray
from .frames import EndedEarlyError, Frames
from .raster import Raster, ReadError, line
from .signatures import begins_as_video

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

INSTALL = "pip install 'turbo_cmap[video]'"

#: So far from neutral, in 8-bit codes, chroma may be in a gray video that was compressed.
_NEUTRAL = 3
#: Formats that are turned into others of the same samples, each component in a plane.
_PLANAR = {"nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p"}
_PLANAR |= dict.fromkeys(("yuyv422", "uyvy422", "yvyu422"), "yuv422p")
_PLANAR |= {"p010le": "yuv420p10le", "p210le": "yuv422p10le", "y210le": "yuv422p10le"}
_PLANAR |= {"ya8": "gray", "ya16le": "gray16le", "ya16be": "gray16be", "monow": "gray"}
_PLANAR |= {"monob": "gray"}


def is_video(path: Path) -> bool:
    """Whether a file is a video, by its first bytes; a pipe would lose them, and is none."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except OSError:
        return False
    return begins_as_video(head, path.suffix)


def require_av(what: str) -> None:
    """Raise `ImportError` with the line that installs PyAV, where it is missing."""
    if importlib.util.find_spec("av") is None:
        raise ImportError(f"{what} needs PyAV: {INSTALL}")


class VideoFrames(Frames):
    """The first video stream of a file.

    Parameters
    ----------
    path : Path
    channel : str or None
        See `turbo_cmap.io.read_frames`.
    """

    def __init__(self, path: Path, channel: str | None = None) -> None:
        self.path = path
        self.channel = None if channel is None else channel.lower()
        if self.channel not in (None, "y", "r", "g", "b"):
            raise ReadError(path, f"has channels y, r, g and b, not {channel!r}")
        try:
            require_av("a video")
        except ImportError as error:
            raise ReadError(path, str(error)) from None
        with self._open() as container:
            stream = container.streams.video[0]
            self.fps = stream.average_rate or stream.guessed_rate
            self.count = stream.frames or None

    def _open(self) -> InputContainer:
        import av

        try:
            container = av.open(str(self.path), metadata_errors="replace")
        except Exception as error:  # PyAV raises all sorts of things on bytes that are damaged
            raise ReadError(self.path, f"cannot be decoded: {_said(error)}") from error
        if not container.streams.video:
            container.close()
            raise ReadError(self.path, "holds no video stream")
        return container

    def _read(self) -> Iterator[Raster | ReadError]:
        number, end = 0, 0.0
        with self._open() as container:
            # Of frames decoded at once, an error may take others that are good with it.
            several = "AUTO" if self.on_error == "stop" else "SLICE"
            container.streams.video[0].thread_type = several
            length = _length(container)
            for frame in self._decoded(container):
                if isinstance(frame, ReadError):
                    yield frame
                else:
                    yield Raster(self._numbers(frame, number), self.path)
                    end = frame.time or 0.0
                number += 1
        if not number:
            raise ReadError(self.path, "holds no frame")
        # FFmpeg says nothing of a file that has been cut off. One or two frames less than it
        # says there are, an edit list may have taken out.
        if self.count is not None and number < self.count - 2:
            raise EndedEarlyError(self.path, f"ends after {number} of {self.count} frames")
        if self.fps and length - end > 2.5 / self.fps:
            reason = f"ends with frame {number - 1}, at {end:.2f} of {length:.2f} s"
            raise EndedEarlyError(self.path, reason)

    def _decoded(self, container: InputContainer) -> Iterator[VideoFrame | ReadError]:
        """All frames; of what cannot be decoded, the error."""
        packets = container.demux(video=0)
        while True:
            try:
                packet = next(packets, None)
            except Exception as error:
                raise ReadError(self.path, f"cannot be read on: {_said(error)}") from error
            if packet is None:
                return
            try:
                frames: list[Any] = packet.decode()
            except Exception as error:
                yield ReadError(self.path, f"cannot be decoded: {_said(error)}")
                continue
            yield from frames

    def _numbers(self, frame: VideoFrame, number: int) -> AnyArray:
        planar = _PLANAR.get(frame.format.name)
        if planar is not None:
            frame = frame.reformat(format=planar)
        form = frame.format
        if form.is_rgb or form.has_palette or self.channel in ("r", "g", "b"):
            return self._component(frame, number)
        if len(frame.planes) < len(form.components):
            raise ReadError(self.path, f"is of pixel format {form.name}, which is not read")
        if len(form.components) >= 3 and self.channel is None:
            self._check_gray(frame, number)
        return _plane(frame, 0)

    def _component(self, frame: VideoFrame, number: int) -> AnyArray:
        """One of red, green and blue; any, where they are equal."""
        deep = max(component.bits for component in frame.format.components) > 8
        rgb = frame.to_ndarray(format="rgb48le" if deep else "rgb24")
        if self.channel is None:
            if not (
                np.array_equal(rgb[..., 0], rgb[..., 1])
                and np.array_equal(rgb[..., 0], rgb[..., 2])
            ):
                raise self._colored(frame, number)
            return np.ascontiguousarray(rgb[..., 0])
        if self.channel == "y":
            raise ReadError(self.path, f"is {frame.format.name}, which has no luma; choose r, g, b")
        return np.ascontiguousarray(rgb[..., "rgb".index(self.channel)])

    def _check_gray(self, frame: VideoFrame, number: int) -> None:
        bits = frame.format.components[1].bits
        middle, most = 1 << (bits - 1), _NEUTRAL << (bits - 8)
        for plane in (1, 2):
            chroma = _plane(frame, plane)
            low, high = int(chroma.min()), int(chroma.max())
            if middle - low > most or high - middle > most:
                raise self._colored(frame, number)

    def _colored(self, frame: VideoFrame, number: int) -> ReadError:
        reason = f"is a color video ({frame.format.name}, frame {number}), whose colors are no"
        return ReadError(self.path, f"{reason} numbers; --channel y, r, g or b takes one component")


def _length(container: InputContainer) -> float:
    """Seconds that a container of one stream says it lasts; 0 if it says nothing."""
    if len(container.streams) > 1 or container.duration is None:
        return 0.0
    return float(container.duration + (container.start_time or 0)) / 1e6


def _said(error: Exception) -> str:
    """What FFmpeg says, without numbers and names."""
    return getattr(error, "strerror", None) or line(error)


def _plane(frame: VideoFrame, number: int) -> AnyArray:
    """A copy of a plane, as it is stored."""
    form, plane = frame.format, frame.planes[number]
    bits = form.components[number].bits
    kind = "f4" if "f32" in form.name else "f2" if "f16" in form.name else f"u{1 + (bits > 8)}"
    dtype: np.dtype[Any] = np.dtype((">" if form.is_big_endian else "<") + kind)
    wide = plane.line_size // dtype.itemsize
    samples: AnyArray = np.frombuffer(memoryview(plane), dtype, count=plane.height * wide)
    rows = samples.reshape(plane.height, wide)
    return np.asarray(rows[:, : plane.width].astype(dtype.newbyteorder("=")))
