/* Positions to colors by curves: polynomials in pieces. See tc_curve in kernels.h. */

/* Where in its piece a position is, which is all of it where there is one. */
static inline vf ISA(place)(vf t, vi *piece, const tc_curve *c, enum tc_cut cut)
{
    if (cut == TC_WHOLE) {
        *piece = vi_set(0);
        return t;
    }
    const vf s = vf_mul(t, vf_set((float)c->pieces));
    *piece = vi_min(vf_trunc(s), vi_set(c->pieces - 1));
    return vf_sub(s, vf_from_i32(*piece));
}

static inline vf ISA(coefficient)(const float *table, vi piece, enum tc_cut cut)
{
    return cut == TC_WHOLE ? vf_set(table[0]) : cut == TC_FEW ? vf_take_8(table, piece) : vf_take_16(table, piece);
}

static inline enum tc_cut ISA(cut)(const tc_curve *c)
{
    return c->pieces == 1 ? TC_WHOLE : c->pieces <= 8 ? TC_FEW : TC_MANY;
}

/* One channel, by Horner's rule, clamped to [0, 1]. */
static inline vf ISA(level)(vf u, vi piece, const tc_curve *c, int channel, int degree, enum tc_cut cut)
{
    const float(*table)[TC_MOST_PIECES] = c->table[channel];
    vf p = ISA(coefficient)(table[degree], piece, cut);
    for (int k = degree - 1; k >= 0; k--)
        p = vf_add(vf_mul(p, u), ISA(coefficient)(table[k], piece, cut));
    return vf_min(vf_max(p, vf_set(0)), vf_set(1));
}

static inline void ISA(curve_planes_of)(const float *t, float *r, float *g, float *b, const tc_curve *c, int degree, enum tc_cut cut)
{
    vi piece;
    const vf u = ISA(place)(vf_load(t), &piece, c, cut);
    vf_store(r, ISA(level)(u, piece, c, 0, degree, cut));
    vf_store(g, ISA(level)(u, piece, c, 1, degree, cut));
    vf_store(b, ISA(level)(u, piece, c, 2, degree, cut));
}

/* Adding 1.5 * 2^23 rounds to the nearest integer, ties to even, and leaves it in the low
 * bits: rint on every ISA. */
static inline vi ISA(byte)(vf level)
{
    return vi_and(vi_bits(vf_add(vf_mul(level, vf_set(255)), vf_set(12582912.0f))), vi_set(255));
}

static inline void ISA(curve_rgbx_of)(const float *t, uint32_t *out, const tc_curve *c, vi fourth, int degree, enum tc_cut cut)
{
    vi piece;
    const vf u = ISA(place)(vf_load(t), &piece, c, cut);
    const vi r = ISA(byte)(ISA(level)(u, piece, c, 0, degree, cut));
    const vi g = ISA(byte)(ISA(level)(u, piece, c, 1, degree, cut));
    const vi b = ISA(byte)(ISA(level)(u, piece, c, 2, degree, cut));
    vi_store((int32_t *)out, vi_or(vi_or(r, TC_LITTLE_ENDIAN ? vi_shift_left(g, 8) : vi_shift_left(g, 16)),
                                   vi_or(vi_shift_left(b, TC_LITTLE_ENDIAN ? 16 : 8), fourth)));
}

/* Cubics in a few pieces are what Turbo is: that loop is compiled for them. A tail goes
 * through the same code on a padded copy. */
#define CURVE_LOOP(call)                                \
    if (c->pieces <= 8 && c->pieces > 1 && c->degree == 3) { \
        const enum tc_cut cut = TC_FEW;                 \
        const int degree = 3;                           \
        for (; i + LANES <= count; i += LANES)          \
            call;                                       \
    } else {                                            \
        const enum tc_cut cut = ISA(cut)(c);            \
        const int degree = c->degree;                   \
        for (; i + LANES <= count; i += LANES)          \
            call;                                       \
    }

static void ISA(curve_planes)(const float *t, float *r, float *g, float *b, size_t count, const tc_curve *c)
{
    size_t i = 0;
    CURVE_LOOP(ISA(curve_planes_of)(t + i, r + i, g + i, b + i, c, degree, cut))
    if (i < count) {
        float rest[LANES] = {0}, level[3][LANES];
        memcpy(rest, t + i, (count - i) * sizeof *t);
        ISA(curve_planes_of)(rest, level[0], level[1], level[2], c, c->degree, ISA(cut)(c));
        memcpy(r + i, level[0], (count - i) * sizeof *r);
        memcpy(g + i, level[1], (count - i) * sizeof *g);
        memcpy(b + i, level[2], (count - i) * sizeof *b);
    }
}

static void ISA(curve_rgbx)(const float *t, uint32_t *out, size_t count, const tc_curve *c, uint8_t alpha)
{
    const vi fourth = vi_set((int32_t)((uint32_t)alpha << (TC_LITTLE_ENDIAN ? 24 : 0)));
    size_t i = 0;
    CURVE_LOOP(ISA(curve_rgbx_of)(t + i, out + i, c, fourth, degree, cut))
    if (i < count) {
        float rest[LANES] = {0};
        uint32_t pixels[LANES];
        memcpy(rest, t + i, (count - i) * sizeof *t);
        ISA(curve_rgbx_of)(rest, pixels, c, fourth, c->degree, ISA(cut)(c));
        memcpy(out + i, pixels, (count - i) * sizeof *out);
    }
}
#undef CURVE_LOOP

/* ---- squeeze: RGBX to RGB ---- */

#ifndef SQUEEZE
#define SQUEEZE ISA(squeeze)
static void ISA(squeeze)(const uint32_t *rgbx, void *rgb, size_t count)
{
    char *out = rgb;
    size_t i = 0;
    for (; i + 1 < count; i++)
        memcpy(out + 3 * i, rgbx + i, 4);
    if (i < count)
        memcpy(out + 3 * i, rgbx + i, 3);
}
#endif
