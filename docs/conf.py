"""How Sphinx makes pages of this folder: see contributing.md. No network is needed."""

import shutil
from pathlib import Path

from sphinx.application import Sphinx

import turbo_cmap

HERE = Path(__file__).parent

project = "turbo_cmap"
author = "The turbo_cmap authors"
project_copyright = author
release = turbo_cmap.__version__
root_doc = "index"
# Quotes in text are often those of Python, and primes those of J'.
smartquotes = False
exclude_patterns = ["_build", "notebooks/README.md", "notebooks/data"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]

# Links to headings, as on GitHub.
myst_heading_anchors = 3

# Notebooks are kept without outputs; one that fails stops the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

# Types stand in the docstrings, with their shapes and units.
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False
default_role = "py:obj"

html_theme = "furo"
html_title = f"turbo_cmap {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False


def copy_notebooks() -> None:
    """Copy the notebooks and their data here, since Sphinx reads below its own folder only."""
    here = HERE / "notebooks"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(
        HERE.parent / "notebooks", here, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )


def follow_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn relative links that hold in the repository into links that hold here."""
    if docname.startswith("notebooks/"):
        source[0] = source[0].replace("](../docs/", "](../")
    else:
        source[0] = source[0].replace("](../notebooks/", "](notebooks/")


def setup(app: Sphinx) -> None:
    """Connect the above."""
    copy_notebooks()
    app.connect("source-read", follow_notebooks)
