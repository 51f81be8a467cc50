"""Fuzz the readers that are written here, and the header checks before Pillow's.

    python tests/fuzz_io.py --seconds 120       random mutations of the seeds
    python tests/fuzz_io.py --atheris -max_total_time=120   guided by coverage, with atheris
    python tests/fuzz_io.py --write-seeds       make tests/data/fuzz again

Whatever the bytes, `read` must give a raster or a ReadError of one line, without a warning,
and within memory that the size of the file bounds. In formats that are parsed here every
refusal must be a reason of ours: an exception that only the last resort in `read` turns into
a ReadError counts as a finding. An input that breaks this is printed and belongs into
tests/data/fuzz; tests/test_io_fuzz.py reads all that are there.
"""

import argparse
import logging
import random
import struct
import sys
import tempfile
import time
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

SEEDS = Path(__file__).parent / "data" / "fuzz"

#: Parsed here: memory is at most this many times the size of the file, and a few pages.
PARSED_HERE = {"PNM": 48, "PFM": 24, "DPT": 24, "FLO": 40, "COLMAP": 24, "NetCDF": 24, "MAT 4": 24}
PARSED_HERE["MAT"] = 8 * 1032  # of zlib
#: Decoded by libraries, after a check of what the header claims.
DECODED = {"PNG", "BMP", "WebP", "NPY", "NPZ", "TIFF"}
_SLACK = 1 << 20
_REQUESTS = [
    {},
    {"channel": "R"},
    {"channel": "A"},
    {"channel": "v"},
    {"channel": "y"},
    {"preset": "byteswap"},
    {"preset": "sgbm"},
    {"preset": "terrarium"},
    {"preset": "middlebury-pfm"},
    {"preset": "tartanair"},
    {"preset": "float16-bits"},
    {"key": "x"},
    {"key": "z"},
    {"key": "r[1]"},
    {"key": "1"},
]
_SUFFIXES = [".flo", ".dpt", ".mat", ""]


class FindingError(AssertionError):
    """Bytes that break what the readers promise."""


def check(data: bytes, folder: Path, suffix: str | None = None) -> str:
    """Read a file of these bytes; return what came of it, or raise FindingError."""
    from turbo_cmap.io import ReadError, read
    from turbo_cmap.io.hints import describe, hint
    from turbo_cmap.io.registry import HEAD_BYTES, format_of

    number = zlib.crc32(data)
    options = _REQUESTS[number % len(_REQUESTS)] if number & 0x1000 else {}
    path = folder / f"fuzzed{_SUFFIXES[number >> 16 & 3] if suffix is None else suffix}"
    path.write_bytes(data)
    kind = format_of(path, data[:HEAD_BYTES])
    name = kind.name if kind else ""
    if name not in PARSED_HERE and name not in DECODED:
        return "other"
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        tracemalloc.start()
        try:
            raster = read(path, **options)
        except ReadError as error:
            if not error.reason.isprintable():
                raise FindingError(f"{name}: more than a line: {error}") from error
            if isinstance(error.__cause__, MemoryError):
                raise FindingError(f"{name}: {error}") from error
            if name in PARSED_HERE and error.reason.startswith("cannot be decoded"):
                raise FindingError(f"{name}: not foreseen: {error.reason}") from error
            outcome = "refused"
        except Exception as error:
            raise FindingError(f"{name}: {error!r}") from error
        else:
            outcome = "read"
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    bound = _SLACK + len(data) * PARSED_HERE.get(name, 3 * 65_536)
    if name not in PARSED_HERE:  # HARMLESS_BYTES, as they are read, in native order and masked
        bound = max(bound, 3 << 28)
    if peak > bound:
        raise FindingError(f"{name}: {peak} bytes of memory for a file of {len(data)}")
    if name in PARSED_HERE and warned:
        raise FindingError(f"{name}: {warned[0].message}")
    if outcome == "read":
        height, width = raster.values.shape
        if raster.mask is not None and (
            raster.mask.shape != (height, width) or raster.mask.dtype != bool
        ):
            raise FindingError(f"{name}: its mask is {raster.mask.dtype} of {raster.mask.shape}")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            hint(raster)
            describe(raster)
            raster.without([0, 65535, 1e10])
    return f"{name} {outcome}"


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same with a few edits, most of them in the first 64 bytes."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(min(len(result), chance.choice([16, 64, 1 << 20])) + 1)
        edit = chance.randrange(6)
        if edit == 0 and at < len(result):
            result[at] = chance.randrange(256)
        elif edit == 1 and at < len(result):
            result[at] ^= 1 << chance.randrange(8)
        elif edit == 2:
            result[at:at] = chance.choice(_WORDS)
        elif edit == 3:
            del result[at : at + chance.choice([1, 1, 2, 8])]
        elif edit == 4:
            del result[at:]
        else:
            result[at : at + 4] = struct.pack("<i", chance.choice([0, 1, -1, 2**31 - 1, 2**16]))
    return bytes(result)


