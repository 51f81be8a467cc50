"""Threads: the same picture for every number of them, from any number of callers."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from turbo_cmap import colorize
from turbo_cmap.kernels import threads as under_test

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(size=(61, 83)).astype(np.float32)
IMAGE[3, 5:9] = np.nan


@pytest.mark.parametrize("count", [1, 2, 3, 7, 61, 200])
def test_the_result_does_not_depend_on_the_number(backend, count):
    mask = RNG.random(IMAGE.shape) > 0.9
    for values, masked in (
        (IMAGE, mask),
        (IMAGE.T, mask.T),
        (IMAGE[:2], mask[:2]),
        (IMAGE[0], mask[0]),
        (IMAGE.reshape(1, 61, 83), mask[None]),
        (np.float32(3), np.False_),
    ):
        one = colorize(values, mask=masked, threads=1, backend=backend)
        many = colorize(values, mask=masked, threads=count, backend=backend)
        np.testing.assert_array_equal(many, one)
    planar = colorize(IMAGE, channels="first", threads=count, backend=backend)
    np.testing.assert_array_equal(planar, colorize(IMAGE, channels="first", threads=1))


def test_the_default_is_one_thread_for_small_arrays_and_the_cores_for_large(monkeypatch):
    monkeypatch.setattr(under_test, "usable_cores", lambda: 8)
    million = under_test.LEAST
    counts = [under_test.thread_count(None, n) for n in (0, 1, 2 * million - 1, 2 * million)]
    assert counts == [1, 1, 1, 2]
    assert under_test.thread_count(None, 100 * million) == 8


def test_a_number_that_is_given_is_kept():
    assert [under_test.thread_count(n, 1000) for n in (1, 2, 50)] == [1, 2, 50]
    assert under_test.thread_count(50, 3) == 3


@pytest.mark.parametrize("shape", [(10,), (3, 100), (1, 7), (2, 3, 50), (0, 4), (5, 0)])
@pytest.mark.parametrize("parts", [1, 2, 3, 8])
def test_parts_cover_everything_once(shape, parts):
    hits = np.zeros(shape, int)
    for where in under_test.split(shape, parts):
        hits[where] += 1
    assert (hits == 1).all()


def test_an_error_in_a_thread_reaches_the_caller():
    done = []

    def fail():
        raise MemoryError("no blocks")

    with pytest.raises(MemoryError, match="no blocks"):
        under_test.run([lambda: done.append(1), fail, lambda: done.append(2)])
    assert sorted(done) == [1, 2]


def test_a_thread_that_cannot_be_started_leaves_no_other_behind(monkeypatch):
    real, started = threading.Thread.start, []

    def start(thread):
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start"):
        under_test.run([lambda: None] * 5)
    assert not any(thread.is_alive() for thread in started)


def test_absurd_numbers_of_threads_are_not_started():
    assert under_test.thread_count(20_000, 200_000) == under_test.MOST


def test_no_thread_is_left_behind():
    before = threading.active_count()
    colorize(IMAGE, threads=4)
    assert threading.active_count() == before


STRESS = """
import threading
import numpy as np
from turbo_cmap import colorize

rng = np.random.default_rng(0)
images = [rng.normal(size=(200, 301)).astype(t) for t in ("f4", "f8", "i2", "u1")]
expected = [colorize(image, threads=1) for image in images]
failures = []

def work(seed):
    order = np.random.default_rng(seed)
    out = np.empty((200, 301, 3), np.uint8)
    for _ in range(60):
        which = order.integers(len(images))
        colorize(images[which], out=out, threads=int(order.integers(1, 4)))
        if not np.array_equal(out, expected[which]):
            failures.append(which)

workers = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
assert not failures, failures
print("ok")
"""


@pytest.mark.parametrize("mode", ["0", "1"])
def test_many_python_threads_may_call_at_once(mode):
    done = subprocess.run(
        [sys.executable, "-X", "dev" if mode == "1" else "utf8", "-c", STRESS],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDEVMODE": mode if mode == "1" else ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "ok"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_colorizes_too():
    code = """
import os, sys, warnings
import numpy as np
from turbo_cmap import colorize
x = np.linspace(0, 1, 4_000_000, dtype="f4").reshape(2000, 2000)
expected = colorize(x, threads=2)
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(colorize(x, threads=2), expected) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
