/* Linear maps of the light of 8-bit pixels, through tables of integers: see
 * turbo_cmap/kernels/projection.py, which makes them and says what they hold.
 *
 * One file for all ISAs: what takes the time is loads, three of 16 bytes (a vector of every
 * ISA) and three of 4 a pixel, from 28 KB that stay in L1. Gathers are no faster than loads. */
#include "kernels.h"

enum { CELL_BITS = 16, BITS = 28, PIXELS = 256 };

void tc_simulate(const uint8_t *restrict rgb, uint8_t *restrict out, size_t count, const tc_projection *projection)
{
    const int32_t one = (int32_t)1 << BITS;
    const int32_t *levels = projection->levels, *fold = projection->fold;
    const int32_t *red = projection->columns, *green = red + 4 * 256, *blue = green + 4 * 256;
    /* Stages of their own, so that sums and clipping are vectors and loads overlap. */
    int32_t sums[4 * PIXELS];
    for (; count > 0; count -= count < PIXELS ? count : PIXELS, rgb += 3 * PIXELS, out += 3 * PIXELS) {
        size_t n = count < PIXELS ? count : PIXELS;
        for (size_t i = 0; i < n; i++) {
            const int32_t *r = red + 4 * rgb[3 * i], *g = green + 4 * rgb[3 * i + 1], *b = blue + 4 * rgb[3 * i + 2];
            for (int k = 0; k < 4; k++)
                sums[4 * i + k] = r[k] + g[k] + b[k];
        }
        if (fold)
            for (size_t i = 0; i < n; i++) {
                int64_t beyond = sums[4 * i + 3] < 0 ? sums[4 * i + 3] : 0;
                for (int k = 0; k < 3; k++)
                    sums[4 * i + k] += (int32_t)(fold[k] * beyond >> BITS); /* towards -infinity */
            }
        for (size_t i = 0; i < 4 * n; i++) {
            int32_t y = sums[i] < 0 ? 0 : sums[i];
            sums[i] = y > one ? one : y;
        }
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                int32_t y = sums[4 * i + k];
                out[3 * i + k] = (uint8_t)((levels[y >> CELL_BITS] + y) >> CELL_BITS);
            }
    }
}
