"""How Polish, Russian and English tell times, and how they promise the next word.

Regular expressions are matched without regard to case. In ``clock`` the groups are
``h``, ``m`` and ``part`` (am, pm, evening …); a number with neither minutes nor part
needs a preposition before it, or it could count anything.
"""

from __future__ import annotations

import msgspec


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """One language's ways."""

    cue: str  # we announce our next word
    other: str  # a time beside this belongs to something else: an event, opening hours
    since: str  # directly before a time: it tells a beginning, or an event
    at: str  # directly before a bare hour: it is one
    deadline: str  # directly before a time: no later than
    clock_noun: str  # between preposition and time: "godz."
    hours_noun: str  # after a bare hour: "часов"
    not_hour: str  # after a number: it counts something else
    parts: dict[str, str]  # part of the day → am, pm or evening
    fixed: dict[str, tuple[int, int]]  # noon, midnight, end of the day
    days: dict[str, int]  # today 0, tomorrow 1, yesterday -1
    weekdays: tuple[str, ...]  # from Monday
    months: tuple[str, ...]
    within: str  # before a duration
    numbers: dict[str, float]
    minute: str
    hour: str
    day: str
    spans: dict[str, float]  # whole durations that need no number, in minutes
    between: str  # joins the two ends of a range
    bare_hour_is_next: bool  # "by 5:30" may mean the afternoon


