"""Everybody who can be called, and by which rota: what a target leads to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from config.schema import Config
from daemon.oncall.rota import Rota, Stint

ROTA = "oncall:"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be called."""

    key: str
    name: str
    targets: tuple[str, ...]
    timezone: str


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """People and rotas."""

    people: dict[str, Person] = {}
    rotas: dict[str, Rota] = {}

    @classmethod
    def of(cls, config: Config, planned: Mapping[str, tuple[Stint, ...]] | None = None) -> Roster:
        """The roster of a configuration; ``planned``: what each rota's calendar says."""
        people = {
            key: Person(key=key, name=person.name or key, targets=person.targets, timezone=person.timezone)
            for key, person in config.people.items()
        }
        rotas = {key: Rota.of(rota, (planned or {}).get(key, ())) for key, rota in config.oncall.items()}
        return cls(people=people, rotas=rotas)

    def resolve(self, targets: tuple[str, ...], at: datetime) -> tuple[str, ...]:
        """The targets with those of whoever is on call in the place of their rota, each once.

        A rota that is not configured stays as it is: nothing can be sent to it, and the timeline says so.
        """
        found: list[str] = []
        for target in targets:
            rota = self.rotas.get(target.removeprefix(ROTA)) if target.startswith(ROTA) else None
            person = self.people.get(rota.on_call(at)) if rota is not None else None
            found += person.targets if person is not None else (target,)
        return tuple(dict.fromkeys(found))
