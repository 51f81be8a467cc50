"""The C extension; everything else is in pyproject.toml."""

import platform
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

# Free-threaded Python has no stable ABI yet: there the extension is built for the version.
limited = not sysconfig.get_config_var("Py_GIL_DISABLED")
macros = [("Py_LIMITED_API", "0x030B0000")] if limited else []

if sys.platform == "win32":
    compile_args = ["/O2", "/std:c11", "/fp:precise"]
else:
    # Contraction to FMA would change indices between instruction sets. The other two only
    # say that nobody reads errno or the floating-point exception flags.
    compile_args = [
        "-std=c11",
        "-O3",
        "-ffp-contract=off",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-fvisibility=hidden",
    ]
    if platform.machine() in ("i386", "i686") and sys.maxsize < 2**32:
        compile_args += ["-msse2", "-mfpmath=sse"]  # x87 keeps more digits than float has

extension = Extension(
    "turbo_cmap.kernels._native",
    sources=sorted(str(path) for path in Path("csrc").glob("*.c")),
    depends=sorted(str(path) for path in Path("csrc").glob("*.h")),
    define_macros=macros,
    extra_compile_args=compile_args,
    py_limited_api=limited,
    optional=True,  # without a compiler Numba stands in
)

setup(
    ext_modules=[extension],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if limited else {},
)
