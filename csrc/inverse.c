/* From colors back to values: the walk over pixels, and the memo. */
#include "inverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to 1 MB. */
enum { LEAST_MEMO_BITS = 6, MOST_MEMO_BITS = 16 };

typedef struct {
    double value;
    float distance;
} answer;

typedef struct {
    uint32_t key;
    float distance;
    double value;
} memo_u8;

typedef struct {
    double value;
    float distance;
    uint32_t color[3];
    uint32_t used;
} memo_any;

static int memo_bits(size_t count)
{
    int bits = LEAST_MEMO_BITS;
    while (bits < MOST_MEMO_BITS && (size_t)1 << bits < count)
        bits++;
    return bits;
}

/* A color that is not in the memo. */
static TC_NOINLINE answer resolve(const tc_inverse *j, const tc_kernels *k, const uint32_t *color, const float *levels)
{
    const uint32_t mask = (1u << j->slot_bits) - 1;
    for (uint32_t i = tc_color_hash(color) >> (32 - j->slot_bits);; i = (i + 1) & mask) {
        const tc_slot *slot = &j->slots[i];
        if (slot->row < 0)
            break;
        if (memcmp(slot->color, color, sizeof slot->color) == 0) {
            double value = j->painted[slot->row];
            return (answer){value, value == value ? 0 : NAN};
        }
    }
    float distance, t;
    int32_t s = k->nearest(&j->curve, levels, &distance, &t);
    double value = j->along[s] + (double)t * (j->along[s + 1] - j->along[s]);
    return (answer){distance > j->tolerance ? NAN : value, distance};
}

static inline void put(const tc_inverse *j, size_t i, double value, float distance)
{
    if (j->wide)
        ((double *)j->values)[i] = value;
    else
        ((float *)j->values)[i] = (float)value;
    if (j->distance)
        j->distance[i] = distance;
}

static int walk_u8(const tc_inverse *j, const tc_kernels *k)
{
    const int bits = memo_bits(j->count), r = j->offset[0], g = j->offset[1], b = j->offset[2], a = j->offset[3];
    memo_u8 *memo = malloc(sizeof *memo << bits);
    if (!memo)
        return -1;
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        memo[i].key = UINT32_MAX;
    const uint8_t *p = (const uint8_t *)j->pixels;
    for (size_t i = 0; i < j->count; i++, p += j->channels) {
        if (a >= 0 && p[a] == 0) {
            put(j, i, NAN, NAN);
            continue;
        }
        uint32_t key = p[r] | (uint32_t)p[g] << 8 | (uint32_t)p[b] << 16;
        memo_u8 *m = &memo[key * 0x9E3779B1u >> (32 - bits)];
        if (TC_UNLIKELY(m->key != key)) {
            uint32_t color[3] = {p[r], p[g], p[b]};
            float levels[3] = {p[r], p[g], p[b]};
            answer found = resolve(j, k, color, levels);
            *m = (memo_u8){key, found.distance, found.value};
        }
        put(j, i, m->value, m->distance);
    }
    free(memo);
    return 0;
}

/* One component as it is looked up, and in 8-bit levels. */
static inline float component(const tc_inverse *j, const char *pixel, int offset, uint32_t *bits)
{
    if (j->component == 2) {
        uint16_t level;
        memcpy(&level, pixel + 2 * offset, 2);
        *bits = level;
        return (float)level / 257.0f;
    }
    float level;
    memcpy(&level, pixel + 4 * offset, 4);
    level += 0.0f; /* -0 is 0 */
    memcpy(bits, &level, 4);
    return level * 255.0f;
}

static int walk_any(const tc_inverse *j, const tc_kernels *k)
{
    const int bits = memo_bits(j->count);
    memo_any *memo = calloc((size_t)1 << bits, sizeof *memo);
    if (!memo)
        return -1;
    const char *p = j->pixels;
    for (size_t i = 0; i < j->count; i++, p += j->channels * j->component) {
        uint32_t color[3], alpha;
        float levels[3];
        int nan = 0;
        for (int c = 0; c < 3; c++) {
            levels[c] = component(j, p, j->offset[c], &color[c]);
            nan |= levels[c] != levels[c];
        }
        if (nan || (j->offset[3] >= 0 && !(component(j, p, j->offset[3], &alpha) > 0))) {
            put(j, i, NAN, NAN);
            continue;
        }
        memo_any *m = &memo[tc_color_hash(color) >> (32 - bits)];
        if (!m->used || memcmp(m->color, color, sizeof color) != 0) {
            answer found = resolve(j, k, color, levels);
            *m = (memo_any){found.value, found.distance, {color[0], color[1], color[2]}, 1};
        }
        put(j, i, m->value, m->distance);
    }
    free(memo);
    return 0;
}

int tc_uncolorize(const tc_inverse *job, const tc_kernels *kernels)
{
    return job->component == 1 ? walk_u8(job, kernels) : walk_any(job, kernels);
}
