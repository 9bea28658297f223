"""May this person do this? Asked once for every request of the staff, and noted where it shows or changes a person's data."""

from collections.abc import Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from inbox_bot.domain.staff import Act, Member, Role, Subject
from inbox_bot.web.hiding import hide
from inbox_bot.web.needs import Need, need_of
from inbox_bot.web.visit import Visit

Handler = Callable[[Visit], Response]

LONGEST_BUTTON = 60
"""Characters noted of a button that was pressed: whoever makes up their own fills no log."""


def as_member(visit: Visit, member: Member) -> Visit:
    """Return the visit with who it comes from."""
    return replace(visit, who=member.address, role=member.role, session_id=member.session_id)


def is_open(request: Request, role: Role, button: str) -> bool:
    """True if a role may what is asked; what declares nothing is open to nobody."""
    need = need_of(request.method, _path(request))
    return need is not None and role.covers(need.role_for(button))


def answered(handler: Handler) -> Handler:
    """Return a handler that refuses who may not, notes what was seen, and leaves out of the page what the person may not do."""

    def answer(visit: Visit) -> Response:
        assert visit.role is not None
        need, button = need_of(visit.request.method, _path(visit.request)), visit.form.one("do")
        if need is None or not is_open(visit.request, visit.role, button):
            return _refused(visit, need, button)
        response = handler(visit)
        _note(visit, need, button, response)
        return _fitting(visit, visit.role, response)

    return answer


def _refused(visit: Visit, need: Need | None, button: str) -> Response:
    """Say what it takes and who can, keep what was typed, and note the try."""
    subject = Subject.LIST if need is None or need.shows is None else need.shows
    which = need.which(visit.request.path_params) if need is not None and need.part else _path(visit.request)
    visit.site.flow.audit.note(
        by=visit.who, act=Act.REFUSED, subject=subject, which=which, detail=button[:LONGEST_BUTTON]
    )
    needed = None if need is None else need.role_for(button)
    return visit.site.pages.show(
        "staff/refused.html",
        status=403,
        visit=visit,
        needed=needed,
        colleagues=() if needed is None else visit.colleagues(needed),
        texts=list(visit.form.texts()),
    )


def _note(visit: Visit, need: Need, button: str, response: Response) -> None:
    if need.shows is None:
        return
    audit, which = visit.site.flow.audit, need.which(visit.request.path_params)
    name = button.partition(":")[0]
    if response.status_code == 303:
        if name in need.noted:
            audit.note(by=visit.who, act=Act.CHANGED, subject=need.shows, which=which, detail=name)
    elif need.looks:
        audit.note(by=visit.who, act=Act.EXPORTED if need.taken else Act.VIEWED, subject=need.shows, which=which)


def _fitting(visit: Visit, role: Role, response: Response) -> Response:
    """Leave out what the role may not do. A letter in its frame has a policy of its own, and is left as it is."""
    if role is Role.ADMIN or not isinstance(response, HTMLResponse) or "content-security-policy" in response.headers:
        return response
    html = hide(bytes(response.body).decode(), role, visit.site.pages.prefix)
    headers = {
        name: value for name, value in response.headers.items() if name not in {"content-length", "content-type"}
    }
    return HTMLResponse(html, status_code=response.status_code, headers=headers, background=response.background)


def _path(request: Request) -> str:
    """Return the path of a request's route as it was written, without the numbers in it."""
    return str(getattr(request.scope.get("route"), "path", ""))
