/* Every kernel row of this build against the truth, without Python.
 *
 *     cc -std=c11 -O2 -ffp-contract=off -I csrc tests/csrc/harness.c csrc/[!m]*.c -lm && ./a.out [trials] [seed]
 *
 * A trial draws an array (type, shape, strides, byte order, values near the edges), a
 * scale, a table or polynomial and an output layout, computes each pixel on its own with
 * the operations of kernels.h, and compares the whole output buffer, the bytes between
 * and around the pixels included. Buffers have their exact size, so that AddressSanitizer
 * sees a read or write outside of them. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inverse.h"

static uint64_t state;
static uint64_t random64(void)
{
    /* xorshift64*, Vigna 2016 */
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Du;
}
static size_t pick(size_t n) { return (size_t)(random64() >> 33) % n; }
static double uniform(double lo, double hi) { return lo + (hi - lo) * (double)(random64() >> 11) * 0x1p-53; }

static const size_t sizes[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};
static const char *const dtype_names[TC_DTYPES] = {"bool", "u8", "i8", "u16", "i16", "f16", "f32", "u32", "i32", "u64", "i64", "f64"};

static double half_value(uint16_t h)
{
    int exponent = h >> 10 & 31;
    double fraction = h & 1023, value;
    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else
        value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return h & 0x8000 ? -value : value;
}

static double value_of(const void *p, enum tc_dtype t)
{
    switch (t) {
#define READ(code, T) case code: { T v; memcpy(&v, p, sizeof v); return (double)v; }
    case TC_BOOL: return *(const char *)p != 0;
    READ(TC_U8, uint8_t) READ(TC_I8, int8_t) READ(TC_U16, uint16_t) READ(TC_I16, int16_t)
    READ(TC_F32, float) READ(TC_U32, uint32_t) READ(TC_I32, int32_t) READ(TC_U64, uint64_t)
    READ(TC_I64, int64_t) READ(TC_F64, double)
    default: { uint16_t v; memcpy(&v, p, 2); return half_value(v); }
    }
}

__extension__ typedef __int128 wide_integer;
static wide_integer integer_of(const char *p, enum tc_dtype t)
{
    uint64_t u;
    int64_t i;
    memcpy(&u, p, sizes[t] == 8 ? 8 : 0);
    memcpy(&i, p, sizes[t] == 8 ? 8 : 0);
    return t == TC_U64 ? (wide_integer)u : t == TC_I64 ? (wide_integer)i : (wide_integer)value_of(p, t);
}

/* One value, mostly in or near [lo, hi]. */
static void draw(char *to, enum tc_dtype t, double lo, double hi)
{
    uint64_t bits = random64();
    double v;
    if (pick(16) == 0) { /* zero, of either sign */
        memset(to, 0, sizes[t]);
        if ((t == TC_F16 || t == TC_F32 || t == TC_F64) && pick(2)) {
            bits = UINT64_C(1) << (8 * sizes[t] - 1);
            uint16_t half = (uint16_t)bits;
            uint32_t single_bits = (uint32_t)bits;
            memcpy(to, t == TC_F16 ? (void *)&half : t == TC_F32 ? (void *)&single_bits : (void *)&bits, sizes[t]);
        }
        return;
    }
    switch (pick(8)) {
    case 0: memcpy(to, &bits, sizes[t]); return; /* anything */
    case 1: v = lo; break;
    case 2: v = hi; break;
    case 3: v = lo + (hi - lo) * (double)pick(257) / 256; break; /* edges of the bins */
    default: v = uniform(lo - 0.2 * (hi - lo), hi + 0.2 * (hi - lo));
    }
    if (t == TC_F16) { /* some half near it will do */
        int e;
        double m = frexp(fabs(v) + 1e-9, &e);
        e = e < -13 ? -13 : e > 15 ? 15 : e;
        uint16_t h = (uint16_t)((e + 14) << 10 | ((int)(m * 2048) & 1023) | (v < 0 ? 0x8000 : 0));
        memcpy(to, &h, 2);
        return;
    }
    switch (t) {
#define WRITE(code, T, least, most) case code: { T x = v <= (double)(least) ? (T)(least) : v >= (double)(most) ? (T)(most) : (T)v; memcpy(to, &x, sizeof x); return; }
    case TC_BOOL: *to = (char)pick(3); return; /* any byte but 0 is true */
    WRITE(TC_U8, uint8_t, 0, UINT8_MAX) WRITE(TC_I8, int8_t, INT8_MIN, INT8_MAX)
    WRITE(TC_U16, uint16_t, 0, UINT16_MAX) WRITE(TC_I16, int16_t, INT16_MIN, INT16_MAX)
    WRITE(TC_U32, uint32_t, 0, UINT32_MAX) WRITE(TC_I32, int32_t, INT32_MIN, INT32_MAX)
    WRITE(TC_U64, uint64_t, 0, UINT64_MAX) WRITE(TC_I64, int64_t, INT64_MIN, INT64_MAX)
    case TC_F32: {
        float x = fabs(v) > FLT_MAX ? (v < 0 ? -FLT_MAX : FLT_MAX) : (float)v;
        int way = (int)pick(5); /* one ulp aside */
        x = way == 0 ? nextafterf(x, FLT_MAX) : way == 1 ? nextafterf(x, -FLT_MAX) : x;
        memcpy(to, &x, 4);
        return;
    }
    default: {
        int way = (int)pick(5);
        v = way == 0 ? nextafter(v, DBL_MAX) : way == 1 ? nextafter(v, -DBL_MAX) : v;
        memcpy(to, &v, 8);
    }
    }
}

/* ---- steps ---- */

enum { MOST_EDGES = 2000 };
static struct {
    double edges[MOST_EDGES];
    float single[MOST_EDGES];
    int32_t codes[MOST_EDGES + 1];
    size_t count;
} drawn;

static int compare_doubles(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return (x > y) - (x < y);
}

/* Edges spaced in one of several ways, and codes that mostly rise. */
static void draw_steps(int is_single, double lo, double hi, int32_t n)
{
    static const size_t edge_counts[] = {0, 1, 2, 5, 100, 255, 256, 259, 300, MOST_EDGES};
    drawn.count = edge_counts[pick(sizeof edge_counts / sizeof *edge_counts)];
    size_t way = pick(6);
    double power = uniform(0.1, 4);
    for (size_t k = 0; k < drawn.count; k++) {
        double t = (double)k / (double)drawn.count, e;
        switch (way) {
        case 0: e = lo + (hi - lo) * t; break;
        case 1: e = lo + (hi - lo) * pow(t, power); break;
        case 2: e = (hi - lo) * exp2(-12 * (1 - t)); break;
        case 3: e = lo + (hi - lo) * (t < 0.5 ? -1 : 1) * exp2(20 * fabs(t - 0.5) - 10); break;
        default: { /* anywhere, some of them twice, infinite, or one next to the other */
            char bits[8];
            draw(bits, is_single ? TC_F32 : TC_F64, lo, hi);
            e = value_of(bits, is_single ? TC_F32 : TC_F64);
            e = e != e ? lo : e;
            if (k > 0 && pick(4) == 0)
                e = drawn.edges[k - 1];
        }
        }
        drawn.edges[k] = is_single ? (float)e : e;
    }
    if (drawn.count && pick(2))
        drawn.edges[0] = is_single ? -FLT_MAX : -DBL_MAX;
    if (drawn.count > 1 && pick(2))
        drawn.edges[1] = INFINITY;
    qsort(drawn.edges, drawn.count, sizeof *drawn.edges, compare_doubles);
    int messy = pick(3) == 0;
    for (size_t k = 0; k <= drawn.count; k++) {
        drawn.codes[k] = messy ? (int32_t)pick((size_t)n + 3) - 3 : (int32_t)k - 1 < n ? (int32_t)k - 1 : TC_CODE_OVER;
        if (k < drawn.count)
            drawn.single[k] = (float)drawn.edges[k];
    }
    if (!messy && pick(2))
        drawn.codes[0] = TC_CODE_BAD;
}

/* One of the edges, or a neighbour of one. */
static void draw_edge(char *to, enum tc_dtype t)
{
    size_t k = pick(drawn.count);
    int way = (int)pick(3) - 1;
    if (t == TC_F32) {
        float x = drawn.single[k];
        x = way ? nextafterf(x, way < 0 ? -INFINITY : INFINITY) : x;
        memcpy(to, &x, 4);
    } else {
        double x = drawn.edges[k];
        x = way ? nextafter(x, way < 0 ? -INFINITY : INFINITY) : x;
        memcpy(to, &x, 8);
    }
}

/* ---- the truth ---- */

static int32_t true_step(double x, const tc_scale *s)
{
    size_t k = 0;
    if (x != x)
        return s->bad;
    while (k < drawn.count && x >= drawn.edges[k])
        k++;
    int32_t code = drawn.codes[k];
    return code == TC_CODE_UNDER ? s->under : code == TC_CODE_OVER ? s->over : code == TC_CODE_BAD ? s->bad : code;
}

/* a - b: in float, or exactly where it is of 64-bit integers, or in double. */
static double true_difference(const char *a, enum tc_dtype of_a, const char *b, enum tc_dtype of_b)
{
    double x = value_of(a, of_a), y = value_of(b, of_b);
    if (of_a <= TC_F32 && of_b <= TC_F32)
        return (float)x - (float)y;
    int floats = of_a == TC_F16 || of_a == TC_F32 || of_a == TC_F64 || of_b == TC_F16 || of_b == TC_F32 || of_b == TC_F64;
    int is_signed = of_a == TC_I64 || of_b == TC_I64 || of_a == TC_I32 || of_b == TC_I32 || of_a == TC_I16 ||
                    of_b == TC_I16 || of_a == TC_I8 || of_b == TC_I8;
    if (floats || (sizes[of_a] < 8 && sizes[of_b] < 8) || (is_signed && (of_a == TC_U64 || of_b == TC_U64)))
        return x - y;
    return (double)(integer_of(a, of_a) - integer_of(b, of_b));
}

