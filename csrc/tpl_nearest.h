/* The nearest point of a polyline. Included by kernels_tpl.h. */
#include "inverse.h"

typedef struct {
    int32_t bits; /* of the square of the distance: floats that are not negative, in order */
    int32_t segment;
    float t, reach;
} ISA(found);

static inline void ISA(search_chunk)(const struct tc_curve *c, const float *p, size_t chunk, ISA(found) *best)
{
    const size_t n = c->segments, first = chunk * TC_CHUNK;
    const float *ax = c->start + first, *ay = ax + n, *az = ay + n;
    const float *dx = c->step + first, *dy = dx + n, *dz = dy + n, *shrink = c->shrink + first;
    const float px = p[0], py = p[1], pz = p[2];
    _Alignas(64) float t[TC_CHUNK], square[TC_CHUNK];
    _Alignas(64) int32_t bits[TC_CHUNK];
    for (int k = 0; k < TC_CHUNK; k++) {
        float qx = px - ax[k], qy = py - ay[k], qz = pz - az[k];
        float s = ((qx * dx[k] + qy * dy[k]) + qz * dz[k]) * shrink[k];
        s = s > 0 ? s : 0;
        s = s < 1 ? s : 1;
        float ex = qx - s * dx[k], ey = qy - s * dy[k], ez = qz - s * dz[k];
        t[k] = s;
        square[k] = (ex * ex + ey * ey) + ez * ez;
    }
    memcpy(bits, square, sizeof bits);
    int32_t least = bits[0];
    for (int k = 1; k < TC_CHUNK; k++)
        least = bits[k] < least ? bits[k] : least;
    if (least > best->bits || (least == best->bits && (int32_t)first > best->segment))
        return;
    int k = 0;
    while (bits[k] != least)
        k++;
    *best = (ISA(found)){least, (int32_t)first + k, t[k], sqrtf(square[k])};
}

/* Of segments that are equally near the first. `guess` is the chunk to begin with. */
static int32_t ISA(nearest)(const struct tc_curve *c, const float *p, size_t guess, float *distance, float *t)
{
    ISA(found) best = {INT32_MAX, 0, 0, 0};
    ISA(search_chunk)(c, p, guess, &best);
    const float *cx = c->center, *cy = cx + c->balls, *cz = cy + c->balls;
    for (size_t group = 0; group < c->balls; group += TC_GROUP) {
        int32_t near[TC_GROUP], any = 0;
        for (int k = 0; k < TC_GROUP; k++) {
            float x = p[0] - cx[group + k], y = p[1] - cy[group + k], z = p[2] - cz[group + k];
            float reach = best.reach + c->radius[group + k];
            near[k] = (x * x + y * y) + z * z <= reach * reach;
            any |= near[k];
        }
        if (!any)
            continue;
        for (size_t k = 0; k < TC_GROUP; k++)
            if (near[k] && group + k != guess && group + k < c->chunks)
                ISA(search_chunk)(c, p, group + k, &best);
    }
    *distance = best.reach;
    *t = best.t;
    return best.segment;
}
