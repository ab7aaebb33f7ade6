"""Which parts of its brand a mention belongs to: its channel, and for a complaint its topics and the names in it."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.model import Topic
from detectors.places import named
from detectors.topic import topics_in


def parts_of(channel: str, text: str | None, names: Sequence[str], *, negative: bool) -> tuple[str, ...]:
    """Names of the parts; ``names`` of places and products are those to look for, ``text`` None where it was erased.

    >>> parts_of("vk", "В Омске снова нет интернета", ["Омск"], negative=True)
    ('channel:vk', 'topic:outage', 'name:Омск')
    >>> parts_of("vk", "Спасибо!", ["Омск"], negative=False)
    ('channel:vk',)
    """
    if not negative or text is None:
        return (f"channel:{channel}",)
    topics = sorted(topics_in(text) - {Topic.OTHER})
    return (f"channel:{channel}", *(f"topic:{topic}" for topic in topics), *(f"name:{n}" for n in named(text, names)))
