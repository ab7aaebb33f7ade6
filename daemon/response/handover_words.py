"""The words of the hand-over note in Polish, Russian and English.

What was done is told in nouns, for Polish and Russian verbs would need the doer's gender.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from daemon.model import EventKind


class HandoverWords(msgspec.Struct, frozen=True, kw_only=True):
    """One language's sentences, with places for names, times and texts."""

    heading: str
    written: str
    headings: tuple[str, str, str, str, str, str, str]  # of the sections, in their order
    severities: dict[str, str]
    kinds: dict[str, str]
    topics: dict[str, str]
    doubts: dict[str, str]  # of the topic
    ends: dict[str, str]  # states in which an incident ends
    parts: dict[str, str]  # what needs a second person's consent
    dues: dict[str, str]
    done: dict[EventKind, str]
    months: tuple[str, ...]
    no_time: str
    late: str
    onset: str
    held: str
    snoozed: str
    free: str
    ended: str
    assigned: str
    evidence: str
    about: str
    proposed: str
    joined: str  # between two parts
    promised: str
    broken: str
    kept: str
    said: str
    everywhere: str
    unsaid: str
    fact: str
    source: str
    asked: str
    agreed: str
    step: str


ENGLISH: Final = HandoverWords(
    heading="Hand-over",
    written="Written {at}; times below are of {zone}.",
    headings=(
        "Where it stands",
        "Due next",
        "Waits for a second person",
        "Promised to the public",
        "Said in public",
        "Confirmed",
        "What was done",
    ),
    severities={},
    kinds={},
    topics={},
    doubts={"probably": "{topic} (probably)", "perhaps": "{topic} (perhaps)"},
    ends={"false_alarm": "false alarm"},
    parts={},
    dues={
        "step": "the next step of the ladder is called, unless somebody acknowledges",
        "unsnooze": "the snooze ends",
        "unacknowledge": "without any action it is open again, and the ladder starts anew",
        "proposal": "a second person is asked again to agree to what waits",
        "word:before": "reminder of the next public word",
        "word:due": "the next public word is owed",
        "word:overdue": "if no word has come, one more step is called",
    },
    done={
        EventKind.ACKNOWLEDGED: "acknowledged",
        EventKind.ASSIGNED: "assigned",
        EventKind.SNOOZED: "snoozed",
        EventKind.ESCALATED: "escalated",
        EventKind.UNACKNOWLEDGED: "no longer acknowledged",
        EventKind.SEVERITY: "severity changed",
        EventKind.NOTIFY_FAILED: "could not be told",
        EventKind.REOPENED: "reopened",
        EventKind.RESOLVED: "resolved",
        EventKind.FALSE_ALARM: "called a false alarm",
        EventKind.BLIND: "a source went silent",
        EventKind.SIGHTED: "a source is back",
        EventKind.NOTE: "note",
    },
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    no_time="an unknown time",
    late=", overdue",
    onset="{brand}: {severity} {kind}, since {onset}, noticed {opened}.",
    held="{who} has it, since {at}.",
    snoozed="Snoozed until {at}.",
    free="Nobody has it.",
    ended="Ended as {state} by {who} at {at}.",
    assigned="Assigned to {who}.",
    evidence="Latest evidence ({at}): {reason}",
    about="About {topic}; words: {terms}.",
    proposed="{at} {who} proposes, for its {parts}: “{text}”",
    joined=" and ",
    promised="By {due}{late}: the next word, promised at {at}",
    broken="Broken: the word promised by {due}",
    kept="Kept so far: {count}",
    said="{at} on {channel} ({lang}), by {who}: “{text}”",
    everywhere="every channel",
    unsaid="Nothing yet.",
    fact="{n}. {fact} ({at}; confirmed by {who}{source})",
    source=", source: {source}",
    asked="asked a second person",
    agreed="agreed, as the second person",
    step=" (step {step}, {reason})",
)
POLISH: Final = HandoverWords(
    heading="Przekazanie dyżuru",
    written="Stan na {at}; godziny poniżej w strefie {zone}.",
    headings=(
        "Na czym stoimy",
        "Co nas czeka",
        "Czeka na zgodę drugiej osoby",
        "Obiecane publicznie",
        "Powiedziane publicznie",
        "Potwierdzone",
        "Co zrobiono",
    ),
    severities={"critical": "krytyczny", "major": "poważny", "minor": "drobny"},
    kinds={
        "surge": "wzrost liczby negatywnych wzmianek",
        "reach": "głos autorów o dużym zasięgu",
        "risk": "sygnał – słowa, które nigdy nie są zwyczajne",
        "share": "zwrot nastrojów",
        "blind": "zanik widoczności",
    },
    topics={
        "outage": "awaria",
        "unsafe_product": "niebezpieczny produkt",
        "staff": "zachowanie personelu",
        "data_leak": "wyciek danych",
        "price_or_rule": "cena lub regulamin",
        "rumour": "plotka",
        "other": "inna sprawa",
    },
    doubts={"probably": "prawdopodobnie {topic}", "perhaps": "być może {topic}"},
    ends={"resolved": "rozwiązane", "false_alarm": "fałszywy alarm"},
    parts={"apology": "przeprosiny", "compensation": "rekompensatę"},
    dues={
        "step": "zostanie wezwany kolejny szczebel, jeśli nikt nie przejmie sprawy",
        "unsnooze": "koniec odłożenia",
        "unacknowledge": "bez żadnego działania sprawa znów będzie otwarta i wezwania zaczną się od nowa",
        "proposal": "ponowna prośba o zgodę drugiej osoby",
        "word:before": "przypomnienie o kolejnej publicznej informacji",
        "word:due": "termin kolejnej publicznej informacji",
        "word:overdue": "jeśli nic nie napiszemy, zostanie wezwany jeszcze jeden szczebel",
    },
    done={
        EventKind.ACKNOWLEDGED: "przejęcie sprawy",
        EventKind.ASSIGNED: "przydzielenie",
        EventKind.SNOOZED: "odłożenie",
        EventKind.ESCALATED: "eskalacja",
        EventKind.UNACKNOWLEDGED: "cofnięcie przejęcia",
        EventKind.SEVERITY: "zmiana wagi",
        EventKind.NOTIFY_FAILED: "nieudane powiadomienie",
        EventKind.REOPENED: "ponowne otwarcie",
        EventKind.RESOLVED: "rozwiązanie",
        EventKind.FALSE_ALARM: "uznanie za fałszywy alarm",
        EventKind.BLIND: "źródło zamilkło",
        EventKind.SIGHTED: "źródło znów działa",
        EventKind.NOTE: "notatka",
    },
    months=("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"),
    no_time="nieznana godzina",
    late=" (po terminie)",
    onset="{brand}: {severity} {kind}; początek {onset}, zauważono {opened}.",
    held="Sprawę prowadzi {who}, od {at}.",
    snoozed="Odłożone do {at}.",
    free="Nikt jeszcze nie przejął sprawy.",
    ended="Zakończone jako {state}: {who}, {at}.",
    assigned="Przydzielone: {who}.",
    evidence="Ostatnie dane ({at}): {reason}",
    about="Temat: {topic}; słowa: {terms}.",
    proposed="{at} {who} proponuje tekst, który zawiera {parts}: „{text}”",
    joined=" i ",
    promised="Do {due}{late}: kolejna informacja, obiecana {at}",
    broken="Niedotrzymane: wiadomość obiecana do {due}",
    kept="Dotrzymane do tej pory: {count}",
    said="{at}, {channel} ({lang}), {who}: „{text}”",
    everywhere="wszystkie kanały",
    unsaid="Jeszcze nic.",
    fact="{n}. {fact} ({at}; potwierdza {who}{source})",
    source=", źródło: {source}",
    asked="prośba o zgodę drugiej osoby",
    agreed="zgoda drugiej osoby",
    step=" (szczebel {step}, {reason})",
)
RUSSIAN: Final = HandoverWords(
    heading="Передача смены",
    written="Составлено {at}; время ниже – {zone}.",
    headings=(
        "Как обстоят дела",
        "Что впереди",
        "Ждёт согласия второго человека",
        "Обещано публично",
        "Сказано публично",
        "Подтверждено",
        "Что сделано",
    ),
    severities={"critical": "критический", "major": "серьёзный", "minor": "небольшой"},
    kinds={
        "surge": "всплеск негативных упоминаний",
        "reach": "отклик авторов с большим охватом",
        "risk": "сигнал – слова, которые никогда не бывают обычными",
        "share": "перелом настроений",
        "blind": "обрыв наблюдения",
    },
    topics={
        "outage": "сбой",
        "unsafe_product": "опасный продукт",
        "staff": "поведение персонала",
        "data_leak": "утечка данных",
        "price_or_rule": "цена или правила",
        "rumour": "слух",
        "other": "другое",
    },
    doubts={"probably": "вероятно, {topic}", "perhaps": "возможно, {topic}"},
    ends={"resolved": "решённое", "false_alarm": "ложная тревога"},
    parts={"apology": "извинение", "compensation": "компенсацию"},
    dues={
        "step": "будет вызвана следующая ступень, если никто не возьмёт дело",
        "unsnooze": "отсрочка закончится",
        "unacknowledge": "если ничего не делать, дело снова откроется и вызовы начнутся заново",
        "proposal": "повторная просьба о согласии второго человека",
        "word:before": "напоминание о следующем публичном сообщении",
        "word:due": "срок следующего публичного сообщения",
        "word:overdue": "если сообщения не будет, вызовут ещё одну ступень",
    },
    done={
        EventKind.ACKNOWLEDGED: "дело взято в работу",
        EventKind.ASSIGNED: "назначение",
        EventKind.SNOOZED: "отсрочка",
        EventKind.ESCALATED: "эскалация",
        EventKind.UNACKNOWLEDGED: "дело снова ничьё",
        EventKind.SEVERITY: "изменение важности",
        EventKind.NOTIFY_FAILED: "оповестить не удалось",
        EventKind.REOPENED: "открыто снова",
        EventKind.RESOLVED: "решено",
        EventKind.FALSE_ALARM: "признано ложной тревогой",
        EventKind.BLIND: "источник замолчал",
        EventKind.SIGHTED: "источник снова работает",
        EventKind.NOTE: "заметка",
    },
    months=("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    no_time="время неизвестно",
    late=" (срок прошёл)",
    onset="{brand}: {severity} {kind}; началось {onset}, замечено {opened}.",
    held="Дело ведёт {who}, с {at}.",
    snoozed="Отложено до {at}.",
    free="Дело пока никто не взял.",
    ended="Завершено как {state}: {who}, {at}.",
    assigned="Назначено: {who}.",
    evidence="Последние данные ({at}): {reason}",
    about="Тема: {topic}; слова: {terms}.",
    proposed="{at} {who} предлагает текст, который содержит {parts}: «{text}»",
    joined=" и ",
    promised="До {due}{late}: следующее сообщение, обещано {at}",
    broken="Не сдержано: сообщение, обещанное до {due}",
    kept="Сдержано обещаний: {count}",
    said="{at}, {channel} ({lang}), {who}: «{text}»",
    everywhere="все каналы",
    unsaid="Пока ничего.",
    fact="{n}. {fact} ({at}; подтверждает {who}{source})",
    source=", источник: {source}",
    asked="просьба о согласии второго человека",
    agreed="согласие второго человека",
    step=" (ступень {step}, {reason})",
)
WORDS: Final[Mapping[str, HandoverWords]] = MappingProxyType({"en": ENGLISH, "pl": POLISH, "ru": RUSSIAN})
