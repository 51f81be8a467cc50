"""`turbo_cmap.mpl.Colorizer`: plots are matplotlib's, pixel by pixel."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from turbo_cmap import mpl as turbo_mpl

if not hasattr(turbo_mpl, "Colorizer"):
    pytest.skip("matplotlib has colorizers from 3.10 on", allow_module_level=True)

from matplotlib.colorizer import Colorizer as Theirs

RNG = np.random.default_rng(0)
DEPTH = np.exp(RNG.normal(size=(90, 120))).astype(np.float32)


class Wavy(colors.Normalize):
    """Up and down: it can only be asked."""

    def __call__(self, value, clip=None):
        return np.ma.masked_invalid(0.5 + 0.5 * np.sin(np.ma.asarray(value)))


NORMS = {
    "none": lambda: None,
    "linear": lambda: colors.Normalize(0.1, 5),
    "linear, unscaled": lambda: colors.Normalize(),
    "linear, clip": lambda: colors.Normalize(0.2, 2, clip=True),
    "by name": lambda: "log",
    "log": lambda: colors.LogNorm(0.1, 5),
    "log, unscaled": lambda: colors.LogNorm(),
    "symlog": lambda: colors.SymLogNorm(0.1, vmin=-1, vmax=5),
    "symlog, all linear": lambda: colors.SymLogNorm(1e6, vmin=0, vmax=5),
    "asinh": lambda: colors.AsinhNorm(0.1, 0, 5),
    "power": lambda: colors.PowerNorm(0.3, 0.1, 5),
    "two slopes": lambda: colors.TwoSlopeNorm(1.0, 0.1, 5),
    "centered": lambda: colors.CenteredNorm(1.0),
    "boundaries": lambda: colors.BoundaryNorm([0.1, 0.5, 1, 3], 256, extend="both"),
    "no norm": lambda: colors.NoNorm(),
    "constant": lambda: colors.Normalize(1, 1),
    "wavy": lambda: Wavy(0, 1),
}
MAPS = ("tc.turbo", "viridis", "tc.turbo_diverging")


def masked(values):
    return np.ma.masked_invalid(np.where(values > 4, np.nan, values))


VALUES = {
    "float32": DEPTH,
    "float64": DEPTH.astype(np.float64),
    "float16": DEPTH.astype(np.float16),
    "NaN": np.where(DEPTH > 3, np.nan, DEPTH),
    "infinite": np.where(DEPTH > 3, np.inf, DEPTH),
    "masked": masked(DEPTH),
    "masked with NaN beside": np.ma.masked_greater(np.where(DEPTH < 0.2, np.nan, DEPTH), 4),
    "uint8": (DEPTH * 3).astype(np.uint8),
    "uint16": (DEPTH * 3).astype(np.uint16),
    "int32": (DEPTH * 3).astype(np.int32),
    "one row": DEPTH[0],
    "big-endian": DEPTH.astype(">f4"),
    "transposed": DEPTH.T,
    "bool": DEPTH > 1,
}


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_colors_are_those_of_matplotlib(norm, values):
    for cmap, as_bytes in ((MAPS[0], True), (MAPS[1], False), (MAPS[2], True)):
        results = []
        for kind in (Theirs, turbo_mpl.Colorizer):
            made = kind(cmap, NORMS[norm]())
            results.append(made.to_rgba(VALUES[values], bytes=as_bytes))
            results.append(made.get_clim())
        assert results[0].dtype == results[2].dtype
        np.testing.assert_array_equal(results[0], results[2])
        np.testing.assert_equal(results[1], results[3])  # autoscaled alike


def drawn(kind, method, norm, **keywords):
    figure = Figure(figsize=(3, 2), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    mappable = getattr(axes, method)(masked(DEPTH), colorizer=kind("tc.turbo", norm), **keywords)
    figure.colorbar(mappable)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("method", ["imshow", "pcolormesh"])
@pytest.mark.parametrize("norm", ["linear", "log", "symlog", "two slopes"])
def test_plots_are_those_of_matplotlib(method, norm):
    for keywords in ({}, {"alpha": 0.5}):
        ours = drawn(turbo_mpl.Colorizer, method, NORMS[norm](), **keywords)
        theirs = drawn(Theirs, method, NORMS[norm](), **keywords)
        np.testing.assert_array_equal(ours, theirs)


def test_the_norm_is_not_called_where_it_is_fused(monkeypatch):
    norm = colors.LogNorm(0.1, 5)
    made = turbo_mpl.Colorizer("tc.turbo", norm)
    expected = made.to_rgba(DEPTH)
    monkeypatch.setattr(type(norm), "__call__", None)
    np.testing.assert_array_equal(made.to_rgba(DEPTH), expected)


def test_changes_of_the_norm_and_the_map_are_seen():
    made, theirs = turbo_mpl.Colorizer("tc.turbo"), Theirs("tc.turbo")
    for one in (made, theirs):
        one.set_clim(0, 3)
        one.to_rgba(DEPTH)
        one.vmax = 7
        one.cmap = mpl.colormaps["viridis"].with_extremes(over="red")
    np.testing.assert_array_equal(made.to_rgba(DEPTH), theirs.to_rgba(DEPTH))


def test_pictures_pass_as_they_are():
    picture = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    ours, theirs = turbo_mpl.Colorizer("tc.turbo"), Theirs("tc.turbo")
    np.testing.assert_array_equal(
        ours.to_rgba(picture, bytes=True), theirs.to_rgba(picture, bytes=True)
    )


def test_what_matplotlib_refuses_is_refused_alike():
    for kind in (Theirs, turbo_mpl.Colorizer):
        with pytest.raises(ValueError, match="minvalue must be less than"):
            kind("tc.turbo", colors.Normalize(2, 1)).to_rgba(DEPTH)
