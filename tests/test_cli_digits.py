"""Numbers as the command writes them: with the fewest digits that give them back."""

import numpy as np
import pytest
from command import invoke
from hypothesis import given
from hypothesis import strategies as st

from turbo_cmap import colorize
from turbo_cmap.cli._digits import number_text, range_text
from turbo_cmap.io.pictures import read_picture


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (np.float32(0.3), np.float32, "0.3"),
        (np.float32(0.3), ">f4", "0.3"),
        (np.float32(0.3), np.float64, "0.30000001192092896"),
        (np.float32(0.3), None, "0.30000001192092896"),
        (np.float16(0.3), np.float16, "0.30004883"),  # 0.3 is another float32, as --vmin
        (2866.0599999999995, np.uint16, "2866.06"),
        (2866.0599999999995, np.int32, "2866.0599999999995"),
        (-0.0, np.float32, "0"),
        (5.0, None, "5"),
        (-2702.0, np.uint16, "-2702"),
        (2**53 + 1, np.int64, "9007199254740993"),
        (1e-5, np.float32, "1e-05"),
        (1e300, np.float32, "1e+300"),  # given as --vmax: it is not infinite
        (1e-300, np.float32, "1e-300"),
        (float("inf"), np.float32, "inf"),
    ],
)
def test_numbers_are_as_short_as_they_can_be(value, dtype, text):
    assert number_text(value if isinstance(value, int) else float(value), dtype) == text


@given(st.floats(width=32, allow_nan=False))
def test_a_float32_comes_back_from_its_text(value):
    text = number_text(value, np.float32)
    assert np.float32(text) == np.float32(value)
    assert len(text) <= len(repr(value))


@given(st.floats(allow_nan=False))
def test_a_float64_comes_back_from_its_text(value):
    assert float(number_text(value, np.float64)) == value


def test_a_range_has_a_unit_or_none():
    assert range_text(0.5, 80, "m") == "0.5 .. 80 m"
    assert range_text(0.5, 80) == "0.5 .. 80"


VALUES = np.linspace(0.3, 1.7, 60, dtype=np.float32).reshape(6, 10)
SHORT = "0.3 .. 1.7"


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "a.npy", "-o", "out.png"),
        ("convert", "d", "-o", "out/", "--range", "shared"),
        ("grid", "a.npy", "-o", "out.png"),
        ("video", "stack.npy", "-o", "out/"),
    ],
    ids=str,
)
def test_ranges_of_float32_have_no_digits_of_float64(arguments, folder):
    np.save("a.npy", VALUES)
    np.save("stack.npy", np.stack([VALUES, VALUES]))
    (folder / "d").mkdir()
    for name in "ab":
        np.save(f"d/{name}.npy", VALUES)
    assert f"range {SHORT}" in invoke(*arguments).stdout


def test_a_printed_range_makes_the_same_picture():
    rng = np.random.default_rng(5)
    for number, dtype in enumerate(("float32", "float16", "float64", "uint16")):
        values = (100 * rng.random((40, 50)) + 3).astype(dtype)
        np.save("in.npy", values)
        said = invoke("convert", "in.npy", "-o", f"{number}.png", "--robust").stdout.split()
        at = said.index("..")
        low, high = said[at - 1], said[at + 1]
        invoke("convert", "in.npy", "-o", f"{number}b.png", "--vmin", low, "--vmax", high)
        expected = colorize(values, robust=True)
        for name in (f"{number}.png", f"{number}b.png"):
            assert (read_picture(name) == expected).all(), (dtype, name)


def test_the_way_back_says_the_range_as_it_was():
    np.save("a.npy", VALUES)
    invoke("convert", "a.npy", "-o", "a.png")
    result = invoke("uncolor", "a.png", "-o", "b.npy", "--verbose")
    assert f"  range {SHORT}  60 exact" in result.stdout
    assert f"a.png: made with turbo, {SHORT}\n" in result.stderr
    result = invoke("uncolor", "a.png", "-o", "c.npy", "--vmax", 3)
    assert f"made with turbo, {SHORT}; as given, --vmax 3 is used instead" in result.stderr


def test_thresholds_that_are_near_to_each_other_stay_two():
    np.save("a.npy", VALUES)
    np.save("b.npy", VALUES + np.float32(0.1))
    asked = ("--bad-threshold", 0.1000001, "--bad-threshold", 0.1000002)
    result = invoke("diff", "b.npy", "a.npy", *asked)
    assert "bad-0.1000001 " in result.stdout
    assert "bad-0.1000002 " in result.stdout
