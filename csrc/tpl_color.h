/* Values to 8-bit pixels in one go, for rows that paint from registers (they define COLOR): no
 * index goes through memory, and pixels leave while values come in, which a copy of a painted
 * block past the caches does not let them. See kernels_tpl.h.
 *
 *   COLOR(pixel)                                the name of the function that paints
 *   color_tables load_tables(const tc_table *)  what it needs
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

#define COLOR_FLOATS(name, T, bytes, pixel, PAINT)                                                   \
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
            COLOR_LOOP(bytes, pixel, MIRRORED_PAIR, x + i)                                           \
        else if (s.plain)                                                                            \
            COLOR_LOOP(bytes, pixel, PLAIN_PAIR_##name, x + i)                                       \
        else                                                                                         \
            COLOR_LOOP(bytes, pixel, SIDED_PAIR_##name, x + i)                                       \
        int32_t index[ISA(AT_ONCE)];                                                                 \
        (mirrored ? ISA(exact_mirrored_##name) : ISA(exact_##name))(x + i, index, count - i, &s);    \
        PAINT(index, table, out + bytes * i, count - i);                                             \
    }
#define MIRRORED_PAIR(x) ISA(pair_mirrored_f32)((const float *)(x), &s) /* only floats' are */
#define PLAIN_PAIR_f32(x) ISA(pair_f32)(x, &s, 1, mirrored)
#define SIDED_PAIR_f32(x) ISA(pair_f32)(x, &s, 0, mirrored)
#define PLAIN_PAIR_f64(x) ISA(pair_f64)(x, &s, 1, mirrored)
#define SIDED_PAIR_f64(x) ISA(pair_f64)(x, &s, 0, mirrored)
COLOR_FLOATS(f32, float, 3, 3x8, PAINT_3X8)
COLOR_FLOATS(f32, float, 4, 4x8, PAINT_4X8)
COLOR_FLOATS(f64, double, 3, 3x8, PAINT_3X8)
COLOR_FLOATS(f64, double, 4, 4x8, PAINT_4X8)

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
            COLOR_LOOP(bytes, pixel, PLAIN_PAIR_i32, x + i)                                          \
        else                                                                                         \
            COLOR_LOOP(bytes, pixel, SIDED_PAIR_i32, x + i)                                          \
        int32_t index[ISA(AT_ONCE)];                                                                 \
        ISA(index_i32)(x + i, index, count - i, &s);                                                 \
        PAINT(index, table, out + bytes * i, count - i);                                             \
    }
#define PLAIN_PAIR_i32(x) ISA(pair_i32)(x, &s, 1)
#define SIDED_PAIR_i32(x) ISA(pair_i32)(x, &s, 0)
COLOR_INTEGERS(3, 3x8, PAINT_3X8)
COLOR_INTEGERS(4, 4x8, PAINT_4X8)
#undef COLOR_LOOP
#undef COLOR_FLOATS
#undef COLOR_INTEGERS
