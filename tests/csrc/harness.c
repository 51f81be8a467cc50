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

#include "kernels.h"

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

static int single(enum tc_dtype t) { return t <= TC_F32; }

/* ---- the truth ---- */

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
    int is_single = single(job->source.dtype);
    if (!job->polynomial) {
        memcpy(out, (const char *)job->table.entries + 4 * size * (size_t)true_index(x, s, is_single), pixel);
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
        const float *k = job->polynomial + (size_t)c * (size_t)(job->degree + 1);
        float p = k[job->degree];
        for (int i = job->degree - 1; i >= 0; i--) {
            float product = p * at;
            p = product + k[i];
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
    size_t span_count = draw_spans(keys, count, s->dtype, spans), cells = 0, found;
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
    size_t size = sizes[s->dtype];
    s->swapped = size > 1 && pick(4) == 0;

    /* scale */
    int is_single = single(s->dtype);
    double vmin = uniform(-5, 100), vmax = vmin + uniform(0.001, 200), prescale = 1;
    switch (pick(9)) {
    case 0: vmin = 0; vmax = 1 + (double)pick(300); break;
    case 1: vmin = (float)vmin; vmax = (float)vmax; break;
    case 2: vmax = vmin; break;
    case 3: vmin = -FLT_MAX; vmax = FLT_MAX; prescale = 0.5; break;
    case 4: vmin = (pick(2) ? 1 : -1) * uniform(1e3, 1e7); vmax = vmin + uniform(0.01, 1000); break;
    case 5: vmin = 0; vmax = is_single ? 1e-41 : 1e-310; break;
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

    /* output and colours */
    job.component = (enum tc_component)pick(TC_COMPONENTS);
    job.channels = job.component == TC_64 ? 4 : 3 + (int)pick(2);
    float coefficients[3 * (TC_MAX_DEGREE + 1)];
    if (job.component != TC_64 && !job.scale.mirrored && pick(3) == 0) {
        job.degree = (int)pick(8);
        job.reverse = (int)pick(2);
        for (int k = 0; k < 3 * (job.degree + 1); k++)
            coefficients[k] = (float)uniform(-2, 2);
        job.polynomial = coefficients;
    }
    size_t component = component_sizes[job.component], entries_count = (size_t)job.scale.n + 3;
    size_t plane = entries_count < 256 ? 256 : entries_count;
    char *entries = malloc(entries_count * 4 * component), *planes = malloc(plane * 4 * component);
    for (size_t k = 0; k < entries_count * 4 * component; k++)
        entries[k] = (char)random64();
    memset(planes, 0, plane * 4 * component);
    for (size_t e = 0; e < entries_count; e++)
        for (size_t c = 0; c < 4; c++)
            memcpy(planes + (c * plane + e) * component, entries + (e * 4 + c) * component, component);
    job.table = (tc_table){entries, planes, plane, (int32_t)entries_count};

    /* values, mask, invalid */
    storage values = lay_out(s->dims, s->shape, size, s->values.strides, large ? 0 : (int)pick(5));
    s->values.data = values.origin;
    memset(values.buffer, 0, values.bytes ? values.bytes : 1);
    for (size_t i = 0; i < count; i++) {
        char *p = at(values.origin, s->dims, s->shape, s->values.strides, i);
        draw(p, s->dtype, vmin, vmax);
        if (s->swapped)
            reverse_bytes(p, size);
    }
    storage masks[2] = {{0}};
    for (int m = 0; m < 2; m++)
        if (pick(4) == 0) {
            masks[m] = lay_out(s->dims, s->shape, 1, s->masks[m].strides, (int)pick(5));
            for (size_t k = 0; k < masks[m].bytes; k++)
                masks[m].buffer[k] = (char)pick(2);
            s->masks[m].data = masks[m].origin;
        }
    char invalid[3][8];
    float invalid_halves[3];
    s->invalid_count = pick(3);
    for (size_t k = 0; k < s->invalid_count; k++) {
        draw(invalid[0] + k * size, s->dtype, vmin, vmax);
        invalid_halves[k] = (float)value_of(invalid[0] + k * size, s->dtype);
    }
    s->invalid = s->dtype == TC_F16 ? (void *)invalid_halves : (void *)invalid;

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
    for (size_t i = 0; i < count; i++) {
        char native[8];
        memcpy(native, at(values.origin, s->dims, s->shape, s->values.strides, i), size);
        if (s->swapped)
            reverse_bytes(native, size);
        double x = value_of(native, s->dtype);
        for (size_t k = 0; k < s->invalid_count; k++) {
            int integer64 = s->dtype == TC_U64 || s->dtype == TC_I64;
            if (integer64 ? memcmp(native, invalid[0] + k * size, 8) == 0
                          : value_of(native, s->dtype) == value_of(invalid[0] + k * size, s->dtype))
                x = NAN;
        }
        for (int m = 0; m < 2; m++)
            if (masks[m].buffer && *at(masks[m].origin, s->dims, s->shape, s->masks[m].strides, i))
                x = NAN;
        true_pixel(x, &job, scaled_min, scaled_max, pixel);
        char *to = at(out.origin, s->dims, s->shape, s->out.strides, i);
        for (int c = 0; c < job.channels; c++)
            memcpy(expected + (to - out.buffer) + c * job.channel_stride, pixel + (size_t)c * component, component);
    }
    double lo = INFINITY, hi = -INFINITY;
    uint64_t *keys = malloc((count + 1) * sizeof *keys);
    size_t key_count = 0;
    for (size_t i = 0; i < count; i++) {
        char native[8];
        memcpy(native, at(values.origin, s->dims, s->shape, s->values.strides, i), size);
        if (s->swapped)
            reverse_bytes(native, size);
        double x = value_of(native, s->dtype);
        int counts_not = 0;
        for (int m = 0; m < 2; m++)
            counts_not |= masks[m].buffer && *at(masks[m].origin, s->dims, s->shape, s->masks[m].strides, i);
        for (size_t k = 0; k < s->invalid_count; k++)
            counts_not |= s->dtype == TC_U64 || s->dtype == TC_I64
                              ? memcmp(native, invalid[0] + k * size, 8) == 0
                              : x == value_of(invalid[0] + k * size, s->dtype);
        if (!counts_not)
            keys[key_count++] = true_key(native, s->dtype);
        if (!counts_not && isfinite(x)) {
            lo = x < lo ? x : lo;
            hi = x > hi ? x : hi;
        }
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
            fprintf(stderr, "%s: %s%s%s, %d dims, %zu values, n %d, scale %.17g .. %.17g, %d x %zu bytes%s%s: %s differs\n",
                    (*rows)->name, dtype_names[s->dtype], s->swapped ? " swapped" : "", job.scale.mirrored ? " mirrored" : "", s->dims, count, job.scale.n,
                    vmin, vmax, job.channels, component, job.polynomial ? ", polynomial" : "",
                    planar ? ", planar" : "", differ ? "count" : low != lo || high != hi ? "extent" : "picture");
        }
    }
    free(keys);
    free(expected);
    free(out.buffer);
    free(masks[0].buffer);
    free(masks[1].buffer);
    free(values.buffer);
    free(planes);
    free(entries);
    return failures;
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
    for (long i = 0; i < trials; i++)
        failures += trial(tc_rows, 0);
    for (int i = 0; i < 3; i++) /* large enough to be streamed past the caches */
        failures += trial(tc_rows, 1);
    printf("%ld trials, %d failures\n", trials, failures);
    return failures != 0;
}
