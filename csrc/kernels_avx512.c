/* x86-64 with AVX-512 F, BW, DQ, VL and VBMI: 16 lanes, and byte tables in registers. */
#include "kernels.h"
#if TC_HAVE_X86_ROWS
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

TC_TARGET_BEGIN("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx2,fma,prefer-vector-width=512",
                "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx2,fma")

#define ISA(name) name##_avx512
#define ISA_STRING "avx512"
#define FUSED /* vf_fma rounds once, and there are doubles */
#define LANES 16
typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

static inline vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
static inline __m512d low_f64(vf a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a)); }
static inline __m512d high_f64(vf a) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1)); }
static inline vf vf_of_f64(__m512d low, __m512d high)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}
static inline vf vf_from_f64(const double *p, double from)
{
    const __m512d origin = _mm512_set1_pd(from);
    return vf_of_f64(_mm512_sub_pd(_mm512_loadu_pd(p), origin), _mm512_sub_pd(_mm512_loadu_pd(p + 8), origin));
}
static inline vf vf_less(vf a, double from)
{
    const __m512d origin = _mm512_set1_pd(from);
    return vf_of_f64(_mm512_sub_pd(low_f64(a), origin), _mm512_sub_pd(high_f64(a), origin));
}
static inline vf vf_over(vf a, double divisor)
{
    const __m512d by = _mm512_set1_pd(divisor);
    return vf_of_f64(_mm512_div_pd(low_f64(a), by), _mm512_div_pd(high_f64(a), by));
}
static inline void vf_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
static inline vf vf_set(float a) { return _mm512_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
static inline vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf vf_abs(vf a) { return _mm512_abs_ps(a); }
static inline vm vf_lt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline vm vf_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
static inline vm vf_unordered(vf a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
static inline vf vf_select(vm m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); }
static inline vi vf_trunc(vf a) { return _mm512_cvttps_epi32(a); }
static inline vi vi_load(const int32_t *p) { return _mm512_loadu_si512(p); }
static inline void vi_store(int32_t *p, vi a) { _mm512_storeu_si512(p, a); }
static inline vi vi_set(int32_t a) { return _mm512_set1_epi32(a); }
static inline vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
static inline vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
static inline vi vi_min(vi a, vi b) { return _mm512_min_epi32(a, b); }
static inline vi vi_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
static inline vi vi_xor(vi a, vi b) { return _mm512_xor_si512(a, b); }
static inline vm vi_gt(vi a, vi b) { return _mm512_cmpgt_epi32_mask(a, b); }
static inline vm vi_eq(vi a, vi b) { return _mm512_cmpeq_epi32_mask(a, b); }
static inline vi vi_from_u8(const uint8_t *p) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)); }
static inline vi vi_bits(vf a) { return _mm512_castps_si512(a); }
static inline vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
static inline vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
static inline vi vi_shift_left(vi a, int count) { return _mm512_sllv_epi32(a, _mm512_set1_epi32(count)); }
static inline vf vf_from_i32(vi a) { return _mm512_cvtepi32_ps(a); }
static inline vf vf_take_16(const float *p, vi a) { return _mm512_permutexvar_ps(a, _mm512_loadu_ps(p)); }
#define vf_take_8 vf_take_16
static inline vi vi_shift_right(vi a, int count) { return _mm512_srlv_epi32(a, _mm512_set1_epi32(count)); }
static inline vm vi_none(vi a, vi bits) { return _mm512_testn_epi32_mask(a, bits); }
static inline vi vi_select(vm m, vi a, vi b) { return _mm512_mask_blend_epi32(m, b, a); }
static inline vm vm_and(vm a, vm b) { return (vm)(a & b); }
static inline vm vm_or(vm a, vm b) { return (vm)(a | b); }
static inline int vm_any(vm m) { return m != 0; }

static int supported_avx512(void) { return (tc_cpu_features() & TC_CPU_AVX512_VBMI) != 0; }

