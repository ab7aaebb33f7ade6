"""Whether the writer reports something broken now (``outage``), by phrases; see docs/explanation/text.md."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from detectors.phrases import Found, Phrases, every_language

_CONDITION = 30  # characters that an "if" reaches

_REPORTED, _GUARDED, _EXCUSED = 3.0, -2.0, -2.0  # log-odds, beside what the learned head says
_WORDLESS = -6.0  # emoji alone report nothing
WRONGED = 0.8  # log-odds of a complaint that an outage report adds
_USUAL = -0.6  # log-odds without any: one report missed of many costs less than a text that is none


@cache
def _outage_phrases() -> Phrases:
    return every_language("outage")


def evidence(folded: str) -> float:
    """What the phrases of a folded text say for (above its usual value) or against an outage report, in log-odds."""
    if not any(letter.isalpha() for letter in folded):
        return _WORDLESS
    found = list(_outage_phrases().find(folded))
    broken = [each for each in found if each.kind == "broken"]
    if not broken:
        return _USUAL + (_EXCUSED if any(each.kind != "condition" for each in found) else 0.0)
    excused = any(_excuses(each, broken) for each in found if each.kind != "broken")
    return _USUAL + (_GUARDED if excused else _REPORTED)


def _excuses(guard: Found, broken: Sequence[Found]) -> bool:
    """Whether something said beside a report takes it back.

    "works again" across "not working again" does not, nor a condition after the report.
    """
    if guard.kind == "recovered":
        return not any(report.start < guard.end and guard.start < report.end for report in broken)
    if guard.kind == "condition":
        return any(guard.start <= report.start <= guard.end + _CONDITION for report in broken)
    return True


def wronged(said: float) -> float:
    """What the same evidence says for a complaint: an outage is one, and a text without a letter tells of none."""
    if said == _WORDLESS:
        return _WORDLESS
    return WRONGED if reports(said) else 0.0


def reports(said: float) -> bool:
    """Whether evidence of so much means that the phrases alone tell a report."""
    return said > _USUAL
