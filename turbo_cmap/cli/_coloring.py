"""How numbers become colors: the options of every verb that paints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import click

from ._complete import complete_map
from ._types import number, percentiles, usage

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Coloring:
    """The arguments of `colorize` that the command has; can be pickled."""

    cmap: str | None = None
    vmin: float | None = None
    vmax: float | None = None
    norm: Any = "linear"
    center: float | None = None
    robust: bool | tuple[float, float] = False
    reverse: bool = False
    bad: str | None = None
    under: str | None = None
    over: str | None = None
    method: str = "lut"
    quantize: int | None = None
    order: str = "rgb"
    dtype: str = "uint8"
    backend: str | None = None

    @classmethod
    def take(cls, options: dict[str, Any]) -> Coloring:
        """Take the options of `coloring_options` out of those of a verb, and check them.

        Raises
        ------
        click.UsageError
            If `colorize` would refuse them, before a file is read.
        """
        chosen = {name: options.pop(name) for name in cls.__dataclass_fields__ if name in options}
        chosen["robust"] = chosen.get("robust") or False
        coloring = cls(**chosen)
        coloring._check()
        return coloring

    @property
    def arguments(self) -> dict[str, Any]:
        """For `colorize` and `Colorizer`."""
        return asdict(self)

    @property
    def map_name(self) -> str:
        """The name of the map."""
        if self.cmap is not None:
            return self.cmap
        return "turbo" if self.center is None else "turbo_diverging"

    def spanning(self, vmin: float, vmax: float) -> Coloring:
        """The same colors between these limits; a norm that has its own keeps them."""
        return replace(self, vmin=vmin, vmax=vmax) if isinstance(self.norm, str) else self

    def _check(self) -> None:
        """Let `colorize` itself judge its arguments."""
        import numpy as np

        from ..painting import colorize

        try:
            colorize(np.zeros((1, 1)), **self.arguments)
        except (TypeError, ValueError, OverflowError) as error:
            raise usage(error) from None


def coloring_options(command: _Command) -> _Command:
    """Give a verb the options of `Coloring`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


#: Also of verbs that have few of these options.
vmin_option = click.option(
    "--vmin",
    type=number,
    metavar="VALUE",
    help="Value of the first color. Default: the least.",
)
vmax_option = click.option(
    "--vmax",
    type=number,
    metavar="VALUE",
    help="Value of the last color. Default: the greatest.",
)
robust_option = click.option(
    "--robust",
    type=percentiles,
    metavar="[LO,HI]",
    is_flag=False,
    flag_value="2,98",
    help="Percentiles instead of the least and the greatest. Without a value: 2,98.",
)
_OPTIONS = [
    click.option(
        "--cmap",
        metavar="NAME",
        shell_complete=complete_map,
        help="Color map: turbo, or a name matplotlib knows.",
    ),
    vmin_option,
    vmax_option,
    click.option(
        "--norm",
        type=click.Choice(["linear", "log", "inverse", "sqrt", "symlog", "asinh", "equalize"]),
        default="linear",
        show_default=True,
        help="The scale between them; inverse is 1/x, with near at the high end.",
    ),
    click.option(
        "--center",
        type=number,
        metavar="VALUE",
        help="Make the scale symmetric about this value.",
    ),
    robust_option,
    click.option("--reverse", is_flag=True, help="Use the map from its last color to its first."),
    click.option("--bad", metavar="COLOR", help="For NaN and invalid values. Default: black."),
    click.option("--under", metavar="COLOR", help="For values below vmin."),
    click.option("--over", metavar="COLOR", help="For values above vmax."),
    click.option(
        "--method",
        type=click.Choice(["lut", "spline", "poly"]),
        default="lut",
        show_default=True,
        help="Colors from the table, from the curve behind it, or from a polynomial near Turbo.",
    ),
    click.option(
        "--quantize",
        type=click.IntRange(1, 65536),
        metavar="N",
        help="In N layers of one color each.",
    ),
    click.option(
        "--order",
        type=click.Choice(["rgb", "rgba", "bgr", "bgra"]),
        default="rgb",
        show_default=True,
        help="Components; with rgba, bad pixels are transparent. bgr and bgra are for NPY.",
    ),
    click.option(
        "--dtype",
        type=click.Choice(["uint8", "uint16", "float32"]),
        default="uint8",
        show_default=True,
        help="Of the colors; not every format holds each.",
    ),
    click.option("--backend", metavar="NAME", help="Kernels to run; see 'turbo-cmap info'."),
]
