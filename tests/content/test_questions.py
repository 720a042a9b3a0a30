"""The rules about the answers: what they cover, what follows on them, and what is none of ours."""

from __future__ import annotations

import pytest

from content.checks import check
from content.loader import load
from tests.content.conftest import Tree


def _said(tree: Tree) -> list[str]:
    return [f"{problem.file}:{problem.line} {problem.sentence}" for problem in check(load(tree.root))]


@pytest.mark.parametrize(
    ("file", "old", "new", "part"),
    [
        ("faq/questions.yaml", "Q12, ", "", "Q12"),
        ("faq/questions.yaml", "route: T", "route: G", "always leads to the care team"),
        ("faq/about.yaml", "  sources: [BOOK]", "  next: [nobody]\n  sources: [BOOK]", "no other answer `nobody`"),
        (
            "faq/about.yaml",
            "  sources: [BOOK]",
            "  next: [what-is-it]\n  sources: [BOOK]",
            "no other answer `what-is-it`",
        ),
        ("faq/about.yaml", "  sources: [BOOK]", "  wait: hospital_phone\n  sources: [BOOK]", "in days or weeks"),
        (
            "faq/about.yaml",
            "  sources: [BOOK]",
            "  variants:\n  - {procedures: [knee], answer: {en: Not yet., hi: अभी नहीं।}}\n  sources: [BOOK]",
            "no operation `knee`",
        ),
        ("procedures.yaml", "journey: disc", "journey: knee", "no journey `knee`"),
        ("procedures.yaml", "journey: disc", "prefix: knee_", "begins with `knee_`"),
        ("outside.yaml", "reply: hello", "reply: nothing", "no reply `nothing`"),
        ("outside.yaml", "will it rain", "what is it", "leads to the answer `what-is-it`"),
    ],
)
def test_what_does_not_fit_together_is_reported(tree: Tree, file: str, old: str, new: str, part: str) -> None:
    """A topic without answer, a wrong route and a name of nothing are each said at their place."""
    tree.edit(file, old, new)
    said = _said(tree)
    assert any(part in line for line in said), said


def test_a_variant_that_differs_nowhere_is_refused(tree: Tree) -> None:
    """A variant says for which operation or which days it stands."""
    tree.edit("faq/about.yaml", "  sources: [BOOK]", "  variants:\n  - {answer: {en: A., hi: अ।}}\n  sources: [BOOK]")
    with pytest.raises(Exception, match="procedures"):
        load(tree.root)


def test_the_first_variant_that_fits_counts(tree: Tree) -> None:
    """Answers differ by operation and by day, as far as either is known."""
    variants = """  variants:
  - {procedures: [disc], answer: {en: For a disc., hi: डिस्क।}}
  - {from_day: 0, to_day: 6, answer: {en: First week., hi: पहला हफ्ता।}}
  - {from_day: 7, answer: {en: Later., hi: बाद में।}}
"""
    tree.edit("faq/about.yaml", "  sources: [BOOK]", f"{variants}  sources: [BOOK]")
    item = load(tree.root).faq["what-is-it"]
    assert item.answer_for("disc", 3).en == "For a disc."
    assert item.answer_for(None, 3).en == "First week."
    assert item.answer_for("fusion", 7).en == "Later."
    assert item.answer_for().en == item.answer.en
