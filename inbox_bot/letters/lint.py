"""Whether a finished letter says all that the law demands of it, and nothing it may not say. Decides only."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inbox_bot.domain.letters import Done, FieldKind, Finding, Language, LetterField
from inbox_bot.letters.checklist import Checklists, DoneClaim, Element, Forbidden, Patterns
from inbox_bot.letters.cleaning import clean_line
from inbox_bot.letters.letterbook import Declaration, Reader
from inbox_bot.letters.plainness import lix, longest_sentence, word_count

_FACTS_FILE = "rules/controller.toml"
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n")
# "När kontot är raderat …" promises, "det som är raderat" describes, "inget är raderat" denies, "är kontot raderat?" asks.
_NOT_YET = re.compile(
    r"(?i)\b(?:när|innan|tills|så fort|when|once|until|before|whether)\b|(?:^|, |och |and )(?:om|efter att|if|after)\b"
)
_RELATIVE = re.compile(r"(?i)\b(?:som|that|which|what|inget|inga|ingen|nothing|nobody)(?: nu| now)? ?$")
_NEGATION = re.compile(r"(?i)\b(?:inte|ej|aldrig|inget|inga|not|never|nothing|no)\b")
_MOST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished letter with what it was made of. ``texts``: subject with text, and what a reader of the HTML sees.

    ``anonymous`` are the same without the requester's own name, which a stranger chose. ``values`` are cleaned, each
    declared one present; ``pieces`` gives what must stand in the letter for a value, or one column
    of it, to have been said; ``facts`` the
    controller's facts by dotted name; ``system_names`` what each system is called.
    """

    declaration: Declaration
    language: Language
    texts: Sequence[str]
    anonymous: Sequence[str]
    values: Mapping[str, Any]
    pieces: Callable[[str, str], Sequence[str]]
    facts: Mapping[str, str]
    system_names: Sequence[str]
    defaults: Mapping[str, str]


def lint(letter: Letter, checklists: Checklists, recorded: Sequence[Done]) -> tuple[Finding, ...]:
    """Return what is wrong with a letter, what stops it first. ``recorded`` is all that is recorded as done for it."""
    found = [
        *_lacking(letter, checklists),
        *_unrecorded(letter, recorded),
        *_claimed(letter, checklists.done, recorded),
        *_forbidden(letter, checklists.forbidden),
        *_heavy(letter, checklists),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.stops))


def lacks(letter: Letter, element: Element) -> str | None:
    """Return the value to mend where a letter does not say an element (a dotted fact, or "" for its template), else None."""
    for place in element.values:
        name, _, column = place.partition(".")
        pieces = letter.pieces(name, column) if name in letter.values else ()
        if not pieces or not all(_says(text, piece) for text in letter.texts for piece in pieces):
            return name
    for name in element.facts:
        fact = letter.facts.get(name, "")
        if not fact or not all(_says(text, fact) for text in letter.texts):
            return name
    patterns = element.patterns[letter.language]
    if not patterns:
        return None
    if not element.within:
        return None if all(_matches(patterns, text) for text in letter.texts) else ""
    sources = _sources(letter, element)
    return (
        None if sources and all(_matches(patterns, source) for source in sources) else element.within.partition(".")[0]
    )


def _lacking(letter: Letter, checklists: Checklists) -> Iterator[Finding]:
    demanded = [(element, True) for element in checklists.demanded(letter.declaration, letter.values)]
    advised = [(checklists.elements[name], False) for name in letter.declaration.advises]
    for element, stops in (*demanded, *advised):
        at = lacks(letter, element)
        if at is None or (element.instead and lacks(letter, checklists.elements[element.instead]) is None):
            continue
        text = f"Brevet säger inte {element.says} ({element.article}). {_where(letter, at)}"
        yield Finding(name=element.name, text=text, stops=stops, field=at if at in letter.values else "")


def _where(letter: Letter, at: str) -> str:
    """Return where something missing is to be written."""
    label = next((field.label for field in letter.declaration.fields if field.name == at and field.by_staff), "")
    if label:
        return f"Skriv det i ”{label}”."
    if "." in at:
        return f"Skriv det i {_FACTS_FILE}, {at}."
    return f"Det ska stå i brevets mall, templates/letters/{letter.declaration.name}."


def _sources(letter: Letter, element: Element) -> list[str]:
    """Return the texts in which an element's patterns are looked for."""
    name, _, column = element.within.partition(".")
    value = letter.values.get(name) or ""
    if isinstance(value, str):
        if column == "systems":
            return [system for system in letter.system_names if system.casefold() in value.casefold()]
        lines = [line.strip() for line in value.split("\n") if line.strip().startswith("- ")]
        return lines if element.each and lines else [value] if value else []
    rows = [_cell(letter, row, column) for row in value]
    return rows if element.each or not rows else ["\n".join(rows)]


def _cell(letter: Letter, row: Mapping[str, Any], column: str) -> str:
    if column != "where":
        return str(row.get(column, ""))
    named = [name for name in letter.system_names if name.casefold() in str(row["what"]).casefold()]
    return str(row.get("system", "")) or ", ".join(named)


