"""Whether the promise of the one setting holds, and what is seen within it.

    PYTHONPATH=. python benchmarks/bench_promise.py [BRANDS [SEED]]

Simulated brands (tests/simulation), whose noise is not the detectors' own model and on which
nothing was tuned. Alerts of the first week do not count.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from statistics import median

import numpy as np
from holidays import country_holidays
from msgspec.structs import replace

from daemon.model import Tick
from detectors.backtest import Alert, Backtest
from tests.simulation.simulator import START, Brand, Crisis

RATES = (4.0, 1.0, 12.0)  # the default first
SIZES = {"up to 3 an hour": 0.05, "to 60 an hour": 1.0, "more": math.inf}  # of complaints: less than so many a minute
WEEK, YEAR = 7 * 1440, 365.25 * 1440  # minutes
MIX = (0.45, 0.25, 0.15, 0.08, 0.04, 0.03)  # of channels


def minutes(alerts: Iterable[Alert]) -> list[int]:
    """When alerts opened, from the start, after the first week."""
    found = [int((alert.opened_at - START).total_seconds()) // 60 for alert in alerts]
    return [minute for minute in found if minute >= WEEK]


def hit(crisis: Crisis, alerts: Sequence[int]) -> int | None:
    """Delay of the first alert within a crisis or an hour after it, in minutes."""
    return next((at - crisis.onset + 1 for at in alerts if crisis.onset <= at < crisis.end + 60), None)


def watched(brand: Brand, change: Callable[[Tick], Tick] | None = None, country: str = "") -> Backtest:
    """A brand's whole life through the live detectors."""
    backtest = Backtest(rates=RATES, country=country)
    for tick in brand.ticks():
        backtest.row(tick if change is None else change(tick), tick.at)
    return backtest


def told(name: str, brands: Sequence[Brand], found: Sequence[Sequence[int]]) -> None:
    """One row: what was found of the crises, how soon, and what was found besides."""
    delays = [hit(crisis, alerts) for brand, alerts in zip(brands, found, strict=True) for crisis in brand.crises]
    seen = [delay for delay in delays if delay is not None]
    false = sum(
        all(not crisis.onset <= at < crisis.end + 60 for crisis in brand.crises)
        for brand, alerts in zip(brands, found, strict=True)
        for at in alerts
    )
    years = sum(brand.minutes - WEEK for brand in brands) / YEAR
    delay = f"{median(seen):.0f}" if seen else "-"
    print(f"| {name} | {len(seen) / len(delays):.2f} of {len(delays)} | {delay} | {false / years:.1f} |", flush=True)


