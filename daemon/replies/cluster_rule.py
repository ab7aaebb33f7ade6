"""Where a text denies, excuses, apologises or pays, and in this kind of crisis should not."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.replies.clusters import Cluster, Part, strategy
from daemon.replies.courtesies import without_courtesies
from daemon.replies.lint import Finding

CLUSTER = "cluster"
_MIXED = {
    "en": "Denies, and yet excuses, apologises or pays: nobody believes both. Choose one.",
    "pl": "Zaprzecza, a zarazem się tłumaczy, przeprasza albo płaci: nikt nie uwierzy w jedno i drugie. Proszę wybrać.",
    "ru": "Отрицает и тут же оправдывается, извиняется или платит: в оба сразу никто не поверит. Выберите одно.",
}
# Bolstering is nowhere forbidden.
_FORBIDDEN = {
    "en": {
        Part.DENIAL: "A denial is out of place here:",
        Part.EXCUSE: "An excuse is out of place here:",
        Part.APOLOGY: "An apology is out of place here:",
        Part.COMPENSATION: "Compensation is out of place here:",
    },
    "pl": {
        Part.DENIAL: "Zaprzeczanie tu nie pasuje:",
        Part.EXCUSE: "Tłumaczenie się tu nie pasuje:",
        Part.APOLOGY: "Przeprosiny tu nie pasują:",
        Part.COMPENSATION: "Rekompensata tu nie pasuje:",
    },
    "ru": {
        Part.DENIAL: "Отрицание здесь неуместно:",
        Part.EXCUSE: "Оправдания здесь неуместны:",
        Part.APOLOGY: "Извинения здесь неуместны:",
        Part.COMPENSATION: "Компенсация здесь неуместна:",
    },
}
_BECAUSE = {
    "en": {
        Cluster.VICTIM: "the brand is a victim itself. It may deny what is false.",
        Cluster.ACCIDENTAL: "people take this for an accident. It may be explained, and with a second person's consent "
        "the brand may apologise.",
        Cluster.PREVENTABLE: "people think that this could have been prevented. With a second person's consent the "
        "brand may apologise and offer compensation.",
    },
    "pl": {
        Cluster.VICTIM: "marka sama jest poszkodowana. Można zaprzeczyć temu, co nieprawdziwe.",
        Cluster.ACCIDENTAL: "ludzie widzą w tym nieszczęśliwy wypadek. Można wyjaśnić, jak do niego doszło, a za zgodą "
        "drugiej osoby przeprosić.",
        Cluster.PREVENTABLE: "ludzie uważają, że dało się temu zapobiec. Za zgodą drugiej osoby można przeprosić "
        "i zaproponować rekompensatę.",
    },
    "ru": {
        Cluster.VICTIM: "бренд сам пострадал. Можно опровергнуть то, что не соответствует действительности.",
        Cluster.ACCIDENTAL: "люди видят в этом несчастный случай. Можно объяснить, как это вышло, а с согласия второго "
        "человека извиниться.",
        Cluster.PREVENTABLE: "люди считают, что этого можно было избежать. С согласия второго человека можно "
        "извиниться и предложить компенсацию.",
    },
}


def suits(text: str, lang: str, cluster: Cluster) -> bool:
    """Whether all that ``text`` does fits ``cluster``."""
    return next(unsuited(text, lang, cluster), None) is None


def unsuited(text: str, lang: str, cluster: Cluster, interface_lang: str = "en") -> Iterator[Finding]:
    """What of ``text`` does not fit ``cluster``, told in ``interface_lang``."""
    spoken = interface_lang if interface_lang in _MIXED else "en"
    tries = strategy(without_courtesies(text), lang, cluster)
    span = (0, len(text))
    if tries.mixed:
        yield Finding(rule=CLUSTER, severity="error", message=_MIXED[spoken], span=span, suggestion=None)
    for part in tries.forbidden:
        message = f"{_FORBIDDEN[spoken][part]} {_BECAUSE[spoken][cluster]}"
        yield Finding(rule=CLUSTER, severity="warning", message=message, span=span, suggestion=None)
