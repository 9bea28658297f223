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
from inbox_bot.errors import TemplateError
from inbox_bot.letters.failures import failure_words
from inbox_bot.mailbox.imap_failure import failure

PACKAGE = Path(inbox_bot.__file__).parent
STORED = {"MailboxError": "mailbox", "ListFileError": "fulfilment"}
"""Errors whose sentences the digest shows, and the rooms that raise them."""

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
                    if re.search(r"[a-z]{3}", said):  # else it is put together elsewhere: below
                        yield said


@pytest.mark.parametrize("said", sorted(set(sentences())))
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
