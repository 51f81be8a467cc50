/* Values to table indices by steps. See tc_steps in kernels.h. */

static inline vi ISA(step_cell)(vf x, const tc_steps *s)
{
    const vf distance = vf_sub(x, vf_set(s->centre));
    const vi t = vi_shift_right(vi_bits(vf_add(vf_abs(distance), vf_set(s->width))), s->shift);
    const vi rising = vi_add(t, vi_set(s->rising)), falling = vi_sub(vi_set(s->falling), t);
    const vi cell = vi_select(vf_lt(distance, vf_set(0)), falling, rising);
    return vi_min(vi_max(cell, vi_set(0)), vi_set(s->last)); /* NaN is somewhere in there, too */
}

/* The entries of WIDTH values whose cells are known; the largest that occurred. */
#define LOOK_UP_CELLS(name, T)                                                                          \
    static inline int32_t ISA(look_up_##name)(const tc_cell_##name *cells, const int32_t *restrict cell, \
                                              const T *restrict x, int32_t *restrict index, int32_t bad) \
    {                                                                                                   \
        int32_t most = 0;                                                                               \
        for (int i = 0; i < ISA(WIDTH); i++) {                                                          \
            const tc_cell_##name at = cells[cell[i]];                                                   \
            int32_t entry = x[i] >= at.edge ? at.above : at.below;                                      \
            entry = x[i] != x[i] ? bad : entry;                                                         \
            most = entry > most ? entry : most;                                                         \
            index[i] = entry;                                                                           \
        }                                                                                               \
        return most;                                                                                    \
    }
#ifndef LOOK_UP_F32
#define LOOK_UP_F32 ISA(look_up_f32)
LOOK_UP_CELLS(f32, float)
#endif
#define LOOK_UP_F64 ISA(look_up_f64)
LOOK_UP_CELLS(f64, double)
#undef LOOK_UP_CELLS

static inline vf ISA(load_f32)(const float *p) { return vf_load(p); }
static inline vf ISA(load_f64)(const double *p) { return vf_from_f64(p, 0); }

/* Cells of doubles are those of the nearest floats: rounding is monotone, too. */
#define STEPS(name, T, LOOK_UP)                                                                      \
    static TC_NOINLINE void ISA(bisect_##name)(const T *x, int32_t *index, size_t count,             \
                                               const tc_steps *s, int all)                           \
    {                                                                                                \
        for (size_t i = 0; i < count; i++)                                                           \
            if (all || index[i] == TC_SEVERAL)                                                       \
                index[i] = tc_step_##name(s, x[i]);                                                  \
    }                                                                                                \
    static void ISA(index_steps_##name)(const T *x, int32_t *index, size_t count, const tc_steps *steps) \
    {                                                                                                \
        const tc_steps s = *steps;                                                                   \
        size_t i = 0;                                                                                \
        if (s.cells)                                                                                 \
            for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH)) {                                       \
                int32_t cell[ISA(WIDTH)];                                                            \
                const vf x0 = ISA(load_##name)(x + i), x1 = ISA(load_##name)(x + i + LANES);         \
                vi_store(cell, ISA(step_cell)(x0, &s));                                                   \
                vi_store(cell + LANES, ISA(step_cell)(x1, &s));                                           \
                if (TC_UNLIKELY(LOOK_UP(s.cells, cell, x + i, index + i, s.bad) >= TC_SEVERAL))      \
                    ISA(bisect_##name)(x + i, index + i, ISA(WIDTH), &s, 0);                         \
            }                                                                                        \
        ISA(bisect_##name)(x + i, index + i, count - i, &s, 1);                                      \
    }
STEPS(f32, float, LOOK_UP_F32)
STEPS(f64, double, LOOK_UP_F64)
#undef STEPS
