/* PNG's filters undone: https://www.w3.org/TR/png-3/#9Filters
 *
 * A row is the number of its filter and then its bytes, each less what the filter predicts
 * from three that are known by then:
 *
 *   above:   c b     pixels: the same byte of the one to the left, above, and left above
 *   row:     a x
 *
 * One file for all ISAs: x needs a, so that rows are gone through pixel by pixel, but for
 * the filter Up, which compilers vectorize. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

enum { NONE, SUB, UP, AVERAGE, PAETH };

/* The one of a, b and c that is nearest to a + b - c; the first of those equally near. */
static inline int paeth(int a, int b, int c)
{
    const int to_a = abs(b - c), to_b = abs(a - c), to_c = abs(a + b - 2 * c);
    const int least = to_b < to_a ? to_b : to_a, nearest = to_b < to_a ? b : a;
    return to_c < least ? c : nearest;
}

/* `pixel` is a constant where this is inlined, so that a and c stay in registers. */
static inline void undo(int filter, const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out,
                        size_t size, const size_t pixel)
{
    int a[2] = {0}, c[2] = {0};
    switch (filter) {
    case NONE:
        memcpy(out, row, size);
        break;
    case SUB:
        for (size_t i = 0; i < size; i += pixel)
            for (size_t k = 0; k < pixel; k++)
                a[k] = out[i + k] = (uint8_t)(row[i + k] + a[k]);
        break;
    case UP:
        for (size_t i = 0; i < size; i++)
            out[i] = (uint8_t)(row[i] + above[i]);
        break;
    case AVERAGE:
        for (size_t i = 0; i < size; i += pixel)
            for (size_t k = 0; k < pixel; k++)
                a[k] = out[i + k] = (uint8_t)(row[i + k] + (a[k] + above[i + k]) / 2);
        break;
    case PAETH:
        for (size_t i = 0; i < size; i += pixel)
            for (size_t k = 0; k < pixel; k++) {
                const int b = above[i + k];
                a[k] = out[i + k] = (uint8_t)(row[i + k] + paeth(a[k], b, c[k]));
                c[k] = b;
            }
        break;
    }
}

static void swap_pairs(uint8_t *row, size_t size)
{
    for (size_t i = 0; i < size; i += 2) {
        const uint8_t high = row[i];
        row[i] = row[i + 1];
        row[i + 1] = high;
    }
}

int tc_unfilter(const uint8_t *filtered, size_t count, size_t size, size_t pixel, uint8_t *pixels, size_t first,
                size_t height)
{
    uint8_t *nothing = first == 0 ? calloc(size, 1) : NULL; /* is above the first row */
    if (first == 0 && !nothing)
        return -1;
    uint8_t *out = pixels + first * size, *above = first == 0 ? nothing : out - size;
    int known = 1;
    for (size_t i = 0; i < count && known; i++, filtered += size + 1, above = out, out += size) {
        known = filtered[0] <= PAETH;
        if (pixel == 2)
            undo(filtered[0], filtered + 1, above, out, size, 2);
        else
            undo(filtered[0], filtered + 1, above, out, size, 1);
        if (TC_LITTLE_ENDIAN && pixel == 2) { /* of rows that none needs any more */
            swap_pairs(above, size);
            if (first + i + 1 == height)
                swap_pairs(out, size);
        }
    }
    free(nothing);
    return known ? 0 : -1;
}
