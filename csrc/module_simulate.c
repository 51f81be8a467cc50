/* What colors become in the eyes of people with a color-vision deficiency. */
#include <string.h>

#include "module.h"

PyDoc_STRVAR(simulate_doc,
             "simulate(columns, fold, levels, rgb, out)\n\n"
             "columns (3, 256, 4), fold (3,) or None and levels (4097,) of int32; rgb and out dense\n"
             "pixels of three bytes. See turbo_cmap.kernels.projection.");

/* A dense table of so many int32. */
static const int32_t *get_table(tc_buffers *all, PyObject *object, size_t count)
{
    size_t found;
    const int32_t *table = tc_get_items(all, object, sizeof *table, sizeof *table, &found);
    if (table && found != count) {
        PyErr_Format(PyExc_ValueError, "a table must be %zu int32, got %zu", count, found);
        return NULL;
    }
    return table;
}

static PyObject *simulate(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *columns, *fold, *levels, *rgb, *out;
    if (!PyArg_ParseTuple(args, "OOOOO:simulate", &columns, &fold, &levels, &rgb, &out))
        return NULL;
    tc_buffers all = {.count = 0};
    tc_projection projection = {NULL, NULL, NULL};
    Py_buffer *from = NULL, *to = NULL;
    int failed = !(projection.columns = get_table(&all, columns, 3 * 256 * 4)) ||
                 !(projection.levels = get_table(&all, levels, 4097)) ||
                 (fold != Py_None && !(projection.fold = get_table(&all, fold, 3))) ||
                 !(from = tc_open_buffer(&all, rgb, PyBUF_SIMPLE)) || !(to = tc_open_buffer(&all, out, PyBUF_WRITABLE));
    if (!failed && (from->len != to->len || from->len % 3 != 0)) {
        PyErr_Format(PyExc_ValueError, "rgb and out must have 3 bytes a pixel, got %zd and %zd bytes", from->len,
                     to->len);
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        tc_simulate(from->buf, to->buf, (size_t)from->len / 3, &projection);
        Py_END_ALLOW_THREADS
    }
    return tc_closed(&all, failed);
}

PyDoc_STRVAR(simulate_wide_doc,
             "simulate_wide(kernel, component, matrix, fold, decode_knee, decode_rows, encode_knee, encode_rows,\n"
             "              levels, rgb, out)\n\n"
             "component is the bytes of one, 2, 4 or 8; matrix (3, 3), fold None or (2, 3), rows (n, 4) or, for\n"
             "8 bytes, (n, 8) of float64; levels (65536,) of int32, for 2 bytes; rgb and out dense pixels. See\n"
             "turbo_cmap.kernels.transfer.");

/* -1 where the rows do not reach from the knee to 1. */
static int get_transfer(tc_buffers *all, PyObject *rows, double knee, size_t terms, tc_transfer *transfer)
{
    size_t count;
    transfer->knee = knee;
    transfer->rows = tc_get_items(all, rows, sizeof *transfer->rows, sizeof *transfer->rows, &count);
    if (!transfer->rows)
        return -1;
    const double one = 1;
    uint64_t first, last;
    memcpy(&first, &knee, sizeof first);
    memcpy(&last, &one, sizeof last);
    const int shift = terms == 8 ? TC_TRANSFER_SHIFT_8 : TC_TRANSFER_SHIFT_4;
    if (!(knee > 0 && knee < 1) || count % terms != 0 ||
        count / terms <= (last - first + ((uint64_t)1 << shift) - 1) >> shift) {
        PyErr_SetString(PyExc_ValueError, "a transfer function's rows must reach from its knee, in (0, 1), to 1");
        return -1;
    }
    return 0;
}

static int get_light_map(tc_buffers *all, PyObject *matrix, PyObject *fold, tc_light_map *map)
{
    size_t count;
    const double *numbers = tc_get_items(all, matrix, sizeof *numbers, sizeof *numbers, &count);
    if (!numbers)
        return -1;
    int fit = count == 9;
    if (fit)
        memcpy(map->matrix, numbers, sizeof map->matrix);
    map->folded = fold != Py_None;
    if (map->folded) {
        numbers = tc_get_items(all, fold, sizeof *numbers, sizeof *numbers, &count);
        if (!numbers)
            return -1;
        fit = fit && count == 6;
        if (fit) {
            memcpy(map->normal, numbers, sizeof map->normal);
            memcpy(map->fold, numbers + 3, sizeof map->fold);
        }
    }
    if (!fit)
        PyErr_SetString(PyExc_ValueError, "matrix must have 9 numbers, and fold 6");
    return fit ? 0 : -1;
}

static PyObject *simulate_wide(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *matrix, *fold, *decode, *encode, *levels, *rgb, *out;
    int component;
    double decode_knee, encode_knee;
    if (!PyArg_ParseTuple(args, "OiOOdOdOOOO:simulate_wide", &capsule, &component, &matrix, &fold, &decode_knee,
                          &decode, &encode_knee, &encode, &levels, &rgb, &out))
        return NULL;
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_simulate_wide *const see = component == 2   ? kernels->simulate_u16
                                  : component == 4 ? kernels->simulate_f32
                                  : component == 8 ? kernels->simulate_f64
                                                   : NULL;
    if (!see)
        return PyErr_Format(PyExc_ValueError, "a component must have 2, 4 or 8 bytes, got %d", component);
    const size_t terms = component == 8 ? 8 : 4;
    tc_buffers all = {.count = 0};
    tc_light_map map = {.levels = NULL};
    Py_buffer *from = NULL, *to = NULL;
    int failed = get_light_map(&all, matrix, fold, &map) < 0 ||
                 get_transfer(&all, decode, decode_knee, terms, &map.decode) < 0 ||
                 get_transfer(&all, encode, encode_knee, terms, &map.encode) < 0 ||
                 (component == 2 && !(map.levels = get_table(&all, levels, 65536))) ||
                 !(from = tc_open_buffer(&all, rgb, PyBUF_SIMPLE)) || !(to = tc_open_buffer(&all, out, PyBUF_WRITABLE));
    if (!failed && (from->len != to->len || from->len % (3 * component) != 0 ||
                    (uintptr_t)from->buf % (size_t)component || (uintptr_t)to->buf % (size_t)component)) {
        PyErr_Format(PyExc_ValueError, "rgb and out must have 3 aligned components a pixel, got %zd and %zd bytes",
                     from->len, to->len);
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        see(from->buf, to->buf, (size_t)from->len / (3 * (size_t)component), &map);
        Py_END_ALLOW_THREADS
    }
    return tc_closed(&all, failed);
}

PyMethodDef tc_simulate_methods[] = {
    {"simulate", simulate, METH_VARARGS, simulate_doc},
    {"simulate_wide", simulate_wide, METH_VARARGS, simulate_wide_doc},
    {NULL, NULL, 0, NULL},
};
