"""One thing only the person knows, beside the code: asked for, checked by a person once, and removed."""

from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError, NotFoundError
from tests.support.house import START, both_databases
from tests.support.people import ON_FILE, SHARED, STRANGER

WORDS = "Excelkursen i mars"


@pytest.fixture
def receipt(known):
    return known.ask("#access", sender=SHARED)


def given(known, receipt):
    assert known.flow.confirm(receipt.token, receipt.code, WORDS).value == "checking"


@both_databases
def test_words_that_hold_prove_and_are_gone(known):
    receipt = known.ask("#access", sender=SHARED)
    known.clock.advance(timedelta(hours=2))
    given(known, receipt)
    assert known.flow.question(receipt.token).standing.value == "checking"
    known.days(1)
    known.flow.check_fact("PK-2026-0001", right=True, by=" bo ")
    known.drain()
    assert known.states() == {"access": "awaiting_approval"}
    assert WORDS not in repr(known.everything())
    [event] = [event for event in known.file().events if event.name.value == "fact_checked"]
    assert (event.actor, event.details["holds"], event.at) == ("bo", True, START + timedelta(days=1, hours=2))
    # The pause ends when the person answered, not when a colleague got round to it.
    [pause] = known.claim().clock.pauses
    assert pause.confirmed_at == START + timedelta(hours=2)
    assert known.flow.question(receipt.token).standing.value == "confirmed"


@both_databases
def test_words_that_do_not_hold_prove_nothing_and_are_gone(known):
    receipt = known.ask("#access", sender=SHARED)
    given(known, receipt)
    known.flow.check_fact("PK-2026-0001", right=False, by="bo")
    assert not known.claim().proven
    assert not known.claim().waits_for_staff
    assert known.states() == {"access": "awaiting_identity"}
    assert WORDS not in repr(known.everything())
    assert known.flow.proof("PK-2026-0001").mismatch
    assert known.flow.question(receipt.token).standing.value == "expired"
    assert known.flow.confirm(receipt.token, receipt.code, WORDS).value == "expired"
    known.flow.ask_again("PK-2026-0001", by="bo")
    known.drain()
    fresh = known.to(SHARED)[-1]
    assert "En sak till" in fresh.text
    assert known.flow.confirm(fresh.token, fresh.code, "Mars").value == "checking"


def test_words_are_checked_once(known, receipt):
    given(known, receipt)
    known.flow.check_fact("PK-2026-0001", right=True, by="bo")
    with pytest.raises(NotAllowedError, match="waits to be checked"):
        known.flow.check_fact("PK-2026-0001", right=False, by="bo")
    assert known.claim().proven


def test_nothing_to_check_nobody_in_particular_and_no_such_case(known, receipt):
    with pytest.raises(NotAllowedError, match="waits to be checked"):
        known.flow.check_fact("PK-2026-0001", right=True, by="bo")
    with pytest.raises(NotFoundError):
        known.flow.check_fact("PK-2026-0009", right=True, by="bo")
    given(known, receipt)
    with pytest.raises(NotAllowedError, match="who decides"):
        known.flow.check_fact("PK-2026-0001", right=True, by=" ")
    assert not known.claim().proven


def test_words_without_the_code_are_worth_nothing_and_missing_words_cost_no_try(known, receipt):
    assert known.flow.confirm(receipt.token, "BBBB-BBBB", WORDS).value == "wrong_code"
    for _ in range(10):
        assert known.flow.confirm(receipt.token, receipt.code, "  ").value == "fact_missing"
    assert known.flow.question(receipt.token).attempts_left == 4
    assert WORDS not in repr(known.everything())
    given(known, receipt)


def test_it_was_not_me_needs_no_words(known, receipt):
    assert known.flow.disown(receipt.token, receipt.code).value == "disowned"
    assert known.case().state.value == "closed"


def test_what_needs_only_the_link_is_confirmed_by_the_link(known):
    receipt = known.ask("#access #erasure", sender=SHARED)
    assert known.flow.confirm(receipt.token, receipt.code).value == "fact_missing"
    assert {claim.claim.right.value: claim.proven for claim in known.case().claims} == {
        "access": False,
        "erasure": True,
    }
    given(known, receipt)
    assert known.states()["access"] == "awaiting_identity"


@both_databases
def test_a_reply_may_give_both_and_its_words_go_too(known):
    receipt = known.ask("#access", sender=SHARED)
    known.reply(receipt, f"{receipt.code}\n{WORDS}, tel 0702 345679", sender=SHARED, quote=True)
    known.drain()
    assert known.claim().to_check
    assert known.flow.proof("PK-2026-0001").words == f"{WORDS}, tel 0702 345679"
    known.flow.check_fact("PK-2026-0001", right=True, by="bo")
    assert known.claim().proven
    assert WORDS not in repr(known.everything())
    assert len(known.file().mails) == 2


def test_a_reply_with_the_code_alone_is_left_to_a_person(known, receipt):
    known.reply(receipt, f"Koden: {receipt.code}", sender=SHARED)
    known.drain()
    # "Koden:" is a word beside the code, so staff see that it proves nothing.
    assert not known.claim().proven
    assert known.file().view.unread or known.claim().to_check


def test_a_reply_that_asks_for_more_is_kept_and_proves_nothing(known, receipt):
    known.reply(receipt, f"{receipt.code} {WORDS} #erasure", sender=SHARED)
    known.drain()
    assert not known.claim(right=Right.ACCESS).proven
    assert known.file().view.unread
    assert "erasure" in known.states()
    assert known.flow.proof("PK-2026-0001").words == ""


def test_a_named_shared_mailbox_gets_the_same_question(known):
    known.mail(f"#access Mitt konto är {SHARED}", sender=STRANGER)
    known.drain()
    link = known.to(SHARED)[0]
    assert "En sak till" in link.text
    assert known.flow.confirm(link.token, link.code).value == "fact_missing"
    given(known, link)
    known.flow.check_fact("PK-2026-0001", right=True, by="bo")
    assert known.claim().proven


def test_the_reminder_asks_for_it_too(known, receipt):
    known.days(8)
    known.drain()
    reminder = known.to(SHARED)[-1]
    assert reminder.token != receipt.token
    assert "En sak till" in reminder.text
    assert known.flow.confirm(reminder.token, reminder.code).value == "fact_missing"


def test_words_that_wait_get_no_reminder(known, receipt):
    given(known, receipt)
    known.days(8)
    known.drain()
    assert len(known.to(SHARED)) == 1


@both_databases
def test_two_who_check_at_once_settle_it_once(known):
    from concurrent.futures import ThreadPoolExecutor

    receipt = known.ask("#access", sender=SHARED)
    given(known, receipt)

    def check(right):
        try:
            known.flow.check_fact("PK-2026-0001", right=right, by="bo")
        except NotAllowedError:
            return 0
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(check, [True, False])) == 1
    assert known.events().count("fact_checked") == 1


def test_very_many_words_are_cut(known, receipt):
    known.flow.confirm(receipt.token, receipt.code, "x" * 5000)
    assert len(known.flow.proof("PK-2026-0001").words) == 500


def test_on_a_personal_address_nothing_more_is_taken(known):
    receipt = known.ask("#access", sender=ON_FILE)
    assert known.flow.confirm(receipt.token, receipt.code, WORDS).value == "confirmed"
    assert WORDS not in repr(known.everything())
