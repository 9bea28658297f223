"""Mails that could not be read: try again, or take the bytes out and look at them elsewhere."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.web.doors import staff_door
from inbox_bot.web.visit import Site, Visit


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/karantan"
    return [
        Route(path, staff_door(site, show), methods=["GET"]),
        Route(f"{path}/{{mail:int}}", staff_door(site, retry), methods=["POST"]),
        Route(f"{path}/{{mail:int}}/innehall", staff_door(site, download), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """Show every mail in quarantine."""
    mails = visit.site.flow.archive.overview().quarantined
    done = "Brevet läses igen nu. Går det inte kommer det tillbaka hit." if visit.query("gjort") == "igen" else ""
    return visit.site.pages.show("staff/quarantine.html", visit=visit, mails=mails, notice=done)


def retry(visit: Visit) -> Response:
    """Have a mail read again."""
    visit.site.flow.retry(visit.number("mail"))
    return RedirectResponse(visit.site.pages.url("/personal/karantan?gjort=igen"), status_code=303)


def download(visit: Visit) -> Response:
    """Hand out a mail's bytes as a file that no browser opens by itself."""
    number = visit.number("mail")
    headers = {
        "Content-Disposition": f'attachment; filename="brev-{number}.eml"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    content = visit.site.flow.quarantined_content(number)
    return Response(content, media_type="application/octet-stream", headers=headers)