static int32_t true_index(double x, const tc_scale *s, int is_single)
{
    if (x != x)
        return s->bad;
    double range = s->range, y;
    if (s->mirrored) {
        double d = x * s->prescale - s->vmin, half = s->n / 2.0;
        int below = x * s->prescale < s->vmin;
        if (is_single)
            y = (float)((float)((double)(float)fabs(d) / range) * (float)half);
        else
            y = fabs(d) / range * half;
        if ((is_single ? (float)d : d) == 0)
            y = 0;
        if (y > half)
            return below ? s->under : s->over;
        int odd = s->n % 2;
        int32_t m = is_single ? (int32_t)(float)((float)y + (odd ? 0.5f : 0)) : (int32_t)(y + (odd ? 0.5 : 0));
        int32_t most = odd ? s->n / 2 : s->n / 2 - 1;
        m = m < most ? m : most;
        if (below)
            return (odd ? s->n / 2 : s->n / 2 - 1) - m;
        return s->n / 2 + m;
    }
    if (range == 0)
        y = isinf(x) ? x : 0;
    else if (is_single)
        y = (float)((float)((double)(float)(x * s->prescale - s->vmin) / range) * (float)s->n);
    else
        y = (x * s->prescale - s->vmin) / range * s->n;
    return y < 0 ? s->under : y > s->n ? s->over : y == s->n ? s->n - 1 : (int32_t)y;
}

static void true_pixel(double x, const tc_job *job, double vmin, double vmax, char *out)
{
    static const size_t bytes[] = {1, 2, 4, 8};
    const tc_scale *s = &job->scale;
    size_t size = bytes[job->component], pixel = size * (size_t)job->channels;
    int is_single = tc_in_single(&job->source);
    if (!job->curve) {
        int32_t index = job->steps ? true_step(x, s) : true_index(x, s, is_single);
        memcpy(out, (const char *)job->table.entries + 4 * size * (size_t)index, pixel);
        return;
    }
    double t;
    if (is_single) {
        float p = (float)(x * s->prescale - vmin) / (float)(vmax - vmin);
        t = vmax - vmin == 0 ? (isinf(x) ? x : 0) : p;
    } else {
        t = vmax - vmin == 0 ? (isinf(x) ? x : 0) : (x * s->prescale - vmin) / (vmax - vmin);
    }
    int32_t entry = x != x ? s->bad : t < 0 ? s->under : t > 1 ? s->over : 0;
    if (entry >= s->n) {
        memcpy(out, (const char *)job->table.entries + 4 * size * (size_t)entry, pixel);
        return;
    }
    float at = (float)(t >= 0 ? t <= 1 ? t : 1 : 0);
    at = job->reverse ? 1 - at : at;
    for (int c = 0; c < job->channels; c++) {
        if (c == 3) {
            memcpy(out + 3 * size, (const char *)job->table.entries + 3 * size, size);
            break;
        }
        const tc_curve *curve = job->curve;
        float along = at * (float)curve->pieces;
        int piece = (int)along < curve->pieces - 1 ? (int)along : curve->pieces - 1;
        float place = along - (float)piece, p = curve->table[c][curve->degree][piece];
        for (int i = curve->degree - 1; i >= 0; i--) {
            float product = p * place;
            p = product + curve->table[c][i][piece];
        }
        p = p >= 0 ? p <= 1 ? p : 1 : 0;
        uint8_t p8 = (uint8_t)nearbyintf(p * 255.0f);
        uint16_t p16 = (uint16_t)nearbyintf(p * 65535.0f);
        memcpy(out + (size_t)c * size, size == 1 ? (void *)&p8 : size == 2 ? (void *)&p16 : (void *)&p, size);
    }
}

/* ---- an array in a buffer of its own size, in some layout ---- */

typedef struct {
    char *buffer, *origin;
    size_t bytes;
} storage;

/* Strides for `dims` of items of `size` bytes: dense, reversed, with gaps, transposed. */
static storage lay_out(int dims, const size_t *shape, size_t size, ptrdiff_t *strides, int way)
{
    size_t gap = way == 2 ? 1 + pick(3) : 1, row_gap = way == 3 ? size * pick(4) : 0;
    ptrdiff_t step = (ptrdiff_t)(size * gap), low = 0, high = (ptrdiff_t)size;
    for (int k = 0; k < dims; k++) {
        int d = way == 4 ? k : dims - 1 - k;
        strides[d] = step;
        step = step * (ptrdiff_t)shape[d] + (ptrdiff_t)row_gap;
        if (way == 1 && pick(2))
            strides[d] = -strides[d];
        ptrdiff_t reach = strides[d] * ((ptrdiff_t)shape[d] - 1);
        *(reach < 0 ? &low : &high) += reach;
    }
    storage s = {.bytes = (size_t)(high - low)};
    int odd = way == 3 ? (int)pick(2) : 0; /* unaligned */
    s.bytes += (size_t)odd;
    s.buffer = malloc(s.bytes ? s.bytes : 1);
    s.origin = s.buffer + odd - low;
    return s;
}

static char *at(char *origin, int dims, const size_t *shape, const ptrdiff_t *strides, size_t i)
{
    for (int d = dims - 1; d >= 0; d--) {
        origin += strides[d] * (ptrdiff_t)(i % shape[d]);
        i /= shape[d];
    }
    return origin;
}

static void reverse_bytes(char *p, size_t size)
{
    for (size_t k = 0; k < size / 2; k++) {
        char byte = p[k];
        p[k] = p[size - 1 - k];
        p[size - 1 - k] = byte;
    }
}

/* ---- the truth about keys ---- */

/* Ordered as the values: of what is below zero, the bits are turned. */
static uint64_t true_key(const char *native, enum tc_dtype t)
{
    size_t size = sizes[t];
    uint64_t bits = 0, sign = UINT64_C(1) << (8 * size - 1);
    switch (size) {
    case 1: { uint8_t v; memcpy(&v, native, 1); bits = v; break; }
    case 2: { uint16_t v; memcpy(&v, native, 2); bits = v; break; }
    case 4: { uint32_t v; memcpy(&v, native, 4); bits = v; break; }
    default: memcpy(&bits, native, 8);
    }
    switch (t) {
    case TC_BOOL: return bits != 0;
    case TC_I8: case TC_I16: case TC_I32: case TC_I64: return bits ^ sign;
    case TC_F16: case TC_F32: case TC_F64: return bits & sign ? bits ^ (sign | (sign - 1)) : bits | sign;
    default: return bits;
    }
}

enum { BINS = 512, MOST_SPANS = 300 };

static int compare_keys(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return (x > y) - (x < y);
}

/* Spans somewhere around the keys that there are, in order and disjoint. */
static size_t draw_spans(const uint64_t *keys, size_t count, enum tc_dtype t, tc_span *spans)
{
    const uint64_t greatest = sizes[t] == 8 ? UINT64_MAX : UINT32_MAX;
    /* a few, or many: then narrow ones, so that there is room for all, and crowds of them */
    size_t n = 1 + pick(pick(2) ? 3 : MOST_SPANS), made = 0;
    uint64_t start = 0;
    for (size_t k = 0; k < n; k++) {
        uint64_t first = pick(3) || !count ? start : keys[pick(count)];
        uint64_t shift = pick(sizes[t] == 8 ? 64 : 32);
        uint64_t width = ((uint64_t)BINS << shift) >> shift == BINS ? ((uint64_t)BINS << shift) - 1 : greatest;
        width = pick(2) ? width : random64() % (width + !!(width + 1));
        if (n > 3)
            width = pick(3) ? pick(4) : random64() % (greatest / n);
        while (width >> shift >= BINS)
            shift++;
        if (n > 3 && pick(2)) /* next to the one before, or nearly */
            first = start + pick(3);
        if (first < start)
            first = start;
        uint64_t last = greatest - first < width ? greatest : first + width;
        spans[made++] = (tc_span){first, last, shift};
        if (last == greatest)
            break;
        start = last + 1;
    }
    return made;
}

static int is_in(uint64_t key, const tc_span *span) { return key >= span->first && key <= span->last; }

/* The keys in `keys` that are in a span, in order, and how many. */
static size_t keys_within(const uint64_t *keys, size_t count, const tc_span *spans, size_t span_count, uint64_t *kept)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < span_count; n++)
            if (is_in(keys[i], &spans[n]))
                kept[found++] = keys[i];
    qsort(kept, found, sizeof *kept, compare_keys);
    return found;
}

/* Counting, collecting and selecting. `keys` are those of the values that count. */
static int keys_differ(const tc_source *s, const tc_kernels *row, uint64_t *keys, size_t count)
{
    static tc_span spans[MOST_SPANS];
    static uint64_t expected[MOST_SPANS * BINS], counts[MOST_SPANS * BINS + 1];
    static uint64_t low[MOST_SPANS], high[MOST_SPANS], least[MOST_SPANS], most[MOST_SPANS];
    size_t span_count = draw_spans(keys, count, tc_key_dtype(s), spans), cells = 0, found;
    memset(expected, 0, sizeof expected);
    memset(counts, 0xA5, sizeof counts);
    for (size_t n = 0; n < span_count; n++) {
        low[n] = UINT64_MAX;
        high[n] = 0;
        for (size_t i = 0; i < count; i++)
            if (is_in(keys[i], &spans[n])) {
                expected[cells + ((keys[i] - spans[n].first) >> spans[n].shift)]++;
                low[n] = keys[i] < low[n] ? keys[i] : low[n];
                high[n] = keys[i] > high[n] ? keys[i] : high[n];
            }
        cells += (size_t)((spans[n].last - spans[n].first) >> spans[n].shift) + 1;
    }
    if (tc_count(s, row, spans, span_count, counts, least, most) < 0)
        abort();
    int differ = memcmp(counts, expected, cells * sizeof *counts) != 0;
    differ |= counts[cells] != UINT64_C(0xA5A5A5A5A5A5A5A5);
    differ |= memcmp(least, low, span_count * sizeof *low) != 0 || memcmp(most, high, span_count * sizeof *high) != 0;

    /* what there is no room for is left out; nothing is written beyond */
    uint64_t *kept = malloc((8 * count + 1) * sizeof *kept), *collected = malloc((8 * count + 1) * sizeof *kept);
    for (int selecting = 0; selecting < 2; selecting++) {
        size_t keeping = span_count;
        uint64_t sizes[9];
        if (selecting) { /* a few, which may overlap */
            span_count = span_count < 8 ? span_count : 8;
            keeping = pick(span_count + 1);
            if (span_count > 1 && pick(2))
                spans[pick(span_count)].last = spans[span_count - 1].last;
        }
        size_t there = keys_within(keys, count, spans, keeping, kept);
        size_t room = pick(4) ? there : pick(there + 1);
        memset(collected, 0xA5, (8 * count + 1) * sizeof *collected);
        if (selecting) {
            sizes[span_count] = 7;
            if (tc_select(s, row, spans, span_count, keeping, sizes, collected, room) < 0)
                abort();
            found = 0;
            for (size_t n = 0; n < span_count; n++) {
                size_t size = 0;
                for (size_t i = 0; i < count; i++)
                    size += is_in(keys[i], &spans[n]);
                differ |= sizes[n] != size;
                found += n < keeping ? sizes[n] : 0;
            }
            differ |= sizes[span_count] != 7;
        } else if (tc_collect(s, row, spans, span_count, collected, room, &found) < 0) {
            abort();
        }
        differ |= found != there;
        for (size_t i = room; i <= 8 * count; i++)
            differ |= collected[i] != UINT64_C(0xA5A5A5A5A5A5A5A5);
        if (room == there) {
            qsort(collected, there, sizeof *collected, compare_keys);
            differ |= memcmp(kept, collected, there * sizeof *kept) != 0;
        }
    }
    free(kept);
    free(collected);
    return differ;
}

