"""HDF5, MAT, NetCDF and Zarr: which array, which image of a stack, and what attributes say."""

import contextlib
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import scipy.io
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from turbo_cmap.io import ReadError, Request, read
from turbo_cmap.io.datasets import NETCDF_FILL
from turbo_cmap.io.selection import places_of, selected
from turbo_cmap.io.windows import open_windowed

RNG = np.random.default_rng(5)
STACK = RNG.uniform(0, 10, (5, 40, 30)).astype(np.float32)


def refusal(path, **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    assert str(caught.value) == f"{path}: {caught.value.reason}"
    assert "\n" not in caught.value.reason
    return caught.value.reason


def in_bands(path, key=None):
    bands = [raster.values for raster in open_windowed(path, Request(key))]
    return np.concatenate(bands)


# The key.

SHAPES = {"depths": (5, 40, 30), "g/conf": (40, 30), "one": (1, 40, 30, 1), "x[0]": (3, 4)}


@pytest.mark.parametrize(
    "key",
    [
        "depths[2]",
        "depths[-1]",
        "depths[ 2 , : , : ]",
        "depths[..., 7]",
        "depths[:, 7]",
        "depths[1, 5:20, 3:9]",
        "depths[1, ::-1]",
        "depths[1, ::-2, 20:3:-3]",
        "depths[1, 100:50]",
        "depths[1, 5:9:-1]",
        "depths[1, -10:]",
        "depths[4].T",
        "depths[4, ::3, ::-1].T",
        "g/conf",
        "g/conf[...]",
        "g/conf[::-1].T",
    ],
)
@pytest.mark.parametrize("chunks", [None, (2, 7, 11)])
def test_keys_are_as_in_numpy(tmp_path, key, chunks):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("depths", data=STACK, chunks=chunks)
        file.create_dataset("g/conf", data=STACK[0], chunks=chunks and chunks[1:])
    expected = eval(key.replace("g/conf", "conf"), {"depths": STACK, "conf": STACK[0]})
    if expected.size == 0:
        assert refusal(path, key=key).startswith("has no pixels")
    else:
        assert np.array_equal(read(path, key=key).values, expected)
        assert np.array_equal(in_bands(path, key), expected)


def test_what_a_key_names(tmp_path):
    def name(key, shapes=SHAPES):
        return selected(tmp_path, shapes, key)

    assert name("x[0]") == ("x[0]", (), False)  # a name that looks like an index
    assert name("x[0][1:]") == ("x[0]", (slice(1, None, None),), False)
    assert name("/g/conf/") == ("g/conf", (), False)
    assert name("[3]", {"depths": (5, 40, 30)}) == ("depths", (3,), False)
    assert name(None, {"depths": (5, 40, 30)}) == ("depths", (), False)
    assert name(None, {"depths": (5, 40, 30), "best": (40, 30)}) == ("best", (), False)
    assert places_of(tmp_path, name("one"), SHAPES["one"]).places == (0, range(40), range(30), 0)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "holds 4 arrays; choose one by key: depths 5 x 40 x 30, g/conf 40 x 30, one "),
        ("[0]", "holds 4 arrays; choose one by key: depths"),
        ("conf", "holds no array 'conf', only depths 5 x 40 x 30, g/conf"),
        ("depths", "depths is a stack, 5 x 40 x 30; choose one by key: depths[0]"),
        ("depths[5]", "depths, 5 x 40 x 30, has no 5; that axis ends at 4"),
        ("depths[-6]", "depths, 5 x 40 x 30, has no -6; that axis ends at 4"),
        ("depths[1, 2]", "depths is 5 x 40 x 30; the key must leave two axes, not 1"),
        ("depths[1, 2, 3, 4]", "depths has 3 axes, 5 x 40 x 30, and not 4"),
        ("depths[x]", "the key 'depths[x]' has an index that is none: 'x'"),
        ("depths[]", "the key 'depths[]' has an index that is none: ''"),
        ("depths[1.5]", "the key 'depths[1.5]' has an index that is none: '1.5'"),
        ("depths[..., ...]", "the key 'depths[..., ...]' has an index that is none: '...'"),
        ("depths[::0]", "the key 'depths[::0]' has an index that is none: '::0'"),
        ("depths[__import__]", "the key 'depths[__import__]' has an index that is none"),
        ("depths[0", "holds no array 'depths[0', only"),
    ],
)
def test_keys_that_are_refused(tmp_path, key, message):
    def places():
        selection = selected(tmp_path, SHAPES, key)
        return places_of(tmp_path, selection, SHAPES[selection.name])

    with pytest.raises(ReadError) as caught:
        places()
    assert caught.value.reason.startswith(message)


