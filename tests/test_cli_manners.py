"""How the command behaves whatever the verb: what it says and where, statuses, dry runs."""

import io
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from command import invoke as run
from PIL import Image

import turbo_cmap
from turbo_cmap import colorize
from turbo_cmap.cli import PROGRAM, cli, main
from turbo_cmap.cli._console import PIPE_CLOSED, Console, shows_color

DEPTH = (np.arange(12 * 16).reshape(12, 16) * 300).astype(np.uint16)
#: A run of each verb that writes, of which the last word is a new file or folder.
WRITING = {
    "convert": ["convert", "d.npy", "-o", "new.png"],
    "export": ["export", "turbo", "--to", "c", "-o", "new.h"],
    "check": ["check", "gray", "--html", "new.html"],
    "compare": ["compare", "gray", "-o", "new.svg"],
    "simulate": ["simulate", "p.png", "--kind", "protanopia", "-o", "new.png"],
    "uncolor": ["uncolor", "p.png", "-o", "new.npy"],
    "demo": ["demo", "-o", "new"],
}
#: A run of each verb that prints, and a word of what it prints.
PRINTING = {
    "list": (["list"], "turbo_diverging"),
    "info": (["info"], "numpy"),
    "export": (["export", "turbo", "--to", "glsl"], "vec3"),
    "formats": (["export", "--list"], "glsl"),
    "check": (["check", "gray", "--json"], '"gray"'),
    "completion": (["completion", "bash"], "_TURBO_CMAP_COMPLETE=bash_complete"),
    "help": (["help", "convert"], "Usage:"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("d.npy", DEPTH)
    Image.fromarray(colorize(DEPTH)).save("p.png")
    return tmp_path


def verbs():
    root = click.Context(cli, info_name=PROGRAM)
    return [cli.get_command(root, name) for name in cli.list_commands(root)]


def everything_here():
    """Every file and folder with its contents and time."""
    found = {}
    for place in sorted(Path().rglob("*")):
        status = place.lstat()
        content = place.read_bytes() if place.is_file() and os.access(place, os.R_OK) else b""
        found[str(place)] = status.st_mode, status.st_mtime_ns, content
    return found


# --quiet, --verbose, --version.


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_every_verb_has_the_options_of_the_group(verb):
    names = {name for param in verb.params for name in param.opts}
    assert {"-q", "--quiet", "-v", "--verbose", "--version", "--config", "--no-config"} <= names
    for arguments in ([verb.name, "--version"], ["--version", verb.name]):
        assert run(*arguments).stdout == f"turbo-cmap {turbo_cmap.__version__}\n"


@pytest.mark.parametrize("verb", WRITING)
def test_quiet_says_nothing_where_files_are_written(verb):
    arguments = WRITING[verb]
    result = run(*arguments, "-q")
    assert (result.stdout, result.stderr) == ("", "")
    assert os.path.exists(arguments[-1])
    failed = run("-q", *arguments, status=1)
    assert failed.stdout == ""
    assert "exists already; --force replaces it" in failed.stderr


def test_quiet_may_stand_before_the_verb_and_after_it():
    arguments = WRITING["convert"]
    assert run(*arguments).stdout != ""
    for order in (["-q", *arguments], ["--quiet", *arguments], [*arguments, "--quiet"]):
        assert run(*order, "--force").output == ""


@pytest.mark.parametrize("verb", PRINTING)
def test_quiet_leaves_what_was_asked_for(verb):
    arguments, word = PRINTING[verb]
    printed = run(*arguments).stdout
    assert word in printed
    assert run("-q", *arguments).stdout == printed


def test_quiet_check_is_for_ci():
    assert run("check", "viridis", "--require", "gray-safe", "-q").output == ""
    failed = run("check", "turbo", "--require", "gray-safe", "-q", status=1)
    assert failed.stdout == ""
    assert failed.stderr.startswith("turbo-cmap: turbo fails gray-safe: ")


@pytest.mark.parametrize("where", ["before", "after"])
def test_verbose_says_what_is_used(where):
    arguments = WRITING["convert"]
    plain = run(*arguments)
    said = run(*(["-v", *arguments] if where == "before" else [*arguments, "-v"]), "--force")
    assert said.stdout == plain.stdout
    assert plain.stderr == ""
    assert said.stderr.splitlines()[-1].startswith("convert: ")
    backend = turbo_cmap.available_backends()[0]
    chosen = os.environ.get("TURBO_CMAP_BACKEND", backend).partition(":")[0]
    assert f" s, backend {chosen}" in said.stderr
    named = run(*arguments, "-v", "--force", "--backend", "numpy").stderr
    assert named.rstrip().endswith(" s, backend numpy")


@pytest.mark.parametrize(
    "arguments", [["-q", "-v", "list"], ["-q", "list", "-v"], ["list", "-v", "--quiet"]]
)
def test_quiet_and_verbose_exclude_each_other(arguments):
    assert "--quiet and --verbose exclude each other" in run(*arguments, status=2).stderr


def test_one_run_does_not_know_of_another():
    run("-q", *WRITING["convert"])
    assert run(*WRITING["convert"], "--force").stdout != ""
    assert Console() == Console(quiet=False, verbose=False, dry_run=False)


def test_progress_is_for_terminals(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    assert not Console().shows_progress
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert Console().shows_progress
    assert not Console(quiet=True).shows_progress
    monkeypatch.setenv("TERM", "dumb")
    assert not Console().shows_progress


# --dry-run.


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_verbs_that_write_can_say_so_first(verb):
    names = {name for param in verb.params for name in param.opts}
    assert ("--dry-run" in names) == ("--force" in names or "--output" in names)
    assert "--dry-run" in names or verb.name not in WRITING


@pytest.mark.parametrize("verb", WRITING)
def test_a_dry_run_changes_nothing(verb):
    arguments = WRITING[verb]
    before = everything_here()
    result = run(*arguments, "--dry-run")
    assert everything_here() == before
    assert f"would write {arguments[-1]}" in result.stdout
    assert result.stderr == "nothing was written: --dry-run\n"
    assert run("-q", *arguments, "--dry-run").stderr == ""
    for line in result.stdout.splitlines():  # let them be there
        target = Path(line.removeprefix("would write ").split(" from ")[0].split(", in ")[0])
        target.parent.mkdir(exist_ok=True)
        target.touch()
    after = everything_here()
    refused = run(*arguments, "--dry-run", status=1)
    real = run(*arguments, status=1)
    assert real.stderr.splitlines()[0] in refused.stderr.splitlines()
    assert f"would replace {arguments[-1]}" in run(*arguments, "--dry-run", "--force").stdout
    assert everything_here() == after


def test_a_dry_run_names_what_is_read():
    printed = run("convert", "d.npy", "-o", "new.png", "--dry-run").stdout
    assert printed == "would write new.png from d.npy\n"
    Path("e.npy").write_bytes(Path("d.npy").read_bytes())
    printed = run("convert", "d.npy", "e.npy", "-o", "new/", "--dry-run").stdout
    folder = os.path.join("new", "")
    assert printed == (
        f"would write {folder}d.png from d.npy, in a new folder\n"
        f"would write {folder}e.png from e.npy, in a new folder\n"
    )


def test_a_dry_run_of_check_names_each_file():
    np.save("m.npy", [[0.0] * 3] * 2)
    printed = run("check", "gray", "m.npy", "--figure", "a/", "--html", "b/", "--dry-run").stdout
    assert [line.split(" in ")[0].rstrip(",") for line in printed.splitlines()] == [
        f"would write {os.path.join('a', 'gray.png')}",
        f"would write {os.path.join('b', 'gray.html')}",
        f"would write {os.path.join('a', 'm.png')} from m.npy",
        f"would write {os.path.join('b', 'm.html')} from m.npy",
    ]
    assert run("check", "gray", "--dry-run").stdout == ""


def test_a_dry_run_refuses_what_a_run_would():
    Path("empty.npy").touch()
    Path("a_folder").mkdir()
    Path("a_file").touch()
    os.symlink("nowhere", "dangling.png")
    for arguments, reason in (
        (["missing.npy", "-o", "n.png"], "missing.npy: No such file or directory"),
        (["empty.npy", "-o", "n.png"], "empty.npy: is empty"),
        (["a_folder", "-o", "new/"], "a_folder: has no files of numbers"),
        (["d.npy", "-o", "dangling.png"], "dangling.png: exists already; --force replaces it"),
        (["d.npy", "-o", "p.png"], "p.png: exists already; --force replaces it"),
    ):
        before = everything_here()
        result = run("convert", *arguments, "--dry-run", status=1)
        assert result.stdout == ""
        assert result.stderr == f"turbo-cmap: {reason}\nnothing was written: --dry-run\n"
        run("convert", *arguments, status=1)
        assert everything_here() == before
    # one that is refused does not hide the others
    result = run("convert", "missing.npy", "d.npy", "-o", "new/", "--dry-run", status=1)
    assert "would write" in result.stdout
    assert "missing.npy: No such file" in result.stderr


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root"
)
def test_a_dry_run_sees_what_is_forbidden():
    Path("locked").mkdir()
    os.chmod("locked", stat.S_IRUSR | stat.S_IXUSR)
    os.chmod("d.npy", 0)
    try:
        shown = run("simulate", "p.png", "--all", "-o", "locked/n.png", "--dry-run", status=1)
        assert "the folder locked cannot be written to" in shown.stderr
        shown = run("convert", "d.npy", "-o", "n.png", "--dry-run", status=1)
        assert "d.npy: Permission denied" in shown.stderr
    finally:
        os.chmod("locked", stat.S_IRWXU)
        os.chmod("d.npy", stat.S_IRUSR | stat.S_IWUSR)


def test_a_dry_run_does_not_wait_for_a_pipe():
    if not hasattr(os, "mkfifo"):
        pytest.skip("named pipes are a thing of Unix")
    os.mkfifo("pipe.npy")
    assert (
        "would write n.png from pipe.npy"
        in run("convert", "pipe.npy", "-o", "n.png", "--dry-run").stdout
    )


def test_usage_is_checked_in_a_dry_run_too():
    run("convert", "d.npy", "-o", "n.xyz", "--dry-run", status=2)
    run("convert", "d.npy", "-o", "d.npy", "--dry-run", "--force", status=2)
    run("convert", "d.npy", "-o", "n.png", "--cmap", "turbi", "--dry-run", status=2)


# Colors.


@pytest.mark.parametrize(
    ("environment", "terminal", "shown"),
    [
        ({"COLORTERM": "truecolor"}, True, True),
        ({"COLORTERM": "24bit"}, True, True),
        ({"COLORTERM": "TrueColor"}, True, True),
        ({"COLORTERM": "truecolor"}, False, False),
        ({}, True, False),
        ({"COLORTERM": "yes"}, True, False),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, True, False),
        ({"COLORTERM": "truecolor", "NO_COLOR": "0"}, True, False),  # any text, says the site
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, True, True),
        ({"COLORTERM": "truecolor", "TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "0", "COLORTERM": "truecolor"}, True, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colors_are_for_terminals_that_show_them(monkeypatch, environment, terminal, shown):
    for name in ("COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    assert shows_color(stream) is shown
    monkeypatch.setattr(sys, "stdout", stream)
    assert shows_color() is shown


@pytest.mark.parametrize("arguments", [["list"], ["check", "gray"]])
def test_colors_can_be_forced_into_a_pipe(arguments, monkeypatch):
    assert "\x1b[" not in run(*arguments).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run(*arguments).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run(*arguments).stdout


# How it ends.


def ended(*arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return caught.value.code


@pytest.fixture
def broken_verb(monkeypatch):
    def fail():
        raise KeyError("no\nsuch thing")

    import turbo_cmap.cli.list

    monkeypatch.setattr(turbo_cmap.cli.list, "_maps", fail)


def test_an_error_of_our_own_is_one_line(broken_verb, capsys):
    assert ended("list") == 70
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "turbo-cmap: internal error: KeyError: 'no\\nsuch thing'; --verbose shows where\n"
    )


@pytest.mark.parametrize("arguments", [["-v", "list"], ["list", "--verbose"]])
def test_verbose_shows_where_an_error_arose(arguments, broken_verb, capsys):
    assert ended(*arguments) == 70
    printed = capsys.readouterr().err
    assert "Traceback (most recent call last)" in printed
    assert "in fail" in printed
    assert printed.endswith("turbo-cmap: internal error: KeyError: 'no\\nsuch thing'\n")


def test_statuses(capsys):
    assert ended("list") == 0
    assert ended("convert", "d.npy", "-o", "c.png") == 0
    assert ended("convert", "d.npy", "-o", "c.png") == 1
    assert ended("convert", "d.npy") == 2
    assert ended("paint") == 2
    assert ended("--help") == 0
    assert ended("help", "paint") == 2


def test_no_verb_at_all_is_wrong_usage_and_shows_help(capsys):
    assert ended() == 2
    assert "Verbs:" in capsys.readouterr().err


def test_interrupting(monkeypatch, capsys):
    import turbo_cmap.cli.list

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(turbo_cmap.cli.list, "_maps", interrupt)
    assert ended("list") == 128 + signal.SIGINT
    assert capsys.readouterr().err == "turbo-cmap: interrupted\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--vmim", "3"], "No such option '?--vmim'?.*--vmin"),
        (["--quantize", "0"], "'--quantize': 0 is not in the range 1<=x<=65536"),
        (["--vmin", "low"], "'--vmin': 'low' is not a number"),
        (["--norm", "lag"], "'--norm': 'lag' is not one of 'linear', 'log'"),
        (["--robust=5"], "'--robust': '5' is not LO,HI in percent"),
        (["--cmap", "turbi"], "'turbi' is not known"),
        (["--bad", "redd"], "bad must be .*'redd'"),
    ],
)
def test_wrong_options_name_option_value_and_rule(arguments, message):
    said = run("convert", "d.npy", "-o", "c.png", *arguments, status=2).stderr
    assert re.search(message, said)


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="Windows has no SIGPIPE")
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["--help"],
        ["--version"],
        ["convert", "--help"],
        ["export", "turbo", "--to", "css"],
        ["convert", "d.npy", "-o", "c.png"],
        ["check", "gray"],
        ["completion", "zsh"],
        ["help"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_gone_is_no_error(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "turbo_cmap", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(turbo_cmap.__file__).parent.parent)},
    )
    os.close(writing)
    _, said = process.communicate(timeout=120)
    assert said == b""
    assert process.returncode == PIPE_CLOSED == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk always full")
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["convert", "d.npy", "-o", "c.png"],
        ["export", "turbo", "--to", "css"],
        ["--help"],
        ["grid", "-h"],
        ["--version"],
    ],
)
def test_a_full_disk_behind_stdout_is_one_line(arguments):
    with open("/dev/full", "wb") as full:
        done = command(*arguments, stdout=full)
    assert done.stderr.decode() == "turbo-cmap: stdout: No space left on device\n"
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="how shells of Unix close it")
def test_a_closed_stdout_is_no_error():
    done = command("list", stdout=None, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


def command(*arguments, **streams):
    return subprocess.run(
        [sys.executable, "-m", "turbo_cmap", *arguments],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(turbo_cmap.__file__).parent.parent)},
        **streams,
    )


