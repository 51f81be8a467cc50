/* Counting values by their keys: what exact order statistics are found with. */
#include "blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Neighbouring values are often equal, and a counter that is read right after it was
 * written is waited for: neighbours are counted in different tables. So is one whose
 * address differs from it in a multiple of 4,096 only, hence the gap between tables. */
enum { TABLES = 4, GAP = 80 };

/* With more counters than this there is one table: neighbours rarely share a counter then, and
 * the tables would not stay in the caches. */
enum { MOST_IN_TABLES = 1 << 17 };

/* Of up to so many spans, each is looked at in each block, many keys at a time; of more, the
 * one that a key is in is looked up. */
enum { FEW_SPANS = 8 };

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

/* ---- the next block ----
 *
 * Its lines are fetched while this one is worked on: that is looked at several times, and
 * memory would wait meanwhile. Where there is much to do, a few lines at a time, since a core
 * has few requests under way at once. */

typedef struct {
    const char *next;
    size_t lines; /* 0 where it is not just behind this one */
} ahead;

enum { LINE = 64 };

static ahead after_block(const tc_source *s, const tc_cursor *c, size_t length)
{
    const size_t size = tc_value_size[s->dtype], row = tc_row_left(c);
    ahead a = {NULL, 0};
    if (!s->minus && row > length && s->values.strides[c->dims - 1] == (ptrdiff_t)size) {
        a.next = tc_address(c, &s->values) + length * size;
        a.lines = (row - length < TC_BLOCK ? row - length : TC_BLOCK) * size / LINE;
    }
    return a;
}

/* One of `parts` parts of it. */
static void fetch(const ahead *a, size_t part, size_t parts)
{
    for (size_t line = a->lines * part / parts; line < a->lines * (part + 1) / parts; line++)
        TC_FETCH(a->next + LINE * line);
}

/* ---- one of many spans ---- */

static size_t bins_of(const tc_span *span) { return (size_t)((span->last - span->first) >> span->shift) + 1; }

/* Which span a key may be in. The keys from the first span to the last are cut into cells of
 * equally many, and each of these into as many smaller ones as the spans in it are worth, so
 * that it does not matter where they crowd. A small cell knows the first span that ends in it
 * or later, mostly that, or the next, is the one; and whether there is any in it. All keys as
 * their distances from the first span. */
typedef struct {
    uint32_t base, shift; /* where its small cells begin, and the keys in one */
} cell;
typedef struct {
    uint32_t first, last, shift, bin; /* bin: where its bins begin */
} span_u32;
typedef struct {
    uint64_t first, last;
    uint32_t shift, bin;
} span_u64;

typedef struct {
    uint64_t first, width;
    unsigned shift;
    cell *cells;
    uint32_t *begins; /* of each small cell, twice the span, and 1 if one is in it */
    void *spans;      /* span_u32 or span_u64 */
    size_t most;      /* the last span */
} finder;

static void free_finder(finder *f)
{
    free(f->cells);
    free(f->begins);
    free(f->spans);
}

static void set_spans(finder *f, const tc_span *spans, size_t span_count, int wide)
{
    uint32_t bin = 0;
    for (size_t n = 0; n < span_count; n++) {
        const uint64_t first = spans[n].first - f->first, last = spans[n].last - f->first;
        if (wide)
            ((span_u64 *)f->spans)[n] = (span_u64){first, last, (uint32_t)spans[n].shift, bin};
        else
            ((span_u32 *)f->spans)[n] =
                (span_u32){(uint32_t)first, (uint32_t)last, (uint32_t)spans[n].shift, bin};
        bin += (uint32_t)bins_of(&spans[n]);
    }
}

