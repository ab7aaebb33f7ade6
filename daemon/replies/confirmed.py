"""Which lines of the fact sheet a holding reply may tell, as plain sentences in its language. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from daemon.replies.clusters import Cluster, strategy
from daemon.replies.facts import written_in
from daemon.replies.lint import check
from daemon.response.promises import promised_times
from daemon.text import escape

MOST = 2  # facts in one reply: a holding reply is short
_LONGEST = 200  # characters of a sentence that is still read
_LEADS_AWAY = re.compile(r"://|\bwww\.|@", re.IGNORECASE)  # a link or a person named is for people to add
_ENDS = re.compile(r"[.!…]$")
_FIRST_SENTENCE = re.compile(r"(?<=[.…])\s+")  # "Здравствуйте!" is not yet one


def sentences(facts: Sequence[str], lang: str) -> tuple[str, ...]:
    """The latest facts written in ``lang`` that are plain sentences, in the order of the sheet.

    >>> sentences(("a fibre is cut in the north", "Kabel jest przecięty.", "See https://acme.example"), "en")
    ('A fibre is cut in the north.',)
    """
    told = [sentence for sentence in map(_sentence, facts) if sentence and written_in(sentence) == lang]
    return tuple(told[-MOST:])


def _sentence(fact: str) -> str | None:
    """``fact`` as a sentence; None where it hides or links something, asks, or goes on for too long."""
    line = " ".join(fact.split())
    if not line or len(line) > _LONGEST or escape(line) != line or _LEADS_AWAY.search(line) or line.endswith("?"):
        return None
    return line[0].upper() + line[1:] + ("" if _ENDS.search(line) else ".")


def inserted(template: str, facts: Sequence[str]) -> str:
    """``template``, still with its fields, with ``facts`` after the words of empathy that it begins with."""
    empathy, *rest = _FIRST_SENTENCE.split(template, maxsplit=1)
    escaped = [fact.replace("{", "{{").replace("}", "}}") for fact in facts]
    return " ".join((empathy, *escaped, *rest))


class Fitness(msgspec.Struct, frozen=True, kw_only=True):
    """The occasion on which a reply is held to our own check."""

    plain: str  # the same reply without facts
    lang: str
    cluster: Cluster
    visibility: str
    channel: str
    facts: tuple[str, ...]
    customer: str | None
    now: datetime
    timezone: str

    def of(self, reply: str) -> bool:
        """Whether the check finds nothing in ``reply``, and it promises and admits no more than the plain one."""
        tried = strategy(reply, self.lang, self.cluster)
        if tried.mixed or tried.forbidden or tried.approval or self._times(reply) != self._times(self.plain):
            return False
        return not check(
            reply,
            lang=self.lang,
            customer=self.customer,
            audience=self.visibility,
            channel=self.channel,
            incident=True,
            facts=self.facts,
            now=self.now,
            timezone=self.timezone,
        )

    def _times(self, reply: str) -> tuple[datetime, ...]:
        return promised_times(reply, self.lang, self.now, self.timezone)
