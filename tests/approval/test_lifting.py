"""A restriction ends only after the person has been told, with working days left (Art 18(3))."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from inbox_bot.domain.mail import Bounce
from inbox_bot.errors import NotAllowedError
from inbox_bot.outbox import bounces
from tests.support.house import KALLE, both_databases

REF = "PK-2026-0001"
GROUND = "Du säger att resultatet är fel, och vi kontrollerar det nu (artikel 18.1 a)."
WHY = "Vi har kontrollerat uppgifterna, och de stämmer."


@pytest.fixture
def restricted(house):
    """A restriction that was carried out and answered; the case is closed."""
    house.ask_and_confirm("#restriction")
    house.flow.edit(house.draft().id, values={"ground": GROUND}, by="anna")
    house.flow.approve_case(REF, by="anna", note="Uppgifterna är låsta i kursplattformen.", rest=True)
    house.drain()
    assert house.case().state.value == "closed"
    return house


def draft(house, **how):
    return house.flow.acting.draft_lifting(REF, **({"reasons": WHY, "by": "anna"} | how))


def standing(house):
    [one] = house.flow.acting.sheet(REF).restrictions
    return one


@both_databases
def test_nothing_is_lifted_before_the_person_has_been_told_and_has_had_time(restricted):
    house = restricted
    lift = lambda: house.flow.acting.lift(REF, by="anna")  # noqa: E731
    with pytest.raises(NotAllowedError, match="has not been told"):
        lift()
    draft(house, lift_on=date(2026, 9, 11))
    with pytest.raises(NotAllowedError, match="has not been told"):
        lift()
    house.flow.approve_case(REF, by="anna")
    with pytest.raises(NotAllowedError, match="has not been told"):
        lift()
    house.drain()
    letter = house.to(KALLE)[-1]
    for words in (WHY, "fredag 11 september 2026", "Integritetsskyddsmyndigheten", "domstol"):
        assert words in letter.text
    for days in (0, 3):
        house.days(days)
        with pytest.raises(NotAllowedError, match="2026-09-11 or later"):
            lift()
    assert standing(house).from_day == date(2026, 9, 11)
    house.days(1)
    lift()
    assert house.events().count("restriction_lifted") == 1
    assert standing(house).lifted
    with pytest.raises(NotAllowedError, match="lifted already"):
        lift()
    assert house.case().state.value == "closed"


def test_the_letter_names_no_day_too_soon_when_it_leaves(restricted):
    with pytest.raises(NotAllowedError, match="too soon"):
        draft(restricted, lift_on=date(2026, 9, 9))
    assert restricted.letters(name="restriction_lifting") == []
    draft_id = draft(restricted, lift_on=date(2026, 9, 10))
    restricted.days(1)
    with pytest.raises(NotAllowedError, match="too soon"):
        restricted.flow.approve(draft_id, by="anna")
    values = {"result": WHY, "lifts_on": "2026-09-11"}
    restricted.flow.edit(draft_id, values=values, by="anna")
    restricted.flow.approve(draft_id, by="anna")


def test_a_letter_that_came_back_told_nobody(restricted):
    draft(restricted)
    restricted.flow.approve_case(REF, by="anna")
    restricted.drain()
    [letter] = restricted.letters(name="restriction_lifting")
    report = Bounce(recipients=(KALLE,), permanent=True, original_message_id=letter.message_id)
    with restricted.flow.desk.write() as unit:
        bounces.note_bounce(restricted.flow.outbox, unit, report, restricted.now)
    restricted.days(30)
    with pytest.raises(NotAllowedError, match="has not been told"):
        restricted.flow.acting.lift(REF, by="anna")
    restricted.flow.settle(letter.id, sent=False, by="anna")
    restricted.drain()
    restricted.days(5)
    restricted.flow.acting.lift(REF, by="anna")


@both_databases
def test_two_who_lift_at_once_record_it_once(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#restriction")
    house.flow.edit(house.draft().id, values={"ground": GROUND}, by="anna")
    house.flow.approve_case(REF, by="anna", note="Uppgifterna är låsta i kursplattformen.", rest=True)
    house.drain()
    flows = [house.flow, build(clock=house.clock).flow]

    def attempt(act):
        try:
            act()
        except NotAllowedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        drafted = list(
            pool.map(lambda flow: attempt(lambda: flow.acting.draft_lifting(REF, reasons=WHY, by="anna")), flows)
        )
    assert sorted(drafted) == [False, True]
    house.flow.approve_case(REF, by="anna")
    house.drain()
    house.days(10)
    with ThreadPoolExecutor(2) as pool:
        lifted = list(pool.map(lambda flow: attempt(lambda: flow.acting.lift(REF, by="anna")), flows))
    assert sorted(lifted) == [False, True]
    assert house.events().count("restriction_lifted") == 1


def test_lifting_needs_a_reason_a_person_and_something_restricted(house):
    house.ask_and_confirm("#restriction #erasure")
    with pytest.raises(NotAllowedError, match="Nothing is restricted"):
        draft(house)
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        draft(house, reasons=" ")
    with pytest.raises(NotAllowedError, match="Say who"):
        draft(house, by="program")


def test_a_lock_in_haste_for_a_request_that_was_none_needs_no_letter(house):
    receipt = house.ask("#restriction")
    house.flow.acting.say_done(REF, ["Låst."], by="anna")
    with pytest.raises(NotAllowedError, match="has not been told"):
        house.flow.acting.lift(REF, by="anna")
    house.flow.disown(receipt.token, receipt.code)
    assert not standing(house).owes_letter
    with pytest.raises(NotAllowedError, match="never granted"):
        draft(house)
    house.flow.acting.lift(REF, by="anna")


def test_a_draft_of_its_end_may_be_taken_away_and_written_anew(restricted):
    draft_id = draft(restricted)
    with pytest.raises(NotAllowedError, match="letter already"):
        draft(restricted)
    restricted.flow.acting.drop_notice(draft_id, by="anna")
    draft(restricted)


def test_an_approved_letter_about_the_end_taken_back_changes_no_answer(house):
    house.ask_and_confirm("#restriction")
    house.flow.acting.say_done(REF, ["Låst."], by="anna")
    draft_id = draft(house)
    house.flow.approve(draft_id, by="anna")
    house.flow.edit(draft_id, values={"result": WHY, "lifts_on": "2026-10-01"}, by="bo")
    assert house.states() == {"restriction": "awaiting_approval"}
