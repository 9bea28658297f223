import pytest

from inbox_bot.demo.cast import Part
from inbox_bot.demo.ledger import Fate
from inbox_bot.demo.review import Row, set_review
from inbox_bot.demo.table import set_table

_WANTED = Fate(understood="access", ended="answered, closed", letters=("receipt_identity", "granted_access"))
_PART = Part(name="registerutdrag", what="wants to know", expected=_WANTED)


def test_a_right_row_is_marked_and_not_explained():
    text = set_review([Row(part=_PART, fate=_WANTED, case="PK-2026-0001")])
    assert " 1 ok  registerutdrag" in text
    assert "as expected   PK-2026-0001  receipt_identity, granted_access" in text.replace("  PK", "   PK")
    assert "did not" not in text


@pytest.mark.parametrize(
    "fate",
    [
        None,
        Fate(understood="erasure", ended=_WANTED.ended, letters=_WANTED.letters),
        Fate(understood=_WANTED.understood, ended="awaiting approval, open", letters=_WANTED.letters),
        Fate(understood=_WANTED.understood, ended=_WANTED.ended, letters=("receipt_identity",)),
    ],
    ids=["never seen", "misunderstood", "not ended", "a letter is missing"],
)
def test_a_wrong_row_is_marked_and_explained(fate):
    row = Row(part=_PART, fate=fate)
    text = set_review([row])
    assert not row.is_right
    assert " 1 NO  registerutdrag" in text
    assert "registerutdrag did not come out as it should." in text
    assert "expected  access: answered, closed; letters: receipt_identity, granted_access" in text


def test_a_problem_on_the_way_makes_a_row_wrong_though_it_ended_well():
    row = Row(part=_PART, fate=_WANTED, problems=("The page answered 500.",))
    assert not row.is_right
    assert "problem   The page answered 500." in set_review([row])


def test_columns_are_as_wide_as_their_widest_cell():
    assert set_table(("a", "b"), [("åäö", "1"), ("x", "22")]).splitlines() == ["a    b", "---  -", "åäö  1", "x    22"]
