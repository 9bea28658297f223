"""The table that says how much proof a request needs (law.md 2.2), what no table may say, and what staff are told beside it."""

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from inbox_bot.domain.proof import Ask, Known, Matter, Source

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
COPIES = frozenset({Matter.ACCESS, Matter.PORTABILITY})
_ASKS_TOO_MUCH = ("legitimation", "personnummer", "passport", "identity card", "id-kort", "körkort", "namnteckning")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Row(_Part):
    """One row. What it does not name may be anything. ``fact``: one thing only the person knows, beside the link.

    ``basis``: where the rule comes from; ``why``: one Swedish sentence for staff.
    """

    id: Text
    requests: tuple[Matter, ...] = ()
    sources: tuple[Source, ...] = ()
    known: tuple[Known, ...] = ()
    ask: Ask
    fact: bool = False
    basis: Text
    why: Text

    def fits(self, matter: Matter, source: Source, known: frozenset[Known]) -> bool:
        return (
            (not self.requests or matter in self.requests)
            and (not self.sources or source in self.sources)
            and known.issuperset(self.known)
        )


class Note(_Part):
    """What staff are told besides, where something is known."""

    known: Known
    text: Text


class Question(_Part):
    """A question out of what the company has already, in both languages of the letters."""

    sv: Text
    en: Text


class Way(_Part):
    """Another way to reach a person than the address that no longer works."""

    id: Text
    text: Text


class Situation(_Part):
    """When someone asks for someone else: what to check, what never to ask for, what not to keep (law.md 2.3)."""

    reason: Text
    title: Text
    check: tuple[Text, ...] = Field(min_length=1)
    never_ask: tuple[Text, ...] = Field(min_length=1)
    do_not_keep: tuple[Text, ...] = Field(min_length=1)
    basis: Text


class ProofRules(_Part):
    """``rules/proof.toml``."""

    contact_words: tuple[Text, ...] = Field(min_length=1)
    change_words: tuple[Text, ...] = Field(min_length=1)
    row: tuple[Row, ...] = Field(min_length=1)
    note: tuple[Note, ...] = ()
    question: tuple[Question, ...] = Field(min_length=1)
    way: tuple[Way, ...] = Field(min_length=1)
    situation: tuple[Situation, ...] = ()

    def decide(self, matter: Matter, source: Source, known: frozenset[Known]) -> Row:
        """Return the first row that fits. Raises LookupError if none does, which ``faults`` has made sure of."""
        found = next((row for row in self.row if row.fits(matter, source, known)), None)
        if found is None:
            raise LookupError(f"no row for {matter}, {source}, {sorted(known)}")
        return found

    def notes(self, known: frozenset[Known]) -> tuple[str, ...]:
        return tuple(note.text for note in self.note if note.known in known)

    def situations(self, reasons: frozenset[str]) -> tuple[Situation, ...]:
        """Return what staff should know of mails with these reasons."""
        return tuple(situation for situation in self.situation if situation.reason in reasons)


def every_combination() -> Iterator[tuple[Matter, Source, frozenset[Known]]]:
    """Yield all that the table may ever be asked."""
    subsets = chain.from_iterable(combinations(Known, size) for size in range(len(Known) + 1))
    for known, matter, source in product(map(frozenset, subsets), Matter, Source):
        yield matter, source, known


def faults(rules: ProofRules) -> Iterator[str]:
    """Yield what is wrong, a sentence each: rows named twice, combinations without a row, and what the law forbids."""
    ids = [row.id for row in rules.row]
    yield from (f"row {name}: the id is used twice." for name in sorted({name for name in ids if ids.count(name) > 1}))
    told: set[str] = set()
    for matter, source, known in every_combination():
        row = next((row for row in rules.row if row.fits(matter, source, known)), None)
        if row is None:
            named = ", ".join(sorted(known)) or "nothing"
            yield f"row: none fits requests {matter}, sources {source}, known {named}; end the table with a wider row."
            return
        breach = _breach(row, matter, source, known)
        if breach and row.id not in told:
            told.add(row.id)
            yield f"row {row.id}: ask {row.ask} for {matter} from {source}: {breach}"
    for question in rules.question:
        if any(word in f"{question.sv} {question.en}".lower() for word in _ASKS_TOO_MUCH):
            yield "question: asks for an identity paper or a personnummer, which the law forbids (law.md 2.1)."


def _breach(row: Row, matter: Matter, source: Source, known: frozenset[Known]) -> str:
    """Return what law.md 7 has against a row for one combination, or ``""``."""
    # The register says nothing of the sender's address: it may be anybody's.
    strange = not (source.is_on_file or source is Source.NO_REGISTER)
    by_the_sender = row.ask in {Ask.SENDER, Ask.NOTHING}
    nowhere = {Source.UNKNOWN, Source.UNREACHABLE, Source.NO_REGISTER, Source.FAILED}
    if matter is Matter.MARKETING:
        return "" if row.ask is Ask.NOTHING else "a no to marketing asks for nothing (Art 21(3))."
    bare = matter in COPIES and not row.fact and row.ask is not Ask.PERSON
    breaches = {
        "fact goes with a link.": row.fact and not row.ask.is_link,
        "only a no to marketing is acted on unproven.": row.ask is Ask.NOTHING and Known.CONFIRMED not in known,
        "a mail that fails the mail server's check proves nothing, and nobody at its From address may have written.": Known.FAILED_CHECK
        in known
        and row.ask in {Ask.NOTHING, Ask.SENDER, Ask.QUESTION},
        "a copy never goes to an address that is not on file.": matter in COPIES and by_the_sender and strange,
        "a copy from a shared mailbox, or with test results, takes one thing more (fact = true).": bare
        and _is_read_by_many(source, known),
        "the new address alone never proves that it may replace the old one.": matter is Matter.CONTACT
        and by_the_sender
        and not source.is_on_file,
        "there is no address on file to write to.": row.ask in {Ask.ON_FILE, Ask.OLD} and source in nowhere,
    }
    return next((breach for breach, holds in breaches.items() if holds), "")


def _is_read_by_many(source: Source, known: frozenset[Known]) -> bool:
    shared = {Source.SHARED, Source.EMPLOYER_CONTACT, Source.NAMED_SHARED}
    return source in shared or (Known.RESULTS in known and source in {Source.PERSONAL, Source.NAMED})
