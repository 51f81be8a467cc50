/* The algorithms, once. An ISA file defines the vector operations and includes this.
 *
 *   ISA(name)        the name with the ISA's suffix
 *   ISA_STRING       the row's name
 *   LANES            floats in a vector
 *   vf, vi, vm       vectors of float and int32, and a mask for their lanes
 *   vf_load, vf_store, vf_set, vf_add, vf_sub, vf_mul, vf_min, vf_max, vf_abs
 *   vf_from_f64(p, from)         LANES doubles less `from`, rounded
 *   vf_fma(a, b, c)              a * b + c, rounded once or twice; a row that defines FUSED
 *                                rounds once, and has vf_fnma(a, b, c), -a * b + c, vf_div,
 *                                vm_and
 *                                and vf_less(a, b) and vf_over(a, b), a - b and a / b of
 *                                a double b, in double and rounded
 *   vf_lt, vf_gt, vf_unordered   comparisons, vm
 *   vf_select(m, a, b)           m ? a : b, and vi_select
 *   vf_trunc         to int32, towards 0; the argument fits
 *   vi_load, vi_store, vi_set, vi_add, vi_sub, vi_min, vi_max, vi_xor, vi_gt, vi_eq
 *   vi_from_u8(p)    LANES bytes
 *   vi_bits(a)       the bits of floats
 *   vi_shift_right(a, count), vi_shift_left(a, count)    logical
 *   vi_and, vi_or
 *   vi_none(a, bits)    where none of the bits is set, vm
 *   vf_from_i32(a)   rounded
 *   vf_take_8(p, a), vf_take_16(p, a)    p[a], a below 8 or 16
 *   vm_or, vm_any
 *
 * and may define PAINT_3X8 etc. as its own functions. vf_min(a, b) and vf_max(a, b)
 * return b when a is NaN (NEON: unless it is signaling).
 *
 * Loops without vector operations are left to the compiler, which has this ISA's target;
 * each lane's operations are those of the truth, so its choices cannot change a bit. */
#include <float.h>
#include <math.h>
#include <string.h>

#ifndef LOOKS_AHEAD
#define LOOKS_AHEAD 1
#endif
#include "tpl_load.h"
#include "tpl_index.h"
#include "tpl_integer.h"
#include "tpl_steps.h"
#include "tpl_range.h"
#include "tpl_paint.h"
#include "tpl_curve.h"
#include "tpl_nearest.h"
#include "tpl_simulate.h"
#ifdef COLOR
#include "tpl_color.h"
#endif

const tc_kernels ISA(tc_row) = {
    .name = ISA_STRING,
    .supported = ISA(supported),
    .looks_ahead = LOOKS_AHEAD,
    .widen = {
        [TC_BOOL] = ISA(widen_bool), [TC_U8] = ISA(widen_u8), [TC_I8] = ISA(widen_i8), [TC_U16] = ISA(widen_u16), [TC_I16] = ISA(widen_i16),
        [TC_F16] = ISA(widen_f16), [TC_U32] = ISA(widen_u32), [TC_I32] = ISA(widen_i32),
        [TC_U64] = ISA(widen_u64), [TC_I64] = ISA(widen_i64),
    },
    .clear_masked_f32 = ISA(clear_masked_f32),
    .clear_masked_f64 = ISA(clear_masked_f64),
    .clear_equal_f32 = ISA(clear_equal_f32),
    .clear_equal_f64 = ISA(clear_equal_f64),
    .clear_equal_u64 = ISA(clear_equal_u64),
    .subtract_f32 = ISA(subtract_f32),
    .subtract_f64 = ISA(subtract_f64),
    .index_f32 = ISA(index_f32),
    .index_f64 = ISA(index_f64),
    .index_mirrored_f32 = ISA(index_mirrored_f32),
    .index_mirrored_f64 = ISA(index_mirrored_f64),
    .index_i32 = ISA(index_i32),
    .mark_masked = ISA(mark_masked),
    .mark_equal_i32 = ISA(mark_equal_i32),
    .index_steps_f32 = ISA(index_steps_f32),
    .index_steps_f64 = ISA(index_steps_f64),
    .position_f32 = ISA(position_f32),
    .position_f64 = ISA(position_f64),
    .extent_f32 = ISA(extent_f32),
    .extent_f64 = ISA(extent_f64),
    .extent_i32 = ISA(extent_i32),
    .order = {
        [TC_BOOL] = ISA(order_bool), [TC_U8] = ISA(order_u8), [TC_I8] = ISA(order_i8), [TC_U16] = ISA(order_u16),
        [TC_I16] = ISA(order_i16), [TC_F16] = ISA(order_f16), [TC_F32] = ISA(order_f32), [TC_I32] = ISA(order_i32),
        [TC_I64] = ISA(order_i64), [TC_F64] = ISA(order_f64),
    },
    .inside_u32 = ISA(inside_u32),
    .inside_u64 = ISA(inside_u64),
    .within_u32 = WITHIN_U32,
    .within_u64 = WITHIN_U64,
    .bounds_u32 = ISA(bounds_u32),
    .bounds_u64 = ISA(bounds_u64),
    .paint = {
        [TC_3X8] = PAINT_3X8, [TC_4X8] = PAINT_4X8, [TC_3X16] = ISA(paint_3x16), [TC_4X16] = ISA(paint_4x16),
        [TC_3X32] = ISA(paint_3x32), [TC_4X32] = ISA(paint_4x32), [TC_4X64] = ISA(paint_4x64),
    },
    .paint_u8 = {
        [TC_3X8] = PAINT_U8_3X8, [TC_4X8] = PAINT_U8_4X8, [TC_3X16] = ISA(paint_u8_3x16),
        [TC_4X16] = ISA(paint_u8_4x16), [TC_3X32] = ISA(paint_u8_3x32), [TC_4X32] = ISA(paint_u8_4x32),
        [TC_4X64] = ISA(paint_u8_4x64),
    },
    .paint_u16 = {[TC_3X8] = PAINT_U16_3X8, [TC_4X8] = PAINT_U16_4X8},
    .paint_plane = {
        [TC_8] = PAINT_PLANE_8, [TC_16] = ISA(paint_plane_16), [TC_32] = ISA(paint_plane_32),
        [TC_64] = ISA(paint_plane_64),
    },
#ifdef COLOR
    .color = {
        [TC_BY_F32] = {ISA(color_f32_3x8), ISA(color_f32_4x8)},
        [TC_BY_F64] = {ISA(color_f64_3x8), ISA(color_f64_4x8)},
        [TC_BY_I32] = {ISA(color_i32_3x8), ISA(color_i32_4x8)},
    },
    .color_curve = {ISA(color_curve_3x8), ISA(color_curve_4x8)},
#endif
    .curve_planes = ISA(curve_planes),
    .curve_rgbx = ISA(curve_rgbx),
    .squeeze = SQUEEZE,
    .quantize_u16 = ISA(quantize_u16),
    .join = {
        [TC_3X16] = ISA(join_3x16), [TC_4X16] = ISA(join_4x16),
        [TC_3X32] = ISA(join_3x32), [TC_4X32] = ISA(join_4x32),
    },
    .nearest = ISA(nearest),
    .simulate_u16 = ISA(simulate_u16),
    .simulate_f32 = ISA(simulate_f32),
    .simulate_f64 = ISA(simulate_f64),
    .stream = STREAM,
    .stream_end = STREAM_END,
};
