"""The list of addresses that get no marketing: from the moment it was asked for, and in the file that other systems read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_bot import log
from inbox_bot.domain.address import normal_address, typed_address
from inbox_bot.errors import ListFileError, NotAllowedError
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.store.suppressions import Change, Publication, Suppressed

MOST_SHOWN = 200
MOST_NAMED = 5
"""Further addresses one mail may put on the list; a longer list is for a person to look at."""

_IN_TEXT = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_log = log.get("fulfilment")


@dataclass(frozen=True, kw_only=True)
class ListView:
    """The list as staff look at it: how many addresses, those that were searched for, and how its file is."""

    count: int
    found: tuple[Suppressed, ...]
    history: tuple[Change, ...]
    publication: Publication
    has_file: bool


def named_addresses(text: str, own: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses a person names in a mail about marketing, other than ours (law.md 2.2), in their normal form."""
    ours = set(own)
    domains = {address.rpartition("@")[2] for address in ours}
    found = (normal_address(one.strip(".")) for one in _IN_TEXT.findall(text))
    theirs = dict.fromkeys(one for one in found if one not in ours and one.rpartition("@")[2] not in domains)
    return tuple(theirs)[:MOST_NAMED]


def add(room: Fulfilment, address: str, *, by: str, reason: str = "") -> str:
    """Put an address on the list by hand; return it in its normal form. Raises NotAllowedError for what is no address."""
    wanted = _address(address)
    _check_person(by)
    with room.desk.write() as unit:
        added = unit.suppressions.add(wanted, room.clock.now(), actor=by.strip(), reason=reason.strip())
    _log.info("suppression_changed", added=added, actor_is_staff=True)
    publish(room)
    return wanted


def remove(room: Fulfilment, address: str, *, by: str, reason: str) -> str:
    """Take an address off the list: it may get marketing again. A reason is demanded and kept; the address is not."""
    wanted = _address(address)
    _check_person(by)
    if not reason.strip():
        raise NotAllowedError("A reason is demanded for taking an address off the list.")
    with room.desk.write() as unit:
        removed = unit.suppressions.remove(wanted, room.clock.now(), actor=by.strip(), reason=reason.strip())
    if not removed:
        raise NotAllowedError("This address is not on the list.")
    _log.info("suppression_changed", added=False, actor_is_staff=True)
    publish(room)
    return wanted


def look(room: Fulfilment, part: str = "") -> ListView:
    """Return the list, the newest first, or the addresses that hold ``part``; for a whole address also its history."""
    wanted = normal_address(part)
    with room.desk.look() as unit:
        return ListView(
            count=unit.suppressions.count(),
            found=tuple(unit.suppressions.matching(wanted, MOST_SHOWN)),
            history=tuple(unit.suppressions.history(wanted)) if wanted else (),
            publication=unit.suppressions.publication(),
            has_file=room.list_file is not None,
        )


def since(room: Fulfilment, address: str) -> datetime | None:
    """Return since when an address is on the list, None if it is not."""
    with room.desk.look() as unit:
        return unit.suppressions.since(_address(address))


def addresses(room: Fulfilment) -> Sequence[str]:
    """Return the whole list, sorted."""
    with room.desk.look() as unit:
        return unit.suppressions.addresses()


def failure(room: Fulfilment) -> str:
    """Return why the file could not be written the last time, ``""`` if it could."""
    with room.desk.look() as unit:
        return unit.suppressions.publication().failure


def publish(room: Fulfilment) -> int:
    """Bring the file up to date with the list; return 1 if it was written.

    Raises ListFileError if it cannot be written, after telling staff: once by letter, and in pages and digest until it can.
    """
    if room.list_file is None:
        return _forget_failure(room)
    with room.desk.look() as unit:
        revision = unit.suppressions.revision()
        failing = unit.suppressions.publication().failed_at is not None
    if room.list_file.is_at(revision) and not failing:
        return 0
    while True:
        # Read again after writing: another process may have written an older list over a newer one meanwhile.
        with room.desk.look() as unit:
            revision, wanted = unit.suppressions.revision(), unit.suppressions.addresses()
        try:
            room.list_file.write(wanted, revision)
        except ListFileError as error:
            _alarm(room, error)
            raise
        with room.desk.write() as unit:
            if unit.suppressions.revision() == revision:
                unit.suppressions.note_written(revision, room.clock.now())
                break
    _log.info("suppression_file_written", revision=revision, count=len(wanted))
    return 1


def _forget_failure(room: Fulfilment) -> int:
    with room.desk.look() as unit:
        failing = unit.suppressions.publication().failed_at is not None
    if failing:
        with room.desk.write() as unit:
            unit.suppressions.note_no_file()
    return 0


def _alarm(room: Fulfilment, error: ListFileError) -> None:
    with room.desk.write() as unit:
        if unit.suppressions.note_failure(room.clock.now(), error.message):
            room.alarm(
                unit,
                "Spärrlistan mot reklam kan inte skrivas",
                "Programmet kan inte skriva filen med spärrade adresser. De system som läser den kan fortsätta skicka "
                f"reklam till någon som har sagt nej. Felet: {room.letters.failure(error.message)} Spärra adresserna för hand tills filen "
                f"går att skriva. De står på sidan.\n\nProgrammets egna ord: {error.message}",
                "/personal/sparrlista",
            )


def _address(text: str) -> str:
    address = typed_address(text)
    if address is None:
        raise NotAllowedError("That is not a mail address.", hint="Write it as kim@example.se.")
    return address


def _check_person(by: str) -> None:
    if not by.strip():
        raise NotAllowedError("Say who changes the list (--by).")
