/* AArch64: NEON is always there, 4 lanes. */
#include "kernels.h"
#if TC_HAVE_NEON_ROW
#include <arm_neon.h>
#include <string.h>

#define ISA(name) name##_neon
#define ISA_STRING "neon"
#define FUSED /* vf_fma rounds once, and there are doubles */
#define LANES 4
typedef float32x4_t vf;
typedef int32x4_t vi;
typedef uint32x4_t vm;

static inline vf vf_load(const float *p) { return vld1q_f32(p); }
static inline vf vf_from_f64(const double *p, double from)
{
    return vcvt_high_f32_f64(vcvt_f32_f64(vsubq_f64(vld1q_f64(p), vdupq_n_f64(from))),
                             vsubq_f64(vld1q_f64(p + 2), vdupq_n_f64(from)));
}
static inline float64x2_t low_f64(vf a) { return vcvt_f64_f32(vget_low_f32(a)); }
static inline float64x2_t high_f64(vf a) { return vcvt_high_f64_f32(a); }
static inline vf vf_of_f64(float64x2_t low, float64x2_t high) { return vcvt_high_f32_f64(vcvt_f32_f64(low), high); }
static inline vf vf_less(vf a, double from)
{
    const float64x2_t origin = vdupq_n_f64(from);
    return vf_of_f64(vsubq_f64(low_f64(a), origin), vsubq_f64(high_f64(a), origin));
}
static inline vf vf_over(vf a, double divisor)
{
    const float64x2_t by = vdupq_n_f64(divisor);
    return vf_of_f64(vdivq_f64(low_f64(a), by), vdivq_f64(high_f64(a), by));
}
static inline void vf_store(float *p, vf a) { vst1q_f32(p, a); }
static inline vf vf_set(float a) { return vdupq_n_f32(a); }
static inline vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf vf_div(vf a, vf b) { return vdivq_f32(a, b); }
static inline vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
static inline vf vf_fnma(vf a, vf b, vf c) { return vfmsq_f32(c, a, b); }
/* fminnm, fmaxnm: the number where one of two is NaN */
static inline vf vf_min(vf a, vf b) { return vminnmq_f32(a, b); }
static inline vf vf_max(vf a, vf b) { return vmaxnmq_f32(a, b); }
static inline vf vf_abs(vf a) { return vabsq_f32(a); }
static inline vm vf_lt(vf a, vf b) { return vcltq_f32(a, b); }
static inline vm vf_gt(vf a, vf b) { return vcgtq_f32(a, b); }
static inline vm vf_unordered(vf a) { return vmvnq_u32(vceqq_f32(a, a)); }
static inline vf vf_select(vm m, vf a, vf b) { return vbslq_f32(m, a, b); }
static inline vi vf_trunc(vf a) { return vcvtq_s32_f32(a); }
static inline vi vi_load(const int32_t *p) { return vld1q_s32(p); }
static inline void vi_store(int32_t *p, vi a) { vst1q_s32(p, a); }
static inline vi vi_set(int32_t a) { return vdupq_n_s32(a); }
static inline vi vi_add(vi a, vi b) { return vaddq_s32(a, b); }
static inline vi vi_sub(vi a, vi b) { return vsubq_s32(a, b); }
static inline vi vi_min(vi a, vi b) { return vminq_s32(a, b); }
static inline vi vi_max(vi a, vi b) { return vmaxq_s32(a, b); }
static inline vi vi_xor(vi a, vi b) { return veorq_s32(a, b); }
static inline vm vi_gt(vi a, vi b) { return vcgtq_s32(a, b); }
static inline vm vi_eq(vi a, vi b) { return vceqq_s32(a, b); }
static inline vi vi_from_u8(const uint8_t *p)
{
    uint32_t bytes;
    memcpy(&bytes, p, 4);
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(bytes)))));
}
static inline vf vf_from_i32(vi a) { return vcvtq_f32_s32(a); }
static inline vi vi_bits(vf a) { return vreinterpretq_s32_f32(a); }
static inline vi vi_and(vi a, vi b) { return vandq_s32(a, b); }
static inline vi vi_or(vi a, vi b) { return vorrq_s32(a, b); }
static inline vi vi_shift_left(vi a, int count) { return vshlq_s32(a, vdupq_n_s32(count)); }
static inline vf vf_take_16(const float *p, vi a)
{
    const float taken[4] = {p[vgetq_lane_s32(a, 0)], p[vgetq_lane_s32(a, 1)], p[vgetq_lane_s32(a, 2)],
                            p[vgetq_lane_s32(a, 3)]};
    return vld1q_f32(taken);
}
#define vf_take_8 vf_take_16
static inline vi vi_shift_right(vi a, int count)
{
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-count)));
}
static inline vm vi_none(vi a, vi bits) { return vmvnq_u32(vtstq_s32(a, bits)); }
static inline vi vi_select(vm m, vi a, vi b) { return vbslq_s32(m, a, b); }
static inline vm vm_and(vm a, vm b) { return vandq_u32(a, b); }
static inline vm vm_or(vm a, vm b) { return vorrq_u32(a, b); }
static inline int vm_any(vm m) { return vmaxvq_u32(m) != 0; }

static int supported_neon(void) { return 1; }

#include "kernels_tpl.h"
#endif
