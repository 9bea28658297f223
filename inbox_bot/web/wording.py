"""What the pages call things, and how they say days. The words lie in ``templates/pages/words.toml``; this decides which."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.authenticity import Sign, Standing, Why
from inbox_bot.domain.breach import Standing as BreachStanding
from inbox_bot.domain.case import CaseState, ClaimState, EventName, LetterState
from inbox_bot.domain.health import Level
from inbox_bot.domain.mail import Remark
from inbox_bot.domain.notice import NoticeState
from inbox_bot.domain.proof import Ask, Given, Strength
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.staff import Act, LoginWay, Role, Subject
from inbox_bot.domain.task import OutcomeKind
from inbox_bot.domain.worklist import FEW_DAYS, Band, Errand, Wait
from inbox_bot.errors import InboxBotError, LetterIncompleteError, TemplateError
from inbox_bot.web.staff.next_step import Act as NextAct
from inbox_bot.web.staff.timeline import Kind, Stretch
from inbox_bot.web.staff.understanding import Sureness

_COMPLETE: Mapping[str, type[StrEnum]] = {
    "rights": Right,
    "rights_help": Right,
    "claim_states": ClaimState,
    "case_states": CaseState,
    "letter_states": LetterState,
    "events": EventName,
    "outcomes": OutcomeKind,
    "notice_states": NoticeState,
    "standings": Standing,
    "sender_whys": Why,
    "sender_signs": Sign,
    "remarks": Remark,
    "health": Level,
    "errands": Errand,
    "turns": Wait,
    "bands": Band,
    "surenesses": Sureness,
    "proof_asks": Ask,
    "proof_strengths": Strength,
    "proof_acts": Given,
    "moments": Kind,
    "stretches": Stretch,
    "next_steps": NextAct,
    "breach_standings": BreachStanding,
    "roles": Role,
    "acts": Act,
    "subjects": Subject,
    "login_ways": LoginWay,
}


@dataclass(frozen=True, kw_only=True)
class RequesterWords:
    """The words of one language on the requester's pages. ``rights`` are phrases after "you want to"."""

    rights: Mapping[str, str]
    months: Sequence[str]
    day_form: str
    conjunction: str

    def asked(self, claims: Sequence[Claim]) -> str:
        """Return what is asked for as one enumeration: "a, b och c"."""
        phrases = [self.right(claim) for claim in claims]
        *first, last = dict.fromkeys(phrases)
        return f"{', '.join(first)} {self.conjunction} {last}" if first else last

    def right(self, claim: Claim) -> str:
        """Return what is asked for with one right."""
        name = f"{claim.right.value}_marketing" if claim.marketing else claim.right.value
        return self.rights.get(name, self.rights[claim.right.value])

    def day(self, at: date | datetime) -> str:
        """Return a day in words; an instant's is the one in Stockholm."""
        local = in_utc(at).astimezone(STOCKHOLM) if isinstance(at, datetime) else at
        return self.day_form.format(day=local.day, month=self.months[local.month - 1], year=local.year)


@dataclass(frozen=True, kw_only=True)
class OwnPageWords:
    """What staff read of what a person did on the page of the case. ``written``, ``withdrawn``: subjects, with ``{reference}``."""

    written: str
    withdrawn: str
    also: str
    gone: str
    because: str

    def wish(self, claims: Sequence[Claim], words: str, name: Callable[[Claim], str]) -> str:
        """Return a message that says which rights a person added, and their own words."""
        also = [f"{self.also} {', '.join(name(claim) for claim in claims)}."] if claims else []
        return "\n\n".join([*also, *([words] if words else [])])

    def withdrawal(self, claims: Sequence[Claim], words: str, name: Callable[[Claim], str]) -> str:
        """Return a message that says what a person took back, and why if they said so."""
        gone = f"{self.gone} {', '.join(name(claim) for claim in claims)}."
        return f"{gone}\n\n{self.because} {words}" if words else gone


