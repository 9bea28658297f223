"""What a letter needs of the server that takes it, and what the server's answers mean for the letter."""

import re
import socket
import ssl
from collections.abc import Container
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Self

import aiosmtplib

from inbox_bot.errors import AccessError
from inbox_bot.outbox.transport import Attempt, Fate

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)", re.ASCII)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(<[!-~]{1,998}>)")
_MOST_HEADERS = 20_000
# RFC 3461: ENVID at most 100 characters (4.4), ORCPT at most 500 (4.2) with its "rfc822;".
_LONGEST_ENVID = 100
_LONGEST_ORCPT = 493
_LEADING_DOT = re.compile(rb"(?m)^\.")
_UNUSABLE = re.compile(r"[\x00-\x20\x7f<>,]|^@|@$")
# RFC 4954 6: the server wants a login it did not get. Every letter would fail, and none is at fault.
_LOGIN_WANTED = frozenset({530, 534, 535, 538})
# RFC 5321 4.2.2: 503 bad sequence of commands. The conversation went wrong, not the letter.
_CONFUSED = frozenset({503})


@dataclass(frozen=True, kw_only=True)
class Handover:
    """One letter for one recipient, its addresses seen to be usable."""

    sender: str
    recipient: str
    content: bytes

    @classmethod
    def prepare(cls, *, sender: str, recipient: str, content: bytes) -> Self | Attempt:
        """Return the handover, or the refusal where an address cannot be said in SMTP. ``sender`` may be empty (<>)."""
        if (sender and not _is_usable(sender)) or not _is_usable(recipient):
            return Attempt(fate=Fate.REFUSED, answer="553 5.1.3 (own check: the address cannot be used)")
        return cls(sender=sender, recipient=recipient, content=content)

    @property
    def encoding(self) -> str:
        """The encoding of the addresses in the commands."""
        return "ascii" if (self.sender + self.recipient).isascii() else "utf-8"

    def lines(self) -> bytes:
        """Return the letter as it travels: CRLF line ends, the last line ended, leading dots doubled (RFC 5321 4.5.2)."""
        lines = _LINE_END.sub(b"\r\n", self.content)
        if not lines.endswith(b"\r\n"):
            lines += b"\r\n"
        return _LEADING_DOT.sub(b"..", lines)

    def refusal_by(self, extensions: Container[str]) -> Attempt | None:
        """Return the refusal where the server lacks an extension that the letter cannot do without."""
        if self.encoding != "ascii" and "smtputf8" not in extensions:
            return Attempt(fate=Fate.REFUSED, answer="553 5.6.7 (own check: the server takes only ASCII addresses)")
        if not self.content.isascii() and "8bitmime" not in extensions:
            return Attempt(fate=Fate.REFUSED, answer="554 5.6.3 (own check: the server takes only 7-bit letters)")
        return None

    def options_for(self, extensions: Container[str]) -> list[str]:
        """Return the options of MAIL FROM (RFC 1870, 6152, 6531, 3461)."""
        options = [f"SIZE={len(self.content)}"] if "size" in extensions else []
        if not self.content.isascii():
            options.append("BODY=8BITMIME")
        if self.encoding != "ascii":
            options.append("SMTPUTF8")
        if "dsn" in extensions:
            # Headers alone come back: a report that goes astray gives away nothing of what stood in the letter.
            options.append("RET=HDRS")
            identity = xtext(self._message_id())
            if 0 < len(identity) <= _LONGEST_ENVID:
                options.append(f"ENVID={identity}")
        return options

    def recipient_options_for(self, extensions: Container[str]) -> list[str]:
        """Return the options of RCPT TO (RFC 3461, 4.1 and 4.2): what we want to be told, and of whom."""
        if "dsn" not in extensions:
            return []
        options = ["NOTIFY=FAILURE,DELAY"]
        if self.encoding == "ascii" and len(said := xtext(self.recipient)) <= _LONGEST_ORCPT:
            options.append(f"ORCPT=rfc822;{said}")
        return options

    def _message_id(self) -> str:
        found = _MESSAGE_ID.search(self.content, 0, _MOST_HEADERS)
        return found[1].decode("ascii", "replace") if found else ""


