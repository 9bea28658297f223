"""What is old goes, on its day, and nothing else does: by item, on both databases, over restarts and beside open cases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy import event

from inbox_bot import log
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.example import KeptExample
from inbox_bot.errors import NotAllowedError
from inbox_bot.outbox.transport import Attempt, Fate
from inbox_bot.retention import step
from tests.support.house import EVA, KALLE, both_databases

PERSONAL = ("kalle", "Kalle", "Lisa", "640823")


def day(house, *when):
    """Let the program work at noon of a day; the worker looks once a day at the clock."""
    house.clock.set(datetime(*when, 12, tzinfo=UTC))
    house.drain()


def personal(house):
    """Return which personal words stand anywhere in the database, staff's own table of examples apart."""
    rows = {name: rows for name, rows in house.everything().items() if name != "example"}
    said = json.dumps(
        rows,
        default=lambda value: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value),
        ensure_ascii=False,
    )
    return [word for word in PERSONAL if word in said]


@both_databases
def test_correspondence_goes_after_two_years_and_the_evidence_stays(answered):
    assert personal(answered) == list(PERSONAL)
    day(answered, 2028, 9, 7)
    assert "Kalle" in personal(answered)
    before = answered.file()
    day(answered, 2028, 9, 8)
    assert personal(answered) == []
    file = answered.file()
    record = file.view.record
    assert (record.reference, record.emptied_at is not None, record.requester) == ("PK-2026-0001", True, "")
    assert record.requester_hash == answered.flow.keeping.hash("KALLE@example.SE ")
    assert answered.states() == {"erasure": "answered"}
    assert [draft.record.approved_by for draft in file.drafts] == ["anna"]
    assert [draft.record.letter for draft in file.drafts] == ["granted_erasure"]
    assert [letter.sha256 for letter in file.letters] == [letter.sha256 for letter in before.letters]
    assert [event.at for event in file.events][:-1] == [event.at for event in before.events]
    [emptied] = [event for event in file.events if event.name.value == "emptied"]
    assert emptied.details["item"] == "correspondence"
    assert "artikel 17(1)(a)" in emptied.details["grounds"]


@both_databases
def test_the_evidence_goes_after_five_years_and_three_months(answered):
    day(answered, 2031, 12, 7)
    assert answered.case().reference == "PK-2026-0001"
    day(answered, 2031, 12, 8)
    rows = answered.everything()
    for table in ("case", "claim", "event", "challenge", "draft", "mail", "sighting"):
        assert rows[table] == []
    assert [row for row in rows["letter"] if "staff" not in repr(row)] == []


def test_a_run_is_done_once_a_day_and_again_the_next(answered):
    answered.clock.advance(timedelta(days=800))
    assert step.sweep(answered.flow.keeping) > 0
    assert step.sweep(answered.flow.keeping) == 0
    answered.clock.advance(timedelta(days=1))
    assert step.sweep(answered.flow.keeping) == 0


def test_only_item_and_count_are_logged(answered):
    stream = StringIO()
    log.configure(json=True, stream=stream)
    answered.clock.advance(timedelta(days=800))
    step.sweep(answered.flow.keeping)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {"item": "correspondence", "count": 1}.items() <= lines[0].items()
    assert {frozenset(line) for line in lines} == {frozenset({"event", "item", "count", "room", "level", "timestamp"})}


def test_one_item_in_trouble_stops_no_other_and_is_tried_again(answered, monkeypatch):
    def breaks(room, today):
        raise RuntimeError

    answered.clock.advance(timedelta(days=800))
    with monkeypatch.context() as patch:
        patch.setitem(step._ITEMS, step.Item.EVIDENCE, breaks)
        with pytest.raises(RuntimeError):
            step.sweep(answered.flow.keeping)
    assert answered.case().emptied_at is not None
    assert step.sweep(answered.flow.keeping) == 0
    assert answered.sql("SELECT value FROM mark WHERE name = 'retention'") != []


@both_databases
def test_while_somebody_has_an_open_case_nothing_of_theirs_goes(answered):
    answered.clock.set(datetime(2028, 9, 1, 12, tzinfo=UTC))
    answered.ask("#access", sender="KALLE@example.se")
    day(answered, 2028, 9, 20)
    assert answered.case("PK-2026-0001").emptied_at is None
    answered.flow.dismiss("PK-2028-0001", reason="Dubblett.", by="anna")
    day(answered, 2028, 9, 21)
    assert answered.case("PK-2026-0001").emptied_at is not None


@both_databases
def test_many_workers_empty_a_case_once(answered):
    answered.clock.advance(timedelta(days=800))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: step.sweep(answered.flow.keeping), range(4)))
    assert answered.events().count("emptied") == 1
    assert personal(answered) == []


