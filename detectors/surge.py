"""Surge: more negative authors than the brand's own rhythm explains."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.model import Tick
from detectors.base import Detector, State, step_of
from detectors.baseline import DAY, WEEK, Baseline
from detectors.block import Block
from detectors.calibration import Tail
from detectors.dispersion import Dispersion
from detectors.evidence import NOTHING, RATIO, SLACK, Evidence, activity, shift, weigh

WINDOWS = (1, 3, 8, 20, 60, 120, 240)  # minutes
LOCAL = 60  # minutes: longer windows are held against the season alone
RING = 256  # steps kept: more than the longest window
LEAST = 4  # negative authors
GATE = 4.0  # times the evidence of the share, beyond which a surge is not believed
BUSY = 2.0  # times the usual number of others
BLOCK = 10  # minutes learned together
QUARANTINE = 600  # minutes a block waits before it is learned
LOCAL_HALF_LIFE = 90.0  # minutes
LOWEST, HIGHEST = 0.6, 3.0  # that level may be, in times the season's
ORDINARY, STRANGE = 5.0, 11.0  # nats: learned in full below, not at all above
LEARNED = 60  # minutes, before which volume alone says nothing
CLEAR = 1.5  # times the expected: what goes on began where it is clearly more
GAP = 5  # unknown minutes after which a backlog may come at once


class Surge(Detector):
    """Negative-binomial scan of several windows against the brand's own rhythm, in nats.

    For a window with N negative authors where M were expected, the evidence is the logarithm of
    the likelihood ratio between "the mean is N" and "the mean is M" under a negative binomial of
    size r, N ln(N/M) - (N + r) ln((N + r)/(M + r)); for r without bound it is the Poisson scan
    statistic (Kulldorff 1997). Each window is held against the season and against the level of
    the last hours. Where all authors are known, the evidence is no more than three times that of
    the negative share (binomial likelihood ratio, overdispersed), so praise gone viral is none.

    >>> from datetime import UTC, timedelta
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

    def __init__(self, timezone: str = "UTC", step: int = 1) -> None:
        self.timezone = timezone
        self.step = step
        self._zone = ZoneInfo(timezone)
        self._windows = tuple(sorted({max(1, round(window / step)) for window in WINDOWS}))
        self._block_steps = max(1, BLOCK // step)
        self.baseline = Baseline()
        self.tail = Tail()
        self._season = Dispersion(self._windows, step, prior=0.08)
        self._near = Dispersion(tuple(w for w in self._windows if w * step <= LOCAL or w == 1), step, prior=0.06)
        self._mix = Dispersion(self._windows, step, prior=0.03)
        self._next: int | None = None  # the step that is still filling
        self.known = 0.0  # minutes ever known
        self._age = 0.0  # days known when the present block began
        self._gap = 0.0  # unknown minutes just before the next step
        self._unsure = 0  # steps after a gap that teach nothing
        self._high = 0.0  # minutes for which the evidence has been high
        self._negative = [0] * RING  # sums of all steps before
        self._total = [0] * RING
        self._expected = [0.0] * RING
        self._level = [1.0] * RING  # of the last hours, against the season
        self._local_seen = self._local_due = 0.0
        self._past = [0.0, 0.0]  # evidence of the two blocks learned last
        self._late: dict[int, tuple[int, int]] = {}  # came too late for the windows; learned all the same
        self._waiting: list[Block] = []
        self._block = Block(0)
        self._cache: tuple[int, float, float] | None = None  # block, mean at its start and slope
        self._bounds: list[
            tuple[int, float, float, float]
        ] = []  # window; sizes against season and level, spread of the mix
        self._last: tuple[tuple[int, int, int, bool], Evidence] | None = None

    # ── what is expected ─────────────────────────────────────────────────────

    def minute_of_week(self, step: int) -> float:
        """Minutes since Monday 00:00 in the brand's own time."""
        local = datetime.fromtimestamp(step * self.step * 60, self._zone)
        return local.weekday() * DAY + local.hour * 60 + local.minute

    def mean(self, step: int) -> float:
        """Expected negative authors in a step."""
        number = step // self._block_steps
        if self._cache is None or self._cache[0] != number:
            begin = self.minute_of_week(number * self._block_steps)
            length = self._block_steps * self.step
            first = self.baseline.mean(begin)
            last = self.baseline.mean((begin + length) % WEEK)
            self._cache = (number, first * self.step, (last - first) * self.step / self._block_steps)
            self._sizes()
        _, first, slope = self._cache
        return first + slope * (step % self._block_steps + 0.5)

    def _sizes(self) -> None:
        days = self._age
        spread = 2.5 / (1 + days) ** 2.5 + 1 / self.baseline.count
        self._youth = 1 + 0.6 * math.exp(-days / 3)
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
        self._odds = (1 - share) / share

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
        closed = step if self._next is None else min(self._next, step)
        here = closed & (RING - 1)
        mean = self.mean(step)
        negative, total, expected = self._negative[here], self._total[here], self._expected[here]
        if x.covered:
            negative += x.negative_authors
            total += x.authors
            expected += mean * self._backlog(step)
        longest = min(step - self._windows[-1] + 1, closed)
        if negative - self._negative[longest & (RING - 1)] < LEAST:
            return NOTHING
        begun = self.known >= LEARNED
        odds = self._odds
        best, found = 0.0, NOTHING
        for window, season_size, near_size, share_spread in self._bounds:
            begin = min(step - window + 1, closed) & (RING - 1)
            count = negative - self._negative[begin]
            if count < LEAST:
                continue
            mean = expected - self._expected[begin]
            others = total - self._total[begin] - count
            if others < 0 and not begun:
                continue
            level = self._level[begin] if near_size else 1.0
            least = mean * level if level < 1 else mean
            if 0 <= others < least * odds:
                least = others / odds
            if count < RATIO * (least + SLACK):
                continue  # as most minutes: no weighing of season and activity could make it enough
            for prior, usual in ((season_size, mean), (near_size, mean * level)):
                nats, due = weigh(count, usual, prior, others, odds, share_spread)
                if nats > best and others >= 0:
                    nats = min(nats, GATE * shift(count, others, odds))
                if nats > best:
                    best, found = nats, Evidence(nats, window, count, due)
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
        here, after = step & (RING - 1), (step + 1) & (RING - 1)
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
                fade = 0.5 ** (self.step / LOCAL_HALF_LIFE)
                self._local_seen = self._local_seen * fade + x.negative_authors
                self._local_due = self._local_due * fade + mean
        self._negative[after], self._total[after], self._expected[after] = negative, total, expected
        if x is not None and x.late_authors:
            self._late[step] = (x.late_negative_authors, x.late_authors)
        level = (self._local_seen + 8) / (self._local_due + 8)
        self._level[after] = min(max(level, LOWEST), HIGHEST)
        block.peak = max(block.peak, nats)
        self._next = step + 1
        if (step + 1) // self._block_steps != block.number:
            self._close_block(step + 1)

    def _close_block(self, step: int) -> None:
        block, self._block = self._block, Block(step // self._block_steps)
        self._waiting.append(block)
        self.tail.learn(block.peak, block.known)
        length = self._block_steps * self.step
        self._high = self._high + length if block.peak > ORDINARY else max(0.0, self._high - 4 * length)
        reach = self._windows[-1] // self._block_steps
        peak = max(waiting.peak for waiting in self._waiting[-reach - 1 :])
        if block.known and self.known > 2 * DAY and peak < STRANGE:
            self._disperse(step)
        self._release(block.number)
        self._late = {late: counts for late, counts in self._late.items() if late > step - RING}
        self._age = self.known / DAY
        self._cache = self._last = None

    def _disperse(self, step: int) -> None:
        here = step & (RING - 1)
        for place, (window, size, near, mix) in enumerate(self._bounds):
            begin = (step - window) & (RING - 1)
            count = self._negative[here] - self._negative[begin]
            due = self._expected[here] - self._expected[begin]
            others = self._total[here] - self._total[begin] - count
            self._season.learn(place, count, due)
            if near:
                self._near.learn(place, count, due * self._level[begin])
            if others >= 0:
                busy, shape = activity(others, self._odds * due, size, mix)
                if busy < BUSY:  # praise gone viral says nothing of the ordinary mix
                    self._mix.learn(place, count, due * busy, 1 / shape)

    def _release(self, newest: int) -> None:
        length = self._block_steps * self.step
        wait = min(QUARANTINE, self.known / 4) / length
        while self._waiting and newest - self._waiting[0].number >= wait:
            block = self._waiting.pop(0)
            peak = max(block.peak, max((later.peak for later in self._waiting), default=0.0), self._before(block))
            self._learn(block, peak)

    def _before(self, block: Block) -> float:
        """Highest evidence of the twenty minutes before a block that is already learned."""
        peaks = self._past
        value = max(peaks)
        self._past = [*peaks[1:], block.peak]
        return value

    def _learn(self, block: Block, peak: float) -> None:
        if not block.known:
            return
        days = self.known / DAY
        weight = min(max((STRANGE - peak) / (STRANGE - ORDINARY), 0.0), 1.0)
        new_normal = min(max(self._high / 2160 - 1, 0.0), 1.0)
        weight = max(weight, 1 - days / 7, new_normal)
        minute = (self.minute_of_week(block.number * self._block_steps) + self._block_steps * self.step / 2) % WEEK
        mean = self.baseline.mean(minute) * block.known
        spread = self._season.values()[0] + 2.5 / (1 + days) ** 2.5 + 1 / self.baseline.count
        most = mean + 3.5 * math.sqrt(mean + spread * mean * mean) + 1
        part = min(1.0, most / block.negative) if block.negative else 1.0
        others, usual = block.total - block.negative, self._odds * mean
        total = 0.0 if others > BUSY * usual + 3 * math.sqrt(usual) + 5 and days > 1 else block.total
        self.baseline.learn(minute, block.negative * part, total * part, block.known, weight)

    def counted(self, step: int) -> tuple[int, int] | None:
        """Negative and all authors of a past step; None where it was unknown, or is before the longest window."""
        if self._next is None or not self._next - RING < step < self._next:
            return None
        here, after = step & (RING - 1), (step + 1) & (RING - 1)
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
            self._negative[later & (RING - 1)] += negative
            self._total[later & (RING - 1)] += total
        late = (x.late_negative_authors, x.late_authors)
        before = self._late.get(step, (0, 0))
        if late != before:
            self._late[step] = late
        for block in (*self._waiting, self._block):
            if block.number == step // self._block_steps:
                block.negative += negative + late[0] - before[0]
                block.total += total + late[1] - before[1]
        self._last = None

    # ── what happened when ───────────────────────────────────────────────────

    def onset(self, step: int, x: Tick) -> int:
        """The step at which what goes on most likely began: the start that explains it best."""
        closed = step if self._next is None else min(self._next, step)
        here = closed & (RING - 1)
        negative = self._negative[here] + (x.negative_authors if x.covered else 0)
        expected = self._expected[here] + (self.mean(step) if x.covered else 0.0)
        best, found = 0.0, step
        for begin in range(step, max(step - self._windows[-1], closed - RING + 1), -1):
            place = min(begin, closed) & (RING - 1)
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
        here, begin = closed & (RING - 1), min(step - window + 1, closed) & (RING - 1)
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
        spread = math.sqrt(mean + self._season.values()[near] * mean * mean)
        return (max(0.0, mean - 2 * spread), mean + 2 * spread + 1)

    # ── state ────────────────────────────────────────────────────────────────

    def dump(self) -> State:
        """All that was learned, and the windows."""
        return [
            self.timezone, self.step, self._next, self.known, self._gap, self._unsure, self._high,
            self._local_seen, self._local_due, list(self._past), self._age,
            self._negative, self._total, self._expected, self._level,
            [block.dump() for block in (*self._waiting, self._block)],
            self.baseline.dump(), self.tail.dump(), self._season.dump(), self._near.dump(),
            self._mix.dump(), [[late, *counts] for late, counts in self._late.items()],
        ]  # fmt: skip

    def restore(self, state: State, timezone: str | None = None) -> Surge:
        """Take over what `dump` gave; ``timezone``: where the brand has moved to another."""
        self.__init__(timezone or state[0], state[1])  # type: ignore[misc]
        self._next, self.known, self._gap, self._unsure, self._high = state[2:7]
        self._local_seen, self._local_due, past, self._age = state[7:11]
        self._past = list(past)
        self._negative, self._total, self._expected, self._level = (list(part) for part in state[11:15])
        *self._waiting, self._block = (Block.restored(part) for part in state[15])
        self.baseline.restore(state[16])
        self.tail.restore(state[17])
        for spread, dumped in zip((self._season, self._near, self._mix), state[18:21], strict=True):
            spread.restore(dumped)
        self._late = {late: (negative, total) for late, negative, total in state[21]}
        return self
