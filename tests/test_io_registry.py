import importlib.metadata
import logging
import os
import subprocess
import sys

import numpy as np
import pytest

from turbo_cmap import io
from turbo_cmap.io import Format, Found, ReadError, Request, formats, read, read_frames, registry


def reason_of(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)
    return caught.value.reason


@pytest.fixture
def plugins(monkeypatch):
    """Pretend that packages with these entry points are installed: name to what is loaded."""
    registry._others.cache_clear()
    found = {}

    class Entry:
        def __init__(self, name):
            self.name, self.value = name, f"{name}:FORMAT"

        def load(self):
            if isinstance(found[self.name], Exception):
                raise found[self.name]
            return found[self.name]

    looked_up = []

    def entry_points(*, group):
        looked_up.append(group)
        return [Entry(name) for name in found]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    yield found, looked_up
    registry._others.cache_clear()


def read_text(path, size, request):
    rows = [line.split() for line in path.read_text().splitlines()[1:]]
    return Found(np.array(rows, dtype=np.float32), scale=0.5, offset=1.0, unit="mm")


GRID = Format(
    "GRID", (".grid",), lambda head, _: head.startswith(b"grid"), read_text, summary="text"
)


def test_a_format_of_another_package(tmp_path, plugins):
    found, looked_up = plugins
    found["grid"] = GRID
    (tmp_path / "a.grid").write_text("grid\n1 2\n3 4\n")
    raster = read(tmp_path / "a.grid")
    assert raster.values.tolist() == [[1, 2], [3, 4]]
    assert (raster.scale, raster.offset, raster.unit, raster.format) == (0.5, 1.0, "mm", "GRID")
    assert raster.scaled().tolist() == [[1.5, 2], [2.5, 3]]
    read(tmp_path / "a.grid")
    assert looked_up == ["turbo_cmap.readers"]  # once a process
    assert GRID in list(formats())


def test_other_packages_are_not_asked_about_files_that_are_known(tmp_path, plugins):
    found, looked_up = plugins
    found["greedy"] = Format("X", (".npy",), lambda *_: True, read_text, summary="all")
    np.save(tmp_path / "a.npy", np.ones((2, 3)))
    assert read(tmp_path / "a.npy").format == "NPY"
    assert looked_up == []


def test_a_broken_plugin_is_a_line_in_the_log_and_no_crash(tmp_path, plugins, caplog):
    found, _ = plugins
    found["broken"] = ImportError("no\nsuch thing")
    found["wrong"] = "a string"
    found["raising"] = Format("R", (), lambda *_: 1 / 0, read_text, summary="")
    found["grid"] = GRID
    (tmp_path / "a.grid").write_text("grid\n1 2\n")
    with caplog.at_level(logging.WARNING, logger="turbo_cmap"):
        assert read(tmp_path / "a.grid").values.tolist() == [[1, 2]]
    assert [record.getMessage() for record in caplog.records] == [
        "turbo_cmap: reader 'broken' is ignored: no such thing",
        "turbo_cmap: reader 'wrong' is ignored: wrong:FORMAT must be a Format, got str",
        "turbo_cmap: reader 'R' is ignored: division by zero",
    ]


def test_what_a_plugin_finds_is_checked_as_ours_is(tmp_path, plugins):
    found, _ = plugins
    found["grid"] = GRID
    (tmp_path / "a.grid").write_text("grid\n1 2 3\n4\n")
    assert reason_of(tmp_path / "a.grid").startswith("cannot be decoded: ")
    (tmp_path / "a.grid").write_text("grid\n")
    assert "shape (0,)" in reason_of(tmp_path / "a.grid")
    assert reason_of(tmp_path / "a.grid", key="a") == "GRID has no arrays to choose by key, got 'a'"


