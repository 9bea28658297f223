"""Every shipped letter, read as the law and its reader would."""

import re
from datetime import date
from pathlib import Path

import pytest

from inbox_bot.domain.letters import Language
from inbox_bot.domain.rights import Right
from inbox_bot.errors import LetterIncompleteError, TemplateError
from inbox_bot.letters.letterbook import Reader
from inbox_bot.letters.plainness import lix, longest_sentence, word_count
from inbox_bot.letters.visible import visible

LETTERS = (
    "account_link",
    "automated_decisions",
    "cannot_identify",
    "cannot_identify_sender",
    "daily_alarm",
    "erasure_warning",
    "extension",
    "fee_notice",
    *(f"granted_{right.value}" for right in Right),
    "identity_link",
    "identity_question",
    "identity_reminder",
    "marketing_stopped",
    "no_data",
    "page_code",
    "proxy_missing",
    "receipt",
    "receipt_account",
    "receipt_check",
    "receipt_identity",
    "receipt_question",
    "recipient_employer",
    "recipient_reminder",
    "recipient_supplier",
    *(f"refused_{right.value}" for right in Right),
    "restriction_lifting",
    "self_check",
    "staff_login",
    "statement_added",
    "urgent_alarm",
    "waiting",
    "weekly_digest",
    "withdrawn",
    "wrong_controller",
)
RECIPIENTS = {"recipient_supplier", "recipient_employer", "recipient_reminder"}
STAFF = {"daily_alarm", "self_check", "staff_login", "urgent_alarm", "waiting", "weekly_digest"}
READ = [(name, language) for name in LETTERS for language in Language if name not in STAFF or language is Language.SV]
REFUSALS = ["cannot_identify", "cannot_identify_sender", "fee_notice", *(f"refused_{right.value}" for right in Right)]

GRANTS = [f"granted_{right.value}" for right in Right]
every_letter = pytest.mark.parametrize(("name", "language"), READ)


def words(text):
    return re.findall(r"\S*\w\S*", text)


def same(letter, name):
    """Tell whether text and HTML say the same. What staff open are links with words on them, whose addresses stand in the text."""
    addresses = re.findall(r"https?://\S+", letter.text) if name in STAFF else []
    text = letter.text
    for address in addresses:
        assert f'href="{address}"' in letter.html or address in visible(letter.html)
        text = text if address in visible(letter.html) else text.replace(address, " ", 1)
    return words(visible(letter.html)) == words(text)


def test_lix_counts_as_it_should():
    assert lix("Det är en bra dag. Vi ses i parken.") == pytest.approx(4.5)
    assert lix("Personuppgiftsansvarig myndighet beslutar") == pytest.approx(103)


def test_names_are_those_agreed(book):
    assert book.names() == tuple(sorted(LETTERS))


def test_nothing_is_declared_in_vain_or_used_undeclared(book):
    assert book.problems() == ()


@every_letter
def test_renders_with_every_value(book, full, name, language):
    letter = book.render(name, language, full(name, language))
    assert letter.subject == letter.subject.strip()
    assert "\n" not in letter.subject
    assert "{{" not in letter.text + letter.html
    assert "None" not in words(letter.text)
    assert "\n\n\n" not in letter.text


@every_letter
def test_renders_with_only_what_is_required(book, full, name, language):
    values = full(name, language)
    for field in book.fields(name):
        if not field.required:
            values.pop(field.name, None)
    letter = book.render(name, language, values)
    assert "\n\n\n" not in letter.text
    assert same(letter, name)


@every_letter
def test_text_and_html_say_the_same(book, full, name, language):
    letter = book.render(name, language, full(name, language))
    assert same(letter, name)


@every_letter
def test_each_required_value_is_demanded(book, full, name, language):
    required = [field.name for field in book.fields(name) if field.required]
    assert required
    for missing in required:
        empty = {**full(name, language), missing: ""}
        assert book.missing(name, empty) == (missing,)
        with pytest.raises(LetterIncompleteError) as caught:
            book.render(name, language, empty)
        assert caught.value.missing == (missing,)


@every_letter
def test_a_value_it_does_not_know_is_named(book, full, name, language):
    with pytest.raises(TemplateError, match="reasonz"):
        book.render(name, language, {**full(name, language), "reasonz": "x"})


@every_letter
def test_values_are_escaped_in_html_and_left_alone_in_text(book, full, name, language):
    values = full(name, language)
    mark = '<b>&"x"</b>'
    for field in book.fields(name):
        if isinstance(values.get(field.name), str) and field.kind in {"line", "text"}:
            values[field.name] = mark
    letter = book.render(name, language, values)
    assert "<b>" not in letter.html
    if mark in letter.text:
        assert "&lt;b&gt;&amp;" in letter.html


