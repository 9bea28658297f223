"""Tests every part an installation needs, and says of each what to do if it fails. Secrets are never shown."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from inbox_bot import assembly
from inbox_bot.access.keyring import Keyring
from inbox_bot.clock import SystemClock
from inbox_bot.errors import InboxBotError
from inbox_bot.settings import Settings, find_file, rules_folders, template_folders
from inbox_bot.web.wording import read_words


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one test showed: how the part is, or what is wrong and what to do."""

    part: str
    well: bool
    text: str


def inspect(settings: Settings) -> Iterator[Finding]:
    """Test the parts one by one; a part that fails does not stop the tests behind it."""
    yield Finding(part="settings", well=True, text=_described(settings))
    yield from _mail(settings)
    yield _tried("database", lambda: assembly.database_report(settings))
    yield _tried("retention", lambda: assembly.retention_report(settings))
    yield _tried("letters", lambda: assembly.letters_report(settings))
    yield _tried("pages", lambda: _pages(settings))
    yield _tried("company facts", lambda: assembly.company_report(settings))
    yield _tried("rules", lambda: _rules(settings))
    yield _tried("proof", lambda: assembly.proof_report(settings))
    yield _tried("returns", lambda: assembly.returns_report(settings))
    yield _tried("people", lambda: assembly.people_report(settings))
    yield _tried("acting", lambda: assembly.acting_report(settings))
    yield _tried("breaches", lambda: assembly.breach_report(settings))
    yield _tried("suppression list", lambda: assembly.suppression_report(settings))
    yield _tried("notify", lambda: assembly.notify_report(settings))
    yield _tried("watch", lambda: assembly.watch_report(settings))
    yield _tried("staff login", lambda: assembly.login_report(settings))
    yield _tried("public address", lambda: _public_address(settings))


def _mail(settings: Settings) -> Iterator[Finding]:
    """Test every login at a provider, then every mailbox, then the way out."""
    try:
        with assembly.opened_keyring(settings, SystemClock()) as keyring:
            for login in keyring.keepers:
                yield _tried(f"login {login}", lambda login=login: keyring.report(login))  # type: ignore[misc]
            for name in settings.mailbox:
                yield from _mail_of(settings, name, keyring)
            yield _tried("smtp", lambda: asyncio.run(_smtp(settings, keyring)))
    except InboxBotError as error:
        yield Finding(part="logins", well=False, text=str(error))


def _mail_of(settings: Settings, name: str, keyring: Keyring) -> Iterator[Finding]:
    read = _tried(f"mailbox {name}", lambda: _mailbox(settings, name, keyring))
    yield read
    if read.well:  # A second login would fail like the first.
        yield _tried(f"senders {name}", lambda: assembly.sender_report(settings, name, keyring))
        yield _tried(f"beside {name}", lambda: assembly.beside_report(settings, name, keyring))


def _tried(part: str, test: Callable[[], str]) -> Finding:
    try:
        return Finding(part=part, well=True, text=test())
    except InboxBotError as error:
        return Finding(part=part, well=False, text=str(error))


def _described(settings: Settings) -> str:
    staff = len(settings.staff.addresses)
    return f"read; {len(settings.mailbox)} mailbox(es), {staff} staff address(es), secret and passwords ********"


def _mailbox(settings: Settings, name: str, keyring: Keyring) -> str:
    source = assembly.imap_source(name, settings.mailbox[name], SystemClock(), keyring)
    try:
        source.open()
        folders = source.folders()
        for folder in folders:
            source.select(folder)
        idle = "IDLE" if "IDLE" in source.capabilities() else "no IDLE: looks every poll_seconds"
        return f"logged in, reads {', '.join(folders)}, {idle}"
    finally:
        source.close()


async def _smtp(settings: Settings, keyring: Keyring) -> str:
    transport = assembly.smtp_transport(settings.smtp, keyring)
    try:
        return await transport.probe()
    finally:
        await transport.close()


def _rules(settings: Settings) -> str:
    problems = assembly.rule_problems(settings.files)
    if problems:
        raise InboxBotError(" ".join(problems[:3]), hint="Mend these under rules/phrases, then check again.")
    return f"read from {find_file(rules_folders(settings.files), 'phrases')}, all examples hold"


def _pages(settings: Settings) -> str:
    read_words([folder / "pages" for folder in template_folders(settings.files)])
    return "every word they need is there"


def _public_address(settings: Settings) -> str:
    url = urlsplit(settings.web.public_url)
    if url.hostname in {"localhost", "127.0.0.1", "::1"}:
        return f"{settings.web.public_url} works on this machine only: people who get letters cannot open their link"
    if url.scheme != "https":
        raise InboxBotError(
            f"{settings.web.public_url} is not encrypted, and the links in letters are secrets.",
            hint="Put the pages behind HTTPS and write https:// in [web] public_url.",
        )
    if (url.hostname or "").endswith((".example.com", ".example.org", ".example.se")):
        raise InboxBotError(
            "[web] public_url is still the example.", hint="Write the address people reach the pages by."
        )
    return f"{settings.web.public_url}, pages listen on {settings.web.host}:{settings.web.port}"
