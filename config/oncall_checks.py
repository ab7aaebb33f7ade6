"""Faults of people, rotas and silences that only show when sections are seen together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def oncall_broken(settings: Mapping[str, Any], folder: Path) -> list[str]:
    """Every such fault, each beginning with its path; files are looked for from ``folder``."""
    people, rotas = table(settings.get("people")), table(settings.get("oncall"))
    ladders = table(settings.get("escalation"))
    brands = table(settings.get("brands"))
    return [
        *_people(people),
        *_rotas(rotas, people, folder),
        *_graver_ladders(brands, ladders),
        *_rota_targets(ladders, rotas),
        *_silences(array(table(settings.get("silences")).get("recurring")), brands),
    ]


def names_of(people: Mapping[str, Any]) -> dict[str, list[str]]:
    """By what names a calendar may call each person: their key, name and mail addresses."""
    return {key: [*_names(key, table(person))] for key, person in people.items()}


def _names(key: str, person: Mapping[str, Any]) -> Iterator[str]:
    yield key
    if isinstance(name := person.get("name"), str) and name.strip():
        yield name
    for target in array(person.get("targets")):
        if isinstance(target, str) and target.startswith("email:"):
            yield target.removeprefix("email:")


def _people(people: Mapping[str, Any]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for key, person in people.items():
        for index, target in enumerate(array(table(person).get("targets"))):
            path = f"people.{key}.targets[{index}]"
            if not isinstance(target, str):
                continue
            if target.startswith("oncall:"):
                yield f"{path}: a person cannot be a rota; expected a target of their own, such as slack:@U012AB3CD"
            elif (other := owners.setdefault(target, key)) != key:
                yield f"{path}: belongs to people.{other} already; expected one of their own"


def _rotas(rotas: Mapping[str, Any], people: Mapping[str, Any], folder: Path) -> Iterator[str]:
    from config.calendars import CalendarError, read_calendar  # noqa: PLC0415 - not loaded where there is no rota

    known = ", ".join(people) or "none is configured"
    for key, entry in rotas.items():
        rota = table(entry)
        members, overrides = array(rota.get("members")), array(rota.get("overrides"))
        named = [(f"members[{index}]", who) for index, who in enumerate(members)]
        named += [(f"overrides[{index}].who", table(one).get("who")) for index, one in enumerate(overrides)]
        for place, who in named:
            if isinstance(who, str) and who not in people:
                yield f'oncall.{key}.{place}: nobody is named "{who}" under [people]; expected one of: {known}'
        calendar = rota.get("calendar")
        if isinstance(calendar, str):
            try:
                read_calendar(folder / calendar, names_of(people))
            except CalendarError as error:
                yield f"oncall.{key}.calendar: {error}"


def _graver_ladders(brands: Mapping[str, Any], ladders: Mapping[str, Any]) -> Iterator[str]:
    known = ", ".join(ladders) or "none is configured"
    for name, brand in brands.items():
        for severity, wanted in table(table(brand).get("escalation_by_severity")).items():
            if isinstance(wanted, str) and wanted not in ladders:
                path = f"brands.{name}.escalation_by_severity.{severity}"
                yield f'{path}: no ladder is named "{wanted}"; expected one of: {known}'


def _rota_targets(ladders: Mapping[str, Any], rotas: Mapping[str, Any]) -> Iterator[str]:
    known = ", ".join(rotas) or "none is configured under [oncall]"
    for name, ladder in ladders.items():
        for number, step in enumerate(array(table(ladder).get("steps"))):
            for index, target in enumerate(array(table(step).get("notify"))):
                if isinstance(target, str) and target.startswith("oncall:"):
                    rota = target.removeprefix("oncall:")
                    if rota not in rotas:
                        path = f"escalation.{name}.steps[{number}].notify[{index}]"
                        yield f'{path}: no rota is named "{rota}"; expected one of: {known}'


def _silences(recurring: list[Any], brands: Mapping[str, Any]) -> Iterator[str]:
    first: dict[str, int] = {}
    for index, silence in enumerate(recurring):
        name, brand, path = table(silence).get("name"), table(silence).get("brand"), f"silences.recurring[{index}]"
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield f"{path}.name: the same as silences.recurring[{first[name]}].name; expected another"
        if isinstance(brand, str) and brand not in brands:
            yield f'{path}.brand: no brand is named "{brand}"; expected one of: {", ".join(brands)}'


def table(value: object) -> Mapping[str, Any]:
    """``value`` where it is a table; what is not is named by the schema."""
    return value if isinstance(value, dict) else {}


def array(value: object) -> list[Any]:
    """``value`` where it is an array."""
    return value if isinstance(value, list) else []
