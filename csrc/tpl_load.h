/* Values into blocks of float or double, NaN where they do not count. See kernels_tpl.h. */

/* ---- widen: any value as float (16 bits and less) or double ---- */

#define WIDEN(name, from, to)                                                      \
    static void ISA(widen_##name)(const void *values, void *wide, size_t count)    \
    {                                                                              \
        const from *restrict in = values;                                          \
        to *restrict out = wide;                                                   \
        for (size_t i = 0; i < count; i++)                                         \
            out[i] = (to)in[i];                                                    \
    }
WIDEN(u8, uint8_t, float)
WIDEN(i8, int8_t, float)
WIDEN(u16, uint16_t, float)
WIDEN(i16, int16_t, float)
WIDEN(u32, uint32_t, double)
WIDEN(i32, int32_t, double)
WIDEN(u64, uint64_t, double)
WIDEN(i64, int64_t, double)
#undef WIDEN

static void ISA(widen_bool)(const void *values, void *wide, size_t count)
{
    const uint8_t *restrict in = values;
    float *restrict out = wide;
    for (size_t i = 0; i < count; i++)
        out[i] = in[i] != 0;
}

/* IEEE 754 half to float with integers and one exact subtraction: move exponent and
 * fraction into place and rebias. Subnormals get an exponent that makes their fraction
 * the low bits of 2^-14 + fraction, from which 2^-14 is subtracted. */
static void ISA(widen_f16)(const void *values, void *wide, size_t count)
{
    const uint16_t *restrict in = values;
    float *restrict out = wide;
    for (size_t i = 0; i < count; i++) {
        uint32_t magnitude = (uint32_t)(in[i] & 0x7FFF) << 13;
        uint32_t normal = magnitude + ((127u - 15u) << 23);
        uint32_t special = magnitude | 0x7F800000u; /* inf, NaN */
        uint32_t offset = (127u - 14u) << 23, low = magnitude + offset;
        float low_f, offset_f;
        memcpy(&low_f, &low, 4);
        memcpy(&offset_f, &offset, 4);
        float subnormal_f = low_f - offset_f;
        uint32_t subnormal;
        memcpy(&subnormal, &subnormal_f, 4);
        uint32_t bits = magnitude >= (31u << 23) ? special : magnitude < (1u << 23) ? subnormal : normal;
        bits |= (uint32_t)(in[i] & 0x8000) << 16;
        memcpy(&out[i], &bits, 4);
    }
}

/* ---- clear: NaN where values do not count ---- */

#define CLEAR_MASKED(name, T)                                                                  \
    static void ISA(clear_masked_##name)(T *restrict wide, const uint8_t *restrict mask, size_t count) \
    {                                                                                          \
        for (size_t i = 0; i < count; i++)                                                     \
            wide[i] = mask[i] ? (T)NAN : wide[i];                                              \
    }
CLEAR_MASKED(f32, float)
CLEAR_MASKED(f64, double)
#undef CLEAR_MASKED

#define CLEAR_EQUAL(name, V, T)                                                                \
    static void ISA(clear_equal_##name)(T *wide, const V *values, V invalid, size_t count)     \
    {                                                                                          \
        for (size_t i = 0; i < count; i++)                                                     \
            wide[i] = values[i] == invalid ? (T)NAN : wide[i];                                 \
    }
CLEAR_EQUAL(f32, float, float)
CLEAR_EQUAL(f64, double, double)
CLEAR_EQUAL(u64, uint64_t, double)
#undef CLEAR_EQUAL

/* ---- subtract ---- */

#define SUBTRACT(name, T)                                                                          static void ISA(subtract_##name)(const T *a, const T *b, T *difference, size_t count)          {                                                                                                  for (size_t i = 0; i < count; i++)                                                                 difference[i] = a[i] - b[i];                                                           }
SUBTRACT(f32, float)
SUBTRACT(f64, double)
#undef SUBTRACT
