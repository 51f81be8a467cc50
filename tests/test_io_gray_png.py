"""Gray PNGs decoded without Pillow: the same pixels and errors, ahead of their use or not."""

import os
import struct
import subprocess
import sys
import threading
import zlib

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import turbo_cmap
from turbo_cmap.cli import cli
from turbo_cmap.io import ReadError, gray_png, raster, read
from turbo_cmap.io.gray_png import decoding_ahead, gray_pixels
from turbo_cmap.io.png_chunks import chunk

pytestmark = pytest.mark.skipif(
    "native" not in turbo_cmap.available_backends(), reason="Pillow decodes all of them then"
)


def png(filtered, width, height, bits, *, before=b"", level=1, split=None, **header):
    """A PNG of rows that are filtered already."""
    kind = [header.get(name, 0) for name in ("color", "compression", "filter", "interlace")]
    data = zlib.compress(filtered, level)
    parts = [data[at : at + split] for at in range(0, len(data), split)] if split else [data]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, *kind))
    body = b"".join(chunk(b"IDAT", part) for part in parts)
    return b"\x89PNG\r\n\x1a\n" + head + before + body + chunk(b"IEND", b"")


def random_rows(random, width, height, bits, filters):
    row = 1 + width * bits // 8
    rows = random.integers(0, 256, (height, row), dtype=np.uint8)
    rows[:, 0] = random.choice(filters, height)
    return rows.tobytes()


def pixels_of(found):
    return np.frombuffer(found.data, f"u{found.bits // 8}").reshape(found.shape)


@given(
    st.integers(1, 40), st.integers(1, 40), st.sampled_from([8, 16]), st.integers(0, 5), st.data()
)
@settings(deadline=None, max_examples=150)
def test_they_are_what_pillow_makes_of_them(tmp_path_factory, width, height, bits, only, data):
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    filters = [only] if only < 5 else [0, 1, 2, 3, 4]
    split = data.draw(st.sampled_from([None, 1, 7, 1000]))
    path = tmp_path_factory.mktemp("png") / "a.png"
    path.write_bytes(
        png(random_rows(random, width, height, bits, filters), width, height, bits, split=split)
    )
    with Image.open(path) as image:
        expected = np.asarray(image)
    found = pixels_of(gray_pixels(path))
    assert np.array_equal(found, expected)
    assert found.dtype == (np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", ["flat", "smooth", "random"])
def test_large_ones_come_in_many_blocks(tmp_path, bits, kind):
    height, width = 1200, 1999
    y, x = np.mgrid[:height, :width]
    random = np.random.default_rng(1)
    values = {"flat": 0 * x, "smooth": 20 * y + x, "random": random.integers(0, 65536, x.shape)}
    image = (values[kind] >> (16 - bits)).astype(f"u{bits // 8}")
    path = tmp_path / "a.png"
    Image.fromarray(image).save(path)
    assert np.array_equal(pixels_of(gray_pixels(path)), image)
    assert np.array_equal(read(path).values, image)


def test_other_chunks_before_the_pixels_do_not_matter(tmp_path):
    path = tmp_path / "a.png"
    before = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"Title\0depth")
    path.write_bytes(png(b"\0\1\2", 2, 1, 8, before=before))
    assert pixels_of(gray_pixels(path)).tolist() == [[1, 2]]


GOOD = png(b"\0\1\2\1\3\4", 2, 2, 8)
TAIL = chunk(b"IEND", b"")
UNUSUAL = {
    "empty": b"",
    "no PNG": b"P5 2 2 255 abcd",
    "cut in the header": GOOD[:20],
    "cut in the pixels": GOOD[:50],
    "header's checksum": GOOD[:29] + b"\0\0\0\0" + GOOD[33:],
    "4 bits": png(b"\0\x12\0\x34", 2, 2, 4),
    "RGB": png(b"\0\1\2\3", 1, 1, 8, color=2),
    "gray with alpha": png(b"\0\1\2", 1, 1, 8, color=4),
    "palette": png(b"\0\0", 1, 1, 8, color=3, before=chunk(b"PLTE", b"abc")),
    "gray with a palette": png(b"\0\0", 1, 1, 8, before=chunk(b"PLTE", b"abc")),
    "transparency": png(b"\0\1\2", 2, 1, 8, before=chunk(b"tRNS", b"\0\1")),
    "transparency cut short": png(b"\0\1\2", 2, 1, 8, before=chunk(b"tRNS", b"\0")),
    "interlaced": png(b"\0\1\0\2\0\3\0\4", 2, 2, 8, interlace=1),
    "another compression": png(b"\0\1", 1, 1, 8, compression=1),
    "no rows": png(b"", 1, 0, 8),
    "no columns": png(b"\0", 0, 1, 8),
    "unknown filter": png(b"\5\1", 1, 1, 8),
    "too few rows": png(b"\0\1", 1, 2, 8),
    "too many rows": png(b"\0\1\0\2", 1, 1, 8),
    "part of a row": png(b"\0\1\0", 1, 1, 8),
    "claims too much": png(b"\0\1", 1 << 20, 1 << 20, 16),
    "checksum of another chunk": png(b"\0\1", 1, 1, 8, before=chunk(b"gAMA", b"abcd")[:-1] + b"x"),
    "another critical chunk": png(b"\0\1", 1, 1, 8, before=chunk(b"CgBI", b"abcd")),
    "stream's checksum": GOOD[:-20] + b"xx" + GOOD[-18:],
    "pixels missing": GOOD[:33] + TAIL,
    "behind the stream": GOOD[: -len(TAIL)] + chunk(b"IDAT", b"more") + TAIL,
}


