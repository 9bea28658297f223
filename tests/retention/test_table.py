"""rules/retention.toml: what ships is law.md's proposal, and every mistake in it is named by file and key."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.errors import RulesError
from inbox_bot.retention.masking import hide_numbers
from inbox_bot.retention.table import Item, Period
from inbox_bot.retention.toml_table import read_table
from tests.conftest import RULES

SHIPPED = (RULES / "retention.toml").read_text("utf-8")


@pytest.fixture
def changed(tmp_path):
    def read(before="", after=""):
        assert before in SHIPPED
        file = tmp_path / "retention.toml"
        file.write_text(SHIPPED.replace(before, after, 1), "utf-8")
        return read_table(file)

    return read


@pytest.mark.parametrize(
    ("item", "start", "last"),
    [
        (Item.EVIDENCE, date(2026, 11, 30), date(2032, 2, 29)),
        (Item.CORRESPONDENCE, date(2024, 2, 29), date(2026, 2, 28)),
        (Item.COPIES, date(2026, 1, 31), date(2026, 3, 2)),
        (Item.IDENTITY_DOCUMENTS, date(2026, 1, 31), date(2026, 1, 31)),
        (Item.OTHER_MAIL, date(2026, 1, 1), date(2026, 1, 31)),
        (Item.SUPPRESSION, date(2026, 1, 1), None),
    ],
)
def test_the_shipped_periods(changed, item, start, last):
    table = changed()
    assert table.last_day(item, start) == last
    assert table.rules[item].source
    assert table.rules[item].why.endswith(".")


@given(st.integers(0, 70), st.integers(0, 400), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_newest_day_a_period_is_over_from(months, days, today):
    period = Period(months=months, days=days)
    newest = period.newest_over(today)
    assert period.is_over(newest, today)
    assert not period.is_over(newest + timedelta(days=1), today)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("keep = { years = 2 }", "keep = { weeks = 2 }", "item.1.keep"),
        ("keep = { years = 2 }", "keep = { years = -1 }", "item.1.keep"),
        ("keep = { years = 2 }", "keep = {}", "must name years, months or days"),
        ("keep = { years = 2 }", "keep = { years = 9 }", "correspondence is kept longer than evidence"),
        ("keep = { years = 2 }", 'keep = "while_marketing"', "correspondence: keep must be a time"),
        ('keep = "while_marketing"', "keep = { days = 1 }", "suppression: keep must be while_marketing"),
        ('name = "correspondence"', 'name = "letters"', "item.1.name"),
        ('name = "correspondence"', 'name = "evidence"', "item.1"),
        ('then = "empty"', 'then = "delete"', "that cannot be changed"),
        ('source = "GDPR', 'sauce = "GDPR', "item.0"),
        ("grounds = [", "grounds = ['(',", "which is no regular expression"),
        ("[evidence]", "[evidense]", "evidence is missing"),
        ("[[item]]", "[[item", "is not TOML"),
        ('letters = ["granted_access"', 'brev = ["granted_access"', "item.2"),
    ],
)
def test_a_mistake_is_named(changed, before, after, said):
    with pytest.raises(RulesError) as caught:
        changed(before, after)
    assert "retention.toml" in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


def test_an_item_left_out_is_named(tmp_path):
    file = tmp_path / "retention.toml"
    head, _, rest = SHIPPED.partition('[[item]]\nname = "tokens"')
    file.write_text(head + "[[item]]" + rest.partition("[[item]]")[2], "utf-8")
    with pytest.raises(RulesError, match="item lacks tokens"):
        read_table(file)
    with pytest.raises(RulesError, match="cannot be read"):
        read_table(tmp_path / "none.toml")


def test_grounds_are_read_and_nothing_beside_them(changed):
    text = "Lisa får inte kopian (artikel 15(4)). Enligt bokföringslagen 7 kap. 2 § och 7 kap. 2 § sparas fakturan, se art. 17.3 b."
    found = changed().grounds_in([text])
    assert found[:2] == ["artikel 15(4)", "art. 17.3 b"]
    assert {"7 kap. 2 §", "bokföringslagen 7 kap. 2 §"} <= set(found)
    assert not any("Lisa" in one or "kopian" in one for one in found)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("640823-3234", "••••••-••••"),
        ("nr 19640823 3234.", "nr •••••••• ••••."),
        ("6408233234", "••••••••••"),
        ("640883-3234", "••••••-••••"),
        ("order 123456-7890", "order 123456-7890"),
        ("ring 070-123 45 67", "ring 070-123 45 67"),
        ("PK-2026-0001", "PK-2026-0001"),
    ],
)
def test_personal_numbers_are_hidden_and_nothing_moves(text, hidden):
    assert hide_numbers(text) == hidden
    assert len(hidden) == len(text)
