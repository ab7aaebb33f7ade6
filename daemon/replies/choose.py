"""Which holding reply to offer: a public line and a private follow-up in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from daemon.model import HoldingReply, Topic
from daemon.replies.channels import fits
from daemon.replies.cluster_rule import suits
from daemon.replies.clusters import Cluster, cluster_of
from daemon.replies.confirmed import Fitness, inserted, sentences
from daemon.replies.library import FALLBACK, VISIBILITIES, Library, Pack, load_library

# It tells whether services work. Under a word on a leak, a harm, a price or a rumour "all in order" would be a mockery.
_ON_STATUS_PAGE = frozenset({Topic.OUTAGE})


def holding_replies(
    *,
    topic: Topic,
    languages: Sequence[str],
    channel: str,
    brand_name: str,
    status_page: str | None,
    next_update_at: datetime,
    timezone: str,
    register: str = "formal",
    earlier_crises: int = 0,
    variant: int = 0,
    facts: Sequence[str] = (),
    customer: str | None = None,
    now: datetime | None = None,
    library: Library | None = None,
) -> tuple[HoldingReply, ...]:
    """For each language a public and a private reply, in the order of ``languages``.

    ``next_update_at`` is told in ``timezone``, the brand's own; the day is named when it
    is not that of ``now`` (without it: taken to be the same day). A language without a
    library falls back to English; no language is offered twice. Nothing is offered that the cluster of ``topic``
    forbids, raised by ``earlier_crises``, nor what is too long for the channel, as long as there is something shorter.
    ``variant`` picks among the alternatives, so that many customers do not read the same words. The status line, in an
    outage, and the brand's signature are left out where the channel has no room for them.

    ``facts``: the fact sheet. The latest written in a reply's own language are told after its words of
    empathy, where there is room beside the status line and the check finds nothing in the whole;
    ``customer``: the words it answers, for that check.
    """
    packs = load_library() if library is None else library
    offered = dict.fromkeys(lang if lang in packs else FALLBACK for lang in languages)
    zone = ZoneInfo(timezone)
    cluster = cluster_of(topic, earlier_crises=earlier_crises)
    status_page = status_page if topic in _ON_STATUS_PAGE else None
    replies = []
    for lang in offered:
        pack = packs[lang]
        fields = {"next": pack.phrases.next_word(next_update_at, zone, now), "brand": brand_name}
        told = sentences(facts, lang) if facts else ()
        for visibility in VISIBILITIES:
            has_room = partial(_has_room, fields=fields, channel=channel, visibility=visibility)
            texts = _alternatives(pack, (topic, visibility, register), cluster, has_room)
            shape = _Shape(
                template=texts[variant % len(texts)],
                fields=fields,
                status=pack.phrases.status.format(status_page=status_page) if status_page else "",
                signature=pack.phrases.signature.format(brand=brand_name),
                channel=channel,
                visibility=visibility,
            )
            fitness = Fitness(
                plain=shape.plain(),
                lang=lang,
                cluster=cluster,
                visibility=visibility,
                channel=channel,
                facts=tuple(facts),
                customer=customer,
                now=now or next_update_at,
                timezone=timezone,
            )
            replies.append(
                HoldingReply(
                    lang=lang,
                    register=register,
                    visibility=visibility,
                    channel=channel,
                    text=_with_facts(shape, told, fitness),
                )
            )
    return tuple(replies)


def _alternatives(
    pack: Pack, key: tuple[Topic, str, str], cluster: Cluster, has_room: Callable[[str], bool]
) -> Sequence[str]:
    """The texts that suit ``cluster`` and for which there is room; ours only where none of the user's suits it.

    The short ones where there is room for no other; where for none at all, the shortest: it is for people to cut.
    """
    topic, visibility, register = key
    both = (pack, load_library().get(pack.lang, pack))

    def suited(lists: Iterable[Sequence[str]]) -> list[str]:
        fitting = ([text for text in texts if suits(text, pack.lang, cluster)] for texts in lists)
        return next(filter(None, fitting), [])

    usual = suited(each.texts(topic, visibility, register) for each in both)
    short = suited(each.short(topic, visibility) for each in both)
    return list(filter(has_room, usual)) or list(filter(has_room, short)) or [min((*usual, *short), key=len)]


def _has_room(text: str, *, fields: Mapping[str, str], channel: str, visibility: str) -> bool:
    return fits(text.format_map(fields), channel, visibility)


class _Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One reply before its parts are put together."""

    template: str
    fields: Mapping[str, str]
    status: str  # the line with the link; empty: none
    signature: str
    channel: str
    visibility: str

    def plain(self) -> str:
        """With as much of status line and signature as fits; the link matters more."""
        body = self.template.format(**self.fields)
        return self._ended(body, (self.status, self.signature), (self.status, ""), ("", self.signature)) or body

    def telling(self, facts: Sequence[str], plain: str) -> str | None:
        """With ``facts``, and the status line where ``plain`` has one; None: there is no room for that."""
        body = inserted(self.template, facts).format(**self.fields)
        status = self.status if self.status in plain else ""
        return self._ended(body, (status, self.signature), (status, ""))

    def _ended(self, body: str, *endings: tuple[str, str]) -> str | None:
        """``body`` with the first of the endings (line, signature) that fits."""
        texts = ("\n".join(filter(None, (" ".join(filter(None, (body, line))), sign))) for line, sign in endings)
        return next((text for text in texts if fits(text, self.channel, self.visibility)), None)


def _with_facts(shape: _Shape, facts: Sequence[str], fitness: Fitness) -> str:
    """The reply with the latest facts; each for which there is no room, or which makes it unfit, is left out."""
    chosen: tuple[str, ...] = ()
    best = fitness.plain
    for fact in reversed(facts):
        text = shape.telling((fact, *chosen), fitness.plain)
        if text is not None and fitness.of(text):
            chosen, best = (fact, *chosen), text
    return best
