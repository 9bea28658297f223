"""One person, handed out and forgotten: every spelling, what stays on which ground, and bytes that are really gone."""

import json
import stat
from datetime import date
from pathlib import Path

import pytest

from inbox_bot.domain.case import LetterPurpose, LetterState, MailState
from inbox_bot.errors import NotAllowedError
from inbox_bot.flow import holdings_text
from inbox_bot.mailbox.beside import Wishes
from inbox_bot.retention.journal_file import JournalFile
from inbox_bot.retention.person import person_hash, spellings
from tests.support.house import EVA, KALLE, STAFF, START, both_databases
from tests.support.neighbours import MemoryNeighbour

SPELLINGS = ["kalle@example.se", "Kalle@EXAMPLE.se", " <KALLE@example.SE> ", "Kalle Ek <kalle@example.se>"]


def journal(house):
    return JournalFile(Path(house.building.settings.journal.file))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_export_finds_every_spelling(answered, spelling):
    found = answered.flow.holdings(spelling)
    [case] = found["cases"]
    assert case["name"] == "Kalle Ek"
    assert "Min fru Lisa hälsar." in case["mails"][0]["text"]
    assert "Hälsa Lisa." in case["letters"][-1]["text"]
    assert case["kept_until"] == {"correspondence": "2028-09-07", "evidence": "2031-12-07"}
    assert [question["state"] for question in case["identity_questions"]] == ["confirmed"]
    assert "inte att hitta" in found["examples"]
    json.dumps(found)
    text = holdings_text(found)
    assert "Ärendenummer: PK-2026-0001" in text
    assert "Hälsa Lisa." in text


def test_an_export_shows_no_code_that_still_works(kept):
    receipt = kept.ask("#access")
    kept.flow.ask_again("PK-2026-0001", by="anna")
    assert kept.sql("SELECT state FROM letter WHERE name = 'identity_link'") == [("queued",)]
    said = json.dumps(kept.flow.holdings(KALLE))
    assert receipt.code not in said
    assert "/identitet/" not in said


def test_an_export_says_who_looked_at_a_mail_in_quarantine_and_who_answered_outside(kept):
    kept.mail("#access")
    kept.mail("#access")
    kept.drain()
    with kept.flow.desk.write() as unit:
        unit.mails.move(2, MailState.FILED, MailState.QUARANTINED, case_id=None)
    kept.flow.quarantine.look(2, by="anna")
    with kept.flow.desk.write() as unit:
        unit.outside_replies.add(
            mailbox="info", fingerprint="x", case_id=1, sent_at=START, who="Berit", at=START
        )  # fmt: skip
        unit.mails.move(2, MailState.QUARANTINED, MailState.FILED, case_id=1)
    found = kept.flow.holdings(KALLE)
    [case] = found["cases"]
    assert [mail.get("looked_at") for mail in case["mails"]] == [
        None,
        [{"at": START.isoformat(), "by": "anna", "how": "seen"}],
    ]
    assert [(one["by"], one["state"]) for one in case["answered_outside"]] == [("Berit", "asked")]
    assert "Vem som har tittat på brevet i karantänen" in holdings_text(found)


def test_an_export_names_mails_of_others_and_shows_nothing_of_them(kept):
    kept.mail("#access Skriv inte till kalle@example.se utan till mig, jag heter Eva", sender=EVA)
    kept.mail("#unsure Hej", sender=KALLE)
    kept.mailbox.put(b"\r\nKalle@example.se\r\n", kept.now)
    kept.flow.request_login(STAFF, "visit")
    kept.drain()
    found = kept.flow.holdings(KALLE)
    assert found["cases"] == []
    assert [mail["text"] for mail in found["mails_in_no_case"]] == ["#unsure Hej"]
    assert {"mail": 1, "case": "PK-2026-0001"} in found["named_in"]
    assert "Eva" not in json.dumps(found)
    staff = kept.flow.holdings(STAFF)["staff"]
    assert staff == {"listed": True, "noted": 0, "login_code": 1, "browser": 0, "session": 0}


def test_the_same_address_in_letters_and_in_ascii_is_one_person():
    assert "kim@exämple.se" in spellings("Kim@xn--exmple-cua.se")
    assert "kim@xn--exmple-cua.se" in spellings("KIM@exämple.se")
    hashes = {person_hash(b"key", address) for address in ("Kim@exämple.se", "kim@xn--exmple-cua.se")}
    assert len(hashes) == 1
    assert person_hash(b"key", "kim@example.se") not in hashes
    assert person_hash(b"other", "kim@exämple.se") not in hashes
    for wrong in ("kim", "kim@", "@example.se", "kim ek@example.se", ""):
        with pytest.raises(NotAllowedError, match="no mail address"):
            spellings(wrong)


