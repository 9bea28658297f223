"""The lint: each letter passes with what it demands, and fails without it; staff's words are held to the same rules."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import inbox_bot
from inbox_bot.domain.letters import Done, FieldKind, Language
from inbox_bot.domain.rights import Right
from inbox_bot.errors import TemplateError
from inbox_bot.letters.checklist import read_checklists
from inbox_bot.letters.controller import read_controller
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.letters.letterbook import Reader
from inbox_bot.letters.plainness import lix

T_NUMBERS = [f"T{number:02}" for number in range(1, 31)]
DONE = {
    "rectification": "Namnet är rättat från Anna till Anja",
    "erasure": "Kontot är raderat",
    "restriction": "Resultatet är spärrat",
}
HOSTILE = '<script>alert("x")</script> & <img src=x onerror=1> \u202e {{ 7 * 7 }}'


def recorded(values):
    """What is on record when a letter's own rows, or what it tells a recipient, are all there is."""
    rows = values.get("actions") or ()
    if "right" in values:
        rows = [{"what": DONE[values["right"]], "system": "kursplattformen", "on": values["on"]}]
    return [Done(what=row["what"], system=row["system"], on=date.fromisoformat(str(row["on"])[:10])) for row in rows]


def faults(book, name, language, values, on_record=None):
    found = book.lint(name, language, values, recorded(values) if on_record is None else on_record)
    return {finding.name for finding in found if finding.stops}


@pytest.fixture(scope="module")
def readings(book):
    """Every letter in each of its languages."""
    return [
        (name, language)
        for name in book.names()
        for language in Language
        if language is Language.SV or book.declaration(name).reader is not Reader.STAFF
    ]


def test_every_letter_of_the_law_is_carried(book):
    carriers = {number: [] for number in T_NUMBERS}
    for name in book.names():
        for number in book.declaration(name).carries:
            carriers[number].append(name)
    assert [number for number, names in carriers.items() if not names] == []
    assert carriers["T12"] == ["statement_added"]
    assert carriers["T18"] == ["restriction_lifting"]
    assert carriers["T20"] == ["granted_portability", "refused_portability"]
    assert carriers["T26"] == ["recipient_supplier"]
    assert carriers["T27"] == ["recipient_employer"]


def test_every_letter_passes_with_every_value_and_with_only_what_is_required(book, full, readings):
    for name, language in readings:
        whole = full(name, language)
        required = {field.name for field in book.fields(name) if field.required}
        bare = {key: value for key, value in whole.items() if key in required}
        if name == "refused_erasure":
            bare["reasons"] = f"{bare['reasons']} Till och med 31 december 2033. Until 2033."
        if whole.get("right") == "rectification":
            bare["new_value"] = whole["new_value"]
        for values in (whole, bare):
            assert faults(book, name, language, values) == set(), (name, language)


def test_the_shipped_words_need_no_advice(book, full, readings):
    for name, language in readings:
        values = full(name, language)
        found = book.lint(name, language, values, recorded(values))
        assert [finding.text for finding in found] == [], (name, language)


def test_every_element_is_demanded_somewhere(book, shipped):
    elements = tomllib.loads((shipped / "_shared" / "elements.toml").read_text("utf-8"))
    named = {name for names in elements["common"].values() for name in names}
    for name in book.names():
        declaration = book.declaration(name)
        named |= {*declaration.demands, *declaration.advises, *sum(declaration.demands_when.values(), ())}
    named |= {table["instead"] for table in elements["elements"].values() if "instead" in table}
    assert set(elements["elements"]) - named == set()


@pytest.mark.parametrize(
    ("letter", "element", "changes"),
    [
        ("granted_erasure", "where", {"actions": [{"what": "Raderat", "system": "", "on": "2026-04-09"}]}),
        ("granted_erasure", "kept_ground", {"kept": [{"what": "Fakturan", "why": "vi vill", "until": "2033-12-31"}]}),
        (
            "granted_rectification",
            "old_and_new",
            {"actions": [{"what": "Namnet är rättat", "system": "kursplattformen", "on": "2026-04-09"}]},
        ),
        ("granted_access", "named_recipients", {"recipients": "- Exempel AB\n- Våra leverantörer"}),
        ("granted_access", "named_recipients", {"recipients": "Leverantörer inom EU och din arbetsgivare."}),
        ("granted_access", "named_recipients", {"recipients": "- Kursleverantören"}),
        ("granted_access", "period_per_category", {"categories": "- Namn: sparas i ett år.\n- Provresultat."}),
        ("granted_access", "provision_for_withheld", {"withheld": "Namnen på andra deltagare."}),
        ("granted_access", "transfers", {"transfers": "Det kan vi inte svara på."}),
        ("granted_portability", "format", {"format": "PDF"}),
        ("no_data", "searched_where", {"searched": "Vi har sökt överallt."}),
        ("refused_access", "provision", {"reasons": "Det blir för mycket arbete för oss."}),
        ("refused_access", "reasons", {"reasons": "Artikel 12.5."}),
        (
            "refused_erasure",
            "kept_until",
            {"reasons": "Fakturan hör till bokföringen (bokföringslagen).", "kept": None},
        ),
        ("fee_notice", "amount", {"amount": "en rimlig avgift"}),
        ("recipient_supplier", "new_value", {"right": "rectification", "new_value": ""}),
    ],
)
def test_a_letter_without_what_it_must_say_is_stopped(book, full, letter, element, changes):
    values = {**full(letter), **changes}
    assert element in faults(book, letter, Language.SV, values)


