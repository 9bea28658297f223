"""OpenID Connect against a real provider on this machine: every claim, signature and document that must not be believed."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inbox_bot.assembly_access import build_sign_in
from inbox_bot.clock import SetClock
from inbox_bot.errors import SettingsError, SignInError
from inbox_bot.settings import OidcSettings
from tests.conftest import make_settings
from tests.support.house import EVA, STAFF, START
from tests.support.oidc import CLIENT, TENANT, Provider, ProviderServer

BACK = "https://arenden.example.se/personal/logga-in/konto/svar"
VERIFIER = "v" * 64


@pytest.fixture
def clock():
    return SetClock(START)


@pytest.fixture
def provider(clock):
    found = Provider(clock=clock, account={"tid": TENANT, "preferred_username": "Anna@example.com"})
    with ProviderServer(found):
        yield found


@pytest.fixture
def ours(provider, clock):
    return build_sign_in(OidcSettings(**provider.settings()), clock)


def code_for(ours, nonce="nonce"):
    address = ours.address(redirect=BACK, state="state", nonce=nonce, verifier=VERIFIER)
    back = httpx.get(address).headers["location"]
    assert back.startswith(f"{BACK}?")
    return parse_qs(urlsplit(back).query)["code"][0]


def account(ours, code="", nonce="nonce", verifier=VERIFIER, redirect=BACK):
    return ours.redeem(code=code or code_for(ours), redirect=redirect, nonce=nonce, verifier=verifier)


def test_an_account_of_the_tenant_is_named_in_small_letters(ours, provider):
    assert account(ours) == STAFF
    assert provider.asked == ["openid-configuration", "token", "keys"]
    account(ours)
    assert provider.asked[3:] == ["token"], "documents and keys are kept"


@pytest.mark.parametrize(
    "more",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another application"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0"},
        {"exp": int(START.timestamp()) - 61},
        {"exp": None},
        {"exp": "soon"},
        {"iat": int(START.timestamp()) + 3600},
        {"nbf": int(START.timestamp()) + 3600},
        {"sub": None},
        {"tid": "99999999-2222-3333-4444-555555555555"},
        {"tid": None},
        {"acct": 1},
        {"idp": "https://sts.windows.net/99999999-2222-3333-4444-555555555555/"},
        {"preferred_username": None, "email": STAFF},
        {"preferred_username": EVA},
        {"preferred_username": ""},
        {"preferred_username": [STAFF]},
        {"preferred_username": "ann\u0430@example.com"},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_is_nobody(ours, provider, more):
    provider.more = more
    if more == {"preferred_username": EVA}:
        assert account(ours) == EVA, "who is listed is for the settings to say"
        return
    with pytest.raises(SignInError) as caught:
        account(ours)
    assert not caught.value.temporary
    assert "@" not in str(caught.value)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
def test_a_token_signed_otherwise_is_nobody(ours, provider, algorithm):
    provider.algorithm = algorithm
    with pytest.raises(SignInError, match="not signed as it must be"):
        account(ours)


@pytest.mark.parametrize("key_id", ["", "first"])
def test_a_token_signed_with_a_key_nobody_publishes_is_nobody(ours, provider, key_id):
    provider.signed_by, provider.key_id = "strangers", key_id
    with pytest.raises(SignInError):
        account(ours)


def test_new_keys_are_fetched_when_they_are_used_and_not_at_every_try(ours, provider, clock):
    account(ours)
    provider.published, provider.signed_by = ["second"], "second"
    clock.advance(timedelta(minutes=2))
    assert account(ours) == STAFF
    before = provider.asked.count("keys")
    provider.signed_by = "strangers"
    for minutes, asked in ((0, 0), (0, 0), (2, 1), (0, 1)):
        clock.advance(timedelta(minutes=minutes))
        with pytest.raises(SignInError, match="does not publish"):
            account(ours)
        assert provider.asked.count("keys") == before + asked


def test_a_key_that_is_no_longer_published_is_forgotten_in_time(ours, provider, clock):
    account(ours)
    provider.published = ["second"]
    clock.advance(timedelta(hours=12))
    with pytest.raises(SignInError, match="does not publish"):
        account(ours)


def test_a_code_works_once_with_its_own_verifier_and_place(ours):
    code = code_for(ours)
    assert account(ours, code) == STAFF
    for again in (
        {"code": code},
        {"verifier": "w" * 64},
        {"redirect": "https://evil.example.org/"},
        {"code": "made-up"},
    ):
        with pytest.raises(SignInError, match=r"refused the code \(invalid_grant\)") as caught:
            account(ours, **again)
        assert "@" not in str(caught.value), "a provider's description may name the person"


@pytest.mark.parametrize(
    ("more", "opens"),
    [
        ({}, True),
        ({"hd": "example.org"}, False),
        ({"hd": None}, False),
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email": None}, False),
    ],
    ids=str,
)
def test_google_vouches_for_the_address_and_the_domain(provider, clock, more, opens):
    provider.account, provider.more = {"email": STAFF, "email_verified": True, "hd": "example.com"}, more
    ours = build_sign_in(OidcSettings(**provider.settings("google")), clock)
    if opens:
        assert account(ours) == STAFF
        return
    with pytest.raises(SignInError):
        account(ours)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_provider_in_trouble_is_a_passing_trouble(ours, provider, status):
    code = code_for(ours)
    provider.failing = status
    with pytest.raises(SignInError) as caught:
        account(ours, code)
    assert caught.value.temporary or status != 500


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_document_that_leads_out_of_https_is_not_followed(ours, provider, monkeypatch, name):
    told = provider.get

    def worse(path):
        status, said = told(path)
        return status, said | ({name: "http://evil.example.org/"} if "issuer" in said else {})

    monkeypatch.setattr(provider, "get", worse)
    with pytest.raises(SignInError, match=f"no safe {name}"):
        account(ours)


def test_another_issuers_document_is_not_believed(ours, provider):
    provider.says_issuer = "https://evil.example.org"
    with pytest.raises(SignInError, match="names another issuer"):
        account(ours)


def test_keys_of_unknown_kinds_do_no_harm(ours, provider, monkeypatch):
    told = provider.get

    def more(path):
        status, said = told(path)
        odd = [{"kty": "AKP", "kid": "x"}, {"kty": "RSA", "kid": "y", "use": "enc"}, {"kty": "RSA", "kid": "z"}]
        return status, {"keys": [*odd, *said["keys"]]} if "keys" in said else said

    monkeypatch.setattr(provider, "get", more)
    assert account(ours) == STAFF


@pytest.mark.parametrize(
    ("oidc", "said"),
    [
        ({"provider": "microsoft", "tenant": "common"}, "tenant"),
        ({"provider": "microsoft"}, "tenant is missing"),
        ({"provider": "microsoft", "tenant": TENANT, "issuer": "https://login.example.com/common/v2.0"}, "tenant's id"),
        ({"provider": "google"}, "domain is missing"),
        ({"provider": "other"}, "issuer is missing"),
        ({"provider": "other", "issuer": "http://login.example.com"}, "https://"),
        ({"provider": "other", "issuer": "https://accounts.google.com"}, 'provider = "google"'),
        ({"provider": "other", "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0"}, 'provider = "microsoft"'),
        ({"provider": "google", "domain": "example.com", "client": ""}, "client is missing"),
        ({"provider": "google", "domain": "example.com", "client_secret": ""}, "client_secret is missing"),
        ({"provider": "google", "domain": "example.com", "accounts": {"a@example.com": EVA}}, "staff.addresses"),
    ],
    ids=str,
)
def test_settings_that_would_let_others_in_are_refused(oidc, said):
    with pytest.raises(SettingsError, match=re.escape(said)):
        make_settings(login={"oidc": {"client": CLIENT, "client_secret": "x"} | oidc})
