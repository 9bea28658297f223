"""``rules/retention.toml`` on disk: read, checked, and each mistake named by file and key."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inbox_bot.errors import RulesError
from inbox_bot.retention.table import CARRIED_OUT, Item, Period, RetentionTable, Rule

_FIXED_AT_ZERO = frozenset({Item.LOGINS})
_ENDLESS = frozenset({Item.SUPPRESSION})
_HINT = "Mend the file; rules/README.md explains it."


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Keep(_Table):
    years: int = Field(default=0, ge=0, le=100)
    months: int = Field(default=0, ge=0, le=1200)
    days: int = Field(default=0, ge=0, le=36500)

    @model_validator(mode="after")
    def _says_something(self) -> "_Keep":
        if not self.model_fields_set:
            raise ValueError("must name years, months or days")
        return self


Text = Annotated[str, Field(min_length=1)]


class _Item(_Table):
    name: Item
    keep: _Keep | Literal["while_marketing"]
    after: str
    then: str
    source: Text
    why: Text
    letters: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _is_what_the_program_does(self) -> "_Item":
        after, then = CARRIED_OUT[self.name]
        if (self.after, self.then) != (after, then):
            raise ValueError(f"{self.name.value} is counted from {after!r}, and then {then!r}: that cannot be changed")
        if isinstance(self.keep, str) is not (self.name in _ENDLESS):
            raise ValueError(
                f"{self.name.value}: keep must be {'while_marketing' if self.name in _ENDLESS else 'a time'}"
            )
        if (
            self.name in _FIXED_AT_ZERO
            and isinstance(self.keep, _Keep)
            and (self.keep.years, self.keep.months, self.keep.days) != (0, 0, 0)
        ):
            raise ValueError(f"{self.name.value} are always deleted when they end: keep must be {{ days = 0 }}")
        if bool(self.letters) is not (self.name is Item.COPIES):
            raise ValueError("letters must name the letters that hold a copy, under copies and nowhere else")
        return self


class _Evidence(_Table):
    details: tuple[Text, ...]
    grounds: tuple[Text, ...]


class _File(_Table):
    item: tuple[_Item, ...]
    evidence: _Evidence


def read_table(path: Path) -> RetentionTable:
    """Read the table. Raises RulesError naming the file and the key that is missing, unknown or wrong."""
    try:
        file = _File(**tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise RulesError(
            f"{path} cannot be read: {error.strerror}.", hint="It says how long data are kept; restore it."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path} is not TOML in UTF-8: {error}.", hint="Mend the line it names.") from error
    except ValidationError as error:
        raise RulesError(f"{path}: {_sentence(error)}.", hint=_HINT) from error
    rules = {item.name: _rule(item) for item in file.item}
    problem = _problem(file, rules)
    if problem:
        raise RulesError(f"{path}: {problem}.", hint=_HINT)
    grounds = tuple(_pattern(path, text) for text in file.evidence.grounds)
    return RetentionTable(rules=rules, details=frozenset(file.evidence.details), grounds=grounds)


def _rule(item: _Item) -> Rule:
    keep = item.keep
    period = Period(months=12 * keep.years + keep.months, days=keep.days) if isinstance(keep, _Keep) else None
    return Rule(item=item.name, period=period, source=item.source, why=" ".join(item.why.split()), letters=item.letters)


def _problem(file: _File, rules: Mapping[Item, Rule]) -> str:
    if len(rules) < len(file.item):
        return "item names the same thing twice"
    missing = [item.value for item in Item if item not in rules]
    if missing:
        return f"item lacks {', '.join(missing)}"
    evidence = _length(rules[Item.EVIDENCE])
    for item in (Item.CORRESPONDENCE, Item.UNVERIFIED, Item.REVIVAL, Item.TOKENS, Item.IDENTITY_DOCUMENTS):
        if _length(rules[item]) > evidence:
            return f"{item.value} is kept longer than evidence, with which the whole case is deleted"
    return ""


def _length(rule: Rule) -> tuple[float, int]:
    """Return a period's length for comparing, a month taken as its mean."""
    assert rule.period is not None
    return rule.period.months * 30.4 + rule.period.days, rule.period.months


def _pattern(path: Path, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise RulesError(
            f"{path}: evidence.grounds holds {text!r}, which is no regular expression: {error}.", hint=_HINT
        ) from error


def _sentence(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    match first["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is not a known key"
        case _:
            return f"{where}: {first['msg'].removeprefix('Value error, ')}"
