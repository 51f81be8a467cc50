"""The matplotlib door: names that are there in any order, and bits that are matplotlib's."""

import copy
import pickle
import subprocess
import sys
import textwrap

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure

import turbo_cmap
from turbo_cmap.mpl import KernelColormap


def run_python(code: str) -> str:
    """The output of a fresh interpreter, in which warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# ---- registration ----


@pytest.mark.parametrize(
    "imports",
    [
        "import turbo_cmap, matplotlib",
        "import matplotlib, turbo_cmap",
        "import turbo_cmap, matplotlib.pyplot",
        "import matplotlib.pyplot, turbo_cmap",
        "import turbo_cmap, matplotlib.cm",
        "import turbo_cmap.mpl",
        "from turbo_cmap.mpl import KernelColormap",
    ],
)
def test_the_names_are_registered_in_whichever_order(imports):
    code = f"""
        {imports}
        import matplotlib
        print([name for name in matplotlib.colormaps if name.startswith("tc.")])
    """
    ours = str([f"tc.{name}" for name in turbo_cmap.colormaps])
    assert run_python(code) == ours


def test_waiting_for_matplotlib_leaves_no_trace():
    code = """
        import sys
        before = list(sys.meta_path)
        import turbo_cmap
        import matplotlib
        assert sys.meta_path == before, sys.meta_path
        print(type(matplotlib.__loader__).__name__, type(matplotlib.__spec__.loader).__name__)
    """
    assert run_python(code) == "SourceFileLoader SourceFileLoader"


def test_waiting_does_not_hide_what_the_loader_can_do():
    code = """
        import turbo_cmap, pkgutil
        print(len(pkgutil.get_data("matplotlib", "mpl-data/matplotlibrc")) > 1000)
    """
    assert run_python(code) == "True"


def test_a_missing_matplotlib_is_reported_as_missing():
    code = """
        import sys, turbo_cmap
        class Hide:
            def find_spec(self, name, path=None, target=None):
                if name == "matplotlib":
                    raise ModuleNotFoundError("No module named 'matplotlib'", name=name)
        sys.meta_path.insert(1, Hide())
        try:
            import matplotlib
        except ModuleNotFoundError as error:
            print(error)
    """
    assert run_python(code) == "No module named 'matplotlib'"


def test_registering_again_and_reloading_change_nothing():
    code = """
        import importlib, matplotlib, turbo_cmap
        first = matplotlib.colormaps["tc.turbo"]
        turbo_cmap.register()
        importlib.reload(turbo_cmap)
        turbo_cmap.register()
        assert matplotlib.colormaps["tc.turbo"] == first
        print("ok")
    """
    assert run_python(code) == "ok"


def test_built_in_names_stay_matplotlibs():
    turbo_cmap.register(prefix="")
    assert type(mpl.colormaps["turbo"]) is ListedColormap


def test_a_name_that_somebody_else_has_is_refused_and_left_alone():
    other = ListedColormap(["red", "blue"])
    mpl.colormaps.register(other, name="mine.turbo")
    try:
        with pytest.raises(ValueError, match=r"register\(\): prefix 'mine\.'.*mine\.turbo"):
            turbo_cmap.register(prefix="mine.")
        assert mpl.colormaps["mine.turbo"] == other
        assert "mine.turbo_r" not in mpl.colormaps
    finally:
        mpl.colormaps.unregister("mine.turbo")


def test_another_prefix_registers_other_names():
    turbo_cmap.register(prefix="other.")
    try:
        assert mpl.colormaps["other.turbo"] == mpl.colormaps["tc.turbo"]
        assert mpl.colormaps["other.turbo_r"].name == "other.turbo_r"
    finally:
        for name in turbo_cmap.colormaps:
            mpl.colormaps.unregister(f"other.{name}")


def test_a_prefix_that_is_no_string_is_refused():
    with pytest.raises(TypeError, match=r"register\(\): prefix must be a string, got int"):
        turbo_cmap.register(3)


def test_resampling_follows_the_curve():
    # matplotlib's own turbo only repeats entries then.
    for n in (2, 255, 1024):
        for name, cmap in turbo_cmap.colormaps.items():
            ours = mpl.colormaps[f"tc.{name}"].resampled(n)
            assert type(ours) is KernelColormap
            expected = turbo_cmap.get_cmap(name, n).colors
            np.testing.assert_allclose(ours(np.arange(n))[:, :3], expected, rtol=0, atol=2e-14)
            assert np.array_equal(ours.reversed()(0.0), ours(1.0)), name
            assert turbo_cmap.get_cmap(ours).curve == cmap.curve
            copied = pickle.loads(pickle.dumps(copy.copy(ours)))
            assert copied.resampled(9) == ours.resampled(9)
    theirs = mpl.colormaps["turbo"].resampled(1024)(np.arange(1024))
    assert len(np.unique(theirs, axis=0)) == 256
    assert (
        len(np.unique(mpl.colormaps["tc.turbo"].resampled(1024)(np.arange(1024)), axis=0)) == 1024
    )


def test_the_length_it_has_and_the_extremes_stay_when_resampled():
    cmap = mpl.colormaps["tc.turbo"].with_extremes(bad="red", under="lime", over="blue")
    assert cmap.resampled(256) == cmap
    longer = cmap.resampled(300)
    for extreme in ("get_bad", "get_under", "get_over"):
        assert np.array_equal(getattr(longer, extreme)(), getattr(cmap, extreme)())


def test_a_table_that_has_been_written_to_counts_more_than_the_curve():
    cmap = mpl.colormaps["tc.turbo"]
    cmap._init()
    cmap._lut[:-3, -1] = np.linspace(0, 1, cmap.N)  # a common way to make it translucent
    assert turbo_cmap.get_cmap(cmap).curve is None
    assert np.array_equal(turbo_cmap.get_cmap(cmap).rgba, cmap._lut[:-3])
    assert np.array_equal(cmap.resampled(512)(1.0), cmap(1.0))
    assert cmap.resampled(512)(0.0)[-1] == 0


# ---- the object ----


@pytest.fixture
def pair():
    """Our registered map, and matplotlib's own class with the same colors."""
    ours = mpl.colormaps["tc.turbo"]
    return ours, ListedColormap(mpl.colormaps["turbo"].colors, name="tc.turbo")