def test_help_loads_numpy_and_click_and_nothing_else_of_weight():
    heavy = ("matplotlib", "numba", "scipy", "PIL", "colorspacious", "tifffile", "tomllib")
    for arguments in (["--help"], ["--version"], ["convert", "--help"], ["help", "check"]):
        code = (
            f"import sys; from turbo_cmap.cli import main\ntry: main({arguments})\n"
            f"finally: print(*(set(sys.modules) & set({heavy})), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(turbo_cmap.__file__).parent.parent)},
        )
        assert done.returncode == 0
        assert done.stderr.split() == []


# ---- what is refused is named as the option is ----


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["convert", "d.npy", "-o", "c.png", "--vmin", "3", "--vmax", "1"],
            "--vmin must not be greater than --vmax, got 3.0 > 1.0; --reverse turns the map around",
        ),
        (["convert", "d.npy", "-o", "c.png", "--vmin", "nan"], "--vmin must be finite, got nan"),
        (["convert", "d.npy", "-o", "c.png", "--bad", "no"], "--bad must be a color name, .*'no'"),
        (["convert", "d.npy", "-o", "c.png", "--robust=9,1"], "--robust must be percentiles .*"),
        (["convert", "d.npy", "-o", "c.xyz"], "-o c.xyz: the suffix must be one of .*"),
        (["convert", "d.npy", "-o", "c.png", "--dtype", "float32"], "-o c.png: PNG cannot hold .*"),
        (["video", "d.npy", "-o", "c.avi"], "-o c.avi: the suffix must be one of .*"),
        (["uncolor", "p.png", "-o", "n.npy", "--vmin", "5"], "--vmin must not be greater .*"),
        (["uncolor", "p.png", "-o", "n.npy", "--tolerance", "-1"], "--tolerance must not be .*"),
        (["diff", "d.npy", "d.npy", "--bad", "no"], "--bad must be a color name, .*"),
        (["export", "turbo", "--to", "glls"], "--to must be one of .*, got 'glls'"),
        (["simulate", "p.png", "-o", "s.png", "--kind", "x"], "--kind must be one of .*"),
        (["simulate", "p.png", "-o", "s.xyz", "--kind", "protanopia"], "-o s.xyz: the suffix .*"),
        (["simulate", "p.png", "-o", "s.png"], "give either --kind or --all"),
        (["compare", "turbo", "-o", "c.png", "--vmin", "3", "--vmax", "1"], "--vmin must not .*"),
    ],
    ids=str,
)
def test_refusals_name_options(arguments, message):
    before = sorted(os.listdir())
    said = run(*arguments, status=2).stderr.splitlines()
    assert re.fullmatch(f"Error: {message}", said[-1])
    assert sorted(os.listdir()) == before


