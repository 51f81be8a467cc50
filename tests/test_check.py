"""What the report on a map says, of maps whose strengths and faults are known."""

import functools
import json
import re
import sys
from html.parser import HTMLParser

import colorspacious
import matplotlib
import numpy as np
import pytest
from conftest import TURBO, TURBO_U8

import turbo_cmap
from turbo_cmap import Colormap, check, get_cmap, simulate_cvd, to_cam02ucs
from turbo_cmap.deficiencies import CVD_KINDS
from turbo_cmap.report import COMMON_KINDS, THRESHOLDS, VERDICTS

#: `check` of a name, once.
report_on = functools.cache(check)


def ramp(lightness_from, lightness_to, count=256):
    """Grays whose J' is evenly spaced."""
    levels = np.linspace(0, 1, 4096)
    known = to_cam02ucs(np.repeat(levels[:, np.newaxis], 3, axis=1))[:, 0]
    wanted = np.linspace(lightness_from, lightness_to, count)
    return np.repeat(np.interp(wanted, known, levels)[:, np.newaxis], 3, axis=1)


# --- the article's claims ---


def test_turbo_has_one_turning_point_where_jet_has_five():
    assert report_on("turbo").metrics["lightness"]["turning_points"] == [128]
    assert len(report_on("jet").metrics["lightness"]["turning_points"]) == 5


def test_turbo_bends_far_less_than_jet():
    turbo, jet = (
        report_on(name).metrics["lightness"]["greatest_second_difference"]
        for name in ("turbo", "jet")
    )
    assert turbo == pytest.approx(0.024, abs=5e-4)
    assert jet == pytest.approx(0.937, abs=5e-4)


@pytest.mark.parametrize("name", ["viridis", "inferno"])
def test_viridis_and_inferno_are_linear(name):
    light = report_on(name).metrics["lightness"]
    assert light["turning_points"] == []
    straight = np.linspace(light["first"], light["last"], 256)
    # the article shows straight lines; half a J' is what can just be seen, or less
    assert np.abs(np.array(light["profile"]) - straight).max() < 0.5


def test_turbo_is_nearly_twice_as_steep_as_viridis():
    turbo, viridis, inferno = (
        report_on(name).metrics["lightness"]["mean_slope"]
        for name in ("turbo", "viridis", "inferno")
    )
    assert (turbo, viridis, inferno) == pytest.approx((137.3, 73.7, 97.1), abs=0.1)
    assert 1.7 < turbo / viridis < 2


def test_turbo_is_darker_at_its_low_end():
    report = report_on("turbo")
    light = report.metrics["lightness"]
    assert light["first"] == pytest.approx(15.571, abs=1e-3)
    assert light["greatest"] == pytest.approx(90.813, abs=1e-3)
    assert light["last"] == pytest.approx(28.800, abs=1e-3)
    assert not report.verdicts["diverging"]  # "not truly balanced"


def test_turbo_is_distinguishable_and_smooth_for_all_but_achromats():
    verdicts = report_on("turbo").verdicts
    failed = [kind for kind in CVD_KINDS if not verdicts[f"cvd-safe:{kind}"]]
    assert failed == ["achromatopsia"]
    assert verdicts["cvd-safe"]


def test_jet_is_not_smooth_for_anyone():
    """Its colors a quarter of the map apart can be told apart, as turbo's; it has bands."""
    report = report_on("jet")
    assert not report.verdicts["cvd-safe"]
    for kind in CVD_KINDS:
        assert not report.verdicts[f"cvd-safe:{kind}"]
        assert report.metrics["seen"][kind]["greatest_bend"] > THRESHOLDS["band-free"]


def test_low_and_high_ends_of_turbo_are_ambiguous_in_gray():
    gray = report_on("turbo").metrics["seen"]["gray"]
    assert gray["closest"] < 0.01
    low, high = gray["closest_at"]
    assert low < 0.5 < high
    assert gray["ambiguous"] > 0.5


