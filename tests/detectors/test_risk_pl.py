"""Harm told in Polish, mostly without its usual words, and what only sounds like it."""

from __future__ import annotations

import pytest

from detectors.risk import is_risk

RISKS = (
    "dwie noce na oddziale zakaźnym po waszych pierogach ruskich, gratuluję kuchni",
    "trzylatek wymiotuje krwią po waszym syropku, jedziemy na ostry dyżur",
    "mąż zemdlał za kierownicą po waszych kropelkach na alergię",
    "po masce z waszej drogerii mam oparzenie chemiczne na policzkach, dermatolog w szoku",
    "fotelik się odpiął przy hamowaniu, córce założyli osiem szwów na czole",
    "szczebel w łóżeczku puścił i mały zaklinował szyję, był już siny",
    "lampka nocna stopiła się w nocy do podłogi, dym w całym pokoju dziecka",
    "powerbank zaczął syczeć i iskrzyć mi w plecaku w pociągu",
    "śmierdzi gazem na całej klatce, pogotowie gazowe od was jedzie już drugą godzinę",
    "ewakuowali nas z galerii, coś się pali na poziomie -1",
    "ugryzłam kabanosa a w środku gwóźdź, no prawdziwy gwóźdź",
    "w mrożonym szpinaku żaba. cała. zdjęcie w komentarzu",
    "mleko modyfikowane z robalami, trzecia puszka z tej samej partii",
    "mysie bobki w płatkach owsianych, dzieci jadły to od tygodnia",
    "kelner złapał mnie za tyłek i jeszcze się śmiał z kolegami",
    "pani w przedszkolu zakleiła synkowi usta taśmą, mam nagranie od innej mamy",
    "portier nazwał mnie brudasem i powiedział żebym wracała na Ukrainę",
    "nie wpuścili niewidomej koleżanki z psem przewodnikiem, bo sierść",
    "loguję się do waszej aplikacji a widzę cudze zamówienia, adresy i telefony",
    "dzwonił oszust, znał numer mojej umowy i kwotę raty. skąd to miał jak nie od was",
    "z konta zniknęło 14 tysięcy a wasz konsultant mówi że mam czekać 30 dni",
    "CBA zatrzymało prezesa Budmiksu, dzisiaj zarzuty",
    "UOKiK nałożył na nich 12 milionów kary, w końcu ktoś się za nich wziął",
    "spotykamy się w sądzie, termin rozprawy 4 marca",
    "nie podawajcie dzieciom tych żelków, producent ściąga całą serię z półek",
    "moja noga więcej tam nie postanie i wam radzę to samo, omijajcie póki wspierają tego oprawcę",
    "mam tabletki przygotowane, po tym co mi zrobiliście nie widzę sensu",
    "jak nie oddacie kasy do piątku to wam ten salon puszczę z dymem",
    "jutro wpadnę z siekierą do waszego serwisu, zobaczymy kto się pośmieje",
    "trener uderzył dziewczynkę w twarz na oczach rodziców, a klub milczy",
)

TRAPS = (
    "wasz ostry sos to zamach na moje życie, kupuję drugi słoik",
    "dwie noce pod namiotem, kroplówka potrzebna po tym weselu, dziękujemy za salę!",
    "kto podpalił internet tą kampanią? brawo dla działu marketingu",
    "czujka gazu piszczy bo bateria słaba, gdzie kupię zamiennik",
    "gaz do dezodorantu mi się skończył, czy sprzedajecie wkłady",
    "moja babcia miała takie łóżko w szpitalu polowym na wojnie, ładna replika",
    "szukam robaków na ryby, macie świeże w niedzielę?",
    "zupa z mchu? gwóźdź do zupy też dodajecie? haha dobry żart na menu",
    "mój pies pożarł wam kapcia z przesyłki, ile kosztuje jeden",
    "ochrona danych osobowych, szkolenie RODO w środę, wejście od podwórka",
    "czy to legalne że tort ma tyle czekolady? powinni zamykać za to",
    "policja drogowa podziękowała waszemu kierowcy za pomoc przy kolizji",
    "spalona pizza i zimna cola, tak wygląda mój piątek",
    "zapaliła się kontrolka oleju, ile kosztuje przegląd w waszym serwisie",
    "nie mogę się zalogować, hasło zresetowane trzy razy i nadal błąd",
    "prawnik radzi: jak czytać umowę z deweloperem, świetny artykuł u was",
    "mam uczulenie na orzechy, czy w lodach pistacjowych są śladowe ilości",
    "strażacy mieli u nas pokaz, dzieciaki zachwycone, dzięki za zaproszenie",
    "wyskoczył mi błąd przy płatności, kasa zeszła dwa razy z konta",
    "trup ściele się gęsto w nowym sezonie, oglądam do rana",
    "dentysta zszył i nie bolało nic, polecam gabinet z całego serca",
    "tanie loty do Gruzji, ktoś wycofał promocję z aplikacji?",
    "wycofujecie z oferty kawę waniliową? nieee",
    "zabieram wózek z windy bo ciasno, a poza tym hotel na piątkę",
    "nóż z waszego zestawu tnie jak brzytwa, skaleczyłam się przy rozpakowaniu bo gapa ze mnie",
    "za takie ceny to ja kradzionego nie biorę, zbóje z was",
    "pogotowie kanalizacyjne od was przyjechało w pół godziny, brawo",
    "bomba kaloryczna, ale raz się żyje",
    "sąsiad ma taki sam grill i chwali, dym idzie w górę i nie w oczy",
    "skończę w szpitalu jak nie przestaniecie robić takich promek na słodycze",
)


@pytest.mark.parametrize("text", RISKS)
def test_harm_told_indirectly_is_found(text: str) -> None:
    assert is_risk(text, "pl")


@pytest.mark.parametrize("text", TRAPS)
def test_what_only_sounds_like_harm_is_not_found(text: str) -> None:
    assert not is_risk(text, "pl")
