"""What keeps two machines from writing to each other for ever (RFC 3834, 2): rules/automatic.toml, for whoever writes letters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class LoopRules:
    """Addresses that nobody reads or many read, by what stands before the @; and for how long the same words are one matter.

    ``noreply`` is how such a part begins or ends; all are lower-case.
    """

    daemons: frozenset[str] = frozenset()
    noreply: tuple[str, ...] = ()
    list_prefixes: tuple[str, ...] = ()
    list_suffixes: tuple[str, ...] = ()
    same_text: timedelta = timedelta(0)

    def answerable(self, address: str) -> bool:
        """True unless an address is a mail server's, a list's, or one that takes no answer, as far as its form tells."""
        local = address.lower().rpartition("@")[0]
        plain = local.partition("+")[0]
        return not (
            plain in self.daemons
            or takes_no_answer(address, self.noreply)
            or _is_among(local, self.list_prefixes, self.list_suffixes)
        )


NO_RULES = LoopRules()
"""Every address may be answered, and the same words are never the same matter."""


def takes_no_answer(address: str, noreply: Collection[str]) -> bool:
    """True for an address whose part before the @ begins or ends like one that nobody reads, whatever stands after a plus."""
    return _is_among(address.lower().rpartition("@")[0].partition("+")[0], noreply, noreply)


def _is_among(local: str, beginnings: Collection[str], ends: Collection[str]) -> bool:
    return local.startswith(tuple(beginnings)) or local.endswith(tuple(ends))
