/* One job from arrays to arrays, block by block.
 *
 * A block is up to TC_BLOCK consecutive values of the job in C order. Where rows are long,
 * a block stays within one row and is used in place if the row is dense; where they are
 * short, a block is gathered from several. Either way the kernels see dense blocks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static const uint8_t value_size[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};
static const uint8_t component_size[TC_COMPONENTS] = {1, 2, 4, 8};

static int is_single(enum tc_dtype dtype) { return dtype <= TC_F32; }

/* Outputs larger than this go past the caches: they would only push the input out. */
enum { STREAM_FROM = 4 << 20 };
/* Rows shorter than this are gathered. */
enum { LONG_ROW = 128 };

/* Memory at a cache line, as the blocks below want it. C11's aligned_alloc is not
 * everywhere. */
static void *new_blocks(size_t size)
{
    char *raw = malloc(size + 64 + sizeof(void *));
    if (!raw)
        return NULL;
    char *aligned = raw + sizeof(void *);
    aligned += (64 - (uintptr_t)aligned % 64) % 64;
    memcpy(aligned - sizeof(void *), &raw, sizeof raw);
    return aligned;
}

static void free_blocks(void *aligned)
{
    void *raw;
    memcpy(&raw, (char *)aligned - sizeof(void *), sizeof raw);
    free(raw);
}

/* ---- where we are ---- */

typedef struct {
    int dims;
    size_t shape[TC_MAX_DIMS], at[TC_MAX_DIMS];
    size_t left;
} cursor;

/* Leave out dimensions of 1 and join those that are one in every array, so that dense
 * arrays of any shape are one long row. */
static void simplify(tc_source *s)
{
    enum { ARRAYS = 4 };
    tc_array *arrays[ARRAYS] = {&s->values, &s->masks[0], &s->masks[1], &s->out};
    int dims = 0;
    for (int d = 0; d < s->dims; d++) {
        if (s->shape[d] == 1)
            continue;
        int joined = dims > 0;
        for (int k = 0; k < ARRAYS; k++) {
            ptrdiff_t *strides = arrays[k]->strides;
            joined = joined && strides[dims - 1] == (ptrdiff_t)s->shape[d] * strides[d];
        }
        int to = joined ? dims - 1 : dims;
        s->shape[to] = joined ? s->shape[to] * s->shape[d] : s->shape[d];
        for (int k = 0; k < ARRAYS; k++)
            arrays[k]->strides[to] = arrays[k]->strides[d];
        dims = to + 1;
    }
    if (dims == 0) { /* 0-d, or all of length 1 */
        s->shape[0] = 1;
        for (int k = 0; k < ARRAYS; k++)
            arrays[k]->strides[0] = 0;
        dims = 1;
    }
    s->dims = dims;
}

static cursor start(const tc_source *s)
{
    cursor c = {.dims = s->dims, .left = 1};
    for (int d = 0; d < s->dims; d++) {
        c.shape[d] = s->shape[d];
        c.left *= s->shape[d];
    }
    return c;
}

static size_t row_left(const cursor *c) { return c->shape[c->dims - 1] - c->at[c->dims - 1]; }

static char *address(const cursor *c, const tc_array *a)
{
    char *p = a->data;
    for (int d = 0; d < c->dims; d++)
        p += (ptrdiff_t)c->at[d] * a->strides[d];
    return p;
}

/* By no more than row_left. */
static void advance(cursor *c, size_t count)
{
    c->left -= count;
    int d = c->dims - 1;
    c->at[d] += count;
    while (d > 0 && c->at[d] == c->shape[d]) {
        c->at[d--] = 0;
        c->at[d]++;
    }
}

/* ---- copies between arrays and blocks ---- */

