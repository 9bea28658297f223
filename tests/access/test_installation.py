"""What whoever installs and whoever reads the digest sees of logins."""

import stat
import sys
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from inbox_bot import inspection
from inbox_bot.cli import app
from inbox_bot.clock import stockholm_day
from inbox_bot.demo.smtp_catcher import SmtpCatcher
from inbox_bot.errors import AccessError, SettingsError
from tests.conftest import make_settings
from tests.support.authority import CLIENT, SECRET, TENANT, USER
from tests.support.house import START

BOX = {"host": "127.0.0.1", "username": USER, "auth": "microsoft"}
MICROSOFT = {"tenant": TENANT, "client": CLIENT, "client_secret": SECRET}


@pytest.fixture
def file(tmp_path, monkeypatch, server, certificate):
    """A settings file of an installation at Microsoft by device code, on a database of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "inbox-bot.toml"
    path.write_text(
        f"""
secret = "not a secret, but long enough for one"
[mailbox.info]
host = "127.0.0.1"
username = "{USER}"
auth = "microsoft"
[smtp]
host = "127.0.0.1"
sender = "{USER}"
username = "{USER}"
auth = "microsoft"
[microsoft]
tenant = "{TENANT}"
client = "{CLIENT}"
flow = "device_code"
authority = "{server.url}"
ca_file = "{certificate.ca_file}"
[web]
public_url = "https://arenden.example.se"
[staff]
addresses = ["anna@example.se"]
"""
    )
    return path


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_a_key_is_made_once_for_its_owner_alone(file, tmp_path):
    assert run("key").exit_code == 0
    key = tmp_path / "inbox-bot.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = run("key")
    assert isinstance(again.exception, AccessError)
    assert "left as it is" in str(again.exception)
    assert key.read_bytes() == before


def test_a_person_is_shown_code_and_address_and_the_login_is_stored(file, authority):
    without = run("login", "info")
    assert "'inbox-bot key' makes one" in str(without.exception)
    run("key")
    done = run("login", "info")
    assert done.exit_code == 0, done.exception
    assert "ABCD1234" in done.output
    assert "https://microsoft.example.com/devicelogin" in done.output
    for secret in (authority.refresh, "token-", "@"):
        assert secret not in done.output
    assert authority.refresh.encode() not in (file.parent / "inbox-bot.db").read_bytes()


def findings(settings):
    return {one.part: one for one in inspection._mail(settings)}


def test_check_says_how_long_a_login_lasts_and_tries_it_everywhere(settings, authority, tmp_path):
    with SmtpCatcher(opens=authority.opens) as catcher:
        given = settings(client_secret_expires=stockholm_day(START) + timedelta(days=36500))
        given = given.model_copy(
            update={
                "database": given.database.model_copy(
                    update={"url": type(given.database.url)(f"sqlite:///{tmp_path}/x.db")}
                ),
                "smtp": given.smtp.model_copy(update={"port": catcher.port, "security": "plain"}),
            }
        )
        found = findings(given)
    assert found["login info"].well
    assert "the client secret has" in found["login info"].text
    assert "day(s) left" in found["login info"].text
    assert found["smtp"].well
    assert not found["mailbox info"].well  # nothing listens there
    assert SECRET not in "".join(one.text for one in found.values())


@pytest.mark.parametrize(
    ("module", "auth", "extra"), [("msal", "microsoft", "microsoft"), ("google.auth.exceptions", "google", "google")]
)
def test_check_says_which_extra_is_missing(monkeypatch, tmp_path, settings, google, module, auth, extra):
    given = settings() if auth == "microsoft" else google("service_account")
    given = given.model_copy(
        update={
            "database": given.database.model_copy(
                update={"url": type(given.database.url)(f"sqlite:///{tmp_path}/x.db")}
            )
        }
    )
    for name in ("inbox_bot.access.microsoft_msal", "inbox_bot.access.google_oauth"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    found = findings(given)["login info"]
    assert not found.well
    assert f"pip install 'inbox-bot[{extra}]'" in found.text


def test_the_digest_counts_down_and_warns(build, monkeypatch):
    end = stockholm_day(START) + timedelta(days=10)
    monkeypatch.setenv("INBOX_BOT_MAILBOX__INFO__AUTH", "microsoft")
    house = build(microsoft=MICROSOFT | {"client_secret_expires": end}, access={"warn_days": 14})
    text = house.building.flow.weekly_digest().text
    assert "Inloggningar hos Microsoft och Google" in text
    assert f"10 dagar kvar, klienthemligheten gäller till {end}" in text
    assert "Allt är i ordning" not in text


def test_the_digest_of_an_installation_with_passwords_says_nothing_of_logins(house):
    assert "Inloggningar" not in house.building.flow.weekly_digest().text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"microsoft": MICROSOFT | {"tenant": ""}}, r"microsoft\.tenant is missing"),
        ({"microsoft": MICROSOFT | {"client_secret": ""}}, "client_secret or certificate_file"),
        ({"microsoft": MICROSOFT | {"certificate_file": "a.pem"}}, "one of them"),
        ({"microsoft": MICROSOFT | {"authority": "http://login.example.com"}}, "authority"),
        ({"microsoft": MICROSOFT | {"flow": "password"}}, "flow"),
        ({"mailbox": {"info": BOX | {"password": "x"}}}, r"mailbox\.info: take the password away"),
        ({"mailbox": {"info": BOX | {"auth": "google"}}}, r"google\.key_file is missing"),
        ({"mailbox": {"info": BOX | {"login": "kurs"}}}, r"mailbox\.info\.login must name"),
        ({"mailbox": {"info": {"host": "x", "username": USER, "login": "info"}}}, r"mailbox\.info\.login must name"),
        ({"smtp": {"host": "x", "sender": USER, "auth": "microsoft"}}, "smtp: username is missing"),
    ],
)
def test_settings_that_cannot_work_say_which_and_why(change, words):
    with pytest.raises(SettingsError, match=words):
        make_settings(**{"mailbox": {"info": BOX}, "microsoft": MICROSOFT} | change)


def test_a_login_nobody_shares_is_the_mailboxs_or_the_way_outs_own():
    smtp = {"host": "x", "sender": USER, "username": "ut@example.com", "auth": "microsoft"}
    given = make_settings(mailbox={"info": BOX, "old": {"host": "x", "username": USER}}, smtp=smtp, microsoft=MICROSOFT)
    assert given.logins == {"info": "info", "smtp": "smtp"}
