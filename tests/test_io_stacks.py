"""Frames that are one array of many, or pages of a TIFF."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from frames import DEEP, encode, same, values_of
from PIL import Image

from turbo_cmap.io import ReadError, read, read_frames

RANDOM = np.random.default_rng(6)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    for place in range(60, len(whole) - 120, 29):
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
