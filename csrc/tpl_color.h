/* Values to 8-bit pixels in one go, for rows that paint from registers (they define COLOR): no
 * index goes through memory, and pixels leave while values come in, which a copy of a painted
 * block past the caches does not let them. See kernels_tpl.h.
 *
 *   COLOR(pixel)                                the name of the function that paints
 *   color_tables load_tables(const tc_table *)  what it needs
 *   vf_ne(a, b)     where they differ or one is NaN
 *   vb bytes_of_levels(const vf[4])             rint(255 c) of c <= 1, and 0 of c < 0
 *   vb_set(level)
 *   store_3x8, store_4x8(out, const vb *, past_caches)
 */
enum { ISA(AT_ONCE) = 4 * LANES };
/* What a processor fetches by itself ends with the page. */
enum { ISA(AHEAD) = 4096, ISA(LINE) = 64 };

#define COLOR_LOOP(bytes, pixel, TAKE, from)                                                         \
    for (; i + ISA(AT_ONCE) <= count; i += ISA(AT_ONCE)) {                                           \
        for (size_t line = 0; line < ISA(AT_ONCE) * sizeof *x; line += ISA(LINE))                    \
            TC_FETCH((const char *)(from) + ISA(AHEAD) + line);                                      \
        const ISA(pair) a = TAKE(from), b = TAKE(from + ISA(WIDTH));                                 \
        COLOR(pixel)(a.i0, a.i1, b.i0, b.i1, &tables, out + bytes * i, past_caches);                 \
    }

