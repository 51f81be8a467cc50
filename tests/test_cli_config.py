"""Defaults from files: which files, what wins, and what a file can never do."""

import json
import os
from pathlib import Path

import click
import numpy as np
import pytest
from command import invoke as run
from PIL import Image

from turbo_cmap import colorize
from turbo_cmap.cli import PROGRAM, cli
from turbo_cmap.cli._config import NAME, configurable

DOCS = Path(__file__).parent.parent / "docs"
DEPTH = (np.arange(12 * 16).reshape(12, 16) * 300).astype(np.uint16)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder below a home, with a depth map and no files of defaults."""
    home = tmp_path / "home"
    work = home / "data" / "kitti"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("APPDATA", str(home / "settings"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "settings"))
    monkeypatch.delenv("TURBO_CMAP_CONFIG", raising=False)
    monkeypatch.chdir(work)
    np.save("d.npy", DEPTH)
    return work


@pytest.fixture
def user_file():
    file = Path(click.get_app_dir(PROGRAM)) / NAME
    file.parent.mkdir(parents=True)
    return file


def picture(*arguments):
    run(*arguments, "convert", "d.npy", "-o", "c.png", "--force")
    with Image.open("c.png") as image:
        return np.asarray(image.convert("RGB"))


def refused(text, *arguments, name=NAME):
    """The line that is printed where this file is in use."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    before = sorted(os.listdir())
    result = run(*(arguments or ("convert", "d.npy", "-o", "c.png")), status=2)
    assert result.stdout == ""
    assert sorted(os.listdir()) == before
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("turbo-cmap: ")
    assert str(name) in result.stderr
    return result.stderr.rstrip("\n").partition(f"{NAME}: ")[2]


# What is used.


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('[convert]\ncmap = "viridis"', {"cmap": "viridis"}),
        ('[all]\ncmap = "viridis"', {"cmap": "viridis"}),
        ('[all]\ncmap = "viridis"\n[convert]\ncmap = "magma"', {"cmap": "magma"}),
        ('[convert]\ncmap = "magma"\n[all]\ncmap = "viridis"', {"cmap": "magma"}),
        ("[convert]\ninvalid = [0, 300]", {"invalid": [0, 300]}),
        ("[convert]\ninvalid = 0", {"invalid": 0}),
        ("[convert]\nrobust = true", {"robust": True}),
        ("[convert]\nrobust = [5, 90.5]", {"robust": (5, 90.5)}),
        ('[convert]\nrobust = "5,90.5"', {"robust": (5, 90.5)}),
        ("[convert]\nrobust = false", {}),
        ("[convert]\nreverse = true", {"reverse": True}),
        ("[convert]\nreverse = false", {}),
        ("[convert]\nvmin = 1e3\nvmax = 50_000", {"vmin": 1000, "vmax": 50000}),
        ('[convert]\nvmin = "1000"', {"vmin": 1000}),
        ("[convert]\nquantize = 7", {"quantize": 7}),
        ('[convert]\nnorm = "log"\nvmin = 300', {"norm": "log", "vmin": 300}),
        ('[convert]\nbad = "#ff00ff"\ninvalid = [0]', {"bad": "#ff00ff", "invalid": 0}),
        ("[convert]\nbad = 0.5\ninvalid = [0]", {"bad": "0.5", "invalid": 0}),
        ("[all]\nn = 9\ntolerance = 3", {}),  # options of other verbs
        ("[export]\nvmim = 3", {}),  # not looked at
        ("", {}),
        ("[convert]", {}),
    ],
)
def test_a_file_says_what_would_be_typed(text, options):
    Path(NAME).write_text(text)
    assert np.array_equal(picture(), colorize(DEPTH, **options))


def test_the_command_line_wins():
    Path(NAME).write_text('[convert]\ncmap = "viridis"\ninvalid = [0, 300]\nrobust = true')
    run("convert", "d.npy", "-o", "c.png", "--cmap", "jet", "--invalid", 600, "--robust=0,100")
    with Image.open("c.png") as image:
        assert np.array_equal(
            np.asarray(image.convert("RGB")), colorize(DEPTH, "jet", invalid=600, robust=(0, 100))
        )


def test_dashes_and_underscores_are_the_same(user_file):
    for key in ("no-swatches", "no_swatches"):
        Path(NAME).write_text(f"[check]\n{key} = true")
        assert "did you mean swatches" in run("check", "gray", status=2).stderr
    Path(NAME).write_text("[check]\nswatches = true")
    assert "▌" in run("check", "gray").stdout
    assert "▌" not in run("check", "gray", "--no-swatches").stdout


def test_the_folder_wins_over_the_user(user_file):
    user_file.write_text('[convert]\ncmap = "viridis"\nreverse = true')
    assert np.array_equal(picture(), colorize(DEPTH, "viridis", reverse=True))
    Path(NAME).write_text('[all]\ncmap = "magma"')
    assert np.array_equal(picture(), colorize(DEPTH, "magma", reverse=True))
    Path(NAME).write_text("[convert]\nreverse = false")
    assert np.array_equal(picture(), colorize(DEPTH, "viridis"))