/* ---- byte tables: 256 levels of a channel are 4 registers ---- */

typedef struct {
    __m512i t0, t1, t2, t3;
} byte_table;

static inline byte_table load_levels(const uint8_t *plane)
{
    byte_table t = {_mm512_loadu_si512(plane), _mm512_loadu_si512(plane + 64), _mm512_loadu_si512(plane + 128),
                    _mm512_loadu_si512(plane + 192)};
    return t;
}

static inline byte_table load_table(const tc_table *table, int channel)
{
    return load_levels((const uint8_t *)table->planes + (size_t)channel * table->plane_stride);
}

/* vpermi2b reaches 128 levels, bit 7 chooses between two of them. */
static inline __m512i look_up(const byte_table *t, __m512i index)
{
    __m512i low = _mm512_permutex2var_epi8(t->t0, index, t->t1);
    __m512i high = _mm512_permutex2var_epi8(t->t2, index, t->t3);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
}

/* Interleaving R, G, B of 64 pixels into 3 x 64 bytes, here for 4-byte registers:
 *
 *   r0 r1 r2 r3   g0 g1 g2 g3   b0 b1 b2 b3   ->   r0 g0 b0 r1   g1 b1 r2 g2   b2 r3 g3 b3
 *
 * Byte k of the output is component k % 3 of pixel k / 3: one permute takes R and G from
 * two registers (bit 6 of its index chooses), a masked one puts B between them. */
static const uint8_t place_rg[3][64] = {
    {0, 64, 0, 1, 65, 1, 2, 66, 2, 3, 67, 3, 4, 68, 4, 5, 69, 5, 6, 70, 6, 7, 71, 7, 8, 72, 8, 9, 73, 9, 10, 74,
     10, 11, 75, 11, 12, 76, 12, 13, 77, 13, 14, 78, 14, 15, 79, 15, 16, 80, 16, 17, 81, 17, 18, 82, 18, 19, 83,
     19, 20, 84, 20, 21},
    {85, 21, 22, 86, 22, 23, 87, 23, 24, 88, 24, 25, 89, 25, 26, 90, 26, 27, 91, 27, 28, 92, 28, 29, 93, 29, 30,
     94, 30, 31, 95, 31, 32, 96, 32, 33, 97, 33, 34, 98, 34, 35, 99, 35, 36, 100, 36, 37, 101, 37, 38, 102, 38, 39,
     103, 39, 40, 104, 40, 41, 105, 41, 42, 106},
    {42, 43, 107, 43, 44, 108, 44, 45, 109, 45, 46, 110, 46, 47, 111, 47, 48, 112, 48, 49, 113, 49, 50, 114, 50,
     51, 115, 51, 52, 116, 52, 53, 117, 53, 54, 118, 54, 55, 119, 55, 56, 120, 56, 57, 121, 57, 58, 122, 58, 59,
     123, 59, 60, 124, 60, 61, 125, 61, 62, 126, 62, 63, 127, 63}};
static const uint8_t place_b[3][64] = {
    {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11,
     11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 18, 19, 19, 19, 20, 20,
     20, 21},
    {21, 21, 22, 22, 22, 23, 23, 23, 24, 24, 24, 25, 25, 25, 26, 26, 26, 27, 27, 27, 28, 28, 28, 29, 29, 29, 30,
     30, 30, 31, 31, 31, 32, 32, 32, 33, 33, 33, 34, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 38, 39,
     39, 39, 40, 40, 40, 41, 41, 41, 42, 42},
    {42, 43, 43, 43, 44, 44, 44, 45, 45, 45, 46, 46, 46, 47, 47, 47, 48, 48, 48, 49, 49, 49, 50, 50, 50, 51, 51,
     51, 52, 52, 52, 53, 53, 53, 54, 54, 54, 55, 55, 55, 56, 56, 56, 57, 57, 57, 58, 58, 58, 59, 59, 59, 60, 60,
     60, 61, 61, 61, 62, 62, 62, 63, 63, 63}};
