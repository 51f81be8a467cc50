/* Walking over arrays block by block, and getting values out of them. */
#include "blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const uint8_t tc_value_size[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};
const uint8_t tc_component_size[TC_COMPONENTS] = {1, 2, 4, 8};

int tc_is_single(enum tc_dtype dtype) { return dtype <= TC_F32; }
int tc_in_single(const tc_source *s) { return tc_is_single(s->dtype) && (!s->minus || tc_is_single(s->minus->dtype)); }

/* Rows shorter than this are gathered. */
enum { TC_LONG_ROW = 32 };

/* Memory at a cache line, as the blocks below want it. C11's aligned_alloc is not
 * everywhere. */
void *tc_new_blocks(size_t size)
{
    char *raw = malloc(size + 64 + sizeof(void *));
    if (!raw)
        return NULL;
    char *aligned = raw + sizeof(void *);
    aligned += (64 - (uintptr_t)aligned % 64) % 64;
    memcpy(aligned - sizeof(void *), &raw, sizeof raw);
    return aligned;
}

void tc_free_blocks(void *aligned)
{
    void *raw;
    memcpy(&raw, (char *)aligned - sizeof(void *), sizeof raw);
    free(raw);
}

/* ---- where we are ---- */

void tc_simplify(tc_source *s, tc_source *minus)
{
    enum { ARRAYS = 7 };
    memset(minus, 0, sizeof *minus);
    if (s->minus) {
        *minus = *s->minus;
        s->minus = minus;
    }
    tc_array *arrays[ARRAYS] = {&s->values,     &s->masks[0],     &s->masks[1],    &s->out,
                                &minus->values, &minus->masks[0], &minus->masks[1]};
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

tc_cursor tc_start(const tc_source *s)
{
    tc_cursor c = {.dims = s->dims, .left = 1};
    for (int d = 0; d < s->dims; d++) {
        c.shape[d] = s->shape[d];
        c.left *= s->shape[d];
    }
    return c;
}

tc_cursor tc_start_at(const tc_source *s, size_t first, size_t count)
{
    tc_cursor c = tc_start(s);
    c.left = count;
    for (int d = s->dims - 1; d >= 0; d--) {
        c.at[d] = first % s->shape[d];
        first /= s->shape[d];
    }
    return c;
}

size_t tc_row_left(const tc_cursor *c) { return c->shape[c->dims - 1] - c->at[c->dims - 1]; }

char *tc_address(const tc_cursor *c, const tc_array *a)
{
    char *p = a->data;
    for (int d = 0; d < c->dims; d++)
        p += (ptrdiff_t)c->at[d] * a->strides[d];
    return p;
}

/* By no more than row_left. */
void tc_advance(tc_cursor *c, size_t count)
{
    c->left -= count;
    int d = c->dims - 1;
    c->at[d] += count;
    while (d > 0 && c->at[d] == c->shape[d]) {
        c->at[d--] = 0;
        c->at[d]++;
    }
}

void tc_skip(tc_cursor *c, size_t count)
{
    while (count > 0) {
        size_t run = tc_row_left(c) < count ? tc_row_left(c) : count;
        tc_advance(c, run);
        count -= run;
    }
}

/* ---- copies between arrays and blocks ---- */

void tc_copy_strided(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t count,
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

/* The next `count` elements of `a` from tc_cursor `c` on, densely. */
void tc_gather(tc_cursor c, const tc_array *a, char *to, size_t count, size_t size)
{
    ptrdiff_t stride = a->strides[c.dims - 1];
    while (count > 0) {
        size_t run = tc_row_left(&c) < count ? tc_row_left(&c) : count;
        tc_copy_strided(to, (ptrdiff_t)size, tc_address(&c, a), stride, run, size);
        tc_advance(&c, run);
        to += run * size;
        count -= run;
    }
}

void tc_scatter(tc_cursor c, const tc_array *a, ptrdiff_t offset, const char *from, ptrdiff_t from_stride,
                    size_t count, size_t size)
{
    ptrdiff_t stride = a->strides[c.dims - 1];
    while (count > 0) {
        size_t run = tc_row_left(&c) < count ? tc_row_left(&c) : count;
        tc_copy_strided(tc_address(&c, a) + offset, stride, from, from_stride, run, size);
        tc_advance(&c, run);
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

static void widen_one(const tc_kernels *k, enum tc_dtype dtype, const void *value, void *wide)
{
    if (k->widen[dtype])
        k->widen[dtype](value, wide, 1);
    else
        memcpy(wide, value, tc_value_size[dtype]);
}

const void *tc_load_native(const tc_source *s, const tc_cursor *c, size_t count, tc_load_blocks *b)
{
    size_t size = tc_value_size[s->dtype];
    const void *in_place = tc_address(c, &s->values);
    int dense = tc_row_left(c) >= count && s->values.strides[c->dims - 1] == (ptrdiff_t)size;
    if (dense && !s->swapped && (uintptr_t)in_place % size == 0)
        return in_place;
    tc_gather(*c, &s->values, b->native, count, size);
    if (s->swapped)
        swap_bytes(b->native, count, size);
    return b->native;
}

const uint8_t *tc_load_mask(const tc_source *s, int number, const tc_cursor *c, size_t count, tc_load_blocks *b)
{
    const tc_array *mask = &s->masks[number];
    if (tc_row_left(c) >= count && mask->strides[c->dims - 1] == 1)
        return (const uint8_t *)tc_address(c, mask);
    tc_gather(*c, mask, (char *)b->mask, count, 1);
    return b->mask;
}

const void *tc_load_values(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t count, tc_load_blocks *b)
{
    size_t size = tc_value_size[s->dtype];
    int single = tc_is_single(s->dtype);
    const void *native = tc_load_native(s, c, count, b);
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
            k->clear_equal_u64((double *)b->wide, native, value, count);
        } else if (single) {
            float value;
            widen_one(k, s->dtype == TC_F16 ? TC_F32 : s->dtype, invalid, &value);
            k->clear_equal_f32((float *)b->wide, (float *)b->wide, value, count);
        } else {
            double value;
            widen_one(k, s->dtype, invalid, &value);
            k->clear_equal_f64((double *)b->wide, (double *)b->wide, value, count);
        }
    }
    for (int m = 0; m < 2; m++) {
        if (!s->masks[m].data)
            continue;
        const uint8_t *mask = tc_load_mask(s, m, c, count, b);
        if (single)
            k->clear_masked_f32((float *)b->wide, mask, count);
        else
            k->clear_masked_f64((double *)b->wide, mask, count);
    }
    return b->wide;
}

size_t tc_block_length(const tc_cursor *c)
{
    size_t most = c->left < TC_BLOCK ? c->left : TC_BLOCK;
    size_t row = tc_row_left(c);
    return c->shape[c->dims - 1] >= TC_LONG_ROW && row < most ? row : most;
}

