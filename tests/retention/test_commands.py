"""export, forget, replay, dispute, checked: what each prints, asks, writes and refuses."""

import json
import stat
import sys

import pytest

from inbox_bot import cli
from inbox_bot.cli import opening
from tests.support.house import KALLE


@pytest.fixture
def command(answered, monkeypatch, capsys, tmp_path):
    """Run a command on the furnished house; return exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opening.assembly, "furnish", lambda *_, **__: answered.building)
    monkeypatch.setattr(opening, "read_settings", lambda _: answered.building.settings)

    def run(*arguments, say=""):
        from io import StringIO

        monkeypatch.setattr(sys, "argv", ["inbox-bot", *arguments])
        monkeypatch.setattr(sys, "stdin", StringIO(say))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_export_writes_two_files_for_their_owner_alone(command, tmp_path):
    for file in ("kalle.json", "kalle.txt"):
        (tmp_path / file).touch(0o644)
    code, out, _ = command("export", "Kalle@Example.se", "--to", "kalle")
    assert code == 0
    assert out.startswith("1 case(s), 0 other mail(s)")
    assert "alle" not in out.replace("kalle.json", "").replace("kalle.txt", "")
    for file in ("kalle.json", "kalle.txt"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600
    assert json.loads((tmp_path / "kalle.json").read_text("utf-8"))["address"] == KALLE
    assert "Min fru Lisa hälsar." in (tmp_path / "kalle.txt").read_text("utf-8")


def test_export_that_cannot_be_written_is_one_sentence(command):
    code, _, err = command("export", KALLE, "--to", "no/such/folder/x")
    assert code == 1
    assert err.startswith("inbox-bot: no/such/folder/x.json cannot be written:")
    assert command("export", "kalle")[2].startswith("inbox-bot: That is no mail address.")


def test_forget_shows_what_goes_and_stays_and_asks(command, answered):
    code, out, _ = command("forget", KALLE, "--by", "anna", say="n\n")
    assert code == 1
    assert "case PK-2026-0001: names, addresses, texts" in out
    assert "evidence record of PK-2026-0001, until 2031-12-07 (GDPR artikel 5.2" in out
    assert answered.case().requester == KALLE
    code, out, _ = command("forget", KALLE, "--by", "anna", "--yes")
    assert code == 0
    assert out.splitlines()[-1].startswith("Erased.")
    assert answered.case().requester == ""


def test_a_case_that_is_emptied_is_shown_as_such(command):
    command("forget", KALLE, "--by", "anna", "--yes")
    code, out, _ = command("case", "PK-2026-0001")
    assert code == 0
    assert "gallrat enligt rules/retention.toml 2026-09-07" in out
    rows = json.loads(command("cases", "--json")[1])
    assert [row["emptied_at"] is not None for row in rows] == [True]
    assert json.loads(command("case", "PK-2026-0001", "--json")[1])["requester"] == ""


def test_forget_refuses_an_open_case(command, answered):
    answered.ask("#access")
    code, out, err = command("forget", KALLE, "--by", "anna", "--yes")
    assert code == 1
    assert "Open, disputed or waiting: PK-2026-0002" in out
    assert "PK-2026-0002: open, disputed" in err
    assert command("forget", KALLE, "--by", "anna", "--yes", "--even-open")[0] == 0


def test_holidays_are_listed_added_and_removed(command, answered):
    answered.ask("#access", sender="eva@example.org")
    code, out, _ = command("holidays", "list", "--year", "2026")
    assert code == 0
    assert out.splitlines()[0].startswith("2026-01-01 nyårsdagen [lag (1989:253); holidays ")
    said = ("--name", "en ny helgdag", "--source", "SFS 2026:1", "--by", "anna")
    assert (
        command("holidays", "add", "2026-10-07", *said)[1]
        == "2026-10-07 is a public holiday; 1 open claim(s) dated anew.\n"
    )
    rows = json.loads(command("holidays", "list", "--json")[1])
    assert {"day": "2026-10-07", "name": "en ny helgdag", "free": True, "source": "SFS 2026:1", "by": "anna"} in rows
    assert (
        command("holidays", "remove", "2026-10-07", *said)[1]
        == "2026-10-07 is a working day; 1 open claim(s) dated anew.\n"
    )
    assert "(a working day)" in command("holidays", "list")[1]
    assert "is no date" in command("holidays", "add", "7 oktober", *said)[2]


def test_replay_dispute_and_checked_say_what_they_did(command, answered):
    assert command("replay")[:2] == (0, "0 erasure(s) carried out again.\n")
    assert "nothing in it is deleted" in command("dispute", "PK-2026-0001", "--by", "anna", "--reason", "Klagomål")[1]
    assert "count again" in command("dispute", "PK-2026-0001", "--by", "anna", "--reason", "Klart", "--over")[1]
    assert "noted" in command("checked", "1", "--by", "anna", "--what", "fullmakt")[1]
    assert command("checked", "99", "--by", "anna", "--what", "fullmakt")[2].startswith(
        "inbox-bot: There is no mail 99"
    )
    assert command("dispute", "PK-2026-0099", "--by", "a", "--reason", "x")[2].startswith("inbox-bot: There is no case")
