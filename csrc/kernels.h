/* The kernels' C interface. No Python in here.
 *
 * The way of one block (BLOCK values, everything in L1):
 *
 *   values --load--> native --widen--> float | double --index--> int32 --paint--> pixels
 *                                                     \-position-> float --curve--> pixels
 *
 * An ISA is one tc_kernels: its name and the pointers that are called, in one struct.
 * The truth that every row equals in every bit is turbo_cmap/kernels/reference.py.
 */
#ifndef TC_KERNELS_H
#define TC_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Which rows this compiler can build, and how a file says what its functions may use
 * (so that no build flag depends on the file). */
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define TC_HAVE_X86_ROWS 1
#endif
#if defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
#define TC_HAVE_NEON_ROW 1
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define TC_LITTLE_ENDIAN 0
#else
#define TC_LITTLE_ENDIAN 1
#endif
#define TC_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define TC_TARGET_BEGIN(for_gcc, for_clang) \
    TC_PRAGMA(clang attribute push(__attribute__((target(for_clang))), apply_to = function))
#define TC_TARGET_END TC_PRAGMA(clang attribute pop)
#elif defined(__GNUC__)
#define TC_TARGET_BEGIN(for_gcc, for_clang) TC_PRAGMA(GCC push_options) TC_PRAGMA(GCC target(for_gcc))
#define TC_TARGET_END TC_PRAGMA(GCC pop_options)
#endif

#if defined(__GNUC__)
#define TC_NOINLINE __attribute__((noinline))
#define TC_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TC_FETCH(address) __builtin_prefetch(address)
#else
#define TC_NOINLINE
#define TC_UNLIKELY(x) (x)
#define TC_FETCH(address) (void)(address)
#endif

enum { TC_LARGEST_BYTE_TABLE = 259 }; /* 256 levels in registers, and under, over and bad */
enum { TC_BLOCK = 1024, TC_MAX_DIMS = 64, TC_MAX_DEGREE = 32 };

/* Value types; those up to TC_F32 are computed in float. A bool is any byte, 0 or not. */
enum tc_dtype { TC_BOOL, TC_U8, TC_I8, TC_U16, TC_I16, TC_F16, TC_F32, TC_U32, TC_I32, TC_U64, TC_I64, TC_F64, TC_DTYPES };

/* How a value becomes an index. T is float for types of up to 16 bits and float32, else
 * double:
 *
 *   d = T(x * prescale - vmin)    q = T(d / range)    y = T(q * n)
 *
 * with the products and quotients taken in double and rounded to T, as NumPy does it for
 * a T array and float64 scalars, hence as matplotlib's Normalize and Colormap do.
 * index = trunc(y) for 0 <= y < n, n - 1 for y == n, `under` for y < 0, `over` for y > n,
 * `bad` for NaN. With range == 0, every finite value has index 0.
 *
 * A mirrored scale has its centre in place of vmin and half its width in place of range:
 *
 *   d = T(x * prescale - vmin)    q = T(|d| / range)    y = T(q * n / 2)    m = trunc(y + b)
 *
 * index = up + m for x >= centre, down - m below, so that what is as far from the centre is
 * as far from the middle of the map. With an odd n, b is 1/2 and up = down = the middle
 * entry; with an even one, b is 0 and up = n / 2 = down + 1. y > n / 2 is under or over, and
 * y == n / 2 the last entry of its side. */
typedef struct {
    double vmin, range, prescale;
    int32_t n, under, over, bad;
    int mirrored;
    /* Derived by tc_scale_init. The mapping is monotone, so being out of range is a
     * comparison with the first and the last value that are in. */
    double lowest, highest;
    float lowest_f, highest_f;
    /* Without division: with u = x - origin, z = u * step + offset, computed in float, is the
     * place on the map in units of 2^-cut entries, or up to `first` units more, however it is
     * rounded. So trunc(z) >> cut is the entry, except where none of the bits `rest` of z is
     * set: there an edge may lie between, and the operations above decide (one value in
     * thousands). z is kept from `first` to `last`, which are in the first and the last entry
     * and certain. For floats origin is vmin as a float; for doubles it is vmin, and lowest_f
     * and highest_f are u's. */
    double origin;
    float origin_f, step, offset, first, last;
    int32_t rest;
    int cut;
    int bounded; /* 0: that would be too far from the truth, use the operations above */
    int plain;   /* under and over are the first and the last color: clamping gives them */
    int float_ends; /* vmin and range are floats and prescale is 1 */
    /* Of a mirrored scale; `beyond` is the first T that is not below the centre. */
    int32_t up, down, steps; /* steps: the largest m */
    double bias, beyond;
    float beyond_f;
    /* The place on a mirrored map, too, is that from its beginning: y, with the sign of d, plus
     * n / 2; rounding down is the same to both sides, but for what is on an edge, which is never
     * certain. But if the centre itself is an edge, many values may be: then z is the place of
     * |d| from the centre, of floats. (Doubles: not worth another kernel.) */
    int bounds_steps;
    /* Positions are t = d / T(range). Where vmin is a T and prescale 1, d is x - vmin in T
     * (rounding through double first changes nothing then) and needs no double. */
    int exact_vmin;
    /* Of floats: whether t may be found by the reciprocal of `range_f` in two floats, see
     * tpl_index.h. Then d is x less vmin, rounded once. */
    int divides;
    float range_f, reciprocal, reciprocal_rest;
} tc_scale;

