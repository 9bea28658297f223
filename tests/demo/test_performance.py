import io
import os

import pytest

from inbox_bot.demo import performance
from inbox_bot.demo.cast import CAST
from inbox_bot.demo.installation import Halted, Installation
from inbox_bot.demo.performance import Performance


class _Stage(io.StringIO):
    """Keeps what is told, and has the showing halted as soon as some words have been."""

    def __init__(self, last_words, halted):
        super().__init__()
        self._last_words = last_words
        self._halted = halted

    def write(self, text):
        count = super().write(text)
        if self._last_words in self.getvalue():
            self._halted.set()
        return count


@pytest.fixture
def place(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(performance, "_BETWEEN_MAILS", 0)
    names = {"old_request", "marketing_stop", "access", "employer", "booking", "newsletter", "broken"}
    monkeypatch.setattr(performance, "CAST", [part for part in CAST if part.name in names])
    with Installation(wanted_port=0) as found:
        yield found


def test_it_tells_who_wrote_what_was_understood_which_date_and_what_was_sent(place):
    showing = Performance(place, 0)
    stage = showing.narrator.out = _Stage("“Bekräfta din begäran (PK-2026-0003)” to own@example.com", place.halted)
    showing.begin()
    showing.play()
    mine = place.folder / "inbox" / "mine.eml"
    mine.write_text("From: own@example.com\nSubject: Hej\n\nRadera alla uppgifter ni har om mig.\n", "utf-8")
    os.utime(mine, (0, 0))
    with pytest.raises(Halted):
        showing.stay()
    told = stage.getvalue()
    for words in (
        "Karin Lindfors <karin.lindfors@example.se>: “Registerutdrag”",
        "understood    access, on the words “",
        "PK-2026-0001, answer due ",
        "“Bekräfta din begäran (PK-2026-0001)” to karin.lindfors@example.se",
        "no marketing goes to this address from now on",
        "it lay there before the program did (perhaps access)",
        "unsure        employer",
        "no request: not answered",
        "list, List-Id: not answered",
        "quarantine",
        f"{place.pages}/identitet/",
        f"{place.pages}/personal",
        "Your own mail mine.eml",
    ):
        assert words in told
    assert "\x1b" not in told
    # Nothing was sent for what lay there before, and every letter can be read.
    assert "harald.sjo@example.com" not in told.replace("<harald.sjo@example.com>", "")
    letters = sorted(file.name for file in (place.folder / "letters").iterdir())
    assert {f"{number:03d}" for number in range(1, len(place.smtp.letters) + 1)} == {name[:3] for name in letters}
    assert {name[-4:] for name in letters} == {".eml", ".txt"}
