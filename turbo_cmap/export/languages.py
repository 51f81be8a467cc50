"""Eight languages: how each writes a function from t to a color.

A function is an array and a body. Expressions are written once, with integers, and get
decimal points where a language asks for them. Every array is a list of rows R, G, B.
"""

from __future__ import annotations

import re
from string import Template
from typing import NamedTuple

#: Numbers without a point, names and indices aside.
_WHOLE = re.compile(r"(?<![\w.\[])(\d+)(?![\w.\]])")


class Language(NamedTuple):
    """How one language writes a function.

    Attributes
    ----------
    comment : str
        What begins a comment of one line.
    nan : str
        What NaN gives, in words.
    whole : bool
        Whether ``2 * x`` may stand for ``2.0 * x``.
    clamp : str
        An expression clamped to [0, 1], with ``{}`` in its place.
    row : str
        A row of three numbers, indented.
    function : str
        Template: name, count of rows, rows, body.
    spline, powers, chebyshev : str
        Templates of the body, see `closed_forms`.
    """

    comment: str
    nan: str
    whole: bool
    clamp: str
    row: str
    function: str
    spline: str
    powers: str
    chebyshev: str

    def write(
        self, name: str, rows: list[tuple[float, ...]], body: str, holes: dict[str, str]
    ) -> str:
        """A function: an array of rows, and a body whose holes are filled."""
        if not self.whole:
            holes = {hole: _WHOLE.sub(r"\1.0", text) for hole, text in holes.items()}
        places = {"first": len(rows) - 1, "next": len(rows) - 2, "last": len(rows) - 4}
        return Template(self.function).substitute(
            name=name,
            NAME=name.upper(),
            count=len(rows),
            rows=",\n".join(self.row.format(*map(repr, row)) for row in rows),
            body=Template(body).substitute(holes, **places).strip("\n"),
        )


_C_CLAMP = "({0} < 0 ? 0 : {0} > 1 ? 1 : {0})"

GLSL = Language(
    comment="//",
    nan="NaN is undefined in GLSL",
    whole=False,
    clamp="clamp({}, 0.0, 1.0)",
    row="        vec3({}, {}, {})",
    function="""\
vec3 $name(float t) {
    const vec3 p[$count] = vec3[$count](
$rows
    );
$body
}
""",
    spline="""
    float x = $scaled;
    int i = clamp(int(x), 0, $last);
    float u = x - float(i);
    vec4 w = vec4(
        $w0,
        $w1,
        $w2,
        $w3
    );
    vec3 y = w.x * p[i] + w.y * p[i + 1] + w.z * p[i + 2] + w.w * p[i + 3];
    return $color;
""",
    powers="""
    float x = $x;
    vec3 y = p[$first];
    for (int i = $next; i >= 0; --i) y = y * x + p[i];
    return $color;
""",
    chebyshev="""
    float x = $x;
    vec3 a = vec3(0.0), b = vec3(0.0);
    for (int i = $first; i > 0; --i) {
        vec3 c = 2.0 * x * b - a + p[i];
        a = b;
        b = c;
    }
    vec3 y = x * b - a + p[0];
    return $color;
""",
)

HLSL = GLSL._replace(
    nan="NaN gives the first color, as saturate(NaN) is 0",
    clamp="saturate({})",
    row="        float3({}, {}, {})",
    function="""\
float3 $name(float t)
{
    static const float3 p[$count] = {
$rows
    };
$body
}
""",
    spline="""
    float x = $scaled;
    int i = clamp(int(x), 0, $last);
    float u = x - float(i);
    float4 w = float4(
        $w0,
        $w1,
        $w2,
        $w3
    );
    float3 y = w.x * p[i] + w.y * p[i + 1] + w.z * p[i + 2] + w.w * p[i + 3];
    return $color;
""",
    powers="""
    float x = $x;
    float3 y = p[$first];
    for (int i = $next; i >= 0; --i) y = y * x + p[i];
    return $color;
""",
    chebyshev="""
    float x = $x;
    float3 a = 0.0, b = 0.0;
    for (int i = $first; i > 0; --i) {
        float3 c = 2.0 * x * b - a + p[i];
        a = b;
        b = c;
    }
    float3 y = x * b - a + p[0];
    return $color;
""",
)

