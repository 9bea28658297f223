"""A person says what a waiting mail is."""

from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError, NotFoundError
from tests.support.house import EVA, KALLE, START, both_databases

ACCESS, ERASURE = Claim(right=Right.ACCESS), Claim(right=Right.ERASURE)
MARKETING = Claim(right=Right.OBJECTION, marketing=True)


@pytest.fixture
def waiting(house):
    """The id of an unsure mail that came two days ago."""
    house.mail("#unsure Vad händer med mina uppgifter?", at=START - timedelta(days=2))
    house.drain()
    [view] = house.flow.archive.overview().to_sort
    return view.record.id


@both_databases
def test_a_request_gets_its_case_its_receipt_and_its_clock_from_the_receipt_of_the_mail(house, waiting):
    case = house.flow.sort(waiting, [ACCESS, ERASURE], by="anna")
    house.drain()
    assert case.reference == "PK-2026-0001"
    assert house.states() == {"access": "awaiting_identity", "erasure": "awaiting_identity"}
    assert {claim.clock.received_at for claim in house.case().claims} == {START - timedelta(days=2)}
    assert house.to(KALLE)[0].code
    [sorting] = [event for event in house.file().events if event.name.value == "mail_sorted"]
    assert (sorting.actor, sorting.details["mail"]) == ("anna", waiting)


@both_databases
def test_no_request_is_emptied_and_gets_no_letter(house, waiting):
    assert house.flow.sort(waiting, [], by="anna") is None
    house.drain()
    assert house.sql("SELECT state, content, message, verdict, sorted_by FROM mail") == [
        ("left", None, None, None, "anna")
    ]
    assert house.to(KALLE) == []


@both_databases
def test_only_the_first_of_two_people_decides(house, waiting):
    house.flow.sort(waiting, [ACCESS], by="anna")
    for claims in ([ERASURE], []):
        with pytest.raises(NotAllowedError, match="does not wait"):
            house.flow.sort(waiting, claims, by="bo")
    assert house.states() == {"access": "opened"}


def test_a_mail_that_is_not_there(house):
    with pytest.raises(NotFoundError):
        house.flow.sort(99, [ACCESS], by="anna")


def test_what_the_person_already_has_running_joins_it(house):
    house.ask("#access")
    house.mail("#unsure Hur går det?", sender="KALLE@example.se")
    house.drain()
    [view] = house.flow.archive.overview().to_sort
    case = house.flow.sort(view.record.id, [ACCESS], by="anna")
    assert (case.reference, len(house.cases()), len(house.file().mails)) == ("PK-2026-0001", 1, 2)


def test_a_mail_without_sender_can_only_be_sorted_as_none(house):
    house.mail("#unsure", sender="")
    house.drain()
    [view] = house.flow.archive.overview().to_sort
    with pytest.raises(NotAllowedError, match="no sender"):
        house.flow.sort(view.record.id, [ACCESS], by="anna")
    assert house.flow.sort(view.record.id, [], by="anna") is None


def test_a_marketing_stop_found_by_a_person_takes_effect_at_once(house, waiting):
    house.flow.sort(waiting, [MARKETING], by="anna")
    house.drain()
    with house.flow.desk.look() as unit:
        assert unit.suppressions.addresses() == (KALLE,)


def test_a_right_found_in_a_follow_up_starts_its_clock_at_that_mail(house):
    receipt = house.ask("#access")
    house.days(3)
    house.reply(receipt, "#unsure Och ta bort mig sen")
    house.drain()
    follow_up = house.file().mails[-1]
    house.flow.add_right("PK-2026-0001", follow_up.id, [ERASURE, ACCESS], by="anna")
    house.drain()
    assert house.claim(right=Right.ERASURE).clock.received_at == START + timedelta(days=3)
    assert house.claim(right=Right.ACCESS).clock.received_at == START
    assert house.states()["erasure"] == "awaiting_identity"


def test_a_right_is_added_only_from_the_cases_own_mail_and_only_once(house):
    house.ask("#access")
    house.ask("#erasure", sender=EVA)
    [mine], [other] = house.file().mails, house.file("PK-2026-0002").mails
    with pytest.raises(NotFoundError):
        house.flow.add_right("PK-2026-0001", other.id, [ERASURE], by="anna")
    with pytest.raises(NotFoundError):
        house.flow.add_right("PK-2026-0099", mine.id, [ERASURE], by="anna")
    with pytest.raises(NotAllowedError):
        house.flow.add_right("PK-2026-0001", mine.id, [ACCESS], by="anna")
