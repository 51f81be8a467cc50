/* The kernels' C interface. No Python in here.
 *
 * The way of one block (BLOCK values, everything in L1):
 *
 *   values --load--> native --widen--> float | double --index--> int32 --paint--> pixels
 *                                                     \-position-> float --polynomial--> pixels
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
#define TC_PREFETCH(address) __builtin_prefetch(address)
#else
#define TC_NOINLINE
#define TC_UNLIKELY(x) (x)
#define TC_PREFETCH(address) ((void)(address))
#endif

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
    /* Bounds, computed in float: with u = x - origin, y lies between u * step + low_offset and
     * u * step + high_offset. Where both truncate alike, that is the index; elsewhere (one
     * value in thousands) the operations above decide. No division, and however the bounds
     * are rounded. For floats origin is vmin as a float; for doubles it is vmin, and lowest_f
     * and highest_f are u's. */
    double origin;
    float origin_f, step, low_offset, high_offset;
    int bounded; /* 0: the bounds would be too far apart, use the operations above */
    int plain;   /* under and over are the first and the last colour: clamping gives them */
    int float_ends; /* vmin and range are floats and prescale is 1 */
    /* Of a mirrored scale; `beyond` is the first T that is not below the centre. */
    int32_t up, down, steps; /* steps: the largest m */
    double bias, beyond;
    float beyond_f;
    /* Positions are t = d / T(range). Where vmin is a T and prescale 1, d is x - vmin in T
     * (rounding through double first changes nothing then) and needs no double. */
    int exact_vmin;
} tc_scale;

/* n, under, over, bad and mirrored are set before. */
void tc_scale_init(tc_scale *scale, int single, double vmin, double range, double prescale);

/* Colours in one output type: entries of 4 components each, and the same as planes. */
typedef struct {
    const void *entries; /* count x 4 components */
    const void *planes;  /* 4 x plane_stride components */
    size_t plane_stride; /* in components, at least 256 and at least count */
    int32_t count;       /* colours, then under, over, bad */
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
typedef void tc_paint_plane(const int32_t *index, const void *plane, void *out, size_t count);

typedef void tc_join(const void *r, const void *g, const void *b, const void *a, void *pixels, size_t count);

typedef struct {
    const char *name;
    int (*supported)(void);
    tc_widen *widen[TC_DTYPES]; /* to float or double; NULL where nothing is to do */
    /* NaN where the mask is set, or where values (64-bit integers as such: many of them are
     * one double; else wide itself) equal an invalid one. */
    void (*clear_masked_f32)(float *wide, const uint8_t *mask, size_t);
    void (*clear_masked_f64)(double *wide, const uint8_t *mask, size_t);
    void (*clear_equal_f32)(float *wide, const float *values, float invalid, size_t);
    void (*clear_equal_f64)(double *wide, const double *values, double invalid, size_t);
    void (*clear_equal_u64)(double *wide, const uint64_t *values, uint64_t invalid, size_t);
    void (*index_f32)(const float *, int32_t *, size_t, const tc_scale *);
    void (*index_f64)(const double *, int32_t *, size_t, const tc_scale *);
    void (*index_mirrored_f32)(const float *, int32_t *, size_t, const tc_scale *);
    void (*index_mirrored_f64)(const double *, int32_t *, size_t, const tc_scale *);
    /* Both return the sides that occurred. */
    unsigned (*position_f32)(const float *, float *, uint8_t *side, size_t, const tc_scale *);
    unsigned (*position_f64)(const double *, float *, uint8_t *side, size_t, const tc_scale *);
    /* Finite minimum and maximum, joined to those already in lo and hi. */
    void (*extent_f32)(const float *, size_t, float *lo, float *hi);
    void (*extent_f64)(const double *, size_t, double *lo, double *hi);
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
    tc_paint_plane *paint_plane[TC_COMPONENTS];
    /* Horner in float, clamped to [0, 1]; coefficients ascending. */
    void (*polynomial)(const float *t, float *out, size_t count, const float *coefficients, int degree);
    /* rint(levels * c) for c in [0, 1]. */
    void (*quantize_u8)(const float *c, uint8_t *out, size_t count);
    void (*quantize_u16)(const float *c, uint16_t *out, size_t count);
    /* Planes to interleaved pixels. */
    tc_join *join[TC_PIXELS];
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

typedef struct {
    int dims;
    size_t shape[TC_MAX_DIMS];
    tc_array values, masks[2], out; /* values do not count where a mask is set; data may be NULL */
    enum tc_dtype dtype;
    int swapped; /* values are in the other byte order */
    const void *invalid; /* values of dtype (float16: of float), native order */
    size_t invalid_count;
} tc_source;

typedef struct {
    tc_source source;
    tc_scale scale;
    tc_table table;
    int channels;                /* 3 or 4 */
    enum tc_component component;
    ptrdiff_t channel_stride;    /* of out, in bytes */
    const float *polynomial;     /* NULL, or 3 x (degree + 1) coefficients, ascending */
    int degree, reverse;
} tc_job;

/* All return 0, or -1 when there is no memory for the blocks. */
int tc_colorize(const tc_job *job, const tc_kernels *kernels);
/* Finite, unmasked, valid minimum and maximum; lo > hi when there are none. */
int tc_extent(const tc_source *source, const tc_kernels *kernels, double *lo, double *hi);

/* The key of a value is an unsigned integer of its type's width; keys are ordered as the
 * values, with -0 below +0 and NaN beyond the infinities: see `order` in tpl_range.h.
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

#endif