def test_long_lists_are_cut(tmp_path):
    with pytest.raises(ReadError, match=r"a10 3 x 4, a11 3 x 4 and 88 more$"):
        selected(tmp_path, {f"a{n}": (3, 4) for n in range(100)}, None)


_PARTS = st.one_of(
    st.integers(-12, 12).map(str),
    st.just("..."),
    st.tuples(*[st.integers(-12, 12).map(str) | st.just("")] * 3).map(":".join),
    st.sampled_from([":", "", " 1 ", "+1", "-0", "1:2:3:4", "\u0661", "9" * 5000, "True", "None"]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["", "one", "/one", "stack", "cube"]),
    st.lists(_PARTS, max_size=4),
    st.sampled_from(["", ".T"]),
)
def test_a_key_means_what_it_means_in_numpy_or_is_refused_in_a_line(name, parts, turned):
    arrays = {"one": np.arange(20).reshape(4, 5), "stack": np.arange(60).reshape(3, 4, 5)}
    shapes = {name: array.shape for name, array in arrays.items()}
    key = name + (f"[{','.join(parts)}]" if parts else "") + turned
    try:
        selection = selected(Path("a"), shapes, key)
        found = places_of(Path("a"), selection, shapes[selection.name])
    except ReadError as error:
        told = str(error)
        assert len(told) < 300
        assert "\n" not in told
        return
    array = arrays[selection.name]
    expected = array[eval(f"np.s_[{','.join(parts)}]")] if parts else array
    image = array[np.ix_(*[[one] if isinstance(one, int) else one for one in found.places])]
    assert np.array_equal(np.squeeze(image), np.squeeze(expected))
    assert found.turned == bool(turned)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text("one[]:,.T-0123/ ", max_size=20))
def test_any_text_is_a_key_or_refused_in_a_line(key):
    try:
        selection = selected(Path("a"), SHAPES, key)
        places_of(Path("a"), selection, SHAPES[selection.name])
    except ReadError as error:
        told = str(error)
        assert told.splitlines() == [told]


# HDF5.


def test_hdf5_of_one_image_needs_no_key(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["depth"] = STACK[0]
        file["camera"] = np.arange(4.0)
        file["name"] = "frame 7"
        file["pose"] = np.complex64([[1, 2]])
    raster = read(tmp_path / "a.h5")
    assert np.array_equal(raster.values, STACK[0])
    assert raster.format == "HDF5"


@pytest.mark.parametrize("dtype", ["?", "i1", ">u2", "<i4", ">u8", "<f2", ">f4", "f8"])
def test_hdf5_in_its_own_dtype(tmp_path, dtype):
    values = (STACK[0] * 10).astype(dtype)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=values, chunks=(9, 30), compression="gzip", shuffle=True)
    found = read(tmp_path / "a.h5").values
    assert found.dtype.newbyteorder("=") == values.dtype.newbyteorder("=")
    assert np.array_equal(found, values)


