/* What the CPU can do, and whether the OS saves the registers that it does it in. */
#include "kernels.h"

#if TC_HAVE_X86_ROWS
#include <cpuid.h>

/* XCR0, the state components that the OS saves on a context switch. */
static uint64_t saved_state(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

unsigned tc_cpu_features(void)
{
    /* Intel SDM vol. 2A, CPUID: leaf 1 ECX; leaf 7 subleaf 0 EBX, ECX. vol. 1, 13.1: XCR0. */
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28 };
    enum { AVX2 = 1 << 5, AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30, VBMI = 1 << 1 };
    const uint32_t avx512_ebx = AVX512F | AVX512DQ | AVX512BW | 1u << 31 /* VL */;
    const uint64_t ymm = 0x6, zmm = 0xE6; /* SSE, AVX; and opmask, ZMM_Hi256, Hi16_ZMM */

    unsigned a, b, c, d, features = 0;
    const unsigned needed = FMA | OSXSAVE | AVX;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & needed) != needed)
        return 0;
    uint64_t saved = saved_state();
    if ((saved & ymm) != ymm || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & AVX2))
        return 0;
    features |= TC_CPU_AVX2;
    if ((saved & zmm) == zmm && (b & avx512_ebx) == avx512_ebx && (c & VBMI))
        features |= TC_CPU_AVX512_VBMI;
    return features;
}
#elif TC_HAVE_NEON_ROW
unsigned tc_cpu_features(void) { return TC_CPU_NEON; } /* part of AArch64 */
#else
unsigned tc_cpu_features(void) { return 0; }
#endif
