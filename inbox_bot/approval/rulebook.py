"""What a no and the end of a restriction demand of people. ``toml_rules.py`` reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DecisionRules:
    """Lengths in characters, periods in working days, ``delivery_days`` in days. ``second_words`` are lower case."""

    reason_length: int
    second_length: int
    second_letters: frozenset[str]
    second_words: tuple[str, ...]
    lifting_working_days: int
    warning_working_days: int
    delivery_days: int = 30
