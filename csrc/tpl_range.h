/* What ranges are found with: extents, and keys that are ordered as values. See kernels_tpl.h. */

/* ---- extent ---- */

/* Joined to lo and hi, of finite numbers: a and b are the least and the greatest, infinities
 * included, or infinity and its negative if there are only NaN. 0 if they cannot be joined. */
#define EXTENT(name, T, most)                                                              \
    static inline int ISA(join_extent_##name)(T a, T b, T *lo, T *hi)                      \
    {                                                                                      \
        if (!(a >= -most && b <= most))                                                    \
            return 0;                                                                      \
        *lo = a < *lo ? a : *lo;                                                           \
        *hi = b > *hi ? b : *hi;                                                           \
        return 1;                                                                          \
    }                                                                                      \
    /* Only a comparison each, since infinities are rare: where there is one, again. */    \
    static void ISA(extent_##name)(const T *x, size_t count, T *lo, T *hi)                 \
    {                                                                                      \
        enum { WIDTH = LANES > 1 ? 4 * LANES : 8 }; /* independent, so that loops vectorize */ \
        T low[WIDTH], high[WIDTH];                                                         \
        for (int lane = 0; lane < WIDTH; lane++)                                           \
            low[lane] = (T)INFINITY, high[lane] = (T)-INFINITY;                            \
        size_t i = 0;                                                                      \
        for (; i + WIDTH <= count; i += WIDTH)                                             \
            for (int lane = 0; lane < WIDTH; lane++) {                                     \
                const T v = x[i + lane]; /* NaN is neither */                              \
                low[lane] = v < low[lane] ? v : low[lane];                                 \
                high[lane] = v > high[lane] ? v : high[lane];                              \
            }                                                                              \
        for (; i < count; i++) {                                                           \
            low[0] = x[i] < low[0] ? x[i] : low[0];                                        \
            high[0] = x[i] > high[0] ? x[i] : high[0];                                     \
        }                                                                                  \
        for (int half = WIDTH / 2; half > 0; half /= 2)                                    \
            for (int lane = 0; lane < half; lane++) {                                      \
                low[lane] = low[lane + half] < low[lane] ? low[lane + half] : low[lane];   \
                high[lane] = high[lane + half] > high[lane] ? high[lane + half] : high[lane]; \
            }                                                                              \
        if (!ISA(join_extent_##name)(low[0], high[0], lo, hi))                             \
            for (i = 0; i < count; i++)                                                    \
                ISA(join_extent_##name)(x[i], x[i], lo, hi);                               \
    }
EXTENT(f32, float, FLT_MAX)
EXTENT(f64, double, DBL_MAX)
#undef EXTENT

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
