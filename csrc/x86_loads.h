/* Table look-ups by scalar loads into vectors, for the AVX2 and AVX-512 rows: these beat the
 * gather instructions on all but the newest CPUs. */

/* ---- 8-bit pixels, four at a time ----
 *
 * Of RGBX the X is squeezed out. Two indices come in one load. The store of 16 bytes for 4
 * pixels of 3 spills over the next ones, hence the margin. */
static inline __m128i four(const int32_t *entries, size_t i0, size_t i1, size_t i2, size_t i3)
{
    __m128i pixels = _mm_cvtsi32_si128(entries[i0]);
    pixels = _mm_insert_epi32(pixels, entries[i1], 1);
    pixels = _mm_insert_epi32(pixels, entries[i2], 2);
    return _mm_insert_epi32(pixels, entries[i3], 3);
}
static inline __m128i four_paint(const int32_t *index, const int32_t *entries)
{
    uint64_t a, b;
    memcpy(&a, index, 8);
    memcpy(&b, index + 2, 8);
    return four(entries, (uint32_t)a, a >> 32, (uint32_t)b, b >> 32);
}
static inline __m128i four_paint_u8(const uint8_t *index, const int32_t *entries)
{
    return four(entries, index[0], index[1], index[2], index[3]);
}
static inline __m128i four_paint_u16(const uint16_t *index, const int32_t *entries)
{
    uint64_t all;
    memcpy(&all, index, 8);
    return four(entries, all & 0xFFFF, all >> 16 & 0xFFFF, all >> 32 & 0xFFFF, all >> 48);
}
#define PAINT_4(name, index_type)                                                                              \
    static void ISA(name##_3x8)(const index_type *index, const tc_table *table, void *pixels, size_t count)    \
    {                                                                                                          \
        const __m128i squeeze = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);         \
        const int32_t *entries = table->entries;                                                               \
        char *out = pixels;                                                                                    \
        size_t i = 0;                                                                                          \
        for (; i + 6 <= count; i += 4)                                                                         \
            _mm_storeu_si128((__m128i *)(out + 3 * i),                                                         \
                             _mm_shuffle_epi8(four_##name(index + i, entries), squeeze));                      \
        for (; i < count; i++)                                                                                 \
            memcpy(out + 3 * i, entries + (size_t)index[i], 3);                                                \
    }                                                                                                          \
    static void ISA(name##_4x8)(const index_type *index, const tc_table *table, void *pixels, size_t count)    \
    {                                                                                                          \
        const int32_t *entries = table->entries;                                                               \
        char *out = pixels;                                                                                    \
        size_t i = 0;                                                                                          \
        for (; i + 4 <= count; i += 4)                                                                         \
            _mm_storeu_si128((__m128i *)(out + 4 * i), four_##name(index + i, entries));                       \
        for (; i < count; i++)                                                                                 \
            memcpy(out + 4 * i, entries + (size_t)index[i], 4);                                                \
    }

/* ---- cells of steps, eight at a time ----
 *
 * A cell is one load: edge (e) and both entries (k). Pairs of cells are paired so that one
 * shuffle of each kind gives eight edges, and eight pairs of entries, in order:
 *
 *   e0 k0 e1 k1 | e4 k4 e5 k5     e2 k2 e3 k3 | e6 k6 e7 k7   ->   e0 e1 e2 e3 | e4 e5 e6 e7 */
static inline __m128 two_cells(const tc_cell_f32 *cells, const int32_t *at)
{
    uint64_t both;
    memcpy(&both, at, 8);
    const __m128 first = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(cells + (uint32_t)both)));
    return _mm_loadh_pi(first, (const __m64 *)(cells + (both >> 32)));
}
static inline int32_t ISA(look_up_f32)(const tc_cell_f32 *cells, const int32_t *at, const float *x, int32_t *index,
                                       int32_t bad)
{
    __m256i most = _mm256_setzero_si256();
    for (int i = 0; i < 2 * LANES; i += 8) {
        const __m256 a = _mm256_set_m128(two_cells(cells, at + i + 4), two_cells(cells, at + i));
        const __m256 b = _mm256_set_m128(two_cells(cells, at + i + 6), two_cells(cells, at + i + 2));
        const __m256 edges = _mm256_shuffle_ps(a, b, 0x88), v = _mm256_loadu_ps(x + i);
        const __m256i entries = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xDD));
        const __m256i reached = _mm256_castps_si256(_mm256_cmp_ps(v, edges, _CMP_GE_OQ));
        const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
        /* `below` is the lower half of the entries, `above` the upper */
        __m256i entry = _mm256_srlv_epi32(entries, _mm256_and_si256(reached, _mm256_set1_epi32(16)));
        entry = _mm256_blendv_epi8(_mm256_and_si256(entry, _mm256_set1_epi32(0xFFFF)), _mm256_set1_epi32(bad), nan);
        most = _mm256_max_epi32(most, entry);
        _mm256_storeu_si256((__m256i *)(index + i), entry);
    }
    const __m256i several = _mm256_cmpgt_epi32(most, _mm256_set1_epi32(TC_SEVERAL - 1));
    return _mm256_testz_si256(several, several) ? 0 : TC_SEVERAL;
}
#define LOOK_UP_F32 ISA(look_up_f32)