def test_steps_of_turbo():
    steps = report_on("turbo").metrics["steps"]
    assert steps["mean"] == pytest.approx(0.900, abs=1e-3)
    assert steps["least"] == pytest.approx(0.393, abs=1e-3)
    assert steps["greatest"] == pytest.approx(2.452, abs=1e-3)
    assert steps["sum"] == pytest.approx(229.56, abs=0.01)


# --- verdicts on known maps ---

SEQUENTIAL = ("viridis", "inferno", "magma", "plasma", "cividis", "gray", "Blues", "YlGnBu", "bone")
DIVERGING = ("coolwarm", "RdBu", "BrBG", "PiYG", "PRGn", "Spectral", "berlin", "vanimo")


def names_passed(cmap, **keywords):
    named = isinstance(cmap, str) and not keywords
    verdicts = (report_on(cmap) if named else check(cmap, **keywords)).verdicts
    return {name for name in VERDICTS if verdicts[name] and ":" not in name}


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_sequential_maps_are_safe_for_nearly_everyone(name):
    assert names_passed(name) == {"sequential", "gray-safe", "band-free", "cvd-safe"}
    assert names_passed(name + "_r") == names_passed(name)


@pytest.mark.parametrize("name", DIVERGING)
def test_diverging_maps_are_balanced_and_ambiguous_in_gray(name):
    passed = names_passed(name)
    assert {"diverging", "band-free"} <= passed
    assert not passed & {"sequential", "gray-safe"}


def test_turbo_is_band_free_and_safe_for_color_vision_only():
    assert names_passed("turbo") == {"band-free", "cvd-safe"}


@pytest.mark.parametrize("name", ["jet", "gist_rainbow", "nipy_spectral", "terrain"])
def test_old_rainbows_pass_nothing(name):
    assert names_passed(name) == set()


@pytest.mark.parametrize("name", ["twilight", "twilight_shifted"])
def test_cyclic_maps_are_judged_the_shorter_way_round(name):
    """Their ends are one color on purpose; it is their quarters that must differ."""
    report = report_on(name)
    assert names_passed(name) == {"cyclic", "band-free", "cvd-safe"}
    assert report.metrics["ends"]["cyclic"] is True
    assert report.metrics["seen"]["normal"]["closest"] > 20
    # light and dark halves that mirror each other are no two sides
    assert str(report.verdicts["diverging"]).startswith("difference of the ends 0.")


def test_hsv_goes_round_and_is_nothing_else():
    assert names_passed("hsv") == {"cyclic"}


@pytest.mark.parametrize("name", [*SEQUENTIAL, *DIVERGING, "turbo", "jet", "tab10", "okabe_ito"])
def test_other_maps_do_not_go_round(name):
    assert not report_on(name).verdicts["cyclic"]
    assert report_on(name).metrics["ends"]["difference"] > 12  # none is near the limit


def test_a_map_that_goes_nowhere_does_not_go_round():
    verdict = check(ramp(50, 52)).verdicts["cyclic"]
    assert not verdict
    assert str(verdict) == "greatest difference from the first 2 < 20"


def test_a_kink_where_the_ends_meet_is_a_bend():
    hill = np.concatenate([ramp(20, 80, 128), ramp(80, 20, 128)])
    smooth = 50 - 30 * np.cos(2 * np.pi * (np.arange(256) + 0.5) / 256)
    levels = ramp(0, 100, 4096)
    around = levels[np.rint(smooth / 100 * 4095).astype(int)]
    assert check(around).metrics["seen"]["normal"]["greatest_bend"] < 0.15
    # cut at the middle of a slope, both kinks of the hill are inside; as it is, one is outside
    rolled = np.roll(hill, 64, axis=0)
    bends = [check(one).metrics["seen"]["normal"]["greatest_bend"] for one in (hill, rolled)]
    assert bends[0] == pytest.approx(bends[1], abs=0.02)
    assert bends[0] > 0.8


