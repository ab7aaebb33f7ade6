"""`tocsin incidents …`: list, show and act, over the API of a running daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from daemon.calling import calls_api, print_json
from daemon.people import who
from daemon.text import escape


@click.group(
    "incidents",
    epilog="\b\nExample:\n  export TOCSIN_URL=https://tocsin.acme.example TOCSIN_TOKEN=…\n"
    "  tocsin incidents list --state open\n  tocsin incidents ack 01JD8Q",
)
def command() -> None:
    """List, show and act on incidents over the API of a running daemon.

    Its address and a token come from TOCSIN_URL and TOCSIN_TOKEN, or from options.
    """


def _calls(name: str, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """A subcommand that calls the API: gives it ``call`` and ``as_json``."""

    def _decorate(function: Callable[..., None]) -> click.Command:
        return command.command(name, epilog=f"\b\nExample:\n  tocsin incidents {example}")(calls_api(function))

    return _decorate


@_calls("list", "list --brand acme --state open")
@click.option("--brand", help="Of this brand alone.")
@click.option("--state", help="open, acknowledged, snoozed, resolved or false_alarm.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="How many.")
@click.option("--before", metavar="ID", help="Older than this incident.")
def list_(*, call: Callable[..., dict[str, Any]], as_json: bool, **query: Any) -> None:
    """List incidents, newest first."""
    answer = call("get", "/api/v1/incidents", **query)
    if as_json:
        print_json(answer)
        return
    from daemon.printing import console, print_list

    print_list(console(), answer["incidents"])


@_calls("show", "show 01JD8Q")
@click.argument("incident")
def show(*, call: Callable[..., dict[str, Any]], as_json: bool, incident: str) -> None:
    """Show one incident: its evidence, the replies to post, its timeline."""
    from daemon.client import incident_path

    answer = call("get", incident_path(incident))
    if as_json:
        print_json(answer)
        return
    from daemon.printing import console, print_incident

    print_incident(console(), answer, call("get", incident_path(incident, "timeline"))["events"])


def _act(how: dict[str, Any], incident: str, action: str, body: dict[str, str | None] | None = None) -> None:
    from daemon.client import incident_path

    answer = how["call"]("post", incident_path(incident, action), **(body or {}))
    if how["as_json"]:
        print_json(answer)
        return
    from daemon.printing import console, print_list

    print_list(console(), [answer])


@_calls("ack", "ack 01JD8Q")
@click.argument("incident")
def ack(*, incident: str, **how: Any) -> None:
    """Acknowledge: I have it. Stops the escalation."""
    _act(how, incident, "acknowledge")


@_calls("assign", "assign 01JD8Q anna")
@click.argument("incident")
@click.argument("to")
def assign(*, incident: str, to: str, **how: Any) -> None:
    """Name who works on it."""
    _act(how, incident, "assign", {"to": to})


@_calls("snooze", "snooze 01JD8Q 30m")
@click.argument("incident")
@click.argument("duration")
def snooze(*, incident: str, duration: str, **how: Any) -> None:
    """Pause it for a DURATION such as 30m or 2h."""
    _act(how, incident, "snooze", {"for": duration})


@_calls("escalate", "escalate 01JD8Q")
@click.argument("incident")
def escalate(*, incident: str, **how: Any) -> None:
    """Call the next step now."""
    _act(how, incident, "escalate")


@_calls("update", 'update 01JD8Q --lang pl --next 30m "Nadal pracujemy nad usunięciem awarii."')
@click.argument("incident")
@click.argument("text")
@click.option("--lang", required=True, help="Language of TEXT, such as pl.")
@click.option("--channel", help="Where it was posted.")
@click.option("--next", "next_update_in", metavar="DURATION", help="When the next word comes; default by severity.")
def update(*, incident: str, text: str, lang: str, channel: str | None, next_update_in: str | None, **how: Any) -> None:
    """Record what the public was told; the next word is owed from now."""
    body = {"text": text, "lang": lang, "channel": channel, "next_update_in": next_update_in}
    _act(how, incident, "update", body)


@_calls("note", 'note 01JD8Q "The network team sees a broken fibre."')
@click.argument("incident")
@click.argument("text")
def note(*, incident: str, text: str, **how: Any) -> None:
    """Write a remark for colleagues into the timeline."""
    _act(how, incident, "note", {"text": text})


@_calls("fact", 'fact 01JD8Q "1,200 lines are down." --source "network centre"')
@click.argument("incident")
@click.argument("text")
@click.option("--since", "at", metavar="TIME", help="Since when it is so, such as 2026-01-05T12:00:00Z; default: now.")
@click.option("--source", help="Where it comes from.")
@click.option("--confirmed-by", help="Who confirmed it; default: whoever writes it down.")
@click.option("--replaces", type=click.IntRange(1), metavar="N", help="The fact that is out of date.")
def fact(*, call: Callable[..., dict[str, Any]], as_json: bool, incident: str, text: str, **about: Any) -> None:
    """Write down what is confirmed: replies are checked against it."""
    from daemon.client import incident_path

    answer = call("post", incident_path(incident, "facts"), fact=text, **about)
    if as_json:
        print_json(answer)
        return
    for each in answer["facts"]:
        line = f"{each['n']}. {each['fact']} ({each['at']}, confirmed by {who(each['confirmed_by'])})"
        click.echo(escape(line))


@_calls("approve", "approve 01JD8Q")
@click.argument("incident")
def approve(*, incident: str, **how: Any) -> None:
    """Agree, as the second person, to an update that apologises or compensates."""
    _act(how, incident, "approve")


@_calls("keep-promise", "keep-promise 01JD8Q")
@click.argument("incident")
def keep_promise(*, incident: str, **how: Any) -> None:
    """Note that the public has the word that it was promised next."""
    _act(how, incident, "keep-promise")


@_calls("handover", "handover 01JD8Q > handover.md")
@click.argument("incident")
@click.option("--lang", type=click.Choice(["en", "pl", "ru"]), default="en", show_default=True, help="Of its words.")
def handover(*, call: Callable[..., dict[str, Any]], as_json: bool, incident: str, lang: str) -> None:
    """Print what the next shift must know, as Markdown."""
    from daemon.client import incident_path

    answer = call("get", incident_path(incident, "handover"), lang=lang)
    if as_json:
        print_json(answer)
        return
    click.echo(escape(answer["text"], keep="\n"), nl=False)


@_calls("report", "report 01JD8Q --format html > report.html")
@click.argument("incident")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "csv", "json"]),
    default="md",
    show_default=True,
    help="Of what.",
)
def report(*, call: Callable[..., dict[str, Any]], as_json: bool, incident: str, form: str) -> None:
    """Print the report: figures, what was said, what hid or delayed it, and room for lessons."""
    from daemon.client import incident_path

    answer = call("get", incident_path(incident, "report"), format="json" if as_json else form)
    if as_json or form == "json":
        print_json(answer)
        return
    click.echo(escape(answer["text"], keep="\r\n"), nl=False)


@_calls("resolve", 'resolve 01JD8Q "The fibre is repaired."')
@click.argument("incident")
@click.argument("summary")
def resolve(*, incident: str, summary: str, **how: Any) -> None:
    """End it, saying how it went."""
    _act(how, incident, "resolve", {"summary": summary})


@_calls("false-alarm", 'false-alarm 01JD8Q "A competition asked for jokes about us."')
@click.argument("incident")
@click.argument("reason")
def false_alarm(*, incident: str, reason: str, **how: Any) -> None:
    """End it as one that never was."""
    _act(how, incident, "false-alarm", {"reason": reason})


@_calls("reopen", "reopen 01JD8Q")
@click.argument("incident")
def reopen(*, incident: str, **how: Any) -> None:
    """It is not over after all: start the escalation anew."""
    _act(how, incident, "reopen")
