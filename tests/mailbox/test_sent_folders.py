"""Which folder holds what people sent: as the server says, else by the names mail programs give it."""

import pytest

from inbox_bot.errors import RulesError
from inbox_bot.mailbox.junk import Folder
from inbox_bot.mailbox.sent import gets_mail, sent_folders
from inbox_bot.mailbox.toml_folders import read_folders
from tests.conftest import RULES

SHIPPED = read_folders(RULES / "folders.toml")


def folder(name, *attributes, delimiter="/"):
    return Folder(name=name, delimiter=delimiter, attributes=frozenset(attributes))


@pytest.mark.parametrize(
    "name",
    [
        "Skickat",
        "Skickade objekt",
        "INBOX/Skickat",
        "Sent",
        "Sent Items",
        "Sent Messages",
        "[Gmail]/Sent Mail",
        "[Gmail]/Skickat",
        "[Gmail]/Skickade meddelanden",
        "SENT ITEMS",
    ],
)
def test_a_usual_name_in_a_usual_place_is_known(name):
    assert sent_folders([folder("INBOX"), folder(name)], SHIPPED) == (name,)


def test_what_the_server_says_goes_before_names():
    folders = [folder("Sent"), folder("Utgående", "\\sent"), folder("Alla", "\\all")]
    assert sent_folders(folders, SHIPPED) == ("Utgående",)


@pytest.mark.parametrize(
    "other",
    [
        folder("Kunder/Skickat"),
        folder("Skickat", "\\noselect"),
        folder("Skickat till revisorn"),
        folder("INBOX.Skickat"),
    ],
)
def test_somebodys_own_folder_is_not_taken_for_it(other):
    assert sent_folders([other], SHIPPED) == ()


def test_mails_that_come_and_go_in_drafts_and_bin_are_no_mails_to_us():
    assert gets_mail(folder("INBOX"))
    assert gets_mail(folder("Skräppost", "\\junk"))
    assert not any(gets_mail(folder("x", flag)) for flag in ("\\drafts", "\\trash", "\\sent"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("roots = 3", "roots"),
        ('roots = [""]\n[sent]\nnames = []\nmost_recipients = 0', "most_recipients"),
        ('roots = [""]\n[sent]\nnames = [1]\nmost_recipients = 5', "names"),
        ('roots = [""]\nmore = 1\n[sent]\nnames = ["x"]\nmost_recipients = 5', "more"),
        ('roots = [""]', "sent"),
    ],
)
def test_a_bad_file_is_named_with_its_key(tmp_path, text, key):
    (tmp_path / "folders.toml").write_text(text, "utf-8")
    with pytest.raises(RulesError, match=f"folders.toml: .*{key}"):
        read_folders(tmp_path / "folders.toml")
