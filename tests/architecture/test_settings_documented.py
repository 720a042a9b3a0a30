"""Settings and their documentation stay together."""

from __future__ import annotations

import re

from bot.settings import PREFIX, Settings
from tests.support.repository import ROOT, files, text_of

NAMES = {PREFIX + field.upper() for field in Settings.model_fields}
FOR_TESTS = f"{PREFIX}TEST_"


def test_each_setting_is_documented() -> None:
    """docs/settings.md names every setting the code reads."""
    page = (ROOT / "docs" / "settings.md").read_text()
    assert not {name for name in NAMES if f"`{name}`" not in page}


def test_no_document_names_a_setting_that_is_not() -> None:
    """What a document, the compose file or a Dockerfile sets is a setting the code reads."""
    name = re.compile(rf"\b{PREFIX}[A-Z_]*[A-Z]\b")
    read = (
        path
        for path in files()
        if path.suffix in (".md", ".yml", ".example") or path.name in ("Dockerfile", "Makefile", "run")
    )
    unknown = {
        f"{path.relative_to(ROOT)}: {found}"
        for path in read
        for found in name.findall(text_of(path) or "")
        if found not in NAMES and not found.startswith(FOR_TESTS)
    }
    assert not unknown
