"""What help and docs/cli.md say: of every verb and option, as they are; and examples that run."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from turbo_cmap import colorize, get_cmap
from turbo_cmap.cli import PROGRAM, cli
from turbo_cmap.cli._help import EXIT_STATUS, describe
from turbo_cmap.cli._verb import Verb
from turbo_cmap.io import write_frames

DOCS = Path(__file__).parent.parent / "docs"


def verbs():
    root = click.Context(cli, info_name=PROGRAM)
    return [cli.get_command(root, name) for name in cli.list_commands(root)]


def examples():
    for verb in verbs():
        for line in describe(verb).examples:
            yield pytest.param(verb, line, id=line)


# The page.


@pytest.fixture(scope="module")
def generator():
    return runpy.run_path(str(DOCS / "cli.py"))


def test_the_page_is_current(generator):
    current = "".join(f"{line}\n" for line in generator["_markdown"]())
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == current, (
        "run: python docs/cli.py > docs/cli.md"
    )


def test_the_page_has_every_option():
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    for verb in verbs():
        section = page.partition(f"\n## `{verb.name}`\n")[2].partition("\n## ")[0]
        assert section, verb.name
        for option in verb.params:
            if isinstance(option, click.Option) and option.expose_value:
                assert re.search(rf"^\| `[^`]*{option.opts[-1]}\b", section, re.MULTILINE), option


@pytest.mark.parametrize("page", ["cli.md", "files.md", "defaults.md"])
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+\.md)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / target).is_file(), target


def test_the_manual_page_has_every_verb(generator):
    page = "".join(f"{line}\n" for line in generator["_manual"]())
    for verb in verbs():
        assert f"\n.SS {verb.name}\n" in page
        for line in describe(verb).examples:
            assert line.replace("\\", "\\e").replace("-", "\\-") in page
    for line in page.splitlines():
        assert re.match(r"\.(TH|SH|SS|PP|TP|B|br|nf|fi)\b|[^.'\\]|\\[-&e]|$", line), line


# The help.


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_every_verb_has_a_description_and_examples(verb):
    assert isinstance(verb, Verb)
    described = describe(verb)
    assert described.paragraphs
    assert described.examples
    for line in described.examples:
        assert f"turbo-cmap {verb.name}" in line
        assert len(line) <= 92, "wider than a help on a terminal of 100 columns"


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_every_option_has_a_help(verb):
    for option in verb.params:
        if isinstance(option, click.Option):
            assert option.help, option.opts
            assert option.help.endswith((".", "...")), option.help
            assert option.is_flag or option.metavar or isinstance(option.type, click.Choice), (
                f"{option.opts} takes a value; metavar says of what kind"
            )


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_help_has_its_sections_and_fits(verb, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    printed = run(verb.name, "--help").stdout
    heads = [line[:-1] for line in printed.splitlines() if re.fullmatch(r"\w[\w ]*:", line)]
    assert heads == [*(group.heading for group in verb.groups), "Examples", "Exit status"]
    for example in describe(verb).examples:
        assert f"\n  {example}\n" in printed  # a line that can be copied
        printed = printed.replace(f"  {example}\n", "")
    for status in EXIT_STATUS:
        assert re.search(rf"^  {status} ", printed, re.MULTILINE)
    if width >= 80:
        assert max(map(len, printed.splitlines())) <= min(width, 100)


def test_options_stand_with_those_of_their_kind():
    (convert,) = (verb for verb in verbs() if verb.name == "convert")
    headings = {option.name: group.heading for group in convert.groups for option in group.options}
    assert headings["output"] == "Options"
    assert headings["cmap"] == headings["vmin"] == "Colors and range"
    assert headings["invalid"] == "Input"
    assert headings["quiet"] == "Options of every verb"
    assert len(headings) == len({param.name for param in convert.params} - {"inputs"})


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_help_is_a_verb_too(name):
    assert run("help", name).stdout == run(name, "--help").stdout == run(name, "-h").stdout


def test_help_alone_lists_the_verbs():
    assert run("help").stdout == run("--help").stdout
    failed = CliRunner().invoke(cli, ["help", "convrt"])
    assert failed.exit_code == 2
    assert "'convrt' is no verb; did you mean convert?" in failed.stderr


def run(*arguments):
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    return result


# The examples run, in a folder where the files that they name exist.

_OF_SHELLS = re.compile(r"[|<>$`;&]")
#: Files whose names begin so hold colors, others numbers.
_PICTURES = ("figure", "web", "plot", "photo", "rgb", "left", "image")
_MAPS = ("colorbar", "mymap")
_VIDEOS = (".mkv", ".mp4", ".mov", ".webm")
_DEPTH_U16 = (np.add.outer(np.arange(48), np.arange(64)) * 40).astype(np.uint16)  # has a 0


@pytest.fixture
def command(tmp_path):
    """A folder with `turbo-cmap`, for shells."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / PROGRAM
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m turbo_cmap "$@"\n')
    script.chmod(0o755)
    return folder


