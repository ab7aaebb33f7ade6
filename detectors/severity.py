"""How bad: the highest of what surprises, what is lost by the hour, and how far it reaches."""

from __future__ import annotations

from daemon.model import Severity

RARE, VERY_RARE = 0.1, 0.001  # as strong evidence in a year of ordinary life
MANY, VERY_MANY = 60.0, 600.0  # negative authors an hour beyond the expected
FAR, VERY_FAR = 6.0, 7.0  # decades of reach of one author: a million, ten million


def grade(false_alerts_per_year: float, excess_per_hour: float = 0.0, top_reach: float = 0.0) -> Severity:
    """Severity from how rare the evidence is, excess authors an hour, and the farthest reach.

    >>> grade(2.0, 10.0), grade(2.0, 80.0), grade(0.0001, 10.0)
    (<Severity.MINOR: 'minor'>, <Severity.MAJOR: 'major'>, <Severity.CRITICAL: 'critical'>)
    """
    if false_alerts_per_year <= VERY_RARE or excess_per_hour >= VERY_MANY or top_reach >= VERY_FAR:
        return Severity.CRITICAL
    if false_alerts_per_year <= RARE or excess_per_hour >= MANY or top_reach >= FAR:
        return Severity.MAJOR
    return Severity.MINOR
