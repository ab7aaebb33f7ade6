"""The reply desk over the API and on the page: the check, the fact sheet, the second person, the hand-over."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from daemon.web.interface import preferred
from tests.fakes.site import Answer, Site

FIT = "We are sorry for the trouble. We are repairing the network. Next update by 3 pm."
PATH = "/api/v1/incidents/acme-surge-1"


async def lint(site: Site, reply: str, **about: Any) -> dict[str, str]:
    """Rules with their severity."""
    answer = await site.call("POST", "/api/v1/lint", role="viewer", json={"reply": reply, "lang": "en"} | about)
    assert answer.status == 200, answer.text
    return {finding["rule"]: finding["severity"] for finding in answer.json["findings"]}


async def say(site: Site, text: str, **about: Any) -> Answer:
    body = {"text": text, "lang": "en", "channel": "facebook"} | about
    return await site.call("POST", f"{PATH}/update", role="responder", json=body)


# ── the check


async def test_a_reply_is_checked_for_the_occasion(site: Site) -> None:
    await site.open_incident()
    assert await lint(site, FIT, incident="acme-surge-1") == {}
    assert await lint(site, "Thank you for your question. We open at nine.") == {}
    assert "no_next_update" in await lint(site, "We are sorry. We are repairing the network.", incident=True)
    assert "wrong_language" in await lint(site, "Przykro nam, pracujemy nad tym.")
    assert await lint(site, "") == {"empty": "error"}


async def test_a_finding_says_where_and_what_instead(site: Site) -> None:
    body = {"reply": "Naprawimy to do 15:30.", "lang": "pl", "incident": True, "interface_lang": "pl"}
    findings = (await site.call("POST", "/api/v1/lint", json=body)).json["findings"]
    found = next(finding for finding in findings if finding["rule"] == "fix_promise")
    start, end = found["span"]
    assert body["reply"][start:end]  # type: ignore[index]
    assert await lint(site, found["suggestion"], lang="pl", incident=True) == {}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"lang": "en"}, "reply"),
        ({"reply": "x"}, "lang"),
        ({"reply": "x", "lang": "english"}, "lang"),
        ({"reply": "x" * 20_001, "lang": "en"}, "reply"),
        ({"reply": "x", "lang": "en", "audience": "all"}, "audience"),
        ({"reply": "x", "lang": "en", "incident": 5}, "incident"),
        ({"reply": "x", "lang": "en", "text": "y"}, "text"),
    ],
)
async def test_a_wrong_question_names_its_field(site: Site, body: dict[str, Any], named: str) -> None:
    answer = await site.call("POST", "/api/v1/lint", json=body)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, named), answer.text


async def test_an_unknown_incident_is_not_found(site: Site) -> None:
    body = {"reply": FIT, "lang": "en", "incident": "nowhere"}
    assert (await site.call("POST", "/api/v1/lint", json=body)).status == 404


async def test_a_repeat_without_news_is_pointed_out(site: Site) -> None:
    await site.open_incident()
    assert (await say(site, FIT)).status == 200
    again = "We are still repairing the network, sorry for the trouble. Next update by 4 pm."
    assert await lint(site, again, incident="acme-surge-1", channel="facebook") == {"repeat": "warning"}
    news = "Half of Gdańsk is connected again. We are sorry. Next update by 4 pm."
    assert await lint(site, news, incident="acme-surge-1", channel="facebook") == {}
    assert await lint(site, again, incident="acme-surge-1", channel="x") == {}, "another channel has not heard it"


async def test_numbers_are_held_to_the_sheet_firmly_and_to_other_channels_softly(site: Site) -> None:
    await site.open_incident()
    await say(site, f"1,200 lines are down. {FIT}".replace("1,200", "1200"), channel="x")
    other = f"1500 lines are down. {FIT}"
    assert await lint(site, other, incident="acme-surge-1", channel="facebook") == {"fact_conflict": "warning"}
    await site.call("POST", f"{PATH}/facts", json={"fact": "1200 lines are down"})
    assert await lint(site, other, incident="acme-surge-1", channel="facebook") == {"fact_conflict": "error"}
    await site.call("POST", f"{PATH}/facts", json={"fact": "1500 lines are down", "replaces": 1})
    assert await lint(site, other, incident="acme-surge-1", channel="facebook") == {}


async def test_the_api_records_what_is_not_fit_to_post(site: Site) -> None:
    await site.open_incident()
    assert (await say(site, "lol")).status == 200


# ── the fact sheet


async def test_a_fact_is_kept_with_its_source_and_who_confirmed_it(site: Site) -> None:
    await site.open_incident()
    body = {
        "fact": "1,200 lines are down.",
        "at": "2026-03-02T12:30:00+01:00",
        "source": "network centre",
        "confirmed_by": "Jan",
    }
    answer = await site.call("POST", f"{PATH}/facts", role="responder", json=body)
    first = {
        "n": 1,
        "fact": "1,200 lines are down.",
        "at": "2026-03-02T11:30:00.000Z",
        "source": "network centre",
        "confirmed_by": "Jan",
        "written_by": "token:responder-bot",
    }
    assert (answer.status, answer.json) == (200, {"facts": [first]})
    await site.call("POST", f"{PATH}/facts", role="responder", json={"fact": "900 are left.", "replaces": 1})
    (second,) = (await site.call("GET", f"{PATH}/facts", role="viewer")).json["facts"]
    assert (second["n"], second["fact"], second["confirmed_by"]) == (2, "900 are left.", "token:responder-bot")
    events = (await site.call("GET", f"{PATH}/timeline")).json["events"]
    assert [(event["kind"], event["data"]["fact"], event["data"]["replaces"]) for event in events[1:]] == [
        ("note", "1,200 lines are down.", None),
        ("note", "900 are left.", 1),
    ]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "fact"),
        ({"fact": " "}, "fact"),
        ({"fact": "x" * 2001}, "fact"),
        ({"fact": "x", "at": "noon"}, "at"),
        ({"fact": "x", "at": "2026-03-02T12:00:00"}, "at"),
        ({"fact": "x", "replaces": 7}, "replaces"),
        ({"fact": "x", "replaces": "1"}, "replaces"),
        ({"fact": "x", "source": "a\nb"}, "source"),
    ],
)
async def test_a_wrong_fact_names_its_field_and_changes_nothing(site: Site, body: dict[str, Any], named: str) -> None:
    await site.open_incident()
    answer = await site.call("POST", f"{PATH}/facts", json=body)
    assert (answer.status, answer.json["detail"].split(":")[0]) == (422, named), answer.text
    assert (await site.call("GET", f"{PATH}/facts")).json == {"facts": []}


async def test_an_ended_incident_takes_no_fact(site: Site) -> None:
    await site.open_incident()
    await site.call("POST", f"{PATH}/resolve", json={"summary": "over"})
    assert (await site.call("POST", f"{PATH}/facts", json={"fact": "x"})).status == 409


# ── on the page


async def send(site: Site, browser: Any, action: str, **fields: str) -> Answer:
    token = (await site.visit(browser, "/incidents/acme-surge-1")).csrf
    data = {"csrf_token": token} | fields
    return await site.visit(browser, f"/incidents/acme-surge-1/{action}", method="POST", data=data)


async def test_the_page_refuses_what_is_not_fit_unless_told_to(site: Site) -> None:
    await site.open_incident()
    browser = await site.signed_in("responder")
    words = {"text": "Calm down, it is only the internet!", "lang": "en", "channel": "x", "next_update_in": "30m"}
    answer = await send(site, browser, "update", **words)
    assert answer.status == 422
    assert "not fit to post" in answer.text
    assert 'class="finding error"' in answer.text
    assert "Calm down, it is only the internet!</textarea>" in answer.text, "nothing typed is lost"
    assert (await site.parts.incidents.get("acme-surge-1")).updates_posted == 0
    assert (await send(site, browser, "update", **words, anyway="1")).status == 303
    assert (await site.parts.incidents.get("acme-surge-1")).updates_posted == 1


async def test_by_default_the_time_in_the_text_decides(site: Site) -> None:
    await site.open_incident()
    browser = await site.signed_in("responder")
    page = (await site.visit(browser, "/incidents/acme-surge-1")).text
    (menu,) = re.findall(r'<select name="next_update_in">(.*?)</select>', page)
    assert menu.startswith('<option value="">as the text says</option>')
    assert "selected" not in menu
    words = {"text": "We are at work on it. Next update by 3 pm.", "lang": "en", "channel": "x", "next_update_in": ""}
    assert (await send(site, browser, "update", **words)).status == 303
    incident = await site.parts.incidents.get("acme-surge-1")
    assert incident.next_update_due is not None
    assert incident.next_update_due - site.clock.now() == timedelta(hours=2)
    assert [promise.due for promise in incident.promises] == [incident.next_update_due]


async def test_a_text_that_names_no_time_is_refused_unless_one_is_chosen_or_it_closes(site: Site) -> None:
    await site.open_incident()
    browser = await site.signed_in("responder")
    silent = {"text": "We are at work on it.", "lang": "en", "channel": "x", "next_update_in": "", "anyway": "1"}
    answer = await send(site, browser, "update", **silent)
    assert answer.status == 422
    assert "Nothing says when the next word comes. Name a time." in re.findall(r'role="alert">(.*?)</p>', answer.text)
    assert (await site.parts.incidents.get("acme-surge-1")).updates_posted == 0
    assert (await send(site, browser, "update", **silent | {"next_update_in": "30m"})).status == 303
    closing = silent | {"text": "The outage is resolved, thank you for your patience."}
    assert (await send(site, browser, "update", **closing)).status == 303


async def test_a_compensation_is_posted_after_a_second_person_agreed(site: Site) -> None:
    await site.open_incident()
    first, second = await site.signed_in("responder"), await site.signed_in("admin")
    text = "We are sorry for the trouble. Everybody gets a refund. Next update by 3 pm."
    answer = await send(site, first, "update", text=text, lang="en", channel="x", next_update_in="30m")
    assert answer.status == 303
    page = await site.visit(first, "/incidents/acme-surge-1")
    assert "a second person must agree" in page.text
    assert "/approve" not in page.text, "nobody approves their own words"
    assert (await send(site, first, "approve")).status == 409
    assert (await site.parts.incidents.get("acme-surge-1")).updates_posted == 0

    assert "Agree: it is posted" in (await site.visit(second, "/incidents/acme-surge-1")).text
    assert (await send(site, second, "approve")).status == 303
    incident = await site.parts.incidents.get("acme-surge-1")
    assert (incident.updates_posted, incident.proposal) == (1, None)
    assert [promise.due - site.clock.now() for promise in incident.promises] == [timedelta(hours=2)]
    events = await site.parts.incidents.timeline("acme-surge-1")
    told = [(event.kind.value, event.actor) for event in events[1:]]
    assert told[:3] == [("note", "user:responder"), ("note", "user:admin"), ("update_posted", "user:responder")]
    assert (await send(site, second, "approve")).status == 409, "once"


@pytest.mark.parametrize(("lang", "word"), [("en", "has passed"), ("pl", "już minęła"), ("ru", "уже прошло")])
async def test_a_text_approved_after_its_time_is_refused_in_the_approvers_language(
    site: Site, lang: str, word: str
) -> None:
    await site.open_incident()
    first, second = await site.signed_in("responder"), await site.signed_in("admin")
    text = "We are sorry for the trouble. Everybody gets a refund. Next update by 3 pm."
    assert (await send(site, first, "update", text=text, lang="en", channel="x")).status == 303
    site.clock.advance(timedelta(hours=2, minutes=10))
    headers = {"Accept-Language": lang}
    page = await site.visit(second, "/incidents/acme-surge-1")
    path, data = "/incidents/acme-surge-1/approve", {"csrf_token": page.csrf}
    answer = await site.visit(second, path, method="POST", data=data, headers=headers)
    assert answer.status == 409
    (alert,) = re.findall(r'role="alert"[^>]*>(.*?)</p>', answer.text)
    assert word in alert
    called = await site.call("POST", f"{PATH}/approve", role="responder", headers=headers)
    assert (called.status, word in called.text) == (409, True)
    incident = await site.parts.incidents.get("acme-surge-1")
    assert (incident.updates_posted, incident.promises) == (0, ())


async def test_a_fact_is_written_on_the_page_with_the_time_of_the_brands_day(site: Site) -> None:
    await site.open_incident()
    browser = await site.signed_in("responder")
    await send(
        site, browser, "facts", fact="<b>1,200</b> lines", at="12:30", source="NOC", confirmed_by="", replaces=""
    )
    (fact,) = (await site.parts.incidents.get("acme-surge-1")).facts
    assert f"{fact.at:%d %H:%M}" == "02 11:30"  # Warsaw is an hour ahead
    page = await site.visit(browser, "/incidents/acme-surge-1")
    assert "&lt;b&gt;1,200&lt;/b&gt; lines" in page.text
    await send(site, browser, "facts", fact="900 lines", at="13:30", replaces="1")
    (fact,) = (await site.parts.incidents.get("acme-surge-1")).facts
    assert (fact.n, f"{fact.at:%d %H:%M}") == (2, "01 12:30"), "a time still to come was yesterday's"


# ── handing over


async def test_the_next_shift_reads_what_it_must_know(site: Site) -> None:
    await site.open_incident()
    await site.call("POST", f"{PATH}/acknowledge", role="responder")
    await site.call("POST", f"{PATH}/facts", json={"fact": "A fibre is cut.", "source": "NOC"})
    await say(site, f"{FIT} [bold](https://evil.example) <b>")
    await site.call("POST", f"{PATH}/note", json={"text": "Jan drives there."})
    site.clock.advance(timedelta(minutes=10))
    answer = await site.call("GET", f"{PATH}/handover", role="viewer")
    assert (answer.status, answer.content_type) == (200, "text/markdown")
    told = answer.text.replace("\\", "")
    order = [
        "# Acme Mobile",
        "critical surge, since 12:50, noticed 13:00.",
        "responder-bot has it, since 13:00.",
        "## Due next",
        "15:00: the next public word is owed",
        "## Promised to the public",
        "By 15:00: the next word, promised at 13:00",
        "## Said in public",
        "13:00 on facebook (en), by responder-bot: “We are sorry",
        "## Confirmed",
        "1. A fibre is cut. (13:00; confirmed by admin-bot, source: NOC)",
        "## What was done",
        "admin-bot: note: Jan drives there.",
    ]
    places = [told.find(words) for words in order]
    assert -1 not in places, list(zip(order, places, strict=True))
    assert places == sorted(places)
    assert "<b>" not in answer.text
    assert "](http" not in answer.text

    browser = await site.signed_in("viewer")
    page = await site.visit(browser, "/incidents/acme-surge-1/handover")
    assert page.status == 200
    assert "By 15:00: the next word" in page.text
    assert "<b>" not in page.text
    assert "/incidents/acme-surge-1/handover" in (await site.visit(browser, "/incidents/acme-surge-1")).text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("pl", ("Acme Mobile: krytyczny wzrost", "Sprawę prowadzi responder-bot, od 13:00.", "Do 15:00: kolejna")),
        ("ru", ("Acme Mobile: критический всплеск", "Дело ведёт responder-bot, с 13:00.", "До 15:00: следующее")),
        ("en", ("Acme Mobile: critical surge", "responder-bot has it, since 13:00.", "By 15:00: the next word")),
    ],
)
async def test_the_next_shift_reads_it_in_its_own_language(site: Site, lang: str, words: tuple[str, ...]) -> None:
    await site.open_incident()
    await site.call("POST", f"{PATH}/acknowledge", role="responder")
    await say(site, FIT)
    told = (await site.call("GET", f"{PATH}/handover?lang={lang}")).text.replace("\\", "")
    browser = await site.signed_in("viewer")
    page = (await site.visit(browser, "/incidents/acme-surge-1/handover", headers={"Accept-Language": lang})).text
    for word in words:
        assert word in told
        assert word in page
    assert f'<div lang="{lang}">' in page
    assert FIT in told  # what was posted is not translated
    assert (await site.call("GET", f"{PATH}/handover?lang=de")).status == 422


async def test_the_hand_over_of_an_ended_incident_owes_nothing(site: Site) -> None:
    await site.open_incident()
    await site.call("POST", f"{PATH}/resolve", json={"summary": "A new router."})
    text = (await site.call("GET", f"{PATH}/handover")).text
    assert "Ended as resolved by admin" in text.replace("\\", "")
    assert "Due next" not in text
    assert (await site.call("GET", "/api/v1/incidents/nowhere/handover")).status == 404


# ── what fits the kind of crisis, and who writes


async def test_a_denial_beside_an_apology_is_an_error_and_a_payment_too_early_a_warning(site: Site) -> None:
    await site.open_incident()  # an outage: an accident
    both = "This is not true. We are sorry for our mistake. Next update by 3 pm."
    assert (await lint(site, both, incident="acme-surge-1"))["cluster"] in {"error", "warning"}
    pays = "We are sorry. We will send you a voucher. Next update by 3 pm."
    assert await lint(site, pays, incident="acme-surge-1") == {"cluster": "warning"}
    assert await lint(site, pays, incident=True) == {}, "without an incident nobody knows the kind of crisis"


@pytest.mark.parametrize(
    ("customer", "lang", "register"),
    [
        ("Dzień dobry, czy mogą Państwo powiedzieć, co z internetem?", "pl", "formal"),
        ("Hej, czemu nie mam internetu? Ogarnij to, stary", "pl", "informal"),
        ("Здравствуйте, почему у вас не работает интернет?", "ru", "formal"),
        ("Internet nie działa od rana", "pl", "formal"),
    ],
)
async def test_each_customer_is_answered_in_their_language_and_register(
    site: Site, customer: str, lang: str, register: str
) -> None:
    await site.open_incident()
    answer = await site.call("POST", f"{PATH}/answer", role="viewer", json={"customer": customer, "channel": "x"})
    assert answer.status == 200, answer.text
    replies = answer.json["replies"]
    assert [reply["visibility"] for reply in replies] == ["public", "private"]
    assert {(reply["lang"], reply["register"], reply["channel"]) for reply in replies} == {(lang, register, "x")}
    assert all(len(reply["text"]) <= 280 for reply in replies)


async def test_many_customers_do_not_read_the_same_words(site: Site) -> None:
    await site.open_incident()
    texts = set()
    for n in range(12):
        body = {"customer": f"Internet nie działa od {n} godzin"}
        replies = (await site.call("POST", f"{PATH}/answer", role="viewer", json=body)).json["replies"]
        texts.add(replies[0]["text"])
    assert len(texts) == 2


async def test_the_page_offers_an_answer_beside_what_people_write(site: Site) -> None:
    await site.open_incident()
    page = await site.visit(await site.signed_in("responder"), "/incidents/acme-surge-1")
    assert "Answer them" in page.text
    assert "The public sees an accident" in page.text


# ── what is confirmed, in the replies offered


async def test_the_replies_offered_tell_what_is_confirmed_until_it_is_corrected(site: Site) -> None:
    await site.open_incident()
    first, second = (
        "Kabel światłowodowy A <-> B jest przecięty.",
        "Kabel jest już naprawiony na Pradze, ale nie na Woli.",
    )
    hostile = "See https://evil.example and calm down, it is your fault."

    async def told() -> str:
        replies = (await site.call("GET", PATH, role="viewer")).json["holding_replies"]
        body = {"customer": "Internet nie działa od rana"}
        answers = (await site.call("POST", f"{PATH}/answer", role="viewer", json=body)).json["replies"]
        return "\n".join(reply["text"] for reply in (*replies, *answers) if reply["lang"] == "pl")

    await site.call("POST", f"{PATH}/facts", json={"fact": first})
    assert (await told()).count(first) == 4, "public and private, for all and for one"
    await site.call("POST", f"{PATH}/facts", json={"fact": hostile})
    assert "evil" not in (await site.call("GET", PATH)).text
    page = (await site.visit(await site.signed_in("responder"), "/incidents/acme-surge-1")).text
    assert "Kabel światłowodowy A &lt;-&gt; B jest przecięty. " in page
    assert first not in page
    await site.call("POST", f"{PATH}/facts", json={"fact": second, "replaces": 1})
    assert first not in await told()
    events = (await site.call("GET", f"{PATH}/timeline")).json["events"]
    assert [event["kind"] for event in events] == ["opened", "note", "note", "note"], "the replies make no event"


@pytest.mark.parametrize("before", [True, False])
async def test_a_crisis_of_the_past_year_keeps_excuses_out_of_what_is_offered(site: Site, *, before: bool) -> None:
    if before:
        await site.open_incident(id="acme-surge-0")
        await site.call("POST", "/api/v1/incidents/acme-surge-0/resolve", json={"summary": "over"})
        site.clock.advance(timedelta(days=1))
    await site.open_incident()
    excuse = "Nikt nie mógł przewidzieć tej burzy."
    await site.call("POST", f"{PATH}/facts", json={"fact": excuse})
    replies = (await site.call("GET", PATH)).json["holding_replies"]
    body = {"customer": "Internet nie działa od rana"}
    answers = (await site.call("POST", f"{PATH}/answer", json=body)).json["replies"]
    assert [excuse in str(offered) for offered in (replies, answers)] == [not before] * 2


# ── in the language of whoever works here


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("pl-PL,pl;q=0.9,en;q=0.5", "pl"),
        ("de, ru;q=0.8, en;q=0.5", "ru"),
        ("en;q=0.3, RU-ru;q=0.4", "ru"),
        ("pl;q=0, *", "en"),
        ("de", "en"),
        ("", "en"),
        ("pl;q=2", "en"),
        (",;q=,\t" + "x" * 5000, "en"),
    ],
)
def test_the_browsers_first_language_that_we_speak_is_taken(header: str, lang: str) -> None:
    assert preferred(header) == lang


@pytest.mark.parametrize(
    ("header", "lang"), [("pl-PL,pl;q=0.9", "pl"), ("ru", "ru"), ("en-GB", "en"), ("de", "en"), ('"><b>', "en")]
)
async def test_findings_are_told_in_the_browsers_language(site: Site, header: str, lang: str) -> None:
    await site.open_incident()
    browser = await site.signed_in("responder")
    headers, text = {"Accept-Language": header}, "Naprawimy to do 15:30."
    page = await site.visit(browser, "/incidents/acme-surge-1", headers=headers)
    assert f'data-lang="{lang}"' in page.text, "asked for by the check while one writes"
    data = {"csrf_token": page.csrf, "text": text, "lang": "pl", "channel": "x", "next_update_in": "30m"}
    path = "/incidents/acme-surge-1/update"
    answer = await site.visit(browser, path, method="POST", data=data, headers=headers)
    body = {"reply": text, "lang": "pl", "channel": "x", "incident": "acme-surge-1", "interface_lang": lang}
    told = [one["message"] for one in (await site.call("POST", "/api/v1/lint", json=body)).json["findings"]]
    assert answer.status == 422
    assert told
    assert all(message in html.unescape(answer.text) for message in told)
