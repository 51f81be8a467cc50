/* From colors back to positions: the nearest point of a polyline in RGB.
 *
 * A pixel whose color is one of those that were painted has the value of that color; any
 * other the value of the nearest point of the polyline. Neighbouring pixels are often equal
 * and colors come again, so what was found is kept in a memo by color, for the call.
 *
 * Distances are in 8-bit levels, in float, every operation rounded once. The truth that all
 * rows equal in every bit is turbo_cmap/kernels/reference_inverse.py. */
#ifndef TC_INVERSE_H
#define TC_INVERSE_H

#include "kernels.h"

/* Segments are searched in chunks, of which there are at most 64; a chunk is a multiple of
 * TC_RUN segments. Segments are padded to whole chunks with points at the end. The RGB cube
 * is cut into TC_CELLS cells along each edge. */
enum { TC_RUN = 16, TC_MOST_CHUNKS = 64, TC_CELLS = 16 };

struct tc_polyline {
    /* Segments: where each starts, where it goes, 1 / length^2 or 0; x, y, z are planes. */
    const float *start, *step, *shrink;
    size_t segments, chunk, chunks;
    /* Balls around chunks, with a margin for rounding; x, y, z are planes. */
    const float *center, *radius;
    /* Of each cell of the RGB cube, R slowest: the chunks that may be nearest to a point in
     * it, as bits, and the one to begin with. */
    const uint64_t *near;
    const uint8_t *first;
};

/* Open addressing with steps of one; colors as they are in the pixels, floats as bits. */
typedef struct {
    uint32_t color[3];
    int32_t row; /* of `painted`; below 0 where the slot is free */
} tc_slot;

typedef struct {
    const char *pixels; /* dense */
    size_t count;
    int component; /* bytes: 1, 2, or 4 for float */
    int channels;
    int offset[4]; /* where R, G, B, A stand in a pixel; A below 0 where there is none */
    struct tc_polyline curve;
    const double *along;   /* values at the ends of segments: segments + 1 */
    const tc_slot *slots;
    int slot_bits;
    const double *painted; /* values of colors that were painted */
    double tolerance;      /* what is farther away is NaN */
    void *values;          /* float or double */
    int wide;              /* double */
    float *distance;       /* or NULL */
} tc_inverse;

/* Where colors are looked for first; also in kernels/inverse_tables.py. The multipliers are
 * primes of xxHash (Yann Collet, BSD-2-Clause). */
static inline uint32_t tc_color_hash(const uint32_t *color)
{
    return color[0] * 0x9E3779B1u ^ color[1] * 0x85EBCA77u ^ color[2] * 0xC2B2AE3Du;
}

/* 0, or -1 when there is no memory. */
int tc_uncolorize(const tc_inverse *job, const tc_kernels *kernels);

#endif
