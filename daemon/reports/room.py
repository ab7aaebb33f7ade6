"""Everything that looks back, made in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from config.schema import Config
from daemon.clock import Clock
from daemon.incidents import Incidents
from daemon.letters import Letters
from daemon.report import Periods
from daemon.reports.collect import Reporter
from daemon.reports.monthly import Monthly
from daemon.reports.trial import Trial
from daemon.series import Forecast
from daemon.store.cases import Cases
from daemon.store.engine import Store
from daemon.store.hindsight import Hindsight
from daemon.store.reads import Reads


class LookBack(NamedTuple):
    """Who writes the reports, of one incident and of a period, who writes that of a month, and who tries settings."""

    reporter: Reporter
    periods: Periods
    monthly: Monthly
    trial: Trial


def look_back(
    *,
    config: Callable[[], Config],
    clock: Clock,
    store: Store,
    incidents: Incidents,
    forecast: Forecast,
    letters: Letters,
) -> LookBack:
    """All of them, over one store."""
    reads, cases = Reads(store), Cases(store)
    reporter = Reporter(
        config=config,
        clock=clock,
        incidents=incidents,
        reads=reads,
        cases=cases,
        hindsight=Hindsight(store),
        forecast=forecast,
    )
    periods = Periods(config=config, clock=clock, reads=reads, cases=cases, policies=lambda: incidents.policies)
    monthly = Monthly(config=config, clock=clock, store=store, periods=periods, letters=letters)
    return LookBack(reporter, periods, monthly, Trial(config=config, clock=clock, store=store))
