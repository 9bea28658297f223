"""Sending: one claim a letter, no second copy of what may have left, limits that hold, and what follows for the case."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.outbox import step
from inbox_bot.outbox.step import MOST_TRIES
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, STAFF, START, both_databases


def queue(house, recipient=KALLE, purpose=LetterPurpose.RECEIPT, count=1):
    """Put letters of no case into the outbox; return their ids."""
    with house.flow.desk.write() as unit:
        before = len(unit.letters.in_states(*LetterState))
        return [
            unit.letters.queue(
                name="receipt",
                purpose=purpose,
                recipient=recipient,
                message_id=f"<{number}@example.com>",
                content=f"To: {recipient}\r\n\r\nBrev {number}\r\n".encode(),
                at=house.now,
            )
            for number in range(before, before + count)
        ]


def send_all(house):
    async def run():
        while await step.dispatch(house.flow.outbox):
            pass

    asyncio.run(run())


def letter(house, letter_id):
    with house.flow.desk.look() as unit:
        return unit.letters.get(letter_id)


def approved(house, body="#erasure"):
    """A case whose answer is approved and waits in the outbox; return the answer's id."""
    house.ask_and_confirm(body)
    return house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat i kursplattformen.", rest=True)[0]


def answer(fate, text="250 2.0.0"):
    return Attempt(fate=fate, answer=text)


@both_databases
def test_an_accepted_letter_is_sent_and_the_case_follows(house):
    letter_id = approved(house)
    house.clock.advance(timedelta(minutes=2))
    send_all(house)
    sent = letter(house, letter_id)
    assert (sent.state, sent.sent_at, sent.answer, sent.attempts) == (LetterState.SENT, house.now, "250 2.0.0", 1)
    assert house.events()[-3:] == ["letter_sent", "answered", "closed"]


@both_databases
def test_workers_at_once_send_each_letter_once(build):
    house = build()
    house.drain()
    house.transport.handed.clear()
    queue(house, count=12, purpose=LetterPurpose.STAFF, recipient=STAFF)
    houses = [house, *(build(clock=house.clock) for _ in range(2))]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send_all, houses))
    handed = [handed.content for one in houses for handed in one.transport.handed]
    assert len(handed) == len(set(handed)) == 12


@both_databases
def test_a_temporary_error_is_tried_again_by_schedule_with_the_same_bytes(house):
    letter_id = approved(house)
    house.transport.answers.extend([answer(Fate.DEFERRED, "451 4.7.1")] * 2)
    send_all(house)
    assert letter(house, letter_id).state is LetterState.DEFERRED
    house.clock.advance(timedelta(seconds=59))
    send_all(house)
    assert letter(house, letter_id).attempts == 1
    house.clock.advance(timedelta(seconds=1))
    send_all(house)
    assert letter(house, letter_id).attempts == 2
    house.clock.advance(timedelta(minutes=5))
    send_all(house)
    assert letter(house, letter_id).state is LetterState.SENT
    tries = house.to(KALLE)[1:]
    assert len(tries) == 3
    assert len({one.content for one in tries}) == 1


def test_what_stays_temporary_too_long_fails_and_the_answer_waits_for_a_person_again(house):
    letter_id = approved(house)
    house.transport.answers.extend([answer(Fate.DEFERRED, "421 4.4.2")] * 100)
    for _ in range(100):
        send_all(house)
        house.clock.advance(timedelta(hours=1))
    assert letter(house, letter_id).state is LetterState.FAILED
    assert house.states() == {"erasure": "awaiting_approval"}
    assert house.draft().state.value == "open"
    assert house.case().state.value == "open"


@both_databases
def test_a_permanent_error_is_not_tried_again_and_gives_the_answer_back(house):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.REFUSED, "550 5.1.1"))
    send_all(house)
    house.days(3)
    house.drain()
    assert len(house.to(KALLE)) == 2
    assert letter(house, letter_id).state is LetterState.FAILED
    assert house.states() == {"erasure": "awaiting_approval"}
    assert [one.id for one in house.flow.archive.overview().troubled] == [letter_id]


