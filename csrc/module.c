/* The Python side of the kernels: parse, check, release the GIL, call.
 *
 * The checks here are those that memory safety needs; what users are told about their
 * arguments is turbo_cmap/colorizer.py's. Arrays come through the buffer protocol. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <string.h>

#include "inverse.h"

static const char capsule_name[] = "turbo_cmap.kernel";

static const uint8_t dtype_size[TC_DTYPES] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};

static const tc_kernels *get_kernel(PyObject *capsule) { return PyCapsule_GetPointer(capsule, capsule_name); }

/* Buffers that are open during a call. */
typedef struct {
    Py_buffer view[16];
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

/* Of the tuple `given`: values, masks and invalid values. 0 on success. */
static int get_values(buffers *all, PyObject *given, tc_source *source, PyObject **minus)
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

/* The source that all of the functions take, (values, dtype, swapped, masks, invalid, minus):
 * minus is None or such a tuple, of what is subtracted; `subtrahend` is room for that. 0 on
 * success. */
static int get_source(buffers *all, PyObject *given, tc_source *source, tc_source *subtrahend)
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
    if (!known || (job->component == TC_64 && (job->channels == 3 || job->curve))) {
        PyErr_Format(PyExc_ValueError, "out cannot have %d channels of %zd bytes", job->channels, o->itemsize);
        return -1;
    }
    job->source.out.data = o->buf;
    for (int d = 0; d < s->dims; d++)
        job->source.out.strides[d] = o->strides[d];
    return 0;
}

static int get_table(buffers *all, PyObject *entries, PyObject *planes, tc_job *job)
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
    return 0;
}

/* A curve as floats, channel by channel, power by power, piece by piece. */
static int get_curve(buffers *all, PyObject *polynomial, int pieces, tc_curve *curve, tc_job *job)
{
    if (polynomial == Py_None)
        return 0;
    Py_buffer *c = open_buffer(all, polynomial, PyBUF_SIMPLE);
    if (!c)
        return -1;
    const Py_ssize_t row = pieces * (Py_ssize_t)sizeof(float), terms = pieces > 0 ? c->len / (3 * row) : 0;
    if (terms < 1 || terms > TC_MAX_DEGREE + 1 || pieces > TC_MOST_PIECES || c->len != 3 * terms * row) {
        PyErr_Format(PyExc_ValueError, "curves must have 1 to %d pieces of 1 to %d terms", TC_MOST_PIECES,
                     TC_MAX_DEGREE + 1);
        return -1;
    }
    memset(curve, 0, sizeof *curve);
    curve->degree = (int)terms - 1;
    curve->pieces = pieces;
    for (Py_ssize_t i = 0; i < 3 * terms; i++)
        memcpy(curve->table[i / terms][i % terms], (const char *)c->buf + i * row, (size_t)row);
    job->curve = curve;
    return 0;
}

/* Edges and codes of a scale that is steps. */
typedef struct {
    const void *edges;
    const int32_t *codes;
    size_t count;
} code_steps;

/* (origin, range, prescale, mirrored), or (edges, codes): see turbo_cmap/kernels/native.py. */
static int get_scale(buffers *all, PyObject *scale, double *origin, double *range, double *prescale, int *mirrored,
                     code_steps *steps, const tc_job *job)
{
    if (PyTuple_Check(scale) && PyTuple_Size(scale) == 4) {
        if (!PyArg_ParseTuple(scale, "dddp", origin, range, prescale, mirrored))
            return -1;
        if (!(isfinite(*origin) && isfinite(*range) && *range >= 0 && *prescale > 0 && *prescale <= 1)) {
            PyErr_SetString(PyExc_ValueError, "scale must be finite with range >= 0 and 0 < prescale <= 1");
            return -1;
        }
        return 0;
    }
    PyObject *edges, *codes;
    if (!PyArg_ParseTuple(scale, "OO", &edges, &codes))
        return -1;
    Py_buffer *e = open_buffer(all, edges, PyBUF_SIMPLE);
    if (!e)
        return -1;
    Py_buffer *k = open_buffer(all, codes, PyBUF_SIMPLE);
    if (!k)
        return -1;
    const Py_ssize_t size = tc_in_single(&job->source) ? sizeof(float) : sizeof(double);
    const Py_ssize_t count = e->len / size;
    int fit = e->len % size == 0 && k->len == (count + 1) * (Py_ssize_t)sizeof(int32_t);
    for (Py_ssize_t i = 0; fit && i <= count; i++) {
        const int32_t code = ((const int32_t *)k->buf)[i];
        fit = code >= TC_CODE_BAD && code < job->scale.n;
    }
    if (!fit || (uintptr_t)e->buf % (size_t)size || (uintptr_t)k->buf % sizeof(int32_t)) {
        PyErr_SetString(PyExc_ValueError, "edges and codes do not fit together");
        return -1;
    }
    steps->edges = e->buf;
    steps->codes = k->buf;
    steps->count = (size_t)count;
    return 0;
}