/* ---- an array that values come from ---- */

typedef struct {
    storage values, masks[2];
    char invalid[3][8];
    float invalid_halves[3];
} operand;

/* The type is set, and the shape. Some of the values may be edges of steps. */
static void draw_operand(tc_source *s, operand *o, size_t count, double lo, double hi, int at_edges, int large)
{
    size_t size = sizes[s->dtype];
    s->swapped = size > 1 && pick(4) == 0;
    o->values = lay_out(s->dims, s->shape, size, s->values.strides, large ? 0 : (int)pick(5));
    s->values.data = o->values.origin;
    memset(o->values.buffer, 0, o->values.bytes ? o->values.bytes : 1);
    for (size_t i = 0; i < count; i++) {
        char *p = at(o->values.origin, s->dims, s->shape, s->values.strides, i);
        if (at_edges && drawn.count && pick(3) == 0 && (s->dtype == TC_F32 || s->dtype == TC_F64))
            draw_edge(p, s->dtype);
        else
            draw(p, s->dtype, lo, hi);
        if (s->swapped)
            reverse_bytes(p, size);
    }
    for (int m = 0; m < 2; m++)
        if (pick(4) == 0) {
            o->masks[m] = lay_out(s->dims, s->shape, 1, s->masks[m].strides, (int)pick(5));
            for (size_t k = 0; k < o->masks[m].bytes; k++)
                o->masks[m].buffer[k] = (char)pick(2);
            s->masks[m].data = o->masks[m].origin;
        }
    s->invalid_count = pick(3);
    for (size_t k = 0; k < s->invalid_count; k++) {
        draw(o->invalid[0] + k * size, s->dtype, lo, hi);
        o->invalid_halves[k] = (float)value_of(o->invalid[0] + k * size, s->dtype);
    }
    s->invalid = s->dtype == TC_F16 ? (void *)o->invalid_halves : (void *)o->invalid;
}

static void release(operand *o)
{
    free(o->values.buffer);
    free(o->masks[0].buffer);
    free(o->masks[1].buffer);
}

/* The i-th value in native order. Returns whether it counts. */
static int native_value(const tc_source *s, const operand *o, size_t i, char *native)
{
    size_t size = sizes[s->dtype];
    memcpy(native, at(o->values.origin, s->dims, s->shape, s->values.strides, i), size);
    if (s->swapped)
        reverse_bytes(native, size);
    int counts = 1, integer64 = s->dtype == TC_U64 || s->dtype == TC_I64;
    for (size_t k = 0; k < s->invalid_count; k++) {
        const char *invalid = o->invalid[0] + k * size;
        counts &= integer64 ? memcmp(native, invalid, 8) != 0
                            : value_of(native, s->dtype) != value_of(invalid, s->dtype);
    }
    for (int m = 0; m < 2; m++)
        counts &= !(o->masks[m].buffer && *at(o->masks[m].origin, s->dims, s->shape, s->masks[m].strides, i));
    return counts;
}

/* The i-th value or difference, NaN if it does not count. Its key, too. */
static double true_input(const tc_source *s, const operand *operands, size_t i, uint64_t *key)
{
    char a[8], b[8], difference[8];
    int counts = native_value(s, &operands[0], i, a);
    if (!s->minus) {
        *key = true_key(a, s->dtype);
        return counts ? value_of(a, s->dtype) : (double)NAN;
    }
    counts &= native_value(s->minus, &operands[1], i, b);
    double d = counts ? true_difference(a, s->dtype, b, s->minus->dtype) : (double)NAN;
    float f = (float)d;
    memcpy(difference, tc_in_single(s) ? (void *)&f : (void *)&d, tc_in_single(s) ? 4 : 8);
    *key = true_key(difference, tc_key_dtype(s));
    return d;
}

static int trial(const tc_kernels *const *rows, int large)
{
    static const size_t component_sizes[] = {1, 2, 4, 8};
    static const int32_t counts[] = {1, 2, 7, 100, 252, 253, 254, 255, 256, 257, 1000, 65536};
    static const size_t lengths[] = {0, 1, 2, 3, 5, 7, 15, 16, 17, 31, 63, 64, 65, 127, 128, 129, 255, 257, 700, 1023, 1024, 1025, 2049};
    tc_job job;
    memset(&job, 0, sizeof job);
    tc_source *s = &job.source;
    s->dtype = (enum tc_dtype)pick(TC_DTYPES);
    s->dims = (int)pick(4);
    size_t count = 1;
    for (int d = 0; d < s->dims; d++) {
        s->shape[d] = d == s->dims - 1 ? lengths[pick(sizeof lengths / sizeof *lengths)] : 1 + pick(d ? 5 : 40);
        count *= s->shape[d];
    }
    if (large) {
        s->dims = 1;
        s->shape[0] = count = 1500000 + pick(1000);
    }
    tc_source minus;
    memset(&minus, 0, sizeof minus);
    minus.dtype = pick(2) ? s->dtype : (enum tc_dtype)pick(TC_DTYPES);
    minus.dims = s->dims;
    memcpy(minus.shape, s->shape, sizeof minus.shape);
    s->minus = pick(4) == 0 ? &minus : NULL;

    /* scale */
    int is_single = tc_in_single(s);
    double vmin = uniform(-5, 100), vmax = vmin + uniform(0.001, 200), prescale = 1;
    switch (pick(10)) {
    case 0: vmin = 0; vmax = 1 + (double)pick(300); break;
    case 1: vmin = (float)vmin; vmax = (float)vmax; break;
    case 2: vmax = vmin; break;
    case 3: vmin = -FLT_MAX; vmax = FLT_MAX; prescale = 0.5; break;
    case 4: vmin = (pick(2) ? 1 : -1) * uniform(1e3, 1e7); vmax = vmin + uniform(0.01, 1000); break;
    case 5: vmin = 0; vmax = is_single ? 1e-41 : 1e-310; break;
    case 7: vmin = pick(2) ? -0x1p31 : 0; vmax = pick(2) ? 0x1p31 - 1 : 0x1p32 - 1; break; /* all 32-bit integers */
    case 6: vmax = -uniform(0, 100); vmin = vmax - uniform(0.001, 200); break;
    }
    job.scale.n = counts[pick(sizeof counts / sizeof *counts)];
    job.scale.under = pick(2) ? 0 : job.scale.n;
    job.scale.over = pick(2) ? job.scale.n - 1 : job.scale.n + 1;
    job.scale.bad = job.scale.n + 2;
    double scaled_min = vmin * prescale, scaled_max = vmax * prescale;
    job.scale.mirrored = pick(3) == 0;
    if (job.scale.mirrored) { /* around the middle, wherever that is */
        scaled_min = scaled_min / 2 + scaled_max / 2;
        scaled_max = scaled_min + (scaled_max - scaled_min);
    }
    tc_scale_init(&job.scale, is_single, scaled_min, scaled_max - scaled_min, prescale);

    /* output and colors */
    job.component = (enum tc_component)pick(TC_COMPONENTS);
    job.channels = job.component == TC_64 ? 4 : 3 + (int)pick(2);
    static tc_curve curve;
    if (job.component != TC_64 && !job.scale.mirrored && pick(3) == 0) {
        static const int pieces[] = {1, 2, 6, 8, 9, TC_MOST_PIECES};
        curve.degree = pick(2) ? 3 : (int)pick(8);
        curve.pieces = pieces[pick(sizeof pieces / sizeof *pieces)];
        job.reverse = (int)pick(2);
        for (int c = 0; c < 3; c++)
            for (int k = 0; k <= curve.degree; k++)
                for (int n = 0; n < curve.pieces; n++)
                    curve.table[c][k][n] = (float)uniform(-2, 2);
        job.curve = &curve;
    }
    tc_steps steps;
    if (!job.curve && pick(3) == 0) {
        draw_steps(is_single, vmin, vmax, job.scale.n);
        const void *edges = is_single ? (void *)drawn.single : (void *)drawn.edges;
        if (tc_steps_init(&steps, is_single, edges, drawn.codes, drawn.count, &job.scale) < 0)
            abort();
        job.steps = &steps;
    }
    size_t component = component_sizes[job.component], entries_count = (size_t)job.scale.n + 3;
    size_t plane = entries_count < 256 ? 256 : entries_count;
    char *entries = malloc(entries_count * 4 * component), *planes = malloc(plane * 4 * component);
    for (size_t k = 0; k < entries_count * 4 * component; k++)
        entries[k] = (char)random64();
    if (job.curve) /* opaque, as its colors are */
        memset(entries + 3 * component, 0xFF, component);
    memset(planes, 0, plane * 4 * component);
    for (size_t e = 0; e < entries_count; e++)
        for (size_t c = 0; c < 4; c++)
            memcpy(planes + (c * plane + e) * component, entries + (e * 4 + c) * component, component);
    job.table = (tc_table){entries, planes, plane, (int32_t)entries_count};

    operand operands[2] = {0};
    draw_operand(s, &operands[0], count, vmin, vmax, job.steps != NULL, large);
    if (s->minus)
        draw_operand(&minus, &operands[1], count, 0, (vmax / 2 - vmin / 2) / 2, 0, large);

    /* layout of the output: channels are one more dimension, last or first in memory */
    size_t shape[TC_MAX_DIMS];
    ptrdiff_t strides[TC_MAX_DIMS];
    int planar = !large && pick(3) == 0;
    int first = planar ? 1 : 0;
    for (int d = 0; d < s->dims; d++)
        shape[d + first] = s->shape[d];
    shape[planar ? 0 : s->dims] = (size_t)job.channels;
    storage out = lay_out(s->dims + 1, shape, component, strides, large ? 0 : (int)pick(5));
    for (int d = 0; d < s->dims; d++)
        s->out.strides[d] = strides[d + first];
    job.channel_stride = strides[planar ? 0 : s->dims];
    s->out.data = out.origin;

    /* what must come out */
    char *expected = malloc(out.bytes ? out.bytes : 1);
    memset(expected, 0xA5, out.bytes);
    char pixel[32];
    double lo = INFINITY, hi = -INFINITY;
    uint64_t *keys = malloc((count + 1) * sizeof *keys);
    size_t key_count = 0;
    for (size_t i = 0; i < count; i++) {
        char native[8];
        double x = true_input(s, operands, i, &keys[key_count]);
        key_count += s->minus ? !isnan(x) : native_value(s, &operands[0], i, native);
        if (isfinite(x)) {
            lo = x < lo ? x : lo;
            hi = x > hi ? x : hi;
        }
        true_pixel(x, &job, scaled_min, scaled_max, pixel);
        char *to = at(out.origin, s->dims, s->shape, s->out.strides, i);
        for (int c = 0; c < job.channels; c++)
            memcpy(expected + (to - out.buffer) + c * job.channel_stride, pixel + (size_t)c * component, component);
    }
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(out.buffer, 0xA5, out.bytes ? out.bytes : 1);
        double low, high;
        if (tc_colorize(&job, *rows) < 0 || tc_extent(s, *rows, &low, &high) < 0)
            abort();
        int differ = keys_differ(s, *rows, keys, key_count);
        if (memcmp(out.buffer, expected, out.bytes) != 0 || low != lo || high != hi || differ) {
            failures++;
            fprintf(stderr, "%s: %s%s%s%s%s, %d dims, %zu values, n %d, scale %.17g .. %.17g, %d x %zu bytes%s%s: %s differs\n",
                    (*rows)->name, dtype_names[s->dtype], s->swapped ? " swapped" : "", s->minus ? " minus " : "", s->minus ? dtype_names[minus.dtype] : "", job.scale.mirrored ? " mirrored" : "", s->dims, count, job.scale.n,
                    vmin, vmax, job.channels, component, job.curve ? ", curve" : job.steps ? ", steps" : "",
                    planar ? ", planar" : "", differ ? "count" : low != lo || high != hi ? "extent" : "picture");
        }
    }
    if (job.steps)
        tc_steps_free(&steps);
    free(keys);
    free(expected);
    free(out.buffer);
    release(&operands[0]);
    release(&operands[1]);
    free(planes);
    free(entries);
    return failures;
}

