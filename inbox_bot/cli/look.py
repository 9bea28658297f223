"""Commands that only look: dates, classification, cases, mails, the digest."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from inbox_bot import assembly
from inbox_bot.cli.beside import lines_beside
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.clock import STOCKHOLM, stockholm_day
from inbox_bot.domain.case import LetterRecord, LetterState
from inbox_bot.domain.dates import ClockEvents, Pause
from inbox_bot.domain.verdict import Classifier, Outcome
from inbox_bot.errors import InboxBotError, UnreadableMailError
from inbox_bot.overview import CaseFile, CaseView, ClaimView, MailView

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    app.command("deadline")(deadline)
    app.command("classify")(classify)
    app.command("cases")(cases)
    app.command("case")(case)
    app.command("mails")(mails)
    app.command("digest")(digest)


def deadline(
    received: Annotated[str, typer.Argument(help="When the mail server stamped the mail: 2026-01-31T23:59:00+01:00.")],
    identity_asked: Annotated[str | None, typer.Option(help="When identity was asked for.")] = None,
    identity_confirmed: Annotated[str | None, typer.Option(help="When it was confirmed.")] = None,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="The law allows no pause here.")] = False,
    extension_sent: Annotated[str | None, typer.Option(help="When a reasoned extension notice was sent.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Work out the dates of one request, and say why they are what they are."""
    if identity_confirmed is not None and identity_asked is None:
        raise InboxBotError("--identity-confirmed needs --identity-asked.")
    try:
        asked = None if identity_asked is None else assembly.parse_moment(identity_asked)
        confirmed = None if identity_confirmed is None else assembly.parse_moment(identity_confirmed)
        events = ClockEvents(
            received_at=assembly.parse_moment(received),
            pauses=() if asked is None else (Pause(asked_at=asked, confirmed_at=confirmed),),
            extension_sent_at=None if extension_sent is None else assembly.parse_moment(extension_sent),
            pausable=not no_pause,
        )
        report = assembly.deadline_report(assembly.calendar().dates(events))
    except ValueError as error:
        raise InboxBotError(f"{error}.".replace("..", ".")) from error
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        typer.echo(f"{name}: {'-' if value is None else value}")


def classify(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or - for standard input.")],
    as_json: JsonOption = False,
) -> None:
    """Say of each mail (.eml) whether it makes a request, of which rights, and on which words."""
    classifier = assembly.classifier()
    for name, content in _mails_in(paths):
        row = _judged(classifier, name, content)
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            words = "; ".join(f"{found['right'] or '?'}: {found['text']}" for found in row["evidence"])
            typer.echo(f"{name}: {row['outcome']} {','.join(row['rights'])} {words}".rstrip())