@pytest.mark.parametrize(
    ("letter", "cut", "element"),
    [
        ("refused_erasure", "{{ facts.court }}", "court"),
        ("refused_erasure", "{{ authority.mail }}", "imy"),
        ("refused_erasure", "{{ reasons }}", "reasons"),
        ("granted_erasure", "{{ action.on|day }}", "done"),
        ("granted_erasure", "{{ item.until|until|sentence }}", "kept"),
        ("granted_access", "{{ copy }}", "copy"),
        ("granted_access", "{{ received_on|day }}", "received_day"),
        ("granted_access", "{{ facts.request_records }}", "how_the_request_is_kept"),
        ("granted_access", "{{ company.orgnr }}", "company"),
        ("restriction_lifting", "{{ lifts_on|day }}", "lifts_on"),
    ],
)
@pytest.mark.parametrize("ending", ["txt", "html"])
def test_a_template_that_forgets_something_is_stopped_in_text_and_html_alike(
    shipped, controller, full, tmp_path, letter, cut, element, ending
):
    import shutil

    copy = shutil.copytree(shipped, tmp_path / "letters")
    for file in copy.rglob(f"*.{ending}"):
        source = file.read_text("utf-8")
        file.write_text(source.replace(cut, "").replace(cut.replace(" }}", "|paragraphs }}"), ""), "utf-8")
    book = JinjaLetterBook(folders=[copy], controller=controller)
    for language in Language:
        assert element in faults(book, letter, language, full(letter, language))


def test_a_finding_says_what_is_missing_why_and_where_to_write_it(book, full):
    values = {**full("refused_access"), "reasons": "Det blir för mycket arbete för oss."}
    [finding] = [one for one in book.lint("refused_access", Language.SV, values, []) if one.stops]
    assert finding.field == "reasons"
    assert finding.text == (
        "Brevet säger inte vilken artikel eller paragraf nejet stöder sig på (artikel 12.4). "
        "Skriv det i ”Varför säger vi nej?”."
    )


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("Du får svar inom 30 dagar.", "month_in_days"),
        ("Klaga hos Datainspektionen.", "old_authority"),
        ("Vi sparar den enligt ovan.", "as_above"),
        ("Ring [namn].", "blank"),
        ("TODO: skriv mer.", "blank"),
        ("Personnumret är 900112-0000.", "personnummer"),
        ("Annars tvingas vi stänga ditt konto.", "threat"),
        ("Vi har stoppat alla utskick.", "stopped"),
        ("Vi har rättat ditt namn.", "corrected"),
    ],
)
@pytest.mark.parametrize("letter", ["granted_erasure", "no_data", "granted_access"])
def test_staffs_own_words_are_held_to_the_same(book, full, letter, words, rule):
    values = {**full(letter), "note": words}
    if rule == "stopped":
        values["actions"] = [{"what": "Profilen är raderad", "system": "kursplattformen", "on": "2026-04-09"}]
        values = {name: value for name, value in values.items() if name in {f.name for f in book.fields(letter)}}
    found = [one for one in book.lint(letter, Language.SV, values, recorded(values)) if one.name == rule]
    assert found
    assert found[0].stops
    assert "900112" not in found[0].text


def test_what_the_person_is_called_stops_no_answer(book, full):
    for name in ("XXX", "Kontot är raderat", "Namn Namnsson", "30 dagar"):
        assert faults(book, "no_data", Language.SV, {**full("no_data"), "name": name}) == set()


def test_words_that_are_data_are_left_alone_but_a_personnummer_is_not(book, full):
    copy = "Kontot är spärrat sedan 2024. Du skrev till Datainspektionen om 30 dagar."
    assert faults(book, "granted_access", Language.SV, {**full("granted_access"), "copy": copy}) == set()
    numbered = {**full("granted_access"), "copy": "900112-0000"}
    assert faults(book, "granted_access", Language.SV, numbered) == {"personnummer"}


