"""`turbo-cmap help`: the help of a verb, for those who look for it there."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from ._console import console


def _verbs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    return [CompletionItem(one) for one in group.list_commands(ctx) if one.startswith(incomplete)]


@click.command("help")
@click.argument("verb", required=False, shell_complete=_verbs)
@click.pass_context
def help(ctx: click.Context, /, verb: str | None) -> None:  # noqa: A001  the verb's name
    """Print what a verb does and its options, as 'turbo-cmap VERB --help' does.

    Without a VERB, the list of verbs.

    \b
    turbo-cmap help
    turbo-cmap help convert
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    root = ctx.find_root()
    group = root.command
    assert isinstance(group, click.Group)
    if verb is None:
        console(ctx).answer(group.get_help(root))
        return
    name, command, _ = group.resolve_command(root, [verb])
    assert command is not None
    with command.context_class(command, info_name=name, parent=root) as inner:
        console(ctx).answer(command.get_help(inner))
