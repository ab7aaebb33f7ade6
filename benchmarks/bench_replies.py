"""How long the reply check and the reading of promises take: the check within 20 ms a reply.

Run: python benchmarks/bench_replies.py
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from daemon.replies.lint import check
from daemon.response.promises import promised_times

BAR_MS = 20.0  # median over the corpus, of processor time
ROUNDS = 3
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CORPUS = Path(__file__).parent.parent / "tests" / "replies" / "corpus"


def main() -> int:
    """Print the figures; 1 where the bar is missed."""
    rows = [
        line.split("|")
        for path in (CORPUS / "tuned.txt", CORPUS / "held_out.txt")
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    start = time.process_time()
    for lang in ("pl", "ru", "en"):
        check("…", lang=lang, customer="?")
        check("Test.", lang=lang, customer="?", incident=True)
    print(f"phrase lists read: {(time.process_time() - start) * 1e3:.0f} ms, once")
    checks, readings = [], []
    for _ in range(ROUNDS):
        for lang, _rule, marks, customer, reply in rows:
            start = time.process_time()
            check(reply, lang=lang, customer=customer, incident="i" in marks.split())
            checks.append((time.process_time() - start) * 1e3)
            start = time.process_time()
            promised_times(reply, lang, NOW, "Europe/Warsaw")
            readings.append((time.process_time() - start) * 1e3)
    for name, figures in (("check", checks), ("promised times", readings)):
        figures.sort()
        print(
            f"{name}: median {statistics.median(figures):.1f} ms, "
            f"95 % under {figures[int(len(figures) * 0.95)]:.1f} ms, longest {figures[-1]:.1f} ms ({len(rows)} replies)"
        )
    return int(statistics.median(checks) > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
