"""The shipped content, its retriever and its answering, built once: nothing in them changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answering import Answering
from bot.faq import Retriever
from content.loader import Content
from tests.support.answering import shipped_answering, shipped_retriever
from tests.support.world import shipped


@pytest.fixture(scope="session")
def content() -> Content:
    return shipped()


@pytest.fixture(scope="session")
def retriever() -> Retriever:
    return shipped_retriever()


@pytest.fixture(scope="session")
def answering() -> Answering:
    return shipped_answering()


def read(name: str) -> Any:
    """A YAML file that lies beside these tests."""
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
