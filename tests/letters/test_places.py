"""A letter cut into what is fixed and what a person fills in: nothing of it is lost, and every place is found."""

import pytest

from inbox_bot.domain.letters import FieldKind, Language
from inbox_bot.letters.letterbook import Reader

REFUSAL = {"reference": "PK-1", "received_on": "2026-09-07", "claims": [{"right": "erasure", "marketing": False}]}


def shown(pieces):
    return [f"{piece.field}?" if piece.absent else piece.field for piece in pieces]


def staff_letters(book):
    return [
        name
        for name in book.names()
        if book.declaration(name).reader is not Reader.STAFF and any(one.by_staff for one in book.fields(name))
    ]


@pytest.mark.parametrize("language", Language)
def test_the_fixed_parts_of_every_letter_stand_in_it_word_for_word_and_in_order(book, full, language):
    for name in staff_letters(book):
        values = full(name, language)
        text = book.render(name, language, values).text
        at = 0
        for piece in book.layout(name, language, values):
            if not piece.field:
                found = text.find(piece.text, at)
                assert found >= at, (name, piece.text)
                at = found + len(piece.text)


def test_every_place_that_must_be_filled_in_stands_once_also_while_it_is_empty(book, full):
    for name in staff_letters(book):
        program = {one.name: full(name)[one.name] for one in book.fields(name) if not one.by_staff}
        for values in (program, full(name)):
            found = shown(book.layout(name, Language.SV, values))
            for one in book.fields(name):
                if one.by_staff and one.required and one.kind is not FieldKind.FLAG:
                    assert found.count(one.name) == 1, (name, one.name, found)


def test_an_empty_place_is_offered_where_it_would_stand(book):
    found = list(book.layout("refused_erasure", Language.SV, REFUSAL))
    assert shown(found) == ["", "reasons", "kept?", ""]
    assert found[2].text == "Det här har vi kvar:"
    assert found[0].text.endswith("Varför?")
    kept = [{"what": "Fakturan", "why": "bokföringslagen", "until": "2033-12-31"}]
    full = book.layout("refused_erasure", Language.SV, REFUSAL | {"kept": kept})
    assert shown(full) == ["", "reasons", "", "kept", ""]
    assert full[2].text == "Det här har vi kvar:"
    assert not any("Fakturan" in piece.text for piece in full)


def test_places_after_one_another_keep_their_order(book, full):
    program = {one.name: full("granted_access")[one.name] for one in book.fields("granted_access") if not one.by_staff}
    found = shown(book.layout("granted_access", Language.SV, program))
    assert found.index("note?") < found.index("withheld?")


def test_half_a_row_and_signs_that_mark_a_place_break_nothing(book):
    values = REFUSAL | {
        "reasons": "Vi \ue000kept\ue001 vet\ue002.",
        "kept": [{"what": "Fakturan", "why": "", "until": ""}],
    }
    found = book.layout("refused_erasure", Language.SV, values)
    assert shown(found) == ["", "reasons", "kept?", ""]
    assert not any(sign in piece.text for piece in found for sign in "\ue000\ue001\ue002\ue003")
