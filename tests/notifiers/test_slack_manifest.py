"""The manifest that people paste into Slack asks for what Tocsin needs, and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from notifiers.slack import SCOPES

_PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "slack.md"


@pytest.fixture
def manifest() -> dict[str, Any]:
    match = re.search(r"```json\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert match is not None
    found: dict[str, Any] = json.loads(match[1])
    return found


def test_it_asks_for_the_scopes_that_are_used(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_every_scope_is_explained() -> None:
    table = _PAGE.read_text().partition("| scope |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z]+:?[a-z]*)`", table)) - {"/tocsin"} == SCOPES


def test_it_leads_to_the_addresses_that_are_served(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert (command["command"], command["should_escape"]) == ("/tocsin", True)
    assert command["url"].endswith("/slack/commands")
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/interactions")
