/* AVX-512 intrinsics in plain C11, for tests: see ../emulated_avx512.c.
 *
 * Each does what the "Operation" section of the Intel Intrinsics Guide says, lane by lane
 * (https://www.intel.com/content/www/us/en/docs/intrinsics-guide), under the default MXCSR:
 * round to nearest even, subnormals kept. What is undefined there is filled with 0xA5 here,
 * masked loads and stores touch the lanes of the mask alone, so that AddressSanitizer sees
 * the rest, and an aligned access to an unaligned address aborts.
 *
 * There is what kernels_avx512.c uses and its neighbors. What is missing does not compile:
 * add a line; isa_check.c then holds it against a CPU that has the instruction. */
#ifndef TC_EMULATED_IMMINTRIN_H
#define TC_EMULATED_IMMINTRIN_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- registers: one type each for integers, floats and doubles, as in the real header ---- */

#define REGISTER(name, bytes)                                                                            \
    typedef union {                                                                                      \
        _Alignas(bytes) uint8_t u8[bytes];                                                               \
        int8_t i8[bytes];                                                                                \
        uint16_t u16[bytes / 2];                                                                         \
        int16_t i16[bytes / 2];                                                                          \
        uint32_t u32[bytes / 4];                                                                         \
        int32_t i32[bytes / 4];                                                                          \
        uint64_t u64[bytes / 8];                                                                         \
        int64_t i64[bytes / 8];                                                                          \
        float f32[bytes / 4];                                                                            \
        double f64[bytes / 8];                                                                           \
    } name;
REGISTER(__m128, 16) REGISTER(__m128d, 16) REGISTER(__m128i, 16)
REGISTER(__m256, 32) REGISTER(__m256d, 32) REGISTER(__m256i, 32)
REGISTER(__m512, 64) REGISTER(__m512d, 64) REGISTER(__m512i, 64)
typedef uint8_t __mmask8;
typedef uint16_t __mmask16;
typedef uint32_t __mmask32;
typedef uint64_t __mmask64;

#define EMULATED static inline
#define LANES_OF(vector, m) (sizeof(vector).m / sizeof *(vector).m)
#define EACH(vector, m) (size_t i = 0; i < LANES_OF(vector, m); i++)
#define IN(k, i) ((uint64_t)(k) >> (i) & 1)
/* For a lane type: suffix of the intrinsic, register, member, mask. */
#define INTEGERS(DO, ...)                                                                                \
    DO(epi8, __m512i, i8, __mmask64, __VA_ARGS__) DO(epi16, __m512i, i16, __mmask32, __VA_ARGS__)        \
    DO(epi32, __m512i, i32, __mmask16, __VA_ARGS__) DO(epi64, __m512i, i64, __mmask8, __VA_ARGS__)
#define UNSIGNED(DO, ...)                                                                                \
    DO(epu8, __m512i, u8, __mmask64, __VA_ARGS__) DO(epu16, __m512i, u16, __mmask32, __VA_ARGS__)        \
    DO(epu32, __m512i, u32, __mmask16, __VA_ARGS__) DO(epu64, __m512i, u64, __mmask8, __VA_ARGS__)
#define BITS(DO, ...) /* integers whose sign does not matter: without signed overflow */                 \
    DO(epi8, __m512i, u8, __mmask64, __VA_ARGS__) DO(epi16, __m512i, u16, __mmask32, __VA_ARGS__)        \
    DO(epi32, __m512i, u32, __mmask16, __VA_ARGS__) DO(epi64, __m512i, u64, __mmask8, __VA_ARGS__)
#define WIDE_BITS(DO, ...)                                                                               \
    DO(epi32, __m512i, u32, __mmask16, __VA_ARGS__) DO(epi64, __m512i, u64, __mmask8, __VA_ARGS__)
#define FLOATS(DO, ...)                                                                                  \
    DO(ps, __m512, f32, __mmask16, __VA_ARGS__) DO(pd, __m512d, f64, __mmask8, __VA_ARGS__)
#define EVERY(DO, ...) BITS(DO, __VA_ARGS__) FLOATS(DO, __VA_ARGS__)

/* ---- loads, stores, constants ---- */

#define LOAD_STORE(prefix, suffix, V)                                                                    \
    EMULATED V prefix##_loadu_##suffix(const void *p) { V r; memcpy(&r, p, sizeof r); return r; }        \
    EMULATED V prefix##_load_##suffix(const void *p)                                                     \
    {                                                                                                    \
        if ((uintptr_t)p % sizeof(V))                                                                    \
            abort();                                                                                     \
        return prefix##_loadu_##suffix(p);                                                               \
    }                                                                                                    \
    EMULATED void prefix##_storeu_##suffix(void *p, V a) { memcpy(p, &a, sizeof a); }                    \
    EMULATED void prefix##_store_##suffix(void *p, V a)                                                  \
    {                                                                                                    \
        if ((uintptr_t)p % sizeof(V))                                                                    \
            abort();                                                                                     \
        memcpy(p, &a, sizeof a);                                                                         \
    }                                                                                                    \
    EMULATED void prefix##_stream_##suffix(void *p, V a) { prefix##_store_##suffix(p, a); }              \
    EMULATED V prefix##_setzero_##suffix(void) { V r; memset(&r, 0, sizeof r); return r; }
LOAD_STORE(_mm512, si512, __m512i) LOAD_STORE(_mm512, ps, __m512) LOAD_STORE(_mm512, pd, __m512d)
LOAD_STORE(_mm256, si256, __m256i) LOAD_STORE(_mm256, ps, __m256) LOAD_STORE(_mm256, pd, __m256d)
LOAD_STORE(_mm, si128, __m128i) LOAD_STORE(_mm, ps, __m128) LOAD_STORE(_mm, pd, __m128d)
EMULATED void _mm_sfence(void) {}

#define UNMASKED_INTEGERS(suffix, V, m, K, ...)                                                          \
    EMULATED V _mm512_loadu_##suffix(const void *p) { return _mm512_loadu_si512(p); }                    \
    EMULATED void _mm512_storeu_##suffix(void *p, V a) { _mm512_storeu_si512(p, a); }
BITS(UNMASKED_INTEGERS, )

