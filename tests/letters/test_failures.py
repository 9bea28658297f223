"""What is wrong with a mailbox, a login or a file is said in Swedish, whichever of the program's sentences it is."""

import ast
import re
import socket
import ssl
from imaplib import IMAP4
from pathlib import Path

import pytest
from imapclient.exceptions import CapabilityError, LoginError

import inbox_bot
from inbox_bot.access.google_oauth import _DELEGATION
from inbox_bot.access.microsoft_msal import _HINTS
from inbox_bot.errors import TemplateError
from inbox_bot.letters.failures import failure_words
from inbox_bot.mailbox.imap_failure import _UNOPENED, failure

PACKAGE = Path(inbox_bot.__file__).parent
STORED = {"MailboxError": "mailbox", "ListFileError": "fulfilment", "AccessError": "access"}
"""Errors whose sentences the digest shows, and the rooms that raise them."""

AT_THE_KEYBOARD = (
    "Port X is taken",
    "There is no login",
    "needs nobody",
    "nobody typed the code",
    "not been begun",
    "nothing to renew the login with",
    "came back",
    "is there already",
    "X cannot be written",
    "was refused (X)",
)
"""What only who types a command is told, and at once."""

ENGLISH = re.compile(r"\b(the|server|check|login|does|not|was|failed|folder)\b(?! login)", re.IGNORECASE)


def sentences():
    """Yield every sentence such an error is raised with, its values as X."""
    for name, room in STORED.items():
        for file in sorted((PACKAGE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == name
                    and node.args
                ):
                    parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                    said = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
                    hint = next((word.value for word in node.keywords if word.arg == "hint"), None)
                    hint = f" {hint.value}" if isinstance(hint, ast.Constant) else ""
                    if re.search(
                        r"[a-z]{3}", said.replace("Login X: ", "")
                    ):  # else it is put together elsewhere: below
                        yield said + hint


@pytest.mark.parametrize(
    "said", sorted(one for one in set(sentences()) if not any(part in one for part in AT_THE_KEYBOARD))
)
def test_every_sentence_has_swedish_words(book, said):
    assert book.failure(said) != book.failure("nothing anyone knows"), said


@pytest.mark.parametrize(
    ("exc", "swedish"),
    [
        (LoginError("[AUTHENTICATIONFAILED] no"), "servern godtar inte inloggningen"),
        (LoginError("[UNAVAILABLE] later"), "tar inte emot fler inloggningar just nu"),
        (ssl.SSLCertVerificationError("no"), "certifikat godtogs inte"),
        (ssl.SSLError("no"), "krypterade anslutningen"),
        (CapabilityError("STARTTLS"), "Kontrollera security"),
        (TimeoutError(), "servern svarar inte"),
        (socket.gaierror(), "serverns namn hittas inte"),
        (ConnectionRefusedError(), "anslutningen bröts"),
        (IMAP4.abort("gone"), "anslutningen bröts"),
        (IMAP4.error("NO"), "sade nej"),
        (ValueError("x"), "som programmet inte förstår"),
    ],
)
def test_every_kind_of_failure_is_said_and_helps(book, exc, swedish):
    if isinstance(exc, ssl.SSLCertVerificationError):
        exc.verify_message = "self-signed certificate"  # which the ssl module sets, not its constructor
    error = failure(exc, mailbox="info", host="imap.example.com", what="logging in", timeout=30)
    said = book.failure(str(error))
    assert swedish in said
    assert not ENGLISH.search(said.replace("host", "")), said
    assert "example.com" not in said


@pytest.mark.parametrize("number", sorted(_HINTS))
def test_each_refusal_of_microsoft_has_a_cure_of_its_own(book, number):
    any_other = book.failure("Login info: Microsoft refused (invalid_client AADSTS1).")
    said = book.failure(f"Login info: Microsoft refused (invalid_client AADSTS{number}). {_HINTS[number]}")
    assert said not in {any_other, book.failure("nothing anyone knows")}
    assert "lösenord" not in said


@pytest.mark.parametrize(
    ("sentence", "swedish"),
    [
        ("Login info: Google refused (unauthorized_client). " + _DELEGATION, "administratören"),
        ("Login info: Google refused (invalid_grant). Log in again: inbox-bot login info", "Kör inbox-bot login"),
        ("Login info: Microsoft gave no token: no answer in time.", "Programmet försöker igen"),
        ("Login info: Microsoft gave no token: its certificate was not accepted.", "ca_file"),
        ("A package is not here that this login needs: msal. pip install 'inbox-bot[microsoft]'", "installeras"),
        ("The Google key file /etc/key.json is of another kind.", "key_file under [google]"),
        ("Mailbox info on h: logging in failed: the server refused the login (X). " + _UNOPENED, "IMAP är på"),
    ],
)
def test_a_login_without_a_password_is_never_told_to_mend_its_password(book, sentence, swedish):
    said = book.failure(sentence)
    assert swedish in said
    assert "lösenord" not in said


def test_what_nobody_foresaw_says_how_to_go_on(book):
    assert book.failure("The sky fell.") == "något är fel. Kör inbox-bot check för att se vad."


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"failure": [], "unknown": {}},
        {"failure": [{"has": ["x"]}], "unknown": {"says": "y"}},
        {"failure": [{"has": [], "says": "z"}], "unknown": {"says": "y"}},
        {"failure": [{"has": [""], "says": "z"}], "unknown": {"says": "y"}},
        {"failure": [], "unknown": {"says": " "}},
    ],
)
def test_bad_words_are_named(document):
    with pytest.raises(TemplateError, match=r"failures\.toml"):
        failure_words(document, "failures.toml")