WGSL = GLSL._replace(
    nan="NaN gives any color in WGSL",
    clamp="saturate({})",
    row="        vec3f({}, {}, {})",
    # A variable: constants cannot be indexed by a number found at run time everywhere.
    function="""\
fn $name(t: f32) -> vec3f {
    var p = array<vec3f, $count>(
$rows
    );
$body
}
""",
    spline="""
    let x = $scaled;
    let i = min(u32(x), ${last}u);
    let u = x - f32(i);
    let w = vec4f(
        $w0,
        $w1,
        $w2,
        $w3
    );
    let y = w.x * p[i] + w.y * p[i + 1u] + w.z * p[i + 2u] + w.w * p[i + 3u];
    return $color;
""",
    powers="""
    let x = $x;
    var y = p[$first];
    for (var i = $next; i >= 0; i--) {
        y = y * x + p[i];
    }
    return $color;
""",
    chebyshev="""
    let x = $x;
    var a = vec3f(0.0);
    var b = vec3f(0.0);
    for (var i = $first; i > 0; i--) {
        let c = 2.0 * x * b - a + p[i];
        a = b;
        b = c;
    }
    let y = x * b - a + p[0];
    return $color;
""",
)

C = Language(
    comment="//",
    nan="NaN gives NaN",
    whole=True,
    clamp=_C_CLAMP,
    row="        {{{}, {}, {}}}",
    function="""\
#ifndef TURBO_CMAP_${NAME}_H
#define TURBO_CMAP_${NAME}_H

static inline void $name(double t, double rgb[3])
{
    static const double p[$count][3] = {
$rows
    };
$body
}

#endif
""",
    spline="""
    const double x = $scaled;
    const int i = x < $last ? (int)x : $last;
    const double u = x - i;
    const double w[4] = {
        $w0,
        $w1,
        $w2,
        $w3
    };
    for (int k = 0; k < 3; ++k) {
        const double y =
            w[0] * p[i][k] + w[1] * p[i + 1][k] + w[2] * p[i + 2][k] + w[3] * p[i + 3][k];
        rgb[k] = $color;
    }
""",
    powers="""
    const double x = $x;
    for (int k = 0; k < 3; ++k) {
        double y = p[$first][k];
        for (int i = $next; i >= 0; --i)
            y = y * x + p[i][k];
        rgb[k] = $color;
    }
""",
    chebyshev="""
    const double x = $x;
    for (int k = 0; k < 3; ++k) {
        double a = 0, b = 0;
        for (int i = $first; i > 0; --i) {
            const double c = 2 * x * b - a + p[i][k];
            a = b;
            b = c;
        }
        const double y = x * b - a + p[0][k];
        rgb[k] = $color;
    }
""",
)

CPP = C._replace(
    row="        {{T({}), T({}), T({})}}",
    function="""\
#pragma once
#include <array>

template <typename T>  // float or double
std::array<T, 3> $name(T t)
{
    static constexpr T p[$count][3] = {
$rows
    };
    std::array<T, 3> rgb{};
$body
    return rgb;
}
""",
    spline="""
    const T x = $scaled;
    const int i = x < $last ? static_cast<int>(x) : $last;
    const T u = x - T(i);
    const T w[4] = {
        $w0,
        $w1,
        $w2,
        $w3
    };
    for (int k = 0; k < 3; ++k) {
        const T y =
            w[0] * p[i][k] + w[1] * p[i + 1][k] + w[2] * p[i + 2][k] + w[3] * p[i + 3][k];
        rgb[k] = $color;
    }
""",
    powers=C.powers.replace("double", "T"),
    chebyshev=C.chebyshev.replace("double", "T"),
)