/* n, under, over, bad and mirrored are set before. */
void tc_scale_init(tc_scale *scale, int single, double vmin, double range, double prescale);

/* The same mapping for 32-bit integers, without doubles. Where the values are unsigned their
 * sign bit is turned, which takes 2^31 from them: x here is signed, and x + base the value. */
typedef struct {
    tc_scale scale;             /* its bounds are those of u = x - origin, rounded to float */
    int32_t turn;               /* the bit to turn */
    double base;
    int32_t least, most, origin; /* the first and the last x in range, and one between them */
} tc_integer_scale;

/* From a scale for doubles. 0 if there is none: no bounds, or no integers in range. */
int tc_integer_scale_init(tc_integer_scale *integers, const tc_scale *scale, int is_unsigned);

/* Any scale at all, as steps: a value at or above exactly k of the edges has entries[k], NaN
 * has `bad`. Which k that is, is found through cells. The cell of x is
 *
 *   t = bits(|x - centre| + width) >> shift    cell = t + rising, or falling - t for x < centre
 *
 * in float (bits being those of a float, as an integer): around the centre cells are `width`
 * wide by some power of two, far from it they grow with the distance, as the distances
 * between edges of most norms do. Each operation is monotone, however it rounds, so values
 * of different cells are in the order of their cells, and within a cell that has one edge
 * it is one comparison that decides. */
typedef struct {
    float edge;
    uint16_t below, above; /* entries; TC_SEVERAL: this cell has more edges than one */
} tc_cell_f32;
typedef struct {
    double edge;
    int32_t below, above;
} tc_cell_f64;
enum { TC_SEVERAL = 0xFFFF };

typedef struct {
    void *edges; /* float for types that are computed in it, else double; sorted, no NaN */
    size_t count;
    int32_t *entries; /* count + 1, no two neighbours equal */
    int32_t bad;
    float centre, width;
    int32_t rising, falling, last; /* `last` cell */
    int shift;
    void *cells; /* NULL where entries are too many for them */
} tc_steps;

/* From edges and their codes: colors from 0, or one of these. -1 when there is no memory. */
enum tc_code { TC_CODE_UNDER = -1, TC_CODE_OVER = -2, TC_CODE_BAD = -3 };
int tc_steps_init(tc_steps *steps, int single, const void *edges, const int32_t *codes, size_t count,
                  const tc_scale *scale);
void tc_steps_free(tc_steps *steps);
/* The entry of one value, by bisection. */
int32_t tc_step_f32(const tc_steps *steps, float x);
int32_t tc_step_f64(const tc_steps *steps, double x);

/* Colors as polynomials of the position, in pieces of equal length: with s = t * pieces,
 * piece = min(trunc(s), pieces - 1) and u = s - piece, a channel is its piece's polynomial of
 * u by Horner's rule, in float, clamped to [0, 1]. */
enum { TC_MOST_PIECES = 16 };
enum tc_cut { TC_WHOLE, TC_FEW, TC_MANY }; /* into one piece, up to 8, more */
typedef struct {
    int degree, pieces;
    float table[3][TC_MAX_DEGREE + 1][TC_MOST_PIECES]; /* channel, power, piece */
} tc_curve;

/* Colors in one output type: entries of 4 components each, and the same as planes. */
typedef struct {
    const void *entries; /* count x 4 components */
    const void *planes;  /* 4 x plane_stride components */
    size_t plane_stride; /* in components, at least 256 and at least count */
    int32_t count;       /* colors, then under, over, bad */
} tc_table;

