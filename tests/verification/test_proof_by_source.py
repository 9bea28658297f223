"""Where a request comes from decides where the link goes, and what the sender is told."""

import re

import pytest

from inbox_bot.domain.rights import Right
from tests.support.house import both_databases
from tests.support.people import CONTACT, OLD, ON_FILE, RESULTS, SECOND, SHARED, STRANGER, unreadable

COPIES = ("access", "portability")


def write(house, body, *, sender, **how):
    """Let a person write, and return what left for it: (recipient, letter's name)."""
    before = len(house.transport.handed)
    house.mail(body, sender=sender, **how)
    house.drain()
    names = {letter.message_id: letter.name for case in house.cases() for letter in house.letters(case.reference)}
    return [
        (letter.recipient, names[letter.message_id])
        for letter in house.transport.handed[before:]
        if letter.message_id in names
    ]


def asked(house, reference="PK-2026-0001"):
    return [
        event for event in house.file(reference).events if event.name.value in {"identity_asked", "identity_undecided"}
    ]


@pytest.mark.parametrize("right", list(Right))
def test_from_a_personal_address_on_file_the_link_goes_there(known, right):
    assert write(known, f"#{right.value}", sender="Anna Ek <ANNA.EK@example.com>") == [(ON_FILE, "receipt_identity")]
    [event] = asked(known)
    assert event.details["source"] == "personal"
    assert event.details["why"].endswith(".")
    assert event.details["basis"]
    receipt = known.to(ON_FILE)[-1]
    assert known.flow.confirm(receipt.token, receipt.code).value == "confirmed"


@both_databases
@pytest.mark.parametrize("sender", [ON_FILE, SHARED, CONTACT, STRANGER, OLD])
def test_a_no_to_marketing_asks_nobody_anything(known, sender):
    assert write(known, f"#marketing {SECOND}", sender=sender) == [(sender, "receipt")]
    assert known.claim().proven


def test_a_no_to_marketing_asks_nothing_of_a_broken_register_either(known, people):
    people.trouble = unreadable()
    assert write(known, "#marketing", sender=STRANGER) == [(STRANGER, "receipt")]
    assert known.claim().proven


@both_databases
@pytest.mark.parametrize("right", ["erasure", "access", "rectification", "restriction", "objection"])
def test_an_account_named_from_elsewhere_gets_the_link_and_the_sender_one_sentence(known, right):
    sent = write(known, f"#{right} Mitt konto har Anna.Ek@Example.COM.", sender=STRANGER)
    assert sent == [(STRANGER, "receipt_account"), (ON_FILE, "account_link")]
    told, link = known.to(STRANGER)[0], known.to(ON_FILE)[0]
    assert "Om vi har ett konto med adressen du nämner har vi skrivit dit." in told.text
    assert "/identitet/" not in told.text
    assert ON_FILE not in told.text
    assert STRANGER not in link.content.decode()
    assert "In-Reply-To" not in link.parsed
    assert known.flow.confirm(link.token, link.code).value == "confirmed"
    assert known.claim().proven


def neutral(text):
    return re.sub(r"PK-2026-\d{4}", "PK", text)


@both_databases
@pytest.mark.parametrize("right", ["erasure", "access", "rectification"])
def test_the_sender_cannot_tell_whether_the_account_exists(known, right):
    write(known, f"#{right} Adressen är {ON_FILE}", sender=STRANGER)
    write(known, f"#{right} Adressen är ingen@example.com", sender="annan@example.net")
    there, not_there = known.to(STRANGER)[0], known.to("annan@example.net")[0]
    assert neutral(there.text) == neutral(not_there.text)
    assert neutral(there.subject) == neutral(not_there.subject)
    assert neutral(there.parsed.get_body(("html",)).get_content()) == neutral(
        not_there.parsed.get_body(("html",)).get_content()
    )
    assert there.parsed["Date"] == not_there.parsed["Date"]
    first, second = (known.letters(reference, "receipt_account")[0] for reference in ("PK-2026-0001", "PK-2026-0002"))
    assert first.created_at == second.created_at
    assert first.id < known.letters("PK-2026-0001", "account_link")[0].id


def test_nor_by_answering_with_a_further_address(known):
    for sender, address in ((STRANGER, ON_FILE), ("annan@example.net", "ingen@example.com")):
        write(known, "#erasure", sender=sender)
        known.reply(known.to(sender)[-1], f"Jag kan ha använt {address}.", sender=sender)
        known.drain()
    told, other = known.to(STRANGER), known.to("annan@example.net")
    assert [neutral(letter.text) for letter in told] == [neutral(letter.text) for letter in other]
    assert len(told) == 2
    assert "Om vi har ett konto" in told[-1].text
    assert len(known.to(ON_FILE)) == 1