static void copy_strided(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t count,
                         size_t size)
{
#define COPY(bytes)                                                        \
    case bytes:                                                            \
        for (size_t i = 0; i < count; i++, to += to_stride, from += from_stride) \
            memcpy(to, from, bytes);                                       \
        break;
    if (to_stride == (ptrdiff_t)size && from_stride == (ptrdiff_t)size) {
        memcpy(to, from, count * size);
        return;
    }
    switch (size) {
        COPY(1)
        COPY(2)
        COPY(3)
        COPY(4)
        COPY(6)
        COPY(8)
        COPY(12)
        COPY(16)
        COPY(32)
    }
#undef COPY
}

/* The next `count` elements of `a` from cursor `c` on, densely. */
static void gather(cursor c, const tc_array *a, char *to, size_t count, size_t size)
{
    ptrdiff_t stride = a->strides[c.dims - 1];
    while (count > 0) {
        size_t run = row_left(&c) < count ? row_left(&c) : count;
        copy_strided(to, (ptrdiff_t)size, address(&c, a), stride, run, size);
        advance(&c, run);
        to += run * size;
        count -= run;
    }
}

static void scatter(cursor c, const tc_array *a, ptrdiff_t offset, const char *from, ptrdiff_t from_stride,
                    size_t count, size_t size)
{
    ptrdiff_t stride = a->strides[c.dims - 1];
    while (count > 0) {
        size_t run = row_left(&c) < count ? row_left(&c) : count;
        copy_strided(address(&c, a) + offset, stride, from, from_stride, run, size);
        advance(&c, run);
        from += (ptrdiff_t)run * from_stride;
        count -= run;
    }
}

static void swap_bytes(void *block, size_t count, size_t size)
{
    if (size == 2) {
        uint16_t *v = block;
        for (size_t i = 0; i < count; i++)
            v[i] = (uint16_t)(v[i] << 8 | v[i] >> 8);
    } else if (size == 4) {
        uint32_t *v = block;
        for (size_t i = 0; i < count; i++)
            v[i] = v[i] << 24 | (v[i] & 0xFF00u) << 8 | (v[i] >> 8 & 0xFF00u) | v[i] >> 24;
    } else if (size == 8) {
        unsigned char *v = block;
        for (size_t i = 0; i < count; i++, v += 8)
            for (int k = 0; k < 4; k++) {
                unsigned char byte = v[k];
                v[k] = v[7 - k];
                v[7 - k] = byte;
            }
    }
}

/* ---- load: the next values as dense float or double, NaN where they do not count ---- */

typedef struct {
    _Alignas(64) char native[TC_BLOCK * 8];
    _Alignas(64) char wide[TC_BLOCK * 8];
    _Alignas(64) uint8_t mask[TC_BLOCK];
} load_blocks;

#define CLEAR_MASKED(name, T)                                                         \
    static void clear_masked_##name(T *restrict wide, const uint8_t *restrict mask, size_t count) \
    {                                                                                 \
        for (size_t i = 0; i < count; i++)                                            \
            wide[i] = mask[i] ? (T)NAN : wide[i];                                     \
    }
CLEAR_MASKED(f32, float)
CLEAR_MASKED(f64, double)

/* 64-bit integers are compared as such: many of them are one double. */
#define CLEAR_EQUAL(name, V, T)                                                        \
    static void clear_equal_##name(T *wide, const V *values, V invalid, size_t count)  \
    {                                                                                  \
        for (size_t i = 0; i < count; i++)                                             \
            wide[i] = values[i] == invalid ? (T)NAN : wide[i];                         \
    }
CLEAR_EQUAL(f32, float, float)
CLEAR_EQUAL(f64, double, double)
CLEAR_EQUAL(u64, uint64_t, double)

static void widen_one(const tc_kernels *k, enum tc_dtype dtype, const void *value, void *wide)
{
    if (k->widen[dtype])
        k->widen[dtype](value, wide, 1);
    else
        memcpy(wide, value, value_size[dtype]);
}

