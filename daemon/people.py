"""Whom an actor or a target stands for, as people know them: decided here, wherever somebody is shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

Names = Mapping[str, str]  # actor → name: {"slack:U012AB3CD": "Anna Nowak"}
NOBODY: Final[Names] = MappingProxyType({})

_DOORS: Final = {"user": "", "token": "", "email": "", "slack": " in Slack"}  # a member's id alone says too little
_WAYS: Final = {"slack": "Slack", "email": "mail"}
ACTOR: Final = re.compile(r"\b(?:slack|user|token|email):[\w.@+-]*\w")  # within a sentence


class Known(Protocol):
    """What is needed of a person of the configuration, or of the roster."""

    @property
    def name(self) -> str | None:
        """As people know them; None: by the key."""
        ...

    @property
    def targets(self) -> Sequence[str]:
        """Where they are called."""
        ...


def actors_of(key: str, targets: Sequence[str]) -> frozenset[str]:
    """As whom somebody acts: signed in under their key, or by a way in which they are called."""
    return frozenset({f"user:{key}", *map(_actor, targets)})


def names_of(people: Mapping[str, Known]) -> dict[str, str]:
    """The names of ``people`` by everything as whom they act."""
    return {
        actor: person.name or key for key, person in people.items() for actor in sorted(actors_of(key, person.targets))
    }


def who(actor: str | None, names: Names = NOBODY) -> str:
    """An actor by name, else without the door they came through; whatever is no actor stays as it is.

    >>> who("slack:U012AB3CD", {"slack:U012AB3CD": "Anna Nowak"}), who("token:anna"), who("tocsin")
    ('Anna Nowak', 'anna', 'Tocsin')
    >>> who("slack:U012AB3CD"), who("Jan: night shift"), who(None)
    ('U012AB3CD in Slack', 'Jan: night shift', 'somebody')
    """
    if not actor:
        return "somebody"
    if actor in names:
        return names[actor]
    door, _, name = actor.partition(":")
    if name and door in _DOORS:
        return name + _DOORS[door]
    return "Tocsin" if actor == "tocsin" else actor


def reached(target: str, names: Names = NOBODY) -> str:
    """Whom a target leads to, and by what way; a target of nobody we know stays as it is.

    >>> reached("slack:@U012AB3CD", {"slack:U012AB3CD": "Anna Nowak"}), reached("slack:#pr-crisis")
    ('Anna Nowak, by Slack', 'slack:#pr-crisis')
    """
    name, way = names.get(_actor(target)), target.partition(":")[0]
    return target if name is None else f"{name}, by {_WAYS.get(way, way)}"


def named(sentence: str, names: Names = NOBODY) -> str:
    """A sentence of our own, such as an error, with every actor in it told by name.

    >>> named("already acknowledged by user:anna at 12:00", {"user:anna": "Anna Nowak"})
    'already acknowledged by Anna Nowak at 12:00'
    """
    return ACTOR.sub(lambda found: who(found[0], names), sentence)


def _actor(target: str) -> str:
    return target.replace("slack:@", "slack:")
