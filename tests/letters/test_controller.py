"""The company's facts: read whole, or refused with the file and the key."""

import re

import pytest

from inbox_bot.domain.letters import Language
from inbox_bot.domain.recipients import TOLD_OF, RecipientKind
from inbox_bot.domain.rights import Right
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
        (r'basis_sv = ""', 'basis_sv = "avtalet"', "purposes[0].basis_sv and basis_en must both"),
        (r'period_en = "[^"]+"', "", "categories[0].period_en must be a text"),
        (r"(?s)\[\[purposes\]\].*?(?=# What kinds)", "", "purposes must be one or more tables"),
        (
            r'financial_year_ends = ""',
            'financial_year_ends = "31 dec"',
            "bookkeeping.financial_year_ends must be MM-DD",
        ),
        (r'financial_year_ends = ""', 'financial_year_ends = "02-29"', "bookkeeping.financial_year_ends must be MM-DD"),
        (r"years = 7", "years = 0", "bookkeeping.years must be a whole number"),
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


RECIPIENT = """
[[recipients]]
name = "Exempelplattformen AB"
kind = "supplier"
role_sv = "driver kursplattformen"
role_en = "runs the course platform"
data_sv = "namn"
data_en = "names"
country_sv = "Sverige"
country_en = "Sweden"
processor = true
eea = true
address = "dataskydd@example.com"
language = "sv"
"""
TRANSFER = """
[[transfers]]
recipient = "Exempelplattformen AB"
country_sv = "USA"
country_en = "the USA"
safeguard_sv = "avtal"
safeguard_en = "a contract"
"""


def test_the_register_of_recipients_is_typed(read, text):
    [recipient] = read(text + RECIPIENT).recipients
    assert (recipient.name, recipient.kind) == ("Exempelplattformen AB", RecipientKind.SUPPLIER)
    assert (recipient.address, recipient.language, recipient.processor) == ("dataskydd@example.com", Language.SV, True)
    assert recipient.told == TOLD_OF == (Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)
    [employer] = read(text + RECIPIENT.replace("supplier", "employer") + 'told = ["erasure"]').recipients
    assert (employer.kind, employer.told) == (RecipientKind.EMPLOYER, (Right.ERASURE,))


@pytest.mark.parametrize(
    ("added", "key"),
    [
        (RECIPIENT.replace("supplier", "friend"), "recipients[0].kind is 'friend'"),
        (RECIPIENT.replace("processor = true", 'processor = "yes"'), "recipients[0].processor must be true or false"),
        (RECIPIENT.replace("dataskydd@example.com", "Storgatan 1"), "recipients[0].address must be a mail address"),
        (RECIPIENT + 'told = ["access"]', "recipients[0].told may only hold"),
        (RECIPIENT + 'told = "erasure"', "recipients[0].told must be a list"),
        (RECIPIENT + 'fax = "1"', "recipients[0].fax is not a known key"),
        (RECIPIENT + RECIPIENT, "recipients must not name a recipient twice"),
        (RECIPIENT.replace("eea = true", "eea = false"), "transfers must give the safeguard for Exempelplattformen AB"),
        (RECIPIENT + TRANSFER, "transfers names Exempelplattformen AB, who is no listed recipient with eea = false"),
    ],
)
def test_a_recipient_that_cannot_be_used_is_named(read, text, added, key):
    with pytest.raises(RulesError) as caught:
        read(text + added)
    assert key in str(caught.value)


def test_what_the_company_has_to_settle_is_listed_until_it_is(read, text):
    open_questions = " ".join(read(text).unsettled())
    for key in ("[[recipients]]", "[[purposes]] basis: 6 of 6", "financial_year_ends", "[facts] backups"):
        assert key in open_questions
    settled = re.sub(r'basis_(sv|en) = ""', r'basis_\1 = "avtalet"', text)
    settled = settled.replace('financial_year_ends = ""', 'financial_year_ends = "12-31"')
    settled = settled.replace('backups = ""', 'backups = "Fem veckor."') + RECIPIENT
    assert read(settled).unsettled() == ()
    [unreachable] = read(settled.replace("dataskydd@example.com", "")).unsettled()
    assert "Exempelplattformen AB" in unreachable


def test_a_recipient_outside_the_eea_is_told_of_with_its_safeguard(read, text):
    [transfer] = read(text + RECIPIENT.replace("eea = true", "eea = false") + TRANSFER).register.transfers
    assert (transfer.country_en, transfer.safeguard_sv) == ("the USA", "avtal")
