"""The cases: by legal date, filtered, searched, a page at a time.

What is searched for is a person's name or address. It is sent in the body of a form, never in an address that logs,
browsers and servers in between keep; filters, which name nobody, stand in the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.rights import Claim
from inbox_bot.domain.worklist import Band, Wait, Wanted
from inbox_bot.web.doors import staff_door
from inbox_bot.web.paging import number_in
from inbox_bot.web.staff.mail import CHOICES
from inbox_bot.web.visit import Site, Visit
from inbox_bot.worklist import Page, Which

PATH = "/personal/arenden"
_WHICH = {"oppna": Which.OPEN, "avslutade": Which.CLOSED, "alla": Which.ALL}
_WAITS = {"oss": Wait.STAFF, "personen": Wait.REQUESTER, "programmet": Wait.PROGRAM}
_BANDS = {"forsenat": Band.LATE, "snart": Band.NEAR, "gott-om-tid": Band.CALM}
_RIGHTS = {claim.name.replace(":", "-"): claim for _, claim in CHOICES}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a filter: what it says, where it leads, how many cases it shows, and whether it is the one chosen."""

    name: str
    url: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """The choices of one filter. ``chosen``: what is chosen now, ``""`` for all."""

    name: str
    choices: tuple[Choice, ...]
    chosen: str


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{PATH}/sok", staff_door(site, blank), methods=["GET"]),
        Route(f"{PATH}/sok", staff_door(site, search), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """Show a page of the list, as the filters in its address say."""
    asked = {name: visit.query(name) for name in ("visa", "ratt", "vantar", "tid", "brevlada")}
    which = _WHICH.get(asked["visa"], Which.OPEN)
    page = visit.site.flow.worklist.page(which, _wanted(asked), number_in(visit.query("sida")))
    return visit.site.pages.show(
        "staff/cases.html",
        visit=visit,
        page=page,
        which=which,
        filters=_filters(visit, page, asked, which),
        is_filtered=any(value for name, value in asked.items() if name != "visa"),
        everything=_url(visit, {"visa": asked["visa"]}),
        turn=lambda number: _url(visit, {**asked, "sida": str(number) if number > 1 else ""}),
        searched="",
        notice="",
    )


def blank(visit: Visit) -> Response:
    """Lead whoever opens the page of a search anew to the list: what was searched for is not kept."""
    return RedirectResponse(visit.site.pages.url(PATH), status_code=303)


def search(visit: Visit) -> Response:
    """Show what a search found; a case's whole number leads straight to it."""
    text = visit.form.one("sok")[:200]
    if not text:
        return RedirectResponse(visit.site.pages.url(PATH), status_code=303)
    page = visit.site.flow.worklist.search(text, number_in(visit.form.one("sida")))
    references = {line.case.record.reference for line in page.lines}
    if text.upper() in references:
        return RedirectResponse(visit.site.pages.url(f"/personal/arende/{text.upper()}"), status_code=303)
    return visit.site.pages.show("staff/found.html", visit=visit, page=page, searched=text)


def _wanted(asked: Mapping[str, str]) -> Wanted:
    right = _RIGHTS.get(asked["ratt"])
    return Wanted(
        right="" if right is None else right.name,
        wait=_WAITS.get(asked["vantar"], ""),
        band=_BANDS.get(asked["tid"], ""),
        mailbox=asked["brevlada"],
    )


def _filters(visit: Visit, page: Page, asked: Mapping[str, str], which: Which) -> list[Group]:
    words = visit.site.pages.words
    table = words.tables["worklist"]

    def group(name: str, field: str, choices: Mapping[str, tuple[str, int]], every: str) -> Group:
        found = [
            Choice(name=said, url=_url(visit, {**asked, field: value}), count=count, chosen=asked[field] == value)
            for value, (said, count) in choices.items()
            if count or asked[field] == value
        ]
        current = next((one.name for one in found if one.chosen), "")
        rest = Choice(name=every, url=_url(visit, {**asked, field: ""}), count=None, chosen=not current)
        return Group(name=name, choices=(rest, *found), chosen=current)

    def right(claim: Claim) -> tuple[str, int]:
        return words.right(claim), page.tally.rights.get(claim.name, 0)

    rights = group(
        table["right"], "ratt", {value: right(claim) for value, claim in _RIGHTS.items()}, table["all_rights"]
    )
    groups = [rights]
    if which is not Which.CLOSED:
        waits = {value: (words.say("turns", wait), page.tally.waits.get(wait, 0)) for value, wait in _WAITS.items()}
        bands = {value: (words.say("bands", band), page.tally.bands.get(band, 0)) for value, band in _BANDS.items()}
        groups = [
            group(table["waits_for"], "vantar", waits, table["all_waits"]),
            group(table["time"], "tid", bands, table["all_bands"]),
            rights,
        ]
    if len(page.mailboxes) > 1:
        boxes = {name: (name, page.tally.mailboxes.get(name, 0)) for name in page.mailboxes}
        groups.append(group(table["mailbox"], "brevlada", boxes, table["all_mailboxes"]))
    state = tuple(
        Choice(
            name=table["which"][one.value],
            url=_url(visit, {**asked, "visa": "" if one is Which.OPEN else value}),
            count=page.which[one],
            chosen=one is which,
        )
        for value, one in _WHICH.items()
    )
    return [Group(name=table["state"], choices=state, chosen=table["which"][which.value]), *groups]


def _url(visit: Visit, asked: Mapping[str, str]) -> str:
    chosen = {name: value for name, value in asked.items() if value}
    return visit.site.pages.url(f"{PATH}?{urlencode(chosen)}" if chosen else PATH)
