/* x86-64 with AVX2 and FMA: 8 lanes. */
#include "kernels.h"
#if TC_HAVE_X86_ROWS
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

TC_TARGET_BEGIN("avx2,fma,popcnt", "avx2,fma,popcnt")

#define ISA(name) name##_avx2
#define ISA_STRING "avx2"
#define FUSED /* vf_fma rounds once, and there are doubles */
#define LANES 8
typedef __m256 vf;
typedef __m256i vi;
typedef __m256i vm;

static inline vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
static inline vf vf_from_f64(const double *p, double from)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_sub_pd(_mm256_loadu_pd(p + 4), _mm256_set1_pd(from))),
                           _mm256_cvtpd_ps(_mm256_sub_pd(_mm256_loadu_pd(p), _mm256_set1_pd(from))));
}
static inline __m256d low_f64(vf a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a)); }
static inline __m256d high_f64(vf a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)); }
static inline vf vf_of_f64(__m256d low, __m256d high)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
}
static inline vf vf_less(vf a, double from)
{
    const __m256d origin = _mm256_set1_pd(from);
    return vf_of_f64(_mm256_sub_pd(low_f64(a), origin), _mm256_sub_pd(high_f64(a), origin));
}
static inline vf vf_over(vf a, double divisor)
{
    const __m256d by = _mm256_set1_pd(divisor);
    return vf_of_f64(_mm256_div_pd(low_f64(a), by), _mm256_div_pd(high_f64(a), by));
}
static inline void vf_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
static inline vf vf_set(float a) { return _mm256_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
static inline vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf vf_abs(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
static inline vm vf_lt(vf a, vf b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_LT_OQ)); }
static inline vm vf_gt(vf a, vf b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ)); }
static inline vm vf_unordered(vf a) { return _mm256_castps_si256(_mm256_cmp_ps(a, a, _CMP_UNORD_Q)); }
static inline vf vf_select(vm m, vf a, vf b) { return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(m)); }
static inline vi vf_trunc(vf a) { return _mm256_cvttps_epi32(a); }
static inline vi vi_load(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline void vi_store(int32_t *p, vi a) { _mm256_storeu_si256((__m256i *)p, a); }
static inline vi vi_set(int32_t a) { return _mm256_set1_epi32(a); }
static inline vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
static inline vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
static inline vi vi_min(vi a, vi b) { return _mm256_min_epi32(a, b); }
static inline vi vi_max(vi a, vi b) { return _mm256_max_epi32(a, b); }
static inline vi vi_xor(vi a, vi b) { return _mm256_xor_si256(a, b); }
static inline vm vi_gt(vi a, vi b) { return _mm256_cmpgt_epi32(a, b); }
static inline vm vi_eq(vi a, vi b) { return _mm256_cmpeq_epi32(a, b); }
static inline vi vi_from_u8(const uint8_t *p) { return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)); }
static inline vf vf_from_i32(vi a) { return _mm256_cvtepi32_ps(a); }
static inline vi vi_bits(vf a) { return _mm256_castps_si256(a); }
static inline vi vi_and(vi a, vi b) { return _mm256_and_si256(a, b); }
static inline vi vi_or(vi a, vi b) { return _mm256_or_si256(a, b); }
static inline vi vi_shift_left(vi a, int count) { return _mm256_sll_epi32(a, _mm_cvtsi32_si128(count)); }
static inline vf vf_take_8(const float *p, vi a) { return _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), a); }
static inline vf vf_take_16(const float *p, vi a)
{
    const vf low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), a);
    const vf high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(p + 8), a);
    return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(a, 28)));
}
static inline vi vi_shift_right(vi a, int count) { return _mm256_srl_epi32(a, _mm_cvtsi32_si128(count)); }
static inline vm vi_none(vi a, vi bits) { return _mm256_cmpeq_epi32(_mm256_and_si256(a, bits), _mm256_setzero_si256()); }
static inline vi vi_select(vm m, vi a, vi b) { return _mm256_blendv_epi8(b, a, m); }
static inline vm vm_and(vm a, vm b) { return _mm256_and_si256(a, b); }
static inline vm vm_or(vm a, vm b) { return _mm256_or_si256(a, b); }
static inline int vm_any(vm m) { return !_mm256_testz_si256(m, m); }

static int supported_avx2(void) { return (tc_cpu_features() & TC_CPU_AVX2) != 0; }

#include "x86_loads.h"
PAINT_4(paint, int32_t)
PAINT_4(paint_u8, uint8_t)
PAINT_4(paint_u16, uint16_t)
#define PAINT_3X8 ISA(paint_3x8)
#define PAINT_4X8 ISA(paint_4x8)
#define PAINT_U8_3X8 ISA(paint_u8_3x8)
#define PAINT_U8_4X8 ISA(paint_u8_4x8)
#define PAINT_U16_3X8 ISA(paint_u16_3x8)
#define PAINT_U16_4X8 ISA(paint_u16_4x8)

/* RGBX to RGB: 4 pixels to 12 bytes, of a store of 16. */
static void squeeze_avx2(const uint32_t *rgbx, void *rgb, size_t count)
{
    const __m128i pick = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    char *out = rgb;
    size_t i = 0;
    for (; i + 6 <= count; i += 4)
        _mm_storeu_si128((__m128i *)(out + 3 * i),
                         _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(rgbx + i)), pick));
    for (; i < count; i++)
        memcpy(out + 3 * i, rgbx + i, 3);
}
#define SQUEEZE squeeze_avx2