/* Which side of the range a value is on; bits. */
enum tc_side { TC_INSIDE = 0, TC_UNDER = 1, TC_OVER = 2, TC_BAD = 4 };

/* Pixel formats of interleaved output, named by components and bits. */
enum tc_pixel { TC_3X8, TC_4X8, TC_3X16, TC_4X16, TC_3X32, TC_4X32, TC_4X64, TC_PIXELS };
/* Component sizes of planar output. */
enum tc_component { TC_8, TC_16, TC_32, TC_64, TC_COMPONENTS };

typedef void tc_widen(const void *values, void *wide, size_t count);
typedef void tc_paint(const int32_t *index, const tc_table *table, void *pixels, size_t count);
typedef void tc_paint_u8(const uint8_t *index, const tc_table *table, void *pixels, size_t count);
typedef void tc_paint_u16(const uint16_t *index, const tc_table *table, void *pixels, size_t count);
typedef void tc_paint_plane(const int32_t *index, const void *plane, void *out, size_t count);

/* `how` is a tc_scale; for integers a tc_integer_scale, for floats by steps a tc_steps. */
typedef void tc_color(const void *values, const void *how, const tc_table *table, void *pixels, size_t count,
                      int past_caches);
enum tc_by { TC_BY_F32, TC_BY_F64, TC_BY_I32, TC_BY_STEPS, TC_BYS };

struct tc_polyline;

/* A function of [0, 1]: linear up to the knee, a polynomial on each of the cells above it. A
 * cell is 1 << SHIFT numbers of the type; row k is for cell k, 0 for what is not above the
 * knee, and the powers are those of the distance from the cell's end. */
enum { TC_TRANSFER_SHIFT_4 = 47, TC_TRANSFER_SHIFT_8 = 48 }; /* by the number of terms */
typedef struct {
    double knee;
    const double *rows; /* of 4 or 8 terms, for all cells up to that of 1 */
} tc_transfer;

/* A linear map of light, and a second one beyond a plane; from encoded to encoded. */
typedef struct {
    double matrix[3][3];
    int folded;
    double normal[3], fold[3]; /* the latter is added for each unit that the former's product is below 0 */
    tc_transfer decode, encode; /* of 8 terms for double, else of 4 */
    const int32_t *levels; /* for 16 bits, 65536: the light of each level in units of 2^-30 */
} tc_light_map;
/* `count` pixels of three components; `out` does not overlap them. */
typedef void tc_simulate_wide(const void *rgb, void *out, size_t count, const tc_light_map *map);

typedef void tc_join(const void *r, const void *g, const void *b, const void *a, void *pixels, size_t count);