def test_nor_after_the_time_is_out_whether_nobody_was_there_or_the_holder_said_no(known):
    write(known, f"#erasure {ON_FILE}", sender=STRANGER)
    write(known, "#erasure ingen@example.com", sender="annan@example.net")
    link = known.to(ON_FILE)[0]
    assert known.flow.disown(link.token, link.code).value == "disowned"
    assert known.states() == {"erasure": "awaiting_identity"}
    for day in (14, 30):
        known.clock.set(known.now.replace(day=day))
        known.drain()
    for reference in ("PK-2026-0001", "PK-2026-0002"):
        assert known.draft(reference).letter == "cannot_identify_sender"
        known.flow.approve_case(reference, by="bo")
    known.drain()
    last, other = known.to(STRANGER)[-1], known.to("annan@example.net")[-1]
    assert neutral(last.text) == neutral(other.text)
    assert "Integritetsskyddsmyndigheten" in last.text
    assert len(known.to(STRANGER)) == len(known.to("annan@example.net")) == 2


def test_a_stranger_cannot_lock_or_flood_the_account_holders_question(known):
    write(known, f"#erasure {ON_FILE}", sender=STRANGER)
    told, link = known.to(STRANGER)[0], known.to(ON_FILE)[0]
    for _ in range(7):
        known.reply(told, "Koden är BBBB-BBBB", sender=STRANGER)
        known.drain()
    known.days(8)
    known.reply(told, "Hallå?", sender=STRANGER)
    known.drain()
    assert [letter.subject for letter in known.to(ON_FILE)].count(link.subject) <= 2  # the link, and its one reminder
    fresh = known.to(ON_FILE)[-1]
    assert known.flow.confirm(fresh.token, fresh.code).value == "confirmed"


@both_databases
def test_the_account_holder_may_answer_by_mail(known):
    write(known, f"#erasure {ON_FILE}", sender=STRANGER)
    link = known.to(ON_FILE)[0]
    known.reply(link, f"Ja, det var jag. {link.code}", sender="Anna.ek@example.com")
    known.drain()
    assert known.claim().proven
    assert len(known.cases()) == 1


def test_an_account_holder_who_asks_for_more_has_a_case_of_their_own(known):
    write(known, f"#erasure {ON_FILE}", sender=STRANGER)
    known.reply(known.to(ON_FILE)[0], "Jag vill ha en kopia. #access", sender=ON_FILE)
    known.drain()
    assert known.case("PK-2026-0002").requester == ON_FILE
    assert known.states("PK-2026-0002") == {"access": "awaiting_identity"}


def test_what_the_account_holder_confirmed_gives_the_sender_nothing(known):
    write(known, f"#erasure {ON_FILE}", sender=STRANGER)
    link = known.to(ON_FILE)[0]
    known.flow.confirm(link.token, link.code)
    known.reply(known.to(STRANGER)[0], "Och en kopia tack. #access", sender=STRANGER)
    known.drain()
    assert known.states()["access"] == "awaiting_identity"
    assert not known.claim(right=Right.ACCESS).proven


@pytest.mark.parametrize("sender", [ON_FILE, STRANGER])
def test_a_new_address_is_proved_by_the_old_one(known, sender):
    body = f"#rectification Jag har bytt e-post. Gamla: {ON_FILE}, nya: {STRANGER}"
    write(known, body, sender=sender)
    [link] = known.to(ON_FILE)
    assert link.token
    assert not any("/identitet/" in letter.text for letter in known.to(STRANGER))
    assert asked(known)[0].details["ask"] == "old"


def test_without_a_register_a_new_address_is_for_a_person(house):
    house.mail("#rectification Min nya e-postadress är ny@example.net, byt ut den gamla.")
    house.drain()
    assert house.claim().asked == "person"
    assert house.claim().waits_for_staff
    assert "/identitet/" not in house.to()[0].text
    [event] = asked(house)
    assert event.name.value == "identity_undecided"
    assert house.claim().clock.pauses == ()


def test_a_name_that_is_wrong_is_no_new_address(house):
    receipt = house.ask("#rectification Mitt namn är fel. Svara via e-post.")
    assert receipt.token