def test_the_nearest_folder_above_counts_and_none_above_home(folder, tmp_path):
    (tmp_path / NAME).write_text('[convert]\ncmap = "jet"')
    assert np.array_equal(picture(), colorize(DEPTH))
    (tmp_path / "home" / NAME).write_text('[convert]\ncmap = "viridis"\nreverse = true')
    assert np.array_equal(picture(), colorize(DEPTH, "viridis", reverse=True))
    (folder.parent / NAME).write_text('[convert]\ncmap = "magma"')
    assert np.array_equal(picture(), colorize(DEPTH, "magma"))


def test_a_folder_of_that_name_is_no_file(folder):
    Path(NAME).mkdir()
    (folder.parent / NAME).write_text('[convert]\ncmap = "magma"')
    assert np.array_equal(picture(), colorize(DEPTH, "magma"))


def test_the_user_file_is_used_once_where_it_lies(user_file, monkeypatch):
    user_file.write_text('[convert]\ncmap = "magma"')
    monkeypatch.chdir(user_file.parent)
    assert json.loads(run("info", "--json").stdout)["config"] == [str(user_file)]


def test_a_file_can_be_named(monkeypatch, user_file):
    user_file.write_text("[convert]\nreverse = true")
    Path(NAME).write_text('[convert]\ncmap = "viridis"')
    Path("mine.toml").write_text('[convert]\ncmap = "magma"')
    assert np.array_equal(picture("--config", "mine.toml"), colorize(DEPTH, "magma"))
    run("convert", "d.npy", "-o", "b.png", "--config", "mine.toml")
    assert Path("b.png").read_bytes() == Path("c.png").read_bytes()
    monkeypatch.setenv("TURBO_CMAP_CONFIG", "mine.toml")
    assert np.array_equal(picture(), colorize(DEPTH, "magma"))
    assert np.array_equal(picture("--config", NAME), colorize(DEPTH, "viridis"))
    assert np.array_equal(picture("--no-config"), colorize(DEPTH))
    monkeypatch.setenv("TURBO_CMAP_CONFIG", os.devnull)
    assert np.array_equal(picture(), colorize(DEPTH))


def test_no_file_can_be_asked_for():
    Path(NAME).write_text("broken [")
    assert np.array_equal(picture("--no-config"), colorize(DEPTH))
    run("convert", "d.npy", "-o", "b.png", "--no-config")
    for order in (["--no-config", "convert", "d.npy"], ["convert", "d.npy", "--no-config"]):
        message = run(*order, "-o", "e.png", "--config", NAME, status=2).stderr
        assert "--config and --no-config exclude each other" in message
    both = run("--config", NAME, "--no-config", "list", status=2).stderr
    assert "--config and --no-config exclude each other" in both


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "--help"],
        ["--help"],
        ["--version"],
        ["convert", "--version"],
        ["help"],
        ["export", "--list"],
        ["completion", "bash"],
        ["info"],
        ["list"],
    ],
)
def test_a_broken_file_is_not_in_the_way_of_help(arguments):
    Path(NAME).write_text("broken [")
    run(*arguments)


def test_what_is_in_use_is_printed(folder, user_file):
    user_file.write_text("[convert]\nreverse = true")
    Path(NAME).write_text('[convert]\ncmap = "viridis"')
    files = [str(user_file), str(folder / NAME)]
    assert json.loads(run("info", "--json").stdout)["config"] == files
    printed = [line.split()[1] for line in run("info").stdout.splitlines() if "defaults" in line]
    assert printed == files
    assert json.loads(run("--no-config", "info", "--json").stdout)["config"] == []
    said = run("-v", "convert", "d.npy", "-o", "c.png").stderr
    assert [line for line in said.splitlines() if line.startswith("defaults from ")] == [
        f"defaults from {file}" for file in files
    ]


def test_the_example_of_the_documentation_is_right():
    page = (DOCS / "defaults.md").read_text(encoding="utf-8")
    Path(NAME).write_text(page.partition("```toml\n")[2].partition("```")[0])
    expected = colorize(DEPTH, "viridis", invalid=[0, 65535], robust=True, vmax=80)
    assert np.array_equal(picture(), expected)
    shown = page.partition("-o color.png\nturbo-cmap: ")[2].splitlines()[0]
    message = refused("[convert]\nvmim = 3")
    assert shown.endswith(f"{NAME}: {message}")


