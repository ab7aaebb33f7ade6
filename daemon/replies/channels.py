"""How long a reply may be where it is posted."""

from __future__ import annotations

import re

# The platforms publish these limits, TikTok and Google Play that of a reply; Bluesky counts graphemes.
# Both X and Mastodon count any link as 23 characters. Where the platform allows far more than
# anyone reads in a comment, the limit is ours: a social reply is shorter than a mail.
_LIMITS = {
    "x": 280,
    "twitter": 280,
    "bluesky": 300,
    "mastodon": 500,
    "threads": 500,
    "tiktok": 150,
    "google_play": 350,
    "sms": 306,
    "email": 6000,
    "mail": 6000,
}
_GENEROUS = 1000
# Posts are short there, direct messages take a thousand characters or far more.
_SHORT_IN_PUBLIC_ALONE = frozenset({"x", "twitter", "bluesky", "threads", "tiktok"})
_LINKS_COUNT_23 = frozenset({"x", "twitter", "mastodon"})
_LINK = re.compile(r"https?://\S+")


SHORTEST = min(_LIMITS.values())
LIMITED = tuple(_LIMITS)  # the channels that have a limit of their own


def limit(channel: str | None, audience: str = "public") -> int:
    """The most characters that a reply on ``channel`` should have.

    >>> limit("x"), limit("x", "private"), limit("facebook")
    (280, 1000, 1000)
    """
    name = "" if channel is None else channel.lower()
    if audience == "private" and name in _SHORT_IN_PUBLIC_ALONE:
        return _GENEROUS
    return _LIMITS.get(name, _GENEROUS)


def length(text: str, channel: str | None) -> int:
    """How many characters of its limit ``text`` uses on ``channel``.

    >>> length("https://acme.example/status/2026/internet", "x")
    23
    """
    if channel is not None and channel.lower() in _LINKS_COUNT_23:
        return len(_LINK.sub("x" * 23, text))
    return len(text)


def fits(text: str, channel: str | None, audience: str = "public") -> bool:
    """Whether ``text`` is short enough, by the platform's count and by its plain length."""
    return max(len(text), length(text, channel)) <= limit(channel, audience)