def hostile_floats(dtype, n=256):
    """Positions around every edge of the table, and everything that is no position."""
    edges = (np.arange(-2, n + 3) / n).astype(dtype)
    around = [edges, np.nextafter(edges, dtype(np.inf)), np.nextafter(edges, dtype(-np.inf))]
    info = np.finfo(dtype)
    odd = np.array([0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, info.tiny, -info.tiny], dtype=dtype)
    huge = np.array([info.max, -info.max, info.smallest_subnormal], dtype=dtype)
    return np.concatenate([*around, odd, huge / 2])


def inputs():
    f4, f8 = hostile_floats(np.float32), hostile_floats(np.float64)
    grid = f4[: 16 * 48].reshape(16, 48)
    finite = np.nan_to_num(f4, nan=0.5, posinf=2, neginf=-2)
    yield from (f4, f8, grid, grid.T, grid[::-2, ::3], f4.astype(">f4"), f8.astype(">f8"))
    yield from (np.float16([0, 0.3, 1, np.nan, -1, 2]), f8.astype(np.longdouble))
    yield from (
        np.arange(-5, 300),
        np.arange(256, dtype=np.uint8),
        np.arange(-128, 128, dtype="i1"),
    )
    yield from (np.array([True, False]), np.arange(300, dtype=">i4"))
    yield from (0.5, 1, 1.0, True, np.float32(0.3), np.nan, -1, np.array(0.25), [0.1, 0.9], [])
    yield from (np.empty((0, 3)), np.empty((3, 0, 2), np.float32))
    yield np.ma.masked_invalid(f4)
    yield np.ma.masked_array(finite, finite > 0.5)
    yield np.ma.masked_array(f4, f4 > 0.5)  # unmasked NaN beside masked values
    yield np.ma.masked_array(finite, False)
    yield np.ma.masked_array(np.arange(100), np.arange(100) % 3 == 0)


