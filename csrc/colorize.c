/* Values in, pixels out, block by block. */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

/* Outputs larger than this go past the caches: they would only push the input out. */
enum { STREAM_FROM = 4 << 20 };
/* From so many values on, finding the colors of all 65,536 of 16 bits is worth its time. */
enum { TABLE_16_FROM = 1 << 18 };

typedef struct {
    tc_source_blocks load;
    _Alignas(64) int32_t index[TC_BLOCK];
    _Alignas(64) float t[TC_BLOCK];
    _Alignas(64) uint8_t side[TC_BLOCK];
    _Alignas(64) float level[4][TC_BLOCK]; /* channels of a curve */
    _Alignas(64) uint16_t words[4][TC_BLOCK];
    _Alignas(64) uint32_t rgbx[TC_BLOCK];
    _Alignas(64) char pixels[TC_BLOCK * 32];
    _Alignas(64) char entries[256 * 32 + 32]; /* table of 8-bit values, as colors */
    _Alignas(64) char planes[4 * 256 * 8];
} colorize_blocks;

static enum tc_pixel pixel_format(const tc_job *job)
{
    static const enum tc_pixel formats[TC_COMPONENTS][2] = {
        {TC_3X8, TC_4X8}, {TC_3X16, TC_4X16}, {TC_3X32, TC_4X32}, {TC_PIXELS, TC_4X64}};
    return formats[job->component][job->channels == 4];
}

static void index_block(const tc_job *job, const tc_kernels *k, const void *x, int32_t *index, size_t count)
{
    const tc_scale *s = &job->scale;
    if (job->steps)
        tc_in_single(&job->source) ? k->index_steps_f32(x, index, count, job->steps)
                                   : k->index_steps_f64(x, index, count, job->steps);
    else if (tc_in_single(&job->source))
        (s->mirrored ? k->index_mirrored_f32 : k->index_f32)(x, index, count, s);
    else
        (s->mirrored ? k->index_mirrored_f64 : k->index_f64)(x, index, count, s);
}

/* Asking memory for the next block while this one is computed: what the processor fetches by
 * itself falls behind, since most of the time nothing is read. By no more lines at once than
 * it can have on the way without keeping loads waiting. */
enum { LINE = 64, LINES = 32 };

typedef struct {
    const char *at[2]; /* of the values, and of what is subtracted */
    size_t lines[2];
    size_t piece; /* values to compute after each request */
} next_block;

static void look_ahead(next_block *next, const tc_source *s, const tc_cursor *c, size_t count)
{
    const size_t row = tc_row_left(c) - count, values = row < TC_BLOCK ? row : TC_BLOCK;
    const tc_source *sources[2] = {s, s->minus};
    for (int i = 0; i < 2; i++) {
        const ptrdiff_t size = sources[i] ? tc_value_size[sources[i]->dtype] : 0;
        const int dense = size && sources[i]->values.strides[c->dims - 1] == size;
        next->lines[i] = dense ? values * (size_t)size / LINE : 0;
        next->at[i] = dense ? tc_address(c, &sources[i]->values) + count * (size_t)size : NULL;
    }
    const size_t requests = (next->lines[0] + next->lines[1] + LINES - 1) / LINES;
    next->piece = requests > 2 ? (TC_BLOCK * 2 / requests + 63) / 64 * 64 : TC_BLOCK; /* twice: index, paint */
}

static void fetch(next_block *next)
{
    for (int left = LINES; left > 0 && next->lines[0] + next->lines[1] > 0;)
        for (int i = 0; i < 2; i++) /* in turns, as they will be read */
            if (next->lines[i]) {
                TC_FETCH(next->at[i]);
                next->at[i] += LINE;
                next->lines[i]--;
                left--;
            }
}

/* How the indices of a job are found. */
typedef struct {
    tc_source bare, minus; /* what is loaded: without masks, which are marked in the indices */
    int in_integers;
    tc_integer_scale integers;
} index_plan;

