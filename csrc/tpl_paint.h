/* Indices and positions to pixels. See kernels_tpl.h. */

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
#ifndef PAINT_U16_3X8
#define PAINT_U16_3X8 ISA(paint_u16_3x8)
#define PAINT_U16_4X8 ISA(paint_u16_4x8)
PAINT(paint_u16, uint16_t, 3x8, 4, 3)
PAINT(paint_u16, uint16_t, 4x8, 4, 4)
#endif
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

/* ---- quantize ---- */

/* As for bytes in tpl_curve.h. */
static void ISA(quantize_u16)(const float *restrict c, uint16_t *restrict out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float shifted = c[i] * 65535.0f + 12582912.0f;
        uint32_t bits;
        memcpy(&bits, &shifted, 4);
        out[i] = (uint16_t)bits;
    }
}

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