static int new_finder(finder *f, const tc_span *spans, size_t span_count, int wide)
{
    enum { MOST_CELLS = 1 << 10 };
    const uint32_t worth = span_count <= 1 << 10 ? 8 : span_count <= 1 << 13 ? 2 : 1;
    f->first = spans[0].first;
    f->width = spans[span_count - 1].last - f->first;
    f->shift = 0;
    f->most = span_count - 1;
    while (f->width >> f->shift >= MOST_CELLS)
        f->shift++;
    const size_t count = (size_t)(f->width >> f->shift) + 1;
    f->cells = calloc(count, sizeof *f->cells);
    f->spans = malloc(span_count * (wide ? sizeof(span_u64) : sizeof(span_u32)));
    if (!f->cells || !f->spans) {
        free_finder(f);
        return -1;
    }
    set_spans(f, spans, span_count, wide);
    for (size_t n = 0; n < span_count; n++) { /* the ends of spans in each cell */
        f->cells[(spans[n].first - f->first) >> f->shift].base++;
        f->cells[(spans[n].last - f->first) >> f->shift].base++;
    }
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t wanted = (uint64_t)f->cells[i].base * worth;
        unsigned shift = f->shift;
        while (shift && UINT64_C(1) << (f->shift - shift) < wanted)
            shift--;
        f->cells[i] = (cell){total, shift};
        total += UINT32_C(1) << (f->shift - shift);
    }
    f->begins = malloc(total * sizeof *f->begins);
    if (!f->begins) {
        free_finder(f);
        return -1;
    }
    uint32_t *next = f->begins, n = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t begin = (uint64_t)i << f->shift;
        for (size_t k = (size_t)1 << (f->shift - f->cells[i].shift); k; k--) {
            while (n < f->most && spans[n].last - f->first < begin)
                n++;
            const uint64_t last = begin + ((UINT64_C(1) << f->cells[i].shift) - 1);
            *next++ = 2 * n + (spans[n].first - f->first <= last);
            begin = last + 1;
        }
    }
    return 0;
}

/* ---- count ---- */

