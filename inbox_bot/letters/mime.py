"""A letter as the exact bytes that may leave: RFC 5322 and MIME, 7 bits, CRLF, the same bytes for the same letter.

Written out line by line: the library's EmailMessage parses each header it is given, which took ten times as long as the
rest of a letter's freezing, and its folding loses spaces between encoded and plain words.
"""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr
from functools import lru_cache

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.attachment import AttachedFile
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.letters import Envelope, Language, Rendered
from inbox_bot.errors import NotAllowedError
from inbox_bot.letters.cleaning import clean_line, greeting_name

# What Exchange is asked not to send (MS-OXCMAIL 2.1.3.2.20): nobody here reads receipts and absence messages. Not "All": that
# takes in NDR, and a letter that did not arrive must come back (law.md 5.2).
# No Precedence: RFC 3834 (3.1.8) discourages it, old servers return nothing of mail that bears it, and filters file it as bulk.
# No List-Unsubscribe (RFC 2369): each letter answers one person's own request; there is no list to leave.
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # printable ASCII without space, < and >
_MOST_REFERENCES = 20
_CRLF = "\r\n"
_LOOSE_END = re.compile(r"\r(?!\n)|(?<!\r)\n|\r\n(?![ \t])")


def build(
    *,
    name: str,
    language: Language,
    rendered: Rendered,
    envelope: Envelope,
    sender: str,
    sender_name: str,
    reply_to: str = "",
    files: Sequence[AttachedFile] = (),
) -> bytes:
    """Return the MIME bytes of a letter, text and HTML side by side, files after them; deterministic for the same arguments.

    Message-IDs in the envelope that a stranger's mail garbled are left out. Raises NotAllowedError for an address that
    no letter can be sent to, without repeating it; ValueError if our own Message-ID is not one.
    """
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        raise ValueError("a Message-ID must be <left@right> in printable ASCII")
    # The boundary follows from the Message-ID, so that freezing a letter twice gives the same hash.
    boundary = f"=_{hashlib.sha256(envelope.message_id.encode()).hexdigest()[:40]}"
    headers = [
        ("From", _mailbox("From", clean_line(sender_name), _spec(sender))),
        ("To", _mailbox("To", greeting_name(envelope.to_name), _spec(envelope.to))),
    ]
    if reply_to and reply_to != sender:
        headers.append(("Reply-To", _mailbox("Reply-To", clean_line(sender_name), _spec(reply_to))))
    headers += [
        ("Subject", _words("Subject", clean_line(rendered.subject))),
        ("Date", format_datetime(in_utc(envelope.at).astimezone(STOCKHOLM))),
        ("Message-ID", envelope.message_id),
        *_thread(envelope),
    ]
    if envelope.automatic:
        # RFC 3834, 5: a reply answers a mail; a reminder, or a link to somebody else, is generated.
        headers.append(("Auto-Submitted", "auto-replied" if envelope.in_reply_to else "auto-generated"))
    headers += [
        ("X-Auto-Response-Suppress", _SUPPRESSED),
        ("X-Inbox-Bot-Letter", name),
        ("MIME-Version", "1.0"),
    ]
    language_line = ("Content-Language", language.value)
    if not files:
        return _alternatives([*headers, _multipart("alternative", boundary), language_line], boundary, rendered)
    outer = f"{boundary}_"
    parts = [_alternatives([_multipart("alternative", boundary), language_line], boundary, rendered)]
    parts += [_file(file) for file in files]
    return _joined([*headers, _multipart("mixed", outer)], outer, parts)


def _alternatives(headers: Sequence[tuple[str, str]], boundary: str, rendered: Rendered) -> bytes:
    """Return headers and both alternatives (RFC 2046, 5.1)."""
    return _joined(headers, boundary, [_part("plain", rendered.text), _part("html", rendered.html)])


def _joined(headers: Sequence[tuple[str, str]], boundary: str, parts: Sequence[bytes]) -> bytes:
    head, edge = "".join(_line(*header) for header in headers).encode("ascii"), f"--{boundary}".encode("ascii")
    return b"\r\n".join([head, *(piece for part in parts for piece in (edge, part)), edge + b"--", b""])


def _multipart(subtype: str, boundary: str) -> tuple[str, str]:
    return "Content-Type", f'multipart/{subtype};{_CRLF} boundary="{boundary}"'


def _file(file: AttachedFile) -> bytes:
    """Return a file as a part of its own, never to be shown in the mail; its name as RFC 2183 and 2231 write it."""
    plain = file.name.isascii() and not set(file.name) & {'"', "\\"}
    name = f'filename="{file.name}"' if plain else f"filename*={encode_rfc2231(file.name, 'utf-8')}"
    head = [
        ("Content-Type", file.media_type),
        ("Content-Disposition", f"attachment;{_CRLF} {name}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    lines = "".join(_line(*header) for header in head).encode("ascii")
    return lines + b"\r\n" + encodebytes(file.content).rstrip(b"\n").replace(b"\n", b"\r\n")


def _line(name: str, value: str) -> str:
    """Return one header. Raises ValueError for a value that would begin another: the last guard against injection."""
    if _LOOSE_END.search(value):
        raise ValueError(f"the header {name} holds a line end")
    return f"{name}: {value}{_CRLF}"


def _words(header: str, text: str) -> str:
    """Return unstructured text, folded; what is not plain ASCII whole, as encoded words, so that no space is lost."""
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name=header).encode(linesep=_CRLF)


@lru_cache(maxsize=64)
def _phrase(header: str, name: str) -> str:
    """Return a display name as it may stand before an address; our own stands in every letter."""
    return formataddr((name, "")).removesuffix(" <>") if name.isascii() else _words(header, name)


def _mailbox(header: str, name: str, spec: str) -> str:
    """Return an address with its name, the address on a line of its own where both do not fit."""
    if not name:
        return spec
    words = _phrase(header, name)
    last = f"{header}: {words}".rpartition(_CRLF)[2]
    gap = " " if len(last) + len(spec) < 75 else f"{_CRLF} "
    return f"{words}{gap}<{spec}>"


def _part(subtype: str, text: str) -> bytes:
    """Return one alternative: its headers, an empty line, and the text in quoted-printable (RFC 2045, 6.7)."""
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"{_CRLF}Content-Transfer-Encoding: quoted-printable{_CRLF}{_CRLF}'
    )
    ended = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", _CRLF)
    return head.encode("ascii") + b2a_qp(ended.encode("utf-8", "replace"), quotetabs=False, istext=True)


def _thread(envelope: Envelope) -> list[tuple[str, str]]:
    """Return In-Reply-To and References (RFC 5322, 3.6.4), the first and the latest of a long thread, one id a line."""
    headers = []
    if envelope.in_reply_to and _MESSAGE_ID.fullmatch(envelope.in_reply_to):
        headers.append(("In-Reply-To", envelope.in_reply_to))
    references = [reference for reference in envelope.references if _MESSAGE_ID.fullmatch(reference)]
    if len(references) > _MOST_REFERENCES:
        references = [references[0], *references[-(_MOST_REFERENCES - 1) :]]
    if references:
        headers.append(("References", f"{_CRLF} ".join(references)))
    return headers


def _spec(address: str) -> str:
    spec = sendable(address)
    if spec is None:
        # The address is not repeated: the sentence may end in a log.
        raise NotAllowedError(
            "No letter can be sent to this address: it is no mail address, or holds letters outside ASCII before the @.",
            hint="Answer it by hand, from a mail program that knows SMTPUTF8.",
        )
    return spec