PyDoc_STRVAR(colorize_doc,
             "colorize(kernel, source, scale, n, under, over, bad, entries, planes, polynomial, pieces, reverse,\n"
             "         out)\n\n"
             "scale is (origin, range, prescale, mirrored) or (edges, codes); see turbo_cmap.kernels.native.");

static PyObject *colorize(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *source, *scale, *entries, *planes, *polynomial, *out;
    int pieces, reverse;
    double origin = 0, range = 0, prescale = 1;
    code_steps given = {0};
    tc_steps steps;
    tc_curve curve;
    tc_job job;
    tc_source minus;
    memset(&job, 0, sizeof job);
    if (!PyArg_ParseTuple(args, "OOOiiiiOOOipO:colorize", &capsule, &source, &scale, &job.scale.n, &job.scale.under,
                          &job.scale.over, &job.scale.bad, &entries, &planes, &polynomial, &pieces, &reverse, &out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    job.reverse = reverse;

    buffers all = {.count = 0};
    int failed = get_source(&all, source, &job.source, &minus) < 0 ||
                 get_curve(&all, polynomial, pieces, &curve, &job) < 0 || get_out(&all, out, &job) < 0 ||
                 get_table(&all, entries, planes, &job) < 0 ||
                 get_scale(&all, scale, &origin, &range, &prescale, &job.scale.mirrored, &given, &job) < 0;
    if (!failed && given.codes && job.curve) {
        PyErr_SetString(PyExc_ValueError, "steps have no positions for a curve");
        failed = 1;
    }
    if (!failed) {
        const int single = tc_in_single(&job.source);
        Py_BEGIN_ALLOW_THREADS
        if (given.codes) {
            failed = tc_steps_init(&steps, single, given.edges, given.codes, given.count, &job.scale) < 0;
            job.steps = &steps;
        } else {
            tc_scale_init(&job.scale, single, origin, range, prescale);
        }
        failed = failed || tc_colorize(&job, kernels) < 0;
        if (job.steps)
            tc_steps_free(&steps);
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
             "extent(kernel, source) -> (lo, hi)\n\n"
             "(inf, -inf) when no value counts.");

static PyObject *extent(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given;
    if (!PyArg_ParseTuple(args, "OO:extent", &capsule, &given))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    buffers all = {.count = 0};
    double lo = 0, hi = 0;
    int failed = get_source(&all, given, &source, &minus) < 0;
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
static const tc_span *get_spans(buffers *all, PyObject *object, const tc_source *source, int apart,
                                const size_t *counts, size_t *count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    const tc_span *spans = v->buf;
    *count = (size_t)v->len / sizeof *spans;
    int fit = v->len % (Py_ssize_t)sizeof *spans == 0 && (uintptr_t)v->buf % sizeof(uint64_t) == 0 &&
              *count <= 1 << 24;
    const int wide = dtype_size[tc_key_dtype(source)] == 8;
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
             "count(kernel, source, spans, counts, bounds)\n\n"
             "spans is (n, 3): first, last, shift; counts, the bins of all spans, and bounds (2, n), least and\n"
             "greatest keys, are written. All of uint64.");

static PyObject *count(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given, *spans_in, *counts_out, *bounds_out;
    if (!PyArg_ParseTuple(args, "OOOOO:count", &capsule, &given, &spans_in, &counts_out, &bounds_out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    buffers all = {.count = 0};
    size_t cells = 0, limits = 0, span_count = 0;
    uint64_t *counts = NULL, *bounds = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, given, &source, &minus) < 0 ||
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
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
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
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    buffers all = {.count = 0};
    size_t room = 0, span_count = 0, size_count = 0;
    uint64_t *sizes = NULL, *keys = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, given, &source, &minus) < 0 ||
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
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(collect_doc,
             "collect(kernel, source, spans, keys) -> found\n\n"
             "spans is (n, 3) as in count(); as many keys as there is room for are written.");

static PyObject *collect(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *given, *spans_in, *keys_out;
    if (!PyArg_ParseTuple(args, "OOOO:collect", &capsule, &given, &spans_in, &keys_out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_source source, minus;
    buffers all = {.count = 0};
    size_t room = 0, span_count = 0, found = 0;
    uint64_t *keys = NULL;
    const tc_span *spans = NULL;
    int failed = get_source(&all, given, &source, &minus) < 0 ||
                 !(keys = get_words(&all, keys_out, &room)) ||
                 !(spans = get_spans(&all, spans_in, &source, 1, NULL, &span_count));
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

/* A dense array of items of `size` bytes; its length in items. */
static const void *get_items(buffers *all, PyObject *object, Py_ssize_t size, size_t *count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    const uintptr_t alignment = size == 8 ? 8 : size > 8 ? 4 : 1; /* pixels may have any */
    if (v->len % size != 0 || (uintptr_t)v->buf % alignment != 0) {
        PyErr_Format(PyExc_ValueError, "an array must have items of %zd bytes, got %zd bytes", size, v->len);
        return NULL;
    }
    *count = (size_t)(v->len / size);
    return v->buf;
}

/* The polyline and the colours that were painted. */
static int get_polyline(buffers *all, PyObject *segments, PyObject *balls, PyObject *near, PyObject *first, PyObject *slots,
                     tc_inverse *job)
{
    enum { CELLS = TC_CELLS * TC_CELLS * TC_CELLS };
    size_t count = 0, chunks = 0, cells = 0, firsts = 0, slot_count = 0;
    struct tc_polyline *c = &job->curve;
    if (!(c->start = get_items(all, segments, 7 * sizeof(float), &count)) ||
        !(c->center = get_items(all, balls, 4 * sizeof(float), &chunks)) ||
        !(c->near = get_items(all, near, sizeof(uint64_t), &cells)) || !(c->first = get_items(all, first, 1, &firsts)) ||
        !(job->slots = get_items(all, slots, sizeof(tc_slot), &slot_count)))
        return -1;
    c->step = c->start + 3 * count;
    c->shrink = c->step + 3 * count;
    c->radius = c->center + 3 * chunks;
    c->segments = count;
    c->chunks = chunks;
    c->chunk = chunks ? count / chunks : 0;
    while (job->slot_bits < 31 && (size_t)1 << job->slot_bits < slot_count)
        job->slot_bits++;
    int fit = count > 0 && count < INT32_MAX && chunks > 0 && chunks <= TC_MOST_CHUNKS && c->chunk * chunks == count &&
              c->chunk % TC_RUN == 0 && cells == CELLS && firsts == CELLS;
    for (size_t i = 0; fit && i < CELLS; i++)
        fit = c->first[i] < chunks && (chunks == 64 || c->near[i] >> chunks == 0);
    int free_slot = 0; /* or a search would not end */
    for (size_t i = 0; i < slot_count && !free_slot; i++)
        free_slot = job->slots[i].row < 0;
    if (!fit || !free_slot || job->slot_bits < 1 || slot_count != (size_t)1 << job->slot_bits) {
        PyErr_SetString(PyExc_ValueError, "segments, balls, near, first and slots do not fit together");
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(uncolorize_doc,
             "uncolorize(kernel, pixels, component, offsets, segments, balls, near, first, slots, along,\n"
             "           painted, tolerance, values, distance)\n\n"
             "pixels is (count, channels), dense; distance may be None; see turbo_cmap.kernels.native.");

static PyObject *uncolorize(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *capsule, *pixels, *segments, *balls, *near, *first, *slots, *along, *painted, *values, *distance;
    tc_inverse job;
    memset(&job, 0, sizeof job);
    if (!PyArg_ParseTuple(args, "OOi(iiii)OOOOOOOdOO:uncolorize", &capsule, &pixels, &job.component, &job.offset[0],
                          &job.offset[1], &job.offset[2], &job.offset[3], &segments, &balls, &near, &first, &slots,
                          &along, &painted, &job.tolerance, &values, &distance))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    buffers all = {.count = 0};
    size_t knots = 0, rows = 0, components = 0;
    int known = job.component == 1 || job.component == 2 || job.component == 4;
    if (!known)
        PyErr_SetString(PyExc_ValueError, "component must be 1, 2 or 4 bytes");
    int failed = !known || get_polyline(&all, segments, balls, near, first, slots, &job) < 0 ||
                 !(job.along = get_items(&all, along, sizeof(double), &knots)) ||
                 !(job.painted = get_items(&all, painted, sizeof(double), &rows)) ||
                 !(job.pixels = get_items(&all, pixels, job.component, &components));
    Py_buffer *v = failed ? NULL : open_buffer(&all, values, PyBUF_WRITABLE | PyBUF_ND);
    Py_buffer *d = !v || distance == Py_None ? NULL : open_buffer(&all, distance, PyBUF_WRITABLE | PyBUF_ND);
    failed = failed || !v || (distance != Py_None && !d);
    if (!failed) {
        job.wide = v->itemsize == sizeof(double);
        job.values = v->buf;
        job.distance = d ? d->buf : NULL;
        job.count = (size_t)(v->len / v->itemsize);
        job.channels = job.count ? (int)(components / job.count) : 3;
        int fit = (job.wide || v->itemsize == sizeof(float)) && (job.channels == 3 || job.channels == 4) &&
                  job.count * (size_t)job.channels == components && knots == job.curve.segments + 1 &&
                  (!d || (size_t)d->len == sizeof(float) * job.count);
        for (int c = 0; c < 4; c++)
            fit = fit && job.offset[c] < job.channels && (job.offset[c] >= 0 || c == 3);
        for (size_t i = 0; fit && i < (size_t)1 << job.slot_bits; i++)
            fit = job.slots[i].row < 0 || (size_t)job.slots[i].row < rows;
        if (!fit) {
            PyErr_SetString(PyExc_ValueError, "pixels, tables, values and distance do not fit together");
            failed = 1;
        }
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = tc_uncolorize(&job, kernels) < 0;
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
    }
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(simulate_doc,
             "simulate(columns, fold, levels, rgb, out)\n\n"
             "columns (3, 256, 4), fold (3,) or None and levels (4097,) of int32; rgb and out dense\n"
             "pixels of three bytes. See turbo_cmap.kernels.projection.");

/* A dense table of so many int32. */
static const int32_t *get_table_i32(buffers *all, PyObject *object, Py_ssize_t count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    if (v->len != count * (Py_ssize_t)sizeof(int32_t) || (uintptr_t)v->buf % sizeof(int32_t) != 0) {
        PyErr_Format(PyExc_ValueError, "a table must be %zd int32, got %zd bytes", count, v->len);
        return NULL;
    }
    return v->buf;
}

static PyObject *simulate(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *columns, *fold, *levels, *rgb, *out;
    if (!PyArg_ParseTuple(args, "OOOOO:simulate", &columns, &fold, &levels, &rgb, &out))
        return NULL;
    buffers all = {.count = 0};
    tc_projection projection = {NULL, NULL, NULL};
    Py_buffer *from = NULL, *to = NULL;
    int failed = !(projection.columns = get_table_i32(&all, columns, 3 * 256 * 4)) ||
                 !(projection.levels = get_table_i32(&all, levels, 4097)) ||
                 (fold != Py_None && !(projection.fold = get_table_i32(&all, fold, 3))) ||
                 !(from = open_buffer(&all, rgb, PyBUF_SIMPLE)) || !(to = open_buffer(&all, out, PyBUF_WRITABLE));
    if (!failed && (from->len != to->len || from->len % 3 != 0)) {
        PyErr_Format(PyExc_ValueError, "rgb and out must have 3 bytes a pixel, got %zd and %zd bytes", from->len, to->len);
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        tc_simulate(from->buf, to->buf, (size_t)from->len / 3, &projection);
        Py_END_ALLOW_THREADS
    }
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(simulate_wide_doc,
             "simulate_wide(kernel, component, matrix, fold, decode_knee, decode_rows, encode_knee, encode_rows,\n"
             "              levels, rgb, out)\n\n"
             "component is the bytes of one, 2, 4 or 8; matrix (3, 3), fold None or (2, 3), rows (n, 4) or, for\n"
             "8 bytes, (n, 8) of float64; levels (65536,) of int32, for 2 bytes; rgb and out dense pixels. See\n"
             "turbo_cmap.kernels.transfer.");

/* A dense array of float64. */
static const double *get_doubles(buffers *all, PyObject *object, Py_ssize_t *count)
{
    Py_buffer *v = open_buffer(all, object, PyBUF_SIMPLE);
    if (!v)
        return NULL;
    *count = v->len / (Py_ssize_t)sizeof(double);
    if (v->len % (Py_ssize_t)sizeof(double) != 0 || (uintptr_t)v->buf % sizeof(double) != 0) {
        PyErr_SetString(PyExc_ValueError, "matrix, fold and rows must be float64");
        return NULL;
    }
    return v->buf;
}

/* -1 where the rows do not reach from the knee to 1. */
static int get_transfer(buffers *all, PyObject *rows, double knee, int terms, tc_transfer *transfer)
{
    Py_ssize_t count;
    transfer->knee = knee;
    transfer->rows = get_doubles(all, rows, &count);
    if (!transfer->rows)
        return -1;
    const double one = 1;
    uint64_t first, last;
    memcpy(&first, &knee, sizeof first);
    memcpy(&last, &one, sizeof last);
    const int shift = terms == 8 ? TC_TRANSFER_SHIFT_8 : TC_TRANSFER_SHIFT_4;
    if (!(knee > 0 && knee < 1) || count % terms != 0 ||
        (uint64_t)(count / terms) <= (last - first + ((uint64_t)1 << shift) - 1) >> shift) {
        PyErr_SetString(PyExc_ValueError, "a transfer function's rows must reach from its knee, in (0, 1), to 1");
        return -1;
    }
    return 0;
}

static int get_light_map(buffers *all, PyObject *matrix, PyObject *fold, tc_light_map *map)
{
    Py_ssize_t count;
    const double *numbers = get_doubles(all, matrix, &count);
    if (!numbers)
        return -1;
    int fit = count == 9;
    if (fit)
        memcpy(map->matrix, numbers, sizeof map->matrix);
    map->folded = fold != Py_None;
    if (map->folded) {
        numbers = get_doubles(all, fold, &count);
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
    if (!PyArg_ParseTuple(args, "OiOOdOdOOOO:simulate_wide", &capsule, &component, &matrix, &fold, &decode_knee, &decode,
                          &encode_knee, &encode, &levels, &rgb, &out))
        return NULL;
    const tc_kernels *kernels = get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_simulate_wide *const see = component == 2   ? kernels->simulate_u16
                                  : component == 4 ? kernels->simulate_f32
                                  : component == 8 ? kernels->simulate_f64
                                                   : NULL;
    if (!see)
        return PyErr_Format(PyExc_ValueError, "a component must have 2, 4 or 8 bytes, got %d", component);
    const int terms = component == 8 ? 8 : 4;
    buffers all = {.count = 0};
    tc_light_map map = {.levels = NULL};
    Py_buffer *from = NULL, *to = NULL;
    int failed = get_light_map(&all, matrix, fold, &map) < 0 ||
                 get_transfer(&all, decode, decode_knee, terms, &map.decode) < 0 ||
                 get_transfer(&all, encode, encode_knee, terms, &map.encode) < 0 ||
                 (component == 2 && !(map.levels = get_table_i32(&all, levels, 65536))) ||
                 !(from = open_buffer(&all, rgb, PyBUF_SIMPLE)) || !(to = open_buffer(&all, out, PyBUF_WRITABLE));
    if (!failed && (from->len != to->len || from->len % (3 * component) != 0 || (uintptr_t)from->buf % (size_t)component ||
                    (uintptr_t)to->buf % (size_t)component)) {
        PyErr_Format(PyExc_ValueError, "rgb and out must have 3 aligned components a pixel, got %zd and %zd bytes", from->len,
                     to->len);
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        see(from->buf, to->buf, (size_t)from->len / (3 * (size_t)component), &map);
        Py_END_ALLOW_THREADS
    }
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(blend_doc,
             "blend(rgba, photo, components, mixed, out)\n\n"
             "Dense pixels of bytes, four of each color and so many components of the photo; mixed has\n"
             "256 x 256. See turbo_cmap.kernels.Backend.");

static PyObject *blend(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *rgba, *photo, *mixed, *out;
    int components;
    if (!PyArg_ParseTuple(args, "OOiOO:blend", &rgba, &photo, &components, &mixed, &out))
        return NULL;
    if (components != 1 && components != 3 && components != 4) {
        PyErr_Format(PyExc_ValueError, "components must be 1, 3 or 4, got %d", components);
        return NULL;
    }
    buffers all = {.count = 0};
    Py_buffer *colors = NULL, *from = NULL, *table = NULL, *to = NULL;
    int failed = !(colors = open_buffer(&all, rgba, PyBUF_SIMPLE)) || !(from = open_buffer(&all, photo, PyBUF_SIMPLE)) ||
                 !(table = open_buffer(&all, mixed, PyBUF_SIMPLE)) || !(to = open_buffer(&all, out, PyBUF_WRITABLE));
    Py_ssize_t count = failed ? 0 : colors->len / 4;
    if (!failed && (table->len != 1 << 16 || colors->len != 4 * count || from->len != components * count ||
                    to->len != (components == 4 ? 4 : 3) * count)) {
        PyErr_Format(PyExc_ValueError, "rgba, photo, mixed and out have %zd, %zd, %zd and %zd bytes", colors->len,
                     from->len, table->len, to->len);
        failed = 1;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        tc_blend(colors->buf, from->buf, components, table->buf, to->buf, (size_t)count);
        Py_END_ALLOW_THREADS
    }
    close_buffers(&all);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(empty_doc, "empty(size) -> a bytearray of any contents; Python's own touches each byte, with the GIL held");

static PyObject *empty(PyObject *Py_UNUSED(module), PyObject *size)
{
    Py_ssize_t bytes = PyLong_AsSsize_t(size);
    if (bytes == -1 && PyErr_Occurred())
        return NULL;
    if (bytes < 0)
        return PyErr_Format(PyExc_ValueError, "size must be 0 or more, got %zd", bytes);
    return PyByteArray_FromStringAndSize(NULL, bytes);
}

PyDoc_STRVAR(unfilter_doc,
             "unfilter(filtered, size, pixel, pixels, first) -> whether all filters are known\n\n"
             "Whole rows of a gray PNG, from row `first` on: `size` bytes each, behind the number of a\n"
             "filter, pixels of so many. `pixels` is to have all rows, without these numbers.");

static PyObject *unfilter(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *filtered, *pixels;
    Py_ssize_t size, pixel, first;
    if (!PyArg_ParseTuple(args, "OnnOn:unfilter", &filtered, &size, &pixel, &pixels, &first))
        return NULL;
    buffers all = {.count = 0};
    Py_buffer *from = NULL, *to = NULL;
    int failed = !(from = open_buffer(&all, filtered, PyBUF_SIMPLE)) || !(to = open_buffer(&all, pixels, PyBUF_WRITABLE));
    if (!failed && (size < 1 || size == PY_SSIZE_T_MAX || (pixel != 1 && pixel != 2) || size % pixel ||
                    from->len % (size + 1) || to->len % size || first < 0 || first > to->len / size ||
                    from->len / (size + 1) > to->len / size - first)) {
        PyErr_Format(PyExc_ValueError, "%zd bytes are no rows of %zd, with pixels of %zd, for row %zd on of %zd bytes",
                     from->len, size, pixel, first, to->len);
        failed = 1;
    }
    int known = 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        known = tc_unfilter(from->buf, (size_t)(from->len / (size + 1)), (size_t)size, (size_t)pixel, to->buf,
                            (size_t)first, (size_t)(to->len / size)) == 0;
        Py_END_ALLOW_THREADS
    }
    close_buffers(&all);
    return failed ? NULL : PyBool_FromLong(known);
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
    {"uncolorize", uncolorize, METH_VARARGS, uncolorize_doc},
    {"simulate", simulate, METH_VARARGS, simulate_doc},
    {"simulate_wide", simulate_wide, METH_VARARGS, simulate_wide_doc},
    {"blend", blend, METH_VARARGS, blend_doc},
    {"empty", empty, METH_O, empty_doc},
    {"unfilter", unfilter, METH_VARARGS, unfilter_doc},
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
