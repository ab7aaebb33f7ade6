"""What each detector says of the newest step, as a signal. Pure."""

from __future__ import annotations

import math

from daemon.model import IncidentKind, Tick
from detectors.evidence import SLACK
from detectors.parts import Parts
from detectors.reach import LEAST as FAR
from detectors.reach import WINDOW as REACH_WINDOW
from detectors.reach import Reach
from detectors.risk_series import WINDOW as RISK_WINDOW
from detectors.risk_series import RiskSeries
from detectors.share import Share
from detectors.signal import BUDGET, OF_PARTS, Signal
from detectors.surge import LEAST, Surge

LOW_BAR = 2.0  # nats that keep an episode going
LOW_RATIO = 1.5  # times the expected in an hour that keep it going
OF_A_PART = math.log(OF_PARTS / BUDGET[IncidentKind.SURGE])  # what evidence of a part is worth to a surge


def surge_signal(surge: Surge, parts: Parts, step: int, tick: Tick, lately: int) -> Signal:
    """A surge of the brand or of one of its parts; it goes on while the ``lately`` newest steps say so."""
    found = surge.at(step, tick)
    hour = max(1, 60 // surge.step)
    count, due = surge.within(step, tick, hour)
    seen, usual = surge.within(step, tick, lately)
    score, part = surge.tail.score(found.nats), parts.at(step, tick, surge.mean(step))
    of_part = parts.tail.score(part.nats) + OF_A_PART
    if part.nats and (of_part > score or not found.nats):
        excess = (part.observed - part.expected) * 60 / part.minutes
        holds = part.nats >= LOW_BAR
        return Signal(
            IncidentKind.SURGE, of_part, True, holds, part.observed, part.expected, part.minutes, excess, part=part.name
        )
    if found.nats:
        observed, expected, window = found.observed, found.expected, found.window
    else:
        observed, expected, window = count, due, hour
    return Signal(
        IncidentKind.SURGE,
        score,
        found.nats > 0,
        part.nats >= LOW_BAR or (seen >= LOW_RATIO * (usual + SLACK) and (found.nats >= LOW_BAR or seen >= LEAST)),
        observed,
        expected,
        window * surge.step,
        (count - due) * 60 / (hour * surge.step),
    )


def share_signal(share: Share, step: int, tick: Tick) -> Signal:
    """The mix has turned."""
    found = share.at(step, tick)
    return Signal(
        IncidentKind.SHARE,
        share.tail.score(found.nats),
        found.nats > 0,
        found.nats >= LOW_BAR,
        found.negative,
        found.expected,
        found.minutes,
        usual_share=share.usual(),
    )


def reach_signal(reach: Reach, step: int, tick: Tick) -> Signal:
    """One complaint that very many see."""
    score, far = reach.at(step, tick)
    enough = far >= FAR
    return Signal(IncidentKind.REACH, score, enough, enough, int(far > 0), 0.0, REACH_WINDOW, top_reach=far)


def risk_signal(risk: RiskSeries, step: int, tick: Tick) -> Signal:
    """Words that are never normal."""
    score, seen = risk.at(step, tick)
    return Signal(IncidentKind.RISK, score, seen > 0, seen > 0, seen, risk.expected(), RISK_WINDOW)
