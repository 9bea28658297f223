"""The same sender with the same words again is one matter; anything else, or much later, is not."""

from datetime import timedelta

import pytest

from inbox_bot.domain.mail import Address
from tests.support.house import EVA, KALLE, both_databases


def to_sort(house):
    return [view.record.id for view in house.flow.archive.overview().to_sort]


@both_databases
def test_the_same_request_twice_is_one_case_with_one_receipt(house):
    receipt = house.ask("#access\nHej!", subject="Mina uppgifter")
    house.clock.advance(timedelta(minutes=1))
    house.mail("  #access   hej!", subject="Re: mina  uppgifter")
    house.drain()
    assert [case.reference for case in house.cases()] == ["PK-2026-0001"]
    assert house.to(KALLE) == [receipt]
    assert [mail.unread for mail in house.file().mails] == [False, False]


def test_two_at_once_are_one_case_too(house):
    house.mail("#access")
    house.mail("#access")
    house.drain()
    assert len(house.cases()) == 1
    assert len(house.to(KALLE)) == 1


def test_the_same_words_to_a_closed_case_are_shown_to_a_person_and_open_nothing(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    sent = len(house.to(KALLE))
    house.mail("#erasure")
    house.drain()
    assert len(house.cases()) == 1
    assert len(house.to(KALLE)) == sent
    assert house.file().view.unread


@pytest.mark.parametrize(
    ("body", "how", "days"),
    [
        ("#erasure", {}, 4),
        ("#erasure nu", {}, 0),
        ("#erasure", {"sender": EVA}, 0),
        ("#erasure", {"subject": "Igen"}, 0),
    ],
)
def test_later_other_words_another_sender_or_subject_are_a_new_case(house, body, how, days):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    house.days(days)
    house.mail(body, **how)
    house.drain()
    assert len(house.cases()) == 2


@both_databases
def test_an_unsure_mail_that_comes_twice_waits_once_under_the_earlier_date(house):
    house.mail("#unsure")
    house.clock.advance(timedelta(hours=1))
    house.mail("#unsure")
    house.mail("#unsure", sender=EVA)
    house.drain()
    assert to_sort(house) == [1, 3]
    assert house.sql("SELECT state, reason, content FROM mail WHERE id = 2") == [("left", "same_words", None)]


def test_a_thank_you_said_twice_is_read_once(house):
    receipt = house.ask("#access")
    for _ in range(2):
        house.reply(receipt, "Tack för hjälpen.")
        house.drain()
    assert [mail.unread for mail in house.file().mails] == [False, True, False]


def test_a_mail_that_went_round_opens_nothing_before_a_person_has_seen_it(house):
    hops = "\r\n".join(["x"] + ["Received: from a.example.com by b.example.com"] * 31)
    house.mail("#access", headers={"X-Hops": hops})
    house.drain()
    assert house.cases() == []
    [view] = house.flow.archive.overview().to_sort
    assert view.record.reason == "looping"
    assert house.to(KALLE) == []


@pytest.mark.parametrize("address", ["kurs-request@example.org", "owner-kurs@example.org", "majordomo@example.org"])
def test_a_list_gets_no_letter_that_nobody_has_approved(house, address):
    house.mail("#access", sender=address)
    house.drain()
    [view] = house.flow.archive.overview().to_sort
    assert view.record.reason == "unanswerable_address"
    house.flow.sort(view.record.id, claims=view.record.verdict.claims, by="anna")
    house.drain()
    assert house.to(address) == []
    [held] = house.flow.archive.overview().troubled
    assert held.answer == "unanswerable_address"


@pytest.mark.parametrize("form", ["noreply@forms.example.org", "webb@example.com"])
def test_two_people_who_write_the_same_through_one_form_are_two(house, form):
    for who in (KALLE, EVA):
        house.mail("Jag vill ha ut mina uppgifter. #access", sender=form, headers={"Reply-To": who})
    house.drain()
    assert len(to_sort(house)) == 2


def test_what_a_forger_wrote_first_does_not_hide_what_the_person_writes(build, monkeypatch):
    monkeypatch.setenv("INBOX_BOT_MAILBOX__INFO__TRUSTED_SERVERS", '["mx.example.com"]')
    house = build()
    house.flow.collect(house.mailbox, look_back_days=30)
    for result in ("fail", "pass", "pass"):
        house.mail("#unsure hej", headers={"Authentication-Results": f"mx.example.com; dmarc={result}"})
        house.drain()
    assert to_sort(house) == [1, 2]


def test_what_a_person_sorts_from_one_form_is_a_case_for_each_person(house):
    for number, who in enumerate((KALLE, EVA, ""), 1):
        house.mail(f"#access {number}", sender="noreply@forms.example.org", headers={"Reply-To": who} if who else {})
    house.mail("#access 4", sender="noreply@forms.example.org")
    house.mail("#access 5", sender="noreply@forms.example.org")
    house.drain()
    for view in house.flow.archive.overview().to_sort:
        person = Address(address="maja@example.org") if view.record.id == 5 else None
        house.flow.sort(view.record.id, claims=view.record.verdict.claims, by="anna", person=person)
    house.drain()
    noreply = "noreply@forms.example.org"
    assert [case.requester for case in house.cases()] == [KALLE, EVA, noreply, noreply, "maja@example.org"]
    assert len(house.to(KALLE)) == len(house.to(EVA)) == 1
    assert house.to(noreply) == []
