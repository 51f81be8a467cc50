/* Values to table indices and positions. See kernels_tpl.h. */

/* ---- index ---- */

/* The truth, on values from lowest to highest, `WIDTH` at a time. Apart from the rest, so
 * that it costs the usual way nothing. Where vmin and range are floats, float operations
 * give the same: rounding a double's difference or quotient of floats to float is as good
 * as one rounding (Figueroa 1995). */
enum { ISA(WIDTH) = 2 * LANES };

static TC_NOINLINE void ISA(exact_f32)(const float *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin, range = scale->range;
    const float n = (float)scale->n;
    const int32_t last = scale->n - 1;
    if (scale->float_ends) {
        const float vmin_f = (float)vmin, range_f = (float)range;
        for (int i = 0; i < ISA(WIDTH); i++) {
            int32_t at = (int32_t)((x[i] - vmin_f) / range_f * n);
            index[i] = at < last ? at : last;
        }
        return;
    }
    for (int i = 0; i < ISA(WIDTH); i++) {
        float d = (float)(x[i] * prescale - vmin);
        float q = (float)(d / range);
        int32_t at = (int32_t)(q * n);
        index[i] = at < last ? at : last;
    }
}

static TC_NOINLINE void ISA(exact_f64)(const double *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin, range = scale->range, n = scale->n;
    const double lowest = scale->lowest, highest = scale->highest;
    const int32_t last = scale->n - 1;
    for (int i = 0; i < ISA(WIDTH); i++) {
        double inside = x[i] >= lowest ? x[i] : lowest; /* NaN too */
        inside = inside <= highest ? inside : highest;
        int32_t at = (int32_t)((inside * prescale - vmin) / range * n);
        index[i] = at < last ? at : last;
    }
}

/* Indices of two vectors of x - origin, and whether both bounds agree
 * on all of them. */
typedef struct {
    vi i0, i1;
    int agree;
} ISA(bounded);

static inline ISA(bounded) ISA(bound)(vf x0, vf x1, const tc_scale *s)
{
    const vf step = vf_set(s->step), low_offset = vf_set(s->low_offset), high_offset = vf_set(s->high_offset);
    const vi last = vi_set(s->n - 1);
    vi i0 = vf_trunc(vf_fma(x0, step, low_offset)), i1 = vf_trunc(vf_fma(x1, step, low_offset));
    vi upper0 = vi_min(vf_trunc(vf_fma(x0, step, high_offset)), last);
    vi upper1 = vi_min(vf_trunc(vf_fma(x1, step, high_offset)), last);
    ISA(bounded) result = {i0, i1, !vm_any(vm_or(vi_ne(i0, upper0), vi_ne(i1, upper1)))};
    return result;
}

static inline vf ISA(clamp)(vf x, const tc_scale *s)
{
    return vf_min(vf_max(x, vf_set(s->lowest_f)), vf_set(s->highest_f)); /* NaN becomes lowest */
}

/* The truth for any value on a mirrored scale. */
#define MIRRORED(name, T)                                                                              \
    static inline int32_t ISA(mirrored_##name)(T x, const tc_scale *s)                                 \
    {                                                                                                  \
        const double d = x * s->prescale - s->vmin;                                                    \
        const T size = (T)(d < 0 ? -d : d), q = (T)(size / s->range);                                  \
        const T y = (T)(q * (T)(s->n / 2.0));                                                          \
        const int below = x * s->prescale < s->vmin;                                                   \
        if (x != x)                                                                                    \
            return s->bad;                                                                             \
        if (size == 0)                                                                                 \
            return below ? s->down : s->up;                                                            \
        if (y > (T)(s->n / 2.0))                                                                       \
            return below ? s->under : s->over;                                                         \
        int32_t m = (int32_t)(T)(y + (T)s->bias);                                                      \
        m = m < s->steps ? m : s->steps;                                                               \
        return below ? s->down - m : s->up + m;                                                        \
    }                                                                                                  \
    static TC_NOINLINE void ISA(mirrored_all_##name)(const T *x, int32_t *index, size_t count,         \
                                                     const tc_scale *s)                                \
    {                                                                                                  \
        for (size_t i = 0; i < count; i++)                                                             \
            index[i] = ISA(mirrored_##name)(x[i], s);                                                  \
    }
MIRRORED(f32, float)
MIRRORED(f64, double)
#undef MIRRORED

static inline void ISA(index_vectors_f32)(const float *x, int32_t *index, const tc_scale *s, int plain,
                                          int mirrored)
{
    const vf x0 = vf_load(x), x1 = vf_load(x + LANES), inside0 = ISA(clamp)(x0, s), inside1 = ISA(clamp)(x1, s);
    const vf origin = vf_set(s->origin_f);
    ISA(bounded) at = ISA(bound)(vf_sub(inside0, origin), vf_sub(inside1, origin), s);
    if (TC_UNLIKELY(!at.agree) && mirrored) {
        ISA(mirrored_all_f32)(x, index, ISA(WIDTH), s);
        return;
    }
    if (TC_UNLIKELY(!at.agree)) {
        float in[ISA(WIDTH)];
        int32_t out[ISA(WIDTH)];
        vf_store(in, inside0);
        vf_store(in + LANES, inside1);
        ISA(exact_f32)(in, out, s);
        at.i0 = vi_load(out);
        at.i1 = vi_load(out + LANES);
    }
    if (!plain) {
        const vf lowest = vf_set(s->lowest_f), highest = vf_set(s->highest_f);
        const vi under = vi_set(s->under), over = vi_set(s->over);
        at.i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, at.i0));
        at.i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, at.i1));
    }
    const vi bad = vi_set(s->bad);
    vi_store(index, vi_select(vf_unordered(x0), bad, at.i0));
    vi_store(index + LANES, vi_select(vf_unordered(x1), bad, at.i1));
}

