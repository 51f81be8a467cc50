/* The Python side of the kernels: parse, check, release the GIL, call.
 *
 * The checks here are those that memory safety needs; what users are told about their
 * arguments is turbo_cmap/colorizer.py's. Arrays come through the buffer protocol. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <string.h>

#include "kernels.h"

static const char capsule_name[] = "turbo_cmap.kernel";

static const uint8_t dtype_size[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};

static const tc_kernels *get_kernel(PyObject *capsule) { return PyCapsule_GetPointer(capsule, capsule_name); }

/* Buffers that are open during a call. */
typedef struct {
    Py_buffer view[8];
    int count;
} buffers;

static Py_buffer *open_buffer(buffers *all, PyObject *object, int flags)
{
    Py_buffer *view = &all->view[all->count];
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return NULL;
    all->count++;
    return view;
}

static void close_buffers(buffers *all)
{
    while (all->count > 0)
        PyBuffer_Release(&all->view[--all->count]);
}

/* Values, masks and invalid values, which all of the functions take. 0 on success. */
static int get_source(buffers *all, PyObject *values, int dtype, int swapped, PyObject *masks, PyObject *invalid,
                      tc_source *source)
{
    if (dtype < 0 || dtype >= TC_DTYPES) {
        PyErr_Format(PyExc_ValueError, "dtype must be in 0 .. %d, got %d", TC_DTYPES - 1, dtype);
        return -1;
    }
    Py_buffer *v = open_buffer(all, values, PyBUF_STRIDED_RO);
    if (!v)
        return -1;
    if (v->itemsize != dtype_size[dtype] || v->ndim >= TC_MAX_DIMS) {
        PyErr_Format(PyExc_ValueError, "values must have items of %d bytes and under %d dimensions, got %zd and %d",
                     dtype_size[dtype], TC_MAX_DIMS, v->itemsize, v->ndim);
        return -1;
    }
    source->dims = v->ndim;
    source->dtype = (enum tc_dtype)dtype;
    source->swapped = swapped && dtype_size[dtype] > 1;
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
        Py_buffer *m = open_buffer(all, PyTuple_GetItem(masks, k), PyBUF_STRIDED_RO);
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
        Py_buffer *i = open_buffer(all, invalid, PyBUF_SIMPLE);
        if (!i)
            return -1;
        Py_ssize_t size = dtype == TC_F16 ? 4 : dtype_size[dtype];
        if (i->len % size) {
            PyErr_SetString(PyExc_ValueError, "invalid must have the dtype of values");
            return -1;
        }
        source->invalid = i->buf;
        source->invalid_count = (size_t)(i->len / size);
    }
    return 0;
}

static int get_out(buffers *all, PyObject *out, tc_job *job)
{
    const tc_source *s = &job->source;
    Py_buffer *o = open_buffer(all, out, PyBUF_STRIDED);
    if (!o)
        return -1;
    int same = o->ndim == s->dims + 1;
    for (int d = 0; same && d < s->dims; d++)
        same = (size_t)o->shape[d] == s->shape[d];
    if (!same) {
        PyErr_SetString(PyExc_ValueError, "out must have the shape of values, then the channels");
        return -1;
    }
    job->channels = (int)o->shape[s->dims];
    job->channel_stride = o->strides[s->dims];
    switch (o->itemsize) {
    case 1: job->component = TC_8; break;
    case 2: job->component = TC_16; break;
    case 4: job->component = TC_32; break;
    case 8: job->component = TC_64; break;
    default: job->component = TC_COMPONENTS;
    }
    int known = job->component != TC_COMPONENTS && (job->channels == 3 || job->channels == 4);
    if (!known || (job->component == TC_64 && (job->channels == 3 || job->polynomial))) {
        PyErr_Format(PyExc_ValueError, "out cannot have %d channels of %zd bytes", job->channels, o->itemsize);
        return -1;
    }
    job->source.out.data = o->buf;
    for (int d = 0; d < s->dims; d++)
        job->source.out.strides[d] = o->strides[d];
    return 0;
}

