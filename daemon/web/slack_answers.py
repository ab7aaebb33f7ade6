"""What whoever acts in Slack is told: where only they see it, errors in words, times by their own clock."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any, NamedTuple

import structlog

from daemon.errors import Conflict, InputError, NotFound, TocsinError
from daemon.people import ACTOR, NOBODY, Names, named
from daemon.views import parse_time
from notifiers import slack_blocks as kit

Json = dict[str, Any]
_MOST = 1000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT(?P<clock>\d\d:\d\d):\d\d\.\d{3}Z")
_log = structlog.get_logger()


class NotResponder(TocsinError):
    """Who asked may not act."""


class Said(NamedTuple):
    """What the person who acted is told; empty: what everybody sees is enough."""

    text: str = ""
    blocks: list[kit.Block] | None = None
    form: kit.Block | None = None  # to be shown in the place of the one that was sent

    def message(self) -> Json:
        """As the answer to a press or a command."""
        blocks = {"blocks": self.blocks} if self.blocks is not None else {}
        return {"response_type": "ephemeral", "replace_original": False, "text": self.text, **blocks}


async def outcome_of(work: Awaitable[Said], *, markup: bool, names: Names = NOBODY) -> Said:
    """What to say after ``work``: errors are told, not raised; with ``markup`` people are named as Slack does."""
    try:
        return await work
    except Conflict as error:
        text = error.told()[:_MOST]  # Slack does not tell a member's language
    except (NotFound, InputError, NotResponder) as error:
        text = str(error)[:_MOST]
    except TocsinError as error:
        _log.warning("slack_act_failed", reason=type(error).__name__)
        text = "that could not be done now; try again"
    except Exception:  # noqa: BLE001 - the last place where an error can become an answer
        _log.exception("slack_act_failed")
        text = "something went wrong on our side; it has been logged"
    text = marked(text, names) if markup else _plain(text, names)
    return Said(text[:1].upper() + text[1:])


def marked(text: str, names: Names = NOBODY) -> str:
    """``text`` as mrkdwn in which nothing acts but people, who are mentioned, and times, by the reader's clock."""
    text = ACTOR.sub(lambda found: kit.mention(found[0], names), kit.escape(text))
    return _TIME.sub(_by_the_readers_clock, text)


def _by_the_readers_clock(found: re.Match[str]) -> str:
    return f"<!date^{int(parse_time(found[0]).timestamp())}^{{time}}|{found['clock']} UTC>"


def _plain(text: str, names: Names) -> str:
    return _TIME.sub(r"\g<clock> UTC", named(text, names))
