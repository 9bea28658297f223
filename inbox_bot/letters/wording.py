"""How days, periods and claims are said in one language. The words themselves lie in ``templates/letters/_shared/words.toml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.letters import Language
from inbox_bot.domain.rights import Right
from inbox_bot.errors import TemplateError


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The words of one language. The ``…_form`` are format strings, ``claims`` phrases after "you want to".

    ``claims_of_another`` are the same after "who wants to". A claim that concerns marketing is said by ``<right>_marketing`` where there is such a phrase.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day_form: str
    moment_form: str
    until_form: str
    conjunction: str
    claims: Mapping[str, str]
    claims_of_another: Mapping[str, str]

    def day(self, day: date) -> str:
        """Return a day in words: "tisdag 7 april 2026". No locale of the machine has a say."""
        return self.day_form.format(
            weekday=self.weekdays[day.weekday()], day=day.day, month=self.months[day.month - 1], year=day.year
        )

    def moment(self, at: datetime | str) -> str:
        """Return an instant as day and time of day in Stockholm; ISO text is what a stored letter holds."""
        instant = datetime.fromisoformat(at) if isinstance(at, str) else at
        local = in_utc(instant).astimezone(STOCKHOLM)
        return self.moment_form.format(day=self.day(local.date()), hour=local.hour, minute=local.minute)

    def until(self, until: date | str) -> str:
        """Return how long something is kept: a last day in words, or the words a person wrote."""
        return self.until_form.format(day=self.day(until)) if isinstance(until, date) else until

    def listed(self, names: Sequence[str]) -> str:
        """Return names as one enumeration: "a, b och c"."""
        *first, last = names
        return f"{', '.join(first)} {self.conjunction} {last}" if first else last

    def claim(self, claim: Mapping[str, Any]) -> str:
        """Return ``{"right": …, "marketing": …}`` in words, with the article that gives the right."""
        return _claim(self.claims, claim)

    def of_another(self, claim: Mapping[str, Any]) -> str:
        """Return a claim in words as it is made for someone else."""
        return _claim(self.claims_of_another, claim)


def _claim(phrases: Mapping[str, str], claim: Mapping[str, Any]) -> str:
    right = Right(claim["right"])
    phrase = phrases[right.value]
    if claim.get("marketing"):
        phrase = phrases.get(f"{right.value}_marketing", phrase)
    return phrase.format(article=right.article)


def concern_marketing(claims: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether any of the claims is about marketing."""
    return any(claim.get("marketing") for claim in claims)


def wording(document: Mapping[str, Any], language: Language, file: str) -> Wording:
    """Read one language's words out of ``words.toml``. Raises TemplateError naming ``file`` and what is wrong with it."""
    words = document.get(language.value)
    if not isinstance(words, Mapping):
        raise TemplateError(f"{file} lacks the table [{language.value}].")
    try:
        found = Wording(
            weekdays=tuple(words["weekdays"]),
            months=tuple(words["months"]),
            day_form=words["day"],
            moment_form=words["moment"],
            until_form=words["until"],
            conjunction=str(words["and"]),
            claims=dict(words["claims"]),
            claims_of_another=dict(words["claims_of_another"]),
        )
        if (len(found.weekdays), len(found.months)) != (7, 12):
            raise TemplateError(f"{file}: [{language.value}] must name seven weekdays and twelve months.")
        found.until(date(2026, 4, 7))
        found.moment(datetime(2026, 4, 7, tzinfo=UTC))
        for right in Right:
            for marketing in (True, False):
                found.claim({"right": right.value, "marketing": marketing})
                found.of_another({"right": right.value, "marketing": marketing})
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise TemplateError(
            f"{file}: [{language.value}] has a missing or wrong key or placeholder: {error}."
        ) from error
    return found