static const uint64_t is_b[3] = {0x4924924924924924, 0x2492492492492492, 0x9249249249249249};

static inline __m512i interleave(int part, __m512i r, __m512i g, __m512i b)
{
    __m512i rg = _mm512_permutex2var_epi8(r, _mm512_loadu_si512(place_rg[part]), g);
    return _mm512_mask_permutexvar_epi8(rg, is_b[part], _mm512_loadu_si512(place_b[part]), b);
}

/* 64 indices as bytes. Those past 255, which only `under`, `over` and `bad` of a map of
 * more than 253 colors are, come back in `special` as well. */
typedef struct {
    __m512i bytes;
    int special;
} index64;

static inline index64 join_index64(vi i0, vi i1, vi i2, vi i3)
{
    const __m512i any = _mm512_or_si512(_mm512_or_si512(i0, i1), _mm512_or_si512(i2, i3));
    if (TC_UNLIKELY(_mm512_test_epi32_mask(any, _mm512_set1_epi32(~255)) != 0)) {
        /* vpmovdb of all four: every fourth byte of a pair of registers, then the halves joined */
        const __m512i pick = _mm512_set_epi8(
            124, 120, 116, 112, 108, 104, 100, 96, 92, 88, 84, 80, 76, 72, 68, 64, 60, 56, 52, 48, 44, 40, 36, 32, 28,
            24, 20, 16, 12, 8, 4, 0, 124, 120, 116, 112, 108, 104, 100, 96, 92, 88, 84, 80, 76, 72, 68, 64, 60, 56, 52,
            48, 44, 40, 36, 32, 28, 24, 20, 16, 12, 8, 4, 0);
        const __m512i low = _mm512_permutex2var_epi8(i0, pick, i1), high = _mm512_permutex2var_epi8(i2, pick, i3);
        index64 all = {_mm512_mask_blend_epi64(0xF0, low, high), 1};
        return all;
    }
    /* Byte j of lane l is entry 16 j + l: shifts, which other ports do than permutes, and one permute. */
    const __m512i in_order = _mm512_set_epi8(
        63, 59, 55, 51, 47, 43, 39, 35, 31, 27, 23, 19, 15, 11, 7, 3, 62, 58, 54, 50, 46, 42, 38, 34, 30, 26, 22, 18,
        14, 10, 6, 2, 61, 57, 53, 49, 45, 41, 37, 33, 29, 25, 21, 17, 13, 9, 5, 1, 60, 56, 52, 48, 44, 40, 36, 32, 28,
        24, 20, 16, 12, 8, 4, 0);
    const __m512i low = _mm512_or_si512(i0, _mm512_slli_epi32(i1, 8));
    const __m512i high = _mm512_or_si512(_mm512_slli_epi32(i2, 16), _mm512_slli_epi32(i3, 24));
    index64 all = {_mm512_permutexvar_epi8(in_order, _mm512_or_si512(low, high)), 0};
    return all;
}

static inline index64 load_index64(const int32_t *index)
{
    return join_index64(vi_load(index), vi_load(index + 16), vi_load(index + 32), vi_load(index + 48));
}

static inline __mmask64 equal64(const int32_t *index, int32_t value)
{
    __m512i v = vi_set(value);
    uint64_t m0 = _mm512_cmpeq_epi32_mask(vi_load(index), v), m1 = _mm512_cmpeq_epi32_mask(vi_load(index + 16), v);
    uint64_t m2 = _mm512_cmpeq_epi32_mask(vi_load(index + 32), v), m3 = _mm512_cmpeq_epi32_mask(vi_load(index + 48), v);
    return m0 | m1 << 16 | m2 << 32 | m3 << 48;
}