static const void *load(const tc_source *s, const tc_kernels *k, const cursor *c, size_t count, load_blocks *b)
{
    size_t size = value_size[s->dtype];
    int single = is_single(s->dtype);
    int in_row = row_left(c) >= count;
    const void *native = address(c, &s->values);
    if (!in_row || s->values.strides[c->dims - 1] != (ptrdiff_t)size || s->swapped ||
        (uintptr_t)native % size != 0) {
        gather(*c, &s->values, b->native, count, size);
        if (s->swapped)
            swap_bytes(b->native, count, size);
        native = b->native;
    }
    int clears = s->masks[0].data || s->masks[1].data || s->invalid_count;
    if (!k->widen[s->dtype] && !clears)
        return native;

    if (k->widen[s->dtype])
        k->widen[s->dtype](native, b->wide, count);
    else
        memcpy(b->wide, native, count * size);
    for (size_t i = 0; i < s->invalid_count; i++) {
        const char *invalid = (const char *)s->invalid + i * (s->dtype == TC_F16 ? 4 : size);
        if (s->dtype == TC_U64 || s->dtype == TC_I64) {
            uint64_t value;
            memcpy(&value, invalid, 8);
            clear_equal_u64((double *)b->wide, native, value, count);
        } else if (single) {
            float value;
            widen_one(k, s->dtype == TC_F16 ? TC_F32 : s->dtype, invalid, &value);
            clear_equal_f32((float *)b->wide, (float *)b->wide, value, count);
        } else {
            double value;
            widen_one(k, s->dtype, invalid, &value);
            clear_equal_f64((double *)b->wide, (double *)b->wide, value, count);
        }
    }
    for (int m = 0; m < 2; m++) {
        if (!s->masks[m].data)
            continue;
        const uint8_t *mask = (const uint8_t *)address(c, &s->masks[m]);
        if (!in_row || s->masks[m].strides[c->dims - 1] != 1) {
            gather(*c, &s->masks[m], (char *)b->mask, count, 1);
            mask = b->mask;
        }
        if (single)
            clear_masked_f32((float *)b->wide, mask, count);
        else
            clear_masked_f64((double *)b->wide, mask, count);
    }
    return b->wide;
}

static size_t block_length(const cursor *c)
{
    size_t most = c->left < TC_BLOCK ? c->left : TC_BLOCK;
    size_t row = row_left(c);
    return c->shape[c->dims - 1] >= LONG_ROW && row < most ? row : most;
}

int tc_extent(const tc_source *source, const tc_kernels *k, double *lo, double *hi)
{
    tc_source s = *source;
    simplify(&s);
    load_blocks *blocks = new_blocks(sizeof *blocks);
    if (!blocks)
        return -1;
    float lo_f = INFINITY, hi_f = -INFINITY;
    *lo = INFINITY;
    *hi = -INFINITY;
    for (cursor c = start(&s); c.left;) {
        size_t count = block_length(&c);
        const void *x = load(&s, k, &c, count, blocks);
        if (is_single(s.dtype))
            k->extent_f32(x, count, &lo_f, &hi_f);
        else
            k->extent_f64(x, count, lo, hi);
        for (size_t gone = 0, run; gone < count; gone += run) {
            run = row_left(&c) < count - gone ? row_left(&c) : count - gone;
            advance(&c, run);
        }
    }
    if (is_single(s.dtype)) {
        *lo = lo_f;
        *hi = hi_f;
    }
    free_blocks(blocks);
    return 0;
}

/* ---- colorize ---- */

typedef struct {
    load_blocks load;
    _Alignas(64) int32_t index[TC_BLOCK];
    _Alignas(64) float t[TC_BLOCK];
    _Alignas(64) uint8_t side[TC_BLOCK];
    _Alignas(64) float t_level[TC_BLOCK];        /* polynomial, one channel */
    _Alignas(64) char level[4][TC_BLOCK * 4];    /* channels in the output type */
    _Alignas(64) char pixels[TC_BLOCK * 32];
    _Alignas(64) char entries[256 * 32 + 32]; /* table of 8-bit values, as colours */
    _Alignas(64) char planes[4 * 256 * 8];
} colorize_blocks;

