/* Rows of a PNG as they were before its encoder filtered them. */
#include "module.h"

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
    tc_buffers all = {.count = 0};
    Py_buffer *from = NULL, *to = NULL;
    int failed = !(from = tc_open_buffer(&all, filtered, PyBUF_SIMPLE)) ||
                 !(to = tc_open_buffer(&all, pixels, PyBUF_WRITABLE));
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
    tc_close_buffers(&all);
    return failed ? NULL : PyBool_FromLong(known);
}

PyMethodDef tc_png_methods[] = {
    {"empty", empty, METH_O, empty_doc},
    {"unfilter", unfilter, METH_VARARGS, unfilter_doc},
    {NULL, NULL, 0, NULL},
};