#define MASKED_MEMORY(suffix, V, m, K, ...)                                                              \
    EMULATED V _mm512_mask_loadu_##suffix(V r, K k, const void *p)                                       \
    {                                                                                                    \
        for EACH (r, m)                                                                                  \
            if (IN(k, i))                                                                                \
                memcpy(&r.m[i], (const char *)p + i * sizeof r.m[i], sizeof r.m[i]);                     \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_maskz_loadu_##suffix(K k, const void *p)                                           \
    {                                                                                                    \
        V zero = {{0}};                                                                                  \
        return _mm512_mask_loadu_##suffix(zero, k, p);                                                   \
    }                                                                                                    \
    EMULATED void _mm512_mask_storeu_##suffix(void *p, K k, V a)                                         \
    {                                                                                                    \
        for EACH (a, m)                                                                                  \
            if (IN(k, i))                                                                                \
                memcpy((char *)p + i * sizeof a.m[i], &a.m[i], sizeof a.m[i]);                           \
    }
EVERY(MASKED_MEMORY, )

#define SET1(V, name, m, T) EMULATED V name(T a) { V r; for EACH (r, m) r.m[i] = a; return r; }
SET1(__m512i, _mm512_set1_epi8, i8, char) SET1(__m512i, _mm512_set1_epi16, i16, short)
SET1(__m512i, _mm512_set1_epi32, i32, int) SET1(__m512i, _mm512_set1_epi64, i64, long long)
SET1(__m512, _mm512_set1_ps, f32, float) SET1(__m512d, _mm512_set1_pd, f64, double)
SET1(__m256i, _mm256_set1_epi8, i8, char) SET1(__m256i, _mm256_set1_epi16, i16, short)
SET1(__m256i, _mm256_set1_epi32, i32, int) SET1(__m256, _mm256_set1_ps, f32, float)
SET1(__m256d, _mm256_set1_pd, f64, double)

/* setr: from lane 0 on; set: from the last lane down */
#define SETR(suffix, V, m, K, ...)                                                                       \
    EMULATED V emulated_setr_##suffix(const void *p) { V r; memcpy(&r, p, sizeof r); return r; }         \
    EMULATED V emulated_set_##suffix(const void *p)                                                      \
    {                                                                                                    \
        V a = emulated_setr_##suffix(p), r;                                                              \
        for EACH (r, m)                                                                                  \
            r.m[i] = a.m[LANES_OF(r, m) - 1 - i];                                                        \
        return r;                                                                                        \
    }
EVERY(SETR, )
#define EMULATED_WHOLE_OF(bytes, function, T, ...) /* a wrong number of lanes does not compile */          \
    ((void)sizeof(char[sizeof((T[]){__VA_ARGS__}) == bytes ? 1 : -1]), function((T[]){__VA_ARGS__}))
#define EMULATED_WHOLE(function, T, ...) EMULATED_WHOLE_OF(64, function, T, __VA_ARGS__)
#define _mm512_set_epi8(...) EMULATED_WHOLE(emulated_set_epi8, int8_t, __VA_ARGS__)
#define _mm512_set_epi16(...) EMULATED_WHOLE(emulated_set_epi16, int16_t, __VA_ARGS__)
#define _mm512_set_epi32(...) EMULATED_WHOLE(emulated_set_epi32, int32_t, __VA_ARGS__)
#define _mm512_set_epi64(...) EMULATED_WHOLE(emulated_set_epi64, int64_t, __VA_ARGS__)
#define _mm512_set_ps(...) EMULATED_WHOLE(emulated_set_ps, float, __VA_ARGS__)
#define _mm512_set_pd(...) EMULATED_WHOLE(emulated_set_pd, double, __VA_ARGS__)
#define _mm512_setr_epi32(...) EMULATED_WHOLE(emulated_setr_epi32, int32_t, __VA_ARGS__)
#define _mm512_setr_epi64(...) EMULATED_WHOLE(emulated_setr_epi64, int64_t, __VA_ARGS__)
#define _mm512_setr_ps(...) EMULATED_WHOLE(emulated_setr_ps, float, __VA_ARGS__)
#define _mm512_setr_pd(...) EMULATED_WHOLE(emulated_setr_pd, double, __VA_ARGS__)

/* ---- the same bits as another type, and parts of a register ---- */

#define CAST(name, A, R) /* what the wider has more is undefined */                                      \
    EMULATED R name(A a)                                                                                 \
    {                                                                                                    \
        R r;                                                                                             \
        memset(&r, 0xA5, sizeof r);                                                                      \
        memcpy(&r, &a, sizeof r < sizeof a ? sizeof r : sizeof a);                                       \
        return r;                                                                                        \
    }
CAST(_mm512_castps_si512, __m512, __m512i) CAST(_mm512_castsi512_ps, __m512i, __m512)
CAST(_mm512_castpd_si512, __m512d, __m512i) CAST(_mm512_castsi512_pd, __m512i, __m512d)
CAST(_mm512_castps_pd, __m512, __m512d) CAST(_mm512_castpd_ps, __m512d, __m512)
CAST(_mm512_castps256_ps512, __m256, __m512) CAST(_mm512_castps512_ps256, __m512, __m256)
CAST(_mm512_castpd256_pd512, __m256d, __m512d) CAST(_mm512_castpd512_pd256, __m512d, __m256d)
CAST(_mm512_castsi256_si512, __m256i, __m512i) CAST(_mm512_castsi512_si256, __m512i, __m256i)
CAST(_mm512_castsi128_si512, __m128i, __m512i) CAST(_mm512_castsi512_si128, __m512i, __m128i)
CAST(_mm512_castps128_ps512, __m128, __m512) CAST(_mm512_castps512_ps128, __m512, __m128)
CAST(_mm256_castps_si256, __m256, __m256i) CAST(_mm256_castsi256_ps, __m256i, __m256)
CAST(_mm256_castsi256_si128, __m256i, __m128i) CAST(_mm256_castsi128_si256, __m128i, __m256i)

#define PART(insert, extract, V, P)                                                                      \
    EMULATED V insert(V a, P b, int part)                                                                \
    {                                                                                                    \
        memcpy(a.u8 + sizeof b * ((size_t)part % (sizeof a / sizeof b)), &b, sizeof b);                  \
        return a;                                                                                        \
    }                                                                                                    \
    EMULATED P extract(V a, int part)                                                                    \
    {                                                                                                    \
        P r;                                                                                             \
        memcpy(&r, a.u8 + sizeof r * ((size_t)part % (sizeof a / sizeof r)), sizeof r);                  \
        return r;                                                                                        \
    }
PART(_mm512_insertf32x8, _mm512_extractf32x8_ps, __m512, __m256)
PART(_mm512_insertf64x4, _mm512_extractf64x4_pd, __m512d, __m256d)
PART(_mm512_inserti32x8, _mm512_extracti32x8_epi32, __m512i, __m256i)
PART(_mm512_inserti64x4, _mm512_extracti64x4_epi64, __m512i, __m256i)
PART(_mm512_insertf32x4, _mm512_extractf32x4_ps, __m512, __m128)
PART(_mm512_inserti32x4, _mm512_extracti32x4_epi32, __m512i, __m128i)
PART(_mm512_inserti64x2, _mm512_extracti64x2_epi64, __m512i, __m128i)
PART(_mm256_inserti128_si256, _mm256_extracti128_si256, __m256i, __m128i)

#define BROADCAST(name, V, P) /* the whole of P, again and again */                                      \
    EMULATED V name(P a)                                                                                 \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, u8)                                                                                 \
            r.u8[i] = a.u8[i % sizeof a];                                                                \
        return r;                                                                                        \
    }
BROADCAST(_mm512_broadcast_i32x4, __m512i, __m128i) BROADCAST(_mm512_broadcast_f32x4, __m512, __m128)
BROADCAST(_mm512_broadcast_i64x4, __m512i, __m256i) BROADCAST(_mm512_broadcast_f32x8, __m512, __m256)
BROADCAST(_mm512_broadcast_i32x8, __m512i, __m256i) BROADCAST(_mm512_broadcast_f64x4, __m512d, __m256d)

