"""Reads ``rules/domains.toml`` and says of a wrong one which file, which key and what."""

from pathlib import Path

from inbox_bot.message.domains import DomainRules
from inbox_bot.rules_file import RulesTable, read_rules_file


def read_domains(path: Path) -> DomainRules:
    """Return the rules. Raises RulesError naming the file and the key that is missing, unknown or wrong."""
    file = read_rules_file(path).only("suffixes", "lookalike")
    suffixes = file.table("suffixes").only("below_countries", "whole")
    lookalike = file.table("lookalike").only("known", "shortest", "glyphs")
    glyphs = lookalike.table("glyphs")
    return DomainRules(
        below_countries=frozenset(suffixes.words("below_countries")),
        whole=_domains(suffixes, "whole"),
        known=_domains(lookalike, "known"),
        shortest=lookalike.number("shortest", 3, 20),
        glyphs={glyph: glyphs.text(glyph) for glyph in glyphs.values},
    )


def _domains(table: RulesTable, name: str) -> frozenset[str]:
    domains = table.words(name)
    for domain in domains:
        if domain != domain.lower().strip(".") or "." not in domain or " " in domain or "@" in domain:
            raise table.wrong(name, f"holds {domain!r}, which is no domain in small letters")
    return frozenset(domains)
