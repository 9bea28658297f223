"""The company's facts: read whole, or refused with the file and the key."""

import re

import pytest

from inbox_bot.domain.letters import Language
from inbox_bot.errors import RulesError
from inbox_bot.letters.controller import MAY_BE_EMPTY, read_controller


@pytest.fixture
def text(shipped):
    return (shipped.parents[1] / "rules" / "controller.toml").read_text(encoding="utf-8")


@pytest.fixture
def read(tmp_path):
    def run(content):
        file = tmp_path / "controller.toml"
        file.write_text(content, encoding="utf-8")
        return read_controller(file)

    return run


def test_the_shipped_facts(controller):
    assert controller.reference_prefix == "PK"
    assert controller.company.name == "Prokompetens i Sverige AB"
    assert controller.company.orgnr == "556911-3441"
    assert (controller.authority.name, controller.authority.short_name) == ("Integritetsskyddsmyndigheten", "IMY")
    assert controller.authority.address == "Box 8114, 104 20 Stockholm"
    assert (controller.authority.mail, controller.authority.phone) == ("imy@imy.se", "08-657 61 00")
    assert "tingsrätt" in controller.facts[Language.SV].court
    assert controller.systems[0].name == "kursplattformen"


def test_both_languages_leave_the_same_facts_open(controller):
    for name in MAY_BE_EMPTY:
        assert len({bool(getattr(facts, name)) for facts in controller.facts.values()}) == 1


def test_system_names_follow_the_language_and_unknown_ones_stay(controller):
    assert controller.system_name("mailboxen", Language.EN) == "the mailbox"
    assert controller.system_name("mailboxen", Language.SV) == "mailboxen"
    assert controller.system_name("pärmen", Language.EN) == "pärmen"


def test_facts_cannot_be_changed(controller):
    with pytest.raises(TypeError):
        controller.facts[Language.SV] = None


@pytest.mark.parametrize(
    ("pattern", "replacement", "key"),
    [
        (r'orgnr = "[^"]+"', "", "company.orgnr must be a text"),
        (r'orgnr = "[^"]+"', "orgnr = 5569113441", "company.orgnr must be a text"),
        (r'orgnr = "[^"]+"', 'orgnr = " "', "company.orgnr must not be empty"),
        (r'orgnr = "[^"]+"', 'orgnr = "1"\nfax = "1"', "company.fax is not a known key"),
        (r'reference_prefix = "PK"', 'reference_prefix = "pk-"', "reference_prefix must be capital letters"),
        (r"\[authority\]", "[authorities]", "authorities is not a known key"),
        (r"(?m)^\[facts\.en\]", "[facts.de]", "facts.de is not a known key"),
        (r'name = "intygsarkivet"', 'name = "mailboxen"', "systems must not name a system twice"),
        (r'name_en = "the mailbox"', "", "systems[4].name_en must be a text"),
        (r"(?s)\[\[systems\]\].*", "", "systems must be one or more tables"),
        (r"(?s)\[company\].*?\n\n", "company = 1\n", "company must be a table"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(read, text, pattern, replacement, key):
    changed = re.sub(pattern, lambda _: replacement, text, count=1)
    assert changed != text
    with pytest.raises(RulesError) as caught:
        read(changed)
    assert "controller.toml" in str(caught.value)
    assert key in str(caught.value)


def test_a_missing_or_broken_file_is_named(read, tmp_path):
    with pytest.raises(RulesError, match="cannot be read"):
        read_controller(tmp_path / "absent.toml")
    with pytest.raises(RulesError, match="not TOML"):
        read("[company")
