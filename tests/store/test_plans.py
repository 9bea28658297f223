"""What is asked again and again reads the rows it needs by an index, and not years of cases."""

import pytest
from sqlalchemy import event

from inbox_bot.domain.beside import Marking
from inbox_bot.domain.case import LetterState, MailState

YEARS = ("mail", "case", "claim", "event", "letter", "draft", "challenge")
"""Tables that grow with every request there ever was."""


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda unit, now: unit.challenges.open_unreminded(now), id="questions to remind of, each minute"),
        pytest.param(lambda unit, now: unit.mail_marks.missing("info", Marking.LABEL, "GDPR"), id="marks, each look"),
        pytest.param(lambda unit, now: unit.attachments.empty_of_letter(1, 1), id="files of an answer that left"),
        pytest.param(lambda unit, now: unit.retention.empty_copy(1, 1, now), id="bytes of a copy, each that is old"),
        pytest.param(lambda unit, now: unit.mails.unread(), id="unread mails, for each letter to staff"),
        pytest.param(lambda unit, now: unit.halves(unit.cases.all(open_only=True)), id="halves of open cases"),
    ],
)
def test_no_table_that_grows_is_read_whole(house, ask):
    house.mail("#access")
    house.drain()
    with house.building.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE letter SET state = 'sent', emptied_at = NULL")
    asked = []
    event.listen(house.building.engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    with house.flow.desk.write() as unit:
        ask(unit, house.now)
    assert asked
    with house.building.engine.connect() as connection:
        for text, values in asked:
            if not text.startswith(("SELECT", "UPDATE", "DELETE")):
                continue
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            whole = [step for step in plan if step.startswith("SCAN") and "USING INDEX ix_mail_unread" not in step]
            assert not [step for step in whole if step.split()[1].strip('"') in YEARS], (text, plan)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda unit: unit.letters.of_case(1), id="letters of a case"),
        pytest.param(lambda unit: unit.letters.in_states(LetterState.SENT), id="letters in trouble"),
        pytest.param(lambda unit: unit.letters.get(1), id="one letter"),
        pytest.param(lambda unit: unit.mails.get(1), id="one mail"),
        pytest.param(lambda unit: unit.mails.unread(), id="unread mails"),
        pytest.param(lambda unit: unit.mails.in_states(MailState.FILED), id="mails to sort"),
        pytest.param(lambda unit: unit.deliverables.of_case(1), id="files to fetch"),
        pytest.param(lambda unit: unit.attachments.of_draft(1), id="files on an answer"),
    ],
)
def test_bytes_of_files_are_not_read_to_name_them(house, ask):
    house.mail("#access")
    house.drain()
    asked = []
    event.listen(house.building.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with house.flow.desk.look() as unit:
        assert ask(unit) is not None
    assert not [text for text in asked if "content" in text.replace("length(attachment.content)", "")], asked
