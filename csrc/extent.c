/* Minimum and maximum. */
#include "blocks.h"

#include <math.h>

/* The limits are wanted for colours, which are given from the first value to the last. Here
 * we go through the values from the end, so many at a time: those that were read last, as many
 * as the caches hold, are the first to be read again. */
enum { STRETCH = 1 << 16 };

int tc_extent(const tc_source *source, const tc_kernels *k, double *lo, double *hi)
{
    tc_source s = *source, minus;
    tc_simplify(&s, &minus);
    tc_source_blocks *blocks = tc_new_blocks(sizeof *blocks);
    if (!blocks)
        return -1;
    float lo_f = INFINITY, hi_f = -INFINITY;
    *lo = INFINITY;
    *hi = -INFINITY;
    for (size_t end = tc_start(&s).left; end > 0;) {
        size_t first = (end - 1) / STRETCH * STRETCH;
        for (tc_cursor c = tc_start_at(&s, first, end - first); c.left;) {
            size_t count = tc_block_length(&c);
            const void *x = tc_load(&s, k, &c, count, blocks);
            if (tc_in_single(&s))
                k->extent_f32(x, count, &lo_f, &hi_f);
            else
                k->extent_f64(x, count, lo, hi);
            tc_skip(&c, count);
        }
        end = first;
    }
    if (tc_in_single(&s)) {
        *lo = lo_f;
        *hi = hi_f;
    }
    tc_free_blocks(blocks);
    return 0;
}

