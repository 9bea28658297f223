"""Settings: one file, the environment over it, a sentence for every mistake, and no secret shown."""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from inbox_bot.errors import SettingsError
from inbox_bot.settings import (
    FileSettings,
    Settings,
    build_settings,
    find_file,
    read_settings,
    rules_folders,
    template_folders,
)

SECRET = "a secret of more than thirty-two characters"
WELL = f"""
secret = "{SECRET}"
[mailbox.info]
host = "imap.example.com"
username = "Info@Example.com"
password = "hemligt"
addresses = ["Kurs@Example.com"]
[smtp]
host = "smtp.example.com"
sender = "info@example.com"
[web]
public_url = "https://arenden.example.com/"
[staff]
addresses = ["Anna@Example.com"]
"""


def test_mail_servers_are_named_in_small_letters_for_each_mailbox():
    import tomllib

    known = tomllib.loads(WELL)
    known["mailbox"]["info"]["trusted_servers"] = ["MX.Example.COM.", " *.mail.example.com", "OpenDMARC"]
    found = build_settings(known)
    assert found.trusted_servers == {"info": frozenset({"mx.example.com", "*.mail.example.com", "opendmarc"})}
    assert build_settings(tomllib.loads(WELL)).trusted_servers == {"info": frozenset()}


@pytest.mark.parametrize(
    "name", ["", " ", "*.", "*.com", "mx.*.com", "a b", "mx.example.com;", "info@example.com", "spf=pass"]
)
def test_what_is_no_mail_servers_name_is_said_with_its_place(name):
    import tomllib

    known = tomllib.loads(WELL)
    known["mailbox"]["info"]["trusted_servers"] = [name]
    with pytest.raises(SettingsError, match=r"mailbox\.info\.trusted_servers\.0"):
        build_settings(known)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith("INBOX_BOT_") and name != "INBOX_BOT_TEST_ALL":
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "inbox-bot.toml"
    path.write_text(WELL, encoding="utf-8")
    return path


def mistakes(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    return str(caught.value)


def test_a_file_that_is_well(file):
    settings = read_settings(file)
    assert settings.secret.get_secret_value() == SECRET
    assert settings.mailbox["info"].security == "tls"
    assert settings.smtp.security == "starttls"
    assert settings.web.public_url == "https://arenden.example.com"
    assert settings.staff.addresses == ("anna@example.com",)
    assert settings.own_addresses == {"info@example.com", "kurs@example.com"}
    assert settings.never_write == settings.own_addresses


def test_a_username_that_is_no_address_is_none_of_ours(file):
    file.write_text(WELL.replace("Info@Example.com", "inforeader"), encoding="utf-8")
    assert read_settings(file).own_addresses == {"info@example.com", "kurs@example.com"}


def test_the_environment_wins_over_the_file_and_the_rest_stays(file, monkeypatch):
    monkeypatch.setenv("INBOX_BOT_SMTP__PASSWORD", "other")
    monkeypatch.setenv("INBOX_BOT_MAILBOX__INFO__PASSWORD", "another")
    monkeypatch.setenv("INBOX_BOT_IDENTITY__VALID_DAYS", "3")
    settings = read_settings(file)
    assert settings.smtp.password.get_secret_value() == "other"
    assert settings.smtp.host == "smtp.example.com"
    assert settings.mailbox["info"].password.get_secret_value() == "another"
    assert settings.mailbox["info"].host == "imap.example.com"
    assert settings.identity.valid_days == 3


def test_the_file_is_found_by_the_environment_or_in_the_folder_one_stands_in(file, monkeypatch, tmp_path):
    monkeypatch.setenv("INBOX_BOT_FILE", str(file))
    assert read_settings().smtp.host == "smtp.example.com"
    monkeypatch.delenv("INBOX_BOT_FILE")
    monkeypatch.chdir(tmp_path)
    assert read_settings().smtp.host == "smtp.example.com"


def test_settings_are_frozen_and_show_no_secret(file):
    settings = read_settings(file)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in shown
        assert "hemligt" not in shown
    with pytest.raises(ValueError, match="frozen"):
        settings.smtp.host = "evil.example.com"


def test_no_file(tmp_path):
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path / "none.toml")
    assert "none.toml" in caught.value.message
    assert "inbox-bot init" in caught.value.hint


def test_a_file_that_is_no_toml_or_no_text(file):
    assert "not valid TOML" in mistakes(file, "secret = ")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(file.parent)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('host = "smtp.example.com"\n', "", "smtp.host is missing."),
        (f'secret = "{SECRET}"', "", "secret is missing."),
        (SECRET, "too short", "secret: needs at least 32 characters"),
        ('host = "imap.example.com"', 'hots = "imap.example.com"', "mailbox.info.hots is not a setting."),
        ('sender = "info@example.com"', 'sender = "info"', "smtp.sender: 'info' is not a mail address."),
        ('"Anna@Example.com"', '"anna@example.com\\nBcc: x@example.com"', "is not a mail address"),
        ("https://arenden.example.com/", "arenden.example.com", "web.public_url: write the whole address"),
        ("https://arenden.example.com/", "https://x.example.com/?a=1", "web.public_url: write the whole address"),
        ("https://arenden.example.com/", "javascript:alert(1)", "web.public_url: write the whole address"),
        ('addresses = ["Anna@Example.com"]', "addresses = []", "staff.addresses:"),
        ("[web]", "[webb]", "webb is not a setting."),
        ('password = "hemligt"', 'security = "none"', "mailbox.info.security:"),
        ('password = "hemligt"', "port = 70000", "mailbox.info.port:"),
        ('password = "hemligt"', "poll_seconds = 0", "mailbox.info.poll_seconds:"),
    ],
)
def test_each_mistake_is_a_sentence_that_names_its_place(file, before, after, said):
    assert before in WELL
    found = mistakes(file, WELL.replace(before, after, 1))
    assert said in found
    assert str(file) in found
    assert SECRET not in found
    assert "hemligt" not in found


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (
            'file = "people.csv"\nurl = "sqlite:///x"\nquery = ":address"',
            "people: give either a file, or url and query.",
        ),
        ('url = "postgresql://reader:hemligt@db/x"', "people: url and query go together."),
        ('query = "SELECT :address"', "people: url and query go together."),
        ('url = "postgresql://reader:hemligt@db/x"\nquery = "SELECT 1"', "as :address."),
        ('kind = "x"', "people.kind is not a setting."),
    ],
)
def test_a_register_is_looked_up_one_way(file, people, said):
    found = mistakes(file, f"{WELL}[people]\n{people}\n")
    assert said in found
    assert "hemligt" not in found


