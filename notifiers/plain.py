"""Other people's text made safe to show: nothing in it can move the cursor, reorder or hide."""

from __future__ import annotations

import unicodedata

# Format characters that letters of real languages and emoji are written with.
_KEPT = frozenset("\u200c\u200d")
_TAGS = range(0xE0000, 0xE0080)  # invisible copies of ASCII, a way of hiding text
_SHOWN_AS_SPACE = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")


def one_line(text: str, limit: int | None = None) -> str:
    r"""``text`` on one line without control and direction characters, at most ``limit`` characters.

    >>> one_line("Nie działa!\r\nBcc: all@acme.example\x1b[31m\u202e")
    'Nie działa! Bcc: all@acme.example[31m'
    >>> one_line("It does not work at all", 12)
    'It does not…'
    """
    line = " ".join(_visible("".join(" " if sign in _SHOWN_AS_SPACE else sign for sign in text)).split())
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def many_lines(text: str) -> str:
    r"""``text`` with its line breaks, but without other control and direction characters.

    >>> many_lines("first\r\nsecond\x07\u2066")
    'first\nsecond'
    """
    return "\n".join(_visible(line.replace("\t", " ")).rstrip() for line in text.splitlines())


def _visible(text: str) -> str:
    """Without controls, format characters, surrogates and tags (Unicode categories Cc, Cf, Cs)."""
    return "".join(
        sign
        for sign in text
        if sign in _KEPT or (unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} and ord(sign) not in _TAGS)
    )