def calm(place: int, rate: float, seed: int, mix: tuple[float, ...] = ()) -> Brand:
    """A brand to which nothing happens, of another temper each."""
    temper = (0.7, 1.0, 1.4)[place // 3 % 3]
    return Brand(
        seed=seed + place,
        rate=rate,
        share=0.15 + 0.3 * (place % 7) / 6,
        days=140,
        moody=0.18 * temper,
        restless=0.15 * temper,
        chatty=0.2 * (place % 3) / 2,
        mix=mix,
    )


def promise(count: int, seed: int) -> None:
    """False alerts of calm brands by size, at three settings in one pass; cost and state on the way."""
    known = "all that is known"
    for name, alone, mix in (
        (known, False, ()),
        ("the volume alone", True, ()),
        (f"{known}, six channels", False, MIX),
    ):
        seen: dict[str, Counter[float]] = defaultdict(Counter)
        years: dict[str, float] = defaultdict(float)
        spent, state, ticks = 0.0, 0, 0
        for place, rate in enumerate((10 ** np.linspace(-1.7, 2.3, count)).tolist()):
            brand = calm(place, rate, seed, mix)
            life = [replace(tick, authors=0) if alone else tick for tick in brand.ticks()]
            began = time.process_time()
            backtest = Backtest(rates=RATES)
            for tick in life:
                backtest.row(tick, tick.at)
            spent += time.process_time() - began
            ticks += len(life)
            state = max(state, len(backtest.monitor.dump()))
            for size in ("all", next(size for size, most in SIZES.items() if rate < most)):
                years[size] += (brand.minutes - WEEK) / YEAR
                for each, waves in zip(RATES, backtest.every_alert(), strict=True):
                    seen[size][each] += len(minutes(waves))
        print(f"{name}: alerts a year where {', '.join(f'{each:g}' for each in sorted(RATES))} are promised\n")
        print("| size | brand-years | " + " | ".join(f"{each:g}" for each in sorted(RATES)) + " |")
        print("|---" * (2 + len(RATES)) + "|")
        for size in ("all", *SIZES):
            if years[size]:
                found = " | ".join(f"{seen[size][each] / years[size]:.1f}" for each in sorted(RATES))
                print(f"| {size} | {years[size]:.1f} | {found} |")
        print(
            f"\n{1e6 * spent / ticks:.1f} µs of CPU a brand and minute; at most {state:,} bytes of state\n", flush=True
        )


def shifts(count: int) -> None:
    """The mix turns from 20 % to 45 % at the usual volume, for two to twelve hours."""
    brands = []
    for place in range(count):
        rng = np.random.default_rng(place)
        everyone = float(10 ** rng.uniform(-1, 2))
        brand = Brand(seed=30_000 + place, rate=0.2 * everyone, share=0.2, days=16)
        for day in (9, 13):
            onset, length = day * 1440 + int(rng.integers(0, 1440)), int(rng.integers(120, 720))
            brand.turn(onset, length, part=0.25 / 0.8)
        brands.append(brand)
    told("share from 20 to 45 %, volume as usual", brands, [minutes(watched(brand).alerts) for brand in brands])


def parts(count: int) -> None:
    """One small channel of a large brand; then the same with the channels unknown."""
    brands = []
    for place in range(count):
        rng = np.random.default_rng(place)
        rate = float(10 ** rng.uniform(0.3, 1.7))
        brand = Brand(seed=40_000 + place, rate=rate, days=16, mix=MIX)
        for day in (9, 13):
            channel = int(rng.integers(2, len(MIX)))
            onset, length = day * 1440 + int(rng.integers(0, 1440)), int(rng.integers(60, 240))
            brand.problem(channel, onset, length, float(rng.uniform(3, 8)) * rate * MIX[channel])
        brands.append(brand)
    lives = [list(brand.ticks()) for brand in brands]
    for name, known in (("one small channel", True), ("the same, channels unknown", False)):
        found = []
        for life in lives:
            backtest = Backtest(rates=RATES)
            for tick in life:
                backtest.row(tick if known else replace(tick, parts={}), tick.at)
            found.append(minutes(backtest.alerts))
        told(name, brands, found)


def holidays(count: int) -> None:
    """Crises on quiet public holidays of which the volume alone is known; without and with the calendar."""
    off = frozenset((day - START.date()) // timedelta(days=1) for day in country_holidays("PL", years=2026))
    for name, country in (("on a quiet holiday, country unknown", ""), ("on a quiet holiday, country known", "PL")):
        brands, found = [], []
        for place in range(count):
            rng = np.random.default_rng(place)
            brand = Brand(
                seed=50_000 + place, rate=float(10 ** rng.uniform(0, 1.5)), days=120, holidays=off, resting=0.35
            )
            for day in (91, 116, 118):
                brand.crisis("outage", day * 1440 + int(rng.integers(500, 1000)), size=0.35 * float(rng.uniform(2, 4)))
            brands.append(brand)
            found.append(minutes(watched(brand, lambda tick: replace(tick, authors=0), country).alerts))
        told(name, brands, found)


def main(count: int = 24, seed: int = 20_000) -> None:
    """Print the tables."""
    promise(count, seed)
    print("| at the default setting | recall | median delay, min | false alerts a year |\n|---|---|---|---|")
    shifts(max(2, count // 2))
    parts(max(2, count // 4))
    holidays(max(1, count // 12))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
