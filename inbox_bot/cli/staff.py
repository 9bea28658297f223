"""Commands by which staff decide: approve, refuse, extend, sort, settle."""

import getpass
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from inbox_bot.acting import Sheet
from inbox_bot.assembly import Building
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import ClaimState, DraftState, LetterPurpose
from inbox_bot.domain.letters import Language
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import InboxBotError, NotAllowedError

ByOption = Annotated[str, typer.Option("--by", help="Who decides; stands in the case's history.")]
RightOption = Annotated[Right | None, typer.Option("--right", help="Which of the case's rights; else all that wait.")]
Reference = Annotated[str, typer.Argument(help="Such as PK-2026-0042.")]


def register(app: typer.Typer) -> None:
    app.command("approve")(approve)
    app.command("refuse")(refuse)
    app.command("extend")(extend)
    app.command("sort")(sort)
    app.command("dismiss")(dismiss)
    app.command("ask")(ask)
    app.command("settle")(settle)
    app.command("aside")(aside)
    app.command("retry")(retry)


def approve(
    reference: Reference,
    by: ByOption,
    note: Annotated[
        str, typer.Option(help="What was done, or a word to the person, where the letter has place for it.")
    ] = "",
    right: RightOption = None,
    done: Annotated[list[str] | None, typer.Option(help="Something that was done (may be given again).")] = None,
    system: Annotated[str, typer.Option(help="In which system it was done.")] = "",
    on: Annotated[str | None, typer.Option(help="On which date, 2026-11-22; else today.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="A value of the letter: name=text (may be given again).")
    ] = None,
    letter: Annotated[str | None, typer.Option(help="Answer with another letter, such as no_data.")] = None,
    nothing_elsewhere: Annotated[
        bool, typer.Option("--nothing-elsewhere", help="In the systems nothing is recorded about there is nothing.")
    ] = False,
    invoice: Annotated[
        list[str] | None,
        typer.Option(help="The day of an invoice that is kept, 2026-03-14; its last day is worked out."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Approve what waits in a case: the letter is frozen, byte for byte, and sent.

    The note, or what was --done, is recorded for the systems it names; where it names none, for all of them.
    """
    with opened(config) as building:
        filled = _filled(values or [])
        if invoice:
            filled["kept"] = _kept(building, reference, invoice)
        if filled or letter:
            _fill(building, reference, right, filled, letter, by)
        if done:
            day = parse_day(on) or stockholm_day(building.flow.clock.now())
            building.flow.acting.say_done(reference, done, by=by, system=system, day=day, right=right)
        letters = building.flow.approve_case(reference, by=by, note=note, right=right, rest=nothing_elsewhere)
        sheet = building.flow.acting.sheet(reference)
    typer.echo(f"{reference}: approved, letter {', '.join(map(str, letters))} is in the outbox.")
    if left := unfinished(sheet):
        typer.echo(f"Nothing is recorded yet for {', '.join(left)}: the case stays open until 'inbox-bot done' has it.")


def refuse(
    reference: Reference,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", "--note", help="Why, in words the person understands.")] = "",
    right: RightOption = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write it and send nothing: a second person or another look comes first.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Refuse a claim, with the reasons the law demands (article 12(4)). A marketing stop cannot be refused."""
    with opened(config) as building:
        if draft:
            building.flow.acting.write_refusal(reference, right=right, reasons=reason, by=by)
            typer.echo(f"{reference}: the refusal is written. Approve it when it has been read (inbox-bot approve).")
            return
        letter = building.flow.refuse(reference, right=right, reasons=reason, by=by)
    typer.echo(f"{reference}: refused, letter {letter} is in the outbox.")


def extend(
    reference: Reference,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", "--note", help="Why more time is needed, in fact.")] = "",
    right: RightOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell the person, with reasons, that the answer takes up to three months; only while the first month runs."""
    with opened(config) as building:
        letters = building.flow.extend(reference, right=right, reasons=reason, by=by)
    typer.echo(f"{reference}: letter {', '.join(map(str, letters))} about the extension is in the outbox.")


def sort(
    mail: Annotated[int, typer.Argument(help="The mail's number, as 'inbox-bot mails' shows it.")],
    rights: Annotated[str, typer.Option("--as", help="access,erasure,objection:marketing … or none.")],
    by: ByOption = "",
    for_another: Annotated[
        bool, typer.Option("--for-another", help="The sender asks for someone else: a proxy, a guardian, an estate.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Say what an unsure mail is; a request gets its case and receipt, the rest is emptied."""
    claims = claims_in(rights)
    with opened(config) as building:
        case = building.flow.sort(mail, claims, by=by or getpass.getuser(), for_another=for_another)
    typer.echo(f"mail {mail}: {'no request, emptied' if case is None else case.reference}.")


def dismiss(
    reference: Reference,
    by: ByOption,
    reason: Annotated[
        str, typer.Option("--reason", "--note", help="Why it is no request; stands in the history.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Close a case that was taken for a request by mistake. Nothing is sent: answer the mail as any other."""
    with opened(config) as building:
        building.flow.dismiss(reference, reason=reason, by=by)
    typer.echo(f"{reference}: dismissed.")


def ask(
    reference: Reference,
    by: ByOption,
    to: Annotated[str, typer.Option(help="Another address, which you know to be the person's.")] = "",
    how: Annotated[str, typer.Option(help="How you know it; stands in the case's history.")] = "",
    config: ConfigOption = None,
) -> None:
    """Send the person a new link and code, because the first letter bounced or its code has run out."""
    with opened(config) as building:
        if to:
            building.flow.ask_at(reference, address=to, how=how, by=by)
        else:
            building.flow.ask_again(reference, by=by)
    typer.echo(f"{reference}: a new link and code are in the outbox.")


def settle(
    letter: Annotated[int, typer.Argument(help="The letter's number, as 'inbox-bot mails' shows it.")],
    by: ByOption,
    sent: Annotated[bool, typer.Option("--sent/--again", help="It has left; or send the same bytes again.")],
    config: ConfigOption = None,
) -> None:
    """Decide about a letter that is unknown, held, failed or bounced."""
    with opened(config) as building:
        record = building.flow.settle(letter, sent=sent, by=by)
    typer.echo(f"letter {letter}: {record.state.value}.")


def aside(
    letter: Annotated[int, typer.Argument(help="The letter's number, as 'inbox-bot mails' shows it.")],
    by: ByOption,
    config: ConfigOption = None,
) -> None:
    """Take a letter in trouble off the list without sending it: another has taken its place."""
    with opened(config) as building:
        building.flow.lay_aside(letter, by=by)
    typer.echo(f"letter {letter}: laid aside.")


def retry(
    mail: Annotated[int, typer.Argument(help="The mail's number, as 'inbox-bot mails' shows it.")],
    config: ConfigOption = None,
) -> None:
    """Read a quarantined mail again."""
    with opened(config) as building:
        building.flow.retry(mail)
    typer.echo(f"mail {mail}: will be read again.")


def claims_in(text: str) -> list[Claim]:
    """Return the rights named in a text such as ``access,objection:marketing``. Raises InboxBotError."""
    if text.strip().lower() == "none":
        return []
    claims = []
    for word in text.split(","):
        name, _, scope = word.strip().lower().partition(":")
        if scope not in {"", "marketing"} or name not in {right.value for right in Right}:
            raise InboxBotError(
                f"{word.strip()!r} is not a right.", hint=f"Use none, or {', '.join(right.value for right in Right)}."
            )
        right = Right(name)
        if scope and right not in {Right.OBJECTION, Right.CONSENT_WITHDRAWAL}:
            raise InboxBotError("Only objection and consent_withdrawal can concern marketing.")
        claims.append(Claim(right=right, marketing=bool(scope)))
    return claims


def unfinished(sheet: Sheet) -> list[str]:
    """Return the systems that an approved answer still waits for."""
    approved = [one for one in sheet.claims if one.claim.state is ClaimState.APPROVED]
    return [view.task.system for one in approved for view in one.tasks if view.is_open and not one.owes_nothing]


def parse_day(text: str | None) -> date | None:
    """Return a day written as 2026-11-22, None for none. Raises InboxBotError."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise InboxBotError(f"{text} is no date.", hint="Write it as 2026-11-22.") from error


def _filled(values: list[str]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for pair in values:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InboxBotError(f"--set takes name=text, not {pair!r}.")
        filled[name.strip()] = value.strip()
    return filled


def _kept(building: Building, reference: str, invoices: list[str]) -> list[Mapping[str, str]]:
    """Return a row for each invoice that bookkeeping keeps: what, why and until when."""
    language = Language(building.flow.archive.case(reference).view.record.language)
    return [building.flow.letters.kept_record(language, _date(invoice)) for invoice in invoices]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InboxBotError(f"{text} is no date.", hint="Write it as 2026-11-22.") from error


def _fill(
    building: Building, reference: str, right: Right | None, filled: dict[str, Any], letter: str | None, by: str
) -> None:
    file = building.flow.archive.case(reference)
    rights = {claim.record.id: claim.record.claim.right for claim in file.view.claims}
    waiting = [
        draft.record
        for draft in file.drafts
        if draft.record.state in {DraftState.OPEN, DraftState.RETURNED}
        and draft.record.purpose is LetterPurpose.ANSWER
        and (right is None or right in {rights[claim_id] for claim_id in draft.record.claim_ids})
    ]
    if letter is not None and len(waiting) > 1:
        raise NotAllowedError(f"Case {reference} has several answers waiting.", hint="Say which with --right.")
    for draft in waiting:
        building.flow.edit(draft.id, values={**draft.values, **filled}, by=by, letter=letter)