typedef struct {
    const char *name;
    int (*supported)(void);
    int looks_ahead; /* it takes longer to compute than to read: ask for the next values meanwhile */
    tc_widen *widen[TC_DTYPES]; /* to float or double; NULL where nothing is to do */
    /* NaN where the mask is set, or where values (64-bit integers as such: many of them are
     * one double; else wide itself) equal an invalid one. */
    void (*clear_masked_f32)(float *wide, const uint8_t *mask, size_t);
    void (*clear_masked_f64)(double *wide, const uint8_t *mask, size_t);
    void (*clear_equal_f32)(float *wide, const float *values, float invalid, size_t);
    void (*clear_equal_f64)(double *wide, const double *values, double invalid, size_t);
    void (*clear_equal_u64)(double *wide, const uint64_t *values, uint64_t invalid, size_t);
    /* a - b, rounded once. */
    void (*subtract_f32)(const float *a, const float *b, float *difference, size_t);
    void (*subtract_f64)(const double *a, const double *b, double *difference, size_t);
    void (*index_f32)(const float *, int32_t *, size_t, const tc_scale *);
    void (*index_f64)(const double *, int32_t *, size_t, const tc_scale *);
    void (*index_mirrored_f32)(const float *, int32_t *, size_t, const tc_scale *);
    void (*index_mirrored_f64)(const double *, int32_t *, size_t, const tc_scale *);
    void (*index_i32)(const int32_t *, int32_t *, size_t, const tc_integer_scale *);
    /* `bad` as the index where the mask is set, or where values equal an invalid one. */
    void (*mark_masked)(int32_t *index, const uint8_t *mask, size_t, int32_t bad);
    void (*mark_equal_i32)(int32_t *index, const int32_t *values, size_t, int32_t invalid, int32_t bad);
    void (*index_steps_f32)(const float *, int32_t *, size_t, const tc_steps *);
    void (*index_steps_f64)(const double *, int32_t *, size_t, const tc_steps *);
    /* Both return the sides that occurred. */
    unsigned (*position_f32)(const float *, float *, uint8_t *side, size_t, const tc_scale *);
    unsigned (*position_f64)(const double *, float *, uint8_t *side, size_t, const tc_scale *);
    /* Finite minimum and maximum, joined to those already in lo and hi. */
    void (*extent_f32)(const float *, size_t, float *lo, float *hi);
    void (*extent_f64)(const double *, size_t, double *lo, double *hi);
    void (*extent_i32)(const int32_t *, size_t, int32_t turn, int32_t *lo, int32_t *hi); /* of x ^ turn */
    tc_widen *order[TC_DTYPES]; /* to keys, uint32_t or uint64_t; NULL where nothing is to do */
    /* How many keys are first .. first + width. */
    size_t (*inside_u32)(const uint32_t *keys, size_t count, uint32_t first, uint32_t width);
    size_t (*inside_u64)(const uint64_t *keys, size_t count, uint64_t first, uint64_t width);
    /* The same, and their distances from first. `offsets` has room for `count`. */
    size_t (*within_u32)(const uint32_t *keys, size_t count, uint32_t first, uint32_t width, uint32_t *offsets);
    size_t (*within_u64)(const uint64_t *keys, size_t count, uint64_t first, uint64_t width, uint64_t *offsets);
    /* Minimum and maximum, joined to those already in least and most. */
    void (*bounds_u32)(const uint32_t *, size_t, uint32_t *least, uint32_t *most);
    void (*bounds_u64)(const uint64_t *, size_t, uint64_t *least, uint64_t *most);
    tc_paint *paint[TC_PIXELS];
    tc_paint_u8 *paint_u8[TC_PIXELS];
    tc_paint_u16 *paint_u16[2]; /* TC_3X8 and TC_4X8 */
    tc_paint_plane *paint_plane[TC_COMPONENTS];
    /* Values to TC_3X8 and TC_4X8 without indices in between, on a bounded scale and with a table of
     * at most 259 entries; past the caches `pixels` is 64-byte aligned and count a multiple of 64.
     * NULL where a row has none. */
    tc_color *color[TC_BYS][2];
    /* Values to TC_3X8 and TC_4X8 by a curve of degree 3 in 2 to 8 pieces, on a scale that divides:
     * how many pixels that was. It ends before 64 values of which one is beyond what clamping
     * may answer, or needs more care. NULL where a row has none. */
    size_t (*color_curve[2])(const float *values, const tc_scale *, const tc_curve *, int reverse, uint8_t alpha,
                             void *pixels, size_t count, int past_caches);
    /* Colors of positions in [0, 1]: as planes, and as four bytes each, rint(255 * level). */
    void (*curve_planes)(const float *t, float *r, float *g, float *b, size_t count, const tc_curve *);
    void (*curve_rgbx)(const float *t, uint32_t *out, size_t count, const tc_curve *, uint8_t alpha);
    void (*squeeze)(const uint32_t *rgbx, void *rgb, size_t count);
    /* rint(65535 * c) for c in [0, 1]. */
    void (*quantize_u16)(const float *c, uint16_t *out, size_t count);
    /* Planes to interleaved pixels. */
    tc_join *join[TC_PIXELS];
    /* The segment of a polyline that is nearest to a point, and where; see inverse.h. */
    int32_t (*nearest)(const struct tc_polyline *, const float *point, float *distance, float *t);
    tc_simulate_wide *simulate_u16, *simulate_f32, *simulate_f64;
    /* Copy past the caches; dst is 64-byte aligned. */
    void (*stream)(void *dst, const void *src, size_t bytes);
    void (*stream_end)(void);
} tc_kernels;

/* All rows that this build has, best first, NULL at the end. */
extern const tc_kernels *const tc_rows[];
/* The row of that name if the CPU and the OS support it, else NULL; NULL name: the best. */
const tc_kernels *tc_find(const char *name);

enum tc_feature { TC_CPU_AVX2 = 1, TC_CPU_AVX512_VBMI = 2, TC_CPU_NEON = 4 };
/* Features of the CPU whose registers the OS saves. */
unsigned tc_cpu_features(void);

/* An array of the job; strides in bytes, over the job's dimensions. */
typedef struct {
    char *data;
    ptrdiff_t strides[TC_MAX_DIMS];
} tc_array;

