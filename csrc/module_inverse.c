/* Colors into numbers. */
#include <string.h>

#include "inverse.h"
#include "module.h"

/* The polyline and the colors that were painted. */
static int get_polyline(tc_buffers *all, PyObject *segments, PyObject *balls, PyObject *near, PyObject *first,
                        PyObject *slots, tc_inverse *job)
{
    enum { CELLS = TC_CELLS * TC_CELLS * TC_CELLS };
    size_t count = 0, chunks = 0, cells = 0, firsts = 0, slot_count = 0;
    struct tc_polyline *c = &job->curve;
    if (!(c->start = tc_get_items(all, segments, 7 * sizeof(float), sizeof(float), &count)) ||
        !(c->center = tc_get_items(all, balls, 4 * sizeof(float), sizeof(float), &chunks)) ||
        !(c->near = tc_get_items(all, near, sizeof(uint64_t), sizeof(uint64_t), &cells)) ||
        !(c->first = tc_get_items(all, first, 1, 1, &firsts)) ||
        !(job->slots = tc_get_items(all, slots, sizeof(tc_slot), sizeof(float), &slot_count)))
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
    const tc_kernels *kernels = tc_get_kernel(capsule);
    if (!kernels)
        return NULL;
    tc_buffers all = {.count = 0};
    size_t knots = 0, rows = 0, components = 0;
    int known = job.component == 1 || job.component == 2 || job.component == 4;
    if (!known)
        PyErr_SetString(PyExc_ValueError, "component must be 1, 2 or 4 bytes");
    int failed = !known || get_polyline(&all, segments, balls, near, first, slots, &job) < 0 ||
                 !(job.along = tc_get_items(&all, along, sizeof(double), sizeof(double), &knots)) ||
                 !(job.painted = tc_get_items(&all, painted, sizeof(double), sizeof(double), &rows)) ||
                 !(job.pixels = tc_get_items(&all, pixels, (size_t)job.component, 1, &components));
    Py_buffer *v = failed ? NULL : tc_open_buffer(&all, values, PyBUF_WRITABLE | PyBUF_ND);
    Py_buffer *d = !v || distance == Py_None ? NULL : tc_open_buffer(&all, distance, PyBUF_WRITABLE | PyBUF_ND);
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
    return tc_closed(&all, failed);
}

PyMethodDef tc_inverse_methods[] = {
    {"uncolorize", uncolorize, METH_VARARGS, uncolorize_doc},
    {NULL, NULL, 0, NULL},
};
