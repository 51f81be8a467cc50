"""What every verb has: options of the run, defaults from files, and a help with sections."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import click

from ._complete import complete_more
from ._console import Console, console, printable
from ._help import Group, groups_of, print_help, write_help


class Verb(click.Command):
    """A command of the group, with what all of them share.

    Attributes
    ----------
    groups : list of Group
        Its options under their headings.
    """

    groups: list[Group]

    @classmethod
    def adopt(cls, command: click.Command, namespace: Mapping[str, Any]) -> Verb:
        """The same verb with what all verbs have.

        Parameters
        ----------
        command : click.Command
            As its module has it.
        namespace : mapping
            That module's names: the decorators ``..._options`` among them say which options
            belong together.
        """
        taken = {name for param in command.params for name in param.opts}
        shared = shared_options(taken)
        verb = cls(
            command.name,
            context_settings=command.context_settings,
            callback=command.callback,
            params=[*command.params, *shared],
            help=command.help,
            epilog=command.epilog,
            short_help=command.short_help,
            options_metavar=command.options_metavar,
            add_help_option=command.add_help_option,
            no_args_is_help=command.no_args_is_help,
            hidden=command.hidden,
            deprecated=command.deprecated,
        )
        verb.groups = groups_of(verb, shared, namespace)
        for param in command.params:
            complete_more(param)
        return verb

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option ``--help``."""
        return with_own_help(super().get_help_option(ctx))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write usage, description, options under their headings, examples, exit status."""
        write_help(self, self.groups, ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, after the defaults have been taken from the configuration files."""
        if not ctx.resilient_parsing:
            self._set_defaults(ctx, args)
        return super().parse_args(ctx, args)

    def _set_defaults(self, ctx: click.Context, args: list[str]) -> None:
        from ._config import configurable, defaults

        options = [one for one in self.params if isinstance(one, click.Option)]
        if not any(map(configurable, options)):
            return
        given = self.make_parser(ctx).parse_args(args=[*args])[0]
        if any(param.name in given for param in self.get_params(ctx) if param.is_eager):
            return  # --help and its like work whatever the files say
        out = console(ctx)
        out.use_config(given.get("config"), bool(given.get("no_config")))
        out.defaults = defaults(self, ctx, out)
        ctx.default_map = {name: value for name, (value, _) in out.defaults.items()}

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; with --verbose, say what it used."""
        out = console(ctx)
        for file in out.config:
            out.detail(f"defaults from {printable(file)}")
        began = time.perf_counter()
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            text = error.format_message()
            blame = _blame(ctx, out, text)
            if blame:
                raise click.UsageError(f"{text} {blame}", error.ctx or ctx) from None
            raise
        finally:
            if out.verbose:
                seconds = time.perf_counter() - began
                out.detail(f"{self.name}: {seconds:.2f} s{_backend(ctx.params.get('backend'))}")


def with_own_help(option: click.Option | None) -> click.Option | None:
    """The option ``--help`` of click, with what we print."""
    if option is not None:
        option.callback = print_help
    return option


def shared_options(taken: set[str]) -> list[click.Parameter]:
    """The options of a run, for before the verb and after it.

    Parameters
    ----------
    taken : set of str
        Names, such as ``-v``, that the verb uses itself.
    """
    found: list[click.Parameter] = []
    for names, attributes in _SHARED:
        free = [name for name in names if name not in taken]
        if free:
            found.append(click.Option(free, expose_value=False, **attributes))
    return found


def _set(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        out = console(ctx)
        if wanted:
            setattr(out, name, True)
        if out.quiet and out.verbose and not ctx.resilient_parsing:
            raise click.UsageError("--quiet and --verbose exclude each other", ctx)

    return callback


def _use_config(ctx: click.Context, param: click.Parameter, given: str | bool | None) -> None:
    if ctx.parent is None:  # a verb's own is looked at before its options are parsed
        out, name = console(ctx), param.name
        out.use_config(
            str(given) if name == "config" and given else None, name != "config" and bool(given)
        )


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from .._version import __version__

    console(ctx).answer(f"turbo-cmap {__version__}")
    ctx.exit()


_SHARED: list[tuple[list[str], dict[str, Any]]] = [
    (
        ["-q", "--quiet"],
        {
            "is_flag": True,
            "callback": _set("quiet"),
            "help": "Say nothing but failures, and what the verb was asked to print.",
        },
    ),
    (
        ["-v", "--verbose"],
        {
            "is_flag": True,
            "callback": _set("verbose"),
            "help": "Say more: files of defaults, times, backend; where an internal error arose.",
        },
    ),
    (
        ["--config"],
        {
            "metavar": "FILE",
            "type": click.Path(readable=False),
            "callback": _use_config,
            "help": "Take defaults from this file alone.",
        },
    ),
    (
        ["--no-config"],
        {"is_flag": True, "callback": _use_config, "help": "Take defaults from no file."},
    ),
    (
        ["--version"],
        {
            "is_flag": True,
            "is_eager": True,
            "callback": _print_version,
            "help": "Print the version and exit.",
        },
    ),
]


def _blame(ctx: click.Context, out: Console, text: str) -> str:
    """Which files have set the options that an error is about."""
    from click.core import ParameterSource

    origins: dict[str, list[str]] = {}
    for param in ctx.command.params:
        name = param.name or ""
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT_MAP:
            continue
        named = name in re.findall(r"\w+", text) or repr(out.defaults[name][0]) in text
        if named:
            origins.setdefault(str(out.defaults[name][1]), []).append(param.opts[-1])
    return " ".join(f"({', '.join(names)} from {file})" for file, names in origins.items())


def _backend(name: str | None) -> str:
    """The kernels in use, if there were any."""
    import sys

    kernels = sys.modules.get("turbo_cmap.kernels")
    try:
        backend = kernels.get_backend(name) if kernels else None
    except ValueError:
        return ""
    if backend is None:
        return ""
    kernel = getattr(backend, "kernel", None)
    return f", backend {backend.name}{f':{kernel}' if isinstance(kernel, str) else ''}"
