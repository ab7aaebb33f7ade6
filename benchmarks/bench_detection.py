"""How soon and how surely crises are noticed, beside detectors that others use.

    PYTHONPATH=. python benchmarks/bench_detection.py [BRANDS]

Simulated brands (tests/simulation), half of them with a calm life only. Every other detector gets
the threshold at which it keeps the promise of four false alerts a year on the calm half; ours keeps
its own setting. Others see quarters of an hour, for minutes only make them worse.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import river.anomaly
import river.preprocessing
import river.time_series

from daemon.model import Tick
from detectors.backtest import Backtest
from tests.simulation.simulator import Brand

Scores = npt.NDArray[np.float64]

anomaly: Any = river.anomaly  # partly untyped
preprocessing: Any = river.preprocessing
time_series: Any = river.time_series

QUARTER = 15  # minutes
PER_DAY = 1440 // QUARTER
DAYS, WARM = 30, 7
PROMISE = 4.0  # false alerts a year
KINDS = ("outage", "video", "boycott", "waves")


class Result(NamedTuple):
    """What one detector made of the brands."""

    name: str
    recall: float
    delay: float
    false_per_year: float
    microseconds: float


def brands(count: int) -> tuple[list[Brand], list[Brand]]:
    """Calm ones, and as many with four crises each; of all sizes."""
    rng = np.random.default_rng(1)
    rates = 10 ** np.linspace(-1.5, 2.0, count)
    calm = [Brand(seed=500 + place, rate=float(rate), days=DAYS) for place, rate in enumerate(rates)]
    struck = [Brand(seed=900 + place, rate=float(rate), days=DAYS) for place, rate in enumerate(rates)]
    for brand in struck:
        for place, kind in enumerate(KINDS):
            onset = (9 + 5 * place) * 1440 + int(rng.integers(0, 1440))
            brand.crisis(kind, onset, size=float(rng.uniform(6, 12)) + 0.25 / brand.rate)
    return calm, struck


def quarters(brand: Brand) -> Scores:
    """Negative authors by quarter of an hour."""
    return np.asarray(brand.negative.reshape(-1, QUARTER).sum(axis=1), dtype=np.float64)


# ── the others ───────────────────────────────────────────────────────────────


def gaussian(counts: Scores) -> Scores:
    """River's GaussianScorer over one week; its tail in nats."""
    scorer = anomaly.GaussianScorer(window_size=7 * PER_DAY)
    found = []
    for count in counts:
        above = scorer.gaussian.n_samples > PER_DAY and count > scorer.gaussian.mu
        found.append(-math.log(max(1 - scorer.score_one(None, count), 1e-300)) if above else 0.0)
        scorer.learn_one(None, count + 1e-6 * len(found))  # a window of equal values has no deviation
    return np.array(found)


def trees(counts: Scores) -> Scores:
    """River's HalfSpaceTrees on the count, its last and the hour."""
    scaler = preprocessing.MinMaxScaler()
    forest = anomaly.HalfSpaceTrees(seed=1, window_size=7 * PER_DAY, n_trees=15, height=6)
    found, last = [], 0.0
    for place, count in enumerate(counts):
        x = {"count": math.log1p(count), "last": math.log1p(last), "hour": place % PER_DAY / PER_DAY}
        scaler.learn_one(x)
        scaled = scaler.transform_one(x)
        found.append(forest.score_one(scaled))
        forest.learn_one(scaled)
        last = count
    return np.array(found)


def predictive(forecaster: Callable[[], Any]) -> Callable[[Scores], Scores]:
    """River's PredictiveAnomalyDetection, on the square root of the count."""

    def _scores(counts: Scores) -> Scores:
        detector = anomaly.PredictiveAnomalyDetection(forecaster(), horizon=1, n_std=50.0, warmup_period=PER_DAY)
        found = []
        for place, count in enumerate(np.sqrt(counts)):
            ready = place > 2 * PER_DAY  # before, some cannot tell a forecast
            found.append(detector.score_one(None, float(count)) if ready else 0.0)
            detector.learn_one(None, float(count))
        clean: Scores = np.nan_to_num(np.array(found, dtype=np.float64), posinf=0.0)
        return clean

    return _scores


def ears(counts: Scores) -> Scores:
    """EARS C2 (Hutwagner et al. 2003): the same quarter of seven days, the last two left out."""
    found = np.zeros(len(counts))
    for place in range(9 * PER_DAY, len(counts)):
        past = counts[place - 9 * PER_DAY : place - 2 * PER_DAY : PER_DAY]
        found[place] = (counts[place] - past.mean()) / max(past.std(ddof=1), 0.5)
    return found