@pytest.mark.parametrize(("verb", "line"), [*examples()])
def test_the_example_runs(verb, line, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    for path in named_files(verb, line):
        make(Path(path))
    if line.startswith("find "):
        make(Path("depth.pfm"))
    if not _OF_SHELLS.search(line):
        words = [one for word in shlex.split(line)[1:] for one in expanded(word)]
        result = CliRunner().invoke(cli, words)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.exit_code == 0, result.output
        return
    for program in re.findall(r"(?:^|[|;&]\s*)([\w-]+)", line):
        if program != PROGRAM and shutil.which(program) is None:
            pytest.skip(f"{program}, which the example uses, is not installed")
    if shutil.which("bash") is None:
        pytest.skip("the example is for a shell, and there is no bash")
    folders = re.findall(r">\s*~/(\S+)/", line)
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    source = Path(__file__).parent.parent
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{command}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{source}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def expanded(word):
    return (sorted(glob(word)) if "*" in word else []) or [word]  # as shells do


def named_files(verb, line):
    """The files that an example reads: parameters that are files, but those named OUT."""
    for part in re.split(r"[|;&]", line):
        words = shlex.split(re.sub(r"\d?>.*", "", part))
        if words[:2] != [PROGRAM, verb.name]:
            continue
        parser = verb.make_parser(click.Context(verb, info_name=verb.name))
        given, _, _ = parser.parse_args(args=words[2:])
        for param in verb.params:
            if not isinstance(param.type, click.Path) or param.metavar in ("OUT", "FOLDER"):
                continue
            values = given.get(param.name) or ()
            for value in values if isinstance(values, (tuple, list)) else (values,):
                if isinstance(value, str) and ("." in value or value.endswith("/")):
                    yield from (value.replace("*", f"{n:02}") for n in (1, 2))


def make(path):
    """A small file of the kind that its name says."""
    if path.exists():
        return
    if path.suffix == "":
        for number in range(3):
            make(path / f"depth_{number:02}.png")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.stem.startswith(_MAPS):
        colors = get_cmap("viridis").colors
        if path.suffix == ".csv":
            np.savetxt(path, colors[:, :3], delimiter=",")
            return
        array = colors if path.suffix == ".npy" else np.rint(255 * colors[None]).astype(np.uint8)
    elif path.stem.startswith(_PICTURES):
        array = colorize(_DEPTH_U16)
    elif path.suffix in (".png", ".pgm"):
        array = _DEPTH_U16
    elif path.stem.startswith("stack"):
        array = np.stack([_DEPTH_U16, _DEPTH_U16 + 1, _DEPTH_U16 + 2])
    elif path.suffix in _VIDEOS:
        film(path)
        return
    else:
        array = (_DEPTH_U16 / np.float32(256)).astype(np.float32)
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".npz":
        np.savez(path, depth=array)
    elif path.suffix in (".tif", ".tiff"):
        pytest.importorskip("tifffile", reason="the example reads TIFF").imwrite(path, array)
    elif path.suffix == ".pfm":
        height, width = array.shape
        path.write_bytes(b"Pf\n%d %d\n-1\n" % (width, height) + array[::-1].tobytes())
    elif path.suffix == ".h5":
        h5py = pytest.importorskip("h5py", reason="the example reads HDF5")
        with h5py.File(path, "w") as file:
            file["camera/depth"] = np.repeat(array[None], 30, axis=0)
    elif path.suffix == ".raw":
        path.write_bytes(bytes(2 * 640 * 480))
    elif path.suffix == ".mkv":
        pytest.importorskip("av", reason="the example reads a video")
        gray = np.repeat((array * 255 / array.max()).astype(np.uint8)[..., None], 3, axis=2)
        write_frames(path, [gray, gray], lossless=True)
    else:
        Image.fromarray(array).save(path)


def film(path):
    """A lossless video of depth."""
    av = pytest.importorskip("av", reason="the example reads a video")
    with av.open(path, "w") as video:
        stream = video.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gray16le"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(_DEPTH_U16 + np.uint16(number), format="gray16le")
            video.mux(stream.encode(frame))
        video.mux(stream.encode())
