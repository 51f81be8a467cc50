/* The AVX-512 row on any CPU: csrc/kernels_avx512.c as it is, over intrinsics in plain C.
 *
 *     cc -std=c11 -O2 -ffp-contract=off -Wno-psabi -I tests/csrc/emulated -I csrc \
 *        tests/csrc/harness.c tests/csrc/emulated_avx512.c csrc/[!mdk]*.c -lm && ./a.out [trials] [seed]
 *
 * <immintrin.h> is then emulated/immintrin.h. This file takes the place of dispatch.c and of
 * every kernels_*.c: the row is the only one, built also where the compiler is not for x86,
 * without the target pragma (or the compiler would emit AVX-512 itself), and supported. */
#include "kernels.h"

#undef TC_HAVE_X86_ROWS
#define TC_HAVE_X86_ROWS 1
#undef TC_TARGET_BEGIN
#define TC_TARGET_BEGIN(for_gcc, for_clang)
#undef TC_TARGET_END
#define TC_TARGET_END
#define tc_cpu_features() TC_CPU_AVX512_VBMI

#include "../../csrc/kernels_avx512.c"

const tc_kernels *const tc_rows[] = {&tc_row_avx512, NULL};
