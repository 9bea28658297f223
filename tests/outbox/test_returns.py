"""rules/returns.toml: what each status means, and what is said of a file that cannot be used."""

import pytest

from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.return_path import is_of, letter_id_in, tag_in, tagged, without_detail
from inbox_bot.errors import RulesError
from inbox_bot.outbox.returns import fits
from inbox_bot.outbox.toml_returns import read_returns
from tests.conftest import RULES

SHIPPED = RULES / "returns.toml"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('status = ["*"]', 'status = ["5.*.*"]', "return must end"),
        ('status = ["*.1.6"]', 'status = ["5.1"]', "return 2: status"),
        ("days = 7", "days = 0", "tie.days"),
        ("most_an_hour = 10", "", "alarm.most_an_hour"),
        ("times = 2", 'times = "2"', "again.times"),
        ("\ndead = true", "\ndead = 1", "dead must be true or false"),
        ("receipt = ", "kvitto = ", "next.kvitto"),
        ("[tie]", "[tie", "valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_key(tmp_path, old, new, told):
    file = tmp_path / "returns.toml"
    file.write_text(SHIPPED.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(RulesError, match=told.replace(".", r"\.")) as caught:
        read_returns(file)
    assert str(file) in str(caught.value)


def test_every_letter_to_a_requester_has_a_next_step():
    rules = read_returns(SHIPPED)
    assert set(rules.next_steps) == {purpose for purpose in LetterPurpose if not purpose.is_for_staff}


@pytest.mark.parametrize(
    ("answer", "row"),
    [
        ("bounced 5.1.1", "no_address"),
        ("550 5.1.1", "no_address"),
        ("553 5.1.3 (own check: the address cannot be used)", "no_address"),
        ("full 5.2.2", "full"),
        ("550", "unknown"),
        ("no answer in time", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_letters_record_is_read_for_its_status(answer, row):
    assert read_returns(SHIPPED).row(answer).id == row


@pytest.mark.parametrize(
    ("pattern", "status", "does"),
    [("*", "", True), ("*.1.*", "5.1.1", True), ("5.1.*", "4.1.1", False), ("*.1.1", "", False)],
)
def test_patterns(pattern, status, does):
    assert fits(pattern, status) is does


@pytest.mark.parametrize("number", [1, 35, 36, 123456])
def test_a_tag_names_its_letter_and_no_other(number):
    address = tagged("info@example.com", number, "<one@example.com>")
    tag = tag_in([address.upper()], frozenset({"info@example.com"}))
    assert letter_id_in(tag) == number
    assert is_of(tag, "<one@example.com>")
    assert not is_of(tag, "<two@example.com>")
    assert without_detail(address) == "info@example.com"


def test_a_sender_with_no_room_for_a_tag_stays_plain():
    long = f"{'a' * 60}@example.com"
    assert tagged(long, 7, "<one@example.com>") == long
    assert letter_id_in("") is None