#: Those that colorbrewer2.org calls safe for the color blind, and those it does not.
SAFE = ("BrBG", "PiYG", "PRGn", "PuOr", "RdBu", "RdYlBu")
UNSAFE = ("RdGy", "RdYlGn", "Spectral")


def test_diverging_brewer_maps_are_safe_where_brewer_says_so():
    assert all(report_on(name).verdicts["cvd-safe"] for name in SAFE)
    assert not any(report_on(name).verdicts["cvd-safe"] for name in UNSAFE)


@pytest.mark.parametrize("count", [3, 5, 9])
@pytest.mark.parametrize("name", ["Blues", "Greys", "YlGnBu", "PuRd"])
def test_classes_of_sequential_maps_are_safe(name, count):
    """Steps are what they are for, and two positions in one class are not mistaken."""
    classes = matplotlib.colormaps[name].resampled(count)
    assert names_passed(classes) == {"sequential", "gray-safe", "cvd-safe"}


def test_palettes_of_categories_are_judged_by_their_differences():
    assert report_on("okabe_ito").verdicts["cvd-safe"]
    for name in ("tab10", "Set1", "Paired"):
        assert not report_on(name).verdicts["cvd-safe"]
        assert "smallest difference" in str(report_on(name).verdicts["cvd-safe"])


def test_33_colors_are_no_classes():
    few, more = (get_cmap("turbo").colors[:: 256 // count][:count] for count in (32, 33))
    assert check(few).verdicts["cvd-safe:tritanopia"]
    assert "bend" in str(check(more).verdicts["cvd-safe:tritanopia"])


def test_numbers_have_no_exponents():
    assert " 0.0001 " in str(report_on("twilight").verdicts["sequential"])
    flag = str(check("flag").verdicts["diverging"])
    assert "e+" not in flag


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RdYlGn", "deuteranopia"),
        ("RdYlGn", "protanopia"),
        ("cool", "protanopia"),
        ("spring", "tritanopia"),
        ("plasma", "blue_cone_monochromacy"),
        ("inferno", "achromatopsia"),
    ],
)
def test_maps_that_fall_together(name, kind):
    report = report_on(name)
    assert not report.verdicts[f"cvd-safe:{kind}"]
    assert report.metrics["seen"][kind]["pairs_together"] > 0
    assert report.metrics["seen"]["normal"]["pairs_together"] == 0


def test_cividis_and_gray_are_safe_for_all_eight():
    for name in ("cividis", "gray"):
        assert all(report_on(name).verdicts[f"cvd-safe:{kind}"] for kind in CVD_KINDS)


def test_cvd_safe_is_the_worst_of_the_six_common_kinds():
    assert CVD_KINDS[:6] == COMMON_KINDS
    for name in ("turbo", "RdYlGn", "jet", "viridis"):
        verdicts = report_on(name).verdicts
        kinds = {kind: verdicts[f"cvd-safe:{kind}"] for kind in COMMON_KINDS}
        assert bool(verdicts["cvd-safe"]) == all(kinds.values())
        worst = re.search(r"\((\w+)\)", verdicts["cvd-safe"].measure)[1]
        assert verdicts["cvd-safe"].value == kinds[worst].value


# --- measures of maps made for it ---


def test_a_ramp_is_all_one_way_and_a_hill_is_not():
    up, down = ramp(10, 90, 128), ramp(90, 10, 128)
    assert check(up).metrics["lightness"]["one_way"] == pytest.approx(1, abs=1e-9)
    hill = check(np.concatenate([up, down]))
    assert hill.metrics["lightness"]["one_way"] == pytest.approx(0, abs=1e-6)
    assert hill.metrics["lightness"]["imbalance"] == pytest.approx(0, abs=1e-6)
    assert not hill.verdicts["diverging"]  # its ends are one color
    assert hill.verdicts["cyclic"]
    other = np.concatenate([ramp(30, 90, 128), ramp(90, 30, 128) * [1, 0.95, 0.7]])
    assert check(other).verdicts["diverging"]
    segments = hill.metrics["lightness"]["segments"]
    assert [sorted(one) for one in segments] == [["first", "last"]] * 2
    assert segments[0]["first"] == 0
    assert segments[-1]["last"] == 255
    assert segments[0]["last"] == segments[1]["first"] in (127, 128)


