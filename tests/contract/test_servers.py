"""The servers that other tests stand on: alone in the world, empty at first, and honest about what is missing."""

import os
from pathlib import Path

import pytest

from tests.support import servers
from tests.support.dovecot import DovecotMailbox

SUITE = """
import pytest

def test_that_needs_nothing():
    pass

@pytest.mark.needs("dovecot")
def test_by_marker():
    pass

@pytest.mark.parametrize("server", ["here", pytest.param("there", marks=pytest.mark.needs("dovecot"))])
def test_by_parameter(server):
    pass

@pytest.mark.usefixtures("chromium_path")
def test_by_fixture():
    pass
"""


def run(pytester: pytest.Pytester, suite: str = SUITE) -> pytest.RunResult:
    pytester.makepyfile(suite)
    return pytester.runpytest_inprocess("-p", "tests.support.servers", "-p", "no:randomly", "-W", "ignore")


def lack(monkeypatch: pytest.MonkeyPatch, *parts: str) -> None:
    monkeypatch.setattr(servers, "_absent", lambda: set(parts))


def test_what_cannot_run_is_left_out_and_said_in_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(servers.TEST_ALL, raising=False)
    lack(monkeypatch, "dovecot", "chromium")
    result = run(pytester)
    result.assert_outcomes(passed=2, deselected=3)
    said = [line for line in result.outlines if line.startswith("Left out")]
    assert said == [
        "Left out: chromium (1 tests), dovecot (2 tests). To run them: apt-get install chromium dovecot-imapd openssl"
    ]


def test_under_test_all_a_missing_part_is_a_failure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(servers.TEST_ALL, "1")
    lack(monkeypatch, "dovecot", "chromium")
    result = run(pytester)
    result.assert_outcomes(passed=2, errors=3)
    result.stdout.fnmatch_lines(["*INBOX_BOT_TEST_ALL=1, but dovecot is not installed*"])
    assert not any(line.startswith("Left out") for line in result.outlines)


def test_where_everything_is_there_nothing_is_said(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch)
    result = run(pytester, SUITE.split("@pytest.mark.usefixtures", maxsplit=1)[0])
    result.assert_outcomes(passed=4)
    assert not any(line.startswith("Left out") for line in result.outlines)


def test_a_part_nobody_knows_is_a_mistake(pytester: pytest.Pytester) -> None:
    result = run(pytester, 'import pytest\n@pytest.mark.needs("exchange")\ndef test_it(): pass\n')
    assert result.ret != 0
    assert any("exchange" in line for line in [*result.outlines, *result.errlines])


class TestPostgres:
    @pytest.mark.parametrize("turn", [1, 2])
    def test_each_test_has_an_empty_database_of_its_own(self, postgres_url: str, turn: int) -> None:
        import sqlalchemy

        engine = sqlalchemy.create_engine(postgres_url)
        with engine.begin() as connection:
            assert sqlalchemy.inspect(connection).get_table_names() == []
            connection.execute(sqlalchemy.text("CREATE TABLE kurs (namn text)"))
            connection.execute(sqlalchemy.text("INSERT INTO kurs VALUES ('Arbetsmiljö')"))
            assert connection.scalar(sqlalchemy.text("SELECT namn FROM kurs")) == "Arbetsmiljö"
        engine.dispose()


def test_dovecot_gives_each_test_an_empty_mailbox(dovecot_server: DovecotMailbox) -> None:
    other = dovecot_server.server.mailbox()
    assert other.user != dovecot_server.user
    assert not (dovecot_server.server.directory / "mail" / dovecot_server.user).exists()


def test_the_browser_is_there(chromium_path: str) -> None:
    assert os.access(Path(chromium_path), os.X_OK)
