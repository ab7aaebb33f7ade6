"""Surge: more negative authors than the brand's own rhythm explains."""

from __future__ import annotations

import math

from daemon.model import Tick
from detectors.base import Detector, State, step_of
from detectors.baseline import AT_LARGE, DAY, Baseline
from detectors.block import Block
from detectors.calendar import Calendar
from detectors.calibration import Tail
from detectors.dispersion import Dispersion
from detectors.evidence import NOTHING, RATIO, SLACK, Evidence, activity, shift, weigh
from detectors.prior import Known, Rhythm
from detectors.quarantine import STRANGE, Quarantine

WINDOWS = (1, 3, 8, 20, 60, 120, 240)  # minutes
LOCAL = 60  # minutes: longer windows are held against the season alone
RING = 256  # steps kept: more than the longest window
MASK = RING - 1
LEAST = 4  # negative authors
GATE = 4.0  # times the evidence of the share, beyond which a surge is not believed
BUSY = 2.0  # times the usual number of others
BLOCK = 10  # minutes learned together
LOCAL_HALF_LIFE = 90.0  # minutes
LOWEST, HIGHEST = 0.6, 3.0  # that level may be, in times the season's
LEAST_SHARE, ALL_NEGATIVE = 1e-6, 0.8  # negative share at or above which the few others tell nothing
LEARNED = 60  # minutes, before which volume alone says nothing
CLEAR = 1.5  # times the expected: what goes on began where it is clearly more
YOUNG, YOUTH = 1.0, 0.6  # spread and doubt of a brand in its first days: its season is not known yet
GAP = 5  # unknown minutes after which a backlog may come at once


