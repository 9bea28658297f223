"""The rules in the repository hold on their own examples; a file that cannot be used says what, where and what to do."""

from pathlib import Path

import pytest

from inbox_bot.classification.checking import check_rules
from inbox_bot.classification.spacy_model import load
from inbox_bot.domain.rights import Right
from inbox_bot.errors import RulesError

WORDS = """
[words]
common = ["jag"]
barrier = ["men"]
mark = ["."]
erasing = ["radera*"]
"""
RULE = """
[[rule]]
id = "erasure.all"
right = "erasure"
strength = "request"
own_voice = true
languages = ["sv"]
patterns = ["@erasing ..3 uppgifter"]
must_match = ["Radera mina uppgifter."]
must_not_match = ["Radera fakturan."]
"""


@pytest.fixture
def write(tmp_path):
    def write(content: str, name: str = "a.toml") -> Path:
        folder = tmp_path / "phrases"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode())
        return tmp_path

    return write


def test_every_rule_holds_on_its_own_examples(rules_dir):
    assert check_rules(rules_dir) == []


def test_every_rule_has_examples_and_every_right_has_rules(classifier):
    rules = classifier.book.rules
    assert all(rule.must_match and rule.must_not_match for rule in rules)
    assert {rule.claim.right for rule in rules if rule.claim and rule.strength == "request"} == set(Right)
    assert any(rule.claim and rule.claim.marketing for rule in rules)


def test_a_small_rulebook_works(write):
    classifier = load(write(WORDS + RULE))
    assert classifier.classify("", "Radera alla mina uppgifter").outcome == "request"
    assert classifier.classify("", "Radera fakturan").outcome == "not_request"


ASK = """
[[rule]]
id = "asking.wish"
strength = "ask"
languages = ["sv"]
patterns = ["jag vill"]
must_match = ["Jag vill det."]
must_not_match = ["Han vill det."]
"""


def test_a_right_named_without_words_of_asking_goes_to_a_person(write):
    classifier = load(write(WORDS + 'turn = ["när"]\n' + RULE.replace("own_voice = true", "own_voice = false") + ASK))
    asked = classifier.classify("", "Jag vill att ni raderar alla mina uppgifter")
    assert asked.outcome == "request"
    for told in ("De radera alla mina uppgifter", "Jag vill veta när ni radera mina uppgifter"):
        verdict = classifier.classify("", told)
        assert verdict.outcome == "unsure"
        assert verdict.reasons == ("unclear_ask",)
        assert [evidence.rule for evidence in verdict.evidence] == ["erasure.all"]


def test_an_example_that_does_not_hold_is_told(write):
    told = check_rules(write(WORDS + RULE.replace('"Radera fakturan."', '"Radera era uppgifter."')))
    assert told == ["a.toml, erasure.all: must not match 'Radera era uppgifter.' and does."]
    told = check_rules(write(WORDS + RULE.replace('"Radera mina uppgifter."', '"Släng dem."')))
    assert told == ["a.toml, erasure.all: must match 'Släng dem.' and does not."]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (WORDS + RULE + "[[rule", "not TOML"),
        (WORDS + RULE + "[[rule]]\nright = 'access'\n", "a rule has no id"),
        (WORDS + RULE.replace('"erasure"', '"forgetting"'), "right cannot be 'forgetting'"),
        (WORDS + RULE.replace('right = "erasure"\n', ""), "a request must name its right"),
        (WORDS + RULE.replace('"request"', '"maybe"'), "strength cannot be 'maybe'"),
        (WORDS + RULE.replace('["sv"]', '["fi"]'), "the language fi is not known"),
        (WORDS + RULE.replace('["sv"]', "[]"), "languages must be a list"),
        (WORDS + RULE.replace("@erasing", "@erase"), "no word list or phrase called @erase"),
        (WORDS + RULE.replace("..3 uppgifter", "(uppgifter"), "lacks a closing bracket"),
        (WORDS + RULE.replace("..3 uppgifter", ") uppgifter"), "unexpected ')'"),
        (WORDS + RULE.replace("@erasing ..3 uppgifter", "..3"), "can match without any word"),
        (WORDS + RULE.replace("@erasing ..3", "@erasing ..3!nothing"), "no word list called nothing"),
        (WORDS + RULE + 'marketing = "yes"\n', "marketing must be true or false"),
        (WORDS + RULE.replace("own_voice = true", "own_voice = 1"), "own_voice must be true or false"),
        (WORDS + RULE + 'colour = "red"\n', "the field colour is not known"),
        (WORDS + RULE + 'scope = "world"\n', "scope cannot be 'world'"),
        (WORDS + RULE + 'absorbs = ["access:all"]\n', "absorbs cannot use 'access:all'"),
        (WORDS + RULE.replace('must_match = ["Radera mina uppgifter."]\n', ""), "must_match must be a list"),
        (WORDS + RULE + RULE, "the same id stands in a.toml"),
        (WORDS.replace('"radera*"', '"ra*dera"') + RULE, "is not one word"),
        (WORDS.replace('"radera*"', '"r*"') + RULE, "too short"),
        (WORDS.replace('barrier = ["men"]\n', "") + RULE, "word list barrier"),
        (WORDS + '[phrases]\na = ["@b"]\nb = ["@a"]\n' + RULE.replace("@erasing", "@a"), "mentions itself"),
        (WORDS + "[verbs]\n" + RULE, "the section verbs cannot be used"),
        (WORDS, "There are no rules"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(write, content, says):
    folder = write(content)
    with pytest.raises(RulesError) as caught:
        load(folder)
    assert says in caught.value.message
    assert caught.value.hint
    assert not caught.value.temporary
    assert check_rules(folder) == [str(caught.value)]


def test_a_missing_folder_and_a_file_in_another_encoding_are_told(tmp_path, write):
    with pytest.raises(RulesError, match="no rule files"):
        load(tmp_path)
    folder = write(WORDS + RULE)
    (folder / "phrases" / "b.toml").write_bytes("[words]\nslut = ['återkalla']".encode("latin-1"))
    with pytest.raises(RulesError, match=r"b\.toml is not written in UTF-8"):
        load(folder)


def test_a_file_that_may_not_be_read_is_told(write):
    folder = write(WORDS + RULE)
    (folder / "phrases" / "c.toml").mkdir()
    with pytest.raises(RulesError, match="cannot be read"):
        load(folder)


def test_rules_hold_no_personal_data_and_no_dead_authority(rules_dir):
    for path in sorted((rules_dir / "phrases").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert "@prokompetens" not in text
        assert "30 dagar" not in text