/* ---- aimed at what is close: at edges, at limits, and at single values among others ----
 *
 * Most kernels answer for a group of values at once, and all of it by the truth if one value is
 * too near to an edge. So a value is alone among others that are far from any, or repeated all
 * over its group: else those next to it hide what would be wrong with it. */

/* Numbers of a type in their order: floats from -infinity to infinity. */
static int64_t first_of(enum tc_dtype t)
{
    return t == TC_F32 ? -INT64_C(0x7F800001) : t == TC_F64 ? -INT64_C(0x7FF0000000000001) : t == TC_I32 ? INT32_MIN : 0;
}
static int64_t last_of(enum tc_dtype t)
{
    return t == TC_F32 ? 0x7F800000 : t == TC_F64 ? INT64_C(0x7FF0000000000000) : t == TC_I32 ? INT32_MAX : UINT32_MAX;
}

static double nth_of(enum tc_dtype t, int64_t n)
{
    if (t == TC_F32) {
        uint32_t bits = n < 0 ? (uint32_t)(-n - 1) | 0x80000000u : (uint32_t)n;
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    if (t == TC_F64) {
        uint64_t bits = n < 0 ? (uint64_t)(-n - 1) | UINT64_C(0x8000000000000000) : (uint64_t)n;
        double x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    return (double)n;
}

static int64_t number_of(enum tc_dtype t, double x)
{
    if (t == TC_I32 || t == TC_U32)
        return x <= (double)first_of(t) ? first_of(t) : x >= (double)last_of(t) ? last_of(t) : (int64_t)x;
    uint64_t bits, sign = UINT64_C(1) << 63;
    memcpy(&bits, &x, sizeof bits);
    if (t == TC_F32) {
        const float f = (float)x;
        uint32_t single;
        memcpy(&single, &f, sizeof single);
        bits = single;
        sign = 0x80000000u;
    }
    return bits & sign ? -(int64_t)(bits ^ sign) - 1 : (int64_t)bits;
}

/* The number of the first value of an entry or of one above it; `n` entries are below those over. */
static int64_t edge_of(const tc_scale *scale, enum tc_dtype t, int32_t entry)
{
    tc_scale s = *scale;
    s.under = -1;
    s.over = s.n;
    int64_t below = first_of(t) - 1, above = last_of(t);
    while ((uint64_t)above - (uint64_t)below > 1) {
        int64_t middle = below + (int64_t)(((uint64_t)above - (uint64_t)below) / 2);
        if (true_index(nth_of(t, middle), &s, t == TC_F32) < entry)
            below = middle;
        else
            above = middle;
    }
    return above;
}

static double any_size(int least, int most) { return (pick(2) ? 1 : -1) * exp2(uniform(least, most)); }

/* Limits of all sizes, near the limits of what is done fast, and such that little fits between. */
static void draw_limits(enum tc_dtype t, double *vmin, double *range)
{
    const int integers = t == TC_I32 || t == TC_U32;
    *vmin = integers ? uniform(nth_of(t, first_of(t)), nth_of(t, last_of(t))) : any_size(-126, 126);
    *range = integers ? exp2(uniform(-2, 34)) : fabs(any_size(-126, 126));
    switch (pick(10)) {
    case 0: *range = fabs(*vmin) * exp2(-uniform(0, 30)); break; /* little, far away */
    case 1: *range = fabs(*vmin); *vmin = -*range; *range *= 2; break;
    case 2: *vmin = 0; break;
    case 3: { /* where something ends */
        static const int ends[] = {-80, -40, 40, 118, 119, 120};
        *range = ldexp(uniform(0.99, 1.01), ends[pick(6)]);
        *vmin = pick(2) ? 0 : *range * any_size(-20, 20);
        break;
    }
    case 4: *vmin = pick(2) ? 0 : 1e-40; *range = any_size(-149, -126); *range = fabs(*range); break;
    case 5: *vmin = floor(uniform(-300, 300)); *range = 1 + (double)pick(1000); break;
    case 6: *vmin = uniform(-5, 100); *range = uniform(0.001, 200); break;
    case 7: *vmin = integers && pick(2) ? nth_of(t, first_of(t)) : *vmin;
            *range = integers ? nth_of(t, last_of(t)) - *vmin : *range; break;
    case 8: { /* some floats, or parts of one */
        const double ulp = nextafterf((float)fabs(*vmin), INFINITY) - (double)(float)fabs(*vmin);
        *vmin += ulp * uniform(-1, 1);
        *range = ulp * exp2(uniform(-3, 12));
        break;
    }
    default: *range = pick(8) ? *range : 0;
    }
    if (pick(2) && fabs(*vmin) <= FLT_MAX && *range <= FLT_MAX) {
        *vmin = (float)*vmin;
        *range = (float)*range;
    }
}

enum { PROBES = 8, GROUP = 32, MOST_AIMED = 8 * GROUP };

/* A value near the edge, at most some rounding errors off. */
static int64_t near_edge(const tc_scale *s, enum tc_dtype t, int64_t edge)
{
    static const int64_t reach[] = {1, 4, 64, 4096, INT64_C(1) << 30, INT64_C(1) << 33};
    const double entry = s->range / s->n, error = s->n * 0x1p-24;
    const size_t way = pick(3);
    int64_t n = edge;
    if (way == 0 && isfinite(nth_of(t, edge)))
        n = number_of(t, nth_of(t, edge) + entry * error * uniform(-24, 24));
    else if (way == 1)
        n = edge + (int64_t)pick(9) - 4;
    else {
        const int64_t far = reach[pick(t == TC_F64 ? 6 : 4)];
        n = edge + (int64_t)(uniform(-1, 1) * (double)far);
    }
    return n < first_of(t) ? first_of(t) : n > last_of(t) ? last_of(t) : n;
}

static void put_number(enum tc_dtype t, char *to, int64_t n)
{
    const double x = nth_of(t, n);
    const float f = (float)x;
    const int32_t i = (int32_t)(uint32_t)n;
    memcpy(to, t == TC_F32 ? (const void *)&f : t == TC_F64 ? (const void *)&x : (const void *)&i, t == TC_F64 ? 8 : 4);
}

/* Of floats: not a number, of any kind, and what is out of any range, or nearly nothing. */
static void put_special(enum tc_dtype t, char *to)
{
    static const uint64_t specials[] = {0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFA00000, 0x7F800000, 0xFF800000,
                                        0,          0x80000000, 1,          0x80000001, 0x7F7FFFFF, 0x00800000};
    const uint64_t bits = specials[pick(sizeof specials / sizeof *specials)];
    const uint64_t rest = bits << 32 | (pick(2) && (bits & 0x7F800000) ? random64() >> 35 : 0);
    const uint32_t single = (uint32_t)bits;
    /* a double has 3 more bits of exponent: as NaN and infinity, or a zero with what is next to it */
    const uint64_t wide = (bits & 0x7F800000) == 0x7F800000
                              ? (bits & 0x80000000) << 32 | UINT64_C(0x7FF0000000000000) | (bits & 0x7FFFFF) << 29
                              : (rest & UINT64_C(0x8000000000000000)) | (bits & 1);
    memcpy(to, t == TC_F32 ? (const void *)&single : (const void *)&wide, t == TC_F32 ? 4 : 8);
}

static int index_trial(const tc_kernels *const *rows)
{
    static const int32_t sizes_of_maps[] = {1, 2, 3, 5, 7, 254, 255, 256, 257, 1000, 4096, 65535, 65536, (1 << 17) - 1, 1 << 17};
    static const enum tc_dtype types[] = {TC_F32, TC_F32, TC_F64, TC_I32, TC_U32};
    const enum tc_dtype t = types[pick(5)];
    const int is_single = t == TC_F32, integers = t == TC_I32 || t == TC_U32;
    const size_t size = sizes[t];
    double vmin, range;
    tc_scale s;
    memset(&s, 0, sizeof s);
    draw_limits(t, &vmin, &range);
    s.n = sizes_of_maps[pick(pick(2) ? 8 : sizeof sizes_of_maps / sizeof *sizes_of_maps)];
    s.under = pick(2) ? 0 : s.n;
    s.over = pick(2) ? s.n - 1 : s.n + 1;
    s.bad = s.n + 2;
    s.mirrored = (int)pick(2);
    tc_scale_init(&s, is_single, vmin, range, pick(16) ? 1 : 0.5);
    tc_integer_scale integer_scale;
    if (integers && !tc_integer_scale_init(&integer_scale, &s, t == TC_U32))
        return 0;

    int64_t edges[PROBES];
    for (int k = 0; k < PROBES; k++) {
        const size_t where = pick(4);
        const int32_t far = (int32_t)pick(s.n < 3 ? (size_t)s.n + 1 : 3);
        edges[k] = edge_of(&s, t, where == 0 ? far : where == 1 ? s.n - far : where == 2 ? s.n / 2 : (int32_t)pick((size_t)s.n + 1));
    }
    const size_t count = pick(2) ? MOST_AIMED : pick(2) ? 64 + pick(3) - 1 : pick(MOST_AIMED);
    _Alignas(64) char values[MOST_AIMED * 8];
    for (size_t first = 0; first < MOST_AIMED; first += GROUP) {
        const size_t way = pick(4), lane = pick(GROUP);
        char probe[8];
        put_number(t, probe, near_edge(&s, t, edges[pick(PROBES)]));
        for (size_t i = first; i < first + GROUP; i++) {
            char *to = values + i * size;
            if (way < 2 || (way == 2 && i == first + lane)) /* everywhere, or alone */
                memcpy(to, probe, size);
            else if (way == 2 && !integers)
                put_special(t, to);
            else if (way == 2)
                put_number(t, to, pick(2) ? first_of(t) : last_of(t));
            else
                put_number(t, to, near_edge(&s, t, edges[pick(PROBES)]));
        }
    }

    int32_t expected[MOST_AIMED + 1], index[MOST_AIMED + 1];
    for (size_t i = 0; i < count; i++) {
        double x = value_of(values + i * size, t);
        expected[i] = true_index(x, &s, is_single);
    }
    expected[count] = -7;
    const size_t entries = (size_t)s.n + 3;
    static _Alignas(64) uint8_t table[259 * 4], planes[4 * 320], pixels[MOST_AIMED * 4 + 64], painted[MOST_AIMED * 4 + 64];
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(index, 0xA5, sizeof index);
        index[count] = -7;
        if (integers)
            (*rows)->index_i32((const int32_t *)(const void *)values, index, count, &integer_scale);
        else if (is_single)
            (s.mirrored ? (*rows)->index_mirrored_f32 : (*rows)->index_f32)((const float *)(const void *)values, index, count, &s);
        else
            (s.mirrored ? (*rows)->index_mirrored_f64 : (*rows)->index_f64)((const double *)(const void *)values, index, count, &s);
        size_t wrong = 0;
        while (wrong < count + 1 && index[wrong] == expected[wrong])
            wrong++;
        const enum tc_by by = integers ? TC_BY_I32 : is_single ? TC_BY_F32 : TC_BY_F64;
        for (size_t channels = 3; channels <= 4 && wrong > count; channels++) {
            tc_color *color = (*rows)->color[by][channels - 3];
            if (!color || !s.bounded || entries > TC_LARGEST_BYTE_TABLE)
                continue;
            for (size_t e = 0; e < entries; e++)
                for (size_t c = 0; c < 4; c++)
                    planes[c * 320 + e] = table[4 * e + c] = (uint8_t)random64();
            const tc_table colors = {table, planes, 320, (int32_t)entries};
            const int past_caches = count % 64 == 0 && pick(2);
            const size_t shift = past_caches ? 0 : pick(64);
            memset(pixels, 0xA5, sizeof pixels);
            memset(painted, 0xA5, sizeof painted);
            for (size_t i = 0; i < count; i++)
                memcpy(painted + shift + channels * i, table + 4 * (size_t)expected[i], channels);
            color(values, integers ? (const void *)&integer_scale : &s, &colors, pixels + shift, count, past_caches);
            (*rows)->stream_end();
            if (memcmp(pixels, painted, sizeof pixels) != 0) {
                for (wrong = 0; wrong < count && memcmp(pixels + shift + channels * wrong, painted + shift + channels * wrong, channels) == 0;)
                    wrong++;
                fprintf(stderr, "%s: pixels of %zu bytes differ\n", (*rows)->name, channels);
                break;
            }
        }
        if (wrong <= count) {
            failures++;
            fprintf(stderr, "%s: %s near edges%s, n %d, scale %.17g + %.17g x %.17g: value %zu of %zu, %.17g, is at %d, not %d\n",
                    (*rows)->name, dtype_names[t], s.mirrored ? ", mirrored" : "", s.n, vmin, range, s.prescale, wrong, count,
                    wrong < count ? value_of(values + wrong * size, t) : 0, index[wrong], expected[wrong]);
        }
    }
    return failures;
}

/* A distance of which the quotient is as close to the middle of two floats as there is one, or
 * that times a power of two: with m = 2 k + 1 and an odd width w, d 2^25 = m w - c for a small c.
 * 0 for the half of c for which m has too few bits. */
static double hard_distance(double range)
{
    int exponent;
    const uint64_t w = (uint64_t)ldexp(frexp(range, &exponent), 24), most = 1 << 25;
    const int64_t c = pick(4) ? 2 * (int64_t)pick(2) - 1 : 2 * (int64_t)pick(8) - 7;
    uint64_t inverse = w; /* modulo 2^25, by Newton's method */
    for (int i = 0; i < 5; i++)
        inverse *= 2 - w * inverse;
    const uint64_t m = (uint64_t)c * inverse % most;
    const double d = (double)(int64_t)((m * w - (uint64_t)c) / most);
    return w % 2 && m >= most / 2 ? ldexp(d, exponent - 24 - (pick(2) ? 0 : (int)pick(70))) : 0;
}

/* Positions are quotients, to the last bit: at distances from which on they are not divided, at
 * both ends, and next to what rounds the other way. */
static int position_trial(const tc_kernels *const *rows)
{
    double vmin, range;
    tc_scale s;
    memset(&s, 0, sizeof s);
    draw_limits(TC_F32, &vmin, &range);
    if (pick(2)) { /* all that a significand may be */
        static const int32_t significands[] = {0, 1, 2, 0x3FFFFF, 0x400000, 0x7FFFFE, 0x7FFFFF};
        const int32_t significand = pick(2) ? significands[pick(7)] : (int32_t)pick(0x800000);
        range = ldexp(0x800000 + significand, (int)pick(82) - 41 - 23);
        vmin = pick(4) ? 0 : vmin;
    }
    s.n = 256;
    s.over = 255;
    s.bad = 258;
    tc_scale_init(&s, 1, vmin, range, pick(16) ? 1 : 0.5);
    const size_t count = pick(80);
    float x[80], t[81], expected[80];
    uint8_t side[81], sides_expected[80];
    unsigned all = 0;
    for (size_t i = 0; i < count; i++) {
        static const double special[] = {0x1p-80, 0x1p-126, 0x1p-149, 0, 1};
        const size_t way = pick(4);
        const double d = way == 0   ? uniform(0, 1.1) * s.range
                         : way == 1 ? special[pick(5)] * (pick(2) ? 1 : s.range)
                         : way == 2 ? exp2(uniform(-149, -70))
                                    : hard_distance((float)s.range);
        int64_t number = number_of(TC_F32, (pick(8) ? d : -d) + vmin) + (way < 2 ? (int64_t)pick(9) - 4 : 0);
        number = number < first_of(TC_F32) ? first_of(TC_F32) : number > last_of(TC_F32) ? last_of(TC_F32) : number;
        if (pick(count) == 0) /* mostly one, so that what is alone among others is met */
            put_special(TC_F32, (char *)(x + i));
        else
            put_number(TC_F32, (char *)(x + i), number);
        const float difference = (float)(x[i] * s.prescale - s.vmin), width = (float)s.range;
        float p = s.range == 0 ? (isinf(x[i]) ? x[i] : 0) : difference / width;
        p = x[i] != x[i] ? x[i] : p;
        sides_expected[i] = x[i] != x[i] ? TC_BAD : p < 0 ? TC_UNDER : p > 1 ? TC_OVER : TC_INSIDE;
        expected[i] = p >= 0 ? p <= 1 ? p : 1 : 0;
        all |= sides_expected[i];
    }
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(side, 0xA5, sizeof side);
        t[count] = -7;
        const unsigned sides = (*rows)->position_f32(x, t, side, count, &s);
        size_t wrong = 0;
        while (wrong < count && t[wrong] == expected[wrong] && side[wrong] == sides_expected[wrong])
            wrong++;
        if (wrong < count || sides != all || side[count] != 0xA5 || t[count] != -7) {
            failures++;
            fprintf(stderr, "%s: positions on %.17g + %.17g x %.17g: value %zu of %zu, %.9g, is at %.9g, side %d, not %.9g, side %d\n",
                    (*rows)->name, vmin, range, s.prescale, wrong, count, wrong < count ? x[wrong] : 0, wrong < count ? t[wrong] : 0,
                    wrong < count ? side[wrong] : (int)sides, wrong < count ? expected[wrong] : 0, wrong < count ? sides_expected[wrong] : (int)all);
        }
    }
    return failures;
}