# What is refused.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[convert]\nvmim = 3", "[convert] vmim is no option that can be set here; did you mean"),
        ("[all]\ncmapp = 3", "[all] cmapp is no option that can be set here; did you mean cmap?"),
        ("[convert]\nxyzzy = 3", "[convert] xyzzy is no option that can be set here"),
        ("[convrt]\nvmin = 3", "[convrt] is no verb that can be set here; did you mean convert?"),
        ("vmin = 3", "vmin must stand in a table: [all], or that of a verb"),
        ('[convert]\nvmin = "low"', "[convert] vmin: 'low' is not a number"),
        ("[convert]\nvmin = true", "[convert] vmin must have a value, got true"),
        ("[convert]\nvmin = 2026-01-01", "[convert] vmin must be a text or a number, got datetime"),
        ("[convert]\nvmin = {a = 1}", "[convert] vmin must be a text or a number, got {'a': 1}"),
        ("[convert.vmin]\na = 1", "[convert] vmin must be a text or a number, got {'a': 1}"),
        ("[convert]\ninvalid = [[0]]", "[convert] invalid must be a text or a list of these"),
        ("[convert]\ninvalid = [true]", "[convert] invalid must be a text or a list of these"),
        ('[convert]\ninvalid = ["a"]', "[convert] invalid: 'a' is not a number"),
        ("[convert]\nreverse = 1", "[convert] reverse must be true or false, got 1"),
        ('[convert]\nreverse = "yes"', "[convert] reverse must be true or false, got 'yes'"),
        ('[convert]\nnorm = "lag"', "[convert] norm: 'lag' is not one of 'linear', 'log'"),
        ("[convert]\nquantize = 0", "[convert] quantize: 0 is not in the range 1<=x<=65536"),
        ("[convert]\nquantize = 2.5", "[convert] quantize: '2.5' is not a valid integer"),
        ("[convert]\nrobust = [1, 2, 3]", "[convert] robust: '1,2,3' is not LO,HI in percent"),
        ("broken [", "is not TOML: "),
        ("[convert]\n[convert]", "is not TOML: "),
        ("a = " + "[" * 5000, "is not TOML: "),
        (b"[convert]\ncmap = '\xff'", "is not UTF-8, as TOML must be"),
        (b"#" * (1 << 20) + b"#", "is larger than 1 MiB"),
    ],
)
def test_what_means_nothing_is_one_line(text, message):
    assert refused(text).startswith(message)


@pytest.mark.parametrize("name", ["missing.toml", "folder"])
def test_a_named_file_must_be_readable(name, folder):
    (folder / "folder").mkdir()
    for arguments in (["--config", name, "convert"], ["convert", "--config", name]):
        result = run(*arguments, "d.npy", "-o", "c.png", status=2)
        assert result.stderr.startswith(f"turbo-cmap: {name}: cannot be read: ")
        assert result.stderr.count("\n") == 1


def test_a_value_that_colorize_refuses_is_traced_to_the_file(folder):
    Path(NAME).write_text('[convert]\ncmap = "turbi"')
    message = run("convert", "d.npy", "-o", "c.png", status=2).stderr
    assert "'turbi' is not known" in message
    assert message.rstrip().endswith(f"(--cmap from {folder / NAME})")


def test_files_are_not_blamed_for_other_errors():
    Path(NAME).write_text('[convert]\ncmap = "viridis"\nvmin = 3')
    message = run("convert", "d.npy", "-o", "nowhere/c.png", status=2).stderr
    assert message.rstrip().endswith("there is no folder nowhere")
    message = run("convert", "d.npy", "-o", "c.png", "--vmax", "1", "--norm", "log", status=2)
    assert "(--vmin from " in message.stderr
    assert "--cmap" not in message.stderr.partition("Error: ")[2]


# A folder that came from elsewhere must not do harm.


@pytest.mark.parametrize(
    "line",
    [
        'output = "/etc/x"',
        "force = true",
        'config = "x"',
        "dry-run = true",
        "version = true",
        "help = true",
        "quiet = true",
        'inputs = ["x"]',
        'o = "x"',
        "json = true",
    ],
)
@pytest.mark.parametrize("table", ["convert", "all"])
def test_files_are_neither_named_nor_replaced(table, line):
    message = refused(f"[{table}]\n{line}")
    assert "cannot be set in a file" in message or "is no option that can be set here" in message


def every_option():
    root = click.Context(cli, info_name=PROGRAM)
    for name in cli.list_commands(root):
        for param in cli.get_command(root, name).params:
            if isinstance(param, click.Option):
                yield name, param


def test_no_option_for_a_path_can_be_set():
    words = {"output", "out", "path", "file", "folder", "image", "figure", "html", "config"}
    words |= {"force", "overwrite", "delete", "from", "log", "to"}
    for verb, option in every_option():
        if configurable(option):
            named = {part for name in option.opts for part in name.strip("-").split("-")}
            one_of = isinstance(option.type, click.Choice)  # and so none of the words is a path
            assert one_of or not named & words, f"{verb} {option.opts}"
            assert not isinstance(option.type, (click.Path, click.File)), f"{verb} {option.opts}"


def test_most_options_of_convert_can_be_set():
    free = {
        option.name for verb, option in every_option() if verb == "convert" and configurable(option)
    }
    assert {"cmap", "vmin", "norm", "robust", "bad", "quantize", "invalid", "suffix"} <= free
