"""How one is let in on an IMAP connection: by password (RFC 9051 6.2.3, RFC 4616) or by an access token (SASL XOAUTH2)."""

from typing import Any

from imapclient.exceptions import LoginError  # type: ignore[import-untyped]  # ships no types

from inbox_bot.domain.access import AccessToken, TokenSource
from inbox_bot.errors import MailboxError


def log_in(client: Any, *, name: str, username: str, password: str, access: TokenSource | None) -> AccessToken | None:
    """Log in and return the token that was taken, None where it was the password. ``name``: of the mailbox, for errors.

    Raises MailboxError, AccessError, and what imapclient raises.
    """
    if access is not None:
        return _by_token(client, name, username, access)
    # imaplib sends LOGIN's username unquoted and in ASCII alone; AUTHENTICATE PLAIN carries any text (RFC 4616).
    simple = username.isascii() and password.isascii() and not set(username) & set(' "\\(){}%*')
    if not simple and client.has_capability("AUTH=PLAIN"):
        client.plain_login(username, password)
    elif client.has_capability("LOGINDISABLED"):
        raise MailboxError(
            f"{name}: the server takes no password on a connection without encryption.",
            hint='Set security = "tls" (port 993) or "starttls" (port 143).',
        )
    else:
        client.login(username, password)
    return None


def _by_token(client: Any, name: str, username: str, access: TokenSource) -> AccessToken:
    if not client.has_capability("AUTH=XOAUTH2"):
        raise MailboxError(
            f"{name}: the server takes no access tokens (XOAUTH2).",
            hint='Check host: outlook.office365.com for Microsoft, imap.gmail.com for Google; else auth = "password".',
        )
    token = access.token()
    try:
        client.oauth2_login(username, token.value)
    except LoginError:
        # A token may be refused before its end, when the rights it was made with have changed since.
        newer = access.another(token)
        if newer is None:
            raise
        token = newer
        client.oauth2_login(username, token.value)
    return token
