"""Sequences of frames, in and out; videos are encoded and decoded for real, through PyAV."""

import importlib.util
import io
import itertools
import pickle
import shutil
import struct
import subprocess
import weakref
import zipfile
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageSequence

from turbo_cmap import Colorizer, colorize, colormaps, uncolorize
from turbo_cmap.io import ReadError, codecs, read, read_frames, write_frames
from turbo_cmap.io.frames import EndedEarlyError, FrameError
from turbo_cmap.io.palettes import shortened
from turbo_cmap.io.raw import RawFormat, RawFrames
from turbo_cmap.io.sequences import expand, natural_key

RANDOM = np.random.default_rng(6)
DEEP = RANDOM.integers(0, 65536, (3, 24, 34), dtype=np.uint16)
NTSC = Fraction(30000, 1001)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def values_of(frames):
    return [raster.values for raster in frames]


def same(found, expected):
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


def scene(count, height=48, width=64):
    """Smooth depths from 0 to 1 with an edge, which move."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for number in range(count):
        slope = (x + 2 * number) % width / width * 0.6 + y / height * 0.2
        yield slope + 0.2 * (np.hypot(x - width / 2, y - height / 2) < height / 4)


PICTURES = [colorize(depth, vmin=0, vmax=1) for depth in scene(5)]


# ---- files ----


def test_frame_2_comes_before_frame_10():
    names = ["f10.png", "f2.png", "f1.png", "f02.png", "g1.png", "f.png"]
    paths = sorted(map(Path, names), key=natural_key)
    assert [path.name for path in paths] == [
        "f1.png", "f02.png", "f2.png", "f10.png", "f.png", "g1.png"
    ]  # fmt: skip


def test_folders_patterns_and_names_stand_for_files(folder):
    (folder / "in").mkdir()
    for name in ("a10.npy", "a9.npy", ".a1.npy", "notes.txt"):
        (folder / "in" / name).touch()
    (folder / "in" / "a1.npy").mkdir()
    both = [Path("in/a9.npy"), Path("in/a10.npy")]
    assert expand(["in"]) == both
    assert expand(["in/a1*"]) == [Path("in/a10.npy")]
    assert expand(["in/a10.npy", "in/*.npy", "in"]) == both
    assert expand(["none.npy"]) == [Path("none.npy")]  # which its reader complains of
    (folder / "[x].npy").touch()
    assert expand(["[x].npy"]) == [Path("[x].npy")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["mixed"], "holds frames of several formats, .npy, .png; choose as in 'mixed/*.npy'"),
        (["empty"], "empty: holds no file that could be a frame"),
        (["e*.npy"], "e*.npy: matches no file"),
    ],
)
def test_inputs_that_stand_for_nothing_or_too_much(folder, given, message):
    for name in ("mixed/a.npy", "mixed/b.png", "empty/notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    with pytest.raises(ReadError) as caught:
        read_frames(given)
    assert message in str(caught.value)


def test_no_input():
    with pytest.raises(ValueError, match=r"read_frames\(\): path must name a file, got nothing"):
        read_frames([])


def test_files_are_frames_in_natural_order_as_often_as_asked():
    for number in range(12):
        np.save(f"d{number}.npy", np.full((4, 5), number, np.uint16))
    frames = read_frames("d*.npy")
    assert (frames.count, frames.fps, frames.rereadable) == (12, None, True)
    for _ in range(2):
        assert [int(one[0, 0]) for one in values_of(frames)] == list(range(12))
    colorizer = Colorizer(robust=True).fit(frames.values())
    everything = np.stack(values_of(frames))
    assert (colorizer.vmin, colorizer.vmax) == tuple(np.percentile(everything, (2, 98)))


def test_a_frame_unlike_the_others_is_named():
    np.save("d1.npy", np.zeros((4, 5), np.uint16))
    np.save("d2.npy", np.zeros((4, 5), ">u2"))
    for other, kind in ((np.zeros((4, 6), np.uint16), "6x4 uint16"), (np.zeros((4, 5)), "5x4 fl")):
        np.save("d3.npy", other)
        with pytest.raises(ReadError, match=rf"d3.npy: frame 2: {kind}.* before it are 5x4 ui"):
            values_of(read_frames("d*.npy"))


def test_a_frame_that_cannot_be_read_is_named():
    np.save("d1.npy", np.zeros((4, 5)))
    Path("d2.npy").write_bytes(b"nothing like it")
    frames = iter(read_frames(["d1.npy", "d2.npy"]))
    next(frames)
    with pytest.raises(ReadError, match=r"d2\.npy: "):
        next(frames)


# ---- what to do about a frame that cannot be read ----


def broken(*numbers, count=5):
    for number in range(count):
        np.save(f"d{number}.npy", np.full((4, 5), number, np.uint16))
        if number in numbers:
            whole = Path(f"d{number}.npy").read_bytes()
            Path(f"d{number}.npy").write_bytes(whole[:-9])
    return "d*.npy"


@pytest.mark.parametrize(
    ("numbers", "policy", "found"),
    [
        ((2, 3), "skip", [0, 1, 4]),
        ((2, 3), "repeat", [0, 1, 1, 1, 4]),
        ((0, 1), "skip", [2, 3, 4]),
        ((0, 1), "repeat", [2, 2, 2, 3, 4]),
        ((4,), "repeat", [0, 1, 2, 3, 3]),
    ],
)
def test_frames_that_cannot_be_read_are_left_out_or_repeated(numbers, policy, found):
    frames = read_frames(broken(*numbers), on_error=policy)
    assert [int(one[0, 0]) for one in values_of(frames)] == found
    assert list(frames.problems) == list(numbers)
    assert all(frames.problems[n].path == Path(f"d{n}.npy") for n in numbers)
    # The names of what is repeated are those of what is missing.
    if policy == "repeat":
        assert [one.path.name for one in frames] == [f"d{n}.npy" for n in range(5)]
    once = {n for n in range(5) if n not in numbers}
    assert {int(one[0, 0]) for one in frames.values()} == once
    assert len(list(frames.values())) == len(once)
    assert [frame.number for frame in frames.numbered()] == (
        sorted(once) if policy == "skip" else [0, 1, 2, 3, 4]
    )


def test_frames_of_another_size_are_problems_too():
    names = broken()
    np.save("d2.npy", np.zeros((4, 6), np.uint16))
    frames = read_frames(names, on_error="skip")
    assert len(values_of(frames)) == 4
    assert frames.problems[2].reason == "6x4 uint16, and those before it are 5x4 uint16"


def test_without_a_single_frame_there_is_an_error_whatever_is_asked():
    for policy in ("skip", "repeat"):
        with pytest.raises(ReadError, match=r"d0\.npy: frame 0: .* none of 3 frames can be read"):
            values_of(read_frames(broken(0, 1, 2, count=3), on_error=policy))


def test_frames_stop_at_an_error_by_default():
    frames = read_frames(broken(2))
    with pytest.raises(FrameError, match=r"d2\.npy: frame 2: ") as caught:
        values_of(frames)
    assert caught.value.number == 2
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.number) == (str(caught.value), 2)
    with pytest.raises(ValueError, match="on_error must be one of 'stop', 'skip', 'repeat', got"):
        read_frames("d*.npy", on_error="ignore")


def test_a_page_or_a_picture_in_a_video_that_is_damaged_is_one_frame():
    with tifffile.TiffWriter("a.tif") as tiff:
        for page in DEEP:
            tiff.write(page, compression="zlib", metadata=None)
    with tifffile.TiffFile("a.tif") as tiff:
        place = tiff.pages[1].dataoffsets[0]
    with open("a.tif", "r+b") as file:
        file.seek(place + 9)
        file.write(bytes(200))
    encode("a.mov", "png", "gray16be", DEEP)
    data = bytearray(Path("a.mov").read_bytes())
    second = data.index(b"IDAT", data.index(b"IEND"))
    data[second + 20 : second + 200] = bytes(180)
    Path("a.mov").write_bytes(data)
    for name in ("a.tif", "a.mov"):
        with pytest.raises(ReadError, match="frame 1: cannot be decoded: "):
            values_of(read_frames(name))
        assert same(values_of(read_frames(name, on_error="skip")), DEEP[::2]), name
        assert same(values_of(read_frames(name, on_error="repeat")), DEEP[[0, 0, 2]]), name


# ---- stacks ----


def test_arrays_of_frames():
    np.save("a.npy", DEEP)
    np.save("big_endian.npy", DEEP.astype(">u2"))
    np.save("fortran.npy", np.asfortranarray(DEEP))
    np.save("last.npy", DEEP[..., np.newaxis])
    np.save("second.npy", DEEP[:, np.newaxis])
    np.savez("a.npz", DEEP)
    np.savez_compressed("b.npz", depth=DEEP, other=DEEP[0])
    for name in ("a.npy", "big_endian.npy", "fortran.npy", "last.npy", "second.npy", "a.npz"):
        frames = read_frames(name)
        assert frames.count == 3
        assert frames.rereadable
        assert same(values_of(frames), DEEP), name
        assert same(values_of(frames), DEEP), name
    assert same(values_of(read_frames("b.npz", key="depth")), DEEP)
    assert same(values_of(read_frames("b.npz", key="other")), DEEP[:1])


def test_arrays_of_one_frame_are_images():
    for shape in ((24, 34), (1, 24, 34), (24, 34, 1)):
        np.save("a.npy", DEEP[0].reshape(shape))
        assert same(values_of(read_frames("a.npy")), DEEP[:1])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((24, 34, 3)), "a 3-channel image, not depth"),
        (np.zeros((2, 3, 4, 5)), "is 2 x 3 x 4 x 5; frames, N x H x W, are needed: choose by key"),
        (np.zeros((2, 3, 4, 5, 6)), "frames"),
        (np.zeros((0, 3, 5)), "no pixels|shape"),
        (np.zeros((3, 4, 5), complex), "complex128 values, not real numbers"),
    ],
)
def test_arrays_that_are_no_frames(array, message):
    for save, name in ((np.save, "a.npy"), (np.savez, "a.npz")):
        save(name, array)
        with pytest.raises(ReadError, match=message):
            values_of(read_frames(name))


def chunked(name, array, **options):
    import h5py

    with h5py.File(name, "w") as file:
        file.create_dataset("depth", data=array, **options)


def written_by(kind, array):
    """A stack in each container that has arrays; MATLAB's has its axes in reverse."""
    import h5py
    import netCDF4
    import scipy.io
    import zarr

    if kind == "h5":
        chunked("a.h5", array)
    elif kind == "chunks.h5":  # which are of several frames, and cut each of them
        chunked("chunks.h5", array, chunks=(2, 7, 9), compression="gzip", shuffle=True)
    elif kind in ("nc", "nc4"):
        form = {"nc": "NETCDF3_64BIT_OFFSET", "nc4": "NETCDF4"}[kind]
        with netCDF4.Dataset(f"a.{kind}", "w", format=form) as file:
            for name, length in zip("tyx", (None, *array.shape[1:]), strict=True):
                file.createDimension(name, length)
            file.createVariable("depth", array.dtype, tuple("tyx"))[:] = array
    elif kind == "zarr":
        zarr.save_array("a.zarr", array)
    elif kind == "zip":
        with zarr.storage.ZipStore("a.zip", mode="w") as store:
            zarr.create_array(store, name="depth", data=array, chunks=(1, 24, 34))
    elif kind == "mat":
        scipy.io.savemat("a.mat", {"depth": np.moveaxis(array, 0, -1)}, do_compression=True)
    elif kind == "v73.mat":
        with h5py.File("v73.mat", "w", userblock_size=512) as file:
            file["depth"] = array.swapaxes(1, 2)
            file["depth"].attrs["MATLAB_class"] = np.bytes_("int16")
        with open("v73.mat", "r+b") as raw:
            raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    else:
        np.save("a.npy", array)
    return kind if "." in kind else f"a.{kind}"


