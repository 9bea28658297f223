"""Who asks, on the command line: the same doors as the pages."""

import pytest

from inbox_bot.cli import proof as proof_commands
from inbox_bot.cli import staff as staff_commands
from tests.support.commands import runner
from tests.support.people import ON_FILE, SHARED, STRANGER, FakePeople, with_people


@pytest.fixture
def house(build, monkeypatch):
    return with_people(build, monkeypatch, FakePeople())


@pytest.fixture
def command(house, monkeypatch, capsys):
    """Run a command on the installation; return its exit code and what it said."""
    return runner(house.building, monkeypatch, capsys, proof_commands, staff_commands)


def test_proof_tells_why_where_and_what_to_check(house, command):
    receipt = house.ask("#access", sender=SHARED)
    _, said = command("proof", "PK-2026-0001")
    assert f"access: not proven, link to {SHARED}" in said
    assert "Brevlådan läses av flera" in said
    assert "way phone:" in said
    house.flow.confirm(receipt.token, receipt.code, "Excelkursen i mars")
    assert "Excelkursen i mars" in command("proof", "PK-2026-0001")[1]
    assert command("fact", "PK-2026-0001", "--right", "--by", "bo") == (
        0,
        "PK-2026-0001: noted, the words are removed; confirmed.\n",
    )
    _, said = command("proof", "PK-2026-0001")
    assert f"access: proven, confirmed at {SHARED}" in said
    assert "mars" not in said
    code, said = command("fact", "PK-2026-0001", "--wrong", "--by", "bo")
    assert (code, "waits to be checked" in said) == (1, True)


def test_fact_takes_one_of_two_words(house, command):
    receipt = house.ask("#access", sender=SHARED)
    house.flow.confirm(receipt.token, receipt.code, "Mars")
    assert command("fact", "PK-2026-0001", "--by", "bo")[0] != 0
    assert house.claim().to_check
    assert "nothing is confirmed" in command("fact", "PK-2026-0001", "--wrong", "--by", "bo")[1]
    assert not house.claim().proven


def test_a_link_elsewhere_another_way_and_giving_up(house, command):
    house.mail(f"#access {ON_FILE} bo@example.com", sender=STRANGER)
    house.drain()
    assert "You decide how this is confirmed" in command("proof", "PK-2026-0001")[1]
    code, said = command("ask", "PK-2026-0001", "--by", "bo", "--to", ON_FILE)
    assert (code, "A reason is demanded" in said) == (1, True)
    assert command("offer", "PK-2026-0001", "--by", "bo", "--number", "2")[0] == 0
    assert command("offer", "PK-2026-0001", "--by", "bo", "--way", "pigeon")[0] == 1
    assert command("ask", "PK-2026-0001", "--by", "bo", "--to", ON_FILE, "--how", "Ringde.")[0] == 0
    assert command("unidentified", "PK-2026-0001", "--by", "bo")[0] == 0
    house.drain()
    assert "Vilket telefonnummer" in house.to(STRANGER)[-1].text
    assert house.to(ON_FILE)[0].token
    assert house.draft().letter == "cannot_identify_sender"


def test_a_mail_for_someone_else(house, command):
    house.mail("#unsure #access")
    house.drain()
    assert command("sort", "1", "--as", "access", "--by", "bo", "--for-another")[0] == 0
    house.drain()
    assert house.claim().for_another
    _, said = command("proof", "PK-2026-0001")
    for words in ("En chef eller arbetsgivare skriver:", "check: ", "never ask: ", "do not keep: "):
        assert words in said


@pytest.mark.parametrize("line", ["proof", "fact --right --by bo", "offer --by bo", "unidentified --by bo"])
def test_a_case_there_is_none_of(command, line):
    name, *options = line.split()
    code, said = command(name, "PK-1999-0001", *options)
    assert code == 1
    assert said.startswith("inbox-bot: ")
    assert "PK-1999-0001" in said