def outcome(path):
    try:
        found = read(path)
    except ReadError as error:
        return str(error)
    return found.values.tolist(), found.dtype, None if found.mask is None else found.mask.tolist()


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_is_unusual_is_left_to_pillow_and_to_its_errors(tmp_path, monkeypatch, kind):
    path = tmp_path / "a.png"
    path.write_bytes(UNUSUAL[kind])
    assert gray_pixels(path) is None
    with decoding_ahead(path):
        ahead = outcome(path)
    assert ahead == outcome(path)
    monkeypatch.setattr("turbo_cmap.io.png_pixels.gray_pixels", lambda _: None)
    assert ahead == outcome(path)


def test_damage_anywhere_is_told_as_before(tmp_path, monkeypatch):
    random = np.random.default_rng(5)
    good = png(random_rows(random, 9, 9, 16, [0, 1, 2, 3, 4]), 9, 9, 16, split=40)
    path = tmp_path / "a.png"
    for at in range(len(good)):
        for damaged in (
            good[:at],
            good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :],
        ):
            path.write_bytes(damaged)
            found = outcome(path)
            with monkeypatch.context() as without:
                without.setattr("turbo_cmap.io.png_pixels.gray_pixels", lambda _: None)
                assert found == outcome(path), at


def test_headers_that_lie_are_refused_by_the_same_bound():
    assert gray_png._MAX_EXPANSION == raster.MAX_EXPANSION


def test_a_decoder_s_memory_is_bounded_by_what_the_header_says(tmp_path):
    """A stream that goes on after the last row, as long as the file allows, is not followed."""
    import tracemalloc

    path = tmp_path / "bomb.png"
    path.write_bytes(png(bytes(200_000_000), 1, 1, 8, level=9))
    tracemalloc.start()
    try:
        assert gray_pixels(path) is None
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


# --- ahead of their use ---


def test_one_that_is_decoded_ahead_is_decoded_once(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(GOOD)
    threads = []
    decoded = gray_png._decoded

    def counted(*arguments):
        threads.append(threading.current_thread())
        return decoded(*arguments)

    monkeypatch.setattr(gray_png, "_decoded", counted)
    with decoding_ahead(path):
        assert read(path).values.tolist() == [[1, 2], [3, 7]]
        assert len(threads) == 1
        assert threads[0] is not threading.main_thread()
        assert read(path).values.tolist() == [[1, 2], [3, 7]]  # whose pixels are its own
        assert len(threads) == 2
        assert threads[1] is threading.main_thread()
    assert gray_png._begun == {}


def test_one_that_nobody_asks_for_is_not_decoded_to_its_end(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(png(bytes(50 * (1 << 20)), (1 << 20) - 1, 50, 8))
    blocks = []
    inflated, begun = gray_png._inflated, threading.Event()

    def watched(pieces):
        for block in inflated(pieces):
            blocks.append(len(block))
            begun.set()
            stopping.wait(60)
            yield block

    stopping = threading.Event()
    monkeypatch.setattr(gray_png, "_inflated", watched)
    with decoding_ahead(path):
        (decoding,) = gray_png._begun.values()
        monkeypatch.setattr(decoding, "stopped", _Setting(decoding.stopped, stopping))
        assert begun.wait(60)
    assert not decoding.is_alive()
    assert len(blocks) == 1
    assert decoding.found is None


class _Setting:
    """An event that sets another one after itself."""

    def __init__(self, event, other):
        self._event, self._other = event, other

    def set(self):
        self._event.set()
        self._other.set()

    def is_set(self):
        return self._event.is_set()


def test_without_a_thread_to_be_had_it_is_decoded_when_it_is_asked_for(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(GOOD)

    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(gray_png._Decoding, "start", start)
    with decoding_ahead(path):
        assert read(path).values.tolist() == [[1, 2], [3, 7]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_opened_nor_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with decoding_ahead(tmp_path / "pipe.png"), pytest.raises(ReadError, match="no regular file"):
        read(tmp_path / "pipe.png")
    call = [sys.executable, "-m", "turbo_cmap", "convert", "pipe.png", "-o", "b.png"]
    done = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (1, "turbo-cmap: pipe.png: is no regular file\n")


def test_convert_decodes_its_one_input_ahead_and_no_dry_run_does(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(GOOD)
    begun = []
    monkeypatch.setattr(
        gray_png._Decoding, "start", lambda self: begun.append(self._path) or self.run()
    )
    monkeypatch.setattr(gray_png._Decoding, "join", lambda self: None)
    arguments = ["convert", str(path), "-o", str(tmp_path / "b.png")]
    assert CliRunner().invoke(cli, [*arguments, "--dry-run"]).exit_code == 0
    assert begun == []
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert begun == [path]
    two = ["convert", str(path), str(path), "-o", str(tmp_path)]
    CliRunner().invoke(cli, two)
    assert begun == [path]


def test_without_the_extension_pillow_decodes(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(GOOD)
    code = f"""
import sys
sys.modules["turbo_cmap.kernels._native"] = None
from pathlib import Path
from turbo_cmap.io import read
from turbo_cmap.io.gray_png import decoding_ahead
with decoding_ahead(Path({str(path)!r})):
    assert read({str(path)!r}).values.tolist() == [[1, 2], [3, 7]]
assert "PIL" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
