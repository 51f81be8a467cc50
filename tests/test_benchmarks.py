"""The benchmarks run, say what they measured, and compute what they claim. No times are judged."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import turbo_cmap

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True, scope="module")
def _benchmarks_on_path():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        yield


# --- a run ---


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The output, the JSON and the plot of a run on images of a few pixels."""
    folder = tmp_path_factory.mktemp("benchmarks") / "new"
    arguments = ["--quick", "--shape", "48x80", "--sizes", "16", "512", "544", "--seconds", "0.001"]
    files = ["--json", str(folder / "run.json"), "--plot", str(folder / "run.png")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, *files],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((folder / "run.json").read_text("utf-8")), folder / "run.png"


def kernels():
    native = [f"turbo_cmap {kernel}" for kernel in turbo_cmap.available_kernels()]
    others = [name for name in turbo_cmap.available_backends() if name != "native"]
    return native + [f"turbo_cmap {name}" for name in others]


PEERS = (
    "OpenCV",
    "OpenCV, then BGR to RGB",
    "matplotlib",
    "silx",
    "pyapp-kit cmap",
    "NumPy idiom",
    "monodepth2 idiom",
)


def test_a_run_has_every_kernel_backend_and_peer(run):
    table, document, _ = run
    names = {result["name"] for result in document["results"] if result["group"] == "float32"}
    assert {"np.copyto", *kernels(), *PEERS} <= names
    for name in names:
        assert f"\n{name} " in table
    assert document["machine"]["cpu"] in table


def test_a_run_has_every_dtype_norm_and_size(run):
    _, document, _ = run
    groups = {result["group"] for result in document["results"]}
    assert groups == {
        *("float32", "norms", "robust", "difference", "inverse"),
        *("uint8", "uint16", "float16", "int32", "float64"),
        *("16²", "512²", "544²", "flat"),
    }
    names = {result["name"] for result in document["results"]}
    best = kernels()[0]
    for norm in ("LogNorm", "PowerNorm", "TwoSlopeNorm", "AsinhNorm", "SymLogNorm"):
        assert {f"{best}, {norm}", f"matplotlib, {norm}"} <= names


def test_every_result_is_the_right_picture(run):
    """Whoever is installed is measured: nobody's picture was other than its rule says."""
    _, document, _ = run
    for result in document["results"]:
        assert result["status"] in ("measured", "absent", "not available"), result
        if result["status"] == "absent":
            assert result["name"].startswith(("OpenCV", "silx", "pyapp-kit")), result
        elif result["status"] == "measured":
            assert len(result["samples_s"]) >= 3
            assert 0 < result["best_s"] <= result["median_s"] <= max(result["samples_s"])
            assert result["gigabytes_per_s"] == pytest.approx(
                result["bytes"] / result["median_s"] / 1e9
            )


def test_bytes_are_what_is_read_and_written_once(run):
    _, document, _ = run
    found = {(one["group"], one["name"]): one.get("bytes") for one in document["results"]}
    pixels = 48 * 80
    assert found["float32", "np.copyto"] == pixels * (4 + 4)
    assert found["float32", kernels()[0]] == pixels * (4 + 3)
    assert found["float32", "matplotlib"] == pixels * (4 + 4)
    assert found["float64", kernels()[0]] == pixels * (8 + 3)
    assert found["difference", "np.copyto"] == pixels * (8 + 8)
    assert found["512²", kernels()[0]] == 512**2 * (4 + 3)


def test_memory_is_measured_for_strided_input_too(run):
    table, document, _ = run
    layouts = {peak["layout"] for peak in document["memory"]}
    assert {"contiguous", "every second column", "transposed"} <= layouts
    assert "extra memory with out=" in table


def test_targets_are_lines_that_pass_or_fail(run):
    table, document, _ = run
    lines = table[table.index("\ntargets\n") :].splitlines()
    targets = document["targets"]
    assert len(targets) > 20
    for target in targets:
        word = {True: "pass", False: "FAIL", None: "n/a "}[target["passed"]]
        assert any(line.startswith(f"{word}  {target['what']} ") for line in lines), target
        if target["passed"] is not None:
            measured, bound = target["measured"], target["bound"]
            held = measured >= bound if target["at_least"] else measured <= bound
            assert target["passed"] == held
    assert "promised for 2160 × 3840; this is 48 × 80" in table


def test_the_plot_is_a_picture(run):
    _, _, path = run
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width >= 1000
        assert picture.height >= 700
        pixels = np.asarray(picture.convert("RGB"))
    assert (pixels == (0xD5, 0x5E, 0x00)).all(axis=-1).sum() > 1000  # our line


