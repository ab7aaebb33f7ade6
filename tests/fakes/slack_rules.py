"""Slack's own rules for blocks, and what a reader would see of them.

https://docs.slack.dev/reference/block-kit/
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_MOST_BLOCKS, _MOST_CHARACTERS = 50, 13_200
_RICH = {"rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"}
_INLINE = {"text", "link", "user", "emoji", "channel", "usergroup", "date", "broadcast"}


def refusal(blocks: Any) -> tuple[str, list[str]] | None:
    """Slack's error code and its messages for ``blocks``, or None where they are fine."""
    if not isinstance(blocks, list):
        return "invalid_blocks_format", ["[ERROR] must be an array"]
    if len(blocks) > _MOST_BLOCKS:
        return "invalid_blocks", [f"[ERROR] no more than {_MOST_BLOCKS} items allowed"]
    faults = [
        f"[ERROR] {fault} [json-pointer:/blocks/{n}]" for n, block in enumerate(blocks) for fault in _block(block)
    ]
    if faults:
        return "invalid_blocks", faults
    if len(json.dumps(blocks, ensure_ascii=False)) > _MOST_CHARACTERS:
        return "msg_blocks_too_long", []
    return None


def visible(blocks: list[Json]) -> str:
    """What a reader sees, one line for each text; mrkdwn as Slack would unescape it."""
    return "\n".join(html.unescape(text) if kind == "mrkdwn" else text for kind, text in texts(blocks))


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """Every text in ``node`` with its kind: ``plain_text``, ``mrkdwn`` or ``rich``."""
    if isinstance(node, list):
        for item in node:
            yield from texts(item)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind in {"plain_text", "mrkdwn"}:
            yield kind, node["text"]
        elif kind in {"text", "link"}:
            yield "rich", node.get("text", "")
        else:
            for value in node.values():
                yield from texts(value)


def controls(mrkdwn: str) -> list[str]:
    """What Slack would act on in ``mrkdwn``: links, mentions, calls to the channel."""
    return re.findall(r"<[^>]*>", mrkdwn)


def actions(blocks: list[Json]) -> dict[str, Json]:
    """The buttons and menus by their action_id."""
    return {e["action_id"]: e for block in blocks if block["type"] == "actions" for e in block["elements"]}


def _text(node: Any, limit: int, *kinds: str) -> Iterator[str]:
    if not isinstance(node, dict) or node.get("type") not in kinds:
        yield f"expected a text object of {' or '.join(kinds)}"
    elif not 1 <= len(node.get("text", "")) <= limit:
        yield f"must be more than 0 and no more than {limit} characters"


def _block(block: Json) -> Iterator[str]:
    match block.get("type"):
        case "header":
            yield from _text(block.get("text"), 150, "plain_text")
        case "section":
            yield from _section(block)
        case "context":
            yield from _small_print(block["elements"])
        case "actions":
            yield from _row(block["elements"])
        case "input":
            yield from _text(block.get("label"), 2000, "plain_text")
            yield from _element(block["element"])
        case "rich_text":
            for element in block["elements"]:
                yield from _rich(element)
        case "divider":
            pass
        case other:
            yield f"unsupported type: {other}"


def _small_print(elements: list[Json]) -> Iterator[str]:
    if not 1 <= len(elements) <= 10:
        yield "1 to 10 elements"
    for element in elements:
        yield from _text(element, 2000, "plain_text", "mrkdwn")


def _row(elements: list[Json]) -> Iterator[str]:
    names = [element.get("action_id") for element in elements]
    if not 1 <= len(names) <= 25 or len(set(names)) != len(names):
        yield "1 to 25 elements with different action_ids"
    for element in elements:
        yield from _element(element)


def _section(block: Json) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "missing text or fields"
    if "text" in block:
        yield from _text(block["text"], 3000, "plain_text", "mrkdwn")
    if not 1 <= len(block.get("fields", [None])) <= 10:
        yield "1 to 10 fields"
    for field in block.get("fields", ()):
        yield from _text(field, 2000, "plain_text", "mrkdwn")


def _element(element: Json) -> Iterator[str]:  # noqa: C901, PLR0912 - one arm for each kind
    if not 1 <= len(element.get("action_id", "")) <= 255:
        yield "invalid action_id"
    match element.get("type"):
        case "button":
            yield from _text(element.get("text"), 75, "plain_text")
            if len(element.get("value", "")) > 2000:
                yield "value too long"
            if element.get("style", "primary") not in {"primary", "danger"}:
                yield "invalid style"
            yield from _confirm(element)
        case "static_select":
            options = element.get("options", [])
            if not 1 <= len(options) <= 100:
                yield "1 to 100 options"
            if "initial_option" in element and element["initial_option"] not in options:
                yield "initial_option must be one of the options"
            for option in options:
                yield from _text(option.get("text"), 75, "plain_text")
                if not 1 <= len(option.get("value", "")) <= 150:
                    yield "invalid option value"
        case "overflow":
            if not 2 <= len(element.get("options", [])) <= 5:
                yield "2 to 5 options"
            for option in element["options"]:
                yield from _text(option.get("text"), 75, "plain_text")
                if not 1 <= len(option.get("value", "")) <= 75:
                    yield "invalid option value"
        case "users_select":
            yield from _text(element.get("placeholder"), 150, "plain_text")
        case "datetimepicker":
            if len(str(element.get("initial_date_time", ""))) != 10:
                yield "initial_date_time must be 10 digits"
        case "checkboxes":
            yield from _boxes(element.get("options", []))
        case "plain_text_input":
            if len(element.get("initial_value", "")) > min(element.get("max_length", 3000), 3000):
                yield "initial_value too long"
        case other:
            yield f"unsupported element: {other}"


def _boxes(options: list[Json]) -> Iterator[str]:
    if not 1 <= len(options) <= 10:
        yield "1 to 10 options"
    for option in options:
        yield from _text(option.get("text"), 150, "plain_text", "mrkdwn")


def _confirm(element: Json) -> Iterator[str]:
    for name, limit in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items() if "confirm" in element else ():
        yield from _text(element["confirm"].get(name), limit, "plain_text")


def _rich(element: Json) -> Iterator[str]:
    if element.get("type") not in _RICH:
        yield f"unsupported rich text element: {element.get('type')}"
    for part in element.get("elements", ()):
        if part.get("type") not in _INLINE:
            yield f"unsupported rich text part: {part.get('type')}"
        elif part["type"] == "text" and not part.get("text"):
            yield "empty text"
        elif part["type"] == "link" and not re.match(r"https?://", part.get("url", "")):
            yield "invalid url"
