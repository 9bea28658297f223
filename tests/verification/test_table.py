"""The table of proof: every request finds a row, none asks what the law forbids, and a wrong table says where it is wrong."""

import pytest

from inbox_bot.domain.proof import Ask, Known, Matter, Source, matter_of
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import RulesError
from inbox_bot.settings import FileSettings, rules_folders
from inbox_bot.verification.table import COPIES, every_combination
from inbox_bot.verification.toml_rules import read_proof

SHIPPED = rules_folders(FileSettings())[0] / "proof.toml"
STRANGE = {Source.NAMED, Source.NAMED_SHARED, Source.UNKNOWN, Source.UNREACHABLE, Source.FAILED}
FORBIDDEN = ("legitimation", "personnummer", "id-kort", "namnteckning", "körkort")


@pytest.fixture(scope="module")
def rules():
    return read_proof(SHIPPED)


@pytest.fixture(scope="module")
def decided(rules):
    """Every combination with the row it finds."""
    return [(*found, rules.decide(*found)) for found in every_combination()]


def test_every_combination_is_walked(decided):
    assert len(decided) == len(Matter) * len(Source) * 2 ** len(Known)
    assert len({(matter, source, known) for matter, source, known, _ in decided}) == len(decided)


def test_every_row_is_the_first_that_fits_something(rules, decided):
    assert {row.id for *_, row in decided} == {row.id for row in rules.row}


def test_a_no_to_marketing_asks_for_nothing_and_nothing_else_does(decided):
    for matter, _, known, row in decided:
        if matter is Matter.MARKETING:
            assert row.ask is Ask.NOTHING
        elif row.ask is Ask.NOTHING:
            assert Known.CONFIRMED in known


def test_a_copy_is_never_proved_by_an_address_that_is_not_on_file(decided):
    for matter, source, known, row in decided:
        if matter in COPIES and source in STRANGE:
            assert row.ask not in {Ask.SENDER, Ask.NOTHING}, (matter, source, known)


def test_a_copy_from_a_mailbox_others_read_takes_one_thing_more(decided):
    for matter, source, known, row in decided:
        if matter in COPIES and source in {Source.SHARED, Source.EMPLOYER_CONTACT, Source.NAMED_SHARED}:
            assert row.fact or row.ask is Ask.PERSON, (matter, source, known)


def test_a_new_address_never_proves_itself(decided):
    for matter, source, known, row in decided:
        if matter is Matter.CONTACT:
            assert row.ask is not Ask.NOTHING
            if not source.is_on_file:
                assert row.ask is not Ask.SENDER, (source, known)


def test_a_mail_that_fails_the_check_leads_to_a_link_on_file_or_a_person(decided):
    for matter, source, known, row in decided:
        if Known.FAILED_CHECK in known and matter is not Matter.MARKETING:
            assert row.ask in {Ask.ON_FILE, Ask.OLD, Ask.PERSON}, (matter, source, known)


def test_no_row_asks_for_an_id_and_none_lets_a_dead_address_end_the_matter(rules, decided):
    assert set(Ask) == {Ask.NOTHING, Ask.SENDER, Ask.ON_FILE, Ask.OLD, Ask.QUESTION, Ask.PERSON}
    for question in rules.question:
        assert not any(word in f"{question.sv} {question.en}".lower() for word in FORBIDDEN)
    for row in rules.row:
        assert not any(word in row.why.lower() for word in FORBIDDEN)
    assert all(row.ask in {Ask.PERSON, Ask.NOTHING} for _, source, _, row in decided if source is Source.UNREACHABLE)


def test_without_a_register_the_link_goes_to_the_sender_as_before(rules):
    for right in Right:
        if right is not Right.RECTIFICATION:
            row = rules.decide(Matter(right.value), Source.NO_REGISTER, frozenset())
            assert (row.ask, row.fact) == (Ask.SENDER, False)