def xtext(text: str) -> str:
    """Return a text as a parameter's value (RFC 3461, 4): what is no plain sign as a plus and two hexadecimal digits."""
    return "".join(sign if "!" <= sign <= "~" and sign not in "+=" else f"+{ord(sign):02X}" for sign in text)


def fate_of(code: int, *, after_letter: bool) -> Fate:
    """Return what a reply code means for the letter; ``after_letter``: it answers the final dot."""
    if after_letter and 200 <= code < 300:
        return Fate.ACCEPTED
    if code in _LOGIN_WANTED or code in _CONFUSED:
        return Fate.DEFERRED
    if 500 <= code < 600:
        return Fate.REFUSED
    if 400 <= code < 500 or not after_letter:
        return Fate.DEFERRED
    # Something that is no SMTP reply: the letter may have been taken.
    return Fate.UNKNOWN


def answer_of(code: int, message: str) -> str:
    """Return the code and the enhanced status (RFC 3463) alone: the words after them often repeat the address."""
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced.group(1)}" if enhanced else str(code)


def connection_trouble(exc: BaseException) -> str:
    """Return in a few words, without addresses, why there is no usable connection."""
    root = _root(exc)
    if isinstance(exc, AccessError):
        return "no access token could be had" if exc.temporary else "the access has ended: see inbox-bot check"
    if isinstance(exc, aiosmtplib.SMTPResponseException):
        refused = isinstance(exc, aiosmtplib.SMTPAuthenticationError)
        words = "the login was refused" if refused else "the server does not serve us now"
        return f"{answer_of(exc.code, exc.message)} {words}"
    found = {
        ssl.SSLCertVerificationError: f"the certificate was not accepted ({getattr(root, 'verify_message', '')})",
        ssl.SSLError: "the encrypted connection could not be made",
        TimeoutError: "no answer in time",
        socket.gaierror: "the host name could not be looked up",
        aiosmtplib.SMTPServerDisconnected: "the connection broke",
    }
    words = next((words for kind, words in found.items() if isinstance(root, kind)), "")
    if words:
        return words
    if isinstance(root, aiosmtplib.SMTPException):
        return _not_offered(root.message)
    if isinstance(root, FileNotFoundError | PermissionError):
        return "the certificates in ca_file cannot be read"
    return f"no connection ({getattr(root, 'strerror', None) or type(root).__name__})"


def hint_for(exc: BaseException, *, by_token: bool = False) -> str:
    """Return what a person may do about trouble with the connection. ``by_token``: there is no password to blame."""
    root = _root(exc)
    if by_token and isinstance(exc, aiosmtplib.SMTPAuthenticationError):
        return (
            "The token is good, but not for sending as this account: check username, that it may send, and that SMTP AUTH is "
            "on for the mailbox ('Microsoft 365 and Google' in docs/operation.md)."
        )
    if isinstance(exc, aiosmtplib.SMTPAuthenticationError):
        return "Check username and password; many providers want an app password."
    if isinstance(root, ssl.SSLError):
        return "Check that host is the name in the certificate; name the issuer's file in ca_file if it is your own."
    if type(root) is aiosmtplib.SMTPException:
        return "Check security: tls is usual on port 465, starttls on port 587."
    return "Check host, port and security; is the server up, and does a firewall let this machine through?"


def _not_offered(message: str) -> str:
    # aiosmtplib has no class of its own for what a server does not offer, only these sentences.
    if "XOAUTH2" in message:
        return "the server takes no access tokens (XOAUTH2) on this connection"
    if "AUTH" in message or "authentication" in message:
        return "the server offers no login on this connection"
    if "STARTTLS" in message:
        return "the server does not offer STARTTLS, and nothing is sent without it"
    return "the connection could not be made"


def _root(exc: BaseException) -> BaseException:
    """Return what lies beneath aiosmtplib's own connection errors, which repeat host and cause in one text."""
    while (
        isinstance(exc, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPServerDisconnected) and exc.__cause__ is not None
    ):
        exc = exc.__cause__
    return exc


def _is_usable(address: str) -> bool:
    # aiosmtplib sends what parseaddr makes of an address: a comment in it, say, would be left out unseen.
    return "@" in address and not _UNUSABLE.search(address) and parseaddr(address)[1] == address
