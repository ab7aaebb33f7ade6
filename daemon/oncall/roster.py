"""Everybody who can be called, by which rota, and when not: what a target leads to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from config.schema import Config
from daemon.oncall.holding import Person
from daemon.oncall.rota import Rota, Stint
from daemon.oncall.silence import Silence
from daemon.people import Names, names_of

ROTA = "oncall:"


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """People, rotas and silences."""

    people: dict[str, Person] = {}
    rotas: dict[str, Rota] = {}
    silences: tuple[Silence, ...] = ()

    @property
    def names(self) -> Names:
        """Of everybody in it, by everything as whom they act."""
        return names_of(self.people)

    @classmethod
    def of(
        cls,
        config: Config,
        planned: Mapping[str, tuple[Stint, ...]] | None = None,
        silences: Iterable[Silence] = (),
    ) -> Roster:
        """The roster of a configuration.

        ``planned``: what each rota's calendar says; ``silences``: those made by hand.
        """
        people = {key: Person.of(key, person) for key, person in config.people.items()}
        rotas = {key: Rota.of(rota, (planned or {}).get(key, ())) for key, rota in config.oncall.items()}
        campaigns = (
            Silence.planned(key, number, campaign)
            for key, brand in config.brands.items()
            for number, campaign in enumerate(brand.campaigns)
        )
        recurring = (Silence.recurring(silence) for silence in config.silences.recurring)
        return cls(people=people, rotas=rotas, silences=(*campaigns, *recurring, *silences))

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
