"""Other people's text, made safe to show."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from notifiers.plain import many_lines, one_line

ANY = st.text(st.characters(codec=None))  # lone surrogates, too


def _harmless(text: str) -> bool:
    kept = "\u200c\u200d"
    return all(sign in kept or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in text)


@given(ANY, st.integers(1, 200))
def test_one_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert _harmless(line)
    assert one_line(line, limit) == line


@given(ANY)
def test_many_lines_keep_their_breaks_alone(text: str) -> None:
    lines = many_lines(text)
    assert len(lines.splitlines()) <= len(text.splitlines())
    assert all(_harmless(line) for line in lines.split("\n"))


def test_letters_and_emoji_stay_as_they_were() -> None:
    text = "Zażółć gęślą jaźń – Що сталося, ґанок? 👨‍👩‍👧 می‌خواهم"
    assert one_line(text) == many_lines(text) == text
