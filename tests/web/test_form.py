"""A letter's values as a form, and the words that evidence marks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.domain.letters import FieldKind, LetterField
from inbox_bot.domain.verdict import Evidence, Part
from inbox_bot.web.staff.evidence import cut
from inbox_bot.web.staff.form import by_staff, differs, entries, read
from inbox_bot.web.visit import Form


def place(kind, **more):
    return LetterField(**({"name": "x", "kind": kind, "label": "X", "by_staff": True, "required": True} | more))


@pytest.mark.parametrize(
    ("kind", "sent", "value", "error"),
    [
        (FieldKind.LINE, " hej ", "hej", False),
        (FieldKind.TEXT, "a\nb", "a\nb", False),
        (FieldKind.DAY, "2026-04-07", "2026-04-07", False),
        (FieldKind.DAY, "", "", False),
        (FieldKind.DAY, "7 april", "7 april", True),
        (FieldKind.DAY, "2026-02-30", "2026-02-30", True),
        (FieldKind.DAY, "2026-W15-2", "2026-W15-2", True),
        (FieldKind.NUMBER, "42", 42, False),
        (FieldKind.NUMBER, "-1", -1, False),
        (FieldKind.NUMBER, "", "", False),
        (FieldKind.NUMBER, "fyra", "fyra", True),
        (FieldKind.NUMBER, "٤", "٤", True),
        (FieldKind.FLAG, "1", True, False),
        (FieldKind.FLAG, "", False, False),
    ],
)
def test_each_kind_is_read(kind, sent, value, error):
    filled = read([place(kind)], Form(fields={"f.x": [sent]}))
    assert filled.values == {"x": value}
    assert bool(filled.errors) is error
    [entry] = entries([place(kind)], filled.values, filled.errors)
    assert entry.checked is (kind is FieldKind.FLAG and bool(value))
    assert kind is FieldKind.FLAG or entry.text == str(value)


def test_only_what_staff_fill_in_is_asked_for():
    fields = [place(FieldKind.OTHER), place(FieldKind.LINE, by_staff=False), place(FieldKind.LINE, name="mine")]
    assert [one.name for one in by_staff(fields)] == ["mine"]


def test_a_default_stands_where_nothing_is_written():
    field = place(FieldKind.TEXT, default="Så här.")
    assert entries([field], {}, {})[0].text == "Så här."
    assert entries([field], {"x": "Annat."}, {})[0].text == "Annat."
    assert not differs([field], {}, {"x": "Så här."})
    assert differs([field], {}, {"x": "Annat."})


text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12)
row = st.fixed_dictionaries({"what": text, "why": text, "until": text})


@given(st.lists(row, max_size=5))
def test_rows_go_through_the_form_unchanged(rows):
    field = place(FieldKind.KEPT)
    [entry] = entries([field], {"x": rows}, {})
    sent = {f"f.x.{key}": [one[key] for one in entry.rows] for key in ("what", "why", "until")}
    filled = read([field], Form(fields=sent))
    stripped = [{key: value.strip() for key, value in one.items()} for one in rows]
    assert filled.values["x"] == [one for one in stripped if any(one.values())]
    assert json.loads(json.dumps(filled.values)) == filled.values


def test_columns_of_different_length_lose_nothing():
    sent = {"f.x.what": ["a", "b"], "f.x.system": ["s"], "f.x.on": []}
    filled = read([place(FieldKind.ACTIONS)], Form(fields=sent))
    assert filled.values["x"] == [{"what": "a", "system": "s", "on": ""}, {"what": "b", "system": "", "on": ""}]
    assert filled.errors


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=6))
def test_marked_pieces_are_the_text_whatever_the_offsets(text, spans):
    evidence = [Evidence(right=None, text="", start=start, end=end, rule="r") for start, end in spans]
    pieces = cut(text, evidence, Part.BODY)
    assert "".join(piece.text for piece in pieces) == text
    marked = {index for one in evidence if 0 <= one.start < one.end <= len(text) for index in range(one.start, one.end)}
    at = 0
    for piece in pieces:
        assert all((index in marked) is bool(piece.evidence) for index in range(at, at + len(piece.text)))
        at += len(piece.text)
