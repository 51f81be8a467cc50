"""`turbo-cmap list`: every map of the package, and its colors where a terminal shows them."""

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from turbo_cmap import colormaps, get_cmap
from turbo_cmap.cli import cli

NAMES = [name for name in colormaps if not name.endswith("_r")]


def run(*arguments):
    result = CliRunner().invoke(cli, ["list", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_map_is_listed_with_its_length_and_a_description():
    lines = run().splitlines()
    assert len(lines) == len(NAMES) + 1
    for name, line in zip(NAMES, lines, strict=False):
        assert re.fullmatch(rf"{name} +{len(colormaps[name])}  \w.{{10,60}}", line), line
        assert len(line) <= 80
    assert "NAME_r" in lines[-1]
    assert "tc.NAME" in lines[-1]


def test_json_is_for_programs():
    maps = json.loads(run("--json"))
    assert [one["name"] for one in maps] == NAMES
    for one in maps:
        assert one["length"] == len(get_cmap(one["name"]))
        assert get_cmap(one["reversed"]) == get_cmap(one["name"]).reversed()
        assert get_cmap(one["matplotlib"]) == get_cmap(one["name"])
        assert one["description"]
        assert sorted(one) == ["description", "length", "matplotlib", "name", "reversed"]


def test_no_escape_codes_in_a_pipe():
    done = subprocess.run(
        [sys.executable, "-m", "turbo_cmap", "list"], capture_output=True, text=True, check=True
    )
    assert "\x1b" not in done.stdout
    assert done.stdout == run()


def in_a_terminal(**environment):
    """What is printed where stdout is a terminal."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")
    ours, theirs = pty.openpty()
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLORTERM")}
    process = subprocess.Popen(
        [sys.executable, "-m", "turbo_cmap", "list"],
        stdout=theirs,
        env={**plain, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
    )
    os.close(theirs)
    chunks = []
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # how Linux says that the other side has been closed
            chunk = b""
        if not chunk:
            break
        chunks.append(chunk)
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return b"".join(chunks).decode().replace("\r\n", "\n")


def test_a_terminal_shows_the_colors():
    printed = in_a_terminal()
    for name, line in zip(NAMES, printed.splitlines(), strict=False):
        found = re.findall(r"\x1b\[48;2;(\d+);(\d+);(\d+)m ", line)
        assert [tuple(map(int, color)) for color in found] == [
            tuple((255 * color).round().astype(int)) for color in get_cmap(name, 24).colors
        ]
    bare = re.sub(r"(\x1b\[48;2;[\d;]+m )+\x1b\[0m  ", "", printed)
    assert bare == run()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLORTERM": ""}])
def test_a_terminal_without_colors_is_left_alone(environment):
    assert in_a_terminal(**environment) == run()


def test_an_empty_no_color_does_not_count():
    # As https://no-color.org has it: "when present and not an empty string".
    assert "\x1b[48;2;" in in_a_terminal(NO_COLOR="")
