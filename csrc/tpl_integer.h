/* 32-bit integers to table indices without doubles, and what does not count marked in the
 * indices. See kernels_tpl.h. */

/* The truth: integers as doubles. */
static TC_NOINLINE void ISA(exact_i32)(const int32_t *restrict x, int32_t *restrict index,
                                       const tc_integer_scale *s)
{
    double wide[ISA(WIDTH)];
    for (int i = 0; i < ISA(WIDTH); i++)
        wide[i] = (double)(x[i] ^ s->turn) + s->base;
    (s->scale.mirrored ? ISA(exact_mirrored_f64) : ISA(exact_f64))(wide, index, ISA(WIDTH), &s->scale);
}

static inline ISA(pair) ISA(pair_i32)(const int32_t *x, const tc_integer_scale *s, int plain)
{
    const vi turn = vi_set(s->turn), least = vi_set(s->least), most = vi_set(s->most), origin = vi_set(s->origin);
    const vi x0 = vi_xor(vi_load(x), turn), x1 = vi_xor(vi_load(x + LANES), turn);
    const vi u0 = vi_sub(vi_min(vi_max(x0, least), most), origin);
    const vi u1 = vi_sub(vi_min(vi_max(x1, least), most), origin);
    ISA(pair) at = ISA(entries)(vf_from_i32(u0), vf_from_i32(u1), &s->scale);
    if (TC_UNLIKELY(!at.certain)) {
        int32_t index[ISA(WIDTH)];
        ISA(exact_i32)(x, index, s);
        return ISA(load_pair)(index);
    }
    if (!plain) {
        const vi under = vi_set(s->scale.under), over = vi_set(s->scale.over);
        at.i0 = vi_select(vi_gt(least, x0), under, vi_select(vi_gt(x0, most), over, at.i0));
        at.i1 = vi_select(vi_gt(least, x1), under, vi_select(vi_gt(x1, most), over, at.i1));
    }
    return at;
}

static void ISA(index_i32)(const int32_t *x, int32_t *index, size_t count, const tc_integer_scale *scale)
{
    const tc_integer_scale s = *scale;
    size_t i = 0;
    if (s.scale.plain)
        for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))
            ISA(store_pair)(index + i, ISA(pair_i32)(x + i, &s, 1));
    else
        for (; i + ISA(WIDTH) <= count; i += ISA(WIDTH))
            ISA(store_pair)(index + i, ISA(pair_i32)(x + i, &s, 0));
    if (i < count) {
        int32_t rest[ISA(WIDTH)] = {0}, at[ISA(WIDTH)];
        memcpy(rest, x + i, (count - i) * sizeof *rest);
        ISA(store_pair)(at, ISA(pair_i32)(rest, &s, 0));
        memcpy(index + i, at, (count - i) * sizeof *at);
    }
}

static void ISA(extent_i32)(const int32_t *x, size_t count, int32_t turn, int32_t *lo, int32_t *hi)
{
    int32_t low = *lo, high = *hi;
    for (size_t i = 0; i < count; i++) {
        const int32_t v = x[i] ^ turn;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    *lo = low;
    *hi = high;
}

/* ---- mark: `bad` where values do not count ---- */

static void ISA(mark_masked)(int32_t *index, const uint8_t *mask, size_t count, int32_t bad)
{
    const vi zero = vi_set(0), mark = vi_set(bad);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        vi_store(index + i, vi_select(vi_gt(vi_from_u8(mask + i), zero), mark, vi_load(index + i)));
    for (; i < count; i++)
        index[i] = mask[i] ? bad : index[i];
}

static void ISA(mark_equal_i32)(int32_t *index, const int32_t *values, size_t count, int32_t invalid, int32_t bad)
{
    const vi unwanted = vi_set(invalid), mark = vi_set(bad);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        vi_store(index + i, vi_select(vi_eq(vi_load(values + i), unwanted), mark, vi_load(index + i)));
    for (; i < count; i++)
        index[i] = values[i] == invalid ? bad : index[i];
}
