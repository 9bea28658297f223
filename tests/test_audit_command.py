"""audit: what was seen and changed, on the command line, as lines, a table and JSON."""

import json
import sys

import pytest

from inbox_bot import cli
from inbox_bot.cli import opening
from inbox_bot.domain.staff import Act, Subject
from tests.support.house import STAFF

BO = "bo@example.com"


@pytest.fixture
def command(house, monkeypatch, capsys):
    """Run the command on a house where two people have looked and one has written."""
    house.ask_and_confirm("#erasure")
    house.flow.audit.note(by=STAFF, act=Act.VIEWED, subject=Subject.MAIL, which="1")
    house.flow.audit.note(by=BO, act=Act.EXPORTED, subject=Subject.LIST, which="sparrlista")
    house.days(1)
    house.flow.give_back(1, reason="Fyll i vad som är raderat.", by=STAFF)
    monkeypatch.setattr(opening.assembly, "furnish", lambda *_, **__: house.building)
    monkeypatch.setattr(opening, "read_settings", lambda _: house.building.settings)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["inbox-bot", "audit", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out.splitlines(), said.err

    return run


VIEW = f"2026-09-07 10:00:00 {STAFF} viewed mail 1 PK-2026-0001"
TAKEN = f"2026-09-07 10:00:00 {BO} exported list sparrlista"
WRITTEN = f"2026-09-08 10:00:00 {STAFF} changed case PK-2026-0001 returned"


def test_what_is_asked_for_is_shown_the_newest_first(command):
    assert command() == (0, [WRITTEN, TAKEN, VIEW], "")
    assert command("--by", "Bo@Example.com")[1] == [TAKEN]
    assert command("--case", "pk-2026-0001")[1] == [WRITTEN, VIEW]
    assert command("--case", "PK-2026-0099")[1] == []
    assert command("--views")[1] == [TAKEN, VIEW]
    assert command("--changes")[1] == [WRITTEN]
    assert command("--since", "2026-09-08")[1] == [WRITTEN]
    assert command("--until", "2026-09-07")[1] == [TAKEN, VIEW]


def test_it_comes_as_a_table_without_formulas_and_as_json(house, command):
    _, lines, _ = command("--csv", "--views", "--by", STAFF)
    assert lines == [
        "at;by;act;subject;which;case;detail",
        f"2026-09-07 10:00:00;{STAFF};viewed;mail;1;PK-2026-0001;",
    ]
    house.flow.audit.note(by="=1+1", act=Act.VIEWED, subject=Subject.MAIL, which="1")
    assert ";'=1+1;" in command("--csv", "--by", "=1+1")[1][1]
    [found] = json.loads("\n".join(command("--json", "--changes")[1]))
    assert (found["by"], found["act"], found["which"], found["detail"]) == (
        STAFF,
        "changed",
        "PK-2026-0001",
        "returned",
    )


def test_what_is_no_day_is_said(command):
    code, lines, err = command("--since", "i går")
    assert (code, lines) == (1, [])
    assert "Write it as 2026-11-01" in err
