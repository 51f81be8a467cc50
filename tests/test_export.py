"""`export`: what is written for other programs is run by them, and gives our own colors."""

import ast
import csv
import io
import json
import math
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from conftest import TURBO, TURBO_U8
from matplotlib.colors import ListedColormap
from PIL import Image
from PIL.GimpGradientFile import GimpGradientFile

import turbo_cmap
from turbo_cmap import EXPORT_FORMATS, Colormap, KnotCurve, colorize, export, get_cmap
from turbo_cmap.export.minimax import fit_minimax
from turbo_cmap.turbo import TURBO_CURVE, turbo_poly

LANGUAGES = ("glsl", "hlsl", "wgsl", "c", "cpp", "javascript", "rust", "julia")
TABLES = tuple(name for name in EXPORT_FORMATS if name not in LANGUAGES)
BINARY = ("act", "imagej")
WITH_VALUES = ("csv", "json", "cpt", "gdal", "qgis", "paraview", "paraview-xml")

RANDOM = np.random.default_rng(7)
SPECIAL = Colormap(
    "special",
    [(0.1, 0.2, 0.3), (0.5, 0.25, 1.0), (1.0, 0.0, 0.75)],
    bad="#ff00ff80",
    under="#010203",
    over="white",
)
CLEAR = Colormap("clear", [(0, 0, 0, 0), (0.2, 0.4, 0.6, 0.8), (1, 1, 1, 1)])


# --- functions ---


def spline(name, knots, kind="catmull-rom"):
    return Colormap.from_curve(name, KnotCurve(knots, kind))


#: Name of the function: map, arguments of `export`, and what the function is to be.
FUNCTIONS = {
    "turbo": (get_cmap("turbo"), {}, TURBO_CURVE),
    "turbo_r": (get_cmap("turbo_r"), {}, TURBO_CURVE.reversed()),
    "odd": (get_cmap("turbo_diverging"), {"form": "spline"}, TURBO_CURVE),
    "straight": (spline("straight", [(0, 0.25, 1), (1, 0.5, 0)]), {}, None),
    # Its cubics leave [0, 1] between the knots.
    "steep": (spline("steep", [(0, 1, 0), (1, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 1)]), {}, None),
    "natural": (spline("natural", RANDOM.random((6, 3)), "natural"), {}, None),
    "not_a_knot": (spline("not_a_knot", RANDOM.random((8, 3)), "not-a-knot"), {}, None),
    "du": (get_cmap("turbo"), {"form": "du"}, turbo_poly),
    "du_r": (get_cmap("turbo_r"), {"form": "du"}, lambda t: turbo_poly(1 - t)),
    "poly": (get_cmap("turbo_poly"), {}, turbo_poly),
    "minimax3": (get_cmap("turbo"), {"degree": 3}, fit_minimax(TURBO_CURVE, 3)),
    "minimax": (get_cmap("turbo"), {"form": "minimax"}, fit_minimax(TURBO_CURVE, 12)),
    "minimax13": (get_cmap("turbo"), {"degree": 13}, fit_minimax(TURBO_CURVE, 13)),
    "minimax_balanced": (
        get_cmap("turbo_balanced"),
        {"degree": 16},
        fit_minimax(get_cmap("turbo_balanced").curve, 16),
    ),
    "minimax32": (get_cmap("turbo_r"), {"degree": 32}, fit_minimax(TURBO_CURVE.reversed(), 32)),
}


def sources(to):
    """All functions in a language, under their names."""
    return {
        name: export(cmap, to, name=name, **arguments)
        for name, (cmap, arguments, _) in FUNCTIONS.items()
    }


def expected(name, t):
    cmap, _, curve = FUNCTIONS[name]
    return (curve or cmap.curve)(np.clip(t, 0, 1))


#: The table's positions, the ends from both sides, and many in between; 1536 of them.
T = np.concatenate(
    [
        np.arange(256) / 255,
        [-np.inf, -1.0, -1e-300, np.nextafter(1, 0), np.nextafter(1, 2), 2.0, np.inf, 0.5],
        np.linspace(0, 1, 1272),
    ]
)