def _mails_in(paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in paths:
        if name == "-":
            yield "-", sys.stdin.buffer.read()
            continue
        path = Path(name)
        if not path.exists():
            raise InboxBotError(f"There is no file or folder {name}.")
        files = sorted(found for found in path.rglob("*.eml") if found.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                yield str(file), file.read_bytes()
            except OSError as error:
                raise InboxBotError(f"{file} cannot be read: {error.strerror}.") from error


def _judged(classifier: Classifier, name: str, content: bytes) -> dict[str, Any]:
    try:
        message = assembly.read_mail(content)
    except UnreadableMailError as error:
        # What nobody can read is for a person, as everything that is unsure.
        return _row(name, Outcome.UNSURE.value, reasons=[f"unreadable: {error.message}"])
    if message.automatic is not None:
        return _row(
            name,
            "automatic",
            reply_text=message.reply_text,
            reasons=[f"{message.automatic.kind.value}: {message.automatic.reason}"],
        )
    verdict = assembly.read_whole(classifier, message)
    return _row(
        name,
        verdict.outcome.value,
        rights=list(dict.fromkeys(claim.right.value for claim in verdict.claims)),
        marketing=[claim.right.value for claim in verdict.claims if claim.marketing],
        language=verdict.language,
        evidence=[asdict(found) | {"part": found.part.value} for found in verdict.evidence],
        reasons=list(verdict.reasons),
        reply_text=message.reply_text,
    )


def _row(name: str, outcome: str, **known: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "rights": [],
        "marketing": [],
        "language": "",
        "evidence": [],
        "reasons": [],
        "reply_text": "",
    }
    return {"path": name, "outcome": outcome} | empty | known


def cases(
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the cases, the nearest date first."""
    with opened(config) as building:
        found = building.flow.archive.cases(open_only=not (everything or as_json))
    found = tuple(sorted(found, key=lambda view: (view.due or date.max, view.record.id)))
    if as_json:
        typer.echo(json.dumps([case_row(view) for view in found], ensure_ascii=False, indent=1))
        return
    for view in found:
        typer.echo(_case_line(view))
    if not found:
        typer.echo("No open cases.")


def case(
    reference: Annotated[str, typer.Argument(help="Such as PK-2026-0042.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one case: its claims with their dates, mails, answers in the making, letters and history."""
    with opened(config) as building:
        file = building.flow.archive.case(reference)
        senders = {mail.id: building.flow.sender(mail.message) for mail in file.mails if mail.message is not None}
        ways = {
            letter.id: building.flow.way_on_by_command(letter, reference)
            for letter in file.letters
            if _did_not_arrive(letter)
        }
    if as_json:
        rows = _file_row(file)
        for row in rows["mails"]:
            row["sender_signs"] = _plain(senders[row["id"]].signs) if row["id"] in senders else []
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    typer.echo(_case_line(file.view))
    if file.view.record.emptied_at is not None:
        typer.echo(f"  gallrat enligt rules/retention.toml {stockholm_day(file.view.record.emptied_at)}")
    for claim in file.view.claims:
        typer.echo(f"  {_right(claim)}: {claim.record.state.value}. {claim.dates.explanation}")
    for mail_id, sender in senders.items():
        signs = "".join(f"; {sign.value}: {detail}" for sign, detail in sender.signs)
        typer.echo(f"  mail {mail_id}: sender {sender.says.standing.value} ({sender.says.why.value}){signs}")
    for draft in file.drafts:
        lacks = f", lacks {', '.join(draft.missing)}" if draft.missing else ""
        typer.echo(f"  answer {draft.record.id}: {draft.record.letter} ({draft.record.state.value}{lacks})")
    for letter in file.letters:
        typer.echo(f"  letter {letter.id}: {letter.name} {letter.state.value} {letter.answer}".rstrip())
        for part in ways.get(letter.id, ()):
            typer.echo(f"    {part}")
    for event in file.events:
        typer.echo(f"  {event.at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M} {event.name.value} ({event.actor})")


def _did_not_arrive(letter: LetterRecord) -> bool:
    return letter.state in {LetterState.BOUNCED, LetterState.FAILED}


def mails(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List what waits for a person: mails to sort, quarantined mails and letters in trouble."""
    with opened(config) as building:
        found = building.flow.archive.overview()
        known = building.flow.archive.references(letter.case_id for letter in found.troubled)
        flow = building.flow
    if as_json:
        rows = {
            "to_sort": [_mail_row(view) for view in found.to_sort],
            "quarantined": [{"id": mail.id, "reason": mail.reason} for mail in found.quarantined],
            "letters": [_plain(asdict(letter)) for letter in found.troubled],
            "beside": _plain(asdict(found.beside)),
        }
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for view in found.to_sort:
        typer.echo(f"mail {view.record.id}: to sort ({view.record.reason}); if a request, due {view.dates.due}")
    for mail in found.quarantined:
        typer.echo(f"mail {mail.id}: in quarantine ({mail.reason})")
    for letter in found.troubled:
        typer.echo(f"letter {letter.id}: {letter.name} {letter.state.value} {letter.answer}".rstrip())
        for part in (
            flow.way_on_by_command(letter, known.get(letter.case_id or 0, "")) if _did_not_arrive(letter) else ()
        ):
            typer.echo(f"  {part}")
    for line in lines_beside(found.beside):
        typer.echo(line)


def digest(
    config: ConfigOption = None,
    show: Annotated[bool, typer.Option("--print", help="Print this week's digest as it would read now.")] = False,
) -> None:
    """Show the weekly digest; the worker sends it by itself every Monday 07:30."""
    if not show:
        raise InboxBotError("Say what to do with the digest.", hint="inbox-bot digest --print shows it.")
    with opened(config) as building:
        letter = building.flow.weekly_digest()
    typer.echo(f"{letter.subject}\n\n{letter.text}")


def case_row(view: CaseView) -> dict[str, Any]:
    """Return a case as ``cases --json`` prints it."""
    return {
        "reference": view.record.reference,
        "state": view.record.state.value,
        "requester": view.record.requester,
        "language": view.record.language,
        "opened_at": view.record.opened_at.isoformat(),
        "closed_at": None if view.record.closed_at is None else view.record.closed_at.isoformat(),
        "due": None if view.due is None else view.due.isoformat(),
        "working_days_left": view.days_left,
        "unread": view.unread,
        "emptied_at": None if view.record.emptied_at is None else view.record.emptied_at.isoformat(),
        "claims": [_claim_row(claim) for claim in view.claims],
    }


def _claim_row(claim: ClaimView) -> dict[str, Any]:
    return {
        "id": claim.record.id,
        "right": claim.record.claim.right.value,
        "marketing": claim.record.claim.marketing,
        "state": claim.record.state.value,
        "proven": claim.record.proven,
        "received_at": claim.record.clock.received_at.isoformat(),
        "due": claim.dates.due.isoformat(),
        "working_days_left": claim.days_left,
        **assembly.deadline_report(claim.dates),
    }


def _file_row(file: CaseFile) -> dict[str, Any]:
    return case_row(file.view) | {
        "mails": [_plain(asdict(mail)) for mail in file.mails],
        "drafts": [
            _plain(asdict(draft.record))
            | {"missing": list(draft.missing), "fields": [field.name for field in draft.fields]}
            for draft in file.drafts
        ],
        "letters": [_plain(asdict(letter)) for letter in file.letters],
        "events": [_plain(asdict(event)) for event in file.events],
    }


def _mail_row(view: MailView) -> dict[str, Any]:
    return {"id": view.record.id, "reason": view.record.reason, "due": view.dates.due.isoformat()} | {
        "message": _plain(asdict(view.record.message)) if view.record.message else None,
        "verdict": _plain(asdict(view.record.verdict)) if view.record.verdict else None,
        "received_at": view.record.received_at.isoformat(),
        "historic": view.record.historic,
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def _case_line(view: CaseView) -> str:
    rights = ", ".join(f"{_right(claim)} {claim.record.state.value}" for claim in view.claims)
    due = "" if view.due is None else f" due {view.due} ({view.days_left} working days left)"
    return f"{view.record.reference} {view.record.state.value}{due}: {rights}{' [new mail]' if view.unread else ''}"


def _right(claim: ClaimView) -> str:
    return claim.record.claim.right.value + (" (marketing)" if claim.record.claim.marketing else "")
