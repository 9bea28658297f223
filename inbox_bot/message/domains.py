"""Domain names as people own and misread them: whose a name is, and which known one it looks like."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from inbox_bot.domain.authenticity import Sign

_LONGEST = 253
"""Characters a domain may have (RFC 1035, 2.3.4); a longer one is nobody's, and is compared as it stands."""


@dataclass(frozen=True, kw_only=True)
class DomainRules:
    """``rules/domains.toml``. Names are in small letters, as people read them (not punycode)."""

    below_countries: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    shortest: int = 5
    glyphs: Mapping[str, str] = field(default_factory=dict)

    def owner(self, domain: str) -> str:
        """Return the part of a domain that somebody registered (RFC 7489, 3.2): ``mail.example.co.uk`` gives ``example.co.uk``."""
        labels = readable(domain).rstrip(".").split(".")
        if len(domain) > _LONGEST or is_number(domain):
            return domain.lower()
        ends = next((size for size in range(len(labels) - 1, 0, -1) if ".".join(labels[-size:]) in self.whole), 1)
        if ends == 1 and len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in self.below_countries:
            ends = 2
        return ".".join(labels[-ends - 1 :])

    def is_same_owner(self, one: str, other: str) -> bool:
        """True if two domains are one company's, as far as names tell: what DMARC calls relaxed alignment."""
        return bool(one and other) and self.owner(one) == self.owner(other)

    def likeness(self, domain: str, own: Iterable[str] = ()) -> tuple[Sign, str] | None:
        """Return which known or own domain this one could be mistaken for, and how; None if it is one of them or like none."""
        mine = {self.owner(one) for one in own}
        name = self.owner(domain)
        if name in mine or name in self.known or len(name) > _LONGEST:
            return None
        for other in sorted(mine | self.known, key=lambda one: (one not in mine, one)):
            if self._looks_like(name, other):
                return Sign.LOOKALIKE, other
        stem = _stem(name)
        for other in sorted(mine):
            if stem == _stem(other) and len(stem) >= self.shortest:
                return Sign.OTHER_ENDING, other
        return None

    def _looks_like(self, name: str, other: str) -> bool:
        if self._seen(name) == self._seen(other):
            return True
        # One letter off counts where the ending is the same; a short name has too many honest neighbours.
        stem, _, ending = name.partition(".")
        known_stem, _, known_ending = other.partition(".")
        return ending == known_ending and len(known_stem) >= self.shortest and is_one_off(stem, known_stem)

    def _seen(self, name: str) -> str:
        """Return a name as the eye takes it: marks off, look-alike letters as the ones they are taken for."""
        plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
        for glyph in sorted(self.glyphs, key=len, reverse=True):
            plain = plain.replace(glyph, self.glyphs[glyph])
        return plain


def readable(domain: str) -> str:
    """Return a domain in small letters with its punycode labels as the letters they stand for, where they are right ones."""
    labels = []
    for label in domain.lower().split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, OverflowError, ValueError):
            labels.append(label)
    return unicodedata.normalize("NFC", ".".join(labels)).lower()


def is_number(domain: str) -> bool:
    """True for an IP address where a name belongs."""
    try:
        ip_address(domain.strip("[]").removeprefix("ipv6:"))
    except ValueError:
        return False
    return True


def is_one_off(one: str, other: str) -> bool:
    """True if two words differ by one letter put in, left out, changed, or swapped with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _stem(name: str) -> str:
    return name.partition(".")[0]
