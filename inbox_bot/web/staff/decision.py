"""What a person does with an answer: save, approve, choose another letter, refuse, give back, take an approval back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.letters import FieldKind, Language
from inbox_bot.errors import InboxBotError, LetterFaultyError, LetterIncompleteError
from inbox_bot.overview import CaseFile, DraftView
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.answer import EDITABLE, choices, claims_of, draft_at, labels, merged, refusal, stored
from inbox_bot.web.staff.case import case_page, to_case
from inbox_bot.web.staff.draft import Attempt
from inbox_bot.web.staff.form import Filled, by_staff, differs, is_day, read, with_records
from inbox_bot.web.visit import Site, Visit

_CHANGED = "Någon har ändrat svaret sedan du öppnade sidan. Det du skrev står kvar här. Sparar du gäller det du skrev."


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [Route("/personal/arende/{reference}/svar/{draft:int}", staff_door(site, decide), methods=["POST"])]


def decide(visit: Visit) -> Response:
    """Do what the pressed button says (``do``). What cannot be done is said beside the form, with all that was typed."""
    file, draft = draft_at(visit)
    if visit.form.one("do") == "angra":
        visit.site.flow.edit(draft.record.id, values=draft.record.values, by=visit.who)
        return _back(visit, file, draft, "angrat")
    filled = read(by_staff(draft.fields), visit.form)
    try:
        return _done(visit, file, draft, filled)
    except InboxBotError as error:
        problem = visit.site.pages.words.failure(error, labels(draft))
        unfinished = isinstance(error, (LetterIncompleteError, LetterFaultyError))
        return _again(visit, file, draft, filled, problem, status=422 if unfinished else 409)


def _done(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    name, _, what = visit.form.one("do").partition(":")
    if name == "rader":
        return _again(visit, file, draft, filled, "", more_for=what)
    if name == "faktura":
        return _keep_invoice(visit, file, draft, filled, what)
    hindrance = _hindrance(visit, draft, filled)
    if hindrance is not None:
        problem, status = hindrance
        shown = with_records(by_staff(draft.fields), stored(draft), filled) if problem is _CHANGED else filled
        return _again(visit, file, draft, shown, problem, status=status)
    act = _ACTS.get(name)
    if act is None:
        return _again(visit, file, draft, filled, "Välj vad du vill göra med en av knapparna.", status=422)
    return act(visit, file, draft, filled)


def _keep_invoice(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled, name: str) -> Response:
    """Add the row that says how long an invoice of a given day is kept; nothing is saved yet."""
    day = visit.form.one("fakturadag")
    if name not in {field.name for field in draft.fields if field.kind is FieldKind.KEPT} or not is_day(day):
        return _again(visit, file, draft, filled, "Skriv fakturans dag som ÅÅÅÅ-MM-DD.", status=422)
    letters, language = visit.site.flow.letters, Language(file.view.record.language)
    row = letters.kept_record(language, date.fromisoformat(day))
    rows = [*filled.values.get(name, ()), row]
    return _again(visit, file, draft, replace(filled, values={**filled.values, name: rows}), "")


def _hindrance(visit: Visit, draft: DraftView, filled: Filled) -> tuple[str, int] | None:
    """Return why nothing can be done with what was sent, and the status that says so; None where it can."""
    if draft.record.state not in EDITABLE:
        return "Det här svaret väntar inte längre på godkännande.", 409
    if visit.form.one("sett") != draft.mark:
        return _CHANGED, 409
    if filled.errors:
        return "Något behöver rättas. Inget är sparat än.", 422
    return None


def _save(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    visit.site.flow.edit(draft.record.id, values=merged(draft, filled), by=visit.who)
    return _back(visit, file, draft, "sparat")


def _approve(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    """Approve what was shown. A form changed since is saved and shown first: nobody approves a letter unread."""
    if differs(by_staff(draft.fields), stored(draft), filled.values):
        visit.site.flow.edit(draft.record.id, values=merged(draft, filled), by=visit.who)
        return _back(visit, file, draft, "lasigen")
    rest = visit.form.one("resten") == "inget"
    visit.site.flow.approve(draft.record.id, by=visit.who, seen=draft.mark, rest=rest)
    return _back(visit, file, draft, "godkant")


def _choose(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    letter = visit.form.one("brev")
    if letter not in choices(visit.site.flow.letters.names(), draft, claims_of(file, draft)):
        return _again(visit, file, draft, filled, "Välj ett av breven i listan.", status=422)
    visit.site.flow.edit(draft.record.id, values=merged(draft, filled), by=visit.who, letter=letter)
    return _back(visit, file, draft, "bytt")


def _refuse(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    """Turn the answer into a refusal with its reasons (Art 12(4)), to be read before it is approved."""
    reasons = visit.form.one("skal")
    letter = refusal(visit.site.flow.letters.names(), draft, claims_of(file, draft))
    if not letter:
        return _again(visit, file, draft, filled, "Den här begäran kan inte avslås.", status=409)
    if not reasons:
        return _again(visit, file, draft, filled, "Skriv skälen för avslaget.", status=422)
    values = merged(draft, filled, reasons=reasons)
    visit.site.flow.edit(draft.record.id, values=values, by=visit.who, letter=letter)
    return _back(visit, file, draft, "avslag")


def _give_back(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    reason = visit.form.one("tillbaka")
    if not reason:
        return _again(visit, file, draft, filled, "Skriv varför svaret lämnas tillbaka.", status=422)
    if differs(by_staff(draft.fields), stored(draft), filled.values):
        visit.site.flow.edit(draft.record.id, values=merged(draft, filled), by=visit.who)
    visit.site.flow.give_back(draft.record.id, reason=reason, by=visit.who)
    return _back(visit, file, draft, "tillbaka")


def _again(
    visit: Visit,
    file: CaseFile,
    draft: DraftView,
    filled: Filled,
    problem: str,
    *,
    more_for: str = "",
    status: int = 200,
) -> Response:
    attempt = Attempt(
        draft_id=draft.record.id,
        filled=filled,
        problem=problem,
        more_for=more_for,
        reasons=visit.form.one("skal"),
        return_note=visit.form.one("tillbaka"),
    )
    # What the page shows beside the form is the case as it is now, not as it was when the form was opened.
    fresh = visit.site.flow.archive.case(file.view.record.reference)
    return case_page(visit, fresh, attempt=attempt, status=status)


def _back(visit: Visit, file: CaseFile, draft: DraftView, done: str) -> Response:
    return to_case(visit, file.view.record.reference, done, f"svar-{draft.record.id}")


def _second(visit: Visit, file: CaseFile, draft: DraftView, filled: Filled) -> Response:
    """Stand behind a no that a colleague has written, exactly as it is stored."""
    if differs(by_staff(draft.fields), stored(draft), filled.values):
        return _again(visit, file, draft, filled, "Du har ändrat i brevet. Spara först, och läs det igen.", status=422)
    visit.site.flow.acting.second_draft(draft.record.id, words=visit.form.one("egna-skal"), by=visit.who)
    return _back(visit, file, draft, "andra")


def _drop(visit: Visit, file: CaseFile, draft: DraftView, _filled: Filled) -> Response:
    visit.site.flow.acting.drop_notice(draft.record.id, by=visit.who)
    return to_case(visit, file.view.record.reference, "borttaget", "svaret")


_ACTS: Mapping[str, Callable[[Visit, CaseFile, DraftView, Filled], Response]] = {
    "spara": _save,
    "godkann": _approve,
    "byt": _choose,
    "avsla": _refuse,
    "tillbaka": _give_back,
    "andra": _second,
    "ta-bort": _drop,
}