def test_a_part_can_be_run_alone(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--quick", "--only", "uint8", "--shape", "8x8"),
            *("--json", str(tmp_path / "one.json"), "--plot", str(tmp_path / "one.png")),
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert {result["group"] for result in document["results"]} == {"uint8"}
    assert all(target["passed"] is not None for target in document["targets"])
    assert not (tmp_path / "one.png").exists()  # there are no sizes to plot


# --- its arithmetic ---


def test_median_best_and_spread():
    from benchmarks.timing import Timing

    timing = Timing((5.0, 1.0, 2.0, 4.0, 3.0))
    assert (timing.median, timing.best) == (3.0, 1.0)
    assert timing.spread == pytest.approx((4.0 - 2.0) / 3.0)
    assert Timing((2.0,)).spread == 0.0


def test_turns_are_spread_evenly_and_all_taken():
    from benchmarks.timing import has_turn

    for rounds in range(1, 40):
        for turns in range(1, rounds + 1):
            taken = [number for number in range(rounds) if has_turn(number, turns, rounds)]
            assert len(taken) == turns
            gaps = np.diff(taken)
            assert gaps.size == 0 or gaps.max() - gaps.min() <= 1


def test_a_function_gets_its_samples_and_fast_ones_several_calls_each():
    from benchmarks.timing import interleave

    called = {"one": 0, "two": 0}

    def count(name):
        called[name] += 1

    functions = {name: lambda name=name: count(name) for name in called}
    timings = interleave(functions, seconds=0, least=3, most=7)
    for name, timing in timings.items():
        assert len(timing.samples) == 3
        assert timing.calls > 1
        assert called[name] == 1 + 3 * timing.calls


def test_ratios_are_of_medians_within_a_group():
    from benchmarks.measure import Result, Results
    from benchmarks.targets import at_most, faster, judge
    from benchmarks.timing import Timing

    results = Results(
        [
            Result("g", "np.copyto", 10, 80, Timing((1.0, 2.0, 9.0))),
            Result("g", "a", 10, 70, Timing((3.0, 4.0, 5.0))),
            Result("g", "b", 10, status="absent"),
            Result("h", "a", 10, 70, Timing((100.0,))),
        ]
    )
    assert results.ratio("g", "a", "np.copyto") == 2.0
    assert results.ratio("g", "b", "np.copyto") is None
    assert results.ratio("h", "a", "np.copyto") is None
    assert results.all[1].gigabytes_per_s == 70 / 4 / 1e9
    assert results.all[1].megapixels_per_s == 10 / 4 / 1e6
    targets = [
        at_most("t", "g", "a", "np.copyto", 2.0),
        at_most("t", "g", "a", "np.copyto", 1.9),
        faster("t", "g", "np.copyto", "a", 2.0),
        faster("t", "g", "np.copyto", "a", 2.1),
        at_most("t", "g", "b", "np.copyto", 2.0),
    ]
    assert [one.passed for one in judge(targets, results)] == [True, False, True, False, None]


def test_cost_per_pixel_is_compared_between_sizes():
    from benchmarks.measure import Result, Results
    from benchmarks.targets import all_targets, judge
    from benchmarks.timing import Timing

    results = Results(
        [
            Result("flat", "512²", 512**2, 1, Timing((1.0,))),
            Result("flat", "1024²", 1024**2, 1, Timing((6.0,))),
        ]
    )
    judged = {one.target.what: one for one in judge(all_targets([]), results)}
    flat = judged["cost per pixel, 512² to 8192²"]
    assert (flat.measured, flat.passed) == (1.5, True)
    assert sum(one.passed is not None for one in judged.values()) == 1


def test_durations_have_three_digits():
    from benchmarks.report import duration

    assert [duration(s) for s in (2.5e-7, 9.9996e-4, 0.0123, 0.12345, 7.0)] == [
        "0.250 µs",
        "1.00 ms",
        "12.3 ms",
        "123 ms",
        "7.00 s ",
    ]


def test_labels_are_moved_apart_and_no_further():
    from benchmarks.plot import separate

    assert separate([0.1, 0.5], gap=0.2) == [0.1, 0.5]
    assert separate([0.5, 0.5, 0.9], gap=0.2) == pytest.approx([0.4, 0.6, 0.9])
    assert separate([0.5, 0.5, 0.61], gap=0.2) == pytest.approx([0.3367, 0.5367, 0.7367], abs=1e-4)


# --- its checks ---


def test_a_wrong_picture_is_not_timed():
    from benchmarks import cases, measure, peers

    work = cases.Workload(cases.depth((16, 16), "float32"), "float32")
    swapped = peers.Peer(lambda image: lambda: work.out[..., ::-1], peers.published, 0, 0)
    shifted = peers.Peer(lambda image: lambda: later, peers.published, 1, 0)
    later = turbo_cmap.colorize(work.image.values + 1, vmin=work.image.lo, vmax=work.image.hi)
    group = cases.Group("g", "g", "")
    group.cases = [
        work.colorize("numpy"),
        work.peer("swapped", swapped),
        work.peer("shifted", shifted),
    ]
    found = measure.measure(group, seconds=0, least=1, most=1)
    assert [result.status for result in found] == ["measured", "different", "different"]
    assert found[1].note == "it has colors that are not in the table"
    assert "entries away" in found[2].note


def test_what_is_missing_is_said():
    from benchmarks import cases, measure

    def later():
        raise ValueError("colorize(): norm must be None in this version")

    def absent():
        import no_such_library  # noqa: F401

    group = cases.Group("g", "g", "")
    group.cases = [
        cases.Case("later", lambda: later, 1, 1),
        cases.Case("absent", absent, 1, 1),
        cases.Case("huge", lambda: later, 1, 1, scratch=10**18),
    ]
    found = measure.measure(group, seconds=0, least=1, most=1)
    assert [(result.status, result.note) for result in found[:2]] == [
        ("not available", "not in this version"),
        ("absent", "no module no_such_library"),
    ]
    if Path("/proc/meminfo").exists():
        assert "GB of memory" in found[2].note


def test_the_tables_are_the_published_and_the_truncated_one():
    import matplotlib

    from benchmarks import peers

    colormap = matplotlib.colormaps["turbo"]
    np.testing.assert_array_equal(peers.truncated(), colormap(np.arange(256), bytes=True)[:, :3])
    np.testing.assert_array_equal(
        peers.published(), np.rint(255 * colormap(np.arange(256))[:, :3]).astype(np.uint8)
    )
    shuffled = np.random.default_rng(0).permutation(256)
    np.testing.assert_array_equal(
        peers.indices(peers.published()[shuffled], peers.published()), shuffled
    )


def test_depth_fills_its_limits():
    from benchmarks import cases

    for dtype, (lo, hi) in cases.LIMITS.items():
        values = cases.depth((40, 60), dtype)
        assert values.dtype == dtype
        assert (values.min(), values.max()) == (lo or 1, hi)


def test_memory_that_is_allocated_is_seen():
    """Both measures, on what Python and what C allocates: without this a zero says nothing."""
    from benchmarks import memory

    size = 32 << 20
    traced, resident = memory.extra_memory(lambda: np.ones(size, np.uint8))
    assert traced >= size
    if resident is not None:
        # Memory that earlier tests gave back to the allocator may be used first.
        assert resident >= size // 2
    traced, resident = memory.extra_memory(lambda: None)
    assert traced < 2**16
    assert resident is None or resident < 2**20


# --- of the command ---


def test_programs_are_judged_by_their_best_runs():
    from benchmarks.command import Program, _table, _verdicts

    made = [
        Program("turbo-cmap", [], seconds=[0.9, 0.5], cpu=[0.4, 0.6]),
        Program("ffmpeg", [], seconds=[1.5, 1.25], cpu=[1.0, 1.0], note="its picture is gray"),
        Program("gdaldem", [], missing="not installed"),
        Program("ImageMagick", [], seconds=[5.0], cpu=[5.0]),
    ]
    jobs = [Program("1", [], seconds=[4.0]), Program("2", [], seconds=[2.0, 3.0])]
    ratios = {what.rpartition(" ")[2]: ratio for what, ratio, _ in _verdicts(made, jobs)}
    assert ratios == {"ffmpeg": 2.5, "gdaldem": None, "ImageMagick": 10.0, "one": 2.0}
    lines = _table(made, sizes=False).splitlines()
    assert lines[1].split() == ["turbo-cmap", "0.50", "s", "0.40", "s", "1.00x"]
    assert lines[2].endswith("2.50x            its picture is gray")
    assert lines[3].endswith("not installed")


def test_a_gray_picture_is_told_from_a_colored_one(tmp_path):
    from PIL import Image

    from benchmarks.command import Program, measure

    made = []
    for name, mode in (("gray", "I;16"), ("indexed", "P"), ("colors", "RGB")):
        path = tmp_path / f"{name}.png"
        Image.new(mode, (2, 2)).save(path)
        made.append(Program(name, [sys.executable, "-S", "-c", ""], path))
    made.append(Program("broken", [sys.executable, "-S", "-c", "raise SystemExit(1)"]))
    measure(made, 1)
    assert [one.note for one in made] == ["its picture is gray", "", "", ""]
    assert [one.missing for one in made] == [None, None, None, "failed"]
    assert made[0].best > 0