@both_databases
@pytest.mark.parametrize("spelling", SPELLINGS[:2])
def test_forgetting_leaves_the_evidence_and_says_what_and_until_when(answered, spelling):
    planned = answered.flow.plan_to_forget(spelling)
    assert planned.cases == ("PK-2026-0001",)
    assert planned.busy == ()
    done = answered.flow.forget(spelling, by="anna")
    assert done == planned
    assert [(stays.what.partition(" ")[0], stays.until) for stays in done.stays] == [
        ("evidence", date(2031, 12, 7)),
        ("line", date(2027, 9, 7)),
    ]
    said = repr(answered.everything())
    for personal in ("kalle", "Kalle", "Lisa"):
        assert personal not in said
    assert answered.states() == {"erasure": "answered"}
    assert answered.events()[-1] == "emptied"
    [line] = journal(answered).after(0)
    assert line.person == answered.case().requester_hash
    assert [(case.reference, dict(case.claims)) for case in line.cases] == [("PK-2026-0001", {"erasure": "answered"})]
    file = Path(answered.building.settings.journal.file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"kalle" not in file.read_bytes().lower()
    found = answered.flow.holdings(spelling)
    assert [case["reference"] for case in found["cases"]] == ["PK-2026-0001"]
    assert found["erased"] == [answered.now.isoformat()]


def test_forgetting_twice_notes_one_erasure(answered):
    answered.flow.forget(KALLE, by="anna")
    again = answered.flow.forget(KALLE, by="anna")
    assert (again.cases, again.mails) == ((), 0)
    assert journal(answered).last() == 1


def test_the_list_that_stops_marketing_stays(kept):
    kept.ask("#marketing")
    kept.flow.approve_case("PK-2026-0001", by="anna", note="Stoppat i nyhetsbrevsverktyget.", rest=True)
    kept.drain()
    done = kept.flow.forget(KALLE, by="anna")
    assert "no marketing" in done.stays[1].what
    assert "21.3" in done.stays[1].ground
    assert kept.sql("SELECT address FROM suppression") == [(KALLE,)]


def test_an_open_case_is_not_forgotten_unless_told(kept):
    kept.ask("#access")
    kept.mail("#unsure", sender=KALLE)
    kept.drain()
    assert kept.flow.plan_to_forget(KALLE).busy == ("PK-2026-0001",)
    with pytest.raises(NotAllowedError, match="PK-2026-0001: open"):
        kept.flow.forget(KALLE, by="anna")
    assert journal(kept).last() == 0
    with pytest.raises(NotAllowedError, match="who erases"):
        kept.flow.forget(KALLE, by=" ", even_open=True)
    kept.flow.forget(KALLE, by="anna", even_open=True)
    assert kept.case().state.value == "closed"
    assert kept.states() == {"access": "dismissed"}
    assert "kalle" not in repr(kept.everything())
    assert kept.sql("SELECT state, reason FROM mail ORDER BY id") == [("filed", ""), ("left", "forgotten")]
    handed = len(kept.transport.handed)
    kept.days(20)
    kept.drain()
    assert kept.to(KALLE) == kept.transport.handed[:1]
    assert handed


def test_a_mail_that_waits_is_not_forgotten_unless_told(kept):
    kept.mail("#unsure", sender=KALLE)
    kept.drain()
    with pytest.raises(NotAllowedError, match="Mail 1 of this address waits"):
        kept.flow.forget(KALLE, by="anna")


def test_a_letter_on_its_way_is_waited_for(answered):
    with answered.flow.desk.write() as unit:
        letter = unit.letters.queue(
            name="receipt",
            purpose=LetterPurpose.RECEIPT,
            recipient=KALLE,
            message_id="<a@example.com>",
            content=b"x",
            at=answered.now,
            case_id=1,
        )
        unit.letters.move(letter, [LetterState.QUEUED], LetterState.SENDING)
    with pytest.raises(NotAllowedError, match="handed over this moment"):
        answered.flow.forget(KALLE, by="anna", even_open=True)


def test_a_new_request_of_the_forgotten_is_a_new_case(answered):
    answered.flow.forget(KALLE, by="anna")
    answered.ask("#access")
    assert [case.reference for case in answered.cases()] == ["PK-2026-0001", "PK-2026-0002"]
    assert answered.case("PK-2026-0002").requester == KALLE


def test_someone_elses_case_is_left_alone(answered):
    answered.ask_and_confirm("#erasure", sender=EVA)
    answered.flow.forget(KALLE, by="anna")
    assert answered.case("PK-2026-0002").requester == EVA
    assert answered.file("PK-2026-0002").mails[0].message.reply_text == "#erasure"


def test_the_bytes_are_gone_from_the_files_of_sqlite(answered):
    folder = Path(answered.building.engine.url.database)
    files = [folder, folder.with_name(f"{folder.name}-wal")]
    assert any(b"Lisa h" in file.read_bytes() for file in files)
    answered.flow.forget(KALLE, by="anna")
    for file in files:
        assert b"Lisa h" not in file.read_bytes()
        assert b"kalle@example.se" not in file.read_bytes().lower()


def test_what_is_known_of_an_answer_from_outlook_goes_with_the_case(kept):
    neighbour = MemoryNeighbour(kept.mailbox)
    kept.ask_and_confirm("#erasure")
    neighbour.put(f"From: Anna Ek <anna.ek@example.com>\r\nTo: {KALLE}\r\n\r\n".encode(), kept.now)
    kept.flow.tend(neighbour, Wishes())
    kept.flow.acting.rest_absent("PK-2026-0001", by="anna")
    kept.flow.close_as_answered("PK-2026-0001", by="anna")
    kept.flow.forget(KALLE, by="anna")
    assert kept.sql("SELECT who, state FROM outside_reply") == [("", "closed")]
    [event] = [one for one in kept.file().events if one.name.value == "answered_by_hand"]
    assert event.details["answered_on"] == "2026-09-07"