/* ---- lane by lane, each also with a mask: other lanes from `src`, or zero ---- */

#define OF_ONE(suffix, V, m, K, op, expression)                                                          \
    EMULATED V _mm512_##op##_##suffix(V a) { V r; for EACH (r, m) r.m[i] = (expression(a.m[i])); return r; } \
    EMULATED V _mm512_mask_##op##_##suffix(V src, K k, V a)                                              \
    {                                                                                                    \
        V r = _mm512_##op##_##suffix(a);                                                                 \
        for EACH (r, m)                                                                                  \
            r.m[i] = IN(k, i) ? r.m[i] : src.m[i];                                                       \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_maskz_##op##_##suffix(K k, V a)                                                    \
    {                                                                                                    \
        V zero = {{0}};                                                                                  \
        return _mm512_mask_##op##_##suffix(zero, k, a);                                                  \
    }
#define OF_TWO_TYPES(suffix, V, m, K, op, A, B, expression)                                              \
    EMULATED V _mm512_##op##_##suffix(A a, B b) { V r; for EACH (r, m) r.m[i] = (expression); return r; } \
    EMULATED V _mm512_mask_##op##_##suffix(V src, K k, A a, B b)                                         \
    {                                                                                                    \
        V r = _mm512_##op##_##suffix(a, b);                                                              \
        for EACH (r, m)                                                                                  \
            r.m[i] = IN(k, i) ? r.m[i] : src.m[i];                                                       \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_maskz_##op##_##suffix(K k, A a, B b)                                               \
    {                                                                                                    \
        V zero = {{0}};                                                                                  \
        return _mm512_mask_##op##_##suffix(zero, k, a, b);                                               \
    }
#define OF_TWO(suffix, V, m, K, op, expression)                                                          \
    OF_TWO_TYPES(suffix, V, m, K, op, V, V, expression(a.m[i], b.m[i]))

#define SUM(x, y) ((x) + (y))
#define DIFFERENCE(x, y) ((x) - (y))
#define PRODUCT(x, y) ((x) * (y))
#define QUOTIENT(x, y) ((x) / (y))
#define PRODUCT16(x, y) ((uint16_t)((uint32_t)(x) * (y)))
/* Of two zeros, and with a NaN, the second: written so for floats. */
#define LESSER(x, y) ((x) < (y) ? (x) : (y))
#define GREATER(x, y) ((x) > (y) ? (x) : (y))
#define AND(x, y) ((x) & (y))
#define OR(x, y) ((x) | (y))
#define XOR(x, y) ((x) ^ (y))
#define AND_NOT(x, y) (~(x) & (y))

#define ITSELF(x) (x)
#define MAGNITUDE(x) ((x) < 0 ? 0 - (uint64_t)(x) : (uint64_t)(x))
#define WITHOUT_SIGN(x) ((x) & ~(uint64_t)0 >> 1 >> (64 - 8 * sizeof(x)))
#define LEADING_ZEROS(x) emulated_leading_zeros(x, 8 * sizeof(x))
EMULATED unsigned emulated_leading_zeros(uint64_t x, size_t width)
{
    unsigned n = 0;
    while (n < width && !(x >> (width - 1 - n) & 1))
        n++;
    return n;
}

EVERY(OF_ONE, mov, ITSELF)
#define BLEND(suffix, V, m, K, ...)                                                                      \
    EMULATED V _mm512_mask_blend_##suffix(K k, V a, V b) { return _mm512_mask_mov_##suffix(a, k, b); }
EVERY(BLEND, )
EVERY(OF_TWO, add, SUM) EVERY(OF_TWO, sub, DIFFERENCE)
FLOATS(OF_TWO, mul, PRODUCT) FLOATS(OF_TWO, div, QUOTIENT)
OF_TWO(epi16, __m512i, u16, __mmask32, mullo, PRODUCT16) WIDE_BITS(OF_TWO, mullo, PRODUCT)
INTEGERS(OF_TWO, min, LESSER) UNSIGNED(OF_TWO, min, LESSER) FLOATS(OF_TWO, min, LESSER)
INTEGERS(OF_TWO, max, GREATER) UNSIGNED(OF_TWO, max, GREATER) FLOATS(OF_TWO, max, GREATER)
WIDE_BITS(OF_TWO, and, AND) WIDE_BITS(OF_TWO, or, OR) WIDE_BITS(OF_TWO, xor, XOR)
WIDE_BITS(OF_TWO, andnot, AND_NOT)
INTEGERS(OF_ONE, abs, MAGNITUDE) WIDE_BITS(OF_ONE, lzcnt, LEADING_ZEROS)
OF_ONE(ps, __m512, u32, __mmask16, abs, WITHOUT_SIGN) OF_ONE(pd, __m512d, u64, __mmask8, abs, WITHOUT_SIGN)
OF_ONE(ps, __m512, f32, __mmask16, sqrt, sqrtf) OF_ONE(pd, __m512d, f64, __mmask8, sqrt, sqrt)
#define WHOLE_REGISTER(op)                                                                               \
    EMULATED __m512i _mm512_##op##_si512(__m512i a, __m512i b) { return _mm512_##op##_epi64(a, b); }
WHOLE_REGISTER(and) WHOLE_REGISTER(or) WHOLE_REGISTER(xor) WHOLE_REGISTER(andnot)
OF_TWO(ps, __m512, u32, __mmask16, and, AND) OF_TWO(ps, __m512, u32, __mmask16, or, OR)
OF_TWO(ps, __m512, u32, __mmask16, xor, XOR) OF_TWO(ps, __m512, u32, __mmask16, andnot, AND_NOT)
OF_TWO(pd, __m512d, u64, __mmask8, and, AND) OF_TWO(pd, __m512d, u64, __mmask8, or, OR)
OF_TWO(pd, __m512d, u64, __mmask8, xor, XOR) OF_TWO(pd, __m512d, u64, __mmask8, andnot, AND_NOT)

/* Rounded once, as the instructions do. */
#define FUSED(op, suffix, V, m, fma, sign_of_product, sign_of_c)                                         \
    EMULATED V _mm512_##op##_##suffix(V a, V b, V c)                                                     \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, m)                                                                                  \
            r.m[i] = fma(sign_of_product a.m[i], b.m[i], sign_of_c c.m[i]);                              \
        return r;                                                                                        \
    }
FUSED(fmadd, ps, __m512, f32, fmaf, +, +) FUSED(fmadd, pd, __m512d, f64, fma, +, +)
FUSED(fmsub, ps, __m512, f32, fmaf, +, -) FUSED(fmsub, pd, __m512d, f64, fma, +, -)
FUSED(fnmadd, ps, __m512, f32, fmaf, -, +) FUSED(fnmadd, pd, __m512d, f64, fma, -, +)
FUSED(fnmsub, ps, __m512, f32, fmaf, -, -) FUSED(fnmsub, pd, __m512d, f64, fma, -, -)

/* Shifts: a count of the width or more leaves zeros, or signs. */
#define SHIFT_LEFT(x, n) ((n) < 8 * sizeof(x) ? (uint64_t)(x) << (n) : 0)
#define SHIFT_RIGHT(x, n) ((n) < 8 * sizeof(x) ? (x) >> (n) : 0)
#define SHIFT_SIGNED(x, n) ((x) >> ((n) < 8 * sizeof(x) ? (n) : 8 * sizeof(x) - 1))
#define SHIFTS(suffix, V, m, K, op, u, shift)                                                            \
    OF_TWO_TYPES(suffix, V, m, K, op##i, V, unsigned, shift(a.m[i], b))                                  \
    OF_TWO_TYPES(suffix, V, m, K, op, V, __m128i, shift(a.m[i], b.u64[0]))                               \
    OF_TWO_TYPES(suffix, V, m, K, op##v, V, V, shift(a.m[i], b.u[i]))
SHIFTS(epi16, __m512i, u16, __mmask32, sll, u16, SHIFT_LEFT)
SHIFTS(epi32, __m512i, u32, __mmask16, sll, u32, SHIFT_LEFT)
SHIFTS(epi64, __m512i, u64, __mmask8, sll, u64, SHIFT_LEFT)
SHIFTS(epi16, __m512i, u16, __mmask32, srl, u16, SHIFT_RIGHT)
SHIFTS(epi32, __m512i, u32, __mmask16, srl, u32, SHIFT_RIGHT)
SHIFTS(epi64, __m512i, u64, __mmask8, srl, u64, SHIFT_RIGHT)
SHIFTS(epi16, __m512i, i16, __mmask32, sra, u16, SHIFT_SIGNED)
SHIFTS(epi32, __m512i, i32, __mmask16, sra, u32, SHIFT_SIGNED)
SHIFTS(epi64, __m512i, i64, __mmask8, sra, u64, SHIFT_SIGNED)

#define TERNARY(suffix, V, m, K, ...) /* bit of imm: a, b, c from high to low */                         \
    EMULATED V _mm512_ternarylogic_##suffix(V a, V b, V c, int imm)                                      \
    {                                                                                                    \
        V r = {{0}};                                                                                     \
        for EACH (r, m)                                                                                  \
            for (size_t bit = 0; bit < 8 * sizeof r.m[0]; bit++) {                                       \
                size_t at = (size_t)((a.m[i] >> bit & 1) << 2 | (b.m[i] >> bit & 1) << 1 | (c.m[i] >> bit & 1)); \
                r.m[i] |= (uint64_t)(imm >> at & 1) << bit;                                              \
            }                                                                                            \
        return r;                                                                                        \
    }
WIDE_BITS(TERNARY, )

/* imm: the rounding mode in bits 0 .. 2 (4: that of MXCSR, to nearest), binary places kept in 4 .. 7 */
#define ROUND_SCALE(suffix, V, m, K, ...)                                                                \
    EMULATED V _mm512_roundscale_##suffix(V a, int imm)                                                  \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, m) {                                                                                \
            double x = ldexp((double)a.m[i], imm >> 4 & 15);                                             \
            int mode = imm & 4 ? 0 : imm & 3;                                                            \
            x = mode == 0 ? nearbyint(x) : mode == 1 ? floor(x) : mode == 2 ? ceil(x) : trunc(x);        \
            r.m[i] = (isfinite(x) ? ldexp(x, -(imm >> 4 & 15)) : a.m[i]);                                \
        }                                                                                                \
        return r;                                                                                        \
    }
FLOATS(ROUND_SCALE, )
#define _MM_FROUND_TO_NEAREST_INT 0
#define _MM_FROUND_TO_NEG_INF 1
#define _MM_FROUND_TO_POS_INF 2
#define _MM_FROUND_TO_ZERO 3
#define _MM_FROUND_CUR_DIRECTION 4
#define _MM_FROUND_NO_EXC 8

/* ---- comparisons to masks ---- */

#define COMPARISON(suffix, V, m, K, op, predicate)                                                       \
    EMULATED K _mm512_##op##_##suffix##_mask(V a, V b)                                                   \
    {                                                                                                    \
        K k = 0;                                                                                         \
        for EACH (a, m)                                                                                  \
            k |= (K)((K)(predicate(a.m[i], b.m[i])) << i);                                               \
        return k;                                                                                        \
    }                                                                                                    \
    EMULATED K _mm512_mask_##op##_##suffix##_mask(K k, V a, V b)                                         \
    {                                                                                                    \
        return k & _mm512_##op##_##suffix##_mask(a, b);                                                  \
    }
#define EQUAL(x, y) ((x) == (y))
#define UNEQUAL(x, y) ((x) != (y))
#define LESS(x, y) ((x) < (y))
#define AT_MOST(x, y) ((x) <= (y))
#define MORE(x, y) ((x) > (y))
#define AT_LEAST(x, y) ((x) >= (y))
#define SOME(x, y) (((x) & (y)) != 0)
#define NONE(x, y) (((x) & (y)) == 0)
#define IS_UNORDERED(x, y) ((x) != (x) || (y) != (y))
INTEGERS(COMPARISON, cmpeq, EQUAL) INTEGERS(COMPARISON, cmpneq, UNEQUAL)
INTEGERS(COMPARISON, cmplt, LESS) INTEGERS(COMPARISON, cmple, AT_MOST)
INTEGERS(COMPARISON, cmpgt, MORE) INTEGERS(COMPARISON, cmpge, AT_LEAST)
UNSIGNED(COMPARISON, cmpeq, EQUAL) UNSIGNED(COMPARISON, cmpneq, UNEQUAL)
UNSIGNED(COMPARISON, cmplt, LESS) UNSIGNED(COMPARISON, cmple, AT_MOST)
UNSIGNED(COMPARISON, cmpgt, MORE) UNSIGNED(COMPARISON, cmpge, AT_LEAST)
BITS(COMPARISON, test, SOME) BITS(COMPARISON, testn, NONE)
FLOATS(COMPARISON, cmpeq, EQUAL) FLOATS(COMPARISON, cmpneq, UNEQUAL)
FLOATS(COMPARISON, cmplt, LESS) FLOATS(COMPARISON, cmple, AT_MOST)
FLOATS(COMPARISON, cmpunord, IS_UNORDERED)

enum {
    _CMP_EQ_OQ, _CMP_LT_OS, _CMP_LE_OS, _CMP_UNORD_Q, _CMP_NEQ_UQ, _CMP_NLT_US, _CMP_NLE_US, _CMP_ORD_Q,
    _CMP_EQ_UQ, _CMP_NGE_US, _CMP_NGT_US, _CMP_FALSE_OQ, _CMP_NEQ_OQ, _CMP_GE_OS, _CMP_GT_OS, _CMP_TRUE_UQ,
    /* 16 more, which differ from those in the exceptions alone */
    _CMP_EQ_OS, _CMP_LT_OQ, _CMP_LE_OQ, _CMP_UNORD_S, _CMP_NEQ_US, _CMP_NLT_UQ, _CMP_NLE_UQ, _CMP_ORD_S,
    _CMP_EQ_US, _CMP_NGE_UQ, _CMP_NGT_UQ, _CMP_FALSE_OS, _CMP_NEQ_OS, _CMP_GE_OQ, _CMP_GT_OQ, _CMP_TRUE_US
};
EMULATED int emulated_compare(double x, double y, int predicate)
{
    const int unordered = IS_UNORDERED(x, y);
    switch (predicate & 15) {
    case _CMP_EQ_OQ: return x == y;
    case _CMP_LT_OS: return x < y;
    case _CMP_LE_OS: return x <= y;
    case _CMP_UNORD_Q: return unordered;
    case _CMP_NEQ_UQ: return unordered || x != y;
    case _CMP_NLT_US: return unordered || x >= y;
    case _CMP_NLE_US: return unordered || x > y;
    case _CMP_ORD_Q: return !unordered;
    case _CMP_EQ_UQ: return unordered || x == y;
    case _CMP_NGE_US: return unordered || x < y;
    case _CMP_NGT_US: return unordered || x <= y;
    case _CMP_FALSE_OQ: return 0;
    case _CMP_NEQ_OQ: return !unordered && x != y;
    case _CMP_GE_OS: return x >= y;
    case _CMP_GT_OS: return x > y;
    default: return 1;
    }
}
#define COMPARISON_BY_NUMBER(suffix, V, m, K, ...)                                                       \
    EMULATED K _mm512_cmp_##suffix##_mask(V a, V b, int predicate)                                       \
    {                                                                                                    \
        K k = 0;                                                                                         \
        for EACH (a, m)                                                                                  \
            k |= (K)((K)emulated_compare(a.m[i], b.m[i], predicate) << i);                               \
        return k;                                                                                        \
    }                                                                                                    \
    EMULATED K _mm512_mask_cmp_##suffix##_mask(K k, V a, V b, int predicate)                             \
    {                                                                                                    \
        return k & _mm512_cmp_##suffix##_mask(a, b, predicate);                                          \
    }
FLOATS(COMPARISON_BY_NUMBER, )

#define SIGNS(suffix, m, K)                                                                              \
    EMULATED K _mm512_mov##suffix##_mask(__m512i a)                                                      \
    {                                                                                                    \
        K k = 0;                                                                                         \
        for EACH (a, m)                                                                                  \
            k |= (K)((K)(a.m[i] < 0) << i);                                                              \
        return k;                                                                                        \
    }                                                                                                    \
    EMULATED __m512i _mm512_movm_##suffix(K k)                                                           \
    {                                                                                                    \
        __m512i r;                                                                                       \
        for EACH (r, m)                                                                                  \
            r.m[i] = IN(k, i) ? -1 : 0;                                                                  \
        return r;                                                                                        \
    }
SIGNS(epi8, i8, __mmask64) SIGNS(epi16, i16, __mmask32) SIGNS(epi32, i32, __mmask16) SIGNS(epi64, i64, __mmask8)

EMULATED __mmask64 _mm512_kunpackd(__mmask64 high, __mmask64 low) { return high << 32 | (low & UINT32_MAX); }
EMULATED __mmask32 _mm512_kunpackw(__mmask32 high, __mmask32 low) { return high << 16 | (low & UINT16_MAX); }
EMULATED __mmask16 _mm512_kunpackb(__mmask16 high, __mmask16 low) { return (__mmask16)(high << 8 | (low & UINT8_MAX)); }

/* ---- permutations ---- */

/* permutexvar(index, a): a[index]; permutex2var(a, index, b): of a, then b; upper bits do not count */
#define PERMUTE(suffix, V, m, K, u)                                                                      \
    OF_TWO_TYPES(suffix, V, m, K, permutexvar, __m512i, V, b.m[a.u[i] % LANES_OF(b, m)])                 \
    EMULATED V _mm512_permutex2var_##suffix(V a, __m512i index, V b)                                     \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, m) {                                                                                \
            size_t at = index.u[i] % (2 * LANES_OF(r, m));                                               \
            r.m[i] = at < LANES_OF(r, m) ? a.m[at] : b.m[at - LANES_OF(r, m)];                           \
        }                                                                                                \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_mask_permutex2var_##suffix(V a, K k, __m512i index, V b)                           \
    {                                                                                                    \
        return _mm512_mask_mov_##suffix(a, k, _mm512_permutex2var_##suffix(a, index, b));                \
    }                                                                                                    \
    EMULATED V _mm512_maskz_permutex2var_##suffix(K k, V a, __m512i index, V b)                          \
    {                                                                                                    \
        return _mm512_maskz_mov_##suffix(k, _mm512_permutex2var_##suffix(a, index, b));                  \
    }
