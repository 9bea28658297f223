"""A letter as the exact bytes that may leave: RFC 5322 and MIME, 7 bits, CRLF, the same bytes for the same letter."""

import hashlib
import re
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueAddressHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, formataddr

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.letters import Envelope, Language, Rendered
from inbox_bot.errors import NotAllowedError
from inbox_bot.letters.cleaning import clean_line, greeting_name

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # printable ASCII without space, < and >
_MOST_REFERENCES = 20


class _Verbatim:
    """A header that is kept as it was given. Mixed into BaseHeader by the registry."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, object]) -> None:
        kwds["decoded"] = value
        kwds["parse_tree"] = None
        kwds["defects"] = []


class _Subject(_Verbatim):
    """The subject. The standard header loses spaces where it folds between letters outside ASCII and plain words."""

    def fold(self: BaseHeader, *, policy: "EmailPolicy[EmailMessage]") -> str:  # type: ignore[misc]  # see _Verbatim
        plain = self.isascii() and "=?" not in self
        charset = "us-ascii" if plain else "utf-8"
        value = Header(str(self), charset, maxlinelen=76, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {value}{policy.linesep}"


class _Mailbox(UniqueAddressHeader):
    """One address with its name, the address on a line of its own where both do not fit; spaces as for ``_Subject``."""

    name: str  # BaseHeader's, which the registry mixes in

    def fold(self, *, policy: "EmailPolicy[EmailMessage]") -> str:
        [mailbox] = self.addresses
        name = mailbox.display_name
        if not name:
            return f"{self.name}: {mailbox.addr_spec}{policy.linesep}"
        if name.isascii():
            words = formataddr((name, "")).removesuffix(" <>")
        else:
            words = Header(name, "utf-8", maxlinelen=76, header_name=self.name).encode(linesep=policy.linesep)
        last = f"{self.name}: {words}".rpartition(policy.linesep)[2]
        gap = " " if len(last) + len(mailbox.addr_spec) < 75 else f"{policy.linesep} "
        return f"{self.name}: {words}{gap}<{mailbox.addr_spec}>{policy.linesep}"


class _MessageIds(_Verbatim):
    """Message-IDs, one a line. The standard header turns an id over 77 characters into encoded words, which breaks it."""

    def fold(self: BaseHeader, *, policy: "EmailPolicy[EmailMessage]") -> str:  # type: ignore[misc]  # see _Verbatim
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split(" ")) + policy.linesep


class _Registry(HeaderRegistry):
    """The standard registry, which makes a new class for each header of each letter: a third of a letter's whole cost."""

    def __getitem__(self, name: str) -> type[BaseHeader]:
        made: dict[str, type[BaseHeader]] = self.__dict__.setdefault("_made", {})
        if name.lower() not in made:
            made[name.lower()] = super().__getitem__(name)
        return made[name.lower()]


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = _Registry()
    registry.map_to_type("subject", _Subject)  # type: ignore[arg-type]  # the registry itself mixes in BaseHeader
    for name in ("from", "to", "reply-to"):
        registry.map_to_type(name, _Mailbox)  # type: ignore[arg-type]  # as above
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _MessageIds)  # type: ignore[arg-type]  # as above
    return SMTP.clone(header_factory=registry, cte_type="7bit")


_POLICY = _policy()


def build(
    *,
    name: str,
    language: Language,
    rendered: Rendered,
    envelope: Envelope,
    sender: str,
    sender_name: str,
    reply_to: str = "",
) -> bytes:
    """Return the MIME bytes of a letter, text and HTML side by side; deterministic for the same arguments.

    Message-IDs in the envelope that a stranger's mail garbled are left out. Raises NotAllowedError for an address that
    no letter can be sent to, without repeating it; ValueError if our own Message-ID is not one.
    """
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        raise ValueError("a Message-ID must be <left@right> in printable ASCII")
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = _address(sender, clean_line(sender_name))
    letter["To"] = _address(envelope.to, greeting_name(envelope.to_name))
    if reply_to and reply_to != sender:
        letter["Reply-To"] = _address(reply_to, clean_line(sender_name))
    letter["Subject"] = clean_line(rendered.subject)
    letter["Date"] = format_datetime(in_utc(envelope.at).astimezone(STOCKHOLM))
    letter["Message-ID"] = envelope.message_id
    _thread(letter, envelope)
    if envelope.automatic:
        letter["Auto-Submitted"] = "auto-replied"
    letter["X-Inbox-Bot-Letter"] = name
    letter.set_content(rendered.text, cte="quoted-printable")
    letter.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    # Not before: turning the letter into a multipart moves each Content-… header down into its first part.
    letter["Content-Language"] = language.value
    # The boundary follows from the Message-ID, so that freezing a letter twice gives the same hash.
    letter.set_boundary(f"=_{hashlib.sha256(envelope.message_id.encode()).hexdigest()[:40]}")
    return letter.as_bytes()


def _thread(letter: EmailMessage, envelope: Envelope) -> None:
    """Set In-Reply-To and References (RFC 5322, 3.6.4), the first and the latest of a long thread."""
    if envelope.in_reply_to and _MESSAGE_ID.fullmatch(envelope.in_reply_to):
        letter["In-Reply-To"] = envelope.in_reply_to
    references = [reference for reference in envelope.references if _MESSAGE_ID.fullmatch(reference)]
    if len(references) > _MOST_REFERENCES:
        references = [references[0], *references[-(_MOST_REFERENCES - 1) :]]
    if references:
        letter["References"] = " ".join(references)


def _address(address: str, name: str) -> Address:
    spec = sendable(address)
    if spec is None:
        # The address is not repeated: the sentence may end in a log.
        raise NotAllowedError(
            "No letter can be sent to this address: it is no mail address, or holds letters outside ASCII before the @.",
            hint="Answer it by hand, from a mail program that knows SMTPUTF8.",
        )
    return Address(display_name=name, addr_spec=spec)