def test_a_hill_whose_ends_differ_is_out_of_balance_by_that():
    hill = np.concatenate([ramp(10, 90, 128), ramp(90, 30, 128)])
    # 20 at the ends, in units of 90 - (10 + 30) / 2
    assert check(hill).metrics["lightness"]["imbalance"] == pytest.approx(20 / 70, abs=1e-3)


def test_a_map_of_little_range_orders_nothing():
    assert check(ramp(50, 60)).metrics["lightness"]["one_way"] == pytest.approx(0.5, abs=1e-3)
    assert not check(ramp(50, 60)).verdicts["sequential"]


def test_what_is_as_light_all_over_does_not_diverge():
    flat = check(ramp(50, 50.001)).verdicts["diverging"]
    assert str(flat) == "difference of the ends 0.001 < 5"
    t = np.linspace(-1, 1, 256)
    jab = np.stack([np.full(256, 65), 20 * t, 10 - 20 * np.abs(t)], axis=1)
    hues = colorspacious.cspace_convert(jab, "CAM02-UCS", "sRGB1")
    assert str(check(hues).verdicts["diverging"]) == (
        "contrast of the middle with the ends 0.0000 < 20"
    )
    jab[:, 0] += 25 * (1 - t**2) - 5
    assert check(colorspacious.cspace_convert(jab, "CAM02-UCS", "sRGB1")).verdicts["diverging"]
    assert not check("gray").verdicts["diverging"]