PERMUTE(epi8, __m512i, u8, __mmask64, u8) PERMUTE(epi16, __m512i, u16, __mmask32, u16)
PERMUTE(epi32, __m512i, u32, __mmask16, u32) PERMUTE(epi64, __m512i, u64, __mmask8, u64)
PERMUTE(ps, __m512, f32, __mmask16, u32) PERMUTE(pd, __m512d, f64, __mmask8, u64)

typedef int _MM_PERM_ENUM;

/* Within each 128 bits. */
#define IN_128(m) (16 / sizeof r.m[0])
#define UNPACK(suffix, V, m, K, op, first)                                                               \
    EMULATED V _mm512_##op##_##suffix(V a, V b)                                                          \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, m) {                                                                                \
            size_t at = i - i % IN_128(m) + i % IN_128(m) / 2 + (first) * IN_128(m) / 2;                 \
            r.m[i] = i % 2 ? b.m[at] : a.m[at];                                                          \
        }                                                                                                \
        return r;                                                                                        \
    }
EVERY(UNPACK, unpacklo, 0) EVERY(UNPACK, unpackhi, 1)
#define PACK(name, from, to, T, least, most)                                                             \
    EMULATED __m512i name(__m512i a, __m512i b)                                                          \
    {                                                                                                    \
        __m512i r;                                                                                       \
        for EACH (r, to) {                                                                               \
            const size_t half = IN_128(to) / 2, at = i / IN_128(to) * half + i % half;                   \
            const int32_t value = i % IN_128(to) < half ? a.from[at] : b.from[at];                       \
            r.to[i] = (T)(value < (least) ? (least) : value > (most) ? (most) : value);                  \
        }                                                                                                \
        return r;                                                                                        \
    }