def test_hdf5_without_arrays(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["name"] = "x"
    assert refusal(tmp_path / "a.h5") == "holds no arrays of real numbers"
    assert refusal(tmp_path / "a.h5", key="name") == "holds no arrays of real numbers"


def test_arrays_of_which_nothing_was_written(tmp_path):
    """They take no more bytes than their names, whatever their size."""
    shape = (8000, 8000)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("z", shape, "i2", chunks=(250, 250), fillvalue=7)
    zarr.create_array(tmp_path / "a.zarr", shape=shape, dtype="i2", chunks=(250, 250), fill_value=7)
    for name in ("a.h5", "a.zarr"):
        image = open_windowed(tmp_path / name)
        assert image.shape == shape
        assert (next(iter(image)).values == 7).all()


def test_an_image_of_a_stack_that_is_far_from_full(tmp_path):
    shape = (100_000, 200, 300)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("z", shape, "f4", chunks=(1, 200, 300))[7] = 1.5
    array = zarr.create_array(tmp_path / "a.zarr", shape=shape, dtype="f4", chunks=(1, 200, 300))
    array[7] = 1.5
    for name, key in (("a.h5", "z[7]"), ("a.zarr", "[7]")):
        assert (read(tmp_path / name, key=key).values == 1.5).all()


def test_chunks_that_claim_the_moon(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("z", (2**14, 2**14, 2), "f4", chunks=(2**14, 2**14, 2))
    reason = refusal(tmp_path / "a.h5", key="z[:4, :4, 0]")
    assert reason.startswith(
        f"its header claims {2**31} bytes of pixels, more than 65536 times its"
    )


def test_hdf5_that_claims_the_moon(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", shape=(10**9, 10**9), dtype="f4", chunks=(100, 100))
    assert "its header claims 4000000000000000000 bytes" in refusal(tmp_path / "a.h5")


def test_chunks_are_read_once(tmp_path, monkeypatch):
    monkeypatch.setattr("turbo_cmap.io.datasets._READ_BYTES", 1)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=STACK, chunks=(1, 16, 16))
    bands = [len(raster.values) for raster in open_windowed(tmp_path / "a.h5", Request("d[2]"))]
    assert bands == [16, 16, 8]
    bands = [len(raster.values) for raster in open_windowed(tmp_path / "a.h5", Request("d[2].T"))]
    assert bands == [16, 14]
    key = "d[2, 5:39]"
    bands = [len(raster.values) for raster in open_windowed(tmp_path / "a.h5", Request(key))]
    assert bands == [11, 16, 7]


def test_filters_of_hdf5plugin(tmp_path, monkeypatch):
    hdf5plugin = pytest.importorskip("hdf5plugin", reason="an option of HDF5's users")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=STACK[0], **hdf5plugin.Zstd())
    assert np.array_equal(read(tmp_path / "a.h5").values, STACK[0])
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    expected = "is packed with filter 32015 of HDF5; pip install hdf5plugin"
    assert refusal(tmp_path / "a.h5") == expected


# MATLAB.


def matlab73(path, **arrays):
    """As MATLAB writes them: HDF5 behind 512 bytes of its own, with all axes in reverse."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file[name] = array.T
            file[name].attrs["MATLAB_class"] = np.bytes_("single")
        file["#refs#/a"] = np.zeros((3, 4))
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM")


@pytest.mark.parametrize("save", [matlab73, lambda path, **a: scipy.io.savemat(path, a)])
def test_an_image_of_matlab_is_as_in_matlab(tmp_path, save):
    in_matlab = np.moveaxis(STACK, 0, -1)  # 40 x 30 x 5
    save(tmp_path / "a.mat", depths=in_matlab, best=STACK[0])
    assert np.array_equal(read(tmp_path / "a.mat").values, STACK[0])
    for number in (0, 3):
        found = read(tmp_path / "a.mat", key=f"depths[{number}]").values
        assert np.array_equal(found, in_matlab[:, :, number])
    found = read(tmp_path / "a.mat", key="depths[-1].T").values
    assert np.array_equal(found, in_matlab[:, :, -1].T)
    reason = refusal(tmp_path / "a.mat", key="depths")
    assert reason == "depths is a stack, 5 x 30 x 40; choose one by key: depths[0]"


def test_make3d_as_its_documentation_says(tmp_path):
    grid = np.random.default_rng(1).uniform(1, 80, (55, 305, 4))
    scipy.io.savemat(tmp_path / "depth.mat", {"Position3DGrid": grid})
    found = read(tmp_path / "depth.mat", key="Position3DGrid[3]")
    assert np.array_equal(found.values, grid[:, :, 3])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint32", "int64", "f4", "f8"])
def test_mat_in_its_own_dtype(tmp_path, compressed, dtype):
    values = (STACK[0] * 7).astype(dtype)
    contents = {"z": values, "note": "text", "cell": np.array([[1, "a"]], object)}
    scipy.io.savemat(tmp_path / "a.mat", contents, do_compression=compressed)
    found = read(tmp_path / "a.mat").values
    assert np.array_equal(found, values)
    assert found.dtype.itemsize == np.dtype(dtype).itemsize


def test_mat_is_what_scipy_makes_of_it(tmp_path):
    small = np.arange(6.0).reshape(2, 3)  # its values are stored as bytes, in the tag itself
    contents = {"s": small, "n": STACK[0], "wide": np.arange(900.0).reshape(30, 30) * 1e5}
    for compressed in (False, True):
        scipy.io.savemat(tmp_path / "a.mat", contents, do_compression=compressed)
        for name, expected in scipy.io.loadmat(tmp_path / "a.mat").items():
            if not name.startswith("__"):
                found = read(tmp_path / "a.mat", key=name).values
                assert found.dtype == expected.dtype
                assert np.array_equal(found, expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compressed", [False, True])
def test_mat_of_values_in_a_smaller_type_and_of_either_byte_order(tmp_path, order, compressed):
    # by hand, as MATLAB writes whole numbers of doubles; SciPy does not
    def element(kind, data):
        return struct.pack(order + "II", kind, len(data)) + data + bytes(-len(data) % 8)

    values = np.arange(-30, 30).reshape(5, 12)
    matrix = (
        element(6, struct.pack(order + "II", 6, 0))
        + element(5, struct.pack(order + "ii", 5, 12))
        + struct.pack(order + "I", 1 << 16 | 1)  # a name of one letter, in the tag
        + b"z\0\0\0"
        + element(3, values.T.astype(order + "i2").tobytes())
    )
    body = element(14, matrix)
    if compressed:
        packed = zlib.compress(body)
        body = struct.pack(order + "II", 15, len(packed)) + packed
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(order + "HH", 0x100, 0x4D49)
    (tmp_path / "a.mat").write_bytes(head + body)
    found = read(tmp_path / "a.mat").values
    assert found.dtype == np.float64
    assert np.array_equal(found, values)
    assert np.array_equal(scipy.io.loadmat(tmp_path / "a.mat")["z"], values)


def test_mat_that_claims_the_moon(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"z": STACK[0]})
    whole = bytearray((tmp_path / "a.mat").read_bytes())
    at = whole.index((40).to_bytes(4, "little") + (30).to_bytes(4, "little"))
    whole[at : at + 8] = (2**30).to_bytes(4, "little") * 2
    (tmp_path / "a.mat").write_bytes(whole)
    assert "its header claims" in refusal(tmp_path / "a.mat")


# MATLAB 4.


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_mat_of_version_4(tmp_path, dtype):
    contents = {"z": (STACK[0] * 7).astype(dtype), "note": "text", "c": STACK[0] * 1j}
    scipy.io.savemat(tmp_path / "a.mat", contents, format="4")
    found = read(tmp_path / "a.mat")
    expected = scipy.io.loadmat(tmp_path / "a.mat")["z"]
    assert found.format == "MAT 4"
    assert found.values.dtype == expected.dtype
    assert np.array_equal(found.values, expected)
    assert np.array_equal(read(tmp_path / "a.mat", key="z.T").values, expected.T)
    reason = refusal(tmp_path / "a.mat", key="c")
    assert reason == "holds no array 'c', only z 30 x 40"


def mat4(code, rows, columns, name, values, order):
    head = struct.pack(f"{order}5i", code, rows, columns, 0, len(name) + 1)
    return head + name.encode() + b"\0" + values


def test_mat_of_version_4_of_the_other_byte_order_and_sparse_ones(tmp_path):
    first, sparse = STACK[0].astype(">f4"), np.ones((3, 3), ">f8")
    (tmp_path / "a.mat").write_bytes(
        mat4(1002, 3, 3, "sparse", sparse.tobytes(), ">")
        + mat4(1010, 40, 30, "first", first.T.tobytes(), ">")
        + mat4(1050, 2, 3, "second", bytes(range(6)), ">")
    )
    assert np.array_equal(read(tmp_path / "a.mat", key="first").values, STACK[0].astype("f4"))
    found = read(tmp_path / "a.mat", key="second").values
    assert found.tolist() == [[0, 2, 4], [1, 3, 5]]
    loaded = scipy.io.loadmat(tmp_path / "a.mat", variable_names=["first", "second"])
    assert np.array_equal(loaded["second"], found)
    assert refusal(tmp_path / "a.mat") == (
        "holds 2 arrays; choose one by key: first 30 x 40, second 3 x 2"
    )


def test_mat_of_version_4_that_is_damaged(tmp_path):
    path = tmp_path / "a.mat"
    whole = mat4(0, 2, 3, "z", np.arange(6.0).tobytes(), "<")
    path.write_bytes(whole)
    assert read(path).values.tolist() == [[0, 2, 4], [1, 3, 5]]
    path.write_bytes(whole[:-1])
    assert refusal(path) == "z is 2 x 3 float64 of 48 bytes, 47 follow"
    path.write_bytes(whole + b"more")
    assert refusal(path) == f"has something else than a matrix at byte {len(whole)}"
    path.write_bytes(mat4(0, 2**31 - 1, 2**31 - 1, "z", bytes(48), "<"))
    assert refusal(path).startswith("z is 2147483647 x 2147483647 float64 of ")
    path.write_bytes(mat4(0, 0, 5, "z", b"", "<"))
    assert refusal(path) == "has no pixels: it is 5 x 0"
    path.rename(tmp_path / "a.dat")
    assert refusal(tmp_path / "a.dat").startswith("is in no format that is read")


# NetCDF.

KINDS = ["NETCDF4", "NETCDF4_CLASSIC", "NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET"]
KINDS.append("NETCDF3_64BIT_DATA")


@contextlib.contextmanager
def netcdf(path, kind="NETCDF4", **dimensions):
    with netCDF4.Dataset(path, "w", format=kind) as file:
        for name, length in {"t": None, "lat": 6, "lon": 8, **dimensions}.items():
            file.createDimension(name, length)
        yield file


def masked_by_netcdf4(path, name):
    """What netCDF4 makes of it: numbers, and where there are none."""
    with netCDF4.Dataset(path) as file:
        found = file[name][:]
        return np.ma.getdata(found), np.ma.getmaskarray(found)


def agrees(path, name="z"):
    raster = read(path, key=name)
    numbers, mask = masked_by_netcdf4(path, name)
    found = np.zeros(mask.shape, bool) if raster.mask is None else raster.mask
    assert np.array_equal(found, mask)
    assert np.allclose(raster.scaled()[~mask], numbers[~mask], rtol=1e-6)
    assert np.array_equal(
        np.concatenate([r.values for r in open_windowed(path, Request(name))]),
        raster.values,
        equal_nan=True,
    )
    return raster


@pytest.mark.parametrize("kind", KINDS)
def test_packed_values_and_what_is_missing(tmp_path, kind):
    path = tmp_path / "a.nc"
    with netcdf(path, kind) as file:
        z = file.createVariable("z", "i2", ("lat", "lon"), fill_value=-1)
        z.set_auto_maskandscale(False)
        z.scale_factor, z.add_offset, z.units, z.long_name = 0.5, 10.0, "m", "height"
        z.missing_value = np.int16(-2)
        stored = np.arange(48, dtype="i2").reshape(6, 8)
        stored[2, 3], stored[3, 4] = -1, -2
        z[:] = stored
        file.createVariable("lat", "f8", ("lat",))[:] = np.arange(6)
    raster = agrees(path)
    assert raster.mask.sum() == 2
    assert (raster.scale, raster.offset, raster.unit) == (0.5, 10, "m")
    assert raster.metadata["long_name"] == "height"
    assert np.array_equal(raster.values, stored)
    assert np.array_equal(read(path).values, stored)  # of coordinates none is an image


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["i2", "i4", "f4", "f8"])
def test_what_was_never_written_is_missing(tmp_path, kind, dtype):
    with netcdf(tmp_path / "a.nc", kind) as file:
        z = file.createVariable("z", dtype, ("lat", "lon"))
        z[:3] = np.ones((3, 8))
    assert agrees(tmp_path / "a.nc").mask.sum() == 24


def test_bytes_have_no_fill_value_unasked(tmp_path):
    # by the users' guide, though netCDF4 masks them
    with netcdf(tmp_path / "a.nc") as file:
        file.createVariable("z", "i1", ("lat", "lon"))[:3] = np.ones((3, 8))
    assert read(tmp_path / "a.nc").mask is None


@pytest.mark.parametrize("dtype", ["u2", "u4", "i8", "u8"])
def test_what_was_never_written_in_netcdf4_alone(tmp_path, dtype):
    with netcdf(tmp_path / "a.nc") as file:
        file.createVariable("z", dtype, ("lat", "lon"))[:3] = np.ones((3, 8))
    agrees(tmp_path / "a.nc")


def test_the_fill_values_are_those_of_the_library():
    for dtype, value in NETCDF_FILL.items():
        assert netCDF4.default_fillvals[dtype] == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "limits",
    [
        {"valid_min": np.float32(3)},
        {"valid_max": np.float32(30)},
        {"valid_range": np.float32([4, 20])},
    ],
)
def test_limits_of_what_is_valid(tmp_path, kind, limits):
    with netcdf(tmp_path / "a.nc", kind) as file:
        z = file.createVariable("z", "f4", ("lat", "lon"))
        for name, value in limits.items():
            z.setncattr(name, value)
        z.set_auto_mask(False)
        z[:] = np.arange(48).reshape(6, 8)
    assert agrees(tmp_path / "a.nc").mask.any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_of_a_record_variable(tmp_path, kind):
    frames = RNG.uniform(0, 9, (4, 6, 8)).astype("f4")
    with netcdf(tmp_path / "a.nc", kind) as file:
        w = file.createVariable("w", "f4", ("t", "lat", "lon"))
        other = file.createVariable("other", "i2", ("t",))
        w[:], other[:] = frames, np.arange(4)
    assert np.array_equal(read(tmp_path / "a.nc", key="w[2]").values, frames[2])
    assert np.array_equal(read(tmp_path / "a.nc", key="w[2, ::-1]").values, frames[2, ::-1])
    assert refusal(tmp_path / "a.nc").startswith("w is a stack, 4 x 6 x 8")


def test_unsigned_bytes(tmp_path):
    with netcdf(tmp_path / "a.nc", "NETCDF3_CLASSIC") as file:
        z = file.createVariable("z", "i1", ("lat", "lon"))
        z.set_auto_maskandscale(False)
        z.setncattr("_Unsigned", "true")
        z[:] = np.arange(200, 248, dtype="u1").view("i1").reshape(6, 8)
    raster = read(tmp_path / "a.nc")
    assert raster.values.dtype == np.uint8
    assert raster.values.ravel().tolist() == list(range(200, 248))


def test_bounds_of_coordinates_are_no_images(tmp_path):
    with netcdf(tmp_path / "a.nc", two=2) as file:
        lat = file.createVariable("lat", "f8", ("lat",))
        lat.bounds = "lat_bnds"
        file.createVariable("lat_bnds", "f8", ("lat", "two"))[:] = 0
        file.createVariable("z", "f4", ("lat", "lon"))[:] = 1
    assert read(tmp_path / "a.nc").shape == (6, 8)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_netcdf_of_64_bit_data_has_all_types(tmp_path, dtype):
    values = (np.arange(48).reshape(6, 8) * 5).astype(dtype)
    with netcdf(tmp_path / "a.nc", "NETCDF3_64BIT_DATA") as file:
        file.title = "all types"
        file.levels = np.array([1, 2, 3], dtype)
        file.createVariable("z", dtype, ("lat", "lon"))[:] = values
    assert (tmp_path / "a.nc").read_bytes().startswith(b"CDF\x05")
    found = read(tmp_path / "a.nc")
    assert found.values.dtype.newbyteorder("=") == np.dtype(dtype)
    assert np.array_equal(found.values, values)


@pytest.mark.parametrize("kind", ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"])
@pytest.mark.parametrize("others", [[], ["i1"], ["f8", "i2"]])
@pytest.mark.parametrize("dtype", ["i1", "i2", "f4"])
def test_records_of_variables_lie_one_after_the_other(tmp_path, kind, others, dtype):
    """A single variable has no gaps between its records, several are filled up to 4 bytes."""
    records = (np.arange(4 * 5 * 7).reshape(4, 5, 7) % 120).astype(dtype)
    with netcdf(tmp_path / "a.nc", kind, y=5, x=7) as file:
        for number, other in enumerate(others):
            file.createVariable(f"o{number}", other, ("t",))[:4] = np.arange(4)
        file.createVariable("r", dtype, ("t", "y", "x"))[:4] = records
        file.createVariable("fixed", dtype, ("y", "x"))[:] = records[0]
    for number in range(4):
        found = read(tmp_path / "a.nc", key=f"r[{number}]").values
        assert np.array_equal(found, records[number])
    assert np.array_equal(read(tmp_path / "a.nc", key="r[:, 2]").values, records[:, 2])
    assert np.array_equal(read(tmp_path / "a.nc").values, records[0])
    if others:
        return
    # Nobody has counted the records of a file that is being written.
    wide = kind == "NETCDF3_64BIT_DATA"
    whole = bytearray((tmp_path / "a.nc").read_bytes())
    whole[4 : 12 if wide else 8] = b"\xff" * (8 if wide else 4)
    (tmp_path / "a.nc").write_bytes(whole)
    assert np.array_equal(read(tmp_path / "a.nc", key="r[3]").values, records[3])


def test_netcdf_that_is_damaged(tmp_path):
    path = tmp_path / "a.nc"
    with netcdf(path, "NETCDF3_CLASSIC") as file:
        file.createVariable("z", "i2", ("lat", "lon"))[:] = 1
    whole = path.read_bytes()

    def damaged(at, data):
        path.write_bytes(whole[:at] + data + whole[at + len(data) :])
        return refusal(path)

    header = "its NetCDF header is damaged: "
    assert damaged(8, b"\0\0\0\x0b") == header + "a list has the tag 11, not 10"
    assert damaged(12, b"\x7f" * 4).startswith(header + "a list has 2139062143 elements in ")
    assert damaged(12, b"\xff" * 4) == header + "the length of a list is -1"
    assert damaged(16, b"\0\1\0\0").startswith(header + "it takes 65536 more bytes, and ")
    name = whole.index(b"z\0\0\0")
    assert damaged(name + 4, b"\0\0\1\0") == header + "z has 256 dimensions"
    assert damaged(name + 8, b"\0\0\0\3") == header + "z has dimension 3 of 3"
    kind = whole.rindex(b"\0\0\0\3\0\0\0\x60")  # the type, and its bytes
    assert damaged(kind, b"\0\0\0\7") == header + "there is no type 7"
    assert damaged(kind + 8, b"\xff" * 4) == header + "where z is is -1"
    assert damaged(kind + 8, b"\x7f" * 4) == "z ends at byte 2139062239, the file at " + str(
        len(whole)
    )
    path.write_bytes(whole[:-1])
    assert refusal(path) == f"z ends at byte {len(whole)}, the file at {len(whole) - 1}"


def test_a_netcdf_header_that_claims_the_moon_takes_no_memory(tmp_path):
    path = tmp_path / "a.nc"
    with netcdf(path, "NETCDF3_64BIT_DATA", lat=2**40, lon=2**20) as file:
        file.createVariable("one", "f4", ("t",))
    whole = path.read_bytes()
    path.write_bytes(whole)
    assert refusal(path) == "holds no arrays of real numbers"
    with netcdf(path, "NETCDF3_64BIT_DATA") as file:
        file.createVariable("z", "f4", ("lat", "lon"))[:] = 1
    whole = path.read_bytes()
    at = whole.index(b"lat\0") + 4
    path.write_bytes(whole[:at] + (2**40).to_bytes(8, "big") + whole[at + 8 :])
    assert refusal(path).startswith("z ends at byte ")


# Zarr.


@pytest.mark.parametrize("version", [2, 3])
def test_a_folder_of_zarr(tmp_path, version):
    path = tmp_path / "a.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=version)
    best = group.create_array("x/best", shape=(40, 30), dtype="f4", chunks=(16, 16))
    stack = group.create_array("stack", shape=STACK.shape, dtype="f4", chunks=(1, 16, 16))
    best[:], stack[:] = STACK[0], STACK
    best.attrs["units"] = "m"
    raster = read(path)
    assert np.array_equal(raster.values, STACK[0])
    assert (raster.format, raster.unit) == ("Zarr", "m")
    assert np.array_equal(read(path, key="stack[3]").values, STACK[3])
    assert np.array_equal(in_bands(path, "stack[3].T"), STACK[3].T)
    assert refusal(path, key="y") == "holds no array 'y', only stack 5 x 40 x 30, x/best 40 x 30"


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("zipped", [False, True])
def test_an_array_of_zarr_alone(tmp_path, version, zipped):
    path = tmp_path / ("a.zip" if zipped else "a.zarr")
    store = zarr.storage.ZipStore(path, mode="w") if zipped else zarr.storage.LocalStore(path)
    array = zarr.create_array(store, shape=STACK.shape, dtype="f4", zarr_format=version)
    array[:] = STACK
    store.close()
    assert np.array_equal(read(path, key="[2]").values, STACK[2])
    assert np.array_equal(in_bands(path, "[2]"), STACK[2])


def test_a_zip_that_is_no_zarr_is_an_npz(tmp_path):
    np.savez(tmp_path / "a.npz", depth=STACK[0])
    (tmp_path / "a.npz").rename(tmp_path / "a.zip")
    assert np.array_equal(read(tmp_path / "a.zip").values, STACK[0])


@pytest.mark.parametrize("version", [2, 3])
def test_what_is_missing_in_zarr(tmp_path, version):
    values = STACK[0].copy()
    values[4:9] = -5
    array = zarr.create_array(
        tmp_path / "a.zarr", shape=values.shape, dtype="f4", zarr_format=version
    )
    array[:] = values
    # a fill value of an array's own is what costs nothing to store, and no more
    assert read(tmp_path / "a.zarr").mask is None
    for spelled in (-5.0, "AAAAAAAAFMA="):  # the second is how xarray writes it into version 3
        array.attrs["_FillValue"] = spelled
        assert np.array_equal(read(tmp_path / "a.zarr").mask, values == -5)


def test_fill_values_of_xarray_in_version_2(tmp_path):
    array = zarr.create_array(
        tmp_path / "a.zarr",
        shape=(4, 6),
        chunks=(2, 6),
        dtype="i2",
        fill_value=-9,
        zarr_format=2,
        attributes={"_ARRAY_DIMENSIONS": ["y", "x"], "scale_factor": 0.1},
    )
    array[:2] = 1
    raster = read(tmp_path / "a.zarr")
    assert np.array_equal(raster.mask, raster.values == -9)
    assert raster.mask.sum() == 12
    assert raster.scale == 0.1


def test_zarr_that_claims_the_moon(tmp_path):
    zarr.create_array(tmp_path / "a.zarr", shape=(10**9, 10**9), chunks=(1000, 1000), dtype="f4")
    assert "its header claims" in refusal(tmp_path / "a.zarr")


def test_a_folder_that_is_none(tmp_path):
    assert refusal(tmp_path) == "is a folder"
    (tmp_path / "zarr.json").write_text("{")
    refusal(tmp_path)


# What is missing, and what is damaged.


def test_extras_are_named(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["d"] = STACK[0]
    zarr.create_array(tmp_path / "a.zarr", shape=(4, 4), dtype="f4")
    monkeypatch.setitem(sys.modules, "h5py", None)
    monkeypatch.setitem(sys.modules, "zarr", None)
    assert refusal(tmp_path / "a.h5") == "HDF5 needs h5py: pip install 'turbo_cmap[hdf5]'"
    assert refusal(tmp_path / "a.zarr") == "Zarr needs zarr: pip install 'turbo_cmap[zarr]'"


def samples(folder):
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("d", data=STACK[0], chunks=(9, 30), compression="gzip")
    matlab73(folder / "73.mat", d=STACK[0])
    scipy.io.savemat(folder / "5.mat", {"d": STACK[0]})
    scipy.io.savemat(folder / "5z.mat", {"d": STACK[0]}, do_compression=True)
    for kind in ("NETCDF4", "NETCDF3_CLASSIC"):
        with netcdf(folder / f"{kind}.nc", kind) as file:
            file.createVariable("d", "f4", ("lat", "lon"))[:] = 1
            file.createVariable("r", "f4", ("t", "lat", "lon"))[:3] = np.ones((3, 6, 8))
    store = zarr.storage.ZipStore(folder / "z.zip", mode="w")
    zarr.create_array(store, shape=(40, 30), dtype="f4", chunks=(16, 16))[:] = STACK[0]
    store.close()
    return sorted(folder.iterdir())


def test_truncated(tmp_path, capfd):
    for path in samples(tmp_path):
        whole = path.read_bytes()
        for share in (0.01, 0.2, 0.5, 0.9):
            path.write_bytes(whole[: max(9, int(len(whole) * share))])
            refusal(path, key="d" if path.suffix != ".zip" else None)
    assert capfd.readouterr().err == ""


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_is_a_read_error_or_no_matter(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "damaged"
    if not folder.is_dir():
        folder.mkdir()
        samples(folder)
    path = data.draw(st.sampled_from([p for p in sorted(folder.iterdir()) if p.stem != "broken"]))
    broken = bytearray(path.read_bytes())
    span = min(len(broken), 2500)
    for place in data.draw(st.lists(st.integers(0, span - 1), min_size=1, max_size=4)):
        broken[place] = data.draw(st.integers(0, 255))
    damaged = folder / f"broken{path.suffix}"
    damaged.write_bytes(broken)
    with contextlib.suppress(ReadError):
        assert read(damaged).values.ndim == 2


def test_damage_is_silent(tmp_path, capfd):
    rng = np.random.default_rng(0)
    for path in samples(tmp_path):
        whole = path.read_bytes()
        for _ in range(12):
            broken = bytearray(whole)
            for place in rng.integers(0, min(len(whole), 2500), 5):
                broken[place] = rng.integers(0, 256)
            path.write_bytes(broken)
            with contextlib.suppress(ReadError):
                read(path)
    written = capfd.readouterr()
    assert (written.out, written.err) == ("", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_no_permission(tmp_path):
    for path in samples(tmp_path):
        path.chmod(0)
        assert refusal(path) == "Permission denied"


def test_a_zip_that_is_broken(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("zarr.json", "{")
    refusal(tmp_path / "a.zip")