static enum tc_pixel pixel_format(const tc_job *job)
{
    static const enum tc_pixel formats[TC_COMPONENTS][2] = {
        {TC_3X8, TC_4X8}, {TC_3X16, TC_4X16}, {TC_3X32, TC_4X32}, {TC_PIXELS, TC_4X64}};
    return formats[job->component][job->channels == 4];
}

/* 8-bit values have 256 colours: find them once, then each value is its own index. */
static tc_table table_of_bytes(const tc_job *job, const tc_kernels *k, colorize_blocks *b)
{
    uint8_t values[256];
    int32_t index[256];
    size_t size = component_size[job->component];
    for (int i = 0; i < 256; i++)
        values[i] = (uint8_t)i;
    k->widen[job->source.dtype](values, b->load.wide, 256);
    for (size_t i = 0; i < job->source.invalid_count; i++) {
        float invalid;
        k->widen[job->source.dtype]((const uint8_t *)job->source.invalid + i, &invalid, 1);
        clear_equal_f32((float *)b->load.wide, (float *)b->load.wide, invalid, 256);
    }
    k->index_f32((const float *)b->load.wide, index, 256, &job->scale);
    for (int i = 0; i < 256; i++)
        memcpy(b->entries + i * 4 * size, (const char *)job->table.entries + (size_t)index[i] * 4 * size, 4 * size);
    for (int c = 0; c < 4; c++) {
        const char *plane = (const char *)job->table.planes + (size_t)c * job->table.plane_stride * size;
        for (int i = 0; i < 256; i++)
            memcpy(b->planes + (c * 256 + i) * size, plane + (size_t)index[i] * size, size);
    }
    tc_table table = {b->entries, b->planes, 256, 256};
    return table;
}

/* The polynomial's block into `pixels`, then what was outside over it. */
static void paint_polynomial(const tc_job *job, const tc_kernels *k, colorize_blocks *b, const void *x, char *pixels,
                             size_t count)
{
    size_t size = component_size[job->component], pixel = size * (size_t)job->channels;
    unsigned sides = is_single(job->source.dtype) ? k->position_f32(x, b->t, b->side, count, &job->scale)
                                                  : k->position_f64(x, b->t, b->side, count, &job->scale);
    if (job->reverse)
        for (size_t i = 0; i < count; i++)
            b->t[i] = 1 - b->t[i];
    for (int c = 0; c < 3; c++) {
        float *level = job->component == TC_32 ? (float *)b->level[c] : b->t_level;
        k->polynomial(b->t, level, count, job->polynomial + (size_t)c * (size_t)(job->degree + 1), job->degree);
        if (job->component == TC_8)
            k->quantize_u8(level, (uint8_t *)b->level[c], count);
        else if (job->component == TC_16)
            k->quantize_u16(level, (uint16_t *)b->level[c], count);
    }
    if (job->channels == 4) /* opaque, as the first colour of the table says */
        copy_strided(b->level[3], (ptrdiff_t)size, (const char *)job->table.entries + 3 * size, 0, count, size);
    k->join[pixel_format(job)](b->level[0], b->level[1], b->level[2], b->level[3], pixels, count);

    const tc_scale *scale = &job->scale;
    if (scale->under < scale->n)
        sides &= ~(unsigned)TC_UNDER;
    if (scale->over < scale->n)
        sides &= ~(unsigned)TC_OVER;
    for (size_t i = 0; sides && i < count; i++)
        if (b->side[i] & sides) {
            int32_t entry = b->side[i] == TC_BAD ? scale->bad : b->side[i] == TC_UNDER ? scale->under : scale->over;
            memcpy(pixels + i * pixel, (const char *)job->table.entries + (size_t)entry * 4 * size, pixel);
        }
}

