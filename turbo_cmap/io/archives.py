"""ZIP files whose members are not larger than the file: NPZ, zipped Zarr."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .raster import ReadError, line


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP file, open for reading.

    Raises
    ------
    ReadError
        If it is none, or a member has more bytes than the file: they are allocated before they
        are read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError:
        raise
    except Exception as error:  # BadZipFile, NotImplementedError, ...
        raise ReadError(path, f"a broken ZIP file: {line(error)}") from None
    with archive:
        size = path.stat().st_size
        for member in archive.infolist():
            if member.compress_size > size:
                raise ReadError(
                    path,
                    f"a broken ZIP file: {member.filename} has {member.compress_size} bytes, "
                    f"it has {size}",
                )
        yield archive
