"""A backup from before an erasure is restored, really: the program erases again, once, and nothing that came later."""

import os
import shutil
import sqlite3
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from inbox_bot.errors import StoreError
from inbox_bot.retention.journal import Erasure
from inbox_bot.retention.journal_file import JournalFile
from inbox_bot.store.engine import connect, migrate
from tests.support.house import EVA, KALLE, START


@pytest.fixture
def place(request, tmp_path, build, monkeypatch):
    """A database of this test's own: how to open an installation on it, back it up and restore it."""
    from inbox_bot import assembly

    journal = tmp_path / "erasures.jsonl"

    class Place:
        def __init__(self, url):
            self.url = url
            self.journal = journal

        def open(self, **more):
            engine = connect(self.url)
            migrate(engine)
            monkeypatch.setattr(assembly, "connect", lambda _: engine)
            return build(journal={"file": str(journal)}, **more)

    return Place


@pytest.fixture
def sqlite(place, tmp_path):
    file = tmp_path / "cases.db"
    made = place(f"sqlite:///{file}")
    made.back_up = lambda to: sqlite3.connect(file).backup(sqlite3.connect(to))

    def restore(backup):
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        shutil.copy(backup, file)

    made.restore = restore
    return made


@pytest.fixture
def postgres(place, postgres_cluster, postgres_url):
    name = postgres_url.rpartition("/")[2]
    made = place(postgres_url)
    where = ["-h", "127.0.0.1", "-p", str(postgres_cluster.port), "-U", "postgres"]

    def run(*command):
        subprocess.run([*command], check=True, capture_output=True, env=os.environ | {"PGCONNECT_TIMEOUT": "5"})

    made.back_up = lambda to: run("pg_dump", *where, "--clean", "-f", str(to), name)
    made.restore = lambda backup: run("psql", *where, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(backup), name)
    return made


on_both = pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgresql"))])


@on_both
def test_a_restored_backup_forgets_again_at_the_next_start(request, kind, tmp_path):
    place = request.getfixturevalue(kind)
    house = place.open()
    house.flow.collect(house.mailbox, look_back_days=30)
    receipt = house.ask("#erasure Jag heter Lisa")
    house.ask("#access", sender=EVA)
    backup = tmp_path / "backup"
    place.back_up(backup)  # Kalle's case is open in it.
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    house.clock.advance(timedelta(days=3))
    closed = house.case().closed_at
    house.flow.forget(KALLE, by="anna")
    house.building.close()

    place.restore(backup)
    again = place.open(clock=house.clock, mailbox=house.mailbox)
    assert again.building.replayed == 1
    assert "kalle" not in repr(again.everything())
    assert "Lisa" not in repr(again.everything())
    case = again.case()
    assert (case.state.value, case.closed_at, again.states()) == ("closed", closed, {"erasure": "answered"})
    assert again.case("PK-2026-0002").requester == EVA
    again.drain()
    assert [one.reference for one in again.cases()] == ["PK-2026-0001", "PK-2026-0002"]
    assert again.to(KALLE) == []
    again.building.close()
    assert place.open(clock=house.clock).building.replayed == 0


def test_a_mail_that_came_after_the_backup_is_not_read_in_anew(sqlite, tmp_path):
    house = sqlite.open()
    house.flow.collect(house.mailbox, look_back_days=30)
    sqlite.back_up(tmp_path / "backup")
    house.ask("#erasure")
    house.flow.forget(KALLE, by="anna", even_open=True)
    house.building.close()
    sqlite.restore(tmp_path / "backup")
    again = sqlite.open(clock=house.clock, mailbox=house.mailbox)
    again.drain()
    assert again.cases() == []
    assert again.to(KALLE) == []


def test_a_case_that_was_opened_after_the_erasure_stays(sqlite, tmp_path):
    house = sqlite.open()
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask("#erasure")
    house.flow.forget(KALLE, by="anna", even_open=True)
    line = sqlite.journal.read_bytes()
    house.clock.advance(timedelta(days=1))
    house.ask("#access")
    with house.building.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM mark WHERE name = 'journal'")
    assert house.flow.replay_erasures() == 1
    assert house.case("PK-2026-0002").requester == KALLE
    assert sqlite.journal.read_bytes() == line


