"""Quarantine and import on the command line: the same doors as the pages."""

import json
import stat
import sys
from contextlib import contextmanager

import pytest

from inbox_bot import cli
from inbox_bot.cli import quarantine as commands
from tests.support.house import EVA, KALLE, START


@pytest.fixture
def command(house, monkeypatch, capsys):
    """Run a command on the installation; return its exit code and what it said."""

    @contextmanager
    def opened(_):
        yield house.building

    monkeypatch.setattr(commands, "opened", opened)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["inbox-bot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


@pytest.fixture
def stuck(house):
    house.mailbox.put(b"\r\n\r\n", START)
    house.drain()
    return house


def test_what_is_there_is_listed_with_its_date(stuck, command):
    code, said = command("quarantine", "list")
    assert code == 0
    assert "mail 1: The mail could not be parsed.; 4 bytes, came 2026-09-07 10:00 to info INBOX" in said
    assert "due 2026-10-07" in said
    [row] = json.loads(command("quarantine", "list", "--json")[1])
    assert (row["id"], row["due"], row["folders"]) == (1, "2026-10-07", ["INBOX"])


def test_it_is_shown_and_taken_out_for_one_person_alone(stuck, command, tmp_path):
    file = tmp_path / "brev.eml"
    assert command("quarantine", "export", 1, file, "--by", "bo")[0] == 0
    assert file.read_bytes() == b"\r\n\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "exported 2026-09-07 10:00 by bo" in command("quarantine", "show", 1, "--by", "anna")[1]


def test_it_is_read_again_made_a_case_of_or_let_go(stuck, command):
    assert command("quarantine", "retry") == (0, "1 mail(s) will be read again.\n")
    assert command("quarantine", "case", 1, "--as", "erasure", "--from", EVA)[0] == 1
    stuck.drain()
    assert command("quarantine", "case", 1, "--as", "none", "--from", EVA)[0] == 1
    assert command("quarantine", "case", 1, "--as", "erasure", "--from", EVA, "--by", "bo") == (
        0,
        "mail 1: PK-2026-0001.\n",
    )
    stuck.mailbox.put(b"\n\n", START)
    stuck.drain()
    assert command("quarantine", "discard", 2) == (0, "mail 2: no request, emptied.\n")
    assert command("quarantine", "list") == (0, "The quarantine is empty.\n")


def test_a_file_is_brought_in(house, command, tmp_path):
    letter = tmp_path / "brev.eml"
    letter.write_bytes(f"From: {KALLE}\r\n\r\n#access\r\n".encode())
    code, said = command("import", letter)
    assert (code, "--received-at" in said) == (1, True)
    assert command("import", letter, "--received-at", "igår")[0] == 1
    assert command("import", letter, "--mailbox", "annan", "--received-at", "2026-09-04")[0] == 1
    assert command("import", tmp_path / "ingen.eml", "--received-at", "2026-09-04")[0] == 1
    moment = "2026-09-04T14:05"
    code, said = command("import", letter, "--mailbox", "info", "--received-at", moment)
    assert (code, said.endswith("brev.eml: mail 1 brought in.\n")) == (0, True)
    code, said = command("import", letter, "--received-at", moment)
    assert (code, said.endswith("brev.eml: mail 1 here already.\n")) == (0, True)
    house.drain()
    assert house.claim().clock.received_at.isoformat() == "2026-09-04T12:05:00+00:00"
