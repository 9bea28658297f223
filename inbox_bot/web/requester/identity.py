"""The question of identity, as the person who got our letter sees it. Nothing about anyone is shown before the code is typed."""

from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.flow import QuestionView, Result
from inbox_bot.web.doors import open_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.requester import own_page
from inbox_bot.web.requester.language import language_of, suffix
from inbox_bot.web.visit import Site, Visit

_PROBLEMS = {Result.WRONG_CODE: "wrong", Result.FACT_MISSING: "fact"}
_STATUS = {"unknown": 404, "locked": 403, "expired": 410}


def routes(site: Site, limiter: Limiter) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/identitet/{token}", open_door(site, ask, limiter), methods=["GET"]),
        Route("/identitet/{token}", open_door(site, answer, limiter), methods=["POST"]),
        Route("/identitet/{token}/ny", open_door(site, renew, limiter), methods=["POST"]),
    ]


def ask(visit: Visit) -> Response:
    """Show what the link stands for; changes nothing, whoever opens it."""
    visit.site.flow.own_page.count(visit.path("token"))
    view = visit.site.flow.question(visit.path("token"))
    if view.standing.value == "unknown" and visit.site.flow.own_page.look(visit.path("token"), "").known:
        # The question has been forgotten (rules/retention.toml, tokens); the case has not, or says that it has ended.
        where = visit.site.pages.url(f"{own_page.PATH}/{visit.path('token')}{suffix(visit)}")
        return RedirectResponse(where, status_code=303)
    return _show(visit, view, view.standing.value)


def answer(visit: Visit) -> Response:
    """Take the typed code as yes or no. An empty code costs no try."""
    token, code, said = visit.path("token"), visit.form.one("kod"), visit.form.one("svar")
    if not any(sign.isalnum() for sign in code) or said not in {"ja", "nej"}:
        visit.site.flow.own_page.count(token, pressed=True)
        view = visit.site.flow.question(token)
        return _show(visit, view, view.standing.value, problem="empty")
    flow = visit.site.flow
    if said == "nej":
        result, secret = flow.disown(token, code), ""
    else:
        admitted = flow.own_page.confirm(token, code, visit.form.one("sak"))
        result, secret = admitted.result, admitted.visit
    view = flow.question(token)
    if result in _PROBLEMS:
        return _show(visit, view, "open", problem=_PROBLEMS[result])
    shown = _show(visit, view, result.value)
    return own_page.admit(visit, shown, token, secret) if secret else shown


def renew(visit: Visit) -> Response:
    """Send a new code to the address the old one went to, and to no other."""
    visit.site.flow.own_page.count(visit.path("token"), pressed=True)
    result = visit.site.flow.renew(visit.path("token"))
    return _show(visit, visit.site.flow.question(visit.path("token")), result.value)


def _show(visit: Visit, view: QuestionView, standing: str, *, problem: str = "") -> Response:
    language = language_of(visit, view.language)
    words = visit.site.pages.words.requester[language]
    base = f"/identitet/{visit.path('token')}"
    values: dict[str, Any] = {
        "language": language,
        "other": "en" if language == "sv" else "sv",
        "path": base,
        "suffix": suffix(visit),
        "page": f"{own_page.PATH}/{visit.path('token')}",
        "newer": "" if view.newer is None else words.day(view.newer),
        "reference": view.reference,
        "asked": words.asked(view.claims) if view.claims else "",
        "received": "" if view.received_at is None else words.day(view.received_at),
        "attempts_left": view.attempts_left,
        "fact": view.fact,
        "elsewhere": view.elsewhere,
        "said": visit.form.one("sak"),
        "problem": problem,
    }
    status = 422 if problem else _STATUS.get(standing, 200)
    return visit.site.pages.show(f"requester/{language}/{standing}.html", status=status, **values)
