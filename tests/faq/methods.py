"""The candidates for finding answers, side by side on the labelled questions: `python -m tests.faq.methods`.

Needs scikit-learn, which Saathi itself does not: install it into an environment of its own beside rapidfuzz, pydantic
and PyYAML. The table it prints stands in docs/faq-methods.md.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from bot.faq.index import Index
from bot.faq.learning import learn
from bot.faq.lexicon import COMMON, meaning
from bot.faq.spelling import fold
from bot.text import tokens
from content.loader import Content, load

SETS = ("second", "voices", "plain", "third", "fourth")
FORMS = ("en", "hi", "hi-Latn")
Ranking = list[list[str]]
"""For each question the three likeliest answers."""


def _rows(name: str) -> Any:
    return yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    return " ".join(tokens(text))


def _folded(text: str) -> str:
    return " ".join(map(fold, tokens(text)))


def _meant(text: str) -> str:
    return " ".join(fold(word) if meaning(word) == COMMON else meaning(word) for word in tokens(text))


def _telling(text: str) -> str:
    return " ".join(name for name in map(meaning, tokens(text)) if name != COMMON)


class Candidates:
    """Every way of finding answers, learnt from the same phrasings."""

    def __init__(self, content: Content) -> None:
        pairs = [
            (item.id, text)
            for item in content.faq.values()
            if not item.id.startswith("smalltalk-")
            for text in (*item.phrasings.all(), *item.question.all(), *item.label.all())
        ]
        self._pairs = pairs
        self._names = [name for name, _ in pairs]
        self._texts = [text for _, text in pairs]
        self._text_features = importlib.import_module("sklearn.feature_extraction.text")
        self._pipeline = importlib.import_module("sklearn.pipeline")

    def all(self) -> Iterator[tuple[str, Callable[[list[str]], Ranking]]]:
        """Names and rankers."""
        svm = importlib.import_module("sklearn.svm").LinearSVC
        logistic = importlib.import_module("sklearn.linear_model").LogisticRegression
        words = [self._block(_plain, "word", (1, 1))]
        letters = [self._block(_plain, "char_wb", (2, 5))]
        folded = [self._block(_folded, "char_wb", (2, 5))]
        three = [
            self._block(_folded, "char_wb", (2, 4), 2),
            self._block(_meant, "word", (1, 2)),
            self._block(_telling, "word", (1, 1)),
        ]
        yield "words, nearest phrasing", lambda asked: self._nearest(words, asked)
        yield "rapidfuzz token_set_ratio", lambda asked: self._fuzzy(fuzz.token_set_ratio, asked)
        yield "rapidfuzz WRatio", lambda asked: self._fuzzy(fuzz.WRatio, asked)
        yield "pieces of spelling, nearest phrasing", lambda asked: self._nearest(letters, asked)
        yield "... after the phonetic fold", lambda asked: self._nearest(folded, asked)
        yield "fold + meanings, nearest phrasing", lambda asked: self._nearest(three, asked)
        yield "pieces of spelling, linear SVM", lambda asked: self._learnt(letters, svm(C=0.5), asked)
        yield (
            "fold + meanings, logistic regression",
            lambda asked: self._learnt(three, logistic(C=30, max_iter=60), asked),
        )
        yield "fold + meanings, linear SVM", lambda asked: self._learnt(three, svm(C=0.5), asked)
        yield "**fold + meanings, naive Bayes (ours)**", self._ours

    def _block(self, said: Callable[[str], str], analyzer: str, lengths: tuple[int, int], fewest: int = 1) -> Any:
        return self._text_features.TfidfVectorizer(
            preprocessor=said,
            analyzer=analyzer,
            ngram_range=lengths,
            min_df=fewest,
            sublinear_tf=True,
            token_pattern=r"\S+",
        )

    def _vectors(self, blocks: list[Any], asked: list[str]) -> tuple[Any, Any]:
        union = self._pipeline.make_union(*blocks)
        return union.fit_transform(self._texts), union.transform(asked)

    def _nearest(self, blocks: list[Any], asked: list[str]) -> Ranking:
        known, new = self._vectors(blocks, asked)
        return [self._top(row) for row in (new @ known.T).toarray().tolist()]

    def _fuzzy(self, scorer: Any, asked: list[str]) -> Ranking:
        known = [_folded(text) for text in self._texts]
        return [
            self._top(row) for row in process.cdist([_folded(text) for text in asked], known, scorer=scorer).tolist()
        ]

    def _learnt(self, blocks: list[Any], model: Any, asked: list[str]) -> Ranking:
        known, new = self._vectors(blocks, asked)
        scores = model.fit(known, self._names).decision_function(new).tolist()
        classes = list(model.classes_)
        return [[classes[place] for place in _best(row)[:3]] for row in scores]

    def _ours(self, asked: list[str]) -> Ranking:
        index = Index(learn(self._pairs))
        return [[found.name for found in index.rank(text, 3)] for text in asked]

    def _top(self, scores: list[float]) -> list[str]:
        """The answers of the best phrasings, each answer once."""
        return list(dict.fromkeys(self._names[place] for place in _best(scores)[:60]))[:3]


def _best(scores: list[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    rows = [row for name in SETS for row in _rows(name) if row["faq"]]
    sys.stdout.write("| method | en | hi | Hinglish | learn and rank, s |\n| --- | --- | --- | --- | --- |\n")
    for name, rank in Candidates(load()).all():
        begun = time.perf_counter()
        ranked = rank([row["text"] for row in rows])
        spent = time.perf_counter() - begun
        cells = []
        for form in FORMS:
            here = [(row["faq"], found) for row, found in zip(rows, ranked, strict=True) if row["form"] == form]
            first = sum(found[:1] != [] and found[0] in right for right, found in here) / len(here)
            three = sum(bool(set(found) & set(right)) for right, found in here) / len(here)
            cells.append(f"{first:.1%} / {three:.1%}")
        sys.stdout.write(f"| {name} | {' | '.join(cells)} | {spent:.1f} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
