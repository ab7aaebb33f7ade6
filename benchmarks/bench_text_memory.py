"""How much memory the whole text part takes: language, sentiment, risk, topic, terms, examples, copies.

In a process of its own, in which nothing else has been loaded before: all posts that the model's training is
built on are read in batches, as the daemon reads them, and every few thousand are told about, as an alert is.
The difference to the bare interpreter counts, libraries included, at its highest.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

ALLOWED = 150  # MB
_BATCH, _SURGE = 512, 2000  # texts read at once, and of an alert


def highest() -> float:
    """The most memory in MB that this process has had; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def read_everything() -> int:
    """Read all posts, and tell about them as about surges; how many."""
    from datetime import UTC, datetime

    from daemon.training.posts import posts
    from detectors.crowd import crowd_of
    from detectors.risk import is_risk
    from detectors.sentiment import load_model
    from detectors.terms import Candidate, describe, examples
    from detectors.topic import topic_of

    model, at = load_model(), datetime(2026, 3, 4, tzinfo=UTC)
    left, count = posts(), 0
    past: list[tuple[str, str]] = []
    while surge := [post.text.text for post in islice(left, _SURGE)]:
        found: list[tuple[str, str]] = []
        outages: list[float] = []
        for begin in range(0, len(surge), _BATCH):
            texts = surge[begin : begin + _BATCH]
            for text, meaning in zip(texts, model.read(texts, [None] * len(texts)), strict=True):
                is_risk(text, meaning.lang)
                found.append((text, meaning.lang))
                outages.append(meaning.outage)
        describe(found, past)
        topic_of(found, outages)
        crowd_of([(text, None) for text in surge])
        examples([Candidate(text=text, author=None, published_at=at, reach=0.0) for text in surge])
        past, count = found, count + len(found)
    return count


if __name__ == "__main__":
    bare = highest()
    read = read_everything()
    print(f"memory of the whole text part after {read:,} posts: {highest() - bare:.0f} MB of {ALLOWED} MB allowed")
