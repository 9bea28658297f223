"""Where a request comes from, in the light of the register: whose the sender's address is, and to which account the mail leads."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from inbox_bot import log
from inbox_bot.domain.mail import Message
from inbox_bot.domain.people import KnownPerson, MailboxKind, People
from inbox_bot.domain.proof import Known, Source
from inbox_bot.errors import PeopleError
from inbox_bot.verification.table import ProofRules

MOST_NAMED = 5
"""How many addresses of one mail are looked up: more would make a mail a way to search the register."""

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_SENTENCE_END = re.compile(r"(?<!\w)[.!?]+|[.!?]+(?!\w)|\n\s*\n")
SOURCES = {
    MailboxKind.PERSONAL: Source.PERSONAL,
    MailboxKind.SHARED: Source.SHARED,
    MailboxKind.EMPLOYER_CONTACT: Source.EMPLOYER_CONTACT,
}
"""What a sender's own address on file makes of a mail, by who reads that address."""

_log = log.get("verification")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the register says of one case. ``target``: the address on file a link may go to, ``""`` where there is none.

    ``names``: the mail names an address other than its sender's. It decides what the sender is told, so that the letter is
    the same whether or not that address is on file.
    """

    source: Source
    known: frozenset[Known] = frozenset()
    target: str = ""
    names: bool = False
    sender_on_file: bool = False

    def unproven(self, sender: str) -> "Origin":
        """Return the origin of a mail that our mail server says is not from its sender: the sender's address is only named in it.

        A link still goes to an address on file, the sender's own if it is that, and to no other.
        """
        known = self.known | {Known.FAILED_CHECK}
        if self.source is Source.NO_REGISTER:
            return replace(self, known=known, target="")
        if not self.source.is_on_file:
            return replace(self, known=known)
        source = Source.NAMED if self.source is Source.PERSONAL else Source.NAMED_SHARED
        return replace(self, source=source, known=known, target=sender, names=True, sender_on_file=False)


def origin_of(
    people: People | None, sender: str, named: Sequence[str], *, is_dead: Callable[[str], bool] = lambda _: False
) -> Origin:
    """Look a sender and the addresses a mail names up. ``is_dead``: the last letter to that address came back.

    A register that cannot be read is a source of its own: the case goes to a person. It is logged without a word of anyone.
    """
    if people is None:
        return Origin(source=Source.NO_REGISTER, target=sender, names=bool(named))
    try:
        return _looked_up(people, sender, named, is_dead)
    except PeopleError as error:
        _log.error("people_not_read", error=str(error))
        return Origin(source=Source.FAILED, names=bool(named))


def _looked_up(people: People, sender: str, named: Sequence[str], is_dead: Callable[[str], bool]) -> Origin:
    own = people.find(sender)
    others = [found for address in named if (found := people.find(address)) is not None]
    if own is not None and sender in own.addresses:
        known = {Known.RESULTS} if own.results else set()
        if any(not _same(own, other) for other in others):
            known.add(Known.OTHER_ACCOUNT)
        source = Source.UNREACHABLE if is_dead(sender) else SOURCES[own.kind]
        return Origin(source=source, known=frozenset(known), target=sender, names=bool(named), sender_on_file=True)
    # An address that used to be on file leads to its account, and proves nothing by itself.
    accounts = [*([own] if own is not None else []), *others]
    if not accounts:
        return Origin(source=Source.UNKNOWN, names=bool(named))
    known = {Known.SEVERAL_ACCOUNTS} if any(not _same(accounts[0], other) for other in accounts[1:]) else set()
    first = accounts[0]
    current = [*(address for address in named if address in first.addresses), *first.addresses]
    target = next((address for address in current if not is_dead(address)), "")
    found = people.find(target) if target else None
    if found is None:
        return Origin(source=Source.UNREACHABLE, known=frozenset(known), names=bool(named))
    if found.results or first.results:
        known.add(Known.RESULTS)
    source = Source.NAMED if found.kind is MailboxKind.PERSONAL else Source.NAMED_SHARED
    return Origin(source=source, known=frozenset(known), target=target, names=bool(named))


def _same(one: KnownPerson, other: KnownPerson) -> bool:
    """True if two addresses lead to one account."""
    return bool({*one.addresses, *one.previous} & {*other.addresses, *other.previous})


def addresses_in(messages: Iterable[Message], leave_out: frozenset[str]) -> tuple[str, ...]:
    """Return the addresses people newly wrote in these mails, in small letters, in their order, the first few at most."""
    found: dict[str, None] = {}
    for message in messages:
        for text in (message.subject, message.reply_text, message.signature):
            for match in _ADDRESS.findall(text):
                address = match.strip(".'").lower()
                if address not in leave_out:
                    found[address] = None
    return tuple(found)[:MOST_NAMED]


def speaks_of_contact(rules: ProofRules, messages: Iterable[Message]) -> bool:
    """True if a sentence speaks of an e-mail address and of a change: then a rectification may be about the address itself."""
    words, changes = _any_of(rules.contact_words), _any_of(rules.change_words)
    sentences = [part for message in messages for part in (message.subject, *_SENTENCE_END.split(message.reply_text))]
    return any(words.search(sentence) and changes.search(sentence) for sentence in sentences)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)
