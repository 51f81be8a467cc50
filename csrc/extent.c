/* Minimum and maximum. */
#include "blocks.h"

#include <math.h>

/* The limits are wanted for colors, which are given from the first value to the last. Here
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
    const int in_single = tc_in_single(&s), clears = s.masks[0].data || s.masks[1].data || s.invalid_count;
    const int in_integers = (s.dtype == TC_I32 || s.dtype == TC_U32) && !s.minus && !clears;
    const int32_t turn = s.dtype == TC_U32 ? INT32_MIN : 0; /* as in tc_integer_scale */
    float lo_f = INFINITY, hi_f = -INFINITY;
    int32_t lo_i = INT32_MAX, hi_i = INT32_MIN;
    *lo = INFINITY;
    *hi = -INFINITY;
    for (size_t end = tc_start(&s).left; end > 0;) {
        size_t first = (end - 1) / STRETCH * STRETCH;
        for (tc_cursor c = tc_start_at(&s, first, end - first); c.left;) {
            size_t count = tc_block_length(&c);
            const void *x = in_integers ? tc_load_native(&s, &c, count, &blocks->values) : tc_load(&s, k, &c, count, blocks);
            if (in_integers)
                k->extent_i32(x, count, turn, &lo_i, &hi_i);
            else if (in_single)
                k->extent_f32(x, count, &lo_f, &hi_f);
            else
                k->extent_f64(x, count, lo, hi);
            tc_skip(&c, count);
        }
        end = first;
    }
    if (in_single) {
        *lo = lo_f;
        *hi = hi_f;
    } else if (in_integers && lo_i <= hi_i) {
        *lo = lo_i - (double)turn;
        *hi = hi_i - (double)turn;
    }
    tc_free_blocks(blocks);
    return 0;
}