@both_databases
def test_a_case_opened_while_the_others_are_looked_through_freezes_them(answered, monkeypatch):
    answered.clock.advance(timedelta(days=800))
    together = type(answered.flow.desk).together

    def opens_first(desk, ids, act):
        monkeypatch.undo()
        with desk.write() as unit:
            unit.cases.open(prefix="PK", year=2028, requester=KALLE, name="", language="sv", at=answered.now)
        return together(desk, ids, act)

    monkeypatch.setattr(type(answered.flow.desk), "together", opens_first)
    step.sweep(answered.flow.keeping)
    assert answered.case().emptied_at is None


def test_a_mail_nobody_has_read_keeps_a_case_whole(answered):
    answered.reply(answered.to(KALLE)[-1], "Tack, men vad betyder det?")
    answered.drain()
    day(answered, 2028, 10, 1)
    assert answered.case().emptied_at is None
    answered.flow.mark_read("PK-2026-0001", upto=1000)
    day(answered, 2028, 10, 2)
    assert answered.case().emptied_at is not None


def test_a_letter_that_may_still_leave_keeps_a_case_whole(answered):
    with answered.flow.desk.write() as unit:
        letter = unit.letters.queue(
            name="receipt",
            purpose=LetterPurpose.RECEIPT,
            recipient=KALLE,
            message_id="<late@example.com>",
            content=b"Hej",
            at=answered.now,
            case_id=1,
        )
    answered.transport.answers.append(Attempt(fate=Fate.DEFERRED))
    answered.clock.advance(timedelta(days=760))
    step.sweep(answered.flow.keeping)
    assert answered.case().emptied_at is None
    assert answered.flow.archive.letter(letter)[1] == b"Hej"


def test_a_disputed_case_stays_until_it_is_settled(answered):
    with pytest.raises(NotAllowedError, match="reason"):
        answered.flow.dispute("PK-2026-0001", disputed=True, reason=" ", by="anna")
    answered.flow.dispute("PK-2026-0001", disputed=True, reason="Klagomål hos IMY.", by="anna")
    with pytest.raises(NotAllowedError, match="said already"):
        answered.flow.dispute("PK-2026-0001", disputed=True, reason="Igen.", by="anna")
    day(answered, 2033, 1, 1)
    assert "Kalle" in personal(answered)
    answered.flow.dispute("PK-2026-0001", disputed=False, reason="Avgjort.", by="anna")
    day(answered, 2033, 1, 2)
    assert answered.cases() == []


def test_raw_bytes_and_personal_numbers_go_the_day_after_closing(answered):
    assert answered.sql("SELECT count(*) FROM mail WHERE content IS NOT NULL") == [(1,)]
    day(answered, 2026, 9, 8)
    assert answered.sql("SELECT count(*) FROM mail WHERE content IS NOT NULL") == [(0,)]
    [mail] = answered.file().mails
    assert "Lisa hälsar. ••••••-••••" in mail.message.reply_text


def test_links_die_a_month_after_closing(answered):
    token = answered.to(KALLE)[0].token
    day(answered, 2026, 10, 7)
    assert answered.flow.question(token).standing.value == "confirmed"
    day(answered, 2026, 10, 8)
    assert answered.flow.question(token).standing.value == "unknown"


def test_a_copy_goes_thirty_days_after_it_left_and_its_hash_stays(kept):
    kept.ask_and_confirm("#access")
    values = {"copy": "Kalle Ek, kurs i mars", "recipients": "Exempel AB"}
    kept.flow.edit(kept.draft().id, values=values, by="anna")
    kept.flow.approve_case("PK-2026-0001", by="anna")
    kept.drain()
    [answer] = kept.letters(name="granted_access")
    day(kept, 2026, 10, 7)
    assert b"kurs i mars" in kept.flow.archive.letter(answer.id)[1]
    day(kept, 2026, 10, 8)
    letter, content = kept.flow.archive.letter(answer.id)
    assert (content, letter.sha256, letter.emptied_at is not None) == (b"", answer.sha256, True)
    assert "kurs i mars" not in repr(kept.everything())
    assert kept.case().requester == KALLE
    assert kept.file().mails[0].message.reply_text == "#access"


def test_a_copy_that_went_to_the_wrong_person_stays_while_the_breach_is_open(kept):
    """Nobody could say any more what was in it, and within 72 hours the authority asks for that."""
    kept.ask_and_confirm("#access")
    kept.flow.edit(kept.draft().id, values={"copy": "Kalle Ek, kurs i mars", "recipients": "Exempel AB"}, by="anna")
    kept.flow.approve_case("PK-2026-0001", by="anna")
    kept.drain()
    [answer] = kept.letters(name="granted_access")
    day(kept, 2026, 10, 7)
    kept.flow.breach.open([answer.id], known_at=kept.now, what="En okänd person har ringt om brevet.", by="anna")
    day(kept, 2026, 10, 9)
    assert b"kurs i mars" in kept.flow.archive.letter(answer.id)[1]


