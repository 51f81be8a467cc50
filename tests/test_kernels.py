"""Which kernels run, and the ones that users call themselves."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest

import turbo_cmap
from turbo_cmap import kernels
from turbo_cmap.kernels import BACKENDS, get_backend

HAS_NATIVE = "native" in turbo_cmap.available_backends()


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


COLORIZE = "import turbo_cmap; print(turbo_cmap.colorize([0.0, 1.0]).tolist())"
ENDS = "[[48, 18, 59], [122, 4, 3]]"


def test_the_reference_is_always_there_and_backends_come_best_first():
    backends = turbo_cmap.available_backends()
    assert backends[-1] == "numpy"
    assert list(backends) == [name for name in BACKENDS if name in backends]


def test_the_scalar_kernel_is_always_there_and_comes_last():
    kernels = turbo_cmap.available_kernels()
    if HAS_NATIVE:
        assert kernels[-1] == "scalar"
        assert set(kernels) <= {"avx512", "avx2", "neon", "scalar"}
    else:
        assert kernels == ()


@pytest.fixture
def environment(monkeypatch):
    """The two variables, unset, and read anew when kernels are next needed."""

    def change(backend="", kernel=""):
        monkeypatch.setenv("TURBO_CMAP_BACKEND", backend)
        monkeypatch.setenv("TURBO_CMAP_KERNEL", kernel)
        kernels._default_backend.cache_clear()
        kernels._named_backend.cache_clear()

    change()
    yield change
    monkeypatch.undo()
    kernels._default_backend.cache_clear()
    kernels._named_backend.cache_clear()


def test_the_default_is_the_best(environment):
    backend = get_backend()
    assert backend.name == turbo_cmap.available_backends()[0]
    if HAS_NATIVE:
        assert backend.kernel == turbo_cmap.available_kernels()[0]


@pytest.mark.parametrize("name", BACKENDS)
def test_the_environment_chooses_the_backend(environment, name):
    environment(backend=name)
    if name in turbo_cmap.available_backends():
        assert get_backend().name == name
    else:
        with pytest.raises(ValueError, match="not available here"):
            get_backend()


def test_the_environment_chooses_the_kernel(environment):
    for name in turbo_cmap.available_kernels():
        environment(kernel=name)
        assert get_backend().kernel == name


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TURBO_CMAP_BACKEND", "cuda"), ("TURBO_CMAP_BACKEND", "numba:avx2")],
)
def test_an_unknown_backend_in_the_environment_raises(variable, value):
    done = run_python(COLORIZE, **{variable: value})
    assert done.returncode != 0
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("ValueError: TURBO_CMAP_BACKEND must be one of native, numba, numpy")
    assert repr(value) in message


@pytest.mark.skipif(not HAS_NATIVE, reason="the C extension is not built here")
def test_an_unknown_kernel_in_the_environment_raises():
    done = run_python(COLORIZE, TURBO_CMAP_BACKEND="native", TURBO_CMAP_KERNEL="sse9")
    assert done.returncode != 0
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("ValueError: TURBO_CMAP_KERNEL: kernel 'sse9' is not available")
    assert "scalar" in message


@pytest.mark.parametrize("name", ["cuda", "", "native:", "native:sse9", "numpy:scalar", "NATIVE"])
def test_a_wrong_backend_argument_is_named(name):
    with pytest.raises(ValueError, match=r"backend.*got|not available here"):
        turbo_cmap.colorize([0.0, 1.0], backend=name)


def test_a_backend_argument_of_another_type_is_refused():
    with pytest.raises(TypeError, match="backend must be a string or None, got int"):
        turbo_cmap.colorize([0.0, 1.0], backend=2)


def test_without_the_extension_numba_stands_in():
    code = f"""
import sys
sys.modules["turbo_cmap.kernels._native"] = None  # as if it had not been built
{COLORIZE}
print(turbo_cmap.available_backends(), turbo_cmap.available_kernels())
"""
    done = run_python(code, TURBO_CMAP_BACKEND="", TURBO_CMAP_KERNEL="")
    assert done.stdout.splitlines() == [ENDS, "('numba', 'numpy') ()"], done.stderr


def test_without_numba_numpy_stands_in():
    code = f"""
import sys
sys.modules["turbo_cmap.kernels._native"] = None
sys.modules["numba"] = None
{COLORIZE}
print(turbo_cmap.available_backends())
"""
    done = run_python(code, TURBO_CMAP_BACKEND="", TURBO_CMAP_KERNEL="")
    assert done.stdout.splitlines() == [ENDS, "('numpy',)"], done.stderr


def test_a_numba_that_does_not_import_counts_as_none():
    code = f"""
import sys
sys.modules["turbo_cmap.kernels._native"] = None
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "numba":
            raise ImportError("Numba needs another NumPy")
