"""Whatever the bytes, a reader gives a raster or one line; tests/fuzz_io.py goes on for longer."""

import random

import fuzz_io
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

SEEDS = sorted(fuzz_io.SEEDS.iterdir())


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_every_input_that_was_kept(path, tmp_path):
    assert fuzz_io.check(path.read_bytes(), tmp_path, path.suffix) != "other"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_truncated_at_every_byte(path, tmp_path):
    whole = path.read_bytes()
    for length in range(1, min(len(whole), 200)):
        fuzz_io.check(whole[:length], tmp_path, path.suffix)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_a_few_edits(tmp_path_factory, path, number):
    data = fuzz_io.mutated(path.read_bytes(), random.Random(number))
    fuzz_io.check(data, tmp_path_factory.getbasetemp(), path.suffix)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(
        [b"P5 ", b"P2 ", b"P6\n", b"P7\n", b"Pf\n", b"PF ", b"PIEH", b"1&1&1&", b"CDF\1"]
    ),
    st.binary(max_size=64),
)
def test_anything_after_the_mark(tmp_path_factory, mark, rest):
    fuzz_io.check(mark + rest, tmp_path_factory.getbasetemp())