def given_up(house):
    house.ask("#access Jag heter Lisa")
    day(house, 2026, 10, 1)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Vi vet inte vem du är.")
    house.drain()
    assert house.states() == {"access": "answered"}


@both_databases
def test_texts_of_the_unidentified_go_after_a_month_and_the_rest_after_half_a_year(kept):
    given_up(kept)
    day(kept, 2026, 10, 31)
    assert "Lisa" in personal(kept)
    day(kept, 2026, 11, 1)
    assert personal(kept) == ["kalle"]
    assert kept.file().mails[0].message is None
    kept.flow.ask_again("PK-2026-0001", by="anna")
    kept.drain()
    assert kept.to(KALLE)[-1].code
    day(kept, 2027, 4, 2)
    assert personal(kept) == []
    with pytest.raises(NotAllowedError, match="has been emptied"):
        kept.flow.ask_again("PK-2026-0001", by="anna")


def test_what_was_no_request_after_all_is_emptied_after_a_month(kept):
    kept.ask("#access Jag heter Lisa")
    kept.flow.dismiss("PK-2026-0001", reason="Lisa frågade om kursen.", by="anna")
    day(kept, 2026, 10, 7)
    assert "Lisa" in personal(kept)
    day(kept, 2026, 10, 8)
    assert personal(kept) == []


@both_databases
def test_mail_that_is_no_request_is_known_for_a_month(kept):
    kept.mail("Hej, när börjar kursen?")
    kept.mail("#unsure", sender=EVA)
    kept.drain()
    day(kept, 2026, 10, 7)
    assert kept.sql("SELECT state FROM mail ORDER BY id") == [("left",), ("to_sort",)]
    day(kept, 2026, 10, 8)
    assert kept.sql("SELECT state FROM mail ORDER BY id") == [("to_sort",)]
    assert kept.sql("SELECT count(*) FROM sighting") == [(1,)]
    kept.drain()
    assert kept.sql("SELECT count(*) FROM mail") == [(1,)]


def test_what_waits_for_a_person_never_goes_and_what_nobody_could_read_after_two_years(kept):
    kept.mail("#unsure", sender=EVA)
    kept.mailbox.put(b"\r\n\r\n", kept.now)
    kept.drain()
    day(kept, 2028, 9, 7)
    assert kept.sql("SELECT state FROM mail ORDER BY id") == [("to_sort",), ("quarantined",)]
    kept.flow.quarantine.look(2, by="anna")
    day(kept, 2028, 9, 8)
    assert kept.sql("SELECT state FROM mail ORDER BY id") == [("to_sort",)]
    day(kept, 2036, 1, 1)
    assert kept.sql("SELECT state FROM mail ORDER BY id") == [("to_sort",)]


def test_letters_to_staff_examples_and_marks_go(kept):
    kept.mail("#unsure", sender=EVA)
    kept.drain()
    kept.flow.sort(1, [], by="anna")
    made = kept.sql("SELECT count(*) FROM letter WHERE purpose = 'staff'")
    assert made != [(0,)]
    with kept.flow.desk.write() as unit:
        said = {"claims": (), "language": "sv", "said": "unsure", "said_claims": ()}
        unit.examples.keep(KeptExample(subject="Hej", text="Vad har ni?", day=date(2026, 9, 7), **said))
    kept.clock.set(datetime(2029, 1, 8, 2, tzinfo=UTC))
    step.sweep(kept.flow.keeping)
    assert kept.sql("SELECT count(*) FROM letter") == kept.sql("SELECT count(*) FROM example") == [(0,)]
    assert kept.sql("SELECT count(*) FROM digest") == [(0,)]


def test_a_document_that_was_checked_goes_at_once(kept):
    kept.ask("#access 640823-3234")
    kept.flow.note_checked(1, what="fullmakt, registerutdrag", by="anna")
    assert kept.sql("SELECT count(*) FROM mail WHERE content IS NOT NULL") == [(0,)]
    assert "640823" not in repr(kept.everything())
    assert kept.events()[-1] == "document_checked"
    with pytest.raises(NotAllowedError, match="Nothing of mail 1"):
        kept.flow.note_checked(1, what="igen", by="anna")
    with pytest.raises(NotAllowedError, match="Say what"):
        kept.flow.note_checked(1, what="", by="anna")


def test_what_is_old_is_found_without_reading_every_row(house):
    """The daily sweep asks about every closed case: a table read whole for each of them takes the square of the years."""
    house.drain()
    statements = []
    event.listen(house.building.engine, "before_cursor_execute", lambda *call: statements.append(call[2:4]))
    house.days(1)
    house.drain()
    asked = [(text, values) for text, values in statements if "AS revivable" in text]
    assert asked
    with house.building.engine.connect() as connection:
        for text, values in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            scanned = {row.detail for row in rows if row.detail.startswith("SCAN")}
            assert scanned <= {'SCAN "case"', "SCAN case", "SCAN breach", "SCAN breach_letter"}, scanned