@pytest.mark.parametrize("language", Language)
def test_what_a_letter_says_is_done_must_be_on_record_in_that_system_on_that_day(book, full, language):
    values = full("granted_erasure", language)
    on_record = recorded(values)
    assert faults(book, "granted_erasure", language, values, on_record) == set()
    assert {"recorded", "erased"} <= faults(book, "granted_erasure", language, values, [])
    later = [replace(one, on=date(2026, 4, 20)) for one in on_record]
    elsewhere = [replace(one, system="faktureringen") for one in on_record]
    for other in (later, elsewhere, on_record[:1]):
        assert faults(book, "granted_erasure", language, values, other) == {"recorded"}


def test_how_a_system_was_typed_makes_no_difference(book, full):
    row = {"what": "Kontot är raderat", "system": " Kurs\u200bplattformen ", "on": "2026-04-09"}
    values = {**full("granted_erasure"), "actions": [row]}
    done = Done(what="raderat", system="kursplattformen", on=date(2026, 4, 9))
    assert faults(book, "granted_erasure", Language.SV, values, [done]) == set()
    assert faults(book, "granted_erasure", Language.SV, values, [replace(done, system=row["system"])]) == set()


@pytest.mark.parametrize("words", ["Vi har nu raderat ditt konto.", "Your account has been deleted."])
def test_a_refusal_may_not_say_that_something_is_done(book, full, words):
    values = {**full("refused_access"), "reasons": f"{full('refused_access')['reasons']} {words}"}
    assert faults(book, "refused_access", Language.SV, values) == {"erased"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.SV, "Du har bett om samma sak var vecka sedan i maj. Det är orimligt många gånger (artikel 12.5)."),
        (Language.EN, "You have asked for the same thing each week since May. That is excessive (Article 12(5))."),
    ],
)
def test_a_request_made_too_often_is_refused_without_a_day_until_which_things_are_kept(book, full, language, words):
    values = {**full("refused_erasure", language), "reasons": words, "kept": None}
    assert "kept_until" not in faults(book, "refused_erasure", language, values)


@pytest.mark.parametrize("name", ["recipient_employer", "recipient_supplier"])
@pytest.mark.parametrize("measure", [Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION])
@pytest.mark.parametrize("language", Language)
def test_a_notice_says_what_to_do_and_neither_why_nor_anything_about_marketing(book, full, name, measure, language):
    values = {**full(name, language), "right": measure.value}
    letter = book.render(name, language, values)
    assert faults(book, name, language, values) == set()
    told = {
        (Language.SV, Right.RECTIFICATION): "Rätta uppgiften hos er.",
        (Language.SV, Right.ERASURE): "Radera uppgifterna hos er.",
        (Language.SV, Right.RESTRICTION): "Sluta använda uppgifterna",
        (Language.EN, Right.RECTIFICATION): "Correct the data you hold.",
        (Language.EN, Right.ERASURE): "Erase the data you hold.",
        (Language.EN, Right.RESTRICTION): "Stop using the data",
    }[language, measure]
    assert told in letter.text
    assert "kursplattformen" not in letter.text
    fields = {field.name for field in book.fields(name)}
    assert not fields & {"reasons", "claims", "name", "note", "received_on"}
    for words in ("Anna vill inte ha reklam", "Hon har begärt det", "She has asked for it", "the newsletter"):
        assert faults(book, name, language, {**values, "who": f"Anna Exempel. {words}"}) & {
            "reasons_to_recipient",
            "marketing_to_recipient",
        }


def test_heavy_words_are_pointed_out_and_stop_nothing(book, full):
    heavy = (
        "Personuppgiftsbehandlingen avseende kursdeltagarregistreringen föreligger fortsättningsvis oförändrad "
        "eftersom bokföringslagstiftningens arkiveringsbestämmelser förutsätter bibehållande av verifikationsunderlag "
        "under den lagstadgade arkiveringsperioden tillsammans med samtliga därtill hörande handlingar som inkommit "
        "från deltagaren eller från någon annan uppgiftslämnare i samband med kursverksamheten"
    )
    values = {**full("no_data"), "note": heavy}
    found = book.lint("no_data", Language.SV, values, [])
    assert {"lix", "long_sentence", "stiff"} <= {finding.name for finding in found}
    assert not [finding for finding in found if finding.stops]
    slow = {**full("extension"), "reasons": "Vi har semester."}
    [advice] = book.lint("extension", Language.SV, slow, [])
    assert (advice.name, advice.stops) == ("no_reason_for_an_extension", False)


def test_backups_are_asked_for_until_the_company_has_settled_them(book, full):
    values = {name: value for name, value in full("granted_erasure").items() if name != "backups"}
    [advice] = book.lint("granted_erasure", Language.SV, values, recorded(values))
    assert (advice.name, advice.stops, advice.field) == ("backups", False, "backups")