CONTAINERS = ["npy", "h5", "chunks.h5", "nc", "nc4", "zarr", "zip", "mat", "v73.mat"]


@pytest.mark.parametrize("kind", CONTAINERS)
def test_stacks_in_containers_are_frames(kind):
    stack = np.concatenate([DEEP, DEEP[:2] // 2]).astype(np.int16)
    name = written_by(kind, stack)
    frames = read_frames(name)
    assert (frames.count, frames.rereadable, frames.fps) == (5, True, None)
    assert same(values_of(frames), stack)
    assert same(values_of(frames), stack)
    called = "" if kind in ("zarr", "npy") else "depth"
    assert same(values_of(read_frames(name, key=f"{called}[1:4]")), stack[1:4])
    assert same(values_of(read_frames(name, key=f"{called}[::-2]")), stack[::-2])
    assert same(values_of(read_frames(name, key=f"{called}[1:, 3:20:2, ::-1]")), {
        False: stack[1:, 3:20:2, ::-1],
        True: stack[1:, ::-1, 3:20:2],  # columns come first there
    }["mat" in kind])  # fmt: skip
    turned = values_of(read_frames(name, key=f"{called}.T"))
    assert same(turned, stack.swapaxes(1, 2))
    assert same(values_of(read_frames(name, key=f"{called}[2]")), stack[2:3])


@pytest.mark.parametrize("kind", ["npy", "h5", "chunks.h5", "nc", "zarr"])
def test_frames_along_another_axis(kind):
    name = written_by(kind, DEEP.astype(np.int16))
    for axis in (-1, 2):
        frames = read_frames(name, axis=axis)
        assert frames.count == 34
        assert same(values_of(frames), np.moveaxis(DEEP.astype(np.int16), -1, 0))
    assert same(values_of(read_frames(name, axis=1)), np.moveaxis(DEEP.astype(np.int16), 1, 0))
    for axis in (3, -4):
        wanted = rf"3 x 24 x 34; axis must be from -3 to 2, got {axis}"
        with pytest.raises(ReadError, match=wanted):
            read_frames(name, axis=axis)
    called = "" if kind in ("zarr", "npy") else "depth"
    with pytest.raises(ReadError, match=r"is 24 x 34, which is no stack; axis is for those"):
        read_frames(name, key=f"{called}[0]", axis=0)


def test_axes_and_levels_of_four():
    cube = np.arange(4 * 3 * 6 * 5, dtype=np.float32).reshape(4, 3, 6, 5)
    np.save("a.npy", cube)
    chunked("a.h5", cube)
    for name, called in (("a.npy", ""), ("a.h5", "depth")):
        assert same(values_of(read_frames(name, key=f"{called}[:, 1]")), cube[:, 1])
        assert same(values_of(read_frames(name, key=f"{called}[2]")), cube[2])
        along = values_of(read_frames(name, key=f"{called}[2]", axis=-1))
        assert same(along, np.moveaxis(cube[2], -1, 0))
        with pytest.raises(ReadError, match=rf"4 x 3 x 6 x 5; .*such as {called}\[:, 0\]"):
            read_frames(name)
    chunked("b.h5", np.zeros((4, 6, 5, 3), np.uint8))
    with pytest.raises(ReadError, match=r"such as depth\[..., 0\]"):
        read_frames("b.h5")
    assert read_frames("b.h5", key="depth[..., 0]").count == 4


def test_of_several_stacks_one_is_chosen_by_key():
    import h5py

    with h5py.File("a.h5", "w") as file:
        file["time"] = np.arange(3)
        file["camera/matrix"] = np.eye(3)
        file["rgb"] = np.zeros((3, 24, 34, 3), np.uint8)
        file["camera/depth"] = DEEP
    assert same(values_of(read_frames("a.h5")), DEEP)  # the only one that it can be
    with h5py.File("a.h5", "a") as file:
        file["camera/error"] = DEEP
    with pytest.raises(ReadError) as caught:
        read_frames("a.h5")
    assert caught.value.reason == (
        "holds 2 stacks; choose one by key: camera/depth 3 x 24 x 34, camera/error 3 x 24 x 34"
    )
    with pytest.raises(ReadError, match=r"holds no array 'depth', only camera/depth 3 x 24"):
        read_frames("a.h5", key="depth")
    assert same(values_of(read_frames("a.h5", key="camera/error")), DEEP)
    np.savez("a.npz", one=DEEP, two=DEEP)
    with pytest.raises(ReadError, match=r"holds 2 stacks; choose one by key: one 3 x 24 x 34, two"):
        read_frames("a.npz")


def test_what_attributes_say_counts_in_frames_as_in_images():
    stack = DEEP.astype(np.int16)
    stack[:, 3, 4] = -99
    chunked("a.h5", stack)
    import h5py

    with h5py.File("a.h5", "a") as file:
        file["depth"].attrs.update(scale_factor=0.5, units="m", _FillValue=np.int16(-99))
    for number, raster in enumerate(read_frames("a.h5")):
        alone = read("a.h5", key=f"depth[{number}]")
        assert same([raster.values, raster.mask], [alone.values, alone.mask])
        assert (raster.scale, raster.unit, raster.format) == (0.5, "m", "HDF5")
        assert raster.mask.sum() >= 1


def test_chunks_are_decoded_once(monkeypatch):
    """However many frames there are in one; the block that is in memory has a bound."""
    import h5py

    from turbo_cmap.io import stacks

    stack = np.zeros((60, 24, 34), np.uint16)
    chunked("a.h5", stack, chunks=(8, 24, 34))
    asked = []
    get = h5py.Dataset.__getitem__

    def counted(self, index, **options):
        asked.append(index[0])
        return get(self, index, **options)

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counted)
    monkeypatch.setattr(stacks, "_SHARED_BYTES", 20 * 24 * 34 * 2)
    assert len(values_of(read_frames("a.h5", key="depth[3:]"))) == 57
    assert [(one.start, one.stop) for one in asked] == [(3, 16), (16, 32), (32, 48), (48, 60)]


def test_a_damaged_chunk_is_one_frame(monkeypatch):
    chunked("a.h5", DEEP, chunks=(1, 24, 34), compression="gzip", fletcher32=True)
    import h5py

    with h5py.File("a.h5") as file:
        chunk = file["depth"].id.get_chunk_info(1)
    with open("a.h5", "r+b") as file:
        file.seek(chunk.byte_offset + 9)
        file.write(b"damaged")
    with pytest.raises(ReadError, match=r"a\.h5: frame 1: cannot be decoded: "):
        values_of(read_frames("a.h5"))
    frames = read_frames("a.h5", on_error="skip")
    assert same(values_of(frames), DEEP[::2])
    assert list(frames.problems) == [1]


def test_objects_are_never_unpickled():
    np.save("a.npy", np.array([[[{}]]] * 2, object), allow_pickle=True)
    with pytest.raises(ReadError, match="objects, which are never unpickled"):
        values_of(read_frames("a.npy"))


def test_an_npz_whose_frames_are_scattered_says_what_to_do():
    np.savez("a.npz", np.asfortranarray(DEEP))
    np.savez("b.npz", DEEP)
    for name, axis, order in (("a.npz", None, "Fortran"), ("b.npz", -1, "C")):
        wanted = rf"arr_0, 3 x 24 x 34 in {order} order, .* an NPY is read in any order"
        with pytest.raises(ReadError, match=wanted):
            read_frames(name, axis=axis)
    with pytest.raises(ReadError, match="do not follow each other"):
        read_frames("b.npz", key="[::-1]")
    assert same(values_of(read_frames("a.npz", axis=-1)), np.moveaxis(DEEP, -1, 0))


def test_stacks_that_are_cut_off():
    np.save("a.npy", DEEP)
    np.savez("a.npz", DEEP)
    for name in ("a.npy", "a.npz"):
        whole = Path(name).read_bytes()
        for length in (60, 2000, len(whole) - 100):
            Path(name).write_bytes(whole[:length])
            with pytest.raises(ReadError, match=name):
                values_of(read_frames(name))


def test_damage_within_a_stack_is_one_line():
    np.savez_compressed("a.npz", np.round(DEEP / 4096, 1))
    whole = Path("a.npz").read_bytes()
    for place in range(60, len(whole) - 120, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        Path("a.npz").write_bytes(damaged)
        with pytest.raises(ReadError, match=r"^a\.npz: .+$"):
            values_of(read_frames("a.npz"))


def test_a_header_that_claims_a_petabyte_costs_nothing():
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**5, 10**4)}
    np.lib.format.write_array_header_1_0(file, header)
    Path("a.npy").write_bytes(file.getvalue() + bytes(1000))
    with pytest.raises(ReadError, match=r"a\.npy: "):
        values_of(read_frames("a.npy"))
    with zipfile.ZipFile("a.npz", "w") as archive:
        archive.writestr("arr_0.npy", file.getvalue() + bytes(1000))
    with pytest.raises(ReadError, match=r"a\.npz: "):
        values_of(read_frames("a.npz"))


