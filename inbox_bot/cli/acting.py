"""Commands for what staff do beside answering: tick tasks, tell recipients, lift restrictions, keep the list against marketing."""

from pathlib import Path
from typing import Annotated

import typer

from inbox_bot.acting import Acting, Sheet
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.staff import ByOption, Reference, RightOption, parse_day
from inbox_bot.domain.notice import Addressee, NoticeRecord
from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.errors import InboxBotError, NotFoundError

OnOption = Annotated[str | None, typer.Option("--on", help="On which date, 2026-11-22; else today.")]


def register(app: typer.Typer) -> None:
    app.command("done")(done)
    app.command("undo")(undo)
    app.command("lift")(lift)
    app.command("warn")(warn)
    app.command("deliver")(deliver)
    app.command("second")(second)
    app.command("recipient")(recipient)
    app.command("suppressed")(suppressed)


def done(
    reference: Reference,
    system: Annotated[str, typer.Argument(help="The system's name; without one, what is to be done is listed.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who did it; stands in the case's history.")] = "",
    what: Annotated[
        str, typer.Option("--what", help="What was done, in the letter's words; else the usual ones.")
    ] = "",
    on: OnOption = None,
    absent: Annotated[bool, typer.Option("--absent", help="There is nothing of the person in that system.")] = False,
    kept: Annotated[str, typer.Option("--kept", help="What is kept there.")] = "",
    why: Annotated[str, typer.Option("--why", help="Why it is kept; else the usual reason.")] = "",
    until: Annotated[str, typer.Option("--until", help="Until when it is kept: 2033-12-31, or words.")] = "",
    invoice_day: Annotated[
        str | None, typer.Option("--invoice-day", help="The last invoice's date: how long it is kept follows from it.")
    ] = None,
    rest: Annotated[bool, typer.Option("--rest", help="With --absent: all systems nothing is recorded about.")] = False,
    right: RightOption = None,
    config: ConfigOption = None,
) -> None:
    """Record what was done for a claim in one system, that nothing is there, or what is kept, why and until when."""
    with opened(config) as building:
        acting = building.flow.acting
        if rest and absent:
            acting.rest_absent(reference, by=by, right=right)
        elif system:
            finding = _finding(acting, reference, system, what=what, on=on, absent=absent, kept=kept, why=why)
            if finding.kind is OutcomeKind.KEPT:
                invoice = parse_day(invoice_day)
                last = acting.kept_until(invoice).isoformat() if invoice is not None else until or finding.until
                finding = Finding(
                    kind=finding.kind, system=finding.system, what=finding.what, why=finding.why, until=last
                )
            acting.record(reference, finding, by=by, right=right)
        sheet = acting.sheet(reference)
    for line in _sheet_lines(sheet):
        typer.echo(line)


def undo(
    reference: Reference,
    record: Annotated[int, typer.Argument(help="The record's number, as 'inbox-bot done REF' shows it.")],
    by: ByOption,
    config: ConfigOption = None,
) -> None:
    """Take back a record that was a mistake, as long as no approved answer leans on it."""
    with opened(config) as building:
        building.flow.acting.withdraw(reference, record, by=by)
    typer.echo(f"{reference}: record {record} is taken back.")


def lift(
    reference: Reference,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", "--note", help="What you have found; stands in the letter.")] = "",
    resumes: Annotated[str, typer.Option("--resumes", help="What you will use the data for again.")] = "",
    on: OnOption = None,
    is_done: Annotated[bool, typer.Option("--done", help="The restriction is lifted in every system.")] = False,
    config: ConfigOption = None,
) -> None:
    """Draft the letter that tells the person that a restriction ends; after it has left, --done records that it has."""
    with opened(config) as building:
        if is_done:
            building.flow.acting.lift(reference, by=by)
            typer.echo(f"{reference}: the restriction is lifted.")
            return
        draft = building.flow.acting.draft_lifting(
            reference, reasons=reason, resumes=resumes, lift_on=parse_day(on), by=by
        )
    typer.echo(f"{reference}: letter drafted ({draft}). Approve it, and lift the restriction when its day has come.")


def deliver(
    reference: Reference,
    file: Annotated[Path, typer.Argument(help="The file that holds the copy.", exists=True, dir_okay=False)],
    by: ByOption,
    right: RightOption = None,
    config: ConfigOption = None,
) -> None:
    """Put a file for the person to fetch on their own page, with a code mailed at that moment. The answer says where and until when."""
    content = file.read_bytes()
    with opened(config) as building:
        number = building.flow.acting.deliver(reference, name=file.name, content=content, right=right, by=by)
    typer.echo(
        f"{reference}: file {number} is put ({len(content)} bytes). It can be fetched when the answer has been approved and has left."
    )


def warn(
    reference: Reference,
    by: ByOption,
    of: Annotated[list[str] | None, typer.Option("--of", help="login, certificate, active_course …")] = None,
    words: Annotated[str, typer.Option("--words", help="Something else, in the letter's language.")] = "",
    config: ConfigOption = None,
) -> None:
    """Draft the letter that tells a person, before anything is erased, what the erasure leads to."""
    with opened(config) as building:
        draft = building.flow.acting.draft_warning(reference, of or [], words, by=by)
    typer.echo(
        f"{reference}: letter drafted ({draft}). Nothing can be erased until it has left and its days have passed."
    )


