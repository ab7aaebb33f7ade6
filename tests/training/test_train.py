"""Training: byte-stable, from what may be learned from, judged by what it has not seen."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info

from daemon.errors import InputError
from daemon.model import Label
from daemon.training.card import card
from daemon.training.corpus import read_complaints, read_corpus, read_lexicon
from daemon.training.evaluate import (
    Figure,
    Folded,
    Heard,
    chances,
    complaint_folds,
    figure,
    later,
    leave_one_out,
    post_halves,
)
from daemon.training.outages import KINDS, POSTS, SERVICES, outages
from daemon.training.posts import Post, domains, posts
from daemon.training.tasks import BEGINNINGS, lessons, task
from daemon.training.train import Lessons, held_back, train
from detectors.features import family
from detectors.fit import Labelled, auc, fit_few, macro_f1
from detectors.sentiment import HEADS, Mix, unpacked

WORDS = {
    "negative": ["awful", "terrible", "hate", "broken", "worst"],
    "neutral": ["monday", "office", "number", "street", "opens"],
    "positive": ["love", "great", "thanks", "happy", "best"],
}
HEADER = "id,lang,text,label,source,created_at\n"


def corpus() -> list[Labelled]:
    draw = random.Random(5)
    sources = ("umsab/train", "umsab/val", "us-airline/one", "sentirueval-telecom/2013")
    return [
        Labelled("en", source, " ".join(draw.choices(WORDS[label], k=4)), label, f"2013-01-{day:02}")
        for source in sources
        for label in WORDS
        for day in range(1, 25)
    ]


@pytest.fixture(scope="module")
def small() -> bytes:
    return train(corpus(), [], list(outages())[:40])


def test_training_twice_gives_the_same_bytes(small: bytes) -> None:
    assert train(corpus(), [], list(outages())[:40]) == small


def test_the_exact_fit_runs_on_one_thread_for_its_sums_to_be_rounded_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    really = LogisticRegression.fit

    def watched(self: LogisticRegression, *told: object) -> LogisticRegression:
        used.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return really(self, *told)

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    features = sp.random(60, 500, density=0.1, format="csr", dtype=np.float32, random_state=3)
    fit_few(features, np.ones((60, 1)), np.arange(60) % 2, strength=1.0, rarity=1.0)
    assert set(used) == {1}


def test_what_was_learned_is_told(small: bytes) -> None:
    meanings = unpacked(small, version="test").read(
        ["hate it, worst", "thanks, great", "office street number"], ["en"] * 3
    )
    assert [meaning.label for meaning in meanings] == [Label.NEGATIVE, Label.POSITIVE, Label.NEUTRAL]


def test_english_complaints_are_learned_apart_with_their_mood_and_blur_nothing_else() -> None:
    wrongs = ["refund never came", "parcel lost again", "charged me twice"]
    calm = ["shop opens monday", "new number for the office", "see you at the street"]
    complaints = [
        Labelled("en", "retail", f"{text} {number}", wrong)
        for number in range(12)
        for texts, wrong in ((wrongs, "1"), (calm, "0"))
        for text in texts
    ]
    posts_pl = [
        Post(Labelled("pl", "posts", f"{text} {number}", "negative"), complaint=wrong, outage=False)
        for number in range(12)
        for text, wrong in (("zdzierstwo", True), ("dzień dobry", False))
    ]
    packed = train(corpus(), complaints, list(outages())[:40], posts=posts_pl)
    assert packed == train(corpus(), complaints, list(outages())[:40], posts=posts_pl)
    model = unpacked(packed, version="test")
    told = model.read(["parcel lost, charged me twice", "the shop opens monday"], ["en"] * 2)
    assert told[0].complaint > 0.5 > told[1].complaint
    told = model.read(["zdzierstwo", "dzień dobry"], ["pl"] * 2)
    assert told[0].complaint > told[1].complaint
    with np.load(io.BytesIO(packed)) as stored:
        lift = json.loads(stored["settings"].tobytes())["lift"]
    assert set(lift) == {"en"}
    assert len(lift["en"]) == 3


def test_a_post_written_for_its_mood_teaches_mood_alone() -> None:
    mood = Post(Labelled("pl", "posts", "super", "positive"), complaint=None, outage=None)
    (lesson,) = lessons([], [], [], [mood])
    assert set(lesson.taught) == {"direct", "polar", "negative"}


def test_sources_that_forbid_it_teach_nothing() -> None:
    taught = list(
        lessons([Labelled("en", "us-airline/x", "a", "negative"), Labelled("en", "other", "b", "negative")], [], [])
    )
    assert {each.text.text for each in taught if each.taught} == {"b"}


def test_a_source_without_neutral_texts_teaches_one_head_alone() -> None:
    binary = [Labelled("en", "two", "a", "negative"), Labelled("en", "two", "b", "positive")]
    three = [Labelled("en", "three", text, label) for text, label in (("c", "neutral"), ("d", "negative"))]
    taught = list(lessons([*binary, *three], [], []))
    assert [taught[row].text.text for row in task(taught, "polar").rows] == ["c", "d"]
    assert [taught[row].text.text for row in task(taught, "negative").rows] == ["a", "b", "d"]
    assert task(taught, "direct").target.tolist() == [0, 1]


def test_beginnings_teach_what_reports_no_outage_and_are_never_measured() -> None:
    taught = Lessons(corpus(), [], [])
    begun = taught.where(lambda each: each.source == BEGINNINGS)
    assert begun.any()
    assert not (begun & taught.held).any()
    assert {tuple(each.taught) for each, short in zip(taught.all, begun, strict=True) if short} == {("outage",)}


def test_every_source_is_left_out_in_turn() -> None:
    texts = corpus() * 3
    figures = list(leave_one_out(Lessons(texts, [], [])))
    assert [(each.source, each.lang, each.texts) for each in figures] == [
        ("umsab", "en", 432),
        ("us-airline", "en", 216),
    ]
    assert all(each.auc[0] > 90 for each in figures)


def test_lexicons_are_read_with_what_turns_them_round(tmp_path: Path) -> None:
    (tmp_path / "lexicons").mkdir()
    (tmp_path / "lexicons" / "AFINN-pl.json").write_text('{"okropny": -3, "miły": 2, "dwa słowa": 1}', encoding="utf-8")
    lexicon = read_lexicon(tmp_path)
    assert lexicon.marked("nie mily a to okropna kawa", family("pl")).endswith("kawa ¤np ¤m ¤mm")
    (tmp_path / "lexicons" / "AFINN-pl.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="AFINN-pl"):
        read_lexicon(tmp_path)


def test_later_texts_of_a_dated_source_are_held_back() -> None:
    texts = corpus()
    held = held_back(texts)
    dated = [each for each in texts if each.source.startswith("sentirueval")]
    latest_learned = max(each.at for each in dated if not held(each))
    assert latest_learned < min(each.at for each in dated if held(each))
    assert all(held(each) for each in texts if each.source == "umsab/val")
    assert not any(held(each) for each in texts if each.source == "umsab/train")


def test_outage_texts_are_of_every_kind_and_the_same_each_time() -> None:
    first, second = list(outages()), list(outages())
    assert first == second
    assert {each.label for each in first} == set(KINDS)
    assert {"pl", "ru", "en", "de", "uk", "cs", "es"} <= {each.lang for each in first}
    assert "outage" in HEADS


@pytest.mark.parametrize("source", [SERVICES, POSTS])
def test_services_and_posts_teach_the_outage_head_alone(source: str) -> None:
    services = [each for each in outages() if each.source == source]
    assert {each.label for each in services} == {"report", "other"}
    taught = lessons([], [], services[::50])
    assert {tuple(each.taught) for each in taught} == {("outage",)}


def test_area_under_the_curve_counts_ties_half() -> None:
    truth = np.array([True, True, False, False])
    assert auc(truth, np.array([0.9, 0.8, 0.2, 0.1])) == 1
    assert auc(truth, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert auc(truth, np.array([0.9, 0.1, 0.5, 0.2])) == 0.5
    assert np.isnan(auc(np.array([True]), np.array([0.1])))


def test_macro_f1_weighs_every_label_the_same() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "b"]) == 1
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)


def test_a_figure_holds_its_value_within_its_interval() -> None:
    texts = corpus()[:72]
    mix = Mix(softmax=((0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)))
    scores = np.random.default_rng(1).normal(size=(72, 3))
    found = figure("en", "x", texts, chances(scores, mix, "en"))
    value, low, high = found.auc
    assert low <= value <= high
    assert found.macro_f1 is not None


def test_the_card_names_every_figure() -> None:
    told = card(
        [Figure(lang="pl", source="tweets", texts=1234, auc=(81.5, 80.0, 83.0), macro_f1=None)],
        [Figure(lang="ru", source="banks", texts=567, auc=(84.5, 83.0, 86.0), macro_f1=(58.0, 57.0, 59.0))],
        [Folded(folds="five folds", texts=99, macro_f1=(80.1, 78.0, 82.0))],
        [
            Heard(
                head="outage",
                lang="ru",
                posts=1500,
                reports=90,
                precision=(50.0, 40.0, 60.0),
                recall=(75.0, 65.0, 85.0),
                auc=(93.0, 92.0, 94.0),
            )
        ],
        "\n  texts/s   \n  12,345 \n",
    )
    assert "| pl | tweets | 1,234 | 81.5 (80.0 to 83.0) | two labels only |" in told
    assert "| ru | banks | 567 | 84.5 (83.0 to 86.0) | 58.0 (57.0 to 59.0) |" in told
    assert "| five folds | 99 | 80.1 (78.0 to 82.0) |" in told
    assert "| outage | ru | 1,500 | 90 | 50.0 (40.0 to 60.0) | 75.0 (65.0 to 85.0) | 93.0 (92.0 to 94.0) |" in told
    assert "```text\n  texts/s\n  12,345\n```\n" in told


def test_a_card_without_benchmarks_says_nothing_of_speed() -> None:
    assert "Speed" not in card([], [], [], [])


def test_english_complaints_are_measured_with_their_interval() -> None:
    complaints = [
        Labelled("en", domain, f"{text} {number}", wrong)
        for domain in ("retail", "travel")
        for number in range(10)
        for text, wrong in (("refund never came", "1"), ("shop opens monday", "0"))
    ]
    left_out, five = complaint_folds(Lessons(corpus(), complaints, []))
    assert (left_out.folds, left_out.texts, five.folds) == ("a domain left out", 40, "five folds")
    assert left_out.macro_f1 == (100.0, 100.0, 100.0)


def test_every_post_is_labelled_and_names_nobody() -> None:
    found = list(posts())
    assert len(found) > 20_000
    assert {each.text.lang for each in found} == {"pl", "ru", "en", "de", "es", "fr", "it", "uk", "cs"}
    assert {each.text.label for each in found} == {label.value for label in Label}
    assert len({each.text.text for each in found}) == len(found)
    handles = {handle for each in found for handle in re.findall(r"@\w+", each.text.text)}
    assert handles <= {"@name"}


def test_texts_of_a_domain_name_no_brand_but_well_known_ones_by_turns() -> None:
    found = list(domains())
    assert len({each.text.source for each in found}) == 7
    assert {each.text.label for each in found} == {label.value for label in Label}
    assert {each.complaint for each in found} | {each.outage for each in found} == {None}
    banks = [each.text.text for each in found if each.text.source == "domains/banks"]
    assert sum("Сбербанк" in text for text in banks) > len(banks) / 4
    assert not any("@name" in text for text in banks)
    (lesson,) = lessons([], [], [], [next(each for each in found if each.text.source == "domains/banks")])
    assert set(lesson.taught) >= {"direct", "polar"}  # posts teach no Russian sentiment, these do


def test_a_later_time_is_read_by_a_model_that_has_met_an_earlier_one_alone() -> None:
    words = {"negative": "ужас сбой", "neutral": "кредит онлайн", "positive": "спасибо выручили"}
    dated = [
        Labelled(
            "ru", "sentirueval-bank/2013", f"{word} {number}", label, f"2013-{number // 28 + 1:02}-{number % 28 + 1:02}"
        )
        for number in range(120)
        for label, word in words.items()
    ]
    (told,) = later(Lessons([*corpus(), *dated], [], []))
    assert (told.lang, told.source, told.texts) == ("ru", "sentirueval-bank", 117)
    assert told.auc[0] > 95


def test_each_half_of_the_posts_is_read_by_a_model_that_has_not_seen_it() -> None:
    told = [
        Post(Labelled("pl", "posts", f"{word} {number}", "negative"), complaint=wrong, outage=not wrong)
        for number, (word, wrong) in enumerate([("zgasło", False), ("zgasło", False), ("zdzierstwo", True)] * 8)
    ]
    found = {each.head: each for each in post_halves(Lessons(corpus(), [], [], posts=told))}
    assert set(found) == {"outage", "complaint"}
    assert found["outage"].posts == 24
    assert found["outage"].reports == 16
    assert found["outage"].recall == (100.0, 100.0, 100.0)
    low, high = found["complaint"].precision[1:]
    assert low <= found["complaint"].precision[0] <= high
    assert found["complaint"].auc == (100.0, 100.0, 100.0)


def test_a_corpus_is_read_from_its_files(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "pl.csv.gz", "wt", encoding="utf-8") as file:
        file.write(HEADER + '1,pl,"tak, nie",negative,s,2020-01-01\n')
    assert read_corpus(tmp_path) == [Labelled("pl", "s", "tak, nie", "negative", "2020-01-01")]
    assert read_complaints(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [(HEADER + "1,pl,a,angry,s,\n", "label 'angry'"), ("id,text\n1,a\n", "no column"), (None, "no .*csv.gz")],
)
def test_what_is_no_corpus_is_refused(tmp_path: Path, content: str | None, says: str) -> None:
    if content is not None:
        with gzip.open(tmp_path / "x.csv.gz", "wt", encoding="utf-8") as file:
            file.write(content)
    with pytest.raises(InputError, match=says):
        read_corpus(tmp_path)