static void stream_avx2(void *dst, const void *src, size_t bytes)
{
    char *out = dst;
    const char *in = src;
    size_t i = 0;
    for (; i + 64 <= bytes; i += 64) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(in + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(in + i + 32));
        _mm256_stream_si256((__m256i *)(out + i), a);
        _mm256_stream_si256((__m256i *)(out + i + 32), b);
    }
    memcpy(out + i, in + i, bytes - i);
}
static void stream_end_avx2(void) { _mm_sfence(); }
#define STREAM stream_avx2
#define STREAM_END stream_end_avx2

/* ---- keys of a span: a bit for each of 32 keys, and those that are set moved together ----
 *
 * Integers compare with a sign here: both sides are moved by half the range. */

/* Of four keys, those whose bits are set, in front: of bits 0101, say, keys 0 and 2. */
#define KEY(n) 4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3
#define ANY 0, 0, 0, 0
_Alignas(16) static const uint8_t together[16][16] = {
    {ANY, ANY, ANY, ANY},          {KEY(0), ANY, ANY, ANY},       {KEY(1), ANY, ANY, ANY},
    {KEY(0), KEY(1), ANY, ANY},    {KEY(2), ANY, ANY, ANY},       {KEY(0), KEY(2), ANY, ANY},
    {KEY(1), KEY(2), ANY, ANY},    {KEY(0), KEY(1), KEY(2), ANY}, {KEY(3), ANY, ANY, ANY},
    {KEY(0), KEY(3), ANY, ANY},    {KEY(1), KEY(3), ANY, ANY},    {KEY(0), KEY(1), KEY(3), ANY},
    {KEY(2), KEY(3), ANY, ANY},    {KEY(0), KEY(2), KEY(3), ANY}, {KEY(1), KEY(2), KEY(3), ANY},
    {KEY(0), KEY(1), KEY(2), KEY(3)}};
#undef KEY
#undef ANY

/* Few keys are found one by one, by their bits. */
enum { SPARSE = 6 };

static size_t within_u32_avx2(const uint32_t *restrict keys, size_t count, uint32_t first, uint32_t width,
                              uint32_t *restrict offsets)
{
    const __m256i base = _mm256_set1_epi32((int)(first ^ 0x80000000u));
    const __m256i most = _mm256_set1_epi32((int)(width ^ 0x80000000u));
    const __m128i origin = _mm_set1_epi32((int)first);
    size_t found = 0, i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i out[4];
        for (int v = 0; v < 4; v++)
            out[v] = _mm256_cmpgt_epi32(_mm256_sub_epi32(vi_load((const int32_t *)keys + i + 8 * v), base), most);
        /* packed to words, then to bytes, within halves; the permutation puts them in order */
        __m256i words = _mm256_packs_epi16(_mm256_packs_epi32(out[0], out[1]), _mm256_packs_epi32(out[2], out[3]));
        __m256i bytes = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        uint32_t bits = ~(uint32_t)_mm256_movemask_epi8(bytes);
        if (__builtin_popcount(bits) <= SPARSE) {
            for (; bits; bits &= bits - 1)
                offsets[found++] = keys[i + (size_t)__builtin_ctz(bits)] - first;
            continue;
        }
        if (bits == UINT32_MAX) {
            for (size_t j = 0; j < 32; j++)
                offsets[found + j] = keys[i + j] - first;
            found += 32;
            continue;
        }
        for (size_t j = 0; j < 32; j += 4, bits >>= 4) { /* a store never reaches beyond the keys that were loaded */
            __m128i offset = _mm_sub_epi32(_mm_loadu_si128((const __m128i *)(keys + i + j)), origin);
            __m128i order = _mm_load_si128((const __m128i *)together[bits & 15]);
            _mm_storeu_si128((__m128i *)(offsets + found), _mm_shuffle_epi8(offset, order));
            found += (size_t)__builtin_popcount(bits & 15);
        }
    }
    for (; i < count; i++) {
        uint32_t offset = keys[i] - first;
        offsets[found] = offset;
        found += offset <= width;
    }
    return found;
}

static size_t within_u64_avx2(const uint64_t *restrict keys, size_t count, uint64_t first, uint64_t width,
                              uint64_t *restrict offsets)
{
    const __m256i base = _mm256_set1_epi64x((long long)(first ^ UINT64_C(0x8000000000000000)));
    const __m256i most = _mm256_set1_epi64x((long long)(width ^ UINT64_C(0x8000000000000000)));
    size_t found = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i out[4];
        for (int v = 0; v < 4; v++) {
            __m256i key = _mm256_loadu_si256((const __m256i *)(keys + i + 4 * v));
            out[v] = _mm256_cmpgt_epi64(_mm256_sub_epi64(key, base), most);
        }
        uint32_t bits = 0;
        for (int v = 0; v < 4; v++)
            bits |= (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(out[v])) << (4 * v);
        bits ^= 0xFFFF;
        if (__builtin_popcount(bits) <= SPARSE) {
            for (; bits; bits &= bits - 1)
                offsets[found++] = keys[i + (size_t)__builtin_ctz(bits)] - first;
            continue;
        }
        if (bits == 0xFFFF) {
            for (size_t j = 0; j < 16; j++)
                offsets[found + j] = keys[i + j] - first;
            found += 16;
            continue;
        }
        for (size_t j = 0; j < 16; j++, bits >>= 1) {
            offsets[found] = keys[i + j] - first;
            found += bits & 1;
        }
    }
    for (; i < count; i++) {
        uint64_t offset = keys[i] - first;
        offsets[found] = offset;
        found += offset <= width;
    }
    return found;
}
#define WITHIN_U32 within_u32_avx2
#define WITHIN_U64 within_u64_avx2

#include "kernels_tpl.h"

TC_TARGET_END
#endif