def test_what_is_not_installed_is_named_with_the_line_that_installs_it(tmp_path, monkeypatch):
    def read_it(path, size, request):
        import a_decoder_that_there_is_not  # noqa: F401

    one = Format("X", (), lambda head, _: head == b"x", read_it, summary="", extra="tiff")
    monkeypatch.setattr(registry, "_own", lambda: iter([one]))
    (tmp_path / "x").write_text("x")
    assert (
        reason_of(tmp_path / "x")
        == "X needs a_decoder_that_there_is_not: pip install 'turbo_cmap[tiff]'"
    )


def test_a_folder_is_asked_about_as_one(tmp_path, monkeypatch):
    def read_it(path, size, request):
        return Found(np.load(path / "values.npy"))

    one = Format(
        "Store", (), lambda head, path: (path / "meta").exists(), read_it, summary="", folders=True
    )
    monkeypatch.setattr(registry, "_own", lambda: iter([one]))
    assert reason_of(tmp_path) == "is a folder"
    (tmp_path / "meta").touch()
    np.save(tmp_path / "values.npy", np.eye(3))
    assert np.array_equal(read(tmp_path).values, np.eye(3))


def test_formats_of_this_package_are_told_apart():
    own = list(registry._own())
    assert len({one.name for one in own}) == len(own)
    for one in own:
        assert one.summary
        assert "\n" not in one.summary
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in one.suffixes)


def test_a_request_that_means_nothing(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((2, 3)))
    (tmp_path / "a.pfm").write_bytes(b"Pf\n3 2\n-1\n" + np.ones(6, "<f4").tobytes())
    assert reason_of(tmp_path / "a.pfm", key="a") == "PFM has no arrays to choose by key, got 'a'"
    assert reason_of(tmp_path / "a.npy", channel="R") == "NPY has no channels to choose, got 'R'"
    assert "exact colors, which NPY does not give" in reason_of(tmp_path / "a.npy", preset="carla")
    assert Request() == Request(None, None)


def test_a_png_is_read_without_the_modules_of_other_formats(tmp_path):
    io.write(tmp_path / "a.png", np.ones((2, 3), np.uint16))
    code = (
        f"import sys\nfrom turbo_cmap import io\nio.read({str(tmp_path / 'a.png')!r})\n"
        "print(*(m for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "turbo_cmap.io.images" in loaded
    assert not loaded & {"turbo_cmap.io.colmap", "turbo_cmap.io.pnm", "tifffile", "h5py", "av"}


# Files that are none.


def test_what_is_no_file(tmp_path):
    assert reason_of(tmp_path) == "is a folder"
    assert reason_of(tmp_path / "gone") == "No such file or directory"
    (tmp_path / "empty").touch()
    assert reason_of(tmp_path / "empty") == "is empty"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert reason_of(tmp_path / "pipe") == "is no regular file"
    with pytest.raises(ReadError, match="is no regular file"):
        list(read_frames(tmp_path / "pipe"))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_no_permission(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((2, 3)))
    (tmp_path / "a.npy").chmod(0)
    assert reason_of(tmp_path / "a.npy") == "Permission denied"


def test_a_file_that_vanishes_after_its_header(tmp_path, monkeypatch):
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 2 2 255\n1234")
    chosen = registry.format_of

    def vanish(where, head, **options):
        where.unlink()
        return chosen(where, head, **options)

    monkeypatch.setattr(registry, "format_of", vanish)
    assert reason_of(path) == "No such file or directory"


def test_a_file_that_shrinks_meanwhile(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    path.write_bytes(b"2&2&1&" + bytes(16))
    chosen = registry.format_of

    def shrink(where, head, **options):
        os.truncate(where, 10)
        return chosen(where, head, **options)

    monkeypatch.setattr(registry, "format_of", shrink)
    assert reason_of(path).startswith("cannot be decoded")


@pytest.mark.parametrize("name", ["with space.pgm", 'a "quote".pgm', "Tiefe-größe-深度.pgm", "-x"])
def test_names_of_all_kinds(tmp_path, name):
    (tmp_path / name).write_bytes(b"P5 2 1 255\n12")
    assert read(tmp_path / name).values.tolist() == [[49, 50]]
