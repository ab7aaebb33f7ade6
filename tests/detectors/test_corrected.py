"""Learning from corrections: at once where they were made, a little elsewhere, bounded, always replayable."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model import Label, Meaning
from detectors.corrected import CorrectedModel, Correction
from detectors.features import fold
from detectors.fit import auc
from detectors.memory import Memory
from detectors.residual import MOST, Residual
from tests.fakes.blunt import Blunt, stream

OUTAGE = "Great, the whole town has had no internet since 9:30, thank you so much Acme"
LATER = stream(2, 500)  # never learned from


class Sure:
    """Calls every text a negative one, a complaint and an outage."""

    version = "sure-1"

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        return [
            Meaning(lang=lang or "en", label=Label.NEGATIVE, p_negative=0.9, complaint=0.8, outage=0.7)
            for _, lang in zip(texts, langs, strict=True)
        ]


def read_one(model: CorrectedModel, text: str, lang: str | None = "en") -> Meaning:
    (meaning,) = model.read([text], [lang])
    return meaning


def area(model: CorrectedModel, texts: Sequence[Correction] = LATER) -> float:
    found = model.read([each.text for each in texts], [each.lang for each in texts])
    truth = np.array([each.label is Label.NEGATIVE for each in texts])
    return auc(truth, np.array([meaning.p_negative for meaning in found]))


def taught(corrections: Sequence[Correction]) -> CorrectedModel:
    model = CorrectedModel(Blunt())
    model.learn_many(corrections)
    return model


# ── at once, where it was said ───────────────────────────────────────────────


@pytest.mark.parametrize(
    "copy",
    [
        OUTAGE,
        OUTAGE.upper(),
        f"RT @somebody: {OUTAGE} https://t.co/abc",
        OUTAGE.replace("9:30", "10:45").replace(",", " !!!"),
        OUTAGE + " 😡",
        OUTAGE.replace("whole", "entire"),
        OUTAGE.replace("internet", "intrenet"),
    ],
)
def test_a_correction_holds_for_near_copies_at_once(copy: str) -> None:
    model = CorrectedModel(Blunt())
    assert read_one(model, copy).label is not Label.NEGATIVE
    model.learn_one(OUTAGE, "en", Label.NEGATIVE)
    meaning = read_one(model, copy)
    assert (meaning.label, meaning.p_negative >= 0.98) == (Label.NEGATIVE, True)


def test_what_is_not_negative_counts_for_no_other_reason_either() -> None:
    model = CorrectedModel(Sure())
    model.learn_one(OUTAGE, "en", Label.POSITIVE)
    meaning = read_one(model, OUTAGE.lower())
    assert meaning.label is Label.POSITIVE
    assert max(meaning.p_negative, meaning.complaint, meaning.outage) <= 0.02


@pytest.mark.parametrize(
    "other",
    [
        "The train to Gdańsk was late again and nobody told us why",
        OUTAGE.replace("has had no internet", "has had internet"),  # a negation less says the opposite
        "no internet",
    ],
)
def test_another_text_is_not_taken_for_a_copy(other: str) -> None:
    memory = Memory()
    memory.add([fold(OUTAGE)], [Label.NEGATIVE])
    assert memory.find([fold(other), fold(OUTAGE)]) == [None, Label.NEGATIVE]


@pytest.mark.parametrize(
    ("said", "harmed"),
    [
        (
            "Your nuggets made my son happy at the restaurant yesterday evening",
            ("made my son happy", "made my son sick"),
        ),
        ("Wczoraj u was w restauracji cała nasza rodzina się najadła do syta", ("najadła", "zatruła")),
    ],
)
def test_harm_is_no_copy_of_what_tells_of_none(said: str, harmed: tuple[str, str]) -> None:
    memory = Memory()
    memory.add([fold(said)], [Label.POSITIVE])
    assert memory.find([fold(said + " 🙂"), fold(said.replace(*harmed))]) == [Label.POSITIVE, None]


def test_short_texts_are_found_only_as_they_are() -> None:
    memory = Memory()
    memory.add([fold("nie działa")], [Label.NEGATIVE])
    texts = ["Nie działa!!!", "NIE DZIALA", "nie działa mi", "działa", "", "😡", "@a https://b.example"]
    assert memory.find([fold(text) for text in texts]) == [Label.NEGATIVE, Label.NEGATIVE, *[None] * 5]


def test_the_last_word_counts_and_the_closest_copy_speaks() -> None:
    memory = Memory()
    changed = OUTAGE.replace("whole town", "entire village")
    memory.add([fold(OUTAGE)], [Label.NEGATIVE])
    memory.add([fold(changed)], [Label.NEUTRAL])
    assert memory.find([fold(OUTAGE + " :)"), fold(changed + " :)")]) == [Label.NEGATIVE, Label.NEUTRAL]
    memory.add([fold(OUTAGE)], [Label.POSITIVE])
    assert (memory.find([fold(OUTAGE)]), len(memory)) == ([Label.POSITIVE], 2)


def test_a_text_without_a_word_teaches_nothing_and_harms_nothing() -> None:
    model = CorrectedModel(Blunt())
    for text in ("", " ", "!!!", "\x00", "\ud800", "@a", "https://b.example", "\n\n\n", "é" * 20_000):
        model.learn_one(text, None, Label.NEGATIVE)
        read_one(model, text)
    assert read_one(model, "so far so good").label is Label.NEUTRAL


# ── a little, elsewhere ──────────────────────────────────────────────────────


def test_reading_gets_better_with_corrections_as_they_come() -> None:
    model, corrections = CorrectedModel(Blunt()), stream(1, 400)
    areas = [area(model)]
    for begin, end in pairwise((0, 30, 100, 400)):
        model.learn_many(corrections[begin:end])
        areas.append(area(model))
    assert areas[0] < 0.75
    assert all(later > earlier for earlier, later in pairwise(areas)), areas
    assert areas[-1] > areas[0] + 0.15, areas


def test_it_gets_better_where_only_mistakes_are_corrected() -> None:
    base = Blunt()
    texts = stream(1, 600)
    read = base.read([each.text for each in texts], [each.lang for each in texts])
    wrong = [each for each, meaning in zip(texts, read, strict=True) if meaning.label is not each.label]
    model = taught(wrong[:200])
    assert area(model) > area(CorrectedModel(base)) + 0.1


def _inverted(corrections: Sequence[Correction]) -> list[Correction]:
    other = {Label.NEGATIVE: Label.NEUTRAL, Label.NEUTRAL: Label.NEGATIVE}
    return [replace(each, label=other[each.label]) for each in corrections]


def _random(corrections: Sequence[Correction]) -> list[Correction]:
    chance = random.Random(3)
    return [replace(each, label=chance.choice([Label.NEGATIVE, Label.NEUTRAL])) for each in corrections]


def _one_sided(corrections: Sequence[Correction]) -> list[Correction]:
    return [replace(each, label=Label.NEUTRAL) for each in corrections]


KNOWN = [each for each in LATER if {"awful", "great", "lovely"} & set(each.text.split())]


@pytest.mark.parametrize(("spoil", "loss"), [(_random, 0.06), (_one_sided, 0.06), (_inverted, 0.4)])
def test_wrong_corrections_do_bounded_damage(
    spoil: Callable[[Sequence[Correction]], list[Correction]], loss: float
) -> None:
    """What the frozen model knows well stays better than chance, even where the very opposite is taught."""
    before = area(CorrectedModel(Blunt()), KNOWN)
    model = taught(spoil(stream(1, 600)))
    assert before > 0.95
    assert area(model, KNOWN) > before - loss


def test_right_corrections_mend_what_wrong_ones_did() -> None:
    model = taught(_inverted(stream(1, 200)))
    spoiled = area(model)
    model.learn_many(stream(4, 400))
    assert area(model) > max(spoiled, area(CorrectedModel(Blunt()))) + 0.05


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a a a a", "laggy", "smooth laggy", "x" * 5000]), st.booleans()), max_size=60),
    st.text(max_size=40),
)
def test_no_stream_moves_a_text_by_more_than_the_bound(lessons: list[tuple[str, bool]], text: str) -> None:
    residual = Residual()
    for taught_text, negative in lessons:
        residual.learn_many([fold(taught_text)], [1], [-9.0 if negative else 9.0], [negative])
    shifts = residual.shifts([fold(text), fold("laggy")], [1, 1])
    assert all(abs(shift) <= MOST for shift in shifts)
    assert residual.norm <= 10.0 + 1e-9


def test_a_moved_text_keeps_its_meaning_whole() -> None:
    """Down moves every reason to count as negative, up the sentiment alone; a label never belies its chance."""
    down, up = CorrectedModel(Sure()), CorrectedModel(Blunt())
    down.learn_many([replace(each, label=Label.NEUTRAL) for each in stream(1, 200)])
    up.learn_many([replace(each, label=Label.NEGATIVE) for each in stream(1, 200)])
    text = LATER[0].text
    moved, frozen = read_one(down, text), read_one(CorrectedModel(Sure()), text)
    assert (moved.p_negative, moved.complaint, moved.outage) < (frozen.p_negative, frozen.complaint, frozen.outage)
    assert moved.complaint < frozen.complaint
    assert moved.outage < frozen.outage
    moved = read_one(up, text)
    assert (moved.complaint, moved.outage) == (0.05, 0.05)
    for each in LATER[:100]:
        meaning = read_one(up, each.text)
        assert (meaning.label is Label.NEGATIVE) == (meaning.p_negative >= 0.5)


# ── the same, always ─────────────────────────────────────────────────────────


def test_a_log_replays_to_the_same_bytes_however_it_is_cut() -> None:
    corrections = stream(5, 60)
    whole = taught(corrections)
    parts = CorrectedModel(Blunt())
    for begin in range(0, 60, 7):
        parts = CorrectedModel.load(parts.base, parts.dump())
        parts.learn_many(corrections[begin : begin + 7])
    singly = CorrectedModel(Blunt())
    for each in corrections:
        singly.learn_one(each.text, each.lang, each.label)
    assert whole.dump() == parts.dump() == singly.dump()
    assert whole.version == parts.version == singly.version
    texts = [each.text for each in LATER]
    assert whole.read(texts, ["en"] * 500) == parts.read(texts, ["en"] * 500)


def test_what_is_read_does_not_depend_on_the_batch() -> None:
    model = taught(stream(5, 60))
    texts = [each.text for each in LATER[:300]] + [OUTAGE, "", "😡"]
    langs = [None] * len(texts)
    together = model.read(texts, langs)
    assert [model.read([text], [None])[0] for text in texts] == together
    backwards = model.read(texts[::-1], langs)[::-1]
    assert backwards == together


def test_the_version_tells_what_was_learned() -> None:
    first, other = stream(5, 3), stream(6, 3)
    assert CorrectedModel(Blunt()).version == "blunt-1+0"
    assert taught(first).version.startswith("blunt-1+3.")
    versions = [taught(first).version, taught(other).version, taught(first[::-1]).version, taught(first[:2]).version]
    assert len(set(versions)) == 4
    anew = CorrectedModel(Blunt())
    anew.relearn(first)
    assert anew.version not in versions
    assert anew.version.startswith("blunt-1+3.")
    assert len(f"{'f' * 12}+{10**9}.123456") <= 64, "fits the column"


def test_learning_anew_forgets_first_and_can_be_repeated() -> None:
    corrections = stream(1, 120)
    fresh, used = CorrectedModel(Blunt()), taught(stream(7, 40))
    fresh.relearn(corrections)
    used.relearn(corrections)
    assert fresh.dump() == used.dump() != taught(corrections).dump()
    assert area(fresh) > area(CorrectedModel(Blunt())) + 0.1


def test_a_copy_goes_its_own_way() -> None:
    model = taught(stream(5, 20))
    kept = model.dump()
    copy = model.copy()
    copy.learn_many(stream(6, 20))
    assert (model.dump(), copy.dump() != kept) == (kept, True)
    assert copy.dump() == taught([*stream(5, 20), *stream(6, 20)]).dump()


def test_a_state_of_another_model_is_refused() -> None:
    state = taught(stream(5, 3)).dump()
    with pytest.raises(ValueError, match="blunt-1"):
        CorrectedModel.load(Sure(), state)
    with pytest.raises(msgspec.DecodeError):
        CorrectedModel.load(Blunt(), state[:40])


# ── bounded ──────────────────────────────────────────────────────────────────


def test_the_memory_is_bounded_and_the_oldest_make_way() -> None:
    memory, texts = Memory(most=50), [each.text for each in stream(8, 130)]
    for text in texts:
        memory.add([fold(text)], [Label.NEGATIVE])
    found = memory.find([fold(text) for text in texts])
    assert (len(memory), found) == (50, [None] * 80 + [Label.NEGATIVE] * 50)
    assert len(Memory.load(memory.dump(), 50)) == 50


def test_the_whole_state_is_bounded() -> None:
    memory, chance = Memory(), random.Random(9)
    residual = Residual()
    for _ in range(2300):
        text = " ".join("".join(chance.choices("abcdefghijklmnoprstuwyz", k=6)) for _ in range(8))
        memory.add([text], [Label.NEUTRAL])
    texts = [" ".join(f"w{number}x{n}" for n in range(300)) for number in range(120)]
    residual.learn_many(texts, [1] * 120, [0.0] * 120, [bool(number % 2) for number in range(120)])
    assert len(msgspec.msgpack.encode(memory.dump())) < 1 << 19
    assert len(msgspec.msgpack.encode(residual.dump())) <= 20 * (1 << 15) + 100


def test_nothing_learned_costs_nothing() -> None:
    base = Blunt()
    model = CorrectedModel(base)
    texts, langs = [each.text for each in LATER], [each.lang for each in LATER]
    assert model.read(texts, langs) == base.read(texts, langs)
    assert base.asked == 2
    assert math.isclose(model.residual.norm, 0.0)
