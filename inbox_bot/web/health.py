"""Whether the program is well, for whatever watches it: every mailbox has been read lately."""

from starlette.responses import PlainTextResponse, Response

from inbox_bot.clock import STOCKHOLM, stockholm_day
from inbox_bot.domain.health import SILENT_HOURS
from inbox_bot.overview import age_in_hours
from inbox_bot.web.visit import Visit


def health(visit: Visit) -> Response:
    """Answer 200 ``ok``, or 503 and a sentence for each mailbox not read for two hours, for mails that are stuck, for a file not written."""
    boxes, stuck = visit.site.flow.archive.health()
    if not boxes:
        return PlainTextResponse("Ingen brevlåda har lästs än.\n", status_code=503)
    now = visit.site.clock.now()
    silent = []
    for box in boxes:
        age = age_in_hours(box.looked_at, now)
        if age is None or box.looked_at is None:
            silent.append(f"Brevlådan {box.name} har aldrig lästs.")
        elif age > SILENT_HOURS:
            silent.append(f"Brevlådan {box.name} lästes senast {box.looked_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}.")
    if stuck:
        silent.append(
            f"{stuck} brev har legat mer än en halvtimme utan att någon del av programmet har tagit hand om dem."
        )
    if visit.site.flow.acting.list_failure():
        silent.append("Spärrlistan mot reklam kan inte skrivas till sin fil.")
    if silent:
        return PlainTextResponse("\n".join(silent) + "\n", status_code=503)
    today = stockholm_day(now)
    gone = sum(one.count for one in visit.site.flow.archive.beside().vanished if one.day == today)
    # No reason for an alarm at night: the program reads, and what went is told of in the daily letter.
    which = "det" if gone == 1 else "dem"
    lines = ["ok", *([f"{gone} mejl hann försvinna i dag innan programmet läste {which}."] if gone else [])]
    return PlainTextResponse("\n".join(lines) + "\n")
