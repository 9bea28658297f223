"""The rules tried on the examples that stand beside them."""

from collections.abc import Iterator
from pathlib import Path

from inbox_bot.classification.rulebook import Rule, Strength
from inbox_bot.classification.rules import holds
from inbox_bot.classification.spacy_model import SpacyClassifier, load
from inbox_bot.domain.verdict import Outcome
from inbox_bot.errors import RulesError


def check_rules(rules_dir: Path) -> list[str]:
    """Return what is wrong with the rules, a sentence each; empty where all is well. Never raises for what a file holds."""
    try:
        classifier = load(rules_dir)
    except RulesError as fault:
        return [str(fault)]
    return [problem for rule in classifier.book.rules for problem in _problems(classifier, rule)]


def _problems(classifier: SpacyClassifier, rule: Rule) -> Iterator[str]:
    for example in rule.must_match:
        if not _holds(classifier, rule, example):
            yield f"{rule.file}, {rule.id}: must match {example!r} and does not."
    for example in rule.must_not_match:
        if _holds(classifier, rule, example):
            yield f"{rule.file}, {rule.id}: must not match {example!r} and does."


def _holds(classifier: SpacyClassifier, rule: Rule, example: str) -> bool:
    """Return whether a rule decides on a text: with its own words where it asks or hints, else wherever it is found."""
    if not holds(rule, classifier.read("", example).sentences):
        return False
    verdict = classifier.classify("", example)
    if rule.strength is Strength.REQUEST:
        asked = verdict.outcome is Outcome.REQUEST and rule.claim in verdict.claims
        return asked and any(evidence.rule == rule.id for evidence in verdict.evidence)
    return rule.strength is not Strength.HINT or verdict.outcome is not Outcome.NOT_REQUEST
