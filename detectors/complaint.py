"""Whether the writer reports something broken now (``outage``), by phrases; see docs/explanation/text.md."""

from __future__ import annotations

from functools import cache

from detectors.phrases import Phrases, every_language

_REPORT, _GUARDED, _NOTHING = 0.85, 0.2, 0.03


@cache
def _outage_phrases() -> Phrases:
    return every_language("outage")


def outage(folded: str) -> float:
    """0 to 1: a folded text reports that something of the brand's does not work now."""
    kinds = {found.kind for found in _outage_phrases().find(folded)}
    if "broken" not in kinds:
        return _NOTHING
    return _GUARDED if len(kinds) > 1 else _REPORT