/* A job on dense values: one row of pixels of bytes. */
typedef struct {
    tc_job job;
    tc_curve curve;
    uint8_t table[259 * 4], planes[4 * 259];
    double vmin, vmax;
} dense_job;

static void make_dense(dense_job *d, enum tc_dtype t, int channels, int with_curve)
{
    memset(d, 0, sizeof *d);
    tc_job *job = &d->job;
    job->source.dims = 1;
    job->source.dtype = t;
    job->source.values.strides[0] = (ptrdiff_t)sizes[t];
    job->source.out.strides[0] = channels;
    job->channels = channels;
    job->component = TC_8;
    job->channel_stride = 1;
    d->vmin = uniform(-5, 100);
    d->vmax = d->vmin + uniform(1, 200);
    job->scale.n = 256;
    job->scale.under = pick(2) ? 0 : 256;
    job->scale.over = pick(2) ? 255 : 257;
    job->scale.bad = 258;
    job->scale.mirrored = !with_curve && pick(2);
    tc_scale_init(&job->scale, t == TC_F32, job->scale.mirrored ? (d->vmin + d->vmax) / 2 : d->vmin, d->vmax - d->vmin, 1);
    for (size_t e = 0; e < 259; e++)
        for (size_t c = 0; c < 4; c++)
            d->planes[c * 259 + e] = d->table[4 * e + c] = (uint8_t)random64();
    job->table = (tc_table){d->table, d->planes, 259, 259};
    if (with_curve) {
        d->table[3] = 255; /* opaque, as the colors of curves are */
        d->curve.degree = 3;
        d->curve.pieces = 2 + (int)pick(7);
        job->reverse = (int)pick(2);
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 4; k++)
                for (int n = 0; n < d->curve.pieces; n++)
                    d->curve.table[c][k][n] = (float)uniform(-1, 1);
        job->curve = &d->curve;
    }
}