def _unrecorded(letter: Letter, recorded: Sequence[Done]) -> Iterator[Finding]:
    """Yield the rows of what is done that no recorded action bears out: same system, same day (law.md 7, rule 7)."""
    on_record = {(clean_line(done.system).casefold(), done.on) for done in recorded}
    for field in letter.declaration.fields:
        for row in letter.values.get(field.name) or () if field.kind is FieldKind.ACTIONS else ():
            if (str(row.get("system", "")).casefold(), row["on"]) not in on_record:
                text = f"Brevet säger ”{_short(row['what'])}”, men det är inte antecknat som gjort i det systemet den dagen."
                yield Finding(
                    name="recorded", text=f"{text} {_where(letter, field.name)}", stops=True, field=field.name
                )


def _claimed(letter: Letter, claims: Sequence[DoneClaim], recorded: Sequence[Done]) -> Iterator[Finding]:
    if letter.declaration.reader is Reader.STAFF:
        return
    said = [done.what.casefold() for done in recorded]
    for claim in claims:
        if any(stem in what for stem in claim.recorded for what in said):
            continue
        left_alone = _left_alone(letter, claim.not_in)
        for text in letter.anonymous:
            for words in claimed_done(claim.patterns, _without(text, left_alone)):
                yield Finding(
                    name=claim.name,
                    text=f"{claim.says.format(found=_short(words))} Anteckna åtgärden först, eller stryk orden.",
                    stops=True,
                )


def claimed_done(patterns: Patterns, text: str) -> Iterator[str]:
    """Yield the words of a text that claim something is done; a condition, a negation and a question claim nothing."""
    for sentence in _SENTENCE_END.split(text):
        if sentence.rstrip().endswith("?"):
            continue
        for pattern in patterns:
            for match in pattern.finditer(sentence):
                before = sentence[: match.start()]
                if not (_NOT_YET.search(before) or _RELATIVE.search(before) or _NEGATION.search(match[0])):
                    yield match[0]


def _forbidden(letter: Letter, rules: Sequence[Forbidden]) -> Iterator[Finding]:
    for rule in rules:
        if (rule.readers and letter.declaration.reader not in rule.readers) or (
            rule.letters and letter.declaration.name not in rule.letters
        ):
            continue
        left_alone = _left_alone(letter, rule.not_in)
        for text in letter.anonymous:
            found = forbidden_words(rule.patterns, _without(text, left_alone))
            if found is not None:
                yield Finding(
                    name=rule.name,
                    text=rule.says.format(found="" if rule.secret else _short(found)),
                    stops=rule.stops,
                    field=_field_with(letter, rule.patterns),
                )


def forbidden_words(patterns: Patterns, text: str) -> str | None:
    """Return the first words of a text that a rule forbids, or None."""
    return next((match[0] for pattern in patterns if (match := pattern.search(text))), None)


def _field_with(letter: Letter, patterns: Patterns) -> str:
    """Return the value by which forbidden words came into the letter, "" where they stand in no single one."""
    for field in letter.declaration.fields:
        value = letter.values.get(field.name)
        texts = [value] if isinstance(value, str) else [str(cell) for row in _rows(value) for cell in row.values()]
        if field.by_staff and any(_matches(patterns, text) for text in texts):
            return field.name
    return ""


def _heavy(letter: Letter, checklists: Checklists) -> Iterator[Finding]:
    """Yield a warning for each of the staff's own texts that is hard to read."""
    plain = checklists.plain
    for field in letter.declaration.fields:
        text = letter.values.get(field.name)
        own = isinstance(text, str) and _is_own(field, text, letter.defaults)
        if not own or field.name in plain.not_in or word_count(str(text)) < plain.fewest_words:
            continue
        assert isinstance(text, str)
        found = round(lix(text))
        if found > plain.lix:
            said = (
                f"”{field.label}” är tungt att läsa (LIX {found}, högst {plain.lix}). Skriv kortare ord och meningar."
            )
            yield Finding(name="lix", text=said, stops=False, field=field.name)
        longest = longest_sentence(text)
        if word_count(longest) > plain.words_in_a_sentence:
            said = f"”{field.label}” har en mening på {word_count(longest)} ord: ”{_short(longest)}”. Dela den."
            yield Finding(name="long_sentence", text=said, stops=False, field=field.name)


def _is_own(field: LetterField, text: str, defaults: Mapping[str, str]) -> bool:
    return field.by_staff and field.kind in {FieldKind.TEXT, FieldKind.LINE} and text != defaults.get(field.name)


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, (list, tuple)) else ()


def _matches(patterns: Patterns, text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _says(text: str, piece: str) -> bool:
    return " ".join(piece.split()) in " ".join(text.split())


def _left_alone(letter: Letter, names: Sequence[str]) -> list[str]:
    return [piece for name in names if name in letter.values for piece in letter.pieces(name, "")]


def _without(text: str, pieces: Sequence[str]) -> str:
    flat = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    for piece in pieces:
        flat = flat.replace(" ".join(piece.split()), " ")
    return flat


def _short(words: str) -> str:
    flat = " ".join(str(words).split())
    return flat if len(flat) <= _MOST_SHOWN else f"{flat[:_MOST_SHOWN].rstrip()} …"
