"""A frozen text model, and what moderators have taught on top of it.

A text that a moderator has judged, and every near-copy of it, is read as they said, at once
(`detectors.memory`). All else is moved a little towards what they said of similar texts
(`detectors.residual`). Both are a pure function of the corrections in their order, so a log of
them replays to the same bytes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from daemon.model import Label, Meaning
from detectors.features import family, fold
from detectors.memory import Memory
from detectors.residual import Residual, ResidualState
from detectors.text import TextModel

_SURE = 0.98  # of what a moderator has said
_CERTAIN = 0.5
_THIRD = 1 / 3  # below it another of the three labels is likelier, whatever they are
_DECIMALS = 4
_EDGE = 10**-_DECIMALS  # chances come rounded: none is taken for surer than that
_BATCH = 256
_PASSES = 3  # of a rebuild over all corrections


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator said of a text."""

    text: str
    lang: str | None
    label: Label


class _State(msgspec.Struct, frozen=True, kw_only=True):
    base: str
    corrections: int
    digest: str
    memory: list[tuple[bytes, bytes, int, Label, bool]]
    residual: ResidualState


class CorrectedModel:
    """A :class:`detectors.text.TextModel` that learns from corrections."""

    def __init__(self, base: TextModel) -> None:
        self.base = base
        self.corrections = 0  # in effect
        self.memory = Memory()
        self.residual = Residual()
        self._digest = ""  # of all that was learned, in order

    @property
    def version(self) -> str:
        """The frozen model's, the number of corrections in effect, and a short hash of them."""
        return f"{self.base.version}+{self.corrections}" + (f".{self._digest[:6]}" if self.corrections else "")

    # ── reading

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text, in order; never raises for any text."""
        return self.adjust(texts, self.base.read(texts, langs))

    def adjust(self, texts: Sequence[str], meanings: Sequence[Meaning]) -> list[Meaning]:
        """What the frozen model read, as moderators would have it."""
        if not self.corrections:
            return list(meanings)
        found: list[Meaning] = []
        for begin in range(0, len(texts), _BATCH):
            chunk = meanings[begin : begin + _BATCH]
            folded = [fold(text) for text in texts[begin : begin + _BATCH]]
            told = self.memory.find(folded)
            shifts = self.residual.shifts(folded, [family(meaning.lang) for meaning in chunk])
            found += [
                _moved(meaning, shift) if label is None else _told(meaning, label)
                for meaning, label, shift in zip(chunk, told, shifts, strict=True)
            ]
        return found

    # ── learning

    def learn_one(self, text: str, lang: str | None, label: Label) -> None:
        """Learn one correction."""
        self.learn_many([Correction(text=text, lang=lang, label=label)])

    def learn_many(self, corrections: Sequence[Correction]) -> None:
        """Learn corrections one after the other."""
        self._learn(corrections, passes=1)

    def relearn(self, corrections: Sequence[Correction]) -> None:
        """Forget everything, and learn ``corrections`` in several passes: more slowly, and more of each."""
        self.corrections, self._digest = 0, f"{_PASSES} passes"
        self.memory, self.residual = Memory(), Residual()
        self._learn(corrections, passes=_PASSES)

    def _learn(self, corrections: Sequence[Correction], *, passes: int) -> None:
        labels = [correction.label for correction in corrections]
        meanings = self.base.read([each.text for each in corrections], [each.lang for each in corrections])
        folded = [fold(correction.text) for correction in corrections]
        for begin in range(0, len(folded), _BATCH):
            self.memory.add(folded[begin : begin + _BATCH], labels[begin : begin + _BATCH])
        for _ in range(passes):
            self.residual.learn_many(
                folded,
                [family(meaning.lang) for meaning in meanings],
                [_offset(meaning) for meaning in meanings],
                [label is Label.NEGATIVE for label in labels],
            )
        for correction in corrections:
            self._note(correction)

    def _note(self, correction: Correction) -> None:
        self.corrections += 1
        link = msgspec.json.encode((self._digest, correction.lang, correction.label))
        text = correction.text.encode("utf-8", "replace")
        self._digest = hashlib.sha256(link + b"\n" + text).hexdigest()

    # ── keeping

    def copy(self) -> CorrectedModel:
        """The same over the same frozen model, free to go its own way."""
        other = CorrectedModel(self.base)
        other.corrections, other._digest = self.corrections, self._digest
        other.memory, other.residual = self.memory.copy(), self.residual.copy()
        return other

    def dump(self) -> bytes:
        """All that was learned; the same corrections in the same order give the same bytes."""
        return msgspec.msgpack.encode(
            _State(
                base=self.base.version,
                corrections=self.corrections,
                digest=self._digest,
                memory=self.memory.dump(),
                residual=self.residual.dump(),
            )
        )

    @classmethod
    def load(cls, base: TextModel, state: bytes) -> CorrectedModel:
        """Take over what `dump` gave. Raises ``ValueError`` for what is of another frozen model, or no such state."""
        known = msgspec.msgpack.decode(state, type=_State)
        if known.base != base.version:
            raise ValueError(f"learned on top of the model {known.base}, not of {base.version}")
        model = cls(base)
        model.corrections, model._digest = known.corrections, known.digest
        model.memory, model.residual = Memory.load(known.memory), Residual.load(known.residual)
        return model


def _offset(meaning: Meaning) -> float:
    """Where learning starts from: a mention counts as negative by the strongest of three reasons."""
    return _log_odds(max(meaning.p_negative, meaning.complaint, meaning.outage))


def _log_odds(chance: float) -> float:
    chance = min(1 - _EDGE, max(_EDGE, chance))
    return math.log(chance / (1 - chance))


def _shifted(chance: float, shift: float) -> float:
    return round(1 / (1 + math.exp(-_log_odds(chance) - shift)), _DECIMALS)


def _moved(meaning: Meaning, shift: float) -> Meaning:
    """Downwards it speaks against every reason to count as negative; upwards it is no complaint and no outage."""
    if not shift:
        return meaning
    down = min(shift, 0.0)
    p_negative = _shifted(meaning.p_negative, shift)
    label = meaning.label
    if p_negative >= _CERTAIN:
        label = Label.NEGATIVE
    elif p_negative < _THIRD and label is Label.NEGATIVE:
        label = Label.NEUTRAL
    return replace(
        meaning,
        label=label,
        p_negative=p_negative,
        complaint=_shifted(meaning.complaint, down) if down else meaning.complaint,
        outage=_shifted(meaning.outage, down) if down else meaning.outage,
    )


def _told(meaning: Meaning, label: Label) -> Meaning:
    """As a moderator said of it. What is not negative does not count as a complaint or an outage, either."""
    if label is Label.NEGATIVE:
        return replace(meaning, label=label, p_negative=max(meaning.p_negative, _SURE))
    doubt = round(1 - _SURE, _DECIMALS)
    return replace(
        meaning,
        label=label,
        p_negative=min(meaning.p_negative, doubt),
        complaint=min(meaning.complaint, doubt),
        outage=min(meaning.outage, doubt),
    )
