"""Block Kit in the few shapes that Tocsin uses, within Slack's limits.

Slack's mrkdwn cannot be escaped in full (``*``, ``_``, ``~`` and backticks always mean
something), so other people's text goes only into `plain` and `rich` blocks, which show it as it is.
Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from daemon.people import NOBODY, Names, who
from notifiers.plain import many_lines, one_line

Block = dict[str, Any]

MOST_BLOCKS = 50
MOST_CHARACTERS = 12_000  # Slack refuses from about 13,200 on
_HEADER, _SECTION, _FIELD, _BUTTON, _TITLE, _URL = 150, 3000, 2000, 75, 24, 3000


def escape(text: str) -> str:
    """``text`` for mrkdwn: no mention, channel call or link can be made of it.

    >>> escape("<!channel> R&D")
    '&lt;!channel&gt; R&amp;D'
    """
    return html.escape(one_line(text), quote=False)


def escape_lines(text: str) -> str:
    """The same for several lines."""
    return html.escape(many_lines(text), quote=False)


def header(text: str) -> Block:
    """A headline, shown as it is."""
    return {"type": "header", "text": _plain(one_line(text, _HEADER) or "–")}


def section(mrkdwn: str) -> Block:
    """A paragraph of our own words in mrkdwn; whatever comes from elsewhere must be escaped."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(mrkdwn, _SECTION), "verbatim": True}}


def line(text: str, accessory: Block | None = None) -> Block:
    """A paragraph shown as it is, perhaps with a button beside it."""
    block: Block = {"type": "section", "text": _plain(_cut(many_lines(text), _SECTION) or "–")}
    return block | {"accessory": accessory} if accessory is not None else block


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """At most ten short facts in two columns: (name in mrkdwn, value in escaped mrkdwn)."""
    texts = [_cut(f"*{name}*\n{value}", _FIELD) for name, value in pairs]
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text, "verbatim": True} for text in texts[:10]]}


def small(text: str) -> Block:
    """A line of small print, shown as it is."""
    return {"type": "context", "elements": [_plain(one_line(text, _FIELD) or "–")]}


def remark(mrkdwn: str) -> Block:
    """A line of small print of our own words in mrkdwn; whatever comes from elsewhere must be escaped."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(mrkdwn, _FIELD), "verbatim": True}]}


def small_link(url: str, label: str, rest: str = "") -> Block:
    """A line of small print that begins with a link of our own; ``rest`` is escaped here."""
    target = escape(url).replace("|", "%7C").replace(" ", "%20")
    text = f"<{target}|{escape(label)}>{' · ' + escape(rest) if rest else ''}"
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(text, _FIELD), "verbatim": True}]}


def quote(*parts: Block) -> Block:
    """A quotation of rich text elements (`words`, `link`)."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(parts)}]}


def copyable(label: str, text: str) -> Block:
    """A label, perhaps none, and a box whose text people copy out as it stands."""
    above = [{"type": "rich_text_section", "elements": [words(label, bold=True)]}] if label else []
    box = {"type": "rich_text_preformatted", "elements": [words(many_lines(text))]}
    return {"type": "rich_text", "elements": [*above, box]}


def words(text: str, *, bold: bool = False) -> Block:
    """A rich text element shown as it is."""
    element: Block = {"type": "text", "text": text or "–"}
    return element | {"style": {"bold": True}} if bold else element


def mention(actor: str, names: Names = NOBODY) -> str:
    """Who did something, in mrkdwn; Slack itself shows its members' names."""
    kind, _, name = actor.partition(":")
    known = kind == "slack" and re.fullmatch(r"[A-Z0-9]{1,20}", name)
    return f"<@{name}>" if known else escape(one_line(who(actor, names), 80))


def link(url: str | None) -> Block | None:
    """A link labelled with its own host, so that it cannot pose as another; only http and https."""
    if url is None or len(url) > _URL:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or one_line(url) != url or " " in url:
        return None
    return {"type": "link", "url": url, "text": one_line(host, 60)}


