"""What a brand may say, by how much the public holds it responsible.

After W. T. Coombs, "Protecting Organization Reputations During a Crisis" (2007): every
answer first instructs (how to protect yourself) and adjusts (what happened, sympathy);
the rest depends on the cluster, and earlier crises raise the responsibility by one step.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.model import Topic
from daemon.replies.phrases import EVEN, LANGUAGES, phrases


class Cluster(enum.StrEnum):
    """How responsible the public holds the brand; from least to most."""

    VICTIM = "victim"
    ACCIDENTAL = "accidental"
    PREVENTABLE = "preventable"


class Part(enum.StrEnum):
    """What an answer may contain beyond instructing and adjusting."""

    DENIAL = "denial"
    EXCUSE = "excuse"
    APOLOGY = "apology"
    COMPENSATION = "compensation"
    BOLSTERING = "bolstering"


CLUSTER_OF: Mapping[Topic, Cluster] = MappingProxyType(
    {
        Topic.OUTAGE: Cluster.ACCIDENTAL,
        Topic.UNSAFE_PRODUCT: Cluster.ACCIDENTAL,
        Topic.STAFF: Cluster.PREVENTABLE,
        Topic.DATA_LEAK: Cluster.ACCIDENTAL,
        Topic.PRICE_OR_RULE: Cluster.PREVENTABLE,
        Topic.RUMOUR: Cluster.VICTIM,
        Topic.OTHER: Cluster.ACCIDENTAL,
    }
)
ALLOWED: Mapping[Cluster, frozenset[Part]] = MappingProxyType(
    {
        Cluster.VICTIM: frozenset({Part.DENIAL, Part.BOLSTERING}),
        Cluster.ACCIDENTAL: frozenset({Part.EXCUSE, Part.APOLOGY, Part.BOLSTERING}),
        Cluster.PREVENTABLE: frozenset({Part.APOLOGY, Part.COMPENSATION, Part.BOLSTERING}),
    }
)
NEEDS_APPROVAL = frozenset({Part.APOLOGY, Part.COMPENSATION})  # it may bind the brand: a second person agrees first
_AGAINST_DENIAL = frozenset({Part.EXCUSE, Part.APOLOGY, Part.COMPENSATION})


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """What a text does, and what of it the cluster does not allow."""

    parts: tuple[Part, ...]
    forbidden: tuple[Part, ...]  # not in this cluster
    mixed: bool  # denies, and yet excuses, apologises or pays: no one believes both
    approval: tuple[Part, ...]  # only after a second person's consent


def cluster_of(topic: Topic, *, earlier_crises: int = 0) -> Cluster:
    """The cluster of ``topic``, a step higher for a brand that has had crises before.

    >>> cluster_of(Topic.OUTAGE, earlier_crises=1)
    <Cluster.PREVENTABLE: 'preventable'>
    """
    order = list(Cluster)
    step = order.index(CLUSTER_OF[topic]) + (1 if earlier_crises > 0 else 0)
    return order[min(step, len(order) - 1)]


def parts_in(text: str, lang: str) -> tuple[Part, ...]:
    """The parts that ``text`` contains; none are known in a language without phrase lists."""
    if lang not in LANGUAGES:
        return ()
    even = text.translate(EVEN)
    return tuple(part for part in Part if next(phrases(lang, "part", part.value).find(even), None) is not None)


def strategy(text: str, lang: str, cluster: Cluster) -> Strategy:
    """Whether what ``text`` does fits ``cluster``."""
    parts = parts_in(text, lang)
    return Strategy(
        parts=parts,
        forbidden=tuple(part for part in parts if part not in ALLOWED[cluster]),
        mixed=Part.DENIAL in parts and bool(_AGAINST_DENIAL.intersection(parts)),
        approval=tuple(part for part in parts if part in NEEDS_APPROVAL),
    )
