"""The command line, in this process: what each command prints, and the one clear sentence it says when it cannot."""

import csv
import io
import json
import os
import shlex
import shutil
import stat
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

import pytest

from inbox_bot import cli
from inbox_bot.cli.opening import opened
from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.settings import FileSettings, rules_folders, template_folders
from tests.support.processes import HOST, free_port

SECRET = "an-invented-secret-that-is-long-enough-for-tests"
VECTORS = Path(__file__).with_name("case") / "deadline_vectors.csv"
ACCESS = "Hej! Jag vill ha ett registerutdrag med alla uppgifter som ni har sparade om mig."
SETTINGS = """
secret = "{secret}"
[mailbox.info]
host = "127.0.0.1"
port = {imap}
security = "plain"
username = "info@example.com"
password = "{password}"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "plain"
sender = "info@example.com"
[web]
public_url = "{public_url}"
[staff]
addresses = ["anna@example.com"]
[database]
url = "{database}"
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run the command as its script does, in an empty folder; an error that it does not catch fails the test."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("INBOX_BOT_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "argv", ["inbox-bot", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ended(code=int(ended.value.code or 0), out=said.out, err=said.err)

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., str]:
    """Write a settings file, sound except for what is given, and return its name."""

    def write(*, more: str = "", **values: object) -> str:
        known = {
            "secret": SECRET,
            "imap": free_port(),
            "smtp": free_port(),
            "password": "hemligt",
            "public_url": "http://127.0.0.1:8025",
            "database": f"sqlite:///{tmp_path}/cases.db",
        }
        file = tmp_path / "inbox-bot.toml"
        file.write_text(SETTINGS.format(**(known | values)) + more, "utf-8")
        return str(file)

    return write


def check_sentence(ended: Ended, *words: str) -> None:
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("inbox-bot: ")
    assert ended.err.rstrip().endswith(".")
    assert len(ended.err.splitlines()) == 1
    for word in words:
        assert word in ended.err


def mail(body: str, **headers: str) -> bytes:
    lines = {
        "From": "Kim Exempel <kim@example.se>",
        "To": "info@example.com",
        "Subject": "Hej",
        "Message-ID": "<a@example.se>",
    }
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (lines | headers).items())
    return f"{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


def test_the_version_that_is_installed_is_told(command):
    ended = command("--version")
    assert (ended.code, ended.out) == (0, f"inbox-bot {metadata.version('inbox-bot')}\n")


class TestDeadline:
    @pytest.mark.parametrize(
        "row", list(csv.DictReader(VECTORS.read_text("utf-8").splitlines())), ids=lambda row: row["id"]
    )
    def test_every_row_of_the_law(self, command, row):
        options = {
            "--identity-asked": row["identity_requested"],
            "--identity-confirmed": row["identity_confirmed"],
            "--extension-sent": row["extension_notified_at"],
        }
        given = [word for name, value in options.items() if value for word in (name, value)]
        if row["rule"] == "marketing objection":
            given.append("--no-pause")
        ended = command("deadline", row["received_at"], *given, "--json")
        printed = json.loads(ended.out)

        assert ended.code == 0
        assert list(printed) == [
            "strict_deadline",
            "strict_end_utc",
            "paused_safe",
            "extension_notice_by",
            "extension_valid",
            "extended_deadline",
            "explanation",
        ]
        for name in ("strict_deadline", "strict_end_utc", "paused_safe", "extension_notice_by", "extended_deadline"):
            assert printed[name] == (row[name] or None), name
        assert printed["extension_valid"] == {"": None, "yes": True, "no": False}[row["extension_valid"]]
        assert len(printed["explanation"]) > 40

    def test_for_a_person_it_prints_a_line_for_each_date(self, command):
        ended = command("deadline", "2026-01-31T23:59:00+01:00")

        assert ended.out.splitlines()[:3] == [
            "strict_deadline: 2026-03-02",
            "strict_end_utc: 2026-03-02T23:00:00Z",
            "paused_safe: -",
        ]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ("tomorrow", ["tomorrow"]),
            ("2026-13-31T23:59:00+01:00", ["2026-13-31T23:59:00+01:00"]),
            ("2026-01-31T23:59:00+01:00 --identity-confirmed 2026-02-01T10:00:00+01:00", ["--identity-asked"]),
            ("2026-01-31T23:59:00+01:00 --extension-sent soon", ["soon"]),
        ],
    )
    def test_what_is_no_moment_is_named(self, command, arguments, words):
        check_sentence(command("deadline", *shlex.split(arguments)), *words)


class TestClassify:
    def test_files_folders_and_standard_input(self, command, tmp_path):
        folder = tmp_path / "folder"
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "request.eml").write_bytes(mail(ACCESS))
        (folder / "away.eml").write_bytes(mail("Jag är ledig.", Auto_Submitted="auto-replied"))
        (folder / "notes.txt").write_text("This is no mail.")
        single = tmp_path / "single.eml"
        single.write_bytes(mail("Hej, jag vill boka två platser på kursen i mars."))
        question = mail("Min bror säger att ni ska ta bort hans uppgifter.")

        ended = command("classify", "--json", str(single), str(folder), "-", stdin=question)
        rows = {row["path"]: row for row in map(json.loads, ended.out.splitlines())}

        assert ended.code == 0
        assert {path: row["outcome"] for path, row in rows.items()} == {
            str(single): "not_request",
            str(folder / "away.eml"): "automatic",
            str(folder / "deep" / "request.eml"): "request",
            "-": "unsure",
        }
        for row in rows.values():
            assert row.keys() >= {"path", "outcome", "rights", "language", "evidence", "reply_text"}
        request = rows[str(folder / "deep" / "request.eml")]
        assert (request["rights"], request["language"], request["reply_text"]) == (["access"], "sv", ACCESS)
        for found in request["evidence"]:
            assert found.keys() >= {"right", "text", "start", "end", "rule"}
            assert ACCESS[found["start"] : found["end"]] == found["text"]

    def test_for_a_person_it_prints_the_words_that_decided(self, command, tmp_path):
        file = tmp_path / "one.eml"
        file.write_bytes(mail(ACCESS))

        assert command("classify", str(file)).out.startswith(f"{file}: request access access: ")

    def test_a_file_that_is_no_mail_is_still_a_line(self, command):
        ended = command("classify", "--json", "-", stdin=b"\x00\xff\x00")

        assert ended.code == 0
        assert json.loads(ended.out)["outcome"] in {"not_request", "unsure"}

    def test_a_missing_file_is_named(self, command):
        check_sentence(command("classify", "nowhere.eml"), "nowhere.eml")


class TestInit:
    def test_it_writes_a_file_that_only_the_owner_reads_with_a_secret_of_its_own(self, command, tmp_path):
        assert command("init").code == 0
        assert command("init", "other.toml").code == 0
        files = [tmp_path / "inbox-bot.toml", tmp_path / "other.toml"]

        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
        assert files[0].read_text("utf-8") != files[1].read_text("utf-8")
        assert "@SECRET@" not in files[0].read_text("utf-8")

    def test_a_file_that_exists_is_left_as_it_is(self, command, tmp_path):
        (tmp_path / "inbox-bot.toml").write_text("mine")

        check_sentence(command("init"), "inbox-bot.toml", "exists already")
        assert (tmp_path / "inbox-bot.toml").read_text() == "mine"

    def test_a_folder_that_is_not_there_is_named(self, command):
        check_sentence(command("init", "nowhere/inbox-bot.toml"), "nowhere/inbox-bot.toml")

    def test_the_file_as_written_is_understood_up_to_what_must_be_filled_in(self, command):
        command("init")
        ended = command("check")

        assert ended.code == 1
        assert ended.out.startswith("ok   settings: ")
        assert "public address: [web] public_url is still the example." in ended.out


class TestCheck:
    def test_all_is_well(self, command, settings, pymap_server, smtp_catcher):
        file = settings(imap=pymap_server.port, smtp=smtp_catcher.port)
        ended = command("check", "--config", file)
        lines = ended.out.splitlines()

        assert ended.code == 0, ended.out
        assert [line.partition(":")[0] for line in lines] == [
            "ok   settings",
            "ok   mailbox info",
            "ok   senders info",
            "ok   beside info",
            "ok   smtp",
            "ok   database",
            "ok   retention",
            "ok   letters",
            "ok   pages",
            "ok   company facts",
            "ok   rules",
            "ok   proof",
            "ok   returns",
            "ok   people",
            "ok   acting",
            "ok   breaches",
            "ok   suppression list",
            "ok   notify",
            "ok   watch",
            "ok   staff login",
            "ok   public address",
        ]
        assert "INBOX, Skräppost, IDLE" in lines[1]
        assert lines[3] == "ok   beside info: answers written elsewhere are looked for in Skickat"

    def test_what_is_asked_for_beside_the_reading_is_tried(
        self, command, settings, pymap_server, smtp_catcher, monkeypatch
    ):
        def said(**box):
            for name, value in box.items():
                monkeypatch.setenv(f"INBOX_BOT_MAILBOX__INFO__{name.upper()}", value)
            file = settings(imap=pymap_server.port, smtp=smtp_catcher.port)
            return next(line for line in command("check", "-c", file).out.splitlines() if "beside info" in line)

        assert said(label="Dataskydd").endswith("requests get the keyword Dataskydd")
        assert said(label="", copy_to="Skickat").endswith("requests are copied to Skickat")
        missing = said(copy_to="Nirgends")
        assert missing.startswith("FAIL beside info: ")
        assert "there is no folder Nirgends" in missing

    def test_it_says_whose_word_recent_mails_bear(self, settings, pymap_server):
        from inbox_bot.assembly import opened_keyring, sender_report
        from inbox_bot.clock import SystemClock
        from inbox_bot.errors import SettingsError
        from inbox_bot.settings import build_settings

        def report(*trusted):
            known = tomllib.loads(Path(settings(imap=pymap_server.port)).read_text("utf-8"))
            known["mailbox"]["info"]["trusted_servers"] = list(trusted)
            built = build_settings(known)
            with opened_keyring(built, SystemClock()) as keyring:
                return sender_report(built, "info", keyring)

        assert "these bear a server's word: no server's" in report()
        for number, head in enumerate(
            [b"mx.example.com; dmarc=pass", b"mx.example.com; spf=none", b"mx.example.com; dmarc=fail"] * 3
            + [b"spf=pass; dmarc=pass\r\nReceived: from x by a.mail.protection.outlook.com with SMTP"]
        ):
            mail = b"Authentication-Results: %s\r\nFrom: kim@example.org\r\n\r\n%d\r\n" % (head, number)
            pymap_server.append("INBOX", mail, datetime.now(UTC))
        said = report()
        assert "the last 10 mail(s)" in said
        assert "mx.example.com (9), outlook.com (1)" in said
        assert "trusted_servers" in said
        assert "it spoke of 9 of the last 10 mail(s), 3 failed" in report("mx.example.com")
        with pytest.raises(SettingsError, match=r"names no server that wrote in them.*mx\.example\.com \(9\)"):
            report("mx.exampel.com")
        for _ in range(45):
            pymap_server.append(
                "INBOX",
                b"Authentication-Results: gw.example.com; dmarc=fail\r\nFrom: a@example.org\r\n\r\nHej\r\n",
                datetime.now(UTC),
            )
        with pytest.raises(SettingsError, match="Every one of 45 mails fails the check of gw"):
            report("gw.example.com")

    def test_the_daily_mail_must_end_in_a_mailbox_that_is_read(self, settings):
        from inbox_bot.assembly import watch_report
        from inbox_bot.errors import SettingsError
        from inbox_bot.settings import build_settings

        known = tomllib.loads(Path(settings()).read_text("utf-8"))
        known["watch"] = {"self_check_address": "prov@example.net"}
        with pytest.raises(SettingsError, match="self_check_address is in no mailbox"):
            watch_report(build_settings(known))
        known["mailbox"]["info"]["addresses"] = ["prov@example.net"]
        assert "mail to ourselves daily" in watch_report(build_settings(known))

    def test_everything_fails_and_each_says_so(self, command, settings, tmp_path, pymap_server):
        (tmp_path / "rules" / "phrases").mkdir(parents=True)
        (tmp_path / "rules" / "phrases" / "access.toml").write_text("[[rule", "utf-8")
        (tmp_path / "rules" / "tasks.toml").write_text('[[task]]\nright = "kaffe"\n', "utf-8")
        letter = tmp_path / "templates" / "letters" / "receipt"
        letter.mkdir(parents=True)
        (tmp_path / "rules" / "proof.toml").write_text("[[row]]\nid = 'x'\n", "utf-8")
        (tmp_path / "rules" / "returns.toml").write_text("[again]\ntimes = 'ofta'\n", "utf-8")
        (tmp_path / "templates" / "pages").mkdir()
        (tmp_path / "templates" / "pages" / "words.toml").write_text("[weekdays]", "utf-8")
        (letter / "letter.toml").write_text("no toml at all [", "utf-8")
        file = settings(
            imap=pymap_server.port,
            password="wrong-and-nobodys-business",
            public_url="http://arenden.example.net",
            database="sqlite:////proc/cases.db",
            more=f'[files]\nrules = "{tmp_path}/rules"\ntemplates = "{tmp_path}/templates"\n'
            f'[people]\nfile = "{tmp_path}/nobody.csv"\n[suppression]\nfile = "{tmp_path}/absent/list.txt"\n'
            f'[watch]\nfile = "{tmp_path}/absent/health.json"\n',
        )
        ended = command("check", "-c", file)
        found = dict(line.split(": ", 1) for line in ended.out.splitlines())

        assert ended.code == 1
        assert list(found) == [
            "ok   settings",
            *(f"FAIL {part}" for part in ("mailbox info", "smtp", "database", "retention", "letters", "pages")),
            "ok   company facts",
            *(f"FAIL {part}" for part in ("rules", "proof", "returns", "people", "acting")),
            "ok   breaches",
            "FAIL suppression list",
            "ok   notify",
            "FAIL watch",
            "ok   staff login",
            "FAIL public address",
        ]
        assert "password" in found["FAIL mailbox info"]
        assert HOST in found["FAIL smtp"]
        assert "folder can be written" in found["FAIL database"]
        assert "letter.toml" in found["FAIL letters"]
        assert "words.toml lacks 'rights'" in found["FAIL pages"]
        assert "access.toml" in found["FAIL rules"]
        assert "proof.toml" in found["FAIL proof"]
        assert "returns.toml: return must end" in found["FAIL returns"]
        assert "nobody.csv" in found["FAIL people"]
        assert "tasks.toml: task 1: " in found["FAIL acting"]
        assert "absent/list.txt: No such file" in found["FAIL suppression list"]
        assert "https://" in found["FAIL public address"]
        for secret in ("nobodys-business", SECRET):
            assert secret not in ended.out + ended.err

    def test_settings_that_cannot_be_read_are_the_only_line(self, command):
        ended = command("check")

        assert ended.code == 1
        assert ended.out.splitlines() == [
            "FAIL settings: There is no settings file inbox-bot.toml. 'inbox-bot init' writes one."
        ]


class TestSettings:
    """Whatever the command, what is wrong with its settings is one sentence."""

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("secret = ", ["inbox-bot.toml", "not valid TOML"]),
            ("sekret = 1", ["sekret is not a setting", "mailbox is missing"]),
            ('secret = "short-but-private"', ["secret", "32 characters"]),
        ],
    )
    def test_bad_file(self, command, tmp_path, text, words):
        (tmp_path / "inbox-bot.toml").write_text(text, "utf-8")
        ended = command("cases")

        check_sentence(ended, *words)
        assert "short-but-private" not in ended.err

    def test_file_in_another_encoding(self, command, tmp_path):
        (tmp_path / "inbox-bot.toml").write_bytes("# Å".encode("latin-1"))
        check_sentence(command("cases"), "inbox-bot.toml", "cannot be read")

    def test_bad_values_are_all_named_and_none_is_shown(self, command, settings):
        file = settings(public_url="ftp://nowhere", more='[outbox]\nper_hour = 0\nnever_write = ["anna"]\n')
        check_sentence(command("cases", "-c", file), "web.public_url", "outbox.per_hour", "outbox.never_write")

    def test_the_environment_wins(self, command, settings, monkeypatch, tmp_path):
        monkeypatch.setenv("INBOX_BOT_DATABASE__URL", f"sqlite:///{tmp_path}/other.db")
        monkeypatch.setenv("INBOX_BOT_FILE", settings())

        assert command("cases").out == "No open cases.\n"
        assert (tmp_path / "other.db").exists()
        assert not (tmp_path / "cases.db").exists()

    @pytest.mark.parametrize("url", ["mysql://anna:hemligt@127.0.0.1/x", "cases.db"])
    def test_database_nobody_knows(self, command, settings, url):
        ended = command("cases", "-c", settings(database=url))
        check_sentence(ended)
        assert "hemligt" not in ended.err

    def test_folder_of_own_letters_is_missing(self, command, settings, tmp_path):
        file = settings(more=f'[files]\ntemplates = "{tmp_path}/nowhere"\n')
        check_sentence(command("cases", "-c", file), "files.templates", "nowhere")

    @pytest.mark.parametrize("name", ["access.toml", "words.toml"])
    def test_unreadable_rules(self, command, settings, tmp_path, name):
        rules = _copy(rules_folders(FileSettings())[0], tmp_path / "rules")
        (rules / "phrases" / name).write_text("[[rule", "utf-8")
        file = settings(more=f'[files]\nrules = "{rules}"\n')
        check_sentence(command("run", "--once", "-c", file), name)

    def test_unreadable_company_facts(self, command, settings, tmp_path):
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "controller.toml").write_text("[company]\nname = 1", "utf-8")
        file = settings(more=f'[files]\nrules = "{tmp_path}/rules"\n')
        check_sentence(command("cases", "-c", file), "controller.toml")

    def test_a_letter_that_names_a_value_nobody_gives_it(self, command, settings, tmp_path, pymap_server, smtp_catcher):
        templates = _copy(template_folders(FileSettings())[0], tmp_path / "templates")
        body = templates / "letters" / "receipt_identity" / "body.txt"
        body.write_text(body.read_text("utf-8").replace("{{ reference }}", "{{ refrence }}"), "utf-8")
        more = f'[files]\ntemplates = "{templates}"\n'
        file = settings(imap=pymap_server.port, smtp=smtp_catcher.port, more=more)
        checked = command("check", "-c", file)
        command("run", "--once", "-c", file)
        pymap_server.append("INBOX", mail(ACCESS), datetime.now(UTC))
        ran = command("run", "--once", "-c", file)

        assert checked.code == 1
        for said in (checked.out, ran.err):
            line = next(line for line in said.splitlines() if "refrence" in line)
            assert "receipt_identity/body.txt" in line
        # Nothing is lost: with the letter mended, the receipt leaves.
        body.write_text(body.read_text("utf-8").replace("{{ refrence }}", "{{ reference }}"), "utf-8")
        assert command("run", "--once", "-c", file).code == 0
        assert "kim@example.se" in [letter.recipients[0] for letter in smtp_catcher.letters]


def _copy(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))


class TestDecisions:
    """Commands on what is not there, or not to be had. What they do where all is well is in the acceptance tests."""

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("case PK-1999-0001", ["PK-1999-0001", "inbox-bot cases"]),
            ("approve PK-1999-0001 --by anna", ["PK-1999-0001"]),
            ("refuse PK-1999-0001 --by anna --reason nej", ["PK-1999-0001"]),
            ("refuse PK-1999-0001 --by anna", ["reason"]),
            ("extend PK-1999-0001 --by anna --reason mycket", ["PK-1999-0001"]),
            ("extend PK-1999-0001 --by anna", ["reason"]),
            ("sort 17 --as access --by anna", ["17"]),
            ("sort 17 --as access,everything --by anna", ["everything", "erasure"]),
            ("sort 17 --as access:marketing --by anna", ["objection"]),
            ("settle 17 --sent --by anna", ["17"]),
            ("retry 17", ["17"]),
            ("approve PK-1999-0001 --by anna --set copy", ["--set", "copy"]),
            ("approve PK-1999-0001 --by anna --done allt --on igår", ["igår"]),
            ("digest", ["--print"]),
            ("done PK-1999-0001", ["PK-1999-0001", "inbox-bot cases"]),
            ("done PK-1999-0001 --absent --rest --by anna", ["PK-1999-0001"]),
            ("undo PK-1999-0001 3 --by anna", ["PK-1999-0001"]),
            ("lift PK-1999-0001 --by anna", ["reason"]),
            ("lift PK-1999-0001 --done --by anna", ["PK-1999-0001"]),
            ("lift PK-1999-0001 --reason klart --on igår --by anna", ["igår"]),
            ("warn PK-1999-0001 --of login --by anna", ["PK-1999-0001"]),
            ("second PK-1999-0001 --reason ja --by bo", ["PK-1999-0001"]),
            ("recipient PK-1999-0001", ["PK-1999-0001"]),
            ("recipient PK-1999-0001 Ingen --answered --by anna", ["PK-1999-0001"]),
            ("refuse PK-1999-0001 --draft --reason nej --by anna", ["PK-1999-0001"]),
            ("suppressed kalle --add --by anna", ["mail address"]),
            ("suppressed kalle@example.se --remove --by anna", ["reason"]),
            ("suppressed kalle@example.se --add", ["--by"]),
        ],
    )
    def test_what_cannot_be_done_is_one_sentence(self, command, settings, line, words):
        check_sentence(command(*shlex.split(line), "-c", settings()), *words)

    def test_the_list_against_marketing_and_its_file(self, command, settings, tmp_path):
        listed = tmp_path / "list.txt"
        file = settings(more=f'[suppression]\nfile = "{listed}"\n')
        assert command("suppressed", "-c", file).out == ""
        assert (command("suppressed", "kalle@example.se", "-c", file).code, listed.exists()) == (1, False)
        added = command("suppressed", "Kalle@Example.se", "--add", "--by", "anna", "-c", file)
        assert added.out == "kalle@example.se gets no marketing from now on.\n"
        assert (listed.read_text(), stat.S_IMODE(listed.stat().st_mode)) == ("kalle@example.se\n", 0o600)
        assert command("suppressed", "-c", file).out == "kalle@example.se\n"
        assert command("suppressed", "kalle@example.se", "-c", file).out.startswith("on the list since 20")
        command("suppressed", "kalle@example.se", "--remove", "--reason", "Ångrat sig", "--by", "anna", "-c", file)
        assert listed.read_text() == ""

    def test_an_empty_installation(self, command, settings):
        file = settings()

        assert command("cases", "-c", file).out == "No open cases.\n"
        assert json.loads(command("cases", "--json", "-c", file).out) == []
        assert command("mails", "-c", file).out == ""
        assert json.loads(command("mails", "--json", "-c", file).out) == {
            "to_sort": [],
            "quarantined": [],
            "letters": [],
            "beside": {"asks": [], "vanished": [], "troubles": [], "failures": []},
        }
        assert "Allt är som det ska" in command("digest", "--print", "-c", file).out


class TestCorpus:
    @pytest.fixture
    def sorted_mails(self, settings, tmp_path):
        """An installation in which staff have sorted two mails."""
        config = settings()
        with opened(Path(config)) as building, building.flow.desk.write() as unit:
            for text, claims in (("Radera mig.", (Claim(right=Right.ERASURE),)), ("Var ligger ni?", ())):
                unit.examples.keep(
                    KeptExample(
                        subject="Hej",
                        text=text,
                        claims=claims,
                        language="sv",
                        said="unsure",
                        said_claims=(),
                        day=date(2026, 9, 7),
                    )
                )
        return config

    def test_export_writes_a_line_for_each_example(self, command, sorted_mails):
        ended = command("corpus", "export", "--config", sorted_mails)
        rows = [json.loads(line) for line in ended.out.splitlines()]
        assert (ended.code, [row["body"] for row in rows]) == (0, ["Radera mig.", "Var ligger ni?"])
        assert [(row["writer"], row["rights"]) for row in rows] == [("staff-1", ["erasure"]), ("staff-2", [])]

    def test_export_to_a_file_for_its_owner_alone_which_check_then_finds_sound(self, command, sorted_mails, tmp_path):
        file = tmp_path / "staff.jsonl"
        ended = command("corpus", "export", str(file), "--config", sorted_mails)
        assert (ended.code, ended.out.startswith(f"2 examples in {file}.")) == (0, True)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        ended = command("corpus", "check", str(file))
        assert (ended.code, ended.err) == (0, "")
        assert ended.out == "2 messages, 1 of them requests; 2 writers; 0 pairs\n"

    def test_a_file_that_cannot_be_written_is_a_sentence(self, command, sorted_mails, tmp_path):
        ended = command("corpus", "export", str(tmp_path / "none" / "staff.jsonl"), "--config", sorted_mails)
        check_sentence(ended, "cannot be written")

    def test_check_names_the_first_faults_and_fails(self, command, tmp_path):
        file = tmp_path / "bad.jsonl"
        row = {"writer": "", "subject": "", "body": "a", "rights": []}
        file.write_text("".join(json.dumps(row | {"body": str(n)}) + "\n" for n in range(12)), "utf-8")
        ended = command("corpus", "check", str(file), str(tmp_path / "none.jsonl"))
        assert ended.code == 1
        assert ended.out.startswith("12 messages, 0 of them requests")
        assert len(ended.err.splitlines()) == 11
        assert "none.jsonl cannot be read" in ended.err
        assert ended.err.endswith("and 3 more\n")
