"""How English tells times and promises the next word; the fields are explained in daemon.response.wording."""

from __future__ import annotations

from typing import Final

from daemon.response.wording import Wording

_HOURS: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}

_WHEN: Final = r"(?:\b(?:this|in the|during the|by|by the|early|late) |(?<=\0) )"  # "good morning" is no time

ENGLISH = Wording(
    cue=(
        r"\b(?:we|i)(?:['’]ll| will| shall|"
        r"['’]re going to| are going to) (?:\w+ ){0,3}?(?:be back(?: here)?|get back|come back|update|"
        r"reply|respond|answer|post|share|write|return|report|say|explain|describe|"
        r"let you know|tell you|follow up|be in touch|contact|inform|provide|give|send|"
        r"have (?:\w+ )?(?:more|news|an? (?:update|answer))|publish|keep you|message|confirm|"
        r"know more|say more|check (?:on|in with) you|"
        r"check (?:in|back)(?: again| here)* (?=at|by|around|before|later|tomorrow)|"
        r"look in|call|ring|phone|e-?mail|speak|issue|announce)|"
        r"\bwe (?:\w+ )?(?:post|report|write|speak|return|update|are back|say more|tell you more|have more)(?: \w+)? "
        r"(?=again|here|at|by|on|in|around)|"
        r"\band (?:will|shall) (?:report|post|write|publish|add|share|return|be back|check (?:on|in with) you|look in)|"
        r"\bwe(?:['’]ll| will) add|"
        r"(?:findings|results?|details|figures|account|review|summary|analysis|numbers|outcome|list|timetable|report|plan|"
        r"decision)(?: \w+){0,6} will be (?:published|posted|shared|announced|here|in this thread|(?:on|under) this)|"
        r"you(?:['’]ll| will)(?: \w+)? (?:hear|receive|have|get)|(?:next|another|further|fresh|"
        r"more|new|an?) (?:\w+ )?(?:update|statement|word|news|information|post|bulletin|notice|briefing|"
        r"message|announcement|report|reply|answer)|"
        r"will (?:\w+ ){0,2}?(?:write to|reply to|get back to|be in touch with|answer|contact|call|ring|phone|message|"
        r"email|update|tell) you\b|"
        r"\b(?:writes|calls|rings|phones|messages|e-?mails) (?:to )?you\b|"
        r"(?:^|[^\w\s]\s*)(?:please )?check (?:back|in)(?: again| here)* (?=at|by|around|before|after|later|tomorrow)|"
        r"\bexpect to hear (?:\w+ )?from us\b|"
        r"(?:^|[^\w\s]\s*)(?:back(?: here)?|update|updates|more|reply|answer)\b(?: \w+){0,3}? (?=at|"
        r"by|in|within|before|around|later|overnight)|\bupdates?:? |expect (?:\w+ ){0,3}(?:update|answer|reply|"
        r"response|news|word|call|message)|(?:^|[^\w\s]\s*)(?:news|word)(?: on(?: \w+){1,4}?)?"
        r"(?: here)? (?=at|by|in|before|tomorrow|every)|\b(?:the )?next(?: one)? (?=at|by|in|before|around)|"
        r"\band (?:then |will |we'll |shall )?(?:reply|answer|respond|report back|get back|"
        r"be back(?: here)?|update|let you know|write|come back|follow up|post|share|"
        r"call|message|contact|tell you)\b|"
        r"(?:update|statement|answer|reply|response) (?:\w+ )?(?:will|is (?:due|coming|"
        r"expected)|due|to follow|follows|coming)|speak (?:soon|again)|be back here|\bwe['’]re back here"
    ),
    other=(
        r"\b(?<!what )(?:was|were|had|has been|have been|began|went|ago|yesterday|lost|broke|wrote|sent|"
        r"got|open|opens|closes|closed|available)\b|"
        r"(?<!\bbe )\b(?:start|stopp?|report|occurr|happen|crash|fail|dropp|notic|announc|promis|mention|"
        r"publish|post|appear|launch|interrupt|receiv)ed\b"
    ),
    since=r"\b(?:since|from|after|as of) (?:about |around )?",
    at=r"\b(?:at|by|before|around|about|until|till|towards|between|to)\s+",
    broken=r"\b(?:(?<!as )(?<!the )promised|said|told you|should have|were due)\b(?: that\b)?",
    negation=r"not",
    moved=r"(?:\w+ ){0,3}(?:is|has been|was|will be) (?:now )?(?:moved|postponed|delayed|pushed back|cancel+ed)\b",
    deadline=r"\b(?:by|before|until|till|within) ",
    clock_noun=r"$^",
    hours_noun=r"(?:\s?o['’]?\s?clock)",
    letter=r"\b(?:at|by|before)\s+|\b(?:until|till)\s+(?=1[3-9]|2[0-3])",
    not_hour=(
        r"\s*(?:%|percent|per cent|people|customers|minutes?|mins?\b|hours?|hrs?\b|h\b|days?|"
        r"times|areas|stores|cities|users|accounts|weeks?|months?|of\b|euros?|pounds|dollars|"
        r"k\b|-?(?:hour|minute|day|step))"
    ),
    either=r"or",
    parts={
        r"a\.?\s?m\.?(?!\w)|(?:in the |this )?(?<!good )morning": "am",
        r"p\.?\s?m\.?(?!\w)|(?:in the |this )?(?<!good )(?:afternoon|evening)|tonight|night": "pm",
    },
    periods={
        rf"{_WHEN}morning\b(?!['’])|\bfirst thing(?=\s\0)|\b(?:by|before) lunch\b": (12, 0),
        rf"{_WHEN}lunch ?time\b": (14, 0),
        rf"{_WHEN}afternoon\b(?!['’])": (18, 0),
        rf"{_WHEN}evening\b(?!['’])|\btonight\b(?!['’])|(?<=\0) night\b": (22, 0),
    },
    fixed={
        r"\b(?:at|by|before|around|until|till|towards) (?:12 )?(?:noon|midday)\b": (12, 0),
        r"\b(?:at|by|before|around|until|till|towards) (?:12 )?midnight\b": (24, 0),
        (
            r"\b(?:by|before|at) (?:the )?(?:end of (?:the |to)?(?:business )?day|eod|"
            r"close of business)\b|\bby the end of (?=tomorrow)"
        ): (
            23,
            59,
        ),
    },
    later=r"\blater (?:on )?today\b",
    overnight=r"\bovernight\b(?=\s*(?:[.,;:!?)–—-]|\Z|(?:and|as|here|in|on|if|once|when|with)\b))",
    matter=(
        r"\b(?:not|never|if|whether|that|what|why|how|who|which|when|where|outages?|failures?|incidents?|problems?|"
        r"issues?|faults?|fire|works?|repairs?)\b"
    ),
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
        r"\b(?:in|within|under|inside|every)\s+(?:about\s+|around\s+|approximately\s+|at most\s+|"
        r"less than\s+|just\s+|the\s+|next\s+|coming\s+|another\s+|a\s+maximum\s+of\s+)*"
    ),
    numbers=_HOURS
    | {
        "half a": 0.5,
        "half an": 0.5,
        "one and a half": 1.5,
        "a": 1,
        "an": 1,
        "a couple of": 2,
        "couple of": 2,
        "a couple": 2,
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
    day=r"(?:working |business )?days?\b",
    unit_first="",
    spans={
        r"\bevery half[- ](?:an )?hour\b": 30,
        r"\b(?:in|within) an hour or two\b": 120,
        r"\bevery hour\b|\bhourly\b": 60,
        r"\b(?:in|within) (?:a )?quarter of an hour\b": 15,
        r"\b(?:in|within) an hour and a half\b": 90,
        r"\b(?:in|within) (?:the|the next|the coming) half[- ]hour\b": 30,
        r"\b(?:in|within) (?:the|the next|the coming) hour\b|\bwithin an hour\b|\bin an hour\b": 60,
    },
    between=r"\s*(?:–|—|-|to)\s*",
    both=(r"\bbetween\s+", r"\s*and\s*"),
    joins=r"and|but|how",
    hour_words=_HOURS,
    spoken=(
        (r"(?:\b(?:at|by|before|around|about|until|till) )?\bhalf(?: |-)?past {hour}", 0, 30),
        (r"\b(?:at|by|before|around|about|until|till) half {word}", 0, 30),
        (r"(?:\b(?:at|by|before|around|about|until|till) )?(?:\ba )?\bquarter (?:past|after) {hour}", 0, 15),
        (r"(?:\b(?:at|by|before|around|about|until|till) )?(?:\ba )?\bquarter (?:to|of|before) {hour}", -1, 45),
        (r"\b{n}(?: minutes?)? (?:past|after) {hour}", 0, 0),
        (r"\b{n}(?: minutes?)? (?:to|before) {word}", -1, 0),
        (
            (
                r"\b(?:at|by|before|around|about|until|till) {word}(?: {n})?(?:\s?o['’]?\s?clock)?"
                r"(?=\s*(?:[.,;:!?)–—-]|\Z|(?:[ap]\.?\s?m\b|in|this|today|tonight|tomorrow|on|and|with|here|sharp)\b))"
            ),
            0,
            0,
        ),
    ),
    bare_hour_is_next=True,
)
