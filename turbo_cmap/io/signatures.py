"""The first bytes by which files are known, of formats that more than one module asks about."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
#: Of either byte order, and BigTIFF.
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NPY = b"\x93NUMPY"
#: With members, and without.
ZIP = (b"PK\3\4", b"PK\5\6")
#: First bytes of containers of videos, and where they stand.
_VIDEO = (
    (4, b"ftyp"),  # MP4, MOV
    (4, b"moov"),  # QuickTime without a file type
    (0, b"\x1a\x45\xdf\xa3"),  # EBML: Matroska, WebM
    (8, b"AVI "),
    (0, b"YUV4MPEG2"),
    (0, b"OggS"),
    (0, b"nut/multimedia container\0"),
    (0, b"FLV"),
    (0, b"\0\0\1\xba"),  # MPEG program stream
    (0, b"\x06\x0e\x2b\x34"),  # MXF
)
#: Of videos that have no first bytes of their own.
_VIDEO_SUFFIXES = frozenset({".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".h264", ".wmv", ".asf"})


def is_webp(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a WebP."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def begins_as_video(head: bytes, suffix: str) -> bool:
    """Whether a file with these first 32 bytes or more, and this suffix, is a video."""
    found = any(head[at : at + len(magic)] == magic for at, magic in _VIDEO)
    return found or suffix.lower() in _VIDEO_SUFFIXES
