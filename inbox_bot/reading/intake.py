"""Takes *received* mails through message and classification in one go, while the next batch is being read elsewhere."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from inbox_bot.case import step as case_step
from inbox_bot.classification import step as classification_step
from inbox_bot.clock import Clock, SystemClock
from inbox_bot.domain.case import MailState
from inbox_bot.domain.left import NEAR
from inbox_bot.domain.reading import Reader, Reading
from inbox_bot.domain.verdict import Outcome
from inbox_bot.message import step as message_step
from inbox_bot.message.authenticity import Trust
from inbox_bot.message.step import Batch, Hands
from inbox_bot.reading.holder import HELD_FOR, is_gone, this_process
from inbox_bot.store.unit import Desk, Unit


class Intake:
    """Keeps a reader busy: it has one batch while the one before is saved and the next is taken up.

    Where the reader dies over a batch, its mails are tried again one by one, and the one it dies over again ends in
    quarantine (``message.step.MOST_ATTEMPTS``). What it takes up it holds by ``name``, of this process if none is given.
    ``trust``: whose word on who wrote a mail counts.
    """

    def __init__(
        self,
        desk: Desk,
        own: frozenset[str],
        reader: Reader,
        clock: Clock | None = None,
        name: str | None = None,
        trust: Trust | None = None,
        edition: str = "",
    ) -> None:
        self._desk = desk
        self._clock = clock or SystemClock()
        self._name = name or this_process()
        self._edition = edition
        self._own = own
        self._reader = reader
        self._trust = trust
        self._in_hand: deque[Batch] = deque()
        self._finished: tuple[Batch, Sequence[Reading]] | None = None
        self._turn = threading.Lock()

    def read(self) -> int:
        """Do one turn: save the batch that is read, take up another, and wait for the oldest in hand to be read.

        Returns how many mails were saved, at least 1 while any is in hand. Raises RulesError or ReaderError when the reader
        cannot start: before any attempt is counted.
        """
        with self._turn:
            # A batch in hand went to the reader that is there now; were that one gone, a new one would know nothing of it.
            if not self._in_hand:
                self._reader.open()
            saved = self._put_down_and_take(more=True)
            if len(self._in_hand) == 1 and len(self._in_hand[0].ids) == message_step.BATCH:
                self._put_down_and_take(more=True)  # So that the reader has one to read while the other is saved.
            self._receive()
            return saved or int(self._finished is not None)

    def finish(self) -> None:
        """Save what is in hand, and take up nothing more."""
        with self._turn:
            while self._in_hand or self._finished is not None:
                self._put_down_and_take(more=False)
                self._receive()

    def close(self) -> None:
        """End the reader; what is in hand is read again by the next."""
        self._reader.close()

    def _put_down_and_take(self, *, more: bool) -> int:
        finished, self._finished = self._finished, None
        taken: Batch | None = None
        with self._desk.write(light=True) as unit:
            if finished is not None:
                _put_down(unit, *finished, self._trust, self._edition, self._clock.now())
            if more and not any(batch.alone for batch in self._in_hand):
                besides = {mail_id for batch in self._in_hand for mail_id in batch.ids}
                taken = message_step.take(unit, besides, self._hands())
        if taken is not None and (taken.ids or taken.spent):
            self._in_hand.append(taken)
            self._reader.send([taken.contents[mail_id] for mail_id in taken.ids], self._own)
        return 0 if finished is None else len(finished[0].ids) + len(finished[0].spent)

    def _hands(self) -> Hands:
        return Hands(name=self._name, now=self._clock.now(), is_gone=is_gone, held_for=timedelta(seconds=HELD_FOR))

    def _receive(self) -> None:
        if self._in_hand:
            batch = self._in_hand.popleft()
            readings = self._reader.receive()
            self._finished = (replace(batch, contents={}), readings)  # The bytes are done with; they may be many.
            if len(readings) < len(batch.ids):
                self._in_hand.clear()  # They died with the reader; they are *received* still, with an attempt counted.


def _put_down(
    unit: Unit, batch: Batch, readings: Sequence[Reading], trust: Trust | None, edition: str, now: datetime
) -> None:
    """Save a batch. What is no request and follows up nothing is left at once: nothing of it is ever stored but its bytes."""
    pairs = message_step.completed(unit, zip(batch.ids, readings, strict=False))
    pairs = message_step.without_ours(unit, pairs, now)
    aside = {
        mail_id: reading.message
        for mail_id, reading in pairs
        if reading.message is not None
        and reading.verdict is not None
        and reading.verdict.outcome is Outcome.NOT_REQUEST
    }
    left = set(case_step.lead_nowhere(unit, aside))
    near = {mail_id for mail_id, reading in pairs if reading.verdict is not None and reading.verdict.near} & left
    unit.mails.empty(sorted(left - near), MailState.LEFT, old=MailState.RECEIVED)
    unit.mails.empty(sorted(near), MailState.LEFT, old=MailState.RECEIVED, reason=NEAR)
    kept = [(mail_id, reading) for mail_id, reading in pairs if mail_id not in left]
    read_ids = set(message_step.put_down(unit, kept, batch.spent, trust, edition))
    verdicts = []
    for mail_id, reading in kept:
        if mail_id in read_ids and reading.verdict is not None:
            verdicts.append((mail_id, reading.verdict))
        elif mail_id in read_ids and reading.judge_error:
            verdicts.append((mail_id, classification_step.failed(mail_id, reading.judge_error)))
    classification_step.put_down(unit, verdicts)
