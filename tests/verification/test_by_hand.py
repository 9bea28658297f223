"""What the table leaves to a person: another address, another way, a question, and never "unidentified" before one was tried."""

import pytest

from inbox_bot.domain.case import LetterState
from inbox_bot.domain.mail import Bounce
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.outbox import bounces
from tests.support.house import KALLE, OWN, START, both_databases
from tests.support.people import ON_FILE, SHARED, STRANGER, unreadable

ELSEWHERE = "kalle.hemma@example.net"


def bounced(house, name="receipt_identity", reference="PK-2026-0001"):
    letter = house.letters(reference, name)[-1]
    with house.flow.desk.write() as unit:
        assert unit.letters.move(letter.id, [LetterState.SENT], LetterState.BOUNCED)


def give_up(house):
    for day in (14, 30):
        house.clock.set(START.replace(day=day))
        house.drain()


@both_databases
def test_a_person_sends_the_link_where_they_know_it_belongs(house):
    old = house.ask("#access")
    bounced(house)
    house.flow.ask_at("PK-2026-0001", address=f" {ELSEWHERE.upper()} ", how="Ringde numret vi har.", by="anna")
    house.drain()
    link = house.to(ELSEWHERE)[0]
    assert house.flow.confirm(old.token, old.code).value == "expired"
    assert house.flow.confirm(link.token, link.code).value == "confirmed"
    [event] = [event for event in house.file().events if event.name.value == "other_way_offered"]
    assert (event.actor, event.details["reason"]) == ("anna", "Ringde numret vi har.")
    assert ELSEWHERE not in repr(house.file().events)


@pytest.mark.parametrize(("address", "said"), [(OWN, "that address"), ("kalle", "that address"), ("", "that address")])
def test_not_to_ourselves_and_not_nowhere(house, address, said):
    house.ask("#access")
    with pytest.raises(NotAllowedError, match=said):
        house.flow.ask_at("PK-2026-0001", address=address, how="Vet.", by="anna")


def test_not_without_saying_how_one_knows(house):
    house.ask("#access")
    before = house.everything()
    with pytest.raises(NotAllowedError, match="A reason is demanded"):
        house.flow.ask_at("PK-2026-0001", address=ELSEWHERE, how="  ", by="anna")
    with pytest.raises(NotAllowedError, match="who decides"):
        house.flow.ask_at("PK-2026-0001", address=ELSEWHERE, how="Vet.", by="")
    assert house.everything() == before


def test_not_for_what_is_proven(house):
    house.ask_and_confirm("#access")
    for act in (
        lambda: house.flow.ask_at("PK-2026-0001", address=ELSEWHERE, how="Vet.", by="anna"),
        lambda: house.flow.offer("PK-2026-0001", way="phone", by="anna"),
        lambda: house.flow.give_up("PK-2026-0001", by="anna"),
    ):
        with pytest.raises(NotAllowedError, match="waits for the person to confirm"):
            act()


def test_a_link_to_a_shared_mailbox_takes_one_thing_more_by_this_way_too(known, people):
    people.trouble = unreadable()
    known.mail("#access", sender=STRANGER)
    known.drain()
    people.trouble = None
    known.flow.ask_at("PK-2026-0001", address=SHARED, how="Finns i kursplattformen.", by="anna")
    known.drain()
    link = known.to(SHARED)[0]
    assert known.flow.confirm(link.token, link.code).value == "fact_missing"


@both_databases
def test_nobody_is_unidentified_because_an_address_is_dead_until_another_way_was_offered(house):
    house.ask("#access")
    bounced(house)
    give_up(house)
    assert house.draft().letter == "cannot_identify"
    with pytest.raises(NotAllowedError, match="No other way has been offered"):
        house.flow.approve_case("PK-2026-0001", by="anna")
    house.flow.offer("PK-2026-0001", way="phone", by="anna")
    house.flow.approve_case("PK-2026-0001", by="anna")
    assert house.events()[-2:] == ["other_way_offered", "approved"]


def test_nor_before_anything_was_asked(known, people):
    people.trouble = unreadable()
    known.mail("#access", sender=STRANGER)
    known.drain()
    known.flow.give_up("PK-2026-0001", by="anna")
    assert known.draft().letter == "cannot_identify_sender"
    with pytest.raises(NotAllowedError, match="No other way has been offered"):
        known.flow.approve_case("PK-2026-0001", by="anna")


def test_a_delivery_report_on_the_reminder_counts(house):
    house.ask("#access")
    house.days(8)
    house.drain()
    bounced(house, "identity_reminder")
    give_up(house)
    with pytest.raises(NotAllowedError, match="No other way"):
        house.flow.approve_case("PK-2026-0001", by="anna")
    assert house.flow.proof("PK-2026-0001").unreachable


def test_a_letter_laid_aside_or_followed_by_another_still_came_back(house):
    house.ask("#access")
    letter = house.letters(name="receipt_identity")[0]
    report = Bounce(recipients=(KALLE,), permanent=True, status="5.1.1", original_message_id=letter.message_id)
    with house.flow.desk.write() as unit:
        bounces.note_bounce(house.flow.outbox, unit, report, house.now)
    house.flow.lay_aside(letter.id, by="anna")
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    assert house.flow.proof("PK-2026-0001").unreachable


