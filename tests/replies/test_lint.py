"""What the corpus does not show: facts, channels, genders, mail, unusual input."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.replies.draft import Customer
from daemon.replies.lint import RULES, SEVERITY, check
from daemon.replies.phrases import table
from daemon.replies.wording_rules import GENDER
from daemon.response.promises import promised_times


def rules(reply: str, lang: str, **occasion: object) -> set[str]:
    return {finding.rule for finding in check(reply, lang=lang, **occasion)}  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["pl", "ru", "en", "de", "xx"]), st.text(max_size=100), st.booleans())
def test_no_text_breaks_the_check(reply: str, lang: str, customer: str, incident: bool) -> None:  # noqa: FBT001
    for finding in check(reply, lang=lang, customer=customer, incident=incident):
        assert finding.rule in RULES
        assert 0 <= finding.span[0] <= finding.span[1] <= len(reply)


def test_every_rule_has_a_message_in_each_interface_language() -> None:
    messages = table("messages")
    assert set(messages) == {*RULES, GENDER}
    assert set(RULES) == set(SEVERITY)
    assert all({"en", "pl", "ru"} == set(texts) for texts in messages.values())


def test_messages_come_in_the_users_language() -> None:
    told = {lang: check("...", lang="pl", interface_lang=lang)[0].message for lang in ("en", "pl", "ru", "fr")}
    assert told["pl"] == "Odpowiedź nic nie mówi."
    assert told["fr"] == told["en"]
    assert len(set(told.values())) == 3


def test_the_span_is_the_very_place() -> None:
    reply = "Przykro nam. To nie nasz problem."
    (finding,) = (one for one in check(reply, lang="pl") if one.rule == "hostility")
    assert "nie nasz problem" in reply[slice(*finding.span)]


@pytest.mark.parametrize(
    ("fact", "reply", "conflicting"),
    [
        ("Awaria dotyczy 1200 klientów", "Awaria dotyczy 1 200 klientów.", False),
        ("Awaria dotyczy 1200 klientów", "Awaria dotyczy 1300 klientów.", True),
        ("Usługa nie działa od 13:20", "Usługa nie działa od 13:20, wrócimy o 15:30.", False),
        ("Usługa nie działa od 13:20", "Usługa nie działa od 14:00, wrócimy o 15:30.", True),
        ("Awaria w Krakowie", "Przerwa trwa w Krakowie.", False),
        ("Awaria w Krakowie", "Przerwa trwa w Gdańsku.", True),
        ("Awaria nadal trwa", "Awaria została usunięta.", True),
    ],
)
def test_a_reply_agrees_with_the_fact_sheet_and_with_what_was_said_elsewhere(
    fact: str,
    reply: str,
    conflicting: bool,  # noqa: FBT001
) -> None:
    assert ("fact_conflict" in rules(reply, "pl", facts=(fact,))) is conflicting
    assert ("fact_conflict" in rules(reply, "pl", previous=(fact,))) is conflicting


@pytest.mark.parametrize(
    ("lang", "fact", "reply", "conflicting"),
    [
        ("en", "Compensation of £60 is approved", "The £40 compensation has been approved.", True),
        ("en", "Compensation of £60 is approved", "The £60 compensation has been approved.", False),
        ("en", "Three buses are running", "Five buses are running, and we will be back at 5 pm.", True),
        ("en", "Returns until 31 October", "You can return it until 20 October.", True),
        ("ru", "Йогурты принимаем до 31 октября", "Вернуть йогурты можно до 20 октября.", True),
        ("ru", "Йогурты принимаем до 31 октября", "Вернуть йогурты можно до 31 октября.", False),
        ("ru", "Затронуты клиенты Урала", "Сбой затронул клиентов Сибири.", True),
        ("ru", "Затронуты клиенты Урала", "Сбой затронул клиентов Урала.", False),
        ("pl", "Działają dwie brygady", "Na miejscu są trzy brygady.", True),
        ("pl", "Działają dwie brygady", "Na miejscu są 2 brygady.", False),
        ("pl", "Zwroty do 31 października", "Napiszemy do 20 października, jak poszło.", False),
    ],
)
def test_sums_dates_and_names_agree_with_the_fact_sheet(
    lang: str,
    fact: str,
    reply: str,
    conflicting: bool,  # noqa: FBT001
) -> None:
    assert ("fact_conflict" in rules(reply, lang, facts=(fact,))) is conflicting


def test_what_differs_is_named() -> None:
    (finding,) = check("Sorry, 500 customers are affected.", lang="en", facts=("1200 customers are affected",))
    assert '"500 customers"' in finding.message
    assert '"1200 customers"' in finding.message


def test_the_customers_own_order_number_is_a_fact() -> None:
    assert "fact_conflict" in rules("We are checking order 54321.", "en", customer="Where is order 12345?")


def test_each_channel_has_its_length() -> None:
    reply = "Sprawdzamy Państwa zgłoszenie. " * 10
    assert "too_long" in rules(reply, "pl", channel="x")
    assert "too_long" in rules(reply, "pl", channel="bluesky")
    assert "too_long" not in rules(reply, "pl", channel="facebook")
    assert "too_long" in rules(reply * 4, "pl", channel="facebook")
    assert "too_long" not in rules(reply * 4, "pl", channel="email")


@pytest.mark.parametrize("channel", ["x", "bluesky", "threads", "tiktok"])
def test_a_direct_message_may_be_longer_than_a_post(channel: str) -> None:
    reply = "Sprawdzamy Państwa zgłoszenie. " * 20
    assert "too_long" in rules(reply, "pl", channel=channel)
    assert "too_long" not in rules(reply, "pl", channel=channel, audience="private")
    told = [one.message for one in check(reply * 2, lang="pl", channel=channel, audience="private")]
    assert any("1000" in message for message in told)


def test_mail_may_answer_mail() -> None:
    reply = "Przykro nam. Prosimy o odpowiedź na adres pomoc@acme.example."
    assert "cold_redirect" in rules("Przykro nam. Proszę napisać na adres pomoc@acme.example.", "pl")
    assert "cold_redirect" not in rules(reply, "pl", channel="email")


@pytest.mark.parametrize("channel", ["email", "mail"])
def test_in_a_mail_only_a_number_to_call_sends_away(channel: str) -> None:
    assert "cold_redirect" in rules("Sorry about that. Please call us on 0800 555 0142.", "en", channel=channel)
    assert "cold_redirect" not in rules("Sorry about that. Please email help@acme.example.", "en", channel=channel)


def test_a_form_linked_to_is_no_burden_to_one_who_is_in_no_trouble() -> None:
    reply = "Yes. Fill in the short form at https://acme.example/tax/instalments-12 before the 15th."
    assert "refile" in rules(f"We're sorry. {reply}", "en", customer="My claim is lost and nobody answers!")
    assert "refile" not in rules(reply, "en", customer="Can I pay in 12 instalments?")


def test_a_plain_question_has_nothing_to_make_small() -> None:
    reply = "Yes, it's only a small fee."
    assert "belittling" in rules(f"We're sorry. {reply}", "en", customer="Charged twice, I can't pay my rent!")
    assert "belittling" not in rules(reply, "en", customer="Can I pay by card?")


def test_the_customers_own_words_taken_up_are_no_joke() -> None:
    reply = "We're sorry. It is no funny story to stand outside. We'll write at 5 pm."
    assert "levity" in rules(reply, "en", customer="My ticket failed and the whole evening is ruined!")
    assert "levity" not in rules(reply, "en", customer="A funny story: my ticket failed and the evening is ruined!")


def test_a_number_beside_what_we_do_ourselves_is_a_choice() -> None:
    number = "Ktoś odbiera też pod 22 555 00 11."
    assert "cold_redirect" in rules(f"Przykro nam. {number}", "pl")
    assert "cold_redirect" not in rules(f"Przykro nam. Kartę już zablokowaliśmy. {number}", "pl")


def test_how_a_thing_is_filed_is_told_to_whoever_asks() -> None:
    reply = "Proszę złożyć wniosek w aplikacji, w zakładce Szkody."
    assert "refile" in rules(f"Przykro nam. {reply}", "pl", customer="Zgłosiłam szkodę tydzień temu i cisza.")
    assert "refile" not in rules(reply, "pl", customer="Jak zgłasza się szkodę?")


@pytest.mark.parametrize(
    "reply",
    [
        "Przepraszamy. Pozdrawiamy serdecznie i życzymy miłego dnia.",
        "Sprawa jest nam znana i podejmujemy stosowne działania.",
    ],
)
def test_courtesies_alone_say_nothing_to_one_in_trouble(reply: str) -> None:
    assert "empty" in rules(reply, "pl", customer="Od tygodnia nie mam ogrzewania.")


@pytest.mark.parametrize(
    ("reply", "hollow"),
    [
        ("Przykro nam. Zgłoszenie zostało odnotowane w systemie.", True),
        ("Przykro nam. Pana wiadomość dotarła do właściwych osób.", True),
        ("Przykro nam. Zgłoszenie dotarło do pogotowia ciepłowniczego.", False),  # says to whom
        ("Przykro nam. Zgłoszenie przekazaliśmy, odpowiedź będzie o 15:30.", False),  # says when
    ],
)
def test_a_reply_of_hollow_words_alone_says_nothing(reply: str, *, hollow: bool) -> None:
    assert ("empty" in rules(reply, "pl", customer="Od tygodnia nie mam ogrzewania.")) is hollow


@pytest.mark.parametrize(
    ("customer", "reply", "wrong"),
    [
        ("Czekałam dwa dni.", "Przykro nam, że Pan czekał.", True),
        ("Czekałam dwa dni.", "Przykro nam, że Pani czekała.", False),
        ("Czekałem dwa dni.", "Przykro nam, że Pani czekała.", True),
        ("Czekałem dwa dni.", "Prosimy o Pana/Pani numer.", False),
        ("Czekamy dwa dni.", "Przykro nam, że Pan czekał.", False),
    ],
)
def test_pan_and_pani_follow_the_customers_own_grammar(customer: str, reply: str, wrong: bool) -> None:  # noqa: FBT001
    assert ("register" in rules(reply, "pl", customer=customer)) is wrong


@pytest.mark.parametrize(
    ("lang", "customer", "reply", "wrong"),
    [
        ("pl", "Czekałem dwa dni na zwrot.", "Przykro nam. Możecie podać numer zamówienia?", True),
        ("pl", "Proszę o zwrot, czekałam dwa dni.", "Przykro nam. Czy moglibyście podać numer zamówienia?", True),
        ("pl", "Czekałem dwa dni na zwrot.", "Przykro nam. Czy mogą Państwo podać numer zamówienia?", False),
        ("pl", "Czekałem dwa dni na zwrot.", "Przykro nam. Możecie Państwo podać numer zamówienia?", False),
        ("pl", "Czekałem dwa dni na zwrot.", "Przykro nam. Czy Państwo możecie podać numer zamówienia?", False),
        ("pl", "Czekamy z żoną dwa dni na zwrot.", "Przykro nam. Możecie podać numer zamówienia?", False),
        ("pl", "Czekałem dwa dni, napisano „możecie czekać”.", "Przykro nam z powodu słów „możecie czekać”.", False),
        ("ru", "Жду возврат два дня.", "Нам жаль. Пришли свой номер, и мы проверим.", True),
        ("ru", "Жду возврат два дня.", "Нам жаль. Вышли чек, и мы проверим.", True),
        ("ru", "Жду возврат два дня.", "Нам жаль. Пришлите свой номер, и мы проверим.", False),
        ("ru", "Жду возврат два дня.", "Нам жаль. К нам пришли данные от банка, проверяем.", False),
        ("ru", "Жду возврат два дня.", "Нам жаль. Сотрудники уже пришли и проверяют.", False),
        ("ru", "Жду возврат два дня.", "Нам жаль. Вчера вышли новые правила, проверяем.", False),
        ("ru", "Привет! Ты можешь проверить, где мой возврат?", "Жаль. Пришли свой номер, и мы проверим.", False),
    ],
)
def test_one_formal_person_is_asked_neither_as_a_group_nor_as_a_friend(
    lang: str, customer: str, reply: str, *, wrong: bool
) -> None:
    assert ("register" in rules(reply, lang, customer=customer)) is wrong


@pytest.mark.parametrize(
    ("lang", "customer", "reply"),
    [
        ("pl", "Czekałam dwa dni.", "Przykro nam, że Pan czekał."),
        ("ru", "слушай, я заказала доступ, а его нет", "Жаль, что ты остался без доступа."),
    ],
)
def test_of_a_wrong_gender_it_does_not_say_that_it_is_too_familiar(lang: str, customer: str, reply: str) -> None:
    for interface_lang, told in (("en", "gender"), ("pl", "płcią"), ("ru", "полу")):
        (finding,) = check(reply, lang=lang, customer=customer, interface_lang=interface_lang)
        assert finding.rule == "register"
        assert told in finding.message


def test_one_form_of_address_throughout_even_for_the_informal() -> None:
    friendly = "Hej, możesz sprawdzić moją paczkę?"
    assert "register" not in rules("Hej, podaj nam numer paczki.", "pl", customer=friendly)
    assert "register" in rules("Hej, podaj nam numer paczki, proszę Pana.", "pl", customer=friendly)


def test_severities_are_those_of_the_table() -> None:
    for finding in check("TO NIE NASZ PROBLEM!!!", lang="pl", customer="Skandal!", incident=True):
        assert finding.severity == SEVERITY[finding.rule]


def test_a_closing_message_needs_no_next_time() -> None:
    assert rules("Awaria została usunięta. Przykro nam z powodu przerwy.", "pl", incident=True) == set()


def test_a_language_without_phrases_is_still_checked_for_form() -> None:
    assert rules("Es tut uns leid!!! https://acme.example", "de") == {"shouting", "vague_link"}


@pytest.mark.parametrize(
    ("then", "rules"),
    [("это не должно быть вашей заботой, мы вернём предоплату", set()), ("мы работаем хорошо", {"blame"})],
)
def test_fault_of_another_is_no_blame_where_the_company_answers_for_it(then: str, rules: set[str]) -> None:
    found = check(f"Поставщик подвёл вас, однако {then}.", lang="ru")
    assert {finding.rule for finding in found} == rules


def test_whoever_takes_it_upon_himself_behind_it_blames_nobody() -> None:
    told = "The list came to us from the manufacturer"
    assert "blame" in rules(f"{told}.", "en")
    assert rules(f"{told}, but checking it was our job and we failed at it.", "en") == set()


def test_a_number_is_more_than_a_courtesy() -> None:
    thanks = "Спасибо за сообщение, разбираемся."
    assert [finding.rule for finding in check(thanks, lang="ru", customer="Лифт стоит неделю")] == ["empty"]
    assert check(f"Сожалеем. {thanks} Ответим в 18:00.", lang="ru", customer="Лифт стоит неделю") == ()


def test_another_who_is_to_be_asked_is_no_answer_unless_asked_for() -> None:
    reply = "Здравствуйте! Справку выдаёт паспортный стол."
    assert [finding.rule for finding in check(reply, lang="ru", customer="Мне нужна справка")] == ["cold_redirect"]
    assert check(reply, lang="ru", customer="Где можно взять справку?") == ()
    assert check(f"{reply} Нужен только паспорт.", lang="ru", customer="Мне нужна справка") == ()


def test_the_head_of_a_notice_and_a_word_to_be_sent_are_not_shouted() -> None:
    assert "shouting" not in rules("UWAGA, ulica Akacjowa: nie używać ognia. Kolejny komunikat o 19:30.", "pl")
    assert "shouting" not in rules("Reply here with the word PRIORITY and we'll message you at once.", "en")
    assert "shouting" in rules("Prosimy o CIERPLIWOŚĆ, pracujemy nad tym.", "pl")


def test_a_way_through_menus_addresses_nobody() -> None:
    assert "register" not in rules("Zdjęcia można wczytać z galerii: Dodaj > Z pliku.", "pl")
    assert "register" in rules("Zdjęcia można wczytać z galerii: Dodaj je z pliku.", "pl")


def test_whoever_is_called_pan_is_not_many() -> None:
    reply = "Szanowny Panie, przepraszamy za korekty. Czwartą sprawdzi kierownik, zanim do Was wyjdzie."
    assert "register" in rules(reply, "pl", customer="Kto odpowiada za ten bałagan z fakturami?")
    assert "register" not in rules(reply.replace("do Was wyjdzie", "ją wyślemy"), "pl")


def test_a_number_that_was_asked_for_sends_nobody_away() -> None:
    reply = "Konsultanci odbierają pod numerem 22 555 14 14 od 7 do 22."
    assert "cold_redirect" in rules(reply, "pl", customer="Rachunek znowu się nie zgadza")
    assert "cold_redirect" not in rules(reply, "pl", customer="Jest jakiś numer, pod który mogę zadzwonić?")


def test_a_whole_reply_in_a_language_with_few_words_in_common_is_told() -> None:
    reply = "Guten Tag, ja, in jedem Zimmer stehen ein Wasserkocher, zwei Tassen und eine Auswahl an Tee bereit."
    assert rules(reply, "pl", customer="Czy w pokojach jest czajnik?") == {"wrong_language"}
    assert "wrong_language" not in rules("Acme Roaming Plus, Lisboa Airport, Terminal 1, Gate 22, Desk 4, Row B", "pl")


@pytest.mark.parametrize(
    ("reply", "lang", "told"),
    [
        ("Przepraszamy. O 17:00 zamieszczamy opinię sanepidu.", "pl", True),
        ("Przepraszamy. O 17:00 naprawimy nadajnik.", "pl", False),
        ("Przepraszamy. Przerwa zaczęła się o 8:00 i pracujemy nad nią.", "pl", False),
        ("Извините. Новости о кассе — в 14:30.", "ru", True),
        ("Извините. С 8:00 не работает касса, занимаемся этим.", "ru", False),
        ("We're sorry. From now on every two hours, next at 16.00.", "en", True),
        ("We're sorry. The shop opens at 16.00.", "en", False),
        ("Serwisanci będą o 16:00, przepraszamy.", "pl", False),
        ("Мастера будут в 16:00, приносим извинения.", "ru", False),
        ("We're sorry. We'll bring spare heaters at 16.00.", "en", False),
        ("Przepraszamy. Napiszemy tu jutro rano.", "pl", True),
    ],
)
def test_what_passes_for_the_next_word_is_what_becomes_a_promise(reply: str, lang: str, told: bool) -> None:  # noqa: FBT001
    now = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
    assert ("no_next_update" not in rules(reply, lang, incident=True, now=now)) is told
    assert bool(promised_times(reply, lang, now, "UTC")) is told


def test_a_number_beside_enough_else_is_no_cold_redirection() -> None:
    told = "Your claim is open under STM-4471. Emergency boarding-up is covered up to 1,500 pounds."
    number = "The claims line is freer after eight, please call 0800 555 119."
    for reply, cold in ((f"We're sorry. {number}", True), (f"We're sorry. {told} {number}", False)):
        assert ("cold_redirect" in rules(reply, "en", customer="Rain is coming in and nobody answers!")) is cold


def test_courtesies_throughout_are_empty_and_one_word_of_substance_is_enough() -> None:
    customer = "Three wrong bills in a row. I've had it up to here."
    hollow = "We're sorry to hear this. Your satisfaction comes first, and we greatly value feedback such as yours."
    assert "empty" in rules(hollow, "en", customer=customer)
    assert "empty" not in rules(f"{hollow} The third bill is cancelled.", "en", customer=customer)
    assert "empty" not in rules(hollow, "en", customer="Thank you, the best service ever!")


def test_understanding_in_words_of_its_own_is_heard() -> None:
    customer = "Third time nobody came. I've used three days of leave on you, this is outrageous!"
    rest = "The next visit is on Saturday at nine."
    warm = f"Three days of leave, and nobody at the door: that's inexcusable on our part. {rest}"
    assert "no_empathy" not in rules(warm, "en", customer=customer)
    assert "no_empathy" in rules(f"Three visits were booked in the system. {rest}", "en", customer=customer)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Card payments have been failing since 4.05 pm.", False),
        ("Card payments have been failing since 3.05 pm.", True),
    ],
)
def test_an_hour_in_the_afternoon_is_the_same_by_either_clock(reply: str, said: bool) -> None:  # noqa: FBT001
    assert ("fact_conflict" in rules(reply, "en", facts=("Card payments fail since 16:05",))) is said


def test_an_emoji_may_rejoice_with_a_customer_but_not_in_trouble() -> None:
    joy = "What a lovely thing to read. The driver will hear of it 💛"
    glad = "The driver waited for my nan, who can't walk fast, in the rain."
    assert "levity" not in rules(joy, "en", customer=glad)
    assert "levity" in rules(joy, "en", customer=glad, incident=True)


def test_a_verb_without_a_person_addresses_nobody() -> None:
    customer = "Сервиз разбит, это был подарок!"
    assert "register" not in rules("Очень жаль, такой подарок деньгами не заменишь.", "ru", customer=customer)
    assert "register" in rules("Очень жаль. Если не можешь ждать, мы вернём деньги.", "ru", customer=customer)


def test_a_number_that_was_given_is_not_asked_for_again() -> None:
    for lang, customer, reply in (
        ("en", "Order 5518: the lamp came broken.", "We're sorry. Could you let us know your order number?"),
        ("pl", "Zamówienie 7733 nie doszło.", "Przepraszamy. Proszę podać numer zamówienia."),
        ("ru", "Заказ 7741 не приехал.", "Простите нас. Пришлите, пожалуйста, номер заказа."),
    ):
        assert "refile" in rules(reply, lang, customer=customer)
        assert "refile" not in rules(reply, lang, customer=customer.replace("5518", "").replace("77", ""))


@pytest.mark.parametrize(
    ("lang", "customer", "reply", "more"),
    [
        (
            "en",
            "My deposit is gone and I need it today!",
            "We're sorry. We value your trust and always strive to do better.",
            "The transfer left our bank this morning.",
        ),
        (
            "pl",
            "Nikt nie odbiera, jestem wściekła!",
            "Przepraszamy. Państwa opinia jest dla nas bardzo ważna.",
            "Pieniądze wysłaliśmy dziś na Pani konto.",
        ),
        (
            "ru",
            "Турникет не пускает, это ужас!",
            "Извините нас. Ваше мнение помогает нам становиться лучше.",
            "Карту мы уже разблокировали, проход открыт.",
        ),
    ],
)
def test_praise_of_ourselves_is_no_answer(lang: str, customer: str, reply: str, more: str) -> None:
    assert "empty" in rules(reply, lang, customer=customer)
    assert "empty" not in rules(f"{reply} {more}", lang, customer=customer)


def test_whoever_laughs_may_be_laughed_with() -> None:
    reply = "Tak, karton wygrał 😄 Drugi drapak wyślemy jutro."
    assert "levity" not in rules(reply, "pl", customer="Kot woli wasz karton od drapaka 😂")
    assert "levity" in rules(reply, "pl", customer="Trzeci dzień bez prądu, dzieci marzną, skandal!")
    assert "levity" in rules(reply, "pl", customer="Kot woli wasz karton od drapaka 😂", incident=True)


def test_first_names_asked_for_in_words_are_no_familiarity() -> None:
    reply = "Jasne, możesz go zamrozić, wejdź w Mój karnet."
    customer = "Dzień dobry, proszę mi mówić po imieniu. Czy karnet można zamrozić?"
    assert "register" not in rules(reply, "pl", customer=customer)
    assert "register" in rules(reply, "pl", customer="Dzień dobry, czy karnet można zamrozić?")


@pytest.mark.parametrize(
    ("customer", "informal"),
    [
        ("Mówcie mi Marek. Kiedy będzie paczka?", True),
        ("Tylko bez tych pań i panów, kiedy będzie paczka?", True),
        ("Mam 12 lat i zgubiłem kartę, co robić?", True),
        ("Bez pani pomocy bym tego nie zrobił.", False),
        ("Mam 5 lat gwarancji na tę pralkę.", False),
        ("Зовите меня просто Катя. Где мой заказ?", True),
        ("Мне 14 лет, можно купить абонемент?", True),
        ("Называйте вещи своими именами: это брак.", False),
        ("I'm 12 and lost my card, what now?", True),
        ("I'm 12 minutes away, are you still open?", False),
        ("Just call me when it is ready.", False),
    ],
)
def test_whether_first_names_are_asked_for(customer: str, *, informal: bool) -> None:
    assert Customer(customer).informal == informal


def test_a_third_person_has_a_gender_of_their_own() -> None:
    customer = "Jestem zachwycona, pan Damian tłumaczył mi wszystko trzy razy!"
    assert "register" not in rules("Pan Damian bardzo się ucieszył, dziękujemy.", "pl", customer=customer)
    assert "register" in rules("Dziękujemy, przekażemy Panu pozdrowienia.", "pl", customer=customer)


@pytest.mark.parametrize(
    ("lang", "reply", "closes"),
    [
        ("pl", "Awaria usunięta, wszystko działa.", True),
        ("pl", "Awaria jeszcze nie została usunięta, pracujemy nad tym.", False),
        ("pl", "Problem rozwiązany u części klientów, u reszty nadal trwa.", False),
        ("ru", "Авария устранена, всё работает.", True),
        ("ru", "Проблема ещё не решена, работаем.", False),
        ("ru", "Проблема решена частично, остальное чиним.", False),
        ("ru", "Связь восстановлена в Гданьске, в других городах пока нет.", False),
        ("en", "The outage is resolved, thank you for your patience.", True),
        ("en", "The problem is resolved for some of you; the rest are still offline.", False),
        ("en", "Service has been restored in Gdańsk; other cities are still down.", False),
        ("pl", "Awarię usunięto o 14:20. Przepraszamy.", True),
        ("pl", "Usterkę naprawiono.", True),
        ("pl", "Usterkę naprawiono w Gdyni, w Gdańsku jeszcze nie.", False),
        ("pl", "Awarię usunięto tylko na Woli.", False),
        ("ru", "Аварию устранили только в центре.", False),
        ("en", "Service has been restored only in Leeds.", False),
        ("pl", "Prąd wrócił do wszystkich o 14:20.", True),
        ("pl", "Prąd wrócił do części domów.", False),
        ("pl", "Pociągi znów kursują zgodnie z rozkładem.", True),
        ("ru", "Свет дали всем в 14:20.", True),
        ("ru", "Свет дали в двух домах.", False),
        ("ru", "Поезда снова ходят по расписанию.", True),
        ("ru", "Связь восстановлена в Казани, в Самаре ещё нет. Нам жаль.", False),
        ("en", "Power is back for everyone.", True),
        ("en", "Power is not back for everyone.", False),
        ("en", "Trains are running normally again.", True),
        ("en", "Service has been restored in Leeds, not yet in York.", False),
    ],
)
def test_only_what_is_over_for_all_closes(lang: str, reply: str, closes: bool) -> None:  # noqa: FBT001
    assert ("no_next_update" not in rules(reply, lang, incident=True)) is closes


@pytest.mark.parametrize(
    ("reply", "promises"),
    [
        ("Awarię usunięto o 14:20.", False),
        ("Awaria zakończona o 16:40.", False),
        ("Awaria będzie usunięta o 16:40.", True),
        ("Awaria ma być zakończona o 16:40.", True),
        ("Awarię usuniemy o 14:20.", True),
    ],
)
def test_when_it_was_mended_promises_no_repair(reply: str, promises: bool) -> None:  # noqa: FBT001
    assert ("fix_promise" in rules(reply, "pl", incident=True)) is promises


@pytest.mark.parametrize(
    ("lang", "shouted", "quiet"),
    [
        (
            "pl",
            "OGROMNIE PRZEPRASZAMY!!! Czy adres jest nadal aktualny?!",
            "Ogromnie przepraszamy. Czy adres jest nadal aktualny?",
        ),
        (
            "en",
            "Sorry! WE ARE FIXING IT NOW! You will hear from us by 5 pm.",
            "Sorry. We are fixing it now. You will hear from us by 5 pm.",
        ),
    ],
)
def test_who_shouts_is_quoted_in_a_quiet_voice(lang: str, shouted: str, quiet: str) -> None:
    (finding, *_) = check(shouted, lang=lang, customer="Skandal! What a mess!")
    assert finding.rule == "shouting"
    assert finding.suggestion == quiet


def test_a_suggestion_promises_no_second_time() -> None:
    (*_, finding) = check("Przykro nam. To pewnie wina kuriera. Wrócimy o 18:30.", lang="pl", incident=True)
    assert finding.suggestion is not None
    assert finding.suggestion.endswith("Wrócimy o 18:30.")


@pytest.mark.parametrize(
    ("lang", "said", "promised"),
    [
        ("pl", "Planowany termin usunięcia awarii: 17:00.", True),
        ("pl", "Orientacyjny czas przywrócenia zasilania: 17:00.", True),
        ("pl", "Szacowany czas naprawy: 17:00.", True),
        ("pl", "Czas naprawy nieznany.", False),
        ("pl", "Termin usunięcia awarii nieznany, następny komunikat: 16:00.", False),
        ("pl", "Czas usunięcia awarii: nieznany, następny komunikat: 16:00.", False),
        ("ru", "Срок устранения: 18:00.", True),
        ("ru", "Ориентировочное время включения: 18:00.", True),
        ("ru", "Ориентировочное время восстановления — 18:00.", True),
        ("ru", "Время восстановления неизвестно.", False),
        ("ru", "Срок устранения пока неизвестен, следующее сообщение — 16:00.", False),
        ("en", "Estimated restoration time: 17:00.", True),
        ("en", "The restoration time is not known, next update: 16:00.", False),
    ],
)
@pytest.mark.parametrize("incident", [True, False])
def test_a_time_told_as_in_a_table_is_promised(lang: str, said: str, *, promised: bool, incident: bool) -> None:
    word = {"pl": "Kolejna informacja o 16:00.", "ru": "Ответим в 16:00.", "en": "Next update at 4 pm."}[lang]
    assert ("fix_promise" in rules(f"{said} {word}", lang, incident=incident)) is promised


@pytest.mark.parametrize(
    ("lang", "nothing", "besides"),
    [
        ("pl", "😂😂😂", "levity"),
        ("ru", "СПАСИБО ЗА ОБРАЩЕНИЕ!!!", "shouting"),
        ("en", "Thank you! " * 100, "too_long"),
    ],
)
def test_what_says_nothing_may_yet_be_long_loud_or_merry(lang: str, nothing: str, besides: str) -> None:
    findings = check(nothing, lang=lang, incident=True)
    assert {"empty", besides} <= {finding.rule for finding in findings}
    (suggestion,) = {finding.suggestion for finding in findings}
    assert suggestion is not None
    assert check(suggestion, lang=lang, incident=True) == ()
