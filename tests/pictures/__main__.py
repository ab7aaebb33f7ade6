"""Makes the documentation's pictures anew: `make pictures`."""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

from notifiers.mail_text import address, compose
from tests.pictures import pages, scene, slack_scenes
from tests.pictures.browser import Browser, as_url, browser
from tests.pictures.png import small
from tests.pictures.slack_html import page

FOLDER = Path(__file__).parents[2] / "docs" / "images"
_MAIL = {"wide": 680, "phone": 390}
_SHEET = 2400  # wide enough for every pane beside the others


async def main() -> None:
    """Take every picture."""
    chart = await scene.chart()
    with tempfile.TemporaryDirectory() as folder:
        async with browser() as shown:
            camera = _Camera(shown, Path(folder))
            await _slack(camera, chart)
            await _mails(camera, chart)
            await pages.take(camera, Path(folder))


class _Camera:
    """Keeps what it sees in the documentation's folder."""

    def __init__(self, shown: Browser, folder: Path) -> None:
        self._browser = shown
        self._folder = folder

    async def html(self, name: str, html: str, *, width: int, dark: bool = False) -> None:
        """A page of our own making, no higher than what is on it."""
        await self.url(name, as_url(self._folder, name, html), width=width, dark=dark, height=100)

    async def url(self, name: str, url: str, *, width: int, dark: bool = False, height: int = 600) -> None:
        """A page anywhere."""
        await self._browser.show(url, width=width, dark=dark, height=height)
        picture = small(await self._browser.picture())
        (FOLDER / f"{name}.png").write_bytes(picture)
        sys.stdout.write(f"{name}.png {len(picture) // 1024} KiB\n")

    async def cookie(self, name: str, value: str, url: str) -> None:
        """Be signed in at ``url``."""
        await self._browser.call("Network.setCookie", name=name, value=value, url=url)


async def _slack(camera: _Camera, chart: bytes) -> None:
    wide, phone = slack_scenes.WIDE, slack_scenes.PHONE
    for dark, suffix in ((False, ""), (True, "-dark")):
        top = [slack_scenes.alert(chart, dark=dark, width=wide), slack_scenes.alert_later(dark=dark, width=wide)]
        await camera.html(f"slack-alert{suffix}", page(*top), width=2 * wide + 48)
    both = [slack_scenes.alert(chart, dark=dark, width=phone) for dark in (False, True)]
    await camera.html("slack-alert-phone", page(*both), width=2 * phone + 48)
    threads = [slack_scenes.thread(dark=False, width=wide), slack_scenes.ended(dark=True, width=wide)]
    await camera.html("slack-thread", page(*threads), width=2 * wide + 48)
    phones = [slack_scenes.thread(dark=True, width=phone), slack_scenes.alert_later(dark=False, width=phone)]
    await camera.html("slack-thread-phone", page(*phones), width=2 * phone + 48)
    await camera.html("slack-forms", page(*slack_scenes.modals(dark=False, width=460)), width=3 * 476 + 32)
    await camera.html("slack-forms-dark", page(*slack_scenes.modals(dark=True, width=phone)), width=4 * 406 + 32)
    await camera.html("slack-commands", page(*await slack_scenes.asides(dark=False, width=wide)), width=2 * wide + 48)
    await camera.html(
        "slack-commands-dark", page(*await slack_scenes.asides(dark=True, width=phone)), width=3 * 406 + 32
    )


async def _mails(camera: _Camera, chart: bytes) -> None:
    about = {"act_link": "https://tocsin.fala.example/act/signed", "reply_to": "tocsin+token@fala.example"}
    target = "oncall@fala.example"
    for name, notice in (*scene.notices(target, chart=chart, **about).items(), ("digest", scene.morning(target))):
        html = _html_of(compose(notice, sender=address("Tocsin <tocsin@fala.example>"), at=notice.at))
        for dark, width, suffix in ((False, 680, ""), (True, 390, "-phone-dark")):
            await camera.html(f"mail-{name}{suffix}", html, width=width, dark=dark)


def _html_of(mail: EmailMessage) -> str:
    """The HTML part as a mail program shows it, with its picture."""
    html = str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr] # each of ours has one
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            cid = str(part["Content-ID"]).strip("<>")
            data = base64.b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{cid}", f"data:image/png;base64,{data}")
    return html


if __name__ == "__main__":
    asyncio.run(main())
