"""What a confirmed claim leads to: the letter that grants it, the steps a person sees to, and a marketing stop at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.fulfilment import step
from inbox_bot.fulfilment.checklist import letter_for, steps_for
from tests.support.house import EVA, KALLE, START, both_databases

CLAIMS = [*(Claim(right=right) for right in Right), Claim(right=Right.OBJECTION, marketing=True)]


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_each_right_has_a_letter_that_is_there_and_steps_to_take(claim, letter_book):
    assert letter_for(claim) in letter_book.names()
    steps = steps_for(claim)
    assert steps
    assert all(one.endswith(".") for one in steps)


def test_a_withdrawal_that_concerns_marketing_is_a_stop_too():
    assert letter_for(Claim(right=Right.CONSENT_WITHDRAWAL, marketing=True)) == "marketing_stopped"


def test_no_step_asks_for_more_identity_than_the_law_allows():
    said = " ".join(one for claim in CLAIMS for one in steps_for(claim)).lower()
    for word in ("legitimation", "personnummer", "underskrift", "datainspektionen", "30 dagar"):
        assert word not in said


@both_databases
def test_an_address_is_suppressed_from_the_moment_of_the_stop(house):
    house.ask("#marketing")
    assert house.sql("SELECT address FROM suppression") == [(KALLE,)]
    [event] = [event for event in house.file().events if event.name.value == "marketing_suppressed"]
    assert event.at == START


def test_an_address_named_in_the_subject_is_suppressed_too(house):
    house.ask("#marketing", subject="Sluta skicka till Kurs.Eva@example.org")
    assert ("kurs.eva@example.org",) in house.sql("SELECT address FROM suppression")


def test_other_rights_suppress_nobody(house):
    house.ask_and_confirm("#objection #erasure #access")
    assert house.sql("SELECT count(*) FROM suppression") == [(0,)]


def test_a_second_stop_from_the_same_address_is_answered_and_changes_no_date(house):
    house.ask("#marketing")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Borttagen i nyhetsbrevsverktyget.")
    house.drain()
    first = house.sql("SELECT since FROM suppression")
    house.days(30)
    house.ask("#marketing")
    assert house.states("PK-2026-0002") == {"objection": "awaiting_approval"}
    assert house.sql("SELECT since FROM suppression") == first


@both_databases
def test_two_workers_take_up_a_claim_once(build):
    house = build()
    house.drain()
    receipts = [house.ask("#access", sender=sender) for sender in (KALLE, EVA)]
    for receipt in receipts:
        house.flow.confirm(receipt.token, receipt.code)
    flows = [house.flow, build(clock=house.clock).flow]

    def work(flow):
        while step.prepare(flow.fulfilment):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, flows))
    assert house.states() == house.states("PK-2026-0002") == {"access": "answer_due"}
    house.drain()
    assert len(house.file().drafts) == len(house.file("PK-2026-0002").drafts) == 1
