"""The demo for a person to look at and play in: mails come in one after another, and then the program stays up."""

import signal
import threading
from functools import partial
from types import FrameType

from inbox_bot.demo.cast import CAST, Part
from inbox_bot.demo.installation import MAILBOX, STAFF, Halted, Installation
from inbox_bot.demo.ledger import look_up
from inbox_bot.demo.narration import Narrator
from inbox_bot.demo.requesters import Correspondence
from inbox_bot.domain.case import LetterState

_BETWEEN_MAILS = 0.6
_BETWEEN_GLANCES = 0.3
_STILL_WRITTEN = 1.0
"""Seconds a file must have lain still before it is taken for whole."""

_PARTS = {part.name: part for part in CAST}


def perform(port: int) -> int:
    """Show everything until Ctrl-C or SIGTERM; return 0. Raises InboxBotError if the program itself ends."""
    halted = threading.Event()

    def halt(_number: int, _frame: FrameType | None) -> None:
        halted.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, halt)
    with Installation(wanted_port=port, halted=halted) as place:
        performance = Performance(place, port)
        try:
            performance.begin()
            performance.play()
            performance.stay()
        except Halted:
            performance.narrator.say("\nStopping.")
    print("Stopped. Nothing is left: the folder with letters and database is gone.", flush=True)
    return 0


class Performance:
    """One showing, from the first look into the mailbox until it is halted."""

    def __init__(self, place: Installation, wanted_port: int) -> None:
        self._place = place
        self._wanted_port = wanted_port
        self._mails = Correspondence(place=place)
        self._inbox = place.folder / "inbox"
        self._inbox.mkdir()
        self.narrator = Narrator(flow=place.building.flow, folder=place.folder / "letters")

    def begin(self) -> None:
        """Say where everything is, and let the program look into the mailbox for the first time."""
        say = self.narrator.say
        say("inbox_bot demo: a mailbox, an outgoing server, the program and its pages, all in this process.")
        say("No mail leaves this machine, and everything is gone when you stop it with Ctrl-C.")
        if not self._place.pages.endswith(f":{self._wanted_port}") and self._wanted_port:
            say(f"Port {self._wanted_port} is taken, so the pages are on another one.")
        say(f"\n  Staff page  {self._place.pages}/personal")
        say(f"  Letters     {self._place.folder / 'letters'}\n")
        for part in CAST:
            if part.is_old:
                self._mails.send(part)
        self.narrator.head(self._place.clock.now(), "The program looks into the mailbox for the first time.")
        self.narrator.line("", "What lies there already is listed for a person, and nothing is sent for it.")
        self._place.start()
        for part in CAST:
            if part.is_old:
                self._follow(part)

    def play(self) -> None:
        """Let the mails come in, slowly enough to read."""
        for part in CAST:
            if part.is_old:
                continue
            about = None if not part.about else self._mails.wait_for_letter(_PARTS[part.about], "receipt_identity")
            self._mails.send(part, about)
            self._follow(part)

    def stay(self) -> None:
        """Say what a person can do now, and tell what comes of it until halted."""
        self._explain()
        while True:
            self._take_own_mails()
            self.narrator.tell_news(self._place.smtp.letters, timed=True)
            self._rest(_BETWEEN_GLANCES)

    def _follow(self, part: Part) -> None:
        """Tell of one mail from its arrival until the program has done with it what it can alone."""
        where = "" if part.folder == "INBOX" else f", in the folder {part.folder}"
        heading = (
            "Bytes that make no mail"
            if part.is_broken
            else f"{self._mails.writer(part)}: “{self._mails.subject(part)}”"
        )
        self.narrator.head(self._place.clock.now(), heading)
        self.narrator.line("that is", f"{part.what}{where}")
        self._place.wait_until(lambda: self._is_seen_to(part), f"the program to see to {part.name}")
        entry = self._mails.entry(part)
        assert entry is not None
        self.narrator.tell_mail(entry)
        self.narrator.tell_news(self._place.smtp.letters)
        self._rest(_BETWEEN_MAILS)

    def _is_seen_to(self, part: Part) -> bool:
        entry = self._mails.entry(part)
        if entry is None or not entry.is_settled:
            return False
        leaving = {LetterState.QUEUED, LetterState.SENDING}
        return entry.case is None or (bool(entry.letters) and all(one.state not in leaving for one in entry.letters))

    def _take_own_mails(self) -> None:
        now = self._place.clock.now()
        for file in sorted(self._inbox.glob("*.eml")):
            if now.timestamp() - file.stat().st_mtime < _STILL_WRITTEN:
                continue
            content = file.read_bytes()
            file.unlink()
            self._place.put(content)
            self.narrator.head(now, f"Your own mail {file.name}")
            self._place.wait_until(partial(self._is_taken, content), f"the program to see to {file.name}")
            entry = look_up(self._place.building.flow, MAILBOX, content)
            assert entry is not None
            self.narrator.tell_mail(entry)

    def _is_taken(self, content: bytes) -> bool:
        entry = look_up(self._place.building.flow, MAILBOX, content)
        return entry is not None and entry.is_settled

    def _rest(self, seconds: float) -> None:
        if self._place.halted.wait(seconds):
            raise Halted
        self._place.check()

    def _explain(self) -> None:
        example = _PARTS["access"]
        letter = self._mails.wait_for_letter(example, "receipt_identity")
        say = self.narrator.say
        say(
            f"\nThat was the mail: {len(CAST)} mails, {len(self._place.smtp.letters)} letters sent. Now it is your turn.\n"
        )
        say(f"  As staff      open {self._place.pages}/personal and log in as {STAFF};")
        say("                the code is mailed, and printed here when it comes.")
        say(f"  As requester  {self._mails.writer(example)} got this link and code:")
        say(f"                {letter.link}")
        say(f"                {letter.code}")
        say(
            "                Open the link, type the code, press “Ja, det var jag”: then the answer waits on the staff page."
        )
        say(f"  By command    inbox-bot cases --config {self._place.settings_file}")
        say(
            f"  Letters       every letter sent lies in {self._place.folder / 'letters'}, to read (.txt) and byte for byte (.eml)."
        )
        say(f"  More mail     save a mail of your own as an .eml file in {self._inbox}, and it comes in.")
        say("  To stop       Ctrl-C\n")
