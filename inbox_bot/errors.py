"""One tree of errors. The class docstring is the sentence a person reads when nothing better is known.

``temporary`` says whether the same call may succeed later without anyone changing anything; it is a field of the
error, decided where the error is raised, never guessed from its text.
"""


class InboxBotError(Exception):
    """Something went wrong in inbox_bot."""

    def __init__(self, message: str = "", *, hint: str = "", temporary: bool = False) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.hint = hint
        self.temporary = temporary
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(InboxBotError):
    """A setting is missing or wrong."""


class RulesError(InboxBotError):
    """A file under rules/ cannot be read or used."""


class TemplateError(InboxBotError):
    """A letter under templates/ cannot be read or used."""


class LetterIncompleteError(InboxBotError):
    """The letter lacks values it must have."""

    def __init__(self, letter: str, missing: tuple[str, ...]) -> None:
        self.letter = letter
        self.missing = missing
        super().__init__(f"The letter {letter} lacks: {', '.join(missing)}.", hint="Fill these in and try again.")


class LetterFaultyError(InboxBotError):
    """The finished letter lacks what the law demands, or says what it may not."""

    def __init__(self, letter: str, faults: tuple[str, ...]) -> None:
        self.letter = letter
        self.faults = faults
        # In Swedish on pages and command line alike: it speaks of the words of the letter, to who fills them in.
        super().__init__(f"Brevet kan inte godkännas än. {' '.join(faults)}")


class MailboxError(InboxBotError):
    """The mailbox could not be read."""


class SmtpError(InboxBotError):
    """The outgoing mail server could not be used."""


class SignInError(InboxBotError):
    """The company's own accounts could not be used to log in."""


class AccessError(InboxBotError):
    """The mail provider gives no access to the account."""


class StoreError(InboxBotError):
    """The database could not be used."""


class PeopleError(InboxBotError):
    """The register of known people cannot be used."""


class NotFoundError(InboxBotError):
    """There is no such case, mail or letter."""


class NotAllowedError(InboxBotError):
    """The matter is in a state in which it cannot be done."""


class ReaderError(InboxBotError):
    """The process that reads mails does not answer."""


class UnreadableMailError(InboxBotError):
    """The mail could not be parsed."""


class HealthFileError(InboxBotError):
    """The file that says how the program is could not be written."""


class ListFileError(InboxBotError):
    """The file of addresses that get no marketing could not be written."""
