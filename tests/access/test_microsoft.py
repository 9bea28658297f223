"""msal against an authority on this machine: the application's own access, a person's, and what ends them."""

from datetime import date, timedelta

import pytest

from inbox_bot.clock import stockholm_day
from inbox_bot.errors import AccessError
from inbox_bot.store.unit import Desk
from tests.support.authority import USER
from tests.support.house import START

DEVICE = {"flow": "device_code"}


def logged_in(keyring, settings, **more):
    ring = keyring(settings(**DEVICE, **more))
    ring.log_in("info", port=0, tell=lambda _: None)
    return ring


def test_an_application_gets_a_token_with_its_secret_and_keeps_it_until_it_is_old(keyring, settings, authority, clock):
    keeper = keyring(settings()).keeper("info")
    first = keeper.token()
    assert authority.opens(USER, first.value)
    clock.advance(timedelta(minutes=54))
    assert keeper.token() is first
    clock.advance(timedelta(minutes=2))
    second = keeper.token()
    assert second.value != first.value
    assert [form["scope"] for form in authority.asked] == ["https://outlook.office365.com/.default"] * 2


def test_mailboxes_and_smtp_of_one_account_share_a_login(settings):
    box = {"host": "127.0.0.1", "auth": "microsoft", "username": USER}
    shared = box | {"username": "kurs@example.com", "login": "info"}
    given = settings(**DEVICE, boxes={"info": box, "kurs": shared})
    assert given.logins == {"info": "info", "kurs": "info", "smtp": "info"}


def test_an_application_gets_a_token_with_its_certificate(keyring, settings, authority, rsa):
    ring = keyring(settings(certificate_file=str(rsa)))
    assert authority.opens(USER, ring.keeper("info").token().value)
    assert ring.term("info").ending.on >= stockholm_day(START) - timedelta(days=3650)
    assert "client_assertion" in authority.asked[0]


@pytest.mark.parametrize("content", [None, "nothing", "-----BEGIN CERTIFICATE-----"])
def test_a_certificate_file_that_cannot_be_used_says_so(keyring, settings, tmp_path, content):
    file = tmp_path / "app.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AccessError) as caught:
        keyring(settings(certificate_file=str(file))).keeper("info").token()
    assert not caught.value.temporary
    assert "app.pem" in str(caught.value)
    assert "certificate_file must be" in caught.value.hint


def test_a_wrong_secret_is_a_lasting_failure_that_says_what_to_do_and_names_nobody(keyring, settings, authority):
    authority.secret = "another"
    ring = keyring(settings())
    with pytest.raises(AccessError) as caught:
        ring.keeper("info").token()
    assert not caught.value.temporary
    assert "invalid_client AADSTS7000215" in caught.value.message
    assert "the secret's Value" in caught.value.hint
    assert "@" not in str(caught.value)
    assert "token-secret" not in str(caught.value)
    [warning] = ring.warnings(lambda error: f"sagt på svenska {len(error)}")
    assert "fungerar inte sedan" in warning
    assert "sagt på svenska" in warning
    assert "Microsoft refused" not in warning


def test_a_tenant_that_is_not_there_is_a_lasting_failure(keyring, settings):
    with pytest.raises(AccessError, match="knows no such tenant") as caught:
        keyring(settings(tenant="nobody")).keeper("info").token()
    assert not caught.value.temporary


@pytest.mark.parametrize(
    "answer",
    [(503, {}), (429, {"error": "x"}), (400, {"error": "temporarily_unavailable"})],
    ids=["503", "429", "away"],
)
def test_an_authority_that_is_away_is_asked_again_after_growing_pauses(keyring, settings, authority, clock, answer):
    keeper = keyring(settings()).keeper("info")
    held = keeper.token()
    clock.advance(timedelta(minutes=56))
    asked = len(authority.asked)
    authority.failing = answer
    assert keeper.token() is held, "the old token is good still"
    clock.advance(timedelta(minutes=5))
    with pytest.raises(AccessError) as caught:
        keeper.token()
    assert caught.value.temporary
    authority.failing = None
    with pytest.raises(AccessError):
        keeper.token()
    clock.advance(timedelta(seconds=1))
    with pytest.raises(AccessError):
        keeper.token()
    clock.advance(timedelta(seconds=3))
    assert keeper.token() is not held
    assert len(authority.asked) - asked <= 3


