"""docs/formats.md has every format and every preset, as they are."""

import runpy
from pathlib import Path

import pytest

from turbo_cmap.cli._reading import PRESET_NAMES
from turbo_cmap.io import PRESETS, formats

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is not here")
def test_the_page_is_current():
    lines = list(runpy.run_path(str(DOCS / "formats.py"))["page"]())
    page = "".join(f"{line}\n" for line in lines)
    assert (DOCS / "formats.md").read_text(encoding="utf-8") == page, (
        "python docs/formats.py > docs/formats.md"
    )
    for one in formats(others=False):
        assert f"\n| {one.name} | " in page
    for name in PRESETS:
        assert f"\n| `{name}` | " in page


def test_the_command_knows_every_preset():
    assert tuple(PRESETS) == PRESET_NAMES
