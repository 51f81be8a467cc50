"""The command, called as tests of its verbs do."""

import os

from click.testing import CliRunner, Result

from turbo_cmap.cli import cli


def invoke(*arguments: object, status: int = 0, stdin: str | bytes | None = None) -> Result:
    """Run ``turbo-cmap`` with these arguments in this process; it must end with that status."""
    result = CliRunner().invoke(cli, [*map(str, arguments)], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def usage_error(*arguments: object) -> str:
    """The message of a run that is refused before anything is read or written."""
    before = sorted(os.listdir())
    result = invoke(*arguments, status=2)
    assert sorted(os.listdir()) == before
    assert result.stdout == ""
    return result.stderr.rsplit("Error: ", 1)[1].strip()