def farrington(counts: Scores) -> Scores:
    """After Farrington et al. 1996: quasi-Poisson around this time of the week before, two-thirds power."""
    found = np.zeros(len(counts))
    for place in range(7 * PER_DAY, len(counts)):
        weeks = [place - week * 7 * PER_DAY for week in (1, 2, 3, 4) if place >= week * 7 * PER_DAY + 4]
        past = np.concatenate([counts[at - 4 : at + 5] for at in weeks]) if weeks else counts[:1]
        mean = max(float(past.mean()), 0.1)
        spread = max(float(past.var()) / mean, 1.0)
        deviation = math.sqrt(4 / 9 * mean ** (1 / 3) * (spread + spread / len(past)))
        found[place] = (counts[place] ** (2 / 3) - mean ** (2 / 3)) / deviation
    return found


OTHERS: dict[str, Callable[[Scores], Scores]] = {
    "EARS C2": ears,
    "Farrington-like": farrington,
    "river GaussianScorer": gaussian,
    "river HalfSpaceTrees": trees,
    "river PredictiveAnomalyDetection, SNARIMAX": predictive(
        lambda: time_series.SNARIMAX(p=4, d=0, q=2, m=PER_DAY, sp=1, sq=1)
    ),
    "river PredictiveAnomalyDetection, HoltWinters": predictive(
        lambda: time_series.HoltWinters(alpha=0.3, beta=0.01, gamma=0.2, seasonality=PER_DAY)
    ),
}


# ── judging ──────────────────────────────────────────────────────────────────


def openings(scores: Scores, threshold: float) -> list[int]:
    """Minutes at which an alert opens: an hour of quiet ends one."""
    found, last = [], -(10**9)
    for place in np.flatnonzero(scores >= threshold).tolist():
        if (place - last) * QUARTER > 60:
            found.append((place + 1) * QUARTER - 1)
        last = place
    return found


def threshold(calm: list[Scores], years: float) -> float:
    """The lowest at which the calm brands break no promise."""
    ranked = np.sort(np.unique(np.concatenate([scores[WARM * PER_DAY :] for scores in calm])))
    low, high = 0, len(ranked) - 1
    while low < high:
        middle = (low + high) // 2
        count = sum(sum(at >= WARM * 1440 for at in openings(scores, ranked[middle])) for scores in calm)
        low, high = (low, middle) if count <= PROMISE * years else (middle + 1, high)
    return float(ranked[low]) + 1e-12


def judge(name: str, struck: list[Brand], found: list[list[int]], cost: float) -> Result:
    """Recall, median delay and false alerts after the first week."""
    delays, crises, false = [], 0, 0
    for brand, alerts in zip(struck, found, strict=True):
        late = [at for at in alerts if at >= WARM * 1440]
        for crisis in brand.crises:
            hits = [at for at in late if crisis.onset <= at < crisis.end + 60]
            crises += 1
            delays += [min(hits) - crisis.onset + 1] if hits else []
        false += sum(not any(c.onset <= at < c.end + 60 for c in brand.crises) for at in late)
    years = len(struck) * (DAYS - WARM) / 365.25
    return Result(name, len(delays) / crises, median(delays) if delays else math.nan, false / years, cost)


def ours(life: list[Tick]) -> list[int]:
    """Openings of the live detectors at their own setting."""
    backtest = Backtest(rates=(PROMISE,))
    for tick in life:
        backtest.row(tick, tick.at)
    return [int((alert.opened_at - life[0].at).total_seconds()) // 60 for alert in backtest.alerts]


def main(count: int) -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    calm, struck = brands(count)
    years = count * (DAYS - WARM) / 365.25
    results = []
    lives = [list(brand.ticks()) for brand in struck]
    began = time.process_time()
    found = [ours(life) for life in lives]
    cost = (time.process_time() - began) / (count * DAYS * 1440) * 1e6
    results.append(judge("Tocsin at its own setting", struck, found, cost))
    for name, scores in OTHERS.items():
        began = time.process_time()
        by_brand = [scores(quarters(brand)) for brand in struck]
        cost = (time.process_time() - began) / (count * DAYS * PER_DAY) * 1e6
        bar = threshold([scores(quarters(brand)) for brand in calm], years)
        results.append(judge(name, struck, [openings(each, bar) for each in by_brand], cost))
    print("| detector | recall | median delay, min | false alerts a year | µs a step |")
    print("|---|---|---|---|---|")
    for each in results:
        print(
            f"| {each.name} | {each.recall:.2f} | {each.delay:.0f} | {each.false_per_year:.1f}"
            f" | {each.microseconds:.0f} |"
        )
    quiet = sum(len([at for at in ours(list(brand.ticks())) if at >= WARM * 1440]) for brand in calm)
    print(f"\nTocsin on the calm brands: {quiet / years:.1f} false alerts a year where {PROMISE:g} are promised.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
