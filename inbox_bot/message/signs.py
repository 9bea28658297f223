"""What staff should know of who wrote a mail: our server's word, and what about the sender could mislead them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inbox_bot.domain.address import normal_address
from inbox_bot.domain.authenticity import Authenticity, Sign, Standing, Why
from inbox_bot.domain.mail import Message
from inbox_bot.message.domains import DomainRules, readable

_IN_A_NAME = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,253}\.[^\s<>()\[\],;:\"\\@.]{2,}")


@dataclass(frozen=True, kw_only=True)
class SenderView:
    """``says``: our server's word, UNKNOWN where it has none. ``signs``: each with the address or domain it speaks of."""

    says: Authenticity
    signs: tuple[tuple[Sign, str], ...]

    @property
    def warns(self) -> bool:
        """True where a person should look twice."""
        return bool(self.signs) or self.says.standing is Standing.FAILED


def look(message: Message, own: Iterable[str], domains: DomainRules) -> SenderView:
    """Return what stands out about a mail's sender. ``own``: the company's own addresses."""
    mine = {address.rpartition("@")[2] for address in own}
    says = message.authenticity or Authenticity(standing=Standing.UNKNOWN, why=Why.NO_SERVER_SET)
    return SenderView(says=says, signs=tuple(_signs(message, mine, domains)))


def _signs(message: Message, mine: set[str], domains: DomainRules) -> Iterator[tuple[Sign, str]]:
    sender = normal_address(message.sender.address) if message.sender is not None else ""
    others = [address for address in message.reply_to if normal_address(address) != sender]
    if sender and others:
        yield Sign.REPLY_TO, ", ".join(others[:3])
    if message.froms:
        yield Sign.SEVERAL_FROM, ", ".join(message.froms[:5])
    if message.sender is None:
        return
    named = _IN_A_NAME.search(message.sender.name)
    if named is not None and normal_address(named[0]) != sender:
        yield Sign.NAME_IS_ADDRESS, named[0]
    domain = sender.rpartition("@")[2]
    if (like := domains.likeness(domain, mine)) is not None:
        yield like
    # Punycode, or the letters themselves: some servers let them through as they are (RFC 6532).
    if readable(domain) != domain or not domain.isascii():
        yield Sign.PUNYCODE, readable(domain)
