"""The page of a case, for the person who asked: stage and date to whoever has the link; with a code, correct us or take back.

Opening a page changes nothing, and no button changes anything about the case before a code has been typed: scanners press
buttons. What they press without a code is counted and says nothing of who it was.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.page import PageView
from inbox_bot.domain.rights import Claim
from inbox_bot.flow import Result
from inbox_bot.web.doors import open_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.requester.choices import chosen, offered, picked
from inbox_bot.web.requester.language import language_of, suffix
from inbox_bot.web.visit import Site, Visit

COOKIE = "inbox_bot_besok"
PATH = "/arende"
_STATUS = {Result.LOCKED: 403, Result.EXPIRED: 410, Result.NOT_NOW: 429}


def routes(site: Site, limiter: Limiter) -> list[Route]:
    """Return the routes of these pages."""
    pages = {
        "": (show, None),
        "/kod": (ask_code, send_code),
        "/in": (None, enter),
        "/andra": (choose, correct),
        "/ta-tillbaka": (choose_withdrawal, consider),
        "/ta-tillbaka/ja": (None, withdraw),
        "/ut": (None, leave),
    }
    found = []
    for end, (get, post) in pages.items():
        path = f"{PATH}/{{token}}{end}"
        if get is not None:
            found.append(Route(path, open_door(site, get, limiter), methods=["GET"]))
        if post is not None:
            found.append(Route(path, open_door(site, post, limiter), methods=["POST"]))
    found.append(Route(f"{PATH}/{{token}}/fil/{{number:int}}", open_door(site, fetch, limiter), methods=["POST"]))
    return found


def show(visit: Visit) -> Response:
    """Show how far the case has come; changes nothing, whoever opens it."""
    token = visit.path("token")
    _door(visit).count(token)
    # The link may be that of a question which is open still: then its code is typed on another page than this.
    asks = visit.site.flow.question(token).standing.value == "open"
    return _shown(visit, _look(visit), "status", question=f"/identitet/{token}" if asks else "")


def ask_code(visit: Visit) -> Response:
    """Show where the code is typed, to a visit that has asked for one."""
    view = _look(visit)
    return _shown(visit, view, "code") if view.asked else _to(visit, "")


def send_code(visit: Visit) -> Response:
    """Mail a code to the address the link went to, and keep the visit it is for in a cookie."""
    token = visit.path("token")
    _door(visit).count(token, pressed=True)
    sent = _door(visit).send_code(token)
    if sent.result is not Result.RENEWED:
        return _shown(visit, _look(visit), "code_not_now", status=_STATUS.get(sent.result, 404))
    return admit(visit, _to(visit, "/kod"), token, sent.visit)


def enter(visit: Visit) -> Response:
    """Take the typed code. An empty one costs no try."""
    token, code = visit.path("token"), visit.form.one("kod")
    if not any(sign.isalnum() for sign in code):
        _door(visit).count(token, pressed=True)
        view = _look(visit)
        return _shown(visit, view, "code", problem="empty", status=422) if view.asked else _to(visit, "")
    tried = _door(visit).enter(token, code, _secret(visit))
    if tried.result is Result.CONFIRMED:
        return admit(visit, _to(visit, ""), token, tried.visit)
    view = _look(visit)
    if tried.result is Result.WRONG_CODE:
        return _shown(visit, view, "code", problem="wrong", status=422)
    return _shown(visit, view, "code_over", status=_STATUS.get(tried.result, 404))


def choose(visit: Visit) -> Response:
    """Show the form that says what we got wrong."""
    view = _look(visit)
    return _shown(visit, view, "correct") if view.inside else _to(visit, "")


def correct(visit: Visit) -> Response:
    """Take up what the person adds: rights they choose, words of their own."""
    token, view = visit.path("token"), _look(visit)
    if not view.inside:
        return _turned_away(visit)
    claims = chosen(visit.form.all("ratt"), view.parts)
    words = visit.form.one("ord")
    if not claims and not words:
        return _shown(visit, view, "correct", problem="empty", status=422)
    staff = visit.site.pages.words.own_page
    taken = _door(visit).correct(
        token,
        _secret(visit),
        claims=claims,
        words=words,
        subject=staff.written.format(reference=view.reference),
        text=staff.wish(claims, words, visit.site.pages.words.right),
    )
    return _shown(visit, _look(visit), "corrected" if taken else "too_much", status=200 if taken else 429)


def choose_withdrawal(visit: Visit) -> Response:
    """Show what can be taken back."""
    view = _look(visit)
    return _shown(visit, view, "withdraw") if view.inside else _to(visit, "")


def consider(visit: Visit) -> Response:
    """Show what is about to be taken back, and ask once more; changes nothing."""
    view = _look(visit)
    if not view.inside:
        return _turned_away(visit)
    parts = picked(visit.form.all("del"), view.parts)
    if not parts:
        return _shown(visit, view, "withdraw", problem="empty", status=422)
    return _shown(visit, view, "withdraw_sure", picked=parts)


def withdraw(visit: Visit) -> Response:
    """Take back what was picked, at the second button."""
    token, view = visit.path("token"), _look(visit)
    if not view.inside:
        return _turned_away(visit)
    words = visit.site.pages.words

    def tell(claims: Sequence[Claim]) -> tuple[str, str]:
        said = words.own_page.withdrawal(claims, visit.form.one("ord"), words.right)
        return words.own_page.withdrawn.format(reference=view.reference), said

    ids = {part.claim_id for part in picked(visit.form.all("del"), view.parts)}
    done = _door(visit).withdraw(token, _secret(visit), ids, tell=tell)
    return _shown(visit, _look(visit), "withdrawn", gone=done.gone, left=done.left)


def fetch(visit: Visit) -> Response:
    """Hand out a file, always as something to be kept and never as something to be shown."""
    found = _door(visit).fetch(visit.path("token"), _secret(visit), visit.number("number"))
    if found is None:
        return _turned_away(visit)
    file, content = found
    return Response(
        content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def leave(visit: Visit) -> Response:
    """End the visit, here and in the store."""
    _door(visit).leave(_secret(visit))
    response = _to(visit, "")
    response.delete_cookie(COOKIE, path=_cookie_path(visit, visit.path("token")))
    return response


def admit(visit: Visit, response: Response, token: str, secret: str) -> Response:
    """Set the one cookie these pages have: it tells which visit a code was mailed for, and that it has been typed."""
    response.set_cookie(
        COOKIE,
        secret,
        path=_cookie_path(visit, token),
        secure=visit.site.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _door(visit: Visit) -> Any:
    return visit.site.flow.own_page


def _secret(visit: Visit) -> str:
    return visit.request.cookies.get(COOKIE, "")


def _look(visit: Visit) -> PageView:
    view: PageView = _door(visit).look(visit.path("token"), _secret(visit))
    return view


def _cookie_path(visit: Visit, token: str) -> str:
    # Anyone may write what they like where the token stands; quoted, none of it can be a header of ours.
    return visit.site.pages.url(f"{PATH}/{quote(token, safe='')}")


def _to(visit: Visit, end: str) -> Response:
    where = visit.site.pages.url(f"{PATH}/{visit.path('token')}{end}{suffix(visit)}")
    return RedirectResponse(where, status_code=303)


def _turned_away(visit: Visit) -> Response:
    """Answer what was sent without a code: counted, and nothing done."""
    _door(visit).count(visit.path("token"), pressed=True)
    view = _look(visit)
    return _shown(visit, view, "code_over", status=403)


def _shown(visit: Visit, view: PageView, name: str, *, status: int = 200, problem: str = "", **more: Any) -> Response:
    language = language_of(visit, view.language)
    words = visit.site.pages.words.requester[language]
    if not view.known:
        name, status = "unknown", 404
    elif view.ended:
        name, status = "ended", 410
    values: dict[str, Any] = {
        "language": language,
        "other": "en" if language == "sv" else "sv",
        "path": f"{PATH}/{visit.path('token')}",
        "suffix": suffix(visit),
        "reference": view.reference,
        "view": view,
        "words": words,
        "offered": offered(view.parts),
        "chosen": visit.form.all("ratt"),
        "said": visit.form.one("ord"),
        "problem": problem,
        **more,
    }
    return visit.site.pages.show(f"requester/{language}/{name}.html", status=status, **values)
