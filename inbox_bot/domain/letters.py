"""A letter: what it must be told, how it reads, and the exact bytes that may leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from inbox_bot.domain.attachment import AttachedFile


class Language(StrEnum):
    """The languages letters are written in. Norwegian and Danish writers are answered in Swedish."""

    SV = "sv"
    EN = "en"


class FieldKind(StrEnum):
    """What a value of a letter looks like, so that pages and commands can ask for it.

    ``line`` a short text; ``text`` paragraphs; ``day`` a date; ``number``; ``flag``; ``actions`` a list of
    ``{"what", "system", "on"}`` (what was done, where, on which date); ``kept`` a list of ``{"what", "why", "until"}``;
    ``other`` anything the program alone fills in.
    """

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    FLAG = "flag"
    ACTIONS = "actions"
    KEPT = "kept"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class LetterField:
    """One value a letter declares. ``by_staff``: a person fills it in before approval. ``label`` and ``help`` are Swedish."""

    name: str
    kind: FieldKind
    label: str
    by_staff: bool
    required: bool
    help: str = ""
    default: str = ""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter as it reads: subject on one line, plain text, HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a letter as it reads. ``field``: the value that stands there, ``""`` for a fixed part and its ``text``.

    ``absent``: a place that may be left empty and is; nothing of it is in the letter, ``text`` is what would come with it.
    """

    text: str = ""
    field: str = ""
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Done:
    """Something that is recorded as done: what, in which of the company's systems, on which Stockholm day."""

    what: str
    system: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fault in a finished letter. ``text`` is Swedish: what is wrong and where it is mended. ``stops``: it may not leave.

    ``name`` is the element or rule that found it, ``field`` the value to mend, empty where it is in no value.
    """

    name: str
    text: str
    stops: bool
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """How a letter travels. ``automatic`` sets ``Auto-Submitted`` (RFC 3834): replied or generated.

    ``in_reply_to`` and ``references`` are Message-IDs with angle brackets; ``message_id`` is fixed before the first try.
    """

    to: str
    message_id: str
    at: datetime
    automatic: bool
    to_name: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


class LetterBook(Protocol):
    """All letters the program can write."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all letters, sorted."""
        ...

    def fields(self, name: str) -> tuple[LetterField, ...]:
        """Return what a letter declares, in the order a person should fill it in. Raises TemplateError if unknown."""
        ...

    def missing(self, name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of required values that are absent or empty."""
        ...

    def render(self, name: str, language: Language, values: Mapping[str, Any]) -> Rendered:
        """Return the letter as it reads. Raises LetterIncompleteError, or TemplateError for a value it does not declare."""
        ...

    def freeze(
        self,
        name: str,
        language: Language,
        values: Mapping[str, Any],
        envelope: Envelope,
        files: Sequence[AttachedFile] = (),
    ) -> bytes:
        """Return the letter, with the files it carries, as the exact MIME bytes to send (7-bit safe, CRLF)."""
        ...

    def lint(
        self, name: str, language: Language, values: Mapping[str, Any], recorded: Sequence[Done]
    ) -> tuple[Finding, ...]:
        """Return what is wrong with the finished letter, what stops it first; ``recorded`` is all that is done.

        Raises as ``render`` does.
        """
        ...

    def layout(self, name: str, language: Language, values: Mapping[str, Any]) -> tuple[Piece, ...]:
        """Return the letter's text in fixed parts and places to fill in, also while values are missing.

        Raises TemplateError for a value it does not declare.
        """
        ...

    def kept_record(self, language: Language, day: date) -> Mapping[str, str]:
        """Return the row of a list ``kept`` for an invoice of a day: what, why, until. Raises RulesError if not settled."""
        ...

    def failure(self, text: str) -> str:
        """Return in Swedish what a mailbox, a login or a file suffers from, given the program's own sentence."""
        ...
