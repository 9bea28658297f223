"""google-auth against an authority on this machine: a service account that acts for a mailbox, and a person's login."""

import threading
import urllib.error
import urllib.request
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from google.auth import _exponential_backoff

from inbox_bot.errors import AccessError
from tests.support.authority import USER


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(_exponential_backoff.time, "sleep", lambda _: None)


class Browser:
    """A person at a browser: opens the address that is told, and comes back with an answer."""

    def __init__(self, authority, *, answer="code=the+code"):
        self.authority = authority
        self.answer = answer
        self.pages = []

    def __call__(self, told):
        address = next(line for line in told.splitlines() if line.startswith("https://"))
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.authority.challenge = query["code_challenge"]
        self.query = query
        threading.Thread(target=self._come_back, daemon=True).start()

    def _come_back(self):
        for state in ("a-strangers", self.query["state"]):
            try:
                with urllib.request.urlopen(f"{self.query['redirect_uri']}/?{self.answer}&state={state}") as page:
                    self.pages.append(page.status)
            except urllib.error.HTTPError as refused:
                self.pages.append(refused.code)


def test_a_service_account_acts_for_the_mailbox(keyring, google, authority, clock):
    keeper = keyring(google("service_account")).keeper("info")
    assert authority.opens(USER, keeper.token().value)
    assert keeper.token().renew_at - clock.now() > timedelta(minutes=1)


def test_without_delegation_it_says_whom_to_ask(keyring, google, authority):
    authority.delegated = False
    with pytest.raises(AccessError, match="unauthorized_client") as caught:
        keyring(google("service_account")).keeper("info").token()
    assert not caught.value.temporary
    assert "domain-wide delegation" in caught.value.hint
    assert USER not in str(caught.value)


def test_google_away_may_pass(keyring, google, authority):
    authority.failing = (503, {})
    with pytest.raises(AccessError) as caught:
        keyring(google("service_account")).keeper("info").token()
    assert caught.value.temporary


def test_a_person_logs_in_by_browser_and_the_login_outlives_a_restart(keyring, google, authority, clock):
    browser = Browser(authority)
    keyring(google("installed")).log_in("info", port=0, tell=browser)
    assert browser.query["access_type"] == "offline"
    assert browser.query["scope"] == "https://mail.google.com/"
    for _ in range(2):
        clock.advance(timedelta(hours=2))
        ring = keyring(google("installed"))
        assert authority.opens(USER, ring.keeper("info").token().value)
    assert "180 dagar kvar" in ring.lines()[0]


def test_a_stranger_who_knows_the_port_changes_nothing(keyring, google, authority):
    browser = Browser(authority)
    keyring(google("installed")).log_in("info", port=0, tell=browser)
    assert browser.pages[0] == 404


def test_a_login_that_google_limits_counts_down_whatever_it_is_used(keyring, google, authority, clock):
    authority.limited = 7 * 24 * 3600
    ring = keyring(google("installed"))
    ring.log_in("info", port=0, tell=Browser(authority))
    ends = ring.term("info").record.until
    ring.keeper("info").token()
    assert abs(ring.term("info").record.until - ends) < timedelta(minutes=1)
    assert "7 dagar kvar" in ring.warnings(str)[0]


def test_a_person_who_says_no_leaves_no_login(keyring, google, authority):
    ring = keyring(google("installed"))
    with pytest.raises(AccessError, match="access_denied"):
        ring.log_in("info", port=0, tell=Browser(authority, answer="error=access_denied"))
    assert not ring.term("info").logged_in


def test_a_code_that_google_does_not_know_leaves_no_login(keyring, google, authority):
    with pytest.raises(AccessError, match="invalid_grant"):
        keyring(google("installed")).log_in("info", port=0, tell=Browser(authority, answer="code=another"))


def test_a_revoked_login_is_a_lasting_failure(keyring, google, authority):
    ring = keyring(google("installed"))
    ring.log_in("info", port=0, tell=Browser(authority))
    authority.refresh = ""
    with pytest.raises(AccessError, match="invalid_grant") as caught:
        ring.keeper("info").token()
    assert not caught.value.temporary
    assert caught.value.hint == "Log in again: inbox-bot login info"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"type": "service_account", "client_email": 1}', '{"web": {}}'])
def test_a_key_file_of_another_kind_says_so(keyring, google, tmp_path, content):
    settings = google("installed")
    (tmp_path / "google.json").write_text(content)
    with pytest.raises(AccessError) as caught:
        keyring(settings).keeper("info").token()
    assert not caught.value.temporary
