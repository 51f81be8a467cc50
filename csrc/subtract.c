/* Differences of two arrays, block by block. */
#include "blocks.h"

#include <math.h>

static int is_signed(enum tc_dtype t) { return t == TC_I8 || t == TC_I16 || t == TC_I32 || t == TC_I64; }
static int is_integer(enum tc_dtype t) { return t != TC_F16 && t != TC_F32 && t != TC_F64; }

/* Whether the values of both are numbers of one 64-bit type, and one of them is of it: a
 * double does not hold these, their difference is taken before it is rounded. uint64 and a
 * signed type have no integer type in common, as in NumPy. */
static int are_64_bit(enum tc_dtype a, enum tc_dtype b)
{
    if (!is_integer(a) || !is_integer(b) || (tc_value_size[a] < 8 && tc_value_size[b] < 8))
        return 0;
    return (a != TC_U64 || !is_signed(b)) && (b != TC_U64 || !is_signed(a));
}

static uint64_t bits_of(const void *values, enum tc_dtype dtype, size_t i)
{
    switch (dtype) {
    case TC_BOOL: return ((const uint8_t *)values)[i] != 0;
    case TC_U8: return ((const uint8_t *)values)[i];
    case TC_I8: return (uint64_t)((const int8_t *)values)[i];
    case TC_U16: return ((const uint16_t *)values)[i];
    case TC_I16: return (uint64_t)((const int16_t *)values)[i];
    case TC_U32: return ((const uint32_t *)values)[i];
    case TC_I32: return (uint64_t)((const int32_t *)values)[i];
    default: return ((const uint64_t *)values)[i];
    }
}

/* Their distance, which fits into 64 bits without a sign, and the sign. NaN stays. */
static void subtract_64_bit(const void *a, enum tc_dtype of_a, const void *b, enum tc_dtype of_b, double *difference,
                            size_t count)
{
    /* turned, signed numbers are ordered as unsigned ones */
    const uint64_t turn = is_signed(of_a) || is_signed(of_b) ? UINT64_C(1) << 63 : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t x = bits_of(a, of_a, i) ^ turn, y = bits_of(b, of_b, i) ^ turn;
        double d = x < y ? -(double)(y - x) : (double)(x - y);
        difference[i] = difference[i] == difference[i] ? d : (double)NAN;
    }
}

/* Floats as doubles. */
static const double *widened(const float *x, double *wide, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wide[i] = x[i];
    return wide;
}

const void *tc_load(const tc_source *s, const tc_kernels *k, const tc_cursor *c, size_t count, tc_source_blocks *b)
{
    const void *x = tc_load_values(s, k, c, count, &b->values);
    if (!s->minus)
        return x;
    const void *y = tc_load_values(s->minus, k, c, count, &b->minus);
    if (tc_in_single(s)) {
        k->subtract_f32(x, y, (float *)b->difference, count);
        return b->difference;
    }
    double *difference = (double *)b->difference; /* of the two, at most one is float */
    if (tc_is_single(s->dtype))
        x = widened(x, difference, count);
    if (tc_is_single(s->minus->dtype))
        y = widened(y, difference, count);
    k->subtract_f64(x, y, difference, count);
    if (are_64_bit(s->dtype, s->minus->dtype))
        subtract_64_bit(tc_load_native(s, c, count, &b->values), s->dtype,
                        tc_load_native(s->minus, c, count, &b->minus), s->minus->dtype, difference, count);
    return difference;
}
