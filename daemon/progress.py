"""What corrections have done for the text model, measured on the corrections themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from daemon.ingest import is_negative
from daemon.model import Label, Meaning
from detectors.corrected import CorrectedModel, Correction
from detectors.text import TextModel

HELD_BACK = 5  # one in so many corrections, the newest
FEWEST = 20  # corrections that a comparison is made on
_SUREST = 0.01  # a chance nearer to 0 or 1 counts as this: one miss must not drown all else


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How often a reading counts as negative just where moderators say so, and its mean log loss in nats."""

    right: int
    texts: int
    loss: float


class Holdout(msgspec.Struct, frozen=True, kw_only=True):
    """The newest fifth of the corrections, read by models that have learned at most from the rest."""

    base: Score
    taught: Score  # as the corrections came, one after the other
    relearned: Score  # in several passes


def score(meanings: Sequence[Meaning], corrections: Sequence[Correction]) -> Score:
    """How well ``meanings`` agree with what moderators said of the same texts."""
    right, loss = 0, 0.0
    for meaning, correction in zip(meanings, corrections, strict=True):
        negative = correction.label is Label.NEGATIVE
        right += is_negative(None, meaning, correction.text) is negative
        chance = max(meaning.p_negative, meaning.complaint, meaning.outage)
        loss -= math.log(max(_SUREST, chance if negative else 1 - chance))
    return Score(right=right, texts=len(corrections), loss=loss / max(1, len(corrections)))


def as_they_came(base: TextModel, corrections: Sequence[Correction]) -> tuple[Score, Score]:
    """The frozen model alone, and with what it had been taught so far: each text is read before it is learned."""
    meanings = base.read([each.text for each in corrections], [each.lang for each in corrections])
    model, found = CorrectedModel(base), []
    for correction, meaning in zip(corrections, meanings, strict=True):
        found += model.adjust([correction.text], [meaning])
        model.learn_many([correction])
    return score(meanings, corrections), score(found, corrections)


def holdout(base: TextModel, corrections: Sequence[Correction]) -> Holdout:
    """Compare what learning anew would give. Raises ``ValueError`` for fewer than 20 corrections."""
    if len(corrections) < FEWEST:
        raise ValueError(f"a comparison needs at least {FEWEST} corrections in effect; there are {len(corrections)}")
    cut = len(corrections) - len(corrections) // HELD_BACK
    early, late = corrections[:cut], corrections[cut:]
    texts, langs = [each.text for each in late], [each.lang for each in late]
    taught, relearned = CorrectedModel(base), CorrectedModel(base)
    taught.learn_many(early)
    relearned.relearn(early)
    return Holdout(
        base=score(base.read(texts, langs), late),
        taught=score(taught.read(texts, langs), late),
        relearned=score(relearned.read(texts, langs), late),
    )