def test_an_erasure_that_was_noted_and_not_committed_is_carried_out_at_the_next_start(sqlite, monkeypatch):
    house = sqlite.open()
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask("#erasure")
    with monkeypatch.context() as patch:
        patch.setattr("inbox_bot.store.marks.Marks.advance", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.flow.forget(KALLE, by="anna", even_open=True)
    assert house.case().requester == KALLE
    house.building.close()
    again = sqlite.open(clock=house.clock)
    assert again.building.replayed == 1
    assert "kalle" not in repr(again.everything())


def test_another_secret_knows_the_cases_by_their_numbers(sqlite, tmp_path):
    house = sqlite.open()
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask("#erasure")
    sqlite.back_up(tmp_path / "backup")
    house.flow.forget(KALLE, by="anna", even_open=True)
    house.building.close()
    sqlite.restore(tmp_path / "backup")
    again = sqlite.open(clock=house.clock, secret="another secret, also long enough for one")
    assert again.building.replayed == 1
    assert "kalle" not in repr(again.everything())


# The file


def erasure(number=1, at=START):
    return Erasure(number=number, at=at, person="h", key_check="k", cases=(), mails=(("info", "f"),))


def test_lines_are_numbered_on_and_read_back(tmp_path):
    journal = JournalFile(tmp_path / "j.jsonl")
    assert (journal.last(), journal.after(0), journal.trim(START)) == (0, [], 0)
    assert [journal.append(erasure(number)) for number in (1, 1, 7)] == [1, 2, 7]
    assert [line.number for line in journal.after(1)] == [2, 7]
    assert journal.after(6) == [erasure(7)]


def test_a_line_cut_short_was_never_carried_out(tmp_path):
    file = tmp_path / "j.jsonl"
    journal = JournalFile(file)
    journal.append(erasure())
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"number": 2, "at": "2026')
    assert journal.last() == 1
    assert journal.append(erasure()) == 2
    assert [line.number for line in journal.after(0)] == [1, 2]


@pytest.mark.parametrize("damage", [b"{}\n", b"no json\n", b"\xff\n", b'{"number": 1, "at": "2026-01-01"}\n'])
def test_a_damaged_line_is_named_and_nothing_is_written_over_it(tmp_path, damage):
    file = tmp_path / "j.jsonl"
    journal = JournalFile(file)
    journal.append(erasure())
    file.write_bytes(damage + file.read_bytes())
    before = file.read_bytes()
    for act in (journal.last, lambda: journal.after(0), lambda: journal.append(erasure()), lambda: journal.trim(START)):
        with pytest.raises(StoreError, match="erasure journal"):
            act()
    assert file.read_bytes() == before


def test_a_journal_that_cannot_be_written_erases_nothing(build, tmp_path):
    house = build(journal={"file": str(tmp_path / "no" / "folder" / "j.jsonl")})
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask("#erasure")
    with pytest.raises(StoreError, match="cannot be used: No such file"):
        house.flow.forget(KALLE, by="anna", even_open=True)
    assert house.case().requester == KALLE
    assert house.case().state.value == "open"


def test_old_lines_are_taken_out_and_the_numbers_go_on(kept):
    file = Path(kept.building.settings.journal.file)
    journal = JournalFile(file)
    kept.ask("#erasure")
    kept.flow.forget(KALLE, by="anna", even_open=True)
    kept.ask("#erasure", sender=EVA)
    kept.clock.advance(timedelta(days=300))
    kept.flow.forget(EVA, by="anna", even_open=True)
    kept.clock.advance(timedelta(days=100))
    kept.drain()
    assert [line.number for line in journal.after(0)] == [2]
    assert oct(file.stat().st_mode)[-3:] == "600"
    kept.clock.advance(timedelta(days=1000))
    kept.drain()
    assert journal.last() == 2
