"""One triage for all tests, built from the content as it ships; each message is judged once."""

from __future__ import annotations

import pytest

from bot.triage import Triage
from content.loader import Content
from tests.triage.shipped import remembering, shipped_content


@pytest.fixture(scope="session")
def content() -> Content:
    return shipped_content()


@pytest.fixture(scope="session")
def triage() -> Triage:
    return remembering()
