"""What importing the package costs, and that imports point down."""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import turbo_cmap

PACKAGE = Path(turbo_cmap.__file__).parent

#: Who may import whom: a module only from lines above its own.
LAYERS = [
    {"_face", "_version", "_typing"},
    {"curve", "fonts", "ticks", "srgb", "strip"},
    {"turbo"},
    {"relatives"},
    {"colormap"},
    {"steps"},
    {"scale", "norms"},
    {"arguments"},
    {"compiler"},
    {"kernels"},
    {"order_statistics"},
    {"percentiles"},
    {"ranges"},
    {"scaling"},
    {"painting"},
    {"inverse_norms"},
    {"inverse"},
    {"bar_scale"},
    {"bar"},
    {"difference", "kitti", "overlay", "legend"},
    {"accuracy"},
    {"colorizer"},
    {"deficiencies"},
    {"vision"},
    {"measures"},
    {"sheet"},
    {"report"},
    {"mpl"},
    {"registration"},
    {"io"},
    {"export"},
    {"cli"},
    {"__main__"},
]
#: Inside a package of its own: the same, for its modules.
INNER_LAYERS = {
    "kernels": [
        {"palette", "keys", "projection", "transfer", "threads"},
        {"_native", "inverse_tables"},
        {"reference_inverse"},
        {"numba_inverse", "reference"},
        {"numba_kernels", "native", "blockwise"},
    ],
    "io": [
        # what there is in all formats
        {"signatures", "raster", "validity", "recipe", "atomic", "parallel", "silence"},
        {"packings", "archives"},
        {"presets", "registry", "frames", "png_chunks", "selection", "geotiff", "palettes"},
        {"channels", "gray_png", "windows", "hints", "video", "stacks"},
        # formats
        {"datasets", "png", "png_pixels", "tiff_pages", "codecs", "animations", "raw"},
        {"npy", "pfm", "pnm", "sintel", "colmap", "exr"},
        {"hdf5", "netcdf", "mat5", "mat4", "zarr_arrays"},
        {"tiff", "movies"},
        {"notes"},
        {"images"},
        # files of any format
        {"reading", "pictures", "writing", "streams"},
        {"sequences"},
    ],
}
#: Imported inside functions only. `mpl` is itself imported so.
OPTIONAL = {
    "matplotlib",
    "numba",
    "scipy",
    "colorspacious",
    "PIL",
    "click",
    "tifffile",
    "imagecodecs",
    "OpenEXR",
    "h5py",
    "hdf5plugin",
    "zarr",
    "cv2",
    "av",
}
MAY_IMPORT_AT_TOP = {
    "mpl": {"matplotlib"},
    "kernels.numba_kernels": {"numba"},
    "kernels.numba_inverse": {"numba"},
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def absolute(node, module, is_package):
    """The module of this package that an import names, or None."""
    if isinstance(node, ast.Import):
        return [a.name for a in node.names]
    if node.level == 0:
        return [node.module]
    parts = ["turbo_cmap", *module.split(".")] if module != "__init__" else ["turbo_cmap"]
    base = (
        parts if is_package and node.level == 1 else parts[: len(parts) - node.level + is_package]
    )
    full = ".".join([*base, *([node.module] if node.module else [])])
    return [f"{full}.{a.name}" for a in node.names] if not node.module else [full]


def imports(module, path):
    is_package = path.name == "__init__.py"
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            top = node in tree.body
            for target in absolute(node, module, is_package):
                yield target, top


def imported_when_run(module, path):
    """Modules that are imported, but not those that only annotations need."""
    tree = ast.parse(path.read_text())
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from absolute(node, module, is_package=False)


def layer(name):
    for depth, names in enumerate(LAYERS):
        if name in names:
            return depth
    raise AssertionError(f"{name} is in no layer: add it to LAYERS in {__file__}")


def test_imports_point_down():
    upward = []
    for module, path in modules():
        if module == "__init__":
            continue  # the face may see everything
        own = module.split(".")[0]
        for target, _ in imports(module, path):
            if not target.startswith("turbo_cmap."):
                continue
            other = target.split(".")[1]
            if other != own and layer(other) >= layer(own):
                upward.append(f"{module} imports {target}")
    # `registration` is what `mpl` is imported by; nothing else imports either
    assert upward == []


@pytest.mark.parametrize("package", INNER_LAYERS)
def test_imports_inside_a_package_point_down(package):
    depth_of = {name: depth for depth, names in enumerate(INNER_LAYERS[package]) for name in names}
    inside = f"turbo_cmap.{package}"
    upward, found = [], set()
    for module, path in modules():
        own = module.removeprefix(f"{package}.")
        if own == module:
            continue  # of another package, or the face of this one, which may see everything
        found.add(own)
        for target in imported_when_run(module, path):
            other = target.removeprefix(f"{inside}.").split(".")[0]
            if target == inside or (
                target.startswith(f"{inside}.") and depth_of[other] >= depth_of[own]
            ):
                upward.append(f"{module} imports {target}")
    assert upward == []
    assert found <= set(depth_of), f"add them to INNER_LAYERS in {__file__}"


def test_what_is_optional_is_imported_inside_functions():
    early = []
    for module, path in modules():
        allowed = MAY_IMPORT_AT_TOP.get(module, set())
        if module.split(".")[0] in ("cli", "__main__"):
            allowed = {"click"}
        for target, top in imports(module, path):
            library = target.split(".")[0]
            if top and library in OPTIONAL - allowed:
                early.append(f"{module} imports {library}")
    assert early == []


def loaded_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_modules_that_users_name_are_there_without_an_import_of_their_own():
    loaded = loaded_after(
        "import turbo_cmap as t; t.report.THRESHOLDS, t.io.read, t.vision.lightness, "
        "t.accuracy.ErrorStatistics, t.deficiencies.CVD_KINDS, t.kernels, t.relatives; "
        "assert {'report', 'io', 'check', 'lightness'} <= set(dir(t))"
    )
    assert "matplotlib" not in loaded
    assert "matplotlib" in loaded_after("import turbo_cmap; turbo_cmap.mpl.Colorizer")


def test_importing_loads_no_library_not_even_numpy():
    new = loaded_after("import turbo_cmap") - loaded_after("import typing, warnings")
    assert new <= {"turbo_cmap", "__future__"}, new


FACES = ["turbo_cmap", "turbo_cmap.io"]


@pytest.mark.parametrize("name", FACES)
def test_what_is_imported_on_use_is_what_checkers_of_types_see(name):
    face = importlib.import_module(name)
    seen = {
        alias.asname: node.module
        for block in ast.parse(inspect.getsource(face)).body
        if isinstance(block, ast.If)
        for node in block.body
        for alias in node.names
    }
    assert seen == face._MODULE_OF
    assert {*face._MODULE_OF} <= {*face.__all__} <= {*dir(face)}


@pytest.mark.parametrize("name", FACES)
def test_all_names_are_there_after_a_star_as_attributes_and_in_the_help(name):
    code = f"""
import {name} as face
from {name} import *
import pydoc
text = pydoc.plain(pydoc.render_doc(face))
for name in face.__all__:
    assert globals()[name] is getattr(face, name), name
    assert name in text, name
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_there_is_not_is_said_so():
    with pytest.raises(AttributeError, match=r"^module 'turbo_cmap' has no attribute 'colorise'$"):
        _ = turbo_cmap.colorise
    with pytest.raises(ImportError, match=r"cannot import name 'raed' from 'turbo_cmap\.io'"):
        from turbo_cmap.io import raed  # noqa: F401


HIDDEN = sorted(name for name, module in turbo_cmap._MODULE_OF.items() if name == module)


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize(
    "imports",
    [
        "import turbo_cmap.{0}",
        "from turbo_cmap.{0} import {0}",
        "from turbo_cmap import {0}",
        "import importlib; importlib.import_module('turbo_cmap.{0}')",
        "import turbo_cmap; turbo_cmap.{0}; import turbo_cmap.{0}",
        "from turbo_cmap.colorizer import Colorizer",
        "import importlib, turbo_cmap.{0}; importlib.reload(turbo_cmap)",
        "import matplotlib, turbo_cmap.{0}",
    ],
)
def test_a_function_hides_the_module_of_its_name_whatever_comes_first(name, imports):
    code = f"""
{imports.format(name)}
import pickle, sys
import turbo_cmap
function = turbo_cmap.{name}
assert callable(function) and function.__name__ == {name!r}
import turbo_cmap.{name}
from turbo_cmap import {name}
assert {name} is turbo_cmap.{name} is function
assert function is sys.modules["turbo_cmap.{name}"].{name}
assert pickle.loads(pickle.dumps(function)) is function
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_may_all_be_the_first_to_use_a_name():
    code = """
import threading, turbo_cmap
names = turbo_cmap.__all__
together = threading.Barrier(len(names))
found = {}
def use(name):
    together.wait()
    found[name] = getattr(turbo_cmap, name)
threads = [threading.Thread(target=use, args=[name]) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert found == {name: getattr(turbo_cmap, name) for name in names}
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def modules_after(arguments, folder):
    """What the command has imported at its end, as a process of its own, on the best backend."""
    chosen = {"TURBO_CMAP_BACKEND", "TURBO_CMAP_KERNEL"}
    code = (
        "import atexit, sys; from turbo_cmap.cli import main\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n'))\n"
        f"main({arguments!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in chosen},
    )
    return {*done.stdout.split("\n")}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["convert", "--help"]])
def test_the_command_answers_without_numpy(tmp_path, arguments):
    imported = modules_after(arguments, tmp_path)
    assert "turbo_cmap.cli" in imported
    assert "numpy" not in imported


@pytest.mark.skipif(
    "native" not in turbo_cmap.available_backends(), reason="others take more modules"
)
def test_convert_of_a_gray_png_imports_what_it_needs(tmp_path):
    import numpy as np
    from PIL import Image

    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)).save(tmp_path / "a.png")
    imported = modules_after(["--no-config", "convert", "a.png", "-o", "b.png"], tmp_path)
    assert (tmp_path / "b.png").exists()
    own = {
        *("accuracy", "bar", "colorizer", "difference", "export", "inverse", "kitti", "legend"),
        *("mpl", "overlay", "report", "sheet", "vision"),
        *("cli._layout", "cli._photos", "io.animations", "io.codecs", "io.frames", "io.movies"),
        *("io.npy", "io.sequences", "io.stacks", "io.tiff"),
    }
    assert own <= {name for name, _ in modules()}
    others = {"PIL", "fractions", "multiprocessing", "shutil", "tempfile", "tomllib"}
    unwanted = {f"turbo_cmap.{name}" for name in own} | others | OPTIONAL - {"click"}
    assert imported & unwanted == set()


@pytest.mark.skipif(
    "native" not in turbo_cmap.available_backends(),
    reason="without the C extension Numba is what is used, and is loaded",
)
def test_colorizing_loads_nothing_more_with_the_extension():
    code = "import turbo_cmap; turbo_cmap.colorize([0.0, 1.0], backend='native')"
    assert not loaded_after(code) & OPTIONAL


@pytest.mark.parametrize(
    ("heading", "modules"),
    [
        ("## Modules, from the ground up", "[!_]*"),
        ("### Inside `io`", "io/[!_]*.py"),
        ("## Modules of the command", "cli/_[!_]*.py"),
    ],
)
def test_the_docs_say_what_each_module_is(heading, modules):
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text()
    table = re.split(r"^##", page.partition(heading)[2], maxsplit=1, flags=re.M)[0]
    described = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|[^|]*\|", table, re.M)))
    there = {path.stem for path in PACKAGE.glob(modules) if path.suffix in ("", ".py")}
    assert sorted(described) == sorted(there)
