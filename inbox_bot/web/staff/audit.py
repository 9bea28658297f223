"""Who has seen and changed what: for an admin, to look in and to take out as a table."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.clock import STOCKHOLM, in_utc, stockholm_day
from inbox_bot.domain.staff import Act, Noted, Search, Subject
from inbox_bot.web.doors import staff_door
from inbox_bot.web.paging import number_in, pages_of
from inbox_bot.web.spreadsheet import csv_file
from inbox_bot.web.visit import Site, Visit
from inbox_bot.web.wording import Words

PATH = "/personal/atkomst"
AT_ONCE = 100
USUAL_DAYS = 30
_KINDS = {"visningar": False, "andringar": True}
_PLACES = {
    Subject.CASE: "/personal/arende/{}",
    Subject.BREACH: "/personal/incidenter/{}",
    Subject.MAIL: "/personal/brev/{}",
    Subject.LETTER: "/personal/brev-ut/{}",
}


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{PATH}/atkomst.csv", staff_door(site, as_csv), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """Show what was seen and changed, the newest first, a hundred at a time."""
    words, desk = visit.site.pages.words, visit.site.flow.audit
    page = number_in(visit.query("sida"))
    chosen = _chosen(visit)
    found, total = desk.find(_search(chosen), most=AT_ONCE, skip=(page - 1) * AT_ONCE)
    return visit.site.pages.show(
        "staff/audit.html",
        visit=visit,
        lines=[(line, what(words, line), _detail(words, line), _place(line)) for line in found],
        total=total,
        chosen=chosen,
        people=desk.people(),
        page=page,
        pages=pages_of(total, AT_ONCE),
        query=urlencode({name: value for name, value in chosen.items() if value}),
    )


def as_csv(visit: Visit) -> Response:
    """Hand out the same as a table, whole."""
    words, chosen = visit.site.pages.words, _chosen(visit)
    rows = [cells(words, line) for line in visit.site.flow.audit.all(_search(chosen))]
    return csv_file("atkomst.csv", words.tables["access"]["heading"], rows)


def cells(words: Words, line: Noted) -> tuple[str, ...]:
    """Return a line in words: when, who, did what, with what, which, in which case, how."""
    local = in_utc(line.at).astimezone(STOCKHOLM)
    return (
        f"{local:%Y-%m-%d %H:%M:%S}",
        line.by,
        words.say("acts", line.act),
        words.say("subjects", line.subject),
        _name(words, line.which),
        line.case,
        _detail(words, line),
    )


def what(words: Words, line: Noted) -> str:
    """Return a line's act and its object as half a sentence: "Tittade på brev 17"."""
    act = words.say("acts", line.act)
    if line.subject is Subject.SESSION:
        return act if line.which in {"", line.by} else f"{act}: {line.which}"
    return f"{act} {words.say('subjects', line.subject)} {_name(words, line.which)}"


def _detail(words: Words, line: Noted) -> str:
    names = words.tables["access"]["names"]
    if line.act is Act.CHANGED and line.subject is Subject.CASE and line.detail not in names:
        return words.say("events", line.detail)
    return _name(words, line.detail)


def _name(words: Words, text: str) -> str:
    return str(words.tables["access"]["names"].get(text, text))


def _place(line: Noted) -> str:
    path = _PLACES.get(line.subject)
    return "" if path is None else path.format(line.which)


def _chosen(visit: Visit) -> dict[str, str]:
    """Return the filters as they were sent; without any, the last month."""
    names = ("vem", "arende", "slag", "fran", "till")
    chosen = {name: visit.query(name).strip() for name in names}
    if not any(chosen.values()):
        chosen["fran"] = (stockholm_day(visit.site.clock.now()) - timedelta(days=USUAL_DAYS)).isoformat()
    return chosen


def _search(chosen: dict[str, str]) -> Search:
    return Search(
        by=chosen["vem"],
        case=chosen["arende"],
        changes=_KINDS.get(chosen["slag"]),
        since=_start_of(chosen["fran"], 0),
        until=_start_of(chosen["till"], 1),
    )


def _start_of(text: str, days: int) -> datetime | None:
    """Return the first instant of the Stockholm day ``days`` after one that is written; None where none is."""
    try:
        return in_utc(datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), STOCKHOLM))
    except (ValueError, OverflowError):
        return None
