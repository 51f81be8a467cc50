"""False colors over a photo: the blend, what stays of the photo, and what is refused."""

import tracemalloc

import numpy as np
import pytest

from turbo_cmap import Colormap, colorize, overlay

RNG = np.random.default_rng(6)
H, W = 23, 37
VALUES = RNG.random((H, W)).astype(np.float32)
VALUES[3, 5] = np.nan
VALUES[4, 6] = 9.0
MASK = RNG.random((H, W)) < 0.2
BAD = np.isnan(VALUES) | MASK | (VALUES == 9)
KEYWORDS = {"mask": MASK, "invalid": 9.0}


def photo(dtype, *components):
    if np.dtype(dtype).kind == "f":
        return RNG.random((H, W, *components)).astype(dtype)
    return RNG.integers(0, np.iinfo(dtype).max, (H, W, *components), dtype, endpoint=True)


def expected(image, alpha=0.5, **keywords):
    """The formula, for a photo with three components."""
    integers = image.dtype.kind == "u"
    kind = image.dtype if integers else np.float32
    color = colorize(VALUES, **KEYWORDS, **keywords, dtype=kind).astype(np.float64)
    alpha = np.where(BAD, 0, alpha)[..., None]
    mixed = alpha * color + (1 - alpha) * image
    return (np.rint(mixed) if integers else mixed).astype(image.dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32", "float64"])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
def test_colors_are_blended_with_the_photo_by_the_formula(backend, dtype, alpha):
    image = photo(dtype, 3)
    before = image.copy()
    got = overlay(image, VALUES, alpha=alpha, **KEYWORDS, backend=backend)
    assert got.dtype == image.dtype
    np.testing.assert_array_equal(got, expected(image, alpha))
    np.testing.assert_array_equal(got[BAD], image[BAD], err_msg="where there is no value")
    np.testing.assert_array_equal(image, before, err_msg="the photo is not modified")
    if alpha == 0:
        np.testing.assert_array_equal(got, image)
    if alpha == 1 and dtype != "float64":
        kind = "float32" if dtype.startswith("float") else dtype
        color = colorize(VALUES, **KEYWORDS, dtype=kind).astype(dtype)
        np.testing.assert_array_equal(got[~BAD], color[~BAD])


@pytest.mark.parametrize("alpha", [0.1, 0.25, 0.5, 1 / 3])
def test_every_pair_of_levels_is_rounded_to_the_nearest(alpha):
    levels = np.arange(256, dtype=np.uint8)
    gray = Colormap("gray", np.repeat(levels[:, None], 3, axis=1))
    image, values = np.meshgrid(levels, levels)
    got = overlay(image, values, gray, alpha=alpha, vmin=0, vmax=256)
    mixed = np.rint(alpha * values.astype(float) + (1 - alpha) * image.astype(float))
    np.testing.assert_array_equal(got, np.repeat(mixed[..., None], 3, axis=2))


@pytest.mark.parametrize("components", [(), (1,), (3,), (4,)])
@pytest.mark.parametrize("bad", [None, "red", "#ff000080"])
def test_large_photos_are_blended_alike(backend, components, bad):
    """Whether by the formula or through a table of it."""
    rng = np.random.default_rng(8)
    values = rng.random((300, 301)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    image = rng.integers(0, 256, (300, 301, *components), np.uint8)
    keywords = {"vmin": 0.1, "vmax": 0.9, "alpha": 0.37, "bad": bad, "backend": backend}
    whole = overlay(image, values, **keywords)
    for top in range(0, 300, 60):
        rows = slice(top, top + 60)
        part = overlay(image[rows], values[rows], **keywords)
        np.testing.assert_array_equal(whole[rows], part)
    for turned in (np.s_[::-1, :], np.s_[:, ::-1]):
        got = overlay(image[turned], values[turned], threads=2, **keywords)
        np.testing.assert_array_equal(got[turned], whole)
    if components in ((3,), (4,)):
        out = np.zeros((300, 301, 6), np.uint8)[..., : components[0]]
        np.testing.assert_array_equal(overlay(image, values, out=out, **keywords), whole)
        assert overlay(image, values, out=image, **keywords) is image
        np.testing.assert_array_equal(image, whole, err_msg="over the photo itself")


def test_alpha_may_differ_from_pixel_to_pixel():
    image = photo("uint8", 3)
    alpha = RNG.random((H, W))
    got = overlay(image, VALUES, alpha=alpha, **KEYWORDS)
    np.testing.assert_array_equal(got, expected(image, alpha))
    where = RNG.random((H, W)) < 0.5
    got = overlay(image, VALUES, alpha=where, **KEYWORDS)
    np.testing.assert_array_equal(got, expected(image, where.astype(float)))


def test_gray_photos_become_rgb_and_alpha_is_kept():
    gray = photo("uint8")
    three = np.repeat(gray[..., None], 3, axis=2)
    for image in (gray, gray[..., None]):
        np.testing.assert_array_equal(overlay(image, VALUES, **KEYWORDS), expected(three))
    rgba = photo("uint16", 4)
    got = overlay(rgba, VALUES, **KEYWORDS)
    np.testing.assert_array_equal(got[..., :3], expected(rgba[..., :3]))
    np.testing.assert_array_equal(got[..., 3], rgba[..., 3])


def test_bgr_photos_get_bgr_colors():
    image = photo("uint8", 4)
    rgba = image[..., [2, 1, 0, 3]]
    got = overlay(image, VALUES, order="bgr", **KEYWORDS)
    np.testing.assert_array_equal(got[..., [2, 1, 0, 3]], overlay(rgba, VALUES, **KEYWORDS))


def test_keywords_are_those_of_colorize():
    image = photo("uint8", 3)
    for keywords in (
        {"cmap": "viridis", "vmin": 0.2, "vmax": 0.7, "over": "white", "under": "#123"},
        {"center": 0.4, "reverse": True},
        {"robust": (5, 80), "method": "poly"},
    ):
        got = overlay(image, VALUES, **keywords, **KEYWORDS)
        np.testing.assert_array_equal(got, expected(image, **keywords), err_msg=str(keywords))


def test_a_color_for_bad_values_is_painted_if_it_is_asked_for():
    image = np.zeros((H, W, 3), np.uint8)
    got = overlay(image, VALUES, bad="white", alpha=0.4, **KEYWORDS)
    assert (got[BAD] == 102).all()
    # but not if only the map has one
    painted = Colormap("own", [[0, 0, 0], [0, 0, 0]], bad="white")
    assert (overlay(image, VALUES, painted, **KEYWORDS) == 0).all()


def test_transparent_colors_let_the_photo_through():
    image = photo("uint8", 3)
    half = Colormap("half", np.array([[200, 100, 0, 51]], np.uint8), over=(0, 0, 0, 0))
    got = overlay(image, VALUES, half, vmin=0, vmax=0.5, **KEYWORDS)
    share = np.where(BAD | (VALUES > 0.5), 0, 0.5 * (51 / 255))[..., None]
    mixed = np.rint(share * np.array([200.0, 100, 0]) + (1 - share) * image)
    np.testing.assert_array_equal(got, mixed)


def test_threads_and_blocks_do_not_show():
    values = RNG.random((300, 500))
    image = RNG.integers(0, 256, (300, 500, 3), np.uint8)
    alpha = RNG.random((300, 500)).astype(np.float32)
    one = overlay(image, values, alpha=alpha, threads=1)
    np.testing.assert_array_equal(one, overlay(image, values, alpha=alpha, threads=3))
    turned = overlay(image[::-1, ::-2], values[::-1, ::-2], alpha=alpha[::-1, ::-2], vmin=0, vmax=1)
    plain = overlay(image[:, ::-2], values[:, ::-2], alpha=alpha[:, ::-2], vmin=0, vmax=1)
    np.testing.assert_array_equal(turned, plain[::-1])


def test_out_is_filled_and_may_be_the_photo():
    image = photo("uint8", 3)
    want = expected(image)
    out = np.empty((W, H, 3), np.uint8).transpose(1, 0, 2)
    assert overlay(image, VALUES, out=out, **KEYWORDS) is out
    np.testing.assert_array_equal(out, want)
    assert overlay(image, VALUES, out=image, **KEYWORDS) is image
    np.testing.assert_array_equal(image, want)


def test_empty_images_are_allowed():
    assert overlay(np.zeros((0, 5), np.uint8), np.zeros((0, 5))).shape == (0, 5, 3)


def test_there_is_no_full_size_temporary():
    image, values = np.zeros((1200, 1000, 3), np.float32), np.zeros((1200, 1000), np.float32)
    out = np.empty_like(image)
    overlay(image[:9], values[:9], out=out[:9])
    tracemalloc.start()
    overlay(image, values, out=out, threads=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


PHOTO = np.zeros((4, 3, 3), np.uint8)


@pytest.mark.parametrize(
    ("image", "keywords", "error", "message"),
    [
        (np.zeros((3, 4, 3), np.uint8), {}, ValueError, r"values must have the shape \(3, 4\)"),
        (
            np.zeros((4, 3, 2), np.uint8),
            {},
            ValueError,
            r"image must have shape .* got \(4, 3, 2\)",
        ),
        (np.zeros((4, 3, 3), np.int32), {}, TypeError, "image must be uint8, uint16 or floats"),
        (np.zeros((4, 3, 3), complex), {}, TypeError, "image must be uint8, uint16 or floats"),
        (np.full((4, 3), 1.5), {}, ValueError, r"image must lie in \[0, 1\].* got 1.5"),
        (np.full((4, 3), np.nan), {}, ValueError, r"image must lie in \[0, 1\]"),
        (PHOTO, {"alpha": 1.5}, ValueError, r"alpha must lie in \[0, 1\], got 1.5"),
        (PHOTO, {"alpha": -0.1}, ValueError, r"alpha must lie in \[0, 1\], got -0.1"),
        (PHOTO, {"alpha": np.nan}, ValueError, r"alpha must lie in \[0, 1\]"),
        (PHOTO, {"alpha": np.full((4, 3), 255, np.uint8)}, ValueError, "alpha must lie in"),
        (PHOTO, {"alpha": np.ones(3)}, ValueError, r"alpha must be a number or have the shape"),
        (PHOTO, {"alpha": "0.5"}, TypeError, "alpha must be a number"),
        (PHOTO, {"order": "rgba"}, ValueError, "order must be one of rgb, bgr"),
        (PHOTO, {"vmin": 2, "vmax": 1}, ValueError, "vmin must not be greater"),
        (PHOTO, {"mask": np.zeros((9, 9), bool)}, ValueError, "mask must be broadcastable"),
        (PHOTO, {"robust": 3}, TypeError, "robust must be"),
        (PHOTO, {"bad": "nonsense"}, ValueError, "bad must be a color"),
        (PHOTO, {"method": "x"}, ValueError, "method must be one of"),
        (PHOTO, {"threads": 0}, ValueError, "threads must be at least 1"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(image, keywords, error, message):
    out = np.full((4, 3, 3), 7, np.uint8)
    with pytest.raises(error, match=rf"overlay\(\): {message}"):
        overlay(image, np.zeros((4, 3)), out=out, **keywords)
    assert (out == 7).all()


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.zeros((4, 3), np.uint8), ValueError, r"out must have shape \(4, 3, 3\)"),
        (np.zeros((4, 3, 3), np.float32), ValueError, "out must have dtype uint8"),
        ([[0]], TypeError, "out must be a NumPy array"),
    ],
)
def test_an_output_that_does_not_fit_is_refused(out, error, message):
    with pytest.raises(error, match=rf"overlay\(\): {message}"):
        overlay(PHOTO, np.zeros((4, 3)), out=out)


def test_an_output_that_overlaps_an_input_is_refused():
    buffer = np.zeros((9, 3, 3), np.uint8)
    with pytest.raises(ValueError, match="out must not overlap image"):
        overlay(buffer[:4], np.zeros((4, 3)), out=buffer[1:5])
    with pytest.raises(ValueError, match="out must not overlap values"):
        overlay(PHOTO, buffer[:4, :, 0], out=buffer[:4])
