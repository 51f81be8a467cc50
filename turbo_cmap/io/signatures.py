"""The first bytes by which files are known, of formats that more than one module asks about."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
#: Of either byte order, and BigTIFF.
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NPY = b"\x93NUMPY"
#: With members, and without.
ZIP = (b"PK\3\4", b"PK\5\6")


def is_webp(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a WebP."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
