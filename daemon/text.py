"""Making other people's text harmless where it is printed: pure."""

from __future__ import annotations

import json
import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, invisible marks, surrogates, line separators
_SUSPECT = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u05ff]")  # all else is looked up


def escape(text: str, keep: str = "") -> str:
    """`text` with every control, invisible or line-separating character written as a JSON escape.

    Characters in `keep` stay. The result inside a JSON string means the same as before.
    """

    def _escape(match: re.Match[str]) -> str:
        character = match[0]
        if character in keep or unicodedata.category(character) not in _HIDDEN:
            return character
        return json.dumps(character)[1:-1] if character != "\x7f" else r"\u007f"

    return _SUSPECT.sub(_escape, text)


def one_line(text: str) -> str:
    """`text` as a single line that cannot move a terminal's cursor."""
    return escape(" ".join(text.splitlines()) if "\n" in text else text)