/* The levels of entries 256, 257 and 258 where the index says so. */
static inline void overlay_specials(const int32_t *index, const tc_table *table, __m512i *levels, int channels)
{
    for (int32_t entry = 256; entry < table->count; entry++) {
        __mmask64 where = equal64(index, entry);
        const uint8_t *color = (const uint8_t *)table->entries + 4 * (size_t)entry;
        for (int c = 0; c < channels; c++)
            levels[c] = _mm512_mask_mov_epi8(levels[c], where, _mm512_set1_epi8((char)color[c]));
    }
}

/* A tail runs through the same code on a padded copy. */
#define PAINT_TAIL(paint, index_type, pixel_bytes)                     \
    if (i < count) {                                                   \
        index_type rest[64] = {0};                                     \
        char painted[64 * pixel_bytes];                                \
        memcpy(rest, index + i, (count - i) * sizeof *rest);           \
        paint(rest, table, painted, 64);                               \
        memcpy(out + pixel_bytes * i, painted, pixel_bytes *(count - i)); \
    }

#define LARGEST_BYTE_TABLE TC_LARGEST_BYTE_TABLE

static void paint_3x8_wide(const int32_t *index, const tc_table *table, void *pixels, size_t count)
{
    const uint8_t *entries = table->entries;
    char *out = pixels;
    for (size_t i = 0; i < count; i++)
        memcpy(out + 3 * i, entries + 4 * (size_t)index[i], 3);
}

static void paint_3x8_avx512(const int32_t *index, const tc_table *table, void *pixels, size_t count)
{
    if (table->count > LARGEST_BYTE_TABLE) {
        paint_3x8_wide(index, table, pixels, count);
        return;
    }
    const byte_table r = load_table(table, 0), g = load_table(table, 1), b = load_table(table, 2);
    char *out = pixels;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        index64 at = load_index64(index + i);
        __m512i levels[3] = {look_up(&r, at.bytes), look_up(&g, at.bytes), look_up(&b, at.bytes)};
        if (at.special)
            overlay_specials(index + i, table, levels, 3);
        for (int part = 0; part < 3; part++)
            _mm512_storeu_si512(out + 3 * i + 64 * part, interleave(part, levels[0], levels[1], levels[2]));
    }
    PAINT_TAIL(paint_3x8_avx512, int32_t, 3)
}

static void paint_u8_3x8_avx512(const uint8_t *index, const tc_table *table, void *pixels, size_t count)
{
    const byte_table r = load_table(table, 0), g = load_table(table, 1), b = load_table(table, 2);
    char *out = pixels;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        __m512i at = _mm512_loadu_si512(index + i);
        __m512i levels[3] = {look_up(&r, at), look_up(&g, at), look_up(&b, at)};
        for (int part = 0; part < 3; part++)
            _mm512_storeu_si512(out + 3 * i + 64 * part, interleave(part, levels[0], levels[1], levels[2]));
    }
    PAINT_TAIL(paint_u8_3x8_avx512, uint8_t, 3)
}
#define PAINT_3X8 paint_3x8_avx512
#define PAINT_U8_3X8 paint_u8_3x8_avx512

static inline void store_line(char *out, __m512i line, int past_caches)
{
    if (past_caches)
        _mm512_stream_si512((__m512i *)out, line);
    else
        _mm512_storeu_si512(out, line);
}

/* RGBA: unpacking joins R with G and B with A, then pairs; it works within 128-bit lanes,
 * so register p holds pixels 4p .. 4p + 3 of each lane's 16. */
