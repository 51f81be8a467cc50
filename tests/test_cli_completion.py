"""The Tab key, in the shells themselves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import matplotlib
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import turbo_cmap
from turbo_cmap.cli import COMPLETE_VARIABLE, PROGRAM, cli
from turbo_cmap.cli._complete import MATPLOTLIB_MAPS, NEWER_MAPS

OURS = [name for name in turbo_cmap.colormaps if not name.endswith("_r")]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with some files, and `turbo-cmap` for shells."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    script = binaries / PROGRAM
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m turbo_cmap "$@"\n')
    script.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    for name in ("depth one.png", "depth_two.npy", "other.pfm"):
        (work / name).touch()
    source = str(Path(turbo_cmap.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(work)
    return work


def offered(*words):
    """What is offered for the last word: values, or the kind of what the shell itself offers."""
    completer = ShellComplete(cli, {}, PROGRAM, COMPLETE_VARIABLE)
    *before, last = words
    found = completer.get_completions(before, last)
    return [item.value if item.type == "plain" else item.type for item in found]


# What is offered.


def test_verbs():
    assert offered("conv") == ["convert"]
    assert offered("") == cli.list_commands(click.Context(cli))
    assert offered("-q", "conv") == ["convert"]


def test_options_of_a_verb():
    everything = offered("convert", "--")
    root = click.Context(cli, info_name=PROGRAM)
    for param in cli.get_command(root, "convert").params:
        if isinstance(param, click.Option):
            assert param.opts[-1] in everything
    assert offered("convert", "--vm") == ["--vmin", "--vmax"]
    assert "--vmin" not in offered("convert", "--vmin", "0", "--vm")  # once is enough


def test_choices():
    assert offered("convert", "--norm", "l") == ["linear", "log"]
    assert offered("convert", "--norm=l") == ["linear", "log"]
    assert offered("completion", "") == ["bash", "zsh", "fish"]
    assert offered("export", "turbo", "--to", "gl") == ["glsl"]
    assert offered("help", "comp") == ["compare", "completion"]


@pytest.mark.parametrize(
    "before",
    [
        ["convert", "--cmap"],
        ["uncolor", "--cmap"],
        ["export"],
        ["check"],
        ["compare"],
        ["compare", "turbo"],
    ],
    ids=" ".join,
)
def test_color_maps(before):
    assert offered(*before, "mag") == ["magma"]
    assert offered(*before, "turbo") == [*OURS, *(f"{name}_r" for name in OURS)]
    assert offered(*before, "magma_") == ["magma_r"]
    assert offered(*before, "blu") == ["Blues"]
    everything = offered(*before, "")
    assert everything == [*OURS, *(name for name in MATPLOTLIB_MAPS if name not in OURS)]


@pytest.mark.parametrize(
    "before",
    [
        ["convert"],
        ["convert", "a.png"],
        ["convert", "-o"],
        ["convert", "--config"],
        ["uncolor"],
        ["simulate"],
        ["compare", "--image"],
        ["check", "--figure"],
        ["demo", "-o"],
    ],
    ids=" ".join,
)
def test_files_are_left_to_the_shell(before):
    assert offered(*before, "") == ["file"]
    assert offered(*before, "dep") == ["file"]


def test_a_file_is_offered_where_there_is_no_such_map():
    assert offered("check", "depth") == ["file"]
    assert offered("check", "./") == ["file"]


def test_a_broken_file_of_defaults_is_not_in_the_way(folder):
    (folder / "turbo-cmap.toml").write_text("broken [")
    assert offered("convert", "--norm", "l") == ["linear", "log"]


def test_the_names_of_matplotlib_are_those_of_matplotlib():
    there = {name for name in matplotlib.colormaps if not name.endswith("_r")}
    there = {name for name in there if not name.startswith("tc.")}
    assert len(set(MATPLOTLIB_MAPS)) == len(MATPLOTLIB_MAPS)
    assert set(MATPLOTLIB_MAPS) - NEWER_MAPS <= there
    assert set(MATPLOTLIB_MAPS) >= NEWER_MAPS
    if there >= NEWER_MAPS:
        assert len(there - set(MATPLOTLIB_MAPS)) < 10  # what has been added since


def test_completing_a_map_imports_no_matplotlib():
    code = (
        "import sys; from turbo_cmap.cli import main\n"
        "try: main()\nfinally: print('matplotlib' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            COMPLETE_VARIABLE: "bash_complete",
            "COMP_WORDS": "turbo-cmap convert --cmap mag",
            "COMP_CWORD": "3",
        },
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,magma\n", "False\n")


# In the shells.


def needs(shell):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


def script_of(shell):
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert result.stderr == ""
    Path("script").write_text(result.stdout)


def test_only_known_shells_have_a_script():
    result = CliRunner().invoke(cli, ["completion", "tcsh"])
    assert result.exit_code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in result.stderr


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs("bash")
def test_bash():
    script_of("bash")
    said = output_of(
        "bash",
        "--norc",
        "-c",
        """
        source ./script
        complete -p turbo-cmap
        compopt() { printf "compopt %s %s\\n" "$1" "$2"; }
        try() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _turbo_cmap_completion turbo-cmap
            echo "${COMPREPLY[@]}"
        }
        try turbo-cmap conv
        try turbo-cmap convert --cmap mag
        try turbo-cmap convert --vm
        try turbo-cmap convert dep
        """,
    ).splitlines()
    assert said[0].endswith("-F _turbo_cmap_completion turbo-cmap")
    # "default" is Readline's own completion of files
    assert said[1:] == ["convert", "magma", "--vmin --vmax", "compopt -o default", ""]


@needs("fish")
def test_fish():
    script_of("fish")

    def completed(line):
        said = output_of("fish", "-c", f"source ./script; complete -C '{line}'").splitlines()
        return [one.split("\t")[0] for one in said if one.strip()]

    assert completed("turbo-cmap conv") == ["convert"]
    assert completed("turbo-cmap convert --cmap mag") == ["magma"]
    assert completed("turbo-cmap convert --vm") == ["--vmax", "--vmin"]
    assert completed("turbo-cmap convert dep") == ["depth one.png", "depth_two.npy"]


@needs("zsh")
def test_zsh():
    script_of("zsh")
    # zsh completes in its line editor alone, which needs a terminal: one of zsh's own. What is
    # typed becomes a call of a function that prints its arguments.
    Path("setup").write_text(
        """
        unsetopt zle_bracketed_paste
        PS1=''
        autoload -Uz compinit
        compinit -u -D
        source ./script
        accept() { zle complete-word; BUFFER="print -rl -- '<<' ${BUFFER#turbo-cmap} '>>'" }
        zle -N accept
        bindkey '^I' accept
        echo ready
        """
    )
    talk = r"""
        zmodload zsh/zpty
        zpty inner zsh -f -i
        zpty -w inner 'source ./setup'
        zpty -r inner said '*ready*'
        for line in 'conv' 'convert --cmap mag' 'convert --vma' 'convert other'; do
            zpty -w inner "turbo-cmap $line"$'\t'
            zpty -r inner said $'*\n<<*>>*'
            print -r -- "$said"
        done
        zpty -d inner
    """
    said = output_of("zsh", "-f", "-c", talk).replace("\r", "")
    answers = [one.partition("\n>>")[0].split("\n") for one in said.split("\n<<\n")[1:]]
    assert answers == [
        ["convert"],
        ["convert", "--cmap", "magma"],
        ["convert", "--vmax"],
        ["convert", "other.pfm"],
    ]
