"""What the weekly and the daily letter say: every open matter by its legal date, and all that waits for a person or is unwell."""

from collections.abc import Sequence
from typing import Any

from inbox_bot.clock import STOCKHOLM
from inbox_bot.digest.attention import attention, hesitated, mailboxes, unwell
from inbox_bot.digest.facts import FEW_DAYS, Alarm, Facts, Running, running
from inbox_bot.digest.lines import MOST_LINES, Pen, Section, fit, names, nothing, plain, section
from inbox_bot.digest.outside import beside_failures
from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.left import LeftMail
from inbox_bot.domain.task import Half


def weekly(facts: Facts, pen: Pen, period: str, near: Sequence[LeftMail] = ()) -> dict[str, Any]:
    """Return the weekly digest's ``summary``; sent also when all is well. ``near``: mails let go that the program hesitated at."""
    claims = running(facts, pen.calendar)
    waiting = [one for one in claims if one.claim.state is ClaimState.AWAITING_APPROVAL]
    asked = [one for one in claims if one.claim.state is ClaimState.AWAITING_IDENTITY]
    identity = [one for one in asked if not one.claim.waits_for_staff]
    logins, proof, nearly = plain(facts.logins), facts.proof, hesitated(near, pen)
    sections = [
        section("Öppna ärenden efter lagens datum", pen.claims(claims), "inget öppet ärende"),
        section("Väntar på godkännande", names(waiting, f"{pen.pages}/personal"), "inget svar att godkänna"),
        section("Väntar på att personen bekräftar", names(identity, ""), "ingen som ska bekräfta"),
        *attention(facts, pen),
        *([section("Brev som programmet tvekade om och lät vara: se efter i brevlådan", nearly, "")] if nearly else []),
        _unwell_section(facts, pen),
        section("Brevlådorna lästes senast", mailboxes(facts, pen), "ingen brevlåda som har lästs"),
        *([section("Inloggningar hos Microsoft och Google", logins, "")] if logins else []),
        section(
            "Dagliga prov: programmets mejl till sig självt", plain(proof.self_checks), "inget dagligt prov i veckan"
        ),
        section("Brevlådorna jämförda med programmet", plain(proof.compared), "ingen jämförelse av brevlådorna än"),
        section("Det som har stått still i veckan", plain(proof.stood_still), "inget som har stått still i veckan"),
    ]
    return _summary(facts, pen, claims, sections) | {"week": period}


def alarm_only(facts: Facts, pen: Pen, period: str, alarms: Sequence[Alarm]) -> dict[str, Any]:
    """Return the ``summary`` of a letter that tells of alarms alone: the day's own letter has left already."""
    claims = [alarm.one for alarm in alarms]
    return _summary(facts, pen, claims, [_alarm_section(pen, alarms)]) | {"day": period}


def daily(
    facts: Facts, pen: Pen, period: str, alarms: Sequence[Alarm] = (), new: Sequence[Running] = ()
) -> dict[str, Any]:
    """Return the daily alarm's ``summary``: what cannot wait, and answers that have come to wait since the last letter."""
    claims = [one for one in running(facts, pen.calendar) if one.days_left < FEW_DAYS]
    near = {one.claim.id for one in claims}
    fresh = [one for one in new if one.claim.id not in near]
    sections = [
        *([_alarm_section(pen, alarms)] if alarms else []),
        section("Mindre än sex arbetsdagar kvar", pen.claims(claims), "inget ärende nära sitt datum"),
        *([section("Nya svar att godkänna", pen.claims(fresh), "")] if fresh else []),
        *attention(facts, pen),
        _unwell_section(facts, pen),
    ]
    return _summary(facts, pen, claims, sections) | {"day": period}


def _unwell_section(facts: Facts, pen: Pen) -> Section:
    return section("Det som inte går som det ska", plain(unwell(facts, pen)), "inget fel i programmet")


def _alarm_section(pen: Pen, alarms: Sequence[Alarm]) -> Section:
    # All of them with their dates as far as there is room: law.md 1.4 wants staff to be told of each.
    lines = pen.claims(one.one for one in alarms)
    return section("Nya larm: de här svaren närmar sig sitt datum", lines, "", most=MOST_LINES)


def _summary(facts: Facts, pen: Pen, claims: Sequence[Running], sections: list[Section]) -> dict[str, Any]:
    overdue = sum(one.days_left < 0 for one in claims)
    near = sum(0 <= one.days_left < FEW_DAYS for one in claims)
    waiting = sum(one.claim.state is ClaimState.AWAITING_APPROVAL for one in claims)
    other = _other(facts, claims)
    ill = len(unwell(facts, pen))
    if overdue:
        headline = f"{overdue} svar är {'försenat' if overdue == 1 else 'försenade'}."
    elif near:
        headline = f"{near} svar har mindre än sex arbetsdagar kvar."
    elif other or ill:
        headline = f"{other + ill} {'sak' if other + ill == 1 else 'saker'} väntar på en person."
    elif waiting:
        headline = f"Inget är bråttom. {waiting} svar väntar på godkännande."
    else:
        headline = "Allt är i ordning."
    return {
        "made_at": facts.now.astimezone(STOCKHOLM),
        "sections": fit(sections),
        "start": f"{pen.pages}/personal",
        "nothing": nothing(sections),
        "all_well": not (overdue or near or other or ill or waiting),
        "urgent": bool(overdue or near),
        "headline": headline,
    }


def _other(facts: Facts, claims: Sequence[Running]) -> int:
    """Count what waits for a person beside answers."""
    count = sum(one.claim.waits_for_staff for one in claims)
    count += len(facts.to_sort) + len(facts.unread) + len(facts.quarantined) + len(facts.troubled)
    count += len(facts.beside.asks) + len(facts.beside.vanished) + len(beside_failures(facts.beside))
    return count + len(facts.breaches) + len(facts.untold) + sum(one.half is Half.UNDONE for one in facts.halves)
