"""What went wrong with an IMAP server, as a sentence for the person who runs the program.

The server's own words are never repeated, but for the response code in brackets (RFC 5530): they can hold addresses,
and imaplib puts the line it could not read, perhaps a line of a mail, into its errors.
"""

import re
import socket
import ssl
from collections.abc import Iterable
from imaplib import IMAP4

from imapclient.exceptions import CapabilityError, LoginError  # type: ignore[import-untyped]  # ships no types

from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.junk import Folder

# imapclient's parser lets LookupError, TypeError and AttributeError out for answers it does not understand, and the
# standard library ValueError for a socket that another thread has closed: one exception tree is not enough.
TROUBLE = (IMAP4.error, OSError, ValueError, LookupError, TypeError, AttributeError)

_CODE = re.compile(r"\[([A-Z-]{2,40})\]", re.ASCII)
# RFC 5530: the same login may succeed later, without anyone changing anything.
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})
_CONNECTION = "Nothing is lost: the program tries again by itself. If it lasts, check host, port and network."
_ENCRYPTION = (
    "Nothing is lost: the program tries again by itself. If it lasts, check that security and port belong together: "
    "tls with 993, starttls with 143."
)
_UNOPENED = (
    "The token is good, but it does not open this mailbox: check username, and that the account or application was given "
    "the mailbox and its IMAP is on ('Microsoft 365 and Google' in docs/operation.md)."
)
_LOGIN = "Check username and password; many providers want an app password, or IMAP switched on for the mailbox."


def response_code(exc: BaseException) -> str:
    """Return the response code in a refusal, such as ``AUTHENTICATIONFAILED``, or ``""``."""
    found = _CODE.search(str(exc))
    return found.group(1) if found else ""


def failure(
    exc: Exception, *, mailbox: str, host: str, what: str, timeout: float, by_token: bool = False
) -> MailboxError:
    """Return the error to raise for ``exc``, met while doing ``what`` (``"logging in"``). ``timeout`` in seconds.

    ``by_token``: the login was made with an access token, so no password is to blame.
    """
    where = f"Mailbox {mailbox} on {host}: {what} failed:"
    if isinstance(exc, LoginError):
        return _login_failure(exc, where, _UNOPENED if by_token else _LOGIN)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return MailboxError(
            f"{where} the server's certificate was not accepted ({exc.verify_message or 'no reason given'}).",
            hint="Check that the host is the name in the certificate; name the issuer's file in ca_file if it is your own.",
        )
    if isinstance(exc, CapabilityError):
        return MailboxError(
            f"{where} the server does not offer it.",
            hint="Ask the provider which security it offers (tls on port 993 as a rule).",
        )
    hint = _ENCRYPTION if isinstance(exc, ssl.SSLError) else _CONNECTION
    return MailboxError(f"{where} {_reason(exc, timeout)}.", hint=hint, temporary=True)


def missing_folder(there: Iterable[Folder], folder: str, *, mailbox: str, host: str) -> MailboxError | None:
    """Return the error for a refused folder that does not exist; None if it does, and the refusal has another cause."""
    names = sorted(item.name for item in there if item.can_be_opened)
    if folder in names or folder.upper() == "INBOX":
        return None
    shown = ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
    return MailboxError(
        f"Mailbox {mailbox} on {host}: there is no folder {folder}.",
        hint=f"Correct folders in the settings. The server has: {shown or 'none'}.",
    )


def _login_failure(exc: Exception, where: str, hint: str) -> MailboxError:
    # imapclient makes a LoginError of a connection that breaks during the login, too; only its context tells.
    if isinstance(exc.__context__, IMAP4.abort):
        return MailboxError(f"{where} the connection broke.", hint=_CONNECTION, temporary=True)
    code = response_code(exc)
    if code in _PASSING or "too many" in str(exc).lower():
        return MailboxError(
            f"{where} the server takes no login now ({code or 'too many'}).", hint=_CONNECTION, temporary=True
        )
    return MailboxError(f"{where} the server refused the login{f' ({code})' if code else ''}.", hint=hint)


def _reason(exc: Exception, timeout: float) -> str:
    code = response_code(exc)
    sentences: tuple[tuple[type[Exception], str], ...] = (
        (TimeoutError, f"no answer within {timeout:g} seconds"),
        (
            ssl.SSLError,
            f"the encrypted connection could not be made ({getattr(exc, 'reason', None) or 'no reason given'})",
        ),
        (socket.gaierror, "the host name could not be looked up"),
        (OSError, f"the connection failed ({getattr(exc, 'strerror', None) or type(exc).__name__})"),
        (IMAP4.abort, "the connection broke"),
        (IMAP4.error, f"the server refused ({code})" if code else "the server refused"),
    )
    # The first that fits: the special stand before what they are kinds of.
    understood = next((sentence for kind, sentence in sentences if isinstance(exc, kind)), None)
    return understood or f"the server's answer could not be understood ({type(exc).__name__})"
