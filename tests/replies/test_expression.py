"""An expression is passed over only where it could not have matched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.replies.expression import Expression, needed
from daemon.replies.phrases import EVEN, compiled, small, table
from tests.replies.test_corpus import TUNED

_LETTERS = st.text("abc", min_size=1, max_size=3)
_PIECES = st.recursive(
    st.one_of(
        _LETTERS, st.sampled_from([r"\s+", r"\w*", r"\x20", r"\d", "[ab]", "[^c]", ".", r"a?", "b*", "c+", "a{0,2}"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(
            st.lists(inner, min_size=1, max_size=2), st.sampled_from(["", "?", "*", "+", "{2}", "{0,1}", "??"])
        ).map(lambda one: f"(?:{'|'.join(one[0])}){one[1]}"),
        inner.map(lambda part: f"(?!{part})"),
        inner.map(lambda part: f"(?={part})"),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(_PIECES, st.text("abc 1", max_size=8))
def test_what_matches_is_never_passed_over(source: str, text: str) -> None:
    expression = Expression(source)
    assert bool(expression.search(text)) is bool(expression.pattern.search(text))


@pytest.mark.parametrize("lang", ["pl", "ru", "en"])
def test_no_expression_of_the_lists_is_passed_over_where_it_matches(lang: str) -> None:
    lists = table(lang)
    expressions = [
        compiled(phrase, lists["classes"])
        for name, section in lists.items()
        if name not in {"classes", "signature"}
        for phrases in section.values()
        for phrase in phrases
    ]
    texts = [small(case.reply.translate(EVEN)) for case in TUNED if case.lang == lang][::30]
    assert len(expressions) > 1000
    assert len(texts) > 20
    assert [
        (expression.source, text)
        for expression in expressions
        for text in texts
        if not expression.may_match(text) and expression.pattern.search(text)
    ] == []


@pytest.mark.parametrize(
    ("source", "letters"),
    [
        (r"kurier\w*\s+(?:zgubił|spóźnił)", ("kurier",)),
        (r"(?:kurier|paczk)\w*", ("kurier", "paczk")),
        (r"(?:kurier)?\s+by", ("by",)),
        (r"\d{3}[ -]\d{3}", ("",)),
        (r"colou?r", ("colo",)),
    ],
)
def test_the_longest_and_fewest_letters_are_asked_for(source: str, letters: tuple[str, ...]) -> None:
    assert needed(source) == letters