@pytest.mark.parametrize("count", [3, 5, 8, 12])
def test_the_ends_of_a_palette_that_goes_round_are_one_class(count):
    colors = get_cmap("twilight").colors[:: 510 // count][:count]
    assert not check(colors).verdicts["cyclic"]
    closed = check([*colors, colors[0]])
    assert closed.verdicts["cyclic"]
    assert closed.verdicts["cvd-safe"].value > 0
    normal = closed.metrics["seen"]["normal"]
    assert normal["closest"] > 5
    if count > 3:  # a color that comes twice elsewhere is not forgiven
        twice = check([*colors, colors[1], colors[0]])
        assert twice.metrics["seen"]["normal"]["closest"] == 0


def test_two_colors_are_two_classes_whatever_is_called_closed():
    two = check([[0, 0, 0], [1, 1, 1]], thresholds={"cyclic": 1000})
    assert two.verdicts["gray-safe"].value == pytest.approx(100, abs=0.1)


def test_a_kink_is_a_bend_of_the_change_of_slope():
    kinked = np.concatenate([ramp(10, 30, 128), ramp(30, 90, 129)[1:]])
    bend = check(kinked).metrics["seen"]["normal"]["greatest_bend"]
    assert bend == pytest.approx(60 / 128 - 20 / 127, abs=2e-3)


def test_rounding_to_bytes_is_no_band():
    for name in ("turbo", "viridis", "inferno", "cividis"):
        rounded = np.rint(255 * get_cmap(name).colors[:, :3]).astype(np.uint8)
        assert names_passed(rounded) == names_passed(name)


def test_steps_are_bands():
    few = get_cmap("viridis").colors[::16]
    assert not check(few).verdicts["band-free"]
    assert check(few).verdicts["sequential"]


def test_closest_pair_of_an_even_ramp():
    seen = check(ramp(5, 95), thresholds={"apart": 0.5}).metrics["seen"]["gray"]
    assert seen["closest"] == pytest.approx(90 * 128 / 255, abs=1e-3)
    low, high = seen["closest_at"]
    assert high - low == pytest.approx(128 / 255)


def test_closest_pair_of_what_others_see():
    seen = report_on("turbo").metrics["seen"]["deuteranopia"]
    jab = to_cam02ucs(simulate_cvd(TURBO, "deuteranopia"))
    far = [
        np.linalg.norm(jab[i] - jab[k])
        for i in range(256)
        for k in range(i)
        if (i - k) / 255 >= 0.25
    ]
    assert seen["closest"] == pytest.approx(min(far), rel=1e-12)
    assert seen["pairs_together"] == sum(one < 5 for one in far)


def test_ambiguous_entries_are_those_with_a_twin():
    two = np.repeat(ramp(20, 80, 2), 128, axis=0)  # two halves, each of one color
    gray = check(np.concatenate([two, two])).metrics["seen"]["gray"]
    assert gray["ambiguous"] == 1
    assert gray["closest"] == 0


def test_gamut_and_ends():
    metrics = check([[0.0, 0, 0], [0.2, 0.5, 0.6], [1.0, 0.5, 0.25]]).metrics
    assert metrics["ends"]["cyclic"] is False
    assert metrics["gamut"] == {"least": 0.0, "greatest": 1.0, "entries_at_limit": 2}
    assert metrics["ends"]["first"] == "#000000"
    assert metrics["ends"]["last"] == "#ff8040"


def test_two_colors_are_a_map():
    assert check([[0.0, 0, 0], [1.0, 1, 1]]).metrics["colors"] == 2


def test_long_maps_are_checked_too():
    fine = ramp(5, 95, 5000)
    assert names_passed(fine) == {"sequential", "gray-safe", "band-free", "cvd-safe"}


# --- thresholds ---


def test_thresholds_can_be_moved():
    assert check("turbo", thresholds={"diverging": 0.2}).verdicts["diverging"]
    strict = check("viridis", thresholds={"cvd-safe": 19, "gray-safe": 19})
    assert not strict.verdicts["gray-safe"]
    assert not strict.verdicts["cvd-safe:protanopia"]
    assert strict.verdicts["cvd-safe:tritanomaly"]
    assert strict.verdicts["gray-safe"].threshold == 19
    assert not check("turbo", thresholds={"band-free": 0.05}).verdicts["cvd-safe"]


def test_a_verdict_says_why():
    verdicts = report_on("turbo").verdicts
    assert tuple(verdicts) == VERDICTS
    gray = verdicts["gray-safe"]
    assert (gray.passed, gray.threshold, gray.at_least) == (False, 5.0, True)
    assert str(gray).startswith("smallest difference of far-apart entries 0.00")
    assert str(gray).endswith("< 5")
    assert str(verdicts["band-free"]) == "sharpest bend of lightness 0.0772 ≤ 0.8"
    with pytest.raises(AttributeError):
        gray.passed = True


# --- forms of maps ---


def test_maps_come_in_every_form():
    expected = report_on("turbo").to_json()
    for form in (None, get_cmap("turbo"), get_cmap("turbo").rgba, TURBO.tolist()):
        assert check(form, name="turbo").to_json() == expected
    assert check(matplotlib.colormaps["viridis"]).to_json() == report_on("viridis").to_json()


def strip(colors, across=20, stretch=3):
    return np.repeat(np.repeat(colors[np.newaxis], stretch, axis=1), across, axis=0)


def test_an_image_of_a_map_is_one():
    image = strip(TURBO_U8)
    expected = check(TURBO_U8, name="strip").to_json()
    alpha = np.full((*image.shape[:2], 1), 255, np.uint8)
    for form in (
        image,
        image / 255,
        image * np.uint16(257),
        np.concatenate([image, alpha], axis=2),
        image.transpose(1, 0, 2)[::-1],  # upwards
        image[:, ::3][:2],
    ):
        assert check(form).to_json() == expected
    assert check(image, name="mine").name == "mine"


def test_an_image_with_a_frame_and_noise_is_still_a_map():
    image = strip(TURBO_U8, across=40)
    image[0] = image[-1] = 0
    noise = np.random.default_rng(5).integers(-2, 3, image.shape)
    noisy = np.clip(image.astype(int) + noise, 0, 255).astype(np.uint8)
    assert names_passed(noisy) == names_passed("turbo")


# --- forms of reports ---


def test_json_is_complete():
    report = report_on("turbo")
    data = json.loads(report.to_json())
    assert data["name"] == "turbo"
    assert data["metrics"] == report.metrics
    assert set(data["verdicts"]) == set(VERDICTS)
    assert data["verdicts"]["cvd-safe"]["passed"] is True
    assert set(data["metrics"]["seen"]) == {"normal", "gray", *CVD_KINDS}


def test_markdown_is_two_tables():
    text = check("turbo", name="a|b").to_markdown()
    assert text.startswith("## a\\|b\n")
    assert "| gray-safe | fail | smallest difference of far-apart entries 0.00373 < 5 |" in text
    assert "| turning points of J' | 1 |" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {3, 4}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sources, self.open, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag not in ("img", "meta"):
            self.open.append(tag)
        self.sources += [value for key, value in attributes if key in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_html_needs_no_other_file():
    page = Page()
    page.feed(check("turbo", name="<b>&").to_html())
    assert page.open == []
    assert [source[:22] for source in page.sources] == ["data:image/png;base64,"]
    assert "<b>&" in page.text
    assert "cvd-safe:achromatopsia" in page.text


def test_the_page_is_dark_where_pages_are():
    page = report_on("turbo").to_html()
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "@media (prefers-color-scheme: dark)" in page


@pytest.fixture(scope="module")
def sheet():
    return report_on("turbo").figure()


def test_the_figure_has_everything(sheet):
    sheet.canvas.draw()
    texts = {text.get_text() for axes in sheet.axes for text in axes.texts}
    titles = {axes.get_title(loc="left") for axes in sheet.axes}
    assert {"turbo", "256 colors", "sequential", "cvd-safe", "pass", "fail"} <= texts
    assert {"Lightness J′", "Hue and chroma, a′ and b′", "Normal", "Gray"} <= titles
    assert {"Protanomaly", "Blue-cone monochromacy", "Achromatopsia"} <= titles


@pytest.mark.parametrize("name", ["turbo", "jet", "twilight", "gray", "tab10"])
def test_no_text_of_the_figure_lies_on_another(name):
    sheet = report_on(name).figure()
    sheet.canvas.draw()
    renderer = sheet.canvas.get_renderer()
    boxes = [
        (text.get_text(), text.get_window_extent(renderer))
        for axes in sheet.axes
        for text in [
            *axes.texts,
            axes._left_title,
            *axes.get_xticklabels(),
            *axes.get_yticklabels(),
        ]
        if text.get_text() and text.get_visible()
    ]
    frame = sheet.bbox
    for number, (name, box) in enumerate(boxes):
        assert box.x0 >= 0, name
        assert box.x1 <= frame.x1, name
        for other, its in boxes[:number]:
            width = min(box.x1, its.x1) - max(box.x0, its.x0)
            height = min(box.y1, its.y1) - max(box.y0, its.y0)
            assert width <= 1 or height <= 1, f"{name!r} lies on {other!r}"


def test_classes_are_drawn_as_classes():
    """In their own colors, which a line between two of them would mix."""
    from matplotlib.collections import LineCollection

    axes = next(
        axes
        for axes in report_on("tab10").figure().axes
        if axes.get_title(loc="left") == "Lightness J′"
    )
    lines = [one for one in axes.collections if isinstance(one, LineCollection)]
    shown = lines[-1].get_colors()[:, :3]
    assert np.allclose(shown, get_cmap("tab10").colors[:, :3])


def test_the_name_is_clear_of_the_map():
    figure = check("jet", name="jgqy").figure()
    figure.canvas.draw()
    title = next(t for axes in figure.axes for t in axes.texts if t.get_text() == "jgqy")
    strip = next(axes for axes in figure.axes if axes.images)
    assert title.get_window_extent().y0 >= strip.get_window_extent().y1


def test_the_figure_leaves_matplotlib_alone():
    import matplotlib.pyplot as plt

    before, open_before = dict(matplotlib.rcParams), plt.get_fignums()
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30}):
        figure = report_on("viridis").figure()
        assert matplotlib.rcParams["font.size"] == 30
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == open_before
    assert type(figure.canvas).__name__ == "FigureCanvasAgg"
    assert {axes.get_facecolor() for axes in figure.axes} == {(1.0, 1.0, 1.0, 1.0)}


