"""Figures, register and calendar addresses on the command line: the same as on the pages."""

import json

import pytest

from inbox_bot.cli import figures as commands
from tests.support.commands import runner
from tests.support.house import EVA


@pytest.fixture
def command(house, monkeypatch, capsys):
    """Run a command on the installation; return its exit code and what it said."""
    return runner(house.building, monkeypatch, capsys, commands)


def test_the_figures_and_the_register(house, command):
    house.ask("#access #erasure", sender=EVA)
    _, said = command("statistics", "--period", "2026-09", "--json")
    found = json.loads(said)
    assert (found["period"], found["main"]["asked"], found["main"]["open"]) == ("2026-09", 2, 2)
    assert (found["whole_from"], found["main"]["share_on_time"]) == ("2026-09-07", None)
    assert "2 requests, 0 answered, 2 open (0 overdue)" in command("statistics")[1]
    lines = command("register", "--period", "2026-K3")[1].splitlines()
    assert lines[0].startswith("reference;right;received_on;due;stand;")
    assert lines[1].startswith("PK-2026-0001;access;2026-09-07;2026-10-07;open;2026-09-07;")
    assert EVA not in said + str(lines)
    code, said = command("statistics", "--period", "september")
    assert (code, "Write 2026-11, 2026-K4, 2026 or allt" in said) == (1, True)


def test_a_calendar_address_is_made_listed_and_closed(house, command):
    _, address = command("calendar", "make", "Annas telefon", "--by", "anna")
    token = address.strip().rpartition("/")[2].removesuffix(".ics")
    assert house.flow.feeds.opens(token)
    assert "Annas telefon: open, made by anna" in command("calendar", "list")[1]
    assert token not in command("calendar", "list", "--json")[1]
    assert command("calendar", "revoke", "1", "--by", "anna")[0] == 0
    assert not house.flow.feeds.opens(token)
    assert command("calendar", "revoke", "1", "--by", "anna")[0] == 1
