/* The algorithms, once. An ISA file defines the vector operations and includes this.
 *
 *   ISA(name)        the name with the ISA's suffix
 *   ISA_STRING       the row's name
 *   LANES            floats in a vector
 *   vf, vi, vm       vectors of float and int32, and a mask for their lanes
 *   vf_load, vf_from_f64 (LANES doubles minus one, rounded), vf_store, vf_set, vf_add, vf_sub, vf_mul, vf_fma, vf_min, vf_max, vf_abs
 *   (vf_fma(a, b, c) is a * b + c, rounded once or twice)
 *   vf_lt, vf_gt, vf_unordered   comparisons, vm
 *   vf_select(m, a, b)           m ? a : b, and vi_select
 *   vf_trunc         to int32, towards 0; the argument fits
 *   vi_load, vi_store, vi_set, vi_add, vi_sub, vi_min, vi_ne
 *   vm_or, vm_any
 *
 * and may define PAINT_3X8 etc. as its own functions. vf_min(a, b) and vf_max(a, b)
 * return b when a is NaN (NEON: unless it is signaling).
 *
 * Loops without vector operations are left to the compiler, which has this ISA's target;
 * each lane's operations are those of the truth, so its choices cannot change a bit. */
#include <float.h>
#include <math.h>
#include <string.h>

/* ---- widen: any value as float (16 bits and less) or double ---- */