/* Pixels of `count` values at `shift` of a buffer, against the truth, for all rows; around them
 * nothing is written. */
static int dense_differs(dense_job *d, char *values, size_t count, size_t shift, const tc_kernels *const *rows, const char *what)
{
    tc_job *job = &d->job;
    const size_t channels = (size_t)job->channels, bytes = channels * count;
    uint8_t *raw = malloc(bytes + 256), *expected = malloc(bytes + 256), *out = raw + (64 - (uintptr_t)raw % 64) % 64;
    memset(expected, 0xA5, bytes + 192);
    for (size_t i = 0; i < count; i++)
        true_pixel(value_of(values + i * sizes[job->source.dtype], job->source.dtype), job, job->scale.vmin,
                   job->scale.vmin + job->scale.range, (char *)expected + shift + channels * i);
    job->source.shape[0] = count;
    job->source.values.data = values;
    job->source.out.data = (char *)out + shift;
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(out, 0xA5, bytes + 192);
        if (tc_colorize(job, *rows) < 0)
            abort();
        if (memcmp(out, expected, bytes + 192) != 0) {
            size_t wrong = 0;
            while (out[wrong] == expected[wrong])
                wrong++;
            failures++;
            fprintf(stderr, "%s: %s: %zu values, %zu channels at %zu, scale %.17g + %.17g%s%s: byte %zu is %d, not %d\n",
                    (*rows)->name, what, count, channels, shift, job->scale.vmin, job->scale.range,
                    job->scale.mirrored ? ", mirrored" : "", job->curve ? ", curve" : "", wrong - shift, out[wrong],
                    expected[wrong]);
        }
    }
    free(raw);
    free(expected);
    return failures;
}

/* What needs more care, at each place of short rows: not a number, outside, next to vmin. */
static int lonely_trial(const tc_kernels *const *rows)
{
    dense_job d;
    const size_t count = 1 + (pick(2) ? 60 + pick(9) : pick(200));
    make_dense(&d, TC_F32, 3 + (int)pick(2), pick(4) != 0);
    const float vmin = (float)d.vmin, wild[] = {NAN, INFINITY, -INFINITY, vmin, nextafterf(vmin, 1e9f), vmin - 1, (float)d.vmax + 1};
    float *x = malloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)uniform(d.vmin + 1e-3, d.vmax - 1e-3);
    int failures = 0;
    for (size_t i = 0; i < count; i += 1 + pick(3)) {
        const float usual = x[i];
        x[i] = wild[pick(sizeof wild / sizeof *wild)];
        failures += dense_differs(&d, (char *)x, count, pick(5), rows, "one among many");
        x[i] = usual;
    }
    free(x);
    return failures;
}

/* Lengths from which on pixels go past the caches, and one less, wherever the output begins. */
static int streamed_trial(const tc_kernels *const *rows, int number)
{
    static const enum tc_dtype types[] = {TC_F32, TC_F64, TC_I32, TC_F32};
    const size_t shifts[] = {0, 1, 4, 12, 48, 60, 63};
    const enum tc_dtype t = types[number % 4];
    const int channels = 3 + number / 4 % 2;
    dense_job d;
    make_dense(&d, t, channels, number % 4 == 3);
    const size_t count = (size_t)((4 << 20) / channels) + (pick(3) ? pick(2000) : 0);
    char *values = malloc(count * sizes[t]);
    for (size_t i = 0; i < count; i++) {
        if (pick(50) == 0 && t != TC_I32)
            put_special(t, values + i * sizes[t]);
        else
            put_number(t, values + i * sizes[t], number_of(t, uniform(d.vmin - 1, d.vmax + 1)));
    }
    const int failures = dense_differs(&d, values, count, shifts[pick(sizeof shifts / sizeof *shifts)], rows, "past the caches");
    free(values);
    return failures;
}

/* ---- from colors back ---- */

enum { CELLS = TC_CELLS * TC_CELLS * TC_CELLS, MOST_SEGMENTS = 8 * TC_MOST_CHUNKS * TC_RUN / 4, MOST_PAINTED = 100 };

typedef struct {
    float segments[7 * MOST_SEGMENTS], balls[4 * TC_MOST_CHUNKS];
    uint64_t near[CELLS];
    uint8_t first[CELLS];
    double along[MOST_SEGMENTS + 1], painted[MOST_PAINTED];
    tc_slot slots[256];
    uint32_t colors[MOST_PAINTED][3];
    size_t color_count;
} inverse_tables;

/* One component, of 8 or 16 bits or a float in [0, 1]. */
static uint32_t draw_component(int bytes)
{
    if (bytes < 4)
        return (uint32_t)(random64() & (bytes == 1 ? 0xFF : 0xFFFF));
    float level = pick(4) ? (float)uniform(0, 1) : (float)pick(2);
    uint32_t bits;
    memcpy(&bits, &level, 4);
    return bits;
}

static float level_of(uint32_t word, int bytes)
{
    float level;
    memcpy(&level, &word, 4);
    return bytes == 1 ? (float)word : bytes == 2 ? (float)word / 257.0f : level * 255.0f;
}

/* A walk through the cube, with points that stay where they are and ways that come back. */
static void draw_curve(inverse_tables *tables, struct tc_polyline *c)
{
    c->chunks = 1 + pick(TC_MOST_CHUNKS);
    c->chunk = TC_RUN * (1 + pick(2));
    c->segments = c->chunks * c->chunk;
    const size_t n = c->segments;
    float *start = tables->segments, *step = start + 3 * n, *shrink = step + 3 * n;
    double reach = uniform(0.5, 20);
    float point[3] = {(float)pick(256), (float)pick(256), (float)pick(256)};
    for (size_t s = 0; s < n; s++) {
        float length = 0;
        int rests = pick(10) == 0, whole = (int)pick(2);
        for (int a = 0; a < 3; a++) {
            double to = point[a] + (rests ? 0 : uniform(-reach, reach));
            float next = (float)(to < 0 ? 0 : to > 255 ? 255 : whole ? floor(to) : to);
            start[(size_t)a * n + s] = point[a];
            step[(size_t)a * n + s] = next - point[a];
            length += step[(size_t)a * n + s] * step[(size_t)a * n + s];
            point[a] += step[(size_t)a * n + s];
        }
        shrink[s] = length > 1e-6f ? 1 / length : 0;
    }
    for (size_t s = 0; s <= n; s++)
        tables->along[s] = uniform(-1000, 1000);
    for (size_t k = 0; k < c->chunks; k++) { /* around the first point of the chunk */
        float most = 0;
        for (size_t s = k * c->chunk; s < (k + 1) * c->chunk; s++)
            for (int end = 0; end < 2; end++) {
                float away = 0;
                for (size_t a = 0; a < 3; a++) {
                    float d = start[a * n + s] + (end ? step[a * n + s] : 0) - start[a * n + k * c->chunk];
                    away += d * d;
                }
                most = away > most ? away : most;
            }
        for (size_t a = 0; a < 3; a++)
            tables->balls[a * c->chunks + k] = start[a * n + k * c->chunk];
        tables->balls[3 * c->chunks + k] = sqrtf(most) + 0.05f;
    }
    for (size_t i = 0; i < CELLS; i++) {
        tables->near[i] = c->chunks == 64 ? UINT64_MAX : (UINT64_C(1) << c->chunks) - 1;
        tables->first[i] = (uint8_t)pick(c->chunks);
    }
    c->start = start;
    c->step = step;
    c->shrink = shrink;
    c->center = tables->balls;
    c->radius = tables->balls + 3 * c->chunks;
    c->near = tables->near;
    c->first = tables->first;
}

