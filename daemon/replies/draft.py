"""A reply as the rules see it: its text without what is not its own, and who it answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property, lru_cache

from daemon.model import Label, Meaning
from daemon.replies import address
from daemon.replies.phrases import EVEN, LANGUAGES, Phrases, found, phrases
from detectors.sentiment import load_model

_QUOTED = re.compile(
    r"„[^”“\"\n]{1,200}[”“\"]|“[^”\n]{1,200}”|«[^»\n]{1,200}»|\"[^\"\n]{1,200}\"|"
    r"(?<!\w)'(?=\w)[^'\n]*(?:(?<=\w)'(?=\w)[^'\n]*){0,5}'(?!\w)|^>[^\n]*",
    re.MULTILINE,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,}/\S+", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:\b(?:Pan(?:ie|a|u|em|i|ią)?|Mr|Mrs|Ms|Miss|Mx|Dr|г-н|г-жа|[Гг]осподин\w*|"
    r"[Гг]оспожа?\w*|[Уу]важаем\w+|Dear|Szanown\w+ Pan\w*)\b\.?)"
    r"((?:\s+[A-ZŻŹĆĄŚĘŁÓŃА-ЯЁ][\w'’-]+){1,3})"
)
_NOT_NAMES = re.compile(r"\s+(?:Twó?j\w*|Ty|Ci(?:ebie|ę)?|Pa[nń]\w*|Customer|Client|Sir|Madam|Клиент\w*|Вы|Ваш\w*)\b")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”»)]*\s+|\n+")
_PLEASE = re.compile(r",\s*(?:(?:пожалуйста|please)(?:,|(?=\s))|proszę,)", re.IGNORECASE)
_PAGE = re.compile(r"(?:https?://[^\s/]+|(?<![\w@.-])(?:[\w-]+\.)+[a-zа-я]{2,})/\w", re.IGNORECASE)
_LAUGHS = re.compile(r"[😀-😂😄-😆🤣😉😊😋😎😜😝🤪😹😸🥳🤭]|(?<![\w:])[:;]-?[D)P](?!\w)|(?<!\w)[xX]D+(?!\w)|\){2,}")
_GRIEVES = re.compile(r"[😠-😢😤😥😧-😩😫😭😰-😳🤬🤮💀🙄🤦]|!!")
_BLANK = "\0"
_LEAST = 1e-4  # of a chance
_ENOUGH = 4  # words
_GLAD, _CALM, _CALM_QUESTION, _TROUBLED, _UPSET = -4.2, -6.0, -1.0, 3.0, 3.5  # of what the text model hears


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + _BLANK * (end - start) + text[end:]


@lru_cache(maxsize=512)
def _read(text: str) -> Meaning:
    (meaning,) = load_model().read([text], [None])
    return meaning


def _log_odds(chance: float) -> float:
    kept = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))


class Customer:
    """What the customer's own words tell: mood, form of address, gender."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = text.translate(EVEN)

    def _says(self, section: str, key: str = "patterns") -> int:
        return sum(1 for _ in phrases("customer", section, key).find(self._plain))

    @cached_property
    def heard(self) -> float:
        """How sure the text model is of a wrong told in anger: log-odds of negative and of complaint, added up.

        0 where it would hear too little.
        """
        if len(self.text.split()) < _ENOUGH:
            return 0.0
        meaning = _read(self.text)
        return _log_odds(meaning.p_negative) + _log_odds(meaning.complaint)

    @cached_property
    def angry(self) -> bool:
        """Upset, by words, capitals or exclamation marks, unless the text model hears a calm question or praise."""
        return not self.soothed and self._angry

    @cached_property
    def soothed(self) -> bool:
        """Whether words of trouble stand in what the text model hears as a calm question, or as no trouble at all."""
        return self.heard < (_CALM_QUESTION if "?" in self.text else _CALM)

    @cached_property
    def _angry(self) -> bool:
        loud = sum(1 for word in re.findall(r"[^\W\d_]{6,}", self.text) if word.isupper())  # longer than acronyms
        shouts = "!!" in self.text or "?!" in self.text or loud > 1 or (loud == 1 and "!" in self.text)
        return not self.happy and (self._says("angry") > 0 or shouts)

    @cached_property
    def negative(self) -> bool:
        """Angry, tells of something wrong, or exclaims."""
        if self.angry:
            return True
        if self.happy or self.asks or self.soothed:
            return False
        return self._says("negative") > 0 or self._exclaims() or self.heard > _UPSET

    @cached_property
    def asks(self) -> bool:
        """Asks one question in general, such as how a broken thing is exchanged: nothing of what befell them."""
        begin = next((stop for start, stop in self._greetings.find(self._plain) if start == 0), 0)
        said = self._plain[begin:].strip(" ,.!")
        if not said.endswith("?") or _SENTENCE.search(said):
            return False
        why = next(phrases("customer", "question", "why").find(said), (0, 0))
        asked = why != (0, 0) or next(phrases("customer", "question").find(said), None) is not None
        return asked and next(phrases("customer", "question", "personal").find(said[why[1] :]), None) is None

    @cached_property
    def asks_where(self) -> bool:
        """Wants to know whom or where to ask, or when somebody is there."""
        return self._says("question", "where") > 0

    @cached_property
    def calm(self) -> bool:
        """Asks for something, without a word of anger, though something is amiss."""
        begin = next((stop for start, stop in self._greetings.find(self._plain) if start == 0), 0)
        said = self._plain[begin:].strip(" ,.!")
        asks = any(start == 0 for start, _ in phrases("customer", "question", "calm").find(said))
        return asks and not self.angry and "!" not in self.text and _SENTENCE.search(said) is None

    @cached_property
    def mild(self) -> bool:
        """Tells in a few calm words that something did not come or open."""
        return not self.angry and self._says("negative", "mild") > 0

    @cached_property
    def jokes(self) -> bool:
        """Laughs at what befell them, with an emoji or emoticon, and without a word of anger."""
        return not self.angry and _LAUGHS.search(self.text) is not None and _GRIEVES.search(self.text) is None

    @cached_property
    def troubled(self) -> bool:
        """Negative, or in some trouble, however calmly told."""
        if self.happy or self.soothed:
            return self.negative
        return self.negative or self._says("negative", "wider") > 0 or self.heard > _TROUBLED

    def _exclaims(self) -> bool:
        """Ends a sentence of some length, no greeting, with an exclamation mark."""
        said = re.findall(r"[^.!?…\n]+!", self._plain)
        return any(len(one.split()) > 2 and next(self._greetings.find(one), None) is None for one in said)  # noqa: PLR2004

    @cached_property
    def _greetings(self) -> Phrases:
        return phrases("customer", "greetings")

    @cached_property
    def happy(self) -> bool:
        """Praises, and tells of nothing wrong."""
        if self.heard < _GLAD and _read(self.text).label is Label.POSITIVE:
            return True
        bad = self._says("angry") * 2 + self._says("negative")
        return self._says("positive") > bad

    @cached_property
    def praises(self) -> bool:
        """Has a good word for us, whatever else is told."""
        return self._says("positive") > 0

    @cached_property
    def words(self) -> frozenset[str]:
        """All words they use, in small letters."""
        return frozenset(re.findall(r"\w+", self._plain.lower()))

    @cached_property
    def informal(self) -> bool:
        """Asks for no formality, or writes to us as one writes to a friend."""
        if self._says("informal", "asked"):
            return True
        formal, informal = self._says("formal"), self._says("informal")
        if any(next(address.familiar_forms(self._plain, lang), None) for lang in ("pl", "ru")):
            informal += 1
        return informal > formal

    @cached_property
    def formal(self) -> bool:
        """Writes as one writes to an office."""
        return not self.informal and self._says("formal") > 0