static int get_table(buffers *all, PyObject *entries, PyObject *planes, PyObject *polynomial, tc_job *job)
{
    static const Py_ssize_t sizes[TC_COMPONENTS] = {1, 2, 4, 8};
    const Py_ssize_t size = sizes[job->component], count = (Py_ssize_t)job->scale.n + 3;
    const tc_scale *s = &job->scale;
    Py_buffer *e = open_buffer(all, entries, PyBUF_SIMPLE);
    if (!e)
        return -1;
    Py_buffer *p = open_buffer(all, planes, PyBUF_SIMPLE);
    if (!p)
        return -1;
    Py_ssize_t stride = p->len / (4 * size);
    int inside = s->under >= 0 && s->under < count && s->over >= 0 && s->over < count && s->bad >= 0 && s->bad < count;
    if (s->n < 1 || s->n > 65536 || !inside || e->len != 4 * size * count || stride < 256 || stride < count) {
        PyErr_SetString(PyExc_ValueError, "entries, planes, n, under, over and bad do not fit together");
        return -1;
    }
    job->table.entries = e->buf;
    job->table.planes = p->buf;
    job->table.plane_stride = (size_t)stride;
    job->table.count = (int32_t)count;
    if (job->polynomial) {
        Py_buffer *c = open_buffer(all, polynomial, PyBUF_SIMPLE);
        if (!c)
            return -1;
        Py_ssize_t terms = c->len / (3 * (Py_ssize_t)sizeof(float));
        if (terms < 1 || terms > TC_MAX_DEGREE + 1) {
            PyErr_Format(PyExc_ValueError, "the polynomial must have 1 to %d terms, got %zd", TC_MAX_DEGREE + 1, terms);
            return -1;
        }
        job->polynomial = c->buf;
        job->degree = (int)terms - 1;
    }
    return 0;
}

PyDoc_STRVAR(colorize_doc,
             "colorize(kernel, values, dtype, swapped, masks, invalid, scale, n, under, over, bad,\n"
             "         entries, planes, polynomial, reverse, out)\n\n"
             "scale is (vmin, range, prescale); see turbo_cmap.kernels.native.");