@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("alpha", [None, 0.3, 2.0, "array"])
def test_calls_return_what_matplotlib_returns(pair, alpha, as_bytes):
    ours, theirs = pair
    rng = np.random.default_rng(0)
    for given in inputs():
        for changed in ({}, {"bad": "magenta", "under": "white", "over": (0.1, 0.2, 0.3, 0.4)}):
            opacity = rng.random(np.shape(given)) if alpha == "array" else alpha
            a, b = (c.with_extremes(**changed) for c in (ours, theirs))
            with np.errstate(all="ignore"):
                got = a(given, alpha=opacity, bytes=as_bytes)
                expected = b(given, alpha=opacity, bytes=as_bytes)
            assert type(got) is type(expected)
            np.testing.assert_array_equal(got, expected, err_msg=repr(given), strict=True)


def test_a_wrong_alpha_is_refused_as_matplotlib_does(pair):
    x = np.linspace(0, 1, 1000)
    messages = []
    for cmap in pair:
        with pytest.raises(ValueError, match="alpha is array-like but its shape") as error:
            cmap(x, alpha=np.ones(3))
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_tables_of_other_lengths_return_what_matplotlib_returns():
    for n in (1, 2, 7, 100, 255, 257, 1000):
        colors = np.random.default_rng(n).random((n, 4))
        ours = KernelColormap(colors, name="own")
        theirs = ListedColormap(colors, name="own")
        for dtype in (np.float32, np.float64):
            x = hostile_floats(dtype, n)
            for as_bytes in (False, True):
                with np.errstate(over="ignore"):  # matplotlib multiplies the largest floats
                    got, expected = ours(x, bytes=as_bytes), theirs(x, bytes=as_bytes)
                np.testing.assert_array_equal(got, expected)


def test_the_input_is_not_modified(pair):
    x = hostile_floats(np.float32)
    before = x.copy()
    pair[0](x, bytes=True)
    np.testing.assert_array_equal(x, before)


def test_setters_take_effect(recwarn):
    cmap = mpl.colormaps["tc.turbo"]
    cmap.set_bad("red", 0.5)
    cmap.set_under("lime")
    cmap.set_over("blue")
    x = np.concatenate([[np.nan, -1.0, 2.0], np.linspace(0, 1, 100)])
    expected = [[1, 0, 0, 0.5], [0, 1, 0, 1], [0, 0, 1, 1]]
    np.testing.assert_array_equal(cmap(x)[:3], expected)
    assert all(issubclass(w.category, PendingDeprecationWarning) for w in recwarn)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda c: c.copy()])
def test_copies_are_equal_and_independent(pair, duplicate):
    ours, _ = pair
    other = duplicate(ours)
    assert type(other) is KernelColormap
    assert other == ours
    assert other.with_extremes(bad="red") != ours
    assert duplicate(ours.with_extremes(under="red")) != ours


def test_pickling_keeps_class_colors_and_extremes(pair):
    ours = pair[0].with_extremes(bad="red", over="blue")
    back = pickle.loads(pickle.dumps(ours))
    assert type(back) is KernelColormap
    assert back == ours
    assert back.name == "tc.turbo"


def test_equality_is_matplotlibs(pair):
    ours, theirs = pair
    assert ours == theirs
    assert theirs == ours
    assert ours != ours.reversed()
    assert ours != "tc.turbo"


def test_reversed_and_resampled_are_ours_and_right(pair):
    ours, theirs = (c.with_extremes(bad="red", under="lime", over="blue") for c in pair)
    listed = ours.copy()
    listed.curve = None  # nothing between its colors: matplotlib's way is all there is
    x = hostile_floats(np.float32)
    for ours_changed, theirs_changed in (
        (ours.reversed(), theirs.reversed()),
        (ours.reversed("name"), theirs.reversed("name")),
        (listed.resampled(17), theirs.resampled(17)),
        (listed.resampled(1000), theirs.resampled(1000)),
    ):
        assert type(ours_changed) is KernelColormap
        assert ours_changed.name == theirs_changed.name
        assert ours_changed == theirs_changed
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(ours_changed(x), theirs_changed(x))
    assert mpl.colormaps["tc.turbo_r"] == mpl.colormaps["tc.turbo"].reversed()


