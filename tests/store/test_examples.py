"""Examples are kept once for the same words, the later decision counts, and nothing in a row leads back to a mail."""

import threading
from dataclasses import replace
from datetime import date

import pytest
from alembic import command

from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.store.engine import _config, connect, migrate
from inbox_bot.store.tables import ExampleRow
from tests.support.house import both_databases

ACCESS = Claim(right=Right.ACCESS)
MARKETING = Claim(right=Right.OBJECTION, marketing=True)
ONE = KeptExample(
    subject="Hej",
    text="Vad har ni om mig?\nNamnsson",
    claims=(ACCESS, MARKETING),
    language="sv",
    said="unsure",
    said_claims=(ACCESS,),
    day=date(2026, 9, 7),
)


@pytest.fixture
def bare(build):
    return build()


def keep(house, *examples):
    with house.flow.desk.write() as unit:
        unit.examples.keep(*examples)


@both_databases
def test_what_was_kept_is_found_again(bare):
    keep(bare, ONE, None, replace(ONE, text="Radera mig.", claims=(), said="request"))
    first, second = sorted(bare.flow.archive.examples(), key=lambda one: one.text, reverse=True)
    assert first == replace(ONE, number=first.number)
    assert (second.claims, second.said, second.said_claims) == ((), "request", (ACCESS,))
    assert first.number != second.number
    assert min(first.number, second.number) > 0


@both_databases
def test_of_two_decisions_on_the_same_words_the_later_counts(bare):
    keep(bare, ONE)
    keep(bare, replace(ONE, claims=(), day=date(2026, 9, 9)), replace(ONE, claims=(), day=date(2026, 9, 9)))
    [found] = bare.flow.archive.examples()
    assert (found.claims, found.day) == ((), date(2026, 9, 9))


@both_databases
def test_two_who_keep_the_same_words_at_once(bare):
    start = threading.Barrier(4)
    failures = []

    def run():
        try:
            start.wait(timeout=30)
            keep(bare, ONE)
        except Exception as error:  # noqa: BLE001  # told by the test
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert len(bare.flow.archive.examples()) == 1


@both_databases
def test_a_decision_that_fails_keeps_nothing(bare):
    def step():
        with bare.flow.desk.write() as unit:
            unit.examples.keep(ONE)
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        step()
    assert bare.flow.archive.examples() == ()


def test_no_column_leads_to_a_mail_a_case_a_person_or_a_moment():
    table = ExampleRow.__table__
    assert [column.name for column in table.columns] == [
        "id",
        "fingerprint",
        "subject",
        "text",
        "rights",
        "language",
        "said",
        "said_rights",
        "day",
    ]
    assert not table.foreign_keys
    assert str(table.c.day.type) == "DATE"


def test_the_table_comes_and_goes_and_leaves_the_rest(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0002")
        connection.exec_driver_sql("INSERT INTO suppression (address, since) VALUES ('a@example.se', '2026-01-01')")
    migrate(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM example").scalar() == 0
        command.downgrade(_config(connection), "0002")
        assert connection.exec_driver_sql("SELECT count(*) FROM suppression").scalar() == 1
    migrate(engine)
    engine.dispose()
