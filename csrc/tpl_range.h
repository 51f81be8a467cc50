/* What ranges are found with: extents, and keys that are ordered as values. See kernels_tpl.h. */

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

/* ---- inside: how many keys are in a span ---- */

#define INSIDE(name, K)                                                                          \
    static size_t ISA(inside_##name)(const K *restrict keys, size_t count, K first, K width)     \
    {                                                                                            \
        enum { WIDTH = 4 * LANES }; /* independent counters, so that loops vectorize */          \
        K inside[WIDTH];                                                                         \
        size_t i = 0, found = 0;                                                                 \
        for (int lane = 0; lane < WIDTH; lane++)                                                 \
            inside[lane] = 0;                                                                    \
        for (; i + WIDTH <= count; i += WIDTH)                                                   \
            for (int lane = 0; lane < WIDTH; lane++)                                             \
                inside[lane] += (K)(keys[i + lane] - first) <= width;                            \
        for (; i < count; i++)                                                                   \
            found += (K)(keys[i] - first) <= width;                                              \
        for (int lane = 0; lane < WIDTH; lane++)                                                 \
            found += (size_t)inside[lane];                                                       \
        return found;                                                                            \
    }
INSIDE(u32, uint32_t)
INSIDE(u64, uint64_t)
#undef INSIDE

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