POLISH = Wording(
    cue=(
        r"wr(?:ó|a)c(?:imy|amy)|wrócę|powrócimy|odezw(?:iemy|ę) się|odezwiemy|odpowiemy|"
        r"odpisz(?:emy|ę)|odpowiem\b|napiszemy|"
        r"\bpodamy|\bpoda(?:my|m)\b|poinformujemy|informowa(?:ć|li) będziemy|"
        r"będziemy (?:na bieżąco )?(?:informować|wracać|z powrotem)|"
        r"dam(?:y)? (?:\w+ ){0,2}zna(?:ć|ku)|przekażemy|opublikujemy|zamieścimy|ogłosimy|"
        r"powiadomimy|zaktualizujemy|"
        r"wrzucimy|damy (?:tutaj|tu)\b|skontaktujemy|zadzwonimy|oddzwonimy|będziemy mieć|"
        r"będziemy mieli|przedstawimy|"
        r"opowiemy|powiemy|uaktualnimy|prześlemy|wyślemy|udostępnimy|"
        r"(?:następn|kolejn|najbliższ|now)\w+ (?:\w+ )?(?:informacj|komunikat|aktualizacj|"
        r"wiadomoś|wpis|wieś|status|raport|post|oświadczeni)\w*|"
        r"(?:aktualizacj|informacj|komunikat|odpowied)\w* (?:\w+ )?(?:pojawi|będzie|otrzyma|"
        r"opublik|spodziewaj|poda)\w*|"
        r"(?:aktualizacja|komunikat|informacja|update|odpowiedź):? (?=o |do |ok|jutro|dzi|za |"
        r"w ci)|usłysz\w+|do usłyszenia|"
        r"otrzyma(?:ją|cie|sz) (?:\w+ ){0,2}(?:odpowied|informacj|wiadomo)\w*|(?:proszę|"
        r"prosimy) (?:się )?spodziewać|spodziewaj\w*|zostan(?:ą|ie) (?:\w+ )?(?:poinformowan|"
        r"opublikowan|podan|zamieszczon)\w*"
    ),
    other=(
        r"\b(?!\w*(?:artykuł|dział|udział|zespół|podział)\b)\w{2,}(?:ł|ła|ło|ły|łem|łam|liśmy|"
        r"łyśmy|liście|łyście|łeś|łaś)\b|\b\w{3,}(?<!któr)(?:eli|ali|ili|yli)\b|"
        r"\b(?:zgłoszono|odnotowano|zauważono|ogłoszono|otwart\w+|czynn\w+|działa(?:ją)?|"
        r"dostępn\w+|wczoraj|temu)\b"
    ),
    since=r"(?:\bod|\bz|\bsprzed|\bpo) (?:ok(?:oło|\.) )?",
    at=r"\b(?:o|do|około|ok\.|przed|koło|między|pomiędzy|a|na|po)\s+",
    deadline=r"(?:\bdo|\bprzed|\bnajpóźniej|ciągu) ",
    clock_noun=r"(?:godz(?:inie|inę|iny|iną)?\.?\s*)",
    hours_noun=r"(?:-?\s?(?:tej|stej|ej|ta|tą)\b)",
    not_hour=(
        r"\s*(?:%|zł|proc|os[óo]b|klient|minut|godzin|min\b|h\b|dni|dób|tys|mln|raz|sekund|"
        r"tygodn|miesi|z\s+\d+|punkt|placów|miejsc|miast|użytk)"
    ),
    parts={
        r"rano|nad ranem|przed południem": "am",
        r"po południu|popołudniu": "pm",
        r"wieczorem|wieczór": "pm",
        r"w nocy": "am",
    },
    fixed={
        r"\b(?:w|do|przed|o|około) (?:południe|południa|południem)\b": (12, 0),
        r"\b(?:o|do|przed|około) (?:północy|północą)\b": (24, 0),
        (
            r"\b(?:do|na|przed) (?:końca|koniec|końcem) (?:dzisiejszego )?dnia\b|"
            r"\bdo końca (?=jutra|dzisiejszego|jutrzejszego)"
        ): (
            23,
            59,
        ),
    },
    days={
        r"\bpojutrze\b": 2,
        r"\bjutro\b|\bjutra\b|\bjutrzejsz\w+": 1,
        r"\bdzi(?:ś|siaj|siejsz\w+)\b": 0,
        r"\bwczoraj\w*\b": -1,
    },
    weekdays=(
        r"poniedział\w+",
        r"wtor(?:ek|ku|kiem)",
        r"środ[ęyaą]",
        r"czwart(?:ek|ku|kiem)",
        r"piąt(?:ek|ku|kiem)",
        r"sobot[ęyaą]",
        r"niedziel[ęiaą]",
    ),
    months=(
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
        "października",
        "listopada",
        "grudnia",
    ),
    within=(
        r"\b(?:w (?:prze)?ciągu|za|do|przez|maksymalnie|najpóźniej za|w)\s+(?:ok(?:oło|\.)\s+|"
        r"najbliższ\w+\s+|kolejn\w+\s+|następn\w+\s+|maksymalnie\s+|najwyżej\s+|niecał\w+\s+)*"
    ),
    numbers={
        "pół": 0.5,
        "półtorej": 1.5,
        "półtora": 1.5,
        "jedną": 1,
        "jednej": 1,
        "jeden": 1,
        "jednego": 1,
        "dwie": 2,
        "dwóch": 2,
        "dwu": 2,
        "dwa": 2,
        "trzy": 3,
        "trzech": 3,
        "cztery": 4,
        "czterech": 4,
        "pięć": 5,
        "pięciu": 5,
        "sześć": 6,
        "sześciu": 6,
        "siedem": 7,
        "siedmiu": 7,
        "osiem": 8,
        "ośmiu": 8,
        "dziewięć": 9,
        "dziewięciu": 9,
        "dziesięć": 10,
        "dziesięciu": 10,
        "dwanaście": 12,
        "dwunastu": 12,
        "piętnaście": 15,
        "piętnastu": 15,
        "dwadzieścia": 20,
        "dwudziestu": 20,
        "trzydzieści": 30,
        "trzydziestu": 30,
        "czterdzieści": 40,
        "czterdziestu": 40,
        "czterdzieści pięć": 45,
        "czterdziestu pięciu": 45,
        "pięćdziesiąt": 50,
        "sześćdziesiąt": 60,
        "sześćdziesięciu": 60,
    },
    minute=r"min(?:ut(?:y|ę)?)?\b\.?",
    hour=r"(?:godzin(?:y|ę|ie)?|godz\.?|h)(?!\w)(?!\s*\d)",
    day=r"(?:dni|dnia|dób|doby|dobę)\b",
    spans={
        r"\b(?:za|w (?:prze)?ciągu|do) kwadrans(?:u|a)?\b": 15,
        r"\b(?:za|w (?:prze)?ciągu|do) (?:najbliższej |niecałej )?godzin(?:ę|y)\b(?!\s*\d)": 60,
        r"\b(?:za|w (?:prze)?ciągu|do) (?:najbliższej )?(?:dobę|doby)\b|\bza dzień\b": 1440,
    },
    between=r"\s*(?:–|—|-|a|do)\s*",
    bare_hour_is_next=False,
)

