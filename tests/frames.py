"""Frames and pictures that tests of sequences have in common."""

from fractions import Fraction

import av
import numpy as np

from turbo_cmap import colorize

DEEP = np.random.default_rng(6).integers(0, 65536, (3, 24, 34), dtype=np.uint16)
NTSC = Fraction(30000, 1001)


def values_of(frames):
    return [raster.values for raster in frames]


def same(found, expected):
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


def scene(count, height=48, width=64):
    """Smooth depths from 0 to 1 with an edge, which move."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for number in range(count):
        slope = (x + 2 * number) % width / width * 0.6 + y / height * 0.2
        yield slope + 0.2 * (np.hypot(x - width / 2, y - height / 2) < height / 4)


def encode(name, codec, pixels, arrays):
    """A video of arrays, which are in its pixel format."""
    with av.open(name, "w") as container:
        stream = container.add_stream(codec, rate=NTSC)
        stream.height, stream.width = arrays[0].shape[:2]
        stream.pix_fmt = pixels
        for number, array in enumerate(arrays):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return name


PICTURES = [colorize(depth, vmin=0, vmax=1) for depth in scene(5)]
