"""The question of identity: what asks for it, what the link shows, what a code does, and when it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Right
from tests.support.house import EVA, KALLE, OWN, START, both_databases

WRONG = "BBBB-BBBB"


def suppressed(house):
    with house.flow.desk.look() as unit:
        return unit.suppressions.addresses()


@pytest.mark.parametrize("right", list(Right))
def test_each_right_asks_for_proof_before_anything_is_done(house, right):
    receipt = house.ask(f"#{right.value}")
    assert house.states() == {right.value: "awaiting_identity"}
    assert not house.claim().proven
    assert receipt.code
    assert receipt.token
    assert house.file().drafts == ()
    assert receipt.parsed["Auto-Submitted"] == "auto-replied"


@both_databases
def test_a_marketing_stop_asks_for_none_and_takes_effect_at_once(house):
    receipt = house.ask("#marketing", sender="Kalle@Example.se")
    assert suppressed(house) == (KALLE,)
    assert house.states() == {"objection": "awaiting_approval"}
    assert "/identitet/" not in receipt.text
    assert house.claim().proven
    assert house.events().index("marketing_suppressed") < house.events().index("drafted")
    assert house.claim().clock.pauses == ()


def test_a_marketing_stop_beside_another_right_waits_for_nothing(house):
    receipt = house.ask("#access #marketing")
    assert suppressed(house) == (KALLE,)
    assert house.states() == {"access": "awaiting_identity", "objection": "awaiting_approval"}
    assert len(house.to(KALLE)) == 1
    assert receipt.code


@both_databases
def test_looking_changes_nothing_however_often(house):
    receipt = house.ask("#access")
    before = house.everything()
    for _ in range(20):
        view = house.flow.question(receipt.token)
    assert house.everything() == before
    assert (view.standing.value, view.reference, view.attempts_left) == ("open", "PK-2026-0001", 5)
    assert KALLE not in repr(view)


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "a" * 5000, "' OR 1=1 --", "\x00", "å"])
def test_a_link_that_was_never_ours(house, token):
    house.ask("#access")
    before = house.everything()
    assert house.flow.question(token).standing.value == "unknown"
    assert house.flow.confirm(token, WRONG).value == "unknown"
    assert house.flow.disown(token, WRONG).value == "unknown"
    assert house.flow.renew(token).value == "unknown"
    assert house.everything() == before


@both_databases
def test_the_right_code_confirms_once_and_opens_the_pause(house):
    receipt = house.ask("#access #erasure")
    house.clock.advance(timedelta(hours=3))
    assert house.flow.confirm(receipt.token, receipt.code.lower()).value == "confirmed"
    assert house.flow.confirm(receipt.token, receipt.code).value == "confirmed"
    assert house.flow.disown(receipt.token, receipt.code).value == "confirmed"
    for right in (Right.ACCESS, Right.ERASURE):
        claim = house.claim(right=right)
        assert claim.proven
        [pause] = claim.clock.pauses
        assert (pause.asked_at, pause.confirmed_at) == (START, START + timedelta(hours=3))
    assert house.events().count("identity_confirmed") == 2


def test_another_cases_code_does_not_fit(house):
    mine, other = house.ask("#access"), house.ask("#access", sender=EVA)
    assert house.flow.confirm(mine.token, other.code).value == "wrong_code"
    assert house.states() == {"access": "awaiting_identity"}


@pytest.mark.parametrize("code", ["", " ", "----", "å" * 8, "\x00", "B" * 10_000])
def test_what_is_no_code_at_all_is_a_wrong_one(house, code):
    receipt = house.ask("#access")
    assert house.flow.confirm(receipt.token, code).value == "wrong_code"


@both_databases
def test_wrong_codes_lock_the_question_even_for_the_right_one(house):
    receipt = house.ask("#access")
    tries = [house.flow.confirm(receipt.token, WRONG).value for _ in range(5)]
    assert tries == ["wrong_code"] * 4 + ["locked"]
    assert house.flow.confirm(receipt.token, receipt.code).value == "locked"
    assert house.flow.disown(receipt.token, receipt.code).value == "locked"
    assert house.states() == {"access": "awaiting_identity"}
    assert house.events().count("identity_failed") == 5


@both_databases
def test_wrong_codes_from_many_at_once_are_not_compared_beyond_the_limit(house):
    receipt = house.ask("#access")
    with ThreadPoolExecutor(12) as pool:
        results = [found.value for found in pool.map(lambda _: house.flow.confirm(receipt.token, WRONG), range(12))]
    assert house.events().count("identity_failed") == 5
    assert set(results) <= {"wrong_code", "locked"}
    assert house.flow.confirm(receipt.token, receipt.code).value == "locked"
    assert house.states() == {"access": "awaiting_identity"}


@both_databases
def test_the_right_code_from_many_at_once_confirms_once(house):
    receipt = house.ask("#access")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: house.flow.confirm(receipt.token, receipt.code), range(4)))
    assert house.events().count("identity_confirmed") == 1
    house.drain()
    assert len(house.file().drafts) == 1


def test_a_question_ends_after_its_days_and_a_new_link_takes_its_place(house):
    receipt = house.ask("#access")
    house.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert house.flow.question(receipt.token).standing.value == "open"
    house.clock.advance(timedelta(seconds=1))
    assert house.flow.question(receipt.token).standing.value == "expired"
    assert house.flow.confirm(receipt.token, receipt.code).value == "expired"
    assert house.flow.renew(receipt.token).value == "renewed"
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert fresh.code != receipt.code
    assert house.flow.confirm(receipt.token, fresh.code).value == "expired"
    assert house.flow.confirm(fresh.token, receipt.code).value == "wrong_code"
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"


def test_the_letter_promises_no_day_on_which_the_code_may_have_ended(house):
    receipt = house.ask("#access")
    assert "13 september 2026" in receipt.text
    house.clock.set(START.replace(day=13, hour=21, minute=59))
    assert house.flow.confirm(receipt.token, receipt.code).value == "confirmed"


def test_renewing_is_slow_and_ends(house):
    receipt = house.ask("#access")
    results = []
    for _ in range(8):
        # Nor just after the first letter: what presses every button as it arrives shall not end its code.
        assert house.flow.renew(receipt.token).value == "not_now"
        house.clock.advance(timedelta(minutes=3))
        results.append(house.flow.renew(receipt.token).value)
    assert results == ["renewed"] * 5 + ["not_now"] * 3
    house.drain()
    assert len(house.to(KALLE)) == 6
    assert {letter.recipient for letter in house.transport.handed} == {KALLE}


def test_a_renewed_link_opens_no_second_pause(house):
    receipt = house.ask("#access")
    house.days(2)
    house.flow.renew(receipt.token)
    house.drain()
    [pause] = house.claim().clock.pauses
    assert pause.asked_at == START


def test_nothing_is_renewed_for_what_is_proven_or_disowned(house):
    first, second = house.ask("#access"), house.ask("#access", sender=EVA)
    house.flow.confirm(first.token, first.code)
    house.flow.disown(second.token, second.code)
    house.days(1)
    assert house.flow.renew(first.token).value == "not_now"
    assert house.flow.renew(second.token).value == "not_now"


def test_it_was_not_me_closes_the_matter_and_writes_no_more(house):
    receipt = house.ask("#access #erasure")
    assert house.flow.disown(receipt.token, receipt.code).value == "disowned"
    house.days(30)
    house.drain()
    assert house.flow.confirm(receipt.token, receipt.code).value == "disowned"
    house.days(10)
    house.drain()
    assert house.states() == {"access": "disowned", "erasure": "disowned"}
    assert house.case().state.value == "closed"
    assert len(house.to(KALLE)) == 1
    # Links of a case that is over die after a month (rules/retention.toml).
    assert house.flow.confirm(receipt.token, receipt.code).value == "unknown"


@both_databases
def test_neither_token_nor_code_lies_in_the_database_once_the_letter_has_left(house):
    receipt = house.ask("#access")
    wrong = house.flow.confirm(receipt.token, WRONG)
    held = repr(house.everything())
    assert wrong.value == "wrong_code"
    for secret in (receipt.token, receipt.code, receipt.code.replace("-", ""), WRONG):
        assert secret not in held
        assert secret.encode().hex() not in held
    [(content, sha256)] = house.sql("SELECT content, sha256 FROM letter WHERE name = 'receipt_identity'")
    assert (bytes(content), len(sha256)) == (b"", 64)


def test_nothing_personal_or_secret_is_logged(house, capsys):
    receipt = house.ask("#access", subject="Ärende om mig", sender="Kalle Ek <kalle@example.se>")
    house.flow.confirm(receipt.token, WRONG)
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    written = "".join(capsys.readouterr())
    for secret in (receipt.token, receipt.code, "kalle", "Kalle", "Ärende om mig", OWN):
        assert secret not in written
    assert "letter_tried" in written


def test_a_reply_after_the_code_has_run_out_gets_a_new_one_as_the_letters_promise(house):
    first = house.ask("Radera mitt konto. #erasure")
    house.days(8)
    house.reply(first, "Hej, koden fungerar inte längre.")
    house.drain()
    second = house.to()[-1]
    assert second.code != first.code
    assert house.flow.confirm(second.token, second.code).value == "confirmed"


def test_a_reply_while_the_code_works_gets_no_second_one(house):
    first = house.ask("Radera mitt konto. #erasure")
    house.reply(first, "Hej, hur lång tid tar det?")
    house.drain()
    assert len(house.to()) == 1