#define WIDEN(name, from, to)                                                      \
    static void ISA(widen_##name)(const void *values, void *wide, size_t count)    \
    {                                                                              \
        const from *restrict in = values;                                          \
        to *restrict out = wide;                                                   \
        for (size_t i = 0; i < count; i++)                                         \
            out[i] = (to)in[i];                                                    \
    }
WIDEN(u8, uint8_t, float)
WIDEN(i8, int8_t, float)
WIDEN(u16, uint16_t, float)
WIDEN(i16, int16_t, float)
WIDEN(u32, uint32_t, double)
WIDEN(i32, int32_t, double)
WIDEN(u64, uint64_t, double)
WIDEN(i64, int64_t, double)
#undef WIDEN

static void ISA(widen_bool)(const void *values, void *wide, size_t count)
{
    const uint8_t *restrict in = values;
    float *restrict out = wide;
    for (size_t i = 0; i < count; i++)
        out[i] = in[i] != 0;
}

/* IEEE 754 half to float with integers and one exact subtraction: move exponent and
 * fraction into place and rebias. Subnormals get an exponent that makes their fraction
 * the low bits of 2^-14 + fraction, from which 2^-14 is subtracted. */
static void ISA(widen_f16)(const void *values, void *wide, size_t count)
{
    const uint16_t *restrict in = values;
    float *restrict out = wide;
    for (size_t i = 0; i < count; i++) {
        uint32_t magnitude = (uint32_t)(in[i] & 0x7FFF) << 13;
        uint32_t normal = magnitude + ((127u - 15u) << 23);
        uint32_t special = magnitude | 0x7F800000u; /* inf, NaN */
        uint32_t offset = (127u - 14u) << 23, low = magnitude + offset;
        float low_f, offset_f;
        memcpy(&low_f, &low, 4);
        memcpy(&offset_f, &offset, 4);
        float subnormal_f = low_f - offset_f;
        uint32_t subnormal;
        memcpy(&subnormal, &subnormal_f, 4);
        uint32_t bits = magnitude >= (31u << 23) ? special : magnitude < (1u << 23) ? subnormal : normal;
        bits |= (uint32_t)(in[i] & 0x8000) << 16;
        memcpy(&out[i], &bits, 4);
    }
}

/* ---- clear: NaN where values do not count ---- */

#define CLEAR_MASKED(name, T)                                                                  \
    static void ISA(clear_masked_##name)(T *restrict wide, const uint8_t *restrict mask, size_t count) \
    {                                                                                          \
        for (size_t i = 0; i < count; i++)                                                     \
            wide[i] = mask[i] ? (T)NAN : wide[i];                                              \
    }
CLEAR_MASKED(f32, float)
CLEAR_MASKED(f64, double)
#undef CLEAR_MASKED

#define CLEAR_EQUAL(name, V, T)                                                                \
    static void ISA(clear_equal_##name)(T *wide, const V *values, V invalid, size_t count)     \
    {                                                                                          \
        for (size_t i = 0; i < count; i++)                                                     \
            wide[i] = values[i] == invalid ? (T)NAN : wide[i];                                 \
    }
CLEAR_EQUAL(f32, float, float)
CLEAR_EQUAL(f64, double, double)
CLEAR_EQUAL(u64, uint64_t, double)
#undef CLEAR_EQUAL

/* ---- index ---- */

/* The truth, on values from lowest to highest, `WIDTH` at a time. Apart from the rest, so
 * that it costs the usual way nothing. Where vmin and range are floats, float operations
 * give the same: rounding a double's difference or quotient of floats to float is as good
 * as one rounding (Figueroa 1995). */
enum { ISA(WIDTH) = 2 * LANES };

static TC_NOINLINE void ISA(exact_f32)(const float *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin, range = scale->range;
    const float n = (float)scale->n;
    const int32_t last = scale->n - 1;
    if (scale->float_ends) {
        const float vmin_f = (float)vmin, range_f = (float)range;
        for (int i = 0; i < ISA(WIDTH); i++) {
            int32_t at = (int32_t)((x[i] - vmin_f) / range_f * n);
            index[i] = at < last ? at : last;
        }
        return;
    }
    for (int i = 0; i < ISA(WIDTH); i++) {
        float d = (float)(x[i] * prescale - vmin);
        float q = (float)(d / range);
        int32_t at = (int32_t)(q * n);
        index[i] = at < last ? at : last;
    }
}

static TC_NOINLINE void ISA(exact_f64)(const double *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin, range = scale->range, n = scale->n;
    const double lowest = scale->lowest, highest = scale->highest;
    const int32_t last = scale->n - 1;
    for (int i = 0; i < ISA(WIDTH); i++) {
        double inside = x[i] >= lowest ? x[i] : lowest; /* NaN too */
        inside = inside <= highest ? inside : highest;
        int32_t at = (int32_t)((inside * prescale - vmin) / range * n);
        index[i] = at < last ? at : last;
    }
}

/* Indices of two vectors of x - origin, and whether both bounds agree
 * on all of them. */
typedef struct {
    vi i0, i1;
    int agree;
} ISA(bounded);

static inline ISA(bounded) ISA(bound)(vf x0, vf x1, const tc_scale *s)
{
    const vf step = vf_set(s->step), low_offset = vf_set(s->low_offset), high_offset = vf_set(s->high_offset);
    const vi last = vi_set(s->n - 1);
    vi i0 = vf_trunc(vf_fma(x0, step, low_offset)), i1 = vf_trunc(vf_fma(x1, step, low_offset));
    vi upper0 = vi_min(vf_trunc(vf_fma(x0, step, high_offset)), last);
    vi upper1 = vi_min(vf_trunc(vf_fma(x1, step, high_offset)), last);
    ISA(bounded) result = {i0, i1, !vm_any(vm_or(vi_ne(i0, upper0), vi_ne(i1, upper1)))};
    return result;
}

static inline vf ISA(clamp)(vf x, const tc_scale *s)
{
    return vf_min(vf_max(x, vf_set(s->lowest_f)), vf_set(s->highest_f)); /* NaN becomes lowest */
}

static inline void ISA(index_vectors_f32)(const float *x, int32_t *index, const tc_scale *s, int plain)
{
    const vf x0 = vf_load(x), x1 = vf_load(x + LANES), inside0 = ISA(clamp)(x0, s), inside1 = ISA(clamp)(x1, s);
    const vf origin = vf_set(s->origin_f);
    ISA(bounded) at = ISA(bound)(vf_sub(inside0, origin), vf_sub(inside1, origin), s);
    if (TC_UNLIKELY(!at.agree)) {
        float in[ISA(WIDTH)];
        int32_t out[ISA(WIDTH)];
        vf_store(in, inside0);
        vf_store(in + LANES, inside1);
        ISA(exact_f32)(in, out, s);
        at.i0 = vi_load(out);
        at.i1 = vi_load(out + LANES);
    }
    if (!plain) {
        const vf lowest = vf_set(s->lowest_f), highest = vf_set(s->highest_f);
        const vi under = vi_set(s->under), over = vi_set(s->over);
        at.i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, at.i0));
        at.i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, at.i1));
    }
    const vi bad = vi_set(s->bad);
    vi_store(index, vi_select(vf_unordered(x0), bad, at.i0));
    vi_store(index + LANES, vi_select(vf_unordered(x1), bad, at.i1));
}

