"""The main story, with the daemon killed at random moments: nothing lost, nothing doubled, nothing forgotten."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.faults import verdict
from tests.faults.street import CLOCK, Street

KILLS = int(os.environ.get("TOCSIN_KILLS", "50"))  # over all stories
STORIES = 4
SEED = int(os.environ.get("TOCSIN_SEED", "1"))


class People:
    """Those who are called: they acknowledge late, and give the public a word when it is due or overdue."""

    def __init__(self, street: Street, chance: random.Random, *, done: asyncio.Event) -> None:
        self._street = street
        self._chance = chance
        self._done = done  # once set, the next word is the last one for long
        self.waited_for: set[tuple[str, str]] = set()

    async def respond(self) -> None:
        """From the alert to the last public word."""
        street, chance = self._street, self._chance
        await street.event("opened")
        for target in ("slack:#pr-crisis", "email:oncall@acme.example"):
            await street.event("notified", target=target, purpose="alert")
        await street.event("escalated", step=2, reason="unacknowledged")
        await CLOCK.sleep(chance.uniform(0, 2))
        if chance.random() < 0.5:
            await street.press("acknowledge")
        else:
            await street.act("acknowledge")
        seen = 0
        while True:
            stage = chance.choice(("due", "overdue"))
            reminder = await street.event("reminder", after=seen, when=stage)
            seen, due = reminder["seq"], reminder["data"]["due"]
            self.waited_for |= {(due, earlier) for earlier in ("before", "due", stage)}
            await street.daemon.until(lambda: not street.unsent(), 120)  # so that everybody has heard
            last = self._done.is_set()
            await street.act("update", text="We are at work on it.", lang="en", next_update_in="2h" if last else "12s")
            if last:
                return


@pytest.mark.timeout(900)
@pytest.mark.parametrize("story", range(STORIES))
async def test_killed_at_random_moments_the_story_is_told_once_and_to_its_end(
    story: int, tmp_path: Path, learned: Path
) -> None:
    seed = SEED * 1000 + story
    print(f"TOCSIN_SEED={SEED} story {story}")  # noqa: T201 - for whoever has to repeat it
    chance = random.Random(seed)
    kills = -(-KILLS // STORIES)
    async with Street(tmp_path, learned, seed=seed, word="12s") as street:
        done = asyncio.Event()
        people = People(street, random.Random(seed + 500), done=done)
        async with street.writing():
            await CLOCK.sleep(1)
            street.broken = True
            responding = asyncio.create_task(people.respond())
            try:
                for _ in range(kills):
                    await kill_at_some_moment(street, chance)
                done.set()
                await responding
            finally:
                responding.cancel()
                await asyncio.gather(responding, return_exceptions=True)
            street.broken = False  # repaired: the public calms down
            await kill_at_some_moment(street, chance)
            resolved = await street.event("resolved")
            assert resolved["data"]["reason"] == "quiet"
        await street.settled()

        verdict.mentions_are_all_there(street)
        verdict.one_sound_timeline(street)
        verdict.everybody_called_once(street)
        verdict.nothing_said_twice(street, kills=kills + 1)  # and one after the repair
        verdict.no_reminder_missing(street, waited_for=people.waited_for)
        verdict.every_open_incident_has_its_dues(street)
        code, said = await street.daemon.command("verify-timeline", "--config", "FILE")
        assert code == 0, said
        assert await street.daemon.terminate() == 0
        verdict.no_errors_logged(street)


async def kill_at_some_moment(street: Street, chance: random.Random) -> None:
    """Kill it at work, or while it starts, and start it again; dead, it must have left everything in order."""
    begin = CLOCK.monotonic()
    if chance.random() < 0.75:
        await street.daemon.until_ready()
        start = CLOCK.monotonic() - begin
        await CLOCK.sleep(chance.uniform(0.0, max(3.0, start)))  # a busy machine needs longer for the same
    else:
        await CLOCK.sleep(chance.uniform(0.0, 2.0))
    await street.daemon.kill()
    verdict.every_open_incident_has_its_dues(street)
    if street.events():
        verdict.one_sound_timeline(street)
    await street.daemon.start()