@dataclass(frozen=True, kw_only=True)
class Words:
    """All words. ``tables`` is the file as it was read."""

    tables: Mapping[str, Any]
    requester: Mapping[str, RequesterWords]
    own_page: OwnPageWords

    def say(self, table: str, value: object) -> str:
        """Return what a value is called; one that has no word (a letter or reason added later) is returned readable."""
        return str(self.tables[table].get(str(value), str(value).replace("_", " ")))

    def right(self, claim: Claim) -> str:
        """Return what staff call a claim."""
        marketing: Mapping[str, str] = self.tables["marketing_rights"]
        if claim.marketing and claim.right.value in marketing:
            return marketing[claim.right.value]
        return self.say("rights", claim.right)

    def day(self, day: date | datetime) -> str:
        """Return "tisdag 7 april 2026"; an instant's day is the one in Stockholm."""
        if isinstance(day, datetime):
            day = in_utc(day).astimezone(STOCKHOLM).date()
        return f"{self.tables['weekdays'][day.weekday()]} {day.day} {self.tables['months'][day.month - 1]} {day.year}"

    def short_day(self, day: date | datetime) -> str:
        """Return "tis 7 april"."""
        weekday, number, month, _ = self.day(day).split(" ")
        return f"{weekday[:3]} {number} {month}"

    def moment(self, at: datetime) -> str:
        """Return "tisdag 7 april 2026 kl. 14.05", Stockholm time."""
        local = in_utc(at).astimezone(STOCKHOLM)
        return f"{self.day(local)} kl. {local:%H.%M}"

    def failure(self, error: InboxBotError, labels: Mapping[str, str] | None = None) -> str:
        """Return an error as a Swedish sentence where there is one, else as it stands. ``labels`` name a letter's fields."""
        if isinstance(error, LetterIncompleteError):
            known = labels or {}
            lacking = ", ".join(known.get(name, name).rstrip("?").lower() for name in error.missing)
            return f"Brevet saknar: {lacking}. Fyll i det och försök igen."
        for part, sentence in self.tables["failures"].items():
            if part in error.message:
                return str(sentence)
        return str(error)


def left(days: int) -> str:
    """Return how much time is left, from working days; negative is overdue."""
    match days:
        case 0:
            return "i dag är sista dagen"
        case 1:
            return "1 arbetsdag kvar"
        case -1:
            return "1 arbetsdag försenat"
        case _:
            return f"{days} arbetsdagar kvar" if days > 0 else f"{-days} arbetsdagar försenat"


def urgency(days: int | None) -> str:
    """Return ``late``, ``near`` or ``calm``."""
    if days is None:
        return "calm"
    return "late" if days < 0 else "near" if days < FEW_DAYS else "calm"


def read_words(folders: Sequence[Path]) -> Words:
    """Read ``words.toml`` from the first folder that has it. Raises TemplateError naming the file and what it lacks."""
    file = next((folder / "words.toml" for folder in folders if (folder / "words.toml").is_file()), None)
    if file is None:
        raise TemplateError("There is no words.toml under templates/pages.", hint="Restore the file.")
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"{file} cannot be read: {type(error).__name__}.", hint="Mend the file.") from error
    try:
        _check(tables, file)
        requester = {language: _requester(tables["requester"][language]) for language in ("sv", "en")}
        own_page = OwnPageWords(**{key: str(value) for key, value in tables["own_page"].items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise TemplateError(f"{file} lacks {error}, or it is of the wrong kind.", hint="Mend the file.") from error
    return Words(tables=tables, requester=requester, own_page=own_page)


def _check(tables: Mapping[str, Any], file: Path) -> None:
    for table, names in _COMPLETE.items():
        for name in names:
            if name.value not in tables[table]:
                raise TemplateError(
                    f"{file}: [{table}] does not name {name.value}.",
                    hint="Add it as in the words.toml that came with the program.",
                )
    for table in ("marketing_rights", "letters", "reasons", "quarantine", "failures", "worklist", "left"):
        tables[table].items()
    for status in ("403", "404", "405", "413", "429", "500", "other"):
        for part in ("title", "text", "english"):
            tables["refused"][status][part].strip()
    for name in NextAct:
        lacking = {"title", "text", "button"} - set(tables["next_steps"][name.value])
        if lacking:
            raise TemplateError(f"{file}: [next_steps.{name.value}] lacks {', '.join(sorted(lacking))}.")
    if (len(tables["weekdays"]), len(tables["months"])) != (7, 12):
        raise TemplateError(f"{file} must name seven weekdays and twelve months.")


def _requester(table: Mapping[str, Any]) -> RequesterWords:
    rights = dict(table["rights"])
    for right in Right:
        rights[right.value].strip()
    return RequesterWords(
        rights=rights, months=tuple(table["months"]), day_form=str(table["day"]), conjunction=str(table["and"])
    )
