/* Values to table indices and positions. See kernels_tpl.h. */

/* ---- index ---- */

/* The truth, on any values at all. Apart from the rest, so that it costs the usual way
 * nothing. Where vmin and range are floats, float operations give the same: rounding a
 * double's difference or quotient of floats to float is as good as one rounding (Figueroa
 * 1995). `WIDTH` at a time: a loop that the compiler makes vectors of. */
enum { ISA(WIDTH) = 2 * LANES };

/* Two functions, since GCC (12, at least) leaves out the rounding of d where it makes vectors
 * of two of (double)(float)d. */
static TC_NOINLINE void ISA(differences_f32)(const float *restrict x, float *restrict d, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin;
    for (int i = 0; i < ISA(WIDTH); i++)
        d[i] = (float)(x[i] * prescale - vmin);
}

static TC_NOINLINE void ISA(inside_of_f32)(const float *restrict d, int32_t *restrict index, const tc_scale *scale)
{
    const double range = scale->range;
    const float n = (float)scale->n;
    for (int i = 0; i < ISA(WIDTH); i++) {
        float q = (float)(d[i] / range);
        index[i] = (int32_t)(q * n);
    }
}

static inline void ISA(inside_f32)(const float *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const float n = (float)scale->n, vmin_f = (float)scale->vmin, range_f = (float)scale->range;
    if (!scale->float_ends) {
        float d[ISA(WIDTH)];
        ISA(differences_f32)(x, d, scale);
        ISA(inside_of_f32)(d, index, scale);
        return;
    }
    for (int i = 0; i < ISA(WIDTH); i++)
        index[i] = (int32_t)((x[i] - vmin_f) / range_f * n);
}

static inline void ISA(inside_f64)(const double *restrict x, int32_t *restrict index, const tc_scale *scale)
{
    const double prescale = scale->prescale, vmin = scale->vmin, range = scale->range, n = scale->n;
    for (int i = 0; i < ISA(WIDTH); i++)
        index[i] = (int32_t)((x[i] * prescale - vmin) / range * n);
}