JAVASCRIPT = Language(
    comment="//",
    nan="NaN gives NaN",
    whole=True,
    clamp="Math.min(Math.max({}, 0), 1)",
    row="  [{}, {}, {}]",
    function="""\
const p = [
$rows
];

export function $name(t) {
$body
}
""",
    spline="""
  const x = $scaled;
  const i = x < $last ? Math.floor(x) : $last;
  const u = x - i;
  const w = [
    $w0,
    $w1,
    $w2,
    $w3
  ];
  return [0, 1, 2].map((k) => {
    const y = w[0] * p[i][k] + w[1] * p[i + 1][k] + w[2] * p[i + 2][k] + w[3] * p[i + 3][k];
    return $color;
  });
""",
    powers="""
  const x = $x;
  return [0, 1, 2].map((k) => {
    const y = p.reduceRight((sum, row) => sum * x + row[k], 0);
    return $color;
  });
""",
    chebyshev="""
  const x = $x;
  return [0, 1, 2].map((k) => {
    let [a, b] = [0, 0];
    for (let i = $first; i > 0; i -= 1) [a, b] = [b, 2 * x * b - a + p[i][k]];
    const y = x * b - a + p[0][k];
    return $color;
  });
""",
)

RUST = Language(
    comment="//",
    nan="NaN gives NaN",
    whole=False,
    clamp="{}.clamp(0.0, 1.0)",
    row="        [{}, {}, {}]",
    function="""\
pub fn $name(t: f64) -> [f64; 3] {
    const P: [[f64; 3]; $count] = [
$rows
    ];
$body
}
""",
    spline="""
    let x = $scaled;
    let i = (x as usize).min($last);
    let u = x - i as f64;
    let w = [
        $w0,
        $w1,
        $w2,
        $w3
    ];
    core::array::from_fn(|k| {
        let y = w[0] * P[i][k] + w[1] * P[i + 1][k] + w[2] * P[i + 2][k] + w[3] * P[i + 3][k];
        $color
    })
""",
    powers="""
    let x = $x;
    core::array::from_fn(|k| {
        let y = P.iter().rev().fold(0.0, |sum, row| sum * x + row[k]);
        $color
    })
""",
    chebyshev="""
    let x = $x;
    core::array::from_fn(|k| {
        let (mut a, mut b) = (0.0, 0.0);
        for row in P[1..].iter().rev() {
            (a, b) = (b, 2.0 * x * b - a + row[k]);
        }
        let y = x * b - a + P[0][k];
        $color
    })
""",
)

JULIA = Language(
    comment="#",
    nan="NaN gives NaN",
    whole=True,
    clamp="clamp({}, 0, 1)",
    row="        ({}, {}, {})",
    function="""\
function $name(t::Real)
    p = (
$rows
    )
$body
end
""",
    spline="""
    x = $scaled
    i = x < $last ? floor(Int, x) : $last
    u = x - i
    w = (
        $w0,
        $w1,
        $w2,
        $w3
    )
    return ntuple(3) do k
        y = w[1] * p[i + 1][k] + w[2] * p[i + 2][k] + w[3] * p[i + 3][k] + w[4] * p[i + 4][k]
        $color
    end
""",
    powers="""
    x = $x
    return ntuple(3) do k
        y = p[end][k]
        for i in $first:-1:1
            y = y * x + p[i][k]
        end
        $color
    end
""",
    chebyshev="""
    x = $x
    return ntuple(3) do k
        a = b = 0.0
        for i in length(p):-1:2
            a, b = b, 2x * b - a + p[i][k]
        end
        y = x * b - a + p[1][k]
        $color
    end
""",
)

#: By the names of the export formats.
LANGUAGES = {
    "glsl": GLSL,
    "hlsl": HLSL,
    "wgsl": WGSL,
    "c": C,
    "cpp": CPP,
    "javascript": JAVASCRIPT,
    "rust": RUST,
    "julia": JULIA,
}