class Draft:
    """A reply to be checked, with all that is known of its occasion."""

    def __init__(
        self,
        text: str,
        *,
        lang: str,
        customer: Customer | None = None,
        audience: str = "public",
        channel: str | None = None,
        incident: bool = False,
        facts: tuple[str, ...] = (),
        previous: tuple[str, ...] = (),
        now: datetime | None = None,
        timezone: str = "UTC",
    ) -> None:
        self.text = text
        self.lang = lang
        self.customer = customer
        self.audience = audience
        self.channel = channel
        self.incident = incident
        self.facts = facts
        self.previous = previous
        self.now = now
        self.timezone = timezone

    @property
    def known(self) -> bool:
        """Whether there are phrase lists for its language."""
        return self.lang in LANGUAGES

    @cached_property
    def unquoted(self) -> str:
        """As long as the text; letters evened out, quotations blanked."""
        plain = self.text.translate(EVEN)
        for match in _QUOTED.finditer(plain):
            plain = _blank(plain, *match.span())
        return plain

    @cached_property
    def own(self) -> str:
        """`unquoted` with links, and names behind a form of address, blanked as well."""
        plain = self.unquoted
        for match in _LINK.finditer(plain):
            plain = _blank(plain, *match.span())
        for match in _NAMED.finditer(plain):
            if not _NOT_NAMES.match(match[1]):
                plain = _blank(plain, *match.span(1))
        return _PLEASE.sub(lambda match: " " * len(match.group()), plain)  # it stands between any two words

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Where each sentence begins and ends."""
        starts = [0, *(match.end() for match in _SENTENCE.finditer(self.text))]
        ends = [*(match.start() for match in _SENTENCE.finditer(self.text)), len(self.text)]
        return tuple((start, end) for start, end in zip(starts, ends, strict=True) if end > start)

    def find(self, section: str, key: str = "patterns") -> Iterator[tuple[int, int]]:
        """Places of `own` where the phrases of a section match, sentence by sentence."""
        for start, end in self.sentences:
            for begin, stop in found(self.lang, section, key, self.own[start:end]):
                yield start + begin, start + stop

    def says(self, section: str, key: str = "patterns") -> bool:
        """Whether it does so anywhere."""
        return next(self.find(section, key), None) is not None

    def repeats(self, start: int, end: int) -> bool:
        """Whether all words of a place of `own` are the customer's as well."""
        theirs = self.customer.words if self.customer is not None else frozenset()
        return theirs.issuperset(re.findall(r"\w+", self.own[start:end].lower()))

    @cached_property
    def guides(self) -> bool:
        """Whether it links to a page of its own, not to a home page."""
        return _PAGE.search(self.unquoted) is not None

    @cached_property
    def serious(self) -> bool:
        """In a crisis, or in answer to something bad: no place for jokes or private persons."""
        if self.incident:
            return True
        if self.customer is not None and (self.customer.troubled or self.customer.happy):
            return self.customer.troubled
        return self.says("empathy", "regret")  # whoever says sorry has something to be sorry for
