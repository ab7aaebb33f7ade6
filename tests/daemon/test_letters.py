"""Letters: what is on its way when the daemon stops arrives, and is known to have arrived."""

from __future__ import annotations

import asyncio

import pytest

from daemon.clock import ManualClock
from daemon.letters import Letters
from daemon.notice import Letter
from daemon.store.engine import Store


class Post:
    """Takes a letter, and says so when it is let."""

    name = "email"

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.let = asyncio.Event()
        self.letters: list[Letter] = []

    async def write(self, letter: Letter, *, uncertain: bool = False) -> None:
        assert not uncertain
        self.letters.append(letter)
        self.taken.set()
        await self.let.wait()


async def test_a_letter_under_way_at_the_stop_is_not_sent_again(sqlite_store: Store, clock: ManualClock) -> None:
    post = Post()
    mine = Letters(store=sqlite_store, clock=clock, notifiers={"email": post})  # type: ignore[dict-item]
    async with sqlite_store.write() as connection:
        await mine.put(connection, "email", Letter(id="1", at=clock.now(), target="anna", subject="Done", text="Done."))
    sending = asyncio.create_task(mine.send_due())
    await post.taken.wait()
    sending.cancel()
    post.let.set()
    with pytest.raises(asyncio.CancelledError):
        await sending
    again = Letters(store=sqlite_store, clock=clock, notifiers={"email": post})  # type: ignore[dict-item]
    await again.recover()
    await again.send_due()
    assert [letter.id for letter in post.letters] == ["1"]
    assert (await again.waiting()).pending == {}
