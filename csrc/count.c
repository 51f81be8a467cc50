/* Counting values by their keys: what exact percentiles are found with. */
#include "blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Neighbouring values are often equal, and a counter that is read right after it was
 * written is waited for: neighbours are counted in different tables. So is one whose
 * address differs from it in a multiple of 4,096 only, hence the gap between tables. */
enum { TABLES = 4, GAP = 80 };

typedef struct {
    tc_source_blocks load;
    _Alignas(64) char keys[TC_BLOCK * 8];
    _Alignas(64) char offsets[TC_BLOCK * 8];
    _Alignas(64) uint8_t dropped[TC_BLOCK];
} blocks;

/* ---- keys ---- */

static int is_wide(enum tc_dtype dtype) { return tc_value_size[dtype] == 8; }
enum tc_dtype tc_key_dtype(const tc_source *s) { return !s->minus ? s->dtype : tc_in_single(s) ? TC_F32 : TC_F64; }

/* The bits of a half that was made a float. */
static uint16_t half_bits(float value)
{
    int exponent;
    float magnitude = fabsf(value), fraction = frexpf(magnitude, &exponent);
    uint16_t sign = value < 0 ? 0x8000 : 0;
    if (!(magnitude <= 65504))
        return sign | (value != value ? 0x7E00 : 0x7C00);
    if (magnitude >= 0x1p-14f)
        return (uint16_t)(sign | ((uint32_t)(exponent + 14) << 10 | ((uint32_t)(fraction * 2048) & 1023)));
    return (uint16_t)(sign | (uint32_t)ldexpf(magnitude, 24));
}

static uint64_t key_of_invalid(const tc_source *s, const tc_kernels *k, size_t number)
{
    const char *value = (const char *)s->invalid + number * (s->dtype == TC_F16 ? 4 : tc_value_size[s->dtype]);
    uint16_t half;
    if (s->dtype == TC_F16) {
        float single;
        memcpy(&single, value, 4);
        half = half_bits(single);
        value = (const char *)&half;
    }
    _Alignas(8) char aligned[8];
    uint64_t wide = 0;
    uint32_t narrow = 0;
    memcpy(aligned, value, tc_value_size[s->dtype]);
    if (!k->order[s->dtype])
        memcpy(is_wide(s->dtype) ? (void *)&wide : (void *)&narrow, aligned, tc_value_size[s->dtype]);
    else
        k->order[s->dtype](aligned, is_wide(s->dtype) ? (void *)&wide : (void *)&narrow, 1);
    return is_wide(s->dtype) ? wide : narrow;
}

/* The keys of the values that equal the one with that key, which are a span: both zeros
 * are one value. 0 for NaN, which equals none. */
static int equal_keys(enum tc_dtype dtype, uint64_t key, uint64_t *first, uint64_t *last)
{
    static const uint64_t infinities[TC_DTYPES] = {
        [TC_F16] = 0x7C00, [TC_F32] = 0x7F800000, [TC_F64] = UINT64_C(0x7FF0000000000000)};
    *first = *last = key;
    if (!infinities[dtype])
        return 1;
    const uint64_t zero = UINT64_C(1) << (8 * tc_value_size[dtype] - 1);
    if (key == zero || key == zero - 1) {
        *first = zero - 1;
        *last = zero;
    }
    return key <= zero + infinities[dtype] && key >= zero - 1 - infinities[dtype];
}

#define DROP(name, K)                                                                           \
    static void drop_equal_##name(const K *restrict keys, K first, K last, uint8_t *restrict dropped,     \
                                    size_t count)                                               \
    {                                                                                           \
        for (size_t i = 0; i < count; i++)                                                      \
            dropped[i] |= keys[i] >= first && keys[i] <= last;                                  \
    }                                                                                           \
    static size_t keep_##name(const K *keys, const uint8_t *dropped, K *kept, size_t count)     \
    {                                                                                           \
        size_t n = 0;                                                                           \
        for (size_t i = 0; i < count; i++) {                                                    \
            kept[n] = keys[i];                                                                  \
            n += !dropped[i];                                                                   \
        }                                                                                       \
        return n;                                                                               \
    }