PACK(_mm512_packs_epi32, i32, i16, int16_t, INT16_MIN, INT16_MAX)
PACK(_mm512_packus_epi16, i16, u8, uint8_t, 0, UINT8_MAX)
OF_TWO_TYPES(epi8, __m512i, u8, __mmask64, shuffle, __m512i, __m512i, b.i8[i] < 0 ? 0 : a.u8[i - i % 16 + b.u8[i] % 16])
OF_TWO_TYPES(epi32, __m512i, u32, __mmask16, shuffle, __m512i, int, a.u32[i - i % 4 + (size_t)(b >> 2 * (i % 4) & 3)])
OF_TWO_TYPES(ps, __m512, f32, __mmask16, permute, __m512, int, a.f32[i - i % 4 + (size_t)(b >> 2 * (i % 4) & 3)])
/* Of whole 128 bits: two of a, two of b. */
#define SHUFFLE_128(name, V)                                                                             \
    EMULATED V name(V a, V b, int imm)                                                                   \
    {                                                                                                    \
        V r;                                                                                             \
        for (size_t part = 0; part < 4; part++)                                                          \
            memcpy(r.u8 + 16 * part, (part < 2 ? a : b).u8 + 16 * (imm >> 2 * part & 3), 16);            \
        return r;                                                                                        \
    }