/* Doubles are bounded as floats, and those that are not certain computed as doubles. */
static inline void ISA(index_vectors_f64)(const double *x, int32_t *index, const tc_scale *s, int plain)
{
    const vf u0 = vf_from_f64(x, s->origin), u1 = vf_from_f64(x + LANES, s->origin);
    ISA(bounded) at = ISA(bound)(ISA(clamp)(u0, s), ISA(clamp)(u1, s), s);
    vi_store(index, at.i0);
    vi_store(index + LANES, at.i1);
    if (TC_UNLIKELY(!at.agree))
        ISA(exact_f64)(x, index, s);
    if (plain) {
        const vi bad = vi_set(s->bad);
        vi_store(index, vi_select(vf_unordered(u0), bad, vi_load(index)));
        vi_store(index + LANES, vi_select(vf_unordered(u1), bad, vi_load(index + LANES)));
        return;
    }
    for (int i = 0; i < ISA(WIDTH); i++) { /* as doubles: as floats many are one */
        int32_t value = index[i];
        value = x[i] < s->lowest ? s->under : value;
        value = x[i] > s->highest ? s->over : value;
        index[i] = x[i] != x[i] ? s->bad : value;
    }
}

/* A tail, and all values where there are no bounds, go one padded group at a time. */
#define INDEX(name, T)                                                                                     \
    static void ISA(index_##name)(const T *x, int32_t *index, size_t count, const tc_scale *scale)         \
    {                                                                                                      \
        const tc_scale s = *scale; /* a copy that no store can be seen to change */                        \
        const int32_t last = s.n - 1;                                                                      \
        size_t i = 0;                                                                                      \
        if (s.bounded && s.plain)                                                                          \
            for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                               \
                ISA(index_vectors_##name)(x + i, index + i, &s, 1);                                        \
        else if (s.bounded)                                                                                \
            for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                               \
                ISA(index_vectors_##name)(x + i, index + i, &s, 0);                                        \
        for (; i < count; i += ISA(WIDTH)) {                                                               \
            T inside[ISA(WIDTH)];                                                                          \
            int32_t at[ISA(WIDTH)] = {0};                                                                  \
            const size_t group = count - i < ISA(WIDTH) ? count - i : ISA(WIDTH);                          \
            for (size_t k = 0; k < ISA(WIDTH); k++) {                                                      \
                T v = x[i + (k < group ? k : 0)];                                                          \
                v = v >= (T)s.lowest ? v : (T)s.lowest;                                                    \
                inside[k] = v <= (T)s.highest ? v : (T)s.highest;                                          \
            }                                                                                              \
            if (s.range != 0)                                                                              \
                ISA(exact_##name)(inside, at, &s);                                                         \
            for (size_t k = 0; k < group; k++) {                                                           \
                const T v = x[i + k];                                                                      \
                int32_t value = at[k] < last ? at[k] : last;                                               \
                value = v < (T)s.lowest ? s.under : value;                                                 \
                value = v > (T)s.highest ? s.over : value;                                                 \
                index[i + k] = v != v ? s.bad : value;                                                     \
            }                                                                                              \
        }                                                                                                  \
    }
INDEX(f32, float)
INDEX(f64, double)
#undef INDEX

/* ---- index on a mirrored scale ---- */

/* The truth for any value. */
#define MIRRORED(name, T)                                                                              \
    static inline int32_t ISA(mirrored_##name)(T x, const tc_scale *s)                                 \
    {                                                                                                  \
        const double d = x * s->prescale - s->vmin;                                                    \
        const T size = (T)(d < 0 ? -d : d), q = (T)(size / s->range);                                  \
        const T y = (T)(q * (T)(s->n / 2.0));                                                          \
        const int below = x * s->prescale < s->vmin;                                                   \
        if (x != x)                                                                                    \
            return s->bad;                                                                             \
        if (size == 0)                                                                                 \
            return below ? s->down : s->up;                                                            \
        if (y > (T)(s->n / 2.0))                                                                       \
            return below ? s->under : s->over;                                                         \
        int32_t m = (int32_t)(T)(y + (T)s->bias);                                                      \
        m = m < s->steps ? m : s->steps;                                                               \
        return below ? s->down - m : s->up + m;                                                        \
    }                                                                                                  \
    static TC_NOINLINE void ISA(mirrored_all_##name)(const T *x, int32_t *index, size_t count,         \
                                                     const tc_scale *s)                                \
    {                                                                                                  \
        for (size_t i = 0; i < count; i++)                                                             \
            index[i] = ISA(mirrored_##name)(x[i], s);                                                  \
    }
MIRRORED(f32, float)
MIRRORED(f64, double)
#undef MIRRORED

static inline vi ISA(mirror)(vi m, vm below, const tc_scale *s)
{
    return vi_select(below, vi_sub(vi_set(s->down), m), vi_add(vi_set(s->up), m));
}

static inline vf ISA(distance)(vf x, const tc_scale *s) { return vf_abs(vf_sub(x, vf_set(s->origin_f))); }

static void ISA(index_mirrored_f32)(const float *x, int32_t *index, size_t count, const tc_scale *scale)
{
    const tc_scale s = *scale;
    tc_scale half = s; /* for the bounds of m */
    half.n = s.steps + 1;
    size_t i = 0;
    if (s.bounded)
        for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH)) {
            const vf x0 = vf_load(x + i), x1 = vf_load(x + i + LANES);
            const vf inside0 = ISA(clamp)(x0, &s), inside1 = ISA(clamp)(x1, &s);
            ISA(bounded) m = ISA(bound)(ISA(distance)(inside0, &s), ISA(distance)(inside1, &s), &half);
            if (TC_UNLIKELY(!m.agree)) {
                ISA(mirrored_all_f32)(x + i, index + i, ISA(WIDTH), &s);
                continue;
            }
            const vf beyond = vf_set(s.beyond_f), lowest = vf_set(s.lowest_f), highest = vf_set(s.highest_f);
            const vi under = vi_set(s.under), over = vi_set(s.over), bad = vi_set(s.bad);
            vi i0 = ISA(mirror)(m.i0, vf_lt(x0, beyond), &s), i1 = ISA(mirror)(m.i1, vf_lt(x1, beyond), &s);
            i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, i0));
            i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, i1));
            vi_store(index + i, vi_select(vf_unordered(x0), bad, i0));
            vi_store(index + i + LANES, vi_select(vf_unordered(x1), bad, i1));
        }
    ISA(mirrored_all_f32)(x + i, index + i, count - i, &s);
}

