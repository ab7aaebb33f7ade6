"""What is news once a wave is over: its windows still hold what has been dealt with."""

from __future__ import annotations

from daemon.model import IncidentKind
from detectors.reach import LEAST as FAR

GROWN = 2.0  # times the expected
FEW = 4  # negative authors, without which nothing is news
SLACK = 1.2  # pseudo-count under the expected


def is_news(kind: IncidentKind, *, observed: int, expected: float, risk: int, top_reach: float) -> bool:
    """Whether what has come since the end is enough of its own to speak of ``kind`` again.

    ``observed`` negative authors where ``expected`` are usual, ``risk`` of them with words that are never normal,
    ``top_reach`` the decades of the farthest.

    >>> [is_news(IncidentKind.SURGE, observed=n, expected=1.0, risk=0, top_reach=0.0) for n in (4, 5)]
    [False, True]
    """
    match kind:
        case IncidentKind.RISK:
            return risk > 0
        case IncidentKind.REACH:
            return top_reach >= FAR
        case _:
            return observed >= FEW and observed >= GROWN * (expected + SLACK)
