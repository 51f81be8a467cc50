"""PNM, the portable maps of Netpbm: PGM and PPM, plain and raw, and PAM.

::

    P5            P2 and P3 are text, P5 and P6 binary; P2 and P5 gray, P3 and P6 RGB
    # a comment
    640 480       width, height
    65535         the largest value; from 256 on a sample is two bytes, the high one first
    <samples>     rows from the top, RGB interleaved

    P7            PAM: the same as lines of a word and a number, and any number of channels
    WIDTH 640
    HEIGHT 480
    DEPTH 1
    MAXVAL 65535
    TUPLTYPE GRAYSCALE
    ENDHDR
    <samples>

The values are those of the file. (Pillow multiplies them so that the largest value becomes
255 or 65,535, which is right for pictures and wrong for millimeters.)

Some programs write two-byte samples with the low byte first; nothing in the file says so.
The presets "byteswap" and "nyu-raw" are for those.

References
----------
Netpbm: https://netpbm.sourceforge.net/doc/pgm.html, ppm.html, pam.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .._typing import AnyArray
from .channels import chosen
from .raster import ReadError
from .registry import Format, Found, Request

_MAX_HEADER = 4096
_MAX_VALUE = 65535
_BLANK = rb"(?:\s|#[^\r\n]*[\r\n])"
_PNM = re.compile(
    rb"P([2356])" + _BLANK + rb"+(\d{1,18})" + _BLANK + rb"+(\d{1,18})" + _BLANK + rb"+(\d{1,9})"
)
_PAM_END = re.compile(rb"^ENDHDR[ \t]*\r?\n", re.MULTILINE)
_PAM_LINE = re.compile(r"(WIDTH|HEIGHT|DEPTH|MAXVAL)\s+(\d{1,18})")
#: Bytes of a plain file's samples.
_PLAIN = b"0123456789 \t\r\n\v\f"

_CHANNELS = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}


class _Header(NamedTuple):
    kind: str
    width: int
    height: int
    channels: int
    largest: int
    offset: int  # of the first sample

    @property
    def plain(self) -> bool:
        return self.kind in ("P2", "P3")

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        return np.dtype(np.uint8 if self.largest < 256 else ">u2")


def read_pnm(path: Path, size: int, request: Request) -> Found:
    """uint8 values where the largest is below 256, else uint16."""
    with path.open("rb") as file:
        head = file.read(_MAX_HEADER)
    header = _pam(path, head) if head.startswith(b"P7") else _pnm(path, head)
    if not 1 <= header.largest <= _MAX_VALUE:
        raise ReadError(
            path, f"its largest value must be 1 to {_MAX_VALUE}, its header says {header.largest}"
        )
    if header.channels not in _CHANNELS:
        raise ReadError(path, f"has {header.channels} channels; 1 to 4 are read")
    samples = (_plain if header.plain else _raw)(path, size, header)
    pixels = samples.reshape(header.height, header.width, header.channels)
    metadata = {"maxval": str(header.largest)}
    names = _CHANNELS[header.channels]
    if header.channels == 1 and request.channel is None:
        return Found(pixels[..., 0], metadata=metadata)
    if names == "YA" and request.channel is None and not request.colors:
        return Found(pixels[..., 0], pixels[..., 1] == 0, metadata=metadata)
    return Found(chosen(path, pixels, names, request), metadata=metadata)


def _pnm(path: Path, head: bytes) -> _Header:
    match = _PNM.match(head)
    if match is None:
        raise ReadError(path, "its PNM header is not width, height and the largest value")
    kind = f"P{match[1].decode()}"
    width, height, largest = (int(number) for number in match.groups()[1:])
    # One white space ends the header: what follows of it in a raw file is a sample.
    if kind in ("P5", "P6") and not head[match.end() : match.end() + 1].isspace():
        raise ReadError(path, "its PNM header ends without white space before the samples")
    channels = 3 if kind in ("P3", "P6") else 1
    return _Header(kind, width, height, channels, largest, match.end() + 1)


def _pam(path: Path, head: bytes) -> _Header:
    end = _PAM_END.search(head)
    if end is None:
        raise ReadError(path, f"its PAM header has no ENDHDR in its first {_MAX_HEADER} bytes")
    found: dict[str, int] = {}
    for text in head[: end.start()].decode("latin-1").splitlines():
        match = _PAM_LINE.fullmatch(text.strip())
        if match:
            found[match[1]] = int(match[2])
    missing = [name for name in ("WIDTH", "HEIGHT", "DEPTH", "MAXVAL") if name not in found]
    if missing:
        raise ReadError(path, f"its PAM header has no {' and no '.join(missing)}")
    return _Header(
        "P7", found["WIDTH"], found["HEIGHT"], found["DEPTH"], found["MAXVAL"], end.end()
    )


def _raw(path: Path, size: int, header: _Header) -> AnyArray:
    count = header.width * header.height * header.channels
    needed, offset = count * header.dtype.itemsize, header.offset
    held = size - offset
    if held < needed:
        raise ReadError(
            path,
            f"{header.width} x {header.height} {header.dtype.name} need {needed} bytes, "
            f"it has {max(held, 0)}",
        )
    with path.open("rb") as file:
        file.seek(offset - 1)
        if file.read(2) == b"\r\n" and held == needed + 1:
            offset += 1  # a header with line ends of two bytes
        file.seek(offset + needed)
        if re.match(rb"\s*P[1-7]\s", file.read(16)):
            raise ReadError(path, "holds several images; one is needed")
    samples = np.fromfile(path, header.dtype, count, offset=offset)
    return samples.astype(samples.dtype.newbyteorder("="), copy=False)


def _plain(path: Path, size: int, header: _Header) -> AnyArray:
    count = header.width * header.height * header.channels
    held = size - header.offset
    if held < 2 * count - 1:  # a digit each, and what parts them
        raise ReadError(
            path, f"{header.width} x {header.height} values do not fit into {max(held, 0)} bytes"
        )
    with path.open("rb") as file:
        file.seek(header.offset)
        text = re.sub(rb"#[^\r\n]*", b"", file.read())
    if text.translate(None, _PLAIN):
        raise ReadError(path, "has something else than digits among its values")
    # Which numbers there are is known now, so that only their size can be wrong.
    found = np.fromstring(text, dtype=np.float64, sep=" ") if not text.isspace() else np.empty(0)
    if len(found) < count:
        raise ReadError(
            path, f"{header.width} x {header.height} need {count} values, it has {len(found)}"
        )
    samples = found[:count]
    if count and samples.max() > header.largest:
        raise ReadError(
            path, f"holds {samples.max():.0f}, its header says {header.largest} at most"
        )
    return samples.astype(header.dtype.newbyteorder("="))


def _recognizes(head: bytes, _: Path) -> bool:
    return re.match(rb"P[23567][\s#]", head) is not None


FORMATS = (
    Format(
        "PNM",
        (".pgm", ".ppm", ".pnm", ".pam"),
        _recognizes,
        read_pnm,
        summary="PGM, PPM and PAM, plain or raw, 8 or 16 bits, high byte first; never rescaled",
        uses_channel=True,
        has_colors=True,
    ),
)