static void plan_indices(const tc_job *job, index_plan *plan)
{
    const tc_source *s = &job->source;
    plan->bare = *s;
    plan->bare.masks[0].data = plan->bare.masks[1].data = NULL;
    if (s->minus) {
        plan->minus = *s->minus;
        plan->minus.masks[0].data = plan->minus.masks[1].data = NULL;
        plan->bare.minus = &plan->minus;
    }
    const int integers = (s->dtype == TC_I32 || s->dtype == TC_U32) && !s->minus && !job->steps;
    plan->in_integers = integers && tc_integer_scale_init(&plan->integers, &job->scale, s->dtype == TC_U32);
}

static void mark_masked(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t count, int32_t bad,
                        tc_load_blocks *blocks, int32_t *index)
{
    for (int m = 0; m < 2; m++)
        if (s->masks[m].data)
            k->mark_masked(index, tc_load_mask(s, m, c, count, blocks), count, bad);
}

/* The indices of the next values, into b->index. */
static void find_indices(const tc_job *job, const index_plan *plan, const tc_kernels *k, const tc_cursor *c, size_t count,
                         next_block *next, colorize_blocks *b)
{
    const tc_source *s = &job->source;
    const int32_t bad = job->scale.bad;
    if (plan->in_integers) {
        const int32_t *x = tc_load_native(s, c, count, &b->load.values);
        fetch(next);
        k->index_i32(x, b->index, count, &plan->integers);
        for (size_t i = 0; i < s->invalid_count; i++) {
            int32_t invalid;
            memcpy(&invalid, (const char *)s->invalid + i * sizeof invalid, sizeof invalid);
            k->mark_equal_i32(b->index, x, count, invalid, bad);
        }
    } else {
        const char *x = tc_load(&plan->bare, k, c, count, &b->load);
        const size_t size = tc_in_single(s) ? sizeof(float) : sizeof(double);
        for (size_t i = 0; i < count; i += next->piece) {
            fetch(next);
            index_block(job, k, x + i * size, b->index + i, count - i < next->piece ? count - i : next->piece);
        }
    }
    mark_masked(s, k, c, count, bad, &b->load.values, b->index);
    if (s->minus)
        mark_masked(s->minus, k, c, count, bad, &b->load.minus, b->index);
}

/* A kernel that colors values in one go. */
typedef struct {
    tc_color *color; /* or NULL */
    const void *how; /* what it needs */
} straight_way;

static straight_way find_straight_way(const tc_job *job, const index_plan *plan, const tc_kernels *k)
{
    const tc_source *s = &job->source;
    const int marked = s->masks[0].data || s->masks[1].data || s->invalid_count;
    const int single = tc_in_single(s), rgba = job->channels == 4;
    straight_way way = {NULL, &job->scale};
    if (job->component != TC_8 || job->curve || job->table.count > TC_LARGEST_BYTE_TABLE) {
        return way;
    } else if (job->steps) {
        way.how = job->steps;
        way.color = single ? k->color[TC_BY_STEPS][rgba] : NULL;
    } else if (plan->in_integers && !marked) { /* integers are not NaN */
        way.how = &plan->integers;
        way.color = k->color[TC_BY_I32][rgba];
    } else if (!plan->in_integers && job->scale.bounded) {
        way.color = k->color[single ? TC_BY_F32 : TC_BY_F64][rgba];
    }
    return way;
}

/* Entries of `count` values in a row, of an 8- or 16-bit type, from the one with bits `first` on. */
static void index_of_bits(const tc_job *job, const tc_kernels *k, colorize_blocks *b, int first, size_t count)
{
    uint8_t bytes[256];
    uint16_t words[TC_BLOCK];
    const size_t size = tc_value_size[job->source.dtype];
    for (size_t i = 0; i < count; i++)
        words[i] = (uint16_t)((size_t)first + i);
    for (size_t i = 0; size == 1 && i < count; i++)
        bytes[i] = (uint8_t)((size_t)first + i);
    tc_source row = {.dims = 1, .shape = {count}, .dtype = job->source.dtype, .invalid = job->source.invalid,
                     .invalid_count = job->source.invalid_count};
    row.values.data = size == 1 ? (char *)bytes : (char *)words;
    row.values.strides[0] = (ptrdiff_t)size;
    const tc_cursor start = tc_start(&row);
    index_block(job, k, tc_load(&row, k, &start, count, &b->load), b->index, count);
}

