"""What the room retention works with, handed to each of its steps."""

from dataclasses import dataclass

from inbox_bot.clock import Clock
from inbox_bot.domain.case import Event, EventName
from inbox_bot.domain.keyed_hash import keyed_hash
from inbox_bot.retention.journal import Journal
from inbox_bot.retention.person import person_hash
from inbox_bot.retention.table import RetentionTable, texts_in
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """The room's tools. ``key`` is the secret that hashes are keyed with; ``staff`` are the addresses of our own people."""

    desk: Desk
    clock: Clock
    table: RetentionTable
    journal: Journal
    key: bytes
    staff: frozenset[str]

    def hash(self, address: str) -> str:
        return person_hash(self.key, address)

    @property
    def key_check(self) -> str:
        """What tells this secret from another without telling anything of it."""
        return keyed_hash(self.key, "journal", "key")[:16]

    def empty(self, unit: Unit, case_id: int, requester_hash: str, *, item: str, actor: str = "program") -> bool:
        """Take names, addresses and texts out of a closed case and note it there; False if that is done or may not be.

        Without a ``requester_hash`` the texts alone go. The provisions the case's answers name are read out first: they are
        the grounds of the decision, and evidence.
        """
        answers = unit.retention.draft_values(case_id)
        grounds = self.table.grounds_in(text for values in answers for text in texts_in(values))
        now = self.clock.now()
        if requester_hash:
            emptied = unit.retention.empty_case(case_id, requester_hash, now)
        else:
            emptied = unit.retention.empty_bodies(case_id, now)
        if not emptied:
            return False
        unit.retention.thin_events(case_id, self.table.evidence_details)
        details = {"item": item} | ({"grounds": grounds} if grounds else {})
        unit.cases.record(case_id, Event(at=now, name=EventName.EMPTIED, actor=actor, details=details))
        return True