def test_a_person_logs_in_once_and_the_rotated_login_outlives_a_restart(keyring, settings, authority, clock, database):
    authority.pending = 1
    told = []
    ring = keyring(settings(**DEVICE))
    ring.log_in("info", port=0, tell=told.append)
    assert "ABCD1234" in told[0]
    assert "https://microsoft.example.com/devicelogin" in told[0]
    first = authority.refresh
    assert authority.opens(USER, ring.keeper("smtp").token().value)
    second = authority.refresh
    assert second != first
    for _ in range(2):  # each a new process, that must know what the one before was given
        clock.advance(timedelta(hours=2))
        assert authority.opens(USER, keyring(settings(**DEVICE)).keeper("info").token().value)
    with Desk(database).look() as unit:
        record = unit.grants.get("info")
    assert record.version == 4
    for secret in (authority.refresh, second, USER, "token-"):
        assert secret not in record.sealed


def test_two_processes_on_one_login_do_not_shut_each_other_out(keyring, settings, clock):
    one = logged_in(keyring, settings).keeper("info")
    other = keyring(settings(**DEVICE)).keeper("info")
    for keeper in (one, other, one, other):
        clock.advance(timedelta(hours=2))
        assert keeper.token().value


def test_a_revoked_login_is_a_lasting_failure_until_somebody_logs_in_anew(keyring, settings, authority, clock):
    ring = logged_in(keyring, settings)
    authority.refresh = ""
    with pytest.raises(AccessError) as caught:
        ring.keeper("info").token()
    assert not caught.value.temporary
    assert "inbox-bot login info" in caught.value.hint
    assert "invalid_grant AADSTS50173" in str(caught.value)
    # Another process, such as the command, logs in; the one that runs takes it up.
    logged_in(keyring, settings)
    assert ring.keeper("info").token().value
    assert ring.warnings(str) == []


def test_nobody_has_logged_in_yet(keyring, settings):
    ring = keyring(settings(**DEVICE))
    with pytest.raises(AccessError, match="nobody has logged in yet") as caught:
        ring.keeper("info").token()
    assert caught.value.hint == "Run: inbox-bot login info"
    assert "är inte gjord än. Kör inbox-bot login info." in ring.warnings(str)[0]


def test_another_key_opens_nothing_and_says_what_to_do(keyring, settings, authority):
    logged_in(keyring, settings)
    asked = len(authority.asked)
    other = {"key": "b3RoZXJ0ZWVuIGJ5dGVzIGFuZCBzaXh0ZWVuIG1vcmU="}
    with pytest.raises(AccessError, match="locked with another key") as caught:
        keyring(settings(**DEVICE, access=other)).keeper("info").token()
    assert "Put the key back" in caught.value.hint
    assert "inbox-bot login info" in caught.value.hint
    assert not caught.value.temporary
    assert len(authority.asked) == asked


@pytest.mark.parametrize("content", [None, "short"], ids=["none", "no key"])
def test_without_a_key_nobody_is_asked_to_log_in(keyring, settings, authority, tmp_path, content):
    file = tmp_path / "inbox-bot.key"
    if content is not None:
        file.write_text(content)
    ring = keyring(settings(**DEVICE, access={"key": "", "key_file": str(file)}))
    with pytest.raises(AccessError, match=r"inbox-bot\.key") as caught:
        ring.log_in("info", port=0, tell=pytest.fail)
    assert "'inbox-bot key' makes one" in caught.value.hint
    assert authority.asked == []