static void draw_painted(inverse_tables *tables, tc_inverse *job)
{
    memset(tables->slots, 0xFF, sizeof tables->slots);
    tables->color_count = pick(MOST_PAINTED);
    job->slot_bits = 7 + (int)pick(2);
    for (size_t i = 0; i < tables->color_count; i++) {
        uint32_t *color = tables->colors[i];
        int again = 0;
        for (int a = 0; a < 3; a++)
            color[a] = draw_component(job->component);
        for (size_t k = 0; k < i; k++)
            again |= memcmp(color, tables->colors[k], sizeof *tables->colors) == 0;
        if (again) {
            tables->color_count = i;
            break;
        }
        tables->painted[i] = pick(10) ? uniform(-1, 1) : pick(2) ? NAN : INFINITY;
        uint32_t at = tc_color_hash(color) >> (32 - job->slot_bits);
        while (tables->slots[at].row >= 0)
            at = (at + 1) & ((1u << job->slot_bits) - 1);
        memcpy(tables->slots[at].color, color, sizeof tables->slots[at].color);
        tables->slots[at].row = (int32_t)i;
    }
    job->slots = tables->slots;
    job->painted = tables->painted;
}

/* Every segment is asked. */
static void true_value(const tc_inverse *job, const inverse_tables *tables, const uint32_t *color, double *value, float *distance)
{
    for (size_t i = 0; i < tables->color_count; i++)
        if (memcmp(color, tables->colors[i], sizeof *tables->colors) == 0) {
            *value = tables->painted[i];
            *distance = *value == *value ? 0 : NAN;
            return;
        }
    const struct tc_polyline *c = &job->curve;
    const size_t n = c->segments;
    float p[3], least = INFINITY;
    for (int a = 0; a < 3; a++)
        p[a] = level_of(color[a], job->component);
    for (size_t s = 0; s < n; s++) {
        const float *start = c->start + s, *step = c->step + s;
        float qx = p[0] - start[0], qy = p[1] - start[n], qz = p[2] - start[2 * n];
        float t = ((qx * step[0] + qy * step[n]) + qz * step[2 * n]) * c->shrink[s];
        t = t > 0 ? t < 1 ? t : 1 : 0;
        float ex = qx - t * step[0], ey = qy - t * step[n], ez = qz - t * step[2 * n];
        float square = (ex * ex + ey * ey) + ez * ez;
        if (square < least) {
            least = square;
            *value = job->along[s] + (double)t * (job->along[s + 1] - job->along[s]);
        }
    }
    *distance = sqrtf(least);
    if (*distance > job->tolerance)
        *value = NAN;
}

static int inverse_trial(const tc_kernels *const *rows)
{
    static const size_t lengths[] = {0, 1, 2, 15, 16, 17, 63, 64, 65, 300};
    static inverse_tables tables;
    tc_inverse job;
    memset(&job, 0, sizeof job);
    job.component = 1 << pick(3);
    job.channels = 3 + (int)pick(2);
    job.count = lengths[pick(sizeof lengths / sizeof *lengths)];
    job.tolerance = pick(2) ? INFINITY : uniform(0, 100);
    job.wide = (int)pick(2);
    int alpha = job.channels == 4, first = (int)pick(2), bgr = (int)pick(2); /* RGBA, ARGB, BGRA, ABGR */
    for (int a = 0; a < 3; a++)
        job.offset[a] = (bgr ? 2 - a : a) + (alpha ? first : 0);
    job.offset[3] = alpha ? first ? 0 : 3 : -1;
    draw_curve(&tables, &job.curve);
    job.along = tables.along;
    draw_painted(&tables, &job);

    const size_t component = (size_t)job.component, pixel = component * (size_t)job.channels, size = job.wide ? 8 : 4;
    const size_t distances = pick(2) ? job.count * 4 : 0;
    char *pixels = malloc(job.count * pixel + 1), *values = malloc(job.count * size + 1), *distance = malloc(distances + 1);
    char *true_values = malloc(job.count * size + 1), *true_distance = malloc(distances + 1);
    for (size_t i = 0; i < job.count; i++) {
        uint32_t word[4];
        for (int c = 0; c < 3; c++)
            word[c] = draw_component(job.component);
        word[3] = pick(4) ? draw_component(job.component) : 0;
        if (tables.color_count && pick(2))
            memcpy(word, tables.colors[pick(tables.color_count)], sizeof *tables.colors);
        if (i && pick(4) == 0) /* as a pixel before */
            memcpy(pixels + i * pixel, pixels + pick(i) * pixel, pixel);
        else
            for (int c = 0; c < job.channels; c++) {
                uint8_t byte = (uint8_t)word[c];
                uint16_t half = (uint16_t)word[c];
                memcpy(pixels + i * pixel + component * (size_t)job.offset[c],
                       component == 1 ? (void *)&byte : component == 2 ? (void *)&half : (void *)&word[c], component);
            }
        for (int c = 0; c < job.channels; c++) {
            uint8_t byte;
            uint16_t half;
            const char *from = pixels + i * pixel + component * (size_t)job.offset[c];
            memcpy(component == 1 ? (void *)&byte : component == 2 ? (void *)&half : (void *)&word[c], from, component);
            word[c] = component == 1 ? byte : component == 2 ? half : word[c];
        }
        double value = NAN;
        float away = NAN, single_value;
        if (!alpha || level_of(word[3], job.component) > 0)
            true_value(&job, &tables, word, &value, &away);
        single_value = (float)value;
        memcpy(true_values + i * size, job.wide ? (void *)&value : (void *)&single_value, size);
        if (distances)
            memcpy(true_distance + 4 * i, &away, 4);
    }
    job.pixels = pixels;
    job.values = values;
    job.distance = distances ? (float *)distance : NULL;
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(values, 0xA5, job.count * size + 1);
        memset(distance, 0xA5, distances + 1);
        if (tc_uncolorize(&job, *rows) < 0)
            abort();
        if (memcmp(values, true_values, job.count * size) != 0 || memcmp(distance, true_distance, distances) != 0 ||
            (uint8_t)values[job.count * size] != 0xA5 || (uint8_t)distance[distances] != 0xA5) {
            failures++;
            fprintf(stderr, "%s: %zu pixels of %d x %d bytes, %zu segments in %zu chunks: values differ\n", (*rows)->name,
                    job.count, job.channels, job.component, job.curve.segments, job.curve.chunks);
        }
    }
    free(pixels);
    free(values);
    free(distance);
    free(true_values);
    free(true_distance);
    return failures;
}

/* Pixels of three bytes through random tables, as kernels.h says, one by one. */
static int simulate_trial(void)
{
    enum { ONE = 1 << 28, CELLS = (ONE >> 16) + 1 };
    size_t count = pick(4) ? pick(20) : pick(1100);
    int32_t *columns = malloc(3 * 256 * 4 * sizeof *columns), *levels = malloc(CELLS * sizeof *levels), fold[3];
    const int32_t reach = 4 * (ONE / 5); /* three of them and the fold's stay within 31 bits */
    for (int k = 0; k < 3 * 256 * 4; k++)
        columns[k] = (int32_t)uniform(-reach, reach);
    for (int k = 0; k < 3; k++)
        fold[k] = (int32_t)uniform(-ONE, ONE);
    for (int k = 0; k < CELLS; k++)
        levels[k] = (int32_t)((int64_t)(pick(255) << 16) + (int64_t)pick(1 << 16) - ((int64_t)k << 16));
    tc_projection projection = {columns, pick(2) ? fold : NULL, levels};
    uint8_t *rgb = malloc(3 * count + 1), *out = malloc(3 * count + 1), *expected = malloc(3 * count + 1);
    for (size_t i = 0; i < 3 * count; i++)
        rgb[i] = (uint8_t)random64();
    memset(out, 0xA5, 3 * count + 1);
    memset(expected, 0xA5, 3 * count + 1);
    for (size_t i = 0; i < count; i++) {
        int64_t light[4];
        for (int k = 0; k < 4; k++) {
            light[k] = 0;
            for (int c = 0; c < 3; c++)
                light[k] += columns[(c * 256 + rgb[3 * i + (size_t)c]) * 4 + k];
        }
        for (int k = 0; k < 3; k++) {
            int64_t y = light[k];
            if (projection.fold && light[3] < 0) { /* the quotient rounded down */
                int64_t product = fold[k] * light[3], quotient = product / ONE;
                y += quotient - (product % ONE < 0);
            }
            y = y < 0 ? 0 : y > ONE ? ONE : y;
            expected[3 * i + (size_t)k] = (uint8_t)((levels[y / 65536] + y) / 65536);
        }
    }
    tc_simulate(rgb, out, count, &projection);
    int differ = memcmp(out, expected, 3 * count + 1) != 0;
    if (differ)
        fprintf(stderr, "simulate: %zu pixels%s differ\n", count, projection.fold ? ", folded," : "");
    free(expected);
    free(out);
    free(rgb);
    free(levels);
    free(columns);
    return differ;
}

/* A number through a transfer function, as kernels.h says. */
static double transferred(double z, const tc_transfer *transfer, int terms)
{
    const int shift = terms == 8 ? TC_TRANSFER_SHIFT_8 : TC_TRANSFER_SHIFT_4;
    uint64_t first, bits, row = 0;
    double end = transfer->knee, even = 0, odd = 0;
    z = z < 0 ? 0 : z > 1 ? 1 : z;
    memcpy(&first, &end, sizeof first);
    if (z > transfer->knee) {
        memcpy(&bits, &z, sizeof bits);
        row = 1 + ((bits - first - 1) >> shift);
        bits = first + (row << shift);
        memcpy(&end, &bits, sizeof end);
    }
    const double *c = transfer->rows + (size_t)terms * row, u = z - end, w = u * u;
    for (int k = terms - 2; k >= 0; k -= 2) {
        even = k == terms - 2 ? c[k] : even * w + c[k];
        odd = k == terms - 2 ? c[k + 1] : odd * w + c[k + 1];
    }
    return even + u * odd;
}