static inline void store_4x8(char *out, const __m512i levels[4], int past_caches)
{
    __m512i rg0 = _mm512_unpacklo_epi8(levels[0], levels[1]), rg1 = _mm512_unpackhi_epi8(levels[0], levels[1]);
    __m512i ba0 = _mm512_unpacklo_epi8(levels[2], levels[3]), ba1 = _mm512_unpackhi_epi8(levels[2], levels[3]);
    __m512i p0 = _mm512_unpacklo_epi16(rg0, ba0), p1 = _mm512_unpackhi_epi16(rg0, ba0);
    __m512i p2 = _mm512_unpacklo_epi16(rg1, ba1), p3 = _mm512_unpackhi_epi16(rg1, ba1);
    /* lanes (p0 p1 p2 p3) x 4 -> a 4 x 4 transpose of 128-bit lanes */
    __m512i q0 = _mm512_shuffle_i32x4(p0, p1, 0x44), q1 = _mm512_shuffle_i32x4(p0, p1, 0xEE);
    __m512i q2 = _mm512_shuffle_i32x4(p2, p3, 0x44), q3 = _mm512_shuffle_i32x4(p2, p3, 0xEE);
    store_line(out, _mm512_shuffle_i32x4(q0, q2, 0x88), past_caches);
    store_line(out + 64, _mm512_shuffle_i32x4(q0, q2, 0xDD), past_caches);
    store_line(out + 128, _mm512_shuffle_i32x4(q1, q3, 0x88), past_caches);
    store_line(out + 192, _mm512_shuffle_i32x4(q1, q3, 0xDD), past_caches);
}

static void paint_4x8_avx512(const int32_t *index, const tc_table *table, void *pixels, size_t count)
{
    char *out = pixels;
    size_t i = 0;
    if (table->count > LARGEST_BYTE_TABLE) {
        for (; i < count; i++)
            memcpy(out + 4 * i, (const char *)table->entries + 4 * (size_t)index[i], 4);
        return;
    }
    const byte_table r = load_table(table, 0), g = load_table(table, 1), b = load_table(table, 2),
                     a = load_table(table, 3);
    for (; i + 64 <= count; i += 64) {
        index64 at = load_index64(index + i);
        __m512i levels[4] = {look_up(&r, at.bytes), look_up(&g, at.bytes), look_up(&b, at.bytes),
                             look_up(&a, at.bytes)};
        if (at.special)
            overlay_specials(index + i, table, levels, 4);
        store_4x8(out + 4 * i, levels, 0);
    }
    PAINT_TAIL(paint_4x8_avx512, int32_t, 4)
}

static void paint_u8_4x8_avx512(const uint8_t *index, const tc_table *table, void *pixels, size_t count)
{
    const byte_table r = load_table(table, 0), g = load_table(table, 1), b = load_table(table, 2),
                     a = load_table(table, 3);
    char *out = pixels;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        __m512i at = _mm512_loadu_si512(index + i);
        __m512i levels[4] = {look_up(&r, at), look_up(&g, at), look_up(&b, at), look_up(&a, at)};
        store_4x8(out + 4 * i, levels, 0);
    }
    PAINT_TAIL(paint_u8_4x8_avx512, uint8_t, 4)
}
#define PAINT_4X8 paint_4x8_avx512
#define PAINT_U8_4X8 paint_u8_4x8_avx512

/* Entries in registers to 64 pixels: see tpl_color.h. */
#define COLOR(pixel) color_##pixel
typedef struct {
    byte_table channels[4];
    const tc_table *table;
} color_tables;

static inline color_tables load_tables(const tc_table *table)
{
    color_tables all = {{load_table(table, 0), load_table(table, 1), load_table(table, 2), load_table(table, 3)}, table};
    return all;
}

static inline void color_levels(vi i0, vi i1, vi i2, vi i3, const color_tables *t, __m512i *levels, int channels)
{
    const index64 at = join_index64(i0, i1, i2, i3);
    for (int c = 0; c < channels; c++)
        levels[c] = look_up(&t->channels[c], at.bytes);
    if (TC_UNLIKELY(at.special)) {
        const vi all[4] = {i0, i1, i2, i3};
        overlay_specials((const int32_t *)all, t->table, levels, channels);
    }
}

