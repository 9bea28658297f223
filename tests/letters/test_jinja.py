"""The book itself: overlay, defaults, half-filled lists, kinds, and files that are broken."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from inbox_bot.domain.letters import FieldKind, Language
from inbox_bot.domain.recipients import Recipient, RecipientKind
from inbox_bot.errors import LetterIncompleteError, TemplateError
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.letters.register import Transfer


@pytest.fixture
def own(tmp_path):
    """The company's own folder, empty."""
    folder = tmp_path / "letters"
    folder.mkdir()
    return folder


@pytest.fixture
def copy(tmp_path, shipped):
    """A copy of all shipped letters, to be broken."""
    return shutil.copytree(shipped, tmp_path / "copy")


def test_the_companys_own_file_stands_in_for_the_shipped_one(own, shipped, controller, full):
    (own / "receipt").mkdir()
    (own / "receipt" / "subject.txt").write_text("Hej från oss, {{ reference }}\n", encoding="utf-8")
    book = JinjaLetterBook(folders=[own, shipped], controller=controller)
    letter = book.render("receipt", Language.SV, full("receipt"))
    assert letter.subject == "Hej från oss, PK-2026-0042"
    assert "Tack för ditt mejl." in letter.text
    assert book.problems() == ()


def test_a_letter_of_the_companys_own_is_added(own, shipped, controller):
    folder = own / "thanks"
    folder.mkdir()
    (folder / "letter.toml").write_text('article = "12"\npurpose = "Tackar."\nreader = "staff"\n', encoding="utf-8")
    for file, text in {"subject.txt": "Tack", "body.txt": "Tack!", "body.html": "<p>Tack!</p>"}.items():
        (folder / file).write_text(text, encoding="utf-8")
    book = JinjaLetterBook(folders=[own, shipped], controller=controller)
    assert "thanks" in book.names()
    assert book.render("thanks", Language.EN, {}).text == "Tack!\n"


def test_unknown_letter_and_missing_folder_are_named(book, controller, tmp_path):
    for ask in (book.fields, lambda name: book.missing(name, {}), lambda name: book.render(name, Language.SV, {})):
        with pytest.raises(TemplateError, match="no letter named recept"):
            ask("recept")
    with pytest.raises(TemplateError, match="nowhere"):
        JinjaLetterBook(folders=[tmp_path / "nowhere"], controller=controller)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("receipt/body.txt", b"{% if %}", ["receipt/body.txt", "line 1"]),
        ("receipt/body.txt", b"{{ refrence }}", ["receipt/body.txt", "refrence"]),
        ("receipt/body.txt", b"{{ 1 / 0 }}", ["receipt/body.txt", "zero"]),
        ("receipt/body.txt", "återställ".encode("latin-1"), ["receipt/body.txt", "UTF-8"]),
        ("receipt/body.txt", b'{% include "_shared/nothing.txt" %}', ["_shared/nothing.txt", "missing"]),
        ("receipt/body.html", None, ["receipt/body.html", "missing"]),
        ("receipt/subject.txt", b" \n", ["receipt/subject.txt", "empty subject"]),
        ("_shared/layout.txt", b"{% block %}", ["_shared/layout.txt", "line 1"]),
    ],
)
def test_a_broken_template_is_named(copy, controller, full, file, content, words):
    if content is None:
        (copy / file).unlink()
    else:
        (copy / file).write_bytes(content)
    book = JinjaLetterBook(folders=[copy], controller=controller)
    with pytest.raises(TemplateError) as caught:
        book.render("receipt", Language.SV, full("receipt"))
    assert all(word in str(caught.value) for word in words)
    if "subject" not in file:
        assert any("receipt" in problem or "_shared" in problem for problem in book.problems())


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("receipt/letter.toml", 'article = "12', ["not TOML"]),
        ("receipt/letter.toml", 'article = "12"\nreader = "requester"', ["purpose", "missing"]),
        ("receipt/letter.toml", 'article = "12"\npurpose = "x"\nreader = "kung"', ["kung"]),
        ("receipt/letter.toml", 'article = "12"\npurpose = "x"\nreader = "staff"\ncolour = "red"', ["colour"]),
        ("receipt/letter.toml", 'shared_fields = ["requestor"]', ["requestor.toml"]),
        ("receipt/letter.toml", "[[fields]]\nname = 'a'", ["field a", "by_staff"]),
        (
            "receipt/letter.toml",
            "[[fields]]\nname = 'a'\nkind = 'tex'\nby_staff = true\nrequired = true\nlabel = 'A'",
            ["field a", "tex"],
        ),
        (
            "receipt/letter.toml",
            "[[fields]]\nname = 'a'\nkind = 'day'\nby_staff = true\nrequired = true\nlabel = 'A'\ndefault = 'x'",
            ["field a", "default"],
        ),
        (
            "receipt/letter.toml",
            "shared_fields = ['note', 'note']\narticle = '1'\npurpose = 'x'\nreader = 'staff'",
            ["declared twice"],
        ),
        ("_shared/words.toml", "[sv]", ["words.toml", "[sv]"]),
        ("_shared/words.toml", "", ["words.toml", "[sv]"]),
    ],
)
def test_a_broken_declaration_stops_the_start(copy, controller, file, content, words):
    (copy / file).write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        JinjaLetterBook(folders=[copy], controller=controller)
    assert file in str(caught.value) or "requestor" in str(caught.value)
    assert all(word in str(caught.value) for word in words)


