import os
import re
import subprocess
import sys

import pytest

from inbox_bot.demo.cast import CAST
from inbox_bot.demo.post import MAILS

_SECONDS = 180


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """``inbox-bot demo --once`` as a stranger runs it, from a folder of its own, and what it left of its temporary files."""
    folder, temporary = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("temporary")
    # A real installation's variables must not lead the demo's letters to a real server.
    env = os.environ | {
        "TMPDIR": str(temporary),
        "INBOX_BOT_SMTP__HOST": "smtp.example.com",
        "INBOX_BOT_DATABASE__URL": "sqlite:////nowhere/real.db",
    }
    command = [sys.executable, "-m", "inbox_bot", "demo", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, cwd=folder, env=env, check=False)
    return done, [*folder.iterdir(), *temporary.iterdir()]


def test_every_mail_comes_out_as_expected(play):
    done, _ = play
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "All came out as they should." in done.stdout


def test_table_names_every_mail(play):
    done, _ = play
    rows = re.findall(r"^ ?(\d+) (ok|NO)  (\w+) +.* as expected", done.stdout, re.MULTILINE)
    assert [(int(number), mark, name) for number, mark, name in rows] == [
        (number, "ok", part.name) for number, part in enumerate(CAST, 1)
    ]


def test_nothing_is_left_behind(play):
    _, left = play
    assert left == []


def test_every_mail_has_a_part_and_every_part_a_mail():
    assert {part.name for part in CAST if not part.is_broken} == {file.stem for file in MAILS.glob("*.eml")}
    assert len({part.name for part in CAST}) == len(CAST)
