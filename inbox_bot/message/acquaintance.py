"""Whose word recent mails bear: so that whoever installs knows which server to believe, and whether the one named is right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inbox_bot.domain.authenticity import Standing, Statement
from inbox_bot.message.authenticity import judge
from inbox_bot.message.domains import DomainRules
from inbox_bot.message.parse import read
from inbox_bot.message.statements import statements_in

MOST_NAMES = 5
_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Acquaintance:
    """What some mails bear. ``names``: the topmost Authentication-Results' server of each mail that has one, the commonest first.

    ``standings``: how the mails stand by the word of the servers believed so far.
    """

    mails: int
    names: Sequence[tuple[str, int]]
    standings: Counter[Standing]

    @property
    def believed(self) -> int:
        """How many of them bear the word of a server that is believed."""
        return sum(count for standing, count in self.standings.items() if standing is not Standing.UNKNOWN)


def acquaint(heads: Iterable[bytes], trusted: frozenset[str], domains: DomainRules) -> Acquaintance:
    """Look at the header blocks of some mails."""
    messages = [read(head + b"\r\n-\r\n", frozenset()) for head in heads]
    said = [found[0] for message in messages if (found := statements_in(message.trace))]
    names = Counter(_name(one, domains) for one in said)
    return Acquaintance(
        mails=len(messages),
        names=names.most_common(MOST_NAMES),
        standings=Counter(judge(message, trusted, domains).standing for message in messages),
    )


def _name(said: Statement, domains: DomainRules) -> str:
    """Return what would be written in the settings to believe the server of a header."""
    return (said.server or domains.owner(said.below) or "?")[:_LONGEST_NAME]