SHUFFLE_128(_mm512_shuffle_i32x4, __m512i) SHUFFLE_128(_mm512_shuffle_i64x2, __m512i)
SHUFFLE_128(_mm512_shuffle_f32x4, __m512) SHUFFLE_128(_mm512_shuffle_f64x2, __m512d)
/* a above b, moved down. */
#define ALIGN(suffix, V, m, K, ...)                                                                      \
    EMULATED V _mm512_alignr_##suffix(V a, V b, int imm)                                                 \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, m) {                                                                                \
            size_t at = i + (size_t)imm % LANES_OF(r, m);                                                \
            r.m[i] = at < LANES_OF(r, m) ? b.m[at] : a.m[at - LANES_OF(r, m)];                           \
        }                                                                                                \
        return r;                                                                                        \
    }
WIDE_BITS(ALIGN, )

/* The lanes of the mask, moved together; and apart again. */
#define COMPRESS(suffix, V, m, K, ...)                                                                   \
    EMULATED V _mm512_mask_compress_##suffix(V src, K k, V a)                                            \
    {                                                                                                    \
        size_t n = 0;                                                                                    \
        V r = src;                                                                                       \
        for EACH (a, m)                                                                                  \
            if (IN(k, i))                                                                                \
                r.m[n++] = a.m[i];                                                                       \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_maskz_compress_##suffix(K k, V a)                                                  \
    {                                                                                                    \
        V zero = {{0}};                                                                                  \
        return _mm512_mask_compress_##suffix(zero, k, a);                                                \
    }                                                                                                    \
    EMULATED void _mm512_mask_compressstoreu_##suffix(void *p, K k, V a)                                 \
    {                                                                                                    \
        size_t n = 0;                                                                                    \
        for EACH (a, m)                                                                                  \
            n += IN(k, i);                                                                               \
        V r = _mm512_maskz_compress_##suffix(k, a);                                                      \
        memcpy(p, &r, n * sizeof r.m[0]);                                                                \
    }                                                                                                    \
    EMULATED V _mm512_mask_expand_##suffix(V src, K k, V a)                                              \
    {                                                                                                    \
        size_t n = 0;                                                                                    \
        for EACH (a, m)                                                                                  \
            if (IN(k, i))                                                                                \
                src.m[i] = a.m[n++];                                                                     \
        return src;                                                                                      \
    }
WIDE_BITS(COMPRESS, ) FLOATS(COMPRESS, )

/* Lanes at base + scale * index. */
#define GATHER(suffix, V, m, K, I)                                                                       \
    EMULATED V _mm512_mask_i32gather_##suffix(V r, K k, I index, const void *base, int scale)            \
    {                                                                                                    \
        for EACH (r, m)                                                                                  \
            if (IN(k, i))                                                                                \
                memcpy(&r.m[i], (const char *)base + (ptrdiff_t)index.i32[i] * scale, sizeof r.m[i]);    \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V _mm512_i32gather_##suffix(I index, const void *base, int scale)                           \
    {                                                                                                    \
        V zero = {{0}};                                                                                  \
        return _mm512_mask_i32gather_##suffix(zero, (K)-1, index, base, scale);                          \
    }
GATHER(epi32, __m512i, u32, __mmask16, __m512i) GATHER(ps, __m512, f32, __mmask16, __m512i)
GATHER(epi64, __m512i, u64, __mmask8, __m256i) GATHER(pd, __m512d, f64, __mmask8, __m256i)

/* ---- conversions ---- */

/* Out of the range of the integer: "integer indefinite", the smallest, or of an unsigned the largest. */
#define TO_I32(x) ((x) > -2147483649.0 && (x) < 2147483648.0 ? (int32_t)(x) : INT32_MIN)
#define TO_I64(x) ((x) >= -0x1p63 && (x) < 0x1p63 ? (int64_t)(x) : INT64_MIN)
#define TO_U32(x) ((x) > -1.0 && (x) < 4294967296.0 ? (uint32_t)(x) : UINT32_MAX)
#define NEAREST_I32(x) TO_I32(nearbyint(x))
#define CONVERT(name, A, am, V, m, expression)                                                           \
    EMULATED V name(A a)                                                                                 \
    {                                                                                                    \
        V r = {{0}};                                                                                     \
        for (size_t i = 0; i < LANES_OF(r, m) && i < LANES_OF(a, am); i++)                               \
            r.m[i] = expression(a.am[i]);                                                                \
        return r;                                                                                        \
    }
CONVERT(_mm512_cvtepi32_ps, __m512i, i32, __m512, f32, ITSELF) CONVERT(_mm512_cvtepu32_ps, __m512i, u32, __m512, f32, ITSELF)
CONVERT(_mm512_cvtepi32_pd, __m256i, i32, __m512d, f64, ITSELF) CONVERT(_mm512_cvtepu32_pd, __m256i, u32, __m512d, f64, ITSELF)
CONVERT(_mm512_cvtepi64_pd, __m512i, i64, __m512d, f64, ITSELF) CONVERT(_mm512_cvtepu64_pd, __m512i, u64, __m512d, f64, ITSELF)
CONVERT(_mm512_cvtps_pd, __m256, f32, __m512d, f64, ITSELF) CONVERT(_mm512_cvtpd_ps, __m512d, f64, __m256, f32, ITSELF)
CONVERT(_mm512_cvttps_epi32, __m512, f32, __m512i, i32, TO_I32) CONVERT(_mm512_cvttpd_epi32, __m512d, f64, __m256i, i32, TO_I32)
CONVERT(_mm512_cvttps_epu32, __m512, f32, __m512i, u32, TO_U32) CONVERT(_mm512_cvttpd_epi64, __m512d, f64, __m512i, i64, TO_I64)
CONVERT(_mm512_cvtps_epi32, __m512, f32, __m512i, i32, NEAREST_I32) CONVERT(_mm512_cvtpd_epi32, __m512d, f64, __m256i, i32, NEAREST_I32)
CONVERT(_mm512_cvtepu8_epi16, __m256i, u8, __m512i, u16, ITSELF) CONVERT(_mm512_cvtepi8_epi16, __m256i, i8, __m512i, i16, ITSELF)
CONVERT(_mm512_cvtepu8_epi32, __m128i, u8, __m512i, u32, ITSELF) CONVERT(_mm512_cvtepi8_epi32, __m128i, i8, __m512i, i32, ITSELF)
CONVERT(_mm512_cvtepu16_epi32, __m256i, u16, __m512i, u32, ITSELF) CONVERT(_mm512_cvtepi16_epi32, __m256i, i16, __m512i, i32, ITSELF)
CONVERT(_mm512_cvtepu32_epi64, __m256i, u32, __m512i, u64, ITSELF) CONVERT(_mm512_cvtepi32_epi64, __m256i, i32, __m512i, i64, ITSELF)
CONVERT(_mm512_cvtepi16_epi8, __m512i, u16, __m256i, u8, (uint8_t)) CONVERT(_mm512_cvtepi32_epi8, __m512i, u32, __m128i, u8, (uint8_t))
CONVERT(_mm512_cvtepi32_epi16, __m512i, u32, __m256i, u16, (uint16_t)) CONVERT(_mm512_cvtepi64_epi32, __m512i, u64, __m256i, u32, (uint32_t))

/* ---- across a register ---- */

/* In the order of the real header: halves folded together. */
#define REDUCE(suffix, V, m, K, op, operation, T)                                                        \
    EMULATED T _mm512_reduce_##op##_##suffix(V a)                                                        \
    {                                                                                                    \
        for (size_t half = LANES_OF(a, m) / 2; half; half /= 2)                                          \
            for (size_t i = 0; i < half; i++)                                                            \
                a.m[i] = operation(a.m[i], a.m[i + half]);                                               \
        return (T)a.m[0];                                                                                \
    }
REDUCE(epi32, __m512i, u32, , add, SUM, int) REDUCE(epi64, __m512i, u64, , add, SUM, long long)
REDUCE(epi32, __m512i, i32, , min, LESSER, int) REDUCE(epi32, __m512i, i32, , max, GREATER, int)
REDUCE(epu32, __m512i, u32, , min, LESSER, unsigned) REDUCE(epu32, __m512i, u32, , max, GREATER, unsigned)
REDUCE(ps, __m512, f32, , min, LESSER, float) REDUCE(ps, __m512, f32, , max, GREATER, float)
REDUCE(pd, __m512d, f64, , min, LESSER, double) REDUCE(pd, __m512d, f64, , max, GREATER, double)

/* ---- 128 and 256 bits: what code next to AVX-512 uses ---- */

typedef union {
    uint64_t u64;
    float f32[2];
} __m64;

#define NARROW(name, V, m, A, B, expression)                                                             \
    EMULATED V name(A a, B b) { V r; for EACH (r, m) r.m[i] = (expression); return r; }
#define NARROW_TWO(op, m, expression) /* of both widths */                                               \
    NARROW(_mm_##op, __m128i, m, __m128i, __m128i, expression)                                           \
    NARROW(_mm256_##op, __m256i, m, __m256i, __m256i, expression)
#define NARROW_FLOATS(op, operation)                                                                     \
    NARROW(_mm_##op##_ps, __m128, f32, __m128, __m128, operation(a.f32[i], b.f32[i]))                    \
    NARROW(_mm256_##op##_ps, __m256, f32, __m256, __m256, operation(a.f32[i], b.f32[i]))                 \
    NARROW(_mm256_##op##_pd, __m256d, f64, __m256d, __m256d, operation(a.f64[i], b.f64[i]))
NARROW_TWO(add_epi8, u8, a.u8[i] + b.u8[i]) NARROW_TWO(add_epi16, u16, a.u16[i] + b.u16[i])
NARROW_TWO(add_epi32, u32, a.u32[i] + b.u32[i]) NARROW_TWO(add_epi64, u64, a.u64[i] + b.u64[i])
NARROW_TWO(sub_epi8, u8, a.u8[i] - b.u8[i]) NARROW_TWO(sub_epi16, u16, a.u16[i] - b.u16[i])
NARROW_TWO(sub_epi32, u32, a.u32[i] - b.u32[i]) NARROW_TWO(sub_epi64, u64, a.u64[i] - b.u64[i])
NARROW_TWO(min_epi32, i32, LESSER(a.i32[i], b.i32[i])) NARROW_TWO(max_epi32, i32, GREATER(a.i32[i], b.i32[i]))
NARROW_TWO(min_epu32, u32, LESSER(a.u32[i], b.u32[i])) NARROW_TWO(max_epu32, u32, GREATER(a.u32[i], b.u32[i]))
NARROW_TWO(min_epu16, u16, LESSER(a.u16[i], b.u16[i])) NARROW_TWO(max_epu16, u16, GREATER(a.u16[i], b.u16[i]))
NARROW_TWO(min_epu8, u8, LESSER(a.u8[i], b.u8[i])) NARROW_TWO(max_epu8, u8, GREATER(a.u8[i], b.u8[i]))
NARROW_TWO(cmpeq_epi8, i8, -(a.i8[i] == b.i8[i])) NARROW_TWO(cmpgt_epi8, i8, -(a.i8[i] > b.i8[i]))
NARROW_TWO(cmpeq_epi16, i16, -(a.i16[i] == b.i16[i])) NARROW_TWO(cmpgt_epi16, i16, -(a.i16[i] > b.i16[i]))
NARROW_TWO(cmpeq_epi32, i32, -(a.i32[i] == b.i32[i])) NARROW_TWO(cmpgt_epi32, i32, -(a.i32[i] > b.i32[i]))
NARROW_TWO(sllv_epi32, u32, SHIFT_LEFT(a.u32[i], b.u32[i])) NARROW_TWO(srlv_epi32, u32, SHIFT_RIGHT(a.u32[i], b.u32[i]))
NARROW_TWO(shuffle_epi8, u8, b.i8[i] < 0 ? 0 : a.u8[i - i % 16 + b.u8[i] % 16])
#define NARROW_SHIFT(op, m, shift)                                                                       \
    NARROW(_mm_##op, __m128i, m, __m128i, unsigned, shift(a.m[i], b))                                    \
    NARROW(_mm256_##op, __m256i, m, __m256i, unsigned, shift(a.m[i], b))
NARROW_SHIFT(slli_epi32, u32, SHIFT_LEFT) NARROW_SHIFT(srli_epi32, u32, SHIFT_RIGHT) NARROW_SHIFT(srai_epi32, i32, SHIFT_SIGNED)
NARROW_SHIFT(slli_epi64, u64, SHIFT_LEFT) NARROW_SHIFT(srli_epi64, u64, SHIFT_RIGHT)
NARROW_FLOATS(add, SUM) NARROW_FLOATS(sub, DIFFERENCE) NARROW_FLOATS(mul, PRODUCT) NARROW_FLOATS(div, QUOTIENT)
NARROW_FLOATS(min, LESSER) NARROW_FLOATS(max, GREATER)
#define NARROW_LOGIC(op, operation)                                                                      \
    NARROW(_mm_##op##_si128, __m128i, u64, __m128i, __m128i, operation(a.u64[i], b.u64[i]))              \
    NARROW(_mm256_##op##_si256, __m256i, u64, __m256i, __m256i, operation(a.u64[i], b.u64[i]))           \
    NARROW(_mm_##op##_ps, __m128, u64, __m128, __m128, operation(a.u64[i], b.u64[i]))                    \
    NARROW(_mm256_##op##_ps, __m256, u64, __m256, __m256, operation(a.u64[i], b.u64[i]))
NARROW_LOGIC(and, AND) NARROW_LOGIC(or, OR) NARROW_LOGIC(xor, XOR) NARROW_LOGIC(andnot, AND_NOT)
#define NARROW_MORE(prefix, V, I, suffix)                                                                \
    EMULATED V prefix##_cmp_ps(V a, V b, int predicate)                                                  \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, i32)                                                                                \
            r.i32[i] = -emulated_compare(a.f32[i], b.f32[i], predicate);                                 \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V prefix##_shuffle_ps(V a, V b, int imm) /* within 128 bits: two of a, two of b */          \
    {                                                                                                    \
        V r;                                                                                             \
        for EACH (r, f32)                                                                                \
            r.f32[i] = (i % 4 < 2 ? a : b).f32[i - i % 4 + (size_t)(imm >> 2 * (i % 4) & 3)];            \
        return r;                                                                                        \
    }                                                                                                    \
    EMULATED V prefix##_blendv_ps(V a, V b, V mask)                                                      \
    {                                                                                                    \
        for EACH (a, i32)                                                                                \
            a.i32[i] = mask.i32[i] < 0 ? b.i32[i] : a.i32[i];                                            \
        return a;                                                                                        \
    }                                                                                                    \
    EMULATED I prefix##_blendv_epi8(I a, I b, I mask)                                                    \
    {                                                                                                    \
        for EACH (a, i8)                                                                                 \
            a.i8[i] = mask.i8[i] < 0 ? b.i8[i] : a.i8[i];                                                \
        return a;                                                                                        \
    }                                                                                                    \
    EMULATED int prefix##_testz_##suffix(I a, I b)                                                       \
    {                                                                                                    \
        uint64_t common = 0;                                                                             \
        for EACH (a, u64)                                                                                \
            common |= a.u64[i] & b.u64[i];                                                               \
        return common == 0;                                                                              \
    }                                                                                                    \
    EMULATED int prefix##_movemask_ps(V a)                                                               \
    {                                                                                                    \
        unsigned k = 0;                                                                                  \
        for EACH (a, i32)                                                                                \
            k |= (unsigned)(a.i32[i] < 0) << i;                                                          \
        return (int)k;                                                                                   \
    }                                                                                                    \
    EMULATED int prefix##_movemask_epi8(I a)                                                             \
    {                                                                                                    \
        unsigned k = 0;                                                                                  \
        for EACH (a, i8)                                                                                 \
            k |= (unsigned)(a.i8[i] < 0) << i;                                                           \
        return (int)k;                                                                                   \
    }
NARROW_MORE(_mm, __m128, __m128i, si128) NARROW_MORE(_mm256, __m256, __m256i, si256)

CAST(_mm_castsi128_ps, __m128i, __m128) CAST(_mm_castps_si128, __m128, __m128i)
CAST(_mm256_castps128_ps256, __m128, __m256) CAST(_mm256_castps256_ps128, __m256, __m128)
SET1(__m128i, _mm_set1_epi8, i8, char) SET1(__m128i, _mm_set1_epi16, i16, short)
SET1(__m128i, _mm_set1_epi32, i32, int) SET1(__m128, _mm_set1_ps, f32, float) SET1(__m256i, _mm256_set1_epi64x, i64, long long)
EMULATED __m128i _mm_cvtsi32_si128(int a) { __m128i r = {{0}}; r.i32[0] = a; return r; }
EMULATED int _mm_cvtsi128_si32(__m128i a) { return a.i32[0]; }
EMULATED __m128i _mm_insert_epi32(__m128i a, int b, int lane) { a.i32[lane & 3] = b; return a; }
EMULATED int _mm_extract_epi32(__m128i a, int lane) { return a.i32[lane & 3]; }
EMULATED __m128i _mm_loadl_epi64(const void *p) { __m128i r = {{0}}; memcpy(&r, p, 8); return r; }
EMULATED void _mm_storel_epi64(void *p, __m128i a) { memcpy(p, &a, 8); }
EMULATED __m128 _mm_loadl_pi(__m128 a, const __m64 *p) { memcpy(a.u8, p, 8); return a; }
EMULATED __m128 _mm_loadh_pi(__m128 a, const __m64 *p) { memcpy(a.u8 + 8, p, 8); return a; }
EMULATED __m256 _mm256_set_m128(__m128 high, __m128 low) { __m256 r; memcpy(r.u8, &low, 16); memcpy(r.u8 + 16, &high, 16); return r; }
EMULATED __m256i _mm256_set_m128i(__m128i high, __m128i low) { __m256i r; memcpy(r.u8, &low, 16); memcpy(r.u8 + 16, &high, 16); return r; }
#define _mm_setr_epi8(...) EMULATED_WHOLE_OF(16, _mm_loadu_si128, int8_t, __VA_ARGS__)
#define _mm_setr_epi32(...) EMULATED_WHOLE_OF(16, _mm_loadu_si128, int32_t, __VA_ARGS__)
#define _mm256_setr_epi8(...) EMULATED_WHOLE_OF(32, _mm256_loadu_si256, int8_t, __VA_ARGS__)
#define _mm256_setr_epi32(...) EMULATED_WHOLE_OF(32, _mm256_loadu_si256, int32_t, __VA_ARGS__)

/* The names of this file alone. */
#undef REGISTER
#undef EMULATED
#undef LANES_OF
#undef EACH
#undef IN
#undef INTEGERS
#undef UNSIGNED
#undef BITS
#undef WIDE_BITS
#undef FLOATS
#undef EVERY
#undef LOAD_STORE
#undef UNMASKED_INTEGERS
#undef MASKED_MEMORY
#undef SET1
#undef SETR
#undef CAST
#undef PART
#undef BROADCAST
#undef OF_ONE
#undef OF_TWO_TYPES
#undef OF_TWO
#undef SUM
#undef DIFFERENCE
#undef PRODUCT
#undef QUOTIENT
#undef PRODUCT16
#undef LESSER
#undef GREATER
#undef AND
#undef OR
#undef XOR
#undef AND_NOT
#undef ITSELF
#undef MAGNITUDE
#undef WITHOUT_SIGN
#undef LEADING_ZEROS
#undef BLEND
#undef WHOLE_REGISTER
#undef FUSED
#undef SHIFT_LEFT
#undef SHIFT_RIGHT
#undef SHIFT_SIGNED
#undef SHIFTS
#undef TERNARY
#undef ROUND_SCALE
#undef COMPARISON
#undef EQUAL
#undef UNEQUAL
#undef LESS
#undef AT_MOST
#undef MORE
#undef AT_LEAST
#undef SOME
#undef NONE
#undef IS_UNORDERED
#undef COMPARISON_BY_NUMBER
#undef SIGNS
#undef PERMUTE
#undef IN_128
#undef UNPACK
#undef PACK
#undef SHUFFLE_128
#undef ALIGN
#undef COMPRESS
#undef GATHER
#undef TO_I32
#undef TO_I64
#undef TO_U32
#undef NEAREST_I32
#undef CONVERT
#undef REDUCE
#undef NARROW
#undef NARROW_TWO
#undef NARROW_FLOATS
#undef NARROW_SHIFT
#undef NARROW_LOGIC
#undef NARROW_MORE

#endif
