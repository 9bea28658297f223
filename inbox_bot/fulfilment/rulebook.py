"""What each right takes in each system, and what it leads to. Decides only; ``toml_rules.py`` reads the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import OutcomeKind

MARKETING = "marketing"
EVERYWHERE = "*"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A system of the company's: its name, and what it holds, in Swedish words that stand inside a sentence."""

    name: str
    holds: str


@dataclass(frozen=True, kw_only=True)
class TaskRule:
    """What a right takes in one system, or in all without a rule of their own (``*``). ``done`` … are by language.

    ``accounting``: what stays there is kept as long as the accounts must be.
    """

    right: str
    system: str
    todo: str
    done: Mapping[str, str]
    keep: Mapping[str, str]
    keep_why: Mapping[str, str]
    excepted: tuple[str, ...] = ()
    accounting: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerRule:
    """What approving a letter says by itself of the systems nothing is recorded about."""

    kind: OutcomeKind
    what: str


@dataclass(frozen=True, kw_only=True)
class Warned:
    """Something an erasure leads to that the person may not expect: what staff see, what the person is told, by language."""

    name: str
    staff: str
    person: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Words to begin with when something is recorded, in the language of the letter."""

    done: str = ""
    keep: str = ""
    keep_why: str = ""
    keep_until: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskRules:
    """``rules/tasks.toml`` with the company's systems."""

    places: tuple[Place, ...]
    tasks: tuple[TaskRule, ...]
    answers: Mapping[str, AnswerRule]
    before_erasure: frozenset[Right]
    warnings: tuple[Warned, ...]
    year_ends: tuple[int, int]
    accounting_years: int
    due_working_days: int
    chase_working_days: int

    def todo(self, claim: Claim) -> dict[str, str]:
        """Return what is to be done for a claim, by system, in the order the company lists its systems."""
        found = {place.name: self._rule(claim, place.name) for place in self.places}
        holds = {place.name: place.holds for place in self.places}
        return {
            system: rule.todo.replace("{system}", system).replace("{holds}", holds[system])
            for system, rule in found.items()
            if rule is not None
        }

    def suggest(self, claim: Claim, system: str, language: str, today: date) -> Suggestion:
        """Return the words to begin with for one system; the last day of what the accounts keep, counted from today."""
        rule = self._rule(claim, system)
        if rule is None:
            return Suggestion()
        return Suggestion(
            done=rule.done[language],
            keep=rule.keep[language],
            keep_why=rule.keep_why[language],
            keep_until=self.kept_until(today).isoformat() if rule.accounting else "",
        )

    def kept_until(self, day: date) -> date:
        """Return the last day a voucher of ``day`` must be kept (bokföringslagen 7 kap. 2 §).

        Through the seventh year after the end of the calendar year in which the financial year ended.
        """
        month, last = self.year_ends
        ends_this_year = (day.month, day.day) <= (month, last)
        ended = day.year if ends_this_year else day.year + 1
        return date(ended + self.accounting_years, 12, 31)

    def problems(self) -> tuple[str, ...]:
        """Return the rights for which nothing is to be done anywhere, a sentence each."""
        claims = [Claim(right=right) for right in Right] + [Claim(right=Right.OBJECTION, marketing=True)]
        return tuple(
            f"rules/tasks.toml has no task for {_key(claim)} in any of the systems of controller.toml."
            for claim in claims
            if not self.todo(claim)
        )

    def _rule(self, claim: Claim, system: str) -> TaskRule | None:
        mine = [rule for rule in self.tasks if rule.right == _key(claim)]
        own = next((rule for rule in mine if rule.system == system), None)
        return own or next((rule for rule in mine if rule.system == EVERYWHERE and system not in rule.excepted), None)


def named_in(text: str, systems: Sequence[str]) -> list[str]:
    """Return the systems whose names stand in a text."""
    said = text.lower()
    return [system for system in systems if system.lower() in said]


def _key(claim: Claim) -> str:
    return MARKETING if claim.marketing else claim.right.value
