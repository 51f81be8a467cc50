/* emulated/immintrin.h against a CPU that has the instructions: a line for each intrinsic,
 * with a digest of what it made of the same pseudo-random registers.
 *
 *     cc -std=c11 -ffp-contract=off -Wno-psabi -I tests/csrc/emulated tests/csrc/isa_check.c -lm -o emulated
 *     cc -std=c11 -ffp-contract=off -Wno-psabi -march=native tests/csrc/isa_check.c -lm -o real
 *     comm -13 <(./emulated | sort) <(./real | sort)    # prints nothing
 *
 * A CPU without AVX-512 (but with AVX2) shows the intrinsics of 128 and 256 bits alone. NaN counts
 * as NaN, whatever its payload. */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(TC_EMULATED_IMMINTRIN_H) || (defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VBMI__))
#define HAS_AVX512 1
#endif

static uint64_t state;
static uint64_t random64(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Du;
}

enum { MOST = 1000 };
static struct { const char *call; uint64_t digest; } checks[MOST];

static void mix(int check, const char *call, const void *bytes, size_t count, size_t float_size)
{
    uint8_t copy[64];
    memcpy(copy, bytes, count);
    for (size_t at = 0; float_size && at < count; at += float_size) {
        float x = 0;
        double y = 0;
        memcpy(float_size == 4 ? (void *)&x : (void *)&y, copy + at, float_size);
        if (x != x || y != y)
            memset(copy + at, 0xFF, float_size);
    }
    checks[check].call = call;
    for (size_t at = 0; at < count; at++) /* FNV-1a */
        checks[check].digest = (checks[check].digest ^ copy[at]) * 0x100000001B3u;
}
#define FLOAT_SIZE(r) _Generic(r, __m512: 4, __m512d: 8, __m256: 4, __m256d: 8, __m128: 4, default: 0)
#define CHECK(call)                                                          \
    do {                                                                     \
        __typeof__(call) result = call;                                      \
        mix(__COUNTER__, #call, &result, sizeof result, FLOAT_SIZE(result)); \
    } while (0)
/* What a store leaves in memory. */
#define CHECK_STORE(name, ...)                                               \
    do {                                                                     \
        memset(memory, 0xA5, sizeof memory);                                 \
        name(memory + 1, __VA_ARGS__);                                       \
        mix(__COUNTER__, #name, memory, 64, 0);                              \
        mix(__COUNTER__, #name " end", memory + 64, 64, 0);                  \
    } while (0)

/* Any bits; small numbers; numbers near the ends of integers; zeros, infinities, NaN. */
static void draw(void *to, size_t size)
{
    static const float ends[] = {0, -0.0f, 1, -1, 0.5f, 1.5f, 2.5f, -2.5f, -0.75f, 2147483520, 2147483648, -2147483648.0f,
                                 4294967040, 4294967296, 1e-42f, 3e38f, 1e30f, -1e30f};
    for (size_t at = 0; at < size; at += 8) {
        uint64_t bits = random64();
        float f[2];
        double d;
        for (int k = 0; k < 2; k++) {
            f[k] = (float)((double)(int64_t)random64() * 0x1p-56);
            if (random64() >> 62 == 0)
                f[k] = ends[(random64() >> 32) % (sizeof ends / sizeof *ends)];
        }
        d = f[0];
        switch (random64() >> 61) {
        case 0: break;
        case 1: bits &= UINT64_C(0x0303030303030303); break;
        case 2: memcpy(&bits, &d, 8); break;
        case 3: d += 1e-9; memcpy(&bits, &d, 8); break;
        default: memcpy(&bits, f, 8);
        }
        memcpy((char *)to + at, &bits, 8);
    }
}

static void check_all(void)
{
    char from[192];
    __m256i hi, hj;
    __m256 hx, hy;
    __m256d hp, hq;
    __m128i qi, qj;
    __m128 qx, qy;
    uint64_t bits = random64();
    __mmask16 m16 = (__mmask16)(bits >> 9);
    draw(&hi, sizeof hi), draw(&hj, sizeof hj), draw(&hx, sizeof hx), draw(&hy, sizeof hy), draw(&hp, sizeof hp), draw(&hq, sizeof hq);
    draw(&qi, sizeof qi), draw(&qj, sizeof qj), draw(&qx, sizeof qx), draw(&qy, sizeof qy), draw(from, sizeof from);
    if (random64() >> 62 == 0) /* alike in some lanes */
        memcpy(&hi, &hj, 8), memcpy(&hx, &hy, 8), memcpy(&hp, &hq, 8), memcpy(&qi, &qj, 8), memcpy(&qx, &qy, 8);

    /* 128 and 256 bits */
#define BOTH(op)                                                             \
    CHECK(_mm_##op(qi, qj));                                                 \
    CHECK(_mm256_##op(hi, hj));
#define BOTH_BY(op, n)                                                       \
    CHECK(_mm_##op(qi, n));                                                  \
    CHECK(_mm256_##op(hi, n));
#define BOTH_FLOATS(op)                                                      \
    CHECK(_mm_##op##_ps(qx, qy));                                            \
    CHECK(_mm256_##op##_ps(hx, hy));
#define THREE_FLOATS(op) BOTH_FLOATS(op) CHECK(_mm256_##op##_pd(hp, hq));
#define LOGIC(op)                                                            \
    CHECK(_mm_##op##_si128(qi, qj));                                         \
    CHECK(_mm256_##op##_si256(hi, hj));
    BOTH(add_epi8) BOTH(add_epi16) BOTH(add_epi32) BOTH(add_epi64) BOTH(sub_epi8) BOTH(sub_epi16) BOTH(sub_epi32) BOTH(sub_epi64)
    BOTH(min_epi32) BOTH(max_epi32) BOTH(min_epu32) BOTH(max_epu32) BOTH(min_epu16) BOTH(max_epu16) BOTH(min_epu8) BOTH(max_epu8)
    BOTH(cmpeq_epi8) BOTH(cmpgt_epi8) BOTH(cmpeq_epi16) BOTH(cmpgt_epi16) BOTH(cmpeq_epi32) BOTH(cmpgt_epi32)
    BOTH(sllv_epi32) BOTH(srlv_epi32) BOTH(shuffle_epi8)
    BOTH_BY(slli_epi32, 3) BOTH_BY(srli_epi32, 31) BOTH_BY(srai_epi32, 7) BOTH_BY(srai_epi32, 32) BOTH_BY(slli_epi64, 64) BOTH_BY(srli_epi64, 63)
    THREE_FLOATS(add) THREE_FLOATS(sub) THREE_FLOATS(mul) THREE_FLOATS(div) THREE_FLOATS(min) THREE_FLOATS(max)
    LOGIC(and) LOGIC(or) LOGIC(xor) LOGIC(andnot) BOTH_FLOATS(and) BOTH_FLOATS(or) BOTH_FLOATS(xor) BOTH_FLOATS(andnot)
#define NARROW_PREDICATE(n)                                                  \
    CHECK(_mm256_castps_si256(_mm256_cmp_ps(hx, hy, n)));                    \
    CHECK(_mm_castps_si128(_mm_cmp_ps(qx, qy, n)));
    NARROW_PREDICATE(0) NARROW_PREDICATE(1) NARROW_PREDICATE(2) NARROW_PREDICATE(3) NARROW_PREDICATE(4) NARROW_PREDICATE(5) NARROW_PREDICATE(6) NARROW_PREDICATE(7)
    NARROW_PREDICATE(8) NARROW_PREDICATE(9) NARROW_PREDICATE(10) NARROW_PREDICATE(11) NARROW_PREDICATE(12) NARROW_PREDICATE(13) NARROW_PREDICATE(14) NARROW_PREDICATE(15)
    NARROW_PREDICATE(16) NARROW_PREDICATE(17) NARROW_PREDICATE(18) NARROW_PREDICATE(19) NARROW_PREDICATE(20) NARROW_PREDICATE(21) NARROW_PREDICATE(22) NARROW_PREDICATE(23)
    NARROW_PREDICATE(24) NARROW_PREDICATE(25) NARROW_PREDICATE(26) NARROW_PREDICATE(27) NARROW_PREDICATE(28) NARROW_PREDICATE(29) NARROW_PREDICATE(30) NARROW_PREDICATE(31)
    CHECK(_mm_shuffle_ps(qx, qy, 0x1B)); CHECK(_mm256_shuffle_ps(hx, hy, 0x88)); CHECK(_mm256_shuffle_ps(hx, hy, 0xDD));
    CHECK(_mm_blendv_ps(qx, qy, _mm_castsi128_ps(qi))); CHECK(_mm256_blendv_ps(hx, hy, _mm256_castsi256_ps(hi)));
    CHECK(_mm_blendv_epi8(qi, qj, _mm_castps_si128(qx))); CHECK(_mm256_blendv_epi8(hi, hj, _mm256_castps_si256(hx)));
    CHECK(_mm_testz_si128(qi, _mm_cmpgt_epi8(qj, qi))); CHECK(_mm256_testz_si256(_mm256_cmpeq_epi16(hi, hj), hi));
    CHECK(_mm_movemask_ps(qx)); CHECK(_mm256_movemask_ps(hx)); CHECK(_mm_movemask_epi8(qi)); CHECK(_mm256_movemask_epi8(hi));
    CHECK(_mm_set1_epi8((char)bits)); CHECK(_mm_set1_epi16((short)bits)); CHECK(_mm_set1_epi32((int)bits)); CHECK(_mm256_set1_epi64x((long long)bits));
    CHECK(_mm_cvtsi32_si128((int)bits)); CHECK(_mm_cvtsi128_si32(qi)); CHECK(_mm_insert_epi32(qi, (int)bits, 2)); CHECK(_mm_extract_epi32(qi, 3));
    CHECK(_mm_loadl_epi64((const void *)(from + 1)));
    CHECK(_mm_loadl_pi(qx, (const void *)from)); CHECK(_mm_loadh_pi(qx, (const void *)from));
    CHECK(_mm256_set_m128(qx, qy)); CHECK(_mm256_set_m128i(qi, qj)); CHECK(_mm256_inserti128_si256(hi, qi, 1)); CHECK(_mm256_extracti128_si256(hi, 1));
    CHECK(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, (char)bits)); CHECK(_mm_setr_epi32(1, 2, 3, m16));
    CHECK(_mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, m16));

#if HAS_AVX512
    static char memory[192];
    __m512i i, j, l;
    __m512 x, y, z;
    __m512d p, q, s;
    __mmask64 m64 = bits;
    __mmask32 m32 = (__mmask32)(bits >> 7);
    __mmask8 m8 = (__mmask8)(bits >> 11);
    draw(&i, sizeof i), draw(&j, sizeof j), draw(&l, sizeof l), draw(&x, sizeof x), draw(&y, sizeof y), draw(&z, sizeof z);
    draw(&p, sizeof p), draw(&q, sizeof q), draw(&s, sizeof s);
    if (random64() >> 62 == 0) /* alike in some lanes */
        j = _mm512_mask_mov_epi32(j, m16, i), y = _mm512_mask_mov_ps(y, m16, x), q = _mm512_mask_mov_pd(q, m8, p);

#define OF_INTEGERS(DO, ...)                                                 \
    DO(epi8, i, j, m64, __VA_ARGS__) DO(epi16, i, j, m32, __VA_ARGS__)       \
    DO(epi32, i, j, m16, __VA_ARGS__) DO(epi64, i, j, m8, __VA_ARGS__)
#define OF_UNSIGNED(DO, ...)                                                 \
    DO(epu8, i, j, m64, __VA_ARGS__) DO(epu16, i, j, m32, __VA_ARGS__)       \
    DO(epu32, i, j, m16, __VA_ARGS__) DO(epu64, i, j, m8, __VA_ARGS__)
#define OF_WIDE(DO, ...) DO(epi32, i, j, m16, __VA_ARGS__) DO(epi64, i, j, m8, __VA_ARGS__)
#define OF_FLOATS(DO, ...) DO(ps, x, y, m16, __VA_ARGS__) DO(pd, p, q, m8, __VA_ARGS__)
#define OF_ALL(DO, ...) OF_INTEGERS(DO, __VA_ARGS__) OF_FLOATS(DO, __VA_ARGS__)
#define ONE(suffix, a, b, m, op)                                             \
    CHECK(_mm512_##op##_##suffix(a));                                        \
    CHECK(_mm512_mask_##op##_##suffix(b, m, a));                             \
    CHECK(_mm512_maskz_##op##_##suffix(m, a));
#define MOVE(suffix, a, b, m, op)                                            \
    CHECK(_mm512_mask_##op##_##suffix(b, m, a));                             \
    CHECK(_mm512_maskz_##op##_##suffix(m, a));
#define TWO(suffix, a, b, m, op)                                             \
    CHECK(_mm512_##op##_##suffix(a, b));                                     \
    CHECK(_mm512_mask_##op##_##suffix(b, m, a, b));                          \
    CHECK(_mm512_maskz_##op##_##suffix(m, a, b));
#define PLAIN_TWO(suffix, a, b, m, op) CHECK(_mm512_##op##_##suffix(a, b));
#define COMPARE(suffix, a, b, m, op)                                         \
    CHECK(_mm512_##op##_##suffix##_mask(a, b));                              \
    CHECK(_mm512_mask_##op##_##suffix##_mask(m, a, b));
#define MEMORY(suffix, a, b, m, op)                                          \
    CHECK(_mm512_mask_loadu_##suffix(a, m, from + 3));                       \
    CHECK(_mm512_maskz_loadu_##suffix(m, from + 5));                         \
    CHECK_STORE(_mm512_mask_storeu_##suffix, m, a);
#define BLEND(suffix, a, b, m, op) CHECK(_mm512_mask_blend_##suffix(m, a, b));
#define PERMUTE(suffix, a, b, m, op)                                         \
    CHECK(_mm512_permutexvar_##suffix(l, a));                                \
    CHECK(_mm512_mask_permutexvar_##suffix(b, m, l, a));                     \
    CHECK(_mm512_maskz_permutexvar_##suffix(m, l, a));                       \
    CHECK(_mm512_permutex2var_##suffix(a, l, b));                            \
    CHECK(_mm512_mask_permutex2var_##suffix(a, m, l, b));                    \
    CHECK(_mm512_maskz_permutex2var_##suffix(m, a, l, b));
#define COMPRESS(suffix, a, b, m, op)                                        \
    CHECK(_mm512_mask_compress_##suffix(b, m, a));                           \
    CHECK(_mm512_maskz_compress_##suffix(m, a));                             \
    CHECK(_mm512_mask_expand_##suffix(b, m, a));                             \
    CHECK_STORE(_mm512_mask_compressstoreu_##suffix, m, a);
    OF_ALL(MOVE, mov) OF_ALL(BLEND, ) OF_ALL(MEMORY, ) OF_ALL(PERMUTE, )
    OF_WIDE(COMPRESS, ) OF_FLOATS(COMPRESS, )
    OF_ALL(TWO, add) OF_ALL(TWO, sub) OF_FLOATS(TWO, mul) OF_FLOATS(TWO, div)
    OF_INTEGERS(TWO, min) OF_UNSIGNED(TWO, min) OF_FLOATS(TWO, min)
    OF_INTEGERS(TWO, max) OF_UNSIGNED(TWO, max) OF_FLOATS(TWO, max)
    OF_WIDE(TWO, and) OF_WIDE(TWO, or) OF_WIDE(TWO, xor) OF_WIDE(TWO, andnot)
    OF_FLOATS(TWO, and) OF_FLOATS(TWO, or) OF_FLOATS(TWO, xor) OF_FLOATS(TWO, andnot)
    TWO(epi16, i, j, m32, mullo) OF_WIDE(TWO, mullo)
    OF_INTEGERS(ONE, abs) OF_WIDE(ONE, lzcnt) OF_FLOATS(ONE, sqrt)
    CHECK(_mm512_abs_ps(x)); CHECK(_mm512_abs_pd(p));
    OF_INTEGERS(COMPARE, cmpeq) OF_INTEGERS(COMPARE, cmpneq) OF_INTEGERS(COMPARE, cmplt)
    OF_INTEGERS(COMPARE, cmple) OF_INTEGERS(COMPARE, cmpgt) OF_INTEGERS(COMPARE, cmpge)
    OF_UNSIGNED(COMPARE, cmpeq) OF_UNSIGNED(COMPARE, cmpneq) OF_UNSIGNED(COMPARE, cmplt)
    OF_UNSIGNED(COMPARE, cmple) OF_UNSIGNED(COMPARE, cmpgt) OF_UNSIGNED(COMPARE, cmpge)
    OF_INTEGERS(COMPARE, test) OF_INTEGERS(COMPARE, testn)
    OF_FLOATS(COMPARE, cmpeq) OF_FLOATS(COMPARE, cmpneq) OF_FLOATS(COMPARE, cmplt)
    OF_FLOATS(COMPARE, cmple) OF_FLOATS(COMPARE, cmpunord)
#define PREDICATE(n)                                                         \
    CHECK(_mm512_cmp_ps_mask(x, y, n));                                      \
    CHECK(_mm512_cmp_pd_mask(p, q, n));                                      \
    CHECK(_mm512_mask_cmp_ps_mask(m16, x, y, n));
    PREDICATE(0) PREDICATE(1) PREDICATE(2) PREDICATE(3) PREDICATE(4) PREDICATE(5) PREDICATE(6) PREDICATE(7)
    PREDICATE(8) PREDICATE(9) PREDICATE(10) PREDICATE(11) PREDICATE(12) PREDICATE(13) PREDICATE(14) PREDICATE(15)
    PREDICATE(16) PREDICATE(17) PREDICATE(18) PREDICATE(19) PREDICATE(20) PREDICATE(21) PREDICATE(22) PREDICATE(23)
    PREDICATE(24) PREDICATE(25) PREDICATE(26) PREDICATE(27) PREDICATE(28) PREDICATE(29) PREDICATE(30) PREDICATE(31)
    CHECK(_mm512_and_si512(i, j)); CHECK(_mm512_or_si512(i, j));
    CHECK(_mm512_xor_si512(i, j)); CHECK(_mm512_andnot_si512(i, j));
    CHECK(_mm512_fmadd_ps(x, y, z)); CHECK(_mm512_fmadd_pd(p, q, s));
    CHECK(_mm512_fmsub_ps(x, y, z)); CHECK(_mm512_fmsub_pd(p, q, s));
    CHECK(_mm512_fnmadd_ps(x, y, z)); CHECK(_mm512_fnmadd_pd(p, q, s));
    CHECK(_mm512_fnmsub_ps(x, y, z)); CHECK(_mm512_fnmsub_pd(p, q, s));
#define SHIFT(suffix, m, op)                                                 \
    CHECK(_mm512_##op##i_##suffix(i, 3));                                    \
    CHECK(_mm512_##op##i_##suffix(i, 15));                                   \
    CHECK(_mm512_##op##i_##suffix(i, 200));                                  \
    CHECK(_mm512_mask_##op##i_##suffix(j, m, i, 1));                         \
    CHECK(_mm512_##op##_##suffix(i, qi));                                    \
    CHECK(_mm512_##op##_##suffix(i, _mm_cvtsi32_si128(m16 % 24)));           \
    CHECK(_mm512_##op##v_##suffix(i, j));                                    \
    CHECK(_mm512_maskz_##op##v_##suffix(m, i, _mm512_and_si512(j, _mm512_set1_epi64(0x000F000F000F000F))));
    SHIFT(epi16, m32, sll) SHIFT(epi32, m16, sll) SHIFT(epi64, m8, sll)
    SHIFT(epi16, m32, srl) SHIFT(epi32, m16, srl) SHIFT(epi64, m8, srl)
    SHIFT(epi16, m32, sra) SHIFT(epi32, m16, sra) SHIFT(epi64, m8, sra)
    CHECK(_mm512_ternarylogic_epi32(i, j, l, 0xCA)); CHECK(_mm512_ternarylogic_epi64(i, j, l, 0x36));
    CHECK(_mm512_roundscale_ps(x, 0)); CHECK(_mm512_roundscale_pd(p, 8)); CHECK(_mm512_roundscale_ps(x, 1));
    CHECK(_mm512_roundscale_ps(x, 0x22)); CHECK(_mm512_roundscale_pd(p, 0x43)); CHECK(_mm512_roundscale_ps(x, 4));
    CHECK(_mm512_movepi8_mask(i)); CHECK(_mm512_movepi16_mask(i)); CHECK(_mm512_movepi32_mask(i)); CHECK(_mm512_movepi64_mask(i));
    CHECK(_mm512_movm_epi8(m64)); CHECK(_mm512_movm_epi16(m32)); CHECK(_mm512_movm_epi32(m16)); CHECK(_mm512_movm_epi64(m8));
    CHECK(_mm512_kunpackd(m64, bits >> 5)); CHECK(_mm512_kunpackw(m32, m16)); CHECK(_mm512_kunpackb(m16, m8));
    OF_ALL(PLAIN_TWO, unpacklo) OF_ALL(PLAIN_TWO, unpackhi)
    CHECK(_mm512_packs_epi32(i, j)); CHECK(_mm512_packus_epi16(i, j));
    TWO(epi8, i, j, m64, shuffle)
    CHECK(_mm512_shuffle_epi32(i, (_MM_PERM_ENUM)0x1B)); CHECK(_mm512_permute_ps(x, 0x72));
    CHECK(_mm512_shuffle_i32x4(i, j, 0x44)); CHECK(_mm512_shuffle_i32x4(i, j, 0xD8)); CHECK(_mm512_shuffle_i64x2(i, j, 0x27));
    CHECK(_mm512_shuffle_f32x4(x, y, 0x8D)); CHECK(_mm512_shuffle_f64x2(p, q, 0x72));
    CHECK(_mm512_alignr_epi32(i, j, 5)); CHECK(_mm512_alignr_epi64(i, j, 3));
    const __m512i few = _mm512_and_si512(l, _mm512_set1_epi32(15));
    CHECK(_mm512_packs_epi32(few, _mm512_sub_epi32(few, i)));
    CHECK(_mm512_packus_epi16(few, _mm512_srai_epi32(j, 8)));
    CHECK(_mm512_i32gather_epi32(few, from, 4)); CHECK(_mm512_i32gather_ps(few, from, 8));
    CHECK(_mm512_mask_i32gather_epi32(i, m16, few, from, 4)); CHECK(_mm512_mask_i32gather_ps(x, m16, few, from, 4));
    CHECK(_mm512_i32gather_epi64(_mm512_castsi512_si256(few), from, 8)); CHECK(_mm512_i32gather_pd(_mm512_castsi512_si256(few), from, 8));
    CHECK(_mm512_cvtepi32_ps(i)); CHECK(_mm512_cvtepu32_ps(i)); CHECK(_mm512_cvtepi32_pd(hi)); CHECK(_mm512_cvtepu32_pd(hi));
    CHECK(_mm512_cvtepi64_pd(i)); CHECK(_mm512_cvtepu64_pd(i)); CHECK(_mm512_cvtps_pd(hx)); CHECK(_mm512_cvtpd_ps(p));
    CHECK(_mm512_cvttps_epi32(x)); CHECK(_mm512_cvttps_epu32(x)); CHECK(_mm512_cvttpd_epi32(p)); CHECK(_mm512_cvttpd_epi64(p));
    CHECK(_mm512_cvtps_epi32(x)); CHECK(_mm512_cvtpd_epi32(p));
    CHECK(_mm512_cvtepu8_epi16(hi)); CHECK(_mm512_cvtepi8_epi16(hi)); CHECK(_mm512_cvtepu8_epi32(qi)); CHECK(_mm512_cvtepi8_epi32(qi));
    CHECK(_mm512_cvtepu16_epi32(hi)); CHECK(_mm512_cvtepi16_epi32(hi)); CHECK(_mm512_cvtepu32_epi64(hi)); CHECK(_mm512_cvtepi32_epi64(hi));
    CHECK(_mm512_cvtepi16_epi8(i)); CHECK(_mm512_cvtepi32_epi8(i)); CHECK(_mm512_cvtepi32_epi16(i)); CHECK(_mm512_cvtepi64_epi32(i));
    CHECK(_mm512_insertf32x8(x, hx, 1)); CHECK(_mm512_insertf64x4(p, hp, 0)); CHECK(_mm512_inserti32x8(i, hi, 1)); CHECK(_mm512_inserti64x4(i, hi, 0));
    CHECK(_mm512_insertf32x4(x, qx, 2)); CHECK(_mm512_inserti32x4(i, qi, 3)); CHECK(_mm512_inserti64x2(i, qi, 1));
    CHECK(_mm512_extractf32x8_ps(x, 1)); CHECK(_mm512_extractf64x4_pd(p, 1)); CHECK(_mm512_extracti32x8_epi32(i, 0)); CHECK(_mm512_extracti64x4_epi64(i, 1));
    CHECK(_mm512_extractf32x4_ps(x, 3)); CHECK(_mm512_extracti32x4_epi32(i, 2)); CHECK(_mm512_extracti64x2_epi64(i, 1));
    CHECK(_mm512_broadcast_i32x4(qi)); CHECK(_mm512_broadcast_f32x4(qx)); CHECK(_mm512_broadcast_i64x4(hi)); CHECK(_mm512_broadcast_f32x8(hx));
    CHECK(_mm512_castps_si512(x)); CHECK(_mm512_castsi512_ps(i)); CHECK(_mm512_castpd_si512(p)); CHECK(_mm512_castsi512_pd(i));
    CHECK(_mm512_castps512_ps256(x)); CHECK(_mm512_castsi512_si256(i)); CHECK(_mm512_castsi512_si128(i));
    CHECK(_mm512_reduce_add_epi32(i)); CHECK(_mm512_reduce_add_epi64(i)); CHECK(_mm512_reduce_min_epi32(i)); CHECK(_mm512_reduce_max_epi32(i));
    CHECK(_mm512_reduce_min_epu32(i)); CHECK(_mm512_reduce_max_epu32(i));
    CHECK(_mm512_set1_epi8((char)bits)); CHECK(_mm512_set1_epi16((short)bits)); CHECK(_mm512_set1_epi32((int)bits)); CHECK(_mm512_set1_epi64((long long)bits));
    CHECK(_mm512_set_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, m16)); CHECK(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, m16));
    CHECK(_mm512_set_pd(0, 1, 2, 3, 4, 5, 6, m8)); CHECK(_mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, m16));
#endif
}
static const int count = __COUNTER__;
_Static_assert(__COUNTER__ <= MOST + 1, "MOST is too few");

int main(void)
{
    for (uint64_t round = 1; round <= 300; round++) {
        state = round * 0x9E3779B97F4A7C15u;
        check_all();
    }
    for (int n = 0; n < count; n++)
        printf("%016llx %s\n", (unsigned long long)checks[n].digest, checks[n].call);
    return 0;
}