static void ISA(index_mirrored_f64)(const double *x, int32_t *index, size_t count, const tc_scale *scale)
{
    const tc_scale s = *scale;
    ISA(mirrored_all_f64)(x, index, count, &s);
}

/* ---- position: t in [0, 1] and on which side of it the value was ---- */

#define POSITION(name, T)                                                                           \
    static inline unsigned ISA(position_loop_##name)(const T *restrict x, float *restrict t,        \
                                                     uint8_t *restrict side, size_t count,          \
                                                     const tc_scale *scale, int exact_vmin)         \
    {                                                                                               \
        const double prescale = scale->prescale, vmin = scale->vmin;                                \
        const T vmin_t = (T)vmin, infinity = (T)INFINITY;                                           \
        const T range = scale->range == 0 ? 1 : (T)scale->range;                                    \
        const int point = scale->range == 0;                                                        \
        uint8_t sides = 0;                                                                          \
        for (size_t i = 0; i < count; i++) {                                                        \
            T v = x[i], p = (exact_vmin ? v - vmin_t : (T)(v * prescale - vmin)) / range;           \
            /* in a range of 0, finite values are at 0 and infinite ones outside */                 \
            p = point && v > -infinity && v < infinity ? 0 : p;                                     \
            uint8_t outside = p < 0 ? TC_UNDER : p > 1 ? TC_OVER : TC_INSIDE;                       \
            outside = v != v ? TC_BAD : outside;                                                    \
            side[i] = outside;                                                                      \
            sides |= outside;                                                                       \
            p = p >= 0 ? p : 0;                                                                     \
            t[i] = (float)(p <= 1 ? p : 1);                                                         \
        }                                                                                           \
        return sides;                                                                               \
    }                                                                                               \
    static unsigned ISA(position_##name)(const T *x, float *t, uint8_t *side, size_t count,         \
                                         const tc_scale *scale)                                     \
    {                                                                                               \
        return scale->exact_vmin ? ISA(position_loop_##name)(x, t, side, count, scale, 1)           \
                                 : ISA(position_loop_##name)(x, t, side, count, scale, 0);          \
    }
POSITION(f32, float)
POSITION(f64, double)
#undef POSITION

/* ---- extent ---- */

static void ISA(extent_f32)(const float *x, size_t count, float *lo, float *hi)
{
    const vf infinity = vf_set(INFINITY), none = vf_set(-INFINITY);
    vf low = infinity, high = none;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vf v = vf_load(x + i);
        vm finite = vf_lt(vf_abs(v), infinity);
        low = vf_min(vf_select(finite, v, infinity), low);
        high = vf_max(vf_select(finite, v, none), high);
    }
    float lows[LANES], highs[LANES];
    vf_store(lows, low);
    vf_store(highs, high);
    for (int lane = 0; lane < LANES; lane++) {
        *lo = lows[lane] < *lo ? lows[lane] : *lo;
        *hi = highs[lane] > *hi ? highs[lane] : *hi;
    }
    for (; i < count; i++)
        if (fabsf(x[i]) <= FLT_MAX) {
            *lo = x[i] < *lo ? x[i] : *lo;
            *hi = x[i] > *hi ? x[i] : *hi;
        }
}

static void ISA(extent_f64)(const double *restrict x, size_t count, double *lo, double *hi)
{
    enum { WIDTH = LANES > 1 ? 2 * LANES : 4 }; /* independent minima, so that loops vectorize */
    double low[WIDTH], high[WIDTH];
    for (int lane = 0; lane < WIDTH; lane++)
        low[lane] = INFINITY, high[lane] = -INFINITY;
    size_t i = 0;
    for (; i + WIDTH <= count; i += WIDTH)
        for (int lane = 0; lane < WIDTH; lane++) {
            double v = x[i + lane], size = fabs(v);
            double a = size <= DBL_MAX ? v : INFINITY, b = size <= DBL_MAX ? v : -INFINITY;
            low[lane] = a < low[lane] ? a : low[lane];
            high[lane] = b > high[lane] ? b : high[lane];
        }
    for (; i < count; i++)
        if (fabs(x[i]) <= DBL_MAX) {
            low[0] = x[i] < low[0] ? x[i] : low[0];
            high[0] = x[i] > high[0] ? x[i] : high[0];
        }
    for (int lane = 0; lane < WIDTH; lane++) {
        *lo = low[lane] < *lo ? low[lane] : *lo;
        *hi = high[lane] > *hi ? high[lane] : *hi;
    }
}

/* ---- order: integers that are ordered as the values ----
 *
 * Signed integers are moved up by half the range. Of floats, the bits below the sign are
 * ordered by magnitude: positive ones go above all negative ones, whose bits are turned. */

#define ORDER(name, from, to, key)                                                 \
    static void ISA(order_##name)(const void *values, void *keys, size_t count)    \
    {                                                                              \
        const from *restrict in = values;                                          \
        to *restrict out = keys;                                                   \
        for (size_t i = 0; i < count; i++) {                                       \
            to v = in[i];                                                          \
            out[i] = key;                                                          \
        }                                                                          \
    }
ORDER(bool, uint8_t, uint32_t, v != 0)
ORDER(u8, uint8_t, uint32_t, v)
ORDER(i8, uint8_t, uint32_t, v ^ 0x80u)
ORDER(u16, uint16_t, uint32_t, v)
ORDER(i16, uint16_t, uint32_t, v ^ 0x8000u)
ORDER(f16, uint16_t, uint32_t, v ^ (0x8000u | ((0u - (v >> 15)) & 0xFFFFu)))
ORDER(i32, uint32_t, uint32_t, v ^ 0x80000000u)
ORDER(f32, uint32_t, uint32_t, v ^ (0x80000000u | (0u - (v >> 31))))
ORDER(i64, uint64_t, uint64_t, v ^ UINT64_C(0x8000000000000000))
ORDER(f64, uint64_t, uint64_t, v ^ (UINT64_C(0x8000000000000000) | (0u - (v >> 63))))
#undef ORDER

/* ---- within: keys of a span, as their distances from its first ---- */

/* Mostly few keys are within, or all: stretches without any cost a vector compare. */
#define WITHIN(name, K)                                                                                   \
    static size_t ISA(within_some_##name)(const K *restrict keys, size_t count, K first, K width,         \
                                          K *restrict offsets)                                            \
    {                                                                                                     \
        size_t found = 0;                                                                                 \
        for (size_t i = 0; i < count; i++) {                                                              \
            K offset = keys[i] - first;                                                                   \
            offsets[found] = offset;                                                                      \
            found += offset <= width;                                                                     \
        }                                                                                                 \
        return found;                                                                                     \
    }                                                                                                     \
    static size_t ISA(within_##name)(const K *restrict keys, size_t count, K first, K width,              \
                                     K *restrict offsets)                                                 \
    {                                                                                                     \
        enum { STRETCH = 64 };                                                                            \
        size_t found = 0, i = 0;                                                                          \
        for (; i + STRETCH <= count; i += STRETCH) {                                                      \
            K inside = 0;                                                                                 \
            for (int j = 0; j < STRETCH; j++) {                                                           \
                K offset = keys[i + j] - first;                                                           \
                inside += offset <= width;                                                                \
            }                                                                                             \
            if (inside == STRETCH) {                                                                      \
                for (int j = 0; j < STRETCH; j++)                                                         \
                    offsets[found + j] = keys[i + j] - first;                                             \
                found += STRETCH;                                                                         \
            } else if (inside) {                                                                          \
                found += ISA(within_some_##name)(keys + i, STRETCH, first, width, offsets + found);       \
            }                                                                                             \
        }                                                                                                 \
        return found + ISA(within_some_##name)(keys + i, count - i, first, width, offsets + found);       \
    }
#ifndef WITHIN_U32
#define WITHIN_U32 ISA(within_u32)
WITHIN(u32, uint32_t)
#endif
#ifndef WITHIN_U64
#define WITHIN_U64 ISA(within_u64)
WITHIN(u64, uint64_t)
#endif
#undef WITHIN

#define BOUNDS(name, K)                                                                    \
    static void ISA(bounds_##name)(const K *keys, size_t count, K *least, K *most)         \
    {                                                                                      \
        K low = *least, high = *most;                                                      \
        for (size_t i = 0; i < count; i++) {                                               \
            low = keys[i] < low ? keys[i] : low;                                           \
            high = keys[i] > high ? keys[i] : high;                                        \
        }                                                                                  \
        *least = low;                                                                      \
        *most = high;                                                                      \
    }
BOUNDS(u32, uint32_t)
BOUNDS(u64, uint64_t)
#undef BOUNDS

/* ---- paint: a table entry a pixel ----
 *
 * Entries have 4 components, so an entry is loaded and stored whole; of 3 the last one
 * spills into the next pixel, which is written after it. The last pixel is written
 * without spilling. */

#define PAINT(name, index_type, pixel_name, entry_bytes, pixel_bytes)                                         \
    static void ISA(name##_##pixel_name)(const index_type *index, const tc_table *table, void *pixels,        \
                                         size_t count)                                                        \
    {                                                                                                         \
        const char *entries = table->entries;                                                                 \
        char *out = pixels;                                                                                   \
        size_t i = 0;                                                                                         \
        for (; i + 1 < count; i++)                                                                            \
            memcpy(out + i * pixel_bytes, entries + (size_t)index[i] * entry_bytes, entry_bytes);             \
        if (i < count)                                                                                        \
            memcpy(out + i * pixel_bytes, entries + (size_t)index[i] * entry_bytes, pixel_bytes);             \
    }
#define PAINT_BOTH(pixel_name, entry_bytes, pixel_bytes)             \
    PAINT(paint, int32_t, pixel_name, entry_bytes, pixel_bytes)      \
    PAINT(paint_u8, uint8_t, pixel_name, entry_bytes, pixel_bytes)

#ifndef PAINT_3X8
#define PAINT_3X8 ISA(paint_3x8)
#define PAINT_U8_3X8 ISA(paint_u8_3x8)
PAINT_BOTH(3x8, 4, 3)
#endif
#ifndef PAINT_4X8
#define PAINT_4X8 ISA(paint_4x8)
#define PAINT_U8_4X8 ISA(paint_u8_4x8)
PAINT_BOTH(4x8, 4, 4)
#endif
PAINT_BOTH(3x16, 8, 6)
PAINT_BOTH(4x16, 8, 8)
PAINT_BOTH(3x32, 16, 12)
PAINT_BOTH(4x32, 16, 16)
PAINT_BOTH(4x64, 32, 32)
#undef PAINT
#undef PAINT_BOTH

#define PAINT_PLANE(bits, T)                                                                              \
    static void ISA(paint_plane_##bits)(const int32_t *restrict index, const void *plane, void *pixels,   \
                                        size_t count)                                                     \
    {                                                                                                     \
        const T *restrict levels = plane;                                                                 \
        T *restrict out = pixels;                                                                         \
        for (size_t i = 0; i < count; i++)                                                                \
            out[i] = levels[index[i]];                                                                    \
    }
#ifndef PAINT_PLANE_8
#define PAINT_PLANE_8 ISA(paint_plane_8)
PAINT_PLANE(8, uint8_t)
#endif
PAINT_PLANE(16, uint16_t)
PAINT_PLANE(32, uint32_t)
PAINT_PLANE(64, uint64_t)
#undef PAINT_PLANE

/* ---- polynomial ---- */

static void ISA(polynomial)(const float *restrict t, float *restrict out, size_t count,
                            const float *restrict coefficients, int degree)
{
    const vf zero = vf_set(0), one = vf_set(1);
    size_t i = 0;
    /* four at a time: each waits for itself */
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        vf t0 = vf_load(t + i), t1 = vf_load(t + i + LANES);
        vf t2 = vf_load(t + i + 2 * LANES), t3 = vf_load(t + i + 3 * LANES);
        vf p0 = vf_set(coefficients[degree]), p1 = p0, p2 = p0, p3 = p0;
        for (int k = degree - 1; k >= 0; k--) {
            vf c = vf_set(coefficients[k]);
            p0 = vf_add(vf_mul(p0, t0), c);
            p1 = vf_add(vf_mul(p1, t1), c);
            p2 = vf_add(vf_mul(p2, t2), c);
            p3 = vf_add(vf_mul(p3, t3), c);
        }
        vf_store(out + i, vf_min(vf_max(p0, zero), one));
        vf_store(out + i + LANES, vf_min(vf_max(p1, zero), one));
        vf_store(out + i + 2 * LANES, vf_min(vf_max(p2, zero), one));
        vf_store(out + i + 3 * LANES, vf_min(vf_max(p3, zero), one));
    }
    for (; i < count; i++) {
        float p = coefficients[degree];
        for (int k = degree - 1; k >= 0; k--)
            p = p * t[i] + coefficients[k];
        p = p >= 0 ? p : 0;
        out[i] = p <= 1 ? p : 1;
    }
}

/* Adding 1.5 * 2^23 rounds to the nearest integer, ties to even, and leaves it in the low
 * bits: rint on every ISA, and vectorizable on the oldest. */
#define QUANTIZE(name, T, levels)                                                          \
    static void ISA(quantize_##name)(const float *restrict c, T *restrict out, size_t count) \
    {                                                                                      \
        for (size_t i = 0; i < count; i++) {                                               \
            float shifted = c[i] * levels + 12582912.0f;                                   \
            uint32_t bits;                                                                 \
            memcpy(&bits, &shifted, 4);                                                    \
            out[i] = (T)bits;                                                              \
        }                                                                                  \
    }
QUANTIZE(u8, uint8_t, 255.0f)
QUANTIZE(u16, uint16_t, 65535.0f)
#undef QUANTIZE

/* ---- join: planes to pixels ---- */

#define JOIN_3(name, T)                                                                              \
    static void ISA(join_##name)(const void *rs, const void *gs, const void *bs, const void *as,     \
                                 void *pixels, size_t count)                                         \
    {                                                                                                \
        const T *restrict r = rs, *restrict g = gs, *restrict b = bs;                                \
        T *restrict out = pixels;                                                                    \
        (void)as;                                                                                    \
        for (size_t i = 0; i < count; i++) {                                                         \
            out[3 * i] = r[i];                                                                       \
            out[3 * i + 1] = g[i];                                                                   \
            out[3 * i + 2] = b[i];                                                                   \
        }                                                                                            \
    }
#define JOIN_4(name, T)                                                                              \
    static void ISA(join_##name)(const void *rs, const void *gs, const void *bs, const void *as,     \
                                 void *pixels, size_t count)                                         \
    {                                                                                                \
        const T *restrict r = rs, *restrict g = gs, *restrict b = bs, *restrict a = as;              \
        T *restrict out = pixels;                                                                    \
        for (size_t i = 0; i < count; i++) {                                                         \
            out[4 * i] = r[i];                                                                       \
            out[4 * i + 1] = g[i];                                                                   \
            out[4 * i + 2] = b[i];                                                                   \
            out[4 * i + 3] = a[i];                                                                   \
        }                                                                                            \
    }
#ifndef JOIN_3X8
#define JOIN_3X8 ISA(join_3x8)
JOIN_3(3x8, uint8_t)
#endif
JOIN_4(4x8, uint8_t)
JOIN_3(3x16, uint16_t)
JOIN_4(4x16, uint16_t)
JOIN_3(3x32, float)
JOIN_4(4x32, float)
#undef JOIN_3
#undef JOIN_4

#ifndef STREAM
#define STREAM ISA(stream)
#define STREAM_END ISA(stream_end)
static void ISA(stream)(void *dst, const void *src, size_t bytes) { memcpy(dst, src, bytes); }
static void ISA(stream_end)(void) {}
#endif

const tc_kernels ISA(tc_row) = {
    .name = ISA_STRING,
    .supported = ISA(supported),
    .widen = {
        [TC_BOOL] = ISA(widen_bool), [TC_U8] = ISA(widen_u8), [TC_I8] = ISA(widen_i8), [TC_U16] = ISA(widen_u16), [TC_I16] = ISA(widen_i16),
        [TC_F16] = ISA(widen_f16), [TC_U32] = ISA(widen_u32), [TC_I32] = ISA(widen_i32),
        [TC_U64] = ISA(widen_u64), [TC_I64] = ISA(widen_i64),
    },
    .clear_masked_f32 = ISA(clear_masked_f32),
    .clear_masked_f64 = ISA(clear_masked_f64),
    .clear_equal_f32 = ISA(clear_equal_f32),
    .clear_equal_f64 = ISA(clear_equal_f64),
    .clear_equal_u64 = ISA(clear_equal_u64),
    .index_f32 = ISA(index_f32),
    .index_f64 = ISA(index_f64),
    .index_mirrored_f32 = ISA(index_mirrored_f32),
    .index_mirrored_f64 = ISA(index_mirrored_f64),
    .position_f32 = ISA(position_f32),
    .position_f64 = ISA(position_f64),
    .extent_f32 = ISA(extent_f32),
    .extent_f64 = ISA(extent_f64),
    .order = {
        [TC_BOOL] = ISA(order_bool), [TC_U8] = ISA(order_u8), [TC_I8] = ISA(order_i8), [TC_U16] = ISA(order_u16),
        [TC_I16] = ISA(order_i16), [TC_F16] = ISA(order_f16), [TC_F32] = ISA(order_f32), [TC_I32] = ISA(order_i32),
        [TC_I64] = ISA(order_i64), [TC_F64] = ISA(order_f64),
    },
    .within_u32 = WITHIN_U32,
    .within_u64 = WITHIN_U64,
    .bounds_u32 = ISA(bounds_u32),
    .bounds_u64 = ISA(bounds_u64),
    .paint = {
        [TC_3X8] = PAINT_3X8, [TC_4X8] = PAINT_4X8, [TC_3X16] = ISA(paint_3x16), [TC_4X16] = ISA(paint_4x16),
        [TC_3X32] = ISA(paint_3x32), [TC_4X32] = ISA(paint_4x32), [TC_4X64] = ISA(paint_4x64),
    },
    .paint_u8 = {
        [TC_3X8] = PAINT_U8_3X8, [TC_4X8] = PAINT_U8_4X8, [TC_3X16] = ISA(paint_u8_3x16),
        [TC_4X16] = ISA(paint_u8_4x16), [TC_3X32] = ISA(paint_u8_3x32), [TC_4X32] = ISA(paint_u8_4x32),
        [TC_4X64] = ISA(paint_u8_4x64),
    },
    .paint_plane = {
        [TC_8] = PAINT_PLANE_8, [TC_16] = ISA(paint_plane_16), [TC_32] = ISA(paint_plane_32),
        [TC_64] = ISA(paint_plane_64),
    },
    .polynomial = ISA(polynomial),
    .quantize_u8 = ISA(quantize_u8),
    .quantize_u16 = ISA(quantize_u16),
    .join = {
        [TC_3X8] = JOIN_3X8, [TC_4X8] = ISA(join_4x8), [TC_3X16] = ISA(join_3x16), [TC_4X16] = ISA(join_4x16),
        [TC_3X32] = ISA(join_3x32), [TC_4X32] = ISA(join_4x32),
    },
    .stream = STREAM,
    .stream_end = STREAM_END,
};