def test_values_without_a_place_on_a_logarithm_are_counted():
    np.save("depth.npy", np.float32([[0, 1, 2], [-1, np.nan, 4]]))
    for norm in ("log", "inverse"):
        line = run("convert", "depth.npy", "-o", f"{norm}.png", "--norm", norm).stdout
        assert line.endswith("  range 1 .. 4  1 of 6 invalid  2 of 6 not above 0\n")
    np.save("low.npy", np.float32([[0, -1], [-2, 0]]))
    line = run("convert", "low.npy", "-o", "low.png", "--norm", "log").stdout
    assert line.endswith("  none of 4 above 0\n")


def test_what_is_wrong_with_a_picture_is_said_of_it_and_not_of_its_target():
    np.save("floats.npy", np.full((2, 2, 3), 7.0))
    said = run("uncolor", "floats.npy", "-o", "n.npy", status=1).stderr
    assert said == "turbo-cmap: floats.npy: rgb of floats must lie in [0, 1], got 7.0 to 7.0\n"


def test_a_video_is_called_one():
    with open("film.mp4", "wb") as file:
        file.write(b"\0\0\0 ftypisom" + bytes(50))
    said = run("convert", "film.mp4", "-o", "n.png", status=1).stderr
    assert said == (
        "turbo-cmap: film.mp4: is a video; 'turbo-cmap video' and io.read_frames read it\n"
    )