def test_notebook_representations_are_images(pair):
    ours, theirs = pair
    assert ours._repr_png_() == theirs._repr_png_()
    assert "data:image/png;base64," in ours._repr_html_()


def test_the_registered_map_follows_matplotlibs_bytes_and_ours_the_published():
    ramp = np.linspace(0, 1, 256, dtype=np.float32)
    truncated = turbo_cmap.colorize(ramp, mpl.colormaps["tc.turbo"])
    published = turbo_cmap.colorize(ramp, "tc.turbo")
    np.testing.assert_array_equal(truncated, mpl.colormaps["turbo"](ramp, bytes=True)[:, :3])
    # FACTS of the table: truncation makes 392 of the 768 levels one lower
    assert (published - truncated).sum() == 392


# ---- plots ----

Z = np.add.outer(np.sin(np.linspace(0, 6, 60)), np.cos(np.linspace(0, 5, 80))).astype(np.float32)
Z_HOLES = np.where(Z > 1.5, np.float32(np.nan), Z)


def imshow(ax, cmap):
    return ax.imshow(Z, cmap=cmap)


def imshow_with_nan(ax, cmap):
    return ax.imshow(Z_HOLES, cmap=cmap)


def imshow_masked_with_limits(ax, cmap):
    masked = np.ma.masked_greater(Z, 1)
    return ax.imshow(masked, cmap=cmap, vmin=-1, vmax=0.5, interpolation="bilinear")


def imshow_rgba_interpolation(ax, cmap):
    return ax.imshow(Z, cmap=cmap, interpolation="bicubic", interpolation_stage="rgba", alpha=0.7)


def imshow_integers(ax, cmap):
    return ax.imshow((Z * 50).astype(np.int16), cmap=cmap)


def pcolormesh(ax, cmap):
    return ax.pcolormesh(Z_HOLES, cmap=cmap)


def pcolormesh_gouraud(ax, cmap):
    return ax.pcolormesh(Z, cmap=cmap, shading="gouraud")


def scatter(ax, cmap):
    rng = np.random.default_rng(0)
    x, y, c = rng.random((3, 200))
    return ax.scatter(x, y, c=c, cmap=cmap)


def contourf(ax, cmap):
    return ax.contourf(Z, levels=12, cmap=cmap, extend="both")


@pytest.mark.parametrize(
    "draw",
    [
        imshow,
        imshow_with_nan,
        imshow_masked_with_limits,
        imshow_rgba_interpolation,
        imshow_integers,
        pcolormesh,
        pcolormesh_gouraud,
        scatter,
        contourf,
    ],
)
def test_plots_with_colorbars_equal_the_built_in_turbo_in_every_pixel(draw):
    pictures = []
    for cmap in ("tc.turbo", "turbo"):
        figure = Figure(figsize=(4, 3), dpi=80)
        canvas = FigureCanvasAgg(figure)
        figure.colorbar(draw(figure.add_subplot(), cmap))
        canvas.draw()
        pictures.append(np.asarray(canvas.buffer_rgba()).copy())
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert len(np.unique(pictures[0].reshape(-1, 4), axis=0)) > 50  # something was drawn


def test_a_scalar_mappable_with_a_norm_goes_through_the_kernels():
    x = np.linspace(-3, 12, 10_000, dtype=np.float32)
    norm = Normalize(0, 10)
    a = mpl.cm.ScalarMappable(norm, "tc.turbo").to_rgba(x, bytes=True)
    b = mpl.cm.ScalarMappable(norm, "turbo").to_rgba(x, bytes=True)
    np.testing.assert_array_equal(a, b)