@both_databases
def test_an_answer_that_may_have_left_goes_to_a_person_and_never_again_by_itself(house):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.UNKNOWN, "connection lost"))
    send_all(house)
    assert letter(house, letter_id).state is LetterState.UNKNOWN
    assert house.states() == {"erasure": "approved"}
    house.days(4)
    house.drain()
    assert len(house.to(KALLE)) == 2
    assert [one.id for one in house.flow.archive.overview().troubled] == [letter_id]
    assert house.case().state.value == "open"


@both_databases
def test_a_receipt_that_may_have_left_goes_again_with_the_same_message_id(house):
    [letter_id] = queue(house)
    house.transport.answers.append(answer(Fate.UNKNOWN, "connection lost"))
    send_all(house)
    house.clock.advance(timedelta(minutes=2))
    send_all(house)
    first, second = house.to(KALLE)
    assert first.content == second.content
    assert letter(house, letter_id).state is LetterState.SENT


def test_a_server_that_hangs_up_after_every_letter_does_not_fill_a_mailbox(house):
    [letter_id] = queue(house)
    house.transport.answers.extend([answer(Fate.UNKNOWN, "connection lost")] * 1000)
    for _ in range(200):
        send_all(house)
        house.clock.advance(timedelta(minutes=7))
    assert len(house.to(KALLE)) == MOST_TRIES
    assert letter(house, letter_id).state is LetterState.UNKNOWN


@pytest.mark.parametrize("purpose", LetterPurpose)
def test_a_claim_left_behind_by_a_dead_process_is_found_when_it_is_stale(house, purpose):
    [letter_id] = queue(house, purpose=purpose)
    step._take_turn(house.flow.outbox, None, more=True)
    house.clock.advance(timedelta(minutes=10))
    assert step.sweep(house.flow.outbox) == 0
    assert letter(house, letter_id).state is LetterState.SENDING
    house.clock.advance(timedelta(seconds=1))
    assert step.sweep(house.flow.outbox) == 1
    expected = LetterState.QUEUED if purpose.resendable else LetterState.UNKNOWN
    assert letter(house, letter_id).state is expected
    assert step.sweep(house.flow.outbox) == 0


def test_a_slow_server_that_took_the_letter_over_after_the_sweep_settles_it(house):
    letter_id = approved(house)

    def sweep_meanwhile():
        house.clock.advance(timedelta(minutes=11))
        step.sweep(house.flow.outbox)
        assert letter(house, letter_id).state is LetterState.UNKNOWN

    house.transport.on_send = sweep_meanwhile
    send_all(house)
    assert letter(house, letter_id).state is LetterState.SENT
    assert house.states() == {"erasure": "answered"}


def unknown_answer(house):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.UNKNOWN))
    send_all(house)
    return letter_id


@both_databases
def test_a_person_who_knows_that_it_left_settles_it(house):
    letter_id = unknown_answer(house)
    house.flow.settle(letter_id, sent=True, by="bo")
    assert house.states() == {"erasure": "answered"}
    assert house.case().state.value == "closed"
    assert letter(house, letter_id).approved_by == "anna"
    [event] = [event for event in house.file().events if event.name.value == "letter_settled"]
    assert (event.actor, event.details["as"]) == ("bo", "sent")
    with pytest.raises(NotAllowedError, match="needs no decision"):
        house.flow.settle(letter_id, sent=False, by="bo")


def test_a_person_who_knows_that_it_did_not_leave_sends_the_same_bytes(house):
    letter_id = unknown_answer(house)
    house.flow.settle(letter_id, sent=False, by="bo")
    send_all(house)
    first, second = house.to(KALLE)[-2:]
    assert first.content == second.content
    assert house.states() == {"erasure": "answered"}