#define COLOR_SCALED(name, T, bytes, pixel)                                                          \
    static void ISA(color_##name##_##pixel)(const void *values, const void *how, const tc_table *table, \
                                            void *pixels, size_t count, int past_caches)             \
    {                                                                                                \
        const tc_scale s = *(const tc_scale *)how;                                                   \
        const color_tables tables = load_tables(table);                                              \
        const T *x = values;                                                                         \
        char *out = pixels;                                                                          \
        const int mirrored = s.mirrored;                                                             \
        size_t i = 0;                                                                                \
        if (mirrored && s.bounds_steps)                                                              \
            COLOR_LOOP(bytes, pixel, MIRRORED_##name, x + i)                                         \
        else if (s.plain)                                                                            \
            COLOR_LOOP(bytes, pixel, PLAIN_##name, x + i)                                            \
        else                                                                                         \
            COLOR_LOOP(bytes, pixel, SIDED_##name, x + i)                                            \
        if (i < count) { /* the rest on a padded copy */                                             \
            T rest[ISA(AT_ONCE)] = {0};                                                              \
            char painted[bytes * ISA(AT_ONCE)];                                                      \
            memcpy(rest, x + i, (count - i) * sizeof *x);                                            \
            ISA(color_##name##_##pixel)(rest, &s, table, painted, ISA(AT_ONCE), 0);                  \
            memcpy(out + bytes * i, painted, bytes * (count - i));                                   \
        }                                                                                            \
    }
#define PLAIN_f32(x) ISA(pair_f32)(vf_load(x), vf_load((x) + LANES), &s, 1, mirrored)
#define SIDED_f32(x) ISA(pair_f32)(vf_load(x), vf_load((x) + LANES), &s, 0, mirrored)
#define MIRRORED_f32(x) ISA(pair_mirrored)(vf_load(x), vf_load((x) + LANES), &s)
#define PLAIN_f64(x) ISA(pair_f64)(x, &s, 1, mirrored)
#define SIDED_f64(x) ISA(pair_f64)(x, &s, 0, mirrored)
#define MIRRORED_f64(x) SIDED_f64(x) /* their scales are not like that */
COLOR_SCALED(f32, float, 3, 3x8)
COLOR_SCALED(f32, float, 4, 4x8)
COLOR_SCALED(f64, double, 3, 3x8)
COLOR_SCALED(f64, double, 4, 4x8)

#define COLOR_INTEGERS(bytes, pixel, PAINT)                                                          \
    static void ISA(color_i32_##pixel)(const void *values, const void *how, const tc_table *table,   \
                                       void *pixels, size_t count, int past_caches)                  \
    {                                                                                                \
        const tc_integer_scale s = *(const tc_integer_scale *)how;                                   \
        const color_tables tables = load_tables(table);                                              \
        const int32_t *x = values;                                                                   \
        char *out = pixels;                                                                          \
        size_t i = 0;                                                                                \
        if (s.scale.plain)                                                                           \
            COLOR_LOOP(bytes, pixel, PLAIN_i32, x + i)                                               \
        else                                                                                         \
            COLOR_LOOP(bytes, pixel, SIDED_i32, x + i)                                               \
        int32_t index[ISA(AT_ONCE)];                                                                 \
        ISA(index_i32)(x + i, index, count - i, &s);                                                 \
        PAINT(index, table, out + bytes * i, count - i);                                             \
    }
#define PLAIN_i32(x) ISA(pair_i32)(x, &s, 1)
#define SIDED_i32(x) ISA(pair_i32)(x, &s, 0)
COLOR_INTEGERS(3, 3x8, PAINT_3X8)
COLOR_INTEGERS(4, 4x8, PAINT_4X8)

/* By steps, whose entries are found in memory: few enough of them for pixels to leave evenly. */
enum { ISA(STEPS_AT_ONCE) = 4 * ISA(AT_ONCE) };
#define COLOR_STEPS(bytes, pixel, PAINT)                                                             \
    static void ISA(color_steps_##pixel)(const void *values, const void *how, const tc_table *table, \
                                         void *pixels, size_t count, int past_caches)                \
    {                                                                                                \
        const color_tables tables = load_tables(table);                                              \
        const float *x = values;                                                                     \
        char *out = pixels;                                                                          \
        int32_t index[ISA(STEPS_AT_ONCE)];                                                           \
        size_t i = 0;                                                                                \
        for (; i + ISA(STEPS_AT_ONCE) <= count; i += ISA(STEPS_AT_ONCE)) {                           \
            for (size_t line = 0; line < ISA(STEPS_AT_ONCE) * sizeof *x; line += ISA(LINE))          \
                TC_FETCH((const char *)(x + i) + ISA(AHEAD) + line);                                 \
            ISA(index_steps_f32)(x + i, index, ISA(STEPS_AT_ONCE), how);                             \
            for (int k = 0; k < ISA(STEPS_AT_ONCE); k += ISA(AT_ONCE))                               \
                COLOR(pixel)(vi_load(index + k), vi_load(index + k + LANES),                         \
                             vi_load(index + k + 2 * LANES), vi_load(index + k + 3 * LANES),         \
                             &tables, out + bytes * (i + (size_t)k), past_caches);                   \
        }                                                                                            \
        ISA(index_steps_f32)(x + i, index, count - i, how);                                          \
        PAINT(index, table, out + bytes * i, count - i);                                             \
    }
COLOR_STEPS(3, 3x8, PAINT_3X8)
COLOR_STEPS(4, 4x8, PAINT_4X8)
#undef COLOR_STEPS

/* A channel of a vector, not yet above 0. */
static inline vf ISA(cubic)(vf u, vi piece, const float table[][TC_MOST_PIECES])
{
    vf p = vf_take_8(table[3], piece);
    for (int k = 2; k >= 0; k--)
        p = vf_add(vf_mul(p, u), vf_take_8(table[k], piece));
    return vf_min(p, vf_set(1));
}

/* What clamping does not answer is left to others: NaN, what is outside where that has colors of
 * its own, and what is too close to vmin. */
#define COLOR_CURVE(bytes, pixel)                                                                        \
    static size_t ISA(color_curve_##pixel)(const float *x, const tc_scale *scale, const tc_curve *c,     \
                                           int reverse, uint8_t alpha, void *pixels, size_t count,       \
                                           int past_caches)                                              \
    {                                                                                                    \
        const tc_scale s = *scale;                                                                       \
        const int clamps = s.under < s.n && s.over < s.n;                                                \
        char *out = pixels;                                                                              \
        size_t i = 0;                                                                                    \
        for (; i + ISA(AT_ONCE) <= count; i += ISA(AT_ONCE)) {                                           \
            vf level[3][4];                                                                              \
            vm special = 0;                                                                              \
            for (int v = 0; v < 4; v++) {                                                                \
                TC_FETCH((const char *)(x + i + v * LANES) + ISA(AHEAD));                                \
                const vf d = ISA(above_vmin)(x + i + v * LANES, &s);                                     \
                const vf inside = vf_min(vf_max(d, vf_set(0)), vf_set(s.range_f));                       \
                special = vm_or(special, vm_or(vf_ne(d, clamps ? d : inside), ISA(is_tiny)(inside)));    \
                const vf up = ISA(divide)(inside, &s), t = reverse ? vf_sub(vf_set(1), up) : up;         \
                vi piece;                                                                                \
                const vf u = ISA(place)(t, &piece, c, TC_FEW);                                           \
                for (int channel = 0; channel < 3; channel++)                                            \
                    level[channel][v] = ISA(cubic)(u, piece, c->table[channel]);                         \
            }                                                                                            \
            if (TC_UNLIKELY(vm_any(special)))                                                            \
                break;                                                                                   \
            const vb planes[4] = {bytes_of_levels(level[0]), bytes_of_levels(level[1]),                  \
                                  bytes_of_levels(level[2]), vb_set(alpha)};                             \
            store_##pixel(out + bytes * i, planes, past_caches);                                         \
        }                                                                                                \
        return i;                                                                                        \
    }
COLOR_CURVE(3, 3x8)
COLOR_CURVE(4, 4x8)
#undef COLOR_CURVE
#undef COLOR_LOOP
#undef COLOR_SCALED
#undef COLOR_INTEGERS
