"""What people and programs ask for: strict bodies, turned into commands."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from config.values import parse_duration
from daemon import command as asked
from daemon.command import Command
from daemon.errors import InputError
from daemon.model import Label
from daemon.views import parse_time

_NEUTRAL_BELOW = 0.05  # the convention of VADER, as for upstream scores
_LONGEST = timedelta(days=366)  # a slip of the finger otherwise: nobody snoozes a crisis for years

_END = r"$(?!\n)"
Line = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*" + _END)
]
Text = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Span = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,8}[smhd]" + _END, description="a duration such as 30m")]
Lang = Annotated[str, Meta(pattern=r"^[a-z]{2}" + _END, description="ISO 639-1")]
Channel = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}" + _END)]


class AcknowledgeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more to say: an empty body or {}."""

    def command(self) -> Command:
        """Acknowledge."""
        return asked.Acknowledge()


class AssignBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who works on it."""

    to: Line

    def command(self) -> Command:
        """Assign."""
        return asked.Assign(to=self.to)


class SnoozeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long."""

    for_: Span = msgspec.field(name="for")

    def command(self) -> Command:
        """Snooze. Raises ``InputError``."""
        return asked.Snooze(seconds=_seconds("for", self.for_))


class EscalateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more to say: an empty body or {}."""

    def command(self) -> Command:
        """Call the next step."""
        return asked.Escalate()


class UpdateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the public was told, and when it hears more."""

    text: Text
    lang: Lang
    channel: Channel | None = None
    next_update_in: Span | None = None

    def command(self) -> Command:
        """Post the update. Raises ``InputError``."""
        following = None if self.next_update_in is None else _seconds("next_update_in", self.next_update_in)
        return asked.PostUpdate(text=self.text, lang=self.lang, channel=self.channel, next_update_in=following)


class NoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A remark for colleagues."""

    text: Text

    def command(self) -> Command:
        """Note."""
        return asked.Note(text=self.text)


class FactBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line for the fact sheet."""

    fact: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    at: Annotated[str, Meta(description="since when it is so; RFC 3339 with an offset; default: now")] | None = None
    source: Line | None = None
    confirmed_by: Annotated[Line, Meta(description="default: whoever writes it down")] | None = None
    replaces: Annotated[int, Meta(ge=1, description="number of a fact that is out of date")] | None = None

    def command(self) -> Command:
        """Write it down. Raises ``InputError``."""
        try:
            at = None if self.at is None else parse_time(self.at)
        except ValueError as error:
            raise InputError(f"at: {error}") from error
        return asked.AddFact(
            fact=self.fact, at=at, source=self.source, confirmed_by=self.confirmed_by, replaces=self.replaces
        )


class ApproveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more to say: an empty body or {}."""

    def command(self) -> Command:
        """Agree, as the second person."""
        return asked.ApproveUpdate()


class KeepPromiseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more to say: an empty body or {}."""

    def command(self) -> Command:
        """The promise that was due next is kept."""
        return asked.KeepPromise()


class ResolveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it ended."""

    summary: Text

    def command(self) -> Command:
        """Resolve."""
        return asked.Resolve(summary=self.summary)


class FalseAlarmBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it never was one."""

    reason: Text

    def command(self) -> Command:
        """Call it a false alarm."""
        return asked.FalseAlarm(reason=self.reason)


class ReopenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more to say: an empty body or {}."""

    def command(self) -> Command:
        """Reopen."""
        return asked.Reopen()


ActionBody = (
    AcknowledgeBody
    | AssignBody
    | SnoozeBody
    | EscalateBody
    | UpdateBody
    | NoteBody
    | ApproveBody
    | KeepPromiseBody
    | ResolveBody
    | FalseAlarmBody
    | ReopenBody
)

ACTIONS: Final[dict[str, type[ActionBody]]] = {
    "acknowledge": AcknowledgeBody,
    "assign": AssignBody,
    "snooze": SnoozeBody,
    "escalate": EscalateBody,
    "update": UpdateBody,
    "note": NoteBody,
    "approve": ApproveBody,
    "keep-promise": KeepPromiseBody,
    "resolve": ResolveBody,
    "false-alarm": FalseAlarmBody,
    "reopen": ReopenBody,
}


FORMS: Final[dict[str, type[ActionBody | FactBody]]] = {**ACTIONS, "facts": FactBody}


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who wrote, and is to be answered."""

    customer: Annotated[str, Meta(min_length=1, max_length=20_000, description="what they wrote")]
    lang: Annotated[Lang | None, Meta(description="of the answer; default: theirs")] = None
    channel: Channel | None = None


class LintBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reply to be checked before it is posted."""

    reply: Annotated[str, Meta(max_length=20_000)]
    lang: Lang
    customer: Annotated[str, Meta(max_length=20_000, description="the words that it answers")] | None = None
    audience: Literal["public", "private"] = "public"
    channel: Channel | None = None
    incident: Annotated[
        bool | Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,40}" + _END)] | None,
        Meta(description="id of the incident in which it is said, or whether it is said during one"),
    ] = None
    interface_lang: Annotated[Lang, Meta(description="language of the messages: en, pl or ru")] = "en"


class CorrectBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the mention really is: a word, or a number from -1 to 1 as upstream would send it."""

    sentiment: Literal["negative", "neutral", "positive"] | Annotated[float, Meta(ge=-1, le=1)]

    @property
    def label(self) -> Label:
        """The sentiment as one of three words."""
        if isinstance(self.sentiment, str):
            return Label(self.sentiment)
        if abs(self.sentiment) < _NEUTRAL_BELOW:
            return Label.NEUTRAL
        return Label.NEGATIVE if self.sentiment < 0 else Label.POSITIVE


def _seconds(field: str, span: str) -> int:
    length = parse_duration(span)
    if length > _LONGEST:
        raise InputError(f"{field}: expected at most {_LONGEST.days}d")
    return int(length.total_seconds())


# ── reading


_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_FIELD = re.compile(r"`(?P<field>[^`]*)`")
_HELP = {
    "for": 'a duration such as "30m"',
    "next_update_in": 'a duration such as "30m"',
    "lang": 'an ISO 639-1 code such as "pl"',
    "channel": 'a slug such as "facebook"',
    "to": "1 to 200 characters on one line",
    "text": "1 to 20,000 characters, not all of them blank",
    "summary": "1 to 20,000 characters, not all of them blank",
    "reason": "1 to 20,000 characters, not all of them blank",
    "brand": "the slug of a configured brand",
    "severity": "minor, major or critical",
    "ends": "a time with an offset, such as 2026-01-05T12:00:00Z",
    "begins": "a time with an offset, such as 2026-01-05T12:00:00Z",
    "kinds": "an array of surge, reach, risk, share or blind",
    "channels": "an array of channels, such as facebook",
    "hides_critical": "true or false",
    "fact": "1 to 2,000 characters, not all of them blank",
    "source": "1 to 200 characters on one line",
    "confirmed_by": "1 to 200 characters on one line",
    "replaces": "the number of a fact that stands on the sheet",
    "reply": "a text of at most 20,000 characters",
    "customer": "a text of at most 20,000 characters",
    "audience": '"public" or "private"',
    "incident": "an incident's id, or true or false",
    "interface_lang": '"en", "pl" or "ru"',
    "sentiment": '"negative", "neutral" or "positive", or a number from -1 to 1',
}


def read_json(raw: bytes, kind: type[_Kind]) -> _Kind:
    """A request's JSON as ``kind``; nothing at all counts as an empty object.

    Raises ``InputError`` naming the field.
    """
    try:
        return msgspec.json.decode(raw if raw.strip() else b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise InputError(explain(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"body: expected a JSON object: {error}") from error


def read_form(fields: dict[str, Any], kind: type[_Kind]) -> _Kind:
    """A page's form as ``kind``: an empty field was left out.

    Raises ``InputError`` naming the field.
    """
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    given = {name: value for name, value in fields.items() if name in known and value != ""}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(explain(str(error))) from error


def explain(message: str) -> str:
    """A validation message with its field in front.

    >>> explain("Object missing required field `to`")
    'to: is missing; expected 1 to 200 characters on one line'
    >>> explain("Expected `str`, got `int` - at `$.lang`")
    'lang: expected an ISO 639-1 code such as "pl"'
    >>> explain("Object contains unknown field `nxt`")
    'nxt: is not known here'
    """
    where = _WHERE.search(message)
    if where is not None and where["path"]:
        path = where["path"]
        return f"{path}: expected {_HELP[path]}" if path in _HELP else f"{path}: {_WHERE.sub('', message)}"
    field = _FIELD.search(message)
    if field is None or message.startswith("Expected"):
        return f"body: expected a JSON object: {_WHERE.sub('', message)}"
    if "missing" in message:
        return f"{field['field']}: is missing; expected {_HELP.get(field['field'], 'a value')}"
    return f"{field['field']}: is not known here"
