"""Block Kit as a page that looks about as Slack does: enough to judge length, order and emphasis by."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Block = dict[str, Any]
NAMES = {"U012AB3CD": "Anna Nowak", "U0BOB": "Bob Kowal"}

_STYLE = (Path(__file__).parent / "slack.css").read_text(encoding="utf-8")


def page(*panes: str) -> str:
    """A page with panes beside each other."""
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><body>{"".join(panes)}</body>'


def pane(content: str, *, dark: bool = False, width: int, title: str = "") -> str:
    """One window of ``width`` pixels; below 500 it is a phone's."""
    kinds = f"pane {'dark' if dark else 'light'}{' phone' if width < 500 else ''}"
    head = f"<h3>{html.escape(title)}</h3>" if title else ""
    return f'<section class="{kinds}" style="width:{width}px">{head}{content}</section>'


def message(
    blocks: Iterable[Block], *, at: str, picture: str = "", only_you: bool = False, thread: bool = False
) -> str:
    """A message of ours; ``picture``: address of the chart in its thread; ``only_you``: an ephemeral one."""
    eyes = '<div class="eyes">👁 Only visible to you</div>' if only_you else ""
    shot = f'<img class="shot" src="{picture}">' if picture else ""
    head = f'<div><span class="from">Tocsin</span> <span class="app">APP</span> <span class="time">{at}</span></div>'
    body = "".join(map(block, blocks))
    inner = f'<div class="message"><div class="face">T</div><div class="body">{eyes}{head}{body}{shot}</div></div>'
    return f'<div class="thread">{inner}</div>' if thread else inner


def form(view: Block) -> str:
    """A modal."""
    submit = f'<span class="button primary">{_text(view["submit"])}</span>' if "submit" in view else ""
    rows = "".join(map(block, view["blocks"]))
    close = f'<span class="button">{_text(view["close"])}</span>'
    head = f"<header>{_text(view['title'])}<span>✕</span></header>"
    return f'<div class="form">{head}<main>{rows}</main><footer>{close}{submit}</footer></div>'


def block(one: Block) -> str:
    """One block."""
    return _BLOCKS[one["type"]](one)


def _section(one: Block) -> str:
    if "fields" in one:
        return f'<div class="fields">{"".join(f"<div>{_text(field)}</div>" for field in one["fields"])}</div>'
    aside = _element(one["accessory"]) if "accessory" in one else ""
    return f'<div class="row"><div>{_text(one["text"])}</div>{aside}</div>'


def _input(one: Block) -> str:
    optional = ' <span class="optional">(optional)</span>' if one.get("optional") else ""
    hint = f'<div class="small">{_text(one["hint"])}</div>' if "hint" in one else ""
    return f"<div><label>{_text(one['label'])}{optional}</label>{_element(one['element'])}{hint}</div>"


def _rich(one: Block) -> str:
    tags = {"rich_text_section": "div", "rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}
    return "".join(
        f"<{tags[part['type']]}>{''.join(map(_inline, part['elements']))}</{tags[part['type']]}>"
        for part in one["elements"]
    )


def _inline(part: Block) -> str:
    if part["type"] == "link":
        return f'<a href="#">{html.escape(part["text"])}</a>'
    text = html.escape(part["text"]).replace("\n", "<br>")
    return f"<b>{text}</b>" if part.get("style", {}).get("bold") else text


def _element(one: Block) -> str:  # noqa: PLR0911 - one for each kind
    match one["type"]:
        case "button":
            return f'<span class="button {one.get("style", "")}">{_text(one["text"])}</span>'
        case "static_select":
            chosen = one.get("initial_option", {}).get("text") or one["placeholder"]
            return f'<span class="button menu">{_text(chosen)}</span>'
        case "users_select":
            return f'<span class="button menu empty">{_text(one["placeholder"])}</span>'
        case "datetimepicker":
            return '<span class="button menu">14 October 2026 19:42</span>'
        case "checkboxes":
            return "".join(f"<div>☐ {_text(option['text'])}</div>" for option in one["options"])
        case "overflow":
            return '<span class="button">⋯</span>'
        case "plain_text_input":
            tall = " tall" if one.get("multiline") else ""
            return f'<div class="input{tall}">{html.escape(one.get("initial_value", ""))}</div>'
        case other:
            raise ValueError(other)


def menu(options: Iterable[Block]) -> str:
    """What stands behind ⋯."""
    return '<div class="over">' + "".join(f"<div>{_text(one['text'])}</div>" for one in options) + "</div>"


def _text(node: Block) -> str:
    if node["type"] == "plain_text":
        return html.escape(node["text"]).replace("\n", "<br>")
    text = re.sub(r"<([^>]*)>", _control, node["text"])
    return re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", text).replace("\n", "<br>")


def _control(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("@"):
        return f'<span class="who">@{NAMES.get(target[1:], target[1:])}</span>'
    if target.startswith("!date"):
        at = datetime.fromtimestamp(int(target.split("^")[1]), ZoneInfo("Europe/Warsaw"))
        return f"{at:%H:%M}"
    return f'<a href="#">{label or target}</a>'


_BLOCKS: dict[str, Callable[[Block], str]] = {
    "header": lambda one: f"<h2>{_text(one['text'])}</h2>",
    "section": _section,
    "context": lambda one: f'<div class="small">{" ".join(map(_text, one["elements"]))}</div>',
    "actions": lambda one: f'<div class="actions">{"".join(map(_element, one["elements"]))}</div>',
    "rich_text": _rich,
    "input": _input,
    "divider": lambda _: "<hr>",
}
