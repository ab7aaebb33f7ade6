"""One wave is one episode: when it opens, how long it lasts, and whether it comes back."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import Severity
from detectors.episode import REOPEN, Episode


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the newest step."""

    after: int  # steps since the last look
    alerting: bool
    sustained: bool
    severity: Severity


LOOKS = st.lists(
    st.builds(
        Look,
        after=st.one_of(st.integers(0, 5), st.integers(20, 40), st.integers(100, 200)),
        alerting=st.booleans(),
        sustained=st.booleans(),
        severity=st.sampled_from(list(Severity)),
    ),
    max_size=40,
)
PATIENCE = st.sampled_from([0, 10, 30])
STEP = st.sampled_from([1, 5])


def told(episode: Episode) -> tuple[int | None, Severity]:
    return episode.since, episode.severity


@given(LOOKS, PATIENCE, STEP)
def test_nothing_opens_without_an_alert_and_nothing_ends_while_it_is_sustained(
    looks: list[Look], patience: int, step: int
) -> None:
    episode, now, last = Episode(patience, step), 0, 0
    for look in looks:
        now += look.after
        was = episode.since
        episode.see(now, alerting=look.alerting, sustained=look.sustained, severity=look.severity)
        if look.alerting or (was is not None and look.sustained):
            last = now
        if was is None:
            assert (episode.since is not None) == look.alerting
        else:
            assert (episode.since is not None) == ((now - last) * step <= patience)


@given(LOOKS, PATIENCE, STEP)
def test_a_wave_that_comes_back_soon_is_the_same_and_later_another(looks: list[Look], patience: int, step: int) -> None:
    episode, now, before, ended = Episode(patience, step), 0, None, 0
    for look in looks:
        now += look.after
        was = episode.since
        episode.see(now, alerting=look.alerting, sustained=look.sustained, severity=look.severity)
        if was is not None and episode.since is None:
            before, ended = was, now
        elif was is None and episode.since is not None:
            soon = before is not None and (now - ended) * step <= REOPEN
            assert episode.since == (before if soon else now)


@given(LOOKS, PATIENCE, STEP)
def test_severity_never_falls_within_an_episode(looks: list[Look], patience: int, step: int) -> None:
    episode, now = Episode(patience, step), 0
    for look in looks:
        now += look.after
        was = told(episode)
        episode.see(now, alerting=look.alerting, sustained=look.sustained, severity=look.severity)
        if was[0] is not None and episode.since == was[0]:
            assert episode.severity.rank >= was[1].rank


@given(LOOKS, LOOKS, PATIENCE, STEP)
def test_what_was_kept_goes_on_as_if_nothing_had_happened(
    first: list[Look], second: list[Look], patience: int, step: int
) -> None:
    episode, now = Episode(patience, step), 0
    for look in first:
        now += look.after
        episode.see(now, alerting=look.alerting, sustained=look.sustained, severity=look.severity)
    again = Episode(patience, step).restore(msgspec.json.decode(msgspec.json.encode(episode.dump())))
    for look in second:
        now += look.after
        for each in (episode, again):
            each.see(now, alerting=look.alerting, sustained=look.sustained, severity=look.severity)
        assert told(again) == told(episode)
        assert again.onset == episode.onset
