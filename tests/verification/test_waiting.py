"""What happens when nobody answers: one reminder, then a person says in time that we cannot identify; a late yes revives."""

from datetime import timedelta

import pytest

from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, START, both_databases


def names(house, reference="PK-2026-0001"):
    return [letter.name for letter in house.letters(reference)]


def test_one_reminder_after_five_working_days(house):
    house.ask("#access")
    for day in range(1, 13):
        house.clock.set(START + timedelta(days=day))
        house.drain()
        expected = ["receipt_identity"] + ["identity_reminder"] * (day >= 7)
        assert names(house) == expected, f"day {day}"
    reminder = house.to(KALLE)[-1]
    assert house.flow.confirm(reminder.token, reminder.code).value == "confirmed"
    house.drain()
    assert house.states() == {"access": "awaiting_approval"}


def test_the_reminder_counts_working_days_not_days(build):
    house = build()
    house.clock.set(START.replace(month=12, day=22))
    house.drain()
    house.ask("#access")
    for _ in range(11):
        house.days(1)
        house.drain()
        today = house.now.date().isoformat()
        # 25 and 26 December, 1 January and the weekends are free; the eves are not.
        assert ("identity_reminder" in names(house)) == (today >= "2026-12-30"), today


def test_no_reminder_once_it_is_answered(house):
    receipt = house.ask("#access")
    house.flow.confirm(receipt.token, receipt.code)
    house.days(14)
    house.drain()
    assert "identity_reminder" not in names(house)


def test_the_first_code_still_works_beside_the_reminders(house):
    receipt = house.ask("#access")
    house.clock.advance(timedelta(days=6, hours=23, minutes=50))
    house.drain()
    assert names(house)[-1] == "identity_reminder"
    assert house.flow.confirm(receipt.token, receipt.code).value == "confirmed"


def wait_until_given_up(house):
    """Let the days pass to 30 September, five working days before the date."""
    for day in (14, 30):
        house.clock.set(START.replace(day=day))
        house.drain()


@both_databases
def test_near_the_date_a_person_is_asked_to_say_that_we_cannot_identify(house):
    house.ask("#access #erasure")
    house.clock.set(START.replace(day=29))
    house.drain()
    assert house.file().drafts == ()
    house.clock.set(START.replace(day=30))
    house.drain()
    house.drain()
    draft = house.draft()
    assert draft.letter == "cannot_identify"
    assert len(draft.claim_ids) == 2
    assert house.states() == {"access": "awaiting_identity", "erasure": "awaiting_identity"}
    assert "cannot_identify" not in names(house)


def test_an_extension_gives_no_more_time_to_say_that_we_cannot_identify(house):
    house.ask("#access")
    house.flow.extend("PK-2026-0001", right=None, reasons="Uppgifterna finns i tre arkiv.", by="anna")
    house.drain()
    wait_until_given_up(house)
    assert [view.record.letter for view in house.file().drafts] == ["extension", "cannot_identify"]


def given_up(house):
    receipt = house.ask("#access")
    wait_until_given_up(house)
    house.flow.approve_case("PK-2026-0001", by="anna")
    return receipt


def test_we_cannot_identify_leaves_only_when_a_person_says_so_and_closes_the_case(house):
    given_up(house)
    house.drain()
    assert house.states() == {"access": "answered"}
    assert house.case().state.value == "closed"
    assert not house.claim().proven
    letter = house.to(KALLE)[-1]
    assert "Integritetsskyddsmyndigheten" in letter.text
    assert "Auto-Submitted" not in letter.parsed


@both_databases
def test_a_late_yes_revives_the_case(house):
    receipt = given_up(house)
    house.drain()
    house.days(170)
    assert house.flow.renew(receipt.token).value == "renewed"
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"
    house.drain()
    assert house.case().state.value == "open"
    assert house.states() == {"access": "awaiting_approval"}
    assert house.events().count("reopened") == 1
    assert [view.record.letter for view in house.file().drafts if view.record.state.value == "open"] == [
        "granted_access"
    ]
    assert house.file().view.days_left < 0


def test_a_yes_while_the_draft_waits_voids_it(house):
    house.ask("#access")
    wait_until_given_up(house)
    reminder = house.to(KALLE)[-1]
    house.flow.renew(reminder.token)
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"
    house.drain()
    assert [view.record.state.value for view in house.file().drafts] == ["void", "open"]
    assert house.states() == {"access": "awaiting_approval"}


@pytest.mark.parametrize("fate", [Fate.DEFERRED, Fate.REFUSED])
def test_a_yes_while_we_cannot_identify_is_stuck_or_has_failed_is_not_lost(house, fate):
    receipt = given_up(house)
    house.transport.answers.append(Attempt(fate=fate))
    house.drain()
    house.clock.advance(timedelta(seconds=10))
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert fresh.token != receipt.token
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"
    house.days(1)
    house.drain()
    assert house.states() == {"access": "awaiting_approval"}
    assert house.claim().proven
    [stuck] = house.letters(name="cannot_identify")
    assert stuck.state in {LetterState.VOID, LetterState.FAILED}
    assert [view.record.letter for view in house.file().drafts if view.record.state.value == "open"] == [
        "granted_access"
    ]


def test_not_me_while_we_cannot_identify_has_come_back_leaves_nothing_waiting(house):
    given_up(house)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED))
    house.drain()
    assert house.states() == {"access": "awaiting_approval"}
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert house.flow.disown(fresh.token, fresh.code).value == "disowned"
    assert house.states() == {"access": "disowned"}
    assert house.case().state.value == "closed"


def test_a_reply_with_an_old_code_to_we_cannot_identify_does_not_confirm(house):
    receipt = given_up(house)
    house.drain()
    house.reply(house.to(KALLE)[-1], f"Ja, koden var {receipt.code}")
    house.drain()
    assert house.states() == {"access": "answered"}
    assert house.file().view.unread


@both_databases
def test_two_workers_that_remind_at_once_send_one_reminder(build):
    from concurrent.futures import ThreadPoolExecutor

    from inbox_bot.verification import step

    house = build()
    house.drain()
    house.ask("#access")
    house.ask("#access", sender=EVA)
    house.days(8)
    rooms = [house.flow.verification, build(clock=house.clock).flow.verification]
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(step.remind, rooms))
    assert sum(sent) == 2
    with house.flow.desk.look() as unit:
        queued = unit.letters.in_states(LetterState.QUEUED)
    assert [(letter.recipient, letter.purpose) for letter in queued] == [
        (KALLE, LetterPurpose.IDENTITY),
        (EVA, LetterPurpose.IDENTITY),
    ]


@both_databases
def test_two_workers_that_give_up_at_once_make_one_draft(build):
    from concurrent.futures import ThreadPoolExecutor

    from inbox_bot.verification import step

    house = build()
    house.drain()
    house.ask("#access")
    house.clock.set(START.replace(day=30))
    rooms = [house.flow.verification, build(clock=house.clock).flow.verification]
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(step.give_up, rooms)) == 1
    assert len(house.file().drafts) == 1
