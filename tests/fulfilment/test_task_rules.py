"""rules/tasks.toml: read whole, or refused with the file, the key and the cure."""

import re

import pytest

from inbox_bot.errors import RulesError
from inbox_bot.fulfilment.rulebook import Place
from inbox_bot.fulfilment.toml_rules import read_tasks
from inbox_bot.settings import FileSettings, rules_folders

SHIPPED = rules_folders(FileSettings())[0] / "tasks.toml"
PLACES = [
    Place(name=name, holds="konto")
    for name in ("kursplattformen", "intygsarkivet", "faktureringen", "nyhetsbrevsverktyget", "mailboxen")
]


@pytest.fixture
def read(tmp_path):
    def run(text, *, same_company=True, places=PLACES):
        file = tmp_path / "tasks.toml"
        file.write_text(text, "utf-8")
        return read_tasks(file, places, same_company=same_company)

    return run


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r'right = "access"', 'right = "kaffe"', "task 1: right must be one of"),
        (r'system = "intygsarkivet"', 'system = "pärmen"', "names pärmen, which is not among [[systems]]"),
        (r'done = "Genomsökt\."\n', "", "task 1: done must be a text"),
        (r"(?m)^accounting = true", 'accounting = "ja"', "accounting must be true or false"),
        (r"years = 7", "years = 70", "accounting.years must be a whole number from 1 to 30"),
        (r'"12-31"', '"31-12"', "must be a month and a day"),
        (r"\[freeze\]", "[frys]", "frys is no key that is known here"),
        (r'\["access", "portability"\]', '["kaffe"]', "names kaffe, which is no right"),
        (r'kind = "absent"', 'kind = "kept"', "answer 3: kind must be done or absent"),
        (r"due_working_days = 10", "", "recipients.due_working_days must be a whole number"),
        (
            r'(?s)\[\[task\]\]\nright = "marketing".*?\n\n',
            '[[task]]\nright = "access"\nsystem = "*"\ndo = "x"\ndone = "x"\ndone_en = "x"\n\n',
            "must not speak of the same right and system twice",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_file(read, pattern, replacement, said):
    text = SHIPPED.read_text("utf-8")
    changed = re.sub(pattern, lambda _: replacement, text, count=1)
    assert changed != text
    with pytest.raises(RulesError) as caught:
        read(changed)
    assert "tasks.toml" in str(caught.value)
    assert said in str(caught.value)
    assert caught.value.hint


def test_a_file_that_is_no_toml_or_is_not_there_is_named(read, tmp_path):
    with pytest.raises(RulesError, match="not valid TOML"):
        read("[[task")
    with pytest.raises(RulesError, match="cannot be read"):
        read_tasks(tmp_path / "absent.toml", PLACES)


def test_the_shipped_file_serves_a_company_with_other_systems_and_says_what_it_lacks(read):
    rules = read(SHIPPED.read_text("utf-8"), same_company=False, places=[Place(name="kundregistret", holds="kunder")])
    [problem] = rules.problems()
    assert "no task for marketing" in problem
    from inbox_bot.domain.rights import Claim, Right

    assert list(rules.todo(Claim(right=Right.ERASURE))) == ["kundregistret"]
    assert "kundregistret: kunder" in rules.todo(Claim(right=Right.ERASURE))["kundregistret"]


def test_a_system_may_be_left_out_of_a_right(read):
    from inbox_bot.domain.rights import Claim, Right

    text = SHIPPED.read_text("utf-8").replace('system = "*"', 'system = "*"\nexcept = ["mailboxen"]', 1)
    assert "mailboxen" not in read(text).todo(Claim(right=Right.ACCESS))