static PyObject *colorize(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *values, *masks, *invalid, *entries, *planes, *polynomial, *out;
    int dtype, swapped, reverse;
    double vmin, range, prescale;
    tc_job job;
    memset(&job, 0, sizeof job);
    if (!PyArg_ParseTuple(args, "OOipOO(dddp)iiiiOOOpO:colorize", &capsule, &values, &dtype, &swapped, &masks, &invalid,
                          &vmin, &range, &prescale, &job.scale.mirrored, &job.scale.n, &job.scale.under, &job.scale.over, &job.scale.bad,
                          &entries, &planes, &polynomial, &reverse, &out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    if (!(isfinite(vmin) && isfinite(range) && range >= 0 && prescale > 0 && prescale <= 1)) {
        PyErr_SetString(PyExc_ValueError, "scale must be finite with range >= 0 and 0 < prescale <= 1");
        return NULL;
    }
    static const float present;
    job.polynomial = polynomial == Py_None ? NULL : &present;
    job.reverse = reverse;

    buffers all = {.count = 0};
    int failed = get_source(&all, values, dtype, swapped, masks, invalid, &job.source) < 0 ||
                 get_out(&all, out, &job) < 0 || get_table(&all, entries, planes, polynomial, &job) < 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        tc_scale_init(&job.scale, job.source.dtype <= TC_F32, vmin, range, prescale);
        failed = tc_colorize(&job, kernels) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(extent_doc,
             "extent(kernel, values, dtype, swapped, masks, invalid) -> (lo, hi)\n\n"
             "(inf, -inf) when no value counts.");

static PyObject *extent(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *values, *masks, *invalid;
    int dtype, swapped;
    if (!PyArg_ParseTuple(args, "OOipOO:extent", &capsule, &values, &dtype, &swapped, &masks, &invalid))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source;
    memset(&source, 0, sizeof source);
    buffers all = {.count = 0};
    double lo = 0, hi = 0;
    int failed = get_source(&all, values, dtype, swapped, masks, invalid, &source) < 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_extent(&source, kernels, &lo, &hi) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    close_buffers(&all);
    return failed ? NULL : Py_BuildValue("(dd)", lo, hi);
}

/* Spans of keys: an array of (first, last, shift), with as many bins in all as there are in
 * `counts`; `apart`: disjoint and ascending. */
static const tc_span *get_spans(buffers *all, PyObject *object, int dtype, int apart, const size_t *counts,
                                size_t *count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    const tc_span *spans = v->buf;
    *count = (size_t)v->len / sizeof *spans;
    int fit = v->len % (Py_ssize_t)sizeof *spans == 0 && (uintptr_t)v->buf % sizeof(uint64_t) == 0 &&
              *count <= 1 << 24;
    const uint64_t greatest = dtype_size[dtype] == 8 ? UINT64_MAX : UINT32_MAX;
    const uint64_t bits = dtype_size[dtype] == 8 ? 64 : 32;
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
static uint64_t *get_words(buffers *all, PyObject *object, size_t *count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_WRITABLE);
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
             "count(kernel, values, dtype, swapped, masks, invalid, spans, counts, bounds)\n\n"
             "spans is (n, 3): first, last, shift; counts, the bins of all spans, and bounds (2, n), least and\n"
             "greatest keys, are written. All of uint64.");

static PyObject *count(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *values, *masks, *invalid, *spans_in, *counts_out, *bounds_out;
    int dtype, swapped;
    if (!PyArg_ParseTuple(args, "OOipOOOOO:count", &capsule, &values, &dtype, &swapped, &masks, &invalid, &spans_in,
                          &counts_out, &bounds_out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source;
    memset(&source, 0, sizeof source);
    buffers all = {.count = 0};
    size_t cells = 0, limits = 0, span_count = 0;
    uint64_t *counts = NULL, *bounds = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, values, dtype, swapped, masks, invalid, &source) < 0 ||
                 !(counts = get_words(&all, counts_out, &cells)) || !(bounds = get_words(&all, bounds_out, &limits)) ||
                 !(spans = get_spans(&all, spans_in, dtype, 1, &cells, &span_count));
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
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(select_doc,
             "select(kernel, values, dtype, swapped, masks, invalid, spans, kept, sizes, keys)\n\n"
             "spans is (n, 3) as in count(); sizes (n,) is written, and of the keys in the first `kept` spans as\n"
             "many as there is room for.");

static PyObject *select_keys(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *values, *masks, *invalid, *spans_in, *sizes_out, *keys_out;
    int dtype, swapped;
    Py_ssize_t kept;
    if (!PyArg_ParseTuple(args, "OOipOOOnOO:select", &capsule, &values, &dtype, &swapped, &masks, &invalid, &spans_in,
                          &kept, &sizes_out, &keys_out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source;
    memset(&source, 0, sizeof source);
    buffers all = {.count = 0};
    size_t room = 0, span_count = 0, size_count = 0;
    uint64_t *sizes = NULL, *keys = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, values, dtype, swapped, masks, invalid, &source) < 0 ||
                 !(sizes = get_words(&all, sizes_out, &size_count)) || !(keys = get_words(&all, keys_out, &room)) ||
                 !(spans = get_spans(&all, spans_in, dtype, 0, NULL, &span_count));
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
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(collect_doc,
             "collect(kernel, values, dtype, swapped, masks, invalid, spans, keys) -> found\n\n"
             "spans is (n, 3) as in count(); as many keys as there is room for are written.");

static PyObject *collect(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *values, *masks, *invalid, *spans_in, *keys_out;
    int dtype, swapped;
    if (!PyArg_ParseTuple(args, "OOipOOOO:collect", &capsule, &values, &dtype, &swapped, &masks, &invalid, &spans_in,
                          &keys_out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source;
    memset(&source, 0, sizeof source);
    buffers all = {.count = 0};
    size_t room = 0, span_count = 0, found = 0;
    uint64_t *keys = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, values, dtype, swapped, masks, invalid, &source) < 0 ||
                 !(keys = get_words(&all, keys_out, &room)) ||
                 !(spans = get_spans(&all, spans_in, dtype, 1, NULL, &span_count));
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_collect(&source, kernels, spans, span_count, keys, room, &found) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    close_buffers(&all);
    return failed ? NULL : PyLong_FromSize_t(found);
}

PyDoc_STRVAR(kernel_doc, "kernel(name) -> the kernels of that name, for the other functions");

static PyObject *kernel(PyObject *Py_UNUSED(module), PyObject *name)
{
    PyObject *encoded = PyUnicode_AsUTF8String(name);
    if (!encoded)
        return NULL;
    const tc_kernels *found = tc_find(PyBytes_AsString(encoded));
    Py_DECREF(encoded);
    if (!found)
        return PyErr_Format(PyExc_ValueError, "no kernel named %R runs here", name);
    return PyCapsule_New((void *)found, capsule_name, NULL);
}

static PyObject *strings(const char *const *names, int count)
{
    PyObject *tuple = PyTuple_New(count);
    for (int i = 0; tuple && i < count; i++) {
        PyObject *name = PyUnicode_FromString(names[i]);
        if (!name || PyTuple_SetItem(tuple, i, name) < 0)
            Py_CLEAR(tuple);
    }
    return tuple;
}

PyDoc_STRVAR(kernel_names_doc, "kernel_names() -> those that run here, best first");

static PyObject *kernel_names(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    const char *names[8];
    int count = 0;
    for (const tc_kernels *const *row = tc_rows; *row && count < 8; row++)
        if ((*row)->supported())
            names[count++] = (*row)->name;
    return strings(names, count);
}

PyDoc_STRVAR(cpu_features_doc, "cpu_features() -> what the CPU can do and the OS supports, of what kernels use");

static PyObject *cpu_features(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static const struct {
        unsigned bit;
        const char *name;
    } known[] = {{TC_CPU_AVX2, "avx2"}, {TC_CPU_AVX512_VBMI, "avx512vbmi"}, {TC_CPU_NEON, "neon"}};
    const char *names[3];
    int count = 0;
    unsigned features = tc_cpu_features();
    for (int i = 0; i < 3; i++)
        if (features & known[i].bit)
            names[count++] = known[i].name;
    return strings(names, count);
}

static PyMethodDef methods[] = {
    {"colorize", colorize, METH_VARARGS, colorize_doc},
    {"extent", extent, METH_VARARGS, extent_doc},
    {"count", count, METH_VARARGS, count_doc},
    {"select", select_keys, METH_VARARGS, select_doc},
    {"collect", collect, METH_VARARGS, collect_doc},
    {"kernel", kernel, METH_O, kernel_doc},
    {"kernel_names", kernel_names, METH_NOARGS, kernel_names_doc},
    {"cpu_features", cpu_features, METH_NOARGS, cpu_features_doc},
    {NULL, NULL, 0, NULL},
};

/* Nothing is written after the module is made, so nothing needs the GIL or is shared by
 * interpreters. The slots are newer than the stable ABI that is asked for. */
static PyModuleDef_Slot slots[] = {
#if !defined(Py_LIMITED_API) && defined(Py_mod_multiple_interpreters)
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if !defined(Py_LIMITED_API) && defined(Py_mod_gil)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "The C kernels of turbo_cmap.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