@pytest.mark.parametrize("sent", [True, False])
def test_a_failed_answer_that_is_settled_leaves_no_draft_that_waits(house, sent):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.REFUSED))
    send_all(house)
    house.flow.settle(letter_id, sent=sent, by="bo")
    send_all(house)
    assert house.states() == {"erasure": "answered"}
    assert (house.draft().state.value, house.draft().letter_id) == ("approved", letter_id)
    assert len(house.to(KALLE)) == (2 if sent else 3)


@both_databases
@pytest.mark.parametrize("sent", [True, False])
def test_a_failed_answer_that_another_has_replaced_cannot_be_settled(house, sent):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.REFUSED))
    send_all(house)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Nytt försök i kursplattformen.", rest=True)
    before = house.everything()
    with pytest.raises(NotAllowedError, match="replaced"):
        house.flow.settle(letter_id, sent=sent, by="bo")
    assert house.everything() == before
    send_all(house)
    assert len(house.to(KALLE)) == 3


def test_an_edit_of_what_was_settled_to_go_again_voids_it(house):
    letter_id = approved(house)
    house.transport.answers.append(answer(Fate.REFUSED))
    send_all(house)
    house.flow.settle(letter_id, sent=False, by="bo")
    house.flow.edit(house.draft().id, values={}, by="anna")
    send_all(house)
    assert letter(house, letter_id).state is LetterState.VOID
    assert len(house.to(KALLE)) == 2


def test_only_a_letter_in_doubt_is_settled(house):
    [letter_id] = queue(house)
    with pytest.raises(NotAllowedError):
        house.flow.settle(letter_id, sent=True, by="bo")
    with pytest.raises(NotFoundError):
        house.flow.settle(99999, sent=True, by="bo")


def test_a_letter_whose_code_was_emptied_is_not_sent_again(house):
    house.ask("#access")
    [receipt] = house.letters(name="receipt_identity")
    with house.flow.desk.write() as unit:
        unit.letters.move(receipt.id, [LetterState.SENT], LetterState.BOUNCED)
    with pytest.raises(NotAllowedError, match="emptied"):
        house.flow.settle(receipt.id, sent=False, by="bo")


@both_databases
def test_one_address_gets_so_many_letters_a_day_and_the_rest_wait_for_a_person(build):
    house = build(outbox={"per_address_per_day": 3})
    house.drain()
    house.transport.handed.clear()
    queue(house, count=5)
    queue(house, recipient=EVA)
    send_all(house)
    assert (len(house.to(KALLE)), len(house.to(EVA))) == (3, 1)
    held = house.flow.archive.overview().troubled
    assert [(one.state, one.answer) for one in held] == [(LetterState.HELD, "too_many_to_one_address")] * 2
    house.days(1.01)
    house.flow.settle(held[0].id, sent=False, by="bo")
    send_all(house)
    assert len(house.to(KALLE)) == 4


@both_databases
def test_all_mail_together_has_an_hourly_limit_that_only_delays(build):
    house = build(outbox={"per_hour": 4})
    house.drain()
    house.transport.handed.clear()
    house.clock.advance(timedelta(hours=2))
    for number in range(6):
        queue(house, recipient=f"person{number}@example.org")
    send_all(house)
    assert len(house.transport.handed) == 4
    house.clock.advance(timedelta(minutes=59))
    send_all(house)
    assert len(house.transport.handed) == 4
    house.clock.advance(timedelta(minutes=1, seconds=1))
    send_all(house)
    assert len(house.transport.handed) == 6
    assert house.flow.archive.overview().troubled == ()


def test_letters_to_staff_pass_every_limit_however_many_wait_before_them(build):
    house = build(outbox={"per_hour": 1, "per_address_per_day": 1})
    house.drain()
    house.transport.handed.clear()
    for number in range(40):
        queue(house, recipient=f"person{number}@example.org")
    queue(house, recipient=STAFF, purpose=LetterPurpose.STAFF, count=3)
    queue(house, recipient=STAFF, purpose=LetterPurpose.LOGIN)
    send_all(house)
    assert len(house.to(STAFF)) == 4


