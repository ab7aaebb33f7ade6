"""Those who were called are told how it went, and where the whole report is."""

from __future__ import annotations

from email.headerregistry import Address

import pytest
from msgspec.structs import replace

from daemon.notice import Notice, Purpose, Receipt
from notifiers.mail_text import compose
from notifiers.slack_messages import message
from notifiers.wording import why_now
from tests.notifiers.contract import NOW, REPORT, every_purpose

ROOT = Receipt(ref={"channel": "C1", "ts": "1.2"})


@pytest.fixture
def over() -> Notice:
    return next(one for one in every_purpose() if one.report is not None)


def test_the_thread_gets_the_figures_and_a_link(over: Notice) -> None:
    blocks = message(replace(over, root=ROOT, target="#pr-crisis")).blocks
    assert "after 12 min, within its 1 h" in str(blocks)
    assert f"<{REPORT.page}|The whole report>" in str(blocks)


def test_the_mail_gets_them_too(over: Notice) -> None:
    mail = compose(replace(over, target="a@acme.example"), sender=Address("", "t", "acme.example"), at=NOW)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "after 12 min, within its 1 h" in body.get_content()
        assert REPORT.page in body.get_content()


def test_news_of_the_incident_are_no_words_to_the_public(over: Notice) -> None:
    told = replace(over, purpose=Purpose.UPDATE, news="It has spread to forum: 8 of 48 mentions.", root=ROOT, note=None)
    assert why_now(told) == "It has spread to forum: 8 of 48 mentions."
    assert "It has spread to forum" in str(message(told).blocks)