/* Its random rows, for knees of 2^-10 and more; such as do not go below 0, or any. */
static double *random_rows(int terms, tc_transfer *transfer, int positive)
{
    const size_t count = (size_t)terms * (terms == 8 ? 16 * 10 + 2 : 32 * 10 + 2);
    double *rows = malloc(count * sizeof *rows);
    for (size_t k = 0; k < count; k++)
        rows[k] = !positive ? uniform(-1, 1.5) : k % (size_t)terms ? uniform(-0.1, 0.1) : uniform(0.5, 1.5);
    transfer->knee = pick(2) ? 0.0031308 : uniform(0x1p-10, 0.9);
    transfer->rows = rows;
    return rows;
}

/* Pixels of 16 bits and floats, NaN among them, through random tables, one by one. */
static int simulate_wide_trial(const tc_kernels *const *rows)
{
    static const int sizes[] = {2, 4, 8};
    const int size = sizes[pick(3)], terms = size == 8 ? 8 : 4;
    const size_t count = pick(4) ? pick(20) : pick(600), bytes = 3 * count * (size_t)size;
    tc_light_map map;
    double *decode = random_rows(terms, &map.decode, 0), *encode = random_rows(terms, &map.encode, size == 2);
    int32_t *levels = malloc(65536 * sizeof *levels);
    for (int k = 0; k < 65536; k++)
        levels[k] = (int32_t)pick((1 << 30) + 1);
    for (int k = 0; k < 3; k++) {
        map.normal[k] = uniform(-1, 1);
        map.fold[k] = uniform(-1, 1);
        for (int c = 0; c < 3; c++)
            map.matrix[k][c] = uniform(-1, 1.5);
    }
    map.folded = (int)pick(2);
    map.levels = size == 2 ? levels : NULL;
    char *rgb = malloc(bytes + 1), *out = malloc(bytes + 1), *expected = malloc(bytes + 1);
    expected[bytes] = (char)0xA5;
    for (size_t i = 0; i < count; i++) {
        double x[3];
        for (size_t k = 3 * i; k < 3 * i + 3; k++) {
            const double wild[] = {0, 1, map.decode.knee, 2, -1, NAN}, value = pick(8) ? uniform(0, 1) : wild[pick(6)];
            const float single = (float)value;
            const uint16_t level = (uint16_t)random64();
            memcpy(rgb + k * (size_t)size, size == 2 ? (const void *)&level : size == 4 ? (const void *)&single : &value,
                   (size_t)size);
            x[k % 3] = size == 2   ? levels[level] / 1073741824.0
                       : size == 4 ? transferred(single, &map.decode, terms)
                                   : transferred(value, &map.decode, terms);
        }
        const double side = map.normal[0] * x[0] + map.normal[1] * x[1] + map.normal[2] * x[2];
        for (size_t k = 0; k < 3; k++) {
            double y = map.matrix[k][0] * x[0] + map.matrix[k][1] * x[1] + map.matrix[k][2] * x[2];
            if (map.folded)
                y += map.fold[k] * (side < 0 ? side : 0);
            y = transferred(y, &map.encode, terms);
            y = y > 1 ? 1 : y;
            const float single = (float)y;
            const uint16_t level = (uint16_t)(size == 2 ? 65535 * y + 0.5 : 0);
            memcpy(expected + (3 * i + k) * (size_t)size,
                   size == 2 ? (const void *)&level : size == 4 ? (const void *)&single : &y, (size_t)size);
        }
    }
    int failures = 0;
    for (; *rows; rows++) {
        if (!(*rows)->supported())
            continue;
        memset(out, 0xA5, bytes + 1);
        tc_simulate_wide *see = size == 2 ? (*rows)->simulate_u16 : size == 4 ? (*rows)->simulate_f32 : (*rows)->simulate_f64;
        see(rgb, out, count, &map);
        int differ = (uint8_t)out[bytes] != 0xA5;
        for (size_t k = 0; k < 3 * count; k++) { /* whichever NaN */
            double a = 0, b = 0;
            float c, d;
            if (size == 8) {
                memcpy(&a, out + 8 * k, 8);
                memcpy(&b, expected + 8 * k, 8);
            } else if (size == 4) {
                memcpy(&c, out + 4 * k, 4);
                memcpy(&d, expected + 4 * k, 4);
                a = c, b = d;
            }
            if (!(a != a && b != b))
                differ |= memcmp(out + (size_t)size * k, expected + (size_t)size * k, (size_t)size) != 0;
        }
        if (differ) {
            failures++;
            fprintf(stderr, "%s: simulate: %zu pixels of %d bytes%s differ\n", (*rows)->name, count, size,
                    map.folded ? ", folded," : "");
        }
    }
    free(expected);
    free(out);
    free(rgb);
    free(levels);
    free(encode);
    free(decode);
    return failures;
}

/* Random colors over random photos, into another array or the photo itself. */
static int blend_trial(void)
{
    static const int kinds[] = {1, 3, 4};
    const size_t count = pick(40), photo_size = 4 * count + 1;
    const int components = kinds[pick(3)], step = components == 4 ? 4 : 3;
    uint8_t *mixed = malloc(1 << 16), *rgba = malloc(4 * count + 1), *photo = malloc(photo_size);
    uint8_t *expected = malloc(photo_size), *out = malloc(photo_size);
    for (int i = 0; i < 1 << 16; i++)
        mixed[i] = (uint8_t)random64();
    for (size_t i = 0; i < photo_size; i++)
        photo[i] = (uint8_t)random64();
    for (size_t i = 0; i < 4 * count; i++)
        rgba[i] = (uint8_t)(i % 4 == 3 && pick(3) == 0 ? 0 : random64());
    const int in_place = components == step && pick(2);
    memcpy(out, photo, photo_size);
    memcpy(expected, photo, photo_size);
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < step; k++) {
            const uint8_t p = photo[i * (size_t)components + (size_t)(components == 1 ? 0 : k)];
            expected[i * (size_t)step + (size_t)k] =
                k == 3 || rgba[4 * i + 3] == 0 ? p : mixed[256 * rgba[4 * i + (size_t)k] + p];
        }
    tc_blend(rgba, in_place ? out : photo, components, mixed, out, count);
    int differ = memcmp(out, expected, photo_size) != 0;
    if (differ)
        fprintf(stderr, "blend: %zu pixels of %d components%s differ\n", count, components, in_place ? " in place" : "");
    free(out);
    free(expected);
    free(photo);
    free(rgba);
    free(mixed);
    return differ;
}

/* By the letter of https://www.w3.org/TR/png-3/#9Filters. */
static uint8_t predicted(int filter, int a, int b, int c)
{
    const int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    switch (filter) {
    case 1:
        return (uint8_t)a;
    case 2:
        return (uint8_t)b;
    case 3:
        return (uint8_t)((a + b) / 2);
    case 4:
        return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
    default:
        return 0;
    }
}

/* Random gray images with random filters, many of them Paeth, in calls of a few rows each. */
static int unfilter_trial(void)
{
    const size_t pixel = 1 + pick(2), size = pixel * (1 + pick(40)), height = 1 + pick(30), row = size + 1;
    uint8_t *pixels = malloc(height * size), *out = malloc(height * size), *filtered = malloc(height * row);
    const int smooth = (int)pick(2), liking = (int)pick(3);
    for (size_t i = 0; i < height * size; i++)
        pixels[i] = (uint8_t)(smooth ? i / size * 3 + i % size : random64());
    for (size_t y = 0; y < height; y++) {
        const int filter = liking ? 4 : (int)pick(5);
        filtered[y * row] = (uint8_t)filter;
        for (size_t x = 0; x < size; x++) {
            const uint8_t *at = pixels + y * size + x;
            const int left = x >= pixel, above = y > 0;
            filtered[y * row + 1 + x] =
                (uint8_t)(*at - predicted(filter, left ? at[-(ptrdiff_t)pixel] : 0, above ? at[-(ptrdiff_t)size] : 0,
                                          left && above ? at[-(ptrdiff_t)(size + pixel)] : 0));
        }
    }
    for (size_t i = 0; pixel == 2 && TC_LITTLE_ENDIAN && i < height * size; i += 2) {
        const uint8_t high = pixels[i];
        pixels[i] = pixels[i + 1];
        pixels[i + 1] = high;
    }
    int differ = 0;
    for (size_t first = 0, count; first < height; first += count) {
        count = pick(height - first + 1);
        /* A copy of its own size: what is read behind it is seen. */
        uint8_t *some = malloc(count * row + !count);
        memcpy(some, filtered + first * row, count * row);
        differ |= tc_unfilter(some, count, size, pixel, out, first, height) != 0;
        free(some);
    }
    differ |= memcmp(out, pixels, height * size) != 0;
    filtered[pick(height) * row] = (uint8_t)(5 + pick(251));
    differ |= tc_unfilter(filtered, height, size, pixel, out, 0, height) != -1;
    if (differ)
        fprintf(stderr, "unfilter: %zu rows of %zu bytes, %zu a pixel, differ\n", height, size, pixel);
    free(filtered);
    free(out);
    free(pixels);
    return differ;
}

int main(int argc, char **argv)
{
    long trials = argc > 1 ? atol(argv[1]) : 4000;
    state = argc > 2 ? strtoull(argv[2], NULL, 0) : 0x9E3779B97F4A7C15u;
    printf("kernels:");
    for (const tc_kernels *const *row = tc_rows; *row; row++)
        printf(" %s%s", (*row)->name, (*row)->supported() ? "" : " (not on this CPU)");
    printf("\n");
    int failures = 0;
    for (long i = 0; i < trials; i++) {
        failures += trial(tc_rows, 0) + simulate_trial() + blend_trial() + simulate_wide_trial(tc_rows);
        failures += unfilter_trial();
        for (int k = 0; k < 8; k++)
            failures += index_trial(tc_rows) + position_trial(tc_rows);
        if (i % 4 == 0)
            failures += inverse_trial(tc_rows);
        if (i % 16 == 0)
            failures += lonely_trial(tc_rows);
    }
    for (int i = 0; i < 6; i++) /* large enough to be streamed past the caches */
        failures += trial(tc_rows, 1);
    for (int i = 0; i < 8; i++)
        failures += streamed_trial(tc_rows, i);
    printf("%ld trials, %d failures\n", trials, failures);
    return failures != 0;
}
