"""Defaults of options from files: `turbo-cmap.toml` of a folder, and one of the user's.

A file has a table for each verb, and ``[all]`` for every verb that has the option. A key is
the long name of an option without its dashes, a value what would be typed behind it:

.. code-block:: toml

    [all]
    cmap = "viridis"

    [convert]
    invalid = [0, 65535]
    robust = true

What a file can never set: where something is read from or written to, and whether something
is replaced. A folder that came from elsewhere may change how a picture looks, and no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from ._console import Console, printable

NAME = "turbo-cmap.toml"
#: Names a file to use alone, as ``--config`` does.
VARIABLE = "TURBO_CMAP_CONFIG"
_LARGEST = 1 << 20  # bytes
#: What is asked for each time, or not at all.
_NEVER = {"--output", "--force", "--overwrite", "--dry-run", "--json", "--list"} | {
    "--raw",
    "--raw-out",
}
#: Texts that name neither a file nor a folder. Others of type text are refused.
_HARMLESS = {"NAME", "COLOR", "VALUE", "N", "TEXT", "UNIT", "WORDS", "VERDICT,...", "0..1"}


class ConfigError(click.ClickException):
    """One line that names the file, the key and the rule."""

    exit_code = 2

    def __init__(self, file: Path, text: str) -> None:
        super().__init__(f"{printable(file)}: {text}")

    def show(self, file: Any = None) -> None:
        """Print it as the failures of files are."""
        click.echo(f"turbo-cmap: {self.format_message()}", file=file, err=file is None)


def found_files() -> list[Path]:
    """The files that defaults come from here; a later one wins.

    That of the user; then that of the working folder, or of the nearest folder above it that
    has one, no further up than the home folder.
    """
    files = [Path(click.get_app_dir("turbo-cmap")) / NAME]
    try:
        here = Path.cwd()
    except OSError:  # the folder has been removed
        here = None
    if here is not None:
        home = _home()
        for folder in (here, *here.parents):
            if _is_file(folder / NAME):
                files.append(folder / NAME)
                break
            if folder == home:
                break
    unique = dict.fromkeys(file for file in files if _is_file(file))
    return [*unique]


def files_of(out: Console) -> list[Path]:
    """The files to use in this run, by its options and the environment."""
    if out.no_config:
        return []
    alone = out.config_file or os.environ.get(VARIABLE)
    return [Path(alone)] if alone else found_files()


def configurable(option: click.Option) -> bool:
    """Whether a file may set this option; see the docstring of this module."""
    if option.required or option.is_eager or not option.expose_value or option.hidden:
        return False
    if _NEVER.intersection(option.opts):
        return False
    if isinstance(option.type, (click.Path, click.File)):
        return False
    if option.is_flag:
        return option.is_bool_flag
    if not isinstance(option.type, click.types.StringParamType):
        return True
    return (option.metavar or option.name or "").upper() in _HARMLESS


def defaults(verb: click.Command, ctx: click.Context, out: Console) -> dict[str, tuple[Any, Path]]:
    """What the files say of a verb's options: for each parameter, value and file.

    The values are as they would be typed, for `click.Context.default_map`. The files in use
    are noted in *out*.

    Raises
    ------
    ConfigError
        If a file cannot be read, or has a table, a key or a value that means nothing.
    """
    options = _by_key(verb)
    found: dict[str, tuple[Any, Path]] = {}
    out.config = files_of(out)
    for file in out.config:
        tables = _tables(file, _verbs(ctx))
        for table in ("all", verb.name or ""):
            for key, value in tables.get(table, {}).items():
                option = options.get(key.replace("_", "-"))
                if option is None:
                    if table == "all" and key.replace("_", "-") in _keys_of_all(ctx):
                        continue
                    known = options if table != "all" else _keys_of_all(ctx)
                    raise ConfigError(file, _unknown(f"[{table}] {key}", key, known))
                typed = _typed(file, f"[{table}] {key}", option, value)
                _judge(file, f"[{table}] {key}", option, typed, ctx)
                found[option.name or ""] = (typed, file)
    return found


def _tables(file: Path, verbs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The tables of a file, each of a verb or ``all``."""
    import tomllib

    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ConfigError(file, f"is larger than {_LARGEST >> 20} MiB, as no such file is")
        tables = tomllib.loads(data.decode())
    except OSError as error:
        raise ConfigError(file, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(file, "is not UTF-8, as TOML must be") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(file, f"is not TOML: {error or 'nested too deeply'}") from None
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(file, f"{name} must stand in a table: [all], or that of a verb")
        if name not in ("all", *verbs):
            raise ConfigError(file, _unknown(f"[{name}]", name, ("all", *verbs), "verb"))
    return tables


def _unknown(what: str, name: str, known: Iterable[str], kind: str = "option") -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.replace("_", "-"), [*known], 1)
    if kind == "option" and f"--{name.replace('_', '-')}" in _NEVER:
        return f"{what} cannot be set in a file; give it with the command"
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{what} is no {kind} that can be set here{hint}"


def _typed(file: Path, what: str, option: click.Option, value: Any) -> Any:
    """A value of TOML as the texts that would be typed; True or False for flags."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise ConfigError(file, f"{what} must be true or false, got {value!r}")
        return value
    if isinstance(value, bool):
        # options whose value may be left out, such as --robust
        if not isinstance(option.flag_value, str):
            raise ConfigError(file, f"{what} must have a value, got {str(value).lower()}")
        return option.flag_value if value else None
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(one, (str, int, float)) and not isinstance(one, bool) for one in several):
        kind = "list of these" if isinstance(value, list) else "number"
        raise ConfigError(file, f"{what} must be a text or a {kind}, got {value!r}")
    texts = [str(one) for one in several]
    if option.multiple or option.nargs != 1:
        return texts
    return ",".join(texts)


def _judge(file: Path, what: str, option: click.Option, typed: Any, ctx: click.Context) -> None:
    """Let the option judge it."""
    if typed is None:
        return
    try:
        option.type_cast_value(ctx, typed)
    except click.UsageError as error:
        raise ConfigError(file, f"{what}: {error.message}") from None


def _by_key(verb: click.Command) -> dict[str, click.Option]:
    """The options of a verb that files may set, by their long names without dashes."""
    return {
        name.removeprefix("--"): option
        for option in verb.params
        if isinstance(option, click.Option) and configurable(option)
        for name in option.opts
        if name.startswith("--")
    }


def _verbs(ctx: click.Context) -> list[str]:
    group = ctx.find_root().command
    return group.list_commands(ctx) if isinstance(group, click.Group) else []


def _keys_of_all(ctx: click.Context) -> set[str]:
    """The keys that any verb has."""
    group = ctx.find_root().command
    if not isinstance(group, click.Group):
        return set()
    verbs = (group.get_command(ctx, name) for name in group.list_commands(ctx))
    return {key for verb in verbs if verb is not None for key in _by_key(verb)}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None