_WORDS = [
    b" ", b"\n", b"\r\n", b"#", b"-", b"0", b"9", b"999999999", b"65535", b"65536", b"&", b".",
    b"e", b"nan", b"inf", b"P5", b"P2", b"P3", b"P6", b"P7\n", b"PF", b"Pf", b"PIEH", b"ENDHDR\n",
    b"MAXVAL 255\n", b"DEPTH 3\n", b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f",
    b"\0\0\0\1", b"\1\0\0\0", b"\xff" * 8, b"(", b"'<f8'", b",)",
]  # fmt: skip


def seeds() -> list[tuple[bytes, str]]:
    """What is in the folder: contents and suffixes."""
    return [(path.read_bytes(), path.suffix) for path in sorted(SEEDS.iterdir())]


def write_seeds() -> None:
    """A small file of each kind."""
    import io

    import netCDF4
    import scipy.io
    import tifffile
    from PIL import Image

    words = (np.arange(12).reshape(3, 4) * 5000).astype(np.uint16)
    octets = (words >> 8).astype(np.uint8)
    rgb = np.dstack([octets, octets // 2, 255 - octets])
    floats = (words / 256).astype(np.float32)
    floats[1, 1] = np.inf
    flow = np.dstack([floats, -floats]).astype("<f4")

    def pillow(kind: str, pixels: np.ndarray, **options: object) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind, **options)
        return buffer.getvalue()

    def written(write: Callable[[io.BytesIO], object]) -> bytes:
        buffer = io.BytesIO()
        write(buffer)
        return buffer.getvalue()

    def netcdf(kind: str) -> bytes:
        file = netCDF4.Dataset("seed", "w", format=kind, memory=1)
        for name, length in (("t", None), ("y", 3), ("x", 4)):
            file.createDimension(name, length)
        z = file.createVariable("z", "i2", ("y", "x"), fill_value=-1)
        z.setncatts({"scale_factor": 0.5, "units": "m"})
        z.set_auto_maskandscale(False)
        z[:] = octets
        file.createVariable("r", "f4", ("t", "y", "x"))[:2] = np.stack([floats, floats])
        return bytes(file.close())

    def tiff(pixels: np.ndarray, **options: object) -> bytes:
        return written(lambda file: tifffile.imwrite(file, pixels, metadata=None, **options))

    def mat(**options: object) -> bytes:
        arrays = {"z": words, "r": np.stack([floats, floats], axis=-1)}
        if options.get("format") == "4":
            arrays["r"] = floats
        return written(lambda file: scipy.io.savemat(file, arrays, **options))

    text = " ".join(map(str, words.ravel())).encode()
    size = struct.pack("<ii", 4, 3)
    made = {
        "p2.pgm": b"P2\n# plain\n4 3\n65535\n" + text,
        "p3.ppm": b"P3 4 1 65535\n" + text,
        "p5_8.pgm": b"P5 4 3 255\n" + octets.tobytes(),
        "p5_16.pgm": b"P5\n4 3\n65535\n" + words.astype(">u2").tobytes(),
        "p5_crlf.pgm": b"P5\r\n4 3\r\n65535\r\n" + words.astype(">u2").tobytes(),
        "p6.ppm": b"P6 4 3 255\n" + rgb.tobytes(),
        "p7_gray.pam": b"P7\nWIDTH 4\nHEIGHT 3\nDEPTH 1\nMAXVAL 65535\nTUPLTYPE GRAYSCALE\nENDHDR\n"
        + words.astype(">u2").tobytes(),
        "p7_rgb.pam": b"P7\nWIDTH 4\nHEIGHT 3\nDEPTH 3\nMAXVAL 255\nENDHDR\n" + rgb.tobytes(),
        "little.pfm": b"Pf\n4 3\n-1\n" + floats.astype("<f4").tobytes(),
        "big.pfm": b"Pf\n4\n3\n0.0039\n" + floats.astype(">f4").tobytes(),
        "color.pfm": b"PF 4 1 -1.0\r\n" + floats.astype("<f4").tobytes(),
        "depth.dpt": b"PIEH" + size + floats.astype("<f4").tobytes(),
        "flow.flo": b"PIEH" + size + flow.tobytes(),
        "depth.bin": b"4&3&1&" + floats.astype("<f4").tobytes(),
        "normals.bin": b"4&1&3&" + floats.astype("<f4").tobytes(),
        "gray16.png": pillow("PNG", words),
        "rgb8.png": pillow("PNG", rgb),
        "gray8.bmp": pillow("BMP", octets),
        "rgb8.bmp": pillow("BMP", rgb),
        "rgb8.webp": pillow("WEBP", rgb, lossless=True),
        "gray.npy": written(lambda file: np.save(file, words)),
        "stack.npy": written(lambda file: np.save(file, np.asfortranarray([words, words]))),
        "two.npz": written(lambda file: np.savez_compressed(file, z=words, r=floats)),
        "5.mat": mat(),
        "5z.mat": mat(do_compression=True),
        "4.mat": mat(format="4"),
        "cdf1.nc": netcdf("NETCDF3_CLASSIC"),
        "cdf2.nc": netcdf("NETCDF3_64BIT_OFFSET"),
        "cdf5.nc": netcdf("NETCDF3_64BIT_DATA"),
        "plain.tif": tiff(floats),
        "tiles.tif": tiff(
            np.tile(words, (6, 5)), tile=(16, 16), compression="zlib", predictor=True
        ),
        "pages.tif": tiff(np.stack([octets, octets]), photometric="minisblack", byteorder=">"),
        "bigtiff.tif": tiff(rgb, photometric="rgb", bigtiff=True),
    }
    SEEDS.mkdir(exist_ok=True)
    for name, content in made.items():
        (SEEDS / name).write_bytes(content)


def run(seconds: float, seed: int) -> None:
    """Mutate the seeds, and what has come of them, for a while."""
    chance, pool, counts = random.Random(seed), seeds(), {}
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        end, done = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            whole, suffix = chance.choice(pool)
            data = mutated(whole, chance)
            try:
                outcome = check(data, Path(folder), suffix if chance.random() < 0.9 else None)
            except FindingError as error:
                print(f"{error}\n  {data!r}")
                sys.exit(1)
            counts[outcome] = counts.get(outcome, 0) + 1
            done += 1
            if outcome.endswith("read") and chance.random() < 0.02:
                pool.append((data, suffix))
    print(f"{done} inputs in {seconds:g} s, no finding: {dict(sorted(counts.items()))}")


def run_atheris(arguments: list[str]) -> None:
    """Let atheris find inputs; arguments are those of libFuzzer."""
    import atheris

    with atheris.instrument_imports(include=["turbo_cmap.io"]):
        import turbo_cmap.io
        import turbo_cmap.io.hints

        list(turbo_cmap.io.formats())
    folder = Path(tempfile.mkdtemp(dir=_memory()))
    grown = tempfile.mkdtemp(dir=_memory())
    atheris.Setup(
        [sys.argv[0], *arguments, "-max_len=2048", grown, str(SEEDS)],
        lambda data: check(data, folder) and None,
    )
    atheris.Fuzz()


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write-seeds", action="store_true")
    parser.add_argument("--atheris", action="store_true")
    known, others = parser.parse_known_args()
    logging.disable(logging.CRITICAL)  # tifffile tells of all that is damaged
    if known.write_seeds:
        write_seeds()
    elif known.atheris:
        run_atheris(others)
    else:
        run(known.seconds, known.seed)
