/* Linear maps of the light of pixels of 16 bits and of floats. See kernels_tpl.h, and
 * turbo_cmap/kernels/transfer.py, which makes the tables and says how exact they are. */

enum { LIGHT_PIXELS = 128, LIGHTS = 3 * LIGHT_PIXELS };

/* Each of LIGHTS numbers through a transfer function, clipped to [0, 1] before; NaN stays. */
#define TRANSFER(terms)                                                                            \
    static inline void ISA(transfer_##terms)(double *restrict z, const tc_transfer *transfer)      \
    {                                                                                              \
        enum { SHIFT = TC_TRANSFER_SHIFT_##terms };                                                \
        const double knee = transfer->knee, *rows = transfer->rows;                                \
        double u[LIGHTS];                                                                          \
        uint64_t row[LIGHTS], first;                                                               \
        memcpy(&first, &knee, sizeof first);                                                       \
        const uint64_t up = ((uint64_t)1 << SHIFT) - 1 - first;                                    \
        for (int i = 0; i < LIGHTS; i++)                                                           \
            z[i] = 0 > z[i] ? 0 : z[i];                                                            \
        for (int i = 0; i < LIGHTS; i++)                                                           \
            z[i] = 1 < z[i] ? 1 : z[i];                                                            \
        for (int i = 0; i < LIGHTS; i++) {                                                         \
            const double curved = z[i] > knee ? z[i] : knee; /* NaN is not */                      \
            double end;                                                                            \
            uint64_t bits;                                                                         \
            memcpy(&bits, &curved, sizeof bits);                                                   \
            row[i] = (bits + up) >> SHIFT;                                                         \
            bits = first + (row[i] << SHIFT);                                                      \
            memcpy(&end, &bits, sizeof end);                                                       \
            u[i] = z[i] - end;                                                                     \
        }                                                                                          \
        for (int i = 0; i < LIGHTS; i++) {                                                         \
            const double *c = rows + terms * row[i], x = u[i], w = x * x;                          \
            double even = c[terms - 2], odd = c[terms - 1];                                        \
            for (int k = terms - 4; k >= 0; k -= 2) {                                              \
                even = even * w + c[k];                                                            \
                odd = odd * w + c[k + 1];                                                          \
            }                                                                                      \
            z[i] = even + x * odd;                                                                 \
        }                                                                                          \
    }
TRANSFER(4)
TRANSFER(8)
#undef TRANSFER

/* Light as it is seen. */
static inline void ISA(project)(const double *restrict x, double *restrict y, const tc_light_map *map)
{
    const double(*m)[3] = map->matrix;
    for (int i = 0; i < LIGHTS; i += 3)
        for (int k = 0; k < 3; k++)
            y[i + k] = m[k][0] * x[i] + m[k][1] * x[i + 1] + m[k][2] * x[i + 2];
    if (map->folded)
        for (int i = 0; i < LIGHTS; i += 3) {
            const double side = map->normal[0] * x[i] + map->normal[1] * x[i + 1] + map->normal[2] * x[i + 2];
            const double beyond = side < 0 ? side : 0;
            for (int k = 0; k < 3; k++)
                y[i + k] += map->fold[k] * beyond;
        }
}

#define SIMULATE(name, T, terms, LOAD, STORE)                                                      \
    static void ISA(simulate_##name)(const void *pixels, void *seen, size_t count, const tc_light_map *map) \
    {                                                                                              \
        const T *restrict in = pixels;                                                             \
        T *restrict out = seen;                                                                    \
        double x[LIGHTS], y[LIGHTS];                                                               \
        for (int i = 0; i < LIGHTS; i++)                                                           \
            x[i] = 0;                                                                              \
        for (; count > 0; count -= count < LIGHT_PIXELS ? count : LIGHT_PIXELS, in += LIGHTS, out += LIGHTS) { \
            const int n = count < LIGHT_PIXELS ? 3 * (int)count : LIGHTS;                          \
            LOAD                                                                                   \
            ISA(project)(x, y, map);                                                               \
            ISA(transfer_##terms)(y, &map->encode);                                                \
            for (int i = 0; i < LIGHTS; i++)                                                       \
                y[i] = 1 < y[i] ? 1 : y[i];                                                        \
            STORE                                                                                  \
        }                                                                                          \
    }
#define LOAD_FLOATS(terms)              \
    for (int i = 0; i < n; i++)         \
        x[i] = in[i];                   \
    ISA(transfer_##terms)(x, &map->decode);
#define LOAD_LEVELS                     \
    for (int i = 0; i < n; i++)         \
        x[i] = map->levels[in[i]] * (1.0 / (1 << 30));
#define STORE_FLOATS(T)                 \
    for (int i = 0; i < n; i++)         \
        out[i] = (T)y[i];
#define STORE_LEVELS                    \
    for (int i = 0; i < n; i++)         \
        out[i] = (uint16_t)(int32_t)(65535 * y[i] + 0.5);
SIMULATE(u16, uint16_t, 4, LOAD_LEVELS, STORE_LEVELS)
SIMULATE(f32, float, 4, LOAD_FLOATS(4), STORE_FLOATS(float))
SIMULATE(f64, double, 8, LOAD_FLOATS(8), STORE_FLOATS(double))
#undef SIMULATE
#undef LOAD_FLOATS
#undef LOAD_LEVELS
#undef STORE_FLOATS
#undef STORE_LEVELS