RUSSIAN = Wording(
    cue=(
        r"верн[её]мся|вернусь|ответим\b|отвечу\b|напишем|сообщим|расскажем|опубликуем|"
        r"проинформируем|дадим знать|да[дм]им (?:\w+ ){0,2}(?:ответ|информаци)\w*|"
        r"свяжемся|перезвоним|отпишемся|выложим|поделимся|обновим (?:информаци|стат|данные|"
        r"пост)\w*|разместим|объявим|пришл[её]м|"
        r"озвучим|уведомим|предоставим|представим|скажем|будем (?:на связи|"
        r"информировать|держать)|выйдем на связь|подведём итог\w*|"
        r"(?:следующ|нов|очередн|ближайш)\w+ (?:\w+ )?(?:сообщени|новост|информаци|обновлени|"
        r"апдейт|пост|отч[её]т|статус|данн|ответ)\w*|"
        r"(?:обновлени|информаци|ответ|сообщени)\w* (?:\w+ )?(?:появ|будет|опубл|получ|ожид|"
        r"жд)\w*|(?:обновление|апдейт|ответ):? (?=в |до |к |через|завтра)|"
        r"ожидайте|жд[иё](?:те)?|получите (?:\w+ ){0,2}(?:ответ|сообщени|информаци)\w*|до связи"
    ),
    other=(
        r"\b[а-яё]{2,}(?:[аеёиоуыяю]л|[аеёиоуыяю]ла|[аеёиоуыяю]ло|[аеёиоуыяю]ли)(?:ся|сь)?\b|"
        r"\b(?:был|была|было|были)\b|\b(?:вчера\w*|назад|работа(?:ет|ют)|открыт\w*|доступ\w+)\b"
    ),
    since=r"\b(?:с|со|от|после) (?:примерно )?",
    at=r"\b(?:в|к|до|около|примерно в|на|по|и)\s+",
    deadline=r"(?:\bдо|\bк|\bне позднее) ",
    clock_noun=r"$^",
    hours_noun=r"(?:-?\s?(?:часов|часам|часа|часу|ч\.?|час|ти|ми)(?!\w))",
    not_hour=(
        r"\s*(?:%|руб|₽|процент|клиент|минут|мин\b|дн[яе]|дней|сут|тыс|млн|раз|секунд|недел|"
        r"месяц|человек|район|город|регион|адрес|офис|точк|групп|пользоват)"
    ),
    parts={r"утра": "am", r"дня": "pm", r"вечера": "pm", r"ночи": "am"},
    fixed={
        r"\b(?:в|до|к) (?:полдень|полудня|полудню)\b": (12, 0),
        r"\b(?:в|до|к) (?:полночь|полуночи)\b": (24, 0),
        r"\b(?:до|к) (?:конца|концу) (?:сегодняшнего |рабочего )?дня\b|\bдо конца (?=завтрашнего)": (23, 59),
    },
    days={
        r"\bпослезавтра\b": 2,
        r"\bзавтра\b|\bзавтрашн\w+": 1,
        r"\bсегодня\b|\bсегодняшн\w+": 0,
        r"\bвчера\w*\b": -1,
    },
    weekdays=(
        r"понедельник\w*",
        r"вторник\w*",
        r"сред[ууыае]",
        r"четверг\w*",
        r"пятниц[уыаей]",
        r"суббот[уыае]",
        r"воскресень[еяю]",
    ),
    months=(
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
    within=(
        r"\b(?:в течени[ие]|через|в|за|до|спустя)\s+(?:ближайш\w+\s+|следующ\w+\s+|примерно\s+|"
        r"около\s+)*"
    ),
    numbers={
        "пол": 0.5,
        "полтора": 1.5,
        "полутора": 1.5,
        "один": 1,
        "одного": 1,
        "одну": 1,
        "одной": 1,
        "два": 2,
        "две": 2,
        "двух": 2,
        "три": 3,
        "трёх": 3,
        "трех": 3,
        "четыре": 4,
        "четырёх": 4,
        "четырех": 4,
        "пять": 5,
        "пяти": 5,
        "шесть": 6,
        "шести": 6,
        "семь": 7,
        "семи": 7,
        "восемь": 8,
        "восьми": 8,
        "девять": 9,
        "девяти": 9,
        "десять": 10,
        "десяти": 10,
        "двенадцать": 12,
        "двенадцати": 12,
        "пятнадцать": 15,
        "пятнадцати": 15,
        "двадцать": 20,
        "двадцати": 20,
        "тридцать": 30,
        "тридцати": 30,
        "сорок": 40,
        "сорока": 40,
        "сорок пять": 45,
        "сорока пяти": 45,
        "пятьдесят": 50,
        "пятидесяти": 50,
        "шестьдесят": 60,
        "шестидесяти": 60,
    },
    minute=r"мин(?:ут(?:ы|у)?)?\b\.?",
    hour=r"(?:час(?:а|ов|ам)?|ч\.?)(?!\w)(?!\s*(?:дня|утра|вечера|ночи))",
    day=r"(?:день|дня|дней|сутки|суток)\b",
    spans={
        r"\b(?:через|в течени[ие]|за|в ближайшие) (?:ближайших )?(?:полчаса|получаса)\b": 30,
        r"\b(?:через|в течени[ие]) четверт[ьи] часа\b": 15,
        (
            r"\b(?:через|в течени[ие]|в) (?:одного |один |ближайш(?:ий|"
            r"его) )?час(?:а)?\b(?!\s*(?:дня|ночи))"
        ): 60,
        r"\b(?:через|в течени[ие]) (?:ближайших )?(?:сутки|суток|день|дня)\b": 1440,
    },
    between=r"\s*(?:–|—|-|и|до)\s*",
    bare_hour_is_next=False,
)

ENGLISH = Wording(
    cue=(
        r"\b(?:we|i)(?:['’]ll| will| shall|"
        r"['’]re going to| are going to) (?:\w+ ){0,3}?(?:be back(?: here)?|get back|come back|update|"
        r"reply|respond|answer|post|share|write|return|report|"
        r"let you know|tell you|follow up|be in touch|contact|inform|provide|give|send|"
        r"have (?:\w+ )?(?:more|news|an? (?:update|answer))|publish|keep you|message|confirm|"
        r"know more|say more|call|speak|issue|announce)|"
        r"you(?:['’]ll| will)(?: \w+)? (?:hear|receive|have|get)|(?:next|another|further|fresh|"
        r"more|new|an?) (?:\w+ )?(?:update|statement|word|news|information|post|bulletin|"
        r"message|announcement|report|reply|answer)|"
        r"(?:^|[.!?,;–—-]\s*)(?:back|update|updates|more|reply|answer)\b(?: \w+){0,3}? (?=at|"
        r"by|in|within|before|around)|\bupdates?:? |expect (?:\w+ ){0,3}(?:update|answer|reply|"
        r"response|news|word)|"
        r"\band (?:then |will |we'll |shall )?(?:reply|answer|respond|report back|get back|"
        r"be back(?: here)?|update|let you know|write|come back|follow up|post|share|"
        r"tell you)\b|"
        r"(?:update|statement|answer|reply|response) (?:\w+ )?(?:will|is (?:due|coming|"
        r"expected)|due|to follow|follows|coming)|speak (?:soon|again)|be back here"
    ),
    other=(
        r"\b(?:was|were|had|has been|have been|began|went|ago|yesterday|lost|broke|wrote|sent|"
        r"got|open|opens|closes|closed|available)\b|"
        r"\b(?:start|stopp?|report|occurr|happen|crash|fail|dropp|notic|announc|promis|mention|"
        r"publish|post|appear|launch|interrupt|receiv)ed\b"
    ),
    since=r"\b(?:since|from|after|as of) (?:about |around )?",
    at=r"\b(?:at|by|before|around|about|until|till|towards|and|between|to)\s+",
    deadline=r"\b(?:by|before|until|till|within) ",
    clock_noun=r"$^",
    hours_noun=r"(?:\s?o['’]?\s?clock)",
    not_hour=(
        r"\s*(?:%|percent|per cent|people|customers|minutes?|mins?\b|hours?|hrs?\b|h\b|days?|"
        r"times|areas|stores|cities|users|accounts|weeks?|months?|of\b|euros?|pounds|dollars|"
        r"k\b|-?(?:hour|minute|day|step))"
    ),
    parts={
        r"a\.?\s?m\.?(?!\w)|in the morning": "am",
        r"p\.?\s?m\.?(?!\w)|in the (?:afternoon|evening)|tonight|this (?:afternoon|evening)": "pm",
    },
    fixed={
        r"\b(?:at|by|before|around) (?:noon|midday)\b": (12, 0),
        r"\b(?:at|by|before|around) midnight\b": (24, 0),
        (
            r"\b(?:by|before|at) (?:the )?(?:end of (?:the |to)?(?:business )?day|eod|"
            r"close of business)\b|\bby the end of (?=tomorrow)"
        ): (
            23,
            59,
        ),
    },
    days={
        r"\b(?:the )?day after tomorrow\b": 2,
        r"\btomorrow\b": 1,
        r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b": 0,
        r"\byesterday\b|\blast night\b": -1,
    },
    weekdays=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    months=(
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ),
    within=(
        r"\b(?:in|within|under|inside)\s+(?:about\s+|around\s+|approximately\s+|at most\s+|"
        r"less than\s+|just\s+|the\s+|next\s+|coming\s+|another\s+|a\s+maximum\s+of\s+)*"
    ),
    numbers={
        "half a": 0.5,
        "half an": 0.5,
        "one and a half": 1.5,
        "a": 1,
        "an": 1,
        "one": 1,
        "two": 2,
        "a couple of": 2,
        "couple of": 2,
        "three": 3,
        "four": 4,
        "five": 5,
        "six": 6,
        "seven": 7,
        "eight": 8,
        "nine": 9,
        "ten": 10,
        "twelve": 12,
        "fifteen": 15,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "forty-five": 45,
        "forty five": 45,
        "fifty": 50,
        "sixty": 60,
    },
    minute=r"min(?:ute)?s?\b\.?",
    hour=r"(?:h(?:ou)?rs?|h)\b(?! and a half)",
    day=r"days?\b",
    spans={
        r"\b(?:in|within) (?:a )?quarter of an hour\b": 15,
        r"\b(?:in|within) an hour and a half\b": 90,
        r"\b(?:in|within) (?:the|the next|the coming) half[- ]hour\b": 30,
        r"\b(?:in|within) (?:the|the next|the coming) hour\b|\bwithin an hour\b|\bin an hour\b": 60,
    },
    between=r"\s*(?:–|—|-|and|to)\s*",
    bare_hour_is_next=True,
)

WORDINGS = {"pl": POLISH, "ru": RUSSIAN, "en": ENGLISH}

# Abbreviations of zones that people write behind a time, and what they mean.
ZONES = {
    "utc": "UTC",
    "gmt": "UTC",
    "cet": "Europe/Warsaw",
    "cest": "Europe/Warsaw",
    "мск": "Europe/Moscow",
    "msk": "Europe/Moscow",
    "bst": "Europe/London",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
}
