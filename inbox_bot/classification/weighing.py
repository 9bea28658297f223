"""Rules and model together: the model weighs, the rules are part of what it weighs, and the words that decided are named."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from inbox_bot.classification.foreign import is_foreign
from inbox_bot.classification.glance import NEVER, glimpse
from inbox_bot.classification.layout import lay_out, lay_out_tokens, rule_flags
from inbox_bot.classification.model import ANY, MARKETING, RIGHTS, Limits, Model, Opinion
from inbox_bot.classification.rulebook import Rulebook
from inbox_bot.classification.rules import Hit, find
from inbox_bot.classification.verdict import Reading, decide_on
from inbox_bot.domain.rights import MARKETING_RIGHTS, Claim
from inbox_bot.domain.verdict import Evidence, Outcome, Verdict

FOR_A_PERSON = frozenset({"employer", "proxy", "minor", "deceased", "attachment_only", "long_text"})
"""Why a person must look at a mail that may be a request: who asks, or what could not be read, decides here. Such mail never goes
on by itself however clear it is what it asks."""

NEAR = 1.0
"""Log odds below the line at which a mail is left alone: what lies closer was a near thing, and is said so where staff look
for mails that were missed. The shipped model draws the line at one in 22; one in 60 is near."""

_THIN = 40
"""Words up to which a mail that points to an attachment may well have its matter there."""

_FOREIGN = "unknown_language"
_BEHALF = 0.5
_LEAST_SHARE = 0.15


def weigh(book: Rulebook, model: Model, reading: Reading) -> Verdict:
    """Return the verdict on a mail. One in a language nobody taught the program goes to a person, whatever else it seems."""
    verdict = _weighed(book, model, reading)
    if not is_foreign(reading):
        return verdict
    if verdict.outcome is Outcome.NOT_REQUEST:
        return Verdict(outcome=Outcome.UNSURE, language=verdict.language, reasons=(_FOREIGN,))
    return replace(verdict, reasons=(_FOREIGN, *verdict.reasons))


def _weighed(book: Rulebook, model: Model, reading: Reading) -> Verdict:
    hits = find(book, reading.sentences)
    by_rules = decide_on(book, reading, hits)
    if not reading.sentences:
        return by_rules
    if by_rules.outcome is Outcome.NOT_REQUEST:
        words = chain.from_iterable(sentence.words for sentence in reading.sentences)
        if model.glance.say(glimpse(words)) < model.limits.glance:
            return Verdict(outcome=Outcome.NOT_REQUEST, language=by_rules.language)
    features = lay_out(reading, hits)
    opinion = model.opinion(features, rule_flags(by_rules))
    verdict = outcome(_limits(book, model), opinion, by_rules, kept=is_kept(reading, by_rules))
    if verdict.outcome is Outcome.NOT_REQUEST:
        return verdict
    evidence = _evidence(model, reading, hits, opinion, by_rules)
    if verdict.outcome is Outcome.REQUEST and not evidence:
        # Words that decide must be shown; where there are none to show, a person decides.
        return replace(verdict, outcome=Outcome.UNSURE, reasons=("unclear_ask",))
    return replace(verdict, evidence=evidence)


def _limits(book: Rulebook, model: Model) -> Limits:
    """Return the limits that hold. Rules the model has not learnt to weigh, because somebody changed them, it never overrules."""
    if model.card.get("rules") == book.fingerprint:
        return model.limits
    return replace(model.limits, overruled=-NEVER)


def is_kept(reading: Reading, by_rules: Verdict) -> bool:
    """Return whether a mail goes to a person however sure the model is: another person's right was heard, or its matter may lie
    where nothing was read.
    """
    reasons = FOR_A_PERSON.intersection(by_rules.reasons)
    if "long_text" in reasons:
        return True
    if "attachment_only" in reasons and sum(len(sentence.spans) for sentence in reading.sentences) <= _THIN:
        return True
    return bool(reasons - {"attachment_only"}) and any(one.right is not None for one in by_rules.evidence)


def has_heard(by_rules: Verdict) -> bool:
    """Return whether the rules alone would have a person look, whatever the mail is like: one is sure, or who asks matters."""
    return by_rules.outcome is Outcome.REQUEST or not FOR_A_PERSON.isdisjoint(by_rules.reasons)


def outcome(limits: Limits, opinion: Opinion, by_rules: Verdict, *, kept: bool) -> Verdict:
    """Return the verdict without its evidence. What the rules have heard goes to a person, unless the model is very sure that it
    is none; what is ``kept`` goes there always.
    """
    if opinion.glance < limits.glance:
        return Verdict(outcome=Outcome.NOT_REQUEST, language=by_rules.language)
    must_look = tuple(reason for reason in by_rules.reasons if reason in FOR_A_PERSON)
    if opinion.asked < limits.left:
        if kept or (has_heard(by_rules) and opinion.asked >= limits.overruled):
            return replace(by_rules, outcome=Outcome.UNSURE, reasons=by_rules.reasons or ("unclear",))
        near = by_rules.outcome is not Outcome.NOT_REQUEST or opinion.asked >= limits.left - NEAR
        return Verdict(outcome=Outcome.NOT_REQUEST, language=by_rules.language, near=near)
    if opinion.behalf > _BEHALF and not must_look:
        must_look = ("third_person",)
    claims = tuple(_claim(number, opinion, by_rules) for number in opinion.chosen)
    if opinion.asked >= limits.asked and opinion.sureness >= limits.surely:
        return Verdict(outcome=Outcome.REQUEST, claims=claims, language=by_rules.language, reasons=must_look)
    reasons = by_rules.reasons if by_rules.outcome is Outcome.UNSURE else ()
    unclear = "unclear_rights" if opinion.asked >= limits.asked else "unclear_ask"
    return Verdict(
        outcome=Outcome.UNSURE,
        claims=claims,
        language=by_rules.language,
        reasons=tuple(dict.fromkeys([*must_look, *reasons])) or (unclear,),
    )


def _claim(number: int, opinion: Opinion, by_rules: Verdict) -> Claim:
    """Return a claim to a right. Whether it is a marketing stop the rules say where they heard it, else its sentence."""
    right = RIGHTS[number]
    heard = [claim for claim in by_rules.claims if claim.right is right]
    if heard and by_rules.outcome is Outcome.REQUEST:
        return heard[0]
    strongest = opinion.sentences[:, number].argmax()
    return Claim(right=right, marketing=right in MARKETING_RIGHTS and bool(opinion.sentences[strongest, MARKETING] > 0))


def _evidence(
    model: Model, reading: Reading, hits: Sequence[Hit], opinion: Opinion, by_rules: Verdict
) -> tuple[Evidence, ...]:
    """Return the words that speak for each chosen right: a rule's own where one heard it, else the strongest clause."""
    found: list[Evidence] = []
    for number in opinion.chosen:
        heard = [one for one in by_rules.evidence if one.right is RIGHTS[number]]
        found += heard or [_clause(model, reading, hits, opinion, number)]
    return tuple(dict.fromkeys(found))


