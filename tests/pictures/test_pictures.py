"""The documentation's pictures, and what they show: nothing reaches over an edge, on a phone as on a desk."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.notice import Purpose
from notifiers import slack_messages
from notifiers.mail_text import address, compose
from tests.fakes.slack_rules import refusal
from tests.notifiers.contract import HOSTILE, hostile
from tests.pictures import scene, slack_scenes
from tests.pictures.browser import Browser, as_url, browser
from tests.pictures.png import small
from tests.pictures.slack_html import form, page, pane

DOCS = Path(__file__).parents[2] / "docs"
_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Every mail as a page, with others' hostile texts in some."""
    notices = dict(
        scene.notices("oncall@fala.example", act_link="https://x.example/act/t", reply_to="t+t@fala.example")
    )
    notices["digest"] = scene.morning("oncall@fala.example")
    notices |= {f"hostile-{n}": hostile(text) for n, text in enumerate([*HOSTILE, _LONG])}
    mails = {name: compose(each, sender=address("t@fala.example"), at=scene.NOW) for name, each in notices.items()}
    return {name: str(mail.get_body(("html",)).get_content()) for name, mail in mails.items()}  # type: ignore[union-attr]


@pytest.fixture
async def shown() -> AsyncIterator[Browser]:
    async with browser() as tab:
        yield tab


async def test_no_mail_reaches_over_the_edge(shown: Browser, made: dict[str, str], tmp_path: Path) -> None:
    for name, html in made.items():
        for width in (320, 390, 680):
            await shown.show(as_url(tmp_path, name, html), width=width)
            assert await shown.overflowing() == [], f"{name} at {width} pixels"


async def test_a_dark_mail_is_dark_and_a_light_one_light(shown: Browser, made: dict[str, str], tmp_path: Path) -> None:
    colours = "getComputedStyle(document.querySelector('.card')).backgroundColor"
    for dark, colour in ((False, "rgb(255, 255, 255)"), (True, "rgb(23, 28, 35)")):
        await shown.show(as_url(tmp_path, "alert", made["alert"]), width=390, dark=dark)
        assert await shown.look(colours) == colour


async def test_what_is_needed_to_act_is_on_a_phones_first_screen(
    shown: Browser, made: dict[str, str], tmp_path: Path
) -> None:
    await shown.show(as_url(tmp_path, "alert", made["alert"]), width=390, height=844)
    place = (
        "[...document.querySelectorAll('a')].find(a => a.textContent == 'Acknowledge').getBoundingClientRect().bottom"
    )
    assert await shown.look(place) < 844
    told = slack_scenes.alert(b"", dark=False, width=slack_scenes.PHONE)
    await shown.show(as_url(tmp_path, "slack", page(told)), width=422, height=844)
    button = "[...document.querySelectorAll('.primary')][0].getBoundingClientRect().bottom"
    assert await shown.look(button) < 500


def test_slack_would_take_every_message_and_every_form() -> None:
    notices = scene.notices(slack_scenes.CHANNEL)
    threads = [scene.in_thread(each) for each in notices.values() if each.purpose is not Purpose.ALERT]
    told = [slack_messages.message(each).blocks for each in (*notices.values(), *threads, scene.morning("@U1"))]
    told += [view["blocks"] for view in slack_scenes.views()]
    assert [refusal(blocks) for blocks in told] == [None] * len(told)
    for view in slack_scenes.views():
        assert len(view["title"]["text"]) <= 24
        assert "T</div>" not in pane(form(view), width=400)


def test_each_picture_is_shown_somewhere_and_together_they_are_small() -> None:
    pictures = sorted((DOCS / "images").glob("*.png"))
    shown = {
        name
        for text in (DOCS.parent / "README.md", *DOCS.rglob("*.md"))
        for name in re.findall(r"images/([a-z-]+\.png)", text.read_text())
    }
    assert {picture.name for picture in pictures} == shown
    assert sum(picture.stat().st_size for picture in pictures) < 3 * 2**20


@pytest.mark.parametrize("filter_", range(5))
def test_a_picture_made_small_shows_the_same(filter_: int) -> None:
    """A picture of two colours, each of PNG's filters in turn."""
    rows = [[(10, 20, 30), (200, 100, 0), (10, 20, 30)], [(200, 100, 0), (200, 100, 0), (10, 20, 30)]]
    png = small(_png(rows, filter_))
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (3, 2)
    palette = png[png.index(b"PLTE") + 4 :][:6]
    start = png.index(b"IDAT")
    raw = zlib.decompress(png[start + 4 :][: struct.unpack(">I", png[start - 4 : start])[0]])
    colours = [tuple(palette[3 * n : 3 * n + 3]) for n in range(2)]
    assert [[colours[raw[y * 4 + 1 + x]] for x in range(3)] for y in range(2)] == rows


def _png(rows: list[list[tuple[int, int, int]]], kind: int) -> bytes:
    """A PNG whose every line went through one filter."""
    data, above = b"", bytes(9)
    for row in rows:
        line = bytes(part for pixel in row for part in pixel)
        coded = bytearray([kind])
        for n, value in enumerate(line):
            left, up, corner = (line[n - 3], above[n], above[n - 3]) if n >= 3 else (0, above[n], 0)
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda near: abs(guess - near))
            coded.append(value - (0, left, up, (left + up) // 2, paeth)[kind] & 255)
        data, above = data + bytes(coded), line
    header = struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    told = b"".join(struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + told