static inline void store_3x8(char *out, const __m512i levels[3], int past_caches)
{
    for (int part = 0; part < 3; part++)
        store_line(out + 64 * part, interleave(part, levels[0], levels[1], levels[2]), past_caches);
}

static inline void color_3x8(vi i0, vi i1, vi i2, vi i3, const color_tables *t, char *out, int past_caches)
{
    __m512i levels[3];
    color_levels(i0, i1, i2, i3, t, levels, 3);
    store_3x8(out, levels, past_caches);
}

static inline void color_4x8(vi i0, vi i1, vi i2, vi i3, const color_tables *t, char *out, int past_caches)
{
    __m512i levels[4];
    color_levels(i0, i1, i2, i3, t, levels, 4);
    store_4x8(out, levels, past_caches);
}

/* Planes of 64 levels, c < 1 in units of 1, as bytes: rounded to nearest, ties to even, and kept
 * from 0 to 255 by packing, which works within 128-bit lanes: dword 4 l + v is lane l of c[v]. */
typedef __m512i vb;
static inline vb bytes_of_levels(const vf c[4])
{
    const __m512i in_order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
    __m512i rounded[4];
    for (int v = 0; v < 4; v++)
        rounded[v] = _mm512_cvtps_epi32(_mm512_mul_ps(c[v], _mm512_set1_ps(255)));
    const __m512i low = _mm512_packs_epi32(rounded[0], rounded[1]), high = _mm512_packs_epi32(rounded[2], rounded[3]);
    return _mm512_permutexvar_epi32(in_order, _mm512_packus_epi16(low, high));
}
static inline vm vf_ne(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
static inline vb vb_set(uint8_t level) { return _mm512_set1_epi8((char)level); }

static void paint_plane_8_avx512(const int32_t *index, const void *plane, void *pixels, size_t count)
{
    const uint8_t *levels = plane;
    const byte_table table = load_levels(levels);
    uint8_t *out = pixels;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        index64 at = load_index64(index + i);
        _mm512_storeu_si512(out + i, look_up(&table, at.bytes));
        for (int k = 0; at.special && k < 64; k++)
            out[i + k] = levels[index[i + k]];
    }
    for (; i < count; i++)
        out[i] = levels[index[i]];
}
#define PAINT_PLANE_8 paint_plane_8_avx512

/* RGBX to RGB: 16 pixels of 4 bytes to 48 bytes, of a store of 64. */
static void squeeze_avx512(const uint32_t *rgbx, void *rgb, size_t count)
{
    const __m512i pick = _mm512_set_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 62, 61, 60, 58, 57, 56, 54, 53,
                                         52, 50, 49, 48, 46, 45, 44, 42, 41, 40, 38, 37, 36, 34, 33, 32, 30, 29, 28, 26,
                                         25, 24, 22, 21, 20, 18, 17, 16, 14, 13, 12, 10, 9, 8, 6, 5, 4, 2, 1, 0);
    char *out = rgb;
    size_t i = 0;
    for (; i + 22 <= count; i += 16)
        _mm512_storeu_si512(out + 3 * i, _mm512_permutexvar_epi8(pick, _mm512_loadu_si512(rgbx + i)));
    for (; i < count; i++)
        memcpy(out + 3 * i, rgbx + i, 3);
}
#define SQUEEZE squeeze_avx512

static void stream_avx512(void *dst, const void *src, size_t bytes)
{
    char *out = dst;
    const char *in = src;
    size_t i = 0;
    for (; i + 64 <= bytes; i += 64)
        _mm512_stream_si512((__m512i *)(out + i), _mm512_loadu_si512(in + i));
    memcpy(out + i, in + i, bytes - i);
}
static void stream_end_avx512(void) { _mm_sfence(); }
#define STREAM stream_avx512
#define STREAM_END stream_end_avx512

/* ---- keys of a span: those lanes, moved together ----
 *
 * Each vector is stored whole and the next one after the lanes that count. There is room
 * for that: what is stored never reaches beyond the keys that were loaded. */

