"""`Colorizer`: one way to color, for many arrays."""

import pickle
import threading

import numpy as np
import pytest
from conftest import assert_same, guarded_outs
from matplotlib import colors

from turbo_cmap import Colorizer, colorize, data_range, uncolorize
from turbo_cmap.norms import NAMES

RNG = np.random.default_rng(0)
FRAMES = [np.exp(RNG.normal(k, 1, (20 + k, 30))).astype(np.float32) for k in range(4)]
ALL = np.concatenate([frame.ravel() for frame in FRAMES])


@pytest.mark.parametrize("robust", [False, True, (5, 90)])
@pytest.mark.parametrize("norm", NAMES)
def test_one_range_for_all_frames(backend, norm, robust):
    made = Colorizer(norm=norm, robust=robust, backend=backend).fit(FRAMES)
    expected = colorize(ALL, norm=norm, robust=robust, backend=backend)
    got = np.concatenate([made(frame).reshape(-1, 3) for frame in FRAMES])
    assert_same(got, expected)
    if norm != "equalize" or not robust:
        assert (made.vmin, made.vmax) == data_range(FRAMES, robust=robust)


def test_a_center_has_the_furthest_value_of_all(backend):
    made = Colorizer(center=1.0, backend=backend).fit(FRAMES)
    assert made.cmap.name == "turbo_diverging"
    reach = max(ALL.max() - 1, 1 - ALL.min())
    assert (made.vmin, made.vmax) == (1 - reach, 1 + reach)
    assert_same(made(FRAMES[0]), colorize(FRAMES[0], center=1.0, vmax=1 + reach, backend=backend))


@pytest.mark.parametrize(
    "norm",
    [colors.LogNorm(), colors.AsinhNorm(0.1), colors.TwoSlopeNorm(2.0), colors.CenteredNorm(1)],
)
def test_a_norm_gets_the_limits_of_all(backend, norm):
    made = Colorizer(norm=norm, backend=backend).fit(FRAMES)
    assert not norm.scaled()
    norm = pickle.loads(pickle.dumps(norm))
    norm.autoscale_None(ALL)
    assert (made.vmin, made.vmax) == (norm.vmin, norm.vmax)
    assert_same(made(FRAMES[2]), colorize(FRAMES[2], norm=norm, backend=backend))


def test_without_fit_each_array_has_its_own_range(backend):
    made = Colorizer("viridis", backend=backend)
    assert made.vmin is made.vmax is None
    for frame in FRAMES:
        assert_same(made(frame), colorize(frame, "viridis", backend=backend))
    assert made.vmin is None


def test_arguments_are_those_of_colorize(backend):
    keywords = {
        "vmin": 0.5,
        "vmax": 9,
        "norm": "sqrt",
        "reverse": True,
        "invalid": float(FRAMES[0][3, 3]),
        "bad": "red",
        "under": "white",
        "over": "black",
        "order": "bgra",
        "channels": "first",
        "dtype": "uint16",
        "backend": backend,
    }
    made = Colorizer("magma", **keywords)
    mask = FRAMES[0] > 4
    expected = colorize(FRAMES[0], "magma", mask=mask, **keywords)
    assert_same(made(FRAMES[0], mask=mask), expected)
    for guarded in guarded_outs((20, 30, 3), "uint8"):
        plain = Colorizer(vmin=0, vmax=9, backend=backend)
        assert plain(FRAMES[0], out=guarded.out) is guarded.out
        assert_same(np.ascontiguousarray(guarded.out), plain(FRAMES[0]))
        guarded.check()


def test_it_does_not_change_once_it_knows_its_range():
    made = Colorizer(vmin=0)
    assert made.fit(iter(FRAMES)) is made  # a generator will do
    with pytest.raises(ValueError, match="must not be known yet"):
        made.fit(FRAMES)
    with pytest.raises(ValueError, match=r"from 0\.0 to 5\.0"):
        Colorizer(vmin=0, vmax=5).fit(FRAMES)
    with pytest.raises(AttributeError):
        made.vmin = 3
    with pytest.raises(AttributeError):
        made.other = 3


