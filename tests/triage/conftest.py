"""One triage for all tests, built from the content as it ships."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from content.loader import Content, load


@pytest.fixture(scope="session")
def content() -> Content:
    return load()


@pytest.fixture(scope="session")
def triage(content: Content) -> Triage:
    return Triage(content.signs.values())