def second(
    reference: Reference,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", "--note", help="Why the no is right, in your own words.")] = "",
    right: RightOption = None,
    config: ConfigOption = None,
) -> None:
    """Stand behind a colleague's no or fee under article 12(5), or a no that is late; without it neither can leave."""
    with opened(config) as building:
        building.flow.acting.second(reference, words=reason, by=by, right=right)
    typer.echo(f"{reference}: noted. Somebody else than you can approve it now.")


def recipient(
    reference: Reference,
    name: Annotated[str, typer.Argument(help="The recipient's name; without one, all are listed.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who decides; stands in the case's history.")] = "",
    tell: Annotated[bool, typer.Option("--tell", help="Approve the letter to them; it is sent.")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="They have answered.")] = False,
    told: Annotated[str, typer.Option("--told", help="They know without a letter: how.")] = "",
    not_told: Annotated[str, typer.Option("--not-told", help="Impossible or disproportionate: why.")] = "",
    add: Annotated[str, typer.Option("--add", help="List a new one: supplier, employer or host.")] = "",
    address: Annotated[str, typer.Option("--address", help="Their mail address.")] = "",
    who: Annotated[str, typer.Option("--who", help="What they know the person by.")] = "",
    new_value: Annotated[str, typer.Option("--new-value", help="What it should say now.")] = "",
    due: Annotated[str | None, typer.Option("--due", help="By when they are asked to do the same.")] = None,
    note: Annotated[str, typer.Option(help="What they answered.")] = "",
    config: ConfigOption = None,
) -> None:
    """Tell those who have got the data from us (article 19), and record what came of it."""
    with opened(config) as building:
        acting = building.flow.acting
        if add:
            acting.add_recipient(reference, Addressee(name=name, kind=add, contact=address), by=by)
        if tell:
            for notice in _drafted(acting, reference, name):
                values = {"who": who, "new_value": new_value, "contact": address}
                acting.tell_recipient(notice.id, by=by, due=parse_day(due), **values)
        elif answered:
            acting.recipient_answered(reference, name, answer=note, by=by)
        elif told:
            acting.recipient_told(reference, name, how=told, by=by)
        elif not_told:
            acting.recipient_excused(reference, name, reason=not_told, by=by)
        sheet = acting.sheet(reference)
    for notice in sheet.notices:
        typer.echo(f"{notice.recipient.name} ({notice.recipient.kind}), {notice.right.value}: {notice.state.value}")


def suppressed(
    address: Annotated[str, typer.Argument(help="An address; without one, the whole list.")] = "",
    add: Annotated[bool, typer.Option("--add", help="Put it on the list.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take it off; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept without the address.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who changes the list.")] = "",
    config: ConfigOption = None,
) -> None:
    """Show who gets no marketing, or change it. An address that is not on the list ends with code 1."""
    with opened(config) as building:
        acting = building.flow.acting
        if not address:
            for one in acting.suppressed_addresses():
                typer.echo(one)
            return
        if add:
            typer.echo(f"{acting.suppress(address, by=by, reason=reason)} gets no marketing from now on.")
            return
        if remove:
            typer.echo(f"{acting.unsuppress(address, by=by, reason=reason)} is off the list.")
            return
        since = acting.suppressed_since(address)
    typer.echo("not on the list" if since is None else f"on the list since {since.isoformat()}")
    if since is None:
        raise typer.Exit(1)


def _finding(
    acting: Acting, reference: str, system: str, *, what: str, on: str | None, absent: bool, kept: str, why: str
) -> Finding:
    sheet = acting.sheet(reference)
    views = [view for one in sheet.claims for view in one.tasks if view.task.system.lower() == system.lower()]
    if not views:
        names = dict.fromkeys(view.task.system for one in sheet.claims for view in one.tasks)
        raise NotFoundError(
            f"There is no task for {system} in case {reference}.", hint=f"There are: {', '.join(names)}."
        )
    name, usual = views[0].task.system, views[0].suggestion
    if absent:
        return Finding(kind=OutcomeKind.ABSENT, system=name)
    if kept:
        return Finding(kind=OutcomeKind.KEPT, system=name, what=kept, why=why or usual.keep_why, until=usual.keep_until)
    if why:
        raise InboxBotError("--why belongs to --kept.")
    return Finding(kind=OutcomeKind.DONE, system=name, what=what or usual.done, day=parse_day(on))


def _drafted(acting: Acting, reference: str, name: str) -> list[NoticeRecord]:
    found = [
        notice
        for notice in acting.sheet(reference).notices
        if notice.state.value == "drafted" and name.lower() in {"", notice.recipient.name.lower()}
    ]
    if not found:
        raise NotFoundError(f"There is no recipient {name} to tell in case {reference}.".replace("  ", " "))
    return found


def _sheet_lines(sheet: Sheet) -> list[str]:
    lines = []
    for one in sheet.claims:
        lines += [f"{one.claim.claim.right.value}: {one.claim.state.value}"] if one.tasks or one.further else []
        if one.hindrance:
            lines.append(f"  not yet: {one.hindrance}")
        for view in one.tasks:
            lines.append(f"  {'[ ]' if view.is_open else '[x]'} {view.task.system}: {view.task.todo}")
            lines += [f"      {_said(outcome.id, outcome.finding)}" for outcome in view.outcomes]
        lines += [f"  [x] {_said(outcome.id, outcome.finding)}" for outcome in one.further]
    return lines


def _said(number: int, finding: Finding) -> str:
    when = f" {finding.day}" if finding.day is not None else ""
    kept = f" ({finding.why}; until {finding.until})" if finding.kind is OutcomeKind.KEPT else ""
    return f"{number}: {finding.kind.value}{when} {finding.what}{kept}".rstrip()
