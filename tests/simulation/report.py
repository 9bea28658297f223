"""How the years went, as a table a person can read: per right how the date was met, alarms, outages, and what must not have been."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.simulation.checks import PATIENCE, alarm_sent_at, told_by, up_time
from tests.simulation.outcomes import MET, Outcome, outcomes, spread
from tests.simulation.reckoning import end_of, moment
from tests.simulation.run import Run

HEADINGS = ("right", "n", *MET, "late", "never", "median days", "worst", "least left", "in time")


def report(run: Run, violations: Sequence[str]) -> str:
    """Return everything there is to say about a run."""
    found = outcomes(run)
    parts = [
        _heading(run),
        _table(found),
        _stops(run),
        _receipts(run),
        _late(found),
        _alarms(run),
        _outages(run),
        _doors(run),
        _violations(run, violations),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(run: Run) -> str:
    plan, truth = run.plan, run.truth
    kinds = Counter(truth.kinds.values())
    arrived = sum(letter.arrived for letter in truth.letters)
    return (
        f"{plan.requesters} requesters, {plan.years:g} years from {plan.first_day}, {plan.staff} staff, seed {plan.seed}\n"
        f"{sum(kinds.values())} mails came ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}); "
        f"{arrived} letters reached requesters, {len(truth.staff_letters)} the staff.\n"
        f"{run.world.program.looks} looks of the worker, {run.office.sittings} sittings of the staff, "
        f"{run.seconds:.0f} seconds."
    )


def _table(found: Sequence[Outcome]) -> str:
    by_right: dict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        by_right[one.matter.right].append(one)
    rows = [_row(right, some) for right, some in sorted(by_right.items())]
    return _set([HEADINGS, *rows, _row("all", found)])


def _row(name: str, some: Sequence[Outcome]) -> tuple[str, ...]:
    how = Counter(one.how for one in some)
    days = spread([one.days for one in some if one.days is not None and one.how != "never"])
    left = [one.left for one in some if one.left is not None and one.how in MET]
    met = sum(how[name] for name in MET)
    return (
        name,
        str(len(some)),
        *(str(how[name] or "") for name in (*MET, "late", "never")),
        f"{days[0]:.1f}" if days else "",
        f"{days[1]:.1f}" if days else "",
        str(min(left)) if left else "",
        f"{met / len(some):.2%}",
    )


def _set(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _stops(run: Run) -> str:
    stops = [
        matter
        for matter in run.truth.matters
        if matter.right == "marketing" and matter.suppressed_at and not matter.merged and not matter.historic
    ]
    hours = spread([(one.suppressed_at - one.at) / timedelta(hours=1) for one in stops if one.suppressed_at])
    at_once = spread(
        [
            up_time(run, run.world.mailbox.seen[one.mail], one.suppressed_at) / timedelta(minutes=1)
            for one in stops
            if one.suppressed_at and one.mail not in run.truth.sorted_by_hand
        ]
    )
    if hours is None:
        return ""
    text = f"Marketing stopped {len(stops)} times: from receipt, median {hours[0]:.1f} h, worst {hours[1]:.1f} h"
    if at_once is not None:
        text += f"; where no person had to sort the mail, {at_once[1]:.0f} minutes of work at most from the first look at it"
    return text + "."


def _receipts(run: Run) -> str:
    first: dict[str, datetime] = {}
    for letter in run.truth.letters:
        if letter.name.startswith("receipt") and letter.arrived and letter.answers not in run.truth.sorted_by_hand:
            first.setdefault(letter.answers, letter.at)
    delivered = run.truth.delivered
    waits = [(at - delivered[mail]) / timedelta(hours=1) for mail, at in first.items() if mail in delivered]
    hours = spread(waits)
    if hours is None:
        return ""
    within = sum(wait <= 1 for wait in waits) / len(waits)
    return (
        f"Receipts of mails that no person had to sort left {60 * hours[0]:.0f} minutes after they came (median), {within:.1%} "
        f"within the hour, the last after {hours[1]:.0f} h of outages."
    )


def _late(found: Sequence[Outcome]) -> str:
    late = Counter(one.why for one in found if one.how in {"late", "never"})
    lines = [f"Late or never: {count} because {why}." for why, count in late.most_common()]
    revived = spread([one.revived_days for one in found if one.revived_days is not None])
    if revived is not None:
        count = sum(one.revived_days is not None for one in found)
        lines.append(
            f"{count} people proved who they were after they had been told in time that we could not; "
            f"from proof to answer median {revived[0]:.1f} days, worst {revived[1]:.1f}."
        )
    return "\n".join(lines)


def _alarms(run: Run) -> str:
    lines = told_by(run)
    levels: dict[int, Counter[str]] = defaultdict(Counter)
    for alarm in run.alarms:
        moments = [alarm_sent_at(run, alarm, lines[address]) for address in run.office.addresses]
        if any(at is None for at in moments):
            levels[alarm.left]["missing"] += 1
        elif max(at for at in moments if at is not None) < moment(alarm.day, 8):
            levels[alarm.left]["by eight"] += 1
        elif max(at for at in moments if at is not None) < end_of(alarm.due):
            levels[alarm.left]["later"] += 1
        else:
            levels[alarm.left]["after"] += 1
    rows = [
        ("alarm at working days", "owed", "by eight that day", "later, after an outage", "after the date", "missing")
    ]
    for left in sorted(levels, reverse=True):
        count = levels[left]
        rows.append(
            (
                str(left),
                str(count.total()),
                str(count["by eight"]),
                str(count["later"]),
                str(count["after"]),
                str(count["missing"]),
            )
        )
    return _set(rows)


def _outages(run: Run) -> str:
    seen = run.world.mailbox.seen
    rows = [("outage", "times", "hours in all", "longest", "what it touched")]
    hours: dict[str, list[float]] = defaultdict(list)
    for outage in run.outages:
        hours[outage.what].append((outage.end - outage.start) / timedelta(hours=1))
    start = moment(run.plan.first_day, 6)
    waits = [seen[mail] - at for mail, at in run.truth.delivered.items() if mail in seen and at >= start]
    waited = [one for one in waits if one > timedelta(hours=1)]
    deferred = {letter.message_id for letter in run.way_out.tries if letter.fate.value == "deferred"}
    lost = sum(letter.fate.value == "unknown" for letter in run.way_out.tries)
    touched = {
        "mailbox": f"{len(waited)} mails seen more than an hour after they came, worst {max(waited, default=timedelta()) / timedelta(hours=1):.0f} h",
        "smtp": f"{len(deferred)} letters deferred, {lost} hang-ups without an answer",
        "program": f"{len(run.world.program.kills)} kills in the middle of a step besides",
        "uidvalidity": "every mail seen anew",
    }
    for what, spent in sorted(hours.items()):
        rows.append((what, str(len(spent)), f"{sum(spent):.0f}", f"{max(spent):.0f}", touched[what]))
    return (
        _set(rows)
        + f"\nA letter that could not leave leaves within {PATIENCE / timedelta(hours=1):.0f} hours of the end of an outage."
    )


def _doors(run: Run) -> str:
    said_no = Counter(text.partition(":")[0] for text in run.office.trouble)
    lines = [f"The program said no to staff {count} times: {what}." for what, count in said_no.most_common()]
    added = len(run.truth.added_by_hand)
    if run.misread or added:
        lines.append(
            f"{len(run.misread)} rights were heard that nobody had asked for, and {added} that were asked for were "
            "added by staff."
        )
    if run.truth.found_by_hand:
        lines.append(
            f"{run.truth.found_by_hand} mails that asked for something and were let go as near things were found by staff, "
            "whom the weekly letter names such mails."
        )
    if run.truth.mistaken:
        lines.append(
            f"{len(run.truth.mistaken)} cases were opened for mails that asked for nothing, and dismissed by staff."
        )
    if run.truth.refused_doors:
        lines.append(f"It said no {run.truth.refused_doors} times to what must not be done, as it should.")
    return "\n".join(lines)


def _violations(run: Run, violations: Sequence[str]) -> str:
    if not violations:
        return f"No violation (seed {run.plan.seed})."
    return "\n".join([f"{len(violations)} violations (seed {run.plan.seed}):", *(f"- {text}" for text in violations)])
