"""Two machines that answer each other for a thousand rounds: our letters stay within the caps, and the person is answered."""

import asyncio
from datetime import timedelta
from itertools import count
from unittest.mock import patch

import pytest

from inbox_bot.flow import FLOW
from inbox_bot.verification import step as verification_step
from tests.support.house import KALLE, _in_this_thread

ROUNDS = 1000
HOUR = timedelta(hours=1)


class Machine:
    """A stranger's machine that answers every letter, each time with a new Message-ID and without a header that says so.

    ``says``: its words; a ``{}`` in them is a new number each time. ``gives_back``: ``marked`` or ``bare``, our letter below
    its words; ``""`` for nothing. ``threaded``: it says which letter it answers. ``chatty``: so many times it writes
    unanswered. ``after``: how long it takes. ``detail``: its address is another each time, as a ticket system's is.
    """

    def __init__(self, house, says, *, gives_back="", threaded=True, chatty=0, after=HOUR, detail=False):
        self.house, self.says, self.gives_back, self.threaded = house, says, gives_back, threaded
        self.chatty, self.after, self.detail = chatty, after, detail
        self.seen, self.numbers, self.waiting = 0, count(1), []

    def turn(self):
        """Answer what has come, if it is time; return whether anything was written."""
        came = self.house.transport.handed[self.seen :]
        self.seen += len(came)
        self.waiting += [(self.house.now + self.after, one) for one in came if one.recipient.endswith("@example.se")]
        ready = [letter for at, letter in self.waiting if at <= self.house.now + HOUR]
        self.waiting = [(at, letter) for at, letter in self.waiting if at > self.house.now + HOUR]
        if not ready and self.chatty:
            self.chatty -= 1
            ready = [None]
        for letter in ready:
            self._write(letter)
        return bool(ready)

    def _write(self, letter):
        number = next(self.numbers)
        body, subject, headers = self.says.replace("{}", str(number)), "Hej", {}
        if letter is not None:
            mark = "" if self.gives_back == "bare" else "> "
            below = "\n".join(f"{mark}{line}" for line in letter.text.split("\n"))
            body += f"\n\n{below}" if self.gives_back else ""
            subject = f"Re: {letter.subject}"
            headers = {"In-Reply-To": letter.message_id, "References": letter.message_id} if self.threaded else {}
        sender = f"arende+{number}@example.se" if self.detail else KALLE
        identity = f"<m{number}@machine.example.se>"
        self.house.mail(body, sender=sender, subject=subject, headers=headers, message_id=identity)


def play(house, machine, every=HOUR):
    """Let both answer each other for a thousand rounds; the reminder has its turn once a day."""

    async def work():
        house.flow.collect(house.mailbox, look_back_days=30)
        for stage in FLOW:
            if not stage.every:
                await stage.run(house.flow)

    async def run():
        for number in range(ROUNDS):
            house.clock.advance(every)
            wrote = machine.turn()
            waits = house.flow.outbox.limits.per_day < 100 and number % 20 == 0
            reminded = number % 24 == 0 and verification_step.remind(house.flow.verification)
            if wrote or reminded or waits:
                await work()

    with patch("asyncio.to_thread", _in_this_thread):
        asyncio.run(run())


def automatic(house, address=KALLE):
    return [letter for letter in house.to(address) if letter.parsed["Auto-Submitted"]]


def answer_the_person(house, reference="PK-2026-0001"):
    """Let the person behind the machine confirm, by a link that staff send, and get the answer staff approve."""
    house.flow.ask_again(reference, by="anna")
    house.drain(well=False)
    letter = house.to(KALLE)[-1]
    assert house.flow.confirm(letter.token, letter.code).value == "confirmed"
    house.drain(well=False)
    house.flow.approve_case(reference, by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain(well=False)
    assert house.states(reference) == {"erasure": "answered"}
    assert not house.to(KALLE)[-1].parsed["Auto-Submitted"]


@pytest.mark.parametrize(
    "machine",
    [
        {"says": "Tack för ditt mejl.", "gives_back": "marked"},
        {"says": "Tack.", "gives_back": "bare"},
        {"says": "", "gives_back": "marked"},
        {"says": "", "gives_back": "bare"},
        {"says": "Ja, ärende {} är skapat.", "gives_back": "marked"},
        {"says": "#erasure ärende {}", "threaded": False, "chatty": 8},
        {"says": "#unsure ärende {}", "threaded": False, "chatty": 8},
    ],
    ids=lambda how: " ".join(str(one) for one in how.values()),
)
def test_a_machine_that_answers_every_letter_gets_a_receipt_and_a_reminder_and_confirms_nothing(house, machine):
    house.mail("#erasure")
    house.drain()
    play(house, Machine(house, **machine))
    assert len(automatic(house)) <= 3
    assert len(house.cases()) == 1
    assert not house.claim().proven
    answer_the_person(house)


def test_a_machine_that_waits_until_the_code_has_run_out_ends_at_the_cap_of_the_case(build):
    house = build(outbox={"per_case": 6}, identity={"valid_days": 1, "renewals": 50})
    house.drain()
    house.mail("#erasure")
    house.drain()
    machine = Machine(house, "Tack för ditt mejl nummer {}.", after=26 * HOUR)
    play(house, machine)
    assert len(automatic(house)) == 6
    held = [letter.answer for letter in house.flow.archive.overview().troubled]
    assert 1 <= held.count("too_many_in_one_case") == len(held) <= 3
    answer_the_person(house)


def test_a_machine_with_a_new_address_each_time_ends_at_the_cap_of_the_day_and_delays_no_answer(build):
    house = build(outbox={"per_day": 4})
    house.drain()
    house.ask_and_confirm("#erasure", sender="eva@example.org")
    machine = Machine(house, "#access", threaded=False, chatty=2, detail=True)
    play(house, machine, every=timedelta(minutes=10))
    days = ROUNDS / 6 / 24
    to_machine = [letter for letter in house.transport.handed if letter.recipient.startswith("arende+")]
    assert 4 <= len(to_machine) <= 4 * (days + 1)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain(well=False)
    assert house.states() == {"erasure": "answered"}
