"""The command `turbo-cmap`: a module a verb.

Nothing here or at the top of a verb's module imports NumPy or another part of the
package, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Sequence

import click

#: Verb, which is also the name of its module and function, and what it does.
_VERBS = {
    "convert": "Turn files of numbers into pictures.",
    "video": "Turn sequences of numbers into videos, animations or frames.",
    "export": "Write a color map for another program.",
    "check": "Judge what color maps are good for.",
    "compare": "Lay color maps side by side on a depth image.",
    "simulate": "Show a picture as seen with a color-vision deficiency.",
    "demo": "Make a small gallery from a computed stereo scene.",
    "list": "List the color maps of this package.",
    "info": "Print versions, backends, kernels and CPU features.",
    "uncolor": "Turn a picture in a map's colors back into numbers.",
}


class _Verbs(click.Group):
    """A group that imports a verb when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = importlib.import_module(f".{cmd_name}", __package__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from .._version import __version__

    click.echo(f"turbo-cmap {__version__}")
    ctx.exit()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
def cli() -> None:
    """Numbers in, colors out: depth and disparity maps in Turbo and other color maps."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command and exit.

    The exit status is 0 where all went well, 1 where a file could not be read or
    written, 2 for wrong usage, 130 after Ctrl-C and 143 after SIGTERM.
    """
    # An exception, so that temporary files are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        status = cli.main(args, prog_name="turbo-cmap", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(128 + signal.SIGINT)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    sys.exit(status or 0)
