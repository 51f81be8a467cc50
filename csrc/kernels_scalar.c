/* The row for every CPU: vectors of one lane. */
#include <string.h>

#include "kernels.h"

#define ISA(name) name##_scalar
#define ISA_STRING "scalar"
#define LANES 1
typedef float vf;
typedef int32_t vi;
typedef int vm;

static inline vf vf_load(const float *p) { return *p; }
static inline vf vf_from_f64(const double *p, double from)
{
    return (float)(*p - from);
}
static inline void vf_store(float *p, vf a) { *p = a; }
static inline vf vf_set(float a) { return a; }
static inline vf vf_add(vf a, vf b) { return a + b; }
static inline vf vf_sub(vf a, vf b) { return a - b; }
static inline vf vf_mul(vf a, vf b) { return a * b; }
static inline vf vf_fma(vf a, vf b, vf c) { return a * b + c; }
static inline vf vf_min(vf a, vf b) { return a < b ? a : b; }
static inline vf vf_max(vf a, vf b) { return a > b ? a : b; }
static inline vf vf_abs(vf a) { return a < 0 ? -a : a; }
static inline vm vf_lt(vf a, vf b) { return a < b; }
static inline vm vf_gt(vf a, vf b) { return a > b; }
static inline vm vf_unordered(vf a) { return a != a; }
static inline vf vf_select(vm m, vf a, vf b) { return m ? a : b; }
static inline vi vf_trunc(vf a) { return (int32_t)a; }
static inline vi vi_load(const int32_t *p) { return *p; }
static inline void vi_store(int32_t *p, vi a) { *p = a; }
static inline vi vi_set(int32_t a) { return a; }
static inline vi vi_add(vi a, vi b) { return a + b; }
static inline vi vi_sub(vi a, vi b) { return a - b; }
static inline vi vi_min(vi a, vi b) { return a < b ? a : b; }
static inline vi vi_max(vi a, vi b) { return a > b ? a : b; }
static inline vi vi_xor(vi a, vi b) { return a ^ b; }
static inline vm vi_gt(vi a, vi b) { return a > b; }
static inline vm vi_eq(vi a, vi b) { return a == b; }
static inline vi vi_from_u8(const uint8_t *p) { return *p; }
static inline vf vf_from_i32(vi a) { return (float)a; }
static inline vi vi_bits(vf a)
{
    vi bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}
static inline vi vi_and(vi a, vi b) { return a & b; }
static inline vi vi_or(vi a, vi b) { return a | b; }
static inline vi vi_shift_left(vi a, int count) { return (vi)((uint32_t)a << count); }
static inline vf vf_take_16(const float *p, vi a) { return p[a]; }
#define vf_take_8 vf_take_16
static inline vi vi_shift_right(vi a, int count) { return (vi)((uint32_t)a >> count); }
static inline vm vi_none(vi a, vi bits) { return (a & bits) == 0; }
static inline vi vi_select(vm m, vi a, vi b) { return m ? a : b; }
static inline vm vm_or(vm a, vm b) { return a | b; }
static inline int vm_any(vm m) { return m; }

static int supported_scalar(void) { return 1; }

#include "kernels_tpl.h"
