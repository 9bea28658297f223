"""Redaction: no name, address or number of a mail is left, and the sentences around them are."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inbox_bot import assembly
from inbox_bot.classification import corpus
from inbox_bot.classification.identifiers import ADDRESS, LINK
from inbox_bot.classification.redaction import NAME, STREET, redact
from inbox_bot.settings import FileSettings

PEOPLE = ("Kalle Ek", "kalle.ekstrand@example.se")
STAND_INS = {NAME, STREET, ADDRESS, LINK}


@pytest.fixture(scope="session")
def words():
    return assembly.ordinary_words(FileSettings())


@pytest.fixture(scope="session")
def redacted(words):
    def text_of(text: str, *people: str) -> str:
        return redact("", text, people or PEOPLE, words)[1]

    return text_of


@pytest.mark.parametrize(
    ("text", "left"),
    [
        # Known from the mail itself, with a capital or without, and in the genitive.
        ("Radera det ni har om Kalle, alltså kalles konto.", "Radera det ni har om Namnsson, alltså namnsson konto."),
        ("radera ekstrand ur registret nu", "radera namnsson ur registret nu"),
        ("RADERA KALLE EK", "RADERA NAMNSSON NAMNSSON"),
        # Greetings, introductions, closings.
        ("Hej Exempla!\nJag vill ha mina uppgifter.", "Hej Namnsson!\nJag vill ha mina uppgifter."),
        ("hej exempla, radera mig", "hej namnsson, radera mig"),
        ("Hej! Jag heter Exempla Provsten och gick en kurs.", "Hej! Jag heter Namnsson Namnsson och gick en kurs."),
        ("My name is Exempla Provsten.", "My name is Namnsson Namnsson."),
        ("Radera mig.\n\nMvh\nexempla provsten\nEkonom", "Radera mig.\n\nMvh\nnamnsson namnsson\nNamnsson"),
        ("Radera mig tack mvh exempla", "Radera mig tack mvh namnsson"),
        ("Please delete me.\nKind regards\nExempla", "Please delete me.\nKind regards\nNamnsson"),
        ("radera mitt konto\nexempla", "radera mitt konto\nnamnsson"),
        ("radera mitt konto\n/E P", "radera mitt konto\n/Namnsson Namnsson"),
        ("Jag pratade med Exempla Berg om kursen.", "Jag pratade med Namnsson Namnsson om kursen."),
        ("Det gäller E. Provsten.", "Det gäller Namnsson. Namnsson."),
        # Names that are words, and words that are names.
        ("Jag och Mina vill ha mina uppgifter.", "Jag och Namnsson vill ha mina uppgifter."),
        ("Mina uppgifter ska bort.", "Mina uppgifter ska bort."),
        ("Ta bort bilden på Björn.", "Ta bort bilden på Namnsson."),
        # Letters of which nothing is known.
        ("Моё имя Пробный", "Namnsson namnsson Namnsson"),
        # Postal addresses.
        ("Jag bor på Provgatan 12 B, 123 45 Provstad.", "Jag bor på Gatan 00 Namnsson, 000 00 Namnsson."),
        ("Skicka till Box 44 i veckan", "Skicka till Box 00 i veckan"),
        ("Adress: kullen tolv", "Adress: namnsson namnsson"),
        # Mail addresses, links, numbers.
        ("Skriv till exempla@example.se, tack", f"Skriv till {ADDRESS}, tack"),
        ("Skriv till exempla @ example.se", f"Skriv till {ADDRESS}"),
        ("exempla (at) example.se", ADDRESS),
        ("se https://example.se/exempla?id=1 och (www.example.se)", f"se {LINK} och ({LINK})"),
        ("bilden på example.se/exempla", f"bilden på {LINK}"),
        ("Ring 070-123 45 67.", "Ring 000-000 00 00."),
        ("Mitt personnummer är 19800101-1234", "Mitt personnummer är 00000000-0000"),
        ("kundnr AB-4711, bilen ABC123", "kundnr NAMNSSON-0000, bilen XXX000"),
        ("0 7 0 1 2 3 4 5 6", "0 0 0 0 0 0 0 0 0"),
        # What stays.
        ("Enligt artikel 17 och 15.1 c i GDPR, före kl 10.30.", "Enligt artikel 17 och 15.1 c i GDPR, före kl 10.30."),
        ("Avregistrera", "Avregistrera"),
        ("Sluta skicka reklam!!\n\nTack på förhand", "Sluta skicka reklam!!\n\nTack på förhand"),
        ("I'd like a copy of my data, please.", "I'd like a copy of my data, please."),
        ("", ""),
    ],
)
def test_what_is_replaced_and_what_stays(redacted, text, left):
    assert redacted(text) == left


def test_a_sentence_after_the_closing_words_is_read_again(redacted):
    text = "Hej!\nMvh\nExempla\n\nPS. Jag vill också att ni raderar mitt konto hos er."
    assert redacted(text) == "Hej!\nMvh\nNamnsson\n\nPS. Jag vill också att ni raderar mitt konto hos er."


def test_a_name_is_not_saved_by_what_cannot_be_seen(redacted):
    assert redacted("Radera Kal\u00adle och Kal\u200ble nu") == "Radera Namnsson och Namnsson nu"


def test_the_subject_is_redacted_too(words):
    assert redact("Ärende 12345, Kalle Ek", "Hej", PEOPLE, words) == ("Ärende 00000, Namnsson Namnsson", "Hej")


_TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789 \n\t.-/@:,()+_'"),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]),
    ),
    max_size=80,
)
_NUMBERS = st.from_regex(r"[1-9]\d{3,11}", fullmatch=True)
_ADDRESSES = st.from_regex(r"[a-z][a-z0-9._+-]{0,9}@[a-z][a-z0-9-]{0,9}\.(se|com|org)", fullmatch=True)


@settings(deadline=None)
@given(before=_TEXTS, number=_NUMBERS, after=_TEXTS)
@example(before="a", number="4711", after="b")
@example(before="x@", number="4711", after="")
def test_no_run_of_four_digits_survives(words, before, number, after):
    for text in redact(f"{before}{number}", f"{before}{number}{after}", (), words):
        assert all(set(run) == {"0"} for run in re.findall(r"\d{4,}", text)), text
        assert number not in text


@settings(deadline=None)
@given(before=_TEXTS, address=_ADDRESSES, after=_TEXTS)
@example(before="<", address="a@b.se", after=">@")
def test_no_address_survives(words, before, address, after):
    for text in redact(f"{before}{address}", f"{before}{address}{after}", (), words):
        assert set(re.findall(r"\S*@\S*", text.replace(ADDRESS, " "))) == set(), text
        assert address == ADDRESS or address not in text


@settings(deadline=None)
@given(text=_TEXTS)
def test_line_breaks_stay_and_the_same_mail_is_always_the_same_text(words, text):
    _, first = redact("", text, PEOPLE, words)
    assert first.count("\n") == text.count("\n")
    assert redact("", text, PEOPLE, words)[1] == first
    assert unicodedata.is_normalized("NFC", first) or any(stand_in in first for stand_in in STAND_INS)


_LETTERS = "abdefghijklmnoprstuvyåäö"
_NAMES = st.text(alphabet=_LETTERS, min_size=5, max_size=12).map(str.capitalize)


@settings(deadline=None)
@given(given_name=_NAMES, surname=_NAMES)
def test_the_senders_name_survives_nowhere(words, given_name, surname):
    people = (f"{given_name} {surname}", f"{given_name}.{surname}@example.se".lower())
    lines = (
        f"Hej, jag är {given_name} {surname}.",
        f"Skriv {given_name}s nummer till {surname.upper()} och {given_name}-{surname}.",
        "Med vänliga hälsningar",
        f"{given_name} {surname}",
    )
    _, text = redact("", "\n".join(lines), people, words)
    for name in (given_name, surname):
        assert not re.search(rf"\b{name}s?\b", text.replace(NAME, "").replace(NAME.upper(), ""), re.IGNORECASE) or (
            # A name of letters that happen to be a word may stay where it is written as one.
            words.is_small(name.lower())
        )


def test_ordinary_mail_keeps_its_words(words, request):
    folder = FileSettings()
    from inbox_bot.settings import find_file, rules_folders

    mails = corpus.read_files(corpus.files(find_file(rules_folders(folder), "corpus")))[::10]
    kept = total = 0
    for mail in mails:
        before = re.findall(r"[^\W\d_]+", mail.body)
        after = re.findall(r"[^\W\d_]+", redact(mail.subject, mail.body, (), words)[1])
        total += len(before)
        kept += len(after) - sum(word.lower() == NAME.lower() for word in after)
    assert kept / total > 0.9


@pytest.mark.parametrize(
    "unit",
    [
        "7",
        "1 ",
        "1-",
        "a @ ",
        "[at]",
        " ",
        "((((",
        "X",
        "x",
        "Å",
        "a.b.",
        "a'",
        "Exempla ",
        "A. ",
        "Provgatan 12 ",
        "Mvh\n",
        "hälsning ",
        "hej ",
        "heter ",
        "Namn: ",
        "Проба ",
    ],
)
def test_no_text_takes_long(words, unit):
    # A quarter of a second here; anything worse than linear would take minutes.
    began = time.perf_counter()
    redact("", unit * (200_000 // len(unit)), PEOPLE, words)
    assert time.perf_counter() - began < 10