def _clause(model: Model, reading: Reading, hits: Sequence[Hit], opinion: Opinion, number: int) -> Evidence:
    strongest = int(opinion.sentences[:, number].argmax())
    sentence = reading.sentences[strongest]
    features = lay_out_tokens(reading, hits, strongest)
    weights = np.zeros(len(sentence.spans))
    for head in (number, ANY):
        shares = model.shares(features, head)
        weights[: len(shares)] += shares
    first, last = _strongest_run(weights.tolist())
    start, end = sentence.spans[first][0], sentence.spans[last][1]
    return Evidence(
        right=RIGHTS[number],
        text=reading.texts[sentence.part][start:end],
        start=start,
        end=end,
        rule=f"model.{RIGHTS[number].value}",
        part=sentence.part,
    )


def _strongest_run(weights: Sequence[float]) -> tuple[int, int]:
    """Return the first and last place of the run of words that speaks most for the right, at least four words long."""
    spread = float(np.abs(weights).sum()) / max(1, len(weights))
    best, run = (-np.inf, 0, 0), (0.0, 0)
    for at, weight in enumerate(weights):
        value = weight - _LEAST_SHARE * spread
        run = (run[0] + value, run[1]) if run[0] > 0 else (value, at)
        if run[0] > best[0]:
            best = (run[0], run[1], at)
    first, last = best[1], best[2]
    while last - first < 3 and (first > 0 or last < len(weights) - 1):
        first, last = max(0, first - 1), min(len(weights) - 1, last + 1)
    return first, last
