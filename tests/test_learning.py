"""From a person's decision to a line that training reads: what is kept, what it says, and that nobody is in it."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot import assembly
from inbox_bot.classification import corpus, staff_corpus
from inbox_bot.classification.keeping import RedactingKeeper
from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError, RulesError
from tests.support.house import KALLE, START, both_databases

ACCESS, ERASURE = Claim(right=Right.ACCESS), Claim(right=Right.ERASURE)
MARKETING = Claim(right=Right.OBJECTION, marketing=True)
SENDER = f"Exempla Provsten <{KALLE}>"
BODY = "#unsure Hej, jag heter Exempla. Vad har ni om mig? Ring 070-123 45 67 eller skriv till x@example.se.\n\nMvh\nExempla"
LEFT = (
    "#unsure Hej, jag heter Namnsson. Vad har ni om mig? Ring 000-000 00 00 eller skriv till namn@example.com.\n\n"
    "Mvh\nNamnsson"
)


def waiting(house, body=BODY, **how):
    """Let a mail come in that waits to be sorted; return its id."""
    house.mail(body, **({"sender": SENDER, "subject": "Exempla undrar, ärende 4711"} | how))
    house.drain()
    return house.flow.archive.overview().to_sort[-1].record.id


def kept(house):
    return house.flow.archive.examples()


@both_databases
def test_a_mail_sorted_as_a_request_is_kept_redacted(house):
    house.flow.sort(waiting(house), [ERASURE, MARKETING], by="anna")
    [found] = kept(house)
    assert found == KeptExample(
        number=found.number,
        subject="Namnsson undrar, ärende 0000",
        text=LEFT,
        claims=(ERASURE, MARKETING),
        language="sv",
        said="unsure",
        said_claims=(),
        day=date(2026, 9, 7),
    )


@both_databases
def test_nobody_is_in_the_row(house):
    house.flow.sort(waiting(house), [ACCESS], by="anna")
    [row] = house.everything()["example"]
    for told in ("exempla", "provsten", "kalle", "@example.se", "070", "4711", "anna", "PK-"):
        assert told.lower() not in str(row).lower()


@both_databases
def test_a_mail_sorted_as_none_is_emptied_and_its_words_kept_redacted(house):
    mail_id = waiting(house)
    house.flow.sort(mail_id, [], by="anna")
    [found] = kept(house)
    assert (found.text, found.claims) == (LEFT, ())
    assert house.sql("SELECT content, message, verdict FROM mail") == [(None, None, None)]


def test_the_day_is_the_swedish_one(house):
    house.days(14 / 24 + 1 / 48)  # 22:30 in Greenwich, half past midnight in Stockholm.
    house.flow.sort(waiting(house), [ACCESS], by="anna")
    assert [found.day for found in kept(house)] == [date(2026, 9, 8)]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(
            {"at": START - timedelta(days=2), "body": "#access Radera mig"}, id="found at the first look back"
        ),
        pytest.param({"sender": "", "body": "#access Radera mig"}, id="no sender to answer"),
    ],
)
def test_none_is_no_lesson_where_the_words_were_not_the_question(build, how):
    house = build()
    mail_id = waiting(house, **how)
    house.flow.sort(mail_id, [], by="anna")
    assert kept(house) == ()


def test_a_mail_that_waited_for_another_cause_teaches_what_it_asks_for(build):
    house = build()
    mail_id = waiting(house, "#access Visa allt", at=START - timedelta(days=2))
    house.flow.sort(mail_id, [ACCESS], by="anna")
    assert [found.claims for found in kept(house)] == [(ACCESS,)]


@both_databases
def test_a_right_found_in_a_mail_is_learnt_with_those_it_had(house):
    house.ask("#access och glöm mig sedan")
    [mail] = house.file().mails
    house.flow.add_right("PK-2026-0001", mail.id, [ERASURE], by="anna")
    [found] = kept(house)
    assert (found.claims, found.said, found.said_claims) == ((ACCESS, ERASURE), "request", (ACCESS,))


def test_a_right_found_in_a_follow_up_is_learnt_from_that_mail_alone(house):
    receipt = house.ask("#access")
    house.reply(receipt, "Och ta bort mig sen #unsure")
    house.drain()
    house.flow.add_right("PK-2026-0001", house.file().mails[-1].id, [ERASURE], by="anna")
    [found] = kept(house)
    assert (found.text, found.claims) == ("Och ta bort mig sen #unsure", (ERASURE,))


def test_a_decision_that_is_not_allowed_teaches_nothing(house):
    house.ask("#access")
    [mail] = house.file().mails
    with pytest.raises(NotAllowedError):
        house.flow.add_right("PK-2026-0001", mail.id, [ACCESS], by="anna")
    assert kept(house) == ()


@both_databases
def test_a_case_dismissed_teaches_that_its_words_ask_for_nothing(house):
    house.ask("#access till lokalen")
    house.flow.dismiss("PK-2026-0001", reason="Det gällde en nyckel.", by="anna")
    [found] = kept(house)
    assert (found.text, found.claims, found.said, found.said_claims) == (
        "#access till lokalen",
        (),
        "request",
        (ACCESS,),
    )


@both_databases
def test_one_mail_is_one_example_and_the_last_decision_counts(house):
    mail_id = waiting(house)
    house.flow.sort(mail_id, [ACCESS], by="anna")
    house.flow.add_right("PK-2026-0001", mail_id, [ERASURE], by="bo")
    assert [found.claims for found in kept(house)] == [(ACCESS, ERASURE)]
    house.days(1)
    house.flow.dismiss("PK-2026-0001", reason="fel", by="anna")
    assert [(found.claims, found.day) for found in kept(house)] == [((), date(2026, 9, 8))]


def test_two_mails_of_a_dismissed_case_with_the_same_words(house):
    house.ask("#access tack")
    mail_id = waiting(house, "#unsure #access tack", sender=KALLE)
    house.flow.sort(mail_id, [ACCESS], by="anna")
    house.days(4)  # Within three days the same words again are no new matter.
    third = waiting(house, "#unsure #access tack", sender=KALLE, message_id="<again@example.se>")
    house.flow.sort(third, [ACCESS], by="anna")
    house.flow.dismiss("PK-2026-0001", reason="fel", by="anna")
    assert sorted((found.text, found.claims) for found in kept(house)) == [
        ("#access tack", ()),
        ("#unsure #access tack", ()),
    ]


def test_a_follow_up_that_asked_for_nothing_is_not_learnt_from_when_the_case_is_dismissed(house):
    receipt = house.ask("#access")
    house.reply(receipt, "Jag undrar hur det går")
    house.drain()
    house.flow.dismiss("PK-2026-0001", reason="fel", by="anna")
    assert [found.text for found in kept(house)] == ["#access"]


def test_a_mail_without_words_is_not_kept(house):
    house.flow.sort(waiting(house, "", subject="#unsure"), [ACCESS], by="anna")
    assert [found.subject for found in kept(house)] == ["#unsure"]
    with house.flow.desk.look() as unit:
        mail = unit.mails.of_case(1)[0]
    keeper = house.flow.keeper
    from dataclasses import replace

    for without in (
        replace(mail, message=replace(mail.message, subject=" ")),
        replace(mail, message=None),
        replace(mail, verdict=None),
        replace(mail, verdict=replace(mail.verdict, reasons=("forwarded",))),
    ):
        assert keeper.example(without, [ACCESS], date(2026, 9, 7)) is None
    assert keeper.example(mail, [ACCESS], date(2026, 9, 7)) is not None


def test_nothing_is_kept_where_the_settings_say_so(build):
    house = build(learning={"keep_examples": False})
    house.flow.collect(house.mailbox, look_back_days=30)
    house.flow.sort(waiting(house), [ACCESS], by="anna")
    house.flow.dismiss("PK-2026-0001", reason="fel", by="anna")
    assert kept(house) == ()


def test_what_stands_in_the_way_of_learning_never_stands_in_the_way_of_a_decision(house, monkeypatch):
    def broken():
        raise RulesError("names.toml cannot be used.")

    object.__setattr__(house.flow, "keeper", RedactingKeeper(broken))
    assert house.flow.sort(waiting(house), [ACCESS], by="anna").reference == "PK-2026-0001"
    assert kept(house) == ()


def test_redaction_that_fails_never_stands_in_the_way_of_a_decision(house, monkeypatch):
    def fails(*_):
        raise RuntimeError("no")

    monkeypatch.setattr("inbox_bot.classification.keeping.redact", fails)
    assert house.flow.sort(waiting(house), [ACCESS], by="anna").reference == "PK-2026-0001"
    assert kept(house) == ()


def test_a_long_mail_is_cut_between_two_words(house):
    body = "#unsure " + "ord 123 " * 4_000
    house.flow.sort(waiting(house, body), [ACCESS], by="anna")
    [found] = kept(house)
    assert 19_000 < len(found.text) <= 20_000
    assert found.text.endswith(("ord", "123", "000"))


def test_what_is_exported_is_read_back_as_labelled_mails(house, tmp_path):
    house.flow.sort(waiting(house), [ACCESS, MARKETING], by="anna")
    house.flow.sort(waiting(house, "#unsure Inga fler mejl"), [MARKETING], by="anna")
    house.flow.sort(waiting(house, "#unsure Hur hittar jag till er?"), [], by="anna")
    file = tmp_path / "staff.jsonl"
    lines = staff_corpus.as_lines(kept(house))
    file.write_text("\n".join(lines), "utf-8")
    first, second, third = corpus.read_file(file)
    assert (first.subject, first.body) == ("Namnsson undrar, ärende 0000", LEFT)
    assert first.rights == {Right.ACCESS, Right.OBJECTION}
    assert not first.marketing_only
    assert (second.rights, second.marketing_only) == ({Right.OBJECTION}, True)
    assert third.rights == frozenset()
    assert len({one.writer for one in (first, second, third)}) == 3
    assert all(one.writer.startswith("staff-") and one.language == "sv" for one in (first, second, third))
    assert all("asks" not in json.loads(line) for line in lines)


@settings(deadline=None)
@given(subject=st.text(), text=st.text())
def test_any_words_are_one_line_and_read_back_as_they_were(tmp_path_factory, subject, text):
    file = tmp_path_factory.mktemp("lines") / "one.jsonl"
    one = KeptExample(
        subject=subject, text=text, claims=(ACCESS,), language="", said="unsure", said_claims=(), day=date(2026, 9, 7)
    )
    [line] = staff_corpus.as_lines([one])
    file.write_text(line + "\n", "utf-8", newline="")
    [read] = corpus.read_file(file)
    assert (read.subject, read.body, read.rights) == (subject, text, {Right.ACCESS})


def test_the_word_lists_are_read_once(building):
    files = building.settings.files
    assert assembly.ordinary_words(files) is assembly.ordinary_words(files)


def line(**more):
    row = {"writer": "x1", "subject": "Hej", "body": "Visa allt om mig", "rights": ["access"]} | more
    return json.dumps(row, ensure_ascii=False) + "\n"


def test_a_look_through_counts_and_names_what_is_doubtful(tmp_path):
    good, bad, none = tmp_path / "good.jsonl", tmp_path / "bad.jsonl", tmp_path / "none.jsonl"
    good.write_text(
        line()
        + line(pair="p", body="a")
        + line(pair="p", body="b", writer="x2", rights=[])
        + line(pair="alone", body="c")
        + line(rights=["erasure"])
        + line(writer=" ", body="d")
        + line(subject="", body=" ")
    )
    bad.write_text(line() + "{\n" + line())
    found = staff_corpus.look_through([good, bad, none])
    assert (found.messages, found.requests, found.writers, found.pairs) == (7, 6, 3, 2)
    told = "\n".join(found.faults)
    for part in (
        "bad.jsonl:2 is not JSON",
        "none.jsonl cannot be read",
        "good.jsonl:4: 1 mails have the pair alone",
        "good.jsonl:5 has the words of good.jsonl:1, and other rights",
        "good.jsonl:6 has no writer",
        "good.jsonl:7 has no words",
    ):
        assert part in told
    assert len(found.faults) == 6
