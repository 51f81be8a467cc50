/* Minimum and maximum. */
#include "blocks.h"

#include <math.h>

int tc_extent(const tc_source *source, const tc_kernels *k, double *lo, double *hi)
{
    tc_source s = *source;
    tc_simplify(&s);
    tc_load_blocks *blocks = tc_new_blocks(sizeof *blocks);
    if (!blocks)
        return -1;
    float lo_f = INFINITY, hi_f = -INFINITY;
    *lo = INFINITY;
    *hi = -INFINITY;
    for (tc_cursor c = tc_start(&s); c.left;) {
        size_t count = tc_block_length(&c);
        const void *x = tc_load(&s, k, &c, count, blocks);
        if (tc_is_single(s.dtype))
            k->extent_f32(x, count, &lo_f, &hi_f);
        else
            k->extent_f64(x, count, lo, hi);
        tc_skip(&c, count);
    }
    if (tc_is_single(s.dtype)) {
        *lo = lo_f;
        *hi = hi_f;
    }
    tc_free_blocks(blocks);
    return 0;
}