@pytest.mark.parametrize("count", [2, 300])
def test_maps_of_any_length_and_name_can_be_drawn(count):
    check(ramp(20, 20.0001, count), name="$a_{b" + "x" * 200).figure().canvas.draw()


def test_judging_is_imported_when_it_is_used():
    import subprocess

    code = (
        "import sys, turbo_cmap\n"
        "assert 'check' in dir(turbo_cmap) and not hasattr(turbo_cmap, 'chek')\n"
        "assert not {'turbo_cmap.vision', 'turbo_cmap.report'} & set(sys.modules)\n"
        "from turbo_cmap.report import VERDICTS\n"
        "assert turbo_cmap.check('gray').verdicts['gray-safe']\n"
        "assert turbo_cmap.check is vars(turbo_cmap)['check']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_does_not_import_matplotlib():
    import subprocess

    code = "import sys, turbo_cmap.report; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_report_introduces_itself():
    assert repr(report_on("turbo")) == "<Report on 'turbo': band-free, cvd-safe>"
    assert repr(report_on("jet")) == "<Report on 'jet': passes nothing>"


# --- bad input ---


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        (["turbow"], {}, ValueError, "did you mean 'turbo'"),
        ([[[0.5, 0.5, 0.5]]], {}, ValueError, "the map must have at least 2 colors, got 1"),
        ([np.full((9, 9, 3), 0.5)], {}, ValueError, "at least 2 colors, got 1"),
        ([42], {}, TypeError, "cmap must be a name, a Colormap"),
        ([np.zeros((4, 5, 2))], {}, ValueError, r"an image of a map must have shape .*\(4, 5, 2\)"),
        ([np.zeros((0, 5, 3))], {}, ValueError, "an image of a map must have shape"),
        ([np.zeros((4, 5, 3), int)], {}, TypeError, "must be uint8, uint16 or float, got int64"),
        ([np.full((4, 5, 3), 2.0)], {}, ValueError, r"must lie in \[0, 1\], got 2.0 to 2.0"),
        ([np.full((4, 5, 3), np.nan)], {}, ValueError, r"must lie in \[0, 1\]"),
        ([np.zeros((2, 2, 2, 3))], {}, ValueError, "colors must have shape"),
        ([[[0, 0, 0], [1]]], {}, ValueError, "cmap must be an array of colors"),
        (
            ["turbo"],
            {"thresholds": {"gray": 1}},
            ValueError,
            "must be of sequential, .*, got 'gray'",
        ),
        (["turbo"], {"thresholds": [5]}, TypeError, "thresholds must be a mapping, got list"),
        (["turbo"], {"thresholds": {"gray-safe": "5"}}, TypeError, "must be a number"),
        (["turbo"], {"thresholds": {"gray-safe": None}}, ValueError, "must be 0 or more, got None"),
        (["turbo"], {"thresholds": {"gray-safe": -1}}, ValueError, "must be 0 or more, got -1"),
        (["turbo"], {"thresholds": {"gray-safe": np.nan}}, ValueError, "must be finite"),
        (["turbo"], {"thresholds": {"apart": 0}}, ValueError, r"must be in \(0, 1\], got 0"),
        (["turbo"], {"thresholds": {"apart": 1.5}}, ValueError, r"must be in \(0, 1\], got 1.5"),
        (["turbo"], {"name": 3}, TypeError, "name must be a string or None, got int"),
    ],
)
def test_what_is_refused(arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        check(*arguments, **keywords)


def test_a_photograph_is_no_map():
    photo = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="must be the same all across"):
        check(photo)


def test_the_function_is_reached_from_the_package():
    assert turbo_cmap.check is check
    assert isinstance(report_on("turbo").cmap, Colormap)
