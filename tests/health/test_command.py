"""``inbox-bot health``: its exit status is what cron and Nagios read, and whatever cannot be read is critical."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from inbox_bot.assembly import furnish
from inbox_bot.cli import app
from inbox_bot.domain.health import Health, Level, Part
from inbox_bot.health.status_file import JsonStatusFile
from inbox_bot.settings import read_settings
from tests.support.house import MemoryMailbox, TagClassifier

SETTINGS = """
secret = "not a secret, but long enough for one"
[mailbox.info]
host = "127.0.0.1"
username = "info@example.com"
[smtp]
host = "127.0.0.1"
sender = "info@example.com"
[web]
public_url = "https://arenden.example.com"
[staff]
addresses = ["anna@example.com"]
[journal]
file = "{folder}/journal.jsonl"
[database]
url = "sqlite:///{folder}/cases.db"
[log]
level = "error"
[watch]
file = "{folder}/health.json"
"""


@pytest.fixture
def file(tmp_path, migrated_file, monkeypatch):
    """Settings of an installation that has just been read."""
    for name in list(__import__("os").environ):
        if name.startswith("INBOX_BOT_") and name != "INBOX_BOT_TEST_ALL":
            monkeypatch.delenv(name)
    path = tmp_path / "inbox-bot.toml"
    path.write_text(SETTINGS.format(folder=tmp_path), "utf-8")
    (tmp_path / "cases.db").write_bytes(migrated_file)
    building = furnish(read_settings(path), classifier=TagClassifier())
    building.flow.collect(MemoryMailbox(), look_back_days=30)
    building.close()
    return path


@pytest.fixture
def write(tmp_path):
    def wrote(minutes_ago, level):
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        JsonStatusFile(tmp_path / "health.json").write(Health(at=at, parts=[Part(name="smtp", level=level)]))

    return wrote


def ask(file, *more):
    ended = CliRunner().invoke(app, ["health", "--config", str(file), *more])
    return ended.exit_code, ended.stdout


def test_well(file, write):
    write(1, Level.OK)
    assert ask(file) == (0, "ok\n")


def test_what_the_file_warns_of(file, write):
    write(1, Level.WARNING)
    code, text = ask(file)
    assert (code, text.splitlines()[0]) == (1, "warning")


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_file_left_by_a_program_that_died_or_by_another_clock(file, write, minutes):
    write(minutes, Level.OK)
    code, text = ask(file)
    assert (code, "critical health file: Programmets hälsofil är gammal" in text) == (2, True)


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"moment": "x"}', '{"moment": "2026-09-07T10:00:00", "status": "x"}']
)
def test_a_file_that_is_not_there_or_not_whole(file, tmp_path, content):
    if content is not None:
        (tmp_path / "health.json").write_text(content, "utf-8")
    assert ask(file)[0] == 2


def test_a_database_that_cannot_be_read(file, tmp_path, write):
    write(1, Level.OK)
    (tmp_path / "cases.db").write_bytes(b"no database at all" * 100)
    code, text = ask(file)
    assert (code, "critical database:" in text) == (2, True)


def test_settings_that_cannot_be_read(tmp_path):
    code, text = ask(tmp_path / "nowhere.toml")
    assert (code, "critical settings:" in text) == (2, True)


def test_as_json(file, write):
    write(1, Level.OK)
    code, text = ask(file, "--json")
    told = json.loads(text)
    assert (code, told["status"], told["letters_waiting"]) == (0, "ok", 0)
    assert {part["name"] for part in told["parts"]} >= {"mailbox info", "smtp", "health file"}