class Surge(Detector):
    """Negative-binomial scan of several windows against the brand's own rhythm, in nats.

    For a window with N negative authors where M were expected, the evidence is the logarithm of
    the likelihood ratio between "the mean is N" and "the mean is M" under a negative binomial of
    size r, N ln(N/M) - (N + r) ln((N + r)/(M + r)); for r without bound it is the Poisson scan
    statistic (Kulldorff 1997). Each window is held against the season and against the level of
    the last hours. Where all authors are known, the evidence is no more than three times that of
    the negative share (binomial likelihood ratio, overdispersed), so praise gone viral is none.

    >>> from datetime import UTC, datetime, timedelta
    >>> surge = Surge()
    >>> start = datetime(2026, 1, 5, tzinfo=UTC)
    >>> for minute in range(3 * 1440):
    ...     quiet = Tick(at=start + timedelta(minutes=minute), authors=4, negative_authors=int(minute % 2 == 0))
    ...     surge.learn_one(quiet)
    >>> after = start + timedelta(days=3)
    >>> surge.score_one(Tick(at=after, authors=5, negative_authors=2))
    0.0
    >>> surge.score_one(Tick(at=after, authors=20, negative_authors=16)) > 10
    True
    """

    def __init__(self, timezone: str = "UTC", step: int = 1, country: str = "", prior: Rhythm = AT_LARGE) -> None:
        self.calendar = Calendar(timezone, country)
        self.step = step
        self._windows = tuple(sorted({max(1, round(window / step)) for window in WINDOWS}))
        self._block_steps = max(1, BLOCK // step)
        self.baseline = Baseline(prior)
        self.tail = Tail()
        self._season = Dispersion(self._windows, step, prior=0.08)
        self._near = Dispersion(tuple(w for w in self._windows if w * step <= LOCAL or w == 1), step, prior=0.06)
        self._mix = Dispersion(self._windows, step, prior=0.03)
        self._next: int | None = None  # the step that is still filling
        self.known = 0.0  # minutes ever known
        self._age = 0.0  # days known when the present block began
        self._gap = 0.0  # unknown minutes just before the next step
        self._unsure = 0  # steps after a gap that teach nothing
        self._calm = True  # there was no evidence in the step before
        self._negative = [0] * RING  # sums of all steps before
        self._total = [0] * RING
        self._expected = [0.0] * RING
        self._level = [1.0] * RING  # of the last hours, against the season
        self._local_seen = self._local_due = 0.0
        self._late: dict[int, tuple[int, int]] = {}  # came too late for the windows; learned all the same
        self._waiting = Quarantine(float(self._block_steps * step))
        self._block = Block(0)
        self._local_fade = 0.5 ** (step / LOCAL_HALF_LIFE)
        self._cache: tuple[int, float, float] | None = None  # block, mean at its start and slope
        self._bounds: list[
            tuple[int, float, float, float]
        ] = []  # window; sizes against season and level, spread of the mix
        self._last: tuple[tuple[int, int, int, bool], Evidence] | None = None

    def learned(self) -> Known:
        """What the brand's rhythm is, for those of whom less is known."""
        return Known(self.baseline.rhythm(), self.known / (7 * DAY))

    # ── what is expected ─────────────────────────────────────────────────────

    def mean(self, step: int) -> float:
        """Expected negative authors in a step."""
        number = step // self._block_steps
        if self._cache is None or self._cache[0] != number:
            seconds = self._block_steps * self.step * 60
            first = self.baseline.mean(self.calendar.minute(number * seconds))
            last = self.baseline.mean(self.calendar.minute((number + 1) * seconds))
            self._cache = (number, first * self.step, (last - first) * self.step / self._block_steps)
            self._sizes()
        _, first, slope = self._cache
        return first + slope * (step % self._block_steps + 0.5)

    def _sizes(self) -> None:
        days = self._age
        spread = YOUNG / (1 + days) ** 2.5 + 1 / self.baseline.count
        self._youth = 1 + YOUTH * math.exp(-days / 3)
        near, mix = self._near.values(), self._mix.values()
        self._bounds = [
            (
                window,
                1 / (phi + spread),
                1 / (near[place] + spread) if place < len(near) else 0.0,
                mix[place] + 1 / (self.baseline.all + 1),
            )
            for place, (window, phi) in enumerate(zip(self._windows, self._season.values(), strict=True))
        ]
        share = self.baseline.share()
        self._mixed = share < ALL_NEGATIVE
        self._odds = 1 / min(max(share, LEAST_SHARE), ALL_NEGATIVE) - 1

    # ── evidence ─────────────────────────────────────────────────────────────

    def score_one(self, x: Tick) -> float:
        """Nats of evidence for a surge with ``x`` as the newest step."""
        return self.evidence(x).nats

    def evidence(self, x: Tick) -> Evidence:
        """The strongest window that ends with ``x``."""
        return self.at(step_of(x.at, self.step), x)

    def at(self, step: int, x: Tick) -> Evidence:
        """The strongest window that ends with ``x``, whose step is known."""
        key = (step, x.negative_authors, x.authors, x.covered)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._scan(step, x))
        return self._last[1]

    def _scan(self, step: int, x: Tick) -> Evidence:
        if self._calm and not x.negative_authors and step == self._next:
            return NOTHING  # as most minutes: nothing was unusual, and nobody has complained since
        closed = step if self._next is None or self._next > step else self._next
        here = closed & MASK
        negative, total, expected = self._negative[here], self._total[here], self._expected[here]
        mean = self.mean(step)
        if x.covered:
            negative += x.negative_authors
            total += x.authors
            expected += mean * self._backlog(step)
        counts, levels = self._negative, self._level
        longest = step - self._windows[-1] + 1
        if negative - counts[min(longest, closed) & MASK] < LEAST:
            return NOTHING
        odds, mixed = self._odds, self._mixed
        best, found = 0.0, NOTHING
        for window, season_size, near_size, share_spread in self._bounds:
            begin = step - window + 1
            begin = (begin if begin < closed else closed) & MASK  # noqa: FURB136 - min() takes twice as long
            count = negative - counts[begin]
            if count < LEAST:
                continue
            usual = expected - self._expected[begin]
            others = total - self._total[begin] - count if mixed else -1
            level = levels[begin] if near_size else 1.0
            least = usual * level if level < 1 else usual
            if 0 <= others < least * odds:
                least = others / odds
            if count < RATIO * (least + SLACK) or (others < 0 and self.known < LEARNED):
                continue  # as most windows: no weighing of season and activity could make it enough
            for prior, due in ((season_size, usual), (near_size, usual * level)):
                nats, due_now = weigh(count, due, prior, others, odds, share_spread)
                if nats > best and others >= 0:
                    nats = min(nats, GATE * shift(count, others, odds))
                if nats > best:
                    best, found = nats, Evidence(nats, window, count, due_now)
        return found._replace(nats=best / self._youth) if best else NOTHING

    def _backlog(self, step: int) -> float:
        gap = self._gap
        if self._next is not None and step > self._next:
            gap += (step - self._next) * self.step
        return 1 + min(gap, 20.0) / self.step if gap >= GAP else 1.0

    # ── learning ─────────────────────────────────────────────────────────────

    def learn_one(self, x: Tick) -> None:
        """Close the step of ``x``; steps left out since the last are unknown."""
        self.learn_at(step_of(x.at, self.step), x)

    def learn_at(self, step: int, x: Tick) -> None:
        """Close ``x``, whose step is known."""
        if self._next is None:
            self._next = step
            self._block = Block(step // self._block_steps)
        if step < self._next:
            self.amend_one(x)
            return
        for missing in range(max(self._next, step - RING), step):
            self._close(missing, None, 0.0)
        self._close(step, x, self.at(step, x).nats)

    def _close(self, step: int, x: Tick | None, nats: float) -> None:
        mean = self.mean(step)
        backlog = self._backlog(step)
        here, after = step & MASK, (step + 1) & MASK
        negative, total, expected = self._negative[here], self._total[here], self._expected[here]
        block = self._block
        if x is None or not x.covered:
            self._gap += self.step
        else:
            expected += mean * backlog
            negative += x.negative_authors
            total += x.authors
            if self._gap >= GAP:
                self._unsure = 2
            self._gap = 0.0
            self.known += self.step
            if self._unsure:
                self._unsure -= 1
            else:
                block.negative += x.negative_authors + x.late_negative_authors
                block.total += x.authors + x.late_authors
                block.known += self.step
                self._local_seen = self._local_seen * self._local_fade + x.negative_authors
                self._local_due = self._local_due * self._local_fade + mean
        self._negative[after] = negative
        self._total[after] = total
        self._expected[after] = expected
        if x is not None and x.late_authors:
            self._late[step] = (x.late_negative_authors, x.late_authors)
        level = (self._local_seen + 8) / (self._local_due + 8)
        self._level[after] = min(max(level, LOWEST), HIGHEST)
        self._calm = not nats
        block.peak = max(block.peak, nats)
        self._next = step + 1
        if (step + 1) // self._block_steps != block.number:
            self._close_block(step + 1)

    def _close_block(self, step: int) -> None:
        block, self._block = self._block, Block(step // self._block_steps)
        self._waiting.add(block)
        if block.negative:
            self.tail.alone = not (block.total and self._mixed)
        self.tail.learn(block.peak, block.known, block.number * self._block_steps * self.step)
        reach = self._windows[-1] // self._block_steps
        if block.known and self.known > 2 * DAY and self._waiting.peak(reach + 1) < STRANGE:
            self._disperse(step)
        for released in self._waiting.release(block.number, self.known):
            self._learn(*released)
        if self._late:
            self._late = {late: counts for late, counts in self._late.items() if late > step - RING}
        self._age = self.known / DAY
        self._cache = self._last = None

    def _disperse(self, step: int) -> None:
        here, number = step & MASK, step // self._block_steps
        for place, (window, size, near, mix) in enumerate(self._bounds):
            every = max(1, window // (2 * self._block_steps))
            if number % every:
                continue  # a window that hardly moved has little to teach
            begin = (step - window) & MASK
            count = self._negative[here] - self._negative[begin]
            due = self._expected[here] - self._expected[begin]
            others = self._total[here] - self._total[begin] - count if self._mixed else -1
            self._season.learn(place, count, due, every)
            if near:
                self._near.learn(place, count, due * self._level[begin], every)
            if others >= 0:
                busy, shape = activity(others, self._odds * due, size, mix)
                if busy < BUSY:  # praise gone viral says nothing of the ordinary mix
                    self._mix.learn(place, count, due * busy, every, 1 / shape)

    def _learn(self, block: Block, weight: float) -> None:
        days = self.known / DAY
        seconds = self._block_steps * self.step * 60
        minute = self.calendar.minute(block.number * seconds + seconds // 2)
        mean = self.baseline.mean(minute) * block.known
        spread = self._season.value(0) + YOUNG / (1 + days) ** 2.5 + 1 / self.baseline.count
        most = mean + 3.5 * math.sqrt(mean + spread * mean * mean) + 1
        part = min(1.0, most / block.negative) if block.negative else 1.0
        others, usual = block.total - block.negative, self._odds * mean
        total = 0.0 if others > BUSY * usual + 3 * math.sqrt(usual) + 5 and days > 1 else block.total
        self.baseline.learn(minute, block.negative * part, total * part, block.known, weight)

    def counted(self, step: int) -> tuple[int, int] | None:
        """Negative and all authors of a past step; None where it was unknown, or is before the longest window."""
        if self._next is None or not self._next - RING < step < self._next:
            return None
        here, after = step & MASK, (step + 1) & MASK
        if self._expected[here] == self._expected[after]:
            return None
        return self._negative[after] - self._negative[here], self._total[after] - self._total[here]

    def amend_one(self, x: Tick) -> None:
        """Replace the counts of a past step while it is still in the longest window; what was unknown stays so."""
        step = step_of(x.at, self.step)
        counted = self.counted(step)
        if self._next is None or counted is None:
            return
        negative, total = x.negative_authors - counted[0], x.authors - counted[1]
        for later in range(step + 1, self._next + 1):
            self._negative[later & MASK] += negative
            self._total[later & MASK] += total
        late = (x.late_negative_authors, x.late_authors)
        before = self._late.get(step, (0, 0))
        if late != before:
            self._late[step] = late
        for block in (*self._waiting.waiting, self._block):
            if block.number == step // self._block_steps:
                block.negative += negative + late[0] - before[0]
                block.total += total + late[1] - before[1]
        self._last, self._calm = None, False

    # ── what happened when ───────────────────────────────────────────────────

    def onset(self, step: int, x: Tick) -> int:
        """The step at which what goes on most likely began: the start that explains it best."""
        closed = step if self._next is None else min(self._next, step)
        here = closed & MASK
        negative = self._negative[here] + (x.negative_authors if x.covered else 0)
        expected = self._expected[here] + (self.mean(step) if x.covered else 0.0)
        best, found = 0.0, step
        for begin in range(step, max(step - self._windows[-1], closed - RING + 1), -1):
            place = min(begin, closed) & MASK
            count = negative - self._negative[place]
            due = CLEAR * (expected - self._expected[place]) + 0.5
            if count > due:
                nats = count * math.log(count / due) - (count - due)
                if nats > best:
                    best, found = nats, begin
        return found

    def within(self, step: int, x: Tick, window: int) -> tuple[int, float]:
        """Observed and expected negative authors in the last ``window`` steps."""
        closed = step if self._next is None else min(self._next, step)
        here, begin = closed & MASK, min(step - window + 1, closed) & MASK
        count = self._negative[here] - self._negative[begin]
        due = self._expected[here] - self._expected[begin]
        return (count + x.negative_authors, due + self.mean(step)) if x.covered else (count, due)

    def usual(self, step: int, steps: int) -> tuple[float, float, float]:
        """Mean, low and high of the negative authors of ``steps`` from ``step``: 95 in 100 lie between."""
        kept = self._cache, self._bounds
        mean = sum(self.mean(step + ahead) for ahead in range(steps))
        self._cache, self._bounds = kept
        return (mean, *self.band(mean, steps))

    def band(self, mean: float, steps: int) -> tuple[float, float]:
        """Low and high of a count over ``steps`` whose expectation is ``mean``: 95 in 100 lie between."""
        near = min(range(len(self._windows)), key=lambda place: abs(self._windows[place] - steps))
        spread = math.sqrt(mean + self._season.value(near) * mean * mean)
        return (max(0.0, mean - 2 * spread), mean + 2 * spread + 1)

    # ── state ────────────────────────────────────────────────────────────────

    def dump(self) -> State:
        """All that was learned, and the windows."""
        return [
            self.calendar.dump(), self.step, self._next, self.known, self._gap, self._unsure, self._calm,
            self._local_seen, self._local_due, self._age,
            self._negative, self._total, self._expected, self._level, self._waiting.dump(), self._block.dump(),
            self.baseline.dump(), self.tail.dump(), self._season.dump(), self._near.dump(),
            self._mix.dump(), [[late, *counts] for late, counts in self._late.items()],
        ]  # fmt: skip

    def restore(self, state: State, timezone: str | None = None, country: str | None = None) -> Surge:
        """Take over what `dump` gave; ``timezone``, ``country``: where the brand has moved."""
        self.__init__(timezone or state[0][0], state[1], state[0][1] if country is None else country)  # type: ignore[misc]
        self._next, self.known, self._gap, self._unsure, self._calm = state[2:7]
        self._local_seen, self._local_due, self._age = state[7:10]
        self._negative, self._total, self._expected, self._level = (list(part) for part in state[10:14])
        self._waiting.restore(state[14])
        self._block = Block.restored(state[15])
        self.baseline.restore(state[16])
        self.tail.restore(state[17])
        for spread, dumped in zip((self._season, self._near, self._mix), state[18:21], strict=True):
            spread.restore(dumped)
        self._late = {late: (negative, total) for late, negative, total in state[21]}
        return self
