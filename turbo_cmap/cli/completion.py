"""`turbo-cmap completion`: what makes the Tab key work."""

from __future__ import annotations

import click

from ._console import console

#: Where a shell looks, and how it is told.
_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the script that completes verbs, options, their values, color maps and files.

    Bash (4.4 or newer) reads it from ~/.bashrc, zsh from ~/.zshrc after 'compinit', fish from
    its folder of completions. It calls turbo-cmap at each Tab, so that it never is out of
    date.

    \b
    turbo-cmap completion bash >> ~/.bashrc
    turbo-cmap completion zsh >> ~/.zshrc
    turbo-cmap completion fish > ~/.config/fish/completions/turbo-cmap.fish
    """  # noqa: D301  the backspace is click's mark for lines that stay as they are
    from click.shell_completion import get_completion_class

    from . import COMPLETE_VARIABLE, PROGRAM, cli

    found = get_completion_class(shell)
    assert found is not None
    script = found(cli, {}, PROGRAM, COMPLETE_VARIABLE)
    # `source` of click for bash runs bash to see its version first
    console(ctx).answer(script.source_template % script.source_vars())