def test_pages_of_a_tiff():
    for dtype in (np.uint8, np.uint16, np.float32):
        stack = DEEP.astype(dtype)
        tifffile.imwrite("a.tif", stack, photometric="minisblack")
        frames = read_frames("a.tif")
        assert frames.count == 3
        assert same(values_of(frames), stack)


def test_overviews_of_a_tiff_are_no_frames():
    with tifffile.TiffWriter("a.tif") as tiff:
        tiff.write(DEEP[0], subifds=0)
        tiff.write(DEEP[0, ::2, ::2], subfiletype=1)
    assert same(values_of(read_frames("a.tif")), DEEP[:1])


def test_what_tags_say_of_a_page_counts_in_frames_as_in_images():
    depth = DEEP.astype(np.int16)
    depth[:, 3, 4] = -99
    scale = '<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>'
    tags = [(42112, "s", 0, scale, True), (42113, "s", 0, "-99", True)]
    with tifffile.TiffWriter("a.tif") as tiff:
        for page in depth:
            tiff.write(page, extratags=tags, metadata=None)
    for number, raster in enumerate(read_frames("a.tif")):
        alone = read("a.tif", key=str(number))
        assert same(raster.values, alone.values)
        assert same(raster.mask, alone.mask)
        assert raster.scale == alone.scale == 0.5