def test_declared_and_used_are_compared(copy, controller):
    body = copy / "refused_access" / "body.txt"
    body.write_text(body.read_text(encoding="utf-8").replace("{{ reasons }}", "{{ reason }}"), encoding="utf-8")
    problems = JinjaLetterBook(folders=[copy], controller=controller).problems()
    assert len(problems) == 2
    assert "uses reason," in problems[0]
    assert "does not use reasons," in problems[1]


def test_days_are_said_in_words_whatever_they_are_stored_as(book, full):
    for stored in (date(2026, 4, 7), "2026-04-07", datetime(2026, 4, 6, 22, 30, tzinfo=UTC)):
        values = {**full("receipt"), "received_on": stored}
        assert "tisdag 7 april 2026" in book.render("receipt", Language.SV, values).text
        assert "Tuesday 7 April 2026" in book.render("receipt", Language.EN, values).text


@pytest.mark.parametrize(
    ("letter", "name", "value"),
    [
        ("receipt", "deadline", "i övermorgon"),
        ("receipt", "reference", 42),
        ("staff_login", "minutes", "några"),
        ("granted_erasure", "kept", "en faktura"),
        ("receipt", "claims", [{"right": "glömska"}]),
        ("granted_erasure", "actions", [{"what": "x", "system": "y", "on": "igår"}]),
        ("granted_erasure", "actions", [{"what": "x", "system": "y", "on": "2026-04-09", "by": "z"}]),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(book, full, letter, name, value):
    with pytest.raises(TemplateError, match=f"{name} of the letter {letter}|{letter}/body"):
        book.render(letter, Language.SV, {**full(letter), name: value})


def test_what_a_form_sends_is_understood(book, full):
    blank = {"what": " ", "system": "", "on": ""}
    row = {"what": "Kontot\r\när borta", "system": "kursplattformen", "on": "2026-04-09"}
    values = {**full("granted_erasure"), "actions": [blank, row], "kept": [{"what": "", "why": "", "until": ""}]}
    assert book.missing("granted_erasure", values) == ()
    text = book.render("granted_erasure", Language.SV, values).text
    assert "- Kontot är borta. Var: kursplattformen. När: torsdag 9 april 2026.\n" in text
    assert "Vi säger ja till din begäran." in text


@pytest.mark.parametrize("key", ["what", "why", "until"])
def test_half_a_row_is_a_gap_even_where_the_list_is_optional(book, full, key):
    row = {"what": "Fakturan", "why": "bokföringslagen", "until": "2033-12-31", key: ""}
    values = {**full("refused_erasure"), "kept": [row]}
    assert book.missing("refused_erasure", values) == ("kept",)
    with pytest.raises(LetterIncompleteError, match="kept"):
        book.render("refused_erasure", Language.SV, values)


def test_how_long_may_be_said_in_words(book, full):
    row = {"what": "Avtalet", "why": "det gäller än", "until": "så länge avtalet gäller"}
    text = book.render("granted_erasure", Language.SV, {**full("granted_erasure"), "kept": [row]}).text
    assert "Hur länge: så länge avtalet gäller.\n" in text


@pytest.mark.parametrize("actions", [[{"what": "", "system": "", "on": ""}], [], None, "raderat", 7])
def test_actions_that_say_nothing_are_a_gap(book, full, actions):
    values = {**full("granted_erasure"), "actions": actions}
    assert book.missing("granted_erasure", values) == ("actions",)


def test_a_default_nobody_touched_follows_the_readers_language(book, full):
    shown = {field.name: field.default for field in book.fields("cannot_identify")}
    from_form = {**full("cannot_identify"), "tried": shown["tried"]}
    letter = book.render("cannot_identify", Language.EN, from_form)
    assert "We e-mailed a link" in letter.text
    assert "Vi mejlade" not in letter.text
    assert "Vi mejlade" in book.render("cannot_identify", Language.SV, from_form).text


def test_a_default_survives_the_line_ends_of_a_form(book, full):
    shown = {field.name: field.default for field in book.fields("granted_access")}
    values = {**full("granted_access"), "purposes": shown["purposes"].replace("\n", "\r\n")}
    assert "- We manage logins" in book.render("granted_access", Language.EN, values).text


def test_an_edited_default_is_kept_and_an_emptied_one_is_a_gap(book, full):
    edited = {**full("no_data"), "searched": "Vi har letat överallt."}
    assert "Vi har letat överallt." in book.render("no_data", Language.EN, edited).text
    assert book.missing("no_data", {**full("no_data"), "searched": " \r\n"}) == ("searched",)


def test_defaults_name_the_systems_in_each_language(book):
    swedish, english = (
        {field.name: field.default for field in book.fields("no_data", language)}["searched"] for language in Language
    )
    assert "kursplattformen, intygsarkivet, faktureringen, nyhetsbrevsverktyget och mailboxen" in swedish
    assert "the newsletter tool and the mailbox" in english


SUPPLIER = Recipient(
    name="Exempelplattformen AB",
    kind=RecipientKind.SUPPLIER,
    role_sv="driver kursplattformen",
    role_en="runs the course platform",
    data_sv="namn och resultat",
    data_en="names and results",
    country_sv="Sverige",
    country_en="Sweden",
    processor=True,
    eea=True,
    address="dataskydd@example.com",
    language=Language.SV,
)


def with_register(controller, **changes):
    return replace(controller, register=replace(controller.register, **changes))


def test_recipients_must_be_named_until_the_company_has_done_so(shipped, controller, book, full):
    values = {**full("granted_access"), "recipients": None}
    assert book.missing("granted_access", values) == ("recipients",)
    employer = replace(SUPPLIER, name="Arbetsgivaren i Exempelstad", kind=RecipientKind.EMPLOYER)
    settled = with_register(controller, recipients=(SUPPLIER, employer))
    named = JinjaLetterBook(folders=[shipped], controller=settled)
    assert named.missing("granted_access", values) == ()
    said = "- Exempelplattformen AB, som driver kursplattformen. De har namn och resultat. De finns i Sverige.\n"
    text = named.render("granted_access", Language.SV, values).text
    assert said in text
    assert "Exempelstad" not in text  # Which employer it is differs from person to person.
    english = named.render("granted_access", Language.EN, {**full("granted_access", Language.EN), "recipients": None})
    assert "- Exempelplattformen AB, which runs the course platform. They have names and results." in english.text


def test_a_transfer_is_said_with_its_safeguard_and_otherwise_that_there_is_none(shipped, controller, book, full):
    away = Transfer(
        recipient="Exempelplattformen AB",
        country_sv="USA",
        country_en="the USA",
        safeguard_sv="standardavtalsklausuler (artikel 46.2 c)",
        safeguard_en="standard contractual clauses (Article 46(2)(c))",
    )
    told = JinjaLetterBook(folders=[shipped], controller=with_register(controller, transfers=(away,)))
    assert "Nej. Vi behandlar" in book.render("granted_access", Language.SV, full("granted_access")).text
    text = told.render("granted_access", Language.SV, full("granted_access")).text
    assert "- Exempelplattformen AB, USA. Skyddet är standardavtalsklausuler (artikel 46.2 c).\n" in text
    assert "Nej. Vi behandlar" not in text


def test_what_the_company_has_not_settled_is_left_out_and_what_it_has_is_said(shipped, controller, book, full):
    facts = {
        language: replace(facts, backups="Kopiorna byts var tredje vecka.")
        for language, facts in controller.facts.items()
    }
    purposes = tuple(
        replace(purpose, basis_sv="avtalet med dig", basis_en="the contract")
        for purpose in controller.register.purposes
    )
    settled = replace(with_register(controller, purposes=purposes), facts=facts)
    told = JinjaLetterBook(folders=[shipped], controller=settled)
    for one, left_out, sentence in (
        ("granted_erasure", "backups", "Kopiorna byts"),
        ("granted_access", "", "Det stöder vi på avtalet med dig."),
    ):
        values = {name: value for name, value in full(one).items() if name != left_out}
        assert sentence not in book.render(one, Language.SV, values).text
        assert sentence in told.render(one, Language.SV, values).text


def test_fields_come_in_the_order_a_person_fills_them_in(book):
    fields = book.fields("granted_erasure")
    assert [field.name for field in fields if field.by_staff] == [
        "actions",
        "kept",
        "backups",
        "recipients_told",
        "note",
    ]
    assert not fields[0].by_staff
    assert {field.kind for field in fields} >= {FieldKind.ACTIONS, FieldKind.KEPT, FieldKind.DAY}
    assert [field.name for field in book.fields("granted_access") if field.by_staff][:2] == ["copy", "recipients"]


def test_staff_letters_are_swedish_whoever_asks(book, full):
    assert (
        "Just nu finns inget brev att sortera." in book.render("weekly_digest", Language.EN, full("weekly_digest")).text
    )


def test_a_digest_where_all_is_well_says_so(book, full):
    summary = {**full("weekly_digest")["summary"], "all_well": True, "headline": "Inget väntar", "sections": []}
    letter = book.render("weekly_digest", Language.SV, {"summary": summary})
    assert letter.subject == "Veckobrev, vecka 47: Inget väntar"
    assert "Allt är som det ska." in letter.text
    assert "måndag 16 november 2026 kl. 07.30" in letter.text


def test_control_characters_never_reach_a_letter(book, full):
    values = {**full("receipt"), "name": "Anna\r\nBcc: x\x00", "reference": "PK-1\r\nBcc: a@example.com\u202e"}
    letter = book.render("receipt", Language.SV, values)
    assert letter.subject == "Vi har fått din begäran (PK-1 Bcc: a@example.com)"
    assert not set("\r\x00\u202e") & set(letter.subject + letter.text + letter.html)