typedef struct {
    uint32_t *tables;
    size_t stride; /* from one table to the next; 0 with one */
} counters;

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
    static inline uint32_t begin_##name(const finder f, K offset)                                       \
    {                                                                                                   \
        const cell at = f.cells[offset >> f.shift];                                                     \
        const K rest = offset & (((K)1 << f.shift) - 1);                                                \
        return f.begins[at.base + (size_t)(rest >> at.shift)];                                          \
    }                                                                                                   \
    /* The span that a key is in, if it is in any. Of two, one comparison tells and no branch. */       \
    static inline const span_##name *find_##name(const finder f, K offset)                              \
    {                                                                                                   \
        const span_##name *spans = f.spans;                                                             \
        size_t low = begin_##name(f, offset) / 2;                                                       \
        low += spans[low].last < offset;                                                                \
        if (TC_UNLIKELY(spans[low].last < offset))                                                      \
            for (size_t high = f.most; low < high;) {                                                   \
                const size_t middle = (low + high) / 2;                                                 \
                if (spans[middle].last < offset)                                                        \
                    low = middle + 1;                                                                   \
                else                                                                                    \
                    high = middle;                                                                      \
            }                                                                                           \
        return spans + low;                                                                             \
    }                                                                                                   \
    static void count_many_##name(const tc_kernels *k, blocks *b, size_t count, const finder f,         \
                                  uint32_t *table, uint64_t *least, uint64_t *most)                     \
    {                                                                                                   \
        const K *offsets = (const K *)b->offsets;                                                       \
        const size_t found = k->within_##name((const K *)b->keys, count, (K)f.first, (K)f.width,        \
                                              (K *)b->offsets);                                         \
        for (size_t i = 0; i < found; i++) {                                                            \
            const span_##name *span = find_##name(f, offsets[i]);                                       \
            if (offsets[i] < span->first)                                                               \
                continue;                                                                               \
            table[span->bin + ((offsets[i] - span->first) >> span->shift)]++;                           \
            const uint64_t key = f.first + offsets[i];                                                  \
            const size_t n = (size_t)(span - (const span_##name *)f.spans);                             \
            if (key < least[n])                                                                         \
                least[n] = key;                                                                         \
            if (key > most[n])                                                                          \
                most[n] = key;                                                                          \
        }                                                                                               \
    }                                                                                                   \
    static size_t inside_##name(const tc_kernels *k, const blocks *b, size_t count, const tc_span *span) \
    {                                                                                                   \
        return k->inside_##name((const K *)b->keys, count, (K)span->first, (K)(span->last - span->first)); \
    }                                                                                                   \
    /* Both return how many there are. */                                                               \
    static size_t collect_##name(const tc_kernels *k, blocks *b, size_t count, const tc_span *span,     \
                                 uint64_t *keys, size_t room)                                           \
    {                                                                                                   \
        const K *offsets = (K *)b->offsets;                                                             \
        const size_t found = k->within_##name((const K *)b->keys, count, (K)span->first,                \
                                              (K)(span->last - span->first), (K *)b->offsets);          \
        for (size_t i = 0; i < found && i < room; i++)                                                  \
            keys[i] = span->first + offsets[i];                                                         \
        return found;                                                                                   \
    }                                                                                                   \
    static size_t collect_many_##name(const tc_kernels *k, blocks *b, size_t count, const finder f,     \
                                      uint64_t *keys, size_t room)                                      \
    {                                                                                                   \
        K *offsets = (K *)b->offsets;                                                                   \
        const size_t near = k->within_##name((const K *)b->keys, count, (K)f.first, (K)f.width, offsets); \
        size_t candidates = 0, found = 0;                                                               \
        for (size_t i = 0; i < near; i++) {                                                             \
            const K offset = offsets[i];                                                                \
            offsets[candidates] = offset;                                                               \
            candidates += begin_##name(f, offset) & 1;                                                  \
        }                                                                                               \
        for (size_t i = 0; i < candidates; i++) {                                                       \
            const K offset = offsets[i];                                                                \
            offsets[found] = offset;                                                                    \
            found += offset >= find_##name(f, offset)->first;                                           \
        }                                                                                               \
        for (size_t i = 0; i < found && i < room; i++)                                                  \
            keys[i] = f.first + offsets[i];                                                             \
        return found;                                                                                   \
    }
COUNT(u32, uint32_t)
COUNT(u64, uint64_t)
#undef COUNT

static void add_up(uint64_t *counts, const counters *c, size_t cells)
{
    const uint32_t *a = c->tables, *b = a + c->stride, *d = b + c->stride, *e = d + c->stride;
    if (c->stride)
        for (size_t i = 0; i < cells; i++)
            counts[i] += (uint64_t)a[i] + b[i] + d[i] + e[i];
    else
        for (size_t i = 0; i < cells; i++)
            counts[i] += a[i];
}

/* The first and the last of many spans may be far from the others, as the ends of values are;
 * so each is looked at by itself, and those between are looked up. */
static int find_inner(finder *f, const tc_span *spans, size_t span_count, int wide)
{
    return span_count > FEW_SPANS ? new_finder(f, spans + 1, span_count - 2, wide) : 0;
}

