/* The least and the greatest value, and the values at ranks. */
#include "module.h"

PyDoc_STRVAR(extent_doc,
             "extent(kernel, source) -> (lo, hi)\n\n"
             "(inf, -inf) when no value counts.");

static PyObject *extent(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given;
    if (!PyArg_ParseTuple(args, "OO:extent", &capsule, &given))
        return NULL;
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    tc_buffers all = {.count = 0};
    double lo = 0, hi = 0;
    int failed = tc_get_source(&all, given, &source, &minus) < 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_extent(&source, kernels, &lo, &hi) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    tc_close_buffers(&all);
    return failed ? NULL : Py_BuildValue("(dd)", lo, hi);
}

/* Spans of keys: an array of (first, last, shift), with as many bins in all as there are in
 * `counts`; `apart`: disjoint and ascending. */
static const tc_span *get_spans(tc_buffers *all, PyObject *object, const tc_source *source, int apart,
                                const size_t *counts, size_t *count)
{
    Py_buffer *v = tc_open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    const tc_span *spans = v->buf;
    *count = (size_t)v->len / sizeof *spans;
    int fit = v->len % (Py_ssize_t)sizeof *spans == 0 && (uintptr_t)v->buf % sizeof(uint64_t) == 0 &&
              *count <= 1 << 24;
    const int wide = tc_dtype_size[tc_key_dtype(source)] == 8;
    const uint64_t greatest = wide ? UINT64_MAX : UINT32_MAX, bits = wide ? 64 : 32;
    uint64_t left = counts ? *counts : 0;
    for (size_t n = 0; fit && n < *count; n++) {
        fit = spans[n].first <= spans[n].last && spans[n].last <= greatest && spans[n].shift < bits &&
              !(apart && n && spans[n].first <= spans[n - 1].last);
        if (fit && counts) {
            uint64_t last_bin = (spans[n].last - spans[n].first) >> spans[n].shift;
            fit = last_bin < left;
            left -= fit ? last_bin + 1 : 0;
        }
    }
    if (!fit || left || (counts && *counts > UINT32_MAX)) {
        PyErr_SetString(PyExc_ValueError, "spans must be (first, last, shift) in uint64 and fit the bins");
        return NULL;
    }
    return spans;
}

/* A dense array of uint64 to write to. */
static uint64_t *get_words(tc_buffers *all, PyObject *object, size_t *count)
{
    Py_buffer *v = tc_open_buffer(all, object, PyBUF_WRITABLE);
    if (!v)
        return NULL;
    if (v->len % (Py_ssize_t)sizeof(uint64_t) != 0 || (uintptr_t)v->buf % sizeof(uint64_t) != 0) {
        PyErr_SetString(PyExc_ValueError, "counts, bounds and keys must be of uint64");
        return NULL;
    }
    *count = (size_t)v->len / sizeof(uint64_t);
    return v->buf;
}

PyDoc_STRVAR(count_doc,
             "count(kernel, source, spans, counts, bounds)\n\n"
             "spans is (n, 3): first, last, shift; counts, the bins of all spans, and bounds (2, n), least and\n"
             "greatest keys, are written. All of uint64.");

static PyObject *count(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given, *spans_in, *counts_out, *bounds_out;
    if (!PyArg_ParseTuple(args, "OOOOO:count", &capsule, &given, &spans_in, &counts_out, &bounds_out))
        return NULL;
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    tc_buffers all = {.count = 0};
    size_t cells = 0, limits = 0, span_count = 0;
    uint64_t *counts = NULL, *bounds = NULL;
    const tc_span *spans = NULL;
    int failed = tc_get_source(&all, given, &source, &minus) < 0 ||
                 !(counts = get_words(&all, counts_out, &cells)) || !(bounds = get_words(&all, bounds_out, &limits)) ||
                 !(spans = get_spans(&all, spans_in, &source, 1, &cells, &span_count));
    if (!failed && limits != 2 * span_count) {
        PyErr_SetString(PyExc_ValueError, "spans and bounds do not fit together");
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_count(&source, kernels, spans, span_count, counts, bounds, bounds + span_count) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    return tc_closed(&all, failed);
}

PyDoc_STRVAR(select_doc,
             "select(kernel, source, spans, kept, sizes, keys)\n\n"
             "spans is (n, 3) as in count(); sizes (n,) is written, and of the keys in the first `kept` spans as\n"
             "many as there is room for.");

static PyObject *select_keys(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given, *spans_in, *sizes_out, *keys_out;
    Py_ssize_t kept;
    if (!PyArg_ParseTuple(args, "OOOnOO:select", &capsule, &given, &spans_in, &kept, &sizes_out, &keys_out))
        return NULL;
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    tc_buffers all = {.count = 0};
    size_t room = 0, span_count = 0, size_count = 0;
    uint64_t *sizes = NULL, *keys = NULL;
    const tc_span *spans = NULL;
    int failed = tc_get_source(&all, given, &source, &minus) < 0 ||
                 !(sizes = get_words(&all, sizes_out, &size_count)) || !(keys = get_words(&all, keys_out, &room)) ||
                 !(spans = get_spans(&all, spans_in, &source, 0, NULL, &span_count));
    if (!failed && (size_count != span_count || kept < 0)) {
        PyErr_SetString(PyExc_ValueError, "spans, kept and sizes do not fit together");
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_select(&source, kernels, spans, span_count, (size_t)kept, sizes, keys, room) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    return tc_closed(&all, failed);
}

PyDoc_STRVAR(collect_doc,
             "collect(kernel, source, spans, keys) -> found\n\n"
             "spans is (n, 3) as in count(); as many keys as there is room for are written.");

static PyObject *collect(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given, *spans_in, *keys_out;
    if (!PyArg_ParseTuple(args, "OOOO:collect", &capsule, &given, &spans_in, &keys_out))
        return NULL;
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    tc_buffers all = {.count = 0};
    size_t room = 0, span_count = 0, found = 0;
    uint64_t *keys = NULL;
    const tc_span *spans = NULL;
    int failed = tc_get_source(&all, given, &source, &minus) < 0 ||
                 !(keys = get_words(&all, keys_out, &room)) ||
                 !(spans = get_spans(&all, spans_in, &source, 1, NULL, &span_count));
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_collect(&source, kernels, spans, span_count, keys, room, &found) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    tc_close_buffers(&all);
    return failed ? NULL : PyLong_FromSize_t(found);
}

PyMethodDef tc_range_methods[] = {
    {"extent", extent, METH_VARARGS, extent_doc},
    {"count", count, METH_VARARGS, count_doc},
    {"select", select_keys, METH_VARARGS, select_doc},
    {"collect", collect, METH_VARARGS, collect_doc},
    {NULL, NULL, 0, NULL},
};
