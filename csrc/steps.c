/* Steps: the cells that an index kernel finds them with, made once a call. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* With few edges the table of floats takes 16 KiB, half of the smallest L1. */
enum { FEW_CELLS = 2048, MOST_CELLS = 1 << 16 };

static int64_t most_cells(const tc_steps *s)
{
    size_t most = 4 * s->count;
    return most < FEW_CELLS ? FEW_CELLS : most > MOST_CELLS ? MOST_CELLS : (int64_t)most;
}

/* ---- one value ---- */

#define STEP(name, T)                                                      \
    static size_t reached_##name(const tc_steps *s, T x)                   \
    {                                                                      \
        const T *edges = s->edges;                                         \
        size_t k = 0;                                                      \
        for (size_t rest = s->count; rest > 0;) {                          \
            size_t half = rest / 2;                                        \
            if (x >= edges[k + half]) {                                    \
                k += half + 1;                                             \
                rest -= half + 1;                                          \
            } else {                                                       \
                rest = half;                                               \
            }                                                              \
        }                                                                  \
        return k;                                                          \
    }                                                                      \
    int32_t tc_step_##name(const tc_steps *s, T x)                         \
    {                                                                      \
        return x != x ? s->bad : s->entries[reached_##name(s, x)];         \
    }
STEP(f32, float)
STEP(f64, double)
#undef STEP

/* ---- cells ---- */

static float edge_at(const tc_steps *s, int single, size_t k)
{
    return single ? ((const float *)s->edges)[k] : (float)((const double *)s->edges)[k];
}

/* As the kernels do it, before the ends are cut off. */
static int32_t cell_of(const tc_steps *s, float x)
{
    float distance = x - s->centre, size = fabsf(distance) + s->width;
    uint32_t bits;
    memcpy(&bits, &size, sizeof bits);
    int32_t t = (int32_t)(bits >> s->shift);
    return distance < 0 ? s->falling - t : t + s->rising;
}

/* The edges first .. end - 1, for which cells are chosen: all but the outermost ones, of which
 * each can have the cells beyond for itself (often it is where all floats end), and others
 * that are not finite. */
static void inner_edges(const tc_steps *s, int single, size_t *first, size_t *end)
{
    *first = s->count > 1;
    *end = s->count - *first;
    while (*first < *end && edge_at(s, single, *first) < -FLT_MAX)
        ++*first;
    while (*first < *end && edge_at(s, single, *end - 1) > FLT_MAX)
        --*end;
}

/* How many cells it takes, with one more at either end, and how many edges share one. */
static int64_t cells_needed(tc_steps *s, int single, size_t first, size_t end)
{
    s->rising = s->falling = 0;
    s->falling = cell_of(s, s->centre); /* t of the centre, where both sides meet */
    s->rising = -s->falling;
    return (int64_t)cell_of(s, edge_at(s, single, end - 1)) - cell_of(s, edge_at(s, single, first)) + 3;
}

static size_t crowded(const tc_steps *s, int single, size_t first, size_t end)
{
    size_t together = 0;
    int32_t cell = 0;
    float edge = 0;
    for (size_t k = first; k < end; k++) {
        float next = edge_at(s, single, k);
        int32_t own = cell_of(s, next);
        together += k > first && own == cell && next != edge;
        cell = own;
        edge = next;
    }
    return together;
}

/* Centre, width and shift: cells around the two closest edges are no wider than what is
 * between them. From coarse to fine until no cell has more than one edge; where cells would
 * be too many, the width grows. */
static void choose(tc_steps *s, int single)
{
    size_t first, end, best = SIZE_MAX;
    tc_steps chosen;
    inner_edges(s, single, &first, &end);
    s->centre = 0;
    s->width = 1;
    s->shift = 23;
    s->rising = s->falling = 0;
    s->last = 2;
    if (first == end)
        return;
    float gap = FLT_MAX;
    s->centre = edge_at(s, single, first);
    for (size_t k = first + 1; k < end; k++) {
        float here = edge_at(s, single, k) - edge_at(s, single, k - 1);
        if (here > 0 && here < gap) {
            gap = here;
            s->centre = edge_at(s, single, k - 1);
        }
    }
    chosen = *s;
    for (int digits = 1; digits <= 9 && best > 0; digits++) { /* of the mantissa, in the cell */
        s->shift = 23 - digits;
        s->width = fminf(fmaxf(ldexpf(gap, digits), 0x1p-100f), 0x1p+100f);
        while (cells_needed(s, single, first, end) > most_cells(s) && s->width < 0x1p+120f)
            s->width *= 4;
        if (cells_needed(s, single, first, end) > most_cells(s))
            continue;
        size_t together = crowded(s, single, first, end);
        if (together < best) {
            best = together;
            chosen = *s;
        }
    }
    *s = chosen;
    s->last = (int32_t)cells_needed(s, single, first, end) - 1;
    const int32_t move = 1 - cell_of(s, edge_at(s, single, first)); /* the first edge is in cell 1 */
    s->rising += move;
    s->falling += move;
}

/* Whether all values of a cell that are on one side of one edge have one entry: k edges are
 * below the cell and those up to `end` in it. */
#define CELLS(name, T, cell_type, entry_type)                                                     \
    static void fill_##name(tc_steps *s)                                                          \
    {                                                                                             \
        const T *edges = s->edges;                                                                \
        cell_type *cells = s->cells;                                                              \
        size_t k = 0;                                                                             \
        for (int32_t cell = 0; cell <= s->last; cell++) {                                         \
            size_t end = k;                                                                       \
            int32_t own = 0;                                                                      \
            while (end < s->count) {                                                              \
                own = cell_of(s, (float)edges[end]);                                              \
                own = own < 0 ? 0 : own > s->last ? s->last : own;                                \
                if (own != cell)                                                                  \
                    break;                                                                        \
                end++;                                                                            \
            }                                                                                     \
            const int several = end > k && edges[k] != edges[end - 1];                            \
            cells[cell].edge = end > k ? edges[k] : (T)NAN;                                       \
            cells[cell].below = (entry_type)(several ? TC_SEVERAL : s->entries[k]);               \
            cells[cell].above = (entry_type)(several ? TC_SEVERAL : s->entries[end]);             \
            k = end;                                                                              \
        }                                                                                         \
    }
CELLS(f32, float, tc_cell_f32, uint16_t)
CELLS(f64, double, tc_cell_f64, int32_t)
#undef CELLS

/* Edges that change nothing are left out. */
static void merge(tc_steps *s, int single, const void *edges, const int32_t *codes, size_t count, const tc_scale *scale)
{
    const size_t size = single ? sizeof(float) : sizeof(double);
    s->count = 0;
    for (size_t k = 0; k <= count; k++) {
        const int32_t code = codes[k];
        const int32_t entry = code >= 0 ? code : code == TC_CODE_UNDER ? scale->under : code == TC_CODE_OVER ? scale->over : scale->bad;
        if (k > 0 && entry == s->entries[s->count])
            continue;
        if (k > 0)
            memcpy((char *)s->edges + size * s->count++, (const char *)edges + size * (k - 1), size);
        s->entries[s->count] = entry;
    }
}

int tc_steps_init(tc_steps *s, int single, const void *edges, const int32_t *codes, size_t count, const tc_scale *scale)
{
    memset(s, 0, sizeof *s);
    s->bad = scale->bad;
    s->edges = malloc((count + 1) * sizeof(double));
    s->entries = malloc((count + 1) * sizeof *s->entries);
    if (!s->edges || !s->entries) {
        tc_steps_free(s);
        return -1;
    }
    merge(s, single, edges, codes, count, scale);
    if (scale->n + 3 > TC_SEVERAL)
        return 0;
    choose(s, single);
    s->cells = malloc((size_t)(s->last + 1) * (single ? sizeof(tc_cell_f32) : sizeof(tc_cell_f64)));
    if (!s->cells) {
        tc_steps_free(s);
        return -1;
    }
    (single ? fill_f32 : fill_f64)(s);
    return 0;
}

void tc_steps_free(tc_steps *s)
{
    free(s->cells);
    free(s->entries);
    free(s->edges);
    memset(s, 0, sizeof *s);
}