@pytest.mark.parametrize(
    ("error", "words"),
    [("authorization_declined", "authorization_declined"), ("expired_token", "nobody typed the code in time")],
)
def test_a_person_who_says_no_or_waits_too_long_leaves_no_login(keyring, settings, authority, error, words):
    authority.failing = None
    ring = keyring(settings(**DEVICE))

    def decline(_):
        authority._device_code = lambda _form: (400, {"error": error})

    with pytest.raises(AccessError, match=words):
        ring.log_in("info", port=0, tell=decline)
    assert not ring.term("info").logged_in


def test_the_applications_own_access_needs_nobody_to_log_in(keyring, settings):
    with pytest.raises(AccessError, match="needs nobody to log in"):
        keyring(settings()).log_in("info", port=0, tell=pytest.fail)
    with pytest.raises(AccessError, match="no login kurs"):
        keyring(settings()).log_in("kurs", port=0, tell=pytest.fail)


@pytest.mark.parametrize(("days", "warned"), [(15, False), (14, True), (1, True), (-1, True)])
def test_staff_are_told_in_time_that_the_secret_ends(keyring, settings, days, warned):
    end = stockholm_day(START) + timedelta(days=days)
    ring = keyring(settings(client_secret_expires=end))
    assert bool(ring.warnings(str)) is warned
    assert str(end) in ring.lines()[0]
    if days == 1:
        assert "1 dag kvar, klienthemligheten gäller till" in ring.warnings(str)[0]
    if days == -1:
        assert "klienthemligheten gick ut" in ring.warnings(str)[0]
        assert "correct the date" in ring.report("info")


def test_a_login_nobody_uses_counts_down_from_ninety_days(keyring, settings, clock):
    ring = logged_in(keyring, settings)
    assert "90 dagar kvar" in ring.lines()[0]
    clock.advance(timedelta(days=80))
    assert "10 dagar kvar, den sparade inloggningen gäller till" in ring.warnings(str)[0]
    ring.keeper("info").token()
    assert ring.warnings(str) == []
    assert "90 day(s) left" in ring.report("info")


def test_a_date_stands_in_the_settings_as_a_date(settings):
    assert settings(client_secret_expires="2027-12-31").microsoft.client_secret_expires == date(2027, 12, 31)


def test_a_login_that_cannot_be_stored_is_held_until_it_can(keyring, settings, authority, clock, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from inbox_bot.store.grants import Grants

    ring = logged_in(keyring, settings)
    with monkeypatch.context() as patch:

        def full(*_args, **_more):
            raise OperationalError("UPDATE", {}, Exception("disk full"))

        patch.setattr(Grants, "renew", full)
        with pytest.raises(AccessError, match="does not keep its logins") as caught:
            ring.keeper("info").token()
        assert caught.value.temporary
    asked = len(authority.asked)
    clock.advance(timedelta(seconds=3))
    assert authority.opens(USER, ring.keeper("info").token().value)
    assert len(authority.asked) == asked
    clock.advance(timedelta(hours=2))
    assert keyring(settings(**DEVICE)).keeper("info").token().value


def test_nothing_that_opens_anything_and_no_address_is_logged(keyring, settings, authority, clock, capsys, caplog):
    ring = logged_in(keyring, settings)
    secrets = [authority.refresh, ring.keeper("info").token().value, authority.refresh]
    clock.advance(timedelta(hours=2))
    for answer in ((503, {"access_token": secrets[1]}), (400, {"error": f"no {USER}", "error_description": USER})):
        authority.failing = answer
        with pytest.raises(AccessError) as caught:
            ring.keeper("info").token()
        clock.advance(timedelta(hours=2))
        secrets.append(USER)
        said = "".join(
            (str(caught.value), *capsys.readouterr(), caplog.text, *ring.warnings(str), repr(ring.term("info")))
        )
        assert "info" in said
        assert not [secret for secret in secrets if secret in said]