DROP(u32, uint32_t)
DROP(u64, uint64_t)
#undef DROP

/* The keys of the next `count` differences that are numbers, and how many. */
static void load_difference_keys(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t *count, blocks *b)
{
    const size_t all = *count;
    const void *x = tc_load(s, k, c, all, &b->load);
    k->order[tc_key_dtype(s)](x, b->keys, all);
    if (tc_in_single(s)) {
        for (size_t i = 0; i < all; i++)
            b->dropped[i] = isnan(((const float *)x)[i]) != 0;
        *count = keep_u32((const uint32_t *)b->keys, b->dropped, (uint32_t *)b->keys, all);
    } else {
        for (size_t i = 0; i < all; i++)
            b->dropped[i] = isnan(((const double *)x)[i]) != 0;
        *count = keep_u64((const uint64_t *)b->keys, b->dropped, (uint64_t *)b->keys, all);
    }
}

/* The keys of those of the next `count` values that are unmasked and valid, and how many. */
static void load_keys(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t *count, blocks *b)
{
    const size_t all = *count;
    if (s->minus) {
        load_difference_keys(s, k, c, count, b);
        return;
    }
    const void *values = tc_load_native(s, c, all, &b->load.values), *keys = b->keys;
    /* A copy in any case: keys are looked at more than once, and decide where is written. */
    if (k->order[s->dtype])
        k->order[s->dtype](values, b->keys, all);
    else
        memcpy(b->keys, values, all * tc_value_size[s->dtype]);
    if (!s->masks[0].data && !s->masks[1].data && !s->invalid_count)
        return;

    memset(b->dropped, 0, all);
    for (int m = 0; m < 2; m++) {
        if (!s->masks[m].data)
            continue;
        tc_gather(*c, &s->masks[m], (char *)b->load.values.mask, all, 1);
        for (size_t i = 0; i < all; i++)
            b->dropped[i] |= b->load.values.mask[i] != 0;
    }
    for (size_t i = 0; i < s->invalid_count; i++) {
        uint64_t first, last;
        if (!equal_keys(s->dtype, key_of_invalid(s, k, i), &first, &last))
            continue;
        if (is_wide(s->dtype))
            drop_equal_u64(keys, first, last, b->dropped, all);
        else
            drop_equal_u32(keys, (uint32_t)first, (uint32_t)last, b->dropped, all);
    }
    if (is_wide(s->dtype))
        *count = keep_u64(keys, b->dropped, (uint64_t *)b->keys, all);
    else
        *count = keep_u32(keys, b->dropped, (uint32_t *)b->keys, all);
}

/* ---- count ---- */

#define COUNT(name, K)                                                                                  \
    static void tally_##name(const K *offsets, size_t count, unsigned shift, uint32_t *tables, size_t stride) \
    {                                                                                                   \
        uint32_t *a = tables, *b = a + stride, *c = b + stride, *d = c + stride;                        \
        size_t i = 0;                                                                                   \
        for (; i + TABLES <= count; i += TABLES) {                                                      \
            a[offsets[i] >> shift]++;                                                                   \
            b[offsets[i + 1] >> shift]++;                                                               \
            c[offsets[i + 2] >> shift]++;                                                               \
            d[offsets[i + 3] >> shift]++;                                                               \
        }                                                                                               \
        for (; i < count; i++)                                                                          \
            a[offsets[i] >> shift]++;                                                                   \
    }                                                                                                   \
    static void count_##name(const tc_kernels *k, blocks *b, size_t count, const tc_span *span,         \
                             uint32_t *tables, size_t stride, uint64_t *least, uint64_t *most)          \
    {                                                                                                   \
        K *offsets = (K *)b->offsets, low = (K)-1, high = 0;                                            \
        size_t found = k->within_##name((const K *)b->keys, count, (K)span->first,                      \
                                        (K)(span->last - span->first), offsets);                        \
        if (!found)                                                                                     \
            return;                                                                                     \
        k->bounds_##name(offsets, found, &low, &high);                                                  \
        *least = span->first + low < *least ? span->first + low : *least;                               \
        *most = span->first + high > *most ? span->first + high : *most;                                \
        if (low >> span->shift == high >> span->shift) /* all in one bin */                             \
            tables[low >> span->shift] += (uint32_t)found;                                              \
        else                                                                                            \
            tally_##name(offsets, found, (unsigned)span->shift, tables, stride);                        \
    }                                                                                                   \
    /* Returns how many there are. */                                                                   \
    static size_t collect_##name(const tc_kernels *k, blocks *b, size_t count, const tc_span *span,     \
                                 uint64_t *keys, size_t room)                                           \
    {                                                                                                   \
        K *offsets = (K *)b->offsets;                                                                   \
        size_t found = k->within_##name((const K *)b->keys, count, (K)span->first,                      \
                                        (K)(span->last - span->first), offsets);                        \
        for (size_t i = 0; i < found && i < room; i++)                                                  \
            keys[i] = span->first + offsets[i];                                                         \
        return found;                                                                                   \
    }
