/* Walking over arrays block by block.
 *
 * A block is up to TC_BLOCK consecutive values of a job in C order. Where rows are long, a
 * block stays within one row and is used in place if the row is dense; where they are
 * short, a block is gathered from several. Either way the kernels see dense blocks. */
#ifndef TC_BLOCKS_H
#define TC_BLOCKS_H

#include "kernels.h"

extern const uint8_t tc_value_size[TC_DTYPES];
extern const uint8_t tc_component_size[TC_COMPONENTS];
/* Whether values of the type are computed in float. */
int tc_is_single(enum tc_dtype dtype);

void *tc_new_blocks(size_t size);
void tc_free_blocks(void *blocks);

/* Where we are. */
typedef struct {
    int dims;
    size_t shape[TC_MAX_DIMS], at[TC_MAX_DIMS];
    size_t left;
} tc_cursor;

/* Leave out dimensions of 1 and join those that are one in every array, so that dense
 * arrays of any shape are one long row. To be done first, to a copy; `minus` becomes one of
 * what is subtracted, if anything is. */
void tc_simplify(tc_source *s, tc_source *minus);
tc_cursor tc_start(const tc_source *s);
/* The same for `count` values from the first-th on. */
tc_cursor tc_start_at(const tc_source *s, size_t first, size_t count);
/* Values until the end of the row, and in the next block. */
size_t tc_row_left(const tc_cursor *c);
size_t tc_block_length(const tc_cursor *c);
char *tc_address(const tc_cursor *c, const tc_array *a);
/* By any number of values; tc_advance by no more than tc_row_left. */
void tc_skip(tc_cursor *c, size_t count);
void tc_advance(tc_cursor *c, size_t count);

void tc_copy_strided(char *to, ptrdiff_t to_stride, const char *from, ptrdiff_t from_stride, size_t count, size_t size);
/* The next `count` elements of an array, densely; and back, one channel of them. */
void tc_gather(tc_cursor c, const tc_array *a, char *to, size_t count, size_t size);
void tc_scatter(tc_cursor c, const tc_array *a, ptrdiff_t offset, const char *from, ptrdiff_t from_stride, size_t count,
                size_t size);

typedef struct {
    _Alignas(64) char native[TC_BLOCK * 8];
    _Alignas(64) char wide[TC_BLOCK * 8];
    _Alignas(64) uint8_t mask[TC_BLOCK];
} tc_load_blocks;

/* The same for what may be a difference. */
typedef struct {
    tc_load_blocks values, minus;
    _Alignas(64) char difference[TC_BLOCK * 8];
} tc_source_blocks;

/* The next values in native order, in place where they are dense and aligned. */
const void *tc_load_native(const tc_source *s, const tc_cursor *c, size_t count, tc_load_blocks *b);
/* Their `number`-th mask, densely. */
const uint8_t *tc_load_mask(const tc_source *s, int number, const tc_cursor *c, size_t count, tc_load_blocks *b);
/* The next values as dense float or double, NaN where they do not count. */
const void *tc_load_values(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t count, tc_load_blocks *b);
/* The same, less what is subtracted. */
const void *tc_load(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t count, tc_source_blocks *b);

#endif
