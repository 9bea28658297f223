"""The port by which a decision writes down what was done: a letter may only say what stands there."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from inbox_bot.domain.case import CaseRecord, ClaimRecord
from inbox_bot.domain.task import Finding
from inbox_bot.store.unit import Unit


class TaskBook(Protocol):
    """The port by which other rooms write down what was done. Every method works in the caller's transaction."""

    def record(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, findings: Sequence[Finding], *, by: str) -> None:
        """Record what was done, is absent or is kept. Raises NotAllowedError for what may not be done yet."""
        ...

    def replace(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, rows: Mapping[str, Any], *, by: str) -> None:
        """Make the records of a claim say what a form's ``actions`` and ``kept`` rows say; other kinds are left as they are."""
        ...

    def note(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, note: str, *, by: str) -> None:
        """Record a note as done today: in the systems it names, or where it names none in all of them."""
        ...

    def rest(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, *, by: str) -> None:
        """Record that there is nothing of the person in the systems nothing is recorded about yet."""
        ...

    def settle_by(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, letter: str, *, by: str) -> None:
        """Record what approving this letter says by itself, such as that every system was searched."""
        ...

    def hinder(self, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
        """Raise NotAllowedError if the claim may not be carried out or answered with a yes at present."""
        ...