def test_each_row_tells_staff_why_in_swedish_and_where_it_comes_from(rules):
    for row in rules.row:
        assert row.why.endswith(".")
        assert row.basis


def test_each_reason_for_someone_else_has_its_situation(rules):
    assert {one.reason for one in rules.situation} == {"proxy", "employer", "minor", "deceased"}
    assert rules.situations(frozenset({"employer", "unclear"}))[0].reason == "employer"


def test_what_a_claim_is_about():
    assert matter_of(Claim(right=Right.RECTIFICATION), contact=True) is Matter.CONTACT
    assert matter_of(Claim(right=Right.RECTIFICATION), contact=False) is Matter.RECTIFICATION
    assert matter_of(Claim(right=Right.ERASURE), contact=True) is Matter.ERASURE
    assert matter_of(Claim(right=Right.OBJECTION, marketing=True), contact=True) is Matter.MARKETING


COPY = 'requests = ["access", "portability"]\nsources = ["named_shared"]\nask = "on_file"'
LAST = 'id = "no_register"\nsources = ["no_register"]\nask = "sender"'


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('ask = "nothing"', 'ask = "sender"', "row marketing: ask sender for marketing"),
        (
            'id = "marketing"\nrequests = ["marketing"]',
            'id = "marketing"\nrequests = ["marketings"]',
            "row marketing.requests",
        ),
        ('id = "named"\n', 'id = "no_register"\n', "row no_register: the id is used twice"),
        (LAST, LAST.replace('sources = ["no_register"]\n', 'sources = ["failed"]\n'), "row no_register.sources"),
        (LAST, LAST.replace('["no_register"]', '["unknown"]'), "none fits requests access, sources no_register"),
        ('id = "on_file"', 'id = "on_file"\nfakt = true', "row on_file.fakt"),
        (
            'id = "not_found"\nsources = ["unknown"]\nask = "question"',
            'id = "not_found"\nsources = ["unknown"]\nask = "sender"',
            "row not_found: ask sender",
        ),
        ('known = ["failed_check"]\nask = "person"', 'known = ["failed_check"]\nask = "question"', "may have written"),
        (
            '"unknown", "no_register"]\nknown = ["failed_check"]',
            '"unknown"]\nknown = ["failed_check"]',
            "may have written",
        ),
        (COPY, COPY.replace("on_file", "sender"), "a copy never goes to an address that is not on file"),
        ('ask = "sender"\nfact = true', 'ask = "sender"', "takes one thing more"),
        (
            'sources = ["no_register"]\nask = "person"',
            'sources = ["no_register"]\nask = "sender"',
            "the new address alone",
        ),
        (
            'sv = "Vilken kurs',
            'sv = "Vilket personnummer har du, och vilken kurs',
            "question: asks for an identity paper",
        ),
        ('reason = "proxy"\ntitle = "Ett ombud skriver"', 'reason = "proxy"\ntitle = " "', "situation proxy.title"),
        ("[[way]]", "[[ways]]", "way"),
        ("[[row]]", "[row]", "TOML"),
    ],
)
def test_a_wrong_table_names_file_and_key(tmp_path, before, after, said):
    text = SHIPPED.read_text("utf-8")
    assert before in text
    file = tmp_path / "proof.toml"
    file.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(RulesError) as caught:
        read_proof(file)
    assert str(file) in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(RulesError, match=r"proof\.toml"):
        read_proof(tmp_path / "proof.toml")
    (tmp_path / "proof.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RulesError, match="UTF-8"):
        read_proof(tmp_path / "proof.toml")


def test_a_change_of_the_file_is_read(tmp_path):
    file = tmp_path / "proof.toml"
    file.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    assert read_proof(file).row[0].why != "Nytt."
    file.write_text(file.read_text("utf-8").replace(read_proof(file).row[0].why, "Nytt."), "utf-8")
    assert read_proof(file).row[0].why == "Nytt."
