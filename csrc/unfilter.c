/* PNG's filters undone: https://www.w3.org/TR/png-3/#9Filters
 *
 * A row is the number of its filter and then its bytes, each less what the filter predicts
 * from three that are known by then:
 *
 *   above:   c b     pixels: the same byte of the one to the left, above, and left above
 *   row:     a x
 *
 * x needs a, so that a row is gone through pixel by pixel, but for the filter Up, which
 * compilers vectorize. Paeth, the slowest and where values are smooth the most frequent, is
 * undone in several rows at once, with what every x86-64 has. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define PAETH_LANES 8
#else
#define PAETH_LANES 1
#endif

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

#if PAETH_LANES > 1

static inline __m128i absolute(__m128i x) { return _mm_max_epi16(x, _mm_sub_epi16(_mm_setzero_si128(), x)); }

static inline __m128i choose(__m128i mask, __m128i x, __m128i y)
{
    return _mm_or_si128(_mm_and_si128(mask, x), _mm_andnot_si128(mask, y));
}

static inline unsigned load_pixel(const uint8_t *from, const size_t pixel)
{
    uint16_t both;
    if (pixel == 1)
        return *from;
    memcpy(&both, from, 2);
    return both;
}

static inline void store_pixel(uint8_t *to, unsigned bytes, const size_t pixel)
{
    const uint16_t both = (uint16_t)bytes;
    if (pixel == 1)
        *to = (uint8_t)bytes;
    else
        memcpy(to, &both, 2);
}

/* What the rows of `paeth_rows` know at a step: 16 bits for each byte of each row's pixel. */
typedef struct {
    __m128i a, c;
} steps;

/* Each row is a pixel behind the one above it, so that this one has b and c for it:
 *
 *   step t:   row 0 at pixel t, row 1 at t - 1, row 2 at t - 2 ...
 *
 * At the ends, some rows have no pixel (`whole` is 0). Before its first, a row's bytes are 0,
 * which makes a and c 0 as they have to be; after its last, they do not matter. */
static inline void paeth_step(steps *at, const uint8_t *filtered, const uint8_t *above, uint8_t *out, size_t size,
                              const size_t pixel, size_t t, const int whole)
{
    const size_t rows = PAETH_LANES / pixel, length = size / pixel;
    uint64_t bytes = 0;
    for (size_t r = 0; r < rows; r++)
        if (whole || (t >= r && t - r < length))
            bytes |= (uint64_t)load_pixel(filtered + r * (size + 1) + 1 + (t - r) * pixel, pixel) << 8 * r * pixel;
    const int top = whole || t < length ? (int)load_pixel(above + t * pixel, pixel) : 0;
    const __m128i zero = _mm_setzero_si128(), a = at->a, c = at->c;
    const __m128i shifted = pixel == 2 ? _mm_slli_si128(a, 4) : _mm_slli_si128(a, 2);
    const __m128i b = _mm_or_si128(shifted, _mm_unpacklo_epi8(_mm_cvtsi32_si128(top), zero));
    const __m128i b_c = _mm_sub_epi16(b, c), a_c = _mm_sub_epi16(a, c);
    const __m128i to_a = absolute(b_c), to_b = absolute(a_c), to_c = absolute(_mm_add_epi16(b_c, a_c));
    const __m128i nearest = choose(_mm_cmplt_epi16(to_b, to_a), b, a);
    const __m128i predicted = choose(_mm_cmplt_epi16(to_c, _mm_min_epi16(to_a, to_b)), c, nearest);
    const __m128i x = _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)&bytes), zero);
    at->a = _mm_and_si128(_mm_add_epi16(x, predicted), _mm_set1_epi16(255));
    at->c = b;
    _mm_storel_epi64((__m128i *)&bytes, _mm_packus_epi16(at->a, zero));
    for (size_t r = 0; r < rows; r++)
        if (whole || (t >= r && t - r < length))
            store_pixel(out + r * size + (t - r) * pixel, (unsigned)(bytes >> 8 * r * pixel), pixel);
}

static inline void paeth_rows(const uint8_t *filtered, const uint8_t *above, uint8_t *out, size_t size,
                              const size_t pixel)
{
    const size_t behind = PAETH_LANES / pixel - 1, length = size / pixel;
    steps at = {_mm_setzero_si128(), _mm_setzero_si128()};
    size_t t = 0;
    for (; t < behind; t++)
        paeth_step(&at, filtered, above, out, size, pixel, t, 0);
    for (; t < length; t++)
        paeth_step(&at, filtered, above, out, size, pixel, t, 1);
    for (; t < length + behind; t++)
        paeth_step(&at, filtered, above, out, size, pixel, t, 0);
}

#endif

/* A row of uint16, the high bytes first, in the order of this machine. */
static void to_native(uint8_t *row, size_t size)
{
    for (size_t i = 0; TC_LITTLE_ENDIAN && i < size; i += 2) {
        const uint8_t high = row[i];
        row[i] = row[i + 1];
        row[i + 1] = high;
    }
}

/* How many rows, from this one on, are undone together. */
static size_t together(const uint8_t *filtered, size_t count, size_t size, size_t pixel)
{
    const size_t most = PAETH_LANES / pixel;
    if (most < 2 || count < most)
        return 1;
    for (size_t r = 0; r < most; r++)
        if (filtered[r * (size + 1)] != PAETH)
            return 1;
    return most;
}

/* `pixel` is a constant here as well. */
static inline int undo_all(const uint8_t *filtered, size_t count, uint8_t *above, uint8_t *out, size_t size,
                           const size_t pixel, int ends)
{
    while (count > 0) {
        if (filtered[0] > PAETH)
            return -1;
        size_t rows = together(filtered, count, size, pixel);
#if PAETH_LANES > 1
        if (rows > 1)
            paeth_rows(filtered, above, out, size, pixel);
        else
#endif
            undo(filtered[0], filtered + 1, above, out, size, pixel);
        for (count -= rows; rows > 0; rows--, filtered += size + 1, above = out, out += size)
            if (pixel == 2)
                to_native(above, size); /* no filter needs it any more */
    }
    if (pixel == 2 && ends)
        to_native(above, size);
    return 0;
}

int tc_unfilter(const uint8_t *filtered, size_t count, size_t size, size_t pixel, uint8_t *pixels, size_t first,
                size_t height)
{
    uint8_t *out = pixels + first * size;
    uint8_t *nothing = first == 0 ? calloc(size, 1) : NULL; /* is above the first row */
    uint8_t *above = first == 0 ? nothing : out - size;
    const int ends = count > 0 && first + count == height;
    int status = -1;
    if (above && pixel == 2)
        status = undo_all(filtered, count, above, out, size, 2, ends);
    else if (above)
        status = undo_all(filtered, count, above, out, size, 1, ends);
    free(nothing);
    return status;
}