typedef struct tc_source {
    int dims;
    size_t shape[TC_MAX_DIMS];
    tc_array values, masks[2], out; /* values do not count where a mask is set; data may be NULL */
    enum tc_dtype dtype;
    int swapped; /* values are in the other byte order */
    const void *invalid; /* values of dtype (float16: of float), native order */
    size_t invalid_count;
    /* NULL, or what is subtracted from the values: the job is about their differences, which
     * are floats if both have types that are computed in float, else doubles, and NaN where
     * either does not count. Its own dims, shape, out and minus are not looked at. */
    const struct tc_source *minus;
} tc_source;

/* Whether the source is computed in float. */
int tc_in_single(const tc_source *s);
/* The type whose keys are counted. */
enum tc_dtype tc_key_dtype(const tc_source *s);

typedef struct {
    tc_source source;
    tc_scale scale; /* where there are steps, only n, under, over and bad */
    const tc_steps *steps; /* or NULL */
    tc_table table;
    int channels;                /* 3 or 4 */
    enum tc_component component;
    ptrdiff_t channel_stride;    /* of out, in bytes */
    const tc_curve *curve;       /* NULL: colors are the table's */
    int reverse;                 /* the curve is of 1 - t */
} tc_job;

/* All return 0, or -1 when there is no memory for the blocks. */
int tc_colorize(const tc_job *job, const tc_kernels *kernels);
/* Finite, unmasked, valid minimum and maximum; lo > hi when there are none. */
int tc_extent(const tc_source *source, const tc_kernels *kernels, double *lo, double *hi);

/* The key of a value is an unsigned integer of its type's width; keys are ordered as the
 * values, with -0 below +0 and NaN beyond the infinities: see `order` in tpl_range.h. Keys
 * of differences are those of float or double; NaN is left out there.
 *
 * A span is the keys first .. last, in bins of 1 << shift keys from the first on. */
typedef struct {
    uint64_t first, last, shift;
} tc_span;

/* How many of the values that are unmasked and valid are in each bin of each span, and
 * the least and the greatest of their keys (least > most where there are none).
 * The spans are disjoint and ascending. `counts` has the bins of the first span, then those
 * of the second, and so on; all three arrays are written whole. */
int tc_count(const tc_source *source, const tc_kernels *kernels, const tc_span *spans, size_t span_count,
             uint64_t *counts, uint64_t *least, uint64_t *most);
/* The keys of the values in the spans, disjoint and ascending, as many as there is room for,
 * and how many there are. */
int tc_collect(const tc_source *source, const tc_kernels *kernels, const tc_span *spans, size_t span_count,
               uint64_t *keys, size_t room, size_t *found);
/* Both for a few spans, which may overlap: how many values there are in each, and the keys
 * of those in the first `kept` spans, as many as there is room for. */
int tc_select(const tc_source *source, const tc_kernels *kernels, const tc_span *spans, size_t span_count, size_t kept,
              uint64_t *sizes, uint64_t *keys, size_t room);

/* A linear map of the light of 8-bit pixels, in units of 2^-28. */
typedef struct {
    const int32_t *columns; /* 3 x 256 x 4: what a level of R, G, B adds to r, g, b, d */
    const int32_t *fold;    /* NULL, or 3: added to r, g, b for each unit that d is below 0 */
    const int32_t *levels;  /* 4097: (levels[y >> 16] + y) >> 16 is the level of light y */
} tc_projection;

/* `count` pixels of three bytes; `out` does not overlap them. */
void tc_simulate(const uint8_t *rgb, uint8_t *out, size_t count, const tc_projection *projection);

/* `count` pixels of a photo of 1, 3 or 4 components under colors of four bytes: level p
 * becomes mixed[256 * c + p] under c, or stays where the color's alpha is 0. `out` has 4
 * components if the photo has, whose alpha stays, else 3; it may be the photo itself. */
void tc_blend(const uint8_t *rgba, const uint8_t *photo, int components, const uint8_t *mixed, uint8_t *out,
              size_t count);

/* Rows of a PNG of gray pixels as its encoder had them. `filtered` is `count` rows of `size`
 * bytes, each behind the number of its filter; they become rows first, first + 1 ... of
 * `pixels`, which has `height` and those before already. `pixel` is the bytes of one, 1 or 2.
 * Two are a uint16 in native order, but for the last row so far, which keeps the file's until
 * there is a next one, or none to come. 0, or -1 where a number is of no filter, or without
 * memory for a row. */
int tc_unfilter(const uint8_t *filtered, size_t count, size_t size, size_t pixel, uint8_t *pixels, size_t first,
                size_t height);

#endif
