"""Write docs/cli.md, from the verbs themselves: ``python docs/cli.py > docs/cli.md``.

With ``--man``, the manual page instead: ``python docs/cli.py --man > turbo-cmap.1``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click

from turbo_cmap import __version__
from turbo_cmap.cli import PROGRAM, cli
from turbo_cmap.cli._config import configurable
from turbo_cmap.cli._help import EXIT_STATUS, Group, describe, rows
from turbo_cmap.cli._verb import Verb

_INTRODUCTION = """\
<!-- Written by docs/cli.py from the verbs' docstrings and options. Do not edit. -->

# The command `turbo-cmap`

`python -m turbo_cmap` is the same. [files.md](files.md) says what files are read and written,
[defaults.md](defaults.md) how a file sets defaults of options, what `--quiet` leaves, where colors
are printed, and how the Tab key completes. Options marked with ° can be set in such a file.
"""


def main() -> None:
    """Print the page."""
    write = _manual if sys.argv[1:] == ["--man"] else _markdown
    sys.stdout.write("".join(f"{line}\n" for line in write()))


def _verbs() -> list[tuple[Verb, click.Context]]:
    root = click.Context(cli, info_name=PROGRAM, **cli.context_settings)
    found = []
    for name in cli.list_commands(root):
        verb = cli.get_command(root, name)
        assert isinstance(verb, Verb)
        found.append((verb, click.Context(verb, info_name=name, parent=root)))
    return found


def _usage(verb: Verb, ctx: click.Context) -> str:
    return " ".join([ctx.command_path, *verb.collect_usage_pieces(ctx)])


def _shared(verb: Verb) -> Group:
    """Those of every verb, which are said once."""
    return verb.groups[-1]


def _markdown() -> Iterator[str]:
    verbs = _verbs()
    yield _INTRODUCTION
    yield from _table(("verb", ""), [(_link(name), text) for name, text in _summaries().items()])
    for verb, ctx in verbs:
        described = describe(verb)
        yield f"\n## `{verb.name}`\n"
        yield f"```\n{_usage(verb, ctx)}\n```"
        for paragraph in described.paragraphs:
            yield f"\n{_as_markdown(paragraph)}"
        if described.examples:
            lines = "\n".join(f"$ {line}" for line in described.examples)
            yield f"\n```console\n{lines}\n```"
        for heading, options in verb.groups[:-1]:
            yield f"\n### `{verb.name}`: {heading[0].lower()}{heading[1:]}\n"
            marked = [
                (f"{_code(name)}{_mark(option)}", _escaped(text))
                for option in options
                for name, text in rows([option], ctx)
            ]
            yield from _table(("option", ""), marked)
    yield "\n## Options of every verb\n"
    yield "They may stand before the verb too: `turbo-cmap -q convert ...`.\n"
    verb, ctx = verbs[0]
    shared = [*_shared(verb).options, *filter(None, [verb.get_help_option(ctx)])]
    yield from _table(("option", ""), [(_code(a), _escaped(b)) for a, b in rows(shared, ctx)])
    yield "\n## Exit status\n"
    yield from _table(("status", ""), [(str(a), _escaped(b)) for a, b in EXIT_STATUS.items()])


def _summaries() -> dict[str, str]:
    root = click.Context(cli, info_name=PROGRAM)
    return {name: cli.summary(name) for name in cli.list_commands(root)}


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"


def _mark(option: click.Option) -> str:
    return " °" if configurable(option) else ""


def _table(head: tuple[str, str], body: list[tuple[str, str]]) -> Iterator[str]:
    yield f"| {head[0]} | {head[1]} |"
    yield "|---|---|"
    for row in body:
        yield f"| {row[0]} | {row[1]} |"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _escaped(text: str) -> str:
    for mark in "*_<|":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split("  "))


def _as_markdown(paragraph: str) -> str:
    """A paragraph; lines that are to be kept end in two spaces."""
    keeps = paragraph.startswith("\b")
    lines = map(_escaped, paragraph.splitlines()[keeps:])
    return ("  \n" if keeps else "\n").join(lines)


def _manual() -> Iterator[str]:
    """A page for man(1), in the macros of man(7)."""
    verbs = _verbs()
    yield f'.TH TURBO-CMAP 1 "" "turbo_cmap {__version__}" "User Commands"'
    yield f".SH NAME\n{PROGRAM} \\- {_roff(str(cli.help)).rstrip('.')}"
    yield ".SH SYNOPSIS"
    for verb, ctx in verbs:
        yield f".B {_roff(_usage(verb, ctx))}\n.br"
    yield ".SH VERBS"
    examples = []
    for verb, ctx in verbs:
        described = describe(verb)
        examples += described.examples
        yield f".SS {verb.name}"
        for paragraph in described.paragraphs:
            yield f".PP\n{_roff(paragraph)}"
        for _, options in verb.groups[:-1]:
            yield from _items(rows(options, ctx), _roff)
    yield ".SH OPTIONS OF EVERY VERB"
    verb, ctx = verbs[0]
    shared = [*_shared(verb).options, *filter(None, [verb.get_help_option(ctx)])]
    yield from _items(rows(shared, ctx), _roff)
    yield ".SH EXIT STATUS"
    yield from _items([(str(status), text) for status, text in EXIT_STATUS.items()], _roff)
    yield ".SH EXAMPLES\n.nf"
    yield from map(_roff, examples)
    yield ".fi"


def _items(body: list[tuple[str, str]], as_roff: Callable[[str], str]) -> Iterator[str]:
    for name, text in body:
        yield f".TP\n.B {as_roff(name)}\n{as_roff(text)}"


def _roff(text: str) -> str:
    text = text.replace("\b", "").strip().replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in text.split("\n"))


if __name__ == "__main__":
    main()