def test_hostile_words_are_escaped_wherever_staff_write(book, full, readings):
    for name, language in readings:
        values = full(name, language)
        for field in book.fields(name):
            if field.by_staff and field.kind in {FieldKind.LINE, FieldKind.TEXT}:
                values[field.name] = HOSTILE
            elif field.by_staff and field.kind in {FieldKind.ACTIONS, FieldKind.KEPT}:
                values[field.name] = [{**row, "what": HOSTILE} for row in values[field.name]]
        letter = book.render(name, language, values)
        assert not any(tag in letter.html for tag in ("<script", "<img", "\u202e")), name
        assert "49" not in letter.text.replace(values.get("link", "\n"), "")


def test_the_rules_hold_on_their_own_examples_and_a_rule_that_does_not_is_named(book, shipped, controller, tmp_path):
    import shutil

    assert book.problems() == ()
    copy = shutil.copytree(shipped, tmp_path / "letters")
    file = copy / "_shared" / "lint.toml"
    file.write_text(
        file.read_text("utf-8").replace('finds = ["Klaga hos', 'finds = ["Fråga hos IMY", "Klaga hos'), "utf-8"
    )
    [problem] = JinjaLetterBook(folders=[copy], controller=controller).problems()
    assert "lint.toml" in problem
    assert "old_authority" in problem


@pytest.mark.parametrize(
    ("file", "before", "after", "words"),
    [
        ("_shared/elements.toml", 'says = "vad personen har bett om"', "", "'says' is missing"),
        ("_shared/elements.toml", 'values = ["claims"]', "", "asked says nothing of how"),
        ("_shared/elements.toml", "en = ['frågar", "en = ['(", "unterminated"),
        ("_shared/elements.toml", 'requester = ["asked"', 'requester = ["ask"', "element ask"),
        ("_shared/elements.toml", 'article = "artikel 12.3"', 'artikel = "12.3"', "artikel"),
        ("_shared/lint.toml", "lix = 45", 'lix = "låg"', "lint.toml"),
        ("_shared/lint.toml", 'readers = ["recipient"]', 'readers = ["chef"]', "chef"),
        ("receipt/letter.toml", 'demands = ["understood"', 'demands = ["förstått"', "names the element förstått"),
        ("receipt/letter.toml", 'carries = ["T01"]', 'carries = "T01"', "carries must be a list"),
    ],
)
def test_a_checklist_that_cannot_be_used_stops_the_start(shipped, controller, tmp_path, file, before, after, words):
    import shutil

    copy = shutil.copytree(shipped, tmp_path / "letters")
    source = (copy / file).read_text("utf-8")
    if before == "en = ['frågar":
        before, after = "en = ['asking for", "en = ['(asking for"
    assert before in source
    (copy / file).write_text(source.replace(before, after, 1), "utf-8")
    with pytest.raises(TemplateError) as caught:
        JinjaLetterBook(folders=[copy], controller=controller)
    assert words in str(caught.value)
    assert file.rpartition("/")[2] in str(caught.value)


def test_patterns_in_one_language_only_are_refused():
    elements = {"elements": {"x": {"article": "1", "says": "x", "sv": ["a"]}}, "common": {}}
    with pytest.raises(TemplateError, match="one language only"):
        read_checklists(elements, {}, ["elements.toml", "lint.toml"])


@pytest.fixture(scope="module")
def settled(shipped):
    """The letters of a company that has settled everything: the one of the demo."""
    rules = Path(inbox_bot.__file__).parent / "demo" / "rules" / "controller.toml"
    return JinjaLetterBook(folders=[shipped], controller=read_controller(rules))


def test_a_company_that_has_settled_its_facts_need_not_type_them(settled, full, readings):
    for name, language in readings:
        typed = full(name, language)
        values = {
            key: value for key, value in typed.items() if key not in {"recipients", "backups", "kept", "withheld"}
        }
        if name == "refused_erasure":
            values["kept"] = typed["kept"]
        letter = settled.render(name, language, values)
        found = settled.lint(name, language, values, recorded(values))
        assert [finding.text for finding in found] == [], (name, language)
        assert lix(letter.text) < 45, (name, language)
        if name == "granted_access":
            for recipient in ("Exempelhotellet AB", "Provmejl AB", "Påhittade Revisorer AB"):
                assert recipient in letter.text
            assert {"sv": "avtalet om kursen (artikel 6.1 b)", "en": "the course contract"}[language] in letter.text


def test_no_fact_of_the_company_is_settled_by_a_template(settled, book, full):
    values = {name: value for name, value in full("granted_erasure").items() if name != "backups"}
    assert "fem veckor" in settled.render("granted_erasure", Language.SV, values).text
    assert "veckor" not in book.render("granted_erasure", Language.SV, values).text
