/* What index kernels need besides the scale itself, found once a call. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

/* y, for a mirrored scale with the sign of d, in units in which the map ends at n (and
 * begins at 0, or -n). */
static double position(const tc_scale *s, int single, double x)
{
    double d = x * s->prescale - s->vmin, factor = s->mirrored ? s->n / 2.0 : s->n;
    if (!single)
        return d / s->range * factor;
    float q = (float)((double)(float)d / s->range);
    return q * (float)factor;
}

/* Floating-point numbers in the order of their values as integers, and back. -0 and 0
 * are neighbours. */
static int64_t to_ordered(double x, int single)
{
    if (single) {
        float f = (float)x;
        int32_t bits;
        memcpy(&bits, &f, sizeof bits);
        return bits < 0 ? -(int64_t)(bits & INT32_MAX) - 1 : bits;
    }
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -(bits & INT64_MAX) - 1 : bits;
}

static double from_ordered(int64_t ordered, int single)
{
    if (single) {
        int32_t bits = ordered < 0 ? (int32_t)((-(ordered + 1)) | 0x80000000u) : (int32_t)ordered;
        float f;
        memcpy(&f, &bits, sizeof f);
        return f;
    }
    int64_t bits = ordered < 0 ? (int64_t)((uint64_t)(-(ordered + 1)) | 0x8000000000000000u) : ordered;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The smallest finite number of T at or above `limit`: bracket by doubling steps from
 * `guess`, then bisect. `below` says on which side a number is. */
static int below_range(const tc_scale *s, int single, double x)
{
    return position(s, single, x) < (s->mirrored ? -s->n / 2.0 : 0);
}
static int not_above_range(const tc_scale *s, int single, double x)
{
    return position(s, single, x) <= (s->mirrored ? s->n / 2.0 : s->n);
}
static int below_centre(const tc_scale *s, int single, double x)
{
    (void)single;
    return x * s->prescale < s->vmin;
}

static int64_t first_false(int (*holds)(const tc_scale *, int, double), const tc_scale *s, int single, double guess)
{
    double most = single ? FLT_MAX : DBL_MAX;
    int64_t end = to_ordered(most, single), begin = to_ordered(-most, single);
    int64_t at = to_ordered(fmin(fmax(guess, -most), most), single);
    int64_t lo, hi; /* holds(lo), !holds(hi); begin - 1 and end + 1 are never asked */
    if (holds(s, single, from_ordered(at, single))) {
        lo = at;
        for (uint64_t step = 1;; step *= 2) {
            uint64_t room = (uint64_t)end + 1 - (uint64_t)lo;
            hi = (int64_t)((uint64_t)lo + (step < room ? step : room));
            if (hi > end || !holds(s, single, from_ordered(hi, single)))
                break;
            lo = hi;
        }
    } else {
        hi = at;
        for (uint64_t step = 1;; step *= 2) {
            uint64_t room = (uint64_t)hi - (uint64_t)begin + 1;
            lo = (int64_t)((uint64_t)hi - (step < room ? step : room));
            if (lo < begin || holds(s, single, from_ordered(lo, single)))
                break;
            hi = lo;
        }
    }
    while ((uint64_t)hi - (uint64_t)lo > 1) {
        int64_t middle = (int64_t)((uint64_t)lo + ((uint64_t)hi - (uint64_t)lo) / 2);
        if (holds(s, single, from_ordered(middle, single)))
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

/* Whether the first and the last integer in range have the first and the last color; where
 * integers are few in the range, they need not. */
static int ends_on_map(const tc_scale *s, double lowest, double highest)
{
    double first = position(s, 0, lowest), last = position(s, 0, highest);
    if (!s->mirrored)
        return first < 1 && last >= s->n - 1;
    return below_centre(s, 0, lowest) && !below_centre(s, 0, highest) && -first + s->bias >= s->steps &&
           last + s->bias >= s->steps;
}

/* z, from the entries for a unit of u, the place of u = 0, and how far from the truth both are.
 * Units of 2^-cut: as small as a float has at the end of the map. */
static void place_on_map(tc_scale *s, double step, double offset, double error)
{
    const int32_t entries = s->bounds_steps ? s->steps + 1 : s->n;
    int ends = 0;
    while (entries >> ends)
        ends++;
    s->cut = 23 - ends;
    int32_t doubt = 1; /* twice the error, in units */
    while (doubt < 2 * ldexp(error, s->cut))
        doubt *= 2;
    s->rest = (1 << s->cut) - doubt;
    s->step = (float)ldexp(step, s->cut);
    s->offset = (float)ldexp(offset + error, s->cut);
    s->first = (float)doubt;
    s->last = (float)((entries << s->cut) - 1);
}

void tc_scale_init(tc_scale *s, int single, double vmin, double range, double prescale)
{
    double most = single ? FLT_MAX : DBL_MAX;
    s->vmin = vmin;
    s->range = range;
    s->prescale = prescale;
    s->exact_vmin = prescale == 1 && (!single || vmin == (float)vmin);
    s->float_ends = s->exact_vmin && range == (float)range;
    s->divides = single && prescale == 1 && range > 0x1p-40 && range < 0x1p40;
    if (s->divides) {
        s->range_f = (float)range;
        const double reciprocal = 1 / (double)s->range_f; /* rounding it once more rounds 1 / range_f: Figueroa */
        s->reciprocal = (float)reciprocal;
        s->reciprocal_rest = (float)(reciprocal - s->reciprocal);
    }
    s->bounded = 1;
    s->plain = s->under == 0 && s->over == s->n - 1 && range != 0;
    s->up = s->n / 2;
    s->down = s->n - 1 - s->up;
    s->steps = s->n - 1 - s->up;
    s->bias = s->n % 2 ? 0.5 : 0;
    s->bounds_steps = s->mirrored && single && s->n % 2 == 0;
    if (s->mirrored) {
        s->beyond = from_ordered(first_false(below_centre, s, single, vmin / prescale), single);
        s->beyond_f = (float)fmax(fmin(s->beyond, FLT_MAX), -FLT_MAX);
    }
    if (range == 0 && !s->mirrored) { /* every finite value at index 0, by steps of 0 */
        s->lowest = -most;
        s->highest = most;
    } else if (range == 0) { /* only the centre is inside */
        s->lowest = s->highest = s->beyond;
    } else {
        double first = s->mirrored ? vmin - range : vmin;
        s->lowest = from_ordered(first_false(below_range, s, single, first / prescale), single);
        s->highest = from_ordered(first_false(not_above_range, s, single, (vmin + range) / prescale) - 1, single);
    }
    s->origin_f = (float)fmax(fmin(vmin, FLT_MAX), -FLT_MAX);
    s->origin = single ? s->origin_f : vmin;
    double from = single ? 0 : s->origin;
    s->lowest_f = (float)fmax(s->lowest - from, -FLT_MAX);
    s->highest_f = (float)fmin(s->highest - from, FLT_MAX);
    if (range == 0) {
        place_on_map(s, 0, 0, 0);
        s->bounded = !s->mirrored;
        return;
    }

    /* Errors, in units of 2^-24 and at most: of the truth, which rounds d, q and y, 3 n;
     * of z, which rounds u, step, offset, the product (unless fused) and the sum, 5 n. So y is
     * at most `error` away. (u is small where x is near the origin: the subtraction is exact
     * there, by Sterbenz. Where vmin is between two floats and the range is about as wide as
     * they are apart, u * step reaches 1.9 n, but u is a power of two then, and the product
     * exact.) The limits keep everything from overflow and from being subnormal. */
    double step = (s->mirrored ? s->n / 2.0 : s->n) / range, shift = (vmin - s->origin) * step;
    double offset = s->bounds_steps ? 0 : s->mirrored ? s->n / 2.0 - shift : -shift;
    double error = 0x1p-21 * s->n + (s->bounds_steps ? fabs(shift) : 0);
    s->bounded = prescale == 1 && error < 0x1p-4 && fabs(shift) < s->n && range > 0x1p-80 && range < 0x1p+120 &&
                 fabs(vmin) < 0x1p+120;
    if (s->bounded)
        place_on_map(s, step, offset, error);
}

int tc_integer_scale_init(tc_integer_scale *integers, const tc_scale *scale, int is_unsigned)
{
    const double base = is_unsigned ? 0x1p31 : 0;
    const double first = ceil(fmax(scale->lowest, base + INT32_MIN));
    const double last = floor(fmin(scale->highest, base + INT32_MAX));
    if (!scale->bounded || !(first <= last))
        return 0;
    tc_scale *s = &integers->scale;
    *s = *scale;
    s->plain = scale->plain && ends_on_map(scale, first, last);
    integers->turn = is_unsigned ? INT32_MIN : 0;
    integers->base = base;
    integers->least = (int32_t)(first - base);
    integers->most = (int32_t)(last - base);
    /* In the middle, rounded up, so that neither distance overflows. */
    integers->origin = (int32_t)(first - base + floor((last - first + 1) / 2));
    if (scale->range == 0)
        return 1;

    /* Errors in units of 2^-24, at most. x and origin are in range, so u * step and the offset
     * are at most n. Of the bounds: u is exact below 2^24; beyond, it has twice as many
     * integers in range as it is large, and u * step is at most n / 2: rounding it is n / 2.
     * Rounding step, offset, the product (unless fused) and the sum: n each. Of the truth,
     * which is computed in double, nothing to speak of. So y is within 5 n, and 8 n is what
     * the limits in tc_scale_init have been checked for. */
    const double step = (s->mirrored ? s->n / 2.0 : s->n) / s->range, error = 0x1p-21 * s->n;
    const double offset = (base + integers->origin - s->vmin) * step + (s->mirrored ? s->n / 2.0 : 0);
    place_on_map(s, step, offset, error);
    return 1;
}
