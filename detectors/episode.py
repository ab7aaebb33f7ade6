"""Hysteresis: opening is hard, staying is easier, and one wave is one episode."""

from __future__ import annotations

from daemon.model import Severity
from detectors.base import State

REOPEN = 120  # minutes after its end in which the same wave may come back


class Episode:
    """From the step that alerted until nothing has sustained it for ``patience`` minutes.

    >>> episode = Episode(patience=30, step=1)
    >>> episode.see(100, alerting=True, sustained=True, severity=Severity.MINOR)
    >>> episode.see(129, alerting=False, sustained=False, severity=Severity.MINOR)
    >>> episode.since
    100
    >>> episode.see(131, alerting=False, sustained=False, severity=Severity.MINOR)
    >>> episode.since is None
    True
    >>> episode.see(150, alerting=True, sustained=True, severity=Severity.MINOR)
    >>> episode.since
    100
    """

    def __init__(self, patience: float, step: int) -> None:
        self.patience = patience
        self.step = step
        self.since: int | None = None  # step that alerted first
        self.onset: int | None = None
        self.severity = Severity.MINOR  # the worst so far
        self._last = 0  # step that last sustained it
        self._before: list[int] | None = None  # since, onset, severity's rank and end of the one before

    def see(self, step: int, *, alerting: bool, sustained: bool, severity: Severity) -> None:
        """The newest step looks like this; may be called again while the step fills."""
        if self.since is None:
            if not alerting:
                return
            before = self._before
            if before is not None and (step - before[3]) * self.step <= REOPEN:
                self.since, self.onset = before[0], before[1]
                self.severity = list(Severity)[before[2]]
            else:
                self.since, self.onset, self.severity = step, None, severity
            self._before = None
            self._last = step
        if alerting or sustained:
            self._last = max(step, self._last)
            if severity.rank > self.severity.rank:
                self.severity = severity
        elif (step - self._last) * self.step > self.patience:
            self._before = [self.since, self.since if self.onset is None else self.onset, self.severity.rank, step]
            self.since = self.onset = None

    def dump(self) -> State:
        """What goes on, and what was last."""
        return [self.since, self.onset, self.severity.rank, self._last, self._before]

    def restore(self, state: State) -> Episode:
        """Take over what `dump` gave."""
        self.since, self.onset, rank, self._last, self._before = state
        self.severity = list(Severity)[rank]
        return self
