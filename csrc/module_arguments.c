/* What Python passes, as what the kernels take. */
#include <string.h>

#include "module.h"

const uint8_t tc_dtype_size[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};

static const char capsule_name[] = "turbo_cmap.kernel";

PyObject *tc_new_capsule(const tc_kernels *kernels) { return PyCapsule_New((void *)kernels, capsule_name, NULL); }

const tc_kernels *tc_get_kernel(PyObject *capsule) { return PyCapsule_GetPointer(capsule, capsule_name); }

Py_buffer *tc_open_buffer(tc_buffers *all, PyObject *object, int flags)
{
    Py_buffer *view = &all->view[all->count];
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return NULL;
    all->count++;
    return view;
}

void tc_close_buffers(tc_buffers *all)
{
    while (all->count > 0)
        PyBuffer_Release(&all->view[--all->count]);
}

PyObject *tc_closed(tc_buffers *all, int failed)
{
    tc_close_buffers(all);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* Of the tuple `given`: values, masks and invalid values. 0 on success. */
static int get_values(tc_buffers *all, PyObject *given, tc_source *source, PyObject **minus)
{
    PyObject *values, *masks, *invalid;
    int dtype, swapped;
    memset(source, 0, sizeof *source);
    if (!PyArg_ParseTuple(given, "OipOOO:source", &values, &dtype, &swapped, &masks, &invalid, minus))
        return -1;
    if (dtype < 0 || dtype >= TC_DTYPES) {
        PyErr_Format(PyExc_ValueError, "dtype must be in 0 .. %d, got %d", TC_DTYPES - 1, dtype);
        return -1;
    }
    Py_buffer *v = tc_open_buffer(all, values, PyBUF_STRIDED_RO);
    if (!v)
        return -1;
    if (v->itemsize != tc_dtype_size[dtype] || v->ndim >= TC_MAX_DIMS) {
        PyErr_Format(PyExc_ValueError, "values must have items of %d bytes and under %d dimensions, got %zd and %d",
                     tc_dtype_size[dtype], TC_MAX_DIMS, v->itemsize, v->ndim);
        return -1;
    }
    source->dims = v->ndim;
    source->dtype = (enum tc_dtype)dtype;
    source->swapped = swapped && tc_dtype_size[dtype] > 1;
    source->values.data = v->buf;
    for (int d = 0; d < v->ndim; d++) {
        source->shape[d] = (size_t)v->shape[d];
        source->values.strides[d] = v->strides[d];
    }

    Py_ssize_t mask_count = PyTuple_Check(masks) ? PyTuple_Size(masks) : 3;
    if (mask_count > 2) {
        PyErr_SetString(PyExc_TypeError, "masks must be a tuple of at most 2");
        return -1;
    }
    for (Py_ssize_t k = 0; k < mask_count; k++) {
        Py_buffer *m = tc_open_buffer(all, PyTuple_GetItem(masks, k), PyBUF_STRIDED_RO);
        if (!m)
            return -1;
        int same = m->ndim == v->ndim && m->itemsize == 1;
        for (int d = 0; same && d < v->ndim; d++)
            same = m->shape[d] == v->shape[d];
        if (!same) {
            PyErr_SetString(PyExc_ValueError, "masks must have the shape of values and items of 1 byte");
            return -1;
        }
        source->masks[k].data = m->buf;
        for (int d = 0; d < v->ndim; d++)
            source->masks[k].strides[d] = m->strides[d];
    }

    if (invalid != Py_None) {
        Py_buffer *i = tc_open_buffer(all, invalid, PyBUF_SIMPLE);
        if (!i)
            return -1;
        Py_ssize_t size = dtype == TC_F16 ? 4 : tc_dtype_size[dtype];
        if (i->len % size) {
            PyErr_SetString(PyExc_ValueError, "invalid must have the dtype of values");
            return -1;
        }
        source->invalid = i->buf;
        source->invalid_count = (size_t)(i->len / size);
    }
    return 0;
}

int tc_get_source(tc_buffers *all, PyObject *given, tc_source *source, tc_source *subtrahend)
{
    PyObject *minus, *none;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "source must be a tuple");
        return -1;
    }
    if (get_values(all, given, source, &minus) < 0)
        return -1;
    if (minus == Py_None)
        return 0;
    if (!PyTuple_Check(minus)) {
        PyErr_SetString(PyExc_TypeError, "minus must be a tuple or None");
        return -1;
    }
    if (get_values(all, minus, subtrahend, &none) < 0)
        return -1;
    int same = subtrahend->dims == source->dims && none == Py_None;
    for (int d = 0; same && d < source->dims; d++)
        same = subtrahend->shape[d] == source->shape[d];
    if (!same) {
        PyErr_SetString(PyExc_ValueError, "minus must have the shape of values, and no minus of its own");
        return -1;
    }
    source->minus = subtrahend;
    return 0;
}

const void *tc_get_items(tc_buffers *all, PyObject *object, size_t size, size_t alignment, size_t *count)
{
    Py_buffer *v = tc_open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    if ((size_t)v->len % size != 0 || (uintptr_t)v->buf % alignment != 0) {
        PyErr_Format(PyExc_ValueError, "an array must have items of %zu bytes, aligned to %zu, got %zd bytes", size,
                     alignment, v->len);
        return NULL;
    }
    *count = (size_t)v->len / size;
    return v->buf;
}