def test_a_letter_that_was_only_held_back_for_a_while_did_not_come_back(build):
    house = build(outbox={"per_address_per_day": 1})
    house.drain()
    house.ask("#access")
    house.mail("#erasure")
    house.drain()
    [held] = house.flow.archive.overview().troubled
    house.flow.settle(held.id, sent=False, by="anna")
    house.drain()
    assert not house.flow.proof("PK-2026-0002").unreachable


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_question_is_mailed_and_noted(house, number):
    house.ask("#access")
    house.flow.offer("PK-2026-0001", way="question", number=number, by="anna")
    house.drain()
    asked = house.to(KALLE)[-1]
    assert house.flow.proof("PK-2026-0001").questions[number].sv in asked.text
    assert house.flow.proof("PK-2026-0001").offered


def test_the_question_is_in_the_persons_language(house):
    house.ask("#access #english")
    house.flow.offer("PK-2026-0001", way="question", by="anna")
    house.drain()
    assert house.flow.proof("PK-2026-0001").questions[0].en in house.to(KALLE)[-1].text


@pytest.mark.parametrize(("way", "number"), [("pigeon", 0), ("", 0), ("question", 9), ("question", -1)])
def test_a_way_there_is_none_of(house, way, number):
    house.ask("#access")
    with pytest.raises(NotFoundError):
        house.flow.offer("PK-2026-0001", way=way, number=number, by="anna")
    with pytest.raises(NotFoundError):
        house.flow.offer("PK-2026-0009", way="phone", by="anna")


@both_databases
def test_who_asks_for_someone_else_gets_no_link(house):
    house.mail("Jag är ombud för Anna. #unsure #access")
    house.drain()
    house.flow.sort(1, [Claim(right=Right.ACCESS)], by="anna", for_another=True)
    house.drain()
    assert [letter.name for letter in house.letters()] == ["receipt_check"]
    assert house.claim().waits_for_staff
    assert {one.reason for one in house.flow.proof("PK-2026-0001").situations} == {"employer"}
    house.flow.ask_at("PK-2026-0001", address="anna.ek@example.com", how="Finns i kursplattformen.", by="anna")
    house.drain()
    link = house.to("anna.ek@example.com")[0]
    house.flow.confirm(link.token, link.code)
    house.drain()
    assert house.claim().proven


def test_what_is_asked_for_another_joins_no_case_of_the_senders_own(house):
    house.ask("#access")
    house.mail("#unsure #access")
    house.drain()
    house.flow.sort(2, [Claim(right=Right.ACCESS)], by="anna", for_another=True)
    assert len(house.cases()) == 2


def test_marketing_for_another_is_stopped_all_the_same(house):
    house.mail("#unsure #marketing")
    house.drain()
    house.flow.sort(1, [Claim(right=Right.OBJECTION, marketing=True)], by="anna", for_another=True)
    house.drain()
    assert house.claim().proven


def test_no_data_may_be_said_to_whom_nobody_was_found_but_not_of_an_address_the_mail_named(known):
    values = {"searched": "Vi har sökt på din mejladress i kursplattformen."}
    known.mail("#access", sender=STRANGER)
    known.mail("#access ingen@example.com", sender="annan@example.net")
    known.drain()
    for reference in ("PK-2026-0001", "PK-2026-0002"):
        known.flow.give_up(reference, by="anna")
        known.flow.edit(known.draft(reference).id, values=values, by="anna", letter="no_data")
    known.flow.approve_case("PK-2026-0001", by="anna")
    with pytest.raises(NotAllowedError, match="confirmed who asks"):
        known.flow.approve_case("PK-2026-0002", by="anna")


def test_giving_up_twice_drafts_once(known):
    known.ask("#access", sender=ON_FILE)
    known.flow.give_up("PK-2026-0001", by="anna")
    assert known.draft().letter == "cannot_identify"
    with pytest.raises(NotAllowedError):
        known.flow.give_up("PK-2026-0001", by="anna")
    give_up(known)
    assert len([draft for draft in known.file().drafts if draft.record.state.value != "void"]) == 1


def test_asking_again_needs_a_link_that_went_before(known, people):
    people.trouble = unreadable()
    known.mail("#access", sender=STRANGER)
    known.drain()
    with pytest.raises(NotAllowedError):
        known.flow.ask_again("PK-2026-0001", by="anna")
    assert len(known.to(STRANGER)) == 1


def test_a_new_link_goes_where_the_last_one_went(known):
    known.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    known.drain()
    known.flow.ask_again("PK-2026-0001", by="anna")
    known.drain()
    first, fresh = known.to(ON_FILE)
    assert fresh.token != first.token
    assert len(known.to(STRANGER)) == 1
    known.clock.advance(START - START)
    known.days(1)
    assert known.flow.renew(fresh.token).value == "renewed"
    known.drain()
    assert len(known.to(ON_FILE)) == 3
    assert len(known.to(STRANGER)) == 1
