"""The lists under rules/: shipped ones work, broken ones say what is wrong."""

import pytest

from inbox_bot.errors import RulesError
from inbox_bot.message.toml_lists import automatic_lists, folder, load_automatic, load_quoting, quoting_lists


def test_the_shipped_lists_are_read():
    assert "mailer-daemon" in automatic_lists().daemons
    assert quoting_lists().labels["skickat"] == "sent"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RulesError, match=r"none\.toml cannot be read"):
        load_quoting(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[sender]", "[sender", "no valid TOML"),
        ("daemons = [", "demons = [", r"\[sender\] daemons"),
        ("noreply = [", "noreply = []\nrest = [", r"\[sender\] noreply"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path, old, new, said):
    path = tmp_path / "automatic.toml"
    path.write_text((folder() / "automatic.toml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(RulesError, match=said):
        load_automatic(path)


def test_an_expression_that_cannot_be_used(tmp_path):
    path = tmp_path / "quoting.toml"
    path.write_text(
        (folder() / "quoting.toml").read_text(encoding="utf-8").replace("'virus-free'", "'virus-(free'"),
        encoding="utf-8",
    )
    with pytest.raises(RulesError, match="cannot be used"):
        load_quoting(path)