@pytest.mark.parametrize("method", ["lut", "spline", "poly"])
def test_pickles_give_the_same_pictures(method):
    made = Colorizer(norm=colors.LogNorm(), method=method, over="white").fit(FRAMES)
    again = pickle.loads(pickle.dumps(made))
    assert_same(again(FRAMES[3] * 2), made(FRAMES[3] * 2))
    assert repr(again) == repr(made)


def test_many_threads_may_call_it_at_once(backend):
    made = Colorizer(norm="log", backend=backend, threads=1).fit(FRAMES)
    expected = [made(frame) for frame in FRAMES]
    wrong = []

    def work(seed):
        for k in np.random.default_rng(seed).integers(0, len(FRAMES), 40):
            if not np.array_equal(made(FRAMES[k]), expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("norm", NAMES)
def test_positions_and_values_are_each_others_inverse(norm):
    made = Colorizer(norm=norm).fit(FRAMES)
    positions = np.linspace(0, 1, 101)
    values = made.values(positions)
    np.testing.assert_allclose(made.positions(values), positions, atol=1e-6)
    assert np.isnan(made.positions(np.nan))
    ends = values[[0, -1]] if norm != "inverse" else values[[-1, 0]]
    np.testing.assert_allclose(ends, [made.vmin, made.vmax], rtol=1e-6)


def test_values_in_the_middle_have_the_middle_position():
    made = Colorizer(center=2.0, vmax=5)
    assert made.positions([-1, 2, 5, 8]).tolist() == [0, 0.5, 1, 1.5]
    assert made.values([0, 0.5, 1]).tolist() == [-1, 2, 5]


@pytest.mark.parametrize("method", ["lut", "spline"])
@pytest.mark.parametrize("norm", [name for name in NAMES if name != "equalize"])
def test_inverse_uses_its_own_range(norm, method):
    made = Colorizer(norm=norm, order="bgr", method=method).fit(FRAMES)
    back = made.inverse(made(FRAMES[1]))
    error = np.abs(made.positions(back) - made.positions(FRAMES[1]))
    assert np.nanmax(error) < 1 / 256
    centered = Colorizer(center=1.0).fit(FRAMES)
    picture = centered(FRAMES[1])
    expected = uncolorize(picture, "turbo_diverging", center=1.0, vmax=centered.vmax)
    np.testing.assert_array_equal(centered.inverse(picture), expected)


def test_what_needs_a_range_says_so():
    for call in (
        lambda: Colorizer().positions(1),
        lambda: Colorizer(vmin=0).values(1),
        lambda: Colorizer(vmax=0).inverse(np.zeros((2, 2, 3), np.uint8)),
        lambda: Colorizer(robust=True).colorbar(),
        lambda: Colorizer(center=0).paint([1.0]),
    ):
        with pytest.raises(ValueError, match=r"limits must be known.*or call fit\(\)"):
            call()


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"vmin": 2, "vmax": 1}, ValueError),
        ({"norm": "nothing"}, ValueError),
        ({"channels": "middle"}, ValueError),
        ({"invalid": "x"}, TypeError),
        ({"threads": 0}, ValueError),
        ({"backend": "fortran"}, ValueError),
        ({"cmap": "no such map"}, ValueError),
        ({"dtype": "int8"}, ValueError),
        ({"robust": (60, 40)}, ValueError),
        ({"center": 3, "vmax": 1}, ValueError),
    ],
)
def test_arguments_are_checked_when_it_is_made(keywords, error):
    with pytest.raises(error):
        Colorizer(**keywords)


def test_arrays_to_fit_are_checked():
    with pytest.raises(TypeError, match=r"Colorizer\.fit\(\): values must be bool"):
        Colorizer().fit(["a"])
    with pytest.raises(ValueError, match=r"Colorizer\.fit\(\): values must be a list"):
        Colorizer(robust=True).fit(iter(FRAMES))
    with pytest.raises(ValueError, match=r"Colorizer\.fit\(\): mask must be None"):
        Colorizer().fit(FRAMES, mask=FRAMES[0] > 1)
    nothing = Colorizer().fit([np.full((3, 4), np.nan)])
    assert (nothing(np.full((3, 4), np.nan)) == 0).all()
