"""`turbo-cmap export`: what `export` gives, as a file or on standard output."""

import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner
from command import invoke, usage_error
from conftest import TURBO_U8

from turbo_cmap import EXPORT_FORMATS, export
from turbo_cmap.cli import cli


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


run = partial(invoke, "export")


refused = partial(usage_error, "export")


def test_list_names_every_format():
    lines = run("--list").stdout.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == list(EXPORT_FORMATS)
    for line, description in zip(lines, EXPORT_FORMATS.values(), strict=True):
        assert line.endswith(f"  {description}")


def test_text_goes_to_standard_output():
    for arguments, options in (
        (["turbo", "--to", "glsl"], {}),
        (["turbo_r", "--to", "c", "--degree", 9, "--name", "heat"], {"degree": 9, "name": "heat"}),
        (["turbo", "--to", "rust", "--form", "du"], {"form": "du"}),
        (["turbo", "--to", "wgsl", "--form", "minimax"], {"form": "minimax"}),
        (["tab10", "--to", "css", "--n", 5], {"n": 5}),
        (["viridis", "--to", "gdal", "--vmin", "-5", "--vmax", "1e3"], {"vmin": -5, "vmax": 1000}),
    ):
        result = run(*arguments)
        assert result.stdout == export(arguments[0], arguments[2], **options)
        assert result.stderr == ""


def test_bytes_go_to_a_pipe():
    command = [sys.executable, "-m", "turbo_cmap", "export", "turbo", "--to", "act"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout == TURBO_U8.tobytes()


def test_bytes_do_not_go_to_a_terminal(monkeypatch):
    pty = pytest.importorskip("pty", reason="there are no terminals on this system")
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "turbo_cmap", "export", "turbo", "--to", "act"]
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False)
    os.set_blocking(main, False)
    with pytest.raises(BlockingIOError):
        os.read(main, 1)
    os.close(main)
    os.close(terminal)
    assert done.returncode == 2
    assert b"act is not text, and no terminal shows it; give -o OUT" in done.stderr


def test_a_file(folder):
    result = run("turbo", "--to", "imagej", "-o", "t.lut")
    assert result.stdout == "turbo -> t.lut  768 bytes\n"
    planes = np.frombuffer((folder / "t.lut").read_bytes(), np.uint8).reshape(3, 256)
    assert np.array_equal(planes.T, TURBO_U8)
    run("turbo", "--to", "julia", "-o", "t.jl")
    assert (folder / "t.jl").read_bytes() == export("turbo", "julia").encode()
    assert sorted(os.listdir()) == ["t.jl", "t.lut"]


def test_a_folder_gets_a_file_named_after_the_map(folder):
    run("turbo", "--to", "cpp", "-o", "new/")
    run("turbo", "--to", "paraview", "-o", "new", "--name", "heat")
    assert sorted(os.listdir("new")) == ["heat.json", "turbo.hpp"]


def test_a_file_that_exists_is_replaced_by_force_only(folder):
    target = folder / "t.css"
    target.write_text("mine")
    result = run("turbo", "--to", "css", "-o", "t.css", status=1)
    assert result.stderr == "turbo-cmap: t.css: exists already; --force replaces it\n"
    assert target.read_text() == "mine"
    run("turbo", "--to", "css", "-o", "t.css", "--force")
    assert target.read_text() == export("turbo", "css")
    assert os.listdir() == ["t.css"]


def test_a_place_that_cannot_be_written(folder):
    (folder / "file").write_text("")
    result = run("turbo", "--to", "css", "-o", "file/", status=1)
    assert result.stderr.startswith("turbo-cmap: ")
    assert result.stderr.count("\n") == 1
    assert "there is no folder nowhere" in refused("turbo", "--to", "c", "-o", "nowhere/t.h")


def test_wrong_usage():
    assert refused("turbo", "--to", "glls").startswith("--to must be one of glsl, hlsl, wgsl,")
    assert "needs a map with a curve" in refused("viridis", "--to", "glsl", "-o", "v.glsl")
    assert "degree must be from 3 to 32, got 99" in refused("turbo", "--to", "c", "--degree", "99")
    assert "n must be 256 for 'titiler'" in refused("turbo", "--to", "titiler", "--n", 9)
    assert "--vmin must be less than --vmax" in refused("turbo", "--to", "cpt", "--vmin", 2)
    assert "vmin must be finite, got nan" in refused("turbo", "--to", "cpt", "--vmin", "nan")
    assert "'turbi' is not known" in refused("turbi", "--to", "css")
    assert "Missing option '--to'" in refused("turbo")
    assert "Missing argument 'NAME'" in refused("--to", "css")


def test_the_verb_is_listed():
    result = CliRunner().invoke(cli, ["--help"])
    assert "export" in result.stdout