/* Doubles are bounded as floats, and those that are not certain computed as doubles. */
static inline void ISA(index_vectors_f64)(const double *x, int32_t *index, const tc_scale *s, int plain,
                                          int mirrored)
{
    const vf u0 = vf_from_f64(x, s->origin), u1 = vf_from_f64(x + LANES, s->origin);
    ISA(bounded) at = ISA(bound)(ISA(clamp)(u0, s), ISA(clamp)(u1, s), s);
    if (TC_UNLIKELY(!at.agree) && mirrored) {
        ISA(mirrored_all_f64)(x, index, ISA(WIDTH), s);
        return;
    }
    vi_store(index, at.i0);
    vi_store(index + LANES, at.i1);
    if (TC_UNLIKELY(!at.agree))
        ISA(exact_f64)(x, index, s);
    if (plain) {
        const vi bad = vi_set(s->bad);
        vi_store(index, vi_select(vf_unordered(u0), bad, vi_load(index)));
        vi_store(index + LANES, vi_select(vf_unordered(u1), bad, vi_load(index + LANES)));
        return;
    }
    for (int i = 0; i < ISA(WIDTH); i++) { /* as doubles: as floats many are one */
        int32_t value = index[i];
        value = x[i] < s->lowest ? s->under : value;
        value = x[i] > s->highest ? s->over : value;
        index[i] = x[i] != x[i] ? s->bad : value;
    }
}