@every_letter
def test_letters_are_easy_to_read(book, full, name, language):
    letter = book.render(name, language, full(name, language))
    assert lix(letter.text) < 45
    longest = longest_sentence(letter.text)
    assert word_count(longest) <= 26, longest


@every_letter
def test_forbidden_words(book, full, name, language):
    letter = book.render(name, language, full(name, language))
    for text in (letter.subject, letter.text, visible(letter.html)):
        assert "datainspektion" not in text.lower()
        assert not re.search(r"30\s*(dagar|days)", text.lower())
        assert "enligt ovan" not in text.lower()


def test_templates_never_name_the_old_authority_or_a_period_in_days(shipped):
    for file in shipped.parent.rglob("*"):
        if file.is_file() and file.name != "lint.toml":
            text = file.read_text(encoding="utf-8").lower()
            assert "datainspektionen" not in text, file
            assert not re.search(r"30\s*dagar", text), file


def test_no_company_fact_stands_in_a_template(shipped, controller):
    company, authority = controller.company, controller.authority
    facts = [company.orgnr, company.phone, company.street, company.mail, company.short_name, authority.mail]
    for file in shipped.rglob("*.*"):
        text = file.read_text(encoding="utf-8") if file.name != "lint.toml" else ""
        assert not [fact for fact in [*facts, authority.name, authority.phone] if fact in text], file


@pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name, language in READ if name not in STAFF | RECIPIENTS]
)
def test_every_letter_to_a_requester_says_who_writes_and_how_to_complain(book, full, controller, name, language):
    letter = book.render(name, language, full(name, language))
    for text in (letter.text, visible(letter.html)):
        assert "PK-2026-0042" in text
        for fact in (controller.company.name, controller.company.orgnr, controller.company.mail):
            assert fact in text
        assert text.count(controller.authority.name) == 1
        assert text.count(controller.authority.mail) == 1
        assert controller.facts[language].request_records[:40] in text
    assert "PK-2026-0042" in letter.subject


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_gives_reasons_authority_and_court(book, full, controller, name, language):
    values = full(name, language)
    reasons = values.get("reasons") or next(f.default for f in book.fields(name, language) if f.name == "tried")
    letter = book.render(name, language, values)
    for text in (letter.text, visible(letter.html)):
        assert reasons in text
        assert controller.authority.address in text
        assert controller.authority.phone in text
        assert controller.facts[language].court in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", GRANTS)
def test_a_partial_yes_tells_the_way_to_court_and_a_whole_one_does_not(book, full, controller, name, language):
    values = full(name, language)
    part = next(held for held in ("kept", "withheld") if held in values)
    court = controller.facts[language].court
    partial = book.render(name, language, values)
    whole = book.render(name, language, {**values, part: None})
    assert court in partial.text
    assert court in visible(partial.html)
    assert court not in whole.text
    assert court not in visible(whole.html)


@pytest.mark.parametrize("name", [name for name in GRANTS if name not in {"granted_access", "granted_portability"}])
def test_a_yes_demands_what_was_done_and_nothing_else_of_staff(book, name):
    # Which of the four cases of Art 18(1) it is only a person can say.
    needed = ["ground", "actions"] if name == "granted_restriction" else ["actions"]
    assert [field.name for field in book.fields(name) if field.by_staff and field.required] == needed


def test_a_marketing_stop_demands_what_was_done_and_never_sends_to_court(book, full, controller):
    required = [field.name for field in book.fields("marketing_stopped") if field.by_staff and field.required]
    assert required == ["actions"]
    for language in Language:
        letter = book.render("marketing_stopped", language, full("marketing_stopped", language))
        assert controller.facts[language].court not in letter.text


@pytest.mark.parametrize("right", Right)
def test_a_refusal_demands_reasons_and_nothing_else_of_staff(book, right):
    fields = book.fields(f"refused_{right.value}")
    assert [field.name for field in fields if field.by_staff and field.required] == ["reasons"]


@pytest.mark.parametrize("right", [Right.OBJECTION, Right.CONSENT_WITHDRAWAL])
def test_a_marketing_stop_cannot_be_refused(book, full, right):
    name = f"refused_{right.value}"
    claims = [{"right": right.value, "marketing": True}]
    with pytest.raises(TemplateError, match="cannot be refused"):
        book.render(name, Language.SV, {**full(name), "claims": claims})


