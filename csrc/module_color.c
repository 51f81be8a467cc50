/* Numbers into colors, and colors over a photo. */
#include <math.h>
#include <string.h>

#include "module.h"

static int get_out(tc_buffers *all, PyObject *out, tc_job *job)
{
    const tc_source *s = &job->source;
    Py_buffer *o = tc_open_buffer(all, out, PyBUF_STRIDED);
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

static int get_table(tc_buffers *all, PyObject *entries, PyObject *planes, tc_job *job)
{
    static const Py_ssize_t sizes[TC_COMPONENTS] = {1, 2, 4, 8};
    const Py_ssize_t size = sizes[job->component], count = (Py_ssize_t)job->scale.n + 3;
    const tc_scale *s = &job->scale;
    Py_buffer *e = tc_open_buffer(all, entries, PyBUF_SIMPLE);
    if (!e)
        return -1;
    Py_buffer *p = tc_open_buffer(all, planes, PyBUF_SIMPLE);
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
static int get_curve(tc_buffers *all, PyObject *polynomial, int pieces, tc_curve *curve, tc_job *job)
{
    if (polynomial == Py_None)
        return 0;
    Py_buffer *c = tc_open_buffer(all, polynomial, PyBUF_SIMPLE);
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
static int get_scale(tc_buffers *all, PyObject *scale, double *origin, double *range, double *prescale, int *mirrored,
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
    Py_buffer *e = tc_open_buffer(all, edges, PyBUF_SIMPLE);
    if (!e)
        return -1;
    Py_buffer *k = tc_open_buffer(all, codes, PyBUF_SIMPLE);
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
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    job.reverse = reverse;

    tc_buffers all = {.count = 0};
    int failed = tc_get_source(&all, source, &job.source, &minus) < 0 ||
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
    return tc_closed(&all, failed);
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
    tc_buffers all = {.count = 0};
    Py_buffer *colors = NULL, *from = NULL, *table = NULL, *to = NULL;
    int failed = !(colors = tc_open_buffer(&all, rgba, PyBUF_SIMPLE)) ||
                 !(from = tc_open_buffer(&all, photo, PyBUF_SIMPLE)) ||
                 !(table = tc_open_buffer(&all, mixed, PyBUF_SIMPLE)) ||
                 !(to = tc_open_buffer(&all, out, PyBUF_WRITABLE));
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
    return tc_closed(&all, failed);
}

PyMethodDef tc_color_methods[] = {
    {"colorize", colorize, METH_VARARGS, colorize_doc},
    {"blend", blend, METH_VARARGS, blend_doc},
    {NULL, NULL, 0, NULL},
};