sys.meta_path.insert(0, Broken())
{COLORIZE}
print(turbo_cmap.available_backends())
"""
    done = run_python(code, TURBO_CMAP_BACKEND="", TURBO_CMAP_KERNEL="")
    assert done.stdout.splitlines() == [ENDS, "('numpy',)"], done.stderr


# ---- many values at once ----

METHODS = ({"method": "lut"}, {"method": "spline"}, {"method": "spline", "reverse": True})


def indigo_extremes():
    """Turbo, with colors of its own outside."""
    return turbo_cmap.get_cmap("turbo").with_extremes(under="indigo", over="white", bad="gray")


@pytest.mark.parametrize("keywords", METHODS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
@pytest.mark.parametrize("order", ["rgb", "bgra"])
def test_one_value_among_others_changes_its_pixel_alone(backend, keywords, dtype, order):
    cmap = indigo_extremes()
    wild = [-1, 300, 0, 255] if dtype == "int32" else [np.nan, np.inf, -np.inf, 0, -0.0, 5e-39, 256]
    keywords = {"vmin": 0, "vmax": 255, "order": order, "backend": backend, **keywords}
    own = colorize_each(wild, dtype, cmap, keywords)
    rng = np.random.default_rng(0)
    for length in (1, 63, 64, 65, 129, 200):
        usual = (rng.random(length) * 253 + 1).astype(dtype)
        pixels = turbo_cmap.colorize(usual, cmap, **keywords)
        for i in range(length):
            k = i % len(wild)
            values, expected = usual.copy(), pixels.copy()
            values[i], expected[i] = wild[k], own[k]
            np.testing.assert_array_equal(turbo_cmap.colorize(values, cmap, **keywords), expected)


def colorize_each(values, dtype, cmap, keywords):
    keywords = {**keywords, "backend": "numpy"}
    return [turbo_cmap.colorize(np.array(v, dtype), cmap, **keywords) for v in values]


@pytest.mark.parametrize("keywords", METHODS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
@pytest.mark.parametrize(("order", "shift"), [("rgb", 0), ("rgb", 1), ("rgba", 0), ("rgba", 2)])
def test_large_pictures_are_as_small_ones(backend, keywords, dtype, order, shift):
    """From 4 MiB on pixels go past the caches, whole lines of them, wherever they begin."""
    channels, period = len(order), 1009
    rng = np.random.default_rng(1)
    some = (rng.random(period) * 300 - 20).astype(dtype)
    if dtype != "int32":
        some[::97] = np.nan
    keywords = {"vmin": 0, "vmax": 255, "order": order, **keywords}
    colors = turbo_cmap.colorize(some, indigo_extremes(), backend="numpy", **keywords)
    for count in ((4 << 20) // channels - 1, (4 << 20) // channels + 700):
        times = count // period + 1
        buffer = np.full(64 + channels * count + 128, 0xA5, np.uint8)
        start = -buffer.ctypes.data % 64 + shift
        out = buffer[start : start + channels * count].reshape(count, channels)
        values = np.tile(some, times)[:count]
        turbo_cmap.colorize(values, indigo_extremes(), out=out, backend=backend, **keywords)
        np.testing.assert_array_equal(out, np.tile(colors, (times, 1))[:count])
        assert (buffer[:start] == 0xA5).all()
        assert (buffer[start + channels * count :] == 0xA5).all()


# ---- the C binding's own checks, which memory safety needs ----


@pytest.mark.skipif(not HAS_NATIVE, reason="the C extension is not built here")
class TestBinding:
    """What `kernels.native` passes is checked again in C; these calls go around it."""

    @pytest.fixture
    def call(self):
        from turbo_cmap.kernels import _native

        good = {
            "kernel": _native.kernel("scalar"),
            "source": None,
            "scale": (0.0, 1.0, 1.0, False),
            "n": 256,
            "under": 0,
            "over": 255,
            "bad": 258,
            "entries": np.zeros((259, 4), np.uint8),
            "planes": np.zeros((4, 259), np.uint8),
            "polynomial": None,
            "pieces": 1,
            "reverse": False,
            "out": np.zeros((4, 5, 3), np.uint8),
        }

        good_source = {
            "values": np.zeros((4, 5), np.float32),
            "dtype": 6,
            "swapped": False,
            "masks": (),
            "invalid": None,
            "minus": None,
        }

        def source(minus, **changed):
            if isinstance(minus, dict):
                minus = source(**{"minus": None, **minus})
            return (*{**good_source, **changed, "minus": minus}.values(),)

        def call(minus=None, **changed):
            inner = {key: changed.pop(key) for key in good_source if key in changed}
            return _native.colorize(*{**good, "source": source(minus, **inner), **changed}.values())

        return call

    def test_the_unchanged_call_works(self, call):
        assert call() is None
        assert call(minus={}) is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"dtype": 99},
            {"dtype": -1},
            {"dtype": 11},
            {"values": np.zeros((4, 5), np.float64)},
            {"masks": (np.zeros((4, 4), bool),)},
            {"masks": (np.zeros(20, bool),)},
            {"masks": (np.zeros((4, 5), np.int32),)},
            {"masks": (np.zeros((4, 5), bool),) * 3},
            {"masks": np.zeros((4, 5), bool)},
            {"invalid": np.zeros(3, np.uint8)},
            {"scale": (np.nan, 1.0, 1.0, False)},
            {"scale": (0.0, np.inf, 1.0, False)},
            {"scale": (0.0, -1.0, 1.0, False)},
            {"scale": (0.0, 1.0, 0.0, False)},
            {"n": 0},
            {"n": 255},
            {"n": 257},
            {"n": -1},
            {"n": 2**31 - 1},
            {"under": -1},
            {"over": 259},
            {"bad": 259},
            {"entries": np.zeros((258, 4), np.uint8)},
            {"planes": np.zeros((4, 258), np.uint8)},
            {"planes": np.zeros((3, 259), np.uint8)},
            {"polynomial": np.zeros((3, 0), np.float32)},
            {"polynomial": np.zeros((3, 34), np.float32)},
            {"out": np.zeros((4, 5, 2), np.uint8)},
            {"out": np.zeros((4, 5, 5), np.uint8)},
            {"out": np.zeros((4, 4, 3), np.uint8)},
            {"out": np.zeros((4, 5), np.uint8)},
            {"out": np.zeros((4, 5, 3), np.float64)},
            {"out": np.zeros((4, 5, 3), np.complex128)},
            {"out": np.zeros((4, 5, 3), np.uint16)},
            {"kernel": "scalar"},
            {"values": None},
            {"source": None},
            {"source": ()},
            {"minus": 1},
            {"minus": {"values": None}},
            {"minus": {"values": np.zeros((4, 4), np.float32)}},
            {"minus": {"values": np.zeros(20, np.float32)}},
            {"minus": {"values": np.zeros((4, 5), np.float64)}},
            {"minus": {"masks": (np.zeros((4, 4), bool),)}},
            {"minus": {"minus": {}}},
        ],
    )
    def test_what_does_not_fit_is_refused(self, call, changed):
        with pytest.raises((ValueError, TypeError)):
            call(**changed)

    def test_a_read_only_output_is_refused(self, call):
        out = np.zeros((4, 5, 3), np.uint8)
        out.flags.writeable = False
        with pytest.raises((ValueError, BufferError)):
            call(out=out)

    def test_an_unknown_kernel_is_refused(self):
        from turbo_cmap.kernels import _native

        with pytest.raises(ValueError, match="no kernel named 'x' runs here"):
            _native.kernel("x")


# ---- in users' own compiled loops ----


@pytest.fixture(scope="module")
def loops():
    """What a user would write."""
    from turbo_cmap.kernels.numba_kernels import color, index

    @numba.njit
    def shade(values, near, far, colors):
        out = np.empty((values.size, colors.shape[1]), colors.dtype)
        for i in range(values.size):
            out[i] = color(values.flat[i], near, far, colors)
        return out.reshape((*values.shape, colors.shape[1]))

    @numba.njit
    def indices(values, near, far, n):
        out = np.empty(values.size, np.int64)
        for i in range(values.size):
            out[i] = index(values[i], near, far, n)
        return out

    return shade, indices


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint16", "int64", "bool"])
def test_scalar_functions_give_colorizes_colors_in_a_users_loop(loops, dtype):
    from turbo_cmap.kernels.numba_kernels import table

    shade, _ = loops
    rng = np.random.default_rng(0)
    values = (
        rng.normal(5, 4, (40, 30)) if dtype != "uint16" else rng.random((40, 30)) * 12
    ).astype(dtype)
    if values.dtype.kind == "f":
        values[0, :4] = [np.nan, np.inf, -np.inf, -0.0]
    got = shade(values, 1.1, 8.3, table("turbo"))
    np.testing.assert_array_equal(got, turbo_cmap.colorize(values, vmin=1.1, vmax=8.3))


def test_the_table_has_the_special_colors_last():
    from turbo_cmap.kernels.numba_kernels import table

    cmap = turbo_cmap.get_cmap("turbo").with_extremes(
        bad="#010203", under="#040506", over="#070809"
    )
    rows = table(cmap, order="bgra")
    assert rows.shape == (259, 4)
    np.testing.assert_array_equal(rows[256:, :3], [[6, 5, 4], [9, 8, 7], [3, 2, 1]])


def test_scalar_indices_name_what_is_outside(loops):
    _, indices = loops
    values = np.array([-0.1, 0.0, 0.999, 1.0, 1.1, np.nan, np.inf, -np.inf])
    assert indices(values, 0.0, 1.0, 10).tolist() == [10, 0, 9, 9, 11, 12, 11, 10]
    assert indices(values, 1.0, 1.0, 10).tolist() == [0, 0, 0, 0, 0, 12, 11, 10]
