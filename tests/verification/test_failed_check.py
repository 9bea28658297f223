"""A mail that our own mail server says is not from its sender: it proves nothing, costs nothing, and is never lost."""

import pytest

from tests.support.house import EVA, KALLE, START, both_databases
from tests.support.people import ON_FILE, SECOND, SHARED, STRANGER, with_people

SERVER = "mx.example.com"
FAIL = {"Authentication-Results": f"{SERVER}; dmarc=fail (p=reject dis=none)"}
PASS = {"Authentication-Results": f"{SERVER}; dmarc=pass (p=reject dis=none)"}
UNSIGNED = {"Authentication-Results": f"{SERVER}; spf=none; dkim=none"}


@pytest.fixture
def believing(build, monkeypatch):
    """Furnish an installation that believes its mail server."""
    monkeypatch.setenv("INBOX_BOT_MAILBOX__INFO__TRUSTED_SERVERS", f'["{SERVER.upper()}"]')
    return build


@pytest.fixture
def guarded(believing):
    """Such an installation without a register, past its first look."""
    made = believing()
    made.flow.collect(made.mailbox, look_back_days=30)
    with made.flow.desk.write() as unit:
        unit.digests.claim("weekly", "2026-W37", START)
    return made


@pytest.fixture
def known(believing, people, monkeypatch):
    """The same with a register of known people."""
    return with_people(believing, monkeypatch, people)


def answer(house, letter, body, headers, sender=KALLE):
    thread = {"In-Reply-To": letter.message_id, "References": letter.message_id}
    house.mail(body, sender=sender, subject=f"Re: {letter.subject}", headers=thread | headers)
    house.drain()


def test_the_verdict_is_kept_with_the_mail(guarded):
    guarded.mail("#access", headers=FAIL)
    guarded.drain()
    [mail] = guarded.file().mails
    assert mail.message.authenticity.standing == "failed"
    assert (mail.message.authenticity.server, mail.message.authenticity.policy) == (SERVER, "reject")
    assert mail.message.trace == ()


@pytest.mark.parametrize("headers", [PASS, UNSIGNED, {}, {"Authentication-Results": "mx.evil.example; dmarc=fail"}])
def test_what_does_not_fail_goes_on_as_ever(guarded, headers):
    receipt = guarded.ask("#access", headers=headers)
    answer(guarded, receipt, receipt.code, headers)
    assert guarded.claim().proven
    assert "Svara på det här mejlet och skriv koden" in receipt.text


def test_an_installation_that_names_no_server_fails_nobody(house):
    receipt = house.ask("#access", headers=FAIL)
    answer(house, receipt, receipt.code, FAIL)
    assert house.claim().proven


def test_without_a_register_a_person_decides_and_no_letter_leaves(guarded):
    guarded.mail("#access", headers=FAIL)
    guarded.drain()
    assert guarded.to() == []
    assert guarded.states() == {"access": "awaiting_identity"}
    assert guarded.claim().waits_for_staff
    view = guarded.file().view
    assert view.due.isoformat() == "2026-10-07"
    assert guarded.claim().clock.pauses == ()
    [proof] = guarded.flow.proof("PK-2026-0001").claims
    assert "inte kommer från adressen" in proof.why
    assert any("förfalskat" in note for note in proof.notes)


def test_a_person_may_send_the_link_on(guarded):
    guarded.mail("#access", headers=FAIL)
    guarded.drain()
    guarded.flow.ask_at("PK-2026-0001", address=KALLE, how="finns i kursplattformen", by="anna@example.com")
    guarded.drain()
    [letter] = guarded.to()
    assert "ett svar räknas inte" in " ".join(letter.text.split())
    assert guarded.flow.confirm(letter.token, letter.code) == "confirmed"


