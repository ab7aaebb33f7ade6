"""Keeps the text model in step with the log of corrections.

The model in use is a pure function of the frozen model and the entries in effect: it is built at the
start by replaying them, and each new entry is learned at once, whichever daemon on the same
store wrote it. A model is never changed while it reads: a copy learns, then takes its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from daemon.store.corrections import Corrections, Entry, EntryKind, in_effect
from detectors.corrected import CorrectedModel, Correction
from detectors.text import TextModel

log = structlog.get_logger()


class Teacher:
    """Has the current model at ``model``; `catch_up` learns what is new."""

    def __init__(self, base: TextModel, corrections: Corrections) -> None:
        self._base = base
        self._corrections = corrections
        self._learned: tuple[Entry, ...] = ()
        self._head: tuple[int, int] | None = None
        self._turn = asyncio.Lock()
        self._listeners: list[Callable[[CorrectedModel], None]] = []
        self.model = CorrectedModel(base)

    def on_change(self, listener: Callable[[CorrectedModel], None]) -> None:
        """Hand each new model to ``listener``."""
        self._listeners.append(listener)

    async def catch_up(self) -> None:
        """Bring the model in step with the log."""
        async with self._turn:
            head = await self._corrections.head()
            if head == self._head:
                return
            entries = in_effect(await self._corrections.log())
            if entries != self._learned:
                known = len(self._learned)
                fresh = entries[known:]
                if entries[:known] != self._learned or any(entry.kind is EntryKind.RETRAIN for entry in fresh):
                    model = CorrectedModel(self._base)
                    fresh = entries
                else:
                    model = self.model.copy()
                texts = await self._corrections.read([entry.id for entry in fresh])
                await asyncio.to_thread(replay, model, fresh, texts)
                self._learned, self.model = entries, model
                log.info("model_taught", model=model.version, corrections=model.corrections)
                for listener in self._listeners:
                    listener(model)
            self._head = head


def replay(model: CorrectedModel, entries: Sequence[Entry], texts: dict[int, Correction]) -> None:
    """Teach ``model`` entries in their order; what came before the last rebuild is learned as one."""
    rebuilds = [place for place, entry in enumerate(entries) if entry.kind is EntryKind.RETRAIN]
    begin = rebuilds[-1] + 1 if rebuilds else 0
    if rebuilds:
        model.relearn([texts[entry.id] for entry in entries[:begin] if entry.id in texts])
    model.learn_many([texts[entry.id] for entry in entries[begin:] if entry.id in texts])


async def taught(base: TextModel, corrections: Corrections) -> CorrectedModel:
    """The model as the log has it now."""
    teacher = Teacher(base, corrections)
    await teacher.catch_up()
    return teacher.model
