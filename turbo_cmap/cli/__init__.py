"""The command `turbo-cmap`: a module a verb.

Nothing here or at the top of a verb's module imports NumPy or another part of the
package, so that `--help` answers at once.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from ._console import Console, leave_the_pipe
from ._help import CONTEXT_SETTINGS
from ._signals import has_received, listen, raise_received
from ._verb import Verb, shared_options, with_own_help

PROGRAM = "turbo-cmap"
#: The environment variable by which shells ask for completions.
COMPLETE_VARIABLE = "_TURBO_CMAP_COMPLETE"
#: The status of an error of our own, as in BSD's sysexits.h.
INTERNAL_ERROR = 70
#: How many more objects there are before Python looks for garbage; its own is 700.
_GARBAGE_THRESHOLD = 20_000
#: Verb, which is also the name of its module and function, and what it does.
_VERBS = {
    "convert": "Turn files of numbers into pictures.",
    "video": "Turn sequences of numbers into videos, animations or frames.",
    "diff": "Compare estimates with the truth, in figures and as a picture.",
    "grid": "Lay several files on one sheet, on one range, with one bar.",
    "uncolor": "Turn a picture in a map's colors back into numbers.",
    "export": "Write a color map for another program.",
    "check": "Judge what color maps are good for.",
    "compare": "Lay color maps side by side on a depth image.",
    "simulate": "Show a picture as seen with a color-vision deficiency.",
    "demo": "Make a small gallery from a computed stereo scene.",
    "list": "List the color maps of this package.",
    "info": "Print versions, backends, kernels and CPU features.",
    "completion": "Print the script that makes the Tab key work.",
    "help": "Print what a verb does and its options.",
}


class _Verbs(click.Group):
    """A group that imports a verb when it is called."""

    def summary(self, verb: str) -> str:
        """What a verb does, in a line."""
        return _VERBS[verb]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_VERBS]  # `list` is a verb's module, once that is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        if cmd_name not in self.commands:
            module = importlib.import_module(f".{cmd_name}", __package__)
            self.add_command(Verb.adopt(getattr(module, cmd_name), vars(module)))
        return self.commands[cmd_name]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(args[0], _VERBS, 1)
            hint = f"did you mean {near[0]}?" if near else f"verbs are {', '.join(_VERBS)}"
            ctx.fail(f"{args[0]!r} is no verb; {hint}")
        return super().resolve_command(ctx, args)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return with_own_help(super().get_help_option(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([*_VERBS.items()])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        made: click.Context = _quietly(super().make_context, *args, **extra)
        return made

    def invoke(self, ctx: click.Context) -> Any:
        return _quietly(super().invoke, ctx)


def _quietly(do: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    try:
        return do(*args, **keywords)
    except BrokenPipeError:
        return leave_the_pipe()
    except KeyboardInterrupt:
        raise click.Abort from None  # for which click itself prints nothing


@click.group(
    cls=_Verbs,
    params=shared_options(set()),
    context_settings=CONTEXT_SETTINGS,
    subcommand_metavar="VERB ...",
    epilog="'turbo-cmap VERB --help' says more of a verb, with examples.",
)
def cli() -> None:
    """Numbers in, colors out: depth and disparity maps in Turbo and other color maps."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command and exit, with a status of `_help.EXIT_STATUS`."""
    _spare()
    listen()
    out = Console()
    try:
        status = cli.main(
            args,
            prog_name=PROGRAM,
            complete_var=COMPLETE_VARIABLE,
            standalone_mode=False,
            obj=out,
        )
        raise_received()
    except (click.Abort, KeyboardInterrupt):
        out.interrupted()
        sys.exit(128 + signal.SIGINT)
    except SystemExit:
        if has_received():  # SIGTERM; others are of click, which has completed something, say
            out.interrupted()
        raise
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        _report(error, out)
        sys.exit(INTERNAL_ERROR)
    sys.exit(status or 0)


def _spare() -> None:
    """Leave out what Python and NumPy do for programs that run longer than most of ours."""
    # Nearly all that is made while modules are imported stays: it is looked through for
    # garbage less often, and not once more at the end.
    gc.set_threshold(_GARBAGE_THRESHOLD)
    atexit.register(gc.freeze)
    # There is no linear algebra of a size that needs a thread a core, which NumPy starts.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _report(error: Exception, out: Console) -> None:
    """Say that the program has failed, and not its user."""
    if out.verbose:
        import traceback

        out.detail("".join(traceback.format_exception(error)).rstrip())
    text = " ".join(f"{type(error).__name__}: {error}".split())
    out.fail(f"internal error: {text}{'' if out.verbose else '; --verbose shows where'}")
