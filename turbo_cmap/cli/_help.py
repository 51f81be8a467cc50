r"""The help of a verb as data, from its docstring and options, and as text.

A docstring is prose, but for paragraphs that begin with click's mark ``\b`` and whose
lines are commands: these are the examples.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import click

from ._console import console

#: Status, and when a run ends with it; of every verb.
EXIT_STATUS = {
    0: "All went well.",
    1: "Something could not be read, written or fulfilled; a line on stderr says what and why. "
    "What else was asked for is done.",
    2: "Wrong usage, or a wrong file of defaults. Nothing was read or written.",
    70: "An error of turbo-cmap itself; --verbose shows where.",
    130: "Interrupted by Ctrl-C. Files are whole or not there.",
    141: "What read the output had enough, as 'head' has.",
    143: "Ended by SIGTERM. Files are whole or not there.",
}
_GENERAL = "Options of every verb"
#: Headings of options, by the decorator they come from; another's name is its own heading.
_HEADINGS = {
    "reading_options": "Input",
    "picture_inputs_options": "Inputs",
    "truth_options": "Input of the truth",
    "coloring_options": "Colors and range",
    "dress_options": "Around the picture",
    "batch_options": "Many files at once",
    "output_options": "Output",
    "frames_options": "Frames",
    "video_options": "Video",
}
_WIDEST = 100


class Group(NamedTuple):
    """Options under a heading."""

    heading: str
    options: Sequence[click.Option]


@dataclass(frozen=True)
class Description:
    r"""What a docstring says.

    Attributes
    ----------
    paragraphs : list of str
        Prose; one that begins with ``\b`` and a line end keeps its lines.
    examples : list of str
        Commands.
    """

    paragraphs: list[str]
    examples: list[str]


def describe(command: click.Command) -> Description:
    """Take apart the docstring of a verb."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0]
    paragraphs, examples = [], []
    for paragraph in text.split("\n\n"):
        lines = paragraph.strip("\n").splitlines()
        if lines[:1] == ["\b"] and all("turbo-cmap " in line for line in lines[1:]):
            examples += [line.strip() for line in lines[1:]]
        elif lines:
            paragraphs.append("\n".join(lines))
    return Description(paragraphs, examples)


def groups_of(
    command: click.Command, shared: Sequence[click.Parameter], namespace: Mapping[str, Any]
) -> list[Group]:
    """The options of a verb by where they come from.

    First its own, then those of each decorator ``..._options`` that *namespace* has from a
    module such as `_coloring`, then the shared ones.
    """
    options = [one for one in command.params if isinstance(one, click.Option)]
    left = [one for one in options if one not in shared]
    groups = []
    for name, decorator in namespace.items():
        if not _is_set_of_options(name, decorator):
            continue
        names = {param.name for param in click.command()(decorator(_nothing())).params}
        belonging = [one for one in left if one.name in names]
        left = [one for one in left if one.name not in names]
        if belonging:
            heading = name.removesuffix("_options").replace("_", " ").capitalize()
            groups.append(Group(_HEADINGS.get(name, heading), belonging))
    groups.sort(key=lambda group: options.index(group.options[0]))
    own = [Group("Options", left)] if left else []
    return [*own, *groups, Group(_GENERAL, [one for one in options if one in shared])]


def _is_set_of_options(name: str, thing: Any) -> bool:
    """Whether it is a decorator from a module that verbs share."""
    module = getattr(thing, "__module__", None) or ""
    shared = module.startswith(f"{__package__}._")
    return shared and callable(thing) and name.endswith("_options") and not name.startswith("_")


def _nothing() -> Any:
    return lambda: None


def rows(options: Sequence[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    """Each option as it is written, and what it does."""
    records = (option.get_help_record(ctx) for option in options)
    return [record for record in records if record is not None]


def write_help(
    command: click.Command,
    groups: Sequence[Group],
    ctx: click.Context,
    formatter: click.HelpFormatter,
) -> None:
    """Write the help of a verb."""
    described = describe(command)
    command.format_usage(ctx, formatter)
    for paragraph in described.paragraphs:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(paragraph)
    for heading, options in groups:
        found = rows(options, ctx)
        if heading == _GENERAL:
            found += rows([one for one in [command.get_help_option(ctx)] if one], ctx)
        if found:
            with formatter.section(heading):
                formatter.write_dl(found)
    if described.examples:
        with formatter.section("Examples"):
            for line in described.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
    with formatter.section("Exit status"):
        formatter.write_dl([(str(status), text) for status, text in EXIT_STATUS.items()])
    command.format_epilog(ctx, formatter)


def print_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """What ``--help`` does: printed as all answers are, a full disk has its line."""
    if wanted and not ctx.resilient_parsing:
        console(ctx).answer(ctx.get_help())
        ctx.exit()


#: For the group: names of its help option, and how wide a help may be.
CONTEXT_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": _WIDEST,
}