/* One group, and any number of values, of which a last, padded one. */
#define EXACT(name, T)                                                                                      \
    static TC_NOINLINE void ISA(exact_group_##name)(const T *restrict x, int32_t *restrict index,           \
                                                    const tc_scale *s)                                      \
    {                                                                                                       \
        const T lowest = (T)s->lowest, highest = (T)s->highest;                                             \
        const int32_t last = s->n - 1, under = s->under, over = s->over, bad = s->bad;                      \
        T inside[ISA(WIDTH)];                                                                               \
        int32_t at[ISA(WIDTH)] = {0};                                                                       \
        for (int i = 0; i < ISA(WIDTH); i++) {                                                              \
            T v = x[i] >= lowest ? x[i] : lowest; /* NaN too */                                             \
            inside[i] = v <= highest ? v : highest;                                                         \
        }                                                                                                   \
        if (s->range != 0)                                                                                  \
            ISA(inside_##name)(inside, at, s);                                                              \
        for (int i = 0; i < ISA(WIDTH); i++) {                                                              \
            int32_t value = at[i] < last ? at[i] : last;                                                    \
            value = x[i] < lowest ? under : value;                                                          \
            value = x[i] > highest ? over : value;                                                          \
            index[i] = x[i] != x[i] ? bad : value;                                                          \
        }                                                                                                   \
    }                                                                                                       \
    static TC_NOINLINE void ISA(exact_##name)(const T *x, int32_t *index, size_t count, const tc_scale *s)  \
    {                                                                                                       \
        size_t i = 0;                                                                                       \
        for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                                    \
            ISA(exact_group_##name)(x + i, index + i, s);                                                   \
        if (i < count) {                                                                                    \
            T rest[ISA(WIDTH)] = {0};                                                                       \
            int32_t at[ISA(WIDTH)];                                                                         \
            memcpy(rest, x + i, (count - i) * sizeof *x);                                                   \
            ISA(exact_group_##name)(rest, at, s);                                                           \
            memcpy(index + i, at, (count - i) * sizeof *at);                                                \
        }                                                                                                   \
    }
EXACT(f32, float)
EXACT(f64, double)
#undef EXACT

/* The truth on a mirrored scale. */
#define MIRRORED(name, T)                                                                              \
    static inline int32_t ISA(mirrored_##name)(T x, const tc_scale *s)                                 \
    {                                                                                                  \
        const double d = x * s->prescale - s->vmin;                                                    \
        const volatile T rounded = (T)(d < 0 ? -d : d); /* see above */                                \
        const T size = rounded, q = (T)(size / s->range);                                              \
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
    static TC_NOINLINE void ISA(exact_mirrored_##name)(const T *x, int32_t *index, size_t count,       \
                                                       const tc_scale *s)                              \
    {                                                                                                  \
        for (size_t i = 0; i < count; i++)                                                             \
            index[i] = ISA(mirrored_##name)(x[i], s);                                                  \
    }
MIRRORED(f32, float)
MIRRORED(f64, double)
#undef MIRRORED

/* Entries of two vectors of u = x - origin, and whether that is certain of all of them.
 * NaN is at the first. */
typedef struct {
    vi i0, i1;
    int certain;
} ISA(pair);

static inline ISA(pair) ISA(entries)(vf u0, vf u1, const tc_scale *s)
{
    const vf step = vf_set(s->step), offset = vf_set(s->offset), first = vf_set(s->first), last = vf_set(s->last);
    const vi rest = vi_set(s->rest);
    const vi z0 = vf_trunc(vf_min(vf_max(vf_fma(u0, step, offset), first), last));
    const vi z1 = vf_trunc(vf_min(vf_max(vf_fma(u1, step, offset), first), last));
    ISA(pair) result = {vi_shift_right(z0, s->cut), vi_shift_right(z1, s->cut),
                        !vm_any(vm_or(vi_none(z0, rest), vi_none(z1, rest)))};
    return result;
}

static inline ISA(pair) ISA(load_pair)(const int32_t *index)
{
    ISA(pair) result = {vi_load(index), vi_load(index + LANES), 1};
    return result;
}

static inline void ISA(store_pair)(int32_t *index, ISA(pair) at)
{
    vi_store(index, at.i0);
    vi_store(index + LANES, at.i1);
}

/* The truth of vectors: values on a grid may be on edges often. */
#ifdef FUSED
static inline vi ISA(exact_vector)(vf x, const tc_scale *s)
{
    const vf lowest = vf_set(s->lowest_f), highest = vf_set(s->highest_f);
    const vf inside = vf_min(vf_max(x, lowest), highest);
    const vf q = s->float_ends ? vf_div(vf_sub(inside, vf_set((float)s->vmin)), vf_set((float)s->range))
                               : vf_over(vf_less(inside, s->vmin), s->range);
    const vi at = vi_min(vf_trunc(vf_mul(q, vf_set((float)s->n))), vi_set(s->n - 1));
    const vi sided = vi_select(vf_lt(x, lowest), vi_set(s->under), vi_select(vf_gt(x, highest), vi_set(s->over), at));
    return vi_select(vf_unordered(x), vi_set(s->bad), sided);
}

static inline vi ISA(exact_mirrored_vector)(vf x, const tc_scale *s)
{
    const vf half = vf_set((float)(s->n / 2.0));
    const vm below = vf_lt(x, vf_set(s->beyond_f));
    const vf inside = vf_min(vf_max(x, vf_set(s->lowest_f)), vf_set(s->highest_f));
    const vf y = vf_mul(vf_over(vf_abs(vf_less(inside, s->vmin)), s->range), half);
    const vi m = vi_min(vf_trunc(vf_add(y, vf_set((float)s->bias))), vi_set(s->steps));
    vi at = vi_select(below, vi_sub(vi_set(s->down), m), vi_add(vi_set(s->up), m));
    at = vi_select(vf_lt(x, vf_set(s->lowest_f)), vi_set(s->under),
                   vi_select(vf_gt(x, vf_set(s->highest_f)), vi_set(s->over), at));
    return vi_select(vf_unordered(x), vi_set(s->bad), at);
}

static TC_NOINLINE ISA(pair) ISA(exact_pair)(vf x0, vf x1, const tc_scale *s, int mirrored)
{
    if (mirrored) {
        ISA(pair) at = {ISA(exact_mirrored_vector)(x0, s), ISA(exact_mirrored_vector)(x1, s), 1};
        return at;
    }
    ISA(pair) at = {ISA(exact_vector)(x0, s), ISA(exact_vector)(x1, s), 1};
    return at;
}
#else
static inline ISA(pair) ISA(exact_pair)(vf x0, vf x1, const tc_scale *s, int mirrored)
{
    float x[ISA(WIDTH)];
    int32_t index[ISA(WIDTH)];
    vf_store(x, x0);
    vf_store(x + LANES, x1);
    (mirrored ? ISA(exact_mirrored_f32) : ISA(exact_f32))(x, index, ISA(WIDTH), s);
    return ISA(load_pair)(index);
}
#endif

/* Two vectors of values. */
static inline ISA(pair) ISA(pair_f32)(vf x0, vf x1, const tc_scale *s, int plain, int mirrored)
{
    const vf origin = vf_set(s->origin_f);
    ISA(pair) at = ISA(entries)(vf_sub(x0, origin), vf_sub(x1, origin), s);
    if (TC_UNLIKELY(!at.certain))
        return ISA(exact_pair)(x0, x1, s, mirrored);
    if (!plain) {
        const vf lowest = vf_set(s->lowest_f), highest = vf_set(s->highest_f);
        const vi under = vi_set(s->under), over = vi_set(s->over);
        at.i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, at.i0));
        at.i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, at.i1));
    }
    const vi bad = vi_set(s->bad);
    at.i0 = vi_select(vf_unordered(x0), bad, at.i0);
    at.i1 = vi_select(vf_unordered(x1), bad, at.i1);
    return at;
}

/* Doubles are placed as floats, and those that are not certain computed as doubles. */
static inline ISA(pair) ISA(pair_f64)(const double *x, const tc_scale *s, int plain, int mirrored)
{
    const vf u0 = vf_from_f64(x, s->origin), u1 = vf_from_f64(x + LANES, s->origin);
    ISA(pair) at = ISA(entries)(u0, u1, s);
    int32_t index[ISA(WIDTH)];
    if (TC_UNLIKELY(!at.certain)) {
        (mirrored ? ISA(exact_mirrored_f64) : ISA(exact_f64))(x, index, ISA(WIDTH), s);
        return ISA(load_pair)(index);
    }
    if (plain) {
        const vi bad = vi_set(s->bad);
        at.i0 = vi_select(vf_unordered(u0), bad, at.i0);
        at.i1 = vi_select(vf_unordered(u1), bad, at.i1);
        return at;
    }
    ISA(store_pair)(index, at);
    for (int i = 0; i < ISA(WIDTH); i++) { /* as doubles: as floats many are one */
        int32_t value = index[i];
        value = x[i] < s->lowest ? s->under : value;
        value = x[i] > s->highest ? s->over : value;
        index[i] = x[i] != x[i] ? s->bad : value;
    }
    return ISA(load_pair)(index);
}

/* The same on a mirrored scale whose centre is an edge. */
static inline ISA(pair) ISA(pair_mirrored)(vf x0, vf x1, const tc_scale *s)
{
    const vf origin = vf_set(s->origin_f);
    ISA(pair) m = ISA(entries)(vf_abs(vf_sub(x0, origin)), vf_abs(vf_sub(x1, origin)), s);
    if (TC_UNLIKELY(!m.certain))
        return ISA(exact_pair)(x0, x1, s, 1);
    const vf beyond = vf_set(s->beyond_f), lowest = vf_set(s->lowest_f), highest = vf_set(s->highest_f);
    const vi under = vi_set(s->under), over = vi_set(s->over), bad = vi_set(s->bad);
    const vi up = vi_set(s->up), down = vi_set(s->down);
    vi i0 = vi_select(vf_lt(x0, beyond), vi_sub(down, m.i0), vi_add(up, m.i0));
    vi i1 = vi_select(vf_lt(x1, beyond), vi_sub(down, m.i1), vi_add(up, m.i1));
    i0 = vi_select(vf_lt(x0, lowest), under, vi_select(vf_gt(x0, highest), over, i0));
    i1 = vi_select(vf_lt(x1, lowest), under, vi_select(vf_gt(x1, highest), over, i1));
    m.i0 = vi_select(vf_unordered(x0), bad, i0);
    m.i1 = vi_select(vf_unordered(x1), bad, i1);
    return m;
}

/* Whole groups as pairs, then what is left. */
#define ALL_PAIRS(pair)                                                                                     \
    for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))                                                        \
        ISA(store_pair)(index + i, pair);
#define INDEX(name, T)                                                                                      \
    static void ISA(index_##name)(const T *x, int32_t *index, size_t count, const tc_scale *scale)          \
    {                                                                                                       \
        const tc_scale s = *scale; /* a copy that no store can be seen to change */                         \
        size_t i = 0;                                                                                       \
        if (s.bounded && s.plain)                                                                           \
            ALL_PAIRS(PAIR_##name(x + i, 1, 0))                                                             \
        else if (s.bounded)                                                                                 \
            ALL_PAIRS(PAIR_##name(x + i, 0, 0))                                                             \
        ISA(exact_##name)(x + i, index + i, count - i, &s);                                                 \
    }                                                                                                       \
    static void ISA(index_mirrored_##name)(const T *x, int32_t *index, size_t count, const tc_scale *scale) \
    {                                                                                                       \
        const tc_scale s = *scale;                                                                          \
        size_t i = 0;                                                                                       \
        if (s.bounded && s.bounds_steps)                                                                    \
            ALL_PAIRS(PAIR_MIRRORED_##name(x + i))                                                          \
        else if (s.bounded && s.plain)                                                                      \
            ALL_PAIRS(PAIR_##name(x + i, 1, 1))                                                             \
        else if (s.bounded)                                                                                 \
            ALL_PAIRS(PAIR_##name(x + i, 0, 1))                                                             \
        ISA(exact_mirrored_##name)(x + i, index + i, count - i, &s);                                        \
    }
#define PAIR_f32(x, plain, mirrored) ISA(pair_f32)(vf_load(x), vf_load((x) + LANES), &s, plain, mirrored)
#define PAIR_f64(x, plain, mirrored) ISA(pair_f64)(x, &s, plain, mirrored)
#define PAIR_MIRRORED_f32(x) ISA(pair_mirrored)(vf_load(x), vf_load((x) + LANES), &s)
#define PAIR_MIRRORED_f64(x) PAIR_f64(x, 0, 1) /* their scales are not like that */
INDEX(f32, float)
INDEX(f64, double)
#undef INDEX
#undef ALL_PAIRS

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
    static unsigned ISA(position_any_##name)(const T *x, float *t, uint8_t *side, size_t count,     \
                                             const tc_scale *scale)                                 \
    {                                                                                               \
        return scale->exact_vmin ? ISA(position_loop_##name)(x, t, side, count, scale, 1)           \
                                 : ISA(position_loop_##name)(x, t, side, count, scale, 0);          \
    }
POSITION(f32, float)
POSITION(f64, double)
#undef POSITION

static unsigned ISA(position_f64)(const double *x, float *t, uint8_t *side, size_t count, const tc_scale *scale)
{
    return ISA(position_any_f64)(x, t, side, count, scale);
}

#ifdef FUSED
/* d / range without division, and as it is rounded: the reciprocal is in two floats, so that q
 * is one of the two floats next to the quotient. Then d - q * range is exact and, with the first
 * float rounded to nearest, adding its quotient rounds as division does (Markstein, IBM J. Res.
 * Dev. 34, 1990; Muller et al., Handbook of Floating-Point Arithmetic, 4.7). That holds away
 * from underflow: for d of 0, and from LEAST to range. */
#define LEAST 0x1p-80f

static inline vf ISA(divide)(vf d, const tc_scale *s)
{
    const vf reciprocal = vf_set(s->reciprocal);
    const vf q = vf_fma(d, reciprocal, vf_mul(d, vf_set(s->reciprocal_rest)));
    return vf_fma(vf_fnma(q, vf_set(s->range_f), d), reciprocal, q);
}

static inline vf ISA(above_vmin)(const float *x, const tc_scale *s)
{
    return s->exact_vmin ? vf_sub(vf_load(x), vf_set(s->origin_f)) : vf_less(vf_load(x), s->vmin);
}

/* Where d, from 0 on, is so small that dividing it may underflow. */
static inline vm ISA(is_tiny)(vf d) { return vm_and(vf_gt(d, vf_set(0)), vf_lt(d, vf_set(LEAST))); }

static unsigned ISA(position_f32)(const float *x, float *t, uint8_t *side, size_t count, const tc_scale *scale)
{
    const tc_scale s = *scale;
    unsigned sides = 0;
    size_t i = 0;
    for (; s.divides && i + LANES <= count; i += LANES) {
        const vf d = ISA(above_vmin)(x + i, &s);
        if (TC_UNLIKELY(vm_any(ISA(is_tiny)(vf_abs(d))))) {
            sides |= ISA(position_any_f32)(x + i, t + i, side + i, LANES, scale);
            continue;
        }
        const vm under = vf_lt(d, vf_set(0)), over = vf_gt(d, vf_set(s.range_f)), bad = vf_unordered(d);
        vf_store(t + i, ISA(divide)(vf_min(vf_max(d, vf_set(0)), vf_set(s.range_f)), &s)); /* NaN at 0 */
        if (!vm_any(vm_or(vm_or(under, over), bad))) {
            memset(side + i, TC_INSIDE, LANES);
            continue;
        }
        int32_t outside[LANES];
        vi_store(outside, vi_select(under, vi_set(TC_UNDER),
                                    vi_select(over, vi_set(TC_OVER), vi_select(bad, vi_set(TC_BAD), vi_set(TC_INSIDE)))));
        for (int lane = 0; lane < LANES; lane++)
            side[i + lane] = (uint8_t)outside[lane];
        sides |= (vm_any(under) ? TC_UNDER : 0u) | (vm_any(over) ? TC_OVER : 0u) | (vm_any(bad) ? TC_BAD : 0u);
    }
    return sides | ISA(position_any_f32)(x + i, t + i, side + i, count - i, scale);
}
#else
static unsigned ISA(position_f32)(const float *x, float *t, uint8_t *side, size_t count, const tc_scale *scale)
{
    return ISA(position_any_f32)(x, t, side, count, scale);
}
#endif
