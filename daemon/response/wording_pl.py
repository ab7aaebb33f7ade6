"""How Polish tells times and promises the next word; the fields are explained in daemon.response.wording."""

from __future__ import annotations

from daemon.response.wording import Wording

POLISH = Wording(
    cue=(
        r"\bwr(?:ó|a)c(?:imy|amy)|wrócę|powrócimy|odezw(?:iemy|ę) się|odezwiemy|odpowiemy|"
        r"odpisz(?:emy|ę)|odpowiem\b|napisz(?:emy|ę)|"
        r"\b(?:poinformuję|powiadomię|przekażę|potwierdzę|zadzwonię|oddzwonię|prześlę|wyślę|opowiem|powiem|wyjaśnię|"
        r"zaktualizuję|uaktualnię|zajrzę|zajrzymy|zdam relację|będę (?:\w+ ){0,3}(?:informować|wracać|pisać|dawać znać|"
        r"informowała?|wracała?|pisała?|dawała? znać))\b|"
        r"\bpodamy|\bpoda(?:my|m)\b|poinformujemy|informowa(?:ć|li) będziemy|"
        r"będziemy (?:\w+ ){0,3}(?:informować|wracać|podawać|pisać|aktualizować|zamieszczać|publikować|dawać znać|"
        r"z powrotem)|(?:informować|podawać|pisać|aktualizować|zamieszczać|publikować) będziemy|"
        r"opiszemy|dopiszemy|pisz(?:emy|ę) (?:tu|ponownie|znowu|znów)|zdamy relację|podzielimy się|"
        r"(?:zamieszczamy|publikujemy|podajemy|ogłaszamy)\b|"
        r"da(?:m|my|jemy) (?:\w+ ){0,2}zna(?:ć|ku)|przekażemy|opublikujemy|zamieścimy|ogłosimy|"
        r"powiadomimy|potwierdzimy|zaktualizujemy|"
        r"wrzucimy|damy (?:tutaj|tu)\b|skontaktujemy|zadzwonimy|oddzwonimy|będziemy mieć|"
        r"będziemy mieli|przedstawimy|"
        r"opowiemy|powiemy|uaktualnimy|prześlemy|wyślemy|udostępnimy|podsumujemy|streścimy|wyjaśnimy|dodamy|"
        r"(?:następn|kolejn|najbliższ|now)\w+ (?:\w+ )?(?:informacj|komunikat|aktualizacj|"
        r"wiadomoś|wpis|wieś|status|raport|post|oświadczeni|ogłoszeni)\w*|"
        r"\b(?:zadzwoni|oddzwoni)\b|"
        r"(?:odezwie się|napisze|skontaktuje się|odpisze|odpowie) (?:do |z )?(?:pan|państw|cieb|tob|wam|ci\b)|"
        r"\b(?:do|z) (?:pan\w+|państw\w+|ciebie|tobą) (?:zadzwoni|odezwie się|napisze|skontaktuje się)|"
        r"(?:aktualizacj|informacj|komunikat|odpowied)\w* (?:\w+ )?(?:pojawi|będzie|otrzyma|"
        r"opublik|spodziewaj|poda)\w*|"
        r"(?:aktualizacja|komunikat|informacja|update|odpowiedź):? (?=o |do |ok|jutro|dzi|za |"
        r"w ci)|usłysz\w+|do usłyszenia|"
        r"będ(?:ziemy|ę) (?:\w+ )?w kontakcie\b(?! z (?!pa[nń]|wami|tobą))|"
        r"(?:otrzyma(?:ją|cie|sz)|dostan(?:ą|iecie|iesz)) (?:\w+ ){0,3}(?:odpowied|informacj|wiadomo)\w*|(?:proszę|"
        r"prosimy) (?:się )?spodziewać|spodziewaj\w*|zostan(?:ą|ie) (?:\w+ )?(?:poinformowan|"
        r"opublikowan|podan|zamieszczon)\w*"
    ),
    other=(
        r"\b(?!pół\b|\w*(?:artykuł|dział|udział|zespół|podział)\b)\w{2,}(?:ł|ła|ło|ły|łem|łam|liśmy|"
        r"łyśmy|liście|łyście|łeś|łaś)\b|\b\w{3,}(?<!któr)(?:eli|ali|ili|yli)\b|"
        r"\b(?:zgłoszono|odnotowano|zauważono|ogłoszono|otwart\w+|czynn\w+|działa(?:ją)?|"
        r"dostępn\w+|wczoraj|temu)\b"
    ),
    since=r"(?:\bod|\bz|\bsprzed|\bpo) (?:ok(?:oło|\.) )?",
    at=r"\b(?:o|do|około|ok\.|przed|koło|między|pomiędzy|na|po)\s+",
    broken=(
        r"\b(?<!jak )(?:obiec(?:aliśmy|ałem|ałam|ano|ywaliśmy)|zapowie(?:dzieliśmy|działem|działam|dziano)|"
        r"zapowiadaliśmy|mieliśmy|miałem|miałam)\b(?:, że\b)?"
    ),
    negation=r"nie",
    moved=r"(?:\w+ ){0,2}(?:przesuwamy|przekładamy|odwołujemy|przesunięt|przełożon|odwołan)\w*",
    deadline=r"(?:\bdo|\bprzed|\bnajpóźniej|ciągu) ",
    clock_noun=r"(?:godz(?:inie|inę|iny|iną)?\.?\s*)",
    hours_noun=r"(?:-?\s?(?:tej|stej|ej|ta|tą)\b)",
    letter=r"\b(?:o|przed|po)\s+|\bdo\s+(?=1[3-9]|2[0-3])",
    not_hour=(
        r"\s*(?:%|zł|proc|os[óo]b|klient|minut|godzin|min\b|h\b|dni|dób|tys|mln|raz|sekund|"
        r"tygodn|miesi|z\s+\d+|punkt|placów|miejsc|miast|użytk)"
    ),
    either=r"lub|albo|czy",
    parts={
        r"rano|nad ranem|przed południem": "am",
        r"po południu|popołudniu": "pm",
        r"wieczorem|wieczór": "pm",
        r"w nocy": "am",
    },
    periods={
        r"\brano\b|\b(?:z (?:samego )?|do )rana\b|\bw godzinach porannych\b": (12, 0),
        r"(?<!\bo )\bpo ?południu\b|\bpopołudniem\b|\bw godzinach popołudniowych\b": (18, 0),
        r"\bwieczorem\b|(?<!dobry )\bwieczór\b|\bdo wieczora\b|\bw godzinach wieczornych\b": (22, 0),
    },
    fixed={
        r"\b(?:w|do|przed|o|około|ok\.|koło) (?:południe|południa|południem)\b": (12, 0),
        r"\b(?:o|do|przed|około|ok\.|koło) (?:północy|północą)\b": (24, 0),
        (
            r"\b(?:do|na|przed) (?:końca|koniec|końcem) (?:dzisiejszego )?dnia\b|"
            r"\bdo końca (?=jutra|dzisiejszego|jutrzejszego)"
        ): (
            23,
            59,
        ),
    },
    later=r"\bjeszcze dzi(?:ś|siaj)\b(?! nie\b)|\bdzi(?:ś|siaj) jeszcze\b(?! nie\b)",
    overnight=r"\bw nocy\b|\b(?:dzisiejszej|tej) nocy\b",
    matter=(
        r"\b(?:nie|czy|że|gdy|kiedy|jeśli|jeżeli|jak|co|dlaczego|wtedy|awari\w*|przerw\w*|problem\w*|usterk\w*|"
        r"incyden\w*|zdarze\w*|wypad\w*|pożar\w*|prac\w*)\b"
    ),
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
        r"\b(?:w (?:prze)?ciągu|za|do|przez|maksymalnie|najpóźniej za|w|co)\s+(?:ok(?:oło|\.)\s+|"
        r"najbliższ\w+\s+|jaki(?:eś|chś)\s+|mniej więcej\s+|niespełna\s+|"
        r"kolejn\w+\s+|następn\w+\s+|maksymalnie\s+|najwyżej\s+|niecał\w+\s+)*"
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
        "parę": 2,
        "paru": 2,
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
    unit_first="",
    spans={
        r"\b(?:za|w (?:prze)?ciągu|do) kwadrans(?:u|a)?\b": 15,
        r"\b(?:za|w (?:prze)?ciągu|do) (?:najbliższej |niecałej )?godzin(?:ę|y)\b(?!\s*\d)": 60,
        r"\b(?:za|w ciągu) godzin[ęy](?:,| lub|[-–]|–) ?dw(?:ie|óch)\b": 120,
        r"\bco godzinę\b": 60,
        r"\b(?:za|w (?:prze)?ciągu|do) (?:najbliższej )?(?:dobę|doby)\b|\bza dzień\b": 1440,
    },
    between=r"\s*(?:–|—|-|do)\s*",
    both=(r"\b(?:(?:po)?między|od(?=\s+\d{1,2}(?:[:.]\d\d)?\s+do\s))\s+", r"\s*a\s*"),
    joins=r"i|oraz|a|ale|lecz|jak",
    hour_words={
        r"pierwsz(?:iej|ej|ią|ą|ia|a)": 1,
        r"drug(?:iej|ej|ią|ą|ia|a)": 2,
        r"trzec(?:iej|ej|ią|ą|ia|a)": 3,
        r"czwart(?:iej|ej|ią|ą|ia|a)": 4,
        r"piąt(?:iej|ej|ią|ą|ia|a)": 5,
        r"szóst(?:iej|ej|ią|ą|ia|a)": 6,
        r"siódm(?:iej|ej|ią|ą|ia|a)": 7,
        r"ósm(?:iej|ej|ią|ą|ia|a)": 8,
        r"dziewiąt(?:iej|ej|ią|ą|ia|a)": 9,
        r"dziesiąt(?:iej|ej|ią|ą|ia|a)": 10,
        r"jedenast(?:iej|ej|ią|ą|ia|a)": 11,
        r"dwunast(?:iej|ej|ią|ą|ia|a)": 12,
        r"trzynast(?:iej|ej|ią|ą|ia|a)": 13,
        r"czternast(?:iej|ej|ią|ą|ia|a)": 14,
        r"piętnast(?:iej|ej|ią|ą|ia|a)": 15,
        r"szesnast(?:iej|ej|ią|ą|ia|a)": 16,
        r"siedemnast(?:iej|ej|ią|ą|ia|a)": 17,
        r"osiemnast(?:iej|ej|ią|ą|ia|a)": 18,
        r"dziewiętnast(?:iej|ej|ią|ą|ia|a)": 19,
        r"dwudziest(?:iej|ej|ią|ą|ia|a)": 20,
        r"dwudziest(?:iej|ej|ią|ą|ia|a)\s+pierwsz(?:iej|ej|ią|ą|ia|a)": 21,
        r"dwudziest(?:iej|ej|ią|ą|ia|a)\s+drug(?:iej|ej|ią|ą|ia|a)": 22,
        r"dwudziest(?:iej|ej|ią|ą|ia|a)\s+trzec(?:iej|ej|ią|ą|ia|a)": 23,
    },
    spoken=(
        (r"(?:\b(?:o|do|przed|około|ok\.) )?\bwpół do {hour}", -1, 30),
        (r"(?:\b(?:o|do|przed|około|ok\.) )?\bkwadrans po {hour}", 0, 15),
        (r"\bza kwadrans {word}", -1, 45),
        (r"\b{n}(?: minut\w*)? po {word}", 0, 0),
        (r"\bza {n}(?: minut\w*)? {word}", -1, 0),
        (
            (
                r"\b(?:o|do|przed|po|około|ok\.|koło|na|punkt) {word}(?: {n})?"
                r"(?=\s*(?:[.,;:!?)–—-]|\Z|(?:rano|nad|po|przed|wieczorem|w|dziś|dzisiaj|jutro|i|oraz|a|z)\b))"
            ),
            0,
            0,
        ),
    ),
    bare_hour_is_next=False,
)