COUNT(u32, uint32_t)
COUNT(u64, uint64_t)
#undef COUNT

static void add_up(uint64_t *counts, const uint32_t *tables, size_t bins, size_t span_count)
{
    const size_t stride = bins + GAP;
    for (size_t n = 0; n < span_count; n++, counts += bins, tables += TABLES * stride)
        for (size_t i = 0; i < bins; i++)
            counts[i] += (uint64_t)tables[i] + tables[stride + i] + tables[2 * stride + i] + tables[3 * stride + i];
}

int tc_count(const tc_source *source, const tc_kernels *k, const tc_span *spans, size_t span_count, uint64_t *counts,
             size_t bins, uint64_t *least, uint64_t *most)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    blocks *b = tc_new_blocks(sizeof *b);
    const size_t stride = bins + GAP, cells = span_count * TABLES * stride;
    uint32_t *tables = calloc(cells + 1, sizeof *tables);
    if (!b || !tables) {
        if (b)
            tc_free_blocks(b);
        free(tables);
        return -1;
    }
    memset(counts, 0, span_count * bins * sizeof *counts);
    for (size_t n = 0; n < span_count; n++) {
        least[n] = UINT64_MAX;
        most[n] = 0;
    }
    const int wide = is_wide(tc_key_dtype(&s));
    uint32_t in_tables = 0;
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t length = tc_block_length(&c), count = length;
        load_keys(&s, k, &c, &count, b);
        for (size_t n = 0; n < span_count; n++)
            (wide ? count_u64 : count_u32)(k, b, count, &spans[n], tables + n * TABLES * stride, stride, &least[n],
                                           &most[n]);
        tc_skip(&c, length);
        in_tables += (uint32_t)length;
        if (in_tables > UINT32_MAX - TC_BLOCK) { /* before a counter can overflow */
            add_up(counts, tables, bins, span_count);
            memset(tables, 0, cells * sizeof *tables);
            in_tables = 0;
        }
    }
    add_up(counts, tables, bins, span_count);
    free(tables);
    tc_free_blocks(b);
    return 0;
}

/* ---- collect ---- */

int tc_collect(const tc_source *source, const tc_kernels *k, const tc_span *spans, size_t span_count, uint64_t *keys,
               size_t room, size_t *found)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    blocks *b = tc_new_blocks(sizeof *b);
    if (!b)
        return -1;
    const int wide = is_wide(tc_key_dtype(&s));
    *found = 0;
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t length = tc_block_length(&c), count = length;
        load_keys(&s, k, &c, &count, b);
        for (size_t n = 0; n < span_count; n++) {
            size_t kept = *found < room ? *found : room;
            *found += (wide ? collect_u64 : collect_u32)(k, b, count, &spans[n], keys + kept, room - kept);
        }
        tc_skip(&c, length);
    }
    tc_free_blocks(b);
    return 0;
}