@pytest.mark.parametrize("right", ["access", "erasure", "restriction"])
def test_from_an_address_on_file_the_link_goes_there_and_nowhere_else(known, right):
    known.mail(f"#{right}", sender=ON_FILE, headers=FAIL)
    known.drain()
    letters = [letter for letter in known.transport.handed if letter.recipient != "anna@example.com"]
    [letter] = letters
    assert letter.recipient == ON_FILE
    text = " ".join(letter.text.split())
    assert "Skriv inte koden i ett svar" in text
    assert "Svara på det här mejlet och skriv koden" not in text
    assert known.flow.confirm(letter.token, letter.code) == "confirmed"
    [proof] = known.flow.proof("PK-2026-0001").claims
    assert any("Mejlservern säger" in note for note in proof.notes)


def test_a_shared_mailbox_still_takes_one_thing_more(known):
    known.mail("#access", sender=SHARED, headers=FAIL)
    known.drain()
    [letter] = known.to(SHARED)
    assert known.flow.question(letter.token).fact


@pytest.mark.parametrize("body", ["#erasure", f"#erasure mitt konto är {ON_FILE}"])
def test_an_address_that_is_not_on_file_is_told_nothing(known, body):
    known.mail(body, sender=STRANGER, headers=FAIL)
    known.drain()
    assert known.to(STRANGER) == []
    assert [letter.name for letter in known.letters() if letter.recipient == STRANGER] == []
    assert len(known.to(ON_FILE)) == (ON_FILE in body)


def test_a_no_to_marketing_counts_and_brings_no_receipt(guarded):
    guarded.mail("#marketing", headers=FAIL)
    guarded.drain()
    assert "marketing_suppressed" in guarded.events()
    assert guarded.to() == []
    assert guarded.claim().proven


def test_a_marketing_stop_beside_a_link_stands_in_its_letter(known):
    known.mail("#erasure #marketing", sender=ON_FILE, headers=FAIL)
    known.drain()
    [letter] = known.to(ON_FILE)
    assert "Ett nej till reklam gäller direkt" in letter.text


@pytest.mark.parametrize("body", ["{code}", "Det var inte jag {code}", "ja, det var jag\n{code}"])
def test_a_failing_reply_with_the_code_confirms_nothing_and_costs_nothing(guarded, body):
    receipt = guarded.ask("#access", headers=PASS)
    answer(guarded, receipt, body.format(code=receipt.code), FAIL)
    assert guarded.states() == {"access": "awaiting_identity"}
    assert not guarded.claim().proven
    assert guarded.file().view.unread
    assert guarded.flow.question(receipt.token).attempts_left == 5


def test_whoever_gave_the_right_code_is_told_once_to_use_the_link(guarded):
    receipt = guarded.ask("#access", headers=PASS)
    for _ in range(3):
        answer(guarded, receipt, receipt.code, FAIL)
    _, reminder = guarded.to()
    assert guarded.events().count("identity_reminded") == 1
    assert guarded.events().count("identity_not_counted") == 3
    assert "ett svar räknas inte" in " ".join(reminder.text.split())
    guarded.days(6)
    guarded.drain()
    assert len(guarded.to()) == 2  # The one reminder has gone.
    assert guarded.flow.confirm(reminder.token, reminder.code) == "confirmed"


@pytest.mark.parametrize(
    "body", ["ABCD-EFGH", "Koden fungerar inte, skicka en ny", f"Mitt konto är {SECOND}", "Det var inte jag"]
)
def test_without_the_code_no_letter_leaves_for_a_forged_address(known, body):
    known.mail("#erasure", sender=STRANGER, headers=PASS)
    known.drain()
    [question] = known.to(STRANGER)
    answer(known, question, body, FAIL, sender=STRANGER)
    assert known.to(STRANGER) == [question]
    assert known.to(SECOND) == []
    assert known.file().view.unread


def test_wrong_codes_in_forged_replies_lock_nobody_out(guarded):
    receipt = guarded.ask("#access", headers=PASS)
    for _ in range(6):
        answer(guarded, receipt, "BCDF-GHJK", FAIL)
    assert len(guarded.to()) == 1
    assert guarded.flow.confirm(receipt.token, receipt.code) == "confirmed"