@pytest.mark.parametrize("name", ["receipt_identity", "identity_link", "identity_reminder", "account_link"])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("by_link", [True, False])
def test_identity_letters_ask_for_the_link_and_code_and_nothing_more(book, full, name, language, by_link):
    letter = book.render(name, language, {**full(name, language), "by_link": by_link})
    wanted = {
        Language.SV: (
            "torsdag 7 maj 2026",
            "tisdag 14 april 2026",
            "Skicka aldrig",
            "personnummer",
            "inte jag",
            "pausas",
        ),
        Language.EN: (
            "Thursday 7 May 2026",
            "Tuesday 14 April 2026",
            "Never send",
            "identity number",
            "not me",
            "paused",
        ),
    }[language]
    for text in (letter.text, visible(letter.html)):
        for part in ("https://bot.example.se/r/4f9a1c77", "7K4-Q2M", *wanted):
            assert part in text
    assert '<a href="https://bot.example.se/r/4f9a1c77"' in letter.html


@pytest.mark.parametrize("language", Language)
def test_a_no_to_marketing_needs_no_confirmation(book, full, language):
    words_of_it = {Language.SV: "behöver du inte bekräfta", Language.EN: "do not need to confirm it"}[language]
    values = full("receipt_identity", language)
    without = {**values, "claims": [{"right": "access", "marketing": False}]}
    assert words_of_it in book.render("receipt_identity", language, values).text
    assert words_of_it not in book.render("receipt_identity", language, without).text


def test_letters_carry_no_picture_script_or_foreign_address(book, full):
    for name, language in READ:
        source = book.render(name, language, full(name, language)).html
        assert not re.search(r"<(img|script|link|iframe|form)\b|url\(|@import", source), name
        # Colours for the dark are the one thing that cannot stand in the element; only letters to our own people need them.
        assert name in STAFF or "<style" not in source, name
        addresses = re.findall(r'href="([^"]+)"', source)
        allowed = ("https://bot.example.se/", "mailto:imy@imy.se", "mailto:info@prokompetens.se")
        assert all(address.startswith(allowed) for address in addresses), name


@pytest.mark.parametrize("right", Right)
def test_claims_are_said_with_their_article(book, full, right):
    for language in Language:
        for marketing in (False, True):
            claims = [{"right": right.value, "marketing": marketing}]
            letter = book.render("receipt", language, {**full("receipt"), "claims": claims})
            assert right.article.replace(".", "(") in letter.text.replace(".", "(")


DONE = re.compile(
    r"\b(vi har|är|har|we have|has been|have been) (nu |now )?"
    r"(raderat|raderade|raderad|rättat|rättade|spärrat|spärrade|stoppat|struk\w+|erased|deleted|corrected|stopped|restricted)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", [*(name for name in GRANTS if name not in {"granted_access", "granted_portability"})])
def test_no_template_claims_that_something_is_done(book, full, name, language):
    actions = [{"what": "X", "system": "Y", "on": date(2026, 4, 9)}]
    claims = [{"right": "access", "marketing": False}]
    values = full(name, language)
    letter = book.render(name, language, {**values, "actions": actions, "kept": None, "claims": claims})
    text = f"{letter.subject}\n{letter.text}".replace(values.get("backups", "\n\n"), "")
    assert DONE.findall(text) == []


def test_readers_and_articles_are_declared(book):
    for name in book.names():
        declaration = book.declaration(name)
        assert (declaration.reader is Reader.STAFF) == (name in STAFF)
        assert (declaration.reader is Reader.RECIPIENT) == (name in RECIPIENTS)
        assert declaration.article
        assert declaration.purpose.endswith(".")
        assert all(field.label and not field.label.endswith(".") for field in declaration.fields)


def test_folders_hold_only_what_a_letter_is_made_of(shipped: Path):
    bodies = {"subject.txt", "body.txt", "body.html"}
    for name in LETTERS:
        there = {str(file.relative_to(shipped / name)) for file in (shipped / name).rglob("*") if file.is_file()}
        english = set() if name in STAFF else {f"en/{file}" for file in bodies}
        assert there == {"letter.toml"} | bodies | english


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", ["account_link", "identity_link", "identity_reminder", "receipt_identity"])
def test_where_a_reply_does_not_count_none_is_asked_for(book, full, name, language):
    """Such a reply confirms, denies and renews nothing (verification.replies): it may only ask for help."""
    answers = {
        Language.SV: ("Svara på det här mejlet", "i ditt svar"),
        Language.EN: ("Reply to this e-mail", "in your reply"),
    }
    marks = {Language.SV: ("Tycker du", "Har vi förstått"), Language.EN: ("Do you think", "Have we misunderstood")}
    for by_link in (True, False):
        text = book.render(name, language, {**full(name, language), "by_link": by_link}).text.partition("\n---\n")[0]
        lines = [line for line in text.splitlines() if not line.startswith(marks[language])]
        asked = [line for line in lines if any(words in line for words in answers[language])]
        assert bool(asked) is not by_link