@pytest.mark.parametrize("address", ["info@example.com", "styrelsen@example.org"])
def test_addresses_never_written_to_get_nothing_even_when_a_person_insists(build, address):
    house = build(outbox={"never_write": ["Styrelsen@example.org"]})
    house.drain()
    [letter_id] = queue(house, recipient=address)
    send_all(house)
    assert house.to(address) == []
    assert letter(house, letter_id).answer == "never_write"
    house.flow.settle(letter_id, sent=False, by="bo")
    send_all(house)
    assert house.to(address) == []
    assert letter(house, letter_id).state is LetterState.HELD


def test_nothing_is_sent_before_its_time_nor_by_a_flow_with_nothing_to_do(house):
    assert asyncio.run(step.dispatch(house.flow.outbox)) == 0
    assert house.transport.handed == []


@both_databases
def test_a_claim_is_committed_before_a_byte_leaves(house):
    [letter_id] = queue(house)
    seen = []
    house.transport.on_send = lambda: seen.append(letter(house, letter_id))
    send_all(house)
    [during] = seen
    assert (during.state, during.attempts) == (LetterState.SENDING, 1)


def test_a_transport_that_breaks_its_promise_and_raises_leaves_a_claim_to_be_swept(house):
    letter_id = approved(house)

    def breaks():
        raise RuntimeError("a bug")

    house.transport.on_send = breaks
    worker = house.drain(well=False)
    assert worker.failures == ["outbox: RuntimeError"]
    assert letter(house, letter_id).state is LetterState.SENDING
    house.transport.on_send = None
    house.clock.advance(timedelta(minutes=11))
    house.drain()
    assert letter(house, letter_id).state is LetterState.UNKNOWN
    assert len(house.to(KALLE)) == 2
    assert house.case().opened_at == START


async def test_a_letter_that_has_left_is_noted_even_if_the_next_one_cannot_be_taken(house, monkeypatch):
    *first, second = queue(house, count=step.AT_ONCE + 1)
    real, calls = step._claim, []

    def claim(room, unit):
        calls.append(len(calls))
        if len(calls) == 2:
            raise RuntimeError("the next letter cannot be read")
        return real(room, unit)

    monkeypatch.setattr(step, "_claim", claim)
    with pytest.raises(RuntimeError):
        await step.dispatch(house.flow.outbox)
    assert {letter(house, one).state for one in first} == {LetterState.SENT}
    assert letter(house, second).state is LetterState.QUEUED


@both_databases
def test_no_cap_on_what_the_program_writes_holds_an_approved_answer(build):
    house = build(
        outbox={"per_address_per_day": 2, "per_hour": 2, "per_day": 2, "per_case": 2, "per_address_per_month": 2}
    )
    house.drain()
    answer_id = approved(house)
    queue(house, count=9)
    send_all(house)
    assert letter(house, answer_id).state is LetterState.SENT
    assert len([one for one in house.to(KALLE) if one.content.startswith(b"To: ")]) == 1


def test_letters_to_staff_take_no_room_from_answers(build):
    house = build(outbox={"per_hour": 1})
    house.drain()
    answer_id = approved(house)
    queue(house, recipient=STAFF, purpose=LetterPurpose.STAFF, count=6)
    send_all(house)
    assert letter(house, answer_id).state is LetterState.SENT


def test_the_days_limit_only_delays(build):
    house = build(outbox={"per_day": 3})
    house.drain()
    for number in range(5):
        queue(house, recipient=f"person{number}@example.org")
    send_all(house)
    assert len([one for one in house.transport.handed if one.recipient.startswith("person")]) == 3
    house.days(1.01)
    send_all(house)
    assert len([one for one in house.transport.handed if one.recipient.startswith("person")]) == 5


@pytest.mark.parametrize("address", ["info+b.1.0123456789ab@example.com", "Info+x@example.com"])
def test_our_own_address_with_a_tag_gets_nothing(house, address):
    [letter_id] = queue(house, recipient=address)
    send_all(house)
    assert letter(house, letter_id).answer == "never_write"