/* How many pixels until `out` is at a cache line, so that whole lines can be streamed;
 * TC_BLOCK pixels of any format are whole lines. 0 if no pixel starts at one. */
static size_t pixels_to_line(const char *out, size_t pixel)
{
    for (size_t i = 0; i < 64; i++)
        if (((uintptr_t)out + i * pixel) % 64 == 0)
            return i ? i : TC_BLOCK;
    return 0;
}

int tc_colorize(const tc_job *given, const tc_kernels *k)
{
    tc_job job = *given;
    tc_source *s = &job.source;
    colorize_blocks *b = new_blocks(sizeof *b);
    if (!b)
        return -1;
    simplify(s);
    cursor c = start(s);

    const size_t size = component_size[job.component], pixel = size * (size_t)job.channels;
    const enum tc_pixel format = pixel_format(&job);
    const ptrdiff_t step = s->out.strides[s->dims - 1];
    const int dense_pixels = job.channel_stride == (ptrdiff_t)size && step == (ptrdiff_t)pixel;
    const int dense_planes = !dense_pixels && !job.polynomial && step == (ptrdiff_t)size;
    const int streams = dense_pixels && c.left * pixel >= STREAM_FROM;
    /* 8-bit values go from value to pixel in one step; not worth its table for a few. */
    const int direct = value_size[s->dtype] == 1 && !s->masks[0].data && !s->masks[1].data && !job.polynomial && !dense_planes && c.left >= 256;
    tc_table bytes = {0};
    if (direct)
        bytes = table_of_bytes(&job, k, b);

    while (c.left) {
        size_t count = block_length(&c);
        int in_row = row_left(&c) >= count;
        char *out = in_row ? address(&c, &s->out) : NULL;
        /* kernels may write components as such, so an unaligned output is copied to */
        int in_place = out && (uintptr_t)out % size == 0;
        char *pixels = in_place && dense_pixels ? out : b->pixels;
        int to_stream = 0;
        if (pixels == out && streams && count == TC_BLOCK) {
            size_t to_line = pixels_to_line(out, pixel);
            to_stream = to_line == TC_BLOCK;
            count = to_line ? to_line : count;
            pixels = to_stream ? b->pixels : out;
        }

        if (direct) {
            const char *index = address(&c, &s->values);
            if (!in_row || s->values.strides[c.dims - 1] != 1) {
                gather(c, &s->values, b->load.native, count, 1);
                index = b->load.native;
            }
            k->paint_u8[format]((const uint8_t *)index, &bytes, pixels, count);
        } else {
            const void *x = load(s, k, &c, count, &b->load);
            if (job.polynomial) {
                paint_polynomial(&job, k, b, x, pixels, count);
            } else {
                if (is_single(s->dtype))
                    k->index_f32(x, b->index, count, &job.scale);
                else
                    k->index_f64(x, b->index, count, &job.scale);
                if (in_place && dense_planes)
                    for (int channel = 0; channel < job.channels; channel++)
                        k->paint_plane[job.component](
                            b->index,
                            (const char *)job.table.planes + (size_t)channel * job.table.plane_stride * size,
                            out + channel * job.channel_stride, count);
                else
                    k->paint[format](b->index, &job.table, pixels, count);
            }
        }

        if (to_stream)
            k->stream(out, pixels, count * pixel);
        else if (pixels != out && !(in_place && dense_planes))
            for (int channel = 0; channel < job.channels; channel++)
                scatter(c, &s->out, channel * job.channel_stride, pixels + (size_t)channel * size, (ptrdiff_t)pixel,
                        count, size);
        for (size_t gone = 0, run; gone < count; gone += run) {
            run = row_left(&c) < count - gone ? row_left(&c) : count - gone;
            advance(&c, run);
        }
    }
    if (streams)
        k->stream_end();
    free_blocks(b);
    return 0;
}
