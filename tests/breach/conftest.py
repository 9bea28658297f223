"""An answer that has left, and gone to the wrong person."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import House

STAFF = "anna@example.com"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A house with a letter that has left."""

    house: House
    letter: int

    @property
    def desk(self) -> Any:
        return self.house.flow.breach

    def open(self, **how: Any) -> int:
        given = {"known_at": self.house.now, "what": "En okänd person har ringt om brevet.", "by": STAFF} | how
        return self.desk.open([self.letter], **given)

    def note(self, number: int, step: str, choice: str = "", **how: Any) -> None:
        given = {"words": "Vi har gjort det som står här.", "by": STAFF} | how
        self.desk.note(number, step, choice=choice, **given)

    def finish(self, number: int) -> None:
        for step, choice in {
            "contain": "confirmed",
            "data": "",
            "risk": "unlikely",
            "notify": "not",
            "tell": "no_need",
            "change": "",
        }.items():
            self.note(number, step, choice)


@pytest.fixture
def wrong(build: Callable[..., House], tmp_path: Path) -> Wrong:
    house = build(journal={"file": str(tmp_path / "erasures.jsonl")})
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="eva", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain()
    [letter] = house.letters(name="granted_erasure")
    return Wrong(house=house, letter=letter.id)
