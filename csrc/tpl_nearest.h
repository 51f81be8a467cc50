/* The nearest point of a polyline. Included by kernels_tpl.h. */
#include "inverse.h"

/* What each lane has found: squares of distances, places along segments, segments. */
typedef struct {
    vf square, t;
    vi segment;
} ISA(found);

/* The segments from `s` on, one a lane. Of equally near ones a lane keeps the one that it
 * had, or takes the new one. */
static inline void ISA(search)(const struct tc_polyline *c, const vf *p, size_t s, int takes_equal, ISA(found) *best)
{
    const size_t n = c->segments;
    const float *start = c->start + s, *step = c->step + s;
    vf dx = vf_load(step), dy = vf_load(step + n), dz = vf_load(step + 2 * n);
    vf qx = vf_sub(p[0], vf_load(start)), qy = vf_sub(p[1], vf_load(start + n)), qz = vf_sub(p[2], vf_load(start + 2 * n));
    vf along = vf_add(vf_add(vf_mul(qx, dx), vf_mul(qy, dy)), vf_mul(qz, dz));
    vf t = vf_min(vf_max(vf_mul(along, vf_load(c->shrink + s)), vf_set(0)), vf_set(1));
    vf ex = vf_sub(qx, vf_mul(t, dx)), ey = vf_sub(qy, vf_mul(t, dy)), ez = vf_sub(qz, vf_mul(t, dz));
    vf square = vf_add(vf_add(vf_mul(ex, ex), vf_mul(ey, ey)), vf_mul(ez, ez));
    static const int32_t lanes[TC_RUN] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    vi segment = vi_add(vi_load(lanes), vi_set((int32_t)s));
    if (takes_equal) {
        vm worse = vf_gt(square, best->square);
        best->t = vf_select(worse, best->t, t);
        best->segment = vi_select(worse, best->segment, segment);
        best->square = vf_select(worse, best->square, square);
    } else {
        vm better = vf_lt(square, best->square);
        best->t = vf_select(better, t, best->t);
        best->segment = vi_select(better, segment, best->segment);
        best->square = vf_select(better, square, best->square);
    }
}

static inline float ISA(least)(vf square)
{
    float lane[LANES];
    vf_store(lane, square);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            lane[k] = lane[k] < lane[k + half] ? lane[k] : lane[k + half];
    return lane[0];
}

static inline int ISA(in_reach)(const struct tc_polyline *c, const float *p, size_t chunk, float distance)
{
    const float *center = c->center + chunk;
    float x = p[0] - center[0], y = p[1] - center[c->chunks], z = p[2] - center[2 * c->chunks];
    float reach = distance + c->radius[chunk];
    return (x * x + y * y) + z * z <= reach * reach;
}

static inline size_t ISA(cell)(float level) { return level >= 16 ? level < 256 ? (size_t)level / 16 : 15 : 0; }

/* Of segments that are equally near the first. From the chunk that the cell says down, and
 * then up, so that each lane meets them in order. */
static int32_t ISA(nearest)(const struct tc_polyline *c, const float *p, float *distance, float *t)
{
    const size_t cell = (ISA(cell)(p[0]) * TC_CELLS + ISA(cell)(p[1])) * TC_CELLS + ISA(cell)(p[2]);
    const size_t first = c->first[cell], size = c->chunk;
    const uint64_t near = c->near[cell];
    const vf point[3] = {vf_set(p[0]), vf_set(p[1]), vf_set(p[2])};
    ISA(found) best = {vf_set(INFINITY), vf_set(0), vi_set(0)};
    for (size_t s = first * size; s < (first + 1) * size; s += LANES)
        ISA(search)(c, point, s, 0, &best);
    const float so_far = sqrtf(ISA(least)(best.square));
    for (size_t k = first; k-- > 0 && near << (63 - k);)
        if (near >> k & 1 && ISA(in_reach)(c, p, k, so_far))
            for (size_t s = (k + 1) * size; s > k * size;)
                ISA(search)(c, point, s -= LANES, 1, &best);
    for (size_t k = first + 1; k < c->chunks && near >> k; k++)
        if (near >> k & 1 && ISA(in_reach)(c, p, k, so_far))
            for (size_t s = k * size; s < (k + 1) * size; s += LANES)
                ISA(search)(c, point, s, 0, &best);

    float square[LANES], along[LANES];
    int32_t segment[LANES], found = INT32_MAX;
    vf_store(square, best.square);
    vf_store(along, best.t);
    vi_store(segment, best.segment);
    const float least = ISA(least)(best.square);
    for (int k = 0; k < LANES; k++)
        found = square[k] == least && segment[k] < found ? segment[k] : found;
    *distance = sqrtf(least);
    *t = along[(size_t)found % LANES];
    return found;
}