/* 8-bit values have 256 colors: find them once, then each value is its own index. */
static tc_table table_of_bytes(const tc_job *job, const tc_kernels *k, colorize_blocks *b)
{
    const int32_t *index = b->index;
    size_t size = tc_component_size[job->component];
    index_of_bits(job, k, b, 0, 256);
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

/* The same for 16-bit values, as 4-byte entries. NULL if there is no memory. */
static uint32_t *colors_of_words(const tc_job *job, const tc_kernels *k, colorize_blocks *b)
{
    uint32_t *colors = malloc(65536 * sizeof *colors);
    for (int first = 0; colors && first < 65536; first += TC_BLOCK) {
        index_of_bits(job, k, b, first, TC_BLOCK);
        for (int i = 0; i < TC_BLOCK; i++)
            memcpy(colors + first + i, (const char *)job->table.entries + 4 * (size_t)b->index[i], 4);
    }
    return colors;
}

/* The curve's block into `pixels`, then what was outside over it. */
static void paint_curve(const tc_job *job, const tc_kernels *k, colorize_blocks *b, const void *x, char *pixels,
                        size_t count)
{
    size_t size = tc_component_size[job->component], pixel = size * (size_t)job->channels;
    unsigned sides = tc_in_single(&job->source) ? k->position_f32(x, b->t, b->side, count, &job->scale)
                                                  : k->position_f64(x, b->t, b->side, count, &job->scale);
    if (job->reverse)
        for (size_t i = 0; i < count; i++)
            b->t[i] = 1 - b->t[i];
    if (job->component == TC_8) {
        const uint8_t alpha = ((const uint8_t *)job->table.entries)[3]; /* opaque */
        uint32_t *rgbx = job->channels == 4 && (uintptr_t)pixels % 4 == 0 ? (uint32_t *)pixels : b->rgbx;
        k->curve_rgbx(b->t, rgbx, count, job->curve, alpha);
        if (job->channels == 3)
            k->squeeze(rgbx, pixels, count);
        else if ((char *)rgbx != pixels)
            memcpy(pixels, rgbx, 4 * count);
    } else {
        k->curve_planes(b->t, b->level[0], b->level[1], b->level[2], count, job->curve);
        for (int c = 0; c < 3 && job->component == TC_16; c++)
            k->quantize_u16(b->level[c], b->words[c], count);
        const void *plane[4];
        for (int c = 0; c < 4; c++)
            plane[c] = job->component == TC_16 ? (void *)b->words[c] : (void *)b->level[c];
        if (job->channels == 4) /* opaque, as the first color of the table says */
            tc_copy_strided((char *)plane[3], (ptrdiff_t)size, (const char *)job->table.entries + 3 * size, 0, count, size);
        k->join[pixel_format(job)](plane[0], plane[1], plane[2], plane[3], pixels, count);
    }

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

/* The same where a row can do most of it in one go. */
static void color_curve(const tc_job *job, const tc_kernels *k, colorize_blocks *b, const float *x, char *pixels,
                        size_t count, int past_caches)
{
    const size_t pixel = (size_t)job->channels;
    const uint8_t alpha = ((const uint8_t *)job->table.entries)[3]; /* opaque */
    for (size_t i = 0; i < count;) {
        i += k->color_curve[job->channels == 4](x + i, &job->scale, job->curve, job->reverse, alpha,
                                                pixels + i * pixel, count - i, past_caches);
        const size_t rest = count - i < 64 ? count - i : 64;
        paint_curve(job, k, b, x + i, pixels + i * pixel, rest);
        i += rest;
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
    tc_source *s = &job.source, minus;
    colorize_blocks *b = tc_new_blocks(sizeof *b);
    if (!b)
        return -1;
    tc_simplify(s, &minus);
    tc_cursor c = tc_start(s);

    const size_t size = tc_component_size[job.component], pixel = size * (size_t)job.channels;
    const enum tc_pixel format = pixel_format(&job);
    const ptrdiff_t step = s->out.strides[s->dims - 1];
    const int dense_pixels = job.channel_stride == (ptrdiff_t)size && step == (ptrdiff_t)pixel;
    const int dense_planes = !dense_pixels && !job.curve && step == (ptrdiff_t)size;
    const int streams = dense_pixels && c.left * pixel >= STREAM_FROM;
    /* Values of few bits go from value to pixel in one step; not worth its table for a few. */
    const int tabled = !s->masks[0].data && !s->masks[1].data && !s->minus && !job.curve && !dense_planes;
    const int direct = tabled && tc_value_size[s->dtype] == 1 && c.left >= 256;
    const int direct_16 = tabled && tc_value_size[s->dtype] == 2 && job.component == TC_8 && c.left >= TABLE_16_FROM;
    tc_table colors = {0};
    uint32_t *words = NULL;
    if (direct) {
        colors = table_of_bytes(&job, k, b);
    } else if (direct_16) {
        words = colors_of_words(&job, k, b);
        if (!words) {
            tc_free_blocks(b);
            return -1;
        }
        colors.entries = words;
    }
    index_plan plan;
    plan_indices(&job, &plan);
    straight_way way = {0};
    if (!direct && !direct_16 && !dense_planes)
        way = find_straight_way(&job, &plan, k);
    const tc_curve *curve = job.curve;
    const int cubic = curve && curve->degree == 3 && curve->pieces > 1 && curve->pieces <= 8;
    const int curve_at_once = cubic && k->color_curve[0] && job.component == TC_8 && job.scale.divides;
    const int streams_itself = way.color || curve_at_once;

    while (c.left) {
        size_t count = tc_block_length(&c);
        int in_row = tc_row_left(&c) >= count;
        char *out = in_row ? tc_address(&c, &s->out) : NULL;
        /* kernels may write components as such, so an unaligned output is copied to */
        int in_place = out && (uintptr_t)out % size == 0;
        char *pixels = in_place && dense_pixels ? out : b->pixels;
        int to_stream = 0;
        if (pixels == out && streams && count == TC_BLOCK) {
            size_t to_line = pixels_to_line(out, pixel);
            to_stream = to_line == TC_BLOCK;
            count = to_line ? to_line : count;
            pixels = to_stream && !streams_itself ? b->pixels : out;
        }

        if (direct) {
            k->paint_u8[format](tc_load_native(s, &c, count, &b->load.values), &colors, pixels, count);
        } else if (direct_16) {
            k->paint_u16[format](tc_load_native(s, &c, count, &b->load.values), &colors, pixels, count);
        } else if (way.color) {
            const void *x = plan.in_integers ? tc_load_native(s, &c, count, &b->load.values)
                                            : tc_load(s, k, &c, count, &b->load);
            way.color(x, way.how, &job.table, pixels, count, to_stream);
        } else {
            if (curve_at_once) {
                color_curve(&job, k, b, tc_load(s, k, &c, count, &b->load), pixels, count, to_stream);
            } else if (job.curve) {
                paint_curve(&job, k, b, tc_load(s, k, &c, count, &b->load), pixels, count);
            } else {
                next_block next = {.piece = TC_BLOCK};
                if (streams && k->looks_ahead)
                    look_ahead(&next, s, &c, count);
                find_indices(&job, &plan, k, &c, count, &next, b);
                if (in_place && dense_planes)
                    for (int channel = 0; channel < job.channels; channel++)
                        k->paint_plane[job.component](
                            b->index,
                            (const char *)job.table.planes + (size_t)channel * job.table.plane_stride * size,
                            out + channel * job.channel_stride, count);
                else
                    for (size_t i = 0; i < count; i += next.piece) {
                        fetch(&next);
                        k->paint[format](b->index + i, &job.table, pixels + i * pixel,
                                         count - i < next.piece ? count - i : next.piece);
                    }
            }
        }

        if (to_stream && !streams_itself)
            k->stream(out, pixels, count * pixel);
        else if (pixels != out && !(in_place && dense_planes))
            for (int channel = 0; channel < job.channels; channel++)
                tc_scatter(c, &s->out, channel * job.channel_stride, pixels + (size_t)channel * size, (ptrdiff_t)pixel,
                        count, size);
        tc_skip(&c, count);
    }
    if (streams)
        k->stream_end();
    free(words);
    tc_free_blocks(b);
    return 0;
}
