"""A house in which something of every kind waits, so that every page has something to show."""

from datetime import timedelta
from typing import Any

from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, House
from tests.support.recipients import house_with_recipients


def fill(build: Any, tmp_path: Any, **settings: Any) -> tuple[House, dict[str, str]]:
    """Return the house, and the ``token`` and ``code`` of somebody who has not answered yet."""
    house = house_with_recipients(build, tmp_path, **settings)
    house.flow.collect(house.mailbox, look_back_days=30)
    receipt = house.ask_and_confirm("#access Skicka allt ni har", sender=f"Kalle Ek <{KALLE}>", subject="Om mig")
    house.reply(receipt, "Hur går det?")
    house.mail("#unsure #erasure Ta bort hennes konto", sender=EVA)
    house.mailbox.put(b"\r\n\r\n", house.now)
    house.mail("#access", sender="gammal@example.org", at=house.now - timedelta(days=60))
    house.drain()
    house.ask_and_confirm("#erasure", sender="c@example.org")
    reference = max(case.reference for case in house.cases())
    house.flow.acting.say_done(reference, ["Allt är raderat i kursplattformen."], by="anna")
    house.flow.approve_case(reference, by="anna", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    house.drain()
    [letter] = house.letters(reference, name="granted_erasure")
    house.flow.breach.open([letter.id], known_at=house.now, what="Brevet gick till en annan.", by="anna")
    house.flow.attach(house.draft().id, name="kopia.csv", content=b"namn;Kalle", owner=KALLE, by="anna")
    asked = house.ask("#restriction #marketing", sender="d@example.org")
    return house, {"token": asked.token, "code": asked.code}
