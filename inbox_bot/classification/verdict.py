"""What the rules that hold amount to: a request, something a person must look at, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from inbox_bot.classification.certainty import why_unclear
from inbox_bot.classification.rulebook import Rulebook, Scope, Strength
from inbox_bot.classification.rules import Hit, Sentence, find
from inbox_bot.domain.verdict import Evidence, Outcome, Part, Verdict

_DENYING = frozenset({"negated", "right_named"})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A mail as the rules see it. ``texts`` are the originals that offsets count in.

    ``quoted`` are offset pairs of words within quotation marks. ``is_answer``: the subject is an older mail's.
    ``unread`` holds the mask of what stood beyond the length that is read word by word.
    """

    texts: dict[Part, str]
    sentences: Sequence[Sentence]
    language: str
    quoted: dict[Part, Sequence[tuple[int, int]]] = field(default_factory=dict)
    is_answer: bool = False
    unread: int = 0


def decide(book: Rulebook, reading: Reading) -> Verdict:
    """Return the rules' verdict. When in doubt it is ``unsure``; only words settled as something else are let go."""
    return decide_on(book, reading, find(book, reading.sentences))


def decide_on(book: Rulebook, reading: Reading, hits: Sequence[Hit]) -> Verdict:
    """Return the verdict that the rules come to by what ``find`` found."""
    settled = [hit for hit in hits if hit.rule.strength is Strength.SETTLED]
    kept = [hit for hit in hits if not any(_lets_go(by, hit) for by in settled)]
    asked = _without_absorbed([hit for hit in kept if hit.rule.strength is Strength.REQUEST])
    hints = [hit for hit in kept if hit.rule.strength is Strength.HINT]
    doubts = [hit for hit in hits if hit.rule.strength is Strength.DOUBT]
    why = {_key(hit): _reasons(hit, doubts, reading) for hit in asked}
    live = [hit for hit in asked if not why[_key(hit)]]
    heard = [hit for hit in (*hints, *asked) if why.get(_key(hit)) != () and not _is_denied(hit, doubts, reading)]
    voices = [hit for hit in hits if hit.rule.strength is Strength.ASK]
    unclear = why_unclear(live, heard, voices, reading.sentences, book.turns) if live else ()
    if live and not unclear:
        return _verdict(Outcome.REQUEST, live, (), reading)
    too_long = ("long_text",) if reading.unread & book.speaking.bits else ()
    if not asked and not hints and not too_long:
        return Verdict(outcome=Outcome.NOT_REQUEST, language=reading.language)
    doubted = [doubt for doubt in doubts if any(_reaches(doubt, hit) for hit in asked)]
    named = [
        *unclear,
        *(reason for hit in asked for reason in why[_key(hit)]),
        *(doubt.rule.reason for doubt in doubts if doubt.rule.scope is Scope.MAIL),
        *(hit.rule.reason for hit in hints),
        *too_long,
    ]
    reasons = tuple(dict.fromkeys(reason for reason in named if reason)) or ("unclear",)
    return _verdict(Outcome.UNSURE, [*asked, *hints, *doubted], reasons, reading)


def _key(hit: Hit) -> tuple[str, int, int, int]:
    return hit.rule.id, hit.sentence, hit.start, hit.end


def _lets_go(by: Hit, hit: Hit) -> bool:
    """True where a settlement explains a hit. Beyond its own words it explains hints only: a request stands."""
    return by.overlaps(hit) if hit.rule.strength is Strength.REQUEST else _reaches(by, hit)


def _reaches(by: Hit, hit: Hit) -> bool:
    """True where a doubt's or a settlement's scope takes in a hit. One that names a right reaches that right alone."""
    if by.rule.claim and by.rule.claim != hit.rule.claim:
        return False
    match by.rule.scope:
        case Scope.MAIL:
            return True
        case Scope.SENTENCE:
            return by.sentence == hit.sentence
        case Scope.AFTER:
            return by.sentence == hit.sentence and (by.start <= hit.start or by.overlaps(hit))
        case Scope.OVERLAP:
            return by.overlaps(hit)


def _without_absorbed(asked: Sequence[Hit]) -> list[Hit]:
    """Leave out hits whose words another rule understands better, and fallbacks where anything else was asked."""
    kept = [
        hit for hit in asked if not any(hit.rule.claim in other.rule.absorbs and other.overlaps(hit) for other in asked)
    ]
    firm = [hit for hit in kept if not hit.rule.fallback]
    return firm or kept


def _reasons(hit: Hit, doubts: Sequence[Hit], reading: Reading) -> tuple[str, ...]:
    named = [doubt.rule.reason for doubt in doubts if _reaches(doubt, hit)]
    sentence = reading.sentences[hit.sentence]
    start, end = sentence.spans[hit.start][0], sentence.spans[hit.end - 1][1]
    if any(first <= start and end <= last for first, last in reading.quoted.get(sentence.part, ())):
        named.append("quoted")
    if reading.is_answer and sentence.part is Part.SUBJECT:
        named.append("quoted")
    return tuple(dict.fromkeys(named))


def _is_denied(hit: Hit, doubts: Sequence[Hit], reading: Reading) -> bool:
    """True for "radera inget" and "rätten att begära radering": no half-heard request for erasure beside another one."""
    return not _DENYING.isdisjoint(_reasons(hit, doubts, reading))


def _verdict(outcome: Outcome, hits: Sequence[Hit], reasons: tuple[str, ...], reading: Reading) -> Verdict:
    ordered = sorted(hits, key=lambda hit: (hit.sentence, hit.start, hit.end))
    return Verdict(
        outcome=outcome,
        claims=tuple(dict.fromkeys(hit.rule.claim for hit in ordered if hit.rule.claim)),
        language=reading.language,
        evidence=tuple(dict.fromkeys(_evidence(hit, reading) for hit in ordered)),
        reasons=reasons,
    )


def _evidence(hit: Hit, reading: Reading) -> Evidence:
    sentence = reading.sentences[hit.sentence]
    start, end = sentence.spans[hit.start][0], sentence.spans[hit.end - 1][1]
    return Evidence(
        right=hit.rule.claim.right if hit.rule.claim else None,
        text=reading.texts[sentence.part][start:end],
        start=start,
        end=end,
        rule=hit.rule.id,
        part=sentence.part,
    )
