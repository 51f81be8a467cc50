/* The rows of this build, best first. */
#include <string.h>

#include "kernels.h"

extern const tc_kernels tc_row_scalar;
#if TC_HAVE_X86_ROWS
extern const tc_kernels tc_row_avx2, tc_row_avx512;
#endif
#if TC_HAVE_NEON_ROW
extern const tc_kernels tc_row_neon;
#endif

const tc_kernels *const tc_rows[] = {
#if TC_HAVE_X86_ROWS
    &tc_row_avx512, &tc_row_avx2,
#endif
#if TC_HAVE_NEON_ROW
    &tc_row_neon,
#endif
    &tc_row_scalar, NULL};

const tc_kernels *tc_find(const char *name)
{
    for (const tc_kernels *const *row = tc_rows; *row; row++)
        if ((!name || strcmp(name, (*row)->name) == 0) && (*row)->supported())
            return *row;
    return NULL;
}
