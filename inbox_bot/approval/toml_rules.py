"""Reads ``rules/decisions.toml``."""

from pathlib import Path

from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.rules_file import read_rules_file


def read_decisions(path: Path) -> DecisionRules:
    """Return the rules in a file. Raises RulesError naming the file and the key that is missing or wrong."""
    root = read_rules_file(path).only("refusal", "second", "lifting", "warning", "delivery")
    second = root.table("second").only("least_characters", "letters", "words")
    return DecisionRules(
        reason_length=root.table("refusal").only("least_characters").number("least_characters", 1, 2000),
        second_length=second.number("least_characters", 1, 2000),
        second_letters=frozenset(second.words("letters")),
        second_words=tuple(word.lower() for word in second.words("words")),
        lifting_working_days=root.table("lifting").only("working_days").number("working_days", 1, 30),
        warning_working_days=root.table("warning").only("working_days").number("working_days", 1, 30),
        delivery_days=root.table("delivery").only("days").number("days", 1, 90),
    )