int tc_count(const tc_source *source, const tc_kernels *k, const tc_span *spans, size_t span_count, uint64_t *counts,
             uint64_t *least, uint64_t *most)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    const int wide = is_wide(tc_key_dtype(&s)), many = span_count > FEW_SPANS;
    size_t cells = 0;
    for (size_t n = 0; n < span_count; n++) {
        cells += bins_of(&spans[n]);
        least[n] = UINT64_MAX;
        most[n] = 0;
    }
    memset(counts, 0, cells * sizeof *counts);
    counters into = {NULL, !many && cells <= MOST_IN_TABLES ? cells + GAP : 0};
    const size_t bytes = (into.stride ? TABLES * into.stride : cells) * sizeof *into.tables;
    blocks *b = tc_new_blocks(sizeof *b);
    into.tables = calloc(bytes + 1, 1);
    finder f = {0};
    if (!b || !into.tables || find_inner(&f, spans, span_count, wide) < 0) {
        if (b)
            tc_free_blocks(b);
        free(into.tables);
        return -1;
    }
    uint32_t in_tables = 0;
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t length = tc_block_length(&c), count = length;
        const ahead a = after_block(&s, &c, length);
        load_keys(&s, k, &c, &count, b);
        fetch(&a, 0, 1);
        uint32_t *table = into.tables;
        for (size_t n = 0; n < span_count; n++) {
            (wide ? count_u64 : count_u32)(k, b, count, &spans[n], table, into.stride, &least[n], &most[n]);
            table += bins_of(&spans[n]);
            if (many && n == 0) {
                (wide ? count_many_u64 : count_many_u32)(k, b, count, f, table, least + 1, most + 1);
                n = span_count - 2;
                table = into.tables + cells - bins_of(&spans[n + 1]);
            }
        }
        tc_skip(&c, length);
        in_tables += (uint32_t)length;
        if (in_tables > UINT32_MAX - TC_BLOCK) { /* before a counter can overflow */
            add_up(counts, &into, cells);
            memset(into.tables, 0, bytes);
            in_tables = 0;
        }
    }
    add_up(counts, &into, cells);
    free_finder(&f);
    free(into.tables);
    tc_free_blocks(b);
    return 0;
}

/* ---- collect ---- */

int tc_collect(const tc_source *source, const tc_kernels *k, const tc_span *spans, size_t span_count, uint64_t *keys,
               size_t room, size_t *found)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    const int wide = is_wide(tc_key_dtype(&s)), many = span_count > FEW_SPANS;
    blocks *b = tc_new_blocks(sizeof *b);
    finder f = {0};
    if (!b || find_inner(&f, spans, span_count, wide) < 0) {
        if (b)
            tc_free_blocks(b);
        return -1;
    }
    *found = 0;
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t length = tc_block_length(&c), count = length;
        const ahead a = after_block(&s, &c, length);
        load_keys(&s, k, &c, &count, b);
        fetch(&a, 0, 1);
        for (size_t n = 0; n < span_count; n++) {
            size_t kept = *found < room ? *found : room;
            *found += (wide ? collect_u64 : collect_u32)(k, b, count, &spans[n], keys + kept, room - kept);
            if (many && n == 0) {
                kept = *found < room ? *found : room;
                *found += (wide ? collect_many_u64 : collect_many_u32)(k, b, count, f, keys + kept, room - kept);
                n = span_count - 2;
            }
        }
        tc_skip(&c, length);
    }
    free_finder(&f);
    tc_free_blocks(b);
    return 0;
}

/* ---- select ---- */

int tc_select(const tc_source *source, const tc_kernels *k, const tc_span *spans, size_t span_count, size_t kept,
              uint64_t *sizes, uint64_t *keys, size_t room)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    blocks *b = tc_new_blocks(sizeof *b);
    if (!b)
        return -1;
    const int wide = is_wide(tc_key_dtype(&s));
    memset(sizes, 0, span_count * sizeof *sizes);
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t length = tc_block_length(&c), count = length;
        const ahead a = after_block(&s, &c, length);
        load_keys(&s, k, &c, &count, b);
        for (size_t n = 0; n < span_count; n++) {
            size_t found;
            fetch(&a, n, span_count);
            if (n < kept) {
                found = (wide ? collect_u64 : collect_u32)(k, b, count, &spans[n], keys, room);
                size_t written = found < room ? found : room;
                keys += written;
                room -= written;
            } else {
                found = (wide ? inside_u64 : inside_u32)(k, b, count, &spans[n]);
            }
            sizes[n] += found;
        }
        tc_skip(&c, length);
    }
    tc_free_blocks(b);
    return 0;
}
