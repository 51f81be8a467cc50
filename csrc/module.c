/* The Python side of the kernels: parse, check, release the GIL, call.
 *
 * This file makes the module; a file module_*.c has a group of its functions. No other has
 * Python in it. The checks are those that memory safety needs; what users are told about their
 * arguments is turbo_cmap/colorizer.py's. Arrays come through the buffer protocol. */
#include "module.h"

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
    return tc_new_capsule(found);
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
    {"kernel", kernel, METH_O, kernel_doc},
    {"kernel_names", kernel_names, METH_NOARGS, kernel_names_doc},
    {"cpu_features", cpu_features, METH_NOARGS, cpu_features_doc},
    {NULL, NULL, 0, NULL},
};

static int add_functions(PyObject *module)
{
    PyMethodDef *const groups[] = {tc_color_methods, tc_range_methods, tc_inverse_methods, tc_simulate_methods,
                                   tc_png_methods};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (PyModule_AddFunctions(module, groups[i]) < 0)
            return -1;
    return 0;
}

/* Nothing is written after the module is made, so nothing needs the GIL or is shared by
 * interpreters. The slots are newer than the stable ABI that is asked for. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)add_functions},
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