static size_t within_u32_avx512(const uint32_t *keys, size_t count, uint32_t first, uint32_t width, uint32_t *offsets)
{
    const __m512i base = _mm512_set1_epi32((int)first), most = _mm512_set1_epi32((int)width);
    size_t found = 0;
    size_t i = 0;
    for (; i + 4 * 16 <= count; i += 4 * 16) { /* often none, or all */
        __m512i o[4];
        __mmask16 m[4];
        for (int v = 0; v < 4; v++) {
            o[v] = _mm512_sub_epi32(_mm512_loadu_si512(keys + i + v * 16), base);
            m[v] = _mm512_cmple_epu32_mask(o[v], most);
        }
        if (!(m[0] | m[1] | m[2] | m[3]))
            continue;
        for (int v = 0; v < 4; v++) {
            __m512i kept = m[v] == 0xFFFF ? o[v] : _mm512_maskz_compress_epi32(m[v], o[v]);
            _mm512_storeu_si512(offsets + found, kept);
            found += (size_t)__builtin_popcount(m[v]);
        }
    }
    for (; i < count; i += 16) {
        __mmask16 there = count - i >= 16 ? 0xFFFF : (__mmask16)((1u << (count - i)) - 1);
        __m512i offset = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(there, keys + i), base);
        __mmask16 inside = _mm512_mask_cmple_epu32_mask(there, offset, most);
        if (!inside)
            continue;
        if (inside != 0xFFFF)
            offset = _mm512_maskz_compress_epi32(inside, offset);
        _mm512_mask_storeu_epi32(offsets + found, there, offset);
        found += (size_t)__builtin_popcount(inside);
    }
    return found;
}

static size_t within_u64_avx512(const uint64_t *keys, size_t count, uint64_t first, uint64_t width, uint64_t *offsets)
{
    const __m512i base = _mm512_set1_epi64((long long)first), most = _mm512_set1_epi64((long long)width);
    size_t found = 0;
    size_t i = 0;
    for (; i + 4 * 8 <= count; i += 4 * 8) { /* often none, or all */
        __m512i o[4];
        __mmask8 m[4];
        for (int v = 0; v < 4; v++) {
            o[v] = _mm512_sub_epi64(_mm512_loadu_si512(keys + i + v * 8), base);
            m[v] = _mm512_cmple_epu64_mask(o[v], most);
        }
        if (!(m[0] | m[1] | m[2] | m[3]))
            continue;
        for (int v = 0; v < 4; v++) {
            __m512i kept = m[v] == 0xFF ? o[v] : _mm512_maskz_compress_epi64(m[v], o[v]);
            _mm512_storeu_si512(offsets + found, kept);
            found += (size_t)__builtin_popcount(m[v]);
        }
    }
    for (; i < count; i += 8) {
        __mmask8 there = count - i >= 8 ? 0xFF : (__mmask8)((1u << (count - i)) - 1);
        __m512i offset = _mm512_sub_epi64(_mm512_maskz_loadu_epi64(there, keys + i), base);
        __mmask8 inside = _mm512_mask_cmple_epu64_mask(there, offset, most);
        if (!inside)
            continue;
        if (inside != 0xFF)
            offset = _mm512_maskz_compress_epi64(inside, offset);
        _mm512_mask_storeu_epi64(offsets + found, there, offset);
        found += (size_t)__builtin_popcount(inside);
    }
    return found;
}
#define WITHIN_U32 within_u32_avx512
#define WITHIN_U64 within_u64_avx512

#define LOOKS_AHEAD 0 /* reading takes longer */
#include "x86_loads.h"
PAINT_4(paint_u16, uint16_t)
#define PAINT_U16_3X8 ISA(paint_u16_3x8)
#define PAINT_U16_4X8 ISA(paint_u16_4x8)

#include "kernels_tpl.h"

TC_TARGET_END
#endif
