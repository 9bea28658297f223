"""The people who write: they open the link we sent and type the code, or answer our mail, as each part says."""

import email
from dataclasses import dataclass, field
from datetime import timedelta
from email import policy
from functools import lru_cache

from inbox_bot.demo.browser import Browser
from inbox_bot.demo.cast import FOUND_AFTER_DAYS, Answer, Part
from inbox_bot.demo.installation import MAILBOX, Installation
from inbox_bot.demo.ledger import Entry, look_up
from inbox_bot.demo.post import NO_MAIL, Letter, read_letter, write_mail, write_reply
from inbox_bot.errors import InboxBotError

_WRONG_CODE = "BCDF-GHJK"


@dataclass(kw_only=True)
class Correspondence:
    """The mails of the whole cast on one installation, and the letters that each writer has got."""

    place: Installation
    sent: dict[str, bytes] = field(default_factory=dict)

    def send(self, part: Part, about: Letter | None = None) -> None:
        """Put a part's mail into the mailbox."""
        now = self.place.clock.now()
        at = now - timedelta(days=FOUND_AFTER_DAYS) if part.is_old else now
        content = NO_MAIL if part.is_broken else write_mail(part.name, at=at, about=about)
        self.sent[part.name] = content
        self.place.put(content, folder=part.folder, received=at)

    def entry(self, part: Part) -> Entry | None:
        """Return what the program knows of a part's mail; None before it has seen it."""
        content = self.sent.get(part.name)
        return None if content is None else look_up(self.place.building.flow, MAILBOX, content)

    def is_settled(self, part: Part) -> bool:
        entry = self.entry(part)
        return entry is not None and entry.is_settled

    def writer(self, part: Part) -> str:
        """Return who wrote a part's mail, name and address, and what its subject says."""
        return _header(self.sent[part.name], "From")

    def subject(self, part: Part) -> str:
        return _header(self.sent[part.name], "Subject")

    def letters(self, part: Part) -> tuple[Letter, ...]:
        """Return the letters that have come to a part's writer."""
        writer = self.writer(part)
        return tuple(
            letter
            for caught in self.place.smtp.letters
            if (letter := read_letter(caught)).to and f"<{letter.to}>" in writer
        )

    def wait_for_letter(self, part: Part, name: str) -> Letter:
        """Return the first letter of a name to a part's writer, as soon as it has come. Raises InboxBotError."""
        self.place.wait_until(
            lambda: any(letter.name == name for letter in self.letters(part)), f"the letter {name} to {part.name}"
        )
        return next(letter for letter in self.letters(part) if letter.name == name)

    def answer(self, part: Part) -> None:
        """Do what a part's writer does when the question of identity has come. Raises InboxBotError if that fails."""
        if part.answer is Answer.NONE:
            return
        letter = self.wait_for_letter(part, "receipt_identity")
        match part.answer:
            case Answer.ON_THE_PAGE:
                self._type(letter, letter.code)
            case Answer.WRONG_CODE_FIRST:
                self._type(letter, _WRONG_CODE, right=False)
                self._type(letter, letter.code)
            case Answer.BY_REPLY:
                self._reply(part, letter, f"Ja, det var jag. Koden är {letter.code}.")
            case Answer.NOT_ME:
                self._reply(part, letter, "Det var inte jag.")

    def _type(self, letter: Letter, code: str, *, right: bool = True) -> None:
        browser = Browser()
        page = browser.open(letter.link)
        form = page.form_with("svar", "ja")
        form.fill("kod", code)
        answer = browser.press(page, form, "svar", "ja")
        if (answer.status == 200) is not right:
            raise InboxBotError(
                f"The page answered a {'right' if right else 'wrong'} code with status {answer.status}."
            )

    def _reply(self, part: Part, letter: Letter, text: str) -> None:
        now = self.place.clock.now()
        self.place.put(write_reply(letter, sender=self.writer(part), text=text, at=now))


@lru_cache(maxsize=200)
def _header(content: bytes, name: str) -> str:
    mail = email.message_from_bytes(content, policy=policy.default)
    return str(mail[name] or "")
