"""What holds for notebooks without running them; the documentation's build runs them."""

import ast
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import turbo_cmap
import turbo_cmap.io

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
DATA = NOTEBOOKS / "data"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
#: Public names beside `turbo_cmap.__all__`, by module.
PUBLIC = {
    "turbo_cmap": set(turbo_cmap.__all__),
    "turbo_cmap.io": {"read", "write"},
    "turbo_cmap.mpl": {"Colorizer"},
}

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def code(path):
    """All code as Python, without the lines that are for IPython."""
    lines = "\n".join("".join(cell["source"]) for cell in cells(path, "code")).split("\n")
    return "\n".join(line for line in lines if not line.startswith("%"))


def not_public(source):
    """Names of this package that a program uses and that it should not."""
    tree = ast.parse(source)
    found = []
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("turbo_cmap"):
            public = PUBLIC.get(node.module, set())
            found += [f"{node.module}.{a.name}" for a in node.names if a.name not in public]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("turbo_cmap") and alias.name not in PUBLIC:
                    found.append(alias.name)
                elif alias.name.startswith("turbo_cmap"):
                    modules[alias.asname or alias.name] = alias.name
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        module = modules.get(ast.unparse(node.value))
        if module is not None:
            if node.attr not in PUBLIC[module] and f"{module}.{node.attr}" not in PUBLIC:
                found.append(f"{module}.{node.attr}")
        elif node.attr.startswith("_"):
            found.append(ast.unparse(node))
    return found


def test_there_is_the_article():
    assert "turbo_article" in [path.stem for path in PATHS]


@each
def test_outputs_are_stripped(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == [], cell["id"]
        assert cell["execution_count"] is None, cell["id"]


@each
def test_notebooks_use_public_names_only(path):
    assert not_public(code(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from turbo_cmap.turbo import TURBO_TABLE",
        "from turbo_cmap import painting",
        "import turbo_cmap.kernels",
        "import turbo_cmap as tc; tc.painting.colorize(x)",
        "import turbo_cmap; turbo_cmap._version",
        "from turbo_cmap import Colorizer; Colorizer()._palette",
    ],
)
def test_private_names_are_found(source):
    assert not_public(source)


def test_public_names_are_there():
    assert (
        not_public("import turbo_cmap; turbo_cmap.colorize(turbo_cmap.io.read(path).values)") == []
    )
    assert set(turbo_cmap.io.__all__) >= PUBLIC["turbo_cmap.io"]


@each
def test_every_section_with_numbers_has_assertions(path):
    """A text whose cell is called "-numbers" is followed by a cell that asserts them."""
    notebook = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell, following in zip(notebook, [*notebook[1:], None], strict=True):
        if cell["cell_type"] == "markdown" and cell["id"].endswith("-numbers"):
            assert following is not None
            assert "assert " in "".join(following["source"]), cell["id"]


@each
def test_links_and_files_are_there(path):
    text = "\n".join("".join(cell["source"]) for cell in cells(path, "markdown"))
    links = re.findall(r"\]\(([^)#]+)", text)
    local = [link for link in links if not link.startswith("https://")]
    assert local
    read = re.findall(r'"(data/[^"]+)"', code(path))
    for name in local + read:
        assert (NOTEBOOKS / name).is_file(), name


def test_data_is_small_used_and_of_known_origin():
    files = [file for file in DATA.iterdir() if file.name != "README.md"]
    origin = (DATA / "README.md").read_text(encoding="utf-8")
    everything = "\n".join(path.read_text(encoding="utf-8") for path in PATHS)
    for file in files:
        assert f"`{file.name}`" in origin
        assert f"data/{file.name}" in everything
    assert set(re.findall(r"`([^`]+\.\w+)`", origin)) == {file.name for file in files}
    assert sum(file.stat().st_size for file in files) < 600_000


def test_the_disparities_are_those_of_the_tests():
    crop = np.load(Path(__file__).parent / "data" / "cones_crop.npz")
    for name, key in {"truth": "truth", "estimated": "estimate"}.items():
        levels = turbo_cmap.io.read(DATA / f"cones_disparity_{name}.png").values
        assert np.array_equal(levels[190:270, 120:220], crop[key])


def test_the_photo_belongs_to_the_disparity():
    with Image.open(io.BytesIO((DATA / "cones_left.jpg").read_bytes())) as photo:
        height, width = turbo_cmap.io.read(DATA / "cones_disparity_truth.png").values.shape
        assert photo.size == (width, height)


def test_every_public_name_is_in_the_reference():
    reference = (NOTEBOOKS.parent / "docs" / "api.rst").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (\w[\w.]*)$", reference, re.MULTILINE))
    listed |= set(re.findall(r"^\.\. data:: (\w+)$", reference, re.MULTILINE))
    assert listed >= set(turbo_cmap.__all__) - {"__version__"}