def test_a_page_that_claims_the_moon_is_refused():
    with tifffile.TiffWriter("a.tif") as tiff:
        for _ in range(2):
            tiff.write(DEEP[0], metadata=None, compression="zlib")
    with tifffile.TiffFile("a.tif", mode="r+b") as tiff:
        for name in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            tiff.pages[1].tags[name].overwrite(1_000_000)
    with pytest.raises(ReadError, match="claims"):
        values_of(read_frames("a.tif"))


def test_some_pages_by_key_and_a_band_by_channel():
    tifffile.imwrite("a.tif", DEEP, photometric="minisblack")
    assert same(values_of(read_frames("a.tif", key="[1:]")), DEEP[1:])
    assert same(values_of(read_frames("a.tif", key="[::-1]")), DEEP[::-1])
    for key in ("1", "[1]"):
        assert same(values_of(read_frames("a.tif", key=key)), DEEP[1:2])
    for key, message in (
        ("9", "has no page '9', only 0 to 2"),
        ("depth", "holds no array 'depth'"),
        ("[0, 1]", "has 1 axes"),
    ):
        with pytest.raises(ReadError, match=message):
            values_of(read_frames("a.tif", key=key))
    with pytest.raises(ReadError, match="whose pages are the frames; axis is for arrays"):
        read_frames("a.tif", axis=0)
    colors = RANDOM.integers(0, 256, (3, 8, 9, 3), dtype=np.uint8)
    tifffile.imwrite("c.tif", colors, photometric="rgb")
    assert same(values_of(read_frames("c.tif", channel="G")), colors[..., 1])
    assert same(values_of(read_frames("c.tif", channel="3", key="[1:]")), colors[1:, ..., 2])
    with pytest.raises(ReadError, match="has no channel 'u'"):
        values_of(read_frames("c.tif", channel="u"))


def test_masks_of_pages_count():
    with tifffile.TiffWriter("a.tif") as tiff:
        for page in DEEP:
            tiff.write(page, metadata=None)
            tiff.write(page > 999, subfiletype=4, photometric="minisblack", metadata=None)
    frames = list(read_frames("a.tif"))
    assert same([one.values for one in frames], DEEP)
    assert same([one.mask for one in frames], DEEP <= 999)


def test_what_a_key_or_a_channel_cannot_mean_is_an_error():
    np.save("a.npy", DEEP)
    encode("a.mkv", "ffv1", "gray16le", DEEP)
    Image.fromarray(DEEP[0]).save("a.png")
    for name, options, message in (
        ("a.npy", {"channel": "R"}, "NPY has no channels to choose, got 'R'"),
        ("a.mkv", {"key": "depth"}, "is a video, in which there is nothing to choose by key"),
        ("a.mkv", {"axis": 0}, "is a video, in which"),
        ("a.png", {"key": "depth"}, "PNG has no arrays to choose by key"),
        ("a.png", {"axis": 0}, "PNG has no axis here that frames lie along"),
        (["a.png", "a.npy"], {"axis": 0}, "axis is for one array of frames, got 2 files"),
    ):
        with pytest.raises(ReadError, match=message):
            values_of(read_frames(name, **options))


def test_color_pages_are_refused():
    tifffile.imwrite("a.tif", np.zeros((3, 8, 9, 3), np.uint8), photometric="rgb")
    with pytest.raises(ReadError, match="3-channel image"):
        values_of(read_frames("a.tif"))


# ---- raw ----


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("u8", "u1"), ("i8", "i1"), ("u16", "<u2"), ("u16le", "<u2"), ("u16be", ">u2"),
        ("i16le", "<i2"), ("i32be", ">i4"), ("f16", "<f2"), ("f32", "<f4"), ("f32be", ">f4"),
        ("F64LE", "<f8"), ("gray", "u1"), ("gray16le", "<u2"), ("gray12be", ">u2"),
        ("grayf32le", "<f4"),
    ],
)  # fmt: skip
def test_raw_frames_of_every_type(text, dtype):
    form = RawFormat.parse(f"34x24:{text}")
    assert form.dtype == np.dtype(dtype)
    stack = (DEEP % 100).astype(dtype)
    Path("a.raw").write_bytes(stack.tobytes())
    frames = RawFrames(Path("a.raw"), form)
    assert (frames.count, frames.rereadable) == (3, True)
    assert same(values_of(frames), stack)
    assert same(values_of(frames), stack)


@pytest.mark.parametrize("text", ["", "34x24", "34x24:", "34x24:u12", "0x24:u8", "34x0:u8", "a:b"])
def test_raw_formats_that_are_none(text):
    with pytest.raises(ValueError, match=r"is not WIDTHxHEIGHT:TYPE|is no size for a frame"):
        RawFormat.parse(text)


def test_a_raw_frame_of_petabytes_is_refused():
    with pytest.raises(ValueError, match="is no size for a frame"):
        RawFormat.parse("999999999x999999999:f64")