@pytest.mark.parametrize("known_address", [OLD])
def test_an_address_that_was_on_file_leads_to_the_one_that_is(known, known_address):
    assert write(known, "#access", sender=known_address) == [
        (known_address, "receipt_question"),
        (ON_FILE, "account_link"),
    ]


@both_databases
def test_nobody_found_is_asked_once_and_then_left_to_a_person(known):
    assert write(known, "#access", sender=STRANGER) == [(STRANGER, "receipt_question")]
    assert known.claim().asked == "question"
    known.reply(known.to(STRANGER)[0], "Jag gick en kurs förra året.", sender=STRANGER)
    known.drain()
    assert known.claim().asked == "person"
    assert known.file().view.unread
    assert len(known.to(STRANGER)) == 1
    assert [event.name.value for event in asked(known)] == ["identity_asked", "identity_undecided"]


def test_several_accounts_are_for_a_person_and_nobody_gets_a_link(known):
    assert write(known, f"#erasure {ON_FILE} och {SECOND}", sender=STRANGER) == [(STRANGER, "receipt_account")]
    assert known.claim().waits_for_staff


def test_someone_elses_account_named_by_one_on_file_is_told_to_staff_alone(known):
    assert write(known, f"#erasure Ta bort {SECOND}", sender=ON_FILE) == [(ON_FILE, "receipt_identity")]
    [view] = known.flow.proof("PK-2026-0001").claims
    assert any("någon annans konto" in note for note in view.notes)
    without = write(known, "#access Ta bort ingen@example.com", sender=ON_FILE)
    assert without == [(ON_FILE, "receipt_identity")]


def test_a_register_that_cannot_be_read_leaves_it_to_a_person_and_logs_nobody(known, people, capsys):
    people.trouble = unreadable()
    assert write(known, "#erasure", sender=ON_FILE) == [(ON_FILE, "receipt_check")]
    assert known.claim().waits_for_staff
    assert asked(known)[0].details["source"] == "register_failed"
    written = "".join(capsys.readouterr())
    assert "people_not_read" in written
    assert ON_FILE not in written


def test_an_address_on_file_that_takes_no_mail_is_for_a_person(known):
    write(known, "#erasure", sender=ON_FILE)
    [letter] = known.letters(name="receipt_identity")
    with known.flow.desk.write() as unit:
        from inbox_bot.domain.case import LetterState

        unit.letters.move(letter.id, [LetterState.SENT], LetterState.BOUNCED)
    write(known, f"#access {ON_FILE}", sender=STRANGER)
    assert known.claim("PK-2026-0002").waits_for_staff
    assert asked(known, "PK-2026-0002")[0].details["source"] == "unreachable"
    assert [letter.name for letter in known.letters("PK-2026-0002")] == ["receipt_account"]


def test_our_own_addresses_lead_nowhere_and_few_are_looked_up(known, people):
    many = " ".join(f"nr{number}@example.com" for number in range(30))
    write(known, f"#erasure info@example.com {many}", sender=STRANGER)
    assert "info@example.com" not in people.asked
    assert len(set(people.asked)) <= 6


@both_databases
@pytest.mark.parametrize("right", COPIES)
@pytest.mark.parametrize("sender", [SHARED, CONTACT, RESULTS])
def test_a_copy_from_a_mailbox_that_others_read_takes_one_thing_more(known, right, sender):
    write(known, f"#{right}", sender=sender)
    receipt = known.to(sender)[0]
    assert "En sak till behövs" in receipt.text
    assert known.flow.question(receipt.token).fact
    assert known.flow.confirm(receipt.token, receipt.code).value == "fact_missing"
    assert known.flow.confirm(receipt.token, receipt.code, "Exceltips i mars").value == "checking"
    assert not known.claim().proven
    assert known.claim().waits_for_staff
    assert known.flow.proof("PK-2026-0001").words == "Exceltips i mars"
    known.flow.check_fact("PK-2026-0001", right=True, by="anna")
    assert known.claim().proven
    assert "Exceltips" not in repr(known.everything())


@pytest.mark.parametrize("right", ["erasure", "rectification", "objection", "restriction", "consent_withdrawal"])
def test_nothing_but_a_copy_takes_more_than_the_link_there(known, right):
    write(known, f"#{right}", sender=SHARED)
    receipt = known.to(SHARED)[0]
    assert "En sak till" not in receipt.text
    assert known.flow.confirm(receipt.token, receipt.code).value == "confirmed"
