"""Tasks, records, recipients and the list in the database: each once, and nothing of an older installation lost."""

import json

import pytest
from alembic import command

from inbox_bot.domain.case import Event, EventName
from inbox_bot.domain.notice import Addressee, NoticeState
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.store.engine import _config, connect, migrate
from tests.support.house import KALLE, START, both_databases

DONE = Finding(kind=OutcomeKind.DONE, system="mailboxen", what="Raderat.", day=START.date())


@pytest.fixture
def claim(house):
    with house.flow.desk.write() as unit:
        case = unit.cases.open(prefix="PK", year=2026, requester=KALLE, name="", language="sv", at=START)
        claim_id = unit.cases.add_claim(
            case.id, Claim(right=Right.RESTRICTION), received_at=START, pausable=True, due=START.date()
        )
    return case.id, claim_id


@both_databases
def test_a_task_is_written_once(house, claim):
    case_id, claim_id = claim
    for expected in (2, 0):
        with house.flow.desk.write() as unit:
            assert unit.tasks.write(case_id, claim_id, {"a": "Gör a.", "b": "Gör b."}) == expected
    with house.flow.desk.look() as unit:
        assert [task.system for task in unit.tasks.of_case(case_id)] == ["a", "b"]


@both_databases
def test_what_was_recorded_comes_back_as_it_was_until_it_is_withdrawn(house, claim):
    case_id, claim_id = claim
    with house.flow.desk.write() as unit:
        number = unit.tasks.add(case_id, claim_id, DONE, actor="anna", at=START)
    with house.flow.desk.write() as unit:
        [outcome] = unit.tasks.outcomes(case_id)
        assert (outcome.finding, outcome.actor, outcome.at) == (DONE, "anna", START)
        assert unit.tasks.withdraw(number, actor="bo", at=START)
        assert not unit.tasks.withdraw(number, actor="bo", at=START)
        assert unit.tasks.outcomes(case_id) == []
        assert unit.tasks.outcome(number) is None


@both_databases
def test_cases_are_found_until_the_event_is_there(house, claim):
    case_id, claim_id = claim
    with house.flow.desk.write() as unit:
        state = unit.cases.get(case_id).claims[0].state
        look = lambda: unit.tasks.cases_without(EventName.RESTRICTION_ALARMED, Right.RESTRICTION, [state], 5)  # noqa: E731
        assert look() == [case_id]
        unit.cases.record(case_id, Event(at=START, name=EventName.RESTRICTION_ALARMED, claim_id=claim_id))
        assert look() == []


@both_databases
def test_a_recipient_is_listed_once_a_claim_and_moved_by_one(house, claim):
    case_id, claim_id = claim
    one = Addressee(name="Exempel AB", kind="supplier", contact="a@example.com", what="konto", language="en")
    with house.flow.desk.write() as unit:
        number = unit.notices.add(case_id, claim_id, Right.RESTRICTION, one, done_on=START.date())
        assert unit.notices.add(case_id, claim_id, Right.RESTRICTION, one, done_on=START.date()) is None
        assert unit.notices.get(number).recipient == one
        assert unit.notices.move(number, [NoticeState.DRAFTED], NoticeState.SENT, told_at=START)
        assert not unit.notices.move(number, [NoticeState.DRAFTED], NoticeState.SENT, told_at=START)
        assert [found.id for found in unit.notices.unanswered_since(START)] == [number]


@both_databases
def test_the_lists_number_grows_with_each_change(house):
    with house.flow.desk.write() as unit:
        seen = [unit.suppressions.revision()]
        unit.suppressions.add("a@example.se", START)
        seen.append(unit.suppressions.revision())
        unit.suppressions.add("a@example.se", START)
        assert unit.suppressions.revision() == seen[-1]
        unit.suppressions.remove("a@example.se", START, actor="anna", reason="Misstag.")
        seen.append(unit.suppressions.revision())
        assert not unit.suppressions.remove("a@example.se", START, actor="anna", reason="Misstag.")
        assert seen == sorted(set(seen))


@both_databases
def test_a_failure_is_news_once_until_the_file_is_written(house):
    with house.flow.desk.write() as unit:
        assert unit.suppressions.note_failure(START, "full")
        assert not unit.suppressions.note_failure(START, "still full")
        assert unit.suppressions.publication().failure == "still full"
        unit.suppressions.note_written(3, START)
        assert (unit.suppressions.publication().revision, unit.suppressions.publication().failure) == (3, "")
        assert unit.suppressions.note_failure(START, "full")


@pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))], indirect=True
)
def test_what_staff_had_typed_before_is_on_record_after(engine):
    kept = {"what": "Fakturor", "why": "Bokföringslagen", "until": "2033-12-31"}
    typed = {
        "actions": [{"what": "Raderat", "system": "mailboxen", "on": "2026-01-02"}, {"what": "Mer", "on": "?"}],
        "kept": [kept],
        "note": "Hej",
    }
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0004")
        insert = connection.exec_driver_sql
        insert(
            'INSERT INTO "case" (reference, year, number, state, requester, requester_name, language, opened_at) VALUES '
            "('PK-2026-0001', 2026, 1, 'open', 'kalle@example.se', '', 'sv', '2026-01-01')"
        )
        insert(
            'INSERT INTO claim (case_id, "right", marketing, state, received_at, pausable, due) VALUES '
            "(1, 'erasure', false, 'awaiting_approval', '2026-01-01', true, '2026-02-01')"
        )
        values = json.dumps(typed)
        insert(
            'INSERT INTO draft (case_id, claim_ids, letter, purpose, "values", state, version, note, approved_by) VALUES '
            f"(1, '[1]', 'granted_erasure', 'answer', '{values}', 'open', 1, '', '')"
        )
    migrate(engine)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT kind, system, what, day, why, until FROM outcome ORDER BY id").all()
        [(left,)] = connection.exec_driver_sql('SELECT "values" FROM draft').all()
    assert [(row.kind, row.what, row.until) for row in rows] == [
        ("done", "Raderat", ""),
        ("done", "Mer", ""),
        ("kept", "Fakturor", "2033-12-31"),
    ]
    assert [str(row.day) for row in rows] == ["2026-01-02", "None", "None"]
    assert (left if isinstance(left, dict) else json.loads(left)) == {"note": "Hej"}


@pytest.fixture
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = connect(url)
    migrate(made)
    yield made
    made.dispose()
