"""Composes the mail about an incident: pure, from a notice to a message."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jinja2

from daemon.model import HoldingReply, IncidentState, Severity
from daemon.notice import Notice, Purpose
from daemon.people import who
from notifiers import digest, wording
from notifiers.plain import many_lines, one_line

_ADDRESS = re.compile(
    r"(?:(?P<name>[^<>@,\x00-\x1f]*)<)?"
    r"(?P<local>[!#-'*+\--9=?A-Z^-~]{1,64})@(?P<domain>[^\s<>@,;:()\[\]\\\x00-\x1f]{1,253})(?(name)>)"
)
_EXAMPLES, _EXAMPLE_LENGTH, _NOTE_LENGTH = 5, 300, 5000

# In-Reply-To and References are ids like Message-ID: never folded into encoded words.
_headers = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    _headers.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # typeshed asks for a class that is no mix-in
# 7bit: any server takes it. The policy refuses line breaks in headers.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)


class _Shown(NamedTuple):
    """An example as it is shown: text, when, and where it can be read."""

    text: str
    when: str
    url: str | None
    host: str | None


def compose(notice: Notice, *, sender: Address, at: datetime) -> EmailMessage:
    """The whole mail: text, HTML and, where there is one, the chart.

    Raises ``ValueError`` for a target that is no address.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = address(notice.target)
    if notice.reply_to is not None and not notice.digest:  # an answer to several would be to none of them
        message["Reply-To"] = address(notice.reply_to)
    message["Subject"] = digest.headline(notice) if notice.digest else wording.subject(notice)
    message["Date"] = at
    message["Message-ID"] = message_id(notice.delivery_id, sender)
    root = notice.root.ref.get("message_id") if notice.root is not None else None
    if root is not None and root != message["Message-ID"]:
        message["In-Reply-To"] = root
        message["References"] = root
    message["X-Tocsin-Incident"] = notice.incident.id
    message["X-Tocsin-Severity"] = str(notice.incident.severity)
    message["X-Tocsin-Kind"] = str(notice.purpose)
    message["X-Tocsin-Delivery"] = notice.delivery_id
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    if notice.incident.severity is Severity.CRITICAL and notice.purpose in {Purpose.ALERT, Purpose.ESCALATION}:
        message["Importance"] = "high"
    if notice.digest:
        lines = [(digest.line(one, notice.names), one.page) for one in notice.digest]
        message.set_content(digest.text(notice))
        headline = digest.headline(notice)
        html_text = _template("digest.html").render(subject=headline, why=headline, lines=lines)
        message.add_alternative(html_text, subtype="html")
        return message
    shown = _shown(notice)
    message.set_content(_template("mail.txt").render(shown))
    message.add_alternative(_template("mail.html").render(shown), subtype="html")
    html = message.get_body(preferencelist=("html",))
    if notice.chart is not None and html is not None:
        html.add_related(
            notice.chart, "image", "png", cid=f"<{_chart_id(notice)}>", filename="chart.png", disposition="inline"
        )
    return message


def address(text: str) -> Address:
    """``tocsin@acme.example`` or ``Tocsin <tocsin@acme.example>``; a domain in other letters as DNS knows it.

    Raises ``ValueError``.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError('expected an address such as "oncall@acme.example"')
    name, local, domain = match["name"] or "", match["local"], match["domain"]
    try:
        return Address(display_name=name.strip().strip('"'), username=local, domain=domain.encode("idna").decode())
    except (UnicodeError, HeaderParseError) as error:
        raise ValueError(f"expected an address with a domain that can exist: {error}") from None


def message_id(delivery_id: str, sender: Address) -> str:
    """The id of a delivery's mail: the same over all attempts, so that a repeated one is known as such."""
    return f"<{delivery_id}@{sender.domain}>"


def _chart_id(notice: Notice) -> str:
    return f"chart.{notice.delivery_id}@tocsin"


def _shown(notice: Notice) -> dict[str, Any]:
    """What the templates show: all of others' text already without control characters."""
    incident = notice.incident
    what, reason = wording.what_happens(incident), one_line(incident.evidence.reason, 500)
    alarm = notice.purpose in {Purpose.ALERT, Purpose.ESCALATION}
    replies = _offered(notice) if not incident.state.ended else []
    return {
        "subject": wording.subject(notice),
        "severity": str(incident.severity),
        "badge": ("drill, " if incident.drill else "")
        + str(incident.state if incident.state.ended else incident.severity).replace("_", " "),
        "ended": incident.state.ended,
        "brand": one_line(notice.brand_name, 100),
        "title": one_line(incident.title, 200),
        "why": wording.why_now(notice),
        "what": what,
        "facts": wording.facts(notice),
        "report": notice.report.page if notice.report is not None else None,
        "note": many_lines(notice.note)[:_NOTE_LENGTH] if notice.note else "",
        "note_by": one_line(who(notice.note_by, notice.names), 80) if notice.note_by else None,
        "act_link": notice.act_link,
        "act_label": _act_label(notice),
        "page": notice.page,
        "answers": _answers(notice),
        "examples": [
            _Shown(
                one_line(example.text, _EXAMPLE_LENGTH),
                wording.clock_time(example.published_at, notice.timezone, notice.at),
                *_link(example.url),
            )
            for example in incident.evidence.examples[:_EXAMPLES]
            if alarm
        ],
        "replies": [
            (lang, wording.language(lang), [(wording.reply_label(reply), many_lines(reply.text)) for reply in group])
            for lang, group in groupby(replies, lambda reply: reply.lang)
        ],
        "chart": _chart_id(notice) if notice.chart is not None else None,
        "more_replies": bool(replies) and len(replies) < len(incident.holding_replies),
        "reason": reason if alarm and reason != what else "",
        "incident": incident.id,
        "target": notice.target,
        "step": notice.step,
    }


def _offered(notice: Notice) -> list[HoldingReply]:
    """Holding replies in the languages that people write in, by how many do; a reminder has those for the public."""
    incident, languages = notice.incident, notice.incident.evidence.languages
    if notice.purpose not in {Purpose.ALERT, Purpose.ESCALATION, Purpose.REMINDER}:
        return []
    ordered = wording.ranked(incident.holding_replies, languages)
    wanted = [reply for reply in ordered if reply.lang in languages] or ordered
    if notice.purpose is Purpose.REMINDER:
        wanted = [reply for reply in wanted if reply.visibility == "public"]
    places = list(dict.fromkeys(reply.lang for reply in wanted))
    return sorted(wanted, key=lambda reply: places.index(reply.lang))


def _answers(notice: Notice) -> tuple[str, ...]:
    """What the mail may be answered with, beside an end; nothing where answers are not read, or it is over."""
    if notice.reply_to is None or notice.incident.state.ended:
        return ()
    free = notice.incident.acknowledged_at is None
    return ("ack", "snooze 1h") if free else ("snooze 1h",)


def _act_label(notice: Notice) -> str:
    if notice.incident.state.ended:
        return "See what happened"
    if notice.incident.state is IncidentState.OPEN and notice.act_link is not None:
        return "Acknowledge"
    return "Open the incident"


def _link(url: str | None) -> tuple[str | None, str | None]:
    """A mention's address with the host it leads to, if it is one of the web."""
    if url is None or one_line(url) != url or " " in url:
        return None, None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None, None
    return (url, host) if parts.scheme in {"http", "https"} and host else (None, None)


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("notifiers"),
        autoescape=jinja2.select_autoescape(("html",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
