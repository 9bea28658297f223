"""What people do about mails that nobody could read, and mails they bring in by hand: the doors, for pages and commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from inbox_bot.case import sorting
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.left import LeftMail
from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim
from inbox_bot.errors import NotAllowedError
from inbox_bot.mailbox import importing
from inbox_bot.mailbox.importing import Brought
from inbox_bot.message import quarantine
from inbox_bot.message.quarantine import Shown
from inbox_bot.store.unit import Desk

__all__ = ["Brought", "Quarantine", "Shown"]


@dataclass(frozen=True, kw_only=True)
class LeftDay:
    """One day's mails that were taken for no request, and how many there are of every day that is still kept."""

    day: date
    mails: tuple[LeftMail, ...]
    days: Mapping[date, int]


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """The doors. ``prefix`` of new references; ``own`` addresses, lower-case, that nobody can ask from."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    prefix: str
    own: frozenset[str]

    def look(self, mail_id: int, *, by: str) -> Shown:
        """Return a quarantined mail as text; who looked is noted. Raises NotAllowedError for any other mail."""
        return quarantine.look(self.desk, self.clock, mail_id, by=by)

    def export(self, mail_id: int, *, by: str) -> bytes:
        """Return a quarantined mail's bytes; who took them is noted. Raises NotAllowedError for any other mail."""
        return quarantine.export(self.desk, self.clock, mail_id, by=by)

    def retry(self, mail_id: int) -> None:
        """Read a quarantined mail again, or fetch it again. Raises NotAllowedError for any other."""
        quarantine.retry(self.desk, self.clock, mail_id)

    def recall(self, mail_id: int, *, by: str) -> None:
        """Have a mail that was let go fetched from its mailbox again, to be looked at and sorted. Raises NotAllowedError.

        It waits to be sorted as soon as it has come, whatever the program makes of it the second time.
        """
        with self.desk.write() as unit:
            if not unit.quarantine.recall(mail_id, by, self.clock.now()):
                raise NotAllowedError(
                    f"Mail {mail_id} cannot be fetched again.",
                    hint="It was not let go, or it is in no folder that is read: bring it in by hand.",
                )

    def left(self, day: date | None) -> LeftDay:
        """Return the mails of a Stockholm day that were taken for no request, of the latest such day if none is said."""
        with self.desk.look() as unit:
            days = unit.left.days(stockholm_day(self.clock.now()))
            shown = day or max(days, default=stockholm_day(self.clock.now()))
            return LeftDay(day=shown, mails=tuple(unit.left.of_day(shown)), days=days)

    def discard(self, mail_id: int, *, by: str) -> None:
        """Empty a quarantined mail that is no request. Raises NotAllowedError for any other."""
        quarantine.discard(self.desk, mail_id, by=by)

    def take_up(
        self,
        mail_id: int,
        claims: Sequence[Claim],
        *,
        person: Address,
        by: str,
        words: str = "",
        for_another: bool = False,
    ) -> CaseRecord:
        """Make a case of a mail that nobody can read: who asks for what is what a person says. Its clock runs from its receipt.

        ``words``: what the mail asks for, as far as someone could make it out. Raises NotAllowedError for a mail that is not in
        quarantine, for no right, and for an address no letter can be sent to.
        """
        return sorting.take_up(
            self.desk,
            self.calendar,
            self.clock,
            prefix=self.prefix,
            own=self.own,
            mail_id=mail_id,
            claims=claims,
            person=person,
            words=words,
            by=by,
            for_another=for_another,
        )

    def bring_in(
        self,
        mailbox: str,
        name: str,
        content: bytes,
        *,
        by: str,
        received_at: datetime | None = None,
        sender: str = "",
        text: str = "",
        instead_of: int | None = None,
    ) -> list[Brought]:
        """Bring in a file: a mail, an mbox, or anything else (a scanned letter) as the attachment of a mail made for it.

        ``sender`` and ``text`` say of a file that is no mail who wrote it and what. Raises NotAllowedError for an empty file, and
        where it is not known when it reached the company.
        """
        if not content.strip():
            raise NotAllowedError("The file is empty.", hint="Save the mail anew and try again.")
        if importing.is_mail(content):
            mails = list(importing.mails_in(content))
        else:
            mails = [importing.as_mail(name, content, sender=sender, text=text)]
        if instead_of is not None and len(mails) > 1:
            raise NotAllowedError("The file holds several mails, and one is to stand for the quarantined one.")
        return [
            importing.bring_in(
                self.desk,
                self.clock,
                mailbox=mailbox,
                content=mail,
                received_at=received_at,
                by=by,
                instead_of=instead_of,
            )
            for mail in mails
        ]