/* All whole groups, if there are bounds; how many values that were. */
#define INDEX_BOUNDED(name, T)                                                                             \
    static inline size_t ISA(index_bounded_##name)(const T *x, int32_t *index, size_t count,               \
                                                   const tc_scale *s, int mirrored)                        \
    {                                                                                                      \
        size_t i = 0;                                                                                      \
        if (s->bounded && s->plain)                                                                        \
            for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                               \
                ISA(index_vectors_##name)(x + i, index + i, s, 1, mirrored);                               \
        else if (s->bounded)                                                                               \
            for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                               \
                ISA(index_vectors_##name)(x + i, index + i, s, 0, mirrored);                               \
        return i;                                                                                          \
    }
INDEX_BOUNDED(f32, float)
INDEX_BOUNDED(f64, double)
#undef INDEX_BOUNDED

/* A tail, and all values where there are no bounds, go one padded group at a time. */
#define INDEX(name, T)                                                                                     \
    static void ISA(index_##name)(const T *x, int32_t *index, size_t count, const tc_scale *scale)         \
    {                                                                                                      \
        const tc_scale s = *scale; /* a copy that no store can be seen to change */                        \
        const int32_t last = s.n - 1;                                                                      \
        size_t i = ISA(index_bounded_##name)(x, index, count, &s, 0);                                      \
        for (; i < count; i += ISA(WIDTH)) {                                                               \
            T inside[ISA(WIDTH)];                                                                          \
            int32_t at[ISA(WIDTH)] = {0};                                                                  \
            const size_t group = count - i < ISA(WIDTH) ? count - i : ISA(WIDTH);                          \
            for (size_t k = 0; k < ISA(WIDTH); k++) {                                                      \
                T v = x[i + (k < group ? k : 0)];                                                          \
                v = v >= (T)s.lowest ? v : (T)s.lowest;                                                    \
                inside[k] = v <= (T)s.highest ? v : (T)s.highest;                                          \
            }                                                                                              \
            if (s.range != 0)                                                                              \
                ISA(exact_##name)(inside, at, &s);                                                         \
            for (size_t k = 0; k < group; k++) {                                                           \
                const T v = x[i + k];                                                                      \
                int32_t value = at[k] < last ? at[k] : last;                                               \
                value = v < (T)s.lowest ? s.under : value;                                                 \
                value = v > (T)s.highest ? s.over : value;                                                 \
                index[i + k] = v != v ? s.bad : value;                                                     \
            }                                                                                              \
        }                                                                                                  \
    }
INDEX(f32, float)
INDEX(f64, double)
#undef INDEX

/* ---- index on a mirrored scale ---- */

static inline vi ISA(mirror)(vi m, vm below, const tc_scale *s)
{
    return vi_select(below, vi_sub(vi_set(s->down), m), vi_add(vi_set(s->up), m));
}

static inline vf ISA(distance)(vf x, const tc_scale *s) { return vf_abs(vf_sub(x, vf_set(s->origin_f))); }

static void ISA(index_mirrored_f32)(const float *x, int32_t *index, size_t count, const tc_scale *scale)
{
    const tc_scale s = *scale;
    tc_scale half = s; /* for the bounds of m */
    half.n = s.steps + 1;
    size_t i = 0;
    if (!s.bounds_steps)
        i = ISA(index_bounded_f32)(x, index, count, &s, 1);
    else if (s.bounded)
        for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH)) {
            const vf x0 = vf_load(x + i), x1 = vf_load(x + i + LANES);
            const vf inside0 = ISA(clamp)(x0, &s), inside1 = ISA(clamp)(x1, &s);
            ISA(bounded) m = ISA(bound)(ISA(distance)(inside0, &s), ISA(distance)(inside1, &s), &half);
            if (TC_UNLIKELY(!m.agree)) {
                ISA(mirrored_all_f32)(x + i, index + i, ISA(WIDTH), &s);
                continue;
            }
            const vf beyond = vf_set(s.beyond_f), lowest = vf_set(s.lowest_f), highest = vf_set(s.highest_f);
            const vi under = vi_set(s.under), over = vi_set(s.over), bad = vi_set(s.bad);
            vi i0 = ISA(mirror)(m.i0, vf_lt(x0, beyond), &s), i1 = ISA(mirror)(m.i1, vf_lt(x1, beyond), &s);
            i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, i0));
            i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, i1));
            vi_store(index + i, vi_select(vf_unordered(x0), bad, i0));
            vi_store(index + i + LANES, vi_select(vf_unordered(x1), bad, i1));
        }
    ISA(mirrored_all_f32)(x + i, index + i, count - i, &s);
}

static void ISA(index_mirrored_f64)(const double *x, int32_t *index, size_t count, const tc_scale *scale)
{
    const tc_scale s = *scale;
    size_t i = ISA(index_bounded_f64)(x, index, count, &s, 1);
    ISA(mirrored_all_f64)(x + i, index + i, count - i, &s);
}

/* ---- position: t in [0, 1] and on which side of it the value was ---- */

#define POSITION(name, T)                                                                           \
    static inline unsigned ISA(position_loop_##name)(const T *restrict x, float *restrict t,        \
                                                     uint8_t *restrict side, size_t count,          \
                                                     const tc_scale *scale, int exact_vmin)         \
    {                                                                                               \
        const double prescale = scale->prescale, vmin = scale->vmin;                                \
        const T vmin_t = (T)vmin, infinity = (T)INFINITY;                                           \
        const T range = scale->range == 0 ? 1 : (T)scale->range;                                    \
        const int point = scale->range == 0;                                                        \
        uint8_t sides = 0;                                                                          \
        for (size_t i = 0; i < count; i++) {                                                        \
            T v = x[i], p = (exact_vmin ? v - vmin_t : (T)(v * prescale - vmin)) / range;           \
            /* in a range of 0, finite values are at 0 and infinite ones outside */                 \
            p = point && v > -infinity && v < infinity ? 0 : p;                                     \
            uint8_t outside = p < 0 ? TC_UNDER : p > 1 ? TC_OVER : TC_INSIDE;                       \
            outside = v != v ? TC_BAD : outside;                                                    \
            side[i] = outside;                                                                      \
            sides |= outside;                                                                       \
            p = p >= 0 ? p : 0;                                                                     \
            t[i] = (float)(p <= 1 ? p : 1);                                                         \
        }                                                                                           \
        return sides;                                                                               \
    }                                                                                               \
    static unsigned ISA(position_##name)(const T *x, float *t, uint8_t *side, size_t count,         \
                                         const tc_scale *scale)                                     \
    {                                                                                               \
        return scale->exact_vmin ? ISA(position_loop_##name)(x, t, side, count, scale, 1)           \
                                 : ISA(position_loop_##name)(x, t, side, count, scale, 0);          \
    }
POSITION(f32, float)
POSITION(f64, double)
#undef POSITION