class Dripping(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data):
        self.rest = data

    def readinto(self, buffer):
        length = min(len(buffer), 7, len(self.rest))
        buffer[:length], self.rest = self.rest[:length], self.rest[length:]
        return length


def test_a_pipe_is_read_once_however_it_drips():
    frames = RawFrames(Path("stdin"), RawFormat.parse("34x24:u16le"), Dripping(DEEP.tobytes()))
    assert (frames.count, frames.rereadable) == (None, False)
    assert same(values_of(frames), DEEP)


def test_a_partial_frame_comes_after_the_whole_ones():
    whole = DEEP.tobytes()
    for missing, message in (
        (1, "frame 2, of which it has 1631 of 1632 bytes"),
        (1631, "has 1 of"),
    ):
        frames = RawFrames(
            Path("stdin"), RawFormat.parse("34x24:u16"), Dripping(whole[: len(whole) - missing])
        )
        found = []
        with pytest.raises(EndedEarlyError, match=message):
            found.extend(raster.values for raster in frames)
        assert len(found) <= 2
        iterator = iter(
            RawFrames(Path("s"), RawFormat.parse("34x24:u16"), Dripping(whole[: len(whole) - 5]))
        )
        assert same([next(iterator).values, next(iterator).values], DEEP[:2])


# ---- videos in ----


def encode(name, codec, pixels, arrays):
    """A video of arrays, which are in its pixel format."""
    with av.open(name, "w") as container:
        stream = container.add_stream(codec, rate=NTSC)
        stream.height, stream.width = arrays[0].shape[:2]
        stream.pix_fmt = pixels
        for number, array in enumerate(arrays):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(array), pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return name


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "bits"),
    [
        ("a.mkv", "ffv1", "gray16le", 16),
        ("a.mkv", "ffv1", "gray12le", 12),
        ("a.mkv", "ffv1", "gray10le", 10),
        ("a.mkv", "ffv1", "gray", 8),
        ("a.mov", "png", "gray16be", 16),
        ("a.avi", "ffvhuff", "gray16le", 16),
        ("a.nut", "rawvideo", "gray16le", 16),
    ],
)
def test_gray_video_keeps_its_depth(name, codec, pixels, bits):
    stack = (DEEP >> (16 - bits)).astype(np.uint8 if bits == 8 else np.uint16)
    frames = read_frames(encode(name, codec, pixels, stack))
    assert abs(frames.fps - NTSC) < Fraction(1, 1000)
    assert frames.rereadable
    found = values_of(frames)
    assert same(found, stack)
    assert found[0].dtype == (np.uint8 if bits == 8 else np.uint16)
    assert same(values_of(frames), stack)
    # Frames are copies: the decoder's memory is used again.
    assert all(one.flags.owndata for one in found)