def test_a_registers_password_is_kept_from_sight(file):
    file.write_text(f'{WELL}[people]\nurl = "postgresql://reader:hemligt@db/x"\nquery = "SELECT :address"\n', "utf-8")
    settings = read_settings(file)
    assert "hemligt@" in settings.people.url.get_secret_value()
    assert "hemligt" not in repr(settings)


def test_all_mistakes_are_told_at_once(file):
    found = mistakes(file, WELL.replace("[web]", "[webb]").replace(SECRET, "short"))
    for said in ("secret:", "web is missing.", "webb is not a setting."):
        assert said in found


def test_a_wrong_secret_is_not_repeated(file):
    assert "kort hemlis" not in mistakes(file, WELL.replace(SECRET, "kort hemlis"))


def test_no_mailbox_at_all(file):
    text = WELL.split("[mailbox.info]", maxsplit=1)[0] + "[smtp]" + WELL.split("[smtp]")[1]
    assert "mailbox is missing." in mistakes(file, text)


def test_the_companys_own_folder_is_looked_in_before_the_shipped_one(tmp_path):
    own = tmp_path / "rules"
    own.mkdir()
    (own / "controller.toml").write_text("x = 1")
    folders = rules_folders(FileSettings(rules=str(own)))
    assert find_file(folders, "controller.toml") == own / "controller.toml"
    assert find_file(folders, "phrases").parent == folders[-1]
    assert template_folders(FileSettings())[0].is_dir()
    with pytest.raises(SettingsError, match="no folder"):
        rules_folders(FileSettings(rules=str(tmp_path / "none")))
    with pytest.raises(SettingsError, match=r"none\.toml"):
        find_file(folders, "none.toml")


def test_everything_called_a_password_or_a_secret_is_kept_from_sight():
    seen = []

    def walk(model):
        for name, field in model.model_fields.items():
            if name in {"password", "secret"}:
                seen.append(field.annotation is SecretStr)
            for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    walk(inner)

    walk(Settings)
    assert len(seen) >= 3
    assert all(seen)


def test_settings_given_in_the_program_are_checked_in_the_same_way():
    with pytest.raises(SettingsError, match="the given settings: secret is missing"):
        build_settings({})
    assert Path.cwd()


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"bo@example.com": "admin"}, "which is not in addresses"),
        ({"anna@example.com": "handle"}, "lets nobody approve"),
        ({"anna@example.com": "chef"}, r"staff\.roles\.anna@example\.com"),
    ],
)
def test_roles_that_cannot_be_are_said(roles, said):
    import tomllib

    known = tomllib.loads(WELL)
    known["staff"]["roles"] = roles
    with pytest.raises(SettingsError, match=said):
        build_settings(known)


def test_who_is_not_named_is_admin_and_the_environment_names_roles(file, monkeypatch):
    monkeypatch.setenv("INBOX_BOT_STAFF__ADDRESSES", '["anna@example.com", "bo@example.com"]')
    monkeypatch.setenv("INBOX_BOT_STAFF__ROLES", '{"BO@example.com": "read"}')
    staff = read_settings(file).staff
    assert [staff.role_of(one) for one in ("anna@example.com", "bo@example.com", "eva@example.com")] == [
        "admin",
        "read",
        None,
    ]


def test_each_of_the_staff_may_have_hours_of_their_own(file):
    from datetime import time

    from inbox_bot.assembly import notify_report, staff_hours

    text = WELL + '[notify]\nbegins = "08:15"\n[notify.person."Anna@Example.com"]\nends = "16:00"\ndays_off = true\n'
    file.write_text(text, encoding="utf-8")
    settings = read_settings(file)
    hours = staff_hours(settings)["anna@example.com"]
    assert (hours.on, hours.begins, hours.ends, hours.days_off) == (True, time(8, 15), time(16), True)
    assert "08:15-16:00 every day" in notify_report(settings)
    file.write_text(WELL + "[notify]\non = false\n", encoding="utf-8")
    assert "nobody is mailed" in notify_report(read_settings(file))


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("begins = 7", "notify.begins"),
        ('begins = "04:59"', "nobody is mailed at night"),
        ('ends = "23:00"', "notify.ends"),
        ('begins = "18:00"', "begins must be earlier in the day than ends"),
        ('[notify.person."bo@example.com"]\non = true', "bo@example.com is not among staff.addresses"),
        ('[notify.person."anna@example.com"]\nends = "07:00"', "person.anna@example.com: begins must be earlier"),
    ],
)
def test_hours_that_cannot_be_meant_are_named(file, lines, named):
    assert named in mistakes(file, f"{WELL}[notify]\n{lines}\n")
