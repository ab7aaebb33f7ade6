"""What must hold in the end, judged from the ledgers outside, the database and the log."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection

from tests.faults.street import STEPS, Json, Street


def mentions_are_all_there(street: Street) -> None:
    """Whatever the broker promised is stored once or kept as rejected; the counts equal a recount."""
    query, ledger = street.daemon.query, street.ledger
    live = {row[0] for row in query("SELECT id FROM mentions WHERE NOT learned")}
    assert ledger.confirmed <= live
    assert live <= ledger.sent
    assert ledger.bad <= street.rejected()
    recount = query("SELECT published_at / 60000 * 60000, count(*), sum(negative) FROM mentions GROUP BY 1 ORDER BY 1")
    counted = query(
        "SELECT minute, mentions + late_mentions, negative + late_negative FROM counts"
        " WHERE mentions + late_mentions > 0 ORDER BY minute"
    )
    assert counted == recount
    # in the story everybody writes once, so that authors are mentions
    begin = query("SELECT min(published_at) / 60000 * 60000 FROM mentions WHERE NOT learned")[0][0]
    assert query(
        f"SELECT count(*) FROM counts WHERE minute >= {begin} AND ("  # noqa: S608 - a number of ours
        "authors != mentions OR negative_authors != negative OR late_authors != late_mentions)"
    ) == [(0,)]
    assert query("SELECT sum(n) FROM tallies WHERE outcome = 'accepted'") == [(len(live),)]


def one_sound_timeline(street: Street) -> None:
    """One incident, its events numbered without a gap, its head in place, time never going back."""
    incident = street.incident()
    events = street.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert incident["head_seq"] == len(events)
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)


def everybody_called_once(street: Street) -> None:
    """The first step is told; each later one is called once a round; once somebody has it, only for a word overdue."""
    events = street.events("opened", "reopened", "unacknowledged", "acknowledged", "escalated")
    assert [event["kind"] for event in events].count("opened") == 1
    called: Counter[tuple[int, int]] = Counter()
    rounds, held = 1, False
    for event in events:
        match event["kind"]:
            case "reopened" | "unacknowledged":
                rounds, held = rounds + 1, False
            case "acknowledged":
                held = True
            case "escalated":
                called[rounds, event["data"]["step"]] += 1
                assert not held or event["data"]["reason"] == "overdue", event
            case _:
                pass
    assert set(called.values()) <= {1}, called
    assert called[1, 2] == 1
    alerts = [event["data"]["target"] for event in street.events("notified") if event["data"]["purpose"] == "alert"]
    assert sorted(alerts) == ["email:oncall@acme.example", "slack:#pr-crisis"]


def nothing_said_twice(street: Street, *, kills: int = 1) -> None:
    """A delivery is one Slack message; a mail may come once more for each crash while it was under way.

    Never more often than it was tried, and always with the same Message-ID. Of a mail that was cut off
    and then no longer needed nobody knows whether it came; the timeline says just that.
    """
    attempts = dict(street.daemon.query("SELECT id, attempts FROM deliveries"))
    posted = Counter(message.delivery_id for message in street.slack.messages if message.delivery_id)
    assert set(posted.values()) <= {1}, posted
    assert len(street.slack.top()) == 1
    mails: dict[str, list[str]] = {}
    for mail in street.mail.messages:
        mails.setdefault(mail.message["X-Tocsin-Delivery"], []).append(mail.message["Message-ID"])
    for delivery, ids in mails.items():
        assert len(ids) <= min(attempts[delivery], 1 + kills), (delivery, ids)
        assert len(set(ids)) == 1, (delivery, ids)
    notified = Counter(event["data"]["delivery_id"] for event in street.events("notified"))
    assert set(notified.values()) <= {1}, notified
    unknown = {
        event["data"]["delivery_id"] for event in street.events("notify_failed") if event["data"].get("uncertain")
    }
    assert unknown.isdisjoint(notified)
    assert unknown.isdisjoint(posted)
    sent = posted.keys() | (mails.keys() - unknown)
    assert set(notified) == sent


def no_reminder_missing(street: Street, *, waited_for: set[tuple[str, str]]) -> None:
    """Each stage of each public clock came once, in order, and reached everybody called by then.

    ``waited_for``: (due, stage) of the stages that the people in the story have let pass.
    """
    reminders = street.events("reminder")
    came = Counter((event["data"]["due"], event["data"]["when"]) for event in reminders)
    assert set(came.values()) <= {1}, came
    assert waited_for <= set(came)
    assert [event["data"]["n"] for event in reminders] == list(range(1, len(reminders) + 1))
    for due in {due for due, _ in came}:
        stages = [event["data"]["when"] for event in reminders if event["data"]["due"] == due]
        assert stages == ["before", "due", "overdue"][: len(stages)]
    told = {
        (event["data"]["delivery_id"]): event["data"]["target"]
        for event in street.events("notified")
        if event["data"]["purpose"] == "reminder"
    }
    rows = street.daemon.query("SELECT id, key, target, state FROM deliveries WHERE purpose = 'reminder'")
    for event in reminders:
        key = f"reminder:{event['data']['n']}:"
        reached = {target for each, row_key, target, _ in rows if row_key.startswith(key) and told.get(each) == target}
        if (event["data"]["due"], event["data"]["when"]) in waited_for:
            assert reached >= _called(street.events(), event["seq"]), event


def _called(events: list[Json], by: int) -> set[str]:
    """Who had been reached before an event."""
    return {
        event["data"]["target"]
        for event in events
        if event["seq"] < by and event["kind"] == "notified" and event["data"]["purpose"] in {"alert", "escalation"}
    }


def every_open_incident_has_its_dues(street: Street) -> None:
    """At any moment, also while the daemon is dead: what an open incident owes is written down."""
    due = {incident for (incident,) in street.daemon.query("SELECT DISTINCT incident_id FROM dues")}
    standing = {}
    for incident, body in street.daemon.query("SELECT id, body FROM incidents WHERE resolved_at IS NULL"):
        standing[incident] = json.loads(body)
    assert due <= standing.keys()
    for incident in standing.keys() - due:  # all were called, and the public's word is overdue: nothing is left to do
        everybody = standing[incident]["state"] == "open" and standing[incident]["steps_done"] == STEPS
        last = [event["data"]["when"] for event in street.events("reminder")][-1:]
        assert everybody, standing[incident]
        assert last == ["overdue"], standing[incident]


# a chart worker that was just being started finds nobody at the other end
_LEFT_BY_A_KILL = re.compile(
    r'Traceback \(most recent call last\):\n  File "<string>".*\n  File ".*multiprocessing/spawn.py".*'
    r"(?:\n .*)*\nEOFError: Ran out of input"
)


def no_errors_logged(street: Street, *, but: Collection[str] = ()) -> None:
    """Each line is JSON, and none is an error, ``but`` those expected. Python itself tells of what a kill leaves."""
    lines = street.daemon.log.splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    others = "\n".join(line for line in lines if not line.startswith("{") and "resource_tracker" not in line)
    assert _LEFT_BY_A_KILL.sub("", others).strip() == ""
    assert [e for e in entries if e["level"] in {"error", "critical"} and e["event"] not in but] == []