def planar(luma, chroma=128):
    """YUV 4:2:0 as PyAV takes it."""
    height, width = luma.shape
    return np.concatenate([luma, np.full((height // 2, width), chroma, np.uint8)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_luma_is_taken_as_it_is_stored(name):
    luma = RANDOM.integers(16, 236, (3, 24, 34), dtype=np.uint8)
    with av.open(name, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 34, 24, "yuv420p"
        for one in luma:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planar(one), "yuv420p")))
        container.mux(stream.encode(None))
    assert same(values_of(read_frames(name)), luma)
    assert same(values_of(read_frames(name, channel="y")), luma)
    assert same(values_of(read_frames(name, channel="Y")), luma)


@pytest.mark.parametrize("pixels", ["nv12", "yuyv422", "yuvj420p", "yuv444p"])
def test_luma_of_other_layouts(pixels):
    luma = RANDOM.integers(16, 236, (24, 34), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(planar(luma), "yuv420p")
    if pixels == "yuvj420p":
        frame = av.VideoFrame.from_ndarray(planar(luma), "yuvj420p")
    else:
        frame = frame.reformat(format=pixels)
    frame.pts = 0
    with av.open("a.nut", "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 34, 24, pixels
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert same(values_of(read_frames("a.nut")), [luma])


def test_color_video_is_refused_but_for_a_channel():
    write_frames("rgb.mkv", PICTURES, lossless=True)
    write_frames("yuv.mp4", PICTURES)
    for name in ("rgb.mkv", "yuv.mp4"):
        with pytest.raises(ReadError, match=rf"{name}: is a color video .*frame 0.*--channel y"):
            values_of(read_frames(name))
    for number, letter in enumerate("rgb"):
        expected = [picture[..., number] for picture in PICTURES]
        assert same(values_of(read_frames("rgb.mkv", channel=letter)), expected)
        decoded = values_of(read_frames("yuv.mp4", channel=letter.upper()))
        assert np.abs(decoded[0].astype(int) - expected[0]).mean() < 6
    with pytest.raises(ReadError, match="has no luma; choose r, g, b"):
        values_of(read_frames("rgb.mkv", channel="y"))
    with pytest.raises(ReadError, match="has channels y, r, g and b, not 'z'"):
        read_frames("yuv.mp4", channel="z")


def test_gray_video_that_is_stored_as_rgb():
    gray = np.repeat(RANDOM.integers(0, 256, (2, 24, 34, 1), dtype=np.uint8), 3, axis=3)
    write_frames("a.mkv", gray, lossless=True)
    assert same(values_of(read_frames("a.mkv")), gray[..., 0])


def test_videos_that_are_none():
    with av.open("sound.mkv", "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ReadError, match=r"sound\.mkv: holds no video stream"):
        read_frames("sound.mkv")
    Path("a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    with pytest.raises(ReadError, match=r"a\.mp4: cannot be decoded: "):
        values_of(read_frames("a.mp4"))
    np.save("b.npy", DEEP[0])
    with pytest.raises(ReadError, match=r"a\.mp4: is a video, of which one is read at a time"):
        read_frames(["a.mp4", "b.npy"])


def test_names_that_are_no_unicode_do_no_harm():
    with av.open("a.mkv", "w") as container:
        container.metadata["title"] = "a title of text"
        stream = container.add_stream("ffv1", rate=30)
        stream.height, stream.width, stream.pix_fmt = 24, 34, "gray16le"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(DEEP[0], "gray16le")))
        container.mux(stream.encode(None))
    data = Path("a.mkv").read_bytes()
    assert b"title of" in data
    Path("a.mkv").write_bytes(data.replace(b"title of", b"\xfe\xff\x80tle of"))
    assert same(values_of(read_frames("a.mkv")), DEEP[:1])


def test_a_video_that_is_cut_off_is_not_taken_for_whole():
    stack = np.concatenate([DEEP] * 10)
    encode("a.mkv", "ffv1", "gray16le", stack)
    data = Path("a.mkv").read_bytes()
    Path("a.mkv").write_bytes(data[: len(data) // 2])
    found = []
    with pytest.raises(EndedEarlyError, match=r"a\.mkv: ends with frame \d+, at 0\.\d+ of 1\.00 s"):
        found.extend(raster.values for raster in read_frames("a.mkv"))
    # `extend` has what came before the error.
    assert 5 < len(found) < 25
    assert same(found, stack[: len(found)])
    encode("a.mov", "png", "gray16be", stack)  # which has its index at the end
    data = Path("a.mov").read_bytes()
    Path("a.mov").write_bytes(data[: len(data) // 2])
    with pytest.raises(ReadError, match=r"a\.mov: cannot be decoded: Invalid data"):
        read_frames("a.mov")


# ---- videos out ----


def decode(name):
    with av.open(name) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("name", "options", "coding"),
    [
        ("a.mkv", {"lossless": True}, "ffv1 bgr0"),
        ("a.mkv", {"codec": "ffv1"}, "ffv1 bgr0"),
        ("a.mp4", {"lossless": True}, "h264 rgb24"),
        ("a.mp4", {"lossless": True, "codec": "h265"}, "h265 gbrp"),
        ("a.mov", {"codec": "png"}, "png rgb24"),
        ("a.webm", {"lossless": True}, "vp9 gbrp"),
    ],
)
def test_lossless_video_is_exact(name, options, coding):
    movie = write_frames(name, iter(PICTURES), fps="30000/1001", **options)
    assert movie == (5, 64, 48, NTSC, coding)
    assert same(decode(name), PICTURES)
    with av.open(name) as container:
        assert abs(container.streams.video[0].average_rate - NTSC) < Fraction(1, 100)


def bt709(frame):
    """The colors of a frame in limited range, by the formulas of ITU-R BT.709-6, 3.2 to 3.5."""
    more = frame.format.components[0].bits - 8
    dtype, one = np.dtype("<u2" if more else "u1"), 1 << more
    y, cb, cr = (
        np.frombuffer(memoryview(plane), dtype)
        .reshape(plane.height, plane.line_size // dtype.itemsize)[:, : plane.width]
        .astype(float)
        / one
        for plane in frame.planes
    )
    y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return 255 * np.stack([red, green, blue], axis=-1)


@pytest.mark.parametrize(
    ("name", "options", "most"),
    [
        # Codes of 1/219 and 1/224 are rounded; blue, the worst, by 1.86 / 2 of them.
        ("a.mp4", {"chroma": "444", "crf": 0}, 2.5),
        ("a.mp4", {"chroma": "444", "crf": 0, "bits": 10}, 0.7),  # a fourth of that
    ],
)
def test_colors_are_those_of_the_matrix_that_is_tagged(name, options, most):
    write_frames(name, PICTURES, **options)
    with av.open(name) as container:
        frames = list(container.decode(video=0))
        for frame, picture in zip(frames, PICTURES, strict=True):
            assert np.abs(bt709(frame) - picture).max() < most
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_range, context.color_primaries, context.color_trc
        assert tuple(map(int, tags)) == (1, 1, 1, 1)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="FFmpeg is not here")
@pytest.mark.parametrize(
    ("name", "options", "most"),
    [
        ("a.mkv", {"lossless": True}, 0),
        ("a.mp4", {"lossless": True}, 0),
        ("a.mp4", {"lossless": True, "codec": "h265"}, 0),
        ("a.webm", {"lossless": True}, 0),
        ("a.mov", {"codec": "png"}, 0),
        ("a.mov", {"codec": "prores"}, 1),
        ("a.mp4", {"chroma": "444", "crf": 0}, 1),
        ("a.mp4", {"crf": 4}, 4),
        ("a.mkv", {"codec": "h265", "crf": 4}, 4),
        ("a.webm", {"crf": 4}, 4),
        ("a.mp4", {"codec": "av1", "crf": 4}, 4),
        ("a.webm", {"codec": "av1", "crf": 4, "bits": 10}, 4),
    ],
)
def test_another_program_shows_these_colors(name, options, most):
    """By the tags alone: with the matrix of BT.601 the error would be 7 of 255, and more."""
    write_frames(name, PICTURES, **options)
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", name, "-vf", "scale=flags=accurate_rnd+full_chroma_int",
         "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    found = np.frombuffer(done.stdout, np.uint8).reshape(5, 48, 64, 3).astype(int)
    assert np.abs(found - np.stack(PICTURES)).mean() <= most


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
@pytest.mark.parametrize("bits", [None, 10])
def test_av1(name, bits, capfd):
    movie = write_frames(name, PICTURES, codec="av1", bits=bits, fps=25)
    pixels = "yuv420p10le" if bits else "yuv420p"
    assert movie == (5, 64, 48, 25, f"av1 {pixels}")
    with av.open(name) as container:
        frames = list(container.decode(video=0))
        assert len(frames) == 5
        assert frames[0].format.name == pixels
        assert (int(frames[0].colorspace), int(frames[0].color_range)) == (1, 1)
    assert capfd.readouterr() == ("", "")  # which the encoder is full of


@pytest.mark.parametrize(("codec", "pixels"), [("h264", "yuv444p10le"), ("h265", "yuv444p10le")])
def test_ten_bits(codec, pixels):
    movie = write_frames("a.mkv", PICTURES, codec=codec, bits=10, chroma="444")
    assert movie.coding == f"{codec} {pixels}"
    with av.open("a.mkv") as container:
        assert next(container.decode(video=0)).format.name == pixels


def test_an_encoder_that_is_not_there_is_named_with_those_that_are(monkeypatch):
    taken = codecs._taken
    monkeypatch.setattr(codecs, "_taken", lambda one: None if "svt" in one else taken(one))
    wanted = "av1 takes libsvtav1, which this FFmpeg is built without; there is h264, h265, vp9$"
    with pytest.raises(ValueError, match=wanted):
        write_frames("a.mp4", PICTURES, codec="av1")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.webm"])
def test_video_is_tagged(name):
    write_frames(name, PICTURES)
    with av.open(name) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
        assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "options", "half", "most"),
    [
        # Of the range of values: half of the pixels are within the first, 99 % within the other.
        ("a.mp4", {"chroma": "444", "crf": 0}, 0.002, 0.006),
        ("a.mp4", {"chroma": "444"}, 0.003, 0.02),
        ("a.mp4", {}, 0.004, 0.06),
        ("a.mp4", {"codec": "h265"}, 0.005, 0.06),
        ("a.webm", {}, 0.005, 0.06),
    ],
)
def test_numbers_come_back_from_video(name, options, half, most):
    depths = list(scene(5, 120, 160))
    write_frames(name, (colorize(depth, vmin=0, vmax=1) for depth in depths), **options)
    off = np.abs(np.stack([uncolorize(one) for one in decode(name)]) - np.stack(depths))
    assert np.median(off) < half
    assert np.percentile(off, 99) < most


def test_odd_sizes_repeat_their_edge():
    odd = [picture[:-1, :-1] for picture in PICTURES]
    movie = write_frames("a.mp4", odd, crf=0)
    assert (movie.width, movie.height) == (64, 48)
    decoded = decode("a.mp4")[0].astype(int)
    assert np.abs(decoded[-1] - decoded[-2]).mean() < 4
    assert write_frames("b.mp4", odd, chroma="444")[1:3] == (63, 47)
    assert write_frames("c.mkv", odd, lossless=True)[1:3] == (63, 47)
    assert same(decode("c.mkv"), odd)


def test_video_with_transparency():
    rgba = [np.dstack([one, np.full(one.shape[:2], 200, np.uint8)]) for one in PICTURES]
    write_frames("a.mkv", rgba, lossless=True)
    with av.open("a.mkv") as container:
        assert same([one.to_ndarray(format="rgba") for one in container.decode(video=0)], rgba)
    with pytest.raises(ValueError, match=r"h264 in \.mp4 has no transparency"):
        write_frames("a.mp4", rgba)


# ---- animations ----


def frames_of(name, mode="RGB"):
    with Image.open(name) as image:
        return [np.asarray(one.convert(mode)) for one in ImageSequence.Iterator(image)]


TABLE = np.rint(255 * colormaps["turbo"].colors).astype(np.uint8)[:, :3]


@pytest.mark.parametrize("name", ["a.gif", "a.apng"])
def test_animations_of_a_map_are_exact(name):
    movie = write_frames(name, PICTURES, palette=TABLE, fps=10)
    assert movie == (5, 64, 48, 10, name[2:])
    assert same(frames_of(name), PICTURES)
    with Image.open(name) as image:
        assert image.mode == "P"
        assert image.info["loop"] == 0
        assert image.info["duration"] == 100


def test_256_colors_and_black_differ_by_two_levels_at_most():
    table = np.concatenate([TABLE, [[0, 0, 0]]]).astype(np.uint8)
    ramp = np.linspace(0, 1, 1024).reshape(16, 64)
    ramp[:, 3] = np.nan
    picture = colorize(ramp, vmin=0, vmax=1)
    write_frames("a.gif", [picture, picture[::-1]], palette=table)
    for found, exact in zip(frames_of("a.gif"), [picture, picture[::-1]], strict=True):
        off = np.abs(found.astype(int) - exact)
        assert off.max() <= 2
        assert (off.max(axis=2) > 0).mean() <= 1 / 255
        assert not found[:, 3].any()


def test_palettes_are_shortened_where_it_shows_least():
    colors, codes = shortened(TABLE, 100)
    assert len(colors) == 100
    assert codes[0] == 0
    assert (np.diff(codes.astype(int)) >= 0).all()
    assert np.abs(colors[codes].astype(int) - TABLE).max() < 30
    same_colors, same_codes = shortened(TABLE)
    assert np.array_equal(same_colors, TABLE)
    assert np.array_equal(same_codes, np.arange(256))


def test_gif_has_one_palette_and_writes_what_has_changed():
    still = np.repeat(TABLE[np.newaxis, :64], 48, axis=0)
    moved = still.copy()
    moved[10:20, 5:9] = TABLE[200]
    write_frames("a.gif", [still, moved, moved], palette=TABLE)
    with Image.open("a.gif") as image:
        boxes = []
        for frame in range(3):
            image.seek(frame)
            boxes.append(image.tile[0][1])
            assert image.global_palette is not None
        assert boxes == [(0, 0, 64, 48), (5, 10, 9, 20), (0, 0, 1, 1)]
    assert same(frames_of("a.gif"), [still, moved, moved])


def test_hundredths_of_a_second_add_up_in_gif():
    write_frames("a.gif", PICTURES * 2, palette=TABLE, fps=30)
    durations = []
    with Image.open("a.gif") as image:
        for frame in range(10):
            image.seek(frame)
            durations.append(image.info["duration"])
    assert set(durations) == {30, 40}
    assert sum(durations) == 330


def test_the_longest_frame_of_gif():
    write_frames("a.gif", [np.zeros((4, 4, 3), np.uint8)] * 2, fps=Fraction(100, 65535))
    with Image.open("a.gif") as image:
        assert image.info["duration"] == 655350


def test_a_palette_that_is_no_array():
    with pytest.raises(TypeError, match=r"write_frames\(\): palette must be a NumPy array"):
        write_frames("a.apng", [np.zeros((4, 4, 3), np.uint8)], palette=[[0, 0, 0]])


def test_a_gif_of_other_colors_learns_them():
    photo = RANDOM.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    photos = [np.kron(photo, np.ones((4, 4, 1), np.uint8)), PICTURES[0]]
    write_frames("a.gif", photos)
    assert np.abs(frames_of("a.gif")[0].astype(int) - photos[0]).mean() < 3


def test_colors_beside_the_palette_get_near_ones():
    off = np.clip(PICTURES[0].astype(int) + 3, 0, 255).astype(np.uint8)
    write_frames("a.gif", [off], palette=TABLE)
    assert np.abs(frames_of("a.gif")[0].astype(int) - off).max() < 16


def test_transparent_pixels():
    pictures = []
    for number, picture in enumerate(PICTURES):
        alpha = np.full(picture.shape[:2], 255, np.uint8)
        alpha[number : number + 5, :9] = 0
        pictures.append(np.dstack([picture, alpha]))
        pictures[-1][alpha == 0] = 0
    table = np.concatenate([TABLE, [[0, 0, 0]]]).astype(np.uint8)
    write_frames("a.gif", pictures, palette=table)
    write_frames("a.apng", pictures)
    write_frames("p.apng", pictures, palette=table)
    write_frames("a.webp", pictures)
    for name, most in (("a.gif", 4), ("a.apng", 0), ("p.apng", 4), ("a.webp", 0)):
        for found, exact in zip(frames_of(name, "RGBA"), pictures, strict=True):
            assert np.array_equal(found[..., 3], exact[..., 3]), name
            seen = exact[..., 3] > 0
            assert np.abs(found[seen].astype(int) - exact[seen]).max() <= most, name


@pytest.mark.parametrize("name", ["a.apng", "a.webp"])
def test_animations_of_any_colors_are_exact(name):
    photos = list(RANDOM.integers(0, 256, (3, 16, 18, 3), dtype=np.uint8))
    photos.append(photos[-1])
    write_frames(name, photos, fps=Fraction(25, 2))
    found = frames_of(name)
    # A still picture may have become a longer one.
    assert same(found, photos) or same(found, photos[:-1])
    with Image.open(name) as image:
        image.load()
        assert image.info["loop"] == 0
        assert round(image.info["duration"]) == 80


def test_apng_has_the_order_of_chunks_that_the_standard_asks_for():
    write_frames("a.apng", PICTURES[:3], palette=TABLE, fps="30000/1001")
    data, at, kinds, sequence = Path("a.apng").read_bytes(), 8, [], []
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        kinds.append(kind)
        if kind in (b"fcTL", b"fdAT"):
            sequence.append(struct.unpack_from(">I", body)[0])
        if kind == b"acTL":
            assert struct.unpack(">II", body) == (3, 0)
        if kind == b"fcTL":
            assert struct.unpack_from(">HH", body, 20) == (1001, 30000)
        at += 12 + length
    assert sequence == list(range(len(sequence)))
    order = [kind for kind, _ in itertools.groupby(kinds)]
    assert order == [
        b"IHDR", b"acTL", b"PLTE", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"fcTL", b"fdAT", b"IEND"
    ]  # fmt: skip


# ---- whole or not at all ----

NAMES = ["a.mp4", "a.mkv", "a.webm", "a.gif", "a.apng", "a.webp"]


@pytest.mark.parametrize("name", NAMES)
def test_what_fails_leaves_nothing(folder, name):
    def failing():
        yield from PICTURES
        raise OSError(5, "the camera is gone")

    with pytest.raises(OSError, match="the camera is gone"):
        write_frames(name, failing())
    with pytest.raises(ValueError, match=r"all have shape \(48, 64, 3\), got \(48, 63, 3\) for"):
        write_frames(name, [*PICTURES, PICTURES[0][:, 1:]])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_files_are_replaced_when_asked_only(folder, name):
    Path(name).write_bytes(b"kept")
    with pytest.raises(FileExistsError, match=f"{name}: exists already"):
        write_frames(name, PICTURES)
    assert Path(name).read_bytes() == b"kept"
    write_frames(name, PICTURES, force=True)
    assert len(Path(name).read_bytes()) > 100
    assert [one.name for one in folder.iterdir()] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_not_kept(name):
    alive, most = 0, 0

    def gone():
        nonlocal alive
        alive -= 1

    def counted():
        nonlocal alive, most
        for number in range(40):
            picture = np.roll(PICTURES[0], number, axis=1)
            weakref.finalize(picture, gone)
            alive += 1
            most = max(most, alive)
            yield picture
            del picture

    write_frames(name, counted())
    assert most <= 4


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.avi", {}, r"the suffix must be one of \.mp4 .* got '\.avi'"),
        ("a", {}, "the suffix must be one of"),
        ("a.webm", {"codec": "h264"}, r"\.webm holds vp9, av1, not h264"),
        ("a.mp4", {"codec": "prores"}, r"\.mp4 holds h264, h265, vp9, av1, not prores"),
        ("a.mp4", {"crf": 52}, "crf must be from 0 to 51 for h264"),
        ("a.mp4", {"crf": 1, "lossless": True}, "crf is for what has losses"),
        ("a.mkv", {"crf": 1, "codec": "ffv1"}, "crf is for what has losses"),
        ("a.mp4", {"chroma": "422"}, "chroma must be 420 or 444, got '422'"),
        ("a.mkv", {"chroma": "444", "lossless": True}, "chroma is for what has losses"),
        ("a.gif", {"codec": "h264"}, "codec, crf, chroma and bits are for video"),
        ("a.gif", {"bits": 10}, "codec, crf, chroma and bits are for video"),
        ("a.mp4", {"bits": 12}, "bits must be 8 or 10, got 12"),
        ("a.mkv", {"bits": 10, "codec": "ffv1"}, "bits is for what has losses, and ffv1 here"),
        ("a.mov", {"crf": 3, "codec": "prores"}, "prores has no crf to choose"),
        ("a.mov", {"lossless": True, "codec": "prores"}, "never lossless; h264, h265, png can be"),
        ("a.mp4", {"lossless": True, "codec": "av1"}, "av1 is never lossless; h264, h265, vp9 can"),
        (
            "a.mp4",
            {"chroma": "444", "codec": "av1"},
            "av1, of libsvtav1 in this FFmpeg, has no chroma 444 in 8 bits, but chroma 420 in 8 "
            "bits and chroma 420 in 10 bits",
        ),
        ("a.gif", {"fps": 51}, "GIF has at most 50 frames a second, got 51"),
        ("a.gif", {"fps": "0.001"}, "a frame of GIF lasts 655.35 s at most, got 1/1000 a second"),
        ("a.mp4", {"fps": 0}, "fps must be a number from 0.001 to 1000"),
        ("a.mp4", {"fps": "fast"}, "fps must be .* got 'fast'"),
        ("a.mp4", {"fps": float("nan")}, "fps must be"),
        ("a.gif", {"palette": np.zeros((2, 4), np.uint8)}, "palette must be uint8 of shape"),
        ("a.gif", {"palette": np.zeros((2, 3))}, "palette must be uint8 of shape"),
    ],
)
def test_wrong_arguments(folder, name, options, message):
    with pytest.raises(ValueError, match=message):
        write_frames(name, PICTURES, **options)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("pictures", "error", "message"),
    [
        ([], ValueError, "pictures must hold at least one, got none"),
        ([np.zeros((4, 4, 3))], ValueError, "pictures must be uint8 .* got float64"),
        ([np.zeros((4, 4), np.uint8)], ValueError, r"got uint8 of shape \(4, 4\)"),
        ([np.zeros((0, 4, 3), np.uint8)], ValueError, r"got uint8 of shape \(0, 4, 3\)"),
        ([[1, 2]], TypeError, "pictures must be arrays, got list"),
    ],
)
def test_wrong_pictures(folder, pictures, error, message):
    with pytest.raises(error, match=message):
        write_frames("a.mp4", pictures)
    assert list(folder.iterdir()) == []


def test_without_pyav_the_error_says_how_to_get_it(monkeypatch):
    write_frames("a.mkv", PICTURES)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "av" else find(name)
    )
    with pytest.raises(ImportError, match=r"PyAV: pip install 'turbo_cmap\[video\]'"):
        write_frames("b.mkv", PICTURES)
    with pytest.raises(ReadError, match=r"a\.mkv: .*pip install 'turbo_cmap\[video\]'"):
        read_frames("a.mkv")
    write_frames("b.gif", PICTURES)  # which needs none


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize("write", [1, 2, 3, 4])
def test_what_ends_a_write_is_not_lost_in_ffmpeg(suffix, write):
    class File(io.BytesIO):
        count = 0

        def write(self, data):
            self.count += 1
            if self.count == write:
                raise KeyboardInterrupt
            return super().write(data)

    file = File()
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 96, 3), dtype=np.uint8)
    with pytest.raises(KeyboardInterrupt):
        codecs.encode(Path("a"), file, iter(noise), Fraction(30), codecs.Encoding(suffix))
    assert file.count >= write
