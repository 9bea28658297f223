"""The box at the top of a case: the next step in words, for who looks at it; and who else can where they may not."""

from collections.abc import Mapping
from dataclasses import dataclass

from inbox_bot.domain.staff import Role
from inbox_bot.web.needs import need_of
from inbox_bot.web.staff.next_step import Act, CaseNow, NextStep, next_step
from inbox_bot.web.visit import Site, Visit

_CASE = "/personal/arende/{reference}"
_DRAFT = f"{_CASE}/svar/{{draft:int}}"
_FORMS: Mapping[Act, tuple[str, str]] = {
    Act.READ: (f"{_CASE}/last", ""),
    Act.OUTSIDE: (f"{_CASE}/utanfor", ""),
    Act.SETTLE: ("/personal/utkorg/{letter:int}", ""),
    Act.LOCK: (f"{_CASE}/uppgift", ""),
    Act.CHECK_FACT: (f"{_CASE}/sak", ""),
    Act.WHO: (f"{_CASE}/satt", ""),
    Act.TASKS: (f"{_CASE}/uppgift", ""),
    Act.TELL: (f"{_CASE}/mottagare/{{notice:int}}", "skicka"),
    Act.WRITE: (_DRAFT, "spara"),
    Act.SECOND: (_DRAFT, "andra"),
    Act.APPROVE: (_DRAFT, "godkann"),
    Act.LIFT: (f"{_CASE}/hav", ""),
    Act.COLLEAGUE: (_DRAFT, "godkann"),
}
"""The form that an act is done with, and its button: what it takes stands in the table of needs alone."""


def role_for(act: Act) -> Role:
    """Return what the next act takes; what is nobody's to do takes nothing."""
    path, button = _FORMS.get(act, ("", ""))
    need = need_of("POST", path)
    return Role.READ if need is None else need.role_for(button)


@dataclass(frozen=True, kw_only=True)
class Box:
    """What the box says: ``title``, ``text``, the words of its ``button`` and where that ``goes``.

    ``needed``: what the step takes, None where the reader may do it. ``colleagues``: who else may.
    """

    step: NextStep
    title: str
    text: str
    button: str
    goes: str
    needed: Role | None
    colleagues: tuple[str, ...]


def next_box(visit: Visit, case: CaseNow) -> Box:
    """Return the next step of a case for who looks at it."""
    step = next_step(case, lambda act: visit.may(role_for(act)))
    needed = role_for(step.act)
    return Box(
        step=step,
        **_said(visit.site, step),
        goes=_goes(visit.site, step),
        needed=None if visit.may(needed) else needed,
        colleagues=visit.colleagues(needed),
    )


def _said(site: Site, step: NextStep) -> Mapping[str, str]:
    words: Mapping[str, str] = site.pages.words.tables["next_steps"][step.act.value]
    rights = ", ".join(dict.fromkeys(site.pages.words.right(claim).lower() for claim in step.claims))
    due = site.pages.words.day(step.due) if step.due is not None else ""
    values = {"{detail}": step.detail.rstrip("."), "{rights}": rights, "{due}": due}
    return {name: _filled(text, values) for name, text in words.items()}


def _goes(site: Site, step: NextStep) -> str:
    elsewhere = site.pages.url("/personal/utkorg" if step.act is Act.SETTLE else "/personal")
    return elsewhere if step.act.waits or not step.place else f"#{step.place}"


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text