def test_an_expired_question_is_not_renewed_for_a_failing_reply(guarded):
    receipt = guarded.ask("#access", headers=PASS)
    for days in (7, 9):
        guarded.days(days)
        guarded.drain()
    before = len(guarded.to())
    answer(guarded, receipt, "Hej, koden gäller inte längre", FAIL)
    assert len(guarded.to()) == before
    answer(guarded, receipt, "Hej, koden gäller inte längre", PASS)
    assert len(guarded.to()) == before + 1


def test_a_right_added_in_a_failing_reply_is_not_taken_as_confirmed(guarded):
    receipt = guarded.ask("#access", headers=PASS)
    answer(guarded, receipt, receipt.code, PASS)
    answer(guarded, receipt, "#erasure", FAIL)
    assert guarded.claim(right="access").proven
    erasure = guarded.claim(right="erasure")
    assert not erasure.proven
    assert erasure.waits_for_staff
    answer(guarded, receipt, "#rectification", PASS)
    assert guarded.claim(right="rectification").proven


def test_who_asks_again_in_a_mail_that_does_not_fail_gets_the_link(guarded):
    guarded.mail("#erasure", headers=FAIL)
    guarded.drain()
    assert guarded.to() == []
    guarded.days(1)
    guarded.mail("#erasure", headers=PASS)
    guarded.drain()
    [letter] = guarded.to()
    assert "Svara på det här mejlet och skriv koden" in letter.text
    assert not guarded.claim().failed_check
    assert [case.reference for case in guarded.cases()] == ["PK-2026-0001"]
    # The clock runs since the first of the two all the same.
    assert guarded.file().view.due.isoformat() == "2026-10-07"
    answer(guarded, letter, letter.code, PASS)
    assert guarded.claim().proven


def test_a_colleague_who_sorts_a_failing_mail_proves_nobody(guarded):
    guarded.mail("#unsure", headers=FAIL)
    guarded.drain()
    from inbox_bot.domain.rights import Claim, Right

    guarded.flow.sort(1, [Claim(right=Right.ERASURE)], by="anna@example.com")
    guarded.drain()
    assert guarded.to() == []
    assert guarded.claim().waits_for_staff


def test_another_persons_case_is_untouched(guarded):
    guarded.mail("#access", headers=FAIL)
    receipt = guarded.ask("#access", sender=EVA, headers=PASS)
    answer(guarded, receipt, receipt.code, PASS, sender=EVA)
    assert [case.claims[0].proven for case in guarded.cases()] == [False, True]


def test_near_the_date_the_answer_is_drafted_for_a_person(guarded):
    guarded.mail("#access", headers=FAIL)
    guarded.drain()
    guarded.days(24)
    guarded.drain()
    assert guarded.draft().letter == "cannot_identify_sender"
    assert guarded.to() == []


@both_databases
def test_the_verdict_survives_the_store(house, database):
    from inbox_bot.domain.authenticity import Authenticity, Standing, Why
    from inbox_bot.domain.case import MailState
    from inbox_bot.domain.mail import Address, Message

    says = Authenticity(standing=Standing.FAILED, why=Why.DMARC_FAIL, dkim=(("pass", "example.net"),), dmarc="fail")
    message = Message(message_id=None, sender=Address(address=KALLE), subject="", reply_text="", authenticity=says)
    house.mail("hej")
    house.flow.collect(house.mailbox, look_back_days=30)
    with house.flow.desk.write() as unit:
        unit.mails.save_read([(1, message, MailState.READ, "")])
        assert unit.mails.mailboxes([1]) == {1: "info"}
    with house.flow.desk.look() as unit:
        assert unit.mails.get(1).message == message


def test_what_was_read_before_this_version_is_unknown_and_no_failure():
    from inbox_bot.store.codec import message_from_json

    old = {"message_id": None, "sender": None, "subject": "", "reply_text": "hej"}
    assert message_from_json(old).authenticity is None
    assert not message_from_json(old).fails_check