def button(action: str, label: str, incident_id: str, *, style: str | None = None, confirm: str | None = None) -> Block:
    """A button that tells us ``action`` and the incident; ``confirm`` asks first."""
    block: Block = {
        "type": "button",
        "action_id": action,
        "value": incident_id,
        "text": _plain(_cut(label, _BUTTON)),
    }
    if style is not None:
        block["style"] = style
    if confirm is not None:
        block["confirm"] = {
            "title": _plain(_cut(label, 100)),
            "text": _plain(_cut(confirm, 300)),
            "confirm": _plain("Yes"),
            "deny": _plain("No"),
        }
    return block


def choice(action: str, label: str, options: Iterable[tuple[str, str]], chosen: str | None = None) -> Block:
    """A menu of (label, value); ``chosen`` is the value that stands there at first."""
    entries = [{"text": _plain(_cut(text, _BUTTON)), "value": value} for text, value in options]
    menu: Block = {
        "type": "static_select",
        "action_id": action,
        "placeholder": _plain(_cut(label, 150)),
        "options": entries,
    }
    first = next((entry for entry in entries if entry["value"] == chosen), None)
    return menu | {"initial_option": first} if first is not None else menu


def overflow(action: str, options: Iterable[tuple[str, str]]) -> Block:
    """The menu behind ⋯: two to five of (label, value)."""
    return {
        "type": "overflow",
        "action_id": action,
        "options": [{"text": _plain(_cut(text, _BUTTON)), "value": value} for text, value in options],
    }


def members(action: str, label: str) -> Block:
    """A menu of the workspace's people."""
    return {"type": "users_select", "action_id": action, "placeholder": _plain(_cut(label, 150))}


def moment(action: str, initial: datetime) -> Block:
    """A day and a time, which Slack shows and asks for by the reader's own clock."""
    return {"type": "datetimepicker", "action_id": action, "initial_date_time": int(initial.timestamp())}


def text_input(action: str, initial: str = "", *, most: int = 3000, lines: bool = True) -> Block:
    """A box for text, of several ``lines`` or of one."""
    box: Block = {"type": "plain_text_input", "action_id": action, "multiline": lines, "max_length": most}
    return box | {"initial_value": _cut(initial, most)} if initial else box


def tick(action: str, label: str) -> Block:
    """A box to tick; its answer is one selected option, or none."""
    return {
        "type": "checkboxes",
        "action_id": action,
        "options": [{"text": _plain(_cut(label, _BUTTON)), "value": action}],
    }


def question(name: str, label: str, element: Block, *, optional: bool = False, hint: str | None = None) -> Block:
    """A row of a form: its answer comes back under ``name``."""
    row: Block = {"type": "input", "block_id": name, "label": _plain(label), "element": element, "optional": optional}
    return row | {"hint": _plain(hint)} if hint is not None else row


def form(name: str, title: str, submit: str, questions: list[Block], private: str) -> Block:
    """A modal; ``name`` and ``private`` (at most 3,000 characters) come back with its answers."""
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(_cut(title, _TITLE)),
        "submit": _plain(_cut(submit, _TITLE)),
        "close": _plain("Cancel"),
        "private_metadata": private,
        "blocks": questions,
    }


def message_form(title: str, *blocks: Block) -> Block:
    """A modal that only tells something."""
    return {"type": "modal", "title": _plain(_cut(title, _TITLE)), "close": _plain("Close"), "blocks": list(blocks)}


def actions(*elements: Block) -> Block:
    """A row of buttons and menus."""
    return {"type": "actions", "elements": list(elements)}


def fit(first: list[Block], more: Iterable[Block], last: list[Block]) -> list[Block]:
    """``first``, as much of ``more`` in its order as Slack takes, and ``last``; each block whole or not at all."""
    left = MOST_CHARACTERS - size(first) - size(last)
    room = MOST_BLOCKS - len(first) - len(last)
    taken: list[Block] = []
    for block in more:
        if size([block]) <= left and room > 0:
            taken.append(block)
            left -= size([block])
            room -= 1
    return [*first, *taken, *last]


def size(blocks: list[Block]) -> int:
    """How much of Slack's allowance ``blocks`` use: their JSON, every letter counted as it is escaped."""
    return len(json.dumps(blocks))


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
