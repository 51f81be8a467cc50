/* What the files of the Python side share: module.c, which makes the module, and a file a group
 * of its functions. A function here sets a Python error where it says NULL or -1. */
#ifndef TC_MODULE_H
#define TC_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernels.h"

/* The functions of each file, ended by zeros. */
extern PyMethodDef tc_color_methods[], tc_range_methods[], tc_inverse_methods[], tc_simulate_methods[],
    tc_png_methods[];

/* A kernel passes through Python as a capsule. */
PyObject *tc_new_capsule(const tc_kernels *kernels);
const tc_kernels *tc_get_kernel(PyObject *capsule);

/* Buffers that are open during a call. */
typedef struct {
    Py_buffer view[16];
    int count;
} tc_buffers;

Py_buffer *tc_open_buffer(tc_buffers *all, PyObject *object, int flags);
void tc_close_buffers(tc_buffers *all);
/* Close them at the end of a call: NULL if it failed, else None. */
PyObject *tc_closed(tc_buffers *all, int failed);

/* A dense array of items of `size` bytes, aligned to so many; `count` becomes its length. */
const void *tc_get_items(tc_buffers *all, PyObject *object, size_t size, size_t alignment, size_t *count);

extern const uint8_t tc_dtype_size[TC_DTYPES];

/* The source that functions take, (values, dtype, swapped, masks, invalid, minus): minus is None
 * or such a tuple, of what is subtracted; `subtrahend` is room for that. 0 on success. */
int tc_get_source(tc_buffers *all, PyObject *given, tc_source *source, tc_source *subtrahend);

#endif