def tool(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, **options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    return done.stdout


def check(colors, t, single=False):
    """Colors of all functions at t, (functions, positions, 3), against ours."""
    assert colors.shape == (len(FUNCTIONS), len(t), 3)
    for name, found in zip(FUNCTIONS, colors, strict=True):
        off = np.abs(found - expected(name, t)).max()
        # In float32, roundings of coefficients up to 153, which is Du's; the spline has none.
        polynomial = name.startswith(("du", "poly", "minimax"))
        tolerance = 1e-12 if not single else 3e-5 if polynomial else 1e-6
        assert off <= tolerance, f"{name} is off by {off}"
        assert found.min() >= 0, name
        assert found.max() <= 1, name
    # Turbo's bytes, not to be had from the table alone but from 21 numbers in any language
    turbo = colors[list(FUNCTIONS).index("turbo"), :256]
    assert np.array_equal(np.rint(255 * turbo), TURBO_U8)


def check_doubles(output):
    """What a program wrote: for each function, and each of T and NaN, three doubles."""
    colors = np.frombuffer(output).reshape(len(FUNCTIONS), len(T) + 1, 3)
    assert np.isnan(colors[:, -1]).all()  # NaN gives NaN
    check(colors[:, :-1], T)


def input_doubles():
    return np.append(T, np.nan).tobytes()


C_MAIN = """
#include <stdio.h>
static double t[4096];
int main(void) {{
    size_t n = fread(t, sizeof *t, 4096, stdin), i;
    double c[3];
{calls}
    return 0;
}}
"""
C_CALL = "    for (i = 0; i < n; ++i) {{ {call}; fwrite(c, sizeof c, 1, stdout); }}"


def test_c_compiled(tmp_path):
    compiler = shutil.which("cc") or tool("gcc")
    calls = "\n".join(C_CALL.format(call=f"{name}(t[i], c)") for name in FUNCTIONS)
    # each header twice, as it happens
    includes = "".join(2 * f'#include "{name}.h"\n' for name in FUNCTIONS)
    for name, source in sources("c").items():
        (tmp_path / f"{name}.h").write_text(source)
    (tmp_path / "main.c").write_text(includes + C_MAIN.format(calls=calls))
    strict = ["-std=c99", "-O1", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    run(compiler, *strict, "main.c", "-o", "main", cwd=tmp_path)
    check_doubles(run(tmp_path / "main", input=input_doubles()))


@pytest.mark.parametrize("kind", ["double", "float"])
def test_cpp_compiled(tmp_path, kind):
    compiler = shutil.which("c++") or tool("g++")
    call = (
        "auto y = {name}(({kind})t[i]); c[0] = double(y[0]); c[1] = double(y[1]); "
        "c[2] = double(y[2])"
    )
    calls = "\n".join(C_CALL.format(call=call.format(name=name, kind=kind)) for name in FUNCTIONS)
    includes = "".join(2 * f'#include "{name}.hpp"\n' for name in FUNCTIONS)
    for name, source in sources("cpp").items():
        (tmp_path / f"{name}.hpp").write_text(source)
    (tmp_path / "main.cpp").write_text(includes + C_MAIN.format(calls=calls))
    strict = ["-std=c++11", "-O1", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    run(compiler, *strict, "main.cpp", "-o", "main", cwd=tmp_path)
    output = run(tmp_path / "main", input=input_doubles())
    if kind == "double":
        check_doubles(output)
    else:
        colors = np.frombuffer(output).reshape(len(FUNCTIONS), len(T) + 1, 3)
        check(colors[:, :-1], T.astype(np.float32).astype(np.float64), single=True)


def test_javascript_run(tmp_path):
    node = tool("node")
    for name, source in sources("javascript").items():
        (tmp_path / f"{name}.mjs").write_text(source)
    imports = "".join(f"import {{ {name} }} from './{name}.mjs';\n" for name in FUNCTIONS)
    (tmp_path / "main.mjs").write_text(
        f"""import {{ readFileSync, writeSync }} from 'node:fs';
{imports}
const given = readFileSync('t.bin');
const t = new Float64Array(given.buffer, given.byteOffset, given.length / 8);
const colors = [{", ".join(FUNCTIONS)}].flatMap((f) => Array.from(t).flatMap(f));
const bytes = new Uint8Array(new Float64Array(colors).buffer);
for (let done = 0; done < bytes.length;) done += writeSync(1, bytes, done);
"""
    )
    # read whole, so aligned
    (tmp_path / "t.bin").write_bytes(input_doubles())
    check_doubles(run(node, "main.mjs", cwd=tmp_path))


def test_rust_compiled(tmp_path):
    compiler = tool("rustc")
    names = ", ".join(f"{name} as fn(f64) -> [f64; 3]" for name in FUNCTIONS)
    main = f"""
use std::io::{{Read, Write}};
fn main() {{
    let mut given = Vec::new();
    std::io::stdin().read_to_end(&mut given).unwrap();
    let mut out = Vec::new();
    for f in [{names}] {{
        for t in given.chunks_exact(8) {{
            for c in f(f64::from_ne_bytes(t.try_into().unwrap())) {{
                out.extend_from_slice(&c.to_ne_bytes());
            }}
        }}
    }}
    std::io::stdout().write_all(&out).unwrap();
}}
"""
    (tmp_path / "main.rs").write_text("\n".join(sources("rust").values()) + main)
    run(compiler, "--edition", "2021", "-D", "warnings", "-o", "main", "main.rs", cwd=tmp_path)
    check_doubles(run(tmp_path / "main", input=input_doubles()))


def test_julia_run(tmp_path):
    julia = tool("julia")
    main = f"""
t = reinterpret(Float64, read(stdin))
for f in ({", ".join(FUNCTIONS)}), x in t
    write(stdout, collect(Float64, f(x)))
end
"""
    (tmp_path / "main.jl").write_text("\n".join(sources("julia").values()) + main)
    check_doubles(run(julia, "main.jl", cwd=tmp_path, input=input_doubles()))


class OneBased(tuple):
    """A tuple whose first element is 1, as in Julia."""

    __slots__ = ()

    def __getitem__(self, index):
        if not 1 <= index <= len(self):
            raise IndexError(index)
        return tuple.__getitem__(self, index - 1)


def python_from_julia(source, name):
    """A function from the few constructs of Julia that are exported, its indices from 1."""
    replacements = [
        (r"^function (\w+)\(t::Real\)$", r"def \1(t):"),
        (r"^( *)(p|w) = \(\n((?:[^\n]*\n)*?)    \)$", r"\1\2 = OneBased([\n\3    ])"),
        (r"^( {8})\((-?\d.*)\)(,?)$", r"\1OneBased((\2))\3"),
        (r"^    return ntuple\(3\) do k$", r"    def channel(k):"),
        (r"^( *)for (\w) in (\S+):-1:(\d)$", r"\1for \2 in range(\3, \4 - 1, -1):"),
        (r"(\S+ < \d+) \? (.*) : (\d+)$", r"\2 if \1 else \3"),
        (r"\b2x\b", "2 * x"),
        (r"p\[end\]", "p[len(p)]"),
        (r"length\(p\)", "len(p)"),
        (r"^( *)(clamp\(y, 0, 1\))$", r"\1return \2"),
        (r"^end$", "    return tuple(channel(k) for k in (1, 2, 3))"),
        (r"^ +end\n", ""),
    ]
    for pattern, replacement in replacements:
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    space = {
        "OneBased": OneBased,
        "clamp": lambda x, low, high: high if x > high else low if x < low else x,
        "floor": lambda _, x: math.floor(x),
        "Int": int,
    }
    exec(compile(ast.parse(source), name, "exec"), space)
    return space[name]


def test_julia_arithmetic_and_indices():
    # There is no Julia in package registries: this reads it as far as it is used.
    colors = []
    for name, source in sources("julia").items():
        function = python_from_julia(source, name)
        colors.append([function(t) for t in [*T.tolist(), math.nan]])
    check_doubles(np.array(colors).tobytes())


def test_julia_parses():
    tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
    grammar = pytest.importorskip("tree_sitter_julia", reason="tree-sitter-julia is not installed")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    assert parser.parse(b"function f(t\n    x = (1,\nend").root_node.has_error
    for name, source in sources("julia").items():
        root = parser.parse(source.encode()).root_node
        assert not root.has_error, name
        kinds = [child.type for child in root.named_children if "comment" not in child.type]
        assert kinds == ["function_definition"]


# --- shaders: in float32, by a driver that draws with the CPU where there is no GPU ---

WGSL_MAIN = """
@group(0) @binding(0) var<storage, read> t: array<f32>;
@group(0) @binding(1) var<storage, read_write> o: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {{
    let n = arrayLength(&t);
    for (var k = 0u; k < {count}u; k++) {{
        var c = vec3f();
        switch k {{
{cases}
            default: {{}}
        }}
        let at = 3u * (k * n + id.x);
        o[at] = c.x;
        o[at + 1u] = c.y;
        o[at + 2u] = c.z;
    }}
}}
"""
GLSL_MAIN = """
layout(local_size_x = 64) in;
layout(std430, set = 0, binding = 0) readonly buffer Given { float t[]; };
layout(std430, set = 0, binding = 1) buffer Found { float o[]; };
void write(uint k, vec3 c) {
    uint at = 3u * (k * uint(t.length()) + gl_GlobalInvocationID.x);
    o[at] = c.x;
    o[at + 1u] = c.y;
    o[at + 2u] = c.z;
}
"""
HLSL_MAIN = """
StructuredBuffer<float> t : register(t0);
RWStructuredBuffer<float> o : register(u1);
void write(uint n, uint i, uint k, float3 c) {
    uint at = 3 * (k * n + i);
    o[at] = c.x;
    o[at + 1] = c.y;
    o[at + 2] = c.z;
}
[numthreads(64, 1, 1)]
void main(uint3 id : SV_DispatchThreadID) {
    uint n, stride;
    t.GetDimensions(n, stride);
"""


@cache
def device():
    wgpu = pytest.importorskip("wgpu", reason="wgpu is not installed")
    try:
        adapter = wgpu.gpu.request_adapter_sync()
    except (RuntimeError, OSError) as error:
        pytest.skip(f"wgpu finds no GPU and no software renderer (mesa-vulkan-drivers): {error}")
    if adapter is None:
        pytest.skip("wgpu finds no GPU and no software renderer (mesa-vulkan-drivers)")
    return wgpu, adapter.request_device_sync()


def compute(code):
    """Run a compute shader (WGSL or SPIR-V) on T in float32."""
    wgpu, gpu = device()
    t = T.astype(np.float32)
    module = gpu.create_shader_module(code=code)
    pipeline = gpu.create_compute_pipeline(
        layout="auto", compute={"module": module, "entry_point": "main"}
    )
    usage = wgpu.BufferUsage
    given = gpu.create_buffer_with_data(data=t, usage=usage.STORAGE)
    found = gpu.create_buffer(
        size=12 * len(t) * len(FUNCTIONS), usage=usage.STORAGE | usage.COPY_SRC
    )
    entries = [{"binding": i, "resource": {"buffer": b}} for i, b in enumerate((given, found))]
    group = gpu.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=entries)
    encoder = gpu.create_command_encoder()
    work = encoder.begin_compute_pass()
    work.set_pipeline(pipeline)
    work.set_bind_group(0, group)
    work.dispatch_workgroups(len(t) // 64)
    work.end()
    gpu.queue.submit([encoder.finish()])
    colors = np.frombuffer(gpu.queue.read_buffer(found), np.float32)
    return colors.reshape(len(FUNCTIONS), len(t), 3), t.astype(np.float64)


def test_wgsl_run():
    device()
    calls = [
        f"            case {k}u: {{ c = {name}(t[id.x]); }}" for k, name in enumerate(FUNCTIONS)
    ]
    main = WGSL_MAIN.format(count=len(FUNCTIONS), cases="\n".join(calls))
    check(*compute("\n".join([*sources("wgsl").values(), main])), single=True)


@pytest.mark.parametrize("version", ["130", "300 es", "330", "460"])
def test_glsl_is_valid(tmp_path, version):
    validator = tool("glslangValidator")
    head = f"#version {version}\nprecision highp float;\nout vec4 color;\n"
    drawn = " + ".join(f"{name}(gl_FragCoord.x)" for name in FUNCTIONS)
    main = f"void main() {{ color = vec4({drawn}, 1.0); }}\n"
    good, bad = tmp_path / "good.frag", tmp_path / "bad.frag"
    good.write_text("\n".join([head, *sources("glsl").values(), main]))
    bad.write_text(good.read_text().replace("vec3 y", "float y", 1))
    run(validator, good)
    assert subprocess.run([validator, bad], capture_output=True).returncode != 0


def test_glsl_run(tmp_path):
    validator = tool("glslangValidator")
    device()
    calls = "\n".join(
        f"    write({k}u, {name}(t[gl_GlobalInvocationID.x]));" for k, name in enumerate(FUNCTIONS)
    )
    code = ["#version 450", *sources("glsl").values(), GLSL_MAIN, f"void main() {{\n{calls}\n}}\n"]
    (tmp_path / "main.comp").write_text("\n".join(code))
    run(validator, "-V", "main.comp", "-o", "main.spv", cwd=tmp_path)
    check(*compute((tmp_path / "main.spv").read_bytes()), single=True)


def test_hlsl_run(tmp_path):
    validator = tool("glslangValidator")
    calls = "\n".join(
        f"    write(n, id.x, {k}, {name}(t[id.x]));" for k, name in enumerate(FUNCTIONS)
    )
    code = "\n".join([*sources("hlsl").values(), HLSL_MAIN, calls, "}"])
    (tmp_path / "main.hlsl").write_text(code)
    options = ["-D", "-V", "-S", "comp", "-e", "main"]
    run(validator, *options, "main.hlsl", "-o", "main.spv", cwd=tmp_path)
    check(*compute((tmp_path / "main.spv").read_bytes()), single=True)


# --- what functions say of themselves ---


@pytest.mark.parametrize("to", LANGUAGES)
def test_functions_say_whose_they_are_and_nothing_of_when(to):
    for arguments in ({}, {"form": "du"}, {"degree": 9}):
        source = export("turbo", to, **arguments)
        assert source == export("turbo", to, **arguments)
        comment = [line for line in source.splitlines() if line.startswith(("//", "#"))]
        text = "\n".join(comment)
        assert "Anton Mikhailov" in text
        assert "SPDX-License-Identifier: Apache-2.0" in text
        assert ("Ruofei Du" in text) == (arguments == {"form": "du"})
        assert f"Made by turbo_cmap {turbo_cmap.__version__}." in text
        assert source.isascii()
        assert source.endswith("\n")
        assert max(map(len, source.splitlines())) <= 105
        assert "NaN" in text


def test_a_curve_of_ones_own_is_not_googles():
    source = export(FUNCTIONS["natural"][0], "c")
    assert "Made by turbo_cmap" in source
    assert "Google" not in source
    assert "Google" not in export("viridis", "css")
    for cmap in ("turbo", "turbo_r", "turbo_diverging", mpl.colormaps["turbo"]):
        assert "Google" in export(cmap, "css")


def test_the_spline_is_21_numbers_and_one_more_color_at_each_end():
    source = export("turbo", "glsl")
    rows = np.array(re.findall(r"vec3\((-?[\d.]+), (-?[\d.]+), (-?[\d.]+)\)", source), float)
    assert np.array_equal(rows[1:-1], TURBO_CURVE.knots)
    ends = [rows[3] - 3 * rows[2] + 3 * rows[1], rows[5] - 3 * rows[6] + 3 * rows[7]]
    assert np.allclose(rows[[0, -1]], ends, rtol=0, atol=1e-12)


def test_functions_take_the_name_of_the_map_or_another():
    assert "vec3 turbo_r(float t)" in export("turbo_r", "glsl")
    assert "vec3 heat(float t)" in export("turbo", "glsl", name="heat")
    odd = Colormap.from_curve("2 odd/name", TURBO_CURVE)
    assert "vec3 _2_odd_name(float t)" in export(odd, "glsl")
    for name in ("", "two words", "a-b", "2d", "né", "x;y"):
        with pytest.raises(ValueError, match=r"export\(\): name must be an ASCII identifier"):
            export("turbo", "glsl", name=name)
    with pytest.raises(TypeError, match=r"export\(\): name must be a string, got int"):
        export("turbo", "glsl", name=3)


def test_printed_errors_bound_the_errors():
    t = np.linspace(0, 1, 300_001)
    for degree in (3, 8, 12, 13, 20):
        source = export("turbo", "c", degree=degree)
        proven = re.search(r"at most ([\d.]+), ([\d.]+), ([\d.]+) of 255 .*\(proven\)", source)
        single = re.search(r"in float32 by ([\d.]+), ([\d.]+), ([\d.]+) \(measured\)", source)
        bound, in_float32 = (np.array(found.groups(), float) for found in (proven, single))
        polynomial = fit_minimax(TURBO_CURVE, degree)
        error = 255 * np.abs(polynomial(t) - TURBO_CURVE(t)).max(axis=0)
        assert (error <= bound).all()
        assert (error >= bound * (1 - 3e-5) - 0.001).all()  # rounded up
        assert np.abs(in_float32 - bound).max() <= 0.002
    du = re.search(r"by up to ([\d.]+), ([\d.]+), ([\d.]+) of 255", export("turbo", "c", form="du"))
    error = 255 * np.abs(turbo_poly(t) - TURBO_CURVE(t)).max(axis=0)
    assert np.abs(np.array(du.groups(), float) - error).max() <= 0.001


# --- minimax polynomials ---


def power_in_segment(minimax, curve, segment, channel):
    """Ascending powers of u in [0, 1]: the polynomial less the curve on one segment."""
    column = minimax.coefficients[:, channel]
    if minimax.basis == "chebyshev":
        column = np.polynomial.chebyshev.cheb2poly(column)
    pieces = len(curve.coefficients)
    x = np.polynomial.Polynomial([2 * segment / pieces - 1, 2 / pieces])
    own = np.polynomial.Polynomial(curve.coefficients[segment, :, channel])
    return np.polynomial.Polynomial(column)(x) - own


@pytest.mark.parametrize("degree", [3, 5, 9, 12, 14])
def test_bound_holds_at_the_roots_of_the_derivative(degree):
    minimax = fit_minimax(TURBO_CURVE, degree)
    assert minimax.certified
    for channel in range(3):
        worst = 0.0
        for segment in range(6):
            error = power_in_segment(minimax, TURBO_CURVE, segment, channel)
            roots = error.deriv().roots()
            places = roots.real[(np.abs(roots.imag) < 1e-6) & (roots.real > 0) & (roots.real < 1)]
            worst = max(worst, *np.abs(error(np.array([0, 1, *places]))))
        assert worst <= minimax.error[channel] + 1e-9
        assert worst >= minimax.error[channel] * (1 - 1e-4)


@pytest.mark.parametrize("degree", [3, 4, 7, 12, 13, 19, 24, 32])
def test_no_polynomial_of_the_degree_is_better(degree):
    # Chebyshev's alternation: so many extrema of one height and alternating sign.
    minimax = fit_minimax(TURBO_CURVE, degree)
    t = (1 - np.cos(np.linspace(0, np.pi, 200_001))) / 2
    basis = np.polynomial.chebyshev.chebval
    if minimax.basis == "power":
        basis = np.polynomial.polynomial.polyval
    error = basis(2 * t - 1, minimax.coefficients).T - TURBO_CURVE(t)
    for channel in range(3):
        high = np.abs(error[:, channel]) >= (1 - 1e-3) * minimax.error[channel]
        signs = np.sign(error[high, channel])
        alternations = 1 + np.count_nonzero(np.diff(signs))
        assert alternations >= degree + 2


#: The largest errors on the 256 nodes, in 255ths, of fits to the nodes alone.
NODES = {
    5: (15.4, 3.7, 16.7),
    7: (10.0, 1.9, 8.2),
    9: (6.3, 1.5, 5.6),
    12: (2.6, 1.0, 2.7),
    16: (0.75, 0.29, 0.81),
    20: (0.47, 0.20, 0.51),
    24: (0.36, 0.15, 0.40),
}


@pytest.mark.parametrize("degree", NODES)
def test_errors_on_the_table_are_those_of_a_fit_to_the_table(degree):
    error = 255 * np.abs(fit_minimax(TURBO_CURVE, degree)(np.arange(256) / 255) - TURBO)
    printed = 0.05 if degree < 16 else 0.005
    # A fit to the nodes can only be better on them, and is hardly: they are dense.
    assert np.abs(error.max(axis=0) - NODES[degree]).max() <= 1.3 * printed


def test_float32_costs_nothing_at_any_degree():
    for degree in (3, 11, 12, 13, 24, 32):
        minimax = fit_minimax(TURBO_CURVE, degree)
        assert (minimax.float32_error - minimax.error).max() <= 1e-5
        assert minimax.coefficients.shape == (degree + 1, 3)
        again = np.float64([[float(f"{c:.9g}") for c in row] for row in minimax.coefficients])
        assert np.array_equal(minimax.coefficients, again)


def test_a_polynomial_is_fitted_exactly():
    line = KnotCurve([(0, 0.5, 1), (0.5, 0.5, 0.5), (1, 0.5, 0)])
    for degree in (3, 12, 13, 32):
        minimax = fit_minimax(line, degree)
        assert minimax.error.max() <= 1e-9  # nine digits
        assert minimax.float32_error.max() <= 1e-6


@pytest.mark.parametrize("count", [4, 20, 200])
def test_bounds_hold_for_other_curves(count):
    curve = KnotCurve(np.random.default_rng(count).random((count, 3)))
    t = np.linspace(0, 1, 100_001)
    for degree in (3, 10, 17):
        minimax = fit_minimax(curve, degree)
        assert (np.abs(minimax(t) - curve(t)).max(axis=0) <= minimax.error).all()


@pytest.mark.parametrize("name", ["turbo_balanced", "turbo_uniform", "turbo_balanced_r"])
def test_bounds_of_retimed_curves_are_proven(name):
    curve = get_cmap(name).curve
    t = np.linspace(0, 1, 100_001)
    for degree in (3, 10, 17):
        minimax = fit_minimax(curve, degree)
        assert minimax.certified
        error = np.abs(minimax(t) - curve(t)).max(axis=0)
        assert (error <= minimax.error).all()
        assert (error >= 0.998 * minimax.error).all()
    assert "(proven);" in export(name, "c", form="minimax")


def test_a_curve_that_is_no_spline_is_measured_not_proven():
    curve = get_cmap("turbo_poly").curve
    minimax = fit_minimax(curve, 10)
    assert not minimax.certified
    t = np.linspace(0, 1, 50_001)
    error = np.abs(minimax(t) - curve(t)).max(axis=0)
    assert np.allclose(error, minimax.error, rtol=1e-3, atol=1e-6)
    assert "(measured);" in export("turbo_poly", "c", degree=10)


@pytest.mark.parametrize("degree", [-1, 0, 2, 33, 10**6])
def test_degrees_out_of_range(degree):
    with pytest.raises(ValueError, match=rf"export\(\): degree must be from 3 to 32, got {degree}"):
        export("turbo", "c", degree=degree)
    with pytest.raises(ValueError, match=rf"fit_minimax\(\): degree must be .*, got {degree}"):
        fit_minimax(TURBO_CURVE, degree)
    with pytest.raises(TypeError, match=r"fit_minimax\(\): degree must be an integer, got float"):
        fit_minimax(TURBO_CURVE, 5.0)


# --- tables ---


def levels(cmap, n=None):
    """The bytes of a map as `colorize` gives them, R, G, B, A."""
    sampled = get_cmap(cmap, n)
    count = len(sampled)
    index = (np.arange(count) + 0.5) / count  # the middle of each color's part of the range
    return colorize(index, sampled, vmin=0, vmax=1, order="rgba")


def lines_of(text, comment="#"):
    return [line for line in text.splitlines() if not line.startswith(comment)]


def test_css_gradient():
    text = export("turbo", "css")
    stops = re.search(r"\.turbo \{\s*background: linear-gradient\(to right, (.*)\);\s*\}", text)
    colors = [tuple(bytes.fromhex(stop[1:])) for stop in stops.group(1).split(", ")]
    assert np.array_equal(colors, levels("turbo", 33)[:, :3])
    assert text.startswith("/* Turbo: Anton Mikhailov.\n")
    assert text.count("*/") == 1
    # Interpolated between the stops as browsers do, it is near the map.
    t = np.linspace(0, 1, 2001)
    drawn = np.stack([np.interp(t, np.linspace(0, 1, 33), c) for c in np.transpose(colors)], -1)
    assert np.abs(drawn - 255 * TURBO_CURVE(t)).max() <= 2
    assert len(re.findall("#", export("turbo", "css", n=256))) == 256
    assert len(re.findall("#", export("tab10", "css"))) == 10
    assert "#00000000, #336699cc, #ffffff)" in export(CLEAR, "css")


@pytest.mark.parametrize("cmap", ["turbo", "turbo_r", "viridis", "tab10", SPECIAL, CLEAR])
def test_matplotlib_module_makes_the_same_map(cmap):
    space = {}
    source = export(cmap, "matplotlib", name="mine")
    exec(compile(source, "export", "exec"), space)
    made = space["mine"]
    ours = get_cmap(cmap)
    assert isinstance(made, ListedColormap)
    assert made.name == "mine"
    assert np.array_equal(made(np.arange(len(ours))), ours.rgba)
    again = get_cmap(made)
    for extreme in ("bad", "under", "over"):
        assert getattr(again, extreme) == getattr(ours, extreme)


def test_csv():
    rows = list(csv.reader(io.StringIO(export("turbo", "csv", vmin=-2, vmax=3))))
    assert rows[0] == ["value", "red", "green", "blue"]
    numbers = np.array(rows[1:], float)
    assert np.array_equal(numbers[:, 0], np.linspace(-2, 3, 256))
    assert np.array_equal(numbers[:, 1:], TURBO)
    rows = list(csv.reader(io.StringIO(export(CLEAR, "csv"))))
    assert rows[0][-1] == "alpha"
    assert np.array_equal(np.array(rows[1:], float)[:, 1:], CLEAR.rgba)


def test_json():
    found = json.loads(export(SPECIAL, "json", vmin=1, vmax=2))
    assert found["name"] == "special"
    assert (found["vmin"], found["vmax"]) == (1, 2)
    assert np.array_equal(found["colors"], SPECIAL.colors)
    for extreme in ("bad", "under", "over"):
        assert tuple(found[extreme]) == getattr(SPECIAL, extreme)
    found = json.loads(export("turbo", "json"))
    assert np.array_equal(found["colors"], TURBO)
    assert found["under"] is None
    assert any("Apache-2.0" in line for line in found["source"])
    assert np.array_equal(json.loads(export(CLEAR, "json"))["colors"], CLEAR.rgba)


@pytest.mark.parametrize("cmap", ["turbo", "magma", CLEAR])
def test_ggr_read_by_pillow(cmap):
    text = export(cmap, "ggr")
    palette, mode = GimpGradientFile(io.BytesIO(text.encode())).getpalette(256)
    assert mode == "RGBA"
    found = np.frombuffer(palette, np.uint8).reshape(256, 4).astype(int)
    rgba = get_cmap(cmap).rgba
    t = np.arange(256) / 255
    between = np.stack([np.interp(t, np.linspace(0, 1, len(rgba)), c) for c in rgba.T], -1)
    # six decimals, and Pillow's own rounding
    assert np.abs(found - 255 * between).max() <= 0.51


def test_ggr_segments_join():
    lines = export("turbo", "ggr").splitlines()
    assert lines[:3] == ["GIMP Gradient", "Name: turbo", "255"]
    rows = np.array([line.split() for line in lines[3:]], float)
    assert rows.shape == (255, 15)
    assert (rows[0, 0], rows[-1, 2]) == (0, 1)
    assert np.array_equal(rows[1:, 0], rows[:-1, 2])
    assert np.array_equal(rows[1:, 3:7], rows[:-1, 7:11])
    assert (rows[:, 11:] == 0).all()


def test_act():
    written = export("turbo", "act")
    assert len(written) == 768
    assert np.array_equal(np.frombuffer(written, np.uint8).reshape(256, 3), TURBO_U8)
    few = export("tab10", "act")
    assert len(few) == 772
    assert np.array_equal(
        np.frombuffer(few[:768], np.uint8).reshape(256, 3)[:10], levels("tab10")[:, :3]
    )
    assert few[30:768] == bytes(738)
    assert few[768:] == b"\x00\x0a\xff\xff"
    assert len(export(np.random.default_rng(1).random((300, 3)), "act")) == 768


def test_imagej():
    written = export("turbo", "imagej")
    planes = np.frombuffer(written, np.uint8).reshape(3, 256)
    assert np.array_equal(planes.T, TURBO_U8)
    planes = np.frombuffer(export("turbo_diverging", "imagej"), np.uint8).reshape(3, 256)
    assert np.array_equal(planes.T, TURBO_U8)  # 256 of the same curve


def test_titiler():
    found = json.loads(export("turbo", "titiler"))
    assert list(found) == [str(i) for i in range(256)]
    assert np.array_equal(list(found.values()), np.insert(TURBO_U8, 3, 255, axis=1))
    assert len(json.loads(export("tab10", "titiler"))) == 256


def read_cpt(text):
    """GMT's slices and its B, F and N."""
    slices, special = [], {}
    for line in lines_of(text):
        fields = line.split()
        if fields[0] in "BFN":
            special[fields[0]] = fields[1]
        else:
            slices.append(fields)
    return slices, special


def test_cpt():
    text = export("turbo", "cpt", vmin=-5, vmax=250)
    assert "# COLOR_MODEL = RGB" in text
    slices, special = read_cpt(text)
    values = np.array([[one[0], one[2]] for one in slices], float)
    assert np.array_equal(values[:, 0], np.linspace(-5, 250, 256)[:-1])
    assert np.array_equal(values[:, 1], np.linspace(-5, 250, 256)[1:])
    for side, part in ((1, TURBO_U8[:-1]), (3, TURBO_U8[1:])):
        assert [one[side] for one in slices] == ["/".join(map(str, rgb)) for rgb in part]
    assert special == {"B": "48/18/59", "F": "122/4/3", "N": "-"}
    _, special = read_cpt(export(SPECIAL, "cpt"))
    assert special == {"B": "1/2/3", "F": "255/255/255", "N": "255/0/255@49.8"}
    slices, _ = read_cpt(export(CLEAR, "cpt"))
    assert slices[0] == ["0", "-", "0.5", "51/102/153@20"]


def test_cpt_read_by_gmt(tmp_path):
    gmt = tool("gmt")
    (tmp_path / "turbo.cpt").write_text(export("turbo", "cpt", vmin=0, vmax=255))
    slices, special = read_cpt(run(gmt, "makecpt", "-Cturbo.cpt", cwd=tmp_path).decode())
    assert [one[1] for one in slices] == ["/".join(map(str, rgb)) for rgb in TURBO_U8[:-1]]
    assert [float(one[2]) for one in slices] == list(range(1, 256))
    assert special == {"B": "48/18/59", "F": "122/4/3", "N": "-"}


def relief(folder, values, text, *options):
    """What gdaldem makes of a row of values; -9999 is no data."""
    grid = "ncols {}\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\nNODATA_value -9999\n{}\n"
    row = " ".join(map(repr, map(float, values)))
    (folder / "grid.asc").write_text(grid.format(len(values), row))
    (folder / "colors.txt").write_text(text)
    gdaldem = tool("gdaldem")
    command = ["color-relief", "grid.asc", "colors.txt", "out.png", "-of", "PNG", "-q"]
    run(gdaldem, *command, *options, cwd=folder)
    with Image.open(folder / "out.png") as picture:
        return np.asarray(picture)[0]


def test_gdal_color_relief(tmp_path):
    values = np.arange(256.0)
    text = export("turbo", "gdal", vmin=0, vmax=255)
    found = relief(tmp_path, [*values, -50, 300, -9999], text, "-alpha")
    assert np.array_equal(found[:256], np.insert(TURBO_U8, 3, 255, axis=1))
    assert found[256:].tolist() == [[48, 18, 59, 255], [122, 4, 3, 255], [0, 0, 0, 0]]


def test_gdal_under_over_and_nodata(tmp_path):
    text = export(SPECIAL, "gdal", vmin=0, vmax=2)
    found = relief(tmp_path, [0, 1, 2, -0.5, 2.5, -9999], text, "-alpha")
    ours = colorize([0, 1, 2, -0.5, 2.5, np.nan], SPECIAL, vmin=0, vmax=2, order="rgba")
    assert np.array_equal(found, ours)


def test_gdal_text():
    lines = lines_of(export("turbo", "gdal", vmin=1e-3, vmax=7))
    assert lines[-1] == "nv 0 0 0 0"
    numbers = np.array([line.split() for line in lines[:-1]], float)
    assert np.array_equal(numbers[:, 0], np.linspace(1e-3, 7, 256))
    assert np.array_equal(numbers[:, 1:4], TURBO_U8)


def qgis_options(ramp):
    return {option.get("name"): option.get("value") for option in ramp.iter("Option")}


def test_qgis_layer_style():
    root = ElementTree.fromstring(export("turbo", "qgis", vmin=0, vmax=510))
    renderer = root.find("pipe/rasterrenderer")
    assert renderer.get("type") == "singlebandpseudocolor"
    assert (renderer.get("classificationMin"), renderer.get("classificationMax")) == ("0", "510")
    assert renderer.get("nodataColor") == ""
    shader = renderer.find("rastershader/colorrampshader")
    assert shader.get("colorRampType") == "INTERPOLATED"
    items = shader.findall("item")
    assert [float(item.get("value")) for item in items] == list(range(0, 511, 2))
    assert [bytes.fromhex(item.get("color")[1:]) for item in items] == [
        bytes(rgb) for rgb in TURBO_U8
    ]
    assert {item.get("alpha") for item in items} == {"255"}
    assert qgis_options(shader.find("colorramp"))["color1"] == "48,18,59,255"


def test_qgis_layer_style_has_extremes():
    root = ElementTree.fromstring(export(SPECIAL, "qgis"))
    assert root.find(".//rasterrenderer").get("nodataColor") == "255,0,255,128"
    items = root.findall(".//item")
    assert len(items) == 5
    assert float(items[0].get("value")) == np.nextafter(0, -1)
    assert (items[0].get("color"), items[-1].get("color")) == ("#010203", "#ffffff")
    alphas = [
        item.get("alpha") for item in ElementTree.fromstring(export(CLEAR, "qgis")).iter("item")
    ]
    assert alphas == ["0", "204", "255"]


def test_qgis_color_ramp():
    root = ElementTree.fromstring(export("turbo", "qgis-ramp"))
    ramp = root.find("colorramps/colorramp")
    assert (ramp.get("type"), ramp.get("name")) == ("gradient", "turbo")
    options = qgis_options(ramp)
    assert (options["color1"], options["color2"]) == ("48,18,59,255", "122,4,3,255")
    stops = [stop.split(";") for stop in options["stops"].split(":")]
    assert np.allclose([float(at) for at, _ in stops], np.arange(1, 255) / 255, rtol=0, atol=1e-15)
    assert [color for _, color in stops] == [f"{r},{g},{b},255" for r, g, b in TURBO_U8[1:-1]]


def test_paraview_json():
    (preset,) = json.loads(export("turbo", "paraview", vmin=10, vmax=20))
    points = np.reshape(preset["RGBPoints"], (-1, 4))
    assert np.array_equal(points[:, 0], np.linspace(10, 20, 256))
    assert np.array_equal(points[:, 1:], TURBO)
    assert preset["ColorSpace"] == "RGB"
    assert preset["Name"] == "turbo"
    assert (preset["NanColor"], preset["NanOpacity"]) == ([0, 0, 0], 0)
    assert not {"Points", "UseBelowRangeColor", "UseAboveRangeColor"} & set(preset)
    (preset,) = json.loads(export(SPECIAL, "paraview"))
    assert preset["UseBelowRangeColor"] == preset["UseAboveRangeColor"] == 1
    assert preset["AboveRangeColor"] == [1, 1, 1]
    assert np.allclose(preset["BelowRangeColor"], np.array([1, 2, 3]) / 255)
    (preset,) = json.loads(export(CLEAR, "paraview"))
    assert np.array_equal(np.reshape(preset["Points"], (-1, 4))[:, 1], CLEAR.rgba[:, 3])


def test_paraview_xml():
    root = ElementTree.fromstring(export(CLEAR, "paraview-xml", vmin=-1, vmax=1))
    (cmap,) = root.findall("ColorMap")
    assert cmap.get("space") == "RGB"
    points = [[float(p.get(key)) for key in "xrgbo"] for p in cmap.findall("Point")]
    assert np.array_equal(points, np.column_stack([[-1, 0, 1], CLEAR.rgba]))
    root = ElementTree.fromstring(export("turbo", "paraview-xml"))
    points = [[float(p.get(key)) for key in "rgb"] for p in root.iter("Point")]
    assert np.array_equal(points, TURBO)


def test_visit():
    root = ElementTree.fromstring(export("turbo", "visit"))
    assert root.get("name") == "ColorTable"
    points = root.findall("Object[@name='ColorControlPointList']/Object")
    fields = [{f.get("name"): f.text for f in point.findall("Field")} for point in points]
    assert np.array_equal(
        [field["colors"].split() for field in fields],
        np.insert(TURBO_U8, 3, 255, axis=1).astype(str),
    )
    positions = [float(field["position"]) for field in fields]
    assert np.allclose(positions, np.arange(256) / 255, rtol=0, atol=1e-15)


def test_gnuplot_text():
    text = export("turbo", "gnuplot")
    assert "set palette model RGB\nset palette defined ( \\\n" in text
    rows = re.findall(r"^  (\d+) (\S+) (\S+) ([^\s,]+)(?:, \\| \))$", text, re.MULTILINE)
    numbers = np.array(rows, float)
    assert np.array_equal(numbers[:, 0], np.arange(256))
    assert np.array_equal(numbers[:, 1:], TURBO)


def test_gnuplot_run(tmp_path):
    gnuplot = tool("gnuplot")
    (tmp_path / "turbo.gp").write_text(export("turbo", "gnuplot"))
    script = 'load "turbo.gp"; set print "out.txt"; show palette palette 256 float'
    run(gnuplot, "-e", script, cwd=tmp_path)
    found = np.loadtxt(tmp_path / "out.txt")
    assert np.abs(found - TURBO).max() <= 1e-3  # its own table, four decimals


# --- what holds for every table ---


@pytest.mark.parametrize("to", TABLES)
def test_any_map_and_any_number_of_colors(to):
    maps = ["turbo", "viridis", mpl.colormaps["tab10"], SPECIAL, CLEAR, [(0.5, 0.5, 0.5)], None]
    for cmap in maps:
        written = export(cmap, to)
        assert isinstance(written, bytes if to in BINARY else str)
        assert written == export(cmap, to)
        if isinstance(written, str):
            assert written.endswith("\n")
            assert "nan" not in written.lower().replace("nancolor", "").replace(
                "nanopacity", ""
            ).replace("<nan", "")
    if to not in ("imagej", "titiler"):
        assert len(export("turbo", to, n=17)) != len(export("turbo", to, n=18)) or to == "act"


@pytest.mark.parametrize("to", TABLES)
def test_text_tables_carry_the_license_where_they_have_comments(to):
    written = export("turbo", to)
    silent = {"csv", "ggr", "act", "imagej", "titiler", "visit"}
    assert (b"Apache-2.0" in (written if to in BINARY else written.encode())) == (to not in silent)


@pytest.mark.parametrize("to", [to for to in TABLES if to not in BINARY])
def test_names_break_no_format(to):
    nasty = Colormap('x" */ --> <b>\n\\ & ]]', [(0, 0, 0), (1, 1, 1)])
    written = export(nasty, to)
    if to in ("json", "paraview", "titiler"):
        json.loads(written)
    if to in ("qgis", "qgis-ramp", "paraview-xml", "visit"):
        ElementTree.fromstring(written)
    if to == "matplotlib":
        exec(compile(written, "export", "exec"), {})
    for bad in ('" *', "*/ -", "--> <", "<b>", "& ]"):
        assert bad not in written
    assert len(written.splitlines()) == len(
        export(Colormap("x", [(0, 0, 0), (1, 1, 1)]), to).splitlines()
    )


def test_bytes_follow_the_rule_of_the_map():
    theirs = np.frombuffer(export(mpl.colormaps["turbo"], "act"), np.uint8).reshape(256, 3)
    assert np.array_equal(theirs, np.trunc(255 * TURBO).astype(np.uint8))
    ours = np.frombuffer(export("turbo", "act"), np.uint8).reshape(256, 3)
    assert np.array_equal(ours, TURBO_U8)


def test_any_length_comes_from_the_curve():
    rows = list(csv.reader(io.StringIO(export("turbo", "csv", n=1001))))[1:]
    assert np.array_equal(np.array(rows, float)[:, 1:], get_cmap("turbo", 1001).colors)


# --- bad input ---


def test_formats_are_listed():
    assert set(LANGUAGES) < set(EXPORT_FORMATS)
    assert all(isinstance(text, str) and text for text in EXPORT_FORMATS.values())
    with pytest.raises(TypeError):
        EXPORT_FORMATS["new"] = "x"
    with pytest.raises(ValueError, match=r"export\(\): to must be one of glsl, .*, got 'glls'"):
        export("turbo", "glls")
    with pytest.raises(TypeError, match=r"export\(\): to must be the name of a format, got int"):
        export("turbo", 3)


@pytest.mark.parametrize("to", LANGUAGES)
def test_a_map_without_a_curve_has_no_function(to):
    for cmap in ("viridis", SPECIAL, [(0, 0, 0), (1, 1, 1)], mpl.colormaps["turbo"]):
        for arguments in ({}, {"form": "minimax"}, {"degree": 5}):
            with pytest.raises(
                ValueError, match=f"{to} needs a map with a curve.*turbo, turbo_div"
            ):
                export(cmap, to, **arguments)


def test_forms_that_a_map_has_not():
    other = FUNCTIONS["natural"][0]
    with pytest.raises(ValueError, match="form='du' is a polynomial for Turbo, not for 'natural'"):
        export(other, "c", form="du")
    for name in ("turbo_poly", "turbo_balanced", "turbo_uniform_r"):
        with pytest.raises(ValueError, match=f"'{name}' is not a spline through knots"):
            export(name, "c", form="spline")
    with pytest.raises(ValueError, match="'turbo_balanced' has no closed form; form='minimax'"):
        export("turbo_balanced", "c")
    with pytest.raises(ValueError, match="form must be one of spline, du, minimax, got 'lut'"):
        export("turbo", "c", form="lut")
    with pytest.raises(ValueError, match="degree is for form='minimax', got form='spline'"):
        export("turbo", "c", form="spline", degree=9)
    with pytest.raises(TypeError, match="degree must be an integer, got float"):
        export("turbo", "c", degree=9.0)
    with pytest.raises(TypeError, match="degree must be an integer, got bool"):
        export("turbo", "c", degree=True)


def test_a_curve_of_another_kind_has_only_polynomials():
    squeezed = Colormap.from_curve("squeezed", squeezed_turbo)
    with pytest.raises(ValueError, match="'squeezed' has no closed form; form='minimax' comes"):
        export(squeezed, "c")
    with pytest.raises(ValueError, match="'squeezed' is not a spline through knots"):
        export(squeezed, "c", form="spline")
    assert "(measured);" in export(squeezed, "c", form="minimax")


def squeezed_turbo(t):
    return TURBO_CURVE(np.sqrt(t))


@pytest.mark.parametrize("to", TABLES)
def test_arguments_that_mean_nothing_are_refused(to):
    for arguments in ({"form": "spline"}, {"degree": 5}):
        with pytest.raises(ValueError, match=f"form and degree cannot be given for '{to}'"):
            export("turbo", to, **arguments)
    if to not in WITH_VALUES:
        with pytest.raises(ValueError, match=f"vmin and vmax cannot be given for '{to}'"):
            export("turbo", to, vmax=2)
    else:
        assert export("turbo", to, vmax=2) != export("turbo", to)


def test_functions_have_no_length_and_no_range():
    with pytest.raises(ValueError, match="n cannot be given for 'c'"):
        export("turbo", "c", n=5)
    with pytest.raises(ValueError, match="vmin and vmax cannot be given for 'c'"):
        export("turbo", "c", vmin=-1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be from 1 to 65536, got 0"),
        ({"n": 65_537}, ValueError, "n must be from 1 to 65536, got 65537"),
        ({"n": 2.0}, TypeError, "n must be an integer, got float"),
        ({"vmin": 1}, ValueError, "vmin must be less than vmax, got 1.0 and 1.0"),
        ({"vmin": 2}, ValueError, "vmin must be less than vmax, got 2.0 and 1.0"),
        ({"vmax": np.inf}, ValueError, "vmax must be finite, got inf"),
        ({"vmin": np.nan}, ValueError, "vmin must be finite, got nan"),
        ({"vmin": "0"}, TypeError, "vmin must be a number or None, got '0'"),
        ({"vmax": None}, TypeError, "vmin and vmax must be numbers, got None"),
    ],
)
def test_numbers_out_of_range(arguments, error, message):
    with pytest.raises(error, match=re.escape(f"export(): {message}")):
        export("turbo", "csv", **arguments)


def test_formats_of_a_fixed_length():
    for to in ("imagej", "titiler"):
        assert export("turbo", to, n=256) == export("turbo", to)
        with pytest.raises(ValueError, match=f"n must be 256 for '{to}', got 255"):
            export("turbo", to, n=255)
    with pytest.raises(ValueError, match="n must be from 1 to 256 for 'act', got 257"):
        export("turbo", "act", n=257)


def test_a_map_that_is_none():
    with pytest.raises(ValueError, match="'turbi' is not known"):
        export("turbi", "css")
    with pytest.raises(TypeError, match="cmap must be"):
        export(3, "css")


def test_importing_the_package_loads_no_writer():
    code = "import sys, turbo_cmap; print([m for m in sys.modules if 'turbo_cmap.export.' in m])"
    assert run(sys.executable, "-c", code).strip() == b"[]"


def test_the_documentation_is_true():
    text = (Path(__file__).parents[1] / "docs" / "export.md").read_text()
    assert tuple(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)) == tuple(EXPORT_FORMATS)
    beginning = re.search(r"^// turbo\(t\).*?(?=^ +\.\.\.$)", text, re.MULTILINE | re.DOTALL)
    assert export("turbo", "glsl").startswith(beginning.group())
    rows = re.findall(r"^\| (\d+) \| (\S+) / (\S+) / (\S+) \|", text, re.MULTILINE)
    assert len(rows) > 10
    for degree, *printed in rows:
        error = 255 * fit_minimax(TURBO_CURVE, int(degree)).error
        assert np.array_equal(np.ceil(100 * error) / 100, np.array(printed, float))


def test_the_wheel_has_the_writers():
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    assert '"turbo_cmap.export"' in pyproject.read_text()
