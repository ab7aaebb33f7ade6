"""One evening in which strangers write hostile things, staff do too, and parts fail; and all that Tocsin says of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from daemon.views import format_time
from daemon.web.routes import API_ROUTES, PAGE_ROUTES
from tests.fakes.process import SECRET_KEY, TOKEN
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_records import Posted, broken, refused
from tests.fakes.smtp import MailServer, Received
from tests.faults.street import CLOCK, Street

Json = dict[str, Any]
MAIL_PASSWORD = "canary-mail-4f1c77d2a0"
MQTT_PASSWORD = "canary-mqtt-91be03c55f"
WEBHOOK_SECRET = "canary-hook-6d20aa8e17"
USER_PASSWORD = "canary-user-b3377f0c9e"
SECRETS = (
    TOKEN,
    SECRET_KEY,
    MAIL_PASSWORD,
    MQTT_PASSWORD,
    WEBHOOK_SECRET,
    USER_PASSWORD,
    FakeSlack.bot_token,
    FakeSlack.signing_secret,
)
MARK = "zqtext"  # in every text
AUTHOR = "zqauthor"  # in every author's id and name
_VENOM = f'{MARK} Nie działa <!channel> <!here> <script>alert("1")</script> {{{{ 7 * 7 }}}}'
TEXTS = (
    f'{_VENOM} <img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>',
    f"{_VENOM} <@U012AB3CD> <https://evil.example|click> *bold* `code` &lt;!here&gt;",
    f"{_VENOM}\r\nBcc: victim@evil.example\r\n\r\nX-Evil: 1\r\n.\r\nQUIT",
    f"{_VENOM} \x1b[31mred\x1b]0;title\x07 \x9b31m \x08\x7f",
    f"{_VENOM} \u202egnp.exe\u202c \u2066x\u2069 \u200f\u200b",
    f"=cmd|' /C calc'!A0 {_VENOM}",
    f'{_VENOM}\n{{"level": "error", "event": "forged"}}\n2026-01-01 [error] forged',
    f"{_VENOM} {{% raw %}} ${{7*7}} %s %(x)s {{0}}",
)
NOTE = '=HYPERLINK("http://evil.example") <b>note</b> <!channel> \u202e'
UPDATE = "@SUM(1+1) <script>alert(2)</script> <!here> We are at work on it."
SUMMARY = "+1 <img src=x onerror=alert(3)>\r\nBcc: victim@evil.example"


class Said(NamedTuple):
    """All that came out."""

    log: str
    slack: list[Posted]
    mails: list[Received]
    pages: dict[str, str]  # HTML by path
    answers: dict[str, str]  # everything else over HTTP, by path
    stored: bytes  # the database's files


def hostile(number: int) -> Json:
    """A mention by somebody who means no good."""
    return {
        "id": f"hostile-{number}",
        "text": TEXTS[number % len(TEXTS)],
        "author": f"{AUTHOR}-{number}\x1b[2J",
        "author_name": f'{AUTHOR} "><script>alert(0)</script>\r\nX-Evil: 1',
        "url": "javascript:alert(document.cookie)" if number % 2 else f"https://forum.example/?q=<b>&n={number}",
        "published_at": format_time(CLOCK.now()),
        "sentiment": -1.0,
        "lang": "pl",
    }


async def evening(folder: Path, learned: Path) -> Said:
    """Play it, and gather what was said."""
    environ = {
        "TOCSIN_SOURCES__MQTT__USERNAME": "tocsin",
        "TOCSIN_SOURCES__MQTT__PASSWORD": MQTT_PASSWORD,
        "TOCSIN_NOTIFIERS__EMAIL__USERNAME": "tocsin",
        "TOCSIN_NOTIFIERS__EMAIL__PASSWORD": MAIL_PASSWORD,
        "TOCSIN_NOTIFIERS__WEBHOOK__CRM__SECRET": WEBHOOK_SECRET,
    }
    more = '[notifiers.webhook.crm]\nurl = "http://127.0.0.1:9/hook"\nallow_private = true\nsecret = "overridden"\n'
    mail = MailServer(users={"tocsin": MAIL_PASSWORD})
    async with Street(folder, learned, seed=3, word="8s", mail=mail, more=more, environ=environ) as street:
        street.slack.fail("chat.postMessage", broken(500), refused("internal_error"))
        mail.rcpt_answer = "451 later"
        async with street.broker.client() as client:
            for number in range(120):
                await client.publish("mentions/acme/forum", json.dumps(hostile(number)), qos=1)
        await street.event("opened")
        mail.rcpt_answer = None
        await street.event("notified", target="slack:#pr-crisis")
        await street.event("notified", target="email:oncall@acme.example")
        await street.event("escalated", step=2)
        await street.press("acknowledge")
        await street.event("reminder", when="due")
        await street.act("note", text=NOTE)
        await street.act("update", text=UPDATE, lang="en", next_update_in="2h")
        await street.daemon.until(lambda: not street.unsent(), 120)
        pages, answers = await _read_everything(street)
        await street.act("resolve", summary=SUMMARY)
        await street.daemon.until(lambda: not street.unsent(), 120)
        await _read_everything(street)
        assert await street.daemon.terminate() == 0
        wal = street.daemon.database.with_name("tocsin.db-wal")
        return Said(
            log=street.daemon.log,
            slack=list(street.slack.messages),
            mails=list(mail.messages),
            pages=pages,
            answers=answers,
            stored=b"".join(file.read_bytes() for file in (street.daemon.database, wal) if file.exists()),
        )


async def _read_everything(street: Street) -> tuple[dict[str, str], dict[str, str]]:
    """Everything that can be read over HTTP: pages, and the rest."""
    incident = street.incident()["id"]
    known = {"id": incident, "brand": "acme", "name": "app.css", "token": "bad.token"}
    now = format_time(CLOCK.now())
    paths = {
        re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda match: known[match[1]], route.path)
        for route in (*API_ROUTES, *PAGE_ROUTES)
        if route.method == "GET"
    }
    paths |= {f"/api/v1/incidents/{incident}/timeline?format={form}" for form in ("csv", "md")}
    paths |= {f"/api/v1/brands/acme/series?from={now}&step=x", "/nowhere?token=" + TOKEN, "/api/v1/incidents/<script>"}
    pages: dict[str, str] = {}
    answers: dict[str, str] = {}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        for path in sorted(paths):
            async with http.get(f"http://127.0.0.1:{street.daemon.port}{path}", allow_redirects=False) as answer:
                assert answer.status < 500, await answer.text()
                into = pages if answer.content_type == "text/html" else answers
                into[path.replace(incident, "ID")] = await answer.text()
    url = f"http://127.0.0.1:{street.daemon.port}"
    async with aiohttp.ClientSession() as stranger:
        form = {"name": "anna", "password": USER_PASSWORD}
        async with stranger.post(f"{url}/sign-in", data=form) as answer:
            pages["refused sign-in"] = await answer.text()
        async with stranger.get(f"{url}/api/v1/brands", headers={"Authorization": f"Bearer {TOKEN}x"}) as answer:
            assert answer.status == 401
            answers["refused"] = await answer.text()
        async with stranger.post(f"{url}/slack/commands", data={"token": SECRET_KEY}) as answer:
            assert answer.status in {401, 403}
            answers["forged"] = await answer.text()
    return pages, answers
